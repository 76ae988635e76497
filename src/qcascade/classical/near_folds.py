"""How much of a working point's slowest decay rounding decides: near the end of a branch, all.

With f(z) = 0 for z = (α, ᾱ) and J = ∂f/∂z, rounding of the terms of f, ε Σ|terms|, moves a root
by δz = J⁻¹ε. At a fold, where J has a null vector, that changes the smallest singular value
σ = u†Jv of J by u†(∂J/∂z δz)v, relative to itself as 1/σ²: a field that is right to all digits
may stand beside a decay rate, and a covariance, of which none is (Kuznetsov, Elements of Applied
Bifurcation Theory (2004), sec. 10.2).
"""

from typing import Any

import numpy as np

from .polynomials import PolynomialSystem, common_units, dimensionless, jacobian, monomials

ROUNDING = 2.0**-53
FIRM = 1e-6
"""What rounding may change the slowest decay by, relative to itself, of a working point."""

STEP = 1e-4
"""Of the fields: how far J is looked at aside of the root; it is of second degree, mostly."""


FREE = 1e-12
"""σ relative to the largest: smaller than any fold leaves, as where a phase is free."""


def away_from_folds(system: PolynomialSystem, z: Any) -> Any:
    """Where rounding surely changes σ by less than `FIRM` of itself, or z is NaN, (points,).

    The share that `share_of_rounding` estimates is at most √2N ‖∂²f/∂z²‖ ‖source‖ ‖J⁻¹‖², norms
    of Frobenius: a fifth of the work, and enough for nearly all points.

    Args:
        system: the classical equations and their conjugates.
        z: roots (α, ᾱ), (2N, points).
    """
    exponents, c = system
    if exponents.sum(1).max(initial=0) < 2:
        return np.ones(z.shape[1], bool)  # linear equations have no folds
    row, unit = common_units(system)
    value, slopes = monomials(exponents, z)
    J = row[:, None, None] * np.einsum("kmp,mvp->kvp", c, slopes) * unit[:, None]
    try:
        inverse = np.linalg.inv(np.moveaxis(J, -1, 0))
    except np.linalg.LinAlgError:
        return ~np.isfinite(z).all(axis=0)
    sizes = np.einsum("k,kmp->mp", row, np.abs(c))
    left = row @ np.abs(np.einsum("kmp,mp->kp", c, value))
    source = ROUNDING * (sizes * np.abs(value)).sum(0) + left
    bound = _curvature(exponents, unit, sizes, z) * source * (np.abs(inverse) ** 2).sum((1, 2))
    return ~(np.sqrt(len(z)) * bound > FIRM)


def _curvature(exponents: Any, unit: Any, sizes: Any, z: Any) -> Any:
    """At least ‖∂²f/∂z²‖ in these units, (points,): of a monomial of degree d it is at most
    d(d − 1) r^(d−2), r the largest field."""
    r = np.abs(z / unit[:, None]).max(axis=0)
    bent = exponents.sum(1) > 1
    d = exponents[bent].sum(1)[:, None]
    of_units = np.prod(unit ** exponents[bent], axis=1)[:, None]
    return (sizes[bent] * of_units * d * (d - 1) * r ** (d - 2.0)).sum(0)


def share_of_rounding(system: PolynomialSystem, z: Any) -> Any:
    """How far rounding, and what z leaves of f, change σ relative to itself, (points,); NaN where
    z is.

    Args:
        system: the classical equations and their conjugates.
        z: roots (α, ᾱ), (2N, points).
    """
    share = np.full(z.shape[1], np.nan)
    known = np.isfinite(z).all(axis=0)
    own = PolynomialSystem(system.exponents, system.coefficients[..., known])
    (exponents, c), units = dimensionless(own)
    z = z[:, known] / units.unknowns
    U, sigma, Vh = np.linalg.svd(_matrices(exponents, c, z))
    u, v = U[..., -1].conj(), Vh[:, -1].conj()
    step = STEP * np.maximum(np.abs(z).max(axis=0), 1.0)
    aside = step * v.T
    bent = _matrices(exponents, c, z + aside) - _matrices(exponents, c, z - aside)
    # ∂σ/∂z, by the symmetry of second derivatives: u† ∂²f/∂z∂v.
    slope = np.einsum("pk,pkv->pv", u, bent) / (2 * step[:, None])
    folds = sigma[:, -1] > FREE * sigma[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        by_source = np.einsum("pv,pjv->pj", slope, Vh.conj()) / sigma
        by_source = np.abs(np.einsum("pj,pkj->pk", by_source, U.conj()))
        terms = c * monomials(exponents, z)[0]
        source = ROUNDING * np.abs(terms).sum(1) + np.abs(terms.sum(1))
        share[known] = np.einsum("pk,kp->p", by_source, source) / sigma[:, -1]
    share[known] = np.where(folds, share[known], 0.0)
    return share


def _matrices(exponents: Any, c: Any, z: Any) -> Any:
    """Jacobians (points, 2N, 2N)."""
    return np.moveaxis(jacobian(exponents, c, z), -1, 0)
