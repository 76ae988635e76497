"""The parameters of a paper's points, in words: defaults, units, ranges."""

import inspect
import re
from importlib import import_module
from typing import Any

from ..base.units import convert, has_unit, power_share
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


def in_unit(record: Parameter | Choice | None, text: str) -> float | None:
    """What `point` takes for a number with a unit, "15 mW" or "0.015 W"; None for a bare number.

    Args:
        record: of the parameter, from `records`.
        text: as typed.

    Raises:
        ArgumentError: for a unit of another kind, or text that is not clear.

    >>> power = records("liu2024")["power"]
    >>> in_unit(power, "15mW"), in_unit(power, "15000 uW")
    (0.015, 0.015)
    """
    if not isinstance(record, Parameter):
        return None
    if record.unit == "1":
        share = record.name == "transmission" and has_unit(text)
        return float(power_share(record.name, text)) if share else None
    own = text.strip().removesuffix(record.unit)  # units that only the paper has: ω, γ, quanta
    if own != text.strip():
        try:
            return float(own) * record.scale
        except ValueError:
            pass
    if not has_unit(text):
        return None
    return float(convert(record.name, text, record.unit)) * record.scale


def records(key: str) -> dict[str, Parameter | Choice]:
    """Choices and parameters of a paper by name, those of every setting.

    Args:
        key: the paper.
    """
    system: System = import_module(f".{key}.system", __package__).SYSTEM
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
