"""Evolution e^{Lt}x by Chebyshev polynomials, for generators with a nearly real spectrum.

With the spectrum of L in [−W, 0], A = 1 + (2/W)L has its own in [−1, 1] and

    e^{Lt} = Σ_k c_k(z) T_k(A),    c_0 = e^{−z}I_0(z),  c_k = 2e^{−z}I_k(z),  z = Wt/2

(H. Tal-Ezer, R. Kosloff, J. Chem. Phys. 81, 3967 (1984); I_k are modified Bessel functions). The
sum ends after about √(2z ln(1/ε)) terms, where a Runge–Kutta method needs a number of terms
proportional to z: long steps pay. One recurrence T_{k+1} = 2A T_k − T_{k−1} serves several times at
once, because only the coefficients depend on t.

How long a step may be is decided by rounding. L is far from normal, and may have eigenvalues off
the real axis, so T_k(A)x grows like e^{ηk} before the coefficients damp it. An error δ made early
in the recurrence becomes U_k(A)δ, with the Chebyshev polynomials of the second kind. `survey`
measures that growth on random noise, and chooses the longest step that keeps its product with the
machine precision below the tolerance; `step` watches T_k(A)x itself all the way. Noise is needed
besides: near the steady state T_k(A)x does not grow, and hides the rounding errors, which do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import compiling as numba
from ..base.threads import cores, spread

Apply = Callable[..., np.ndarray]
"""L: `apply(x, out=array)` writes Lx into `out` and returns it."""

EPSILON = float(np.finfo(float).eps)
TRUNCATION, ROUNDING = 0.05, 0.5  # parts of the tolerance; digits are cheaper than long steps
SAFETY = 8.0  # rounding errors of one step, over those of its largest single term
PIECE = 2048  # numbers at a time: a few arrays of them stay in the fastest cache
THREADED = 1 << 18  # numbers that are worth a second thread
MARGIN = 1.03  # of the interval over the estimated lowest eigenvalue
LOOKS = 32  # at a functional within a step, most of them early, where things are fast
SHORTEST = 2.0**-40  # of the whole duration: steps below show that L has no finite values


@dataclass(frozen=True)
class Interval:
    """Where the spectrum of a generator lies, and how rounding errors grow in the recurrence.

    Args:
        width: W of the interval [−W, 0].
        growth: ‖U_k(A)v‖/‖v‖ for random v, k = 0, 1, ….
        longest: the longest step that rounding allows at the tolerance asked for.
        applications: of the generator, that it took to find out.
    """

    width: float
    growth: np.ndarray
    longest: float
    applications: int


@dataclass(frozen=True)
class Step:
    """The state at several times after the start of a step.

    Args:
        times: those times, measured from the start; the last is where the step ends.
        states: one vector per time, shape (m, n).
        applications: of the generator.
        error: estimated error of the last state, truncation and rounding, in the 2-norm.
        largest: the largest value of the functional that was watched on the way.
    """

    times: np.ndarray
    states: np.ndarray
    applications: int
    error: float
    largest: float = 0.0


def propagate(
    apply: Apply, x: np.ndarray, duration: float, tolerance: float, width: float, longest: float
) -> tuple[np.ndarray, int]:
    """e^{Lt}x at one time, in as many steps as it takes.

    Args:
        apply: the generator, `apply(x, out=array)`.
        x: vector (n,), float64 or complex128; kept as it is.
        duration: t, zero or above.
        tolerance: error allowed, in the 2-norm.
        width: W, from `survey`.
        longest: the longest step, from `survey`.

    Returns:
        The vector, and the number of applications.

    Raises:
        ArithmeticError: when no step is short enough.

    >>> decay = lambda x, out: np.multiply([0.0, -1.0, -20.0], x, out=out)
    >>> found = survey(decay, np.ones(3), 1.0, 1e-12)
    >>> propagate(decay, np.ones(3), np.log(2.0), 1e-12, found.width, found.longest)[0].round(10)
    array([1.000e+00, 5.000e-01, 9.537e-07])
    """
    t, used = 0.0, 0
    while t < duration:
        left = duration - t
        length = left / np.ceil(left / longest)
        taken = step(apply, x, width, [length / 2, length], tolerance * length / duration)
        used += taken.applications
        if len(taken.times) < 2:
            longest = shortened(length, duration)
        if len(taken.times):
            end = taken.times[-1]
            x, t = taken.states[-1], duration if end == left else t + end
    return x, used


def shortened(length: float, duration: float) -> float:
    """Half the length, after a step that did not reach its end.

    Args:
        length: of that step.
        duration: of the whole evolution.

    Raises:
        ArithmeticError: when steps have become absurdly short.
    """
    if length < SHORTEST * duration:
        raise ArithmeticError(
            f"The evolution cannot go on: even a step of {length:.3g} gives no accurate state. "
            "The generator must give finite numbers."
        )
    return length / 2


def step(
    apply: Apply,
    x: np.ndarray,
    width: float,
    times: Any,
    tolerance: float,
    functional: Callable[[np.ndarray], float] | None = None,
) -> Step:
    """e^{Lt}x at several times from one recurrence.

    The sum for a time is finished when the terms left out stay well below the tolerance. A time is
    given up, with all later ones, when its largest term times the machine precision exceeds half
    of the tolerance; the earlier ones are still good then.

    Args:
        apply: the generator, `apply(x, out=array)`.
        x: vector (n,), float64 or complex128; kept as it is.
        width: W, where the spectrum lies in [−W, 0].
        times: increasing times (m,) after the start of the step, not negative.
        tolerance: error allowed in every state, in the 2-norm.
        functional: a linear function of the state, to be watched on the way: its values on the
            terms of the recurrence give it at as many times as one likes.

    Returns:
        A `Step` with the times that were reached: all, some, or none.
    """
    times = np.asarray(times, float)
    table = coefficients(width * times / 2)
    states = np.multiply.outer(table[:, 0], x)
    buffers = [x.copy(), np.zeros_like(x), np.empty_like(x)]
    norms = [float(np.linalg.norm(x))]
    left_out = max(TRUNCATION * tolerance, 4 * EPSILON * norms[0])
    rounded = max(ROUNDING * tolerance, 4 * SAFETY * EPSILON * norms[0])
    good, reached = np.zeros(len(times), bool), len(times)
    watched = [functional(x)] if functional else []
    largest, tails = table[:, 0] * norms[0], np.full(len(times), np.inf)
    for k in range(1, table.shape[1] - 1):
        open_ = np.flatnonzero(~good[:reached])
        scale = 1.0 if k == 1 else 2.0
        norms.append(_advance(apply, buffers, width, scale, states, open_, table[open_, k]))
        if functional:
            watched.append(functional(buffers[0]))
        terms = table[:, k] * norms[k]
        largest = np.maximum(largest, terms)
        tails[open_] = _tails(table[open_], norms, k)
        good[open_] = tails[open_] <= left_out
        # Later times have the larger terms, so what is given up is always the end of the list.
        # (Written such that not-a-number is given up, too.)
        within = SAFETY * EPSILON * largest <= rounded
        reached = min(reached, int(np.argmin(np.append(within | good, False))))
        if good[:reached].all():
            break
    reached = min(reached, int(np.argmin(np.append(good, False))))
    if not reached:
        return Step(times[:0], states[:0], len(norms) - 1, 0.0)
    error = float(tails[reached - 1] + SAFETY * EPSILON * largest[reached - 1])
    most = _largest(watched, width, times[reached - 1]) if functional else 0.0
    return Step(times[:reached], states[:reached], len(norms) - 1, error, most)


def _largest(terms: list[float], width: float, end: float) -> float:
    """The largest value of a linear functional before the end, from its values on the terms."""
    times = end * (np.arange(LOOKS + 1) / LOOKS) ** 3
    table = coefficients(width * times / 2)[:, : len(terms)]
    return float(np.max(table @ np.array(terms)[: table.shape[1]]))


def coefficients(z: np.ndarray) -> np.ndarray:
    """c_k(z) of e^{−z(1 − y)} = Σ_k c_k T_k(y), down to where they vanish: shape (m, K).

    Args:
        z: half of width times time, shape (m,).
    """
    from scipy.special import ive

    # c_k falls like e^{−k²/2z}, which is e^{−95} at k = √(190z); for small z, like (z/2)ᵏ/k!.
    last = int(np.ceil(np.sqrt(190 * np.max(z, initial=0.0)))) + 40
    table = 2 * ive(np.arange(last), np.asarray(z, float)[:, None])
    table[:, 0] /= 2
    return table


def _tails(table: np.ndarray, norms: list[float], k: int) -> np.ndarray:
    """Bound of Σ_{j>k} c_j‖T_j x‖: a geometric series, from the decay and growth at k."""
    # Over four terms, since norms of even and odd ones may differ; and the larger of the last two.
    back = min(k, 4)
    growth = max(1.0, (norms[k] / norms[k - back]) ** (1 / back)) if norms[k - back] else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(table[:, k + 1] / table[:, k]) * growth
    last = np.maximum(table[:, k] * norms[k], table[:, k - 1] * norms[k - 1] if k > 1 else 0.0)
    return np.where(ratio < 1, last * ratio / np.maximum(1 - ratio, EPSILON), np.inf)


def survey(apply: Apply, noise: np.ndarray, duration: float, tolerance: float) -> Interval:
    """Find the interval of a generator, and the longest step that rounding errors allow.

    Args:
        apply: the generator, `apply(x, out=array)`.
        noise: a random vector (n,) of the kind rounding errors are: Hermitian, say.
        duration: of the evolution to come.
        tolerance: error allowed in its end, in the 2-norm.

    Returns:
        An `Interval`.

    Raises:
        ArithmeticError: for a generator that gives numbers that are not finite.
    """
    noise = noise / np.linalg.norm(noise)
    width, used = _width(apply, noise, 1e-3 / duration)
    buffers = [noise.copy(), np.zeros_like(noise), np.empty_like(noise)]
    growth, costs = [1.0], [np.inf] * 5
    while True:
        norm = _advance(apply, buffers, width, 2.0)
        growth.append(norm)
        if not np.isfinite(norm):
            raise ArithmeticError("The generator gives numbers that are not finite.")
        if len(growth) % 8 == 0:
            longest, terms, enough = _longest(np.array(growth), width, duration, tolerance)
            cost = len(growth) + terms
            # Knowing more of the growth allows longer steps, but soon costs more than they save.
            if enough or cost > costs[-5]:
                return Interval(width, np.array(growth), longest, used + len(growth) - 1)
            costs.append(cost)


def _width(apply: Apply, noise: np.ndarray, least: float) -> tuple[float, int]:
    """W from the Rayleigh quotient of a vector in which the lowest eigenvalue stands out.

    Polynomials T_k(A) of an interval that is too short enlarge what lies outside of it far more
    quickly than powers of L do.
    """
    w, image, used = noise.copy(), np.empty_like(noise), 5
    norm = 0.0
    for _ in range(used):
        # Powers first: they bring out the lowest eigenvalues, enough for a first guess of the
        # interval.
        norm = float(np.linalg.norm(apply(w, out=image)))
        if not norm > 0:
            break
        np.divide(image, norm, out=w)
    width = max(norm, least)
    for _ in range(12):
        buffers = [w, np.zeros_like(w), image]
        for k in range(8):
            norm = _advance(apply, buffers, width, 1.0 if k == 0 else 2.0)
        w, image = buffers[0] / norm, buffers[2]
        lowest = -float(np.vdot(w, apply(w, out=image)).real)
        used += 9
        if not lowest > width:
            break
        width = 1.01 * lowest
    return MARGIN * width, used


def _longest(
    growth: np.ndarray, width: float, duration: float, tolerance: float
) -> tuple[float, float, bool]:
    """The longest step whose rounding errors are known to stay within its share of the tolerance.

    Returns the length, the number of terms the whole evolution will take, and whether a growth
    known for more terms would not allow a longer step.
    """
    known = len(growth)
    # Beyond what has been measured, growth goes on as it did over the last quarter.
    slope = max(0.0, np.log(growth[-1] / growth[-known // 4 - 1]) / (known // 4))
    enough, best = True, (np.inf, duration, np.inf)
    for length in duration * 2.0 ** -np.arange(0, 40, 0.25):
        c = coefficients(np.array([width * length / 2]))[0]
        beyond = growth[-1] * np.exp(np.minimum(slope * np.arange(1, len(c) - known + 1), 600))
        # Term k of the sum carries rounding ε·c_k‖U_k‖. Its largest decides about the step, and
        # where it has fallen below what is allowed, the sum may end.
        sizes = c * np.concatenate([growth, beyond])[: len(c)]
        peak, share = int(np.argmax(sizes)), ROUNDING * tolerance / duration * length
        last = peak + int(np.argmax(np.append(sizes[peak:], 0.0) <= share))
        rounding, terms = SAFETY * EPSILON * sizes[peak], max(duration / length, 1.0) * last
        if peak > 0.8 * known:  # no more than a guess
            enough = enough and rounding > share
        elif rounding <= share:
            return float(length), float(terms), enough
        elif rounding / share < best[0]:
            best = (rounding / share, float(length), float(terms))
    return best[1], best[2], enough


def _advance(
    apply: Apply,
    buffers: list[np.ndarray],
    width: float,
    scale: float,
    states: np.ndarray | None = None,
    which: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> float:
    """One term of the recurrence, scale·A T_k − T_{k−1}, added to the chosen states; its norm.

    `buffers` hold T_k, T_{k−1} and room for L T_k; the new term takes the place of T_{k−1} and
    becomes the first.
    """
    current, previous, image = buffers
    apply(current, out=image)
    # Complex numbers count as pairs of real ones: A and the weights are real.
    flat = [a.view(np.float64) for a in (image, current, previous)]
    if states is None or which is None or weights is None:
        rows, which, weights = np.empty((0, 0)), np.empty(0, np.int64), np.empty(0)
    else:
        rows = states.view(np.float64)
    a, size = 2 * scale / width, len(flat[0])
    # Memory is what a pass waits for: a few threads use all that it can bring. Each has its own sum
    # of squares, added in the order of the pieces.
    threads = min(cores(), 4) if size >= THREADED else 1
    cuts = [size * j // threads for j in range(threads + 1)]
    jobs = [(*flat, a, scale, rows, which, weights, *cuts[j : j + 2]) for j in range(threads)]
    squares = spread(lambda job: _fused(*job), jobs)
    buffers[:2] = previous, current
    return float(np.sqrt(sum(squares)))


@numba.njit(nogil=True, error_model="numpy", fastmath={"contract", "reassoc"}, cache=True)
def _fused(
    image: Any,
    current: Any,
    previous: Any,
    a: Any,
    b: Any,
    rows: Any,
    which: Any,
    weights: Any,
    start: Any,
    stop: Any,
) -> Any:
    """previous ← a·image + b·current − previous and rows += weights·previous, in one pass.

    Piece by piece, so that what was just computed is still in the cache when it is added.
    """
    square = 0.0
    for low in range(start, stop, PIECE):
        high = min(low + PIECE, stop)
        for i in range(low, high):
            value = a * image[i] + b * current[i] - previous[i]
            previous[i] = value
            square += value * value
        for j in range(len(which)):
            row, weight = rows[which[j]], weights[j]
            for i in range(low, high):
                row[i] += weight * previous[i]
    return square
