"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .designs import design
from .discovery import Discovery
from .optimum import Design
from .programs import Program, program
from .ranges import between, turn
from .routers import Router, route
from .searches import discover
from .sensitivities import Sensitivity, sensitivity
from .steady_gradients import steady_gradient
from .targets import cluster_state, entangled, transmits
from .tolerances import Tolerance, tolerance

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
    "steady_gradient",
    "tolerance",
    "transmits",
    "turn",
]


def __dir__() -> list[str]:
    return __all__
