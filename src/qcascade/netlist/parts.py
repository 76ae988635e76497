"""Parts and numbers as a network file spells them. Nothing in a file is ever executed."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, is_quantity, listed, nearest, numbers, one_of, shown
from ..base.quantities import to_angular, to_root_rate
from ..base.units import has_dimension, has_unit
from ..base.units import read as with_unit
from ..parts.pulses import Pulse
from ..slh.component import Component
from ..slh.ladder import Ladder, Word
from ..slh.registry import CATALOGUE, check_argument
from ..slh.toml import CUSTOM
from .expression import TIME, evaluate

_LISTS = ("decay", "occupation")  # one value per port, of which there may be none


def group(names: str) -> Any:
    """One name, or several with spaces between, as `lindblad` takes them."""
    words = tuple(names.split())
    return words if len(words) > 1 else names


def occupation_of(where: str, value: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        raise fail(where, "be one number (many networks at once are { batch = […] })", value)
    return value_of(where, value, given)


def as_list(name: str, table: Mapping[str, Any]) -> list[Any]:
    value = table.get(name, [])
    if not isinstance(value, list):
        raise fail(name, "be a list", value)
    return value


def as_table(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise fail(where, "be a table", value)
    return value


def as_text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise fail(where, "be text", value)
    return value


def couplings_of(couplings: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(couplings, list):
        return [_part(f"couplings[{k}]", table, given, {}) for k, table in enumerate(couplings)]
    return parts_of("couplings", couplings, given)


def parts_of(
    section: str, parts: Any, given: Mapping[str, Any], pulses: Mapping[str, Pulse] | None = None
) -> dict[str, Component]:
    return {
        name: _part(f"{section}.{name}", table, given, pulses or {})
        for name, table in as_table(section, parts).items()
    }


def _part(
    where: str, table: Any, given: Mapping[str, Any], pulses: Mapping[str, Pulse]
) -> Component:
    table = dict(as_table(where, table))
    if "part" not in table:
        other = next((name for name in table if nearest(name, ["part"])), None)
        more = f": `{other}` is called `part`" if other else ""
        must = f"must name a part, but is missing{more} ({listed(sorted(CATALOGUE))})."
        raise ArgumentError(f"Argument `{where}.part` {must}")
    kind = one_of(f"{where}.part", table.pop("part"), (*sorted(CATALOGUE), CUSTOM), "a part")
    if kind == CUSTOM:
        return _read_custom(where, table, given)
    signature = inspect.signature(CATALOGUE[kind]).parameters
    arguments = {}
    for name, value in table.items():
        check_argument(where, kind, name)
        kinds = (str, str | Mapping[str, Any]) if isinstance(value, str) else (str,)
        named = signature[name].annotation in kinds  # a mode's name, not a number
        if isinstance(value, list) and not value and name not in _LISTS:
            raise fail(f"{where}.{name}", "be a number, or hold one at least", value)
        if signature[name].annotation is Pulse:
            spelled: Any = value
            pulse = one_of(f"{where}.{name}", spelled, pulses, "among the sections [pulses.NAME]")
            arguments = {TIME: given[TIME], **arguments, name: pulses[pulse]}
        else:
            arguments[name] = value if named else value_of(f"{where}.{name}", value, given)
    missing = [n for n, p in signature.items() if p.default is p.empty and n not in arguments]
    if missing:
        raise fail(where, f"give `{missing[0]}` of {kind}", table)
    try:
        return CATALOGUE[kind](**arguments)
    except ArgumentError as error:
        raise ArgumentError(f"In {where}: {error}{_origins(error, table, given)}") from None


def _origins(error: ArgumentError, table: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Which parameters with units the refused argument is made of."""
    for name, text in table.items():
        if re.match(rf"Argument `{re.escape(name)}\b", str(error)):
            words = set(re.findall(r"\w+", str(text)))
            united = {x: q for x, q in given.items() if is_quantity(q) and x in words}
            kinds = listed(f"`{x}` is in {q.units:~P}" for x, q in united.items())
            return f" It is {shown(text)}, where {kinds}." if united else ""
    return ""


def _objects(values: list[Any]) -> Any:
    """An array of text and quantities; NumPy would take those for numbers."""
    objects = np.empty(len(values), object)
    for k, x in enumerate(values):
        objects[k] = x
    return objects


def value_of(where: str, value: Any, given: Mapping[str, Any]) -> Any:
    """Numbers as they are, text as arithmetic, lists and tables entry by entry.

    A list is one number per port or mode; `{ batch = […] }` is many networks at once. What has a
    unit, as text or by the parameters it is made of, is for its reader to look at.
    """
    if isinstance(value, str):
        # The part knows which unit it must be, and refuses what is not clear.
        return value if has_unit(value) else evaluate(value, given, where)
    if isinstance(value, list):
        return [value_of(f"{where}[{k}]", x, given) for k, x in enumerate(value)]
    if isinstance(value, dict) and list(value) == ["batch"]:
        batch = value_of(f"{where}.batch", value["batch"], given)
        if not isinstance(batch, list) or not batch:
            raise fail(f"{where}.batch", "be a list of one number or more", batch)
        if any(map(has_dimension, batch)):
            return _objects(batch)  # read by the part
        return numbers(f"{where}.batch", batch, "a list of numbers", "iufc")
    if isinstance(value, dict):
        return {key: value_of(f"{where}.{key}", x, given) for key, x in value.items()}
    return value


_CUSTOM = (
    *("modes", "inputs", "outputs", "S", "L", "H"),
    *("occupations", "qubits", "squeezings", "delays"),
)


def _read_custom(where: str, table: dict[str, Any], given: Mapping[str, Any]) -> Component:
    def read(place: str, words: Any, convert: Callable[[str, Any, Any], Any]) -> Ladder:
        terms = {}
        for text, c in as_table(place, value_of(place, as_table(place, words), given)).items():
            at = f"{place}[{text}]"
            terms[_spelled(text)] = numbers(at, with_unit(at, c, convert), "a number", "iufc")
        return Ladder(terms)

    for name in table:
        one_of(where, name, _CUSTOM, "an argument of a custom part")
    for name in ("modes", "inputs", "outputs", "S", "L", "H"):
        if name not in table:
            raise fail(where, f"give `{name}` of a custom part", table)
    try:
        return Component(
            value_of(f"{where}.S", table["S"], given),
            tuple(
                read(f"L[{k}]", words, to_root_rate) for k, words in enumerate(as_list("L", table))
            ),
            read("H", table["H"], to_angular),
            tuple(as_list("modes", table)),
            tuple(as_list("inputs", table)),
            tuple(as_list("outputs", table)),
            value_of(f"{where}.occupations", table.get("occupations", {}), given),
            tuple(as_list("qubits", table)),
            {
                group(pair): value_of(f"{where}.squeezings", xi, given)
                for pair, xi in as_table(where, table.get("squeezings", {})).items()
            },
            value_of(f"{where}.delays", table.get("delays", {}), given),
        )
    except ArgumentError as error:
        raise ArgumentError(f"In {where}: {error}") from None


def _spelled(text: str) -> Word:
    if text == "1":
        return ()
    return tuple((token.removesuffix("†"), token.endswith("†")) for token in text.split())
