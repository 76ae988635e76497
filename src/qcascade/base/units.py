"""The one reader of numbers with a dimension: plain numbers, text with a unit, pint quantities.

"88.54 MHz", "20 mW", "15 ng", "130 mK", "90 deg" and "3 dB" are one number and one unit; pint
quantities of any registry, and lists or arrays of either, mean the same. Plain numbers are in SI
units already, or ratios. Python, network files, the command line and the papers all read here.

A frequency says by its unit which one it is: "1 MHz" is an ordinary frequency, and becomes
2π·10⁶ rad/s; "1e6 rad/s" is an angular one already. Nothing is ever guessed: "1e6 1/s" is
refused, and so are commas and arithmetic inside a text.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .checks import (
    complex_number,
    fail,
    fraction,
    is_pure,
    is_quantity,
    is_traced,
    namespace,
    number,
    text,
)
from .keywords import spoken
from .quantities import (
    DIGITS,
    SPELLINGS,
    as_it_is,
    check_si,
    check_unit,
    converted,
    of_text,
    to_angular,
    to_any,
    to_like,
    to_radians,
    to_root_rate,
    to_share,
    to_squeezed,
    to_unit,
)

USUAL = ("watt", "kilogram", "kelvin", "metre", "hertz", "second", "rad/s", "radian")
"""Units that are looked up only when some text has to be converted."""

# A number with letters behind it is never arithmetic; "2j" alone is.
_SEEMS = re.compile(rf"(?<![\w.]){DIGITS}(?:j +| *)(?!j\b)[A-Za-zµμΩ°%π]")


class Si(np.float64):
    """A number that is known to be in SI units, since a unit was read.

    Arithmetic makes plain numbers of it: half a rate is one, a ratio of two is none.
    """

    __repr__ = float.__repr__
    __str__ = float.__str__

    def __reduce__(self) -> Any:
        return type(self), (float(self),)


class SiArray(np.ndarray):
    """The same as `Si` for an array."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()] if return_scalar else np.asarray(array)


@spoken
def si(value: Any, unit: str) -> Any:
    """A number in SI units, from text with a unit, a pint quantity, or a pair (number, unit).

    Frequencies are angular in "rad/s", f = ω/2π in "hertz"; "1 MHz" and "6.28e6 rad/s" say which
    one they are, and either becomes either.

    Args:
        value: text such as "20 mW", a pint quantity, a pair (20, "mW"), or numbers that are in
            `unit` already; or lists and arrays of these.
        unit: the SI unit of the result: "watt", "kilogram", "kelvin", "metre", "second",
            "rad/s", "hertz", "radian", ….

    Returns:
        A float, or an array of floats.

    Raises:
        ArgumentError: for text without a unit, with an unknown one, or one of another kind, and
            for a `unit` that is none of the SI.

    >>> si("20 mW", "watt"), si((20, "mW"), "watt"), si("180 deg", "radian")
    (0.02, 0.02, 3.141592653589793)
    >>> si("1 kHz", "rad/s"), si("8 krad/s", "rad/s")
    (6283.185307179586, 8000.0)
    """
    if text("unit", unit) not in USUAL:
        check_si(unit)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        size = number("value", value[0])
        one = of_text("value", f"1 {value[1]}", as_it_is)
        value = one._REGISTRY.Quantity(size, one.units)
    if unit == "rad/s":
        return angular_frequency("value", value)
    return quantity("value", value, unit)


def quantity(name: str, value: Any, unit: str) -> Any:
    """A number in the SI unit `unit`, from a number in it, text with its own unit, or pint.

    Args:
        name: what to call the value in an error.
        value: text such as "20 mW", a pint quantity, or numbers that are in `unit` already.
        unit: the unit of the result, "watt", "kilogram", "kelvin", "metre", …

    Raises:
        ArgumentError: for text without a unit, with an unknown one, or one of another kind.

    >>> quantity("power", "20 mW", "watt")
    0.02
    """
    text("name", name)
    if not isinstance(unit, str) or unit not in USUAL:
        check_unit(text("unit", unit))
    return known(number(name, read(name, value, to_unit(unit))), value)


def angular_frequency(name: str, value: Any) -> Any:
    """An angular frequency or rate in rad/s: ω = 2πf from text in Hz, as it is in rad/s.

    Args:
        name: what to call the value in an error.
        value: text such as "88.54 MHz" (ordinary: times 2π), "6.3e7 rad/s" or "300 rpm"
            (angular), pint quantities of the same kinds, or numbers in rad/s.

    Raises:
        ArgumentError: for text whose unit is neither, such as "1/s", or has no unit.

    >>> round(float(angular_frequency("frequency", "1 kHz")) / (2 * np.pi), 9)
    1000.0
    >>> angular_frequency("spin", "8 krad/s")
    8000.0
    """
    text("name", name)
    return known(angular(name, value), value)


def angular(name: str, value: Any) -> Any:
    """`angular_frequency`, for parts: a plain number or array."""
    return number(name, read(name, value, to_angular))


def complex_rate(name: str, value: Any) -> Any:
    """The same for a complex rate: "0.3 MHz", "0.3j MHz", "(0.3+0.1j) MHz"."""
    return complex_number(name, read(name, value, to_angular))


def root_rate(name: str, value: Any) -> Any:
    """A complex amplitude, the root of photons per second: "1e6 s^-0.5", or a number."""
    return complex_number(name, read(name, value, to_root_rate))


def angle(name: str, value: Any) -> Any:
    """An angle in radians, from "90 deg", "0.25 turn", "0.5 π", or radians."""
    return number(name, read(name, value, to_radians))


def power_share(name: str, value: Any) -> Any:
    """A transmitted share of power: "3 dB" and "-3 dB" are 10^(−3/10), "50 %" is ½.

    What cannot amplify has no use for a sign: a loss of 3 dB and a transmission of −3 dB are one.

    Args:
        name: what to call it in an error.
        value: a number between 0 and 1, text or a pint quantity; or arrays.

    Raises:
        ArgumentError: for what is not between 0 and 1.

    >>> power_share("efficiency", "80 %"), round(float(power_share("transmission", "10 dB")), 12)
    (np.float64(0.8), 0.1)
    """
    return fraction(name, read(name, value, to_share))


MOST_SQUEEZED = 150
"""r whose e^{4r} is still a number: no state so squeezed can be told from rounding anyway."""


def squeezing_parameter(name: str, value: Any) -> Any:
    """A squeezing parameter ξ = r e^{iφ}: "10 dB" is the r with e^{−2r} = 10^{−10/10}."""
    xi = complex_number(name, read(name, value, to_squeezed))
    if not is_traced(xi) and np.any(np.abs(xi) > MOST_SQUEEZED):
        raise fail(name, f"be {MOST_SQUEEZED} or less in size (cosh² 2r has to be a number)", value)
    return xi


def duration(name: str, value: Any) -> Any:
    """A time or times in seconds, from "1 us", or numbers in any unit of one's own."""
    return number(name, read(name, value, to_unit("second")))


def read(name: str, value: Any, convert: Callable[[str, Any, Any], Any]) -> Any:
    """Numbers as they are; text and pint quantities converted, also inside lists and arrays.

    Args:
        name: what to call the value in an error.
        value: whatever was given.
        convert: of a pint quantity, called with the name, the quantity, and what to show.
    """
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, str):
        return of_text(name, str(value), convert)
    if is_quantity(value):
        pure = is_pure(value)
        return value.to_root_units().magnitude if pure else converted(name, value, value, convert)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in "UO" if kind else isinstance(value, list | tuple):
        items = value.tolist() if kind else value
        if isinstance(items, list | tuple):
            return [read(f"{name}[{k}]", x, convert) for k, x in enumerate(items)]
        return read(name, items, convert)
    return value


def has_unit(value: str) -> bool:
    """Whether a text is meant as a number with a unit, rather than as arithmetic.

    >>> [has_unit(x) for x in ("10 MHz", "10,5MHz", "2*pi*10 MHz", "2*kappa", "0.5j", "1e6")]
    [True, True, True, False, False, False]
    """
    return bool(_SEEMS.search(value.translate(SPELLINGS)))


def has_dimension(value: Any) -> bool:
    """Whether a value is text or a pint quantity, a number that came from one, or holds some."""
    if isinstance(value, list | tuple):
        return any(map(has_dimension, value))
    if isinstance(value, str | Si | SiArray):
        return True
    if is_quantity(value):
        return not is_pure(value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind == "U" or (kind == "O" and has_dimension(value.tolist()))


def of_any_kind(name: str, value: Any) -> Any:
    """A number in SI units where its kind is not known beforehand: rad/s for frequencies.

    >>> of_any_kind("power", "20 mW"), of_any_kind("phase", "180 deg")
    (0.02, 3.141592653589793)
    """
    size = read(name, value, to_any)
    check = complex_number if np.iscomplexobj(size) else number
    return known(check(name, size), value)


def convert(name: str, value: Any, unit: str) -> Any:
    """A number in `unit`, of whatever kind, with 2π between Hz and rad/s; numbers as they are.

    >>> convert("phase", "90 deg", "π"), convert("power", "0.015 W", "mW")
    (0.5, 15.0)
    """
    return read(name, value, partial(to_like, unit=unit))


def check_kind(name: str, value: Any, unit: str | None) -> None:
    """Refuse a value with a unit that is of another kind than `unit`; None has no kind.

    >>> check_kind("power", "15 mW", "W")
    >>> check_kind("power", "15 MHz", "mW")
    Traceback (most recent call last):
    qcascade.base.errors.ArgumentError: Argument `power` must be a number or text with a unit, ...
    """
    if unit is not None:
        convert(name, value, unit)


def known(size: Any, *given: Any) -> Any:
    """The number or array, marked as SI where something it was made of had a unit."""
    if namespace(size) is not np or not any(map(has_dimension, given)):
        return size
    if np.ndim(size):
        return np.asarray(size).view(SiArray)
    return size if np.iscomplexobj(size) else Si(size)
