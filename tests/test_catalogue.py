import inspect

import numpy as np
import public_parts
import pytest

import qcascade as qc
from qcascade.slh.registry import CATALOGUE


def model(part, couplings=()):
    return qc.gaussian(qc.Network(part if isinstance(part, dict) else {"x": part}, (), couplings))


def steady(part, couplings=()):
    return qc.steady_state(model(part, couplings))


MADE = [name for name in public_parts.parts() if name.partition("/")[0] in CATALOGUE]


@pytest.mark.parametrize("name", MADE)
def test_every_part_is_one_that_could_be_written_by_hand(name):
    """Parts are put together without the checks of `Component`, which all of them pass."""
    make, arguments = public_parts.parts()[name]
    part = make(**{argument: good for argument, (good, _) in arguments.items()})
    by_hand = qc.Component(
        S=part.S,
        L=part.L,
        H=part.H,
        modes=part.modes,
        inputs=part.inputs,
        outputs=part.outputs,
        occupations=part.occupations,
        qubits=part.qubits,
        squeezings=part.squeezings,
        delays=part.delays,
    )
    assert by_hand.H.terms == part.H.terms


def test_cavity_has_as_many_ports_as_decay_rates():
    assert qc.cavity().inputs == ()
    assert qc.cavity(decay=1.0).inputs == ("in",)
    assert qc.cavity(decay=[1.0, 2.0]).outputs == ("out1", "out2")
    named = qc.cavity(decay={"left": 1.0, "right": 2.0}, occupation={"in_left": 3.0})
    assert named.inputs == ("in_left", "in_right")
    assert qc.measures.occupation(steady(named), "x") == pytest.approx(1.0)  # (1·3 + 2·0)/3


def test_lists_of_occupations_follow_the_ports():
    both = qc.pair_source(0.0, decay=(1.0, 1.0), occupation=(1.0, 2.0))
    np.testing.assert_allclose(qc.measures.occupation(steady(both)), [1.0, 2.0])


def test_degenerate_squeezing_in_closed_form():
    """V = ½ diag(1/(1 − 2ξ/κ), 1/(1 + 2ξ/κ)): positive ξ squeezes p."""
    cov = steady(qc.squeezed_mode(0.2, decay=1.0)).cov
    np.testing.assert_allclose(cov, np.diag([0.5 / 0.6, 0.5 / 1.4]), rtol=1e-12)
    turned = steady(qc.squeezed_mode(-0.2, decay=1.0)).cov
    np.testing.assert_allclose(turned, np.diag([0.5 / 1.4, 0.5 / 0.6]), rtol=1e-12)
    imaginary = steady(qc.squeezed_mode(0.2j, decay=1.0)).cov
    assert imaginary[0, 1] > 0.1  # ξ = i|ξ| stretches the diagonal x = p


def test_pair_source_in_closed_form():
    """⟨ab⟩ = gκ/2/(κ²/4 − g²)·… for equal decay: n = 2g²/(κ² − 4g²), ⟨ab⟩ = gκ/(κ² − 4g²)."""
    g, kappa = 0.2, 1.0
    state = steady(qc.pair_source(g, decay=(kappa, kappa)))
    assert qc.measures.occupation(state, "x.a") == pytest.approx(2 * g**2 / (kappa**2 - 4 * g**2))
    # ⟨x_a x_b⟩ = Re⟨ab⟩, ⟨p_a p_b⟩ = −Re⟨ab⟩
    assert state.cov[0, 2] == pytest.approx(g * kappa / (kappa**2 - 4 * g**2))
    assert state.cov[1, 3] == pytest.approx(-g * kappa / (kappa**2 - 4 * g**2))


def test_pair_source_detunings_and_decays_belong_to_their_modes():
    A = model(qc.pair_source(0.0, decay=(1.0, 3.0), detuning=(0.2, 0.7))).A
    np.testing.assert_allclose(np.diag(A), [-0.5, -0.5, -1.5, -1.5])
    assert (A[0, 1], A[2, 3]) == pytest.approx((0.2, 0.7))


def test_hopping_turns_phases_as_its_equation_says():
    """ȧ = −iJ b, ḃ = −iJ* a."""
    J = 0.3 + 0.4j
    A = model({"a": qc.cavity(), "b": qc.cavity()}, [qc.hopping("a.a", "b.a", J)]).A
    np.testing.assert_allclose(A[:2, 2:], [[J.imag, J.real], [-J.real, J.imag]])
    np.testing.assert_allclose(A[2:, :2], [[-J.imag, J.real], [-J.real, -J.imag]])


def test_two_mode_squeezing_couples_as_its_equation_says():
    """ȧ = −ig b†."""
    g = 0.3 + 0.4j
    A = model({"a": qc.cavity(), "b": qc.cavity()}, [qc.two_mode_squeezing("a.a", "b.a", g)]).A
    np.testing.assert_allclose(A[:2, 2:], [[g.imag, -g.real], [-g.real, -g.imag]])
    np.testing.assert_allclose(A[2:, :2], A[:2, 2:])


def test_local_bath_thermalises():
    state = steady({"x": qc.cavity(1.0)}, [qc.local_bath("x.a", 0.3, occupation=4.0)])
    np.testing.assert_allclose(state.cov, 4.5 * np.eye(2), rtol=1e-12, atol=1e-14)


def test_common_bath_and_matched_hopping_make_an_edge_one_way():
    """J = w²γ/2 carries 1 → 2 and nothing back; the letter w = 1/√2 with J = γ/2 leaks γ/4."""
    gamma = 0.8

    def edge(w):
        couplings = [
            qc.hopping("1.a", "2.a", 0.5j * gamma),
            qc.common_bath({"1.a": w, "2.a": w}, gamma),
        ]
        return model({"1": qc.cavity(), "2": qc.cavity()}, couplings).A

    np.testing.assert_allclose(edge(1.0)[:2, 2:], 0, atol=1e-15)
    np.testing.assert_allclose(edge(1.0)[2:, :2], -gamma * np.eye(2))
    np.testing.assert_allclose(edge(np.sqrt(0.5))[:2, 2:], gamma / 4 * np.eye(2))
    np.testing.assert_allclose(edge(np.sqrt(0.5))[2:, :2], -3 * gamma / 4 * np.eye(2))


def test_complex_weights_of_a_common_bath_set_its_dark_mode():
    """c = a₁ + i a₂ leaves (a₁ − i… )/√2 undamped: one eigenvalue 0, one −γ."""
    bath = qc.common_bath({"1.a": 1.0, "2.a": 1j}, 0.6)
    A = model({"1": qc.cavity(), "2": qc.cavity()}, [bath]).A
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(A).real), [-0.6, -0.6, 0, 0], atol=1e-12)
    dark = np.array([1, 0, 0, 1]) / np.sqrt(2)  # a₁ = 1, a₂ = i: 1 + i·i = 0
    np.testing.assert_allclose(A @ dark, 0, atol=1e-15)


@pytest.mark.parametrize("name", ["beam_splitter", "fibre", "circulator", "isolator"])
def test_passive_parts_are_unitary(name):
    part = CATALOGUE[name](0.3) if name in ("beam_splitter", "fibre") else CATALOGUE[name]()
    np.testing.assert_allclose(part.S.conj().T @ part.S, np.eye(len(part.S)), atol=1e-15)


def route(part):
    """Where each input leaves, for parts that only permute."""
    return {
        part.inputs[k]: part.outputs[int(np.argmax(np.abs(part.S[:, k])))]
        for k in range(len(part.S))
    }


def test_circulator_and_isolator_send_light_their_way():
    assert route(qc.circulator(3)) == {"in1": "out2", "in2": "out3", "in3": "out1"}
    assert route(qc.isolator()) == {"in1": "out2", "in2": "out_dump", "in_dump": "out1"}


def test_fibre_turns_the_field_by_its_phase_and_keeps_loss_as_a_port():
    S = qc.fibre(0.64, 0.5).S
    assert S[0, 0] == pytest.approx(0.8 * np.exp(0.5j))
    assert abs(S[1, 0]) == pytest.approx(0.6)
    state = steady({"x": qc.cavity(decay=1.0), "f": qc.fibre(0.64, occupation=10.0)})
    assert qc.measures.occupation(state, "x") == pytest.approx(0)


def test_loss_in_a_fibre_lets_thermal_noise_in():
    net = qc.Network(
        {"f": qc.fibre(0.64, 0.3, occupation=10.0), "x": qc.cavity(decay=1.0)},
        [("f.out", "x.in")],
    )
    assert qc.measures.occupation(qc.steady_state(qc.gaussian(net)), "x") == pytest.approx(3.6)


def test_coherent_drive_adds_photons_at_its_flux():
    """On resonance ⟨a†a⟩ = 4|β|²/κ."""
    net = qc.Network(
        {"laser": qc.coherent_drive(0.5j), "x": qc.cavity(decay=2.0)}, [("laser.out", "x.in")]
    )
    assert qc.measures.occupation(qc.steady_state(qc.gaussian(net)), "x") == pytest.approx(
        4 * 0.25 / 2
    )


@pytest.mark.parametrize("name", CATALOGUE)
def test_parts_broadcast_over_arrays(name):
    """Every numerical parameter may be an array: three networks at once."""
    make = CATALOGUE[name]
    three = np.array([0.1, 0.2, 0.3])
    fixed = {"mode": "m.a", "first": "m.a", "second": "n.a"}
    fixed |= {"pulse": qc.pulse("gaussian", width=1.0)}
    arguments = {}
    for argument, p in inspect.signature(make).parameters.items():
        if argument in fixed:
            arguments[argument] = fixed[argument]
        elif argument in ("weights", "raising"):
            arguments[argument] = {"m.a": three, "n.a": 1.0}
        elif argument == "tones":
            arguments[argument] = {1.0: three}
        elif argument not in ("ports", "momentum_damped", "length", "group_index", "cells"):
            arguments[argument] = (three, 2 * three) if isinstance(p.default, tuple) else three
    part = make(**arguments)
    numbers = [c for ladder in (*part.L, part.H) for c in ladder.terms.values()]
    shapes = {np.shape(x) for x in [*numbers, *part.occupations.values()]} | {part.S.shape[:-2]}
    assert name == "circulator" or (3,) in shapes


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: qc.cavity(decay=-1.0), "Argument `decay` must be a number zero or above"),
        (lambda: qc.cavity(decay=[1.0, -1.0]), r"Argument `decay\[1\]` must be"),
        (lambda: qc.cavity(decay={"left": "fast"}), r"`decay\[left\]` must be.*'fast'"),
        (lambda: qc.cavity(detuning=np.nan), "`detuning` must be a real number, finite"),
        (lambda: qc.cavity(detuning=1j), "`detuning` must be a real number, but is 1j"),
        (lambda: qc.cavity(decay=1.0, occupation=-0.1), "`occupation` must be"),
        (lambda: qc.squeezed_mode("x"), "`drive` must be a number or text with a unit"),
        (lambda: qc.squeezed_mode(None), "`drive` must be a complex number"),
        (lambda: qc.pair_source(0.1, decay=1.0), "`decay` must be a pair of numbers"),
        (lambda: qc.hopping("a.a", "a.a", 1), "`second` must name another mode"),
        (lambda: qc.hopping("a.a", "b.a", np.inf), "`rate` must be a complex number, finite"),
        (lambda: qc.hopping(1, "b.a", 1), "`first` must be a name"),
        (lambda: qc.local_bath("a.a", -1), "`decay` must be a number zero or above"),
        (lambda: qc.common_bath({}, 1), "`weights` must be a mapping"),
        (lambda: qc.common_bath(["a.a"], 1), "`weights` must be a mapping"),
        (lambda: qc.pair_source(0.2, decay=(1, 2, 3)), "`decay` must be a pair of numbers"),
        (lambda: qc.common_bath({"a.a": 1}, -1), "`decay` must be a number zero or above"),
        (lambda: qc.beam_splitter(1.1), "`transmission` must be a number between 0 and 1"),
        (lambda: qc.fibre(-0.1), "`transmission` must be a number between 0 and 1"),
        (lambda: qc.phase_shifter(1j), "`phase` must be a real number"),
        (lambda: qc.circulator(1), "`ports` must be a whole number, 2 or above"),
        (lambda: qc.coherent_drive(np.nan), "`amplitude` must be a complex number, finite"),
        (lambda: qc.cavity(detunig=1.0), "`cavity` must be called with.*did you mean 'detuning'"),
        (lambda: qc.hopping("a.a", "b.a"), "Argument `rate` of `hopping` must be given: "),
        (
            lambda: qc.fibre(np.ones(3), np.ones(2)),
            r"`phase` must broadcast with `transmission`, but .* \(2,\) and \(3,\)",
        ),
        (
            lambda: qc.cavity(decay=[np.ones(3), np.ones(4)]),
            r"`a in L\[out2\]` must broadcast with `a in L\[out1\]`, but .* \(4,\) and \(3,\)",
        ),
        (lambda: qc.cavity(decay=[1.0, 1.0], occupation=[1.0]), "`occupation` must hold 2 numbers"),
    ],
)
def test_bad_parameters_are_refused_with_a_sentence(make, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        make()
