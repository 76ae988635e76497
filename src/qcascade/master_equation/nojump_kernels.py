"""Compiled substitution for T X + X T† + n∘X = Y with a sparse triangular T.

T is upper triangular, in real arithmetic up to 2×2 diagonal blocks ((a, b), (c, a)) with bc < 0.
Rows of X are solved from the last to the first. What the rows below contribute are sums of whole
rows; what is left is a triangular system along the row. X is Hermitian, so a row is solved
up to its diagonal and written into its column as well, where the rows above will look for it.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base import compiling as numba


class Triangle(NamedTuple):
    """T = Q†KQ of one sector, in the form the kernel reads."""

    block: Any  # first row of every diagonal block, and the dimension at the end
    diagonal: Any  # diagonal of T (d,)
    above: Any  # b of the 2×2 block that begins at a row, else 0
    below: Any  # c of the same
    start: Any  # entries of T outside of diagonal blocks, by rows: first entry of every row
    column: Any
    value: Any
    rotation_start: Any  # Q, by columns
    rotation_row: Any
    rotation_value: Any
    numbers: Any  # diagonal jumps as numbers j (d, R), so that n_ij = Σ j_i j_j*
    dark: float  # a rate below this is no decay
    floor: float  # and is replaced by this one


@numba.njit(cache=True, nogil=True, inline="always")
def _sum_rate(t: Triangle, i: int, j: int) -> Any:
    """t_ii + t_jj* + Σ j_i j_j*, without the 2×2 blocks' frequencies."""
    rate = t.diagonal[i] + np.conj(t.diagonal[j])
    for r in range(t.numbers.shape[1]):
        rate += t.numbers[i, r] * np.conj(t.numbers[j, r])
    return rate


@numba.njit(cache=True, nogil=True)
def has_dark(t: Triangle) -> bool:
    """Whether some element of X does not decay."""
    for p in range(len(t.block) - 1):
        i = t.block[p]
        w = np.sqrt(np.abs(t.above[i] * t.below[i]))
        for q in range(p + 1):
            j = t.block[q]
            v = np.sqrt(np.abs(t.above[j] * t.below[j]))
            if np.hypot(np.abs(_sum_rate(t, i, j)), w - v) < t.dark:
                return True
    return False


@numba.njit(cache=True, nogil=True, inline="always")
def _divide(t: Triangle, i: int, j: int, tall: int, wide: int, y: Any) -> None:
    """Solve for one block of X in place: (s + l + r) x = y, l x = N x, r x = x N'ᵀ.

    l² = −w² and r² = −v² commute, so (s + l + r)⁻¹ = (s − l − r)(P + 2lr) / (P² − 4w²v²) with
    P = s² + w² + v²; the denominator is (s² + (w + v)²)(s² + (w − v)²).
    """
    s = _sum_rate(t, i, j)
    if tall == 1 and wide == 1:
        if np.abs(s) < t.dark:
            s = 0 * s - t.floor
        y[0, 0] /= s
        return
    b, c = (t.above[i], t.below[i]) if tall == 2 else (0.0 * s, 0.0 * s)
    e, f = (t.above[j], t.below[j]) if wide == 2 else (0.0 * s, 0.0 * s)
    w, v = np.sqrt(np.abs(b * c)), np.sqrt(np.abs(e * f))
    if np.hypot(np.abs(s), w - v) < t.dark:
        s = 0 * s - t.floor
    p = s * s + w * w + v * v
    # l swaps rows, r swaps columns; lr does both.
    y00, y01, y10, y11 = y[0, 0], y[0, 1], y[1, 0], y[1, 1]
    z00 = p * y00 + 2 * b * e * y11
    z01 = p * y01 + 2 * b * f * y10
    z10 = p * y10 + 2 * c * e * y01
    z11 = p * y11 + 2 * c * f * y00
    determinant = (s * s + (w + v) ** 2) * (s * s + (w - v) ** 2)
    y[0, 0] = (s * z00 - b * z10 - e * z01) / determinant
    y[0, 1] = (s * z01 - b * z11 - f * z00) / determinant
    y[1, 0] = (s * z10 - c * z00 - e * z11) / determinant
    y[1, 1] = (s * z11 - c * z01 - f * z10) / determinant


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _rotate_row(start: Any, row: Any, value: Any, i: int, Y: Any, rotated: Any, out: Any) -> None:
    """out = (Q†YQ)[i], as far as `out` is long."""
    # Columns of Q have a few entries each: as many rows of Y are added, and then, for each element,
    # as few numbers of their sum.
    rotated[:] = 0
    for e in range(start[i], start[i + 1]):
        factor, k = np.conj(value[e]), row[e]
        for j in range(len(rotated)):
            rotated[j] += factor * Y[k, j]
    for j in range(len(out)):
        x = rotated[row[start[j]]] * value[start[j]]
        for e in range(start[j] + 1, start[j + 1]):
            x += rotated[row[e]] * value[e]
        out[j] = x


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _subtract_rows(start: Any, column: Any, value: Any, i: int, X: Any, end: int) -> None:
    """X[i, :end] −= Σ_k T_ik X[k, :end], over the rows below."""
    for e in range(start[i], start[i + 1]):
        factor, k = value[e], column[e]
        for j in range(end):
            X[i, j] -= factor * X[k, j]


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _substitute_single(
    start: Any, column: Any, value: Any, rate: Any, i: int, X: Any, first: int, stop: int
) -> None:
    """Solve X[i, first:stop] from its end, where all diagonal blocks are 1×1."""
    # X_ij hears of X_ik with k > j, by T_jk: from the end, these are final.
    for j in range(stop - 1, first - 1, -1):
        x = X[i, j]
        for e in range(start[j], start[j + 1]):
            x -= X[i, column[e]] * np.conj(value[e])
        X[i, j] = x / rate[j]


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _substitute_pair(t: Triangle, i: int, end: int, j: int, stop: int, X: Any, y: Any) -> None:
    """Solve X[i:end, j:stop] where one diagonal block or both are 2×2."""
    y[:] = 0
    for row in range(i, end):
        for column in range(j, stop):
            x = X[row, column]
            for e in range(t.start[column], t.start[column + 1]):
                x -= X[row, t.column[e]] * np.conj(t.value[e])
            y[row - i, column - j] = x
    _divide(t, i, j, end - i, stop - j, y)
    for row in range(i, end):
        for column in range(j, stop):
            X[row, column] = y[row - i, column - j]


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _rotate_back(start: Any, row: Any, value: Any, X: Any, out: Any, rotated: Any) -> None:
    """out = Q X Q†."""
    out[:] = 0
    for i in range(len(X)):
        rotated[:] = 0
        for j in range(len(X)):
            x = X[i, j]
            for e in range(start[j], start[j + 1]):
                rotated[row[e]] += x * np.conj(value[e])
        for e in range(start[i], start[i + 1]):
            factor, k = value[e], row[e]
            for j in range(len(rotated)):
                out[k, j] += factor * rotated[j]


@numba.njit(cache=True, nogil=True)
def _rates(t: Triangle, i: int, rate: Any) -> None:
    """The rates t_ii + t_jj* + n_ij of row i, up to its diagonal."""
    for j in range(i + 1):
        x = _sum_rate(t, i, j)
        rate[j] = x if np.abs(x) >= t.dark else 0 * x - t.floor


@numba.njit(cache=True, nogil=True)
def _substitute(t: Triangle, p: int, X: Any, rate: Any, y: Any) -> None:
    """Solve the rows of diagonal block p up to the diagonal, by runs of 1×1 blocks."""
    i, end, q = t.block[p], t.block[p + 1], p
    _rates(t, i, rate)
    while q >= 0:
        first = q
        # Runs of 1×1 blocks, which are nearly all, go without the bookkeeping of the others.
        if end - i == 1:
            while first >= 0 and t.block[first + 1] - t.block[first] == 1:
                first -= 1
        if first < q:
            low, high = t.block[first + 1], t.block[q + 1]
            _substitute_single(t.start, t.column, t.value, rate, i, X, low, high)
            q = first
        else:
            _substitute_pair(t, i, end, t.block[q], t.block[q + 1], X, y)
            q -= 1


@numba.njit(cache=True, nogil=True)
def solve(t: Triangle, Y: Any, out: Any) -> None:
    """out = X with K X + X K† + n∘X = Y, for Hermitian Y of one sector; `out` may be Y."""
    X, spare, rate = np.empty_like(Y), np.empty_like(Y[0]), np.empty_like(Y[0])
    y = np.empty((2, 2), Y.dtype)
    columns, rotation = (t.start, t.column, t.value), t[7:10]
    # From the last block of rows to the first: T_ik ≠ 0 for k > i only, so rows below are final.
    for p in range(len(t.block) - 2, -1, -1):
        i, end = t.block[p], t.block[p + 1]
        for row in range(i, end):
            _rotate_row(*rotation, row, Y, spare, X[row, :end])
            _subtract_rows(*columns, row, X, end)
        _substitute(t, p, X, rate, y)
        for column in range(i):
            for row in range(i, end):
                X[column, row] = np.conj(X[row, column])
    _rotate_back(*rotation, X, out, spare)


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def add_jump(start: Any, column: Any, value: Any, X: Any, out: Any) -> None:
    """out += J X J†, for sparse J given by rows."""
    row = np.empty_like(X[0])
    for i in range(len(out)):
        if start[i] == start[i + 1]:
            continue
        row[:] = 0
        for e in range(start[i], start[i + 1]):
            factor, k = value[e], column[e]
            for j in range(len(row)):
                row[j] += factor * X[k, j]
        for j in range(len(out)):
            x = out[i, j]
            for e in range(start[j], start[j + 1]):
                x += row[column[e]] * np.conj(value[e])
            out[i, j] = x
