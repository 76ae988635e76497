"""How figures look: one style sheet, mathematics typeset, ordered families in ordered colours."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SHEET = Path(__file__).with_name("qcascade.mplstyle")
"""The style sheet; `matplotlib.style.use(SHEET)` gives figures of one's own the same look."""

_LETTER = "A-Za-zΑ-Ωα-ω"
_SYMBOL = re.compile(
    rf"(?<![\w\\])([{_LETTER}]̃?)_([{_LETTER}\d]+(?:[,+−][{_LETTER}\d]+)*)(?![\w_])"
)


def typeset(text: str) -> str:
    """Text with its symbols as mathematics: what is one letter with a subscript.

    Args:
        text: a label; text that holds mathematics already is left alone.

    >>> typeset("E_N at M_max, C_1,2 [ω_m]")
    '$E_{N}$ at $M_{\\\\mathrm{max}}$, $C_{1,2}$ [$ω_{m}$]'
    >>> typeset("my_name and E_N_a"), typeset("$x_1$"), typeset("C_ii")
    ('my_name and E_N_a', '$x_1$', '$C_{ii}$')
    """
    if "$" in text.replace(r"\$", ""):
        return text
    return _SYMBOL.sub(_mathematics, text)


def in_mathematics(symbol: str) -> str:
    """A symbol as mathematics.

    Args:
        symbol: letters, with subscripts or a bar.

    >>> in_mathematics("n̄"), in_mathematics("γ_m"), in_mathematics("J/κ")
    ('$\\\\bar{n}$', '$γ_{m}$', '$J/κ$')
    """
    text = typeset(symbol)
    return text if "$" in text else "$" + text.replace("n̄", r"\bar{n}") + "$"


def _mathematics(match: re.Match[str]) -> str:
    letter, below = match.groups()
    word = len(below) > 1 and below.isalpha() and len(set(below)) > 1  # "ii" is an index twice
    upright = r"\mathrm{" + below + "}" if word else below
    return f"${letter}_{{{upright}}}$"


def styled(draw: Callable[..., "Figure"], *arguments: Any) -> "Figure":
    """A figure drawn in the style of the package, with its mathematics typeset.

    Args:
        draw: what draws it.
        *arguments: of that.
    """
    import matplotlib.style

    with matplotlib.style.context(SHEET):
        drawing = draw(*arguments)
        for text in _texts(drawing):
            if "_" in text.get_text():
                text.set_text(typeset(text.get_text()))
    return drawing


def _texts(artist: "Artist") -> Iterator["Text"]:
    """All texts below an artist but the numbers of ticks: asking for these places all ticks."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    for child in artist.get_children():
        if isinstance(child, Text):
            yield child
        yield from [child.label] if isinstance(child, Axis) else _texts(child)


def shade(k: int, number: int) -> Any:
    """The k-th colour of an ordered family, from dark to light.

    Args:
        k: from 0.
        number: how many there are.

    >>> dark, light = shade(0, 5), shade(4, 5)
    >>> bool(sum(dark[:3]) < sum(light[:3]))
    True
    """
    from matplotlib import colormaps

    return colormaps["viridis"](0.88 * k / max(number - 1, 1))


def distinct(k: int) -> Any:
    """The k-th colour of a family without order, from the style in force.

    Args:
        k: from 0.
    """
    from matplotlib.colors import to_rgba

    return to_rgba(f"C{k}")  # now: the name alone is looked up when the figure is saved
