"""What leaves the network: verbs that look at the kind of model, and hand over."""

from .linear.outputs import (
    decibel,
    emission_spectrum,
    quadrature_spectrum,
    scattering,
    sidebands,
    transfer,
)

__all__ = [
    "decibel",
    "emission_spectrum",
    "quadrature_spectrum",
    "scattering",
    "sidebands",
    "transfer",
]


def __dir__() -> list[str]:
    return __all__
