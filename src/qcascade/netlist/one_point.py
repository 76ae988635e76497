"""The measures of a network file at one point: its parameters, or some of them replaced."""

from collections.abc import Mapping
from typing import Any

from ..base.checks import ArgumentError
from .axes import FREQUENCY
from .expression import TIME
from .measures import check_measures, measured, over_frequency, unit_of
from .network_file import Netlist
from .over_time import measured_over_time


def point_netlist(netlist: Netlist, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The measures of a network file at its parameters, its axes left aside.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own, swept ones too.

    Returns:
        `stable`, and a number by measure; an array over the file's frequencies or times, which
        stand beside it in the unit of their axis, where a measure has them.

    Raises:
        ArgumentError: for a file without measures, or with one that does not fit its network.
        UnstableError: where there is no steady state.

    >>> from qcascade.netlist.load import load
    >>> file = '[parameters]\\nn = 2\\n[parts.m]\\npart = "cavity"\\noccupation = "n"\\ndecay = 1.0'
    >>> file = load(file + '\\n[measures.quanta]\\nmeasure = "occupation"\\nmode = "m"')
    >>> point_netlist(file, {"n": 3})["quanta"].round(9).item()
    3.0
    """
    if not netlist.measures:
        raise ArgumentError("Argument `measures` must be a section of the file, but is missing.")
    if netlist.time is not None:
        first = {**(values or {}), TIME: netlist.time.axis.values[:1]}
        check_measures(netlist, netlist.network(first))
        _, results = measured_over_time(netlist, netlist.time, {**netlist.given(values)}, True)
        return {TIME: netlist.time.axis.values, **results}
    check_measures(netlist, None if netlist.matrices is not None else netlist.network(values))
    results = measured(netlist, netlist.measures, values)
    if netlist.matrices is not None:
        results["physical"] = netlist.physical(values)
    if netlist.frequency is not None and any(map(over_frequency, netlist.measures.values())):
        results = {FREQUENCY: netlist.frequency.values, **results}
    return results


def units_of(netlist: Netlist) -> dict[str, str]:
    """The units of what `point_netlist` returns, ratios left out.

    Args:
        netlist: from `netlist.load`.

    >>> from qcascade.netlist.load import load
    >>> file = '[parts.s]\\npart = "pair_source"\\ngain = 0.1\\n[measures.E]\\na = "s.a"\\n'
    >>> units_of(load(file + 'b = "s.b"\\nmeasure = "log_negativity"'))
    {'E': 'nat'}
    """
    units = {name: unit_of(table) for name, table in netlist.measures.items()}
    if netlist.frequency is not None:
        units[FREQUENCY] = netlist.frequency.unit
    if netlist.time is not None:
        units[TIME] = netlist.time.axis.unit
    return {name: unit for name, unit in units.items() if unit != "1"}
