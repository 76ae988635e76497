"""The master equation split at its quantum jumps: L = D + U, D ρ = Kρ + ρK†, U ρ = ΣJρJ†.

D is solved exactly in every sector (`NoJump`). Sectors between which no jump leads, and into which
none returns from themselves, are eliminated: there D x = −U x holds exactly, and an equation
remains for the other sectors only. Charges shift by one in a jump, as a rule, so that every other
sector drops out; an iteration on what remains takes half as many steps on vectors half as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.threads import spread
from .nojump import NoJump, absorbable

if TYPE_CHECKING:
    from .generator import Generator
    from .layout import Layout


class Jump(NamedTuple):
    """One jump out of one stored sector (number `source`), by the rows of J."""

    source: int
    conjugate: bool
    start: Any
    column: Any
    value: Any


@dataclass(frozen=True, eq=False)
class Splitting:
    """L M⁻¹ = 1 + N on the sectors that are kept, M being D with the jumps into eliminated ones.

    Args:
        generator: the master equation.
    """

    generator: "Generator"

    @cached_property
    def no_jump(self) -> NoJump:
        """D with the jumps that it can take in, and its inverse."""
        layout, K, jumps = self.generator.layout, self.generator.K, self.generator.jumps
        taken = [jump for jump, yes in zip(jumps, self._taken, strict=True) if yes]
        return NoJump(layout, K, taken)

    @cached_property
    def _taken(self) -> list[bool]:
        return absorbable(self.generator.K, self.generator.jumps)

    @cached_property
    def jumps(self) -> list[list[Jump]]:
        """The other jumps, by the stored sector they lead to."""
        left = zip(self.generator.jumps, self._taken, strict=True)
        return _jumps(self.generator.layout, [jump for jump, taken in left if not taken])

    @cached_property
    def eliminated(self) -> list[int]:
        """Numbers of the stored sectors that drop out, largest first."""
        near: list[set[int]] = [set() for _ in self.jumps]
        for target, jumps in enumerate(self.jumps):
            for jump in jumps:
                near[target].add(jump.source)
                near[jump.source].add(target)
        chosen: list[int] = []
        for k in sorted(range(len(near)), key=lambda k: -self._area(k)):
            if self.no_jump.exact[k] and k not in near[k] and not near[k] & set(chosen):
                chosen.append(k)
        return chosen

    @cached_property
    def kept(self) -> list[int]:
        """Numbers of the other stored sectors."""
        gone = set(self.eliminated)
        return [k for k in range(len(self.jumps)) if k not in gone]

    def _area(self, k: int) -> int:
        starts = self.generator.layout.starts
        return int(starts[k + 1] - starts[k])

    @cached_property
    def places(self) -> dict[int, slice]:
        """Where every kept sector lies in a vector of kept sectors."""
        ends = np.cumsum([0, *(self._area(k) for k in self.kept)])
        return {k: slice(ends[i], ends[i + 1]) for i, k in enumerate(self.kept)}

    def restrict(self, x: Any) -> Any:
        """The kept sectors of a packed vector."""
        return np.concatenate([self.generator.layout.block(x, k).ravel() for k in self.kept])

    def settle(self, x: Any) -> Any:
        """x with D x + U x = 0 in the eliminated sectors, whose elements are made anew."""
        into = {k: self.generator.layout.block(x, k) for k in self.eliminated}
        for block in into.values():
            block[:] = 0
        self._collect(x, into)
        self.no_jump.solve(x, self.eliminated, x)
        for block in into.values():
            block *= -1
        return x

    def advance(self, v: Any) -> tuple[Any, Any]:
        """x = M⁻¹v, packed, and N v = L x − v on the kept sectors.

        Args:
            v: kept sectors, Hermitian.
        """
        layout, w = self.generator.layout, np.zeros_like(v)
        x = np.zeros(layout.size, v.dtype)
        old = {k: layout.block(x, k) for k in self.kept}
        new = {k: w[place].reshape(old[k].shape) for k, place in self.places.items()}
        for k, place in self.places.items():
            old[k].ravel()[:] = v[place]
        self.no_jump.solve(x, self.kept, x)
        self.settle(x)
        for k, place in self.places.items():
            if not self.no_jump.exact[k]:  # what stood in for no decay is taken back
                new[k] += self.no_jump.apply(k, old[k])
                new[k] -= v[place].reshape(new[k].shape)
        self._collect(x, new)
        return x, w

    def _collect(self, x: Any, into: dict[int, Any]) -> None:
        """Add to blocks, by sector, what jumps bring there from x."""
        from . import nojump_kernels

        def one(k: int) -> None:
            for jump in self.jumps[k]:
                block = self.generator.layout.block(x, jump.source)
                block = block.conj() if jump.conjugate else block
                nojump_kernels.add_jump(jump.start, jump.column, jump.value, block, into[k])

        spread(one, sorted(into, key=lambda k: -self._area(k)))


def _jumps(layout: "Layout", jumps: Sequence[Any]) -> list[list[Jump]]:
    """Jumps by target among stored sectors; those from a mirror image are mirrored."""
    offsets, stored = layout.space.offsets, [int(q) for q in layout.stored]
    slot = {q: k for k, q in enumerate(stored)}
    by_target: list[list[Jump]] = [[] for _ in stored]
    for matrix in jumps:
        coo = matrix.tocoo()
        target = np.searchsorted(offsets, coo.row, side="right") - 1
        source = np.searchsorted(offsets, coo.col, side="right") - 1
        rows = matrix.tocsr()
        for t, s in sorted(set(zip(target.tolist(), source.tolist(), strict=True))):
            if t in slot:
                block = rows[offsets[t] : offsets[t + 1]][:, offsets[s] : offsets[s + 1]]
                by_target[slot[t]].append(_jump(layout, block, s, slot))
    return by_target


def _jump(layout: "Layout", block: Any, source: int, slot: dict[int, int]) -> Jump:
    conjugate, mirror, offsets = False, layout.mirror, layout.space.offsets
    if source not in slot and mirror is not None:
        image = mirror.image[offsets[source] : offsets[source + 1]]
        partner = int(np.searchsorted(offsets, image[0], side="right")) - 1
        # ρ_s = P ρ_p P†, P[k, image k] = 1: the jump becomes J P.
        block = block[:, np.argsort(image)]
        source, conjugate = partner, mirror.conjugate
    block = block.tocsr()
    block.sort_indices()
    value = block.data.real.copy() if layout.real else block.data.astype(np.complex128)
    start, column = block.indptr.astype(np.int64), block.indices.astype(np.int64)
    return Jump(slot[source], conjugate, start, column, value)
