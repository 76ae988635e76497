"""Batches of master equations whose open inputs carry pulses: point by point."""

from typing import Any

import numpy as np

from .evolution import Evolution, checked_times
from .points_in_time import every_point, stacked
from .pulsed import Light, evolved_with_photons
from .steps import model_at


def evolved_at_points(
    at: Any, times: Any, progress: bool, asked: tuple[Any, ...]
) -> tuple[Evolution, Light | None]:
    """Evolution with photons of one master equation, or of every point of a batch.

    Args:
        at: the master equation, or a function of an array of times that returns it.
        times: increasing.
        progress: show a bar, of the points.
        asked: initial state, and what `evolved_with_photons` takes behind the times.

    Returns:
        The evolution, and what a run that goes on needs; a batch has nothing to go on from.
    """
    initial, *rest = asked
    times = np.atleast_1d(checked_times(np.atleast_1d(times)))
    points = model_at(at, times[[0, -1]], "model").shape[1:] if callable(at) else at.shape
    if not points:
        return evolved_with_photons(at, initial, times, *rest)

    def point(index: tuple[int, ...], steps: np.ndarray | None) -> tuple[Evolution, np.ndarray]:
        def alone(t: np.ndarray) -> Any:
            model: Any = at(t)
            return model[(slice(None), *index)]

        one = alone if callable(at) else at[index]
        run, _ = evolved_with_photons(one, initial, times, *rest)
        return run, np.zeros(0, int)

    runs = every_point(points, point, progress)
    stops = rest[1] is not None
    return stacked(runs, points, times, stops), None
