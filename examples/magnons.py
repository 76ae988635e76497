"""Magnons, photons and phonons of a magnet in a microwave cavity, entangled all three.

The magnons of a small sphere exchange quanta with a cavity, g/2π = 3.2 MHz, and are driven so that
they push its vibrations with G/2π = 4.8 MHz. Driven on the red side, at 0.9 of the frequency of
vibration, with the cavity on the blue side, at −ω_b, each of the three pairs is entangled, and the
state as a whole: its residual contangle is above zero (J. Li, S.-Y. Zhu and G. S. Agarwal, Phys.
Rev. Lett. 121, 203601 (2018)).

    python examples/magnons.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc

OMEGA = qc.si("10 MHz", "rad/s")  # of the vibration, which is the unit of all rates
PAIRS = (("a", "m"), ("m", "b"), ("a", "b"))


def state(cavity=-1.0, magnons=0.9, temperature="10 mK", exchange=0.32, push=0.48):
    """The steady state for detunings of cavity and magnons, in units of ω_b."""
    warm = qc.physics.bose_einstein("10 GHz", temperature)
    parts = {
        "a": qc.cavity(cavity, decay=0.2, occupation=warm),
        "m": qc.parts.magnon_mode(magnons, decay=0.2, occupation=warm),
        "b": qc.mechanical_mode(
            1.0,
            1e-5,
            occupation=qc.physics.bose_einstein(OMEGA, temperature),
            momentum_damped=True,
        ),
    }
    links = [
        qc.hopping("a.a", "m.m", exchange),
        qc.hopping("m.m", "b.b", push / 2),
        qc.two_mode_squeezing("m.m", "b.b", push / 2),
    ]
    return qc.steady_state(qc.gaussian(qc.Network(parts, couplings=links)))


def contangle(found):
    """Residual contangle of all three, in nats²."""
    return qc.measures.residual_contangle(found, "a", "m", "b")


def main():
    found = state()
    pairs = {pair: qc.log_negativity(found, *pair) for pair in PAIRS}
    assert np.allclose(list(pairs.values()), [0.16194192, 0.14070869, 0.13938332], atol=1e-8)
    assert np.isclose(contangle(found), 0.02797136, atol=1e-8)
    for (first, second), E_N in pairs.items():
        print(f"E_N({first}, {second}) = {E_N:.5f}")
    print(f"R(a, m, b) = {contangle(found):.5f}")
    assert qc.log_negativity(state(exchange=0.0), "a", "b") == 0  # all through the magnons
    warm = state(temperature="200 mK")
    assert all(qc.log_negativity(warm, *pair) < pairs[pair] for pair in PAIRS)


def figure():
    """E_N of the pairs, and the residual contangle, over the detuning of the cavity."""
    detuning = np.linspace(-1.5, 0.5, 201)
    found = state(cavity=detuning)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    for pair, word in zip(
        PAIRS, ("photons, magnons", "magnons, phonons", "photons, phonons"), strict=True
    ):
        axes.plot(detuning, qc.log_negativity(found, *pair), label=word)
    axes.plot(detuning, contangle(found), "k--", label="residual contangle")
    axes.set(xlabel="detuning of the cavity / ω_b", ylabel="E_N / nat, R / nat²")
    axes.legend(fontsize=8)
    return drawing


if __name__ == "__main__":
    main()
