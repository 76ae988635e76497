"""Claims as rows stacked for a terminal of any width."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from ..papers.statements import NO, NOT_CONCERNED, YES, Claim

_COLOUR = {YES: "green", NO: "red", NOT_CONCERNED: "default"}


def stacked(claims: Iterable[Claim], reading: str, width: int = 80) -> Iterator[tuple[str, str]]:
    """Lines of text, each with the style that `rich` prints it in.

    Args:
        claims: of a paper.
        reading: names the reading that obeys quantum mechanics.
        width: characters in a line.

    >>> row = Claim("It grows", "Fig. 1", "1, 2", "1, 2", "yes", "yes", "agrees", "as x does")
    >>> for _, line in stacked([row], "other reading", 40):
    ...     print(line)
     1  It grows (Fig. 1)
        reproduced: yes   physical: yes   agrees
        either reading: 1, 2
        as x does
    <BLANKLINE>
    """
    for number, claim in enumerate(claims, 1):
        for k, line in enumerate(wrap(f"{claim.claim} ({claim.source})", width - 4)):
            yield "bold", f"{number:2d}  {line}" if k == 0 else f"    {line}"
        worse = claim.reproduced if claim.physical == NOT_CONCERNED else claim.physical
        style = _COLOUR.get(claim.reproduced if worse == YES else worse, "yellow")
        verdicts = f"reproduced: {claim.reproduced}   physical: {claim.physical}"
        yield style, f"    {verdicts}   {claim.kind}"
        told = {"as printed": claim.printed, reading: claim.consistent}
        if claim.printed == claim.consistent:
            told = {"either reading": claim.printed}
        for text in (*(f"{name}: {value}" for name, value in told.items()), claim.why):
            for k, line in enumerate(wrap(text, width - 6)):
                yield "", f"{' ' * (6 if k else 4)}{line}"
        yield "", ""
