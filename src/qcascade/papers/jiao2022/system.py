"""What a reader may change in jiao2022, with units and ranges."""

from typing import Any

import numpy as np

import qcascade as qc

from ..records import Choice, Parameter, Quantity, System
from .model import MOTION, SIDES, coupling, model, network, point

_PARAMETERS = (
    Parameter("detuning", "Δ/ω_m", "effective detuning at rest", "1", 0.4, 1.5, 1),
    Parameter("spin_left", "Ω_l", "angular velocity, left", "Mrad/s", -1, 1, 0, 1e6),
    Parameter("spin_right", "Ω_r", "angular velocity, right", "Mrad/s", -1, 1, 0, 1e6),
    Parameter(
        "frequency_ratio", "χ", "mechanical frequencies, right over left", "1", 0.95, 1.05, 1
    ),
    Parameter("transmission", "η", "power transmission of the fibre", "1", 0, 1, 1),
    Parameter("phase", "φ", "phase of the fibre", "π", 0, 2, 0, np.pi),
    Parameter("temperature", "T", "temperature of the mechanical baths", "mK", 1, 500, 100, 1e-3),
)
_LOCAL = "entanglement of light and motion of the {} resonator"
_QUANTITIES = {
    "E_N": Quantity("E_N", "E_N", "entanglement of the two oscillators", "nat"),
    "nu_minus": Quantity("nu_minus", "ν₋", "entangled below ½: transposed symplectic eigenvalue"),
    "photons_left": Quantity("photons_left", "|α_l|²", "photons in the left resonator", "quanta"),
    "photons_right": Quantity("photons_right", "|α_r|²", "photons, right resonator", "quanta"),
    "E_N_local_left": Quantity("E_N_local_left", "E_N,l", _LOCAL.format("left"), "nat"),
    "E_N_local_right": Quantity("E_N_local_right", "E_N,r", _LOCAL.format("right"), "nat"),
}


def _network(**arguments: Any) -> qc.Network:
    """Parts and wires; the numbers of the motion are those at rest, without its shift."""
    frequency: dict[str, Any] = {"left": MOTION, "right": MOTION * arguments["frequency_ratio"]}
    detuning: dict[str, Any] = dict.fromkeys(SIDES, MOTION * arguments["detuning"])
    pull = {name: coupling(frequency[name]) for name in SIDES}
    rest = {name: arguments[name] for name in ("side", "transmission", "phase", "temperature")}
    return network(detuning, frequency, pull, **rest)


def _model(**arguments: Any) -> qc.GaussianModel:
    return model(**arguments)[0]


SYSTEM = System(
    point,
    (
        Choice("side", "where the light comes from", SIDES, "left"),
        Choice("noise", "noise between the resonators", ("consistent", "printed"), "consistent"),
    ),
    lambda setting: _PARAMETERS,
    lambda setting: _QUANTITIES,
    dict,
    _network,
    _model,
    note="Light meets the two resonators one after the other. The printed diffusion forgets the "
    "vacuum noise that travels with the signal; the consistent one has it.",
)
"""Parameters, quantities, network and model."""
