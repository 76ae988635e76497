"""Blocks of K and of the jumps that trajectories use, against Kronecker products: no statistics.

Every oscillator of the Kronecker product has as many levels to spare as the longest word can
climb, so that ⟨i|w|j⟩ is exact for all states i and j of the truncated space.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array, diags_array, eye_array, kron

from qcascade.hilbert.cutoffs import leaving
from qcascade.hilbert.space import Space
from qcascade.master_equation.trajectories import sectors as trajectory_sectors
from qcascade.master_equation.trajectories.kernels import apply
from qcascade.master_equation.trajectories.sectors import sectors_of
from qcascade.slh.ladder import Ladder, lower

LONGEST = 4  # operators in a random word
NONE = Ladder({})


def random_space(rng):
    """Qubits and oscillators in random order, cut alone or together, squeezed or not."""
    count = int(rng.integers(1, 5))
    tops, qubits = rng.integers(1, 4, count), rng.random(count) < 0.4
    tops[qubits] = 1
    modes = [f"m{k}" for k in range(count)]
    charges = [list(rng.integers(-1, 3, count)) for _ in range(int(rng.integers(0, 3)))]
    oscillators = np.flatnonzero(~qubits)
    limits, squeezed = (), {}
    if len(oscillators) > 1 and rng.random() < 0.4:
        j, k = rng.permutation(oscillators)[:2]
        squeezed = {(modes[j], modes[k]): float(rng.normal(scale=0.4))}
        for charge in charges:  # a → a cosh s + b† sinh s
            charge[k] = -charge[j]
    if len(oscillators) > 1 and rng.random() < 0.4:
        group = oscillators if squeezed else rng.permutation(oscillators)[:2]
        most = int(rng.integers(max(tops[group]), sum(tops[group]) + 1))
        limits = ((tuple(modes[k] for k in group), most),)
    charges = tuple(tuple(int(q) for q in charge) for charge in charges)
    names = tuple(m for m, is_qubit in zip(modes, qubits, strict=True) if is_qubit)
    return Space(tuple(modes), tuple(map(int, tops)), names, limits, squeezed, charges)


def random_word(rng, space):
    length = int(rng.integers(1, LONGEST + 1))
    modes = rng.choice(space.modes, length)
    return tuple((str(m), bool(d)) for m, d in zip(modes, rng.random(length) < 0.5, strict=True))


def change_of(space, word):
    """By how much a word changes every charge."""
    sign = np.zeros(len(space.modes), int)
    for mode, dagger in word:
        sign[space.modes.index(mode)] += 1 if dagger else -1
    return tuple(np.array(space.charges, int).reshape(-1, len(sign)) @ sign)


def random_operators(rng, space, real):
    """H and three jumps whose words all change the charges alike."""
    words = [random_word(rng, space) for _ in range(60)]

    def number():
        return float(rng.normal()) if real else complex(*rng.normal(size=2))

    H = Ladder({})
    for word in words:
        if len(H.terms) < 8 and not any(change_of(space, word)):
            half = (1j if real else 1) * number() * Ladder({word: 1.0})
            H = H + half + half.dag
    jumps = []
    for first in words[:3]:
        alike = [w for w in words if change_of(space, w) == change_of(space, first)]
        jumps.append(Ladder({w: number() for w in alike[: int(rng.integers(1, 6))]}))
    return H, tuple(jumps)


def led_by(space, operator):
    """O P as Kronecker products give it in the basis of the space, and the rows that are P's."""
    spare = [0 if mode in space.qubits else LONGEST for mode in space.modes]
    levels = [top + 1 + more for top, more in zip(space.tops, spare, strict=True)]

    def of_mode(k):
        """Lowering operator of one mode."""
        whole = csr_array(np.ones((1, 1)))
        for j, d in enumerate(levels):
            own = diags_array(np.sqrt(np.arange(1.0, d)), offsets=1)
            whole = kron(whole, own if j == k else eye_array(d), format="csr")
        return whole

    own = {mode: of_mode(k) for k, mode in enumerate(space.modes)}
    physical = dict(own)
    for (a, b), s in space.squeezed.items():
        physical[a] = np.cosh(s) * own[a] + np.sinh(s) * own[b].T
        physical[b] = np.cosh(s) * own[b] + np.sinh(s) * own[a].T
    rows = np.ravel_multi_index(tuple(space.quanta.T), levels)
    size = int(np.prod(levels))
    found = csr_array((size, len(rows)), dtype=complex)
    for word, c in operator.terms.items():
        # From the right, on the columns that are wanted only.
        product = eye_array(size, format="csr")[:, rows]
        for mode, dagger in reversed(word):
            product = (physical[mode].T if dagger else physical[mode]) @ product
        found = found + c * product
    return found.tocsr(), rows


def exact(space, operator):
    """P O P, in the order of the space's basis."""
    found, rows = led_by(space, operator)
    return found[rows].toarray()


def alone(kernel, rows, *arguments):
    kernel(*arguments, 0, rows)


def written_out(rows, columns, dtype):
    """The matrix of a table, column by column, by the kernel that trajectories use."""
    size = (len(rows.cut) - 1) // len(rows.shared)
    found = np.empty((size, columns), dtype)
    for k in range(columns):
        y = np.empty(size, dtype)
        apply(rows, np.eye(columns, dtype=dtype)[k], y, 0, size)
        found[:, k] = y
    return found


def check(space, H, jumps, sectors):
    """Every block, and that nothing lies between them; jumps before and after K is made of them."""
    J = [exact(space, jump) for jump in jumps]
    K = -1j * exact(space, H) - 0.5 * sum(j.conj().T @ j for j in J)
    scale = 1 + np.abs(K).max()
    blocks = [slice(a, b) for a, b in pairwise(space.offsets)]
    for q, here in enumerate(blocks):
        check_jumps(sectors, J, q, blocks, scale)
        rows = sectors.no_jump(q, alone)
        found = written_out(rows, here.stop - here.start, sectors.dtype)
        assert_allclose(found, K[here, here], atol=1e-13 * scale)
        check_jumps(sectors, J, q, blocks, scale)
    inside = np.linalg.norm([np.linalg.norm(K[here, here]) for here in blocks])
    assert_allclose(np.linalg.norm(K), inside)


def check_jumps(sectors, J, q, blocks, scale):
    """All jumps out of sector q."""
    here = blocks[q]
    for j, whole in enumerate(J):
        target = sectors.target(q, j)
        if target is None:
            assert not np.any(whole[:, here])
            continue
        block = whole[blocks[target], here]
        found = written_out(sectors.jump(q, j, alone), block.shape[1], sectors.dtype)
        assert_allclose(found, block, atol=1e-13 * scale)
        assert_allclose(np.linalg.norm(whole[:, here]), np.linalg.norm(block))


@pytest.mark.parametrize("table", [2**27, 0], ids=["looked up", "searched for"])
def test_every_matrix_element_is_that_of_the_kronecker_product(monkeypatch, table):
    monkeypatch.setattr(trajectory_sectors, "TABLE", table)
    kinds = set()
    for seed in range(80):
        rng = np.random.default_rng([seed, table])
        space = random_space(rng)
        real = bool(rng.random() < 0.5)
        H, jumps = random_operators(rng, space, real)
        sectors = sectors_of(space, H, jumps, True)
        assert sectors.real or not real
        check(space, H, jumps, sectors)
        kinds |= {
            ("sectors", len(space.sizes) > 1),
            ("squeezed", bool(space.squeezed)),
            ("shared", bool(space.limits)),
            ("qubits", len(space.qubits) == len(space.modes)),
        }
    assert len(kinds) == 8


def test_raising_above_a_cutoff_lands_nowhere():
    """⟨0,2|J|1,0⟩ of J = a + b† is 0: b† never takes away a quantum of a."""
    a, b = lower("a"), lower("b")
    space = Space(("a", "b"), (2, 2))
    for jump in (a + 1.2 * b.dag, b.dag * b.dag * b.dag + a, a.dag * b * b * b + b, a + b * b * b):
        check(space, NONE, (jump,), sectors_of(space, NONE, (jump,), True))


def test_two_oscillators_in_one_sector_with_a_jump_of_several_words():
    """A cascade d → c with Kerr: the jump d + 0.9 c stays what it is when K is made of it."""
    c, d = lower("c"), lower("d")
    H = 0.45j * (d.dag * c - c.dag * d) + 0.4 * c.dag * c.dag * c * c
    jumps = (d + 0.9 * c, 0.3 * c.dag * c + 0.2 * d.dag * d)
    space = Space(("d", "c"), (3, 3), charges=((1, 1),))
    check(space, H, jumps, sectors_of(space, H, jumps, True))


def test_words_lead_out_of_the_space_where_kronecker_products_say_so():
    seen = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        space = replace(random_space(rng), squeezed={})
        for _ in range(5):
            word = random_word(rng, space)
            found, rows = led_by(space, Ladder({word: 1.0}))
            whole = abs(found).sum(axis=0)
            inside = abs(found[rows]).sum(axis=0)
            left = leaving(space, [Ladder({word: 1.0})], space.quanta)
            np.testing.assert_array_equal(left, whole - inside > 1e-9)
            seen += left.any()
    assert seen > 40
