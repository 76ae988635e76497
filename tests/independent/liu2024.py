"""Two cavities and a fibre both ways, Eqs. (7), (8), (16) and (27) of Liu et al. (2024).

κ and γ_m are decays of amplitudes, Δ the effective detuning, g₀ = (ω_c/l)√(ħ/mω_m) as printed.
Rows: X, Y of both lights, then of both motions. Everything in units of ω_m.

printed: links 2κ√η e^{iφ} both ways, pumps through the fibre √(2ηκ)ε in SI numbers.
one-way: the link from the second cavity to the first only, √η ε through the fibre.
consistent: every cavity has one port for each fibre, of amplitude rate κ/2, so the links are
κ√η e^{iφ}, the pump enters as √κ ε and the noise that passes one cavity drives the other,
D₁₂ = ½R(J₁₂ + J₂₁*).
"""

from typing import Any

import numpy as np

from independent.gaussian import HBAR, SPEED, covariance, growth, in_double, margin, mp, occupation

DIGITS = mp.mpf("1.054571817e-34")
LIGHT = 2 * mp.pi * SPEED / mp.mpf("780e-9")
KAPPA, DAMPING = 2 * mp.pi * mp.mpf("45e6"), 2 * mp.pi * mp.mpf("2.2e3")
MOTION, MASS, POWER = 2 * mp.pi * mp.mpf("88.54e6"), mp.mpf("20e-12"), mp.mpf("15e-3")

# reading, Δ/ω_m, Δθ/π, l in metre
POINTS = [
    ("printed", "1.4", "0.2", "0.1"),
    ("one-way", "1.175", "0.18", "25e-6"),
    ("one-way", "1.175", "0.25", "25e-6"),
    ("consistent", "1.4", "0.18", "100e-6"),
    ("consistent", "1.4", "0.25", "100e-6"),
    ("consistent", "1.1", "0.25", "10e-6"),
]


def coupling(length: Any, hbar: Any = HBAR) -> Any:
    """g₀ in rad/s."""
    return LIGHT / mp.mpf(length) * mp.sqrt(hbar / (MASS * MOTION))


def turned(z: Any) -> Any:
    return mp.matrix([[z.real, -z.imag], [z.imag, z.real]])


def links(reading: str, eta: Any, phi: Any) -> tuple[Any, Any]:
    """J of 2 → 1 and of 1 → 2, rad/s."""
    J = 2 * KAPPA * mp.sqrt(mp.mpf(eta)) * mp.expjpi(mp.mpf(phi))
    return {"printed": (J, J), "one-way": (J, mp.mpc(0)), "consistent": (J / 2, J / 2)}[reading]


def fields(reading: str, delta: Any, theta: Any, phi: Any, eta: Any, hbar: Any) -> tuple[Any, Any]:
    """α of both cavities at rest: (iΔ + κ)α₁ = d₁ − J₁₂α₂, (iΔ + κ)α₂ = d₂ − J₂₁α₁.

    The one-way reading keeps the mean fields of both directions, as Eq. (16) has them.
    """
    width = KAPPA if reading == "consistent" else 2 * KAPPA
    pump = mp.sqrt(width * POWER / (hbar * LIGHT))
    first, second = pump * mp.expjpi(-mp.mpf(theta)), mp.mpc(pump)
    through = mp.sqrt((2 * KAPPA if reading == "printed" else 1) * mp.mpf(eta))
    through *= mp.expjpi(mp.mpf(phi))
    J = links("printed" if reading == "one-way" else reading, eta, phi)[0]
    own = mp.mpc(KAPPA, delta)
    drives = mp.matrix([first + through * second, second + through * first])
    alpha = mp.lu_solve(mp.matrix([[own, J], [J, own]]), drives)
    return alpha[0], alpha[1]


def matrices(
    reading: str,
    detuning: Any,
    theta: Any,
    length: Any,
    phi: Any = "0.8",
    eta: Any = 1,
    temperature: Any = "0.1",
    travelling: bool | None = None,
    hbar: Any = HBAR,
) -> tuple[Any, Any]:
    """A and D in units of ω_m; `travelling` noise is what the consistent reading has."""
    delta = MOTION * mp.mpf(detuning)
    alphas = fields(reading, delta, theta, phi, eta, hbar)
    J12, J21 = links(reading, eta, phi)
    heat = DAMPING * (2 * occupation(MOTION, temperature, hbar) + 1)
    A, D = mp.zeros(8), mp.diag([KAPPA] * 4 + [heat] * 4)
    for k, alpha in enumerate(alphas):
        a, b = 2 * k, 4 + 2 * k
        push = 2 * coupling(length, hbar) * alpha
        A[a : a + 2, a : a + 2] = turned(mp.mpc(-KAPPA, -delta))
        A[b : b + 2, b : b + 2] = turned(mp.mpc(-DAMPING, -MOTION))
        A[a, b], A[a + 1, b] = -push.imag, push.real
        A[b + 1, a], A[b + 1, a + 1] = push.real, push.imag
    A[0:2, 2:4], A[2:4, 0:2] = turned(-J12), turned(-J21)
    if reading == "consistent" if travelling is None else travelling:
        shared = turned((J12 + mp.conj(J21)) / 2)
        D[0:2, 2:4], D[2:4, 0:2] = shared, shared.T
    return A / MOTION, D / MOTION


def point(*at: Any, **more: Any) -> dict[str, Any]:
    """max Re λ/ω_m, −ln 2ν₋ of the motions, and the smallest eigenvalue of their V + iΩ/2."""
    A, D = matrices(*at, **more)
    V = covariance(A, D)
    if V is None:
        return {"growth": growth(A), "margin": None, "lowest": None}
    form = np.kron(np.eye(2), [[0, 1], [-1, 0]])
    lowest = np.linalg.eigvalsh(in_double(V[4:8, 4:8]) + 0.5j * form)[0]
    return {"growth": growth(A), "margin": margin(V, 2, 3), "lowest": float(lowest)}


def main() -> None:
    rates = (float(coupling(l) / (2 * mp.pi)) for l in ("0.1", "1e-4"))
    print("g₀/2π", *(f"{x:.6f}" for x in rates), " n_th", mp.nstr(occupation(MOTION, "0.1"), 8))
    for at in POINTS:
        for hbar in (HBAR, DIGITS):
            here = point(*at, hbar=hbar)
            told = "grows" if here["margin"] is None else mp.nstr(here["margin"], 11)
            print(*at, f"growth {here['growth']:.9g}", told, here["lowest"])
    repaired = point("one-way", "1.175", "0.25", "25e-6", travelling=True)
    print("one-way with travelling noise", mp.nstr(repaired["margin"], 10), repaired["lowest"])


if __name__ == "__main__":
    main()
