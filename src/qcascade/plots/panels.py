"""The one code that draws figures from records: rows of panels with letters, one legend below."""

from collections.abc import Callable, Mapping
from string import ascii_lowercase
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from . import plot
from .cells import is_hatched, unsteady
from .curves import curves
from .fields import bars, colours, matrix, plane, surface
from .marks import companion
from .records import EVERYWHERE, Bars, Curves, Map, Matrix, Panel, Plane, Sheet, Surface
from .rows import aligned
from .style import COLUMN, PAGE

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


def draw(sheet: Sheet, data: "xr.Dataset") -> "Figure":
    """The figure, with a letter on every panel and legends outside of them.

    Args:
        sheet: what is drawn.
        data: what is drawn from.

    >>> import qcascade as qc
    >>> data = qc.sweep(lambda x, c: {"y": c * x}, x=range(9), c=[1.0, 2.0])
    >>> drawing = draw(Sheet(((Curves(("y",), "x", hue="c"), Map("y", ("x", "c"))),)), data)
    >>> [axes.get_title("left") for axes in drawing.axes[:2]]
    ['(a)', '(b)']
    """
    columns = max(map(len, sheet.rows))
    panels = [panel for row in sheet.rows for panel in row]
    wide, high = sheet.size or _size(panels[0], columns)
    drawing = plot.blank(columns * wide, len(sheet.rows) * high)
    every: list[Any] = []
    for place, panel in enumerate(panels, 1):
        style: dict[str, Any] = {"projection": _projection(panel)}
        every.append(drawing.add_subplot(len(sheet.rows), columns, place, **style))
    for letter, axes, panel in zip(ascii_lowercase, every, panels, strict=False):
        _DRAWN[type(panel)](axes, panel, data)
        words = (f"({letter})" if len(panels) > 1 else "", _title(panel, data))
        axes.set_title(" ".join(filter(None, words)), loc="left")
    places = iter(every)
    for row in sheet.rows:
        aligned([next(places) for _ in row], row, data)
    hues = [getattr(panel, "hue", "") for panel in panels]
    if columns == 1 and len(set(filter(None, hues))) > 1:  # a colour means another thing in each
        _legends_beside(drawing, dict(zip(reversed(hues), reversed(every), strict=True)))
    else:
        _legend(drawing)
    if sheet.title:
        lines = wrap(sheet.title.format(**data.attrs), int(16 * drawing.get_figwidth()))
        drawing.suptitle("\n".join(lines), fontsize="medium")
    return drawing


def _size(panel: Panel, columns: int) -> tuple[float, float]:
    """Inches of one panel: alone a column of a journal wide, two or three across its page."""
    if isinstance(panel, Surface):
        return PAGE / columns, 2.9
    return {1: (COLUMN, 2.6), 2: (PAGE / 2, 2.6)}.get(columns, (PAGE / columns, 2.1))


def _projection(panel: Panel) -> str | None:
    if isinstance(panel, Surface):
        return "3d"
    return "polar" if isinstance(panel, Curves) and panel.polar else None


def _title(panel: Any, data: "xr.Dataset") -> str:
    """The panel's own words, with a warning where states are none, and how much it differs."""
    words, of = [panel.title], panel.of if isinstance(panel.of, str) else panel.of[0]
    at = getattr(panel, "at", EVERYWHERE)
    physical = companion(data, "physical", of)
    if (
        panel.title
        and physical is not None
        and bool((companion(data, "stable", of) & ~physical).sel(at).any())
    ):
        words.append("$V$ is no quantum state")
    if isinstance(panel, Surface):
        mesh = data[panel.mesh].sel(at)
        words.append(f"mesh up to {float(mesh.max()):.2g} {mesh.attrs.get('units', '')}")
    against = getattr(panel, "against", None)
    if against:
        off = abs(data[of].sel({**at, **against}, drop=True) - data[of].sel(at, drop=True))
        digits, power = f"{float(off.max()):.1e}".split("e")
        words.append(f"differs by at most ${digits}\\times10^{{{int(power)}}}$")
    return ";\n".join(filter(None, words))


def _legends_beside(drawing: "Figure", firsts: Mapping[str, Any]) -> None:
    """A legend to the right of the first panel of each hue; the figure grows by its width."""
    longest = 0
    for axes in firsts.values():
        handles, texts = axes.get_legend_handles_labels()
        if handles:
            place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
            axes.legend(handles, texts, frameon=False, **place)
            longest = max(longest, *map(len, texts))
    drawing.set_figwidth(drawing.get_figwidth() + 0.5 + 0.065 * longest)


def _legend(drawing: "Figure") -> None:
    """One legend below all panels, every label once; the figure grows by its height."""
    handles: dict[str, Any] = {}
    for axes in drawing.axes:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(text, handle)
    if any(is_hatched(axes) and not axes.texts for axes in drawing.axes):
        handles.setdefault("no steady state", unsteady())
    if handles:
        longest, most = max(map(len, handles)), drawing.get_figwidth() * 15
        columns = max(1, min(len(handles), int(most / (longest + 7))))
        rows = -(-len(handles) // columns)
        columns = -(-len(handles) // rows)  # as even as they go
        drawing.set_figheight(drawing.get_figheight() + 0.17 * rows)
        place: dict[str, Any] = {"loc": "outside lower center", "frameon": False}
        drawing.legend([*handles.values()], [*handles], ncols=columns, **place)


_DRAWN: dict[type, Callable[[Any, Any, Any], None]] = {
    Curves: curves,
    Map: colours,
    Surface: surface,
    Plane: plane,
    Matrix: matrix,
    Bars: bars,
}
