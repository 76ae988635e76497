"""The unit that numbers were given in: axes of a sweep, and scales of single values."""

from typing import Any, NamedTuple

import numpy as np

from .checks import fail, is_quantity, number
from .quantities import is_linear, is_share, to_any
from .units import Si, SiArray, convert, has_dimension, has_unit, of_any_kind, read

Unit = tuple[str, float]
"""A unit, and what it is in SI units."""


def unit_given(name: str, value: Any) -> str | None:
    """The unit of text, of a pint quantity, or of several; None for numbers.

    >>> unit_given("power", "15 mW"), unit_given("power", 0.015)
    ('mW', None)
    """
    several = isinstance(value, list | tuple) or (is_quantity(value) and np.ndim(value))
    if not several and not _may_have_unit(value):
        return None
    given = axis(name, value if several else [value])
    return None if given is None else given.unit


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
    quantities: list[Any] = []
    if isinstance(values, list | tuple) and not any(map(_may_have_unit, values)):
        return None

    def keep(where: str, q: Any, shown: Any) -> Any:
        quantities.append(q)
        return to_any(where, q, shown)

    converted = read(name, values, keep)
    if not quantities:
        return None
    converted = number(name, converted)
    mixed = not is_quantity(values) and len(quantities) < np.size(converted)
    # "10 %" and 1 are both ratios.
    if mixed and (unit is not None or not all(map(is_share, quantities))):
        raise fail(name, "have a unit in every entry, or in none", values)
    one = quantities[0]._REGISTRY.Quantity(1.0, quantities[0].units)
    if unit is not None:
        return Axis(
            number(name, convert(name, values, unit)), unit, float(of_any_kind(name, f"1 {unit}"))
        )
    if not is_linear(one):
        return Axis(converted, f"{one.to_root_units().units:~P}", 1.0)
    scale = float(to_any(name, one, values))
    if not mixed and all(str(q.units) == str(one.units) for q in quantities):
        plain = read(name, values, lambda _, q, shown: q.magnitude)
    else:
        plain = converted / scale
    return Axis(number(name, plain), f"{one.units:~P}", scale)


def unit_of(name: str, value: Any) -> Unit | None:
    """The unit that a value was given in, and what it is in SI units; None for a plain number.

    Args:
        name: what to call it in an error.
        value: a number, text, or a pint quantity; what is known to be in SI units is in "SI".

    >>> unit_of("gain", "1 MHz"), unit_of("gain", 1.0)
    (('MHz', 6283185.307179586), None)
    """
    if not has_dimension(value):
        return None
    given = axis(name, [value])
    return ("SI", 1.0) if given is None else (given.unit, given.scale)


def in_si(values: Any, scale: float) -> Any:
    """Values on an axis with a unit as the SI numbers they stand for."""
    scaled = np.asarray(values) * scale
    return scaled.view(SiArray) if scaled.ndim else Si(scaled)


def _may_have_unit(value: Any) -> bool:
    return has_unit(value) if isinstance(value, str) else has_dimension(value)
