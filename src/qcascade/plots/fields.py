"""Maps, surfaces, planes, matrices and bars, and the scales of their colours."""

from typing import TYPE_CHECKING, Any

import numpy as np

from . import plot
from .cells import hatch
from .marks import companion, known_values, marked, say, say_nothing
from .records import Bars, Map, Matrix, Plane, Surface
from .style import distinct, in_mathematics, typeset

if TYPE_CHECKING:
    import xarray as xr


def from_zero(values: Any) -> dict[str, Any]:
    """Colours from zero to the largest value.

    Args:
        values: what is shown.
    """
    from matplotlib.colors import Normalize

    return {"norm": Normalize(0, max(known_values(values).max(initial=0.0), 0.01))}


def decades(values: Any) -> dict[str, Any]:
    """Colours for each decade alike.

    Args:
        values: what is shown; those above zero count.
    """
    from matplotlib.colors import LogNorm

    known = known_values(values)
    known = known[known > 0]
    return {"norm": LogNorm(max(known.min(initial=1.0), 1e-9), known.max(initial=1e-9))}


def steps(values: Any) -> dict[str, Any]:
    """One colour for each whole number.

    Args:
        values: what is shown.
    """
    from matplotlib.colors import BoundaryNorm

    top = int(known_values(values).max(initial=1.0))
    return {"norm": BoundaryNorm(np.arange(-0.5, top + 1), 256), "ticks": range(top + 1)}


def signed(values: Any) -> dict[str, Any]:
    """White at zero, red above and blue below; blue alone where nothing is above.

    Args:
        values: what is shown.
    """
    from matplotlib.colors import Normalize, TwoSlopeNorm

    known = known_values(values)
    low, high = min(known.min(initial=0.0), -0.01), known.max(initial=0.0)
    if high <= 0:
        return {"norm": Normalize(low, 0), "cmap": "Blues_r"}
    ticks = [low, low / 2, 0, high / 2, high]
    return {"norm": TwoSlopeNorm(0, low, high), "cmap": "RdBu_r", "ticks": ticks}


def colours(axes: Any, panel: Map, data: "xr.Dataset") -> None:
    """Draw a map.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    every = data[panel.of].values
    data = data.sel(panel.at)
    values = data[panel.of].transpose(*panel.over)
    x, y = (data[name] for name in panel.over)
    stable = companion(data, "stable", panel.of)
    stable = None if stable is None else stable.transpose(*panel.over)
    known = known_values(values)
    if not known.size:  # nothing to colour, so nothing to put beside a colour bar
        hatch(axes, x.values, np.ones(x.size, bool))
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axes.set(xlabel=plot.axis_label(x), ylabel=plot.axis_label(y))
        return say_nothing(axes, data, panel.of)
    style = panel.scale(every if panel.shared else values) if panel.scale else {}
    ticks = style.pop("ticks", None)
    mesh = plot.heatmap(axes, values, stable, **style)
    if known.any():
        plot.bar_beside(axes, mesh, values)
    if known.any() and ticks is not None:
        mesh.colorbar.set_ticks(list(ticks))
        whole_numbers = all(float(t).is_integer() for t in ticks)
        mesh.colorbar.ax.yaxis.set_major_formatter("{x:.0f}" if whole_numbers else "{x:.2g}")
        mesh.colorbar.minorticks_off()
    if not known.any():
        say(axes, f"{values.attrs.get('long_name', panel.of)} = 0", "white")
    levels = (*panel.levels, *([0.0] if "RdBu_r" in style.values() else []))
    if levels:
        ink = "k" if "cmap" in style else "w"
        axes.contour(x, y, values.values.T, levels=levels, colors=ink, linewidths=0.9)
    marked(axes, panel, data)
    if panel.ylim != (None, None):
        axes.set_ylim(*panel.ylim)
    return None


def surface(axes: Any, panel: Surface, data: "xr.Dataset") -> None:
    """Both surfaces above the map of the upper one, whose axes they share.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    from matplotlib.ticker import MaxNLocator

    data = data.sel(panel.at)
    x, y = (data[name] for name in panel.over)
    grid = np.meshgrid(x, y, indexing="ij")
    of, mesh = (data[name].transpose(*panel.over) for name in (panel.of, panel.mesh))
    axes.plot_surface(*grid, of.values, cmap="viridis", rcount=60, ccount=60, linewidth=0)
    axes.plot_wireframe(*grid, mesh.values, color="0.25", lw=0.5, rcount=16, ccount=16)
    axes.set_zlim(0, max(float(of.max()), 0.01))
    symbols = [f"{in_mathematics(v.attrs['symbol'])} [{v.attrs['units']}]" for v in (x, y)]
    axes.set_xlabel(symbols[0], labelpad=-6)  # close by: the layout does not see these
    axes.set_ylabel(symbols[1], labelpad=-6)
    axes.set_zlabel(f"E_N [{of.attrs['units']}]", labelpad=-4)
    axes.tick_params(pad=-3)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_locator(MaxNLocator(3))
    axes.view_init(elev=26, azim=-60)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((1, 1, 1, 1))
        axis._axinfo["grid"].update(color="0.85", linewidth=0.5)
    axes.set_box_aspect(None, zoom=1.03)  # keeps the labels of the upright axis in the picture


def plane(axes: Any, panel: Plane, data: "xr.Dataset") -> None:
    """Draw a function of two quadratures.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    values = data[panel.of].sel(panel.at).transpose(*panel.over)
    x, y = (values[name] for name in panel.over)
    axes.contourf(x, y, values.values.T, levels=30, cmap="Blues")
    axes.contour(x, y, values.values.T, [float(values.max()) / np.e], colors="k", linewidths=1)
    turn = np.linspace(0, 2 * np.pi, 201)
    axes.plot(np.cos(turn), np.sin(turn), "--", color="tab:red", lw=1)  # x² + y² = 2·½
    axes.set(xlabel=panel.labels[0], ylabel=panel.labels[1], aspect="equal")
    axes.set(xticks=(-3, 0, 3), yticks=(-3, 0, 3))


def matrix(axes: Any, panel: Matrix, data: "xr.Dataset") -> None:
    """Draw a matrix with its numbers.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    values = data[panel.of].sel(panel.at)
    numbers, (down, right) = values.values, values.dims
    top = float(abs(data[panel.of]).max())  # one scale for all matrices of the figure
    axes.imshow(numbers, cmap="RdBu_r", vmin=-top, vmax=top)
    for j, k in np.ndindex(*numbers.shape):
        ink = "w" if abs(numbers[j, k]) > 0.6 * top else "k"
        # zero without a sign
        told = f"{round(float(numbers[j, k]), 3) + 0.0:.3f}".replace("-", "−")
        axes.text(k, j, told, ha="center", va="center", color=ink)
    for axis, dim in ((axes.xaxis, right), (axes.yaxis, down)):
        axis.set_ticks(
            range(values.sizes[dim]), [typeset(str(name)) for name in values[dim].values]
        )


def bars(axes: Any, panel: Bars, data: "xr.Dataset") -> None:
    """Draw bars in groups.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    rows, groups = np.arange(data.sizes[panel.over]), data[panel.hue].values
    height = 0.8 / len(groups)
    for k, group in enumerate(groups):
        chosen, at = data.sel({panel.hue: group}), rows + (k - (len(groups) - 1) / 2) * height
        of, stroke = chosen[panel.of], chosen[panel.stroke]
        axes.barh(at, of, height, color=distinct(k), label=f"{of.attrs['long_name']}, {group}")
        text = stroke.attrs["long_name"] if k == 0 else None
        axes.plot(stroke, at, "k|", ms=6, label=text)
    axes.set_yticks(rows, [str(name) for name in data[panel.over].values])
    axes.set(xlabel=data[panel.of].attrs.get("kind", "concurrence"), xlim=(0, 1.02))
    axes.invert_yaxis()
