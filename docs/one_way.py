"""Draws docs/one_way.png, the figure of the README: a one-way link, from either end.

Two cavities a and b with decay κ share a bath of rate Γ and exchange light at the rate J e^{iφ},
J = Γ/2. At φ = π/2 the two interfere such that a acts on b and b not on a (Metelmann & Clerk,
PRX 5, 021025 (2015)). One of them is squeezed; the figure shows how far they are entangled.

    python docs/one_way.py
"""

from pathlib import Path

import numpy as np

import qcascade as qc
from qcascade.plots.cells import unsteady
from qcascade.plots.plot import bar_beside, blank, describe, heatmap, save_figure
from qcascade.plots.style import PAGE, styled

BATH = 2.0  # Γ in units of κ


def network(phase, squeezing, source):
    """The pair of cavities with a squeezed `source`, "a" or "b"."""
    parts = {name: qc.cavity(decay=1.0) for name in "ab"}
    parts[source] = qc.squeezed_mode(squeezing, decay=1.0)
    exchange = qc.hopping("a.a", "b.a", BATH / 2 * np.exp(1j * phase))
    shared = qc.common_bath({"a.a": 1.0, "b.a": 1.0}, BATH)
    return qc.Network(parts, couplings=[exchange, shared])


def point(phase, squeezing):
    """E_N between the cavities with the source at either end, phase in units of π."""
    found = {}
    for source in "ab":
        state = qc.steady_state(qc.gaussian(network(np.pi * phase, squeezing, source)))
        found[f"E_N_{source}"] = qc.log_negativity(state, "a", "b")
        found[f"stable_{source}"] = state.stable
    return found


def draw(data):
    """Both maps beside each other, on one scale."""
    figure = blank(PAGE, 3.0)
    top = float(max(data.E_N_a.max(), data.E_N_b.max()))
    for axes, source in zip(figure.subplots(1, 2, sharey=True), "ab", strict=True):
        values = data[f"E_N_{source}"]
        mesh = heatmap(axes, values, data[f"stable_{source}"], cmap="viridis", vmin=0, vmax=top)
        axes.set_title(f"squeezed source: cavity {source}")
        axes.label_outer()
    bar_beside(axes, mesh, values)
    figure.legend(handles=[unsteady()], loc="outside lower center", frameon=False)
    return figure


if __name__ == "__main__":
    axes = {"phase": (np.linspace(0, 1, 241), "π"), "squeezing": (np.linspace(0, 1.8, 201), "κ")}
    data = qc.sweep(point, **axes)
    names = {"phase": ("phase of the exchange", "π"), "squeezing": ("squeezing", "κ")}
    names |= {f"E_N_{source}": ("E_N", "nat") for source in "ab"}
    save_figure(styled(draw, describe(data, names)), Path(__file__).parent / "one_way.png")
