"""Routing entanglement through quantum networks (Pelka, Aquilina, Xuereb), DOI 10.1103/hsc8-pv2s.

A squeezed node 0 is coupled to one end of a chain of nodes 1 … M. Neighbours hop coherently
and share a bath; matched, the two paths cancel in one direction:

    H = Σ ω a†a + Σ_{l=1}^{M−1} (iJ a_l†a_{l+1} + h.c.) + j(a_0†a_e + h.c.) + (ir/2)(a_0² − a_0†²)
    jumps √γ c_l with c_l = w(a_l + a_{l+1}) on every edge, √γ_out a_k on every node

with e = 1 (forward) or e = M (backward). An edge is one-way, l → l+1, iff J = w²γ/2.

Two readings: `one-way` takes w = 1 with J = γ/2, which does what the paper says; `printed`
takes the letter, w = 1/√2 with J = γ/2, whose edges also carry backward at γ/4 (forward 3γ/4).
Frequencies are in units of ω; everything is in the frame where the two-photon pump is static.
"""

from typing import Any

import numpy as np

import qcascade as qc

from .. import steady_or_nan
from ..records import Choice, Parameter, Quantity, Setting, explored
from ..taken import complex_number, number, rate, takes, whole

UNIT = "ω"
LONGEST = 5000
"""Nodes of a chain, at most; a few thousand take a minute."""

ENTANGLED = 1e-12
"""E_N above this counts as entangled: rounding is 1e-15, the figures' least value 2.7e-6."""

TABLE = (
    Parameter(
        *("hopping", "j", "hopping from the squeezed node into the chain", UNIT, 0, 1, 0.5),
        word="hopping",
        check=complex_number,
    ),
    Parameter(
        *("squeezing", "r", "squeezing of node 0", UNIT, 0, 1, 0.3), word="squeezing", check=number
    ),
    Choice("direction", "which end of the chain node 0 is at", ("forward", "backward"), "forward"),
    Choice("length", "nodes in the chain, M", tuple(range(2, 13)), 10, whole(1, LONGEST)),
    Parameter("gamma", "γ", "decay into the common baths; J = γ/2", UNIT, 0, 2, 0.8, check=rate),
    Parameter("gamma_out", "γ_out", "decay of every node by itself", UNIT, 0, 0.1, 0.002),
    Parameter(
        *("occupation", "n̄", "thermal occupation of all baths", "quanta", 0, 1, 0.0), check=rate
    ),
    Choice("reading", "weights of the common baths", ("one-way", "printed"), "one-way"),
)


@takes(
    TABLE,
    without=("occupation",),
    also={"common_occupation": 0.0, "local_occupation": 0.0, "frequency": 1.0},
)
def network(at: Any) -> qc.Network:
    """The squeezed node and its chain as a network.

    Args:
        common_occupation: thermal occupation of the common baths.
        local_occupation: thermal occupation of the local baths.
        frequency: ω; 1 in the paper's units, 0 for the frame that rotates with the nodes.

    >>> network(length=2).modes
    ('0.a', '1.a', '2.a')
    """
    weight = 1.0 if at.reading == "one-way" else np.sqrt(0.5)
    nodes, couplings = _chain(at, at.frequency)
    warm = {"occupation": at.local_occupation}
    couplings |= {
        f"bath{k}": qc.local_bath(f"{k}.a", at.gamma_out, **warm) for k in range(at.length + 1)
    }
    for l in range(1, at.length):
        pair = {f"{l}.a": weight, f"{l + 1}.a": weight}
        couplings[f"edge{l}"] = qc.common_bath(pair, at.gamma, occupation=at.common_occupation)
    return qc.Network(nodes, couplings=couplings)


@takes(
    TABLE,
    without=("occupation", "reading"),
    also={"mechanical_damping": 100.0, "mechanical_occupation": 0.0},
)
def optomechanical_network(at: Any) -> qc.Network:
    """The chain with a damped mechanical mode b_l as the common bath of every edge.

    H adds G(a_l†b_l + a_{l+1}†b_l + h.c.), b_l resonant with the nodes and damped at γ_m.
    Eliminating b_l gives the common bath c = a_l + a_{l+1} with γ = 4G²/γ_m, so G = √(γγ_m)/2.

    Args:
        mechanical_damping: γ_m, energy decay of the mechanical modes.
        mechanical_occupation: thermal occupation of their baths.

    >>> optomechanical_network(length=2).modes
    ('0.a', '1.a', '2.a', 'b1.a')
    """
    coupling = np.sqrt(at.gamma * rate("mechanical_damping", at.mechanical_damping)) / 2
    nodes, couplings = _chain(at, 1.0)
    couplings |= {f"bath{k}": qc.local_bath(f"{k}.a", at.gamma_out) for k in range(at.length + 1)}
    for l in range(1, at.length):
        nodes[f"b{l}"] = qc.cavity(1.0, at.mechanical_damping, occupation=at.mechanical_occupation)
        couplings[f"light{l}"] = qc.hopping(f"{l}.a", f"b{l}.a", coupling)
        couplings[f"light{l}next"] = qc.hopping(f"{l + 1}.a", f"b{l}.a", coupling)
    return qc.Network(nodes, couplings=couplings)


def _chain(at: Any, frequency: Any) -> tuple[dict[str, qc.Component], dict[str, qc.Component]]:
    """Nodes and coherent couplings, common to both networks."""
    end = 1 if at.direction == "forward" else at.length
    nodes = {"0": qc.squeezed_mode(-at.squeezing, frequency)}
    nodes |= {str(k): qc.cavity(frequency) for k in range(1, at.length + 1)}
    couplings = {"drive": qc.hopping("0.a", f"{end}.a", at.hopping)}
    for l in range(1, at.length):
        couplings[f"hop{l}"] = qc.hopping(f"{l}.a", f"{l + 1}.a", 0.5j * at.gamma)
    return nodes, couplings


@takes(TABLE)
def warm_network(at: Any) -> qc.Network:
    """The network with one occupation for all baths, as `point` takes it."""
    both = {"common_occupation": at.occupation, "local_occupation": at.occupation}
    return network(**{x: y for x, y in at._asdict().items() if x != "occupation"}, **both)


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Steady-state entanglement of the squeezed node with every node of the chain.

    E_N(0,k) in nats; M_max is the largest k with E_N(0,k) > 0, counted by the node's number as
    in the paper (backward, node M is the neighbour of node 0), 0 when there is none.

    Returns:
        stable (…); E_N (…, M); reach = M_max (…); occupation (…, M + 1) of nodes 0 … M. Where
        unstable, `stable` is false and the others are NaN.

    >>> point(hopping=0.1, squeezing=0.1)["E_N"][:2].round(9)
    array([0.00476377, 0.00164778])
    """
    steady = steady_or_nan(qc.gaussian(warm_network(*at)))
    E_N, quanta = entanglement(steady, at.length), qc.measures.occupation(steady)
    return {"stable": steady.stable, "E_N": E_N, "reach": reach(E_N), "occupation": quanta}


def state(*arguments: Any, **named: Any) -> qc.GaussianState:
    """The steady state of the network; a single unstable point is NaN, as in a sweep."""
    return steady_or_nan(qc.gaussian(network(*arguments, **named)))


def entanglement(state: qc.GaussianState, length: int) -> Any:
    """E_N(0, k) for k = 1 … M, array (…, M)."""
    return np.stack([qc.log_negativity(state, "0", f"{k}") for k in range(1, length + 1)], axis=-1)


def reach(E_N: Any) -> Any:
    """M_max (…): the largest k with E_N(0,k) > 0, of (…, M); NaN where there is no steady state."""
    numbers = np.arange(1, E_N.shape[-1] + 1)
    largest = np.where(E_N > ENTANGLED, numbers, 0).max(axis=-1)
    unknown = np.isnan(E_N).any(axis=-1)
    return np.where(unknown, np.nan, largest) if unknown.any() else largest


def threshold(hopping: Any, gamma: float = 0.8, gamma_out: float = 0.002) -> Any:
    """Squeezing above which there is no steady state: r_c = |iω + γ_o/2 + j²/(iω + (γ+γ_o)/2)|.

    Node 0 and the end node decide alone, since the others are downstream.

    >>> round(float(threshold(0.8)), 6)
    0.500616
    """
    return np.abs(1j + gamma_out / 2 + np.square(hopping) / (1j + (gamma + gamma_out) / 2))


def _quantities(setting: Setting) -> dict[str, Quantity]:
    nodes = range(setting["length"] + 1)
    meant = "entanglement of node 0 with node"
    entangled = [Quantity("E_N", f"E_N(0,{k})", f"{meant} {k}", "nat", (k - 1,)) for k in nodes[1:]]
    quanta = [
        Quantity("occupation", f"n_{k}", f"quanta in node {k}", "quanta", (k,)) for k in nodes
    ]
    depth = {"reach": Quantity("reach", "M_max", "last node entangled with node 0")}
    numbered = {f"E_N_{k}": x for k, x in enumerate(entangled, 1)}
    return numbered | depth | {f"n_{k}": x for k, x in enumerate(quanta)}


SYSTEM = explored(
    TABLE,
    point,
    _quantities,
    warm_network,
    lambda **arguments: qc.gaussian(warm_network(**arguments)),
    note="Node 0 is squeezed; neighbours in the chain hop and share a bath. The one-way reading "
    "lets excitations pass in one direction only, the printed one leaks back.",
)
