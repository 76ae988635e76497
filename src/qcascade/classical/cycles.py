"""Where the classical motion of a network ends when no branch is stable: limit cycles."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail, number
from ..base.keywords import spoken
from ..slh.component import Component
from ..slh.network import Network
from ..slh.rates import fastest_rate, seconds
from .branches import checked
from .collocation import Closed, closed
from .in_time import Equations
from .linearise import classical_equations
from .motion import Motion, integrated, motion, start_fields
from .orbits import Orbit, natural_sizes, refined
from .polynomials import PolynomialSystem, as_system, flat

POINTS = 65  # of a period, to begin with


class LimitCycle(NamedTuple):
    """Where the classical motion of a network ends.

    Args:
        numbers: time average of |α_k|² after the transient, by mode.
        fields: α at the end, by mode.
        steady: whether nothing moves any more, to 1e-6 of each mode's largest field (or a
            thousandth of the largest of all, in natural units).
        periodic: whether the motion came back to where it was, to 1e-3 of its extent, first
            and last time alike.
        period: of the motion; NaN unless periodic.
        orbit: the motion as an `Orbit` to linearise around; None unless it is periodic, and returns
            exactly.
    """

    numbers: dict[str, float]
    fields: dict[str, complex]
    steady: bool
    periodic: bool
    period: float
    orbit: Orbit | None = None


@spoken
def limit_cycle(
    net: Network | Component, start: Mapping[str, Any], time: Any, *, transient: Any = None
) -> LimitCycle:
    """Integrates the classical equations: where a network goes that has no stable branch.

    α̇ as in `linearise`, by SciPy's DOP853 with rtol = 1e-9 and atol = 1e-9 of each mode's natural
    size, in units of the fastest rate. A periodic motion is averaged over whole periods. A start
    on an unstable branch itself stays there until rounding drives it off: start beside it.

    Nothing holds the phase of a self-oscillation (a multiplier is 1): noise moves it ever further
    along its `orbit`, so that there is no periodic state around it, while `evolve` tells how fast.

    Args:
        net: the network (or a part), one point.
        start: α by mode; modes left out start at zero.
        time: how long to integrate, in the inverse unit of the rates, or as text, "1 us".
        transient: the part of `time` left out at the beginning; half of it if not given.

    Returns:
        Mean photon numbers, last fields, and whether the motion is steady or periodic.

    Raises:
        ArgumentError: for a batch of points, an unknown mode, times that are not positive, or
            motion that cannot be integrated.

    >>> from qcascade import Network, cavity, coherent_drive
    >>> net = Network({"laser": coherent_drive(1.0), "m": cavity(decay=4.0)},
    ...               [("laser.out", "m.in")])
    >>> end = limit_cycle(net, {}, time=20.0)
    >>> round(end.numbers["m.a"], 6), end.steady                 # |2β|²/κ
    (1.0, True)
    """
    part, batch = checked(net)
    if batch:
        raise fail("net", "be one point, without leading axes", batch)
    speed = fastest_rate(part.H, part.L)
    beside = speed, part.rates.measured is not None
    time = _positive("time", seconds("time", time, *beside))
    transient = transient if transient is None else seconds("transient", transient, *beside)
    transient = time / 2 if transient is None else _positive("transient", transient)
    if transient >= time:
        raise fail("transient", f"be shorter than `time` ({time:g})", transient)
    N = len(part.modes)
    system = as_system([flat(p, ()) for p in classical_equations(part)], 1)
    flow = motion(system.exponents, system.coefficients[..., 0])

    def rates(t: float, y: Any) -> Any:
        """Of the fields, and of ∫|α|²dt."""
        alpha = y[:N]
        return np.concatenate([flow.rates(t, alpha), (alpha * alpha.conj()).real])

    begin = np.concatenate([start_fields(part.modes, start) / flow.fields, np.zeros(N)])
    z0 = integrated(rates, begin, transient * flow.fastest).y[:, -1]
    z0[N:] = 0.0
    sheet = _through(z0[:N], flow.rates(0.0, z0[:N]))
    watched = (time - transient) * flow.fastest
    orbit = integrated(rates, z0, watched, events=sheet)
    extent = (np.abs(orbit.y[:N] - z0[:N, None]) / _largest(orbit, N)[:, None]).max()
    times, returns = _returns(orbit, z0[:N], 1e-3 * extent)
    steady = bool(extent < 1e-6)
    periodic = bool(not steady and len(times) > 1)
    if periodic:
        mean = (returns[-1, N:] - returns[0, N:]).real / (times[-1] - times[0])
    else:
        mean = orbit.y[N:, -1].real / watched
    numbers = mean * flow.fields**2
    period = float(np.mean(np.diff(times))) / flow.fastest if periodic else float("nan")
    closed_orbit = _closed(part.modes, system, flow, orbit.y[:N, -1], period) if periodic else None
    return LimitCycle(
        dict(zip(part.modes, numbers.tolist(), strict=True)),
        dict(zip(part.modes, (orbit.y[:N, -1] * flow.fields).tolist(), strict=True)),
        steady,
        periodic,
        period,
        closed_orbit,
    )


def _closed(
    modes: tuple[str, ...], system: PolynomialSystem, flow: Motion, begin: Any, period: float
) -> Orbit | None:
    """The periodic motion from where it is, found anew by collocation; None where it is none."""
    exponents, c = system

    def sampled(points: int) -> Equations:
        return Equations(modes, PolynomialSystem(exponents, np.repeat(c, points, axis=-1)))

    turn = period * flow.fastest
    run = integrated(flow.rates, begin, turn, dense=True)
    alpha = run.sol(turn * np.arange(POINTS) / POINTS) * flow.fields[:, None]
    guess = Closed(np.concatenate([alpha, alpha.conj()]), 2 * np.pi / period)
    sizes = natural_sizes(sampled(1))
    closed_orbit = closed(sampled(POINTS).system, guess, sizes, free=True)
    try:
        return None if closed_orbit is None else refined(sampled, closed_orbit, sizes, free=True)
    except ConvergenceError:
        return None


def _positive(name: str, value: Any) -> float:
    value = number(name, value)
    if np.ndim(value) or value <= 0:
        raise fail(name, "be a number above zero", value)
    return float(value)


def _through(origin: Any, normal: Any) -> Any:
    """The event of crossing, in the direction of motion, the plane through a point."""

    def sheet(_: float, y: Any) -> float:
        return float(np.vdot(normal, y[: len(origin)] - origin).real)

    sheet.direction = 1.0  # type: ignore[attr-defined]
    return sheet


def _largest(orbit: Any, N: int) -> Any:
    """Largest field of every mode; a field that only rounding has filled is no motion."""
    largest = np.abs(orbit.y[:N]).max(axis=1)
    return np.maximum(largest, 1e-3 * largest.max() + 1e-300)


def _returns(orbit: Any, origin: Any, near: float) -> tuple[Any, Any]:
    """Times and states at which the orbit came back to its origin, if it did so to the end."""
    times, states = orbit.t_events[0], np.reshape(orbit.y_events[0], (-1, len(orbit.y)))
    N = len(origin)
    back = (np.abs(states[:, :N] - origin) / _largest(orbit, N)).max(axis=1, initial=0.0) < near
    times, states = times[back], states[back]
    gaps = np.diff(times)
    if gaps.size < 2 or max(gaps.max(), orbit.t[-1] - times[-1]) > 1.5 * gaps.min():
        return times[:0], states[:0]
    return times, states
