"""Working points: the classical equations of a network, and its linearisation around them.

For fields α_k = ⟨a_k⟩ and any polynomial H with couplings L of first degree,

    α̇_k = −i ∂H/∂α_k* + ½ Σ_j (u_jk L_j* − v_jk* L_j),   L_j = Σ_k (v_jk α_k + u_jk α_k*) + λ_j,

with every operator replaced by its field, in the order written. Around a steady solution
a → α + a leaves a quadratic Hamiltonian, which `gaussian` reads (Aspelmeyer, Kippenberg &
Marquardt, RMP 86, 1391 (2014), sec. V).
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import mul
from typing import Any

import numpy as np

from ..base.checks import (
    ArgumentError,
    ConvergenceError,
    complex_number,
    fail,
    is_traced,
    listed,
    mapping,
    namespace,
    numbers,
)
from ..base.keywords import spoken
from ..slh.component import Component, altered, check_no_delays, check_still
from ..slh.ladder import Ladder, Word
from ..slh.network import Network
from ..slh.wiring import without_delays
from .moving import MovingFields
from .near_folds import FIRM, away_from_folds, share_of_rounding
from .polynomials import Poly, PolynomialSystem, added, as_system, conjugate, flat, root_near

STEADY = 1e-6
"""Fields whose rates of change, relative to their terms, exceed this are no working point."""
EXACT = 1e-13
"""Fields whose rates of change are below this are as steady as rounding lets them be."""


@spoken
def linearise(net: Network | Component, fields: Mapping[str, Any]) -> Component:
    """The network seen from a working point: a → α + a, to second order in what is left.

    Words of first degree cancel at a working point, words above the second are dropped; the
    result goes into `gaussian`. Fields that are steady to a few digits only are first brought
    to the steady fields next to them by Newton's method, since near the end of a branch little
    decides much; traced values are taken as they are (`steady_fields` has done it).

    Args:
        net: the network (or a part).
        fields: α = ⟨a⟩ by mode, complex; modes left out have none. Arrays broadcast. NaN, where
            a branch is missing at some points, stays NaN, which `steady_state` calls unstable.
            Fields that move, `orbit(t)`, with a network at the same times: words of first degree
            cancel along the motion.

    Returns:
        A `Component` with a quadratic Hamiltonian and the same ports. In a batch, points whose
        fields are not steady are NaN.

    Raises:
        ArgumentError: for an unknown mode, or fields of a single point that are not steady; it
            names the mode.
        ConvergenceError: for a single point so near the end of a branch that rounding decides
            more than the sixth digit of its slowest decay. In a batch such points are NaN.

    >>> from qcascade import Network, cavity, coherent_drive, gaussian
    >>> net = Network({"laser": coherent_drive(1.0), "m": cavity(decay=4.0)},
    ...               [("laser.out", "m.in")])
    >>> gaussian(linearise(net, {"m.a": -1.0})).A.diagonal()     # ⟨a⟩ = −2β/√κ
    array([-2., -2.])
    """
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    check_still(part)
    for mode in mapping("fields", fields, "modes to numbers"):
        if mode not in part.modes:
            raise fail("fields", "name modes", mode, f"modes: {listed(part.modes)}")
    _check_couplings(part)
    alpha = {m: given_field(f"fields[{m}]", fields.get(m, 0.0)) for m in part.modes}
    if isinstance(fields, MovingFields):
        _check_moving(part, alpha, fields.rates)
    else:
        still = without_delays(part)  # steady fields do not know of delays
        alpha = _firm(still, _steady(still, alpha))
    carriers = tuple(displaced(L, alpha, 0).terms.get((), 0.0) + 0j for L in part.interior.L)
    return altered(
        part,
        lambda L: displaced(L, alpha, 1),
        lambda H: displaced(H, alpha, 2),
        recipe=None,
        carriers=carriers,
    )


def given_field(name: str, value: Any) -> Any:
    """A complex number, or an array; in an array NaN passes: there a branch is missing."""
    if is_traced(value) or not np.ndim(value):
        return complex_number(name, value)
    array = numbers(name, value, "complex numbers", "iufc")
    array = namespace(array).asarray(array)
    missing = namespace(array).isnan(array)
    if not missing.any():
        return complex_number(name, array)
    xp = namespace(array)
    return xp.where(missing, np.nan, complex_number(name, xp.where(missing, 0.0, array)))


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
            remaining = tuple(word[k] for k in places)
            replaced = [operator for k, operator in enumerate(word) if k not in places]
            x = c * _product(replaced, fields) if replaced else c
            terms[remaining] = terms[remaining] + x if remaining in terms else x
    return Ladder(terms)


def classical_rates(part: Component, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """α̇ by mode, and the sum of the magnitudes of its terms, against which zero is judged.

    Args:
        part: the network as one part.
        fields: α by mode, for every mode.
    """
    if part.qubits:
        raise fail("net", "hold oscillators only to have classical fields", listed(part.qubits))
    z = [fields[mode] for mode in part.modes]
    z += [alpha.conjugate() for alpha in z]
    rates = {}
    for mode, equation in zip(part.modes, rates_of_fields(part), strict=True):
        terms = [
            reduce(mul, (z[v] ** e for v, e in enumerate(powers) if e), c)
            for powers, c in equation.items()
        ]
        rates[mode] = sum(terms, 0j), sum(map(abs, terms), 0.0)
    return rates


def _product(word: Sequence[tuple[str, bool]], fields: Mapping[str, Any]) -> Any:
    result: Any = 1.0
    for mode, dagger in word:
        result = result * (fields[mode].conjugate() if dagger else fields[mode])
    return result


_WITHOUT = (
    "steady fields are those without the delay, of which `working_points` finds the branches: "
    "linearise(net, fields) takes them for the network with it, and steady_state(gaussian(…)) "
    "judges its stability"
)


def readable(net: Any) -> Component:
    """The network as one part whose classical equations are polynomials in its own modes."""
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    if part.qubits:
        raise fail("net", "hold oscillators only to have classical fields", listed(part.qubits))
    check_still(part)
    check_no_delays(part, _WITHOUT)
    _check_couplings(part)
    for ladder in (part.H, *part.L):
        for mode in ladder.modes:
            if mode not in part.modes:
                known = f"modes: {listed(part.modes)}"
                raise fail("net", "act on modes of its parts", mode, known)
    if not part.modes:
        raise fail("net", "hold modes", listed(part.modes))
    return part


def _check_couplings(part: Component) -> None:
    for L in part.interior.L:
        if L.degree > 1:
            raise fail("net", "have couplings L of first degree or below", L, "put the rest into H")


def classical_equations(part: Component) -> list[Poly]:
    """α̇_k, then its conjugate for every k, as polynomials in (α_1 … α_N, ᾱ_1 … ᾱ_N).

    Args:
        part: the network as one part, couplings of first degree.
    """
    rates = rates_of_fields(part)
    return rates + [conjugate(rate) for rate in rates]


def rates_of_fields(part: Component) -> list[Poly]:
    """α̇_k as polynomials in (α_1 … α_N, ᾱ_1 … ᾱ_N); the equation at the top of this module.

    Args:
        part: the network as one part, couplings of first degree.
    """
    modes = part.modes
    N = len(modes)

    def exponents(word: Word) -> tuple[int, ...]:
        powers = [0] * (2 * N)
        for mode, dagger in word:
            powers[modes.index(mode) + N * dagger] += 1
        return tuple(powers)

    def read(ladder: Ladder) -> Poly:
        return added((exponents(word), c) for word, c in ladder.terms.items())

    terms: list[list[tuple[tuple[int, ...], Any]]] = [[] for _ in modes]
    for word, c in part.H.terms.items():
        for j, (mode, dagger) in enumerate(word):
            if dagger:
                monomial = exponents(word[:j] + word[j + 1 :])
                terms[modes.index(mode)].append((monomial, -1j * c))
    for L in part.L:
        flux = read(L)
        for word, c in L.terms.items():
            for mode, dagger in word:
                factor = c / 2 if dagger else -c.conjugate() / 2
                source = conjugate(flux) if dagger else flux
                terms[modes.index(mode)] += [(m, factor * x) for m, x in source.items()]
    return [added(x) for x in terms]


def _steady(part: Component, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields where they are steady, those next to them where they nearly are, else NaN."""
    rates = classical_rates(part, fields)
    if any(is_traced(rate) for rate, _ in rates.values()):
        return fields
    moving = {mode: _relative(*rate) for mode, rate in rates.items()}
    worst = np.max(np.broadcast_arrays(*moving.values()), axis=0) if moving else np.zeros(())
    if not np.any(worst > EXACT):
        return fields
    near = (worst > EXACT) & (worst <= STEADY)
    alpha = np.stack(np.broadcast_arrays(worst + 0j, *fields.values())[1:], axis=-1)
    alpha = np.where((worst > EXACT)[..., None], np.nan, alpha)
    if np.any(near):
        alpha[near] = _corrected(part, fields, near)
    if not np.ndim(worst) and np.isnan(alpha).any():
        limit = EXACT if near else STEADY
        mode, share = next((m, float(x)) for m, x in moving.items() if x > limit)
        raise ArgumentError(
            f"Argument `fields` must be a working point, but {mode} still moves: its terms "
            f"cancel to {share:.3g} of their size only"
            + (", and no steady fields are next to it." if near else ".")
        )
    xp = namespace(*fields.values())
    return {mode: xp.asarray(alpha[..., k]) for k, mode in enumerate(fields)}


def _firm(part: Component, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields but for those next to a fold, where rounding decides what the model is."""
    if part.H.degree < 3 or any(map(is_traced, (*fields.values(), *part.H.terms.values()))):
        return fields
    batch = np.broadcast_shapes(
        *map(np.shape, (*fields.values(), *part.H.terms.values())),
        *(np.shape(c) for L in part.L for c in L.terms.values()),
    )
    alpha = np.stack([np.broadcast_to(a, batch).reshape(-1) for a in fields.values()])
    equations = [flat(p, batch) for p in classical_equations(part)]
    exponents, c = as_system(equations, alpha.shape[1])
    z = np.concatenate([alpha, alpha.conj()])
    near = np.flatnonzero(~away_from_folds(PolynomialSystem(exponents, c), z))
    if not near.size:
        return fields
    share = share_of_rounding(PolynomialSystem(exponents, c[..., near]), z[:, near])
    soft = near[share > FIRM]
    if not soft.size:
        return fields
    system = PolynomialSystem(exponents, c[..., soft])
    polished = root_near(system, z[:, soft])  # steady to the last digit, if that is enough
    z[:, soft] = np.where(np.isnan(polished).any(axis=0), z[:, soft], polished)
    share = share_of_rounding(system, z[:, soft])
    if not batch and share[0] > FIRM:
        raise ConvergenceError(
            f"These fields lie so near the end of a branch that rounding may change the slowest "
            f"decay by {float(share[0]):.1g} of itself, and with it all fluctuations."
        )
    z[:, soft[share > FIRM]] = np.nan
    xp = namespace(*fields.values())
    return {m: xp.asarray(z[k].reshape(batch)[()]) for k, m in enumerate(fields)}


def _check_moving(part: Component, fields: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Fields that move as they say they do solve the classical equations of this network."""
    check_no_delays(part, "moving fields would need their own past")
    for mode, (rate, size) in classical_rates(part, fields).items():
        off = _relative(rate - given.get(mode, 0.0), size + np.abs(given.get(mode, 0.0)))
        if np.any(off > STEADY):
            raise ArgumentError(
                f"Argument `fields` must move as the classical equations of this network say, but "
                f"{mode} does not: its rate is off by {float(np.max(off)):.3g} of its terms. Are "
                "both taken at the same time?"
            )


def _relative(rate: Any, size: Any) -> Any:
    """How much of the terms' size is left of their sum; NaN stays NaN."""
    rate, size = np.abs(np.asarray(rate)), np.asarray(size)
    return np.divide(rate, size, out=np.zeros(rate.shape), where=rate != 0)


def _corrected(part: Component, fields: Mapping[str, Any], near: Any) -> Any:
    """Steady fields (points, N) next to those of the points picked by `near`, NaN for none."""
    N, batch = len(part.modes), np.shape(near)
    at = np.flatnonzero(near)
    equations = [
        {m: c[at] for m, c in flat(p, batch).items()} for p in classical_equations(readable(part))
    ]
    alpha = np.stack([np.broadcast_to(a, batch).reshape(-1)[at] for a in fields.values()])
    return root_near(as_system(equations, at.size), np.concatenate([alpha, alpha.conj()]))[:N].T
