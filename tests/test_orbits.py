"""Periodic classical motion, and quantum noise around it: closed forms, an ODE solver, papers."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import qcascade as qc

PERIOD = np.pi


def modulated(time, mean=500.0, swing=100.0, unit=1.0):
    """Radiation pressure under a laser of modulated amplitude E₀ + 2E₁ cos 2t."""
    drive = -unit * (mean + 2 * swing * np.cos(2 * unit * time)) / np.sqrt(0.4 * unit)
    motion = {"frequency": unit, "mechanical_decay": 0.02 * unit}
    cavity = qc.optomechanical_cavity(unit, 0.4 * unit, coupling=4e-4 * unit, **motion)
    parts = {"laser": qc.coherent_drive(drive), "c": cavity}
    return qc.Network(parts, [("laser.out", "c.in")])


def noise_around(net, orbit, points=4):
    def at(time):
        return qc.gaussian(qc.linearise(net(time), orbit(time)))

    return qc.periodic_state(at, orbit.period, points=points)


def test_mari_and_eisert_modulated_light_entangles_as_known():
    """PRL 103, 213603 (2009), with values from an independent program."""
    orbit = qc.orbit(modulated, PERIOD)
    photons = np.abs(orbit(PERIOD * np.arange(4) / 4)["c.a"]) ** 2
    known = [241792.721567, 351278.025642, 348506.137591, 263221.580523]
    np.testing.assert_allclose(photons, known, rtol=1e-11)
    state = noise_around(modulated, orbit)
    found = qc.log_negativity(state, "c.a", "c.b")
    np.testing.assert_allclose(
        found, [0.156786661, 0.193029909, 0.246406192, 0.212217412], atol=1e-9
    )
    np.testing.assert_allclose(
        np.sort(np.abs(orbit.multipliers)), np.sort(np.abs(state.info["multipliers"])), rtol=1e-7
    )
    assert orbit.stable


def test_without_modulation_the_orbit_is_the_working_point():
    def net(time):
        return modulated(time, 700.0, 0.0)

    orbit, points = qc.orbit(net, PERIOD), qc.classical.working_points(net(0.0))
    alpha = points.branch(0)
    for mode in orbit.modes:
        np.testing.assert_allclose(orbit.fields[mode], alpha[mode], rtol=1e-12)
        np.testing.assert_allclose(orbit(0.3).rates[mode], 0.0, atol=1e-11 * abs(alpha[mode]))
    growth = np.log(np.abs(orbit.multipliers).max()) / PERIOD
    assert growth == pytest.approx(points.growth[0], rel=1e-7)
    still = qc.steady_state(qc.gaussian(qc.linearise(net(0.0), alpha)))
    around = noise_around(net, orbit, points=2)
    np.testing.assert_allclose(around.cov[1], still.cov, rtol=2e-9)
    assert qc.log_negativity(around, "c.a", "c.b")[0] == pytest.approx(0.409434752, abs=2e-9)


def test_a_linear_network_follows_every_tone_alone():
    """ȧ = −(κ/2 + iΔ)a − √κ β(t), and the second in the light of the first."""
    tones = {0: 0.7, 1: 0.4 - 0.3j, -3: 0.2j}

    def net(time):
        light = sum(size * np.exp(-1j * k * time) for k, size in tones.items())
        parts = {
            "laser": qc.coherent_drive(light),
            "a": qc.cavity(0.3, 1.2),
            "b": qc.cavity(-0.8, 0.5),
        }
        return qc.Network(parts, [("laser.out", "a.in"), ("a.out", "b.in")])

    orbit, t = qc.orbit(net, 2 * np.pi), np.array([0.0, 1.1, 5.0])
    first = second = 0
    for k, size in tones.items():
        a = -np.sqrt(1.2) * size / (0.6 + 0.3j - 1j * k)
        b = -np.sqrt(0.5) * (size + np.sqrt(1.2) * a) / (0.25 - 0.8j - 1j * k)
        first, second = first + a * np.exp(-1j * k * t), second + b * np.exp(-1j * k * t)
    np.testing.assert_allclose(orbit(t)["a.a"], first, rtol=1e-12)
    np.testing.assert_allclose(orbit(t)["b.a"], second, rtol=1e-12)
    decays = np.exp(-2 * np.pi * np.array([0.6, 0.6, 0.25, 0.25]))
    np.testing.assert_allclose(np.sort(np.abs(orbit.multipliers)), np.sort(decays), rtol=1e-7)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_frequency_changes_nothing(unit):
    orbit = qc.orbit(lambda t: modulated(t, unit=unit), PERIOD / unit)
    one, t = qc.orbit(modulated, PERIOD), np.array([0.2, 0.9])
    np.testing.assert_allclose(orbit(t / unit)["c.b"], one(t)["c.b"], rtol=1e-11)
    np.testing.assert_allclose(orbit(t / unit).rates["c.a"] / unit, one(t).rates["c.a"], rtol=1e-10)
    np.testing.assert_allclose(
        np.abs(orbit.multipliers).max(), np.abs(one.multipliers).max(), rtol=1e-8
    )


def kerr(time, swing=0.2, drive=2.0, after=()):
    light = qc.coherent_drive(drive + swing * np.cos(time))
    parts = {"laser": light, "m": qc.kerr_cavity(0.5, -3.0, 1.0)} | dict(after)
    wires = [("laser.out", "m.in")] + [("m.out", f"{name}.in") for name in dict(after)]
    return qc.Network(parts, wires)


def test_what_is_downstream_changes_nothing_upstream():
    one = qc.orbit(kerr, 2 * np.pi)
    loud = {"loud": qc.kerr_cavity(0.3, -1.0, 0.7)}
    both = qc.orbit(lambda t: kerr(t, after=loud), 2 * np.pi)
    t = np.array([0.0, 2.0])
    assert np.abs(both(t)["loud.a"]).min() > 0.1
    np.testing.assert_allclose(both(t)["m.a"], one(t)["m.a"], rtol=1e-11)


def test_the_start_decides_between_two_orbits_as_the_motion_does():
    """Bistable: an adaptive solver from either start ends on the orbit that is given."""
    low = qc.orbit(kerr, 2 * np.pi, start={})
    high = qc.orbit(kerr, 2 * np.pi, start={"m.a": -1.8 + 2j})
    assert low.stable
    assert high.stable
    assert np.abs(high.samples).min() > 1.5 * np.abs(low.samples).max()

    def rate(t, y):
        a = y[0]
        return [-0.5 * a + 3j * a - 0.5j * abs(a) ** 2 * a - (2 + 0.2 * np.cos(t))]

    for start, orbit in ((0j, low), (-1.8 + 2j, high)):
        run = solve_ivp(rate, (0, 24 * np.pi), [start], rtol=1e-11, atol=1e-12, method="DOP853")
        assert complex(orbit(0.0)["m.a"]) == pytest.approx(run.y[0, -1], rel=1e-8)
    again = qc.orbit(lambda t: kerr(t, 0.21), 2 * np.pi, start=high)
    assert abs(again(1.0)["m.a"] - high(1.0)["m.a"]) < 0.2


def test_an_orbit_that_repels_is_told_and_has_no_state_around_it():
    """Blue detuning: the motion amplifies itself, on the orbit that continues the stable one."""

    def net(time, power):
        motion = {"frequency": 1.0, "mechanical_decay": 1e-4}
        cavity = qc.optomechanical_cavity(-1.0, 0.5, coupling=1e-3, **motion)
        laser = qc.coherent_drive(power * (1 + 0.2 * np.cos(2 * time)))
        return qc.Network({"laser": laser, "c": cavity}, [("laser.out", "c.in")])

    quiet = qc.orbit(lambda t: net(t, 4.0), PERIOD)
    loud = qc.orbit(lambda t: net(t, 8.0), PERIOD, start=quiet)
    assert quiet.stable
    assert not loud.stable
    with pytest.raises(qc.UnstableError, match="has no periodic state: it grows by a factor"):
        noise_around(lambda t: net(t, 8.0), loud)


def toned(tones, mean=0.7):
    parts = {"laser": qc.coherent_drive(mean, tones=tones), "c": qc.cavity(0.3, 1.2)}
    return qc.Network(parts, [("laser.out", "c.in")])


def test_a_laser_with_tones_makes_a_network_that_is_a_function_of_time():
    """A tone at W is e^{−iWt}: resonant at W = Δ, far off at W = −Δ."""
    net, t = toned({0.5: 0.4 - 0.3j, "-1.5": 0.2j}), np.array([0.0, 1.1])
    orbit = qc.orbit(net)
    assert orbit.period == pytest.approx(4 * np.pi)
    tones = {0: 0.7, 0.5: 0.4 - 0.3j, -1.5: 0.2j}
    alpha = sum(
        -np.sqrt(1.2) * size * np.exp(-1j * W * t) / (0.6 + 0.3j - 1j * W)
        for W, size in tones.items()
    )
    np.testing.assert_allclose(orbit(t)["c.a"], alpha, rtol=1e-12)
    light = sum(size * np.exp(-1j * W * t) for W, size in tones.items())
    np.testing.assert_allclose(net(t).parts["laser"].L[0].terms[()], light, rtol=1e-14)
    state = qc.periodic_state(lambda t: qc.gaussian(net(t)), orbit.period, points=2)
    fields = state.mean[:, 0] + 1j * state.mean[:, 1]
    expected = orbit(state.info["phases"])["c.a"] * np.sqrt(2)
    np.testing.assert_allclose(fields, expected, atol=1e-8)


def test_tones_go_through_files_and_larger_networks():
    net = toned({0.5: 0.4, -0.5: 0.4})
    again = qc.from_toml(qc.to_toml(net))
    inside = qc.Network({"first": qc.cavity(decay=1.0), "inner": qc.as_component(net)})
    for other, mode in ((again, "c.a"), (inside, "inner.c.a")):
        found = qc.orbit(other)(0.7)[mode]
        assert found == pytest.approx(qc.orbit(net)(0.7)["c.a"], rel=1e-12)
    assert inside(0.7).component.tones == {}
    still = toned(None)
    assert still(3.0) is still


def test_what_knows_no_time_refuses_tones():
    net = toned({2.0: 0.4})
    for verb in (
        qc.gaussian,
        lambda net: qc.lindblad(net, 3),
        qc.classical.working_points,
        lambda net: qc.linearise(net, {}),
        lambda net: qc.steady_fields(net, {}),
        lambda net: qc.classical.limit_cycle(net, {}, 1.0),
    ):
        with pytest.raises(qc.ArgumentError, match=r"`net\(t\)` is the network at times t"):
            verb(net)


def test_tones_without_a_common_period_and_without_any_are_told():
    with pytest.raises(qc.ArgumentError, match=r"tones at 1, 1\.41421 have none in common"):
        qc.orbit(toned({1.0: 0.1, 2**0.5: 0.1}))
    with pytest.raises(qc.ArgumentError, match="be given where no drive has tones"):
        qc.orbit(toned(None))
    with pytest.raises(qc.ArgumentError, match="`tones` must name each frequency once"):
        qc.coherent_drive(1.0, tones={2: 1.0, "2.0": 1.0})


def test_fields_of_another_time_or_another_network_are_refused():
    orbit = qc.orbit(kerr, 2 * np.pi)
    assert qc.linearise(kerr(0.4), orbit(0.4)).modes == ("m.a",)
    for net in (kerr(0.5), kerr(0.4, drive=2.01)):
        with pytest.raises(qc.ArgumentError, match="Are both taken at the same time"):
            qc.linearise(net, orbit(0.4))
    with pytest.raises(qc.ArgumentError, match="must be a working point"):
        qc.linearise(kerr(0.4), dict(orbit(0.4)))


@pytest.mark.parametrize(
    ("at", "options", "match"),
    [
        (kerr, {"period": 6.0}, r"`period` must be a time after which .* differ"),
        (0.0, {}, r"`at` must be a function of an array of times"),
        (lambda t: kerr(1.0 if t > 0 else 0.0), {}, r"write `np\.where"),
        (lambda _: qc.cavity, {}, r"`at` must be a function .*it returns"),
        (lambda t: kerr(t[:, None], np.ones(3)), {}, r"one network for each of the 2 times"),
        (kerr, {"start": {"x": 1.0}}, r"`start` must name modes"),
        (lambda t: kerr(t) if t[0] == 0 else modulated(2 * t), {}, "one structure"),
    ],
)
def test_bad_input_gets_a_sentence(at, options, match):
    with pytest.raises(qc.ArgumentError, match=match):
        qc.orbit(at, **{"period": 2 * np.pi} | options)


@pytest.mark.parametrize("decides", [lambda t: t[0] < 0.3, lambda t: np.any(t > 0.3)])
def test_a_network_that_depends_on_the_other_times_of_a_batch_is_refused(decides):
    def at(t):
        parts = {"laser": qc.coherent_drive(1.0 if decides(t) else 2.0), "m": qc.cavity(0.0, 1.0)}
        return qc.Network(parts, [("laser.out", "m.in")])

    with pytest.raises(qc.ArgumentError, match="`at` must return the same network at a time"):
        qc.orbit(at, 1.0)
    with pytest.raises(qc.ArgumentError, match="`at` must return the same network at a time"):
        qc.classical.mean_field(at, {}, [-1.0, 2.0])


def test_a_switch_has_no_smooth_orbit_and_chaos_none():
    def switched(time):
        return kerr(np.where(np.sin(time) > 0, 0.0, np.pi))

    with pytest.raises(qc.ConvergenceError, match=r"not resolved by .* phases"):
        qc.orbit(switched, 2 * np.pi)
    with pytest.raises(qc.ConvergenceError, match="no stable steady fields to begin with"):
        qc.orbit(lambda t: qc.Network({"m": qc.squeezed_mode(2.0 + 0 * t, decay=1.0)}), 1.0)
    with pytest.raises(qc.ConvergenceError, match=r"grows without bound|does not return"):
        qc.orbit(
            lambda t: qc.Network({"m": qc.squeezed_mode(2.0 + 0 * t, decay=1.0)}),
            1.0,
            start={"m.a": 1.0},
        )


def van_der_pol_like(time=0.0):
    """Light on the blue side drives the motion until the cavity follows no longer."""
    motion = {"frequency": 1.0, "mechanical_decay": 0.02}
    cavity = qc.optomechanical_cavity(-1.0, 0.5, coupling=0.1, **motion)
    laser = qc.coherent_drive(2.0 + 0.0 * time)
    return qc.Network({"laser": laser, "c": cavity}, [("laser.out", "c.in")])


def test_a_self_oscillation_has_an_orbit_whose_phase_nothing_holds():
    end = qc.classical.limit_cycle(van_der_pol_like(), {"c.b": 1.0}, 600.0, transient=500.0)
    orbit = end.orbit
    assert end.periodic
    assert orbit.stable
    assert orbit.period == pytest.approx(end.period, rel=1e-6)
    size = np.abs(orbit.multipliers)
    assert size.max() == pytest.approx(1.0, abs=1e-7)
    for mode, number in end.numbers.items():
        assert np.mean(np.abs(orbit.fields[mode]) ** 2) == pytest.approx(number, rel=1e-5)
    assert complex(orbit(0.0)["c.a"]) == pytest.approx(end.fields["c.a"], rel=1e-3)
    t = np.array([0.0, 0.3, 0.8]) * orbit.period
    seen = qc.linearise(van_der_pol_like(t), orbit(t))
    assert seen.modes == ("c.a", "c.b")

    def at(time):
        return qc.gaussian(qc.linearise(van_der_pol_like(time), orbit(time)))

    with pytest.raises(qc.UnstableError, match="whose phase nothing holds"):
        qc.periodic_state(at, orbit.period)
    run = qc.evolve(at, None, orbit.period * np.array([0.0, 15.0, 30.0, 45.0]))
    spread = np.linalg.eigvalsh(run.cov).max(axis=-1)
    assert spread[3] - spread[2] == pytest.approx(spread[2] - spread[1], rel=1e-2)
    assert spread[3] > 15


def test_what_comes_to_rest_has_no_orbit():
    assert qc.classical.limit_cycle(kerr(0.0), {}, 60.0).orbit is None


@pytest.mark.parametrize("frequency", [1e-4, 1e-2, 1.0])
def test_deviations_decay_as_the_cavity_does_however_slow_the_modulation(frequency):
    """δα ∝ e^{−i∫Δ dt − κt/2}: the multipliers are e^{−κT/2}, turned by the mean detuning."""
    kappa, T = frequency / 5, 2 * np.pi / frequency

    def net(t):
        parts = {"laser": qc.coherent_drive(0.1)}
        parts["m"] = qc.cavity(1.0 + 0.3 * np.cos(frequency * t), kappa)
        return qc.Network(parts, [("laser.out", "m.in")])

    found = qc.orbit(net, T).multipliers
    known = np.exp(-kappa * T / 2 - 1j * T)
    known = np.array([known, known.conjugate()])
    gaps = np.abs(found[:, None] - known).min(axis=0)
    np.testing.assert_allclose(gaps, 0, atol=1e-9)


@pytest.mark.parametrize("start", [None, {"m.a": 0.0}])
def test_a_modulation_of_millions_of_decay_times_is_followed_at_once(start):
    """The orbit is then the working point of every instant, and nothing is left of a deviation."""

    def net(t):
        parts = {"laser": qc.coherent_drive(0.4 + 0.1 * np.cos(1e-6 * t))}
        parts["m"] = qc.parts.kerr_cavity(0.1, 0.3, decay=1.0)
        return qc.Network(parts, [("laser.out", "m.in")])

    found = qc.orbit(net, 2e6 * np.pi, start=start)
    assert found.stable
    assert abs(found.multipliers).max() < 1e-300
    alpha, E = found(1e6)["m.a"], 0.4 + 0.1 * np.cos(1.0)
    rate = -(0.5 + 0.3j) * alpha - 0.1j * abs(alpha) ** 2 * alpha - E
    assert abs(rate) < 1e-5 * abs(alpha)


def test_amplitudes_of_tones_in_a_list_are_points_behind_the_times():
    laser = qc.coherent_drive(1.0, tones={2.0: [0.1, 0.2]})
    net = qc.Network({"laser": laser, "m": qc.cavity(decay=1.0)}, [("laser.out", "m.in")])
    times = np.array([0.0, 0.5, 1.0])
    assert qc.gaussian(net(times[:, None])).drive.shape == (3, 2, 2)
    for call in (lambda: net(times), lambda: qc.orbit(net)):
        with pytest.raises(qc.ArgumentError, match=r"`tones\[2\]` must broadcast with `t`"):
            call()
    with pytest.raises(qc.ArgumentError, match=r"`tones\[-1\]` must broadcast with `tones\[1\]`"):
        qc.coherent_drive(0.0, tones={1.0: [1.0, 2.0], -1.0: [1.0, 2.0, 3.0]})
