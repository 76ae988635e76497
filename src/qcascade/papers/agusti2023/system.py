"""What a reader may change in agusti2023, with units and ranges."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import qcascade as qc

from ..records import Choice, Parameter, Quantity, Setting, System
from .model import PHOTONS, TABLE, network, steady_state
from .model import point as whole_point

_LIGHT = ("broadband", "amplifier of bandwidth κ")
_ENTRIES = {x.name: x for x in TABLE}


@dataclass(frozen=True)
class OnDemand(Mapping[str, Any]):
    """Results by name, each computed when it is looked up.

    Args:
        recipes: a function without arguments by name.
    """

    recipes: Mapping[str, Callable[[], Any]]

    def __getitem__(self, name: str) -> Any:
        return self.recipes[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self.recipes)

    def __len__(self) -> int:
        return len(self.recipes)


def point(pairs: int = 2, dephasing: float = 0.0, **arguments: Any) -> Mapping[str, Any]:
    """What `point` of the model returns, entry by entry; the closed form where it applies.

    Args:
        pairs: N.
        dephasing: γ_φ.
        **arguments: the other arguments of the model's `point`.

    Returns:
        C_ij, the concurrence of A_i and B_j; purity; S_n, the entropy of the first n pairs.

    >>> round(float(point(detuning=1.0, permutation="reversed")["C_12"]), 10)
    0.2664132603
    """
    span = range(1, pairs + 1)
    if dephasing == 0 and arguments.get("bandwidth", math.inf) == math.inf:
        names = ("squeezing", "detuning", "permutation")
        given = {name: arguments[name] for name in names if name in arguments}
        state = steady_state(pairs, **given)

        def entropy(n: int) -> float:
            first = [f"{rail}{i}.q" for rail in "AB" for i in range(1, n + 1)]
            return float(qc.measures.von_neumann_entropy(state, first))

        return OnDemand(
            {
                f"C_{i}{j}": lambda i=i, j=j: float(
                    qc.measures.concurrence(state, f"A{i}.q", f"B{j}.q")
                )
                for i in span
                for j in span
            }
            | {f"S_{n}": lambda n=n: entropy(n) for n in range(1, pairs)}
            | {"purity": lambda: 1.0}
        )
    found = whole_point(pairs=pairs, dephasing=dephasing, **arguments)
    return {
        **{f"C_{i}{j}": found["concurrence"][i - 1][j - 1] for i in span for j in span},
        **{f"S_{n}": found["entropy"][n - 1] for n in range(1, pairs)},
        "purity": found["purity"],
    }


def points(
    pairs: int = 2, bandwidth: Any = math.inf, dephasing: Any = 0.0, **arguments: Any
) -> tuple[int, int]:
    """Points on a curve and on either side of a map that take a second or two.

    Args:
        pairs: N.
        bandwidth: κ.
        dephasing: γ_φ.
        **arguments: the other arguments, which do not matter here.

    >>> points(2), points(2, dephasing=0.1)
    ((100, 40), (9, 4))
    """
    if bandwidth == math.inf and not dephasing:
        return (100, 40)
    if bandwidth == math.inf:
        return {1: (31, 7), 2: (9, 4)}.get(pairs, (7, 3))
    return (7, 3) if pairs == 1 else (5, 2)


def _parameters(setting: Setting) -> tuple[Parameter, ...]:
    names = ["detuning", "squeezing", "dephasing"]
    if setting["light"] != "broadband":
        names += ["bandwidth", "offset"]
    return tuple(
        x._replace(default=x.default if x.start is None else x.start)
        for x in map(_ENTRIES.get, names)
        if isinstance(x, Parameter)
    )


def _quantities(setting: Setting) -> Mapping[str, Quantity]:
    span = range(1, setting["pairs"] + 1)
    found = {
        f"C_{i}{j}": Quantity(f"C_{i}{j}", f"C_{i}{j}", f"concurrence of A{i} and B{j}")
        for i in span
        for j in span
    }
    found["purity"] = Quantity("purity", "μ", "purity of the qubits' state")
    for n in span[:-1]:
        text = f"entropy of the first {n} pair{'s' if n > 1 else ''}"
        found[f"S_{n}"] = Quantity(f"S_{n}", f"S_{n}", text, "nat")
    return found


def _fixed(setting: Setting) -> dict[str, Any]:
    fixed = {name: setting[name] for name in ("pairs", "permutation")}
    if setting["light"] == "broadband":
        return {**fixed, "bandwidth": math.inf}
    return {**fixed, "photons": PHOTONS}


def _network(photons: int = PHOTONS, **arguments: Any) -> qc.Network:
    """Parts and wires; the cutoff of the amplifier is not part of them."""
    return network(**arguments)


def _choice(name: str, default: Any) -> Choice:
    found = _ENTRIES[name]
    return Choice(name, found.meaning, getattr(found, "options", ()), default)


SYSTEM = System(
    point,
    (
        _choice("pairs", 2),
        _choice("permutation", "reversed"),
        Choice("light", "source of squeezed light", _LIGHT, "broadband"),
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
