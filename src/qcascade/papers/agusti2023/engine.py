"""Steady states and preparation times from the master equation of the wired network.

The amplifier is kept in a squeezed basis, a_A = cosh s b_A + sinh s b_B† with s = r/4, with at
most K photons in both modes together: plain Fock levels converge badly at large bandwidth.

Without dephasing, loss, or unequal couplings the unitaries of Eq. (7) carry every solution of the
parallel pattern into that of any permutation, at finite bandwidth too: ρ_P(t) = Uρ_∥(t)U†. The
purity is then that of the parallel pattern, which has a mirror symmetry and half of the blocks.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import qcascade as qc

THRESHOLD = 1e-3
"""The paper's condition for a prepared state, [1 − μ]/N = 0.001."""


def amplified(net: qc.Network, squeezing: float, photons: int = 8) -> qc.LindbladModel:
    """The master equation of a dual rail, its amplifier (if any) in the squeezed basis.

    Args:
        net: from `network`.
        squeezing: r.
        photons: K, most photons of both amplifier modes together.
    """
    modes = ("source.a", "source.b")
    if modes[0] not in net.modes:
        return qc.lindblad(net)
    squeezed: Any = {modes: squeezing / 4} if squeezing else None
    return qc.lindblad(net, {modes: photons}, squeezed=squeezed)


def qubits(state: qc.DensityState) -> qc.DensityState:
    """The qubits' state ρ_q, the amplifier (if any) traced out."""
    names = [mode for mode in state.modes if not mode.startswith("source.")]
    return state.reduce(*names) if len(names) < len(state.modes) else state


def preparation(
    model: qc.LindbladModel,
    pairs: int,
    final: float = 1.0,
    tolerance: float = 1e-10,
    progress: bool = True,
    checkpoint: str | Path | None = None,
) -> float:
    """γT_prep: when |μ_∞ − μ|/N, μ = Tr ρ_q², falls to 0.001 for good, from all qubits in |0⟩.

    With μ_∞ = 1, of broadband light without dephasing, it is the paper's condition. The purity
    starts at 1, passes μ_∞ on its way down, and comes back from below; where it never falls below
    μ_∞, from above.

    Args:
        model: from `amplified`.
        pairs: N; given up at 60 + 20 N.
        final: μ_∞, from `final_purity`.
        tolerance: error allowed in ρ.
        progress: show the simulated time, on a terminal.
        checkpoint: file to write to now and then, and to resume from, where μ_∞ = 1.

    Raises:
        ArgumentError: when the state is not prepared by then.

    >>> from .model import network
    >>> round(preparation(amplified(network(pairs=1), 1.0), 1), 6)
    36.733538
    """
    end, within = 60.0 + 20.0 * pairs, THRESHOLD * pairs

    def above(state: qc.DensityState) -> float:
        return float(qc.measures.purity(qubits(state))) - final

    ways: dict[str, Any] = {"tolerance": tolerance, "progress": progress}
    kept = {**ways, "checkpoint": checkpoint}
    run = qc.evolve(model, None, [end], until=lambda state: within + above(state), **kept)
    if run.stopped is None and 1 - final > within:
        run = qc.evolve(model, None, [end], until=lambda state: within - above(state), **ways)
    if run.stopped is None and abs(above(run.final)) > within:
        raise qc.ArgumentError(
            f"Argument `quantity` must be 'steady' where nothing is prepared by {end:g}/γ: the "
            f"purity is still {abs(above(run.final)) / pairs:.3g} N from its final value."
        )
    return 0.0 if run.stopped is None else run.stopped


def final_purity(model: qc.LindbladModel) -> float:
    """μ_∞ of the qubits where the steady state is mixed: finite bandwidth, or dephasing."""
    return float(qc.measures.purity(qubits(qc.steady_state(model, unique=False))))


def concurrences(state: Any, pairs: int) -> list[list[float]]:
    """C_ij between qubit i of rail A and qubit j of rail B, N rows of N."""
    span = range(1, pairs + 1)
    return [[_concurrence(state, i, j) for j in span] for i in span]


def diagonal(state: Any, pairs: int) -> list[float]:
    """C_11, …, C_NN."""
    return [_concurrence(state, i, i) for i in range(1, pairs + 1)]


def _concurrence(state: Any, i: int, j: int) -> float:
    return float(qc.measures.concurrence(state, f"A{i}.q", f"B{j}.q"))


def first_pairs(n: int) -> list[str]:
    """The qubits of the first n pairs.

    >>> first_pairs(2)
    ['A1.q', 'A2.q', 'B1.q', 'B2.q']
    """
    return [f"{rail}{i}.q" for rail in "AB" for i in range(1, n + 1)]


def block_entropies(state: Any, pairs: int) -> list[float]:
    """S_n of the first n pairs (both rails), n = 1 … N − 1, in nats."""
    S = qc.measures.von_neumann_entropy
    return [float(S(state, first_pairs(n))) for n in range(1, pairs)]


def entangled_pairs(concurrence: Sequence[float]) -> float:
    """N_ent = C_11/(C_11 − C_22), the paper's linear extrapolation; infinite when C does not fall.

    Args:
        concurrence: C_11, C_22, ….
    """
    fall = concurrence[0] - concurrence[1]
    return concurrence[0] / fall if fall > 0 else math.inf
