"""Points of a batch of master equations in time, one after the other, and their results as arrays.

The steps that one point took are those that the next one begins with, so that both ask for the
parameters at the same times, and all points are made at once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from ..base.checks import ConvergenceError, DegenerateError, UnstableError
from ..base.progress import progress_bar
from ..hilbert.states import DensityState
from .evolution import Evolution

Result = TypeVar("Result")
Point = Callable[[tuple[int, ...], np.ndarray | None], tuple[Result, np.ndarray]]
"""The result at a position, and its steps, from steps to begin with."""

NUMBERS = ("estimated_error", "trace_error", "steps", "applications", "edge_population")


def every_point(
    shape: tuple[int, ...], point: Point[Result], progress: bool
) -> list[Result | None]:
    """What there is at every point of a batch; None where nothing is to be told.

    Args:
        shape: of the batch.
        point: makes one.
        progress: show a bar.

    Raises:
        ConvergenceError, DegenerateError, UnstableError: of the last point, where there is nothing
            at any.
    """
    results: list[Result | None] = []
    steps, last = None, None
    with progress_bar("points", progress) as tell:
        for index in np.ndindex(*shape):
            try:
                result, steps = point(index, steps)
                results.append(result)
            except (ConvergenceError, DegenerateError, UnstableError) as error:
                results.append(None)
                last = error
            tell(len(results), int(np.prod(shape)))
    if last is not None and all(result is None for result in results):
        raise last
    return results


def together(values: Sequence[Any], shape: tuple[int, ...], axis: int = 0) -> np.ndarray:
    """Arrays of all points as one, NaN for None, with the axes of the batch at `axis`.

    Args:
        values: arrays of one shape, or None.
        shape: of the batch.
        axis: where its axes begin.
    """
    like = np.asarray(next(x for x in values if x is not None))
    nothing = np.full(like.shape, np.nan, np.result_type(like, float))
    stacked = np.stack([nothing if x is None else x for x in values], axis)
    return stacked.reshape(*stacked.shape[:axis], *shape, *stacked.shape[axis + 1 :])


def warnings_of(infos: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What any point warns of, once.

    Args:
        infos: of the points.
    """
    return tuple(dict.fromkeys(text for info in infos for text in info.get("warnings", ())))


def stacked(
    runs: Sequence[Evolution | None], shape: tuple[int, ...], times: np.ndarray, stops: bool
) -> Evolution:
    """Evolutions over the same times as one, the axes of the batch behind that of the times.

    Args:
        runs: of all points; None where there is none.
        shape: of the batch.
        times: that were asked for.
        stops: whether runs may have stopped before.
    """
    known = [run for run in runs if run is not None]
    first = known[0]

    def of_all(look: Callable[[Evolution], Any], axis: int = 0) -> np.ndarray:
        return together([None if run is None else look(run) for run in runs], shape, axis)

    observed = {
        name: of_all(lambda run, n=name: _up_to_stop(run, n, times), 1) for name in first.observed
    }
    count = range(len(first.final.blocks))
    blocks = tuple(of_all(lambda run, q=q: run.final.blocks[q]) for q in count)
    stable = np.array([run is not None for run in runs]).reshape(shape)
    told: dict[str, Any] = {"stable": stable, "warnings": warnings_of([run.info for run in known])}
    numbers = {
        name: of_all(lambda run, n=name: run.info[n]) for name in NUMBERS if name in first.info
    }
    final = DensityState(first.final.space, blocks, told)
    stopped = None
    if stops:
        stopped = of_all(lambda run: np.nan if run.stopped is None else run.stopped)
    return Evolution(times, observed, final, stopped, {**first.info, **numbers, **told})


def _up_to_stop(run: Evolution, name: str, times: np.ndarray) -> np.ndarray:
    """What was observed at all times, NaN after the run has stopped."""
    values = np.asarray(run.observed[name])
    if run.stopped is None:
        return values
    seen = int(np.sum(times <= run.stopped))
    padded = np.full((len(times), *values.shape[1:]), np.nan, np.result_type(values, float))
    padded[:seen] = values[:seen]
    return padded
