"""jiao2020: nonreciprocal optomechanical entanglement against backscattering losses."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import PARAMETERS, model, network, peak, point, working_point
from .system import SYSTEM

READING = "from parts (Lindblad damping)"

__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "STATEMENTS",
    "SYSTEM",
    "claims",
    "model",
    "network",
    "peak",
    "point",
    "working_point",
]
