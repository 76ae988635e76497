"""Datasets to figures: labelled axes with units, unstable regions hatched, never coloured."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import fail, listed, nearest, one_of
from ..base.files import written_aside
from ..base.keywords import spoken
from .amplitudes import WAY, powers
from .cells import MANY, edges, hatch, is_hatched, is_logarithmic, unsteady
from .legends import bar_of_curves, legend_of_curves
from .style import COLUMN, SHEET, in_mathematics, shade, styled, typeset

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


DPI = 300
"""Of pixels: PNG, and maps inside of SVG and PDF."""


FEW = 6
"""An axis with at most so many values is a family of curves over a longer one, not a map."""


@spoken
def figure(
    data: "xr.Dataset", name: str | None = None, *, ax: "Axes | None" = None, hue: str | None = None
) -> "Figure":
    """A figure of one variable: a line or bars over one axis, curves or a map over two.

    Two axes give a map, unless one of them alone has few values (up to six): then every value is
    a curve, in ordered colours. An axis with even steps of its logarithm is drawn as such; over an
    axis of names stand bars, the first on top. Of complex amplitudes |S|² is drawn; those of
    `scattering` are a curve for each way from an input to an output.

    Args:
        data: dataset of `sweep`.
        name: the variable; of a dataset with one besides `stable`, that one when None.
        ax: axes of matplotlib to draw into; a figure of its own when None.
        hue: the axis whose values are curves, however many.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ArgumentError: for an unknown variable or axis, or one with more than two dimensions.

    >>> import qcascade as qc
    >>> data = qc.sweep(lambda x, c: {"y": c * x**2}, x=range(9), c=[1.0, 2.0])
    >>> axes = figure(data, "y").axes[0]
    >>> axes.get_xlabel(), len(axes.lines), axes.get_legend().get_title().get_text()
    ('x', 2, 'c')
    """
    values = _variable(data, name)
    stable = data.get("stable")
    if stable is not None:
        stable = stable.broadcast_like(values).transpose(*values.dims)
    if ax is not None:
        from matplotlib.axes import Axes

        if not isinstance(ax, Axes):
            raise fail("ax", "be axes of matplotlib (`Figure().add_subplot()`)", ax)
    if hue is not None:
        hue = one_of("hue", hue, tuple(map(str, values.dims)), "an axis of the variable")
    return styled(_drawn, values, stable, ax, hue)


def _variable(data: Any, name: Any) -> "xr.DataArray":
    import xarray as xr

    if not isinstance(data, xr.Dataset):
        raise fail("data", "be an xarray.Dataset", type(data).__name__)
    names = list(map(str, data.data_vars))
    outputs = [name for name in names if name != "stable"]
    if name is None and len(outputs) == 1:
        (name,) = outputs
    if not isinstance(name, str) or name not in names:
        known = f"variables: {listed(names)}{nearest(str(name), names)}"
        raise fail("name", "be a variable of the dataset", name, known)
    values = powers(data[name])
    if values.ndim not in (1, 2):
        raise fail("name", "be a variable over one or two axes", f"{name}{values.dims}")
    return values


def _drawn(values: "xr.DataArray", stable: Any, ax: Any, hue: str | None) -> "Figure":
    axes = blank().subplots() if ax is None else ax
    if hue is None and WAY in values.dims:
        hue = WAY
    elif hue is None and values.ndim == 2:
        across, up = (values.sizes[dim] for dim in values.dims)
        if min(across, up) <= FEW < max(across, up):
            hue = str(values.dims[0] if across < up else values.dims[1])
    if values.ndim == 1 and _is_text(values[values.dims[0]]):
        bars(axes, values)
    elif values.ndim == 1:
        line(axes, values, stable)
    elif hue is not None:
        _family(axes, values, stable, hue, ax is None)
    else:
        bar_beside(axes, heatmap(axes, values, stable), values)
    for dim, scale in zip(values.dims, (axes.set_xscale, axes.set_yscale), strict=False):
        if hue is None and is_logarithmic(values[dim].values):
            scale("log")
    drawing: Any = axes.figure
    if ax is None and is_hatched(axes) and axes.get_legend() is None:
        drawing.legend(handles=[unsteady()], loc="outside lower center", frameon=False)
    return drawing


def _family(axes: "Axes", values: "xr.DataArray", stable: Any, hue: str, outside: bool) -> None:
    """A curve for each value of an axis; hatched where none has a steady state."""
    along = next(str(dim) for dim in values.dims if dim != hue)
    cases = values[hue].values
    anywhere = None if stable is None else stable.any(hue)
    for k, case in enumerate(cases):
        told = (
            f"{case:.4g}".replace("-", "−")
            if isinstance(case, int | float | np.number)
            else plain(str(case))
        )
        curve = values.isel({hue: k})
        if stable is not None and not stable.isel({hue: k}).any():
            told += ": no steady state"
        line(axes, curve, anywhere if k == 0 else None, label=told, color=shade(k, len(cases)))
    if len(cases) > 2 * FEW and values[hue].dtype.kind in "fiu":
        bar_of_curves(axes, cases, plain(label(values[hue])))
    else:
        legend_of_curves(axes, plain(label(values[hue])), outside)
    if is_logarithmic(values[along].values):
        axes.set_xscale("log")


def blank(width: float = COLUMN, height: float = 2.6) -> "Figure":
    """An empty figure that belongs to no window and no global state.

    Args:
        width: inches.
        height: inches.
    """
    from .drawing import Drawing

    return Drawing(figsize=(width, height), layout="constrained", dpi=160)


def label(values: "xr.DataArray") -> str:
    """The variable's name (or `long_name`) with its unit in brackets.

    Args:
        values: a variable or coordinate; attributes `long_name` and `units` are read.
    """
    unit = values.attrs.get("units", "1")
    name = values.attrs.get("long_name", values.name)
    return str(name) if unit in ("", "1") else f"{name} [{unit}]"


def axis_label(values: "xr.DataArray") -> str:
    """The label of an axis, with its `symbol` (an attribute) as mathematics.

    Args:
        values: a variable or coordinate.

    >>> import xarray as xr
    >>> axis_label(xr.DataArray(0, attrs={"long_name": "hopping j", "symbol": "j", "units": "ω_m"}))
    'hopping $j$ [$ω_{m}$]'
    """
    text, symbol = typeset(plain(label(values))), str(values.attrs.get("symbol", ""))
    words, separator, unit = text.rpartition(f" {symbol}")
    return f"{words} {in_mathematics(symbol)}{unit}" if symbol and separator else text


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
    if x.size >= MANY:
        axes.margins(x=0)
    if not np.isfinite(values.values).any():
        axes.set_yticks([])
    axes.set_xlabel(plain(label(x)))
    axes.set_ylabel(plain(label(values)))
    if stable is not None:
        hatch(axes, x.values, ~np.asarray(stable, bool))


def bars(axes: "Axes", values: "xr.DataArray") -> None:
    """A bar for every name on an axis, the first on top; what is negative in another colour.

    Args:
        axes: where to draw.
        values: variable over one dimension whose coordinate holds names.
    """
    names = values[values.dims[0]]
    sizes = np.asarray(values.values, float)
    axes.barh(_places(names), sizes, color=np.where(sizes < 0, "#c0504d", "#3b6ea5"))
    axes.set_yticks(_places(names), [plain(str(name)) for name in names.values])
    axes.invert_yaxis()
    axes.axvline(0.0, color="0.3", linewidth=0.8)
    axes.set_xlabel(plain(label(values)))
    axes.set_ylabel(plain(label(names)))


def _is_text(x: "xr.DataArray") -> bool:
    return x.dtype.kind in "OSU"


def _places(x: "xr.DataArray") -> Any:
    """Where the points of an axis stand; names stand side by side."""
    return np.arange(float(x.size)) if _is_text(x) else np.asarray(x.values, float)


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
    borders = [edges(_places(x)) for x in (across, up)]
    mesh = axes.pcolormesh(*borders, values.values.T, rasterized=True, **style)
    if stable is not None and not bool(np.all(stable)):
        # Every cell's corners carry its own value, so that hatches end where cells end.
        corners = [np.repeat(x, 2)[1:-1] for x in borders]
        steady = np.asarray(stable, float).T.repeat(2, axis=0).repeat(2, axis=1)
        axes.contourf(*corners, steady, levels=[-0.5, 0.5], colors="none", hatches=["////"])
        if steady.any():
            axes.contour(*corners, steady, levels=[0.5], colors="0.4", linewidths=0.8)
    axes.set_xlabel(axis_label(across))
    axes.set_ylabel(axis_label(up))
    for x, ticks in ((across, axes.set_xticks), (up, axes.set_yticks)):
        if _is_text(x):
            ticks(_places(x), [plain(str(name)) for name in x.values])
    if values.shape and min(values.shape) >= MANY:
        for x, limit in ((across, axes.set_xlim), (up, axes.set_ylim)):
            ends = sorted((float(x[0]), float(x[-1])))
            limit(0.0 if borders[x is up][0] == 0 else ends[0], ends[1])
    return mesh


def bar_beside(axes: "Axes", mesh: Any, values: "xr.DataArray") -> None:
    """The bar of a map's colours, with the name and unit of what they stand for.

    Args:
        axes: the panel.
        mesh: its map.
        values: what is shown.
    """
    axes.figure.colorbar(mesh, ax=axes).set_label(plain(label(values)))


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
    return _written(drawing, path)


def _written(drawing: "Figure", path: str | Path, notes: Mapping[str, str] | None = None) -> Path:
    with written_aside(path) as aside:
        drawing.savefig(aside, dpi=DPI, metadata=notes)
    return Path(path)


IMAGES = ("png", "svg", "pdf")
"""Endings of every figure that the command line writes."""


def save_images(
    drawing: "Figure", stem: str | Path, notes: Mapping[str, str] | None = None
) -> Path:
    """Write a figure as PNG, SVG and PDF, all alike; the path of the PNG, which is written last.

    Args:
        drawing: the figure.
        stem: file name without an ending.
        notes: texts that the PNG is to hold, by name.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    import matplotlib.style

    engine, dpi = drawing.get_layout_engine(), drawing.dpi
    if engine is not None:  # laid out once: all three alike, and half of the work
        drawing.set_dpi(DPI)
        with matplotlib.style.context(SHEET):  # in force when it is saved, too
            engine.execute(drawing)
        drawing.set_dpi(dpi)
        drawing.set_layout_engine(None)  # "none" would have every file drawn twice
    for ending in reversed(IMAGES):
        _written(drawing, f"{stem}.{ending}", notes if ending == "png" else None)
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
