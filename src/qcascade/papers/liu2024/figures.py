"""The figures of liu2024, each panel in every reading: data first, then the drawing.

E_N stands above the margin −ln 2ν₋, which is negative where nothing is entangled and says by
how much. Where the paper is silent the values are ours: 0.5 ≤ Δ/ω_m ≤ 2, Δ/ω_m = 1.4 in the
panels over other axes, and the middle curves.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots import plot
from .. import Plate
from .model import LENGTHS, READINGS, SIDES, coupling, point, working_network

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

NAMES = {
    "detuning": ("detuning Δ/ω_m", "1"),
    "phase_difference": ("phase difference Δθ", "π"),
    "mechanical_frequency": ("mechanical frequency ω_m/2π", "MHz"),
    "power": ("power P", "mW"),
    "temperature": ("temperature T", "mK"),
    "E_N": ("E_N", "nat"),
    "margin": ("margin −ln 2ν₋", "nat"),
    "growth": ("growth max Re λ", "ω_m"),
    "stable": ("has a steady state", "1"),
    "physical": ("obeys the uncertainty relation", "1"),
    "reading": ("reading of the equations", "1"),
}
_SI = {"mechanical_frequency": 1e6, "power": 1e-3, "temperature": 1e-3}
SYMBOLS = {
    "detuning": "Δ/ω_m = {:g}",
    "phase_difference": "Δθ = {:g}π",
    "mechanical_frequency": "ω_m/2π = {:g} MHz",
    "power": "P = {:g} mW",
}

RANGES = {
    "detuning": (0.5, 2.0),
    "phase_difference": (0.0, 0.5),
    "mechanical_frequency": (80.0, 110.0),
    "power": (0.5, 30.0),
    "temperature": (0.0, 300.0),
}
PHASES = [0.18, 0.22, 0.25]

Draw = Callable[["Axes", "xr.Dataset", str], None]


def _grid(points: int, *names: str) -> dict[str, Any]:
    return {name: np.linspace(*RANGES[name], points) for name in names}


def _readings(fixed: Mapping[str, float], **axes: Any) -> "xr.Dataset":
    """Every reading over a grid of two parameters, in the figures' units, others `fixed`."""
    import xarray as xr

    labelled: dict[str, Any] = {name: (values, NAMES[name][1]) for name, values in axes.items()}
    names = xr.DataArray(list(READINGS), dims="reading", name="reading")
    found = [_one_reading(name, fixed, labelled) for name in READINGS]
    data = xr.concat(found, names, data_vars="all", combine_attrs="override")
    data = data.assign_coords(length=("reading", [LENGTHS[name] for name in READINGS]))
    data.attrs["fixed"] = ", ".join(f"{name} = {x:g}" for name, x in fixed.items())
    known = {name: NAMES[name] for name in (*axes, *map(str, data.data_vars), "reading")}
    return plot.describe(data, {**known, "length": ("cavity length l", "m")})


def _one_reading(reading: str, fixed: Mapping[str, float], axes: dict[str, Any]) -> "xr.Dataset":
    def panel(**columns: Any) -> dict[str, Any]:
        given = {**fixed, **columns}
        si = {name: values * _SI.get(name, 1.0) for name, values in given.items()}
        found = point(**si, length=LENGTHS[reading], reading=reading)
        return {name: found[name] for name in ("E_N", "margin", "growth", "stable", "physical")}

    return qc.sweep(panel, network=_example(), **axes)


def _example() -> qc.Network:
    """The consistent network at the paper's values, for the record."""
    motion = 2 * np.pi * 88.54e6
    g = coupling(LENGTHS["consistent"], motion)
    phases = dict(zip(SIDES, (0.25, 0.0), strict=True))
    return working_network(1.4 * motion, g, motion, phases)[0]


INSET = "_inset"


def _with_inset(data: "xr.Dataset", inset: "xr.Dataset") -> "xr.Dataset":
    """Both grids in one dataset; variables and axes of the second carry a suffix."""
    own = [*inset.data_vars, *(dim for dim in inset.dims if dim != "reading")]
    renamed = inset.rename({name: f"{name}{INSET}" for name in own})
    return data.merge(renamed, compat="no_conflicts")


def _inset(data: "xr.Dataset") -> "xr.Dataset":
    only = data[[name for name in data.data_vars if str(name).endswith(INSET)]]
    own = [*only.data_vars, *(dim for dim in only.dims if dim != "reading")]
    return only.rename({name: str(name).removesuffix(INSET) for name in own})


def lines(axes: "Axes", data: "xr.Dataset", name: str) -> None:
    """Curves of one reading; hatched where none of them has a steady state.

    Args:
        axes: where to draw.
        data: one reading over (axis, curves).
        name: "E_N" or "margin".
    """
    _, family = data[name].dims
    known = data[name].values[np.isfinite(data[name].values)]
    for k, value in enumerate(data[family].values):
        here, text = data.isel({family: k}), SYMBOLS[str(family)].format(value)
        plot.line(axes, here[name], data.stable.any(family) if k == 0 else None, label=text)
    if not known.size:
        axes.set(yticks=[], xlim=data[data[name].dims[0]].values[[0, -1]])
        return _nothing(axes, data)
    low, high = known.min(), max(known.max(), 0.01 if name == "E_N" else 0.0)
    pad = 0.06 * (high - low)
    axes.set_ylim(low - pad, high + pad)
    if name == "margin":
        axes.axhline(0, color="0.4", lw=0.8)
    elif not known.any():
        _say(axes, "E_N = 0")
    return None


def heat(axes: "Axes", data: "xr.Dataset", name: str) -> None:
    """A map of one reading; hatched where there is no steady state.

    Args:
        axes: where to draw.
        data: one reading over two axes.
        name: "E_N", or "margin" with white at zero: red is entangled, blue is not.
    """
    from matplotlib.colors import Normalize, TwoSlopeNorm

    across, up = data[name].dims
    known = data[name].values[np.isfinite(data[name].values)]
    if not known.size:  # nothing to colour, so nothing to put beside a colour bar
        plot.line(axes, data[name].isel({up: 0}), data.stable.isel({up: 0}))
        axes.set(xlim=data[across].values[[0, -1]], ylim=data[up].values[[0, -1]])
        axes.set_ylabel(plot.label(data[up]))
        return _nothing(axes, data)
    if name == "E_N":
        plot.heatmap(axes, data.E_N, data.stable, norm=Normalize(0, max(known.max(), 0.01)))
        if not known.any():
            _say(axes, "E_N = 0", color="white")
        return None
    low, high = min(known.min(), -0.01), known.max()
    if high <= 0:
        plot.heatmap(axes, data.margin, data.stable, norm=Normalize(low, 0), cmap="Blues_r")
        return None
    norm = TwoSlopeNorm(0, low, high)
    mesh = plot.heatmap(axes, data.margin, data.stable, norm=norm, cmap="RdBu_r")
    mesh.colorbar.set_ticks([low, low / 2, 0, high / 2, high], labels=None)
    mesh.colorbar.ax.yaxis.set_major_formatter("{x:.2f}")
    where, height = data[across].values, data[up].values
    axes.contour(where, height, data.margin.values.T, [0.0], colors="k", linewidths=0.8)
    return None


def rose(axes: Any, data: "xr.Dataset", name: str) -> None:
    """Curves of one reading around the circle of Δθ.

    Args:
        axes: polar axes.
        data: one reading over (phase_difference, curves).
        name: "E_N" or "margin".
    """
    turn = np.pi * data.phase_difference.values
    known = data[name].values[np.isfinite(data[name].values)]
    for value in data.detuning.values:
        curve = data[name].sel(detuning=value)
        axes.plot(turn, curve.values, label=SYMBOLS["detuning"].format(value))
    axes.set_xlabel(f"{plot.label(data[name])} around Δθ", fontsize=8)
    axes.tick_params(labelsize=7)
    top = max(1.05 * known.max(initial=0.0), 0.01)
    axes.set_ylim(0, top)
    unstable = ~data.stable.any("detuning").values
    axes.fill_between(turn, 0, top, where=unstable, fc="none", ec="0.6", hatch="////", lw=0)
    if known.any():
        axes.set_rlabel_position(200)  # where the curves are not
        return None
    axes.set_yticks([])
    return _say(axes, "E_N = 0") if known.size else _nothing(axes, data)


def _say(axes: "Axes", text: str, color: str = "0.2") -> None:
    plain = {"facecolor": "none" if color == "white" else "white", "edgecolor": "none"}
    middle = {"transform": axes.transAxes, "ha": "center", "va": "center"}
    axes.text(0.5, 0.5, text, color=color, fontsize=8, bbox=plain, **middle)


def _nothing(axes: "Axes", data: "xr.Dataset") -> None:
    low, high = (float(x) for x in (data.growth.min(), data.growth.max()))
    _say(axes, f"no steady state:\ngrows at {low:.2f} … {high:.2f} ω_m")


def sheet(data: "xr.Dataset", main: Draw, inset: Draw | None = None) -> "Figure":
    """One column per reading: E_N, the margin, and rows for the paper's inset.

    Args:
        data: a dataset of this module.
        main: `lines` or `heat`.
        inset: `heat` or `rose` for the inset, when there is one.
    """
    rows = [(data, main, "E_N"), (data, main, "margin")]
    if inset:
        rows.append((_inset(data), inset, "E_N"))
        if inset is heat:  # a margin has a sign and so no place around a circle
            rows.append((_inset(data), inset, "margin"))
    drawing = plot.blank(11.0, 2.7 * len(rows))
    strips: Any = drawing.subfigures(len(rows), 1)
    for strip, row in zip(strips, rows, strict=True):
        _row(strip, *row)
    for axes, reading in zip(strips[0].axes, READINGS, strict=False):
        axes.set_title(_title(data.sel(reading=reading)), fontsize=9)
    return drawing


def _row(strip: "SubFigure", data: "xr.Dataset", draw: Draw, name: str) -> None:
    style = {"projection": "polar" if draw is rose else None}
    panels = strip.subplots(1, len(READINGS), subplot_kw=style)
    for axes, reading in zip(panels, READINGS, strict=True):
        draw(axes, data.sel(reading=reading), name)
    if draw is lines and name == "E_N":
        panels[-1].legend(fontsize=7, loc="upper right")
    elif draw is rose:
        panels[-1].legend(fontsize=7, loc="center left", bbox_to_anchor=(1.15, 0.5))


def _title(data: "xr.Dataset") -> str:
    length = float(data.length)
    size = f"{length * 1e3:g} mm" if length >= 1e-3 else f"{length * 1e6:g} µm"
    broken = bool((data.stable & ~data.physical).any())
    return f"{data.reading.item()}, l = {size}" + ("; V is no quantum state" if broken else "")


def figure2a_data(points: int = 301) -> "xr.Dataset":
    """Over the detuning, for three phase differences.

    Args:
        points: detunings.
    """
    return _readings({}, **_grid(points, "detuning"), phase_difference=PHASES)


def figure2b_data(points: int = 101) -> "xr.Dataset":
    """Over detuning and phase difference; and around the circle for the paper's inset.

    Args:
        points: grid points along each axis, and 3 around the circle for each of them.
    """
    circle = np.linspace(0, 2, 3 * points + 1)
    return _with_inset(
        _readings({}, **_grid(points, "detuning", "phase_difference")),
        _readings({}, phase_difference=circle, detuning=[1.0, 1.2, 1.4]),
    )


def figure3a_data(points: int = 301) -> "xr.Dataset":
    """Over the detuning, for three mechanical frequencies, Δθ = 0.2π.

    Args:
        points: detunings.
    """
    fixed = {"phase_difference": 0.2}
    frequencies = [90.0, 95.0, 100.0]
    return _readings(fixed, **_grid(points, "detuning"), mechanical_frequency=frequencies)


def figure3b_data(points: int = 101) -> "xr.Dataset":
    """Over mechanical frequency and detuning, Δθ = 0.2π.

    Args:
        points: grid points along each axis.
    """
    return _readings({"phase_difference": 0.2}, **_grid(points, "mechanical_frequency", "detuning"))


def figure3c_data(points: int = 301) -> "xr.Dataset":
    """Over the mechanical frequency, for three phase differences.

    Args:
        points: frequencies.
    """
    return _readings({}, **_grid(points, "mechanical_frequency"), phase_difference=PHASES)


def figure3d_data(points: int = 301) -> "xr.Dataset":
    """Over the detuning, for three powers, Δθ = 0.25π, ω_m/2π = 90 MHz.

    Args:
        points: detunings.
    """
    fixed = {"phase_difference": 0.25, "mechanical_frequency": 90.0}
    return _readings(fixed, **_grid(points, "detuning"), power=[5.0, 10.0, 15.0])


def figure3e_data(points: int = 101) -> "xr.Dataset":
    """Over power and detuning, Δθ = 0.25π, ω_m/2π = 90 MHz.

    Args:
        points: grid points along each axis.
    """
    fixed = {"phase_difference": 0.25, "mechanical_frequency": 90.0}
    return _readings(fixed, **_grid(points, "power", "detuning"))


def figure3f_data(points: int = 301) -> "xr.Dataset":
    """Over the power, for three phase differences, ω_m/2π = 90 MHz.

    Args:
        points: powers.
    """
    fixed = {"mechanical_frequency": 90.0}
    return _readings(fixed, **_grid(points, "power"), phase_difference=PHASES)


def figure4_data(points: int = 101) -> "xr.Dataset":
    """Over the temperature, for Δθ = π/5 and π/4; and, for the inset, over the detuning too.

    Args:
        points: grid points along each axis.
    """
    return _with_inset(
        _readings({}, **_grid(points, "temperature"), phase_difference=[0.2, 0.25]),
        _readings({}, **_grid(points, "temperature", "detuning")),
    )


_ALL = "all three readings: printed, one-way, consistent"
_LINES, _MAP = {"points": 101}, {"points": 31}


def _plate(
    caption: str, data: Callable[..., "xr.Dataset"], main: Draw, inset: Draw | None = None
) -> Plate:
    """Curves are cheap, maps and insets with maps are not."""
    fast = _LINES if main is lines and inset is None else _MAP
    return Plate(caption, data, partial(sheet, main=main, inset=inset), _ALL, fast)


FIGURES: dict[str, Plate] = {
    "2a": _plate("E_N over detuning, by phase difference", figure2a_data, lines),
    "2b": _plate(
        "E_N over detuning and phase difference; around the circle", figure2b_data, heat, rose
    ),
    "3a": _plate("E_N over detuning, by frequency", figure3a_data, lines),
    "3b": _plate("E_N over frequency and detuning", figure3b_data, heat),
    "3c": _plate("E_N over frequency, by phase difference", figure3c_data, lines),
    "3d": _plate("E_N over detuning, by power", figure3d_data, lines),
    "3e": _plate("E_N over power and detuning", figure3e_data, heat),
    "3f": _plate("E_N over power, by phase difference", figure3f_data, lines),
    "4": _plate(
        "E_N over temperature, by phase difference; over temperature and detuning",
        figure4_data,
        lines,
        heat,
    ),
}
"""Figures by name, as in the paper."""
