"""What liu2024 says beside what comes out. Every number is computed when asked for.

Verdicts speak of the statement as printed. Since the printed equations have no steady state at
the paper's parameters, "holds in part" says that the one-way reading bears it out, with the
noise of Eq. (27), which is no quantum noise; in the consistent reading E_N is zero throughout,
so there the margin −ln 2ν₋ (negative: separable) tells the trend.
"""

from typing import Any, NamedTuple

import numpy as np

import qcascade as qc

from .. import Claim, steady_or_nan
from .model import KAPPA, LENGTHS, READINGS, model, point, with_travelling_noise

DETUNINGS = np.linspace(0.5, 2, 301)
RED = 1.4  # Δ/ω_m where the paper has its peak
NEAREST = 1.175  # Δ/ω_m of the worked numbers of the one-way reading
MOTION = 2 * np.pi * 88.54e6


def claims() -> list[Claim]:
    """The paper's claims, each as printed (with the one-way reading), consistent, and judged.

    >>> claims()[-1].verdict
    'fails'
    """
    return [
        _oscillators_are_entangled(),
        _peak_is_near_one_point_four(),
        _phase_gives_a_factor_of_three(),
        _other_phases_are_unstable(),
        _high_frequencies_entangle_less(),
        _power_helps(),
        _heat_hurts(),
        _links_both_ways(),
        _drive_through_the_fibre(),
        _noise_is_diagonal(),
    ]


def _at(reading: str, **where: Any) -> dict[str, Any]:
    return point(**where, length=LENGTHS[reading], reading=reading)


class _Peak(NamedTuple):
    """Where the margin is largest over the detuning; E_N is its positive part."""

    exists: bool
    growth: float
    detuning: float
    margin: float
    E_N: float

    def __str__(self) -> str:
        return f"{self.E_N:.4f}" if self.exists else f"no steady state (≥ {self.growth:.2f} ω_m)"


def _peak(reading: str, **where: Any) -> _Peak:
    found = _at(reading, detuning=DETUNINGS, **where)
    exists = bool(found["stable"].any())
    k = int(np.nanargmax(found["margin"])) if exists else 0
    values = (float(x) for x in (DETUNINGS[k], found["margin"][k], found["E_N"][k]))
    return _Peak(exists, float(found["growth"].min()), *values)


def _none(**where: Any) -> str:
    """The printed reading in words, once it is known to be unstable at every detuning."""
    peak = _peak("printed", **where)
    return f"no steady state, growth ≥ {peak.growth:.3f} ω_m" if not peak.exists else str(peak)


def _verdict(printed: bool, one_way: bool) -> str:
    return "holds" if printed else "holds in part" if one_way else "fails"


def _lowest(state: qc.GaussianState) -> float:
    """Smallest eigenvalue of V + iΩ/2 of the two oscillators."""
    form = np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]])
    return float(np.linalg.eigvalsh(state.reduce("left.b", "right.b").cov + 0.5j * form)[0])


def _oscillators_are_entangled() -> Claim:
    here, _ = model(NEAREST, length=LENGTHS["one-way"], reading="one-way")
    state = steady_or_nan(here)
    entanglement = float(qc.log_negativity(state, "left.b", "right.b"))
    right = float(
        qc.measures.margin(steady_or_nan(with_travelling_noise(here)), "left.b", "right.b")
    )
    detuning, phase = np.meshgrid(np.linspace(0.05, 6, 41), np.linspace(-0.99, 0.98, 41))
    best = []
    for temperature in (0.1, 0.0):
        where = {"phase_difference": phase.ravel(), "temperature": temperature}
        best.append(np.nanmax(_at("consistent", detuning=detuning.ravel(), **where)["margin"]))
    return Claim(
        "The two remote oscillators are entangled",
        "abstract, Fig. 2",
        f"{_none()}; one-way: E_N = {entanglement:.6f} at "
        f"Δ/ω_m = {NEAREST}, but V + iΩ/2 has the eigenvalue {_lowest(state):.3f}; with the noise "
        f"that the link brings, −ln 2ν₋ = {right:.4f}",
        f"E_N = 0: −ln 2ν₋ ≤ {best[0]:.3f} at 100 mK and {best[1]:.1e} at T = 0, over 41×41 "
        "points Δ/ω_m ≤ 6, all Δθ",
        _verdict(_peak("printed").E_N > 0, False),
        "what is found in the one-way reading is made by its noise: an unphysical state",
    )


def _peak_is_near_one_point_four() -> Claim:
    printed, one, two = (_peak(reading) for reading in READINGS)
    return Claim(
        "Entanglement within a finite interval of Δ around Δ/ω_m ≃ 1.4",
        "Fig. 2(a)",
        f"{_none()}; one-way: peak {one.E_N:.4f} at Δ/ω_m = {one.detuning:.3f}",
        f"E_N = 0; margin highest, {two.margin:.3f}, at Δ/ω_m = {two.detuning:.3f}",
        _verdict(*(p.E_N > 0 and abs(p.detuning - RED) < 0.1 for p in (printed, one))),
        "at Δθ = 0.25π; no reading has its peak there",
    )


def _phase_gives_a_factor_of_three() -> Claim:
    low, high = ({x: _peak(x, phase_difference=p) for x in READINGS} for p in (0.18, 0.25))
    ratio = {x: high[x].E_N / low[x].E_N if low[x].E_N > 0 else np.nan for x in READINGS}
    beyond = _peak("one-way", phase_difference=0.3)
    trend = f"margin {low['consistent'].margin:.4f} → {high['consistent'].margin:.4f}"
    return Claim(
        "From Δθ = 0.18π to 0.25π the maximum of E_N grows about threefold",
        "Fig. 2(a)",
        f"{_none(phase_difference=0.18)} at 0.18π, {_none()} at 0.25π; one-way: "
        f"{low['one-way']} → {high['one-way']}, ratio {ratio['one-way']:.2f}, and {beyond} at 0.3π",
        f"E_N = 0 at both; {trend}",
        _verdict(2 < ratio["printed"] < 4, 2 < ratio["one-way"] < 4),
        "Δθ sets the light in the cavities; 0.25π is no optimum, and without the noise of Eq. (27) "
        "the margin rises as well but stays below zero",
    )


def _other_phases_are_unstable() -> Claim:
    phase = np.linspace(-1, 1, 360)
    inside = (phase >= 0.18) & (phase <= 0.25)
    stable = {x: _at(x, detuning=RED, phase_difference=phase)["stable"] for x in READINGS}
    share = {
        x: f"steady at {int(s[inside].sum())} of {inside.sum()} inside, "
        f"{int(s[~inside].sum())} of {(~inside).sum()} outside"
        for x, s in stable.items()
    }
    return Claim(
        "For Δθ outside 0.18π … 0.25π the system is unstable",
        "below Fig. 2",
        f"{share['printed']}; one-way: {share['one-way']}",
        share["consistent"],
        _verdict(*(bool((stable[x] == inside).all()) for x in READINGS[:2])),
        f"at Δ/ω_m = {RED}: the printed light grows whatever Δθ, the others are stable for all",
    )


def _high_frequencies_entangle_less() -> Claim:
    where = {"phase_difference": 0.2}
    low, high = (
        {x: _peak(x, mechanical_frequency=f, **where) for x in READINGS} for f in (90e6, 100e6)
    )
    right = {x: abs(low[x].E_N - 0.11) < 0.01 and abs(high[x].E_N - 0.07) < 0.01 for x in READINGS}
    return Claim(
        "Maxima E_N ≃ 0.11 at ω_m/2π = 90 MHz and 0.07 at 100 MHz (Δθ = 0.2π)",
        "Fig. 3(a)",
        f"{_none(mechanical_frequency=90e6, **where)}, "
        f"{_none(mechanical_frequency=100e6, **where)}; "
        f"one-way: {low['one-way']} and {high['one-way']}",
        f"E_N = 0; margin {low['consistent'].margin:.4f} and {high['consistent'].margin:.4f}",
        _verdict(right["printed"], right["one-way"]),
        "smaller by factors, and rising with ω_m where the paper has it fall",
    )


def _power_helps() -> Claim:
    powers = [0.005, 0.010, 0.015, 0.020]
    peaks = {
        x: [_peak(x, mechanical_frequency=90e6, power=power) for power in powers] for x in READINGS
    }
    rising = {x: bool(np.all(np.diff([p.margin for p in peaks[x]]) > 0)) for x in READINGS}
    grows = ", ".join(f"{p.growth:.3f}" for p in peaks["printed"])
    return Claim(
        "E_N grows with the power P",
        "Fig. 3(d)–(f)",
        f"no steady state, growth ≥ {grows} ω_m at 5, 10, 15, 20 mW; "
        f"one-way: {', '.join(map(str, peaks['one-way']))}",
        f"E_N = 0; margin {', '.join(f'{p.margin:.3f}' for p in peaks['consistent'])}",
        _verdict(rising["printed"], rising["one-way"]),
        "at 90 MHz, Δθ = 0.25π: more light cools more; as printed it grows faster",
    )


def _heat_hurts() -> Claim:
    heat = np.array([0.01, 0.05, 0.1, 0.2])
    rows = {
        x: [_at(x, detuning=RED, temperature=heat, phase_difference=p) for p in (0.2, 0.25)]
        for x in READINGS
    }
    falling = {x: all(bool(np.all(np.diff(y["margin"]) < 0)) for y in rows[x]) for x in READINGS}
    robust = {x: bool(np.all(rows[x][1]["margin"] > rows[x][0]["margin"])) for x in READINGS}

    def values(reading: str, name: str) -> str:
        both = (", ".join(f"{v:.3f}" for v in row[name]) for row in rows[reading])
        return " | ".join(both)

    return Claim(
        "E_N falls with the temperature, more slowly at Δθ = π/4 than at π/5",
        "Fig. 4",
        f"no steady state, growth {rows['printed'][0]['growth'][0]:.4f} and "
        f"{rows['printed'][1]['growth'][0]:.4f} ω_m at any T; one-way: "
        f"{values('one-way', 'E_N')} at 10, 50, 100, 200 mK (π/5 | π/4)",
        f"E_N = 0; margin {values('consistent', 'margin')}",
        _verdict(*(falling[x] and robust[x] for x in READINGS[:2])),
        "a margin falls with T in any stable model",
    )


def _light(reading: str) -> tuple[float, float]:
    """Growth of light alone, and |J₁₂ + J₂₁*|, both in κ."""
    here, _ = model(power=0.0, length=LENGTHS[reading], reading=reading)
    left, right = (2 * here.modes.index(f"{name}.a") for name in ("left", "right"))
    rows = np.array([left, left + 1, right, right + 1])
    A = here.A[np.ix_(rows, rows)]
    both = A[:2, 2:] + A[2:, :2].T  # −R(J₁₂ + J₂₁*)
    return float(qc.growth(A)) / KAPPA, float(np.hypot(both[0, 0], both[1, 0])) / KAPPA


def _links_both_ways() -> Claim:
    found = {
        x: "light alone grows at {:+.4f}κ, |J₁₂ + J₂₁*| = {:.4f}κ".format(*_light(x))
        for x in READINGS
    }
    growing, needed = _light("printed")
    return Claim(
        "Cavities of decay κ carry links J = 2κ√η both ways",
        "Eqs. (4), (8)",
        f"{found['printed']}; one-way: {found['one-way']}",
        found["consistent"],
        _verdict(growing < 0 and needed <= 2, False),
        "a passive link obeys |J₁₂ + J₂₁*| ≤ 2κ: two ports need decay 2κ, or J = κ each; as "
        "printed it is stable for 2√η|cos φ| < 1 only",
    )


def _drive_through_the_fibre() -> Claim:
    photons, largest = {}, {}
    for x in READINGS:
        found = _at(x)
        largest[x] = max(float(found["photons_1"]), float(found["photons_2"]))
        photons[x] = f"{found['photons_1']:.3g} and {found['photons_2']:.3g} photons"
    return Claim(
        "Through the fibre the other pump arrives as √(2ηκ) ε e^{iφ}",
        "Eq. (7)",
        f"{photons['printed']}; one-way, with √η ε: {photons['one-way']}",
        photons["consistent"],
        # A drive of the right dimension fills the cavities alike in any unit, to some factor.
        _verdict(largest["printed"] < 100 * largest["consistent"], False),
        f"dimension: ε times the root of a rate, in SI units {np.sqrt(2 * KAPPA):.0f} times too "
        "strong (at Δθ = 0.25π)",
    )


def _noise_is_diagonal() -> Claim:
    lowest = {}
    for x in READINGS:
        here, _ = model(length=LENGTHS[x], reading=x)
        lowest[x] = float(qc.audit(here).noise_eigenvalue) / MOTION
    J = 2 * KAPPA * abs(np.cos(0.8 * np.pi)) / MOTION
    return Claim(
        "The noises of all quadratures are uncorrelated, D diagonal",
        "Eqs. (26)–(28)",
        f"D + i(AΩ + ΩAᵀ)/2 has the eigenvalue {lowest['printed']:.4f} ω_m (−J|cos φ| = "
        f"{-J:.4f}); one-way: {lowest['one-way']:.4f} ω_m",
        f"{lowest['consistent']:.4f} ω_m",
        _verdict(lowest["printed"] >= 0, lowest["one-way"] >= 0),
        "the vacuum that leaves one cavity enters the other; without it D is no quantum noise",
    )
