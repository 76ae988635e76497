"""An isolator and a directional amplifier from a bath that two modes share.

Two cavities exchange light with the rate J and lose light into one common bath. With J = iΓ/2 the
two ways from the second cavity to the first cancel, for every frequency: light passes one way only,
all of it in resonance. If the bath lowers one mode and raises the other, matched to the making of
pairs, it amplifies one way, and at large gain adds the half quantum that it must (A. Metelmann and
A. A. Clerk, Phys. Rev. X 5, 021025 (2015)).

    python examples/directional.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc

PARTS = {"one": qc.cavity(decay=1.0), "two": qc.cavity(decay=1.0)}


def isolator(exchange=0.5j):
    """Two cavities, κ = 1, with an exchange and a common bath of Γ = 1."""
    bath = qc.common_bath({"one.a": 1, "two.a": 1}, 1.0)
    links = [qc.hopping("one.a", "two.a", exchange), bath]
    return qc.gaussian(qc.Network(PARTS, couplings=links))


def amplifier(rate):
    """Pairs at iΓ/2, and a bath that lowers the first mode and raises the second."""
    bath = qc.common_bath({"one.a": 1}, rate, raising={"two.a": 1})
    links = [qc.two_mode_squeezing("one.a", "two.a", 0.5j * rate), bath]
    return qc.gaussian(qc.Network(PARTS, couplings=links))


def passed(model, output, input, frequency, kind="direct"):
    """Photons that come out for one that enters."""
    amplitudes = qc.scattering(model, frequency)[kind]
    share = np.abs(amplitudes.sel(output=f"{output}.out", input=f"{input}.in").values) ** 2
    return share if np.ndim(frequency) else share[0]


def added_noise(rate):
    """Gain, and the noise at the output beside what is amplified, in quanta of the input."""
    model = amplifier(rate)
    gain = passed(model, "two", "one", 0.0, "conjugate")
    return gain, qc.quadrature_spectrum(model, "two.out", 0.0) / gain - 0.5


def main():
    model = isolator()
    forward, back = (passed(model, *way, [0.0, 0.7]) for way in (("two", "one"), ("one", "two")))
    assert np.allclose(forward, [1.0, 0.4504301608], atol=1e-10)
    assert np.all(back == 0)  # to the last bit: no way leads there
    print(f"isolator     |S_21|² = {forward[0]:.6f}, |S_12|² = {back[0]:.0f} in resonance")
    print(f"             |S_21|² = {forward[1]:.10f} at ω = 0.7κ")
    turned = isolator(-0.5j)
    assert np.isclose(passed(turned, "one", "two", 0.0), 1)
    assert passed(turned, "two", "one", 0.0) == 0
    for rate in (0.5, 0.9, 0.999):
        gain, noise = added_noise(rate)
        assert np.isclose(gain, (4 * rate / (1 - rate**2)) ** 2)
        assert passed(amplifier(rate), "one", "two", 0.0, "conjugate") == 0
        print(f"amplifier    gain {gain:12.1f}   added noise {noise:.4f}")
    assert np.isclose(noise, 0.5, atol=1e-3)


def figure():
    """What passes each way over the phase of the exchange, and over the frequency."""
    drawing = Figure(figsize=(7, 3), layout="constrained")
    phase, frequency = np.linspace(-1, 1, 101), np.linspace(-2, 2, 201)
    turned = [isolator(0.5 * np.exp(1j * np.pi * x)) for x in phase]
    matched = isolator()
    left, right = drawing.subplots(1, 2, sharey=True)
    for way, word in ((("two", "one"), "|S₂₁|²"), (("one", "two"), "|S₁₂|²")):
        left.plot(phase, [passed(model, *way, 0.0) for model in turned], label=word)
        right.plot(frequency, passed(matched, *way, frequency), label=word)
    left.set(xlabel="phase of J / π", ylabel="share that passes")
    right.set(xlabel="ω / κ")
    right.legend(loc="upper right")
    return drawing


if __name__ == "__main__":
    main()
