"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .design import design
from .discover import discover
from .discovery import Discovery
from .optimum import Design
from .program import Program, program
from .ranges import between, turn
from .route import Router, route
from .sensitivity import Sensitivity, sensitivity
from .targets import cluster_state, entangled, transmits
from .tolerance import Tolerance, tolerance

__all__ = [
    "Design",
    "Discovery",
    "Program",
    "Router",
    "Sensitivity",
    "Tolerance",
    "between",
    "cluster_state",
    "design",
    "discover",
    "entangled",
    "one_way_chain",
    "program",
    "route",
    "sensitivity",
    "tolerance",
    "transmits",
    "turn",
]


def __dir__() -> list[str]:
    return __all__
