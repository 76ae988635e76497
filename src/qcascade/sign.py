"""Numba kernel of `qcascade.lyapunov`: the matrix sign iteration on many points at once.

For a stable A, the iteration (Roberts, Int. J. Control 32, 677 (1980); Higham, Functions of
Matrices, ch. 5)

    A ← ½(c A + A⁻¹/c),      R ← ½(c R + A⁻¹ R A⁻ᵀ/c),      R₀ = D

leaves the solution of A V + V Aᵀ + R = 0 unchanged and takes A to sign(A) = −1, so V = R/2.
Here A is block lower triangular. Only its diagonal blocks are iterated; their inverses are
kept, and blocks (I, J) of V follow by forward substitution, each with the right-hand side
R_IJ = D_IJ + Σ_{K<I} A_IK V_KJ + Σ_{K<J} V_IK A_JKᵀ.

Matrices live in one flat work array, element after element, `lane` points side by side
(see lanes.py). A lane that has converged is replaced by −1, for which every further step is
the identity to the last bit: a point's result does not depend on its neighbours.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from .lanes import anywhere, fma, larger, load, magnitude, splat, sqrt, store, where

STABLE, UNSTABLE, UNDECIDED, UNDEFINED, SKEW = 1, 2, 3, 4, 5
"""What became of a point; UNDEFINED: not finite, SKEW: its D is not symmetric."""

LIMIT = 50  # steps: enough for an eigenvalue 1e-12 away from the imaginary axis
NEAR = 1e12  # ‖A‖‖V‖/‖D‖ or ‖A‖‖A⁻¹‖ of a system so near threshold that eigenvalues decide
NORM, CONDITION, CHANGE, LARGEST, TRACE = range(5)  # in the report
GOOD, POOR = 1e-14, 1e-12  # relative residuals: not worth refining, not to be accepted
SKIP = 7  # elements between arrays; a multiple of 4096 bytes apart, they hinder each other
WIDE = 8  # lanes: one AVX-512 register

_jit = numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


class Plan(NamedTuple):
    """Block lower triangular structure of A, shared by all points.

    Block I holds rows start[I]…start[I+1] of A[order][:, order]. To the left of its diagonal
    block, its row is nonzero in columns low[r]…high[r] for r in run[I]…run[I+1].
    """

    order: Any
    start: Any
    run: Any
    low: Any
    high: Any


class Layout(NamedTuple):
    """Where things begin in the work array, counted in elements (of `lane` numbers each)."""

    a: int  # drift, n×n
    d: int  # diffusion, n×n
    v: int  # covariance, n×n
    r: int  # residual and its correction, n×n
    x: int  # iterated diagonal blocks, one after the other
    u: int  # one block
    place: int  # pivot rows
    scale: int  # c/2 and 1/2c of every step
    report: int  # numbers to be looked at lane by lane
    inverse: int  # inverted diagonal blocks of every step
    size: int  # elements of all diagonal blocks
    stride: int  # from one step's inverses to the next
    end: int


def layout(start: Any) -> Layout:
    """The work array's layout for blocks that begin at rows `start`."""
    n, blocks = int(start[-1]), np.diff(start)
    size, widest = int(np.sum(blocks**2)), int(blocks.max())
    stride = size + SKIP
    sizes = np.array([n * n] * 4 + [size, widest**2, widest, 2 * LIMIT, 5, LIMIT * stride]) + SKIP
    return Layout(*np.cumsum([0, *sizes[:-1]]).tolist(), size, stride, int(sizes.sum()))


@_jit
def _rows(lane, w, x, dx, y, dy, depth):
    """Scalar products of rows x, x + dx with rows y, y + dy."""
    a = b = c = d = splat(lane, 0.0)
    for k in range(depth):
        x0 = load(lane, w, x + k)
        x1 = load(lane, w, x + dx + k)
        y0 = load(lane, w, y + k)
        y1 = load(lane, w, y + dy + k)
        a = fma(x0, y0, a)
        b = fma(x0, y1, b)
        c = fma(x1, y0, c)
        d = fma(x1, y1, d)
    return a, b, c, d


# Products run over 2×2 tiles. Where the number of rows is odd, the last tile takes its row
# twice and writes the same value twice.


@_jit
def _product(lane, w, out, wide, x, dx, y, dy, m, n, depth):
    """out ← X Yᵀ."""
    for i in range(0, m, 2):
        i1 = min(i + 1, m - 1)
        for j in range(0, n, 2):
            j1 = min(j + 1, n - 1)
            a, b, c, d = _rows(lane, w, x + i * dx, (i1 - i) * dx, y + j * dy, (j1 - j) * dy, depth)
            store(lane, w, out + i * wide + j, a)
            store(lane, w, out + i * wide + j1, b)
            store(lane, w, out + i1 * wide + j, c)
            store(lane, w, out + i1 * wide + j1, d)


@_jit
def _update(lane, w, out, wide, keep, gain, x, dx, y, dy, m, n, depth, symmetric):
    """out ← keep·out + gain·X Yᵀ; of a symmetric result, the upper half is copied."""
    for i in range(0, m, 2):
        i1 = min(i + 1, m - 1)
        for j in range(0, i + 1 if symmetric else n, 2):
            j1 = min(j + 1, n - 1)
            a, b, c, d = _rows(lane, w, x + i * dx, (i1 - i) * dx, y + j * dy, (j1 - j) * dy, depth)
            a = fma(keep, load(lane, w, out + i * wide + j), gain * a)
            b = fma(keep, load(lane, w, out + i * wide + j1), gain * b)
            c = fma(keep, load(lane, w, out + i1 * wide + j), gain * c)
            d = fma(keep, load(lane, w, out + i1 * wide + j1), gain * d)
            store(lane, w, out + i * wide + j, a)
            store(lane, w, out + i * wide + j1, b)
            store(lane, w, out + i1 * wide + j, c)
            store(lane, w, out + i1 * wide + j1, d)
            if symmetric and j < i:
                store(lane, w, out + j * wide + i, a)
                store(lane, w, out + j1 * wide + i, b)
                store(lane, w, out + j * wide + i1, c)
                store(lane, w, out + j1 * wide + i1, d)


@_jit
def _swap(lane, w, p, q, step, n, place, index):
    """Exchange vectors p and q in the lanes where `place` is `index`."""
    here = place == splat(lane, float(index))
    for j in range(n):
        x = load(lane, w, p + j * step)
        y = load(lane, w, q + j * step)
        store(lane, w, p + j * step, where(here, y, x))
        store(lane, w, q + j * step, where(here, x, y))


@_jit
def _pivot(lane, w, a, n, k, place):
    """Bring a large enough pivot to row k where the diagonal has less than 0.1 of the best."""
    best = diagonal = magnitude(load(lane, w, a + k * n + k))
    for i in range(k + 1, n):
        best = larger(best, magnitude(load(lane, w, a + i * n + k)))
    small = diagonal < splat(lane, 0.1) * best
    if not anywhere(small):
        store(lane, w, place + k, splat(lane, float(k)))
        return False
    row = splat(lane, float(k))
    for i in range(n - 1, k, -1):
        found = magnitude(load(lane, w, a + i * n + k)) == best
        row = where(found, splat(lane, float(i)), row)
    row = where(small, row, splat(lane, float(k)))
    store(lane, w, place + k, row)
    for i in range(k + 1, n):
        if anywhere(row == splat(lane, float(i))):
            _swap(lane, w, a + k * n, a + i * n, 1, n, row, i)
    return True


@_jit
def _invert(lane, w, a, n, place):
    """Replace the n×n matrix at a by its inverse (Gauss-Jordan)."""
    zero, one = splat(lane, 0.0), splat(lane, 1.0)
    swapped = False
    for k in range(n):
        swapped |= _pivot(lane, w, a, n, k, place)
        pivot = one / load(lane, w, a + k * n + k)
        store(lane, w, a + k * n + k, one)
        for j in range(n):
            store(lane, w, a + k * n + j, pivot * load(lane, w, a + k * n + j))
        for t in range(1, n, 2):
            i0 = (k + t if k + t < n else k + t - n) * n + a
            t1 = min(t + 1, n - 1)
            i1 = (k + t1 if k + t1 < n else k + t1 - n) * n + a
            f0 = zero - load(lane, w, i0 + k)
            f1 = zero - load(lane, w, i1 + k)
            store(lane, w, i0 + k, zero)
            store(lane, w, i1 + k, zero)
            for j in range(n):
                r = load(lane, w, a + k * n + j)
                x = fma(f0, r, load(lane, w, i0 + j))
                y = fma(f1, r, load(lane, w, i1 + j))
                store(lane, w, i0 + j, x)
                store(lane, w, i1 + j, y)
    if swapped:
        for k in range(n - 1, -1, -1):
            row = load(lane, w, place + k)
            for i in range(k + 1, n):
                if anywhere(row == splat(lane, float(i))):
                    _swap(lane, w, a + k, a + i, n, n, row, i)


@_jit
def _square(lane, w, x, n):
    """Sum of squares of n elements."""
    s = t = splat(lane, 0.0)
    for i in range(0, n - 1, 2):
        u, v = load(lane, w, x + i), load(lane, w, x + i + 1)
        s, t = fma(u, u, s), fma(v, v, t)
    if n % 2:
        u = load(lane, w, x + n - 1)
        s = fma(u, u, s)
    return s + t


@_jit
def _step(lane, w, plan, at, step, norm):
    """One step for all diagonal blocks; ‖A‖² and ‖A⁻¹‖² and the change of A, squared."""
    inverse, scale = at.inverse + step * at.stride, at.scale + 2 * step
    first = inverse
    for i in range(at.size):
        store(lane, w, inverse + i, load(lane, w, at.x + i))
    for block in range(len(plan.start) - 1):
        n = plan.start[block + 1] - plan.start[block]
        _invert(lane, w, first, n, at.place)
        first += n * n
    norm_inverse = _square(lane, w, inverse, at.size)
    c = sqrt(sqrt(norm_inverse / norm))
    keep, gain = splat(lane, 0.5) * c, splat(lane, 0.5) / c
    store(lane, w, scale, keep)
    store(lane, w, scale + 1, gain)
    change = norm = splat(lane, 0.0)
    for i in range(at.size):
        old = load(lane, w, at.x + i)
        new = fma(keep, old, gain * load(lane, w, inverse + i))
        store(lane, w, at.x + i, new)
        change = fma(new - old, new - old, change)
        norm = fma(new, new, norm)
    store(lane, w, at.report + NORM, norm)
    store(lane, w, at.report + CHANGE, change)
    _report_traces(lane, w, plan, at)
    return norm_inverse


@_jit
def _trace(lane, w, x, n):
    """Trace of the n×n matrix at x."""
    total = splat(lane, 0.0)
    for i in range(0, n * n, n + 1):
        total = total + load(lane, w, x + i)
    return total


@_jit
def _retire(width, w, plan, at, l):
    """Put −1 in place of lane l, and its norm in the report."""
    first = at.x
    for block in range(len(plan.start) - 1):
        n = plan.start[block + 1] - plan.start[block]
        for i in range(n):
            for j in range(n):
                w[(first + i * n + j) * width + l] = -1.0 if i == j else 0.0
        first += n * n
    w[(at.report + NORM) * width + l] = plan.start[-1]


@_jit
def _report_traces(lane, w, plan, at):
    """Largest trace of a diagonal block, and the trace of the whole."""
    largest, total, first = splat(lane, -np.inf), splat(lane, 0.0), at.x
    for block in range(len(plan.start) - 1):
        n = plan.start[block + 1] - plan.start[block]
        trace = _trace(lane, w, first, n)
        largest, total = larger(largest, trace), total + trace
        first += n * n
    store(lane, w, at.report + LARGEST, largest)
    store(lane, w, at.report + TRACE, total)


@_jit
def _verdict(norm, condition, change, largest, total, n):
    """What the last step has shown about a point; 0 while nothing."""
    if not norm < np.inf:
        return UNDECIDED
    # A step keeps the sign of every eigenvalue's real part, and a trace is their sum.
    converged = change <= 1e-16 * norm  # the next step would change the square of that
    if largest >= 0 or (converged and abs(total + n) > 0.5):
        return UNSTABLE if condition < NEAR**2 else UNDECIDED
    return STABLE if converged else 0


@_jit
def _iterate(lane, w, plan, at, status):
    """Sign iteration of all diagonal blocks until every lane is decided; number of steps."""
    width, n, report = len(lane), plan.start[-1], at.report * len(lane)
    norm = initial = _square(lane, w, at.x, at.size)
    for step in range(LIMIT):
        norm_inverse = _step(lane, w, plan, at, step, norm)
        if step == 0:
            store(lane, w, at.report + CONDITION, initial * norm_inverse)
        running = False
        for l in range(width):
            if status[l] == 0:
                facts = w[report + l : report + 5 * width : width]
                status[l] = _verdict(facts[0], facts[1], facts[2], facts[3], facts[4], n)
                if status[l] != 0:
                    _retire(width, w, plan, at, l)
            running |= status[l] == 0
        if not running:
            return step + 1
        norm = load(lane, w, at.report + NORM)
    return LIMIT


@_jit
def _gather(lane, w, plan, at, block, out, p, i, q, j, m, k, diagonal):
    """out ← out + Σ_K P_iK Q_jKᵀ over the nonzero A_iK of block row i; see `_substitute`."""
    one, n = splat(lane, 1.0), plan.start[-1]
    for r in range(plan.run[block], plan.run[block + 1]):
        low, depth = plan.low[r], plan.high[r] - plan.low[r]
        x, y = p + i * n + low, q + j * n + low
        _update(lane, w, out, n, one, one, x, n, y, n, m, k, depth, False)
    if diagonal:
        low = plan.start[block]
        x, y = p + i * n + low, q + j * n + low
        _update(lane, w, out, n, one, one, x, n, y, n, m, k, plan.start[block + 1] - low, False)


@_jit
def _substitute(lane, w, plan, at, v, steps):
    """Replace the right-hand side at v by the solution, block by block."""
    n, half = plan.start[-1], splat(lane, 0.5)
    inverse_i = at.inverse
    for block_i in range(len(plan.start) - 1):
        i, m = plan.start[block_i], plan.start[block_i + 1] - plan.start[block_i]
        inverse_j = at.inverse
        for block_j in range(block_i + 1):
            j, k = plan.start[block_j], plan.start[block_j + 1] - plan.start[block_j]
            r = v + i * n + j
            _gather(lane, w, plan, at, block_i, r, at.a, i, v, j, m, k, False)
            _gather(lane, w, plan, at, block_j, r, v, i, at.a, j, m, k, False)
            for s in range(steps):
                keep = load(lane, w, at.scale + 2 * s)
                gain = load(lane, w, at.scale + 2 * s + 1)
                x, y = inverse_i + s * at.stride, inverse_j + s * at.stride
                _product(lane, w, at.u, m, y, k, r, n, k, m, k)
                _update(lane, w, r, n, keep, gain, x, m, at.u, m, m, k, m, block_i == block_j)
            for p in range(m):
                for q in range(p + 1 if block_i == block_j else k):
                    x = half * load(lane, w, r + p * n + q)
                    store(lane, w, r + p * n + q, x)
                    store(lane, w, v + (j + q) * n + i + p, x)
            inverse_j += k * k
        inverse_i += m * m


@_jit
def _residual(lane, w, plan, at):
    """AV + VAᵀ + D on and below the block diagonal, and the square of its norm."""
    n, blocks = plan.start[-1], len(plan.start) - 1
    total = splat(lane, 0.0)
    for block_i in range(blocks):
        i, m = plan.start[block_i], plan.start[block_i + 1] - plan.start[block_i]
        for block_j in range(block_i + 1):
            j, k = plan.start[block_j], plan.start[block_j + 1] - plan.start[block_j]
            r = at.r + i * n + j
            twice = splat(lane, 1.0 if block_i == block_j else 2.0)
            for p in range(m):
                for q in range(k):
                    store(lane, w, r + p * n + q, load(lane, w, at.d + (i + p) * n + j + q))
            _gather(lane, w, plan, at, block_i, r, at.a, i, at.v, j, m, k, True)
            _gather(lane, w, plan, at, block_j, r, at.v, i, at.a, j, m, k, True)
            for p in range(m):
                total = fma(twice, _square(lane, w, r + p * n, k), total)
    return total


@_jit
def _refine(lane, w, plan, at, steps):
    """Solve for the residual and add, at most twice; afterwards, is each lane's ratio small?"""
    n = plan.start[-1]
    norm_a = sqrt(_square(lane, w, at.a, n * n))
    norm_d = sqrt(_square(lane, w, at.d, n * n))
    two = splat(lane, 2.0)
    for attempt in range(3):
        norm_v = sqrt(_square(lane, w, at.v, n * n))
        ratio = sqrt(_residual(lane, w, plan, at)) / fma(two * norm_a, norm_v, norm_d)
        poor = splat(lane, GOOD) < ratio
        store(lane, w, at.report, ratio)
        store(lane, w, at.report + 1, norm_a * norm_v / norm_d)
        if attempt == 2 or not anywhere(poor):
            return
        _substitute(lane, w, plan, at, at.r, steps)
        for i in range(n * n):
            v = load(lane, w, at.v + i)
            store(lane, w, at.v + i, where(poor, v + load(lane, w, at.r + i), v))


@_jit
def _read(width, w, plan, at, l, A, D):
    """Copy a point into lane l, its blocks apart; its status when it cannot be solved."""
    n, x = plan.start[-1], at.x
    finite, skew, largest = True, 0.0, 0.0
    for i in range(n):
        p = plan.order[i]
        for j in range(n):
            q = plan.order[j]
            a, d, e = A[p, q], D[p, q], D[q, p]
            finite &= abs(a) < np.inf and abs(d) < np.inf
            skew = max(skew, abs(d - e))
            largest = max(largest, abs(d))
            w[(at.a + i * n + j) * width + l] = a
            w[(at.d + i * n + j) * width + l] = 0.5 * (d + e)
            w[(at.v + i * n + j) * width + l] = 0.5 * (d + e)
    for block in range(len(plan.start) - 1):
        for i in range(plan.start[block], plan.start[block + 1]):
            for j in range(plan.start[block], plan.start[block + 1]):
                w[x * width + l] = A[plan.order[i], plan.order[j]]
                x += 1
    if not finite:
        return UNDEFINED
    if skew > 1e-9 * largest:
        return SKEW
    return 0


@_jit
def _write(width, w, plan, at, l, V, good):
    """Copy lane l out, NaN unless it is good."""
    n = plan.start[-1]
    for i in range(n):
        for j in range(i + 1):
            value = w[(at.v + i * n + j) * width + l] if good else np.nan
            V[plan.order[i], plan.order[j]] = value
            V[plan.order[j], plan.order[i]] = value


@numba.njit(nogil=True, error_model="numpy", cache=True)
def solve_points(lane, A, D, V, status, first, last, plan, at, w):
    """Solve points first…last of A V + V Aᵀ + D = 0, `len(lane)` at a time.

    A, D, V: (points, n, n); status: (points,) integers, what became of each point, starting
    at zero; w: work array of at.end·len(lane) numbers, best aligned to 64 bytes.
    """
    width = len(lane)
    group = np.zeros(width, np.int64)
    for begin in range(first, last, width):
        for l in range(width):
            point = min(begin + l, last - 1)
            group[l] = _read(width, w, plan, at, l, A[point], D[point])
            if group[l] != 0:
                _retire(width, w, plan, at, l)
        steps = _iterate(lane, w, plan, at, group)
        _substitute(lane, w, plan, at, at.v, steps)
        _refine(lane, w, plan, at, steps)
        for l in range(min(width, last - begin)):
            ratio, growth = w[at.report * width + l], w[(at.report + 1) * width + l]
            if group[l] == 0 or (group[l] == STABLE and not (ratio < POOR and growth < NEAR)):
                group[l] = UNDECIDED
            status[begin + l] = group[l]
            _write(width, w, plan, at, l, V[begin + l], group[l] == STABLE)
