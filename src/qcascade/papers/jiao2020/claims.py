"""What jiao2020 says, and the measures that decide it. Every number is computed when asked for."""

from functools import partial
from typing import Any

import numpy as np

import qcascade as qc

from .. import noise_of
from ..statements import RANGE, Numbers, Statement, falling, largest, root
from .figures import FAST, SPIN
from .model import COUPLING, MOTION, NOISES, SIDES, model, peak, photons_on_the_cycle, point, sagnac

ZERO = 1e-9  # E_N below this is rounding
WARM: dict[str, Any] = {"temperature": 0.5, "window": (-0.5, 3.5)}
"""Half a kelvin, where the best detuning may be that of the other mode."""

READINGS = NOISES
_fine = partial(peak, points=20001)  # where a place is told to four digits


def _top(noise: str, *at: Any, points: int = 801, **more: Any) -> Any:
    """The largest E_N over the detuning."""
    return peak(*at, points=points, noise=noise, **more)[0]


def _E_N(*at: Any, **more: Any) -> float:
    return float(point(*at, **more)["E_N"])


def _rate(**at: Any) -> float:
    return float(qc.growth(model(**at)[0].A)) / MOTION


def _one_direction(noise: str) -> Numbers:
    """E_N from both sides at the best detuning of either; NaN where there is no steady state."""
    best = {side: float(_fine(SPIN, side, noise=noise)[1]) for side in SIDES}
    pairs = [(by, x) for by in SIDES for x in SIDES]
    return best | {f"{by}_at_{x}": _E_N(best[x], SPIN, by, noise=noise) for by, x in pairs}


def _equal_photons(noise: str) -> Numbers:
    """Where both sides hold as many photons, and what the right-driven system does there."""

    def excess(detuning: float) -> Any:
        left, right = (point(detuning, SPIN, side)["photons_driven"] for side in SIDES)
        return 1 - left / right

    equal = root(excess, 0.2, 0.4, 1e-5)
    right = point(equal, SPIN, "right", noise=noise)
    return {
        "at": equal,
        "left": _E_N(equal, SPIN, "left", noise=noise),
        "right": float(right["E_N"]),
        "stable": bool(right["stable"]),
        "growth": _rate(detuning=equal, spin=SPIN, side="right", noise=noise),
        "photons": float(right["photons_driven"]),
        "mean": photons_on_the_cycle(equal, SPIN),
    }


def _equal_entanglement(noise: str) -> Numbers:
    """Where E_N of the left ends and that of the right begins, and the photons between."""

    def entangled(detuning: float, side: str) -> float:
        return float(_E_N(detuning, SPIN, side, noise=noise) > ZERO) - 0.5

    ends, begins = (root(partial(entangled, side=x), 0.9, 1.1, 1e-5) for x in SIDES)
    photons = [float(point(1.01, SPIN, side)["photons_driven"]) for side in SIDES]
    return {"ends": ends, "begins": begins, "photons": photons}


def _peaks(noise: str) -> Numbers:
    """Peaks at rest and from either side, and the effective detuning of the one at rest."""
    tops, at = np.transpose([_fine(x, noise=noise) for x in (0.0, SPIN, -SPIN)])
    shift, rest = float(sagnac(SPIN)) / MOTION, float(at[0])
    red = (COUPLING / MOTION) ** 2 * float(point(rest)["photons_driven"])
    off = float(np.abs(np.abs(at[1:] - rest) - shift).max())
    places = {"rest": rest, "red": red, "effective": rest - red}
    return {"E_N": tops, "at": at, "shift": shift, "off": off, **places}


def _stability(noise: str) -> Numbers:
    """Growth rates at the two detunings that the text names, from either side, and at rest."""
    at = {"spin": SPIN, "noise": noise}
    growth = {x: [_rate(detuning=y, side=x, **at) for y in (0.27, 1.0)] for x in SIDES}
    return {**growth, "rest": _rate(detuning=1.0, noise=noise)}


def _backscattering_hurts(noise: str) -> Numbers:
    J = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    return {"J": J, "tops": _top(noise, backscattering=J)}


def _gain(noise: str, side: str, J: Any) -> Any:
    """How many times spinning multiplies the largest E_N."""
    return _top(noise, FAST, side, J) / _top(noise, backscattering=J)


def _chi(noise: str, side: str, J: Any) -> Any:
    """The revival factor of Eq. (14)."""
    return _top(noise, FAST, side, J) / _top(noise)


def _where(noise: str, factor: Any, target: float, ends: tuple[float, float], also: Any) -> Numbers:
    """The J at which a factor has a value, by side, and the other factor there."""
    J = [root(lambda x, s=s: factor(noise, s, x) - target, *ends, 1e-5) for s in SIDES]
    return {"J": J, "also": [float(also(noise, s, x)) for s, x in zip(SIDES, J, strict=True)]}


def _slow_spins(noise: str) -> Numbers:
    spin = np.linspace(0, FAST, 24)
    chi = _top(noise, spin, "left", 1.0, points=201) / _top(noise)
    worst = int(np.argmin(chi))
    slow = float(spin[worst] / 1e3)
    return {"chi": chi, "rest": chi[0], "worst": chi[worst], "slow": slow, "fast": chi[-1]}


def _noise(noise: str) -> Numbers:
    """How far D is from quantum noise, and the largest change of E_N that repairing it makes."""
    x = np.linspace(0, 2, 401)
    y = x - float(sagnac(FAST)) / MOTION
    cases = [(x,), (y, FAST, "left", 1), (x, 0, "left", 1), (x, 0, "left", 2)]
    both = [[point(*at, noise=name)["E_N"] for name in READINGS] for at in cases]
    worst = noise_of(model(noise=noise)[0], MOTION)["lowest"]
    return {"worst": worst, "change": max(largest(np.abs(a - b)) for a, b in both)}


def _warm_revival(noise: str) -> Numbers:
    J = np.array([1.0, 1.5, 1.75, 2.0])
    rest = _top(noise, backscattering=J, **WARM)
    left, right = (_top(noise, FAST, side, J, **WARM) for side in SIDES)
    survives = (rest < ZERO) & (np.maximum(left, right) > ZERO)
    return {"J": J, "rest": rest, "left": left, "right": right, "from": J[survives]}


def _scattering_in_heat(noise: str) -> Numbers:
    def top(J: float, temperature: float = 0.5) -> float:
        more: dict[str, Any] = {**WARM, "temperature": temperature}
        return float(_top(noise, backscattering=J, **more))

    return {
        "cold": [top(J, 0.13) for J in (0.0, 1.0)],
        "warm": [top(J) for J in (0.0, 1.0)],
        "edge": root(lambda J: top(J) - top(0.0), 1.0, 1.74, 1e-5),
        "heat": root(lambda T: top(1.0, T) - top(0.0, T), 0.2, 0.5, 1e-5),
    }


_within = partial(Statement, otherwise=RANGE)
STATEMENTS = (
    _within(
        "When entanglement is greatest driving from one side, there is none from the other",
        "Fig. 2(a), (b)",
        _one_direction,
        lambda n: (n["right_at_left"] < ZERO) & (n["left_at_right"] < ZERO),
        "best for the left (Δ_c = {left:.4f}): left {left_at_left:.4f}, right {right_at_left:.4f}; "
        "best for the right ({right:.4f}): left {left_at_right:.4f}, right {right_at_right:.4f}",
        "at the left's best detuning the right-driven system has no steady state in which "
        "entanglement could vanish; at the right's best the left is stable and separable",
        partly=lambda n: n["left_at_right"] < ZERO < n["right_at_right"],
    ),
    Statement(
        "Near Δ_c/ω_m = 0.27 entanglement is one-way although the photon numbers are equal",
        "Fig. 2(b), (c)",
        _equal_photons,
        lambda n: n["stable"] and n["right"] < ZERO < n["left"],
        "equal at {at:.5f}: E_N left {left:.4f}, right {right:.4f}, which grows at "
        "{growth:.4f} ω_m",
        "{printed[photons]:.3e} photons are those of a fixed point that the right-driven system "
        "leaves; its classical motion ends in a limit cycle with {printed[mean]:.2e} on average",
    ),
    _within(
        "Near Δ_c/ω_m = 1 the photon numbers differ although E_N is equal from both sides",
        "Fig. 2(b), (c)",
        _equal_entanglement,
        lambda n: (n["ends"] > n["begins"]) & (n["photons"][0] != n["photons"][1]),
        "left reaches 0 at {ends:.4f}, right starts at {begins:.4f}; photons {photons:.2e} at 1.01",
        "equal means both zero, from {printed[ends]:.4f} to {printed[begins]:.4f}",
        partly=lambda n: (
            (n["begins"] - n["ends"] < 0.05) & (abs(np.log(np.divide(*n["photons"]))) > 0.5)
        ),
    ),
    Statement(
        "Spinning shifts the peak of E_N by ±Δ_F for opposite sides",
        "Fig. 2(a)",
        _peaks,
        lambda n: (n["off"] < 1e-3) & (n["at"][1] < n["at"][0] < n["at"][2]),
        "at rest, left, right: {E_N:.6f} at {at:.4f}",
        "Δ_F = {printed[shift]:.4f} ω_m; without backscattering only the driven mode's detuning "
        "matters",
    ),
    Statement(
        "The offset of the peak from Δ_c/ω_m = 1 is due to the optomechanical redshift",
        "Fig. 2, caption",
        _peaks,
        lambda n: abs(n["effective"] - 1) < abs(n["rest"] - 1),
        "peak at rest at Δ_c = {rest:.3f} ω_m, where the redshift is {red:.3f} ω_m: the effective "
        "detuning is {effective:.3f} ω_m",
        "in terms of the effective detuning the peak lies still further from 1; the redshift moves "
        "it towards 1, from {printed[effective]:.3f} to {printed[rest]:.3f}",
    ),
    _within(
        "The values ensure the stability of the system",
        "before Fig. 2",
        _stability,
        lambda n: max(*n["left"], *n["right"], n["rest"]) < 0,
        "growth in ω_m at Δ_c/ω_m = 0.27, 1: left {left:.4f}, right {right:.4f}; at rest "
        "{rest:.4f}",
        "light tuned above the driven mode's resonance amplifies the motion: from the right at "
        "0.27 it does",
        partly=lambda n: max(*n["left"], n["rest"]) < 0,
    ),
    Statement(
        "At rest, backscattering lowers the entanglement",
        "Fig. 3(a)",
        _backscattering_hurts,
        lambda n: falling(n["tops"]),
        "{tops:.4f} at J/κ = {J:g}",
        "at 130 mK: {printed[tops]:.4f}; see the last row for higher temperatures",
    ),
    _within(
        "Spinning at 23 kHz enhances E_N 2.5 times, to almost that of an ideal device",
        "Fig. 3(b)",
        lambda x: _where(x, _gain, 2.5, (1.0, 2.4), _chi),
        lambda n: min(n["also"]) > 0.95,
        "2.5 times at J = {J:.2f} κ (left, right), where χ = {also:.2f}",
        "J is not in the text at hand; where the factor is 2.5 the entanglement is "
        "{printed[also]:.0%} of the ideal one",
        partly=lambda n: min(n["also"]) > 0.5,
    ),
    _within(
        "The revival factor reaches 99.1%: entanglement is immune to random losses",
        "Fig. 3(f)",
        lambda x: _where(x, _chi, 0.991, (0.01, 1.0), _gain),
        lambda n: max(n["also"]) > 2,
        "99.1% at J = {J:.2f} κ (left, right), where spinning multiplies E_N by {also:.2f}",
        "so weak a backscattering hardly hurts in the first place; no single J gives 99.1% and 2.5 "
        "times at 23e3 rad/s",
        partly=lambda n: min(n["also"]) > 1,
    ),
    _within(
        "Spinning compensates for backscattering",
        "Fig. 3(f)",
        _slow_spins,
        lambda n: np.all(n["chi"][1:] > n["chi"][0]),
        "J = κ, left: χ = {rest:.2f} at rest, {worst:.2f} at {slow:.2g}e3, {fast:.2f} at 23e3 "
        "rad/s",
        "slow spins from the left make it worse ({printed[worst]:.2f}); fast ones revive the "
        "entanglement ({printed[fast]:.2f})",
        partly=lambda n: n["fast"] > n["rest"],
    ),
    Statement(
        "Noise on the momentum only is good for ω_m/γ_m ≫ 1",
        "Eq. (4)",
        _noise,
        lambda n: n["change"] < 0.005,
        "smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2 is {worst:.2g} ω_m; E_N differs by {change:.1e} "
        "at most",
        "no quantum noise has that D, but it misses one by {printed[worst]:.1g} ω_m only, and what "
        "completes it changes E_N by {printed[change]:.1e}, of what is said here only the least J "
        "of the thermal claim",
    ),
    _within(
        "Nonreciprocal entanglement survives heat that destroys it in a reciprocal device",
        "below Eq. (14)",
        _warm_revival,
        lambda n: len(n["from"]) == len(n["J"]),
        "0.5 K, J/κ = {J:g}: at rest {rest:.4f}; left {left:.4f}; right {right:.4f}",
        "at J/κ = {printed[from]:g} (Lindblad: {lindblad[from]:g}) and with little left; with less "
        "backscattering the device at rest is the better one",
        partly=lambda n: len(n["from"]) > 0,
    ),
    _within(
        "Backscattering is a loss to be protected from",
        "title; Fig. 3",
        _scattering_in_heat,
        lambda n: falling(n["cold"]) and falling(n["warm"]),
        "at rest without and with J = κ: {cold:.4f} at 130 mK, {warm:.4f} at 0.5 K; at 0.5 K it "
        "helps up to J = {edge:.2f} κ, and at J = κ from {heat:.2f} K on",
        "true at 130 mK; in more heat the two hybridised modes do better than one alone",
        partly=lambda n: falling(n["cold"]),
    ),
)
"""What the paper states, in its order."""
