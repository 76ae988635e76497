"""Light that comes back through lines, beside what is loud: before a loop, in it, behind it."""

import numpy as np
import pytest
from independent import delays as independent
from numpy.testing import assert_allclose
from scipy.linalg import expm

import qcascade as qc
from qcascade.linear.delay_integral import covariance as by_integral
from qcascade.linear.delay_proof import bounded
from qcascade.linear.delay_rational import approximant, covariance_by_reference
from qcascade.linear.delayed import lines_of


def beside_a_loop(above=0.3, below=(), unit=1.0, delay=1.3):
    """Squeezed light into an oscillator in its own delayed field, and oscillators behind it."""

    def near(gap, decay):
        gain = np.hypot(sum(decay) / 2, 0.3) * (1 - gap) * unit
        return qc.squeezed_mode(gain, 0.3 * unit, [k * unit for k in decay])

    parts = {
        "s": near(above, (1.0, 0.1)),
        "o": qc.squeezed_mode(0.1j * unit, 0.4 * unit, [0.5 * unit, 0.4 * unit, 0.3 * unit]),
        "f": qc.fibre(0.8, 0.7, delay=delay / unit),
    }
    wires = [("s.out1", "o.in1"), ("o.out2", "f.in"), ("f.out", "o.in3")]
    last = "o.out1"
    for k, gap in enumerate(below):
        parts |= {f"z{k}": near(gap, (1.0,)), f"g{k}": qc.fibre(0.9, delay=0.7 / unit)}
        wires += [(last, f"g{k}.in"), (f"g{k}.out", f"z{k}.in1")]
        last = f"z{k}.out1"
    return qc.gaussian(qc.Network(parts, wires))


def parts_of(model):
    return lines_of(model.delays), np.asarray(model.delays.closed.input_noise)


@pytest.mark.parametrize("below", [(), (0.3,)])
def test_the_integral_over_all_frequencies_says_the_same(below):
    lines, noise = parts_of(beside_a_loop(below=below))
    V, error = covariance_by_reference(bounded(lines), noise)
    expected, _ = by_integral(bounded(lines), noise)
    assert error < 2e-10
    assert_allclose(V, expected, atol=3e-10)


@pytest.mark.parametrize("gap", [1e-2, 1e-6])
def test_a_loop_remembers_a_loud_part_before_it_as_regression_says(gap):
    """A part that nothing acts on forgets by e^{A_Uᵀτ} alone, however loud it is."""
    model = beside_a_loop(gap, delay=4.0)
    state, (lines, noise) = qc.steady_state(model), parts_of(model)
    V, own = state.cov, lines.A[:2, :2]
    later = expm(own.T * 4.0)
    late = (lines.C_l @ V[:, :2] + lines.F_le @ noise @ lines.B[:2].T) @ later
    moved = lines.A @ V[:, :2] + V[:, :2] @ own.T + lines.B @ noise @ lines.B[:2].T
    assert_allclose(moved + lines.B_l @ late, 0, atol=1e-13 / gap)
    assert V[0, 0] > 0.1 / gap
    assert np.abs(V[2:, :2]).max() > 0.1 / gap
    assert state.is_physical()


def test_neither_the_unit_nor_what_is_loud_behind_a_loop_changes_it():
    V = qc.steady_state(beside_a_loop(1e-5)).cov
    scale = np.sqrt(np.outer(V.diagonal(), V.diagonal()))
    other = qc.steady_state(beside_a_loop(1e-5, unit=3e7)).cov
    longer = qc.steady_state(beside_a_loop(1e-5, below=(1e-4,))).reduce("s", "o").cov
    assert_allclose(other / scale, V / scale, atol=1e-12)
    assert_allclose(longer / scale, V / scale, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [1e-4, 5e-6])
def test_long_doubles_integrate_the_spectrum_to_the_same(gap):
    model = beside_a_loop(gap, delay=0.7)
    V = qc.steady_state(model).cov
    expected = independent.by_long_doubles(*parts_of(model), narrowest=1e-3 * gap)
    assert_allclose(V, expected, atol=2e-9)


def test_a_loop_near_its_own_threshold_tells_an_error_that_is_one():
    """At the last digits of the delay: a turn of the loop that is off by ε moves V by ε V²."""

    def state(delay):
        parts = {
            "o": qc.squeezed_mode(r, 0.1, [0.5, 0.4, 0.2]),
            "f": qc.fibre(0.8, 2.0, delay=delay),
        }
        wires = [("o.out1", "f.in"), ("f.out", "o.in2")]
        return qc.steady_state(qc.gaussian(qc.Network(parts, wires)))

    low, high = 0.0, 2.0
    for _ in range(14):
        r = (low + high) / 2
        try:
            state(2.0)
            low = r
        except (qc.UnstableError, qc.ConvergenceError):
            high = r
    r = low
    near, moved = state(2.0), state(2.0 * (1 + 4e-16))
    assert near.cov.max() > 1e3
    assert np.abs(near.cov - moved.cov).max() < 10 * near.info["estimated_error"]


@pytest.mark.parametrize("m", [10, 25, 40])
def test_the_approximant_is_the_delay_below_its_cutoff_and_falls_beyond(m):
    y = np.linspace(0, m - 8, 30)
    assert_allclose(approximant(m, 1j * y), np.exp(-1j * y), atol=2e-14)
    assert abs(approximant(m, 1e6j)) < 2 * m * m / 1e6


def fast_before_a_loop(fast, oscillator):
    parts = {
        "fast": qc.squeezed_mode(0.2 * fast, 0.1 * fast, [fast]),
        "o": oscillator,
        "f": qc.fibre(0.8, 0.7, delay=2.0),
    }
    wires = [("fast.out1", "o.in1"), ("o.out2", "f.in"), ("f.out", "o.in3")]
    return qc.steady_state(qc.gaussian(qc.Network(parts, wires))).cov


def test_decades_between_the_rates_are_no_burden():
    """What is fast is white beside what is slow."""
    slow = qc.squeezed_mode(0.1, 0.3, [0.5, 0.4, 0.3])
    V, whiter = (fast_before_a_loop(fast, slow)[2:, 2:] for fast in (1e4, 1e6))
    assert_allclose(V, whiter, atol=3e-4)
    assert np.abs(whiter - np.eye(2) / 2).max() > 0.02


def test_too_many_turns_in_a_delay_are_told():
    with pytest.raises(qc.ConvergenceError, match=r"delay of 2 .* too many turns"):
        fast_before_a_loop(1.0, qc.squeezed_mode(1e5, 3e5, [5e5, 4e5, 3e5]))
