"""Numba kernel of `magnus.py`: flows of (R, 1) through steps of time, many points at once.

An element (A, D) of the Lie algebra of V ↦ AV + VAᵀ + D is two n×n matrices one after the other in
a flat work array, several points side by side (see simd/vectors.py). Products are of rows with
rows, X Yᵀ; D is symmetric, so that A D needs no transposition.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ..base import compiling as numba
from ..base.compiling import inner
from ..simd import matrices as lane_algebra
from ..simd import vectors as lanes
from ..simd.matrices import product, update
from ..simd.vectors import fma, get, larger, load, magnitude, memory, put, splat, store
from . import nodes as time_nodes
from .nodes import NODES, WIDE

TERMS = 13  # of a Taylor sum at ‖x‖ ≤ ¼: ¼ⁿ/n! is below 2⁻⁵³
SLOTS = 12  # of elements (A, D), besides three matrices to spare


def work_size(n: int) -> int:
    """Numbers of work memory for flows of n×n matrices.

    Args:
        n: 2N + 1.
    """
    return WIDE * (2 * SLOTS + 3) * n * n


@inner
def _mix(w, out, p, x, q, y, size):
    """out ← p x + q y."""
    p, q = splat(w, p), splat(w, q)
    for i in range(size):
        store(w, out + i, fma(p, load(w, x + i), q * load(w, y + i)))


@inner
def _transpose(w, out, x, n):
    for i in range(n):
        for j in range(n):
            store(w, out + j * n + i, load(w, x + i * n + j))


@inner
def _twice_symmetric(w, x, n):
    """x ← x + xᵀ."""
    for i in range(n):
        for j in range(i + 1):
            both = load(w, x + i * n + j) + load(w, x + j * n + i)
            store(w, x + i * n + j, both)
            store(w, x + j * n + i, both)


@inner
def _bracket(w, out, x, y, n, spare):
    """out ← [X, Y] = (A_X A_Y − A_Y A_X,  A_X D_Y + D_Y A_Xᵀ − A_Y D_X − D_X A_Yᵀ)."""
    m, one, minus = n * n, splat(w, 1.0), splat(w, -1.0)
    _transpose(w, spare, y, n)
    product(w, out, n, x, n, spare, n, n, n, n)
    _transpose(w, spare, x, n)
    update(w, out, n, one, minus, y, n, spare, n, n, n, n, False)
    product(w, out + m, n, x, n, y + m, n, n, n, n)
    update(w, out + m, n, one, minus, y, n, x + m, n, n, n, n, False)
    _twice_symmetric(w, out + m, n)


@inner
def _size(w, x, n):
    """Largest sum of magnitudes along a row."""
    largest = splat(w, 0.0)
    for i in range(n):
        row = splat(w, 0.0)
        for j in range(n):
            row = row + magnitude(load(w, x + i * n + j))
        largest = larger(largest, row)
    return largest


@inner
def _exponent(w, n, total):
    """Ω into `total`, from the moments b₀ … b₃ in the first four slots; the formula of magnus.py.

    Returned is the size of all commutators together.
    """
    size = 2 * n * n
    b0, b1, b2, b3 = 0, size, 2 * size, 3 * size
    q1, q2, q3, q4, q5 = 4 * size, 5 * size, 6 * size, 7 * size, 8 * size
    u, v, spare = 9 * size, 10 * size, SLOTS * size
    _mix(w, u, -38 / 5, b0, 24.0, b2, size)
    _bracket(w, q1, u, b3, n, spare)
    _mix(w, u, 63 / 5, b0, -84.0, b2, size)
    _mix(w, v, -5 / 28, b1, 1.0, b3, size)
    _bracket(w, q2, u, v, n, spare)
    _mix(w, total, 1.0, q1, 1.0, q2, size)
    _mix(w, u, 61 / 588, q1, -1 / 12, q2, size)
    _mix(w, u, 1.0, u, 1.0, b2, size)
    _bracket(w, v, b0, u, n, spare)
    _mix(w, u, 19 / 28, b0, -15 / 7, b2, size)
    _bracket(w, q3, u, v, n, spare)
    _mix(w, u, 20 / 7, q1, 10.0, q2, size)
    _bracket(w, q4, b3, u, n, spare)
    _bracket(w, v, b2, q1, n, spare)
    _mix(w, u, -6025 / 4116, b0, 2875 / 343, b2, size)
    _bracket(w, q5, u, v, n, spare)
    _mix(w, u, 1.0, q3, 1.0, q4, size)
    _mix(w, total, 1.0, total, 1.0, u, size)
    _mix(w, total, 1.0, total, 1.0, q5, size)
    _mix(w, u, 20 / 7, u, 820 / 189, q5, size)
    _bracket(w, v, b3, u, n, spare)
    _mix(w, total, 1.0, total, 1.0, v, size)
    _mix(w, u, 1.0, q3, -1 / 3, q4, size)
    _mix(w, u, 1.0, u, 1.0, q5, size)
    _bracket(w, v, b0, u, n, spare)
    _bracket(w, u, b0, v, n, spare)
    _mix(w, total, 1.0, total, -1 / 42, u, size)
    commuted = _size(w, total, n)
    _mix(w, total, 1.0, total, 1.0, b0, size)
    return commuted


@inner
def _squarings(w, x, n):
    """How often e^{x/2ˢ} is squared in all lanes, with ‖x‖/2ˢ ≤ ¼ in each.

    The largest lane decides for all: a squaring more in the others costs nothing beside a branch.
    """
    size, most, count = _size(w, x, n), 0.0, 0
    store(w, SLOTS * 2 * n * n, size)  # in the spare matrix
    for l in range(WIDE):
        most = max(most, get(w, SLOTS * 2 * n * n, l))
    while most > 0.25:
        most /= 2
        count += 1
    return count


@inner
def _flow(w, x, n, count, flow, noise, term, entering, spare):
    """Φ = e^x and Q of the element x, by a Taylor sum of x/2ˢ and s squarings."""
    m, short = n * n, splat(w, 0.5**count)
    for i in range(2 * m):
        store(w, x + i, short * load(w, x + i))
    for i in range(m):
        # The first terms: 1 of the flow, D of the noise.
        store(w, flow + i, splat(w, 1.0 if i % (n + 1) == 0 else 0.0))
        store(w, term + i, splat(w, 1.0 if i % (n + 1) == 0 else 0.0))
        store(w, noise + i, load(w, x + m + i))
        store(w, entering + i, load(w, x + m + i))
    _transpose(w, x + m, x, n)  # D has done its duty
    one = splat(w, 1.0)
    for k in range(1, TERMS):
        product(w, spare, n, term, n, x + m, n, n, n, n)
        part = splat(w, 1.0 / k)
        for i in range(m):
            store(w, term + i, part * load(w, spare + i))
            store(w, flow + i, load(w, flow + i) + load(w, term + i))
        # 𝓛(E) = xE + Exᵀ, each time over k + 1.
        product(w, spare, n, x, n, entering, n, n, n, n)
        _twice_symmetric(w, spare, n)
        part = splat(w, 1.0 / (k + 1))
        for i in range(m):
            store(w, entering + i, part * load(w, spare + i))
            store(w, noise + i, load(w, noise + i) + load(w, entering + i))
    # Squaring doubles the relative error of Φ each time; a doubling of Q adds two positive
    # matrices, so its rounding stays at that of Φ however often the time is doubled.
    for _ in range(count):
        product(w, spare, n, flow, n, noise, n, n, n, n)
        update(w, noise, n, one, one, spare, n, flow, n, n, n, n, True)
        _transpose(w, spare, flow, n)
        product(w, term, n, flow, n, spare, n, n, n, n)
        _mix(w, flow, 1.0, term, 0.0, term, m)


@inner
def _after(w, flow, noise, Phi, Q, n, spare, other):
    """(Φ, Q) ← the flow of a step after them: Φ ← φΦ, Q ← φQφᵀ + q."""
    one = splat(w, 1.0)
    product(w, spare, n, flow, n, Q, n, n, n, n)
    update(w, noise, n, one, one, spare, n, flow, n, n, n, n, True)
    _transpose(w, spare, Phi, n)
    product(w, other, n, flow, n, spare, n, n, n, n)
    _mix(w, Phi, 1.0, other, 0.0, other, n * n)
    _mix(w, Q, 1.0, noise, 0.0, noise, n * n)


@inner
def _read(w, nodes, weights, width, n, inside, first, points):
    """The moments b_k = h Σ_j w_kj (A, D)(t_j) of one step into the first four slots."""
    size = 2 * n * n
    for l in range(WIDE):
        p = points[l]
        for j in range(NODES):
            a = ((first[l] + j) * nodes.strides[0] + nodes.point_A[p]) * inside * inside
            d = ((first[l] + j) * nodes.strides[1] + nodes.point_D[p]) * inside * inside
            f = ((first[l] + j) * nodes.strides[2] + nodes.point_drive[p]) * inside
            to = (NODES + j) * size
            for r in range(inside):
                for s in range(inside):
                    put(w, to + r * n + s, l, nodes.A[a + r * inside + s])
                    put(w, to + n * n + r * n + s, l, nodes.D[d + r * inside + s])
            # The row and the column of what stays 1.
            for r in range(inside if n > inside else 0):
                put(w, to + r * n + inside, l, nodes.drive[f + r])
                put(w, to + n * n + r * n + inside, l, 0.0)
            for s in range(n if n > inside else 0):
                put(w, to + inside * n + s, l, 0.0)
                put(w, to + n * n + inside * n + s, l, 0.0)
    for l in range(WIDE):
        put(w, 8 * size, l, width[l])
    h = load(w, 8 * size)
    for k in range(NODES):
        a, b = h * splat(w, weights[k, 0]), h * splat(w, weights[k, 1])
        c, d = h * splat(w, weights[k, 2]), h * splat(w, weights[k, 3])
        for i in range(size):
            low = fma(a, load(w, 4 * size + i), b * load(w, 5 * size + i))
            high = fma(c, load(w, 6 * size + i), d * load(w, 7 * size + i))
            store(w, k * size + i, low + high)


def _entry(sources: str) -> Any:
    """The only kernel that Python calls, compiled anew when any of its sources has changed.

    Numba looks for changes in this file only, but hashes what a function encloses.
    """

    @numba.njit(nogil=True, error_model="numpy", cache=True)
    def flow_points(lane, nodes, inside, weights, h, steps, Phi, Q, resolved, first, last, work):
        """(Φ, Q) of items first…last after `steps` more steps each, `len(lane)` at a time.

        An item is a segment s and a point p, s·P + p; its nodes are times (s·steps + k)·4 + j.
        inside: 2N; n is as much where nothing drives, else 2N + 1. h: (segments,) length of a
        step; Phi, Q: (items, n, n), from where to go on; resolved: (segments,), made false where
        Magnus' series may not converge; work: `work_size(n)` numbers.
        """
        if not sources:
            return
        n, count = Phi.shape[-1], len(nodes.point_A)
        m, size = n * n, 2 * n * n
        w = memory(work, lane)
        total, spare = 11 * size, SLOTS * size
        flow, noise, term, entering = 4 * size, 4 * size + m, 5 * size, 5 * size + m
        gone, entered = spare + m, spare + 2 * m
        segment, point, node = (
            np.zeros(WIDE, np.int64),
            np.zeros(WIDE, np.int64),
            np.zeros(WIDE, np.int64),
        )
        width = np.zeros(WIDE)
        # One lane is one item, from its first step to its last: lanes never meet, and the eight of
        # a group stay in the work memory, which fits the nearest cache, until all steps are done.
        for begin in range(first, last, WIDE):
            for l in range(WIDE):
                item = min(begin + l, last - 1)  # lanes left over repeat the last item
                segment[l], point[l] = item // count, item % count
                width[l] = h[segment[l]]
                for i in range(m):
                    put(w, gone + i, l, Phi[item, i // n, i % n])
                    put(w, entered + i, l, Q[item, i // n, i % n])
            for k in range(steps):
                for l in range(WIDE):
                    node[l] = (segment[l] * steps + k) * NODES
                _read(w, nodes, weights, width, n, inside, node, point)
                reach = _size(w, 0, n)
                commuted = _exponent(w, n, total)
                store(w, 0, reach)
                store(w, 1, commuted)
                for l in range(WIDE):
                    # Magnus' series converges where ∫‖A‖dt < π only; what does not is left out.
                    if not get(w, 1, l) <= max(0.5, 0.5 * get(w, 0, l)):
                        resolved[segment[l]] = False
                        for i in range(size):
                            put(w, total + i, l, 0.0)
                squarings = _squarings(w, total, n)
                _flow(w, total, n, squarings, flow, noise, term, entering, spare)
                _after(w, flow, noise, gone, entered, n, spare, term)
            for l in range(min(WIDE, last - begin)):
                for i in range(m):
                    Phi[begin + l, i // n, i % n] = get(w, gone + i, l)
                    Q[begin + l, i // n, i % n] = get(w, entered + i, l)

    return flow_points


_MODULES = (lanes, lane_algebra, time_nodes)
_FILES = (__file__, *(str(module.__file__) for module in _MODULES))
flow_points = _entry(
    hashlib.sha256(b"".join(Path(file).read_bytes() for file in _FILES)).hexdigest()
)
