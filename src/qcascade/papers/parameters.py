"""The parameters of a paper's points, in words: defaults, units, ranges."""

from typing import Any

from . import paper
from .records import Choice, Parameter


def described(key: str) -> list[tuple[str, str, str]]:
    """Name, default and meaning of every parameter that `point` of a paper takes.

    Args:
        key: the paper.

    Raises:
        ArgumentError: for an unknown key.

    >>> described("jiao2020")[-2][:2]
    ('temperature', '0.13')
    """
    return [(x.name, _plain(x.value), _words(x)) for x in paper(key).TABLE]


def own_units(key: str) -> dict[str, tuple[str, float]]:
    """Unit and scale of every parameter: what `point` takes is the scale times the number of units.

    Args:
        key: the paper.

    >>> own_units("liu2024")["power"]
    ('mW', 0.001)
    """
    table = paper(key).TABLE
    return {x.name: (x.unit, x.scale) if isinstance(x, Parameter) else ("1", 1.0) for x in table}


def several(key: str) -> set[str]:
    """Parameters that also take a list of numbers.

    Args:
        key: the paper.

    >>> several("agusti2023")
    {'detuning'}
    """
    return {x.name for x in paper(key).TABLE if isinstance(x, Parameter) and x.several}


def _plain(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _words(record: Parameter | Choice) -> str:
    if isinstance(record, Choice):
        words = [x for x in record.options if isinstance(x, str)]
        return f"{record.meaning}{': ' if words else ''}{', '.join(words)}"
    unit = "" if record.unit == "1" else record.unit
    words = f"{record.symbol}, {record.meaning}"
    if record.scale == 1:
        return f"{words}; {record.low:g} to {record.high:g} {unit}".rstrip()
    low, high = record.low * record.scale, record.high * record.scale
    return f"{words}; {low:g} to {high:g}, that is {record.low:g}{unit} to {record.high:g}{unit}"
