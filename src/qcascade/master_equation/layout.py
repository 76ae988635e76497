"""Where the blocks of a density matrix lie in one vector, and which of them are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail
from ..hilbert.space import Space
from ..hilbert.states import DensityState

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
                check_same(block, block.real, largest, "be real, in a real layout")
                block = block.real
            check_same(block, block.conj().T, largest, "be Hermitian")
            y = self.block(x, k)
            np.add(block, block.conj().T, out=y)
            y *= 0.5
            if self.mirror is not None:
                image: Any = self._reflected(blocks[self.partner[q]], q)
                check_same(block, image, largest, "be its own mirror image, in a mirrored layout")
                image = image.real if self.real else image
                y += (image + image.conj().T) / 2
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
        result = np.empty(self.size, self.dtype)
        for k, q in enumerate(self.stored):
            block, y = self.block(x, k), self.block(result, k)
            if self.mirror is not None and self.partner[q] == q:
                block = (block + self._reflected(block, q)) / 2
            np.add(block, block.conj().T, out=y)
            y *= 0.5
        return result

    def unpack(self, x: np.ndarray) -> DensityState:
        """The state of a flat vector, with the blocks of all sectors.

        Args:
            x: flat vector (size,).
        """
        x = as_vector("x", x, self)
        place = {int(q): k for k, q in enumerate(self.stored)}
        blocks = []
        for q, p in enumerate(self.partner.tolist()):
            if q in place:
                blocks.append(self.block(x, place[q]).copy())
            else:
                blocks.append(self._reflected(self.block(x, place[p]), q))
        return DensityState(self.space, tuple(blocks))

    def blocks(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """The stored blocks (…, d, d) of many flat vectors; real ones where all are real.

        Args:
            x: flat vectors (…, size), NaN where there is no state.
        """
        x = x if np.any(np.imag(x[np.isfinite(x)])) else np.real(x)
        sizes = self.space.sizes[self.stored].tolist()
        return tuple(
            x[..., a : a + d * d].reshape(*x.shape[:-1], d, d)
            for a, d in zip(self.starts[:-1], sizes, strict=True)
        )

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
        places = mirror.image[offsets[q] : offsets[q + 1]] - offsets[self.partner[q]]
        reflected = block[places[:, None], places]
        return reflected.conj() if mirror.conjugate else reflected

    def _checked(self, state: Any) -> tuple[np.ndarray, ...]:
        """The blocks of a state that lives on this space."""
        if not isinstance(state, DensityState):
            raise fail("state", "be a DensityState", state)
        given, own = state.space, self.space
        same = given is own or (
            given.modes == own.modes
            and dict(given.squeezed) == dict(own.squeezed)
            and np.array_equal(given.sizes, own.sizes)
            and np.array_equal(given.quanta, own.quanta)
        )
        if not same:
            raise fail("state", f"live on {own!r}", given)
        return state.blocks


def check_same(x: np.ndarray, y: np.ndarray, largest: float, must: str) -> None:
    error = float(np.abs(x - y).max(initial=0.0))
    if not error <= _SAME * largest:
        raise fail("state", must, f"off by {error:.3g}")


def as_vector(name: str, x: Any, layout: Layout) -> np.ndarray:
    """A flat vector of the layout, in one piece of memory."""
    array = np.asarray(x)
    if array.shape != (layout.size,) or not np.can_cast(array.dtype, layout.dtype):
        must = f"be a packed vector of shape ({layout.size},) and type {layout.dtype}"
        raise fail(name, must, f"{array.dtype} of shape {array.shape}")
    return np.ascontiguousarray(array, layout.dtype)
