"""What an error of V does to the smallest directions of V, for NumPy and JAX alike.

A change δV matters to entanglement by the size of

    e = ‖L⁻¹ δV L⁻ᵀ‖,      V = LLᵀ,

which bounds the relative error of every symplectic eigenvalue. Rounding V to floating-point
numbers alone makes ε Σ_i V_ii (V⁻¹)_ii of it: a variance shrinks by each of these factors once
the other quadratures are known.
"""

from typing import Any

import numpy as np

from ..base.checks import namespace
from ..base.conventions import LOST

ACCURATE = 1e-6  # relative change, at most, for an answer
ROUNDING = float(np.finfo(float).eps)


def width(V: Any) -> Any:
    """√|V_ii|, shape (…, n); 1 where there is nothing."""
    xp = namespace(V)
    width = xp.sqrt(xp.abs(xp.diagonal(V, axis1=-2, axis2=-1)))
    return xp.where(width > 0, width, 1.0)


def scaled(X: Any, V: Any) -> Any:
    """X_ij/√(V_ii V_jj), for matrices (…, n, n): in these units rows compare."""
    unit = width(V)
    return X / unit[..., None, :] / unit[..., :, None]


def largest(V: Any, change: Any) -> Any:
    """Largest |δV_ij|/√(V_ii V_jj), shape (…)."""
    return namespace(V).abs(scaled(change, V)).max((-1, -2))


def small_directions(V: Any, change: Any) -> tuple[Any, Any]:
    """‖L⁻¹ δV L⁻ᵀ‖ with V = LLᵀ, and Σ_i V_ii (V⁻¹)_ii, shape (…); infinite unless V > 0.

    >>> error, cancelled = small_directions(np.diag([4.0, 1.0]), np.diag([0.0, 0.5]))
    >>> float(error), float(cancelled)
    (0.5, 2.0)
    """
    xp = namespace(V)
    inverse = _inverse_root(scaled(V, V))
    error = xp.linalg.norm(inverse @ scaled(change, V) @ inverse.mT, axis=(-2, -1))
    cancelled = (inverse**2).sum((-2, -1))
    known = xp.isfinite(cancelled)
    return xp.where(known, error, xp.inf), xp.where(known, cancelled, xp.inf)


def _inverse_root(V: Any) -> Any:
    """X of XVXᵀ = 1, NaN unless V > 0."""
    xp = namespace(V)
    if xp is np:  # where LAPACK's Cholesky would give up on a batch for one of its points
        levels, vectors = np.linalg.eigh(V)
        positive = levels[..., :1] > 0
        root = np.sqrt(np.where(positive, levels, 1.0))
        return np.where(positive[..., None], vectors.mT / root[..., None], np.nan)
    from jax.scipy.linalg import solve_triangular

    L = xp.linalg.cholesky((V + V.mT) / 2)  # several `eigh` in a program block each other's threads
    return solve_triangular(L, xp.broadcast_to(xp.eye(V.shape[-1]), V.shape), lower=True)


def positive(X: Any) -> bool:
    """Whether X > 0, a matrix (n, n), every row on its own scale."""
    return bool(np.all(X.diagonal() > 0) and np.linalg.eigvalsh(scaled(X, X))[0] > 0)


def told(V: Any, change: Any) -> Any:
    """Whether V holds its smallest directions, and an error δV leaves them be; shape (…)."""
    error, cancelled = small_directions(V, change)
    xp = namespace(V)
    return _held(cancelled) & (error < xp.maximum(ACCURATE, ROUNDING * cancelled))


def between(A: Any, partner: Any, part: Any) -> Any:
    """What modes of a part do to each other besides exchange, A_ij = −A_ji up to its last digits.

    Args:
        A: drift, (…, n, n).
        partner: the other quadrature of the mode of each row.
        part: to which strongly connected part each row belongs.
    """
    xp, rows = namespace(A), np.arange(A.shape[-1])
    out = (rows[:, None] == rows) | (partner[:, None] == rows) | (part[:, None] != part)
    return xp.where(out | (xp.abs(A + A.mT) <= 64 * ROUNDING * xp.abs(A)), 0.0, A)


def rounding_of(A: Any, V: Any) -> Any:
    """X = diag(√V_ii (Σ_j A_ij² V_jj)^½): ε X is what rounding A makes of A V + V Aᵀ, (…, n, n)."""
    xp = namespace(A, V)
    variance = xp.abs(xp.diagonal(V, axis1=-2, axis2=-1))
    rounded = xp.sqrt(variance * (A**2 * variance[..., None, :]).sum(-1))
    return rounded[..., None] * np.eye(V.shape[-1])


def holds(V: Any, change: Any) -> Any:
    """Whether V is known though A is rounded, (…); `change` solves the equation for `rounding_of`.

    The solution is positive for what is positive: −cX ≤ δR ≤ cX leads to −cV_X ≤ δV ≤ cV_X.
    """
    xp = namespace(V)
    change, V = (xp.diagonal(X, axis1=-2, axis2=-1) for X in (change, V))
    return (ROUNDING * xp.abs(change) <= ACCURATE * V).all(-1)


def pairs_told(V: Any, change: Any) -> Any:
    """Whether V holds the state of some pair of modes, and δV leaves all of these be; (…)."""
    xp = namespace(V)
    n = V.shape[-1]
    modes = np.arange(n).reshape(-1, 2 if n % 2 == 0 else 1)
    first, second = np.triu_indices(len(modes), 1)
    if not len(first):
        return xp.zeros(V.shape[:-2], bool)
    rows = np.concatenate([modes[first], modes[second]], axis=1)
    V, change = (X[..., rows[:, :, None], rows[:, None]] for X in (V, change))
    held = _held(small_directions(V, change)[1])
    return held.any(-1) & (~held | told(V, change)).all(-1)


def _held(cancelled: Any) -> Any:
    return ROUNDING * cancelled < LOST
