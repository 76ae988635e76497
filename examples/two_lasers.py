"""Remote motion entangled by a one-way cascade under two lasers 2ω_m apart.

The cavities of Jiao et al. (2022) in a row, or those of Liu et al. (2024) with the fibre of one
direction only, with every bath that physics demands. The first laser stands
on the blue side of the first cavity, which makes pairs of a phonon and a photon; the photon
travels to the second cavity, whose own laser, 2ω_m below, swaps it onto the second motion. In the
frame of the first laser the second one is a tone at −2ω_m, and a second tone cancels what arrives
of the first laser's light. Nothing that rotates is dropped: classical fields run through an orbit,
and the state around it repeats with the beat (docs/remote_entanglement.md has the search).

    python examples/two_lasers.py
"""

from typing import NamedTuple

import numpy as np

import qcascade as qc
from qcascade.papers.jiao2022.model import COUPLED, INTRINSIC, MOTION
from qcascade.papers.jiao2022.model import DAMPING as SLOW
from qcascade.papers.jiao2022.model import coupling as coupling_of_jiao2022
from qcascade.papers.liu2024.model import DAMPING, KAPPA
from qcascade.papers.liu2024.model import coupling as coupling_of_liu2024


class Cavities(NamedTuple):
    """Two cavities and their motions; rates in units of ω_m."""

    motion: float  # ω_m, rad/s
    fibre: dict[str, float]  # decay into the fibre by side
    lost: dict[str, float]  # into everything else
    damped: float  # decay of the motions
    push: float  # g₀
    best: dict[str, float]  # settings of the lasers, next to the most entanglement at T = 0


def _jiao2022():
    lost, damped = (float(qc.si(x, "rad/s")) / MOTION for x in (INTRINSIC, SLOW))
    fibre = {side: float(qc.si(rate, "rad/s")) / MOTION for side, rate in COUPLED.items()}
    push = float(coupling_of_jiao2022(MOTION)) / MOTION
    best = {"up": -0.8935, "down": 0.9416, "g_up": 0.00189, "g_down": 0.002816}
    return Cavities(MOTION, fibre, dict.fromkeys(fibre, lost), damped, push, best)


def _liu2024(omega=2 * np.pi * 88.54e6, length=100e-6):
    """κ and γ_m are of amplitudes there; either fibre takes half of κ, and one of both is cut."""
    half = dict.fromkeys(("left", "right"), KAPPA / omega)
    push = float(coupling_of_liu2024(length, omega)) / omega
    return Cavities(omega, half, dict(half), 2 * DAMPING / omega, push, BEST)


BEST = {"up": -1.1, "down": 1.05, "g_up": 0.0034, "g_down": 0.0052}
JIAO2022, LIU2024 = _jiao2022(), _liu2024()


def network(cavities=JIAO2022, up=None, down=None, g_up=None, g_down=None, temperature=0.0):
    """The cascade and its lasers: a function of time.

    Args:
        cavities: of which paper; its `best` settings are those that are not given.
        up: effective detuning of the first cavity from the first laser; below zero: blue side.
        down: that of the second from the second laser.
        g_up: linearised coupling g₀|α| of the first.
        g_down: that of the second.
        temperature: of the baths of both motions, in kelvin; an array is as many networks.

    Returns:
        The network, and its fields at t = 0 by mode.
    """
    motion, fibre, lost, damped, push, best = cavities
    given = {"up": up, "down": down, "g_up": g_up, "g_down": g_down}
    up, down, g_up, g_down = (best[k] if x is None else x for k, x in given.items())
    alpha = {"left": g_up / push, "right": g_down / push}
    width = {side: lost[side] + fibre[side] for side in fibre}
    thermal = qc.physics.bose_einstein(motion, temperature)
    parts, fields = {}, {}
    for side, detuning in (("left", up), ("right", down - 2)):
        # The motion is pushed aside, β = ig₀|α|²/(iω + γ/2), and moves the cavity's resonance.
        pushed = 1j * push * alpha[side] ** 2 / (1j + damped / 2)
        fields |= {f"{side}.a": alpha[side], f"{side}.b": pushed}
        parts[side] = qc.optomechanical_cavity(
            detuning + 2 * push * pushed.real,
            {"fibre": fibre[side], "lost": lost[side]},
            coupling=push,
            frequency=1.0,
            mechanical_decay=damped,
            occupation=thermal,
        )
    # Lasers that hold those fields: α(κ/2 + iΔ) + Σ √κ β = 0.
    first = -alpha["left"] * (width["left"] / 2 + 1j * up) / np.sqrt(fibre["left"])
    second = -alpha["right"] * (width["right"] / 2 + 1j * down) / np.sqrt(lost["right"])
    arriving = np.sqrt(fibre["right"] / lost["right"]) * (
        first + np.sqrt(fibre["left"]) * alpha["left"]
    )
    parts["laser"] = qc.coherent_drive(first)
    parts["second"] = qc.coherent_drive(-arriving, tones={-2.0: second})
    wires = [("laser.out", "left.in_fibre"), ("left.out_fibre", "right.in_fibre")]
    return qc.Network(parts, [*wires, ("second.out", "right.in_lost")]), fields


def around(points=8, temperature=0.0, cavities=JIAO2022, **settings):
    """Margins −ln 2ν₋ of the two motions at evenly spaced phases of the beat; E_N where positive.

    Several temperatures stand behind the phases.
    """
    cold, fields = network(cavities, **settings)
    net, _ = network(cavities, **settings, temperature=temperature)
    orbit = qc.orbit(cold, start=fields)

    def at(time):
        time = time.reshape(-1, *(1,) * np.ndim(temperature))
        return qc.gaussian(qc.linearise(net(time), orbit(time)))

    state = qc.periodic_state(at, orbit.period, points=points, tolerance=1e-6)
    return qc.measures.margin(state, "left.b", "right.b")


def ends(coldest=0.0, hottest=0.01, steps=41, cavities=JIAO2022):
    """The temperature in kelvin above which no phase of the beat is entangled."""
    kelvin = np.linspace(coldest, hottest, steps)
    margins = around(2, kelvin, cavities).max(axis=0)
    k = int(np.argmax(margins < 0))
    return float(np.interp(0.0, margins[[k, k - 1]], kelvin[[k, k - 1]]))


if __name__ == "__main__":
    for name, cavities in (("jiao2022", JIAO2022), ("liu2024", LIU2024)):
        margins = around(cavities=cavities)
        print(f"{name}: E_N over the beat:", margins.round(6))
        print(f"mean {margins.mean():.6f}, swing {np.ptp(margins):.2g}")
        print(f"entangled below {ends(cavities=cavities) * 1e3:.2f} mK")
