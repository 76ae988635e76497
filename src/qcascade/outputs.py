"""What leaves the network: verbs that look at the kind of model, and hand over."""

from .linear.detectors import heterodyne, homodyne
from .linear.measured import conditional_state, measured
from .linear.mode_functions import mode_overlap, output_mode
from .linear.monitored import Monitored
from .linear.outputs import (
    decibel,
    emission_spectrum,
    quadrature_spectrum,
    scattering,
    sidebands,
    transfer,
)
from .linear.travelling import output_state

__all__ = [
    "Monitored",
    "conditional_state",
    "decibel",
    "emission_spectrum",
    "heterodyne",
    "homodyne",
    "measured",
    "mode_overlap",
    "output_mode",
    "output_state",
    "quadrature_spectrum",
    "scattering",
    "sidebands",
    "transfer",
]


def __dir__() -> list[str]:
    return __all__
