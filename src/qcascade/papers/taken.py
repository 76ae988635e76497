"""Functions that take the parameters of a table: one signature, one docstring, one check."""

import functools
import inspect
from collections import namedtuple
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from ..base.checks import between, count, number, one_of
from ..base.checks import complex_number as complex_number
from ..base.checks import fail as fail
from ..base.checks import fraction as fraction
from ..base.checks import mean_quanta as mean_quanta
from ..base.checks import rate as rate
from ..base.units import angle, convert, has_unit, power_share, quantity
from .records import Choice, Parameter, Table

NONE: Mapping[str, Any] = MappingProxyType({})


def defaults(table: Table) -> dict[str, Any]:
    """Default by name, as `point` takes it.

    Args:
        table: of a paper.

    >>> from .jiao2022.model import TABLE
    >>> list(defaults(TABLE).items())[-2:]
    [('temperature', 0.1), ('noise', 'consistent')]
    """
    return {x.name: x.value for x in table}


def takes(
    table: Table, without: tuple[str, ...] = (), also: Mapping[str, Any] = NONE
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of one record into one that takes every parameter of a table by itself.

    The function is handed a named tuple. Choices are checked, ratios and angles read, and what
    carries another unit is left to the parts, which know it.

    Args:
        table: of a paper.
        without: names left out of it.
        also: defaults of what is taken beside it, by name.

    Raises:
        ArgumentError: (the function) for what is none of a choice's options, or no number.

    >>> from .records import Parameter
    >>> @takes((Parameter("power", "P", "power", "mW", 0, 9, 2, 1e-3),))
    ... def twice(at):
    ...     return 2 * at.power
    >>> twice(), twice(3.0), inspect.signature(twice)
    (0.004, 6.0, <Signature (power=0.002)>)
    """
    chosen = tuple(x for x in table if x.name not in without)
    every = {**defaults(chosen), **also}
    At: Any = namedtuple("At", every)  # its names are known from the table only
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature(
        [inspect.Parameter(name, keyword, default=x) for name, x in every.items()]
    )
    lines = [f"    {x.name}: {meaning(x)}." for x in chosen]

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            bound = signature.bind(*arguments, **named)
            at = {**every, **bound.arguments}
            return function(At(**at | {x.name: _read(x, at[x.name]) for x in chosen}))

        wrapper.__dict__["__signature__"] = signature
        text, args = inspect.getdoc(function) or "", "Args:\n"
        if args in text:
            text = text.replace(args, args + "\n".join(lines) + "\n", 1)
        else:
            head, _, rest = text.partition("\n\n")
            text = "\n\n".join(filter(None, (head, args + "\n".join(lines), rest)))
        wrapper.__doc__ = text
        return wrapper

    return wrap


def whole(low: int, high: int = 2**63 - 1) -> Callable[[str, Any], int]:
    """The check for a whole number.

    Args:
        low: the lowest.
        high: the highest.
    """
    return functools.partial(count, low=low, high=high)


def si(unit: str, positive: bool = False) -> Callable[[str, Any], Any]:
    """The check for a number in an SI unit, from text with any unit of its kind.

    Args:
        unit: in full, "watt".
        positive: whether it must be above zero.
    """

    def check(name: str, value: Any) -> Any:
        found = quantity(name, value, unit)
        tiny = np.finfo(float).tiny
        return between(name, found, tiny, np.inf, "a number above zero") if positive else found

    return check


def meaning(x: Parameter | Choice) -> str:
    """A parameter in words: symbol, meaning, and the unit that `point` counts in.

    Args:
        x: of a table.

    >>> meaning(Choice("side", "where the light comes from", ("left", "right"), "left"))
    "where the light comes from, 'left' or 'right'"
    """
    if isinstance(x, Choice):
        words = [repr(option) for option in x.options if isinstance(option, str)]
        return f"{x.meaning}, {' or '.join(words)}" if words else x.meaning
    unit = "" if x.unit == "1" else f", {x.unit}"
    scaled = f"; 1 {x.unit} is {x.scale:g}" if x.scale != 1 else unit
    return f"{x.symbol}, {x.meaning}{scaled}"


def _read(x: Parameter | Choice, value: Any) -> Any:
    if x.check is not None:
        return x.check(x.name, value)
    if isinstance(x, Choice):
        return one_of(x.name, value, x.options)
    if x.name == "transmission":
        return power_share(x.name, value)
    if x.unit == "1":
        return number(x.name, value)
    if x.unit == "π":
        return angle(x.name, value) if x.scale != 1 else in_pi(x.name, value)
    return value


def in_pi(name: str, phase: Any) -> Any:
    """A phase in units of π, also from "90 deg".

    Args:
        name: what to call it in an error.
        phase: a number of π, or text with a unit.
    """
    plain = isinstance(phase, str) and not has_unit(phase)
    return number(name, phase if plain else convert(name, phase, "π"))
