"""Measures of density matrices and kets: entanglement, purity, quanta, entropy, fidelity.

Every number is worked out sector by sector. What is the square root of a small number is never
taken from a rounded one: concurrence and fidelity come from singular values of products of
factors ρ = A A†, and entropies of blocks of a ket from its Schmidt coefficients.

Of a batch of density matrices every measure has an array, NaN at points that have no state.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from ..base.checks import fail, listed
from ..base.names import resolve
from ..hilbert.space import Space
from ..hilbert.states import DensityState, PureState, split
from ..slh.ladder import lower
from .density_fidelity import check_alike, checked_state, fidelity
from .partial_transpose import transposed
from .points import each_point

Names = str | Iterable[str]
State = DensityState | PureState

_LEVELS = 2**14  # of the largest ket that is cut in two in every way
_UNPHYSICAL = -1e-6  # an eigenvalue below is no rounding and no tolerance of a solver
_EPS = float(np.finfo(float).eps)


@each_point
def concurrence(state: State, a: str, b: str) -> float:
    """Concurrence of two qubits: 0 when they are separable, 1 when maximally entangled.

    C = max(0, λ₁ − λ₂ − λ₃ − λ₄), λ_k² the eigenvalues of ρ(σʸ⊗σʸ)ρ*(σʸ⊗σʸ), in descending
    order (Wootters, PRL 80, 2245). With ρ = A A† the λ_k are the singular values of
    Aᵀ(σʸ⊗σʸ)A, which keeps all digits.

    Args:
        state: a DensityState or PureState; other modes than the two are traced out.
        a: one qubit, by mode or part name.
        b: the other qubit.

    Returns:
        A number in [0, 1].

    Raises:
        ArgumentError: for a name that is not one qubit, or the same qubit twice.

    >>> from qcascade import density
    >>> pair = density(["left.q", "right.q"], [0.6, 0, 0, 0.8])
    >>> round(concurrence(pair, "left", "right"), 12)
    0.96
    """
    checked_state("state", state)
    first, second = (_one_qubit(state, *item) for item in (("a", a), ("b", b)))
    groups(state.modes, a, b)
    A = _pair_factor(state, [first, second])
    flip = np.array([-1.0, 1.0, 1.0, -1.0])  # σʸ⊗σʸ, along the anti-diagonal
    levels = np.linalg.svd(A.T @ (flip[:, None] * A[::-1]), compute_uv=False)
    return float(min(max(levels[0] - np.sum(levels[1:]), 0.0), 1.0))


@each_point
def entanglement_of_formation(state: State, a: str, b: str) -> float:
    """Entanglement of formation of two qubits, ln 2 when they are maximally entangled.

    −x ln x − (1−x) ln(1−x) with x = (1 + √(1−C²))/2 and C the concurrence (Hill, Wootters,
    PRL 78, 5022).

    Args:
        state: a DensityState or PureState; other modes than the two are traced out.
        a: one qubit, by mode or part name.
        b: the other qubit.

    Returns:
        Nats, between 0 and ln 2.

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
    return (
        float(-(1 - smaller) * np.log1p(-smaller) - smaller * np.log(smaller))
        if smaller > 0
        else 0.0
    )


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
    first, second = groups(checked_state("state", state).modes, a, b)
    if isinstance(state, PureState) and len(first) + len(second) == len(state.modes):
        s = _schmidt_coefficients(state, first)  # N = Σ_{j<k} s_j s_k
        return float(np.sum(s[1:] * np.cumsum(s)[:-1]))
    blocks = transposed(state, _named(state, first), _named(state, second))
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
    quanta = _populations(state) @ state.space.quanta
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
    return _entropy(_spectrum(state, chosen))


@each_point
def mutual_information(state: State, a: Names, b: Names) -> float:
    """Quantum mutual information S(a) + S(b) − S(ab) in nats.

    Args:
        state: a DensityState or PureState.
        a: mode or part names of one group.
        b: the same for the other group.
    """
    first, second = groups(state.modes, a, b)
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
    target = _dominant(state) if target is None else target
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
    return _largest_schmidt(target) - fidelity(state, target)


# Names and checks, shared with the measures of Gaussian states


def groups(modes: Sequence[str], a: Names, b: Names) -> tuple[list[int], list[int]]:
    """Positions of the modes of two groups, which must not overlap.

    Args:
        modes: names of all modes.
        a: mode or part names of one group.
        b: the same for the other group.
    """
    first, second = resolve(modes, a, "a"), resolve(modes, b, "b")
    shared = [modes[k] for k in first if k in second]
    if shared:
        raise fail("b", "share no mode with `a`", b, f"in both: {listed(shared)}")
    return first, second


def one_mode(modes: Sequence[str], argument: str, name: str) -> int:
    """Position of the one mode that `name` names.

    Args:
        modes: names of all modes.
        argument: name of the argument, for the error.
        name: mode or part name.
    """
    indices = resolve(modes, name, argument)
    if len(indices) > 1:
        named = listed(modes[k] for k in indices)
        raise fail(argument, "name one mode", name, f"it names {named}")
    return indices[0]


def _one_qubit(state: State, argument: str, name: str) -> int:
    index = one_mode(state.modes, argument, name)
    if state.modes[index] not in state.space.qubits:
        available = f"qubits: {listed(state.space.qubits)}"
        raise fail(argument, "name a qubit", name, available)
    return index


# Blocks of modes


def _named(state: State, indices: Iterable[int]) -> list[str]:
    return [state.modes[k] for k in indices]


def _populations(state: State) -> np.ndarray:
    """Probability of every basis state."""
    if isinstance(state, PureState):
        return np.abs(state.amplitudes) ** 2
    return np.concatenate([np.real(np.diagonal(block)) for block in state.blocks])


def _amplitudes(state: PureState, indices: Sequence[int]) -> tuple[Space, np.ndarray]:
    """ψ as a matrix: rows the basis of some of the modes, columns the states of the others."""
    ours, environment, place = split(state.space, tuple(_named(state, indices)))
    table = np.zeros((ours.dimension, int(environment.max()) + 1), complex)
    table[place, environment] = state.amplitudes
    return ours, table


def _schmidt_coefficients(state: PureState, indices: Sequence[int]) -> np.ndarray:
    """Schmidt coefficients between some of the modes and the others, in no order."""
    ours, table = _amplitudes(state, indices)
    used = np.add.reduceat(table != 0, ours.offsets[:-1], axis=0) > 0
    if np.any(used.sum(axis=0) > 1):
        return np.linalg.svd(table, compute_uv=False)
    # A ket of one charge: what a sector goes with, no other sector goes with.
    parts = [table[a:b, u] for (a, b), u in zip(pairwise(ours.offsets), used, strict=True)]
    return np.concatenate([np.linalg.svd(p, compute_uv=False) for p in parts if p.size])


def _spectrum(state: State, indices: Sequence[int]) -> np.ndarray:
    """Eigenvalues of the state of some of the modes (for a ket without the zeros it must have)."""
    if isinstance(state, PureState):
        return _schmidt_coefficients(state, indices) ** 2
    if len(indices) < len(state.modes):
        state = state.reduce(*_named(state, indices))
    return np.concatenate([np.linalg.eigvalsh(block) for block in state.blocks])


def _entropy(levels: np.ndarray) -> float:
    """−Σ p ln p; negative p that rounding or a solver left count as zero."""
    if np.min(levels) < _UNPHYSICAL:
        return float("nan")
    levels = levels[levels > 0]
    return max(float(-np.sum(levels * np.log(levels))), 0.0)


# Entanglement


def _pair_factor(state: State, indices: Sequence[int]) -> np.ndarray:
    """A of ρ = A A† for two qubits, rows |00⟩, |01⟩, |10⟩, |11⟩; as few columns as it takes."""
    if isinstance(state, PureState):
        ours, table = _amplitudes(state, indices)
        rows = np.empty_like(table)
        rows[2 * ours.quanta[:, 0] + ours.quanta[:, 1]] = table
        triangle: Any = np.linalg.qr(rows.conj().T, mode="r")
        return triangle.conj().T
    return _cholesky(state.reduce(*_named(state, indices)).matrix())


def _cholesky(matrix: np.ndarray) -> np.ndarray:
    """A of a small ρ = A A†: the largest pivot first, until what is left is rounding.

    Rounding is judged by each diagonal element for itself, so that populations of any size keep
    their digits: the concurrence moves by the square root of a population.
    """
    schur, columns = matrix.astype(complex), []
    least = 4 * len(matrix) * _EPS * np.real(np.diagonal(matrix))
    for _ in range(len(matrix)):
        pivots = np.real(np.diagonal(schur))
        k = int(np.argmax(np.where(pivots > least, pivots, 0.0)))
        if pivots[k] <= least[k]:
            break
        columns.append(schur[:, k] / np.sqrt(pivots[k]))
        schur = schur - np.outer(columns[-1], columns[-1].conj())
        schur[k, :] = schur[:, k] = 0.0
    return np.stack(columns, axis=1) if columns else np.zeros((len(matrix), 1))


def _dominant(state: State) -> PureState:
    """The eigenvector of the largest eigenvalue."""
    if isinstance(state, PureState):
        return state
    levels, vectors = zip(*(np.linalg.eigh(block) for block in state.blocks), strict=True)
    q = int(np.argmax([x[-1] for x in levels]))
    amplitudes = np.zeros(state.space.dimension, complex)
    amplitudes[state.space.offsets[q] : state.space.offsets[q + 1]] = vectors[q][:, -1]
    return PureState(state.space, amplitudes)


def _largest_schmidt(ket: PureState) -> float:
    """The largest squared Schmidt coefficient over all ways to cut the modes in two."""
    levels = [top + 1 for top in ket.space.tops]
    if np.prod(levels, dtype=float) > _LEVELS:
        raise fail("state", f"have at most {_LEVELS} basis states", levels)
    tensor = np.zeros(levels, complex)
    tensor[tuple(ket.space.quanta.T)] = ket.amplitudes
    modes, largest = range(len(levels)), 0.0
    for k in range(len(levels) - 1):
        for others in combinations(modes[1:], k):  # every cut once: the side of the first mode
            table = np.moveaxis(tensor, (0, *others), range(k + 1))
            table = table.reshape(np.prod(table.shape[: k + 1]), -1)
            if table.shape[0] > table.shape[1]:
                table = table.T
            largest = max(largest, np.linalg.eigvalsh(table @ table.conj().T)[-1])
    return float(largest)
