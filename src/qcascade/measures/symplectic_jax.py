"""The JAX route of `qcascade.symplectic`: batched, traceable, differentiable at degeneracies too.

Jacobi's method for antisymmetric matrices, K = Q (⊕ κ_k [[0, 1], [−1, 0]]) Qᵀ (M. H. C.
Paardekooper, Numer. Math. 17, 189 (1971)): N/2 pairs of modes are rotated at a time, so that a step
is a few small products for the whole batch, and no eigenvalue routine waits for a thread.

Derivatives do not go through the iteration. Levels and Q have those of first-order perturbation
theory, with Q left as it is among levels that agree. Sums Σ f(ν_k) have derivatives of their own,
because they are smooth where levels cross while no single level is: the first is the odd function
f'(K), and its derivative has the divided differences of f' between levels (Daletskii, Krein), with
f'' in place of 0/0.
"""

from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..linear.state import quadratures
from .summands import Summand
from .symplectic import EPS, Spectrum, cholesky, spectrum_of_factor

SWEEPS = 30  # of Jacobi's method, which takes six or seven
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
    gap, mean = _differences(levels), _sums(levels)
    same = jnp.abs(gap) <= SAME * mean
    along = jnp.where(same, _sums(curvature) / 2, _differences(slope) / jnp.where(same, 1.0, gap))
    across = _sums(slope) / jnp.where(mean > 0, mean, 1.0)
    kept, turned = _parts(_into_frame(Q, tangents[0]))
    change = _blocks(kept) * along[..., None, None] + _blocks(turned) * across[..., None, None]
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
    gap, mean = _differences(levels), _sums(levels)
    same = jnp.abs(gap) <= SAME * mean
    along = jnp.where(same, _sums(df) / 2, _differences(f) / jnp.where(same, 1.0, gap))
    across = _differences(f) / jnp.where(mean > 0, mean, 1.0)
    kept, turned = _parts(_into_frame(Q, tangents[0]))
    change = _blocks(kept) * along[..., None, None] + _blocks(turned) * across[..., None, None]
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
    rotated, Q = _jacobi(K)
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
    inside = _into_frame(Q, tangents[0])
    gap, mean = -_differences(levels), _sums(levels)
    same = jnp.abs(gap) <= SAME * mean
    kept, turned = _parts(inside)
    along = jnp.where(same, 0.0, 1 / jnp.where(same, 1.0, gap))
    across = jnp.where(mean > 0, 1 / jnp.where(mean > 0, mean, 1.0), 0.0)
    change = _blocks(kept) * along[..., None, None] + _blocks(turned) * across[..., None, None]
    slopes = jnp.diagonal(inside, 1, -2, -1)[..., ::2]
    return (levels, Q), (slopes, Q @ _unblocks(-change @ _J))


def _into_frame(Q: Any, M: Any) -> Any:
    return jnp.swapaxes(Q, -1, -2) @ M @ Q


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


def _parts(M: Any) -> tuple[Any, Any]:
    """What of M commutes with ⊕ J, and what anticommutes."""
    form = np.kron(np.eye(M.shape[-1] // 2), _J)
    turned = form @ M @ form
    return (M - turned) / 2, (M + turned) / 2


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


def _jacobi(K: Any) -> tuple[Any, Any]:
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
        return _into_frame(R, K), R
    orders = _rounds(n // 2)
    rows = (2 * orders[..., None] + np.arange(2)).reshape(len(orders), n)
    back = jnp.asarray(np.argsort(rows, axis=-1))
    rows = jnp.asarray(rows)

    def turn(k: Any, state: Any) -> Any:
        K, Q, largest = state
        here, home = rows[k], back[k]
        B = K[..., here[:, None], here].reshape(*K.shape[:-2], n // 4, 4, n // 4, 4)
        R, between = _rotations(jnp.moveaxis(jnp.diagonal(B, axis1=-4, axis2=-2), -1, -3))
        B = jnp.einsum("...pia,...piqj,...qjb->...paqb", R, B, R).reshape(K.shape)
        Q = jnp.einsum("...npi,...pia->...npa", Q[..., here].reshape(*B.shape[:-1], n // 4, 4), R)
        Q = Q.reshape(K.shape)[..., home]
        return B[..., home[:, None], home], Q, jnp.maximum(largest, between)

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
