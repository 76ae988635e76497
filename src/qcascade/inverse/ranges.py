"""Where a parameter may be: between two ends, by its logarithm, or around the circle."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, mapping, number, one_of
from ..base.given_units import Unit, unit_of
from ..base.keywords import spoken
from ..base.units import angle, check_kind, has_dimension
from .points import one_number

SCALES = ("linear", "log")


class Range(NamedTuple):
    """Values a parameter may have; made by `between` and `turn`.

    Args:
        low: lower end, in SI units where it was given with a unit.
        high: upper end.
        scale: "linear", "log", or "turn" for a circle, which has no ends.
        unit: the ends were given with, and what it is in SI units; None for plain numbers.
    """

    low: float
    high: float
    scale: str = "linear"
    unit: Unit | None = None

    def values(self, unit: Any) -> Any:
        """The values at places between 0 and 1; on a circle, at any place.

        Args:
            unit: places, (N,).
        """
        if self.scale == "log":
            inside = np.exp((1 - unit) * np.log(self.low) + unit * np.log(self.high))
            return np.clip(inside, self.low, self.high)
        if self.scale == "turn":
            unit = unit - np.floor(unit)
        return np.clip(self.low + (self.high - self.low) * unit, self.low, self.high)

    def place(self, value: Any) -> Any:
        """The place of a value, between 0 and 1.

        Args:
            value: of the parameter; what is outside goes to the nearer end.
        """
        if self.scale == "log":
            value = np.clip(value, self.low, self.high)
            return np.log(value / self.low) / np.log(self.high / self.low)
        place = (value - self.low) / (self.high - self.low)
        return place - np.floor(place) if self.scale == "turn" else np.clip(place, 0.0, 1.0)


@spoken
def between(low: Any, high: Any, scale: str = "linear") -> Range:
    """A range for `design`: low ≤ x ≤ high, searched evenly or by the logarithm of x.

    Args:
        low: lower end, a number or text with a unit.
        high: upper end.
        scale: "linear", or "log" for what may be of any size, as couplings and rates.

    Raises:
        ArgumentError: for ends the wrong way round, or a logarithm of zero or less.

    >>> between(1e-4, 1, "log").values(np.array([0.0, 0.5, 1.0])).round(6)
    array([1.e-04, 1.e-02, 1.e+00])
    """
    return _range("low", "high", low, high, one_of("scale", scale, SCALES))


@spoken
def turn(centre: Any = 0.0) -> Range:
    """A range for `design`: all angles, once around the circle, whose ends are the same.

    Args:
        centre: the angle half way around, in radians or with a unit; results lie within π of it.

    >>> turn().values(np.array([0.0, 0.5, 1.25])).round(6)
    array([-3.141593,  0.      , -1.570796])
    """
    middle = number("centre", angle("centre", centre))
    if np.ndim(middle):
        raise fail("centre", "be one angle", centre)
    return Range(float(middle) - np.pi, float(middle) + np.pi, "turn")


def _range(first: str, second: str, low: Any, high: Any, scale: str) -> Range:
    ends = one_number(first, low), one_number(second, high)
    if has_dimension(low) != has_dimension(high):
        raise fail(second, f"have a unit if `{first}` has one, and none if it has none", high)
    unit = unit_of(first, low)
    check_like(second, high, unit)
    if not ends[0] < ends[1]:
        raise fail(second, f"be above the lower end, {low}", high)
    if scale == "log" and ends[0] <= 0:
        raise fail(first, "be above zero for a range by the logarithm", low)
    return Range(*ends, scale, unit)


def check_like(name: str, value: Any, unit: Unit | None) -> None:
    """Refuse a value of another kind than a range's.

    Args:
        name: what to call it in an error.
        value: a number, text, or a pint quantity.
        unit: of the range; None where its ends are plain numbers.

    Raises:
        ArgumentError: for kelvin in a range of rates.
    """
    if unit is not None and unit[0] != "SI":  # of which the kind is not known
        check_kind(name, value, unit[0])


def read_ranges(over: Any) -> dict[str, Range]:
    """Ranges by parameter, from pairs (low, high) too.

    Args:
        over: what was given.

    Raises:
        ArgumentError: for what is no range.
    """
    ranges = {}
    if not mapping("over", over, "parameters to ranges"):
        raise fail("over", "name at least one parameter to vary", over)
    for name, given in over.items():
        where = f"over[{name}]"
        if isinstance(given, Range):
            ranges[name] = given
        elif isinstance(given, tuple | list) and len(given) == 2:
            ranges[name] = _range(f"{where}[0]", f"{where}[1]", given[0], given[1], "linear")
        else:
            must = "be a pair (low, high), `between(low, high, scale)` or `turn()`"
            raise fail(where, must, given)
    return ranges


def places(ranges: Mapping[str, Range], at: Mapping[str, float]) -> Any:
    """The row of places of a point.

    Args:
        ranges: by parameter.
        at: a value for each.
    """
    return np.array([x.place(at[name]) for name, x in ranges.items()])
