"""The modes in which light leaves, by closed forms and values from elsewhere."""

import numpy as np
import pytest
from scipy.optimize import brentq

import qcascade as qc

PULSE = qc.pulse("gaussian", width=1 / 1.46)


def atom(**more):
    return qc.lindblad(qc.Network({"atom": qc.qubit(**{"decay": 1.0} | more)}))


def overlap(data, mode, amplitude):
    v, t = data["shape"].values[mode], data.time.values
    return np.sum(data.weight.values * np.conj(v) * amplitude(t))


def test_two_photons_leave_a_qubit_in_the_modes_that_are_known():
    run = qc.evolve(atom(), None, [-7.5, 25.0], inputs={"atom.in": qc.fock_pulse(2, PULSE)})
    data = qc.output_modes(run, "atom.out", least=0)
    known = [1.8109646, 0.1287413, 0.0318647]
    np.testing.assert_allclose(data.photons.values[:3], known, atol=6e-8)
    assert data.attrs["photons"] == pytest.approx(2, abs=1e-9)
    every = data.photons.values.sum()  # n_k ∝ k⁻⁴, no end
    assert every == pytest.approx(2 - data.attrs["unresolved"], abs=1e-9)
    assert 0 < data.attrs["unresolved"] < 2e-7
    some = data["shape"].values[:20]
    gram = (some * data.weight.values) @ some.conj().T
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-10)


def test_one_photon_leaves_in_one_mode_even_where_some_of_it_is_lost():
    """b_out = b_in − γ∫e^{−γ(t − s)/2}b_in(s)ds: .005043 of it in the mode in which it came."""
    light = {"atom.in": qc.fock_pulse(1, PULSE)}
    run = qc.evolve(atom(), None, [-7.5, 28.0], inputs=light)
    data = qc.output_modes(run, "atom.out")
    np.testing.assert_allclose(data.photons.values, [1.0], atol=1e-9)
    assert abs(overlap(data, 0, PULSE.amplitude)) ** 2 == pytest.approx(0.00504309, abs=1e-8)
    lossy = qc.evolve(atom(loss=0.4), None, [-7.5, 28.0], inputs=light)
    both = [qc.output_modes(lossy, f"atom.{port}").attrs["photons"] for port in ("out", "out_loss")]
    assert sum(both) == pytest.approx(1, abs=1e-9)  # photons in are photons out
    assert both[1] > 0.3


def test_light_turns_in_its_mode_as_its_frequency_says():
    p = qc.pulse("gaussian", width=1.0, detuning=1.5)
    net = qc.Network({"far": qc.qubit(decay=1e-7)})
    run = qc.evolve(qc.lindblad(net), None, [-8.0, 8.0], inputs={"far.in": qc.fock_pulse(1, p)})
    data = qc.output_modes(run, "far.out")
    assert abs(overlap(data, 0, p.amplitude)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", ["master", "gaussian"])
def test_what_leaks_from_a_cavity_is_in_one_mode(kind):
    """√κ e^{−κt/2 − iΔt} with all the quanta that there were, from the time of the first state."""
    part = qc.cavity(0.7, decay=2.0)
    mean = 0.3
    if kind == "master":
        weights = (mean / (1 + mean)) ** np.arange(4)
        model = qc.lindblad(part, {"a": 3})
        rho = np.diag(weights / weights.sum())
        mean = float(np.diagonal(rho) @ np.arange(4))
        start = qc.DensityState(model.space, tuple(np.diagonal(rho)[:, None, None]))
    else:
        model, start = qc.gaussian(part), qc.thermal("a", mean)
    data = qc.output_modes(qc.evolve(model, start, [3.0, 20.0], progress=False), "out")
    np.testing.assert_allclose(data.photons.values, [mean], atol=1e-9)

    def leaking(t):
        return np.sqrt(2.0) * np.exp(-t - 0.7j * t)

    assert abs(overlap(data, 0, leaking)) == pytest.approx(1, abs=1e-9)


def test_steady_light_has_the_modes_of_an_exponential_kernel():
    """c e^{−α|t − t′|} on a time T: n = 2cα/(α² + w²) with w tan(wT/2) = α or w cot(wT/2) = −α."""
    alpha, T = 0.75, 4.0
    model = qc.gaussian(qc.cavity(decay=[1.0, 0.5], occupation={"in1": 1.2}))
    steady = qc.steady_state(model)
    data = qc.output_modes(qc.evolve(model, steady, [T]), "out2")
    c = qc.flux(model, "out2").flux
    found = []
    for k in range(4):
        low, high = k * np.pi / T + 1e-9, (k + 1) * np.pi / T - 1e-9

        def off(w, even=k % 2 == 0):
            s, co = np.sin(w * T / 2), np.cos(w * T / 2)
            return w * s - alpha * co if even else w * co + alpha * s

        w = brentq(off, low, high)
        found.append(2 * c * alpha / (alpha**2 + w**2))
    np.testing.assert_allclose(data.photons.values[:4], found, rtol=1e-8)
    assert data.attrs["photons"] == pytest.approx(c * T, rel=1e-9)


def test_a_coherent_pulse_leaves_in_one_mode_and_squeezing_adds_to_it():
    def at(t, squeezing):
        parts = {"laser": qc.coherent_drive(2 * PULSE.amplitude(t))}
        parts["c"] = qc.squeezed_mode(squeezing * np.exp(-(t**2)), 0.3, {"x": 1.0, "y": 0.5})
        return qc.gaussian(qc.Network(parts, [("laser.out", "c.in_x")]))

    run = qc.evolve(lambda t: at(t, 0.0), None, [-7.0, 25.0])
    leaving = [qc.output_modes(run, f"c.out_{port}") for port in "xy"]
    assert [len(data.mode) for data in leaving] == [1, 1]
    assert sum(data.attrs["photons"] for data in leaving) == pytest.approx(4, abs=1e-8)


def test_what_is_no_run_and_no_port_is_told():
    run = qc.evolve(atom(occupation=0.2), None, [1.0])
    with pytest.raises(qc.ArgumentError, match="`port` must be an output of finite flux"):
        qc.output_modes(run, "atom.out")
    with pytest.raises(qc.ArgumentError, match=r"`port` must be an open output: atom\.out"):
        qc.output_modes(run, "atom.in")
    with pytest.raises(qc.ArgumentError, match="`run` must be what `evolve` gave"):
        qc.output_modes(qc.vacuum("a"), "out")
    batch = qc.evolve(qc.gaussian(qc.cavity(decay=[1.0, 2.0])), None, [1.0])
    assert abs(qc.output_modes(batch, "out1").attrs["photons"]) < 1e-12
    batch = qc.evolve(qc.gaussian(qc.cavity(decay=np.array([1.0, 2.0]))), None, [1.0])
    with pytest.raises(qc.ArgumentError, match="`run` must be of one network"):
        qc.output_modes(batch, "out")
