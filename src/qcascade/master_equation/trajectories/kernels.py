"""Compiled loops of quantum trajectories: matrices of one sector from words, and Krylov bases.

A matrix is written row by row. Its rows are shared among threads in whole chunks, and sums over
a vector are taken chunk by chunk: results do not depend on the number of threads, to the last
bit.
"""

from typing import Any, NamedTuple

import numpy as np

from ...base import compiling as numba

CHUNK = 2048  # rows at a time: a chunk of every basis vector stays in the cache
_FAST = {"reassoc", "contract", "nsz"}  # sums may be vectorised; NaN and ∞ stay what they are


class Words(NamedTuple):
    """Words of an operator, as ways from a row ⟨i| to the column |j⟩ it meets.

    What a word asks of qubits is one comparison of bits; oscillators are stepped through.
    """

    mask: Any  # qubits that a word acts on
    want: Any  # their levels in the row
    change: Any  # key of the column minus key of the row
    coefficient: Any  # of every word
    group: Any  # of every word: words of a group share a coefficient
    start: Any  # first step of every word on oscillators, and the number of steps at the end
    mode: Any  # mode of every step
    up: Any  # whether the step adds a quantum


class Basis(NamedTuple):
    """Rows and columns of a block: basis states of two sectors."""

    quanta: Any  # of every row, by mode
    tops: Any  # most quanta of every mode: beyond them, keys are those of other states
    bits: Any  # levels of the qubits of every row
    keys: Any  # of every row
    table: Any  # position of a column by its key, −1 where there is none; or nothing
    columns: Any  # keys of the columns, ascending
    square: bool  # whether rows and columns are the same


class Rows(NamedTuple):
    """A matrix by rows: a diagonal, and columns in groups that share a value, or with values."""

    diagonal: Any  # (n,), or nothing when it is not square
    cut: Any  # (n · groups + 1,): where every group of every row begins
    column: Any
    shared: Any  # value of every group
    value: Any  # of every entry; nothing when groups share theirs


@numba.njit(cache=True, nogil=True)
def _factor(w: Words, word: int, quanta: Any, tops: Any, work: Any) -> float:
    """√n's of the oscillators that a word meets in a row; 0 when it takes one out of its range.

    On the way a word may rise above a cutoff; only where it ends must lie within.
    """
    first, last = w.start[word], w.start[word + 1]
    factor = 1.0
    for s in range(first, last):
        work[w.mode[s]] = quanta[w.mode[s]]
    for s in range(first, last):
        n = work[w.mode[s]]
        factor *= np.sqrt(float(n + 1 if w.up[s] else n))
        if factor == 0:
            return 0.0
        work[w.mode[s]] = n + 1 if w.up[s] else n - 1
    for s in range(first, last):
        if work[w.mode[s]] > tops[w.mode[s]]:
            return 0.0
    return factor


@numba.njit(cache=True, nogil=True, inline="always")
def _find(basis: Basis, key: int) -> Any:
    """Position of a column; −1 where there is none."""
    if len(basis.table):
        return basis.table[key] if 0 <= key < len(basis.table) else -1
    at = np.searchsorted(basis.columns, key)
    return at if at < len(basis.columns) and basis.columns[at] == key else -1


@numba.njit(cache=True, nogil=True, inline="always")
def _meeting(w: Words, bits: int, hits: Any) -> int:
    """List the words whose qubits a row meets; without branches, since they are unpredictable."""
    number = 0
    for word in range(len(w.mask)):
        # Written whether it is a hit or not; what is no hit is overwritten by the next.
        hits[number] = word
        number += (bits & w.mask[word]) == w.want[word]
    return number


@numba.njit(cache=True, nogil=True)
def count(w: Words, basis: Basis, counts: Any, a: int, b: int) -> None:
    """Entries off the diagonal of every row and group, for rows a to b."""
    work = np.zeros(basis.quanta.shape[1], np.int64)
    hits = np.zeros(len(w.mask) + 1, np.int64)
    for i in range(a, b):
        quanta = basis.quanta[i]
        for h in range(_meeting(w, basis.bits[i], hits)):
            word = hits[h]
            if basis.square and w.change[word] == 0:
                continue
            steps = w.start[word] < w.start[word + 1]
            if steps and not _factor(w, word, quanta, basis.tops, work):
                continue
            if _find(basis, basis.keys[i] + w.change[word]) >= 0:
                counts[i, w.group[word]] += 1


@numba.njit(cache=True, nogil=True)
def fill(w: Words, basis: Basis, rows: Rows, a: int, b: int) -> None:
    """Write rows a to b of a matrix whose entries have been counted."""
    work = np.zeros(basis.quanta.shape[1], np.int64)
    hits = np.zeros(len(w.mask) + 1, np.int64)
    groups = len(rows.shared)
    at = np.zeros(groups, np.int64)
    for i in range(a, b):
        at[:] = rows.cut[i * groups : (i + 1) * groups]
        for h in range(_meeting(w, basis.bits[i], hits)):
            word = hits[h]
            factor = 1.0
            if w.start[word] < w.start[word + 1]:
                factor = _factor(w, word, basis.quanta[i], basis.tops, work)
                if factor == 0:
                    continue
            if basis.square and w.change[word] == 0:
                rows.diagonal[i] += factor * w.coefficient[word]
                continue
            j = _find(basis, basis.keys[i] + w.change[word])
            if j >= 0:
                g = w.group[word]
                rows.column[at[g]] = j
                if len(rows.value):
                    rows.value[at[g]] = factor * w.coefficient[word]
                at[g] += 1


@numba.njit(cache=True, nogil=True, inline="always")
def _gather(column: Any, x: Any, first: int, last: int) -> Any:
    """Σ_p x[column[p]]; four sums at a time, since additions wait for each other."""
    s0 = x[0] * 0
    s1, s2, s3 = s0, s0, s0
    p = first
    for _ in range((last - first) // 4):
        s0 += x[column[p]]
        s1 += x[column[p + 1]]
        s2 += x[column[p + 2]]
        s3 += x[column[p + 3]]
        p += 4
    for tail in range(p, last):
        s0 += x[column[tail]]
    return (s0 + s1) + (s2 + s3)


@numba.njit(cache=True, nogil=True)
def apply(rows: Rows, x: Any, y: Any, a: int, b: int) -> None:
    """y = M x, for rows a to b."""
    groups = len(rows.shared)
    square, valued = len(rows.diagonal) > 0, len(rows.value) > 0
    for i in range(a, b):
        total = x[0] * 0
        if square:
            total += rows.diagonal[i] * x[i]
        if valued:
            for p in range(rows.cut[i], rows.cut[i + 1]):
                total += rows.value[p] * x[rows.column[p]]
        else:
            for g in range(i * groups, (i + 1) * groups):
                part = _gather(rows.column, x, rows.cut[g], rows.cut[g + 1])
                total += rows.shared[g - i * groups] * part
        y[i] = total


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def project(basis: Any, k: int, y: Any, partial: Any, a: int, b: int) -> None:
    """Chunks of the products ⟨v_j|y⟩ with the first k vectors, and of ‖y‖² behind them."""
    for low in range(a, b, CHUNK):
        high = min(low + CHUNK, b)
        for j in range(k + 1):
            v = basis[j] if j < k else y
            # Sums are vectorised within a chunk, and chunks are added in their order by whoever
            # calls.
            part = y[0] * 0
            for i in range(low, high):
                part += np.conj(v[i]) * y[i]
            partial[low // CHUNK, j] = part


@numba.njit(cache=True, nogil=True)
def apply_project(rows: Rows, basis: Any, k: int, y: Any, partial: Any, a: int, b: int) -> None:
    """y = M v for the last of the first k basis vectors, and the products of y with all k."""
    for low in range(a, b, CHUNK):
        high = min(low + CHUNK, b)
        apply(rows, basis[k - 1], y, low, high)
        project(basis, k, y, partial, low, high)


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def subtract(basis: Any, h: Any, y: Any, partial: Any, a: int, b: int) -> None:
    """y → y − Σ_j h_j v_j, and chunks of ‖y‖² in the first column of `partial`."""
    for low in range(a, b, CHUNK):
        high = min(low + CHUNK, b)
        for j in range(len(h)):
            v, c = basis[j], h[j]
            for i in range(low, high):
                y[i] -= c * v[i]
        part = y[0] * 0
        for i in range(low, high):
            part += np.conj(y[i]) * y[i]
        partial[low // CHUNK, 0] = part


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def scale(y: Any, by: float, a: int, b: int) -> None:
    """y → by · y."""
    for i in range(a, b):
        y[i] *= by


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def combine(basis: Any, c: Any, y: Any, a: int, b: int) -> None:
    """y = Σ_j c_j v_j."""
    for low in range(a, b, CHUNK):
        high = min(low + CHUNK, b)
        y[low:high] = 0
        for j in range(len(c)):
            v, x = basis[j], c[j]
            for i in range(low, high):
                y[i] += x * v[i]
