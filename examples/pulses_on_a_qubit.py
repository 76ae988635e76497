"""Pulses of quantum light on a qubit: photons, laser light and a cat.

A Gaussian pulse, |u|² normal with σ = 1/1.46γ, meets a qubit in front of a mirror. How much it
excites it, and in which modes it leaves, depends on its quantum state (Y. Wang, J. Minář, L.
Sheridan and V. Scarani, Phys. Rev. A 83, 063842 (2011); A. H. Kiilerich and K. Mølmer, Phys. Rev.
Lett. 123, 123604 (2019)). The light comes in by the Fock hierarchy, and what is left of it in its
own mode is taken in by a cavity.

    python examples/pulses_on_a_qubit.py
"""

import math

import numpy as np

import qcascade as qc

PULSE = qc.pulse("gaussian", width=1 / 1.46)
TIMES = [-8.0, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0]
FROM, TO = -8.0, 25.0
EXCITED = qc.lower("atom.q").dag * qc.lower("atom.q")


def atom():
    """The qubit alone; rates in units of its decay γ."""
    return qc.lindblad(qc.Network({"atom": qc.qubit(decay=1.0)}))


def excitation(light, times=TIMES, model=None):
    """P_e of the qubit at the times, the first of which is before the pulse."""
    see = {"P_e": lambda state: state.expect(EXCITED).real}
    run = qc.evolve(model or atom(), None, times, see, inputs={"atom.in": light})
    return run.observed["P_e"]


def laser(mean):
    """P_e under a classical pulse of so many quanta on average: a drive, and no cavity."""

    def at(t):
        parts = {"laser": qc.coherent_drive(np.sqrt(mean) * PULSE.amplitude(t))}
        parts["atom"] = qc.qubit(decay=1.0)
        return qc.lindblad(qc.Network(parts, [("laser.out", "atom.in")]))

    see = {"P_e": lambda state: state.expect(EXCITED).real}
    return qc.evolve(at, None, TIMES, see, progress=False).observed["P_e"]


def highest(photons):
    """The largest P_e, and when it is reached."""
    times = np.linspace(0.0, 2.0, 41)
    for _ in range(4):
        P = excitation(qc.fock_pulse(photons, PULSE), [FROM, *times])[1:]
        k = int(np.clip(P.argmax(), 1, len(P) - 2))
        times = np.linspace(times[k - 1], times[k + 1], 41)
    return P.max(), times[len(times) // 2]


def left_in_the_pulse(light, photons):
    """Probabilities of 0, 1, … photons in the mode in which the light came, and its parity."""

    def at(t):
        parts = {"atom": qc.qubit(decay=1.0), "v": qc.pulse_catcher(PULSE, t)}
        return qc.lindblad(qc.Network(parts, [("atom.out", "v.in")]), {"v": photons})

    run = qc.evolve(at, None, [FROM, TO], inputs={"atom.in": light}, progress=False)
    p = np.diagonal(run.final.reduce("v").matrix()).real
    return p, float(p @ (-1.0) ** np.arange(len(p)))


def cat(alpha, photons=9):
    """An even cat (|α⟩ + |−α⟩)/N in the pulse, up to so many photons."""
    n = np.arange(photons + 1)
    c = np.array([alpha**k / math.sqrt(math.factorial(k)) for k in n]) * (n % 2 == 0)
    return qc.fock_pulse(c / np.linalg.norm(c), PULSE)


if __name__ == "__main__":
    known = {
        "one photon": ".0493584681 .4282691365 .6922076272 .8009811134 .5224784403 .0794956993",
        "two photons": ".0965619957 .6642951104 .8026823232 .6376024906 .2367191549 .0314161491",
        "laser, n = 2": ".0944869346 .5405836242 .5806159376 .4692202712 .2353885848 .0349520976",
    }
    found = {
        "one photon": excitation(qc.fock_pulse(1, PULSE))[1:],
        "two photons": excitation(qc.fock_pulse(2, PULSE))[1:],
        "laser, n = 2": laser(2.0)[1:],
    }
    for name, P in found.items():
        assert np.allclose(P, list(map(float, known[name].split())), atol=2e-9), name
        print(f"{name:13} P_e {' '.join(f'{x:.4f}' for x in P)}")
    most, when = highest(1)
    assert abs(most - 0.8009814561) < 1e-9
    assert abs(when - 1.000895535) < 1e-3
    print(f"one photon excites it to {most:.7f} at t = {when:.4f}")
    square = qc.fock_pulse(1, qc.pulse("square", width=2.5, centre=1.25))
    P = excitation(square, [0.0, 2.4999])[-1]
    assert abs(P - 0.8144879402) < 1e-9
    print(f"a square photon, T = 2.5, to {P:.7f}")
    run = qc.evolve(atom(), None, [FROM, TO], inputs={"atom.in": qc.fock_pulse(2, PULSE)})
    modes = qc.output_modes(run, "atom.out").photons.values[:3]
    assert np.allclose(modes, [1.8109646, 0.1287413, 0.0318647], atol=1e-7)
    print("two photons leave in modes with", " ".join(f"{n:.5f}" for n in modes), "photons")
    p, _ = left_in_the_pulse(qc.fock_pulse(2, PULSE), 2)
    assert np.allclose(p, [0.0534423024, 0.5585928296, 0.3879648680], atol=2e-9)
    print("0, 1, 2 photons left in their mode:", " ".join(f"{x:.5f}" for x in p))
    _, parity = left_in_the_pulse(cat(1.2), 9)
    print(f"a cat of α = 1.2 keeps a parity of {parity:.5f} in its mode")
