"""The chain of one-way edges, where the place of the source says who is entangled with it."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from ..base.checks import complex_number, fail, number, one_of, plain_name
from ..base.checks import rate as positive
from ..base.keywords import spoken
from ..parts.baths import local_bath, one_way
from ..parts.optics import cavity, hopping, squeezed_mode
from ..slh.network import Network
from .names import free_name, node_names


@spoken
def one_way_chain(
    source: str,
    nodes: str | Iterable[str],
    *,
    drive: Any,
    rate: Any,
    edge: Any = 0.8,
    decay: Any = 0.002,
    detuning: Any = 1.0,
    entrance: str | None = None,
) -> Network:
    """A squeezed node joined to one node of a chain that carries forward only.

    H = Σ ω a†a + j(a_0†a_e + h.c.) + (ir/2)(a_0² − a_0†²) with an edge of `one_way` from every
    node to the next: at the first node the source reaches all of the chain, at the last none
    but that (Pelka, Aquilina & Xuereb, "Routing entanglement through quantum networks",
    doi:10.1103/hsc8-pv2s).

    Args:
        source: name of the squeezed mode.
        nodes: names along the chain, from upstream to downstream.
        drive: r of the source, a rate.
        rate: j between the source and its entrance, complex; all rates are numbers in one unit.
        edge: g of every one-way edge, complex; |g| is the decay into its common bath.
        decay: γ, energy decay rate of every node into a bath of its own.
        detuning: ω of all nodes, in the frame where the two-photon pump is static.
        entrance: the node that the source is joined to; the first when omitted.

    Raises:
        ArgumentError: for names that repeat, an entrance that is not in the chain, or rates as
            `one_way`, `hopping` and `local_bath`.

    >>> from qcascade import gaussian, log_negativity, steady_state
    >>> chain = one_way_chain("0", ["1", "2", "3"], drive=0.3, rate=0.5)
    >>> round(float(log_negativity(steady_state(gaussian(chain)), "0", "2")), 9)
    0.033626845
    """
    first, names = plain_name("source", source), node_names("nodes", nodes)
    if first in names:
        raise fail("source", "be another node than those of the chain", source)
    entered = names[0] if entrance is None else one_of("entrance", entrance, names, "a node")
    turning = number("detuning", detuning)
    parts = {first: squeezed_mode(-complex_number("drive", drive), turning)}
    parts |= {name: cavity(turning) for name in names}
    gamma = positive("decay", decay)
    couplings = {f"bath_{name}": local_bath(f"{name}.a", gamma) for name in parts}
    hop, forward = complex_number("rate", rate), complex_number("edge", edge)
    couplings["entrance"] = hopping(f"{first}.a", f"{entered}.a", hop)
    for a, b in pairwise(names):
        couplings[free_name(f"{a}_{b}", couplings)] = one_way(f"{a}.a", f"{b}.a", forward)
    return Network(parts, couplings=couplings)
