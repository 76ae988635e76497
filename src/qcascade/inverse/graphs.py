"""The search over graphs: which couplings are needed, smallest first.

A graph is a set of couplings. Whatever a graph does, one with more couplings does too (the new
ones at zero), so graphs that work are an up-set: known by its smallest members, the irreducible
graphs, or by the largest that do not work. Sets are whole numbers, one bit a coupling.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from .fitting import Fits

TOGETHER = 256
"""Graphs that are tried at once."""
DESCENTS = 64
"""Random ways down, where there are too many graphs to try them all."""
AT_ONCE = 500_000
"""Graphs that are listed, at most."""
NOTHING = 1e-9
"""Size of a parameter, in units of the fastest decay, that is none."""
FROM_BELOW = 1000
"""Graphs that are looked at from below where the full graph fails."""


@dataclass
class Lattice:
    """What is known of the graphs of a problem.

    Args:
        fits: decides whether a graph works.
        symmetries: permutations of the couplings that leave the problem as it is.
        most: graphs that may be tried.
        tell: hears (tried, most).
        working: parameters by graph, for those that were tried and work.
        failing: graphs that were tried and do not work.
        least: the canonical graph of those that were met.
    """

    fits: Fits
    symmetries: Sequence[np.ndarray]
    most: int
    tell: Callable[[float, float], None]
    working: dict[int, np.ndarray] = field(default_factory=dict)
    failing: set[int] = field(default_factory=set)
    least: dict[int, int] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Number of couplings."""
        return len(self.fits.edges)

    @property
    def tried(self) -> int:
        """Graphs that were tried."""
        return len(self.working) + len(self.failing)

    @property
    def is_spent(self) -> bool:
        """Whether as many graphs were tried as may be."""
        return self.tried >= self.most

    def canonical(self, graph: int) -> int:
        """The least of all graphs that symmetries make of one."""
        if len(self.symmetries) == 1:
            return graph
        if graph not in self.least:
            images = self.orbit(graph)
            self.least |= dict.fromkeys(images, min(images))
        return self.least[graph]

    def orbit(self, graph: int) -> set[int]:
        """All that symmetries make of a graph."""
        bits = [k for k in range(self.size) if graph >> k & 1]
        return {sum(1 << int(p[k]) for k in bits) for p in self.symmetries}

    def children(self, graph: int) -> list[int]:
        """Graphs with one coupling less, symmetric ones once."""
        bits = [1 << k for k in range(self.size) if graph >> k & 1]
        return sorted({self.canonical(graph ^ bit) for bit in bits})

    def parents(self, graph: int) -> list[int]:
        """Graphs with one coupling more, symmetric ones once."""
        bits = [1 << k for k in range(self.size) if not graph >> k & 1]
        return sorted({self.canonical(graph | bit) for bit in bits})

    def try_all(self, graphs: Iterable[int], near: dict[int, np.ndarray] | None = None) -> None:
        """Decide for graphs that are not known; `near` has parameters to start from."""
        new = [g for g in dict.fromkeys(graphs) if not (g in self.working or g in self.failing)]
        for k in range(0, len(new), TOGETHER):
            batch = new[k : k + TOGETHER]
            known = [(near or {}).get(g) for g in batch]
            for graph, theta in zip(
                batch, self.fits.verdicts(self.masks(batch), known), strict=True
            ):
                self._learn(graph, theta)
            self.tell(self.tried, self.most)

    def _learn(self, graph: int, theta: np.ndarray | None) -> None:
        """What was found of a graph; couplings that came out as nothing are not in it."""
        if theta is None:
            self.failing.add(graph)
            return
        self.failing.discard(graph)
        self.working[graph] = theta
        first = self.fits.polynomials.first
        sizes = [np.abs(theta[first[k] : first[k + 1]]).max() for k in range(self.size)]
        used = sum(1 << k for k, size in enumerate(sizes) if size > NOTHING)
        if used != graph and (least := self.canonical(used)) not in self.working:
            self.working[least] = _moved(self, graph, least)
            self.failing.discard(least)

    def try_again(self, graphs: Sequence[int], near: dict[int, np.ndarray]) -> None:
        """Decide once more for graphs that failed, with new starts."""
        if graphs:
            known = [near.get(g) for g in graphs]
            for graph, theta in zip(
                graphs, self.fits.verdicts(self.masks(graphs), known), strict=True
            ):
                if theta is not None:
                    self._learn(graph, theta)

    def masks(self, graphs: Sequence[int]) -> np.ndarray:
        """Graphs as booleans (B, E)."""
        return np.array([[bool(g >> k & 1) for k in range(self.size)] for g in graphs], bool)


def search(lattice: Lattice) -> tuple[list[int], int]:
    """Irreducible graphs, smallest first, and up to which size they are all there are.

    Args:
        lattice: nothing known yet.
    """
    working, complete = _searched(lattice)
    if lattice.fits.is_exact:
        return working, complete
    # Where starts decide, what is left is tried once more without each of its couplings.
    while True:
        near = {c: _moved(lattice, g, c) for g in working for c in lattice.children(g)}
        lattice.try_again([c for c in near if c not in lattice.working], near)
        again = [g for g in near if g in lattice.working]
        if not again:
            return working, complete
        working = _irreducible(lattice, [*working, *again])


def _searched(lattice: Lattice) -> tuple[list[int], int]:
    """Irreducible graphs, smallest first, and up to which size they are all there are.

    From the full graph downwards, size by size, as long as as few graphs work as may be tried:
    one with a larger graph that fails is not tried. Where there are too many, random ways down
    find small ones, and all graphs of fewer couplings are tried, smallest first, as far as that
    goes.
    """
    full = (1 << lattice.size) - 1
    lattice.try_all([full])
    if full not in lattice.working:
        return _from_below(lattice, full)
    level = [full]
    while level:
        below = _level_below(lattice, level)
        if lattice.tried + len(below) > max(lattice.most // 4, TOGETHER):
            return _from_both_ends(lattice, level)
        lattice.try_all(below, below)
        level = [g for g in below if g in lattice.working]
    return _irreducible(lattice, lattice.working), lattice.size


def _level_below(lattice: Lattice, level: Sequence[int]) -> dict[int, np.ndarray]:
    """Graphs all of whose parents work, with parameters of one of them."""
    works = set(level)
    below: dict[int, np.ndarray] = {}
    for graph in level:
        for child in lattice.children(graph):
            if child not in below and all(p in works for p in lattice.parents(child)):
                below[child] = _moved(lattice, graph, child)
    return below


def _moved(lattice: Lattice, graph: int, child: int) -> np.ndarray:
    """Parameters of a graph in the order of its child, which may be a mirror image of a part."""
    theta, first = lattice.working[graph], lattice.fits.polynomials.first
    for p in lattice.symmetries:
        bits = [k for k in range(lattice.size) if graph >> k & 1]
        if child & ~sum(1 << int(p[k]) for k in bits):
            continue
        moved = np.zeros_like(theta)
        for k in bits:
            moved[first[p[k]] : first[p[k] + 1]] = theta[first[k] : first[k + 1]]
        return moved
    return theta


def _irreducible(lattice: Lattice, graphs: Iterable[int]) -> list[int]:
    """Graphs that work and no known smaller part of which does."""
    smallest: list[int] = []
    parts: list[int] = []
    for graph in sorted(graphs, key=lambda g: (g.bit_count(), g)):
        if not any(part & ~graph == 0 for part in parts):
            smallest.append(graph)
            parts += lattice.orbit(graph)
    return smallest


def _from_both_ends(lattice: Lattice, level: Sequence[int]) -> tuple[list[int], int]:
    """Small graphs by random ways down; then all of no more couplings than the smallest."""
    irreducible = _descents(lattice, level)
    complete = _upwards(lattice, AT_ONCE)
    small = {g for g in lattice.working if g.bit_count() <= complete}
    return _irreducible(lattice, {*irreducible, *small}), complete


def _from_below(lattice: Lattice, full: int) -> tuple[list[int], int]:
    """What small graphs do where the full one fails.

    Where that is a proof, nothing works. Otherwise no start may have led there: from where many
    couplings are on, the way is hard to find, and graphs of a few are soon tried.
    """
    if lattice.fits.is_exact:
        return [], lattice.size
    lattice.failing.discard(full)
    complete = _upwards(lattice, FROM_BELOW)
    irreducible = _irreducible(lattice, lattice.working)
    if not irreducible:
        lattice.failing.add(full)
        return [], lattice.size
    return irreducible, complete


def _upwards(lattice: Lattice, together: int) -> int:
    """Sizes from below, each as a whole, up to the first with a graph that works."""
    complete, count = 0, 0
    for size in range(1, lattice.size):
        count += comb(lattice.size, size)
        if count > together or not _try_size(lattice, size):
            break
        complete = size
        if any(g.bit_count() <= size for g in lattice.working):
            break
    return complete


def _descents(lattice: Lattice, level: Sequence[int]) -> list[int]:
    """Irreducible graphs at the ends of random ways down, all ways at once.

    A way leaves out the coupling that is weakest where it is, up to chance, and keeps those that
    cannot be left out: what is needed by a graph is needed by its parts.
    """
    rng = lattice.fits.rng
    ways = [int(level[k]) for k in rng.integers(len(level), size=DESCENTS)]
    needed = [0] * len(ways)
    ends: set[int] = set()
    while ways:
        steps: dict[int, np.ndarray] = {}
        bits = []
        for graph, needed_bits in zip(ways, needed, strict=True):
            bit = _weakest(lattice, graph, graph & ~needed_bits, rng)
            bits.append(bit)
            if graph ^ bit not in steps:
                steps[graph ^ bit] = lattice.working[graph]
        lattice.try_all(steps, steps)
        further = []
        for graph, needed_bits, bit in zip(ways, needed, bits, strict=True):
            works = graph ^ bit in lattice.working
            state = (graph ^ bit, needed_bits) if works else (graph, needed_bits | bit)
            if state[0] & ~state[1]:
                further.append(state)
            else:
                ends.add(state[0])
        ways, needed = [w for w, _ in further], [n for _, n in further]
    return sorted(ends)


def _weakest(lattice: Lattice, graph: int, removable: int, rng: np.random.Generator) -> int:
    """One of the couplings that may be left out, most likely a weak one."""
    theta, first = lattice.working[graph], lattice.fits.polynomials.first
    chosen = [k for k in range(lattice.size) if removable >> k & 1]
    sizes = np.array([np.linalg.norm(theta[first[k] : first[k + 1]]) for k in chosen])
    return 1 << chosen[int(np.argmin(np.log(sizes + 1e-12) + rng.gumbel(size=len(chosen))))]


def _try_size(lattice: Lattice, size: int) -> bool:
    """Decide for all graphs of a size; False where more would be tried than may be.

    Parts of a graph that fails, and graphs with a part that works, are decided without.
    """
    graphs = _subsets(lattice.size, size)
    for part in _irreducible(lattice, [g for g in lattice.working if g.bit_count() < size]):
        for image in lattice.orbit(part):
            graphs = graphs[(graphs & np.uint64(image)) != np.uint64(image)]
    graphs = _without_parts_of(lattice, graphs, lattice.failing)
    while len(graphs):
        if lattice.is_spent:
            return False
        batch = {lattice.canonical(int(g)) for g in graphs[:TOGETHER]}
        lattice.try_all(sorted(batch))
        graphs = graphs[TOGETHER:]
        graphs = _without_parts_of(lattice, graphs, batch & lattice.failing)
    return True


def _without_parts_of(lattice: Lattice, graphs: np.ndarray, failing: Iterable[int]) -> np.ndarray:
    """Graphs that are no part of one that fails."""
    largest: list[int] = []
    for graph in sorted(failing, key=lambda g: (-g.bit_count(), g)):
        if not any(graph & ~other == 0 for other in largest):
            largest.append(graph)
    for graph in largest:
        for image in lattice.orbit(graph):
            graphs = graphs[(graphs & ~np.uint64(image)) != 0]
    return graphs


def _subsets(size: int, count: int) -> np.ndarray:
    """All graphs of `count` of `size` couplings."""
    rows: Any = [sum(1 << k for k in chosen) for chosen in combinations(range(size), count)]
    return np.array(rows, dtype=np.uint64)
