"""Numba kernel of `qcascade.lyapunov`: the matrix sign iteration on many points at once.

For a stable A, the iteration (Roberts, Int. J. Control 32, 677 (1980); Higham, Functions of
Matrices, ch. 5)

    A ← ½(c A + A⁻¹/c),      R ← ½(c R + A⁻¹ R A⁻ᵀ/c),      R₀ = D

leaves the solution of A V + V Aᵀ + R = 0 unchanged and takes A to sign(A) = −1, so V = R/2.
Here A is block lower triangular. Only its diagonal blocks are iterated; their inverses are
kept, and blocks (I, J) of V follow by forward substitution, each with the right-hand side
R_IJ = D_IJ + Σ_{K<I} A_IK V_KJ + Σ_{K<J} V_IK A_JKᵀ.

Matrices live in one flat work array, element after element, several points side by side
(see simd/vectors.py). A lane that has converged is replaced by −1, for which every further step is
the identity to the last bit: a point's result does not depend on its neighbours.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ..base import compiling as numba
from ..base.compiling import inner
from ..simd import matrices as lane_algebra
from ..simd import vectors as lanes
from ..simd.matrices import invert, square, trace
from ..simd.vectors import (
    anywhere,
    borrowed,
    fma,
    get,
    larger,
    load,
    magnitude,
    memory,
    put,
    splat,
    sqrt,
    store,
    where,
)
from . import sign_error, sign_parts, sign_substitution
from .sign_error import (
    AMPLIFIED,
    EXCESS,
    GAIN,
    POOR,
    SPREAD,
    WORSE,
    amplification,
    cancelled,
    certain,
    exact_residual,
    excess,
    residual,
    rounding,
)
from .sign_parts import LIMIT, Parts
from .sign_substitution import substitute

STABLE, UNSTABLE, UNDECIDED, UNDEFINED, SKEW = 1, 2, 3, 4, 5
"""What became of a point; UNDEFINED: not finite, SKEW: its D is not symmetric."""

NEAR = 1e12  # ‖A‖‖A⁻¹‖ of a block so near threshold that eigenvalues decide
LONG, FAR = 10, 1e4  # steps, ‖A‖‖A⁻¹‖: more, where some direction decays 1e3 times slower
NORM, CONDITION, CHANGE, LARGEST, TRACE, SLOW = range(6)  # in the report of the iteration
WIDE = 8  # lanes: one AVX-512 register


@inner
def _step(w, parts, at, step, norm):
    """One step for all diagonal blocks; ‖A‖², its change and the traces go to the report."""
    # Every step's inverses are kept: blocks (I, J) of V are carried through the same steps later,
    # when what drives them is known, and nothing is inverted twice.
    inverse, scale = at.inverse + step * at.stride, at.scale + 2 * step
    first = 0
    for block in range(len(parts.start) - 1):
        n = parts.start[block + 1] - parts.start[block]
        invert(w, at.x + first, inverse + first, n, at.u, at.pivots)
        first += n * n
    if step == 0:
        _report_condition(w, parts, at)
    # One c = (‖A⁻¹‖/‖A‖)^½ for all blocks: the step of R_IJ has one factor for both of them. It
    # makes cA and A⁻¹/c equally large, so that eigenvalues that are decades apart take some ten
    # steps, and not the logarithm of their ratio (Kenney & Laub).
    norm_inverse = square(w, inverse, at.size)
    c = sqrt(sqrt(norm_inverse / norm))
    keep, gain = splat(w, 0.5) * c, splat(w, 0.5) / c
    store(w, scale, keep)
    store(w, scale + 1, gain)
    change = norm = splat(w, 0.0)
    for i in range(at.size):
        old = load(w, at.x + i)
        new = fma(keep, old, gain * load(w, inverse + i))
        store(w, at.x + i, new)
        change = fma(new - old, new - old, change)
        norm = fma(new, new, norm)
    store(w, at.report + NORM, norm)
    store(w, at.report + CHANGE, change)
    _report_traces(w, parts, at)


@inner
def _report_condition(w, parts, at):
    """Largest ‖A‖²‖A⁻¹‖² of a diagonal block."""
    condition, first = splat(w, 0.0), 0
    for block in range(len(parts.start) - 1):
        n = parts.start[block + 1] - parts.start[block]
        size = square(w, at.x + first, n * n) * square(w, at.inverse + first, n * n)
        condition, first = larger(condition, size), first + n * n
    store(w, at.report + CONDITION, condition)


@inner
def _retire(w, parts, at, l):
    """Put −1 in place of lane l, and its norm in the report.

    With A = −1 and c = 1, ½(cA + A⁻¹/c) is −1 and ½(cR + A⁻¹RA⁻ᵀ/c) is R without any rounding, so a
    lane that is done may be carried along for as long as its neighbours take.
    """
    first = at.x
    for block in range(len(parts.start) - 1):
        n = parts.start[block + 1] - parts.start[block]
        for i in range(n):
            for j in range(n):
                put(w, first + i * n + j, l, -1.0 if i == j else 0.0)
        first += n * n
    put(w, at.report + NORM, l, parts.start[-1])


@inner
def _report_traces(w, parts, at):
    """Largest trace of a diagonal block, and the trace of the whole."""
    largest, total, first = splat(w, -np.inf), splat(w, 0.0), at.x
    for block in range(len(parts.start) - 1):
        n = parts.start[block + 1] - parts.start[block]
        block_trace = trace(w, first, n)
        largest, total = larger(largest, block_trace), total + block_trace
        first += n * n
    store(w, at.report + LARGEST, largest)
    store(w, at.report + TRACE, total)


@inner
def _verdict(w, report, l, n):
    """What the last step has shown about lane l; 0 while nothing."""
    norm, change = get(w, report + NORM, l), get(w, report + CHANGE, l)
    if not norm < np.inf:
        return UNDECIDED
    # A step keeps the sign of every eigenvalue's real part, and a trace is their sum: one block
    # with trace ≥ 0 has an eigenvalue that grows. At the end sign(A) has eigenvalues ±1 only, so a
    # trace other than −n counts those that grow; it is an integer, and ½ tells them apart.
    converged = change <= 1e-16 * norm  # the next step would change the square of that
    lost = converged and abs(get(w, report + TRACE, l) + n) > 0.5
    if lost or get(w, report + LARGEST, l) >= 0:
        return UNSTABLE if get(w, report + CONDITION, l) < NEAR**2 else UNDECIDED
    return STABLE if converged else 0


@inner
def _iterate(w, parts, at, status):
    """Sign iteration of all diagonal blocks until every lane is decided; number of steps."""
    n = parts.start[-1]
    norm = square(w, at.x, at.size)
    store(w, at.report + SLOW, splat(w, 0.0))
    # Lanes share every step, and the slowest point of the group decides how many there are.
    for step in range(LIMIT):
        _step(w, parts, at, step, norm)
        running = False
        for l in range(len(status)):
            if status[l] == 0:
                status[l] = _verdict(w, at.report, l, n)
                if status[l] != 0:
                    far = get(w, at.report + CONDITION, l) > FAR**2
                    put(w, at.report + SLOW, l, 1.0 if far or step > LONG else 0.0)
                    _retire(w, parts, at, l)
            running |= status[l] == 0
        if not running:
            return step + 1
        norm = load(w, at.report + NORM)
    return LIMIT


@inner
def _add_correction(w, parts, at, steps, wanted):
    """V + δV in the lanes wanted, δV the solution for the residual."""
    substitute(w, parts, at, at.r, steps)
    for i in range(parts.start[-1] ** 2):
        v = load(w, at.v + i)
        store(w, at.v + i, where(wanted, v + load(w, at.r + i), v))


@inner
def _refine(w, parts, at, steps):
    """Solve for the residual and add, at most twice; what is left is in the report."""
    # Rounding enters V with every step of the iteration, the more the closer an eigenvalue is to
    # the axis; but the residual is of A as it was given. As long as it is computed to more digits
    # than V has, its solution is the error of V. Lanes that are good already keep their bits.
    poor = splat(w, 0.0) < splat(w, 0.0)
    for attempt in range(3):
        residual(w, parts, at)
        poor = splat(w, 0.0) < load(w, at.report + EXCESS)
        if attempt == 2 or not anywhere(poor):
            break
        _add_correction(w, parts, at, steps, poor)
    store(w, at.report + WORSE, excess(w, parts, at, POOR) if anywhere(poor) else splat(w, 0.0))
    slow = splat(w, 0.0) < load(w, at.report + SLOW)
    if anywhere(slow):
        rounding(w, parts, at)
        substitute(w, parts, at, at.r, steps)
        spread = larger(load(w, at.report + GAIN), amplification(w, parts, at))
        store(w, at.report + GAIN, where(slow, spread, load(w, at.report + GAIN)))
    most = where(slow, splat(w, SPREAD**2), splat(w, AMPLIFIED**2))
    amplified = most < load(w, at.report + GAIN)
    if anywhere(amplified):
        exact_residual(w, parts, at)
        _add_correction(w, parts, at, steps, amplified)
    cancelled(w, parts, at)


@inner
def _read(w, parts, at, A, D, points):
    """Copy the points with these numbers into the lanes."""
    n = parts.start[-1]
    next_a = n * n if len(A) > n * n else 0  # one matrix for all points
    next_d = n * n if len(D) > n * n else 0
    for i in range(n):
        for j in range(n):
            element = parts.order[i] * n + parts.order[j]
            for l in range(len(points)):
                put(w, at.a + i * n + j, l, A[points[l] * next_a + element])
                put(w, at.d + i * n + j, l, D[points[l] * next_d + element])


@inner
def _prepare(w, parts, at):
    """Diagonal blocks of A; D made symmetric, as first right-hand side; what is wrong with them.

    The report is zero times the sum of all elements, so NaN where one is not finite; the
    largest element of D − Dᵀ; and the largest of D.
    """
    n, x, half = parts.start[-1], at.x, splat(w, 0.5)
    for block in range(len(parts.start) - 1):
        for i in range(parts.start[block], parts.start[block + 1]):
            for j in range(parts.start[block], parts.start[block + 1]):
                store(w, x, load(w, at.a + i * n + j))
                x += 1
    # 0·x is 0 for a number, NaN for anything else, and stays in the sum: one look for all elements.
    total = skew = largest = splat(w, 0.0)
    for i in range(n):
        for j in range(n):
            total = fma(splat(w, 0.0), load(w, at.a + i * n + j), total)
        for j in range(i + 1):
            p, q = load(w, at.d + i * n + j), load(w, at.d + j * n + i)
            total = fma(splat(w, 0.0), p + q, total)
            skew = larger(skew, magnitude(p - q))
            largest = larger(largest, magnitude(p))
            mean = half * (p + q)
            store(w, at.d + i * n + j, mean)
            store(w, at.d + j * n + i, mean)
            store(w, at.v + i * n + j, mean)
            store(w, at.v + j * n + i, mean)
    store(w, at.report, total)
    store(w, at.report + 1, skew)
    store(w, at.report + 2, largest)


@inner
def _complaint(w, report, l):
    """What `_prepare` has found wrong with lane l; 0 for nothing."""
    if get(w, report, l) != 0:
        return UNDEFINED
    return SKEW if get(w, report + 1, l) > 1e-9 * get(w, report + 2, l) else 0


@inner
def _write(w, parts, at, l, V, good):
    """Copy lane l out, NaN unless it is good."""
    n = parts.start[-1]
    for i in range(n):
        for j in range(i + 1):
            value = get(w, at.v + i * n + j, l) if good else np.nan
            V[parts.order[i], parts.order[j]] = value
            V[parts.order[j], parts.order[i]] = value


@inner
def _shared(parts):
    """The parts for threads to share."""
    return Parts(
        borrowed(parts.order),
        borrowed(parts.start),
        borrowed(parts.run),
        borrowed(parts.low),
        borrowed(parts.high),
        borrowed(parts.partner),
    )


def _entry(sources: str) -> Any:
    """The only kernel that Python calls, compiled anew when any of its sources has changed.

    Numba looks for changes in this file only, but hashes what a function encloses.
    """

    @numba.njit(nogil=True, error_model="numpy", cache=True)
    def solve_points(lane, A, D, V, status, first, last, parts, at, work):
        """Solve points first…last of A V + V Aᵀ + D = 0, `len(lane)` at a time.

        A, D: flat arrays; V: (points, n, n), NaN where A does not decay; status: (points,)
        integers, what became of each point, starting at zero; work: at.end·len(lane) numbers, best
        aligned to 64 bytes.
        """
        if not sources:
            return
        # A lane is a point: element i of the work memory holds element i of `len(lane)` points
        # side by side, so that one instruction serves them all, in the same order for each.
        parts, A, D, V = _shared(parts), borrowed(A), borrowed(D), borrowed(V)
        width, w = len(lane), memory(work, lane)
        verdict, points = np.zeros(width, np.int64), np.zeros(width, np.int64)
        for begin in range(first, last, width):
            for l in range(width):
                points[l] = min(begin + l, last - 1)  # lanes left over repeat the last point
            _read(w, parts, at, A, D, points)
            _prepare(w, parts, at)
            for l in range(width):
                verdict[l] = _complaint(w, at.report, l)
                if verdict[l] != 0:
                    _retire(w, parts, at, l)
            steps = _iterate(w, parts, at, verdict)
            substitute(w, parts, at, at.v, steps)
            _refine(w, parts, at, steps)
            for l in range(min(width, last - begin)):
                decays = verdict[l] == STABLE
                if verdict[l] == 0 or (decays and not certain(w, at.report, l)):
                    verdict[l] = UNDECIDED
                status[begin + l] = verdict[l]
                # An uncertain V is where a refinement begins (refined.py).
                _write(w, parts, at, l, V[begin + l], decays)

    return solve_points


_MODULES = (lanes, lane_algebra, sign_parts, sign_substitution, sign_error)
_FILES = (__file__, *(str(module.__file__) for module in _MODULES))
solve_points = _entry(
    hashlib.sha256(b"".join(Path(file).read_bytes() for file in _FILES)).hexdigest()
)
