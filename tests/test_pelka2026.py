"""What `independent.pelka2026` finds from the paper's equations, and the paper's claims."""

import independent.pelka2026 as typed
import numpy as np
import pytest
from told import claims_of

import qcascade as qc
from qcascade.papers import PAPERS, paper, pelka2026
from qcascade.papers.pelka2026.model import (
    entanglement,
    network,
    optomechanical_network,
    point,
    reach,
    state,
    threshold,
)


@pytest.mark.parametrize("at", typed.POINTS)
def test_points_agree_with_the_independent_implementation(at):
    here, there = point(*map(float, at)), typed.point(*at)
    np.testing.assert_allclose(here["E_N"], np.array(there["E_N"], float), rtol=1e-11, atol=1e-13)
    assert here["reach"] == there["reach"]
    assert here["occupation"][0] == pytest.approx(float(there["occupation"]), rel=1e-11)


def test_the_last_node_needs_accuracy_far_below_a_millionth():
    exact = float(typed.point("1.0", "0.02")["E_N"][-1])
    assert exact == pytest.approx(2.709e-6, rel=1e-4)
    assert point(1.0, 0.02)["E_N"][-1] == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("at", typed.UNSTABLE)
def test_unstable_points_have_no_numbers(at):
    assert typed.growth(typed.matrices(*at)[0]) > 0.01
    here = point(*map(float, at))
    assert not here["stable"]
    assert np.isnan(here["E_N"]).all()
    assert np.isnan(here["occupation"]).all()
    assert np.isnan(here["reach"])


@pytest.mark.parametrize("j", [0.2, 0.4, 0.6, 0.8, 1.0])
def test_the_threshold_is_where_the_closed_form_says(j):
    exact = threshold(j)
    assert exact == pytest.approx(float(typed.threshold(str(j))), rel=1e-14)
    assert qc.growth(qc.gaussian(network(j, exact)).A) == pytest.approx(0, abs=1e-12)
    assert point(j, exact * (1 - 1e-6))["stable"]
    assert not point(j, exact * (1 + 1e-6))["stable"]
    assert point(j, exact * (1 - 1e-3))["occupation"][0] > 50  # it diverges as the edge nears


def test_the_drift_has_no_reverse_block():
    A = qc.gaussian(network()).A.reshape(11, 2, 11, 2).transpose(0, 2, 1, 3)
    for l in range(1, 10):
        np.testing.assert_allclose(A[l, l + 1], 0, atol=1e-16)
        np.testing.assert_allclose(A[l + 1, l], -0.8 * np.eye(2), atol=1e-15)


def test_backward_nodes_behind_the_neighbour_stay_exact_vacuum():
    behind = state(0.5, 0.3, "backward")
    for k in range(1, 10):
        np.testing.assert_allclose(behind.reduce(f"{k}").cov, 0.5 * np.eye(2), atol=1e-14)
    E_N = entanglement(behind, 10)
    np.testing.assert_allclose(E_N[:9], 0, atol=1e-14)
    assert E_N[9] == pytest.approx(point(0.5, 0.3)["E_N"][0], rel=1e-12)


def test_as_printed_entanglement_leaks_backward():
    there = typed.point("0.5", "0.3", end=typed.NODES, weight_squared="0.5")["E_N"]
    assert float(there[8]) > 0.008
    here = point(0.5, 0.3, "backward", reading="printed")["E_N"]
    np.testing.assert_allclose(here, np.array(there, float), rtol=1e-11, atol=1e-13)


def test_the_phase_of_the_first_coupling_is_a_gauge():
    turned = qc.steady_state(qc.gaussian(network(0.5 * np.exp(0.7j), 0.3)))
    np.testing.assert_allclose(entanglement(turned, 10), point(0.5, 0.3)["E_N"], atol=1e-13)


@pytest.mark.parametrize("occupation", [0.001, 0.01, 0.5])
def test_uniform_heat_scales_the_covariance(occupation):
    cold, warm = point(0.5, 0.3), point(0.5, 0.3, occupation=occupation)
    expected = np.maximum(0, cold["E_N"] - np.log(2 * occupation + 1))
    # exact where E_N is above zero; where it is zero the margin was below zero already
    np.testing.assert_allclose(warm["E_N"][cold["E_N"] > 0], expected[cold["E_N"] > 0], atol=1e-12)
    assert (warm["E_N"][cold["E_N"] == 0] == 0).all()


def test_common_baths_are_the_fragile_ones():
    def margin(**warm):
        return float(qc.measures.margin(state(0.5, 0.3, **warm), "0", "2"))

    assert margin(common_occupation=0.0171) > 0 > margin(common_occupation=0.0173)
    assert margin(local_occupation=3.12) > 0 > margin(local_occupation=3.14)


def test_entanglement_reaches_the_end_for_a_moment():
    """From vacuum E_N(0,10) peaks at 3.2e-3 near t = 8.5 although the steady M_max is 4."""
    last = pelka2026.FIGURES["time"].data().E_N.sel(node=10, reading="one-way")
    assert float(last.max()) == pytest.approx(3.2e-3, abs=5e-5)
    assert float(last.idxmax()) == pytest.approx(8.5, abs=0.3)
    assert float(last[-1]) == 0


@pytest.mark.parametrize(
    ("damping", "forward", "backward"), [(100, 0.034106, 3.7e-5), (1000, 0.033675, 3.6e-7)]
)
def test_mechanical_reservoirs_approach_the_common_baths(damping, forward, backward):
    def steady(direction):
        net = optomechanical_network(0.5, 0.3, direction, mechanical_damping=damping)
        return qc.steady_state(qc.gaussian(net))

    assert qc.log_negativity(steady("forward"), "0", "2") == pytest.approx(forward, abs=5e-7)
    assert qc.log_negativity(steady("backward"), "0", "9") == pytest.approx(backward, rel=0.02)


def test_mechanical_occupation_plays_the_common_bath():
    warm = optomechanical_network(mechanical_damping=1e6, mechanical_occupation=0.01)
    effective = state(0.5, 0.3, common_occupation=0.01)
    assert qc.log_negativity(qc.steady_state(qc.gaussian(warm)), "0", "2") == pytest.approx(
        float(qc.log_negativity(effective, "0", "2")), rel=1e-4
    )


def test_reach_never_rises_with_squeezing_and_never_falls_with_hopping():
    grid = np.linspace(0, 1, 41)[1:]
    j, r = (x.ravel() for x in np.meshgrid(grid, grid, indexing="ij"))
    table = point(j, r)["reach"].reshape(40, 40)
    known = ~np.isnan(table)
    assert 100 < known.sum() < 1600
    along_r, along_j = np.diff(table, axis=1), np.diff(table, axis=0)
    assert not (along_r[~np.isnan(along_r)] > 0).any()
    assert not (along_j[~np.isnan(along_j)] < 0).any()


def test_nothing_changes_from_fifty_to_two_hundred_nodes():
    short, long = (point(1.0, 1e-3, length=length) for length in (50, 200))
    assert short["reach"] == long["reach"] == 16
    np.testing.assert_allclose(long["E_N"][:50], short["E_N"], atol=1e-14)


def test_downstream_nodes_never_change_upstream_ones():
    short, long = (point(0.7, 0.2, length=length)["E_N"] for length in (6, 10))
    # node 6 of the short chain has no edge after it, so it decays at γ/2 less
    np.testing.assert_allclose(long[:5], short[:5], atol=1e-14)


def test_a_batch_equals_a_loop():
    j, r = np.array([0.1, 0.5, 1.0, 0.8]), np.array([0.1, 0.3, 0.4, 0.1])
    batch = point(j, r)
    for k in range(4):
        single = point(j[k], r[k])
        for name in batch:
            np.testing.assert_allclose(batch[name][k], single[name], atol=1e-13)


def test_reach_counts_nodes_and_is_zero_without_entanglement():
    assert reach(np.array([[0.1, 0.2, 0.0], [0.0, 0.0, 0.0], [0.1, 0.0, 1e-9]])).tolist() == [
        2,
        0,
        3,
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"direction": "sideways"}, "`direction` must be one of: forward, backward"),
        ({"reading": "one way"}, "`reading` must be one of: one-way, printed.*did you mean"),
        ({"length": 0}, "`length` must be a whole number, 1 to 5,000"),
        ({"gamma": -1}, "`gamma` must be a number zero or above"),
        ({"occupation": -1}, "must be a number zero or above"),
        ({"squeezing": np.nan}, "`squeezing` must be a real number, finite"),
    ],
)
def test_bad_parameters_are_refused(arguments, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        point(**arguments)


VERDICTS = [
    ("below Eq. (1)", "no", "yes", "printing slip"),
    ("Fig. 2", "no", "yes", "printing slip"),
    ("Fig. 2", "yes", "yes", "agrees"),
    ("Fig. 2", "yes", "yes", "agrees"),
    ("Fig. 2", "in part", "yes", "different range"),
    ("above Eq. (3)", "no", "not concerned", "printing slip"),
    ("Eq. (3)", "no", "not concerned", "printing slip"),
    ("Fig. 2", "no", "no", "different range"),
    ("Fig. 3(b)", "no", "not concerned", "not reproducible"),
    ("Fig. 3(b)", "in part", "yes", "different range"),
    ("Fig. 3(a)", "yes", "yes", "agrees"),
    ("Fig. 3(a)", "yes", "yes", "agrees"),
    ("below Eq. (3)", "in part", "yes", "different range"),
    ("Optomechanical implementation", "no", "yes", "different range"),
]


def test_every_claim_has_numbers_and_a_verdict():
    rows = claims_of("pelka2026")
    assert [(row.source, *row[4:7]) for row in rows] == VERDICTS
    assert all(any(ch.isdigit() for ch in row.printed + row.consistent) for row in rows)
    said = " ".join(f"{row.printed} {row.consistent} {row.why}" for row in rows)
    for number in ("0.00864", "19 of 262", "11 of 263", "(0.0479)", "0.033627", "0.500616"):
        assert number in said, number


def test_either_repair_of_the_weight_makes_the_chain_one_way():
    """1/√2 kept with J = γ/4 is the chain without 1/√2 at half of γ, bath for bath."""
    kept = network(reading="printed")
    hops = {f"hop{l}": qc.hopping(f"{l}.a", f"{l + 1}.a", 0.2j) for l in range(1, 10)}
    repaired = qc.Network(kept.parts, couplings={**kept.couplings, **hops})
    A, D = (getattr(qc.gaussian(repaired), name) for name in "AD")
    half = qc.gaussian(network(gamma=0.4))
    np.testing.assert_allclose(A, half.A, atol=1e-15)
    np.testing.assert_allclose(D, half.D, atol=1e-15)


def test_more_damping_carries_entanglement_further():
    """γ = 0.8 is no optimum of M_max, and E_N(0,2) has its optimum near γ = 2."""
    gamma = np.array([0.8, 1.5, 2.05, 3.0, 3.3, 20.0])
    found = point(gamma=gamma)
    assert found["reach"][[0, 4, 5]].tolist() == [4, 10, 10]
    assert not (np.diff(found["reach"]) < 0).any()
    assert np.argmax(found["E_N"][:, 1]) == 2
    assert found["E_N"][2, 1] == pytest.approx(0.0479, abs=5e-5)


def test_the_last_entangled_node_cools_where_it_moves_on():
    """A step of j makes M_max larger, and the occupation told is that of the next node."""
    before, after = (point(j, 0.05) for j in (0.55, 0.6))
    grid = np.linspace(0.05, 1, 20)
    j, r = (x.ravel() for x in np.meshgrid(grid, grid, indexing="ij"))
    found = point(j, r)
    depth = found["reach"].reshape(20, 20)
    there = np.nan_to_num(found["reach"]).astype(int)
    n = np.where(there > 0, found["occupation"][np.arange(400), there], np.nan).reshape(20, 20)
    falls = np.argwhere(np.diff(n, axis=0) < 0)
    assert len(falls) == 11
    assert all(depth[a + 1, b] > depth[a, b] for a, b in falls)
    assert before["reach"] <= after["reach"]


@pytest.mark.parametrize("name", paper("pelka2026").FIGURES)
def test_every_figure_is_drawn_from_its_data(name):
    few = {"2": 12, "3a": 12, "3b": 12}.get(name, 9)
    plate = pelka2026.FIGURES[name]
    data = plate.data(few)
    drawing = plate.draw(data)
    assert drawing.axes[0].get_xlabel()
    assert drawing.axes[0].get_ylabel()
    assert data.data_vars


def test_figure_2_holds_both_surfaces_and_hatches_the_unstable_corner():
    data = pelka2026.FIGURES["2"].data(10).sel(reading="one-way")
    assert data.forward.dims == ("hopping", "squeezing")
    assert np.isnan(data.forward.values).sum() == (~data.stable.values).sum() > 0
    assert np.nanmax(data.backward.values) < 1e-12
    assert np.nanmax(data.forward.values) > 0.1


def test_papers_are_known_by_key():
    assert "pelka2026" in PAPERS
    with pytest.raises(qc.ArgumentError, match=r"`key` must be a paper: pelka2026.*did you mean"):
        paper("pelka2025")
