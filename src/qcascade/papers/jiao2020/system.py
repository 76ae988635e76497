"""What a reader may change in jiao2020, with units and ranges."""

from typing import Any

import qcascade as qc

from ..records import Choice, Parameter, Quantity, System
from .model import NOISES, SIDES, model, network, point

_PARAMETERS = (
    Parameter("detuning", "Δ_c/ω_m", "detuning of both optical modes at rest", "1", -2, 2.5, 0.75),
    Parameter("spin", "Ω", "angular velocity of the resonator", "krad/s", -30, 30, 0, 1e3),
    Parameter("backscattering", "J/κ", "backscattering between the two modes", "1", 0, 2, 0),
    Parameter("power", "P", "power of the laser", "mW", 0, 40, 20, 1e-3),
    Parameter("temperature", "T", "temperature of the motion's bath", "mK", 1, 1000, 130, 1e-3),
)
_QUANTITIES = {
    "E_N": Quantity("E_N", "E_N", "entanglement of the driven mode with the motion", "nat"),
    "photons_driven": Quantity("photons_driven", "|α|²", "photons in the driven mode", "quanta"),
    "photons_other": Quantity("photons_other", "|α′|²", "photons in the other mode", "quanta"),
    "branches": Quantity("branches", "branches", "steady solutions of the classical equations"),
}


def _network(noise: str = "printed", **arguments: Any) -> qc.Network:
    """The network of parts, which is the same for both noises."""
    return network(**arguments)


def _model(**arguments: Any) -> qc.GaussianModel:
    return model(**arguments)[0]


SYSTEM = System(
    point,
    (
        Choice("side", "where the light comes from", SIDES, "left"),
        Choice("noise", "noise of the motion", NOISES, "printed"),
    ),
    lambda setting: _PARAMETERS,
    lambda setting: _QUANTITIES,
    dict,
    _network,
    _model,
    note="A spinning resonator: the Sagnac effect splits its two optical modes, backscattering "
    "mixes them. The printed noise damps the momentum only; Lindblad noise damps as a quantum "
    "channel must.",
)
"""Parameters, quantities, network and model."""
