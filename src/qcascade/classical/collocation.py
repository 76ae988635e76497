"""Periodic solutions of classical equations: trigonometric polynomials through M points.

At evenly spaced points θ_j of an odd number, dz/dθ of the polynomial through z(θ_j) is D z with
D_jl = ½(−1)^{j−l}/sin((θ_j − θ_l)/2) (L. N. Trefethen, Spectral Methods in MATLAB (2000), ch. 3),
exact for M/2 harmonics; what is left out of a smooth orbit falls off exponentially.
"""

from typing import Any, NamedTuple

import numpy as np

from .in_time import rates_and_slopes
from .polynomials import PolynomialSystem, stays_near

STEPS = 24  # of Newton's method
STILL = 1e-14  # corrections, relative to each mode's largest field, that end it
DOUBTFUL = 1e-10  # corrections above it are no rounding
LARGEST = 3000  # unknowns


class Closed(NamedTuple):
    """z = (α, ᾱ) at evenly spaced phases, (2N, M), and the angular frequency."""

    z: Any
    frequency: float


def derivative(points: int) -> np.ndarray:
    """D for an odd number of points.

    >>> theta = 2 * np.pi * np.arange(5) / 5
    >>> np.allclose(derivative(5) @ np.sin(2 * theta), 2 * np.cos(2 * theta))
    True
    """
    j = np.arange(points)
    apart = j[:, None] - j
    with np.errstate(divide="ignore"):
        D = 0.5 * (-1.0) ** apart / np.sin(np.pi * apart / points)
    D[j, j] = 0.0
    return D


def closed(
    system: PolynomialSystem, guess: Closed, sizes: Any, *, free: bool = False
) -> Closed | None:
    """The periodic solution next to a guess, by Newton's method; None where it would leap away.

    Args:
        system: the equations at the M phases.
        guess: where to begin.
        sizes: the unit of every field, (2N,), for those that are zero.
        free: whether the frequency is unknown too; the phase at the beginning then is that of the
            guess.
    """
    from scipy.linalg import lu_factor

    z, frequency = guess
    n, M = z.shape
    D = derivative(M)
    along = z @ D.T  # dz/dθ of the guess
    u = np.maximum(np.abs(z).max(axis=1), sizes)[:, None]
    before = np.inf
    for _ in range(STEPS):
        rates, slopes = rates_and_slopes(system, z)
        matrix = np.zeros((n, M, n, M), complex)
        every = np.arange(M)
        for k in range(n):
            matrix[k, :, k, :] = D
        matrix[:, every, :, every] -= np.moveaxis(slopes, -1, 0) / frequency
        matrix = (matrix * u[None, None]) / u[:, :, None, None]
        lhs = matrix.reshape(n * M, n * M)
        if free:  # one more unknown, δω/ω, and no motion along the guess at its beginning
            lhs = np.block(
                [
                    [lhs, (rates / frequency / u).reshape(-1, 1)],
                    [_row(along[:, 0] / u[:, 0], n, M), np.zeros((1, 1))],
                ]
            )
        with np.errstate(all="ignore"):
            factors = lu_factor(lhs, check_finite=False)
            first = _solved(factors, system, z, frequency, D, u, free)
            step = first[: n * M].reshape(n, M)
            z = z - u * step
            z = (z + np.roll(z, n // 2, axis=0).conj()) / 2  # ᾱ = α*, against rounding
            frequency = frequency * (1 - first[-1].real) if free else frequency
            second = _solved(factors, system, z, frequency, D, u, free)
        size, next_size = (float(np.abs(x).max()) for x in (first, second))
        if not np.isfinite(size) or not np.isfinite(next_size):
            return None
        if size <= STILL or (size > before / 4 and size < DOUBTFUL):
            return Closed(z, frequency)
        if size >= DOUBTFUL and not stays_near(size, next_size):
            return None
        before = size
    return None


def _row(direction: Any, n: int, M: int) -> Any:
    """Scalar product of a step at the first phase with a direction."""
    row = np.zeros((n, M), complex)
    row[:, 0] = direction.conj()
    return row.reshape(1, -1)


def _solved(
    factors: Any, system: PolynomialSystem, z: Any, frequency: float, D: Any, u: Any, free: bool
) -> Any:
    from scipy.linalg import lu_solve

    rates, _ = rates_and_slopes(system, z)
    residual = ((z @ D.T - rates / frequency) / u).reshape(-1)
    return lu_solve(factors, np.append(residual, 0.0) if free else residual, check_finite=False)


def harmonics(z: Any) -> tuple[Any, Any]:
    """Numbers k and amplitudes of e^{ikθ}, (…, M), of what is known at M phases.

    Args:
        z: (…, M), M odd.
    """
    M = z.shape[-1]
    return np.fft.fftfreq(M, 1 / M), np.fft.fft(z) / M


def finer(z: Any, points: int) -> Any:
    """The same trigonometric polynomial at more phases.

    Args:
        z: (…, M).
        points: odd.
    """
    k, amplitudes = harmonics(z)
    wide = np.zeros((*z.shape[:-1], points), complex)
    wide[..., k.astype(int)] = amplitudes
    return np.fft.ifft(wide) * points


def tail(z: Any, sizes: Any) -> float:
    """The largest of the last quarter of the harmonics, relative to each mode's largest field.

    Args:
        z: (n, M).
        sizes: below 1e-6 of which a field is nothing, (n,).
    """
    k, amplitudes = harmonics(z)
    last = np.abs(amplitudes)[:, np.abs(k) > 3 / 8 * z.shape[-1]].max(axis=1)
    return float((last / np.maximum(np.abs(z).max(axis=1), 1e-6 * sizes)).max())
