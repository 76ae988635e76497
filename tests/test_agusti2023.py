"""Closed forms against what `independent.agusti2023` finds, and the claims."""

from importlib import import_module

import independent.agusti2023 as typed
import numpy as np
import pytest

import qcascade as qc
from qcascade.master_equation.dark_states import (
    as_array,
    dark_state,
    exchanges,
)
from qcascade.measures.density import von_neumann_entropy
from qcascade.papers import agusti2023
from qcascade.papers.agusti2023.engine import amplified, final_purity, preparation
from qcascade.papers.agusti2023.master_equation import wired_equation
from qcascade.papers.agusti2023.model import detunings, network, order, point, steady_state
from qcascade.papers.statements import judge

H_1 = typed.pair_entropy(1.0)  # of one qubit of a pair at r = 1, nat


def typed_by_hand(squeezing, upper, lower):
    """H, J_A, J_B of Eqs. (1)–(4) as dense matrices, γ = 1, factors A1 … AN, B1 … BN."""
    pairs = len(upper)
    minus = np.array([[0, 1], [0, 0]], complex)
    z = np.diag([-1.0, 1.0])

    def at(k, matrix):
        return np.kron(np.kron(np.eye(2**k), matrix), np.eye(2 ** (2 * pairs - k - 1)))

    sigma = [at(k, minus) for k in range(2 * pairs)]
    H = sum(d / 2 * at(k, z) for k, d in enumerate([*upper, *lower]))
    for first in (0, pairs):
        for i in range(first, first + pairs):
            for j in range(i + 1, first + pairs):
                hop = sigma[i].T @ sigma[j]
                H = H + 0.5j * (hop - hop.T)
    L_A, L_B = sum(sigma[:pairs]), sum(sigma[pairs:])
    c, s = np.cosh(squeezing), np.sinh(squeezing)
    return H, c * L_A - s * L_B.T, c * L_B - s * L_A.T


def worst(state, operators):
    ket = as_array(state).ravel()
    return max(np.linalg.norm(operator @ ket) for operator in operators)


def draws(number):
    """Random (r, δ_A, P) with up to four pairs."""
    rng = np.random.default_rng(2023)
    for _ in range(number):
        pairs = int(rng.integers(2, 5))
        yield rng.uniform(0.1, 2), rng.normal(0, 2, pairs), rng.permutation(pairs).tolist()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("detuning", typed.CROSSED)
@pytest.mark.parametrize("word", ["reversed", "2,1"])
def test_two_crossed_pairs_agree_with_the_independent_implementation(detuning, sign, word):
    straight, crossed = typed.crossed(detuning)  # from the Liouvillian of Eq. (1)
    found = point(detuning=sign * detuning, permutation=word)
    expected = [[straight, crossed], [crossed, straight]]
    np.testing.assert_allclose(found["concurrence"], expected, atol=1e-11)
    assert found["purity"] == pytest.approx(1, abs=1e-14)
    assert found["residual"] < 1e-14
    assert (found["blocks"], found["elements"]) == (5, 70)
    assert found["preparation_time"] is None


@pytest.mark.parametrize("detuning", [0.2, 2.0])
def test_block_entropies_of_eight_reversed_pairs(detuning):
    assert typed.darkness(1.0, np.arange(8) * detuning, range(8)[::-1]) < 1e-13
    found = point(pairs=8, detuning=detuning, permutation="reversed")
    np.testing.assert_allclose(found["entropy"], typed.entropies(8, detuning), atol=1e-12)
    assert found["residual"] < 1e-13
    assert found["elements"] == 601080390  # C(32, 16)


@pytest.mark.parametrize("r", [0.0, 0.3, 1.0, 2.5])
def test_a_single_pair_has_the_concurrence_tanh_two_r(r):
    found = point(pairs=1, squeezing=r)
    assert found["concurrence"][0][0] == pytest.approx(np.tanh(2 * r), abs=1e-12)
    assert found["entropy"] == []


def test_parallel_pairs_are_a_product_whatever_their_detuning():
    found = point(pairs=4, detuning=0.7)
    np.testing.assert_allclose(found["concurrence"], np.tanh(2) * np.eye(4), atol=1e-7)
    np.testing.assert_allclose(found["entropy"], 0, atol=1e-12)


@pytest.mark.parametrize(("r", "upper", "where"), list(draws(25)))
def test_closed_form_is_dark_for_equations_typed_by_hand(r, upper, where):
    lower = -upper[where]
    state = dark_state(r, upper, where)
    assert np.linalg.norm(state.amplitudes) == pytest.approx(1, abs=1e-14)
    assert worst(state, typed_by_hand(r, upper, lower)) < 1e-12 * (1 + np.abs(upper).sum())


def test_the_printed_sign_is_not_dark_but_describes_opposite_detunings():
    upper, where = np.array([0.3, -1.0, 0.8]), [2, 0, 1]
    printed = dark_state(1.0, upper, where, sign=1.0)
    assert worst(printed, typed_by_hand(1.0, upper, -upper[where])) > 0.1
    assert worst(printed, typed_by_hand(1.0, -upper, upper[where])) < 1e-13
    right = dark_state(1.0, upper, where)
    overlap = np.vdot(printed.amplitudes.conj(), right.amplitudes)
    assert abs(overlap) == pytest.approx(1, abs=1e-13)


def test_order_of_the_exchanges_does_not_matter():
    """Two decompositions of the reversed order of three (the braid relation) give one state."""
    upper = np.array([0.0, 0.4, 1.7])
    assert exchanges([2, 1, 0]) == [1, 0, 1]
    state = as_array(dark_state(0.8, upper, [2, 1, 0]))
    other, now = as_array(dark_state(0.8, upper, [0, 1, 2])), -upper
    for i in (0, 1, 0):
        theta = -np.arctan(now[i] - now[i + 1])
        swapped = np.swapaxes(other, 3 + i, 4 + i)
        other = np.exp(1j * theta) * (np.cos(theta) * other + 1j * np.sin(theta) * swapped)
        now[[i, i + 1]] = now[[i + 1, i]]
    np.testing.assert_allclose(other, state, atol=1e-14)


def test_equation_ten_as_printed_is_the_steady_state():
    for step in (-2.0, 0.6):
        state = as_array(steady_state(2, 1.0, step, "2,1"))
        parallel, delta = as_array(steady_state()), -step  # Δ = δ_A,1 − δ_A,2
        ket = (parallel + 1j * delta * np.swapaxes(parallel, 2, 3)) / np.hypot(1, delta)
        assert abs(np.vdot(ket, state)) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("word", ["parallel", "reversed", "2,3,1", "3,1,2"])
def test_the_wired_network_is_the_printed_broadband_equation(word):
    """The parts know nothing of Eqs. (1)–(4); a random state feels the same generator."""
    model = qc.lindblad(network(3, 0.8, 0.6, word))
    H, J_A, J_B = typed_by_hand(0.8, *detunings(3, 0.6, word))
    place = model.space.quanta @ (1 << np.arange(6)[::-1])
    rng = np.random.default_rng(5)
    mixed = rng.normal(size=(64, 64)) + 1j * rng.normal(size=(64, 64))
    mixed = mixed + mixed.conj().T
    expected = -1j * (H @ mixed - mixed @ H)
    for J in (J_A, J_B):
        square = J.T @ J
        expected += J @ mixed @ J.T - (square @ mixed + mixed @ square) / 2
    found = wired_equation(model)(mixed[np.ix_(place, place)])
    np.testing.assert_allclose(found, expected[np.ix_(place, place)], atol=1e-12)


def test_dephasing_is_the_printed_dissipator():
    quiet, noisy = (
        wired_equation(qc.lindblad(network(1, 0.5, dephasing=rate))) for rate in (0.0, 0.3)
    )
    rng = np.random.default_rng(8)
    mixed = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    n = qc.lindblad(network(1)).space.quanta
    expected = np.zeros((4, 4), complex)
    for z in (np.diag(2 * n[:, k] - 1) for k in (0, 1)):
        expected += 0.15 * (z @ mixed @ z - mixed)  # γ_φ/2 𝒟[σᶻ], σᶻσᶻ = 1
    np.testing.assert_allclose(noisy(mixed) - quiet(mixed), expected, atol=1e-13)


@pytest.mark.parametrize(("pairs", "detuning"), typed.TIMES)
def test_preparation_times_are_those_of_the_typed_master_equation(pairs, detuning):
    found = point(pairs, detuning=detuning, permutation="reversed", quantity="preparation")
    expected = typed.preparation_time(pairs, detuning)
    assert found["preparation_time"] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("setting", "photons"),
    [(typed.PAIRS[0], 8), *(pytest.param(x, 10, marks=pytest.mark.slow) for x in typed.PAIRS)],
)
def test_a_pair_behind_an_amplifier_is_that_of_the_typed_master_equation(setting, photons):
    bandwidth, dephasing, delta = setting
    settings = {"bandwidth": bandwidth, "dephasing": dephasing, "offset": delta, "photons": 10}
    found = point(pairs=1, **settings)["concurrence"][0][0]
    assert found == pytest.approx(typed.first_concurrence(*setting, photons), abs=1e-7)


def test_entropy_of_a_rail_depends_on_squeezing_alone():
    for r, upper, where in draws(10):
        x = np.cosh(r) ** 2 / np.cosh(2 * r)
        h = -x * np.log(x) - (1 - x) * np.log(1 - x)
        state = dark_state(r, upper, where)
        rail = [f"A{i}.q" for i in range(1, len(where) + 1)]
        assert von_neumann_entropy(state, rail) == pytest.approx(len(where) * h, abs=1e-11)
    state = steady_state(5, 1.0, 0.2, "2,4,1,5,3")
    assert von_neumann_entropy(state, [f"A{i}.q" for i in range(1, 6)]) == pytest.approx(
        5 * H_1, abs=1e-9
    )


def test_the_first_pairs_never_feel_the_later_ones():
    """The longer chain holds the shorter one's order in its first places."""
    short, long = (point(n, detuning=0.8, permutation=w) for n, w in ((2, "2,1"), (3, "2,1,3")))
    np.testing.assert_allclose(
        np.array(long["concurrence"])[:2, :2], short["concurrence"], atol=1e-10
    )
    assert long["entropy"][1] == pytest.approx(0, abs=1e-12)  # the third pair is a product


def test_orders_are_read_as_written():
    assert order("parallel", 3) == order("1,2,3", 3) == (0, 1, 2)
    assert order("reversed", 4) == order(" 4, 3,2,1", 4) == (3, 2, 1, 0)
    upper, lower = detunings(3, 0.5, "2,3,1")
    assert upper == (0.0, 0.5, 1.0)
    assert lower == (-0.5, -1.0, 0.0)


def test_an_amplifier_is_driven_at_half_kappa_tanh_half_r():
    model = qc.lindblad(network(1, 1.0, bandwidth=10.0), {("source.a", "source.b"): 12})
    word = (("source.a", True), ("source.b", True))
    assert model.H.terms[word] == pytest.approx(5j * np.tanh(0.5))
    uneven = qc.lindblad(network(1, 1.0, bandwidth=(4.0, 9.0)), {("source.a", "source.b"): 12})
    assert uneven.H.terms[word] == pytest.approx(3j * np.tanh(0.5))


def test_a_fast_amplifier_sends_broadband_light():
    """Two slow cavities in place of qubits feel κ → ∞ and squeezed light alike, up to a sign."""

    def cavities(light):
        parts = {"light": light, "A": qc.cavity(decay=1.0), "B": qc.cavity(decay=1.0)}
        wires = [("light.out_a", "A.in"), ("light.out_b", "B.in")]
        return qc.steady_state(qc.gaussian(qc.Network(parts, wires))).reduce("A", "B").cov

    fast = network(1, 0.6, bandwidth=1e6).parts["source"]
    np.testing.assert_allclose(cavities(fast), cavities(qc.squeezed_light(0.6)), atol=1e-5)


def test_imperfections_are_parts_of_the_network():
    lossy = network(3, transmission=0.9)
    assert [name for name in lossy.parts if name.startswith("fibre")] == [
        "fibreA1",
        "fibreA2",
        "fibreB1",
        "fibreB2",
    ]
    assert len(qc.slh.open_ports(lossy)[0]) == 6  # the light and four losses
    assert len(qc.lindblad(lossy).jumps) == 6
    uneven = qc.lindblad(network(2, 0.0, decay_a=[1.0, 4.0], decay_b=0.25))
    jumps = [{w[0][0]: c for w, c in jump.terms.items()} for jump in uneven.jumps]
    assert {"A1.q": 1.0, "A2.q": 2.0} in jumps
    assert {"B1.q": 0.5, "B2.q": 0.5} in jumps


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"permutation": "2,2"}, "`permutation` must be 'parallel', 'reversed', or hold each of"),
        ({"permutation": "1"}, "hold each of 1,2 once.*but is '1'"),
        ({"permutation": "0,1"}, "hold each of 1,2 once"),
        ({"permutation": "2,1,3"}, "hold each of 1,2 once"),
        ({"permutation": "2,1,"}, "hold each of 1,2 once"),
        ({"permutation": "backwards"}, "hold each of 1,2 once"),
        ({"permutation": ""}, "hold each of 1,2 once"),
        ({"pairs": 0}, "`pairs` must be a whole number, 1 to 1,000"),
        ({"squeezing": np.nan}, "`squeezing` must be a real number, finite"),
        ({"detuning": [0.0, 1.0, 2.0]}, "`detuning` must be one real number, or 2 of them"),
        ({"bandwidth": 0.0}, "`bandwidth` must be a rate above zero"),
        ({"bandwidth": np.nan}, "`bandwidth` must be a rate above zero"),
        ({"dephasing": -0.1}, "`dephasing` must be a number zero or above"),
        ({"photons": 0}, "`photons` must be a whole number, 1 or above"),
        ({"quantity": "steadi"}, "`quantity` must be one of: steady, preparation"),
        ({"pairs": 30}, "memory"),
    ],
)
def test_bad_parameters_are_refused(arguments, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        point(**arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"decay_a": [1.0, 1.0, 1.0]}, "`decay_a` must be one rate or 2 of them"),
        ({"transmission": 1.2}, "`transmission` must be a number between 0 and 1"),
        ({"bandwidth": (1.0, np.inf)}, "`bandwidth` must be infinite for both rails or for none"),
        ({"bandwidth": (1.0, 2.0, 3.0)}, "`bandwidth` must be a rate above zero"),
    ],
)
def test_bad_imperfections_are_refused(arguments, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        network(**arguments)


VERDICTS = [
    ("Eq. (5)", "yes", "yes", "agrees"),
    ("Eqs. (7)–(9)", "no", "yes", "printing slip"),
    ("below Eq. (9)", "in part", "yes", "printing slip"),
    ("Eq. (10)", "no", "yes", "printing slip"),
    ("Fig. 2(b)", "yes", "yes", "agrees"),
    ("Fig. 2(c)", "yes", "yes", "agrees"),
    ("Fig. 2(c)", "yes", "yes", "agrees"),
    ("below Eq. (10)", "yes", "yes", "agrees"),
    ("below Eq. (10)", "yes", "yes", "agrees"),
    ("Fig. 2(e)", "yes", "yes", "agrees"),
    ("Fig. 2(e)", "yes", "yes", "agrees"),
    ("Fig. 2(e)", "yes", "yes", "agrees"),
    ("below Fig. 2", "yes", "yes", "agrees"),
    ("Eq. (11)", "no", "yes", "printing slip"),
    ("Fig. 3(c)", "yes", "yes", "agrees"),
    ("Fig. 3(c)", "yes", "yes", "agrees"),
    ("Fig. 3(c)", "yes", "yes", "agrees"),
    ("below Fig. 3", "yes", "yes", "agrees"),
    ("Fig. 4(a)", "yes", "yes", "agrees"),
    ("Fig. 4(a)", "yes", "yes", "agrees"),
    ("Fig. 4(b)", "yes", "yes", "agrees"),
    ("Fig. 4(b)", "yes", "yes", "agrees"),
    ("below Fig. 4", "no", "no", "different range"),
    ("Fig. 4(c)", "yes", "yes", "agrees"),
    ("below Fig. 4", "in part", "yes", "different range"),
    ("Fig. 4(d)", "in part", "yes", "different range"),
    ("below Fig. 4", "yes", "yes", "agrees"),
]


@pytest.mark.slow
def test_every_claim_has_numbers_and_a_verdict():
    rows = agusti2023.claims()
    assert [(row.source, *row[4:7]) for row in rows] == VERDICTS
    assert all(any(ch.isdigit() for ch in row.printed + row.consistent) for row in rows)
    said = " ".join(row.consistent for row in rows)
    # C_44 at Δ/γ = 0, 1, 3, for four photons to 0.4 %
    assert "C_44 = 0.3426, 0.5728, 0.3632 at Δ/γ = 0, 1, 3" in said


def test_claims_follow_the_numbers(monkeypatch):
    """With the right sign in both readings the claim about U holds; with neither it fails."""
    claims = import_module("qcascade.papers.agusti2023.claims")
    row = next(x for x in claims.STATES if x.claim.startswith("U with tan θ"))
    right = claims.dark_state
    for sign, verdict in ((-1.0, "yes"), (1.0, "no")):

        def always(squeezing, upper, where, given=None, sign=sign):
            return right(squeezing, upper, where, sign)

        monkeypatch.setattr(claims, "dark_state", always)
        assert judge(row, tuple(claims.SIGNS)).reproduced == verdict


def test_any_pattern_of_detunings_is_taken():
    """A ramp written out is the ramp; a pattern that is no ramp is dark in the wired network."""
    ramp, written = (point(3, detuning=x, permutation="2,3,1") for x in (0.7, [0.0, 0.7, 1.4]))
    assert ramp == written
    pattern = (0.3, -1.0, 2.5)
    upper, lower = detunings(3, pattern, "3,1,2", offset=0.5)
    assert upper == (0.8, -0.5, 3.0)
    assert lower == (-3.0, -0.8, 0.5)
    state = steady_state(3, 1.0, pattern, "3,1,2")
    assert (
        worst(state, typed_by_hand(1.0, np.array(pattern), -np.array(pattern)[[2, 0, 1]])) < 1e-12
    )
    assert point(3, detuning=pattern, permutation="3,1,2")["residual"] < 1e-14


def test_blocks_are_entangled_wherever_they_are():
    """Interleaved pairs at neighbouring detunings: nothing between the blocks, all within."""
    state = steady_state(4, 1.0, (0.0, 500.0, 0.5, 500.5), "3,4,1,2")

    def together(*pairs):
        return von_neumann_entropy(state, [f"{rail}{i}.q" for rail in "AB" for i in pairs])

    assert together(1, 3) < 1e-4
    assert together(1) > 0.5
    assert together(1, 2) == pytest.approx(together(1) + together(2), abs=1e-3)


@pytest.mark.parametrize(("name", "few"), [("2b", 5), ("2c", 7), ("2e", 4)])
def test_every_figure_is_drawn_from_its_data(name, few):
    plate = agusti2023.FIGURES[name]
    data = plate.data(few)
    drawing = plate.draw(data)
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in drawing.axes)
    assert all(variable.attrs["units"] for variable in data.variables.values())


def test_figures_hold_the_known_values():
    crossed = agusti2023.FIGURES["2c"].data(13)  # Δ = −6, −5, …, 6
    expected = typed.crossed(-5.0)[1]
    assert float(crossed.crossed.sel(detuning=-5)) == pytest.approx(expected, abs=1e-11)
    blocks = agusti2023.FIGURES["2e"].data()
    expected = typed.entropies(8, 0.2)[4]
    assert float(blocks.entropy.sel(detuning=0.2, block=5)) == pytest.approx(expected, abs=1e-10)
    assert blocks.entropy.sel(block=[0, 8]).values.tolist() == [[0.0, 0.0]] * 4


@pytest.mark.parametrize("given", [{"dephasing": 0.5}, {"squeezing": 0.2, "dephasing": 1.0}])
def test_a_mixed_state_is_prepared_once_its_purity_stays_near_the_final_one(given):
    """From below, or from above where the purity never falls below its final value."""
    model = amplified(network(1, **given), given.get("squeezing", 1.0))
    final = final_purity(model)
    time = preparation(model, 1, final, progress=False)
    times = time * np.array([0.99, 1.0, 1.01, 2.0, 5.0, 20.0])
    run = qc.evolve(model, None, times, {"mu": qc.measures.purity}, progress=False)
    off = np.abs(run.observed["mu"] - final)
    assert off[1] == pytest.approx(1e-3, rel=1e-5)
    assert off[0] > 1e-3 > off[2:].max()


def test_the_entropy_of_a_product_is_zero_without_a_sign():
    (value,) = point(2, squeezing=0.0)["entropy"]
    assert value == 0
    assert not np.signbit(value)
