"""Steady states of block-diagonal master equations, and the no-jump equation behind them."""

from fractions import Fraction
from math import factorial

import independent.agusti2023 as typed
import numpy as np
import pytest
import qutip
from scipy.linalg import block_diag, solve_sylvester
from scipy.sparse import csr_array, kron

from qcascade.base.checks import ArgumentError, ConvergenceError, DegenerateError
from qcascade.hilbert.space import Space
from qcascade.master_equation import nojump, stationary
from qcascade.master_equation.generator import Generator
from qcascade.master_equation.layout import Layout, Mirror
from qcascade.master_equation.nojump import NoJump, absorbable
from qcascade.master_equation.splitting import Splitting
from qcascade.master_equation.stationary import dark_residual
from qcascade.numerics import double_double
from qcascade.slh.ladder import lower, total


def generator(space, H, jumps, real=False, mirror=False, conjugate=False):
    J = tuple(space.matrix(jump) for jump in jumps)
    K = -1j * space.matrix(H) - 0.5 * sum(j.conj().T @ j for j in J)
    return Generator(Layout(space, exchange(space, conjugate) if mirror else None, real), K, J)


def exchange(space, conjugate):
    other = {"A": "B", "B": "A"}
    order = [space.modes.index(other[mode[0]] + mode[1:]) for mode in space.modes]
    return Mirror(space.positions(space.quanta[:, order]), conjugate)


def rails(pairs):
    return [[f"{rail}{i}" for i in range(1, pairs + 1)] for rail in "AB"]


def cascade(operators):
    c = operators
    pairs = [(u, v) for v in range(len(c)) for u in range(v)]
    return total(0.5j * (c[u].dag * c[v] - c[v].dag * c[u]) for u, v in pairs)


def detuned(names, detunings):
    return total(d * (lower(n).dag * lower(n)) for n, d in zip(names, detunings, strict=True))


def dual_rail(pairs, r=1.0, detunings=((), ()), **form):
    """agusti2023 Eqs. (1)-(4), broadband."""
    A, B = rails(pairs)
    H = total(cascade([lower(q) for q in rail]) for rail in (A, B))
    if detunings[0]:
        H = H + detuned(A, detunings[0]) + detuned(B, detunings[1])
    left, right = (total(map(lower, rail)) for rail in (A, B))
    c, s = float(np.cosh(r)), float(np.sinh(r))
    jumps = [c * left - s * right.dag, c * right - s * left.dag]
    space = Space((*A, *B), (1,) * (2 * pairs), (*A, *B), charges=((1,) * pairs + (-1,) * pairs,))
    return generator(space, H, jumps, **form)


def amplified(pairs, photons, bandwidth, dephasing=0.0, detunings=((), ()), r=1.0, **form):
    """agusti2023 Eq. (11): a pair of amplifier modes before the two rails."""
    A, B = rails(pairs)
    a, b = lower("A0"), lower("B0")
    gain = bandwidth / 2 * np.tanh(r / 2)
    ports = [[float(np.sqrt(bandwidth)) * m, *map(lower, q)] for m, q in ((a, A), (b, B))]
    H = 1j * gain * (a.dag * b.dag - a * b) + total(map(cascade, ports))
    if detunings[0]:
        H = H + detuned(A, detunings[0]) + detuned(B, detunings[1])
    jumps = [total(port) for port in ports]
    if dephasing:
        jumps += [float(np.sqrt(2 * dephasing)) * lower(q).dag * lower(q) for q in (*A, *B)]
    modes = ("A0", "B0", *A, *B)
    space = Space(
        modes,
        (photons, photons) + (1,) * (2 * pairs),
        (*A, *B),
        ((("A0", "B0"), photons),),
        {("A0", "B0"): r / 4},
        (tuple(1 if mode[0] == "A" else -1 for mode in modes),),
    )
    return generator(space, H, jumps, **form)


def concurrence(state, i, j):
    """W. K. Wootters, Phys. Rev. Lett. 80, 2245 (1998)."""
    rho = state.reduce(f"A{i}", f"B{j}").matrix()
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    values = np.linalg.eigvals(rho @ flip @ rho.conj() @ flip)
    roots = np.sort(np.sqrt(np.maximum(values.real, 0)))
    return max(0.0, roots[3] - roots[:3].sum())


def hermitian(random, d, real):
    Y = random.normal(size=(d, d)) + (0 if real else 1j) * random.normal(size=(d, d))
    return Y + Y.conj().T


def sorted_space(sizes):
    """A space with sectors of one size: a mode for the place inside, a mode for the sector."""
    assert len(set(sizes)) == 1
    return Space(("place", "sector"), (sizes[0] - 1, len(sizes) - 1), charges=((0, 1),))


def triangular_blocks(random, d, block, real):
    """Sparse block-triangular K with rotations inside the diagonal blocks, decaying everywhere."""
    K = np.triu(random.normal(size=(d, d)) * (random.random((d, d)) < 0.2), block)
    K = K + (0 if real else 1j) * np.triu(random.normal(size=(d, d)) * (K != 0), block)
    parts = []
    for _ in range(d // block):
        turn = random.normal(size=(block, block)) * 3
        parts.append(turn - turn.T - np.eye(block) * (1 + random.random()))
    order = random.permutation(d)
    return (K + block_diag(*parts))[order][:, order]


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("block", [1, 2, 3, 5, 30])
def test_no_jump_solution_is_that_of_scipy(block, real):
    random = np.random.default_rng(block)
    space = sorted_space((30, 30))
    blocks = [triangular_blocks(random, 30, block, real) for _ in range(2)]
    solver = NoJump(Layout(space, real=real), csr_array(block_diag(*blocks)))
    Y = [hermitian(random, 30, real) for _ in range(2)]
    X = solver.solve(np.concatenate([y.ravel() for y in Y])).reshape(2, 30, 30)
    assert solver.exact.all()
    assert isinstance(solver.solvers[0], nojump._Dense) == (block == 30)
    for K, y, x in zip(blocks, Y, X, strict=True):
        assert np.allclose(x, solve_sylvester(K, K.conj().T, y), atol=1e-12)


@pytest.mark.parametrize("real", [True, False])
def test_large_dense_blocks_are_solved_by_halves(real):
    random = np.random.default_rng(3)
    K = random.normal(size=(150, 150)) + (0 if real else 1j) * random.normal(size=(150, 150))
    K = K - 15 * np.eye(150)
    Y = hermitian(random, 150, real)
    solver = NoJump(Layout(sorted_space((150,)), real=real), csr_array(K))
    X = solver.solve(Y.ravel()).reshape(150, 150)
    assert np.allclose(K @ X + X @ K.conj().T, Y, atol=1e-10)
    assert np.array_equal(X, X.conj().T)


@pytest.mark.parametrize("real", [True, False])
def test_no_jump_takes_dephasing_in(real):
    detunings = ((), ()) if real else ((0.3, -1.0), (0.5, 0.2))
    of = amplified(2, 3, 5.0, 0.2, detunings, real=real)
    taken = absorbable(of.K, of.jumps)
    assert taken == [False, False, True, True, True, True]
    solver = NoJump(of.layout, of.K, of.jumps[2:])
    random, space = np.random.default_rng(0), of.layout.space
    Y = [hermitian(random, d, real) for d in space.sizes]
    x = solver.solve(np.concatenate([y.ravel() for y in Y]))
    for k, y in enumerate(Y):
        here = slice(space.offsets[k], space.offsets[k + 1])
        K, X = of.K.toarray()[here, here], of.layout.block(x, k)
        left = K @ X + X @ K.conj().T
        for jump in of.jumps[2:]:
            J = jump.toarray()[here, here]
            left = left + J @ X @ J.conj().T
        assert np.allclose(left, y, atol=1e-12)
        assert np.allclose(solver.apply(k, X), y, atol=1e-12)


def test_a_cascade_of_identical_parts_is_solved_exactly():
    """Every state of a qubit chain with one excitation has the same rate: one Jordan block."""
    n = 20
    K = -0.5 * np.eye(n) - np.triu(np.ones((n, n)), 1)
    Y = -np.eye(n)
    X = NoJump(Layout(sorted_space((n,)), real=True), csr_array(K)).solve(Y.ravel()).reshape(n, n)
    assert np.allclose(X, solve_sylvester(K, K.T, Y), rtol=1e-10, atol=1e-10)
    assert np.allclose(K @ X + X @ K.T, Y, atol=1e-12 * np.abs(X).max())


@pytest.mark.parametrize("dense", [False, True])
def test_dark_elements_are_found_and_do_not_blow_up(dense):
    K = np.diag([0.0, -1.0, -2.0]) + 0.5 * np.triu(np.ones((3, 3)), 1)
    if dense:
        turn = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0]
        K = turn @ block_diag(K, -np.eye(9)) @ turn.T
    solver = NoJump(Layout(sorted_space((len(K),)), real=True), csr_array(K))
    assert not solver.exact.any()
    assert isinstance(solver.solvers[0], nojump._Dense) == dense
    assert np.all(np.abs(solver.solve(np.eye(len(K)).ravel())) < 1e4)


def random_network(random, real):
    """Three coupled qubits and an oscillator, with gain, loss, dephasing and one charge."""
    names = ["x", "y", "z", "o"]
    space = Space(tuple(names), (1, 1, 1, 2), ("x", "y", "z"), charges=((1, 1, 1, 1),))
    H = 0.0 * lower("x")
    for i, u in enumerate(names):
        for v in names[:i]:
            g = 1j * random.normal() if real else random.normal() + 1j * random.normal()
            H = H + g * lower(u).dag * lower(v) + np.conj(g) * lower(v).dag * lower(u)
        H = H + (0.0 if real else random.normal()) * lower(u).dag * lower(u)
    jumps = [total(random.normal() * lower(u) for u in names) for _ in range(2)]
    jumps += [random.normal() * lower("x").dag, 0.3 * lower("z").dag * lower("z")]
    return space, H, jumps


@pytest.mark.parametrize("few", [0, 800])
@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_steady_state_is_that_of_qutip(seed, real, few, monkeypatch):
    monkeypatch.setattr(stationary, "FEW", few)
    space, H, jumps = random_network(np.random.default_rng(seed), real)
    of = generator(space, H, jumps, real=real)
    state = stationary.stationary(of, tolerance=1e-12)
    matrices = [qutip.Qobj(space.matrix(op).toarray()) for op in (H, *jumps)]
    known = qutip.steadystate(matrices[0], matrices[1:], method="direct").full()
    found = block_diag(*state.blocks)
    assert np.allclose(found, known, atol=1e-9)
    assert state.info["residual"] < 1e-9
    assert (state.info["iterations"] == 0) == (few > 0)


@pytest.mark.parametrize("mirror", [True, False])
@pytest.mark.parametrize("pairs", [1, 2, 3])
def test_broadband_steady_state_is_dark(pairs, mirror, monkeypatch):
    monkeypatch.setattr(stationary, "FEW", 20)
    of = dual_rail(pairs, real=True, mirror=mirror)
    state = stationary.stationary(of)
    # Roots of eigenvalues that are zero: rounding of 1e-16 is 1e-8 in a concurrence.
    assert concurrence(state, 1, 1) == pytest.approx(np.tanh(2.0), abs=3e-8)
    assert sum(np.sum(np.abs(b) ** 2) for b in state.blocks) == pytest.approx(1, abs=1e-8)
    heaviest = max(range(len(state.blocks)), key=lambda q: np.trace(state.blocks[q]).real)
    ket = np.zeros(of.layout.space.dimension)
    here = slice(*of.layout.space.offsets[heaviest : heaviest + 2])
    ket[here] = np.linalg.eigh(state.blocks[heaviest])[1][:, -1]
    H = 1j * of.K + 0.5j * sum(jump.conj().T @ jump for jump in of.jumps)
    assert dark_residual(H, of.jumps, ket) < 1e-7


def test_detuned_pairs_swap_their_partners():
    """agusti2023, two pairs with crossed detunings."""
    for detuning in (1.0, 5.0):
        c11, c12 = typed.crossed(detuning)
        half = (detuning / 2, -detuning / 2)
        state = stationary.stationary(dual_rail(2, detunings=(half, half)))
        assert concurrence(state, 1, 1) == pytest.approx(c11, abs=1e-9)
        assert concurrence(state, 1, 2) == pytest.approx(c12, abs=1e-9)


def test_amplifier_of_finite_bandwidth_gives_the_known_concurrences():
    """Values converged in the cutoff; eight photons in a squeezed basis are good to 3e-7."""
    one = stationary.stationary(amplified(1, 8, 10.0, real=True, mirror=True))
    two = stationary.stationary(amplified(2, 8, 10.0, real=True, mirror=True))
    assert concurrence(one, 1, 1) == pytest.approx(0.7984388107, abs=3e-7)
    assert concurrence(two, 2, 2) == pytest.approx(0.7565393884, abs=3e-7)
    assert two.is_physical()
    # The first pair never feels the second.
    first, alone = two.reduce("A1", "B1").matrix(), one.reduce("A1", "B1").matrix()
    assert np.allclose(first, alone, atol=1e-9)


def test_dephasing_and_detuning_give_the_known_concurrences():
    state = stationary.stationary(amplified(2, 8, 10.0, 0.01, real=True, mirror=True))
    assert concurrence(state, 1, 1) == pytest.approx(0.7395420120, abs=3e-7)
    assert concurrence(state, 2, 2) == pytest.approx(0.6176554839, abs=3e-7)
    of = amplified(1, 8, 5.0, detunings=((5.0,), (-5.0,)), mirror=True, conjugate=True)
    mirrored = stationary.stationary(of)
    whole = stationary.stationary(amplified(1, 8, 5.0, detunings=((5.0,), (-5.0,))))
    assert concurrence(mirrored, 1, 1) == pytest.approx(concurrence(whole, 1, 1), abs=1e-9)


def test_mirrored_and_plain_layouts_agree():
    plain = stationary.stationary(amplified(2, 3, 5.0))
    mirrored = stationary.stationary(amplified(2, 3, 5.0, real=True, mirror=True))
    for x, y in zip(plain.blocks, mirrored.blocks, strict=True):
        assert np.allclose(x, y, atol=1e-9)


def test_half_of_the_sectors_drop_out():
    model = amplified(2, 3, 5.0, 0.1, real=True)
    split = Splitting(model)
    assert len(model.layout.space.sizes) == 11
    assert list(split.kept) == [0, 2, 4, 6, 8, 10]


def test_a_good_start_saves_iterations():
    of = amplified(2, 4, 5.0, real=True, mirror=True)
    cold = stationary.stationary(of)
    warm = stationary.stationary(of, start=cold)
    packed = stationary.stationary(of, start=of.layout.pack(cold))
    assert warm.info["iterations"] == packed.info["iterations"] == 0 < cold.info["iterations"]


def test_little_memory_means_restarts_and_the_same_state():
    of = amplified(2, 4, 5.0, real=True, mirror=True)
    plain = stationary.stationary(of)
    tight = stationary.stationary(of, memory=8 * of.layout.size * 8)
    assert tight.info["iterations"] > plain.info["iterations"]
    for x, y in zip(plain.blocks, tight.blocks, strict=True):
        assert np.allclose(x, y, atol=1e-8)


def idle_pair(real):
    """A damped and pumped chain beside a qubit that nothing touches."""
    names = tuple("uvwxyz")
    space = Space(names, (1,) * 6, names, charges=((1,) * 6,))
    H = total(1j * (lower(a).dag * lower(b) - lower(b).dag * lower(a)) for a, b in ("uv", "vw"))
    jumps = [lower("u"), 0.5 * lower("v").dag, lower("w"), lower("x"), lower("y")]
    return generator(space, H, jumps, real=real)


@pytest.mark.parametrize("few", [0, 10_000])
def test_more_than_one_steady_state_is_an_error(few, monkeypatch):
    monkeypatch.setattr(stationary, "FEW", few)
    with pytest.raises(DegenerateError, match="more than one steady state"):
        stationary.stationary(idle_pair(real=True))


def test_slow_but_unique_is_no_error(monkeypatch):
    monkeypatch.setattr(stationary, "FEW", 0)
    space = Space(("u", "v"), (1, 1), ("u", "v"), charges=((1, 1),))
    jumps = [lower("u"), 0.5 * lower("u").dag, 1e-4 * lower("v"), 1e-4 * lower("v").dag]
    state = stationary.stationary(generator(space, 0.0 * lower("u"), jumps), tolerance=1e-13)
    assert state.reduce("v").matrix()[1, 1].real == pytest.approx(0.5, abs=1e-6)


def test_no_convergence_is_an_error_with_its_residual():
    with pytest.raises(ConvergenceError, match="after 5 iterations"):
        stationary.stationary(amplified(2, 4, 5.0, real=True), max_iterations=5)


def test_wrong_generators_and_starts_are_named():
    of = amplified(2, 3, 5.0, real=True)
    leaky = Generator(of.layout, csr_array(of.K - 0.1 * csr_array(np.eye(of.K.shape[0]))), of.jumps)
    with pytest.raises(ArgumentError, match="preserve the trace"):
        stationary.stationary(leaky)
    with pytest.raises(ArgumentError, match="packed vector"):
        stationary.stationary(of, start=np.zeros(3))
    with pytest.raises(ArgumentError, match="`tolerance`"):
        stationary.stationary(of, tolerance=-1.0)


def test_residual_is_that_of_the_written_out_generator():
    of = amplified(1, 2, 5.0)
    state = stationary.stationary(of)
    rho = block_diag(*state.blocks)
    one = csr_array(np.eye(len(rho)))
    L = kron(of.K, one) + kron(one, of.K.conj())
    for jump in of.jumps:
        L = L + kron(jump, jump.conj())
    assert np.linalg.norm(L @ rho.ravel()) / np.linalg.norm(rho) < 1e-12


def test_equations_in_32_digits_give_integers_to_the_last_digit():
    """Hilbert's matrix, of condition 1.6e13: (H⁻¹1)_i = (−1)^{n+i+1} (n+i)!/((n−1−i)! i!²)."""
    n = 10
    exact = [[Fraction(1, i + j + 1) for j in range(n)] for i in range(n)]
    high = np.array(exact, float)
    low = np.array([[x - Fraction(float(x)) for x in row] for row in exact], float)
    known = [
        (-1) ** (n + i + 1) * factorial(n + i) / (factorial(n - 1 - i) * factorial(i) ** 2)
        for i in range(n)
    ]
    x, least = double_double.solve(high.copy(), low.copy(), np.ones(n))
    np.testing.assert_allclose(x, known, rtol=1e-15)
    assert 0 < least < 1e-11


@pytest.mark.parametrize(
    ("matrix", "side", "known", "pivot"),
    [
        ([[1e-40, 1.0], [1.0, 1.0]], [1.0, 2.0], [1.0, 1.0], 1.0),  # rows change places
        ([[1e-5, 0.0], [0.0, 1.0]], [1e-5, 2.0], [1.0, 2.0], 1e-5),  # the smallest pivot of all
        ([[1.0, 2.0], [2.0, 4.0]], [1.0, 2.0], None, 0.0),
    ],
)
def test_pivots_of_equations_in_32_digits(matrix, side, known, pivot):
    M = np.array(matrix)
    x, least = double_double.solve(M, np.zeros_like(M), np.array(side))
    assert least == pivot
    assert known is None or x.tolist() == known


def test_what_an_equation_leaves_is_known_beyond_the_digits_of_its_terms():
    one = np.ones(1)
    assert double_double.residual(np.eye(1), np.full((1, 1), 1e-20), one, one) == -1e-20
    near = 1 + 2.0**-30  # (1 + ε)² = 1 + 2ε + ε²
    left = double_double.residual(np.full((1, 1), near), np.zeros((1, 1)), one * near, one + 2**-29)
    assert left == -(2.0**-60)
