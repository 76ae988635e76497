"""Two cavities entangled by a motion that is damped.

A motion b makes pairs with one cavity, G₁ d₁b + h.c., and exchanges quanta with another,
G₂ d₂†b + h.c., G₁ < G₂. One joint mode of the cavities is then cooled by the damping γ of the
motion, the other is dark, and the cavities' steady state is entangled, beyond the ln 2 where
coherent making of pairs stops; so is, more, what leaves them. At the cavities' frequencies the
output is, with the cooperativities C = 4G²/κγ, what S₁₁ = −(1 + C₁ + C₂)/(1 + C₂ − C₁) and
S₁₂ = −2√(C₁C₂)/(1 + C₂ − C₁) make of vacuum and of the motion's n quanta (Y.-D. Wang and A. A.
Clerk, Phys. Rev. Lett. 110, 253601 (2013)).

    python examples/engineered_reservoir.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc


def network(ratio, cooperativity, damping=1.0, quanta=0.0):
    """Two cavities, κ = 1, with G₁/G₂ = ratio and 4G₂²/κγ = cooperativity."""
    G = np.sqrt(np.asarray(cooperativity) * damping) / 2
    parts = {
        "one": qc.cavity(decay=1.0),
        "two": qc.cavity(decay=1.0),
        "motion": qc.mechanical_mode(0.0, damping, occupation=quanta),
    }
    links = [
        qc.two_mode_squeezing("one.a", "motion.b", ratio * G),
        qc.hopping("two.a", "motion.b", G),
    ]
    return qc.gaussian(qc.Network(parts, couplings=links))


def inside(ratio, cooperativity, **motion):
    """E_N of the two cavities' modes."""
    state = qc.steady_state(network(ratio, cooperativity, **motion))
    return qc.log_negativity(state, "one", "two")


def outside(ratio, cooperativity, quanta=0.0):
    """E_N of the two outputs at the cavities' frequencies."""
    beside = 1e-9  # of resonance itself, where both sidebands would be one
    state = qc.sidebands(network(ratio, cooperativity, quanta=quanta), beside)
    return qc.log_negativity(state, "one.out+", "two.out-")


def two_modes(a, b, c):
    """E_N of two modes with the variances a and b and the correlation ±c."""
    return -np.log(a + b - np.sqrt((a - b) ** 2 + 4 * c**2))


def printed(ratio, cooperativity, quanta=0.0):
    """The same from the amplitudes as printed."""
    two, one = cooperativity, ratio**2 * cooperativity
    scale, pairs = (1 + two - one) ** 2, 4 * one * two
    a = 0.5 + (pairs + 4 * one * (1 + quanta)) / scale
    b = 0.5 + (pairs + 4 * two * quanta) / scale
    return two_modes(a, b, np.sqrt(pairs) * (1 + one + two + 2 * quanta) / scale)


def ideal(ratio):
    """E_N inside where one joint mode is in its ground state: s = sinh² r, tanh r = ratio."""
    s = ratio**2 / (1 - ratio**2)
    return two_modes(s * (s + 1) + s + 0.5, s * (s + 1) + 0.5, (s + 1) * np.sqrt(s * (s + 1)))


def main():
    for quanta in (0.0, 2.0):
        ratio = np.array([0.5, 0.8, 0.95])
        leaving = outside(ratio, 50.0, quanta)
        assert np.allclose(leaving, printed(ratio, 50.0, quanta), atol=1e-7)
        print(f"n = {quanta:.0f}   E_N of what leaves, G₁/G₂ = 0.5, 0.8, 0.95: {leaving.round(4)}")
    ratio = np.linspace(0.5, 0.999, 500)
    for cooperativity in (10.0, 100.0, 1000.0):
        E_N = inside(ratio, cooperativity, damping=10.0)
        best = ratio[np.argmax(E_N)]
        print(
            f"C₂ = {cooperativity:5.0f}   E_N inside up to {E_N.max():.4f}, at G₁/G₂ = {best:.3f}"
        )
        assert E_N.max() > np.log(2)
    assert np.isclose(inside(0.8, 1e6, damping=1e3), ideal(0.8), atol=5e-3)
    assert inside(0.8, 1e6, damping=1e3) < ideal(0.8)


def figure():
    """E_N inside over the ratio of the couplings, up to the ideal reservoir."""
    ratio = np.linspace(0.01, 0.99, 197)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    for cooperativity in (10.0, 100.0, 1000.0):
        axes.plot(
            ratio, inside(ratio, cooperativity, damping=10.0), label=f"C₂ = {cooperativity:.0f}"
        )
    axes.plot(ratio, ideal(ratio), "k:", label="ideal reservoir")
    axes.axhline(np.log(2), color="0.6", linewidth=0.8)
    axes.set(xlabel="G₁ / G₂", ylabel="E_N inside / nat", ylim=(0, 4))
    axes.legend()
    return drawing


if __name__ == "__main__":
    main()
