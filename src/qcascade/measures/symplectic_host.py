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
    return Spectrum(*_levels(tuple(modes), tuple(map(float, signs)), cov))


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
    return _sum(summand, tuple(modes), tuple(map(float, signs)), cov, error)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _levels(modes: Any, signs: Any, cov: Any) -> tuple[Any, Any]:
    def numbers(cov: Any) -> tuple[Any, Any]:
        levels, error = spectrum_of(cov, modes, signs)
        return levels, np.broadcast_to(error, levels.shape)

    shape = jax.ShapeDtypeStruct((*cov.shape[:-2], len(modes)), cov.dtype)
    return called(numbers, (shape, shape), cov)


@_levels.defjvp
def _levels_jvp(modes: Any, signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    levels, error = _levels(modes, signs, *values)
    slopes = _each_slope(modes, signs, *values)
    change = jnp.sum(slopes * tangents[0][..., None, :, :], axis=(-1, -2))
    return (levels, error), (change, jnp.zeros_like(error))


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _each_slope(modes: Any, signs: Any, cov: Any) -> Any:
    """∂ν_k/∂V, (…, N, 2M, 2M)."""
    N = len(modes)

    def numbers(cov: Any) -> tuple[Any]:
        levels, _, X = spectrum_and_form(cov, modes, signs)
        each = [_slopes(cov, modes, signs, levels, X, np.eye(N)[k]) for k in range(N)]
        return (np.stack(each, axis=-3),)

    shape = (*cov.shape[:-2], N, *cov.shape[-2:])
    return called(numbers, (jax.ShapeDtypeStruct(shape, cov.dtype),), cov)[0]


@_each_slope.defjvp
def _each_slope_jvp(modes: Any, signs: Any, values: Any, tangents: Any) -> tuple[Any, Any]:
    def slopes(cov: Any) -> Any:
        def level(k: int) -> Any:
            return jax.grad(lambda V: symplectic_jax.spectrum(V, modes, signs).levels[..., k].sum())

        return jnp.stack([level(k)(cov) for k in range(len(modes))], axis=-3)

    return _each_slope(modes, signs, *values), jax.jvp(slopes, values, tangents)[1]


@partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def _sum(summand: Summand, modes: Any, signs: Any, cov: Any, error: Any) -> Any:
    def numbers(cov: Any, more: Any) -> tuple[Any]:
        levels, error = spectrum_of(cov, modes, signs)
        return (summand.value(levels, error + more[..., None], np).sum(axis=-1),)

    shape = jax.ShapeDtypeStruct(cov.shape[:-2], cov.dtype)
    return called(numbers, (shape,), cov, error)[0]


@_sum.defjvp
def _sum_jvp(
    summand: Summand, modes: Any, signs: Any, values: Any, tangents: Any
) -> tuple[Any, Any]:
    change = jnp.sum(_slope(summand, modes, signs, *values) * tangents[0], axis=(-1, -2))
    return _sum(summand, modes, signs, *values), change


@partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def _slope(summand: Summand, modes: Any, signs: Any, cov: Any, error: Any) -> Any:
    """Σ_k f'(ν_k) ∂ν_k/∂V, (…, 2M, 2M)."""

    def numbers(cov: Any, more: Any) -> tuple[Any]:
        levels, error, X = spectrum_and_form(cov, modes, signs)
        weights = summand.slope(levels, error + more[..., None], np)
        return (_slopes(cov, modes, signs, levels, X, weights),)

    return called(numbers, (jax.ShapeDtypeStruct(cov.shape, cov.dtype),), cov, error)[0]


@_slope.defjvp
def _slope_jvp(
    summand: Summand, modes: Any, signs: Any, values: Any, tangents: Any
) -> tuple[Any, Any]:
    cov, error = values

    def slope(cov: Any) -> Any:
        def sum_(V: Any) -> Any:
            return jnp.sum(symplectic_jax.total(summand, V, modes, signs, error))

        return jax.grad(sum_)(cov)

    change = jax.jvp(slope, (cov,), (tangents[0],))[1]
    return _slope(summand, modes, signs, cov, error), change


def _slopes(cov: Any, modes: Any, signs: Any, levels: Any, X: Any, weights: Any) -> Any:
    """Σ_k w_k ∂ν_k/∂V, (…, 2M, 2M); 0 where V is not positive definite."""
    from .gaussian_kernels import slopes_of_levels

    known = np.isfinite(levels[..., -1:])
    weights = np.where(known, weights / (2 * np.where(known, levels, 1.0)), 0.0)
    slopes, n = np.zeros(cov.shape), 2 * len(modes)
    slopes_of_levels(
        np.where(known[..., None], X, 0.0).reshape(-1, n, n),
        quadratures(modes),
        np.asarray(signs),
        weights.reshape(-1, len(modes)),
        slopes.reshape(-1, *cov.shape[-2:]),
    )
    return slopes
