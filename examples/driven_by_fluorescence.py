"""A cavity that is driven by the light of an atom.

A laser drives an atom whose light enters a cavity, which never acts back: a cascaded system, with
one master equation for both (H. J. Carmichael, Phys. Rev. Lett. 70, 2273 (1993); C. W. Gardiner,
ibid. 2269). The cavity is a filter. Its quanta are what its line of width κ takes of the spectrum

    n = |α|² + κ ∫ dω/2π S(ω)/(κ²/4 + (ω − Δ)²),

of the atom alone, which is known by quantum regression. A narrow cavity that takes the middle line
of the triplet holds its photons in bunches; a broad one shows that the atom sends them singly.

    python examples/driven_by_fluorescence.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc

RABI, WEAK = 4.0, 1e-3  # of the atom, γ = 1, which the laser drives through a weak port


def atom():
    """An atom seen from its second port, past the laser."""
    parts = {
        "laser": qc.coherent_drive(RABI / (2 * np.sqrt(WEAK))),
        "atom": qc.qubit(decay=[WEAK, 1 - WEAK]),
    }
    return parts, [("laser.out", "atom.in1")]


def cascade(detuning, width, cutoff=12):
    """The atom, and a cavity that its light enters."""
    parts, wires = atom()
    parts = {**parts, "filter": qc.cavity(detuning, decay=width)}
    return qc.lindblad(
        qc.Network(parts, [*wires, ("atom.out2", "filter.in")]), {"filter.a": cutoff}
    )


def inside(detuning, width):
    """Quanta and g⁽²⁾(0) of the cavity, from the master equation of both."""
    state = qc.steady_state(cascade(detuning, width), progress=False)
    a = qc.lower("filter.a")
    n = state.expect(a.dag * a).real
    return n, state.expect(a.dag * a.dag * a * a).real / n**2


def filtered(detuning, width):
    """Quanta of the cavity, from the amplitude and the spectrum of the atom alone."""
    alone = qc.lindblad(qc.Network(*atom()))
    coherent = abs(qc.outputs.flux(alone, "atom.out2").amplitude) ** 2
    # With ω = tan x the whole axis is a period, over which a sum of equal steps is exact.
    x = (np.arange(1000) + 0.5) * np.pi / 1000 - np.pi / 2
    omega, steps = np.tan(x), np.pi / 1000 * (1 + np.tan(x) ** 2)
    light = qc.outputs.emission_spectrum(alone, "atom.out2", omega) * steps / (2 * np.pi)
    detuning = np.asarray(detuning)[..., None]
    line = width / (width**2 / 4 + (np.append(omega, 0.0) - detuning) ** 2)
    return line @ np.append(light, coherent)


def main():
    for detuning, width in ((0.0, 1.0), (RABI, 1.0), (0.0, 50.0)):
        n, g2 = inside(detuning, width)
        assert np.isclose(n, filtered(detuning, width), rtol=1e-6)
        print(f"Δ = {detuning:.0f}γ, κ = {width:4.1f}γ   n = {n:.6f}   g2(0) = {g2:.4f}")
    assert g2 < 0.02  # as broad as the light: one photon at a time
    assert inside(0.0, 1.0)[1] > 1 > inside(RABI, 1.0)[1]


def figure():
    """Quanta of a narrow cavity over its detuning, and the spectrum of the atom."""
    detuning, omega = np.linspace(-7, 7, 15), np.linspace(-7, 7, 281)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    axes.plot(omega, filtered(omega, 1.0), label="from the spectrum of the atom")
    axes.plot(detuning, [inside(x, 1.0)[0] for x in detuning], "o", label="cascade, κ = γ")
    axes.set(xlabel="detuning of the cavity / γ", ylabel="quanta in the cavity")
    axes.legend()
    return drawing


if __name__ == "__main__":
    main()
