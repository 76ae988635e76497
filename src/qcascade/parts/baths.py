"""Baths that modes share, or have alone, and the one-way edges that are made with them."""

from collections.abc import Mapping
from typing import Any

from ..base.checks import complex_number, fail, namespace, plain_name
from ..base.units import complex_rate
from ..slh.component import Component, relabelled
from ..slh.concatenation import concatenate
from ..slh.ladder import Ladder, as_ladder, lower, total
from ..slh.registry import part
from ..slh.wiring import wired
from .ports import decay_rate, root, through


@part("decay")
def local_bath(mode: str, decay: Any, *, occupation: Any = None) -> Component:
    """A bath of its own for one mode of the network.

    L = √γ a with an input of occupation n: dissipators γ(n+1)𝒟[a] + γn𝒟[a†].

    Args:
        mode: the mode, named "part.mode".
        decay: γ, energy decay rate.
        occupation: thermal occupation n of the bath.

    Raises:
        ArgumentError: for a negative rate or occupation.

    >>> local_bath("node.a", 0.002, occupation=3.0).occupations["in"].item()
    3.0
    """
    a = lower(plain_name("mode", mode))
    return through([("", root(decay_rate("decay", decay)) * a)], as_ladder(0.0), [], occupation)


@part("decay")
def common_bath(
    weights: Mapping[str, Any],
    decay: Any,
    *,
    raising: Mapping[str, Any] | None = None,
    occupation: Any = None,
) -> Component:
    """One bath that several modes decay into together, or that amplifies some of them.

    L = √γ (Σ_k w_k a_k + Σ_k u_k a_k†): the modes interfere in the bath. With a matched coherent
    exchange this makes an edge one-way (Metelmann & Clerk, PRX 5, 021025 (2015)): weights w on
    a_1 and a_2 and a hopping rate iJ from `hopping(a_1, a_2, 1j*J)` with J = w²γ/2 carry 1 → 2
    only, which `one_way` is. A lowering weight 1 on a_1, a raising weight 1 on a_2 and
    `two_mode_squeezing(a_1, a_2, 0.5j*γ)` amplify 1 → 2 only: ȧ_2 = (γ/2) a_2 + γ a_1† + ….

    Args:
        weights: complex weight w_k of a_k by mode name. Weights are not normalised.
        decay: γ, energy decay rate for a unit weight.
        raising: complex weight u_k of the creation operator a_k† by mode name; a mode with it
            gains energy from the bath.
        occupation: thermal occupation of the bath.

    Raises:
        ArgumentError: for a negative rate or occupation, or no mode at all.

    >>> common_bath({"left.a": 1, "right.a": 1}, decay=0.8).L[0].modes
    ('left.a', 'right.a')
    """
    jump = _weighted("weights", weights)
    if raising is not None:
        jump = jump + total(u * _mode("raising", k).dag for k, u in _numbers("raising", raising))
    L = root(decay_rate("decay", decay)) * jump
    return through([("", L)], as_ladder(0.0), [], occupation)


@part("rate")
def gain_bath(weights: str | Mapping[str, Any], rate: Any, *, occupation: Any = None) -> Component:
    """One inverted bath that gives energy to modes, each alone or several together.

    L = √Γ (Σ_k w_k a_k)†: a single mode grows, ȧ = (Γ/2) a + …, and is given the noise that a
    quantum amplifier adds, D = (Γ/2)(2n+1) (Caves, PRD 26, 1817 (1982)).

    Args:
        weights: name of the mode; or of several together the complex weight w_k of a_k by mode
            name. Weights are not normalised.
        rate: Γ, energy gain rate for a unit weight.
        occupation: occupation n of the inverted bath, beyond complete inversion.

    Raises:
        ArgumentError: for a negative rate or occupation, or no mode at all.

    >>> from qcascade import Network, cavity, gaussian
    >>> net = Network({"m": cavity(decay=1.0)}, couplings=[gain_bath("m.a", 0.5)])
    >>> gaussian(net).A.diagonal()
    array([-0.25, -0.25])
    """
    alone = isinstance(weights, str)
    jump = _mode("weights", weights) if alone else _weighted("weights", weights)
    L = root(decay_rate("rate", rate)) * jump.dag
    return through([("", L)], as_ladder(0.0), [], occupation)


@part("rate")
def one_way(first: str, second: str, rate: Any, *, occupation: Any = None) -> Component:
    """A one-way edge: the first mode drives the second, which never acts back.

    ȧ = −|g|/2 a + …, ḃ = −|g|/2 b − g a + …: an exchange H = ½i(g* a†b − g b†a) matched to the
    common bath L = √|g| (a + e^{−i arg g} b) (Metelmann & Clerk, PRX 5, 021025 (2015)). It is the
    cascade of both modes, each coupled with decay |g| to one waveguide in which light runs from
    the first to the second and is turned by arg g (Gardiner, PRL 70, 2269 (1993)); `in` and `out`
    are the ends of that waveguide.

    Args:
        first: mode a, named "part.mode".
        second: mode b.
        rate: g, complex rate.
        occupation: thermal occupation of the common bath.

    Raises:
        ArgumentError: for a rate that is not finite, a negative occupation, or twice the same
            mode.

    >>> from qcascade import Network, cavity, gaussian
    >>> parts = {"left": cavity(decay=1.0), "right": cavity(decay=1.0)}
    >>> gaussian(Network(parts, couplings=[one_way("left.a", "right.a", 0.5)])).A[::2, ::2]
    array([[-0.75,  0.  ],
           [-0.5 , -0.75]])
    """
    if plain_name("first", first) == plain_name("second", second):
        raise fail("second", "name another mode than `first`", second)
    g = complex_rate("rate", rate)
    xp = namespace(g)
    size = xp.abs(g)
    turn = xp.where(size > 0, xp.conj(g) / xp.where(size > 0, size, 1.0), 1.0)
    nothing, root_of_size = as_ladder(0.0), root(size)
    # The wire, not numbers that cancel, says who acts on whom.
    ends = {
        "a": through([("", root_of_size * lower(first))], nothing, [], occupation),
        "b": through([("", (root_of_size * turn) * lower(second))], nothing, []),
    }
    edge = wired(concatenate(ends), [("a.out", "b.in")])
    baths = dict(zip(("in",), edge.occupations.values(), strict=False))
    return relabelled(edge, inputs=("in",), outputs=("out",), occupations=baths)


def _weighted(name: str, weights: Any) -> Ladder:
    """Σ w_k a_k."""
    return total(w * _mode(name, mode) for mode, w in _numbers(name, weights))


def _mode(name: str, mode: Any) -> Ladder:
    return lower(plain_name(name, mode))


def _numbers(name: str, weights: Any) -> list[tuple[Any, Any]]:
    if not isinstance(weights, Mapping) or not weights:
        raise fail(name, "be a mapping from mode names to numbers", weights)
    return [(mode, complex_number(f"{name}[{mode}]", w)) for mode, w in weights.items()]
