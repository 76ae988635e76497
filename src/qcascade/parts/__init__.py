"""The parts a network is made of: optics, emitters, optomechanics."""

from .emitters import kerr_cavity
from .optomechanics import spinning_resonator

__all__ = ["kerr_cavity", "spinning_resonator"]


def __dir__() -> list[str]:
    return __all__
