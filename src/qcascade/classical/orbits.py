"""Periodic classical motion of networks whose parameters change in time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, fail, listed, number, single
from ..base.keywords import spoken
from ..base.units import has_dimension
from ..slh.rates import seconds
from .branches import stable_fields
from .collocation import LARGEST, Closed, closed, finer, harmonics, tail
from .in_time import MUST, At, Equations, check_alone, check_period, common_period, equations_at
from .motion import start_fields
from .moving import MovingFields
from .periodic_motion import monodromy, relaxed
from .polynomials import PolynomialSystem, dimensionless

FEWEST = 33  # points of a period
NEGLIGIBLE = 1e-13  # the last harmonics, relative to each mode's largest field
SHORTEST = 1e-3  # share of the modulation below which a step ends the way from steady to modulated


@dataclass(frozen=True, eq=False)
class Orbit:
    """Classical motion that returns after a period; a function of time.

    Called with a time or an array of times it gives the fields then, with their rates of change,
    as `linearise` takes them: `linearise(net(t), orbit(t))`.

    Args:
        modes: names of the N modes.
        period: T.
        phases: times of the samples, from zero on, (M,).
        samples: α at the phases, (M, N).
        multipliers: eigenvalues of what a small deviation becomes in a period, (2N,).
        stable: whether they all shrink; of a self-oscillation, all but the one that is 1, a shift
            along the orbit.
    """

    modes: tuple[str, ...]
    period: float
    phases: Any
    samples: Any = field(repr=False)
    multipliers: Any
    stable: bool

    @property
    def fields(self) -> dict[str, Any]:
        """α at the phases, by mode."""
        return {mode: self.samples[:, k] for k, mode in enumerate(self.modes)}

    def __call__(self, t: Any) -> MovingFields:
        """The fields at a time, or at an array of times, and their rates of change.

        Args:
            t: times, of any shape.

        >>> from qcascade import Network, cavity, coherent_drive
        >>> def net(t):
        ...     parts = {"laser": coherent_drive(np.exp(-1j * t)), "m": cavity(decay=2.0)}
        ...     return Network(parts, [("laser.out", "m.in")])
        >>> now = orbit(net, 2 * np.pi)(0.0)
        >>> complex(now["m.a"]).real.__round__(6)                    # −√2/(1 − i)
        -0.707107
        """
        times = number("t", t)
        k, amplitudes = harmonics(self.samples.T)
        turning = 2j * np.pi * k / self.period
        waves = np.exp(turning * times[..., None]) if np.ndim(times) else np.exp(turning * times)
        fields, rates = waves @ amplitudes.T, (waves * turning) @ amplitudes.T
        return MovingFields(
            *({m: x[..., j] for j, m in enumerate(self.modes)} for x in (fields, rates))
        )


@spoken
def orbit(at: At, period: Any = None, *, start: Mapping[str, Any] | Orbit | None = None) -> Orbit:
    """The periodic classical motion of a network whose parameters change in time.

    α̇ as in `linearise`, with coefficients that return after T, and α(t + T) = α(t), by Newton's
    method on α at evenly spaced phases (collocation by trigonometric polynomials, whose number is
    doubled until the last harmonics are below 10⁻¹³); stability by the multipliers (Floquet).

    Args:
        at: function of an array of times (K,) that returns a `Network` whose parameters have
            shape (K,): `lambda t: Network({"laser": coherent_drive(1 + 0.2 * np.cos(t)), …})`;
            or a `Network` whose drives have `tones`.
        period: T, after which the network is the same; a number, or with a unit where rates have
            one. None for that of the tones.
        start: which orbit, where there are several. None is the one that the steady branch of
            least excitation of the averaged equations becomes when the modulation is turned on;
            fields by mode at t = 0 are followed in time until they return; an `Orbit`, of
            parameters nearby, is where Newton's method begins.

    Returns:
        An `Orbit`: fields at any time, multipliers, and whether it is stable.

    Raises:
        ArgumentError: for what is no period, a function that takes no arrays, or an unknown mode.
        ConvergenceError: where no orbit is found, or one that needs too many harmonics (a switch).

    >>> from qcascade import Network, cavity, coherent_drive
    >>> def net(t):
    ...     laser = coherent_drive(1.0 + 0.5 * np.cos(t))
    ...     return Network({"laser": laser, "m": cavity(decay=4.0)}, [("laser.out", "m.in")])
    >>> around = orbit(net, 2 * np.pi)
    >>> abs(around(np.array([0.0, np.pi]))["m.a"]).round(4), around.stable
    (array([1.4, 0.6]), True)
    """
    if not callable(at):
        raise fail("at", MUST, at)
    equations = equations_at(at, np.zeros(2))
    if period is None:
        period = common_period(at)
    if has_dimension(period):
        period = seconds("period", period, equations.rates, equations.measured)
    period = single("period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
    check_alone(at, 0.0, period / 2, equations)
    check_period(at, period, equations)
    points = FEWEST
    if isinstance(start, Orbit):
        if start.modes != equations.modes:
            raise fail("start", f"have the modes {listed(equations.modes)}", listed(start.modes))
        points = max(points, len(start.phases))

    def sampled_at(count: int) -> Equations:
        return equations_at(at, period * np.arange(count) / count, equations)

    sampled = sampled_at(points)
    sizes = natural_sizes(sampled)
    if start is None:
        first = _turned_on(sampled, period, sizes)
    else:
        if isinstance(start, Orbit):
            alpha = finer(start.samples.T, points)
        else:
            alpha = relaxed(sampled, period, start_fields(equations.modes, start), sizes)
        guess = Closed(np.concatenate([alpha, alpha.conj()]), 2 * np.pi / period)
        first = closed(sampled.system, guess, sizes)
    if first is None:
        raise ConvergenceError(
            "No orbit is next to `start`: where the motion is chaotic, or comes back after several "
            "periods or never, there is none; else begin with the orbit of parameters nearby."
        )
    return refined(sampled_at, first, sizes)


def natural_sizes(equations: Equations) -> Any:
    """The unit of every field, (2N,), in which the largest terms of the equations balance.

    Args:
        equations: at some times.
    """
    exponents, c = equations.system
    _, units = dimensionless(PolynomialSystem(exponents, np.abs(c).max(axis=-1)[..., None] + 0j))
    return units.unknowns[:, 0]


def _turned_on(sampled: Equations, period: float, sizes: Any) -> Closed | None:
    """From a steady branch of the averaged equations to the orbit of the modulated ones."""
    exponents, c = sampled.system
    mean = c.mean(axis=-1, keepdims=True)
    alpha = stable_fields(PolynomialSystem(exponents, mean))
    if alpha is None:
        raise ConvergenceError(
            "Without modulation the network has no stable steady fields to begin with: give "
            "`start`, fields by mode at t = 0."
        )
    z = np.concatenate([alpha, alpha.conj()])[:, None] * np.ones(c.shape[-1])
    orbit, strength, step = Closed(z, 2 * np.pi / period), 0.0, 1.0
    while strength < 1:
        step = min(step, 1 - strength)
        system = PolynomialSystem(exponents, mean + (strength + step) * (c - mean))
        after = closed(system, orbit, sizes)
        if after is None:
            step /= 2
            if step < SHORTEST:
                return None
            continue
        orbit, strength, step = after, strength + step, 2 * step
    return orbit


def refined(
    sampled: Callable[[int], Equations], orbit: Closed, sizes: Any, *, free: bool = False
) -> Orbit:
    """An orbit with as many phases as it needs.

    Args:
        sampled: the equations at so many phases.
        orbit: the orbit at some.
        sizes: the unit of every field.
        free: whether its frequency is unknown.

    Raises:
        ConvergenceError: for an orbit that needs too many.
    """
    n, points = orbit.z.shape
    before = np.inf
    while (last_terms := tail(orbit.z, sizes)) > NEGLIGIBLE:
        points = 2 * points - 1
        after = None
        # Harmonics of what is smooth fall off exponentially, of what is switched by a power.
        if n * points <= LARGEST and not (points > 200 and last_terms > before / 8):
            guess = Closed(finer(orbit.z, points), orbit.frequency)
            after = closed(sampled(points).system, guess, sizes, free=free)
        if after is None:
            raise ConvergenceError(
                f"The orbit is not resolved by {orbit.z.shape[1]} phases of a period: where a "
                "parameter is switched, or moves much faster than the period, there is none that "
                "is smooth."
            )
        orbit, before = after, last_terms
    equations, period = sampled(points), float(2 * np.pi / orbit.frequency)
    multipliers = np.linalg.eigvals(monodromy(equations.system, orbit))
    size = np.sort(np.abs(multipliers))
    return Orbit(
        equations.modes,
        period,
        period * np.arange(points) / points,
        orbit.z[: n // 2].T.copy(),
        multipliers,
        bool(size[-2 if free else -1] < 1),
    )
