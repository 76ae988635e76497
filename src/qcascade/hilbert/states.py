"""States of qubits and truncated oscillators: block-diagonal density matrices and kets.

A `DensityState` keeps one matrix per charge sector of its `Space`, and never the whole matrix. A
`PureState` keeps amplitudes. Both are reduced to some of their modes by summing over the others:
(Tr_R ρ)_ab = Σ_r ρ_(ar)(br), and what is left is block-diagonal in its own charges.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import complex_number, fail, listed, mapping, numbers, single, text
from ..base.keywords import spoken_record
from ..slh.ladder import Ladder
from .space import Space

_FULL = 4096  # largest dimension that is written out as one matrix


@spoken_record("state")
@dataclass(frozen=True, eq=False, repr=False)
class DensityState:
    """A density matrix, one Hermitian block per charge sector.

    Args:
        space: the Hilbert space and its sectors.
        blocks: one matrix (…, d_q, d_q) per sector, in the order of `space.sectors`. Leading axes
            are those of a batch, the same for all; points of it without a state are NaN.
        info: how the state was made: residual of the equation solved, population at the
            cutoff, warnings; of a batch, whether each point is `stable`.

    Raises:
        ArgumentError: when the blocks do not fit the space.

    >>> from qcascade import density
    >>> density(["left.q", "right.q"], [[0.5, 0, 0, 0.5], [0] * 4, [0] * 4, [0.5, 0, 0, 0.5]])
    DensityState(left.q, right.q; 16 elements in 1 block)
    """

    space: Space
    blocks: tuple[np.ndarray, ...]
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_space(self.space, self.info)
        if not isinstance(self.blocks, list | tuple):
            raise fail("blocks", "be a list of matrices, one per sector", self.blocks)
        sizes = [(int(d), int(d)) for d in self.space.sizes]
        blocks = tuple(numbers("blocks", x, "matrices of numbers", "iufc") for x in self.blocks)
        if not _fit(blocks, sizes):
            shapes = [np.shape(block) for block in blocks]
            raise fail("blocks", f"have the shapes {sizes} of the sectors", shapes)
        with np.errstate(all="ignore"):  # sums see what is not finite, and need no memory
            if np.ndim(blocks[0]) == 2 and not all(np.isfinite(np.sum(block)) for block in blocks):
                raise fail("blocks", "be finite everywhere", "not")
        object.__setattr__(self, "blocks", blocks)

    def __repr__(self) -> str:
        blocks = f"{len(self.blocks)} block{'s' * (len(self.blocks) != 1)}"
        told = "".join(f"; warning: {text}" for text in self.info.get("warnings", ()))
        points = f"batch {self.shape}; " if self.shape else ""
        size = f"{self.space.elements} elements in {blocks}"
        return f"DensityState({points}{listed(self.modes)}; {size}{told})"

    @property
    def shape(self) -> tuple[int, ...]:
        """Leading axes of a batch; () for one state."""
        return self.blocks[0].shape[:-2]

    def __getitem__(self, index: Any) -> "DensityState":
        """One point of a batch, or some of them.

        Args:
            index: position along the leading axes.
        """
        if not self.shape:
            raise fail("state", "be a batch, to have points", "one state")
        try:
            chosen = np.empty(self.shape, bool)[index].shape
        except IndexError as error:
            raise fail("index", f"be a position in {self.shape}", index) from error
        blocks = tuple(block[index] for block in self.blocks)
        if not chosen and not all(np.isfinite(np.sum(block)) for block in blocks):
            raise fail("index", "be that of a point that has a state", index, "it is NaN there")
        return DensityState(self.space, blocks)

    @property
    def modes(self) -> tuple[str, ...]:
        """Names of the modes."""
        return self.space.modes

    @property
    def trace(self) -> Any:
        """Tr ρ; one number for every point of a batch."""
        trace = sum(np.trace(block, axis1=-2, axis2=-1).real for block in self.blocks)
        return trace if self.shape else float(trace)

    def reduce(self, *names: str) -> "DensityState":
        """The state of some of the modes, in the order named; the others are traced out.

        Args:
            names: mode names ("left.q"), or part names ("left": every "left.…").

        Raises:
            ArgumentError: for a name that is no mode and no part, no name at all, or one mode of
                a pair that is described in a squeezed basis.
        """
        small, environment, place = split(self.space, _names(names))
        dtype = np.result_type(*self.blocks)
        blocks = [np.zeros((*self.shape, d, d), dtype) for d in small.sizes]
        owner = np.searchsorted(small.offsets, place, side="right") - 1
        inside = place - small.offsets[owner]
        for (a, b), block in zip(pairwise(self.space.offsets), self.blocks, strict=True):
            # States with the same rest lie in one sector of what is kept, of charge q − q_rest.
            order = np.argsort(environment[a:b], kind="stable")
            cuts = np.flatnonzero(np.diff(environment[a:b][order])) + 1
            for rows in np.split(order, cuts):
                target = inside[a:b][rows]
                part = block[..., rows[:, None], rows]
                blocks[owner[a + rows[0]]][..., target[:, None], target] += part
        return DensityState(small, tuple(blocks))

    def expect(self, operator: Ladder) -> Any:
        """⟨O⟩ = Tr Oρ of a polynomial in the modes' ladder operators, at every point of a batch.

        Args:
            operator: the operator; `lower("left.q")` is σ⁻ of a qubit and a of an oscillator.

        >>> from qcascade import density, lower
        >>> state = density("m", [[0.25, 0.1], [0.1, 0.75]])
        >>> state.expect(lower("m").dag * lower("m")).real, state.expect(lower("m")).real
        (0.75, 0.1)
        """
        _check_operator(self.space, operator)
        rows, columns, values = self.space.elements_of(operator)
        total, offsets = np.zeros(self.shape, complex), self.space.offsets
        for q, block in enumerate(self.blocks):
            a, b = offsets[q], offsets[q + 1]
            inside = (rows >= a) & (rows < b) & (columns >= a) & (columns < b)
            elements = block[..., columns[inside] - a, rows[inside] - a]
            total += np.sum(values[inside] * elements, axis=-1)
        return total if self.shape else complex(total)

    def matrix(self) -> np.ndarray:
        """The whole density matrix (…, D, D), in lexicographic order of the modes' quanta.

        Raises:
            ArgumentError: when it would have more than 4096 rows; reduce the state first.
        """
        if self.space.dimension > _FULL:
            raise fail("state", f"have at most {_FULL} basis states", self.space.dimension)
        size = self.space.dimension
        full = np.zeros((*self.shape, size, size), np.result_type(*self.blocks))
        offsets = self.space.offsets
        for q, block in enumerate(self.blocks):
            sector = slice(offsets[q], offsets[q + 1])
            full[..., sector, sector] = block
        order = np.lexsort(self.space.quanta.T[::-1])
        return full[..., order[:, None], order]

    def is_physical(self, tolerance: float = 1e-9) -> Any:
        """Whether Tr ρ = 1 and ρ ≥ 0 up to `tolerance`; at every point of a batch.

        Args:
            tolerance: rounding allowed for.
        """
        tolerance = single("tolerance", tolerance, 0.0, np.inf, "a number zero or above")
        trace, known = self.trace, np.isfinite(self.trace)
        lowest = np.full(self.shape, np.inf)
        for block in self.blocks:
            levels = np.linalg.eigvalsh(hermitian(np.where(known[..., None, None], block, 0.0)))
            lowest = np.minimum(lowest, levels[..., 0])
        physical = known & (np.abs(trace - 1) < tolerance) & (lowest > -tolerance)
        return physical if self.shape else bool(physical)


@spoken_record("state")
@dataclass(frozen=True, eq=False, repr=False)
class PureState:
    """A ket |ψ⟩ = Σ_k ψ_k |k⟩ over the basis of a `Space`.

    Args:
        space: the Hilbert space.
        amplitudes: complex array (D,), in the order of `space.quanta`.
        info: how the state was made.

    Raises:
        ArgumentError: for amplitudes of another number than the space has states.

    >>> from qcascade.hilbert.space import Space
    >>> ket = PureState(Space(("a.q", "b.q"), (1, 1), ("a.q", "b.q")), [0.6, 0, 0, 0.8])
    >>> ket.reduce("a").blocks[0].real.round(2)
    array([[0.36, 0.  ],
           [0.  , 0.64]])
    """

    space: Space
    amplitudes: Any
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_space(self.space, self.info)
        amplitudes = complex_number("amplitudes", self.amplitudes)
        if amplitudes.shape != (self.space.dimension,):
            raise fail("amplitudes", f"have shape ({self.space.dimension},)", amplitudes.shape)
        object.__setattr__(self, "amplitudes", amplitudes)

    def __repr__(self) -> str:
        return f"PureState({listed(self.modes)}; {self.space.dimension} amplitudes)"

    @property
    def modes(self) -> tuple[str, ...]:
        """Names of the modes."""
        return self.space.modes

    def reduce(self, *names: str) -> DensityState:
        """The state of some of the modes, in the order named; the others are traced out.

        Args:
            names: mode or part names.

        Raises:
            ArgumentError: as `DensityState.reduce`.
        """
        names = _names(names)
        small, environment, place = split(self.space, names)
        table = np.zeros((small.dimension, int(environment.max()) + 1), complex)
        table[place, environment] = self.amplitudes
        if not self._one_sector:  # coherence between sectors: one block
            small = Space(small.modes, small.tops, small.qubits, small.limits, small.squeezed)
            table = table[split(self.space, names)[0].positions(small.quanta)]
        rows = [table[a:b] for a, b in pairwise(small.offsets)]
        return DensityState(small, tuple(row @ row.conj().T for row in rows))

    @cached_property
    def _one_sector(self) -> bool:
        """Whether all amplitudes lie in one charge sector."""
        hit = np.searchsorted(self.space.offsets, np.flatnonzero(self.amplitudes), side="right")
        return len(set(hit.tolist())) <= 1

    def expect(self, operator: Ladder) -> complex:
        """⟨ψ|O|ψ⟩ of a polynomial in the modes' ladder operators.

        Args:
            operator: the operator.
        """
        _check_operator(self.space, operator)
        rows, columns, values = self.space.elements_of(operator)
        bra = self.amplitudes.conj()
        return complex(np.sum(values * bra[rows] * self.amplitudes[columns]))

    def density(self) -> DensityState:
        """|ψ⟩⟨ψ| as a density matrix; block-diagonal when ψ has one charge, else one block."""
        return self.reduce(*self.modes)


@lru_cache(maxsize=128)
def split(space: Space, names: tuple[str, ...]) -> tuple[Space, np.ndarray, np.ndarray]:
    """What is kept; for every basis state the number of its rest, and the position of what is kept.

    Kept for next time: a state in time is reduced again and again.
    """
    small = space.subspace(names)
    columns = [space.modes.index(mode) for mode in small.modes]
    others = [k for k in range(len(space.modes)) if k not in columns]
    radix = np.append(np.cumprod([space.tops[k] + 1 for k in others[:0:-1]])[::-1], 1)
    key = space.quanta[:, others] @ radix.astype(np.int64) if others else 0
    _, environment = np.unique(np.broadcast_to(key, (space.dimension,)), return_inverse=True)
    return small, environment, small.positions(space.quanta[:, columns])


def _names(names: tuple[Any, ...]) -> tuple[str, ...]:
    """Names that `split` can keep its results by."""
    return tuple(text("names", name) for name in names)


def _check_space(space: Any, info: Any) -> None:
    if not isinstance(space, Space):
        raise fail("space", "be a Space", space)
    mapping("info", info, "names to values")


def own_levels(space: Space) -> list[int]:
    """How many levels each mode has, when the space is their tensor product."""
    if space.limits or space.squeezed:
        known = f"limits: {space.limits}, squeezed: {dict(space.squeezed)}"
        raise fail("state", "have a cutoff of its own for every mode", listed(space.modes), known)
    return [top + 1 for top in space.tops]


def _check_operator(space: Space, operator: Any) -> None:
    if not isinstance(operator, Ladder):
        raise fail("operator", "be a Ladder, made with `lower(mode)`", operator)
    for mode in operator.modes:
        if mode not in space.modes:
            raise fail("operator", f"act on modes of the state: {listed(space.modes)}", mode)


def hermitian(block: np.ndarray) -> np.ndarray:
    return (block + block.conj().swapaxes(-1, -2)) / 2


def _fit(blocks: tuple[np.ndarray, ...], sizes: list[tuple[int, int]]) -> bool:
    """Whether blocks have the sizes of the sectors, and the same leading axes."""
    own = [np.shape(block)[-2:] for block in blocks]
    return own == sizes and len({np.shape(block)[:-2] for block in blocks}) == 1
