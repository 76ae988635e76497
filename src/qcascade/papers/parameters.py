"""The parameters of a paper's points, in words: defaults, units, ranges."""

from importlib import import_module
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
    system: System = import_module(f".{key}.system", __package__).SYSTEM
    return [(name, _plain(x), _words(_records(system).get(name))) for name, x in defaults.items()]


def _records(system: System) -> dict[str, Parameter | Choice]:
    """Choices and parameters by name, those of every setting."""
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
    unit = "" if record.unit == "1" else f" {record.unit}"
    words = f"{record.symbol}, {record.meaning}; {record.low:g} to {record.high:g}{unit}"
    return words if record.scale == 1 else f"{words} (1{unit} is {record.scale:g})"
