"""pelka2026: routing entanglement through quantum networks."""

from .claims import claims
from .figures import FIGURES
from .model import PARAMETERS, network, optomechanical_network, point, threshold

__all__ = [
    "FIGURES",
    "PARAMETERS",
    "claims",
    "network",
    "optomechanical_network",
    "point",
    "threshold",
]
