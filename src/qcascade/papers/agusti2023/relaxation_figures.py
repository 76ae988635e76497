"""The figures of the relaxation into the broadband steady state (3): Eq. (1), all from |0…0⟩.

Eq. (1) is the same in both readings. The state of Eq. (9) that it should lead to is not: with the
printed sign of tan θ the fidelity stops short of one wherever qubits are exchanged.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import qcascade as qc

from ...master_equation.dark_states import dark_state
from ...plots import plot
from ...plots.style import shade
from .. import Plate
from .claims import PRINTED
from .engine import amplified, diagonal, preparation
from .model import detunings, network, order, steady_state

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNIT = "γ"
TIME = "1/γ"
_DETUNING = ("detuning Δ", UNIT)
_PREPARATION = ("preparation time T_prep", TIME)


def relaxation_data(
    pairs: int = 4, detuning: float = 0.0, permutation: str = "parallel", points: int = 121
) -> "xr.Dataset":
    """Relaxation from all qubits in |0⟩: concurrences, purity, fidelity with Eq. (9), at r = 1.

    Args:
        pairs: N; the paper's five take a minute.
        detuning: Δ.
        permutation: P.
        points: times, up to a little beyond the preparation time.
    """
    import xarray as xr

    # The purity, and with it T_prep, is that of the parallel pattern: see `engine`.
    ready = preparation(amplified(network(pairs, detuning=detuning), 1.0), pairs)
    net = network(pairs, detuning=detuning, permutation=permutation)
    target = steady_state(pairs, detuning=detuning, permutation=permutation)
    upper, _ = detunings(pairs, detuning, permutation)
    letter = dark_state(1.0, upper, order(permutation, pairs), PRINTED)
    observe = {
        "parallel": lambda state: diagonal(state, pairs),
        "crossed": lambda state: [
            qc.measures.concurrence(state, f"A{i}", f"B{pairs + 1 - i}")
            for i in range(1, pairs + 1)
        ],
        "purity": qc.measures.purity,
        "fidelity": lambda state: qc.measures.fidelity(state, target),
        "fidelity_printed": lambda state: qc.measures.fidelity(state, letter),
    }
    run = qc.evolve(qc.lindblad(net), None, np.linspace(0, 1.15 * ready, points), observe)
    data = run.to_dataset().rename(parallel_dim0="pair", crossed_dim0="pair")
    data = data.assign_coords(pair=np.arange(1, pairs + 1))
    data["preparation_time"] = xr.DataArray(ready)
    data.attrs |= {"network": qc.to_toml(net), "detuning": detuning, "permutation": permutation}
    return plot.describe(
        data,
        {
            "time": ("time t", TIME),
            "pair": ("pair i", "1"),
            "parallel": ("C_ii", "1"),
            "crossed": ("C_i,N+1−i", "1"),
            "purity": ("purity μ", "1"),
            "fidelity": ("fidelity with Eq. (9), consistent sign", "1"),
            "fidelity_printed": ("fidelity with Eq. (9), printed sign", "1"),
            "preparation_time": _PREPARATION,
        },
    )


def figure3b_data(pairs: int = 4, points: int = 121) -> "xr.Dataset":
    """The same for the multipartite state of the reversed order with Δ = γ/5.

    Args:
        pairs: N; the paper's five take minutes.
        points: times.
    """
    return relaxation_data(pairs, 0.2, "reversed", points)


def relaxation_draw(data: "xr.Dataset") -> "Figure":
    """Concurrences, purity and fidelity over time; T_prep dashed.

    Args:
        data: from `relaxation_data`.
    """
    drawing = plot.blank(6.2, 3.9)
    axes = drawing.subplots()
    crossed = bool(data.crossed.isel(time=-1).max() > 0.5 > data.parallel.isel(time=-1).min())
    for k, pair in enumerate(data.pair.values):
        colour = shade(k, data.pair.size)
        plot.line(axes, data.parallel.sel(pair=pair), label=f"C_{pair}{pair}", color=colour)
        if crossed:
            other = data.pair.size + 1 - pair
            values = data.crossed.sel(pair=pair)
            plot.line(axes, values, label=f"C_{pair}{other}", color=colour, linestyle=":")
    plot.line(axes, data.purity, label="purity μ", color="k")
    same = np.allclose(data.fidelity, data.fidelity_printed, atol=1e-9)
    signs = "either sign" if same else "consistent sign"
    text = f"fidelity with\nEq. (9), {signs}"
    plot.line(axes, data.fidelity, label=text, color="0.5", linestyle="-.")
    if not same:
        text = "fidelity with\nEq. (9), printed sign"
        plot.line(axes, data.fidelity_printed, label=text, color="C3", linestyle="-.")
    axes.axvline(float(data.preparation_time), color="0.4", ls="--", lw=0.9)
    pattern = f"{data.attrs['permutation']}, Δ = {data.attrs['detuning']:g}γ"
    axes.set(
        ylabel="concurrence, purity, fidelity",
        ylim=(-0.02, 1.02),
        title=f"N = {data.pair.size}, {pattern}, r = 1",
    )
    drawing.legend(fontsize=7, loc="outside right center")
    return drawing


def preparation_data(
    pairs: tuple[int, ...] = (1, 2, 3, 4),
    detunings: tuple[float, ...] = (0.0, 0.2, 1.0, 5.0),
    folder: str | Path | None = None,
) -> "xr.Dataset":
    """T_prep over N for several Δ, the parallel order standing for all, at r = 1.

    Args:
        pairs: values of N; five and six pairs take minutes.
        detunings: values of Δ.
        folder: where every evolution keeps a checkpoint, from which the same call goes on.
    """

    def ready(pairs: float, detuning: float) -> dict[str, float]:
        model = amplified(network(int(pairs), detuning=detuning), 1.0)
        kept = Path(folder) / f"pairs{pairs:g}-detuning{detuning:g}.npz" if folder else None
        return {"preparation_time": preparation(model, int(pairs), tolerance=1e-8, checkpoint=kept)}

    data = qc.sweep(
        qc.each(ready),
        chunk=1,
        detuning=(list(detunings), UNIT),
        pairs=(np.asarray(pairs, float), "1"),
    )
    names = {"pairs": ("pairs N", "1"), "detuning": _DETUNING, "preparation_time": _PREPARATION}
    return plot.describe(data, names)


def preparation_draw(data: "xr.Dataset") -> "Figure":
    """T_prep over N beside N times that of one pair.

    Args:
        data: from `preparation_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for detuning in data.detuning.values:
        values = data.preparation_time.sel(detuning=detuning)
        plot.line(axes, values, label=f"Δ = {detuning:g}γ", marker="o", markersize=4)
    _one_after_the_other(axes, data.preparation_time.isel(detuning=0))
    axes.set(ylim=(0, 1.15 * float(data.preparation_time.max())), title="r = 1")
    axes.legend(fontsize=8)
    return drawing


def _one_after_the_other(axes: "Axes", times: "xr.DataArray") -> None:
    """N times the time of one pair, dotted."""
    one = float(times[0] / times.pairs[0])
    axes.plot(times.pairs, one * times.pairs, color="0.6", ls=":", label="one after the other")
    axes.set_xticks(times.pairs.values)


def continued_data(
    pairs: tuple[int, ...] = (1, 2, 3, 4, 5),
    detuning: float = 0.0,
    folder: str | Path | None = None,
) -> "xr.Dataset":
    """Fig. 3(c) at one Δ, for as many pairs as one has time for, and what each pair adds.

    Args:
        pairs: consecutive values of N; six pairs take minutes, seven (at Δ = 0) an hour.
        detuning: Δ.
        folder: where every evolution keeps a checkpoint, from which the same call goes on.
    """
    data = preparation_data(pairs, (detuning,), folder).isel(detuning=0)
    data["added"] = data.preparation_time.diff("pairs")
    return plot.describe(data, {"added": ("T_prep(N) − T_prep(N − 1)", TIME)})


def continued_draw(data: "xr.Dataset") -> "Figure":
    """T_prep over N beside N times that of one pair, and the steps from one N to the next.

    Args:
        data: from `continued_data`.
    """
    drawing = plot.blank(7.5, 3.4)
    left, right = drawing.subplots(1, 2)
    plot.line(left, data.preparation_time, marker="o", markersize=4)
    _one_after_the_other(left, data.preparation_time)
    left.set_ylim(0, 1.15 * float(data.preparation_time.max()))
    left.set_title(f"Δ = {float(data.detuning):g}γ, r = 1")
    left.legend(fontsize=8)
    plot.line(right, data.added, marker="o", markersize=4)
    right.set(ylim=(0, 1.15 * float(data.added.max())), title="each further pair adds")
    right.set_xticks(data.pairs.values[1:])
    return drawing


RELAXATION: dict[str, Plate] = {
    "3a": Plate(
        "relaxation into Bell pairs",
        relaxation_data,
        relaxation_draw,
        "Eq. (9) with either sign, which agree here: no qubits are exchanged",
        fast={"pairs": 3, "points": 61},
        full={"pairs": 5},
    ),
    "3b": Plate(
        "relaxation into a multipartite state",
        figure3b_data,
        relaxation_draw,
        "Eq. (9) with the printed and the consistent sign",
        fast={"pairs": 3, "points": 61},
        full={"pairs": 5},
    ),
    "3c": Plate(
        "preparation time over N",
        preparation_data,
        preparation_draw,
        "the same in both readings: Eq. (1) as printed",
        fast={"pairs": (1, 2, 3)},
        full={"pairs": (1, 2, 3, 4, 5, 6)},
    ),
    "continued": Plate(
        "preparation time, and what each further pair adds",
        continued_data,
        continued_draw,
        "the same in both readings: Eq. (1) as printed",
        fast={"pairs": (1, 2, 3)},
        full={"pairs": (1, 2, 3, 4, 5, 6)},
    ),
}
"""Figure 3; it goes to five and six pairs in full. The last one is ours."""
