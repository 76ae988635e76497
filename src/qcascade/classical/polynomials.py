"""Systems of polynomials with coefficients for many points, in the units each point asks for.

In the arrays below points, or paths, come last: a sum over terms then runs along the cache.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

Poly = dict[tuple[int, ...], Any]  # coefficients by exponents of the unknowns

UPHILL = 100.0  # how much more a coefficient above 1 counts than one below it
STEPS = 60  # of Newton's method; it takes about 6 from a good guess
STILL = 1e-14  # relative step after which the next would be rounding
NOISE = 1e-7  # relative size of a step that rounding may cause at a nearly singular root


class PolynomialSystem(NamedTuple):
    """Polynomials on common monomials: exponents (M, n), coefficients (n, M, points)."""

    exponents: Any
    coefficients: Any


class Units(NamedTuple):
    """What makes a system dimensionless: factors of its equations, sizes of its unknowns.

    Powers of two, (n, points) both, so that they cost no digit.
    """

    equations: Any
    unknowns: Any


def as_system(equations: Sequence[Poly], points: int) -> PolynomialSystem:
    """The equations on their common monomials."""
    rows = sorted({m for poly in equations for m in poly})
    coefficients = np.zeros((len(equations), len(rows), points), complex)
    for k, poly in enumerate(equations):
        for m, c in poly.items():
            coefficients[k, rows.index(m)] = c
    unknowns = len(rows[0]) if rows else len(equations)
    return PolynomialSystem(np.array(rows, int).reshape(len(rows), unknowns), coefficients)


def as_polynomials(system: PolynomialSystem) -> list[Poly]:
    """One dict per equation; terms that vanish at every point are left out."""
    keys = [tuple(row) for row in system.exponents.tolist()]
    return [
        {m: c for m, c in zip(keys, row, strict=True) if np.any(c)} for row in system.coefficients
    ]


def flat(poly: Poly, batch: tuple[int, ...]) -> Poly:
    """Coefficients as arrays (points,)."""
    return {m: np.broadcast_to(c, batch).reshape(-1).astype(complex) for m, c in poly.items()}


def conjugate(poly: Poly) -> Poly:
    half = len(next(iter(poly), ())) // 2
    return {m[half:] + m[:half]: c.conjugate() for m, c in poly.items()}


def added(terms: Iterable[tuple[tuple[int, ...], Any]]) -> Poly:
    poly: Poly = {}
    for m, c in terms:
        poly[m] = poly[m] + c if m in poly else c
    return poly


def multiplied(left: Poly, right: Poly) -> Poly:
    return added(
        (tuple(map(sum, zip(m, n, strict=True))), x * y)
        for m, x in left.items()
        for n, y in right.items()
    )


def dimensionless(system: PolynomialSystem) -> tuple[PolynomialSystem, Units]:
    """The same system in units that bring its coefficients near 1 and none far above it.

    Physical coefficients span thirty decades. What modes and equations have in common over the
    points is fitted once, by least squares of Σ (log|c_km| + ρ_k + Σ_v e_mv σ_v)² (Morgan,
    Solving Polynomial Systems (1987), ch. 5); then every point gets a unit of frequency and a
    unit of field of its own. Those two keep all linear relations between terms of one degree,
    on which the number of roots may depend. The second half of the equations and unknowns is
    the conjugate of the first, and has the same units.
    """
    exponents, c = system
    with np.errstate(divide="ignore"):
        size = np.log2(np.abs(c))
    present = np.isfinite(size)
    row, unit = _common(exponents, size, present)
    logarithms = np.where(present, size + (row[:, None] + exponents @ unit)[..., None], 0.0)
    frequency, field = _own(exponents.sum(1), logarithms, present)
    row, unit = np.round(row[:, None] + frequency), np.round(unit[:, None] + field)
    # One power for all: each factor alone may leave the range of floating-point numbers.
    power = (row[:, None] + np.einsum("mv,vp->mp", exponents, unit)).astype(int)
    scaled = np.ldexp(c.real, power) + 1j * np.ldexp(c.imag, power)
    return PolynomialSystem(exponents, scaled), Units(np.exp2(row), np.exp2(unit))


def common_units(system: PolynomialSystem) -> tuple[Any, Any]:
    """Factors of the equations and sizes of the unknowns that suit all points on average, (n,)."""
    with np.errstate(divide="ignore"):
        size = np.log2(np.abs(system.coefficients))
    row, unit = _common(system.exponents, size, np.isfinite(size))
    return np.exp2(row), np.exp2(unit)


def _common(exponents: Any, size: Any, present: Any) -> tuple[Any, Any]:
    """log₂ factors of equations and units of unknowns that suit the average point."""
    mean = np.where(present, size, 0.0).sum(-1) / np.maximum(present.sum(-1), 1)
    rows, columns = np.nonzero(present.any(-1))
    n = len(mean)
    lhs = np.hstack([np.eye(n)[rows], exponents[columns]])
    best = -np.linalg.lstsq(lhs, mean[rows, columns], rcond=None)[0]
    row, unit = (np.tile((x[: n // 2] + x[n // 2 :]) / 2, 2) for x in (best[:n], best[n:]))
    return row, unit


def _own(degree: Any, size: Any, present: Any) -> tuple[Any, Any]:
    """log₂ of each point's frequency factor and field unit, (points,).

    Asymmetric least squares: terms above 1 count more, so that the largest balance at 1 (as
    two terms of an equation do near a root) and the small ones stay small.
    """
    points = size.shape[-1]
    frequency, field = np.zeros(points), np.zeros(points)
    d = degree[None, :, None]
    for _ in range(8):
        now = size + frequency + d * field
        w = np.where(present, np.where(now > 0, UPHILL, 1.0), 0.0)
        s0, s1, s2 = (np.sum(w * x, axis=(0, 1)) for x in (1.0, d, d * d))
        b0, b1 = (np.sum(w * x * size, axis=(0, 1)) for x in (1.0, d))
        det = s0 * s2 - s1 * s1
        with np.errstate(all="ignore"):
            field = np.where(det > 1e-9 * s0 * s2, (s1 * b0 - s0 * b1) / det, 0.0)
            frequency = np.where(s0 > 0, -(b0 + s1 * field) / s0, 0.0)
    return frequency, field


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


def jacobian(exponents: Any, c: Any, z: Any) -> Any:
    """∂f/∂z, (n, n, paths)."""
    return np.einsum("kmp,mvp->kvp", c, monomials(exponents, z)[1])


def newton(exponents: Any, c: Any, z: Any) -> Any:
    """Newton's correction J⁻¹f at z (n, paths) for coefficients c (n, M, paths)."""
    value, slopes = monomials(exponents, z)
    return solve(np.einsum("kmp,mvp->kvp", c, slopes), np.einsum("kmp,mp->kp", c, value))


def solve(matrix: Any, right: Any) -> Any:
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


def residual(exponents: Any, c: Any, z: Any) -> Any:
    """Largest |Σ terms| / Σ|terms| of all equations, one number per path.

    An equation whose terms are far below those of the others is judged by the others: rounding
    in their unknowns is all that it holds.
    """
    terms = c * monomials(exponents, z)[0]
    size = np.abs(terms).sum(1)
    floor = 1e-13 * size.max(axis=0)
    size = np.maximum(size, floor)
    sums = np.abs(terms.sum(1))
    return np.divide(sums, size, out=np.zeros_like(sums), where=sums != 0).max(axis=0, initial=0.0)


def stays_near(first: Any, second: Any) -> Any:
    """Whether Newton's method stays next to where it began, by the sizes of two corrections.

    The test of natural monotonicity: with the old Jacobian, the next correction must be less than
    half of the last one (Deuflhard, Newton Methods for Nonlinear Problems (2004), sec. 2.1.2 and
    3.3). Past the end of a branch, or where the iteration would leap to another one, that fails.
    """
    return (second <= first / 2) | (first <= NOISE)


def root_near(system: PolynomialSystem, guess: Any) -> Any:
    """The roots (n, points) next to guesses, in any units; NaN where there is none.

    Args:
        system: the equations.
        guess: z, (n, points).
    """
    own, units = dimensionless(system)
    z, near = nearest_root(*own, guess / units.unknowns)
    return np.where(near, z * units.unknowns, np.nan)


def nearest_root(exponents: Any, c: Any, guess: Any) -> tuple[Any, Any]:
    """The root z (n, paths) next to a guess, and where there is one: not the first that comes.

    Newton's method for as long as it `stays_near`. implicit.py does the same inside JAX programs,
    where paths cannot leave the batch.
    """
    z = np.array(guess, complex)
    near = np.all(np.isfinite(z), axis=0)
    live, size = np.flatnonzero(near), np.abs(z)
    with np.errstate(all="ignore"):
        for k in range(STEPS):
            current, coefficients = z[:, live], c[..., live]
            value, slopes = monomials(exponents, current)
            J = np.einsum("kmp,mvp->kvp", coefficients, slopes)
            step = solve(J, np.einsum("kmp,mp->kp", coefficients, value))
            if not k:  # a field is as large as it is, or as its first correction makes it
                size[:, live] = np.maximum(size[:, live], np.abs(step))
                size = np.maximum(size, 1e-30 * size.max(axis=0)) + np.finfo(float).tiny
            z[:, live] = current - step
            value = np.einsum("kmp,mp->kp", coefficients, monomials(exponents, current - step)[0])
            first, second = (
                np.max(np.abs(x) / size[:, live], axis=0) for x in (step, solve(J, value))
            )
            near[live] &= stays_near(first, second) & np.isfinite(first)
            live = live[near[live] & (first > STILL)]
            if not live.size:
                break
    return z, near
