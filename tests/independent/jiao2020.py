"""A spinning resonator with backscattering, Eqs. (6), (7) and (11) of Jiao et al. (2020).

Every printed frequency is an angular one, κ = ω_c/Q is the decay of amplitudes, and G₀ =
(ω_c/R)√(ħ/mω_m). Modes in the order driven, other, motion. `DIGITS` is ħ as often typed; the
values of older tables were made with it.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from independent.gaussian import (
    HBAR,
    SPEED,
    covariance,
    growth,
    log_negativity,
    mp,
    occupation,
)

DIGITS = mp.mpf("1.054571817e-34")
INDEX, RADIUS, MASS, QUALITY = mp.mpf("1.48"), mp.mpf("1.1e-3"), mp.mpf("10e-12"), mp.mpf("3.2e7")
MOTION, DAMPING = mp.mpf("6.3e7"), mp.mpf("5.2e3")
LIGHT = 2 * mp.pi * SPEED / mp.mpf("1.55e-6")
KAPPA = LIGHT / QUALITY

# Δ_c/ω_m, Ω in rad/s, side, J/κ
POINTS = [
    ("0.75", 0, "left", 0),
    ("1.0", 0, "left", 0),
    ("0.27", 8000, "left", 0),
    ("0.27", 8000, "right", 0),
    ("1.0", 8000, "left", 0),
    ("1.1", 0, "left", 1),
    ("-0.7", 23000, "left", 1),
]


def sagnac(spin: Any) -> Any:
    """|Δ_F| = (nRΩω_c/c)(1 − 1/n²), dispersion neglected."""
    return INDEX * RADIUS * mp.mpf(spin) * LIGHT / SPEED * (1 - 1 / INDEX**2)


def product(*factors: list[Any]) -> list[Any]:
    """Polynomials multiplied, lowest power first."""
    found = [mp.one]
    for factor in factors:
        longer = [mp.zero] * (len(found) + len(factor) - 1)
        for i, x in enumerate(found):
            for k, y in enumerate(factor):
                longer[i + k] += x * y
        found = longer
    return found


def added(*terms: list[Any]) -> list[Any]:
    width = max(map(len, terms))
    return [mp.fsum(t[k] for t in terms if k < len(t)) for k in range(width)]


def shifts(u: Any, v: Any, J: Any, push: Any) -> list[Any]:
    """Every real s = G₀q_s of Eq. (7), ascending, in units of ω_m.

    With d₁ = u − s, d₂ = v − s and α₁ = (κ + id₂)ε/Δ, α₂ = −iJε/Δ, Δ = (κ + id₂)(κ + id₁) + J²:
    s|Δ|² = c(κ² + d₂² + J²), c = (G₀ε)² in these units.
    """
    k = KAPPA / MOTION
    driven, other = [u, -mp.one], [v, -mp.one]
    real = added([k**2 + J**2], [-x for x in product(driven, other)])
    imaginary = [k * x for x in added(driven, other)]
    size = added(product(real, real), product(imaginary, imaginary))
    light = added([k**2 + J**2], product(other, other))
    equation = added([mp.zero, *size], [-push * x for x in light])
    roots = mp.polyroots(equation[::-1], maxsteps=500, extraprec=400)
    real_roots = sorted(x.real for x in roots if abs(x.imag) < mp.mpf(10) ** -25 * (1 + abs(x)))
    if J == 0:  # the factor κ² + (v − s)² has no real root, so nothing is counted twice
        assert len(real_roots) in (1, 3)
    return real_roots


def matrices(
    detuning: Any,
    spin: Any,
    side: str,
    J: Any,
    power: Any = "20e-3",
    temperature: Any = "0.13",
    hbar: Any = HBAR,
) -> list[tuple[Any, Any, Any, Any]]:
    """A, D (in units of ω_m) and the photons of both modes for every solution of Eq. (7)."""
    k, y = KAPPA / MOTION, DAMPING / MOTION
    F = sagnac(spin) / MOTION * (1 if side == "left" else -1)
    u, v, J = mp.mpf(detuning) + F, mp.mpf(detuning) - F, mp.mpf(J) * k
    G0 = LIGHT / RADIUS * mp.sqrt(hbar / (MASS * MOTION)) / MOTION
    epsilon = mp.sqrt(2 * KAPPA * mp.mpf(power) / (hbar * LIGHT)) / MOTION
    heat = y * (2 * occupation(MOTION, temperature, hbar) + 1)
    D = mp.diag([k, k, k, k, 0, heat])
    found = []
    for s in shifts(u, v, J, (G0 * epsilon) ** 2):
        d1, d2 = u - s, v - s
        a1 = mp.mpc(k, d2) * epsilon / (mp.mpc(k, d2) * mp.mpc(k, d1) + J**2)
        a2 = mp.mpc(0, -1) * J / mp.mpc(k, d2) * a1
        G, H = mp.sqrt(2) * G0 * a1, mp.sqrt(2) * G0 * a2
        A = mp.matrix(
            [
                [-k, d1, 0, J, -G.imag, 0],
                [-d1, -k, -J, 0, G.real, 0],
                [0, J, -k, d2, -H.imag, 0],
                [-J, 0, -d2, -k, H.real, 0],
                [0, 0, 0, 0, 0, 1],
                [G.real, G.imag, H.real, H.imag, -1, -y],
            ]
        )
        found.append((A, D, abs(a1) ** 2, abs(a2) ** 2))
    return found


def point(*at: Any, **more: Any) -> dict[str, Any]:
    """The stable solution with the fewest photons; where there is none, the one with the fewest."""
    every = matrices(*at, **more)
    A, D, driven, other = next((x for x in every if growth(x[0]) < 0), every[0])
    V = covariance(A, D)
    return {
        "E_N": None if V is None else log_negativity(V, 0, 2),
        "driven": driven,
        "other": other,
        "growth": growth(A),
        "branches": len(every),
    }


def peak(spin: Any, side: str, near: float, J: Any = 0) -> tuple[float, float]:
    """The largest E_N over the detuning, looked for within 0.05 ω_m of `near`."""

    def lost(detuning: float) -> float:
        return -float(point(detuning, spin, side, J)["E_N"])

    window = (near - 0.05, near + 0.05)
    best = minimize_scalar(lost, bounds=window, method="bounded", options={"xatol": 1e-6})
    return -best.fun, best.x


def main() -> None:
    n = occupation(MOTION, "0.13")
    print("κ/ω_m", mp.nstr(KAPPA / MOTION, 10), " n_m", mp.nstr(n, 10))
    for at in POINTS:
        for hbar in (HBAR, DIGITS):
            here = point(*at, hbar=hbar)
            E_N = "grows" if here["E_N"] is None else mp.nstr(here["E_N"], 12)
            print(*at, E_N, mp.nstr(here["driven"], 10), here["branches"], f"{here['growth']:.6g}")
    for spin, side, near in ((0, "left", 0.75), (8000, "left", 0.3), (8000, "right", 1.2)):
        print("peak", spin, side, *np.round(peak(spin, side, near), 6))


if __name__ == "__main__":
    main()
