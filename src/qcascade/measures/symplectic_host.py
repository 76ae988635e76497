"""Symplectic eigenvalues where JAX runs on the processor: by NumPy's kernels, with their slopes.

Levels and what they are known to are NumPy's to the last bit. Their first derivatives come from
Williamson's form, ∂ν_k/∂V = Σ_c y_c y_cᵀ/2ν_k with the columns y = ΩᵀX of mode k; nothing has to be
compiled for them. Second derivatives, which need more care where levels agree, are those of
symplectic_jax.py, and so is everything on other devices.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base.callbacks import called, shares_memory
from ..linear.state import quadratures
from . import symplectic_jax
from .summands import Summand
from .symplectic import Spectrum, spectrum_and_form
from .symplectic import spectrum as spectrum_of


def spectrum(cov: Any, modes: Any, signs: Any) -> Spectrum:
    """As `symplectic.spectrum`, for JAX arrays without NaN.

    Args:
        cov: covariances, (…, 2M, 2M).
        modes: positions of the N modes.
        signs: of Ω, (N,).
    """
    if not shares_memory():
        return symplectic_jax.spectrum(cov, modes, signs)
    return Spectrum(*_levels(tuple(map(float, signs)), _block(cov, modes)))


def total(summand: Summand, cov: Any, modes: Any, signs: Any, error: Any = 0.0) -> Any:
    """As `symplectic_jax.total`: Σ_k f(ν_k), with true derivatives where levels agree.

    Args:
        summand: f and its derivatives.
        cov: covariances without NaN, (…, 2M, 2M).
        modes: positions of the N modes.
        signs: of Ω, (N,).
        error: more relative error of the levels than rounding of `cov` leaves, (…).
    """
    if not shares_memory():
        return symplectic_jax.total(summand, cov, modes, signs, error)
    error = jax.lax.stop_gradient(jnp.broadcast_to(error, cov.shape[:-2]))
    return _sum(summand, tuple(map(float, signs)), _block(cov, modes), error)


def _block(cov: Any, modes: Any) -> Any:
    rows = quadratures(modes)
    if len(rows) == cov.shape[-1] and np.all(np.diff(rows) == 1):
        return cov
    return cov[..., rows[:, None], rows]


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _levels(signs: Any, cov: Any) -> tuple[Any, Any]:
    def numbers(cov: Any) -> tuple[Any, Any]:
        levels, error = spectrum_of(cov, range(len(signs)), signs)
        return levels, np.broadcast_to(error, levels.shape)

    shape = jax.ShapeDtypeStruct((*cov.shape[:-2], len(signs)), cov.dtype)
    return called(numbers, (shape, shape), cov)


@_levels.defjvp
def _levels_jvp(signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    levels, error = _levels(signs, *values)
    slopes = _each_slope(signs, *values)
    change = jnp.sum(slopes * tangents[0][..., None, :, :], axis=(-1, -2))
    return (levels, error), (change, jnp.zeros_like(error))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _each_slope(signs: Any, cov: Any) -> Any:
    """∂ν_k/∂V, (…, N, 2N, 2N)."""
    N = len(signs)

    def numbers(cov: Any) -> tuple[Any]:
        levels, _, X = spectrum_and_form(cov, range(N), signs)
        return (_slopes(signs, levels, X, np.broadcast_to(np.eye(N), (*levels.shape, N))),)

    shape = (*cov.shape[:-2], N, *cov.shape[-2:])
    return called(numbers, (jax.ShapeDtypeStruct(shape, cov.dtype),), cov)[0]


@_each_slope.defjvp
def _each_slope_jvp(signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    modes = range(len(signs))

    def slopes(cov: Any) -> Any:
        def slope(k: int) -> Any:
            return jax.grad(lambda V: symplectic_jax.spectrum(V, modes, signs).levels[..., k].sum())

        return jnp.stack([slope(k)(cov) for k in modes], axis=-3)

    return _each_slope(signs, *values), jax.jvp(slopes, values, tangents)[1]


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _sum(summand: Summand, signs: Any, cov: Any, error: Any) -> Any:
    def numbers(cov: Any, more: Any) -> tuple[Any]:
        levels, error = spectrum_of(cov, range(len(signs)), signs)
        return (summand.value(levels, error + more[..., None], np).sum(axis=-1),)

    shape = jax.ShapeDtypeStruct(cov.shape[:-2], cov.dtype)
    return called(numbers, (shape,), cov, error)[0]


@_sum.defjvp
def _sum_jvp(summand: Summand, signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    change = jnp.sum(_slope(summand, signs, *values) * tangents[0], axis=(-1, -2))
    return _sum(summand, signs, *values), change


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _slope(summand: Summand, signs: Any, cov: Any, error: Any) -> Any:
    """Σ_k f'(ν_k) ∂ν_k/∂V, (…, 2N, 2N)."""

    def numbers(cov: Any, more: Any) -> tuple[Any]:
        levels, error, X = spectrum_and_form(cov, range(len(signs)), signs)
        weights = summand.slope(levels, error + more[..., None], np)
        return (_slopes(signs, levels, X, weights[..., None, :])[..., 0, :, :],)

    return called(numbers, (jax.ShapeDtypeStruct(cov.shape, cov.dtype),), cov, error)[0]


@_slope.defjvp
def _slope_jvp(summand: Summand, signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    cov, error = values

    def slope(cov: Any) -> Any:
        def sum_(V: Any) -> Any:
            return jnp.sum(symplectic_jax.total(summand, V, range(len(signs)), signs, error))

        return jax.grad(sum_)(cov)

    change = jax.jvp(slope, (cov,), (tangents[0],))[1]
    return _slope(summand, signs, cov, error), change


def _slopes(signs: Any, levels: Any, X: Any, weights: Any) -> Any:
    """Σ_k w_mk ∂ν_k/∂V, (…, m, 2N, 2N), for weights (…, m, N); 0 where V is not positive."""
    from .gaussian_kernels import slopes_of_levels

    levels = levels[..., None, :]
    known = np.isfinite(levels)
    weights = np.where(known, weights / (2 * np.where(known, levels, 1.0)), 0.0)
    slopes = np.empty((*weights.shape[:-1], *X.shape[-2:]))
    points = X.reshape(-1, *X.shape[-2:])
    many = len(points), weights.shape[-2]
    slopes_of_levels(
        points,
        np.asarray(signs),
        weights.reshape(*many, len(signs)),
        slopes.reshape(*many, *X.shape[-2:]),
    )
    return slopes
