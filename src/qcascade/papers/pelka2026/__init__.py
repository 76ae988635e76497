"""pelka2026: routing entanglement through quantum networks."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import PARAMETERS, network, optomechanical_network, point, threshold
from .system import SYSTEM

READING = "one-way reading"

__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "STATEMENTS",
    "SYSTEM",
    "claims",
    "network",
    "optomechanical_network",
    "point",
    "threshold",
]
