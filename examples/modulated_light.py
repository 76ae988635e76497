"""Light and motion entangled by a laser whose amplitude is modulated.

A cavity with radiation pressure, H = Δ a†a + ω b†b − g a†a(b + b†), whose laser has an amplitude
E₀ + 2E₁ cos 2ωt, is linearised around the orbit that its classical fields run through; the noise
around it repeats with the modulation, and with it the entanglement of light and motion
(A. Mari, J. Eisert, Phys. Rev. Lett. 103, 213603 (2009)).

    python examples/modulated_light.py
"""

import numpy as np

import qcascade as qc

DECAY = 0.4  # of the light, in units of ω, as all rates
PERIOD = np.pi


def network(mean, swing, thermal=0.0):
    """The cavity and its laser; a function of time."""
    tone = swing / np.sqrt(DECAY)
    laser = qc.coherent_drive(mean / np.sqrt(DECAY), tones={2.0: tone, -2.0: tone})
    motion = {"frequency": 1.0, "mechanical_decay": 0.02, "occupation": thermal}
    cavity = qc.optomechanical_cavity(1.0, DECAY, coupling=4e-4, **motion)
    return qc.Network({"laser": laser, "c": cavity}, [("laser.out", "c.in")])


def around(net, points=4):
    """Photons in the cavity and E_N of light and motion, at evenly spaced phases."""
    orbit = qc.orbit(net, PERIOD)

    def at(time):
        return qc.gaussian(qc.linearise(net(time), orbit(time)))

    state = qc.periodic_state(at, PERIOD, points=points)
    photons = np.abs(orbit(state.info["phases"])["c.a"]) ** 2
    return photons, qc.log_negativity(state, "c.a", "c.b")


if __name__ == "__main__":
    photons, entanglement = around(network(500.0, 100.0))
    for k in range(4):
        print(f"t = {k}/4 T   |a|² = {photons[k]:.3f}   E_N = {entanglement[k]:.6f}")
    print(f"steady laser, E₀ = 700: E_N = {around(network(700.0, 0.0), 1)[1][0]:.6f}")
    for swing in (0.0, 50.0, 150.0):
        best = around(network(500.0, swing), 16)[1].max()
        print(f"E₁ = {swing:3.0f}: largest E_N = {best:.4f}")
