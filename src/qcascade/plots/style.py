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

COLUMN, PAGE = 3.4, 7.0
"""Width of a column and of a page of a journal, inches: 86 and 178 mm."""

_GREEK = "Α-Ωα-ω"
_LETTER = f"A-Za-z{_GREEK}"
_SYMBOL = re.compile(
    rf"""
    (?:(?<![\w\\])|(?<=\ \d))(?P<letter>[{_LETTER}]̃?)  # with a subscript, and numbers in brackets
    (?:_(?P<below>[{_LETTER}\d]+(?:[,+−][{_LETTER}\d]+)*)|(?P<small>[₀-₉₊₋]+))
    (?P<of>\((?:\d+|[A-Za-z])(?:,(?:\d+|[A-Za-z]))*\))?(?![\w_])
    | (?<![{_LETTER}_\\])(?!π)Δ?[{_GREEK}]̃?(?![\w_])  # alone; π is a number
    | (?<![\w\\])[A-Za-z](?=\ [=<>≤≥]\ |/[{_GREEK}])  # left side of an equation, of a ratio
    | (?<=[a-z]{{3}}\ )[A-Za-z](?=$|\ \[)  # what a label ends in: "time t"
    | \|[A-Za-z]\|
    """,
    re.VERBOSE,
)
_SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-")
_MATHEMATICS = re.compile(r"((?<!\\)\$.*?(?<!\\)\$)")


def typeset(text: str) -> str:
    """Text with its symbols as mathematics: subscripts, Greek letters, sides of equations.

    Args:
        text: a label; what is mathematics already is left alone.

    >>> typeset("E_N(0,k) at M_max, C_1,2 [ω_m]")
    '$E_{N}(0,k)$ at $M_{\\\\mathrm{max}}$, $C_{1,2}$ [$ω_{m}$]'
    >>> typeset("my_name and E_N_a"), typeset("$x_1$"), typeset("C_ii"), typeset("−ln 2ν₋")
    ('my_name and E_N_a', '$x_1$', '$C_{ii}$', '−ln 2$ν_{-}$')
    >>> typeset("time t [1/ω]"), typeset("J = 2κ, φ = π/2"), typeset("|G|, 5 μs"), typeset("J/κ")
    ('time $t$ [1/$ω$]', '$J$ = 2$κ$, $φ$ = π/2', '$|G|$, 5 μs', '$J$/$κ$')
    """
    parts = _MATHEMATICS.split(text)
    return "".join(
        part if k % 2 else _SYMBOL.sub(_mathematics, part) for k, part in enumerate(parts)
    )


def in_mathematics(symbol: str) -> str:
    """A symbol as mathematics.

    Args:
        symbol: letters, with subscripts or a bar.

    >>> in_mathematics("n̄"), in_mathematics("γ_m"), in_mathematics("J/κ")
    ('$\\\\bar{n}$', '$γ_{m}$', '$J/κ$')
    """
    return "$" + typeset(symbol).replace("$", "").replace("n̄", r"\bar{n}") + "$"


def _mathematics(match: re.Match[str]) -> str:
    letter, below, small, of = match.group("letter", "below", "small", "of")
    if letter is None:
        return f"${match[0]}$"
    below = below or small.translate(_SMALL)
    word = len(below) > 1 and below.isalpha() and len(set(below)) > 1  # "ii" is an index twice
    upright = r"\mathrm{" + below + "}" if word else below
    return f"${letter}_{{{upright}}}{of or ''}$"


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
            if text.get_text():
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
