"""A sweep on all cores that goes on where it was stopped: python night.py [store]."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import qcascade as qc


def point(squeezing, dephasing):
    """Two qubits in squeezed light, one point at a time."""
    parts = {"light": qc.squeezed_light(squeezing)}
    parts |= {name: qc.qubit(decay=1.0, dephasing=dephasing) for name in "AB"}
    net = qc.Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")])
    state = qc.steady_state(qc.lindblad(net), progress=False)
    return {"C": qc.measures.concurrence(state, "A", "B")}


if __name__ == "__main__":  # workers import this file
    store = sys.argv[1] if len(sys.argv) > 1 else "night.zarr"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        data = qc.sweep(
            qc.each(point),
            squeezing=[0.25, 0.5, 1.0],
            dephasing=[0.0, 0.01, 0.1],
            chunk=3,
            executor=pool,
            store=store,
        )
    print(data.C.values.round(4))
