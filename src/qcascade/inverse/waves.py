"""Some runs of a design side by side: populations, and climbs from the best of each.

A run over many parameters has several populations; late runs begin around the best so far.
"""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from .climb import Ascent, climbed
from .population import apart, evolved
from .problem import Problem
from .runs import Run
from .together import Search, together

SIZE, CLIMBS = 120, 50
MANY = 8  # parameters, for which a run has one more population
EACH, SHORT = 3, 8  # short climbs of every population, of which the best goes on
AROUND = 0.1  # of the cube, how far late runs begin from the best so far


def wave(
    problem: Problem,
    begin: Any,
    finished: list[Run],
    runs: range,
    late: bool,
    seed: int,
    generations: int,
    show: Any,
) -> list[Run]:
    """Some runs side by side: first their populations, then the climbs from the best of each.

    Args:
        problem: what is designed.
        begin: places to begin with, (N, parameters).
        finished: runs before these.
        runs: numbers of the runs.
        late: whether they begin around the best so far.
        seed: of the random numbers.
        generations: of every population.
        show: takes a line with the best value so far; None shows none.
    """
    best = [max((run.value for run in finished), default=-np.inf)]

    def follow(searches: list[Callable[..., Search]]) -> tuple[list[Any], list[list[float]]]:
        # Each has a history of its own, or the order would be that of threads.
        histories: list[list[float]] = [[] for _ in searches]

        def teller(history: list[float]) -> Callable[[float], None]:
            def tell(value: float) -> None:
                history.append(value)
                best[0] = max(best[0], value)
                if show is not None:
                    show(
                        f"runs {runs[0] + 1} to {runs[-1] + 1}, best {best[0] * problem.scale:.8g}"
                    )

            return tell

        told = zip(searches, histories, strict=True)
        return together(problem, [search(teller(history)) for search, history in told]), histories

    def evolution(run: int, population: int) -> Callable[..., Search]:
        rng = np.random.default_rng([seed, run, population] if population else [seed, run])
        first = _first(begin, finished, rng) if late else begin
        return lambda tell: lambda shared: evolved(shared, rng, first, SIZE, generations, tell)

    def climb(place: Any, steps: int) -> Callable[..., Search]:
        def search(shared: Problem, tell: Any) -> Ascent:
            if not shared(place[None]).feasible[0]:
                return Ascent(place, -np.inf, "")
            return climbed(shared, place, steps, tell)

        return lambda tell: lambda shared: search(shared, tell)

    several = range(1 + (len(problem.ranges) // MANY if generations else 0))
    of_run = [run for run in runs for _ in several]
    generations_of, evolutions = follow([evolution(run, k) for run in runs for k in several])
    begun = [
        (p, place) for p, (places, _) in enumerate(generations_of) for place in apart(places, EACH)
    ]
    ends, climbs = follow([climb(place, SHORT) for _, place in begun])
    climbed_by = [p for p, _ in begun]
    highest = [_highest(ends, climbed_by, p) for p in range(len(generations_of))]
    tops, last = follow([climb(place, CLIMBS) for place, _, _ in highest])
    stages = (evolutions, of_run), (climbs, [of_run[p] for p in climbed_by]), (last, of_run)
    made = []
    for run in runs:
        top = _highest(tops, of_run, run)
        history = [x for stage, owner in stages for x in _merged(stage, owner, run)]
        made.append(Run(tuple(top.place.tolist()), top.height, tuple(history), top.ended))
    return made


def _highest(ends: list[Ascent], owners: list[int], owner: int) -> Ascent:
    """The highest of the ends that have this owner, the first of equal ones."""
    own = [end for end, x in zip(ends, owners, strict=True) if x == owner]
    return max(own, key=lambda end: end.height)


def _merged(histories: list[list[float]], owners: list[int], owner: int) -> list[float]:
    """The largest value at every step, of the histories that have this owner."""
    own = [history for history, x in zip(histories, owners, strict=True) if x == owner]
    return list(map(max, zip_longest(*own, fillvalue=-np.inf)))


def _first(begin: Any, finished: list[Run], rng: np.random.Generator) -> Any:
    """Places to begin with late: those given, and some around the best so far, or opposite."""
    best = max(finished, key=lambda run: run.value)
    if not np.isfinite(best.value):
        return begin
    around = np.array(best.place) + AROUND * rng.normal(size=(SIZE, len(best.place)))
    flipped = np.where(rng.random(around.shape) < AROUND, 1 - around, around)
    return np.concatenate([begin, np.clip(flipped, 0.0, 1.0)])
