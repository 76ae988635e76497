"""What a reader may change in liu2024, with units and ranges."""

from typing import Any

import numpy as np

import qcascade as qc

from ..records import Choice, Parameter, Quantity, Setting, System
from .model import LENGTHS, READINGS, SIDES, coupling, model, network, point

_QUANTITIES = {
    "E_N": Quantity("E_N", "E_N", "entanglement of the two oscillators", "nat"),
    "margin": Quantity("margin", "−ln 2ν₋", "margin: entangled above zero", "nat"),
    "growth": Quantity("growth", "max Re λ", "growth rate: unstable above zero", "ω_m"),
    "photons_1": Quantity("photons_1", "|α₁|²", "photons in the left cavity", "quanta"),
    "photons_2": Quantity("photons_2", "|α₂|²", "photons in the right cavity", "quanta"),
}


def _parameters(setting: Setting) -> tuple[Parameter, ...]:
    """The length starts where the chosen reading comes nearest to the paper's figures."""
    length = LENGTHS[setting["reading"]] * 1e6
    return (
        Parameter("detuning", "Δ/ω_m", "effective detuning", "1", 0.5, 2, 1.4),
        Parameter("phase_difference", "Δθ", "phase between the pumps", "π", -1, 1, 0.25),
        Parameter("propagation_phase", "φ", "phase of either fibre", "π", 0, 2, 0.8),
        Parameter("power", "P", "power of either laser", "mW", 0.5, 30, 15, 1e-3),
        Parameter(
            "mechanical_frequency", "ω_m/2π", "mechanical frequency", "MHz", 80, 110, 88.54, 1e6
        ),
        Parameter("temperature", "T", "of the mechanical baths", "mK", 1, 300, 100, 1e-3),
        Parameter("length", "l", "length of the cavities", "µm", 10, 1e5, length, 1e-6, True),
        Parameter("transmission", "η", "power transmission of the fibres", "1", 0, 1, 1),
    )


def _network(reading: str = "consistent", **arguments: Any) -> qc.Network:
    """Parts and wires of the consistent reading, light's detuning without the motion's shift."""
    motion = 2 * np.pi * arguments["mechanical_frequency"]
    rest = ("propagation_phase", "power", "temperature", "transmission")
    return network(
        dict.fromkeys(SIDES, motion * arguments["detuning"]),
        coupling(arguments["length"], motion),
        motion,
        {"left": arguments["phase_difference"], "right": 0.0},
        **{name: arguments[name] for name in rest},
    )


def _model(**arguments: Any) -> qc.GaussianModel:
    return model(**arguments)[0]


SYSTEM = System(
    point,
    (Choice("reading", "reading of the equations", READINGS, "consistent"),),
    _parameters,
    lambda setting: _QUANTITIES,
    dict,
    _network,
    _model,
    note="Two optomechanical cavities, a fibre in either direction, a laser into each. The three "
    "readings of the equations start at the length where each comes nearest to the figures.",
)
"""Parameters, quantities, network and model."""
