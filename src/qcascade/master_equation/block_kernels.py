"""Compiled right-hand side of a block-diagonal master equation, panel by panel.

A block X of ρ is cut into panels of columns. A panel has rows of `ROW` numbers: 32 columns of a
real X, or 16 of a complex one with real parts first and imaginary parts behind. So a sparse matrix
acts on it as sums of whole rows, v times row k, which stay in vector registers; imaginary parts of
a sparse matrix (few, as a rule: detunings) are kept apart.

    SOURCE     S = (J X)†, or (J X)ᵀ where X is a complex conjugate, written as panels
    TARGET     W = K X + n∘X/2 + triangle(J S), the lower triangle with half of the diagonal
    SYMMETRIC  dρ/dt = W + W†

are the three kinds of task; tasks of one kind may run at the same time.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base import compiling as numba
from ..simd.shuffles import evens, load_at, odds, store_at, transposed, zip_high, zip_low
from ..simd.vectors import fma, load, memory, splat, store

ROW = 32  # numbers in a row of a panel: four AVX-512 registers
TILE = 32  # rows and columns at a time when a block is added to its adjoint
LANES = (0.0,) * 8

SOURCE, TARGET, SYMMETRIC = range(3)
WITH_K, WITH_DIAGONAL, ADD = 1, 2, 4  # bits of a task's flags


class Tables(NamedTuple):
    """Everything about the generator that the kernel reads."""

    task: Any  # (T, 7): kind, sector or term, first and last column (or row), terms, flags
    sector: Any  # (B, 5): first entry in the vector, d, first row of K, diagonal jumps, their place
    term: Any  # (M, 5): target sector, source sector, first row of J, conjugate, place in scratch
    real_start: Any  # first real element of every row of every sparse matrix, and the end
    imag_start: Any
    column: Any
    value: Any
    diagonal: Any  # diagonal jumps (R, d), rows padded to whole panels


@numba.njit(nogil=True, inline="always")
def _put_all(acc: Any, a0: Any, a1: Any, a2: Any, a3: Any) -> None:
    store(acc, 0, a0)
    store(acc, 1, a1)
    store(acc, 2, a2)
    store(acc, 3, a3)


@numba.njit(nogil=True, inline="always")
def _add_rows(acc: Any, panel: Any, t: Tables, row: int, sign: float) -> None:
    """acc += Σ_k M[row, k] panel[k] for row `row` of the sparse matrices, M or M*."""
    # A row of a panel is four registers for as long as its sum runs: an element of M costs four
    # `fma` and no store. Of complex numbers, a0 and a1 hold real parts, a2 and a3 imaginary ones.
    a0, a1, a2, a3 = load(acc, 0), load(acc, 1), load(acc, 2), load(acc, 3)
    for e in range(t.real_start[row], t.real_start[row + 1]):
        v, at = splat(acc, t.value[e]), 4 * np.intp(t.column[e])
        a0 = fma(v, load(panel, at), a0)
        a1 = fma(v, load(panel, at + 1), a1)
        a2 = fma(v, load(panel, at + 2), a2)
        a3 = fma(v, load(panel, at + 3), a3)
    for e in range(t.imag_start[row], t.imag_start[row + 1]):
        v, at = splat(acc, sign * t.value[e]), 4 * np.intp(t.column[e])
        # iv (x + iy) = −vy + ivx.
        minus = splat(acc, -sign * t.value[e])
        a0 = fma(minus, load(panel, at + 2), a0)
        a1 = fma(minus, load(panel, at + 3), a1)
        a2 = fma(v, load(panel, at), a2)
        a3 = fma(v, load(panel, at + 1), a3)
    _put_all(acc, a0, a1, a2, a3)


@numba.njit(nogil=True, inline="always")
def _clear(acc: Any) -> None:
    zero = splat(acc, 0.0)
    _put_all(acc, zero, zero, zero, zero)


@numba.njit(nogil=True)
def _cut(x: Any, place: int, d: int, first: int, last: int, parts: int, panel: Any) -> None:
    """Copy columns `first` to `last` of a block into a panel.

    Columns of the panel that the block does not have hold what follows in x, finite or not:
    columns never mix, and nobody reads those.
    """
    width = ROW // parts
    source, target = memory(x, LANES), memory(panel, LANES)
    for k in range(d):
        at, to = parts * (place + k * d + first), ROW * k
        # The last columns of the last rows: whole registers would be read beyond the end of x.
        if at + ROW > len(x):
            panel[to : to + ROW] = 0.0
            for c in range(last - first):
                for part in range(parts):
                    panel[to + part * width + c] = x[at + parts * c + part]
            continue
        a, b = load_at(source, at), load_at(source, at + 8)
        c, e = load_at(source, at + 16), load_at(source, at + 24)
        if parts == 2:
            a, b, c, e = evens(a, b), evens(c, e), odds(a, b), odds(c, e)
        store(target, 4 * k, a)
        store(target, 4 * k + 1, b)
        store(target, 4 * k + 2, c)
        store(target, 4 * k + 3, e)


@numba.njit(nogil=True)
def _paste(row: Any, out: Any, at: int, columns: int, parts: int, add: bool) -> None:
    """Write or add a row of a panel to a row of the block."""
    if columns < ROW // parts:
        for c in range(columns):
            for part in range(parts):
                value = row[part * (ROW // parts) + c]
                out[at + parts * c + part] = value + (out[at + parts * c + part] if add else 0.0)
        return
    acc, target = memory(row, LANES), memory(out, LANES)
    a, b, c, d = load(acc, 0), load(acc, 1), load(acc, 2), load(acc, 3)
    if parts == 2:
        a, b, c, d = zip_low(a, c), zip_high(a, c), zip_low(b, d), zip_high(b, d)
    if add:
        a, b = a + load_at(target, at), b + load_at(target, at + 8)
        c, d = c + load_at(target, at + 16), d + load_at(target, at + 24)
    store_at(target, at, a)
    store_at(target, at + 8, b)
    store_at(target, at + 16, c)
    store_at(target, at + 24, d)


@numba.njit(nogil=True)
def _scatter(rows: Any, scratch: Any, to: int, columns: int, parts: int, sign: float) -> None:
    """Eight rows of a panel become eight columns of another; imaginary parts times `sign`."""
    width = ROW // parts
    source, target = memory(rows, LANES), memory(scratch, LANES)
    for v in range(4):
        part, first = (8 * v) // width, (8 * v) % width
        if first >= columns:
            continue
        a, b, c, d, e, f, g, h = transposed(
            load(source, v),
            load(source, v + 4),
            load(source, v + 8),
            load(source, v + 12),
            load(source, v + 16),
            load(source, v + 20),
            load(source, v + 24),
            load(source, v + 28),
        )
        if part == 1 and sign < 0:
            zero = splat(source, 0.0)
            a, b, c, d = zero - a, zero - b, zero - c, zero - d
            e, f, g, h = zero - e, zero - f, zero - g, zero - h
        at = to + ROW * first + part * width
        for n, column in enumerate((a, b, c, d, e, f, g, h)):
            if first + n < columns:
                store_at(target, at + ROW * n, column)


@numba.njit(nogil=True)
def _source(t: Tables, p: Any, x: Any, scratch: Any, parts: int, panel: Any, rows: Any) -> None:
    """S[first:last] = (J X)†[first:last], or the transpose: rows of all panels of S."""
    m, first, last = p[1], p[2], p[3]
    target, source, start = t.term[m, 0], t.term[m, 1], t.term[m, 2]
    conjugate, place = t.term[m, 3], t.term[m, 4]
    d, height, width = t.sector[source, 1], t.sector[target, 1], ROW // parts
    _cut(x, t.sector[source, 0], d, first, last, parts, panel)
    vectors = memory(panel, LANES)
    # (JX)* for X = X'* is J* X', and its transpose is what takes the place of (JX)†.
    sign = -1.0 if conjugate else 1.0
    # Eight rows of J X are made before any is put away: transposed, they are eight numbers in a row
    # of S, one store each instead of eight.
    for j in range(0, height, 8):
        for n in range(min(8, height - j)):
            acc = memory(rows[ROW * n :], LANES)
            _clear(acc)
            _add_rows(acc, vectors, t, start + j + n, sign)
        to = place + ROW * ((j // width) * d + first) + j % width
        _scatter(rows, scratch, to, last - first, parts, -sign)


@numba.njit(nogil=True, inline="always")
def _add_diagonal(acc: Any, panel: Any, t: Tables, k: int, i: int, first: int, parts: int) -> None:
    """acc += n_ij X_ij / 2 with n_ij = Σ_r j_ri j_rj, for the columns j of a panel."""
    count, place = t.sector[k, 3], t.sector[k, 4]
    padded = (t.sector[k, 1] + ROW - 1) // ROW * ROW
    table = memory(t.diagonal, LANES)
    n0, n1, n2, n3 = splat(acc, 0.0), splat(acc, 0.0), splat(acc, 0.0), splat(acc, 0.0)
    for r in range(count):
        base = place + r * padded
        v, at = splat(acc, 0.5 * t.diagonal[base + i]), (base + first) // 8
        n0 = fma(v, load(table, at), n0)
        n1 = fma(v, load(table, at + 1), n1)
        if parts == 1:
            n2 = fma(v, load(table, at + 2), n2)
            n3 = fma(v, load(table, at + 3), n3)
    if parts == 2:
        n2, n3 = n0, n1
    store(acc, 0, fma(n0, load(panel, 4 * i), load(acc, 0)))
    store(acc, 1, fma(n1, load(panel, 4 * i + 1), load(acc, 1)))
    store(acc, 2, fma(n2, load(panel, 4 * i + 2), load(acc, 2)))
    store(acc, 3, fma(n3, load(panel, 4 * i + 3), load(acc, 3)))


@numba.njit(nogil=True, inline="always")
def _below(row: Any, i: int, first: int, parts: int) -> None:
    """Keep what lies left of the diagonal, and half of what lies on it."""
    width = ROW // parts
    for part in range(parts):
        for c in range(max(i - first, 0), width):
            row[part * width + c] *= 0.5 if first + c == i else 0.0


@numba.njit(nogil=True)
def _target(
    t: Tables, p: Any, x: Any, scratch: Any, out: Any, parts: int, panel: Any, row: Any
) -> None:
    """W[:, first:last], written or (with the flag ADD) added."""
    k, first, last, flags = p[1], p[2], p[3], p[6]
    place, d, start, count = t.sector[k, 0], t.sector[k, 1], t.sector[k, 2], t.sector[k, 3]
    width = ROW // parts
    with_diagonal = flags & WITH_DIAGONAL and count > 0
    if flags & WITH_K or with_diagonal:
        _cut(x, place, d, first, last, parts, panel)
    vectors, acc = memory(panel, LANES), memory(row, LANES)
    for i in range(d):
        _clear(acc)
        # Rows above the panel's columns are the upper triangle of J S, which W + W† brings from
        # below.
        if i >= first:
            for m in range(p[4], p[5]):
                height = t.sector[t.term[m, 1], 1]
                at = t.term[m, 4] + (first // width) * height * ROW
                _add_rows(acc, memory(scratch[at:], LANES), t, t.term[m, 2] + i, 1.0)
            if i < first + width:
                _below(row, i, first, parts)
        if flags & WITH_K:
            _add_rows(acc, vectors, t, start + i, 1.0)
        if with_diagonal:
            _add_diagonal(acc, vectors, t, k, i, first, parts)
        to = parts * (place + i * d + first)
        _paste(row, out, to, last - first, parts, flags & ADD != 0)


@numba.njit(nogil=True)
def _symmetric(t: Tables, p: Any, out: Any, parts: int) -> None:
    """W + W† in place, for rows `first` to `last` up to the diagonal and their mirror images."""
    place, d = t.sector[p[1], 0], t.sector[p[1], 1]
    first, last = p[2], p[3]
    # By tiles, so that an element and its mirror image, a column away, are both still in the cache.
    for left in range(0, last, TILE):
        for i in range(max(first, left), last):
            for j in range(left, min(left + TILE, i + 1)):
                lower, upper = parts * (place + i * d + j), parts * (place + j * d + i)
                x = out[lower] + out[upper]
                out[lower], out[upper] = x, x
                if parts == 2:
                    y = out[lower + 1] - out[upper + 1]
                    out[lower + 1], out[upper + 1] = y, -y


@numba.njit(cache=True, nogil=True)
def perform(
    t: Tables, begin: int, end: int, x: Any, scratch: Any, out: Any, parts: int, panel: Any
) -> None:
    """Do some tasks of the list, one after the other.

    Args:
        t: the generator.
        begin: first task.
        end: the task after the last.
        x: packed ρ as float64; with `parts` = 2, real and imaginary parts alternate.
        scratch: room for S.
        out: packed dρ/dt as float64.
        parts: 1 for real numbers, 2 for complex ones.
        panel: room for one panel and eight rows, this thread's own.
    """
    row, body = panel[: 8 * ROW], panel[8 * ROW :]
    for k in range(begin, end):
        p = t.task[k]
        if p[0] == SOURCE:
            _source(t, p, x, scratch, parts, body, row)
        elif p[0] == TARGET:
            _target(t, p, x, scratch, out, parts, body, row)
        else:
            _symmetric(t, p, out, parts)
