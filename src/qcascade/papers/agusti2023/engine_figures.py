"""The figures that need the master equation with finite bandwidth (4), and our own.

Eq. (11) is read with "+" where it has "×": the letter is no linear equation and has no steady
state, so that there is nothing to draw beside it.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots import plot
from .. import Plate
from .engine import amplified, diagonal, entangled_pairs, mixed_preparation, preparation, qubits
from .model import network
from .relaxation_figures import RELAXATION

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

UNIT = "γ"
TIME = "1/γ"
_BANDWIDTH = ("bandwidth κ/γ", "1")
_DEPHASING = ("dephasing γ_φ", UNIT)
_DETUNING = ("detuning Δ", UNIT)
_CONCURRENCE = ("concurrence", "1")
_PREPARATION = ("preparation time T_prep", TIME)


def _steady(pairs: int, photons: int, **parameters: Any) -> list[float]:
    """C_ii of the steady state with the amplifier, at r = 1."""
    model = amplified(network(pairs, **parameters), 1.0, photons)
    return diagonal(qubits(qc.steady_state(model, unique=False, progress=False)), pairs)


def figure4a_data(
    pairs: int = 3, photons: int = 6, bandwidths: tuple[float, ...] = (5.0, 10.0, 20.0, 50.0)
) -> "xr.Dataset":
    """C_ii along the chain for several bandwidths, Δ = 0 (the paper does not print them).

    Args:
        pairs: N; the paper's four take minutes.
        photons: most photons in the amplifier.
        bandwidths: κ/γ.
    """

    def chain(bandwidth: float) -> dict[str, Any]:
        return {"concurrence": np.array(_steady(pairs, photons, bandwidth=bandwidth))}

    data = qc.sweep(qc.each(chain), chunk=1, bandwidth=(list(bandwidths), "1"))
    data = data.rename(concurrence_dim0="pair").assign_coords(pair=np.arange(1, pairs + 1))
    names = {"bandwidth": _BANDWIDTH, "pair": ("pair i", "1"), "concurrence": _CONCURRENCE}
    return plot.describe(data, names)


def figure4a_draw(data: "xr.Dataset") -> "Figure":
    """C_ii over i; the broadband value dotted.

    Args:
        data: from `figure4a_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for bandwidth in data.bandwidth.values:
        values = data.concurrence.sel(bandwidth=bandwidth)
        plot.line(axes, values, label=f"κ = {bandwidth:g}γ", marker="o", markersize=4)
    axes.axhline(np.tanh(2.0), color="0.6", ls=":", lw=0.8, label="κ → ∞")
    axes.set(ylim=(0, 1.02), xticks=data.pair.values, title="steady state, Δ = 0, r = 1")
    axes.legend(fontsize=8)
    return drawing


def figure4b_data(points: int = 13, photons: int = 8) -> "xr.Dataset":
    """N_ent = C_11/(C_11 − C_22) over κ/γ for several dephasing rates, from two pairs.

    Args:
        points: values of κ/γ, from 1 to 1000.
        photons: most photons in the amplifier.
    """

    def pairs(dephasing: float, bandwidth: float) -> dict[str, float]:
        first, second = _steady(2, photons, bandwidth=bandwidth, dephasing=dephasing)
        return {"first": first, "second": second, "N_ent": entangled_pairs((first, second))}

    data = qc.sweep(
        qc.each(pairs),
        chunk=1,
        dephasing=([0.0, 1e-3, 1e-2, 1e-1], UNIT),
        bandwidth=(np.logspace(0, 3, points), "1"),
    )
    names = {"first": ("C₁₁", "1"), "second": ("C₂₂", "1"), "N_ent": ("pairs N_ent", "1")}
    return plot.describe(data, {**names, "bandwidth": _BANDWIDTH, "dephasing": _DEPHASING})


def figure4b_draw(data: "xr.Dataset") -> "Figure":
    """N_ent over κ/γ, both on logarithmic scales.

    Args:
        data: from `figure4b_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for dephasing in data.dephasing.values:
        values = data.N_ent.sel(dephasing=dephasing)
        plot.line(axes, values, label=f"γ_φ = {dephasing:g}γ", marker="o", markersize=3)
    axes.set(xscale="log", yscale="log", title="Δ = 0, r = 1")
    axes.legend(fontsize=8)
    return drawing


def figure4c_data(points: int = 61, photons: int = 8) -> "xr.Dataset":
    """C_11 of one pair over its detuning δ_A,1 = −δ_B,1 = Δ, for several bandwidths.

    Args:
        points: values of Δ, from −15 to 15.
        photons: most photons in the amplifier.
    """

    def pair(bandwidth: float, detuning: float) -> dict[str, float]:
        return {"concurrence": _steady(1, photons, bandwidth=bandwidth, offset=detuning)[0]}

    data = qc.sweep(
        qc.each(pair),
        chunk=1,
        bandwidth=([1.0, 5.0, 10.0, 20.0], "1"),
        detuning=(np.linspace(-15, 15, points), UNIT),
    )
    names = {"bandwidth": _BANDWIDTH, "detuning": _DETUNING, "concurrence": ("C₁₁", "1")}
    return plot.describe(data, names)


def figure4c_draw(data: "xr.Dataset") -> "Figure":
    """C_11 over Δ, one line for each bandwidth.

    Args:
        data: from `figure4c_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for bandwidth in data.bandwidth.values:
        plot.line(axes, data.concurrence.sel(bandwidth=bandwidth), label=f"κ = {bandwidth:g}γ")
    axes.set(ylim=(0, 1.02), title="one pair, r = 1")
    axes.legend(fontsize=8)
    return drawing


def figure4d_data(
    pairs: int = 3,
    photons: int = 4,
    detunings: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
) -> "xr.Dataset":
    """C_NN of the last pair over Δ with dephasing γ_φ = 0.01γ and κ = 10γ, parallel order.

    Args:
        pairs: N; the paper's four take minutes.
        photons: most photons in the amplifier.
        detunings: values of Δ.
    """

    def last(detuning: float) -> dict[str, float]:
        made = _steady(pairs, photons, bandwidth=10.0, dephasing=0.01, detuning=detuning)
        return {"first": made[0], "last": made[-1]}

    data = qc.sweep(qc.each(last), chunk=1, detuning=(list(detunings), UNIT))
    data.attrs["pairs"] = pairs
    names = {"first": ("C₁₁", "1"), "last": (f"C_{pairs}{pairs}", "1"), "detuning": _DETUNING}
    return plot.describe(data, names)


def figure4d_draw(data: "xr.Dataset") -> "Figure":
    """The first and the last pair over Δ.

    Args:
        data: from `figure4d_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for name, style in (("last", "-"), ("first", ":")):
        values = data[name]
        plot.line(axes, values, label=values.attrs["long_name"], linestyle=style, marker="o", ms=3)
    axes.axvline(10.0, color="0.6", ls="--", lw=0.8, label="Δ = κ")
    axes.set(ylabel="concurrence", ylim=(0, 1.02))
    axes.set_title(f"N = {data.attrs['pairs']}, κ = 10γ, γ_φ = 0.01γ, r = 1", fontsize=9)
    axes.legend(fontsize=8)
    return drawing


def finite_preparation_data(
    points: int = 6, photons: int = 6, pairs: tuple[int, ...] = (1, 2)
) -> "xr.Dataset":
    """T_prep over κ/γ for one and two pairs, Δ = 0, and the purity that is reached.

    Args:
        points: values of κ/γ, from 2 to 100.
        photons: most photons in the amplifier.
        pairs: values of N.
    """

    def ready(pairs: float, bandwidth: float) -> dict[str, float]:
        model = amplified(network(int(pairs), bandwidth=bandwidth), 1.0, photons)
        time, final = mixed_preparation(model, int(pairs), tolerance=1e-8, progress=False)
        return {"preparation_time": time, "purity": final}

    data = qc.sweep(
        qc.each(ready),
        chunk=1,
        pairs=(np.asarray(pairs, float), "1"),
        bandwidth=(np.logspace(np.log10(2), 2, points), "1"),
    )
    names = {"pairs": ("pairs N", "1"), "bandwidth": _BANDWIDTH, "purity": ("purity μ_∞", "1")}
    return plot.describe(data, {**names, "preparation_time": _PREPARATION})


def finite_preparation_draw(data: "xr.Dataset") -> "Figure":
    """T_prep beside its broadband value, and the purity reached.

    Args:
        data: from `finite_preparation_data`.
    """
    drawing = plot.blank(7.5, 3.4)
    left, right = drawing.subplots(1, 2)
    for k, pairs in enumerate(data.pairs.values):
        chosen = data.sel(pairs=pairs)
        plot.line(left, chosen.preparation_time, label=f"N = {pairs:g}", marker="o", ms=3)
        plot.line(right, chosen.purity, label=f"N = {pairs:g}", marker="o", ms=3)
        wide = preparation(amplified(network(int(pairs)), 1.0), int(pairs), progress=False)
        left.axhline(wide, color=f"C{k}", ls=":", lw=0.8)
    left.set(xscale="log", title="dotted: κ → ∞")
    right.set(xscale="log", ylim=(0, 1.02))
    left.legend(fontsize=8)
    return drawing


def trajectories_data(pairs: int = 3, number: int = 400, points: int = 25) -> "xr.Dataset":
    """Quantum trajectories against the master equation: C_ii in time, Δ = 0, r = 1.

    Args:
        pairs: N.
        number: trajectories.
        points: times up to 40/γ.
    """
    import xarray as xr

    model = qc.lindblad(network(pairs))
    times = np.linspace(0, 40, points)[1:]
    exact = qc.evolve(model, None, times, {"C": lambda state: diagonal(state, pairs)})
    reduced = {f"{i}": (lambda psi, i=i: psi.reduce(f"A{i}", f"B{i}")) for i in range(1, pairs + 1)}
    runs = qc.trajectories(model, times, reduced, number=number, seed=1)

    def concurrence(state: qc.DensityState) -> float:
        a, b = state.modes
        return float(qc.measures.concurrence(state, a, b))

    found = [runs.estimate(name, concurrence) for name in reduced]
    value, error = (np.stack([each[k] for each in found], axis=-1) for k in (0, 1))
    dims = ("time", "pair")
    data = xr.Dataset(
        {
            "master_equation": (dims, exact.observed["C"]),
            "trajectories": (dims, value),
            "error": (dims, error),
        },
        {"time": times, "pair": np.arange(1, pairs + 1)},
        {"number": number, "seed": 1, "network": qc.to_toml(network(pairs))},
    )
    names = {"time": ("time t", TIME), "pair": ("pair i", "1"), "error": ("standard error", "1")}
    both = {"master_equation": ("C_ii, master equation", "1"), "trajectories": ("C_ii", "1")}
    return plot.describe(data, {**names, **both})


def trajectories_draw(data: "xr.Dataset") -> "Figure":
    """Lines from the master equation, points with error bars from the trajectories.

    Args:
        data: from `trajectories_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for k, pair in enumerate(data.pair.values):
        chosen = data.sel(pair=pair)
        plot.line(axes, chosen.master_equation, label=f"C_{pair}{pair}", color=f"C{k}")
        spread, points = chosen.error.values, chosen.trajectories.values
        axes.errorbar(data.time.values, points, spread, fmt=".", color=f"C{k}", ms=3, lw=0.8)
    title = f"{data.attrs['number']} trajectories and the master equation, N = {data.pair.size}"
    axes.set(ylabel="concurrence", ylim=(-0.05, 1.05), title=title)
    axes.legend(fontsize=8)
    return drawing


_PLUS = 'consistent: with "+" in Eq. (11), whose printed "×" has no steady state'
_BROADBAND = "the same in both readings: Eq. (1) as printed"

ENGINE_FIGURES: dict[str, Plate] = {
    **RELAXATION,
    "4a": Plate(
        "concurrences along the chain",
        figure4a_data,
        figure4a_draw,
        _PLUS,
        fast={"photons": 4, "bandwidths": (5.0, 10.0, 20.0)},
        full={"pairs": 4},
    ),
    "4b": Plate(
        "number of entangled pairs over bandwidth",
        figure4b_data,
        figure4b_draw,
        _PLUS,
        fast={"points": 5, "photons": 6},
    ),
    "4c": Plate(
        "one detuned pair", figure4c_data, figure4c_draw, _PLUS, fast={"points": 21, "photons": 6}
    ),
    "4d": Plate(
        "last pair over Δ with dephasing",
        figure4d_data,
        figure4d_draw,
        _PLUS,
        fast={"detunings": (0.0, 1.0, 3.0, 10.0)},
        full={"pairs": 4},
    ),
    "bandwidth": Plate(
        "T_prep with finite bandwidth",
        finite_preparation_data,
        finite_preparation_draw,
        _PLUS,
        fast={"points": 5, "pairs": (1,)},
        full={"points": 10, "photons": 8},
    ),
    "trajectories": Plate(
        "trajectories against the master equation",
        trajectories_data,
        trajectories_draw,
        _BROADBAND,
        fast={"pairs": 2, "number": 200, "points": 13},
    ),
}
