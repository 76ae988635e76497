"""Pulses: the mode u(t) of a travelling field that light of one shape occupies."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from ..base.checks import check_broadcast, complex_number, fail, number, one_of
from ..base.keywords import spoken
from ..base.units import angle, angular, duration, has_dimension, known, quantity
from ..slh.rates import seconds
from .envelopes import ENVELOPES, FAR, GRADES, Envelope, Of, of_function, of_samples

FORMULAS = {
    "gaussian": "|u|² normal with standard deviation σ = width",
    "sech": "u = sech(t/w)/√(2w), w = width",
    "square": "|u|² = 1/width for |t| < width/2",
    "exponential": "|u|² = exp(−t/w)/w for t > 0, w = width",
    "rising": "|u|² = exp(t/w)/w for t < 0, w = width",
}
"""What width means, with t counted from the centre."""
LEAST = 2.0**-33
"""Share of a pulse that a cavity keeps where its rate would be infinite."""


@dataclass(frozen=True, eq=False, repr=False)
class Pulse:
    """A normalised mode u(t) of a travelling field, ∫|u|² dt = 1; made by `pulse`.

    Args:
        shape: its name.
        width: of the shape.
        centre: time from which the shape is counted.
        detuning: δ, and
        chirp: β, and
        phase: φ of u ∝ e^{i(φ − δt − βt²/2)}.
        envelope: the shape.
    """

    shape: str
    width: Any
    centre: Any
    detuning: Any
    chirp: Any
    phase: Any
    envelope: Envelope

    def __repr__(self) -> str:
        given = {"width": self.width, "centre": self.centre}
        given |= {
            name: value
            for name in ("detuning", "chirp", "phase")
            if np.any(value := getattr(self, name))
        }
        words = ", ".join(f"{name}={_short(value)}" for name, value in given.items())
        return f"pulse({self.shape!r}, {words})"

    def __str__(self) -> str:
        first, last = self.span
        rows = [
            ("shape", FORMULAS.get(self.shape, f"{self.shape}, normalised")),
            ("width", _short(self.width)),
            ("centre", _short(self.centre)),
            ("span", f"{first:.6g} to {last:.6g}: all but {FAR:.0e}"),
        ]
        if np.any(self.detuning) or np.any(self.chirp):
            rows.append(
                ("light", f"at ω = {_short(self.detuning)} + {_short(self.chirp)} (t − centre)")
            )
        return "\n".join(f"{name:<8}{text}" for name, text in rows)

    @property
    def span(self) -> tuple[float, float]:
        """Times between which all of the pulse lies, but for a share of 10⁻²⁴ at most."""
        ends = [np.asarray(self.centre + self.width * x) for x in self.envelope.span]
        return float(ends[0].min()), float(ends[1].max())

    @property
    def knots(self) -> tuple[float, ...]:
        """Times from the first to the last of the span, so close that nobody steps over u."""
        every = np.multiply.outer(np.array(self.envelope.knots), self.width) + self.centre
        return tuple(np.unique(every).tolist())

    @property
    def breaks(self) -> tuple[float, ...]:
        """Times for `breaks=`: where u jumps, and steps to where a cavity's rate is infinite."""
        shape = self.envelope
        (first, last), (enters, leaves) = shape.span, shape.singular
        places = [np.array(shape.breaks)]
        places += [first + (last - first) * GRADES] if enters else []
        places += [last - (last - first) * GRADES] if leaves else []
        every = np.multiply.outer(np.unique(np.concatenate(places)), self.width) + self.centre
        return tuple(np.unique(every).tolist())

    def amplitude(self, t: Any) -> Any:
        """u(t), complex, in rate^½; a coherent pulse is `coherent_drive(alpha * p.amplitude(t))`.

        Args:
            t: time, a number or array, or with a unit.
        """
        x, tau = self._at(t)
        return self.envelope.amplitude(x) * self._turned(tau) / np.sqrt(self.width)

    def before(self, t: Any) -> Any:
        """∫ |u|² from −∞ to t, to many digits of itself.

        Args:
            t: time, a number or array, or with a unit.
        """
        return self.envelope.before(self._at(t)[0])

    def after(self, t: Any) -> Any:
        """∫ |u|² from t to ∞, to many digits of itself.

        Args:
            t: time, a number or array, or with a unit.
        """
        return self.envelope.after(self._at(t)[0])

    def release(self, t: Any) -> Any:
        """g with L = g a of the cavity that lets the pulse out, g = u/√(∫_t^∞|u|²).

        Args:
            t: time, a number or array, or with a unit.
        """
        shape = self.envelope
        return self._coupling(t, shape.leaving, shape.after, shape.singular[1])

    def capture(self, t: Any) -> Any:
        """g with L = g a of the cavity that takes the pulse in, g = −u/√(∫_{−∞}^t|u|²).

        Args:
            t: time, a number or array, or with a unit.
        """
        shape = self.envelope
        return -self._coupling(t, shape.entering, shape.before, shape.singular[0])

    def _coupling(self, t: Any, hazard: Of, share: Of, singular: bool) -> Any:
        x, tau = self._at(t)
        u = self.envelope.amplitude(x)
        size = np.abs(u)
        rate = size**2 / (share(x) + LEAST) if singular else hazard(x)
        direction = np.where(size > 0, u, 1.0) / np.where(size > 0, size, 1.0)
        return np.sqrt(rate / self.width) * direction * self._turned(tau)

    def _turned(self, tau: Any) -> Any:
        return np.exp(1j * (self.phase - self.detuning * tau - self.chirp * tau**2 / 2))

    def _at(self, t: Any) -> tuple[np.ndarray, np.ndarray]:
        # Of a pulse in plain numbers there is no saying how long a microsecond is.
        given = seconds("t", t, 1 / self.width, has_dimension(self.width))
        tau = np.asarray(number("t", given)) - self.centre
        return tau / self.width, tau


@spoken
def pulse(
    shape: Any,
    *,
    width: Any = None,
    centre: Any = 0.0,
    times: Any = None,
    detuning: Any = 0.0,
    chirp: Any = 0.0,
    phase: Any = 0.0,
) -> Pulse:
    """A mode u(t) of a travelling field, ∫|u|² dt = 1: the shape of a photon, or of other light.

    With τ = t − centre and w the width, u = |u| e^{i(φ − δτ − βτ²/2)}, light at the frequency
    δ + βτ, and |u|² is e^{−τ²/2w²}/√(2π)w ("gaussian": w is its standard deviation),
    sech²(τ/w)/2w ("sech"; its ends fall at the rate Γ = 2/w), 1/w for |τ| < w/2 ("square"),
    e^{−τ/w}/w for τ > 0 ("exponential", as an emitter of the rate 1/w decays) or e^{τ/w}/w for
    τ < 0 ("rising"). A. H. Kiilerich and K. Mølmer, Phys. Rev. Lett. 123, 123604 (2019).

    Args:
        shape: one of these names; or a function of an array of times; or samples of u, (K,),
            which a cubic spline joins. Both may be complex, and are normalised.
        width: w, in the inverse unit of the rates, or with a unit; of samples at even
            distances how long they last.
        centre: time that τ is counted from.
        times: of samples, increasing, (K,); of a function (first, …, last), beyond which it is
            zero, with those between them at which it jumps or has a kink.
        detuning: δ, angular frequency.
        chirp: β, by which the frequency rises per time, in angular frequency squared.
        phase: φ, radians or with a unit.

    Returns:
        A record with `amplitude(t)`, `before(t)` and `after(t)` (∫|u|² up to t, and from t on),
        the couplings `release(t)` and `capture(t)` of cavities that let it out and take it in,
        `span`, and `breaks` for `evolve`. Numbers may be arrays, which broadcast.

    Raises:
        ArgumentError: for a width that is not above zero, a name that is none, times that do
            not increase, or a shape that is no number, or zero everywhere.

    >>> p = pulse("gaussian", width=0.5, centre=1.0)
    >>> abs(p.amplitude(1.0)).round(6).item(), p.before(1.0).item()
    (0.893244, 0.5)
    >>> print(p)
    shape   |u|² normal with standard deviation σ = width
    width   0.5
    centre  1
    span    -4.1 to 6.1: all but 1e-24
    """
    omega, phi = angular("detuning", detuning), angle("phase", phase)
    beta = quantity("chirp", chirp, "rad/s**2")
    middle = number("centre", duration("centre", centre))
    if isinstance(shape, str):
        one_of("shape", shape, ENVELOPES, "a function, samples, or one of")
        if times is not None:
            raise fail("times", "be left out beside the name of a shape", times)
        name, envelope, w = shape, ENVELOPES[shape](), _width(width)
    elif width is not None:
        if callable(shape) or times is not None:
            raise fail("width", "be left out where there are `times`", width)
        samples = _samples(shape)
        name, w = "samples", _width(width)
        envelope = of_samples(samples, np.linspace(-0.5, 0.5, len(samples)))
    else:
        w, when = np.float64(1.0), _times(times)
        if np.any(middle):
            raise fail("centre", "be left out where there are `times`", centre)
        if callable(shape):
            name, envelope = "function", of_function(_finite(shape), when)
        else:
            samples = _samples(shape)
            if len(samples) != len(when):
                raise fail("times", f"be {len(samples)} times, one for each sample", len(when))
            name, envelope = "samples", of_samples(samples, when)
    given = {"width": w, "centre": middle, "detuning": omega, "chirp": beta, "phase": phi}
    check_broadcast({key: np.shape(value) for key, value in given.items()})
    w, middle = known(w, width), known(middle, centre)
    return Pulse(name, w, middle, omega, beta, phi, envelope)


def checked_pulse(name: str, value: Any) -> Pulse:
    """A pulse, or an error that names the argument.

    Args:
        name: of the argument.
        value: anything.

    Raises:
        ArgumentError: for anything else.
    """
    if not isinstance(value, Pulse):
        raise fail(name, "be a pulse from `qc.pulse`", value)
    return value


def begins(pulse: Pulse, share: float) -> float:
    """When so much of a pulse has come.

    Args:
        pulse: one pulse.
        share: of it, above zero.
    """
    low, high = pulse.span
    behind = (1,) * np.ndim(pulse.width + pulse.centre)
    for _ in range(6):  # the 64th part each time
        times = np.linspace(low, high, 65)
        late = pulse.before(times.reshape(-1, *behind)).reshape(len(times), -1).max(axis=1) > share
        first = int(np.argmax(late[1:-1])) if late[1:-1].any() else len(times) - 2
        low, high = times[first], times[first + 1]
    return float(low)


def _width(width: Any) -> Any:
    if width is None:
        raise fail("width", "be a number above zero", width)
    w = number("width", duration("width", width))
    if not np.all(w > 0):
        raise fail("width", "be a number above zero", width)
    return w


def _samples(shape: Any) -> np.ndarray:
    samples = np.asarray(complex_number("shape", shape))
    if samples.ndim != 1 or len(samples) < 2:
        must = f"be one of {', '.join(ENVELOPES)}; or a function of time, or samples (K,)"
        raise fail("shape", must, shape)
    if not np.any(samples):
        raise fail("shape", "not be zero everywhere", shape)
    return samples


def _times(times: Any) -> np.ndarray:
    must = "be increasing times (first, …, last), beside a function or samples"
    if not isinstance(times, list | tuple | np.ndarray):
        raise fail("times", must, times)
    when = np.atleast_1d(number("times", duration("times", times)))
    if when.ndim != 1 or len(when) < 2 or np.any(np.diff(when) <= 0):
        raise fail("times", must, times)
    return when


def _finite(shape: Callable[[Any], Any]) -> Callable[[Any], np.ndarray]:
    """The function, whose answers are looked at."""

    @wraps(shape)
    def looked_at(x: np.ndarray) -> np.ndarray:
        try:
            values = np.asarray(shape(x))
        except (TypeError, ValueError) as error:
            raise fail("shape", "be a function of an array of times", shape, f"{error}") from error
        if values.dtype.kind not in "biufc" or not np.all(np.isfinite(values)):
            raise fail("shape", "give finite numbers, real or complex", values)
        if values.ndim and values.shape != np.shape(x):
            raise fail("shape", "give one number for every time", f"shape {values.shape}")
        return np.broadcast_to(values, np.shape(x)) + 0j

    return looked_at


def _short(value: Any) -> str:
    if np.ndim(value):
        return f"array {np.shape(value)}"
    return f"{float(value):.6g}"
