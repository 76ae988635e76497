"""A network file with a section `time`: its measures over a run, or over one period."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import fail
from ..classical.linearise import linearise
from ..dynamics import evolve, periodic_state
from ..linear.langevin import gaussian
from ..linear.state import GaussianState
from ..master_equation.model import LindbladModel
from ..sweeps.points import each
from ..sweeps.run import nowhere, over, provenance
from .expression import TIME
from .fields import placed
from .in_time import Time
from .measures import check_measures, measure, unit_of
from .network_file import Netlist, State
from .start import start
from .working_point import When

if TYPE_CHECKING:
    import xarray as xr

    from ..sweeps.points import Point


def over_time(
    netlist: Netlist,
    time: Time,
    values: Mapping[str, Any],
    store: str | Path | None = None,
    executor: Any = None,
) -> "xr.Dataset":
    """The measures of a file over its times, and over an axis where it has one.

    Args:
        netlist: the file.
        time: its section.
        values: parameters that replace the file's own.
        store: a folder for finished points of the axis.
        executor: where they are computed.

    Returns:
        Dataset with one variable per measure and the coordinate `t`; phases of a periodic state
        are in units of the period.

    Raises:
        ArgumentError: for a measure that does not fit the network; a network that the times do not
            fit; or as `evolve` and `periodic_state` do.
    """
    fixed = {**netlist.parameters, **values}
    check_measures(netlist, netlist.network({**fixed, TIME: time.axis.values[:1]}))
    point = partial(_at_times, netlist, time, fixed)  # which other processes can import
    if netlist.axes:
        along = partial(_with_times, each(point), netlist.measures)
        data = over(netlist.axes, along, 1, True, netlist.text, store, executor)
        if not set(netlist.measures) <= set(data.data_vars):
            first = {name: float(x[0]) for name, (x, _) in netlist.axes.items()}
            raise nowhere(point, netlist.swept(first))
    else:
        if store is not None:
            raise fail("store", "be left out for a file without axes: it is one run", store)
        data = _one(netlist, time, point)
    data = data.assign_coords({TIME: _coordinate(time)})
    for name, table in netlist.measures.items():
        data[name].attrs["units"] = unit_of(table)
    data.attrs["fixed"] = json.dumps({k: v for k, v in fixed.items() if k not in netlist.axes})
    return data


def _coordinate(time: Time) -> "xr.DataArray":
    import xarray as xr

    attrs = {"units": time.axis.unit, "long_name": "time"}
    return xr.DataArray(time.axis.values, dims=TIME, name=TIME, attrs=attrs)


def _one(netlist: Netlist, time: Time, point: "Point") -> "xr.Dataset":
    import xarray as xr

    variables = {name: (TIME, x) if name in netlist.measures else x for name, x in point().items()}
    attrs = provenance(point, {TIME: _coordinate(time)}, netlist.text)
    return xr.Dataset(variables, attrs=attrs)


def _with_times(point: "Point", names: Mapping[str, Any], /, **swept: Any) -> dict[str, Any]:
    return {name: (TIME, x) if name in names else x for name, x in point(**swept).items()}


def _at_times(
    netlist: Netlist, time: Time, fixed: Mapping[str, Any], /, **swept: Any
) -> dict[str, Any]:
    """The measures (T,) by name at one point of the axes."""
    values, progress = {**fixed, **netlist.swept(swept)}, not netlist.axes
    return measured_over_time(netlist, time, values, progress)[1]


def measured_over_time(
    netlist: Netlist, time: Time, values: Mapping[str, Any], progress: bool = False
) -> tuple[State | None, dict[str, Any]]:
    """The states of a file at its times, and its measures (T,) by name.

    Args:
        netlist: the file.
        time: its section.
        values: its parameters.
        progress: show a progress bar on a terminal.

    Returns:
        States with a leading axis for the times, None for the run of a master equation, of which
        the measures alone are kept; and the measures.

    Raises:
        ArgumentError: as `over_time`.
        UnstableError: where no state returns after the period.
    """
    given = netlist.with_units(values)
    observe = {name: partial(_look, name, x) for name, x in netlist.measures.items()}

    def net(t: Any) -> Any:
        return netlist.network({**values, TIME: t})

    breaks = time.breaks_of(given)
    for pulse in netlist.pulses(values).values():
        breaks = np.union1d(breaks, pulse.breaks)
    period = None if time.period is None else time.period_of(given)
    seen, path = netlist.linearise, None
    if seen is not None:
        netlist.is_quantum(net(np.asarray(time.axis.values[:1])))  # which has no classical fields
        with placed("linearise"):
            path = seen.moving(net, given, When(period, time.times(), breaks))

    def at(t: Any) -> Any:
        if path is not None:
            return gaussian(linearise(net(t), path(t)))
        return netlist.dynamics({**values, TIME: t}).model

    if period is not None:
        points = len(time.axis.values)
        with placed("time"):
            state = periodic_state(at, period, points=points, breaks=breaks, progress=progress)
        return state, {name: look(state) for name, look in observe.items()}
    first = at(np.asarray(time.times())[:1])
    initial: Any = start(first, time.quanta, time.thermal, given)
    asked = observe if isinstance(first, LindbladModel) else None
    with placed("time"):
        run = evolve(at, initial, time.times(), asked, breaks=breaks, progress=progress)
    if isinstance(run, GaussianState):
        return run, {name: look(run) for name, look in observe.items()}
    edge = {name: run.info[name] for name in ("edge_population",) if name in run.info}
    return None, {**run.observed, **edge}


def _look(name: str, table: Mapping[str, Any], state: Any) -> Any:
    with placed(f"measures.{name}"):
        return measure(state, table)
