"""What rounding of a covariance decides, and what it must not: against mpmath and closed forms."""

import warnings
from itertools import pairwise, product

import mpmath
import numpy as np
import pytest
from optional import jax, jnp
from scipy.linalg import block_diag, expm
from scipy.stats import unitary_group
from test_uncertainty import exact_levels, random_covariance

import qcascade as qc
from qcascade.base.conventions import LOST, symplectic_form
from qcascade.linear.state import GaussianState, thermal, two_mode_squeezed, vacuum
from qcascade.linear.uncertainty import resolution
from qcascade.measures import symplectic
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

NAMES = ("a.0", "b.0", "a.1", "b.1")

BETWEEN = {
    "log_negativity": lambda s: log_negativity(s, "a", "b"),
    "margin": lambda s: margin(s, "a", "b"),
    "mutual_information": lambda s: mutual_information(s, "a", "b"),
    "steering": lambda s: steering(s, "a", "b"),
}
ALONE = {
    "purity": purity,
    "entropy": von_neumann_entropy,
    "symplectic_eigenvalues": symplectic_eigenvalues,
}


def as_jax(state):
    return GaussianState(state.modes, jnp.asarray(state.mean), jnp.asarray(state.cov))


KINDS = (lambda state: state, as_jax) if jax else (lambda state: state,)


def between_first_two(state):
    """Every measure between the first two modes."""
    return [f(state, *NAMES[:2]) for f in (log_negativity, margin, mutual_information, steering)]


def compiled(f):
    """A function of states by what makes them: of those of JAX as one program."""
    return {convert: jax.jit(f) if convert is as_jax else f for convert in KINDS}


FIDELITY, FIRST_TWO = compiled(fidelity), compiled(between_first_two)
ALL_OF_TWO = compiled(lambda state: (*between_first_two(state), purity(state)))


def passive(rng, modes):
    """Beam splitters and phase shifts: a random unitary on quadratures."""
    U = unitary_group.rvs(modes, random_state=rng) if modes > 1 else np.exp(2j * rng.random((1, 1)))
    return np.kron(U.real, np.eye(2)) + np.kron(U.imag, [[0.0, -1.0], [1.0, 0.0]])


def random_state(rng, modes=None):
    """Hot, cold and pure modes, squeezed up to r = 5, mixed by beam splitters or left alone."""
    modes = rng.integers(2, 5) if modes is None else modes
    quanta = 10 ** rng.uniform(-6, 9, modes) * rng.integers(0, 2, modes)
    r = rng.uniform(0, rng.choice([0.5, 2.0, 5.0]) / 2, modes)
    levels = np.repeat(quanta + 0.5, 2)
    squeeze = np.exp(np.stack([r, -r], axis=-1).ravel())
    first, second = (passive(rng, modes) if rng.random() < 0.7 else np.eye(2 * modes) for _ in "ab")
    S = second @ (squeeze[:, None] * first)
    if rng.random() < 0.3:  # every mode mixed by itself only, with what is of its own heat
        S = block_diag(*(passive(rng, 1) for _ in range(modes))) * squeeze
    V = (S * levels) @ S.T
    names = NAMES[:modes]
    return GaussianState(names, cov=(V + V.T) / 2)


def exact(state, digits=50):
    """E_N, margin, mutual information and purity of this very covariance, by mpmath."""
    V, modes = state.cov, len(state.modes)
    signs = np.array([1.0 if name[0] == "a" else -1.0 for name in state.modes])
    turned = V * np.outer(*[np.stack([np.ones(modes), signs], -1).ravel()] * 2)
    with mpmath.workdps(digits):
        terms = [-mpmath.log(2 * x) for x in exact_levels(turned)]
        return {
            "log_negativity": float(sum(max(0, t) for t in terms)),
            "margin": float(max(terms)),
            "purity": float(np.prod([1 / (2 * x) for x in exact_levels(V)])),
        }


def judged(state):
    """Every measure of one state; no warning, since nothing of it is lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return {name: float(f(state)) for name, f in BETWEEN.items()} | {
            "purity": float(purity(state)),
            "entropy": float(von_neumann_entropy(state)),
        }


def assert_possible(found):
    assert not any(np.isnan(x) for x in found.values()), found
    assert found["log_negativity"] == pytest.approx(max(found["log_negativity"], 0))
    assert (found["log_negativity"] > 0) == (found["margin"] > 0)
    for name in ("mutual_information", "steering", "entropy"):
        assert found[name] >= 0, name
    assert 0 < found["purity"] <= 1


# One thousand states of every kind


def well_conditioned(state):
    return resolution(state.cov) < LOST


@pytest.mark.parametrize("seed", range(10))
def test_measures_of_stable_states_are_numbers_of_the_right_sign(seed):
    rng = np.random.default_rng(seed)
    drawn = 0
    for _ in range(100):
        state = random_state(rng)
        if not well_conditioned(state):
            continue
        drawn += 1
        assert state.is_physical()
        assert_possible(judged(state))
    assert drawn > 60


@pytest.mark.parametrize("seed", range(6))
def test_measures_are_those_of_mpmath_to_what_rounding_leaves(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(5):
        state = random_state(rng)
        error = resolution(state.cov)
        if not well_conditioned(state):
            continue
        found, expected = judged(state), exact(state)
        for name, value in expected.items():
            assert found[name] == pytest.approx(value, rel=1e-12 + 20 * error, abs=40 * error), name


@pytest.mark.parametrize("seed", range(4))
def test_order_of_modes_and_local_optics_change_nothing(seed):
    rng = np.random.default_rng(200 + seed)
    for _ in range(20):
        state = random_state(rng)
        error = resolution(state.cov)
        if error > 1e-8:
            continue
        found = judged(state)
        order = rng.permutation(len(state.modes))
        shuffled = state.reduce(*(state.modes[k] for k in order))
        turns = block_diag(*(passive(rng, 1) for _ in state.modes))
        V = turns @ state.cov @ turns.T
        turned = GaussianState(state.modes, cov=(V + V.T) / 2)
        for other in (shuffled, turned):
            for name, value in judged(other).items():
                # ln((ν + ½)/(ν − ½)) magnifies an error of ν in entropies.
                near = 1e-10 + 3e3 * error
                assert value == pytest.approx(found[name], rel=near, abs=near), name


@pytest.mark.parametrize("seed", range(3))
def test_beam_splitters_within_a_group_change_no_correlation(seed):
    rng = np.random.default_rng(300 + seed)
    for _ in range(10):
        state = random_state(rng, 4).reduce("a", "b")
        error = resolution(state.cov)
        if error > 1e-8:
            continue
        local = block_diag(passive(rng, 2), passive(rng, 2))
        V = local @ state.cov @ local.T
        mixed = GaussianState(state.modes, cov=(V + V.T) / 2)
        after = resolution(mixed.cov)
        if after > 1e-8:
            continue
        found, near = judged(state), 1e-9 + 1e4 * (error + after)
        for name, value in judged(mixed).items():
            assert value == pytest.approx(found[name], rel=near, abs=near), name


@pytest.mark.needs("jax")
@pytest.mark.parametrize("modes", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_jax_gives_what_numpy_gives(modes):
    rng = np.random.default_rng(400)
    states = [random_state(rng, modes) for _ in range(40)]
    states = [s for s in states if resolution(s.cov) < 1e-7]
    near = np.array([1e-10 + 3e3 * resolution(s.cov) for s in states])
    batch = GaussianState(NAMES[:modes], cov=np.stack([s.cov for s in states]))

    def everything(state):
        return [f(state) for f in (*BETWEEN.values(), *ALONE.values())]

    for ours, theirs in zip(everything(batch), jax.jit(everything)(as_jax(batch)), strict=True):
        allowed = near.reshape(-1, *[1] * (ours.ndim - 1)) * (1 + np.abs(ours))
        assert (np.abs(ours - np.asarray(theirs)) <= allowed).all()


# Heat beside cold


@pytest.mark.parametrize("hot", [1e6, 6.25e6, 1e9, 1e15])
@pytest.mark.parametrize("cold", [0.05, 4.5])
def test_fidelity_of_a_cold_mode_beside_a_hot_one(hot, cold):
    for convert in KINDS:
        state = convert(thermal(NAMES[:2], [hot, cold]))
        assert FIDELITY[convert](state, state) == pytest.approx(1, abs=1e-12)
    n, m = cold, cold + 2
    expected = 1 / (np.sqrt((n + 1) * (m + 1)) - np.sqrt(n * m)) ** 2
    pair = thermal(["m", "c"], [hot, n]), thermal(["m", "c"], [hot, m])
    assert fidelity(*pair) == pytest.approx(expected, rel=1e-12)
    assert fidelity(*pair[::-1]) == fidelity(*pair)


def exact_fidelity(first, second, digits=60):
    """Banchi, Braunstein, Pirandola by eigenvalues of W = (1 + A₁A₂)(A₁ + A₂)⁻¹, in mpmath."""
    with mpmath.workdps(digits):
        V, U = (mpmath.matrix(s.cov.tolist()) for s in (first, second))
        form = mpmath.matrix(symplectic_form(len(first.modes)).tolist())
        A, B = (mpmath.mpc(0, 2) * X * form for X in (V, U))
        W = (mpmath.eye(len(V)) + A * B) * (A + B) ** -1
        levels = mpmath.eig(W, left=False, right=False)
        w = [max(mpmath.re(x), mpmath.mpf(1)) for x in levels if mpmath.re(x) > 0]
        product = mpmath.mpf(1)
        for x in w:
            product *= x + mpmath.sqrt(x * x - 1)
        return float(product / mpmath.sqrt(mpmath.det(V + U)))


@pytest.mark.parametrize("modes", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_fidelity_is_that_of_mpmath_for_hot_and_cold_modes_mixed(modes):
    rng = np.random.default_rng(modes)
    names = NAMES[:modes]
    for _ in range(3):
        heat = 10 ** rng.uniform(-1, 7, modes)
        weak = expm(symplectic_form(modes) @ np.diag(rng.normal(size=2 * modes)) * 0.3)
        first, second = (
            GaussianState(names, cov=(S := weak @ passive(rng, modes) * 1.0) @ D @ S.T)
            for D in (
                np.diag(np.repeat(heat + 0.5, 2)),
                np.diag(np.repeat(heat * rng.uniform(0.5, 2, modes) + 0.5, 2)),
            )
        )
        expected = exact_fidelity(first, second)
        near = 1e-9 + 1e2 * sum(resolution(s.cov) for s in (first, second))
        assert fidelity(second, first) == fidelity(first, second)
        for convert in KINDS:
            told = FIDELITY[convert](convert(first), convert(second))
            assert told == pytest.approx(expected, rel=near)


def test_fidelity_is_the_same_in_both_orders():
    rng = np.random.default_rng(7)
    for _ in range(20):
        pair = [two_mode_squeezed(["a", "b"], rng.normal() * 2) for _ in range(2)]
        assert fidelity(*pair) == fidelity(*pair[::-1])
        r, s = (np.arcsinh(2 * p.cov[0, 2]) / 2 for p in pair)
        expected = 1 / np.cosh(r - s) ** 2
        assert fidelity(*pair) == pytest.approx(expected, rel=1e-8)


def test_one_point_that_is_squeezed_too_far_leaves_the_others_of_its_batch():
    r = np.array([0.0, 1.0, 10.0, 3.0])
    states = two_mode_squeezed(["a", "b"], r)
    value = fidelity(states, vacuum(["a", "b"]))
    assert np.isnan(value).tolist() == [False, False, True, False]
    assert value[[0, 1, 3]] == pytest.approx(1 / np.cosh(r[[0, 1, 3]]) ** 2, rel=1e-9)


@pytest.mark.parametrize("n", [6e8, 1e10, 1e30])
def test_what_a_hot_mode_stands_beside_is_still_unphysical(n):
    for V in (np.diag([n, n, 0.05, 0.05]), np.diag([0.05, 0.05, n, n])):
        state = GaussianState(("a", "b"), cov=V)
        assert not state.is_physical()
        assert np.isnan(von_neumann_entropy(state))
        assert np.isnan(mutual_information(state, "a", "b"))
        assert np.isnan(purity(state))
        assert np.isnan(fidelity(state, state))


def test_what_counts_as_pure_in_one_block_alone_is_no_information():
    """10⁻¹² quanta are seen in a quiet mode, not beside a squeezed one, whose rounding is more."""
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    for r, n in product((1.0, 2.0, 3.0), 10.0 ** np.arange(-15, -5)):
        squeezed = turn @ np.diag([np.exp(2 * r), np.exp(-2 * r)]) @ turn.T / 2
        for quiet, loud in ((n, 0.0), (0.0, n), (n, n)):
            V = block_diag((quiet + 0.5) * np.eye(2), (2 * loud + 1) * squeezed)
            state = GaussianState(NAMES[:2], cov=(V + V.T) / 2)
            assert mutual_information(state, "a", "b") == 0
            assert qc.measures.discord(state, *NAMES[:2]) == 0


@pytest.mark.parametrize("modes", [2, 3, 4])
def test_product_states_have_no_entanglement_at_any_heat(modes):
    rng = np.random.default_rng(modes)
    for _ in range(100):
        n = 10 ** rng.uniform(-3, 9, modes) * rng.integers(0, 2, modes)
        r = rng.uniform(0, 2.5, modes)
        squeeze = np.exp(np.stack([r, -r], axis=-1).ravel())
        S = block_diag(*(passive(rng, 1) for _ in range(modes))) * squeeze
        V = (S * np.repeat(n + 0.5, 2)) @ S.T
        state = GaussianState(NAMES[:modes], cov=(V + V.T) / 2)
        assert log_negativity(state, "a", "b") == 0
        assert margin(state, "a", "b") <= 0
        assert steering(state, "a", "b") == 0
        assert mutual_information(state, "a", "b") == 0
    pure = vacuum([f"{part}.{k}" for part in "ab" for k in range(modes)])
    assert log_negativity(pure, "a", "b") == margin(pure, "a", "b") == 0
    assert von_neumann_entropy(pure) == 0
    assert purity(pure) == 1


def chain(n, squeezing):
    names = [f"n{k}" for k in range(n)]
    parts = {name: qc.squeezed_mode(squeezing, decay=1.0) for name in names}
    wires = [(f"{a}.out", f"{b}.in") for a, b in pairwise(names)]
    return qc.steady_state(qc.gaussian(qc.Network(parts, wires)))


@pytest.mark.parametrize(("n", "f"), [(6, 0.495), (8, 0.495), (12, 0.45), (16, 0.45)])
def test_long_amplifiers_keep_their_lowest_symplectic_eigenvalue(n, f):
    state = chain(n, f)
    assert np.abs(state.cov).max() > 1e24
    found = symplectic.spectrum(state.cov, range(n), np.ones(n))
    expected = exact_levels(state.cov, 150)
    kept = found.error < 1e-8
    assert kept[:2].all()
    assert found.levels[kept] == pytest.approx(expected[kept], rel=1e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert symplectic_eigenvalues(state)[0] == pytest.approx(expected[0], rel=1e-9)


# Squeezing beyond what float64 holds


@pytest.mark.parametrize("r", np.linspace(0.0, 14.0, 29))
def test_two_mode_squeezing_is_right_or_not_told(r):
    for convert in KINDS:
        batch = convert(two_mode_squeezed(NAMES[:2], np.array([r, 0.3])))
        negativity, least, mutual, steered, pure = map(np.asarray, ALL_OF_TWO[convert](batch))
        for value, exact_value in (
            (negativity, 2 * r),
            (least, 2 * r),
            (steered, np.log(np.cosh(2 * r))),
        ):
            assert np.isnan(value[0]) == (r > 6.5)
            if r <= 6.5:
                assert value[0] == pytest.approx(exact_value, abs=1e-5)
            assert value[1] > 0
        assert pure[1] == pytest.approx(1)
        assert np.isnan(pure[0]) if r > 6.5 else pure[0] == pytest.approx(1, abs=1e-4)
        assert np.isnan(mutual[0]) == (r > 6.5)


@pytest.mark.parametrize("convert", KINDS)
def test_what_a_pair_shares_is_right_or_not_told(convert):
    """e^{−2r} in closed form, of hot pairs in any local phase, however far they are squeezed."""
    rng = np.random.default_rng(3)
    r, quanta = np.linspace(0.0, 20.0, 200), rng.choice([0.0, 1.0, 1e3], 200)
    spread = np.exp(-2 * r) * (2 * quanta + 1)
    turn = np.exp(1j * rng.uniform(0, 7, 200))
    local = np.broadcast_to(np.eye(4), (200, 4, 4)).copy()
    local[:, :2, :2] = np.moveaxis([[turn.real, -turn.imag], [turn.imag, turn.real]], -1, 0)
    V = two_mode_squeezed(["a", "b"], r).cov * (2 * quanta + 1)[:, None, None]
    pairs = convert(GaussianState(("a", "b"), cov=local @ V @ local.mT))
    epr = np.asarray(epr_variance(pairs, "a", "b"))
    teleported = np.asarray(qc.measures.teleportation_fidelity(pairs, "a", "b"))
    for value, exact_value, far in ((epr, spread, 6.5), (teleported, 1 / (1 + spread), 9)):
        told = ~np.isnan(value)
        assert told[r < far].all()
        assert not told[r > 14].any()
        np.testing.assert_allclose(value[told], exact_value[told], rtol=1e-4)


def test_gains_that_no_square_can_hold_weigh_one_mode_alone():
    state = two_mode_squeezed(["a", "b"], 0.5)
    gain = np.array([1e-300, 1.0, 1e200, np.finfo(float).max])
    alone = np.cosh(1.0)
    expected = [alone, np.exp(-1), alone, alone]
    np.testing.assert_allclose(epr_variance(state, "a", "b", gain=gain), expected, rtol=1e-14)


def test_a_phase_that_rounding_makes_turns_nothing():
    V = np.diag([0.1, 2.5, 3.0, 0.4])
    few = 1e-17 * np.kron([[0, 1], [1, 0]], [[1, 2], [2, -3]])
    known, rounded = (
        qc.measures.teleportation_fidelity(GaussianState(("a", "b"), cov=cov), "a", "b")
        for cov in (V, V + few)
    )
    assert rounded == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize("measure", [*BETWEEN, *ALONE])
def test_a_single_state_says_what_is_missing(measure):
    state = two_mode_squeezed(["a", "b"], 8.0)
    with pytest.warns(RuntimeWarning, match="squeezed so far that its covariance"):
        value = (BETWEEN | ALONE)[measure](state)
    assert np.isnan(value).all()


@pytest.mark.parametrize("r", [4.0, 6.0, 7.0, 8.0, 9.0, 12.0])
def test_squeezed_light_into_two_cavities_is_right_or_refused(r):
    parts = {"light": qc.squeezed_light(np.array([r, 0.5]))}
    parts |= {name: qc.cavity(decay=1.0) for name in "ab"}
    ends = [x for x in qc.slh.open_ports(qc.Network(parts))[1] if x.startswith("light")]
    net = qc.Network(parts, [(end, f"{name}.in") for end, name in zip(ends, "ab", strict=True)])
    state = qc.steady_state(qc.gaussian(net))
    value = log_negativity(state, "a", "b")
    assert value[1] == pytest.approx(1.0)
    if r <= 6:
        assert np.isfinite([value[0], purity(state)[0]]).all()
    assert np.isnan(value[0]) or value[0] == pytest.approx(2 * r, abs=1e-5)
    assert np.isnan(purity(state)[0]) or purity(state)[0] == pytest.approx(1, abs=1e-4)


# Derivatives where levels agree


def entanglement(V, modes):
    names = [f"{part}.{k}" for k in range(modes) for part in "ab"]
    return log_negativity(GaussianState(names, cov=V), "a", "b")


@pytest.mark.needs("jax")
@pytest.mark.parametrize("n", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("x", [0.2, pytest.param(0.7, marks=pytest.mark.slow)])
def test_hessian_of_identical_pair_sources(n, x):
    """E_N = n ln(1 + 2x) has the second derivative −4n/(1 + 2x)²."""

    def value(x):
        pair = two_mode_squeezed(["a", "b"], jnp.log1p(2 * x) / 2).cov
        return entanglement(jnp.kron(jnp.eye(n), pair), n)

    first, second = jax.jit(lambda x: (jax.grad(value)(x), jax.hessian(value)(x)))(x)
    assert first == pytest.approx(2 * n / (1 + 2 * x), rel=1e-12)
    assert second == pytest.approx(-4 * n / (1 + 2 * x) ** 2, rel=1e-9)


@pytest.mark.needs("jax")
def test_hessian_at_degeneracy_sees_what_mixes_the_levels():
    """Two equal sources that a beam splitter mixes on one side, unequal to second order."""
    pair = two_mode_squeezed(["a", "b"], 0.4).cov
    V = jnp.asarray(np.kron(np.eye(2), pair))
    rng = np.random.default_rng(0)
    change = rng.normal(size=(2, 8, 8)) / 50
    change = jnp.asarray(change + change.swapaxes(-1, -2))

    def value(x):
        return entanglement(V + x[0] * change[0] + x[1] * change[1] + jnp.eye(8) * 0.01, 2)

    point, h = jnp.zeros(2), 1e-3
    second = np.asarray(jax.jit(jax.hessian(value))(point))
    slope = jax.jit(jax.grad(value))
    for k in range(2):
        step = h * np.eye(2)[k]
        assert second[k] == pytest.approx(
            np.asarray(slope(step) - slope(-step)) / (2 * h), rel=1e-4
        )
    assert second == pytest.approx(second.T, rel=1e-9)


@pytest.mark.needs("jax")
def test_hessian_of_entropy_at_equal_temperatures():
    def value(n):
        return von_neumann_entropy(thermal(["a", "b", "c"], n))

    second = jax.jit(jax.hessian(value))(jnp.full(3, 0.7))
    expected = np.diag(np.full(3, -1 / (0.7 * 1.7)))
    assert np.asarray(second) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.needs("jax")
def test_symplectic_form_of_williamson_in_both_routes():
    from qcascade.measures import symplectic_jax

    rng = np.random.default_rng(5)
    for modes in (1, 2, 3, 5):
        V = random_covariance(rng, modes, 0.5 * 10 ** rng.uniform(0, 6, modes))
        levels, X = symplectic.williamson(V)
        scale = np.sqrt(np.outer(np.diag(V), np.diag(V)))
        assert np.allclose(X @ X.T / scale, V / scale, atol=1e-13)
        form = X.T @ symplectic_form(modes) @ X
        wanted = symplectic_form(modes) * np.repeat(levels, 2)
        root = np.sqrt(np.outer(np.repeat(levels, 2), np.repeat(levels, 2)))
        assert np.allclose(form / root, wanted / root, atol=1e-8)
        signs = rng.choice([-1.0, 1.0], modes)
        ours = symplectic.spectrum(V, range(modes), signs)
        theirs = symplectic_jax.spectrum(jnp.asarray(V), range(modes), signs)
        assert np.asarray(theirs.levels) == pytest.approx(ours.levels, rel=1e-6)
        assert np.asarray(theirs.error) == pytest.approx(ours.error, rel=1e-3)


@pytest.mark.parametrize("convert", [*KINDS, lambda s: many(s)])
@pytest.mark.parametrize("loud", [1e6, 1e12, 1e15])
def test_a_loud_mode_beside_a_pair_changes_nothing_in_the_pair(loud, convert):
    pair = two_mode_squeezed(NAMES[:2], 0.5)
    kick = np.array([0.1, 0.2, -0.1, 0.3, 0.7 * loud**0.5, 0.4 * loud**0.5])
    for place in ([0, 1, 2, 3, 4, 5], [4, 5, 0, 1, 2, 3]):
        cov = block_diag(pair.cov, loud * np.eye(2)) + np.outer(kick, kick)
        names = NAMES[:3] if place[0] == 0 else (NAMES[2], *NAMES[:2])
        state = convert(GaussianState(names, cov=cov[np.ix_(place, place)]))
        alone = state.reduce(*NAMES[:2])
        between = FIRST_TWO.get(convert, between_first_two)
        for value, expected in zip(between(state), between(alone), strict=True):
            assert np.asarray(value) == pytest.approx(np.asarray(expected), abs=1e-12)
            assert np.all(np.asarray(value) > 0.01)


def many(state):
    """Enough points for the compiled kernels."""
    return GaussianState(state.modes, cov=np.tile(state.cov, (100, 1, 1)))


# Nothing at all


@pytest.mark.parametrize("modes", [2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("convert", KINDS)
def test_no_points_give_no_numbers(modes, convert):
    state = convert(thermal(NAMES[:modes], np.zeros((0, modes))))
    for f in (*BETWEEN.values(), purity, von_neumann_entropy):
        assert f(state).shape == (0,)
    assert symplectic_eigenvalues(state).shape == occupation(state).shape == (0, modes)
    assert fidelity(state, state).shape == epr_variance(state, "a.0", "b.0").shape == (0,)
    assert state.is_physical().shape == (0,)


@pytest.mark.needs("jax")
def test_heat_without_frequency_limits():
    assert qc.physics.bose_einstein("200 THz", "4 K") == 0
    slopes = jax.vmap(jax.grad(lambda T: qc.physics.bose_einstein(2e14, T)))
    assert np.asarray(slopes(jnp.array([0.0, 1e-300, 1e-3, 4.0]))) == pytest.approx(0, abs=1e-160)
    assert np.isfinite(jax.hessian(lambda T: qc.physics.bose_einstein(2e14, T))(4.0))
    T, h = 1.0, 1e-5
    slope = (qc.physics.bose_einstein(1e11, T + h) - qc.physics.bose_einstein(1e11, T - h)) / (
        2 * h
    )
    assert jax.grad(lambda T: qc.physics.bose_einstein(1e11, T))(T) == pytest.approx(
        slope, rel=1e-8
    )
    assert qc.physics.bose_einstein(1e9, [0.0, 1e-320, 1e-5]).tolist() == [0, 0, 0]


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_fidelity_of_equal_states_has_the_curvature_of_their_neighbours():
    """F = 1/cosh(r − r₀) of pure states: −1 where F is 1 to the last bit, not a half or none."""

    def overlap(r, n):
        def squeezed(r):
            return (n + 0.5) * jnp.diag(jnp.stack([jnp.exp(2 * r), jnp.exp(-2 * r)]))

        ours, theirs = (GaussianState(("m",), cov=squeezed(x)) for x in (r, jnp.asarray(0.5)))
        return fidelity(ours, theirs)

    curvature = jax.jit(jax.grad(jax.grad(overlap)))
    for n in (0.0, 0.7):
        w = (2 * n + 1) ** 2  # mixed states: −2 w/(1 + w), by the Bures metric
        for r in (0.5, 0.5 + 1e-9, 0.5 + 1e-6):
            assert float(curvature(r, n)) == pytest.approx(-2 * w / (1 + w), rel=1e-6)
