"""Roots of polynomials whose coefficients JAX may differentiate, as often as one likes.

f(c, z) = Σ_m c_m z^m is linear in the coefficients c, so the root z(c) that Newton's method
reaches obeys J dz = −f(dc, z) with J = ∂f/∂z. That is the derivative's rule: the iteration is
never differentiated, and since z(c) stands in the rule again, neither is it for higher orders.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .polynomials import STEPS, stays_near

STILL = 1e-13  # relative size of a step after which the next would be rounding, units as given
RESIDUAL = 1e-9  # of the sum of the magnitudes of an equation's terms

Factors = tuple[tuple[int, ...], ...]


def factors(exponents: Sequence[tuple[int, ...]]) -> Factors:
    """Every monomial as the list of its unknowns, filled up with the number 1.

    Args:
        exponents: of the unknowns, one tuple per monomial.

    >>> factors([(2, 1), (0, 1), (0, 0)])      # z₀²z₁, z₁, 1; unknown 2 stands for the 1
    ((0, 0, 1), (1, 2, 2), (2, 2, 2))
    """
    lists = [[v for v, e in enumerate(m) for _ in range(e)] for m in exponents]
    longest = max(map(len, lists), default=0)
    return tuple(
        (*x, *[len(m)] * (longest - len(x))) for x, m in zip(lists, exponents, strict=True)
    )


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def traced_root(monomials: Factors, coefficients: Any, guess: Any) -> Any:
    """The root of f(c, z) = Σ_m c_m z^m next to a guess; NaN where there is none.

    Args:
        monomials: M of them, from `factors`.
        coefficients: c, complex (…, n, M).
        guess: complex (…, n), on which the root does not depend.
    """
    return _newton(monomials, coefficients, guess)


@traced_root.defjvp
def _root_jvp(monomials: Factors, values: Any, tangents: Any) -> tuple[Any, Any]:
    coefficients, guess = values
    z = traced_root(monomials, coefficients, guess)
    # Points without a root get numbers and no derivative, so that they leave the others alone.
    exists = jnp.isfinite(z).all(-1, keepdims=True)
    inside = jnp.where(exists, z, 1.0)
    _, slopes = _value_and_slopes(monomials, coefficients, inside)
    slopes = jnp.where(exists[..., None], slopes, jnp.eye(z.shape[-1]))
    moved = _value_and_slopes(monomials, tangents[0], inside)[0]
    return z, -_solve(slopes, jnp.where(exists, moved, 0.0))


@partial(jax.jit, static_argnums=0)
def _newton(monomials: Factors, coefficients: Any, guess: Any) -> Any:
    """Newton's method as long as it stays next to the guess: see `polynomials.nearest_root`."""
    batch = jnp.broadcast_shapes(coefficients.shape[:-2], guess.shape[:-1])
    z = jnp.broadcast_to(guess, (*batch, guess.shape[-1])).astype(complex)

    def correction(z: Any) -> tuple[Any, Any]:
        value, slopes = _value_and_slopes(monomials, coefficients, z)
        return slopes, _solve(slopes, value)

    def largest(x: Any, size: Any) -> Any:
        return (jnp.abs(x) / size).max(-1, keepdims=True)

    # A field is as large as it is, or as its first correction makes it.
    size = jnp.maximum(jnp.abs(z), jnp.abs(correction(z)[1]))
    size = jnp.maximum(size, 1e-30 * size.max(-1, keepdims=True)) + np.finfo(float).tiny

    def running(state: Any) -> Any:
        step, _, converged = state
        return (step < STEPS) & ~jnp.all(converged)

    def advance(state: Any) -> Any:
        step, z, converged = state
        slopes, move = correction(z)
        new = z - move
        again = _solve(slopes, _value_and_slopes(monomials, coefficients, new)[0])
        first, second = largest(move, size), largest(again, size)
        new = jnp.where(stays_near(first, second), new, jnp.nan)
        still = (first <= STILL) | ~jnp.isfinite(new).all(-1, keepdims=True)
        return step + 1, jnp.where(converged, z, new), converged | still

    _, z, _ = jax.lax.while_loop(running, advance, (0, z, jnp.zeros((*batch, 1), bool)))
    return jnp.where(_is_root(monomials, coefficients, z), z, jnp.nan)


def _value_and_slopes(monomials: Factors, c: Any, z: Any) -> tuple[Any, Any]:
    """f(c, z), shape (…, n), and ∂f/∂z, shape (…, n, n)."""
    n = z.shape[-1]
    which = np.array(monomials, int).reshape(len(monomials), len(monomials[0]) if monomials else 0)
    padded = jnp.concatenate([z, jnp.ones_like(z[..., :1])], axis=-1)[..., which]
    value = (c @ padded.prod(-1)[..., None])[..., 0]
    slopes = jnp.zeros((*value.shape, n))
    for k in range(which.shape[1]):  # the product rule, one factor after the other
        others = padded.at[..., k].set(1.0).prod(-1)
        slopes = slopes + (c * others[..., None, :]) @ np.eye(n + 1)[which[:, k], :n]
    return value, slopes


def _is_root(monomials: Factors, c: Any, z: Any) -> Any:
    residual = jnp.abs(_value_and_slopes(monomials, c, z)[0])
    size = _value_and_slopes(monomials, jnp.abs(c), jnp.abs(z))[0]
    floor = 1e-13 * size.max(-1, keepdims=True) + 1e-300
    return (residual <= RESIDUAL * jnp.maximum(size, floor)).all(-1, keepdims=True)


def _solve(matrix: Any, right: Any) -> Any:
    return jnp.linalg.solve(matrix, right[..., None])[..., 0]
