"""Working points: all branches against roots of hand-derived polynomials, and their stability."""

import numpy as np
import pytest
from independent.fields import classical_rates
from optional import jax, jnp
from scipy.integrate import solve_ivp
from scipy.optimize import root

from qcascade import (
    Component,
    Network,
    beam_splitter,
    cavity,
    coherent_drive,
    gaussian,
    linearise,
    lower,
)
from qcascade.base.checks import ArgumentError
from qcascade.classical.branches import hysteresis, working_points
from qcascade.classical.cycles import limit_cycle

# An optomechanical cavity in rad/s, as printed: numbers nobody should have to rescale.
G0, KAPPA, OMEGA, GAMMA = 452.0, 2 * 0.6028 * 6.3e7, 6.3e7, 5.2e3


def optomechanics(detuning, g0, kappa, omega, gamma, cavities=("a",), hop=0.0):
    """H = Δ Σa†a + J (a†c + h.c.) + ω b†b − g₀ Σa†a (b + b†)."""
    b = lower("b")
    light = [lower(x) for x in cavities]
    H = omega * b.dag * b
    for a in light:
        H = H + detuning * a.dag * a - g0 * a.dag * a * (b + b.dag)
    if len(light) == 2:
        H = H + hop * (light[0].dag * light[1] + light[1].dag * light[0])
    names = (*cavities, "b")
    L = [*(kappa**0.5 * a for a in light), gamma**0.5 * b]
    return Component(
        np.eye(len(L)), L, H, names, [f"in_{x}" for x in names], [f"out_{x}" for x in names]
    )


def driven(part, amplitude, port="in_a"):
    net = {"laser": coherent_drive(amplitude), "m": part}
    return Network(net, [("laser.out", f"m.{port}")])


def physical(detuning, photons=5e9, **more):
    """Driven so hard that |α|² is about `photons`."""
    amplitude = np.sqrt(photons * (KAPPA**2 / 4 + OMEGA**2) / KAPPA)
    return driven(optomechanics(detuning, G0, KAPPA, OMEGA, GAMMA, **more), amplitude)


def kerr(detuning, strength, amplitude):
    a = lower("a")
    H = detuning * a.dag * a + strength / 2 * a.dag * a.dag * a * a
    return driven(Component([[1]], [a], H, ("a",), ("in",), ("out",)), amplitude, "in")


def real_roots(polynomial):
    roots = np.roots(polynomial)
    return np.sort(roots[(np.abs(roots.imag) < 1e-9 * np.abs(roots)) & (roots.real > 0)].real)


def numbers(points, mode):
    return np.abs(points.fields[..., points.modes.index(mode)]) ** 2


def pull(g0=G0, omega=OMEGA, gamma=GAMMA):
    """g₀(β + β*) = pull · Σ|α|² from β = i g₀ n / (iω + γ/2)."""
    return 2 * g0**2 * omega / (omega**2 + gamma**2 / 4)


def check_branches(net, points):
    """Residuals and growth rates of every branch of a single point, from the other modules.

    Two eigenvalues that meet are only known to the root of the rounding error.
    """
    for k in range(int(points.count)):
        fields = points.branch(k)
        part = net.component if isinstance(net, Network) else net
        for rate, scale in classical_rates(part, fields).values():
            assert abs(rate) <= 1e-10 * scale
        drift = gaussian(linearise(net, fields)).A
        growth = np.linalg.eigvals(drift).real.max()
        assert points.growth[k] == pytest.approx(growth, rel=1e-8, abs=1e-7 * np.abs(drift).max())
        assert points.stable[k] == (growth < 0)


@pytest.mark.parametrize("detuning", np.linspace(-8.0, 2.0, 11))
def test_kerr_branches_are_the_roots_of_the_cubic(detuning):
    """n ((Δ + χn)² + ¼) = |β|²."""
    points = working_points(kerr(detuning, 0.5, 2.0))
    expected = real_roots([0.25, 2 * detuning * 0.5, detuning**2 + 0.25, -4.0])
    found = numbers(points, "m.a")
    assert found == pytest.approx(expected, rel=1e-9)
    check_branches(kerr(detuning, 0.5, 2.0), points)


def test_optomechanical_branches_are_the_roots_of_the_cubic_across_the_bistable_region():
    """n ((Δ − Gn)² + κ²/4) = κ|β|², in rad/s, without rescaling."""
    detunings = np.linspace(-1.0, 4.0, 41) * OMEGA
    points = working_points(physical(detunings, 2e10))
    drive = 2e10 * (KAPPA**2 / 4 + OMEGA**2)
    for k, detuning in enumerate(detunings):
        shift = pull()
        n = real_roots([1, -2 * detuning / shift, (detuning**2 + KAPPA**2 / 4) / shift**2,
                        -drive / shift**2])  # fmt: skip
        assert points.count[k] == len(n)
        assert numbers(points, "m.a")[k, : len(n)] == pytest.approx(n, rel=1e-8)
        assert np.all(np.isnan(points.fields[k, len(n) :]))
        assert not np.any(points.stable[k, len(n) :])
    assert set(points.count) == {1, 3}


@pytest.mark.parametrize("detuning", [0.0, 1.0, 2.5, 3.2])
def test_branches_of_the_physical_cavity_are_steady_and_grow_as_their_drift_says(detuning):
    net = physical(detuning * OMEGA, 2e10)
    check_branches(net, working_points(net))


def test_drive_for_five_billion_photons_gives_about_that_many():
    net = physical(0.5 * OMEGA)
    points = working_points(net)
    assert points.count == 1
    assert 3e9 < numbers(points, "m.a")[0] < 1.1e10
    check_branches(net, points)


def quintic(detuning, hop, drive):
    """x = G(|α|² + |γ|²) with α, γ = E {D, −iJ} / (D² + J²), D = i(Δ − x) + κ/2."""
    D = np.poly1d([-1j, 1j * detuning + KAPPA / 2])
    pole = D * D + hop**2
    norm = np.poly1d((pole * np.poly1d(pole.coeffs.conj())).coeffs.real)
    light = np.poly1d((D * np.poly1d(D.coeffs.conj())).coeffs.real) + hop**2
    return (np.poly1d([1.0, 0.0]) * norm - pull() * drive * light).coeffs


FEWER = [pytest.param(photons, marks=pytest.mark.slow) for photons in (5e9, 2e10)]


@pytest.mark.parametrize("photons", [*FEWER, 5e10])
def test_two_cavities_on_one_mirror_have_the_roots_of_the_quintic(photons):
    detunings, hop = np.linspace(0.0, 5.0, 21) * OMEGA, 0.8 * OMEGA
    points = working_points(physical(detunings, photons, cavities=("a", "c"), hop=hop))
    drive = photons * (KAPPA**2 / 4 + OMEGA**2)
    shift = 2 * G0 * points.fields[..., 2].real
    for k, detuning in enumerate(detunings):
        # In units of ω, since np.roots wants numbers near one.
        powers = OMEGA ** np.arange(5, -1, -1.0)
        expected = real_roots(quintic(detuning, hop, drive) * powers) * OMEGA
        assert np.sort(shift[k, : points.count[k]]) == pytest.approx(expected, rel=1e-8)
    assert photons != 2e10 or points.count.max() == 5


def test_two_cavities_on_one_mirror_grow_as_their_drifts_say():
    net = physical(3.2 * OMEGA, 2e10, cavities=("a", "c"), hop=0.8 * OMEGA)
    points = working_points(net)
    assert points.count == 5
    check_branches(net, points)


def chain(detuning, photons=2e10):
    """Two optomechanical cavities in a one-way cascade, with a detuned second."""
    amplitude = np.sqrt(photons * (KAPPA**2 / 4 + OMEGA**2) / KAPPA)
    return Network(
        {
            "laser": coherent_drive(amplitude),
            "x": optomechanics(detuning, G0, KAPPA, OMEGA, GAMMA),
            "y": optomechanics(1.1 * detuning, G0, KAPPA, 1.05 * OMEGA, GAMMA),
        },
        [("laser.out", "x.in_a"), ("x.out_a", "y.in_a")],
    )


def test_cascade_has_the_branches_of_the_second_cavity_for_every_branch_of_the_first():
    detunings = np.linspace(0.5, 3.0, 6) * OMEGA
    whole = working_points(chain(detunings))
    upstream = working_points(physical(detunings, 2e10))
    incoming = np.sqrt(2e10 * (KAPPA**2 / 4 + OMEGA**2) / KAPPA)
    for k, detuning in enumerate(detunings):
        count = 0
        for alpha in upstream.fields[k, : upstream.count[k], 0]:
            part = optomechanics(1.1 * detuning, G0, KAPPA, 1.05 * OMEGA, GAMMA)
            count += working_points(driven(part, incoming + KAPPA**0.5 * alpha)).count
        assert whole.count[k] == count
        first = numbers(whole, "x.a")[k, : whole.count[k]]
        for n in numbers(upstream, "m.a")[k, : upstream.count[k]]:
            assert np.min(np.abs(first / n - 1)) < 1e-8
    assert whole.count.max() == 9


def test_cascade_branches_grow_as_their_drifts_say():
    net = chain(2.75 * OMEGA)
    points = working_points(net)
    assert points.count == 9
    check_branches(net, points)


def test_quadratic_coupling_and_third_order_words_have_steady_branches():
    """H of fourth degree that no mode can be eliminated from."""
    a, b = lower("a"), lower("b")
    x = b + b.dag
    H = -2.0 * a.dag * a + b.dag * b + 0.3 * a.dag * a * x * x + 1.5 * (a + a.dag)
    H = H + 0.2 * (a.dag * a.dag * b + b.dag * a * a)
    net = Network({"m": Component(np.eye(2), [a, 0.3 * b], H, ("a", "b"), ("i", "j"), ("o", "p"))})
    points = working_points(net)
    assert points.count >= 1
    check_branches(net, points)


@pytest.mark.parametrize("seed", range(6))
def test_no_random_start_of_newton_finds_a_branch_that_is_missing(seed):
    """Two modes with every kind of cubic and quartic word, strongly driven."""
    rng = np.random.default_rng(seed)
    a, b = lower("a"), lower("b")
    words = [a.dag * a.dag * a * a, b.dag * b.dag * b * b, a.dag * a * b.dag * b, a.dag * b,
             a.dag * a * b, a.dag * a.dag * b, b.dag * b * b, 3 * a, 3 * b]  # fmt: skip
    half = sum((complex(*rng.normal(size=2)) * w for w in words), 0.0 * a)
    H = half + half.dag - 4.0 * a.dag * a - 3.0 * b.dag * b
    part = Component(np.eye(2), [a, b], H, ("a", "b"), ("i", "j"), ("o", "p"))
    points = working_points(part)
    assert points.count % 2 == 1
    check_branches(part, points)

    def rates(x):
        fields = {"a": x[0] + 1j * x[1], "b": x[2] + 1j * x[3]}
        return [y for r, _ in classical_rates(part, fields).values() for y in (r.real, r.imag)]

    for start in 3 * rng.normal(size=(60, 4)):
        end = root(rates, start)
        if end.success and np.abs(rates(end.x)).max() < 1e-9:
            gap = np.abs(points.fields - end.x[::2] - 1j * end.x[1::2]).max(axis=-1)
            assert gap.min() < 1e-6


def test_parametric_pump_has_the_trivial_branch_and_the_pair_above_threshold():
    """Degenerate oscillator with its pump mode: below threshold one branch, above it three."""
    a, p = lower("a"), lower("p")
    pairs = 0.5j * (a.dag * a.dag * p)
    for amplitude, expected in ((0.4, 1), (2.0, 3)):
        pump = 1j * amplitude * (p.dag - p)
        H = pairs + pairs.dag + pump
        part = Component(np.eye(2), [a, 2**0.5 * p], H, ("a", "p"), ("i", "j"), ("o", "q"))
        points = working_points(Network({"m": part}))
        assert points.count == expected
        check_branches(Network({"m": part}), points)
        trivial = np.argmin(numbers(points, "m.a"))
        assert points.fields[trivial] == pytest.approx([0, amplitude], abs=1e-12)
        assert points.stable[trivial] == (expected == 1)


def test_middle_branch_is_unstable_and_the_outer_ones_are_stable():
    points = working_points(kerr(-3.0, 0.5, np.linspace(1.3, 2.0, 21)))
    assert np.all(points.count == 3)
    assert points.stable.tolist() == [[True, False, True]] * 21
    assert np.all((points.growth < 0) == points.stable)


def test_batch_is_the_loop_over_its_points():
    detunings, amplitudes = np.linspace(-5, 1, 7)[:, None], np.array([0.5, 1.5, 2.5])
    whole = working_points(kerr(detunings, 0.5, amplitudes))
    assert whole.count.shape == (7, 3)
    for i, j in np.ndindex(7, 3):
        one = working_points(kerr(detunings[i, 0], 0.5, amplitudes[j]))
        assert whole.count[i, j] == one.count
        assert whole.fields[i, j, : one.count] == pytest.approx(one.fields, rel=1e-9)
        assert whole.growth[i, j, : one.count] == pytest.approx(one.growth, rel=1e-7)


def test_result_repeats_to_the_last_bit_and_does_not_depend_on_the_seed():
    net = physical(np.linspace(0, 3, 7) * OMEGA, 2e10)
    first, again, other = (working_points(net, seed=s) for s in (0, 0, 7))
    assert np.array_equal(first.fields, again.fields, equal_nan=True)
    assert np.array_equal(first.count, other.count)
    np.testing.assert_allclose(first.fields, other.fields, rtol=1e-9)


def test_drive_from_nothing_over_twelve_decades_keeps_its_weak_branch():
    photons = np.array([0.0, 1e-2, 1e2, 1e6, 1e10])
    points = working_points(physical(-OMEGA, photons))
    assert points.count.tolist() == [1] * 5
    assert numbers(points, "m.a")[:4, 0] == pytest.approx(photons[:4], rel=1e-3)
    assert points.fields[0, 0] == pytest.approx([0, 0], abs=0)


def test_linear_network_has_the_closed_form():
    """α = −√κ β / (κ/2 + iΔ)."""
    detunings = np.linspace(-3, 3, 5)
    net = Network(
        {"laser": coherent_drive(2.0), "m": cavity(detuning=detunings, decay=4.0)},
        [("laser.out", "m.in")],
    )
    points = working_points(net)
    assert points.count.tolist() == [1] * 5
    assert points.fields[:, 0, 0] == pytest.approx(-4.0 / (2.0 + 1j * detunings), rel=1e-12)
    assert points.growth[:, 0] == pytest.approx(-2.0, rel=1e-12)


def test_network_without_a_working_point_has_none():
    """A driven mode without damping or detuning runs away."""
    a = lower("a")
    part = Component(np.zeros((0, 0)), [], a + a.dag, ("a",))
    points = working_points(part)
    assert points.count == 0
    assert points.fields.shape == (0, 1)


def test_sweeps_up_and_down_differ_inside_the_bistable_region_only():
    net = kerr(-3.0, 0.5, np.linspace(0.2, 4.0, 96))
    points = working_points(net)
    up, down = hysteresis(points)["m.a"], hysteresis(points, falling=True)["m.a"]
    bistable = points.count == 3
    assert 5 < bistable.sum() < 90
    assert np.all(np.abs(up - down)[bistable] > 0.1)
    assert np.array_equal(up[~bistable], down[~bistable])
    assert np.all(np.abs(up) <= np.abs(down))
    linearise(net, {"m.a": up})  # a sweep goes on as it is


def test_sweep_follows_the_last_axis_for_every_other_one():
    drives = np.linspace(0.2, 4.0, 40)
    whole = hysteresis(working_points(kerr(np.array([[-3.0], [-2.0]]), 0.5, drives)))["m.a"]
    for k, detuning in enumerate((-3.0, -2.0)):
        one = hysteresis(working_points(kerr(detuning, 0.5, drives)))["m.a"]
        assert whole[k] == pytest.approx(one, rel=1e-9)


def test_sweep_that_starts_inside_the_bistable_region_starts_on_the_branch_asked_for():
    points = working_points(kerr(-3.0, 0.5, np.linspace(1.3, 1.9, 13)))
    for start, branch in ((0, 0), (1, 2)):
        assert np.array_equal(hysteresis(points, start=start)["m.a"], points.fields[:, branch, 0])


def test_sweep_has_no_number_where_no_branch_is_stable():
    points = working_points(oscillator(np.linspace(0.05, 3.0, 30)))
    assert np.any(points.stable.sum(-1) == 0)
    followed = hysteresis(points)["m.a"]
    assert np.array_equal(np.isnan(followed), points.stable.sum(-1) == 0)


def oscillator(amplitude):
    """Blue detuned: H has Δ = −ω in this sign convention, and the mirror is driven to lase."""
    return driven(optomechanics(-1.0, 0.1, 0.5, 1.0, 0.02), amplitude)


def test_blue_detuned_oscillator_has_the_mean_number_of_its_limit_cycle():
    net = oscillator(1.0)
    points = working_points(net)
    assert not np.any(points.stable)
    cycle = limit_cycle(net, {}, time=1500.0, transient=1200.0)

    def motion(_, y):
        fields = {"m.a": y[0], "m.b": y[1]}
        return [rate for rate, _ in classical_rates(net.component, fields).values()]

    direct = solve_ivp(motion, (0, 1400), [0j, 0j], rtol=1e-8, atol=1e-8,
                       t_eval=np.linspace(1200, 1400, 20001))  # fmt: skip
    mean = (np.abs(direct.y) ** 2).mean(axis=1)
    assert cycle.periodic
    assert not cycle.steady
    assert cycle.period == pytest.approx(2 * np.pi, rel=0.05)
    assert [cycle.numbers[m] for m in ("m.a", "m.b")] == pytest.approx(mean, rel=1e-2)


def test_stable_network_ends_on_its_branch():
    net = kerr(-3.0, 0.5, 1.0)
    points = working_points(net)
    end = limit_cycle(net, {}, time=80.0)
    assert end.steady
    assert not end.periodic
    assert end.fields["m.a"] == pytest.approx(points.fields[0, 0], rel=1e-6)
    assert end.numbers["m.a"] == pytest.approx(numbers(points, "m.a")[0], rel=1e-6)


def test_strong_blue_drive_in_physical_units_stays_in_motion():
    net = physical(-0.9 * OMEGA, 1e9)
    assert not np.any(working_points(net).stable)
    cycle = limit_cycle(net, {}, time=2e-5)
    assert not cycle.steady
    assert 1e8 < cycle.numbers["m.a"] < 1e10


def modes_with_kerr(n):
    names = [f"a{k}" for k in range(n)]
    modes = [lower(x) for x in names]
    H = sum((a.dag * a * b.dag * b for a in modes for b in modes), 0.0 * lower("a0"))
    return Component(np.eye(n), modes, H, names, names, names)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: working_points("net"), "`net` must be a Network"),
        (lambda: working_points(Network({"m": beam_splitter()})), "hold modes"),
        (lambda: working_points(kerr(-3.0, 0.5, np.zeros(0))), "hold points"),
        (
            lambda: working_points(
                Component(
                    [[1]],
                    [lower("a") * lower("a")],
                    lower("a").dag * lower("a"),
                    ("a",),
                    ("i",),
                    ("o",),
                )
            ),
            "first degree",
        ),
        (
            lambda: working_points(Component(np.zeros((0, 0)), [], lower("x").dag * lower("x"))),
            "but is 'x'",
        ),
        (lambda: working_points(modes_with_kerr(5)), "15525"),
        (lambda: working_points(kerr(-3.0, 0.5, 1.0), most_paths=4), "needs 5"),
        (lambda: working_points(kerr(-3.0, 0.5, 1.0), seed=-1), "`seed`"),
        (lambda: working_points(kerr(-3.0, 0.5, 1.0)).branch(3), "number of branches, 1"),
        (lambda: hysteresis(working_points(kerr(-3.0, 0.5, 1.0))), "axis to sweep"),
        (lambda: limit_cycle(kerr(-3.0, 0.5, np.ones(2)), {}, 1.0), "one point"),
        (lambda: limit_cycle(kerr(-3.0, 0.5, 1.0), {"b": 1.0}, 1.0), "modes: m.a"),
        (lambda: limit_cycle(kerr(-3.0, 0.5, 1.0), {}, -1.0), "`time`"),
        (lambda: limit_cycle(kerr(-3.0, 0.5, 1.0), {}, 1.0, transient=2.0), "shorter than `time`"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


@pytest.mark.needs("jax")
def test_branches_read_jax_arrays_and_refuse_traced_ones():
    strengths = jnp.array([0.4, 0.5])
    points = working_points(kerr(-3.0, strengths, 1.5))
    assert points.fields == pytest.approx(
        working_points(kerr(-3.0, np.array([0.4, 0.5]), 1.5)).fields, rel=1e-12
    )
    with pytest.raises(ArgumentError, match="traced"):
        jax.jit(lambda x: working_points(kerr(-3.0, x, 1.5)).fields)(0.5)


def test_mode_that_nothing_acts_on_has_no_isolated_branch():
    assert working_points(Component(np.zeros((0, 0)), [], 0.0 * lower("a"), ("a",))).count == 0


def test_record_holds_what_it_says():
    points = working_points(kerr(-3.0, 0.5, np.ones((2, 3))))
    assert points.fields.shape == (2, 3, points.stable.shape[-1], 1)
    assert points.stable.shape == points.growth.shape
    assert points.branch(0)["m.a"].shape == (2, 3)
