"""Matrices of a master equation between single charge sectors, built when they are first needed.

A trajectory lives in one sector at a time: from there it needs the block of K = −iH − ½Σ J†J in
that sector and the blocks of the jumps that leave it, and nothing else of a space whose whole
matrices may not fit anywhere. Blocks are written word by word by compiled loops; off-diagonal
words of qubits share their values, so that only their columns are stored.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np

from ...base.checks import fail, listed
from ...hilbert.charges import collected
from ...hilbert.cutoffs import leaving
from ...hilbert.rounding import turned
from ...hilbert.space import Space, charges_raised
from ...slh.ladder import Ladder
from . import kernels
from .kernels import Basis, Rows, Words

GROUPS = 12  # different values of off-diagonal words up to which entries go without their own
TABLE = 2**27  # keys up to which positions are looked up, not searched for

Share = Callable[..., None]
"""`share(kernel, rows, *arguments)` calls `kernel(*arguments, a, b)` for all rows, in parts."""


@dataclass(frozen=True, eq=False)
class Sectors:
    """K and the jumps, block by block.

    Args:
        space: the Hilbert space and its sectors.
        H: Hamiltonian, in the basis of the space.
        jumps: jump operators, in the basis of the space.
        shifts: by how much every jump changes the charges, integers (J, C).
        real: whether K and the jumps are real.
    """

    space: Space
    H: Ladder
    jumps: tuple[Ladder, ...]
    shifts: np.ndarray
    real: bool
    _made: dict[Any, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=RLock)

    @property
    def dtype(self) -> Any:
        """Of the numbers of K and the jumps."""
        return np.float64 if self.real else np.complex128

    @property
    def visited(self) -> int:
        """How many sectors have been entered."""
        return sum(kind == "K" for kind, *_ in self._made)

    @property
    def truncated(self) -> bool:
        """Whether anything may be cut off; words of J†J are exact where nothing is."""
        return len(self.space.qubits) < len(self.space.modes) or bool(self.space.limits)

    def target(self, q: int, jump: int) -> int | None:
        """Sector that a jump leads to from sector q; None when the space has none."""
        charge = self.space.sectors[q] + self.shifts[jump]
        matches = np.flatnonzero(np.all(self.space.sectors == charge, axis=1))
        return int(matches[0]) if len(matches) else None

    def no_jump(self, q: int, share: Share) -> Rows:
        """K in sector q."""
        return self._once(("K", q), lambda: self._no_jump(q, share))

    def at_rest(self, q: int, share: Share) -> Rows:
        """K in sector q, less the middle of its frequencies.

        A phase that all of a ket shares is never seen: so optical frequencies need no steps of
        their own, and slow rates beside them lose no digits to ‖K‖.
        """
        return self._once(("at rest", q), lambda: _at_rest(self.no_jump(q, share)))

    def jump(self, q: int, jump: int, share: Share) -> Rows | None:
        """A jump from sector q to its target; None when it leads nowhere."""
        target = self.target(q, jump)
        if target is None:
            return None
        words = self.jumps[jump]
        return self._once(("J", q, jump), lambda: self._rows(words, target, q, share))

    def edge(self, q: int) -> np.ndarray:
        """States of sector q from which the cutoffs cut something off, as positions in it."""
        return self._once(("edge", q), lambda: self._edge(q))

    def ket(self, q: int) -> Space:
        """Sector q alone, as a space."""
        return self._once(("space", q), lambda: sector_space(self.space, q))

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            with self._lock:
                if key not in self._made:
                    self._made[key] = make()
        return self._made[key]

    @cached_property
    def _words_of_K(self) -> Ladder:
        return Ladder(collected((-1j) * self.H, *((-0.5) * (J.dag * J) for J in self.jumps)))

    def _edge(self, q: int) -> np.ndarray:
        quanta = self.space.quanta[slice(*self.space.offsets[q : q + 2])]
        return np.flatnonzero(leaving(self.space, (self._words_of_K, *self.jumps), quanta))

    def _no_jump(self, q: int, share: Share) -> Rows:
        if not self.truncated:
            return self._rows(self._words_of_K, q, q, share)
        # Words of J†J pass through states beyond the cutoffs, and truncated jumps do not: norm
        # would be lost without a jump. What decays must be what jumps, so J†J is the product of
        # truncated matrices.
        K = _as_sparse(self._rows((-1j) * self.H, q, q, share), int(self.space.sizes[q]))
        for jump in range(len(self.jumps)):
            rows = self.jump(q, jump, share)
            if rows is not None:
                J = _as_sparse(rows, int(self.space.sizes[q]))
                K = K - 0.5 * (J.conj().T @ J)
        return _from_sparse(K)

    def _rows(self, operator: Ladder, target: int, source: int, share: Share) -> Rows:
        """The block ⟨target|O|source⟩, written by rows."""
        # `Space.matrix` makes the whole at once, in plain arrays. By sectors and compiled loops it
        # takes a quarter of the time and of the memory (six pairs of qubits), and only those blocks
        # are made that a trajectory enters.
        words, shared = _encoded(self.space, operator, self.dtype, target == source)
        basis = _basis(self.space, target, source)
        size, groups = len(basis.keys), max(len(shared), 1)
        # Twice through the words: entries are counted first, so that each has its place, rows can
        # be written by any thread in any order, and nothing is ever moved.
        counts = np.zeros((size, groups), np.int32)
        share(kernels.count, size, words, basis, counts)
        cut = np.zeros(size * groups + 1, np.int64)
        np.cumsum(counts.ravel(), out=cut[1:])
        valued = len(shared) == 0
        rows = Rows(
            np.zeros(size if basis.square else 0, self.dtype),
            cut,
            np.empty(cut[-1], np.uint32),
            np.ones(1) if valued else shared,
            np.empty(cut[-1] if valued else 0, self.dtype),
        )
        share(kernels.fill, size, words, basis, rows)
        return rows


def sectors_of(space: Space, H: Ladder, jumps: Any, real_ket: bool) -> Sectors:
    """H and jumps in the basis of the space, checked against its charges.

    Args:
        space: the Hilbert space.
        H: Hamiltonian, of the physical modes.
        jumps: jump operators, of the physical modes.
        real_ket: whether the kets to come are real at the start.

    Raises:
        ArgumentError: for an H that changes a charge, or a jump that changes it by more than one
            amount.
    """
    H = _plain("H", H, space)
    jumps = tuple(_plain(f"jumps[{k}]", jump, space) for k, jump in enumerate(jumps))
    shifts = np.zeros((len(jumps), len(space.charges)), np.int64)
    for word in H.terms:
        if np.any(charges_raised(space, word)):
            raise fail("H", "conserve the charges of the space", str(Ladder({word: 1})))
    for k, jump in enumerate(jumps):
        changes = {tuple(charges_raised(space, word).tolist()) for word in jump.terms}
        if len(changes) > 1:
            must = "change the charges of the space by one amount"
            raise fail(f"jumps[{k}]", must, sorted(changes))
        shifts[k] = next(iter(changes), (0,) * len(space.charges))
    real = real_ket and not any(c.real for c in H.terms.values())
    real = real and not any(c.imag for jump in jumps for c in jump.terms.values())
    return Sectors(space, H, jumps, shifts, real)


def sector_space(space: Space, q: int) -> Space:
    """One sector of a space as a space of its own, which shares the basis in memory.

    Args:
        space: the whole space.
        q: number of the sector.
    """
    a, b = space.offsets[q : q + 2]
    alone = replace(space)
    quanta, keys, values, _ = space._basis
    # A product basis would have all sectors again: the sorted basis is put in its place.
    alone.__dict__["_basis"] = quanta[a:b], keys[a:b], values[q : q + 1], np.array([0, b - a])
    return alone


def _plain(name: str, operator: Any, space: Space) -> Ladder:
    """Collected words in the basis of the space, without rounding in real and imaginary parts."""
    if not isinstance(operator, Ladder):
        raise fail(name, "be a Ladder, made with `lower(mode)`", operator)
    for mode in operator.modes:
        if mode not in space.modes:
            raise fail(name, f"act on modes of the space: {listed(space.modes)}", mode)
    terms = collected(space.represented(operator))
    return Ladder({word: turned(c) for word, c in terms.items()})


def _encoded(space: Space, operator: Ladder, dtype: Any, square: bool) -> tuple[Words, np.ndarray]:
    """The words for the kernels, and the values that off-diagonal words share (or none)."""
    # A basis state is one integer, its key: the quanta in a mixed radix. A word changes the key by
    # a constant, so the column that a row meets is found by one addition and one look into a table;
    # a second integer holds the levels of all qubits, which a word compares at once.
    radix, bits = _radix(space), _bits(space)
    read = [(c, *_read(space, word)) for word, c in operator.terms.items()]
    read = [entry for entry in read if entry[1] is not None]
    values = np.array([c for c, *_ in read], complex)
    change = np.array([shift @ radix for _, _, shift, _ in read], np.int64)
    off = (change != 0) | (not square)
    steps = [steps for *_, steps in read]
    # Entries of qubits are the coefficients of their words, few different numbers: sorted into
    # groups that share a value they need a column of 4 bytes each, instead of 12 or 20.
    shared = np.unique(values[off])
    if len(shared) > GROUPS or any(steps[k] for k in np.flatnonzero(off)):
        shared = shared[:0]
    group = np.where(off, np.searchsorted(shared, values), 0) if len(shared) else 0 * change
    words = Words(
        np.array([sum(int(bits[m]) for m in levels) for _, levels, *_ in read], np.int64),
        np.array([sum(n * int(bits[m]) for m, n in x.items()) for _, x, *_ in read], np.int64),
        change,
        np.real(values).copy() if dtype is np.float64 else values,
        group.astype(np.int64),
        np.cumsum([0, *map(len, steps)]).astype(np.int64),
        np.array([m for word in steps for m, _ in word], np.int64),
        np.array([up for word in steps for _, up in word], bool),
    )
    # Detunings are on the diagonal: off it, numbers are mostly real even where K is not.
    return words, np.real(shared).copy() if not np.any(np.imag(shared)) else shared


def _read(space: Space, word: Any) -> tuple[Any, np.ndarray, list[tuple[int, bool]]]:
    """A word read from the row ⟨i| to the column: from its left end, with daggers flipped.

    Returns the levels of qubits it wants in the row (None when it is zero), the change of all
    quanta, and its steps on oscillators.
    """
    # ⟨i|w is the adjoint of w†|i⟩: the leftmost operator meets the row first, a† as a lowering one.
    wanted: dict[int, int] = {}
    now: dict[int, int] = {}
    change, steps = np.zeros(len(space.modes), np.int64), []
    for mode, dagger in word:
        m, up = space.modes.index(mode), not dagger
        change[m] += 1 if up else -1
        if mode not in space.qubits:
            steps.append((m, up))
            continue
        level = 0 if up else 1
        wanted.setdefault(m, level)
        if now.setdefault(m, level) != level:
            return None, change, steps
        now[m] = 1 - level
    return wanted, change, steps


def _radix(space: Space) -> np.ndarray:
    """Weight of every mode in a state's key, so that keys ascend within a sector."""
    tops = np.asarray(space.tops, np.int64)
    return np.append(np.cumprod(tops[:0:-1] + 1)[::-1], 1).astype(np.int64)


def _bits(space: Space) -> np.ndarray:
    """One bit for every qubit, 0 for every oscillator."""
    own = np.array([mode in space.qubits for mode in space.modes])
    return np.where(own, np.int64(1) << np.maximum(np.cumsum(own) - 1, 0), 0)


def _basis(space: Space, target: int, source: int) -> Basis:
    """Rows of one sector and columns of another, for the kernels."""
    radix = _radix(space)
    rows = slice(*space.offsets[target : target + 2])
    quanta = np.ascontiguousarray(space.quanta[rows], np.int64)
    columns = space.quanta[slice(*space.offsets[source : source + 2])] @ radix
    table = _table(space, columns)
    tops = np.asarray(space.tops, np.int64)
    bits, keys = quanta @ _bits(space), quanta @ radix
    return Basis(quanta, tops, bits, keys, table, columns, target == source)


def _table(space: Space, keys: np.ndarray) -> np.ndarray:
    """Position of every key in a sector, −1 where it has none; empty when it would be too long."""
    length = int(np.prod(np.asarray(space.tops, float) + 1))
    if length > TABLE:
        return np.empty(0, np.int32)
    table = np.full(length, -1, np.int32)
    table[keys] = np.arange(len(keys), dtype=np.int32)
    return table


def _at_rest(K: Rows) -> Rows:
    turn = np.imag(K.diagonal)
    middle = 0.5 * (turn.min() + turn.max())
    return K._replace(diagonal=K.diagonal - 1j * middle) if middle else K


def _as_sparse(rows: Rows, columns: int) -> Any:
    """The same matrix for SciPy."""
    from scipy.sparse import csr_array, diags_array

    groups = len(rows.shared)
    sizes = np.diff(rows.cut)
    value = rows.value
    if not len(value):
        value = np.repeat(np.tile(rows.shared, len(sizes) // groups), sizes)
    shape = (len(sizes) // groups, columns)
    # A copy: SciPy sorts entries in place, and these are those of a matrix that goes on being used.
    entries = (value, rows.column.astype(np.int32), rows.cut[::groups])
    matrix = csr_array(entries, shape, copy=True)
    matrix.sum_duplicates()
    return matrix + diags_array(rows.diagonal) if len(rows.diagonal) else matrix


def _from_sparse(matrix: Any) -> Rows:
    """A square SciPy matrix in the form the kernels read."""
    from scipy.sparse import coo_array, csr_array

    entries = coo_array(matrix)
    off = entries.row != entries.col
    off_diagonal = (entries.data[off], (entries.row[off], entries.col[off]))
    sparse = csr_array(off_diagonal, entries.shape)
    sparse.eliminate_zeros()
    return Rows(
        np.ascontiguousarray(matrix.diagonal()),
        sparse.indptr.astype(np.int64),
        sparse.indices.astype(np.uint32),
        np.ones(1, entries.dtype),
        sparse.data,
    )
