"""The section `axes` of a network file: what is swept, and the frequencies of spectra.

[axes.loss]
from = 0.0                     # or with a unit, from = "1 MHz", which is then the axis's
to = 0.9
points = 91

[axes.power]
values = ["1 mW", "2 mW", "5 mW"]

An axis has the name of a parameter; `frequency`, where it is none, is the axis of spectra.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ..base.checks import count, fail, number, one_of, single
from ..base.given_units import Axis, axis, unit_given
from ..base.units import check_kind, has_dimension
from .kinds import kind_of_label
from .parts import as_table, as_text

FREQUENCY = "frequency"
"""The axis of spectra, where no parameter has this name."""

MOST = 10_000_000
"""Points along an axis; more are a slip of the pen."""


def axes_of(
    tables: Any, parameters: Collection[str], units: Mapping[str, str]
) -> tuple[dict[str, Axis], Axis | None]:
    """The axes by parameter, and that of spectra where there is one.

    Args:
        tables: the section as read.
        parameters: names of the file's parameters.
        units: in which those with a unit were given.
    """
    axes = {
        name: _axis(name, x, parameters, units.get(name))
        for name, x in as_table("axes", tables).items()
    }
    frequency = None if FREQUENCY in parameters else axes.pop(FREQUENCY, None)
    return axes, frequency


def _axis(name: str, table: Any, parameters: Collection[str], unit: str | None) -> Axis:
    where = f"axes.{name}"
    if name != FREQUENCY:
        one_of("axes", name, parameters, "among the file's parameters")
    table = as_table(where, table)
    plain = _plain(table)
    if unit is not None and plain and "unit" not in table:
        raise fail(where, f'have a unit, as the parameter has: unit = "{unit}"', plain)
    axis = axis_of(where, table)
    if name == FREQUENCY and unit is None and unit_of_axis(where, table) is not None:
        unit = "rad/s"
    if unit is not None:
        check_kind(where, f"1 {axis.unit}", unit)
    return axis


def unit_of_axis(where: str, table: Mapping[str, Any]) -> str | None:
    """The unit that the values of an axis have; None for numbers, whatever they are called.

    Args:
        where: the place in the file.
        table: of the axis.
    """
    if not _plain(table):
        return unit_given(where, table.get("values", table.get("from")))
    unit = as_text(f"{where}.unit", table.get("unit", "1"))
    return None if kind_of_label(f"{where}.unit", unit) is None else unit


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """The values or ends of an axis, where they are numbers."""
    values = {key: table[key] for key in ("values", "from", "to") if key in table}
    return {} if any(map(has_dimension, values.values())) else values


def _in_own_unit(where: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table of an axis, whose plain numbers are in its unit where it names one."""
    unit = unit_of_axis(where, table)
    if unit is None or "unit" not in table:
        return table
    return {**table, **{key: _text(x, unit) for key, x in _plain(table).items()}}


def _text(value: Any, unit: str) -> Any:
    return [_text(x, unit) for x in value] if isinstance(value, list) else f"{value} {unit}"


def axis_of(where: str, table: Any) -> Axis:
    """The axis that a table describes.

    Args:
        where: the place in the file.
        table: `values`, or `from`, `to` and `points`; and `unit`.
    """
    table = as_table(where, table)
    for key in table:
        one_of(where, key, ("values", "from", "to", "points", "unit"), "a table of")
    unit = as_text(f"{where}.unit", table.get("unit", "1"))
    table = _in_own_unit(where, table)
    if "values" in table:
        if len(table) > 1 + ("unit" in table):
            raise fail(where, "have `values` alone, or `from`, `to` and `points`", table)
        return _listed(f"{where}.values", table["values"], unit, table)
    for key in ("from", "to", "points"):
        if key not in table:
            raise fail(where, "have `values`, or `from`, `to` and `points`", table)
    points = count(f"{where}.points", table["points"])
    if points > MOST:
        raise fail(f"{where}.points", f"be {MOST:,} or fewer", points)
    ends = _ends(where, table, unit)
    begin, end = map(float, ends.values)
    if points > 1 and begin == end:
        raise fail(f"{where}.to", "differ from `from`", end)
    return ends._replace(values=np.linspace(begin, end, points))


def _ends(where: str, table: Mapping[str, Any], unit: str) -> Axis:
    """The first and the last value of an axis."""
    if any(isinstance(table[key], str) for key in ("from", "to")):
        return _listed(where, [table["from"], table["to"]], unit, table)
    low, high = -np.inf, np.inf
    ends = [single(f"{where}.{key}", table[key], low, high, "a number") for key in ("from", "to")]
    return Axis(np.array(ends), unit, 1.0)


def _listed(where: str, values: Any, unit: str, table: Mapping[str, Any]) -> Axis:
    """Values of an axis; text carries its own unit, and numbers are what the parameter takes."""
    read = axis(where, values, unit if "unit" in table else None)
    array = number(where, values if read is None else read.values, "a list of numbers")
    if np.ndim(array) != 1 or not len(array):
        raise fail(where, "be a list of numbers", values)
    return Axis(array, unit, 1.0) if read is None else read._replace(values=array)
