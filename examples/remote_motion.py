"""Two oscillators entangled through a one-way link, with all the noise that physics demands.

The upstream cavity is driven on the blue side: it makes pairs of a photon and a phonon. The
photon leaves, travels, and enters the downstream cavity, which is driven on the red side and
swaps it onto its own motion. In the rotating-wave limit both cavities are linear parts:

    upstream    H = g₁(a†b† + ab)        downstream    H = g₂(a†b + b†a)

with κ = 1 for both cavities and damping γ for both motions.

    python examples/remote_motion.py
"""

import numpy as np

import qcascade as qc


def network(blue, red, thermal=0.0, loss=0.0, damping=1e-4):
    """The link as parts and wires; rates in units of the cavities' decay κ."""
    parts = {
        "up": qc.cavity(decay=1.0),
        "up_motion": qc.mechanical_mode(0.0, damping, occupation=thermal),
        "link": qc.fibre(1 - loss),
        "down": qc.cavity(decay=1.0),
        "down_motion": qc.mechanical_mode(0.0, damping, occupation=thermal),
    }
    return qc.Network(
        parts,
        wires=[("up.out", "link.in"), ("link.out", "down.in")],
        couplings=[
            qc.two_mode_squeezing("up.a", "up_motion.b", blue),
            qc.hopping("down.a", "down_motion.b", red),
        ],
    )


def entanglement(blue, red, thermal=0.0, loss=0.0):
    """E_N between the two motions, in nats."""
    state = qc.steady_state(qc.gaussian(network(blue, red, thermal, loss)))
    return qc.log_negativity(state, "up_motion", "down_motion")


if __name__ == "__main__":
    print(f"cold          E_N = {entanglement(0.0049209, 0.0079370):.5f}")
    print(f"one phonon    E_N = {entanglement(0.0049209, 0.0128018, thermal=1.0):.5f}")
    for loss in (0.1, 0.3, 0.5):
        print(f"loss {loss:.0%}      E_N = {entanglement(0.0049209, 0.0079370, loss=loss):.5f}")
    pairs = [(b, r) for b in np.linspace(0.0005, 0.0049, 12) for r in np.linspace(0.002, 0.03, 30)]
    best, blue, red = max((float(entanglement(b, r)), b, r) for b, r in pairs)
    print(f"best of a coarse search: E_N = {best:.4f} at g₁ = {blue:.5f}, g₂ = {red:.5f}")
