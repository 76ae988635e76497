"""Network → plan of its diagram: what stands where, what joins what, what acts one way."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail
from ..linear.langevin import gaussian
from ..slh.component import Component
from ..slh.network import Network, open_ports
from ..slh.wiring import without_delays

WIDEST = 5
"""Columns in a row; longer networks go on in the next row, the way an ox ploughs."""


class Link(NamedTuple):
    """What couples parts without a wire.

    `kind` is the catalogue's name, `noise` that of its bath or None where there is none.
    """

    name: str
    kind: str
    parts: tuple[str, ...]
    noise: str | None


class Box(NamedTuple):
    """A part: what it is, where it stands, and what enters and leaves at its open ports."""

    name: str
    kind: str
    sort: str  # "source", "mode", "qubit" or "passive"
    place: tuple[int, int]
    inputs: tuple[tuple[str, str], ...]  # (port, noise)
    outputs: tuple[str, ...]


class Plan(NamedTuple):
    """Everything a diagram shows, without the numbers: equal plans look the same."""

    boxes: tuple[Box, ...]
    wires: tuple[tuple[str, str], ...]  # (part, part), one entry per wire
    links: tuple[Link, ...]
    one_way: frozenset[tuple[str, str]]


def plan(net: Network) -> Plan:
    """What the diagram of a network shows.

    Args:
        net: the network.

    Raises:
        ArgumentError: for anything but a network.

    >>> from qcascade import cavity
    >>> plan(Network({"m": cavity(decay=1.0)})).boxes[0].inputs
    (('in', 'vacuum'),)
    """
    if not isinstance(net, Network):
        raise fail("net", "be a Network", net)
    place = places(net)
    inputs, outputs = open_ports(net)
    squeezed = {port for pair in net.component.squeezings for port in pair}
    entering = {
        port: "squeezed" if port in squeezed else "thermal" if _is_hot(n) else "vacuum"
        for port, n in inputs.items()
    }
    boxes = tuple(
        Box(
            name,
            part.recipe.part.replace("_", " ") if part.recipe else "network",
            _sort(part),
            place[name],
            tuple((_port(p), noise) for p, noise in entering.items() if _part(p) == name),
            tuple(_port(p) for p in outputs if _part(p) == name),
        )
        for name, part in net.parts.items()
    )
    wires = tuple((_part(source), _part(target)) for source, target in net.wires)
    return Plan(boxes, wires, couplings(net), one_way(net))


def _part(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _port(name: str) -> str:
    return name.rsplit(".", 1)[1]


def _is_hot(occupation: Any) -> bool:
    return bool(np.any(np.asarray(occupation) != 0))


def couplings(net: Network) -> tuple[Link, ...]:
    """The couplings of a network with the parts they join.

    Args:
        net: the network.

    >>> from qcascade import cavity, hopping
    >>> net = Network({"a": cavity(), "b": cavity()}, couplings=[hopping("a.a", "b.a", 0.1)])
    >>> couplings(net)[0].parts
    ('a', 'b')
    """
    return tuple(_link(name, part) for name, part in net.couplings.items())


def _link(name: str, part: Component) -> Link:
    modes = dict.fromkeys(mode for ladder in (part.H, *part.L) for mode in ladder.modes)
    parts = tuple(dict.fromkeys(map(_part, modes)))
    hot = any(map(_is_hot, part.occupations.values()))
    noise = None if not part.inputs else "thermal" if hot else "vacuum"
    return Link(name, part.recipe.part if part.recipe else "coupling", parts, noise)


def one_way(net: Network) -> frozenset[tuple[str, str]]:
    """Pairs (from, to) of parts of which the first acts on the second and never the reverse.

    Args:
        net: the network; without a drift of its own (more than quadratic, or with qubits),
            nothing is known to be one-way.

    >>> from qcascade import cavity, fibre
    >>> net = Network({"a": cavity(decay=1.0), "b": cavity(decay=1.0)}, [("a.out", "b.in")])
    >>> sorted(one_way(net))
    [('a', 'b')]
    """
    try:
        model = gaussian(without_delays(net.component))
    except ArgumentError:
        return frozenset()
    # The zeros of a network's own drift are exact: however weak a coupling is, it is one.
    drives = (np.asarray(model.A) != 0).reshape(-1, *np.shape(model.A)[-2:]).any(axis=0)
    blocks = drives.reshape(len(model.modes), 2, -1, 2).any(axis=(1, 3))
    owner = list(map(_part, model.modes))
    acts = {(owner[k], owner[j]) for j, k in np.argwhere(blocks)}
    return frozenset(pair for pair in acts if pair[::-1] not in acts)


def places(net: Network) -> dict[str, tuple[int, int]]:
    """Column and row of every part: downstream to the right, lanes below each other.

    Args:
        net: the network.

    >>> from qcascade import cavity, fibre
    >>> net = Network({"b": cavity(decay=1.0), "a": cavity(decay=1.0)}, [("a.out", "b.in")])
    >>> places(net)
    {'b': (1, 0), 'a': (0, 0)}
    """
    layer = _layers(net)
    lane = _lanes(net, layer)
    deep = max(lane.values(), default=0) + 1
    total = max(layer.values(), default=0) + 1
    stripes = -(-total // WIDEST)
    wide = -(-total // stripes)
    positions = {}
    for name in net.parts:
        stripe, column = divmod(layer[name], wide)
        column = column if stripe % 2 == 0 else wide - 1 - column
        positions[name] = (column, stripe * deep + lane[name])
    return positions


def _neighbours(net: Network) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What each part feeds by wire, and what it is coupled to."""
    feeds: dict[str, list[str]] = {name: [] for name in net.parts}
    joined: dict[str, list[str]] = {name: [] for name in net.parts}
    for source, target in net.wires:
        feeds[_part(source)].append(_part(target))
    for link in couplings(net):
        for first in link.parts:
            joined[first] += [p for p in link.parts if p != first and p not in joined[first]]
    return feeds, joined


def _layers(net: Network) -> dict[str, int]:
    """Longest way from a source by wires, loops cut where they close; then along couplings."""
    feeds, joined = _neighbours(net)
    fed = {target for targets in feeds.values() for target in targets}
    order: list[str] = []  # reverse postorder of a depth-first walk
    ahead = {name: list(targets) for name, targets in feeds.items()}
    seen: set[str] = set()
    for root in (*(n for n in net.parts if n not in fed), *net.parts):
        stack = [] if root in seen else [root]
        seen.update(stack)
        while stack:
            name = stack[-1]
            if ahead[name]:
                after = ahead[name].pop(0)
                if after not in seen:
                    seen.add(after)
                    stack.append(after)
            else:
                order.insert(0, stack.pop())
    rank = {name: k for k, name in enumerate(order)}
    wired = {n for n in net.parts if feeds[n] or n in fed}
    layer = dict.fromkeys(wired, 0)
    for name in order:
        for target in feeds[name]:
            if rank[target] > rank[name]:
                layer[target] = max(layer[target], layer[name] + 1)
    _follow_couplings(net, joined, layer)
    return layer


def _follow_couplings(net: Network, joined: Mapping[str, list[str]], layer: dict[str, int]) -> None:
    """Parts without wires: one layer after what they are coupled to, from the ends inwards."""
    waiting = sorted((n for n in net.parts if n not in layer), key=lambda n: len(joined[n]))
    frontier = list(layer)
    while waiting:
        for name in frontier:
            for other in joined[name]:
                if other not in layer:
                    layer[other] = layer[name] + 1
                    frontier.append(other)
        waiting = [n for n in waiting if n not in layer]
        if waiting:
            layer[waiting[0]] = 0
            frontier = [waiting[0]]


def _lanes(net: Network, layer: Mapping[str, int]) -> dict[str, int]:
    """The lane of what feeds it where that is free, or else the next free one."""
    feeds, joined = _neighbours(net)
    before: dict[str, list[str]] = {name: [] for name in net.parts}
    for name in net.parts:
        for other in (*feeds[name], *joined[name]):
            if layer[other] > layer[name]:
                before[other].append(name)
    lane: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()
    for name in sorted(net.parts, key=lambda n: layer[n]):
        wish = min((lane[b] for b in before[name] if b in lane), default=0)
        while (layer[name], wish) in taken:
            wish += 1
        lane[name] = wish
        taken.add((layer[name], wish))
    return lane


_SOURCES = ("coherent_drive", "squeezed_light", "squeezed_beam", "pair_source", "squeezed_mode")


def _sort(part: Component) -> str:
    """What a box stands for."""
    kind = part.recipe.part if part.recipe else ""
    if kind in _SOURCES:
        return "source"
    return "qubit" if part.qubits else "mode" if part.modes else "passive"
