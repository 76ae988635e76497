"""jiao2020: nonreciprocal optomechanical entanglement against backscattering losses."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import PARAMETERS, model, network, peak, point, working_point

READING = "from parts (Lindblad damping)"

__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "STATEMENTS",
    "claims",
    "model",
    "network",
    "peak",
    "point",
    "working_point",
]
