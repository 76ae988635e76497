"""What agusti2023 says of preparation times and finite bandwidth; both readings agree on it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..statements import RANGE, Numbers, Statement, falling, rising, root
from .engine import amplified, entangled_pairs, preparation
from .model import network, steady_concurrences


def _time(pairs: int, detuning: float = 0.0, permutation: str = "parallel") -> float:
    model = amplified(network(pairs, detuning=detuning, permutation=permutation), 1.0)
    return preparation(model, pairs, tolerance=1e-9, progress=False)


def _steady(name: str, values: Sequence[Any], pairs: int = 2, **fixed: Any) -> Numbers:
    """C_ii of so many pairs over one parameter, pair by pair, and N_ent where there are two."""
    C = [steady_concurrences(pairs, **{name: x}, **fixed) for x in values]
    at = {"at": np.array(values), "first": np.array([x[0] for x in C]), "C": np.array(C).T}
    return at if pairs < 2 else {**at, "pairs": np.array([entangled_pairs(x) for x in C])}


def _times(_: str) -> Numbers:
    times = np.array([_time(n) for n in range(1, 5)])
    return {"times": times, "steps": np.diff(times), "sequential": 4 * times[0], "four": times[3]}


def _detuned(_: str) -> Numbers:
    steps = np.array([0.2, 1.0, 5.0])
    one, times = _time(1), np.array([_time(4, x) for x in steps])
    return {"steps": steps, "one": one, "times": times, "excess": times / one - 1}


def _orders(_: str) -> Numbers:
    times = np.array([_time(3, 0.5, order) for order in ("parallel", "reversed", "2,1,3")])
    return {"times": times, "spread": float(np.ptp(times))}


def _many(_: str) -> Numbers:
    found = _steady("bandwidth", (5.0, 10.0, 50.0, 100.0))
    return {**found, "power": np.log10(found["pairs"][3] / found["pairs"][1])}


def _upper_bound(_: str) -> Numbers:
    """N_ent from two pairs that are detuned, with and without dephasing, κ = 10γ."""
    over = partial(_steady, "detuning", (0.0, 0.5, 1.0, 2.0), bandwidth=10.0)
    quiet, noisy = over(), over(dephasing=0.01)
    return {"steps": quiet["at"], "quiet": quiet["pairs"], "noisy": noisy["pairs"]}


def _offset(_: str) -> Numbers:
    found = _steady("offset", (0.0, 2.5, 5.0, 10.0), 1, bandwidth=5.0)
    C = found["first"]
    return {"ratio": found["at"] / 5.0, "C": C, "left": C[2] / C[0]}


def _in_parallel(_: str) -> Numbers:
    """N_∥ = 1 + δ_½/γ, δ_½ the detuning that halves C_11, beside N_ent, for two bandwidths."""

    def half(kappa: float) -> float:
        first = partial(steady_concurrences, 1, bandwidth=kappa)
        ends, full = (0.2 * kappa, 3 * kappa), first()[0]
        return root(lambda x: first(offset=x)[0] / full - 0.5, *ends, 1e-3 * kappa)

    found = _steady("bandwidth", (10.0, 20.0))
    parallel = np.array([1 + half(x) for x in found["at"].tolist()])
    return {**found, "parallel": parallel, "ratio": parallel / found["pairs"]}


def _last_of_four(_: str) -> Numbers:
    """C_44, for the paper's four pairs; κ and γ_φ are not in the text at hand."""
    steps, noise = (0.0, 1.0, 3.0), {"bandwidth": 10.0, "dephasing": 0.01}
    found = _steady("detuning", steps, 4, photons=4, **noise)
    last = found["C"][-1]
    return {"steps": found["at"], "C": last, "best": float(found["at"][int(np.argmax(last))])}


_alike = partial(Statement, alike=True)
_within = partial(_alike, otherwise=RANGE)

TIMES = (
    _alike(
        "The preparation time increases at most linearly with N",
        "Fig. 3(c)",
        _times,
        lambda n: (
            np.all(n["times"] <= np.arange(1, 5) * n["times"][0])
            & (abs(n["steps"][2] - n["steps"][1]) < 0.1 * n["steps"][2])
        ),
        "γT_prep = {times:.2f} for N = 1 … 4 at Δ = 0; steps {steps:.2f}",
        "the steps settle, {consistent[steps]:.2f}: linear growth, with a slope far below the "
        "first pair's time; they still rise a little, so the curve is not concave",
    ),
    _alike(
        "T_prep(N) < N T_prep(1), even at δ_A,i = 0",
        "Fig. 3(c)",
        _times,
        lambda n: n["four"] < n["sequential"],
        "γT_prep(4) = {four:.2f} against 4 T_prep(1) = {sequential:.2f}",
        "all pairs start to relax at once",
    ),
    _alike(
        "T_prep(N) ≃ T_prep(1) for Δ ≳ γ",
        "Fig. 3(c)",
        _detuned,
        lambda n: (n["excess"][1] < 0.1) & (n["excess"][2] < 0.01) & falling(n["excess"]),
        "γT_prep(4) = {times:.2f} at Δ/γ = {steps:g}; T_prep(1) = {one:.2f}",
        "longer than one pair by {consistent[excess][1]:.1%} at Δ = γ and "
        "{consistent[excess][2]:.2%} at 5γ",
    ),
    _alike(
        "For the same δ_A, T_prep does not depend on the permutation",
        "below Fig. 3",
        _orders,
        lambda n: n["spread"] < 1e-6,
        "γT_prep = {times:.6f} for parallel, reversed, 2,1,3 (N = 3, Δ = 0.5γ)",
        "ρ_P(t) = Uρ_∥(t)U† with the unitary of Eq. (7), and |0…0⟩ is invariant under U",
    ),
    _alike(
        "A finite bandwidth reduces the largest entanglement of the first pair",
        "Fig. 4(a)",
        lambda _: {**_steady("bandwidth", (5.0, 10.0, 100.0), 1), "limit": np.tanh(2.0)},
        lambda n: rising(n["first"]) and n["first"][-1] < n["limit"],
        "C_11 = {first:.4f} at κ/γ = {at:g}; tanh 2r = {limit:.4f}",
        "the qubit sees correlations only within the bandwidth of the source",
    ),
    _alike(
        "The entanglement falls gradually along the chain",
        "Fig. 4(a)",
        lambda _: {"C": np.array(steady_concurrences(3, 6, bandwidth=10.0))},
        lambda n: falling(n["C"]),
        "C_ii = {C:.4f} at κ = 10γ",
        "pairs that are not quite dark spoil the light behind them",
    ),
    _alike(
        "N_ent ∼ 10–100 pairs can be entangled for moderate β",
        "Fig. 4(b)",
        _many,
        lambda n: np.any((n["pairs"] > 10) & (n["pairs"] < 100)) & (n["pairs"].max() >= 100),
        "N_ent = {pairs:.1f} at κ/γ = {at:g}",
        "N_ent grows as β to the power {consistent[power]:.2f} from β = 10 to 100",
    ),
    _alike(
        "Dephasing sets additional limits on N_ent",
        "Fig. 4(b)",
        lambda _: _steady("dephasing", (0.0, 0.001, 0.01), bandwidth=10.0),
        lambda n: falling(n["pairs"]),
        "N_ent = {pairs:.2f} at γ_φ/γ = {at:g}, κ = 10γ",
        "relaxation along the chain is slow, and dephasing acts all the while",
    ),
    _within(
        "N_ent at δ_A = 0 is an approximate upper bound for all other classes",
        "below Fig. 4",
        _upper_bound,
        lambda n: (
            (n["quiet"].max() <= 1.1 * n["quiet"][0]) & (n["noisy"].max() <= 1.1 * n["noisy"][0])
        ),
        "N_ent = {quiet:.1f} at Δ/γ = {steps:g}, κ = 10γ; {noisy:.2f} with γ_φ = 0.01γ",
        "at δ_A = 0 the state forms slowest, so that imperfections act longest: N_ent rises with Δ "
        "to {consistent[quiet][2]:.1f} at Δ = γ, and the value at 0 is nearer to a lower bound",
    ),
    _alike(
        "C_11 decays significantly for Δ/κ > 1, so that δ_max < κ is needed",
        "Fig. 4(c)",
        _offset,
        lambda n: falling(n["C"]) and n["C"][3] < 0.5 * n["C"][0],
        "C_11 = {C:.4f} at Δ/κ = {ratio:g} (κ = 5γ)",
        "the decay begins below κ: {consistent[left]:.0%} of the entanglement is left at Δ = κ",
    ),
    _within(
        "The number of pairs entangled in parallel is comparable to the total, N_∥ ≈ N_ent",
        "below Fig. 4",
        _in_parallel,
        lambda n: np.all((n["ratio"] > 0.5) & (n["ratio"] < 2)),
        "N_∥ = {parallel:.1f}, N_ent = {pairs:.1f} at κ/γ = {at:g}",
        "counting pairs a distance γ apart until C_11 is halved; N_ent grows faster with β, so "
        "that the ratio falls, {consistent[ratio]:.2f}",
        partly=lambda n: np.all((n["ratio"] > 0.2) & (n["ratio"] < 5)),
    ),
    _within(
        "Up to Δ ∼ κ entanglement of the last pair rises with Δ; it falls again beyond",
        "Fig. 4(d)",
        _last_of_four,
        lambda n: n["best"] >= 3.0,
        "C_44 = {C:.4f} at Δ/γ = {steps:g} (N = 4, four photons, κ = 10γ, γ_φ = 0.01γ)",
        "it rises and falls, but the best Δ of these is {consistent[best]:g}γ, well below κ: δ_max "
        "= (N − 1)Δ meets the bandwidth first, and parallel preparation is complete at Δ ∼ γ; κ "
        "and γ_φ are not in the text at hand",
        partly=lambda n: n["C"][0] < n["C"].max() > n["C"][-1],
    ),
    _alike(
        "With κ_A ≠ κ_B, finite-bandwidth effects are determined by the smaller of the two",
        "below Fig. 4",
        lambda _: _steady("bandwidth", ((20.0, 20.0), (5.0, 20.0), (5.0, 5.0))),
        lambda n: abs(n["first"][1] - n["first"][2]) < abs(n["first"][1] - n["first"][0]),
        "C_11 = {first:.4f} for (κ_A, κ_B)/γ = (20, 20), (5, 20), (5, 5)",
        "the mixed case lies nearer to the one with both rates small",
    ),
)
"""What the paper states of times and of bandwidth, in its order."""
