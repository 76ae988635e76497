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

from ..base.checks import fail
from ..base.threads import cores, spread
from ..hilbert.rounding import without_cancelled
from .layout import Layout, as_vector

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .block_tables import Schedule


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
    >>> from qcascade.hilbert import Space
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

    @cached_property
    def _whole(self) -> "Schedule":
        return self._schedule(jumps=True)

    @cached_property
    def _without_jumps(self) -> "Schedule":
        return self._schedule(jumps=False)

    def _schedule(self, jumps: bool) -> "Schedule":
        from .block_tables import schedule

        tables: Any = self._tables  # pyright: ignore[reportAttributeAccessIssue]
        return schedule(tables, 1 if self.layout.real else 2, jumps)

    def _run(self, plan: "Schedule", x: np.ndarray, out: np.ndarray | None) -> np.ndarray:
        x = as_vector("x", x, self.layout)
        if out is None:
            out = np.empty_like(x)
        elif as_vector("out", out, self.layout) is not out or np.may_share_memory(x, out):
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

        spread(work, panels[: len(edges) - 1])


def _aligned(size: int) -> np.ndarray:
    """Zeros that begin at a cache line: a vector move across two lines takes twice as long."""
    memory = np.zeros(size + 8)
    skip = -(memory.ctypes.data // 8) % 8
    return memory[skip : skip + size]
