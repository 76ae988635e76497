"""Other libraries read what is meant: every order, sign and factor, checked by the libraries."""

import sys

import numpy as np
import pytest
import qutip
import thewalrus.quantum as walrus
from scipy.linalg import expm

import qcascade as qc
from qcascade.base.conventions import symplectic_form
from qcascade.hilbert.fock import husimi
from qcascade.interop.quadratic import component_of

MODES = ("left.a", "right.b")


def random_state(modes, seed, squeezing=0.25, noise=0.3):
    """A displaced, rotated, squeezed thermal state: nothing in it is symmetric."""
    rng = np.random.default_rng(seed)
    N = len(modes)
    G = rng.normal(size=(2 * N, 2 * N))
    S = expm(symplectic_form(N) @ (G + G.T) * squeezing / 2)
    quanta = np.repeat(rng.uniform(0, noise, N), 2)
    return qc.GaussianState(modes, rng.normal(size=2 * N) / 3, S @ np.diag(quanta + 0.5) @ S.T)


def made_by_qutip(levels=(24, 24)):
    """The same kind of state, out of QuTiP's own operators, and the operators a, b."""
    a, b = (qutip.destroy(n) for n in levels)
    first = qutip.displace(levels[0], 0.3 - 0.4j) * qutip.squeeze(levels[0], 0.2 * np.exp(0.9j))
    second = qutip.displace(levels[1], 0.2j) * qutip.squeeze(levels[1], -0.1 + 0.25j)
    rho = qutip.tensor(
        first * qutip.thermal_dm(levels[0], 0.15) * first.dag(),
        second * qutip.thermal_dm(levels[1], 0.05) * second.dag(),
    )
    a, b = qutip.tensor(a, qutip.qeye(levels[1])), qutip.tensor(qutip.qeye(levels[0]), b)
    mixing = 0.6 * np.exp(0.7j) * a.dag() * b
    mixer = (-1j * (mixing + mixing.dag())).expm()
    return mixer * rho * mixer.dag(), a, b


def quadratures(*lowering):
    """x = (a + a†)/√2 and p = (a − a†)/(i√2) of every mode, as QuTiP users write them."""
    R = []
    for a in lowering:
        R += [(a + a.dag()) / np.sqrt(2), -1j * (a - a.dag()) / np.sqrt(2)]
    return R


def moments_by_qutip(rho, *lowering):
    R = quadratures(*lowering)
    return np.real(qutip.expect(R, rho)), np.real(qutip.covariance_matrix(R, rho))


def same(first, second, tolerance=1e-9):
    return (
        first.modes == second.modes
        and np.allclose(first.mean, second.mean, atol=tolerance)
        and np.allclose(first.cov, second.cov, atol=tolerance)
    )


# States and QuTiP


def test_a_state_goes_to_qutip_as_the_state_that_qutip_makes_itself():
    rho, a, b = made_by_qutip()
    state = qc.GaussianState(MODES, *moments_by_qutip(rho, a, b))
    ours = qc.interop.to_qutip(state, {"left": 9, "right.b": 7})
    assert ours.dims == [[10, 8], [10, 8]]
    low = rho.full().reshape(24, 24, 24, 24)[:10, :8, :10, :8].reshape(80, 80)
    assert np.abs(low.imag).max() > 0.02  # phases would show
    assert np.abs(ours.full() - low / np.trace(low)).max() < 1e-6


def test_coherent_states_have_the_phase_of_qutip():
    state = qc.interop.to_qutip(qc.coherent("m", 0.6 - 0.8j), {"m": 14})
    assert (
        np.abs((state - qutip.coherent_dm(15, 0.6 - 0.8j, method="analytic")).full()).max() < 1e-9
    )


def test_two_mode_squeezing_has_its_closed_form():
    rho = qc.interop.to_qutip(qc.two_mode_squeezed(MODES, 0.4), {"left": 12, "right": 12})
    amplitudes = np.zeros((13, 13))
    np.fill_diagonal(amplitudes, np.tanh(0.4) ** np.arange(13))
    expected = np.outer(amplitudes.ravel(), amplitudes.ravel()) / np.sum(amplitudes**2)
    assert np.abs(rho.full() - expected).max() < 1e-12


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
def test_elements_agree_with_the_walrus(names):
    state = random_state(names, len(names), squeezing=0.08, noise=0.02)
    N, levels = len(names), 6
    ours = qc.hilbert.truncate(state, dict.fromkeys(names, levels - 1)).matrix()
    theirs = walrus.density_matrix(*qc.interop.to_walrus(state), cutoff=levels)
    theirs = theirs.transpose([*range(0, 2 * N, 2), *range(1, 2 * N, 2)]).reshape(ours.shape)
    assert np.abs(ours - theirs / np.trace(theirs)).max() < 1e-12


def test_many_levels_lose_no_digits():
    n = np.arange(301)
    warm = qc.hilbert.truncate(qc.thermal("m", 20.0), {"m": 300}).matrix().diagonal().real
    assert np.allclose(warm * (1 - (20 / 21) ** 301), (20 / 21) ** n / 21, rtol=1e-10, atol=1e-16)
    squeezed = qc.GaussianState("m", cov=np.diag([0.5 * np.exp(3), 0.5 * np.exp(-3)]))
    assert qc.measures.purity(qc.hilbert.truncate(squeezed, {"m": 120})) == pytest.approx(
        1, abs=1e-10
    )


def test_covariance_and_negativity_are_what_qutip_computes():
    state = random_state(MODES, 5, squeezing=0.1, noise=0.1)
    rho = qc.interop.to_qutip(state, {"left": 14, "right": 14})
    a = qutip.tensor(qutip.destroy(15), qutip.qeye(15))
    b = qutip.tensor(qutip.qeye(15), qutip.destroy(15))
    mean, cov = moments_by_qutip(rho, a, b)
    assert np.allclose(mean, state.mean, atol=1e-7)
    assert np.allclose(cov, state.cov, atol=1e-6)
    theirs = qutip.wigner_covariance_matrix(a, b, rho=rho)
    assert np.allclose(theirs, state.cov, atol=1e-6)
    entangled = qc.two_mode_squeezed(MODES, 0.3)
    negativity = qutip.continuous_variables.logarithmic_negativity(entangled.cov)
    assert negativity == pytest.approx(qc.log_negativity(entangled, *MODES), abs=1e-12)


def test_states_come_back_from_qutip_as_they_went():
    state = random_state(MODES, 2, squeezing=0.1, noise=0.1)
    rho = qc.interop.to_qutip(state, {"left": 13, "right": 14})
    assert same(qc.hilbert.moments(qc.density(MODES, rho)), state, 1e-6)
    swapped = qc.hilbert.moments(qc.density(MODES[::-1], rho.permute([1, 0])))
    assert same(swapped.reduce(*MODES), state, 1e-6)


def test_moments_of_a_density_matrix_are_those_of_qutip():
    rho = qutip.rand_dm([4, 3], seed=1)
    wide = qutip.tensor(qutip.qeye(4), qutip.qeye(3)) * 0
    # Room above, so that QuTiP's own truncated a a† is right too.
    block = np.zeros((6, 5, 6, 5), complex)
    block[:4, :3, :4, :3] = rho.full().reshape(4, 3, 4, 3)
    wide = qutip.Qobj(block.reshape(30, 30), dims=[[6, 5], [6, 5]])
    a = qutip.tensor(qutip.destroy(6), qutip.qeye(5))
    b = qutip.tensor(qutip.qeye(6), qutip.destroy(5))
    found = qc.hilbert.moments(qc.density(MODES, rho))
    mean, cov = moments_by_qutip(wide, a, b)
    assert np.allclose(found.mean, mean, atol=1e-12)
    assert np.allclose(found.cov, cov, atol=1e-12)
    psi = qc.ket(MODES, qutip.rand_ket([4, 3], seed=2))
    assert same(qc.hilbert.moments(psi), qc.hilbert.moments(psi.density()), 1e-12)
    assert abs(qc.interop.to_qutip(psi).overlap(qutip.rand_ket([4, 3], seed=2))) == pytest.approx(1)


def test_a_cutoff_that_is_too_low_is_refused_with_one_that_is_not():
    state = qc.GaussianState(MODES, np.array([2.0, 1.0, 0.0, 0.0]), np.diag([0.5, 0.5, 2.5, 2.5]))
    for _ in range(2):
        with pytest.raises(qc.ArgumentError, match=r"cutoffs\[(left\.a|right\.b)\]` must be \d+"):
            qc.hilbert.truncate(state, {"left": 3, "right": 3})
    with pytest.raises(
        qc.ArgumentError, match=r"cutoffs\[left\.a\]` must be (\d+) or more"
    ) as told:
        qc.hilbert.truncate(state, {"left": 3, "right": 40})
    enough = int(str(told.value).split("must be ")[1].split()[0])
    kept = qc.hilbert.truncate(state, {"left": enough, "right": 40})
    assert 0 < kept.info["tail"] < 1e-3
    assert kept.trace == pytest.approx(1, abs=1e-14)


def test_modes_that_share_a_cutoff_hold_the_pairs():
    pairs = qc.two_mode_squeezed(MODES, 0.5)
    shared = qc.hilbert.truncate(pairs, {MODES: 40})
    assert shared.space.dimension == 861
    assert same(qc.hilbert.moments(shared), pairs, 1e-9)
    with pytest.raises(qc.ArgumentError, match="cutoff of its own"):
        qc.interop.to_qutip(shared)


@pytest.mark.parametrize(
    ("state", "cutoffs", "sentence"),
    [
        (qc.thermal("m", [[0.1], [0.2]]), {"m": 9}, "must be one state"),
        (qc.GaussianState("m", cov=np.eye(2) / 4), {"m": 9}, "must be a state of quantum"),
        (qc.GaussianState("m", cov=np.eye(2) / 2, stable=False), {"m": 9}, "must be stable"),
        (qc.vacuum("m"), {}, "give the most quanta of m"),
        (qc.vacuum("m"), {"n": 3}, "an oscillator"),
        (qc.vacuum(["a", "b"]), {"a": 99, "b": 99}, "at most 4096"),
        ("m", {"m": 1}, "be a GaussianState"),
    ],
)
def test_states_that_have_no_density_matrix_here_are_refused(state, cutoffs, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.hilbert.truncate(state, cutoffs)


def test_moments_are_of_oscillators():
    with pytest.raises(qc.ArgumentError, match="oscillators only"):
        qc.hilbert.moments(qc.density("q", np.eye(2) / 2))
    with pytest.raises(qc.ArgumentError, match="`state` must be a DensityState"):
        qc.hilbert.moments(qc.vacuum("m"))


# Models and QuTiP


def network(occupation=0.0, drive=0.0):
    """Squeezed light drives a detuned cavity one way; a complex hopping closes a loop."""
    parts = {
        "source": qc.squeezed_mode(0.1 + 0.07j, detuning=0.4, decay=1.0),
        "target": qc.cavity(detuning=-0.3, decay={"light": 0.8, "loss": 0.2}),
        "laser": qc.coherent_drive(drive),
    }
    wires = [("laser.out", "source.in"), ("source.out", "target.in_light")]
    hop = qc.hopping("source.a", "target.a", 0.2 * np.exp(0.8j))
    baths = {"target.in_loss": occupation}
    return qc.Network(parts, wires, couplings=[hop], occupations=baths)


def same_model(first, second):
    """Whether A, D and drive agree, relative to the damping of each mode."""
    scale = np.sqrt(np.abs(np.diagonal(first.D)))
    scale = scale.reshape(-1, 2).max(axis=1).repeat(2)
    scale = np.where(scale > 0, scale, 1.0)
    both = np.outer(scale, scale)
    return (
        np.allclose(first.A, second.A, rtol=1e-12, atol=1e-13 * np.abs(first.A).max())
        and np.allclose(first.D / both, second.D / both, rtol=0, atol=1e-10)
        and np.allclose(first.drive, second.drive, rtol=1e-12, atol=1e-13)
    )


CUTS = {"source": 11, "target": 11}


def drift_of_state(H, jumps, rho):
    """dρ/dt of QuTiP's operators, element by element."""
    change = -1j * (H * rho - rho * H)
    for c in jumps:
        change += c * rho * c.dag() - 0.5 * (c.dag() * c * rho + rho * c.dag() * c)
    return np.abs(change.full()).max()


def test_our_steady_state_stands_still_under_qutips_operators():
    model = qc.gaussian(network(occupation=0.3, drive=0.2 - 0.1j))
    state = qc.steady_state(model)
    assert np.abs(state.mean).min() > 0.02
    assert np.abs(state.cov[:2, 2:]).max() > 0.02
    cutoffs = {"source": 17, "target": 17}
    rho = qc.interop.to_qutip(state, cutoffs)
    assert drift_of_state(*qc.interop.to_qutip(model, cutoffs), rho) < 1e-6
    turned = qc.GaussianState(state.modes, state.mean * [1, -1, 1, 1], state.cov)
    assert (
        drift_of_state(*qc.interop.to_qutip(model, cutoffs), qc.interop.to_qutip(turned, cutoffs))
        > 1e-2
    )
    other = qc.gaussian(network(occupation=0.3, drive=0.2 + 0.1j))
    assert drift_of_state(*qc.interop.to_qutip(other, cutoffs), rho) > 1e-2


def test_in_the_vacuum_there_is_one_jump_per_open_input_as_in_the_master_equation():
    net = network(drive=0.3j)
    H, jumps = qc.interop.to_qutip(qc.gaussian(net), CUTS)
    wanted, theirs = qc.interop.to_qutip(qc.lindblad(net, CUTS, sectors=False))
    assert len(jumps) == len(theirs) == 2
    for c, d in zip(jumps, theirs, strict=True):
        assert np.abs((c - d).full()).max() < 1e-12
    difference = (H - wanted).full()
    assert np.abs(difference - difference[0, 0] * np.eye(len(difference))).max() < 1e-12


def test_thermal_modes_jump_up_and_down():
    net = qc.Network(
        {"m": qc.cavity(1.0, decay=0.5, occupation=0.8), "n": qc.cavity(2.0, decay=0.5)}
    )
    _, jumps = qc.interop.to_qutip(qc.gaussian(net), {"m": 12, "n": 3})
    a = qutip.tensor(qutip.destroy(13), qutip.qeye(4))
    b = qutip.tensor(qutip.qeye(13), qutip.destroy(4))
    expected = [np.sqrt(0.5 * 1.8) * a, np.sqrt(0.5 * 0.8) * a.dag(), np.sqrt(0.5) * b]
    assert len(jumps) == 3
    for c, d in zip(jumps, expected, strict=True):
        assert np.abs((c - d).full()).max() < 1e-12


def squeezed_inputs():
    parts = {"light": qc.squeezed_light(0.4 * np.exp(0.3j)), "A": qc.cavity(0.2, decay=1.0)}
    parts["B"] = qc.cavity(-0.1, decay=0.7)
    return qc.Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")])


def typed_by_hand(seed, jumps):
    """A and D of random H and jumps, as a paper would print them."""
    rng = np.random.default_rng(seed)
    G, form = rng.normal(size=(6, 6)), symplectic_form(3)
    C = rng.normal(size=(jumps, 6)) + 1j * rng.normal(size=(jumps, 6))
    K = C.conj().T @ C
    A, D = form @ (G + G.T + K.imag), form @ K.real @ form.T
    return qc.GaussianModel(("a", "b", "c"), A, D, rng.normal(size=6))


def optomechanical():
    """Rates that lie seven orders of magnitude apart, in 1/s."""
    A = np.diag([-1e6, -1e6, -50.0, -50.0])
    A[0, 1], A[1, 0], A[2, 3], A[3, 2] = 5e7, -5e7, 6e7, -6e7
    A[1, 2] = A[3, 0] = 3e5
    return qc.GaussianModel(("light", "motion"), A, np.diag([1e6, 1e6, 50 * 41, 50 * 41]))


MODELS = {
    "driven network": lambda: qc.gaussian(network(drive=0.2 - 0.1j)),
    "warm network": lambda: qc.gaussian(network(occupation=0.3, drive=0.2 - 0.1j)),
    "squeezed inputs": lambda: qc.gaussian(squeezed_inputs()),
    "one jump": lambda: typed_by_hand(1, 1),
    "three jumps": lambda: typed_by_hand(2, 3),
    "seven jumps": lambda: typed_by_hand(3, 7),
    "optomechanics": optomechanical,
    "no damping": lambda: qc.gaussian(qc.Network({"a": qc.cavity(1e9)})),
    "an undamped neighbour": lambda: qc.gaussian(
        qc.Network({"a": qc.cavity(3e9, decay=1.0), "b": qc.cavity(1e9)})
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_hamiltonian_and_jumps_say_all_of_a_gaussian_model(name):
    model = MODELS[name]()
    part = component_of(model)
    assert part.H.degree <= 2
    assert all(jump.degree == 1 for jump in part.L)
    assert len(part.L) <= 2 * len(model.modes)
    assert same_model(model, qc.gaussian(part))


def test_noise_that_nearly_is_of_one_kind_keeps_its_digits():
    C = np.array([[1, 1j, 1, 1j], [0, 0, 1e-7, 1e-7j]]) / np.sqrt(2)
    K, form = C.conj().T @ C, symplectic_form(2)
    model = qc.GaussianModel(("a", "b"), form @ K.imag, form @ K.real @ form.T)
    assert same_model(model, qc.gaussian(component_of(model)))


def test_noise_that_no_quantum_bath_makes_has_no_jumps():
    with pytest.raises(qc.ArgumentError, match="diffusion D that quantum noise"):
        qc.interop.to_qutip(qc.GaussianModel("m", -np.eye(2), np.eye(2) / 2), {"m": 5})
    with pytest.raises(qc.ArgumentError, match="diffusion D that quantum noise"):
        qc.interop.to_qutip(qc.GaussianModel("m", -np.eye(2), np.zeros((2, 2))), {"m": 5})
    batch = qc.gaussian(qc.cavity(decay=[1.0]))
    assert component_of(batch).modes == ("a",)
    with pytest.raises(qc.ArgumentError, match="one model, not a batch"):
        qc.interop.to_qutip(qc.gaussian(qc.cavity(np.ones(3), decay=1.0)), {"a": 3})
    with pytest.raises(qc.UnstableError, match="no steady state"):
        qc.interop.to_qutip(qc.gaussian(qc.squeezed_mode(1.0, decay=1.0)), {"a": 3})


def test_qutip_operators_come_back_as_the_model_they_came_from():
    for occupation in (0.0, 0.3):
        model = qc.gaussian(network(occupation, drive=0.2 - 0.1j))
        part = qc.interop.from_qutip(*qc.interop.to_qutip(model, CUTS), model.modes)
        assert same_model(model, qc.gaussian(part))


def test_truncated_products_are_read_as_what_was_meant():
    a = qutip.tensor(qutip.destroy(5), qutip.qeye(6))
    b = qutip.tensor(qutip.qeye(5), qutip.destroy(6))
    x, p = quadratures(a)
    y, q = quadratures(b)
    H = 0.7 * x * x + 0.3 * p * p + 0.1 * (x * p + p * x) + 0.9 * b * b.dag() + 0.4 * p * y
    H += 0.2 * x - 0.5 * q + 3.0
    part = qc.interop.from_qutip(H, [np.sqrt(0.3) * a + 0.1j * b.dag() + 0.25j, b], ["a", "b"])
    model = qc.gaussian(part)
    # ½RᵀGR + dᵀR, and Ω(G + Im C†C)
    G = np.array([[1.4, 0.2, 0, 0], [0.2, 0.6, 0.4, 0], [0, 0.4, 0.9, 0], [0, 0, 0, 0.9]])
    d = np.array([0.2, 0, 0, -0.5])
    lower = np.array([1, 1j]) / np.sqrt(2)
    C = np.array([[*np.sqrt(0.3) * lower, *0.1j * lower.conj()], [0, 0, *lower]])
    form, K = symplectic_form(2), C.conj().T @ C
    assert np.allclose(model.A, form @ (G + K.imag))
    assert np.allclose(model.D, form @ K.real @ form.T)
    assert np.allclose(model.drive, form @ (d - np.imag(np.conj([0.25j, 0]) @ C)))
    assert part.inputs == ("in1", "in2")
    assert part.outputs == ("out1", "out2")


a4, a6 = qutip.destroy(4), qutip.destroy(6)
PAIR = (qutip.tensor(a4, qutip.qeye(4)), qutip.tensor(qutip.qeye(4), a4))


@pytest.mark.parametrize(
    ("H", "jumps", "modes", "sentence"),
    [
        (a4.dag() ** 2 * a4**2, [], "m", r"`H` must be quadratic .* but ⟨2\|H\|2⟩ is 2\+0j"),
        (a6.dag() * a6 + 0.1 * (a6**3 + a6.dag() ** 3), [], "m", r"⟨0\|H\|3⟩"),
        (PAIR[0].dag() * PAIR[0] * PAIR[1].dag() * PAIR[1], [], "ab", r"⟨1 1\|H\|1 1⟩ is 1"),
        (a6.dag() * a6 * (a6 + a6.dag()), [], "m", "quadratic"),
        (a6, [], "m", "`H` must be Hermitian"),
        (a6.dag() * a6, [a6**2], "m", r"`c_ops\[0\]` must be linear .* ⟨0\|c_ops\[0\]\|2⟩"),
        (a6.dag() * a6, [a6, a6.dag() * a6], "m", r"`c_ops\[1\]` must be linear"),
        (a6.dag() * a6, a6, "m", "`c_ops` must be a list"),
        (a6.dag() * a6, [a4], "m", r"`c_ops\[0\]` must have the levels \[6\]"),
        (a6.dag() * a6, ["a"], "m", r"`c_ops\[0\]` must be a Qobj"),
        (a6.dag() * a6, [], "ab", "`modes` must name 1 modes, one per tensor factor of H"),
        (qutip.num(3), [], "m", "four levels or more"),
        (qutip.basis(4, 0), [], "m", "`H` must be a Qobj operator"),
        (np.eye(4), [], "m", "`H` must be a Qobj operator"),
        (qutip.liouvillian(qutip.num(4)), [], "m", "`H` must be a Qobj operator"),
        (qutip.num(4) * np.nan, [], "m", "finite"),
    ],
)
def test_what_is_not_quadratic_is_refused_with_its_element(H, jumps, modes, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.interop.from_qutip(H, jumps, list(modes))


# The Walrus and Strawberry Fields


def test_the_walrus_computes_what_is_computed_here():
    state = random_state(("a", "b", "c"), 7, noise=0.05)
    means, cov = qc.interop.to_walrus(state)
    order = [0, 2, 4, 1, 3, 5]
    assert np.allclose(means, np.sqrt(2) * state.mean[order])
    assert np.allclose(cov, 2 * state.cov[np.ix_(order, order)])
    negativity = walrus.log_negativity(cov, modes_A=[1])
    assert negativity > 0.05
    assert negativity == pytest.approx(qc.log_negativity(state, "b", ["a", "c"]), abs=1e-9)
    assert 1 / np.sqrt(np.linalg.det(cov)) == pytest.approx(float(qc.measures.purity(state)))
    number = walrus.photon_number_mean_vector(means, cov)
    assert np.allclose(number, [qc.measures.occupation(state, mode) for mode in "abc"])
    assert walrus.is_valid_cov(cov)
    beta, Q = husimi(state.mean, state.cov)
    assert np.allclose(beta, walrus.complex_to_real_displacements(means))
    assert np.abs(Q.imag).max() > 0.01
    assert np.allclose(Q.conj(), walrus.Qmat(cov))  # its rows are those of ⟨ξ†ξ⟩, not ⟨ξξ†⟩


def test_states_come_back_from_the_walrus_as_they_went():
    states = [random_state(("a", "b"), seed) for seed in range(6)]
    mean = np.reshape([s.mean for s in states], (2, 3, 4))
    cov = np.reshape([s.cov for s in states], (2, 3, 4, 4))
    batch = qc.GaussianState(("a", "b"), mean, cov)
    assert same(qc.interop.from_walrus(*qc.interop.to_walrus(batch), ["a", "b"]), batch, 1e-12)
    one = qc.interop.from_walrus(*(x[1, 2] for x in qc.interop.to_walrus(batch)), ["a", "b"])
    assert same(one, states[5], 1e-12)


def test_photons_of_a_steady_state_are_distributed_as_the_walrus_says():
    state = qc.steady_state(qc.gaussian(network(occupation=0.1, drive=0.3)))
    levels = 6
    ours = qc.hilbert.truncate(state, {"source": levels - 1, "target": levels - 1})
    diagonal = ours.matrix().diagonal().real.reshape(levels, levels) * (1 - ours.info["tail"])
    # Their `probabilities` are these numbers by a way that takes half a minute to compile.
    theirs = walrus.density_matrix(*qc.interop.to_walrus(state), cutoff=levels)
    theirs = np.einsum("iijj->ij", theirs).real
    assert abs(theirs[1, 0] - theirs[0, 1]) > 1e-3  # the modes are not exchanged
    assert np.abs(diagonal - theirs).max() < 1e-12


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: qc.interop.to_walrus("state"), "`state` must be a GaussianState"),
        (lambda: qc.interop.from_walrus([0.0], np.eye(2), "m"), "`means` must have shape"),
        (lambda: qc.interop.from_walrus([0.0, 0.0], np.eye(4), "m"), "`cov` must have shape"),
        (
            lambda: qc.interop.from_walrus([0.0, 0.0], [[1, 0.5], [0, 1]], "m"),
            "`cov` must be symmetric",
        ),
        (lambda: qc.interop.from_walrus([0.0, np.nan], np.eye(2), "m"), "`means` must be"),
    ],
)
def test_the_walrus_is_not_given_nonsense(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


# dynamiqs


@pytest.fixture
def dynamiqs():
    library = pytest.importorskip("dynamiqs", reason="dynamiqs is not installed")
    library.set_precision("double")
    return library


@pytest.mark.slow
def test_dynamiqs_evolves_a_network_as_it_evolves_here(dynamiqs):
    drive = 0.4 * qc.lower("A.q") + 0.4 * qc.lower("A.q").dag
    parts = {"A": qc.qubit(0.3, decay=1.0), "B": qc.kerr_cavity(0.2, -0.1, 0.5)}
    hop = qc.hopping("A.q", "B.a", 0.6 * np.exp(0.9j))
    net = qc.Network(parts, [("A.out", "B.in")], couplings=[hop])
    model = qc.lindblad(net, {"B": 9}, sectors=False)
    model = qc.LindbladModel(model.modes, model.H + drive, model.jumps, model.space)
    H, jumps = qc.interop.to_dynamiqs(model)
    assert H.dims == (2, 10)
    assert H.layout is dynamiqs.dia
    assert H.dtype == np.complex128
    low = np.pad(qutip.rand_ket([2, 2], seed=4).full().reshape(2, 2), ((0, 0), (0, 8)))
    start = qc.ket(model.modes, qutip.Qobj(low.ravel(), dims=[[2, 10], [1, 1]]))
    times = [0.0, 0.7, 1.5]
    theirs = dynamiqs.mesolve(
        H,
        jumps,
        qc.interop.to_dynamiqs(start),
        times,
        method=dynamiqs.method.Tsit5(rtol=1e-10, atol=1e-12),
        progress_meter=False,
    ).states
    for k in (1, 2):
        ours = qc.evolve(model, start, times[: k + 1], progress=False).final
        assert np.abs(np.imag(ours.matrix())).max() > 0.05
        assert np.abs(qc.interop.to_dynamiqs(ours).to_numpy() - theirs[k].to_numpy()).max() < 1e-8
        back = qc.density(model.modes, theirs[k])
        assert np.abs(back.matrix() - ours.matrix()).max() < 1e-8


def test_dynamiqs_states_start_an_evolution(dynamiqs):
    model = qc.lindblad(qc.kerr_cavity(0.2, 0.1, 0.5), {"a": 5}, sectors=False)
    rho = dynamiqs.todm(dynamiqs.fock(6, 1))
    for start in (rho, dynamiqs.fock(6, 1)):
        run = qc.evolve(model, start, [0.0, 1.0], progress=False)
        assert run.final.matrix()[1, 1].real == pytest.approx(np.exp(-0.5), abs=1e-8)


def test_gaussian_models_and_states_go_to_dynamiqs_and_back(dynamiqs):
    model = qc.gaussian(network(occupation=0.3, drive=0.2))
    H, jumps = qc.interop.to_dynamiqs(model, CUTS)
    wanted, theirs = qc.interop.to_qutip(model, CUTS)
    assert np.abs(H.to_numpy() - wanted.full()).max() < 1e-14
    for c, d in zip(jumps, theirs, strict=True):
        assert np.abs(c.to_numpy() - d.full()).max() < 1e-14
    assert same_model(model, qc.gaussian(qc.interop.from_qutip(H, jumps, model.modes)))
    state = random_state(MODES, 3, squeezing=0.1, noise=0.1)
    rho = qc.interop.to_dynamiqs(state, {"left": 13, "right": 14})
    assert rho.dims == (14, 15)
    assert same(qc.hilbert.moments(qc.density(MODES, rho)), state, 1e-5)
    psi = qc.ket(MODES, qutip.rand_ket([3, 2], seed=1))
    assert np.abs(qc.ket(MODES, qc.interop.to_dynamiqs(psi)).amplitudes - psi.amplitudes).max() == 0


def test_dynamiqs_in_single_precision_is_refused(dynamiqs):
    model = qc.lindblad(qc.qubit(decay=1.0))
    qc.to_dynamiqs(model)
    single = dynamiqs.asqarray(np.eye(2, dtype=np.complex64) / 2)
    with pytest.raises(qc.ArgumentError, match="`matrix` must have double precision"):
        qc.density("q", single)
    with pytest.raises(qc.ArgumentError, match="not a batch"):
        qc.density("q", dynamiqs.asqarray(np.array([np.eye(2), np.eye(2)], complex) / 2))
    try:
        dynamiqs.set_precision("single")
        with pytest.raises(qc.ArgumentError, match="in double precision"):
            qc.interop.to_dynamiqs(model)
    finally:
        dynamiqs.set_precision("double")


@pytest.mark.parametrize(
    ("system", "cutoffs", "sentence"),
    [
        (qc.vacuum("m"), None, "`cutoffs` must give"),
        (qc.density("m", np.eye(2) / 2), {"m": 3}, "`cutoffs` must be left out"),
        (qc.cavity(decay=1.0), None, "`system` must be a model"),
    ],
)
def test_only_models_and_states_go_to_dynamiqs(system, cutoffs, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.interop.to_dynamiqs(system, cutoffs)


@pytest.mark.parametrize(
    ("library", "call"),
    [
        ("qutip", lambda: qc.interop.to_qutip(qc.vacuum("m"), {"m": 1})),
        ("qutip", lambda: qc.interop.to_qutip(qc.lindblad(qc.qubit(decay=1.0)))),
        ("qutip", lambda: qc.interop.to_qutip(qc.ket("q", [1, 0]))),
        ("qutip", lambda: qc.interop.to_qutip(qc.gaussian(qc.cavity(decay=1.0)), {"a": 1})),
        ("dynamiqs", lambda: qc.interop.to_dynamiqs(qc.vacuum("m"), {"m": 1})),
    ],
)
def test_a_library_that_is_missing_is_named(library, call, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"not installed: pip install {library}$"):
        call()
