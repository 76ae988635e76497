"""Designs that still work when their parameters are a little off.

Designs fail by instability far earlier than by weak entanglement, and how often is a step function
of few samples: there is nothing to climb. So it is differential evolution once more, of designs
that all work in the same scenarios, drawn once (G. Calafiore and M. C. Campi, IEEE Trans. Autom.
Control 51, 742 (2006)); many other samples judge the best, and scenarios spread further if need be.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, single
from .population import evolved
from .problem import Problem
from .spread import WIDEST, drawn, kinds_of, spreads
from .tolerances import left, sampled

KEEP, WANTED = 0.5, 0.99
SCENARIOS, SAMPLES = 32, 4000
SIZE, GENERATIONS = 60, 60
FURTHER = (
    1.0,
    1.15,
    1.3,
    1.5,
    1.8,
    2.2,
)  # how much scenarios spread, for samples that judge
AROUND = 0.03  # of the cube, where a population begins around a place


class Heights(NamedTuple):
    """Heights of places, as a population is judged by."""

    height: Any


class Scenarios(NamedTuple):
    """A problem whose places are judged in all scenarios.

    Args:
        problem: what is designed.
        spread: of all parameters.
        normal: standard normal numbers, (scenarios, parameters).
        kinds: how every parameter varies.
    """

    problem: Problem
    spread: float
    normal: Any
    kinds: tuple[str, ...]

    @property
    def ranges(self) -> Any:
        """Ranges of the free parameters."""
        return self.problem.ranges

    @property
    def turning(self) -> Any:
        """Which places lie on a circle."""
        return self.problem.turning

    def __call__(self, unit: Any) -> Heights:
        """Heights of places: lower where a scenario fails, the more of them the lower."""
        values = self.problem(unit)
        height, goals = values.height, np.nan_to_num(values.goals, nan=-np.inf)
        # What is to be large and is not above zero has no share that could be left.
        goal = np.full(len(unit), np.inf) if self.problem.scale < 0 else goals.min(-1)
        tried = np.flatnonzero(values.feasible & (goal > 0))
        if len(tried):
            rows = self.problem.rows(unit[tried])
            fails = 1 - self.working(rows, goals[tried]).mean(-1)
            height[tried] -= np.where(fails > 0, 0.5 + 2 * fails, 0.0)
        failing = values.feasible & (goal <= 0)
        height[failing] -= 3.0
        return Heights(height)

    def working(self, rows: Any, goals: Any) -> Any:
        """Whether half of all goals is left, (N, scenarios).

        Args:
            rows: values of the parameters, (N, parameters).
            goals: as designed, (N, goals).
        """
        numbers, count = self.problem.numbers, len(self.normal)
        off = [
            drawn(row, spreads(self.spread, numbers.names, row), self.kinds, self.normal)
            for row in rows
        ]
        self.problem.evaluated += len(rows) * count
        works = np.ones((len(rows), count), bool)
        for k, name in enumerate(self.problem.goals):
            sampled_goals = sampled(numbers, np.concatenate(off), name).reshape(works.shape)
            works &= sampled_goals / self.problem.scale > left(goals[:, k, None], KEEP)
        return works


def checked_spread(spread: Any) -> float | None:
    """The spread of all parameters that a design must bear, if one is given.

    Args:
        spread: what was given.
    """
    if spread is None:
        return None
    return single("tolerance", spread, 0.0, WIDEST, f"a number between 0 and {WIDEST:g}, or None")


def tolerant(
    problem: Problem, place: Any, spread: float, seed: int, tell: Callable[[float], None]
) -> tuple[Any, float, float]:
    """The best design that a spread of all parameters leaves at work in 99 % of the cases.

    Args:
        problem: what is designed.
        place: the best design without a spread.
        spread: of all parameters.
        seed: of the random numbers.
        tell: called with the best value so far.

    Returns:
        The place, its smallest goal, and the share that still works.

    Raises:
        ConvergenceError: where none is found.
    """
    rng = np.random.default_rng([seed, 1_000_003])
    row = problem.rows(place[None])[0]
    kinds = kinds_of(problem.numbers, row, spreads(spread, problem.numbers.names, row))
    judges = Scenarios(problem, spread, rng.normal(size=(SAMPLES, len(row))), kinds)
    normal = rng.normal(size=(SCENARIOS, len(row)))

    def share(place: Any) -> float:
        goals = problem(place[None]).goals
        return float(judges.working(problem.rows(place[None]), goals).mean())

    if share(place) >= WANTED:
        return place, float(problem(place[None]).goals.min()), share(place)
    worked = 0.0
    for further in FURTHER:
        around = place + AROUND * rng.normal(size=(SIZE, len(place)))
        start = np.concatenate(
            [place[None], np.where(problem.turning, around, np.clip(around, 0, 1))]
        )
        scenarios = Scenarios(problem, spread, further * normal, kinds)
        places, _ = evolved(scenarios, rng, start, SIZE, GENERATIONS, tell)
        place = places[0]
        if problem(place[None]).feasible[0]:
            worked = share(place)
            if worked >= WANTED:
                return place, float(problem(place[None]).goals.min()), worked
    raise ConvergenceError(
        f"No design was found that works in {WANTED:.0%} of the cases with a spread of {spread:g} "
        f"of all parameters: the last one does in {worked:.1%}."
    )
