"""Sweep a network file over its own axes and measures."""

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, fail
from ..base.given_units import Axis, in_si
from ..hilbert.cutoffs import EDGE
from ..sweeps.points import Point, each
from ..sweeps.run import CHUNK, nowhere, over
from .axes import FREQUENCY
from .expression import TIME
from .measures import check_measures, measured, over_frequency, unit_of
from .network_file import Netlist
from .over_time import over_time

if TYPE_CHECKING:
    import xarray as xr

FILE_MOST = 100_000_000
"""Points of a file's whole grid; more are a slip of the pen."""


def sweep_netlist(
    netlist: Netlist,
    values: Mapping[str, float] | None = None,
    store: str | Path | None = None,
    executor: Any = None,
) -> "xr.Dataset":
    """Sweep a network file over its own axes and measures.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.
        store: a folder for finished chunks, as `sweep` has it.
        executor: where chunks are computed, as `sweep` has it.

    Returns:
        Dataset as from `sweep`, with `stable` and one variable per measure.

    Raises:
        ArgumentError: when the file names no axis, more than two, no measure, or one that does
            not fit its network; when no point has a steady state; or as `sweep` does.
    """
    check_sweepable(netlist, values)
    if netlist.time is not None:
        return over_time(netlist, netlist.time, values or {}, store, executor)
    fixed = {**netlist.parameters, **(values or {})}
    net = None if netlist.matrices is not None else netlist.network(fixed)
    check_measures(netlist, net)
    one_by_one = net is not None and netlist.is_quantum(net)
    network = partial(_file_point, netlist, fixed)  # which other processes can import
    axes, chunk = _axes(netlist)
    point = network
    if one_by_one and netlist.axes:  # frequencies alone are one state, and taken together
        point, chunk = each(network), 1
    if netlist.axes and netlist.frequency is not None:
        point = partial(_with_frequencies, point, netlist.measures)
    data = over(axes, point, chunk, True, netlist.text, store, executor)
    if not set(netlist.measures) <= set(data.data_vars):
        raise nowhere(network, {name: float(values[0]) for name, (values, _) in axes.items()})
    for name, table in netlist.measures.items():
        data[name].attrs["units"] = unit_of(table)
    data.attrs["fixed"] = json.dumps({k: v for k, v in fixed.items() if k not in netlist.axes})
    if netlist.frequency is not None and FREQUENCY in data.dims:
        values, unit, _ = netlist.frequency
        data = data.assign_coords({FREQUENCY: (FREQUENCY, values, {"units": unit})})
    return data.transpose(*netlist.axes, ...)


def _axes(netlist: Netlist) -> tuple[dict[str, tuple[Any, str]], int]:
    """The axes in the order of the sweep, and how many points are computed together.

    An axis along which a branch is followed comes last and is never cut, so that it is walked
    once; frequencies are an axis of their own beside the parameters', and make points heavier.
    """
    axes = dict(netlist.axes)
    if not axes and netlist.frequency is not None:
        return {FREQUENCY: netlist.frequency[:2]}, CHUNK
    chunk = CHUNK if netlist.frequency is None else max(CHUNK // len(netlist.frequency.values), 1)
    follow = None if netlist.linearise is None else netlist.linearise.follow
    if follow is not None:
        axes[follow] = axes.pop(follow)
        chunk = max(chunk, len(axes[follow][0]))
    return axes, chunk


def _file_point(netlist: Netlist, fixed: Mapping[str, float], /, **swept: Any) -> dict[str, Any]:
    """The measures of a file at some values of its axes."""
    if netlist.frequency is not None and netlist.axes:
        return _over_frequencies(netlist, netlist.frequency, fixed, swept)
    omega = None
    if netlist.frequency is not None:
        omega = in_si(swept.pop(FREQUENCY), netlist.frequency.scale)
    values = {**fixed, **netlist.swept(swept)}
    shape = np.shape(omega) if omega is not None else np.shape(next(iter(swept.values())))
    results = measured(netlist, netlist.measures, values, omega)
    # A number that no axis enters is the same at all points.
    results = {name: np.broadcast_to(x, np.shape(x) or shape) for name, x in results.items()}
    if netlist.matrices is not None:
        results["physical"] = np.broadcast_to(netlist.physical(values), np.shape(results["stable"]))
    return results


def _over_frequencies(
    netlist: Netlist, frequency: Axis, fixed: Mapping[str, float], columns: Mapping[str, Any]
) -> dict[str, Any]:
    """The measures with the frequencies as an axis behind that of the points, if any."""
    size = np.shape(next(iter(columns.values())))
    spread = {name: x[..., None] if size else x for name, x in netlist.swept(columns).items()}
    spread_out: dict[str, Any] = {}
    for name, value in measured(netlist, netlist.measures, {**fixed, **spread}).items():
        if name in netlist.measures and over_frequency(netlist.measures[name]):
            spread_out[name] = np.broadcast_to(value, (*size, len(frequency.values)))
        else:
            spread_out[name] = np.broadcast_to(value, (*size, 1))[..., 0]
    return spread_out


def _with_frequencies(
    point: Point, tables: Mapping[str, Mapping[str, Any]], /, **swept: Any
) -> dict[str, Any]:
    """What a point returns, with spectra known as such."""
    return {
        name: (FREQUENCY, x) if name in tables and over_frequency(tables[name]) else x
        for name, x in point(**swept).items()
    }


def check_sweepable(netlist: Netlist, values: Mapping[str, float] | None = None) -> None:
    """Find out before any work whether a file says what to sweep and what to measure.

    Args:
        netlist: from `netlist.load`.
        values: parameters to be replaced; swept ones cannot be.

    Raises:
        ArgumentError: when it does not.
    """
    for name, value in (values or {}).items():
        if name in netlist.axes:
            must = "be left to the file, which sweeps it"
            raise fail(name, must, value, f"section [axes.{name}]")
    axes = {name: len(x) for name, (x, _) in netlist.axes.items()}
    if netlist.frequency is not None:
        axes[FREQUENCY] = len(netlist.frequency.values)
    if netlist.time is not None:
        axes[TIME] = len(netlist.time.axis.values)
    if not 1 <= len(axes) <= 2:
        raise fail("axes", "be one or two sections [axes.NAME] of the file", list(axes))
    points = math.prod(axes.values())
    if points > FILE_MOST:
        raise fail("axes", f"have {FILE_MOST:,} points together, or fewer", points)
    if not netlist.measures:
        raise ArgumentError("Argument `measures` must be a section of the file, but is missing.")


def remarks(data: "xr.Dataset", file: str | Path) -> list[str]:
    """What a reader of the numbers should know.

    Args:
        data: from `sweep_netlist`.
        file: what to call the file.
    """
    told = []
    if "stable" in data and not data.stable.any():
        told.append("there is no steady state at any point of the axes")
    edge = float(data.edge_population.max()) if "edge_population" in data else 0.0
    if edge > EDGE:
        told.append(
            f"up to {edge:.2g} of the population sits at the cutoffs; raise them and compare"
        )
    if "physical" in data and not data.physical.all():
        points = f"{int((~data.physical).sum())} of {data.physical.size} points"
        told.append(f"the matrices are not physical at {points}; `qcascade audit {file}` says why")
    return told
