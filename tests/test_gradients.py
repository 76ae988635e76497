"""Derivatives of whole networks, from parameters to measures, mean field included."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax, jnp

import qcascade as qc
from qcascade.classical.differentiable_fields import steady_fields
from qcascade.papers.jiao2020.model import COUPLING, DAMPING, DECAY, LIGHT, MOTION, network, point
from qcascade.papers.jiao2020.model import sagnac as sagnac_shift

pytest.importorskip("jax")

# Machine code that takes half as long to make; it runs for moments only.
quick = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


def slopes(function, at, step=1e-4):
    """Finite differences of fourth order, one parameter after the other, steps relative."""
    at = np.asarray(at, float)
    rows = []
    for k, x in enumerate(at):
        h = step * (abs(x) or 1.0)
        e = h * np.eye(len(at))[k]
        near, far = (function(at + m * e) - function(at - m * e) for m in (1, 2))
        rows.append((8 * near - far) / (12 * h))
    return np.array(rows)


# Mean field


def kerr(x):
    drive, detuning, strength = x
    parts = {"laser": qc.coherent_drive(drive), "m": qc.kerr_cavity(strength, detuning, 1.0)}
    return qc.Network(parts, [("laser.out", "m.in")])


def photons_slope(n, detuning, strength):
    """dn/dβ from n((κ/2)² + (Δ + Kn)²) = κβ² at κ = 1."""
    shifted = detuning + strength * n
    beta = np.sqrt(n * (0.25 + shifted**2))
    return 2 * beta / (0.25 + shifted**2 + 2 * n * strength * shifted)


def test_every_branch_has_the_derivative_of_the_cubic():
    at = (2.0, -3.0, 1.0)
    points = qc.classical.working_points(kerr(at))
    assert points.count == 3

    def photons(beta, guess):
        return jnp.abs(steady_fields(kerr((beta, *at[1:])), guess)["m.a"]) ** 2

    reverse = quick(jax.value_and_grad(photons))
    forward = quick(jax.jacfwd(photons))
    for k in range(3):
        guess = points.branch(k)
        n, slope = reverse(2.0, guess)
        assert_allclose(n, np.abs(guess["m.a"]) ** 2, rtol=1e-12)
        assert_allclose(slope, photons_slope(n, *at[1:]), rtol=1e-11)
        assert_allclose(forward(2.0, guess), slope, rtol=1e-12)


def test_derivative_close_to_the_end_of_a_branch_is_that_of_the_cubic():
    """Where the branch turns back dβ/dn = 0: n = (−2Δ ± √(Δ² − 3/4))/3 at K = κ = 1."""
    detuning = -3.0
    turn = (-2 * detuning - np.sqrt(detuning**2 - 0.75)) / 3
    n = turn * (1 - 1e-5)
    beta = np.sqrt(n * (0.25 + (detuning + n) ** 2))
    alpha = -beta / (0.5 + 1j * (detuning + n))

    def photons(beta):
        return jnp.abs(steady_fields(kerr((beta, detuning, 1.0)), {"m.a": alpha})["m.a"]) ** 2

    slope = quick(jax.grad(photons))(beta)
    assert slope > 1e4
    assert_allclose(slope, photons_slope(n, detuning, 1.0), rtol=1e-6)


def test_second_derivative_of_the_fields_is_that_of_the_cubic():
    at = (2.0, -3.0, 1.0)
    guess = qc.classical.working_points(kerr(at)).branch(2)

    def photons(beta):
        return jnp.abs(steady_fields(kerr((beta, *at[1:])), guess)["m.a"]) ** 2

    n = float(photons(2.0))
    # I = β² = n/4 + n(Δ + Kn)² has I' and I''; with n(I(β)): n'' = (2 − 4β² I''/I'²)/I'.
    first = 0.25 + (n - 3.0) ** 2 + 2 * n * (n - 3.0)
    second = 4 * (n - 3.0) + 2 * n
    expected = 2 / first - 4 * 4.0 * second / first**3
    assert_allclose(quick(jax.hessian(photons))(2.0), expected, rtol=1e-10)


def test_fields_are_those_of_all_branches_whatever_holds_the_numbers():
    drives = np.linspace(1.5, 1.9, 5)
    batch = kerr((drives, -3.0, 1.0))
    points = qc.classical.working_points(batch)
    traced = quick(lambda x, guess: steady_fields(kerr((x, -3.0, 1.0)), guess)["m.a"])
    for k in range(3):
        branch = points.branch(k)
        rough = {"m.a": branch["m.a"] * (1 + 1e-3)}
        found = steady_fields(batch, rough)["m.a"]
        assert isinstance(found, np.ndarray)
        assert_allclose(found, branch["m.a"], rtol=1e-12)
        assert_allclose(traced(drives, rough), branch["m.a"], rtol=1e-12)
        single = [
            steady_fields(kerr((x, -3.0, 1.0)), {"m.a": y})["m.a"]
            for x, y in zip(drives, rough["m.a"], strict=True)
        ]
        assert_allclose(single, branch["m.a"], rtol=1e-12)


def test_derivative_with_respect_to_the_guess_is_zero():
    guess = qc.classical.working_points(kerr((2.0, -3.0, 1.0))).branch(0)["m.a"]

    def photons(x):
        return jnp.abs(steady_fields(kerr((2.0, -3.0, 1.0)), {"m.a": x * guess})["m.a"]) ** 2

    assert quick(jax.grad(photons))(1.001) == 0.0


def runaway(drive):
    """Two photons gained, two lost, no linear loss: fields only where the drive is zero."""
    a = qc.lower("a")
    H = drive * (a + a.dag) + 0.0 * a.dag * a
    return qc.Component([[1]], [0.0 * a], H, ("a",), ("in",), ("out",))


def test_points_without_fields_are_nan_in_a_batch_and_an_error_alone():
    with pytest.raises(qc.ConvergenceError, match="no steady fields next to `guess`"):
        steady_fields(runaway(1.0), {"a": 1.0})
    drives = np.array([1.0, 2.0])
    assert np.isnan(steady_fields(runaway(drives), {"a": 1.0})["a"]).all()
    assert jnp.isnan(quick(lambda x: steady_fields(runaway(x), {"a": 1.0})["a"])(1.0))

    def photons(scale):  # the third point has no guess, and so no fields
        guess = {"m.a": jnp.array([0.3 - 0.2j, 0.3 - 0.2j, jnp.nan])}
        found = steady_fields(kerr((scale * jnp.array([0.1, 0.2, 0.3]), 0.5, 0.0)), guess)["m.a"]
        return jnp.nansum(jnp.abs(found) ** 2)

    assert_allclose(quick(jax.grad(photons))(1.0), 2 * photons(1.0), rtol=1e-12)  # n ∝ β²


def test_wrong_guesses_are_named():
    net = kerr((2.0, -3.0, 1.0))
    with pytest.raises(qc.ArgumentError, match=r"`guess` must name modes.*\(modes: m.a\)"):
        steady_fields(net, {"m.b": 1.0})
    with pytest.raises(qc.ArgumentError, match=r"`guess\[m.a\]` must be a complex number"):
        steady_fields(net, {"m.a": "large"})
    with pytest.raises(qc.ArgumentError, match=r"`guess\[m.a\]` must broadcast with `net`"):
        steady_fields(kerr((np.ones(2), -3.0, 1.0)), {"m.a": np.ones(3)})
    with pytest.raises(qc.ArgumentError, match="`net` must be a Network"):
        steady_fields(3.0, {})


# From parameters to entanglement


def pushed(x):
    """A cavity whose light pushes a mirror; everything in units of the mirror's frequency."""
    detuning, coupling, drive, decay, occupation = x
    mirror = qc.optomechanical_cavity(
        detuning,
        coupling=coupling,
        frequency=1.0,
        mechanical_decay=1e-3,
        decay=decay,
        occupation=occupation,
    )
    parts = {"laser": qc.coherent_drive(drive), "om": mirror}
    return qc.Network(parts, [("laser.out", "om.in")])


PUSHED = np.array([1.2, 2e-3, 150.0, 0.8, 0.5])


def entangled(net, guess, a, b):
    fields = steady_fields(net, guess)
    return qc.log_negativity(qc.steady_state(qc.gaussian(qc.linearise(net, fields))), a, b)


def pushed_entanglement(x):
    return entangled(pushed(x), PUSHED_GUESS, "om.a", "om.b")


PUSHED_GUESS = qc.classical.working_points(pushed(PUSHED)).branch(0)


pushed_slope = quick(jax.value_and_grad(pushed_entanglement))


@pytest.mark.slow
def test_gradient_through_mean_field_and_steady_state_is_finite_differences():
    value, gradient = pushed_slope(PUSHED)
    assert value > 0.05
    assert_allclose(value, pushed_entanglement(PUSHED), rtol=1e-11)
    assert_allclose(gradient, slopes(pushed_entanglement, PUSHED), rtol=1e-7)


@pytest.mark.slow
def test_hessian_through_mean_field_and_steady_state_is_finite_differences_of_the_gradient():
    hessian = quick(jax.hessian(pushed_entanglement))(PUSHED)
    assert_allclose(hessian, hessian.T, rtol=1e-9)
    assert_allclose(hessian, slopes(lambda x: pushed_slope(x)[1], PUSHED), rtol=1e-6)


@pytest.mark.slow
def test_gradient_of_a_published_spinning_resonator_is_finite_differences_of_its_own_model():
    """jiao2020 finds its mean field from a polynomial of its own."""

    def ours(x, guess):
        net = qc.Network(
            {
                "resonator": qc.spinning_resonator(
                    MOTION * x[0],
                    shift=x[1] * sagnac_shift(1.0),
                    coupling=COUPLING / np.sqrt(2),
                    frequency=MOTION,
                    mechanical_decay=DAMPING,
                    decay=2 * DECAY,
                    backscattering=DECAY * x[2],
                    occupation=qc.physics.bose_einstein(MOTION, x[3]),
                ),
                "laser": qc.coherent_drive(-qc.physics.drive_amplitude(x[4], LIGHT)),
            },
            [("laser.out", "resonator.in")],
        )
        return entangled(net, guess, "resonator.a", "resonator.b")

    def theirs(x):
        found = point(x[0], x[1], "left", x[2], x[4], x[3], "lindblad")
        return float(found["E_N"])

    at = np.array([0.4, 8e3, 0.5, 0.13, 20e-3])
    net = network(at[0], at[1], "left", at[2], at[4], at[3])
    guess = qc.classical.working_points(net).branch(0)
    value, gradient = quick(jax.value_and_grad(lambda x: ours(x, guess)))(at)
    assert value > 0.01
    assert_allclose(value, theirs(at), rtol=1e-8)
    assert_allclose(gradient, slopes(theirs, at, 1e-3), rtol=1e-6)


# Near threshold


def amplifier(x):
    """Two quadratures of a parametric oscillator: V = ½/(1 ∓ 2ξ/κ)."""
    model = qc.gaussian(qc.Network({"m": qc.squeezed_mode(x, decay=1.0)}))
    return qc.steady_state(model).cov[0, 0]


@pytest.mark.slow
def test_derivatives_near_threshold_are_exact():
    reverse, forward = quick(jax.grad(amplifier)), quick(jax.jacfwd(amplifier))
    second = quick(jax.hessian(amplifier))
    for distance in (0.3, 1e-3, 1e-6, 1e-8):
        x = (1 - distance) / 2
        left = 1 - 2 * x  # what rounding has made of the distance
        rtol = 1e-14 / left + 1e-12
        assert_allclose(reverse(x), 1 / left**2, rtol=rtol)
        assert_allclose(forward(x), 1 / left**2, rtol=rtol)
        assert_allclose(second(x), 4 / left**3, rtol=3 * rtol)


# At an exceptional point


def cascade(x):
    """A pair source into two rails of identical cavities: no eigenvectors to speak of."""
    squeezing, decay, first, second = x
    parts = {
        "source": qc.pair_source(squeezing, decay=(decay, decay)),
        "a1": qc.cavity(0.0, decay),
        "a2": qc.cavity(first, decay),
        "b1": qc.cavity(second, decay),
    }
    wires = [("source.out_a", "a1.in"), ("a1.out", "a2.in"), ("source.out_b", "b1.in")]
    return qc.gaussian(qc.Network(parts, wires))


IDENTICAL = np.array([0.1, 1.0, 0.0, 0.0])


def cascade_entanglement(x):
    state = qc.steady_state(cascade(x))
    return qc.log_negativity(state, "a2", "b1") + qc.measures.occupation(state, "a2.a")


@pytest.mark.slow
def test_gradient_at_an_exceptional_point_is_finite_differences():
    _, vectors = np.linalg.eig(cascade(np.array([1e-12, 1.0, 0.0, 0.0])).A)
    assert np.linalg.cond(vectors) > 1e4
    value, gradient = quick(jax.value_and_grad(cascade_entanglement))(IDENTICAL)
    assert value > 0.05
    expected = slopes(cascade_entanglement, IDENTICAL, 1e-3)
    assert_allclose(gradient, expected, rtol=1e-8, atol=1e-10)
    assert np.abs(expected[:2]).min() > 0.01


@pytest.mark.slow
def test_hessian_at_an_exceptional_point_is_finite_differences_of_the_gradient():
    gradient = quick(jax.grad(cascade_entanglement))
    hessian = quick(jax.hessian(cascade_entanglement))(IDENTICAL)
    assert_allclose(hessian, slopes(gradient, IDENTICAL, 1e-3), rtol=1e-7, atol=1e-9)
    assert hessian[2, 2] < -0.1


# Batches


@pytest.mark.slow
def test_gradients_of_a_batch_are_those_of_its_points():
    guess = qc.classical.working_points(kerr((0.5, -1.0, 0.1))).branch(0)

    def purity(beta):
        net = kerr((beta, -1.0, 0.1))
        return qc.measures.purity(
            qc.steady_state(qc.gaussian(qc.linearise(net, steady_fields(net, guess))))
        )

    drives = np.array([0.3, 0.5, 0.7])
    expected = slopes(lambda x: purity(x[0]), [0.5])
    single = quick(jax.grad(purity))
    assert_allclose(single(0.5), expected[0], rtol=1e-8)
    many = quick(jax.vmap(jax.grad(purity)))(drives)
    assert_allclose(many, [single(x) for x in drives], rtol=1e-11)


def test_unstable_points_are_nan_with_no_derivative_and_leave_the_others_alone():
    def entropies(x):
        model = qc.gaussian(qc.Network({"m": qc.squeezed_mode(x, decay=1.0)}))
        return qc.measures.von_neumann_entropy(qc.steady_state(model))

    x = jnp.array([0.2, 0.7, 0.3])
    gradient, values = quick(jax.grad(lambda x: (jnp.nansum(y := entropies(x)), y), has_aux=True))(
        x
    )
    assert np.isnan(values).tolist() == [False, True, False]
    single = quick(jax.value_and_grad(entropies))
    assert_allclose(gradient[0], single(0.2)[1], rtol=1e-11)
    assert gradient[1] == 0.0
    assert_allclose(gradient[2], single(0.3)[1], rtol=1e-11)
    value, slope = single(0.7)
    assert np.isnan(value)
    assert slope == 0.0


def test_at_the_edge_of_a_range_the_derivative_is_one_sided():
    """√(1 − η) has none at η = 1, where the entanglement is a straight line all the same."""

    def value(eta):
        parts = {
            "source": qc.pair_source(0.2),
            "link": qc.fibre(eta),
            "a": qc.cavity(decay=1.0),
            "b": qc.cavity(decay=1.0),
        }
        wires = [("source.out_a", "link.in"), ("link.out", "a.in"), ("source.out_b", "b.in")]
        return qc.log_negativity(qc.steady_state(qc.gaussian(qc.Network(parts, wires))), "a", "b")

    slope = quick(jax.grad(value))
    h = 1e-4
    one_sided = sum(c * value(1 - k * h) for k, c in enumerate((25, -48, 36, -16, 3))) / (12 * h)
    assert_allclose(slope(1 - 1e-12), one_sided, rtol=1e-7)
    assert_allclose(slope(1.0), one_sided, rtol=1e-7)


def test_a_rate_of_zero_has_the_derivative_of_a_small_one():
    """Purity of a squeezed mode with one more port: Π = √(1 − (2ξ/κ)²) at κ = 1 + rate."""

    def value(rate):
        part = qc.squeezed_mode(0.2, decay={"out": 1.0, "lost": rate})
        state = qc.steady_state(qc.gaussian(qc.Network({"m": part})))
        return qc.measures.purity(state)

    assert_allclose(value(0.5), np.sqrt(1 - (0.4 / 1.5) ** 2), rtol=1e-12)
    expected = 0.16 / np.sqrt(1 - 0.16)
    assert_allclose(quick(jax.grad(value))(0.0), expected, rtol=1e-9)


# Records inside JAX


def test_states_go_into_and_out_of_transformations():
    def state(x):
        return qc.steady_state(qc.gaussian(qc.Network({"s": qc.pair_source(x)})))

    plain = state(0.2)
    found = quick(state)(0.2)
    assert isinstance(found, qc.GaussianState)
    assert found.modes == plain.modes
    assert_allclose(found.cov, plain.cov, rtol=1e-12)
    many = quick(jax.vmap(state))(jnp.array([0.1, 0.2, 0.7]))
    assert many.stable.tolist() == [True, True, False]
    assert repr(many) == "GaussianState(s.a, s.b; batch (3,), 2 of 3 stable)"
    measure = jax.jit(lambda s: qc.log_negativity(s, "s.a", "s.b"))
    assert_allclose(measure(plain), qc.log_negativity(plain, "s.a", "s.b"), rtol=1e-12)
    assert_allclose(measure(many)[1], measure(plain), rtol=1e-12)
    change = quick(jax.jacfwd(lambda x: state(x).cov))(0.2)
    h = 1e-5
    expected = (state(0.2 + h).cov - state(0.2 - h).cov) / (2 * h)
    assert_allclose(change, expected, rtol=1e-7, atol=1e-9)


def test_derivatives_with_respect_to_a_state_name_its_arrays():
    leaves = jax.tree_util.tree_leaves_with_path(qc.vacuum(["a", "b"]))
    assert [jax.tree_util.keystr(path) for path, _ in leaves] == [".mean", ".cov", ".stable"]
    state = qc.two_mode_squeezed(["a", "b"], 0.3)
    slope = jax.grad(lambda s: qc.measures.occupation(s, "a"), allow_int=True)(state)
    assert_allclose(slope.cov, np.diag([0.5, 0.5, 0.0, 0.0]))


def test_working_points_go_into_transformations():
    points = qc.classical.working_points(kerr((np.array([1.6, 1.8]), -3.0, 1.0)))
    lowest = quick(lambda p: p.branch(0)["m.a"])(points)
    assert_allclose(lowest, points.fields[:, 0, 0])


def test_models_go_into_and_out_of_transformations():
    plain = cascade(IDENTICAL)
    found = quick(cascade)(IDENTICAL)
    assert isinstance(found, qc.GaussianModel)
    assert (found.modes, found.inputs) == (plain.modes, plain.inputs)
    assert_allclose(found.A, plain.A, atol=1e-14)
    state = quick(qc.steady_state)(plain)
    assert_allclose(state.cov, qc.steady_state(plain).cov, rtol=1e-9, atol=1e-12)


def test_records_made_before_jax_is_there_are_known_to_it_after():
    probe = """
import sys, qcascade as qc
first = qc.vacuum("m")
assert "jax" not in sys.modules
import jax
qc.vacuum("m")
print(jax.jit(lambda s: 2 * s.cov)(first)[0, 0])
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1.0"


# The 8 × 8 cascade of two optomechanical resonators


@pytest.mark.slow
def test_gradient_of_two_cascaded_resonators_is_finite_differences():
    motion = 2 * np.pi * 88.54e6

    def net(x):
        detuning, power, transmission, temperature, ratio = x

        def resonator(coupled, frequency):
            decay = {"fibre": 2e6 * np.pi * coupled, "lost": 2e6 * np.pi * 15}
            heat = qc.physics.bose_einstein(frequency, temperature)
            return qc.optomechanical_cavity(
                motion * detuning,
                coupling=7541.13,
                frequency=frequency,
                mechanical_decay=2e3 * np.pi * 2.2,
                decay=decay,
                occupation=heat,
            )

        laser = qc.coherent_drive(
            qc.physics.drive_amplitude(power, qc.physics.optical_frequency("780 nm"))
        )
        parts = {
            "left": resonator(27, motion),
            "right": resonator(30, ratio * motion),
            "laser": laser,
            "fibre": qc.fibre(transmission, 0.3),
        }
        wires = [
            ("laser.out", "left.in_fibre"),
            ("left.out_fibre", "fibre.in"),
            ("fibre.out", "right.in_fibre"),
        ]
        return qc.Network(parts, wires)

    at = np.array([1.1, 20e-3, 0.9, 0.1, 1.02])
    guess = qc.classical.working_points(net(at)).branch(0)

    def value(x):
        return entangled(net(x), guess, "right.a", "right.b")

    found, gradient = quick(jax.value_and_grad(value))(at)
    assert found > 0.01
    assert_allclose(gradient, slopes(value, at), rtol=1e-6)
