"""Entanglement and the rest, of Gaussian states and of density matrices."""

from .density import concurrence, entanglement_of_formation, genuine_witness, negativity
from .gaussian import (
    epr_variance,
    fidelity,
    log_negativity,
    margin,
    mutual_information,
    occupation,
    purity,
    steering,
    symplectic_eigenvalues,
    von_neumann_entropy,
)
from .phase_space import wigner

__all__ = [
    "concurrence",
    "entanglement_of_formation",
    "epr_variance",
    "fidelity",
    "genuine_witness",
    "log_negativity",
    "margin",
    "mutual_information",
    "negativity",
    "occupation",
    "purity",
    "steering",
    "symplectic_eigenvalues",
    "von_neumann_entropy",
    "wigner",
]


def __dir__() -> list[str]:
    return __all__
