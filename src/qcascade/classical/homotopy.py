"""All roots of systems of polynomials, for many coefficients at once: homotopy continuation.

Unknowns that enter linearly are eliminated; a homotopy follows every root from a solved system
to random complex coefficients on the same monomials, and from there to all parameter points.
With probability one this finds all isolated roots (Sommese & Wampler, The Numerical Solution of
Systems of Polynomials (2005), ch. 7 and 8). What probability one leaves to rounding is counted:
a point is complete when as many different roots arrived as set out. In the arrays below paths
come last.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from .elimination import linear_modes_of, solved_for, substituted
from .polynomials import Poly, PolynomialSystem, as_polynomials, as_system, dimensionless
from .root_paths import LONGEST, Tell, follow_safely, with_most_roots
from .start_system import FEW, generic


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
    linear_modes = linear_modes_of(equations)
    eliminated = [*linear_modes, *(n // 2 + k for k in linear_modes)]
    # The number of paths is exponential in the unknowns: each one eliminated saves half or more.
    others = [v for v in range(n) if v not in eliminated]
    with np.errstate(all="ignore"):
        solved = solved_for(equations, eliminated, points)
        reduced = [
            {tuple(m[v] for v in others): c for m, c in substituted(equations[k], solved).items()}
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
    start, z = generic(tuple(tuple(sorted(p)) for p in reduced), seed, most, tell)
    if end.shape[-1] > 1:
        start, z = _member(exponents, start, end, z, seed, tell)
    roots = np.full((len(reduced), points, z.shape[1]), np.nan, complex)
    complete = np.zeros(points, bool)
    if end.size:
        ends, complete[fine] = follow_safely(exponents, start, end, z, tell, longest)
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
    return with_most_roots(exponents, start, end @ weights, z, tell)
