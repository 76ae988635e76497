"""Linear networks whose parameters change in time: against an ODE solver, closed forms, Floquet."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import qcascade as qc
from qcascade.linear import magnus
from qcascade.linear.nodes import PLACES

OPTICAL = {"detuning": 0.3, "decay": 1.0}


def oscillator(time, drive=0.6, **parameters):
    return qc.gaussian(qc.squeezed_mode(-drive * np.cos(2 * time), **OPTICAL | parameters))


def by_ode(at, state, times):
    """V and ⟨R⟩ by an adaptive solver of differential equations, one instant after the other."""
    size = len(state.mean)

    def rate(t, y):
        model = at(np.array([t]))
        A, D = (np.broadcast_to(x, (1, size, size))[0] for x in (model.A, model.D))
        f = np.broadcast_to(model.drive, (1, size))[0]
        mean, V = y[:size], y[size:].reshape(size, size)
        return np.append(A @ mean + f, A @ V + V @ A.T + D)

    start = np.append(state.mean, state.cov)
    run = solve_ivp(rate, times[[0, -1]], start, t_eval=times, rtol=1e-11, atol=1e-12)
    return run.y[:size].T, run.y[size:].T.reshape(-1, size, size)


def modulated(seed, unit=1.0, loud=False):
    """A cascade with feedback, whose numbers all swing with incommensurate frequencies."""
    rng = np.random.default_rng(seed)
    numbers = rng.uniform(0.1, 0.9, (9, 3))

    def at(time):
        t = unit * time
        swing = [base + 0.5 * base * np.sin(rate * t + 6 * phase) for base, rate, phase in numbers]
        parts = {
            "laser": qc.coherent_drive(np.sqrt(unit) * swing[8] * np.exp(0.3j * t)),
            "a": qc.squeezed_mode(
                0.2 * unit * swing[0], unit * swing[1], [unit * swing[2], 0.5 * unit]
            ),
            "b": qc.cavity(
                -unit * swing[3], [unit * swing[4], 0.2 * unit], occupation={"in2": 0.7}
            ),
            "link": qc.fibre(0.3 + 0.6 * swing[5], 5 * swing[6]),
        }
        wires = [("laser.out", "a.in1"), ("a.out1", "link.in"), ("link.out", "b.in1")]
        if loud:
            parts["c"] = qc.squeezed_mode(0.45 * unit * (1 + 0.3 * np.sin(t)), decay=unit)
            wires.append(("b.out1", "c.in"))
        return qc.gaussian(
            qc.Network(parts, wires, couplings=[qc.hopping("a.a", "b.a", 0.3 * unit * swing[7])])
        )

    return at


@pytest.mark.parametrize("seed", range(4))
def test_evolution_agrees_with_an_adaptive_solver_of_differential_equations(seed):
    at, times = modulated(seed), np.array([-2.0, -1.3, 0.5, 4.0])
    state = qc.thermal(["a.a", "b.a"], [0.3, 1.1])
    found = qc.evolve(at, state, times)
    means, covs = by_ode(at, state, times)
    np.testing.assert_allclose(found.cov, covs, atol=3e-9)
    np.testing.assert_allclose(found.mean, means, atol=3e-9)
    assert np.all(found.is_physical())


def test_what_does_not_change_evolves_as_ever():
    model = qc.gaussian(qc.squeezed_mode(0.2, 0.7, decay=1.0))
    times = np.array([0.0, 0.4, 3.0])
    same = qc.evolve(lambda t: oscillator(0 * t, -0.2, detuning=0.7), None, times)
    np.testing.assert_allclose(same.cov, qc.evolve(model, None, times).cov, rtol=1e-13)
    alone = qc.evolve(lambda _: model, None, times)
    np.testing.assert_allclose(alone.cov, same.cov, rtol=1e-13)


def nodes_of(start, h, steps):
    """Gauss nodes of steps one after the other, of one segment."""
    middles = start + h * (np.arange(steps) + 0.5)
    return (middles[:, None] + h * PLACES).reshape(-1)


def test_halving_a_step_takes_an_eighth_order_error_away():
    at, flows = modulated(3), []
    for steps in (1, 2, 4):
        h = np.array([0.8 / steps])
        model = at(nodes_of(0.0, h, steps))
        flows.append(magnus.advanced(magnus.unmoved(1, (), 5), model, h, steps))
    Phi, Q = (np.array([f[k][0] for f in flows]) for k in (0, 1))
    for x in (Phi, Q):
        first, second = (np.abs(np.diff(x, axis=0)).max(axis=(1, 2))).tolist()
        assert 1e-9 < first < 1e-5
        assert 100 < first / second < 600


def test_the_kernel_and_the_library_multiply_alike():
    """With a drive and without, and where a number varies in time, over the points, or not."""

    def at(t, light):
        t = t[:, None]
        laser = qc.coherent_drive(light * np.cos(t))
        parts = {"laser": laser, "a": qc.squeezed_mode(0.2 * np.sin(t), decay=1.0)}
        parts["b"] = qc.cavity(0.3, [0.4, 0.1], occupation={"in2": np.linspace(0, 2, 11)})
        return qc.gaussian(qc.Network(parts, [("laser.out", "a.in"), ("a.out", "b.in1")]))

    h = np.array([0.3, 0.2])
    times = np.concatenate([nodes_of(0.0, 0.3, 2), nodes_of(0.6, 0.2, 2)])
    for light in (0.0, 0.7):
        model = at(times, light)
        ways = (magnus.advanced, magnus._advanced_by_library)
        start = [magnus.unmoved(2, (11,), 5) for _ in ways]
        kernel, library = (way(x, model, h, 2) for way, x in zip(ways, start, strict=True))
        np.testing.assert_allclose(kernel.Phi, library.Phi, atol=1e-14)
        np.testing.assert_allclose(kernel.Q, library.Q, atol=1e-14)
        assert kernel.Q[1, 10, 2, 2] > 1.5 * kernel.Q[1, 0, 2, 2]
        assert np.any(kernel.Phi[..., :4, 4]) == (light > 0)
        assert kernel.resolved.all()


def test_steps_too_long_for_the_series_are_said_to_be():
    def at(t):
        return oscillator(t, 60.0)

    h = np.array([1.0])
    for way in (magnus.advanced, magnus._advanced_by_library):
        assert not way(magnus.unmoved(1, (), 3), at(nodes_of(0.0, 1.0, 1)), h, 1).resolved[0]
    found = qc.evolve(lambda t: oscillator(t, 60.0, decay=0.0), None, [0.0, 1.0])
    _, covs = by_ode(lambda t: oscillator(t, 60.0, decay=0.0), qc.vacuum(["a"]), np.array([0.0, 1]))
    np.testing.assert_allclose(found.cov[-1], covs[-1], rtol=1e-7)


def test_pieces_one_after_the_other_are_the_whole():
    at, start = modulated(5), qc.vacuum(["a.a", "b.a"])
    whole = qc.evolve(at, start, [0.3, 2.0, 3.1])
    half = qc.evolve(at, start, [0.3, 2.0])
    middle = qc.GaussianState(half.modes, half.mean[-1], half.cov[-1])
    rest = qc.evolve(at, middle, [2.0, 3.1])
    np.testing.assert_allclose(rest.cov[-1], whole.cov[-1], atol=2e-9)
    np.testing.assert_allclose(half.cov[-1], whole.cov[1], atol=2e-9)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_frequency_changes_nothing(unit):
    times = np.array([-1.0, 2.0])
    one = qc.evolve(modulated(7), None, times)
    other = qc.evolve(modulated(7, unit), None, times / unit)
    np.testing.assert_allclose(other.cov, one.cov, atol=3e-9)
    np.testing.assert_allclose(other.mean, one.mean, atol=3e-9)


def test_a_loud_part_downstream_changes_nothing_upstream():
    times = np.array([0.0, 8.0])
    quiet = qc.evolve(modulated(8), None, times)
    loud = qc.evolve(modulated(8, loud=True), None, times)
    assert loud.cov[-1, 4:, 4:].max() > 2
    np.testing.assert_allclose(loud.cov[-1, :4, :4], quiet.cov[-1], atol=2e-9)


def test_many_networks_at_once_are_each_alone():
    drives = np.array([0.1, 0.35, 0.6])
    together = qc.evolve(lambda t: oscillator(t[:, None], drives), None, [0.0, 1.0, 2.5])
    assert together.cov.shape == (3, 3, 2, 2)
    for k, drive in enumerate(drives):
        alone = qc.evolve(lambda t, drive=drive: oscillator(t, drive), None, [0.0, 1.0, 2.5])
        np.testing.assert_allclose(together.cov[:, k], alone.cov, atol=2e-9)


def test_a_short_pulse_in_a_long_time_is_met():
    """A lossless mode is squeezed by r = ∫g dt of a pulse 1/3000 as long as the run."""

    def at(time):
        return qc.gaussian(qc.squeezed_mode(0.8 * np.exp(-((time - 137.0) ** 2)), decay=0.0))

    V = qc.evolve(at, None, [-1000.0, 2000.0]).cov[-1]
    r = 0.8 * np.sqrt(np.pi)
    np.testing.assert_allclose(np.diag(V), 0.5 * np.exp([2 * r, -2 * r]), rtol=1e-8)


def switched(time):
    return qc.gaussian(qc.squeezed_mode(np.where(time > 0.77, 0.2, 0.1), decay=1.0))


def test_a_switch_is_exact_where_it_is_named_and_refused_where_it_is_not():
    found = qc.evolve(switched, None, [0.0, 2.0], breaks=[0.77])
    first = qc.evolve(qc.gaussian(qc.squeezed_mode(0.1, decay=1.0)), None, [0.77])
    then = qc.GaussianState(first.modes, first.mean[0], first.cov[0])
    second = qc.evolve(qc.gaussian(qc.squeezed_mode(0.2, decay=1.0)), then, [2.0 - 0.77])
    np.testing.assert_allclose(found.cov[-1], second.cov[-1], rtol=1e-12)
    with pytest.raises(
        qc.ArgumentError, match=r"`breaks` must name every time .* 'without t = 0.77'"
    ):
        qc.evolve(switched, None, [0.0, 2.0])


def test_an_if_is_told_to_be_np_where():
    with pytest.raises(qc.ArgumentError, match=r"`model` must be a function .*np\.where"):
        qc.evolve(lambda t: oscillator(1.0 if t > 0 else 0.0), None, [0.0, 1.0])


@pytest.mark.parametrize(("transmission", "expected"), [(1.0, 1.999960745), (0.8, 1.468459145)])
def test_entanglement_is_released_and_caught(transmission, expected):
    """κ(t) = Γ/2(1 ± tanh Γt/2) releases a mode as a sech pulse, and catches it in its mirror."""

    def at(time):
        wave = np.tanh(time / 2)
        parts = {
            "idler": qc.cavity(),
            "sender": qc.cavity(decay=(1 + wave) / 2),
            "link": qc.fibre(transmission),
            "receiver": qc.cavity(decay=(1 - wave) / 2),
        }
        wires = [("sender.out", "link.in"), ("link.out", "receiver.in")]
        return qc.gaussian(qc.Network(parts, wires))

    pair = qc.two_mode_squeezed(["idler.a", "sender.a"], 1.0)
    cov = np.eye(6) / 2
    cov[:4, :4] = pair.cov
    state = qc.GaussianState(("idler.a", "sender.a", "receiver.a"), cov=cov)
    run = qc.evolve(at, state, [-12.0, 12.0])
    assert qc.log_negativity(run, "idler", "receiver")[-1] == pytest.approx(expected, abs=2e-8)


def test_a_periodic_drive_gives_the_known_covariance_and_multipliers():
    state = qc.periodic_state(oscillator, np.pi, points=4)
    half = [[0.408081468, -0.049307814], [-0.049307814, 0.707882417]]
    quarter = [[0.340602150, 0.071199718], [0.071199718, 0.912465111]]
    np.testing.assert_allclose(state.cov[0], half, atol=2e-9)
    np.testing.assert_allclose(state.cov[1], quarter, atol=2e-9)
    np.testing.assert_allclose(state.info["phases"], np.pi / 4 * np.arange(4))
    np.testing.assert_allclose(np.abs(state.info["multipliers"]), 0.207879576, atol=1e-9)
    assert state.info["growth"] == pytest.approx(-0.5)
    assert state.info["estimated_error"] < 1e-9


def beside_a_slow_motion(damping):
    def at(time):
        parts = {
            "c": qc.squeezed_mode(-0.3 * np.cos(2 * time), 0.3, decay=1.0),
            "m": qc.mechanical_mode(1.0, damping, occupation=3.0),
        }
        pull = qc.hopping("c.a", "m.b", 1e-3 * np.sqrt(damping / 1e-3))
        return qc.gaussian(qc.Network(parts, couplings=[pull]))

    return at


def test_a_state_that_is_reached_slowly_is_given_as_far_as_rounding_allows():
    """The same cooperativity: the slower, the nearer to where first order in γ leads."""
    slow = [qc.periodic_state(beside_a_slow_motion(g), np.pi, points=1) for g in (1e-3, 1e-4)]
    slower = qc.periodic_state(beside_a_slow_motion(1e-6), np.pi, points=1, tolerance=1e-6)
    found = [state.cov[0, 2, 2] for state in (*slow, slower)]
    assert found == pytest.approx([3.4946264, 3.4946266, 3.4946266], abs=1e-6)
    assert 1e-9 < slower.info["estimated_error"] < 1e-6
    with pytest.raises(qc.ConvergenceError, match=r"known to .* only \(tolerance 1e-09\)"):
        qc.periodic_state(beside_a_slow_motion(1e-8), np.pi, points=1)


def test_an_evolution_to_more_digits_than_rounding_leaves_is_refused():
    """A state that turns round two thousand times keeps no thirteen digits."""

    def at(time):
        return qc.gaussian(qc.squeezed_mode(20 + 0.1 * np.cos(time), 30.0, decay=1.0))

    with pytest.raises(qc.ConvergenceError, match=r"does not converge|known to"):
        qc.evolve(at, None, [0.0, 400.0], tolerance=1e-13)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_a_periodic_state_does_not_know_the_unit_of_frequency(unit):
    def at(time):
        wave = np.cos(2 * unit * time)
        return qc.gaussian(qc.squeezed_mode(-0.6 * unit * wave, 0.3 * unit, decay=unit))

    state = qc.periodic_state(at, np.pi / unit, points=3)
    one = qc.periodic_state(oscillator, np.pi, points=3)
    np.testing.assert_allclose(state.cov, one.cov, atol=1e-9)
    assert state.info["growth"] / unit == pytest.approx(one.info["growth"], rel=1e-9)


def test_an_evolution_ends_in_the_periodic_state():
    at, period = (lambda t: oscillator(t, 0.6)), np.pi
    late = qc.evolve(at, None, 12 * period + np.array([-12 * period, 0.0, 0.3]))
    around = qc.periodic_state(at, period, points=1)
    np.testing.assert_allclose(late.cov[1], around.cov[0], atol=5e-9)


def test_parametric_resonance_has_no_periodic_state():
    def at(time):
        return oscillator(time, 0.8, detuning=1.0, decay=0.5)

    with pytest.raises(qc.UnstableError, match=r"at a rate 0\.151937 "):
        qc.periodic_state(at, np.pi)

    def both(time):
        return oscillator(time[:, None], np.array([0.8, 0.1]), detuning=1.0, decay=0.5)

    state = qc.periodic_state(both, np.pi, points=3)
    assert state.stable.tolist() == [[False, True]] * 3
    assert np.all(np.isnan(state.cov[:, 0]))
    alone = qc.periodic_state(
        lambda t: oscillator(t, 0.1, detuning=1.0, decay=0.5), np.pi, points=3
    )
    np.testing.assert_allclose(state.cov[:, 1], alone.cov, atol=2e-9)
    assert state.info["growth"][0] == pytest.approx(0.151936973, abs=1e-8)


def two_tones(red, blue, decay, damping, first=1.0, second=1.2):
    """One cavity driven on the red and blue side of the middle of two motions, nothing dropped."""
    middle = (first + second) / 2

    def at(time):
        G = red * np.exp(1j * middle * time) + blue * np.exp(-1j * middle * time)
        parts = {
            "a": qc.cavity(decay=decay),
            "b1": qc.mechanical_mode(first, damping),
            "b2": qc.mechanical_mode(second, damping),
        }
        pairs = [
            make("a.a", motion, G)
            for make in (qc.hopping, qc.two_mode_squeezing)
            for motion in ("b1.b", "b2.b")
        ]
        return qc.gaussian(qc.Network(parts, couplings=pairs))

    return at, 2 * np.pi / middle


def test_two_tones_entangle_two_motions_as_known_beyond_the_rotating_wave():
    """Woolley and Clerk, PRA 89, 063805 (2014), with the terms that they drop."""
    at, period = two_tones(0.05, 0.03, 0.2, 1e-3)
    state = qc.periodic_state(at, period, points=4)
    found = qc.log_negativity(state, "b1", "b2")
    np.testing.assert_allclose(found, [1.152921060, 1.162569475] * 2, atol=3e-9)
    assert np.abs(state.info["multipliers"]).max() == pytest.approx(0.953947674, abs=1e-8)


def test_a_drive_moves_the_mean_around_and_leaves_the_covariance():
    def at(time):
        laser = qc.coherent_drive(1.0 + 0.5 * np.cos(time))
        net = qc.Network({"laser": laser, "c": qc.cavity(0.3, decay=1.0)}, [("laser.out", "c.in")])
        return qc.gaussian(net)

    state = qc.periodic_state(at, 2 * np.pi, points=8)
    t = state.info["phases"]
    # ȧ = −(½ + 0.3i)a − (1 + ½ cos t)
    parts = [(1.0, 0.0), (0.25, 1.0), (0.25, -1.0)]
    alpha = sum(-size * np.exp(1j * W * t) / (0.5 + 0.3j + 1j * W) for size, W in parts)
    expected = np.sqrt(2) * np.stack([alpha.real, alpha.imag], axis=-1)
    np.testing.assert_allclose(state.mean, expected, atol=1e-8)
    np.testing.assert_allclose(state.cov, np.broadcast_to(np.eye(2) / 2, (8, 2, 2)), atol=1e-9)


def test_a_map_of_periodic_states_is_its_points():
    depth, detuning = np.linspace(0.1, 0.6, 4)[:, None], np.linspace(0.2, 0.5, 3)

    def both(time):
        return oscillator(time[:, None, None], depth, detuning=detuning)

    whole = qc.periodic_state(both, np.pi, points=3)
    assert whole.cov.shape == (3, 4, 3, 2, 2)
    for j, k in ((0, 2), (3, 1)):
        alone = qc.periodic_state(
            lambda t, j=j, k=k: oscillator(t, depth[j, 0], detuning=detuning[k]), np.pi, points=3
        )
        np.testing.assert_allclose(whole.cov[:, j, k], alone.cov, atol=2e-9)


def test_what_is_no_period_is_told():
    with pytest.raises(qc.ArgumentError, match=r"`period` must be a time after which .*3\.0"):
        qc.periodic_state(oscillator, 3.0)


def test_times_with_a_unit_stand_beside_rates_with_one():
    def at(time):
        return qc.gaussian(qc.cavity("1 MHz", "2 MHz", occupation=1 + np.cos(1e6 * time)))

    state = qc.evolve(at, None, ["0 us", "0.2 us"])
    plain = qc.evolve(at, None, [0.0, 2e-7])
    np.testing.assert_array_equal(state.cov, plain.cov)


def one_or_two(t, two, make, part):
    parts = {"a": part(decay=1 + 0 * t)}
    return make(qc.Network(parts | {"b": part(decay=1.0)} if two else parts))


@pytest.mark.parametrize(("make", "part"), [(qc.gaussian, qc.cavity), (qc.lindblad, qc.qubit)])
@pytest.mark.parametrize(
    "two", [lambda t: t[0] > 0.5, lambda t: t.max() > 0.5, lambda t: t.size > 2]
)
def test_models_of_another_structure_at_other_times_are_refused(make, part, two):
    def at(t):
        return one_or_two(t, two(t), make, part)

    told = r"must return models of one structure at all times, but is '\(a\.\w\) beside"
    with pytest.raises(qc.ArgumentError, match=f"`model` {told}"):
        qc.evolve(at, None, [0.0, 1.0], progress=False)
    with pytest.raises(qc.ArgumentError, match=f"`at` {told}"):
        qc.periodic_state(at, 1.0, progress=False)
    with pytest.raises(qc.ArgumentError, match=r"`model` .*one structure.*\(in1, in2\) beside"):
        qc.evolve(lambda t: make(part(decay=list(1 + t))), None, [0.0, 1.0], progress=False)


DECIDED = {
    "t[0]": lambda t: 1.0 if t[0] < 0.3 else 2.0,
    "t[-1]": lambda t: np.where(t[-1] < 0.3, 1.0, 2.0) + 0 * t,
    "any": lambda t: 1.0 if np.any(t > 0.3) else 2.0,
    "all": lambda t: 1.0 if np.all(t > 0.3) else 2.0,
    "max": lambda t: 2.0 + t / (1 + np.abs(t).max()),
}


@pytest.mark.parametrize("of", DECIDED.values(), ids=DECIDED)
@pytest.mark.parametrize(
    "make", [lambda x: qc.gaussian(qc.cavity(0.1, x)), lambda x: qc.lindblad(qc.qubit(0.1, x))]
)
def test_a_model_that_depends_on_the_other_times_of_a_batch_is_refused(make, of):
    with pytest.raises(qc.ArgumentError, match=r"`model` must return the same model at a time"):
        qc.evolve(lambda t: make(of(t)), None, [-1.0, 2.0], progress=False)
    with pytest.raises(qc.ArgumentError, match=r"`at` must return the same model at a time"):
        qc.periodic_state(lambda t: make(of(t)), 1.0, progress=False)


def test_a_function_is_asked_for_times_of_the_run_only():
    run = qc.evolve(lambda t: qc.gaussian(qc.cavity(np.log(t), 1.0)), None, [1.0, 2.0])
    assert run.cov[-1] == pytest.approx(np.eye(2) / 2)


@pytest.mark.parametrize(
    "model",
    [
        qc.gaussian(qc.cavity(decay=1.0, occupation=1.0)),
        lambda t: qc.gaussian(qc.cavity(decay=1 + t, occupation=1.0)),
        qc.lindblad(qc.qubit(decay=1.0, occupation=1.0)),
        lambda t: qc.lindblad(qc.qubit(decay=1 + t, occupation=1.0)),
    ],
)
def test_times_that_are_asked_for_twice_have_the_same_state(model):
    see = {"n": lambda state: qc.measures.occupation(state)}

    def quanta(times):
        run = qc.evolve(model, None, times, progress=False)
        if isinstance(run, qc.GaussianState):
            return qc.measures.occupation(run)
        return qc.evolve(model, None, times, see, progress=False).observed["n"]

    once = quanta([0.0, 1.0, 2.0])
    np.testing.assert_allclose(quanta([0.0, 0.0, 1.0, 2.0, 2.0]), once[[0, 0, 1, 2, 2]], rtol=1e-12)
    np.testing.assert_array_equal(quanta([1.0, 1.0]), quanta([1.0])[[0, 0]])
    with pytest.raises(qc.ArgumentError, match="`times` must be increasing"):
        quanta([0.0, 1.0, 0.5])


def test_one_time_is_a_row_of_one():
    model = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0, occupation=1.0)}))
    for given in (model, lambda t: model):
        one, row = (qc.evolve(given, None, t, progress=False) for t in (0.7, [0.7]))
        np.testing.assert_array_equal(one.cov, row.cov)
        assert one.cov.shape == (1, 2, 2)
    atom = qc.lindblad(qc.qubit(decay=1.0, occupation=0.5))
    assert qc.evolve(atom, None, 0.7, progress=False).final.trace == pytest.approx(1)


@pytest.mark.parametrize(
    ("error", "delay", "transmission", "rate"), [(0.3, 0.0, 0.8, 2.0), (0.0, 1.5, 1.0, 0.5)]
)
def test_a_transfer_with_errors_of_frequency_and_timing_has_its_closed_form(
    error, delay, transmission, rate
):
    """η(x/sinh x)² with x = πδ/Γ or Γτ/2; 1 + tanh has nothing but rounding long before."""

    def at(t):
        parts = {
            "sender": qc.cavity(decay=rate * (1 + np.tanh(rate * t / 2)) / 2),
            "link": qc.fibre(transmission),
            "receiver": qc.cavity(error, decay=rate * (1 - np.tanh(rate * (t - delay) / 2)) / 2),
        }
        wires = [("sender.out", "link.in"), ("link.out", "receiver.in")]
        return qc.gaussian(qc.Network(parts, wires))

    start = qc.GaussianState(("sender.a", "receiver.a"), mean=[2.0, 0, 0, 0], cov=np.eye(4) / 2)
    run = qc.evolve(at, start, np.array([-40.0, 40.0]) / rate, progress=False)
    x = np.pi * error / rate + rate * delay / 2
    share = np.sum(run.mean[-1, 2:] ** 2) / 4
    assert share == pytest.approx(transmission * (x / np.sinh(x)) ** 2, abs=1e-8)
