"""liu2024: phase-controlled entanglement of remote mechanical oscillators."""

from .claims import claims
from .figures import FIGURES
from .model import LENGTHS, PARAMETERS, READINGS, model, network, point, with_travelling_noise

READING = "consistent reading"

__all__ = [
    "FIGURES",
    "LENGTHS",
    "PARAMETERS",
    "READING",
    "READINGS",
    "claims",
    "model",
    "network",
    "point",
    "with_travelling_noise",
]
