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

from ...base.checks import count, number, one_of, rate
from .. import steady_or_nan

PARAMETERS: dict[str, Any] = {
    "hopping": 0.5,
    "squeezing": 0.3,
    "direction": "forward",
    "length": 10,
    "gamma": 0.8,
    "gamma_out": 0.002,
    "occupation": 0.0,
    "reading": "one-way",
}
"""Defaults of `point`: the paper's, and (0.5, 0.3) for the hopping and squeezing it scans."""

LONGEST = 5000
"""Nodes of a chain, at most; a few thousand take a minute."""

ENTANGLED = 1e-12
"""E_N above this counts as entangled: far above rounding (1e-15), far below any value of the
figures (2.7e-6 is the smallest at the end of the chain)."""


def network(
    hopping: Any = 0.5,
    squeezing: Any = 0.3,
    direction: str = "forward",
    length: int = 10,
    gamma: Any = 0.8,
    gamma_out: Any = 0.002,
    common_occupation: Any = 0.0,
    local_occupation: Any = 0.0,
    reading: str = "one-way",
    frequency: Any = 1.0,
) -> qc.Network:
    """The squeezed node and its chain as a network.

    The Hamiltonian and the jumps stand at the top of this module.

    Args:
        hopping: j between the squeezed node and the chain (units of ω, as all rates).
        squeezing: r of the squeezed node.
        direction: "forward" (node 0 at node 1) or "backward" (node 0 at node M).
        length: M, number of nodes in the chain.
        gamma: γ, decay into the common baths; the hopping in the chain is J = γ/2.
        gamma_out: decay of every node into a bath of its own.
        common_occupation: thermal occupation of the common baths.
        local_occupation: thermal occupation of the local baths.
        reading: "one-way" or "printed", see above.
        frequency: ω; 1 in the paper's units, 0 for the frame that rotates with the nodes.

    >>> network(length=2).modes
    ('0.a', '1.a', '2.a')
    """
    one_of("reading", reading, ("one-way", "printed"))
    weight = 1.0 if reading == "one-way" else np.sqrt(0.5)
    nodes, couplings = _chain(hopping, squeezing, direction, length, gamma, frequency)
    for k in range(length + 1):
        couplings[f"bath{k}"] = qc.local_bath(f"{k}.a", gamma_out, occupation=local_occupation)
    for l in range(1, length):
        pair = {f"{l}.a": weight, f"{l + 1}.a": weight}
        couplings[f"edge{l}"] = qc.common_bath(pair, gamma, occupation=common_occupation)
    return qc.Network(nodes, couplings=couplings)


def optomechanical_network(
    hopping: Any = 0.5,
    squeezing: Any = 0.3,
    direction: str = "forward",
    length: int = 10,
    gamma: Any = 0.8,
    gamma_out: Any = 0.002,
    mechanical_damping: Any = 100.0,
    mechanical_occupation: Any = 0.0,
) -> qc.Network:
    """The chain with a damped mechanical mode b_l as the common bath of every edge.

    H adds G(a_l†b_l + a_{l+1}†b_l + h.c.), b_l resonant with the nodes and damped at γ_m.
    Eliminating b_l gives the common bath c = a_l + a_{l+1} with γ = 4G²/γ_m, so G = √(γγ_m)/2.

    Args:
        hopping: j, as in `network`.
        squeezing: r, as in `network`.
        direction: "forward" or "backward".
        length: M.
        gamma: γ of the bath that the mechanics stands in for; J = γ/2.
        gamma_out: decay of every node into a bath of its own.
        mechanical_damping: γ_m, energy decay of the mechanical modes.
        mechanical_occupation: thermal occupation of their baths.

    >>> optomechanical_network(length=2).modes
    ('0.a', '1.a', '2.a', 'b1.a')
    """
    damping = rate("mechanical_damping", mechanical_damping)
    coupling = np.sqrt(rate("gamma", gamma) * damping) / 2
    nodes, couplings = _chain(hopping, squeezing, direction, length, gamma, 1.0)
    for k in range(length + 1):
        couplings[f"bath{k}"] = qc.local_bath(f"{k}.a", gamma_out)
    for l in range(1, length):
        nodes[f"b{l}"] = qc.cavity(1.0, damping, occupation=mechanical_occupation)
        couplings[f"light{l}"] = qc.hopping(f"{l}.a", f"b{l}.a", coupling)
        couplings[f"light{l}next"] = qc.hopping(f"{l + 1}.a", f"b{l}.a", coupling)
    return qc.Network(nodes, couplings=couplings)


def _chain(
    hopping: Any, squeezing: Any, direction: str, length: int, gamma: Any, frequency: Any
) -> tuple[dict[str, qc.Component], dict[str, qc.Component]]:
    """Nodes and coherent couplings, common to both networks."""
    one_of("direction", direction, ("forward", "backward"))
    count("length", length, 1, LONGEST)
    end = 1 if direction == "forward" else length
    number("hopping", hopping, "a number", complex)
    nodes = {"0": qc.squeezed_mode(-number("squeezing", squeezing), frequency)}
    nodes |= {str(k): qc.cavity(frequency) for k in range(1, length + 1)}
    couplings = {"drive": qc.hopping("0.a", f"{end}.a", hopping)}
    for l in range(1, length):
        couplings[f"hop{l}"] = qc.hopping(f"{l}.a", f"{l + 1}.a", 0.5j * rate("gamma", gamma))
    return nodes, couplings


def point(
    hopping: Any = 0.5,
    squeezing: Any = 0.3,
    direction: str = "forward",
    length: int = 10,
    gamma: Any = 0.8,
    gamma_out: Any = 0.002,
    occupation: Any = 0.0,
    reading: str = "one-way",
) -> dict[str, Any]:
    """Steady-state entanglement of the squeezed node with every node of the chain.

    E_N(0,k) in nats; M_max is the largest k with E_N(0,k) > 0, counted by the node's number as
    in the paper (backward, node M is the neighbour of node 0), 0 when there is none.

    Args:
        hopping: j (units of ω, as all rates).
        squeezing: r.
        direction: "forward" or "backward".
        length: M.
        gamma: γ.
        gamma_out: γ_out.
        occupation: thermal occupation of all baths.
        reading: "one-way" or "printed".

    Returns:
        stable (…); E_N (…, M); reach = M_max (…); occupation (…, M + 1) of nodes 0 … M. Where
        unstable, `stable` is false and the others are NaN.

    >>> point(hopping=0.1, squeezing=0.1)["E_N"][:2].round(9)
    array([0.00476377, 0.00164778])
    """
    rate("occupation", occupation)
    steady = state(
        hopping, squeezing, direction, length, gamma, gamma_out, occupation, occupation, reading
    )
    E_N = entanglement(steady, length)
    return {
        "stable": steady.stable,
        "E_N": E_N,
        "reach": reach(E_N),
        "occupation": qc.measures.occupation(steady),
    }


def state(*arguments: Any, **named: Any) -> qc.GaussianState:
    """The steady state of the network; a single unstable point is NaN, as in a sweep."""
    return steady_or_nan(qc.gaussian(network(*arguments, **named)))


def entanglement(state: qc.GaussianState, length: int) -> Any:
    """E_N(0, k) for k = 1 … M, array (…, M).

    Args:
        state: steady state of the network.
        length: M.
    """
    values = [qc.log_negativity(state, "0", f"{k}") for k in range(1, length + 1)]
    return np.stack(values, axis=-1)


def reach(E_N: Any) -> Any:
    """M_max: the largest k with E_N(0,k) > 0, array (…); NaN where there is no steady state.

    Args:
        E_N: array (…, M) of E_N(0, k).
    """
    numbers = np.arange(1, E_N.shape[-1] + 1)
    largest = np.where(E_N > ENTANGLED, numbers, 0).max(axis=-1)
    unknown = np.isnan(E_N).any(axis=-1)
    return np.where(unknown, np.nan, largest) if unknown.any() else largest


def threshold(hopping: Any, gamma: float = 0.8, gamma_out: float = 0.002) -> Any:
    """Squeezing above which there is no steady state: r_c = |iω + γ_o/2 + j²/(iω + (γ+γ_o)/2)|.

    Node 0 and the end node decide alone, since the others are downstream.

    Args:
        hopping: j, in units of ω.
        gamma: γ.
        gamma_out: γ_o.

    >>> round(float(threshold(0.8)), 6)
    0.500616
    """
    return np.abs(1j + gamma_out / 2 + np.square(hopping) / (1j + (gamma + gamma_out) / 2))
