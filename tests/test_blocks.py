"""Block-diagonal density matrices: the right-hand side against dense matrices and QuTiP."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
import qutip

from qcascade.base.checks import ArgumentError
from qcascade.hilbert.space import Space
from qcascade.hilbert.states import DensityState
from qcascade.master_equation.generator import Generator
from qcascade.master_equation.layout import Layout, Mirror
from qcascade.slh.ladder import lower, total


def no_jump(H, jumps):
    """K = −iH − ½ΣJ†J."""
    return -1j * H - 0.5 * sum((J.conj().T @ J for J in jumps), 0 * H)


def chain(rail):
    """Σ_{u<v} (i/2)(c_u†c_v − c_v†c_u)."""
    hops = [(u, v) for k, u in enumerate(rail) for v in rail[k + 1 :]]
    return total(0.5j * (u.dag * v) - 0.5j * (v.dag * u) for u, v in hops)


def dual_rail(pairs, detunings=None, r=1.0, dephasing=0.0):
    """Space, K and jumps of the broadband network, Eqs. (1)-(4) of agusti2023; and A ↔ B."""
    rails = [[f"{rail}{k + 1}" for k in range(pairs)] for rail in "AB"]
    names = (*rails[0], *rails[1])
    space = Space(names, (1,) * 2 * pairs, names, charges=((1,) * pairs + (-1,) * pairs,))
    a, b = ([lower(name) for name in rail] for rail in rails)
    H = space.matrix(chain(a) + chain(b) + 0.0)
    for k, delta in enumerate([] if detunings is None else detunings):
        H = H + space.matrix(delta * (a[k].dag * a[k]) - delta * (b[k].dag * b[k]))
    L_A, L_B, c, s = total(a), total(b), np.cosh(r), np.sinh(r)
    jumps = [space.matrix(c * L_A - s * L_B.dag), space.matrix(c * L_B - s * L_A.dag)]
    if dephasing:
        numbers = [2 * (lower(m).dag * lower(m)) - 1 for m in names]
        jumps += [space.matrix(np.sqrt(dephasing / 2) * n) for n in numbers]
    order = [*range(pairs, 2 * pairs), *range(pairs)]
    return space, no_jump(H, jumps), jumps, space.positions(space.quanta[:, order])


def amplifier(photons, g=0.3, kappa=2.0, delta=0.0):
    """One pair of qubits behind an amplifier of finite bandwidth, Eq. (11), g = (κ/2) tanh(r/2)."""
    names, r = ("A0", "B0", "A1", "B1"), 2 * np.arctanh(2 * g / kappa)
    space = Space(
        names,
        (photons, photons, 1, 1),
        ("A1", "B1"),
        limits=((("A0", "B0"), photons),),
        squeezed={("A0", "B0"): r / 4},
        charges=((1, -1, 1, -1),),
    )
    a, b, p, q = map(lower, names)
    H = 1j * g * (a.dag * b.dag) - 1j * g * (a * b) + delta * (p.dag * p) - delta * (q.dag * q)
    H = H + chain([np.sqrt(kappa) * a, p]) + chain([np.sqrt(kappa) * b, q])
    jumps = [space.matrix(np.sqrt(kappa) * a + p), space.matrix(np.sqrt(kappa) * b + q)]
    image = space.positions(space.quanta[:, [1, 0, 3, 2]])
    return space, no_jump(space.matrix(H), jumps), jumps, image


def random_model(seed, charges):
    """Qubits and an oscillator with arbitrary hopping, decay, pumping and dephasing."""
    rng = np.random.default_rng(seed)
    names = ("m", "p", "q", "s")
    space = Space(names, (3, 1, 1, 1), names[1:], charges=charges)
    c = {name: lower(name) for name in names}

    def number():
        return complex(*rng.normal(size=2))

    pairs = [("m", "p"), ("q", "s"), ("m", "m"), ("q", "q")]
    half = total(number() * (c[u].dag * c[v]) for u, v in pairs)
    jumps = [number() * c["m"] + number() * c["p"], number() * c["q"].dag, number() * c["s"]]
    jumps += [number() * (c["p"].dag * c["p"]), 0.7 * (c["q"].dag * c["q"]), c["s"] * c["p"].dag]
    if not charges:
        half = half + number() * c["m"] + number() * (c["p"] * c["s"])
        jumps.append(c["m"] + number() * c["m"].dag)
    H = space.matrix(half + half.dag)
    jumps = [space.matrix(jump) for jump in jumps]
    return space, no_jump(H, jumps), jumps


def random_state(layout, seed=0):
    """A random Hermitian vector that obeys the mirror."""
    rng, space = np.random.default_rng(seed), layout.space
    full = rng.normal(size=(space.dimension,) * 2)
    full = full if layout.real else full + 1j * rng.normal(size=full.shape)
    full = full + full.conj().T
    if layout.mirror is not None:
        image = full[np.ix_(layout.mirror.image, layout.mirror.image)]
        full = full + (image.conj() if layout.mirror.conjugate else image)
    cuts = space.offsets
    blocks = [full[a:b, a:b] for a, b in pairwise(cuts)]
    return layout.pack(DensityState(space, tuple(blocks)))


def whole(layout, x):
    """The whole matrix of a packed vector."""
    space = layout.space
    full = np.zeros((space.dimension,) * 2, complex)
    for q, block in enumerate(layout.unpack(x).blocks):
        here = slice(space.offsets[q], space.offsets[q + 1])
        full[here, here] = block
    return full


def check_against_dense(layout, K, jumps, seed=0):
    """Both maps agree with matrix products, and are Hermitian to the last bit."""
    x = random_state(layout, seed)
    rho, K_full = whole(layout, x), K.toarray()
    drift = K_full @ rho + rho @ K_full.conj().T
    jumped = sum(J.toarray() @ rho @ J.toarray().conj().T for J in jumps)
    generator = Generator(layout, K, jumps)
    found = [generator.apply(x), generator.no_jump(x)]
    for y, expected in zip(found, (drift + jumped, drift), strict=True):
        assert np.abs(whole(layout, y) - expected).max() < 1e-13 * np.abs(expected).max()
        for k in range(len(layout.stored)):
            block = layout.block(y, k)
            assert np.array_equal(block, block.conj().T)
    return x, found[0]


@pytest.mark.parametrize("charges", [(), ((1, 1, 1, 1),), ((1, 1, 0, 0), (0, 0, 1, 1))])
@pytest.mark.parametrize("seed", range(3))
def test_random_models_agree_with_dense_matrices_with_one_charge_several_or_none(seed, charges):
    space, K, jumps = random_model(seed, charges)
    if len(charges) == 2:  # the last jump moves an excitation from one charge to the other
        assert len(space.sectors) == 15
    check_against_dense(Layout(space), K, jumps, seed)


@pytest.mark.parametrize("dephasing", [0.0, 0.3])
@pytest.mark.parametrize("pairs", [1, 2, 3])
def test_the_detuned_dual_rail_agrees_with_dense_matrices_and_keeps_the_trace(pairs, dephasing):
    space, K, jumps, image = dual_rail(pairs, [0.3, -1.1, 2.0][:pairs], dephasing=dephasing)
    for mirror in (None, Mirror(image, conjugate=True)):
        layout = Layout(space, mirror)
        x, y = check_against_dense(layout, K, jumps, pairs)
        assert abs(layout.trace(y)) < 1e-12 * np.abs(x).max() * space.dimension


@pytest.mark.parametrize("dephasing", [0.0, 0.3])
@pytest.mark.parametrize("pairs", [2, 3])
def test_mirror_and_real_numbers_change_nothing_on_resonance(pairs, dephasing):
    space, K, jumps, image = dual_rail(pairs, dephasing=dephasing)
    small = Layout(space, Mirror(image), real=True)
    x, y = check_against_dense(small, K, jumps)
    state = small.unpack(x)
    for layout in (Layout(space), Layout(space, real=True), Layout(space, Mirror(image))):
        found = layout.unpack(Generator(layout, K, jumps).apply(layout.pack(state)))
        for a, b in zip(found.blocks, small.unpack(y).blocks, strict=True):
            assert np.abs(a - b).max() < 1e-13 * np.abs(y).max()
        assert layout.trace(layout.pack(state)) == pytest.approx(small.trace(x), rel=1e-13)
        z = layout.pack(state)
        assert layout.inner(z, z) == pytest.approx(small.inner(x, x), rel=1e-13)
    assert small.inner(x, x) == pytest.approx(np.linalg.norm(whole(small, x)) ** 2, rel=1e-13)


@pytest.mark.parametrize("delta", [0.0, 0.8])
def test_an_amplifier_of_finite_bandwidth_in_a_squeezed_basis_agrees_with_dense_matrices(delta):
    space, K, jumps, image = amplifier(6, delta=delta)
    for mirror in (None, Mirror(image, conjugate=delta != 0)):
        check_against_dense(Layout(space, mirror, real=delta == 0), K, jumps)


def test_the_liouvillian_of_qutip_agrees():
    space, K, jumps, _ = dual_rail(2, [0.4, -0.9])
    layout = Layout(space)
    x = random_state(layout)
    H = 0.5j * (K - K.conj().T)
    J = [qutip.Qobj(jump.toarray()) for jump in jumps]
    L = qutip.liouvillian(qutip.Qobj(H.toarray()), J)
    expected = qutip.vector_to_operator(L * qutip.operator_to_vector(qutip.Qobj(whole(layout, x))))
    found = whole(layout, Generator(layout, K, jumps).apply(x))
    assert np.abs(found - expected.full()).max() < 1e-13 * np.abs(found).max()


@pytest.mark.parametrize("real", [False, True])
def test_threads_and_little_scratch_give_the_same_as_one_thread(real, monkeypatch):
    from qcascade.master_equation import block_tables

    space, K, jumps, _ = dual_rail(4, None if real else [0.1, 0.2, 0.3, 0.4])
    jumps = [*jumps, *(0.3 * space.matrix(lower(name)) for name in space.modes)]
    layout = Layout(space, real=real)
    x = random_state(layout)
    expected = Generator(layout, K, jumps).apply(x)
    for name, value in (("_ALONE", 0.0), ("_CHUNK", 1e4), ("_SCRATCH", 0)):
        monkeypatch.setattr(block_tables, name, value)
    found = Generator(layout, K, jumps)
    # Terms of one element may be added in another order.
    assert np.abs(found.apply(x) - expected).max() < 1e-14 * np.abs(expected).max()
    assert np.array_equal(found.apply(x), found.apply(x, out=np.empty_like(x)))


@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 5])
def test_the_dual_rail_holds_binomially_many_elements(pairs):
    space, _, _, image = dual_rail(pairs)
    middle = comb(2 * pairs, pairs)
    assert Layout(space).size == comb(4 * pairs, 2 * pairs)
    mirrored = Layout(space, Mirror(image), real=True)
    assert mirrored.size == (comb(4 * pairs, 2 * pairs) + middle**2) // 2
    assert mirrored.dtype == np.float64
    assert Layout(space).dtype == np.complex128
    assert mirrored.weights.tolist() == [2.0] * pairs + [1.0]


def test_a_packed_state_comes_back():
    space, _, _, image = dual_rail(2)
    for layout in (Layout(space), Layout(space, Mirror(image, conjugate=True))):
        x = random_state(layout)
        assert np.array_equal(layout.pack(layout.unpack(x)), x)


def test_states_without_the_symmetry_are_refused():
    space, _, _, image = dual_rail(1)
    blocks = [np.diag([0.1 + 0.1 * k] * d) for k, d in enumerate(space.sizes)]
    state = DensityState(space, tuple(blocks))
    with pytest.raises(ArgumentError, match="mirror image"):
        Layout(space, Mirror(image)).pack(state)
    blocks[1] = np.array([[0.5, 0.1j], [-0.1j, 0.5]])
    with pytest.raises(ArgumentError, match="be real"):
        Layout(space, real=True).pack(DensityState(space, tuple(blocks)))
    blocks[1] = np.array([[0.5, 0.1], [0.2, 0.5]])
    with pytest.raises(ArgumentError, match="Hermitian"):
        Layout(space).pack(DensityState(space, tuple(blocks)))
    with pytest.raises(ArgumentError, match="live on"):
        Layout(dual_rail(2)[0]).pack(state)


def test_matrices_that_break_the_sectors_are_refused():
    space, K, jumps, _ = dual_rail(2)
    a = space.matrix(lower("A1"))
    with pytest.raises(ArgumentError, match="`K` must act within sectors"):
        Generator(Layout(space), K + a, jumps)
    with pytest.raises(ArgumentError, match=r"`jumps\[1\]` must take each sector to one sector"):
        Generator(Layout(space), K, [jumps[0], a + a.conj().T])
    with pytest.raises(ArgumentError, match="`K` must be real"):
        Generator(Layout(space, real=True), dual_rail(2, [1.0, 2.0])[1], jumps)
    with pytest.raises(ArgumentError, match="`K` must have shape"):
        Generator(Layout(space), K[:3], jumps)
    with pytest.raises(ArgumentError, match="involution"):
        Mirror(np.array([1, 2, 0]))
    with pytest.raises(ArgumentError, match="splits one"):
        Layout(space, Mirror(np.array([1, 0, *range(2, 16)])))
    with pytest.raises(ArgumentError, match="16 states"):
        Layout(space, Mirror(np.arange(4)))


def test_vectors_that_do_not_fit_are_refused():
    space, K, jumps, _ = dual_rail(1)
    generator = Generator(Layout(space, real=True), K, jumps)
    x = np.zeros(generator.layout.size)
    with pytest.raises(ArgumentError, match="`x` must be a packed vector"):
        generator.apply(x.astype(complex))
    with pytest.raises(ArgumentError, match="`x` must be a packed vector"):
        generator.apply(x[1:])
    with pytest.raises(ArgumentError, match="not `x`"):
        generator.apply(x, out=x)
