"""Where JAX runs on the processor: batches go to the kernels that NumPy uses, and come back.

A traced program calls them with values; so zeros can be looked at, rounding is judged as
everywhere, and nothing of the iteration has to be compiled. Rates of growth go the same way, on any
device.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base.callbacks import called, shares_memory
from .adjoint import any_points
from .batches import WIDEST, solve_points
from .rates import growth_modes, growth_rates, growth_slopes


def is_used(n: int) -> bool:
    """Whether systems of n rows are solved here.

    Args:
        n: rows of A.
    """
    return n <= WIDEST and shares_memory()


def covariances(A: Any, D: Any) -> tuple[Any, Any]:
    """V, zero where there is no steady state, and whether there is one, shape (…, 1, 1).

    Args:
        A: drift, (…, n, n).
        D: diffusion, (…, n, n), symmetric.
    """
    like = jax.ShapeDtypeStruct(A.shape, A.dtype), jax.ShapeDtypeStruct((*A.shape[:-2], 1, 1), bool)
    V, stable = called(_covariances, like, A, D)
    return V, stable


def _covariances(A: Any, D: Any) -> tuple[Any, Any]:
    V, stable = solve_points(A.reshape(-1, *A.shape[-2:]), D.reshape(-1, *A.shape[-2:]))
    stable = stable[:, None, None]
    V = np.where(stable, V, 0.0)
    return V.reshape(A.shape), stable.reshape(*A.shape[:-2], 1, 1)


def solution(A: Any, R: Any) -> Any:
    """X of A X + X Aᵀ + R = 0 for any R.

    Args:
        A: drift of stable systems, (…, n, n).
        R: right-hand sides, (…, n, n).
    """
    return called(_solution, (jax.ShapeDtypeStruct(A.shape, A.dtype),), A, R)[0]


def _solution(A: Any, R: Any) -> tuple[Any]:
    shape = A.shape
    A, R = (np.ascontiguousarray(X).reshape(-1, *shape[-2:]) for X in (A, R))
    return (any_points(A, R).reshape(shape),)


def growth(A: Any) -> Any:
    """max Re λ, (…), NaN where A is not finite; with first and second derivatives.

    Args:
        A: drift, (…, n, n).
    """
    return _fastest(A)


@jax.custom_jvp
def _fastest(A: Any) -> Any:
    def rates(A: Any) -> tuple[Any]:
        return (growth_rates(A.reshape(-1, *A.shape[-2:])).reshape(A.shape[:-2]),)

    return called(rates, (jax.ShapeDtypeStruct(A.shape[:-2], A.dtype),), A)[0]


@_fastest.defjvp
def _fastest_jvp(values: Any, tangents: Any) -> tuple[Any, Any]:
    return _fastest(*values), jnp.sum(_slopes(*values) * tangents[0], axis=(-1, -2))


@jax.custom_jvp
def _slopes(A: Any) -> Any:
    """ℓ_i r_j of the fastest mode, (…, n, n)."""

    def slopes(A: Any) -> tuple[Any]:
        return (growth_slopes(A.reshape(-1, *A.shape[-2:])).reshape(A.shape),)

    return called(slopes, (jax.ShapeDtypeStruct(A.shape, A.dtype),), A)[0]


@_slopes.defjvp
def _slopes_jvp(values: Any, tangents: Any) -> tuple[Any, Any]:
    """Second order, with the other modes k of the part: r changes by Σ_k r_k (ℓ_k dA r)/(λ − λ_k),
    and ℓ by Σ_k ℓ_k (ℓ dA r_k)/(λ − λ_k)."""
    ((A,), (dA,)) = values, tangents

    def modes(A: Any) -> tuple[Any, Any, Any]:
        left, right, weights = growth_modes(A.reshape(-1, *A.shape[-2:]))
        return left.reshape(A.shape), right.reshape(A.shape), weights.reshape(A.shape[:-1])

    matrix = jax.ShapeDtypeStruct(A.shape, complex)
    left, right, weights = called(
        modes, (matrix, matrix, jax.ShapeDtypeStruct(A.shape[:-1], complex)), A
    )
    first, last = left[..., :1, :], right[..., :, :1]
    of_left = (first @ dA @ right) * weights[..., None, :]
    of_right = (left @ dA @ last) * weights[..., :, None]
    change = (of_left @ left).mT @ last.mT + first.mT @ (right @ of_right).mT
    return _slopes(A), change.real
