"""Sweep a network file over its own axes and measures."""

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, fail
from ..base.units import in_si
from ..hilbert.states import DensityState
from ..measures.gaussian import UNITS
from ..sweeps.points import each
from ..sweeps.run import CHUNK, nowhere, over
from .load import Netlist, check_measures, measure

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
    fixed = {**netlist.parameters, **(values or {})}
    one_by_one = netlist.matrices is None and netlist.is_quantum(netlist.network(fixed))
    check_measures(netlist, one_by_one)
    network = partial(_file_point, netlist, fixed)  # which other processes can import
    point, chunk = (each(network), 1) if one_by_one else (network, CHUNK)
    data = over(netlist.axes, point, chunk, True, netlist.text, store, executor)
    if not set(netlist.measures) <= set(data.data_vars):
        first = {name: float(values[0]) for name, (values, _) in netlist.axes.items()}
        raise nowhere(network, first)
    for name, table in netlist.measures.items():
        data[name].attrs["units"] = UNITS[table["measure"]]
    data.attrs["fixed"] = json.dumps({k: v for k, v in fixed.items() if k not in netlist.axes})
    return data


def _file_point(netlist: Netlist, fixed: Mapping[str, float], /, **swept: Any) -> dict[str, Any]:
    """The measures of a file at some values of its axes."""
    scales = netlist.scales
    swept = {name: in_si(x, scales[name]) if name in scales else x for name, x in swept.items()}
    state = netlist.steady_state({**fixed, **swept})
    shape = np.broadcast_shapes(*map(np.shape, swept.values()))
    found = {}
    for name, table in netlist.measures.items():
        try:
            # A number that no axis enters is the same at all points.
            value = measure(state, table)
            found[name] = np.broadcast_to(value, np.shape(value) or shape)
        except ArgumentError as error:
            raise ArgumentError(f"In measures.{name}: {error}") from None
    if isinstance(state, DensityState) and "edge_population" in state.info:
        found["edge_population"] = state.info["edge_population"]
    stable = getattr(state, "stable", True)
    if netlist.matrices is not None:
        physical = netlist.physical({**fixed, **swept})
        found["physical"] = np.broadcast_to(physical, np.shape(stable))
    return {"stable": stable, **found}


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
    if not 1 <= len(netlist.axes) <= 2:
        raise fail("axes", "be one or two sections [axes.NAME] of the file", list(netlist.axes))
    points = math.prod(len(values) for values, _ in netlist.axes.values())
    if points > FILE_MOST:
        raise fail("axes", f"have {FILE_MOST:,} points together, or fewer", points)
    if not netlist.measures:
        raise ArgumentError("Argument `measures` must be a section of the file, but is missing.")
