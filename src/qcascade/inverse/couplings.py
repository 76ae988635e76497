"""Couplings that a search may use: how each is made of parts, and what its phase turns with.

Parameters are real numbers in which drift and diffusion are polynomials of second degree: both
parts of a rate, the amplitudes of a jump, and for a one-way edge h with g = h², whose jump is
h a + h* b. The polynomials are read off from the parts themselves, so what is searched is what
`Network` and `gaussian` make of them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linear.langevin import gaussian
from ..parts.baths import common_bath, gain_bath, local_bath, one_way
from ..parts.optics import cavity, hopping, squeezed_mode, two_mode_squeezing
from ..slh.component import Component
from ..slh.network import Network
from .names import free_name


class Kind(NamedTuple):
    """One kind of coupling.

    Args:
        modes: how many modes it joins.
        ordered: whether a–b is another edge than b–a.
        parts: what its real parameters are: "r" a real number, "c" a complex one (two).
        amplifies: parameters that can make a network unstable, by their places.
        charges: how often the phase of its complex number turns against that of each mode.
        couple: the coupling from modes and values, or None for what belongs to the mode itself.
    """

    modes: int
    ordered: bool
    parts: str
    amplifies: tuple[int, ...]
    charges: tuple[int, ...]
    couple: Callable[[tuple[str, ...], Sequence[Any]], Component] | None


def _common(ends: tuple[str, ...], values: Sequence[Any]) -> Component:
    return common_bath({ends[0]: values[0], ends[1]: values[1]}, 1.0)


def _pair(ends: tuple[str, ...], values: Sequence[Any]) -> Component:
    return common_bath({ends[0]: values[0]}, 1.0, raising={ends[-1]: values[1]})


# With a → e^{iφ} a a coupling's number turns by e^{iΣ qφ}: hopping J a†b by φ_b − φ_a.
KINDS = {
    "detuning": Kind(1, False, "r", (), (0,), None),
    "hopping": Kind(2, False, "c", (), (-1, 1), lambda x, v: hopping(x[0], x[1], v[0])),
    "two_mode_squeezing": Kind(
        2, False, "c", (0, 1), (-1, -1), lambda x, v: two_mode_squeezing(x[0], x[1], v[0])
    ),
    "drive": Kind(1, False, "c", (0, 1), (-2,), None),
    "one_way": Kind(2, True, "c", (), (1, -1), lambda x, v: one_way(x[0], x[1], v[0])),
    "local_bath": Kind(1, False, "r", (), (0,), lambda x, v: local_bath(x[0], v[0])),
    "gain_bath": Kind(1, False, "r", (0,), (0,), lambda x, v: gain_bath({x[0]: 1.0}, v[0])),
    "common_bath": Kind(2, False, "rc", (), (-1, 1), _common),
    "pair_bath": Kind(2, True, "rc", (1, 2), (-1, -1), _pair),
    "squeezed_bath": Kind(1, False, "rc", (1, 2), (-2,), _pair),
}
"""All kinds by name: of the part that makes them, where there is one.

`drive` is the two-photon drive of `squeezed_mode`; `pair_bath` is the jump u a + v b†, and
`squeezed_bath` the jump u a + v a†.
"""


class Edge(NamedTuple):
    """A coupling that a graph may have.

    Args:
        kind: its name.
        modes: the modes it joins, by number.
    """

    kind: str
    modes: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """How many real parameters it has."""
        return sum(2 if x == "c" else 1 for x in KINDS[self.kind].parts)


def values_of(edge: Edge, parameters: Any) -> list[Any]:
    """What a part is made from, of the real parameters on the last axis.

    A rate is itself, a decay rate the square of an amplitude, a one-way rate g = h².
    """
    kind = KINDS[edge.kind]
    values, p = [], 0
    for part in kind.parts:
        if part == "c":
            values.append(parameters[..., p] + 1j * parameters[..., p + 1])
        else:
            values.append(parameters[..., p])
        p += 2 if part == "c" else 1
    if edge.kind in ("one_way", "local_bath", "gain_bath"):
        values[0] = values[0] ** 2
    return values


class Nodes(NamedTuple):
    """Modes with ports of their own.

    Args:
        names: of the modes.
        decays: κ of each mode's port, zero for a mode without.
        occupations: of the baths there.
    """

    names: tuple[str, ...]
    decays: tuple[float, ...]
    occupations: tuple[float, ...]

    @property
    def unit(self) -> float:
        """The fastest decay; 1 where there is none."""
        return max(self.decays) or 1.0

    def scaled(self, factor: float) -> "Nodes":
        """The same with decays multiplied by a factor."""
        return self._replace(decays=tuple(factor * x for x in self.decays))


def network_of(nodes: Nodes, edges: Sequence[Edge], values: Sequence[Any]) -> Network:
    """The network of modes and couplings with the given values."""
    own: dict[str, dict[str, Any]] = {name: {} for name in nodes.names}
    couplings: dict[str, Component] = {}
    for edge, value in zip(edges, values, strict=True):
        ends = [nodes.names[k] for k in edge.modes]
        couple = KINDS[edge.kind].couple
        if couple is None:
            own[ends[0]][edge.kind] = value[0]
        else:
            modes = tuple(f"{name}.a" for name in ends)
            couplings[free_name("_".join([edge.kind, *ends]), couplings)] = couple(modes, value)
    parts = {}
    for name, decay, occupation in zip(*nodes, strict=True):
        turning, ports = own[name].get("detuning", 0.0), decay if decay > 0 else ()
        bath = {"occupation": occupation or None} if decay > 0 else {}
        if "drive" in own[name]:
            parts[name] = squeezed_mode(own[name]["drive"], turning, ports, **bath)
        else:
            parts[name] = cavity(turning, ports, **bath)
    return Network(parts, couplings=couplings)


class Polynomials(NamedTuple):
    """Drift and diffusion of all couplings at once, as the kernels take them.

    Args:
        terms, factors: A = Σ_t factors_t θ_p θ_q E_ij with rows (p, q, i, j); θ_P = 1.
        noise, strengths: D, likewise.
        first: first parameter of every edge.
        partner: the other part of a complex parameter, −1 for a real one.
        amplifying: whether a parameter can make the network unstable.
    """

    terms: np.ndarray
    factors: np.ndarray
    noise: np.ndarray
    strengths: np.ndarray
    first: np.ndarray
    partner: np.ndarray
    amplifying: np.ndarray


def polynomials(nodes: Nodes, edges: Sequence[Edge]) -> Polynomials:
    """The polynomials of drift and diffusion, from the parts with a few values each."""
    counts = [edge.parameters for edge in edges]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(int)
    P = int(first[-1])
    partner, amplifying = np.full(P, -1), np.zeros(P, bool)
    bare = gaussian(network_of(nodes, (), ()))
    rows_of_both: tuple[list[Any], list[Any]] = ([], [])
    for store, matrix in zip(rows_of_both, (bare.A, bare.D), strict=True):
        store += [(P, P, i, j, matrix[i, j]) for i, j in np.argwhere(matrix)]
    for edge, start in zip(edges, first[:-1], strict=True):
        p = start
        for part in KINDS[edge.kind].parts:
            if part == "c":
                partner[[p, p + 1]] = p + 1, p
            p += 2 if part == "c" else 1
        amplifying[start + np.array(KINDS[edge.kind].amplifies, int)] = True
        for store, rows in zip(rows_of_both, _terms(nodes, edge, int(start), P), strict=True):
            store += rows
    (terms, factors), (noise, strengths) = (_arrays(rows) for rows in rows_of_both)
    return Polynomials(terms, factors, noise, strengths, first, partner, amplifying)


def _terms(nodes: Nodes, edge: Edge, start: int, P: int) -> tuple[list[Any], list[Any]]:
    """Terms of one coupling in A and in D: of f(θ) of second degree with f(0) = 0."""
    k = edge.parameters
    unit = np.eye(k)
    pairs = [(p, q) for p in range(k) for q in range(p + 1, k)]
    points = np.concatenate([unit, -unit, *([unit[p] + unit[q]] for p, q in pairs)])
    model = gaussian(network_of(nodes.scaled(0.0), [edge], [values_of(edge, points)]))
    told = []
    for matrix in (model.A, model.D):
        values = np.broadcast_to(matrix, (len(points), *matrix.shape[-2:]))
        plus, minus, both = values[:k], values[k : 2 * k], values[2 * k :]
        rows = _entries((plus - minus) / 2, [(start + p, P) for p in range(k)])
        rows += _entries((plus + minus) / 2, [(start + p, start + p) for p in range(k)])
        mixed = [m - plus[p] - plus[q] for m, (p, q) in zip(both, pairs, strict=True)]
        told.append(rows + _entries(mixed, [(start + p, start + q) for p, q in pairs]))
    return told[0], told[1]


def _entries(matrices: Any, pairs: list[tuple[int, int]]) -> list[Any]:
    """Rows (p, q, i, j, c) of what is not rounding: all factors are simple fractions."""
    return [
        (p, q, i, j, matrix[i, j])
        for matrix, (p, q) in zip(matrices, pairs, strict=True)
        for i, j in np.argwhere(np.abs(matrix) > 1e-12)
    ]


def _arrays(rows: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (p, q, i, j, c) as a table of whole numbers and a row of factors."""
    table = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
    return table, np.array([row[4] for row in rows], dtype=float)
