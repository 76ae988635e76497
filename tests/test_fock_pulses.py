"""Pulses of a few photons on open inputs: against values of other programs, and cascades."""

from dataclasses import replace
from itertools import pairwise

import dense
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import erf, gammaln

import qcascade as qc
from qcascade.master_equation.moments import Moments, pulses_at

WIDTH = 1 / 1.46
TIMES = [-7.0, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0]


def normal(**more):
    return qc.pulse("gaussian", width=WIDTH, **more)


def quanta(*modes):
    numbers = {mode: qc.lower(mode).dag * qc.lower(mode) for mode in modes}
    return {
        mode.partition(".")[0]: lambda state, n=n: state.expect(n).real
        for mode, n in numbers.items()
    }


def atom(**more):
    return qc.lindblad(qc.Network({"atom": qc.qubit(**{"decay": 1.0} | more)}))


def excited(model, light, times=TIMES, **more):
    run = qc.evolve(model, None, times, quanta("atom.q"), inputs={"atom.in": light}, **more)
    return run.observed["atom"]


@pytest.mark.parametrize(
    ("photons", "known"),
    [
        (1, [0.0493584681, 0.4282691365, 0.6922076272, 0.8009811134, 0.5224784403, 0.0794956993]),
        (2, [0.0965619957, 0.6642951104, 0.8026823232, 0.6376024906, 0.2367191549, 0.0314161491]),
    ],
)
def test_photons_excite_a_qubit_as_known(photons, known):
    np.testing.assert_allclose(
        excited(atom(), qc.fock_pulse(photons, normal()))[1:], known, atol=2e-10
    )


def coherent_amplitudes(mean, most=30):
    n = np.arange(most + 1)
    c = np.exp(-mean / 2 + n * np.log(mean) / 2 - gammaln(n + 1) / 2)
    return c / np.linalg.norm(c)


def test_a_superposition_of_photons_that_is_coherent_acts_as_a_laser():
    """Two quanta on average, with values from elsewhere; and the laser, which is exact."""
    known = [0.0944869346, 0.5405836242, 0.5806159376, 0.4692202712, 0.2353885848, 0.0349520976]
    run = qc.evolve(
        atom(),
        None,
        TIMES,
        {**quanta("atom.q"), "dipole": lambda state: state.expect(qc.lower("atom.q"))},
        inputs={"atom.in": qc.fock_pulse(coherent_amplitudes(2.0), normal())},
    )
    np.testing.assert_allclose(run.observed["atom"][1:], known, atol=2e-10)
    assert run.final.space.charges == ()  # there is coherence between numbers of quanta

    def rate(t, y):
        s, z = y[0] + 1j * y[1], y[2]
        drive = np.sqrt(2.0) * complex(normal().amplitude(t))
        ds = -s / 2 - drive * (1 - 2 * z)
        return [ds.real, ds.imag, -z - 2 * (drive.conjugate() * s).real]

    laser = solve_ivp(rate, (-7, 4), [0, 0, 0], t_eval=TIMES, rtol=1e-11, atol=1e-13).y
    np.testing.assert_allclose(run.observed["atom"], laser[2], atol=1e-9)
    np.testing.assert_allclose(run.observed["dipole"], laser[0] + 1j * laser[1], atol=1e-9)


def test_a_chirped_photon_turns_the_way_its_frequency_says():
    chirped = normal(detuning=0.4, chirp=0.6)
    found = excited(atom(detuning=0.5), qc.fock_pulse(1, chirped), [-7.0, 1.0])
    assert found[-1] == pytest.approx(0.75617352016, abs=2e-10)  # |∫u e^{−(1 − s)(½ + ½i)} ds|²
    wrong = normal(detuning=-0.4, chirp=-0.6)
    assert excited(atom(detuning=0.5), qc.fock_pulse(1, wrong), [-7.0, 1.0])[-1] < 0.6


def test_a_square_photon_excites_a_qubit_as_its_closed_form_says():
    p, t = qc.pulse("square", width=2.5, centre=1.25), np.array([0.0, 0.4, 1.7, 2.4999, 2.5])
    found = excited(atom(), qc.fock_pulse(1, p), [*t, 3.0])
    closed = 4 / 2.5 * (1 - np.exp(-t / 2)) ** 2
    np.testing.assert_allclose(found, [*closed, closed[-1] * np.exp(-0.5)], atol=1e-9)
    assert found[3] == pytest.approx(0.8144879402, abs=1e-9)


def test_a_rising_photon_excites_a_qubit_to_the_top():
    found = excited(atom(), qc.fock_pulse(1, qc.pulse("rising", width=1.0)), [-33.0, -1.0, 0.0])
    np.testing.assert_allclose(found, [0, np.exp(-1), 1], atol=1e-9)


def test_until_stops_where_the_excitation_is_highest():
    model = atom()

    def slope(state):
        return state.expect(qc.lower("atom.q").dag * qc.lower("atom.q")).real - 0.800981456

    run = qc.evolve(
        model, None, [-7.0, 4.0], until=slope, inputs={"atom.in": qc.fock_pulse(1, normal())}
    )
    assert run.stopped == pytest.approx(1.000895535, abs=1e-3)
    assert run.final.expect(qc.lower("atom.q").dag * qc.lower("atom.q")).real == pytest.approx(
        0.800981456, abs=1e-11
    )
    never = qc.evolve(
        model,
        None,
        [-7.0, 4.0],
        until=lambda state: slope(state) - 1e-6,
        inputs={"atom.in": qc.fock_pulse(1, normal())},
    )
    assert never.stopped is None


def line(**laser):
    """A lossy cascade of a Kerr cavity and a detuned qubit, with light behind a beam splitter."""
    parts = {
        "half": qc.beam_splitter(0.3),
        "k": qc.kerr_cavity(0.8, 0.3, {"x": 1.1, "loss": 0.2}),
        "q": qc.qubit(-0.4, decay=0.9, dephasing=0.1, occupation={"in_dephasing": 0.2}),
    }
    wires = [("half.out2", "k.in_x"), ("k.out_x", "q.in")]
    if laser:
        parts["laser"] = qc.coherent_drive(**laser)
        wires.append(("laser.out", "half.in1"))
    net = qc.Network(parts, wires, [qc.hopping("k.a", "q.q", 0.2j)])
    return qc.lindblad(net, {"k.a": 4}), net


def by_a_cavity(model, net, port, light, times):
    """ρ of the same with a cavity that sends the pulse, on dense matrices by an ODE solver."""
    K = len(light.state)
    J = np.kron(np.eye(K), dense.matrix(_seen(net, port), model))
    a = np.kron(np.diag(np.sqrt(np.arange(1.0, K)), 1), np.eye(len(J) // K))
    inside = dense.liouvillian(model)
    size = len(J) // K

    def rate(t, y):
        rho = y.reshape(K, size, K, size)
        out = np.einsum("ijkl,akbl->aibj", inside.reshape((size,) * 4), rho).reshape(K * size, -1)
        g = complex(light.pulse.release(t))
        rho = y.reshape(K * size, K * size)
        H = (g * J.conj().T @ a - np.conj(g) * a.conj().T @ J) / 2j
        C = g * a + J
        both = C @ rho @ C.conj().T - J @ rho @ J.conj().T
        lost = (C.conj().T @ C - J.conj().T @ J) / 2
        return (out + both - lost @ rho - rho @ lost - 1j * (H @ rho - rho @ H)).ravel()

    ground = np.zeros((size, size))
    ground[0, 0] = 1
    start = np.kron(light.state, ground).astype(complex).ravel()
    # Shorter steps than the pulse is, or it is stepped over.
    run = solve_ivp(rate, times[[0, -1]], start, t_eval=times, rtol=1e-9, atol=1e-11, max_step=0.3)
    y = run.y
    return np.einsum("aiajt->tij", y.reshape(K, size, K, size, -1))


def _seen(net, port):
    from qcascade.master_equation.jumps import seen_at

    return seen_at(net.component, net.component.inputs.index(port))


@pytest.mark.parametrize(
    ("light", "laser"),
    [
        (qc.fock_pulse(2, qc.pulse("sech", width=0.9, centre=0.3, detuning=0.7)), {}),
        pytest.param(
            qc.fock_pulse([0.6, 0.48j, 0.64], qc.pulse("gaussian", width=0.8, chirp=0.9)),
            {"amplitude": 0.3 - 0.2j},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            qc.fock_pulse(np.diag([0.1, 0.2, 0.7]), qc.pulse("rising", width=1.3, phase=1.0)),
            {},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_photons_at_an_input_act_as_those_that_a_cavity_sends(light, laser):
    model, net = line(**laser)
    times = np.array([light.pulse.span[0] / 1.3, -0.5, -0.01])
    full = {"rho": lambda state: state.matrix()}
    run = qc.evolve(model, None, times, full, inputs={"half.in2": light})
    rho = by_a_cavity(model, net, "half.in2", light, times)
    np.testing.assert_allclose(run.observed["rho"], rho, atol=2e-7)
    assert run.final.is_physical()


def test_light_at_two_inputs_excites_what_both_meet():
    """Half of a photon from one side of a beam splitter, and both photons of a pair or none."""
    parts = {"half": qc.beam_splitter(0.5), "atom": qc.qubit(decay=1.0)}
    model = qc.lindblad(qc.Network(parts, [("half.out1", "atom.in")]))
    one = qc.fock_pulse(1, normal())
    alone = qc.evolve(model, None, TIMES, quanta("atom.q"), inputs={"half.in1": one})
    expected = excited(atom(), one) / 2
    np.testing.assert_allclose(alone.observed["atom"], expected, atol=1e-10)
    # Two photons that meet leave together: both to the atom, or none.
    both = {"half.in1": one, "half.in2": one}
    together = qc.evolve(model, None, TIMES, quanta("atom.q"), inputs=both).observed["atom"]
    pairs = excited(atom(), qc.fock_pulse(2, normal())) / 2
    np.testing.assert_allclose(together, pairs, atol=1e-10)


def pair_of_qubits():
    parts = {"half": qc.beam_splitter(0.5), "A": qc.qubit(decay=1.0), "B": qc.qubit(decay=1.0)}
    return qc.lindblad(qc.Network(parts, [("half.out1", "A.in"), ("half.out2", "B.in")]))


def test_one_photon_entangles_two_qubits_and_a_coherent_pulse_never_does():
    def concurrence(state):
        return qc.measures.concurrence(state, "A.q", "B.q")

    times = np.array([-7.0, -1.0, 0.0, 1.000895535, 2.0])
    one = {"half.in1": qc.fock_pulse(1, normal())}
    run = qc.evolve(pair_of_qubits(), None, times, {"C": concurrence}, inputs=one)
    np.testing.assert_allclose(
        run.observed["C"], excited(atom(), one["half.in1"], times), atol=1e-9
    )
    assert run.observed["C"][3] == pytest.approx(0.80098146, abs=1e-8)
    two = {"half.in1": qc.fock_pulse(2, normal())}
    run = qc.evolve(pair_of_qubits(), None, [-7.0, 0.107756], {"C": concurrence}, inputs=two)
    assert run.observed["C"][-1] == pytest.approx(0.1912973, abs=1e-7)
    laser = {"half.in1": qc.fock_pulse(coherent_amplitudes(1.0, 18), normal())}
    run = qc.evolve(pair_of_qubits(), None, times, {"C": concurrence}, inputs=laser)
    assert run.observed["C"].max() < 1e-7


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_photons_do_not_know_the_unit_of_frequency(unit):
    p = qc.pulse("gaussian", width=WIDTH / unit, detuning=0.4 * unit)
    found = excited(atom(decay=unit), qc.fock_pulse(2, p), np.array(TIMES) / unit)
    one = excited(atom(), qc.fock_pulse(2, normal(detuning=0.4)))
    np.testing.assert_allclose(found, one, atol=1e-9)


def test_more_room_in_a_cavity_changes_nothing_and_too_little_is_refused():
    net = qc.Network({"atom": qc.kerr_cavity(0.5, decay=1.0)})
    light = {"atom.in": qc.fock_pulse(3, normal())}
    few, more = (
        qc.evolve(qc.lindblad(net, {"atom.a": n}), None, TIMES, quanta("atom.a"), inputs=light)
        for n in (3, 5)
    )
    np.testing.assert_allclose(few.observed["atom"], more.observed["atom"], atol=1e-10)
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[atom.a\]`"):
        qc.evolve(qc.lindblad(net, {"atom.a": 1}), None, TIMES, inputs=light)


def test_no_photons_are_the_evolution_that_there_is():
    model = qc.lindblad(qc.Network({"atom": qc.qubit(0.3, decay=1.0, dephasing=0.1)}))
    start = qc.density("atom.q", [[0.3, 0.2j], [-0.2j, 0.7]])
    plain = qc.lindblad(model.network, sectors=False)
    see = {"rho": lambda state: state.matrix()}
    alone = qc.evolve(plain, start, [0.0, 1.0], see)
    dark = qc.evolve(
        model, start, [3.0, 4.0], see, inputs={"atom.in": qc.fock_pulse(0, normal(centre=20.0))}
    )
    np.testing.assert_allclose(dark.observed["rho"], alone.observed["rho"], atol=1e-9)


def test_squeezed_light_in_a_pulse_is_squeezed_and_says_what_is_left_out():
    light = qc.squeezed_pulse(-0.6, normal(), missing=1e-9)
    n = np.arange(1.0, len(light.state))
    a = np.diag(np.sqrt(n), 1)
    x = (a + a.T) / np.sqrt(2)
    assert np.trace(light.state @ x @ x).real == pytest.approx(np.exp(-1.2) / 2, abs=1e-6)
    assert 0 < light.missing < 1e-9
    assert "left out" in repr(light)


@pytest.mark.parametrize(
    ("first", "share"), [(-4.0, "3.2e-05"), (-5.0, "2.9e-07"), (-6.0, "9.9e-10")]
)
def test_a_run_that_begins_within_the_pulse_is_refused_and_told_how_much_is_cut(first, share):
    with pytest.raises(
        qc.ArgumentError, match=rf"`times` must begin before .*{share} of the pulse"
    ):
        excited(atom(), qc.fock_pulse(1, normal()), [first * WIDTH, 1.0])


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"atom.out": 1}, "`inputs` must be of open inputs: atom.in"),
        ({"atom.in": 1}, r"`inputs\[atom.in\]` must be a pulse with photons"),
        ({"atom.in": normal()}, r"`inputs\[atom.in\]` must be a pulse with photons"),
        (3.0, "`inputs` must be a mapping"),
    ],
)
def test_what_is_no_light_is_told(inputs, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.evolve(atom(), None, TIMES, inputs=inputs)


def test_light_into_noise_and_into_a_model_without_ports_is_refused():
    warm = atom(occupation=0.1)
    with pytest.raises(qc.ArgumentError, match="what enters there is noise"):
        excited(warm, qc.fock_pulse(1, normal()))
    model = atom()
    bare = replace(model, modes=model.modes)
    with pytest.raises(qc.ArgumentError, match="must come from a network"):
        excited(bare, qc.fock_pulse(1, normal()))


def caught(photons, p, sent, detuning=0.0):
    """A qubit between a catcher and, where asked for, a cavity that sends the pulse."""
    sending = {"u": photons} if sent else {}

    def at(t):
        parts = {"u": qc.pulse_source(p, t)} if sent else {}
        parts |= {"atom": qc.qubit(detuning, decay=1.0), "v": qc.pulse_catcher(p, t)}
        wires = [("atom.out", "v.in"), *([("u.out", "atom.in")] if sent else [])]
        return qc.lindblad(qc.Network(parts, wires), {**sending, "v": photons})

    return at


def sent_start(model, photons):
    amplitudes = np.all(model.space.quanta == [photons, 0, 0], axis=1)
    return qc.PureState(model.space, amplitudes.astype(complex))


def number_of(state, mode):
    return np.diagonal(state.reduce(mode).matrix()).real


def test_photons_left_in_their_own_mode_are_as_known_with_a_cavity_that_sends_them_and_without():
    p, times = normal(), [-7.0, 0.0, 1.0, 25.0]
    see = {**quanta("atom.q"), "v": lambda state: number_of(state, "v")}
    light = {"atom.in": qc.fock_pulse(2, p)}
    alone = qc.evolve(caught(2, p, False), None, times, see, inputs=light, progress=False)
    known = [0.0534423024, 0.5585928296, 0.3879648680]
    np.testing.assert_allclose(alone.observed["v"][-1], known, atol=2e-9)
    # What is caught changes nothing upstream.
    np.testing.assert_allclose(
        alone.observed["atom"], excited(atom(), light["atom.in"], times), atol=2e-9
    )
    at = caught(2, p, True)
    both = qc.evolve(at, sent_start(at(np.zeros(2)), 2), times, see, progress=False)
    for name in ("v", "atom"):
        np.testing.assert_allclose(both.observed[name], alone.observed[name], atol=5e-9)


def test_a_chirped_photon_is_left_in_its_mode_as_known():
    p = normal(detuning=0.4, chirp=0.6)
    see = {"v": lambda state: number_of(state, "v")}
    run = qc.evolve(
        caught(1, p, False, 0.5), None, [-7.0, 25.0], see, inputs={"atom.in": qc.fock_pulse(1, p)}
    )
    assert run.observed["v"][-1, 1] == pytest.approx(0.00560442199, abs=2e-9)


def test_a_function_of_time_that_is_constant_is_the_model_itself():
    light = {"atom.in": qc.fock_pulse(2, normal(chirp=0.5))}
    static = qc.evolve(atom(), None, TIMES, quanta("atom.q"), inputs=light)
    changing = qc.evolve(lambda _: atom(), None, TIMES, quanta("atom.q"), inputs=light)
    np.testing.assert_allclose(changing.observed["atom"], static.observed["atom"], atol=1e-10)


def switched(t):
    return atom(detuning=np.where(t > 0.3, 2.0, 0.0), decay=1 + 0.5 * np.tanh(t))


def test_photons_meet_a_network_that_is_switched():
    """One photon is a linear problem: ȧ = −(γ/2 + iδ)a − √γ u."""
    light = {"atom.in": qc.fock_pulse(1, normal())}
    run = qc.evolve(switched, None, TIMES, quanta("atom.q"), inputs=light, breaks=[0.3])

    def rate(t, y):
        gamma, delta = 1 + 0.5 * np.tanh(t), 2.0 * (t > 0.3)
        return -(gamma / 2 + 1j * delta) * y - np.sqrt(gamma) * normal().amplitude(t)

    y, found = np.zeros(1, complex), []
    for a, b in pairwise(TIMES):
        for start, stop in ((a, min(b, 0.3)), (max(a, 0.3), b)):
            if start < stop:
                ends = (start + 1e-15, stop - 1e-15) if start == 0.3 else (start, stop)
                y = solve_ivp(rate, ends, y, rtol=1e-11, atol=1e-13, max_step=0.3).y[:, -1]
        found.append(abs(y[0]) ** 2)
    np.testing.assert_allclose(run.observed["atom"][1:], found, atol=2e-9)
    with pytest.raises(qc.ArgumentError, match=r"`breaks` must name every time .*0\.3'"):
        qc.evolve(switched, None, TIMES, inputs=light)


def test_a_square_mode_catches_its_share_of_a_photon_without_named_breaks():
    """|⟨v|u⟩|² = (8π)^½ (σ/w) erf²(w/4σ) of a Gaussian u and a square v; the part stands alone."""
    sigma, w = 0.5, 2.0
    light = qc.fock_pulse(1, qc.pulse("gaussian", width=sigma))
    v = qc.pulse("square", width=w)

    def at(t):
        return qc.lindblad(qc.pulse_catcher(v, t), {"a": 1})

    run = qc.evolve(at, None, [-8.0, 2.0], quanta("a"), inputs={"in": light}, progress=False)
    exact = np.sqrt(8 * np.pi) * sigma / w * erf(w / (4 * sigma)) ** 2
    assert run.observed["a"][-1] == pytest.approx(exact, abs=2e-9)


def test_a_run_goes_on_within_its_pulse_as_if_it_had_never_stopped():
    light = {"atom.in": qc.fock_pulse([0.6, 0.0, 0.8j], qc.pulse("gaussian", width=0.7))}
    times, see = [-8.0, -0.5, 0.3, 2.0], {"rho": lambda state: state.matrix()}

    def at(t):
        return qc.lindblad(qc.Network({"atom": qc.qubit(0.4 * np.tanh(t), decay=1.0)}))

    whole = qc.evolve(at, None, times, see, inputs=light).observed["rho"]
    first = qc.evolve(at, None, times[:2], see, inputs=light)
    then = qc.evolve(at, first, times[1:3], see, inputs=light)
    last = qc.evolve(at, then, times[2:], see, inputs=light)
    np.testing.assert_allclose(then.observed["rho"], whole[1:3], atol=2e-9)
    np.testing.assert_allclose(last.observed["rho"], whole[2:], atol=2e-9)
    stop = qc.evolve(
        at,
        None,
        times,
        inputs=light,
        until=lambda state: qc.measures.occupation(state, "atom") - 0.2,
    )
    on = qc.evolve(at, stop, [stop.stopped, 2.0], see, inputs=light)
    np.testing.assert_allclose(on.observed["rho"][-1], whole[-1], atol=2e-9)
    with pytest.raises(qc.ArgumentError, match="`times` must begin where the run ended"):
        qc.evolve(at, first, [0.0, 1.0], inputs=light)
    other = {"atom.in": qc.fock_pulse(1, qc.pulse("gaussian", width=0.7))}
    with pytest.raises(qc.ArgumentError, match="`inputs` must be those of the run that goes on"):
        qc.evolve(at, first, [-0.5, 1.0], inputs=other)
    with pytest.raises(qc.ArgumentError, match="`initial` must be a state, or a run that had"):
        qc.evolve(at, qc.evolve(at, None, [0.0, 1.0], progress=False), [1.0, 2.0], inputs=light)


@pytest.mark.parametrize("changing", [False, True])
def test_photons_meet_every_point_of_a_batch_as_if_it_were_alone(changing):
    detunings, times = np.array([[0.0], [1.3]]), [-6.0, 0.0, 1.0]
    light = {"q.in": qc.fock_pulse(2, qc.pulse("gaussian", width=0.7))}
    see = {"n": lambda state: qc.measures.occupation(state, "q")}

    def evolved(x, **more):
        def model(t):
            swing = 0.5 * np.cos(t) if changing else 0.0
            swing = np.reshape(swing, (*np.shape(swing), *(1,) * np.ndim(x)))
            return qc.lindblad(qc.Network({"q": qc.qubit(x + swing, decay=1.0)}))

        at = model if changing else model(0.0)
        return qc.evolve(at, None, times, see, inputs=light, progress=False, **more)

    asked = {"until": lambda state: see["n"](state) - 0.55}
    run, stops = evolved(detunings), evolved(detunings, **asked)
    assert run.observed["n"].shape == (3, 2, 1)
    for k, x in enumerate(detunings[:, 0]):
        alone, stop = evolved(x), evolved(x, **asked)
        np.testing.assert_allclose(run.observed["n"][:, k, 0], alone.observed["n"], atol=3e-9)
        np.testing.assert_allclose(run.final[k, 0].matrix(), alone.final.matrix(), atol=3e-9)
        expected = np.nan if stop.stopped is None else stop.stopped
        np.testing.assert_allclose(stops.stopped[k, 0], expected, atol=1e-7)
    assert np.isfinite(stops.stopped).any()


def test_a_number_that_leaves_its_constant_unseen_is_refused():
    def at(t):
        return qc.lindblad(qc.qubit(np.where(t == 0.3, 2.0, 1.0), decay=1.0 + t))

    _, changing = Moments(at, np.linspace(0.0, 1.0, 3)).features()
    weight = next(f for feature, f in changing.items() if feature.jump)
    assert weight(np.array([0.2, 0.4])) == pytest.approx([1.2, 1.4])
    with pytest.raises(qc.ConvergenceError, match=r"near t = 0.3, that it was not seen"):
        weight(np.array([0.3, 0.4]))


def test_what_passes_an_output_is_followed_where_it_changes():
    def at(t):
        parts = {"turn": qc.phase_shifter(np.where(t > 0.5, t, 0.0)), "q": qc.qubit(decay=1.0)}
        return qc.lindblad(qc.Network(parts, [("turn.out", "q.in")]))

    passing = Moments(at, np.linspace(0.0, 1.0, 3)).passing(0, 0)
    assert passing(np.array([0.0, 0.7])) == pytest.approx(np.exp([0, 0.7j]))


@pytest.mark.parametrize(
    ("parts", "port"),
    [
        ({"q": qc.qubit(decay=1.0, occupation=np.array([0.0, 0.1]))}, "q.in"),
        ({"s": qc.squeezed_light(0.3)}, "s.in_a"),
    ],
)
def test_light_where_noise_may_enter_is_refused(parts, port):
    part = qc.Network(parts).component
    port = port if port in part.inputs else part.inputs[0]
    with pytest.raises(qc.ArgumentError, match="what enters there is noise"):
        pulses_at(part, {port: qc.fock_pulse(1, normal())})
