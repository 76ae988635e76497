"""Travelling modes and detectors as a network file spells them.

travelling.red = { port = "c.out", frequency = "-omega", width = 0.3 }
travelling.window = { port = "c.out", shape = "1", span = [0, "2*pi"] }
detectors."half.out1" = { detector = "homodyne", angle = "90 deg", efficiency = 0.9 }

A shape is arithmetic in t, how long ago the field left.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, one_of
from ..linear.detectors import Detector, heterodyne, homodyne
from ..linear.mode_functions import OutputMode, output_mode
from .expression import evaluate
from .parts import as_table, as_text, value_of

Travelling = Mapping[str, OutputMode]
Detectors = Mapping[str, Detector]


def argument(where: str, value: Any, given: Mapping[str, Any], kind: Any) -> Any:
    """What a file says of an argument, as the function takes it.

    Args:
        where: the place in the file.
        value: as read.
        given: the file's parameters.
        kind: the annotation of the argument.
    """
    if kind in (str, bool):
        return value
    if kind in _READERS:
        table = as_table(where, value)
        return {name: _READERS[kind](f"{where}.{name}", x, given) for name, x in table.items()}
    return value_of(where, value, given)


def check_argument(where: str, value: Any, kind: Any) -> None:
    """Refuse what is wrong with a table of modes or detectors before there are any numbers.

    Args:
        where: the place in the file.
        value: as read.
        kind: the annotation of the argument.
    """
    if kind not in _READERS:
        return
    table = as_table(where, value)
    if not table:
        raise fail(where, "hold one table or more", table)
    for name, one in table.items():
        _CHECKS[kind](f"{where}.{name}", as_table(f"{where}.{name}", one))


def ports_of(where: str, value: Any, kind: Any) -> Iterator[tuple[str, Any]]:
    """Places and names of the ports that a table of modes or detectors is about.

    Args:
        where: the place in the file.
        value: as read.
        kind: the annotation of the argument.
    """
    if kind == Detectors:
        yield from ((where, port) for port in value)
    if kind == Travelling:
        yield from ((f"{where}.{name}.port", mode["port"]) for name, mode in value.items())


_MODE = ("port", "frequency", "width", "shape", "span")


def _check_mode(where: str, table: Mapping[str, Any]) -> None:
    for key in table:
        one_of(where, key, _MODE, "a table of")
    if "port" not in table:
        raise fail(where, "give `port` of a travelling mode", table)
    if ("shape" in table) == ("width" in table):
        raise fail(where, "give either `width` or `shape`", table)
    if ("shape" in table) != ("span" in table):
        raise fail(where, "give `shape` and `span` together", table)


def _mode(where: str, table: Mapping[str, Any], given: Mapping[str, Any]) -> OutputMode:
    read = {k: value_of(f"{where}.{k}", x, given) for k, x in table.items() if k in _MODE[1:3]}
    if "shape" in table:
        text = as_text(f"{where}.shape", table["shape"])
        if "t" in given:
            raise fail(f"{where}.shape", "be arithmetic in t, which no parameter is called", text)
        spread = {name: x if np.ndim(x) == 0 else x[..., None] for name, x in given.items()}
        read["shape"] = partial(_shape, f"{where}.shape", text, spread)
        read["span"] = value_of(f"{where}.span", table["span"], given)
    with placed(where):
        return output_mode(table["port"], **read)


def _shape(where: str, text: str, given: Mapping[str, Any], t: Any) -> Any:
    return evaluate(text, {**given, "t": t}, where)


_DETECTORS = {"homodyne": homodyne, "heterodyne": heterodyne}


def _check_detector(where: str, table: Mapping[str, Any]) -> None:
    kind = table.get("detector", "missing")
    known = inspect.signature(_DETECTORS[one_of(f"{where}.detector", kind, _DETECTORS)]).parameters
    for key in table:
        one_of(where, key, ("detector", *known), f"an argument of {kind}")


def _detector(where: str, table: Mapping[str, Any], given: Mapping[str, Any]) -> Detector:
    read = {k: value_of(f"{where}.{k}", x, given) for k, x in table.items() if k != "detector"}
    with placed(where):
        return _DETECTORS[table["detector"]](**read)


_READERS: dict[Any, Callable[..., Any]] = {Travelling: _mode, Detectors: _detector}
_CHECKS: dict[Any, Callable[..., None]] = {Travelling: _check_mode, Detectors: _check_detector}


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Sentences on what is wrong, with the place in the file.

    Args:
        where: the place.
    """
    try:
        yield
    except ArgumentError as error:
        raise ArgumentError(f"In {where}: {error}") from None
