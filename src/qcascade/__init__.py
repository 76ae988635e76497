"""qcascade: entanglement in cascaded and nonreciprocal quantum networks.

Heavy libraries (JAX, Numba, xarray, matplotlib) are imported by the functions that need
them, so that importing the package stays quick. JAX is set to 64 bits when it is first met.
"""

from . import interop as interop
from .audits.verdict import Audit, audit
from .base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from .base.units import angular_frequency, quantity
from .base.version import __version__ as __version__
from .classical.branches import WorkingPoints, hysteresis, working_points
from .classical.cycles import LimitCycle, limit_cycle
from .classical.linearise import linearise
from .classical.steady_fields import steady_fields
from .dynamics import evolve, steady_state
from .hilbert.fock import moments, truncate
from .hilbert.states import DensityState, PureState, density, ket
from .interop.datasets import from_pandas, from_xarray, to_pandas, to_xarray
from .interop.libraries import from_walrus, to_dynamiqs, to_walrus
from .interop.quadratic import from_qutip
from .linear.model import GaussianModel, gaussian
from .linear.outputs import (
    decibel,
    emission_spectrum,
    quadrature_spectrum,
    scattering,
    sidebands,
    transfer,
)
from .linear.state import GaussianState, coherent, thermal, two_mode_squeezed, vacuum
from .lyapunov.solve import growth
from .master_equation.model import LindbladModel, lindblad
from .master_equation.solve import ground, trajectories
from .measures.density import concurrence, entanglement_of_formation, genuine_witness, negativity
from .measures.gaussian import (
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
from .measures.wigner import wigner
from .netlist.load import from_toml
from .parts.emitters import kerr_cavity, qubit, squeezed_light
from .parts.optics import (
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
from .parts.optomechanics import (
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
from .plots.diagram import diagram
from .plots.plot import figure
from .slh.component import Component
from .slh.ladder import Ladder, lower
from .slh.network import Network, as_component, open_ports, wiring_table
from .slh.toml import to_toml
from .slh.wiring import eliminate
from .sweeps.compiled import compiled, device_chunk
from .sweeps.points import each
from .sweeps.run import save, sweep

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
    "decibel",
    "density",
    "device_chunk",
    "diagram",
    "drive_amplitude",
    "each",
    "eliminate",
    "emission_spectrum",
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
    "quadrature_spectrum",
    "quantity",
    "qubit",
    "sagnac_shift",
    "save",
    "scattering",
    "sidebands",
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
    "transfer",
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
