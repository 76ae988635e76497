"""V = ΦVΦᵀ + Q: what a map leaves unchanged when it is repeated, by doubling."""

from typing import NamedTuple

import numpy as np

DOUBLINGS = 60
"""2⁶⁰ repetitions: more than a multiplier of 1 − 10⁻¹⁶ needs to be forgotten."""

UNDECIDED = 1e-13
"""A multiplier so near to 1 cannot be told from it."""


class Repeated(NamedTuple):
    """V (…, n, n), NaN where nothing is left unchanged, and the eigenvalues of Φ, (…, n)."""

    cov: np.ndarray
    stable: np.ndarray
    multipliers: np.ndarray


def solve_periodic(Phi: np.ndarray, Q: np.ndarray) -> Repeated:
    """V = Q + ΦQΦᵀ + Φ²QΦ²ᵀ + …, twice as many terms with every step (R. A. Smith,
    SIAM J. Appl. Math. 16, 198 (1968)): V ← V + ΦVΦᵀ, Φ ← Φ².

    Every term is positive, so that nothing cancels and each quadrature keeps its digits.

    Args:
        Phi: maps (…, n, n).
        Q: symmetric, positive, (…, n, n).

    >>> Phi, Q = np.array([[0.5]]), np.array([[0.75]])
    >>> solve_periodic(Phi, Q).cov
    array([[1.]])
    """
    multipliers = np.linalg.eigvals(Phi)
    stable = np.abs(multipliers).max(axis=-1) < 1 - UNDECIDED
    power = np.where(stable[..., None, None], Phi, 0.0)
    V = np.where(stable[..., None, None], Q, 0.0)
    for _ in range(DOUBLINGS):
        more = power @ V @ np.swapaxes(power, -1, -2)
        V = V + more
        width = np.sqrt(np.diagonal(V, axis1=-2, axis2=-1))
        size = np.maximum(width[..., :, None] * width[..., None, :], 1e-300)
        if not np.any(np.abs(more) > 1e-17 * size):
            break
        power = power @ power
    V = (V + np.swapaxes(V, -1, -2)) / 2
    return Repeated(np.where(stable[..., None, None], V, np.nan), stable, multipliers)
