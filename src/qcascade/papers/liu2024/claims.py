"""What liu2024 says, and the measures that decide it. Every number is computed when asked for.

The equations in the text at hand have no steady state at the paper's parameters. "In part" says
that the one-way reading bears a statement out, with the noise of Eq. (27), which is no quantum
noise. In the consistent reading E_N is zero throughout, so that there the margin −ln 2ν₋
(negative: separable) tells the trend.
"""

from typing import Any

import numpy as np

import qcascade as qc

from .. import noise_of, steady_or_nan
from ..statements import LOST, SLIP, UNPHYSICAL, Numbers, Statement, largest, peak, rising
from .model import KAPPA, LENGTHS, model, point, with_travelling_noise

DETUNINGS = np.linspace(0.5, 2, 301)
RED = 1.4  # Δ/ω_m where the paper has its peak
NEAREST = 1.175  # Δ/ω_m of the worked numbers of the one-way reading
MOTION = 2 * np.pi * 88.54e6
PAIR = ("left.b", "right.b")


def _at(reading: str, **where: Any) -> dict[str, Any]:
    return point(**where, length=LENGTHS[reading], reading=reading)


def _model(reading: str, *at: Any, **where: Any) -> qc.GaussianModel:
    return model(*at, length=LENGTHS[reading], reading=reading, **where)[0]


def _margin(of: qc.GaussianModel) -> float:
    return float(qc.measures.margin(steady_or_nan(of), *PAIR))


def _peak(reading: str, **where: Any) -> dict[str, float]:
    """The largest margin over the detuning, where, and E_N there; NaN without a steady state."""
    found = _at(reading, detuning=DETUNINGS, **where)
    margin, E_N, at = peak(found["margin"], found["E_N"], DETUNINGS)
    return {"margin": margin, "E_N": E_N, "growth": float(found["growth"].min()), "at": at}


def _peaks(reading: str, *settings: dict[str, Any]) -> dict[str, Any]:
    """E_N, margin, place and growth of the peaks of several settings, as arrays by name."""
    rows = [_peak(reading, **where) for where in settings]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _everywhere(phases: Any) -> dict[str, Any]:
    """Points over all detunings of interest and some phase differences."""
    detuning, phase = np.meshgrid(np.linspace(0.05, 6, 41), phases)
    return {"detuning": detuning.ravel(), "phase_difference": phase.ravel()}


def _entangled(reading: str) -> Numbers:
    near = _model(reading, NEAREST)
    state, over = steady_or_nan(near), _everywhere(np.linspace(-0.99, 0.98, 41))
    V = state.reduce(*PAIR).cov + 0.5j * qc.conventions.symplectic_form(2)
    return {
        "E_N": float(qc.log_negativity(state, *PAIR)),
        "lowest": float(np.linalg.eigvalsh(V)[0]) if state.stable else np.nan,
        "travelling": _margin(with_travelling_noise(near)),
        "most": [largest(_at(reading, **over, temperature=T)["margin"]) for T in (0.1, 0.0)],
        "growth": _peak(reading)["growth"],
    }


def _beam_splitters(reading: str) -> Numbers:
    """Margins at Δ = ω_m, with everything and with what rotates at 2ω_m discarded.

    In quadratures the terms of Eq. (13) are the part of A that commutes with the symplectic form.
    """
    every, J = _model(reading, 1.0), qc.conventions.symplectic_form(4)
    kept = qc.GaussianModel(every.modes, (every.A - J @ every.A @ J) / 2, every.D)
    whole, cold = (_at(reading, detuning=1.0, temperature=T)["margin"] for T in (0.1, 0.0))
    return {"kept": _margin(kept), "whole": float(whole), "cold": float(cold)}


def _over(reading: str, name: str, values: Any, **fixed: float) -> Numbers:
    """The peaks at several values of a parameter."""
    found = _peaks(reading, *({name: x, **fixed} for x in values))
    E_N = found["E_N"]
    ratio = float(E_N[-1] / E_N[0]) if E_N[0] > 0 else np.nan
    return {**found, "at": np.array(values), "ratio": ratio}


def _other_phases(reading: str) -> Numbers:
    phase = np.linspace(-1, 1, 360)
    inside = (phase >= 0.18) & (phase <= 0.25)
    stable = _at(reading, detuning=RED, phase_difference=phase)["stable"]
    sides = {"inside": stable[inside], "of": inside, "outside": stable[~inside], "rest": ~inside}
    return {name: int(np.sum(x)) for name, x in sides.items()}


def _tuning_elsewhere(reading: str) -> Numbers:
    """Peaks at Δθ = 0.18π and 0.25π: for three frequencies, then for three powers at 90 MHz."""
    settings = [{"mechanical_frequency": f} for f in (85e6, 90e6, 100e6)]
    settings += [{"mechanical_frequency": 90e6, "power": P} for P in (0.010, 0.015, 0.020)]
    turned = [[{**x, "phase_difference": p} for x in settings] for p in (0.18, 0.25)]
    low, high = (_peaks(reading, *some) for some in turned)
    return {"low": low["margin"], "high": high["margin"], "E_N": high["E_N"], "E_N_low": low["E_N"]}


def _powers(reading: str) -> Numbers:
    found = _over(reading, "power", (0.005, 0.010, 0.015, 0.020), mechanical_frequency=90e6)
    return {**found, "powers": found["at"] * 1e3}


def _heat(reading: str) -> Numbers:
    T = np.array([0.01, 0.05, 0.1, 0.2])
    rows = [_at(reading, detuning=RED, temperature=T, phase_difference=p) for p in (0.2, 0.25)]
    names = ("margin", "E_N", "growth")
    return {f"{name}_{k}": row[name] for name in names for k, row in zip("54", rows, strict=True)}


def _links(reading: str) -> Numbers:
    """Growth of light alone, |J₁₂ + J₂₁*| and the weaker link in κ; Eq. (8) at φ = π/2."""
    light = _model(reading, power=0.0)
    left, right = (2 * light.modes.index(f"{name}.a") for name in ("left", "right"))
    rows = np.array([left, left + 1, right, right + 1])
    A = light.A[np.ix_(rows, rows)] / KAPPA
    both = A[:2, 2:] + A[2:, :2].T  # −R(J₁₂ + J₂₁*)
    size, *links = (float(np.hypot(x[0, 0], x[1, 0])) for x in (both, A[:2, 2:], A[2:, :2]))
    over = _everywhere(np.linspace(-1, 1, 40, endpoint=False))
    turned = _at(reading, **over, propagation_phase=0.5)
    return {
        "growth": float(qc.growth(A)),
        "both": size,
        "link": min(links),
        "turned": int(np.sum(turned["stable"] & turned["physical"])),
        "of": turned["stable"].size,
        "best": largest(turned["margin"]),
    }


def _drive(reading: str) -> Numbers:
    photons, right = (
        np.array([float(found[name]) for name in ("photons_1", "photons_2")])
        for found in (_at(reading), _at("consistent"))
    )
    arrives = np.sqrt(2 * KAPPA) if reading == "printed" else 1.0  # in units of √η ε
    return {"photons": photons, "factor": photons.max() / right.max(), "arrives": arrives}


def _noise(reading: str) -> Numbers:
    link = 2 * KAPPA * abs(np.cos(0.8 * np.pi)) / MOTION
    return {**noise_of(_model(reading), MOTION), "link": link}


STATEMENTS = (
    Statement(
        "The two remote oscillators are entangled",
        "abstract, Fig. 2",
        _entangled,
        lambda n: n["E_N"] > 0,
        "E_N = {E_N:.6f} at Δ/ω_m = 1.175 (growth ≥ {growth:.3f} ω_m over all Δ); −ln 2ν₋ ≤ "
        "{most:.2g} at 100 mK and T = 0, over 41×41 points Δ/ω_m ≤ 6, all Δθ",
        "the one-way state violates the uncertainty relation, V + iΩ/2 ≥ {one-way[lowest]:.3f}: "
        "its entanglement is made by the noise of Eq. (27). With the noise that the link brings "
        "−ln 2ν₋ = {one-way[travelling]:.4f}, and no point of the consistent reading is entangled",
    ),
    Statement(
        "Entanglement within a finite interval of Δ around Δ/ω_m ≃ 1.4",
        "Fig. 2(a)",
        _peak,
        lambda n: (n["E_N"] > 0) & (abs(n["at"] - RED) < 0.1),
        "peak E_N = {E_N:.4f}, margin {margin:.3f}, at Δ/ω_m = {at:.3f}; growth ≥ {growth:.3f} ω_m",
        "at Δθ = 0.25π; no reading has its peak there ({one-way[at]:.2f} and {consistent[at]:.2f})",
        partly=lambda n: n["E_N"] > 0,
    ),
    Statement(
        "At Δ = ω_m the entangling interaction is that of Eq. (13)",
        "Eqs. (11)–(13)",
        _beam_splitters,
        lambda n: n["kept"] > 0,
        "margin {kept:.3f} with the terms of Eq. (13), {whole:.3f} with all ({cold:.1e} at T = 0)",
        "Eq. (13) holds beam splitters only, which exchange quanta and entangle nothing from heat "
        "and vacuum; what entangles light and motion are the terms a†b† + ab that it discards. "
        "That they seem to in the one-way reading ({one-way[kept]:.3f}) is the noise of Eq. (27)",
        otherwise=LOST,
    ),
    Statement(
        "From Δθ = 0.18π to 0.25π the maximum of E_N grows about threefold",
        "Fig. 2(a)",
        lambda x: _over(x, "phase_difference", (0.18, 0.25)),
        lambda n: (n["ratio"] > 2) & (n["ratio"] < 4),
        "{E_N:.4f} at {at:g}π, ratio {ratio:.2f}; margin {margin:.4f}",
        "Δθ sets the light in the cavities: one-way × {one-way[ratio]:.2f}; without the noise of "
        "Eq. (27) the margin rises as well, {consistent[margin]:.3f}, and stays below zero",
    ),
    Statement(
        "Δθ = 0.25π is optimal, and E_N increases monotonically from 0.18π to it",
        "Fig. 2(b)",
        lambda x: _over(x, "phase_difference", (0.18, 0.2, 0.22, 0.25, 0.3)),
        lambda n: rising(n["E_N"][:4]) and n["E_N"][4] < n["E_N"][3],
        "E_N = {E_N:.4f} at {at:g}π; margin {margin:.3f}",
        "monotonic in the one-way reading, but 0.25π is no optimum there: more light, more "
        "entanglement, beyond it too",
        partly=lambda n: rising(n["E_N"][:4]),
    ),
    Statement(
        "For Δθ outside 0.18π … 0.25π the system is unstable",
        "below Fig. 2",
        _other_phases,
        lambda n: (n["inside"] == n["of"]) & (n["outside"] == 0),
        "steady at {inside} of {of} inside, {outside} of {rest} outside",
        "at Δ/ω_m = 1.4: the printed light grows whatever Δθ, the others are stable for all",
    ),
    Statement(
        "Maxima E_N ≃ 0.11 at ω_m/2π = 90 MHz and 0.07 at 100 MHz (Δθ = 0.2π)",
        "Fig. 3(a)",
        lambda x: _over(x, "mechanical_frequency", (90e6, 100e6), phase_difference=0.2),
        lambda n: np.abs(n["E_N"] - [0.11, 0.07]) < 0.01,
        "E_N = {E_N:.4f}, margin {margin:.4f}; growth ≥ {growth:.3f} ω_m",
        "one-way smaller by factors, {one-way[E_N]:.4f}, and rising with ω_m where the paper has "
        "it fall",
    ),
    Statement(
        "At any ω_m, and at any P, E_N is considerably enhanced by tuning Δθ",
        "Fig. 3(c), (f)",
        _tuning_elsewhere,
        lambda n: (n["high"] > n["low"]) & (n["E_N"] > 1.25 * n["E_N_low"]),
        "E_N = {E_N:.4f} at 0.25π (85, 90, 100 MHz; at 90 MHz 10, 15, 20 mW), {E_N_low:.4f} at "
        "0.18π; margin {high:.3f} and {low:.3f}",
        "the phase decides how much of the other pump adds to the light of a cavity, whatever the "
        "frequency and the power",
    ),
    Statement(
        "E_N grows with the power P",
        "Fig. 3(d)–(f)",
        _powers,
        lambda n: rising(n["E_N"]),
        "E_N = {E_N:.4f}, margin {margin:.3f} at {powers:g} mW; growth ≥ {growth:.3f} ω_m",
        "at 90 MHz, Δθ = 0.25π: more light cools more; as printed it grows faster",
    ),
    Statement(
        "E_N falls with the temperature, more slowly at Δθ = π/4 than at π/5",
        "Fig. 4",
        _heat,
        lambda n: (
            n["E_N_4"][0] > 0
            and rising(-n["margin_4"])
            and rising(-n["margin_5"])
            and np.all(n["margin_4"] > n["margin_5"])
        ),
        "at 10, 50, 100, 200 mK E_N = {E_N_5:.3f} (π/5) and {E_N_4:.3f} (π/4), margin "
        "{margin_5:.3f} and {margin_4:.3f}; growth {growth_5[0]:.4f} and {growth_4[0]:.4f} ω_m",
        "a margin falls with T in any stable model, from {consistent[margin_4][0]:.3f} to "
        "{consistent[margin_4][3]:.3f} in the consistent one",
    ),
    Statement(
        "Two cavities of decay κ, linked both ways by J = 2κ√η e^{iφ}, reach a steady state",
        "Eqs. (4), (8)",
        _links,
        lambda n: (n["growth"] < 0) & (n["link"] > 1.99) & (n["both"] <= 2),
        "light alone grows at {growth:+.4f}κ; links of {link:.3f}κ at least, |J₁₂ + J₂₁*| = "
        "{both:.4f}κ",
        "a passive link obeys |J₁₂ + J₂₁*| ≤ 2κ: two ports need decay 2κ, or J = κ each. As "
        "printed the light decays for 2√η|cos φ| < 1 only; at φ = π/2 Eq. (8) with D of Eq. (27) "
        "is physical, steady at {printed[turned]} of {printed[of]} points, and −ln 2ν₋ ≤ "
        "{printed[best]:.2f}",
        otherwise=UNPHYSICAL,
    ),
    Statement(
        "Through the fibre the other pump arrives as √(2ηκ) ε e^{iφ}",
        "Eq. (7)",
        _drive,
        # A drive of the right dimension fills the cavities alike in any unit, to some factor.
        lambda n: n["factor"] < 100 and n["arrives"] > 1,
        "{photons:.3g} photons",
        "dimension: ε times the root of a rate, in SI units {printed[arrives]:.0f} times too "
        "strong (at Δθ = 0.25π); √η ε in the readings beside it",
        quantum=False,
        otherwise=SLIP,
    ),
    Statement(
        "The noises of all quadratures are uncorrelated, D diagonal",
        "Eqs. (26)–(28)",
        _noise,
        lambda n: n["off"] < 1e-12,
        "D + i(AΩ + ΩAᵀ)/2 ≥ {lowest:.4f} ω_m; correlations {off:.4f} ω_m",
        "the vacuum that leaves one cavity enters the other; without it D is no quantum noise, by "
        "J|cos φ| = {printed[link]:.4f} ω_m",
    ),
)
"""What the paper states, in its order."""
