"""Density matrices, kets and their measures, against QuTiP and closed forms."""

import itertools

import independent.agusti2023 as typed
import mpmath
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

import qcascade as qc
from qcascade.base.checks import ArgumentError
from qcascade.hilbert.space import Space
from qcascade.hilbert.states import DensityState, PureState
from qcascade.hilbert.typed_states import density
from qcascade.linear.state import two_mode_squeezed, vacuum
from qcascade.measures import gaussian as measures
from qcascade.measures.density import (
    concurrence,
    entanglement_of_formation,
    genuine_witness,
    negativity,
)
from qcascade.measures.gaussian import (
    fidelity,
    log_negativity,
    mutual_information,
    occupation,
    purity,
    von_neumann_entropy,
)
from qcascade.measures.units import UNITS
from qcascade.slh.ladder import lower

seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=8, deadline=None, derandomize=True)

QUBITS = ("a.0", "a.1", "b.0", "b.1")
PAIR = ("left.q", "right.q")
SPACES = {
    "qubits with a charge": Space(QUBITS, (1,) * 4, QUBITS, charges=((1, 1, -1, -1),)),
    "qubits with two charges": Space(
        QUBITS, (1,) * 4, QUBITS, charges=((1, 0, -1, 0), (0, 1, 0, -1))
    ),
    "qubits without": Space(QUBITS, (1,) * 4, QUBITS),
    "oscillators with a shared limit": Space(
        ("a.0", "b.0", "a.1", "b.1"),
        (3, 3, 1, 1),
        ("a.1", "b.1"),
        ((("a.0", "b.0"), 3),),
        charges=((1, -1, 1, -1),),
    ),
    "oscillators of their own": Space(("b.0", "a.0", "a.1"), (2, 3, 1), ("a.1",), (), {}, ()),
}
spaces = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def random_blocks(rng, space, rank=None):
    """A random density matrix with a block in every sector."""
    blocks = []
    for d in space.sizes:
        G = rng.normal(size=(d, rank or d)) + 1j * rng.normal(size=(d, rank or d))
        blocks.append(G @ G.conj().T)
    whole = sum(np.trace(block).real for block in blocks)
    return DensityState(space, tuple(block / whole for block in blocks))


def random_ket(rng, space, sector=None):
    """A random ket, in all sectors or in one."""
    psi = rng.normal(size=space.dimension) + 1j * rng.normal(size=space.dimension)
    if sector is not None:
        outside = np.ones(space.dimension, bool)
        outside[space.offsets[sector] : space.offsets[sector + 1]] = False
        psi[outside] = 0
    return PureState(space, psi / np.linalg.norm(psi))


def widest(space):
    return int(np.argmax(space.sizes))


def whole(state):
    """The state as QuTiP has it, on the product of all levels; cut-off states are empty."""
    levels = [top + 1 for top in state.space.tops]
    at = np.ravel_multi_index(state.space.quanta.T, levels)
    if isinstance(state, PureState):
        psi = np.zeros(np.prod(levels), complex)
        psi[at] = state.amplitudes
        return qutip.Qobj(psi, dims=[levels, [1] * len(levels)])
    rho = np.zeros((np.prod(levels),) * 2, complex)
    for k, block in enumerate(state.blocks):
        here = at[state.space.offsets[k] : state.space.offsets[k + 1]]
        rho[np.ix_(here, here)] = block
    return qutip.Qobj(rho, dims=[levels, levels])


def traced(state, names):
    """QuTiP's partial trace, with the modes in the order of `names`."""
    kept = [state.modes.index(name) for name in names]
    small = whole(state).ptrace(sorted(kept))
    return small.permute([sorted(kept).index(k) for k in kept])


def positions(modes, part):
    return [k for k, mode in enumerate(modes) if mode.startswith(part)]


def qutip_negativity(state, a, b):
    names = [m for m in state.modes if m[0] in a + b]
    small = traced(state, names)
    turned = qutip.partial_transpose(small, [int(m[0] in b) for m in names])
    levels = np.linalg.eigvalsh(turned.full())
    return -levels[levels < 0].sum()


# Reduction


@spaces
@given(seed=seeds)
@quick
def test_reduced_states_are_partial_traces_in_the_order_named(space, seed):
    rng = np.random.default_rng(seed)
    states = [random_blocks(rng, space), random_ket(rng, space)]
    states += [random_ket(rng, space, k) for k in (0, widest(space))]
    for state in states:
        count = int(rng.integers(1, len(space.modes) + 1))
        names = rng.permutation(space.modes)[:count].tolist()
        small = state.reduce(*names)
        assert small.modes == tuple(names)
        assert np.allclose(whole(small).full(), traced(state, names).full(), atol=1e-14)


@spaces
def test_parts_are_reduced_by_their_name_and_in_steps(space):
    state = random_blocks(np.random.default_rng(1), space)
    part = [mode for mode in space.modes if mode.startswith("a.")]
    assert state.reduce("a").modes == tuple(part)
    stepwise = state.reduce("a", "b.0").reduce("a")
    assert np.allclose(whole(stepwise).full(), whole(state.reduce("a")).full(), atol=1e-14)


@spaces
def test_a_reduced_state_keeps_the_blocks_of_its_charges(space):
    state = random_blocks(np.random.default_rng(2), space).reduce("a")
    assert state.space.charges == tuple(
        tuple(charge[space.modes.index(mode)] for mode in state.modes) for charge in space.charges
    )
    assert state.trace == pytest.approx(1, abs=1e-14)
    assert state.is_physical()


@spaces
def test_a_ket_of_one_charge_has_a_block_for_every_sector_and_others_have_one(space):
    rng = np.random.default_rng(3)
    for sector in (None, widest(space)):
        ket = random_ket(rng, space, sector)
        rho = ket.density()
        assert np.allclose(whole(rho).full(), whole(ket).proj().full(), atol=1e-15)
        assert len(rho.blocks) == (1 if sector is None else len(space.sizes))


@spaces
def test_the_matrix_is_in_lexicographic_order(space):
    state = random_blocks(np.random.default_rng(4), space)
    full = whole(state).full()
    kept = np.sort(np.ravel_multi_index(space.quanta.T, [top + 1 for top in space.tops]))
    assert np.array_equal(state.matrix(), full[np.ix_(kept, kept)])


def test_a_matrix_too_large_is_refused():
    names = [f"q{k}" for k in range(13)]
    state = Space(names, (1,) * 13, tuple(names), charges=((1,) * 13,))
    blocks = tuple(np.broadcast_to(0.0, (d, d)) for d in state.sizes)
    with pytest.raises(ArgumentError, match="at most 4096 basis states, but is 8192"):
        DensityState(state, blocks).matrix()


# Expectation values


def qutip_operator(space, ladder):
    levels = [top + 1 for top in space.tops]
    spare = [0 if mode in space.qubits else 4 for mode in space.modes]
    wide = [d + more for d, more in zip(levels, spare, strict=True)]

    def one(mode, dagger):
        factors = [qutip.qeye(d) for d in wide]
        a = qutip.destroy(wide[space.modes.index(mode)])
        factors[space.modes.index(mode)] = a.dag() if dagger else a
        return qutip.tensor(factors)

    total = qutip.tensor([qutip.qzero(d) for d in wide])
    for word, c in ladder.terms.items():
        product = qutip.tensor([qutip.qeye(d) for d in wide])
        for mode, dagger in word:
            product = product @ one(mode, dagger)
        total += c * product
    # Operators act on more levels than the state has, so that products are not cut half-way.
    kept = np.ravel_multi_index(np.indices(levels).reshape(len(levels), -1), wide)
    return total.full()[np.ix_(kept, kept)]


@spaces
@given(seed=seeds)
@quick
def test_expectation_values_are_traces_with_the_operator_as_a_matrix(space, seed):
    rng = np.random.default_rng(seed)
    x, y = (lower(mode) for mode in rng.choice(space.modes, 2, replace=False))
    operator = 2 * x.dag * x + (1 - 2j) * x.dag * y + x * y + 3 + 1j * y * y.dag * x.dag * x + x
    matrix = qutip_operator(space, operator)
    rho, ket = random_blocks(rng, space), random_ket(rng, space)
    assert rho.expect(operator) == pytest.approx(np.trace(matrix @ whole(rho).full()), abs=1e-13)
    psi = whole(ket).full()[:, 0]
    assert ket.expect(operator) == pytest.approx(psi.conj() @ matrix @ psi, abs=1e-13)


def test_the_lowering_operator_of_a_qubit_is_ket_0_bra_1():
    matrix = np.array([[0.3, 0.1 + 0.2j], [0.1 - 0.2j, 0.7]])
    state = density("q", matrix)
    assert state.expect(lower("q")) == pytest.approx(matrix[1, 0])
    assert occupation(state, "q") == pytest.approx(0.7)


def squeezed_space(s, most=40):
    names = ("A0", "B0")
    return Space(names, (most, most), (), ((names, most),), {names: s}, ((1, -1),))


def squeezed_ket(s, r, most=40):
    """Two-mode squeezed vacuum with ⟨ab⟩ = ½ sinh 2r, in a basis squeezed by s."""
    space = squeezed_space(s, most)
    n = np.arange(most // 2 + 1)
    psi = np.zeros(space.dimension)
    psi[space.positions(np.stack([n, n], axis=1))] = np.tanh(r - s) ** n / np.cosh(r - s)
    return PureState(space, psi)


@pytest.mark.parametrize(
    ("s", "r"), [(0.25, 0.0), (0.25, 0.25), (0.25, 0.5), (-0.3, 0.1), (0, 0.4)]
)
def test_operators_of_a_squeezed_pair_are_those_of_the_physical_modes(s, r):
    a, b = lower("A0"), lower("B0")
    ket = squeezed_ket(s, r)
    for state in (ket, ket.density()):
        assert state.expect(a.dag * a) == pytest.approx(np.sinh(r) ** 2, abs=1e-12)
        assert state.expect(b.dag * b) == pytest.approx(np.sinh(r) ** 2, abs=1e-12)
        assert state.expect(a * b) == pytest.approx(np.sinh(2 * r) / 2, abs=1e-12)
        assert state.expect(a * a.dag - a.dag * a) == pytest.approx(1, abs=1e-12)
        assert state.expect(a.dag * b) == state.expect(a * a) == 0
        assert occupation(state) == pytest.approx(np.sinh(r) ** 2, abs=1e-12)


def test_one_half_of_a_squeezed_pair_has_no_state_and_no_measure():
    ket = squeezed_ket(0.25, 0.5, 8)
    for state in (ket, ket.density()):
        for call in (
            lambda state=state: state.space.subspace(["A0"]),
            lambda state=state: state.reduce("B0"),
            lambda state=state: negativity(state, "A0", "B0"),
            lambda state=state: mutual_information(state, "A0", "B0"),
            lambda state=state: von_neumann_entropy(state, "A0"),
        ):
            with pytest.raises(ArgumentError, match="both or none of the squeezed pair"):
                call()
        with pytest.raises(ArgumentError, match="none of them in a squeezed basis"):
            genuine_witness(state)
    with pytest.raises(ArgumentError, match="`second` must have the squeezed basis"):
        fidelity(ket, squeezed_ket(0.2, 0.5, 8))


def test_a_squeezed_pair_may_be_one_side():
    rng = np.random.default_rng(5)
    names = ("A0", "B0", "A1", "B1")
    plain, squeezed = (
        Space(names, (2, 2, 1, 1), names[2:], ((names[:2], 2),), pairs, ((1, -1, 1, -1),))
        for pairs in ({}, {("A0", "B0"): 0.3})
    )
    state = random_blocks(rng, plain, 1)
    other = DensityState(squeezed, state.blocks)
    for groups in ((["A0", "B0"], ["A1", "B1"]), (["A1"], ["B0", "A0"])):
        assert negativity(other, *groups) == negativity(state, *groups) > 0
        assert mutual_information(other, *groups) == mutual_information(state, *groups)


# States from matrices and from QuTiP


def test_qutip_states_are_taken_with_their_levels():
    rho = qutip.rand_dm([2, 3, 2], seed=1)
    state = density(["q", "m", "p"], rho)
    assert state.space.tops == (1, 2, 1)
    assert state.space.qubits == ("q", "p")
    assert np.allclose(state.matrix(), rho.full(), atol=1e-15)
    assert state.expect(lower("m")) == pytest.approx(
        qutip.expect(qutip.tensor(qutip.qeye(2), qutip.destroy(3), qutip.qeye(2)), rho)
    )


def test_qutip_kets_are_taken():
    ket = (qutip.basis([2, 2], [0, 0]) + 1j * qutip.basis([2, 2], [1, 0])).unit()
    state = density(PAIR, ket)
    assert np.allclose(state.matrix(), ket.proj().full())
    assert occupation(state) == pytest.approx([0.5, 0.0])
    assert np.allclose(density("m", qutip.basis(3, 2)).matrix(), np.diag([0, 0, 1]))


@pytest.mark.parametrize(
    ("modes", "matrix", "message"),
    [
        (PAIR, np.eye(3) / 3, r"`matrix` must have shape \(4, 4\)"),
        (PAIR, np.eye(4), "must have trace 1 .* is 'trace 4'"),
        ("m", [[0.5, 0.1], [0.2, 0.5]], "must be Hermitian"),
        (PAIR, [1, 0, 0, 1], "must have trace 1"),
        ("m", qutip.basis([2, 2], [0, 0]), "`modes` must name 2 modes"),
        (PAIR, qutip.basis([2, 2], [0, 0]).dag(), "`matrix` must have shape|must name"),
        (PAIR, "bell", "`matrix` must be a complex number"),
        (PAIR, np.diag([1, 0, 0, np.nan]), "finite"),
    ],
)
def test_what_is_no_state_is_refused(modes, matrix, message):
    with pytest.raises(ArgumentError, match=message):
        density(modes, matrix)


def test_blocks_and_amplitudes_must_fit_the_space():
    space = SPACES["qubits with a charge"]
    with pytest.raises(ArgumentError, match="`blocks` must have the shapes"):
        DensityState(space, (np.eye(16),))
    with pytest.raises(ArgumentError, match=r"`amplitudes` must have shape \(16,\)"):
        PureState(space, np.ones(4))


# Blocks and the whole matrix


def everything(state):
    """Every measure with one number."""
    a, b = (state.modes[positions(state.modes, part)[0]] for part in "ab")
    found = {
        "log_negativity": log_negativity(state, "a", "b"),
        "negativity of two": negativity(state, b, a),
        "purity": purity(state),
        "entropy": von_neumann_entropy(state),
        "entropy of a block": von_neumann_entropy(state, ["b", "a.0"]),
        "information": mutual_information(state, "a", "b"),
        "information of two": mutual_information(state, a, b),
        "witness": genuine_witness(state),
        "fidelity with itself": fidelity(state, state),
        "occupation": float(occupation(state, "a.0")),
    }
    if {"a.1", "b.1"} <= set(state.space.qubits):
        found["concurrence"] = concurrence(state, "a.1", "b.1")
        found["formation"] = entanglement_of_formation(state, "b.1", "a.1")
    return found


def in_one_block(state):
    """The same state on the product of all levels, without charges."""
    levels, names = [top + 1 for top in state.space.tops], state.modes
    plain = Space(names, state.space.tops, state.space.qubits)
    assert plain.dimension == np.prod(levels)
    return DensityState(plain, (whole(state).full(),))


@spaces
@given(seed=seeds)
@quick
def test_blocks_have_the_measures_of_the_whole_matrix(space, seed):
    rng = np.random.default_rng(seed)
    for state in (random_blocks(rng, space), random_blocks(rng, space, 1)):
        other, found = in_one_block(state), everything(state)
        assert found == pytest.approx(everything(other), abs=1e-12)
        assert fidelity(state, other) == pytest.approx(1, abs=1e-12)
        assert fidelity(other, state) == pytest.approx(1, abs=1e-12)


@spaces
@given(seed=seeds)
@quick
def test_kets_have_the_measures_of_their_density_matrix(space, seed):
    rng = np.random.default_rng(seed)
    for ket in (random_ket(rng, space), random_ket(rng, space, widest(space))):
        assert everything(ket) == pytest.approx(everything(ket.density()), abs=1e-12)
        mixed = random_blocks(rng, space)
        expected = fidelity(mixed, ket.density())
        assert fidelity(mixed, ket) == pytest.approx(expected, abs=1e-12)
        assert fidelity(ket, mixed) == pytest.approx(expected, abs=1e-12)


# Qubits: concurrence


@given(seed=seeds)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_concurrence_agrees_with_qutip(seed):
    rho = qutip.rand_dm([2, 2], seed=seed, rank=1 + seed % 4)
    state = density(PAIR, rho)
    expected = float(qutip.concurrence(rho))
    assert concurrence(state, "left", "right") == pytest.approx(expected, abs=1e-7)
    assert concurrence(state, *PAIR) == pytest.approx(concurrence(state, *PAIR[::-1]), abs=1e-14)


def test_concurrences_of_a_batch_are_those_of_its_states_and_nan_where_there_is_none():
    """Ranks 1 to 4 side by side, each with as many columns as it takes."""
    rng = np.random.default_rng(5)
    kets = rng.normal(size=(8, 4, 4)) + 1j * rng.normal(size=(8, 4, 4))
    for rank, some in enumerate(np.split(kets, 4)):
        some[:, :, rank + 1 :] = 0.0
    rho = kets @ kets.conj().mT
    rho /= np.trace(rho, axis1=-2, axis2=-1)[:, None, None]
    rho[6] = np.nan
    space = density(["left.q", "right.q"], np.eye(4) / 4).space
    batch = DensityState(space, (rho.reshape(2, 4, 4, 4),))
    for measure in concurrence, entanglement_of_formation:
        values = measure(batch, *PAIR)
        assert values.shape == (2, 4)
        assert np.isnan(values.flat[6])
        alone = [measure(DensityState(space, (x,)), *PAIR) for k, x in enumerate(rho) if k != 6]
        np.testing.assert_allclose(np.delete(values, 6), alone, rtol=1e-12, atol=1e-15)
        assert len({*np.round(alone, 6)}) > 4


@pytest.mark.parametrize("r", [0, 1e-14, 1e-8, 1e-3, 0.3, 1.0, 3.0, 12.0])
def test_concurrence_of_squeezed_light_on_two_qubits_is_tanh_2r(r):
    psi = np.array([1, 0, 0, np.tanh(r)]) / np.hypot(1, np.tanh(r))
    space = Space(PAIR, (1, 1), PAIR, charges=((1, -1),))
    ket = PureState(space, psi[space.quanta @ np.array([2, 1])])
    for state in (ket, ket.density(), density(PAIR, psi)):
        assert concurrence(state, *PAIR) == pytest.approx(np.tanh(2 * r), rel=0, abs=1e-15)


@given(seed=seeds)
@quick
def test_local_rotations_leave_no_trace_in_the_concurrence(seed):
    u = [qutip.rand_unitary(2, seed=seed + k) for k in (0, 1)]
    local = qutip.tensor(*u).full()
    bell = np.array([1, 0, 0, 1]) / np.sqrt(2)
    product, some = np.array([1, 0, 0, 0]), np.array([0.6, 0, 0, 0.8])
    for psi, expected in ((bell, 1), (product, 0), (some, 0.96)):
        state = density(PAIR, local @ psi)
        assert concurrence(state, *PAIR) == pytest.approx(expected, abs=2e-15)
    # Two of the λ vanish: where square roots of rounding would cost eight digits.
    mixed = 0.3 * np.outer(bell, bell) + 0.7 * np.outer(product, product)
    state = density(PAIR, local @ mixed @ local.conj().T)
    assert concurrence(state, *PAIR) == pytest.approx(0.3, abs=1e-14)


@pytest.mark.parametrize("p", [0.0, 0.2, 1 / 3, 0.5, 0.9, 1.0])
def test_concurrence_of_werner_states(p):
    bell = np.array([0, 1, -1, 0]) / np.sqrt(2)
    state = density(PAIR, p * np.outer(bell, bell) + (1 - p) * np.eye(4) / 4)
    expected = max(0, (3 * p - 1) / 2)
    assert concurrence(state, *PAIR) == pytest.approx(expected, abs=1e-14)
    assert negativity(state, *PAIR) == pytest.approx(expected / 2, abs=1e-14)


@pytest.mark.parametrize("tiny", [0.0, 1e-30, 1e-20, 1e-12])
def test_concurrence_of_x_states_feels_the_smallest_population(tiny):
    # C = 2 max(0, |ρ₁₂| − √(ρ₀₀ρ₃₃)) (Yu, Eberly, Quantum Inf. Comput. 7, 459).
    rho = np.diag([0.4, 0.3, 0.3 - tiny, tiny]).astype(complex)
    rho[1, 2], rho[2, 1] = 0.2j, -0.2j
    expected = 2 * (0.2 - np.sqrt(0.4 * tiny))
    assert concurrence(density(PAIR, rho), *PAIR) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("C", ["0", "1e-8", "1e-4", "0.3", "0.96", "0.9999999", "1"])
def test_entanglement_of_formation_is_the_entropy_of_a_ket(C):
    with mpmath.workdps(50):
        y = (1 - mpmath.sqrt(1 - mpmath.mpf(C) ** 2)) / 2
        expected = -sum(x * mpmath.log(x) for x in (y, 1 - y) if x)
        psi = [float(mpmath.sqrt(1 - y)), 0.0, 0.0, float(mpmath.sqrt(y))]
    psi = np.array(psi) / np.linalg.norm(psi)
    space = Space(PAIR, (1, 1), PAIR)
    for state in (PureState(space, psi), density(PAIR, psi)):
        found = entanglement_of_formation(state, *PAIR)
        assert found == pytest.approx(float(expected), rel=1e-7, abs=1e-15)
    assert von_neumann_entropy(PureState(space, psi), "left") == pytest.approx(
        float(expected), rel=1e-9, abs=1e-15
    )


def crossed(r, delta):
    """Eq. (10) of Agustí et al., PRL 131, 250801, for qubits A1, B1, A2, B2; γ = 1."""
    pair = np.diag([np.cosh(r), np.sinh(r)]) / np.sqrt(np.cosh(2 * r))
    parallel = np.einsum("ab,cd->abcd", pair, pair)
    diagonal = np.einsum("ad,cb->abcd", pair, pair)
    psi = (parallel + 1j * delta * diagonal).ravel() / np.sqrt(1 + delta**2)
    names = ("A1", "B1", "A2", "B2")
    space = Space(names, (1,) * 4, names, charges=((1, -1, 1, -1),))
    return PureState(space, psi[space.quanta @ np.array([8, 4, 2, 1])])


@pytest.mark.parametrize("delta", typed.CROSSED)
def test_concurrences_of_the_crossed_pairs_are_those_of_the_letter(delta):
    parallel, diagonal = typed.crossed(delta)
    for sign in (1, -1):
        ket = crossed(1.0, sign * delta)
        for state in (ket, ket.density()):
            for i, j in itertools.product((1, 2), repeat=2):
                expected = parallel if i == j else diagonal
                assert concurrence(state, f"A{i}", f"B{j}") == pytest.approx(expected, abs=1e-10)


# Negativity


@spaces
@given(seed=seeds)
@quick
def test_negativity_agrees_with_the_partial_transpose_of_qutip(space, seed):
    rng = np.random.default_rng(seed)
    states = [random_blocks(rng, space, 1), random_ket(rng, space)]
    states += [random_blocks(rng, space), random_ket(rng, space, widest(space))]
    for state in states:
        expected = qutip_negativity(state, "a", "b")
        assert negativity(state, "a", "b") == pytest.approx(expected, abs=1e-13)
        assert negativity(state, "b", "a") == pytest.approx(expected, abs=1e-13)
        assert log_negativity(state, "a", "b") == pytest.approx(np.log1p(2 * expected), abs=1e-12)
        small = state.reduce("a.0", "b.0")
        expected = qutip_negativity(small, "a", "b")
        assert negativity(state, "a.0", "b.0") == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("r", [1e-9, 0.1, 0.5])
def test_squeezed_vacuum_has_the_same_log_negativity_in_either_description(r):
    ket = squeezed_ket(0.0, r, 80)
    ket = PureState(
        Space(ket.modes, (80, 80), (), ket.space.limits, {}, ((1, -1),)), ket.amplitudes
    )
    gauss = two_mode_squeezed(PAIR, r)
    assert log_negativity(ket, "A0", "B0") == pytest.approx(2 * r, rel=1e-12)
    assert log_negativity(ket.density(), "A0", "B0") == pytest.approx(2 * r, abs=1e-13)
    expected = mutual_information(gauss, *PAIR)
    assert mutual_information(ket, "A0", "B0") == pytest.approx(expected, abs=1e-12)
    assert von_neumann_entropy(ket, "A0") == pytest.approx(
        von_neumann_entropy(gauss, "left"), abs=1e-12
    )
    assert occupation(ket) == pytest.approx(occupation(gauss), rel=1e-12)


def test_separable_states_have_no_negativity_at_all():
    rng = np.random.default_rng(7)
    space = SPACES["qubits with a charge"]
    ket = np.zeros(16)
    ket[space.positions(np.array([[1, 0, 0, 1]]))] = 1
    assert negativity(PureState(space, ket), "a", "b") == 0
    parts = [qutip.rand_dm([2, 2], seed=int(rng.integers(99))).full() for _ in range(2)]
    assert negativity(density(QUBITS, np.kron(*parts)), "a", "b") == pytest.approx(0, abs=1e-16)


# Entropy and information


@spaces
@given(seed=seeds)
@quick
def test_entropies_agree_with_qutip(space, seed):
    rng = np.random.default_rng(seed)
    state, ket = random_blocks(rng, space), random_ket(rng, space)
    assert purity(state) == pytest.approx(whole(state).purity(), abs=1e-14)
    assert von_neumann_entropy(state) == pytest.approx(qutip.entropy_vn(whole(state)), abs=1e-12)
    count = int(rng.integers(1, len(space.modes) + 1))
    names = rng.permutation(space.modes)[:count].tolist()
    for one in (state, ket):
        expected = qutip.entropy_vn(traced(one, names))
        assert von_neumann_entropy(one, names) == pytest.approx(expected, abs=1e-12)
        assert von_neumann_entropy(one.reduce(*names)) == pytest.approx(expected, abs=1e-12)
        a, b = positions(space.modes, "a"), positions(space.modes, "b")
        expected = sum(qutip.entropy_vn(whole(one).ptrace(x)) for x in (a, b))
        expected -= qutip.entropy_vn(whole(one))
        assert mutual_information(one, "a", "b") == pytest.approx(expected, abs=1e-12)


@spaces
def test_occupations_are_traces_with_the_number_operators(space):
    rng = np.random.default_rng(8)
    for state in (random_blocks(rng, space), random_ket(rng, space)):
        for k, mode in enumerate(space.modes):
            number = lower(mode).dag * lower(mode)
            assert occupation(state)[k] == pytest.approx(state.expect(number).real, abs=1e-14)
            assert occupation(state, mode) == pytest.approx(occupation(state)[k])


def rainbow(pairs, r, delta):
    """Eq. (9) for the reversed order: swaps of neighbours in B, each tanθ = −(δ_i − δ_j)."""
    pair = np.diag([np.cosh(r), np.sinh(r)]) / np.sqrt(np.cosh(2 * r))
    psi = np.ones(())
    for _ in range(pairs):
        psi = np.multiply.outer(psi, pair)  # A1, B1, A2, B2, …
    pattern = [-delta * k for k in range(pairs)]
    for last in range(pairs - 1, 0, -1):
        for i in range(last):
            theta = np.arctan(-(pattern[i] - pattern[i + 1]))
            swapped = np.swapaxes(psi, 2 * i + 1, 2 * i + 3)
            psi = np.cos(theta) * psi + 1j * np.sin(theta) * swapped
            pattern[i], pattern[i + 1] = pattern[i + 1], pattern[i]
    names = tuple(f"{rail}{k + 1}" for k in range(pairs) for rail in "AB")
    space = Space(names, (1,) * len(names), names, charges=((1, -1) * pairs,))
    return PureState(space, psi[tuple(space.quanta.T)])


@pytest.mark.parametrize("delta", [0.2, 2.0])
def test_block_entropies_of_eight_pairs_are_those_of_the_letter(delta):
    ket, expected = rainbow(8, 1.0, delta), typed.entropies(8, delta)
    for n in (1, 2, 3, 4, 6, 7):
        block = [f"{rail}{k + 1}" for k in range(n) for rail in "AB"]
        found = von_neumann_entropy(ket, block)
        assert found == pytest.approx(expected[n - 1], abs=1e-10)
    rail = [f"A{k + 1}" for k in range(8)]
    assert von_neumann_entropy(ket, rail) == pytest.approx(8 * typed.pair_entropy(1.0), abs=1e-10)


def test_entropy_is_careful_at_both_ends():
    assert von_neumann_entropy(density("m", [[1, 0], [0, 0]])) == 0
    assert von_neumann_entropy(PureState(Space(PAIR, (1, 1), PAIR), [0, 1, 0, 0]), "left") == 0
    tiny = 1e-20
    expected = tiny * (1 - np.log(tiny))
    space = Space(("m",), (1,), ("m",))
    found = von_neumann_entropy(DensityState(space, (np.diag([1 - tiny, tiny]),)))
    assert found == pytest.approx(expected - tiny, rel=1e-12)
    assert von_neumann_entropy(DensityState(space, (np.diag([1 + 1e-9, -1e-9]),))) >= 0
    assert np.isnan(von_neumann_entropy(DensityState(space, (np.diag([1.1, -0.1]),))))


# Fidelity


@spaces
@given(seed=seeds)
@quick
def test_fidelity_agrees_with_qutip_in_any_order_of_modes_and_any_sectors(space, seed):
    rng = np.random.default_rng(seed)
    first = random_blocks(rng, space)
    order = rng.permutation(len(space.modes))
    other = Space(
        tuple(space.modes[k] for k in order),
        tuple(space.tops[k] for k in order),
        space.qubits,
        space.limits,
        charges=(tuple(rng.integers(-1, 2, len(order)).tolist()),),
    )
    for second in (random_blocks(rng, other), random_blocks(rng, other, 1)):
        theirs = whole(second).permute([second.modes.index(mode) for mode in space.modes])
        expected = qutip.fidelity(whole(first), theirs) ** 2
        assert fidelity(first, second) == pytest.approx(expected, abs=1e-6)
        assert fidelity(second, first) == pytest.approx(fidelity(first, second), abs=1e-12)
    ket = random_ket(rng, other)
    theirs = whole(ket).permute([ket.modes.index(mode) for mode in space.modes]).full()
    expected = (theirs.conj().T @ whole(first).full() @ theirs).item().real
    for one in (ket, ket.density()):
        assert fidelity(first, one) == pytest.approx(expected, abs=1e-13)
        assert fidelity(one, first) == pytest.approx(expected, abs=1e-13)


def test_fidelity_of_kets_is_the_square_of_the_overlap_to_the_last_digit():
    angle = 1e-6
    first, second = np.array([1, 0]), np.array([np.cos(angle), np.sin(angle)])
    space = Space(("m",), (1,), ("m",))
    expected = np.cos(angle) ** 2
    for x, y in itertools.product((0, 1), repeat=2):
        one, other = PureState(space, first), PureState(space, second)
        one, other = (one.density() if x else one), (other.density() if y else other)
        assert fidelity(one, other) == pytest.approx(expected, rel=0, abs=4e-16)
        assert fidelity(one, one) == pytest.approx(1, abs=1e-15)


def test_fidelity_of_diagonal_states_is_the_classical_one():
    p, q = np.array([0.5, 0.5 - 1e-9, 1e-9]), np.array([0.2, 0.3, 0.5])
    space = Space(("m",), (2,))
    split = Space(("m",), (2,), charges=((1,),))
    first = DensityState(split, tuple(np.array([[x]]) for x in p))
    expected = np.sum(np.sqrt(p * q)) ** 2
    for second in (
        DensityState(space, (np.diag(q),)),
        DensityState(split, tuple(np.array([[x]]) for x in q)),
    ):
        assert fidelity(first, second) == pytest.approx(expected, abs=1e-14)


def test_fidelity_knows_states_of_different_cutoffs():
    few, many = squeezed_ket(0.2, 0.5, 6), squeezed_ket(0.2, 0.5, 40)
    weight = np.linalg.norm(few.amplitudes) ** 2
    for one, other in itertools.product((few, few.density()), (many, many.density())):
        assert fidelity(one, other) == pytest.approx(weight**2, abs=1e-13)
        assert fidelity(other, one) == pytest.approx(weight**2, abs=1e-13)


def test_states_without_common_support_have_no_fidelity():
    space = Space(("m",), (1,), ("m",), charges=((1,),))
    first, second = (
        DensityState(space, (np.array([[x]]), np.array([[1 - x]]))) for x in (0.0, 1.0)
    )
    assert fidelity(first, second) == 0


# Genuine multipartite entanglement


def ghz(n):
    psi = np.zeros(2**n)
    psi[[0, -1]] = np.sqrt(0.5)
    return psi


def w_state(n):
    psi = np.zeros(2**n)
    psi[2 ** np.arange(n)] = 1 / np.sqrt(n)
    return psi


def cluster(n):
    """Linear cluster state: |+⟩ on every qubit, controlled-Z between neighbours."""
    bits = np.array(list(itertools.product((0, 1), repeat=n)))
    return (-1.0) ** np.sum(bits[:, 1:] * bits[:, :-1], axis=1) / np.sqrt(2**n)


def qubits(n):
    names = tuple("abcdefgh"[:n])
    return Space(names, (1,) * n, names)


WITNESSES = {
    "ghz 2": (ghz(2), 1 / 2),
    "ghz 3": (ghz(3), 1 / 2),
    "ghz 5": (ghz(5), 1 / 2),
    "w 3": (w_state(3), 2 / 3),
    "w 4": (w_state(4), 3 / 4),
    "cluster 4": (cluster(4), 1 / 2),
    "cluster 5": (cluster(5), 1 / 2),
}


@pytest.mark.parametrize(("psi", "alpha"), WITNESSES.values(), ids=WITNESSES)
def test_witnesses_of_known_states(psi, alpha):
    n = int(np.log2(len(psi)))
    ket = PureState(qubits(n), psi)
    assert genuine_witness(ket) == pytest.approx(alpha - 1, abs=1e-14)
    for p in (1.0, 0.9, 0.3):
        mixed = p * np.outer(psi, psi) + (1 - p) * np.eye(2**n) / 2**n
        state = density(ket.modes, mixed)
        expected = alpha - p - (1 - p) / 2**n
        assert genuine_witness(state, ket) == pytest.approx(expected, abs=1e-14)
        assert genuine_witness(state) == pytest.approx(expected, abs=1e-13)
        scaled = PureState(ket.space, 3j * psi)
        assert genuine_witness(state, scaled) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("delta", [0.2, 1.0, 3.0])
def test_crossed_pairs_are_genuinely_entangled_and_parallel_pairs_are_not(delta):
    ket = crossed(1.0, delta)
    cuts = [c for k in (1, 2) for c in itertools.combinations(range(4), k)]
    alpha = max(whole(ket).ptrace(cut).eigenenergies()[-1] for cut in cuts)
    for state in (ket, ket.density(), ket.reduce("B2", "A1", "B1", "A2")):
        assert genuine_witness(state) == pytest.approx(alpha - 1, abs=1e-13)
        assert genuine_witness(state, ket) < -1e-3
    assert genuine_witness(crossed(1.0, 0)) == pytest.approx(0, abs=1e-14)
    assert genuine_witness(crossed(1.0, 0), ket) >= 0


@given(seed=seeds)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_mixtures_of_biseparable_states_never_get_below_zero(seed):
    rng = np.random.default_rng(seed)
    rho = np.zeros((16, 16), complex)
    for weight in rng.dirichlet(np.ones(3)):
        order = rng.permutation(4)
        k = int(rng.integers(1, 3))
        parts = [qutip.rand_ket(2**m, seed=int(rng.integers(2**31))).full() for m in (k, 4 - k)]
        psi = np.kron(*parts).reshape(2, 2, 2, 2).transpose(order).ravel()
        rho += weight * np.outer(psi, psi.conj())
    state = density(qubits(4).modes, rho)
    targets = [random_ket(rng, qubits(4)), *(PureState(qubits(4), f(4)) for f in (ghz, cluster))]
    assert genuine_witness(state) >= -1e-13
    assert all(genuine_witness(state, target) >= -1e-13 for target in targets)


# Wrong arguments

BELL = density(PAIR, ghz(2))
MIXED = PureState(SPACES["oscillators with a shared limit"], np.eye(40)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: concurrence(vacuum(PAIR), *PAIR), "`state` must be a DensityState or PureState"),
        (lambda: negativity(qutip.ket2dm(qutip.bell_state()), *PAIR), "of a QuTiP state"),
        (lambda: concurrence(BELL, "left", "middle"), "`b` must name modes of the state"),
        (lambda: concurrence(BELL, "left", "left.q"), "`b` must share no mode with `a`"),
        (lambda: concurrence(MIXED, "a", "b.1"), r"`a` must name one mode.*a.0, a.1"),
        (lambda: concurrence(MIXED, "a.1", "b.0"), r"`b` must name a qubit.*qubits: a.1, b.1"),
        (lambda: negativity(BELL, "left", ["right", "left"]), "`b` must share no mode"),
        (lambda: log_negativity(BELL, "left", []), "`b` must name at least one mode"),
        (lambda: log_negativity(1.0, *PAIR), "GaussianState, DensityState or PureState, but is 1"),
        (lambda: purity(np.eye(2)), "`state` must be a GaussianState, DensityState or PureState"),
        (lambda: occupation("ab"), "`state` must be a GaussianState, DensityState or PureState"),
        (lambda: von_neumann_entropy(None), "must be a GaussianState, DensityState or PureState"),
        (lambda: mutual_information(0, *PAIR), "must be a GaussianState, DensityState or"),
        (lambda: fidelity(0, BELL), "`first` must be a GaussianState, DensityState or PureState"),
        (lambda: fidelity(BELL, vacuum(PAIR)), "`second` must be a DensityState or PureState"),
        (lambda: fidelity(vacuum(PAIR), BELL), "`second` must be a GaussianState, as `first` is"),
        (lambda: fidelity(BELL, density("m", ghz(1))), "`second` must have the modes of the other"),
        (lambda: von_neumann_entropy(BELL, "middle"), "`modes` must name modes"),
        (lambda: von_neumann_entropy(vacuum(PAIR), "middle"), "`modes` must name modes"),
        (lambda: occupation(BELL, "middle"), "`mode` must name modes"),
        (lambda: measures.steering(BELL, *PAIR), "`state` must be a GaussianState, but"),
        (lambda: genuine_witness(BELL, ghz(2)), "`target` must be a PureState"),
        (lambda: genuine_witness(BELL, PureState(qubits(2), ghz(2))), "`target` must have the mod"),
        (lambda: genuine_witness(density("m", ghz(1))), "`state` must have two modes or more"),
        (
            lambda: genuine_witness(BELL, PureState(BELL.space, np.zeros(4))),
            "`target` must be a ket that is not zero",
        ),
        (lambda: BELL.expect(lower("middle")), "`operator` must act on modes of the state"),
        (lambda: BELL.expect(1.0), "`operator` must be a Ladder"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


def test_measures_are_plain_numbers_and_have_units():
    for state in (BELL, PureState(BELL.space, ghz(2))):
        found = {
            "concurrence": concurrence(state, *PAIR),
            "entanglement_of_formation": entanglement_of_formation(state, *PAIR),
            "negativity": negativity(state, *PAIR),
            "log_negativity": log_negativity(state, *PAIR),
            "purity": purity(state),
            "occupation": occupation(state, "left"),
            "von_neumann_entropy": von_neumann_entropy(state),
            "mutual_information": mutual_information(state, *PAIR),
            "fidelity": fidelity(state, BELL),
            "genuine_witness": genuine_witness(state),
        }
        assert {type(value) for value in found.values()} == {float}
        assert set(found) <= set(UNITS)


def test_what_a_typed_state_misses_is_shown_in_digits_that_tell():
    with pytest.raises(qc.ArgumentError, match=r"have norm 1, but is 'norm 1\.0000000"):
        qc.ket("a.q", np.array([0.6, 0.8], np.float32))
    with pytest.raises(qc.ArgumentError, match=r"but is 'trace 1\.0000000"):
        qc.density("a.q", np.diag([0.4, 0.6]).astype(np.float32))
    skew = np.array([[0.5, 0.3], [0.300002, 0.5]])
    with pytest.raises(qc.ArgumentError, match="be Hermitian"):
        qc.density("a.q", skew)
    with pytest.raises(qc.ArgumentError, match="Hermitian"):
        qc.fock_pulse(skew, qc.pulse("gaussian", width=1.0))
