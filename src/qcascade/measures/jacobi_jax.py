"""Jacobi's method for antisymmetric matrices, K = Q (⊕ κ_k [[0, 1], [−1, 0]]) Qᵀ, in JAX.

M. H. C. Paardekooper, Numer. Math. 17, 189 (1971). N/2 pairs of modes are rotated at a time, so
that a step is a few small products for the whole batch, and no eigenvalue routine waits for a
thread.
"""

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

SWEEPS = 30  # of Jacobi's method, which takes six or seven


def into_frame(Q: Any, M: Any) -> Any:
    """QᵀMQ."""
    return jnp.swapaxes(Q, -1, -2) @ M @ Q


@lru_cache(maxsize=32)
def _rounds(N: int) -> np.ndarray:
    """Orders of an even number of modes: neighbours 2i and 2i + 1 meet; in N − 1 rounds all do."""
    ring = list(range(1, N))
    rounds = []
    for k in range(N - 1):
        seats = [0, *ring[k:], *ring[:k]]
        pairs = [sorted((seats[i], seats[N - 1 - i])) for i in range(N // 2)]
        rounds.append(np.ravel(pairs))
    return np.array(rounds)


def block_diagonal(K: Any) -> tuple[Any, Any]:
    """QᵀKQ, whose blocks between modes are nothing, and Q."""
    size = K.shape[-1]
    if size == 2:
        return K, jnp.broadcast_to(np.eye(2), K.shape)
    odd = size % 4  # an odd number of modes is joined by one that nothing turns
    padding = [(0, 0)] * (K.ndim - 2) + [(0, odd)] * 2
    K = jnp.pad(K, padding)
    n = size + odd
    if size == 4:  # one step is all
        R, _ = _rotations(K[..., None, :, :])
        R = R[..., 0, :, :]
        return into_frame(R, K), R
    orders = _rounds(n // 2)
    rows = (2 * orders[..., None] + np.arange(2)).reshape(len(orders), n)
    back = jnp.asarray(np.argsort(rows, axis=-1))
    rows = jnp.asarray(rows)

    def turn(k: Any, state: Any) -> Any:
        K, Q, largest = state
        meeting, apart = rows[k], back[k]
        B = K[..., meeting[:, None], meeting].reshape(*K.shape[:-2], n // 4, 4, n // 4, 4)
        R, between = _rotations(jnp.moveaxis(jnp.diagonal(B, axis1=-4, axis2=-2), -1, -3))
        B = jnp.einsum("...pia,...piqj,...qjb->...paqb", R, B, R).reshape(K.shape)
        Q = Q[..., meeting].reshape(*B.shape[:-1], n // 4, 4)
        Q = jnp.einsum("...npi,...pia->...npa", Q, R).reshape(K.shape)[..., apart]
        return B[..., apart[:, None], apart], Q, jnp.maximum(largest, between)

    def sweep(state: Any) -> Any:
        step, K, Q, before, _ = state
        K, Q, largest = jax.lax.fori_loop(0, len(orders), turn, (K, Q, jnp.zeros_like(before)))
        return step + 1, (K - jnp.swapaxes(K, -1, -2)) / 2, Q, largest, before

    def poor(state: Any) -> Any:
        step, _, _, largest, before = state
        done = (largest < 1e-8) | (largest < 1e-4) & (largest > before / 4)
        return (step < SWEEPS) & jnp.any(~done)

    start = jnp.full(K.shape[:-2], 1e9)
    Q = jnp.broadcast_to(jnp.eye(n), K.shape)
    _, K, Q, _, _ = jax.lax.while_loop(poor, sweep, (0, K, Q, start, start))
    return K[..., :size, :size], Q[..., :size, :size]


def _rotations(B: Any) -> tuple[Any, Any]:
    """Rotations (…, P, 4, 4) that split antisymmetric 4×4 matrices, and the largest block between.

    As `symplectic_kernels.williamson_points` does: K is x → −(u x + x w) with imaginary quaternions
    u, w, which x → a x b̄ turns to ±i, each by less than a right angle.
    """
    k01, k02, k03 = B[..., 0, 1], B[..., 0, 2], B[..., 0, 3]
    k12, k13, k23 = B[..., 1, 2], B[..., 1, 3], B[..., 2, 3]
    a0, a2, a3 = _half_turn(k01 + k23, k02 - k13, k03 + k12)
    b0, b2, b3 = _half_turn(k01 - k23, k02 + k13, k03 - k12)
    zero = jnp.zeros_like(a0)
    left = [[a0, zero, -a2, -a3], [zero, a0, -a3, a2], [a2, a3, a0, zero], [a3, -a2, zero, a0]]
    right = [[b0, zero, b2, b3], [zero, b0, -b3, b2], [-b2, b3, b0, zero], [-b3, -b2, zero, b0]]
    left, right = (jnp.stack([jnp.stack(row, -1) for row in rows], -2) for rows in (left, right))
    between = jnp.max(jnp.abs(jnp.stack([k02, k03, k12, k13])), axis=0)
    both = jnp.sqrt(jnp.abs(k01 * k23 - k02 * k13 + k03 * k12))
    relative = jnp.where(between > 0, between / jnp.where(both > 0, both, between), 0.0)
    return left @ right, jnp.max(relative, axis=-1)


def _half_turn(x: Any, y: Any, z: Any) -> Any:
    """The quaternion, without a part along i, that turns ±i to (x, y, z), the nearer of the two."""
    real = jnp.sqrt(x * x + y * y + z * z) + jnp.abs(x)
    sign = jnp.where(x >= 0, 1.0, -1.0)
    norm = jnp.sqrt(real * real + y * y + z * z)
    some = jnp.where(norm > 0, norm, 1.0)
    return jnp.where(norm > 0, real / some, 1.0), -sign * z / some, sign * y / some
