"""Which link limits, and how far parameters may be off: values, closed forms, two routes."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.inverse import slopes
from qcascade.inverse.sensitivities import sensitivity_by
from qcascade.inverse.tolerances import wilson
from qcascade.papers.jiao2022.model import COUPLED, DAMPING, INTRINSIC, MOTION

LOST, UP, DOWN, DAMPED = (
    qc.si(x, "rad/s") / MOTION for x in (INTRINSIC, COUPLED["left"], COUPLED["right"], DAMPING)
)
CASCADE = {"g_u": 0.00171642, "g_d": 0.00270913, "lost_u": LOST, "out_u": UP, "lost_d": LOST}
CASCADE |= {"out_d": DOWN, "damped_u": DAMPED, "damped_d": DAMPED, "loss": 0.1}
"""jiao2022's rates in units of ω_m: pairs upstream, at .9999 of threshold, and a swap down."""


def cascade(g_u, g_d, lost_u, out_u, lost_d, out_d, damped_u, damped_d, loss):
    parts = {
        "up": qc.cavity(decay={"fibre": out_u, "lost": lost_u}),
        "up_motion": qc.mechanical_mode(0.0, damped_u, occupation=0.0),
        "fibre": qc.fibre(1 - loss),
        "down": qc.cavity(decay={"fibre": out_d, "lost": lost_d}),
        "down_motion": qc.mechanical_mode(0.0, damped_d, occupation=0.0),
    }
    net = qc.Network(
        parts,
        [("up.out_fibre", "fibre.in"), ("fibre.out", "down.in_fibre")],
        couplings=[
            qc.two_mode_squeezing("up.a", "up_motion.b", g_u),
            qc.hopping("down.a", "down_motion.b", g_d),
        ],
    )
    state = qc.steady_state(qc.gaussian(net))
    return {
        "margin": qc.measures.margin(state, "up_motion", "down_motion"),
        "stable": state.stable,
    }


SLOW = pytest.mark.slow

KNOWN = {"g_u": 0.236441, "lost_u": -0.182675, "damped_d": -0.169211, "out_d": 0.131148}
KNOWN |= {"lost_d": -0.131088, "out_u": 0.064509, "damped_u": 0.050901, "loss": -0.043703}
"""d margin/d ln x of a prototype in 50 digits, the largest first."""


@pytest.fixture
def without_jax(monkeypatch):
    monkeypatch.setattr(slopes, "_reverse", lambda *_: None)


@pytest.mark.usefixtures("without_jax")
def test_differences_find_which_link_of_the_cascade_limits():
    found = qc.sensitivity(cascade, CASCADE)
    assert found.by == "differences"
    assert found.of == "margin"
    assert_allclose(found.value, 0.41933635, atol=5e-7)
    assert list(found.elasticities)[:-1] == list(KNOWN)
    assert_allclose(list(found.elasticities.values())[:-1], list(KNOWN.values()), atol=2e-6)
    assert abs(found.elasticities["g_d"]) < 3e-5  # which is at its best
    total = sum(x for name, x in found.elasticities.items() if name != "loss")
    assert abs(total) < 2e-6  # only ratios of rates matter


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_reverse_mode_finds_the_same_and_rates_add_up_to_zero():
    found = qc.sensitivity(cascade, CASCADE)
    assert found.by == "reverse mode"
    assert list(found.elasticities)[:-1] == list(KNOWN)
    assert_allclose(list(found.elasticities.values())[:-1], list(KNOWN.values()), atol=1e-6)
    assert abs(sum(x for name, x in found.elasticities.items() if name != "loss")) < 1e-10


@pytest.mark.usefixtures("without_jax")
@pytest.mark.parametrize("seed", range(3))
def test_elasticities_by_all_rates_and_detunings_add_up_to_zero_in_any_network(seed):
    """A dimensionless f(λx) = f(x) has Σ x ∂f/∂x = 0 (Euler)."""
    rng = np.random.default_rng(seed)
    names = ["gain", "decay", "hop", "below", "above", "other"]
    at = dict(zip(names, rng.uniform(0.2, 0.5, 6) * [1, 3, 1, 1, -1, 4], strict=True))

    def point(gain, decay, hop, below, above, other):
        parts = {
            "s": qc.pair_source(gain, decay=(decay, other), detuning=(below, above)),
            "m": qc.cavity(above, decay=decay),
        }
        net = qc.Network(parts, [("s.out_a", "m.in")], couplings=[qc.hopping("s.b", "m.a", hop)])
        return {"margin": qc.measures.margin(qc.steady_state(qc.gaussian(net)), "s.a", "m.a")}

    found = qc.sensitivity(point, at)
    assert np.abs(list(found.elasticities.values())).max() > 0.01
    assert abs(sum(found.elasticities.values())) < 1e-8


def chain(j, r, hop, bath, beyond, beyond_bath, quanta):
    """pelka2026's chain of four nodes, margin of 0 and 2: what is matched at every edge varies."""
    parts = {"0": qc.squeezed_mode(-r, 1.0)} | {str(k): qc.cavity(1.0) for k in range(1, 5)}
    couplings = {"in": qc.hopping("0.a", "1.a", j)}
    couplings |= {f"own{k}": qc.local_bath(f"{k}.a", 0.002) for k in range(5)}
    edges = [(hop, 0.8), (0.4, bath), (beyond, beyond_bath)]
    for k, (rate, common) in enumerate(edges, 1):
        ends = f"{k}.a", f"{k + 1}.a"
        couplings[f"hop{k}"] = qc.hopping(*ends, 1j * rate)
        couplings[f"bath{k}"] = qc.common_bath(dict.fromkeys(ends, 1.0), common, occupation=quanta)
    state = qc.steady_state(qc.gaussian(qc.Network(parts, couplings=couplings)))
    return {"margin": qc.measures.margin(state, "0", "2")}


@pytest.mark.parametrize(
    "route", ["differences", pytest.param("reverse mode", marks=[pytest.mark.needs("jax"), SLOW])]
)
def test_links_of_the_one_way_chain_beyond_a_node_change_nothing_at_it(route, monkeypatch):
    if route == "differences":
        monkeypatch.setattr(slopes, "_reverse", lambda *_: None)
    at = {"j": 0.5, "r": 0.3, "hop": 0.4, "bath": 0.8, "beyond": 0.4, "beyond_bath": 0.8}
    found = qc.sensitivity(chain, {**at, "quanta": 0.0})
    assert found.by == route
    assert found.absolute == ("quanta",)
    known = {"j": 0.051578, "r": 0.032019, "hop": 0.022665, "bath": -0.005497}
    known |= {"beyond": 0.0, "beyond_bath": 0.0, "quanta": -1.988903}
    for name, x in known.items():
        assert_allclose(found.elasticities[name], x, atol=6e-7)
    assert found.elasticities["beyond"] == found.elasticities["beyond_bath"] == 0.0


@pytest.mark.usefixtures("without_jax")
def test_margin_has_a_limiting_link_where_nothing_is_entangled():
    warm = {"gain": 0.1, "quanta": 2.0}

    def point(gain, quanta):
        model = qc.gaussian(
            qc.Network(
                {"s": qc.pair_source(gain)}, occupations=dict.fromkeys(("s.in_a", "s.in_b"), quanta)
            )
        )
        state = qc.steady_state(model)
        margin = qc.measures.margin(state, "s.a", "s.b")
        return {"E_N": qc.log_negativity(state, "s.a", "s.b"), "margin": margin}

    found = qc.sensitivity(point, warm)
    assert found.value < 0
    assert found.elasticities["gain"] > 0 > found.elasticities["quanta"]
    flat = qc.sensitivity(point, warm, of="E_N")
    assert set(flat.elasticities.values()) == {0.0}


@pytest.mark.usefixtures("without_jax")
def test_slopes_at_the_ends_of_ranges_are_one_sided_and_absolute_at_zero():
    def point(loss, passed):
        return {
            "f": 3 * qc.fibre(1 - loss).S[..., 0, 0].real ** 2 + qc.fibre(passed).S[..., 0, 0].real
        }

    found = qc.sensitivity(point, {"loss": 0.0, "passed": 1.0})
    assert found.absolute == ("loss",)
    assert_allclose(found.slopes["loss"], -3.0, rtol=1e-8)
    assert_allclose(found.elasticities["passed"], 0.5, rtol=1e-8)


@pytest.mark.needs("jax")
def test_what_jax_cannot_trace_is_found_by_differences():
    def point(x):
        return {"f": np.asarray(x) ** 3}

    found = qc.sensitivity(point, {"x": 2.0})
    assert found.by == "differences"
    assert_allclose(found.elasticities["x"], 24.0, rtol=1e-9)
    traced = qc.sensitivity(lambda x: {"f": x**3}, {"x": 2.0})
    assert (traced.by, traced.elasticities["x"]) == ("reverse mode", 24.0)


@pytest.mark.usefixtures("without_jax")
def test_numbers_with_a_unit_reach_the_point_with_it_and_change_no_elasticity():
    def point(gain, decay):
        state = qc.steady_state(qc.gaussian(qc.Network({"m": qc.squeezed_mode(gain, decay=decay)})))
        return {"purity": qc.measures.purity(state)}

    plain = qc.sensitivity(point, {"gain": 0.2, "decay": 1.0})
    measured = qc.sensitivity(point, {"gain": "0.2 MHz", "decay": "1 MHz"})
    assert_allclose(measured.at["decay"], 2e6 * np.pi)
    for name, x in plain.elasticities.items():
        assert_allclose(measured.elasticities[name], x, rtol=1e-7)


@pytest.mark.usefixtures("without_jax")
def test_the_chart_has_a_bar_for_every_parameter_and_the_largest_on_top():
    found = qc.sensitivity(lambda a, b, c: {"f": a * b**3 / c**2}, {"a": 1.0, "b": 1.0, "c": 1.0})
    axes = qc.figure(found.data, "elasticity").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["b", "c", "a"]
    assert_allclose([bar.get_width() for bar in axes.patches], [3.0, -2.0, 1.0], rtol=1e-8)
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()
    below, above = sorted(axes.get_ylim())
    assert axes.get_ylim() == (above, below)  # the first on top


@pytest.mark.parametrize("verb", [qc.sensitivity, qc.tolerance])
def test_wrong_points_are_told(verb):
    with pytest.raises(qc.ArgumentError, match=r"`at` must name parameters.*did you mean 'g_u'"):
        verb(cascade, {**CASCADE, "gu": 1.0})
    with pytest.raises(qc.ArgumentError, match=r"`at` must give every parameter.*is 'loss'"):
        verb(cascade, {name: x for name, x in CASCADE.items() if name != "loss"})
    with pytest.raises(qc.ArgumentError, match=r"`of` must name outputs.*\(outputs: margin"):
        verb(cascade, CASCADE, of="E_N")
    with pytest.raises(qc.UnstableError, match=r"no steady state at g_u = 0\.1, g_d"):
        verb(cascade, {**CASCADE, "g_u": 0.1})
    with pytest.raises(qc.ArgumentError, match=r"`at\[x\]` must be one real number"):
        verb(lambda x: {"f": x}, {"x": [1.0, 2.0]})


# Tolerance


@pytest.mark.parametrize(
    ("share", "value", "stable", "works"),
    [(1.0, 0.41933635, 0.5053, 0.5053), (0.9, 0.39515986, 0.9644, 0.9644), (0.8, 0.36983831, 1, 1)],
)
def test_failure_is_instability_and_backing_off_helps(share, value, stable, works):
    at = {**CASCADE, "g_u": share * CASCADE["g_u"]}
    found = qc.tolerance(cascade, at)
    error = np.sqrt(works * (1 - works) / 10_000) + 1e-4
    assert_allclose(found.nominal, value, atol=5e-7)
    assert abs(found.stable - stable) < 3 * error
    assert abs(found.probability - works) < 3 * error
    assert found.interval[0] < found.probability <= found.interval[1]
    assert next(iter(found.costs)) == "g_u"


def test_samples_are_log_normal_and_the_probability_is_its_closed_form():
    found = qc.tolerance(lambda x: {"f": x}, {"x": 3.0}, spread=0.2, keep=0.9)
    exact = 0.5 * math.erfc(math.log(0.9) / (0.2 * math.sqrt(2)))
    assert found.kinds == {"x": "rate"}
    low, high = found.interval
    assert low < exact < high
    logs = np.log(found.data.x.values / 3.0)
    assert_allclose([logs.mean(), logs.std()], [0.0, 0.2], atol=0.006)


def test_shares_stay_shares_and_loss_and_transmission_vary_alike():
    def lossy(loss):
        return {"f": qc.fibre(1 - loss).S[..., 0, 0].real}

    def passing(eta):
        return {"f": qc.fibre(eta).S[..., 0, 0].real}

    first = qc.tolerance(lossy, {"loss": 0.1}, spread=0.05)
    second = qc.tolerance(passing, {"eta": 0.9}, spread={"eta": 0.05})
    assert first.kinds == {"loss": "share"}
    assert_allclose(np.sort(first.data.loss), np.sort(1 - second.data.eta), atol=0.003)
    assert_allclose(first.data.loss.std() / 0.1, 0.05, rtol=0.03)  # the smaller of the two: 5 %
    wide = qc.tolerance(lossy, {"loss": 0.9}, spread=1.0)
    assert 0 < wide.data.loss.min() < wide.data.loss.max() < 1
    assert qc.tolerance(lossy, {"loss": 0.0}).kinds == {"loss": "fixed"}


def test_phases_vary_by_an_angle_and_detunings_keep_their_sign():
    def point(phase, detuning, zero):
        return {"f": 2 + np.cos(phase) + detuning + zero}

    at = {"phase": 0.3, "detuning": -1.0, "zero": 0.0}
    found = qc.tolerance(point, at, spread=0.05)
    assert found.kinds == {"phase": "phase", "detuning": "rate", "zero": "fixed"}
    assert_allclose(found.data.phase.std(), 0.05, rtol=0.03)
    assert found.data.detuning.max() < 0
    named = qc.tolerance(point, at, spread={"zero": 0.2})
    assert_allclose(named.data.zero.std(), 0.2, rtol=0.03)
    assert named.data.detuning.std() == 0


def test_costs_are_shares_of_the_variance():
    """f = Σ c_k ln x_k has shares c_k²s_k²/Σ."""
    found = qc.tolerance(
        lambda x, y, z: {"f": 10 + np.log(x) - 2 * np.log(y) + 0 * z},
        {"x": 2.0, "y": 3.0, "z": 1.0},
        spread={"x": 0.1, "y": 0.1, "z": 0.1},
    )
    assert list(found.costs) == ["y", "x", "z"]
    assert_allclose(list(found.costs.values()), [0.8, 0.2, 0.0], atol=0.02)


def test_the_same_seed_gives_the_same_bits():
    first, again, other = (
        qc.tolerance(lambda x: {"f": x}, {"x": 1.0}, samples=100, seed=s) for s in (1, 1, 2)
    )
    assert first.data.identical(again.data)
    assert not first.data.identical(other.data)


def test_the_interval_is_wilsons():
    """Its ends p solve (p̂ − p)² = z²p(1 − p)/n."""
    z = 1.959963984540054
    for k, n in ((964, 1000), (0, 10), (10, 10)):
        for p in wilson(k, n):
            assert_allclose((k / n - p) ** 2, z**2 * p * (1 - p) / n, atol=1e-12)


def test_wrong_spreads_are_told():
    at = {"x": 1.0}
    with pytest.raises(qc.ArgumentError, match=r"`spread` must name parameters in `at`.*'y'"):
        qc.tolerance(lambda x: {"f": x}, at, spread={"y": 0.1})
    with pytest.raises(qc.ArgumentError, match=r"`spread\[x\]` must be a number between 0 and 1"):
        qc.tolerance(lambda x: {"f": x}, at, spread={"x": -0.1})
    with pytest.raises(qc.ArgumentError, match="`keep` must be a number between 0 and 1"):
        qc.tolerance(lambda x: {"f": x}, at, keep=2.0)


def test_at_a_kink_at_zero_the_slope_is_that_to_larger_values():
    """A margin of two resonators is ln(1 + 2|g|/κ): its slope from g = 0 is 2/κ, not 0."""

    def point(gain, detuning):
        parts = {"a": qc.cavity(detuning, decay=1.0), "b": qc.cavity(-detuning, decay=1.0)}
        pairs = qc.two_mode_squeezing("a.a", "b.a", gain)
        state = qc.steady_state(qc.gaussian(qc.Network(parts, [], [pairs])))
        return {"margin": qc.measures.margin(state, "a", "b")}

    found = sensitivity_by(slopes.differences, point, {"gain": 0.0, "detuning": 0.0})
    assert_allclose([found.slopes["gain"], found.slopes["detuning"]], [2, 0], atol=1e-8)
    smooth = {"x": 0.0, "y": 0.0}
    found = sensitivity_by(slopes.differences, lambda x, y: {"f": np.cos(x) + np.exp(y)}, smooth)
    assert_allclose([found.slopes["x"], found.slopes["y"]], [0, 1], atol=1e-9)
