"""`until`: the first rise through zero, against closed forms and dense scans, on both routes."""

import numpy as np
import pytest
import scipy.linalg
from scipy.optimize import brentq, minimize_scalar
from test_relaxation import generator_of, random_state, superoperator, whole

import qcascade as qc
from qcascade.hilbert.space import Space
from qcascade.master_equation import propagators
from qcascade.master_equation.crossing import first_rise
from qcascade.master_equation.relaxation import relax
from qcascade.slh.ladder import total


@pytest.fixture(params=["powers", "polynomials"])
def route(request, monkeypatch):
    """Small models by the powers of an exponential, and by polynomials like large ones."""
    if request.param == "polynomials":
        monkeypatch.setattr(propagators, "FEW", 0)
        monkeypatch.setattr(propagators, "SOME", 0)


def swapping(decay=1e-3):
    """A cavity and a qubit that exchange one quantum: n_c = sin²t while nothing decays."""
    parts = {"c": qc.cavity(decay=decay), "q": qc.qubit()}
    model = qc.lindblad(qc.Network(parts, couplings=[qc.hopping("c.a", "q.q", 1.0)]), {"c.a": 1})
    start = np.zeros(model.space.dimension)
    start[model.space.positions(np.array([[0, 1]]))] = 1.0
    return model, qc.PureState(model.space, start)


def swapped(t, decay=1e-3):
    """n_c(t) of one quantum: amplitudes obey ċ = −κc/2 − iq, q̇ = −ic."""
    amplitude = scipy.linalg.expm(np.array([[-decay / 2, -1j], [-1j, 0]]) * t) @ [0, 1]
    return abs(amplitude[0]) ** 2


def quanta(state):
    return qc.measures.occupation(state, "c.a")


@pytest.mark.parametrize("last", [1.25, 2.0, 100.0, 200.0, 1000.0, 1e5])
def test_the_first_crossing_does_not_depend_on_the_last_time(route, last):
    model, start = swapping()
    expected = brentq(lambda t: swapped(t) - 0.9, 1.0, 1.4, xtol=1e-14)
    assert expected == pytest.approx(1.24998, abs=1e-5)
    run = qc.evolve(model, start, [last], until=lambda s: quanta(s) - 0.9, progress=False)
    assert run.stopped == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("times", [[0.2, 1.0, 100.0], np.linspace(0.0, 60.0, 301), [1e-9, 7.0]])
def test_the_times_asked_for_change_nothing_and_are_kept(route, times):
    model, start = swapping()
    observe = {"n": quanta}
    run = qc.evolve(model, start, times, observe, until=lambda s: quanta(s) - 0.9, progress=False)
    first = brentq(lambda t: swapped(t) - 0.9, 1.0, 1.4)
    assert run.stopped == pytest.approx(first, abs=1e-8)
    kept = [t for t in times if t < first] + [first]
    np.testing.assert_allclose(run.times, kept, atol=1e-8)
    np.testing.assert_allclose(run.observed["n"], [swapped(t) for t in kept], atol=1e-8)


def test_a_falling_function_must_be_negative_before_it_rises(route):
    """0.9 − n_c starts at 0.9, is negative from 1.25 to 1.89, and rises there."""
    model, start = swapping()
    run = qc.evolve(model, start, [500.0], until=lambda s: 0.9 - quanta(s), progress=False)
    expected = brentq(lambda t: swapped(t) - 0.9, 1.6, 2.2)
    assert run.stopped == pytest.approx(expected, abs=1e-8)


def test_zero_at_the_start_is_no_rise_even_when_it_was_rounded(route):
    """n_c starts at 0: its rise begins there, so that it must return below 0 first; never."""
    model, start = swapping(0.0)
    for offset in (0.0, 1e-17):
        run = qc.evolve(
            model, start, [3.0], until=lambda s, e=offset: quanta(s) - e, progress=False
        )
        assert run.stopped is None
    run = qc.evolve(model, start, [3.0], until=lambda s: quanta(s) - 1e-6, progress=False)
    assert run.stopped == pytest.approx(np.arcsin(1e-3), rel=1e-5)


@pytest.mark.parametrize("below", [0.0, 1e-11])
def test_a_maximum_that_touches_zero_within_the_tolerance_is_a_rise(route, below):
    model, start = swapping(0.0)

    def nearly(state):
        return quanta(state) - 1.0 - below

    run = qc.evolve(model, start, [20.0], until=nearly, progress=False)
    assert run.stopped == pytest.approx(np.pi / 2, abs=1e-4)


def test_a_maximum_that_stays_below_is_none_and_one_just_above_is_two_crossings(route):
    model, start = swapping(0.0)
    run = qc.evolve(model, start, [20.0], until=lambda s: quanta(s) - 1 - 1e-7, progress=False)
    assert run.stopped is None
    run = qc.evolve(model, start, [20.0], until=lambda s: quanta(s) - 1 + 1e-7, progress=False)
    assert run.stopped == pytest.approx(np.arccos(np.sqrt(1e-7)), abs=1e-6)


def test_a_dip_between_the_samples_is_seen_before_the_rise_after_it(route):
    """cos²t − 1e-7 is negative for 6e-4 around π/2 only."""
    model, start = swapping(0.0)
    run = qc.evolve(model, start, [2.5], until=lambda s: 1 - quanta(s) - 1e-7, progress=False)
    assert run.stopped == pytest.approx(np.pi / 2 + np.arcsin(np.sqrt(1e-7)), abs=1e-7)


def test_beats_cross_at_the_first_maximum_that_is_high_enough(route):
    """Two swaps at rates 1 and √3: sin²t + sin²√3t reaches 1.999 at t = 64, 1.9983 at 17."""
    parts = {"c": qc.cavity(), "q": qc.qubit(), "d": qc.cavity(), "p": qc.qubit()}
    couplings = [qc.hopping("c.a", "q.q", 1.0), qc.hopping("d.a", "p.q", np.sqrt(3))]
    model = qc.lindblad(qc.Network(parts, couplings=couplings), {"c.a": 1, "d.a": 1})
    start = np.zeros(model.space.dimension)
    place = [[int(mode.endswith(".q")) for mode in model.modes]]
    start[model.space.positions(np.array(place))] = 1.0
    start = qc.PureState(model.space, start)

    def both(t):
        return np.sin(t) ** 2 + np.sin(np.sqrt(3) * t) ** 2 - 1.999

    t = np.linspace(0, 100, 2_000_001)
    k = np.flatnonzero(both(t) >= 0)[0]
    expected = brentq(both, t[k - 1], t[k])
    assert 64 < expected < 65
    run = qc.evolve(
        model,
        start,
        [300.0],
        until=lambda s: quanta(s) + qc.measures.occupation(s, "d.a") - 1.999,
        progress=False,
    )
    assert run.stopped == pytest.approx(expected, abs=1e-6)


def test_a_weak_fast_part_beside_a_slow_one_is_not_missed(route):
    """A qubit far off resonance (Ω = 0.2, Δ = 20) beside a slowly decaying one: P ≤ 1e-4."""
    Ω, Δ = 0.2, 20.0
    H = Δ * qc.lower("q").dag * qc.lower("q") + Ω / 2 * (qc.lower("q") + qc.lower("q").dag)
    space = Space(("q", "s"), (1, 1), ("q", "s"))
    model = generator_of(space, H, (0.05 * qc.lower("s"),))
    start = np.zeros(4)
    start[space.positions(np.array([[0, 1]]))] = 1.0
    start = qc.PureState(space, start).density()
    rate = np.hypot(Ω, Δ)
    level = 0.5 * (Ω / rate) ** 2  # P = (Ω/R)² sin²(Rt/2)
    run = relax(model, start, [1000.0], until=lambda s: qc.measures.occupation(s, "q") - level)
    assert run.stopped == pytest.approx(np.pi / 2 / rate, abs=1e-6)


def test_a_kink_and_a_jump_are_crossed_where_they_are(route):
    """|n − ½| has a kink at zero; a function of two values jumps."""
    model, start = swapping(0.0)
    run = qc.evolve(
        model, start, [50.0], until=lambda s: 0.003 - abs(quanta(s) - 0.5), progress=False
    )
    assert run.stopped == pytest.approx(np.arcsin(np.sqrt(0.497)), abs=1e-8)
    run = qc.evolve(
        model, start, [50.0], until=lambda s: 1.0 if quanta(s) > 0.5 else -1.0, progress=False
    )
    assert run.stopped == pytest.approx(np.pi / 4, abs=1e-8)


def random_crossing(seed):
    """A random model, state, and function that starts anywhere; the first rise by a dense scan."""
    rng = np.random.default_rng(seed)
    names = ("p", "m")
    space = Space(names, (1, 2), ("p",))
    ladders = [qc.lower(n) for n in names]

    def mixture():
        return total(complex(*rng.normal(size=2)) * x for a in ladders for x in (a, a.dag))

    G = mixture() * mixture()
    damping = 10 ** rng.uniform(-3, 0)
    H = 10 ** rng.uniform(0, 1) * (G + G.dag)
    model = generator_of(space, H, (np.sqrt(damping) * mixture(),))
    start, last = random_state(space, seed), 10 ** rng.uniform(-1, 1)
    O = rng.normal(size=(6, 6))
    L, x = superoperator(model), whole(start).ravel()

    def mean(x):
        return float(np.trace((O + O.T) @ x.reshape(6, 6)).real)

    level = rng.choice([1.0, 3.0]) * mean(scipy.linalg.expm(L * rng.uniform(0, last)) @ x)
    sign = rng.choice([-1.0, 1.0])

    def value(x):
        return sign * (mean(x) - level)

    count = 4000
    P, states = scipy.linalg.expm(L * last / count), [x]
    for _ in range(count):
        states.append(P @ states[-1])
    step = last / count
    times, f = np.arange(count + 1) * step, np.array([value(x) for x in states])

    def at(t):
        k = min(int(t / step), count)
        return value(scipy.linalg.expm(L * (t - k * step)) @ states[k])

    # Dips and bumps that are narrower than a step: an extremum that turns away from zero may cross.
    turns = np.flatnonzero((f[1:-1] - f[:-2]) * (f[2:] - f[1:-1]) <= 0) + 1
    turns = [k for k in turns if (abs(f[k]) <= min(abs(f[k - 1]), abs(f[k + 1])))]
    for k in turns:
        side = np.sign(f[k])
        ends = (times[k - 1], times[k + 1])
        found = minimize_scalar(
            lambda t, side=side: side * at(t),
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-12},
        )
        times, f = np.append(times, found.x), np.append(f, at(found.x))
    order = np.argsort(times)
    times, f = times[order], f[order]
    below = np.cumsum(f < 0) > 0
    rises = np.flatnonzero(below[:-1] & (f[:-1] < 0) & (f[1:] >= 0))
    if not len(rises):
        return model, start, last, value, None
    k = rises[0]
    return model, start, last, value, brentq(at, times[k], times[k + 1], xtol=1e-14)


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(200), marks=pytest.mark.slow)])
def test_random_models_cross_where_a_dense_scan_says(route, seeds):
    crossed = 0
    for seed in seeds:
        model, start, last, value, expected = random_crossing(seed)
        run = relax(model, start, [last], until=lambda s, f=value: f(whole(s).ravel()))
        if expected is None:
            assert run.stopped is None, seed
        else:
            crossed += 1
            assert run.stopped == pytest.approx(expected, abs=1e-7), seed
    assert 0.2 * len(seeds) < crossed < len(seeds)


def test_samples_alone_find_what_lies_between_them():
    def wave(t):
        return np.cos(3 * t) - 0.995

    samples = [(t, wave(t)) for t in np.arange(1.0, 5.0, 0.15)]
    assert all(f < 0 for _, f in samples)
    below, bracket = first_rise(samples, 0, True, 1e-9, wave)
    assert below
    assert bracket[0][0] < 2 * np.pi / 3 < bracket[1][0] + 0.04
    assert wave(bracket[1][0]) >= 0
    assert first_rise(samples, 0, True, 1e-9, lambda t: wave(t) - 0.006)[1] is None
    assert first_rise(samples[:1], 0, False, 1e-9, wave) == (True, None)
