"""Riccati equations inside of JAX's transformations, with derivatives.

V comes from the solver without JAX (riccati.py), on the host, with its verdict, and holds no
derivative. Two of Kleinman's steps from there change nothing but give V all derivatives up to the
third: a step takes an error of V to its square, so that what V₀ does not know of its parameters is
gone to second order after one step, to fourth after two.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .solve import solve

STEPS = 2


def solve_riccati(A: Any, B: Any, C: Any, E: Any, on_host: Callable[..., Any]) -> tuple[Any, Any]:
    """V and whether it is there, as `riccati.solve_riccati`, of JAX arrays.

    Args:
        A: (…, n, n), and the others of `riccati.Observed`; leading axes broadcast.
        B: (…, n, q).
        C: (…, k, n).
        E: (…, k, q).
        on_host: the solver without JAX, of these four.
    """
    batch = jnp.broadcast_shapes(*(X.shape[:-2] for X in (A, B, C, E)))
    A, B, C, E = (jnp.broadcast_to(X, (*batch, *X.shape[-2:])) for X in (A, B, C, E))

    def numbers(*system: Any) -> tuple[Any, Any]:
        V, known = on_host(*map(np.asarray, system))
        return V, np.asarray(known)

    kinds = jax.ShapeDtypeStruct(A.shape, A.dtype), jax.ShapeDtypeStruct(batch, np.bool_)
    fixed = (jax.lax.stop_gradient(X) for X in (A, B, C, E))
    V, known = jax.pure_callback(numbers, kinds, *fixed, vmap_method="broadcast_all")
    # Points without V get numbers, so that no NaN of theirs enters a gradient.
    has_V, one = known[..., None, None], jnp.eye(A.shape[-1])
    V, A = jnp.where(has_V, V, one), jnp.where(has_V, A, -one)
    B, C = jnp.where(has_V, B, 0.0), jnp.where(has_V, C, 0.0)
    for _ in range(STEPS):
        K = jnp.linalg.solve(E @ E.mT, C @ V + E @ B.mT).mT
        unseen = B - K @ E
        V, stable = solve(A - K @ C, unseen @ unseen.mT)
        V = jnp.where(stable[..., None, None], V, one)
        known &= stable
    return jnp.where(known[..., None, None], V, jnp.nan), known
