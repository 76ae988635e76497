"""A master equation whose open inputs carry pulses of a few photons: the Fock hierarchy.

With the field of an input in the mode u of a pulse, ρ_mn = Tr_field U(ρ ⊗ |m⟩⟨n|)U† obeys

    dρ_mn/dt = ℒρ_mn + √m u [ρ_{m−1,n}, J†] + √n u* [J, ρ_{m,n−1}],

where J is what the input meets, and ρ = Σ R_mn ρ_mn for a field in the state R (B. Q. Baragiola,
R. L. Cook, A. M. Brańczyk and J. Combes, Phys. Rev. A 86, 013811 (2012); their term with |u|²
cancels for scattering S that is a number, S†S = 1). It is exact, finite and triangular: m and n
only ever rise. All ρ_mn are one vector, of which those elements are kept that something leads to
from the start and that lead to something that is wanted: that is what charges would save.

A field that leaves is b_out = L + Σ_k S_k b_k; in front of ρ it is L + Σ_k S_k u_k √m ρ_{m−1,n}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import fail, mapping, one_of
from ..hilbert.cutoffs import check_memory
from ..hilbert.rounding import ROUNDING
from ..hilbert.space import Space
from ..numerics.collocation import Moving
from ..parts.pulse_states import FockPulse
from ..slh.ladder import Ladder
from .ports import Ports

if TYPE_CHECKING:
    from .model import LindbladModel

Weights = Callable[[np.ndarray], Any]
"""Numbers at times (T,): an array (T,), or one number."""


class Term(NamedTuple):
    """c(t) G, with G sparse on all ρ_mn."""

    matrix: Any
    weight: Weights


@dataclass(frozen=True)
class Hierarchy:
    """The equation of all ρ_mn, and the operators that act on them.

    Args:
        space: of the modes, in one sector.
        pulses: state of the field by position of the input.
        ports: of the network.
        terms: of the right-hand side.
    """

    space: Space
    pulses: Mapping[int, FockPulse]
    ports: Ports | None
    terms: tuple[Term, ...]

    @property
    def levels(self) -> tuple[int, ...]:
        """Numbers of photons that are told apart, by input."""
        return tuple(len(light.state) for light in self.pulses.values())

    @property
    def field(self) -> np.ndarray:
        """R, the state of the field of all inputs (F, F)."""
        state = np.ones((1, 1), complex)
        for light in self.pulses.values():
            state = np.kron(state, light.state)
        return state

    @property
    def physical(self) -> Any:
        """Σ R_mn ρ_mn of all ρ_mn, sparse (D², F²D²)."""
        from scipy.sparse import csr_array, eye_array, kron

        row = csr_array(self.field.reshape(1, -1))
        return kron(row, eye_array(self.space.dimension**2), format="csr")

    def start(self, rho: np.ndarray) -> np.ndarray:
        """ρ_mn = δ_mn ρ before the pulses come.

        Args:
            rho: matrix (D, D).
        """
        return np.kron(np.eye(int(np.prod(self.levels))).ravel(), rho.ravel()).astype(complex)

    def kept(self, x: np.ndarray, wanted: Any) -> np.ndarray:
        """Positions of the elements that x leads to, and that lead to what is wanted.

        Args:
            x: of all ρ_mn.
            wanted: sparse matrix that is applied to them.
        """
        from scipy.sparse import csr_array

        size = len(x)
        leads: Any = sum((abs(term.matrix) for term in self.terms), csr_array((size, size)))
        ahead = _reached(leads, x != 0)
        needed = _reached(leads.T.tocsr(), np.asarray(abs(wanted).sum(axis=0)).ravel() > 0)
        return np.flatnonzero(ahead & needed)

    def moving(self, kept: np.ndarray) -> Moving:
        """The equation of the elements that are kept.

        Args:
            kept: their positions.
        """
        from scipy.sparse import vstack

        few = [term for term in self.terms if term.matrix[kept][:, kept].nnz] or self.terms[:1]
        stacked = vstack([term.matrix[kept][:, kept] for term in few], format="csr")
        return Moving(stacked, _together([term.weight for term in few]))

    def raised(self, k: int, front: bool) -> Any:
        """√m ρ_{m−1,n} of the photons of an input, or √n ρ_{m,n−1}, sparse (F²D², F²D²).

        Args:
            k: position of the input.
            front: which of both.
        """
        from scipy.sparse import eye_array, kron

        place = list(self.pulses).index(k)
        inside = eye_array(self.space.dimension**2)
        return kron(_raised(self.levels, place, front), inside, format="csr")

    def leaving(self, row: int, front: bool) -> tuple[Term, ...]:
        """b_out in front of ρ, or b_out† behind it.

        Args:
            row: position of the output.
            front: which of both.
        """
        from scipy.sparse import eye_array, kron

        ports: Any = self.ports
        one, size = eye_array(self.space.dimension), int(np.prod(self.levels)) ** 2
        L = self.space.matrix(ports.L[row])
        acts = kron(L, one) if front else kron(one, L.conj())
        found = [Term(kron(eye_array(size), acts, format="csr"), _one)]
        for k, light in self.pulses.items():
            S = complex(ports.S[row, k])
            if abs(S) > ROUNDING:
                raised = self.raised(k, front)
                found.append(Term((S if front else S.conjugate()) * raised, _light(light, front)))
        return tuple(found)


def hierarchy(
    model: "LindbladModel", ports: Ports | None, pulses: Mapping[int, FockPulse]
) -> Hierarchy:
    """The hierarchy of a master equation.

    Args:
        model: the master equation.
        ports: of its network; None when no input carries a pulse.
        pulses: state of the field by position of the input.

    Raises:
        ArgumentError: when it needs more memory than is free.
    """
    from scipy.sparse import eye_array, kron

    space = replace(model.space, charges=())
    levels = tuple(len(light.state) for light in pulses.values())
    many = int(np.prod(levels)) ** 2
    elements = many * space.dimension**2
    check_memory(400 * elements, f"{elements:,} elements of ρ_mn")
    one = eye_array(space.dimension)
    terms = [Term(kron(eye_array(many), liouvillian(space, model), format="csr"), _one)]
    for place, (k, light) in enumerate(pulses.items()):
        J = space.matrix(_without_constant(ports.seen[k])) if ports else None
        if J is None or not J.nnz:
            continue
        before = kron(J, one) - kron(one, J.T)  # [J, ρ]
        after = kron(one, J.conj()) - kron(J.conj().T, one)  # [ρ, J†]
        for front, acts in ((True, after), (False, before)):
            raised = _raised(levels, place, front)
            terms.append(Term(kron(raised, acts, format="csr"), _light(light, front)))
    return Hierarchy(space, dict(pulses), ports, tuple(terms))


def liouvillian(space: Space, model: "LindbladModel") -> Any:
    """ℒ on ρ row by row, sparse (D², D²).

    Args:
        space: in one sector.
        model: the master equation.
    """
    from scipy.sparse import eye_array, kron

    one, H = eye_array(space.dimension), space.matrix(model.H)
    L: Any = -1j * (kron(H, one) - kron(one, H.T))
    for jump in model.jumps:
        J = space.matrix(jump)
        lost = J.conj().T @ J
        L = L + kron(J, J.conj()) - 0.5 * (kron(lost, one) + kron(one, lost.T))
    return L.tocsr()


def pulses_at(ports: Ports, inputs: Any) -> dict[int, FockPulse]:
    """States of pulses by position of the open input.

    Args:
        ports: of the network.
        inputs: pulses by name of an open input.

    Raises:
        ArgumentError: for any other name, an input through which noise enters, or what is no pulse.
    """
    found = {}
    for name, light in mapping("inputs", inputs, "open inputs to pulses").items():
        one_of("inputs", name, ports.inputs, "of open inputs")
        where = f"inputs[{name}]"
        if not isinstance(light, FockPulse):
            raise fail(where, "be a pulse with photons, from `qc.fock_pulse`", light)
        k = ports.inputs.index(name)
        if ports.photons[k] > 0:
            must = "be left out: what enters there is noise"
            raise fail(where, must, light, f"⟨b†b⟩ = {ports.photons[k]:.3g} δ")
        found[k] = light
    return found


def _without_constant(J: Ladder) -> Ladder:
    """J without the light of lasers, which no commutator sees."""
    return Ladder({word: c for word, c in J.terms.items() if word})


def _raised(levels: tuple[int, ...], place: int, front: bool) -> Any:
    """√m ρ_{m−1,n} (or √n ρ_{m,n−1}) of the photons of one input, on (m, n), sparse (F², F²)."""
    from scipy.sparse import diags_array, eye_array, kron

    a: Any = eye_array(1)
    for k, size in enumerate(levels):
        up = diags_array(np.sqrt(np.arange(1.0, size)), offsets=-1, shape=(size, size))
        a = kron(a, up if k == place else eye_array(size))
    other = eye_array(a.shape[0])
    return kron(a, other) if front else kron(other, a)


def _one(times: np.ndarray) -> Any:
    return 1.0


def _light(light: FockPulse, front: bool) -> Weights:
    """u(t), or u*(t)."""
    if front:
        return light.pulse.amplitude
    return lambda times: np.conj(light.pulse.amplitude(times))


def _together(weights: list[Weights]) -> Callable[[np.ndarray], np.ndarray]:
    def every(times: np.ndarray) -> np.ndarray:
        return np.array([np.broadcast_to(weight(times), times.shape) for weight in weights])

    return every


def _reached(leads: Any, start: np.ndarray) -> np.ndarray:
    """Where one gets to, by any number of steps."""
    known = start
    while True:
        new = known | (leads @ known.astype(float) > 0)
        if new.sum() == known.sum():
            return known
        known = new
