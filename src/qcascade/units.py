"""Unit strings at the door: "88.54 MHz", "20 mW", "15 ng", "130 mK" become SI numbers.

A frequency says by its unit which one it is: "1 MHz" is an ordinary frequency, and becomes
2π·10⁶ rad/s; "1e6 rad/s" is an angular one already. Nothing is ever guessed: "1e6 1/s" is
refused.
"""

import math
from functools import lru_cache
from typing import Any

from .checks import fail, number, text

USUAL = ("watt", "kilogram", "kelvin", "metre", "hertz", "second")
"""Units that are looked up only when some text has to be converted."""


@lru_cache(maxsize=1)
def _registry() -> Any:
    from pint import UnitRegistry

    return UnitRegistry()


def quantity(name: str, value: Any, unit: str) -> Any:
    """A number in the SI unit `unit`, from a number in it or from text with its own unit.

    Args:
        name: what to call the value in an error.
        value: text such as "20 mW", or numbers that are in `unit` already.
        unit: the unit of the result, "watt", "kilogram", "kelvin", "metre", …

    Raises:
        ArgumentError: for text without a unit, with an unknown one, or one of another kind.

    >>> quantity("power", "20 mW", "watt")
    0.02
    """
    text("name", name)
    if not isinstance(unit, str) or unit not in USUAL:
        _unit(text("unit", unit))
    return _converted(name, value, unit) if isinstance(value, str) else number(name, value)


def angular_frequency(name: str, value: Any) -> Any:
    """An angular frequency or rate in rad/s: ω = 2πf from text in Hz, as it is in rad/s.

    Args:
        name: what to call the value in an error.
        value: text such as "88.54 MHz" (ordinary: times 2π), "6.3e7 rad/s" or "300 rpm"
            (angular), or numbers in rad/s.

    Raises:
        ArgumentError: for text whose unit is neither, such as "1/s", or has no unit.

    >>> round(angular_frequency("frequency", "1 kHz") / (2 * math.pi), 9)
    1000.0
    >>> angular_frequency("spin", "8 krad/s")
    8000.0
    """
    text("name", name)
    return _as_angular(name, value) if isinstance(value, str) else number(name, value)


@lru_cache(maxsize=64)
def _unit(unit: str) -> None:
    """Refuse what is no unit; numbers do not need it, but it is a mistake all the same."""
    try:
        known = not _registry().Unit(unit).dimensionless
    except Exception:  # pint passes on whatever its parser stumbles over
        known = False
    if not known:
        raise fail("unit", 'name a unit, like "watt"', unit)


@lru_cache(maxsize=256)  # a sweep reads the same words for every chunk
def _converted(name: str, text: str, unit: str) -> Any:
    return _measured(name, text, unit).to(unit).magnitude


@lru_cache(maxsize=256)
def _as_angular(name: str, text: str) -> Any:
    found = _measured(name, text, "rad/s")
    words = str(found.units)
    if "hertz" in words:
        return 2 * math.pi * found.to("hertz").magnitude
    if any(turn in words for turn in ("radian", "revolution", "turn", "degree")):
        return found.to("rad/s").magnitude
    raise fail(name, "say Hz (ordinary frequency) or rad/s (angular frequency)", text)


def _measured(name: str, text: str, unit: str) -> Any:
    """The text as a pint quantity of the kind of `unit`."""
    registry = _registry()
    must = f'be a number or text with a unit, like "1 {unit}"'
    try:
        found = registry.Quantity(text)
    except Exception:  # pint passes on whatever its tokeniser and its caches stumble over
        raise fail(name, must, text) from None
    if found.units == registry.dimensionless or not found.check(registry(unit).dimensionality):
        raise fail(name, must, text)
    if not math.isfinite(found.magnitude):
        raise fail(name, "be finite", text)
    return found
