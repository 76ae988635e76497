"""Networks whose wires take time, in time: closed forms, limits, chains of cells, refusals."""

import numpy as np
import pytest
from independent import delays as independent
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

import qcascade as qc
from qcascade.linear.delay_proof import rightmost_root
from qcascade.linear.delayed import lines_of

BACK = [("o.out1", "f.in"), ("f.out", "o.in2")]
TABLE = {  # Δ, κ₁, κ₂, κ_l, τ, φ, η, r: V_xx, V_xp, V_pp at late times
    (0.0, 0.5, 0.5, 0.0, 1.0, 0.3, 0.9, 0.1): (0.433793389, 0.002212438, 0.584970539),
    (0.2, 0.6, 0.3, 0.1, 4.0, 1.0, 0.8, 0.15): (0.422504344, 0.028275018, 0.715975983),
}
POINT = (0.2, 0.6, 0.3, 0.1, 1.6, 1.0, 0.8, 0.15)


def oscillator(detuning, k1, k2, loss, delay, phase, transmission, r, warm=(), **link):
    """A parametric oscillator whose first output comes back to its second input."""
    parts = {
        "o": qc.squeezed_mode(-r, detuning, [k1, k2, loss]),
        "f": qc.fibre(transmission, phase, delay=delay, **link),
    }
    return qc.gaussian(qc.Network(parts, BACK, occupations=dict(warm)))


def two_lines(seed, f, g, **link):
    """Two oscillators and two lines: two loops, one longer one, or a line that feeds a line."""
    rng = np.random.default_rng(seed)
    drive = 0.3 * rng.uniform() * np.exp(6.28j * rng.uniform())
    parts = {
        "a": qc.squeezed_mode(drive, rng.normal(), list(rng.uniform(0.3, 1, 3))),
        "b": qc.cavity(rng.normal(), list(rng.uniform(0.3, 1, 2))),
        "s": qc.beam_splitter(rng.uniform(0.2, 0.8)),
    }
    for name, tau in (("f", f), ("g", g)):
        parts[name] = qc.fibre(rng.uniform(0.3, 0.95), 6.28 * rng.uniform(), delay=tau, **link)
    wires = (
        [("a.out1", "f.in"), ("f.out", "a.in2"), ("a.out3", "g.in"), ("g.out", "b.in1")],
        [("a.out1", "f.in"), ("f.out", "b.in1"), ("b.out2", "g.in"), ("g.out", "a.in2")],
        [
            *(("a.out1", "s.in1"), ("s.out1", "f.in"), ("f.out", "s.in2")),
            *(("s.out2", "g.in"), ("g.out", "b.in2"), ("b.out1", "a.in3")),
        ],
    )[seed % 3]
    return qc.Network(parts, wires)


def some_state(model, seed=0):
    """A mixed state with means and correlations of every pair of quadratures."""
    rng, n = np.random.default_rng(seed), 2 * len(model.modes)
    X = rng.normal(size=(n, n))
    return qc.GaussianState(model.modes, rng.normal(size=n), X @ X.T + np.eye(n))


# Values and limits


@pytest.mark.parametrize(("point", "values"), TABLE.items())
def test_late_times_are_the_steady_state(point, values):
    model = oscillator(*point)
    run = qc.evolve(model, some_state(model), [300.0])
    V = run.cov[-1]
    assert_allclose([V[0, 0], V[0, 1], V[1, 1]], values, atol=1.01e-9)
    assert_allclose(V, qc.steady_state(model).cov, atol=1e-11)
    assert_allclose(run.mean[-1], 0, atol=1e-7)
    assert run.info["method"] == "steps"
    assert 0 < run.info["estimated_error"] < 1e-11


@pytest.mark.parametrize("seed", range(3))
def test_late_times_of_two_lines_are_the_steady_state(seed):
    model = qc.gaussian(two_lines(seed, 1.2, 0.8))
    late = qc.evolve(model, None, [100.0])
    assert_allclose(late.cov[-1], qc.steady_state(model).cov, atol=1e-11)


@pytest.mark.parametrize(
    "seed", [pytest.param(0, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow), 2]
)
def test_delays_without_a_common_divisor_are_followed_to_the_steady_state(seed):
    """And on the way are the limit of delays with one, 577/408 → √2."""
    model = qc.gaussian(two_lines(seed, 1.2, 1.2 * np.sqrt(2)))
    times = [0.0, 1.2, 1.5, 1.2 * np.sqrt(2), 2.4, 1.2 * (1 + np.sqrt(2)), 4.0, 100.0]
    run = qc.evolve(model, None, times)
    assert_allclose(run.cov[-1], qc.steady_state(model).cov, atol=1e-11)
    assert run.info["estimated_error"] < 1e-11
    assert qc.GaussianState(model.modes, cov=run.cov).is_physical().all()
    shorter, longer = (
        qc.evolve(qc.gaussian(two_lines(seed, 1.2, 1.2 * ratio)), None, times[:-1]).cov
        for ratio in (816 / 577, 577 / 408)  # √2 is half-way to 3e-12
    )
    assert_allclose(run.cov[:-1], (shorter + longer) / 2, atol=1e-9)
    assert np.abs(longer - run.cov[:-1]).max() > 1e-9


@pytest.mark.parametrize("closed", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_only_sums_of_delays_along_ways_through_the_network_are_steps(closed):
    """Three short lines in a row or a ring: a million sums, of which a few hundred are ways."""
    parts, wires = {"m0": qc.squeezed_mode(0.1, 0.2, [1.0, 0.5])}, []
    for k, delay in enumerate(0.1 * np.sqrt([1.0, 2.0, 3.0])):
        parts |= {f"f{k}": qc.fibre(0.9, 0.3, delay=delay)}
        parts |= {f"m{k + 1}": qc.cavity(0.1 * k, [1.0, 0.7])}
        wires += [(f"m{k}.out1", f"f{k}.in"), (f"f{k}.out", f"m{k + 1}.in1")]
    wires += [("m3.out2", "m0.in2")] * closed
    model = qc.gaussian(qc.Network(parts, wires))
    run = qc.evolve(model, None, [25.0])
    assert run.info["estimated_error"] < 1e-12
    assert_allclose(run.cov[-1], qc.steady_state(model).cov, atol=1e-6 if closed else 1e-12)


def test_sums_of_delays_that_rounding_parts_are_one():
    """0.1 + 0.2 is not 0.3 in binary, and three lines of these delays meet there."""

    def network(delays):
        parts = {"o": qc.squeezed_mode(0.1, 0.3, [0.3] * 6)}
        wires = []
        for k, delay in enumerate(delays):
            parts[f"f{k}"] = qc.fibre(0.8, 0.5 * k, delay=delay)
            wires += [(f"o.out{2 * k + 1}", f"f{k}.in"), (f"f{k}.out", f"o.in{2 * k + 2}")]
        return qc.gaussian(qc.Network(parts, wires))

    plain = qc.evolve(network([0.1, 0.2, 0.3]), None, [0.3, 2.0])
    doubled = qc.evolve(network([0.1, 0.2, 0.1 + 0.2]), None, [0.1 + 0.2, 2.0])
    assert_allclose(plain.cov, doubled.cov, rtol=1e-13)


def test_nothing_has_come_back_before_the_delay():
    warm = {"o.in1": 0.7, "o.in3": 0.2}
    model, times = oscillator(*POINT, warm=warm), np.array([0.0, 0.4, 1.2, 1.6, 1.7])
    cut = qc.gaussian(
        qc.Network({"o": qc.squeezed_mode(-0.15, 0.2, [0.6, 0.3, 0.1])}, occupations=warm)
    )
    start = some_state(model)
    late, alone = (qc.evolve(m, start, times) for m in (model, cut))
    assert_allclose(late.cov[:4], alone.cov[:4], atol=1e-13)
    assert_allclose(late.mean[:4], alone.mean[:4], atol=1e-13)
    assert np.abs(late.cov[4] - alone.cov[4]).max() > 1e-3
    assert np.array_equal(late.cov[0], start.cov)


def test_the_fibre_holds_vacuum_at_first_and_the_heat_of_its_inputs_a_delay_later():
    warm = dict.fromkeys(("o.in1", "o.in3", "f.in_loss"), 1.3)
    model = oscillator(0.2, 0.6, 0.3, 0.1, 2.0, 1.0, 0.8, 0.0, warm=warm)
    start = qc.thermal(model.modes, 1.3)
    V = qc.evolve(model, start, [1.0, 2.0, 200.0]).cov[:, 0, 0]
    # dV/dt = −κV + (κ − κ₂)·1.8 + κ₂·½ while vacuum comes in.
    assert_allclose(V[:2], 1.8 - 1.3 * 0.3 * (1 - np.exp([-1.0, -2.0])), atol=1e-13)
    assert_allclose(V[2], 1.8, atol=1e-12)


def test_the_vacuum_stays_the_vacuum():
    model = oscillator(0.2, 0.6, 0.3, 0.1, 1.6, 1.0, 0.8, 0.0)
    V = qc.evolve(model, None, np.linspace(0, 20, 31)).cov
    assert_allclose(V, np.broadcast_to(np.eye(2) / 2, V.shape), atol=1e-14)


def test_no_delay_is_the_undelayed_network_also_inside_a_batch():
    delays, times = np.array([0.0, 1e-2, 1.6]), [0.3, 2.0, 5.0]
    many = oscillator(*POINT[:4], delays, *POINT[5:])
    start = some_state(many)
    run = qc.evolve(many, start, times)
    singles = [qc.evolve(oscillator(*POINT[:4], t, *POINT[5:]), start, times) for t in delays]
    for k, single in enumerate(singles):
        assert_allclose(run.cov[:, k], single.cov, rtol=0, atol=1e-15)
        assert_allclose(run.mean[:, k], single.mean, rtol=0, atol=1e-15)
    assert oscillator(*POINT[:4], 0.0, *POINT[5:]).delays is None
    assert run.info["estimated_error"].shape == (3,)
    assert_allclose(run.cov[:, 1], run.cov[:, 0], atol=3e-2)
    assert np.abs(run.cov[:, 1] - run.cov[:, 0]).max() > 1e-4


# Second routes


def test_an_emitter_before_a_mirror_decays_as_dorner_and_zoller_say():
    parts = {"q": qc.cavity(0.0, [0.5, 0.5]), "f": qc.fibre(1.0, np.pi, delay=1.0)}
    model = qc.gaussian(qc.Network(parts, [("q.out1", "f.in"), ("f.out", "q.in2")]))
    times = [0.5, 1.0, 1.5, 3.25, 10.0]
    mean = qc.evolve(model, qc.coherent(model.modes, 1.0), times).mean
    exact = [independent.excited(t) for t in times]
    assert_allclose((mean**2).sum(axis=1) / 2, exact, atol=1e-14)


def test_a_driven_amplitude_is_that_of_scipy_integrated_step_by_step():
    """ȧ = −(iΔ + κ/2)a − √κ₂ b₂ − √κ₃ λ, b₂(t) = √η e^{iφ}(√κ₁ a(t − τ) + λ′)."""
    laser, straight, k = 0.4, 0.3j, (0.5, 0.4, 0.3)
    parts = {
        "o": qc.cavity(0.2, list(k)),
        "f": qc.fibre(0.9, 0.3, delay=2.0),
        "l": qc.coherent_drive(laser),
        "m": qc.coherent_drive(straight),
    }
    wires = [*BACK, ("l.out", "o.in3"), ("m.out", "o.in1")]
    model = qc.gaussian(qc.Network(parts, wires))
    times = [1.0, 2.0, 3.0, 5.5]
    found = qc.evolve(model, qc.coherent(model.modes, 0.5 - 0.2j), times).mean
    found = (found[:, 0] + 1j * found[:, 1]) / np.sqrt(2)
    past = []

    def comes_back(t):
        if t < 2.0:
            return 0.0
        a = past[int(t // 2.0) - 1].sol(t - 2.0)[0]
        return np.sqrt(0.9) * np.exp(0.3j) * (np.sqrt(k[0]) * a + straight)

    def rate(t, a, step):
        t = min(max(t, 2.0 * step), 2.0 * (step + 1) - 1e-12)
        sent = np.sqrt(k[0]) * straight + np.sqrt(k[1]) * comes_back(t) + np.sqrt(k[2]) * laser
        return -(0.2j + sum(k) / 2) * a - sent

    a = np.array([0.5 - 0.2j])
    for step in range(3):
        span = (2.0 * step, 2.0 * step + 2.0)
        past.append(
            solve_ivp(
                rate, span, a, "DOP853", None, True, None, False, (step,), rtol=1e-12, atol=1e-13
            )
        )
        a = past[-1].y[:, -1]
    assert_allclose(found, [past[int(t // 2)].sol(t)[0] for t in times], atol=1e-9)
    late = qc.evolve(model, None, [150.0]).mean[-1]
    assert_allclose(late, qc.steady_state(model).mean, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_many_cells_come_to_the_same_covariance_at_every_time(seed):
    model = qc.gaussian(two_lines(seed, 1.2, 0.8))
    times, found = [3.0, 12.0], []
    start = some_state(model).cov
    exact = qc.evolve(model, some_state(model), times)
    for cells in (16, 32):
        chain = qc.gaussian(two_lines(seed, 1.2, 0.8, cells=cells))
        V, mean = np.eye(2 * len(chain.modes)) / 2, np.zeros(2 * len(chain.modes))
        at = [2 * chain.modes.index(m) + s for m in model.modes for s in (0, 1)]
        V[np.ix_(at, at)], mean[at] = start, some_state(model).mean
        state = qc.evolve(chain, qc.GaussianState(chain.modes, mean, V), times)
        found.append(state.reduce(*model.modes).cov)
    early, late = np.transpose([np.abs(V - exact.cov).max(axis=(1, 2)) for V in found])
    assert early[1] < 1e-2  # cells blur the front that comes back
    assert late[1] < min(1e-4, late[0] / 2.5)


# Properties


@pytest.mark.parametrize("seed", range(3))
def test_states_are_physical_and_neither_unit_nor_other_times_change_anything(seed):
    model, times = qc.gaussian(two_lines(seed, 1.2, 0.8)), np.array([0.1, 0.4, 0.8, 2.9, 7.0])
    run = qc.evolve(model, None, times)
    assert run.is_physical().all()
    assert_allclose(qc.evolve(model, None, times[3:]).cov, run.cov[3:], atol=1e-14)
    # An odd ratio has more, shorter steps, and tends to the same.
    near = qc.gaussian(two_lines(seed, 1.2 * 101 / 100, 0.8))
    moved = np.abs(qc.evolve(near, None, times[3:]).cov - run.cov[3:]).max()
    assert 1e-7 < moved < 1e-2


@pytest.mark.parametrize("drive", [0.15, 0.9])
def test_shorter_steps_change_less_than_the_error_that_is_told(drive, monkeypatch):
    model = oscillator(0.0, 0.5, 0.5, 0.0, 1.0, np.pi, 0.9, drive)  # 0.9 grows to 10¹⁴
    start, found = some_state(model), []
    for width in (0.5, 0.2):
        monkeypatch.setattr("qcascade.linear.delay_steps.WIDTH", width)
        found.append(qc.evolve(model, start, [0.3, 7.0, 25.0]))
    error = found[0].info["estimated_error"]
    assert np.abs(found[0].cov - found[1].cov).max() < error
    assert error < 1e-12 * np.abs(found[0].cov).max()


def test_a_delay_downstream_leaves_what_is_upstream_and_shifts_what_follows():
    def row(delay):
        parts = {
            "a": qc.squeezed_mode(0.2, 0.3, [1.0]),
            "f": qc.fibre(0.8, 0.4, delay=delay),
            "c": qc.cavity(-0.2, [0.7, 0.5]),
        }
        return qc.gaussian(qc.Network(parts, [("a.out1", "f.in"), ("f.out", "c.in1")]))

    times = np.array([1.0, 2.5, 4.0])
    late = qc.evolve(row(1.5), None, times + 1.5).cov
    now = qc.evolve(row(0.0), None, times).cov
    assert_allclose(late[:, 2:, 2:], now[:, 2:, 2:], atol=1e-13)
    alone = qc.evolve(qc.gaussian(qc.squeezed_mode(0.2, 0.3, [1.0])), None, times + 1.5).cov
    assert_allclose(late[:, :2, :2], alone, atol=1e-13)


def test_deviations_from_steady_fields_have_no_light_that_was_sent_into_a_line():
    parts = {
        "laser": qc.coherent_drive(1.0),
        "k": qc.kerr_cavity(0.05, 0.3, [1.0, 0.6]),
        "f": qc.fibre(0.5, 0.7, delay=1.3),
    }
    wires = [("laser.out", "k.in1"), ("k.out1", "f.in"), ("f.out", "k.in2")]
    still = qc.Network({**parts, "f": qc.fibre(0.5, 0.7)}, wires)
    fields = qc.working_points(still).branch(0)
    model = qc.gaussian(qc.linearise(qc.Network(parts, wires), fields))
    run = qc.evolve(model, None, [1.0, 3.0, 80.0])
    assert_allclose(run.mean, 0, atol=1e-14)
    assert_allclose(run.cov[-1], qc.steady_state(model).cov, atol=1e-11)


def test_squeezed_light_comes_in_as_it_does_in_the_steady_state():
    parts = {
        "s": qc.parts.squeezed_beam(0.4 * np.exp(0.7j)),
        "o": qc.squeezed_mode(0.1, 0.2, [0.6, 0.3, 0.2]),
        "f": qc.fibre(0.8, 1.0, delay=1.6),
    }
    model = qc.gaussian(qc.Network(parts, [*BACK, ("s.out", "o.in3")]))
    late = qc.evolve(model, None, [120.0])
    assert_allclose(late.cov[-1], qc.steady_state(model).cov, atol=1e-11)


def test_times_have_units_where_rates_have():
    parts = {"o": qc.squeezed_mode("0.1 MHz", decay=["1 MHz", "1 MHz"])}
    parts["f"] = qc.fibre(0.9, 0.3, delay="100 ns")
    model = qc.gaussian(qc.Network(parts, BACK))
    named = qc.evolve(model, None, ["50 ns", "0.3 us"]).cov
    assert_allclose(named, qc.evolve(model, None, [5e-8, 3e-7]).cov, atol=1e-14)
    assert np.abs(named[1] - np.eye(2) / 2).max() > 1e-2


def test_what_grows_grows_at_its_rate():
    model = oscillator(0, 0.5, 0.5, 0, 1.0, np.pi, 0.9, 0.9)
    assert model.delays is not None
    rate = rightmost_root(lines_of(model.delays)).real
    V = qc.evolve(model, None, [29.0, 30.0]).cov
    assert_allclose(np.log(np.trace(V[1]) / np.trace(V[0])), 2 * rate, rtol=1e-9)
    with pytest.raises(qc.ArgumentError, match="outgrows"):
        qc.evolve(model, None, [900.0])


# What is refused


def test_too_many_steps_are_refused():
    parts = {"o": qc.cavity(decay=[1.0, 1.0])}
    parts |= {"f": qc.fibre(0.9, delay=1.0), "g": qc.fibre(0.9, delay=np.sqrt(2))}
    wires = [(f"o.out{k}", f"{x}.in") for k, x in ((1, "f"), (2, "g"))]
    wires += [(f"{x}.out", f"o.in{k}") for k, x in ((1, "f"), (2, "g"))]
    with pytest.raises(qc.ArgumentError, match=r"200,000 steps .* the delays 1, 1\.41421"):
        qc.evolve(qc.gaussian(qc.Network(parts, wires)), None, [2000.0])
    with pytest.raises(qc.ArgumentError, match="200,000 steps"):
        qc.evolve(oscillator(*POINT), None, [1e7])


def test_what_is_loud_behind_a_line_is_felt_by_nothing_before_it_at_any_time():
    def network(*gaps):
        parts = {
            "s": qc.squeezed_mode(0.55 * (1 - 1e-5), decay=[1.0, 0.1]),
            "o": qc.squeezed_mode(0.1j, 0.4, [0.5, 0.4, 0.3]),
            "f": qc.fibre(0.8, 0.7, delay=1.3),
        }
        wires = [("s.out1", "o.in1"), ("o.out2", "f.in"), ("f.out", "o.in3")]
        for gap in gaps:
            parts |= {"z": qc.squeezed_mode(0.5 * (1 - gap), decay=1.0), "g": qc.fibre(delay=0.7)}
            wires += [("o.out1", "g.in"), ("g.out", "z.in")]
        return qc.gaussian(qc.Network(parts, wires))

    times = [0.3, 0.69, 0.71, 3.0]
    alone, beside = (qc.evolve(m, None, times).cov for m in (network(), network(1e-6)))
    width = np.sqrt(np.einsum("tii->ti", alone))
    assert_allclose((beside[:, :4, :4] - alone) / width[:, None] / width[..., None], 0, atol=1e-14)
    assert not beside[:2, 4:, :4].any()  # before light has come
    assert beside[2, 4:, :4].any()
