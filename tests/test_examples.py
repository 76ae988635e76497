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
from scipy.linalg import solve_continuous_lyapunov

import qcascade as qc
from qcascade.netlist.designed import design_netlist
from qcascade.netlist.load import load
from qcascade.netlist.measures import measured
from qcascade.netlist.run import sweep_netlist
from qcascade.papers.agusti2023 import point

EXAMPLES = Path(__file__).parent.parent / "examples"
GALLERY = runpy.run_path(str(EXAMPLES.parent / "docs" / "gallery.py"))
SHOWN = [path for path in sorted(EXAMPLES.glob("*.py")) if GALLERY["has_figure"](path)]


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


def test_modulated_light_is_entangled_with_motion_as_known():
    """Mari and Eisert, PRL 103, 213603 (2009); values of another program."""
    example = runpy.run_path(str(EXAMPLES / "modulated_light.py"))
    photons, entanglement = example["around"](example["network"](500.0, 100.0))
    known = [241792.721567, 351278.025642, 348506.137591, 263221.580523]
    np.testing.assert_allclose(photons, known, rtol=1e-11)
    known = [0.156786661, 0.193029909, 0.246406192, 0.212217412]
    np.testing.assert_allclose(entanglement, known, atol=1e-9)
    warm = example["around"](example["network"](500.0, 100.0, thermal=0.5), 1)[1]
    assert warm[0] < entanglement[0]


def test_two_tones_squeeze_and_entangle_motion_beyond_the_rotating_wave():
    """Woolley and Clerk, PRA 89, 063805 (2014); values of another program."""
    example = runpy.run_path(str(EXAMPLES / "two_tones.py"))
    np.testing.assert_allclose(example["entanglement"](), [1.152921060, 1.162569475] * 2, atol=3e-9)
    assert example["rotating_wave"]() == pytest.approx(1.221970678, abs=1e-9)
    for decay, variance in ((0.4, 0.1428), (0.1, 0.1261), (0.02, 0.12505)):
        assert example["squeezed"](decay) == pytest.approx(variance, rel=2e-4)


def test_two_tones_of_a_file_are_those_of_the_script():
    data = sweep_netlist(load((EXAMPLES / "two_tones.toml").read_text(encoding="utf-8")))
    np.testing.assert_allclose(data.E_N[::16], [1.152921060, 1.162569475] * 2, atol=3e-9)
    assert data.E_N.dims == data.phonons.dims == ("t",)


def test_pairs_of_a_file_are_caught_in_pulses_as_in_python():
    data = sweep_netlist(load((EXAMPLES / "pulsed_pairs.toml").read_text(encoding="utf-8")))
    q = qc.pulse("gaussian", width=2.0, centre=2.0)

    def at(t):
        parts = {"s": qc.pair_source(0.3 * np.exp(-(t**2) / 8), decay=(1.0, 1.0))}
        parts |= {name: qc.pulse_catcher(q, t) for name in "AB"}
        return qc.gaussian(qc.Network(parts, [("s.out_a", "A.in"), ("s.out_b", "B.in")]))

    run = qc.evolve(at, None, data.t.values[::12])
    np.testing.assert_allclose(data.E_N[::12], qc.log_negativity(run, "A", "B"), atol=1e-8)
    assert float(data.E_N[-1]) == pytest.approx(1.30486647, abs=1e-8)


def test_two_lasers_entangle_motion_through_the_link_of_jiao2022():
    """As matrices typed by hand have it, with SciPy's integrator and determinants."""
    example = runpy.run_path(str(EXAMPLES / "two_lasers.py"))
    search = runpy.run_path(str(EXAMPLES / "search_entanglement.py"))
    margins = example["around"](2, np.array([0.0, 0.004, 0.005]))
    at = {"up": -0.8935, "down": 0.9416, "g_up": 0.00189, "g_down": 0.002816}
    for k, temperature in enumerate((0.0, 0.004)):
        expected = search["independent_margin"](**at, temperature=temperature)
        assert margins[0, k] == pytest.approx(expected, abs=3e-6)
    assert margins[:, 1].min() > 0 > margins[:, 2].max()
    # Liu et al. (2024), one fibre cut: sidebands are not resolved there, and a part is lost.
    liu, same = example["LIU2024"], search["by_hand"].__globals__
    same.update(FIBRE=liu.fibre, LOST=liu.lost["left"], GAMMA=liu.damped, MOTION=liu.motion)
    margins = example["around"](2, np.array([0.0, 0.001, 0.003]), liu)
    for k, temperature in enumerate((0.0, 0.001)):
        expected = search["independent_margin"](**liu.best, temperature=temperature)
        assert margins[0, k] == pytest.approx(expected, abs=3e-6)
    assert margins[:, 1].min() > 0.1
    assert margins[:, 2].max() < 0


@pytest.mark.slow
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


def test_measured_light_entangles_motions_that_never_met():
    example = runpy.run_path(str(EXAMPLES / "entanglement_swapping.py"))
    entanglement, x, p = (example[name] for name in ("entanglement", "X", "P"))
    assert entanglement(p, x) == pytest.approx(0.3227247758, abs=1e-10)
    assert entanglement(x, x) == entanglement(p, p) == 0
    assert 0 < entanglement(qc.homodyne("90 deg", 0.9), qc.homodyne(0.0, 0.9)) < entanglement(p, x)


def test_a_file_with_qubits_is_swept_as_a_master_equation(tmp_path):
    netlist = load((EXAMPLES / "dual_rail.toml").read_text(encoding="utf-8"))
    data = sweep_netlist(replace(netlist, axes={"kappa": (np.array([5.0, 10.0]), "γ")}))
    reference = [
        point(pairs=1, bandwidth=k, dephasing=0.01, photons=6)["concurrence"][0][0]
        for k in (5.0, 10.0)
    ]
    assert np.allclose(data.concurrence, reference, atol=1e-8)


def test_light_and_motion_from_a_file_are_as_entangled_as_published():
    """At effective detunings of 0.5 and 0.825 ω_m: 0.24430 and 0.31171 as printed, with the motion
    damped in p alone; 0.24292 and 0.31186 for motion damped in x and p alike."""
    text = (EXAMPLES / "optomechanics.toml").read_text(encoding="utf-8")
    netlist = load(text)
    for seen, printed, expected in ((0.5, 0.24429966, 0.2429231), (0.825, 0.31171, 0.3118593)):
        omega, kappa = 2 * np.pi * 10e6, 2 * np.pi * 28e6
        laser = qc.physics.optical_frequency("810 nm")
        photons = qc.physics.drive_amplitude("50 mW", laser) ** 2
        photons = kappa * photons / (kappa**2 / 4 + (seen * omega) ** 2)
        g0 = qc.physics.zero_point_coupling(laser, "1 mm", "5 ng", "10 MHz")
        pushed = qc.physics.mechanical_displacement(photons, g0, omega, 2 * np.pi * 100)
        bare = seen * omega + 2 * g0 * pushed.real
        found = measured(netlist, {"E_N": netlist.measures["E_N"]}, {"detuning": bare})
        assert found["branches"] == 1
        assert found["E_N"] == pytest.approx(expected, rel=1e-6)
        assert found["E_N"] == pytest.approx(printed, rel=6e-3)
    data = sweep_netlist(netlist)
    assert float(data.E_N.max()) == pytest.approx(0.31186, abs=2e-3)
    assert float(data.detuning[int(data.E_N.values.argmax())]) == pytest.approx(24.07, abs=0.03)
    assert data.noise.dims == data.sidebands.dims == ("detuning", "frequency")
    assert float(data.noise.min()) < -3


def test_a_file_is_designed_as_a_script_would():
    """The gain stands at its limit, κ/2 − 50 kHz; the linewidth where a scan has its maximum."""
    file = load((EXAMPLES / "design.toml").read_text(encoding="utf-8"))
    best = design_netlist(file, progress=False)
    assert str(best).splitlines()[1] == "  gain   450 kHz"
    decay = np.linspace(3.3, 3.7, 401)
    source = qc.pair_source(0.45, decay=(1.0, 1.0))
    parts = {"s": source, "link": qc.fibre(0.9), "node": qc.cavity(decay=decay)}
    net = qc.Network(parts, [("s.out_a", "link.in"), ("link.out", "node.in")])
    scan = qc.margin(qc.steady_state(qc.gaussian(net)), "s.b", "node.a")
    assert best.value == pytest.approx(scan.max(), abs=1e-6)
    assert best.at["decay"] / (2e6 * np.pi) == pytest.approx(decay[scan.argmax()], abs=2e-3)


def test_preparation_times_go_on_from_a_checkpoint(tmp_path):
    example = runpy.run_path(str(EXAMPLES / "seven_pairs.py"))
    first, again = (example["continued"](2, 1.0, tmp_path) for _ in range(2))
    assert first.preparation_time.equals(again.preparation_time)  # the second from the files
    np.testing.assert_allclose(first.preparation_time, [36.73353825, 38.38924460], rtol=1e-7)
    kept = {"pairs1-detuning1.npz", "pairs2-detuning1.npz", "preparation.nc", "preparation.png"}
    assert {path.name for path in tmp_path.iterdir()} == kept


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_what_the_gallery_shows_holds_its_numbers(path, capsys):
    runpy.run_path(str(path))["main"]()
    assert len(capsys.readouterr().out.splitlines()) > 1


@pytest.mark.slow
@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_what_the_gallery_shows_has_a_figure(path):
    drawing = runpy.run_path(str(path))["figure"]()
    for axes in drawing.axes:
        assert axes.get_xlabel() or axes.get_label() == "<colorbar>"
        for line in axes.lines:
            assert np.isfinite(np.asarray(line.get_ydata(), float)).any()


def test_the_gallery_shows_every_example(tmp_path):
    """Those with a figure are run when the page is built; whoever adds a script finds it there."""
    page = GALLERY["page"](EXAMPLES.parent / "docs" / "_generated")
    for path in (*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.toml")):
        shown = f"{{download}}`{path.name} <../../examples/{path.name}>`"
        assert page.count(shown) == 1, path.name
    assert page.count('styled(example["figure"])') == len(SHOWN) >= 12
    named = {name for names in GALLERY["GROUPS"].values() for name in names}
    assert named <= {path.stem for path in EXAMPLES.glob("*.py")}


def test_magnons_are_as_entangled_as_the_printed_matrices_say():
    """Drift and noise of Li, Zhu & Agarwal, PRL 121, 203601 (2018), by SciPy and eigenvalues of
    partial transposes."""
    state = runpy.run_path(str(EXAMPLES / "magnons.py"))["state"]
    for cavity, magnons, temperature in ((-1.0, 0.9, 0.01), (-0.7, 1.1, 0.05)):
        kappa, g, G, gamma = 0.1, 0.32, 0.48, 1e-5  # of amplitudes, in units of ω_b
        A = np.zeros((6, 6))
        A[0, :4] = -kappa, cavity, 0, g
        A[1, :4] = -cavity, -kappa, -g, 0
        A[2, :5] = 0, g, -kappa, magnons, -G
        A[3, :4] = -g, 0, -magnons, -kappa
        A[4, 5] = 1
        A[5, 3:] = G, -1, -gamma
        n = 1 / np.expm1(1.054571817e-34 * 2 * np.pi * 1e7 / (1.380649e-23 * temperature))
        warm = 1 / np.expm1(1.054571817e-34 * 2 * np.pi * 1e10 / (1.380649e-23 * temperature))
        # What completes the printed noise of the vibration, which alone is none: 3e-7 of E_N.
        noise = [kappa * (2 * warm + 1)] * 4 + [gamma / (8 * n + 4), gamma * (2 * n + 1)]
        V = solve_continuous_lyapunov(A, -np.diag(noise))

        def negativity(one, others, V=V):
            names = (one, *others)
            rows = [2 * k + q for k in names for q in (0, 1)]
            flip = np.diag([1, -1] + [1] * (2 * len(others)))
            form = np.kron(np.eye(len(names)), [[0, 1], [-1, 0]])
            part = flip @ V[np.ix_(rows, rows)] @ flip
            nu = np.abs(np.linalg.eigvals(1j * form @ part))
            return max(0.0, -np.log(2 * nu.min()))

        found = state(cavity, magnons, temperature)
        pairs = [qc.log_negativity(found, *pair) for pair in (("a", "m"), ("m", "b"), ("a", "b"))]
        expected = [negativity(0, [1]), negativity(1, [2]), negativity(0, [2])]
        np.testing.assert_allclose(pairs, expected, atol=1e-9)
        residual = min(
            negativity(i, [j, k]) ** 2 - negativity(i, [j]) ** 2 - negativity(i, [k]) ** 2
            for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        )
        contangle = qc.measures.residual_contangle(found, "a", "m", "b")
        assert contangle == pytest.approx(residual, abs=1e-9)
        assert contangle > 0.01


def test_a_state_is_transferred_by_shaped_couplings_as_its_closed_form_says():
    """η (x/sinh x)² (y/sinh y)² with x = πδ/Γ and y = Γτ/2, of cavities and of qubits."""
    example = runpy.run_path(str(EXAMPLES / "transfer.py"))
    for name in ("between_cavities", "between_qubits"):
        assert example[name](1.0, 0.1) == pytest.approx(0.967740678, abs=2e-9)
        assert example[name](0.9, 0.1) == pytest.approx(0.8709666102, abs=2e-9)
        late = example["expected"](0.35)
        assert example[name](late=-0.7) == pytest.approx(late, abs=2e-9)


def test_an_even_cat_keeps_some_parity_in_its_mode_and_photons_what_is_known():
    example = runpy.run_path(str(EXAMPLES / "pulses_on_a_qubit.py"))
    p, _ = example["left_in_the_pulse"](example["qc"].fock_pulse(2, example["PULSE"]), 2)
    np.testing.assert_allclose(p, [0.0534423024, 0.5585928296, 0.3879648680], atol=2e-9)
    assert np.all(np.diagonal(example["cat"](1.2).state)[1::2] == 0)


@pytest.mark.slow
def test_pulses_on_a_qubit_are_as_published():
    script = [sys.executable, str(EXAMPLES / "pulses_on_a_qubit.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert "1.81096 0.12874 0.03186" in done.stdout


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("remote_motion.py", ["E_N = 1.01476", "E_N = 0.31931"]),
        (
            "entanglement_swapping.py",
            ["p and x            E_N = 0.32272", "x and x            E_N = 0"],
        ),
        ("filtered_light.py", ["inside     E_N = 0.2275", "τω_m = 2π     E_N = 0.3027"]),
        ("squeezing_spectrum.py", ["S_p = 0.0918367347, -7.3595 dB", "S_p = 0.2517241379"]),
        ("seven_pairs.py 2 1.0", ["N = 2, Δ = 1γ: T_prep = 38.389245/γ"]),
        pytest.param(
            "dual_rail.py",
            ["transmission 0.95", "steady      purity 1.0000"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_examples_run_as_scripts(tmp_path, script, words):
    name, *arguments = script.split()
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not done.stderr
    for word in words:
        assert word in done.stdout
