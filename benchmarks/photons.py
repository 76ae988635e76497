"""Photons in a pulse on a qubit, caught again: against QuTiP, at a relative tolerance of 1e-8.

A source cavity lets n photons out in a Gaussian pulse, a qubit scatters them, and a cavity of the
same shape catches what is left in it (A. H. Kiilerich, K. Mølmer, Phys. Rev. Lett. 123, 123604
(2019)). Beside it 200 detunings of two driven qubits: all at once, and one by one.
"""

import argparse
import itertools
import time

import numpy as np
from summary import told

import qcascade as qc

TOLERANCE = 1e-8
PULSE = qc.pulse("gaussian", width=1 / 1.46)
TIMES = np.array([-3.8, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0])


def timed(work, repeats=1):
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def network(t, qubits=1):
    """The cascade at an array of times; two qubits stand in one beam."""
    atoms = [f"atom{k}" for k in range(qubits)]
    parts = {"u": qc.pulse_source(PULSE, t)}
    parts |= {atom: qc.qubit(decay=1.0) for atom in atoms}
    parts["v"] = qc.pulse_catcher(PULSE, t)
    way = list(parts)
    return qc.Network(parts, [(f"{a}.out", f"{b}.in") for a, b in itertools.pairwise(way)])


def ours(photons, qubits):
    """Populations of the first qubit."""

    def at(t):
        return qc.lindblad(network(t, qubits), {("u", "v"): photons})

    space = at(TIMES).space
    full = (space.quanta[:, 0] == photons) & (space.quanta.sum(axis=1) == photons)
    start = qc.PureState(space, full.astype(complex))
    look = {"n": lambda state: qc.measures.occupation(state, "atom0")}
    return qc.evolve(at, start, TIMES, look, tolerance=TOLERANCE, progress=False).observed["n"]


def by_qutip(photons, qubits):
    """The same with `mesolve`: couplings as functions of time, every mode with n + 1 levels."""
    import qutip

    levels = [photons + 1, *[2] * qubits, photons + 1]
    ones = [qutip.qeye(d) for d in levels]

    def lowering(k):
        return qutip.tensor([*ones[:k], qutip.destroy(levels[k]), *ones[k + 1 :]])

    a = [lowering(k) for k in range(len(levels))]
    ends = {0: "u", len(levels) - 1: "v"}

    def rate(mode):
        part = {"u": qc.pulse_source, "v": qc.pulse_catcher}[mode]

        def coupling(t):
            (value,) = part(PULSE, np.array([t])).L[0].terms.values()
            return complex(np.ravel(value)[0])

        return coupling

    g = {k: qutip.coefficient(rate(mode)) for k, mode in ends.items()}
    one = qutip.coefficient(lambda t: 1.0)
    g |= dict.fromkeys(range(1, len(levels) - 1), one)
    H = [0 * a[0]]
    for j in range(len(a)):
        for k in range(j):
            ahead = a[j].dag() * a[k]
            f = g[j].conj() * g[k]
            H += [[-0.5j * ahead, f], [0.5j * ahead.dag(), f.conj()]]
    jump = sum((qutip.QobjEvo([[x, g[k]]]) for k, x in enumerate(a)), qutip.QobjEvo(0 * a[0]))
    start = qutip.tensor(*(qutip.basis(d, photons if k == 0 else 0) for k, d in enumerate(levels)))
    options = {"rtol": TOLERANCE, "atol": 1e-10, "nsteps": 10**6, "max_step": 0.5}
    run = qutip.mesolve(
        qutip.QobjEvo(H), start, TIMES, [jump], e_ops=[a[1].dag() * a[1]], options=options
    )
    return np.real(run.expect[0])


def photons_on_qubits(photons, qubits, goal, compare):
    ours(1, qubits)  # compile
    seconds, found = timed(lambda: ours(photons, qubits), 3)
    name = f"{photons} photons on {qubits} qubit{'s' * (qubits > 1)}, and caught"
    print(f"{name}: {seconds:.3f} s   populations {np.round(found[1:], 8)}")
    if compare:
        theirs, expected = timed(lambda: by_qutip(photons, qubits))
        off = np.abs(found - expected).max()
        print(f"  QuTiP {theirs:.3f} s, apart by {off:.1e}")
        told(name, f"{theirs / seconds:.0f}× QuTiP", goal)


def two_qubits(detuning):
    parts = {
        "laser": qc.coherent_drive(0.7),
        "a": qc.qubit(detuning, decay=1.0),
        "link": qc.fibre(0.9),
        "b": qc.qubit(-detuning, decay=1.0),
    }
    wires = [("laser.out", "a.in"), ("a.out", "link.in"), ("link.out", "b.in")]
    return qc.lindblad(qc.Network(parts, wires))


def sweep():
    detunings = np.linspace(-2, 2, 200)
    together, state = timed(lambda: qc.steady_state(two_qubits(detunings), progress=False), 3)
    alone, states = timed(
        lambda: [qc.steady_state(two_qubits(x), progress=False) for x in detunings]
    )
    off = max(np.abs(state[k].matrix() - one.matrix()).max() for k, one in enumerate(states))
    print(f"200 steady states: together {together:.4f} s, alone {alone:.3f} s, apart by {off:.1e}")
    told("200 steady states of two qubits at once", f"{alone / together:.0f}× one by one", "10×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="ten photons with QuTiP, too")
    chosen = parser.parse_args()
    sweep()
    photons_on_qubits(3, 2, "5×", True)
    photons_on_qubits(6, 1, "30×", True)
    photons_on_qubits(10, 1, "80×", chosen.long)
