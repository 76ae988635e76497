"""Cholesky factors of covariances, and symplectic eigenvalues from them, for whole batches."""

from typing import Any

import numpy as np

from .conventions import symplectic_form


def spectrum(factor: Any, signs: np.ndarray, xp: Any) -> Any:
    """The ν_k > 0, ascending, of the antisymmetric K = LᵀΩL, Ω = ⊕ ±[[0, 1], [−1, 0]]."""
    if len(signs) == 1:
        return (factor[..., 0, 0] * factor[..., 1, 1])[..., None]
    if len(signs) == 2:
        return _spectrum_of_two(factor, signs[0] * signs[1], xp)
    form = symplectic_form(len(signs)) * np.repeat(signs, 2)
    K = xp.swapaxes(factor, -1, -2) @ form @ factor
    known = xp.isfinite(factor[..., -1:, -1:])  # NaN in a factor reaches its last pivot
    K = xp.where(known, K, form)
    levels = xp.linalg.eigvalsh(1j * K)[..., len(signs) :]
    return xp.where(known[..., 0], levels, np.nan)


def _spectrum_of_two(factor: Any, sign: float, xp: Any) -> Any:
    """The same for two modes in closed form; `sign` is that of the second mode's Ω.

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
            rest = cov[..., i, j]
            for k in range(j):
                rest = rest - row[k] * rows[j][k]
            row.append(rest / rows[j][j])
        rest = cov[..., i, i]
        for entry in row:
            rest = rest - entry * entry
        rows.append([*row, root(rest, np.nan, xp)])
    entries = [row[j] if j < len(row) else zero for row in rows for j in range(size)]
    stacked = xp.stack(entries).reshape(size, size, *zero.shape)
    return xp.moveaxis(stacked, (0, 1), (-2, -1))


def root(square: Any, otherwise: float, xp: Any) -> Any:
    """The square root, or `otherwise` at zero and below; its gradient is finite everywhere."""
    low = square <= 0  # false for NaN, which stays NaN
    return xp.where(low, otherwise, xp.sqrt(xp.where(low, 1.0, square)))
