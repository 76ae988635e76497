"""What leaves a network, over the frequency: spectra of its outputs, and their sidebands.

A linear network has two more views beside that of its steady state: noise and photons of every open
output, and the entanglement of what leaves at opposite frequencies, at one output or at two.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, UnstableError
from ..base.given_units import Axis
from ..linear.model import GaussianModel
from ..lyapunov.solve import growth
from ..netlist.axes import FREQUENCY
from ..netlist.leaving import OUTPUTS, STATES
from ..netlist.measures import measure
from ..netlist.network_file import Netlist
from .records import Choice, Parameter, Quantity, Setting, System

INSIDE, SPECTRUM, SIDEBANDS = "inside", "spectrum", "sidebands"

VIEW = Choice("view", "what is looked at", (INSIDE, SPECTRUM, SIDEBANDS), INSIDE)
"""The choice between the views."""

BARE = 1e3
"""Rates above it are in rad/s; those of a paper that counts in a frequency of its own are not."""

_MOST_PORTS = 6
_UNITS = ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"))

Tables = dict[str, dict[str, Any]]


def tables(outputs: tuple[str, ...]) -> dict[str, tuple[Tables, dict[str, Quantity]]]:
    """What is measured in either view, and what it is, by the name of the quantity.

    Args:
        outputs: the open outputs; the first six are looked at.

    >>> [*tables(("c.out",))[SPECTRUM][0]], [*tables(("c.out",))[SIDEBANDS][0]]
    (['noise_x_c_out', 'noise_p_c_out', 'photons_c_out'], ['E_N_c_out_c_out'])
    """
    spectrum: tuple[Tables, dict[str, Quantity]] = {}, {}
    sidebands: tuple[Tables, dict[str, Quantity]] = {}, {}
    ports = outputs[:_MOST_PORTS]
    for port in ports:
        for quadrature, angle in (("x", 0.0), ("p", np.pi / 2)):
            name = _plain(f"noise_{quadrature}_{port}")
            spectrum[0][name] = {"measure": "decibel", "port": port, "angle": angle}
            words = f"noise of {quadrature} at {port}, relative to the vacuum"
            spectrum[1][name] = Quantity(name, f"S_{quadrature}({port})", words, "dB")
        name = _plain(f"photons_{port}")
        spectrum[0][name] = {"measure": "emission_spectrum", "port": port}
        words = f"photons at {port} per time and bandwidth"
        spectrum[1][name] = Quantity(name, f"n_ω({port})", words)
    for first, second in combinations_with_replacement(ports, 2):
        name = _plain(f"E_N_{first}_{second}")
        a, b = f"{first}+", f"{second}-"
        sidebands[0][name] = {"measure": "log_negativity", "state": "sidebands", "a": a, "b": b}
        words = f"entanglement of {first} at +ω with {second} at −ω"
        sidebands[1][name] = Quantity(name, f"E_N({a}, {b})", words, "nat")
    return {SPECTRUM: spectrum, SIDEBANDS: sidebands}


def frequencies(netlist: Netlist) -> Axis | None:
    """Frequencies up to those at which something happens; None where that is not known.

    Args:
        netlist: the file, linear.
    """
    if netlist.frequency is not None:
        return netlist.frequency
    if FREQUENCY in netlist.parameters:
        return None
    try:
        model, measured = netlist.model(), netlist.network().component.rates.measured
    except (ArgumentError, UnstableError, ConvergenceError):
        return None
    return reach(model, "1" if measured is None else None)


def reach(model: GaussianModel, unit: str | None) -> Axis | None:
    """Frequencies up to those at which something happens in a model; None where that is unknown.

    Args:
        model: linear.
        unit: of its rates; None where they are in rad/s.
    """
    if model.delays is not None or np.ndim(model.A) != 2:
        return None
    roots = np.linalg.eigvals(model.A)
    highest = float(1.5 * np.max(np.abs(roots.imag)) + 3 * np.max(np.abs(roots.real)))
    scale = 1.0
    if unit is None:
        size, unit = next((x for x in _UNITS if highest > 2 * np.pi * x[0]), _UNITS[-1])
        scale = 2 * np.pi * size
    top = float(f"{highest / scale:.2g}")
    return Axis(np.array([-top, top / 2, top]), unit, scale)


def open_readings(system: System) -> list[tuple[Setting, GaussianModel]]:
    """The readings of a paper whose model has open outputs, the first of them first.

    Args:
        system: of a paper.

    >>> from . import paper
    >>> setting, model = open_readings(paper("liu2024").SYSTEM)[0]
    >>> setting, model.outputs[:2]
    ({'reading': 'consistent'}, ('left.out_B', 'left.out_motion'))
    """
    readings = {tuple(setting.items()): model_of(system, setting) for setting in _settings(system)}
    return [(dict(at), x) for at, x in readings.items() if x is not None and x.outputs]


def _settings(system: System) -> Iterator[dict[str, Any]]:
    """The first setting, and every option once."""
    first = {choice.name: choice.default for choice in system.choices}
    yield first
    for choice in system.choices:
        for option in choice.options:
            yield {**first, choice.name: option}


def model_of(system: System, setting: Setting) -> GaussianModel | None:
    """A paper's linear model where its parameters start; None where there is none.

    Args:
        system: of the paper.
        setting: options chosen.
    """
    known = system.parameters(setting)
    given = {p.name: float(p.default) * p.scale for p in known}
    try:
        return system.model(**system.fixed(setting), **given) if system.model else None
    except (ArgumentError, UnstableError, ConvergenceError):
        return None


def unit_of(system: System, model: GaussianModel, setting: Setting) -> str | None:
    """The unit of the rates: that of the paper's first parameter, or None for rad/s.

    Args:
        system: of the paper.
        model: of that setting.
        setting: options chosen.
    """
    fast = float(abs(model.A).max()) > BARE
    return None if fast else system.parameters(setting)[0].unit


def leaving(
    model: GaussianModel, tables: Mapping[str, Mapping[str, Any]], frequency: Any
) -> dict[str, Any]:
    """What tables ask of the open outputs of a model, with whether there is a steady state.

    Args:
        model: linear, or a batch of such.
        tables: from `tables`, by name.
        frequency: rad/s, or in the unit of the rates; it broadcasts with the batch.

    Raises:
        ArgumentError: for a model without open outputs.

    >>> from qcascade import cavity, gaussian
    >>> model = gaussian(cavity(decay=1.0, occupation=1.0))
    >>> table = {"measure": "decibel", "port": "out", "angle": 0.0}
    >>> leaving(model, {"noise": table}, 0.3)["noise"].round(6).item()
    4.771213
    """
    if not model.outputs:
        raise ArgumentError(NO_PORTS)
    stable = np.asarray(growth(model.A) < 0)
    shape = np.broadcast_shapes(stable.shape, np.shape(frequency))
    found: dict[str, Any] = {"stable": np.broadcast_to(stable, shape)}
    for name, table in tables.items():
        if table["measure"] in OUTPUTS:
            given = {key: x for key, x in table.items() if key != "measure"}
            found[name] = OUTPUTS[table["measure"]].function(model, frequency=frequency, **given)
        else:
            asked = {key: x for key, x in table.items() if key != "state"}
            found[name] = measure(STATES[table["state"]](model, frequency), asked)
    return found


NO_PORTS = (
    "Argument `model` must have open outputs, but its noise is printed as a matrix, which knows of "
    "no ports: choose a reading that is made of parts and wires."
)


def parameter(axis: Axis, view: str) -> Parameter:
    """The frequency as something to sweep; sidebands are two where it is not zero.

    Args:
        axis: of the frequencies.
        view: one of the views.
    """
    low, high = float(np.min(axis.values)), float(np.max(axis.values))
    if view == SIDEBANDS:
        high = max(abs(low), abs(high))
        low = high / 200 if low <= 0 else low
    middle = float(axis.values[len(axis.values) // 2])
    start = middle if low <= middle <= high and middle else high / 2
    return Parameter(
        FREQUENCY, "ω", "frequency of the spectra", axis.unit, low, high, start, axis.scale
    )


def view_of(setting: Mapping[str, Any]) -> str:
    """The view that is chosen.

    Args:
        setting: options chosen.
    """
    return setting.get(VIEW.name, INSIDE)


def _plain(text: str) -> str:
    """A name that is fit for a file."""
    return "".join(c if c.isalnum() else "_" for c in text)
