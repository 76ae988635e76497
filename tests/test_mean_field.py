"""Classical motion while parameters change, and the covariance along it: a laser that is swept."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import qcascade as qc


def swept(time, begin=0.5, rate=0.075, unit=1.0):
    """A Kerr resonator that is bistable between drives of about 1.1 and 2.9."""
    drive = np.sqrt(unit) * (begin + rate * unit * time)
    parts = {
        "laser": qc.coherent_drive(drive, occupation=0.1),
        "m": qc.kerr_cavity(0.5 * unit, -3.0 * unit, unit),
    }
    return qc.Network(parts, [("laser.out", "m.in")])


def by_hand(start, cov, time, begin, rate):
    """ȧ = −(½ − 3i)a − ½i|a|²a − β(t), and V along it in x, p, as one would type it."""

    def slope(t, y):
        a = y[0] + 1j * y[1]
        V = y[2:].reshape(2, 2)
        change = -(0.5 - 3j) * a - 0.5j * abs(a) ** 2 * a - (begin + rate * t)
        F, G = -0.5 + 3j - 1j * abs(a) ** 2, -0.5j * a**2  # δȧ = F δa + G δa*
        A = np.array([[(F + G).real, (G - F).imag], [(F + G).imag, (F - G).real]])
        return np.concatenate(
            [[change.real, change.imag], (A @ V + V @ A.T + 0.6 * np.eye(2)).ravel()]
        )

    y = np.concatenate([[start.real, start.imag], cov.ravel()])
    run = solve_ivp(slope, (0, time), y, "DOP853", rtol=1e-12, atol=1e-13)
    return run.y[0, -1] + 1j * run.y[1, -1], run.y[2:, -1].reshape(2, 2)


@pytest.mark.parametrize(("begin", "rate"), [(0.5, 0.1), (3.5, -0.1)])
def test_mean_and_covariance_go_through_a_bistability_as_by_hand(begin, rate):
    """Upwards and downwards past the end of a branch, and back to rest on another."""

    def net(time):
        return swept(time, begin, rate)

    path = qc.mean_field(net, None, [0.0, 30.0])
    start = path.fields["m.a"][0]
    still = qc.steady_state(qc.gaussian(qc.linearise(net(0.0), {"m.a": start})))
    run = qc.evolve(lambda t: qc.gaussian(qc.linearise(net(t), path(t))), still, [0.0, 30.0])
    mean, cov = by_hand(start, still.cov, 30.0, begin, rate)
    assert path.fields["m.a"][-1] == pytest.approx(mean, rel=1e-8)
    np.testing.assert_allclose(run.cov[-1], cov, rtol=1e-6)
    assert abs(abs(path.fields["m.a"][-1]) - abs(start)) > 1


def test_a_slow_sweep_stays_on_the_branch_that_hysteresis_follows():
    drives = np.linspace(1.0, 2.0, 5)
    up = qc.mean_field(lambda t: swept(t, 1.0, 0.005), None, np.linspace(0, 200, 5)).fields["m.a"]
    down = qc.mean_field(
        lambda t: swept(t, 2.0, -0.005), {"m.a": -1.78 + 2j}, np.linspace(0, 200, 5)
    )
    parts = {"laser": qc.coherent_drive(drives), "m": qc.kerr_cavity(0.5, -3.0, 1.0)}
    points = qc.classical.working_points(qc.Network(parts, [("laser.out", "m.in")]))
    np.testing.assert_allclose(up[2:], qc.classical.hysteresis(points)["m.a"][2:], rtol=0.02)
    falling = qc.classical.hysteresis(points, falling=True, start=1)["m.a"]
    np.testing.assert_allclose(down.fields["m.a"][::-1][2:-1], falling[2:-1], rtol=0.05)


def test_a_linear_network_follows_a_ramp_in_closed_form():
    """ȧ = −½κa − √κ rt from zero: a = −(2r/√κ)(t − (2/κ)(1 − e^{−κt/2}))."""

    def net(time):
        parts = {"laser": qc.coherent_drive(0.3 * time), "m": qc.cavity(decay=1.6)}
        return qc.Network(parts, [("laser.out", "m.in")])

    path, t = qc.mean_field(net, {}, [0.0, 7.0]), np.array([0.0, 0.4, 5.0])
    expected = -0.6 / np.sqrt(1.6) * (t - 1.25 * (1 - np.exp(-0.8 * t)))
    np.testing.assert_allclose(path(t)["m.a"], expected, atol=1e-11)
    slope = -0.8 * expected - np.sqrt(1.6) * 0.3 * t
    np.testing.assert_allclose(path(t).rates["m.a"], slope, atol=1e-10)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_frequency_changes_nothing(unit):
    one = qc.mean_field(swept, None, [0.0, 8.0])(7.3)["m.a"]
    other = qc.mean_field(lambda t: swept(t, unit=unit), None, np.array([0.0, 8.0]) / unit)
    assert other(7.3 / unit)["m.a"] == pytest.approx(one, rel=1e-9)


def test_what_is_at_rest_stays_and_a_named_switch_moves_it():
    def net(time):
        return swept(0.0 * time, np.where(time > 2.5, 1.5, 1.0))

    path = qc.mean_field(net, None, [0.0, 2.5, 40.0], breaks=[2.5])
    before, after = (
        qc.classical.working_points(swept(0.0, drive)).branch(0)["m.a"] for drive in (1.0, 1.5)
    )
    assert path(1.7)["m.a"] == pytest.approx(before, rel=1e-10)
    assert path.fields["m.a"][-1] == pytest.approx(after, rel=1e-7)
    with pytest.raises(qc.ArgumentError, match=r"`breaks` must name every time .* t = 2.5"):
        qc.mean_field(net, None, [0.0, 5.0])


def test_motion_that_cannot_be_followed_gets_a_sentence():
    path = qc.mean_field(swept, {}, [0.0, 1.0])
    with pytest.raises(qc.ArgumentError, match=r"`t` must be within the times, 0 to 1"):
        path(1.1)
    with pytest.raises(qc.ArgumentError, match=r"Are both taken at the same time"):
        qc.linearise(swept(0.9), path(0.5))
    loud = qc.Network({"m": qc.squeezed_mode(2.0, decay=1.0)})
    with pytest.raises(qc.ConvergenceError, match="no stable steady fields"):
        qc.mean_field(loud, None, [0.0, 1.0])
    with pytest.raises(qc.ConvergenceError, match="outgrows numbers"):
        qc.mean_field(loud, {"m.a": 1.0}, [0.0, 2000.0])
