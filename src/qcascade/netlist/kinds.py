"""Which kind of quantity arithmetic in a file's parameters makes: a length, a rate, an angle.

A parameter with a unit keeps its kind on the way to a part, which reads it as it reads text: twice
a length is one, a ratio of two is a number, the root of a squared rate is a rate. Lengths and
temperatures have no sum, and an angle per time is a rate.

Parameters without a unit are ratios, or in SI units already: those of the size of ratios change no
kind, and where larger or smaller ones enter nothing is known of the result.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, is_quantity, is_traced
from ..base.quantities import is_angle, registry
from ..base.units import Si, SiArray
from ..slh.rates import like_a_ratio

_TIME = "[time]"


class Kind(NamedTuple):
    """What is known of a value: exponents of its dimensions, or one of the words below."""

    dimensions: tuple[tuple[str, Fraction], ...] = ()
    word: str = ""


NUMBER = Kind()
"""A number in the text, or a ratio."""

BARE = Kind(word="bare")
"""A parameter without a unit: a ratio, or in SI units."""

ANGLE = Kind(word="angle")
ANYTHING = Kind(word="anything")
RATE = Kind(((_TIME, Fraction(-1)),))
DURATION = Kind(((_TIME, Fraction(1)),))
ROOT_RATE = Kind(((_TIME, Fraction(-1, 2)),))


class MixedKinds(Exception):
    """Kinds that do not go together; the message says which, and what must be instead."""


class Term(NamedTuple):
    """A value, in SI units, and its kind."""

    value: Any
    kind: Kind


def term(value: Any) -> Term:
    """A parameter: a pint quantity in SI units, or a number.

    Args:
        value: of the parameter.
    """
    if not is_quantity(value):
        return Term(value, BARE)
    return Term(value.magnitude, kind_of(f"{value.units}"))


@lru_cache(maxsize=256)
def kind_of(unit: str) -> Kind:
    """The kind of a unit.

    Args:
        unit: as pint reads it.

    >>> kind_of("MHz") == kind_of("rad/s") == RATE, kind_of("deg") == ANGLE, kind_of("%") == NUMBER
    (True, True, True)
    """
    one = registry().Quantity(1.0, unit)
    if one.dimensionless:
        return ANGLE if is_angle(one) else NUMBER
    powers = ((name, Fraction(x).limit_denominator(24)) for name, x in one.dimensionality.items())
    return Kind(tuple(sorted(powers)))


OWN = ("1", "g", "J", "γ", "gamma", "Ω")
"""Names of rates in formulas, whatever else they are units of."""

_SPELLED = ("Hz", "kHz", "MHz", "GHz", "THz", "rad/s", "K", "mK", "W", "mW", "m", "nm", "s", "deg")


def kind_of_label(where: str, unit: str) -> Kind | None:
    """The kind of a unit that plain numbers are in; None for a name of one's own, such as "κ".

    Args:
        where: the place in the file.
        unit: as the file has it.

    Raises:
        ArgumentError: for what is a unit but for its capitals.

    >>> kind_of_label("unit", "MHz") == RATE, kind_of_label("unit", "κ")
    (True, None)
    """
    if unit in OWN:
        return None
    try:
        return kind_of(unit)
    except Exception:  # pint passes on whatever its parser stumbles over
        meant = [x for x in _SPELLED if x.lower() == unit.lower()]
    if meant:
        must, told = "be a unit, or a name of one's own", f"did you mean {meant[0]!r}?"
        raise fail(where, must, unit, told)
    return None


@lru_cache(maxsize=256)
def unit_of_kind(kind: Kind) -> str:
    """The SI unit of a kind, "" for numbers: "rad/s" for rates.

    Args:
        kind: with dimensions, or of an angle.

    >>> unit_of_kind(RATE), unit_of_kind(kind_of("km")), unit_of_kind(ANGLE)
    ('rad/s', 'm', 'rad')
    """
    if kind == RATE:
        return "rad/s"
    if kind == ANGLE:
        return "rad"
    unit = registry().Unit("")
    for name, power in kind.dimensions:
        unit = unit * registry().Unit(_BASES[name]) ** float(power)
    return f"{unit:~}"


_BASES = {
    "[length]": "m",
    "[mass]": "kg",
    _TIME: "s",
    "[temperature]": "K",
    "[current]": "A",
    "[substance]": "mol",
    "[luminosity]": "cd",
}


def with_kind(term: Term) -> Any:
    """The value, as a pint quantity where it has a kind that parts ask for.

    Args:
        term: from an expression.
    """
    if term.kind == NUMBER and isinstance(term.value, Si | SiArray):  # "50 %" is no rate
        return np.asarray(term.value)[()]
    if not term.kind.dimensions and term.kind != ANGLE:
        return term.value
    return registry().Quantity(term.value, unit_of_kind(term.kind))


def of_sum(first: Term, second: Term) -> Kind:
    """The kind of a sum or difference.

    Args:
        first: one of them.
        second: the other.

    Raises:
        MixedKinds: for two kinds, or a kind and a bare number that could be a ratio.
    """
    a, b = first.kind, second.kind
    if a == b or ANYTHING in (a, b):
        return a if a == b else ANYTHING
    if not a.dimensions and not b.dimensions:
        return ANGLE if ANGLE in (a, b) else BARE
    for x, other in ((first, b), (second, a)):
        if x.kind in (NUMBER, BARE) and not (_could_be_a_ratio(x) and _not_zero(x)):
            return other
    raise MixedKinds(f"add quantities of one kind, not {_named(a)} and {_named(b)}")


def _not_zero(term: Term) -> bool:
    return is_traced(term.value) or bool(np.any(np.asarray(term.value) != 0))


def _could_be_a_ratio(term: Term) -> bool:
    """Whether a number without a unit is no SI number, as those in a text never are."""
    if term.kind == NUMBER or is_traced(term.value):
        return True
    return not _not_zero(term) or like_a_ratio(term.value)


def of_product(first: Term, second: Term, sign: int = 1) -> Kind:
    """The kind of a product, or of a quotient.

    Args:
        first: a factor.
        second: the other.
        sign: −1 where it is divided by the other.
    """
    a, b = first.kind, second.kind
    if ANYTHING in (a, b):
        return ANYTHING
    if a.dimensions or b.dimensions:
        for x in (first, second):
            if x.kind == BARE and not _could_be_a_ratio(x):
                return ANYTHING
        powers = dict(a.dimensions)
        for name, power in b.dimensions:
            powers[name] = powers.get(name, Fraction(0)) + sign * power
        return Kind(tuple(sorted((name, x) for name, x in powers.items() if x)))
    if (a == ANGLE) != (b == ANGLE):
        return ANGLE if sign == 1 or a == ANGLE else NUMBER
    return BARE if BARE in (a, b) else NUMBER


def of_power(base: Term, exponent: Term) -> Kind:
    """The kind of a power.

    Args:
        base: with or without dimensions.
        exponent: a number.

    Raises:
        MixedKinds: for an exponent with a unit.
    """
    if exponent.kind.dimensions:
        raise MixedKinds(f"have numbers as exponents, not {_named(exponent.kind)}")
    if not base.kind.dimensions:
        return NUMBER if base.kind == ANGLE else base.kind
    if is_traced(exponent.value) or np.ndim(exponent.value) or np.iscomplexobj(exponent.value):
        return ANYTHING
    by = Fraction(float(exponent.value)).limit_denominator(24)
    return Kind(tuple((name, by * x) for name, x in base.kind.dimensions if by))


def of_root(term: Term) -> Kind:
    """The kind of a square root.

    Args:
        term: what the root is taken of.
    """
    return of_power(term, Term(0.5, NUMBER))


def of_number(name: str, term: Term) -> Kind:
    """The kind of a function of numbers and angles.

    Args:
        name: of the function.
        term: its argument.

    Raises:
        MixedKinds: for an argument with a unit.
    """
    if term.kind.dimensions:
        raise MixedKinds(f"take {name} of a number or an angle, not of {_named(term.kind)}")
    return NUMBER


def _named(kind: Kind) -> str:
    """A kind as a sentence has it: by its SI unit."""
    return unit_of_kind(kind) if kind.dimensions or kind == ANGLE else "a number"
