"""How much of a working point's slowest decay rounding decides: near the end of a branch, all.

With f(z) = 0 for z = (α, ᾱ) and J = ∂f/∂z, rounding of the terms of f, ε Σ|terms|, moves a root
by δz = J⁻¹ε. At a fold, where J has a null vector, that changes the smallest singular value
σ = u†Jv of J by u†(∂J/∂z δz)v, relative to itself as 1/σ²: a field that is right to all digits
may stand beside a decay rate, and a covariance, of which none is (Kuznetsov, Elements of Applied
Bifurcation Theory (2004), sec. 10.2).
"""

from typing import Any

import numpy as np

from .polynomials import PolynomialSystem, dimensionless, jacobian, monomials

ROUNDING = 2.0**-53
FIRM = 1e-6
"""What rounding may change the slowest decay by, relative to itself, of a working point."""

STEP = 1e-4
"""Of the fields: how far J is looked at aside of the root; it is of second degree, mostly."""


FREE = 1e-12
"""σ relative to the largest: smaller than any fold leaves, as where a phase is free."""


def share_of_rounding(system: PolynomialSystem, z: Any) -> Any:
    """How far rounding, and what z leaves of f, change σ relative to itself, (points,); NaN where
    z is.

    Args:
        system: the classical equations and their conjugates.
        z: roots (α, ᾱ), (2N, points).
    """
    share = np.full(z.shape[1], np.nan)
    known = np.isfinite(z).all(axis=0)
    if not known.any() or system.exponents.sum(1).max(initial=0) < 2:
        return np.where(known, 0.0, share)  # linear equations have no folds
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
