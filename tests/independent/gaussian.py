"""Steady Gaussian states at fifty digits; quadratures x₁, p₁, x₂, p₂, …, vacuum ½."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.linalg
from mpmath import MPContext

mp = MPContext()  # its own: the precision of other users of mpmath stays theirs
mp.dps = 50

PLANCK, BOLTZMANN, SPEED = mp.mpf("6.62607015e-34"), mp.mpf("1.380649e-23"), mp.mpf(299792458)
HBAR = PLANCK / (2 * mp.pi)


def occupation(frequency: Any, temperature: Any, hbar: Any = HBAR) -> Any:
    """Bose–Einstein, 1/(exp(ħω/k_B T) − 1), ω in rad/s."""
    if temperature == 0:
        return mp.zero
    return 1 / mp.expm1(hbar * frequency / (BOLTZMANN * mp.mpf(temperature)))


def matrix(rows: Any) -> Any:
    """A matrix of exact numbers, from rows or from the entries of a diagonal."""
    return mp.matrix(rows) if isinstance(rows[0], Sequence) else mp.diag(rows)


def in_double(M: Any) -> np.ndarray:
    return np.array(M.tolist(), float)


def growth(A: Any) -> float:
    """max Re λ of the drift."""
    return float(np.linalg.eigvals(in_double(A)).real.max())


def covariance(A: Any, D: Any) -> Any:
    """V of A V + V Aᵀ + D = 0, or None where A grows.

    Each pass solves for what the residual, taken at fifty digits, leaves open.
    """
    if growth(A) >= 0:
        return None
    drift = in_double(A)
    V, missing = mp.zeros(A.rows), D
    for _ in range(12):
        size = mp.mnorm(missing, 1)
        if size < mp.mpf(10) ** -36 * mp.mnorm(D, 1):
            return V
        scaled = in_double(missing / size)
        V = V + size * mp.matrix(scipy.linalg.solve_continuous_lyapunov(drift, -scaled).tolist())
        V = (V + V.T) / 2
        product = A * V
        missing = product + product.T + D
    raise ArithmeticError(f"A residual of {mp.nstr(size, 3)} is left.")


def blocks(V: Any, first: int, second: int) -> tuple[Any, Any, Any, Any]:
    """Determinants of both modes, of their correlations, and of the pair."""
    rows = [2 * first, 2 * first + 1, 2 * second, 2 * second + 1]
    pair = mp.matrix([[V[i, j] for j in rows] for i in rows])
    return mp.det(pair[:2, :2]), mp.det(pair[2:, 2:]), mp.det(pair[:2, 2:]), mp.det(pair)


def margin(V: Any, first: int, second: int) -> Any:
    """−ln 2ν₋ of the partial transpose, ν₋² = (Σ − √(Σ² − 4 det V))/2, Σ = |A| + |B| − 2|C|."""
    a, b, c, whole = blocks(V, first, second)
    total = a + b - 2 * c
    return -mp.log(2 * (total - mp.sqrt(total**2 - 4 * whole))) / 2


def log_negativity(V: Any, first: int, second: int) -> Any:
    """E_N = max(0, −ln 2ν₋), nats."""
    return max(mp.zero, margin(V, first, second))


def symplectic(V: Any, first: int, second: int) -> Any:
    """The smaller symplectic eigenvalue of a pair; below ½ it is no quantum state."""
    a, b, c, whole = blocks(V, first, second)
    total = a + b + 2 * c
    return mp.sqrt((total - mp.sqrt(total**2 - 4 * whole)) / 2)
