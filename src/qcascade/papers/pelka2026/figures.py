"""The figures of pelka2026 and four of our own: data first, then the drawing."""

from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ... import plot
from .. import Plate
from .model import entanglement, network, optomechanical_network, point, reach, state, threshold

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


UNIT = "ω"
_AXES = {"hopping": ("hopping j", UNIT), "squeezing": ("squeezing r", UNIT)}


def figure2_data(points: int = 201) -> "xr.Dataset":
    """E_N(0,2) forward and E_N(0,9) backward over j, r ∈ (0, 1].

    Args:
        points: grid points along each axis.
    """

    def surfaces(hopping: Any, squeezing: Any) -> dict[str, Any]:
        ahead = state(hopping, squeezing, "forward")
        behind = state(hopping, squeezing, "backward")
        return {
            "forward": qc.log_negativity(ahead, "0", "2"),
            "backward": qc.log_negativity(behind, "0", "9"),
            "stable": ahead.stable & behind.stable,
        }

    axis = (np.linspace(0, 1, points + 1)[1:], UNIT)
    data = qc.sweep(surfaces, hopping=axis, squeezing=axis, network=network())
    names = {"forward": ("E_N(0,2) forward", "nat"), "backward": ("E_N(0,9) backward", "nat")}
    return plot.describe(data, {**_AXES, **names})


def figure2_draw(data: "xr.Dataset") -> "Figure":
    """Both surfaces as the paper shows them, and the forward one as a map with its threshold.

    Args:
        data: from `figure2_data`.
    """
    drawing = plot.blank(9.5, 4.0)
    solid: Any = drawing.add_subplot(1, 2, 1, projection="3d")
    j, r = np.meshgrid(data.hopping, data.squeezing, indexing="ij")
    solid.plot_surface(j, r, data.forward.values, cmap="viridis", rcount=60, ccount=60)
    solid.plot_wireframe(j, r, data.backward.values, color="0.3", lw=0.5, rcount=20, ccount=20)
    solid.set(xlabel=plot.label(data.hopping), ylabel=plot.label(data.squeezing))
    solid.set_zlabel("E_N [nat]", labelpad=8)
    solid.set_title("forward E_N(0,2) (solid), backward E_N(0,9) (mesh)", fontsize=9)
    solid.set_box_aspect(None, zoom=0.85)  # keeps the labels of the upright axis in the picture
    flat = drawing.add_subplot(1, 2, 2)
    plot.heatmap(flat, data.forward, data.stable)
    flat.plot(data.hopping, threshold(data.hopping), "r--", lw=1, label="threshold r_c(j)")
    flat.set(ylim=(0, 1), title="no steady state where hatched")
    flat.legend(loc="lower left")
    return drawing


def figure3_data(points: int = 101) -> "xr.Dataset":
    """M_max and the occupation of that node, for r ∈ (0, 1] and, finer, r ∈ (0, 0.2].

    Args:
        points: grid points along each axis.
    """

    def depth(hopping: Any, squeezing: Any) -> dict[str, Any]:
        here = point(hopping, squeezing)
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
    wide, near = (
        plot.describe(
            qc.sweep(
                depth,
                hopping=j,
                squeezing=(np.linspace(0, top, points + 1)[1:], UNIT),
                network=network(),
            ),
            names,
        )
        for top in (1.0, 0.2)
    )
    near = near.rename({"squeezing": "squeezing_near"})
    return wide.merge(near.rename({name: f"{name}_near" for name in near.data_vars}))


def _at(values: Any, index: Any) -> Any:
    """values[k, index[k]] for every row k."""
    return np.take_along_axis(values, index[:, None], axis=-1)[:, 0]


def figure3_draw(data: "xr.Dataset", name: str) -> "Figure":
    """One quantity of Fig. 3 over both ranges of r.

    Args:
        data: from `figure3_data`.
        name: "reach" (3a) or "occupation" (3b).
    """
    from matplotlib.colors import BoundaryNorm, LogNorm

    drawing = plot.blank(9.0, 3.6)
    style: dict[str, Any] = {"cmap": "viridis"}
    ticks = None
    if name == "reach":
        style["norm"] = BoundaryNorm(np.arange(-0.5, 11), 256)
        ticks = range(11)
    else:
        shown = data[name].values[data[name].values > 0]
        style["norm"] = LogNorm(max(shown.min(), 1e-9), shown.max())
    for axes, suffix in zip(drawing.subplots(1, 2), ("", "_near"), strict=True):
        mesh = plot.heatmap(axes, data[name + suffix], data["stable" + suffix], **style)
        axes.set_title("forward, one-way; no steady state where hatched", fontsize=9)
        if ticks and mesh.colorbar:
            mesh.colorbar.set_ticks(ticks)
    return drawing


def time_data(points: int = 401) -> "xr.Dataset":
    """E_N(0,k) from the vacuum at (j, r) = (0.5, 0.3), t up to 40/ω.

    Args:
        points: number of times.
    """
    import xarray as xr

    model = qc.gaussian(network())
    times = np.linspace(0, 40, points)
    evolved = qc.evolve(model, qc.vacuum(model.modes), times)
    data = xr.Dataset(
        {"E_N": (("time", "node"), entanglement(evolved, 10))},
        {"time": times, "node": np.arange(1, 11)},
        {"parameters": "hopping 0.5, squeezing 0.3", "network": qc.to_toml(network())},
    )
    return plot.describe(
        data, {"E_N": ("E_N(0,k)", "nat"), "time": ("time", "1/ω"), "node": ("node k", "1")}
    )


def time_draw(data: "xr.Dataset") -> "Figure":
    """Entanglement arriving at one node after the other.

    Args:
        data: from `time_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for k in data.node.values:
        plot.line(axes, data.E_N.sel(node=k), label=f"k = {k}", color=f"C{k - 1}")
    axes.set(yscale="log", ylim=(1e-6, 0.3), title="from vacuum at (j, r) = (0.5, 0.3)")
    axes.legend(ncols=2, fontsize=7)
    return drawing


def thermal_data(points: int = 241) -> "xr.Dataset":
    """E_N(0,2) at (0.5, 0.3) when only the common, only the local, or all baths are warm.

    Args:
        points: number of occupations.
    """

    def warm(bath_occupation: Any) -> dict[str, Any]:
        kinds = {"common": (1, 0), "local": (0, 1), "all": (1, 1)}
        return {
            kind: qc.log_negativity(
                state(
                    common_occupation=common * bath_occupation,
                    local_occupation=local * bath_occupation,
                ),
                "0",
                "2",
            )
            for kind, (common, local) in kinds.items()
        }

    values = np.geomspace(1e-4, 10, points)
    data = qc.sweep(warm, bath_occupation=(values, "quanta"), network=network())
    names = dict.fromkeys(("common", "local", "all"), ("E_N(0,2)", "nat"))
    return plot.describe(data, {"bath_occupation": ("bath occupation", "quanta"), **names})


def thermal_draw(data: "xr.Dataset") -> "Figure":
    """Thermal robustness, common and local baths apart.

    Args:
        data: from `thermal_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for kind, style, width in (("common", "-", 4), ("local", "--", 2), ("all", "-", 1.5)):
        plot.line(axes, data[kind], label=f"{kind} baths warm", linestyle=style, linewidth=width)
    axes.set(xscale="log", title="(j, r) = (0.5, 0.3)")
    axes.legend()
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
    axes.set(xscale="log", yscale="log", ylim=(1e-9, 0.2), title="(j, r) = (0.5, 0.3)")
    axes.set_ylabel("E_N [nat]")
    axes.legend(fontsize=8)
    return drawing


def length_data(points: int = 61) -> "xr.Dataset":
    """M_max against r at j = 1 for chains of 10, 20 and 50 nodes.

    Args:
        points: number of squeezing values.
    """

    def depths(squeezing: Any) -> dict[str, Any]:
        return {
            f"M{length}": reach(entanglement(state(1.0, squeezing, length=length), length))
            for length in (10, 20, 50)
        }

    data = qc.sweep(depths, squeezing=(np.geomspace(1e-5, 0.3, points), UNIT), chunk=64)
    depths_named = dict.fromkeys(map(str, data.data_vars), ("M_max", "1"))
    return plot.describe(data, {"squeezing": _AXES["squeezing"], **depths_named})


def length_draw(data: "xr.Dataset") -> "Figure":
    """How far entanglement reaches when the chain does not end.

    Args:
        data: from `length_data`.
    """
    from matplotlib.ticker import MaxNLocator

    drawing = plot.blank()
    axes = drawing.subplots()
    for name, style in zip(data.data_vars, ("-", "--", ":"), strict=True):
        plot.line(axes, data[name], label=f"chain of {str(name)[1:]} nodes", linestyle=style)
    axes.set(xscale="log", title="j = 1")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return drawing


FIGURES: dict[str, Plate] = {
    "2": Plate("E_N to the second node, forward and backward", figure2_data, figure2_draw),
    "3a": Plate(
        "how far entanglement reaches: M_max",
        figure3_data,
        lambda data: figure3_draw(data, "reach"),
    ),
    "3b": Plate(
        "occupation of the last entangled node",
        figure3_data,
        lambda data: figure3_draw(data, "occupation"),
    ),
    "time": Plate("E_N(0,k) in time, from the vacuum", time_data, time_draw),
    "thermal": Plate("robustness against warm baths", thermal_data, thermal_draw),
    "optomechanical": Plate(
        "mechanical modes for the common baths", optomechanical_data, optomechanical_draw
    ),
    "length": Plate("M_max against squeezing for long chains", length_data, length_draw),
}
"""Figures by name: 2, 3a, 3b of the paper; the others are ours."""
