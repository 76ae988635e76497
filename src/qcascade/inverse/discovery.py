"""What a search has found: graphs of couplings, smallest first, and how it was found."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import fail, listed
from ..slh.network import Network
from .couplings import Edge, Nodes, network_of

SHOWN = 12
"""Graphs that are printed."""


@dataclass(frozen=True, repr=False)
class Graph:
    """Couplings that reach a target, none of which can be left out.

    Args:
        couplings: (kind, modes) of each.
        places: the modes by number.
        values: what each is made of: a rate, a decay rate, or the amplitudes (u, v) of a jump.
        loops: whether the phase of each matters; others are turned to zero by the phases of modes.
        missed: how far the package's own computation is from the target.
        growth: max Re λ(A), below zero.
    """

    couplings: tuple[tuple[str, tuple[str, ...]], ...]
    places: tuple[tuple[int, ...], ...]
    values: tuple[tuple[Any, ...], ...]
    loops: tuple[bool, ...]
    missed: float
    growth: float

    def value(self, kind: str, *modes: str) -> Any:
        """The rate of a coupling, or its amplitudes; 0 for one that the graph does not have.

        Args:
            kind: of coupling.
            *modes: that it joins, in either order where order means nothing.
        """
        for (name, ends), value in zip(self.couplings, self.values, strict=True):
            if name == kind and ends == modes:
                return value[0] if len(value) == 1 else value
        for (name, ends), value in zip(self.couplings, self.values, strict=True):
            if name == kind and ends == modes[::-1] and name in ("hopping", "two_mode_squeezing"):
                return np.conj(value[0]) if name == "hopping" else value[0]
        return 0.0

    @property
    def phases(self) -> dict[str, float]:
        """Phases that matter, in radians, by coupling: those that close a loop."""
        return {
            f"{kind}({', '.join(ends)})": float(np.angle(value[-1]))
            for (kind, ends), value, loop in zip(
                self.couplings, self.values, self.loops, strict=True
            )
            if loop
        }

    def __str__(self) -> str:
        return ", ".join(
            f"{kind}({', '.join(ends)}) {' & '.join(map(_polar, value))}"
            for (kind, ends), value in zip(self.couplings, self.values, strict=True)
        )

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Discovery:
    """Graphs that reach a target, smallest first.

    Args:
        nodes: the modes, with decays and baths of their own.
        target: what was asked for, in words.
        graphs: the irreducible graphs that were found and checked.
        couplings: how many couplings a graph might have.
        complete: size up to which these are all there are, as far as the starts tell.
        refused: graphs whose answer the package's own computation did not confirm.
        tried: graphs that were tried.
        optimisations: how many it took.
        seconds: how long.

    >>> from qcascade import discover, transmits
    >>> isolator = transmits(["a", "b"], [[0, 0], [1, 0]])
    >>> found = discover(["a", "b"], ["hopping", "one_way"], target=isolator, progress=False)
    >>> [sorted(kind for kind, _ in graph.couplings) for graph in found.graphs]
    [['one_way'], ['hopping', 'one_way']]
    """

    nodes: Nodes
    target: str
    graphs: tuple[Graph, ...]
    couplings: int
    complete: int
    refused: int
    tried: int
    optimisations: int
    seconds: float

    def network(self, k: int = 0) -> Network:
        """The network of graph k; modes are "name.a", their ports "name.in" and "name.out".

        Args:
            k: number of the graph, the smallest first.

        Raises:
            ArgumentError: for a graph that there is not.
        """
        is_integer = isinstance(k, int | np.integer) and not isinstance(k, bool)
        if not is_integer or not 0 <= k < len(self.graphs):
            numbers = f"0 to {len(self.graphs) - 1}" if self.graphs else "none was found"
            raise fail("k", f"be the number of a graph: {numbers}", k)
        graph = self.graphs[k]
        kinds = [kind for kind, _ in graph.couplings]
        edges = [Edge(kind, at) for kind, at in zip(kinds, graph.places, strict=True)]
        return network_of(self.nodes, edges, graph.values)

    def __repr__(self) -> str:
        speed = self.optimisations / max(self.seconds, 1e-9)
        lines = [
            f"Discovery({self.target})",
            f"  {len(self.graphs)} irreducible graphs of at most {self.couplings} couplings "
            f"between {listed(self.nodes.names)}; {self._complete()}",
        ]
        for k, graph in enumerate(self.graphs[:SHOWN]):
            lines.append(f"  {k}: {graph}")
            told = f"     off by {graph.missed:.1e}, slowest rate {-graph.growth:.3g}"
            phases = [f"{name} {x / np.pi:+.6g}π" for name, x in graph.phases.items()]
            lines.append(f"{told}; phases that matter: {listed(phases)}")
        if len(self.graphs) > SHOWN:
            lines.append(f"  … {len(self.graphs) - SHOWN} more")
        if self.refused:
            lines.append(f"  {self.refused} more were not confirmed, and are left out")
        lines.append(
            f"  {self.tried} graphs tried, {self.optimisations} optimisations in "
            f"{self.seconds:.2g} s ({speed:.0f} a second)"
        )
        return "\n".join(lines)

    def _complete(self) -> str:
        if self.complete >= self.couplings:
            return "no other was found to work" if self.graphs else "the full graph does not work"
        return f"all of up to {self.complete} couplings were tried, of larger ones some"


def _polar(value: Any) -> str:
    """A number with its phase in units of π."""
    size, turn = abs(value), float(np.angle(value)) / np.pi
    if abs(turn) < 5e-7:
        return f"{size:.6g}"
    if abs(abs(turn) - 1) < 5e-7:
        return f"−{size:.6g}"
    return f"{size:.6g} e^{{{turn:+.6g}πi}}"
