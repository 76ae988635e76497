"""The interval of a generator's spectrum, and the longest step that rounding allows on it."""

from dataclasses import dataclass

import numpy as np

from .chebyshev_terms import EPSILON, ROUNDING, SAFETY, Apply, advance, coefficients

MARGIN = 1.03  # of the interval over the estimated lowest eigenvalue


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
        norm = advance(apply, buffers, width, 2.0)
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
            norm = advance(apply, buffers, width, 1.0 if k == 0 else 2.0)
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
