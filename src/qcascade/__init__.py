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

from .audit import Audit, audit
from .branches import WorkingPoints, hysteresis, working_points
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
from .checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from .component import Component
from .cycles import LimitCycle, limit_cycle
from .datasets import from_pandas, from_xarray, to_pandas, to_xarray
from .density import DensityState, PureState, density, ket
from .density_measures import (
    concurrence,
    entanglement_of_formation,
    genuine_witness,
    negativity,
)
from .device import compiled, device_chunk
from .diagram import diagram
from .dynamics import evolve, steady_state
from .emitters import kerr_cavity, qubit, squeezed_light
from .fock import moments, truncate
from .follow import steady_fields
from .gaussian import GaussianModel, gaussian
from .ladder import Ladder, lower
from .lindblad import LindbladModel, lindblad
from .lyapunov import growth
from .master_equation import ground, trajectories
from .meanfield import linearise
from .measures import (
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
from .neighbours import from_walrus, to_dynamiqs, to_walrus
from .netlist import from_toml
from .network import Network, as_component, open_ports, wiring_table
from .optomechanics import (
    bose_einstein,
    drive_amplitude,
    fibre_phase,
    mechanical_displacement,
    mechanical_mode,
    optical_frequency,
    optomechanical_cavity,
    sagnac_shift,
    spinning_resonator,
    zero_point_coupling,
)
from .phase_space import wigner
from .plot import figure
from .quadratic import from_qutip
from .states import GaussianState, coherent, thermal, two_mode_squeezed, vacuum
from .sweep import each, save, sweep
from .toml_writer import to_toml
from .units import angular_frequency, quantity
from .wiring import eliminate

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "Audit",
    "Component",
    "ConvergenceError",
    "DegenerateError",
    "DensityState",
    "GaussianModel",
    "GaussianState",
    "Ladder",
    "LimitCycle",
    "LindbladModel",
    "Network",
    "PureState",
    "UnstableError",
    "WorkingPoints",
    "angular_frequency",
    "as_component",
    "audit",
    "beam_splitter",
    "bose_einstein",
    "cavity",
    "circulator",
    "coherent",
    "coherent_drive",
    "common_bath",
    "compiled",
    "concurrence",
    "density",
    "device_chunk",
    "diagram",
    "drive_amplitude",
    "each",
    "eliminate",
    "entanglement_of_formation",
    "epr_variance",
    "evolve",
    "fibre",
    "fibre_phase",
    "fidelity",
    "figure",
    "from_pandas",
    "from_qutip",
    "from_toml",
    "from_walrus",
    "from_xarray",
    "gaussian",
    "genuine_witness",
    "ground",
    "growth",
    "hopping",
    "hysteresis",
    "isolator",
    "kerr_cavity",
    "ket",
    "limit_cycle",
    "lindblad",
    "linearise",
    "local_bath",
    "log_negativity",
    "lower",
    "margin",
    "mechanical_displacement",
    "mechanical_mode",
    "moments",
    "mutual_information",
    "negativity",
    "occupation",
    "open_ports",
    "optical_frequency",
    "optomechanical_cavity",
    "pair_source",
    "phase_shifter",
    "purity",
    "quantity",
    "qubit",
    "sagnac_shift",
    "save",
    "spinning_resonator",
    "squeezed_light",
    "squeezed_mode",
    "steady_fields",
    "steady_state",
    "steering",
    "sweep",
    "symplectic_eigenvalues",
    "thermal",
    "to_dynamiqs",
    "to_pandas",
    "to_toml",
    "to_walrus",
    "to_xarray",
    "trajectories",
    "truncate",
    "two_mode_squeezed",
    "two_mode_squeezing",
    "vacuum",
    "von_neumann_entropy",
    "wigner",
    "wiring_table",
    "working_points",
    "zero_point_coupling",
]
