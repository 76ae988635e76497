"""liu2024: phase-controlled entanglement of remote mechanical oscillators."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import LENGTHS, PARAMETERS, READINGS, model, network, point, with_travelling_noise
from .system import SYSTEM

READING = "consistent reading"

__all__ = [
    "FIGURES",
    "LENGTHS",
    "PARAMETERS",
    "READING",
    "READINGS",
    "STATEMENTS",
    "SYSTEM",
    "claims",
    "model",
    "network",
    "point",
    "with_travelling_noise",
]
