"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .design import design
from .optimum import Design
from .ranges import between, turn
from .sensitivity import Sensitivity, sensitivity
from .tolerance import Tolerance, tolerance

__all__ = [
    "Design",
    "Sensitivity",
    "Tolerance",
    "between",
    "design",
    "sensitivity",
    "tolerance",
    "turn",
]


def __dir__() -> list[str]:
    return __all__
