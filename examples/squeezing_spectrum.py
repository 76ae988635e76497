"""Squeezing spectrum of a parametric oscillator.

Light that leaves a parametric oscillator below its threshold is squeezed the more the nearer its
drive ξ is to half of the decay κ, and within the linewidth only:

    S(ω) = ½[1 ∓ 2κξ/((κ/2 ± ξ)² + ω²)],

in units of the vacuum's ½ (M. J. Collett and C. W. Gardiner, Phys. Rev. A 30, 1386 (1984)). Both
quadratures together stay at the uncertainty limit; what is lost on the way is replaced by vacuum.

    python examples/squeezing_spectrum.py
"""

import numpy as np

import qcascade as qc


def spectra(drive, frequency, efficiency=1.0, loss=0.0):
    """Noise of p and x at the output, whose port has 1 − loss of the decay κ = 1."""
    model = qc.gaussian(qc.squeezed_mode(drive, decay=[1.0 - loss, loss]))
    return [
        qc.quadrature_spectrum(model, "out1", frequency, angle=angle, efficiency=efficiency)
        for angle in ("90 deg", 0.0)
    ]


def closed_form(drive, frequency, efficiency=1.0, loss=0.0):
    """The same as printed."""
    weight = 2 * efficiency * (1 - loss) * drive
    return [
        0.5 * (1 - sign * weight / ((0.5 + sign * drive) ** 2 + frequency**2)) for sign in (1, -1)
    ]


def main():
    frequency = np.linspace(-3, 3, 61)
    for lost in ({}, {"efficiency": 0.9, "loss": 0.2}):
        for drive in (0.1, 0.2, 0.4):
            quiet, noisy = spectra(drive, frequency, **lost)
            expected = closed_form(drive, frequency, **lost)
            assert np.allclose([quiet, noisy], expected, rtol=1e-12, atol=0)
            if not lost:
                assert np.allclose(quiet * noisy, 0.25, rtol=1e-12)
    quiet, noisy = spectra(0.2, 0.0)
    assert np.isclose(quiet, 0.0918367347, atol=1e-10)
    assert np.isclose(noisy, 2.7222222222, atol=1e-10)
    print(f"ξ = 0.2κ, ω = 0     S_p = {quiet:.10f}, {qc.decibel(quiet):.4f} dB")
    print(f"                    S_x = {noisy:.10f}, {qc.decibel(noisy):.4f} dB")
    quiet, _ = spectra(0.2, 0.3, 0.9, 0.2)
    assert np.isclose(quiet, 0.2517241379, atol=1e-10)
    print(f"with losses, ω = 0.3κ   S_p = {quiet:.10f}")


def figure():
    """Noise of p over the frequency, for some drives."""

    def point(frequency, drive):
        return {"noise": qc.decibel(spectra(drive, frequency)[0])}

    data = qc.sweep(point, frequency=(np.linspace(-3, 3, 201), "κ"), drive=[0.1, 0.2, 0.4])
    data.noise.attrs |= {"long_name": "noise of p", "units": "dB"}
    return qc.figure(data, "noise")


if __name__ == "__main__":
    main()
