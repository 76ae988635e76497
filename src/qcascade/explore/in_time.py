"""A network file with a section `time`: its run, or one period, as something to explore."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..base.given_units import in_si
from ..base.units import duration
from ..linear.state import GaussianState
from ..netlist.at_time import course, measured_at, section
from ..netlist.expression import TIME
from ..netlist.network_file import Netlist
from ..papers.records import Parameter, Quantity, Setting, System
from ..slh.network import Network

POINTS = (8, 8)
"""Of another axis than the time: every one is a run of its own."""


def clock(netlist: Netlist) -> Parameter:
    """The time as something to sweep, with the file's own times.

    Args:
        netlist: the file.
    """
    time = section(netlist)
    values = np.asarray(time.axis.values, float)
    stops = tuple(np.linspace(values[0], values[-1], len(values)).tolist())
    words = "phase of the cycle, in periods" if time.period is not None else "time"
    return Parameter(TIME, "t", words, time.axis.unit, stops[0], stops[-1], stops[0], stops=stops)


def instant(netlist: Netlist, values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters and the time itself, as the network takes them.

    Args:
        netlist: the file.
        values: numbers by parameter, and `t` in the unit of the file's times or in periods.
    """
    time, given = section(netlist), dict(values)
    t = np.array([float(given.pop(TIME, time.axis.values[0]))])
    if time.period is not None:
        return {
            **given,
            TIME: t * duration("time.period", time.period_of(netlist.with_units(given))),
        }
    return {**given, TIME: in_si(t, time.axis.scale) if time.measured else t}


def system(
    netlist: Netlist,
    tables: Mapping[str, Mapping[str, Any]],
    quantities: Mapping[str, Quantity],
    parameters: tuple[Parameter, ...],
) -> System:
    """The file as a system: the time is its first parameter.

    Args:
        netlist: the file.
        tables: what is measured.
        quantities: what that is.
        parameters: the file's own.
    """
    every = (clock(netlist), *parameters)
    return System(
        point(netlist, tables),
        (),
        partial(_always, every),
        partial(_always, quantities),
        partial(_always, {}),
        partial(_network, netlist),
        None,
        broadcasts=False,
        points=partial(_few, POINTS),
        note=_note(netlist),
    )


def _note(netlist: Netlist) -> str:
    time = section(netlist)
    first, last = time.axis.values[0], time.axis.values[-1]
    unit = "" if time.axis.unit == "1" else f" {time.axis.unit}"
    if time.period is not None:
        return f"The state that returns after every period, T = {time.period}."
    return f"A run from t = {first:g}{unit} to {last:g}{unit}."


def _always(value: Any, setting: Setting) -> Any:
    return value


def _few(points: tuple[int, int], **values: Any) -> tuple[int, int]:
    return points


def point(
    netlist: Netlist, tables: Mapping[str, Mapping[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """The measures at plain numbers: parameters by name, and the time.

    Args:
        netlist: the file.
        tables: what is measured.
    """
    return partial(_measured, netlist, tables)


def _measured(
    netlist: Netlist, tables: Mapping[str, Mapping[str, Any]], **values: Any
) -> dict[str, Any]:
    return measured_at(netlist, tables, values)


def modes(netlist: Netlist, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The modes of Gaussian states; none for a master equation.

    Args:
        netlist: the file.
        values: numbers by parameter, and the time.
    """
    net = _network(netlist, **values)
    return () if netlist.is_quantum(net) else net.modes


def _network(netlist: Netlist, **values: Any) -> Network:
    return netlist.network(instant(netlist, values))


def told(netlist: Netlist, values: Mapping[str, Any]) -> tuple[str, str, float]:
    """What there is to say of a run: a title, a sentence, and the least eigenvalue of V + iΩ/2.

    Args:
        netlist: the file.
        values: numbers by parameter, and the time.

    Returns:
        Title and sentence on stability, and the eigenvalue over all times; NaN for a master
        equation.

    Raises:
        UnstableError: where no state returns after the period.
    """
    states = course(netlist, values).states
    least = np.nan
    if isinstance(states, GaussianState):
        size = states.cov.shape[-1] // 2
        form = np.kron(np.eye(size), np.array([[0, 1], [-1, 0]]))
        least = float(np.linalg.eigvalsh(np.asarray(states.cov) + 0.5j * form).min())
    if section(netlist).period is None:
        return "a run", "It begins where the file says, and no steady state is asked for.", least
    growth = states.info.get("growth") if states is not None else None
    rate = "" if growth is None else f"; deviations from it decay at the rate {-float(growth):.3g}"
    return "periodic", f"The state returns after every period{rate}.", least
