"""Random systems on given monomials with all their roots, from products of linear forms."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..base.checks import ArgumentError
from .polynomials import as_system, multiplied
from .root_paths import Tell, with_most_roots

FEW = 200  # paths: up to here, a random system is solved twice
KEPT = 64  # random systems that are remembered


def generic(support: Any, seed: int, most: int, tell: Tell) -> tuple[Any, Any]:
    """Random coefficients (n, M) on the given monomials of each equation, and all roots (n, K).

    They are kept: a sweep asks for the same ones in every chunk.
    """
    key = support, seed, most
    if key not in _known:
        for old in list(_known)[: len(_known) - KEPT + 1]:
            _known.pop(old, None)
        _known[key] = _from_product(support, seed, most, tell)
    return _known[key]


_known: dict[Any, tuple[Any, Any]] = {}


def _from_product(support: Any, seed: int, most: int, tell: Tell) -> tuple[Any, Any]:
    """What `generic` says.

    The system at the start is a product of random linear forms, in all unknowns or in α and in
    ᾱ apart, whichever has fewer roots (Morgan & Sommese, Appl. Math. Comput. 24, 101 (1987)).
    """
    n, rng = len(support), np.random.default_rng(seed)
    splits = ([range(n)], [range(n // 2), range(n // 2, n)])
    groups = min(splits, key=lambda split: _paths(_degrees(support, split), split))
    degrees = _degrees(support, groups)
    needed = _paths(degrees, groups)
    if needed > most:
        raise ArgumentError(
            f"Argument `net` must have branches that at most {most} paths find (`most_paths`), "
            f"but needs {needed}."
        )

    # Two random systems at the end: of a path that rounding loses on its way, the other knows.
    members = 2 if needed <= FEW else 1

    def draw(*shape: int) -> Any:
        return np.exp(2j * np.pi * rng.random(shape)) * (0.5 + rng.random(shape))

    # Equation k of the start system is a product of random linear forms, as many in the unknowns of
    # each group as its degree there: it has all monomials of equation k at the end, and more.
    owners = [[g for g, degree in enumerate(row) for _ in range(degree)] for row in degrees]
    forms = [draw(len(row), n + 1) for row in owners]
    for row, form in zip(owners, forms, strict=True):
        for g, w in zip(row, form, strict=True):
            w[[v for v in range(n) if v not in groups[g]]] = 0.0
    unit = [tuple(int(v == w) for w in range(n)) for v in range(n + 1)]
    begin = [
        reduce(multiplied, [dict(zip(unit, w, strict=True)) for w in form], {unit[n]: 1.0})
        for form in forms
    ]
    end = [{m: draw(members) for m in row} for row in support]
    both_ends = as_system([*begin, *end], members)
    first, last = both_ends.coefficients[:n, :, 0], both_ends.coefficients[n:]
    used = np.any(last[..., 0] != 0, axis=0)
    # A root makes one factor of every equation vanish. Where these are as many of each group as it
    # has unknowns, they are a linear system with one solution; otherwise they have none in general.
    picks = _picks(owners, [len(g) for g in groups])
    if not picks:
        return last[:, used, 0], np.zeros((n, 0), complex)
    rows = np.array([[forms[k][j] for k, j in enumerate(pick)] for pick in picks])
    z = np.linalg.solve(rows[..., :n], -rows[..., n:])[..., 0].T
    coefficients, roots = with_most_roots(both_ends.exponents, first, last, z, tell)
    return coefficients[:, used], roots


def _picks(owners: Sequence[Sequence[int]], sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """All ways to pick one factor per equation with `sizes` factors of each group."""
    picks: list[tuple[tuple[int, ...], list[int]]] = [((), list(sizes))]
    for row in owners:
        picks = [
            ((*pick, j), [x - (i == g) for i, x in enumerate(left)])
            for pick, left in picks
            for j, g in enumerate(row)
            if left[g]
        ]
    return [pick for pick, _ in picks]


def _degrees(support: Any, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    return [
        [max((sum(m[v] for v in g) for m in row), default=0) for g in groups] for row in support
    ]


def _paths(degrees: Sequence[Sequence[int]], groups: Sequence[Sequence[int]]) -> int:
    """Bézout's number: how often one factor per equation leaves len(g) factors for each group."""
    ways = {(0,) * len(groups): 1}
    for row in degrees:
        grown: dict[tuple[int, ...], int] = {}
        for state, times in ways.items():
            for g, degree in enumerate(row):
                if degree and state[g] < len(groups[g]):
                    after = (*state[:g], state[g] + 1, *state[g + 1 :])
                    grown[after] = grown.get(after, 0) + times * degree
        ways = grown
    return ways.get(tuple(map(len, groups)), 0)
