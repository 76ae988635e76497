"""Rates with a unit and rates without one do not go into the same network.

A bare number is in rad/s beside "1 MHz", and 0.2 rad/s beside 6·10⁶ is nothing at all: whoever
writes `squeezed_mode(0.2, decay="1 MHz")` means a ratio. So bare numbers of a size that ratios
have are refused there. Zero is zero in any unit, and numbers in the thousands are taken for
rad/s, as a swept detuning or a rate computed by hand has them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, is_traced, shown
from ..base.units import Si, SiArray, duration, has_dimension, of_any_kind
from .ladder import Ladder

RATIOS = (1e-9, 1e3)
"""What is larger than rounding and smaller than this could be a ratio."""


class Rates(NamedTuple):
    """The rates of a part, or of several by where they stand, as they were given."""

    measured: tuple[str, Any] | None = None  # one that has a unit, and its place
    given: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # all, after the places they stand at

    @property
    def bare(self) -> tuple[str, Any] | None:
        """One that could be a ratio, and its place."""
        for place, values in self.given:
            for name, value in _leaves(values):
                if not has_dimension(value) and like_a_ratio(value):
                    return place + name, value
        return None


def rates_of(arguments: Mapping[str, Any]) -> Rates:
    """The rates of a part by name: numbers, text, or one per port.

    Args:
        arguments: rates as they were given.

    >>> rates = rates_of({"detuning": 0.0, "decay": ["1 MHz", 0.5]})
    >>> rates.measured, rates.bare
    (('decay[0]', '1 MHz'), ('decay[1]', 0.5))
    """
    measured = None
    if any(map(_may_be_measured, arguments.values())):
        for name, value in _leaves(arguments):
            if _is_measured(value) and np.any(np.asarray(of_any_kind(name, value)) != 0):
                measured = name, value
                break
    return Rates(measured, (("", arguments),))


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves({f"{name}[{key}]": x for key, x in value.items()})
        elif isinstance(value, list | tuple):
            yield from _leaves({f"{name}[{k}]": x for k, x in enumerate(value)})
        elif value is not None:
            yield name, value


def _may_be_measured(value: Any) -> bool:
    if type(value) is float:
        return False
    return isinstance(value, Mapping) or has_dimension(value)


def _is_measured(value: Any) -> bool:
    """Whether a rate has a unit; numbers from formulas are in SI units, as others beside them."""
    return has_dimension(value) and not isinstance(value, Si | SiArray)


def like_a_ratio(value: Any) -> bool:
    """Whether a number without a unit, or one of several, has a size that ratios have.

    Args:
        value: a number or array; not of a traced one.

    >>> like_a_ratio(0.3), like_a_ratio(0.0), like_a_ratio(6.28e6)
    (True, False, False)
    """
    if is_traced(value) or not np.size(value):
        return False
    if type(value) in (float, int, complex):
        return RATIOS[0] < abs(value) < RATIOS[1]
    array = np.asarray(value)
    size = np.abs(array).max() if array.dtype.kind == "c" else max(array.max(), -array.min())
    return bool(RATIOS[0] < size < RATIOS[1])


def joined(rates: Iterable[tuple[str, Rates]]) -> Rates:
    """The rates of several parts; refused where they do not go together.

    Args:
        rates: of every part, with what to put before the names in them, "parts[m].".

    Raises:
        ArgumentError: for a rate with a unit beside a bare number that could be a ratio.
    """
    measured, given = None, []
    for place, part in rates:
        if measured is None and part.measured is not None:
            measured = place + part.measured[0], part.measured[1]
        given += [(place + inner, values) for inner, values in part.given]
    together = Rates(measured, tuple(given))
    if measured is not None and (bare := together.bare) is not None:
        raise fail(
            bare[0],
            f"have a unit, since `{measured[0]}`, {shown(measured[1])}, has one",
            bare[1],
            "a bare number is in rad/s or seconds: say so, or give every rate as a number",
        )
    return together


def seconds(name: str, value: Any, fastest: Any, measured: bool = False) -> Any:
    """Times: numbers in the inverse unit of the rates, or text and quantities in seconds.

    Args:
        name: what to call them in an error.
        value: the times.
        fastest: the largest rate they stand beside.
        measured: whether rates are known to have units, whatever their size.

    Raises:
        ArgumentError: for times with a unit beside rates that could be ratios.

    >>> seconds("times", "1 ms", 100.0, measured=True)
    np.float64(0.001)
    """
    times = duration(name, value)
    if has_dimension(value) and not measured and like_a_ratio(fastest):
        must = "be a number in the inverse unit of the rates, which have none"
        raise fail(name, must, value, f"the fastest rate is {float(np.max(np.abs(fastest))):.3g}")
    return times


def in_seconds(
    times: Any, breaks: Any, rates: Callable[[], tuple[Any, bool]], name: str = "times"
) -> tuple[Any, Any]:
    """Times and breaks of a run with units as numbers.

    Args:
        times: with a unit or without.
        breaks: when something is switched, likewise.
        rates: the fastest that they stand beside, and whether they are known to have units; asked
            for where one of the times has one.
        name: of the times, in an error.
    """
    if not has_dimension(times) and not has_dimension(breaks):
        return times, breaks
    beside = rates()
    return seconds(name, times, *beside), seconds("breaks", breaks, *beside)


def fastest_rate(H: Ladder, L: Iterable[Ladder]) -> float:
    """The largest coefficient of H, or of the squares of the couplings.

    >>> from qcascade import lower
    >>> a = lower("a")
    >>> fastest_rate(3.0 * a.dag * a, [2.0 * a]), fastest_rate(5.0 * a.dag * a, [2.0 * a])
    (4.0, 5.0)
    """
    sizes = [np.max(np.abs(c), initial=0.0) for c in H.terms.values()]
    sizes += [np.max(np.abs(c), initial=0.0) ** 2 for x in L for c in x.terms.values()]
    return float(max(sizes, default=0.0))
