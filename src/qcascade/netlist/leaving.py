"""What a network file may ask of ports: numbers of them, and states that are not the steady one.

[measures.red]
measure = "log_negativity"
state = "output_state"         # what stays inside, and travelling modes of the outputs
travelling.red = { port = "c.out", frequency = "-omega", width = 0.3 }
travelling.window = { port = "c.out", shape = "1", span = [0, "2*pi"] }
a = "m.b"
b = "red"

[measures.swapped]
measure = "log_negativity"
state = "conditional_state"    # what detectors leave
detectors."half.out1" = { detector = "homodyne", angle = "90 deg", efficiency = 0.9 }
detectors."half.out2" = { detector = "heterodyne" }
a = "left"
b = "right"

[measures.pairs]
measure = "g2"                 # or g1 (its magnitude), flux, incoherent_flux
port = "c.out"
delays = "tau"
"""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, listed, nearest, one_of
from ..linear.measured import conditional_state
from ..linear.model import GaussianModel
from ..linear.outputs import amplitudes, decibel, quadrature_spectrum, sidebands
from ..linear.travelling import output_state
from ..master_equation.model import LindbladModel
from ..outputs import emission_spectrum, flux, g1, g2
from ..slh.component import Component
from ..slh.network import Network
from .fields import Detectors, Travelling

Either = GaussianModel | LindbladModel


def _output_state(
    net: Network | Component, travelling: Travelling, *, orthonormal: bool = False
) -> Any:
    return output_state(net, travelling, orthonormal=orthonormal)


def _conditional_state(model: GaussianModel, detectors: Detectors) -> Any:
    return conditional_state(model, detectors)


STATES: dict[str, Callable[..., Any]] = {
    "sidebands": sidebands,
    "output_state": _output_state,
    "conditional_state": _conditional_state,
}
"""States that a file may measure instead of the steady state: functions of the model, or of the
network."""

UNAIDED = ("conditional_state",)
"""Those of them that may be where no steady state is."""


class Output(NamedTuple):
    """A number of the model's ports: its function, and the unit of that."""

    function: Callable[..., Any]
    unit: str = "1"


def _scattering(model: GaussianModel, output: str, input: str, frequency: Any) -> Any:
    """|direct|² of `qc.outputs.scattering`, for a batch of models as well."""
    one_of("output", output, model.outputs, "an open output")
    one_of("input", input, model.inputs, "an open input")
    direct, _ = amplitudes(model, frequency, outputs=output, inputs=input)
    return np.abs(direct[..., 0, 0]) ** 2


def _decibel(
    model: GaussianModel, port: str, frequency: Any, *, angle: Any = 0.0, efficiency: Any = 1.0
) -> Any:
    """The spectrum of a quadrature, relative to the vacuum's."""
    return decibel(quadrature_spectrum(model, port, frequency, angle=angle, efficiency=efficiency))


def _emission_spectrum(model: Either, port: str, frequency: Any) -> Any:
    return emission_spectrum(model, port, frequency)


def _flux(model: Either, port: str) -> Any:
    return flux(model, port).flux


def _incoherent_flux(model: Either, port: str) -> Any:
    return flux(model, port).incoherent


def _g1(model: Either, port: str, delays: Any) -> Any:
    return np.abs(g1(model, port, delays))


def _g2(model: Either, port: str, delays: Any) -> Any:
    return g2(model, port, delays)


OUTPUTS: dict[str, Output] = {
    "quadrature_spectrum": Output(quadrature_spectrum),
    "decibel": Output(_decibel, "dB"),
    "emission_spectrum": Output(_emission_spectrum),
    "scattering": Output(_scattering),
    "flux": Output(_flux, "photons per time"),
    "incoherent_flux": Output(_incoherent_flux, "photons per time"),
    "g1": Output(_g1),
    "g2": Output(_g2),
}
"""What a file may ask of ports: functions of the model. Arguments annotated as text (the names of
ports) are taken as they stand, others may be arithmetic; `frequency` may be the file's axis."""


def takes(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a function after its first, the state or the model.

    Args:
        function: the function.
    """
    return dict([*inspect.signature(function).parameters.items()][1:])


def of_network(function: Callable[..., Any]) -> bool:
    """Whether a function wants the network, not its model.

    Args:
        function: one of `STATES` or `OUTPUTS`.
    """
    first = next(iter(inspect.signature(function).parameters.values()))
    return first.annotation == Network | Component


def check_port(where: str, port: Any, net: Network, way: str) -> None:
    """Refuse a port that is not open, with the wire that uses it.

    Args:
        where: the place in the file.
        port: its name.
        net: the network.
        way: "input" or "output".
    """
    ports = net.component.inputs if way == "input" else net.component.outputs
    if port in ports:
        return
    wires = [
        f"the wire {first} → {second} uses it"
        for first, second in net.wires
        if port in (first, second)
    ]
    more = wires[0] if wires else nearest(port, ports).lstrip("; ")
    raise fail(where, f"be an open {way}: {listed(ports)}", port, more)
