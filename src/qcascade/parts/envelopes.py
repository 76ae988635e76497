"""Shapes of pulses in units of their own width: |u|², what is before and after, and hazard rates.

A cavity lets a pulse out when it loses its quanta at the rate |u|²/∫_x^∞|u|² at which what is left
of the pulse leaves, and takes one in at |u|²/∫_{−∞}^x|u|². Written as one function each, these
hazard rates have no 0/0 in the tails, where both integrals are below what 1 − ∫ resolves.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail

Of = Callable[[np.ndarray], np.ndarray]
FAR = 1e-24
"""Share of a pulse that lies before and after what is called its span."""
GRADES = 2.0 ** -np.arange(1, 34)
"""Distances from an end at which a rate is infinite, in units of the width: steps to get there."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)


class Envelope(NamedTuple):
    """A normalised shape over x = (t − centre)/width.

    Args:
        amplitude: u(x), real or complex.
        before: ∫_{−∞}^x |u|².
        after: ∫_x^∞ |u|².
        leaving: |u|²/after.
        entering: |u|²/before.
        span: outside of which lies a share `FAR` at most.
        knots: from the first to the last of the span; u changes by no more than a few times itself
            between two of them.
        breaks: where u jumps or has a kink.
        singular: whether `entering` is infinite at the first of the span, `leaving` at the last.
    """

    amplitude: Of
    before: Of
    after: Of
    leaving: Of
    entering: Of
    span: tuple[float, float]
    knots: tuple[float, ...]
    breaks: tuple[float, ...] = ()
    singular: tuple[bool, bool] = (False, False)


def _gaussian() -> Envelope:
    """|u|² is the normal distribution; its hazard rate is √(2/π)/erfcx(x/√2)."""
    from scipy.special import erfcx, ndtr

    def leaving(x: np.ndarray) -> np.ndarray:
        return np.sqrt(2 / np.pi) / erfcx(np.maximum(x, -37.0) / np.sqrt(2))

    def after(x: np.ndarray) -> np.ndarray:
        return ndtr(-x)

    return Envelope(
        lambda x: (2 * np.pi) ** -0.25 * np.exp(-(x**2) / 4),
        ndtr,
        after,
        leaving,
        lambda x: leaving(-x),
        (-10.2, 10.2),
        (-10.2, *range(-8, 9, 2), 10.2),
    )


def _sech() -> Envelope:
    """u = sech(x)/√2, whose hazard rate is 1 + tanh x = 2/(1 + e^{−2x})."""
    from scipy.special import expit

    def share(x: np.ndarray) -> np.ndarray:
        return expit(2 * x)

    return Envelope(
        lambda x: np.sqrt(2 * expit(2 * x) * expit(-2 * x)),
        share,
        lambda x: share(-x),
        lambda x: 2 * share(x),
        lambda x: 2 * share(-x),
        (-27.7, 27.7),
        (-27.7, -20, -14, -10, -7, -5, -3, -1.5, 0, 1.5, 3, 5, 7, 10, 14, 20, 27.7),
    )


def _square() -> Envelope:
    """u = 1 for |x| < ½: hazard rates 1/(½ ∓ x)."""

    def left(x: np.ndarray) -> np.ndarray:
        return np.clip(0.5 - x, 0.0, 1.0)

    def right(x: np.ndarray) -> np.ndarray:
        return left(-x)

    def amplitude(x: np.ndarray) -> np.ndarray:
        return np.where(np.abs(x) <= 0.5, 1.0, 0.0)

    return Envelope(
        amplitude,
        right,
        left,
        partial(_hazard, amplitude, left),
        partial(_hazard, amplitude, right),
        (-0.5, 0.5),
        (-0.5, 0.5),
        (-0.5, 0.5),
        (True, True),
    )


def _exponential() -> Envelope:
    """u = e^{−x/2} for x > 0: hazard rates 1 and 1/(e^x − 1)."""

    def amplitude(x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, np.exp(-np.maximum(x, 0.0) / 2), 0.0)

    def before(x: np.ndarray) -> np.ndarray:
        return -np.expm1(-np.maximum(x, 0.0))

    return Envelope(
        amplitude,
        before,
        lambda x: np.exp(-np.maximum(x, 0.0)),
        lambda x: np.where(x >= 0, 1.0, 0.0),
        partial(_hazard, amplitude, before),
        (0.0, 55.3),
        (0.0, 1, 2, 4, 7, 11, 16, 24, 36, 55.3),
        (0.0,),
        (True, False),
    )


def _hazard(amplitude: Of, share: Of, x: np.ndarray) -> np.ndarray:
    """|u|² over the share of it that is left, zero where there is none."""
    density, left = np.abs(amplitude(x)) ** 2, share(x)
    return np.where(left > 0, density / np.where(left > 0, left, 1.0), 0.0)


def reversed_in_time(shape: Envelope) -> Envelope:
    """The shape of u*(−x).

    Args:
        shape: of u(x).
    """

    def back(function: Of) -> Of:
        return lambda x: function(-x)

    first, last = shape.span
    return Envelope(
        lambda x: np.conj(shape.amplitude(-x)),
        back(shape.after),
        back(shape.before),
        back(shape.entering),
        back(shape.leaving),
        (-last, -first),
        tuple(-x for x in reversed(shape.knots)),
        tuple(-x for x in reversed(shape.breaks)),
        (shape.singular[1], shape.singular[0]),
    )


ENVELOPES: dict[str, Callable[[], Envelope]] = {
    "gaussian": _gaussian,
    "sech": _sech,
    "square": _square,
    "exponential": _exponential,
    "rising": lambda: reversed_in_time(_exponential()),
}
"""Shapes by name."""


def of_function(
    function: Callable[[Any], Any], breaks: np.ndarray, smooth: bool = False
) -> Envelope:
    """The envelope of any function, from integrals that are cumulated from both ends.

    Args:
        function: of an array of times, complex.
        breaks: (first, …, last): it is zero outside, and smooth between two of them.
        smooth: whether it is smooth enough to be taken for smooth at those inside, too.

    Raises:
        ArgumentError: where its integral does not converge.
    """
    knots = _resolved(function, breaks)
    pieces = _integrals(function, knots[:-1], knots[1:])
    norm = float(pieces.sum())
    if not norm > 0:
        raise fail("shape", "not be zero everywhere", function)
    # From either end, so that both tails are sums of what is in them.
    up = np.append(0.0, np.cumsum(pieces)) / norm
    down = np.append(np.cumsum(pieces[::-1])[::-1], 0.0) / norm
    first, last = float(breaks[0]), float(breaks[-1])

    def amplitude(x: np.ndarray) -> np.ndarray:
        inside = (x >= first) & (x <= last)
        values = np.zeros(np.shape(x), complex)
        values[inside] = function(np.asarray(x)[inside])
        return values / np.sqrt(norm)

    def at(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inner = np.clip(x, first, last)
        return inner, np.clip(np.searchsorted(knots, inner, side="right") - 1, 0, len(pieces) - 1)

    def before(x: np.ndarray) -> np.ndarray:
        inner, k = at(x)
        return up[k] + _integrals(function, knots[k], inner) / norm

    def after(x: np.ndarray) -> np.ndarray:
        inner, k = at(x)
        return down[k + 1] + _integrals(function, inner, knots[k + 1]) / norm

    return Envelope(
        amplitude,
        before,
        after,
        partial(_hazard, amplitude, after),
        partial(_hazard, amplitude, before),
        (first, last),
        _apart(knots, up, down, breaks[[0, -1]] if smooth else breaks),
        tuple((breaks[[0, -1]] if smooth else breaks).tolist()),
        (True, True),
    )


def of_samples(values: np.ndarray, times: np.ndarray) -> Envelope:
    """The envelope of samples, joined by a cubic spline.

    Args:
        values: u at the times, complex.
        times: increasing.
    """
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(times, values, bc_type="not-a-knot" if len(times) > 3 else "natural")
    return of_function(spline, times, smooth=True)


def _apart(
    knots: np.ndarray, up: np.ndarray, down: np.ndarray, breaks: np.ndarray
) -> tuple[float, ...]:
    """Few of the knots, where certain shares of the pulse are before, and the breaks."""
    shares = np.append(10.0 ** -np.arange(24, 1, -3), [0.03, 0.1, 0.25, 0.5])
    inner = [np.searchsorted(up, shares), len(down) - 1 - np.searchsorted(down[::-1], shares)]
    every = np.concatenate([breaks, knots[np.concatenate(inner)]])
    return tuple(np.unique(every).tolist())


def _integrals(function: Any, start: Any, stop: Any) -> np.ndarray:
    """∫|u|² from each start to its stop, by Gauss's rule."""
    start, stop = np.broadcast_arrays(start, stop)
    half = (stop - start) / 2
    times = start[..., None] + half[..., None] * (NODES + 1)
    return half * (np.abs(function(times)) ** 2 @ WEIGHTS)


def _resolved(function: Any, breaks: np.ndarray) -> np.ndarray:
    """Knots between which Gauss's rule knows ∫|u|²: pieces are halved until halves agree."""
    knots, rough = breaks, np.ones(len(breaks) - 1, bool)
    for _ in range(40):
        middle = (knots[:-1] + knots[1:]) / 2
        coarse = _integrals(function, knots[:-1], knots[1:])
        halves = _integrals(function, knots[:-1], middle)
        halves = halves + _integrals(function, middle, knots[1:])
        if not np.all(np.isfinite(halves)):
            raise fail("shape", "give finite numbers, real or complex", function)
        off = np.abs(coarse - halves)
        # To many digits of itself or, where there is next to nothing of it, of the whole.
        rough = off > np.maximum(1e-13 * halves, 1e-16 * halves.sum())
        if not rough.any():
            return knots
        if len(knots) > 20_000:
            break
        knots = np.sort(np.append(knots, middle[rough]))
    raise fail("shape", "be smooth between its `times` (name those where it jumps)", function)
