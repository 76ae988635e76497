"""Which complex roots (α, ᾱ) are classical fields: ᾱ = α*, found once each, none made up.

All systems are in units of their own (`polynomials.dimensionless`): a field of 1 is large.
"""

from typing import Any

import numpy as np

from .polynomials import PolynomialSystem, jacobian, monomials, newton, residual
from .root_paths import CHUNK

RESIDUAL = 1e-13  # of the sum of the magnitudes of an equation's terms: what rounding leaves
ROUNDING = 1e-14  # of an equation's largest terms
SAME = 1e-9  # relative distance below which two fields are one
NEAR = 1e-4  # relative distance within which rounding may split a multiple root
CONJUGATE = 1e-2  # relative |ᾱ − α*| below which a root may turn out to be a field
FLAT = 1e-9  # relative singular value below which a root may belong to a family
ASIDE = 1e-3  # of the fields: where another member of the family is looked for
LONGEST = 40  # steps of Newton's method; at a multiple root they shrink by a constant only


def classical(system: PolynomialSystem, roots: Any) -> Any:
    """Fields (N, points, K) next to the roots (2N, points, K), NaN where there is none.

    A root (α, ᾱ) is a field iff ᾱ = α*: what is nearly conjugate is made so, and Newton's method
    shows whether it is a root then. The unit of field, 1 here, keeps that test meaningful at
    α = 0. The field 0 itself is tried as well.
    """
    exponents, c = system
    n, Q, _ = roots.shape
    roots = np.concatenate([np.zeros((n, Q, 1)), roots], axis=-1)
    alpha, beta = roots[: n // 2], roots[n // 2 :].conj()
    with np.errstate(all="ignore"):
        mismatch = np.abs(alpha - beta).max(axis=0, initial=0.0)
        middle = (alpha + beta) / 2
        size = np.maximum(np.abs(middle).max(axis=0, initial=0.0), 1.0)
        may_be_field = mismatch <= CONJUGATE * size
        fields = np.full(middle.shape, np.nan, complex)
        point, path = np.nonzero(may_be_field)
        chunks = 1 + point.size * c[..., 0].size // CHUNK
        for some in np.array_split(np.arange(point.size), chunks):
            at = point[some], path[some]
            fields[:, *at] = _polished(exponents, c[..., at[0]], middle[:, *at])
    return fields


def _polished(exponents: Any, c: Any, alpha: Any) -> Any:
    """Newton's method on fields α (N, paths) that stay fields; NaN where they solve nothing."""
    # Not `nearest_root`: steps towards a multiple root shrink by a constant and end in rounding, so
    # the best of all is taken; and what is followed stays a field, (α, α*), to the last bit.
    N = len(alpha)
    z = np.concatenate([alpha, alpha.conj()])
    best, residuals = z.copy(), residual(exponents, c, z)
    live = np.arange(z.shape[1])
    for _ in range(LONGEST):
        coefficients = c[..., live]
        step = newton(exponents, coefficients, z[:, live])
        alpha, beta = np.split(z[:, live] - step, 2)
        alpha = (alpha + beta.conj()) / 2
        pair = np.concatenate([alpha, alpha.conj()])
        z[:, live] = pair
        now = residual(exponents, coefficients, pair)
        better = now <= residuals[live]
        best[:, live[better]], residuals[live[better]] = pair[:, better], now[better]
        moving = np.abs(step).max(axis=0) > 1e-15 * np.abs(alpha).max(axis=0)
        live = live[moving & np.isfinite(alpha).all(axis=0)]
        if not live.size:
            break
    best, residuals = _without_dust(exponents, c, best, residuals)
    isolated = _isolated(exponents, c, best)
    return np.where(isolated & (residuals <= RESIDUAL), best[:N], np.nan)


def _without_dust(exponents: Any, c: Any, z: Any, residuals: Any) -> tuple[Any, Any]:
    """Roots z with the fields that rounding has filled set to 0, where that solves them exactly."""
    dust = np.abs(z) < 1e-12 * np.maximum(np.abs(z).max(axis=0), 1.0)
    bare = np.where(dust, 0.0, z)
    moved = np.abs(c * monomials(exponents, bare)[0]).sum(1)
    emptied = residual(exponents, c, bare)
    exact = (emptied <= RESIDUAL) & ~np.any(dust & (moved > 0), axis=0)
    return np.where(exact, bare, z), np.where(exact, emptied, residuals)


def _isolated(exponents: Any, c: Any, z: Any) -> Any:
    """Whether roots z (2N, paths) stand alone: there is no root a step aside of them as well."""
    alone = np.ones(z.shape[1], bool)
    J = _as_matrices(exponents, c, z)
    singular = np.isfinite(J).all(axis=(1, 2))
    size = np.linalg.svd(J[singular], compute_uv=False)
    singular[singular] = size[:, -1] <= FLAT * size[:, 0]
    if not singular.any():
        return alone
    c, z = c[..., singular], z[:, singular]
    along = np.linalg.svd(J[singular])[2][:, -1].conj().T
    half = len(z) // 2
    # A direction in which a field can move has the form (δ, δ*), up to a phase.
    phase = np.angle(np.einsum("np,np->p", along[:half], along[half:]))
    step = ASIDE * np.maximum(np.abs(z).max(axis=0), 1.0)
    aside = z + step * along * np.exp(-0.5j * phase)
    for _ in range(4):  # back onto a curve of roots, if there is one, the shortest way
        value = np.einsum("kmp,mp->pk", c, monomials(exponents, aside)[0])
        inverse = np.linalg.pinv(_as_matrices(exponents, c, aside), rcond=FLAT)
        aside = aside - np.einsum("pkv,pv->kp", inverse, value)
    moved = np.abs(aside - z).max(axis=0) > step / 10
    alone[singular] = ~moved | (residual(exponents, c, aside) > RESIDUAL)
    return alone


def _as_matrices(exponents: Any, c: Any, z: Any) -> Any:
    """Jacobians (paths, 2N, 2N)."""
    return np.moveaxis(jacobian(exponents, c, z), -1, 0)


def distinct(system: PolynomialSystem, fields: Any) -> Any:
    """Fields (N, points, B) without repetitions, NaN last."""
    fields = gathered(fields)
    for k in range(1, fields.shape[-1]):
        same = _same(system, fields[..., :k], fields[..., k : k + 1])
        fields[:, same.any(axis=-1), k] = np.nan
    return gathered(fields)


def gathered(fields: Any) -> Any:
    """Fields (N, points, B) with NaN last, and B no larger than it must be."""
    missing = ~np.isfinite(fields).all(axis=0)
    order = np.argsort(missing, axis=-1, kind="stable")
    most = int((~missing).sum(-1).max(initial=0))
    return np.take_along_axis(fields, order[None], axis=-1)[..., :most]


def _same(system: PolynomialSystem, left: Any, right: Any) -> Any:
    """Whether fields (N, points, …) are one: by their distance, or since rounding blurs them."""
    left, right = np.broadcast_arrays(left, right)
    gap, size = np.abs(left - right), np.maximum(np.abs(left), np.abs(right))
    largest = size.max(axis=0, initial=0.0)
    same = np.all(gap <= SAME * np.maximum(size, 1e-12 * largest), axis=0)
    at = np.nonzero(np.all(gap <= NEAR * largest, axis=0) & ~same)
    if at[0].size:
        blur = [_blur(system, at[0], fields[:, *at]) for fields in (left, right)]
        same[at] = gap[:, *at].max(axis=0) <= np.maximum(*blur)
    return same


def _blur(system: PolynomialSystem, points: Any, alpha: Any) -> Any:
    """How far rounding may shift the roots α (N, paths): near a multiple one, surprisingly far."""
    z, c = np.concatenate([alpha, alpha.conj()]), system.coefficients[..., points]
    size = np.abs(c * monomials(system.exponents, z)[0]).sum(1).max(axis=0)
    softest = np.linalg.svd(_as_matrices(system.exponents, c, z), compute_uv=False)[:, -1]
    return ROUNDING * size / np.maximum(softest, np.finfo(float).tiny)


def unbalanced(system: PolynomialSystem, fields: Any) -> Any:
    """Points (points,) whose branches have indices, sgn det J, that do not add up to 1.

    They do wherever the motion stays bounded, since the sum is the degree of the flow.
    """
    exponents, c = system
    exists = np.isfinite(fields).all(axis=0)
    index = np.zeros(exists.shape)
    index[exists] = np.sign(np.linalg.det(slopes(exponents, c, fields, exists)).real)
    return index.sum(-1) != 1


def slopes(exponents: Any, c: Any, fields: Any, exists: Any) -> Any:
    """Jacobians (fields, 2N, 2N) at the fields (N, points, B) that exist."""
    alpha = fields[:, exists]
    z = np.concatenate([alpha, alpha.conj()])
    return _as_matrices(exponents, c[..., np.nonzero(exists)[0]], z)
