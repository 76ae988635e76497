"""Genuine multipartite entanglement: proofs by witnesses, for both kinds of states."""

from itertools import combinations
from typing import Any

import numpy as np

from ..base.checks import fail, listed, namespace
from ..base.conventions import LOST
from ..hilbert.states import DensityState, PureState
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution
from . import density
from .gaussian import AnyState
from .summands import CUT
from .symplectic import spectrum
from .told import gaussian_state, told

MOST = 12
"""Modes whose 2047 ways to be cut in two are looked at."""


def genuine_witness(state: AnyState, target: GaussianState | PureState | None = None) -> Any:
    """Witness of genuine multipartite entanglement: it is proven where the value is negative.

    No mixture of states that are separable across some cut gets below zero. Of density matrices:
    Tr Wρ, W = α·1 − |ψ⟩⟨ψ|, with α the largest squared Schmidt coefficient of |ψ⟩ over all ways to
    cut the modes in two (Bourennane et al., PRL 92, 087902). Of covariances:
    1 − min_S [str Z_S + str Z_S̄] / Tr ZV, where Z = V_ψ⁻¹ is the inverse covariance of the target,
    and the sum of the symplectic eigenvalues, str Z_S, is the least Tr Z_S σ of all states of the
    modes S (Hyllus & Eisert, New J. Phys. 8, 51 (2006)); 1 − cosh 2r for a pair squeezed by r.
    Zero or above proves nothing.

    Args:
        state: a GaussianState of 2 to 12 modes, NumPy, or a batch of them; a DensityState or
            PureState of two modes or more, in 2^14 states at most.
        target: what the state should be: a GaussianState, whose leading axes broadcast; or a ket
            |ψ⟩, whose norm does not count. When omitted, the state itself, or the eigenvector of
            its largest eigenvalue.

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
    >>> round(float(genuine_witness(two_mode_squeezed(["a", "b"], 0.5))), 6)
    -0.543081
    """
    if isinstance(state, DensityState | PureState):
        if isinstance(target, GaussianState):
            raise fail("target", "be a PureState, as `state` is no GaussianState", target)
        return density.genuine_witness(state, target)
    gaussian_state("state", state, "a GaussianState, DensityState or PureState")
    if not isinstance(target, GaussianState | None):
        raise fail("target", "be a GaussianState, as `state` is", target)
    return _of_covariance(state, state if target is None else target)


def _of_covariance(state: GaussianState, target: GaussianState) -> Any:
    modes = len(state.modes)
    if not 2 <= modes <= MOST or namespace(state.cov, target.cov) is not np:
        raise fail("state", f"have 2 to {MOST} modes, in NumPy's arrays", listed(state.modes))
    if sorted(target.modes) != sorted(state.modes):
        raise fail("target", f"have the modes of `state`: {listed(state.modes)}", target.modes)
    V, wanted = finite_cov(state), finite_cov(target, [target.modes.index(m) for m in state.modes])
    good, error = np.True_, 0.0
    for known, cov in ((state.stable, V), (target.stable, wanted)):
        good = good & known & is_physical(cov) & (resolution(cov) <= LOST)
        error = error + resolution(cov)
    Z = np.linalg.inv(np.where(good[..., None, None], wanted, np.eye(2 * modes) / 2))
    Z = (Z + np.swapaxes(Z, -1, -2)) / 2
    bound = np.min([_least(Z, part) + _least(Z, rest) for part, rest in _cuts(modes)], axis=0)
    value = 1 - bound / np.einsum("...jk,...kj->...", Z, V)
    value = np.where(np.abs(value) <= CUT * error, 0.0, value)  # what rounding left of zero
    return told("genuine_witness", state, (range(modes),), np.where(good, value, np.nan))


def _cuts(modes: int) -> list[tuple[list[int], list[int]]]:
    """All ways to cut the modes in two, each once: the first mode is in the first part."""
    others = range(1, modes)
    cuts = []
    for many in range(modes - 1):
        for chosen in combinations(others, many):
            part = [0, *chosen]
            cuts.append((part, [k for k in others if k not in chosen]))
    return cuts


def _least(Z: Any, modes: list[int]) -> Any:
    """The least Tr Zσ over the states of some modes: the sum of the symplectic eigenvalues of Z."""
    return spectrum(Z, modes, np.ones(len(modes))).levels.sum(axis=-1)
