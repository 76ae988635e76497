"""Cells around the points of an axis, and hatches where there is no steady state."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HATCH: dict[str, Any] = {"facecolor": "none", "edgecolor": "0.6", "hatch": "////", "linewidth": 0}


MANY = 20
"""With so many cells along an axis, half of one beyond its ends would only misplace ticks."""


def is_logarithmic(x: Any) -> bool:
    """Whether positive values have even steps of their logarithm, over a decade at least.

    Args:
        x: points on an axis.
    """
    x = np.asarray(x)
    if x.dtype.kind not in "fiu" or len(x) < 3 or not (x > 0).all():
        return False
    steps = np.diff(np.log(x.astype(float)))
    return bool(abs(np.sum(steps)) > 2 and np.allclose(steps, steps[0], rtol=1e-6))


def edges(centres: Any) -> Any:
    """Borders of the cells around points on an axis: half way to the neighbours.

    Where an axis of many points only leaves out zero, its first cell begins there.

    Args:
        centres: the points.

    >>> edges([1.0, 2.0, 3.0]).tolist(), float(edges(np.linspace(0.1, 3, 30))[0])
    ([0.5, 1.5, 2.5, 3.5], 0.0)
    """
    centres = np.asarray(centres)
    if is_logarithmic(centres):
        return np.exp(_halfway(np.log(centres)))
    borders = _halfway(centres)
    if len(centres) >= MANY and np.allclose(borders[:3], borders[0] * np.array([1, 3, 5])):
        borders[0] = 0.0
    return borders


def _halfway(centres: Any) -> Any:
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5]) * (abs(centres[0]) or 1.0)
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate(
        [[1.5 * centres[0] - centres[1] / 2], middle, [1.5 * centres[-1] - centres[-2] / 2]]
    )


def hatch(axes: "Axes", x: Any, where: Any) -> None:
    """Hatch stretches of the horizontal axis, from half way to the neighbours.

    Args:
        axes: where to draw.
        x: points on the axis.
        where: whether to hatch at each of them.
    """
    borders = edges(x)
    if len(x) >= MANY:
        borders[0], borders[-1] = x[0], x[-1]
    inside = np.concatenate([[False], where, [False]]).astype(int)
    starts, stops = (np.flatnonzero(np.diff(inside) == s) for s in (1, -1))
    for start, stop in zip(starts, stops, strict=True):
        axes.axvspan(borders[start], borders[stop], **_HATCH)


def is_hatched(axes: "Axes") -> bool:
    """Whether any part of a panel is hatched.

    Args:
        axes: the panel.
    """
    hatches = [getattr(x, "hatches", None) or [x.get_hatch()] for x in axes.collections]
    return any(map(any, hatches)) or any(x.get_hatch() for x in axes.patches)


def unsteady() -> Any:
    """What a legend shows of hatches."""
    from matplotlib.patches import Patch

    return Patch(label="no steady state", **{**_HATCH, "hatch": "//////", "linewidth": 0.5})
