"""Two spinning resonators in a one-way cascade, Eqs. (9)–(19) of Jiao et al. (2022).

Γ = κ_0 + κ_ex is an energy decay; g₀ = (ω_c/R)√(ħ/mω_m) as printed; Δ is the effective detuning.
Rows: light and motion of the upstream resonator, then of the downstream one, with the signs of
the paper: a_out = ε − √κ_ex a, so the fibre brings −√(ηκ_lκ_r)e^{iφ}a downstream.

`travelling` keeps the vacuum that passes the first resonator and drives the second: the input of
the second is √η e^{iφ}(b_in − √κ a) + √(1 − η) loss, so ⟨downstream · upstreamᵀ⟩ of the noise
is ½√(ηκ_lκ_r)R(φ). The printed D leaves it out.
"""

from typing import Any

from scipy.optimize import minimize_scalar

from independent.gaussian import (
    HBAR,
    SPEED,
    covariance,
    log_negativity,
    margin,
    mp,
    occupation,
    symplectic,
)

DIGITS = mp.mpf("1.054571817e-34")
INDEX, RADIUS, MASS = mp.mpf("1.48"), mp.mpf("36e-6"), mp.mpf("15e-12")
LIGHT = 2 * mp.pi * SPEED / mp.mpf("780e-9")
MOTION = 2 * mp.pi * mp.mpf("88.54e6")
LOST, DAMPING = 2 * mp.pi * mp.mpf("15e6"), 2 * mp.pi * mp.mpf("2.2e3")
COUPLED = {"left": 2 * mp.pi * mp.mpf("27e6"), "right": 2 * mp.pi * mp.mpf("30e6")}
POWER = mp.mpf("20e-3")

# (Ω_l, Ω_r, χ) in MHz: the best detuning from the left and from the right; None: nowhere
MAXIMA = [
    (("0", "0", "1"), 1.0022, 1.0112),
    (("0.6", "0", "1"), 0.7353, 1.0027),
    (("0.6", "0.6", "1"), 0.7506, 1.2628),
    (("0", "0", "0.97"), 0.936, 0.980),
    (("0.8", "0", "0.97"), 0.682, None),
    (("0", "0", "0.95"), 0.932, 0.952),
    (("0.8", "0", "0.95"), 0.682, None),
]
POINTS = [
    ("1.0", "0", "0", "1"),
    ("0.74", "0.6", "0", "1"),
    ("0.68", "0.8", "0", "0.97"),
]


def coupling(frequency: Any, hbar: Any = HBAR) -> Any:
    """g₀ as printed, √2 above the physical value."""
    return LIGHT / RADIUS * mp.sqrt(hbar / (MASS * frequency))


def sagnac(spin: Any) -> Any:
    """|Δ_F| for Ω in 10⁶ rad/s."""
    return INDEX * RADIUS * mp.mpf(spin) * 10**6 * LIGHT / SPEED * (1 - 1 / INDEX**2)


def turned(z: Any) -> list[list[Any]]:
    """z as a 2×2 matrix on (x, p)."""
    return [[z.real, -z.imag], [z.imag, z.real]]


def matrices(
    detuning: Any,
    spin_left: Any = "0",
    spin_right: Any = "0",
    ratio: Any = "1",
    side: str = "left",
    eta: Any = 1,
    phi: Any = 0,
    temperature: Any = "0.1",
    travelling: bool = False,
    hbar: Any = HBAR,
) -> tuple[Any, Any]:
    """A and D in units of ω_m,l."""
    order = ("left", "right") if side == "left" else ("right", "left")
    spin = {"left": spin_left, "right": spin_right}
    frequency = {"left": MOTION, "right": MOTION * mp.mpf(ratio)}
    sense = 1 if side == "left" else -1
    passes = mp.sqrt(mp.mpf(eta)) * mp.expj(mp.mpf(phi))
    field = mp.mpc(mp.sqrt(POWER / (hbar * LIGHT)))
    A, D = mp.zeros(8), mp.zeros(8)
    for k, name in enumerate(order):
        a, b = 4 * k, 4 * k + 2
        delta = MOTION * mp.mpf(detuning) + sense * sagnac(spin[name])
        pull = mp.sqrt(COUPLED[name])
        width = (LOST + COUPLED[name]) / 2
        alpha = pull * field / mp.mpc(width, delta)
        field = passes * (field - pull * alpha)
        push = 2 * coupling(frequency[name], hbar) * alpha
        A[a : a + 2, a : a + 2] = mp.matrix(turned(mp.mpc(-width, -delta)))
        A[b : b + 2, b : b + 2] = mp.matrix(turned(mp.mpc(-DAMPING / 2, -frequency[name])))
        A[a, b], A[a + 1, b] = -push.imag, push.real
        A[b + 1, a], A[b + 1, a + 1] = push.real, push.imag
        heat = DAMPING * (occupation(frequency[name], temperature, hbar) + mp.mpf("0.5"))
        for row in (a, a + 1):
            D[row, row] = width
        for row in (b, b + 1):
            D[row, row] = heat
    link = mp.sqrt(COUPLED["left"] * COUPLED["right"]) * passes
    A[4:6, 0:2] = mp.matrix(turned(-link))
    if travelling:
        D[4:6, 0:2] = mp.matrix(turned(link / 2))
        D[0:2, 4:6] = mp.matrix(turned(link / 2)).T
    return A / MOTION, D / MOTION


def state(*at: Any, **more: Any) -> Any:
    return covariance(*matrices(*at, **more))


def entanglement(*at: Any, **more: Any) -> Any:
    """E_N of the two motions, rows 2, 3 and 6, 7; NaN where it grows."""
    V = state(*at, **more)
    return mp.nan if V is None else log_negativity(V, 1, 3)


def peak(setting: tuple[str, str, str], side: str, near: float) -> tuple[float, float]:
    """The largest E_N over the detuning with the printed D, within 0.02 ω_m of `near`."""

    def lost(detuning: float) -> float:
        return -float(entanglement(detuning, *setting, side=side))

    window = (near - 0.02, near + 0.02)
    best = minimize_scalar(lost, bounds=window, method="bounded", options={"xatol": 1e-5})
    return -best.fun, best.x


def figure4() -> Any:
    """V at the setting of Fig. 4: Δ = 0.68 ω_m, Ω_l = 0.8 MHz, χ = 0.95, light from the left."""
    return state("0.68", "0.8", "0", "0.95")


def oscillators(V: Any) -> Any:
    """V of (q, p) of the upstream motion, then of the downstream one."""
    rows = (2, 3, 6, 7)
    return mp.matrix([[V[i, k] for k in rows] for i in rows])


def main() -> None:
    print("g₀", mp.nstr(coupling(MOTION), 8), *(mp.nstr(sagnac(s) / MOTION, 8) for s in (0.6, 0.8)))
    for setting, *near in MAXIMA:
        found = [
            peak(setting, side, at) for side, at in zip(("left", "right"), near, strict=True) if at
        ]
        print(*setting, *(f"{top:.7f} at {at:.4f}" for top, at in found))
    for at in POINTS:
        print(*at, *(mp.nstr(entanglement(*at, hbar=h), 11) for h in (HBAR, DIGITS)))
    for travelling in (False, True):
        V = state("1.0", travelling=travelling)
        nu = mp.exp(-margin(V, 1, 3)) / 2
        numbers = nu, symplectic(V, 1, 3), log_negativity(V, 0, 1), log_negativity(V, 2, 3)
        print("travelling" if travelling else "printed", *(mp.nstr(x, 10) for x in numbers))
    V = oscillators(figure4())
    print("V13, V24, V14, V23:", *(mp.nstr(V[at], 6) for at in ((0, 2), (1, 3), (0, 3), (1, 2))))


if __name__ == "__main__":
    main()
