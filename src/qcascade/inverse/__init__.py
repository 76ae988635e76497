"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .sensitivity import Sensitivity, sensitivity
from .tolerance import Tolerance, tolerance

__all__ = ["Sensitivity", "Tolerance", "sensitivity", "tolerance"]


def __dir__() -> list[str]:
    return __all__
