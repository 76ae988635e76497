"""Block-diagonal density matrices as flat vectors, and the master equation that moves them.

A conserved charge leaves ρ with one Hermitian block per sector; an exchange of modes under which
the master equation does not change (`Mirror`) makes pairs of blocks alike, and only one of each
pair is kept (`Layout`). The right-hand side (`Generator`) is

    dρ/dt = Kρ + ρK† + Σ_J JρJ† = W + W†,    W = Kρ + ½Σ_J J(ρJ†),

with the no-jump generator K = −iH − ½ΣJ†J. K acts within sectors, and a jump takes each sector
to one sector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail
from ..base.threads import cores, pool
from ..hilbert.rounding import without_cancelled
from ..hilbert.space import Space
from ..hilbert.states import DensityState

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .block_tables import Schedule

_SAME = 1e-9  # of the largest element: differences below it are rounding in a state


@dataclass(frozen=True, eq=False)
class Mirror:
    """An exchange of basis states that commutes with the generator.

    (Mρ)[image[i], image[j]] = ρ[i, j], complex conjugated if `conjugate`.

    Args:
        image: integers (D,), an involution of the basis states.
        conjugate: whether ρ is complex conjugated as well.

    Raises:
        ArgumentError: when `image` is no involution.

    >>> Mirror([0, 2, 1, 3]).conjugate
    False
    """

    image: Any
    conjugate: bool = False

    def __post_init__(self) -> None:
        image = np.asarray(self.image)
        inside = image.ndim == 1 and image.dtype.kind in "iu"
        inside = inside and bool(np.all((image >= 0) & (image < image.size)))
        if not inside or np.any(image[image] != np.arange(image.size)):
            raise fail("image", "be an involution: image[image[i]] = i", self.image)
        object.__setattr__(self, "image", image.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Layout:
    """Which blocks of ρ are kept, and how they lie in a flat vector: row by row, one after another.

    Args:
        space: the Hilbert space and its sectors.
        mirror: the exchange that the states obey, or nothing. Of two sectors that it exchanges,
            the one with the larger number is dropped; one that it keeps is stored whole.
        real: whether ρ is real.

    Raises:
        ArgumentError: for a mirror of another size, or one that splits a sector.

    >>> space = Space(("a.q", "b.q"), (1, 1), ("a.q", "b.q"), charges=((1, -1),))
    >>> exchange = Mirror(space.positions(space.quanta[:, ::-1]))
    >>> Layout(space).size, Layout(space, exchange).size
    (6, 5)
    """

    space: Space
    mirror: Mirror | None = None
    real: bool = False

    def __post_init__(self) -> None:
        if self.mirror is None:
            return
        image, owner, offsets = self.mirror.image, self.owner, self.space.offsets
        if image.size != self.space.dimension:
            raise fail("mirror", f"map the {self.space.dimension} states of the space", image.size)
        # A sector is not split when all its states land where its first one does.
        if np.any(owner[image] != owner[image[offsets[:-1]]][owner]):
            raise ArgumentError("Argument `mirror` must map sectors to sectors, but splits one.")

    @cached_property
    def owner(self) -> np.ndarray:
        """Sector of every basis state, integers (D,)."""
        return np.repeat(np.arange(len(self.space.sizes)), self.space.sizes)

    @cached_property
    def partner(self) -> np.ndarray:
        """The sector that each sector is mapped to by the mirror; itself without one."""
        if self.mirror is None:
            return np.arange(len(self.space.sizes))
        return self.owner[self.mirror.image[self.space.offsets[:-1]]]

    @cached_property
    def stored(self) -> np.ndarray:
        """Numbers of the sectors that are kept, ascending."""
        return np.flatnonzero(np.arange(len(self.partner)) <= self.partner)

    @cached_property
    def weights(self) -> np.ndarray:
        """How often each stored sector counts: 2 for an exchanged pair, else 1."""
        return np.where(self.partner[self.stored] == self.stored, 1.0, 2.0)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each stored block begins in the flat vector, and the end."""
        return np.append(0, np.cumsum(self.space.sizes[self.stored].astype(np.int64) ** 2))

    @property
    def size(self) -> int:
        """Number of entries of the flat vector."""
        return int(self.starts[-1])

    @property
    def dtype(self) -> np.dtype:
        """Of the flat vector: float64 or complex128."""
        return np.dtype(np.float64 if self.real else np.complex128)

    def block(self, x: np.ndarray, k: int) -> np.ndarray:
        """The k-th stored block of a flat vector, as a view (d, d).

        Args:
            x: flat vector (size,).
            k: number into `stored`.
        """
        d = int(self.space.sizes[self.stored[k]])
        return x[self.starts[k] : self.starts[k + 1]].reshape(d, d)

    def pack(self, state: DensityState) -> np.ndarray:
        """The flat vector (size,) of a state.

        Rounding is taken off: the vector is exactly Hermitian and obeys the mirror exactly.

        Args:
            state: a state on this space.

        Raises:
            ArgumentError: for a state on another space, or one that is not Hermitian, not its
                own mirror image or not real where the layout is.
        """
        blocks = self._checked(state)
        largest = max(float(np.abs(block).max(initial=0.0)) for block in blocks)
        x = np.empty(self.size, self.dtype)
        for k, q in enumerate(self.stored):
            block: Any = blocks[q]
            if self.real and np.iscomplexobj(block):
                _check_same(block, block.real, largest, "be real, in a real layout")
                block = block.real
            _check_same(block, block.conj().T, largest, "be Hermitian")
            y = self.block(x, k)
            np.add(block, block.conj().T, out=y)
            y *= 0.5
            if self.mirror is not None:
                there: Any = self._reflected(blocks[self.partner[q]], q)
                _check_same(block, there, largest, "be its own mirror image, in a mirrored layout")
                there = there.real if self.real else there
                y += (there + there.conj().T) / 2
                y *= 0.5
        return x

    def packed(self, blocks: Sequence[np.ndarray]) -> np.ndarray:
        """The flat vector (size,) of the blocks of all sectors, as they are.

        Args:
            blocks: one matrix per sector, in the numbers of the layout.
        """
        return np.concatenate([np.zeros(0, self.dtype), *(blocks[q].ravel() for q in self.stored)])

    def symmetric(self, x: np.ndarray) -> np.ndarray:
        """A flat vector (size,) made Hermitian and its own mirror image, whatever it was.

        Args:
            x: flat vector (size,).
        """
        found = np.empty(self.size, self.dtype)
        for k, q in enumerate(self.stored):
            block, y = self.block(x, k), self.block(found, k)
            if self.mirror is not None and self.partner[q] == q:
                block = (block + self._reflected(block, q)) / 2
            np.add(block, block.conj().T, out=y)
            y *= 0.5
        return found

    def unpack(self, x: np.ndarray) -> DensityState:
        """The state of a flat vector, with the blocks of all sectors.

        Args:
            x: flat vector (size,).
        """
        x = _vector("x", x, self)
        place = {int(q): k for k, q in enumerate(self.stored)}
        blocks = []
        for q, p in enumerate(self.partner.tolist()):
            if q in place:
                blocks.append(self.block(x, place[q]).copy())
            else:
                blocks.append(self._reflected(self.block(x, place[p]), q))
        return DensityState(self.space, tuple(blocks))

    def trace(self, x: np.ndarray) -> float:
        """Tr X of a flat vector, over all sectors.

        Args:
            x: flat vector (size,).
        """
        traces = [np.trace(self.block(x, k)).real for k in range(len(self.stored))]
        return float(np.dot(self.weights, traces))

    def inner(self, x: np.ndarray, y: np.ndarray) -> float:
        """Re Tr X†Y of two flat vectors, over all sectors.

        Args:
            x: flat vector (size,).
            y: flat vector (size,).
        """
        total = 0.0
        for weight, a, b in zip(self.weights, self.starts[:-1], self.starts[1:], strict=True):
            total += weight * float(np.vdot(x[a:b], y[a:b]).real)
        return total

    def _reflected(self, block: np.ndarray, q: int) -> np.ndarray:
        """The block of sector q, from that of its partner."""
        mirror = self.mirror
        if mirror is None:
            return block
        offsets = self.space.offsets
        there = mirror.image[offsets[q] : offsets[q + 1]] - offsets[self.partner[q]]
        found = block[there[:, None], there]
        return found.conj() if mirror.conjugate else found

    def _checked(self, state: Any) -> tuple[np.ndarray, ...]:
        """The blocks of a state that lives on this space."""
        if not isinstance(state, DensityState):
            raise fail("state", "be a DensityState", state)
        there, here = state.space, self.space
        same = there is here or (
            there.modes == here.modes
            and dict(there.squeezed) == dict(here.squeezed)
            and np.array_equal(there.sizes, here.sizes)
            and np.array_equal(there.quanta, here.quanta)
        )
        if not same:
            raise fail("state", f"live on {here!r}", there)
        return state.blocks


def _check_same(x: np.ndarray, y: np.ndarray, largest: float, must: str) -> None:
    error = float(np.abs(x - y).max(initial=0.0))
    if not error <= _SAME * largest:
        raise fail("state", must, f"off by {error:.3g}")


def _vector(name: str, x: Any, layout: Layout) -> np.ndarray:
    """A flat vector of the layout, in one piece of memory."""
    array = np.asarray(x)
    if array.shape != (layout.size,) or not np.can_cast(array.dtype, layout.dtype):
        must = f"be a packed vector of shape ({layout.size},) and type {layout.dtype}"
        raise fail(name, must, f"{array.dtype} of shape {array.shape}")
    return np.ascontiguousarray(array, layout.dtype)


class _Memory(NamedTuple):
    """What one call of the generator works in."""

    scratch: np.ndarray
    panels: list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Generator:
    """The master equation dρ/dt = Kρ + ρK† + Σ_J JρJ† on packed Hermitian vectors.

    What is returned is Hermitian to the last bit. Vectors that are not Hermitian give nothing
    of use: only one triangle of JρJ† is computed. The mirror of the layout must commute
    with the generator; that is not checked.

    Args:
        layout: which blocks are stored, and how.
        K: no-jump generator −iH − ½ΣJ†J, sparse (D, D); what cancels in it is dropped.
        jumps: jump operators J, sparse (D, D).

    Raises:
        ArgumentError: when a matrix does not fit the space, K connects two sectors, a jump takes
            one sector to two, or the layout is real and a matrix is not.

    >>> from scipy.sparse import csr_array
    >>> layout = Layout(Space(("q",), (1,), ("q",), charges=((1,),)), real=True)
    >>> decay = csr_array([[0.0, 1.0], [0.0, 0.0]])
    >>> Generator(layout, csr_array(np.diag([0.0, -0.5])), (decay,)).apply(np.array([0.25, 0.75]))
    array([ 0.75, -0.75])
    """

    layout: Layout
    K: "csr_array"
    jumps: "Sequence[csr_array]"

    def __post_init__(self) -> None:
        from .block_tables import checked, tables

        jumps = [checked(f"jumps[{j}]", J, self.layout) for j, J in enumerate(self.jumps)]
        K = without_cancelled(checked("K", self.K, self.layout), jumps)
        object.__setattr__(self, "K", K)
        object.__setattr__(self, "jumps", tuple(jumps))
        object.__setattr__(self, "_tables", tables(self.layout, K, jumps))
        object.__setattr__(self, "_spare", [])

    def apply(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """dρ/dt = Kρ + ρK† + Σ_J JρJ†.

        Args:
            x: packed Hermitian ρ (size,).
            out: where to write the result, not x itself; a new vector when omitted.
        """
        return self._run(self._whole, x, out)

    def no_jump(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Kρ + ρK†, without the jumps.

        Args:
            x: packed Hermitian ρ (size,).
            out: where to write the result, not x itself; a new vector when omitted.
        """
        return self._run(self._without_jumps, x, out)

    def jump_part(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Σ_J JρJ†, the jumps alone.

        Args:
            x: packed Hermitian ρ (size,).
            out: where to write the result, not x itself; a new vector when omitted.
        """
        return self._run(self._jumps_alone, x, out)

    @cached_property
    def _whole(self) -> "Schedule":
        return self._schedule(True, True)

    @cached_property
    def _without_jumps(self) -> "Schedule":
        return self._schedule(True, False)

    @cached_property
    def _jumps_alone(self) -> "Schedule":
        return self._schedule(False, True)

    def _schedule(self, no_jump: bool, jump: bool) -> "Schedule":
        from .block_tables import schedule

        tables: Any = self._tables  # pyright: ignore[reportAttributeAccessIssue]
        return schedule(tables, 1 if self.layout.real else 2, no_jump, jump)

    def _run(self, plan: "Schedule", x: np.ndarray, out: np.ndarray | None) -> np.ndarray:
        x = _vector("x", x, self.layout)
        if out is None:
            out = np.empty_like(x)
        elif _vector("out", out, self.layout) is not out or np.may_share_memory(x, out):
            raise fail("out", "be a packed vector in one piece that is not `x`", out)
        spare: list[_Memory] = self._spare  # pyright: ignore[reportAttributeAccessIssue]
        # Calls at the same time each take memory of their own.
        memory = spare.pop() if spare else _Memory(_aligned(plan.scratch), [])
        if len(memory.scratch) < plan.scratch:
            memory = _Memory(_aligned(plan.scratch), memory.panels)
        self._perform(plan, x.view(np.float64), out.view(np.float64), memory)
        spare.append(memory)
        return out

    def _perform(self, plan: "Schedule", x: Any, out: Any, memory: _Memory) -> None:
        from .block_kernels import perform

        parts = 1 if self.layout.real else 2
        while len(memory.panels) < (1 if plan.alone else cores()):
            memory.panels.append(_aligned(plan.panel))

        def part(begin: int, end: int, panel: np.ndarray) -> None:
            perform(plan.tables, begin, end, x, memory.scratch, out, parts, panel)

        if plan.alone:
            return part(0, len(plan.tables.task), memory.panels[0])
        for edges in plan.phases:
            self._share(part, edges, memory.panels)

    def _share(self, part: Any, edges: np.ndarray, panels: list[np.ndarray]) -> None:
        """Do the chunks of one phase, on all cores; whoever is free takes the next."""
        ticket = count()

        def work(panel: np.ndarray) -> None:
            while (k := next(ticket)) < len(edges) - 1:
                part(edges[k], edges[k + 1], panel)

        helpers = panels[1 : len(edges) - 1]
        others = [pool().submit(work, panel) for panel in helpers]
        work(panels[0])
        for other in others:
            other.result()


def _aligned(size: int) -> np.ndarray:
    """Zeros that begin at a cache line: a vector move across two lines takes twice as long."""
    memory = np.zeros(size + 8)
    skip = -(memory.ctypes.data // 8) % 8
    return memory[skip : skip + size]
