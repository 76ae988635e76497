"""Driven chiral chains: dimers, tetramers, and the same equations typed a second time."""

from importlib import import_module

import independent.pichler2015 as typed
import numpy as np
import pytest

import qcascade as qc
from qcascade.papers import pichler2015
from qcascade.papers.pichler2015.model import ORDERS, alpha, dark, model, network, point, steady

NAMES = ("drive", "left", "loss", "dephasing", "phase")


def drawn(seed):
    """A point with everything in it, and the detunings of its four qubits."""
    rng = np.random.default_rng(seed)
    at = {name: rng.uniform(0.05, 0.9) for name in NAMES}
    at |= {"first": rng.normal(), "second": rng.normal(), "pattern": tuple(ORDERS)[seed % 3]}
    four = np.array([at["first"], -at["first"], at["second"], -at["second"]])
    return at, four[[*ORDERS[at["pattern"]]]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("route", ["network", "equations"])
def test_both_routes_are_the_equations_typed_by_hand(seed, route):
    at, deltas = drawn(seed)
    deltas[3] += 0.2
    expected = typed.steady(deltas, *(at[name] for name in NAMES))
    np.testing.assert_allclose(
        steady(**at, mismatch=0.2, route=route).matrix(), expected, atol=1e-12
    )


@pytest.mark.parametrize("pattern", ORDERS)
@pytest.mark.parametrize("left", [0.0, 0.4, 1.0])
def test_the_closed_form_is_dark_for_equations_typed_by_hand(pattern, left):
    ket = dark(pattern=pattern, left=left, first=-0.4, second=1.3, drive=0.9)
    four = np.array([-0.4, 0.4, 1.3, -1.3])[[*ORDERS[pattern]]]
    H, jumps = typed.equation(four, 0.9, left, 0.0, 0.0, 0.0)
    assert np.linalg.norm(ket) == pytest.approx(1, abs=1e-14)
    assert max(np.linalg.norm(X @ ket) for X in (H, *jumps)) < 1e-14
    found = steady(pattern=pattern, left=left, first=-0.4, second=1.3, drive=0.9).matrix()
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-12)


def test_a_dimer_by_its_formula_and_by_hand():
    assert abs(alpha(0.5, 0.3, 0.3)) ** 2 == pytest.approx(2 * 0.25 / (0.09 + 0.49 / 4))
    found = point(drive=0.7, first=-0.2, left=0.5)
    share = 2 * 0.49 / (0.04 + 0.0625)
    assert found["C_12"] == pytest.approx(share / (1 + share), abs=1e-12)
    rho = typed.steady((-0.2, 0.2, 0.7, -0.7), 0.7, 0.5, 0, 0, 0)
    assert typed.concurrence(typed.pair(rho, 3, 4)) == pytest.approx(found["C_34"], abs=1e-7)


def test_the_chain_has_a_direction():
    """With the laser's light going one way, the second pair does not act on the first."""
    first = [steady(left=0.0, mismatch=x).reduce("q1", "q2").matrix() for x in (0.0, 0.5)]
    last = [steady(left=0.0, first=x, loss=0.1).reduce("q3", "q4").matrix() for x in (0.3, 0.9)]
    np.testing.assert_allclose(first[0], first[1], atol=1e-12)
    assert np.abs(last[0] - last[1]).max() > 1e-3
    back = [steady(left=0.3, mismatch=x).reduce("q1", "q2").matrix() for x in (0.0, 0.5)]
    assert np.abs(back[0] - back[1]).max() > 1e-2


def test_parts_bring_a_port_for_every_jump():
    assert len(model().jumps) == 2
    assert len(model(loss=0.1, dephasing=0.1).jumps) == 10
    assert {"q4.out_right", "q1.out_left"} <= set(qc.slh.open_ports(network())[1])


def test_several_steady_states_are_refused():
    with pytest.raises(qc.DegenerateError):
        point(first=0.0, second=0.0, left=1.0)


@pytest.mark.parametrize("name", pichler2015.FIGURES)
def test_figures_hold_what_point_finds(name):
    data = pichler2015.FIGURES[name].data(points=3)
    assert all(np.isfinite(data[x]).all() for x in data.data_vars)
    if name == "dimers":
        np.testing.assert_allclose(data.C_12, data.formula, atol=1e-12)
        at = data.isel(drive=1).sel(left=0.3)
        assert float(at.C_12) == pytest.approx(point(drive=float(at.drive))["C_12"])


def test_claims_follow_the_sign_of_the_direction(monkeypatch):
    """With Δγ of the other sign α is conjugated, and what was read off does not agree."""
    claims = import_module("qcascade.papers.pichler2015.claims")
    row = claims.STATEMENTS[0]
    assert row.holds(row.measure("network"))
    monkeypatch.setattr(claims, "alpha", lambda **at: alpha(**at).conjugate())
    assert not row.holds(row.measure("network"))


def test_all_claims_are_reproduced_and_physical():
    for claim in pichler2015.claims():
        assert (claim.reproduced, claim.physical, claim.kind) == ("yes", "yes", "agrees"), claim
