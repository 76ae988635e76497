"""Batches of master equations: each point as it is alone, and NaN where it has no steady state."""

import dense
import numpy as np
import pytest
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.master_equation.generator import Generator
from qcascade.master_equation.layout import Layout
from qcascade.master_equation.propagators import Coordinates
from qcascade.master_equation.superoperator import Superoperator


def two_qubits(detuning, drive=0.7):
    parts = {
        "laser": qc.coherent_drive(drive),
        "a": qc.qubit(detuning, decay=1.0),
        "link": qc.fibre(0.9),
        "b": qc.qubit(-detuning, decay=[1.0, 0.2]),
    }
    wires = [("laser.out", "a.in"), ("a.out", "link.in"), ("link.out", "b.in1")]
    return qc.Network(parts, wires)


def pairs_on_qubits(r):
    light = {"s": qc.pair_source(r, decay=(1.0, 1.0))}
    parts = light | {"A": qc.qubit(decay=0.3), "B": qc.qubit(decay=0.3)}
    return qc.Network(parts, [("s.out_a", "A.in"), ("s.out_b", "B.in")])


NETWORKS = {
    "driven": lambda x: qc.lindblad(two_qubits(x, 0.7 + 0.3j * x)),
    "squeezed": lambda x: qc.lindblad(
        qc.Network(
            {"s": qc.squeezed_light(x), "A": qc.qubit(decay=1.0), "B": qc.qubit(decay=1.0)},
            [("s.out_a", "A.in"), ("s.out_b", "B.in")],
        )
    ),
    "thermal": lambda x: qc.lindblad(
        qc.Network(
            {"m": qc.cavity(x, 1.0), "turn": qc.phase_shifter(x), "q": qc.qubit(-x, 0.5 + x**2)},
            [("m.out", "turn.in"), ("turn.out", "q.in")],
            occupations={"m.in": 0.02 * x**2},
        ),
        {"m": 3},
    ),
    "bound": lambda x: qc.lindblad(
        qc.Network(
            {"m": qc.cavity(x, 1.0), "n": qc.cavity(0.3, [1.0, x**2]), "q": qc.qubit(decay=0.4)},
            couplings=[qc.hopping("m.a", "n.a", 0.3 * x), qc.hopping("n.a", "q.q", 1j * x)],
        ),
        {("m", "n"): 3},
    ),
    "squeezed basis": lambda x: qc.lindblad(
        pairs_on_qubits(0.2 * x), {("s.a", "s.b"): 4}, squeezed={("s.a", "s.b"): 0.15}
    ),
}
POINTS = np.array([0.3, 0.55, 0.9])


@pytest.mark.parametrize("name", NETWORKS)
def test_one_matrix_with_changing_numbers_is_the_generator_of_every_point(name):
    model = NETWORKS[name](POINTS)
    assert model.shape == (3,)
    features = tuple(model.terms.values)
    table = model.terms.table(features)
    for mirror in {None, model.mirror}:
        for real in {False, model.real}:
            layout = Layout(model.space, mirror, real)
            L = Superoperator(layout, features).dense(table)
            for k in range(3):
                point = model[k]
                one = Generator(layout, point.rotating_no_jump_matrix, point.jump_matrices)
                np.testing.assert_allclose(L[k], Coordinates(layout).matrix(one), atol=5e-15)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batch_of_steady_states_is_each_alone(name):
    together = qc.steady_state(NETWORKS[name](POINTS), progress=False)
    assert together.shape == (3,)
    assert np.all(together.info["stable"])
    for k, x in enumerate(POINTS):
        alone = qc.steady_state(NETWORKS[name](x), progress=False)
        np.testing.assert_allclose(together[k].matrix(), alone.matrix(), atol=1e-12)
        assert together.info["residual"][k] < 1e-13


def test_structure_is_that_of_all_points():
    """At the first point there is no drive, at the second it is imaginary, at the third real."""
    model = qc.lindblad(two_qubits(0.0, np.array([0.0, 1j, 1.0])))
    assert qc.lindblad(two_qubits(0.0, 0.0)).space.charges == ((1, 1),)
    assert model.space.charges == ()
    assert not model.real
    assert model.order == (("a.q",), ("b.q",))
    for second, alike in (([1.0, 2.0], True), ([1.0, 3.0], False)):
        decays = {"a": qc.qubit(decay=np.array([1.0, 2.0])), "b": qc.qubit(decay=np.array(second))}
        assert (qc.lindblad(qc.Network(decays)).mirror is not None) == alike
    first, second = np.linspace(1, 2, 21), np.linspace(1, 2, 21)
    for change, alike in ((0.0, True), (0.1, False)):
        second[1] += change  # where neither one point nor a few show it
        decays = {"a": qc.qubit(decay=first), "b": qc.qubit(decay=second)}
        assert (qc.lindblad(qc.Network(decays)).mirror is not None) == alike
    assert "batch    3" in str(model)
    assert model[1].H.terms.keys() <= model.H.terms.keys()


def test_a_parameter_that_no_word_shows_is_an_axis_all_the_same():
    state = qc.steady_state(qc.lindblad(qc.qubit(np.zeros(4), decay=1.0)), progress=False)
    assert state.shape == (4,)
    model = qc.lindblad(qc.qubit(np.zeros(4), decay=1.0))
    assert (model[1:3].shape, model[1].shape) == ((2,), ())


def test_decays_may_be_arrays_where_a_coupling_between_the_modes_is_one_number():
    def model(decay):
        parts = {"a": qc.qubit(decay=decay, occupation=0.5), "b": qc.qubit(decay=1.0)}
        hopping = [qc.hopping("a.q", "b.q", 0.3)]
        return qc.lindblad(qc.Network(parts, couplings=hopping))

    decays = np.array([0.5, 1.5])
    together = qc.measures.purity(qc.steady_state(model(decays), progress=False))
    alone = [qc.measures.purity(qc.steady_state(model(x), progress=False)) for x in decays]
    assert_allclose(together, alone, rtol=1e-12)


def test_measures_of_a_batch_are_those_of_its_points():
    x = np.array([[0.0, 0.4], [0.8, 1.3]])
    state = qc.steady_state(qc.lindblad(two_qubits(x)), progress=False)
    assert repr(state) == "DensityState(batch (2, 2); a.q, b.q; 16 elements in 1 block)"
    number = qc.lower("b.q").dag * qc.lower("b.q")
    found = {
        "log_negativity": qc.log_negativity(state, "a", "b"),
        "concurrence": qc.measures.concurrence(state, "a", "b"),
        "occupation": qc.measures.occupation(state)[..., 1],
        "expect": state.expect(number).real,
        "entropy": qc.measures.von_neumann_entropy(state, "a"),
        "information": qc.measures.mutual_information(state, "a", "b"),
        "fidelity": qc.measures.fidelity(state, state[0, 1]),
        "purity": qc.measures.purity(state.reduce("a")),
        "trace": state.trace,
    }
    for index in np.ndindex(2, 2):
        one = state[index]
        expected = {
            "log_negativity": qc.log_negativity(one, "a", "b"),
            "concurrence": qc.measures.concurrence(one, "a", "b"),
            "occupation": qc.measures.occupation(one, "b"),
            "expect": qc.measures.occupation(one, "b"),
            "entropy": qc.measures.von_neumann_entropy(one, "a"),
            "information": qc.measures.mutual_information(one, "a", "b"),
            "fidelity": qc.measures.fidelity(one, state[0, 1]),
            "purity": qc.measures.purity(one.reduce("a")),
            "trace": 1.0,
        }
        assert {name: x[index] for name, x in found.items()} == pytest.approx(expected, abs=1e-12)
    assert np.all(state.is_physical())
    assert qc.entanglement_matrix(state).log_negativity.shape == (2, 2, 2, 2)


def test_points_without_a_steady_state_are_nan_and_leave_the_others_alone():
    decay = np.array([1.0, 0.0, 2.0])
    undamped = qc.Network({"a": qc.qubit(decay=decay), "b": qc.qubit(decay=1.0)})
    state = qc.steady_state(qc.lindblad(undamped), progress=False)
    assert state.info["stable"].tolist() == [True, False, True]
    assert np.isnan(qc.measures.purity(state)).tolist() == [False, True, False]
    assert state.is_physical().tolist() == [True, False, True]
    with pytest.raises(qc.DegenerateError):
        qc.steady_state(qc.lindblad(undamped)[1], progress=False)
    with pytest.raises(qc.ArgumentError, match="a point that has a state"):
        state[1]


def test_a_cutoff_that_is_too_small_at_some_points_leaves_them_out():
    """Squeezing grows past the cutoff, and then past threshold."""
    mode = qc.squeezed_mode(np.array([0.05, 0.45, 0.8]), decay=1.0)
    state = qc.steady_state(qc.lindblad(mode, {"a": 8}), progress=False)
    assert state.info["stable"].tolist() == [True, False, False]


def test_rates_far_apart_are_solved_with_more_digits_point_by_point():
    def chain(slow):
        parts = {"a": qc.qubit(decay=1.0, occupation=0.5), "b": qc.qubit(decay=slow)}
        return qc.lindblad(qc.Network(parts, couplings=[qc.hopping("a.q", "b.q", slow)]))

    slow = np.array([1.0, 1e-7])
    state = qc.steady_state(chain(slow), progress=False)
    for k, rate in enumerate(slow):
        alone = qc.steady_state(chain(rate), progress=False)
        np.testing.assert_allclose(state[k].matrix(), alone.matrix(), atol=1e-13)


def test_points_of_a_batch_know_their_ports():
    model = qc.lindblad(two_qubits(POINTS))
    alone = qc.lindblad(two_qubits(POINTS[1]))
    assert qc.outputs.flux(model[1], "b.out1") == pytest.approx(qc.outputs.flux(alone, "b.out1"))


def test_who_wants_one_model_says_so():
    model = qc.lindblad(two_qubits(POINTS))
    for verb in (
        lambda: qc.evolve(model, None, [0.0, 1.0]),
        lambda: qc.outputs.flux(model, "b.out1"),
        lambda: qc.trajectories(model, [0.0, 1.0], {}),
    ):
        with pytest.raises(qc.ArgumentError, match="one model, not a batch"):
            verb()
    states = qc.steady_state(model, progress=False)
    for verb in (
        lambda: qc.evolve(model[0], states, [0.0, 1.0]),
        lambda: qc.interop.to_qutip(states),
    ):
        with pytest.raises(qc.ArgumentError, match="one state, not a batch"):
            verb()
    with pytest.raises(qc.ArgumentError, match="be a position in"):
        model[7]
    assert dense.steady_states(model[0])[0] == 1


def test_only_the_drive_of_an_oscillator_need_be_an_array():
    def net(drive):
        parts = {"laser": qc.coherent_drive(drive), "c": qc.cavity(decay=1.0)}
        return qc.Network(parts, [("laser.out", "c.in")])

    drive = np.array([0.1, 0.2j, 3.0])
    found = qc.steady_state(qc.lindblad(net(drive), {"c": 8}))
    assert found.info["stable"].tolist() == [True, True, False]
    quanta = qc.measures.occupation(found)[:, 0]
    np.testing.assert_allclose(quanta[:2], 4 * np.abs(drive[:2]) ** 2, rtol=0, atol=1e-9)
    assert np.isnan(quanta[2])


def test_points_whose_units_are_far_apart_do_not_touch_each_other():
    unit = np.array([1e-9, 1.0, 1e9])

    def net(unit):
        parts = {"laser": qc.coherent_drive(0.4 * np.sqrt(unit)), "q": qc.qubit(0.3 * unit, unit)}
        return qc.Network(parts, [("laser.out", "q.in")])

    found = qc.measures.occupation(qc.steady_state(qc.lindblad(net(unit))))[:, 0]
    x = 0.4**2 / (0.25 + 0.3**2)  # of a driven two-level system, P = x/(1 + 2x)
    np.testing.assert_allclose(found, x / (1 + 2 * x), rtol=0, atol=1e-12)


def test_no_points_have_no_steady_states():
    found = qc.steady_state(qc.lindblad(qc.qubit(decay=np.zeros((0, 2)))))
    assert found.info["stable"].shape == (0, 2)
    assert qc.measures.purity(found).shape == (0, 2)
