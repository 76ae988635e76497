"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .discover import discover
from .discovery import Discovery
from .route import Router, route
from .targets import cluster_state, entangled, transmits

__all__ = [
    "Discovery",
    "Router",
    "cluster_state",
    "discover",
    "entangled",
    "one_way_chain",
    "route",
    "transmits",
]


def __dir__() -> list[str]:
    return __all__
