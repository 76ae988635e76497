"""An atom in squeezed light: one quadrature of its dipole decays slowly.

Broadband squeezed vacuum at all of an atom's surroundings changes how its dipole dies out: one
quadrature at the rate (γ/2)e^{−2r}, the other at (γ/2)e^{2r}, and the inversion at γ cosh 2r, to
−1/cosh 2r (C. W. Gardiner, Phys. Rev. Lett. 56, 1917 (1986)). Squeezed light has a bandwidth: that
of a parametric oscillator is broad if the oscillator decays much faster than the atom.

    python examples/squeezed_atom.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc

ATOM = qc.qubit(decay=1.0)


def bathed(r):
    """An atom, γ = 1, all of whose surroundings are squeezed."""
    return qc.lindblad(
        qc.Network({"light": qc.parts.squeezed_beam(r), "atom": ATOM}, [("light.out", "atom.in")])
    )


def driven(r, decay, cutoff=12):
    """The same with light from an oscillator, whose spectrum is squeezed as much in its middle."""
    drive = decay / 2 * np.tanh(r / 2)
    parts = {"opo": qc.squeezed_mode(drive, decay=decay), "atom": ATOM}
    return qc.lindblad(qc.Network(parts, [("opo.out", "atom.in")]), {"opo.a": cutoff})


def dipole(model, start, times):
    """⟨σ_x⟩, ⟨σ_y⟩ and ⟨σ_z⟩ over time."""
    lower = qc.lower("atom.q")
    seen = {
        "x": lambda state: 2 * state.expect(lower).real,
        "y": lambda state: -2 * state.expect(lower).imag,
        "z": lambda state: 2 * state.expect(lower.dag * lower).real - 1,
    }
    run = qc.evolve(model, start, times, observe=seen, progress=False)
    return [run.observed[name] for name in "xyz"]


def inversion(model):
    """⟨σ_z⟩ in the steady state."""
    lower = qc.lower("atom.q")
    return 2 * qc.steady_state(model, progress=False).expect(lower.dag * lower).real - 1


RIGHT, AHEAD = (qc.ket("atom.q", np.array([1, phase]) / np.sqrt(2)) for phase in (1, -1j))


def main():
    r, times = 0.5, np.array([0.0, 0.5, 1.0, 2.0])
    model = bathed(r)
    x, _, z = dipole(model, RIGHT, times)
    _, y, _ = dipole(model, AHEAD, times)
    rest = -1 / np.cosh(2 * r)
    assert np.allclose(x, np.exp(-times / 2 * np.exp(2 * r)), atol=1e-7)
    assert np.allclose(y, np.exp(-times / 2 * np.exp(-2 * r)), atol=1e-7)
    assert np.allclose(z, rest * (1 - np.exp(-times * np.cosh(2 * r))), atol=1e-7)
    print(f"r = {r}: after 1/γ   ⟨σ_x⟩ = {x[2]:.4f}, ⟨σ_y⟩ = {y[2]:.4f} (0.6065 in vacuum)")
    print(f"at rest           ⟨σ_z⟩ = {inversion(model):.6f} = −1/cosh 2r")
    assert np.isclose(inversion(model), rest, atol=1e-9)
    off = []
    for decay in (10.0, 40.0, 160.0):
        at_rest = inversion(driven(r, decay))
        off.append(abs(at_rest - rest))
        print(f"oscillator of κ = {decay:3.0f}γ   ⟨σ_z⟩ = {at_rest:.6f}")
    assert np.all(np.diff(off) < 0)
    assert off[-1] < 1e-2


def figure():
    """Two quadratures of the dipole in squeezed light, and in the vacuum."""
    times = np.linspace(0, 4, 81)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    axes.plot(times, dipole(bathed(0.5), AHEAD, times)[1], label="⟨σ_y⟩, squeezed at r = 0.5")
    axes.plot(times, np.exp(-times / 2), "k:", label="vacuum")
    axes.plot(times, dipole(bathed(0.5), RIGHT, times)[0], label="⟨σ_x⟩, squeezed at r = 0.5")
    axes.set(xlabel="γt", ylabel="dipole")
    axes.legend()
    return drawing


if __name__ == "__main__":
    main()
