"""Photons in a pulse on a qubit, caught again: against QuTiP, at a relative tolerance of 1e-8.

    python benchmarks/photons.py [--long]

A source cavity lets n photons out in a Gaussian pulse, a qubit scatters them, and a cavity of the
same shape catches what is left in it (A. H. Kiilerich, K. Mølmer, Phys. Rev. Lett. 123, 123604
(2019)). Beside it 200 detunings of two driven qubits: all at once, and one by one.

QuTiP gets what a script would give it: couplings in closed form, no product of them twice, its
default method (which must not step over the pulse) and the explicit one of eighth order, the faster
of which counts. Errors are those beside a tolerance of 1e-12. Times are the shortest of several,
those of the CPU too, and these are compared: a machine may have other things to do.
"""

import argparse
import itertools
import time
from typing import NamedTuple

import numpy as np
from scipy.special import erfcx
from summary import told

import qcascade as qc

TOLERANCE = 1e-8
METHODS = ("adams", "dop853")
WIDTH = 1 / 1.46
PULSE = qc.pulse("gaussian", width=WIDTH)
TIMES = np.array([-3.8, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0])


class Seconds(NamedTuple):
    """Shortest times of several runs."""

    wall: float
    cpu: float


def timed(work, repeats=1):
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Seconds(min(walls), min(cpus)), result


def network(t, qubits=1):
    """The cascade at an array of times; two qubits stand in one beam, with nothing behind them."""
    atoms = [f"atom{k}" for k in range(qubits)]
    parts = {"u": qc.pulse_source(PULSE, t)}
    parts |= {atom: qc.qubit(decay=1.0) for atom in atoms}
    if qubits == 1:
        parts["v"] = qc.pulse_catcher(PULSE, t)
    way = list(parts)
    return qc.Network(parts, [(f"{a}.out", f"{b}.in") for a, b in itertools.pairwise(way)])


def ours(photons, qubits, tolerance=TOLERANCE):
    """Populations of the first qubit."""

    def at(t):
        cutoffs = {("u", "v"): photons} if qubits == 1 else {"u": photons}
        return qc.lindblad(network(t, qubits), cutoffs)

    space = at(TIMES).space
    full = (space.quanta[:, 0] == photons) & (space.quanta.sum(axis=1) == photons)
    start = qc.PureState(space, full.astype(complex))
    look = {"n": lambda state: qc.measures.occupation(state, "atom0")}
    return qc.evolve(at, start, TIMES, look, tolerance=tolerance, progress=False).observed["n"]


def leaves(t):
    """g_u of a Gaussian pulse: |g_u|² is its hazard rate."""
    return np.sqrt(np.sqrt(2 / np.pi) / erfcx(t / WIDTH / np.sqrt(2)) / WIDTH)


def enters(t):
    return -leaves(-t)


def by_qutip(photons, qubits, method):
    """The same with `mesolve`: every mode with n + 1 levels, couplings in closed form."""
    import qutip

    levels = [photons + 1, *[2] * qubits, *[photons + 1] * (qubits == 1)]
    ones = [qutip.qeye(d) for d in levels]
    a = [qutip.tensor([*ones[:k], qutip.destroy(d), *ones[k + 1 :]]) for k, d in enumerate(levels)]
    g = [None] * len(a)
    g[0] = qutip.coefficient(leaves)
    if qubits == 1:
        g[2] = qutip.coefficient(enters)
    H, jump = [], []
    for j, later in enumerate(a):
        jump.append(later if g[j] is None else [later, g[j]])
        for k, sooner in enumerate(a[:j]):
            term = 0.5j * (sooner.dag() * later - later.dag() * sooner)
            both = [x for x in (g[j], g[k]) if x is not None]
            H.append([term, both[0] * both[1] if len(both) == 2 else both[0]] if both else term)
    start = qutip.tensor(*(qutip.basis(d, photons if k == 0 else 0) for k, d in enumerate(levels)))
    options = {"rtol": TOLERANCE, "atol": 1e-10, "nsteps": 10**6, "method": method}
    if method == "adams":  # which would step over the pulse
        options["max_step"] = 0.5
    jumps, look = [qutip.QobjEvo(jump)], [a[1].dag() * a[1]]
    run = qutip.mesolve(qutip.QobjEvo(H), start, TIMES, jumps, e_ops=look, options=options)
    return np.real(run.expect[0])


def photons_on_qubits(photons, qubits, goal, compare):
    ours(1, qubits)  # compile
    exact = ours(photons, qubits, 1e-12)
    own, found = timed(lambda: ours(photons, qubits), 5)
    name = f"{photons} photons on {'two qubits' if qubits == 2 else 'a qubit, and caught'}"
    off = np.abs(found - exact).max()
    print(f"{name}: {own.wall:.3f} s, {own.cpu:.3f} s CPU, error {off:.1e}")
    if not compare:
        return
    best = np.inf
    for method in METHODS:
        theirs, other = timed(lambda m=method: by_qutip(photons, qubits, m), 2)
        off = np.abs(other - exact).max()
        print(f"  QuTiP {method}: {theirs.wall:.3f} s, {theirs.cpu:.3f} s CPU, error {off:.1e}")
        best = min(best, theirs.cpu)
    told(name, f"{best / own.cpu:.0f}× QuTiP's faster method", goal)


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
    together, alone = together.cpu, alone.cpu
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
