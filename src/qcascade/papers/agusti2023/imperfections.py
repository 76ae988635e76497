"""What imperfections do to two pairs: loss between qubits, unequal bandwidths and couplings."""

from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots import plot
from .. import Plate
from .engine import amplified, diagonal, entangled_pairs, qubits
from .model import network

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

CASES: dict[str, dict[str, Any]] = {
    "ideal": {},
    "1 % loss between neighbours": {"transmission": 0.99},
    "5 % loss between neighbours": {"transmission": 0.95},
    "20 % loss between neighbours": {"transmission": 0.8},
    "couplings of A 5 % up, of B 5 % down": {"decay_a": 1.05, "decay_b": 0.95},
    "couplings of A 20 % up, of B 20 % down": {"decay_a": 1.2, "decay_b": 0.8},
    "couplings scattered by 10 %": {"decay_a": (1.1, 0.9), "decay_b": (0.9, 1.1)},
    "dephasing 0.01 γ": {"dephasing": 0.01},
    "second pair mismatched by 0.1 γ": {"detuning": 0.1, "mismatch": True},
}
"""Changes to two pairs with κ = 10γ or broadband light, r = 1, by what they are."""

BANDWIDTHS: dict[str, Any] = {
    "broadband": np.inf,
    "κ = 10 γ": 10.0,
    "κ_A = 5 γ, κ_B = 20 γ": (5.0, 20.0),
}


def imperfections_data(
    photons: int = 8, amplifiers: tuple[str, ...] = tuple(BANDWIDTHS)
) -> "xr.Dataset":
    """C_11, C_22, N_ent and purity for every imperfection and amplifier.

    Args:
        photons: most photons in the amplifier.
        amplifiers: which of `BANDWIDTHS`.
    """
    import xarray as xr

    rows = [
        [_found(BANDWIDTHS[name], photons, **case) for name in amplifiers]
        for case in CASES.values()
    ]
    table = np.array(rows)
    dims = ("imperfection", "amplifier")
    names = {
        "first": ("C₁₁", "1"),
        "second": ("C₂₂", "1"),
        "N_ent": ("pairs N_ent", "1"),
        "purity": ("purity μ", "1"),
    }
    data = xr.Dataset(
        {name: (dims, table[..., k]) for k, name in enumerate(names)},
        {"imperfection": list(CASES), "amplifier": list(amplifiers)},
        {"pairs": 2, "squeezing": 1.0, "photons": photons, "network": qc.to_toml(network())},
    )
    return plot.describe(data, names)


def _found(
    bandwidth: Any, photons: int, mismatch: bool = False, **case: Any
) -> tuple[float, float, float, float]:
    net = network(2, 1.0, bandwidth=bandwidth, **case)
    if mismatch:  # δ_A,2 without its opposite δ_B,2
        net = qc.Network({**net.parts, "B2": qc.qubit(0.0, 1.0)}, net.wires)
    state = qubits(qc.steady_state(amplified(net, 1.0, photons), unique=False, progress=False))
    first, second = diagonal(state, 2)
    return first, second, entangled_pairs((first, second)), float(qc.measures.purity(state))


def imperfections_draw(data: "xr.Dataset") -> "Figure":
    """Bars of C_22, marks of C_11, grouped by imperfection.

    Args:
        data: from `imperfections_data`.
    """
    drawing = plot.blank(7.5, 4.2)
    axes = drawing.subplots()
    rows = np.arange(data.imperfection.size)
    height = 0.8 / data.amplifier.size
    for k, amplifier in enumerate(data.amplifier.values):
        chosen, at = data.sel(amplifier=amplifier), rows + (k - 1) * height
        axes.barh(at, chosen.second, height, color=f"C{k}", label=f"C₂₂, {amplifier}")
        axes.plot(chosen.first, at, "k|", ms=7, label="C₁₁" if k == 0 else None)
    axes.set_yticks(rows, [str(name) for name in data.imperfection.values], fontsize=7)
    axes.set(xlabel="concurrence", xlim=(0, 1.02), title="two pairs, Δ = 0, r = 1")
    axes.invert_yaxis()
    drawing.legend(fontsize=7, ncol=2, loc="outside lower center")
    return drawing


IMPERFECTIONS: dict[str, Plate] = {
    "imperfections": Plate(
        "loss, unequal couplings and bandwidths, dephasing",
        imperfections_data,
        imperfections_draw,
        'consistent: with "+" in Eq. (11), whose printed "×" has no steady state',
        fast={"photons": 7, "amplifiers": tuple(BANDWIDTHS)[:2]},
    )
}
