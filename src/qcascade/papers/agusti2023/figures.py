"""The figures of agusti2023: data first, then the drawing."""

from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...measures.density import concurrence
from ...plots import plot
from .. import Plate
from .engine import block_entropies
from .model import network, steady_state

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


UNIT = "γ"
_DETUNING = ("detuning Δ", UNIT)
_CROSSED: dict[str, Any] = {"pairs": 2, "permutation": "reversed"}
_PAIRS = {"parallel": ("C₁₁ = C₂₂", "1"), "crossed": ("C₁₂ = C₂₁", "1")}


def _two_pairs(squeezing: float, detuning: float) -> dict[str, float]:
    """C_11 and C_12 of two crossed pairs, Eq. (10); the other two are the same by symmetry."""
    state = steady_state(squeezing=squeezing, detuning=detuning, **_CROSSED)
    return {
        "parallel": concurrence(state, "A1.q", "B1.q"),
        "crossed": concurrence(state, "A1.q", "B2.q"),
    }


def figure2b_data(points: int = 101) -> "xr.Dataset":
    """Concurrences of two crossed pairs over r, for Δ = 0, γ, and 5γ (the paper prints no Δ).

    Args:
        points: values of r.
    """
    data = qc.sweep(
        qc.each(_two_pairs),
        detuning=([0.0, 1.0, 5.0], UNIT),
        squeezing=(np.linspace(0, 2.5, points), "1"),
        network=network(**_CROSSED),
    )
    return plot.describe(data, {"detuning": _DETUNING, "squeezing": ("squeezing r", "1"), **_PAIRS})


def figure2b_draw(data: "xr.Dataset") -> "Figure":
    """Parallel pairs solid, crossed pairs dashed, one colour for each detuning.

    Args:
        data: from `figure2b_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for k, detuning in enumerate(data.detuning.values):
        for name, style in (("parallel", "-"), ("crossed", "--")):
            values = data[name].sel(detuning=detuning)
            text = f"{plot.label(values).split(' [')[0]}, Δ = {detuning:g}γ"
            plot.line(axes, values, label=text, color=f"C{k}", linestyle=style)
    axes.set(ylabel="concurrence", ylim=(-0.02, 1.02), title="two crossed pairs")
    axes.legend(fontsize=7)
    return drawing


def figure2c_data(points: int = 241) -> "xr.Dataset":
    """Concurrences of two crossed pairs over Δ, at r = 1.

    Args:
        points: values of Δ.
    """

    def pairs(detuning: float, squeezing: float = 1.0) -> dict[str, float]:
        return _two_pairs(squeezing, detuning)

    data = qc.sweep(
        qc.each(pairs),
        detuning=(np.linspace(-6, 6, points), UNIT),
        network=network(**_CROSSED),
    )
    return plot.describe(data, {"detuning": _DETUNING, **_PAIRS})


def figure2c_draw(data: "xr.Dataset") -> "Figure":
    """From parallel pairs at Δ = 0 to crossed pairs at |Δ| ≫ γ.

    Args:
        data: from `figure2c_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    for name, style in (("parallel", "-"), ("crossed", "--")):
        plot.line(axes, data[name], label=data[name].attrs["long_name"], linestyle=style)
    axes.axhline(np.tanh(2.0), color="0.6", lw=0.8, ls=":", label="one pair, tanh 2r")
    axes.set(ylabel="concurrence", ylim=(-0.02, 1.02), title="two crossed pairs, r = 1")
    axes.legend(fontsize=8)
    return drawing


def figure2e_data(pairs: int = 8) -> "xr.Dataset":
    """Block entropies S_n, n = 0 … N, of the reversed order at r = 1, for four detunings.

    Args:
        pairs: N.
    """

    def blocks(detuning: float, squeezing: float = 1.0) -> dict[str, Any]:
        state = steady_state(pairs, squeezing, detuning, "reversed")
        return {"entropy": np.array([0.0, *block_entropies(state, pairs), 0.0])}

    data = qc.sweep(
        qc.each(blocks),
        detuning=([0.2, 0.5, 1.0, 2.0], UNIT),
        network=network(pairs=pairs, permutation="reversed"),
    )
    return plot.describe(
        data.rename(entropy_dim0="block").assign_coords(block=np.arange(pairs + 1)),
        {
            "detuning": _DETUNING,
            "block": ("pairs in the block, n", "1"),
            "entropy": ("entropy S_n", "nat"),
        },
    )


def figure2e_draw(data: "xr.Dataset") -> "Figure":
    """S_n over n beside 2 ln 2 for every pair of the smaller side.

    Args:
        data: from `figure2e_data`.
    """
    drawing = plot.blank()
    axes = drawing.subplots()
    n = data.block.values
    largest = 2 * np.log(2) * np.minimum(n, n[-1] - n)
    for detuning in data.detuning.values:
        values = data.entropy.sel(detuning=detuning)
        plot.line(axes, values, label=f"Δ = {detuning:g}γ", marker="o", markersize=4)
    axes.plot(n, largest, color="0.6", ls=":", label="2n ln 2")
    axes.set(title=f"reversed order, N = {n[-1]}, r = 1")
    axes.legend(fontsize=8)
    return drawing


_SAME = (
    "the same in both readings: the printed sign of tan θ gives the complex conjugate state, with "
    "the same entanglement"
)

FIGURES: dict[str, Plate] = {
    "2b": Plate(
        "concurrences of two crossed pairs over r",
        figure2b_data,
        figure2b_draw,
        _SAME,
        fast={"points": 51},
    ),
    "2c": Plate(
        "concurrences of two crossed pairs over Δ",
        figure2c_data,
        figure2c_draw,
        _SAME,
        fast={"points": 121},
    ),
    # half a second at the paper's eight pairs: nothing to make coarser
    "2e": Plate("block entropies of the reversed order", figure2e_data, figure2e_draw, _SAME),
}
"""Figures by name, as in the paper."""
