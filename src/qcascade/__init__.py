"""qcascade: entanglement in cascaded and nonreciprocal quantum networks.

Heavy libraries (JAX, Numba, xarray, matplotlib) are imported by the functions that need
them, so that importing the package stays quick.
"""

import os
import sys

# Covariances live in double precision only; JAX must know before it makes its first array.
os.environ.setdefault("JAX_ENABLE_X64", "1")
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)

from .catalogue import (
    beam_splitter,
    cavity,
    circulator,
    coherent_drive,
    common_bath,
    fibre,
    hopping,
    isolator,
    local_bath,
    pair_source,
    phase_shifter,
    squeezed_mode,
    two_mode_squeezing,
)
from .checks import ArgumentError, UnstableError
from .component import Component
from .dynamics import evolve, steady_state
from .gaussian import GaussianModel, gaussian
from .ladder import Ladder, lower
from .network import Network, as_component, open_ports, wiring_table
from .wiring import eliminate

__version__ = "0.1.0"
