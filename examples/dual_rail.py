"""Four pairs of qubits relax into a multipartite entangled state, and loss on the way costs some.

Two lines of qubits share the two outputs of a broadband amplifier (Agustí et al., PRL 131, 250801).
Detunings δ_A,i = (i − 1)Δ and the reversed order in B make the steady state pure and entangled
across all of them; a lossy waveguide between the qubits makes it mixed.
"""

import numpy as np

import qcascade as qc

PAIRS, DETUNING, SQUEEZING = 4, 0.5, 1.0


def network(transmission=1.0):
    """The dual rail from parts: light, qubits, and fibres between neighbours."""
    parts, wires = {"light": qc.squeezed_light(SQUEEZING)}, []
    for rail, order in (("A", range(PAIRS)), ("B", range(PAIRS)[::-1])):
        sign = 1 if rail == "A" else -1
        last = f"light.out_{rail.lower()}"
        for i, k in enumerate(order, 1):
            if i > 1:
                parts[f"fibre{rail}{i}"] = qc.fibre(transmission)
                wires.append((last, f"fibre{rail}{i}.in"))
                last = f"fibre{rail}{i}.out"
            parts[f"{rail}{i}"] = qc.qubit(sign * k * DETUNING, decay=1.0)
            wires.append((last, f"{rail}{i}.in"))
            last = f"{rail}{i}.out"
    return qc.Network(parts, wires)


def halves(state):
    """Entanglement between the first and the last two pairs, in nats."""
    first, last = ([f"{rail}{i}" for rail in "AB" for i in pair] for pair in ((1, 2), (3, 4)))
    return qc.log_negativity(state, first, last)


def run(transmission):
    """Purity and entanglement between the halves, in time and in the steady state."""
    model = qc.lindblad(network(transmission))
    observe = {"purity": qc.measures.purity, "halves": halves}
    times = np.array([1.0, 5.0, 20.0, 50.0])
    return model, qc.evolve(model, None, times, observe), qc.steady_state(model)


if __name__ == "__main__":
    for transmission in (1.0, 0.95):
        model, evolution, steady = run(transmission)
        print(model if transmission == 1 else "", f"\ntransmission {transmission:g}", sep="")
        for t, purity, entanglement in zip(
            evolution.times, *evolution.observed.values(), strict=True
        ):
            print(
                f"  γt = {t:4g}   purity {purity:.4f}   E_N between the halves {entanglement:.4f}"
            )
        print(f"  steady      purity {qc.measures.purity(steady):.4f}   {halves(steady):28.4f}")
