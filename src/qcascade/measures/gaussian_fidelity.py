"""Fidelity of Gaussian states, each mode on its own scale.

√ρ σ √ρ is a Gaussian operator. In the frame where V₁ = ⊕ ν_k·1 (Williamson) its covariance is

    V_s = N − C (N + V₂)⁻¹ C,    N = ⊕ ν_k·1,  C = √(N² − ¼)

(Holevo, Theor. Math. Phys. 13, 1071 (1972); Lami, Das, Wilde, J. Phys. A 51, 125301 (2018), in
units where the vacuum has 1). With r = √(1 − ¼N⁻²) this is a sum in which nothing cancels,

    V_s = ¼N⁻¹ + r P r,    P = (N⁻¹ + V₂⁻¹)⁻¹,

so that a hot mode leaves a cold one its digits. F = Tr ρσ · Π_k (w_k + √(w_k² − 1)), w_k/2 the
symplectic eigenvalues of V_s (Banchi, Braunstein, Pirandola, PRL 115, 260501).
"""

from typing import Any

import numpy as np

from ..base.checks import fail, listed, namespace
from ..base.conventions import LOST, VACUUM, symplectic_form
from ..linear.state import GaussianState, finite_cov, quadratures
from ..linear.uncertainty import is_physical, resolution
from .levels import held
from .summands import CUT, OVERLAP
from .symplectic import cholesky, solve_lower, williamson


def fidelity(first: GaussianState, second: GaussianState) -> Any:
    """F = (Tr √(√ρ σ √ρ))² of two Gaussian states of the same modes.

    Args:
        first: a state, or a batch of them.
        second: the same; leading axes broadcast.
    """
    xp = namespace(first.cov, second.cov)
    if sorted(first.modes) != sorted(second.modes):
        raise fail("second", f"have the modes of `first`: {listed(first.modes)}", second.modes)
    order = [second.modes.index(mode) for mode in first.modes]
    ours, theirs = finite_cov(first), finite_cov(second, order)
    known = first.stable & second.stable & is_physical(ours) & is_physical(theirs)
    known = known & (resolution(ours) <= LOST) & (resolution(theirs) <= LOST)
    safe, vacuum = known[..., None, None], VACUUM * np.eye(2 * len(order))
    ours, theirs = xp.where(safe, ours, vacuum), xp.where(safe, theirs, vacuum)
    shift = xp.where(known[..., None], first.mean - second.mean[..., quadratures(order)], 0.0)
    factor = cholesky(ours + theirs, xp)
    distance = xp.sum(solve_lower(factor, shift[..., None], xp) ** 2, axis=(-1, -2))
    overlap = -distance / 2 - xp.sum(xp.log(xp.diagonal(factor, axis1=-2, axis2=-1)), axis=-1)
    # Rounding treats the two states differently: the mean of both orders does not.
    mixed = (_mixedness(ours, theirs, xp) + _mixedness(theirs, ours, xp)) / 2
    value = xp.exp(overlap + mixed)
    # Equal states have F = 1, where rounding must not halve or drop the curvature.
    value = value - held(xp.maximum(value - 1.0, 0.0), xp)
    return xp.where(known, value, np.nan)[()]


def _mixedness(first: Any, second: Any, xp: Any) -> Any:
    """Σ_k ln(w_k + √(w_k² − 1)), zero when one of the states is pure."""
    modes = list(range(first.shape[-1] // 2))
    signs = np.ones(len(modes))
    error = (resolution(first) + resolution(second)) / 8  # times CUT: twice what rounding leaves
    if xp is not np:
        from . import symplectic_host

        return symplectic_host.total(OVERLAP, _sandwich_jax(first, second), modes, signs, error)
    n, share = _quanta_of_sandwich(first, second)
    n = np.where(n > CUT * share * np.asarray(error)[..., None], n, 0.0)
    return np.sum(np.log1p(2 * (n + np.sqrt(n * (n + 1)))), axis=-1)


def _quanta_of_sandwich(first: Any, second: Any) -> tuple[Any, Any]:
    """ν_k − ½ of V_s, without the loss of its digits beside ½; and the part of r² in each.

    V_s = ½ + r Z r with Z = P − N/(2N+1), and a row t of the inverse of its symplectic frame gives
    ν − ½ = ¼|t_x − Ωt_p|² + ½ Σ (rt)ᵀZ(rt): small terms, none of them a difference of large ones.
    """
    levels, X = williamson(first)
    nu, r = (np.repeat(v, 2, -1) for v in (levels, _r(levels, resolution(first)[..., None], np)))
    unit, S = np.eye(nu.shape[-1]), X / np.sqrt(nu)[..., None, :]
    half = _half_of_P(unit / nu[..., None], S, second, unit, np)
    P = np.swapaxes(half, -1, -2) @ half
    sandwiched, X = williamson(unit / (4 * nu[..., None]) + r[..., :, None] * P * r[..., None, :])
    form = symplectic_form(levels.shape[-1])
    t = -form @ np.swapaxes(X / np.sqrt(np.repeat(sandwiched, 2, -1))[..., None, :], -1, -2) @ form
    t_x, t_p = t[..., 0::2, :], t[..., 1::2, :]
    active = np.sum((t_x + t_p @ form) ** 2, axis=-1) / 4  # Ωt as a row is −tΩ
    Z, rt = P - unit * (nu / (2 * nu + 1))[..., None], t * r[..., None, :]
    each = np.sum((rt @ Z) * rt, axis=-1)
    small = active + (each[..., 0::2] + each[..., 1::2]) / 2
    share = np.sum(rt**2, axis=-1)
    share = np.minimum((share[..., 0::2] + share[..., 1::2]) / 2, sandwiched)
    return np.where(sandwiched > 0.6, sandwiched - VACUUM, small), share


def _half_of_P(inverse: Any, S: Any, second: Any, right: Any, xp: Any) -> Any:
    """H with HᵀH = right P right, P⁻¹ = inverse + SᵀV₂⁻¹S."""
    G = solve_lower(cholesky(second, xp), S, xp)
    return solve_lower(cholesky(inverse + xp.swapaxes(G, -1, -2) @ G, xp), right, xp)


def _r(levels: Any, error: Any, xp: Any) -> Any:
    """√(1 − 1/4ν²), zero for a pure mode."""
    mixed = levels - VACUUM > CUT * error * levels
    n = xp.where(mixed, levels - VACUUM, 1.0)
    return xp.where(mixed, xp.sqrt(n * (n + 1)) / (n + VACUUM), 0.0)


def _sandwich_jax(first: Any, second: Any) -> Any:
    """V_s itself. Matrix functions of K = LᵀΩL stand for the frame, which has no derivative."""
    import jax.numpy as jnp

    from . import symplectic_jax as jax_route

    arrangement = jax_route.arrangement(first)
    first, second = (jax_route.arranged(V, *arrangement) for V in (first, second))
    factor, error = cholesky(first, jnp), resolution(first)[..., None]
    frame = factor, *jax_route.decomposition(factor), error
    square = jax_route.even_function(_inverse_square, _inverse_square_slope, *frame)
    r = jax_route.even_function(_r_jax, _r_slope_jax, *frame)
    half = _half_of_P(np.eye(factor.shape[-1]), factor, second, r, jnp)
    inner = square / 4 + jnp.swapaxes(half, -1, -2) @ half
    return factor @ inner @ jnp.swapaxes(factor, -1, -2)


def _inverse_square(levels: Any, error: Any) -> Any:
    del error
    return 1 / levels**2


def _inverse_square_slope(levels: Any, error: Any) -> Any:
    del error
    return -2 / levels**3


def _r_jax(levels: Any, error: Any) -> Any:
    return _r(levels, error, namespace(levels))


def _r_slope_jax(levels: Any, error: Any) -> Any:
    xp, r = namespace(levels), _r_jax(levels, error)
    return xp.where(r > 0, 1 / (4 * levels**3 * xp.where(r > 0, r, 1.0)), 0.0)
