"""Classical motion under coefficients that repeat: integrated until it returns, and its slopes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError
from .collocation import Closed, harmonics
from .in_time import Equations, rates_and_slopes
from .motion import integrated
from .polynomials import PolynomialSystem

RETURNED = 1e-3  # change over a period, relative to each mode's largest field
LONGEST = 1000  # periods that are waited for a return
UNBOUND = 1e9  # in natural units of the fields
QUIET = 1e-15  # harmonics below it, relative to the largest, are rounding


def interpolated(values: Any, frequency: float) -> Callable[[float], Any]:
    """A function of time through values at evenly spaced phases of a period.

    Args:
        values: (…, M).
        frequency: 2π over the period.
    """
    k, amplitudes = harmonics(values)
    size = np.abs(amplitudes).reshape(-1, len(k))
    heard = np.any(size > QUIET * size.max(axis=1, keepdims=True, initial=1e-300), axis=0)
    turning, waves = 1j * k[heard] * frequency, np.ascontiguousarray(amplitudes[..., heard])
    return lambda t: waves @ np.exp(turning * t)


def relaxed(equations: Equations, period: float, alpha: Any, sizes: Any) -> Any:
    """α at the phases of a period, (N, M), when the motion from α has come to return.

    Args:
        equations: at M phases.
        period: of them.
        alpha: fields at t = 0, (N,).
        sizes: the unit of every field, (2N,).

    Raises:
        ConvergenceError: where it does not return.
    """
    exponents, c = equations.system
    N, M = len(c) // 2, c.shape[-1]
    at, units = interpolated(c[:N], 2 * np.pi / period), sizes[:N]

    def rates(t: float, y: Any) -> Any:
        z = units * y
        z = np.concatenate([z, z.conj()])[:, None]
        now = PolynomialSystem(exponents, at(t * period)[..., None])
        return rates_and_slopes(now, z)[0][:, 0] * period / units

    y = alpha / units
    begun = np.abs(y).max()
    phases = np.arange(M) / M
    for _ in range(LONGEST):
        run = integrated(rates, y, 1.0, dense=True)
        after = run.y[:, -1]
        if np.abs(after).max() > UNBOUND * max(1.0, begun):
            raise ConvergenceError("The classical motion from `start` grows without bound.")
        largest = np.maximum(np.abs(run.y).max(axis=1), 1e-6)
        if np.all(np.abs(after - y) <= RETURNED * largest):
            return run.sol(phases) * units[:, None]
        y = after
    raise ConvergenceError(
        f"The classical motion does not return within {LONGEST} periods: it may be chaotic, or "
        "oscillate by itself at another frequency."
    )


def monodromy(system: PolynomialSystem, orbit: Closed) -> Any:
    """What a small deviation δz becomes in a period, δz(T) = M δz(0), (2N, 2N).

    Args:
        system: the equations at the phases of the orbit.
        orbit: the orbit.
    """
    _, slopes = rates_and_slopes(system, orbit.z)
    n, period = len(orbit.z), 2 * np.pi / orbit.frequency
    at = interpolated(slopes, orbit.frequency)
    units = np.maximum(np.abs(orbit.z).max(axis=1), 1e-12 * np.abs(orbit.z).max() + 1e-300)
    turned = units / units[:, None]

    def rates(t: float, y: Any) -> Any:
        return ((at(t * period) * turned) @ y.reshape(n, n)).reshape(-1) * period

    run = integrated(rates, np.eye(n, dtype=complex).reshape(-1), 1.0)
    return run.y[:, -1].reshape(n, n)
