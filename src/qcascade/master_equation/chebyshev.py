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
(chebyshev_interval.py) measures that growth on random noise, and chooses the longest step that
keeps its product with the machine precision below the tolerance; `step` watches T_k(A)x itself all
the way. Noise is needed besides: near the steady state T_k(A)x does not grow, and hides the
rounding errors, which do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .chebyshev_terms import EPSILON, ROUNDING, SAFETY, TRUNCATION, Apply, advance, coefficients

LOOKS = 32  # at a functional within a step, most of them early, where things are fast
SHORTEST = 2.0**-40  # of the whole duration: steps below show that L has no finite values


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
    >>> from qcascade.master_equation.chebyshev_interval import survey
    >>> bounds = survey(decay, np.ones(3), 1.0, 1e-12)
    >>> propagate(decay, np.ones(3), np.log(2.0), 1e-12, bounds.width, bounds.longest)[0].round(10)
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
        norms.append(advance(apply, buffers, width, scale, states, open_, table[open_, k]))
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


def _tails(table: np.ndarray, norms: list[float], k: int) -> np.ndarray:
    """Bound of Σ_{j>k} c_j‖T_j x‖: a geometric series, from the decay and growth at k."""
    # Over four terms, since norms of even and odd ones may differ; and the larger of the last two.
    back = min(k, 4)
    growth = max(1.0, (norms[k] / norms[k - back]) ** (1 / back)) if norms[k - back] else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(table[:, k + 1] / table[:, k]) * growth
    last = np.maximum(table[:, k] * norms[k], table[:, k - 1] * norms[k - 1] if k > 1 else 0.0)
    return np.where(ratio < 1, last * ratio / np.maximum(1 - ratio, EPSILON), np.inf)
