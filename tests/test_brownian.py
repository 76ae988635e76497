"""Motion damped in its momentum alone: the channel, and the system of Vitali et al. (2007)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax, jnp
from scipy.linalg import solve_continuous_lyapunov

import qcascade as qc

MOTION = {"coupling": 0.02, "frequency": 1.0, "mechanical_decay": 0.05, "momentum_damped": True}


def ported(**options):
    laser = qc.coherent_drive(3.0)
    cavity = qc.optomechanical_cavity(1.5, decay=0.4, **MOTION, **options)
    return qc.Network({"laser": laser, "om": cavity}, [("laser.out", "om.in")])


# The channel


@pytest.mark.parametrize("n", [0.0, 0.3, 7.0, 2e4])
def test_momentum_is_damped_and_position_is_not(n):
    gamma = 0.03
    model = qc.gaussian(qc.mechanical_mode(1.3, gamma, occupation=n, momentum_damped=True))
    assert_allclose(model.A, [[0.0, 1.3], [-1.3, -gamma]], atol=1e-12)
    expected = np.diag([gamma / (4 * (2 * n + 1)), gamma * (2 * n + 1)])
    assert_allclose(model.D, expected, rtol=1e-11, atol=1e-15)
    assert qc.audit(model).verdict == "physical"


def test_position_noise_is_the_least_that_quantum_mechanics_allows():
    model = qc.gaussian(qc.mechanical_mode(1.0, 0.1, occupation=2.0, momentum_damped=True))
    less = qc.GaussianModel(model.modes, model.A, model.D - np.diag([1e-6, 0.0]))
    assert qc.audit(less).verdict != "physical"


def test_master_equation_has_the_moments_of_the_gaussian_model():
    part = qc.mechanical_mode(1.0, 0.4, occupation=0.3, momentum_damped=True)
    cov = qc.steady_state(qc.gaussian(part)).cov
    rho = qc.steady_state(qc.lindblad(part, {"b": 40}), progress=False)
    b = qc.lower("b")
    q, p = np.sqrt(0.5) * (b + b.dag), -1j * np.sqrt(0.5) * (b - b.dag)
    moments = [[(q * q), 0.5 * (q * p + p * q)], [0.5 * (q * p + p * q), (p * p)]]
    found = [[rho.expect(word).real for word in row] for row in moments]
    assert_allclose(found, cov, atol=1e-6)


def test_hot_and_weakly_damped_motion_has_its_occupation():
    part = qc.mechanical_mode(1.0, 1e-4, occupation=500.0, momentum_damped=True)
    state = qc.steady_state(qc.gaussian(part))
    assert qc.measures.occupation(state, "b") == pytest.approx(500.0, rel=1e-6)


def test_spinning_resonators_have_the_same_motion():
    part = qc.spinning_resonator(1.0, decay=0.5, shift=0.2, occupation=1.0, **MOTION)
    model = qc.gaussian(qc.linearise(part, {}))
    assert_allclose(model.A[4:, 4:], [[0.0, 1.0], [-1.0, -0.05]], atol=1e-15)
    assert_allclose(np.diag(model.D)[4:], [0.05 / 12, 0.15], rtol=1e-14)


def test_a_batch_equals_its_points():
    n = np.array([0.0, 2.0, 50.0])
    both = qc.gaussian(qc.mechanical_mode(1.0, 0.1, occupation=n, momentum_damped=True))
    for k, one in enumerate(n):
        alone = qc.gaussian(qc.mechanical_mode(1.0, 0.1, occupation=one, momentum_damped=True))
        assert_allclose(both.D[k], alone.D, rtol=1e-15)


# The bath's port


def test_heat_is_in_the_jump_and_the_bath_takes_no_other():
    part = qc.mechanical_mode(1.0, 0.1, occupation=2.0, momentum_damped=True)
    for occupation in (0.0, 2.0):
        with pytest.raises(qc.ArgumentError, match=r"not repeat the occupation of m\.in_motion"):
            qc.Network({"m": part}, occupations={"m.in_motion": occupation})
    with pytest.raises(qc.ArgumentError, match=r"`wires\[0\]` must not end at"):
        qc.Network({"m": part, "c": qc.cavity(decay=1.0)}, [("c.out", "m.in_motion")])


def test_what_rounding_would_hide_is_refused():
    with pytest.raises(qc.ArgumentError, match=r"`occupation` must be 1e\+09 or below"):
        qc.mechanical_mode(1.0, 0.1, occupation=[1.0, 2e9], momentum_damped=True)
    qc.mechanical_mode(1.0, 0.1, occupation=2e9)
    with pytest.raises(qc.ArgumentError, match="`momentum_damped` must be True or False"):
        qc.mechanical_mode(1.0, 0.1, momentum_damped=1)


def test_files_hold_it():
    text = qc.to_toml(ported(occupation=3.0))
    assert "momentum_damped = true" in text
    again = qc.from_toml(text)
    for fields in qc.classical.working_points(ported(occupation=3.0)).fields:
        alpha = dict(zip(("om.a", "om.b"), fields, strict=True))
        one, two = (qc.gaussian(qc.linearise(n, alpha)) for n in (again, ported(occupation=3.0)))
        assert_allclose(one.D, two.D, rtol=1e-15)


@pytest.mark.needs("jax")
def test_derivatives_are_those_of_differences():
    def noise(n):
        return qc.gaussian(qc.mechanical_mode(1.0, 0.1, occupation=n, momentum_damped=True)).D

    slope = jax.jit(jax.jacobian(noise))(jnp.asarray(2.0))
    assert_allclose(slope, (noise(2.0 + 1e-6) - noise(2.0 - 1e-6)) / 2e-6, atol=1e-9)


# The working point


def test_displacement_is_force_over_stiffness():
    points = qc.classical.working_points(ported())
    assert points.fields.size
    for alpha, beta in points.fields:
        assert_allclose(beta, 0.02 * abs(alpha) ** 2, rtol=1e-12)


# D. Vitali et al., Phys. Rev. Lett. 98, 030405 (2007): 5 ng, 10 MHz, 100 Hz, 1 mm, 810 nm, 50 mW,
# finesse 10700, whose κ = πc/(L·finesse) = 1.4 ω_m is the decay rate of the amplitude.

OMEGA, GAMMA = 2 * np.pi * 1e7, 2 * np.pi * 100
KAPPA = 2 * np.pi * 299792458.0 / (1e-3 * 1.07e4)
LIGHT = qc.physics.optical_frequency("810 nm")
DRIVE = qc.physics.drive_amplitude("50 mW", LIGHT)
G0 = qc.physics.zero_point_coupling(LIGHT, "1 mm", "5 ng", "10 MHz")


def vitali(temperature, effective, momentum_damped=True):
    """E_N of light and mirror at effective detunings, whose bare ones follow in closed form."""
    alpha = -np.sqrt(KAPPA) * DRIVE / (KAPPA / 2 + 1j * effective)
    beta = G0 * abs(alpha) ** 2 / (OMEGA - (0.0 if momentum_damped else 0.5j) * GAMMA)
    part = qc.optomechanical_cavity(
        effective + 2 * G0 * beta.real,
        KAPPA,
        coupling=G0,
        frequency=OMEGA,
        mechanical_decay=GAMMA,
        occupation=qc.physics.bose_einstein(OMEGA, temperature),
        momentum_damped=momentum_damped,
    )
    net = qc.Network({"laser": qc.coherent_drive(DRIVE), "om": part}, [("laser.out", "om.in")])
    state = qc.steady_state(qc.gaussian(qc.linearise(net, {"om.a": alpha, "om.b": beta})))
    return qc.log_negativity(state, "om.a", "om.b")


def by_hand(temperature, effective):
    """The same from the matrices that the paper prints, with the noise of this channel."""
    n = qc.physics.bose_einstein(OMEGA, temperature)
    G = 2 * G0 * np.sqrt(KAPPA) * DRIVE / np.hypot(KAPPA / 2, effective)
    A = np.array(
        [
            [0, OMEGA, 0, 0],
            [-OMEGA, -GAMMA, G, 0],
            [0, 0, -KAPPA / 2, effective],
            [G, 0, -effective, -KAPPA / 2],
        ]
    )
    noise = [GAMMA / (4 * (2 * n + 1)), GAMMA * (2 * n + 1), KAPPA / 2, KAPPA / 2]
    V = solve_continuous_lyapunov(A / OMEGA, -np.diag(noise) / OMEGA)
    T = np.diag([1, -1, 1, 1])
    form = np.kron(np.eye(2), [[0, 1], [-1, 0]])
    return max(0.0, -np.log(2 * np.abs(np.linalg.eigvals(1j * form @ T @ V @ T)).min()))


def test_the_mirror_of_vitali_2007_has_the_printed_entanglement():
    found = vitali(0.4, np.array([0.5, 0.825]) * OMEGA)
    assert found[0] == pytest.approx(0.24429966, abs=1e-8)
    assert found[1] == pytest.approx(0.31171, abs=1e-5)
    assert_allclose(found, [by_hand(0.4, x * OMEGA) for x in (0.5, 0.825)], atol=1e-9)
    detuning = np.linspace(0.7, 1.0, 61) * OMEGA
    assert detuning[np.nanargmax(vitali(0.4, detuning))] / OMEGA == pytest.approx(0.825)


@pytest.mark.parametrize(("momentum_damped", "critical"), [(True, 24.58), (False, 20.96)])
def test_entanglement_ends_at_the_critical_temperature_of_its_damping(momentum_damped, critical):
    detuning = np.linspace(0.05, 2.0, 400) * OMEGA
    below, above = (
        np.nanmax(vitali(T, detuning, momentum_damped)) for T in (critical - 0.01, critical + 0.01)
    )
    assert below > 1e-6
    assert above == 0.0


@pytest.mark.parametrize(("noise", "verdict"), [(0.1, "momentum-damped"), (0.05, "not physical")])
def test_momentum_noise_below_that_of_the_vacuum_is_not_completed(noise, verdict):
    """γ(2n + 1) of a mirror with γ = 0.1: half of it would be n = −1/4."""
    A = np.array([[0.0, 1.0], [-1.0, -0.1]])
    assert qc.audit(qc.GaussianModel(("mirror",), A, np.diag([0.0, noise]))).verdict == verdict
