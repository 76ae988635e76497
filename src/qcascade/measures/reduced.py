"""States of some of the modes: their spectra, Schmidt coefficients and factors ρ = A A†."""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from ..base.checks import fail
from ..hilbert.space import Space
from ..hilbert.states import DensityState, PureState, split

State = DensityState | PureState

_LEVELS = 2**14  # of the largest ket that is cut in two in every way
_UNPHYSICAL = -1e-6  # an eigenvalue below is no rounding and no tolerance of a solver
_EPS = float(np.finfo(float).eps)


def named(state: State, indices: Iterable[int]) -> list[str]:
    """Names of modes by their positions."""
    return [state.modes[k] for k in indices]


def populations(state: State) -> np.ndarray:
    """Probability of every basis state."""
    if isinstance(state, PureState):
        return np.abs(state.amplitudes) ** 2
    return np.concatenate([np.real(np.diagonal(block)) for block in state.blocks])


def _amplitudes(state: PureState, indices: Sequence[int]) -> tuple[Space, np.ndarray]:
    """ψ as a matrix: rows the basis of some of the modes, columns the states of the others."""
    ours, environment, place = split(state.space, tuple(named(state, indices)))
    table = np.zeros((ours.dimension, int(environment.max()) + 1), complex)
    table[place, environment] = state.amplitudes
    return ours, table


def schmidt_coefficients(state: PureState, indices: Sequence[int]) -> np.ndarray:
    """Schmidt coefficients between some of the modes and the others, in no order."""
    ours, table = _amplitudes(state, indices)
    used = np.add.reduceat(table != 0, ours.offsets[:-1], axis=0) > 0
    if np.any(used.sum(axis=0) > 1):
        return np.linalg.svd(table, compute_uv=False)
    # A ket of one charge: what a sector goes with, no other sector goes with.
    parts = [table[a:b, u] for (a, b), u in zip(pairwise(ours.offsets), used, strict=True)]
    return np.concatenate([np.linalg.svd(p, compute_uv=False) for p in parts if p.size])


def eigenvalues_of(state: State, indices: Sequence[int]) -> np.ndarray:
    """Eigenvalues of the state of some of the modes (for a ket without the zeros it must have)."""
    if isinstance(state, PureState):
        return schmidt_coefficients(state, indices) ** 2
    if len(indices) < len(state.modes):
        state = state.reduce(*named(state, indices))
    return np.concatenate([np.linalg.eigvalsh(block) for block in state.blocks])


def entropy_of_probabilities(levels: np.ndarray) -> float:
    """−Σ p ln p; negative p that rounding or a solver left count as zero."""
    if np.min(levels) < _UNPHYSICAL:
        return float("nan")
    levels = levels[levels > 0]
    return max(0.0, float(-np.sum(levels * np.log(levels))))  # in this order zero has no sign


def pair_factor(state: State, indices: Sequence[int]) -> np.ndarray:
    """A of ρ = A A† for two qubits, (…, 4, columns), rows |00⟩, |01⟩, |10⟩, |11⟩; as few columns as
    it takes; NaN where a batch has no state."""
    if isinstance(state, PureState):
        ours, table = _amplitudes(state, indices)
        rows = np.empty_like(table)
        rows[2 * ours.quanta[:, 0] + ours.quanta[:, 1]] = table
        triangle: Any = np.linalg.qr(rows.conj().T, mode="r")
        return triangle.conj().T
    return _cholesky(state.reduce(*named(state, indices)).matrix())


def _cholesky(matrix: np.ndarray) -> np.ndarray:
    """A of a small ρ = A A†: the largest pivot first, until what is left is rounding.

    Rounding is judged by each diagonal element for itself, so that populations of any size keep
    their digits: the concurrence moves by the square root of a population.
    """
    schur, columns, size = matrix.astype(complex), [], matrix.shape[-1]
    least = 4 * size * _EPS * np.real(np.diagonal(matrix, axis1=-2, axis2=-1))
    for _ in range(size):
        pivots = np.real(np.diagonal(schur, axis1=-2, axis2=-1))
        k = np.argmax(np.where(pivots > least, pivots, 0.0), axis=-1)[..., None]
        pivot, rounding = (np.take_along_axis(x, k, -1) for x in (pivots, least))
        more = pivot > rounding
        if not more.any():
            break
        column = np.take_along_axis(schur, k[..., None], -1)[..., 0]
        column = np.where(more, column, 0.0) / np.sqrt(np.where(more, pivot, 1.0))
        columns.append(column)
        schur = schur - column[..., :, None] * column[..., None, :].conj()
        taken = np.arange(size) == k
        schur = np.where(taken[..., :, None] | taken[..., None, :], 0.0, schur)
    factor = np.stack(columns, axis=-1) if columns else np.zeros((*matrix.shape[:-1], 1))
    return np.where(np.isfinite(matrix).all((-1, -2), keepdims=True), factor, np.nan)


def dominant(state: State) -> PureState:
    """The eigenvector of the largest eigenvalue."""
    if isinstance(state, PureState):
        return state
    levels, vectors = zip(*(np.linalg.eigh(block) for block in state.blocks), strict=True)
    q = int(np.argmax([x[-1] for x in levels]))
    amplitudes = np.zeros(state.space.dimension, complex)
    amplitudes[state.space.offsets[q] : state.space.offsets[q + 1]] = vectors[q][:, -1]
    return PureState(state.space, amplitudes)


def largest_schmidt(ket: PureState) -> float:
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
