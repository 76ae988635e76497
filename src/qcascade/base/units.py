"""The one reader of numbers with a dimension: plain numbers, text with a unit, pint quantities.

"88.54 MHz", "20 mW", "15 ng", "130 mK", "90 deg" and "3 dB" are one number and one unit; pint
quantities of any registry, and lists or arrays of either, mean the same. Plain numbers are in SI
units already, or ratios. Python, network files, the command line and the papers all read here.

A frequency says by its unit which one it is: "1 MHz" is an ordinary frequency, and becomes
2π·10⁶ rad/s; "1e6 rad/s" is an angular one already. Nothing is ever guessed: "1e6 1/s" is
refused, and so are commas and arithmetic inside a text.
"""

import difflib
import math
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from .checks import complex_number, fail, is_pure, is_quantity, is_traced, namespace, number, text

TURN = 2 * math.pi
USUAL = ("watt", "kilogram", "kelvin", "metre", "hertz", "second", "rad/s", "radian")
"""Units that are looked up only when some text has to be converted."""

# Read as far as it goes: the "e" of an exponent is no unit.
_DIGITS = r"(?>(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
_NUMBER = rf"[-+]?{_DIGITS}j?|\([-+]?{_DIGITS}[-+]{_DIGITS}j\)"
_UNIT = r"(?:1? ?/ ?)?[A-Za-zµΩ°%π][A-Za-zµΩ°%π0-9_ ·*/^().⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*"
_TEXT = re.compile(rf"({_NUMBER}) ?({_UNIT})")
# A number with letters behind it is never arithmetic; "2j" alone is.
_SEEMS = re.compile(rf"(?<![\w.]){_DIGITS}(?:j +| *)(?!j\b)[A-Za-zµμΩ°%π]")
# What keyboards and typesetting make of a minus, a space and a micro sign.
_SPELLINGS = str.maketrans({"−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "μ": "µ"})

_ANGLES = ("radian", "degree", "turn", "arcminute", "arcsecond", "grade")
_TURNS = ("revolutions_per_minute", "revolutions_per_second")
_LOGARITHMIC = ("decibel", "decibelmilliwatt", "decibelmicrowatt", "neper")


class Si(np.float64):
    """A number that is known to be in SI units, since a unit was read.

    Arithmetic makes plain numbers of it: half a rate is one, a ratio of two is none.
    """

    __repr__ = float.__repr__
    __str__ = float.__str__

    def __reduce__(self) -> Any:
        return type(self), (float(self),)


class Measured(Si):
    """The same, where it stands for text with a unit, as a parameter of a file does."""


class SiArray(np.ndarray):
    """The same as `Si` for an array."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()] if return_scalar else np.asarray(array)


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
        _check_si(unit)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        size = number("value", value[0])
        one = _of_text("value", f"1 {value[1]}", _itself)
        value = one._REGISTRY.Quantity(size, one.units)
    if unit == "rad/s":
        return angular_frequency("value", value)
    return quantity("value", value, unit)


def _itself(name: str, q: Any, shown: Any) -> Any:
    return q


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
        _check_unit(text("unit", unit))
    return known(number(name, read(name, value, _to(unit))), value)


def angular_frequency(name: str, value: Any) -> Any:
    """An angular frequency or rate in rad/s: ω = 2πf from text in Hz, as it is in rad/s.

    Args:
        name: what to call the value in an error.
        value: text such as "88.54 MHz" (ordinary: times 2π), "6.3e7 rad/s" or "300 rpm"
            (angular), pint quantities of the same kinds, or numbers in rad/s.

    Raises:
        ArgumentError: for text whose unit is neither, such as "1/s", or has no unit.

    >>> round(float(angular_frequency("frequency", "1 kHz")) / (2 * math.pi), 9)
    1000.0
    >>> angular_frequency("spin", "8 krad/s")
    8000.0
    """
    text("name", name)
    return known(angular(name, value), value)


def angular(name: str, value: Any) -> Any:
    """`angular_frequency`, for parts: a plain number or array."""
    return number(name, read(name, value, _angular))


def complex_rate(name: str, value: Any) -> Any:
    """The same for a complex rate: "0.3 MHz", "0.3j MHz", "(0.3+0.1j) MHz"."""
    return complex_number(name, read(name, value, _angular))


def root_rate(name: str, value: Any) -> Any:
    """A complex amplitude, the root of photons per second: "1e6 s^-0.5", or a number."""
    return complex_number(name, read(name, value, _root_rate))


def angle(name: str, value: Any) -> Any:
    """An angle in radians, from "90 deg", "0.25 turn", "0.5 π", or radians."""
    return number(name, read(name, value, _radians))


def power_share(name: str, value: Any) -> Any:
    """A transmitted share of power: "3 dB" and "-3 dB" are 10^(−3/10), "50 %" is ½.

    What cannot amplify has no use for a sign: a loss of 3 dB and a transmission of −3 dB are one.
    """
    return read(name, value, _share)


MOST_SQUEEZED = 150
"""r whose e^{4r} is still a number: no state so squeezed can be told from rounding anyway."""


def squeezing_parameter(name: str, value: Any) -> Any:
    """A squeezing parameter ξ = r e^{iφ}: "10 dB" is the r with e^{−2r} = 10^{−10/10}."""
    xi = complex_number(name, read(name, value, _squeezed))
    if not is_traced(xi) and np.any(np.abs(xi) > MOST_SQUEEZED):
        raise fail(name, f"be {MOST_SQUEEZED} or less in size (cosh² 2r has to be a number)", value)
    return xi


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
        return _of_text(name, str(value), convert)
    if is_quantity(value):
        pure = is_pure(value)
        return value.to_root_units().magnitude if pure else convert(name, value, value)
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
    return bool(_SEEMS.search(value.translate(_SPELLINGS)))


def has_dimension(value: Any) -> bool:
    """Whether a value is text or a pint quantity, a number that came from one, or holds some."""
    if isinstance(value, list | tuple):
        return any(map(has_dimension, value))
    if isinstance(value, str | Si | SiArray):
        return True
    if is_quantity(value):
        return not is_pure(value)
    return getattr(getattr(value, "dtype", None), "kind", "") in ("U", "O")


def of_any_kind(name: str, value: Any) -> Any:
    """A number in SI units where its kind is not known beforehand: rad/s for frequencies.

    >>> of_any_kind("power", "20 mW"), of_any_kind("phase", "180 deg")
    (0.02, 3.141592653589793)
    """
    found = read(name, value, _any)
    check = complex_number if np.iscomplexobj(found) else number
    return known(check(name, found), value)


def convert(name: str, value: Any, unit: str) -> Any:
    """A number in `unit`, of whatever kind, with 2π between Hz and rad/s; numbers as they are.

    >>> convert("phase", "90 deg", "π"), convert("power", "0.015 W", "mW")
    (0.5, 15.0)
    """
    return read(name, value, partial(_like, unit=unit))


def _like(name: str, q: Any, shown: Any, unit: str) -> Any:
    """The number of a quantity in any unit of its kind."""
    try:
        one = q._REGISTRY.Quantity(1.0, unit)
    except Exception:  # a unit that only its user knows, "κ"
        raise fail(name, f"be a number in units of {unit}", shown) from None
    if q.units == one.units:
        return _finite(name, q.magnitude, shown)
    angles = [bool(set(_base(x)) & {*_ANGLES, "pi"}) for x in (q, one)]
    if q.dimensionality != one.dimensionality or (q.dimensionless and angles[0] != angles[1]):
        raise _refused(name, q, shown, partial(_like, unit=unit))
    return _any(name, q, shown) / _any(name, one, unit)


class Axis(NamedTuple):
    """Values to sweep over, in the unit they were given in."""

    values: Any
    unit: str
    scale: float  # the SI value of one unit: what a point function is given is `scale` times it


def axis(name: str, values: Any, unit: str | None = None) -> Axis | None:
    """The axis that text or pint quantities describe; None for plain numbers.

    Args:
        name: what to call the values in an error.
        values: a list of texts or quantities, or a pint array.
        unit: the unit to have them in; that of the first value if not given.

    >>> axis("decay", ["1 MHz", "2 MHz"])
    Axis(values=array([1., 2.]), unit='MHz', scale=6283185.307179586)
    """
    found: list[Any] = []
    if isinstance(values, list | tuple) and not any(map(_may_have_unit, values)):
        return None

    def keep(where: str, q: Any, shown: Any) -> Any:
        found.append(q)
        return _any(where, q, shown)

    converted = read(name, values, keep)
    if not found:
        return None
    converted = number(name, converted)
    if not is_quantity(values) and len(found) < np.size(converted):
        raise fail(name, "have a unit in every entry, or in none", values)
    one = found[0]._REGISTRY.Quantity(1.0, found[0].units)
    if unit is not None:
        return Axis(
            number(name, convert(name, values, unit)), unit, float(of_any_kind(name, f"1 {unit}"))
        )
    if not _linear(one):
        return Axis(converted, f"{one.to_root_units().units:~P}", 1.0)
    scale = float(_any(name, one, values))
    if all(str(q.units) == str(one.units) for q in found):
        plain = read(name, values, lambda _, q, shown: q.magnitude)
    else:
        plain = converted / scale
    return Axis(number(name, plain), f"{one.units:~P}", scale)


def _may_have_unit(value: Any) -> bool:
    return has_unit(value) if isinstance(value, str) else has_dimension(value)


def in_si(values: Any, scale: float) -> Any:
    """Values on an axis with a unit as the SI numbers they stand for."""
    scaled = np.asarray(values) * scale
    return scaled.view(SiArray) if scaled.ndim else Si(scaled)


def known(found: Any, *given: Any) -> Any:
    """The number or array, marked as SI where something it was made of had a unit."""
    if namespace(found) is not np or not any(map(has_dimension, given)):
        return found
    if np.ndim(found):
        return np.asarray(found).view(SiArray)
    return found if np.iscomplexobj(found) else Si(found)


@lru_cache(maxsize=1)
def _registry() -> Any:
    from pint import UnitRegistry

    return UnitRegistry()


def _check_si(unit: str) -> None:
    """Refuse what is no unit, and units that plain numbers are never in, "mW"."""
    _check_unit(unit)
    one = _registry().Quantity(1.0, unit)
    if not _linear(one) or one.to_base_units().magnitude != 1:
        raise fail("unit", f"be the SI unit, {one.to_base_units().units}", unit)


@lru_cache(maxsize=64)
def _check_unit(unit: str) -> None:
    """Refuse what is no unit; numbers do not need it, but it is a mistake all the same."""
    try:
        known = not _registry().Unit(unit).dimensionless
    except Exception:  # pint passes on whatever its parser stumbles over
        known = False
    if not known:
        raise fail("unit", 'name a unit, like "watt"', unit)


@lru_cache(maxsize=256)  # a sweep reads the same words for every chunk
def _of_text(name: str, value: str, convert: Callable[[str, Any, Any], Any]) -> Any:
    clean = value.translate(_SPELLINGS).strip()
    match = _TEXT.fullmatch(clean)
    if not match or re.fullmatch(_NUMBER, clean):
        raise fail(name, _must(convert), value, _why(clean))
    size, unit = match[1].replace("_", ""), match[2].strip()
    magnitude: Any = complex(size) if "j" in size else float(size)
    if not np.isfinite(magnitude):
        raise fail(name, "be finite", value)
    unit = f"1{unit}" if unit.startswith("/") else unit
    try:
        found = _registry().Quantity(magnitude, _registry().parse_units(unit))
    except Exception:  # pint passes on whatever its tokeniser and its caches stumble over
        plain = not re.search(r"[0-9π*]|pi", unit)
        more = (_meant(unit, convert, True) or f"{unit!r} is no unit") if plain else _why(clean)
        raise fail(name, _must(convert), value, more) from None
    return convert(name, found, value)


def _why(clean: str) -> str:
    """What is wrong with a text that is not one number and one unit."""
    if re.search(r"[0-9] *, *[0-9]", clean):
        return 'a decimal point is "." and thousands are not marked: a comma could be either'
    if "*" in clean or "pi" in clean or "π" in clean:
        return (
            "give one number and one unit, without arithmetic; Hz is multiplied by 2π anyway, "
            "rad/s is not"
        )
    if re.search(r"[0-9] +[0-9]", clean):
        return "spaces between digits could be multiplications"
    if re.search(r"\b(nan|inf|infinity)\b|∞", clean, re.IGNORECASE):
        return "it must be finite"
    if re.fullmatch(_NUMBER, clean):
        return "the unit is missing"
    return "give one number and one unit"


def _meant(unit: str, convert: Callable[..., Any], nearly: bool = False) -> str:
    """Units of the kind that is wanted that differ in capitals only, or else nearly."""
    bases = _USUAL.get(_kind(convert), ("Hz", "rad/s", "W", "K", "m", "g", "s"))
    whole = ("rad/s", "rpm", "deg", "turn", "rad", "dB", "%", "s^-0.5")
    known = [
        prefix + base for base in bases for prefix in ([""] if base in whole else _PREFIXES)
    ] + [f"{prefix}rad/s" for prefix in "kMG" if "rad/s" in bases]
    same = [x for x in known if x.lower() == unit.lower().replace("μ", "µ")]
    same = sorted(same, key=lambda x: x[0] != unit[0])
    found = same or (difflib.get_close_matches(unit, known, n=1, cutoff=0.5) if nearly else [])
    return f"did you mean {' or '.join(map(repr, found))}?" if found and unit not in found else ""


_PREFIXES = ("", "k", "M", "G", "T", "m", "µ", "n", "p", "f")
_USUAL = {
    "rad/s": ("Hz", "rad/s", "rpm"),
    "watt": ("W",),
    "kelvin": ("K",),
    "metre": ("m",),
    "kilogram": ("g",),
    "second": ("s",),
    "hertz": ("Hz",),
    "radian": ("deg", "rad", "turn"),
}


def duration(name: str, value: Any) -> Any:
    """A time or times in seconds, from "1 us", or numbers in any unit of one's own."""
    return number(name, read(name, value, _to("second")))


def _kind(convert: Callable[..., Any]) -> str:
    return convert.keywords["unit"] if isinstance(convert, partial) else _KINDS.get(convert, "")


def _must(convert: Callable[..., Any]) -> str:
    example = _EXAMPLES.get(convert) or f"1 {_kind(convert) or 'MHz'}"
    return f'be a number or text with a unit, like "{example}"'


def _refused(name: str, q: Any, shown: Any, convert: Callable[..., Any]) -> Exception:
    return fail(name, _must(convert), shown, _meant(f"{q.units:~}", convert))


def _base(q: Any) -> dict[str, float]:
    """Exponents by unit, prefixes left aside."""
    return {str(q._REGISTRY.parse_unit_name(u)[0][1]): float(e) for u, e in q.unit_items()}


def _linear(q: Any) -> bool:
    """Whether zero of this unit is zero, and twice the number twice the quantity."""
    return bool(q._is_multiplicative)


@lru_cache(maxsize=64)  # one object for a unit, so that what it has converted is found again
def _to(unit: str) -> Callable[[str, Any, Any], Any]:
    return partial(_in_unit, unit=unit)


def _in_unit(name: str, q: Any, shown: Any, unit: str) -> Any:
    """The number in `unit`, for quantities of that kind only."""
    if unit == "radian":
        return _radians(name, q, shown)
    convert = _to(unit)
    try:
        if {*_base(q)} & {"hertz"} or unit in ("hertz", "rad/s"):
            found = _angular(name, q, shown)
            return (
                found if unit == "rad/s" else q._REGISTRY.Quantity(found / TURN, "hertz").to(unit).m
            )
        return _finite(name, q.to(unit).magnitude, shown)
    except Exception:
        raise _refused(name, q, shown, convert) from None


def _angular(name: str, q: Any, shown: Any) -> Any:
    """2πf in rad/s of so many Hz; what is an angle per time as it is."""
    units = _base(q)
    try:
        if units == {"hertz": 1.0}:
            return TURN * _finite(name, q.to("hertz").magnitude, shown)
        if _is_angular(q, units):
            return _finite(name, q.to("rad/s").magnitude, shown)
    except ArithmeticError:
        raise fail(name, "be finite", shown) from None
    if q.check("1/[time]"):
        more = "Hz is multiplied by 2π already" if "hertz" in units else ""
        raise fail(name, "say Hz (ordinary frequency) or rad/s (angular frequency)", shown, more)
    raise _refused(name, q, shown, _angular)


def _is_angular(q: Any, units: dict[str, float]) -> bool:
    turning = [u for u, e in units.items() if u in _ANGLES and e == 1]
    others = [u for u in units if u not in turning]
    alone = len(units) == 1 and others and others[0] in _TURNS and units[others[0]] == 1
    time = len(others) == 1 and units[others[0]] == -1 and others[0] not in ("hertz", "becquerel")
    return bool(alone or (len(turning) == 1 and time and q.check("1/[time]")))


def _root_rate(name: str, q: Any, shown: Any) -> Any:
    if "hertz" in _base(q) or not q.check("1/[time]**0.5"):
        raise _refused(name, q, shown, _root_rate)
    return _finite(name, q.to("second**-0.5").magnitude, shown)


def _radians(name: str, q: Any, shown: Any) -> Any:
    units = {u: e for u, e in _base(q).items() if u != "pi"}
    angles = all(u in _ANGLES and e == 1 for u, e in units.items()) and len(units) <= 1
    if not q.dimensionless or not angles or not _linear(q):
        raise _refused(name, q, shown, _radians)
    return _finite(name, q.to("radian").magnitude, shown)


def _share(name: str, q: Any, shown: Any) -> Any:
    if set(_base(q)) == {"decibel"}:
        return 10 ** (-abs(_finite(name, q.magnitude, shown)) / 10)
    return _ratio(name, q, shown, _share)


def _squeezed(name: str, q: Any, shown: Any) -> Any:
    if set(_base(q)) == {"decibel"}:
        return _finite(name, q.magnitude, shown) * math.log(10) / 20
    return _ratio(name, q, shown, _squeezed)


def _ratio(name: str, q: Any, shown: Any, convert: Callable[..., Any]) -> Any:
    """A pure number, "%" and "mW/W" included; angles and decibels are none."""
    if not q.dimensionless or not _linear(q) or set(_base(q)) & {*_ANGLES}:
        raise _refused(name, q, shown, convert)
    return _finite(name, q.to("dimensionless").magnitude, shown)


def _any(name: str, q: Any, shown: Any) -> Any:
    """The SI number of a quantity of any kind that is not ambiguous."""
    units = _base(q)
    if q.check("1/[time]"):
        return _angular(name, q, shown)
    if set(units) & {"decibel", "neper"}:
        raise fail(name, "say the ratio as a number (a loss in dB stands at its part)", shown)
    if q.dimensionless and set(units) & {*_ANGLES, "pi"}:
        return _radians(name, q, shown)
    return _finite(name, q.to_base_units().magnitude, shown)


def _finite(name: str, magnitude: Any, shown: Any) -> Any:
    """A float or array, finite everywhere."""
    magnitude = magnitude * 1.0
    if not isinstance(magnitude, float | complex):
        return magnitude  # an array: `number` looks at it
    if not (math.isfinite(magnitude.real) and math.isfinite(magnitude.imag)):
        raise fail(name, "be finite", shown)
    return magnitude


_KINDS = {_angular: "rad/s", _radians: "radian"}
_EXAMPLES = {
    _angular: "1 MHz",
    _root_rate: "1e6 s^-0.5",
    _radians: "90 deg",
    _share: "3 dB",
    _squeezed: "10 dB",
    _any: "1 MHz",
}
