import numpy as np
import pytest
import qutip
from fock import master_equation, moments, steady_moments
from hypothesis import given
from hypothesis import strategies as st
from optional import jax
from random_networks import random_network

import qcascade as qc
from qcascade.base.conventions import symplectic_form


def low_state(modes, cutoff, top, seed):
    """A random density matrix with at most `top` quanta in every mode."""
    rng = np.random.default_rng(seed)
    inside = np.ones(1, bool)
    for _ in range(modes):
        inside = np.kron(inside, np.arange(cutoff) <= top).astype(bool)
    X = rng.normal(size=(cutoff**modes,) * 2) + 1j * rng.normal(size=(cutoff**modes,) * 2)
    X = X * inside[:, None]
    rho = X @ X.conj().T
    return qutip.Qobj(rho / np.trace(rho), dims=[[cutoff] * modes] * 2)


def moment_rates(net, cutoff=7, top=3, seed=0):
    """Moments of a low state and their rates of change under the master equation, no truncation
    error since nothing reaches the cutoff in one step."""
    H, jumps, lowering = master_equation(net, cutoff)
    rho = low_state(len(net.modes), cutoff, top, seed)
    rate = -1j * (H * rho - rho * H)
    for c in jumps:
        n = c.dag() * c
        rate += c * rho * c.dag() - (n * rho + rho * n) / 2
    R = []
    for a in lowering.values():
        R += [(a + a.dag()) / np.sqrt(2), (a - a.dag()) / (1j * np.sqrt(2))]
    mean, _ = moments(rho, lowering)
    second = np.array([[((r * s + s * r) * rho).tr().real / 2 for s in R] for r in R])
    mean_rate = np.array([(r * rate).tr().real for r in R])
    second_rate = np.array([[((r * s + s * r) * rate).tr().real / 2 for s in R] for r in R])
    return mean, second, mean_rate, second_rate


def with_laser(net, seed):
    """The network with a coherent drive wired to one of its open inputs."""
    beta = complex(*np.random.default_rng(seed).normal(size=2))
    target, *others = net.occupations
    return qc.Network(
        {**net.parts, "laser": qc.coherent_drive(beta)},
        [*net.wires, ("laser.out", target)],
        net.couplings,
        {name: net.occupations[name] for name in others},
    )


@pytest.mark.parametrize("seed", range(8))
def test_drift_diffusion_and_drive_are_those_of_the_master_equation(seed):
    """Exact for any state: d⟨R⟩/dt = A⟨R⟩ + f and d⟨RRᵀ⟩/dt = A⟨RRᵀ⟩ + … + D + f⟨R⟩ᵀ + ⟨R⟩fᵀ."""
    net = with_laser(random_network(seed), seed)
    mean, second, mean_rate, second_rate = moment_rates(net, seed=seed)
    model = qc.gaussian(net)
    np.testing.assert_allclose(model.A @ mean + model.drive, mean_rate, atol=1e-10)
    assert np.abs(model.drive).max() > 1e-3
    driven = np.outer(model.drive, mean)
    expected = model.A @ second + second @ model.A.T + model.D + driven + driven.T
    np.testing.assert_allclose(expected, second_rate, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_steady_covariance_of_two_modes_equals_the_lindblad_one(seed):
    net = random_network(seed, modes=2, weak=0.1)
    mean, cov = steady_moments(net, 7)
    state = qc.steady_state(qc.gaussian(net))
    assert np.abs(state.cov - 0.5 * np.eye(4)).max() > 1e-3  # not just the vacuum
    np.testing.assert_allclose(state.cov, cov, atol=1e-8)
    np.testing.assert_allclose(state.mean, mean, atol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_steady_covariance_of_one_mode_equals_the_lindblad_one(seed):
    net = random_network(seed, modes=1, wires=3, weak=0.5)
    mean, cov = steady_moments(net, 24)
    state = qc.steady_state(qc.gaussian(net))
    np.testing.assert_allclose(state.cov, cov, atol=1e-8)
    np.testing.assert_allclose(state.mean, mean, atol=1e-8)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(0, 6))
def test_every_network_of_parts_is_a_quantum_channel(seed, modes, wires):
    """D + (i/2)(AΩ + ΩAᵀ) ≥ 0."""
    found = qc.audit(qc.gaussian(random_network(seed, modes, wires)))
    assert found.completely_positive
    assert found.noise_eigenvalue > -1e-9
    if found.stable:
        assert found.physical_state


@given(st.integers(0, 10**6), st.floats(0.1, 100))
def test_only_ratios_of_rates_matter(seed, unit):
    model = qc.gaussian(random_network(seed))
    scaled = qc.GaussianModel(model.modes, unit * model.A, unit * model.D)
    if qc.growth(model.A) > -1e-2:
        return
    first, second = (qc.steady_state(m).cov for m in (model, scaled))
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-10)


@given(st.integers(0, 10**6), st.floats(0, 5))
def test_a_passive_network_at_one_temperature_is_thermal(seed, occupation):
    rng = np.random.default_rng(seed)
    parts = {
        "x": qc.cavity(rng.normal(), [0.5, 1.0]),
        "y": qc.cavity(rng.normal(), [0.7, 0.3]),
        "link": qc.fibre(rng.uniform(), rng.normal()),
        "bs": qc.beam_splitter(rng.uniform()),
    }
    wires = [("x.out1", "link.in"), ("link.out", "bs.in1"), ("bs.out1", "y.in1")]
    couplings = [
        qc.hopping("x.a", "y.a", complex(*rng.normal(size=2))),
        qc.common_bath({"x.a": 1, "y.a": 1j}, 0.3),
    ]
    inputs, _ = qc.slh.open_ports(qc.Network(parts, wires, couplings))
    net = qc.Network(parts, wires, couplings, dict.fromkeys(inputs, occupation))
    cov = qc.steady_state(qc.gaussian(net)).cov
    np.testing.assert_allclose(cov, (occupation + 0.5) * np.eye(4), rtol=1e-9, atol=1e-12)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_downstream_never_acts_upstream(seed, other):
    """A cascade of anything after x leaves x as it is; the reverse wire does not."""
    rng = np.random.default_rng(seed)
    upstream = qc.squeezed_mode(0.1, rng.normal(), 1.0)
    behind = qc.squeezed_mode(0.2, np.random.default_rng(other).normal(), 1.0)
    alone = qc.gaussian(qc.Network({"x": upstream}))
    both = qc.gaussian(qc.Network({"x": upstream, "y": behind}, [("x.out", "y.in")]))
    np.testing.assert_allclose(both.A[:2, :2], alone.A, atol=1e-14)
    np.testing.assert_allclose(both.A[:2, 2:], 0, atol=1e-14)
    assert np.abs(both.A[2:, :2]).max() > 0.5
    state, single = qc.steady_state(both), qc.steady_state(alone)
    np.testing.assert_allclose(state.reduce("x").cov, single.cov, rtol=1e-10)
    swapped = qc.gaussian(qc.Network({"x": upstream, "y": behind}, [("y.out", "x.in")]))
    assert np.abs(swapped.A[:2, 2:]).max() > 0.5


def test_cavity_in_closed_form():
    model = qc.gaussian(qc.Network({"c": qc.cavity(1.5, 0.4, occupation=2.0)}))
    np.testing.assert_allclose(model.A, [[-0.2, 1.5], [-1.5, -0.2]])
    np.testing.assert_allclose(model.D, 0.4 / 2 * 5 * np.eye(2))


def test_sign_of_detuning_and_drive():
    """ȧ = −(iΔ + κ/2)a − √κ β gives ⟨a⟩ = −√κ β/(κ/2 + iΔ)."""
    net = qc.Network(
        {"laser": qc.coherent_drive(0.3 + 0.1j), "c": qc.cavity(0.7, 0.5)},
        wires=[("laser.out", "c.in")],
    )
    alpha = -np.sqrt(0.5) * (0.3 + 0.1j) / (0.25 + 0.7j)
    mean = qc.steady_state(qc.gaussian(net)).mean
    np.testing.assert_allclose(mean, np.sqrt(2) * np.array([alpha.real, alpha.imag]), rtol=1e-12)


def test_a_constant_in_a_coupling_is_the_light_of_a_laser():
    """L = √κ a + β with H = √κ (β a† − β* a)/2i is a laser β in front of a cavity."""
    beta, kappa = 0.4 - 0.7j, 1.3
    a = qc.lower("a")
    H = (beta * a.dag - np.conj(beta) * a) * (kappa**0.5 / 2j)
    part = qc.Component([[1]], [kappa**0.5 * a + beta], H, ("a",), ("in",), ("out",))
    by_hand = qc.gaussian(part)
    parts = {"laser": qc.coherent_drive(beta), "m": qc.cavity(decay=kappa)}
    wired = qc.gaussian(qc.Network(parts, [("laser.out", "m.in")]))
    for name in ("A", "D", "drive", "displacement"):
        np.testing.assert_allclose(getattr(by_hand, name), getattr(wired, name), atol=1e-15)
    assert np.abs(wired.drive).min() > 0.1


def test_noise_of_each_input_passes_the_scattering_before_the_mode():
    """J = S†L: a mode behind a beam splitter sees T n₁ + (1−T) n₂."""
    net = qc.Network(
        {"bs": qc.beam_splitter(0.3), "c": qc.cavity(decay=1.0)},
        wires=[("bs.out1", "c.in")],
        occupations={"bs.in1": 2.0, "bs.in2": 5.0},
    )
    n = qc.measures.occupation(qc.steady_state(qc.gaussian(net)), "c")
    assert n == pytest.approx(0.3 * 2 + 0.7 * 5)


def test_travelling_noise_of_a_cascade_correlates_its_cavities():
    """The cross block of D is ½√(κ₁κ₂) R(φ), what printed diagonal matrices forget."""
    k1, k2, phase = 0.8, 1.7, 0.9
    net = qc.Network(
        {"up": qc.cavity(decay=k1), "turn": qc.phase_shifter(phase), "down": qc.cavity(decay=k2)},
        wires=[("up.out", "turn.in"), ("turn.out", "down.in")],
    )
    model = qc.gaussian(net)
    c, s = np.cos(phase), np.sin(phase)
    np.testing.assert_allclose(
        model.D[2:, :2], 0.5 * np.sqrt(k1 * k2) * np.array([[c, -s], [s, c]]), atol=1e-14
    )
    np.testing.assert_allclose(
        model.A[2:, :2], -np.sqrt(k1 * k2) * np.array([[c, -s], [s, c]]), atol=1e-14
    )


@pytest.mark.parametrize("seed", range(4))
def test_input_and_output_matrices_reproduce_drift_and_diffusion(seed):
    """B(n+½)Bᵀ = D; A − its Hamiltonian part from C; output quadratures keep [x, p] = i."""
    net = random_network(seed)
    model = qc.gaussian(net)
    n = np.array(list(qc.slh.open_ports(net)[0].values()), float)
    B, C = model.input_matrix, model.output_matrix
    np.testing.assert_allclose(B @ np.diag(np.repeat(n + 0.5, 2)) @ B.T, model.D, atol=1e-12)
    omega, ports = symplectic_form(len(model.modes)), symplectic_form(len(n))
    # [R, R] and [R, R_out] are kept in time: AΩ + ΩAᵀ + BΩBᵀ = 0 and BΩSᵀ + ΩCᵀ = 0.
    drift = model.A @ omega + omega @ model.A.T + B @ ports @ B.T
    np.testing.assert_allclose(drift, 0, atol=1e-12)
    S = model.scattering
    rows = np.stack([np.stack([S.real, -S.imag], -1), np.stack([S.imag, S.real], -1)], -2)
    feedthrough = rows.transpose(0, 2, 1, 3).reshape(2 * len(n), 2 * len(n))
    np.testing.assert_allclose(B @ ports @ feedthrough.T + omega @ C.T, 0, atol=1e-12)


def test_a_batch_of_networks_equals_a_loop():
    detunings, phases = np.linspace(-1, 1, 5)[:, None], np.linspace(0, 3, 4)

    def model(detuning, phase):
        net = qc.Network(
            {
                "x": qc.squeezed_mode(0.1, detuning, 1.0),
                "link": qc.fibre(0.8, phase, occupation=0.3),
                "y": qc.cavity(0.2, 1.0),
            },
            wires=[("x.out", "link.in"), ("link.out", "y.in")],
            couplings=[qc.hopping("x.a", "y.a", 0.1 * np.exp(1j * phase))],
        )
        return qc.gaussian(net)

    batch = model(detunings, phases)
    assert batch.A.shape == (5, 4, 4, 4)
    for j, k in np.ndindex(5, 4):
        single = model(detunings[j, 0], phases[k])
        for name in ("A", "D"):
            whole = np.broadcast_to(getattr(batch, name), (5, 4, 4, 4))
            np.testing.assert_allclose(whole[j, k], getattr(single, name), atol=1e-14)


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_jax_gradient_of_a_whole_network_equals_finite_differences():
    def entangled(x):
        net = qc.Network(
            {
                "x": qc.squeezed_mode(x[0], 0.3, 1.0),
                "link": qc.fibre(0.9, x[1], occupation=0.02),
                "y": qc.cavity(x[2], 1.0),
            },
            wires=[("x.out", "link.in"), ("link.out", "y.in")],
            couplings=[qc.hopping("x.a", "y.a", 0.2)],  # an interferometer: the phase matters
        )
        return qc.log_negativity(qc.steady_state(qc.gaussian(net)), "x", "y")

    at = np.array([0.2, 0.5, -0.1])
    gradient = np.asarray(jax.jit(jax.grad(entangled))(at))
    step = 1e-5
    differences = [
        (entangled(at + step * e) - entangled(at - step * e)) / (2 * step) for e in np.eye(3)
    ]
    assert entangled(at) > 0.01
    assert np.abs(differences).min() > 1e-3
    np.testing.assert_allclose(gradient, differences, rtol=1e-6)
    np.testing.assert_allclose(jax.jit(entangled)(at), entangled(at), rtol=1e-10)
    batch = jax.vmap(entangled)(np.stack([at, 1.1 * at]))
    np.testing.assert_allclose(batch, [entangled(at), entangled(1.1 * at)], rtol=1e-10)


def test_raw_matrices_are_accepted_and_checked():
    model = qc.GaussianModel(("m",), -np.eye(2), np.eye(2))
    assert qc.steady_state(model).cov[0, 0] == pytest.approx(0.5)
    with pytest.raises(qc.ArgumentError, match=r"`A` must have shape \(…, 2, 2\)"):
        qc.GaussianModel(("m",), -np.eye(4), np.eye(2))
    with pytest.raises(
        qc.ArgumentError, match=r"`D` must be symmetric.*D\[0,1\] = 1.*D\[1,0\] = 0"
    ):
        qc.GaussianModel(("m",), -np.eye(2), [[1, 1], [0, 1]])
    with pytest.raises(qc.ArgumentError, match="`A` must be a real matrix, finite everywhere"):
        qc.GaussianModel(("m",), np.nan * np.eye(2), np.eye(2))
    with pytest.raises(qc.ArgumentError, match="must come from a network to have ports"):
        _ = model.input_matrix


def test_a_cubic_term_is_named_with_advice():
    a, b = qc.lower("a"), qc.lower("b")
    part = qc.Component(np.zeros((0, 0)), (), 0.1 * a.dag * a * (b + b.dag), ("a", "b"), (), ())
    with pytest.raises(qc.ArgumentError, match=r"the term m.a† m.a m.b of degree 3: linearise"):
        qc.gaussian(qc.Network({"m": part}))


def test_frequencies_and_couplings_stand_in_the_drift_to_the_last_digit():
    """H = Δ a†a + g a†b + g* b†a: ẋ_a = Δ p_a + Im g x_b + Re g p_b."""
    random = np.random.default_rng(5)
    for delta, real, imaginary in random.normal(size=(100, 3)):
        parts = {"a": qc.cavity(delta), "b": qc.cavity()}
        net = qc.Network(parts, couplings=[qc.hopping("a.a", "b.a", real + 1j * imaginary)])
        A = qc.gaussian(net).A
        assert (A[0, 1], A[1, 0]) == (delta, -delta)
        assert (abs(A[0, 2]), A[0, 3]) == (abs(imaginary), real)
