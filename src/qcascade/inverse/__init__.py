"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .route import Router, route
from .sensitivity import Sensitivity, sensitivity
from .tolerance import Tolerance, tolerance

__all__ = [
    "Router",
    "Sensitivity",
    "Tolerance",
    "one_way_chain",
    "route",
    "sensitivity",
    "tolerance",
]


def __dir__() -> list[str]:
    return __all__
