"""A master equation as constant operators with coefficients, the same operators at all points.

    dρ/dt = Σ_a (k_a A_a ρ + h.c.) + Σ_wv d_wv W_w ρ W_v†,    Σ_a k_a A_a = K = −iH − ½Σ J†J,

with words W of ladder operators and d_wv = Σ_J c_w c_v*. What cancels between H and J†J (in a
cascade, one direction of every coupling) cancels in k_a, where both have the same operator.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..hilbert.charges import by_mode, collected, products
from ..hilbert.rounding import ROUNDING, sizes, summed, turned
from ..hilbert.space import Space, represented_elements
from ..hilbert.words import raised
from ..slh.ladder import Ladder, Word

Key = tuple[Word, ...]
"""One word, or two of the product W_w†W_v of two matrices, each cut off for itself."""

_AT_ONCE = 2**20  # energies that are looked at together


class Feature(NamedTuple):
    """A real coefficient of the master equation, and what it stands before."""

    key: Key  # of K: one word, or two; of the jumps: w and v
    jump: bool  # W_w ρ W_v† + h.c. instead of A ρ + h.c.
    imaginary: bool  # i times that, before the Hermitian conjugate is added


class Terms:
    """Coefficients by operator, numbers or arrays over the points of a batch.

    Args:
        space: the Hilbert space.
        K: coefficients of the no-jump generator, by operator.
        D: coefficients d_wv of the jumps, by pairs of words w ≤ v.
        shape: of the batch.
    """

    def __init__(
        self, space: Space, K: dict[Key, Any], D: dict[Key, Any], shape: tuple[int, ...]
    ) -> None:
        self.space, self.K, self.D, self.shape = space, K, D, shape

    @cached_property
    def values(self) -> dict[Feature, Any]:
        """Real coefficients that are not zero at all points."""
        nonzero = {}
        for jump, terms in ((False, self.K), (True, self.D)):
            for key, c in terms.items():
                for imaginary, part in ((False, c.real), (True, c.imag)):
                    if part.any() if isinstance(part, np.ndarray) else part:
                        nonzero[Feature(key, jump, imaginary)] = part
        return nonzero

    def table(self, features: Sequence[Feature]) -> np.ndarray:
        """Coefficients as an array (…, F).

        Args:
            features: which ones; those that are zero here are zero.
        """
        table = np.zeros((*self.shape, len(features)))
        for k, feature in enumerate(features):
            if feature in self.values:
                table[..., k] = self.values[feature]
        return table

    @cached_property
    def largest(self) -> np.ndarray:
        """The largest element of K at every point, energies from the first state of a sector on."""
        from scipy.sparse import coo_array

        space, at, value, key = self.space, [], [], []
        for number, which in enumerate(self.K):
            rows, columns, numbers = elements(space, which)
            at.append(rows * space.dimension + columns)
            value.append(numbers)
            key.append(np.full(len(rows), number))
        if not at:
            return np.ones(self.shape)
        place, inverse = np.unique(np.concatenate(at), return_inverse=True)
        shape = (len(place), len(self.K))
        sums = coo_array((np.concatenate(value), (inverse, np.concatenate(key))), shape).tocsr()
        c = np.stack([np.broadcast_to(x, self.shape).ravel() for x in self.K.values()])
        entries: np.ndarray = sums @ c
        row, column = place // space.dimension, place % space.dimension
        diagonal = np.flatnonzero(row == column)
        energy = np.zeros((space.dimension, c.shape[1]))
        energy[row[diagonal]] = np.imag(entries[diagonal])
        energy -= energy[np.repeat(space.offsets[:-1], space.sizes)]
        entries[diagonal] = np.real(entries[diagonal]) + 1j * energy[row[diagonal]]
        largest = np.abs(entries).max(axis=0).reshape(self.shape)
        return np.where(largest > 0, largest, 1.0)

    @cached_property
    def real(self) -> bool:
        """Whether a real ρ stays real at all points."""
        turning = [feature for feature in self.values if feature.imaginary]
        if any(feature.jump or _changes(feature.key) for feature in turning):
            return False
        if not turning:
            return True
        # Energies of a sector that are all alike turn nothing.
        space = self.space
        first = np.repeat(space.offsets[:-1], space.sizes)
        levels = np.zeros((len(turning), space.dimension))
        for energy, feature in zip(levels, turning, strict=True):
            rows, _, numbers = elements(space, feature.key)
            energy[rows] = numbers
        levels -= levels[:, first]
        c = self.table(turning).reshape(-1, len(turning))
        many = max(1, _AT_ONCE // space.dimension)
        return not any(
            np.any(np.abs(some @ levels) > ROUNDING * (np.abs(some) @ np.abs(levels)))
            for some in (c[k : k + many] for k in range(0, len(c), many))
        )


def terms_of(
    space: Space, H: Ladder, jumps: Sequence[Ladder], shape: tuple[int, ...] = ()
) -> Terms:
    """The terms of a master equation.

    Args:
        space: the Hilbert space.
        H: Hamiltonian, in the basis of the space.
        jumps: jump operators, likewise.
        shape: of the batch.
    """
    pairs = list(products(jumps))
    K = summed(_no_jump(space, H, pairs))
    D = summed(((w, v), c, of) for w, v, c, of in pairs if w <= v)
    return Terms(
        space,
        {key: turned(c) if _changes(key) else c for key, c in K.items()},
        {key: turned(c) for key, c in D.items()},
        shape,
    )


def _no_jump(
    space: Space, H: Ladder, pairs: Iterable[tuple[Word, Word, Any, Any]]
) -> Iterator[tuple[Key, Any, Any]]:
    for word, c in collected(H).items():
        yield (word,), -1j * c, sizes(-1j * c)
    for v, w, c, of in pairs:
        adjoint = tuple((mode, not dagger) for mode, dagger in reversed(w))
        merged = (by_mode(adjoint + v),) if _exact(space, w, v) else (adjoint, v)
        yield merged, -0.5 * c, 0.5 * of


def _exact(space: Space, w: Word, v: Word) -> bool:
    """Whether W_w†W_v of matrices that are cut off is the matrix of the word w†v."""
    if not any(dagger for _, dagger in w + v):
        return True
    apart = not {mode for mode, _ in w} & {mode for mode, _ in v}
    return apart and not space.limits


def _changes(key: Key) -> bool:
    """Whether an operator is not diagonal, so that the phase of its coefficient is arbitrary."""
    return bool(raised(step for word in key for step in word))


def elements(space: Space, key: Key) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and (real) numbers of an operator.

    Args:
        space: the Hilbert space.
        key: one word, or the two of a product of matrices.
    """
    if len(key) == 1:  # which takes every state to one, or to none
        row, column, values = represented_elements(space, Ladder({key[0]: 1.0}))
        return row, column, np.real(values)
    matrix: Any = space.represented_matrix(Ladder({key[0]: 1.0}))
    for word in key[1:]:
        matrix = matrix @ space.represented_matrix(Ladder({word: 1.0}))
    coo = matrix.tocoo()
    row, column = coo.coords
    return row.astype(np.int64), column.astype(np.int64), np.real(coo.data)
