"""Parameters that change in time: where to cut a run into segments, and the nodes of a step.

A function of an array of times gives all numbers of a model at many times at once, whatever kind of
model it is. A step of fourth order takes them at the two Gauss nodes (commutator-free: S. Blanes,
P. C. Moan, Appl. Numer. Math. 56, 1519 (2006)):

    e^{h(b𝓛₁ + a𝓛₂)} e^{h(a𝓛₁ + b𝓛₂)},   a = ¼ + √3/6,  b = ¼ − √3/6,

𝓛 the generator. Within a segment nothing jumps, and nothing hides between the nodes.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail, number, shown

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
STAIR = 3e-8
"""Jumps up to which rounding is to blame: √(1 + tanh t) has stairs of √2⁻⁵³ long before 0."""
ROUNDED = 2.0**-50
"""Part of the largest number of a row that is rounding where others of the row cancel."""
ROUNDING = 1e-12
"""Errors below it that halving does not make smaller are rounding."""
DEEPEST = 12
"""Halvings of a segment, at most."""
GOLDEN = 0.6180339887498949

Numbers = Callable[[np.ndarray], np.ndarray]
"""All numbers of a model at every time, (K, rows, columns)."""


def called(at: Any, times: np.ndarray, name: str, *kinds: type) -> Any:
    """What a function of time returns at many times.

    Args:
        at: function of an array of times.
        times: (K,).
        name: argument to name in an error.
        kinds: of the model that it must return, one of them.

    Raises:
        ArgumentError: for a function that takes no arrays, or returns something else.
    """
    kind = " or a ".join(kind.__name__ for kind in kinds)
    must = f"be a function of an array of times that returns a {kind}"
    try:
        model = at(times)
    except ArgumentError:  # of a network that is none
        raise
    except (TypeError, ValueError) as error:
        if_else = "truth value of an array" in str(error)
        how = "in place of `if` write `np.where(t > 0, x, y)`" if if_else else f"it raises: {error}"
        raise fail(name, must, at, how) from error
    if not isinstance(model, kinds):
        raise fail(name, must, at, f"it returns {shown(model)}")
    return model


def check_first_axis(name: str, batch: tuple[int, ...], times: np.ndarray) -> None:
    """Refuse a model whose first axis is not that of the times, or that has no points.

    Args:
        name: argument to name in the error.
        batch: leading axes of the model; none of a constant one.
        times: (K,).
    """
    if batch and batch[0] != len(times):
        must = f"return models with the {len(times)} times on their first axis"
        raise fail(name, must, batch, "other axes stand behind it: `t[:, None]`")
    if 0 in batch[1:]:
        raise fail(name, "return one point or more for every time", f"shape {batch}")


def places(start: float, stop: float, count: int = PROBES) -> np.ndarray:
    """Where a model is looked at between two breaks: nothing periodic looks constant there.

    Args:
        start: the first break.
        stop: the second.
        count: how many places.
    """
    share = np.sort(np.append((GOLDEN * np.arange(1, count)) % 1.0, [1e-9, 1 - 1e-9]))
    return start + share * (stop - start)


def segments(
    numbers: Numbers,
    times: np.ndarray,
    breaks: np.ndarray,
    *,
    least: int = SEGMENTS,
    varies: float = VARIES,
    probes: int = PROBES,
) -> np.ndarray:
    """Edges of first segments: times, breaks, and enough between them where numbers change.

    Args:
        numbers: of the model, as a function of an array of times.
        times: increasing, the first and the last included.
        breaks: when something is switched.
        least: segments of a run: a short one is looked at more closely than one step would.
        varies: share of its largest value by which a number may change within a segment.
        probes: places between two breaks at which the model is looked at.

    Raises:
        ArgumentError: for a switch that is not among the breaks; it says when.
    """
    changes = []
    for start, stop in _pieces(times, breaks):
        looked = places(start, stop, probes)
        values = numbers(looked)
        scale = scale_of(values)
        changes.append(scale.between(values[:-1], values[1:]))
        _check_switches(numbers, looked, values, scale)
    return _cut(times, breaks, changes, least, varies, probes)


def level_segments(times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """`segments` of numbers that hardly change: those of other numbers are cut out of them.

    Args:
        times: increasing, the first and the last included.
        breaks: when something is switched.
    """
    level = [np.zeros(PROBES) for _ in _pieces(times, breaks)]
    return _cut(times, breaks, level, SEGMENTS, VARIES, PROBES)


def between(looked: np.ndarray) -> np.ndarray:
    """Where switches are looked for first, between places at which numbers are known.

    Args:
        looked: increasing times, (K,).
    """
    return looked[:-1] + GOLDEN * (looked[1:] - looked[:-1])


def _pieces(times: np.ndarray, breaks: np.ndarray) -> list[tuple[float, float]]:
    """Within which nothing is switched."""
    return list(pairwise(np.unique(np.append(times[[0, -1]], breaks)).tolist()))


def _cut(
    times: np.ndarray,
    breaks: np.ndarray,
    changes: list[np.ndarray],
    least: int,
    varies: float,
    probes: int,
) -> np.ndarray:
    """Edges of segments, from what changes between the places of every piece."""
    wanted = np.unique(np.concatenate([times, breaks]))
    edges, longest = [wanted], (times[-1] - times[0]) / least
    for (start, stop), change in zip(_pieces(times, breaks), changes, strict=True):
        looked = places(start, stop, probes)
        inside = wanted[(wanted >= start) & (wanted <= stop)]
        bounds = np.clip(np.searchsorted(looked, inside), 0, len(looked) - 1)
        edges.append(looked[_graded(change, looked, bounds, longest, varies)])
    every = np.unique(np.concatenate(edges))
    # Edges closer than rounding of the times are one; those asked for are kept.
    apart = np.diff(every, append=np.inf) > 1e-12 * max(abs(every[0]), abs(every[-1]))
    return every[np.isin(every, wanted) | apart]


def _graded(
    change: np.ndarray, places: np.ndarray, bounds: np.ndarray, longest: float, varies: float
) -> list[int]:
    """Where to cut, so that nothing is steep in one part of a segment and flat in the others.

    Nodes that lie too far apart to see a pulse would agree on that there is none. So a stretch
    between two bounds is halved as long as it is too long, or steeper somewhere than it is on
    average, or changes by too much.
    """
    cuts, stretches = [], list(pairwise(int(k) for k in bounds))
    while stretches:
        start, stop = stretches.pop()
        if stop - start < 2:
            continue
        if places[stop] - places[start] <= 1.1 * longest:
            steps = change[start:stop]
            total = steps.sum()
            uneven = steps.max() > max(UNEVEN * total / len(steps), 1e-10)
            if not (uneven or total > varies):
                continue
        middle = (start + stop) // 2
        cuts.append(middle)
        stretches += [(start, middle), (middle, stop)]
    return cuts


class Scale(NamedTuple):
    """What changes of numbers are measured on.

    Args:
        size: the largest a number becomes; of what is rounding beside the rest of its row, a share
            of it, (rows, columns).
        rounding: by which numbers that cancel are off, (rows, 1).
    """

    size: np.ndarray
    rounding: np.ndarray

    def between(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The largest relative change from one row to another, (K,); rounding is none.

        Args:
            one: numbers at some times, (K, rows, columns).
            other: at others.
        """
        change = (np.abs(other - one) - self.rounding) / self.size
        return change.max(axis=(-2, -1), initial=0.0)


def scale_of(values: np.ndarray) -> Scale:
    """The scale of numbers that change in time.

    Args:
        values: rows over time, (K, rows, columns).
    """
    largest = np.abs(values).max(axis=0)
    beside = largest.max(axis=-1, keepdims=True, initial=0.0)
    return Scale(np.maximum(largest, 1e-10 * beside + 1e-300), ROUNDED * beside)


def _check_switches(numbers: Numbers, looked: np.ndarray, values: np.ndarray, scale: Scale) -> None:
    """Whatever is smooth changes by less and less between places that are nearer and nearer."""
    change = scale.between(values[:-1], values[1:])
    some = np.flatnonzero(change > STAIR)
    ends, first = [(looked[k], values[k]) for k in (some, some + 1)], change[some]
    for halving in range(1, 25):
        if not len(first):
            return
        (low, at_low), (high, at_high) = ends
        middle = low + GOLDEN * (high - low)
        at_middle = numbers(middle)
        steps = scale.between(at_low, at_middle), scale.between(at_middle, at_high)
        last = np.maximum(*steps)
        # A slope leaves a share of about 0.62 each time, a switch all of it: more than half is left
        # of both where the switch is as high as the slope beside it.
        jumps = (last > 0.47 * first * (1 + GOLDEN**halving)) & (last > STAIR)
        left = (steps[0] > steps[1])[jumps]
        inner = left[:, None, None]
        ends = [
            (np.where(left, x[0][jumps], y[0][jumps]), np.where(inner, x[1][jumps], y[1][jumps]))
            for x, y in (
                ((low, at_low), (middle, at_middle)),
                ((middle, at_middle), (high, at_high)),
            )
        ]
        first = first[jumps]
    if len(first):
        must = "name every time at which a parameter is switched"
        raise fail("breaks", must, f"without t = {float(ends[0][0][0]):.6g}")


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


def check_period(numbers: Numbers, period: float, count: int = 32) -> None:
    """Whatever a model is made of comes back after a period.

    Args:
        numbers: of the model, as a function of an array of times.
        period: after which it ought to be the same.
        count: times at which it is looked at.

    Raises:
        ArgumentError: for a time after which it is not.
    """
    times = period * np.sort((GOLDEN * np.arange(1, count + 1)) % 1.0)
    first, second = (numbers(t) for t in (times, times + period))
    off = scale_of(first).between(first, second)
    if off.max() > 1e-7:
        t = times[int(off.argmax())]
        must = "be a time after which the model is the same again"
        raise fail("period", must, period, f"t = {t:.4g} and {t + period:.4g} differ")
