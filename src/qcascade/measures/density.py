"""Measures of density matrices and kets: entanglement, purity, quanta, entropy, fidelity.

Every number is worked out sector by sector. What is the square root of a small number is never
taken from a rounded one: concurrence and fidelity come from singular values of products of
factors ρ = A A†, and entropies of blocks of a ket from its Schmidt coefficients.

Of a batch of density matrices every measure has an array, NaN at points that have no state.
"""

from typing import Any

import numpy as np

from ..base.checks import fail, listed
from ..base.keywords import spoken
from ..base.names import resolve
from ..hilbert.states import DensityState, PureState
from ..slh.ladder import lower
from .density_fidelity import check_alike, checked_state, fidelity
from .groups import Names, disjoint, one_mode
from .partial_transpose import transposed
from .points import each_point
from .reduced import (
    State,
    dominant,
    eigenvalues_of,
    entropy_of_probabilities,
    largest_schmidt,
    named,
    pair_factor,
    populations,
    schmidt_coefficients,
)


@spoken
def concurrence(state: State, a: str, b: str) -> Any:
    """Concurrence of two qubits: 0 when they are separable, 1 when maximally entangled.

    C = max(0, λ₁ − λ₂ − λ₃ − λ₄), λ_k² the eigenvalues of ρ(σʸ⊗σʸ)ρ*(σʸ⊗σʸ), in descending
    order (Wootters, PRL 80, 2245). With ρ = A A† the λ_k are the singular values of
    Aᵀ(σʸ⊗σʸ)A, which keeps all digits.

    Args:
        state: a DensityState or PureState; other modes than the two are traced out.
        a: one qubit, by mode or part name.
        b: the other qubit.

    Returns:
        A number in [0, 1]; of a batch, an array.

    Raises:
        ArgumentError: for a name that is not one qubit, or the same qubit twice.

    >>> from qcascade import density
    >>> pair = density(["left.q", "right.q"], [0.6, 0, 0, 0.8])
    >>> round(concurrence(pair, "left", "right"), 12)
    0.96
    """
    checked_state("state", state)
    first, second = (_one_qubit(state, *item) for item in (("a", a), ("b", b)))
    disjoint(state.modes, {"a": a, "b": b})
    A = pair_factor(state, [first, second])
    flip = np.array([-1.0, 1.0, 1.0, -1.0])  # σʸ⊗σʸ, along the anti-diagonal
    known: Any = np.isfinite(A).all((-1, -2))
    A = np.where(known[..., None, None], A, 0.0)
    levels = np.linalg.svd(A.mT @ (flip[:, None] * A[..., ::-1, :]), compute_uv=False)
    C = np.clip(levels[..., 0] - np.sum(levels[..., 1:], -1), 0.0, 1.0)
    return np.where(known, C, np.nan) if C.shape else float(C)


@spoken
def entanglement_of_formation(state: State, a: str, b: str) -> Any:
    """Entanglement of formation of two qubits, ln 2 when they are maximally entangled.

    −x ln x − (1−x) ln(1−x) with x = (1 + √(1−C²))/2 and C the concurrence (Hill, Wootters,
    PRL 78, 5022).

    Args:
        state: a DensityState or PureState; other modes than the two are traced out.
        a: one qubit, by mode or part name.
        b: the other qubit.

    Returns:
        Nats, between 0 and ln 2; of a batch, an array.

    Raises:
        ArgumentError: for a name that is not one qubit, or the same qubit twice.

    >>> from qcascade import density
    >>> pair = density(["left.q", "right.q"], [0.6, 0, 0, 0.8])
    >>> round(entanglement_of_formation(pair, "left", "right"), 6)
    0.653418
    """
    C = concurrence(state, a, b)
    root = np.sqrt((1 - C) * (1 + C))
    smaller = C**2 / (2 * (1 + root))  # 1 − x, without a difference of nearly equal numbers
    inside = np.where(smaller > 0, smaller, 0.5)
    nats = -(1 - smaller) * np.log1p(-smaller) - smaller * np.log(inside)
    return nats if np.ndim(nats) else float(nats)


@spoken
@each_point
def negativity(state: State, a: Names, b: Names) -> float:
    """Negativity of two groups of modes: minus the sum of negative eigenvalues of ρ^{T_b}.

    N = (‖ρ^{T_b}‖₁ − 1)/2 with T_b the transposition of group b (Vidal, Werner, PRA 65, 032314).
    It is ½ for a Bell pair, and 0 when transposition shows no entanglement.

    Args:
        state: a DensityState or PureState; other modes are traced out.
        a: mode or part names of one group.
        b: the same for the other group.

    Returns:
        A number, 0 or above.

    Raises:
        ArgumentError: for unknown names, groups that overlap or that split a pair described in
            a squeezed basis, or a state too large.

    >>> from qcascade import density
    >>> pair = density(["left.q", "right.q"], [0.6, 0, 0, 0.8])
    >>> round(negativity(pair, "left", "right"), 12)
    0.48
    """
    first, second = disjoint(checked_state("state", state).modes, {"a": a, "b": b})
    if isinstance(state, PureState) and len(first) + len(second) == len(state.modes):
        s = schmidt_coefficients(state, first)  # N = Σ_{j<k} s_j s_k
        return float(np.sum(s[1:] * np.cumsum(s)[:-1]))
    blocks = transposed(state, named(state, first), named(state, second))
    levels = np.concatenate([np.linalg.eigvalsh(block) for block in blocks])
    return float(np.sum(np.maximum(-levels, 0.0)))


@each_point
def log_negativity(state: State, a: Names, b: Names) -> float:
    """Logarithmic negativity ln ‖ρ^{T_b}‖₁ = ln(1 + 2N) in nats, N the negativity.

    Args:
        state: a DensityState or PureState; other modes are traced out.
        a: mode or part names of one group.
        b: the same for the other group.
    """
    return float(np.log1p(2 * negativity(state, a, b)))


@each_point
def purity(state: State) -> float:
    """Purity Tr ρ².

    Args:
        state: a DensityState or PureState.
    """
    if isinstance(state, PureState):
        return float(np.linalg.norm(state.amplitudes) ** 4)
    return float(sum(np.linalg.norm(block) ** 2 for block in state.blocks))


@each_point
def occupation(state: State, mode: str | None = None) -> Any:
    """Mean quanta of every mode, or of one; for a qubit the population of |1⟩.

    Args:
        state: a DensityState or PureState.
        mode: name of one mode; all modes when omitted.
    """
    only = None if mode is None else one_mode(state.modes, "mode", mode)
    quanta = populations(state) @ state.space.quanta
    for name in {name for pair in state.space.squeezed for name in pair}:
        number = lower(name).dag * lower(name)  # the basis counts other quanta than these
        quanta[state.modes.index(name)] = state.expect(number).real
    return quanta if only is None else float(quanta[only])


@each_point
def von_neumann_entropy(state: State, modes: Names | None = None) -> float:
    """Von Neumann entropy −Tr ρ ln ρ in nats, of the state or of some of its modes.

    Args:
        state: a DensityState or PureState.
        modes: mode or part names; all when omitted.

    Returns:
        Nats; NaN where ρ has an eigenvalue below −1e-6.
    """
    chosen = range(len(state.modes)) if modes is None else resolve(state.modes, modes, "modes")
    return entropy_of_probabilities(eigenvalues_of(state, chosen))


@each_point
def mutual_information(state: State, a: Names, b: Names) -> float:
    """Quantum mutual information S(a) + S(b) − S(ab) in nats.

    Args:
        state: a DensityState or PureState.
        a: mode or part names of one group.
        b: the same for the other group.
    """
    first, second = disjoint(state.modes, {"a": a, "b": b})
    first, second = ([state.modes[k] for k in group] for group in (first, second))
    if isinstance(state, DensityState):
        state = state.reduce(*first, *second)
    one, other, both = (von_neumann_entropy(state, x) for x in (first, second, first + second))
    return one + other - both


@each_point
def genuine_witness(state: State, target: PureState | None = None) -> float:
    """Witness of genuine multipartite entanglement: it is proven where the value is negative.

    Tr Wρ, W = α·1 − |ψ⟩⟨ψ|, where α is the largest squared Schmidt coefficient of |ψ⟩ over all
    ways to cut the modes in two: no mixture of states that are separable across some cut gets
    below zero (Bourennane et al., PRL 92, 087902). Zero or above proves nothing.

    Args:
        state: a DensityState or PureState of two modes or more, in 2^14 states at most.
        target: the ket |ψ⟩, of the same modes; its norm does not count. The eigenvector of the
            largest eigenvalue of the state when omitted.

    Returns:
        A number in [−1, 1].

    Raises:
        ArgumentError: for another kind of state, other modes, a zero ket, a state too large, or
            modes described in a squeezed basis.

    >>> from qcascade import density
    >>> ghz = density(["a", "b", "c"], np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2))
    >>> round(genuine_witness(ghz), 12)
    -0.5
    """
    state = checked_state("state", state)
    target = dominant(state) if target is None else target
    if not isinstance(target, PureState):
        raise fail("target", "be a PureState", target)
    if len(state.modes) < 2 or state.space.squeezed:
        must = "have two modes or more, none of them in a squeezed basis"
        raise fail("state", must, list(state.modes))
    norm = float(np.linalg.norm(target.amplitudes))
    if norm == 0:
        raise fail("target", "be a ket that is not zero", target)
    target = PureState(target.space, target.amplitudes / norm)
    check_alike(state, target, "target")
    return largest_schmidt(target) - fidelity(state, target)


def _one_qubit(state: State, argument: str, name: str) -> int:
    index = one_mode(state.modes, argument, name)
    if state.modes[index] not in state.space.qubits:
        available = f"qubits: {listed(state.space.qubits)}"
        raise fail(argument, "name a qubit", name, available)
    return index
