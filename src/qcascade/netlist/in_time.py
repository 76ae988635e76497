"""The section `time` of a network file: over which times its network is computed.

[time]
from = -4.0                    # or with a unit, from = "-4 us", which is then the axis's
to = 12.0
points = 161                   # where numbers are wanted; 201 by default
breaks = [0.0, "tau"]          # when something is switched; arithmetic in the parameters, too

[time]
period = "2*pi/omega"          # the state that returns with the drive, over one period
points = 64                    # phases; 64 by default

In such a file, and in no other, expressions may hold t; step(x) is 0 below x = 0 and 1 from there.
A run begins in the vacuum, or in the ground state of a master equation, or with

thermal = { "m.b" = "n_th" }   # thermal states, of Gaussian networks
quanta = { "u" = 2, atom = 1 } # number states, of master equations
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.checks import count, fail, number, single
from ..base.given_units import Axis, in_si
from ..base.units import duration
from .axes import MOST, axis_of, unit_of_axis
from .expression import TIME
from .parts import as_list, as_table, value_of

_RUN = ("from", "to", "points", "unit", "breaks", "thermal", "quanta")
_CYCLE = ("period", "points", "breaks")
_POINTS = {"from": 201, "period": 64}


@dataclass(frozen=True)
class Time:
    """The section as read: a run between two times, or one period.

    Args:
        axis: the times of a run, or phases in units of the period.
        period: as the file spells it; None for a run.
        breaks: when something is switched, as the file spells it.
        measured: whether the times of a run have a unit.
        thermal: occupations of modes at the beginning, as the file spells them.
        quanta: of modes at the beginning.
    """

    axis: Axis
    period: Any = None
    breaks: tuple[Any, ...] = ()
    measured: bool = False
    thermal: Mapping[str, Any] = field(default_factory=dict)
    quanta: Mapping[str, Any] = field(default_factory=dict)

    def times(self) -> Any:
        """The times of a run, in seconds where they have a unit."""
        values, _, scale = self.axis
        return in_si(values, scale) if self.measured else values

    def period_of(self, given: Mapping[str, Any]) -> Any:
        """The period, for some values of the parameters.

        Args:
            given: numbers by parameter.

        Raises:
            ArgumentError: when it is no number above zero.
        """
        value = value_of("time.period", self.period, given)
        period = duration("time.period", value)
        single("time.period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
        return value

    def breaks_of(self, given: Mapping[str, Any]) -> Any:
        """Times at which something is switched, for some values of the parameters.

        Args:
            given: numbers by parameter.
        """
        read = [value_of(f"time.breaks[{k}]", x, given) for k, x in enumerate(self.breaks)]
        return np.array([duration(f"time.breaks[{k}]", x) for k, x in enumerate(read)], float)


def time_of(table: Any, parameters: Collection[str]) -> Time:
    """The section as read.

    Args:
        table: the section.
        parameters: names of the file's parameters.

    Raises:
        ArgumentError: for unknown keys, times that do not increase, or a parameter called t.
    """
    table = as_table("time", table)
    cyclic = "period" in table
    for key in table:
        if key not in (*_RUN, *_CYCLE):
            raise fail("time", f"be a table of: {', '.join(('period', *_RUN))}", key)
        if key not in (_CYCLE if cyclic else _RUN):
            raise fail(f"time.{key}", "be left out beside `period`", table[key])
    if not cyclic and not {"from", "to"} <= table.keys():
        raise fail("time", "have `from` and `to`, or a `period`", table)
    if TIME in parameters:
        must = f"not be called {TIME} in a file with a section [time], where that is the time"
        raise fail("parameters", must, TIME)
    breaks = tuple(as_list("time.breaks", {"time.breaks": table.get("breaks", [])}))
    if cyclic:
        return Time(_phases(table), table["period"], breaks)
    ends = {key: table[key] for key in ("from", "to", "unit") if key in table}
    axis = axis_of("time", {**ends, "points": table.get("points", _POINTS["from"])})
    if len(axis.values) < 2 or axis.values[0] > axis.values[-1]:
        late = axis.values[0] > axis.values[-1]
        where, must = ("to", "be later than `from`") if late else ("points", "be 2 or more")
        raise fail(f"time.{where}", must, table[where])
    unit = unit_of_axis("time", ends)
    measured = unit is not None
    if measured:
        duration("time.unit", f"1 {unit}")  # no frequency, say
    begun = (as_table(f"time.{key}", table.get(key, {})) for key in ("thermal", "quanta"))
    return Time(axis, None, breaks, measured, *begun)


def _phases(table: Mapping[str, Any]) -> Axis:
    if not isinstance(table["period"], str):
        period = number("time.period", table["period"])
        single("time.period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
    points = count("time.points", table.get("points", _POINTS["period"]), 1, MOST)
    return Axis(np.arange(points) / points, "T", 1.0)
