"""Classical motion under coefficients that repeat: integrated until it returns, and its slopes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError
from ..numerics.time_steps import EARLY, LATE, NODES
from .collocation import Closed, harmonics
from .in_time import Equations, rates_and_slopes
from .motion import integrated
from .polynomials import PolynomialSystem

RETURNED = 1e-3  # change over a period, relative to each mode's largest field
LONGEST = 1000  # periods that are waited for a return
UNBOUND = 1e9  # in natural units of the fields
QUIET = 1e-15  # harmonics below it, relative to the largest, are rounding
FEWEST, MOST = 64, 2**18  # steps of a period for the multipliers
CLOSE = 1e-11  # change of M that is none
TERMS = 14  # of a Taylor sum
LARGEST = 690.0  # logarithm of what a multiplier is told as at most
SLOW = 1e4  # fastest decay times in a period above which steps must not be counted by them
PATIENCE = 200_000  # looks at the rates in one such period


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
    size = np.concatenate([units, units])
    per_period = np.abs(c).max(axis=-1) @ np.prod(size**exponents, axis=1) / size * period
    slow = per_period.max() > SLOW
    for _ in range(LONGEST):
        way, at_phases = (_slowly if slow else _followed)(rates, y)
        after = way[:, -1]
        if np.abs(after).max() > UNBOUND * max(1.0, begun):
            raise ConvergenceError("The classical motion from `start` grows without bound.")
        largest = np.maximum(np.abs(way).max(axis=1), 1e-6)
        if np.all(np.abs(after - y) <= RETURNED * largest):
            return at_phases(phases) * units[:, None]
        y = after
    raise ConvergenceError(
        f"The classical motion does not return within {LONGEST} periods: it may be chaotic, or "
        "oscillate by itself at another frequency."
    )


def _slowly(rates: Callable[[float, Any], Any], y: Any) -> tuple[Any, Callable[[Any], Any]]:
    """y after a period of very many decay times, and y at phases: steps as y moves, no shorter."""
    from scipy.integrate import solve_ivp

    N, looks = len(y), 0

    def watched(t: float, parts: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks > PATIENCE:
            raise ConvergenceError(
                "The classical motion from `start` does not come to follow the modulation: it goes "
                f"on by itself, and had to be looked at {PATIENCE:,} times by t = {t:.2g} periods."
            )
        rate = rates(t, parts[:N] + 1j * parts[N:])
        return np.concatenate([rate.real, rate.imag])

    parts = np.concatenate([y.real, y.imag])
    with np.errstate(over="ignore", invalid="ignore"):
        # Implicit, of fifth order, in real numbers: ᾱ stands in the equations.
        run = solve_ivp(watched, (0, 1), parts, "Radau", rtol=1e-6, atol=1e-6, dense_output=True)
    if not run.success or not np.all(np.isfinite(run.y[:, -1])):
        raise ConvergenceError("The classical motion from `start` grows without bound.")
    return run.y[:N] + 1j * run.y[N:], lambda t: run.sol(t)[:N] + 1j * run.sol(t)[N:]


def _followed(rates: Callable[[float, Any], Any], y: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The same for a period of some decay times."""
    run = integrated(rates, y, 1.0, dense=True)
    return run.y, run.sol


def monodromy(system: PolynomialSystem, orbit: Closed) -> Any:
    """What a small deviation δz becomes in a period, δz(T) = M δz(0), (2N, 2N).

    Steps of fourth order, exact where nothing changes, so that a period of millions of decay times
    takes no more of them than the slowness of the change asks for; their number is doubled until
    Richardson's extrapolation of M no longer changes, relative to the larger of ‖M‖ and 1.

    Args:
        system: the equations at the phases of the orbit.
        orbit: the orbit.

    Raises:
        ConvergenceError: where that takes more steps than `MOST`.
    """
    _, slopes = rates_and_slopes(system, orbit.z)
    period = 2 * np.pi / orbit.frequency
    units = np.maximum(np.abs(orbit.z).max(axis=1), 1e-12 * np.abs(orbit.z).max() + 1e-300)
    J = slopes * (period * units / units[:, None])[..., None]  # z in units of itself, t in periods
    steps = FEWEST
    while steps < 2 * J.shape[-1]:
        steps *= 2
    before, last, off = _product(J, steps), None, np.inf
    while steps < MOST:
        steps *= 2
        after = _product(J, steps)
        flow = after + (after - before) / 15
        if last is not None:
            scale = max(float(np.abs(flow).max()), 1.0)
            off = float(np.abs(flow - last).max()) / scale
            if off <= CLOSE:
                return flow
        before, last = after, flow
    raise ConvergenceError(
        f"The multipliers of the orbit are known to {off:.1g} only after {MOST:,} steps: the "
        "period is too long beside the rates at which deviations turn."
    )


def _product(J: Any, steps: int) -> Any:
    """M out of so many steps, from J at the phases of a period, (n, n, M)."""
    early, late = (_shifted(J, steps, share) / steps for share in NODES)
    # The first exponential weighs the earlier node more, the second the later.
    every = np.stack([EARLY * early + LATE * late, LATE * early + EARLY * late], axis=1)
    chain, size = _exponentials(every.reshape(-1, *every.shape[2:]))
    while len(chain) > 1:
        chain, size = _scaled(chain[1::2] @ chain[::2], size[1::2] + size[::2])
    return chain[0] * np.exp(min(float(size[0]), LARGEST))


def _scaled(chain: Any, size: Any) -> tuple[Any, Any]:
    """Matrices divided by their largest elements, and the logarithms of what was divided out."""
    largest = np.maximum(np.abs(chain).max(axis=(1, 2)), 1e-300)
    return chain / largest[:, None, None], size + np.log(largest)


def _shifted(J: Any, steps: int, share: float) -> Any:
    """J at (j + share)/steps of a period, (steps, n, n), by its trigonometric polynomial."""
    k, amplitudes = harmonics(J)
    wide = np.zeros((*J.shape[:-1], steps), complex)
    wide[..., k.astype(int)] = amplitudes * np.exp(2j * np.pi * k * share / steps)
    return np.moveaxis(np.fft.ifft(wide) * steps, -1, 0)


def _exponentials(X: Any) -> tuple[Any, Any]:
    """e^X of many matrices (K, n, n), scaled: Taylor's sum at ‖X‖ ≤ ½, then squared again."""
    norm = float(np.abs(X).sum(axis=-1).max())
    squarings = max(0, int(np.ceil(np.log2(max(norm, 1e-300)))) + 1)
    X = X / 2.0**squarings
    one = np.eye(X.shape[-1])
    exponential = one + X / TERMS
    for k in range(TERMS - 1, 0, -1):
        exponential = one + (X @ exponential) / k
    size = np.zeros(len(X))
    for _ in range(squarings):
        exponential, size = _scaled(exponential @ exponential, 2 * size)
    return exponential, size
