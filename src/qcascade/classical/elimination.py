"""Unknowns that enter their own equations linearly, as polynomials in the others."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from .polynomials import Poly, added, multiplied, solve


def linear_modes_of(equations: Sequence[Poly]) -> list[int]:
    """Modes that can be eliminated: they stand alone in their own equations, without products."""
    N = len(equations) // 2
    chosen: list[int] = []
    for k in range(N):
        trial = [*chosen, k]
        pairs = [v for j in trial for v in (j, N + j)]
        if all(sum(m[v] for v in pairs) == 0 or sum(m) == 1 for j in trial for m in equations[j]):
            chosen = trial
    return chosen


def solved_for(equations: Sequence[Poly], unknowns: Sequence[int], points: int) -> dict[int, Poly]:
    """Some unknowns as polynomials in the others, from their linear equations."""
    n = len(equations)
    unit = {tuple(int(v == w) for w in range(n)): j for j, v in enumerate(unknowns)}
    matrix = np.zeros((len(unknowns), len(unknowns), points), complex)
    sources: dict[tuple[int, ...], Any] = {}
    for j, k in enumerate(unknowns):
        for m, c in equations[k].items():
            if m in unit:
                matrix[j, unit[m]] = c
            else:
                sources.setdefault(m, np.zeros((len(unknowns), points), complex))[j] = c
    # M x = −Σ_m c_m z^m: one right-hand side for every monomial m, so that the unknowns x come out
    # as polynomials in the others.
    solved = {m: -solve(matrix, right) for m, right in sources.items()}
    return {v: {m: x[j] for m, x in solved.items()} for j, v in enumerate(unknowns)}


def substituted(poly: Poly, solved: Mapping[int, Poly]) -> Poly:
    result: list[Poly] = []
    for m, c in poly.items():
        inside = [v for v in solved if m[v]]
        unsolved = {tuple(0 if v in solved else e for v, e in enumerate(m)): c}
        result.append(reduce(multiplied, [solved[v] for v in inside], unsolved))
    return added(item for p in result for item in p.items())
