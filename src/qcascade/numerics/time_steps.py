"""Parameters that change in time: where to cut a run into segments, and the nodes of a step.

A function of an array of times gives all numbers of a model at many times at once, whatever kind of
model it is. A step of fourth order takes them at the two Gauss nodes (commutator-free: S. Blanes,
P. C. Moan, Appl. Numer. Math. 56, 1519 (2006)):

    e^{h(b𝓛₁ + a𝓛₂)} e^{h(a𝓛₁ + b𝓛₂)},   a = ¼ + √3/6,  b = ¼ − √3/6,

𝓛 the generator. Within a segment nothing jumps, and nothing hides between the nodes.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, number

EARLY, LATE = 0.25 + np.sqrt(3) / 6, 0.25 - np.sqrt(3) / 6
NODES = 0.5 + np.array([-1.0, 1.0]) * np.sqrt(3) / 6
SEGMENTS = 32
"""Of a run at least: a short one is looked at more closely than one step would."""
PROBES = 1024
"""Places between two breaks at which a model is looked at for switches and short pulses."""
VARIES = 0.25
"""Share of its largest value by which a number may change within a first segment."""
UNEVEN = 3.0
"""How much steeper than on average a number may become within a first segment."""
ROUNDING = 1e-12
"""Errors below it that halving does not make smaller are rounding."""
DEEPEST = 12
"""Halvings of a segment, at most."""
GOLDEN = 0.6180339887498949

Numbers = Callable[[np.ndarray], np.ndarray]
"""All numbers of a model at every time, (K, rows, columns)."""


def called(at: Any, times: np.ndarray, name: str, kind: type) -> Any:
    """What a function of time returns at many times.

    Args:
        at: function of an array of times.
        times: (K,).
        name: argument to name in an error.
        kind: of the model that it must return.

    Raises:
        ArgumentError: for a function that takes no arrays, or returns something else.
    """
    must = f"be a function of an array of times that returns a {kind.__name__}"
    try:
        model = at(times)
    except ArgumentError:  # of a network that is none
        raise
    except (TypeError, ValueError) as error:
        if_else = "truth value of an array" in str(error)
        how = "in place of `if` write `np.where(t > 0, x, y)`" if if_else else f"it raises: {error}"
        raise fail(name, must, at, how) from error
    return model


def check_first_axis(name: str, batch: tuple[int, ...], times: np.ndarray) -> None:
    """Refuse a model whose first axis is not that of the times.

    Args:
        name: argument to name in the error.
        batch: leading axes of the model; none of a constant one.
        times: (K,).
    """
    if batch and batch[0] != len(times):
        must = f"return models with the {len(times)} times on their first axis"
        raise fail(name, must, batch, "other axes stand behind it: `t[:, None]`")


def places(start: float, stop: float) -> np.ndarray:
    """Where a model is looked at between two breaks: nothing periodic looks constant there.

    Args:
        start: the first break.
        stop: the second.
    """
    share = np.sort(np.append((GOLDEN * np.arange(1, PROBES)) % 1.0, [1e-9, 1 - 1e-9]))
    return start + share * (stop - start)


def segments(numbers: Numbers, times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Edges of first segments: times, breaks, and enough between them where numbers change.

    Args:
        numbers: of the model, as a function of an array of times.
        times: increasing, the first and the last included.
        breaks: when something is switched.

    Raises:
        ArgumentError: for a switch that is not among the breaks; it says when.
    """
    pieces = np.unique(np.append(times[[0, -1]], breaks))
    edges = [times, pieces, np.linspace(times[0], times[-1], SEGMENTS + 1)]
    for start, stop in pairwise(pieces):
        looked = places(start, stop)
        values = numbers(looked)
        scale = scale_of(values)
        change = (np.abs(np.diff(values, axis=0)) / scale).max(axis=(-2, -1))
        _check_switches(numbers, looked, values, change, scale)
        edges.append(looked[_graded(change)])
    every = np.unique(np.concatenate(edges))
    # Edges closer than rounding of the times are one; those asked for are kept.
    wanted = np.isin(every, np.append(times, pieces))
    apart = np.diff(every, append=np.inf) > 1e-12 * max(abs(every[0]), abs(every[-1]))
    return every[wanted | apart]


def _graded(change: np.ndarray) -> list[int]:
    """Where to cut, so that nothing is steep in one part of a segment and flat in the others.

    Nodes that lie too far apart to see a pulse would agree on that there is none. So a stretch is
    halved as long as it is steeper somewhere than it is on average, or changes by too much.
    """
    cuts, stretches = [], [(0, len(change))]
    while stretches:
        start, stop = stretches.pop()
        steps = change[start:stop]
        uneven = steps.max() > max(UNEVEN * steps.mean(), 1e-10)
        if stop - start < 2 or not (uneven or steps.sum() > VARIES):
            continue
        middle = (start + stop) // 2
        cuts.append(middle)
        stretches += [(start, middle), (middle, stop)]
    return cuts


def scale_of(values: np.ndarray) -> np.ndarray:
    """The largest a number becomes; of what is rounding beside the rest of its row, a share of it.

    Args:
        values: rows over time, (K, rows, columns).
    """
    largest = np.abs(values).max(axis=0)
    return np.maximum(largest, 1e-10 * largest.max(axis=-1, keepdims=True) + 1e-300)


def _check_switches(
    numbers: Numbers, looked: np.ndarray, values: np.ndarray, change: np.ndarray, scale: np.ndarray
) -> None:
    """Whatever is smooth changes by less and less between places that are nearer and nearer."""
    some = np.flatnonzero(change > 1e-9)
    low, high, first = looked[some], looked[some + 1], change[some]
    before, after = values[some], values[some + 1]
    for halving in range(1, 25):
        if not len(low):
            return
        middle = low + GOLDEN * (high - low)
        between = numbers(middle)
        ends = np.stack([before, between, after])
        steps = (np.abs(np.diff(ends, axis=0)) / scale).max(axis=(-2, -1))
        left = steps[0] > steps[1]
        low, high = np.where(left, low, middle), np.where(left, middle, high)
        left = left[:, None, None]
        before, after = np.where(left, before, between), np.where(left, between, after)
        last = np.maximum(*steps)
        # A slope leaves a share of about 0.62 each time, a switch all of it.
        share = 0.9**halving if halving >= 6 else 0.75**halving if halving >= 3 else 0.0
        jumps = (last > first * share) & (last > 1e-9)
        low, high, first = low[jumps], high[jumps], first[jumps]
        before, after = before[jumps], after[jumps]
    if len(low):
        must = "name every time at which a parameter is switched"
        raise fail("breaks", must, f"without t = {float(low[0]):.6g}")


def checked_breaks(breaks: Any, times: np.ndarray) -> np.ndarray:
    """Breaks as numbers within the run.

    Args:
        breaks: times at which something is switched.
        times: of the run.
    """
    switched = number("breaks", breaks, "a list of times")
    if switched.ndim != 1:
        raise fail("breaks", "be a list of times", breaks)
    return switched[(switched > times[0]) & (switched < times[-1])]


def check_period(numbers: Numbers, period: float) -> None:
    """Whatever a model is made of comes back after a period.

    Args:
        numbers: of the model, as a function of an array of times.
        period: after which it ought to be the same.

    Raises:
        ArgumentError: for a time after which it is not.
    """
    times = period * np.sort((GOLDEN * np.arange(1, 33)) % 1.0)
    first, second = (numbers(t) for t in (times, times + period))
    off = (np.abs(second - first) / scale_of(first)).max(axis=(-2, -1))
    if off.max() > 1e-7:
        t = times[int(off.argmax())]
        must = "be a time after which the model is the same again"
        raise fail("period", must, period, f"t = {t:.4g} and {t + period:.4g} differ")
