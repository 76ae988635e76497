"""Concurrences that are wanted, and the permutation and detunings that bring them."""

from itertools import permutations

import numpy as np
import pytest
from independent import agusti2023 as independent

import qcascade as qc
from qcascade.inverse import dark_search
from qcascade.master_equation.dark_concurrences import dark_concurrences
from qcascade.master_equation.dark_states import dark_state

FULL = np.tanh(2.0)


def partners(*order):
    """Every A_i fully entangled with B_order(i)."""
    wanted = np.zeros((len(order), len(order)))
    wanted[range(len(order)), np.array(order) - 1] = FULL
    return wanted


def distance(wanted, order, detunings):
    """By the closed form, for a permutation that counts from 1."""
    C, _ = dark_concurrences(1.0, [detunings], [[k - 1 for k in order]])
    return np.linalg.norm(np.maximum(C[0], 0) - wanted)


NOTED = [
    (partners(2, 1), (2, 1), (0, -100), 0.00019721),
    (np.full((2, 2), 0.4), (2, 1), (0, 1), 0.26717348),
    (partners(2, 3, 1), (3, 1, 2), (0, 100, -100), 0.00022594),
    (partners(4, 3, 2, 1), (4, 3, 2, 1), (0, 100, 50.55848, -100), 0.00163524),
    (partners(2, 1, 4, 5, 3), (2, 1, 5, 3, 4), (0, 100, -100, -100, 100), 0.00021491),
]
"""Targets, and patterns that are close to them."""


@pytest.mark.parametrize(("wanted", "order", "detunings", "known"), NOTED)
def test_closed_form_gives_the_known_distances(wanted, order, detunings, known):
    assert distance(wanted, order, detunings) == pytest.approx(known, abs=2e-8)


@pytest.mark.parametrize("pairs", [1, 2, 3, 4])
def test_concurrences_of_many_are_those_of_each_ket(pairs):
    rng = np.random.default_rng(pairs)
    orders = np.array(list(permutations(range(pairs))))
    detunings = 3 * rng.normal(size=orders.shape)
    C, slopes = dark_concurrences(0.7, detunings, orders)
    assert slopes.shape == (len(orders), pairs, pairs, 0)
    for b in range(0, len(orders), 5):
        state = dark_state(0.7, detunings[b], orders[b])
        for i in range(pairs):
            for j in range(pairs):
                one = qc.concurrence(state, f"A{i + 1}.q", f"B{j + 1}.q")
                assert max(C[b, i, j], 0) == pytest.approx(one, abs=1e-12)


def test_slopes_are_those_of_differences_and_do_not_see_a_common_shift():
    rng = np.random.default_rng(2)
    orders = np.array([rng.permutation(4) for _ in range(6)])
    detunings, h = rng.normal(size=(6, 4)), 1e-6
    C, slopes = dark_concurrences(1.0, detunings, orders, slopes=True)
    for k in range(4):
        step = h * np.eye(4)[k]
        up, down = (dark_concurrences(1.0, detunings + s * step, orders)[0] for s in (1, -1))
        np.testing.assert_allclose(slopes[..., k], (up - down) / (2 * h), atol=2e-9)
    np.testing.assert_allclose(slopes.sum(axis=-1), 0, atol=1e-13)
    np.testing.assert_allclose(dark_concurrences(1.0, -detunings, orders)[0], C, atol=1e-14)


@pytest.mark.parametrize(("wanted", "order", "detunings", "known"), NOTED[:3])
def test_programs_are_at_least_as_close_as_known_ones(wanted, order, detunings, known):
    best = qc.program(wanted, starts=100)
    assert best.distance <= known + 1e-8
    assert np.abs(best.detunings).max() <= 100
    assert best.distance == pytest.approx(distance(wanted, best.permutation, best.detunings))
    assert best.reachable == (known < 0.01)
    assert best.darkness < 1e-12
    assert best.difference < 1e-8
    C0 = best.patterns[0].concurrence
    assert all(p.distance == pytest.approx(best.distance, abs=2e-7) for p in best.patterns)
    np.testing.assert_array_equal(best.concurrence, C0)


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "order", "detunings", "known"), NOTED[3:])
def test_programs_of_four_and_five_pairs(wanted, order, detunings, known):
    best = qc.program(wanted)
    assert best.distance <= known
    assert best.reachable
    assert order in {p.permutation for p in best.patterns}


@pytest.mark.slow
def test_six_pairs_in_a_ring():
    best = qc.program(partners(2, 3, 4, 5, 6, 1))
    assert best.distance < 2e-4
    assert best.reachable
    assert best.darkness < 1e-11


def test_direction_of_a_cycle_and_of_the_permutation():
    """A1–B2, A2–B3, A3–B1: qubit j of rail B has the detuning of its partner, reversed."""
    wanted = partners(2, 3, 1)
    best = qc.program(wanted, starts=100)
    parts = best.network().parts
    for i, j in enumerate((2, 3, 1), 1):
        A, B = (parts[name].H.terms[(("q", True), ("q", False))] for name in (f"A{i}", f"B{j}"))
        assert pytest.approx(-B) == A
    reverse = qc.program(wanted.T, starts=100)
    assert distance(wanted.T, best.permutation, best.detunings) > 1
    assert reverse.distance == pytest.approx(best.distance, abs=1e-8)


def test_a_pattern_drawn_at_random_is_found_again_and_dark_for_equations_of_its_own():
    rng = np.random.default_rng(8)
    upper, order = rng.normal(size=3), [2, 0, 1]
    wanted = np.maximum(dark_concurrences(0.6, [upper], [order])[0][0], 0)
    best = qc.program(wanted, r=0.6, starts=60)
    assert best.distance < 1e-7
    assert best.why == ""
    found = [k - 1 for k in best.permutation]
    assert independent.darkness(0.6, best.detunings, found) < 1e-12


def test_the_same_seed_gives_the_same_bits():
    wanted = np.array([[0.1, 0.3, 0.2], [0.0, 0.2, 0.4], [0.5, 0.0, 0.1]])
    first, again = (qc.program(wanted, starts=30, seed=3) for _ in "12")
    assert first.distance == again.distance
    np.testing.assert_array_equal(first.detunings, again.detunings)


def test_steps_never_lead_away_and_keep_the_bound():
    rng = np.random.default_rng(4)
    wanted = dark_search.Wanted(partners(3, 1, 2), 1.0, 2.0)
    orders = np.array(list(permutations(range(3))))
    start = rng.uniform(-2, 2, orders.shape)
    before = dark_search.descend(wanted, orders, start, 0).distances
    after = dark_search.descend(wanted, orders, start, 20)
    assert np.all(after.distances <= before)
    assert np.any(after.distances < before - 0.1)
    assert np.abs(after.detunings).max() == 2


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (np.full((4, 4), FULL / 4), "more than three partners"),
        ([[0.9, 0.0], [0.9, 0.0]], "column 1 sums to 1.8"),
        (np.full((2, 2), 0.4), "no permutation and no detunings were found that bring all 4"),
    ],
)
def test_what_cannot_be_reached_is_told_with_a_reason(wanted, words):
    best = qc.program(wanted, starts=20)
    assert not best.reachable
    assert best.distance > 0.1
    assert words in best.why
    assert words in repr(best)


def test_what_only_larger_detunings_bring_is_reachable_and_says_so():
    best = qc.program(partners(2, 1), furthest=3.0, starts=20)
    assert best.distance == pytest.approx(distance(partners(2, 1), (2, 1), (3, -3)))
    assert best.reachable
    assert "larger detunings" in best.why


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            [[0.5, 0.5], [0.0, 0.2]],
            r"sum to at most tanh 2r = 0.964028, but is 1.0 \(row 1\)",
        ),
        ([[0.5, 0.1]], "square matrix"),
        ([[-0.1]], "0 or above"),
        ([[np.nan]], "targets"),
        (np.zeros((8, 8)), "at most 7"),
    ],
)
def test_targets_that_cannot_be_meant_are_refused(wanted, words):
    with pytest.raises(qc.ArgumentError, match=words):
        qc.program(wanted)
