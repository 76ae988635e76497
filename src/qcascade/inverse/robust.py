"""Designs that still work when their parameters are a little off.

Designs fail by instability far earlier than by weak entanglement, and how often is a step function
of few samples: there is nothing to climb. So it is differential evolution once more, of designs
that all work in the same scenarios. These are the hardest of many samples at the best design so
far, without the few that may fail (sampling and discarding: M. C. Campi and S. Garatti, J. Optim.
Theory Appl. 148, 257 (2011)), chosen anew as it moves. Many other samples judge what comes out.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, single
from .population import evolved
from .problem import Problem, Values
from .spread import WIDEST, drawn, kinds_of, spreads
from .tolerances import left

KEEP, WANTED = 0.5, 0.99
SAMPLES = 4000
HARDEST, KEPT = 24, 16  # scenarios: the hardest samples, and some that were so before
LOWEST = -np.pi / 2  # height of a design that works
FIRST = 8  # scenarios that most designs fail in already
SIZE, GENERATIONS, ROUNDS = 60, 40, 10
ALLOWED = 32  # hardest samples that are given up at most: 0.8 %, for others differ by chance
STRICTER, LOOSER = 0.6, 0.7  # how many of these are left when too many of the others fail, or not
CLOSE = 0.004  # a share that is not much more than is wanted
SETTLED = 1e-5  # relative gain of a round after which none follows
AROUND = 0.03  # of the cube, where a population begins around a place


class Scenarios(NamedTuple):
    """A problem whose places are judged in all scenarios.

    Args:
        problem: what is designed.
        spread: of all parameters.
        normal: standard normal numbers, (scenarios, parameters), the hardest first.
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

    def heights(self, unit: Any, above: Any = -np.inf) -> Any:
        """Heights of places, (N,): first those that work in all scenarios, by their goals; then
        those that fail in some, the fewer the higher; then what has no share; then no designs.

        Args:
            unit: places, (N, parameters).
            above: heights, (N,), that must be exceeded; what cannot exceed them may be too high,
                for its last scenarios are not tried.
        """
        values = self.problem(unit)
        # What is to be large and is not above zero has no share that could be left.
        shared = (values.goals > 0).all(-1) | (self.problem.scale < 0)
        height = np.where(values.feasible, values.height, values.height - 2)
        unshared = values.feasible & ~shared
        height[unshared] = LOWEST - 1.5 + height[unshared] / np.pi
        tried = values.feasible & shared & (height > above)
        for normal in np.split(self.normal, [FIRST]):
            some = np.flatnonzero(tried & (height > above))
            slack = self._replace(normal=normal).slack(unit[some], values.at(some))
            fails = ((slack <= 0) - np.clip(slack, -1, 0)).sum(-1) / (2 * len(self.normal))
            height[some] = np.where(
                fails > 0, np.minimum(height[some], LOWEST) - fails, height[some]
            )
        return height

    def slack(self, unit: Any, values: Values) -> Any:
        """How far from failing every scenario is, (N, scenarios): 1 as designed, 0 where it fails.

        What counts is how much is left of every goal, above half of it, and of every part's
        distance from threshold.

        Args:
            unit: places, (N, parameters).
            values: at these.
        """
        numbers, shape = self.problem.numbers, (len(unit), len(self.normal), -1)
        if 0 in shape:
            return np.ones(shape[:2])
        rows = self.problem.rows(unit)
        widths = [spreads(self.spread, numbers.names, row) for row in rows]
        off = [
            drawn(row, width, self.kinds, self.normal)
            for row, width in zip(rows, widths, strict=True)
        ]
        off = self.problem.at_rows(np.concatenate(off))
        goals = values.goals[:, None]
        least = left(goals, KEEP)
        with np.errstate(invalid="ignore", divide="ignore"):
            goals = (off.goals.reshape(shape) - least) / (goals - least)
            distance = off.distance.reshape(*shape[:2], off.distance.shape[-1])
            both = np.concatenate([goals, distance / values.distance[:, None]], -1)
        return np.where(np.isnan(both), -1.0, both).min(-1)


class Judged(NamedTuple):
    """A design: its place, its smallest goal, and the share of other samples that still works."""

    place: Any
    goal: float
    share: float


def _judged(problem: Problem, place: Any, slack: Any) -> Judged:
    return Judged(place, float(problem(place[None]).goals.min()), float((slack > 0).mean()))


def checked_spread(spread: Any) -> float | None:
    """The spread of all parameters that a design must bear, if one is given.

    Args:
        spread: what was given.
    """
    if spread is None:
        return None
    return single("tolerance", spread, 0.0, WIDEST, f"a number between 0 and {WIDEST:g}, or None")


def tolerant(
    problem: Problem, places: Any, spread: float, seed: int, tell: Callable[[float], None]
) -> tuple[Any, float, float]:
    """The best design that a spread of all parameters leaves at work in 99 % of the cases.

    Args:
        problem: what is designed.
        places: good designs without a spread, the best first, (N, parameters).
        spread: of all parameters.
        seed: of the random numbers.
        tell: called with the best value so far.

    Returns:
        The place, its smallest goal, and the share that still works.

    Raises:
        ConvergenceError: where none is found.
    """
    rng = np.random.default_rng([seed, 1_000_003])
    row = problem.rows(places[:1])[0]
    kinds = kinds_of(problem.numbers, row, spreads(spread, problem.numbers.names, row))
    samples, others = rng.normal(size=(2, SAMPLES, len(row)))

    def slack(place: Any, normal: Any) -> Any:
        scenarios = Scenarios(problem, spread, normal, kinds)
        return scenarios.slack(place[None], problem(place[None]))[0]

    judged = [_judged(problem, places[0], slack(places[0], others))]
    if judged[0].share >= WANTED:
        return judged[0]
    population, random = places, None
    hardest, discarded = np.arange(HARDEST), ALLOWED
    for _ in range(ROUNDS):
        scenarios = Scenarios(problem, spread, samples[hardest], kinds)
        # A population that has met in one place could not leave it.
        around = population[0] + AROUND * rng.normal(size=(SIZE, places.shape[1]))
        around = np.where(problem.turning, around, np.clip(around, 0, 1))
        begin = np.concatenate([population, around])
        population, _ = evolved(scenarios, rng, begin, SIZE, GENERATIONS, tell, random)
        place, random = population[0], None
        if not problem(place[None]).feasible[0]:
            continue
        judged.append(_judged(problem, place, slack(place, others)))
        last, new = judged[-2:]
        tight = WANTED <= min(last.share, new.share) < WANTED + CLOSE
        if tight and new.goal - last.goal < SETTLED * abs(new.goal):
            break
        order = np.argsort(slack(place, samples), kind="stable")
        works = new.share >= WANTED
        discarded = (
            min(ALLOWED, 1 + int(discarded / LOOSER)) if works else int(STRICTER * discarded)
        )
        random = 0 if works else None
        before = hardest[~np.isin(hardest, order[: discarded + HARDEST])][:KEPT]
        hardest = np.concatenate([order[discarded : discarded + HARDEST], before])
    good = [design for design in judged if design.share >= WANTED]
    if good:
        return max(good, key=lambda design: design.goal)
    most = max(judged, key=lambda design: design.share)
    raise ConvergenceError(
        f"No design was found that works in {WANTED:.0%} of the cases with a spread of {spread:g} "
        f"of all parameters: the best one does in {most.share:.1%}. In the others less than half "
        "of the value is left, or no steady state. Give a smaller spread, or wider ranges."
    )
