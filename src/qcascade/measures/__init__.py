"""Entanglement and the rest, of Gaussian states and of density matrices."""

from .communication import (
    key_rate,
    key_rate_heterodyne,
    reverse_coherent_information,
    teleportation_fidelity,
)
from .decompositions import bloch_messiah, williamson
from .density import concurrence, entanglement_of_formation, negativity
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
from .gaussian_discord import discord
from .genuine import genuine_witness
from .matrix import entanglement_matrix
from .phase_space import wigner
from .tripartite import residual_contangle

__all__ = [
    "bloch_messiah",
    "concurrence",
    "discord",
    "entanglement_matrix",
    "entanglement_of_formation",
    "epr_variance",
    "fidelity",
    "genuine_witness",
    "key_rate",
    "key_rate_heterodyne",
    "log_negativity",
    "margin",
    "mutual_information",
    "negativity",
    "occupation",
    "purity",
    "residual_contangle",
    "reverse_coherent_information",
    "steering",
    "symplectic_eigenvalues",
    "teleportation_fidelity",
    "von_neumann_entropy",
    "wigner",
    "williamson",
]


def __dir__() -> list[str]:
    return __all__
