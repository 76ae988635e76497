"""Light that comes by several ways but never back through a line: modes at earlier times."""

import numpy as np
import pytest
from independent import delays as independent
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.linear.delay_copies import covariance_of_copies, without_delays
from qcascade.linear.delay_integral import covariance as by_integral
from qcascade.linear.delay_proof import bounded
from qcascade.linear.delayed import lines_of


def interferometer(gap, seed=0, unit=1.0, below=()):
    """Squeezed light on two arms, a mode in one of them, modes behind both outputs."""
    rng = np.random.default_rng(seed)
    f, g, h = rng.uniform(0.2, 3, 3) / unit
    r = np.hypot(0.5, 0.3) * (1 - gap) * unit * np.exp(2j * rng.uniform())
    parts = {
        "s": qc.squeezed_mode(r, 0.3 * unit, unit),
        "one": qc.beam_splitter(rng.uniform(0.3, 0.7)),
        "f": qc.fibre(0.9, rng.uniform(), delay=f),
        "g": qc.fibre(0.8, rng.uniform(), delay=g),
        "x": qc.squeezed_mode(0.2 * unit, 0.1 * unit, [0.6 * unit, 0.4 * unit]),
        "two": qc.beam_splitter(rng.uniform(0.3, 0.7)),
        "m": qc.cavity(0.2 * unit, [0.7 * unit, 0.3 * unit]),
        "n": qc.squeezed_mode(0.1j * unit, 0.3 * unit, [0.5 * unit, 0.5 * unit]),
    }
    wires = [("s.out", "one.in1"), ("one.out1", "f.in"), ("f.out", "x.in1"), ("x.out1", "two.in1")]
    wires += [("one.out2", "g.in"), ("g.out", "two.in2")]
    wires += [("two.out1", "m.in1"), ("two.out2", "n.in1")]
    last = "m.out1"
    for k, gap_below in enumerate(below):
        parts[f"h{k}"] = qc.fibre(0.9, delay=h)
        gain = unit * np.hypot(0.5, 0.3) * (1 - gap_below)
        parts[f"z{k}"] = qc.squeezed_mode(gain, 0.3 * unit, unit)
        wires += [(last, f"h{k}.in"), (f"h{k}.out", f"z{k}.in")]
        last = f"z{k}.out"
    return qc.gaussian(qc.Network(parts, wires))


def parts_of(model):
    return lines_of(model.delays), np.asarray(model.delays.closed.input_noise)


@pytest.mark.parametrize("seed", range(3))
def test_the_integral_over_frequencies_says_the_same(seed):
    model = interferometer(0.2, seed)
    expected, error = by_integral(bounded(lines_of(model.delays)), parts_of(model)[1])
    assert error < 1e-9
    assert_allclose(qc.steady_state(model).cov, expected, atol=1e-9)


@pytest.mark.parametrize("gap", [1e-4, 1e-7])
def test_light_that_recombines_near_threshold_is_that_of_forty_digits(gap):
    parts = {
        "s": qc.squeezed_mode(0.5 * (1 - gap), decay=1.0),
        "one": qc.beam_splitter(),
        "f": qc.fibre(0.9, delay=1.0),
        "two": qc.beam_splitter(),
        "m": qc.cavity(0.3, decay=1.0),
    }
    wires = [("s.out", "one.in1"), ("one.out1", "f.in"), ("f.out", "two.in1")]
    wires += [("one.out2", "two.in2"), ("two.out1", "m.in")]
    model = qc.gaussian(qc.Network(parts, wires))
    state = qc.steady_state(model)
    V = independent.by_poles(*parts_of(model))
    assert_allclose(state.cov, V, rtol=0, atol=4e-16 * V.max())
    assert np.abs(state.cov - V).max() <= state.info["estimated_error"] < 1e-9 / gap**0.5
    assert V.max() > 0.2 / gap
    assert state.is_physical()


@pytest.mark.parametrize("seed", range(3))
def test_neither_the_unit_nor_what_is_loud_downstream_changes_an_interferometer(seed):
    V = qc.steady_state(interferometer(1e-5, seed)).cov
    scale = np.sqrt(np.outer(V.diagonal(), V.diagonal()))
    for other in (
        qc.steady_state(interferometer(1e-5, seed, unit=3e7)).cov,
        qc.steady_state(interferometer(1e-5, seed, below=(1e-6, 1e-3))).cov[:8, :8],
    ):
        assert_allclose(other / scale, V / scale, atol=1e-12)


def test_a_dark_port_of_hot_light_keeps_its_small_variances():
    """A slow mode is nearly the same at both times; 1 − e^{−κτ/2} of it is left."""
    slow, quanta, tau = 1e-6, 1e6, 2.0
    parts = {
        "hot": qc.cavity(decay=[slow / 2, slow / 2], occupation=[0.0, quanta]),
        "one": qc.beam_splitter(),
        "f": qc.fibre(1.0, np.pi, delay=tau),
        "two": qc.beam_splitter(),
        "m": qc.cavity(decay=1.0),
        "n": qc.cavity(decay=1.0),
    }
    wires = [("hot.out1", "one.in1"), ("one.out1", "f.in"), ("f.out", "two.in1")]
    wires += [("one.out2", "two.in2"), ("two.out1", "m.in"), ("two.out2", "n.in")]
    model = qc.gaussian(qc.Network(parts, wires))
    state = qc.steady_state(model)
    V = independent.by_poles(*parts_of(model))
    assert_allclose(state.reduce("m", "n").cov, V[2:, 2:], atol=1e-9)
    assert V[0, 0] > 1e5


def test_a_loop_through_a_line_has_no_copies_and_neither_has_what_asks_for_too_many():
    parts = {"o": qc.cavity(decay=[0.5, 0.5]), "f": qc.fibre(0.9, delay=1.0)}
    back = qc.Network(parts, [("o.out1", "f.in"), ("f.out", "o.in2")])
    assert without_delays(lines_of(qc.gaussian(back).delays)) is None
    many, last = {"c": qc.cavity(decay=1.0)}, "c.out"
    wires = []
    for k in range(9):  # 2⁹ ways of different lengths
        many |= {f"a{k}": qc.beam_splitter(), f"b{k}": qc.beam_splitter()}
        many[f"f{k}"] = qc.fibre(delay=2.0**k)
        wires += [(last, f"a{k}.in1"), (f"a{k}.out1", f"f{k}.in"), (f"f{k}.out", f"b{k}.in1")]
        wires += [(f"a{k}.out2", f"b{k}.in2")]
        last = f"b{k}.out1"
    many["d"] = qc.cavity(decay=1.0)
    model = qc.gaussian(qc.Network(many, [*wires, (last, "d.in")]))
    assert without_delays(lines_of(model.delays)) is None


def test_what_cancels_beyond_double_precision_is_refused():
    model = interferometer(1e-11)
    lines, noise = parts_of(model)
    with pytest.raises(qc.ConvergenceError, match="rounding"):
        covariance_of_copies(without_delays(lines), noise, len(lines.A))
