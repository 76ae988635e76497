"""Autonomous distribution of programmable multiqubit entanglement (Agustí et al.).

DOI 10.1103/PhysRevLett.131.250801. A parametric amplifier sends correlated light down two
waveguides (rails) A and B; N qubits along each relax into a pure entangled state. Everything is
built from parts and wires: light, 2N qubits, and fibres where light is lost on the way. With a
very fast amplifier the wires give Eqs. (1)–(4),

    H = Σ δ_u σ⁺_u σ⁻_u + Σ_η Σ_{i<j} (iγ/2)(σ⁺_{η,i} σ⁻_{η,j} − h.c.),
    J_A = √γ(cosh r L_A − sinh r L_B†),  J_B = √γ(cosh r L_B − sinh r L_A†),  L_η = Σ_i σ⁻_{η,i},

and with an amplifier of bandwidth κ Eq. (11), with "+" where "×" is printed before its sum:
g = (κ/2) tanh(r/2), one jump √κ a_η + √γ L_η per rail. Rates are in units of γ.

The detunings are δ_A,i = (i − 1)Δ, or any pattern, and δ_B,i = −δ_A,P(i). The angle of Eq. (7)
has the sign that makes Eq. (9) dark (`master_equation/dark_states.py`).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import qcascade as qc

from ...master_equation.dark_states import dark_state, darkness
from ..records import Choice, Parameter
from ..taken import fail, fraction, number, rate, takes, whole
from .engine import (
    amplified,
    block_entropies,
    concurrences,
    diagonal,
    final_purity,
    preparation,
    qubits,
)

MOST = 1000  # pairs; the largest systems of the paper have a hundred
PHOTONS = 6  # in the amplifier, for an answer within seconds

Rates = float | Sequence[float]
"""One number, or one each."""


# `order` reads the permutation, and other ones too
TABLE = (
    Choice("pairs", "pairs of qubits, N", (1, 2, 3), 2, whole(1, MOST)),
    Parameter("squeezing", "r", "squeezing of the light", "1", 0, 2.5, 1, word="squeezing"),
    Parameter(
        *("detuning", "Δ", "step of the detunings along a rail", "γ", -6, 6, 0),
        several=True,
        word="detuning",
        start=1,
    ),
    Choice(
        "permutation", "detunings on rail B", ("parallel", "reversed"), "parallel", lambda _, x: x
    ),
    Parameter(
        *("bandwidth", "κ", "bandwidth of the amplifier", "γ", 1, 100, math.inf),
        logarithmic=True,
        word="bandwidth",
        start=10,
    ),
    Parameter("dephasing", "γ_φ", "dephasing of every qubit", "γ", 0, 0.1, 0, word="dephasing"),
    Choice(
        "photons",
        "most photons in the amplifier, both modes together, in the squeezed basis",
        tuple(range(2, 13)),
        8,
        whole(1),
    ),
    Choice("quantity", "what is computed", ("steady", "preparation"), "steady"),
    Parameter("offset", "δ_A,1", "detuning of the first pair", "γ", -3, 3, 0, word="detuning"),
)


def order(permutation: str, pairs: int) -> tuple[int, ...]:
    """P of "parallel", "reversed", or "2,1,3", as positions 0 … N − 1 of δ_A: δ_B,i = −δ_A,P(i).

    Raises:
        ArgumentError: for anything else.

    >>> order("reversed", 3), order("2,1,3", 3)
    ((2, 1, 0), (1, 0, 2))
    """
    if permutation in ("parallel", "reversed"):
        plain = range(pairs)
        return tuple(plain if permutation == "parallel" else plain[::-1])
    words = permutation.split(",") if isinstance(permutation, str) else []
    found = [int(word) - 1 for word in words if word.strip().isdecimal()]
    if len(found) != len(words) or sorted(found) != list(range(pairs)):
        every = ",".join(str(i) for i in range(1, pairs + 1))
        must = f"be 'parallel', 'reversed', or hold each of {every} once, separated by commas"
        raise fail("permutation", must, permutation)
    return tuple(found)


def detunings(
    pairs: int, detuning: Rates, permutation: str, offset: float = 0.0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """δ_A,i = δ_A,1 + (i − 1)Δ, or any pattern, and δ_B,i = −δ_A,P(i).

    Args:
        pairs: N.
        detuning: Δ of a ramp, or N numbers, the pattern itself.
        permutation: P, as for `order`.
        offset: δ_A,1, or what is added to the pattern.

    Raises:
        ArgumentError: for a pattern of another length.

    >>> detunings(3, 1.0, "2,1,3")
    ((0.0, 1.0, 2.0), (-1.0, 0.0, -2.0))
    >>> detunings(2, [0.0, 3.0], "2,1")
    ((0.0, 3.0), (-3.0, 0.0))
    """
    given = number("detuning", detuning)
    if given.shape not in ((), (pairs,)):
        must = f"be one real number, or {pairs} of them, one per pair"
        raise fail("detuning", must, detuning)
    pattern = given if given.ndim else given * np.arange(pairs)
    upper = tuple((_plain("offset", offset) + pattern).tolist())
    return upper, tuple(0.0 - upper[k] for k in order(permutation, pairs))


@takes(
    TABLE,
    without=("photons", "quantity"),
    also={"transmission": 1.0, "decay_a": 1.0, "decay_b": 1.0},
)
def network(at: Any) -> qc.Network:
    """The dual rail as parts and wires: light, then the qubits A1 … AN and B1 … BN.

    Args:
        transmission: power transmission of the waveguide between neighbouring qubits.
        decay_a: decay rate into waveguide A, for all qubits or one each.
        decay_b: the same for waveguide B.

    Raises:
        ArgumentError: for parameters that describe no such network.

    >>> network(pairs=1).modes
    ('A1.q', 'B1.q')
    >>> network(pairs=1, bandwidth=10.0).modes
    ('source.a', 'source.b', 'A1.q', 'B1.q')
    """
    name, light = _light(_plain("squeezing", at.squeezing), at.bandwidth)
    parts, wires, pairs = {name: light}, [], at.pairs
    patterns = detunings(pairs, at.detuning, at.permutation, at.offset)
    rates = _each("decay_a", at.decay_a, pairs), _each("decay_b", at.decay_b, pairs)
    noise = float(rate("dephasing", at.dephasing)) or None
    fraction("transmission", at.transmission)
    for rail, pattern, decays in zip("AB", patterns, rates, strict=True):
        for i, (delta, decay) in enumerate(zip(pattern, decays, strict=True), 1):
            parts[f"{rail}{i}"] = qc.qubit(delta, decay, dephasing=noise)
    for rail in "AB":
        outlet = f"{name}.out_{rail.lower()}"
        for i in range(1, pairs + 1):
            if i > 1 and at.transmission != 1:
                fibre = f"fibre{rail}{i - 1}"
                parts[fibre] = qc.fibre(at.transmission)
                wires.append((outlet, f"{fibre}.in"))
                outlet = f"{fibre}.out"
            wires.append((outlet, f"{rail}{i}.in"))
            outlet = f"{rail}{i}.out"
    return qc.Network(parts, wires)


def _light(squeezing: float, bandwidth: Any) -> tuple[str, qc.Component]:
    """Broadband light, or the amplifier with g = ½√(κ_A κ_B) tanh(r/2)."""
    both = bandwidth if isinstance(bandwidth, tuple) else (bandwidth, bandwidth)
    real = all(isinstance(k, int | float | np.number) and not isinstance(k, bool) for k in both)
    if len(both) != 2 or not real or not all(k > 0 for k in both):
        raise fail("bandwidth", "be a rate above zero (or infinite), or a pair of them", bandwidth)
    if math.inf in both and both[0] != both[1]:
        raise fail("bandwidth", "be infinite for both rails or for none", bandwidth)
    if math.inf in both:
        return "light", qc.squeezed_light(squeezing)
    kappas = float(both[0]), float(both[1])
    gain = math.sqrt(kappas[0] * kappas[1]) / 2 * math.tanh(squeezing / 2)
    return "source", qc.pair_source(gain, decay=kappas)


def _plain(name: str, value: Any) -> float:
    array = number(name, value)
    if np.ndim(array):
        raise fail(name, "be one real number", value)
    return float(array)


def _each(name: str, decay: Any, pairs: int) -> list[float]:
    rates = np.asarray(rate(name, decay))
    if rates.shape not in ((), (pairs,)):
        raise fail(name, f"be one rate or {pairs} of them, one per qubit", decay)
    return np.broadcast_to(rates, (pairs,)).tolist()


@takes(TABLE, without=("bandwidth", "dephasing", "photons", "quantity", "offset"))
def steady_state(at: Any) -> qc.PureState:
    """The pure steady state with broadband light and nothing but decay into the waveguides.

    The closed form of Eq. (9); `master_equation/dark_states.py` says how.

    >>> state = steady_state(detuning=1.0, permutation="reversed")
    >>> round(float(qc.measures.concurrence(state, "A1.q", "B2.q")), 10)
    0.2664132603
    """
    upper, _ = detunings(at.pairs, at.detuning, at.permutation)
    return dark_state(_plain("squeezing", at.squeezing), upper, order(at.permutation, at.pairs))


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Entanglement in the steady state, or the time it takes to prepare it.

    The detunings are δ_A,i = δ_A,1 + (i − 1)Δ, or N numbers, the pattern itself; δ_B,i =
    −δ_A,P(i) with P "parallel", "reversed", or the numbers P(1), …, P(N), like "2,1,3". An
    infinite bandwidth is broadband light.

    Returns:
        concurrence: C_ij as N rows of N; purity of the qubits' state; entropy: S_n of the first n
        pairs, n = 1 … N − 1, in nats; preparation_time: γT at which |μ_∞ − μ|/N falls to 0.001
        for good, from all qubits in |0⟩ (μ_∞ = 1 with broadband light and no dephasing);
        residual: largest of ‖Hψ‖ and ‖Jψ‖ for a state in closed form, else ‖dρ/dt‖; blocks and
        elements of the density matrix. What was not asked for is None.

    Raises:
        ArgumentError: for parameters out of range.

    >>> found = point(pairs=1)
    >>> round(found["concurrence"][0][0], 10), found["blocks"], found["elements"]
    (0.9640275801, 3, 6)
    """
    wired = (at.pairs, at.squeezing, at.detuning, at.permutation, at.bandwidth, at.dephasing)
    model = amplified(network(*wired, at.offset), at.squeezing, at.photons)  # must fit into memory
    sizes = {"blocks": len(model.space.sizes), "elements": model.space.elements}
    asked = ("concurrence", "purity", "entropy", "preparation_time", "residual")
    found: dict[str, Any] = {**dict.fromkeys(asked), **sizes}
    pure = at.bandwidth == math.inf and at.dephasing == 0
    if at.quantity == "steady":
        if pure:
            state: Any = steady_state(*wired[:4])
            residual = darkness(state, (model.H, *model.jumps))
        else:
            whole = qc.steady_state(model, tolerance=1e-12)
            state, residual = qubits(whole), float(whole.info["residual"])
        return found | {
            "concurrence": concurrences(state, at.pairs),
            "purity": float(qc.measures.purity(state)),
            "entropy": block_entropies(state, at.pairs),
            "residual": residual,
        }
    if at.dephasing == 0:  # every permutation has the purity of the parallel pattern
        net = network(*wired[:3], "parallel", *wired[4:], at.offset)
        model = amplified(net, at.squeezing, at.photons)
    final, tolerance = (1.0, 1e-10) if pure else (final_purity(model), 1e-9)
    return found | {"preparation_time": preparation(model, at.pairs, final, tolerance)}


def steady_concurrences(pairs: int = 2, photons: int = 8, **parameters: Any) -> list[float]:
    """C_11, …, C_NN of the steady state of the master equation, r = 1."""
    model = amplified(network(pairs, **parameters), 1.0, photons)
    return diagonal(qubits(qc.steady_state(model, unique=False, progress=False)), pairs)
