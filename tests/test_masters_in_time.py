"""Master equations whose parameters change in time: against dense matrices, values, properties."""

import dense
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import erfcx

import qcascade as qc

TIMES = np.array([-1.0, -0.2, 0.6, 2.1])


def quanta(mode):
    number = qc.lower(mode).dag * qc.lower(mode)
    return lambda state: state.expect(number).real


def swings(seed, count=8):
    """Numbers that swing with incommensurate frequencies, as functions of time."""
    rates = np.random.default_rng(seed).uniform(0.2, 1.0, (count, 3))
    return [lambda t, r=r: r[0] * (1 + 0.6 * np.sin(3 * r[1] * t + 6 * r[2])) for r in rates]


def cascade(seed, unit=1.0, loud=False):
    """A driven qubit feeds a damped cavity through a lossy fibre; everything swings."""
    s = swings(seed)

    def at(time):
        t = unit * time
        parts = {
            "laser": qc.coherent_drive(0.5 * np.sqrt(unit) * s[0](t) * np.exp(0.4j * t)),
            "a": qc.qubit(unit * s[1](t), unit * s[2](t), dephasing=0.2 * unit),
            "link": qc.fibre(0.2 + 0.4 * s[3](t)),
            "b": qc.kerr_cavity(0.3 * unit, -unit * s[4](t), decay=[unit * s[5](t), 0.1 * unit]),
        }
        wires = [("laser.out", "a.in"), ("a.out", "link.in"), ("link.out", "b.in1")]
        cutoffs = {"b": 4}
        if loud:
            parts["c"] = qc.cavity(unit * s[6](t), decay=3 * unit)
            wires.append(("b.out1", "c.in"))
            cutoffs["c"] = 2
        return qc.lindblad(qc.Network(parts, wires), cutoffs)

    return at


def by_ode(at, rho, times):
    """ρ by an adaptive solver of differential equations, from the model at one instant each."""

    def moved(t, x):
        return dense.rate(at(float(t)), x.reshape(rho.shape)).ravel()

    start = rho.astype(complex).ravel()
    run = solve_ivp(moved, times[[0, -1]], start, "DOP853", t_eval=times, rtol=1e-11, atol=1e-13)
    return run.y.T.reshape(-1, *rho.shape)


def whole(at, start, times, **options):
    """All matrices of an evolution."""
    options = {"progress": False, "tolerance": 1e-10} | options
    run = qc.evolve(at, start, times, {"rho": lambda state: state.matrix()}, **options)
    return run.observed["rho"], run


@pytest.mark.parametrize("seed", range(2))
def test_evolution_agrees_with_an_adaptive_solver_of_differential_equations(seed):
    at, times = cascade(seed), TIMES
    found, run = whole(at, None, times)
    ground = np.zeros((10, 10))
    ground[0, 0] = 1.0
    np.testing.assert_allclose(found, by_ode(at, ground, times), atol=1e-9)
    assert run.final.is_physical()
    assert run.info["estimated_error"] < 1e-10


def driven_qubit(t):
    """The qubit of the notes: a detuning that swings, a constant drive, and dephasing."""
    s = qc.lower("q")
    excited = s.dag * s
    H = (0.5 + 2 * np.cos(3 * t)) * excited + 0.5 * (s + s.dag)
    jumps = [s, np.sqrt(0.1) * excited]
    ports = tuple("ab")
    return qc.lindblad(qc.Component(np.eye(2), jumps, H, ("q",), ports, ports, qubits=("q",)))


def test_a_qubit_in_a_swinging_frame_has_the_known_populations():
    times = [0.0, 0.5, 1.0, 2.0]
    run = qc.evolve(driven_qubit, None, times, {"n": quanta("q")}, progress=False)
    np.testing.assert_allclose(
        run.observed["n"], [0.0, 0.0441835137, 0.1336229001, 0.2777765623], atol=2e-10
    )


WIDTH = 1 / 1.46


def rate_of_release(t):
    """|L_u|² of a normal |u|², as a hazard rate: no difference of nearly equal numbers."""
    return np.sqrt(2 / np.pi) / erfcx(t / WIDTH / np.sqrt(2)) / WIDTH


def photons_on_a_qubit(most, catcher=True, phase=lambda t: 0 * t, detuning=0.0):
    """A pulse of photons meets a qubit, and is caught in a mode of the same shape."""
    a = qc.lower("a")

    def cavity(coupling):
        return qc.Component(np.eye(1), [coupling * a], 0 * a, ("a",), ("in",), ("out",))

    def at(t):
        turn = np.exp(1j * phase(t))  # of u, with no star: what leaves is u
        parts = {
            "u": cavity(np.sqrt(rate_of_release(t)) * turn),
            "atom": qc.qubit(detuning, decay=1.0),
        }
        wires = [("u.out", "atom.in")]
        if catcher:
            parts["v"] = cavity(-np.sqrt(rate_of_release(-t)) * turn)
            wires.append(("atom.out", "v.in"))
        names = ("u", "v") if catcher else "u"
        return qc.lindblad(qc.Network(parts, wires), {names: most})

    return at


def photons(at, most, t=0.0):
    space = at(np.array([t])).space
    column = space.modes.index("u.a")
    full = (space.quanta[:, column] == most) & (space.quanta.sum(axis=1) == most)
    return qc.PureState(space, full.astype(complex))


PULSE = np.array([-6 * WIDTH, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0])
ONE = [0.0493584681, 0.4282691365, 0.6922076272, 0.8009811134, 0.5224784403, 0.0794956993]
TWO = [0.0965619957, 0.6642951104, 0.8026823232, 0.6376024906, 0.2367191549, 0.0314161491]


@pytest.mark.parametrize(("most", "expected"), [(1, ONE), (2, TWO)])
@pytest.mark.parametrize("catcher", [True, False])
def test_photons_excite_a_qubit_as_known_with_a_catcher_behind_it_and_without(
    most, expected, catcher
):
    at = photons_on_a_qubit(most, catcher)
    run = qc.evolve(at, photons(at, most), PULSE, {"n": quanta("atom.q")}, progress=False)
    np.testing.assert_allclose(
        run.observed["n"][1:], expected, atol=2e-5
    )  # the window costs 4.8e-6
    assert len(run.final.blocks) == most + 2  # quanta are only lost: a weak symmetry, and real
    assert not np.iscomplexobj(run.final.blocks[-1])


def test_a_longer_window_leaves_nothing_out():
    at, times = photons_on_a_qubit(1), np.append(-8 * WIDTH, PULSE[1:])
    run = qc.evolve(at, photons(at, 1), times, {"n": quanta("atom.q")}, progress=False)
    np.testing.assert_allclose(run.observed["n"][1:], ONE, atol=3e-10)


def test_a_chirped_photon_excites_a_detuned_qubit_as_known():
    at = photons_on_a_qubit(1, False, lambda t: -(0.4 * t + 0.3 * t**2), 0.5)
    times = np.array([-8 * WIDTH, 1.0])
    run = qc.evolve(at, photons(at, 1), times, {"n": quanta("atom.q")}, progress=False)
    assert run.observed["n"][-1] == pytest.approx(0.7561735209, abs=1e-9)


def test_what_does_not_change_evolves_as_ever():
    static = cascade(3)(0.4)
    times = np.array([0.0, 0.7, 5.0])
    expected = qc.evolve(static, None, times, progress=False).final.matrix()
    alone, run = whole(lambda _: static, None, times)
    np.testing.assert_allclose(alone[-1], expected, atol=1e-9)
    assert run.info["steps"] < 200  # exact where nothing changes
    same, _ = whole(lambda t: cascade(3)(0.4 + 0 * t), None, times - 3.0)
    np.testing.assert_allclose(same[-1], expected, atol=1e-9)


def test_pieces_one_after_the_other_are_the_whole():
    at = cascade(4)
    once, _ = whole(at, None, TIMES)
    _, half = whole(at, None, TIMES[:3])
    rest, _ = whole(at, half.final, TIMES[2:])
    np.testing.assert_allclose(rest[-1], once[-1], atol=1e-9)
    np.testing.assert_allclose(half.final.matrix(), once[2], atol=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_frequency_changes_nothing(unit):
    one, _ = whole(cascade(5), None, TIMES)
    other, _ = whole(cascade(5, unit), None, TIMES / unit)
    np.testing.assert_allclose(other, one, atol=1e-9)


def test_a_loud_part_downstream_changes_nothing_upstream():
    quiet = qc.evolve(cascade(6), None, TIMES, progress=False).final
    loud = qc.evolve(cascade(6, loud=True), None, TIMES, progress=False).final
    assert qc.measures.occupation(loud, "c") > 1e-3
    np.testing.assert_allclose(loud.reduce("a", "b").matrix(), quiet.matrix(), atol=2e-9)


def test_a_short_pulse_in_a_long_time_is_met():
    """A lossless qubit turns by ∫Ω dt, in a pulse 1/3000 as long as the run."""
    area = 0.4 * np.pi

    def at(t):
        s = qc.lower("q")
        pulse = area / np.sqrt(np.pi) * np.exp(-((t - 137.0) ** 2))
        H = 0.5 * pulse * (s + s.dag)
        return qc.lindblad(qc.Component(np.zeros((0, 0)), (), H, ("q",), qubits=("q",)))

    run = qc.evolve(at, None, [-1000.0, 2000.0], {"n": quanta("q")}, progress=False)
    assert run.observed["n"][-1] == pytest.approx(np.sin(area / 2) ** 2, abs=1e-9)


def switched(t):
    return qc.lindblad(qc.qubit(decay=np.where(t > 0.77, 3.0, 1.0)))


def test_a_switch_is_exact_where_it_is_named_and_refused_where_it_is_not():
    excited = qc.ket("q", [0.0, 1.0])
    options = {"progress": False, "breaks": [0.77]}
    run = qc.evolve(switched, excited, [0.0, 2.0], {"n": quanta("q")}, **options)
    assert run.observed["n"][-1] == pytest.approx(np.exp(-0.77 - 3 * 1.23), rel=1e-9)
    with pytest.raises(qc.ArgumentError, match=r"`breaks` must name every time .* t = 0.77"):
        qc.evolve(switched, excited, [0.0, 2.0], progress=False)


def test_a_word_that_exists_only_sometimes_breaks_the_charge_all_the_time():
    """A drive that is off at both ends and in the middle makes coherence, which stays."""

    def at(t):
        drive = 0.6 * np.where(np.abs(t) > 0.3, 1.0, 0.0) * np.sin(np.pi * t)
        parts = {"l": qc.coherent_drive(drive), "q": qc.qubit(decay=1.0)}
        return qc.lindblad(qc.Network(parts, [("l.out", "q.in")]))

    times, breaks = np.array([-1.0, 0.0, 1.0]), [-0.3, 0.3]
    assert at(0.0).space.charges == ((1,),)  # at this instant alone, quanta only decay
    found, _ = whole(at, None, times, breaks=breaks)
    ground = np.diag([1.0, 0.0])
    pieces = [ground]
    for a, b in ((-1.0, -0.3), (-0.3, 0.3), (0.3, 1.0)):
        inside = np.array([a + 1e-12, b - 1e-12])
        pieces.append(by_ode(at, pieces[-1], inside)[-1])
    np.testing.assert_allclose(found[-1], pieces[-1], atol=1e-9)


def test_a_coefficient_that_is_real_at_one_time_does_not_make_the_state_real():
    def at(t):
        parts = {"l": qc.coherent_drive(0.5 * np.exp(2j * t)), "q": qc.qubit(decay=1.0)}
        return qc.lindblad(qc.Network(parts, [("l.out", "q.in")]))

    times = np.array([0.0, 1.3])
    found, _ = whole(at, None, times)
    np.testing.assert_allclose(found, by_ode(at, np.diag([1.0, 0.0]), times), atol=1e-9)
    assert np.abs(found[-1].imag).max() > 0.1


def test_two_alike_qubits_share_one_block_and_a_mirrored_start_is_not_needed():
    """Equal decays that swing together are a mirror; an excited left qubit breaks it."""

    def at(t):
        rate = 1 + 0.5 * np.sin(t)
        parts = {
            "light": qc.squeezed_light(0.5),
            "A": qc.qubit(decay=rate),
            "B": qc.qubit(decay=rate),
        }
        wires = [("light.out_a", "A.in"), ("light.out_b", "B.in")]
        return qc.lindblad(qc.Network(parts, wires))

    times, left = np.array([0.0, 1.0]), qc.ket(["A.q", "B.q"], [0.0, 0.0, 1.0, 0.0])
    for start, rho in ((None, np.diag([1.0, 0, 0, 0])), (left, np.diag([0, 0, 1.0, 0]))):
        found, _ = whole(at, start, times)
        np.testing.assert_allclose(found, by_ode(at, rho, times), atol=1e-9)


def test_a_function_that_is_none_of_time_is_told():
    def iffy(t):
        return qc.lindblad(qc.qubit(decay=1.0 if t > 0 else 2.0))

    with pytest.raises(qc.ArgumentError, match=r"`model` must be a function .*np\.where"):
        qc.evolve(iffy, None, [0.0, 1.0])

    cutoffs = iter(range(2, 9))

    def other_space(t):
        return qc.lindblad(qc.cavity(decay=1.0 + 0 * t), {"a": next(cutoffs)})

    with pytest.raises(qc.ArgumentError, match="models of one structure at all times"):
        qc.evolve(other_space, None, [0.0, 1.0])

    def wrong_axis(t):
        return qc.lindblad(qc.qubit(decay=np.ones((3, len(t)))))

    with pytest.raises(qc.ArgumentError, match="times on their first axis"):
        qc.evolve(wrong_axis, None, [0.0, 1.0])
    with pytest.raises(qc.ArgumentError, match="`times` must be increasing"):
        qc.evolve(driven_qubit, None, [1.0, 0.0])
    for verb in (lambda at: qc.evolve(at, None, [0.0, 1.0]), lambda at: qc.periodic_state(at, 1.0)):
        with pytest.raises(qc.ArgumentError, match=r"a GaussianModel or a LindbladModel.* qubit\("):
            verb(lambda t: qc.qubit(decay=1 + 0 * t))
        with pytest.raises(qc.ArgumentError, match="one point or more for every time"):
            verb(lambda t: qc.gaussian(qc.cavity(decay=1 + np.zeros(0) * t[:, None])))


def test_a_cutoff_that_is_reached_on_the_way_is_told():
    def at(t):
        drive = 2.0 * np.exp(-(t**2))
        parts = {"l": qc.coherent_drive(drive), "m": qc.cavity(decay=1.0)}
        return qc.lindblad(qc.Network(parts, [("l.out", "m.in")]), {"m": 2})

    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[m\.a\]`"):
        qc.evolve(at, None, [-5.0, 5.0], progress=False)


def test_what_does_not_converge_is_refused_with_its_time():
    def at(t):
        wild = 40 * np.sin(1 / np.abs(t + 1e-9))
        return qc.lindblad(qc.qubit(wild, decay=1.0), sectors=False)

    plus = qc.ket("q", np.sqrt([0.5, 0.5]))
    with pytest.raises((qc.ConvergenceError, qc.ArgumentError), match=r"breaks"):
        qc.evolve(at, plus, [-1.0, 1.0], progress=False)


def test_a_qubit_in_a_swinging_frame_has_the_known_periodic_state(monkeypatch):
    from qcascade.master_equation import repeating

    state = qc.periodic_state(driven_qubit, 2 * np.pi / 3, progress=False)
    assert state.shape == (64,)
    assert np.all(state.is_physical())
    P = qc.measures.occupation(state, "q")
    assert P.mean() == pytest.approx(0.2257862381, abs=3e-10)
    turning = np.exp(-3j * state.info["phases"])
    assert abs((P * turning).mean()) == pytest.approx(0.0245831313, abs=3e-10)
    monkeypatch.setattr(repeating, "FEW", 2)  # by GMRES
    other = qc.periodic_state(driven_qubit, 2 * np.pi / 3, points=3, tolerance=1e-8, progress=False)
    again = qc.periodic_state(driven_qubit, 2 * np.pi / 3, points=3, progress=False)
    np.testing.assert_allclose(other.matrix(), again.matrix(), atol=1e-8)


def swung(t, unit=1.0):
    """A qubit that drives a cavity, both in a field that is modulated with period 2π/unit."""
    s = unit * t
    parts = {
        "laser": qc.coherent_drive(0.4 * np.sqrt(unit) * (1 + 0.5 * np.cos(s))),
        "q": qc.qubit(0.3 * unit * np.sin(s), decay=unit),
        "m": qc.cavity(0.5 * unit * np.cos(s) ** 2, decay=[1.5 * unit, 0.1 * unit]),
    }
    wires = [("laser.out", "q.in"), ("q.out", "m.in1")]
    return qc.lindblad(qc.Network(parts, wires), {"m": 5})


@pytest.mark.parametrize("unit", [1.0, pytest.param(1e6, marks=pytest.mark.slow)])
def test_an_evolution_ends_in_the_periodic_state(unit):
    """144 real numbers: by GMRES."""
    period = 2 * np.pi / unit
    state = qc.periodic_state(lambda t: swung(t, unit), period, points=4, progress=False)
    times = period * np.array([0.0, 7.0, 7.25])
    found, _ = whole(lambda t: swung(t, unit), None, times, tolerance=1e-9)
    np.testing.assert_allclose(state.matrix()[0], found[1], atol=3e-9)
    np.testing.assert_allclose(state.matrix()[1], found[2], atol=3e-9)
    assert state.info["growth"] == pytest.approx(-0.5 * unit, rel=0.3)
    one, _ = whole(lambda t: swung(t, unit), state[0], np.array([0.0, period]))
    np.testing.assert_allclose(one[-1], state.matrix()[0], atol=2e-9)


def test_what_does_not_change_has_its_steady_state_as_periodic_state():
    steady = qc.steady_state(swung(0.3), progress=False)
    state = qc.periodic_state(lambda t: swung(0.3 + 0 * t), 1.0, points=2, progress=False)
    np.testing.assert_allclose(state.matrix()[1], steady.matrix(), atol=1e-9)


def test_a_periodic_state_that_is_none_or_one_of_several_is_refused():
    def undamped(t):
        parts = {"a": qc.qubit(np.cos(t), decay=1.0), "b": qc.qubit(np.sin(t))}
        return qc.lindblad(qc.Network(parts))

    with pytest.raises(qc.DegenerateError, match=r"one periodic state.*of a period are 1"):
        qc.periodic_state(undamped, 2 * np.pi, progress=False)
    with pytest.raises(qc.ArgumentError, match="`period` must be a time after which the model"):
        qc.periodic_state(swung, 6.0, progress=False)
    with pytest.raises(qc.ArgumentError, match="`at` must be a function of time"):
        qc.periodic_state(swung(0.0), 6.0)


def test_an_evolution_stops_where_something_first_rises_to_zero():
    """A decay that is switched on: n = e^{−t/2 + sin(t)/2} falls through ½, but only rises stop."""

    def at(t):
        return qc.lindblad(qc.qubit(decay=0.5 * (1 - np.cos(t))))

    def spent(state):
        return 0.5 - quanta("q")(state)

    excited, times = qc.ket("q", [0.0, 1.0]), [0.0, 1.0, 30.0]
    run = qc.evolve(at, excited, times, {"n": quanta("q")}, until=spent, progress=False)
    stopped = run.stopped
    assert np.exp(-(stopped - np.sin(stopped)) / 2) == pytest.approx(0.5, abs=1e-8)
    assert run.times.tolist() == [0.0, 1.0, stopped]
    assert run.observed["n"][-1] == pytest.approx(0.5, abs=1e-8)
    never = qc.evolve(at, excited, times, until=lambda state: -1.0, progress=False)
    assert never.stopped is None


def test_a_stop_is_that_of_the_static_evolution_also_before_time_zero():
    static = swung(0.8)
    options = {"until": lambda state: quanta("q.q")(state) - 0.09, "progress": False}
    alone = qc.evolve(static, None, [0.0, 9.0], **options)
    shifted = qc.evolve(lambda t: swung(0.8 + 0 * t), None, [-5.0, 4.0], **options)
    assert alone.stopped is not None
    assert shifted.stopped + 5 == pytest.approx(alone.stopped, abs=1e-7)


def test_baths_couplings_and_squeezed_light_may_all_change():
    def at(t):
        wave = np.sin(2 * t)
        parts = {
            "light": qc.squeezed_light((0.4 + 0.3 * wave) * np.exp(0.5j * t)),
            "A": qc.qubit(0.3 * wave, decay=1 + 0.5 * wave),
            "B": qc.qubit(decay=1.5 - 0.4 * wave),
            "c": qc.qubit(decay=0.5, occupation=0.3 * (1 + wave)),
        }
        wires = [("light.out_a", "A.in"), ("light.out_b", "B.in")]
        couplings = [qc.hopping("A.q", "c.q", 0.7 * np.exp(1j * t**2))]
        return qc.lindblad(qc.Network(parts, wires, couplings))

    times, ground = np.array([-0.5, 0.4, 1.5]), np.zeros((8, 8))
    ground[0, 0] = 1.0
    found, run = whole(at, None, times)
    np.testing.assert_allclose(found, by_ode(at, ground, times), atol=1e-9)
    assert run.final.is_physical()


def test_times_with_a_unit_stand_beside_rates_with_one():
    run = qc.evolve(
        lambda t: qc.lindblad(qc.Network({"q": qc.qubit("0.2 MHz", decay="0.1 MHz")})),
        qc.ket("q.q", [0.0, 1.0]),
        ["0 us", "2 us"],
        {"n": quanta("q.q")},
        progress=False,
    )
    assert run.observed["n"][-1] == pytest.approx(np.exp(-2 * np.pi * 0.1 * 2), rel=1e-8)


def test_many_points_with_large_spaces_are_solved_one_by_one(monkeypatch):
    from qcascade.master_equation import batch

    decay = np.array([1.0, 2.0])
    together = qc.steady_state(qc.lindblad(qc.qubit(0.2, decay, occupation=0.4)), progress=False)
    monkeypatch.setattr(batch, "FEW", 1)
    alone = qc.steady_state(qc.lindblad(qc.qubit(0.2, decay, occupation=0.4)), progress=False)
    np.testing.assert_allclose(together.matrix(), alone.matrix(), atol=1e-14)


def test_a_cavity_lets_a_rising_photon_out_although_its_rate_ends_infinite():
    p = qc.pulse("rising", width=0.7)

    def at(t):
        parts = {"u": qc.pulse_source(p, t), "q": qc.qubit(decay=1.0)}
        return qc.lindblad(qc.Network(parts, [("u.out", "q.in")]), {"u": 1})

    times = np.array([-30.0, -1.0, 0.0, 1.0])
    n = {"n": quanta("q.q")}
    run = qc.evolve(at, photons(at, 1), times, n, breaks=p.breaks, progress=False)
    # c = −∫ e^{−(t−s)/2} u(s) ds with u = e^{s/2w}/√w, then free decay.
    best = 0.7 * 4 / (1 + 0.7) ** 2
    expected = best * np.exp([-30 / 0.7, -1 / 0.7, 0.0, -1.0])
    np.testing.assert_allclose(run.observed["n"], expected, rtol=0, atol=3e-9)


def swinging(t, swing, decay=1.0):
    parts = {"laser": qc.coherent_drive(0.5), "q": qc.qubit(swing * np.cos(3 * t), decay=decay)}
    return qc.lindblad(qc.Network(parts, [("laser.out", "q.in")]))


def test_many_master_equations_in_time_are_each_alone():
    """Points take the steps of those before them, and the parameters of all are made at once."""
    swings, times = np.array([[0.0, 1.0, 2.0], [3.0, 0.5, 4.0]]), [-1.0, 0.5, 2.0]
    see = {"n": lambda state: qc.measures.occupation(state, "q"), "rho": lambda s: s.matrix()}
    calls = []

    def at(t):
        calls.append(t)
        return swinging(t[:, None, None], swings)

    run = qc.evolve(at, None, times, see, progress=False)
    assert run.observed["n"].shape == (3, 2, 3)
    assert run.observed["rho"].shape == (3, 2, 3, 2, 2)
    assert run.info["stable"].all()
    for index in np.ndindex(2, 3):
        alone = qc.evolve(
            lambda t, x=swings[index]: swinging(t, x), None, times, see, progress=False
        )
        here = (slice(None), *index)
        np.testing.assert_allclose(run.observed["rho"][here], alone.observed["rho"], atol=3e-9)
        np.testing.assert_allclose(run.final[index].matrix(), alone.final.matrix(), atol=3e-9)
    assert len(calls) < 40


def test_points_of_a_batch_stop_each_where_it_would_alone():
    swings, times = np.array([0.0, 1.0, 3.0]), [-1.0, -0.5, 0.65, 1.8]
    see = {"n": lambda state: qc.measures.occupation(state, "q")}
    asked = {"until": lambda state: see["n"](state) - 0.25, "progress": False}
    run = qc.evolve(lambda t: swinging(t[:, None], swings), None, times, see, **asked)
    stopped = []
    for k, x in enumerate(swings):
        alone = qc.evolve(lambda t, x=x: swinging(t, x), None, times, see, **asked)
        stopped.append(np.nan if alone.stopped is None else alone.stopped)
        seen = np.array(times) <= (np.inf if alone.stopped is None else alone.stopped)
        assert run.observed["n"][seen, k] == pytest.approx(alone.observed["n"][: seen.sum()])
        assert np.isnan(run.observed["n"][~seen, k]).all()
        np.testing.assert_allclose(run.final[k].matrix(), alone.final.matrix(), atol=3e-9)
    np.testing.assert_allclose(run.stopped, stopped, atol=1e-8)
    assert 0 < np.isfinite(run.stopped).sum() < 3
    assert "points stopped" in repr(run)
    np.testing.assert_array_equal(run.times, times)


def test_a_map_of_periodic_master_equations_has_no_state_where_nothing_decays():
    decays, T = np.array([1.0, 0.0, 0.5]), 2 * np.pi / 3
    state = qc.periodic_state(
        lambda t: swinging(t[:, None], 2.0, decays), T, points=3, progress=False
    )
    assert state.shape == (3, 3)
    np.testing.assert_array_equal(state.info["stable"], np.tile([True, False, True], (3, 1)))
    excited = qc.measures.occupation(state, "q")
    assert np.isnan(excited[:, 1]).all()
    for k in (0, 2):
        alone = qc.periodic_state(
            lambda t, k=k: swinging(t, 2.0, decays[k]), T, points=3, progress=False
        )
        np.testing.assert_allclose(excited[:, k], qc.measures.occupation(alone, "q"), atol=3e-9)
        assert state.info["growth"][k] == pytest.approx(alone.info["growth"], rel=1e-7)
    with pytest.raises((qc.DegenerateError, qc.UnstableError)):
        qc.periodic_state(
            lambda t: swinging(t[:, None], 2.0, decays[1:2]), T, points=3, progress=False
        )


def test_an_interrupted_evolution_in_time_goes_on_from_its_checkpoint(tmp_path):
    path, times = tmp_path / "run.checkpoint", np.linspace(0.0, 12.0, 25)
    see = {"n": lambda state: qc.measures.occupation(state, "q")}
    calls = []

    def breaks_off(t):
        calls.append(t)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return swinging(t, 2.0)

    asked = (None, times, see)
    with pytest.raises(KeyboardInterrupt):
        qc.evolve(breaks_off, *asked, progress=False, checkpoint=path)
    with np.load(path) as file:
        reached = len(file["steps"])
    assert reached > 10
    run = qc.evolve(lambda t: swinging(t, 2.0), *asked, progress=False, checkpoint=path)
    whole = qc.evolve(
        lambda t: swinging(t, 2.0), *asked, progress=False, checkpoint=tmp_path / "other"
    )
    np.testing.assert_array_equal(run.observed["n"], whole.observed["n"])
    plain = qc.evolve(lambda t: swinging(t, 2.0), *asked, progress=False)
    np.testing.assert_allclose(run.observed["n"], plain.observed["n"], atol=3e-9)
    high = {"until": lambda state: qc.measures.occupation(state, "q") - 0.2}
    until = qc.evolve(lambda t: swinging(t, 2.0), *asked, progress=False, checkpoint=path, **high)
    assert until.stopped == pytest.approx(
        qc.evolve(lambda t: swinging(t, 2.0), *asked, progress=False, **high).stopped, abs=1e-7
    )
    with pytest.raises(qc.ArgumentError, match="one with another model"):
        qc.evolve(lambda t: swinging(t, 2.1), *asked, progress=False, checkpoint=path)
    with pytest.raises(qc.ArgumentError, match="`checkpoint` must be left out for a batch"):
        qc.evolve(
            lambda t: swinging(t[:, None], np.ones(2)), *asked, progress=False, checkpoint=path
        )


def test_a_checkpoint_knows_on_which_modes_its_operators_act(tmp_path):
    """The same numbers on other modes: matrices or coefficients agree, the computation does not."""

    def driven(where, t=0.0):
        light = qc.coherent_drive(0.3 + 0.1 * np.sin(t))
        parts = {name: qc.qubit(decay=1.0) for name in "abc"} | {"laser": light}
        chain = [qc.hopping("a.q", "b.q", 0.7), qc.hopping("b.q", "c.q", 0.7)]
        wires = [("laser.out", f"{where}.in")]
        return qc.lindblad(qc.Network(parts, wires, couplings=chain))

    def two(where):
        parts = {name: qc.qubit(decay=1.0) for name in "ab"} | {"laser": qc.coherent_drive(0.3)}
        return qc.lindblad(qc.Network(parts, [("laser.out", f"{where}.in")]))

    see = {"n": qc.measures.occupation}
    asked = (None, [0.0, 1.0, 2.0])
    for name, first, other in (
        ("in time", lambda t: driven("a", t), lambda t: driven("b", t)),
        ("constant", two("a"), two("b")),
    ):
        path = tmp_path / name
        qc.evolve(first, *asked, see, progress=False, checkpoint=path)
        with pytest.raises(qc.ArgumentError, match=r"one with another (operators|space)"):
            qc.evolve(other, *asked, see, progress=False, checkpoint=path)
    kinds = see | {"purity": qc.measures.purity}
    qc.evolve(two("a"), *asked, kinds, progress=False, checkpoint=tmp_path / "observers")
    again = dict(reversed(kinds.items()))  # the same functions in another order
    run = qc.evolve(two("a"), *asked, again, progress=False, checkpoint=tmp_path / "observers")
    assert set(run.observed) == set(kinds)
