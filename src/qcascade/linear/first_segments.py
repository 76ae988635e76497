"""Where a model that changes in time is cut into first segments, and switches that nobody named."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import fail, number
from .flows import batch_of
from .in_time import LARGEST, At, model_at
from .model import GaussianModel

SEGMENTS = 8
"""Of a run at least: a short one is looked at more closely than one step would."""
PROBES = 1024
"""Places between two breaks at which a model is looked at for switches and short pulses."""
FEWEST = 128
"""Places at least, where a model is so large a batch that looking takes long."""
VARIES = 1.0
"""Share of its largest value by which a number may change within a first segment."""
UNEVEN = 3.0
"""How much steeper than on average a number may become within a first segment."""
LOOKED_AT = 16
"""Points of a batch in which switches are looked for."""
GOLDEN = 0.6180339887498949


def segments(at: At, times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Edges of first segments: times, breaks, and enough between them where numbers change.

    Args:
        at: function of an array of times.
        times: increasing, the first and the last included.
        breaks: when something is switched.

    Raises:
        ArgumentError: for a switch that is not among the breaks; it says when.
    """
    pieces = np.unique(np.append(times[[0, -1]], breaks))
    wanted = np.unique(np.append(times, pieces))
    edges = [wanted]
    # Irrational places: nothing periodic looks constant on them.
    count = probes(at, times)
    share = np.sort(np.append((GOLDEN * np.arange(1, count)) % 1.0, [1e-9, 1 - 1e-9]))
    for start, stop in pairwise(pieces):
        places = start + share * (stop - start)
        numbers = numbers_at(at, places)
        scale = scale_of(numbers)
        change = (np.abs(np.diff(numbers, axis=0)) / scale).max(axis=(-2, -1))
        _check_switches(at, places, numbers, scale)
        inside = wanted[(wanted >= start) & (wanted <= stop)]
        bounds = np.clip(np.searchsorted(places, inside), 0, len(places) - 1)
        longest = (times[-1] - times[0]) / SEGMENTS
        edges.append(places[_graded(change, places, bounds, longest)])
    every = np.unique(np.concatenate(edges))
    # Edges closer than rounding of the times are one; those asked for are kept.
    apart = np.diff(every, append=np.inf) > 1e-12 * max(abs(every[0]), abs(every[-1]))
    return every[np.isin(every, wanted) | apart]


def probes(at: At, times: np.ndarray) -> int:
    """Places at which a model is looked at: fewer where it is a large batch.

    Args:
        at: function of an array of times.
        times: some of them.
    """
    points = int(np.prod(batch_of(model_at(at, times[[0, -1]]))[1:]))
    return int(np.clip(PROBES * PROBES // max(points, 1), FEWEST, PROBES))


def _graded(
    change: np.ndarray, places: np.ndarray, bounds: np.ndarray, longest: float
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
        steps = change[start:stop]
        uneven = steps.max() > max(UNEVEN * steps.mean(), 1e-10)
        too_long = places[stop] - places[start] > 1.1 * longest
        if not (too_long or uneven or steps.sum() > VARIES):
            continue
        middle = (start + stop) // 2
        cuts.append(middle)
        stretches += [(start, middle), (middle, stop)]
    return cuts


def numbers_at(at: At, times: np.ndarray) -> np.ndarray:
    """All rows of drift and diffusion at every time, (K, rows, 2N + 1); of a large batch, of some
    points.

    Args:
        at: function of an array of times.
        times: (K,).
    """
    model = model_at(at, times[:2] if len(times) > 1 else times[[0, 0]])
    batch, n = batch_of(model), 2 * len(model.modes) + 1
    many = max(1, LARGEST // (2 * n**2 * int(np.prod(batch[1:]))))
    starts = range(0, len(times), many)
    return np.concatenate(
        [
            _rows(model_at(at, part), len(part), batch[1:])
            for part in (times[k : k + many] for k in starts)
        ]
    )


def _rows(model: GaussianModel, count: int, batch: tuple[int, ...]) -> np.ndarray:
    """Rows of [A f] and of D at some points, (K, rows, 2N + 1)."""
    points, n = int(np.prod(batch)), 2 * len(model.modes) + 1
    some = np.unique(np.linspace(0, points - 1, min(points, LOOKED_AT)).astype(int))
    at = (slice(None), *np.unravel_index(some, batch)) if batch else slice(None)
    rows = np.zeros((count, len(some), 2, n - 1, n))
    for values, inner, part in (
        (model.A, 2, rows[..., 0, :, : n - 1]),
        (model.drive, 1, rows[..., 0, :, n - 1]),
        (model.D, 2, rows[..., 1, :, : n - 1]),
    ):
        values = np.asarray(values)
        whole = np.broadcast_to(values, (count, *batch, *values.shape[values.ndim - inner :]))[at]
        part[...] = whole.reshape(part.shape)
    return rows.reshape(count, -1, n)


def scale_of(numbers: np.ndarray) -> np.ndarray:
    """The largest a number becomes; of what is rounding beside the rest of its row, a share of it.

    Args:
        numbers: rows over time, from `numbers_at`.
    """
    largest = np.abs(numbers).max(axis=0)
    return np.maximum(largest, 1e-10 * largest.max(axis=-1, keepdims=True) + 1e-300)


def _check_switches(at: At, places: np.ndarray, numbers: np.ndarray, scale: np.ndarray) -> None:
    """Whatever is smooth changes by less and less between places that are nearer and nearer."""

    def between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (np.abs(other - one) / scale).max(axis=(-2, -1))

    change = between(numbers[:-1], numbers[1:])
    some = np.flatnonzero(change > 1e-9)
    ends, first = [(places[k], numbers[k]) for k in (some, some + 1)], change[some]
    for halving in range(1, 25):
        if not len(first):
            return
        (low, at_low), (high, at_high) = ends
        middle = low + GOLDEN * (high - low)
        at_middle = numbers_at(at, middle)
        steps = between(at_low, at_middle), between(at_middle, at_high)
        last = np.maximum(*steps)
        # A slope leaves a share of about 0.62 each time, a switch all of it: more than half is left
        # of both where the switch is as high as the slope beside it.
        jumps = (last > 0.47 * first * (1 + GOLDEN**halving)) & (last > 1e-9)
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
