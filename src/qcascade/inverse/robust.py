"""Designs that still work when their parameters are a little off."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, single
from .climb import climbed
from .population import evolved
from .problem import Problem
from .spread import WIDEST, drawn, kinds_of, spreads
from .tolerance import sampled

KEEP, WANTED = 0.5, 0.99
SAMPLES = 2000
SIZE, GENERATIONS, CLIMBS = 60, 30, 25
HALVINGS = 5
FURTHER = 4.0  # times the distance from threshold, until it is enough
MOST = 8
AROUND = 0.02


def checked_spread(spread: Any) -> float | None:
    """The spread of all parameters that a design must bear, if one is given.

    Args:
        spread: what was given.
    """
    if spread is None:
        return None
    return single("tolerance", spread, 0.0, WIDEST, f"a number between 0 and {WIDEST:g}, or None")


def tolerant(problem: Problem, place: Any, spread: float, seed: int) -> tuple[Any, float, float]:
    """The best design that a spread of all parameters leaves at work in 99 % of the cases.

    Designs fail by instability far earlier than by weak entanglement. So the distance from
    threshold is widened until enough of them work, and then narrowed by halving its logarithm; the
    parameters are the best for each distance.

    Args:
        problem: what is designed.
        place: the best design without a spread.
        spread: of all parameters.
        seed: of the random numbers.

    Returns:
        The place, its smallest goal, and the share that still works.

    Raises:
        ConvergenceError: where no distance from threshold is enough.
    """
    rng = np.random.default_rng([seed, 1_000_003])
    normal = rng.normal(size=(SAMPLES, len(problem.numbers.names)))

    def judged(place: Any) -> tuple[float, float]:
        return _share(problem, place, spread, normal)

    value, share = judged(place)
    if share >= WANTED:
        return place, value, share
    before = problem.growth
    low = np.log(_least(problem, place))
    best, tried, high = None, place, low
    try:
        for k in range(MOST + HALVINGS):
            if best is None and k == MOST:
                break
            level = high + np.log(FURTHER) if best is None else (low + high) / 2
            found = _redesigned(replace(problem, growth=-np.exp(level)), tried, rng)
            share = 0.0
            if found is not None:
                value, share = judged(found)
                tried = found if best is None else tried
            if share >= WANTED:
                if best is None or value > best[1]:
                    best = found, value, share
                high = level
            elif best is None:
                low = high = level
            else:
                low = level
    finally:
        problem.growth = before
    if best is None:
        raise ConvergenceError(
            f"No design was found that works in {WANTED:.0%} of the cases with a spread of "
            f"{spread:g} of all parameters: the last one does in {share:.1%}."
        )
    return best


def _redesigned(problem: Problem, place: Any, rng: np.random.Generator) -> Any:
    """The best place that keeps another distance from threshold, from one nearby; or None."""
    near = place + AROUND * rng.normal(size=(4 * SIZE, len(place)))
    start = np.concatenate([place[None], np.clip(near, 0.0, 1.0)])
    found, _ = evolved(problem, rng, start, SIZE, GENERATIONS, lambda _: None)
    if not problem(found[:1]).feasible[0]:
        return None
    return climbed(problem, found[0], CLIMBS, lambda _: None)[0]


def _least(problem: Problem, place: Any) -> float:
    _, drifts = problem.outputs(place[None])
    return float(max((problem.least(A).max() for A in drifts), default=np.finfo(float).tiny))


def _share(problem: Problem, place: Any, spread: float, normal: Any) -> tuple[float, float]:
    """The smallest goal, and how often all goals keep half of their value."""
    row = problem.rows(place[None])[0]
    values = problem(place[None]).goals[0]
    widths = spreads(spread, problem.numbers.names, row)
    kinds = kinds_of(problem.numbers, row, widths)
    rows = drawn(row, widths, kinds, normal)
    problem.evaluated += len(rows)
    works = [
        sampled(problem.numbers, rows, name) > KEEP * value
        for name, value in zip(problem.goals, values, strict=True)
    ]
    return float(values.min()), float(np.all(works, axis=0).mean())
