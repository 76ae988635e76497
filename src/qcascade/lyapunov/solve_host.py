"""Where JAX runs on the processor: batches go to the kernels that NumPy uses, and come back.

A traced program calls them with values; so zeros can be looked at, rounding is judged as
everywhere, and nothing of the iteration has to be compiled. Rates of growth go the same way, on any
device.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .batches import WIDEST, rough_points, solve_points
from .rates import growth_rates, growth_slopes

SAME = 1e-13
"""Relative difference of R_ij and R_ji that is rounding."""


try:
    from jax.experimental.buffer_callback import buffer_callback
except ImportError:  # before JAX 0.6
    buffer_callback = None


def is_used(n: int) -> bool:
    """Whether systems of n rows are solved here.

    Args:
        n: rows of A.
    """
    return n <= WIDEST and _is_shared()


def _is_shared() -> bool:
    """Whether Python and the device share their memory.

    `pure_callback` copies arrays by the threads of XLA, which it keeps waiting: where there is one
    thread, for ever. Buffers need no copy.
    """
    return buffer_callback is not None and jax.default_backend() == "cpu"


def _called(function: Callable[..., Any], like: tuple[Any, ...], *arrays: Any) -> tuple[Any, ...]:
    """What a function of NumPy arrays returns, inside a traced program."""
    if buffer_callback is not None and _is_shared():
        filled = buffer_callback(_filling(function), like, vmap_method="broadcast_all")
        return filled(*arrays)
    return jax.pure_callback(function, like, *arrays, vmap_method="broadcast_all")


@lru_cache
def _filling(function: Callable[..., Any]) -> Callable[..., None]:
    def fill(_: Any, places: Any, *arrays: Any) -> None:
        for place, values in zip(places, function(*map(np.asarray, arrays)), strict=True):
            np.asarray(place)[...] = values

    return fill


def covariances(A: Any, D: Any) -> tuple[Any, Any]:
    """V, zero where there is no steady state, and whether there is one, shape (…, 1, 1).

    Args:
        A: drift, (…, n, n).
        D: diffusion, (…, n, n), symmetric.
    """
    like = jax.ShapeDtypeStruct(A.shape, A.dtype), jax.ShapeDtypeStruct((*A.shape[:-2], 1, 1), bool)
    V, stable = _called(_covariances, like, A, D)
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
    return _called(_solution, (jax.ShapeDtypeStruct(A.shape, A.dtype),), A, R)[0]


def _solution(A: Any, R: Any) -> tuple[Any]:
    from scipy.linalg import solve_sylvester

    shape = A.shape
    A, R = (np.array(X).reshape(-1, *shape[-2:]) for X in (A, R))
    even, odd = (R + R.mT) / 2, (R - R.mT) / 2
    X = rough_points(A, even)
    change = A @ X
    X += rough_points(A, even + (change + change.mT))
    # What the kernel takes is symmetric, and where it cannot tell whether A decays it has no X.
    left = ~np.isfinite(X).all((-1, -2))
    X[left] = 0.0
    left |= (np.abs(odd) > SAME * (np.abs(R) + np.abs(R.mT))).any((-1, -2))
    for k in np.flatnonzero(left):
        residual = odd[k] if X[k].any() else R[k]
        X[k] += solve_sylvester(A[k], A[k].T, -residual)
    return (X.reshape(shape),)


def growth(A: Any) -> Any:
    """max Re λ, (…), NaN where A is not finite; its second derivative is NaN.

    Args:
        A: drift, (…, n, n).
    """
    return _fastest(A)[0]


@jax.custom_jvp
def _fastest(A: Any) -> tuple[Any, Any]:
    like = jax.ShapeDtypeStruct(A.shape[:-2], A.dtype), jax.ShapeDtypeStruct(A.shape, A.dtype)
    rates, slopes = _called(_rates, like, A)
    return rates, slopes


@_fastest.defjvp
def _fastest_jvp(values: Any, tangents: Any) -> tuple[Any, Any]:
    rates, slopes = _fastest(*values)
    change = jnp.sum(slopes * tangents[0], axis=(-1, -2))
    return (rates, slopes), (change, jnp.nan * tangents[0])


def _rates(A: Any) -> tuple[Any, Any]:
    points = A.reshape(-1, *A.shape[-2:])
    rates, slopes = growth_rates(points), growth_slopes(points)
    return rates.reshape(A.shape[:-2]), slopes.reshape(A.shape)
