"""Genuine multipartite entanglement: proofs by witnesses, for both kinds of states."""

from typing import Any

import numpy as np

from ..base.checks import fail, listed, namespace
from ..base.conventions import LOST, VACUUM
from ..base.keywords import spoken
from ..hilbert.states import DensityState, PureState
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution
from . import density
from .biseparable import best_witness, bound
from .gaussian import AnyState
from .summands import CUT
from .told import gaussian_state, told

MOST = 12
"""Modes whose 2047 ways to be cut in two are looked at."""
SEARCHED = 6
"""Modes for which the best witness is searched for; it takes seconds a state at six."""


@spoken
def genuine_witness(state: AnyState, target: GaussianState | PureState | None = None) -> Any:
    """Witness of genuine multipartite entanglement: it is proven where the value is negative.

    No mixture of states that are separable across some cut gets below zero. Of density matrices:
    Tr Wρ, W = α·1 − |ψ⟩⟨ψ|, with α the largest squared Schmidt coefficient of |ψ⟩ over all ways to
    cut the modes in two (Bourennane et al., PRL 92, 087902). Of covariances:
    1 − min_S [str Z_S + str Z_S̄] / Tr ZV, str Z_S the sum of the symplectic eigenvalues, which is
    the least Tr Z_S σ of all states of the modes S (Hyllus & Eisert, New J. Phys. 8, 51 (2006)).
    Z ≥ 0 is the best that a search finds, or V_ψ⁻¹ of a target. For two modes the best has
    1 − 1/2ν̃₋, 1 − e^{2r} for a pair squeezed by r. Zero or above proves nothing.

    Args:
        state: a GaussianState of 2 to 12 modes, NumPy, or a batch of them; a DensityState or
            PureState of two modes or more, in 2^14 states at most.
        target: what the state should be: a GaussianState, whose leading axes broadcast; or a ket
            |ψ⟩, whose norm does not count. When omitted, the best Z is searched for, in up to 6
            modes; or |ψ⟩ is the eigenvector of the largest eigenvalue.

    Returns:
        A number, of density matrices in [−1, 1]; of Gaussian states below 1, shape (…), NaN where
        unstable, where V violates the uncertainty principle, or where squeezing has left no digits.

    Raises:
        ArgumentError: for a target of another kind or of other modes, too few modes or too many, a
            zero ket, or modes described in a squeezed basis.

    >>> from qcascade import density, two_mode_squeezed
    >>> ghz = density(["a", "b", "c"], np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2))
    >>> round(genuine_witness(ghz), 12)
    -0.5
    >>> round(float(genuine_witness(two_mode_squeezed(["a", "b"], 0.5))), 6)     # 1 − e
    -1.718282
    """
    if isinstance(state, DensityState | PureState):
        if isinstance(target, GaussianState):
            raise fail("target", "be a PureState, as `state` is no GaussianState", target)
        return density.genuine_witness(state, target)
    gaussian_state("state", state, "a GaussianState, DensityState or PureState")
    if not isinstance(target, GaussianState | None):
        raise fail("target", "be a GaussianState, as `state` is", target)
    return _of_covariance(state, target)


def _of_covariance(state: GaussianState, target: GaussianState | None) -> Any:
    V, error, good = _known("state", state, len(state.modes), state)
    if target is None:
        if len(state.modes) > SEARCHED:
            must = f"be given beyond {SEARCHED} modes, where no best witness is searched for"
            raise fail("target", must, target)
        Z = np.full(V.shape, np.nan)
        for point in np.ndindex(V.shape[:-2]):
            if good[point]:
                Z[point] = best_witness(V[point])
    else:
        wanted, more, known = _known("target", target, len(state.modes), state)
        Z, error, good = np.linalg.inv(wanted), error + more, good & known
        Z = (Z + np.swapaxes(Z, -1, -2)) / 2
    share = bound(Z) / np.einsum("...jk,...kj->...", Z, V)
    # What rounding left of zero is zero.
    value = np.where(np.abs(1 - share) <= CUT * error, 0.0, 1 - share)
    return told("genuine_witness", state, (range(len(state.modes)),), np.where(good, value, np.nan))


def _known(name: str, given: GaussianState, modes: int, state: GaussianState) -> tuple[Any, ...]:
    """V in the order of the state's modes, the error of its symplectic eigenvalues, if any good."""
    if namespace(given.cov, given.stable) is not np:
        raise fail(name, "hold NumPy's arrays: a witness has no derivative", given)
    if not 2 <= modes <= MOST:
        raise fail(name, f"have 2 to {MOST} modes", listed(given.modes))
    if sorted(given.modes) != sorted(state.modes):
        raise fail(name, f"have the modes of `state`: {listed(state.modes)}", given.modes)
    cov = finite_cov(given, [given.modes.index(mode) for mode in state.modes])
    error = np.asarray(resolution(cov))
    good = given.stable & is_physical(cov) & (error <= LOST)
    return np.where(good[..., None, None], cov, VACUUM * np.eye(2 * modes)), error, good
