"""Graphs of couplings that reach a target: what is known is found again, and nothing is made up."""

import sys
from itertools import combinations, pairwise

import numpy as np
import pytest

import qcascade as qc
from qcascade.inverse import graphs
from qcascade.inverse.couplings import KINDS, Edge, Nodes, network_of, polynomials, values_of
from qcascade.inverse.fitting import fits_of
from qcascade.inverse.searches import _edges, _nodes

R = 0.5
SQUEEZED = qc.GaussianState(("b",), cov=np.diag([np.exp(-2 * R), np.exp(2 * R)]) / 2)
CIRCULATOR = qc.transmits(["a", "b", "c"], [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
ISOLATOR = qc.transmits(["a", "b"], [[np.nan, 0], [1, np.nan]])


def discover(*arguments, **named):
    return qc.discover(*arguments, **named, progress=False)


def edges_of(graph):
    return {(kind, ends) for kind, ends in graph.couplings}


def steady(found, k=0):
    return qc.steady_state(qc.gaussian(found.network(k)))


def powers(net, modes, frequency=0.0):
    data = qc.scattering(qc.gaussian(net), frequency).isel(frequency=0)
    out, into = [f"{x}.out" for x in modes], [f"{x}.in" for x in modes]
    both = data.sel(output=out, input=into)
    return np.abs(both.direct.values) ** 2, np.abs(both["conjugate"].values) ** 2


def test_polynomials_of_couplings_are_drift_and_diffusion_of_their_network():
    rng = np.random.default_rng(0)
    nodes = Nodes(("a", "b", "c"), (1.0, 0.0, 0.3), (0.5, 0.0, 0.0))
    edges = []
    for kind, told in KINDS.items():
        for ends in combinations(rng.permutation(3).tolist(), told.modes):
            edges.append(Edge(kind, ends if told.ordered else tuple(sorted(ends))))
    table = polynomials(nodes, edges)
    theta = np.append(rng.normal(size=table.first[-1]), 1.0)
    parts = [theta[a:b] for a, b in zip(table.first[:-1], table.first[1:], strict=True)]
    values = [values_of(edge, x) for edge, x in zip(edges, parts, strict=True)]
    model = qc.gaussian(network_of(nodes, edges, values))
    for rows, factors, expected in (
        (table.terms, table.factors, model.A),
        (table.noise, table.strengths, model.D),
    ):
        matrix = np.zeros((6, 6))
        np.add.at(matrix, (rows[:, 2], rows[:, 3]), factors * theta[rows[:, 0]] * theta[rows[:, 1]])
        np.testing.assert_allclose(matrix, expected, atol=1e-12)


def test_the_dissipative_squeezer_is_found_with_the_ratio_tanh_r():
    """H = c†(G₋ b + G₊ b†) + h.c. (Kronwald, Marquardt & Clerk, PRA 88, 063833 (2013))."""
    found = discover(
        {"c": 1.0, "b": 0.0}, ["detuning", "hopping", "two_mode_squeezing"], target=SQUEEZED
    )
    (graph,) = found.graphs
    assert edges_of(graph) == {("hopping", ("c", "b")), ("two_mode_squeezing", ("c", "b"))}
    hop, pair = graph.value("hopping", "c", "b"), graph.value("two_mode_squeezing", "c", "b")
    assert abs(pair) / abs(hop) == pytest.approx(np.tanh(R), rel=1e-9)
    np.testing.assert_allclose(steady(found).reduce("b.a").cov, SQUEEZED.cov, atol=1e-9)


def test_the_two_mode_squeezer_of_woolley_and_clerk_is_among_what_is_found():
    """Detunings ±Ω and G₊/G₋ = tanh r (Woolley & Clerk, PRA 89, 063805 (2014))."""
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    target = qc.two_mode_squeezed(["a", "b"], R)
    found = discover({"c": 1.0, "a": 0.0, "b": 0.0}, kinds, target=target)
    assert found.complete == 9
    known = {("detuning", ("a",)), ("detuning", ("b",))}
    known |= {(kind, ("c", end)) for kind in kinds[1:] for end in "ab"}
    (graph,) = (g for g in found.graphs if edges_of(g) == known)
    k = found.graphs.index(graph)
    assert k == 0  # none is smaller
    assert graph.value("detuning", "a") == pytest.approx(-graph.value("detuning", "b"), rel=1e-8)
    for one, other in ("ab", "ba"):
        ratio = graph.value("two_mode_squeezing", "c", one) / graph.value("hopping", "c", other)
        assert abs(ratio) == pytest.approx(np.tanh(R), rel=1e-8)
    assert qc.log_negativity(steady(found, k), "a", "b") == pytest.approx(2 * R, rel=1e-8)


def test_the_isolator_is_an_exchange_matched_to_a_common_bath():
    """J = Γ/2 with Γ = κ at a phase of π/2 (Metelmann & Clerk, PRX 5, 021025 (2015))."""
    kinds = ["detuning", "hopping", "common_bath", "local_bath"]
    found = discover(["a", "b"], kinds, target=ISOLATOR)
    (graph,) = found.graphs
    assert edges_of(graph) == {("hopping", ("a", "b")), ("common_bath", ("a", "b"))}
    assert abs(graph.value("hopping", "a", "b")) == pytest.approx(0.5, rel=1e-3)
    into, out = graph.value("common_bath", "a", "b")
    assert (abs(into), abs(out)) == pytest.approx((1.0, 1.0), rel=1e-3)
    (phase,) = graph.phases.values()
    assert abs(phase) == pytest.approx(np.pi / 2, rel=1e-6)
    direct, conjugate = powers(found.network(), "ab")
    assert direct[1, 0] == pytest.approx(1.0, abs=1e-8)
    assert direct[0, 1] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_array_equal(conjugate, 0.0)


def test_the_circulator_is_a_ring_with_half_the_decay_and_a_loop_phase_of_a_quarter_turn():
    found = discover(["a", "b", "c"], ["hopping", "detuning"], target=CIRCULATOR)
    (graph,) = found.graphs
    assert {kind for kind, _ in graph.couplings} == {"hopping"}
    assert [abs(v) for (v,) in graph.values] == pytest.approx([0.5] * 3, rel=1e-6)
    (phase,) = graph.phases.values()
    assert abs(phase) == pytest.approx(np.pi / 2, rel=1e-6)
    direct, _ = powers(found.network(), "abc")
    np.testing.assert_allclose(direct, CIRCULATOR.powers, atol=1e-9)
    other = discover(
        ["a", "b", "c"], ["hopping"], target=qc.transmits([*"abc"], CIRCULATOR.powers.T)
    )
    (back,) = other.graphs[0].phases.values()
    assert back == pytest.approx(-phase, rel=1e-6)  # the phase says which way round


def test_a_directional_amplifier_preserves_the_phase_and_carries_nothing_back():
    amplifier = qc.transmits(["a", "b"], [[np.nan, 0], [4, np.nan]])
    found = discover(["a", "b", "c"], ["hopping", "two_mode_squeezing"], target=amplifier)
    net = found.network()
    direct, conjugate = powers(net, "ab")
    assert direct[1, 0] == pytest.approx(4.0, rel=1e-8)
    np.testing.assert_allclose([direct[0, 1], *conjugate.diagonal(1)], 0.0, atol=1e-12)
    assert qc.growth(qc.gaussian(net).A) < 0


def test_couplings_are_enough_for_the_entanglement_that_was_asked_for():
    modes = {"c": 1.0, "a": 0.01, "b": 0.01}
    target = qc.entangled("a", "b", 0.5)
    found = discover(modes, ["hopping", "two_mode_squeezing"], target=target)
    assert [len(g.couplings) for g in found.graphs] == [1, 2]
    for k in range(2):
        assert qc.log_negativity(steady(found, k), "a", "b") >= 0.5
    # Below threshold a pair source alone has E_N < ln 2 (Milburn & Walls, Opt. Commun. 39, 401).
    more = discover(modes, ["two_mode_squeezing"], target=qc.entangled("a", "b", 0.7))
    assert more.graphs == ()


def test_mixed_states_are_found_by_their_lyapunov_equation():
    warm = qc.GaussianState(("b",), cov=np.diag([0.3, 1.2]))
    found = discover({"c": 1.0, "b": 0.1}, ["hopping", "two_mode_squeezing"], target=warm)
    np.testing.assert_allclose(steady(found).reduce("b.a").cov, warm.cov, atol=1e-6)


def test_hot_baths_are_reckoned_with():
    modes, kinds = {"c": 1.0, "a": 1e-3, "b": 1e-3}, ["hopping", "two_mode_squeezing"]
    hot, target = {"a": 5.0, "b": 5.0}, qc.entangled("a", "b", 0.5)
    found = discover(modes, kinds, target=target, occupations=hot)
    assert qc.log_negativity(steady(found), "a", "b") >= 0.5
    assert found.network().parts["a"].occupations["in"] == 5.0
    assert [g.couplings for g in found.graphs] == [
        (("hopping", ("c", "b")), ("two_mode_squeezing", ("c", "a")))
    ]  # a pair source alone does not beat the heat


def test_names_with_underscores_do_not_run_into_each_other():
    nodes = Nodes(("a", "b_a", "a_b"), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    net = network_of(nodes, [Edge("one_way", (0, 1)), Edge("one_way", (2, 0))], [[1.0], [2.0]])
    assert len(net.couplings) == 2


def test_baths_alone_make_an_epr_state():
    """Jumps a cosh r − b† sinh r and b cosh r − a† sinh r (Muschik et al., PRA 83, 052312)."""
    target = qc.two_mode_squeezed(["a", "b"], R)
    found = discover({"a": 0, "b": 0}, ["pair_bath", "hopping", "local_bath"], target=target)
    (graph,) = found.graphs
    assert {kind for kind, _ in graph.couplings} == {"pair_bath"}
    for lowering, raising in graph.values:
        assert -raising.real / lowering == pytest.approx(np.tanh(R), rel=1e-8)


@pytest.mark.parametrize("target", [ISOLATOR, qc.two_mode_squeezed(["a", "b"], R)])
def test_nothing_is_found_where_nothing_can_be(target):
    kinds = ["detuning", "hopping", "local_bath"]
    found = discover(["a", "b"], kinds, target=target)
    assert found.graphs == ()
    assert "the full graph does not work" in repr(found)
    with pytest.raises(qc.ArgumentError, match="`k` must be the number of a graph: none was found"):
        found.network()


def test_no_coupling_of_an_answer_can_be_left_out():
    target = qc.two_mode_squeezed(["a", "b"], R)
    modes = {"c": 1.0, "a": 0.0, "b": 0.0}
    found = discover(modes, ["detuning", "hopping", "two_mode_squeezing"], target=target)
    couplings = found.graphs[0].couplings
    for left_out in couplings:
        kept = {}
        for kind, ends in couplings:
            if (kind, ends) != left_out:
                kept.setdefault(kind, []).append(ends if len(ends) > 1 else ends[0])
        assert discover(modes, kept, target=target).graphs == ()


EPR = qc.two_mode_squeezed(["a", "b"], R)
PAIRS = [("c", "a"), ("c", "b"), ("a", "b")]
EIGHT = {"detuning": ["a", "b"], "hopping": PAIRS, "two_mode_squeezing": PAIRS}


def irreducible_by_trying_all(modes, edges, target):
    """Every graph on its own, and of those that work the ones that contain no other."""
    nodes = _nodes(modes, None)
    names = nodes.names
    couplings = _edges(edges, names)
    fits = fits_of(target, nodes, couplings, 10.0, 16, 3)
    graphs = range(1, 2 ** len(couplings))
    masks = np.array([[bool(g >> k & 1) for k in range(len(couplings))] for g in graphs])
    works = [
        g
        for g, theta in zip(graphs, fits.verdicts(masks, [None] * len(masks)), strict=True)
        if theta is not None
    ]
    least = [g for g in works if not any(other != g and other & ~g == 0 for other in works)]
    named = [(edge.kind, tuple(names[k] for k in edge.modes)) for edge in couplings]
    return [{named[k] for k in range(len(named)) if g >> k & 1} for g in least]


@pytest.mark.parametrize(
    ("modes", "edges", "target"),
    [
        ({"c": 1.0, "a": 0.0, "b": 0.0}, EIGHT, EPR),
        (["a", "b"], ["detuning", "hopping", "common_bath", "one_way", "local_bath"], ISOLATOR),
    ],
)
def test_the_search_finds_what_trying_all_graphs_finds(modes, edges, target):
    found = discover(modes, edges, target=target)
    alone = irreducible_by_trying_all(modes, edges, target)
    for graph in alone:  # or its mirror image
        swap = {"a": "b", "b": "a", "c": "c"}
        mirrored = set()
        for kind, ends in graph:
            other = tuple(swap[x] for x in ends)
            ordered = kind in ("one_way", "pair_bath")
            mirrored.add((kind, other if ordered else tuple(sorted(other, key="cab".index))))
        ends = [
            {
                (k, e if k == "one_way" else tuple(sorted(e, key="cab".index)))
                for k, e in edges_of(g)
            }
            for g in found.graphs
        ]
        assert graph in ends or mirrored in ends
    assert len(found.graphs) <= len(alone)


def test_where_there_are_too_many_graphs_small_ones_are_found_and_all_smaller_tried(monkeypatch):
    modes = {"c": 1.0, "a": 0.0, "b": 0.0}
    whole = discover(modes, ["detuning", "hopping", "two_mode_squeezing"], target=EPR)
    monkeypatch.setattr(graphs, "TOGETHER", 4)
    some = discover(modes, ["detuning", "hopping", "two_mode_squeezing"], target=EPR, most=36)
    assert some.complete < 9
    assert {*map(str, map(sorted, map(edges_of, some.graphs)))} <= {
        *map(str, map(sorted, map(edges_of, whole.graphs)))
    }
    assert some.graphs


def test_what_the_package_does_not_confirm_is_left_out_and_counted(monkeypatch):
    module = sys.modules["qcascade.inverse.searches"]
    monkeypatch.setattr(module, "missed", lambda *_: 1e-3)
    found = discover(["a", "b"], ["one_way"], target=ISOLATOR)
    assert (found.graphs, found.refused) == ((), 1)
    assert "1 more were not confirmed" in repr(found)


def test_most_graphs_need_not_be_tried():
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    target = qc.two_mode_squeezed(["a", "b"], R)
    found = discover({"c": 1.0, "a": 0.0, "b": 0.0}, kinds, target=target)
    assert found.tried < 2**9 / 10


def test_the_same_seed_finds_the_same_bits_and_another_the_same_graphs():
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    target = qc.two_mode_squeezed(["a", "b"], R)
    runs = [
        discover({"c": 1.0, "a": 0.0, "b": 0.0}, kinds, target=target, seed=seed)
        for seed in (0, 0, 1)
    ]
    assert runs[0].graphs == runs[1].graphs
    assert [*map(edges_of, runs[0].graphs)] == [*map(edges_of, runs[2].graphs)]


def test_the_unit_of_rates_does_not_matter():
    kinds = ["hopping", "two_mode_squeezing", "common_bath", "one_way"]
    for factor in (1.0, 2e6):
        decays = {"a": factor, "b": factor}
        found = discover(decays, kinds, target=ISOLATOR)
        rates = [abs(g.value("one_way", "a", "b")) / factor for g in found.graphs]
        assert rates[0] == pytest.approx(1.0, rel=1e-3)


def test_scattering_may_be_asked_for_at_any_frequency():
    target = qc.transmits(["a", "b"], [[np.nan, 0], [1, np.nan]], frequency=0.4)
    found = discover({"a": 2.0, "b": 2.0}, ["detuning", "one_way"], target=target)
    (graph,) = found.graphs  # resonant with what enters
    for end in "ab":
        assert graph.value("detuning", end) == pytest.approx(0.4, abs=1e-3)
    direct, _ = powers(found.network(), "ab", 0.4)
    assert (direct[1, 0], direct[0, 1]) == pytest.approx((1.0, 0.0), abs=1e-8)


@pytest.mark.parametrize("largest", [0.6, 3.0])
def test_no_rate_is_larger_than_allowed(largest):
    modes = {"c": 1.0, "a": 0.0, "b": 0.0}
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    found = discover(modes, kinds, target=EPR, largest=largest)
    assert found.graphs
    for graph in found.graphs:
        assert max(abs(x) for value in graph.values for x in value) <= largest * (1 + 1e-6)
    none = discover(["a", "b", "c"], ["hopping"], target=CIRCULATOR, largest=0.4)
    assert none.graphs == ()  # it needs half the decay


def test_what_is_found_prints_itself():
    text = repr(discover(["a", "b", "c"], ["hopping"], target=CIRCULATOR))
    assert "Discovery(|S|² = [[0 0 1], [1 0 0], [0 1 0]] from and to a, b, c)" in text
    assert "0: hopping(a, b) 0.5, hopping(a, c) 0.5, hopping(b, c) 0.5 e^{+0.5πi}" in text
    assert "optimisations in" in text


@pytest.mark.parametrize("pairs", [[("a", "b"), ("b", "c")], [("a", "b"), ("b", "c"), ("a", "c")]])
def test_nullifiers_of_a_cluster_state_are_squeezed(pairs):
    state = qc.cluster_state(["a", "b", "c"], pairs, 0.7)
    assert qc.measures.purity(state) == pytest.approx(1.0)
    for k, name in enumerate("abc"):
        null = np.zeros(6)
        null[2 * k + 1] = 1.0
        for link in pairs:
            if name in link:
                (other,) = {*link} - {name}
                null[2 * "abc".index(other)] = -1.0
        assert null @ state.cov @ null == pytest.approx(np.exp(-1.4) / 2, rel=1e-12)


@pytest.mark.slow
def test_all_graphs_that_make_the_cluster_state_of_three_modes_are_found():
    modes = ["m1", "m2", "m3"]
    target = qc.cluster_state(modes, [("m1", "m2"), ("m2", "m3")], R)
    found = discover(
        {"c": 1.0} | dict.fromkeys(modes, 0.0),
        ["detuning", "hopping", "two_mode_squeezing"],
        target=target,
    )
    assert found.complete == 16
    assert len(found.graphs) == 196
    assert [len(g.couplings) for g in found.graphs[:8]] == [9] * 7 + [10]
    for k in (0, 100, 195):
        V = steady(found, k).reduce("m1.a", "m2.a", "m3.a").cov
        np.testing.assert_allclose(V, target.cov, atol=1e-6)


@pytest.mark.slow
def test_graphs_that_make_the_cluster_state_of_five_modes_are_found():
    modes = [f"m{k}" for k in range(1, 6)]
    target = qc.cluster_state(modes, [*pairwise(modes)], R)
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    found = discover({"c": 1.0} | dict.fromkeys(modes, 0.0), kinds, target=target, most=1500)
    assert len(found.graphs[0].couplings) <= 13
    V = steady(found).reduce(*(f"{x}.a" for x in modes)).cov
    np.testing.assert_allclose(V, target.cov, atol=1e-6)


UNPHYSICAL = qc.GaussianState(("a",), cov=np.eye(2) / 4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"edges": ["coupling"]}, "`edges` must be a kind of coupling: detuning, hopping, two_"),
        ({"edges": "hopping"}, "`edges` must be a list of kinds"),
        ({"edges": []}, "`edges` must allow one to 60 couplings"),
        ({"edges": {"hopping": [("a", "x")]}}, r"`edges\[hopping\]` must be about modes of the"),
        ({"edges": {"hopping": ["a"]}}, r"`edges\[hopping\]` must be a list of pairs of modes"),
        ({"modes": ["a"]}, "`modes` must be two to 6 modes"),
        ({"modes": {"a": -1.0, "b": 1.0}}, r"`modes\[a\]` must be a number zero or above"),
        ({"modes": {"a": 0.0, "b": 1.0}}, "`modes` must give a port"),
        ({"occupations": {"x": 1.0}}, "`occupations` must be about modes of the search: a, b"),
        ({"target": UNPHYSICAL}, "`target` must be a physical state"),
        (
            {"target": qc.vacuum("x")},
            "`target` must be about modes of the search: a, b, but is 'x'",
        ),
        ({"target": np.eye(2)}, r"`target` must be `entangled\(…\)`, `transmits\(…\)` or a Gauss"),
        ({"target": qc.thermal("a", [[0.1], [0.2]])}, "`target` must be one state, not a batch"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_one_sentence(change, words):
    good = {"modes": ["a", "b"], "edges": ["hopping"], "target": ISOLATOR}
    with pytest.raises(qc.ArgumentError, match=words):
        discover(**{**good, **change})


def test_a_scattering_target_of_the_wrong_shape_is_refused():
    with pytest.raises(qc.ArgumentError, match="`powers` must be a matrix of 2 × 2 powers"):
        qc.transmits(["a", "b"], np.eye(3))
