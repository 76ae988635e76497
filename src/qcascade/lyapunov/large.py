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

from ..base.checks import ConvergenceError
from ..numerics.complex_form import complex_form
from ..numerics.graphs import strong_parts
from .amplification import slowest
from .careful import solve_carefully
from .cascade import LARGEST, solve_cascade
from .directions import ROUNDING
from .fields import fields
from .low_rank import solve_low_rank
from .rotation import MARGINAL
from .sign_error import AMPLIFIED, FINE, GOOD, POOR

NEAR = 1e12  # ‖A‖‖V‖/‖D‖ of a dense system so near threshold that eigenvalues decide
STEPS = 50  # of the sign iteration; an eigenvalue 1e-12 away from zero takes about 45
PROBES = 4  # random vectors that measure a residual
CAREFUL = 1024  # rows up to which twice the precision takes seconds; beyond, own scales decide
LITTLE = 1e-13  # rounding times what the blocks amplify it by, no reason for another look
SHARE = 4  # a cascade has no part above this share of the whole


def solve_large(A: Any, D: Any) -> Any:
    """V of one system, NaN where there is no steady state.

    Args:
        A: drift, (n, n), finite.
        D: diffusion, symmetric, (n, n), finite.

    Raises:
        ConvergenceError: for a long amplifier whose covariance no floating-point number can hold.

    >>> float(solve_large(-np.eye(3), np.eye(3))[2, 2])
    0.5
    """
    order, start = strong_parts(A != 0)
    V = _solve_by_route(A, D, order, start)
    if V is None or np.isnan(V[0, 0]) or len(A) > CAREFUL or _certain(A, V, D, order, start):
        return np.full(A.shape, np.nan) if V is None else V
    V = solve_carefully(A, D, order, start)
    return np.full(A.shape, np.nan) if V is None else V


def _solve_by_route(A: Any, D: Any, order: Any, start: Any) -> Any:
    if np.diff(start).max() * SHARE <= len(A):
        V = _solve_parts(A, D, order, start)
        if V is not None:
            return V
    V = solve_low_rank(A, D)
    if V is not None and residual(A, V, D) < POOR:
        return V
    return _solve_dense(A, D, lambda: growth_of_parts(A, order, start))


def _certain(A: Any, V: Any, D: Any, order: Any, start: Any) -> bool:
    """Whether the error of V is small beside its smallest directions, as in sign.py.

    Where blocks amplify little, it is hardly more than rounding V to numbers. For a physical V,
    V_ii (V⁻¹)_ii ≤ 4 V_xx V_pp of the mode of row i, since V⁻¹ ≤ 4ΩVΩᵀ: mostly that is enough to
    know.
    """
    width = np.sqrt(np.maximum(V.diagonal(), 0.0))
    if not np.all(width > 0):
        return False
    gain = _amplification(A, V, order, start)
    if gain > AMPLIFIED:  # of a block; what is slow beside it, all routes solve to the last digits
        return False
    gain = ROUNDING * max(gain, float(slowest(A, V, D)[0, 0]))
    if gain < LITTLE:
        return True
    area = (width[::2] * width[1::2]).max() if len(V) % 2 == 0 else np.inf
    if area < 1e100 and gain * 4 * area**2 < FINE:
        return True
    try:
        L = np.linalg.cholesky(V / width / width[:, None])
    except np.linalg.LinAlgError:
        return False
    return bool(gain / L.diagonal().min() ** 2 < FINE)


def _amplification(A: Any, V: Any, order: Any, start: Any) -> float:
    """Largest ‖A_II‖‖V_II‖/‖A_II V_II + V_II A_IIᵀ‖ of the diagonal blocks."""
    worst = 1.0
    sizes = np.diff(start)
    for size in np.unique(sizes):
        rows = order[start[:-1][sizes == size][:, None] + np.arange(size)]
        blocks = rows[:, :, None], rows[:, None]
        a, v = A[blocks], V[blocks]
        v = v / np.abs(v).max(axis=(1, 2), keepdims=True)
        driven = a @ v
        norm = [np.linalg.norm(x, axis=(1, 2)) for x in (a, v, driven + driven.mT)]
        worst = max(worst, float((norm[0] * norm[1] / (norm[2] + 1e-300)).max()))
    return worst


def growth_of_parts(A: Any, order: Any, start: Any) -> float:
    """max Re λ over the diagonal blocks of A[order][:, order]."""
    rates: dict[bytes, float] = {}
    for part in np.split(order, start[1:-1]):
        rows = np.sort(part)
        block = A[np.ix_(rows, rows)]
        if block.tobytes() not in rates:
            half = complex_form(block)
            rate = np.linalg.eigvals(block if half is None else half).real.max()
            rates[block.tobytes()] = float(rate)
    return max(rates.values())


def _solve_parts(A: Any, D: Any, order: Any, start: Any) -> Any:
    """V of a cascade; None where running sums do not apply, or not to full precision."""
    back = np.argsort(order)
    drift = _permuted(A, order)
    carried = fields(drift, start)
    if carried is None:
        return None

    def solution(R: Any) -> tuple[Any, float]:
        V, rate = solve_cascade(drift, _permuted(R, order), start, carried)
        return _permuted(V, back), rate

    V, rate = solution(D)
    if rate >= -MARGINAL * _size(A):
        return np.full(A.shape, np.nan)
    if not np.abs(V).max() < LARGEST:
        raise ConvergenceError(
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
    """Largest residual R = A V + V Aᵀ + D of a row on its own scale, as random vectors see it.

    With w_i = √V_ii and g_i = (Σ_j A_ij² V_jj)^½, R_ij is measured by g_i w_j + w_i g_j. The mean
    of |(R z)_i|² over z with independent normal elements is Σ_j R_ij² (M. F. Hutchinson, Commun.
    Stat. Simul. Comput. 19, 433 (1990)); here z_j/w_j, so that no column outshouts the others.

    Args:
        A: drift, (n, n).
        V: covariance, (n, n).
        D: diffusion, (n, n).

    >>> residual(-np.eye(2), np.eye(2) / 2, np.eye(2))
    0.0
    """
    width = np.sqrt(np.abs(V.diagonal()))
    width = np.where(width > 0, width, 1.0)
    z = np.random.default_rng(0).standard_normal((len(A), PROBES)) / width[:, None]
    image = A @ (V @ z) + V @ (A.T @ z) + D @ z
    rate = _row_norms(A * width)
    bound = rate * len(A) ** 0.5 + width * np.linalg.norm(rate / width)
    ratio = _row_norms(image) / PROBES**0.5 / np.where(bound > 0, bound, 1.0)
    return float(ratio.max()) if np.all(np.isfinite(ratio)) else np.inf


def _row_norms(X: Any) -> Any:
    """‖X_i‖ of every row, also where squares outgrow the largest number."""
    largest = np.abs(X).max(axis=1)
    unit = np.where(largest > 0, largest, 1.0)
    return unit * np.linalg.norm(X / unit[:, None], axis=1)


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
    # The kernel of sign.py does the same for small systems, many at a time. Its matrices stay in a
    # cache; beyond, LAPACK's blocked inverse is 2 times faster at 150 rows, and 6 times at 300.
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
