"""States that an evolution begins with, in the space of a model."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed
from ..base.keywords import spoken
from ..hilbert.batches import check_single
from ..hilbert.space import Space
from ..hilbert.states import DensityState, PureState
from ..hilbert.typed_states import as_qobj, density, ket
from .model import LindbladModel

_COHERENT = 1e-12  # norm of what lies between sectors, relative to that of ρ, that counts as none


@spoken
def ground(model: LindbladModel) -> PureState:
    """All qubits in |0⟩ and all oscillators empty: |0…0⟩.

    In a squeezed basis the physical vacuum is √(1 − λ²) Σ_n (−λ)ⁿ |n, n⟩ with λ = tanh s.

    Args:
        model: the master equation whose modes are meant.

    >>> from qcascade import lindblad, qubit
    >>> from qcascade.measures import occupation
    >>> occupation(ground(lindblad(qubit(decay=1.0))), "q")
    0.0
    """
    if not isinstance(model, LindbladModel):
        raise fail("model", "be a LindbladModel (from `lindblad(net)`)", model)
    space = model.space
    amplitudes = np.all(space.quanta == 0, axis=1).astype(complex)
    for (a, b), s in space.squeezed.items():
        j, k = space.modes.index(a), space.modes.index(b)
        others = np.delete(space.quanta, [j, k], axis=1)
        pairs = np.all(others == 0, axis=1) & (space.quanta[:, j] == space.quanta[:, k])
        weight = np.where(pairs, (-np.tanh(s)) ** space.quanta[:, j], 0.0)
        amplitudes = np.where(amplitudes != 0, amplitudes, weight)
    return PureState(space, amplitudes / np.linalg.norm(amplitudes))


def fitted(state: DensityState | PureState, space: Space) -> DensityState:
    """A state of the same modes in the sectors of another space.

    Args:
        state: the state, its modes in any order.
        space: the space wanted.

    Raises:
        ArgumentError: when the modes differ, the state reaches beyond the space, or has coherence
            between sectors of the space.
    """
    if not isinstance(state, DensityState | PureState):
        raise fail("initial", "be a DensityState or a PureState (see `density`)", state)
    if isinstance(state, DensityState):
        check_single("initial", state, "state")
    if sorted(state.modes) != sorted(space.modes):
        raise fail("initial", f"have the model's modes {listed(space.modes)}", state.modes)
    if state.space is space and isinstance(state, DensityState):
        return state
    same_basis = dict(state.space.squeezed) == dict(space.squeezed)
    if not same_basis:
        raise fail("initial", f"be in the basis squeezed by {space.squeezed}", state.space.squeezed)
    columns = [state.modes.index(mode) for mode in space.modes]
    place = space.positions(state.space.quanta[:, columns])
    sector = np.searchsorted(space.offsets, place, side="right") - 1
    blocks = [np.zeros((d, d), complex) for d in space.sizes]
    for rows, matrix in _pieces(state):
        for q in np.unique(sector[rows][place[rows] >= 0]):
            members = (sector[rows] == q) & (place[rows] >= 0)
            at = place[rows][members] - space.offsets[q]
            blocks[q][at[:, None], at] += matrix(members)
    if not _left_out(state, sector, place) <= _COHERENT * _norm(state):
        raise ArgumentError(
            "Argument `initial` must lie within the model's cutoffs and have no coherence between "
            "its charge sectors, but has (use `lindblad(net, …, sectors=False)`)."
        )
    real = all(np.all(np.imag(block) == 0) for block in blocks)
    return DensityState(space, tuple(np.real(b) if real else b for b in blocks), state.info)


def placed(state: Any, space: Space) -> PureState:
    """A ket of the same modes in the basis order of another space.

    Args:
        state: the ket, its modes in any order.
        space: the space wanted.

    Raises:
        ArgumentError: when it is no ket, the modes differ, or it reaches beyond the space.
    """
    if not isinstance(state, PureState):
        raise fail("initial", "be a PureState (see `ket`)", state)
    if state.space is space:
        return state
    if sorted(state.modes) != sorted(space.modes):
        raise fail("initial", f"have the model's modes {listed(space.modes)}", state.modes)
    if dict(state.space.squeezed) != dict(space.squeezed):
        raise fail("initial", f"be in the basis squeezed by {space.squeezed}", state.space.squeezed)
    columns = [state.modes.index(mode) for mode in space.modes]
    place = space.positions(state.space.quanta[:, columns])
    if np.any(state.amplitudes[place < 0]):
        raise fail("initial", "lie within the model's cutoffs", state)
    amplitudes = np.zeros(space.dimension, complex)
    amplitudes[place[place >= 0]] = state.amplitudes[place >= 0]
    return PureState(space, amplitudes, state.info)


def _pieces(state: DensityState | PureState) -> list[tuple[np.ndarray, Callable[[Any], Any]]]:
    """Rows of the basis, and the matrix of any selection of them."""
    if isinstance(state, PureState):
        psi = state.amplitudes
        rows = np.flatnonzero(psi)
        return [(rows, lambda members: np.outer(psi[rows][members], psi[rows][members].conj()))]
    return [
        (np.arange(a, b), lambda members, block=block: block[np.ix_(members, members)])
        for (a, b), block in zip(pairwise(state.space.offsets), state.blocks, strict=True)
    ]


def _left_out(state: DensityState | PureState, sector: np.ndarray, place: np.ndarray) -> float:
    """‖ρ‖_F of the elements between sectors, and beyond the cutoffs, without differences."""
    total = 0.0
    if isinstance(state, PureState):
        weight = np.abs(state.amplitudes) ** 2
        of = np.bincount(sector[place >= 0], weight[place >= 0])
        others = np.array([np.delete(of, q).sum() for q in range(len(of))])
        lost = float(weight[place < 0].sum())
        total = float(of @ others) + lost * (2 * float(of.sum()) + lost)
        return float(np.sqrt(total))
    for (a, b), block in zip(pairwise(state.space.offsets), state.blocks, strict=True):
        own = np.where(place[a:b] >= 0, sector[a:b], -1)
        between = (own[:, None] != own) | (own < 0)
        total += float(np.sum(np.abs(block[between]) ** 2))
    return float(np.sqrt(total))


def _norm(state: DensityState | PureState) -> float:
    """‖ρ‖_F."""
    if isinstance(state, PureState):
        return float(np.vdot(state.amplitudes, state.amplitudes).real)
    return float(np.sqrt(sum(np.linalg.norm(block) ** 2 for block in state.blocks)))


def given(model: LindbladModel, initial: Any) -> DensityState | PureState:
    """The ground state when there is none; a state of QuTiP or dynamiqs as one of ours.

    Args:
        model: the master equation whose modes are meant.
        initial: a state, or None.
    """
    if initial is None:
        return ground(model)
    if not hasattr(initial, "dims"):
        return initial
    initial = as_qobj("initial", initial)
    return (ket if initial.isket else density)(model.modes, initial)
