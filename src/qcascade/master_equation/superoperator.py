"""A master equation as one sparse real matrix whose numbers are sums of a few coefficients.

    L(f) = Σ_m f_m L_m,    y = the independent real numbers of ρ (`Coordinates`),

L_m constant matrices of one pattern: in time or over a batch only the f_m change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..hilbert.cutoffs import check_memory
from .carrying import Sparsity
from .propagators import Coordinates
from .terms import Feature, Key, elements

if TYPE_CHECKING:
    from .layout import Layout

TOGETHER = 2**16
"""Summands ρ_ij += z ρ_kl whose places among the coordinates are looked up at once."""

SMALL = 1024
"""Coordinates up to which tables are kept, for the next run of the same words and space."""

KEPT = 16
"""Tables that are kept, the newest ones."""

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Superoperator:
    """L(f) on the coordinates of a layout.

    Args:
        layout: which blocks of ρ are stored, and whether they are real.
        features: what the coefficients f stand before.
    """

    layout: "Layout"
    features: Sequence[Feature]

    @cached_property
    def coordinates(self) -> Coordinates:
        """The real numbers of ρ that L acts on."""
        return Coordinates(self.layout)

    @cached_property
    def _pattern(self) -> tuple[np.ndarray, np.ndarray, Any]:
        """Row starts (n + 1,), columns (nnz,), and what each coefficient adds, (nnz, F) sparse."""
        from scipy.sparse import coo_array

        n = self.coordinates.size
        what = f"a superoperator of {len(self.features)} operators on {n:,} numbers"
        check_memory(40 * n * len(self.features), what)
        at, value, feature = [], [], []
        for rows, columns, numbers, which in self._entries():
            at.append(rows * n + columns)
            value.append(numbers)
            feature.append(which)
        every = np.concatenate([np.zeros(0, np.int64), *at])
        place, inverse = np.unique(every, return_inverse=True)
        entries = np.concatenate([np.zeros(0), *value])
        sums = coo_array(
            (entries, (inverse, np.concatenate([np.zeros(0, np.int64), *feature]))),
            (len(place), len(self.features)),
        ).tocsr()
        start = np.searchsorted(place // n, np.arange(n + 1))
        return start.astype(np.int64), (place % n).astype(np.int32), sums

    def dense(self, f: np.ndarray) -> np.ndarray:
        """L as matrices (P, n, n).

        Args:
            f: coefficients (P, F).
        """
        n, (start, column, sums) = self.coordinates.size, self._pattern
        row = np.repeat(np.arange(n), np.diff(start))
        L = np.zeros((len(f), n, n))
        L[:, row, column] = (sums @ f.T).T
        return L

    def matrix(self, f: np.ndarray) -> Any:
        """L as a sparse matrix (n, n).

        Args:
            f: coefficients (F,).
        """
        from scipy.sparse import csr_array

        n, (start, column, sums) = self.coordinates.size, self._pattern
        return csr_array((sums @ f, column, start), (n, n))

    def pattern(self, number: np.ndarray, ratio: np.ndarray) -> Sparsity:
        """What compiled series read, for coefficients that are multiples of a few numbers.

        Args:
            number: which one each coefficient is a multiple of, (F,).
            ratio: the multiple, (F,).
        """
        start, column, sums = self._pattern
        n, column = self.coordinates.size, np.repeat(column, np.diff(sums.indptr))
        which, factor = number[sums.indices], sums.data * ratio[sums.indices]
        # Unsigned: a signed index might be counted from the end, which costs a comparison each.
        tables = (sums.indptr[start], which * n + column, which, column)
        starts, places, numbers, columns = (np.asarray(x, np.uintp) for x in tables)
        factors = np.asarray(factor, float)
        return Sparsity(starts, places, numbers, columns, factors, np.sqrt(self.weights))

    @cached_property
    def weights(self) -> np.ndarray:
        """‖ρ‖_F² = Σ w y²: elements off the diagonal count twice."""
        coordinates, layout = self.coordinates, self.layout
        weights, (_, which, sign) = np.zeros(coordinates.size), coordinates.tables
        counted = np.repeat(layout.weights, np.diff(layout.starts))
        np.add.at(weights, which, np.repeat(counted, 1 if layout.real else 2) * np.abs(sign))
        return weights

    @cached_property
    def trace(self) -> np.ndarray:
        """Tr ρ = Σ t y."""
        layout = self.layout
        trace = np.zeros(self.coordinates.size)
        _, which, _ = self.coordinates.tables
        step = 1 if layout.real else 2
        for k, d in enumerate(layout.space.sizes[layout.stored].tolist()):
            places = step * (layout.starts[k] + np.arange(d) * (d + 1))
            np.add.at(trace, which[places], layout.weights[k])
        return trace

    def _entries(self) -> Iterator[tuple[np.ndarray, ...]]:
        """Rows, columns and numbers of all coefficients' matrices, and which of them each is of."""
        waiting, many = [], 0
        for m, feature in enumerate(self.features):
            summands = self._summands(feature)
            waiting.append((*summands, np.full(len(summands[0]), m)))
            many += len(summands[0])
            if many > TOGETHER or m == len(self.features) - 1:
                yield self._on_coordinates(*map(np.concatenate, zip(*waiting, strict=True)))
                waiting, many = [], 0

    def _summands(self, feature: Feature) -> tuple[np.ndarray, ...]:
        """ρ_ij += z ρ_kl of one coefficient's matrix: i, j, k, l, z."""
        space = self.layout.space
        if feature.jump:
            left, right = (self._elements((word,)) for word in feature.key)
        else:
            every = np.arange(space.dimension)
            left, right = self._elements(feature.key), (every, every, np.ones(space.dimension))
        i, j, k, l, z = self._pairs(left, right)
        z = z * (1j if feature.imaginary else 1.0)
        if feature.jump and feature.key[0] == feature.key[1]:
            z = z / 2  # W ρ W† is its own adjoint
        return i, j, k, l, z

    def _elements(self, key: Key) -> Entries:
        """Those of an operator, which several coefficients stand before, sector by sector."""
        if key not in self._known:
            rows, columns, numbers = elements(self.layout.space, key)
            order = np.argsort(self.layout.owner[columns], kind="stable")
            self._known[key] = rows[order], columns[order], numbers[order]
        return self._known[key]

    @cached_property
    def _known(self) -> dict[Key, Entries]:
        return {}

    def _pairs(self, left: Entries, right: Entries) -> tuple[np.ndarray, ...]:
        """X ρ Y† as (i, j) ← (k, l) with X_ik Y_jl, for k and l in one sector."""
        owner, (i, k, x), (j, l, y) = self.layout.owner, left, right
        count = np.bincount(owner[l], minlength=len(self.layout.partner))
        first = np.append(0, np.cumsum(count))
        many = count[owner[k]]
        one = np.repeat(np.arange(len(i)), many)
        before = np.repeat(np.cumsum(many) - many, many)
        other = np.repeat(first[owner[k]], many) + np.arange(len(one)) - before
        return i[one], j[other], k[one], l[other], x[one] * y[other]

    def _on_coordinates(
        self, i: Any, j: Any, k: Any, l: Any, z: Any, m: Any
    ) -> tuple[np.ndarray, ...]:
        """ρ_ij += z ρ_kl and its adjoint, for the coordinates of stored blocks, i ≤ j."""
        layout, owner = self.layout, self.layout.owner
        lower = i > j
        i, j = np.where(lower, j, i), np.where(lower, i, j)
        k, l = np.where(lower, l, k), np.where(lower, k, l)
        z = np.where(lower, np.conj(z), z)
        keep = layout.partner[owner[i]] >= owner[i]
        i, j, k, l, z, m = (a[keep] for a in (i, j, k, l, z, m))
        z = np.where(i == j, 2 * z, z)  # only its real part reaches a diagonal element
        turn = np.ones(len(i))
        if layout.mirror is not None:
            image = layout.mirror.image
            away = layout.partner[owner[k]] < owner[k]
            k, l = np.where(away, image[k], k), np.where(away, image[l], l)
            turn = np.where(away & layout.mirror.conjugate, -1.0, 1.0)
        _, which, sign = self.coordinates.tables
        to, source = self._places(i, j), self._places(k, l)
        if layout.real:
            chosen = np.real(z) != 0
            return which[to[chosen]], which[source[chosen]], np.real(z)[chosen], m[chosen]
        re, im = which[2 * source], which[2 * source + 1]
        turn = turn * sign[2 * source + 1]
        row_re, row_im, off = which[2 * to], which[2 * to + 1], i < j
        x, y = np.real(z), np.imag(z)
        rows = np.concatenate([row_re, row_re, row_im[off], row_im[off]])
        columns = np.concatenate([re, im, re[off], im[off]])
        numbers = np.concatenate([x, -y * turn, y[off], (x * turn)[off]])
        chosen = numbers != 0
        m = np.concatenate([m, m, m[off], m[off]])
        return rows[chosen], columns[chosen], numbers[chosen], m[chosen]

    def _places(self, i: Any, j: Any) -> np.ndarray:
        """Where elements of stored blocks lie in a packed vector."""
        layout, space = self.layout, self.layout.space
        owner = layout.owner[i]
        slot = np.searchsorted(layout.stored, owner)
        offset, size = space.offsets[owner], space.sizes[owner]
        return layout.starts[slot] + (i - offset) * size + (j - offset)


_TABLES: dict[Any, Superoperator] = {}


def superoperator(layout: "Layout", features: Sequence[Feature]) -> Superoperator:
    """L(f) on the coordinates of a layout; that of a run before, if it was the same.

    Args:
        layout: which blocks of ρ are stored, and whether they are real.
        features: what the coefficients f stand before.
    """
    L = Superoperator(layout, tuple(features))
    if L.coordinates.size > SMALL:
        return L
    space, mirror = layout.space, layout.mirror
    key = (
        (space.modes, space.tops, space.qubits, space.limits, tuple(space.squeezed.items())),
        (space.charges, layout.real, L.features),
        mirror and (mirror.image.tobytes(), mirror.conjugate),
    )
    L = _TABLES.setdefault(key, L)
    while len(_TABLES) > KEPT:
        _TABLES.pop(next(iter(_TABLES)), None)
    return L
