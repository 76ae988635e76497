"""How much a mode multiplies rounding, for arrays; sign_error.py has the same for its kernel."""

from typing import Any

import numpy as np

from ..base.checks import namespace

MODEST = 100.0  # multiplies rounding by so little that nothing depends on it


def slowest(A: Any, V: Any, D: Any) -> Any:
    """Largest Σ g_i w_i/(Σ D_ii + 2|A_ij V_ji|) of a mode's quadratures i, shape (…, 1, 1).

    w_i = √V_ii and g_i = (Σ_j A_ij² V_jj)^½. A change of D by −cD ≤ δD ≤ cD changes V by no more
    than cV: rounding, ε g_i w_i, is measured by the noise of its own mode, and by what other
    modes j send it. A mode without any noise of its own is left to its block.

    Args:
        A: drift, (…, n, n); pairs (x, p) when n is even.
        V: covariance, symmetric.
        D: diffusion.

    >>> turning = np.array([[-1e-3, 1e3], [-1e3, -1e-3]])
    >>> slowest(turning, np.eye(2) / 2, 1e-3 * np.eye(2)).round()
    array([[500000.]])
    """
    xp, n = namespace(A, V, D), A.shape[-1]
    pair = 1 + (n % 2 == 0)
    variance = xp.abs(xp.diagonal(V, axis1=-2, axis2=-1))
    rate = xp.sqrt(xp.einsum("...ij,...ij,...j->...i", A, A, variance))
    noise = xp.abs(xp.diagonal(D, axis1=-2, axis2=-1))
    terms, noise = (_by_mode(x, pair) for x in (rate * xp.sqrt(variance), noise))
    share = xp.where(noise > 0, terms / (noise + 1e-300), 0.0)
    if xp is np and np.all(share < MODEST):  # what others send makes it smaller still
        return share.max(-1)[..., None, None]
    driving = xp.abs(A * V)  # V is symmetric
    rows = np.arange(n)
    own = sum(driving[..., rows, rows ^ k] for k in range(pair))
    sent = _by_mode(xp.maximum(driving.sum(-1) - own, 0.0), pair)
    share = xp.where(noise > 0, terms / (noise + 2 * sent + 1e-300), 0.0)
    return share.max(-1)[..., None, None]


def _by_mode(rows: Any, pair: int) -> Any:
    """Sums over the quadratures of a mode."""
    return rows.reshape(*rows.shape[:-1], -1, pair).sum(-1)
