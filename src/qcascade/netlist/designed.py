"""The best parameters of a network file as its section `design` asks, which of them limits, and
how far they may be off."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, namespace, one_of
from ..base.given_units import Unit
from ..base.units import of_any_kind
from ..inverse.designs import design
from ..inverse.optimum import Design
from ..inverse.sensitivities import Sensitivity, sensitivity
from ..inverse.tolerances import Tolerance, tolerance
from ..linear.delayed_steady import growth_with_delays
from ..linear.model import GaussianModel
from ..lyapunov.solve import growth
from ..sweeps.points import Point, each
from .measures import check_measures, measured, over_frequency
from .network_file import Netlist
from .wish import GROWTH, Wish

Tables = Mapping[str, Mapping[str, Any]]


def design_netlist(
    netlist: Netlist,
    values: Mapping[str, Any] | None = None,
    store: str | Path | None = None,
    progress: bool = True,
) -> Design:
    """The parameters of a network file at which a measure is largest, as `qc.design` finds them.

    Args:
        netlist: from `netlist.load`, with a section `design`.
        values: parameters that replace the file's own; those that vary cannot be.
        store: a file that keeps finished runs, as `design` has it.
        progress: show the best value so far on a terminal.

    Returns:
        A `Design`.

    Raises:
        ArgumentError: when the file asks for no design, or for one that its model does not have;
            or as `design` does.
        ConvergenceError: as `design` does.

    >>> from qcascade.netlist.load import load
    >>> text = '[parameters]\\ng = 0.1\\n[parts.m]\\npart = "squeezed_mode"\\ndrive = "g"\\n'
    >>> text += 'decay = 1.0\\n'
    >>> text += '[measures.n]\\nmeasure = "occupation"\\nmode = "m"\\n'
    >>> text += '[design]\\nmaximise = "n"\\nruns = 1\\nover.g = [0, 0.1]'
    >>> best = design_netlist(load(text))
    >>> best.at["g"], best.active
    (0.1, ('g = 0.1',))
    """
    wish = check_designable(netlist, values)
    wanted = {*wish.goals, *wish.where}
    tables = {name: x for name, x in netlist.measures.items() if name in wanted}
    fixed = {
        name: x
        for name, x in netlist.given(values).items()
        if name not in wish.over and name not in wish.tie
    }
    return design(
        _point(netlist, tables, fixed, GROWTH in wish.where),
        maximise=None if wish.small else wish.goals,
        minimise=wish.goals if wish.small else None,
        over=wish.over,
        where=wish.where,
        tie=wish.tie,
        start=wish.start,
        seed=wish.seed,
        runs=wish.runs,
        store=store,
        tolerance=wish.tolerance,
        progress=progress,
    )


def check_designable(netlist: Netlist, values: Mapping[str, Any] | None = None) -> Wish:
    """The section `design` of a file, where its network has what that asks for.

    Args:
        netlist: from `netlist.load`.
        values: parameters to be replaced; those that vary cannot be.

    Raises:
        ArgumentError: when there is no section, it varies one of them, or its measures do not fit
            the network.
    """
    wish = netlist.design
    if wish is None:
        raise ArgumentError("Argument `design` must be a section of the file, but is missing.")
    for name, value in (values or {}).items():
        if name in wish.over or name in wish.tie:
            must = "be left to the file, which varies it"
            raise fail(name, must, value, "section [design]")
    if _is_quantum(netlist, values) and GROWTH in wish.where:
        must = "name measures: a master equation has no threshold"
        raise fail("design.where", must, GROWTH)
    return wish


def sensitivity_netlist(
    netlist: Netlist, values: Mapping[str, Any] | None = None, of: str | None = None
) -> Sensitivity:
    """How much a measure of a network file changes with every parameter, the largest first.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.
        of: the measure; when omitted that of the section `design`; without one "margin" or "E_N",
            or the first there is.

    Returns:
        A `Sensitivity`, as from `qc.sensitivity`.

    Raises:
        ArgumentError: for a file without parameters or without a measure that is one number, and
            for a measure that it does not have.
        UnstableError: where there is no steady state.

    >>> from qcascade.netlist.load import load
    >>> text = '[parameters]\\nn = 2\\n[parts.m]\\npart = "cavity"\\noccupation = "n"\\n'
    >>> text += 'decay = 1.0\\n'
    >>> file = load(text + '[measures.quanta]\\nmeasure = "occupation"\\nmode = "m"')
    >>> round(sensitivity_netlist(file).elasticities["n"], 9)
    2.0
    """
    of, point = _of(netlist, of)
    slopes = sensitivity(point, netlist.given(values), of=of)
    return replace(slopes, units=_units(netlist))


def tolerance_netlist(
    netlist: Netlist,
    values: Mapping[str, Any] | None = None,
    of: str | None = None,
    *,
    small: bool = False,
    spread: float = 0.05,
    keep: float = 0.5,
    samples: int = 10_000,
    seed: int = 0,
) -> Tolerance:
    """How often a network file still works when all of its parameters are a little off.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.
        of: the measure, as for `sensitivity_netlist`.
        small: whether it shall be small; what the section `design` minimises shall be.
        spread: of all parameters that are not 0, as `qc.tolerance` has it.
        keep: share of the measure as designed that must be left.
        samples: how many points are drawn.
        seed: of the random numbers.

    Returns:
        A `Tolerance`, as from `qc.tolerance`.

    Raises:
        ArgumentError: as `sensitivity_netlist`, or for a measure of which no share can be left.
        UnstableError: where there is no steady state.

    >>> from qcascade.netlist.load import load
    >>> text = '[parameters]\\nn = 2\\n[parts.m]\\npart = "cavity"\\noccupation = "n"\\n'
    >>> text += 'decay = 1.0\\n'
    >>> file = load(text + '[measures.quanta]\\nmeasure = "occupation"\\nmode = "m"')
    >>> round(tolerance_netlist(file, small=True, spread=0.5).probability, 2)  # P(e^{ξ/2} < 2)
    0.92
    """
    of, point = _of(netlist, of)
    wish = netlist.design
    small = small or (wish is not None and wish.small and of in wish.goals)
    at = netlist.given(values)
    options = {"spread": spread, "keep": keep, "samples": samples, "seed": seed}
    share = tolerance(point, at, of=of, small=small, **options)
    return replace(share, units=_units(netlist))


def _of(netlist: Netlist, of: str | None) -> tuple[str | None, Point]:
    """The measure that is meant, None for the usual one, and the point function of it."""
    tables = {name: x for name, x in netlist.measures.items() if not over_frequency(x)}
    if not tables:
        raise fail("measures", "hold one that is a single number", list(netlist.measures))
    if not netlist.parameters:
        raise ArgumentError("Argument `parameters` must be a section of the file, but is missing.")
    if of is None and netlist.design is not None:
        of = netlist.design.goals[0]
    if of is not None:  # what else the file measures is not needed
        tables = {of: tables[one_of("of", of, tables, "a measure of the file")]}
    return of, _point(netlist, tables, {}, False)


def _units(netlist: Netlist) -> dict[str, Unit]:
    """The units that the parameters of a file were given in, and what they are in SI units."""
    return {
        name: (unit, float(of_any_kind(f"parameters.{name}", f"1 {unit}")))
        for name, unit in netlist.units.items()
    }


def _is_quantum(netlist: Netlist, values: Mapping[str, Any] | None) -> bool:
    """Whether states are those of a master equation, of which the file's measures are."""
    net = None if netlist.matrices is not None else netlist.network(values)
    check_measures(netlist, net)
    return net is not None and netlist.is_quantum(net)


def _point(netlist: Netlist, tables: Tables, fixed: Mapping[str, Any], grows: bool) -> Point:
    """The point function of a file: one by one where states are those of a master equation."""
    # A store goes on as long as the network is the same, whatever else the file says.
    own = {name: x for name, x in netlist.tables.items() if name not in ("design", "measures")}
    network = replace(netlist, text="", title="", measures={}, tables=own, design=None)
    point = partial(_numbers, network, tables, fixed, grows)
    return each(point) if _is_quantum(netlist, fixed) else point


def _numbers(
    netlist: Netlist, tables: Tables, fixed: Mapping[str, Any], grows: bool, /, **varied: Any
) -> dict[str, Any]:
    """Measures of a file, and the growth rate of its model where it is asked for."""
    values = {**fixed, **varied}
    dynamics = netlist.dynamics(values)
    results = measured(netlist, tables, values, dynamics=dynamics)
    results = {name: results[name] for name in ("stable", *tables)}
    if netlist.matrices is not None:  # what no quantum noise produces has no value
        results["stable"] = results["stable"] & netlist.physical(values)
    if grows and isinstance(dynamics.model, GaussianModel):
        model = dynamics.model
        results[GROWTH] = growth(model.A) if model.delays is None else growth_with_delays(model)
    shape = np.broadcast_shapes(*(np.shape(x) for x in varied.values()))
    xp = namespace(*results.values())
    # A number that no parameter enters is the same at all points.
    return {name: xp.broadcast_to(x, shape) for name, x in results.items()}
