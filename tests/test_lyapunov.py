"""Steady states of A V + V Aᵀ + D = 0: exact cases, SciPy, batches, thresholds, derivatives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from optional import jax, jnp
from scipy.linalg import solve_continuous_lyapunov

from qcascade.base.checks import ArgumentError
from qcascade.lyapunov import batches
from qcascade.lyapunov.careful import solve_carefully
from qcascade.lyapunov.rates import growth_slopes
from qcascade.lyapunov.solve import growth, solve

START = np.array([0, 2, 3, 4])
seeds = st.integers(0, 2**32 - 1)


def random_system(rng, n, decay=0.1, points=()):
    """Dense A whose slowest mode decays at `decay`, and a positive D."""
    A = rng.standard_normal((*points, n, n))
    A -= (np.linalg.eigvals(A).real.max(-1) + decay)[..., None, None] * np.eye(n)
    B = rng.standard_normal((*points, n, n))
    return A, B @ B.swapaxes(-1, -2)


def random_cascade(rng, sizes, decay=0.3):
    """Block lower triangular A with dense blocks, a third of the links missing; then shuffled."""
    start = np.concatenate([[0], np.cumsum(sizes)])
    n = start[-1]
    A = np.zeros((n, n))
    for i, size in enumerate(sizes):
        rows = slice(start[i], start[i + 1])
        A[rows, rows] = random_system(rng, size, decay)[0]
        for j in range(i):
            if rng.random() < 0.67:
                A[rows, start[j] : start[j + 1]] = rng.standard_normal((size, sizes[j]))
    B, order = rng.standard_normal((n, n)), rng.permutation(n)
    return A[np.ix_(order, order)], B @ B.T


def identical_cavities(modes, decay=1.0, loss=0.2, squeezing=0.0, detuning=0.0):
    """One beam through a row of equal cavities: A is one Jordan-like block, D fully correlated."""
    A = -decay * np.tril(np.ones((modes, modes)), -1) - (decay + loss) / 2 * np.eye(modes)
    D = decay / 2 * np.ones((modes, modes)) + loss / 2 * np.eye(modes)
    own = np.array([[squeezing, detuning], [-detuning, -squeezing]])
    return np.kron(A, np.eye(2)) + np.kron(np.eye(modes), own), np.kron(D, np.eye(2))


def optomechanics(damping):
    """Cavity cooling of an oscillator with Q = 1/damping; units of the mechanical frequency."""
    coupling, decay, thermal = 0.1, 0.5, 10.0
    A = np.array(
        [
            [0.0, 1.0, 0.0, 0.0],
            [-1.0, -damping, coupling, 0.0],
            [0.0, 0.0, -decay / 2, 1.0],
            [coupling, 0.0, -1.0, -decay / 2],
        ]
    )
    return A, np.diag([0.0, damping * (2 * thermal + 1), decay / 2, decay / 2])


def ratio(A, V, D):
    """Residual relative to its terms."""
    norm = np.linalg.norm
    residual = A @ V + V @ A.swapaxes(-1, -2) + D
    size = 2 * norm(A, axis=(-2, -1)) * norm(V, axis=(-2, -1)) + norm(D, axis=(-2, -1))
    return norm(residual, axis=(-2, -1)) / size


def assert_bits(left, right):
    assert_array_equal(np.asarray(left).view(np.int64), np.asarray(right).view(np.int64))


# Exact and independent solutions


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 30), seeds)
def test_random_stable_systems_agree_with_scipy(n, seed):
    A, D = random_system(np.random.default_rng(seed), n)
    V, stable = solve(A, D)
    expected = solve_continuous_lyapunov(A, -D)
    assert stable
    assert ratio(A, V, D) < 1e-12
    assert_allclose(V, expected, atol=1e-8 * np.abs(expected).max())
    assert_array_equal(V, V.T)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=7), seeds)
def test_shuffled_cascades_agree_with_scipy(sizes, seed):
    A, D = random_cascade(np.random.default_rng(seed), sizes)
    V, stable = solve(A, D)
    expected = solve_continuous_lyapunov(A, -D)
    assert stable
    assert ratio(A, V, D) < 1e-12
    assert_allclose(V, expected, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize("modes", [1, 2, 5, 22, 200])
def test_identical_cavities_in_vacuum_stay_in_vacuum(modes):
    A, D = identical_cavities(modes)
    V, stable = solve(A, D)
    assert stable
    assert_allclose(V, np.eye(2 * modes) / 2, atol=1e-13)


@pytest.mark.parametrize("modes", [2, 11, 22])
def test_squeezing_identical_cavities_agree_with_scipy(modes):
    A, D = identical_cavities(modes, squeezing=0.2)
    V, stable = solve(A, D)
    assert stable
    assert ratio(A, V, D) < 1e-14
    expected = solve_continuous_lyapunov(A, -D)
    assert_allclose(V, expected, atol=1e-9 * np.abs(expected).max())


def test_long_cascade_is_judged_block_by_block():
    A, D = identical_cavities(200, squeezing=0.3, detuning=0.5)
    V, stable = solve(A, D)
    assert_allclose(growth(A), -0.6, rtol=1e-12)
    assert np.linalg.eigvals(A).real.max() > -0.55  # eigenvalues of the whole are wrong
    assert stable
    assert ratio(A, V, D) < 1e-12


def test_symmetric_drift_has_its_closed_form():
    A = -np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 3.0]])
    V, _ = solve(A, np.eye(3))
    assert_allclose(V, -np.linalg.inv(A) / 2, rtol=1e-14)


@pytest.mark.parametrize("damping", [1e-2, 1e-6, 1e-9])
def test_damped_oscillator_reaches_equipartition(damping):
    A = np.array([[0.0, 1.0], [-1.0, -damping]])
    V, stable = solve(A, np.diag([0.0, 2 * damping]))
    assert stable
    assert_allclose(V, np.eye(2), rtol=1e-14 / damping, atol=1e-14 / damping)


@pytest.mark.parametrize("damping", [1e-6, 1e-8])
def test_stiff_optomechanics_agrees_with_scipy(damping):
    A, D = optomechanics(damping)
    V, stable = solve(A, D)
    assert stable
    assert ratio(A, V, D) < 1e-14
    assert_allclose(V, solve_continuous_lyapunov(A, -D), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_only_ratios_of_rates_matter(scale):
    A, D = random_system(np.random.default_rng(5), 6)
    assert_allclose(solve(scale * A, scale * D)[0], solve(A, D)[0], rtol=1e-9)


def test_no_diffusion_leaves_no_noise():
    A, _ = random_system(np.random.default_rng(1), 4)
    V, stable = solve(A, np.zeros((4, 4)))
    assert stable
    assert_array_equal(V, 0)


def test_downstream_never_acts_upstream():
    rng = np.random.default_rng(8)
    A, D = random_cascade(rng, [6])
    whole = np.block([[A, np.zeros((6, 2))], [rng.standard_normal((2, 6)), -np.eye(2)]])
    noise = np.block([[D, np.zeros((6, 2))], [np.zeros((2, 6)), np.eye(2)]])
    assert_allclose(solve(whole, noise)[0][:6, :6], solve(A, D)[0], rtol=1e-12)


# Batches


@pytest.mark.parametrize(("n", "points"), [(3, 2), (8, 1), (8, 13), (8, 200), (17, 9), (130, 2)])
def test_batch_is_the_loop_bit_for_bit(n, points):
    A, D = random_system(np.random.default_rng(points), n, points=(points,))
    V, stable = solve(A, D)
    assert stable.all()
    assert_bits(V, [solve(a, d)[0] for a, d in zip(A, D, strict=True)])


def test_results_do_not_depend_on_neighbours():
    rng = np.random.default_rng(3)
    A, D = random_system(rng, 6, points=(3000,))  # enough for two threads
    A[::3] += 0.3 * np.eye(6)  # unstable neighbours
    A[5::50], D[5::50] = optomechanics_padded()  # slow neighbours
    V, stable = solve(A, D)
    order = rng.permutation(3000)
    shuffled, shuffled_stable = solve(A[order], D[order])
    assert_bits(shuffled, V[order])
    assert_array_equal(shuffled_stable, stable[order])
    parts = [solve(A[a : a + 37], D[a : a + 37])[0] for a in range(0, 3000, 37)]
    assert_bits(np.concatenate(parts), V)


def optomechanics_padded():
    A, D = optomechanics(1e-6)
    pad = np.full((2, 2), 0.01)
    return np.block(
        [[A, np.full((4, 2), 0.01)], [np.full((2, 4), 0.01), pad - np.eye(2)]]
    ), np.block([[D, np.zeros((4, 2))], [np.zeros((2, 4)), np.eye(2)]])


def test_unstable_points_are_nan_and_keep_the_others():
    A, D = random_system(np.random.default_rng(2), 8, points=(40,))
    good = np.arange(40) % 4 != 1
    broken = np.where(good[:, None, None], A, A + 0.5 * np.eye(8))
    V, stable = solve(broken, D)
    assert_array_equal(stable, good)
    assert np.isnan(V[~good]).all()
    assert_bits(V[good], solve(A, D)[0][good])


def test_points_that_are_not_finite_count_as_unstable():
    A, D = random_system(np.random.default_rng(2), 4, points=(5,))
    A[1, 0, 0], D[3, 1, 1] = np.nan, np.inf
    V, stable = solve(A, D)
    assert_array_equal(stable, [True, False, True, False, True])
    assert np.isnan(V[~stable]).all()
    assert np.isfinite(V[stable]).all()
    assert_array_equal(np.isnan(growth(A)), [False, True, False, False, False])


def test_leading_axes_broadcast():
    A, _ = random_system(np.random.default_rng(4), 4, points=(3, 1))
    _, D = random_system(np.random.default_rng(5), 4, points=(2,))
    V, stable = solve(A, D)
    assert V.shape == (3, 2, 4, 4)
    assert stable.shape == (3, 2)
    assert_bits(V[2, 1], solve(A[2, 0], D[1])[0])
    assert solve(np.empty((0, 4, 4)), D[0])[0].shape == (0, 4, 4)
    assert growth(A).shape == (3, 1)


def test_points_of_different_structure_share_a_batch():
    rng = np.random.default_rng(9)
    A, D = (
        np.stack(x) for x in zip(*(random_cascade(rng, [2] * 4) for _ in range(20)), strict=True)
    )
    V, stable = solve(A, D)
    assert stable.all()
    assert_allclose(V, [solve(a, d)[0] for a, d in zip(A, D, strict=True)], rtol=1e-9, atol=1e-11)
    assert ratio(A, V, D).max() < 1e-14


# Threshold


@pytest.mark.parametrize("distance", [1e-3, 1e-8, 1e-11])
def test_parametric_threshold_has_its_closed_form(distance):
    """A = [[−1, g], [g, −1]], D = 1 has V = [[1, g], [g, 1]] / 2(1 − g²), for g below 1."""
    g = 1 - distance
    V, stable = solve([[-1.0, g], [g, -1.0]], np.eye(2))
    assert stable
    exact = np.array([[1.0, g], [g, 1.0]]) / (2 * (1 - g) * (1 + g))
    assert_allclose(V, exact, rtol=1e-14 / distance)
    V, stable = solve([[-1.0, 1 + distance], [1 + distance, -1.0]], np.eye(2))
    assert not stable
    assert np.isnan(V).all()


def test_what_no_covariance_of_floats_can_tell_is_refused():
    """Both variances are 2.5e12, the squeezed one ¼: rounding V moves it by more than it is."""
    g = 1 - 1e-13
    V, stable = solve([[-1.0, g], [g, -1.0]], np.eye(2))
    assert not stable
    assert np.isnan(V).all()


@pytest.mark.parametrize("damping", [1e-8, 1e-12])
def test_hopf_threshold_is_seen_from_both_sides(damping):
    rotation, rest = (
        np.array([[0.0, 1.0], [-1.0, 0.0]]),
        random_system(np.random.default_rng(1), 4)[0],
    )
    link = np.full((2, 4), 0.1)
    for sign in (1, -1):
        own = rotation - sign * damping * np.eye(2)
        A = np.block([[own, 0 * link], [link.T, rest]])
        V, stable = solve(A, np.eye(6))
        assert stable == (sign > 0)
        assert np.isfinite(V).all() == stable
        assert_allclose(growth(A), max(-sign * damping, -0.1), atol=1e-15)


@pytest.mark.parametrize(
    "A",
    [
        [[0.0, 1.0], [-1.0, 0.0]],  # undamped
        [[0.0, 1.0], [0.0, -1.0]],  # free particle
        [[0.0, 0.0], [0.0, 0.0]],
        [[-1.0, 1.0], [1.0, -1.0]],  # at threshold
        [[-1.0, 2.0], [2.0, -1.0]],
        [[1.0, 0.0], [0.0, -3.0]],
    ],
)
def test_marginal_and_growing_systems_have_no_steady_state(A):
    V, stable = solve(A, np.eye(2))
    assert not stable
    assert np.isnan(V).all()


def test_points_near_threshold_are_refined_side_by_side_and_bits_do_not_depend_on_that(monkeypatch):
    """A = −½ + g σ_x, D = 1: V₁₁ ± V₁₂ = 1/(1 ∓ 2g); and a cavity behind it."""
    g = (1 - 10 ** -np.linspace(4, 7, 13)) / 2
    A = np.tile(-np.eye(4) / 2, (13, 1, 1))
    A[:, 0, 1] = A[:, 1, 0] = g
    A[:, 2:, :2] = 0.7 * np.eye(2)
    one_by_one = np.array([solve_carefully(a, np.eye(4), np.arange(4), START) for a in A])
    monkeypatch.setattr("qcascade.lyapunov.careful.solve_carefully", None)  # of no use here
    V, stable = solve(A, np.eye(4))
    assert stable.all()
    assert_allclose(V, one_by_one, rtol=1e-14)
    loud = 1 / (1 - 2 * g)
    assert_allclose(V[:, 0, 0] + V[:, 0, 1], loud, rtol=1e-14)
    off = (V[:, 0, 0] - V[:, 0, 1] - 1 / (1 + 2 * g)) / loud
    assert np.abs(off).max() < 4e-16
    for k in (0, 5, 12):
        assert_array_equal(solve(A[k], np.eye(4))[0], V[k])


# JAX


@pytest.fixture(params=["host", pytest.param("device", marks=pytest.mark.slow)])
def jax_route(request, monkeypatch):
    """JAX calls kernels on a processor; elsewhere programs of its own, which run there as well."""
    if request.param == "device":
        monkeypatch.setattr("qcascade.lyapunov.solve_host.is_used", lambda n: False)


@pytest.mark.needs("jax")
@pytest.mark.usefixtures("jax_route")
def test_jax_route_agrees_with_numpy():
    rng = np.random.default_rng(6)
    A, D = random_system(rng, 7, points=(4, 3))
    A[1, 2] += 0.4 * np.eye(7)
    A[2, 2, 0, 0], D[0, 1, 2, 2] = np.nan, np.inf
    V, stable = solve(A, D)
    for route in (solve, jax.jit(lambda A, D: solve(A, D))):
        W, also = route(jnp.asarray(A), jnp.asarray(D))
        assert isinstance(W, jax.Array)
        assert_array_equal(also, stable)
        assert_allclose(W, V, rtol=1e-9, atol=1e-10)


@pytest.mark.needs("jax")
def test_vmap_is_the_loop():
    A, D = random_system(np.random.default_rng(6), 4, points=(5,))
    V, stable = jax.jit(jax.vmap(solve, (0, None)))(jnp.asarray(A), jnp.asarray(D[0]))
    assert_allclose(V, solve(A, D[0])[0], rtol=1e-9, atol=1e-11)
    assert stable.all()


@pytest.mark.needs("jax")
@pytest.mark.usefixtures("jax_route")
def test_gradient_is_finite_differences():
    rng = np.random.default_rng(7)
    A, D = random_system(rng, 4, decay=0.5)
    weight, dA = rng.standard_normal((2, 4, 4))
    dD = dA + dA.T

    def along(t):
        return solve(A + t * dA, D + t * dD)[0]

    expected = np.sum(weight * (along(1e-6) - along(-1e-6))) / 2e-6

    def value(A, D):
        return jnp.sum(weight * solve(A, D)[0])

    at, change = (jnp.asarray(A), jnp.asarray(D)), (jnp.asarray(dA), jnp.asarray(dD))

    @jax.jit  # one program of both ways takes a third of the time of their single operations
    def both(at, change):
        return jax.grad(value, (0, 1))(*at), jax.jvp(value, at, change)[1]

    (gA, gD), tangent = both(at, change)
    assert_allclose(np.sum(gA * dA) + np.sum(gD * dD), expected, rtol=1e-7)
    assert_allclose(tangent, expected, rtol=1e-7)


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_derivatives_at_an_exceptional_point_are_exact():
    """A = −k(½ + N), N₂₁ = 1, D = 1: V₂₁ = −1/k, V₂₂ = 3/k."""

    def corner(k):
        A = -k * (jnp.eye(2) / 2 + jnp.eye(2, k=-1))
        V = solve(A, jnp.eye(2))[0]
        return jnp.stack([V[1, 0], V[1, 1]])

    k = 2.0
    assert_allclose(corner(k), [-1 / k, 3 / k], rtol=1e-14)
    assert_allclose(jax.jit(jax.jacfwd(corner))(k), [1 / k**2, -3 / k**2], rtol=1e-13)
    assert_allclose(jax.jit(jax.jacrev(corner))(k), [1 / k**2, -3 / k**2], rtol=1e-13)
    assert_allclose(jax.jit(jax.hessian(corner))(k), [-2 / k**3, 6 / k**3], rtol=1e-12)


@pytest.mark.needs("jax")
def test_derivative_near_threshold_is_exact():
    """V₁₁ = 1/2(1 − g²) for A = [[−1, g], [g, −1]], D = 1."""
    g = 1 - 1e-6

    @jax.jit
    @jax.grad
    def slope(g):
        return solve(jnp.array([[-1.0, g], [g, -1.0]]), jnp.eye(2))[0][0, 0]

    assert_allclose(slope(g), g / ((1 - g) * (1 + g)) ** 2, rtol=1e-8)


@pytest.mark.needs("jax")
def test_unstable_points_leave_gradients_of_others_alone():
    A = -jnp.array([1.0, -1.0, 2.0])[:, None, None] * jnp.eye(2)
    gradient = jax.jit(jax.grad(lambda A: jnp.nansum(solve(A, jnp.eye(2))[0])))(A)
    assert_allclose(gradient[1], 0)
    assert_allclose(gradient[0, 0, 0], 0.5, rtol=1e-14)
    assert_allclose(gradient[2, 0, 0], 0.125, rtol=1e-14)


@pytest.mark.needs("jax")
def test_jax_at_threshold_has_no_steady_state():
    compiled = jax.jit(solve)
    for A in ([[-1.0, 1.0], [1.0, -1.0]], [[0.0, 1.0], [-1.0, 0.0]], [[0.0, 0.0], [0.0, -1.0]]):
        V, stable = compiled(jnp.asarray(A), jnp.eye(2))
        assert not stable
        assert jnp.isnan(V).all()


# What is refused


@pytest.mark.parametrize(
    ("A", "D", "words"),
    [
        (np.ones((2, 3)), np.eye(2), r"`A` must be square, of shape .*, but is \(2, 3\)"),
        (np.ones(4), np.eye(2), "`A` must be square"),
        (-np.eye(2), np.eye(3), r"`D` must broadcast with A of shape \(2, 2\), but is \(3, 3\)"),
        (-np.ones((2, 2, 2)), np.ones((3, 2, 2)), "`D` must broadcast with A"),
        (-np.eye(2), [[1.0, 0.1], [0.0, 1.0]], r"`D` must be symmetric, but is 'off by 0\.1'"),
        (-np.eye(2) * 1j, np.eye(2), "`A` must be a real matrix"),
        (-np.eye(2), [["a", "b"], ["c", "d"]], "`D` must be"),
        (np.full((2, 2), np.nan), np.eye(2), "`A` must be finite everywhere"),
        (-np.eye(2), np.full((2, 2), np.inf), "`D` must be finite everywhere"),
    ],
)
def test_bad_input_is_named(A, D, words):
    with pytest.raises(ArgumentError, match=words):
        solve(A, D)


@pytest.mark.needs("jax")
def test_bad_input_from_jax_is_named():
    with pytest.raises(ArgumentError, match="`D` must be symmetric"):
        solve(-jnp.eye(2), jnp.array([[1.0, 0.1], [0.0, 1.0]]))
    with pytest.raises(ArgumentError, match="`A` must be finite everywhere"):
        solve(jnp.full((2, 2), jnp.nan), jnp.eye(2))


@pytest.mark.needs("jax")
def test_growth_is_traced_and_its_derivative_is_that_of_differences():
    rng = np.random.default_rng(5)
    A = rng.normal(size=(3, 4, 4)) - np.eye(4)
    A[1, :2, 2:] = 0.0  # a cascade, whose faster part decides
    dA = rng.normal(size=A.shape) * (A != 0)
    rates, slopes = jax.jit(lambda A, dA: jax.jvp(growth, (A,), (dA,)))(A, dA)
    assert_array_equal(rates, growth(A))
    near, far = ((growth(A + h * dA) - growth(A - h * dA)) / (2 * h) for h in (1e-4, 2e-4))
    assert_allclose(slopes, (4 * near - far) / 3, rtol=1e-8)
    gradients = jax.vmap(jax.grad(growth))(jnp.asarray(A))
    assert_allclose(np.sum(gradients * dA, axis=(1, 2)), slopes, rtol=1e-12)
    nothing = growth_slopes(np.array([[[np.nan, 0.0], [0.0, -1.0]], [[-1.0, 0.0], [2.0, -1.0]]]))
    assert_array_equal(nothing, [np.zeros((2, 2)), [[1.0, 0.0], [0.0, 0.0]]])
    assert np.isnan(growth_slopes(np.array([[[0.0, 1.0], [-1.0, -2.0]]]))).all()  # exceptional


@pytest.mark.needs("jax")
def test_growth_has_the_second_derivative_of_its_differences_and_none_at_an_exceptional_point():
    rng = np.random.default_rng(6)
    A = rng.normal(size=(4, 4, 4)) - np.eye(4)
    A[1, :2, 2:] = 0.0
    A[2], A[3] = np.diag([-1.0, -2.0, -3.0, -4.0]), np.diag([0.0, -2.0, -2.0, -3.0])
    A[3, 0, 1], A[3, 1, 0] = 1.0, -1.0  # λ = −1 twice, with one vector
    dA = rng.normal(size=A.shape) * (A != 0)
    first = jax.jit(lambda A: jax.jvp(growth, (A,), (dA,))[1])
    second = jax.jit(lambda A: jax.jvp(first, (A,), (dA,))[1])(A)
    near, far = ((first(A + h * dA) - first(A - h * dA)) / (2 * h) for h in (1e-4, 2e-4))
    assert_allclose(second[:3], ((4 * near - far) / 3)[:3], rtol=1e-7, atol=1e-7)
    assert abs(second[0]) > 0.01
    assert np.isnan(second[3])
    backwards = jax.jit(jax.grad(lambda A: jnp.sum(first(A)[:2])))(A)
    assert_allclose(np.sum(backwards * dA, axis=(1, 2))[:2], second[:2], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("points", [1, 7, 8, 9, 100])
@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("tasks", [1, 3, 50])
def test_threads_share_points_in_whole_groups_and_each_once(monkeypatch, points, lanes, tasks):
    monkeypatch.setattr(batches, "cores", lambda: 4)
    shares = []
    work = tasks * batches.TASK
    batches.share_points(lambda *ends: shares.append(range(*ends)), points, lanes, work)
    assert sorted(k for share in shares for k in share) == list(range(points))
    assert all(share.start % lanes == 0 for share in shares if share)
    assert len(shares) == 1 if tasks == 1 or points <= lanes else len(shares) > 4


def test_a_decay_within_rounding_proves_nothing_where_there_is_no_noise():
    """D has a negative eigenvalue: V > 0 is no proof that A is stable, its decay must be seen."""
    D, blocks = np.diag([1.0, -0.1]), (np.arange(2), np.arange(3))
    firm, marginal = (np.array([[-1.0, 0.0], [1.0, -decay]]) for decay in (3e-14, 5e-15))
    V = solve_carefully(firm, D, *blocks)
    assert_allclose(firm @ V + V @ firm.T, -D, atol=1e-12)
    assert solve_carefully(marginal, D, *blocks) is None
