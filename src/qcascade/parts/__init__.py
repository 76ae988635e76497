"""The parts a network is made of: optics, emitters, baths, light and motion, ensembles."""

from .baths import gain_bath, one_way
from .emitters import kerr_cavity, squeezed_beam
from .ensembles import atomic_ensemble, magnon_mode
from .optomechanics import microwave_converter, spinning_resonator
from .pulse_cavities import pulse_catcher, pulse_source
from .pulse_states import fock_pulse, squeezed_pulse
from .pulses import pulse

__all__ = [
    "atomic_ensemble",
    "fock_pulse",
    "gain_bath",
    "kerr_cavity",
    "magnon_mode",
    "microwave_converter",
    "one_way",
    "pulse",
    "pulse_catcher",
    "pulse_source",
    "spinning_resonator",
    "squeezed_beam",
    "squeezed_pulse",
]


def __dir__() -> list[str]:
    return __all__
