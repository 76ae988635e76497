"""Linear equations in about 32 digits: numbers as unevaluated sums of two (T. J. Dekker 1971).

x = hi + lo with |lo| ≤ ε|hi|. Sums and products carry their own rounding error along (D. E. Knuth,
The Art of Computer Programming 2, sec. 4.2.2). A matrix is a pair of arrays, a complex one two
such pairs. Elimination goes element by element, so this is a Numba kernel; two_floats.py has the
products of whole matrices, which libraries do, in NumPy and JAX.
"""

from typing import Any

import numpy as np

from ..base import compiling as numba

SPLIT = 134217729.0  # 2²⁷ + 1: cuts a number into halves whose products are exact


@numba.njit(inline="always", nogil=True)
def two_sum(a: Any, b: Any) -> Any:
    """a + b, rounded, and what rounding took."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@numba.njit(inline="always", nogil=True)
def two_product(a: Any, b: Any) -> Any:
    """a b, rounded, and what rounding took."""
    p = a * b
    u, v = SPLIT * a, SPLIT * b
    a1, b1 = u - (u - a), v - (v - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@numba.njit(inline="always", nogil=True)
def add(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(a + b) + (c + d)."""
    s, e = two_sum(a, c)
    return two_sum(s, e + b + d)


@numba.njit(inline="always", nogil=True)
def multiply(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(a + b)(c + d)."""
    p, e = two_product(a, c)
    return two_sum(p, e + a * d + b * c)


@numba.njit(nogil=True, cache=True)
def add_products(hi: Any, lo: Any, at: Any, x: Any, y: Any) -> None:
    """(hi + lo)[at] += x y, without rounding; places may repeat.

    Args:
        hi: flat array of the larger parts.
        lo: flat array of the smaller parts.
        at: places (k,).
        x: numbers (k,).
        y: numbers (k,).
    """
    for k in range(len(at)):
        p, e = two_product(x[k], y[k])
        hi[at[k]], lo[at[k]] = add(hi[at[k]], lo[at[k]], p, e)


@numba.njit(nogil=True, cache=True)
def residual(hi: Any, lo: Any, x: Any, b: Any) -> Any:
    """b − M x, rounded once, for a real matrix M and a real vector.

    Args:
        hi: larger part of M (n, n).
        lo: smaller part of M (n, n).
        x: vector (n,).
        b: vector (n,).
    """
    # b − M x cancels to the last digits of b, which is what it is for: only the sum to twice the
    # digits has any of them right. Zeros, most of M, are passed over.
    r = np.empty_like(b)
    for i in range(len(b)):
        s, t = b[i], 0.0
        for j in range(len(x)):
            if hi[i, j] != 0.0 and x[j] != 0.0:
                p, e = two_product(-hi[i, j], x[j])
                s, t = add(s, t, p, e - lo[i, j] * x[j])
        r[i] = s + t
    return r


@numba.njit(nogil=True, cache=True)
def solve(hi: Any, lo: Any, b: Any) -> Any:
    """M⁻¹b by elimination with row pivots, and the smallest pivot; M is overwritten.

    Args:
        hi: larger part of a real matrix M (n, n).
        lo: smaller part of M (n, n).
        b: vector (n,).
    """
    n, least = len(b), np.inf
    # Below each pivot row by row: rows lie together in memory. The pivot is the largest of its
    # column by the larger parts alone, which differ from the numbers by less than 1e-16 of them.
    x, y = b.copy(), np.zeros(n)
    for k in range(n):
        p = k + np.argmax(np.abs(hi[k:, k]))
        least = min(least, abs(hi[p, k]))
        if hi[p, k] == 0.0:
            return x, 0.0
        if p != k:
            for j in range(n):
                hi[k, j], hi[p, j] = hi[p, j], hi[k, j]
                lo[k, j], lo[p, j] = lo[p, j], lo[k, j]
            x[k], x[p], y[k], y[p] = x[p], x[k], y[p], y[k]
        for i in range(k + 1, n):
            if hi[i, k] == 0.0:
                continue
            f, g = _divided(hi[i, k], lo[i, k], hi[k, k], lo[k, k])
            f, g = -f, -g
            for j in range(k + 1, n):
                if hi[k, j] != 0.0:
                    s, t = multiply(f, g, hi[k, j], lo[k, j])
                    hi[i, j], lo[i, j] = add(hi[i, j], lo[i, j], s, t)
            s, t = multiply(f, g, x[k], y[k])
            x[i], y[i] = add(x[i], y[i], s, t)
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            s, t = multiply(-hi[k, j], -lo[k, j], x[j], y[j])
            x[k], y[k] = add(x[k], y[k], s, t)
        x[k], y[k] = _divided(x[k], y[k], hi[k, k], lo[k, k])
    return x, least


@numba.njit(inline="always", nogil=True)
def _divided(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(a + b)/(c + d), by long division."""
    # Two digits of the quotient, each a double: the second is of what the first leaves over.
    q = a / c
    s, t = multiply(-q, 0.0, c, d)
    s, t = add(a, b, s, t)
    r = s / c
    s1, t1 = multiply(-r, 0.0, c, d)
    s, t = add(s, t, s1, t1)
    h, e = two_sum(q, r)
    return two_sum(h, e + s / c)
