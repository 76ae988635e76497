"""The population at the cutoffs is watched while trajectories run, where something is cut off."""

import numpy as np
import pytest
from scipy.linalg import expm

import qcascade as qc
from qcascade.hilbert.cutoffs import leaving
from qcascade.hilbert.space import Space
from qcascade.master_equation.trajectories.edge import SLICES, EdgeWatch
from qcascade.master_equation.trajectories.unravel import unravel

C, D = qc.lower("c.a"), qc.lower("d.a")


def hopping_model(cut, decays=(1.0, 0.1), hop=1.0):
    parts = {"c": qc.cavity(decay=decays[0]), "d": qc.cavity(decay=decays[1])}
    net = qc.Network(parts, couplings=[qc.hopping("c.a", "d.a", hop)])
    return qc.lindblad(net, {"c": 6, "d": cut})


def fock(space, *quanta):
    return qc.PureState(space, np.all(space.quanta == quanta, axis=1).astype(float))


def quanta_of(mode):
    n = qc.lower(mode).dag * qc.lower(mode)
    return lambda psi: psi.expect(n).real


def test_a_cutoff_that_is_reached_in_transit_is_refused():
    model = hopping_model(1)
    with pytest.raises(qc.ArgumentError, match="`cutoffs` must leave room for all quanta"):
        qc.trajectories(
            model, [1.0], {"n": quanta_of("d.a")}, initial=fock(model.space, 6, 0), progress=False
        )


def test_a_cutoff_that_no_quantum_crosses_is_not():
    """Six quanta in a space of six: nothing is cut off, though c begins at its cutoff."""
    model = hopping_model(6)
    runs = qc.trajectories(
        model,
        [1.0],
        {"n": quanta_of("d.a")},
        initial=fock(model.space, 6, 0),
        number=300,
        progress=False,
    )
    field = expm([[-0.5, -1j], [-1j, -0.05]])
    exact = 6 * abs(field[1, 0]) ** 2  # 2.4959: independent quanta follow the field
    assert exact == pytest.approx(2.4959, abs=1e-4)
    assert abs(runs.mean["n"][0] - exact) < 4 * runs.error["n"][0]
    assert runs.info["edge_population"] == 0
    assert runs.info["warnings"] == ()


def test_a_driven_kerr_cavity_needs_room():
    parts = {"laser": qc.coherent_drive(3.0), "c": qc.kerr_cavity(0.01, 0.0, decay=1.0)}
    net = qc.Network(parts, [("laser.out", "c.in")])
    with pytest.raises(qc.ArgumentError, match="at the cutoffs"):
        qc.trajectories(
            qc.lindblad(net, {"c": 5}), [5.0], {"n": quanta_of("c.a")}, number=20, progress=False
        )
    model = qc.lindblad(net, {"c": 75})
    runs = qc.trajectories(model, [5.0], {"n": quanta_of("c.a")}, number=20, progress=False)
    assert runs.info["warnings"] == ()
    whole = qc.evolve(model, None, [5.0], {"n": quanta_of("c.a")}, progress=False)
    assert abs(runs.mean["n"][0] - whole.observed["n"][0]) < 4 * runs.error["n"][0] + 1e-6


def test_what_happened_between_the_times_is_known():
    """Two quanta hop; ⟨2,0|…|1,1⟩ is a two-level system, and |1,1⟩ leads to |0,2⟩, cut off."""
    space = Space(("c.a", "d.a"), (2, 1))
    H, turn = C.dag * D + D.dag * C, np.pi / np.sqrt(2)
    start = fock(space, 2, 0)
    runs = unravel(space, H, (), start, [turn], {"n": quanta_of("d.a")}, 2, progress=False)
    assert runs.mean["n"][0] == pytest.approx(0, abs=1e-10)
    # The peak, 1, lies within half a step of 1/‖H‖ from one of the times that are looked at.
    assert 0.75 < runs.info["edge_population"] < 1 + 1e-12
    assert "warning: population" in repr(runs)
    assert "raise `cutoffs`" in runs.to_dataset().attrs["warnings"]


def test_the_population_of_a_slice_lasts_until_it_is_looked_at_again():
    watch = EdgeWatch(1.0)
    kets = np.array([[1.0, 0.0], [0.6, 0.8], [1.0, 0.0]])
    watch.see(np.array([0.0, 0.25, 0.75]), kets, np.array([[0.0], [1.0]]))
    expected = np.zeros(SLICES)
    expected[SLICES // 4 : 3 * SLICES // 4] = 0.64
    np.testing.assert_allclose(watch.most, expected)


def test_few_trajectories_at_a_cutoff_may_be_chance_and_carry_a_warning():
    model = qc.lindblad(qc.cavity(decay=1.0, occupation=0.1), {"a": 3})
    runs = qc.trajectories(model, [20.0], {"n": quanta_of("a")}, number=12, seed=7, progress=False)
    assert runs.info["edge_population"] == pytest.approx(1 / 12)  # one of twelve, once
    assert runs.info["edge_least"] == 0
    assert len(runs.info["warnings"]) == 1
    alone = qc.trajectories(
        hopping_model(1),
        [1.0],
        {"n": quanta_of("d.a")},
        initial=fock(hopping_model(1).space, 6, 0),
        number=1,
    )
    assert alone.info["edge_least"] == 0
    assert alone.info["warnings"]


def test_qubits_have_no_edge():
    runs = qc.trajectories(
        qc.lindblad(qc.qubit(decay=1.0)),
        [1.0],
        {"n": qc.measures.occupation},
        number=2,
        progress=False,
    )
    assert "edge_population" not in runs.info


def test_words_that_lead_out_of_the_space():
    """By hand: which words, from which states."""
    a, b, q = qc.lower("a"), qc.lower("b"), qc.lower("q")
    space = Space(("a", "b", "q"), (2, 2, 1), ("q",), ((("a", "b"), 3),))

    def states(*operators):
        found = leaving(space, operators, space.quanta)
        return {tuple(x) for x in space.quanta[found].tolist()}

    full = {(2, 0, 0), (2, 1, 0), (1, 2, 0), (2, 0, 1), (2, 1, 1), (1, 2, 1)}
    assert states(a.dag) == full
    assert states(a, a.dag * a, q.dag, q) == set()
    assert states(a * a.dag) == set()  # only where a word ends counts
    assert states(a.dag * q) == {x for x in full if x[2] == 1}
    assert states(a.dag * q.dag * q.dag) == set()
    assert states(a.dag * q.dag * q) == {x for x in full if x[2] == 1}
    assert states(a.dag * b) == {(2, 1, 0), (2, 1, 1)}
    assert states(a.dag * a.dag * b * b) == {(1, 2, 0), (1, 2, 1)}
    assert states(a.dag * a.dag * a.dag * a * a) == {(2, 0, 0), (2, 0, 1), (2, 1, 0), (2, 1, 1)}
