"""A quantum state sent from one node to another by shaped couplings.

The sender lets its excitation out as a pulse that is its own mirror image in time, u ∝ sech Γt/2,
with the rate κ₁(t) = Γ/2 (1 + tanh Γt/2); the receiver takes it in with κ₂(t) = κ₁(−t), and nothing
is reflected (J. I. Cirac, P. Zoller, H. J. Kimble and H. Mabuchi, Phys. Rev. Lett. 78, 3221
(1997)). With a loss 1 − η on the way, a detuning δ between the nodes or a receiver that is late by
τ, the probability is

    η (x/sinh x)², x = πδ/Γ,    and    η (y/sinh y)², y = Γτ/2.

    python examples/transfer.py
"""

import numpy as np

import qcascade as qc

RATE = 1.0
SENT = qc.pulse("sech", width=2 / RATE)
FROM, TO = -36.0, 36.0


def network(t, node, transmission, detuning, late):
    """A sender, a lossy line and a receiver, for the pulse of the sender and one that is late."""
    taken = qc.pulse("sech", width=2 / RATE, centre=late)
    parts = {
        "sender": node(0.0, abs(SENT.release(t)) ** 2),
        "line": qc.fibre(transmission),
        "receiver": node(detuning, abs(taken.capture(t)) ** 2),
    }
    return qc.Network(parts, [("sender.out", "line.in"), ("line.out", "receiver.in")])


def between_cavities(transmission=1.0, detuning=0.0, late=0.0):
    """Share of the quanta that arrive, by a coherent state: the network is linear."""
    start = qc.coherent(["sender.a", "receiver.a"], [1.0, 0.0])
    run = qc.evolve(
        lambda t: qc.gaussian(network(t, qc.cavity, transmission, detuning, late)),
        start,
        [FROM, TO],
        progress=False,
    )
    return float(np.sum(run.mean[-1, 2:] ** 2) / 2)


def between_qubits(transmission=1.0, detuning=0.0, late=0.0):
    """Probability that the receiver is excited at the end."""
    run = qc.evolve(
        lambda t: qc.lindblad(network(t, qc.qubit, transmission, detuning, late)),
        qc.ket(["sender.q", "receiver.q"], [0, 0, 1, 0]),
        [FROM, TO],
        {"P": lambda state: qc.measures.occupation(state, "receiver")},
        progress=False,
    )
    return float(np.ravel(run.observed["P"][-1])[0])


def released_and_caught(transmission):
    """E_N of an idler at the sender with what arrives, of a pair with r = 1."""
    cov = np.eye(6) / 2
    cov[:4, :4] = qc.two_mode_squeezed(["idler.a", "sender.a"], 1.0).cov

    def at(t):
        parts = {"idler": qc.cavity(), "sender": qc.pulse_source(SENT, t)}
        parts |= {"line": qc.fibre(transmission), "receiver": qc.pulse_catcher(SENT, t)}
        wires = [("sender.out", "line.in"), ("line.out", "receiver.in")]
        return qc.gaussian(qc.Network(parts, wires))

    start = qc.GaussianState(("idler.a", "sender.a", "receiver.a"), cov=cov)
    run = qc.evolve(at, start, [-12.0, 12.0], progress=False)
    return float(qc.log_negativity(run, "idler", "receiver")[-1])


def expected(x):
    """(x/sinh x)²."""
    return float((x / np.sinh(x)) ** 2) if x else 1.0


if __name__ == "__main__":
    for transmission, detuning, late in (
        (1.0, 0.0, 0.0),
        (1.0, 0.1, 0.0),
        (0.9, 0.1, 0.0),
        (0.9, 0.0, 0.5),
    ):
        value = transmission * expected(np.pi * detuning / RATE) * expected(RATE * late / 2)
        both = [f(transmission, detuning, late) for f in (between_cavities, between_qubits)]
        assert np.allclose(both, value, atol=1e-8), (both, value)
        errors = f"η = {transmission}, δ = {detuning}, τ = {late}"
        print(f"{errors:26} P = {both[0]:.9f} (cavities), {both[1]:.9f} (qubits)")
    assert abs(expected(np.pi * 0.1) - 0.967740678) < 1e-9
    assert abs(0.9 * expected(np.pi * 0.1) - 0.8709666102) < 1e-10
    for transmission, known in ((1.0, 1.999960745), (0.8, 1.468459145)):
        value = released_and_caught(transmission)
        assert abs(value - known) < 1e-8
        print(f"η = {transmission}: E_N = {value:.7f} of a pair whose half was released and caught")
