"""Squeezed and entangled motion by two tones, with everything that rotates fast kept.

A cavity whose light is driven at both mechanical sidebands, H = ω b†b + (G(t)a† + h.c.)(b + b†)
with G(t) = G₋e^{iωt} + G₊e^{−iωt}, squeezes one motion to ½(1 − x)/(1 + x), x = G₊/G₋, where fast
terms may be dropped; driven in the middle between the sidebands of two motions it entangles them
(M. J. Woolley, A. A. Clerk, Phys. Rev. A 89, 063805 (2014)). Here nothing is dropped: the states
are periodic, and differ from those in the rotating wave by what κ/ω allows.

    python examples/two_tones.py
"""

import numpy as np

import qcascade as qc

MOTIONS = (1.0, 1.2)  # frequencies


def driven(red, blue, middle, decay, frequencies, damping):
    """The model at given times: one cavity, pushed by all motions, in the frame of the cavity."""

    def at(time):
        G = red * np.exp(1j * middle * time) + blue * np.exp(-1j * middle * time)
        parts = {"a": qc.cavity(decay=decay)}
        parts |= {f"b{k}": qc.mechanical_mode(w, damping) for k, w in enumerate(frequencies, 1)}
        pairs = [
            couple("a.a", f"b{k}.b", G)
            for couple in (qc.hopping, qc.two_mode_squeezing)
            for k in range(1, len(frequencies) + 1)
        ]
        return qc.gaussian(qc.Network(parts, couplings=pairs))

    return at, 2 * np.pi / middle


def entanglement(points=4, damping=1e-3):
    """E_N of the two motions at evenly spaced phases of the beat."""
    at, period = driven(0.05, 0.03, sum(MOTIONS) / 2, 0.2, MOTIONS, damping)
    return qc.log_negativity(qc.periodic_state(at, period, points=points), "b1", "b2")


def rotating_wave(damping=1e-3):
    """E_N where what turns at 2ω̄ is dropped: G₋ swaps and G₊ makes pairs, b₁ at −δ, b₂ at +δ."""
    shift = (MOTIONS[1] - MOTIONS[0]) / 2
    parts = {
        "a": qc.cavity(decay=0.2),
        "b1": qc.mechanical_mode(-shift, damping),
        "b2": qc.mechanical_mode(shift, damping),
    }
    pairs = [
        couple("a.a", f"{motion}.b", G)
        for couple, G in ((qc.hopping, 0.05), (qc.two_mode_squeezing, 0.03))
        for motion in ("b1", "b2")
    ]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, couplings=pairs)))
    return float(qc.log_negativity(state, "b1", "b2"))


def squeezed(decay, ratio=0.6, damping=1e-9):
    """The smallest variance of one motion, at the phase of the drive where it is largest."""
    strength = 0.1 * decay
    at, period = driven(strength, ratio * strength, 1.0, decay, (1.0,), damping)
    state = qc.periodic_state(at, period, points=8, tolerance=1e-6)
    return float(np.linalg.eigvalsh(state.cov[:, 2:, 2:])[:, 0].max())


if __name__ == "__main__":
    print("E_N around the beat:", entanglement().round(6))
    print(f"in the rotating wave: {rotating_wave():.6f}")
    for decay in (0.4, 0.1, 0.02):
        print(f"κ = {decay:4} ω: squeezed variance {squeezed(decay):.5f}, limit 0.125")
