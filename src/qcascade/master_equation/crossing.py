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

CAUTION = 8.0  # the summit between two samples may stand this much above them, over a parabola's
NEGATIVE = 1e-13  # of the largest value: what lies less below zero is zero that was rounded
UNEVEN = 1e-3  # ratio of spaces between samples that says nothing of how the function bends
BESIDE = 0.2  # of the space between two samples
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
    closest = CLOSEST * max(gaps, default=0.0) + 4 * EPSILON * abs(known[-1][0])
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


def _summit(known: Sequence[Sample], k: int, side: float) -> Sample:
    """Where ±f may be highest between two samples, and how high, by what lies beside them."""
    a, b = ((t, side * f) for t, f in known[k : k + 2])
    before = (known[k - 1][0], side * known[k - 1][1]) if k else None
    after = (known[k + 2][0], side * known[k + 2][1]) if k + 2 < len(known) else None
    candidates = [(0.5 * (a[0] + b[0]), -float("inf")), *_tent(before, a, b, after)]
    candidates += [top for c in (before, after) if c for top in _parabola(a, b, c)]
    t, height = max(candidates, key=lambda top: top[1])
    return min(max(t, 0.9 * a[0] + 0.1 * b[0]), 0.1 * a[0] + 0.9 * b[0]), height


def _parabola(a: Sample, b: Sample, c: Sample) -> list[Sample]:
    """The summit between two samples of the parabola through three, if there is one."""
    wide = b[0] - a[0]
    if min(abs(c[0] - a[0]), abs(c[0] - b[0])) < UNEVEN * wide:
        return []  # rounding would bend it
    slope = _slope(a, b)
    bend = (_slope(b, c) - slope) / (c[0] - a[0])
    if not bend < 0:
        return []
    t = 0.5 * (a[0] + b[0]) - slope / (2 * bend)
    # A parabola is no more than near: the summit may lie a little beside its own.
    if not a[0] - BESIDE * wide < t < b[0] + BESIDE * wide:
        return []
    height = a[1] + (t - a[0]) * (slope + bend * (t - b[0]))
    return [(t, height + CAUTION * (height - max(a[1], b[1])))]


def _tent(before: Sample | None, a: Sample, b: Sample, after: Sample | None) -> list[Sample]:
    """Where the lines of both neighbours meet, as they do in a kink; an unknown one leans back."""
    up = _slope(before, a) if before else -_slope(b, after) if after else 0.0
    down = _slope(b, after) if after else -up
    if not up > 0 > down:
        return []
    t = (b[1] - a[1] + up * a[0] - down * b[0]) / (up - down)
    return [(t, a[1] + up * (t - a[0]))] if a[0] < t < b[0] else []


def _slope(a: Sample, b: Sample) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])
