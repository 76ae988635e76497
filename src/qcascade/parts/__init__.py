"""The parts a network is made of: optics, emitters, optomechanics."""

from .baths import gain_bath, one_way
from .emitters import kerr_cavity
from .optomechanics import spinning_resonator

__all__ = ["gain_bath", "kerr_cavity", "one_way", "spinning_resonator"]


def __dir__() -> list[str]:
    return __all__
