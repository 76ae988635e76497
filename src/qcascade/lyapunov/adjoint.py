"""X of A X + X Aᵀ + R = 0 for the right-hand sides that derivatives have: of any sign and symmetry.

One solution by the kernel of sign.py, and what it leaves of R looked at element by element: a point
where that is more than rounding is solved once more for the rest.
"""

from typing import Any

import numpy as np

from ..base.compiling import kernel
from .batches import rough_points

SAME = 1e-13
"""Relative difference of R_ij and R_ji that is rounding."""

EXACT = 1e-13
"""Part of Σ_k |A_ik X_kj| + Σ_k |X_ik A_jk| + |R_ij| that may be left of R_ij."""


def any_points(A: Any, R: Any) -> Any:
    """X, (points, n, n).

    Args:
        A: drifts of stable systems, (points, n, n), as one piece of memory.
        R: right-hand sides, (points, n, n), likewise.

    >>> any_points(np.array([[[-1.0]]]), np.array([[[-4.0]]]))
    array([[[-2.]]])
    """
    even, rest = np.empty(R.shape), np.empty(R.shape)
    has_odd, off = np.empty(len(R), bool), np.empty(len(R))
    _even_part(R, even, has_odd)
    X = rough_points(A, even)
    _left_over(A, X, even, rest, off)
    again = np.flatnonzero(off > EXACT)
    if len(again):
        X[again] += rough_points(A[again], rest[again])
    # What the kernel takes is symmetric, and where it cannot tell whether A decays it has no X.
    unknown = ~np.isfinite(X[:, 0, 0]) | np.isnan(off)
    if unknown.any() or has_odd.any():
        _complete(A, R, even, X, unknown, has_odd)
    return X


def _complete(A: Any, R: Any, even: Any, X: Any, unknown: Any, has_odd: Any) -> None:
    """Point by point, what is missing in X: all of it, or the part that is not symmetric."""
    from scipy.linalg import solve_sylvester

    for k in np.flatnonzero(unknown | has_odd):
        known = 0.0 if unknown[k] else X[k]
        rest = R[k] if unknown[k] else R[k] - even[k]
        X[k] = known + solve_sylvester(A[k], A[k].T, -rest)


@kernel
def _even_part(R, even, has_odd):
    """(R + Rᵀ)/2, and whether the rest of R is more than rounding."""
    for p in range(len(R)):
        odd = False
        for i in range(R.shape[1]):
            for j in range(i + 1):
                a, b = R[p, i, j], R[p, j, i]
                even[p, i, j] = even[p, j, i] = (a + b) / 2
                odd |= abs(a - b) > 2 * SAME * (abs(a) + abs(b))
        has_odd[p] = odd


@kernel
def _left_over(A, X, R, rest, off):
    """R + A X + X Aᵀ of symmetric X and R, and its largest part of the terms it is the sum of."""
    n = R.shape[1]
    driven, size = np.empty((n, n)), np.empty((n, n))
    for p in range(len(R)):
        driven[:] = 0.0
        size[:] = 0.0
        for i in range(n):
            for k in range(n):
                a, b = A[p, i, k], abs(A[p, i, k])
                if a != 0.0:  # as most are in a cascade
                    for j in range(n):
                        driven[i, j] += a * X[p, k, j]
                        size[i, j] += b * abs(X[p, k, j])
        largest = 0.0
        for i in range(n):
            for j in range(i + 1):
                left = R[p, i, j] + (driven[i, j] + driven[j, i])
                rest[p, i, j] = rest[p, j, i] = left
                terms = abs(R[p, i, j]) + size[i, j] + size[j, i]
                part = abs(left) / terms if left != 0.0 else 0.0
                if not part <= largest:  # NaN stays NaN
                    largest = part
        off[p] = largest
