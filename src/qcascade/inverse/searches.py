"""Which couplings reach a target: the search, and the check of every answer by the package."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations
from time import perf_counter
from typing import Any

import numpy as np

from ..base.checks import (
    ConvergenceError,
    UnstableError,
    count,
    fail,
    flag,
    listed,
    mapping,
    one_of,
    rate,
    single,
)
from ..base.keywords import spoken
from ..base.progress import progress_bar
from ..dynamics import steady_state
from ..linear.langevin import gaussian
from ..linear.state import GaussianState
from ..lyapunov.solve import growth
from .couplings import KINDS, Edge, Nodes, network_of, values_of
from .discovery import Discovery, Graph
from .fitting import Fits, fits_of
from .graphs import Lattice, search
from .names import node_names
from .phases import free_turns, readable
from .targets import Entangled, Target, Transmits, checked_target, missed

MODES, COUPLINGS = 6, 60
"""Modes and couplings of a search, at most."""
ACCURACY = 1e-6
"""How far an answer may be from its target when the package computes it independently."""


@spoken
def discover(
    modes: Iterable[str] | Mapping[str, Any],
    edges: Iterable[str] | Mapping[str, Any],
    *,
    target: Any,
    occupations: Mapping[str, Any] | None = None,
    largest: Any = None,
    starts: int = 32,
    most: int = 20_000,
    seed: int = 0,
    progress: bool = True,
) -> Discovery:
    """Which couplings, and how strong, reach a target: the smallest graphs first.

    A graph is a set of couplings between modes with ports of their own; a graph works where some
    values of its couplings have a steady state that is, or scatter as, the target says. Every
    coupling is a Hamiltonian or a jump, so whatever is found is physical. Graphs of which a larger
    one fails are not tried, nor are mirror images (the search of Landgraf, Peano & Marquardt, Phys.
    Rev. Res. 7, 023192 (2025), here with phases, baths and states). Within a graph, Levenberg and
    Marquardt's steps have exact derivatives, from one adjoint Lyapunov equation a residual.

    Args:
        modes: names, each with a port of decay 1; or decays κ by name, zero for a mode without.
        edges: kinds of couplings, each then allowed everywhere: "detuning", "drive" (of
            `squeezed_mode`), "hopping", "two_mode_squeezing", "one_way", "local_bath",
            "gain_bath", "common_bath", "pair_bath" (jump u a + v b†), "squeezed_bath" (u a + v
            a†); or by kind the modes, or pairs of modes, that may have it.
        target: `entangled(a, b, E_N)`; `transmits(modes, powers)`; or a `GaussianState` of some
            modes, such as `two_mode_squeezed` or `cluster_state`.
        occupations: thermal occupations of the modes' own baths by name; zero when omitted.
        largest: bound of every rate; ten times the fastest decay when omitted.
        starts: random starts of a graph before it counts as one that fails.
        most: graphs that may be tried.
        seed: of the starts: the same seed finds the same answers.
        progress: show a progress bar on a terminal.

    Returns:
        A `Discovery`: the irreducible graphs, of which every coupling is needed, each with values
        that were checked with `gaussian`, `steady_state` and `scattering`.

    Raises:
        ArgumentError: for unknown kinds or modes, too few or too many modes, a target that is
            not physical or of the wrong shape.

    >>> from qcascade import transmits
    >>> circulator = transmits(["a", "b", "c"], [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    >>> found = discover(["a", "b", "c"], ["hopping"], target=circulator, progress=False)
    >>> print(found.graphs[0])
    hopping(a, b) 0.5, hopping(a, c) 0.5, hopping(b, c) 0.5 e^{+0.5πi}
    """
    nodes = _nodes(modes, occupations)
    names, unit = nodes.names, nodes.unit
    couplings = _edges(edges, names)
    wish = checked_target(target, nodes)
    low = np.finfo(float).tiny
    bound = 10 * unit if largest is None else largest
    bound = single("largest", bound, low, 1e100, "a rate above zero")
    tries = count("starts", starts, 1, 10_000)
    allowed, start = count("most", most, 1, 10_000_000), count("seed", seed, low=0)
    began = perf_counter()
    fits = fits_of(wish, nodes, couplings, bound, tries, start)
    with progress_bar("graphs", flag("progress", progress)) as tell:
        lattice = Lattice(fits, _symmetries(wish, nodes, couplings), allowed, tell)
        irreducible, complete = search(lattice)
    graphs = []
    for graph in irreducible:
        answer = _answer(fits, lattice.working[graph], graph, nodes, wish)
        if answer is not None:
            graphs.append(answer)
    return Discovery(
        nodes,
        str(wish) if not isinstance(wish, GaussianState) else f"state of {', '.join(wish.modes)}",
        tuple(graphs),
        len(couplings),
        complete,
        len(irreducible) - len(graphs),
        lattice.tried,
        fits.done,
        perf_counter() - began,
    )


def _answer(
    fits: Fits,
    theta: np.ndarray,
    graph: int,
    nodes: Nodes,
    target: Target,
) -> Graph | None:
    """The graph with readable values, once the package has found its target reached; or None."""
    first = fits.polynomials.first
    chosen = [k for k in range(len(fits.edges)) if graph >> k & 1]
    theta = fits.best(theta, np.array([k in chosen for k in range(len(fits.edges))]))
    edges = [fits.edges[k] for k in chosen]
    raw = [_scaled(fits.edges[k], theta[first[k] : first[k + 1]], nodes.unit) for k in chosen]
    values, loops = readable(edges, raw, free_turns(target, nodes.names))
    try:
        model = gaussian(network_of(nodes, edges, values))
        off = missed(target, model, steady_state(model))
    except (UnstableError, ConvergenceError):
        return None
    if not off <= ACCURACY:
        return None
    named = tuple((e.kind, tuple(nodes.names[k] for k in e.modes)) for e in edges)
    places = tuple(e.modes for e in edges)
    told = tuple(tuple(value) for value in values)
    return Graph(named, places, told, tuple(loops), off, float(growth(model.A)))


def _scaled(edge: Edge, parameters: np.ndarray, unit: float) -> list[Any]:
    """Values in the user's unit: amplitudes of jumps are roots of rates."""
    values = values_of(edge, parameters)
    scale = np.sqrt(unit) if len(values) > 1 else unit
    return [scale * x for x in values]


def _nodes(modes: Any, occupations: Any) -> Nodes:
    """Modes with their decays and baths."""
    pairs = modes if isinstance(modes, Mapping) else None
    names = node_names("modes", [*pairs] if pairs is not None else modes)
    if not 1 < len(names) <= MODES:
        raise fail("modes", f"be two to {MODES} modes", modes)
    decays = [1.0] * len(names)
    if pairs is not None:
        decays = [_single(f"modes[{name}]", x) for name, x in pairs.items()]
    baths = {} if occupations is None else occupations
    mapping("occupations", baths, "names of modes to numbers")
    for name in baths:
        one_of("occupations", name, names, "about modes of the search")
    quanta = [_single(f"occupations[{name}]", baths.get(name, 0.0)) for name in names]
    for name, decay, n in zip(names, decays, quanta, strict=True):
        if n > 0 and not decay > 0:
            raise fail(f"occupations[{name}]", "belong to a mode with a decay above zero", n)
    return Nodes(names, tuple(decays), tuple(quanta))


def _single(name: str, value: Any) -> float:
    checked = rate(name, value)
    if np.ndim(checked):
        raise fail(name, "be one number zero or above", value)
    return float(checked)


def _edges(edges: Any, names: Sequence[str]) -> list[Edge]:
    """Couplings of the full graph, in the order of `KINDS`."""
    if isinstance(edges, str) or not isinstance(edges, Iterable):
        raise fail("edges", f"be a list of kinds, {listed(KINDS)}, or a mapping from them", edges)
    for kind in edges:
        one_of("edges", kind, KINDS, "a kind of coupling")
    asked: dict[str, Any] = dict(edges) if isinstance(edges, Mapping) else dict.fromkeys(edges)
    allowed: list[Edge] = []
    for kind in KINDS:
        if kind in asked:
            places = asked[kind]
            every = places is None
            chosen = _everywhere(kind, len(names)) if every else _chosen(kind, places, names)
            allowed += [Edge(kind, place) for place in chosen]
    if not 0 < len(allowed) <= COUPLINGS:
        raise fail("edges", f"allow one to {COUPLINGS} couplings", f"{len(allowed)} of them")
    return allowed


def _everywhere(kind: str, modes: int) -> list[tuple[int, ...]]:
    """All modes or pairs of modes."""
    if KINDS[kind].modes == 1:
        return [(k,) for k in range(modes)]
    pairs = permutations if KINDS[kind].ordered else combinations
    return list(pairs(range(modes), 2))


def _chosen(kind: str, places: Any, names: Sequence[str]) -> list[tuple[int, ...]]:
    """Modes, or pairs of modes, by number."""
    single_mode = KINDS[kind].modes == 1
    must = f"be a list of {'modes' if single_mode else 'pairs of modes'}: {listed(names)}"
    if isinstance(places, str | Mapping) or not isinstance(places, Iterable):
        raise fail(f"edges[{kind}]", must, places)
    numbered: list[tuple[int, ...]] = []
    for place in places:
        ends = (place,) if single_mode else place
        if not isinstance(ends, list | tuple) or len(ends) != KINDS[kind].modes:
            raise fail(f"edges[{kind}]", must, place)
        for end in ends:
            one_of(f"edges[{kind}]", end, names, "about modes of the search")
        numbers = tuple(names.index(end) for end in ends)
        ordered = numbers if KINDS[kind].ordered else tuple(sorted(numbers))
        if len({*numbers}) < len(numbers):
            raise fail(f"edges[{kind}]", "join two different modes", place)
        if ordered not in numbered:
            numbered.append(ordered)
    return numbered


def _symmetries(target: Target, nodes: Nodes, edges: Sequence[Edge]) -> list[np.ndarray]:
    """Permutations of couplings by those of the modes that change nothing: the identity first."""
    place = {edge: k for k, edge in enumerate(edges)}
    symmetries = []
    own = list(zip(*nodes[1:], strict=True))
    for order in permutations(range(len(own))):
        if [own[k] for k in order] != own or not _same(target, nodes.names, order):
            continue
        images = []
        for edge in edges:
            ends = tuple(order[k] for k in edge.modes)
            ends = ends if KINDS[edge.kind].ordered else tuple(sorted(ends))
            images.append(place.get(Edge(edge.kind, ends)))
        if None not in images:
            symmetries.append(np.array(images))
    return symmetries


def _same(target: Target, names: Sequence[str], order: Sequence[int]) -> bool:
    """Whether a target is the same when mode k is called order[k]."""
    called = {name: names[order[k]] for k, name in enumerate(names)}
    if isinstance(target, Entangled):
        ends = {target.first, target.second}
        return {called[x] for x in ends} == ends
    used = tuple(target.modes)
    if {called[x] for x in used} != {*used}:
        return False
    at = [used.index(called[x]) for x in used]
    if isinstance(target, Transmits):
        return np.array_equal(target.powers[np.ix_(at, at)], target.powers, equal_nan=True)
    quadratures = [2 * k + e for k in at for e in range(2)]
    V = target.cov
    return np.allclose(V[np.ix_(quadratures, quadratures)], V, rtol=0, atol=1e-12 * np.abs(V).max())
