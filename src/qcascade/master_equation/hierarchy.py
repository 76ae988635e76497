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
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..hilbert.cutoffs import check_memory
from ..hilbert.rounding import ROUNDING
from ..hilbert.space import Space
from ..numerics.collocation import Moving
from ..parts.pulse_states import FockPulse
from ..slh.ladder import Ladder
from .moments import Moments
from .terms import Feature, elements

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
        moments: the master equation at any time.
        pulses: state of the field by position of the input.

    Raises:
        ArgumentError: when it needs more memory than is free.
    """

    moments: Moments
    pulses: Mapping[int, FockPulse]

    def __post_init__(self) -> None:
        elements = int(np.prod(self.levels)) ** 2 * self.space.dimension**2
        check_memory(400 * elements, f"{elements:,} elements of ρ_mn")

    @cached_property
    def space(self) -> Space:
        """Of the modes, in one sector."""
        return replace(self.moments.model.space, charges=())

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

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Of the right-hand side."""
        from scipy.sparse import eye_array, kron

        many = eye_array(int(np.prod(self.levels)) ** 2)
        terms = [Term(kron(many, L, format="csr"), c) for L, c in self._liouvillian()]
        one = eye_array(self.space.dimension)
        for k, light in self.pulses.items():
            for J, c in self._operators(self.moments.seen(k)):
                before = kron(J, one) - kron(one, J.T)  # [J, ρ]
                after = kron(one, J.conj()) - kron(J.conj().T, one)  # [ρ, J†]
                for front, acts in ((True, after), (False, before)):
                    G = self._on_field(k, front, acts)
                    terms.append(Term(G, _times(_light(light, front), c, conjugate=front)))
        return tuple(terms)

    def _liouvillian(self) -> list[Term]:
        """ℒ on ρ row by row, sparse (D², D²): what is constant, and what changes."""
        from scipy.sparse import csr_array

        constant, changing = self.moments.features()
        L = csr_array((self.space.dimension**2,) * 2, dtype=complex)
        for feature, c in constant.items():
            L = L + c * self._feature(feature)
        terms = [Term(L.tocsr(), _one)]
        return terms + [Term(self._feature(f), weight) for f, weight in changing.items()]

    def _feature(self, feature: Feature) -> Any:
        """z(XρY† + h.c.) on ρ row by row."""
        from scipy.sparse import csr_array, eye_array, kron

        def matrix(key: Any) -> Any:
            rows, columns, numbers = elements(self.space, key)
            return csr_array((numbers, (rows, columns)), (self.space.dimension,) * 2)

        z = 1j if feature.imaginary else 1.0
        if not feature.jump:
            X, Y = matrix(feature.key), eye_array(self.space.dimension)
        else:
            X, Y = (matrix((word,)) for word in feature.key)
            z = z / 2 if feature.key[0] == feature.key[1] else z  # W ρ W† is its own adjoint
        return (z * kron(X, Y.conj()) + np.conj(z) * kron(Y, X.conj())).tocsr()

    def _operators(self, words: Mapping[Any, Weights | complex]) -> list[tuple[Any, Weights]]:
        """An operator as a constant matrix, and one for each word that changes."""
        constant = {word: c for word, c in words.items() if not callable(c)}
        matrices: list[Any] = [(self.space.matrix(Ladder(constant)), _one)] if constant else []
        for word, c in words.items():
            if callable(c):
                matrices.append((self.space.matrix(Ladder({word: 1.0})), c))
        return matrices

    def _on_field(self, k: int, front: bool, acts: Any) -> Any:
        """√m ρ_{m−1,n} or √n ρ_{m,n−1} of the photons of an input, and what acts on ρ."""
        from scipy.sparse import kron

        place = list(self.pulses).index(k)
        return kron(_raised(self.levels, place, front), acts, format="csr")

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

    def moving(self, indices: np.ndarray) -> Moving:
        """The equation of the elements that are kept.

        Args:
            indices: their positions.
        """
        from scipy.sparse import vstack

        few = [term for term in self.terms if term.matrix[indices][:, indices].nnz] or self.terms[
            :1
        ]
        stacked = vstack([term.matrix[indices][:, indices] for term in few], format="csr")
        return Moving(stacked, _together([term.weight for term in few]))

    def raised(self, k: int, front: bool) -> Any:
        """√m ρ_{m−1,n} of the photons of an input, or √n ρ_{m,n−1}, sparse (F²D², F²D²).

        Args:
            k: position of the input.
            front: which of both.
        """
        from scipy.sparse import eye_array

        return self._on_field(k, front, eye_array(self.space.dimension**2))

    def leaving(self, row: int, front: bool) -> tuple[Term, ...]:
        """b_out in front of ρ, or b_out† behind it.

        Args:
            row: position of the output.
            front: which of both.
        """
        from scipy.sparse import eye_array, kron

        one, many = eye_array(self.space.dimension), eye_array(int(np.prod(self.levels)) ** 2)
        terms = []
        for L, c in self._operators(self.moments.leaving(row)):
            acts = kron(L, one) if front else kron(one, L.conj())
            terms.append(Term(kron(many, acts, format="csr"), _times(_one, c, not front)))
        for k, light in self.pulses.items():
            S = self.moments.passing(row, k)
            if callable(S) or abs(S) > ROUNDING:
                weight = S if callable(S) else lambda times, S=S: np.full(times.shape, S)
                light_of = _times(_light(light, front), weight, conjugate=not front)
                terms.append(Term(self.raised(k, front), light_of))
        return tuple(terms)


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


def _times(light: Weights, c: Weights, conjugate: bool) -> Weights:
    """The product of both, of the second or of its conjugate."""
    return lambda times: light(times) * (np.conj(c(times)) if conjugate else c(times))


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
