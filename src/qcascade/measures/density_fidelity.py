"""Fidelity of density matrices and kets, from factors ρ = A A† that keep small numbers small."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed
from ..hilbert.states import DensityState, PureState
from .points import each_point
from .reduced import State

_WIDEST = 4096  # rows of the largest matrix whose eigenvalues are taken
_EPS = float(np.finfo(float).eps)


@each_point
def fidelity(first: State, second: Any) -> float:
    """Uhlmann fidelity, with the square: (Tr √(√ρ σ √ρ))² = ‖A†B‖₁² of ρ = A A†, σ = B B†.

    Args:
        first: a DensityState or PureState.
        second: a DensityState or PureState of the same modes, in any order and any sectors.
    """
    check_alike(first, second)
    if isinstance(first, PureState):
        overlap = _overlap(first, second)
    elif isinstance(second, PureState):
        overlap = _overlap(second, first)
    else:
        products = _factor_products(first, second)
        overlap = sum(float(np.linalg.norm(m, "nuc")) for m in products if m.size) ** 2
    return float(min(overlap, 1.0))


def checked_state(argument: str, state: Any) -> State:
    if not isinstance(state, DensityState | PureState):
        made = "`density` makes one of a matrix or of a QuTiP state"
        raise fail(argument, "be a DensityState or PureState", state, made)
    return state


def check_alike(first: Any, second: Any, argument: str = "second") -> None:
    """Both are states of the same modes, described in the same basis."""
    for name, state in (("first", first), (argument, second)):
        checked_state(name, state)
    if sorted(first.modes) != sorted(second.modes):
        must = f"have the modes of the other state: {listed(first.modes)}"
        raise fail(argument, must, list(second.modes))
    ours, theirs = (
        {frozenset(pair): s for pair, s in x.space.squeezed.items() if s} for x in (first, second)
    )
    if ours != theirs:
        must = f"have the squeezed basis of the other state: {dict(first.space.squeezed)}"
        raise fail(argument, must, dict(second.space.squeezed))


def _overlap(ket: PureState, other: State) -> float:
    """⟨ψ|σ|ψ⟩, which for two kets is |⟨ψ|φ⟩|²."""
    place = _positions(ket, other)
    values = np.where(place >= 0, ket.amplitudes[place], 0.0)
    if isinstance(other, PureState):
        return float(abs(np.vdot(values, other.amplitudes)) ** 2)
    parts = np.split(values, other.space.offsets[1:-1])
    pairs = zip(parts, other.blocks, strict=True)
    return float(sum(np.vdot(x, block @ x).real for x, block in pairs))


def _positions(state: State, other: State) -> np.ndarray:
    """Position in `state` of every basis state of `other`; −1 where `state` has cut it off."""
    order = [other.modes.index(mode) for mode in state.modes]
    return state.space.positions(other.space.quanta[:, order])


def _factor_products(first: DensityState, second: DensityState) -> list[np.ndarray]:
    """Diagonal blocks of A†B. Sectors of one state may spread over several of the other."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    place, (ours, theirs) = _positions(first, second), map(_factors, (first, second))
    sector = np.searchsorted(first.space.offsets, place, side="right") - 1
    products: dict[tuple[int, int], np.ndarray] = {}
    for p, (low, high) in enumerate(pairwise(second.space.offsets)):
        for q in set(sector[low:high].tolist()) - {-1}:
            rows = np.flatnonzero(sector[low:high] == q)
            left = ours[q][place[low:high][rows] - first.space.offsets[q]]
            products[q, p] = left.conj().T @ theirs[p][rows]
    links = np.array(list(products), np.int64).reshape(-1, 2).T
    size = len(ours) + len(theirs)
    graph = coo_array((np.ones(links.shape[1]), (links[0], len(ours) + links[1])), (size, size))
    _, part = connected_components(graph, directed=False)
    return [
        _assembled(products, ours, theirs, part[: len(ours)] == k, part[len(ours) :] == k)
        for k in np.unique(part[links[0]])
    ]


def _assembled(products: Any, ours: Any, theirs: Any, rows: Any, columns: Any) -> np.ndarray:
    """The block of A†B over some sectors of each state."""

    def piece(q: int, p: int) -> np.ndarray:
        return products.get((q, p), np.zeros((ours[q].shape[1], theirs[p].shape[1])))

    columns = np.flatnonzero(columns).tolist()
    return np.block([[piece(q, p) for p in columns] for q in np.flatnonzero(rows).tolist()])


def _factors(state: DensityState) -> list[np.ndarray]:
    """A_q of every block ρ_q = A_q A_q†, without what is rounding of zero eigenvalues."""
    factors = []
    for block in state.blocks:
        if len(block) > _WIDEST:
            raise ArgumentError(f"Sectors must have at most {_WIDEST} states, not {len(block)}.")
        levels, vectors = np.linalg.eigh(block)
        occupied = levels > len(block) * _EPS * levels[-1]
        factors.append(vectors[:, occupied] * np.sqrt(np.maximum(levels[occupied], 0.0)))
    return factors
