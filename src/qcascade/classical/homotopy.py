"""All roots of systems of polynomials, for many coefficients at once: homotopy continuation.

Unknowns that enter linearly are eliminated; a homotopy follows every root from a solved system
to random complex coefficients on the same monomials, and from there to all parameter points.
With probability one this finds all isolated roots (Sommese & Wampler, The Numerical Solution of
Systems of Polynomials (2005), ch. 7 and 8). What probability one leaves to rounding is counted:
a point is complete when as many different roots arrived as set out. In the arrays below paths
come last.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..base.checks import ArgumentError
from .polynomials import (
    Poly,
    PolynomialSystem,
    added,
    as_polynomials,
    as_system,
    dimensionless,
    monomials,
    multiplied,
    newton,
    solve,
)

CHUNK = 2_000_000  # coefficients of all paths followed together, to bound the memory
LONGEST = 1000  # steps of a path, which takes about 50; the first time, since some have no end
FEW = 200  # paths: up to here, a random system is solved twice
KEPT = 64  # random systems that are remembered
CLOSE, CLOSER = 1e-3, 1e-6  # how far a prediction may be off, relative to the root

Tell = Callable[[int, int], None]  # paths done, paths in all


def all_roots(
    system: PolynomialSystem, seed: int, most: int, tell: Tell, longest: int = LONGEST
) -> tuple[Any, Any]:
    """All roots of 2N polynomials in 2N unknowns, to a few digits.

    Args:
        system: in units of its own (`dimensionless`); the second half of the equations is the
            complex conjugate of the first, the second half of the unknowns belongs to ᾱ.
        seed: of the random path.
        most: largest number of paths per point.
        tell: called with the number of paths done, and of all.
        longest: steps after which a path is given up.

    Returns:
        z (2N, points, K), for paths without an end where they were given up; and whether all
        paths of a point arrived, at K different roots, (points,).

    Raises:
        ArgumentError: for too many paths.
    """
    equations = as_polynomials(system)
    n, points = len(equations), system.coefficients.shape[-1]
    linear_modes = _linear(equations)
    eliminated = [*linear_modes, *(n // 2 + k for k in linear_modes)]
    # The number of paths is exponential in the unknowns: each one eliminated saves half or more.
    others = [v for v in range(n) if v not in eliminated]
    with np.errstate(all="ignore"):
        solved = _eliminated(equations, eliminated, points)
        reduced = [
            {tuple(m[v] for v in others): c for m, c in _substituted(equations[k], solved).items()}
            for k in others
        ]
        inner, complete = _inner_roots(reduced, points, seed, most, tell, longest)
        z = np.zeros((n, *inner.shape[1:]), complex)
        z[others] = inner
        for v, poly in solved.items():
            for m, c in poly.items():
                powers = [z[w] ** e for w, e in enumerate(m) if e]
                z[v] += reduce(np.multiply, powers, c[:, None])
    return z, complete


def _linear(equations: Sequence[Poly]) -> list[int]:
    """Modes that can be eliminated: they stand alone in their own equations, without products."""
    N = len(equations) // 2
    chosen: list[int] = []
    for k in range(N):
        trial = [*chosen, k]
        pairs = [v for j in trial for v in (j, N + j)]
        if all(sum(m[v] for v in pairs) == 0 or sum(m) == 1 for j in trial for m in equations[j]):
            chosen = trial
    return chosen


def _eliminated(equations: Sequence[Poly], unknowns: Sequence[int], points: int) -> dict[int, Poly]:
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


def _substituted(poly: Poly, solved: Mapping[int, Poly]) -> Poly:
    result: list[Poly] = []
    for m, c in poly.items():
        inside = [v for v in solved if m[v]]
        unsolved = {tuple(0 if v in solved else e for v, e in enumerate(m)): c}
        result.append(reduce(multiplied, [solved[v] for v in inside], unsolved))
    return added(item for p in result for item in p.items())


def _generic(support: Any, seed: int, most: int, tell: Tell) -> tuple[Any, Any]:
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
    """What `_generic` says.

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
    coefficients, roots = _with_most_roots(both_ends.exponents, first, last, z, tell)
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


def _inner_roots(
    reduced: Sequence[Poly], points: int, seed: int, most: int, tell: Tell, longest: int
) -> tuple[Any, Any]:
    """Roots (n, points, K) of the equations that are left, and which points are complete."""
    reduced = [{m: c for m, c in p.items() if np.any(c)} for p in reduced]
    if not reduced:
        return np.zeros((0, points, 1), complex), np.ones(points, bool)
    system = as_system(reduced, points)
    fine = np.all(np.isfinite(system.coefficients), axis=(0, 1))
    scaled, units = dimensionless(
        PolynomialSystem(system.exponents, system.coefficients[..., fine])
    )
    exponents, end = scaled
    start, z = _generic(tuple(tuple(sorted(p)) for p in reduced), seed, most, tell)
    if end.shape[-1] > 1:
        start, z = _member(exponents, start, end, z, seed, tell)
    roots = np.full((len(reduced), points, z.shape[1]), np.nan, complex)
    complete = np.zeros(points, bool)
    if end.size:
        ends, complete[fine] = _follow_safely(exponents, start, end, z, tell, longest)
        roots[:, fine] = ends * units.unknowns[..., None]
    return roots, complete


def _member(exponents: Any, start: Any, end: Any, z: Any, seed: int, tell: Tell) -> tuple[Any, Any]:
    """A random member of the family that the points span, and its roots.

    It has as many roots as any of the points, and often fewer than the monomials allow: paths to
    infinity end here, once for all. Two members are asked, since a path lost here is lost for
    every point.
    """
    shape = end.shape[-1], 2 if z.shape[1] <= FEW else 1
    # Weights of sum 1 with random phases: a point of the affine family that no special parameter
    # value can be expected to meet. 1/√points keeps it as far from the mean as the points are.
    weights = np.exp(2j * np.pi * np.random.default_rng(seed).random(shape))
    weights = 1 / len(weights) + (weights - weights.mean(0)) / np.sqrt(len(weights))
    return _with_most_roots(exponents, start, end @ weights, z, tell)


def _with_most_roots(exponents: Any, start: Any, ends: Any, z: Any, tell: Tell) -> tuple[Any, Any]:
    """Of systems (n, M, members) with equally many roots, the one at which most paths arrive."""
    total = ends.shape[-1] * z.shape[1]
    roots, arrived = z[:, None], np.ones((1, z.shape[1]), bool)
    for tolerance in (CLOSE, CLOSER):
        roots, s = _follow(exponents, start, ends, z, tolerance, lambda done: tell(done, total))
        repeated = _repeated(roots, s)
        arrived = (s == 0) & ~repeated
        # Paths to infinity are given up close to the end. One that stopped far from it, one that
        # came to another one's root, or members that disagree tell that steps were too long.
        if len(set(arrived.sum(-1))) == 1 and not np.any(repeated | (s > 1e-2)):
            break
    best = int(np.argmax(arrived.sum(-1)))
    return ends[..., best], roots[:, best, arrived[best]]


def _follow_safely(
    exponents: Any, start: Any, end: Any, z: Any, tell: Tell, longest: int
) -> tuple[Any, Any]:
    """Ends of the paths in chunks, and which points are complete.

    Where two paths met (one may have jumped) or one stuck, all are followed again, more closely.
    """
    Q, K = end.shape[-1], z.shape[1]
    ends, complete = np.empty((len(z), Q, K), complex), np.ones(Q, bool)

    def follow(some: Any, tolerance: float, passed: Callable[[int], None] | None = None) -> None:
        ends[:, some], s = _follow(exponents, start, end[..., some], z, tolerance, passed, longest)
        complete[some] = np.all((s == 0) & ~_repeated(ends[:, some], s), axis=-1)

    for chunk in np.array_split(np.arange(Q), 1 + Q * K * start.size // CHUNK):
        before = int(chunk[0]) * K
        follow(chunk, CLOSE, lambda done, before=before: tell(before + done, Q * K))
        again = chunk[~complete[chunk]]
        if again.size:
            follow(again, CLOSER)
    return ends, complete


def _repeated(ends: Any, s: Any) -> Any:
    """Paths (Q, K) that arrived at a root after another one did, seen in one projection."""
    # Equal vectors have equal projections, and different ones do not, with probability one; sorted
    # by it, equal roots are neighbours, which saves comparing all pairs.
    shadow = np.einsum("n,nqk->qk", np.exp(1j * np.arange(len(ends))), ends)
    shadow = np.where(s == 0, shadow, np.nan)
    order = np.argsort(shadow, axis=-1)
    ranked = np.take_along_axis(shadow, order, axis=-1)
    close = np.zeros(shadow.shape, bool)
    close[:, 1:] = np.abs(np.diff(ranked, axis=-1)) < 1e-7 * np.abs(ranked[:, 1:])
    repeated = np.zeros_like(close)
    np.put_along_axis(repeated, order, close, axis=-1)
    return repeated


def _follow(
    exponents: Any,
    start: Any,
    end: Any,
    z: Any,
    tolerance: float,
    passed: Callable[[int], None] | None = None,
    longest: int = LONGEST,
) -> tuple[Any, Any]:
    """Follows roots z (n, K) from coefficients start (n, M) to end (n, M, Q), K paths for each.

    c(s) = c_end + s (c_start − c_end), s from 1 to 0: Runge–Kutta along the tangent, Newton
    back onto the path, steps halved until Newton moves the prediction by less than `tolerance`.
    Where the last coefficients span many decades, so do s and the roots on the way to them.

    Returns:
        Where the paths got, (n, Q, K), and s there, (Q, K): 0 for those that arrived; the others
        run to infinity or into a multiple root.
    """
    # A path is one root on its way to one parameter point. All K·Q of them stand side by side in
    # the last axis and take a step together, each of its own length. Those that have arrived or
    # are given up leave the arrays, so that steps cost less and less.
    (n, K), Q = z.shape, end.shape[-1]
    point = np.repeat(np.arange(Q), K)
    smallest = _smallest(end)[point]
    # The last stretch of a path begins where s·c_start falls below the smallest coefficient at the
    # end: steps must be allowed to become that short, and roots that large.
    give_up, far = 1e-12 * smallest, np.minimum(1e6 / smallest, 1e60)
    z, s, h = np.tile(z, Q), np.ones(Q * K), np.full(Q * K, 0.05)
    live = np.arange(Q * K)
    for _ in range(longest):
        last = end[..., point[live]]
        turn = start[..., None] - last
        at, roots = s[live], z[:, live]
        # The last step ends at s = 0 itself, where c is c_end to the last bit.
        step = np.minimum(h[live], at)
        # f(c(s), z(s)) = 0 along the path, so dz/ds = −J⁻¹ f(dc/ds, z). Four slopes of it predict z
        # to fifth order in the step, and two corrections by Newton bring it back onto the path.
        k1 = _tangent(exponents, last + at * turn, turn, roots)
        middle = last + (at - step / 2) * turn
        k2 = _tangent(exponents, middle, turn, roots - step / 2 * k1)
        k3 = _tangent(exponents, middle, turn, roots - step / 2 * k2)
        goal = last + (at - step) * turn
        k4 = _tangent(exponents, goal, turn, roots - step * k3)
        moved = roots - step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        first = newton(exponents, goal, moved)
        moved = moved - first
        second = newton(exponents, goal, moved)
        moved = moved - second
        # The first correction measures the prediction, and the second must have next to nothing
        # left to do: otherwise another root is within reach, and paths jump.
        size = np.abs(moved).max(axis=0) + 1e-8 * smallest[live]
        error = np.abs(first).max(axis=0) / size
        good = (error < tolerance) & (np.abs(second).max(axis=0) < 1e-3 * tolerance * size)
        z[:, live] = np.where(good, moved, roots)
        s[live] = np.where(good, at - step, at)
        # The error of a step grows as its fifth power: 40 times below the tolerance, twice the step
        # fits.
        h[live] = step * np.where(good, np.where(error < tolerance / 40, 2.0, 1.0), 0.5)
        near = np.abs(z[:, live]).max(axis=0) < far[live]
        live = live[(s[live] > 0) & (h[live] > give_up[live]) & near]
        if passed:
            passed(Q * K - live.size)
        if not live.size:
            break
    return z.reshape(n, Q, K), s.reshape(Q, K)


def _smallest(coefficients: Any) -> Any:
    """Smallest coefficient of each point relative to the largest of its equation, (points,)."""
    size = np.abs(coefficients)
    ratio = size / np.maximum(size.max(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.where(ratio > 0, ratio, 1.0).min(axis=(0, 1), initial=1.0)


def _tangent(exponents: Any, c: Any, turn: Any, z: Any) -> Any:
    """dz/ds along the path on which the coefficients change as dc/ds = `turn`."""
    value, slopes = monomials(exponents, z)
    return -solve(np.einsum("kmp,mvp->kvp", c, slopes), np.einsum("kmp,mp->kp", turn, value))
