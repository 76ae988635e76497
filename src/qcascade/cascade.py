"""Steady states of long cascades: A V + V Aᵀ + D = 0 for one large block triangular drift A.

Blocks are the strongly connected parts of a network, upstream ones first, so A_IJ = 0 for
J > I. What part I receives comes through a few fields only: to the left of its diagonal block,

    A_IJ = C_I Φ_{I−1} … Φ_{J+1} B_J,      J < I,

where Φ carries the fields past a part. (P. Dewilde, A.-J. van der Veen, Time-Varying Systems
and Computations (1998), ch. 3: the ranks of A[I:, :I] are the smallest numbers of fields.) In
block (I, J) of the equation, the sums over everything upstream are then running sums,

    A_II V_IJ + V_IJ A_JJᵀ + D_IJ + C_I S_J + T_I C_Jᵀ = 0,
    S_J ← Φ_I S_J + B_I V_IJ  (I = 1, 2, …),      T_I ← T_I Φ_Jᵀ + V_IJ B_Jᵀ  (J = 1, 2, …),

and forward substitution through M parts takes O(M²) operations. Schur forms A_II = Q T Qᴴ of
the diagonal blocks alone make it scalar, and the solution of the same equation for the residual
makes up for their rounding. Nothing depends on how near the parts are to being
equal: a cascade of identical cavities is as good as any other.
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numba
import numpy as np

FIELDS = 64  # more than these between two parts: running sums do not pay
TOLERANCE = 1e-14  # of a column of A, relative, that the others do not explain
LARGEST = 1e300  # elements of V that the residual may hold
HELD = 2.0  # preference for columns that explain others already

_jit: Any = numba.njit
_kernel = _jit(error_model="numpy", nogil=True, cache=True)
# Called from other kernels only, so without the wrappers that Python would need.
_inner = _jit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


class Fields(NamedTuple):
    """What parts send downstream: A_IJ = C_I Φ_{I−1} … Φ_{J+1} B_J, with at most f fields."""

    count: Any  # fields that leave part I, integers (parts,)
    receive: Any  # C, rows of all parts, (n, f)
    carry: Any  # Φ, (parts, f, f)
    send: Any  # Bᵀ, rows of all parts, (n, f)


def fields(A: Any, start: Any) -> Fields | None:
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
    return Fields(
        count,
        np.ascontiguousarray(receive[:, :most]),
        np.ascontiguousarray(carry[:, :most, :most]),
        np.ascontiguousarray(send[:, :most]),
    )


def rebuilt(found: Fields, start: Any) -> Any:
    """What the fields carry, as the matrix below the diagonal blocks."""
    n = len(found.receive)
    matrix, state = np.zeros((n, n)), np.zeros((found.receive.shape[1], n))
    for part, (first, last) in enumerate(pairwise(start)):
        matrix[first:last, :first] = found.receive[first:last] @ state[:, :first]
        state[:, :first] = found.carry[part] @ state[:, :first]
        state[:, first:last] = found.send[first:last].T
    return matrix


def solve_cascade(A: Any, D: Any, start: Any, found: Fields) -> tuple[Any, float]:
    """V by forward substitution, and the growth rate max Re λ(A) from the diagonal blocks.

    Args:
        A: block lower triangular drift, (n, n).
        D: symmetric diffusion, (n, n), in the same order.
        start: first row of every block, and n.
        found: what `fields` has found in A.

    Returns:
        V, (n, n), which means nothing unless the rate is negative; and the rate. Elements are
        not finite where a long amplifier outgrows floating-point numbers.

    >>> A = np.array([[-1.0, 0.0], [2.0, -1.0]])
    >>> V, rate = solve_cascade(A, np.eye(2), np.arange(3), fields(A, np.arange(3)))
    >>> V, float(rate)
    (array([[0.5, 0.5],
           [0.5, 1.5]]), -1.0)
    """
    blocks, bases, at, rate = _triangular(A, start)
    receive, send = found.receive.astype(complex), found.send.astype(complex)
    for part, (first, last) in enumerate(pairwise(start)):
        Q = bases[at[part] : at[part + 1]].reshape(last - first, last - first)
        receive[first:last] = Q.conj().T @ receive[first:last]
        send[first:last] = Q.T @ send[first:last]

    def solution(source: Any) -> Any:
        V = np.empty(A.shape)
        _substitute(blocks, bases, at, start, found.count, receive, found.carry, send, source, V)
        return V

    A, D = (np.require(X, requirements=["C", "W"]) for X in (A, D))
    V = solution(D)
    if rate < 0 and np.abs(V).max() < LARGEST:
        # A Schur form knows a slow rate to ε‖A‖ only; the residual knows it as it is.
        R = np.empty(A.shape)
        _apply(A, start, found.count, found.receive, found.carry, found.send, V, R)
        V += solution(R + R.T + D)
    return V, rate


def _triangular(A: Any, start: Any) -> tuple[Any, Any, Any, float]:
    """Lower triangular T and unitary Q of every diagonal block, flat; where they begin; max Re λ.

    Equal blocks, of which long cascades have many, are done once.
    """
    from scipy.linalg import schur

    known: dict[bytes, tuple[Any, Any, Any]] = {}
    forms = []
    for first, last in pairwise(start):
        block = A[first:last, first:last]
        key = block.tobytes()
        if key not in known:
            T, Q = schur(block.astype(complex), output="complex")[:2]
            known[key] = T[::-1, ::-1].ravel(), Q[:, ::-1].ravel(), np.real(np.diag(T)).max()
        forms.append(known[key][:2])
    at = np.concatenate([[0], np.cumsum(np.diff(start) ** 2)])
    T, Q = (np.concatenate(x) for x in zip(*forms, strict=True))
    return T, Q, at, max(float(rate) for _, _, rate in known.values())


@_kernel
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
        columns = np.empty(f + last - first, np.int64)
        for k in range(len(columns)):
            columns[k] = held[k] if k < f else first + k - f
        kept, share = _explain(scaled, columns, f, last, most)
        if len(kept) > most:
            return False
        for k in range(len(kept)):
            for l in range(f):
                carry[part, k, l] = share[k, l]
            for j in range(first, last):
                send[j, k] = share[k, f + j - first]
        f = len(kept)
        for k in range(f):
            held[k] = columns[kept[k]]
        count[part] = f
    return True


@_inner
def _explain(scaled, columns, old, first, most):
    """Which of these columns explain all, seen from row `first` on, and by what shares.

    Gram-Schmidt, largest remainder first; held columns are preferred, since a column that is
    held unchanged gathers no rounding.
    """
    width, depth = len(columns), scaled.shape[1] - first
    rest = np.empty((width, depth))
    size, left, along = np.zeros(width), np.zeros(width), np.zeros((width, width))
    for k in range(width):
        for i in range(depth):
            rest[k, i] = scaled[columns[k], first + i]
        left[k] = size[k] = math.sqrt(_dot(rest, k, k, depth))
    kept = np.empty(width, np.int64)
    number, open_ = 0, size > 0
    while number <= most:
        best, pick = 0.0, -1
        for k in range(width):
            if open_[k] and left[k] > TOLERANCE * size[k]:
                weight = left[k] * (HELD if k < old else 1.0)
                if weight > best:
                    best, pick = weight, k
        if pick < 0:
            break
        kept[number] = pick
        open_[pick] = False
        along[number, pick] = left[pick]
        for i in range(depth):
            rest[pick, i] /= left[pick]
        for k in range(width):
            if open_[k]:
                for _ in range(2):  # once more for the digits that the first time cancels
                    overlap = _dot(rest, pick, k, depth)
                    along[number, k] += overlap
                    for i in range(depth):
                        rest[k, i] -= overlap * rest[pick, i]
                left[k] = math.sqrt(_dot(rest, k, k, depth))
        number += 1
    return kept[:number], _shares(along, kept[:number], open_)


@_inner
def _dot(rows, j, k, depth):
    total = 0.0
    for i in range(depth):
        total += rows[j, i] * rows[k, i]
    return total


@_inner
def _shares(along, kept, rest):
    """Shares of the kept columns in every column: back substitution in their triangle."""
    number = len(kept)
    share = np.zeros((number, along.shape[1]))
    for k in range(number):
        share[k, kept[k]] = 1.0
    for j in range(along.shape[1]):
        if rest[j]:
            for k in range(number - 1, -1, -1):
                value = along[k, j]
                for l in range(k + 1, number):
                    value -= along[k, kept[l]] * share[l, j]
                share[k, j] = value / along[k, kept[k]]
    return share


@_kernel
def _substitute(blocks, bases, at, start, count, receive, carry, send, D, V):
    """Forward substitution, part by part; the equations stand at the top of this module."""
    n, f = receive.shape
    above = np.zeros((n, f), np.complex128)  # S, a row for every column of V
    wide = np.max(start[1:] - start[:-1])
    row = np.zeros((wide, n), np.complex128)  # of V, in the basis of the Schur forms
    spare = np.zeros(max(n, f), np.complex128)
    left = np.zeros((wide, f), np.complex128)  # T
    before = 0
    for part in range(len(start) - 1):
        first, last = start[part], start[part + 1]
        _turn_row(bases, at, start, part, D, row, spare)
        for a in range(wide):
            for k in range(f):
                left[a, k] = 0.0
        fields_here = 0
        for other in range(part):
            low, high = start[other], start[other + 1]
            for a in range(last - first):
                for b in range(low, high):
                    value = row[a, b]
                    for k in range(before):
                        value += receive[first + a, k] * above[b, k]
                    for k in range(fields_here):
                        value += left[a, k] * receive[b, k].conjugate()
                    row[a, b] = value
            _solve_block(blocks, at, start, part, other, row)
            passing, fields_here = fields_here, count[other]
            heard = left[: last - first]
            _pass(heard, carry, send, row, other, low, high, passing, fields_here, spare)
        for a in range(last - first):
            for b in range(last - first):
                value = row[a, first + b]
                for k in range(before):
                    value += receive[first + a, k] * left[b, k].conjugate()
                    value += left[a, k] * receive[first + b, k].conjugate()
                row[a, first + b] = value
            for k in range(f):
                above[first + a, k] = left[a, k].conjugate()
        _solve_block(blocks, at, start, part, part, row)
        _pass_row(above, carry, send, row, part, first, last, before, count[part], spare)
        before = count[part]
        _write_row(bases, at, start, part, row, V, spare)


@_kernel
def _apply(A, start, count, receive, carry, send, V, out):
    """out ← A V, the fields being running sums for all columns of V at once."""
    n, f = receive.shape
    state, spare = np.zeros((f, n)), np.zeros((f, n))
    before = 0
    for part in range(len(start) - 1):
        first, last = start[part], start[part + 1]
        for i in range(first, last):
            _clear(out, i)
            for j in range(first, last):
                _add(out, i, A[i, j], V, j)
            for k in range(before):
                _add(out, i, receive[i, k], state, k)
        for k in range(count[part]):
            _clear(spare, k)
            for l in range(before):
                _add(spare, k, carry[part, k, l], state, l)
            for j in range(first, last):
                _add(spare, k, send[j, k], V, j)
        state, spare = spare, state
        before = count[part]


@_inner
def _clear(rows, i):
    for k in range(rows.shape[1]):
        rows[i, k] = 0.0


@_inner
def _add(rows, i, factor, others, j):
    if factor != 0:
        for k in range(rows.shape[1]):
            rows[i, k] += factor * others[j, k]


@_inner
def _turn_row(bases, at, start, part, D, row, spare):
    """row ← Q_Iᴴ D_IJ Q_J for all J ≤ I."""
    first, last = start[part], start[part + 1]
    m = last - first
    for a in range(m):
        for j in range(last):
            spare[j] = 0.0
        for p in range(m):
            q = bases[at[part] + p * m + a].conjugate()
            for j in range(last):
                spare[j] += q * D[first + p, j]
        for other in range(part + 1):
            low, k = start[other], start[other + 1] - start[other]
            for b in range(k):
                value = 0.0j
                for p in range(k):
                    value += spare[low + p] * bases[at[other] + p * k + b]
                row[a, low + b] = value


@_inner
def _solve_block(blocks, at, start, part, other, row):
    """X of T_I X + X T_Jᴴ + R = 0 in place of R, element by element."""
    m, low = start[part + 1] - start[part], start[other]
    k = start[other + 1] - low
    p, q = at[part], at[other]
    for a in range(m):
        for b in range(k):
            value = row[a, low + b]
            for c in range(a):
                value += blocks[p + a * m + c] * row[c, low + b]
            for c in range(b):
                value += row[a, low + c] * blocks[q + b * k + c].conjugate()
            rate = blocks[p + a * m + a] + blocks[q + b * k + b].conjugate()
            size = 1.0 / (rate.real * rate.real + rate.imag * rate.imag)
            row[a, low + b] = -value * complex(rate.real * size, -rate.imag * size)


@_inner
def _pass(left, carry, send, row, part, low, high, before, after, spare):
    """T ← T Φᵀ + V_IJ Bᴴ: the running sum of a row moves past a part."""
    for a in range(len(left)):
        for k in range(after):
            value = 0.0j
            for l in range(before):
                value += left[a, l] * carry[part, k, l]
            for b in range(low, high):
                value += row[a, b] * send[b, k].conjugate()
            spare[k] = value
        for k in range(after):
            left[a, k] = spare[k]


@_inner
def _pass_row(above, carry, send, row, part, first, last, before, after, spare):
    """S ← Φ S + B V_IJ for all J ≤ I: the running sums of all columns move past a part."""
    for j in range(last):
        for k in range(after):
            value = 0.0j
            for l in range(before):
                value += carry[part, k, l] * above[j, l]
            for a in range(first, last):
                value += send[a, k] * row[a - first, j]
            spare[k] = value
        for k in range(after):
            above[j, k] = spare[k]


@_inner
def _write_row(bases, at, start, part, row, V, spare):
    """V_IJ = Q_I row Q_Jᴴ for all J ≤ I, and their transposes."""
    first, m = start[part], start[part + 1] - start[part]
    for other in range(part + 1):
        low, k = start[other], start[other + 1] - start[other]
        for a in range(m):
            for j in range(k):
                spare[j] = 0.0
                for b in range(k):
                    spare[j] += row[a, low + b] * bases[at[other] + j * k + b].conjugate()
            for j in range(k):
                row[a, low + j] = spare[j]
        for i in range(m):
            for j in range(k):
                value = 0.0
                for a in range(m):
                    q, x = bases[at[part] + i * m + a], row[a, low + j]
                    value += q.real * x.real - q.imag * x.imag
                V[first + i, low + j] = V[low + j, first + i] = value
