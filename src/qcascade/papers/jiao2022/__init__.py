"""jiao2022: nonreciprocal remote entanglement of two mechanical oscillators."""

from .claims import STATEMENTS, claims
from .figures import FIGURES
from .model import PARAMETERS, model, network, point

READING = "with the noise that travels"

__all__ = ["FIGURES", "PARAMETERS", "READING", "STATEMENTS", "claims", "model", "network", "point"]
