"""What the parts of a cascade hear of each other: the fewest fields that carry a drift.

To the left of the diagonal block of part I,

    A_IJ = C_I Φ_{I−1} … Φ_{J+1} B_J,      J < I,

where Φ carries the fields past a part. (P. Dewilde, A.-J. van der Veen, Time-Varying Systems
and Computations (1998), ch. 3: the ranks of A[I:, :I] are the smallest numbers of fields.)
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.compiling import inner, kernel

FIELDS = 64  # more than these between two parts: running sums do not pay
TOLERANCE = 1e-14  # of a column of A, relative, that the others do not explain
HELD = 2.0  # preference for columns that explain others already


class Downstream(NamedTuple):
    """What parts send downstream: A_IJ = C_I Φ_{I−1} … Φ_{J+1} B_J, with at most f fields."""

    count: Any  # fields that leave part I, integers (parts,)
    receive: Any  # C, rows of all parts, (n, f)
    carry: Any  # Φ, (parts, f, f)
    send: Any  # Bᵀ, rows of all parts, (n, f)


def fields(A: Any, start: Any) -> Downstream | None:
    """The fewest fields that carry all that is below the diagonal blocks of A.

    Args:
        A: block lower triangular drift, (n, n).
        start: first row of every block, and n.

    Returns:
        The fields, or None when there would be more than `FIELDS` at once.

    >>> beam = fields(np.tril(np.ones((5, 5))), np.arange(6))
    >>> beam.count
    array([1, 1, 1, 1, 0])
    """
    count = np.zeros(len(start) - 1, np.int64)
    most = FIELDS
    below = np.zeros(A.shape)
    for first, last in pairwise(start):
        below[first:last, :first] = A[first:last, :first]
    # Rows of slow parts count as much as those of fast ones.
    size = np.abs(below).max(axis=1)
    scaled = np.ascontiguousarray((below / np.where(size > 0, size, 1.0)[:, None]).T)
    receive, send = np.zeros((2, len(A), most))
    carry = np.zeros((len(count), most, most))
    if not _find_fields(scaled, below, start, count, receive, carry, send):
        return None
    most = int(count.max())
    return Downstream(
        count,
        np.ascontiguousarray(receive[:, :most]),
        np.ascontiguousarray(carry[:, :most, :most]),
        np.ascontiguousarray(send[:, :most]),
    )


@kernel
def _find_fields(scaled, below, start, count, receive, carry, send):
    """Fill in the fields of all parts; False when they are too many.

    A field is a column of A, as seen from downstream. When a part is passed, its columns join
    those that are held; of all these, as few are held on as explain the rest.
    """
    most = receive.shape[1]
    held = np.zeros(most, np.int64)
    f = 0
    for part in range(len(start) - 1):
        first, last = start[part], start[part + 1]
        for i in range(first, last):
            for k in range(f):
                receive[i, k] = below[i, held[k]]
        # Candidates to be held from here on: the fields that came, and the columns of this part.
        columns = np.empty(f + last - first, np.int64)
        for k in range(len(columns)):
            columns[k] = held[k] if k < f else first + k - f
        chosen, share = _explain(scaled, columns, f, last, most)
        if len(chosen) > most:
            return False
        for k in range(len(chosen)):
            for l in range(f):
                carry[part, k, l] = share[k, l]
            for j in range(first, last):
                send[j, k] = share[k, f + j - first]
        f = len(chosen)
        for k in range(f):
            held[k] = columns[chosen[k]]
        count[part] = f
    return True


@inner
def _explain(scaled, columns, old, first, most):
    """Which of these columns explain all, seen from row `first` on, and by what shares.

    Gram-Schmidt, largest remainder first; held columns are preferred, since a column that is
    held unchanged gathers no rounding.
    """
    width, depth = len(columns), scaled.shape[1] - first
    remainder = np.empty((width, depth))
    size, norm, triangle = np.zeros(width), np.zeros(width), np.zeros((width, width))
    for k in range(width):
        for i in range(depth):
            remainder[k, i] = scaled[columns[k], first + i]
        norm[k] = size[k] = math.sqrt(_dot(remainder, k, k, depth))
    chosen = np.empty(width, np.int64)
    number, free = 0, size > 0
    while number <= most:
        best, column = 0.0, -1
        for k in range(width):
            if free[k] and norm[k] > TOLERANCE * size[k]:
                weight = norm[k] * (HELD if k < old else 1.0)
                if weight > best:
                    best, column = weight, k
        if column < 0:
            break
        chosen[number] = column
        free[column] = False
        triangle[number, column] = norm[column]
        for i in range(depth):
            remainder[column, i] /= norm[column]
        for k in range(width):
            if free[k]:
                for _ in range(2):  # once more for the digits that the first time cancels
                    overlap = _dot(remainder, column, k, depth)
                    triangle[number, k] += overlap
                    for i in range(depth):
                        remainder[k, i] -= overlap * remainder[column, i]
                norm[k] = math.sqrt(_dot(remainder, k, k, depth))
        number += 1
    return chosen[:number], _shares(triangle, chosen[:number], free)


@inner
def _dot(rows, j, k, depth):
    total = 0.0
    for i in range(depth):
        total += rows[j, i] * rows[k, i]
    return total


@inner
def _shares(triangle, chosen, explained):
    """Shares of the kept columns in every column: back substitution in their triangle."""
    number = len(chosen)
    share = np.zeros((number, triangle.shape[1]))
    for k in range(number):
        share[k, chosen[k]] = 1.0
    for j in range(triangle.shape[1]):
        if explained[j]:
            for k in range(number - 1, -1, -1):
                value = triangle[k, j]
                for l in range(k + 1, number):
                    value -= triangle[k, chosen[l]] * share[l, j]
                share[k, j] = value / triangle[k, chosen[k]]
    return share
