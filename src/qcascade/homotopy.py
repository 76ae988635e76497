"""All roots of systems of polynomials, for many coefficients at once: homotopy continuation.

Unknowns that enter linearly are eliminated; a homotopy follows every root from a solved system
to random complex coefficients on the same monomials, and from there to all parameter points.
With probability one this finds all isolated roots (Sommese & Wampler, The Numerical Solution of
Systems of Polynomials (2005), ch. 7 and 8). In the arrays below paths come last.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from .checks import ArgumentError

Poly = dict[tuple[int, ...], Any]  # coefficients by exponents of the unknowns

SAME = 1e-6  # relative distance below which two roots are one
CHUNK = 2_000_000  # coefficients of all paths followed together, to bound the memory


class System(NamedTuple):
    """Polynomials on common monomials: exponents (M, n), coefficients (n, M, points)."""

    exponents: Any
    coefficients: Any


def all_roots(equations: Sequence[Poly], points: int, rng: Any, seed: int, most: int) -> Any:
    """All roots of 2N polynomials in 2N unknowns, to a few digits.

    Args:
        equations: with coefficients (points,); the second half belongs to ᾱ.
        points: number of parameter points.
        rng: random numbers for the family's member.
        seed: of the generic system.
        most: largest number of paths.

    Returns:
        z (2N, points, K); for paths without an end, where they were given up.

    Raises:
        ArgumentError: for too many paths.
    """
    N = len(equations) // 2
    gone = _linear(equations)
    own = [*gone, *(N + k for k in gone)]
    with np.errstate(all="ignore"):
        solved = _eliminated(equations, own, points)
        kept = [v for v in range(2 * N) if v not in own]
        reduced = [
            {tuple(m[v] for v in kept): c for m, c in _substituted(equations[k], solved).items()}
            for k in kept
        ]
        reduced = [{m: c for m, c in p.items() if np.any(c)} for p in reduced]
        inner = _inner_roots(reduced, points, rng, seed, most)
        z = np.zeros((2 * N, *inner.shape[1:]), complex)
        z[kept] = inner
        for v, poly in solved.items():
            for m, c in poly.items():
                powers = [z[w] ** e for w, e in enumerate(m) if e]
                z[v] += reduce(np.multiply, powers, c[:, None])
    return z


def _linear(equations: Sequence[Poly]) -> list[int]:
    """Modes that can be eliminated: they stand alone in their own equations, without products."""
    N = len(equations) // 2
    chosen: list[int] = []
    for k in range(N):
        trial = [*chosen, k]
        own = [v for j in trial for v in (j, N + j)]
        if all(sum(m[v] for v in own) == 0 or sum(m) == 1 for j in trial for m in equations[j]):
            chosen = trial
    return chosen


def _eliminated(equations: Sequence[Poly], own: Sequence[int], points: int) -> dict[int, Poly]:
    """The unknowns `own` as polynomials in the others, from their linear equations."""
    n = len(equations)
    unit = {tuple(int(v == w) for w in range(n)): j for j, v in enumerate(own)}
    matrix = np.zeros((len(own), len(own), points), complex)
    sources: dict[tuple[int, ...], Any] = {}
    for j, k in enumerate(own):
        for m, c in equations[k].items():
            if m in unit:
                matrix[j, unit[m]] = c
            else:
                sources.setdefault(m, np.zeros((len(own), points), complex))[j] = c
    solved = {m: -_solve(matrix, right) for m, right in sources.items()}
    return {v: {m: x[j] for m, x in solved.items()} for j, v in enumerate(own)}


def _substituted(poly: Poly, solved: Mapping[int, Poly]) -> Poly:
    result: list[Poly] = []
    for m, c in poly.items():
        inside = [v for v in solved if m[v]]
        rest = {tuple(0 if v in solved else e for v, e in enumerate(m)): c}
        result.append(reduce(_multiply, [solved[v] for v in inside], rest))
    return added(item for p in result for item in p.items())


def _inner_roots(reduced: Sequence[Poly], points: int, rng: Any, seed: int, most: int) -> Any:
    if not reduced:
        return np.zeros((0, points, 1), complex)
    system = as_system(reduced, len(reduced), points)
    fine = np.all(np.isfinite(system.coefficients), axis=(0, 1))
    system = System(system.exponents, system.coefficients[..., fine])
    end, units = scaled(system)
    support = tuple(tuple(sorted(p)) for p in reduced)
    start, z = _generic(support, seed, most)
    if points > 1:
        # A random member of the family that the points span has as many roots as any of them,
        # and often fewer than the monomials allow: paths to infinity end here, once for all.
        weights = np.exp(2j * np.pi * rng.random(end.shape[-1]))
        weights = 1 / weights.size + (weights - weights.mean()) / np.sqrt(weights.size)
        member = end @ weights
        ends, s = _follow_safely(system.exponents, start, member[..., None], z)
        start, z = member, ends[:, 0, s[0] == 0]
    roots = np.full((len(reduced), points, z.shape[1]), np.nan, complex)
    if z.size and end.size:
        ends, _ = _follow_safely(system.exponents, start, end, z)
        roots[:, fine] = ends * units[:, None, None]
    return roots


@lru_cache(maxsize=64)
def _generic(support: Any, seed: int, most: int) -> tuple[Any, Any]:
    """Random coefficients (n, M) on the given monomials of each equation, and all roots (n, K).

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

    def draw(*shape: int) -> Any:
        return np.exp(2j * np.pi * rng.random(shape)) * (0.5 + rng.random(shape))

    owners = [[g for g, degree in enumerate(row) for _ in range(degree)] for row in degrees]
    forms = [draw(len(row), n + 1) for row in owners]
    for row, form in zip(owners, forms, strict=True):
        for g, w in zip(row, form, strict=True):
            w[[v for v in range(n) if v not in groups[g]]] = 0.0
    unit = [tuple(int(v == w) for w in range(n)) for v in range(n + 1)]
    begin = [
        reduce(_multiply, [dict(zip(unit, w, strict=True)) for w in form], {unit[n]: 1.0})
        for form in forms
    ]
    end = [{m: draw()[()] for m in row} for row in support]
    whole = as_system([*begin, *end], n, 1)
    first, last = whole.coefficients[:n, :, 0], whole.coefficients[n:]
    picks = _picks(owners, [len(g) for g in groups])
    if not picks:
        return last[..., 0][:, :0], np.zeros((n, 0), complex)
    rows = np.array([[forms[k][j] for k, j in enumerate(pick)] for pick in picks])
    z = np.linalg.solve(rows[..., :n], -rows[..., n:])[..., 0].T
    ends, s = _follow_safely(whole.exponents, first, last, z)
    used = np.any(last[..., 0] != 0, axis=0)
    return last[:, used, 0], ends[:, 0, s[0] == 0]


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


def _follow_safely(exponents: Any, start: Any, end: Any, z: Any) -> tuple[Any, Any]:
    """`_follow` in chunks; points where two paths met (one may have jumped) or stuck, again."""
    Q, size = end.shape[-1], max(1, z.shape[1] * start.size)
    chunks = np.array_split(np.arange(Q), 1 + Q * size // CHUNK)
    parts = []
    for chunk in chunks:
        ends, s = _follow(exponents, start, end[..., chunk], z, 1e-3)
        doubt = _met(ends, s) | np.any(s > 1e-2, axis=-1)
        if np.any(doubt):
            ends[:, doubt], s[doubt] = _follow(exponents, start, end[..., chunk[doubt]], z, 1e-6)
        parts.append((ends, s))
    return np.concatenate([p for p, _ in parts], 1), np.concatenate([s for _, s in parts], 0)


def _met(ends: Any, s: Any) -> Any:
    """Points (Q,) at which two paths arrived at one root, seen in a projection on one number."""
    shadow = np.einsum("n,nqk->qk", np.exp(1j * np.arange(len(ends))), ends)
    shadow = np.sort(np.where(s == 0, shadow, np.nan), axis=-1)
    close = np.abs(np.diff(shadow, axis=-1)) < 1e-7 * np.abs(shadow[:, 1:])
    return np.any(close, axis=-1)


def _follow(exponents: Any, start: Any, end: Any, z: Any, tolerance: float) -> tuple[Any, Any]:
    """Follows roots z (n, K) from coefficients start (n, M) to end (n, M, Q), K paths for each.

    c(s) = c_end + s (c_start − c_end), s from 1 to 0: Runge–Kutta along the tangent, Newton
    back onto the path, steps halved until Newton moves the prediction by less than `tolerance`.

    Returns:
        Where the paths got, (n, Q, K), and s there, (Q, K): 0 for those that arrived; the others
        run to infinity or into a multiple root.
    """
    (n, K), Q = z.shape, end.shape[-1]
    point = np.repeat(np.arange(Q), K)
    z, s, h = np.tile(z, Q), np.ones(Q * K), np.full(Q * K, 0.05)
    live = np.arange(Q * K)
    while live.size:
        last = end[..., point[live]]
        turn = start[..., None] - last
        at, here = s[live], z[:, live]
        step = np.minimum(h[live], at)
        k1 = _tangent(exponents, last + at * turn, turn, here)
        middle = last + (at - step / 2) * turn
        k2 = _tangent(exponents, middle, turn, here - step / 2 * k1)
        k3 = _tangent(exponents, middle, turn, here - step / 2 * k2)
        goal = last + (at - step) * turn
        k4 = _tangent(exponents, goal, turn, here - step * k3)
        there = here - step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        first = newton(exponents, goal, there)
        there = there - first
        second = newton(exponents, goal, there)
        there = there - second
        size = np.abs(there).max(axis=0) + 1e-8
        error = np.abs(first).max(axis=0) / size
        good = (error < tolerance) & (np.abs(second).max(axis=0) < 1e-3 * tolerance * size)
        z[:, live] = np.where(good, there, here)
        s[live] = np.where(good, at - step, at)
        h[live] = step * np.where(good, np.where(error < tolerance / 40, 2.0, 1.0), 0.5)
        live = live[(s[live] > 0) & (h[live] > 1e-12) & (np.abs(z[:, live]).max(axis=0) < 1e6)]
    return z.reshape(n, Q, K), s.reshape(Q, K)


def _tangent(exponents: Any, c: Any, turn: Any, z: Any) -> Any:
    """dz/ds along the path on which the coefficients change as dc/ds = `turn`."""
    value, slopes = monomials(exponents, z)
    return -_solve(np.einsum("kmp,mvp->kvp", c, slopes), np.einsum("kmp,mp->kp", turn, value))


def newton(exponents: Any, c: Any, z: Any) -> Any:
    """Newton's correction J⁻¹f at z (n, paths) for coefficients c (n, M, paths)."""
    value, slopes = monomials(exponents, z)
    return _solve(np.einsum("kmp,mvp->kvp", c, slopes), np.einsum("kmp,mp->kp", c, value))


def _solve(matrix: Any, right: Any) -> Any:
    """Gauss elimination for all paths at once: (n, n, paths), (n, paths) → (n, paths)."""
    n, paths = right.shape
    A: Any = np.concatenate([matrix, right[:, None]], axis=1)
    every = np.arange(paths)
    for k in range(n):
        best = k + np.argmax(np.abs(A[k:, k].real) + np.abs(A[k:, k].imag), axis=0)
        top = A[best, k:, every].T
        A[best, k:, every] = A[k, k:].T
        A[k, k:] = top / top[0]
        A[k + 1 :, k + 1 :] -= A[k + 1 :, k, None] * A[k, None, k + 1 :]
    for k in range(n - 1, 0, -1):
        A[:k, n] -= A[:k, k] * A[k, n]
    return A[:, n]


def monomials(exponents: Any, z: Any) -> tuple[Any, Any]:
    """The monomials (M, paths) at z (n, paths) and their derivatives (M, n, paths)."""
    n = len(z)
    powers = np.ones((exponents.max(initial=0) + 1, *z.shape), complex)
    for e in range(1, len(powers)):
        powers[e] = powers[e - 1] * z
    factors = [powers[exponents[:, v], v] for v in range(n)]
    slopes = np.empty((len(exponents), n, z.shape[1]), complex)
    for v in range(n):
        e = exponents[:, v]
        own = e[:, None] * powers[np.maximum(e - 1, 0), v]
        slopes[:, v] = reduce(np.multiply, [own, *(factors[w] for w in range(n) if w != v)])
    return reduce(np.multiply, factors), slopes


def equilibrate(system: System) -> tuple[Any, Any]:
    """Factors of rows and of unknowns that bring all coefficients near 1, by least squares.

    Minimises Σ (log|c_km| + ρ_k + Σ_v e_mv σ_v)² (Morgan, Solving Polynomial Systems (1987),
    ch. 5): physical coefficients span thirty decades.
    """
    size = np.abs(system.coefficients)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(size > 0, np.log10(size), 0.0).sum(-1) / (size > 0).sum(-1)
    rows, columns = np.nonzero(np.isfinite(log))
    n = len(log)
    lhs = np.hstack([np.eye(n)[rows], system.exponents[columns]])
    best = np.linalg.lstsq(lhs, -log[rows, columns], rcond=None)[0]
    return 10.0 ** best[:n], 10.0 ** best[n:]


def scaled(system: System) -> tuple[Any, Any]:
    """Equilibrated coefficients (n, M, points), and the unit of every unknown."""
    rows, units = equilibrate(system)
    columns = np.prod(units**system.exponents, axis=1)
    return system.coefficients * rows[:, None, None] * columns[:, None], units


def as_system(equations: Sequence[Poly], unknowns: int, points: int) -> System:
    monomials = sorted({m for poly in equations for m in poly})
    coefficients = np.zeros((len(equations), len(monomials), points), complex)
    for k, poly in enumerate(equations):
        for m, c in poly.items():
            coefficients[k, monomials.index(m)] = c
    return System(np.array(monomials, int).reshape(len(monomials), unknowns), coefficients)


def flat(poly: Poly, batch: tuple[int, ...]) -> Poly:
    """Coefficients as arrays (points,); those that vanish everywhere are left out."""
    spread = {m: np.broadcast_to(c, batch).reshape(-1).astype(complex) for m, c in poly.items()}
    return {m: c for m, c in spread.items() if np.any(c)}


def conjugate(poly: Poly) -> Poly:
    half = len(next(iter(poly), ())) // 2
    return {m[half:] + m[:half]: c.conjugate() for m, c in poly.items()}


def added(terms: Any) -> Poly:
    poly: Poly = {}
    for m, c in terms:
        poly[m] = poly[m] + c if m in poly else c
    return poly


def _multiply(left: Poly, right: Poly) -> Poly:
    return added(
        (tuple(map(sum, zip(m, n, strict=True))), x * y)
        for m, x in left.items()
        for n, y in right.items()
    )
