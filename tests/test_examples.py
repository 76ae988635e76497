"""The examples run, and say what they promise."""

import runpy
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from independent import remote_motion

import qcascade as qc
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist
from qcascade.papers.agusti2023 import point

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_remote_motion_is_entangled_through_a_one_way_link():
    """As it is at fifty digits: 1.01476 cold, 0.31931 with one phonon."""
    example = runpy.run_path(str(EXAMPLES / "remote_motion.py"))
    entanglement = example["entanglement"]
    for red, thermal, loss in ((0.0079370, 0, 0), (0.0128018, 1, 0), (0.0079370, 0.2, 0.3)):
        exact = float(remote_motion.entanglement(0.0049209, red, thermal, loss))
        assert entanglement(0.0049209, red, thermal, loss) == pytest.approx(exact, rel=1e-9)
    lossy = [entanglement(0.0049209, 0.0079370, loss=x) for x in (0.0, 0.2, 0.5, 0.9)]
    assert all(a > b for a, b in pairwise(lossy))


def test_light_that_was_filtered_is_more_entangled_with_the_mirror_than_light_inside():
    """As an integral over frequencies of ∫₀^τ e^{i(ω + ω_m)t} dt/√τ, up to |ω| = 500 ω_m."""
    example = runpy.run_path(str(EXAMPLES / "filtered_light.py"))
    net, tau = example["network"](), 2 * np.pi
    model, omega = qc.gaussian(net), np.linspace(-500, 500, 100_001)
    weights = np.full(omega.shape, omega[1] - omega[0]) / (2 * np.pi)
    inside = np.linalg.solve(
        -1j * omega[:, None, None] * np.eye(4) - model.A, model.input_matrix + 0j
    )
    out = qc.transfer(model, omega)[:, :2]

    def window(x):
        return np.sqrt(tau) * np.exp(0.5j * x * tau) * np.sinc(x * tau / (2 * np.pi))

    above, below = window(omega + 1), window(-omega + 1).conj()
    real, imag = (above + below) / 2, (above - below) / 2j
    Phi = np.stack([np.stack([real, -imag], -1), np.stack([imag, real], -1)], -2)
    N, seen = model.input_noise, Phi @ out
    excess = out @ N @ out.conj().swapaxes(-1, -2) - np.eye(2) / 2
    cross = np.einsum("w,wij,wkj->ik", weights, inside @ N, seen.conj()).real
    own = np.einsum("w,wij,wkj->ik", weights, Phi @ excess, Phi.conj()).real + np.eye(2) / 2
    steady = qc.steady_state(model)
    cov = np.block([[steady.cov, cross], [cross.T, own]])
    state = qc.GaussianState((*model.modes, "seen"), cov=(cov + cov.T) / 2)
    filtered = example["entanglement"](tau)
    assert filtered == pytest.approx(float(qc.log_negativity(state, "m.b", "seen")), abs=1e-8)
    assert filtered == pytest.approx(0.3026549, abs=1e-7)
    assert filtered > qc.log_negativity(steady, "m.b", "c.a") + 0.05
    assert example["entanglement"](tau, 1.0) == 0


def test_the_dual_rail_is_pure_without_loss_and_as_entangled_as_its_closed_form():
    from qcascade.papers.agusti2023 import steady_state

    example = runpy.run_path(str(EXAMPLES / "dual_rail.py"))
    closed = steady_state(4, 1.0, example["DETUNING"], "reversed")
    _, evolution, steady = example["run"](1.0)
    assert qc.measures.fidelity(steady, closed) == pytest.approx(1, abs=1e-8)
    assert example["halves"](steady) == pytest.approx(example["halves"](closed), abs=1e-6)
    assert evolution.observed["purity"][-1] > 0.99
    _, _, lossy = example["run"](0.95)
    assert example["halves"](lossy) < 0.9 * example["halves"](steady)


def test_a_file_with_qubits_is_swept_as_a_master_equation(tmp_path):
    netlist = load((EXAMPLES / "dual_rail.toml").read_text(encoding="utf-8"))
    data = sweep_netlist(replace(netlist, axes={"kappa": (np.array([5.0, 10.0]), "γ")}))
    reference = [
        point(pairs=1, bandwidth=k, dephasing=0.01, photons=6)["concurrence"][0][0]
        for k in (5.0, 10.0)
    ]
    assert np.allclose(data.concurrence, reference, atol=1e-8)


def test_preparation_times_go_on_from_a_checkpoint(tmp_path):
    example = runpy.run_path(str(EXAMPLES / "seven_pairs.py"))
    first, again = (example["continued"](2, 1.0, tmp_path) for _ in range(2))
    assert first.preparation_time.equals(again.preparation_time)  # the second from the files
    np.testing.assert_allclose(first.preparation_time, [36.73353825, 38.38924460], rtol=1e-7)
    kept = {"pairs1-detuning1.npz", "pairs2-detuning1.npz", "preparation.nc", "preparation.png"}
    assert {path.name for path in tmp_path.iterdir()} == kept


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("remote_motion.py", ["E_N = 1.01476", "E_N = 0.31931"]),
        ("filtered_light.py", ["inside     E_N = 0.2275", "τω_m = 2π     E_N = 0.3027"]),
        ("seven_pairs.py 2 1.0", ["N = 2, Δ = 1γ: T_prep = 38.389245/γ"]),
        ("dual_rail.py", ["transmission 0.95", "steady      purity 1.0000"]),
    ],
)
def test_examples_run_as_scripts(tmp_path, script, words):
    name, *arguments = script.split()
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not done.stderr
    for word in words:
        assert word in done.stdout
