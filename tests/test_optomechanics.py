import numpy as np
import pytest
from fock import steady_moments

import qcascade as qc
from qcascade.base.units import angular_frequency, quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("20 mW", "watt", 0.02),
        ("15 ng", "kilogram", 15e-12),
        ("130 mK", "kelvin", 0.13),
        ("780 nm", "metre", 780e-9),
        (3.0, "metre", 3.0),
    ],
)
def test_units_become_si(text, unit, value):
    assert quantity("x", text, unit) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("88.54 MHz", 2 * np.pi * 88.54e6),
        ("6.3e7 rad/s", 6.3e7),
        ("60 rpm", 2 * np.pi),
        (5.0, 5.0),
    ],
)
def test_a_frequency_says_which_one_it_is(text, value):
    assert angular_frequency("f", text) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: angular_frequency("f", "5 1/s"), r"`f` must say Hz .* or rad/s"),
        (lambda: angular_frequency("f", "5"), "`f` must be a number or text with a unit"),
        (lambda: angular_frequency("f", "5 MW"), "`f` must be a number or text with a unit"),
        (lambda: angular_frequency("f", "fast"), "`f` must be a number or text with a unit"),
        (lambda: quantity("power", "20", "watt"), '`power` must be .* like "1 watt"'),
        (lambda: quantity("power", "nan W", "watt"), "`power` must be"),
        (
            lambda: qc.physics.drive_amplitude("-1 mW", "300 THz"),
            "`power` must be a number zero or above",
        ),
        (
            lambda: qc.physics.bose_einstein("1 MHz", "-1 K"),
            "`temperature` must be a number zero or above",
        ),
        (lambda: qc.physics.bose_einstein(0.0, 1.0), "`frequency` must be a number above zero"),
        (lambda: qc.mechanical_mode("1 MHz", "-1 Hz"), "`decay` must be a number zero or above"),
        (lambda: qc.mechanical_mode("1 MHz", "1 Hz", occupation=-1), "`occupation` must be"),
        (
            lambda: qc.physics.sagnac_shift(1.0, "1 mm", 0.0, "1 THz"),
            "`index` must be a number above zero",
        ),
    ],
)
def test_nonsense_is_refused_with_a_sentence(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


def test_bose_einstein_limits():
    assert qc.physics.bose_einstein("1 GHz", 0.0) == 0
    n = qc.physics.bose_einstein("1 MHz", "300 K")
    assert n == pytest.approx(1.380649e-23 * 300 / (6.62607015e-34 * 1e6) - 0.5, rel=1e-8)
    hot = qc.physics.bose_einstein("10 GHz", np.array([0.0, 1.0]))
    assert hot[0] == 0
    assert hot[1] == pytest.approx(1 / np.expm1(6.62607015e-34 * 1e10 / 1.380649e-23))


def test_without_a_drive_light_is_vacuum_and_motion_thermal():
    part = qc.optomechanical_cavity(
        1.0, coupling=0.01, frequency=1.0, mechanical_decay=1e-3, decay=0.5, occupation=3.0
    )
    net = qc.Network({"om": part})
    state = qc.steady_state(qc.gaussian(qc.linearise(net, {})))
    np.testing.assert_allclose(qc.measures.occupation(state), [0.0, 3.0], atol=1e-9)


def driven(detuning, g0, beta, kappa=0.4, frequency=1.0, gamma=1e-2):
    part = qc.optomechanical_cavity(
        detuning, coupling=g0, frequency=frequency, mechanical_decay=gamma, decay=kappa
    )
    return qc.Network({"laser": qc.coherent_drive(beta), "om": part}, [("laser.out", "om.in")])


def working_point(effective, g0, beta, kappa=0.4, frequency=1.0, gamma=1e-2):
    """α from the effective detuning, b from |α|², and the bare detuning that goes with them."""
    alpha = -np.sqrt(kappa) * beta / (kappa / 2 + 1j * effective)
    b = 1j * g0 * abs(alpha) ** 2 / (1j * frequency + gamma / 2)
    return {"om.a": alpha, "om.b": b}, effective + 2 * g0 * b.real


def test_linearisation_gives_the_drift_derived_by_hand():
    """δH = Δ_eff a†a + ω b†b − g₀(α*a + αa†)(b + b†)."""
    g0, kappa, gamma = 0.02, 0.4, 1e-2
    fields, bare = working_point(0.8, g0, 3.0)
    A = qc.gaussian(qc.linearise(driven(bare, g0, 3.0), fields)).A
    push = 2 * g0 * fields["om.a"]
    expected = [
        [-kappa / 2, 0.8, -push.imag, 0],
        [-0.8, -kappa / 2, push.real, 0],
        [0, 0, -gamma / 2, 1.0],
        [push.real, push.imag, -1.0, -gamma / 2],
    ]
    np.testing.assert_allclose(A, expected, atol=1e-12)


@pytest.mark.parametrize("effective", [0.8, 2.0, -0.3])
def test_an_effective_detuning_is_a_working_point_of_the_bare_one(effective):
    """The branch that homotopy finds for the bare detuning has the closed-form fields."""
    g0, beta, gamma = 0.02, 3.0, 1e-2
    alpha = -np.sqrt(0.4) * beta / (0.2 + 1j * effective)
    b = qc.physics.mechanical_displacement(abs(alpha) ** 2, g0, 1.0, gamma)
    points = qc.classical.working_points(driven(effective + 2 * g0 * b.real, g0, beta))
    found = points.fields[np.abs(points.fields[:, 0] - alpha).argmin()]
    np.testing.assert_allclose(found, [alpha, b], rtol=1e-8)
    qc.linearise(driven(effective + 2 * g0 * b.real, g0, beta), {"om.a": alpha, "om.b": b})


def test_sideband_cooling_reaches_its_quantum_limit():
    """n_f ≈ (γ n_th + Γ n_min)/(γ + Γ) with the rates of weak coupling (RMP 86, 1391, Sec. VII)."""
    g0, kappa, gamma, beta = 1e-3, 0.4, 1e-6, 20.0
    fields, bare = working_point(1.0, g0, beta, gamma=gamma)
    part = qc.optomechanical_cavity(
        bare, coupling=g0, frequency=1.0, mechanical_decay=gamma, decay=kappa, occupation=100.0
    )
    net = qc.Network({"laser": qc.coherent_drive(beta), "om": part}, [("laser.out", "om.in")])
    state = qc.steady_state(qc.gaussian(qc.linearise(net, fields)))
    g2 = g0**2 * abs(fields["om.a"]) ** 2
    down, up = (g2 * kappa / ((kappa / 2) ** 2 + x**2) for x in (0.0, 2.0))
    expected = (gamma * 100 + up) / (gamma + down - up)
    assert qc.measures.occupation(state, "om.b") == pytest.approx(expected, rel=5e-3)


def quantum_correction(g0):
    """Mean and covariance beyond linearisation: QuTiP on the whole nonlinear master equation."""
    fields, bare = working_point(0.6, g0, 0.25, kappa=1.0, gamma=0.5)
    part = qc.optomechanical_cavity(
        bare, coupling=g0, frequency=1.0, mechanical_decay=0.5, decay=1.0
    )
    net = qc.Network({"laser": qc.coherent_drive(0.25), "om": part}, [("laser.out", "om.in")])
    mean, cov = steady_moments(net, 7)
    state = qc.steady_state(qc.gaussian(qc.linearise(net, fields)))
    alpha = np.array([fields["om.a"], fields["om.b"]])
    beyond = (mean[0::2] + 1j * mean[1::2]) / np.sqrt(2) - alpha
    return (
        np.abs(beyond).max(),
        np.abs(cov - state.cov).max(),
        np.abs(state.cov - 0.5 * np.eye(4)).max(),
    )


def test_linearised_moments_approach_the_full_quantum_steady_state():
    """What linearisation drops falls off at least as g₀², below what it keeps."""
    coarse, fine = quantum_correction(0.04), quantum_correction(0.02)
    assert 3.5 < coarse[0] / fine[0] < 4.5
    assert coarse[1] / fine[1] > 3.5
    assert fine[2] > 10 * fine[1]


def test_fields_that_are_no_working_point_are_refused():
    fields, bare = working_point(0.8, 0.02, 3.0)
    net = driven(bare, 0.02, 3.0)
    with pytest.raises(
        qc.ArgumentError, match=r"`fields` must be a working point, but om\.a still"
    ):
        qc.linearise(net, {**fields, "om.a": 1.01 * fields["om.a"]})
    with pytest.raises(qc.ArgumentError, match=r"`fields` must name modes, but is 'om\.c'"):
        qc.linearise(net, {"om.c": 1.0})
    with pytest.raises(qc.ArgumentError, match="degree 3: linearise"):
        qc.gaussian(net)


def test_a_spinning_resonator_shifts_its_two_directions_apart():
    part = qc.spinning_resonator(
        1.0,
        shift=0.3,
        coupling=0.01,
        frequency=2.0,
        mechanical_decay=1e-3,
        decay=0.5,
        backscattering=0.1,
    )
    model = qc.gaussian(qc.linearise(qc.Network({"r": part}), {}))
    at = {mode: 2 * k for k, mode in enumerate(model.modes)}
    assert model.A[at["r.a"], at["r.a"] + 1] == pytest.approx(1.3)
    assert model.A[at["r.c"], at["r.c"] + 1] == pytest.approx(0.7)
    assert model.A[at["r.a"], at["r.c"] + 1] == pytest.approx(0.1)
    assert part.inputs == ("in", "in_back", "in_motion")


def test_sagnac_shift_of_jiao2020_with_and_without_dispersion():
    omega, R = 2 * np.pi * 299792458.0 / 1.55e-6, 1.1e-3
    plain = qc.physics.sagnac_shift(8e3, R, 1.44, omega)
    assert plain == pytest.approx(8e3 * 1.44 * R * omega / 299792458.0 * (1 - 1.44**-2))
    assert qc.physics.sagnac_shift(-8e3, R, 1.44, omega) == -plain
    assert qc.physics.sagnac_shift(8e3, R, 1.44, omega, dispersion=-0.01) > plain
