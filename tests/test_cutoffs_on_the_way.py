"""The population at the cutoffs, watched while a state evolves."""

import numpy as np
import pytest
import scipy.linalg

import qcascade as qc
from qcascade.hilbert.cutoffs import cut_off
from qcascade.hilbert.space import Space
from qcascade.master_equation import propagators


def number_state(model, **quanta):
    """|n⟩ of the named parts' oscillators."""
    place = [[quanta.get(mode.split(".")[0], 0) for mode in model.modes]]
    amplitudes = np.zeros(model.space.dimension)
    amplitudes[model.space.positions(np.array(place))] = 1.0
    return qc.PureState(model.space, amplitudes)


def hopping(top, quanta=6):
    parts = {"c": qc.cavity(decay=1.0), "d": qc.cavity(decay=0.1)}
    net = qc.Network(parts, couplings=[qc.hopping("c.a", "d.a", 1.0)])
    model = qc.lindblad(net, {"c.a": quanta, "d.a": top})
    return model, number_state(model, c=quanta)


def other(state):
    return qc.measures.occupation(state, "d.a")


def exact(quanta, t):
    """Each quantum hops and decays by itself."""
    amplitudes = scipy.linalg.expm(t * np.array([[-0.5, -1j], [-1j, -0.05]])) @ [1, 0]
    return quanta * abs(amplitudes[1]) ** 2


@pytest.mark.parametrize("top", [1, 2, 3, 5])
def test_a_cutoff_that_is_reached_on_the_way_is_refused(top):
    model, start = hopping(top)
    with pytest.raises(qc.ConvergenceError, match=r"by t = 1 a population of .* cutoff of d\.a"):
        qc.evolve(model, start, [1.0], {"n": other}, progress=False)


def test_a_cutoff_that_is_hardly_reached_is_told():
    """Between a millionth and a thousandth: d holds at most 5 of 6 quanta, for a short time."""
    model, start = hopping(5)
    run = qc.evolve(model, start, [0.25], {"n": other}, progress=False)
    assert run.observed["n"][0] == pytest.approx(exact(6, 0.25), abs=1e-3)
    assert 1e-6 < run.info["edge_population"] < 1e-3
    for told in (run.info["warnings"], run.final.info["warnings"]):
        assert "at the cutoff" in told[0]
        assert "raise `cutoffs`" in told[0]
    assert "warning" in repr(run)
    assert "cutoff" in run.to_dataset().attrs["warnings"]


@pytest.mark.parametrize("top", [6, 8])
def test_a_space_that_is_full_and_closed_is_no_reason_to_warn(top):
    """All six quanta at c's cutoff: nothing adds a seventh."""
    model, start = hopping(top)
    run = qc.evolve(model, start, [1.0], {"n": other}, progress=False)
    assert run.observed["n"][0] == pytest.approx(exact(6, 1.0), abs=1e-9)
    assert run.observed["n"][0] == pytest.approx(2.4959, abs=5e-5)
    assert run.info["edge_population"] < 1e-12
    assert run.info["warnings"] == ()


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("last", [5.0, 300.0])
def test_the_edge_is_seen_though_it_is_empty_at_the_end(few, last, monkeypatch):
    """Two quanta swap into a mode for one and back, and decay: nothing is left at the last time."""
    monkeypatch.setattr(propagators, "FEW", few)
    monkeypatch.setattr(propagators, "SOME", few)
    parts = {"c": qc.cavity(decay=3.0), "d": qc.cavity(decay=3.0)}
    net = qc.Network(parts, couplings=[qc.hopping("c.a", "d.a", 1.0)])
    model = qc.lindblad(net, {"c.a": 2, "d.a": 1})
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[d\.a\]`"):
        qc.evolve(model, number_state(model, c=2), [last], progress=False)
    wide = qc.lindblad(net, {"c.a": 2, "d.a": 2})
    assert not qc.evolve(wide, number_state(wide, c=2), [last], progress=False).info["warnings"]


def test_it_is_watched_with_until_and_for_every_time():
    model, start = hopping(1)
    times = np.linspace(0, 1, 30)
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[d\.a\]`"):
        qc.evolve(model, start, times, until=lambda s: other(s) - 0.01, progress=False)
    # What comes after the stop does not count.
    wide, start = hopping(3)
    run = qc.evolve(wide, start, times, until=lambda s: other(s) - 0.01, progress=False)
    assert run.stopped < 0.2
    assert run.info["edge_population"] < 1e-3


def test_a_driven_cavity_is_refused_only_when_its_cutoff_is_too_small():
    net = qc.Network(
        {"laser": qc.coherent_drive(0.5), "m": qc.cavity(decay=1.0)}, [("laser.out", "m.in")]
    )
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[m\.a\]`"):
        qc.evolve(qc.lindblad(net, {"m": 4}), None, [2.0], progress=False)
    run = qc.evolve(qc.lindblad(net, {"m": 14}), None, [2.0], progress=False)
    assert not run.info["warnings"]


def test_a_start_at_a_cutoff_is_refused_only_where_something_leads_beyond():
    loud, cold = (
        qc.lindblad(qc.Network({"m": qc.cavity(decay=1.0, occupation=n)}), {"m": 3})
        for n in (0.01, 0.0)
    )
    with pytest.raises(qc.ConvergenceError, match=r"cutoff of m\.a"):
        qc.evolve(loud, number_state(loud, m=3), [1.0], progress=False)
    run = qc.evolve(cold, number_state(cold, m=3), [1.0], progress=False)
    assert qc.occupation(run.final, "m") == pytest.approx(3 * np.exp(-1), abs=1e-9)


def test_a_limit_that_modes_share_is_named():
    model = qc.lindblad(qc.pair_source(0.3), {("a", "b"): 10})
    start = number_state(model, a=4, b=4)
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[a, b\]`"):
        qc.evolve(model, start, [1.0], progress=False)


def test_states_from_which_a_word_leads_beyond_a_cutoff():
    a, b = qc.lower("m.a"), qc.lower("n.a")
    space = Space(("m.a", "n.a"), (2, 2), limits=((("m.a", "n.a"), 2),))
    exchange, pairs = a.dag * b + b.dag * a, a.dag * b.dag + a * b
    assert cut_off(space, exchange, [a, b]) == {}
    beyond = cut_off(space, pairs, [a])
    np.testing.assert_array_equal(space.quanta.sum(axis=1) >= 1, beyond["m.a, n.a"])
    np.testing.assert_array_equal(space.quanta[:, 0] == 2, beyond["m.a"])
    own = Space(("m.a", "n.a"), (1, 2))
    beyond = cut_off(own, exchange, [])
    np.testing.assert_array_equal(own.quanta[beyond["m.a"]], [[1, 1], [1, 2]])
    np.testing.assert_array_equal(own.quanta[beyond["n.a"]], [[1, 2]])
    qubits = Space(("q",), (1,), ("q",))
    assert cut_off(qubits, qc.lower("q") + qc.lower("q").dag, [qc.lower("q").dag]) == {}


def test_a_weak_coupling_beside_optical_frequencies_is_watched_too():
    """The exchange fills d beyond its cutoff, however large the frequency that both turn at."""
    parts = {"c": qc.cavity(5e12, decay=1.0), "d": qc.cavity(5e12, decay=0.1)}
    net = qc.Network(parts, couplings=[qc.hopping("c.a", "d.a", 1.0)])
    model = qc.lindblad(net, {"c.a": 6, "d.a": 1})
    assert cut_off(model.space, model.H, model.jumps)["d.a"].any()
