"""A small master equation as a real matrix on the real numbers of a Hermitian ρ, in 32 digits.

A block of ρ has its Re ρ_ij, i ≤ j, in its upper triangle and its Im ρ_ij, i < j, in its lower one.
The terms of

    L = K ⊗ 1 + 1 ⊗ K* + Σ_J J ⊗ J*,    K = −iH − ½Σ J†J,

are added without rounding, product by product: where one rate is 1e15 times another, the trace is
kept all the same, and so is what the slow rate does.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..hilbert.states import DensityState
from ..numerics.double_double import add_products

if TYPE_CHECKING:
    from .generator import Generator

Change = Callable[[Any], Any]


class Liouvillian:
    """L = hi + lo, real matrices (n, n), for vectors of the real numbers of all blocks.

    Args:
        generator: the master equation; its mirror is not used.
        change: what to do with the numbers of H and the jumps before anything else.
    """

    def __init__(self, generator: "Generator", change: Change = lambda x: x) -> None:
        self.space = generator.layout.space
        self.ends = np.cumsum([0, *(self.space.sizes.astype(np.int64) ** 2)])
        self.size = int(self.ends[-1])
        self.hi, self.lo = np.zeros((2, self.size, self.size))
        K = generator.K
        self._add_hamiltonian(_changed((K - K.conj().T) / 2, change))
        for jump in generator.jumps:
            self._add_jump(_changed(jump, change))

    @property
    def one(self) -> Any:
        """The trace as a row vector (n,)."""
        return np.concatenate([np.eye(d).ravel() for d in self.space.sizes])

    def state(self, x: Any) -> DensityState:
        """The state of a vector.

        Args:
            x: vector (n,).
        """
        blocks = []
        for (a, b), d in zip(pairwise(self.ends), self.space.sizes, strict=True):
            block = x[a:b].reshape(d, d)
            upper, lower = np.triu(block, 1), np.tril(block, -1)
            full: Any = upper + upper.T + np.diag(np.diag(block))
            blocks.append(full + 1j * (lower.T - lower) if np.any(lower) else full)
        return DensityState(self.space, tuple(blocks))

    def _parts(self, matrix: Any) -> Any:
        """Rows, columns and numbers of the blocks from sector s to sector t."""
        coo, offsets = matrix.tocoo(), self.space.offsets
        row, column = coo.coords
        t, s = (np.searchsorted(offsets, at, side="right") - 1 for at in (row, column))
        for target, source in np.unique(np.stack([t, s]), axis=1).T:
            between = (t == target) & (s == source)
            inside = row[between] - offsets[target], column[between] - offsets[source]
            yield (target, source), (*inside, coo.data[between].astype(complex))

    def _add_hamiltonian(self, A: Any) -> None:
        """A ⊗ 1 + 1 ⊗ A* of A = −iH."""
        for (q, _), (i, k, value) in self._parts(A):
            self._add_one_sided(q, i, k, value, np.ones_like(value))

    def _add_jump(self, J: Any) -> None:
        for (t, s), (row, column, value) in self._parts(J):
            one, two = (x.ravel() for x in np.indices((len(row),) * 2))
            rows, columns = (row[one], row[two]), (column[one], column[two])
            self._add((t, s), rows, columns, value[one], value[two].conj())
            same = row[one] == row[two]
            i, k = one[same], two[same]
            self._add_one_sided(s, column[i], column[k], -0.5 * value[i].conj(), value[k])

    def _add_one_sided(self, q: int, i: Any, k: Any, u: Any, v: Any) -> None:
        """A ⊗ 1 + 1 ⊗ A* with A_ik = u v in sector q."""
        d = int(self.space.sizes[q])
        other = np.tile(np.arange(d), len(i))
        i, k, u, v = (np.repeat(x, d) for x in (i, k, u, v))
        self._add((q, q), (i, other), (k, other), u, v)
        self._add((q, q), (other, i), (other, k), u.conj(), v.conj())

    def _add(self, between: Any, rows: Any, columns: Any, u: Any, v: Any) -> None:
        """L_(ij)(kl) += u v, for the real and imaginary parts of ρ_ij and ρ_kl."""
        t, s = between
        (i, j), (k, l) = rows, columns
        up = i <= j
        i, j, k, l, u, v = (x[up] for x in (i, j, k, l, u, v))
        turn = np.sign(l - k).astype(float)  # Im ρ_kl = −Im ρ_lk
        d, c = int(self.space.sizes[t]), int(self.space.sizes[s])
        re_row, im_row = self.ends[t] + i * d + j, self.ends[t] + j * d + i
        re_column = self.ends[s] + np.minimum(k, l) * c + np.maximum(k, l)
        im_column = self.ends[s] + np.maximum(k, l) * c + np.minimum(k, l)
        below = i < j
        for x, y, sign in ((u.real, v.real, 1.0), (u.imag, v.imag, -1.0)):  # Re uv
            self._put(re_row, re_column, sign * x, y, np.ones_like(below))
            self._put(im_row, im_column, sign * turn * x, y, below)
        for x, y in ((u.real, v.imag), (u.imag, v.real)):  # Im uv
            self._put(re_row, im_column, -turn * x, y, np.ones_like(below))
            self._put(im_row, re_column, x, y, below)

    def _put(self, row: Any, column: Any, x: Any, y: Any, where: Any) -> None:
        chosen = where & (x != 0) & (y != 0)
        at = row[chosen] * self.size + column[chosen]
        add_products(self.hi.reshape(-1), self.lo.reshape(-1), at, x[chosen], y[chosen])


def _changed(matrix: Any, change: Change) -> Any:
    matrix = matrix.tocsr().astype(complex)
    matrix.data = change(matrix.data.real) + 1j * change(matrix.data.imag)
    return matrix


def last_digit(x: Any) -> Any:
    """Numbers changed by up to 2ε, equal ones (and opposite ones) alike: as rounding changes them.

    Args:
        x: real numbers.
    """
    bits = np.abs(np.ascontiguousarray(x)).view(np.uint64)
    mixed = (bits ^ (bits >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    part = (mixed >> np.uint64(11)).astype(float) * 2.0**-52 - 1.0
    return x * (1.0 + 4 * np.finfo(float).eps * part)
