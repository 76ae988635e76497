"""Symplectic eigenvalues of covariances and what rounding leaves of them, for whole batches.

Williamson's form V = X Xᵀ with XᵀΩX = ⊕ ν_k [[0, 1], [−1, 0]] starts from the Cholesky factor of V,
which is exact on every mode's own scale, and rotates its columns (Jacobi's method): a quiet mode
keeps its digits beside a loud one, and none are lost in determinants. V itself is known to
ε s_j s_k, s_j = √V_jj, and so ν_k to the part ε w_k, where the w_k = Σ_j V_jj |(X⁻¹)_kj|² share
Tr C⁻¹ (see `uncertainty.resolution`) among the modes.
"""

from typing import Any, NamedTuple

import numpy as np

from ..linear.state import quadratures

UNROLLED = 64  # rows up to which a loop over rows is as good as LAPACK
EPS = float(np.finfo(float).eps)


class Spectrum(NamedTuple):
    """Symplectic eigenvalues, and how far they can be trusted.

    Args:
        levels: ν_k, ascending, shape (…, N); NaN where V is not positive definite.
        error: the part of them that rounding of V may have changed, shape (…, N) or (…, 1).
    """

    levels: Any
    error: Any


def spectrum(cov: Any, modes: Any, signs: Any) -> Spectrum:
    """Symplectic eigenvalues of some modes, with Ω = ⊕ ±[[0, 1], [−1, 0]].

    Args:
        cov: covariances, symmetric, shape (…, 2M, 2M), NumPy; NaN is let through.
        modes: positions of the N modes.
        signs: +1 or, for modes whose p is turned around by partial transposition, −1; shape (N,).

    >>> spectrum(np.diag([6e8, 6e8, 0.5, 0.5]), [0, 1], [1.0, 1.0]).levels
    array([5.e-01, 6.e+08])
    """
    shape, signs = cov.shape[:-2], np.asarray(signs, float)
    if len(modes) == 1:
        rows = quadratures(modes)
        block = cov[..., rows[:, None], rows]
        return spectrum_of_factor(block, cholesky(block, np), signs, np)
    points = np.asarray(cov, float).reshape(-1, *cov.shape[-2:])
    if len(modes) == 2:
        from .gaussian_kernels import levels_of_pairs

        pairs = np.empty((len(points), 3))
        a, b = (2 * k for k in modes)
        levels_of_pairs(points, a, b, signs[0] * signs[1], pairs)
        pairs = pairs.reshape(*shape, 3)
        return Spectrum(pairs[..., :2], pairs[..., 2:])
    levels, weights, _ = _williamson(points, modes, signs)
    shape = *shape, len(modes)
    return Spectrum(levels.reshape(shape), EPS * weights.reshape(shape))


def williamson(cov: Any) -> tuple[Any, Any]:
    """ν_k, ascending, shape (…, N), and X of V = X Xᵀ, XᵀΩX = ⊕ ν_k [[0, 1], [−1, 0]].

    Args:
        cov: covariances, symmetric, shape (…, 2N, 2N), NumPy; NaN where not positive definite.

    >>> levels, X = williamson(np.diag([8.0, 2.0]))
    >>> levels, np.abs(X)
    (array([4.]), array([[2.82842712, 0.        ],
           [0.        , 1.41421356]]))
    """
    size = cov.shape[-1]
    points = np.asarray(cov, float).reshape(-1, size, size)
    levels, _, X = _williamson(points, range(size // 2), np.ones(size // 2))
    return levels.reshape(*cov.shape[:-2], size // 2), X.reshape(cov.shape)


def spectrum_and_form(cov: Any, modes: Any, signs: Any) -> tuple[Any, Any, Any]:
    """Levels and their errors as of `spectrum`, and X of V = X Xᵀ, XᵀΩX = ⊕ ν_k [[0, 1], [−1, 0]].

    Args:
        cov: covariances, symmetric, shape (…, 2M, 2M), NumPy.
        modes: positions of the N modes.
        signs: of Ω, shape (N,).

    >>> levels, _, X = spectrum_and_form(np.diag([8.0, 2.0]), [0], [1.0])
    >>> levels, np.abs(X)
    (array([4.]), array([[2.82842712, 0.        ],
           [0.        , 1.41421356]]))
    """
    shape, size = cov.shape[:-2], 2 * len(modes)
    points = np.asarray(cov, float).reshape(-1, *cov.shape[-2:])
    levels, weights, X = _williamson(points, modes, np.asarray(signs, float))
    levels, error = (x.reshape(*shape, len(modes)) for x in (levels, EPS * weights))
    return levels, error, X.reshape(*shape, size, size)


def _williamson(points: Any, modes: Any, signs: Any) -> tuple[Any, Any, Any]:
    from ..linear.symplectic_kernels import williamson_points

    count, size = len(points), len(modes)
    levels, weights = np.empty((count, size)), np.empty((count, size))
    X = np.empty((count, 2 * size, 2 * size))
    williamson_points(points, quadratures(modes), signs, levels, weights, X)
    return levels, weights, X


def spectrum_of_factor(cov: Any, factor: Any, signs: Any, xp: Any) -> Spectrum:
    """The spectrum of one or two modes from V = L Lᵀ, in closed form."""
    if len(signs) == 1:
        levels = (factor[..., 0, 0] * factor[..., 1, 1])[..., None]
    else:
        levels = _levels_of_two(factor, signs[0] * signs[1], xp)
    return Spectrum(levels, EPS * trace_of_inverse(cov, factor)[..., None])


def _levels_of_two(factor: Any, sign: Any, xp: Any) -> Any:
    """ν₋, ν₊ of the antisymmetric K = LᵀΩL of two modes; `sign` is that of the second mode's Ω.

    An antisymmetric 4×4 matrix splits into two commuting parts, so(4) = su(2) ⊕ su(2),
    K = Σ u_j E_j + Σ w_j F_j, where the E_j and the F_j each multiply like quaternions:
    u·E has the eigenvalues ±i|u|, w·F has ±i|w|, each twice and in every combination.
    So ν± = | |u| ± |w| |. The product ν₊ν₋ = |Pf K| = det L gives ν₋ without cancellation.
    """
    (l00, l11), (l20, l21, l22), (l30, l31, l32, l33) = (
        (factor[..., 0, 0], factor[..., 1, 1]),
        (factor[..., 2, k] for k in range(3)),
        (factor[..., 3, k] for k in range(4)),
    )
    first = l00 * l11
    k12 = first + sign * (l20 * l31 - l30 * l21)
    k13 = sign * (l20 * l32 - l30 * l22)
    k23 = sign * (l21 * l32 - l31 * l22)
    k14, k24, k34 = sign * l20 * l33, sign * l21 * l33, sign * l22 * l33
    u = root((k12 + k34) ** 2 + (k13 - k24) ** 2 + (k14 + k23) ** 2, 0.0, xp) / 2
    w = root((k12 - k34) ** 2 + (k13 + k24) ** 2 + (k14 - k23) ** 2, 0.0, xp) / 2
    return xp.stack([first * l22 * l33 / (u + w), u + w], axis=-1)


def trace_of_inverse(cov: Any, factor: Any) -> Any:
    """Tr C⁻¹ = Σ V_jj (L⁻¹)_kj² with V = L Lᵀ of a few rows, element by element."""
    size, total = cov.shape[-1], 0.0
    rows: list[list[Any]] = []
    for j in range(size):
        inverse = 1 / factor[..., j, j]
        row = []
        for k in range(j):
            remainder = factor[..., j, k] * rows[k][k]
            for i in range(k + 1, j):
                remainder = remainder + factor[..., j, i] * rows[i][k]
            row.append(-remainder * inverse)
        rows.append([*row, inverse])
    for k in range(size):
        share = rows[k][k] ** 2
        for j in range(k + 1, size):
            share = share + rows[j][k] ** 2
        total = total + cov[..., k, k] * share
    return total


def cholesky(cov: Any, xp: Any) -> Any:
    """L with V = L Lᵀ; NaN, not an exception, where V is not positive definite."""
    size = cov.shape[-1]
    if size <= 4:
        return _cholesky_by_entries(cov, xp)
    if xp is not np:
        return xp.linalg.cholesky(cov)
    factor = np.zeros_like(cov)
    for k in range(size):  # column by column, all points of the batch at once
        known = factor[..., k:, :k] @ factor[..., k, :k, None]
        column = cov[..., k:, k] - known[..., 0]
        factor[..., k:, k] = column / root(column[..., :1], np.nan, np)
    return factor


def _cholesky_by_entries(cov: Any, xp: Any) -> Any:
    """Cholesky with one elementwise operation per matrix entry: fast for long batches."""
    size = cov.shape[-1]
    zero = xp.zeros_like(cov[..., 0, 0])
    rows: list[list[Any]] = []
    for i in range(size):
        row: list[Any] = []
        for j in range(i):
            remainder = cov[..., i, j]
            for k in range(j):
                remainder = remainder - row[k] * rows[j][k]
            row.append(remainder / rows[j][j])
        remainder = cov[..., i, i]
        for entry in row:
            remainder = remainder - entry * entry
        rows.append([*row, root(remainder, np.nan, xp)])
    entries = [row[j] if j < len(row) else zero for row in rows for j in range(size)]
    stacked = xp.stack(entries).reshape(size, size, *zero.shape)
    return xp.moveaxis(stacked, (0, 1), (-2, -1))


def solve_lower(factor: Any, right: Any, xp: Any) -> Any:
    """L⁻¹B by forward substitution, row by row for all points: no exception, NaN where L has it.

    Args:
        factor: L, lower triangular, shape (…, n, n).
        right: B, shape (…, n, m).
        xp: NumPy or jax.numpy.
    """
    if factor.shape[-1] > UNROLLED:
        return xp.linalg.solve(factor, right)
    rows: list[Any] = []
    for j in range(factor.shape[-1]):
        remainder = right[..., j, :]
        if rows:
            remainder = remainder - (factor[..., j, None, :j] @ xp.stack(rows, axis=-2))[..., 0, :]
        rows.append(remainder / factor[..., j, j, None])
    return xp.stack(rows, axis=-2)


def root(square: Any, otherwise: float, xp: Any) -> Any:
    """The square root, or `otherwise` at zero and below; its gradient is finite everywhere."""
    low = square <= 0  # false for NaN, which stays NaN
    return xp.where(low, otherwise, xp.sqrt(xp.where(low, 1.0, square)))
