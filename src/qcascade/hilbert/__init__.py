"""Spaces, charges, cutoffs, density matrices, Fock pictures of Gaussian states."""

from .fock import moments, truncate
from .space import Space

__all__ = [
    "Space",
    "moments",
    "truncate",
]


def __dir__() -> list[str]:
    return __all__
