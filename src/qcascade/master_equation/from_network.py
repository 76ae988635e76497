"""Network → Lindblad master equation: the word for it, and what is checked before."""

from collections.abc import Mapping

import numpy as np

from ..base.checks import ArgumentError, fail, flag, is_traced
from ..base.keywords import spoken
from ..hilbert.cutoffs import Cutoffs, check_size, check_tails, squeezed_pairs, tops_and_limits
from ..hilbert.space import Space
from ..slh.component import Component, check_no_delays, check_still
from ..slh.network import Network
from .jumps import hamiltonian_and_jumps
from .model import LindbladModel, with_charges

_INSTEAD = "give the fibre `cells=n`, a chain of n cavities that delays; or use `gaussian`"


@spoken
def lindblad(
    net: Network | Component,
    cutoffs: Cutoffs | None = None,
    *,
    squeezed: Mapping[tuple[str, str], float] | None = None,
    sectors: bool = True,
) -> LindbladModel:
    """The master equation of a network of qubits and truncated oscillators.

    The jumps stand at the top of this module. Charges that the network conserves are found from
    the words of H and the jumps, and split ρ into blocks.

    Args:
        net: the network (or a part). Parameters that are arrays make a batch.
        cutoffs: most quanta by oscillator ("source.a": 8) or by part with one oscillator, or
            together by tuple of oscillators (("source.a", "source.b"): 8).
        squeezed: s by pair of oscillators to be described in the squeezed basis
            a = cosh s b_a + sinh s b_b†, in which squeezed light needs few quanta. Results are
            about the physical modes all the same.
        sectors: whether to use charges; False keeps ρ in one block, as initial states with
            coherence between charges need.

    Returns:
        A `LindbladModel`.

    Raises:
        ArgumentError: for a missing or unknown cutoff, one that is too small for the light in
            an oscillator (it says which would do; in a batch, whose points are not judged here,
            the steady state is NaN where it is).

    >>> from qcascade import Network, qubit, squeezed_light
    >>> parts = {"light": squeezed_light(1.0), "A": qubit(decay=1.0), "B": qubit(decay=1.0)}
    >>> net = Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")])
    >>> print(lindblad(net))
    modes    A.q, B.q
    charges  A.q − B.q
    states   4 in 3 blocks: 6 elements of ρ instead of 16
    mirror   A.q ↔ B.q: half of the blocks again
    real     H is imaginary and the jumps are real: ρ stays real
    """
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    if not part.modes:
        raise ArgumentError("Argument `net` must hold a mode, but has none.")
    check_no_delays(part, _INSTEAD)
    check_still(part)
    shape = _batch_of(part)
    sectors = flag("sectors", sectors)
    H, jumps = hamiltonian_and_jumps(part)
    tops, limits = tops_and_limits(part, {} if cutoffs is None else cutoffs)
    pairs = squeezed_pairs(part, {} if squeezed is None else squeezed)
    space = Space(part.modes, tops, part.qubits, limits, pairs)
    check_size(space)
    if not shape:
        check_tails(space, H, jumps)
    space = with_charges(space, H, jumps) if sectors else space
    model = LindbladModel(part.modes, H, jumps, space)
    object.__setattr__(model, "network", net)
    object.__setattr__(model, "measured", part.rates.measured is not None)
    object.__setattr__(model, "_batch", shape)
    return model


def _batch_of(part: Component) -> tuple[int, ...]:
    """Leading axes of all parameters of a part."""
    numbers = [*part.occupations.values(), *part.squeezings.values()]
    numbers += [c for x in (part.H, *part.L) for c in x.terms.values()]
    if any(map(is_traced, (part.S, *numbers))):
        raise fail("net", "have values: `lindblad` does not work inside jit and grad", "traced")
    shapes = {np.shape(part.S)[:-2], *map(np.shape, numbers)} - {()}
    return np.broadcast_shapes(*shapes) if shapes else ()
