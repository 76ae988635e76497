"""Where a function of time first rises through zero, from samples and a way to take more of them.

The samples must lie so close that the function is a parabola between them, up to a small part of
its own rise and fall. Where such a parabola comes near zero, more samples are taken until it is
clear on which side the function stays.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

EPSILON = 2.0**-52

Sample = tuple[float, float]
"""A time and the value there."""

CAUTION = 8.0  # rise above two samples, over that of the parabola; that of a kink is four times it
NEGATIVE = 1e-13  # of the largest value: what lies less below zero is zero that was rounded
UNEVEN = 1e-3  # ratio of spaces between samples that says nothing of how the function bends
CLOSEST = 1e-6  # of the space between samples: closer ones tell nothing new


def first_rise(
    samples: Sequence[Sample],
    start: int,
    below: bool,
    tolerance: float,
    value: Callable[[float], float],
) -> tuple[bool, tuple[Sample, Sample] | None]:
    """The first rise through zero among samples, or between them.

    The function must have been negative before; a maximum that misses zero by less than the
    tolerance counts as a rise.

    Args:
        samples: times, ascending, with the values of the function.
        start: number of the sample at which the search begins; earlier ones only help to know how
            the function bends.
        below: whether the function has been negative until then.
        tolerance: what values may be off by.
        value: the function, for times between those of the samples.

    Returns:
        Whether the function has been negative, and the samples before and after the first rise to
        zero, if there is one; the second is negative when it only comes near zero.

    >>> from math import cos
    >>> wave = lambda t: cos(t) - 0.99
    >>> samples = [(t, wave(t)) for t in (5.0, 5.5, 6.0, 6.5)]
    >>> below, (before, after) = first_rise(samples, 0, True, 1e-9, wave)
    >>> before[0], round(after[0], 1)
    (6.0, 6.3)
    """
    known = list(samples)
    rounding = NEGATIVE * max((abs(f) for _, f in known), default=0.0)
    gaps = [b[0] - a[0] for a, b in pairwise(known)]
    closest = CLOSEST * max(gaps, default=0.0) + 4 * EPSILON * known[-1][0]
    k = start
    while k + 1 < len(known):
        a, b = known[k], known[k + 1]
        below = below or a[1] < -rounding
        if below and b[1] >= 0:
            return below, (a, b)
        # Below zero one looks out for a hidden maximum, before that for a hidden minimum.
        side, enough = (1.0, -tolerance) if below else (-1.0, rounding)
        t, height = _summit(known, k, side)
        if side * b[1] < 0 and height >= enough:
            if b[0] - a[0] > closest:
                known.insert(k + 1, (t, value(t)))
                continue
            if below and max(a, b, key=lambda sample: sample[1])[1] >= enough:
                return below, (a, max(a, b, key=lambda sample: sample[1]))
        k += 1
    return below or bool(known and known[-1][1] < -rounding), None


def _summit(known: Sequence[Sample], k: int, side: float) -> tuple[float, float]:
    """Where ±f may be highest between two samples, and how high: of both parabolas, the worse."""
    (a, fa), (b, fb) = known[k], known[k + 1]
    best = (0.5 * (a + b), -float("inf"))
    top = max(side * fa, side * fb)
    slope = side * (fb - fa) / (b - a)
    for j in (k - 1, k + 2):
        if not 0 <= j < len(known):
            continue
        c, fc = known[j]
        if min(abs(c - a), abs(c - b)) < UNEVEN * (b - a):
            continue  # rounding would bend it
        bend = ((side * (fc - fb)) / (c - b) - slope) / (c - a)  # f[a, b, c]
        if not bend < 0:
            continue
        t = 0.5 * (a + b) - slope / (2 * bend)
        if a < t < b:
            height = side * fa + (t - a) * (slope + bend * (t - b))
            height += CAUTION * (height - top)
            if height > best[1]:
                best = (min(max(t, 0.9 * a + 0.1 * b), 0.1 * a + 0.9 * b), height)
    return best
