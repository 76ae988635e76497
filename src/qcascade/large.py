"""The steady state of one large system: A V + V Aᵀ + D = 0 beyond what fits a cache.

Three routes, the first that applies:

* a cascade: many strongly connected parts, each small, that hear little of each other
  (cascade.py, O(n²));
* little noise beyond the vacuum's: V = v₀·1 + ΔV with ΔV of low rank (low_rank.py);
* the matrix sign iteration with LAPACK, as in sign.py (O(n³)).

Which one was taken cannot be told from the result: every V has passed the same test of its
residual, measured with A as it came.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .cascade import LARGEST, solve_cascade
from .fields import fields
from .graphs import strong_parts
from .low_rank import solve_low_rank

MARGINAL = 1e-14
"""An eigenvalue with Re λ ≥ −MARGINAL·‖A‖ does not decay: its real part cannot be told from
zero, since eigenvalues of A are those of some A + δA, ‖δA‖ ≈ n ε ‖A‖."""

GOOD, POOR = 1e-14, 1e-12  # relative residuals: not worth refining, not to be accepted
NEAR = 1e12  # ‖A‖‖V‖/‖D‖ of a dense system so near threshold that eigenvalues decide
STEPS = 50  # of the sign iteration; an eigenvalue 1e-12 away from zero takes about 45
PROBES = 4  # random vectors that measure a residual
SHARE = 4  # a cascade has no part above this share of the whole


def acts(A: Any) -> Any:
    """Which elements of A are more than what rounding has left of couplings that cancelled.

    A field that drives a mode and the Hamiltonian that goes with it cancel one way. What is
    left of their difference is compared with the strongest other couplings of both modes, so
    that a slow mode is measured by its own rates; rotations of a mode do not count.

    Args:
        A: drift, (n, n); pairs (x, p) when n is even.

    >>> acts(np.array([[-1.0, 1e-16], [1.0, -1.0]])[np.ix_([0, 0, 1, 1], [0, 0, 1, 1])])[0]
    array([ True,  True, False, False])
    """
    n = len(A)
    pair = 1 + (n % 2 == 0)
    size = np.abs(A)
    modes = size.copy()
    if pair == 2:
        rows = np.maximum(size[::2], size[1::2])
        modes = np.maximum(rows[:, ::2], rows[:, 1::2])
    own = np.diag(size).reshape(-1, pair).max(axis=1)
    within = np.arange(n // pair)
    modes[within, within] = own
    scale = np.repeat(np.sqrt(np.maximum(modes.max(axis=0), modes.max(axis=1))), pair)
    rounding = np.finfo(float).eps * (8 + np.sqrt(n))  # of a sum over many fields
    real = size > np.multiply.outer(rounding * scale, scale)
    blocks = (n // pair, pair, n // pair, pair)
    real.reshape(blocks)[within, :, within] = size.reshape(blocks)[within, :, within] > 0
    return real


def solve_large(A: Any, D: Any) -> Any:
    """V of one system, NaN where there is no steady state.

    Args:
        A: drift, (n, n), finite.
        D: diffusion, symmetric, (n, n), finite.

    Raises:
        OverflowError: for a long amplifier whose covariance no floating-point number can hold.

    >>> float(solve_large(-np.eye(3), np.eye(3))[2, 2])
    0.5
    """
    there = acts(A)
    order, start = strong_parts(there)
    if np.diff(start).max() * SHARE <= len(A):
        V = _solve_parts(A, D, there, order, start)
        if V is not None:
            return V
    V = solve_low_rank(A, D)
    if V is not None and residual(A, V, D) < POOR:
        return V
    return _solve_dense(A, D, lambda: growth_of_parts(A, order, start))


def growth_of_parts(A: Any, order: Any, start: Any) -> float:
    """max Re λ over the diagonal blocks of A[order][:, order]."""
    rates: dict[bytes, float] = {}
    for part in np.split(order, start[1:-1]):
        block = A[np.ix_(part, part)]
        if block.tobytes() not in rates:
            rates[block.tobytes()] = float(np.linalg.eigvals(block).real.max())
    return max(rates.values())


def _solve_parts(A: Any, D: Any, there: Any, order: Any, start: Any) -> Any:
    """V of a cascade; None where running sums do not apply, or not to full precision."""
    back = np.argsort(order)
    drift = _permuted(np.where(there, A, 0.0), order)
    found = fields(drift, start)
    if found is None:
        return None

    def solution(R: Any) -> tuple[Any, float]:
        V, rate = solve_cascade(drift, _permuted(R, order), start, found)
        return _permuted(V, back), rate

    V, rate = solution(D)
    if rate >= -MARGINAL * _size(A):
        return np.full(A.shape, np.nan)
    if not np.abs(V).max() < LARGEST:
        raise OverflowError(
            "The model amplifies so much that its covariance outgrows floating-point numbers."
        )
    return _refined(A, V, D, lambda R: solution(R)[0])


def _permuted(X: Any, order: Any) -> Any:
    return X if np.all(np.diff(order) == 1) else X[np.ix_(order, order)]


def _refined(A: Any, V: Any, D: Any, correct: Callable[[Any], Any]) -> Any:
    """V, with its residual solved for and added where it is worth it; None when it stays poor."""
    for _ in range(2):
        if residual(A, V, D) <= GOOD:
            return V
        R = A @ V
        V = V + correct(R + R.T + D)
    return V if residual(A, V, D) < POOR else None


def residual(A: Any, V: Any, D: Any) -> float:
    """‖A V + V Aᵀ + D‖ / (2‖A‖‖V‖ + ‖D‖), the numerator as random vectors see it.

    The mean of ‖R z‖² over z with independent normal elements is ‖R‖² (M. F. Hutchinson,
    Commun. Stat. Simul. Comput. 19, 433 (1990)).

    Args:
        A: drift, (n, n).
        V: covariance, (n, n).
        D: diffusion, (n, n).

    >>> residual(-np.eye(2), np.eye(2) / 2, np.eye(2))
    0.0
    """
    z = np.random.default_rng(0).standard_normal((len(A), PROBES))
    # Long amplifiers outgrow the square root of the largest number, so V is scaled.
    scale = max(float(V.max()), -float(V.min()))
    W, noise = (V / scale, D / scale) if scale > 1e100 else (V, D)
    seen = A @ (W @ z) + W @ (A.T @ z) + noise @ z
    bound = 2 * np.linalg.norm(A) * np.linalg.norm(W) + np.linalg.norm(noise)
    return float(np.linalg.norm(seen) / np.sqrt(PROBES) / bound) if bound else 0.0


def _size(A: Any) -> float:
    return float(np.linalg.norm(A))


def _solve_dense(A: Any, D: Any, growth: Callable[[], float]) -> Any:
    """V by the sign iteration; near threshold, eigenvalues decide and Bartels-Stewart solves."""
    from scipy.linalg import solve_continuous_lyapunov

    nowhere = np.full(A.shape, np.nan)
    V, verdict = _sign_iteration(A, D)
    if verdict > 0 and _size(A) * _size(V) < NEAR * _size(D):
        V = _refined(A, V, D, lambda R: _sign_iteration(A, R)[0])
        if V is not None:
            return V
    if verdict < 0 or growth() >= -MARGINAL * _size(A):
        return nowhere
    V = solve_continuous_lyapunov(A, -D)
    return (V + V.T) / 2


def _sign_iteration(A: Any, D: Any) -> tuple[Any, int]:
    """A ← ½(cA + A⁻¹/c), D ← ½(cD + A⁻¹DA⁻ᵀ/c); D/2 at the end, and 1, −1 or 0.

    1: the limit is −1, A is stable. −1: a trace is positive, A is not. 0: it cannot be told.
    """
    n, size = len(A), _size(A)
    X, R = A, D
    for step in range(STEPS):
        try:
            inverse = np.linalg.inv(X)
        except np.linalg.LinAlgError:
            return D, 0
        c = np.sqrt(_size(inverse) / _size(X))
        if step == 0 and size * _size(inverse) > NEAR:
            return D, 0
        new = (c * X + inverse / c) / 2
        R = (c * R + inverse @ R @ inverse.T / c) / 2
        change, X = _size(new - X), new
        if not np.isfinite(change):
            return D, 0
        if np.trace(X) >= 0:
            return D, -1
        if change <= 1e-8 * _size(X):
            return (R + R.T) / 4, 1 if abs(np.trace(X) + n) < 0.5 else -1
    return D, 0
