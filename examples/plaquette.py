"""Four drives and two mechanical modes isolate, at one phase.

Microwaves cross from one cavity to another by way of two mechanical modes, each driven at both
cavities. The modes are detuned by ∓δ from what the four drives bridge, and the phases of the drives
add up to φ around the plaquette. What passes is proportional to cos(θ ± φ/2) with tan θ = 2δ/γ, the
sign being the direction: at φ = π − 2θ nothing returns, and at the detuning 1 + 4δ²/γ² = 2C there
passes |S_21|² = 1 − 1/2C, with the cooperativity C = 4G²/κγ (S. Barzanjeh et al., Nature Commun. 8,
953 (2017)).

    python examples/plaquette.py
"""

from functools import partial

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar

import qcascade as qc

DAMPING = 0.01  # of the motions, in units of the cavities' decay


def network(phase, cooperativity=20.0, detuning=None):
    """Two cavities, two motions, and four exchanges with one phase around them."""
    if detuning is None:
        detuning = DAMPING / 2 * np.sqrt(2 * cooperativity - 1)
    G = np.sqrt(cooperativity * DAMPING) / 2
    parts = {
        "left": qc.cavity(decay=1.0),
        "right": qc.cavity(decay=1.0),
        "slow": qc.mechanical_mode(-detuning, DAMPING),
        "fast": qc.mechanical_mode(detuning, DAMPING),
    }
    links = [
        qc.hopping("left.a", "slow.b", G),
        qc.hopping("slow.b", "right.a", G),
        qc.hopping("right.a", "fast.b", G * np.exp(1j * phase)),
        qc.hopping("fast.b", "left.a", G),
    ]
    return qc.Network(parts, couplings=links)


def passed(phase, output, input, frequency=0.0, **rates):
    """Photons that come out of one cavity for one that enters the other."""
    found = qc.scattering(qc.gaussian(network(phase, **rates)), frequency)["direct"]
    share = np.abs(found.sel(output=f"{output}.out", input=f"{input}.in").values) ** 2
    return share if np.ndim(frequency) else share[0]


def isolating_phase(**rates):
    """The phase at which least returns, searched for: among some, then next to the best."""
    back = partial(passed, output="left", input="right", **rates)
    near = min(np.linspace(-np.pi, np.pi, 65), key=back)
    return minimize_scalar(back, bounds=(near - 0.1, near + 0.1), options={"xatol": 1e-10}).x


def main():
    for cooperativity in (2.0, 20.0):
        phase = isolating_phase(cooperativity=cooperativity)
        theta = np.arctan(np.sqrt(2 * cooperativity - 1))
        forward = passed(phase, "right", "left", cooperativity=cooperativity)
        back = passed(phase, "left", "right", cooperativity=cooperativity)
        assert np.isclose(phase, np.pi - 2 * theta, atol=1e-6)
        assert np.isclose(forward, 1 - 0.5 / cooperativity, atol=1e-9)
        assert back < 1e-9
        print(
            f"C = {cooperativity:4.1f}   φ = {phase:.4f}   forward {forward:.6f}   back {back:.0e}"
        )
    assert np.isclose(passed(-phase, "left", "right"), forward)  # the other way at −φ
    assert np.isclose(passed(0.0, "left", "right"), passed(0.0, "right", "left"))


def figure():
    """What passes each way over the phase, and over the frequency at the phase found."""
    phase = np.linspace(-np.pi, np.pi, 121)
    frequency = np.linspace(-60, 60, 201) * DAMPING
    found = isolating_phase()
    drawing = Figure(figsize=(7, 3), layout="constrained")
    left, right = drawing.subplots(1, 2, sharey=True)
    for way, word in ((("right", "left"), "forward"), (("left", "right"), "back")):
        left.plot(phase / np.pi, [passed(x, *way) for x in phase], label=word)
        right.plot(frequency / DAMPING, passed(found, *way, frequency), label=word)
    left.set(xlabel="φ / π", ylabel="share that passes")
    right.set(xlabel="ω / γ")
    left.legend()
    return drawing


if __name__ == "__main__":
    main()
