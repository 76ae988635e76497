"""The parameters of a paper's points, in words: defaults, units, ranges."""

import inspect
import re
from typing import Any

from . import paper
from .records import Choice, Parameter, System


def described(key: str) -> list[tuple[str, str, str]]:
    """Name, default and meaning of every parameter that `point` of a paper takes.

    Args:
        key: the paper.

    Raises:
        ArgumentError: for an unknown key.

    >>> described("jiao2020")[-2][:2]
    ('temperature', '0.13')
    """
    defaults = paper(key).PARAMETERS
    known, documented = records(key), _documented(paper(key).point)
    return [
        (name, _plain(x), _words(known.get(name)) or documented.get(name, ""))
        for name, x in defaults.items()
    ]


def _documented(point: Any) -> dict[str, str]:
    """What the docstring says of every argument, in its first line."""
    lines = re.findall(r"^ +(\w+): (.+)$", inspect.getdoc(point) or "", re.M)
    return {name: text.rstrip(".") for name, text in lines}


def own_units(key: str) -> dict[str, tuple[str, float]]:
    """Unit and scale of every parameter: what `point` takes is the scale times the number of units.

    Args:
        key: the paper.

    >>> own_units("liu2024")["power"]
    ('mW', 0.001)
    """
    return {
        name: (x.unit, x.scale) if isinstance(x, Parameter) else ("1", 1.0)
        for name, x in records(key).items()
    }


def several(key: str) -> set[str]:
    """Parameters that also take a list of numbers.

    Args:
        key: the paper.

    >>> several("agusti2023")
    {'detuning'}
    """
    every = records(key).items()
    return {name for name, x in every if isinstance(x, Parameter) and x.several}


def records(key: str) -> dict[str, Parameter | Choice]:
    """Choices and parameters of a paper by name, those of every setting.

    Args:
        key: the paper.
    """
    system: System = paper(key).SYSTEM
    usual = {choice.name: choice.default for choice in system.choices}
    found: dict[str, Parameter | Choice] = {choice.name: choice for choice in system.choices}
    for choice in system.choices:
        for option in (choice.default, *choice.options):
            for parameter in system.parameters({**usual, choice.name: option}):
                found.setdefault(parameter.name, parameter)
    return found


def _plain(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _words(record: Parameter | Choice | None) -> str:
    if isinstance(record, Choice):
        words = [x for x in record.options if isinstance(x, str)]
        return f"{record.meaning}{': ' if words else ''}{', '.join(words)}"
    if record is None:
        return ""
    unit = "" if record.unit == "1" else record.unit
    words = f"{record.symbol}, {record.meaning}"
    if record.scale == 1:
        return f"{words}; {record.low:g} to {record.high:g} {unit}".rstrip()
    low, high = record.low * record.scale, record.high * record.scale
    return f"{words}; {low:g} to {high:g}, that is {record.low:g}{unit} to {record.high:g}{unit}"
