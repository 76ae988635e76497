"""Batches of master equations whose open inputs carry pulses: point by point."""

from typing import Any

import numpy as np

from ..base.checks import fail
from ..linear.runs import Run, remembered
from ..numerics.structure import OneStructure
from ..numerics.time_steps import checked_breaks
from ..parts.windows import breaks_of_pulses, pulse_cavities
from .driven import model_at
from .evolution import Evolution, at_all, checked_times
from .points_in_time import every_point, stacked
from .pulsed import Light, evolved_with_photons


def with_photons(
    at: Any,
    times: Any,
    initial: Any,
    observe: Any,
    until: Any,
    tolerance: float,
    checkpoint: Any,
    inputs: Any,
    breaks: Any,
    progress: bool,
) -> Evolution:
    """Evolution with photons, which a later run can go on from; see `evolve`.

    Args:
        at: the master equation, or a function of an array of times that returns it.
        times: any number of them, in any shape.
        initial: state at the first of the times, or a run that ended then.
        observe: functions of the state by name.
        until: function of the state at whose first zero a run stops.
        tolerance: error allowed in ρ.
        checkpoint: None, since nothing is written on the way.
        inputs: pulses by open input.
        breaks: when something is switched.
        progress: show a bar.

    Raises:
        ArgumentError: for a checkpoint, and as `evolve`.
    """
    if checkpoint is not None:
        raise fail("checkpoint", "be left out where pulses come in (`inputs`)", checkpoint)
    light: Light | None = None

    def run_over(distinct: Any) -> Evolution:
        nonlocal light
        asked = (initial, observe, until, tolerance, inputs, breaks)
        run, light = _at_points(at, distinct, progress, asked)
        return run

    run = at_all(times, run_over)
    return remembered(run, Run(at, initial, times, breaks, tolerance, inputs, light))


def _at_points(
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
    initial, *rest, breaks = asked
    times = np.atleast_1d(checked_times(np.atleast_1d(times)))
    if isinstance(at, OneStructure) and times.size:
        known = breaks_of_pulses(pulse_cavities(at.example.network), times)
        breaks = np.union1d(checked_breaks(breaks, times), known)
    rest.append(breaks)
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
