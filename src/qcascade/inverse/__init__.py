"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .discover import discover
from .discovery import Discovery
from .program import Program, program
from .route import Router, route
from .sensitivity import Sensitivity, sensitivity
from .targets import cluster_state, entangled, transmits
from .tolerance import Tolerance, tolerance

__all__ = [
    "Discovery",
    "Program",
    "Router",
    "Sensitivity",
    "Tolerance",
    "cluster_state",
    "discover",
    "entangled",
    "one_way_chain",
    "program",
    "route",
    "sensitivity",
    "tolerance",
    "transmits",
]


def __dir__() -> list[str]:
    return __all__
