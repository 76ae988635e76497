"""Working points: the classical equations of a network, and its linearisation around them.

For fields α_k = ⟨a_k⟩ and any polynomial H with couplings L of first degree,

    α̇_k = −i ∂H/∂α_k* + ½ Σ_j (u_jk L_j* − v_jk* L_j),   L_j = Σ_k (v_jk α_k + u_jk α_k*) + λ_j,

with every operator replaced by its field, in the order written. Around a steady solution
a → α + a leaves a quadratic Hamiltonian, which `gaussian` reads (Aspelmeyer, Kippenberg &
Marquardt, RMP 86, 1391 (2014), sec. V).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from .checks import ArgumentError, complex_number, fail, is_traced, listed, mapping
from .component import Component, altered
from .interior import Interior
from .ladder import Ladder, Word, total
from .network import Network

STEADY = 1e-6
"""Fields whose rates of change, relative to their terms, exceed this are no working point."""


def linearise(net: Network | Component, fields: Mapping[str, Any]) -> Component:
    """The network seen from a working point: a → α + a, to second order in what is left.

    Words of first degree cancel at a working point, words above the second are dropped; the
    result goes into `gaussian`.

    Args:
        net: the network (or a part).
        fields: α = ⟨a⟩ by mode, complex; modes left out have none. Arrays broadcast.

    Returns:
        A `Component` with a quadratic Hamiltonian and the same ports.

    Raises:
        ArgumentError: for an unknown mode, or fields that are not steady; it names the mode.

    >>> from qcascade import Network, cavity, coherent_drive, gaussian
    >>> net = Network({"laser": coherent_drive(1.0), "m": cavity(decay=4.0)},
    ...               [("laser.out", "m.in")])
    >>> gaussian(linearise(net, {"m.a": -1.0})).A.diagonal()     # ⟨a⟩ = −2β/√κ
    array([-2., -2.])
    """
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    for mode in mapping("fields", fields, "modes to numbers"):
        if mode not in part.modes:
            raise fail("fields", "name modes", mode, f"modes: {listed(part.modes)}")
    alpha = {m: complex_number(f"fields[{m}]", fields.get(m, 0.0)) for m in part.modes}
    _check_steady(part, alpha)
    driven = _second_order(part.interior, alpha)
    return altered(
        part,
        lambda L: displaced(L, alpha, 1),
        lambda H: displaced(H, alpha, 2) + driven,
        recipe=None,
    )


def _second_order(inside: Interior, alpha: Mapping[str, Any]) -> Ladder:
    """What the mean field f drives to second order: H = −i Σ (L₂†f − h.c.).

    f = (X + ½) L(α) is the field that meets a coupling, half of it the coupling's own, and L₂ the
    part of second degree of a nonlinear coupling such as two-photon loss.
    """
    pairs = [displaced(L, alpha, 2) for L in inside.L]
    if not any(pair.terms for pair in pairs):
        return Ladder({})
    means = [displaced(L, alpha, 0).terms.get((), 0.0) for L in inside.L]
    X = inside.paths.X
    pull = total(
        (-1j * (sum(X[..., j, k] * c for k, c in enumerate(means)) + means[j] / 2)) * pair.dag
        for j, pair in enumerate(pairs)
        if pair.terms
    )
    return pull + pull.dag


def displaced(ladder: Ladder, fields: Mapping[str, Any], degree: int) -> Ladder:
    """The words of one degree of the polynomial whose every a is replaced by α + a.

    Args:
        ladder: the polynomial.
        fields: α by mode, for every mode of the polynomial.
        degree: how many operators a word keeps; the others become numbers.

    >>> from qcascade import lower
    >>> a = lower("a")
    >>> displaced(a.dag * a, {"a": 2.0}, 1).terms
    {(('a', True),): 2.0, (('a', False),): 2.0}
    """
    terms: dict[Word, Any] = {}
    for word, c in ladder.terms.items():
        for places in combinations(range(len(word)), degree):
            kept = tuple(word[k] for k in places)
            rest = [operator for k, operator in enumerate(word) if k not in places]
            x = c * _product(rest, fields) if rest else c
            terms[kept] = terms[kept] + x if kept in terms else x
    return Ladder(terms)


def _field(operator: tuple[str, bool], fields: Mapping[str, Any]) -> Any:
    mode, dagger = operator
    return fields[mode].conjugate() if dagger else fields[mode]


def classical_rates(part: Component, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """α̇ by mode, and the sum of the magnitudes of its terms, against which zero is judged.

    The equation stands at the top of this module.

    Args:
        part: the network as one part.
        fields: α by mode, for every mode.
    """
    if part.qubits:
        raise fail("net", "hold oscillators only to have classical fields", listed(part.qubits))
    terms: dict[str, list[Any]] = {mode: [] for mode in part.modes}
    for word, c in part.H.terms.items():
        for k, (mode, dagger) in enumerate(word):
            if dagger:
                terms[mode].append(-1j * c * _product(word[:k] + word[k + 1 :], fields))
    for L in part.L:
        flux = sum(c * _product(word, fields) for word, c in L.terms.items())
        for word, c in L.terms.items():
            if len(word) == 1:
                ((mode, dagger),) = word
                terms[mode].append((c * flux.conjugate() if dagger else -c.conjugate() * flux) / 2)
    return {mode: (sum(x, 0j), sum(map(abs, x), 0.0)) for mode, x in terms.items()}


def _product(word: Sequence[tuple[str, bool]], fields: Mapping[str, Any]) -> Any:
    result: Any = 1.0
    for operator in word:
        result = result * _field(operator, fields)
    return result


def _check_steady(part: Component, fields: Mapping[str, Any]) -> None:
    for mode, (rate, scale) in classical_rates(part, fields).items():
        if is_traced(rate):
            continue
        moving = np.abs(rate) > STEADY * np.maximum(scale, 1e-300)
        if np.any(moving):
            worst = np.max(np.abs(rate) / np.maximum(scale, 1e-300))
            raise ArgumentError(
                f"Argument `fields` must be a working point, but {mode} still moves: its terms "
                f"cancel to {float(worst):.3g} of their size only."
            )
