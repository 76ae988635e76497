"""The JAX route of `qcascade.symplectic`: batched, traceable, differentiable at degeneracies too.

K = LᵀΩL = Q (⊕ κ_k [[0, 1], [−1, 0]]) Qᵀ comes from Jacobi's method (`jacobi_jax.py`).

Derivatives do not go through the iteration. Levels and Q have those of first-order perturbation
theory, with Q left as it is among levels that agree. Sums Σ f(ν_k) have derivatives of their own,
because they are smooth where levels cross while no single level is: the first is the odd function
f'(K), and its derivative has the divided differences of f' between levels (Daletskii, Krein), with
f'' in place of 0/0.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..linear.state import quadratures
from .jacobi_jax import block_diagonal, into_frame
from .summands import Summand
from .symplectic import EPS, Spectrum, cholesky, spectrum_of_factor

SAME = 1e-9  # relative distance of levels that count as one
_J = np.array([[0.0, 1.0], [-1.0, 0.0]])


def spectrum(cov: Any, modes: Any, signs: Any) -> Spectrum:
    """As `symplectic.spectrum`, for JAX arrays without NaN."""
    return _spectrum(cov, tuple(modes), tuple(map(float, signs)))


@partial(jax.jit, static_argnums=(1, 2))
def _spectrum(cov: Any, modes: tuple[int, ...], signs: tuple[float, ...]) -> Spectrum:
    if len(modes) > 2:
        return _decomposed(cov, modes, signs)[0]
    rows = quadratures(modes)
    block = cov[..., rows[:, None], rows]
    return spectrum_of_factor(block, cholesky(block, jnp), jnp.asarray(signs, float), jnp)


def total(summand: Summand, cov: Any, modes: Any, signs: Any, error: Any = 0.0) -> Any:
    """Σ_k f(ν_k), with true derivatives where levels agree.

    Args:
        summand: f and its derivatives.
        cov: covariances without NaN, shape (…, 2M, 2M).
        modes: positions of the N modes.
        signs: of Ω, shape (N,).
        error: more relative error of the levels than rounding of `cov` leaves, shape (…).
    """
    return _total_of(summand, cov, tuple(modes), tuple(map(float, signs)), error)


@partial(jax.jit, static_argnums=(0, 2, 3))
def _total_of(
    summand: Summand, cov: Any, modes: tuple[int, ...], signs: tuple[float, ...], error: Any
) -> Any:
    (levels, own), K, Q = _decomposed(cov, modes, signs)
    known = jnp.isfinite(levels[..., -1])
    levels = jnp.where(known[..., None], levels, 1.0)
    error = jax.lax.stop_gradient(own + jnp.asarray(error)[..., None])
    error = jnp.where(known[..., None], error, 0.0)
    return jnp.where(known, _total(summand, K, levels, Q, error), jnp.nan)


def _decomposed(cov: Any, modes: Any, signs: Any) -> tuple[Spectrum, Any, Any]:
    """The spectrum, with K = LᵀΩL and Q that turns it to blocks."""
    block, factor, signs = _factor(cov, modes, signs)
    known = jnp.isfinite(factor[..., -1, -1])[..., None]
    factor = _finite(factor)
    K = _form(factor, signs)
    levels, Q = _eigen(K)
    error = _error(block, factor, Q, levels)
    return Spectrum(jnp.where(known, levels, jnp.nan), error), K, Q


def _factor(cov: Any, modes: Any, signs: Any) -> tuple[Any, Any, Any]:
    """V of the modes, loud ones first and x and p of each alike; its factor; the signs of Ω."""
    rows = quadratures(modes)
    block = cov[..., rows[:, None], rows]
    order, unit = arrangement(block)
    signs = jnp.broadcast_to(jnp.asarray(signs, float), order.shape)
    block = arranged(block, order, unit)
    return block, cholesky(block, jnp), jnp.take_along_axis(signs, order, axis=-1)


def arrangement(cov: Any) -> tuple[Any, Any]:
    """The order of modes that puts loud ones first, and units that make x and p of each alike.

    Both are symplectic maps, and let the Cholesky factor and Jacobi's method keep the digits of
    quiet modes. They are constants for derivatives.
    """
    variances = jax.lax.stop_gradient(jnp.diagonal(cov, axis1=-2, axis2=-1))
    x, p = (jnp.where(v > 0, v, 1.0) for v in (variances[..., ::2], variances[..., 1::2]))
    squeeze = (p / x) ** 0.25
    unit = jnp.stack([squeeze, 1 / squeeze], axis=-1).reshape(variances.shape)
    return jnp.argsort(-x * p, axis=-1), unit


def arranged(cov: Any, order: Any, unit: Any) -> Any:
    """The covariance in the order and the units of `arrangement`."""
    cov = cov * unit[..., :, None] * unit[..., None, :]
    rows = (2 * order[..., None] + np.arange(2)).reshape(unit.shape)
    cov = jnp.take_along_axis(cov, rows[..., :, None], axis=-2)
    return jnp.take_along_axis(cov, rows[..., None, :], axis=-1)


def _finite(factor: Any) -> Any:
    """The factor, or the unit matrix where V is not positive definite: no NaN in a gradient."""
    known = jnp.isfinite(factor[..., -1:, -1:])  # NaN reaches the last pivot
    return jnp.where(known, factor, np.eye(factor.shape[-1]))


def _form(factor: Any, signs: Any) -> Any:
    """K = LᵀΩL."""
    signed = factor[..., 0::2, :] * signs[..., :, None]
    half = jnp.swapaxes(signed, -1, -2) @ factor[..., 1::2, :]
    return half - jnp.swapaxes(half, -1, -2)


def _error(cov: Any, factor: Any, Q: Any, levels: Any) -> Any:
    """ε w_k: the rows of X⁻¹ are those of X = L Q, turned by Ω and divided by ν_k."""
    cov, X, levels = jax.lax.stop_gradient((cov, factor @ Q, levels))
    x, p = (jnp.diagonal(cov, axis1=-2, axis2=-1)[..., c::2, None] for c in (0, 1))
    noise = jnp.sum(x * X[..., 1::2, :] ** 2 + p * X[..., 0::2, :] ** 2, axis=-2)
    return EPS * (noise[..., 0::2] + noise[..., 1::2]) / levels**2


# The levels and Q that go into the following functions belong to K: they only save the work of
# finding them again, and what their change would bring is in the derivative by K.


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _total(summand: Summand, K: Any, levels: Any, Q: Any, error: Any) -> Any:
    del K, Q
    return jnp.sum(summand.value(levels, error, jnp), axis=-1)


@_total.defjvp
def _total_jvp(summand: Summand, values: Any, tangents: Any) -> tuple[Any, Any]:
    change = jnp.sum(_odd(summand, *values) * tangents[0], axis=(-1, -2)) / 2
    return _total(summand, *values), change


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _odd(summand: Summand, K: Any, levels: Any, Q: Any, error: Any) -> Any:
    """Q (⊕ f'(ν_k) J) Qᵀ, the gradient of Σ f(ν_k)."""
    del K
    return _from_frame(Q, _blocks_times_J(summand.slope(levels, error, jnp)))


@_odd.defjvp
def _odd_jvp(summand: Summand, values: Any, tangents: Any) -> tuple[Any, Any]:
    _, levels, Q, error = values
    slope, curvature = summand.slope(levels, error, jnp), summand.curvature(levels, error, jnp)
    along, mean = _divided(levels, slope, curvature), _sums(levels)
    across = _sums(slope) / jnp.where(mean > 0, mean, 1.0)
    change = _weighted(into_frame(Q, tangents[0]), along, across)
    return _from_frame(Q, _blocks_times_J(slope)), _from_frame(Q, _unblocks(change))


def even_function(value: Any, slope: Any, factor: Any, levels: Any, Q: Any, error: Any) -> Any:
    """Q (⊕ f(ν_k)·1) Qᵀ, with true derivatives where levels agree.

    Args:
        value: f(ν, error).
        slope: f', finite.
        factor: L of K = LᵀΩL, shape (…, 2N, 2N).
        levels: ν_k, shape (…, N).
        Q: from `decomposition`, shape (…, 2N, 2N).
        error: relative error of the levels, shape (…, 1).
    """
    K = _form(factor, jnp.ones(factor.shape[-1] // 2))
    return _even(value, slope, K, levels, Q, error)


def decomposition(factor: Any) -> tuple[Any, Any]:
    """ν_k, ascending, and Q of LᵀΩL = Q (⊕ ν_k [[0, 1], [−1, 0]]) Qᵀ."""
    return _eigen(_form(factor, jnp.ones(factor.shape[-1] // 2)))


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _even(value: Any, slope: Any, K: Any, levels: Any, Q: Any, error: Any) -> Any:
    del slope, K
    f = jnp.repeat(value(levels, error), 2, axis=-1)
    return _from_frame(Q, f[..., None] * np.eye(Q.shape[-1]))


@_even.defjvp
def _even_jvp(value: Any, slope: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    _, levels, Q, error = values
    f, df = value(levels, error), slope(levels, error)
    along, mean = _divided(levels, f, df), _sums(levels)
    across = _differences(f) / jnp.where(mean > 0, mean, 1.0)
    change = _weighted(into_frame(Q, tangents[0]), along, across)
    return _even(value, slope, *values), _from_frame(Q, _unblocks(-_J @ change))


def _differences(x: Any) -> Any:
    """x_j − x_k."""
    return x[..., :, None] - x[..., None, :]


def _sums(x: Any) -> Any:
    return x[..., :, None] + x[..., None, :]


@jax.custom_jvp
def _eigen(K: Any) -> tuple[Any, Any]:
    """κ_k ≥ 0, ascending, and the orthogonal Q of K = Q (⊕ κ_k J) Qᵀ."""
    N = K.shape[-1] // 2
    rotated, Q = block_diagonal(K)
    kappa = jnp.diagonal(rotated, 1, -2, -1)[..., ::2]
    flip = jnp.stack([jnp.ones_like(kappa), jnp.where(kappa < 0, -1.0, 1.0)], axis=-1)
    Q = Q * flip.reshape(*kappa.shape[:-1], 1, 2 * N)
    order = jnp.argsort(jnp.abs(kappa), axis=-1)
    rows = (2 * order[..., None] + np.arange(2)).reshape(*kappa.shape[:-1], 1, 2 * N)
    levels = jnp.take_along_axis(jnp.abs(kappa), order, axis=-1)
    return levels, jnp.take_along_axis(Q, rows, axis=-1)


@_eigen.defjvp
def _eigen_jvp(values: Any, tangents: Any) -> tuple[Any, Any]:
    levels, Q = _eigen(*values)
    inside = into_frame(Q, tangents[0])
    gap, mean = -_differences(levels), _sums(levels)
    same = jnp.abs(gap) <= SAME * mean
    along = jnp.where(same, 0.0, 1 / jnp.where(same, 1.0, gap))
    across = jnp.where(mean > 0, 1 / jnp.where(mean > 0, mean, 1.0), 0.0)
    change = _weighted(inside, along, across)
    slopes = jnp.diagonal(inside, 1, -2, -1)[..., ::2]
    return (levels, Q), (slopes, Q @ _unblocks(-change @ _J))


def _from_frame(Q: Any, M: Any) -> Any:
    return Q @ M @ jnp.swapaxes(Q, -1, -2)


def _blocks(M: Any) -> Any:
    """(…, 2N, 2N) as (…, N, N, 2, 2)."""
    N = M.shape[-1] // 2
    return jnp.swapaxes(M.reshape(*M.shape[:-2], N, 2, N, 2), -3, -2)


def _unblocks(B: Any) -> Any:
    N = B.shape[-3]
    return jnp.swapaxes(B, -3, -2).reshape(*B.shape[:-4], 2 * N, 2 * N)


def _blocks_times_J(diagonal: Any) -> Any:
    """⊕ g_k J."""
    N = diagonal.shape[-1]
    return jnp.repeat(jnp.repeat(diagonal[..., :, None] * np.eye(N), 2, -1), 2, -2) * np.kron(
        np.eye(N), _J
    )


def _divided(levels: Any, f: Any, slope: Any) -> Any:
    """Divided differences (f_j − f_k)/(ν_j − ν_k), the slope where levels agree."""
    gap = _differences(levels)
    same = jnp.abs(gap) <= SAME * _sums(levels)
    return jnp.where(same, _sums(slope) / 2, _differences(f) / jnp.where(same, 1.0, gap))


def _weighted(M: Any, along: Any, across: Any) -> Any:
    """Blocks (…, N, N, 2, 2): what of M commutes with ⊕ J times `along`, the rest `across`."""
    form = np.kron(np.eye(M.shape[-1] // 2), _J)
    turned = form @ M @ form
    commuting, anticommuting = (M - turned) / 2, (M + turned) / 2
    return (
        _blocks(commuting) * along[..., None, None]
        + _blocks(anticommuting) * across[..., None, None]
    )
