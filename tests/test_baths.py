"""Baths that modes share: one-way edges, gain, and the directional amplifier."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax, jnp
from random_networks import random_gaussian_network

import qcascade as qc
from qcascade.parts import gain_bath, one_way

RATES = [0.7, -0.7, 0.3 + 0.4j, -0.2j, 1e-9 * (1 + 3j), 1e9 * (0.1 - 0.7j)]


def joined(*couplings, kinds=(0.3, -0.2), decay=1.0):
    parts = {name: qc.cavity(d, decay=decay) for name, d in zip(("a", "b"), kinds, strict=True)}
    return qc.Network(parts, couplings=couplings)


# One way


@pytest.mark.parametrize("rate", RATES)
def test_the_first_mode_drives_the_second_as_the_equation_says(rate):
    """ȧ = −|g|/2 a, ḃ = −|g|/2 b − g a, and not a bit back."""
    size = abs(rate)
    net = joined(one_way("a.a", "b.a", rate), kinds=(0.0, 0.0), decay=size)
    A = qc.gaussian(net).A
    assert not A[:2, 2:].any()
    turned = np.array([[rate.real, -rate.imag], [rate.imag, rate.real]])
    assert_allclose(A[2:, :2], -turned, rtol=1e-14, atol=1e-15 * size)
    assert_allclose(A[:2, :2], -size * np.eye(2), rtol=1e-14)
    assert_allclose(A[2:, 2:], -size * np.eye(2), rtol=1e-14)


@pytest.mark.parametrize("rate", RATES)
def test_an_edge_is_a_waveguide_that_both_modes_couple_to(rate):
    size, phase = abs(rate), np.angle(rate)
    parts = {
        "a": qc.cavity(0.3 * size, decay=[size, size]),
        "turn": qc.phase_shifter(phase),
        "b": qc.cavity(-0.2 * size, decay=[size, size]),
    }
    cascade = qc.Network(parts, [("a.out2", "turn.in"), ("turn.out", "b.in2")])
    edge = joined(one_way("a.a", "b.a", rate), kinds=(0.3 * size, -0.2 * size), decay=size)
    one, two = qc.gaussian(cascade), qc.gaussian(edge)
    assert_allclose(two.A, one.A, atol=1e-14 * size)
    assert_allclose(two.D, one.D, atol=1e-14 * size)
    there = qc.scattering(one, 0.4 * size)["direct"]
    here = qc.scattering(two, 0.4 * size)["direct"]
    names = {"output": ["a.out1", "b.out1"], "input": ["a.in1", "b.in1"]}
    same = {"output": ["a.out", "b.out"], "input": ["a.in", "b.in"]}
    assert_allclose(here.sel(same), there.sel(names), atol=1e-13)


def test_an_edge_is_an_exchange_matched_to_a_common_bath():
    g = 0.3 + 0.4j
    matched = joined(
        qc.hopping("a.a", "b.a", 0.5j * np.conj(g)),
        qc.common_bath({"a.a": 1, "b.a": np.conj(g) / abs(g)}, abs(g)),
    )
    one, two = qc.gaussian(matched), qc.gaussian(joined(one_way("a.a", "b.a", g)))
    assert_allclose(two.A, one.A, atol=1e-15)
    assert_allclose(two.D, one.D, atol=1e-15)


def test_what_enters_downstream_never_leaves_upstream_whatever_else_there_is():
    tried = 0
    for seed in range(40):
        net = random_gaussian_network(seed)
        if net is None or len(net.modes) < 1 or qc.growth(qc.gaussian(net).A) >= 0:
            continue
        rng = np.random.default_rng(seed)
        last = qc.squeezed_mode(0.1, rng.normal(), decay=[1.0, 0.5])
        edge = one_way(net.modes[0], "last.a", complex(*rng.normal(size=2)), occupation=0.4)
        parts, couplings = {**net.parts, "last": last}, {**net.couplings, "edge": edge}
        model = qc.gaussian(qc.Network(parts, net.wires, couplings))
        N = 2 * len(model.modes) - 2
        order = [k for k, mode in enumerate(model.modes) if mode != "last.a"]
        rows = np.array([[2 * k, 2 * k + 1] for k in order]).ravel()
        at = 2 * model.modes.index("last.a")
        assert len(rows) == N
        assert not model.A[rows, at : at + 2].any(), seed
        assert model.A[at : at + 2].any()
        if qc.growth(model.A) < 0:
            passed = qc.scattering(model, 0.3)
            upstream = [x for x in model.outputs if x.split(".")[0] not in ("last", "edge")]
            back = passed.sel(output=upstream, input=["last.in1", "last.in2"])
            assert not back["direct"].values.any()
            assert not back["conjugate"].values.any()
        tried += 1
    assert tried > 15


def test_the_isolator_has_its_published_transmission():
    """A. Metelmann and A. A. Clerk, Phys. Rev. X 5, 021025 (2015)."""
    net = joined(one_way("a.a", "b.a", 1.0), kinds=(0.0, 0.0))
    passed = qc.scattering(qc.gaussian(net), [0.0, 0.7])["direct"]
    forth = np.abs(passed.sel(output="b.out", input="a.in").values) ** 2
    assert_allclose(forth, [1.0, 0.4504301608], atol=1e-10)
    assert not passed.sel(output="a.out", input="b.in").values.any()


def test_an_edge_of_rate_zero_is_none_and_a_batch_equals_its_points():
    rates = np.array([0.0, 0.5j, -0.3])
    batch = qc.gaussian(joined(one_way("a.a", "b.a", rates)))
    for k, rate in enumerate(rates):
        one = qc.gaussian(joined(one_way("a.a", "b.a", rate)))
        assert_allclose(batch.A[k], one.A, atol=1e-15)
    assert_allclose(batch.A[0], qc.gaussian(joined()).A)


def test_heat_of_the_common_bath_reaches_both_modes():
    state = qc.steady_state(
        qc.gaussian(joined(one_way("a.a", "b.a", 0.5, occupation=3.0), decay=0.0))
    )
    assert_allclose(qc.measures.occupation(state), [3.0, 3.0], rtol=1e-12)


def test_qubits_downstream_leave_the_qubit_upstream_alone():
    def upstream(*couplings):
        parts = {"a": qc.qubit(0.2, decay=1.0), "b": qc.qubit(0.1, decay=0.3)}
        parts["laser"] = qc.coherent_drive(0.4)
        net = qc.Network(parts, [("laser.out", "a.in")], couplings)
        return qc.steady_state(qc.lindblad(net), progress=False)

    forth = upstream(one_way("a.q", "b.q", 0.5 + 0.2j))
    alone = upstream(qc.local_bath("a.q", abs(0.5 + 0.2j)), qc.local_bath("b.q", 1.0))
    assert_allclose(forth.reduce("a").blocks[0], alone.reduce("a").blocks[0], atol=1e-9)
    assert qc.measures.occupation(forth, "b") > 0.01
    assert qc.measures.occupation(alone, "b") < 1e-9


@pytest.mark.needs("jax")
def test_a_rate_that_jax_traces_keeps_its_zeros_and_its_slope():
    def drift(rate):
        return qc.gaussian(joined(one_way("a.a", "b.a", rate))).A

    A = jax.jit(drift)(0.5 + 0.0j)
    assert not np.asarray(A)[:2, 2:].any()
    slope = jax.jacobian(lambda x: drift(x * (0.6 + 0.8j)))(jnp.asarray(0.5))
    assert_allclose(slope[2:, :2], -np.array([[0.6, -0.8], [0.8, 0.6]]), atol=1e-12)


# Gain


def test_gain_feeds_a_mode_with_the_least_noise():
    model = qc.gaussian(joined(gain_bath({"a.a": 1}, 0.4)))
    assert_allclose(model.A[:2, :2], [[-0.3, 0.3], [-0.3, -0.3]], atol=1e-15)
    assert_allclose(model.D, np.diag([0.7, 0.7, 0.5, 0.5]), atol=1e-15)
    assert np.array_equal(qc.gaussian(joined(gain_bath("a.a", 0.4))).A, model.A)
    hot = qc.gaussian(joined(gain_bath("a.a", 0.4, occupation=1.5)))
    assert_allclose(hot.D[:2, :2], (0.5 + 0.2 * 4) * np.eye(2))
    with pytest.raises(qc.UnstableError):
        qc.steady_state(qc.gaussian(joined(gain_bath({"a.a": 1}, 1.1))))


def test_one_mode_with_gain_is_an_amplifier_that_adds_half_a_quantum():
    """Reflection: √G = (κ + Γ)/(κ − Γ); idler noise (G − 1)/2 (Caves, PRD 26, 1817 (1982))."""
    kappa, gamma = 1.0, 0.8
    net = qc.Network({"a": qc.cavity(decay=kappa)}, couplings=[gain_bath({"a.a": 1}, gamma)])
    power = ((kappa + gamma) / (kappa - gamma)) ** 2
    noise = qc.quadrature_spectrum(qc.gaussian(net), "a.out", 0.0)
    assert noise == pytest.approx(power / 2 + (power - 1) / 2)


def test_the_mode_of_a_gain_bath_is_a_name_in_files_too():
    net = qc.Network({"a": qc.cavity(decay=1.0)}, couplings={"g": gain_bath("a.a", 0.4)})
    again = qc.from_toml(qc.to_toml(net))
    assert np.array_equal(qc.gaussian(again).A, qc.gaussian(net).A)


def test_modes_interfere_in_a_gain_bath():
    """Of two equal modes, a + w*b… grows and what is orthogonal to it does not."""
    net = joined(gain_bath({"a.a": 1, "b.a": 1j}, 0.4), kinds=(0.0, 0.0))
    A = qc.gaussian(net).A
    growth = np.sort(np.linalg.eigvals(A).real)
    assert_allclose(growth, [-0.5, -0.5, -0.1, -0.1], atol=1e-12)
    # (a + i b) grows: with b = −i a it is 2a. As quadratures: a = 1, b = −i.
    assert_allclose(A @ [1, 0, 0, -1], -0.1 * np.array([1, 0, 0, -1]), atol=1e-12)


def test_a_gain_bath_is_a_common_bath_of_raising_operators():
    w = {"a.a": 0.3 - 0.2j, "b.a": 1j}
    raised = {mode: np.conj(x) for mode, x in w.items()}
    one = qc.gaussian(joined(gain_bath(w, 0.4, occupation=0.2)))
    two = qc.gaussian(joined(qc.common_bath({"a.a": 0.0}, 0.4, raising=raised, occupation=0.2)))
    assert_allclose(one.A, two.A, atol=1e-15)
    assert_allclose(one.D, two.D, atol=1e-15)


def test_master_equation_has_the_moments_of_a_bath_that_lowers_and_raises():
    links = [
        qc.common_bath({"a.a": 0.5j}, 0.3, raising={"b.a": 0.4 + 0.2j}),
        gain_bath({"a.a": 0.3, "b.a": 0.2j}, 0.5, occupation=0.1),
    ]
    net = joined(*links)
    cov = qc.steady_state(qc.gaussian(net)).cov
    rho = qc.steady_state(qc.lindblad(net, {"a.a": 12, "b.a": 12}), progress=False)
    a, b = qc.lower("a.a"), qc.lower("b.a")
    r = [f * (x + s * x.dag) for x in (a, b) for f, s in ((0.5**0.5, 1), (-1j * 0.5**0.5, -1))]
    found = [[rho.expect(0.5 * (x * y + y * x)).real for y in r] for x in r]
    assert np.abs(cov - np.diag(np.diag(cov))).max() > 0.02
    assert_allclose(found, cov, atol=1e-5)


def amplifier(gamma):
    """Metelmann & Clerk, PRX 5, 021025 (2015): pairs 1–2, matched to a bath of a_1 and a_2†."""
    pairs = qc.two_mode_squeezing("a.a", "b.a", 0.5j * gamma)
    bath = qc.common_bath({"a.a": 1}, gamma, raising={"b.a": 1})
    return qc.gaussian(joined(pairs, bath, kinds=(0.0, 0.0)))


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.999])
def test_the_directional_amplifier_amplifies_one_way_and_adds_half_a_quantum_at_large_gain(gamma):
    model = amplifier(gamma)
    assert not model.A[:2, 2:].any()
    passed = qc.scattering(model, 0.0)
    gain = abs(passed["conjugate"].sel(output="b.out", input="a.in").item())
    assert gain == pytest.approx(4 * gamma / (1 - gamma**2), rel=1e-9)
    for kind in ("direct", "conjugate"):
        assert passed[kind].sel(output="a.out", input="b.in").item() == 0.0
    added = qc.quadrature_spectrum(model, "b.out", 0.0) / gain**2 - 0.5
    idle = 0.5 * (1 + gamma) ** 4 / (16 * gamma**2)
    bath = 0.5 * (1 - gamma) ** 2 / (4 * gamma)
    assert added == pytest.approx(idle + bath, rel=1e-9)
    if gamma > 0.99:
        assert added == pytest.approx(0.5, abs=1e-3)


# Words


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: one_way("a.a", "a.a", 1.0), "`second` must name another mode"),
        (lambda: one_way("a.a", "b.a", np.nan), "`rate` must be a complex number, finite"),
        (lambda: gain_bath({}, 1.0), "`weights` must be a mapping"),
        (lambda: gain_bath({"a.a": 1}, -1.0), "`rate` must be a number zero or above"),
        (lambda: qc.common_bath({"a.a": 1}, 1.0, raising={}), "`raising` must be a mapping"),
        (lambda: qc.common_bath({"a.a": 1}, 1.0, raising={"b.a": "x"}), r"`raising\[b\.a\]`"),
    ],
)
def test_bad_baths_are_refused_with_a_sentence(make, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        make()


def test_files_hold_edges_and_gain():
    net = joined(
        one_way("a.a", "b.a", 0.3 + 0.1j, occupation=0.5),
        gain_bath({"a.a": 1, "b.a": 0.5j}, 0.1),
        qc.common_bath({"a.a": 1}, 0.2, raising={"b.a": 0.5j}),
    )
    again = qc.gaussian(qc.from_toml(qc.to_toml(net)))
    assert_allclose(again.A, qc.gaussian(net).A, atol=0)
    assert_allclose(again.D, qc.gaussian(net).D, atol=0)
