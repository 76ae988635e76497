"""The section `measures` of a network file: numbers of a state, and what leaves by its ports.

[measures.E_N]
measure = "log_negativity"     # a measure of the steady state
a = "left"
b = "right"

[measures.squeezing]
measure = "decibel"            # or quadrature_spectrum, emission_spectrum: of an open output
port = "right.out"
angle = "90 deg"               # numbers, with a unit or not, or arithmetic in the parameters
frequency = "1 MHz"            # over the file's [axes.frequency] when left out

[measures.passed]
measure = "scattering"         # |direct|², photons that come out for one that enters
output = "right.out"
input = "left.in"

[measures.sidebands]
measure = "log_negativity"     # any measure of a Gaussian state, of the fields at +ω and −ω
state = "sidebands"
a = "left.out+"
b = "right.out-"

What else leaves, and other states than the steady one: see `leaving`.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, get_args

from ..base.checks import fail, listed, one_of
from ..base.given_units import in_si
from ..base.names import resolve
from ..hilbert.states import DensityState
from ..linear.model import GaussianModel
from ..linear.state import GaussianState
from ..master_equation.model import LindbladModel
from ..measures import communication, gaussian_discord, tripartite
from ..measures import density as density_measures
from ..measures import gaussian as measures
from ..measures.units import UNITS
from ..slh.network import Network
from .axes import FREQUENCY
from .fields import argument, check_argument, placed, ports_of
from .leaving import OUTPUTS, STATES, UNAIDED, check_port, of_network, takes
from .network_file import Dynamics, Netlist, State, steady
from .parts import as_table

MEASURES: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        measures.log_negativity,
        measures.margin,
        measures.steering,
        measures.mutual_information,
        measures.epr_variance,
        measures.occupation,
        measures.purity,
        measures.von_neumann_entropy,
        tripartite.residual_contangle,
        gaussian_discord.discord,
        communication.key_rate,
        communication.key_rate_heterodyne,
        communication.reverse_coherent_information,
        communication.teleportation_fidelity,
        density_measures.concurrence,
        density_measures.entanglement_of_formation,
        density_measures.negativity,
    )
}
"""What a file may measure of a state: one number for each."""

_PORTS = ("port", "output", "input")
_NEEDED = (*_PORTS, "travelling", "detectors", "delays")


def measures_of(tables: Any, axes: Collection[str], spectral: bool) -> dict[str, dict[str, Any]]:
    """The tables by the name of the result.

    Args:
        tables: the section as read.
        axes: names of the swept parameters.
        spectral: whether the file has an axis of frequencies.
    """
    checked = {
        name: _measure(f"measures.{_free(name, axes)}", table, spectral)
        for name, table in as_table("measures", tables).items()
    }
    if spectral and not any(map(over_frequency, checked.values())):
        must = "be among the file's parameters, or the axis of a spectrum among its `measures`"
        raise fail("axes", must, FREQUENCY)
    return checked


def _free(name: str, axes: Collection[str]) -> str:
    """A result's name: fit for a file, and no other's."""
    taken = ("stable", "branches", "physical", "edge_population", FREQUENCY)
    if not name.isidentifier() or name in taken or name in axes:
        must = f"have plain names (letters, digits, _), no axis and none of {listed(taken)}"
        raise fail("measures", must, name)
    return name


def _measure(where: str, table: Any, spectral: bool) -> dict[str, Any]:
    table = as_table(where, table)
    known = (*MEASURES, *OUTPUTS)
    kind = one_of(f"{where}.measure", table.get("measure", "missing"), known, "a measure")
    if "state" in table and kind in MEASURES:
        one_of(f"{where}.state", table["state"], STATES, "a state")
    known = _arguments_of(table)
    for key in table:
        one_of(where, key, ("measure", *known), f"an argument of {kind}")
    needed = {"a", "b", "c", *_NEEDED, *(["mode"] if kind == "occupation" else [])}
    for key in known:
        if key in needed and key not in table:
            raise fail(where, f"give `{key}` of {table.get('state', kind)}", table)
    for key, parameter in _verb_takes(table).items():
        if key in table:
            check_argument(f"{where}.{key}", table[key], parameter.annotation)
    if not spectral and over_frequency(table):
        must = f"give `frequency` of {kind}, or stand beside a section [axes.frequency]"
        raise fail(where, must, table)
    return table


def _arguments_of(table: Mapping[str, Any]) -> list[str]:
    """What a table may hold beside `measure`: what its functions take."""
    if table["measure"] in OUTPUTS:
        return [*_verb_takes(table)]
    return ["modes", "state", *_verb_takes(table), *takes(MEASURES[table["measure"]])]


def _verb(table: Mapping[str, Any]) -> Callable[..., Any] | None:
    """The function of the model, or of the network, that a table is about."""
    kind = table["measure"]
    return OUTPUTS[kind].function if kind in OUTPUTS else STATES.get(table.get("state", ""))


def _verb_takes(table: Mapping[str, Any]) -> dict[str, inspect.Parameter]:
    verb = _verb(table)
    return {} if verb is None else takes(verb)


def over_frequency(table: Mapping[str, Any]) -> bool:
    """Whether a result has the file's axis of frequencies.

    Args:
        table: of the result.
    """
    return FREQUENCY not in table and FREQUENCY in _arguments_of(table)


def unit_of(table: Mapping[str, Any]) -> str:
    """The unit of a result.

    Args:
        table: of the result.
    """
    kind = table["measure"]
    return OUTPUTS[kind].unit if kind in OUTPUTS else UNITS[kind]


def measure(state: State, table: Mapping[str, Any]) -> Any:
    """The number of a state that a table asks for.

    Args:
        state: the state.
        table: `measure`, its arguments, and `modes` to look at a part of the state only.

    >>> from qcascade import two_mode_squeezed
    >>> state = two_mode_squeezed(["a", "b"], 0.5)
    >>> measure(state, {"measure": "log_negativity", "a": "a", "b": "b"}).round(12)
    np.float64(1.0)
    """
    function = MEASURES[table["measure"]]
    known = takes(function)
    modes = table.get("modes", state.modes)
    part = state.reduce(*(state.modes[k] for k in resolve(state.modes, modes, "modes")))
    return function(part, **{key: x for key, x in table.items() if key in known})


def measured(
    netlist: Netlist,
    tables: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any] | None = None,
    frequency: Any = None,
    dynamics: Dynamics | None = None,
) -> dict[str, Any]:
    """The numbers that tables ask for, at some values of a file's parameters.

    Args:
        netlist: the file.
        tables: by the name of the result.
        values: parameters that replace the file's own.
        frequency: of spectra without one of their own, rad/s; the file's axis when None. It
            broadcasts with the values.
        dynamics: the file's at these values, where they are known.

    Returns:
        Results by name, with `stable`, and `branches` where working points were counted.

    Raises:
        ArgumentError: for what a measure does not take, with its section; or as the model does.

    >>> from qcascade.netlist.load import load
    >>> file = load('[parts.m]\\npart = "cavity"\\ndecay = 1.0\\noccupation = 2.0')
    >>> measured(file, {"n": {"measure": "occupation", "mode": "m"}})["n"].round(12).item()
    2.0
    """
    dynamics = netlist.dynamics(values) if dynamics is None else dynamics
    given = netlist.with_units(values)
    if frequency is None and netlist.frequency is not None:
        frequency = in_si(netlist.frequency.values, netlist.frequency.scale)
    # Where detectors are all that is asked for, there may be an answer without a steady state.
    unaided = bool(tables) and all(x.get("state") in UNAIDED for x in tables.values())
    state = None if unaided else steady(dynamics.model)
    results: dict[str, Any] = {"stable": getattr(state, "stable", not unaided)}
    for name, table in tables.items():
        where = f"measures.{name}"
        with placed(where):
            seen = _seen(where, dynamics, state, table, given, frequency)
            results[name] = seen if table["measure"] in OUTPUTS else measure(seen, table)
        if unaided:
            results["stable"] = results["stable"] | seen.stable
    if dynamics.branches is not None:
        results["branches"] = dynamics.branches
    if isinstance(state, DensityState) and "edge_population" in state.info:
        results["edge_population"] = state.info["edge_population"]
    return results


def _seen(
    where: str,
    dynamics: Dynamics,
    state: State | None,
    table: Mapping[str, Any],
    given: Mapping[str, Any],
    frequency: Any,
) -> Any:
    """A number of ports, or the state to be measured."""
    verb = _verb(table)
    if verb is None:
        return state
    arguments = {}
    for key, parameter in takes(verb).items():
        if key in table:
            arguments[key] = argument(f"{where}.{key}", table[key], given, parameter.annotation)
        elif key == FREQUENCY:
            arguments[key] = frequency
    return verb(dynamics.net if of_network(verb) else dynamics.model, **arguments)


def check_measures(netlist: Netlist, net: Network | None) -> None:
    """Refuse measures that do not fit a file's kind of model, or its ports.

    Args:
        netlist: the file.
        net: its network; None for printed matrices.

    Raises:
        ArgumentError: naming the section, and the measures or ports that would do.
    """
    quantum = net is not None and netlist.is_quantum(net)
    state, model = (DensityState, LindbladModel) if quantum else (GaussianState, GaussianModel)
    fitting = [name for name, f in MEASURES.items() if state in _kinds(f)]
    if net is not None:
        fitting += [name for name, x in OUTPUTS.items() if model in _kinds(x.function)]
    words = "density matrices" if quantum else "Gaussian states"
    for name, table in netlist.measures.items():
        one_of(f"measures.{name}.measure", table["measure"], fitting, f"a measure of {words}")
        if "state" in table and (net is None or model not in _kinds(STATES[table["state"]])):
            must = "be left out, for the steady state"
            raise fail(f"measures.{name}.state", must, table["state"], "other states need ports")
        if net is not None:
            _check_ports(f"measures.{name}", table, net)


def _check_ports(where: str, table: Mapping[str, Any], net: Network) -> None:
    """Refuse ports that are not open."""
    for key, parameter in _verb_takes(table).items():
        if key not in table:
            continue
        if key in _PORTS:
            check_port(f"{where}.{key}", table[key], net, "input" if key == "input" else "output")
        for place, port in ports_of(f"{where}.{key}", table[key], parameter.annotation):
            check_port(place, port, net, "output")


def _kinds(function: Callable[..., Any]) -> tuple[type, ...]:
    """The kinds of states or models that a function takes, as it says itself."""
    if of_network(function):
        return (GaussianModel,)
    first = next(iter(inspect.signature(function).parameters.values())).annotation
    return get_args(first) or (first,)
