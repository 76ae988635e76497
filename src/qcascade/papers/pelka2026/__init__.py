"""pelka2026: routing entanglement through quantum networks."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import PARAMETERS, network, optomechanical_network, point, threshold

READING = "one-way reading"

__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "STATEMENTS",
    "claims",
    "network",
    "optomechanical_network",
    "point",
    "threshold",
]
