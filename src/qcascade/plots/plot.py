"""Datasets to figures: labelled axes with units, unstable regions hatched, never coloured."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import fail, listed, nearest
from ..base.files import written_aside

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


DPI = 300
"""Of pixels: PNG, and maps inside of SVG and PDF."""


def figure(data: "xr.Dataset", name: str) -> "Figure":
    """A figure of one variable: a line over one axis, a map over two.

    Args:
        data: dataset of `sweep`.
        name: the variable.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ArgumentError: for an unknown variable, or one with more than two dimensions.

    >>> import qcascade as qc
    >>> data = qc.sweep(lambda x: {"y": x**2}, x=[1.0, 2.0, 3.0])
    >>> figure(data, "y").axes[0].get_xlabel()
    'x'
    """
    import xarray as xr

    if not isinstance(data, xr.Dataset):
        raise fail("data", "be an xarray.Dataset", type(data).__name__)
    names = list(map(str, data.data_vars))
    if not isinstance(name, str) or name not in names:
        known = f"variables: {listed(names)}{nearest(str(name), names)}"
        raise fail("name", "be a variable of the dataset", name, known)
    values, stable = data[name], data.get("stable")
    if stable is not None:
        stable = stable.broadcast_like(values).transpose(*values.dims)
    if values.ndim not in (1, 2):
        raise fail("name", "be a variable over one or two axes", f"{name}{values.dims}")
    drawing = blank()
    axes = drawing.subplots()
    if values.ndim == 1:
        line(axes, values, stable)
    else:
        heatmap(axes, values, stable)
    return drawing


def blank(width: float = 5.0, height: float = 3.8) -> "Figure":
    """An empty figure that belongs to no window and no global state.

    Args:
        width: inches.
        height: inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=160)


def label(values: "xr.DataArray") -> str:
    """The variable's name (or `long_name`) with its unit in brackets.

    Args:
        values: a variable or coordinate; attributes `long_name` and `units` are read.
    """
    unit = values.attrs.get("units", "1")
    name = values.attrs.get("long_name", values.name)
    return str(name) if unit in ("", "1") else f"{name} [{unit}]"


def plain(text: str) -> str:
    """A name as figures and pages show it: what stands between two $ is no mathematics.

    Args:
        text: names of parts, ports, variables and units, which anyone may choose.
    """
    return text.replace("$", r"\$")


def line(axes: "Axes", values: "xr.DataArray", stable: Any = None, **style: Any) -> None:
    """One curve; stretches without a steady state are hatched.

    Args:
        axes: where to draw.
        values: variable over one dimension.
        stable: whether each point has a steady state.
        **style: matplotlib line properties (label, color, linestyle, …).
    """
    x = values[values.dims[0]]
    axes.plot(x.values, values.values, **style)
    axes.set_xlabel(plain(label(x)))
    axes.set_ylabel(plain(label(values)))
    if stable is not None and not bool(np.all(stable)):
        edges = _edges(x.values)
        unstable = np.concatenate([[False], ~np.asarray(stable, bool), [False]])
        starts, stops = (np.flatnonzero(np.diff(unstable.astype(int)) == s) for s in (1, -1))
        for start, stop in zip(starts, stops, strict=True):
            axes.axvspan(edges[start], edges[stop], **_HATCH)


_HATCH: dict[str, Any] = {"facecolor": "none", "edgecolor": "0.6", "hatch": "////", "linewidth": 0}


def _is_text(x: "xr.DataArray") -> bool:
    return x.dtype.kind in "OSU"


def _places(x: "xr.DataArray") -> Any:
    """Where the points of an axis stand; names stand side by side."""
    return np.arange(float(x.size)) if _is_text(x) else np.asarray(x.values, float)


def _edges(centres: Any) -> Any:
    """Borders of the cells around points on an axis: half way to the neighbours."""
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5]) * (abs(centres[0]) or 1.0)
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate(
        [[1.5 * centres[0] - centres[1] / 2], middle, [1.5 * centres[-1] - centres[-2] / 2]]
    )


def heatmap(axes: "Axes", values: "xr.DataArray", stable: Any = None, **style: Any) -> Any:
    """A map over two dimensions, first across, second up; unstable points hatched.

    Args:
        axes: where to draw.
        values: variable over two dimensions.
        stable: whether each point has a steady state, same dimensions.
        **style: matplotlib `pcolormesh` properties (cmap, norm, …).

    Returns:
        The coloured mesh.
    """
    across, up = (values[dim] for dim in values.dims)
    edges = [_edges(_places(x)) for x in (across, up)]
    mesh = axes.pcolormesh(*edges, values.values.T, rasterized=True, **style)
    if stable is not None and not bool(np.all(stable)):
        # Every cell's corners carry its own value, so that hatches end where cells end.
        corners = [np.repeat(x, 2)[1:-1] for x in edges]
        steady = np.asarray(stable, float).T.repeat(2, axis=0).repeat(2, axis=1)
        axes.contourf(*corners, steady, levels=[-0.5, 0.5], colors="none", hatches=["////"])
        if steady.any():
            axes.contour(*corners, steady, levels=[0.5], colors="0.4", linewidths=0.8)
    axes.set_xlabel(plain(label(across)))
    axes.set_ylabel(plain(label(up)))
    for x, ticks in ((across, axes.set_xticks), (up, axes.set_yticks)):
        if _is_text(x):
            ticks(_places(x), [plain(str(name)) for name in x.values])
    bar = axes.figure.colorbar(mesh, ax=axes)
    bar.set_label(plain(label(values)))
    return mesh


def save_figure(drawing: "Figure", path: str | Path) -> Path:
    """Write a figure, whole or not at all; the ending chooses PNG, PDF or SVG.

    Args:
        drawing: the figure.
        path: file name.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    if not hasattr(drawing, "savefig"):
        raise fail("drawing", "be a figure of matplotlib", drawing)
    with written_aside(path) as aside:
        drawing.savefig(aside, dpi=DPI)
    return Path(path)


IMAGES = ("png", "svg", "pdf")
"""Endings of every figure that the command line writes."""


def save_images(drawing: "Figure", stem: str | Path) -> Path:
    """Write a figure as PNG, SVG and PDF, all alike; the path of the PNG.

    Args:
        drawing: the figure.
        stem: file name without an ending.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    engine = drawing.get_layout_engine()
    for ending in IMAGES:
        save_figure(drawing, f"{stem}.{ending}")
        drawing.set_layout_engine("none")  # laid out once: all three alike, and it is the slow part
    drawing.set_layout_engine(engine)
    return Path(f"{stem}.{IMAGES[0]}")


def describe(data: "xr.Dataset", names: Mapping[str, tuple[str, str]]) -> "xr.Dataset":
    """The dataset with a long name and a unit for each of `names`.

    Args:
        data: the dataset.
        names: (long name, unit) by variable or coordinate.
    """
    described = data.copy()
    for name, (long_name, unit) in names.items():
        described[name].attrs.update(long_name=long_name, units=unit)
    return described
