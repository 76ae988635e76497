"""Gaussian states in the number basis, and the Gaussian moments of density matrices.

With ξ = (a₁, …, a_N, a₁†, …, a_N†), β = ⟨ξ⟩, σ = ½⟨{δξ, δξ†}⟩ and Q = σ + ½·1, the coherent states
|z⟩ give ⟨z|ρ|z⟩ = exp(−½(ζ − β)†Q⁻¹(ζ − β))/√det Q, ζ = (z, z*). Times e^{z†z} this generates the
elements in the number basis: with w = (z*, z) and X = [[0, 1], [1, 0]],

    Σ_mn ⟨m|ρ|n⟩ z*^m z^n/√(m!n!) = exp(½wᵀAw + bᵀw − ½β†b)/√det Q,  A = (1 − Q⁻¹)X,  b = Q⁻¹β,

(Dodonov, Man'ko, Man'ko, PRA 49, 2993 (1994); Miatto, Quesada, Quantum 4, 366 (2020)). Deriving
by w_j steps from one element to the next: √(k_j+1) F_(k+e_j) = b_j F_k + Σ_i A_ji √k_i F_(k−e_i).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.checks import fail, listed
from ..base.keywords import spoken
from ..linear.state import GaussianState
from ..slh.component import Component
from ..slh.ladder import Ladder, lower
from .cutoffs import Cutoffs, tops_and_limits
from .space import Space
from .states import DensityState, PureState

_TAIL = 1e-3  # probability above the cutoffs at which a state is refused
_FULL = 4096  # largest dimension of a density matrix, as everywhere
_SEARCHED = 400  # most quanta that a message proposes


@spoken
def truncate(state: GaussianState, cutoffs: Cutoffs) -> DensityState:
    """A Gaussian state as a density matrix in the number basis, cut at the most quanta given.

    Its elements are those of Σ_mn ⟨m|ρ|n⟩ z*^m z^n/√(m!n!) = exp(½wᵀAw + bᵀw + c), w = (z*, z), by
    recurrence (Miatto, Quesada, Quantum 4, 366 (2020)): exact, and then divided by the
    probability below the cutoffs, so that the trace is 1.

    Args:
        state: one state, not a batch.
        cutoffs: most quanta by mode, or by part with one mode, or together by tuple of modes.

    Returns:
        A `DensityState` with one block; its `info` holds the `tail`, the probability cut off.

    Raises:
        ArgumentError: for a batch, an unstable or unphysical state, a missing or unknown cutoff,
            or one that cuts off more than 0.001 (it says what would do).

    >>> from qcascade import thermal
    >>> truncate(thermal("m", 1.0), {"m": 30}).matrix().diagonal().real[:3].round(6)
    array([0.5  , 0.25 , 0.125])
    """
    _check_single(state)
    tops, limits = tops_and_limits(_modes_of(state), cutoffs)
    space = Space(state.modes, tops, (), limits)
    states = float(np.prod([top + 1.0 for top in tops]))
    if states > _FULL:
        raise fail("cutoffs", f"leave at most {_FULL} basis states", f"{states:.6g} states")
    rho = fock_elements(state.mean, state.cov, [top + 1 for top in tops])
    if limits:  # of the product basis only what respects the totals
        places = Space(state.modes, tops).positions(space.quanta)
        rho = rho.reshape(int(states), int(states))[places[:, None], places]
    rho = rho.reshape(space.dimension, space.dimension)
    probability = np.trace(rho).real
    if not 1 - probability <= _TAIL:
        raise _too_low(state, tops, 1 - probability)
    rho = (rho + rho.conj().T) / (2 * probability)
    return DensityState(space, (rho,), {"tail": max(float(1 - probability), 0.0)})


def _check_single(state: Any) -> None:
    if not isinstance(state, GaussianState):
        raise fail("state", "be a GaussianState", state)
    if np.ndim(state.stable):
        raise fail("state", "be one state, not a batch", f"a batch {np.shape(state.stable)}")
    if not state.stable:
        raise fail("state", "be stable", state)
    if not state.is_physical():
        raise fail("state", "be a state of quantum mechanics (V + iΩ/2 ≥ 0)", state.cov)


def _modes_of(state: GaussianState) -> Component:
    return Component(np.zeros((0, 0)), (), Ladder({}), state.modes)


def _too_low(state: GaussianState, tops: Sequence[int], tail: float) -> Exception:
    must = f"hold all but {_TAIL:g} of the state"
    for mode, top in zip(state.modes, tops, strict=True):
        alone = state.reduce(mode)
        diagonal = np.diagonal(fock_elements(alone.mean, alone.cov, [_SEARCHED + 1]))
        above = 1 - np.cumsum(np.real(diagonal))
        enough = np.flatnonzero(above <= _TAIL / len(tops))
        needed = int(enough[0]) if enough.size else _SEARCHED + 1
        if top < needed:
            what = f"{needed} or more" if enough.size else f"above {_SEARCHED}"
            return fail(f"cutoffs[{mode}]", f"be {what} to {must}", top)
    return fail("cutoffs", must, f"too low: {tail:.3g} lie above")


def ladder_rows(modes: int) -> np.ndarray:
    """U of ξ = U R: rows a₁, …, a_N, a₁†, …, a_N† over (x₁, p₁, …).

    Args:
        modes: number of modes N.

    >>> ladder_rows(1) * np.sqrt(2)
    array([[1.+0.j, 0.+1.j],
           [1.+0.j, 0.-1.j]])
    """
    lowering = np.kron(np.eye(modes), np.array([1, 1j]) / np.sqrt(2))
    return np.concatenate([lowering, lowering.conj()])


def husimi(mean: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """β = ⟨ξ⟩ and Q = ½⟨{δξ, δξ†}⟩ + ½·1 of ξ = (a₁, …, a_N, a₁†, …, a_N†).

    Args:
        mean: ⟨R⟩, shape (2N,).
        cov: V, shape (2N, 2N).
    """
    U = ladder_rows(len(mean) // 2)
    return U @ mean, U @ cov @ U.conj().T + 0.5 * np.eye(len(mean))


def fock_elements(mean: Any, cov: Any, levels: Sequence[int]) -> np.ndarray:
    """⟨m|ρ|n⟩ of a Gaussian state below the cutoffs, not normalised.

    Args:
        mean: ⟨R⟩, shape (2N,).
        cov: V, shape (2N, 2N).
        levels: numbers of levels d₁, …, d_N.

    Returns:
        Complex array (d₁, …, d_N, d₁, …, d_N).
    """
    beta, Q = husimi(np.asarray(mean), np.asarray(cov))
    N = len(levels)
    inverse = np.linalg.inv(Q)
    A = np.roll(np.eye(2 * N) - inverse, N, axis=1)
    b = inverse @ beta
    vacuum = np.exp(-0.5 * (beta.conj() @ b).real) / np.sqrt(np.linalg.det(Q).real)
    return vacuum * hermite((A + A.T) / 2, b, (*levels, *levels))


def hermite(A: np.ndarray, b: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """F_k of exp(½wᵀAw + bᵀw) = Σ_k F_k w^k/√k!, by the recurrence at the top of this module.

    Args:
        A: symmetric, shape (M, M).
        b: shape (M,).
        shape: number of entries on each of the M axes.

    Returns:
        Complex array of that shape.

    >>> hermite(np.array([[1.0]]), np.array([0.0]), [5]).real.round(4)
    array([1.    , 0.    , 0.7071, 0.    , 0.6124])
    """
    F = np.ones((), complex)
    for j, size in enumerate(shape):  # axes before j are whole, those behind it are at zero
        slices = [F]
        for k in range(size - 1):
            step = b[j] * slices[k]
            if k:
                step = step + A[j, j] * np.sqrt(k) * slices[k - 1]
            for i in range(j):
                step = step + A[j, i] * _lowered(slices[k], i)
            slices.append(step / np.sqrt(k + 1))
        F = np.stack(slices, axis=-1)
    return F


def _lowered(F: np.ndarray, axis: int) -> np.ndarray:
    """√k F_(k−1) along an axis, zero at k = 0."""
    moved = np.zeros_like(F)
    into, out = np.moveaxis(moved, axis, -1), np.moveaxis(F, axis, -1)
    into[..., 1:] = np.sqrt(np.arange(1, F.shape[axis])) * out[..., :-1]
    return moved


@spoken
def moments(state: DensityState | PureState) -> GaussianState:
    """The Gaussian state with the mean and the covariance of a density matrix or ket.

    From m_j = ⟨a_j⟩, M_jk = ⟨a_j a_k⟩ − m_j m_k and N_jk = ⟨a_j†a_k⟩ − m_j* m_k + ½δ_jk:
    V_xx = Re(M + N), V_pp = Re(N − M), V_xp = Im(M + N). Words are normal-ordered, which a cutoff
    leaves exact. QuTiP and dynamiqs states come in through `density` and `ket`.

    Args:
        state: a `DensityState` or `PureState` of oscillators.

    Raises:
        ArgumentError: for anything else, or a state that holds qubits.

    >>> from qcascade import thermal
    >>> moments(truncate(thermal("m", 1.0), {"m": 40})).cov.round(6)
    array([[1.5, 0. ],
           [0. , 1.5]])
    """
    if not isinstance(state, DensityState | PureState):
        raise fail("state", "be a DensityState or a PureState (see `density`, `ket`)", state)
    if state.space.qubits:
        raise fail("state", "hold oscillators only", f"with qubits {listed(state.space.qubits)}")
    a = [lower(mode) for mode in state.modes]
    m = np.asarray([state.expect(x) for x in a])
    M = np.asarray([[state.expect(x * y) for y in a] for x in a]) - np.outer(m, m)
    N = np.asarray([[state.expect(x.dag * y) for y in a] for x in a]) - np.outer(m.conj(), m)
    N = N + 0.5 * np.eye(len(a))
    mean, cov = np.zeros(2 * len(a)), np.zeros((2 * len(a),) * 2)
    mean[::2], mean[1::2] = np.sqrt(2) * np.real(m), np.sqrt(2) * np.imag(m)
    cov[::2, ::2], cov[1::2, 1::2] = np.real(M + N), np.real(N - M)
    cov[::2, 1::2] = np.imag(M + N)
    cov[1::2, ::2] = cov[::2, 1::2].T
    return GaussianState(state.modes, mean, (cov + cov.T) / 2)
