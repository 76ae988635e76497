"""qcascade: entanglement in cascaded and nonreciprocal quantum networks.

Heavy libraries (JAX, Numba, xarray, matplotlib) are imported by the functions that need
them, so that importing the package stays quick. JAX is set to 64 bits when it is first met.
"""

from typing import TYPE_CHECKING, Any

from . import classical, hilbert, interop, inverse, measures, outputs, parts, physics, slh
from .audits.audit import Audit, audit
from .base import conventions
from .base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from .base.names import renamed
from .base.units import si
from .base.version import __version__ as __version__
from .classical.linearise import linearise
from .dynamics import evolve, periodic_state, steady_state
from .hilbert.states import DensityState, PureState
from .hilbert.typed_states import density, ket
from .linear.langevin import gaussian
from .linear.model import GaussianModel
from .linear.state import GaussianState, coherent, thermal, two_mode_squeezed, vacuum
from .lyapunov.solve import growth
from .master_equation.evolution import Evolution
from .master_equation.from_network import lindblad
from .master_equation.model import LindbladModel
from .master_equation.solve import trajectories
from .master_equation.start_states import ground
from .master_equation.trajectories.ensemble import Ensemble
from .measures.gaussian import log_negativity
from .netlist.load import from_toml
from .parts.baths import common_bath, local_bath
from .parts.emitters import qubit, squeezed_light
from .parts.fibres import fibre
from .parts.optics import (
    beam_splitter,
    cavity,
    circulator,
    coherent_drive,
    hopping,
    isolator,
    pair_source,
    phase_shifter,
    squeezed_mode,
    two_mode_squeezing,
)
from .parts.optomechanics import mechanical_mode, optomechanical_cavity
from .plots.diagram import diagram
from .plots.plot import figure
from .slh.component import Component
from .slh.ladder import lower
from .slh.network import Network
from .slh.toml import to_toml
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
    "Ensemble",
    "Evolution",
    "GaussianModel",
    "GaussianState",
    "LindbladModel",
    "Network",
    "PureState",
    "UnstableError",
    "audit",
    "beam_splitter",
    "cavity",
    "circulator",
    "classical",
    "coherent",
    "coherent_drive",
    "common_bath",
    "compiled",
    "density",
    "device_chunk",
    "diagram",
    "each",
    "evolve",
    "fibre",
    "figure",
    "from_toml",
    "gaussian",
    "ground",
    "growth",
    "hopping",
    "interop",
    "inverse",
    "isolator",
    "ket",
    "lindblad",
    "linearise",
    "local_bath",
    "log_negativity",
    "lower",
    "measures",
    "mechanical_mode",
    "optomechanical_cavity",
    "outputs",
    "pair_source",
    "parts",
    "periodic_state",
    "phase_shifter",
    "physics",
    "qubit",
    "save",
    "si",
    "squeezed_light",
    "squeezed_mode",
    "steady_state",
    "sweep",
    "thermal",
    "to_toml",
    "trajectories",
    "two_mode_squeezed",
    "two_mode_squeezing",
    "vacuum",
]

NAMESPACES = (
    classical,
    conventions,
    hilbert,
    interop,
    inverse,
    measures,
    outputs,
    parts,
    physics,
    slh,
)


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:  # a type checker would take any name for one that is there

    def __getattr__(name: str) -> Any:
        """What a namespace holds answers at the top, too; a sentence says where others went."""
        for space in NAMESPACES:
            if name in space.__all__:
                return getattr(space, name)
        public = sorted({*__all__, *(x for space in NAMESPACES for x in space.__all__)})
        raise AttributeError(renamed("qc", name, public), name=name)
