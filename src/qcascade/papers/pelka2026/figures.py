"""The figures of pelka2026 and four of our own, as printed and one-way."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots import plot
from ...plots.style import shade
from .. import Plate
from .model import entanglement, network, optomechanical_network, point, reach, state, threshold

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


UNIT = "ω"
READINGS = ("printed", "one-way")
_SAYS = {"printed": "as printed: c = (a + a′)/√2", "one-way": "one-way: c = a + a′"}
_AXES = {"hopping": ("hopping j", UNIT), "squeezing": ("squeezing r", UNIT)}
_PRINTED_DAMPING = 100 / 6e6  # γ_m/ω_m of the optomechanical implementation


def _both(one: Callable[[str], "xr.Dataset"], readings: tuple[str, ...] = READINGS) -> "xr.Dataset":
    """The data of either reading, along a dimension of that name."""
    import xarray as xr

    names = xr.DataArray(list(readings), dims="reading", name="reading")
    data = xr.concat([one(reading) for reading in readings], names, combine_attrs="override")
    data.attrs["network"] = qc.to_toml(network())
    data.attrs["network_printed"] = qc.to_toml(network(reading="printed"))
    return plot.describe(data, {"reading": ("reading of the edges", "1")})


def figure2_data(points: int = 201, readings: tuple[str, ...] = READINGS) -> "xr.Dataset":
    """E_N(0,2) forward and E_N(0,9) backward over j, r ∈ (0, 1], in both readings.

    Args:
        points: grid points along each axis.
        readings: which of them.
    """
    axis = (np.linspace(0, 1, points + 1)[1:], UNIT)

    def surfaces(hopping: Any, squeezing: Any, reading: str) -> dict[str, Any]:
        ahead = state(hopping, squeezing, "forward", reading=reading)
        behind = state(hopping, squeezing, "backward", reading=reading)
        return {
            "forward": qc.log_negativity(ahead, "0", "2"),
            "backward": qc.log_negativity(behind, "0", "9"),
            "stable": ahead.stable & behind.stable,
        }

    data = _both(
        lambda reading: qc.sweep(
            partial(surfaces, reading=reading), hopping=axis, squeezing=axis, network=network()
        ),
        readings,
    )
    names = {"forward": ("E_N(0,2) forward", "nat"), "backward": ("E_N(0,9) backward", "nat")}
    return plot.describe(data, {**_AXES, **names})


def figure2_draw(data: "xr.Dataset") -> "Figure":
    """Both surfaces as the paper shows them, above the forward one as a map with its threshold.

    Args:
        data: from `figure2_data`.
    """
    drawing = plot.blank(9.5, 7.4)
    j, r = np.meshgrid(data.hopping, data.squeezing, indexing="ij")
    top = float(data.forward.max())
    for k, reading in enumerate(READINGS, 1):
        here = data.sel(reading=reading)
        solid: Any = drawing.add_subplot(2, 2, k, projection="3d")
        solid.plot_surface(j, r, here.forward.values, cmap="viridis", rcount=50, ccount=50)
        solid.plot_wireframe(j, r, here.backward.values, color="0.3", lw=0.5, rcount=20, ccount=20)
        solid.set(xlabel=plot.label(data.hopping), ylabel=plot.label(data.squeezing))
        solid.set(zlim=(0, top))
        solid.set_zlabel("E_N [nat]", labelpad=8)
        largest = float(here.backward.max())
        solid.set_title(f"{_SAYS[reading]}\nmesh: backward, up to {largest:.2g} nat", fontsize=9)
        solid.set_box_aspect(None, zoom=0.95)  # keeps the labels of the upright axis in the picture
        flat = drawing.add_subplot(2, 2, 2 + k)
        plot.heatmap(flat, here.forward, here.stable, vmin=0, vmax=top)
        if reading == "one-way":
            flat.plot(data.hopping, threshold(data.hopping), "r--", lw=1, label="threshold r_c(j)")
            flat.legend(loc="upper right")
        flat.set(ylim=(0, 1))
        flat.set_title("forward; no steady state where hatched", fontsize=9)
    return drawing


def figure3_data(points: int = 101) -> "xr.Dataset":
    """M_max and the occupation of that node, for r ∈ (0, 1] and, finer, r ∈ (0, 0.2].

    Args:
        points: grid points along each axis.
    """

    def depth(hopping: Any, squeezing: Any, reading: str) -> dict[str, Any]:
        here = point(hopping, squeezing, reading=reading)
        node = np.nan_to_num(here["reach"]).astype(int)
        return {
            "reach": here["reach"],
            # where no node is entangled there is no last one to ask for its occupation
            "occupation": np.where(node > 0, _at(here["occupation"], node), np.nan),
            "stable": here["stable"],
        }

    j = (np.linspace(0, 1, points + 1)[1:], UNIT)
    names = {
        **_AXES,
        "reach": ("M_max", "1"),
        "occupation": ("occupation of node M_max", "quanta"),
    }

    def up_to(top: float) -> "xr.Dataset":
        r = (np.linspace(0, top, points + 1)[1:], UNIT)
        return plot.describe(
            _both(
                lambda reading: qc.sweep(
                    partial(depth, reading=reading), hopping=j, squeezing=r, network=network()
                )
            ),
            names,
        )

    wide, near = up_to(1.0), up_to(0.2).rename({"squeezing": "squeezing_near"})
    return wide.merge(near.rename({name: f"{name}_near" for name in near.data_vars}))


def _at(values: Any, index: Any) -> Any:
    """values[k, index[k]] for every row k."""
    return np.take_along_axis(values, index[:, None], axis=-1)[:, 0]


def figure3_draw(data: "xr.Dataset", name: str) -> "Figure":
    """One quantity of Fig. 3 over both ranges of r, one column for each reading.

    Args:
        data: from `figure3_data`.
        name: "reach" (3a) or "occupation" (3b).
    """
    from matplotlib.colors import BoundaryNorm, LogNorm

    drawing = plot.blank(9.0, 6.8)
    style: dict[str, Any] = {"cmap": "viridis"}
    ticks = None
    if name == "reach":
        style["norm"] = BoundaryNorm(np.arange(-0.5, 11), 256)
        ticks = range(11)
    else:
        shown = data[name].values[data[name].values > 0]
        style["norm"] = LogNorm(max(shown.min(), 1e-9), shown.max())
    panels = drawing.subplots(2, 2)
    for row, suffix in zip(panels, ("", "_near"), strict=True):
        for axes, reading in zip(row, READINGS, strict=True):
            here = data.sel(reading=reading)
            mesh = plot.heatmap(axes, here[name + suffix], here["stable" + suffix], **style)
            if ticks and mesh.colorbar:
                mesh.colorbar.set_ticks(ticks)
    for axes, reading in zip(panels[0], READINGS, strict=True):
        says = f"forward, {_SAYS[reading]}\nhatched: no steady state; white: no entangled node"
        axes.set_title(says, fontsize=9)
    return drawing


def _columns(data: "xr.Dataset") -> Any:
    """A drawing with one panel for each reading: (drawing, [(panel, its data), …])."""
    drawing = plot.blank(9.5, 3.9)
    panels = drawing.subplots(1, 2, sharey=True)
    for axes, reading in zip(panels, READINGS, strict=True):
        axes.set_title(_SAYS[reading], fontsize=9)
    return drawing, [(axes, data.sel(reading=x)) for axes, x in zip(panels, READINGS, strict=True)]


def time_data(points: int = 401) -> "xr.Dataset":
    """E_N(0,k) from the vacuum at (j, r) = (0.5, 0.3), t up to 40/ω, in both readings.

    Args:
        points: number of times.
    """
    import xarray as xr

    times = np.linspace(0, 40, points)

    def growing(reading: str) -> "xr.Dataset":
        model = qc.gaussian(network(reading=reading))
        evolved = qc.evolve(model, qc.vacuum(model.modes), times)
        return xr.Dataset(
            {"E_N": (("time", "node"), entanglement(evolved, 10))},
            {"time": times, "node": np.arange(1, 11)},
            {"parameters": "hopping 0.5, squeezing 0.3"},
        )

    return plot.describe(
        _both(growing),
        {"E_N": ("E_N(0,k)", "nat"), "time": ("time", "1/ω"), "node": ("node k", "1")},
    )


def time_draw(data: "xr.Dataset") -> "Figure":
    """Entanglement arriving at one node after the other.

    Args:
        data: from `time_data`.
    """
    drawing, panels = _columns(data)
    for axes, here in panels:
        for k in here.node.values:
            plot.line(axes, here.E_N.sel(node=k), label=f"k = {k}", color=shade(k - 1, 10))
        axes.set(yscale="log", ylim=(1e-6, 0.3))
    drawing.suptitle("from vacuum at (j, r) = (0.5, 0.3)", fontsize=10)
    panels[0][0].legend(ncols=2, fontsize=7)
    return drawing


def thermal_data(points: int = 241) -> "xr.Dataset":
    """E_N(0,2) at (0.5, 0.3) when only the common, only the local, or all baths are warm.

    Args:
        points: number of occupations.
    """

    def warm(bath_occupation: Any, reading: str) -> dict[str, Any]:
        kinds = {"common": (1, 0), "local": (0, 1), "all": (1, 1)}
        return {
            kind: qc.log_negativity(
                state(
                    common_occupation=common * bath_occupation,
                    local_occupation=local * bath_occupation,
                    reading=reading,
                ),
                "0",
                "2",
            )
            for kind, (common, local) in kinds.items()
        }

    values = (np.geomspace(1e-4, 10, points), "quanta")
    data = _both(
        lambda reading: qc.sweep(
            partial(warm, reading=reading), bath_occupation=values, network=network()
        )
    )
    names = dict.fromkeys(("common", "local", "all"), ("E_N(0,2)", "nat"))
    return plot.describe(data, {"bath_occupation": ("bath occupation", "quanta"), **names})


def thermal_draw(data: "xr.Dataset") -> "Figure":
    """Thermal robustness, common and local baths apart.

    Args:
        data: from `thermal_data`.
    """
    drawing, panels = _columns(data)
    for axes, here in panels:
        for kind, style, width in (("common", "-", 4), ("local", "--", 2), ("all", "-", 1.5)):
            text = f"{kind} baths warm"
            plot.line(axes, here[kind], label=text, linestyle=style, linewidth=width)
        axes.set(xscale="log")
    drawing.suptitle("(j, r) = (0.5, 0.3)", fontsize=10)
    panels[0][0].legend(fontsize=8)
    return drawing


def optomechanical_data(points: int = 121) -> "xr.Dataset":
    """Forward and backward entanglement with mechanical reservoirs, over their damping γ_m.

    Args:
        points: number of damping rates.
    """

    def reservoir(mechanical_damping: Any) -> dict[str, Any]:
        ahead, behind = (
            qc.steady_state(
                qc.gaussian(
                    optomechanical_network(direction=way, mechanical_damping=mechanical_damping)
                )
            )
            for way in ("forward", "backward")
        )
        return {
            "forward": qc.log_negativity(ahead, "0", "2"),
            "backward": qc.log_negativity(behind, "0", "9"),
            "stable": ahead.stable & behind.stable,
        }

    values = (np.geomspace(1e-5, 1e4, points), UNIT)
    data = qc.sweep(reservoir, mechanical_damping=values, network=optomechanical_network())
    data.attrs["effective_forward"] = float(qc.log_negativity(state(), "0", "2"))
    return plot.describe(
        data,
        {
            "mechanical_damping": ("mechanical damping γ_m", UNIT),
            "forward": ("E_N(0,2) forward", "nat"),
            "backward": ("E_N(0,9) backward", "nat"),
        },
    )


def optomechanical_draw(data: "xr.Dataset") -> "Figure":
    """The optomechanical chain against the effective model.

    Args:
        data: from `optomechanical_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    plot.line(axes, data.forward, data.stable, label="forward E_N(0,2)")
    plot.line(axes, data.backward, label="backward E_N(0,9)", color="C3")
    axes.axhline(data.effective_forward, ls="--", color="0.4", label="forward, effective model")
    axes.axvline(_PRINTED_DAMPING, color="0.4", ls=":", label="γ_m as printed, 2π·100 Hz")
    axes.set(xscale="log", yscale="log", ylim=(1e-9, 0.2), title="(j, r) = (0.5, 0.3)")
    axes.set_ylabel("E_N [nat]")
    axes.legend(fontsize=8)
    return drawing


def length_data(points: int = 61) -> "xr.Dataset":
    """M_max against r at j = 1 for chains of 10, 20 and 50 nodes, in both readings.

    Args:
        points: number of squeezing values.
    """

    def depths(squeezing: Any, reading: str) -> dict[str, Any]:
        return {
            f"M{length}": reach(
                entanglement(state(1.0, squeezing, length=length, reading=reading), length)
            )
            for length in (10, 20, 50)
        }

    r = (np.geomspace(1e-5, 0.3, points), UNIT)
    data = _both(lambda reading: qc.sweep(partial(depths, reading=reading), squeezing=r, chunk=64))
    depths_named = dict.fromkeys(map(str, data.data_vars), ("M_max", "1"))
    return plot.describe(data, {"squeezing": _AXES["squeezing"], **depths_named})


def length_draw(data: "xr.Dataset") -> "Figure":
    """How far entanglement reaches when the chain does not end.

    Args:
        data: from `length_data`.
    """
    from matplotlib.ticker import MaxNLocator

    drawing, panels = _columns(data)
    for axes, here in panels:
        for name, style in zip(data.data_vars, ("-", "--", ":"), strict=True):
            plot.line(axes, here[name], label=f"chain of {str(name)[1:]} nodes", linestyle=style)
        axes.set(xscale="log")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    drawing.suptitle("j = 1", fontsize=10)
    panels[0][0].legend(fontsize=8)
    return drawing


def _plate(
    caption: str,
    data: Callable[..., "xr.Dataset"],
    draw: Callable[["xr.Dataset"], "Figure"],
    points: int,
    readings: str = "as printed beside one-way",
) -> Plate:
    return Plate(caption, data, draw, readings, fast={"points": points})


_REACH, _OCCUPATION = (partial(figure3_draw, name=name) for name in ("reach", "occupation"))
_MARKED = "one-way, over every mechanical damping; the printed one is marked"

FIGURES: dict[str, Plate] = {
    "2": _plate(
        "E_N to the second node forward, to the ninth backward", figure2_data, figure2_draw, 61
    ),
    "3a": _plate("how far entanglement reaches: M_max", figure3_data, _REACH, 51),
    "3b": _plate("occupation of the last entangled node", figure3_data, _OCCUPATION, 51),
    "time": _plate("E_N(0,k) in time, from the vacuum", time_data, time_draw, 201),
    "thermal": _plate("robustness against warm baths", thermal_data, thermal_draw, 121),
    "optomechanical": _plate(
        "mechanical modes for the common baths",
        optomechanical_data,
        optomechanical_draw,
        61,
        _MARKED,
    ),
    "length": _plate("M_max against squeezing for long chains", length_data, length_draw, 31),
}
"""Figures by name: 2, 3a, 3b of the paper; the others are ours."""
