"""Compiled e^{L_S} … e^{L_2} e^{L_1} y for sparse L of one pattern, by Taylor sums.

L = Σ_m f_m L_m: its elements are summed where they are used, so that only the coefficients of the
steps are ever stored.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base import compiling as numba

NORM = 3.0
"""‖L‖ up to which a Taylor sum loses no digits to its own large terms; beyond, it is cut up."""

MOST = 60
"""Terms of a Taylor sum at most: 3ᵏ/k! is below any rounding long before."""


class Sparsity(NamedTuple):
    """Where L has elements, and what each coefficient adds to them."""

    start: Any  # where each row of L begins, (n + 1,)
    column: Any  # columns of the elements, (nnz,)
    first: Any  # where the summands of each element begin, (nnz + 1,)
    feature: Any  # which coefficient each summand holds
    factor: Any  # and what it is multiplied with


@numba.njit(nogil=True, inline="always")
def _fill(p: Sparsity, f: Any, value: Any) -> float:
    """Elements of L, and its largest sum of |L| along a row."""
    most = 0.0
    for i in range(len(p.start) - 1):
        total = 0.0
        for e in range(p.start[i], p.start[i + 1]):
            x = 0.0
            for s in range(p.first[e], p.first[e + 1]):
                x += p.factor[s] * f[p.feature[s]]
            value[e] = x
            total += abs(x)
        most = max(most, total) if total < np.inf else np.inf
    return most


@numba.njit(nogil=True, inline="always")
def _multiply(start: Any, column: Any, value: Any, x: Any, scale: float, out: Any) -> float:
    """out = scale · L x, and its largest element."""
    most = 0.0
    for i in range(len(start) - 1):
        total = 0.0
        for e in range(start[i], start[i + 1]):
            total += value[e] * x[column[e]]
        total *= scale
        out[i] = total
        most = max(most, abs(total))
    return most


@numba.njit(cache=True, nogil=True)
def carry(p: Sparsity, steps: Any, y: Any, least: float, edge: Any) -> tuple[float, int]:
    """Multiply a vector by one exponential after the other, in place.

    Args:
        p: pattern of L.
        steps: coefficients times the duration of a step, (S, F).
        y: vector (n,), changed in place.
        least: size of a term, relative to the vector, below which a sum ends.
        edge: a functional (n,) to watch.

    Returns:
        The largest value of the functional after a step, and the number of applications of L.
    """
    size = len(y)
    a, b, value = np.empty(size), np.empty(size), np.empty(len(p.column))
    largest, used = -np.inf, 0
    for s in range(len(steps)):
        norm = _fill(p, steps[s], value)
        if not np.isfinite(norm):
            y[:] = np.nan
            return largest, used
        pieces = max(1, int(np.ceil(norm / NORM)))
        for _ in range(pieces):
            top = 0.0
            for i in range(size):
                a[i] = y[i]
                top = max(top, abs(y[i]))
            for k in range(1, MOST):
                size_of_term = _multiply(p.start, p.column, value, a, 1.0 / (k * pieces), b)
                used += 1
                for i in range(size):
                    y[i] += b[i]
                a, b = b, a
                # What follows is a geometric series at most.
                ratio = norm / (pieces * (k + 1))
                if ratio < 0.9 and size_of_term * ratio <= least * top * (1.0 - ratio):
                    break
        total = 0.0
        for i in range(size):
            total += edge[i] * y[i]
        largest = max(largest, total)
    return largest, used
