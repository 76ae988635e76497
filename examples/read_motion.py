"""Entanglement of light and motion is read from what leaves a spinning resonator.

To see it, Jiao et al., Phys. Rev. Lett. 125, 143605 (2020), propose homodyne detection of the light
and, for the motion, a second drive: a weak probe, resonant with its anti-Stokes sideband, turns
motion into light (D. Vitali et al., Phys. Rev. Lett. 98, 030405 (2007)). Behind the probe's cavity
there leaves b(ω) = c(ω) q(ω) + vacuum, c = −i√(2κ_p) G_p/(κ_p/2 + i(ω_m − ω)). Spectra of both
outputs, without the vacuum and divided by c, integrate to the covariance of light and motion.

    python examples/read_motion.py
"""

import numpy as np

import qcascade as qc
from qcascade.papers.jiao2020.model import COUPLING, DAMPING, DECAY, LIGHT, MOTION, point, sagnac

KAPPA = 2 * DECAY / MOTION  # of the energy of light, in units of ω_m
WIDTH, PROBE = 0.2, 1e-3  # κ_p and G_p, in units of ω_m


def network(detuning, spin, probe):
    """Light, motion and probe around their working point; light from the left where Ω > 0."""
    shift = sagnac(1e3 * spin) / MOTION
    motion = {"coupling": COUPLING / 2**0.5 / MOTION, "frequency": 1.0, "momentum_damped": True}
    motion |= {"mechanical_decay": DAMPING / MOTION}
    motion |= {"occupation": qc.physics.bose_einstein(MOTION, "130 mK")}
    laser = qc.coherent_drive(-qc.physics.drive_amplitude("20 mW", LIGHT) / MOTION**0.5)
    parts = {"laser": laser, "r": qc.optomechanical_cavity(detuning + shift, KAPPA, **motion)}
    driven = qc.Network(parts, [("laser.out", "r.in")])
    light = qc.linearise(driven, qc.classical.working_points(driven).branch(0))
    links = [f("probe.a", "light.r.b", probe) for f in (qc.hopping, qc.two_mode_squeezing)]
    return qc.Network({"light": light, "probe": qc.cavity(1.0, WIDTH)}, couplings=links)


def read(model):
    """The state of light and motion that both outputs tell, by their spectra; p is −iω q/ω_m."""
    u, step = np.linspace(-6.5, 6.5, 1001, retstep=True)
    omega, weights = np.sinh(u), np.cosh(u) * step / (2 * np.pi)
    c = -1j * np.sqrt(2 * WIDTH) * PROBE / (WIDTH / 2 + 1j * (1 - omega))
    T = qc.outputs.transfer(model, omega, outputs=["light.r.out", "probe.out"])
    S = T @ model.input_noise @ T.conj().mT - np.eye(4) / 2
    moved = qc.outputs.emission_spectrum(model, "probe.out", omega) / abs(c) ** 2
    q = (S[:, :2, 2] - 1j * S[:, :2, 3]).T / np.sqrt(2 * KAPPA) / c.conj()
    V = np.zeros((4, 4))
    V[:2, :2] = np.eye(2) / 2 + np.einsum("w,wij->ij", weights, S[:, :2, :2]).real / KAPPA
    V[2, 2], V[3, 3] = weights @ moved, weights @ (omega**2 * moved)
    V[:2, 2], V[:2, 3] = (q @ weights).real, (1j * q @ (weights * omega)).real
    V[2:, :2] = V[:2, 2:].T
    return qc.GaussianState(["light", "motion"], cov=V)


def entanglement(detuning, spin):
    """E_N of light and motion inside, without a probe, and as it is read; NaN if unstable."""
    alone, probed = (qc.gaussian(network(detuning, spin, probe)) for probe in (0.0, PROBE))
    if qc.growth(alone.A) >= 0:
        return {"inside": np.nan, "E_N": np.nan}
    inside = qc.log_negativity(qc.steady_state(alone), "light.r.a", "light.r.b")
    return {"inside": inside, "E_N": qc.log_negativity(read(probed), "light", "motion")}


def main():
    for detuning, spin in ((0.3, 8), (1.2, 8), (1.2, -8)):
        inside, found = entanglement(detuning, spin).values()
        side = "left" if spin > 0 else "right"
        print(f"Δ = {detuning} ω_m, from the {side:5s}   inside {inside:.4f}   read {found:.4f}")
        assert np.isclose(inside, point(detuning, 8e3, side)["E_N"], atol=1e-5)
        assert np.isclose(found, inside, atol=3e-4)


def figure():
    """What is read at 8 krad/s, with light from the left and from the right (−8 krad/s)."""
    axes = {"detuning": (np.linspace(0.1, 1.8, 18), "ω_m"), "spin": ([8, -8], "krad/s")}
    return qc.figure(qc.sweep(qc.each(entanglement), **axes, progress=False), "E_N")


if __name__ == "__main__":
    main()
