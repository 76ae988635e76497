"""Travelling modes of an output: what a filter or a pulse takes of the field, and what two share.

    a_f(t) = ∫ f(τ) b_out(t − τ) dτ,    ∫|f|² dτ = 1,    [a_j, a_k†] = ∫ f_j(τ) f_k*(τ) dτ.

A filter of width w (FWHM of |f(ω)|², energy) at the frequency Ω is f(τ) = √w e^{−(w/2 + iΩ)τ}: what
a cavity of decay w and detuning Ω behind the output holds, up to its sign. With
b(ω) = ∫ b(t) e^{iωt} dt it passes what is at +Ω.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import (
    ArgumentError,
    check_broadcast,
    fail,
    is_traced,
    mapping,
    namespace,
    number,
    plain_name,
    shown,
)
from ..base.keywords import spoken
from ..base.units import angular, duration

MOST = 2**13
"""Panels of a quadrature, at most."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_EXACT = 1e-12  # of ∫|f|², to which overlaps are known


@dataclass(frozen=True, eq=False, repr=False)
class OutputMode:
    """A travelling mode of an output; made by `output_mode`."""

    port: str
    frequency: Any
    width: Any
    shape: Callable[[Any], Any] | None
    span: tuple[float, ...]
    norm: Any
    given: Mapping[str, Any]

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={shown(x)}" for name, x in self.given.items())
        return f"output_mode({self.port!r}, {told})"

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading axes of frequency, width and shape."""
        return np.broadcast_shapes(*map(np.shape, (self.frequency, self.width, self.norm)))


@spoken
def output_mode(
    port: str,
    frequency: Any = 0.0,
    width: Any = None,
    *,
    shape: Callable[[Any], Any] | None = None,
    span: Sequence[Any] | None = None,
) -> OutputMode:
    """A travelling mode of an output: a filter of some width, or a shape in time.

    a_f(t) = ∫ f(τ) b_out(t − τ) dτ with f(τ) = √w e^{−(w/2 + iΩ)τ}, τ > 0, for a filter, and
    f(τ) = shape(τ) e^{−iΩτ}, normalised to ∫|f|² = 1, for a shape (C. Genes, A. Mari, P. Tombesi
    and D. Vitali, Phys. Rev. A 78, 032316 (2008)).

    Args:
        port: name of an open output.
        frequency: Ω, angular in the frame of the model, or text with a unit; the field at +Ω.
        width: w, FWHM of the filter in energy, above zero, or text with a unit.
        shape: in place of a width, a function of an array of times τ (how long ago, shape (T,)),
            real or complex, of shape (T,) or (…, T).
        span: (first, last) time τ of the shape, zero or above, and between them any times where
            it jumps or has a kink; in the inverse unit of the rates, or with a unit.

    Returns:
        A record for `output_state`. Frequency and width may be arrays, which broadcast.

    Raises:
        ArgumentError: for a width that is not above zero, both a width and a shape or none, a span
            that does not increase from zero or above, a shape that is no function or not smooth.

    >>> output_mode("c.out", -1.0, 0.3)
    output_mode('c.out', frequency=-1.0, width=0.3)
    >>> output_mode("c.out", -1.0, shape=lambda t: np.ones_like(t), span=(0.0, 2.0)).norm.round(12)
    np.float64(1.414213562373)
    """
    plain_name("port", port)
    omega = angular("frequency", frequency)
    if shape is None:
        if span is not None:
            raise fail("span", "be left out where there is no `shape`", span)
        if width is None:
            raise fail("width", "be a number above zero (or give a `shape`)", width)
        w = angular("width", width)
        if not is_traced(w) and not np.all(np.asarray(w) > 0):
            raise fail("width", "be a number above zero", width)
        check_broadcast({"frequency": np.shape(omega), "width": np.shape(w)})
        given = {"frequency": frequency, "width": width}
        return OutputMode(port, omega, w, None, (), 1.0, given)
    if width is not None:
        raise fail("width", "be left out beside a `shape`", width)
    if not callable(shape):
        raise fail("shape", "be a function of times", shape)
    times = _times(span)
    norm = np.sqrt(_integral(lambda t: np.abs(_shape(shape, t)) ** 2, times, 0.0))
    if not np.all(norm > 0):
        raise fail("shape", "not be zero everywhere in its span", shape)
    check_broadcast({"frequency": np.shape(omega), "shape": np.shape(norm)})
    given = {"frequency": frequency, "shape": shape, "span": span}
    return OutputMode(port, omega, None, shape, times, norm, given)


def _times(span: Any) -> tuple[float, ...]:
    must = "be increasing times (first, …, last), zero or above"
    if not isinstance(span, list | tuple | np.ndarray):
        raise fail("span", must, span)
    times = np.atleast_1d(number("span", duration("span", span)))
    if is_traced(times) or times.ndim != 1 or len(times) < 2:
        raise fail("span", must, span)
    if times[0] < 0 or np.any(np.diff(times) <= 0):
        raise fail("span", must, span)
    return tuple(times.tolist())


def amplitude(mode: OutputMode, times: Any) -> Any:
    """f(τ), shape (…, T), at times τ > 0 of shape (T,); zero outside of the span of a shape."""
    omega = mode.frequency
    xp = namespace(omega, mode.width)
    if mode.shape is None:
        w = mode.width
        slope = xp.asarray(w / 2 + 1j * omega)[..., None]
        return xp.asarray(xp.sqrt(w))[..., None] * xp.exp(-slope * times)
    inside = (times >= mode.span[0]) & (times <= mode.span[-1])
    f = np.zeros((*np.shape(mode.norm), len(times)), complex)
    if inside.any():  # elsewhere a shape need not be a number
        f[..., inside] = _shape(mode.shape, times[inside]) / np.asarray(mode.norm)[..., None]
    return f * xp.exp(-1j * xp.asarray(omega)[..., None] * times)


def _shape(shape: Callable[[Any], Any], times: Any) -> Any:
    values = np.asarray(shape(times))
    values = values.astype(float) if values.dtype.kind == "b" else values
    if values.dtype.kind not in "biufc" or not np.all(np.isfinite(values)):
        raise fail("shape", "give finite numbers, real or complex", values)
    if values.ndim == 0:
        return np.broadcast_to(values, times.shape)
    if values.shape[-1:] != times.shape:
        must = f"give one number for every time, shape (…, {len(times)})"
        raise fail("shape", must, f"shape {values.shape}")
    return values


@spoken
def mode_overlap(modes: Mapping[str, OutputMode]) -> Any:
    """[a_j, a_k†] = ∫ f_j(τ) f_k*(τ) dτ of travelling modes: 1 for one, 0 between two ports.

    Two filters of one port have √(w_j w_k)/((w_j + w_k)/2 + i(Ω_j − Ω_k)).

    Args:
        modes: modes by name, from `output_mode`.

    Returns:
        Complex array (…, K, K), Hermitian.

    Raises:
        ArgumentError: for what is no mode, or shapes that are not smooth in their spans.

    >>> both = {"red": output_mode("c.out", -1.0, 0.2), "blue": output_mode("c.out", 1.0, 0.2)}
    >>> mode_overlap(both)[0, 1].round(6)
    np.complex128(0.009901+0.09901j)
    """
    records = list(checked_modes(modes).values())
    entries = [[_overlap(one, other) for other in records] for one in records]
    xp = namespace(*(x for row in entries for x in row))
    flat = xp.stack(xp.broadcast_arrays(*(xp.asarray(x) for row in entries for x in row)), -1)
    return flat.reshape(*flat.shape[:-1], len(records), len(records))


def total(mode: OutputMode) -> Any:
    """∫ f(τ) dτ, which a constant field is multiplied by, of a mode with a shape."""
    return _integral(
        lambda t: amplitude(mode, t), mode.span, np.max(np.abs(mode.frequency), initial=0.0)
    )


def checked_modes(modes: Any) -> Mapping[str, OutputMode]:
    """One mode or more by name."""
    for name, mode in mapping("modes", modes, "names to modes from `output_mode`").items():
        plain_name("modes", name)
        if not isinstance(mode, OutputMode):
            raise fail(f"modes[{name}]", "be a mode from `output_mode`", mode)
    if not modes:
        raise fail("modes", "hold one mode or more", modes)
    check_broadcast({f"modes[{name}]": mode.batch for name, mode in modes.items()})
    return modes


def _overlap(one: OutputMode, other: OutputMode) -> Any:
    if one.port != other.port:
        return 0j
    if one is other:
        return 1.0 + 0j
    if one.shape is None and other.shape is None:
        xp = namespace(one.width, other.width, one.frequency, other.frequency)
        apart = one.frequency - other.frequency
        return xp.sqrt(one.width * other.width) / ((one.width + other.width) / 2 + 1j * apart)
    spans = [mode.span for mode in (one, other) if mode.shape is not None]
    first, last = max(s[0] for s in spans), min(s[-1] for s in spans)
    if first >= last:
        return 0j
    times = [first, *sorted({t for s in spans for t in s if first < t < last}), last]
    rate = np.max(np.abs(one.frequency - other.frequency), initial=0.0)
    rate += sum(np.max(mode.width, initial=0.0) for mode in (one, other) if mode.shape is None)
    return _integral(lambda t: amplitude(one, t) * np.conj(amplitude(other, t)), times, rate)


def _integral(function: Callable[[Any], Any], times: Sequence[float], rate: Any) -> Any:
    """∫ over (…) of a function of times (T,), by Gauss's rule on ever more panels."""
    pieces = [max(1, min(MOST // 2, int((b - a) * rate / 4))) for a, b in pairwise(times)]
    before, _ = _by_panels(function, times, pieces)
    while sum(pieces) < MOST:
        pieces = [2 * n for n in pieces]
        value, size = _by_panels(function, times, pieces)
        if np.all(np.abs(value - before) <= _EXACT * size):
            return value
        before = value
    raise ArgumentError(
        "Argument `shape` must be smooth between the times of `span` (give those where it jumps, "
        f"too), but its integral is not found to {_EXACT:g} on {sum(pieces):,} pieces of time."
    )


def _by_panels(function: Any, times: Sequence[float], pieces: Iterable[int]) -> tuple[Any, Any]:
    t, weights = panels(times, pieces, _NODES, _WEIGHTS)
    values = function(t)
    return (values * weights).sum(-1), (np.abs(values) * weights).sum(-1)


def panels(times: Sequence[float], pieces: Iterable[int], nodes: Any, weights: Any) -> Any:
    """Times and weights of Gauss's rule on equal panels between each time and the next."""
    rules = []
    for (a, b), n in zip(pairwise(times), pieces, strict=True):
        h = (b - a) / n
        t = a + h * (np.arange(n)[:, None] + (nodes + 1) / 2)
        rules.append((t.ravel(), np.tile(h / 2 * weights, n)))
    return tuple(np.concatenate(x) for x in zip(*rules, strict=True))
