"""The search for dark states of the dual rail whose concurrences come closest to those wanted.

Which detunings cross is a permutation, how far apart they are is continuous. A first generation
draws detunings for every permutation; the closest descend by damped Gauss–Newton steps, all at
once; every further generation draws neighbours of the best: two pairs exchanged, or detunings
moved. A pair that shall be entangled and is not is led by its C_ij below zero; what counts in the
end is max(0, C_ij).
"""

from collections.abc import Callable
from itertools import permutations
from math import comb
from typing import Any, NamedTuple

import numpy as np

from ..master_equation.dark_concurrences import dark_concurrences

ENUMERATED = 6
"""Most pairs for which every permutation is tried."""

GENERATIONS = 10
LARGEST, MOST_STARTS = 160, 1500
"""Starts of a generation that descend, for six pairs, and the most for fewer."""

COARSE, FINE = 12, 60
"""Steps for all of them, and for those that are best by then."""


class Wanted(NamedTuple):
    """Concurrences C_ij (N, N), the squeezing of the light, and the largest |δ|."""

    targets: np.ndarray
    squeezing: float
    furthest: float


class Ranked(NamedTuple):
    """Patterns, the closest first: P (B, N), δ_A (B, N) and their distances (B,)."""

    orders: np.ndarray
    detunings: np.ndarray
    distances: np.ndarray

    def best(self, most: int, alike: int = 2**31) -> "Ranked":
        """The closest of them.

        Args:
            most: how many.
            alike: how many of the same permutation.
        """
        rank = np.argsort(self.distances, kind="stable")
        _, label = np.unique(self.orders[rank], axis=0, return_inverse=True)
        by_label = np.argsort(label, kind="stable")
        first = np.searchsorted(label[by_label], label[by_label])
        place = np.empty(len(rank), int)
        place[by_label] = np.arange(len(rank)) - first  # among those of the same permutation
        rank = rank[place < alike][:most]
        return Ranked(self.orders[rank], self.detunings[rank], self.distances[rank])


def search(
    wanted: Wanted, starts: int | None, seed: int, tell: Callable[[float, float], None]
) -> Ranked:
    """Local optima, the closest first.

    Args:
        wanted: what is looked for.
        starts: patterns of a generation that descend; when omitted, so many that any number of
            pairs takes about as long.
        seed: of the random numbers.
        tell: called with (generations done, all).
    """
    rng, pairs = np.random.default_rng(seed), len(wanted.targets)
    starts_kept = starts or min(MOST_STARTS, LARGEST * comb(12, 6) // comb(2 * pairs, pairs))
    every = all_orders(pairs)
    orders = np.repeat(every, max(16, 12 * starts_kept // len(every)), axis=0)
    patterns = _generation(
        wanted, orders, _draw(rng, orders.shape, wanted.furthest), starts_kept, True
    )
    tell(1, GENERATIONS)
    for k in range(1, GENERATIONS):
        if pairs > 2 and patterns.distances[0] > 1e-9:
            parents = patterns.best(max(20, starts_kept // 8), alike=4)
            new = _generation(
                wanted, *_neighbours(rng, parents, wanted.furthest), starts_kept, False
            )
            patterns = Ranked(*map(np.concatenate, zip(patterns, new, strict=True))).best(
                starts_kept
            )
        tell(k + 1, GENERATIONS)
    return patterns


def all_orders(pairs: int) -> np.ndarray:
    """Every permutation of 0 … N − 1, (N!, N); for more than six pairs some of them.

    Args:
        pairs: N.

    >>> all_orders(2).tolist()
    [[0, 1], [1, 0]]
    """
    if pairs <= ENUMERATED:
        return np.array(list(permutations(range(pairs))))
    rng = np.random.default_rng(pairs)
    return np.array([rng.permutation(pairs) for _ in range(720)])


def _draw(rng: np.random.Generator, shape: tuple[int, ...], furthest: float) -> np.ndarray:
    """Detunings of three kinds: full exchanges or none, about γ, and of any size."""
    corners = furthest * rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0], size=shape)
    near = 2 * rng.normal(size=shape)
    low = min(0.1, furthest / 10)
    signs = rng.choice([-1.0, 1.0], size=shape)
    spread = signs * np.exp(rng.uniform(np.log(low), np.log(furthest), shape))
    kind = rng.integers(0, 3, (shape[0], 1))
    return np.clip(np.choose(kind, [corners, near, spread]), -furthest, furthest)


def _neighbours(
    rng: np.random.Generator, best: Ranked, furthest: float, children: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Two pairs exchanged on rail B, or on both rails; one or all detunings moved."""
    orders = np.repeat(best.orders, children, axis=0)
    detunings = np.repeat(best.detunings, children, axis=0)
    rows, pairs = np.arange(len(orders)), orders.shape[1]
    i, j = (rng.integers(0, pairs, len(orders)) for _ in "ij")
    swap = rng.random(len(orders)) < 0.7
    i = np.where(swap, i, j)
    orders[rows, i], orders[rows, j] = orders[rows, j], orders[rows, i]
    both = rng.random(len(orders)) < 0.3
    k = np.where(both, i, j)
    detunings[rows, k], detunings[rows, j] = detunings[rows, j], detunings[rows, k]
    new = _draw(rng, orders.shape, furthest)
    one = rng.integers(0, pairs, len(orders))
    moved = rng.random(len(orders)) < 0.4
    detunings[rows[moved], one[moved]] = new[rows[moved], one[moved]]
    jitter = np.exp(0.5 * rng.normal(size=orders.shape)) * (rng.random((len(orders), 1)) < 0.5)
    detunings = np.where(jitter > 0, detunings * jitter, detunings)
    return orders, np.clip(detunings, -furthest, furthest)


def _generation(
    wanted: Wanted, orders: np.ndarray, detunings: np.ndarray, starts_kept: int, led: bool
) -> Ranked:
    """The closest of many, followed to their local optima; at first led, where nothing is near."""
    C, _ = dark_concurrences(wanted.squeezing, detunings, orders)
    near = Ranked(orders, detunings, _squares(wanted.targets, C, led)).best(starts_kept)
    if led:
        near = descend(wanted, near.orders, near.detunings, COARSE, led=True)
    few = descend(wanted, near.orders, near.detunings, COARSE).best(max(24, starts_kept // 6))
    return descend(wanted, few.orders, few.detunings, FINE)


def descend(
    wanted: Wanted, orders: np.ndarray, detunings: np.ndarray, steps: int, led: bool = False
) -> Ranked:
    """Levenberg–Marquardt steps of many patterns at once; the bounds |δ| ≤ furthest are kept.

    Args:
        wanted: what is looked for.
        orders: P (B, N).
        detunings: δ_A to start from (B, N).
        steps: of every pattern.
        led: whether C_ij below zero leads pairs that shall be entangled.
    """
    furthest, eye = wanted.furthest, np.eye(orders.shape[1])
    damping = np.full(len(orders), 1e-2)
    error, slope = _residual(wanted, orders, detunings, led)
    for _ in range(steps):
        gradient = np.einsum("bfk,bf->bk", slope, error)
        free = (detunings < furthest) | (gradient > 0)
        free &= (detunings > -furthest) | (gradient < 0)
        curvature = np.einsum("bfk,bfl->bkl", slope, slope)
        curvature *= free[:, :, None] & free[:, None, :]
        scale = np.einsum("bkk->bk", curvature)
        scale = np.maximum(scale, 1e-12 * scale.max(axis=1, keepdims=True) + 1e-30)
        damped = curvature + eye * (damping[:, None] * scale + ~free)[:, None, :]
        step = np.linalg.solve(damped, (-gradient * free)[..., None])[..., 0]
        tried = np.clip(detunings + step, -furthest, furthest)
        new_error, new_slope = _residual(wanted, orders, tried, led)
        better = np.sum(new_error**2, axis=1) < np.sum(error**2, axis=1)
        detunings = np.where(better[:, None], tried, detunings)
        error = np.where(better[:, None], new_error, error)
        slope = np.where(better[:, None, None], new_slope, slope)
        damping = np.clip(np.where(better, damping / 3, damping * 4), 1e-12, 1e12)
    C, _ = dark_concurrences(wanted.squeezing, detunings, orders)
    return Ranked(orders, detunings, np.sqrt(_squares(wanted.targets, C, led=False)))


def _residual(wanted: Wanted, orders: Any, detunings: Any, led: bool) -> tuple[Any, Any]:
    """What is there less what is wanted, (B, N²), and its slopes (B, N², N)."""
    C, slopes = dark_concurrences(wanted.squeezing, detunings, orders, slopes=True)
    counts = _counted(wanted.targets, C, led)
    error = (np.where(counts, C, 0.0) - wanted.targets).reshape(len(C), -1)
    slopes *= counts[..., None]
    return error, slopes.reshape(*error.shape, -1)


def _counted(targets: np.ndarray, C: np.ndarray, led: bool) -> np.ndarray:
    return (C > 0) | (led & (targets > 0))


def _squares(targets: np.ndarray, C: np.ndarray, led: bool) -> np.ndarray:
    """Squared Frobenius distance (B,)."""
    counted = np.where(_counted(targets, C, led), C, 0.0)
    return np.sum((counted - targets) ** 2, axis=(1, 2))
