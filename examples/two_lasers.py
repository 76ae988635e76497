"""Remote motion entangled by a one-way cascade under two lasers 2ω_m apart.

The cavities of Jiao et al. (2022) in a row, with every bath that physics demands. The first laser
stands on the blue side of the first cavity, which makes pairs of a phonon and a photon; the photon
travels to the second cavity, whose own laser, 2ω_m below, swaps it onto the second motion. In the
frame of the first laser the second one is a tone at −2ω_m, and a second tone cancels what arrives
of the first laser's light. Nothing that rotates is dropped: classical fields run through an orbit,
and the state around it repeats with the beat (docs/remote_entanglement.md has the search).

    python examples/two_lasers.py
"""

import numpy as np

import qcascade as qc
from qcascade.papers.jiao2022.model import COUPLED, DAMPING, INTRINSIC, MOTION
from qcascade.papers.jiao2022.model import coupling as printed_coupling

# Rates in units of ω_m.
LOST, DAMPED = (float(qc.si(x, "rad/s")) / MOTION for x in (INTRINSIC, DAMPING))
FIBRE = {side: float(qc.si(rate, "rad/s")) / MOTION for side, rate in COUPLED.items()}
PUSH = float(printed_coupling(MOTION)) / MOTION


def network(up=-0.8935, down=0.9416, g_up=0.00189, g_down=0.002816, temperature=0.0):
    """The cascade and its lasers: a function of time.

    Args:
        up: effective detuning of the first cavity from the first laser; below zero: blue side.
        down: that of the second from the second laser.
        g_up: linearised coupling g₀|α| of the first.
        g_down: that of the second.
        temperature: of the baths of both motions, in kelvin; an array is as many networks.

    Returns:
        The network, and its fields at t = 0 by mode.
    """
    alpha = {"left": g_up / PUSH, "right": g_down / PUSH}
    width = {side: LOST + FIBRE[side] for side in FIBRE}
    thermal = qc.physics.bose_einstein(MOTION, temperature)
    parts, fields = {}, {}
    for side, detuning in (("left", up), ("right", down - 2)):
        # The motion is pushed aside, β = ig₀|α|²/(iω + γ/2), and moves the cavity's resonance.
        pushed = 1j * PUSH * alpha[side] ** 2 / (1j + DAMPED / 2)
        fields |= {f"{side}.a": alpha[side], f"{side}.b": pushed}
        parts[side] = qc.optomechanical_cavity(
            detuning + 2 * PUSH * pushed.real,
            {"fibre": FIBRE[side], "lost": LOST},
            coupling=PUSH,
            frequency=1.0,
            mechanical_decay=DAMPED,
            occupation=thermal,
        )
    # Lasers that hold those fields: α(κ/2 + iΔ) + Σ √κ β = 0.
    first = -alpha["left"] * (width["left"] / 2 + 1j * up) / np.sqrt(FIBRE["left"])
    second = -alpha["right"] * (width["right"] / 2 + 1j * down) / np.sqrt(LOST)
    arriving = np.sqrt(FIBRE["right"] / LOST) * (first + np.sqrt(FIBRE["left"]) * alpha["left"])
    parts["laser"] = qc.coherent_drive(first)
    parts["second"] = qc.coherent_drive(-arriving, tones={-2.0: second})
    wires = [("laser.out", "left.in_fibre"), ("left.out_fibre", "right.in_fibre")]
    return qc.Network(parts, [*wires, ("second.out", "right.in_lost")]), fields


def around(points=8, temperature=0.0, **settings):
    """Margins −ln 2ν₋ of the two motions at evenly spaced phases of the beat; E_N where positive.

    Several temperatures stand behind the phases.
    """
    cold, fields = network(**settings)
    net, _ = network(**settings, temperature=temperature)
    orbit = qc.orbit(cold, start=fields)

    def at(time):
        time = time.reshape(-1, *(1,) * np.ndim(temperature))
        return qc.gaussian(qc.linearise(net(time), orbit(time)))

    state = qc.periodic_state(at, orbit.period, points=points, tolerance=1e-6)
    return qc.measures.margin(state, "left.b", "right.b")


def ends(coldest=0.0, hottest=0.01, steps=41):
    """The temperature in kelvin above which no phase of the beat is entangled."""
    kelvin = np.linspace(coldest, hottest, steps)
    margins = around(points=2, temperature=kelvin).max(axis=0)
    k = int(np.argmax(margins < 0))
    return float(np.interp(0.0, margins[[k, k - 1]], kelvin[[k, k - 1]]))


if __name__ == "__main__":
    margins = around()
    print("E_N over the beat:", margins.round(6))
    print(f"mean {margins.mean():.6f}, swing {np.ptp(margins):.2g}")
    print(f"entangled below {ends() * 1e3:.2f} mK")
