"""The best parameters: closed forms, reference optima, and nothing that rounding has made up."""

import time

import numpy as np
import pytest
from independent import remote_motion
from numpy.testing import assert_allclose
from scipy.optimize import brentq

import qcascade as qc
from qcascade.inverse import waves
from qcascade.inverse.climb import climbed
from qcascade.inverse.problem import Limit, problem_of
from qcascade.inverse.quadratic import best_step
from qcascade.linear.delayed_steady import growth_with_delays
from qcascade.lyapunov.schur import solve_by_schur
from qcascade.lyapunov.solve import growth, solve
from qcascade.lyapunov.watched import drifts_seen, solved_by

GAMMA = 1e-4


def two_tones(eta, n):
    """Two motions behind two cavities and a one-way fibre, two tones in each cavity, κ = 1."""

    def point(s_u, b_u, s_d, b_d, a_u, m_u, a_d, m_d, out_u, out_d, phase):
        return link(s_u, b_u, s_d, b_d, (a_u, m_u, a_d, m_d), (out_u, out_d), phase, eta, n)

    return point


def link(s_u, b_u, s_d, b_d, detunings, escapes, phase, eta, n):
    (a_u, m_u, a_d, m_d), (out_u, out_d) = detunings, escapes
    parts = {
        "up": qc.cavity(a_u, decay={"fibre": out_u, "lost": 1 - out_u}),
        "up_motion": qc.mechanical_mode(m_u, GAMMA, occupation=n),
        "fibre": qc.fibre(eta, phase),
        "down": qc.cavity(a_d, decay={"fibre": out_d, "lost": 1 - out_d}),
        "down_motion": qc.mechanical_mode(m_d, GAMMA, occupation=n),
    }
    tones = [("up.a", "up_motion.b", s_u, b_u), ("down.a", "down_motion.b", s_d, b_d)]
    couplings = [qc.two_mode_squeezing(a, b, s) for a, b, s, _ in tones]
    couplings += [qc.hopping(a, b, h) for a, b, _, h in tones]
    wires = [("up.out_fibre", "fibre.in"), ("fibre.out", "down.in_fibre")]
    model = qc.gaussian(qc.Network(parts, wires, couplings=couplings))
    state = qc.steady_state(model)
    return {
        "margin": qc.measures.margin(state, "up_motion", "down_motion"),
        "growth": qc.growth(model.A),
        "stable": state.stable,
    }


def one_tone(eta, n):
    """Pairs upstream, a swap downstream, all resonant; `share` of the threshold 0.005."""

    def point(red, share=0.9):
        zero = 0.0 * red
        escapes, detunings = (0.99 + zero, 0.99 + zero), (zero, zero, zero, zero)
        return link(0.005 * share + zero, zero, zero, red, detunings, escapes, zero, eta, n)

    return point


COUPLING = qc.between(1e-4, 1, "log")
TWO_TONES = dict.fromkeys(("s_u", "b_u", "s_d", "b_d"), COUPLING)
TWO_TONES |= dict.fromkeys(("a_u", "m_u", "a_d", "m_d"), (-1, 1))
TWO_TONES |= dict.fromkeys(("out_u", "out_d"), (0.5, 0.99)) | {"phase": qc.turn()}


def pairs(gain=0.2, decay=1.0):
    """A source of pairs, one of which goes through a cavity."""
    parts = {"s": qc.pair_source(gain), "m": qc.cavity(decay=decay)}
    model = qc.gaussian(qc.Network(parts, [("s.out_a", "m.in")]))
    state = qc.steady_state(model)
    return {
        "margin": qc.measures.margin(state, "s.b", "m.a"),
        "growth": qc.growth(model.A),
        "own": qc.measures.margin(state, "s.a", "s.b"),
        "quanta": qc.measures.occupation(state, "s.b"),
    }


# Reference optima


@pytest.mark.slow
@pytest.mark.parametrize(
    ("eta", "n", "known"),
    [(1.0, 0.0, 2.28537345), (0.8, 100.0, 0.70631997), (0.5, 1.0, 0.73901593)],
)
def test_two_tones_reach_the_known_optimum(eta, n, known):
    point = two_tones(eta, n)
    best = qc.design(point, over=TWO_TONES, where={"growth": ("<=", -GAMMA / 4)}, progress=False)
    assert best.value > known - 1e-4
    assert best.growth <= -GAMMA / 4
    assert best.difference < 1e-6
    assert "distance from threshold" in best.active
    again = point(**{name: np.array([x]) for name, x in best.at.items()})
    assert_allclose(again["margin"], best.value, rtol=1e-9)


@pytest.mark.parametrize(
    ("eta", "n", "share", "known"),
    [(1.0, 0.0, 0.9, 0.92840249), (0.8, 1.0, 0.9, 0.17050127), (0.8, 0.0, 0.999, 0.81506198)],
)
def test_one_tone_reaches_the_known_optimum(eta, n, share, known):
    best = qc.design(
        one_tone(eta, n),
        over={"red": COUPLING, "share": (share - 1e-9, share)},
        runs=1,
        progress=False,
    )
    assert_allclose(best.value, known, atol=1e-6)


# Nothing that rounding has made up


@pytest.mark.slow
def test_near_threshold_the_optimum_is_that_of_sixty_digits():
    """Without a floor, rounding makes 5.9 out of 0.8155 close to threshold."""
    best = qc.design(
        one_tone(0.8, 0.0), over={"red": COUPLING, "share": (0.5, 1.5)}, runs=1, progress=False
    )
    V = remote_motion.link(
        repr(0.005 * best.at["share"]), repr(best.at["red"]), loss="0.2", coupled="0.99"
    )
    assert_allclose(best.value, float(remote_motion.margin(V, 0, 3)), atol=1e-6)
    assert best.value < 0.8157
    assert best.growth < 0
    assert "0.0001 of the slowest mode" in best.floor


GAIN = {"gain": (0.01, 2.0)}


def test_a_design_is_stable_and_keeps_a_distance_where_none_was_asked_for():
    """Of the source alone the margin is ln(1 + 2g), and Re λ = g − 1/2."""
    best = qc.design(pairs, maximise="own", over=GAIN, runs=1, progress=False)
    assert best.growth <= -0.5e-4  # the slowest mode decays at 1/2
    assert_allclose(best.at["gain"], 0.5 * (1 - 1e-4), rtol=1e-6)
    assert_allclose(best.value, np.log(1 + 2 * best.at["gain"]), rtol=1e-7)
    assert best.active == ("distance from threshold",)


def test_limits_hold_exactly_and_cost_what_they_must():
    def best(**where):
        return qc.design(pairs, maximise="own", over=GAIN, where=where, runs=1, progress=False)

    far = best(growth=("<=", -0.1))
    assert far.growth <= -0.1
    assert_allclose(far.at["gain"], 0.4, atol=1e-6)
    few = best(quanta=("<=", 0.5))
    assert few.values["own"] == few.value
    assert_allclose(few.at["gain"], np.sqrt(0.125), rtol=1e-4)  # n = 2g²/(1 − 4g²)
    assert few.active == ("quanta ≤ 0.5",)


def test_a_design_says_why_its_search_ended(monkeypatch):
    """Where nothing holds it back it is an optimum, or the search could not go on."""
    over, rng = {"x": (-1, 1), "y": (-1, 1)}, np.random.default_rng(0)

    def ended(f, generations=0):
        given = {"over": over, "runs": 1, "generations": generations, "progress": False}
        best = qc.design(lambda x, y: {"f": f(x, y)}, maximise="f", **given)
        assert best.active == ()
        assert f"held back by: nothing\n  search ended {best.ended}\n" in repr(best)
        return best.ended

    def round_hill(x, y):
        return -((x - 0.3) ** 2) - (y + 0.1) ** 2

    assert ended(round_hill) == "where slopes and curvatures promise no more"
    edge = ended(lambda x, y: -np.abs(x - 0.3) - (y + 0.1) ** 2)
    noise = ended(lambda x, y: round_hill(x, y) + 1e-3 * rng.normal(size=np.shape(x)))
    assert edge == noise == "where slopes promise more than steps gain: a kink, or noise"
    isles = ended(lambda x, y: np.where(np.sin(1e12 * x) > 0, round_hill(x, y), np.nan))
    assert isles.startswith("where no step could be made: differences have no value")
    monkeypatch.setattr(waves, "CLIMBS", 1)
    monkeypatch.setattr(waves, "SHORT", 1)
    banana = ended(lambda x, y: -((0.5 - x) ** 2) - 1e4 * (y - x * x) ** 2)
    assert banana == "when its steps ran out, still gaining"


def test_another_solver_finds_the_same_steady_states():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(20, 6, 6)) - 2 * np.eye(6)
    D = rng.normal(size=(20, 6, 6))
    D = D @ D.mT
    expected, known = solve(A, D)
    V, stable = solve_by_schur(A, D)
    assert stable.tolist() == known.tolist()
    assert 0 < known.sum() < 20
    assert_allclose(V[known], expected[known], rtol=1e-11)
    assert np.isnan(V[~known]).all()


def test_solves_inside_are_seen_and_can_be_taken_over():
    model = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    with drifts_seen() as drifts:
        qc.steady_state(model)
    qc.steady_state(model)
    assert_allclose(drifts, [model.A], rtol=0)
    with solved_by(lambda A, D: (7.0 * np.ones(A.shape), np.ones(A.shape[:-2], bool))):
        assert qc.steady_state(model).cov[0, 0] == 7.0
    assert qc.steady_state(model).cov[0, 0] == 0.5


# The search


SQUEEZER = {"drive": (0.01, 0.4)}


def squeezer(drive, decay=1.0):
    """What leaves has S = ½((1 − x)/(1 + x))² in one quadrature, the inverse in the other."""
    mode = qc.gaussian(qc.squeezed_mode(drive, decay=decay))
    low, high = (qc.quadrature_spectrum(mode, "out", 0.0, angle=x) for x in ("90 deg", 0.0))
    return {"S": low, "S_dB": qc.decibel(low), "excess": high - 0.5}


def smallest(wish, **more):
    given = {"over": SQUEEZER, "runs": 1, "generations": 20, "progress": False, **more}
    return qc.design(squeezer, minimise=wish, **given)


def test_the_smallest_of_an_output_is_found_and_recorded():
    best, exact = smallest("S"), 0.5 * (0.2 / 1.8) ** 2
    assert_allclose([best.value, best.values["S"], *best.runs], exact, rtol=1e-12)
    assert best.active == ("drive = 0.4",)
    assert best.small
    assert repr(best).startswith("Design: smallest S = 0.00617")
    assert "1 of 1 runs within 1e-4" in repr(best)
    steps = best.history.best.values[0]
    assert (np.diff(steps[np.isfinite(steps)]) <= 0).all()
    assert_allclose(np.nanmin(steps), exact, rtol=1e-12)
    assert_allclose(smallest("S_dB").value, 20 * np.log10(0.2 / 1.8), rtol=1e-9)
    assert smallest("S", where={"excess": ("<=", 1.5)}).active == ("excess ≤ 1.5",)


def test_of_several_outputs_to_be_small_the_largest_is_made_small():
    """S = ½y² and excess = ½(1/y² − 1) for y = (1 − x)/(1 + x): equal where y⁴ + y² = 1."""
    best = smallest(("S", "excess"))
    square = (np.sqrt(5) - 1) / 2
    assert_allclose(list(best.values.values()), square / 2, rtol=1e-6)
    assert best.value == max(best.values.values())


def test_the_largest_and_the_smallest_are_not_asked_for_at_once():
    with pytest.raises(qc.ArgumentError, match="`minimise` must not be given together with `maxi"):
        smallest("S", maximise="S_dB")
    with pytest.raises(qc.ArgumentError, match=r"`minimise` must name outputs.*'s'"):
        smallest("s")


@pytest.mark.parametrize("unit", [1e-15, 1e15])
def test_the_unit_of_an_output_changes_nothing(unit):
    """Watts of single photons are as good a goal as their number."""

    def point(x, y):
        return {"f": unit * (2 - (x - 0.3) ** 2 - np.abs(y - x) ** 3), "g": unit * x}

    over = {"x": (0, 1), "y": (0, 1)}
    best = qc.design(point, maximise="f", over=over, runs=1, progress=False)
    assert_allclose([best.at["x"], best.at["y"]], 0.3, atol=2e-3)
    assert_allclose([best.value, best.values["f"], best.history.best.max()], 2 * unit, rtol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("wish", ["S", "S_dB"])
def test_what_is_small_stays_small_when_parameters_are_a_little_off(wish):
    """ln S rises by ln 2 at most, in 99 %; of −20 dB, −10 dB are left.

    S depends on x = 2g/κ alone, and g varies alone: x e^{sξ} with P(ξ < ±2.326) = 0.99. The worst
    is a drive too weak: half of 2 ln(1/y) is left, or y grows by √2 at most.
    """
    over = {"drive": (0.3, 0.499)}
    best = smallest(wish, over=over, tolerance=0.05)
    assert best.probability >= 0.99
    x = 2 * best.at["drive"]
    weaker = x * np.exp(-0.05 * 2.326)
    off = [0.5 * ((1 - z) / (1 + z)) ** 2 for z in (x, weaker)]
    found = qc.tolerance(squeezer, best.at, of=wish, small=True, samples=4000, seed=1)
    assert found.probability > 0.985
    if wish == "S":
        assert off[1] / off[0] < 2.1
        assert found.limit == 2 * best.value
    else:
        assert found.limit == best.value / 2


def test_the_smallest_of_several_outputs_is_made_large():
    def point(x, y):
        return {"f": x - y**2, "g": 2 - 3 * x - (y - 0.1) ** 2, "stable": x > -1}

    best = qc.design(
        point, maximise=["f", "g"], over={"x": (0, 1), "y": (-1, 1)}, runs=1, progress=False
    )
    # f = g on x = (2 + y² − (y − 0.1)²)/4; then d/dy of x − y² is 0: y = 1/40
    y = 0.025
    assert_allclose([best.at["x"], best.at["y"]], [(2 + 0.2 * y - 0.01) / 4, y], atol=1e-5)
    assert_allclose(list(best.values.values()), best.value, atol=1e-6)


def test_parameters_follow_others_by_name_and_by_function():
    def point(x, same, opposite, gain=1.0):
        return {"f": gain * (-((x - 0.3) ** 2) - (same - 0.5) ** 2 - (opposite + 0.1) ** 2)}

    best = qc.design(
        point,
        maximise="f",
        over={"x": (0, 1)},
        tie={"same": "x", "opposite": lambda x: -x},
        runs=1,
        progress=False,
    )
    assert_allclose([best.at["x"], best.at["same"], best.at["opposite"]], [0.3, 0.3, -0.3])


def test_units_of_ranges_reach_the_point_and_the_result():
    def point(gain):
        state = qc.steady_state(
            qc.gaussian(qc.Network({"m": qc.pair_source(gain, decay=("1 MHz", "1 MHz"))}))
        )
        return {"margin": qc.measures.margin(state, "m.a", "m.b")}

    best = qc.design(point, over={"gain": ("1 kHz", "400 kHz")}, runs=1, progress=False)
    assert_allclose(best.at["gain"], qc.si("400 kHz", "rad/s"))
    assert repr(best).splitlines()[1:3] == ["  gain  400 kHz", "  held back by: gain = 400 kHz"]
    assert_allclose(point(**best.at)["margin"], best.value, rtol=1e-9)


def test_the_same_seed_gives_the_same_bits_and_a_store_goes_on(tmp_path):
    def run(runs, **more):
        return qc.design(pairs, over=over, seed=3, runs=runs, progress=False, **more)

    over = {"gain": (0.01, 0.4), "decay": qc.between(0.1, 10, "log")}
    first, again = run(2), run(2)
    assert first.at == again.at
    assert first.history.identical(again.history)
    kept = run(2, store=tmp_path / "runs.json")
    resumed = run(2, store=tmp_path / "runs.json")
    assert kept.at == resumed.at == first.at
    assert resumed.evaluated < kept.evaluated / 5
    with pytest.raises(qc.ArgumentError, match=r"`store` must be of the same design.*seed was 3"):
        qc.design(pairs, over=over, seed=4, store=tmp_path / "runs.json")
    (tmp_path / "other").write_text("{}")
    with pytest.raises(qc.ArgumentError, match="`store` must be a file that `design` has written"):
        run(1, store=tmp_path / "other")


def test_history_does_not_depend_on_which_thread_is_first(monkeypatch):
    def hilly(x, y):
        return {"f": np.cos(9 * x) * np.cos(11 * y) - 0.1 * (x - 0.3) ** 2 - 0.2 * y**2}

    def best(pauses):
        def climb(problem, place, steps, tell):
            pause = pauses.pop() if pauses else 0.0
            return climbed(problem, place, steps, lambda x: (time.sleep(pause), tell(x)))

        monkeypatch.setattr(waves, "climbed", climb)
        over = {"x": (-1, 1), "y": (-1, 1)}
        return qc.design(hilly, maximise="f", over=over, runs=1, progress=False)

    first, again = best([0.0, 0.002, 0.004]), best([0.004, 0.002, 0.0])
    assert first.at == again.at
    assert first.history.identical(again.history)


def test_points_for_plain_numbers_are_judged_like_those_for_arrays():
    def single(gain):
        return {name: float(x) for name, x in pairs(gain).items()}

    unit = np.linspace(0.1, 0.9, 5)[:, None]
    ranges = {"gain": qc.between(0.01, 0.6)}
    (_, values), (_, one_by_one) = (
        problem_of(point, ("own",), ranges, (), {}, unit) for point in (pairs, qc.each(single))
    )
    assert values.feasible.tolist() == [True, True, True, True, False]
    assert_allclose(one_by_one.goals, values.goals, rtol=1e-12)
    assert_allclose(one_by_one.distance.min(-1), values.distance.min(-1), rtol=1e-9)


def test_history_rises_to_the_best_value():
    best = qc.design(pairs, over={"gain": (0.01, 0.4)}, runs=2, progress=False)
    assert best.history.best.dims == ("run", "step")
    assert_allclose(best.history.best.max(), best.value, rtol=1e-12)
    steps = np.diff(best.history.best.values, axis=1)
    assert (steps[np.isfinite(steps)] >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_step_obeys_the_conditions_of_an_optimum(seed):
    """Karush, Kuhn and Tucker: slope + H p + Σ λ row = 0, λ ≥ 0, λ (row·p − least) = 0."""
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(4, 4))
    H, slope, rows = -M @ M.T - np.eye(4), rng.normal(size=4), rng.normal(size=(6, 4))
    least = -rng.uniform(0, 0.2, 6)
    p, price = best_step(slope, H, rows, least)
    assert_allclose(slope + H @ p + rows.T @ price, 0, atol=1e-9)
    assert (rows @ p > least - 1e-9).all()
    assert (price >= 0).all()
    assert price.max() > 0
    assert_allclose(price * (rows @ p - least), 0, atol=1e-9)


@pytest.mark.slow
def test_a_design_that_must_bear_a_spread_stays_away_from_threshold():
    best = qc.design(pairs, maximise="own", over=GAIN, runs=1, tolerance=0.05, progress=False)
    # P(g e^{0.05ξ} < 1/2) = 0.99 at ξ = 2.326
    assert_allclose(best.at["gain"], 0.5 * np.exp(-0.05 * 2.326), rtol=0.01)
    assert best.probability >= 0.99


@pytest.mark.parametrize(("wish", "sign"), [("maximise", 1), ("minimise", -1)])
def test_a_spread_moves_a_design_off_a_ridge_that_leans_on_a_threshold(wish, sign):
    """5 % of a, b and c cost 0.1 a² and more, and half of a is left only where a is small."""

    def point(a, b, c):
        return {"f": sign * (a - 40 * (b - a) ** 2 - 40 * (c - b) ** 2), "stable": a < 1}

    over = dict.fromkeys("abc", (0, 2))
    given = {"runs": 1, "generations": 5, "tolerance": 0.05, "progress": False}
    best = qc.design(point, over=over, **{wish: "f"}, **given)
    assert "without a spread" in repr(best)
    normal = np.random.default_rng(7).normal(size=(3, 20_000))
    off = point(*(np.array([[best.at[x]] for x in "abc"]) * np.exp(0.05 * normal)))
    left = sign * off["f"] > sign * best.value / 2
    assert (off["stable"] & left).mean() > 0.988
    assert sign * best.value > 0.2


# Bad input


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (
            r"`over` must name parameters of .*pairs, but is 'gian'.*'gain'",
            {"over": {"gian": (0, 1)}},
        ),
        (r"`over\[gain\]\[1\]` must be above the lower end", {"over": {"gain": (1, 0)}}),
        (r"`maximise` must name outputs.*'E_N' \(outputs: margin", {"maximise": "E_N"}),
        (r"`where` must name outputs.*'rate'", {"where": {"rate": ("<=", 0)}}),
        (r"`tie\[decay\]` must follow parameters in `over`, but is 'x'", {"tie": {"decay": "x"}}),
        (
            r"^Argument `tie\[decay\]` must return one real,",
            {"tie": {"decay": lambda gain: 1j * gain}},
        ),
        (r"`tie\[decay\]` must return .*points: 512", {"tie": {"decay": lambda gain: gain[:3]}}),
        (r"`tie\[decay\]` must return one real,.*'x'", {"tie": {"decay": lambda gain: "x"}}),
        (r"`over` must hold a point with a steady state", {"over": {"gain": (1.0, 2.0)}}),
        (r"keeps the limits \(quanta ≤ -1\)", {"where": {"quanta": ("<=", -1)}}),
        (r"`over` must hold values that .*pairs takes: .*`decay`", {"over": {"decay": (-1, 1)}}),
        (r"`start\[0\]` must give every parameter", {"start": [{}]}),
        (r"`over\[gain\]` must be a pair \(low, high\)", {"over": {"gain": (0.01, 0.4, "log")}}),
    ],
)
def test_bad_input_is_told(words, change):
    given = {"over": {"gain": (0.01, 0.4)}, "runs": 1, "progress": False, **change}
    with pytest.raises(qc.ArgumentError, match=words):
        qc.design(pairs, **given)


def test_spectra_keep_the_distance_from_threshold_too():
    """At its threshold an oscillator squeezes one frequency without end."""

    def point(drive):
        mode = qc.gaussian(qc.squeezed_mode(drive, decay=1.0))
        noise = qc.quadrature_spectrum(mode, "out", 0.0, angle="90 deg")
        return {"squeezing": -qc.decibel(noise)}

    best = qc.design(point, maximise="squeezing", over={"drive": (0.01, 0.8)}, runs=1)
    assert_allclose(best.at["drive"], 0.5 * (1 - 1e-4), rtol=1e-6)
    assert best.active == ("distance from threshold",)
    assert np.isnan(best.difference)
    assert "no second solver" in repr(best)


def loop(gain, closed=True):
    """A squeezer whose light comes back; ẋ(t) = (g − ½) x(t) − ½√0.9 x(t − 1) + noise."""
    parts = {"m": qc.squeezed_mode(gain, decay=[0.5, 0.5]), "f": qc.fibre(0.9, 0, delay=1.0)}
    wires = [("m.out1", "f.in"), ("f.out", "m.in2")][: 2 if closed else 1]
    model = qc.gaussian(qc.Network(parts, wires))
    state = qc.steady_state(model)
    assert_allclose(growth_with_delays(model), state.info["growth"], rtol=0)
    return {"n": qc.occupation(state, "m"), "stable": state.stable, "growth": state.info["growth"]}


def test_fields_that_come_back_after_a_delay_grow_like_the_rightmost_root():
    def root(gain):
        return brentq(lambda s: s - gain + 0.5 + 0.5 * np.sqrt(0.9) * np.exp(-s), -0.4, 1)

    gains = np.array([0.9, 0.97, 1.0])
    with drifts_seen() as drifts:
        found = loop(gains)
    expected = [root(g) for g in gains]
    assert_allclose(found["growth"], expected, atol=1e-12)
    assert found["stable"].tolist() == [True, True, False]
    (seen,) = drifts
    assert_allclose(seen.growth, expected, atol=1e-12)
    assert_allclose(seen.own, 0.5)
    limits = (Limit("growth", 1.0, -0.01),)
    unit = gains[:, None] - 0.5
    problem, values = problem_of(loop, ("n",), {"gain": qc.between(0.5, 1.5)}, limits, {}, unit)
    assert (problem.growth, problem.limits) == (-0.01, ())
    assert_allclose(values.distance[:, 0], np.array(expected) / -0.01, atol=1e-9)
    with drifts_seen() as drifts:
        loop(0.2, False)
    assert [growth(A) for A in drifts] == [0.2 - 0.5]


@pytest.mark.slow
def test_the_climb_of_a_delayed_loop_reaches_its_floor():
    """⟨n⟩ rises without end towards the threshold ½ + ½√0.9, and the mode itself decays at ½."""
    ranges, start = {"gain": qc.between(0.5, 1.5)}, np.array([0.473])
    problem, _ = problem_of(loop, ("n",), ranges, (), {}, start[None])
    place, _, ended = climbed(problem, start, 50, lambda _: None)
    assert ended == "where slopes and curvatures promise no more"
    s = -0.5e-4  # 1e-4 of that
    gain = s + 0.5 + 0.5 * np.sqrt(0.9) * np.exp(-s)
    assert_allclose(place[0] + 0.5, gain, rtol=1e-9)


def test_periodic_states_keep_their_multipliers_away_from_one():
    """ẋ = (2g cos²(πt) − ½) x + noise grows by e^{g − ½} in a period of 1."""

    def point(gain):
        def at(t):
            drive = 2 * gain * np.cos(np.pi * t.reshape(-1, *[1] * np.ndim(gain))) ** 2
            return qc.gaussian(qc.squeezed_mode(drive, decay=1.0))

        state = qc.periodic_state(at, 1.0, points=1, progress=False)
        return {"n": qc.occupation(state, "a")[0], "stable": state.stable[0]}

    given = {"over": {"gain": (0.4, 0.6)}, "runs": 1, "generations": 0, "progress": False}
    best = qc.design(point, maximise="n", **given)
    assert_allclose(best.at["gain"], 0.5 * (1 - 1e-4), rtol=1e-6)
    assert best.active == ("distance from threshold",)
    assert_allclose(best.growth, -0.5e-4, rtol=1e-4)


def test_a_share_of_what_is_negative_is_not_asked_for():
    with pytest.raises(qc.ArgumentError, match="above zero as designed"):
        qc.tolerance(lambda x: {"f": -x}, {"x": 1.0}, samples=10)
