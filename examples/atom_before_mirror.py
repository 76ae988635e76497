"""An excited atom before a mirror, which light returns from after a while.

Half of what the atom emits goes to a mirror and comes back after τ with a phase φ. With one
excitation in all,

    ċ = −½γ c(t) − ½γ e^{iφ} c(t − τ),

and at φ = π the atom keeps 1/(1 + γτ/2) of its amplitude for ever, bound to the light between it
and the mirror (U. Dorner and P. Zoller, Phys. Rev. A 66, 023816 (2002)). A row of n small cavities
takes the place of the delay. A master equation follows the atom with few of them; a cavity, which
obeys the same equation, with many.

    python examples/atom_before_mirror.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc


def network(part, cells, phase=np.pi):
    """Something that decays at γ = 1 through two ports, one of which sees the other by a mirror."""
    parts = {"atom": part, "mirror": qc.fibre(1.0, phase, delay=1.0, cells=cells)}
    return qc.Network(parts, [("atom.out1", "mirror.in"), ("mirror.out", "atom.in2")])


def excited(times, cells, phase=np.pi):
    """|c|² as the amplitude of a cavity has it, which is the same with one excitation."""
    model = qc.gaussian(network(qc.cavity(decay=[0.5, 0.5]), cells, phase))
    start = qc.coherent(model.modes, np.eye(len(model.modes))[0])
    return (qc.evolve(model, start, times).mean[:, :2] ** 2).sum(axis=1) / 2


def excited_atom(times, cells):
    """The same from a master equation of the atom and the cells, with one quantum at most there."""
    net = network(qc.qubit(decay=[0.5, 0.5]), cells)
    start = np.zeros(2 ** len(net.modes))
    start[2**cells] = 1  # of the atom, which is the first mode
    number = qc.lower("atom.q").dag * qc.lower("atom.q")
    run = qc.evolve(
        qc.lindblad(net, {net.modes[1:]: 1}),
        qc.ket(net.modes, start),
        times,
        observe={"P": lambda state: state.expect(number).real},
        progress=False,
    )
    return run.observed["P"]


def exact(time, phase=np.pi):
    """|c|² up to t = 2τ, where light has come back once at most."""
    late = np.clip(time - 1, 0, None)
    return np.abs(np.exp(-time / 2) - 0.5 * np.exp(1j * phase) * late * np.exp(-late / 2)) ** 2


def main():
    assert np.isclose(exact(1.5), 0.444978047, atol=1e-9)
    bound = (1 / (1 + 0.5)) ** 2
    errors = []
    for cells in (8, 16, 32, 64):
        once, late = excited(np.array([0.0, 1.5, 10.0]), cells)[1:]
        errors.append(abs(once - exact(1.5)))
        assert np.isclose(late, bound, atol=1e-6)
        print(f"{cells:3d} cells   P(1.5/γ) = {once:.6f}   P(10/γ) = {late:.6f}")
    assert np.all(np.diff(errors) < 0)
    assert errors[-1] < 1e-5
    print(f"exact       P(1.5/γ) = {exact(1.5):.6f}   P(∞)    = {bound:.6f}")
    times = np.array([0.0, 1.5, 4.0])
    atom = excited_atom(times, 8)
    assert np.allclose(atom, excited(times, 8), atol=1e-7)
    print(f"  8 cells   P(1.5/γ) = {atom[1]:.6f}, by a master equation")


def figure():
    """How much of the atom stays excited, for three phases of the mirror."""
    times = np.linspace(0, 6, 121)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    for phase, word in ((0.0, "0"), (np.pi / 2, "π/2"), (np.pi, "π")):
        axes.plot(times, excited(times, 32, phase), label=f"φ = {word}")
    axes.plot(times, np.exp(-times), "k:", label="no mirror")
    axes.axhline(4 / 9, color="0.6", linewidth=0.8)
    axes.set(xlabel="γt", ylabel="atom excited")
    axes.legend()
    return drawing


if __name__ == "__main__":
    main()
