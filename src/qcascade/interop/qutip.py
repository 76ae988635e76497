"""Models and states as QuTiP's operators, in the lexicographic number basis of the modes."""

from typing import Any

import numpy as np

from ..base.checks import fail
from ..base.keywords import spoken
from ..base.optional import library
from ..hilbert.batches import check_single
from ..hilbert.cutoffs import Cutoffs
from ..hilbert.fock import truncate
from ..hilbert.states import DensityState, PureState, own_levels
from ..linear.model import GaussianModel
from ..linear.state import GaussianState
from ..master_equation.from_network import lindblad
from ..master_equation.model import LindbladModel
from .quadratic import component_of

Model = GaussianModel | LindbladModel
State = GaussianState | DensityState | PureState


@spoken
def to_qutip(system: Model | State, cutoffs: Cutoffs | None = None) -> Any:
    """A model or a state as QuTiP `Qobj`, one tensor factor per mode.

    A Gaussian model gives H = ½RᵀGR + dᵀR and C†C = K with G = −½(ΩA + (ΩA)ᵀ), d = −Ωf and
    K = ΩᵀDΩ − (i/2)(ΩA − (ΩA)ᵀ), so that QuTiP's equation has the same A, D and drive: one
    collapse operator per open input of a network in the vacuum, √(κ(n+1)) a and √(κn) a† of a
    thermal mode. A mean field that lasers drive is in H; constants are dropped. A Gaussian state
    comes as `truncate` gives it: `qutip.covariance_matrix` of (x₁, p₁, x₂, …) is V there, as are
    `wigner_covariance_matrix` and, in nats, `logarithmic_negativity` with their g = √2. Level 0
    of a qubit is its ground state: `lower("q")` is `qutip.destroy(2)`.

    Args:
        system: a model or a state.
        cutoffs: most quanta by mode, as `lindblad` and `truncate` take them; for a Gaussian model
            or state only.

    Returns:
        For a model H and the list of collapse operators; for a state its density matrix or ket.
        The modes of a `LindbladModel` that share a cutoff form one factor with everything else.

    Raises:
        ArgumentError: for anything else, a batch, cutoffs that are missing, not needed or too low,
            a D that no quantum noise can produce, a state of more than 4096 rows, or one of modes
            that share a cutoff.
        UnstableError: when a Gaussian model has no steady state, so that no cutoff is enough.
        ImportError: when QuTiP is not installed.

    >>> from qcascade import cavity, gaussian, lindblad, qubit, vacuum
    >>> H, jumps = to_qutip(lindblad(qubit(0.5, decay=1.0)))
    >>> H.diag(), jumps[0].full().real
    (array([0. , 0.5]), array([[0., 1.],
           [0., 0.]]))
    >>> H, jumps = to_qutip(gaussian(cavity(decay=1.0, occupation=0.25)), {"a": 5})
    >>> [round(float(abs(jump.full()).max() ** 2) / 5, 12) for jump in jumps]
    [1.25, 0.25]
    >>> to_qutip(vacuum(["a", "b"]), {"a": 1, "b": 2}).dims
    [[2, 3], [2, 3]]
    """
    system = in_number_basis(system, cutoffs)
    qutip = library("qutip")
    order = np.lexsort(system.space.quanta.T[::-1])
    if isinstance(system, LindbladModel):
        levels = [top + 1 for top in system.space.tops]
        dims = [levels, levels] if not system.space.limits else [[len(order)]] * 2
        H, *jumps = (
            qutip.Qobj(matrix.tocsr()[order][:, order], dims=dims)
            for matrix in (system.hamiltonian_matrix, *map(system.space.matrix, system.jumps))
        )
        return H, jumps
    levels = own_levels(system.space)
    if isinstance(system, DensityState):
        check_single("system", system, "state")
    if isinstance(system, PureState):
        return qutip.Qobj(system.amplitudes[order, None], dims=[levels, [1] * len(levels)])
    return qutip.Qobj(system.matrix(), dims=[levels, levels])


def in_number_basis(
    system: Model | State, cutoffs: Cutoffs | None
) -> LindbladModel | DensityState | PureState:
    """What is Gaussian, in the number basis; anything else as it is.

    Args:
        system: a model or a state.
        cutoffs: most quanta by mode, for what is Gaussian and for nothing else.

    Raises:
        ArgumentError: when cutoffs are missing or not needed, and for anything else.
    """
    if isinstance(system, GaussianModel | GaussianState):
        if cutoffs is None:
            raise fail("cutoffs", "give the most quanta of every mode", cutoffs)
        if isinstance(system, GaussianState):
            return truncate(system, cutoffs)
        return lindblad(component_of(system), cutoffs, sectors=False)
    if not isinstance(system, LindbladModel | DensityState | PureState):
        raise fail("system", "be a model (`gaussian`, `lindblad`) or a state", system)
    if cutoffs is not None:
        raise fail("cutoffs", "be left out: this system has its own", cutoffs)
    return system
