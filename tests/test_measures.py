"""Measures of Gaussian states against closed forms, mpmath and The Walrus."""

import mpmath
import numpy as np
import pytest
import thewalrus.quantum as walrus
from hypothesis import given, settings
from hypothesis import strategies as st
from optional import arrays, jax, jnp
from scipy.linalg import block_diag, expm

import qcascade as qc
from qcascade.base.checks import ArgumentError
from qcascade.base.conventions import symplectic_form, to_vacuum_one, to_xxpp
from qcascade.linear.state import GaussianState, coherent, thermal, two_mode_squeezed, vacuum
from qcascade.measures import gaussian as measures
from qcascade.measures import phase_space
from qcascade.measures.gaussian import (
    epr_variance,
    fidelity,
    log_negativity,
    margin,
    mutual_information,
    occupation,
    purity,
    steering,
    symplectic_eigenvalues,
    von_neumann_entropy,
)
from qcascade.measures.phase_space import wigner
from qcascade.measures.symplectic import cholesky, spectrum
from qcascade.measures.units import UNITS

PAIR = ("left.b", "right.b")
SPLITS = [(1, 1), (1, 2), (2, 2)]
seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=15, deadline=None, derandomize=True)


def random_symplectic(rng, modes, strength=0.5):
    """exp(ΩG) for a random symmetric G."""
    G = rng.normal(size=(2 * modes, 2 * modes)) * strength
    return expm(symplectic_form(modes) @ (G + G.T) / 2)


def random_state(rng, sizes=(1, 1), pure=False):
    """Modes "a.0", …, "b.0", …: a random symplectic of a random thermal state."""
    a, b = sizes
    quanta = np.zeros(a + b) if pure else rng.exponential(0.3, a + b)
    S = random_symplectic(rng, a + b)
    cov = S @ np.diag(np.repeat(quanta + 0.5, 2)) @ S.T
    names = [f"a.{k}" for k in range(a)] + [f"b.{k}" for k in range(b)]
    return GaussianState(names, rng.normal(size=2 * (a + b)), (cov + cov.T) / 2)


def transformed(state, S):
    cov = S @ state.cov @ S.T
    return GaussianState(state.modes, S @ state.mean, (cov + cov.T) / 2, state.stable)


def lossy(state, transmissions):
    """Each mode after a beam splitter to the vacuum."""
    t = np.repeat(transmissions, 2)
    cov = state.cov * np.sqrt(np.outer(t, t)) + np.diag(1 - t) / 2
    return GaussianState(state.modes, np.sqrt(t) * state.mean, cov)


def other_convention(state):
    """Mean and covariance as The Walrus has them: ħ = 2 and x₁ x₂ … p₁ p₂ …"""
    mean = np.sqrt(2) * np.concatenate([state.mean[0::2], state.mean[1::2]])
    return mean, to_xxpp(to_vacuum_one(state.cov))


def batch_of(states):
    return GaussianState(
        states[0].modes, np.stack([s.mean for s in states]), np.stack([s.cov for s in states])
    )


MEASURES = {
    "log_negativity": lambda s: log_negativity(s, "a", "b"),
    "margin": lambda s: margin(s, "a", "b"),
    "symplectic_eigenvalues": symplectic_eigenvalues,
    "purity": purity,
    "occupation": occupation,
    "von_neumann_entropy": von_neumann_entropy,
    "mutual_information": lambda s: mutual_information(s, "a", "b"),
    "steering": lambda s: steering(s, "a", "b"),
    "fidelity": lambda s: fidelity(s, thermal(s.modes, 0.2)),
    "epr_variance": lambda s: epr_variance(s, "a.0", "b.0"),
    "wigner": lambda s: wigner(s, "a.0.x", "b.0.p", [0.0, 0.5], [0.1, 0.2, 0.3]),
}


# Entanglement


@pytest.mark.parametrize("r", [0.0, 1e-6, 1e-4, 0.1, 1.0, 3.0, -1.0])
def test_two_mode_squeezed_vacuum_has_log_negativity_2r(r):
    state = two_mode_squeezed(PAIR, r)
    assert log_negativity(state, "left", "right") == pytest.approx(2 * abs(r), abs=1e-11)


@pytest.mark.parametrize("n", [0.0, 0.2, 2.0])
def test_thermal_noise_lowers_it_by_the_logarithm_of_the_noise(n):
    pure = two_mode_squeezed(PAIR, 0.6)
    state = GaussianState(PAIR, cov=(2 * n + 1) * pure.cov)
    expected = 1.2 - np.log(2 * n + 1)
    assert margin(state, "left", "right") == pytest.approx(expected, abs=1e-12)
    assert log_negativity(state, "left", "right") == pytest.approx(max(0, expected), abs=1e-12)


def exact_margin(cov):
    """−ln 2ν̃₋ of a 4×4 covariance from its determinants, in 60 digits."""
    with mpmath.workdps(60):
        V = mpmath.matrix(cov.tolist())
        a, b, c = (mpmath.det(V[i : i + 2, j : j + 2]) for i, j in ((0, 0), (2, 2), (0, 2)))
        delta = a + b - 2 * c
        lowest = (delta - mpmath.sqrt(delta**2 - 4 * mpmath.det(V))) / 2
        return float(-mpmath.log(2 * mpmath.sqrt(lowest)))


@given(seed=seeds)
@quick
def test_weak_entanglement_is_exact_to_1e_12(seed):
    rng = np.random.default_rng(seed)
    state = two_mode_squeezed(PAIR, 1e-4)
    state = transformed(state, block_diag(*(random_symplectic(rng, 1) for _ in range(2))))
    state = lossy(state, rng.uniform(0.9, 1, 2))
    assert abs(float(margin(state, "left", "right")) - exact_margin(state.cov)) < 1e-12


@given(seed=seeds)
@quick
def test_closed_form_equals_the_hermitian_eigenvalues(seed):
    state = random_state(np.random.default_rng(seed))
    factor = cholesky(state.cov, np)
    assert np.allclose(factor, np.linalg.cholesky(state.cov), rtol=1e-9, atol=1e-12)
    for signs in ([1.0, 1.0], [1.0, -1.0]):
        K = factor.T @ (symplectic_form(2) * np.repeat(signs, 2)) @ factor
        expected = np.linalg.eigvalsh(1j * K)[2:]
        assert np.allclose(spectrum(state.cov, [0, 1], signs).levels, expected, rtol=1e-10)


@pytest.mark.parametrize("sizes", SPLITS)
@given(seed=seeds)
@quick
def test_log_negativity_agrees_with_the_walrus(sizes, seed):
    state = random_state(np.random.default_rng(seed), sizes)
    expected = walrus.log_negativity(other_convention(state)[1], modes_A=list(range(sizes[0])))
    assert log_negativity(state, "a", "b") == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("sizes", SPLITS)
@given(seed=seeds)
@quick
def test_local_symplectics_change_no_correlation(sizes, seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng, sizes)
    local = transformed(state, block_diag(*(random_symplectic(rng, n) for n in sizes)))
    for name in ("log_negativity", "margin", "mutual_information", "steering", "purity"):
        assert MEASURES[name](local) == pytest.approx(MEASURES[name](state), abs=1e-8), name
    assert von_neumann_entropy(local) == pytest.approx(von_neumann_entropy(state), abs=1e-8)
    assert np.allclose(symplectic_eigenvalues(local), symplectic_eigenvalues(state), atol=1e-8)


@pytest.mark.parametrize("sizes", SPLITS)
@given(seed=seeds)
@quick
def test_local_loss_never_raises_log_negativity(sizes, seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng, sizes)
    dimmed = lossy(state, rng.uniform(0.1, 1, sum(sizes)))
    assert log_negativity(dimmed, "a", "b") <= log_negativity(state, "a", "b") + 1e-10


@pytest.mark.parametrize("sizes", SPLITS)
@given(seed=seeds)
@quick
def test_swapping_the_groups_leaves_log_negativity_and_margin(sizes, seed):
    state = random_state(np.random.default_rng(seed), sizes)
    assert log_negativity(state, "a", "b") == pytest.approx(log_negativity(state, "b", "a"))
    assert margin(state, "a", "b") == pytest.approx(margin(state, "b", "a"))


@pytest.mark.parametrize("sizes", [(1, 1), (1, 2), (2, 2), (2, 3)])
@given(seed=seeds)
@quick
def test_pure_states_have_the_entropies_of_their_halves(sizes, seed):
    state = random_state(np.random.default_rng(seed), sizes, pure=True)
    assert von_neumann_entropy(state) == pytest.approx(0, abs=1e-6)
    half = von_neumann_entropy(state.reduce("a"))
    assert von_neumann_entropy(state.reduce("b")) == pytest.approx(half, abs=1e-6)
    assert mutual_information(state, "a", "b") == pytest.approx(2 * half, abs=1e-6)


def test_groups_may_be_names_parts_or_lists_and_leave_the_rest_out():
    rng = np.random.default_rng(3)
    state = random_state(rng, (2, 2))
    whole = log_negativity(state, "a", "b")
    assert log_negativity(state, ["a.1", "a.0"], ("b.0", "b.1")) == pytest.approx(whole)
    some = log_negativity(state.reduce("a.1", "b.0"), "a", "b")
    assert log_negativity(state, "b.0", "a.1") == pytest.approx(some)


def test_transposing_several_pairs_adds_their_log_negativities():
    V = block_diag(two_mode_squeezed(PAIR, 0.3).cov, two_mode_squeezed(PAIR, 0.2).cov)
    state = GaussianState(("a.0", "b.0", "a.1", "b.1"), cov=V)
    assert log_negativity(state, "a", "b") == pytest.approx(1.0)
    assert margin(state, "a", "b") == pytest.approx(0.6)


def test_unphysical_covariances_still_get_the_number_of_the_formula():
    state = GaussianState(PAIR, cov=0.5 * two_mode_squeezed(PAIR, 0.5).cov)
    assert not state.is_physical()
    expected = 1.0 + np.log(2)  # the other eigenvalue is e/4 > ½
    assert log_negativity(state, "left", "right") == pytest.approx(expected)


@pytest.mark.parametrize("modes", [2, 3])
def test_covariances_that_are_not_positive_give_nan_and_leave_the_others(modes):
    names = [f"m.{k}" for k in range(modes)]
    cov = np.stack([np.eye(2 * modes), np.diag([-1.0] + [1.0] * (2 * modes - 1))])
    for array in arrays(cov):
        value = np.asarray(log_negativity(GaussianState(names, cov=array), names[0], names[1:]))
        assert np.isnan(value).tolist() == [False, True]


# Entropies and quanta


@given(seed=seeds)
@quick
def test_symplectic_eigenvalues_are_the_thermal_ones_in_ascending_order(seed):
    rng = np.random.default_rng(seed)
    for modes in (1, 2, 3, 4):
        nu = rng.uniform(0.5, 3, modes)
        S = random_symplectic(rng, modes)
        cov = S @ np.diag(np.repeat(nu, 2)) @ S.T
        state = GaussianState([f"m.{k}" for k in range(modes)], cov=(cov + cov.T) / 2)
        assert np.allclose(symplectic_eigenvalues(state), np.sort(nu), atol=1e-8)


@given(seed=seeds)
@quick
def test_purity_is_one_over_the_root_of_the_determinant(seed):
    state = random_state(np.random.default_rng(seed), (1, 2))
    assert purity(state) == pytest.approx(1 / np.sqrt(np.linalg.det(2 * state.cov)), rel=1e-8)


@pytest.mark.parametrize("n", [0.0, 1e-14, 1e-6, 0.3, 1.0, 1e8])
def test_thermal_entropy_is_accurate_from_pure_to_hot(n):
    with mpmath.workdps(50):
        exact = mpmath.mpf(n + 0.5) - 0.5  # the occupation that float64 variances can hold
        expected = (exact + 1) * mpmath.log(exact + 1) - (exact * mpmath.log(exact) if n else 0)
    state = thermal("m", n)
    assert von_neumann_entropy(state) == pytest.approx(float(expected), rel=1e-9, abs=1e-14)


@given(seed=seeds)
@quick
def test_entropy_agrees_with_the_walrus(seed):
    state = random_state(np.random.default_rng(seed), (1, 2))
    expected = walrus.vonneumann_entropy(other_convention(state)[1])
    assert von_neumann_entropy(state) == pytest.approx(expected, abs=1e-7)


def test_entropy_of_an_unphysical_covariance_is_nan():
    assert np.isnan(von_neumann_entropy(GaussianState(("m",), cov=0.4 * np.eye(2))))


def test_mutual_information_of_squeezed_vacuum_is_twice_the_local_thermal_entropy():
    r = 0.7
    expected = 2 * von_neumann_entropy(thermal("m", np.sinh(r) ** 2))
    state = two_mode_squeezed(PAIR, r)
    assert mutual_information(state, *PAIR) == pytest.approx(expected, abs=1e-12)


@given(seed=seeds)
@quick
def test_occupation_agrees_with_the_walrus_and_counts_the_mean(seed):
    state = random_state(np.random.default_rng(seed), (1, 2))
    expected = walrus.photon_number_mean_vector(*other_convention(state))
    assert np.allclose(occupation(state), expected)
    assert occupation(state, "b.1") == pytest.approx(expected[2])
    assert occupation(coherent("m", 1 + 2j), "m") == pytest.approx(5.0)


# Steering, fidelity, variances


def test_steering_of_squeezed_vacuum_is_ln_cosh_2r_both_ways():
    state = two_mode_squeezed(PAIR, 0.7)
    for a, b in (PAIR, PAIR[::-1]):
        assert steering(state, a, b) == pytest.approx(np.log(np.cosh(1.4)))


def test_the_bright_side_of_a_lossy_pair_steers_the_dim_side_only():
    # The right mode has lost more than half: it cannot predict the left one any more.
    state = lossy(two_mode_squeezed(PAIR, 1.0), np.array([1.0, 0.45]))
    a, b, c = state.cov[0, 0], state.cov[2, 2], state.cov[0, 2]
    assert steering(state, "left", "right") == pytest.approx(-np.log(2 * (b - c**2 / a)))
    assert steering(state, "left", "right") > 0
    assert 2 * (a - c**2 / b) > 1
    assert steering(state, "right", "left") == 0


@pytest.mark.parametrize("sizes", SPLITS)
@given(seed=seeds)
@quick
def test_steering_comes_from_the_schur_complement(sizes, seed):
    state = random_state(np.random.default_rng(seed), sizes)
    k = 2 * sizes[0]
    A, B, C = state.cov[:k, :k], state.cov[k:, k:], state.cov[:k, k:]
    rest = B - C.T @ np.linalg.solve(A, C)
    nu = np.abs(np.linalg.eigvals(symplectic_form(sizes[1]) @ rest).imag)
    expected = np.sum(np.maximum(0, -np.log(2 * nu))) / 2  # each ν twice
    assert steering(state, "a", "b") == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("sizes", [(1, 0), (1, 1), (1, 2)])
@given(seed=seeds)
@quick
def test_fidelity_agrees_with_the_walrus(sizes, seed):
    rng = np.random.default_rng(seed)
    first, second = random_state(rng, sizes), random_state(rng, sizes)
    expected = walrus.fidelity(*other_convention(first), *other_convention(second))
    assert fidelity(first, second) == pytest.approx(float(np.real(expected)), abs=1e-6)


@pytest.mark.parametrize("sizes", [(1, 0), (1, 1), (2, 2)])
@given(seed=seeds)
@quick
def test_fidelity_with_a_pure_state_is_the_overlap(sizes, seed):
    rng = np.random.default_rng(seed)
    pure, mixed = random_state(rng, sizes, pure=True), random_state(rng, sizes)
    for other in (mixed, random_state(rng, sizes, pure=True)):
        total, shift = pure.cov + other.cov, pure.mean - other.mean
        overlap = np.exp(-shift @ np.linalg.solve(total, shift) / 2) / np.sqrt(np.linalg.det(total))
        assert fidelity(pure, other) == pytest.approx(overlap, rel=1e-9)
        assert fidelity(other, pure) == pytest.approx(overlap, rel=1e-9)


@given(seed=seeds)
@quick
def test_fidelity_with_itself_is_one_and_never_above(seed):
    state = random_state(np.random.default_rng(seed), (1, 2))
    assert fidelity(state, state) == pytest.approx(1, abs=1e-7)
    assert fidelity(state, state) <= 1


@pytest.mark.parametrize(("n", "m"), [(0.0, 1.0), (0.5, 2.0), (3.0, 3.0)])
def test_fidelity_of_thermal_states_is_the_classical_one(n, m):
    expected = 1 / (np.sqrt((n + 1) * (m + 1)) - np.sqrt(n * m)) ** 2
    assert fidelity(thermal("m", n), thermal("m", m)) == pytest.approx(expected, rel=1e-12)


def test_fidelity_of_coherent_states_is_the_square_of_the_overlap():
    states = coherent("m", 0.3 - 0.2j), coherent("m", -0.5 + 1j)
    assert fidelity(*states) == pytest.approx(np.exp(-(0.8**2 + 1.2**2)), rel=1e-13)


def test_fidelity_matches_modes_by_name():
    first = thermal(PAIR, [1.0, 2.0])
    assert fidelity(first, thermal(PAIR[::-1], [2.0, 1.0])) == pytest.approx(1)


def test_fidelity_of_an_unphysical_covariance_is_nan():
    assert np.isnan(fidelity(vacuum("m"), GaussianState(("m",), cov=0.4 * np.eye(2))))


@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0])
def test_epr_variance_is_the_same_in_every_local_phase(angle):
    c, s = np.cos(angle), np.sin(angle)
    turn = block_diag(np.array([[c, -s], [s, c]]), np.eye(2))
    state = transformed(two_mode_squeezed(PAIR, 0.4), turn)
    assert epr_variance(state, *PAIR) == pytest.approx(np.exp(-0.8))


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.7])
def test_epr_variance_is_the_least_over_local_phases(gain):
    state = random_state(np.random.default_rng(5))

    def variance(angle):
        c, s = np.cos(angle), np.sin(angle)
        V = transformed(state, block_diag(np.array([[c, -s], [s, c]]), np.eye(2))).cov
        u, v = np.array([gain, 0, -1 / gain, 0]), np.array([0, gain, 0, 1 / gain])
        return (u @ V @ u + v @ V @ v) / (gain**2 + gain**-2)

    least = min(variance(angle) for angle in np.linspace(0, 2 * np.pi, 2001))
    assert epr_variance(state, "a", "b", gain=gain) == pytest.approx(least, rel=1e-5)
    assert epr_variance(state, "a", "b", gain=gain) <= least


def test_epr_variance_below_one_implies_entanglement():
    rng = np.random.default_rng(0)
    states = batch_of([random_state(rng) for _ in range(200)])
    below = epr_variance(states, "a", "b") < 1
    assert below.any()
    assert (log_negativity(states, "a", "b")[below] > 0).all()
    assert epr_variance(vacuum(PAIR), *PAIR, gain=np.array([0.5, 1, 2])) == pytest.approx(1)


# Wigner functions


def test_wigner_function_is_normalised_and_has_the_moments_of_the_state():
    state = random_state(np.random.default_rng(1), (1, 2))
    grid = np.linspace(-30, 30, 601)
    values = wigner(state, "a.0.p", "b.1.x", grid, grid)
    step = grid[1] - grid[0]
    assert values.sum() * step**2 == pytest.approx(1, abs=1e-6)
    assert (values.sum(1) * grid).sum() * step**2 == pytest.approx(state.mean[1], abs=1e-6)
    u, v = grid[:, None] - state.mean[1], grid - state.mean[4]
    assert (values * u * v).sum() * step**2 == pytest.approx(state.cov[1, 4], abs=1e-5)
    assert (values * u * u).sum() * step**2 == pytest.approx(state.cov[1, 1], abs=1e-5)


def test_wigner_function_of_one_mode_is_the_gaussian_of_its_reduced_state():
    state = random_state(np.random.default_rng(2), (1, 1))
    x, y = np.linspace(-1, 1, 4), np.linspace(-2, 0, 3)
    one = state.reduce("b")
    for i, j in np.ndindex(4, 3):
        shift = np.array([x[i], y[j]]) - one.mean
        expected = np.exp(-shift @ np.linalg.solve(one.cov, shift) / 2)
        expected /= 2 * np.pi * np.sqrt(np.linalg.det(one.cov))
        assert wigner(state, "b.0.x", "b.0.p", x, y)[i, j] == pytest.approx(expected)


def test_wigner_functions_of_a_batch_have_the_batch_first():
    state = thermal(PAIR, np.ones((5, 1)))
    assert wigner(state, "left.b.x", "right.b.x", np.zeros(3), np.zeros(4)).shape == (5, 3, 4)


# Batches, NaN, JAX


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("sizes", SPLITS)
def test_a_batch_equals_its_points(name, sizes):
    rng = np.random.default_rng(4)
    states = [random_state(rng, sizes) for _ in range(6)]
    expected = np.stack([MEASURES[name](state) for state in states])
    assert np.allclose(MEASURES[name](batch_of(states)), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("sizes", SPLITS)
def test_unstable_points_are_nan_and_leave_the_others_alone(name, sizes):
    rng = np.random.default_rng(5)
    states = batch_of([random_state(rng, sizes) for _ in range(3)])
    cov = np.where(np.array([0, 1, 0])[:, None, None], np.nan, states.cov)
    some = GaussianState(states.modes, states.mean, cov, [True, False, True])
    values, expected = MEASURES[name](some), MEASURES[name](states)
    assert np.isnan(values[1]).all()
    assert np.allclose(values[[0, 2]], expected[[0, 2]], rtol=1e-12)


LONG = ("fidelity", "mutual_information")
"""Measures that take long to compile."""
CLOSED = ("log_negativity", "symplectic_eigenvalues", "von_neumann_entropy")


@pytest.mark.needs("jax")
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        pytest.param(name, (1, 2), marks=[pytest.mark.slow] if name in LONG else [])
        for name in MEASURES
    ]
    + [(name, (1, 1)) for name in CLOSED],
)
def test_jax_gives_the_same_numbers_and_true_gradients_which_are_finite_at_the_vacuum(name, sizes):
    rng = np.random.default_rng(6)
    some = random_state(rng, sizes)
    states = batch_of([some, vacuum(some.modes), random_state(rng, sizes), some])
    mean, cov = states.mean, np.array(states.cov)
    cov[3] = np.nan
    stable = np.array([True, True, True, False])

    def value(mean, cov, stable):
        return MEASURES[name](GaussianState(some.modes, mean, cov, stable)).sum()

    compiled = jax.jit(jax.vmap(jax.value_and_grad(value, argnums=(0, 1))))
    values, slopes = compiled(jnp.asarray(mean), jnp.asarray(cov), stable)
    for k in range(4):
        assert values[k] == pytest.approx(value(mean[k], cov[k], stable[k]), nan_ok=True)
        assert np.isfinite(slopes[0][k]).all()
        assert np.isfinite(slopes[1][k]).all()
    shift, change = rng.normal(size=mean.shape[1:]), rng.normal(size=cov.shape[1:]) / 20
    change, step = change + change.T, 1e-5
    for k in (0, 2):
        ahead = value(mean[k] + step * shift, cov[k] + step * change, True)
        behind = value(mean[k] - step * shift, cov[k] - step * change, True)
        slope = np.vdot(slopes[0][k], shift) + np.vdot(slopes[1][k], change)
        assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-7)


@pytest.mark.needs("jax")
def test_gradient_of_log_negativity_is_two_for_each_unit_of_squeezing():
    def value(r):
        return log_negativity(two_mode_squeezed(PAIR, r), "left", "right")

    slopes = jax.jit(jax.vmap(jax.grad(value)))(jnp.array([1e-6, 0.3, 1.0]))
    assert slopes == pytest.approx(2.0, abs=1e-9)


@pytest.mark.needs("jax")
def test_unstable_points_do_not_spoil_the_gradient_of_the_others():
    def total(r):
        cov = two_mode_squeezed(PAIR, r * jnp.arange(1.0, 4.0)).cov
        state = GaussianState(PAIR, cov=cov, stable=jnp.array([True, False, True]))
        return jnp.nansum(log_negativity(state, "left", "right"))

    assert jax.jit(jax.grad(total))(0.2) == pytest.approx(8.0)


# Wrong arguments


@pytest.mark.parametrize("measure", [log_negativity, margin, mutual_information, steering])
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("left.c", "right", r"`a` must name modes .* did you mean 'left.b'\?"),
        ("left", ["right.b", "middle"], r"`b` must name modes .* is 'middle'"),
        ("left", ("right", "left.b"), r"`b` must share no mode .*in both: left.b"),
        ([], "right", "`a` must name at least one mode"),
        ("left", 3, "`b` must hold names of modes"),
    ],
)
def test_wrong_groups_are_named(measure, a, b, message):
    with pytest.raises(ArgumentError, match=message):
        measure(vacuum(PAIR), a, b)


THREE = vacuum(["a.0", "a.1", "b.0"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: purity(np.eye(2)), "`state` must be a GaussianState"),
        (lambda: log_negativity(None, "a", "b"), "`state` must be a GaussianState"),
        (lambda: occupation(THREE, "c"), "`mode` must name modes"),
        (lambda: occupation(THREE, "a"), r"`mode` must name one mode.*a.0, a.1"),
        (lambda: fidelity(THREE, vacuum("a.0")), "`second` must have the modes of `first`"),
        (lambda: fidelity(THREE, 1.0), "`second` must be a GaussianState"),
        (lambda: epr_variance(THREE, "a", "b"), "`a` must name one mode"),
        (lambda: epr_variance(THREE, "a.0", "a.0"), "`b` must share no mode"),
        (lambda: epr_variance(THREE, "a.0", "b", gain=0.0), "`gain` must be a number above zero"),
        (lambda: wigner(THREE, "a.0", "b.0.x", [0], [0]), "`first` must be a quadrature"),
        (lambda: wigner(THREE, "a.0.x", "a.0.x", [0], [0]), "`second` must differ"),
        (lambda: wigner(THREE, "a.0.x", "a.0.p", 0.0, [0]), "`x` must be a list of numbers"),
        (lambda: wigner(THREE, "a.0.x", "a.0.p", [0], [np.nan]), "`y` must be a real number"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


def test_every_measure_has_a_unit():
    public = {
        name
        for module in (measures, phase_space)
        for name, item in vars(module).items()
        if callable(item) and getattr(item, "__module__", "") == module.__name__
        if not name.startswith("_")
    }
    assert public == set(MEASURES)
    of_qubits = {"concurrence", "entanglement_of_formation", "negativity", "genuine_witness"}
    elsewhere = {"discord", "key_rate", "key_rate_heterodyne", "reverse_coherent_information"}
    elsewhere |= {"residual_contangle", "teleportation_fidelity"}
    assert set(UNITS) == public | of_qubits | elsewhere


def test_rounding_is_no_entanglement():
    """A source that is off, seen through a lossy fibre: ν̃ is ½ up to rounding."""
    parts = {"pairs": qc.pair_source(0.0), "link": qc.fibre(0.8), "c": qc.cavity(decay=1.0)}
    net = qc.Network(parts, [("pairs.out_a", "link.in"), ("link.out", "c.in")])
    state = qc.steady_state(qc.gaussian(net))
    assert qc.log_negativity(state, "pairs.b", "c") == 0
    tiny = qc.two_mode_squeezed(["a", "b"], 1e-14)
    assert qc.log_negativity(tiny, "a", "b") == pytest.approx(2e-14, rel=0.1)
