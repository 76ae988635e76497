"""Diffusive trajectories: their average is ρ, their records are the light's, in both engines."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.master_equation.trajectories.detection import channels

FEW = {"number": 1500, "seed": 1, "progress": False}


def pair(occupations=None):
    """A driven qubit that dephases and drives another one, with a leak each."""
    parts = {
        "laser": qc.coherent_drive(0.6 * np.exp(0.4j)),
        "q": qc.qubit(0.3, decay=[1.0, 0.4], dephasing=0.1),
        "w": qc.qubit(-0.2, decay=[0.7, 0.2]),
    }
    wires = [("laser.out", "q.in1"), ("q.out1", "w.in1")]
    return qc.Network(parts, wires, occupations=occupations or {})


DETECTORS = {"w.out1": qc.homodyne(0.3, 0.8), "q.out2": qc.heterodyne(0.5)}


@pytest.mark.parametrize("warm", [{}, {"w.in2": 0.3}], ids=["cold", "warm"])
def test_channels_are_those_of_the_master_equation(warm):
    """Σ c ⊗ c* of the detectors, of what they miss and of the rest is Σ J ⊗ J*."""
    model = qc.lindblad(pair(warm), sectors=False)
    found = [model.space.matrix(c.operator).toarray() for c in channels(model, DETECTORS)]
    jumps = [J.toarray() for J in model.jump_matrices]
    mapped = [sum(np.kron(c, c.conj()) for c in group) for group in (found, jumps)]
    assert_allclose(*mapped, atol=1e-14)


@pytest.mark.parametrize("warm", [{}, {"w.in2": 0.3}], ids=["cold", "warm"])
def test_the_average_of_diffusive_trajectories_is_the_density_matrix(warm):
    model, times = qc.lindblad(pair(warm), sectors=False), [0.5, 3.0]
    whole = {"rho": lambda psi: psi.reduce("q", "w")}
    runs = qc.trajectories(model, times, whole, measure=DETECTORS, **FEW)
    exact = qc.evolve(model, None, times, {"rho": lambda rho: rho.matrix()}, progress=False)
    assert runs.info["estimated_error"] < 2e-4
    for k in range(2):
        apart = runs.mean["rho"][k].matrix() - exact.observed["rho"][k]
        assert np.linalg.norm(apart) < 4 * runs.error["rho"][k]
        assert runs.error["rho"][k] < 0.05


def test_the_mean_record_is_the_light_that_leaves_with_that_of_the_laser():
    """⟨∫y dt⟩ = ∫√(2η) Re e^{−iθ}⟨b_out⟩ dt with b_out = Σ L of the port."""
    net = pair()
    model, times = qc.lindblad(net, sectors=False), [0.0, 1.0, 2.5]
    runs = qc.trajectories(model, times, {}, measure=DETECTORS, **FEW)
    fine = np.linspace(0, 2.5, 251)
    part = net.component
    light = {f"{port}": part.L[part.outputs.index(port)] for port in DETECTORS}
    look = {port: lambda rho, L=L: rho.expect(L) for port, L in light.items()}
    b = qc.evolve(model, None, fine, look, progress=False).observed
    for port, thetas, share in (("w.out1", [0.3], 0.8), ("q.out2", [0.0, np.pi / 2], 0.25)):
        for k, theta in enumerate(thetas):
            y = np.sqrt(2 * share) * np.real(np.exp(-1j * theta) * b[port])
            expected = [np.trapezoid(y[:101], fine[:101]), np.trapezoid(y[100:], fine[100:])]
            found, error = runs.mean[port][1:, k], runs.error[port][1:, k]
            assert np.all(np.abs(found - expected) < 5 * error)
        assert not runs.samples[port][:, 0].any()
    assert abs(np.mean(runs.mean["w.out1"][1:])) > 6 * runs.error["w.out1"].max()


def test_every_ket_of_an_oscillator_has_the_covariance_of_the_gaussian_engine():
    """Where all light is measured a ket is Gaussian, and V the same for every record."""
    part, detector = qc.squeezed_mode(-0.15, 0.2, decay=1.0), {"out": qc.homodyne(0.5)}
    x = np.sqrt(0.5) * (qc.lower("a") + qc.lower("a").dag)
    p = -1j * np.sqrt(0.5) * (qc.lower("a") + -1 * qc.lower("a").dag)
    words = {"x": x, "p": p, "xx": x * x, "pp": p * p}
    look = {name: lambda psi, w=w: psi.expect(w).real for name, w in words.items()}
    model = qc.lindblad(part, {"a": 14}, sectors=False)
    runs = qc.trajectories(model, [1.0, 3.0], look, measure=detector, number=200, progress=False)
    own = qc.evolve(qc.gaussian(part), None, [1.0, 3.0], measure=detector, seed=range(4000))
    for k, name in enumerate("xp"):
        V = runs.samples[2 * name] - runs.samples[name] ** 2
        assert_allclose(V, np.broadcast_to(own.state.cov[:, 0, k, k], V.shape), atol=1e-3)
    spread, record = runs.samples["x"].std(axis=0), own.record["out"][..., 0]
    assert_allclose(spread, own.state.mean[:, :, 0].std(axis=1), rtol=0.25)  # of 200
    assert np.std(runs.samples["out"][:, 1]) == pytest.approx(np.std(record[1]), rel=0.25)


def test_records_of_qubits_fluctuate_as_vacuum_does():
    """Of a qubit that is never excited: variance t/2, for every detector."""
    model = qc.lindblad(qc.qubit(decay=1.0))
    for detector in (qc.homodyne(0.3, 0.6), qc.heterodyne(0.9)):
        runs = qc.trajectories(model, [2.0], {}, measure={"out": detector}, **FEW)
        variance = runs.samples["out"].var(axis=0)
        assert_allclose(variance, 1.0, rtol=6 * np.sqrt(2 / 1500))


def test_a_homodyne_record_keeps_a_pure_state_and_turns_a_dipole_that_it_sees():
    model = qc.lindblad(qc.qubit(decay=1.0))
    start = qc.ket(model.modes, np.sqrt([0.5, 0.5]))
    sigma = qc.lower(model.modes[0])
    for theta, sign in ((0.0, 1), (np.pi, -1)):
        runs = qc.trajectories(
            model,
            [0.1],
            {"s": lambda psi: psi.expect(sigma).real},
            initial=start,
            measure={"out": qc.homodyne(theta)},
            **FEW,
        )
        # The light of a dipole ⟨σ⟩ = ½ is √2·½ in x.
        record = runs.mean["out"][0, 0] / 0.1
        assert abs(record - sign * np.sqrt(0.5) * 0.975) < 5 * runs.error["out"][0, 0] / 0.1
    pure = {"P": lambda psi: qc.measures.purity(psi.reduce(model.modes[0]))}
    runs = qc.trajectories(
        model, [1.0], {}, initial=start, conditional=pure, measure={"out": qc.homodyne()}, **FEW
    )
    assert_allclose(runs.samples["P"], 1.0, rtol=1e-9)


def test_a_trajectory_is_the_same_whatever_their_number():
    model, look = qc.lindblad(pair(), sectors=False), {"n": lambda psi: psi.expect(N).real}
    few, many = (
        qc.trajectories(model, [1.0], look, measure=DETECTORS, number=n, progress=False, seed=4)
        for n in (3, 7)
    )
    assert_allclose(few.samples["n"], many.samples["n"][:3], rtol=1e-12)
    assert_allclose(few.samples["w.out1"], many.samples["w.out1"][:3], rtol=1e-12)


N = qc.lower("w.q").dag * qc.lower("w.q")


def test_observers_that_are_not_linear_are_refused_with_detectors_too():
    square = {"n²": lambda psi: psi.expect(N).real ** 2}
    with pytest.raises(qc.ArgumentError, match="must be linear"):
        qc.trajectories(qc.lindblad(pair()), [1.0], square, measure=DETECTORS, **FEW)


def test_a_cutoff_that_is_touched_on_the_way_is_told():
    model = qc.lindblad(qc.squeezed_mode(-0.2, decay=1.0), {"a": 3})
    with pytest.raises(qc.ArgumentError, match="cutoffs"):
        qc.trajectories(model, [5.0], {}, measure={"out": qc.homodyne()}, **FEW)


@pytest.mark.parametrize(
    ("net", "measure", "words"),
    [
        (pair(), {"q.out1": qc.homodyne()}, "a wire leads from it to w.in1"),
        (pair(), {"w.uot1": qc.homodyne()}, "must be an open output"),
        (pair({"w.in2": 0.3}), {"w.out2": qc.homodyne()}, "noise comes from w.in2"),
        (pair(), {"w.out1": qc.homodyne([0.0, 1.0])}, "one angle and one efficiency"),
        (pair(), {}, "one at least"),
    ],
)
def test_bad_detectors_are_told(net, measure, words):
    with pytest.raises(qc.ArgumentError, match=words):
        qc.trajectories(qc.lindblad(net), [1.0], {}, measure=measure, **FEW)


def test_a_space_that_is_too_large_is_told():
    net = qc.Network({f"q{k}": qc.qubit(decay=1.0) for k in range(9)})
    with pytest.raises(qc.ArgumentError, match="above 256 states"):
        qc.trajectories(qc.lindblad(net), [1.0], {}, measure={"q0.out": qc.homodyne()}, **FEW)
