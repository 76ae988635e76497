"""Which curve is which: a legend that covers none of them, or a bar where there are many."""

from typing import TYPE_CHECKING, Any

from .cells import edges, is_hatched, is_logarithmic, unsteady
from .style import shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHORT = 16
"""Letters of labels that stand to the right of a column's panel; longer ones stand above it."""

TICKS = 6


def legend_of_curves(axes: "Axes", title: str, outside: bool) -> None:
    """A legend of the labelled curves, and of hatches.

    Args:
        axes: the panel.
        title: what differs between the curves.
        outside: whether the legend stands beside the panel, whose figure makes room for it.
    """
    curves, texts = axes.get_legend_handles_labels()
    hatches = [unsteady()] if is_hatched(axes) else []
    place: dict[str, Any] = {"ncols": 1 + len(curves) // 8}
    if outside and max(map(len, texts), default=0) <= SHORT:
        place |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False}
    elif outside:
        place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "frameon": False, "ncols": 2}
    axes.legend(handles=[*curves, *hatches], title=title, **place)


def bar_of_curves(axes: "Axes", cases: Any, title: str) -> None:
    """A bar of the curves' colours, for more values than a legend holds.

    Args:
        axes: the panel.
        cases: the value of each curve, in order.
        title: what they are values of.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    colours = ListedColormap([shade(k, len(cases)) for k in range(len(cases))])
    borders = edges(cases)
    if borders[0] > borders[-1]:
        borders, colours = borders[::-1], colours.reversed()
    mesh = ScalarMappable(BoundaryNorm(borders, len(cases)), colours)
    spacing = "uniform" if is_logarithmic(cases) else "proportional"
    style: dict[str, Any] = {"ticks": cases[:: -(-len(cases) // TICKS)], "format": "{x:.3g}"}
    bar = axes.figure.colorbar(mesh, ax=axes, spacing=spacing, **style)
    bar.minorticks_off()
    bar.set_label(title)
