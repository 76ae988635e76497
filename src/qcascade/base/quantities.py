"""What text with a unit, and a pint quantity, become: the numbers of the kind that is wanted.

Conversions are called with the name of the argument, the quantity, and what to show in an error.
A conversion refuses what is of another kind, and says which units were meant.
"""

import difflib
import math
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from .checks import ArgumentError, fail

TURN = 2 * math.pi

# Read as far as it goes: the "e" of an exponent is no unit.
DIGITS = r"(?>(?:[0-9](?:_?[0-9])*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
_NUMBER = rf"[-+]?{DIGITS}j?|\([-+]?{DIGITS}[-+]{DIGITS}j\)"
_UNIT = r"(?:1? ?/ ?)?[A-Za-zµΩ°%π][A-Za-zµΩ°%π0-9_ ·*/^().⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*"
_TEXT = re.compile(rf"({_NUMBER}) ?({_UNIT})")
# What keyboards and typesetting make of a minus, a space and a micro sign.
SPELLINGS = str.maketrans({"−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "μ": "µ"})

_ANGLES = ("radian", "degree", "turn", "arcminute", "arcsecond", "grade")
_TURNS = ("revolutions_per_minute", "revolutions_per_second")


def as_it_is(name: str, q: Any, shown: Any) -> Any:
    """The quantity itself."""
    return q


@lru_cache(maxsize=1)
def registry() -> Any:
    """Pint's units, loaded when the first text has to be read."""
    from pint import UnitRegistry

    return UnitRegistry()


def check_si(unit: str) -> None:
    """Refuse what is no unit, and units that plain numbers are never in, "mW"."""
    check_unit(unit)
    one = registry().Quantity(1.0, unit)
    if not is_linear(one) or one.to_base_units().magnitude != 1:
        raise fail("unit", f"be the SI unit, {one.to_base_units().units}", unit)


@lru_cache(maxsize=64)
def check_unit(unit: str) -> None:
    """Refuse what is no unit; numbers do not need it, but it is a mistake all the same."""
    try:
        known = not registry().Unit(unit).dimensionless
    except Exception:  # pint passes on whatever its parser stumbles over
        known = False
    if not known:
        raise fail("unit", 'name a unit, like "watt"', unit)


@lru_cache(maxsize=256)  # a sweep reads the same words for every chunk
def of_text(name: str, value: str, convert: Callable[[str, Any, Any], Any]) -> Any:
    """What a conversion makes of text that is one number and one unit."""
    clean = value.translate(SPELLINGS).strip()
    match = _TEXT.fullmatch(clean)
    if not match or re.fullmatch(_NUMBER, clean):
        raise fail(name, _must(convert), value, _why(clean))
    size, unit = match[1].replace("_", ""), match[2].strip()
    magnitude: Any = complex(size) if "j" in size else float(size)
    if not np.isfinite(magnitude):
        raise fail(name, "be finite", value)
    unit = f"1{unit}" if unit.startswith("/") else unit
    try:
        quantity = registry().Quantity(magnitude, registry().parse_units(unit))
    except Exception:  # pint passes on whatever its tokeniser and its caches stumble over
        plain = not re.search(r"[0-9π*]|pi", unit)
        more = (_meant(unit, convert, True) or f"{unit!r} is no unit") if plain else _why(clean)
        raise fail(name, _must(convert), value, more) from None
    return converted(name, quantity, value, convert)


def converted(name: str, q: Any, shown: Any, convert: Callable[[str, Any, Any], Any]) -> Any:
    """What a conversion makes of a quantity; a sentence where pint itself stumbles.

    Args:
        name: of the argument.
        q: the quantity.
        shown: what to show in an error.
        convert: the conversion.
    """
    try:
        return convert(name, q, shown)
    except ArgumentError:
        raise
    except Exception:  # as of "3 dB/km" or "1 degC/s", which have no dimension for pint
        must, told = _must(convert), "decibels and degrees of temperature stand alone"
        raise fail(name, must, shown, told) from None


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
    bare = ("rad/s", "rpm", "deg", "turn", "rad")  # take no prefix
    known = [prefix + base for base in bases for prefix in ([""] if base in bare else _PREFIXES)]
    known += [f"{prefix}rad/s" for prefix in "kMG" if "rad/s" in bases]
    same = [x for x in known if x.lower() == unit.lower()]
    same = sorted(same, key=lambda x: x[0] != unit[0])
    meant = same or (difflib.get_close_matches(unit, known, n=1, cutoff=0.5) if nearly else [])
    return f"did you mean {' or '.join(map(repr, meant))}?" if meant and unit not in meant else ""


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


def _kind(convert: Callable[..., Any]) -> str:
    return convert.keywords["unit"] if isinstance(convert, partial) else _KINDS.get(convert, "")


def _must(convert: Callable[..., Any]) -> str:
    example = _EXAMPLES.get(convert) or f"1 {_kind(convert) or 'MHz'}"
    return f'be a number or text with a unit, like "{example}"'


def _refused(name: str, q: Any, shown: Any, convert: Callable[..., Any]) -> Exception:
    return fail(name, _must(convert), shown, _meant(f"{q.units:~}", convert))


def base_units(q: Any) -> dict[str, float]:
    """Exponents by unit, prefixes left aside."""
    return {_base_name(q._REGISTRY, u): float(e) for u, e in q.unit_items()}


@lru_cache(maxsize=512)  # pint parses anew
def _base_name(units: Any, unit: str) -> str:
    """The name of a unit without its prefix."""
    parsed = units.parse_unit_name(unit)
    # What decibels become within other units, "3 dB/km", has no prefix to be parsed.
    return str(parsed[0][1]) if parsed else unit


def is_linear(q: Any) -> bool:
    """Whether zero of this unit is zero, and twice the number twice the quantity."""
    return bool(q._is_multiplicative)


@lru_cache(maxsize=64)  # one object for a unit, so that what it has converted is found again
def to_unit(unit: str) -> Callable[[str, Any, Any], Any]:
    """The conversion to a unit."""
    return partial(_in_unit, unit=unit)


def _in_unit(name: str, q: Any, shown: Any, unit: str) -> Any:
    """The number in `unit`, for quantities of that kind only."""
    if unit == "radian":
        return to_radians(name, q, shown)
    convert = to_unit(unit)
    try:
        if {*base_units(q)} & {"hertz"} or unit in ("hertz", "rad/s"):
            omega = to_angular(name, q, shown)
            if unit == "rad/s":
                return omega
            return q._REGISTRY.Quantity(omega / TURN, "hertz").to(unit).magnitude
        return finite(name, q.to(unit).magnitude, shown)
    except Exception:
        raise _refused(name, q, shown, convert) from None


def is_angle(q: Any) -> bool:
    """Whether a quantity is one in radians, degrees, turns or multiples of π."""
    return bool(q.dimensionless and set(base_units(q)) & {*_ANGLES, "pi"})


def is_share(q: Any) -> bool:
    """Whether a quantity is a ratio, as plain numbers are, "10 %": no angle and no decibels."""
    return bool(q.dimensionless and is_linear(q) and not is_angle(q))


def to_angular(name: str, q: Any, shown: Any) -> Any:
    """2πf in rad/s of so many Hz; what is an angle per time as it is."""
    units = base_units(q)
    try:
        if units == {"hertz": 1.0}:
            return TURN * finite(name, q.to("hertz").magnitude, shown)
        if _is_angular(q, units):
            return finite(name, q.to("rad/s").magnitude, shown)
    except ArithmeticError:
        raise fail(name, "be finite", shown) from None
    if q.check("1/[time]"):
        more = "Hz is multiplied by 2π already" if "hertz" in units else ""
        raise fail(name, "say Hz (ordinary frequency) or rad/s (angular frequency)", shown, more)
    raise _refused(name, q, shown, to_angular)


def _is_angular(q: Any, units: dict[str, float]) -> bool:
    turning = [u for u, e in units.items() if u in _ANGLES and e == 1]
    others = [u for u in units if u not in turning]
    alone = len(units) == 1 and others and others[0] in _TURNS and units[others[0]] == 1
    time = len(others) == 1 and units[others[0]] == -1 and others[0] not in ("hertz", "becquerel")
    return bool(alone or (len(turning) == 1 and time and q.check("1/[time]")))


def to_root_rate(name: str, q: Any, shown: Any) -> Any:
    """An amplitude in the root of photons per second."""
    if q.check("[power]"):
        how = "of a power, `qc.physics.drive_amplitude(power, frequency)`"
        raise fail(name, _must(to_root_rate), shown, how)
    if "hertz" in base_units(q) or not q.check("1/[time]**0.5"):
        raise _refused(name, q, shown, to_root_rate)
    return finite(name, q.to("second**-0.5").magnitude, shown)


def to_radians(name: str, q: Any, shown: Any) -> Any:
    """An angle in radians."""
    units = {u: e for u, e in base_units(q).items() if u != "pi"}
    angles = all(u in _ANGLES and e == 1 for u, e in units.items()) and len(units) <= 1
    if not q.dimensionless or not angles or not is_linear(q):
        raise _refused(name, q, shown, to_radians)
    return finite(name, q.to("radian").magnitude, shown)


def to_share(name: str, q: Any, shown: Any) -> Any:
    """The share of power that a number, "%" or dB mean."""
    if set(base_units(q)) == {"decibel"}:
        return 10 ** (-abs(finite(name, q.magnitude, shown)) / 10)
    return _ratio(name, q, shown, to_share)


def to_squeezed(name: str, q: Any, shown: Any) -> Any:
    """The squeezing parameter r that a number or dB mean."""
    if set(base_units(q)) == {"decibel"}:
        return finite(name, q.magnitude, shown) * math.log(10) / 20
    return _ratio(name, q, shown, to_squeezed)


def _ratio(name: str, q: Any, shown: Any, convert: Callable[..., Any]) -> Any:
    """A pure number, "%" and "mW/W" included; angles and decibels are none."""
    if not q.dimensionless or not is_linear(q) or set(base_units(q)) & {*_ANGLES}:
        raise _refused(name, q, shown, convert)
    return finite(name, q.to("dimensionless").magnitude, shown)


def to_any(name: str, q: Any, shown: Any) -> Any:
    """The SI number of a quantity of any kind that is not ambiguous."""
    units = base_units(q)
    if q.check("1/[time]"):
        return to_angular(name, q, shown)
    if set(units) & {"decibel", "neper"}:
        raise fail(name, "say the ratio as a number (a loss in dB stands at its part)", shown)
    if is_angle(q):
        return to_radians(name, q, shown)
    return finite(name, q.to_base_units().magnitude, shown)


def to_like(name: str, q: Any, shown: Any, unit: str) -> Any:
    """The number of a quantity in any unit of its kind."""
    try:
        one = q._REGISTRY.Quantity(1.0, unit)
    except Exception:  # a unit that only its user knows, "κ"
        raise fail(name, f"be a number in units of {unit}", shown) from None
    if q.units == one.units:
        return finite(name, q.magnitude, shown)
    if q.dimensionality != one.dimensionality or is_angle(q) != is_angle(one):
        raise _refused(name, q, shown, partial(to_like, unit=unit))
    return to_any(name, q, shown) / to_any(name, one, unit)


def finite(name: str, magnitude: Any, shown: Any) -> Any:
    """A float or array, finite everywhere."""
    magnitude = magnitude * 1.0
    if not isinstance(magnitude, float | complex):
        return magnitude  # an array: `number` looks at it
    if not (math.isfinite(magnitude.real) and math.isfinite(magnitude.imag)):
        raise fail(name, "be finite", shown)
    return magnitude


_KINDS = {to_angular: "rad/s", to_radians: "radian"}
_EXAMPLES = {
    to_angular: "1 MHz",
    to_root_rate: "1e6 s^-0.5",
    to_radians: "90 deg",
    to_share: "3 dB",
    to_squeezed: "10 dB",
    to_any: "1 MHz",
}
