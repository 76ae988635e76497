"""Where a linear model that changes in time is cut into first segments, and what is looked at."""

import numpy as np

from ..numerics import time_steps
from .flows import batch_of
from .in_time import LARGEST, At, model_at
from .model import GaussianModel

SEGMENTS = 8
"""Of a run at least: steps of eighth order are long."""
VARIES = 1.0
"""Share of its largest value by which a number may change within a first segment."""
FEWEST = 128
"""Places at least, where a model is so large a batch that looking takes long."""
LOOKED_AT = 16
"""Points of a batch in which switches are looked for."""


def segments(at: At, times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Edges of first segments: times, breaks, and enough between them where numbers change.

    Args:
        at: function of an array of times.
        times: increasing, the first and the last included.
        breaks: when something is switched.

    Raises:
        ArgumentError: for a switch that is not among the breaks; it says when.
    """
    return time_steps.segments(
        lambda t: numbers_at(at, t),
        times,
        breaks,
        least=SEGMENTS,
        varies=VARIES,
        probes=probes(at, times),
    )


def probes(at: At, times: np.ndarray) -> int:
    """Places at which a model is looked at: fewer where it is a large batch.

    Args:
        at: function of an array of times.
        times: some of them.
    """
    points = int(np.prod(batch_of(model_at(at, times[[0, len(times) // 2, -1]]))[1:]))
    return int(np.clip(time_steps.PROBES**2 // max(points, 1), FEWEST, time_steps.PROBES))


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
        in_every_point = np.broadcast_to(
            values, (count, *batch, *values.shape[values.ndim - inner :])
        )[at]
        part[...] = in_every_point.reshape(part.shape)
    return rows.reshape(count, -1, n)
