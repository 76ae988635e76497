"""What a reader may explore of agusti2023: results one by one, and settings of its own."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import qcascade as qc

from ..records import Choice, Parameter, Quantity, Setting, System
from .engine import amplified, first_pairs, qubits
from .model import PHOTONS, TABLE, network, steady_state

_ENTRIES: dict[str, Any] = {x.name: x for x in TABLE}
_LIGHT = ("broadband", "amplifier of bandwidth κ")


@dataclass(frozen=True)
class OnDemand(Mapping[str, Any]):
    """Results by name, each computed by its recipe when it is looked up."""

    recipes: Mapping[str, Callable[[], Any]]

    def __getitem__(self, name: str) -> Any:
        return float(self.recipes[name]())

    def __iter__(self) -> Iterator[str]:
        return iter(self.recipes)

    def __len__(self) -> int:
        return len(self.recipes)


def point(
    pairs: int = 2, dephasing: float = 0.0, photons: int = 8, **arguments: Any
) -> Mapping[str, Any]:
    """Numbers of the steady state one by one; of the closed form where it applies.

    C_ij, the concurrence of A_i and B_j; purity; S_n, the entropy of the first n pairs.

    >>> round(point(detuning=1.0, permutation="reversed")["C_12"], 10)
    0.2664132603
    """
    if dephasing == 0 and arguments.get("bandwidth", math.inf) == math.inf:
        names = ("squeezing", "detuning", "permutation")
        given = {name: arguments[name] for name in names if name in arguments}
        state: Any = steady_state(pairs, **given)
    else:
        net = network(pairs, dephasing=dephasing, **arguments)
        model = amplified(net, arguments.get("squeezing", 1.0), photons)
        state = qubits(qc.steady_state(model, tolerance=1e-12))
    span = range(1, pairs + 1)
    C, S = qc.measures.concurrence, qc.measures.von_neumann_entropy
    return OnDemand(
        {f"C_{i}{j}": partial(C, state, f"A{i}.q", f"B{j}.q") for i in span for j in span}
        | {f"S_{n}": partial(S, state, first_pairs(n)) for n in span[:-1]}
        | {"purity": partial(qc.measures.purity, state)}
    )


def points(
    pairs: int = 2, bandwidth: Any = math.inf, dephasing: Any = 0.0, **arguments: Any
) -> tuple[int, int]:
    """Points on a curve and on either side of a map that take a second or two.

    >>> points(2), points(2, dephasing=0.1)
    ((100, 40), (9, 4))
    """
    if bandwidth == math.inf:
        return {1: (31, 7), 2: (9, 4)}.get(pairs, (7, 3)) if dephasing else (100, 40)
    return (7, 3) if pairs == 1 else (5, 2)


def _parameters(setting: Setting) -> tuple[Parameter, ...]:
    names = ["detuning", "squeezing", "dephasing"]
    names += [] if setting["light"] == _LIGHT[0] else ["bandwidth", "offset"]
    chosen = [_ENTRIES[name] for name in names]
    return tuple(x._replace(default=x.start or x.default) for x in chosen)


def _quantities(setting: Setting) -> Mapping[str, Quantity]:
    span = range(1, setting["pairs"] + 1)
    found = [
        Quantity(f"C_{i}{j}", f"C_{i}{j}", f"concurrence of A{i} and B{j}")
        for i in span
        for j in span
    ]
    found.append(Quantity("purity", "μ", "purity of the qubits' state"))
    for n in span[:-1]:
        text = f"entropy of the first {n} pair{'s' if n > 1 else ''}"
        found.append(Quantity(f"S_{n}", f"S_{n}", text, "nat"))
    return {x.source: x for x in found}


def _fixed(setting: Setting) -> dict[str, Any]:
    broadband = setting["light"] == _LIGHT[0]
    light = {"bandwidth": math.inf} if broadband else {"photons": PHOTONS}
    return {name: setting[name] for name in ("pairs", "permutation")} | light


def _network(photons: int = PHOTONS, **arguments: Any) -> qc.Network:
    """Parts and wires; the cutoff of the amplifier is not part of them."""
    return network(**arguments)


SYSTEM = System(
    point,
    (
        _ENTRIES["pairs"],
        _ENTRIES["permutation"]._replace(default="reversed"),
        Choice("light", "source of squeezed light", _LIGHT, _LIGHT[0]),
    ),
    _parameters,
    _quantities,
    _fixed,
    _network,
    None,
    broadcasts=False,
    points=points,
    note="Two rails of qubits fed by squeezed light. With broadband light and no dephasing the "
    "state is known in closed form; otherwise every point solves a master equation (at most "
    f"{PHOTONS} photons in the amplifier).",
)
"""Parameters, quantities and network."""
