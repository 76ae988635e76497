"""The global stage: differential evolution of a population, all its points in one batch.

R. Storn and K. Price, J. Global Optim. 11, 341 (1997), with mutants drawn towards one of the best
(J. Zhang and A. C. Sanderson, IEEE Trans. Evol. Comput. 13, 945 (2009)).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

SPREAD = 8  # as many random points as the population has go before it
BEST = 8  # one in so many is among the best, towards which mutants are drawn
STEPS = (0.4, 0.9)  # of mutants
CROSSING = (0.5, 0.9)  # chances that a coordinate is the mutant's
APART = 0.05  # of the cube, between places that are climbed from


def evolved(
    problem: Any,
    rng: np.random.Generator,
    start: Any,
    size: int,
    generations: int,
    tell: Callable[[float], None],
    random: int | None = None,
) -> tuple[Any, Any]:
    """Places and heights of a population, the highest first.

    Args:
        problem: what is searched: a `Problem`, or what has its ranges and gives heights.
        rng: random numbers.
        start: places to have among the first, (N, parameters).
        size: of the population.
        generations: how often it is renewed.
        tell: called with the best value so far, −∞ without one.
        random: places to begin with besides, `SPREAD` times the population when omitted.
    """
    random = SPREAD * size if random is None else random
    places = np.concatenate([start, rng.random((random, len(problem.ranges)))])
    height = problem.heights(places)
    order = np.argsort(-height, kind="stable")[:size]
    places, height = places[order], height[order]
    turning = problem.turning
    for _ in range(generations):
        mutants = _mutants(places, height, rng, turning)
        new = problem.heights(mutants, height)
        better = new > height
        places[better], height[better] = mutants[better], new[better]
        tell(float(np.tan(height.max())) if height.max() > -np.pi / 2 else -np.inf)
    order = np.argsort(-height, kind="stable")
    return places[order], height[order]


def _mutants(places: Any, height: Any, rng: np.random.Generator, turning: Any) -> Any:
    size, free = places.shape
    best = np.argsort(-height, kind="stable")[: max(3, size // BEST)]
    towards, one, other = places[rng.choice(best, size)], *rng.integers(0, size, (2, size))
    step = rng.uniform(*STEPS, (size, 1))
    mutant = places + step * (towards - places) + step * (places[one] - places[other])
    taken = rng.random((size, free)) < rng.choice(CROSSING, (size, 1))
    taken[np.arange(size), rng.integers(0, free, size)] = True
    mutant = np.where(taken, mutant, places)
    # Beyond an end: somewhere between it and where the place was; a circle has none.
    share = rng.random((size, free))
    mutant = np.where((mutant < 0) & ~turning, places * share, mutant)
    mutant = np.where((mutant > 1) & ~turning, 1 - (1 - places) * share, mutant)
    return np.where(turning, mutant - np.floor(mutant), mutant)


def apart(places: Any, number: int) -> Any:
    """The first places that are not near to each other, `number` at most.

    Args:
        places: (N, parameters), the best first.
        number: how many are wanted.
    """
    chosen = [places[0]]
    for place in places[1:]:
        if len(chosen) == number:
            break
        if min(np.abs(place - x).max() for x in chosen) > APART:
            chosen.append(place)
    return np.array(chosen)
