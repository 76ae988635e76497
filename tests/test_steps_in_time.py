"""Steps of master equations in time: polynomials of coefficients, series of states, errors."""

import numpy as np
import pytest

import qcascade as qc
from qcascade.master_equation.driven import alike
from qcascade.numerics import smooth_steps


def test_what_is_a_polynomial_is_met_by_it_and_what_is_none_is_told():
    start, h = np.array([0.0, 1.0, 1.3]), np.array([1.0, 0.3, 0.2])
    t = smooth_steps.places(start, h)
    values = np.stack([3 * t**7 - t, np.exp(t), np.abs(t - 1.41), np.zeros_like(t)], axis=1)
    powers, off = smooth_steps.fitted(values, h, 0.0)
    tau = np.linspace(0, 1, 41)
    for s in range(3):
        found = tau[:, None] ** np.arange(smooth_steps.COUNT) @ powers[s]
        at = start[s] + h[s] * tau
        exact = h[s] * np.stack([3 * at**7 - at, np.exp(at), np.abs(at - 1.41), 0 * at], axis=1)
        missed = np.abs(found - exact).max(axis=0)
        assert np.all(missed <= off[s] + 1e-12)
        assert np.all(off[s, [0, 3]] < 1e-12)
        assert off[s, 1] < 3e-8 * h[s] ** 9 + 1e-14  # seventh order: the eighth is off
    assert off[2, 2] > 1e-3 > 1e-12 > off[1, 2]


def test_multiples_of_one_number_are_known_and_what_only_looks_alike_is_not():
    t = np.linspace(0, 1, 50)
    f = np.stack([np.cos(t), t, -2.5 * np.cos(t), np.cos(t) + 1e-9 * t, 0 * t], axis=1)
    same = alike(f)
    assert same.number.tolist() == [0, 1, 0, 2, 3]
    assert f[:, same.leaders][:, same.number] * same.ratio == pytest.approx(f, abs=1e-15)


@pytest.mark.parametrize("tolerance", [1e-5, 1e-9, 1e-12])
@pytest.mark.parametrize("power", [1.0, 2.5])
def test_the_error_told_is_above_the_error_and_below_the_tolerance(tolerance, power):
    t0, times = 0.777, np.array([0.0, 1.0, 2.0])

    def at(t):
        return qc.lindblad(qc.qubit(decay=1 + np.abs(t - t0) ** power))

    look = {"n": lambda state: qc.measures.occupation(state, "q")}
    start = qc.ket("q", [0, 1])
    asked = {"tolerance": max(tolerance, 1e-8 if power == 1.0 else 0.0), "progress": False}
    run = qc.evolve(at, start, times, look, **asked)
    above = np.sign(times - t0) * np.abs(times - t0) ** (power + 1)
    area = times + (above + t0 ** (power + 1)) / (power + 1)
    error = np.abs(run.observed["n"] - np.exp(-area)).max()
    assert error <= run.info["estimated_error"] + 4e-16 <= asked["tolerance"]


def test_fast_rotations_of_strong_decay_lose_no_digits():
    def model(t):
        return qc.lindblad(qc.qubit(2e3, decay=1 + np.cos(t)), sectors=False)

    look = {"c": lambda state: state.matrix()[0, 1]}
    run = qc.evolve(model, qc.ket("q", [0.6, 0.8]), [0.0, 1.0], look, progress=False)
    expected = 0.48 * np.exp(2e3j - (1 + np.sin(1)) / 2)
    assert run.observed["c"][1] == pytest.approx(expected, abs=1e-10)


def test_rates_of_what_is_not_there_cost_nothing():
    # The catcher is empty before the pulse: its rate, times as many photons as it may hold, is.
    pulse, times = qc.pulse("gaussian", width=1.0), [-7.0, -3.0]

    def applications(cutoff):
        def at(t):
            parts = {"atom": qc.qubit(decay=1.0), "v": qc.pulse_catcher(pulse, t)}
            net = qc.Network(parts, [("atom.out", "v.in")])
            return qc.lindblad(net, {"v": cutoff}, sectors=False)

        space = at(np.array(times)).space
        excited = (space.quanta == [1, 0]).all(axis=1)
        start = qc.PureState(space, excited.astype(complex))
        return qc.evolve(at, start, times, progress=False).info["applications"]

    assert applications(12) < 2.5 * applications(1)


def test_an_even_function_of_time_is_not_taken_for_a_constant():
    # Over the step from −1 to 1 its odd powers vanish.
    even = lambda t: qc.lindblad(qc.qubit(decay=1 + 3 * t**2))  # noqa: E731
    start, look = qc.ket("q", [0, 1]), {"n": lambda state: qc.measures.occupation(state, "q")}
    run = qc.evolve(even, start, [-1.0, 0.0, 1.0], look, progress=False)
    assert run.observed["n"] == pytest.approx(np.exp([0.0, -2.0, -4.0]), abs=1e-12)


def test_stairs_of_rounding_in_a_coupling_do_not_hinder_a_transfer():
    """1 + tanh t/2 is a multiple of 2⁻⁵³ long before 0, and its root jumps by 10⁻⁸."""

    def at(t):
        wave = np.tanh(t / 2)
        parts = {"s": qc.qubit(decay=(1 + wave) / 2), "r": qc.qubit(0.2, decay=(1 - wave) / 2)}
        return qc.lindblad(qc.Network(parts, [("s.out", "r.in")]))

    look = {"r": lambda state: qc.measures.occupation(state, "r")}
    start = qc.ket(["s.q", "r.q"], [0, 0, 1, 0])
    run = qc.evolve(at, start, [-36.0, 36.0], look, progress=False)
    x = np.pi * 0.2
    assert run.observed["r"][-1] == pytest.approx((x / np.sinh(x)) ** 2, abs=1e-9)
