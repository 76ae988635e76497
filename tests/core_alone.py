"""What a core install can do, and what it says of the rest: without JAX, marimo, plotly, Dask.

    python tests/core_alone.py

is a step of `make package`, in the environment that has the wheel and what it requires.
"""

import sys
from importlib.metadata import requires
from importlib.util import find_spec

import numpy as np

import qcascade as qc
from qcascade.explore.server import serve

OPTIONAL = ("jax", "marimo", "plotly", "uvicorn", "distributed", "qutip", "dynamiqs")


def network(squeezing):
    parts = {"source": qc.squeezed_mode(squeezing, decay=1.0), "receiver": qc.cavity(decay=1.0)}
    return qc.Network(parts, [("source.out", "receiver.in")])


def point(squeezing):
    state = qc.steady_state(qc.gaussian(network(squeezing)))
    return {"E_N": qc.log_negativity(state, "source", "receiver"), "stable": state.stable}


def sentence(call):
    """What an ImportError says; anything else is a defect."""
    try:
        call()
    except ImportError as error:
        return str(error)
    raise AssertionError("a library is there that the core must do without")


def main():
    there = [name for name in OPTIONAL if find_spec(name)]
    assert not there, f"the core brings {there}"
    direct = [x for x in requires("qcascade") if "extra ==" not in x]
    assert len(direct) <= 12, direct
    data = qc.sweep(point, squeezing=np.linspace(0, 0.6, 7))
    assert data.stable.values.tolist() == [True] * 5 + [False] * 2
    assert abs(data.E_N[2] - point(0.2)["E_N"]) < 1e-12
    assert data.E_N[2] > 0.3
    qc.figure(data, "E_N")
    qubits = {"light": qc.squeezed_light(1.0), "A": qc.qubit(decay=1.0), "B": qc.qubit(decay=1.0)}
    wires = [("light.out_a", "A.in"), ("light.out_b", "B.in")]
    pair = qc.steady_state(qc.lindblad(qc.Network(qubits, wires)))
    assert abs(qc.concurrence(pair, "A", "B") - np.tanh(2)) < 1e-6
    model = qc.lindblad(qc.qubit(decay=1.0))
    for call, library, source in (
        (lambda: qc.device_chunk(2), "jax", '"qcascade[jax]"'),
        (lambda: qc.sweep(qc.compiled(point), squeezing=[0.1]), "jax", '"qcascade[jax]"'),
        (lambda: serve(browser=False), "uvicorn", '"qcascade[explore]"'),
        (lambda: qc.interop.to_dynamiqs(model), "dynamiqs", "dynamiqs"),
        (lambda: qc.interop.to_qutip(model), "qutip", "qutip"),
    ):
        told = sentence(call)
        assert f"`{library}`" in told, told
        assert told.endswith(f"pip install {source}"), told
    assert "jax" not in sys.modules
    print("the core works alone")


if __name__ == "__main__":
    main()
