"""Light and a moving mirror, entangled at 20 K.

A cavity of 1 mm with a finesse of 10 700 is driven by 50 mW at 810 nm; its mirror of 5 ng swings at
10 MHz with a damping of 100 Hz, in its momentum alone. Light inside and motion are entangled in the
steady state over a window of detunings, up to 24.58 K at the best of them (D. Vitali et al., Phys.
Rev. Lett. 98, 030405 (2007)).

    python examples/entangled_mirror.py
"""

import numpy as np
from scipy.optimize import brentq

import qcascade as qc

C, OMEGA = 299792458.0, qc.si("10 MHz", "rad/s")
KAPPA, GAMMA = 2 * np.pi * C / (1e-3 * 10700) / OMEGA, 1e-5  # of the energies, in units of ω_m


def state(detuning, temperature):
    """The steady state at an effective detuning, in units of the frequency of motion."""
    light = qc.physics.optical_frequency("810 nm")
    photons = KAPPA * qc.physics.drive_amplitude("50 mW", light) ** 2 / OMEGA
    photons = photons / (KAPPA**2 / 4 + detuning**2)
    pull = qc.physics.zero_point_coupling(light, "1 mm", "5 ng", OMEGA) / OMEGA
    thermal = qc.physics.bose_einstein(OMEGA, temperature)
    parts = {
        "light": qc.cavity(detuning, decay=KAPPA),
        "mirror": qc.mechanical_mode(1.0, GAMMA, occupation=thermal, momentum_damped=True),
    }
    coupling = -pull * np.sqrt(photons)
    links = [
        qc.hopping("light.a", "mirror.b", coupling),
        qc.two_mode_squeezing("light.a", "mirror.b", coupling),
    ]
    return qc.steady_state(qc.gaussian(qc.Network(parts, couplings=links)))


def entanglement(detuning, temperature=0.4):
    """E_N of light and mirror, in nats."""
    return qc.log_negativity(state(detuning, temperature), "light", "mirror")


def critical_temperature():
    """Kelvin above which there is no detuning at which they are entangled."""
    detuning = np.linspace(0.2, 1.2, 501)

    def best(temperature):
        return np.nanmax(qc.measures.margin(state(detuning, temperature), "light", "mirror"))

    return brentq(best, 10.0, 30.0, xtol=1e-4)


def main():
    at_half = entanglement(0.5)
    assert np.isclose(at_half, 0.24429966, atol=1e-8)
    detuning = np.linspace(0.7, 0.95, 251)
    over = entanglement(detuning)
    best = detuning[np.argmax(over)]
    assert np.isclose(over.max(), 0.31171, atol=1e-5)
    assert np.isclose(best, 0.825, atol=2e-3)
    hot = critical_temperature()
    assert np.isclose(hot, 24.58, atol=5e-3)
    print(f"Δ = 0.5 ω_m, 0.4 K     E_N = {at_half:.8f}")
    print(f"Δ = {best:.3f} ω_m, 0.4 K   E_N = {over.max():.5f}, the highest")
    print(f"entangled up to {hot:.2f} K")


def figure():
    """E_N over the detuning, at three temperatures."""

    def point(detuning, temperature):
        found = state(detuning, temperature)
        return {"E_N": qc.log_negativity(found, "light", "mirror"), "stable": found.stable}

    axes = {"detuning": (np.linspace(0.0, 2.0, 201), "ω_m"), "temperature": ([0.4, 5.0, 15.0], "K")}
    data = qc.sweep(point, **axes)
    data.E_N.attrs |= {"long_name": "E_N of light and mirror", "units": "nat"}
    return qc.figure(data, "E_N")


if __name__ == "__main__":
    main()
