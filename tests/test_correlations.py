"""Contangle, discord, witness, keys, teleportation, decompositions: closed forms, two routes."""

from itertools import combinations

import numpy as np
import pytest
import thewalrus.decompositions
from numpy.testing import assert_allclose
from optional import jax, jnp
from scipy.linalg import block_diag, expm, sqrtm
from scipy.optimize import minimize

import qcascade as qc
from qcascade import measures
from qcascade.base.conventions import symplectic_form, to_vacuum_one, to_xxpp
from qcascade.measures.biseparable import best_witness, bound
from qcascade.measures.units import UNITS
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist

SEEDS = range(8)


def random_symplectic(rng, modes, strength=0.4):
    G = rng.normal(size=(2 * modes, 2 * modes)) * strength
    return expm(symplectic_form(modes) @ (G + G.T) / 2)


def state_of(cov, names="abcdefgh"):
    return qc.GaussianState(list(names[: len(cov) // 2]), cov=(cov + cov.T) / 2)


def random_state(seed, modes=2, heat=0.3):
    rng = np.random.default_rng(seed)
    S = random_symplectic(rng, modes)
    return state_of(S @ np.diag(np.repeat(rng.exponential(heat, modes) + 0.5, 2)) @ S.T)


def locally_changed(state, seed):
    rng = np.random.default_rng(seed)
    S = block_diag(*(random_symplectic(rng, 1) for _ in state.modes))
    return state_of(S @ state.cov @ S.T)


def ghz(r):
    """x squeezed in all differences, p in the sum (van Loock & Braunstein, PRL 84, 3482)."""
    J = np.ones((3, 3)) / 3
    x, p = (np.exp(s) * J + np.exp(-s) * (np.eye(3) - J) for s in (2 * r, -2 * r))
    return state_of(np.kron(x / 2, np.diag([1, 0])) + np.kron(p / 2, np.diag([0, 1])))


def stack(states):
    return qc.GaussianState(states[0].modes, cov=np.stack([s.cov for s in states]))


GAUSSIAN = {
    "residual_contangle": lambda s: measures.residual_contangle(s, "a", "b", "c"),
    "discord": lambda s: measures.discord(s, "a", "b"),
    "genuine_witness": measures.genuine_witness,
    "key_rate": lambda s: measures.key_rate(s, "a", "b", reconciliation=0.9),
    "key_rate_heterodyne": lambda s: measures.key_rate_heterodyne(s, "a", "b"),
    "reverse_coherent_information": lambda s: measures.reverse_coherent_information(
        s, "a", ["b", "c"]
    ),
    "teleportation_fidelity": lambda s: measures.teleportation_fidelity(s, "a", "b"),
    "entanglement_matrix": lambda s: measures.entanglement_matrix(s).log_negativity.values,
    "williamson": lambda s: measures.williamson(s)[1],
}


@pytest.mark.parametrize("name", GAUSSIAN)
def test_a_batch_equals_its_points_and_nan_stays_where_it_was(name):
    states = [random_state(seed, 3) for seed in range(3)]
    expected = np.stack([GAUSSIAN[name](state) for state in states])
    assert_allclose(GAUSSIAN[name](stack(states)), expected, rtol=1e-11, atol=1e-12)
    cov = stack(states).cov.copy()
    cov[1] = np.nan
    some = GAUSSIAN[name](qc.GaussianState(states[0].modes, cov=cov, stable=[True, False, True]))
    assert np.isnan(some[1]).all()
    assert_allclose(some[[0, 2]], expected[[0, 2]], rtol=1e-11, atol=1e-12)


DIFFERENTIABLE = set(GAUSSIAN) - {"genuine_witness", "entanglement_matrix", "williamson"}
INVARIANT = set(GAUSSIAN) - {"key_rate", "key_rate_heterodyne", "teleportation_fidelity"}


@pytest.mark.parametrize("name", sorted(INVARIANT))
@pytest.mark.parametrize("seed", SEEDS)
def test_local_symplectics_change_no_correlation(name, seed):
    state = random_state(seed, 3)
    if name == "genuine_witness" and seed > 2:
        return  # its search takes a while
    changed, searched = (
        GAUSSIAN[name](locally_changed(state, seed + 100)),
        name == "genuine_witness",
    )
    assert_allclose(changed, GAUSSIAN[name](state), rtol=1e-8, atol=1e-6 if searched else 1e-10)


@pytest.mark.needs("jax")
@pytest.mark.parametrize(
    "name",
    [
        *sorted(DIFFERENTIABLE - {"residual_contangle"}),
        pytest.param("residual_contangle", marks=pytest.mark.slow),
    ],
)
def test_jax_gives_the_same_numbers_and_the_derivative_of_differences(name):
    state, rng = random_state(3, 3), np.random.default_rng(1)
    change = rng.normal(size=state.cov.shape) / 20
    change = change + change.T

    def value(cov):
        return GAUSSIAN[name](qc.GaussianState(state.modes, cov=cov))

    found, slope = jax.jit(jax.value_and_grad(value))(jnp.asarray(state.cov))
    assert_allclose(found, value(state.cov), rtol=1e-10)
    step = 1e-5
    expected = (value(state.cov + step * change) - value(state.cov - step * change)) / (2 * step)
    assert_allclose(np.vdot(slope, change), expected, rtol=1e-5, atol=1e-8)


# Contangle


@pytest.mark.parametrize("r", [0.1, 0.5, 1.0])
def test_contangle_of_the_ghz_state_in_closed_form(r):
    """G. Adesso and F. Illuminati, New J. Phys. 8, 15 (2006): b = √(4 cosh 4r + 5)/3."""
    b = np.sqrt(4 * np.cosh(4 * r) + 5) / 3
    pair = ghz(r).reduce("a", "b").cov
    flipped = np.diag([1, 1, 1, -1]) @ pair @ np.diag([1, 1, 1, -1])
    nu = 2 * np.abs(np.linalg.eigvals(1j * symplectic_form(2) @ flipped)).min()
    expected = np.arccosh(b) ** 2 - 2 * np.log(nu) ** 2
    found = measures.residual_contangle(ghz(r), "a", "b", "c")
    assert found == pytest.approx(expected, rel=1e-9)
    if r == 0.5:
        assert found == pytest.approx(0.544385247, abs=1e-9)


def test_contangle_is_the_least_over_the_parties_and_needs_all_three():
    state = random_state(2, 3)
    residues = []
    for i in range(3):
        j, k = (state.modes[m] for m in range(3) if m != i)
        E = [qc.log_negativity(state, state.modes[i], x) ** 2 for x in ([j, k], j, k)]
        residues.append(E[0] - E[1] - E[2])
    assert np.ptp(residues) > 1e-3
    for order in ("abc", "bca", "cab", "acb"):
        assert measures.residual_contangle(state, *order) == pytest.approx(min(residues))
    pair = block_diag(qc.two_mode_squeezed(["a", "b"], 0.5).cov, np.eye(2))
    assert measures.residual_contangle(state_of(pair), "a", "b", "c") == pytest.approx(0, abs=1e-12)


# Discord


def by_determinants(cov):
    """Adesso & Datta, PRL 105, 030501 (2010), with the vacuum at 1; measured: the second mode."""
    V = 2 * cov
    A, B, C, D = (np.linalg.det(M) for M in (V[:2, :2], V[2:, 2:], V[:2, 2:], V))
    if (D - A * B) ** 2 <= (1 + B) * C**2 * (A + D):
        E = 2 * C**2 + (B - 1) * (D - A) + 2 * abs(C) * np.sqrt(C**2 + (B - 1) * (D - A))
        E /= (B - 1) ** 2
    else:
        E = A * B - C**2 + D - np.sqrt(C**4 + (D - A * B) ** 2 - 2 * C**2 * (A * B + D))
        E /= 2 * B
    delta = A + B + 2 * C
    nu = np.sqrt((delta + np.array([-1, 1]) * np.sqrt(delta**2 - 4 * D)) / 2)

    def f(x):
        x = max(x, 1 + 1e-15)
        return (x + 1) / 2 * np.log((x + 1) / 2) - (x - 1) / 2 * np.log((x - 1) / 2)

    return f(np.sqrt(B)) - f(nu[0]) - f(nu[1]) + f(np.sqrt(E))


@pytest.mark.parametrize("seed", range(20))
def test_discord_is_the_formula_of_the_literature(seed):
    cov = random_state(seed).cov
    assert measures.discord(state_of(cov), "a", "b") == pytest.approx(
        by_determinants(cov), abs=1e-9
    )
    order = np.array([2, 3, 0, 1])
    other = by_determinants(cov[np.ix_(order, order)])
    assert measures.discord(state_of(cov), "b", "a") == pytest.approx(other, abs=1e-9)


def test_both_ways_to_measure_best_occur_among_these_states():
    kinds = set()
    for seed in range(20):
        V = 2 * random_state(seed).cov
        A, B, C, D = (np.linalg.det(M) for M in (V[:2, :2], V[2:, 2:], V[:2, 2:], V))
        kinds.add(bool((D - A * B) ** 2 <= (1 + B) * C**2 * (A + D)))
    assert kinds == {True, False}


@pytest.mark.parametrize("seed", range(6))
def test_no_gaussian_measurement_tells_more(seed):
    state = random_state(seed)
    V = state.cov

    def left(parameters):
        s, angle = parameters
        R = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        seed_cov = R @ np.diag([np.exp(s), np.exp(-s)]) @ R.T / 2
        after = V[:2, :2] - V[:2, 2:] @ np.linalg.inv(V[2:, 2:] + seed_cov) @ V[2:, :2]
        return float(measures.von_neumann_entropy(state_of(after)))

    starts = [(s, t) for s in (0.0, 2.0, 8.0) for t in (0.1, 0.9, 1.7, 2.5)]
    best = min(minimize(left, x, method="Nelder-Mead", options={"xatol": 1e-9}).fun for x in starts)
    S_b, S = measures.von_neumann_entropy(state, "b"), measures.von_neumann_entropy(state)
    assert measures.discord(state, "a", "b") == pytest.approx(S_b - S + best, abs=1e-6)


def test_discord_of_pure_states_is_entropy_and_of_products_zero():
    for r in (1e-3, 0.5, 3.0):
        pair = qc.two_mode_squeezed(["a", "b"], r)
        entropy = measures.von_neumann_entropy(pair, "a")
        assert measures.discord(pair, "a", "b") == pytest.approx(entropy, rel=1e-9)
    warm = state_of(block_diag(random_state(1, 1).cov, random_state(2, 1).cov))
    assert measures.discord(warm, "a", "b") == 0
    assert measures.discord(qc.vacuum(["a", "b"]), "a", "b") == 0


def test_mixed_states_without_entanglement_have_discord():
    """A warm mode on a beam splitter."""
    warm = block_diag(np.eye(2) * 2.5, np.eye(2) / 2)
    S = np.kron(np.array([[1, -1], [1, 1]]) / np.sqrt(2), np.eye(2))
    state = state_of(S @ warm @ S.T)
    assert qc.log_negativity(state, "a", "b") == 0
    assert measures.discord(state, "a", "b") > 0.05


# Genuine multipartite entanglement


@pytest.mark.parametrize("r", [0.0, 0.3, 1.0])
def test_witness_of_a_pair_in_closed_form(r):
    pair = qc.two_mode_squeezed(["a", "b"], r)
    assert measures.genuine_witness(pair, pair) == pytest.approx(1 - np.cosh(2 * r), abs=1e-12)
    assert measures.genuine_witness(pair) == pytest.approx(1 - np.exp(2 * r), abs=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_witness_of_two_modes_is_the_partial_transpose(seed):
    """V/s is separable up to s = 2ν̃₋ (Simon, PRL 84, 2726; Werner & Wolf, PRL 86, 3658)."""
    state = random_state(seed, heat=0.2)
    transposed = np.exp(-measures.margin(state, "a", "b")) / 2
    least = min(transposed, measures.symplectic_eigenvalues(state)[0])
    assert measures.genuine_witness(state) == pytest.approx(1 - 0.5 / least, abs=1e-7)


@pytest.mark.parametrize("state", [ghz(0.5), random_state(2, 3)], ids=["GHZ", "mixed"])
def test_no_witness_beside_the_one_found_is_better(state):
    """The search is for the top of a concave function: a step beside it never leads up."""
    Z, rng = best_witness(state.cov), np.random.default_rng(0)
    top = bound(Z) / np.trace(Z @ state.cov)
    assert measures.genuine_witness(state) == pytest.approx(1 - top, abs=1e-12)
    half = np.linalg.cholesky(Z + 1e-13 * np.eye(len(Z)))
    for step in np.repeat([1e-3, 1e-2, 0.1, 1.0], 100):
        other = half + step * rng.normal(size=Z.shape) * np.abs(half).max()
        other = other @ other.T
        assert bound(other) / np.trace(other @ state.cov) < top + 1e-8


def test_magnon_photon_and_phonon_are_entangled_all_together():
    """Li, Zhu & Agarwal, PRL 121, 203601 (2018): their contangle is positive; so it is proven."""
    kappa, g, omega, gamma = 0.1, 0.32, 1.0, 1e-5
    n = 2 * qc.physics.bose_einstein("10 MHz", "10 mK") + 1
    A = np.zeros((6, 6))
    for at, detuning in ((0, -1.0), (2, 0.9)):
        A[at : at + 2, at : at + 2] = [[-kappa, detuning], [-detuning, -kappa]]
    A[0, 3] = A[2, 1] = A[5, 3] = g
    A[1, 2] = A[3, 0] = A[2, 4] = -g
    A[4:, 4:] = [[0, omega], [-omega, -gamma]]
    D = np.diag([kappa] * 4 + [gamma / (4 * n), gamma * n])
    state = qc.steady_state(qc.GaussianModel(("a", "m", "b"), A, D))
    assert measures.residual_contangle(state, "a", "m", "b") > 0.01
    assert measures.genuine_witness(state) < -0.04
    assert measures.genuine_witness(state, state) > 0  # its own inverse is not the best


def separable_across_cuts(seed):
    """A mixture of products of one mode and two entangled ones, each mode alone in turn."""
    rng = np.random.default_rng(seed)
    modes, cov, weights = 3, 0.0, rng.dirichlet(np.ones(3))
    for weight, alone in zip(weights, range(3), strict=True):
        others = [k for k in range(3) if k != alone]
        V = np.zeros((6, 6))
        for group in ([alone], others):
            S = random_symplectic(rng, len(group), 0.8)
            rows = np.array([[2 * k, 2 * k + 1] for k in group]).ravel()
            V[np.ix_(rows, rows)] = S @ S.T / 2
        mean = rng.normal(size=2 * modes) * rng.exponential(0.3)
        cov = cov + weight * (V + np.outer(mean, mean))
    return state_of(cov)


@pytest.mark.parametrize("seed", range(30))
def test_no_mixture_of_states_separable_across_some_cut_gets_below_zero(seed):
    state = separable_across_cuts(seed)
    for target in (state, ghz(0.5), ghz(1.0), random_state(seed, 3, heat=0.0)):
        assert measures.genuine_witness(state, target) >= 0


MORE = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8)]


@pytest.mark.parametrize("seed", [0, 1, *MORE])
def test_no_search_finds_a_witness_of_what_is_separable_across_some_cut(seed):
    assert measures.genuine_witness(separable_across_cuts(seed)) >= 0


def test_the_ghz_state_is_genuinely_entangled_until_it_is_too_warm():
    pure = ghz(0.5)
    value = measures.genuine_witness(pure, pure)
    assert measures.genuine_witness(pure) < value < -0.1
    heat = np.linspace(0.0, 3.0, 31)
    warm = qc.GaussianState(pure.modes, cov=pure.cov + heat[:, None, None] * np.eye(6))
    found = measures.genuine_witness(warm, pure)
    assert np.all(np.diff(found) > 0)
    assert found[0] == pytest.approx(value)
    assert found[-1] > 0
    only_two = state_of(block_diag(qc.two_mode_squeezed(["a", "b"], 1.0).cov, np.eye(2) / 2))
    assert measures.genuine_witness(only_two, only_two) == pytest.approx(0, abs=1e-12)
    assert 0 <= measures.genuine_witness(only_two) < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_what_the_states_of_each_part_reach(seed):
    """str Z = ½ Tr|√Z iΩ √Z|, over all three cuts."""
    state = random_state(seed, 3)
    Z = np.linalg.inv(state.cov)
    sums = []
    for alone in range(3):
        total = 0.0
        for group in ([alone], [k for k in range(3) if k != alone]):
            rows = np.array([[2 * k, 2 * k + 1] for k in group]).ravel()
            half = sqrtm(Z[np.ix_(rows, rows)]).real
            form = symplectic_form(len(group))
            total += np.abs(np.linalg.eigvalsh(1j * half @ form @ half)).sum() / 2
        sums.append(total)
    assert measures.genuine_witness(state, state) == pytest.approx(1 - min(sums) / 6, abs=1e-9)


def test_targets_are_matched_by_name_and_refused_where_they_do_not_fit():
    state = random_state(1, 3)
    turned = state.reduce("c", "a", "b")
    own = measures.genuine_witness(state, state)
    assert measures.genuine_witness(state, turned) == pytest.approx(own)
    with pytest.raises(qc.ArgumentError, match="`target` must be given beyond 6 modes"):
        measures.genuine_witness(qc.vacuum(list("abcdefg")))
    seven = qc.vacuum(list("abcdefg"))
    assert measures.genuine_witness(seven, seven) == 0
    with pytest.raises(qc.ArgumentError, match="`target` must have the modes of `state`"):
        measures.genuine_witness(state, qc.vacuum(["a", "b"]))
    with pytest.raises(qc.ArgumentError, match="`state` must have 2 to 12 modes"):
        measures.genuine_witness(qc.vacuum("a"))
    with pytest.raises(qc.ArgumentError, match="`target` must be a GaussianState"):
        measures.genuine_witness(state, qc.ket(["a"], [1, 0]))


# Keys and teleportation


def sent(r, transmission, noise=0.0):
    """A pair of which b went through a lossy, warm channel; and what is kept at its far end."""
    t, k = np.sqrt(transmission), np.sqrt(1 - transmission)
    n = noise / (1 - transmission) if noise else 0.0
    eve = qc.two_mode_squeezed(["e", "f"], np.arccosh(np.sqrt(n + 1)))
    V = block_diag(qc.two_mode_squeezed(["a", "b"], r).cov, eve.cov)
    S = np.eye(8)
    S[2:6, 2:6] = np.kron([[t, k], [-k, t]], np.eye(2))
    return qc.GaussianState(["a", "b", "e", "f"], cov=S @ V @ S.T)


def holevo(whole, detector):
    """χ(E:b) from the modes e and f that purify: S(E) − S(E|b), detector noise 0 or ½ on x or p."""
    E, b, C = whole.reduce("e", "f"), whole.reduce("b").cov, whole.cov[4:, 2:4]
    if detector == "both":
        after = E.cov - C @ np.linalg.inv(b + np.eye(2) / 2) @ C.T
    else:
        after = E.cov - np.outer(C[:, detector], C[:, detector]) / b[detector, detector]
    rest = qc.GaussianState(["e", "f"], cov=(after + after.T) / 2)
    return measures.von_neumann_entropy(E) - measures.von_neumann_entropy(rest)


@pytest.mark.parametrize(("r", "transmission", "noise"), [(1.0, 0.5, 0.0), (0.7, 0.8, 0.03)])
def test_key_rates_are_those_of_the_modes_that_the_eavesdropper_holds(r, transmission, noise):
    whole = sent(r, transmission, noise)
    pair = whole.reduce("a", "b")
    V = np.cosh(2 * r) / 2
    received = transmission * V + (1 - transmission) / 2 + noise
    coherent = received - transmission * (V - 0.5)  # what is left of it once a is known
    gg02 = 0.9 * np.log(received / coherent) / 2 - holevo(whole, 0)
    assert measures.key_rate(pair, "a", "b", reconciliation=0.9) == pytest.approx(gg02, abs=1e-9)
    assert holevo(whole, 0) == pytest.approx(holevo(whole, 1))
    both = np.log((received + 0.5) / (coherent + 0.5)) - holevo(whole, "both")
    assert measures.key_rate_heterodyne(pair, "a", "b") == pytest.approx(both, abs=1e-9)


def test_both_quadratures_count_where_they_differ():
    S = np.diag([1.0, 1.0, 1.3, 1 / 1.3])
    whole = sent(0.8, 0.6)
    V = S @ whole.reduce("a", "b").cov @ S.T
    state = state_of(V)
    rates = []
    for q in (0, 1):
        C = V[:2, 2:]
        conditional = V[2:, 2:] - C.T @ np.linalg.inv(V[:2, :2] + np.eye(2) / 2) @ C
        left = V[:2, :2] - np.outer(C[:, q], C[:, q]) / V[2 + q, 2 + q]
        known = np.log(V[2 + q, 2 + q] / conditional[q, q]) / 2
        entropy = measures.von_neumann_entropy(state_of(left))
        rates.append(known - measures.von_neumann_entropy(state) + entropy)
    assert measures.key_rate(state, "a", "b") == pytest.approx(np.mean(rates))
    assert measures.key_rate(state, "b", "a") != pytest.approx(np.mean(rates))


@pytest.mark.parametrize("transmission", [0.1, 0.5, 0.9])
def test_reverse_coherent_information_reaches_what_a_lossy_channel_holds(transmission):
    """−ln(1 − η) (Pirandola et al., Nat. Commun. 8, 15043 (2017)), from below."""
    rates = [
        float(
            measures.reverse_coherent_information(sent(r, transmission).reduce("a", "b"), "a", "b")
        )
        for r in (1.0, 2.0, 5.0)
    ]
    assert np.all(np.diff(rates) > 0)
    assert rates[-1] == pytest.approx(-np.log1p(-transmission), abs=2e-3)
    assert rates[-1] < -np.log1p(-transmission)


def test_reverse_coherent_information_of_a_bell_state_is_one_bit():
    bell = qc.ket(["A.q", "B.q"], np.array([1, 0, 0, 1]) / np.sqrt(2))
    assert measures.reverse_coherent_information(bell, "A", "B") == pytest.approx(np.log(2))


@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("r", [0.0, 0.5, 2.0])
def test_teleportation_with_squeezed_vacuum_in_any_local_phase(r, angle):
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    S = block_diag(turn, np.eye(2))
    state = state_of(S @ qc.two_mode_squeezed(["a", "b"], r).cov @ S.T)
    found = measures.teleportation_fidelity(state, "a", "b")
    assert found == pytest.approx(1 / (1 + np.exp(-2 * r)), rel=1e-12)
    assert measures.teleportation_fidelity(state, "b", "a") == pytest.approx(found)


def test_teleportation_is_the_fidelity_of_what_arrives():
    """Input and a on a beam splitter, x and p measured, b displaced by √2 of what was found."""
    V = sent(0.8, 0.7, 0.05).reduce("a", "b").cov
    three = block_diag(np.eye(2) / 2, V)
    # x₋ = (x_in − x_a)/√2, p₊ = (p_in + p_a)/√2; out = b + √2 (x₋, p₊).
    out = np.zeros((2, 6))
    out[0, [0, 2, 4]], out[1, [1, 3, 5]] = [1, -1, 1], [1, 1, 1]
    arrived = qc.GaussianState("m", [0.3, -0.4], out @ three @ out.T)
    there = qc.GaussianState("m", [0.3, -0.4], np.eye(2) / 2)
    found = measures.teleportation_fidelity(state_of(V), "a", "b")
    assert found == pytest.approx(measures.fidelity(arrived, there), rel=1e-9)
    assert 0.5 < found < 1


def test_unphysical_covariances_have_no_key_no_discord_and_no_fidelity():
    bad = state_of(qc.two_mode_squeezed(["a", "b"], 0.5).cov * 0.5)
    for name in ("discord", "key_rate", "key_rate_heterodyne", "teleportation_fidelity"):
        assert np.isnan(getattr(measures, name)(bad, "a", "b")), name
    assert np.isnan(measures.genuine_witness(bad))


# Decompositions


def orthogonal_and_symplectic(O):
    form = symplectic_form(O.shape[-1] // 2)
    assert_allclose(O @ O.T, np.eye(len(O)), atol=1e-13)
    assert_allclose(O @ form @ O.T, form, atol=1e-13)


def squeezers(r):
    return np.diag(np.exp(np.stack([r, -np.asarray(r)], axis=-1).ravel()))


@pytest.mark.parametrize("modes", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_williamson_puts_the_covariance_together_again(modes, seed):
    state = random_state(seed, modes)
    S, levels = measures.williamson(state)
    form = symplectic_form(modes)
    assert_allclose(S @ form @ S.T, form, atol=1e-12)
    assert_allclose(S @ np.diag(np.repeat(levels, 2)) @ S.T, state.cov, rtol=1e-12, atol=1e-12)
    D, _ = thewalrus.decompositions.williamson(to_vacuum_one(to_xxpp(state.cov)))
    assert_allclose(2 * levels, np.sort(np.diag(D)[:modes]), rtol=1e-8)


@pytest.mark.parametrize("quanta", [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
def test_williamson_of_equal_levels(quanta):
    S0 = random_symplectic(np.random.default_rng(1), 3)
    cov = S0 @ np.diag(np.repeat(quanta, 2) + 0.5) @ S0.T
    S, levels = measures.williamson(state_of(cov))
    assert_allclose(levels, np.sort(quanta) + 0.5, rtol=1e-12)
    assert_allclose(S @ symplectic_form(3) @ S.T, symplectic_form(3), atol=1e-12)
    assert_allclose(S @ np.diag(np.repeat(levels, 2)) @ S.T, cov, atol=1e-12)


@pytest.mark.parametrize(
    "r",
    [
        [0.7],
        [1.2, 0.5, 0.1],
        [0.5, 0.5, 0.5],
        [0.8, 0.8, 0.0],
        [0.0, 0.0, 0.0],
        [1e-3, 1e-9, 0.0],
        [2e-9, 1e-9],
        [2.0, 1e-8, 1e-8, 0.0],
        [3.0, 3.0, 1.0, 1.0, 0.2],
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_bloch_messiah_factors_and_puts_together_again(r, seed):
    rng, modes = np.random.default_rng(seed), len(r)
    rotations = []
    for _ in range(2):
        z = rng.normal(size=(modes, modes)) + 1j * rng.normal(size=(modes, modes))
        U = np.linalg.qr(z)[0]
        R = np.empty((2 * modes, 2 * modes))
        R[0::2, 0::2], R[1::2, 1::2] = U.real, U.real
        R[0::2, 1::2], R[1::2, 0::2] = -U.imag, U.imag
        rotations.append(R)
    S = rotations[0] @ squeezers(r) @ rotations[1]
    O, found, Q = measures.bloch_messiah(S)
    orthogonal_and_symplectic(O)
    orthogonal_and_symplectic(Q)
    size = np.exp(max(r))
    assert_allclose(found, r, atol=1e-14 * size**2)
    assert_allclose(O @ squeezers(found) @ Q, S, atol=1e-14 * size**2)


@pytest.mark.parametrize("seed", SEEDS)
def test_bloch_messiah_agrees_with_the_walrus(seed):
    S = random_symplectic(np.random.default_rng(seed), 3, 0.6)
    _, found, _ = measures.bloch_messiah(S)
    _, D, _ = thewalrus.decompositions.blochmessiah(to_xxpp(S))
    theirs = np.sort(np.abs(np.log(np.diag(D)[:3])))[::-1]
    assert_allclose(found, theirs, atol=1e-8)
    assert_allclose(np.exp(found), np.linalg.svd(S)[1][:3], rtol=1e-12)


def test_passive_transformations_and_batches_with_nan():
    S = np.stack([np.eye(4), squeezers([0.5, 0.2]), np.full((4, 4), np.nan)])
    O, r, Q = measures.bloch_messiah(S)
    assert_allclose(r[:2], [[0.0, 0.0], [0.5, 0.2]], atol=1e-15)
    assert_allclose(O[0] @ Q[0], np.eye(4), atol=1e-14)
    assert np.isnan(r[2]).all()
    assert np.isnan(O[2]).all()


@pytest.mark.needs("jax")
def test_what_takes_numpy_only_says_so():
    def of(function):
        return jax.jit(lambda r: function(qc.two_mode_squeezed(["a", "b"], r)))

    for function in (lambda s: measures.williamson(s)[1], measures.genuine_witness):
        with pytest.raises(qc.ArgumentError, match="`state` must hold NumPy's arrays"):
            of(function)(0.5)


@pytest.mark.parametrize(
    ("S", "sentence"),
    [
        (np.eye(3), r"`S` must have shape \(…, 2N, 2N\)"),
        (np.diag([2.0, 2.0]), "`S` must be symplectic, SΩSᵀ = Ω, but is 'off by 3"),
        (np.stack([np.eye(2), 2 * np.eye(2)]), r"at point \(1,\)"),
        ("S", "`S` must be a real symplectic matrix"),
    ],
)
def test_what_is_not_symplectic_is_refused(S, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        measures.bloch_messiah(S)


# All pairs, and files


def test_the_matrix_holds_every_pair_by_name_and_is_drawn_with_names():
    state = random_state(4, 4)
    data = measures.entanglement_matrix(state)
    for j, k in combinations(state.modes, 2):
        expected = qc.log_negativity(state, j, k)
        for mode, partner in ((j, k), (k, j)):
            assert data.log_negativity.sel(mode=mode, partner=partner) == expected
    assert np.isnan(np.diag(data.log_negativity)).all()
    axes = qc.figure(data, "log_negativity").axes[0]
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == list(state.modes)
    assert axes.get_xlabel() == "mode"


def test_the_matrix_of_qubits_is_that_of_their_negativity():
    bell = qc.ket(["A.q", "B.q", "C.q"], np.array([1, 0, 0, 0, 0, 0, 1, 0]) / np.sqrt(2))
    data = measures.entanglement_matrix(bell).log_negativity
    assert data.sel(mode="A.q", partner="B.q").item() == pytest.approx(np.log(2))
    assert data.sel(mode="C.q", partner="B.q").item() == 0


FILE = """
[parameters]
gain = 0.3
[parts.source]
part = "pair_source"
gain = "gain"
[parts.third]
part = "cavity"
decay = 1.0
[couplings.swap]
part = "hopping"
first = "source.b"
second = "third.a"
rate = 0.4
[axes.gain]
values = [0.1, 0.2]
"""


def test_files_ask_for_them():
    asked = {"residual_contangle": {"a": "source.a", "b": "source.b", "c": "third"}}
    two = ("discord", "key_rate", "teleportation_fidelity", "reverse_coherent_information")
    asked |= {name: {"a": "source.a", "b": "source.b"} for name in two}
    text = FILE
    for name, groups in asked.items():
        lines = [f'{key} = "{value}"' for key, value in groups.items()]
        text += "\n".join([f"[measures.{name}_here]", f'measure = "{name}"', *lines, ""])
    data = sweep_netlist(load(text))
    state = qc.steady_state(qc.gaussian(qc.from_toml(text, {"gain": 0.2})))
    for name, groups in asked.items():
        found = data[f"{name}_here"]
        assert found.values[1] == pytest.approx(getattr(measures, name)(state, **groups))
        assert found.attrs["units"] == UNITS[name]
    with pytest.raises(qc.ArgumentError, match="give `c` of residual_contangle"):
        load(text.replace('c = "third"', ""))


# Words


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda s: measures.residual_contangle(s, "a", "b", "b"),
            "`c` must share no mode",
        ),
        (lambda s: measures.residual_contangle(s, "a", "b", "x"), "`c` must name modes"),
        (lambda s: measures.discord(s, "a", "a"), "`b` must share no mode with `a`"),
        (lambda s: measures.discord(s, "a", ["b", "c"]), "`b` must name one mode"),
        (lambda s: measures.key_rate(s, "a", "b", reconciliation=1.1), "`reconciliation` must be"),
        (lambda s: measures.williamson(s.cov), "`state` must be a GaussianState"),
        (lambda s: measures.bloch_messiah(s.mean), r"`S` must have shape \(…, 2N, 2N\)"),
        (lambda s: measures.entanglement_matrix(s.reduce("a")), "`state` must have two modes"),
    ],
)
def test_wrong_arguments_are_named(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call(random_state(0, 3))


def test_the_best_witness_is_searched_for_in_up_to_six_modes():
    names = list("abcdefg")
    unstable = qc.GaussianState(names, np.zeros(14), np.eye(14) / 2, False)  # nothing to search
    assert np.isnan(measures.genuine_witness(unstable.reduce(*names[:6])))
    with pytest.raises(qc.ArgumentError, match="`target` must be given beyond 6 modes"):
        measures.genuine_witness(unstable)
