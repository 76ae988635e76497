"""Long cascades and other large networks: exact integers, SciPy, thresholds, low rank."""

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import solve_continuous_lyapunov

import qcascade as qc
from qcascade.lyapunov.cascade import solve_cascade
from qcascade.lyapunov.fields import fields
from qcascade.lyapunov.large import residual, solve_large
from qcascade.lyapunov.low_rank import solve_low_rank
from qcascade.lyapunov.solve import growth, solve
from qcascade.numerics.complex_form import complex_form
from qcascade.numerics.graphs import acts, strong_parts
from qcascade.numerics.products import adjoint_product, weighted_gram
from qcascade.papers.pelka2026.model import network

seeds = st.integers(0, 2**32 - 1)
TURN = np.array([[0.0, 1.0], [-1.0, 0.0]])


def stable_part(rng, size, decay=0.3):
    A = rng.standard_normal((size, size))
    return A - (np.linalg.eigvals(A).real.max() + decay) * np.eye(size)


def rebuilt(found, start):
    """What the fields carry, as the matrix below the diagonal blocks."""
    n = len(found.receive)
    matrix, state = np.zeros((n, n)), np.zeros((found.receive.shape[1], n))
    for part, (first, last) in enumerate(pairwise(start)):
        matrix[first:last, :first] = found.receive[first:last] @ state[:, :first]
        state[:, :first] = found.carry[part] @ state[:, :first]
        state[:, first:last] = found.send[first:last].T
    return matrix


def random_cascade(rng, sizes, rank, reach):
    """Parts that hear `rank` fields, each carried past `reach` parts at most; D > 0; and starts."""
    start = np.concatenate([[0], np.cumsum(sizes)])
    A = np.zeros((start[-1], start[-1]))
    for i, size in enumerate(sizes):
        rows = slice(start[i], start[i + 1])
        A[rows, rows] = stable_part(rng, size)
    for _ in range(rank):
        to, of, loss = *rng.standard_normal((2, len(A))), rng.uniform(0.5, 1.0)
        for i in range(len(sizes)):
            for j in range(max(0, i - reach), i):
                rows, columns = slice(start[i], start[i + 1]), slice(start[j], start[j + 1])
                # Weak, lest the cascade amplify: the dense solver cannot follow 20 decades.
                strength = 0.5 * loss ** (i - j) / min(reach, len(sizes)) ** 0.5 / len(to) ** 0.25
                A[rows, columns] += strength * np.outer(to[rows], of[columns])
    B = rng.standard_normal(A.shape)
    return A, B @ B.T / len(A) + np.eye(len(A)), start


def hopping_chain(modes, loss=1.0, squeezing=0.1, occupation=0.0):
    """Cavities that hop both ways, the first of them squeezed: one strongly connected part."""
    own = -loss / 2 * np.eye(2) + 0.3 * TURN
    A = np.kron(np.eye(modes), own)
    A += 0.5 * np.kron(np.eye(modes, k=1) + np.eye(modes, k=-1), TURN)
    A[0, 0] -= squeezing
    A[1, 1] += squeezing
    return A, loss * (occupation + 0.5) * np.eye(2 * modes)


def rest(A, V, D):
    norm = np.linalg.norm
    return norm(A @ V + V @ A.T + D) / (2 * norm(A) * norm(V) + norm(D))


def substituted(A, D, size):
    """V with 40 digits: the linear equations of one pair of parts after the other."""
    with mpmath.workdps(40):
        a, v = mpmath.matrix(A.tolist()), mpmath.matrix(D.tolist())
        parts = [slice(k, k + size) for k in range(0, len(A), size)]
        for i, I in enumerate(parts):
            for j, J in enumerate(parts[: i + 1]):
                R = v[I, J]
                for k in range(i):
                    R += a[I, parts[k]] * v[parts[k], J]
                for k in range(j):
                    R += v[I, parts[k]] * a[J, parts[k]].T
                whole = mpmath.matrix(size * size, size * size)
                for p in range(size):
                    for q in range(size):
                        for r in range(size):
                            whole[p * size + q, r * size + q] += a[I, I][p, r]
                            whole[p * size + q, p * size + r] += a[J, J][q, r]
                x = mpmath.lu_solve(whole, mpmath.matrix([-y for y in R]))
                X = mpmath.matrix(size, size)
                for p in range(size * size):
                    X[p // size, p % size] = x[p]
                v[I, J], v[J, I] = X, X.T
        return np.array(v.tolist(), float)


# Fields and forward substitution


@pytest.mark.parametrize("squeezed", [0.0, 0.01])
def test_growth_of_a_large_part_is_that_of_its_eigenvalues(squeezed):
    """With squeezing a and a† mix; without, amplitudes are enough."""
    rng = np.random.default_rng(2)
    B = np.kron(rng.standard_normal((70, 70)), np.eye(2)) / 8
    A = B + np.kron(rng.standard_normal((70, 70)), TURN) / 8 - 3 * np.eye(140)
    A[0, 0] += squeezed
    order = rng.permutation(140)
    expected = np.linalg.eigvals(A).real.max()
    assert_allclose(growth(A), expected, rtol=1e-12)
    assert_allclose(growth(A[np.ix_(order, order)]), expected, rtol=1e-12)
    assert (complex_form(A) is None) == bool(squeezed)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.integers(0, 4), seeds)
def test_random_cascades_agree_with_the_dense_solver(sizes, rank, seed):
    rng = np.random.default_rng(seed)
    A, D, start = random_cascade(rng, sizes, rank, reach=int(rng.integers(1, 12)))
    V, rate = solve_cascade(A, D, start, fields(A, start))
    expected = solve_continuous_lyapunov(A, -D)
    assert_allclose(V, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    assert_array_equal(V, V.T)
    assert rest(A, V, D) < 1e-14
    blocks = [A[a:b, a:b] for a, b in pairwise(start)]
    assert_allclose(rate, max(np.linalg.eigvals(b).real.max() for b in blocks), rtol=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 3), st.sampled_from([(2,), (2, 4), (1, 2), (3, 2)]), seeds)
def test_cascades_of_few_kinds_of_parts_agree_with_the_dense_solver(rank, kinds, seed):
    """Equal parts take their solutions from a table, single modes in a loop of their own."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice(kinds, 50, p=(1,) if len(kinds) == 1 else (0.1, 0.9)).tolist()
    A, D, start = random_cascade(rng, sizes, rank, reach=int(rng.integers(1, 12)))
    blocks = {size: stable_part(rng, size) for size in kinds}
    for size, (a, b) in zip(sizes, pairwise(start), strict=True):
        A[a:b, a:b] = blocks[size]
    V, _ = solve_cascade(A, D, start, fields(A, start))
    expected = solve_continuous_lyapunov(A, -D)
    assert_allclose(V, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    assert rest(A, V, D) < 1e-14


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 3), seeds)
def test_shuffled_cascades_agree_with_the_dense_solver(rank, seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, 60)
    A, D, _ = random_cascade(rng, sizes, rank, reach=60)
    order = rng.permutation(len(A))
    A, D = A[np.ix_(order, order)], D[np.ix_(order, order)]
    assert len(A) > 128
    V, stable = solve(A, D)
    expected = solve_continuous_lyapunov(A, -D)
    assert stable
    assert_allclose(V, expected, rtol=0, atol=1e-10 * np.abs(expected).max())


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=9), st.integers(0, 3), seeds)
def test_fields_carry_everything_and_are_no_more_than_the_rank(sizes, rank, seed):
    rng = np.random.default_rng(seed)
    A, _, start = random_cascade(rng, sizes, rank, reach=9)
    found = fields(A, start)
    below = A.copy()
    for a, b in pairwise(start):
        below[a:b, a:] = 0
    assert_allclose(rebuilt(found, start), below, atol=1e-13)
    for part, cut in enumerate(start[1:]):
        corner = below[cut:, :cut]
        assert found.count[part] == (np.linalg.matrix_rank(corner, tol=1e-11) if corner.size else 0)


def test_parts_hear_neighbours_through_two_fields_and_a_beam_through_two():
    own = -0.5 * np.eye(2) + 0.4 * TURN
    M = 30
    neighbours = np.kron(np.eye(M), own) - np.kron(np.eye(M, k=-1), np.eye(2))
    beam = np.kron(np.eye(M), own) - np.kron(np.tril(np.ones((M, M)), -1), np.eye(2))
    for A in (neighbours, beam):
        found = fields(A, np.arange(0, 2 * M + 1, 2))
        assert_array_equal(found.count, [2] * (M - 1) + [0])


def test_too_many_fields_are_left_to_another_solver():
    rng = np.random.default_rng(0)
    A = np.tril(rng.standard_normal((150, 150)) / 12, -1) - np.eye(150)
    assert fields(A, np.arange(151)) is None
    V, stable = solve(A, np.eye(150))
    assert stable
    assert rest(A, V, np.eye(150)) < 1e-14


@pytest.mark.parametrize("parts", [70, 140])
def test_equal_parts_in_a_row_have_their_exact_covariance(parts):
    """A = −(½ + N), D = 1: V_ij + V_{i−1,j} + V_{i,j−1} = δ_ij, in whole numbers."""
    exact = [[0] * parts for _ in range(parts)]
    for i in range(parts):
        for j in range(parts):
            before = (exact[i - 1][j] if i else 0) + (exact[i][j - 1] if j else 0)
            exact[i][j] = (i == j) - before
    A = -np.eye(parts) / 2 - np.eye(parts, k=-1)
    V, rate = solve_cascade(A, np.eye(parts), np.arange(parts + 1), fields(A, np.arange(parts + 1)))
    assert rate == -0.5
    assert_allclose(V, np.array(exact, float), rtol=1e-13)
    if len(A) > 128:
        width = np.sqrt(V.diagonal())
        error = (solve(A, np.eye(parts))[0] - V) / width / width[:, None]
        assert np.abs(error).max() < 1e-15


def test_slow_and_fast_parts_keep_their_own_precision():
    """γ_m/κ = 1e-6: pairs of an oscillator and a cavity, each cavity heard by the next pair."""
    rng, pairs, slow = np.random.default_rng(4), 6, 1e-6
    A, D = np.zeros((2, 4 * pairs, 4 * pairs))
    for k in range(0, 4 * pairs, 4):
        A[k : k + 4, k : k + 4] = np.kron(np.diag([-slow / 2, -0.5]), np.eye(2))
        A[k : k + 4, k : k + 4] += np.kron(np.diag([1.0, 1.0]), TURN)
        A[k : k + 2, k + 2 : k + 4] = A[k + 2 : k + 4, k : k + 2] = 1e-4 * TURN
        D[k : k + 4, k : k + 4] = np.diag([10 * slow, 10 * slow, 0.5, 0.5])
        if k:
            A[k + 2 : k + 4, k - 2 : k] = -rng.uniform(0.5, 1.0) * np.eye(2)
    start = np.arange(0, 4 * pairs + 1, 4)
    V, _ = solve_cascade(A, D, start, fields(A, start))
    assert rest(A, V, D) < 1e-15
    assert_allclose(V, substituted(A, D, 4), rtol=1e-12, atol=1e-12)


# Structure


def test_rounding_of_a_cancelled_coupling_is_none():
    model = qc.gaussian(network(length=80))
    blocks = np.abs(model.A.reshape(81, 2, 81, 2)).max(axis=(1, 3))
    assert np.triu(blocks[2:, 2:], 1).max() < 1e-15
    order, start = strong_parts(acts(model.A))
    assert_array_equal(order, np.arange(162))
    assert_array_equal(np.diff(start), [4] + [2] * 79)


@pytest.mark.parametrize("rate", [1e-3, 1e-9, 1e-13])
def test_weak_couplings_of_slow_modes_are_couplings(rate):
    """Two slow modes, coupled as strongly as they decay, beside fast ones that rotate faster."""
    A = np.kron(np.diag([-1.0, -rate, -rate, -1.0]), np.eye(2)) + 1e3 * np.kron(np.eye(4), TURN)
    A[2:4, 4:6] = A[4:6, 2:4] = rate * TURN
    order, start = strong_parts(acts(A))
    assert sorted(np.diff(start)) == [2, 2, 4]
    assert {2, 3, 4, 5} in [set(p.tolist()) for p in np.split(order, start[1:-1])]


def test_parts_come_after_those_that_drive_them():
    rng = np.random.default_rng(5)
    A, _, start = random_cascade(rng, [3] * 10, 1, reach=3)
    shuffle = rng.permutation(30)
    order, found = strong_parts(A[np.ix_(shuffle, shuffle)] != 0)
    assert_array_equal(found, start)
    back = A[np.ix_(shuffle, shuffle)][np.ix_(order, order)]
    assert not any(back[a:b, b:].any() for a, b in pairwise(found))


# Networks


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_long_chain_agrees_with_the_dense_solver(direction):
    model = qc.gaussian(network(length=100, direction=direction, squeezing=0.2))
    state = qc.steady_state(model)
    expected = solve_continuous_lyapunov(model.A, -model.D)
    assert_allclose(state.cov, expected, rtol=0, atol=1e-10)
    assert rest(model.A, state.cov, model.D) < 1e-15


def test_the_end_of_a_one_way_chain_is_not_felt():
    long, short = (qc.steady_state(qc.gaussian(network(length=n))) for n in (90, 70))
    names = [f"{k}.a" for k in range(70)]  # the last node of the short one has one bath less
    assert_allclose(long.reduce(*names).cov, short.reduce(*names).cov, rtol=0, atol=1e-13)


def test_a_long_wired_cascade_agrees_with_the_dense_solver():
    cavities = {f"c{k}": qc.cavity(detuning=0.3, decay=1.0 + 0.1 * np.sin(k)) for k in range(66)}
    wires = [("source.out", "c0.in"), *((f"c{k}.out", f"c{k + 1}.in") for k in range(65))]
    source = {"source": qc.squeezed_mode(0.1, 0.3, decay=1.0)}
    model = qc.gaussian(qc.Network({**source, **cavities}, wires=wires))
    assert np.diff(strong_parts(acts(model.A))[1]).max() == 2
    V = qc.steady_state(model).cov
    assert rest(model.A, V, model.D) < 1e-14
    expected = solve_continuous_lyapunov(model.A, -model.D)
    assert_allclose(V, expected, rtol=0, atol=1e-10 * np.abs(expected).max())


def test_large_and_small_networks_have_the_same_drift():
    """The sum over fields, from their nonzero elements alone, against plain products."""
    net = network(length=140, local_occupation=0.3)
    model = qc.gaussian(net)
    S, C = model.scattering, model.coupling
    J = S.conj().T @ C
    n = np.array([net.component.occupations.get(name, 0.0) for name in model.inputs])[:, None]
    K = J.conj().T @ ((n + 1) * J) + (J.conj().T @ (n * J)).conj()
    turn = np.kron(np.eye(141), TURN)
    assert_allclose(model.D, turn @ K.real @ turn.T, atol=1e-15)
    G = -turn @ model.A - K.imag
    assert_allclose(G, G.T, atol=1e-15)


def test_sparse_products_are_products():
    rng = np.random.default_rng(2)
    X, Y = rng.standard_normal((2, 300, 300)) * (rng.random((2, 300, 300)) < 0.01)
    X, Y, w = X + 1j * Y, Y - 2j * X, rng.random(300)
    assert_allclose(adjoint_product(X, Y), X.conj().T @ Y, atol=1e-14)
    assert_allclose(weighted_gram(X, w), X.conj().T @ (w[:, None] * X), atol=1e-14)


# Stability, block by block


@pytest.mark.parametrize("rate", [1e-12, 0.0, -1e-12])
def test_a_single_part_at_threshold_decides_for_the_cascade(rate):
    M = 80
    A = np.kron(np.eye(M), -0.5 * np.eye(2) + 0.4 * TURN) - np.kron(np.eye(M, k=-1), np.eye(2))
    A[120:122, 120:122] = rate * np.eye(2) + TURN
    V, stable = solve(A, np.eye(2 * M))
    assert stable == (rate < 0)
    assert np.isfinite(V).all() == stable
    assert_allclose(growth(A), rate, atol=1e-15)


def test_a_batch_of_large_systems_is_the_loop():
    rng = np.random.default_rng(3)
    pairs = [random_cascade(rng, [2] * 70, 2, reach=70)[:2] for _ in range(3)]
    A, D = (np.stack(x) for x in zip(*pairs, strict=True))
    A[1] += 0.5 * np.eye(140)
    D[2, 0, 0] = np.nan
    V, stable = solve(A, D)
    assert_array_equal(stable, [True, False, False])
    assert_array_equal(V[0], solve(A[0], D[0])[0])
    assert np.isnan(V[1:]).all()


def test_an_amplifier_beyond_floating_point_numbers_says_so():
    A = -np.eye(900) / 2 - 100 * np.eye(900, k=-1)
    with pytest.raises(qc.ConvergenceError, match="amplifies so much"):
        solve(A, np.eye(900))
    assert not solve(A[None], np.eye(900))[1].any()


def test_bad_input_is_named():
    A, D = -np.eye(140), np.eye(140)
    D[3, 4] = 0.1
    with pytest.raises(qc.ArgumentError, match=r"`D` must be symmetric, but is 'off by 0\.1'"):
        solve(A, D)
    with pytest.raises(qc.ArgumentError, match="`A` must be finite"):
        solve(np.full((140, 140), np.nan), np.eye(140))
    with pytest.raises(qc.UnstableError, match=r"real part 0\.2"):
        qc.steady_state(qc.GaussianModel([f"m{k}" for k in range(70)], A + 1.2 * np.eye(140), -A))


# Without structure


@pytest.mark.parametrize("slowest", [1e-2, 1e-8])
def test_a_dense_symmetric_drift_has_its_closed_form(slowest):
    rng, n = np.random.default_rng(1), 140
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    rates = np.linspace(1.0, 2.0, n)
    rates[0] = slowest
    A = -(Q * rates) @ Q.T
    A = (A + A.T) / 2
    V, stable = solve(A, np.eye(n))
    assert stable
    assert_allclose(V, (Q / (2 * rates)) @ Q.T, rtol=0, atol=1e-13 / slowest**2 + 1e-13)
    assert rest(A, V, np.eye(n)) < 1e-14
    assert not solve(A + 2 * slowest * np.eye(n), np.eye(n))[1]


def test_a_dense_drift_at_threshold_has_no_steady_state():
    rng = np.random.default_rng(1)
    A = rng.standard_normal((140, 140))
    A -= A.T  # rotations only
    for damping, verdict in ((0.0, False), (1e-9, True), (-1e-9, False)):
        V, stable = solve(A - damping * np.eye(140), np.eye(140))
        assert stable == verdict
        if stable:
            assert_allclose(V, np.eye(140) / (2 * damping), rtol=1e-4, atol=1e-5 / damping)


def error_bound(A, V, D):
    """Largest relative error ‖δV‖/‖V‖ in the spectral norm, to first order: ‖R‖_F/λ_min(D).

    With R = A V + V Aᵀ + D, δV = ∫ e^{As} R e^{Aᵀs} ds ≤ (‖R‖/λ_min(D)) ∫ e^{As} D e^{Aᵀs} ds.
    """
    R = A @ V
    return np.linalg.norm(R + R.T + D) / np.linalg.eigvalsh(D)[0]


@pytest.mark.parametrize("occupation", [0.0, 1.5])
def test_low_rank_agrees_with_the_dense_solver_within_its_bound(occupation):
    A, D = hopping_chain(220, occupation=occupation)
    V = solve_low_rank(A, D)
    expected = solve_continuous_lyapunov(A, -D)
    bound = error_bound(A, V, D) + error_bound(A, expected, D)
    assert bound < 1e-11
    assert np.linalg.norm(V - expected, 2) <= bound * np.linalg.norm(expected, 2)
    assert rest(A, V, D) < 1e-14
    assert_array_equal(solve(A, D)[0], V)


def test_the_error_bound_holds_for_an_error_put_in():
    rng = np.random.default_rng(0)
    A, D = stable_part(rng, 8), np.diag(rng.uniform(0.5, 2.0, 8))
    V = solve_continuous_lyapunov(A, -D)
    for size in (1e-3, 1e-6):
        error = rng.standard_normal((8, 8))
        error = size * (error + error.T)
        true = np.linalg.norm(error, 2) / np.linalg.norm(V, 2)
        assert true <= error_bound(A, V + error, D) * (1 + 1e-6)


def test_low_rank_is_left_where_it_proves_nothing():
    A, D = hopping_chain(220, squeezing=0.9)  # above threshold
    assert solve_low_rank(A, D) is None
    assert not solve(A, D)[1]
    A, D = hopping_chain(220)
    A[-2:] = A[:, -2:] = D[-2:] = D[:, -2:] = 0  # a mode that nothing damps
    assert solve_low_rank(A, D) is None
    assert not solve(A, D)[1]
    A, D = hopping_chain(220)
    assert solve_low_rank(A, D * np.linspace(1, 2, 440)) is None  # noise everywhere


def test_passive_modes_in_vacuum_stay_in_vacuum():
    A, D = hopping_chain(220, squeezing=0.0)
    assert_allclose(solve_large(A, D), np.eye(440) / 2, atol=1e-15)


def test_residuals_are_seen_by_random_vectors():
    rng = np.random.default_rng(7)
    A, D = stable_part(rng, 60), np.eye(60)
    V = solve_continuous_lyapunov(A, -D)
    noise = rng.standard_normal((60, 60))
    V += 1e-6 * (noise + noise.T)
    R, w = A @ V + V @ A.T + D, np.sqrt(V.diagonal())
    g = np.linalg.norm(A * w, axis=1)
    seen = np.linalg.norm(R / w, axis=1) / (g * 60**0.5 + w * np.linalg.norm(g / w))
    assert_allclose(residual(A, V, D), seen.max(), rtol=1.0)
