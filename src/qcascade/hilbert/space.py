"""Finite-dimensional Hilbert spaces: qubits and truncated oscillators, sorted by charge.

A basis state is a list of quanta, one number per mode. Integer charges Q = Σ_m q_m n_m sort the
basis into sectors; a density matrix that starts block-diagonal in a conserved charge stays so,
and only its blocks are ever stored.

An oscillator is cut at a number of quanta of its own, or together with others at a total. A
pair of oscillators may be described in a squeezed basis, a = cosh s b_a + sinh s b_b†, in which a
strongly squeezed pair needs few quanta; operators are always given for the physical modes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import fail, listed, numbers, one_of
from ..base.names import mode_names, resolve
from ..slh.ladder import Ladder, Word, lower
from .basis_states import fewest_states, within
from .space_checks import charges_of, per_mode, shared_limits, some_of, squeezed_pairs
from .words import normal_ordered, raised, substituted

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False, repr=False)
class Space:
    """A truncated Hilbert space with its basis sorted by charge.

    Args:
        modes: names of the M modes.
        tops: most quanta of each mode; 1 for a qubit.
        qubits: names of the modes that are qubits.
        limits: (names, most quanta together) for groups of modes.
        squeezed: s by pair of modes described in a squeezed basis.
        charges: integer charge q_m of each mode, one tuple (M,) per conserved charge.

    Raises:
        ArgumentError: when these do not fit the modes, or span more than 2^62 basis states.

    >>> Space(["q", "m"], [1, 3], qubits=["q"], charges=[(1, 1)])
    Space(q, m; 8 states in 5 blocks)
    """

    modes: tuple[str, ...]
    tops: tuple[int, ...]
    qubits: tuple[str, ...] = ()
    limits: tuple[tuple[tuple[str, ...], int], ...] = ()
    squeezed: Mapping[tuple[str, str], float] = field(default_factory=dict)
    charges: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        modes = mode_names(self.modes)
        settled = {
            "modes": modes,
            "tops": per_mode("tops", self.tops, modes, 0),
            "qubits": some_of("qubits", self.qubits, modes),
            "limits": shared_limits(self.limits, modes),
            "squeezed": squeezed_pairs(self.squeezed, modes),
            "charges": charges_of(self.charges, modes),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)
        for mode, top in zip(modes, self.tops, strict=True):
            if mode in self.qubits and top != 1:
                raise fail("tops", f"be 1 for the qubit {mode}", top)
        for mode in self.qubits:
            if any(mode in pair for pair in self.squeezed):
                raise fail("squeezed", "have pairs of oscillators for keys", mode)
        bits = float(np.sum(np.log2(np.asarray(self.tops, float) + 1)))
        if bits > 62:
            raise fail("modes", "span at most 2^62 basis states", f"2^{bits:.0f}")

    def __repr__(self) -> str:
        return f"Space({listed(self.modes)}; {self.dimension} states in {len(self.sizes)} blocks)"

    @cached_property
    def _radix(self) -> np.ndarray:
        """Weight of each mode in a basis state's key: the first mode counts most."""
        return np.append(np.cumprod(np.asarray(self.tops, np.int64)[:0:-1] + 1)[::-1], 1)

    @cached_property
    def _basis(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Quanta (D, M), keys (D,), sector values (B, C) and offsets (B + 1,), sorted by sector."""
        quanta = within(self.modes, self.tops, self.limits)
        charge = quanta @ np.asarray(self.charges, np.int64).reshape(-1, len(self.modes)).T
        keys = quanta @ self._radix
        order = np.lexsort((keys, *charge.T[::-1]))
        quanta, keys, charge = quanta[order], keys[order], charge[order]
        new = np.ones(len(keys), bool)
        new[1:] = np.any(charge[1:] != charge[:-1], axis=1)
        starts = np.flatnonzero(new)
        return quanta, keys, charge[starts], np.append(starts, len(keys))

    @property
    def quanta(self) -> np.ndarray:
        """Quanta of every basis state, integers (D, M)."""
        return self._basis[0]

    @property
    def sectors(self) -> np.ndarray:
        """Values of the charges in every sector, integers (B, C), ascending."""
        return self._basis[2]

    @property
    def offsets(self) -> np.ndarray:
        """First basis state of every sector, and the dimension at the end, integers (B + 1,)."""
        return self._basis[3]

    @property
    def dimension(self) -> int:
        """Number of basis states D."""
        return len(self._basis[1])

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of basis states in every sector, integers (B,)."""
        return np.diff(self.offsets)

    @property
    def elements(self) -> int:
        """Entries of a block-diagonal density matrix, Σ d_q²."""
        return int(np.sum(self.sizes.astype(np.int64) ** 2))

    @cached_property
    def fewest_states(self) -> int:
        """Fewest that `dimension` can be, from the cutoffs alone."""
        return fewest_states(self.modes, self.tops, self.limits)

    @cached_property
    def fewest_elements(self) -> int:
        """Fewest that `elements` can be: D states in B sectors have Σ d_q² ≥ D²/B (Cauchy and
        Schwarz), and a charge Σ q_m n_m has at most 1 + Σ |q_m| n_m values."""
        sectors = prod(
            1 + sum(abs(int(q)) * top for q, top in zip(charge, self.tops, strict=True))
            for charge in self.charges
        )
        return self.fewest_states**2 // sectors

    @cached_property
    def _by_key(self) -> np.ndarray:
        return np.argsort(self._basis[1])

    def positions(self, quanta: np.ndarray) -> np.ndarray:
        """Positions (K,) of basis states given by their quanta (K, M); −1 where cut off.

        Args:
            quanta: integers (K, M).

        Raises:
            ArgumentError: for anything else.
        """
        quanta = numbers("quanta", quanta, "whole numbers (K, M)", "iu")
        if np.ndim(quanta) != 2 or quanta.shape[1] != len(self.modes):
            raise fail("quanta", f"have shape (K, {len(self.modes)})", np.shape(quanta))
        quanta = np.asarray(quanta, np.int64)
        inside = np.all((quanta >= 0) & (quanta <= np.asarray(self.tops)), axis=1)
        keys, order = quanta @ self._radix, self._by_key
        known = self._basis[1]
        place = np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)
        nearest = order[place]
        return np.where(inside & (known[nearest] == keys), nearest, -1)

    def represented(self, ladder: Ladder) -> Ladder:
        """An operator of the physical modes in the basis of this space (squeezed pairs).

        Args:
            ladder: the operator.

        Raises:
            ArgumentError: for what is no operator, or one of other modes.
        """
        self._check(ladder)
        if not self.squeezed:
            return ladder
        swap: dict[str, Ladder] = {}
        for (a, b), s in self.squeezed.items():
            swap[a] = float(np.cosh(s)) * lower(a) + float(np.sinh(s)) * lower(b).dag
            swap[b] = float(np.cosh(s)) * lower(b) + float(np.sinh(s)) * lower(a).dag
        new = (term for word, c in ladder.terms.items() for term in substituted(word, c, swap))
        return normal_ordered(new, self.qubits)

    def _check(self, ladder: Any) -> None:
        if not isinstance(ladder, Ladder):
            raise fail("ladder", "be a Ladder, made with `lower(mode)`", ladder)
        for mode in ladder.modes:
            one_of("ladder", mode, self.modes, "about modes of the space")

    def elements_of(self, ladder: Ladder, states: np.ndarray | None = None) -> Any:
        """Nonzero matrix elements of an operator: rows, columns, values.

        ⟨i|w|j⟩ of every word w is exact; only i and j are cut off.

        Args:
            ladder: the operator, of the physical modes.
            states: positions of the columns to look at, integers (K,); all when omitted.

        Raises:
            ArgumentError: for an operator of other modes, or positions beyond the basis.
        """
        if states is not None:
            places = numbers("states", states, "positions of basis states", "iu")
            if np.ndim(places) != 1 or np.any((places < 0) | (places >= self.dimension)):
                raise fail("states", f"be a list of positions below {self.dimension}", states)
        return self._elements(self.represented(ladder), states)

    def _elements(self, ladder: Ladder, states: np.ndarray | None = None) -> Any:
        """The elements of an operator that is given in the basis of this space."""
        columns = np.arange(self.dimension) if states is None else np.asarray(states)
        rows, cols, values = [], [], []
        at = {mode: k for k, mode in enumerate(self.modes)}
        for word, c in ladder.terms.items():
            if c == 0:
                continue
            quanta, factor = self.quanta[columns].astype(np.int64), np.full(len(columns), c + 0j)
            for mode, dagger in reversed(word):
                self._step(quanta, factor, at[mode], dagger)
            place = self.positions(quanta)
            inside = (factor != 0) & (place >= 0)
            rows.append(place[inside])
            cols.append(columns[inside])
            values.append(factor[inside])
        empty = np.zeros(0, np.int64)
        return (
            np.concatenate([empty, *rows]),
            np.concatenate([empty, *cols]),
            np.concatenate([np.zeros(0, complex), *values]),
        )

    def _step(self, quanta: np.ndarray, factor: np.ndarray, k: int, dagger: bool) -> None:
        """Apply one ladder operator of mode k to all states at once, in place."""
        n = quanta[:, k]
        if self.modes[k] in self.qubits:
            factor *= n == (0 if dagger else 1)
        else:
            factor *= np.sqrt(np.maximum(n + 1 if dagger else n, 0))
        n += 1 if dagger else -1

    def matrix(self, ladder: Ladder) -> "csr_array":
        """An operator as a sparse matrix (D, D) in the order of the basis.

        Args:
            ladder: the operator, of the physical modes.

        Raises:
            ArgumentError: for an operator of other modes.
        """
        return self.represented_matrix(self.represented(ladder))

    def represented_matrix(self, ladder: Ladder) -> "csr_array":
        """The sparse matrix (D, D) of an operator that is given in the basis of this space.

        Args:
            ladder: the operator, from `represented`.

        Raises:
            ArgumentError: for an operator of other modes.
        """
        self._check(ladder)
        from scipy.sparse import csr_array

        rows, columns, values = self._elements(ladder)
        matrix = csr_array((values, (rows, columns)), (self.dimension, self.dimension))
        matrix.sum_duplicates()
        return matrix

    def matrix_by_sector(self, ladder: Ladder) -> "csr_array":
        """A Hermitian operator less a number E in every sector, as a sparse matrix (D, D).

        Words that are diagonal count from the first state of each sector: those that are
        constant in a sector leave nothing behind, however large they are.

        Args:
            ladder: the operator, in the basis of this space.

        Raises:
            ArgumentError: for an operator of other modes.
        """
        self._check(ladder)
        from scipy.sparse import diags_array

        diagonal = {w: c for w, c in ladder.terms.items() if not raised(w)}
        levels = np.zeros(self.dimension)
        first = np.repeat(self.offsets[:-1], self.sizes)
        for word in sorted(diagonal, key=lambda word: -abs(diagonal[word])):
            rows, _, values = self._elements(Ladder({word: 1.0}))
            energy = np.zeros(self.dimension)
            energy[rows] = values.real
            levels += complex(diagonal[word]).real * (energy - energy[first])
        others = Ladder({w: c for w, c in ladder.terms.items() if w not in diagonal})
        return (self.represented_matrix(others) + diags_array(levels)).tocsr()

    def subspace(self, names: Iterable[str]) -> "Space":
        """The space of some of the modes, with the same cutoffs and charges.

        Args:
            names: mode or part names.

        Raises:
            ArgumentError: for an unknown name, or one mode of a squeezed pair.
        """
        chosen = resolve(self.modes, names)
        modes = tuple(self.modes[k] for k in chosen)
        for pair in self.squeezed:
            if len(set(pair) & set(modes)) == 1:
                raise fail("names", f"hold both or none of the squeezed pair {pair}", modes)
        limits = []
        for names_together, most in self.limits:
            inside = tuple(name for name in names_together if name in modes)
            limits += [(inside, most)] if inside else []
        return Space(
            modes,
            tuple(self.tops[k] for k in chosen),
            tuple(q for q in self.qubits if q in modes),
            tuple(limits),
            {pair: s for pair, s in self.squeezed.items() if pair[0] in modes},
            tuple(tuple(charge[k] for k in chosen) for charge in self.charges),
        )


def represented_elements(space: Space, ladder: Ladder) -> Any:
    """`Space.elements_of` an operator that is given in the basis of the space.

    Args:
        space: the Hilbert space.
        ladder: the operator, from `represented`.
    """
    return space._elements(ladder)


def charges_raised(space: Space, word: Word) -> np.ndarray:
    """By how much a word changes every charge of a space, integers (C,).

    Args:
        space: with its charges.
        word: of modes of the space.
    """
    quanta = raised(word)
    change = np.array([quanta.get(mode, 0) for mode in space.modes], np.int64)
    return np.asarray(space.charges, np.int64).reshape(-1, len(space.modes)) @ change
