"""Working points at any scale: units, batches, seeds, ends of branches, slow sweeps.

`count_of_cubic` is the independent count of a Kerr cavity's branches: the discriminant of the
cubic that its photon number obeys, in 60 digits.
"""

import mpmath
import numpy as np
import pytest
from independent.fields import classical_rates
from numpy.testing import assert_allclose
from optional import arrays
from scipy.integrate import solve_ivp

import qcascade as qc
from qcascade.classical.branches import hysteresis, working_points
from qcascade.classical.linearise import classical_equations
from qcascade.classical.near_folds import FIRM, away_from_folds, share_of_rounding
from qcascade.classical.polynomials import as_system, flat


def kerr(detuning, decay, strength, amplitude):
    parts = {
        "laser": qc.coherent_drive(amplitude),
        "m": qc.kerr_cavity(strength, detuning, decay=decay),
    }
    return qc.Network(parts, [("laser.out", "m.in")])


def dimer(detuning, strength, hopping, first, second, decay=1.0):
    parts = {
        "one": qc.coherent_drive(first),
        "two": qc.coherent_drive(second),
        "x": qc.kerr_cavity(strength, detuning, decay=decay),
        "y": qc.kerr_cavity(strength, detuning, decay=decay),
    }
    wires = [("one.out", "x.in"), ("two.out", "y.in")]
    return qc.Network(parts, wires, [qc.hopping("x.a", "y.a", hopping)])


def optomechanics(detuning, decay, power="50 mW"):
    laser = qc.coherent_drive(qc.physics.drive_amplitude(power, "300 THz"))
    cavity = qc.optomechanical_cavity(
        detuning, coupling=452.0, frequency=6.3e7, mechanical_decay=5.2e3, decay=decay
    )
    return qc.Network({"laser": laser, "m": cavity}, [("laser.out", "m.in")])


def parametron(pump, detuning=0.0):
    """H = Δ a†a + ½K a†²a² + ½p (a†² + a²) with loss: α = 0 always, a pair above threshold."""
    a = qc.lower("a")
    H = detuning * a.dag * a + 0.5 * a.dag * a.dag * a * a
    H = H + 0.5 * pump * (a.dag * a.dag + a * a)
    return qc.Component([[1]], [a], H, ("a",), ("in",), ("out",))


def count_of_cubic(detuning, decay, strength, amplitude):
    """How many n solve n ((Δ + Kn)² + κ²/4) = κβ²; all real ones are positive."""
    with mpmath.workdps(60):
        D, k, K, b = (mpmath.mpf(float(x)) for x in (detuning, decay, strength, amplitude))
        if b == 0 or K == 0:
            return 1
        p, q, r = 2 * D / K, (D * D + k * k / 4) / K**2, -k * b * b / K**2
        discriminant = 18 * p * q * r - 4 * p**3 * r + p * p * q * q - 4 * q**3 - 27 * r * r
        return 3 if discriminant > 0 else 1


def random_kerrs(rng, decades, size):
    """Parameters over many decades in a random unit of frequency, often near bistability."""
    unit = 10 ** rng.uniform(-9, 15)

    def drawn():
        return unit * 10 ** rng.uniform(-decades, decades, size)

    detuning, decay, strength = drawn(), drawn(), drawn() * rng.choice([-1, 1], size)
    detuning = detuning * rng.choice([-1, 1], size)
    resonant = np.abs(detuning / strength) * (detuning**2 * rng.uniform(0, 2, size) + decay**2)
    amplitude = np.where(rng.random(size) < 0.6, np.sqrt(resonant / decay), np.sqrt(drawn()))
    return detuning, decay, strength, np.where(rng.random(size) < 0.05, 0.0, amplitude)


@pytest.mark.parametrize("decades", [1.0, pytest.param(3.0, marks=pytest.mark.slow)])
def test_batch_over_decades_has_the_counts_of_the_cubic_in_any_unit(decades):
    rng = np.random.default_rng(7)
    for seed in range(4):
        parameters = random_kerrs(rng, decades, 20)
        points = working_points(kerr(*parameters), seed=seed)
        assert points.count.tolist() == [count_of_cubic(*p) for p in zip(*parameters, strict=True)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("lowest", [3, 8])
def test_optomechanical_cavity_keeps_its_branches_over_decades_of_decay(lowest, seed):
    """n ((Δ − 2g₀²ω n/(ω² + γ²/4))² + κ²/4) = κ|β|²: the Kerr cavity's cubic."""
    decay = np.logspace(lowest, 12, 40)
    points = working_points(optomechanics(2 * 6.3e7, decay), seed=seed)
    shift = -2 * 452.0**2 * 6.3e7 / (6.3e7**2 + 5.2e3**2 / 4)
    amplitude = qc.physics.drive_amplitude("50 mW", "300 THz")
    expected = [count_of_cubic(2 * 6.3e7, k, shift, amplitude) for k in decay]
    assert points.count.tolist() == expected


def test_detuning_over_nine_decades_and_the_order_of_points_change_nothing():
    rng = np.random.default_rng(3)
    detuning = 10 ** rng.uniform(3, 12, 25)
    order = rng.permutation(25)
    decay = 7.6e7
    whole = working_points(optomechanics(detuning, decay))
    mixed = working_points(optomechanics(detuning[order], decay), seed=5)
    assert mixed.count.tolist() == whole.count[order].tolist()
    assert_allclose(mixed.fields, whole.fields[order], rtol=1e-9, atol=0)
    shift = -2 * 452.0**2 * 6.3e7 / (6.3e7**2 + 5.2e3**2 / 4)
    amplitude = qc.physics.drive_amplitude("50 mW", "300 THz")
    expected = [count_of_cubic(x, decay, shift, amplitude) for x in detuning]
    assert whole.count.tolist() == expected


def test_batch_of_dimers_has_what_each_has_alone_in_any_unit():
    rng = np.random.default_rng(11)
    size = 6
    detuning, hopping = rng.uniform(1, 6, size), rng.uniform(0.2, 2, size)
    strength = -(10 ** rng.uniform(-6, 1, size))
    amplitude = rng.uniform(1, 3, size) * np.sqrt(detuning**3 / -strength) / 3
    unit = 10.0 ** rng.integers(-9, 15, size)
    whole = working_points(
        dimer(detuning * unit, strength * unit, hopping * unit, amplitude * unit**0.5, 0.0, unit)
    )
    for k in range(size):
        one = working_points(dimer(detuning[k], strength[k], hopping[k], amplitude[k], 0.0), seed=k)
        assert whole.count[k] == one.count
        assert_allclose(whole.fields[k, : one.count], one.fields, rtol=1e-8)
        assert_allclose(whole.growth[k, : one.count] / unit[k], one.growth, rtol=1e-5, atol=1e-9)
        assert np.array_equal(whole.stable[k, : one.count], one.stable)
    assert whole.count.max() >= 3


def test_field_zero_is_kept_where_nothing_drives():
    detuning = np.linspace(-10, 10, 200)
    points = working_points(kerr(detuning[:, None], 1.0, 0.5, np.array([0.0, 1.0])))
    assert points.count[:, 0].tolist() == [1] * 200
    assert np.all(points.fields[:, 0, 0] == 0)
    assert np.all(points.stable[:, 0, 0])
    powers = np.array([0.0, 1e-3])
    light = working_points(optomechanics(detuning[:, None] * 6.3e7, 7.6e7, powers))
    assert light.count[:, 0].tolist() == [1] * 200
    assert np.all(light.fields[:, 0, 0] == 0)


@pytest.mark.parametrize("seed", [0, 4, 5, 7])
def test_parametron_keeps_its_zero_and_has_its_pairs_in_closed_form(seed):
    """Δ + Kn = ±√(p² − κ²/4): one pair of fields for each positive n."""
    pump, detuning = np.meshgrid(np.linspace(0.1, 3, 13), np.linspace(-3, 3, 13))
    points = working_points(parametron(pump, detuning), seed=seed)
    root = np.sqrt(np.maximum(pump**2 - 0.25, 0))
    pairs = sum((pump > 0.5) & (-detuning + sign * root > 0) for sign in (-1, 1))
    assert np.array_equal(points.count, 1 + 2 * pairs)
    assert np.all(points.fields[..., 0, 0] == 0)


def test_cusp_and_threshold_where_roots_meet_count_once():
    """At Δ = −√3κ/2 three roots n = κ/√3K meet; at p = κ/2 the pair of a parametron is born."""
    detuning, n = -(3**0.5) / 2, 1 / 3**0.5
    amplitude = np.sqrt(n * ((detuning + n) ** 2 + 0.25))
    points = working_points(kerr(detuning, 1.0, 1.0, amplitude))
    assert points.count == 1
    assert abs(points.fields[0, 0]) ** 2 == pytest.approx(n, rel=1e-4)
    born = working_points(parametron(0.5))
    assert born.count == 1
    assert abs(born.fields[0, 0]) < 1e-4


def test_free_phase_has_no_isolated_branch():
    """A lossless Kerr oscillator rests at α = 0, and on a ring of any phase, which is left out."""
    a = qc.lower("a")
    ring = qc.Component(np.zeros((0, 0)), [], -2.0 * a.dag * a + a.dag * a.dag * a * a, ("a",))
    points = working_points(ring)
    assert points.count == 1
    assert points.fields[0, 0] == 0


@pytest.mark.parametrize("amplitude", [1e-300, 1e-100, 1e-9, 1e9, 1e50])
def test_weakest_and_strongest_drives_have_their_branch(amplitude):
    """n ≈ κβ²/(Δ² + κ²/4), or (κβ²/K²)^⅓."""
    points = working_points(kerr(-3.0, 1.0, 1.0, amplitude))
    assert points.count == 1
    assert points.stable.tolist() == [True]
    size = amplitude / np.sqrt(9.25) if amplitude < 1 else amplitude ** (1 / 3)
    assert abs(points.fields[0, 0]) == pytest.approx(size, rel=1e-4)


def test_high_finesse_keeps_its_resonant_branches():
    """At |Δ|/κ = 10⁶ the driven branches differ by their phase: n ≈ −Δ/K on both."""
    points = working_points(kerr(-1e6, 1.0, 500.0, 70.0))
    assert points.count == count_of_cubic(-1e6, 1.0, 500.0, 70.0) == 3
    assert np.abs(points.fields[1:, 0]) ** 2 == pytest.approx([2000, 2000], rel=1e-4)


BISTABLE = np.linspace(6.3, 6.53, 24)  # drives: the lower branch ends at the 23rd


def test_fields_past_the_end_of_a_branch_are_refused_and_not_those_of_another():
    points = working_points(kerr(3.0, 1.0, -0.1, BISTABLE))
    last = np.flatnonzero(points.count == 3)[-1]
    guess = points.fields[last, 0, 0]
    assert 8 < abs(guess) ** 2 < 11
    for beyond in (BISTABLE[last + 1], 1.02 * BISTABLE[last], 1.2 * BISTABLE[last]):
        with pytest.raises(qc.ConvergenceError, match="next to `guess`"):
            qc.classical.steady_fields(kerr(3.0, 1.0, -0.1, beyond), {"m.a": guess})
        for batch in arrays(np.array([beyond])):
            gone = qc.classical.steady_fields(kerr(3.0, 1.0, -0.1, batch), {"m.a": guess})
            assert np.isnan(gone["m.a"]).all()
    drives = np.array([BISTABLE[last], 1.2 * BISTABLE[last]])
    batch = qc.classical.steady_fields(kerr(3.0, 1.0, -0.1, drives), {"m.a": guess})["m.a"]
    assert batch[0] == pytest.approx(guess, rel=1e-9)
    assert np.isnan(batch[1])


def test_fields_a_little_off_beside_a_fold_are_corrected_before_they_are_used():
    drives = BISTABLE[22] + np.linspace(0, BISTABLE[23] - BISTABLE[22], 40)
    points = working_points(kerr(3.0, 1.0, -0.1, drives))
    last = np.flatnonzero(points.count == 3)[-1]
    net, exact = kerr(3.0, 1.0, -0.1, drives[last]), points.fields[last, 0, 0]
    rough = exact * (1 + 1e-6)

    def variance(field):
        return qc.steady_state(qc.gaussian(qc.linearise(net, {"m.a": field}))).cov[0, 0]

    assert variance(rough) == pytest.approx(variance(exact), rel=1e-9)


def beside_a_fold(distance):
    """A Kerr cavity, Δ = −3, K = 0.1, κ = 1, so far below the drive at which its lower branch ends,
    and ⟨a†a⟩ of its fluctuations, g²/2(δ² + κ²/4 − g²) with δ = Δ + 2Kn, g = Kn, by mpmath."""
    from mpmath import mp, mpf, polyroots

    D, K = -3.0, 0.1
    n = (-2 * D - np.sqrt(4 * D**2 - 3 * (D**2 + 0.25))) / (3 * K)
    drive = np.sqrt(n * ((D + K * n) ** 2 + 0.25)) * (1 - distance)
    with mp.workdps(60):
        cubic = [mpf(K) ** 2, 2 * mpf(D) * mpf(K), mpf(D) ** 2 + mpf("0.25"), -(mpf(drive) ** 2)]
        n = min((x.real for x in polyroots(cubic, maxsteps=500, extraprec=400)), default=None)
        g, detuning = mpf(K) * n, mpf(D) + 2 * mpf(K) * n
        quanta = float(g**2 / (2 * (detuning**2 + mpf("0.25") - g**2)))
    cavity = qc.kerr_cavity(K, D, decay=1.0)
    return qc.Network({"l": qc.coherent_drive(drive), "m": cavity}, [("l.out", "m.in")]), quanta


@pytest.mark.parametrize("off", [0.0, 1e-12, 1e-9])
def test_fluctuations_beside_a_fold_are_right_or_refused(off):
    for distance, right in (
        (1e-3, True),
        (1e-6, True),
        (1e-9, True),
        (1e-11, False),
        (3e-14, False),
    ):
        net, quanta = beside_a_fold(distance)
        field = working_points(net).branch(0)["m.a"] * (1 + off)
        if right:
            state = qc.steady_state(qc.gaussian(qc.linearise(net, {"m.a": field})))
            assert qc.occupation(state, "m") == pytest.approx(quanta, rel=1e-6)
        else:
            with pytest.raises(qc.ConvergenceError, match=r"near the end of a branch.*decay by"):
                qc.linearise(net, {"m.a": field})


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
def test_where_the_bound_says_away_rounding_decides_little_and_it_says_so_nearly_everywhere(unit):
    end = beside_a_fold(0.0)[0].parts["l"].L[0].terms[()].real
    distance = np.concatenate([np.logspace(-13, 0, 40)[:-1], [-1.0, -30.0]])
    drives = np.sqrt(unit) * end * (1 - distance)
    net = kerr(-3.0 * unit, unit, 0.1 * unit, drives)
    alpha = working_points(net).branch(0)["m.a"]
    equations = [flat(p, drives.shape) for p in classical_equations(net.component)]
    system, z = as_system(equations, drives.size), np.stack([alpha, alpha.conj()])
    away, share = away_from_folds(system, z), share_of_rounding(system, z)
    assert (share[away] <= FIRM).all()
    assert (share > FIRM).sum() > 2  # some are so near that rounding decides
    assert away[(distance > 1e-6) | (distance < 0)].all()


def test_points_beside_a_fold_are_nan_in_a_batch_and_others_stay():
    end = beside_a_fold(0.0)[0].parts["l"].L[0].terms[()].real
    drives = end * (1 - np.array([1e-3, 1e-11, 1e-9]))
    cavity = qc.kerr_cavity(0.1, -3.0, decay=1.0)
    net = qc.Network({"l": qc.coherent_drive(drives), "m": cavity}, [("l.out", "m.in")])
    fields = working_points(net).branch(0)
    state = qc.steady_state(qc.gaussian(qc.linearise(net, fields)))
    assert state.stable.tolist() == [True, False, True]
    assert np.isnan(state.cov[1]).all()


def test_fields_that_are_not_steady_are_nan_in_a_batch_and_an_error_alone():
    drives = np.array([1.0, 2.0, 3.0])
    net = kerr(-3.0, 1.0, 0.5, drives)
    fields = working_points(net).branch(0)["m.a"]
    wrong = np.where([False, True, False], 1.1 * fields, fields)
    stable = qc.steady_state(qc.gaussian(qc.linearise(net, {"m.a": wrong})))
    assert stable.stable.tolist() == [True, False, True]
    assert np.isnan(stable.cov[1]).all()
    with pytest.raises(qc.ArgumentError, match=r"m\.a still moves"):
        qc.linearise(kerr(-3.0, 1.0, 0.5, 2.0), {"m.a": wrong[1]})


def test_missing_branch_is_nan_and_unstable_down_to_the_measures_in_any_chunk():
    drives = np.linspace(0.5, 4, 11)

    def upper(drive):
        net = kerr(-3.0, 1.0, 0.5, drive)
        state = qc.steady_state(qc.gaussian(qc.linearise(net, working_points(net).branch(2))))
        return {"n": state.cov[..., 0, 0], "stable": state.stable}

    whole = qc.sweep(upper, drive=drives)
    small = qc.sweep(upper, drive=drives, chunk=2)
    assert 0 < whole.stable.values.sum() < 11
    assert np.array_equal(np.isnan(whole.n), ~whole.stable)
    assert_allclose(small.n, whole.n, rtol=1e-9)


def ramp_end(net, start, begin, end, time):
    """Fields after the drive went slowly from `begin` to `end`: classical rates, SciPy."""
    modes = list(start)

    def rates(t, y):
        drive = begin + (end - begin) * min(t / time, 1.0)
        here = classical_rates(net(drive).component, dict(zip(modes, y, strict=True)))
        return [rate for rate, _ in here.values()]

    y = solve_ivp(rates, (0, 1.5 * time), list(start.values()), rtol=1e-7, atol=1e-9).y[:, -1]
    return dict(zip(modes, y, strict=True))


def test_sweep_falls_where_the_motion_falls_and_not_on_the_nearest_branch():
    def net(drive):
        return dimer(5.3, -0.035, 1.35, drive, drive / 2)

    drives = np.linspace(9.0, 9.4, 9)
    points = working_points(net(drives))
    down = hysteresis(points, falling=True, start=2)
    above = {mode: down[mode][-1] for mode in points.modes}
    fallen = {mode: down[mode][0] for mode in points.modes}
    assert abs(above["x.a"]) ** 2 > 100
    assert abs(fallen["x.a"]) ** 2 == pytest.approx(2.58, abs=0.01)
    ramped = ramp_end(net, above, drives[-1], drives[0], 60.0)
    assert [ramped[m] for m in points.modes] == pytest.approx(
        [fallen[m] for m in points.modes], rel=1e-3
    )


def test_sweep_into_a_limit_cycle_has_no_number_there():
    """A driven dimer loses the stability of its branch while another one stays stable."""
    cavity = {
        "m": qc.optomechanical_cavity(
            -1.0, coupling=0.1, frequency=1.0, mechanical_decay=0.02, decay=0.5
        )
    }

    def net(drive):
        parts = {"laser": qc.coherent_drive(drive), **cavity}
        return qc.Network(parts, [("laser.out", "m.in")])

    points = working_points(net(np.linspace(0.05, 1.0, 12)))
    followed = hysteresis(points)["m.a"]
    moving = ~points.stable.any(axis=-1)
    assert 0 < moving.sum() < 12
    assert np.isnan(followed[moving]).all()
    state = qc.steady_state(
        qc.gaussian(qc.linearise(net(np.linspace(0.05, 1.0, 12)), hysteresis(points)))
    )
    assert np.array_equal(state.stable, np.isfinite(followed))


def lasing(unit):
    """Blue detuned, with all rates in a unit of frequency; where its motion ends."""
    cavity = qc.optomechanical_cavity(
        -unit, coupling=0.3 * unit, frequency=unit, mechanical_decay=0.1 * unit, decay=0.5 * unit
    )
    parts = {"laser": qc.coherent_drive(1.0 * unit**0.5), "m": cavity}
    net = qc.Network(parts, [("laser.out", "m.in")])
    return qc.classical.limit_cycle(net, {}, time=200 / unit, transient=150 / unit)


def test_limit_cycle_is_the_same_in_any_unit_of_frequency():
    one = lasing(1.0)
    assert one.periodic
    assert one.period == pytest.approx(2 * np.pi, rel=0.05)
    for unit in (1e-9, 1e15):
        other = lasing(unit)
        assert other.periodic
        assert other.period * unit == pytest.approx(one.period, rel=1e-6)
        assert other.numbers == pytest.approx(one.numbers, rel=1e-5)


def test_times_are_read_with_their_units():
    net = kerr(0.0, "1 MHz", "0.1 rad/s", 1e4)
    text = qc.classical.limit_cycle(net, {}, time="3 us", transient="1 us")
    plain = qc.classical.limit_cycle(net, {}, time=3e-6, transient=1e-6)
    assert text.numbers["m.a"] == pytest.approx(plain.numbers["m.a"], rel=1e-12)
    with pytest.raises(qc.ArgumentError, match="`time`"):
        qc.classical.limit_cycle(net, {}, time="3 MHz")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qc.physics.drive_amplitude(np.ones(2), np.ones(3)), "`frequency` must broadcast"),
        (lambda: qc.physics.bose_einstein(np.ones(2), np.ones(3)), "`temperature` must broadcast"),
        (lambda: qc.physics.zero_point_coupling(1.0, np.ones(2), np.ones(3), 1.0), "`mass`"),
        (lambda: qc.physics.sagnac_shift(np.ones(2), 1.0, np.ones(3), 1.0), "`index`"),
        (
            lambda: qc.physics.mechanical_displacement(np.ones(2), 1.0, np.ones(3), 0.1),
            "`frequency`",
        ),
        (lambda: qc.physics.fibre_phase(np.ones(2), 1.5, np.ones(3)), "`wavelength`"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call, message):
    with pytest.raises(qc.ArgumentError, match=message):
        call()
