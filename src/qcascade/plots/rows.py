"""What panels side by side share: labels, scales that are alike, one bar of colours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .marks import known_values
from .records import Curves, Map, Panel

if TYPE_CHECKING:
    import xarray as xr

ALIKE = 1.6
"""Scales are shared where that makes none of them more than so many times as long."""


def aligned(row: Sequence[Any], panels: Sequence[Panel], data: "xr.Dataset") -> None:
    """Say once what panels side by side have in common.

    Args:
        row: axes.
        panels: what is drawn in them.
        data: from what.
    """
    first, kind = panels[0], type(panels[0])
    if len(row) < 2 or kind not in (Curves, Map) or any(type(x) is not kind for x in panels):
        return
    if isinstance(first, Curves):
        if not any(x.polar for x in panels if isinstance(x, Curves)):
            _scales(row, panels, data)
    elif len({x.over for x in panels if isinstance(x, Map)}) == 1:
        _one_scale(row, max((axes.get_ylim() for axes in row), key=np.ptp))
        if all(isinstance(x, Map) and x.shared and x.of == first.of for x in panels):
            for mesh in [mesh for axes in row[:-1] for mesh in axes.collections]:
                if getattr(mesh, "colorbar", None) is not None:
                    mesh.colorbar.remove()
    if len({axes.get_ylabel() for axes in row}) == 1:
        for axes in row[1:]:
            axes.set_ylabel("")


def _scales(row: Sequence[Any], panels: Sequence[Any], data: "xr.Dataset") -> None:
    """One scale for curves of one quantity, unless that would flatten any of them."""
    if len({(x.of, x.log, x.ylim) for x in panels}) > 1:
        return
    shown = [known_values([*data[x.of[0]].sel(x.at).values.flat]) for x in panels]
    logarithmic = "y" in panels[0].log
    limits = [axes.get_ylim() for axes, x in zip(row, shown, strict=True) if x.any()]
    if not limits:
        return
    length = np.ptp(np.log(limits) if logarithmic else limits, axis=1)
    whole = (min(low for low, _ in limits), max(high for _, high in limits))
    if np.ptp(np.log(whole) if logarithmic else whole) <= ALIKE * length.min():
        _one_scale(row, whole)


def _one_scale(row: Sequence[Any], limits: tuple[float, float]) -> None:
    """The same limits and ticks up all panels, with numbers at the first."""
    from matplotlib.ticker import AutoLocator

    for axes in row:
        if not len(axes.get_yticks()):  # of a panel that has nothing to show
            axes.yaxis.set_major_locator(AutoLocator())
        axes.set_ylim(*limits)
    for axes in row[1:]:
        axes.tick_params(labelleft=False)
