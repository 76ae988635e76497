"""Routers: one target is entangled with the source, and phases say which."""

import numpy as np
import pytest

import qcascade as qc

ROUTER = qc.route("0", ["4", "5"])


def entanglement(net, source="0", targets=("4", "5")):
    state = qc.steady_state(qc.gaussian(net))
    return np.array([qc.log_negativity(state, source, t) for t in targets])


def test_the_best_router_of_two_relays_is_at_least_as_good_as_the_known_one():
    assert 0.68013055 <= ROUTER.contrast < 0.68013055 + 1e-4
    rates = {"drive": 0.0340996, "first": 0.9999995, "second": 0.9821808}
    rates |= {"relay": 0.033695, "target": -0.0328995}
    known = qc.inverse.Router(("0",), ("4", "5"), ("a", "b"), rates, 0.002, False, np.eye(2))
    E_N = entanglement(known.network("4"))
    assert E_N[0] == pytest.approx(0.68013055, abs=1e-6)  # the rates are printed to seven digits
    assert E_N[1] == 0.0


def test_seven_relays_are_a_little_better():
    assert 0.68466557 <= qc.route("0", ["4", "5"], relays=7).contrast < 0.68466557 + 1e-4


@pytest.mark.parametrize(("chosen", "dark"), [("4", 1), ("5", 0)])
def test_phases_alone_say_which_target_is_entangled_and_the_other_is_dark(chosen, dark):
    E_N = entanglement(ROUTER.network(chosen))
    assert E_N[1 - dark] == pytest.approx(ROUTER.contrast)
    assert E_N[dark] == 0.0
    other = ROUTER.network("5" if chosen == "4" else "4")
    net = ROUTER.network(chosen)
    assert net.parts.keys() == other.parts.keys()
    for name, coupling in net.couplings.items():
        sizes = [np.abs([*x.H.terms.values()]) for x in (coupling, other.couplings[name])]
        np.testing.assert_allclose(*sizes)


@pytest.mark.parametrize("one_way", [False, True])
def test_every_answer_keeps_its_distance_from_threshold(one_way):
    router = qc.route("s", ["x", "y", "z"], relays=4, one_way=one_way, decay=0.01)
    growth = qc.growth(qc.gaussian(router.network("y")).A)
    assert growth <= -0.25 * 0.01
    assert np.abs([*router.rates.values()]).max() <= 1.0
    off = router.entanglement - np.diag(np.diagonal(router.entanglement))
    np.testing.assert_array_equal(off, 0.0)
    np.testing.assert_allclose(np.diagonal(router.entanglement), router.contrast, rtol=1e-6)


def test_one_way_routers_never_act_back_on_their_source():
    net = qc.route("s", ["x", "y"], one_way=True).network("x")
    model = qc.gaussian(net)
    assert model.modes[0] == "s.a"
    np.testing.assert_array_equal(model.A[:2, 2:], 0.0)
    assert np.abs(model.A[2:, :2]).max() > 0.1


@pytest.mark.parametrize("one_way", [False, True])
def test_two_sources_are_sent_to_different_targets_at_once(one_way):
    router = qc.route(["s", "r"], ["x", "y"], one_way=one_way, decay=0.01)
    for chosen in ({"s": "x", "r": "y"}, {"s": "y", "r": "x"}):
        net = router.network(chosen)
        for source, target in chosen.items():
            E_N = entanglement(net, source, ("x", "y"))
            k = ("x", "y").index(target)
            assert E_N[k] == pytest.approx(router.contrast, rel=1e-6)
            assert E_N[1 - k] == 0.0


def test_the_same_seed_gives_the_same_bits_and_the_unit_of_rates_does_not_matter():
    again = qc.route("0", ["4", "5"])
    assert dict(again.rates) == dict(ROUTER.rates)
    scaled = qc.route("0", ["4", "5"], decay=2.0, largest=1000.0)
    assert scaled.contrast == pytest.approx(ROUTER.contrast, abs=1e-6)
    assert scaled.rates["first"] == pytest.approx(1000 * ROUTER.rates["first"], rel=1e-6)


def test_the_one_way_chain_is_that_of_the_paper_and_carries_forward_only():
    nodes = [str(k) for k in range(1, 11)]
    for (j, r), expected in {
        (0.1, 0.1): (0.004763766601, 0.001647778979),
        (0.8, 0.1): (0.07478331487, 0.03243231824),
        (1.0, 0.3): (0.3057325788, 0.1240375766),
    }.items():
        chain = qc.one_way_chain("0", nodes, drive=r, rate=j)
        np.testing.assert_allclose(entanglement(chain, "0", ("1", "2")), expected, rtol=1e-9)
    back = qc.one_way_chain("0", nodes, drive=0.3, rate=0.5, entrance="10")
    E_N = entanglement(back, "0", nodes)
    np.testing.assert_array_equal(E_N[:-1], 0.0)
    assert E_N[-1] == pytest.approx(0.09355772944, rel=1e-9)


def test_a_router_prints_what_it_does():
    text = repr(ROUTER)
    assert text.startswith("Router(0 → 4, 5 by 2 relays, hopping; E_N 0.6802")
    assert "drive" in text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: qc.route(["a", "b"], "c"), "`sources` must be no more than the 1 targets"),
        (lambda: qc.route("a", ["b", "c"], relays=1), "`relays` must be at least as many as the 2"),
        (lambda: qc.route("a", ["a", "c"]), "`targets` must be other modes than the sources"),
        (lambda: qc.route("a", ["relay1"]), "leave the names relay1"),
        (lambda: ROUTER.network("6"), "`chosen` must be a target: 4, 5"),
        (lambda: ROUTER.network({"1": "4"}), "have a target for every source: 0"),
        (
            lambda: qc.one_way_chain("0", ["1"], drive=0.1, rate=0.1, entrance="2"),
            "`entrance` must be a node: 1",
        ),
    ],
)
def test_what_cannot_be_routed_is_said_in_one_sentence(call, words):
    with pytest.raises(qc.ArgumentError, match=words):
        call()
