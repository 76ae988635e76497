"""What a reader may change in pelka2026, with units and ranges."""

from collections.abc import Mapping
from typing import Any

import qcascade as qc

from ..records import Choice, Parameter, Quantity, Setting, System
from .model import network, point

_OMEGA = "ω"
_PARAMETERS = (
    Parameter("hopping", "j", "hopping from the squeezed node into the chain", _OMEGA, 0, 1, 0.5),
    Parameter("squeezing", "r", "squeezing of node 0", _OMEGA, 0, 1, 0.3),
    Parameter("gamma", "γ", "decay into the common baths; J = γ/2", _OMEGA, 0, 2, 0.8),
    Parameter("gamma_out", "γ_out", "decay of every node by itself", _OMEGA, 0, 0.1, 0.002),
    Parameter("occupation", "n̄", "thermal occupation of all baths", "quanta", 0, 1, 0),
)


def _quantities(setting: Setting) -> Mapping[str, Quantity]:
    length = setting["length"]
    found = {
        f"E_N_{k}": Quantity(
            "E_N", f"E_N(0,{k})", f"entanglement of node 0 with node {k}", "nat", (k - 1,)
        )
        for k in range(1, length + 1)
    }
    found["reach"] = Quantity("reach", "M_max", "last node entangled with node 0")
    for k in range(length + 1):
        found[f"n_{k}"] = Quantity("occupation", f"n_{k}", f"quanta in node {k}", "quanta", (k,))
    return found


def _network(occupation: Any = 0.0, **arguments: Any) -> qc.Network:
    """The network with one occupation for all baths, as `point` takes it."""
    both = {"common_occupation": occupation, "local_occupation": occupation}
    return network(**arguments, **both)


def _model(**arguments: Any) -> qc.GaussianModel:
    return qc.gaussian(_network(**arguments))


SYSTEM = System(
    point,
    (
        Choice(
            "direction", "which end of the chain node 0 is at", ("forward", "backward"), "forward"
        ),
        Choice("length", "nodes in the chain, M", tuple(range(2, 13)), 10),
        Choice("reading", "weights of the common baths", ("one-way", "printed"), "one-way"),
    ),
    lambda setting: _PARAMETERS,
    _quantities,
    dict,
    _network,
    _model,
    note="Node 0 is squeezed; neighbours in the chain hop and share a bath. The one-way reading "
    "lets excitations pass in one direction only, the printed one leaks back.",
)
"""Parameters, quantities, network and model."""
