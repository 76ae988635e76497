"""Inverse design: optimise, route, program, discover, sensitivity, tolerance."""

from .chain import one_way_chain
from .route import Router, route

__all__ = ["Router", "one_way_chain", "route"]


def __dir__() -> list[str]:
    return __all__
