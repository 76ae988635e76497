"""A file with a section `time` at one of its times: its run is computed once and kept."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import UnstableError, fail
from ..linear.state import GaussianState
from .expression import TIME
from .in_time import Time
from .load import load
from .measures import measure
from .network_file import Netlist, State
from .over_time import measured_over_time

KEPT = 32
"""Runs that are kept."""

NEAR = 1e-9
"""How far from one of the file's times a number may be, relative to all of them."""


class Course(NamedTuple):
    """A run, or one period.

    Args:
        states: with a leading axis for the times; None for the run of a master equation.
        numbers: measures (T,): those of the file by name, and others that were asked for.
        refused: why there is no such state.
    """

    states: State | None
    numbers: dict[str, Any]
    refused: UnstableError | None = None


def course(netlist: Netlist, values: Mapping[str, Any]) -> Course:
    """The run of a file for some values of its parameters, kept for the next time they are asked.

    Args:
        netlist: from `netlist.load`, with a section `time`.
        values: numbers by parameter; others are the file's own.

    Raises:
        ArgumentError: as `over_time`.
        UnstableError: where no state returns after the period.
    """
    given = sorted((name, float(x)) for name, x in values.items() if name != TIME)
    run = _course(netlist.text, tuple(given))
    if run.refused is not None:
        raise UnstableError(str(run.refused))
    return run


@lru_cache(maxsize=KEPT)
def _course(text: str, values: tuple[tuple[str, float], ...]) -> Course:
    netlist = load(text)
    time = section(netlist)
    try:
        return Course(*measured_over_time(netlist, time, {**netlist.parameters, **dict(values)}))
    except UnstableError as error:
        return Course(None, {}, error)


def section(netlist: Netlist) -> Time:
    """The section `time` of a file.

    Args:
        netlist: the file.

    Raises:
        ArgumentError: for a file without one.
    """
    if netlist.time is None:
        raise fail("time", "be a section of the file", None)
    return netlist.time


def place(netlist: Netlist, t: Any) -> int:
    """Which of the file's times a number is.

    Args:
        netlist: the file.
        t: in the unit of its times, or of the period.

    Raises:
        ArgumentError: for a time that is none of them.
    """
    times = np.asarray(section(netlist).axis.values, float)
    k = int(np.argmin(np.abs(times - t)))
    if abs(times[k] - t) > NEAR * max(np.ptp(times), abs(times).max()):
        raise fail(TIME, "be one of the file's times", t, f"the nearest is {times[k]:.6g}")
    return k


def measured_at(
    netlist: Netlist, tables: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Measures at one of a file's times.

    Args:
        netlist: from `netlist.load`, with a section `time`.
        tables: measures by the name of the result.
        values: numbers by parameter, and the time `t` in the unit of the file's times, or in
            periods.

    Returns:
        A number by name.

    Raises:
        ArgumentError: for a time that is none of the file's, or as `over_time`.
        UnstableError: where no state returns after the period.

    >>> file = load('[parts.m]\\npart = "cavity"\\ndecay = 1.0\\n[time]\\nfrom = 0\\nto = 2\\n'
    ...             'points = 3\\nthermal = { "m" = 4.0 }')
    >>> quanta = {"n": {"measure": "occupation", "mode": "m"}}
    >>> measured_at(file, quanta, {"t": 1.0})["n"].round(6).item()  # 4/e
    1.471518
    """
    k, run = place(netlist, values[TIME]), course(netlist, values)
    return {name: numbers(run, name, table)[k] for name, table in tables.items()}


def numbers(run: Course, name: str, table: Mapping[str, Any]) -> Any:
    """A measure over all times, (T,).

    Args:
        run: from `course`.
        name: of the measure; one of the file's own needs no states.
        table: measure and arguments.
    """
    if name in run.numbers:
        return run.numbers[name]
    key = json.dumps(table, sort_keys=True, default=str)
    if key not in run.numbers:
        if run.states is None:
            must = "be a measure of the file, which alone are kept of a master equation in time"
            raise fail("measures", must, name)
        run.numbers[key] = measure(run.states, table)
    return run.numbers[key]


def state_at(netlist: Netlist, values: Mapping[str, Any]) -> GaussianState | None:
    """The Gaussian state at one of a file's times; None for a master equation.

    Args:
        netlist: from `netlist.load`, with a section `time`.
        values: as for `measured_at`.

    Raises:
        ArgumentError: as `measured_at`.
        UnstableError: as `measured_at`.
    """
    k, states = place(netlist, values[TIME]), course(netlist, values).states
    if not isinstance(states, GaussianState):
        return None
    return GaussianState(states.modes, states.mean[k], states.cov[k])
