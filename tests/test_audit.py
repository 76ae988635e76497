"""The audit as a referee uses it: three verdicts, digits, conventions, and which block breaks it.

`lowest` is the criterion written anew, from the eigenvalues of the matrix itself.
"""

import itertools
import re

import numpy as np
import pytest
from random_networks import random_network

import qcascade as qc
from qcascade.base import conventions
from qcascade.interop.quadratic import component_of
from qcascade.linear.printed import digits_of
from qcascade.papers.jiao2020.model import model as jiao2020
from qcascade.papers.jiao2022.model import model as jiao2022
from qcascade.papers.liu2024.model import model as liu2024


def lowest(A, D):
    """Smallest eigenvalue of D + (i/2)(AΩ + ΩAᵀ), entry by entry."""
    n = len(A)
    form = np.zeros((n, n))
    for k in range(0, n, 2):
        form[k, k + 1], form[k + 1, k] = 1, -1
    return np.linalg.eigvalsh(D + 0.5j * (A @ form + form @ A.T))[0]


def typed(model, A=None, D=None):
    """The same numbers, typed by hand: without ports and their names."""
    return qc.GaussianModel(model.modes, model.A if A is None else A, model.D if D is None else D)


def without_block(model, j, k):
    D = np.array(model.D)
    D[2 * j : 2 * j + 2, 2 * k : 2 * k + 2] = 0
    D[2 * k : 2 * k + 2, 2 * j : 2 * j + 2] = 0
    return typed(model, D=D)


def three_cavities(*order):
    decays = {"up": 0.8, "down": 1.7, "apart": 1.0}
    parts = {name: qc.cavity(decay=decays[name]) for name in order or decays}
    return qc.gaussian(qc.Network(parts, [("up.out", "down.in")]))


def cold_cascade(rng):
    """Squeezed modes with detuning and loss, one after the other, all inputs in the vacuum."""
    n = int(rng.integers(2, 6))
    parts, wires = {}, []
    for k in range(n):
        squeezing = 0.2 * rng.uniform() * np.exp(2j * np.pi * rng.uniform())
        decay = {"in": rng.uniform(0.3, 2), "loss": rng.uniform(0.05, 0.5)}
        parts[f"m{k}"] = qc.squeezed_mode(squeezing, rng.normal(), decay)
    for k in range(n - 1):
        parts[f"f{k}"] = qc.fibre(rng.uniform(0.3, 1), phase=2 * np.pi * rng.uniform())
        wires += [(f"m{k}.out_in", f"f{k}.in"), (f"f{k}.out", f"m{k + 1}.in_in")]
    return qc.gaussian(qc.Network(parts, wires))


def movable_mirror(Q=1e5, temperature=0.4, coupling=0.8, detuning=1.0):
    """Vitali et al., PRL 98, 030405 (2007), Eqs. (4)–(8), in units of ω_m.

    Mirror (q, p) and field (X, Y) with q̇ = p, ṗ = −q − γp + GX + ξ, Ẋ = −κX + ΔY + …,
    Ẏ = −κY − ΔX + Gq + …; D = diag(0, γ(2n̄ + 1), κ, κ). At ω_m/2π = 10 MHz a temperature of
    0.4 K is n̄ = 833; κ is that of a cavity of 1 mm with a finesse of 10700.
    """
    kappa = np.pi * 299792458.0 / (2 * 1e-3 * 1.07e4) / (2 * np.pi * 1e7)
    n = 0.0 if temperature == 0 else 1 / np.expm1(4.799243073e-11 * 1e7 / temperature)
    gamma, G = 1 / Q, coupling
    A = [
        [0, 1, 0, 0],
        [-1, -gamma, G, 0],
        [0, 0, -kappa, detuning],
        [G, 0, -detuning, -kappa],
    ]
    return qc.GaussianModel(("mirror", "light"), A, np.diag([0, gamma * (2 * n + 1), kappa, kappa]))


def magnomechanics():
    """Li, Zhu & Agarwal, PRL 121, 203601 (2018): light, magnons and phonons, in units of ω_b.

    ẋ = −κ_a x + Δ_a y + g Y, Ẋ = −κ_m X + Δ_m Y + g y − Gq, ṗ = −q − γp + GY, and so on; at 10 mK
    n̄ = 20.3, and Brownian noise on the phonons' momentum.
    """
    kappa, g, G, gamma, light, magnon = 0.1, 0.32, 0.48, 1e-5, -1.0, 0.9
    A = [
        [-kappa, light, 0, g, 0, 0],
        [-light, -kappa, -g, 0, 0, 0],
        [0, g, -kappa, magnon, -G, 0],
        [-g, 0, -magnon, -kappa, 0, 0],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, G, -1, -gamma],
    ]
    D = np.diag([kappa, kappa, kappa, kappa, 0, gamma * (2 * 20.34 + 1)])
    return qc.GaussianModel(("light", "magnons", "phonons"), A, D)


def two_mirrors():
    """Two movable mirrors of one cavity, both with Brownian noise at n̄ = 20."""
    A = np.diag([-0.2, -0.2, 0, -1e-3, 0, -1e-3]) + np.kron(np.eye(3), [[0, 1], [-1, 0]])
    for mode in (1, 2):
        A[2 * mode + 1, 0] = A[1, 2 * mode] = 0.05 * mode
    D = np.diag([0.2, 0.2, 0, 0.041, 0, 0.041])
    return qc.GaussianModel(("light", "first", "second"), A, D)


# ---- what breaks it ----


def test_forgotten_travelling_noise_is_found_and_its_modes_named():
    """A cascade with independent vacuum noises, as many papers print it: −½√(κ₁κ₂)."""
    model = three_cavities()
    found = qc.audit(without_block(model, 0, 1))
    assert found.verdict == "not physical"
    assert not found.completely_positive
    assert found.noise_eigenvalue == pytest.approx(-0.5 * np.sqrt(0.8 * 1.7))
    assert found.noise_eigenvalue == pytest.approx(lowest(model.A, without_block(model, 0, 1).D))
    assert found.relative_eigenvalue == pytest.approx(-0.5)
    assert found.breaks == (("up.a", "down.a"),)
    assert "carried by the block between up.a and down.a" in found.sentences[0]
    assert "apart.a" not in found.sentences[0]
    assert qc.audit(model).verdict == "physical"
    assert str(found).endswith("Verdict: not physical.")


@pytest.mark.parametrize("unit", [1e-9, 1.0, 2 * np.pi * 1e6, 1e12])
def test_no_number_of_the_verdict_depends_on_the_unit(unit):
    for model in (without_block(three_cavities(), 0, 1), movable_mirror(), movable_mirror(Q=10)):
        here, there = qc.audit(model), qc.audit(typed(model, unit * model.A, unit * model.D))
        assert here.verdict == there.verdict
        assert here.breaks == there.breaks
        assert here.relative_eigenvalue == pytest.approx(there.relative_eigenvalue, rel=1e-9)
        assert here.noise_eigenvalue == pytest.approx(there.noise_eigenvalue / unit, rel=1e-9)


def test_a_mode_that_is_too_quiet_is_named_beside_a_hot_one():
    D = np.diag([1e15, 1e15, 0.45, 0.45])
    found = qc.audit(qc.GaussianModel(("hot", "cold"), np.diag([-1e6, -1e6, -0.5, -0.5]), D))
    assert found.breaks == (("cold",),)
    np.testing.assert_allclose(found.quanta, [5e8 - 0.5, -0.05])


@pytest.mark.parametrize("quanta", [0.5, 1e9])
def test_a_hot_mode_does_not_hide_the_number_of_a_cold_one(quanta):
    D = np.diag([quanta, quanta, 0.4999, 0.4999])  # V = D: vacuum less 1e-4 in the second
    found = qc.audit(qc.GaussianModel(("hot", "cold"), -0.5 * np.eye(4), D))
    assert found.completely_positive  # to the four digits of 0.4999
    np.testing.assert_allclose(found.relative_eigenvalue, -1e-4, rtol=0.01)
    np.testing.assert_allclose(found.state_eigenvalue, -1e-4, rtol=0.01)
    assert "to the 4 digits of the numbers" in str(found)


def test_three_modes_that_only_break_together():
    """n = ½ each, and noise correlations −0.3 of all pairs: every pair is sound, three are not."""
    A, D = -0.5 * np.eye(6), np.kron(np.eye(3) - 0.3 * (1 - np.eye(3)), np.eye(2))
    assert lowest(A[:4, :4], D[:4, :4]) > 0 > lowest(A, D)
    found = qc.audit(qc.GaussianModel(("a", "b", "c"), A, D))
    assert found.breaks == (("a", "b", "c"),)
    assert "the blocks between a, b, c" in found.sentences[0]


def misprints(model):
    """Every entry that couples two modes, flipped, doubled and dropped; D stays symmetric."""
    A, D = np.array(model.A, float), np.array(model.D, float)
    rates = np.sqrt(np.diag(D)) + 1e-9 * np.sqrt(np.abs(A).max())
    for name, matrix in (("A", A), ("D", D)):
        for j, k in np.argwhere(np.abs(matrix) > 1e-9 * np.outer(rates, rates)):
            if j // 2 == k // 2 or (name == "D" and k > j):
                continue
            for factor in (-1.0, 2.0, 0.0):
                changed = matrix.copy()
                changed[j, k] *= factor
                if name == "D":
                    changed[k, j] = changed[j, k]
                pair = tuple(model.modes[mode] for mode in sorted((j // 2, k // 2)))
                yield pair, typed(model, **{name: changed})


KNOWN = {
    "mirror": movable_mirror,
    "magnons": magnomechanics,
    "two mirrors": two_mirrors,
    "jiao2020": lambda: jiao2020(noise="printed")[0],
    "jiao2020 as a channel": lambda: jiao2020(noise="lindblad")[0],
    "jiao2022": lambda: jiao2022()[0],
    "liu2024": lambda: liu2024()[0],
    "cascade": lambda: cold_cascade(np.random.default_rng(3)),
    "with feedback": lambda: qc.gaussian(random_network(0, 3, 4, weak=1e-9)),
    "pairs": lambda: qc.gaussian(
        qc.Network(
            {"a": qc.cavity(1.0, decay=1.0), "b": qc.cavity(-0.5, decay=0.7)},
            couplings=[qc.two_mode_squeezing("a.a", "b.a", 0.2 + 0.1j)],
        )
    ),
    "common bath": lambda: qc.gaussian(
        qc.Network(
            {"a": qc.cavity(1.0, decay=1.0), "b": qc.cavity(-0.5, decay=0.7)},
            couplings=[qc.common_bath({"a.a": 1.0, "b.a": 0.5 + 0.2j}, 0.3, occupation=0.0)],
        )
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_misprint_between_two_modes_is_found_and_the_modes_named(name):
    """One entry flipped, doubled or dropped, where some mode of the two sees the vacuum."""
    model = KNOWN[name]()
    assert qc.audit(typed(model)).verdict != "not physical"
    tried = list(misprints(model))
    assert len(tried) >= 6
    for pair, wrong in tried:
        found = qc.audit(wrong)
        assert found.verdict == "not physical"
        assert found.breaks == (pair,)
        assert " and ".join(pair) in found.sentences[0]


def test_damping_in_common_without_its_noise_is_told_even_where_heat_hides_it():
    pair = {"a": qc.cavity(decay=1.0), "b": qc.cavity(decay=1.0)}
    model = qc.gaussian(qc.Network(pair, [("a.out", "b.in")], occupations={"a.in": 5.0}))
    found = qc.audit(without_block(model, 0, 1))
    assert found.verdict == "physical"
    assert found.one_sided == (("a.a", "b.a"),)
    assert "A couples a.a and b.a as no Hamiltonian does" in str(found)
    assert qc.audit(typed(model)).one_sided == ()


# ---- digits ----


def significant(matrix, digits):
    return np.vectorize(lambda x: float(f"{x:.{digits - 1}e}"))(matrix)


ROUNDINGS = {"significant digits": significant, "decimal places": np.round}
DIGITS = (3, 4, 6, 8, 10, 12)


def check_digits(model, rng, digits, rounded, explicit):
    """The rounded model is physical, and not without one of its blocks between neighbours."""
    printed = typed(model, rounded(model.A, digits), rounded(model.D, digits))
    given = {"digits": digits} if explicit else {}
    found = qc.audit(printed, **given)
    assert found.verdict == "physical"
    assert found.completely_positive
    assert found.physical_state or not found.stable
    assert not found.fits
    j = int(rng.integers(len(model.modes) - 1))
    dropped = qc.audit(without_block(printed, j, j + 1), **given)
    assert dropped.verdict == "not physical"
    assert dropped.breaks == ((model.modes[j], model.modes[j + 1]),)
    return lowest(printed.A, printed.D) < -1e-10


@pytest.mark.parametrize("rounded", ROUNDINGS.values(), ids=ROUNDINGS)
def test_rounding_is_no_false_alarm_and_hides_no_missing_block(rounded):
    """200 quantum-limited cascades, printed with 3 to 12 digits."""
    rng = np.random.default_rng(7)
    cases = itertools.cycle(itertools.product(DIGITS, (True, False)))
    hurt = sum(
        check_digits(cold_cascade(rng), rng, digits, rounded, explicit)
        for _, (digits, explicit) in zip(range(200), cases, strict=False)
    )
    assert hurt > 100  # which a criterion without digits would call unphysical


@pytest.mark.slow
@pytest.mark.parametrize("rounded", ROUNDINGS.values(), ids=ROUNDINGS)
@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("explicit", [True, False])
def test_rounding_is_no_false_alarm_at_any_digits(rounded, digits, explicit):
    rng = np.random.default_rng(digits)
    for _ in range(200):
        check_digits(cold_cascade(rng), rng, digits, rounded, explicit)


def test_half_a_last_digit_is_all_that_rounding_is_given():
    """A cavity with D = ½(1 − x): physical while x is within the rounding of A and D."""
    A = -0.583 / 2 * np.eye(2)
    for lacking, physical in ((2e-4, True), (2e-2, False)):
        D = round(0.2915 * (1 - lacking), 4) * np.eye(2)
        assert (qc.audit(qc.GaussianModel(("m",), A, D)).verdict == "physical") == physical
    exact = qc.GaussianModel(("m",), -0.5 * np.eye(2), 0.4 * np.eye(2))
    assert qc.audit(exact).verdict == "not physical"  # one digit means what it says
    assert qc.audit(exact, errors=(0.0, 0.09 * np.eye(2))).verdict == "not physical"
    assert qc.audit(exact, errors=(0.0, 0.11 * np.eye(2))).verdict == "physical"


def test_digits_that_would_explain_it_are_told():
    model = cold_cascade(np.random.default_rng(1))
    rounded = typed(model, significant(model.A, 5), significant(model.D, 5))
    unit = np.e * 1e6  # hides the digits
    found = qc.audit(typed(model, unit * rounded.A, unit * rounded.D))
    assert found.verdict == "not physical"
    assert found.enough_digits in (5, 6)
    assert f"With numbers of {found.enough_digits} digits rounding would explain it" in str(found)
    again = qc.audit(typed(model, unit * rounded.A, unit * rounded.D), digits=5)
    assert again.verdict == "physical"
    assert "yes, to the 5 digits of the numbers" in again.sentences[0]


def test_printed_numbers_times_a_power_of_ten_or_a_turn_keep_their_digits():
    assert digits_of(0.0079 * 1e6) == (2, -2)
    assert 0.0079 * 1e6 != 7900.0
    rng = np.random.default_rng(11)
    short = rng.integers(1, 10**4, 500) / 1e4
    for unit in (1e3, 1e6, 1e9, 1e-3, 1e-6):
        assert digits_of(short * unit).significant <= 4
    assert digits_of(rng.uniform(size=50)).significant > 15
    for seed in range(12):
        model = cold_cascade(np.random.default_rng(seed))
        A, D = significant(model.A, 5), significant(model.D, 5)
        for unit in (1e6, 2 * np.pi, 2 * np.pi * 1e6, 2e9 * np.pi):
            found = qc.audit(typed(model, unit * A, unit * D))
            assert found.verdict == "physical"
            assert "5 digits" in found.sentences[0] or lowest(A, D) >= -1e-10


def test_digits_are_read_off_numbers():
    assert digits_of([0.5, 12.25, 1e-7, 0.0]) == (4, 7)
    assert digits_of([1200.0]) == (2, -2)
    assert digits_of([1 / 3]) == (16, 16)
    assert digits_of(np.linspace(0, 1, 20_001)) == (16, 16)


def test_digits_and_errors_are_checked():
    model = movable_mirror()
    for digits in (0, 16, 2.5, "3", True):
        with pytest.raises(qc.ArgumentError, match="`digits` must be"):
            qc.audit(model, digits=digits)
    for errors in (0.1, (0.1,), (-0.1, 0.0), (0.0, np.zeros((3, 3))), "xy"):
        with pytest.raises(qc.ArgumentError, match="`errors` must be"):
            qc.audit(model, errors=errors)
    with pytest.raises(qc.ArgumentError, match="`errors` must not be given together"):
        qc.audit(model, digits=3, errors=(0.0, 0.0))


# ---- momentum damping ----


def entanglement(model):
    return float(qc.log_negativity(qc.steady_state(model), *model.modes[:2]))


@pytest.mark.parametrize(
    ("Q", "temperature", "change"),
    [(1e5, 0.4, "changes nothing"), (1e5, 4.0, "changes nothing"), (10, 0, "changes the number")],
)
def test_brownian_damping_is_completed_by_position_noise(Q, temperature, change):
    """γ²/4D_pp on q makes it quantum noise, and E_N of Vitali et al. is hardly touched."""
    model = movable_mirror(Q, temperature)
    found = qc.audit(model)
    assert found.verdict == "momentum-damped"
    assert not found.completely_positive
    assert found.breaks == ()
    assert lowest(model.A, model.D) < 0
    np.testing.assert_allclose(found.added, [(1 / Q) ** 2 / (4 * model.D[1, 1]), 0], rtol=1e-12)
    by_hand = model.D + np.diag([(1 / Q) ** 2 / (4 * model.D[1, 1]), 0, 0, 0])
    np.testing.assert_allclose(found.completed.D, by_hand, rtol=1e-12)
    assert qc.audit(found.completed).verdict == "physical"
    before, after = entanglement(model), entanglement(typed(model, D=by_hand))
    assert found.completion.change == change
    assert found.completion.pair == ("mirror", "light")
    np.testing.assert_allclose(found.completion[2:4], (before, after), rtol=1e-9)
    if Q == 10:
        assert 0.01 < before - after < 0.03
    else:
        assert abs(before - after) < 3e-7
    assert f"physical once momentum damping is completed, which {change}" in str(found)


def test_no_tolerance_lets_momentum_damping_pass():
    """λ = −γ/4(2n + 1) falls below any share of the largest rate; what is missing does not."""
    for n in (1e3, 1e6, 1e9):
        A = np.array([[0, 1.0], [-1.0, -1e-6]])
        found = qc.audit(qc.GaussianModel(("m",), A, np.diag([0, 1e-6 * (2 * n + 1)])))
        assert found.verdict == "momentum-damped"
        assert found.added[0] == pytest.approx(1e-6 / (4 * (2 * n + 1)))


def test_a_model_with_two_brownian_modes_is_completed_in_both():
    found = qc.audit(two_mirrors())
    assert found.verdict == "momentum-damped"
    assert (found.added > 0).tolist() == [False, True, True]
    np.testing.assert_allclose(found.added[1:], 1e-6 / (4 * 0.041))


def test_all_three_pairs_of_cavity_magnomechanics_stay_entangled():
    model = magnomechanics()
    found = qc.audit(model)
    assert found.verdict == "momentum-damped"
    assert found.completion.change == "changes nothing"
    before, after = (qc.steady_state(m) for m in (model, found.completed))
    for pair in itertools.combinations(model.modes, 2):
        E_N = [float(qc.log_negativity(state, *pair)) for state in (before, after)]
        assert E_N[0] > 0.01
        assert E_N[0] == pytest.approx(E_N[1], abs=3e-7)


@pytest.mark.parametrize("swapped", [False, True])
def test_correlated_position_and_momentum_noise_is_completed_too(swapped):
    """D_xx = (γ²/4 + D_xp²)/D_pp makes det D = γ²/4; in the order (p, −x) as in (x, p)."""
    A, D = np.array([[0, 1.0], [-1.0, -0.1]]), np.array([[0, 0.02], [0.02, 0.3]])
    turn = np.array([[0, 1.0], [-1.0, 0]]) if swapped else np.eye(2)
    found = qc.audit(qc.GaussianModel(("m",), turn @ A @ turn.T, turn @ D @ turn.T))
    assert found.verdict == "momentum-damped"
    assert found.added[0] == pytest.approx((0.0025 + 0.0004) / 0.3)
    assert np.linalg.det(found.completed.D) == pytest.approx(0.0025)


def test_completion_does_not_excuse_another_missing_noise():
    model = movable_mirror()
    D = np.array(model.D)
    D[2:, 2:] *= 0.9
    found = qc.audit(typed(model, D=D))
    assert found.verdict == "not physical"
    assert found.breaks == (("light",),)
    assert found.added[0] > 0


def test_a_quadrature_that_is_damped_without_noise_is_not_brownian():
    """Damping of q and p, noise on p alone: nobody leaves that out on purpose."""
    found = qc.audit(qc.GaussianModel(("m",), -0.5 * np.eye(2), np.diag([0.0, 1.0])))
    assert found.verdict == "not physical"
    assert found.breaks == (("m",),)


def test_what_a_paper_says_of_its_noise_stays_what_it_is():
    brownian = qc.audit(jiao2020(noise="printed")[0])
    assert brownian.verdict == "momentum-damped"
    assert brownian.completion.change == "changes nothing"
    assert qc.audit(jiao2020(noise="lindblad")[0]).verdict == "physical"
    cascade = qc.audit(jiao2022(noise="printed")[0], jiao2022()[0])
    assert cascade.verdict == "not physical"
    assert cascade.breaks == (("left.a", "right.a"),)
    assert cascade.wiring.change == "changes the conclusion"
    assert {x.matrix for x in cascade.differences} == {"D"}
    right = liu2024()[0]
    assert qc.audit(right).verdict == "physical"
    links = qc.audit(liu2024(reading="one-way", length=25e-6)[0], right)
    assert links.verdict == "not physical"
    assert links.breaks == (("left.a", "right.a"),)
    assert links.wiring.change == "changes the conclusion"
    assert links.wiring.after == 0 < links.wiring.before
    unsteady = qc.audit(liu2024(reading="printed")[0], right)
    assert unsteady.wiring.change == "changes the conclusion"
    assert "only one of the two has a steady state" in str(unsteady)


# ---- one criterion ----


def test_the_way_to_qutip_asks_the_same_question():
    pytest.importorskip("qutip")
    rng = np.random.default_rng(11)
    small = {"m0.a": 2, "m1.a": 2}
    for digits in (3, 6, 12, 17):
        while len((model := cold_cascade(rng)).modes) > 2 or not qc.audit(model).stable:
            pass
        printed = typed(model, significant(model.A, digits), significant(model.D, digits))
        assert qc.audit(printed).verdict == "physical"
        assert doors(printed, small)
        broken = without_block(printed, 0, 1)
        assert qc.audit(broken).verdict == "not physical"
        assert not doors(broken, small)
    mirror = movable_mirror()
    assert not doors(mirror, {"mirror": 2, "light": 2})
    assert doors(qc.audit(mirror).completed, {"mirror": 2, "light": 2})


def doors(model, cutoffs):
    """Whether the way to jump operators is open."""
    try:
        back = qc.gaussian(component_of(model))
    except qc.ArgumentError:
        return False
    scale = np.abs(model.A).max()
    np.testing.assert_allclose(back.A, model.A, atol=1e-12 * scale)
    np.testing.assert_allclose(back.D, model.D, atol=2e-2 * scale)
    assert qc.audit(back).verdict == "physical"
    return True


def test_momentum_damping_is_named_at_the_door():
    with pytest.raises(
        qc.ArgumentError, match=r"lacks the position noise.*`audit\(model\).complet"
    ):
        qc.interop.to_qutip(movable_mirror(), {"mirror": 2, "light": 2})


# ---- conventions ----

A_DOCS = np.array([[-0.5, 0, 0, 0], [0, -0.5, 0, 0], [-1, 0, -0.5, 0], [0, -1, 0, -0.5]])
BOTH = ("up.a", "down.a")


@pytest.mark.parametrize("reordered", [False, True])
@pytest.mark.parametrize("vacuum", [0.5, 1.0, 0.25])
def test_an_unphysical_cascade_typed_in_another_convention_does_not_pass(reordered, vacuum):
    """Typed raw with vacuum 1 or in the order x₁x₂p₁p₂ nothing is missing in it."""
    turn = conventions.to_xxpp if reordered else lambda M: M
    found = qc.audit(qc.GaussianModel(BOTH, turn(A_DOCS), turn(vacuum * np.eye(4))))
    assert "Convention: vacuum ½, order x₁p₁x₂p₂…; the baths then hold" in found.sentences[3]
    np.testing.assert_allclose(found.quanta, vacuum - 0.5)
    if vacuum == 0.5 and not reordered:
        assert found.fits == ()
        return
    order = "x₁x₂…p₁p₂…" if reordered else "x₁p₁x₂p₂…"
    shown = {0.5: "½", 1.0: "1", 0.25: "¼"}[vacuum]
    assert found.fits == (f"vacuum {shown}, order {order}", "not physical")
    assert f"Another convention fits better: vacuum {shown}" in str(found)


@pytest.mark.parametrize("name", KNOWN)
def test_the_convention_of_a_sound_model_is_recognised(name):
    model = KNOWN[name]()
    A, D = np.asarray(model.A), np.asarray(model.D)
    assert qc.audit(typed(model)).fits == ()
    for vacuum, shown in ((1.0, "1"), (0.25, "¼")):
        fits = qc.audit(typed(model, D=2 * vacuum * D)).fits
        assert fits == (f"vacuum {shown}, order x₁p₁x₂p₂…", qc.audit(typed(model)).verdict)
    fits = qc.audit(typed(model, conventions.to_xxpp(A), conventions.to_xxpp(D))).fits
    assert fits == ("vacuum ½, order x₁x₂…p₁p₂…", qc.audit(typed(model)).verdict)


def test_networks_are_in_our_convention_and_need_no_guess():
    warm = qc.Network({"m": qc.cavity(decay=1.0, occupation=0.5)})
    found = qc.audit(qc.gaussian(warm))
    assert found.fits == ()
    assert "0.5 (m.a)" in found.sentences[3]


# ---- beside a wired model ----


def test_differences_from_the_wiring_are_told_block_by_block():
    model = three_cavities()
    printed = without_block(model, 0, 1)
    found = qc.audit(printed, model)
    (block,) = found.differences
    assert block[:3] == ("D", ("down.a", "x"), ("up.a", "x"))
    assert (block.printed, block.wired) == (0, pytest.approx(np.sqrt(0.8 * 1.7) / 2))
    assert (
        "D differs between down.a and up.a: at (down.a x, up.a x) it has 0, and the wiring implies "
        "0.583095."
    ) in found.sentences
    same = qc.audit(model, model)
    assert same.differences == ()
    assert "A and D are what the wiring implies." in same.sentences


def test_another_drift_is_reported_and_not_refused():
    model = three_cavities()
    A = np.array(model.A)
    A[3, 1] *= -1  # from up.a to down.a
    A[4, 5] += 1e-6
    found = qc.audit(typed(model, A=A), model)
    assert [(x.matrix, x.row, x.column) for x in found.differences] == [
        ("A", ("down.a", "p"), ("up.a", "p")),
        ("A", ("apart.a", "x"), ("apart.a", "p")),
    ]
    assert "A differs from up.a to down.a: at (down.a p, up.a p) it has 1.16619" in str(found)
    assert "A differs within apart.a" in str(found)
    assert qc.audit(model, three_cavities("apart", "down", "up")).differences == ()
    with pytest.raises(qc.ArgumentError, match="`wired` must be a GaussianModel of the modes"):
        qc.audit(model, qc.gaussian(qc.Network({"other": qc.cavity(decay=1.0)})))


def test_small_differences_from_the_wiring_are_printed_with_the_digits_that_show_them():
    model = three_cavities()
    D = np.array(model.D)
    D[0, 0] *= 1 + 3e-8
    here, implied = re.search(
        r"it has (\S+), and the wiring implies (\S+)\.$",
        str(qc.audit(typed(model, D=D), model)),
        re.M,
    ).groups()
    assert float(here) / float(implied) - 1 == pytest.approx(3e-8, rel=0.1)


def test_differences_below_the_printed_digits_are_none():
    model = three_cavities()
    rounded = typed(model, significant(model.A, 4), significant(model.D, 4))
    assert qc.audit(rounded, model).differences == ()
    assert len(qc.audit(rounded, model, errors=(0.0, 0.0)).differences) == 2


def test_what_the_wiring_changes_in_the_entanglement_is_told():
    parts = {"up": qc.squeezed_mode(0.05, decay=1.0), "down": qc.cavity(decay=1.0)}
    wired = qc.gaussian(qc.Network(parts, [("up.out", "down.in")]))
    printed = without_block(wired, 0, 1)
    found = qc.audit(printed, wired)
    assert found.wiring.change == "changes the number"
    np.testing.assert_allclose(found.wiring[2:4], [entanglement(printed), entanglement(wired)])
    off = {**parts, "up": qc.cavity(decay=1.0)}
    passive = qc.gaussian(qc.Network(off, [("up.out", "down.in")]))
    found = qc.audit(without_block(passive, 0, 1), passive)
    assert found.wiring.change == "changes the conclusion"
    assert found.wiring.after == 0


# ---- states, batches, words ----


def test_too_little_noise_gives_a_state_below_the_vacuum():
    found = qc.audit(qc.GaussianModel(("m",), -0.5 * np.eye(2), 0.25 * np.eye(2)))
    assert not found.completely_positive
    assert not found.physical_state
    assert found.state_eigenvalue == pytest.approx(-0.25)
    assert str(found).splitlines()[2].startswith("Steady state physical: no")


def test_instability_is_told_from_unphysicality():
    found = qc.audit(qc.gaussian(qc.Network({"m": qc.squeezed_mode(0.7, decay=1.0)})))
    assert found.completely_positive
    assert not found.stable
    assert found.growth == pytest.approx(0.2)
    assert np.isnan(found.state_eigenvalue)
    assert "Stable: no (largest real part of the drift's eigenvalues 0.2)" in str(found)
    assert "there is none" in str(found)


def test_a_batch_is_counted():
    net = qc.Network({"m": qc.squeezed_mode(np.array([0.1, 0.3, 0.7]), decay=1.0)})
    found = qc.audit(qc.gaussian(net))
    assert found.stable.tolist() == [True, True, False]
    assert "Stable: at 2 of 3 points" in str(found)
    assert "0.2 at point 2" in found.sentences[1]


def test_a_batch_says_which_point_is_worst():
    noise = np.array([[1.0, 0.9, 1.2], [0.7, 1.0, 0.95]])
    D = noise[..., None, None] * 0.5 * np.eye(2)
    found = qc.audit(qc.GaussianModel(("m",), -0.5 * np.eye(2), D))
    assert found.worst == (1, 0)
    expected = np.where(noise >= 1, "physical", "not physical")
    assert (found.verdict == expected).all()
    np.testing.assert_allclose(found.relative_eigenvalue, (noise - 1) / 2, atol=1e-12)
    assert "Completely positive: at 3 of 6 points" in found.sentences[0]
    assert "at point (1, 0)" in found.sentences[0]
    assert str(found).endswith("Verdict: not physical at 3 of 6 points; physical at 3 of 6 points.")
    alone = qc.audit(qc.GaussianModel(("m",), -0.5 * np.eye(2), D[1, 0]))
    assert alone.worst == ()
    assert alone.noise_eigenvalue == found.noise_eigenvalue[1, 0]


def test_points_of_a_batch_are_judged_alone():
    models = [movable_mirror(Q, T) for Q, T in ((1e5, 0.4), (10, 0), (1e3, 4))]
    many = qc.GaussianModel(
        models[0].modes, np.stack([m.A for m in models]), np.stack([m.D for m in models])
    )
    found = qc.audit(many)
    for k, model in enumerate(models):
        alone = qc.audit(model)
        assert found.verdict[k] == alone.verdict
        np.testing.assert_allclose(found.added[k], alone.added)
        np.testing.assert_allclose(found.relative_eigenvalue[k], alone.relative_eigenvalue)


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_no_points_are_no_verdict(shape):
    empty = np.zeros((*shape, 4, 4))
    found = qc.audit(qc.GaussianModel(("a", "b"), empty, empty))
    for name in ("verdict", "completely_positive", "stable", "growth", "state_eigenvalue"):
        assert np.shape(getattr(found, name)) == shape
    assert found.quanta.shape == (*shape, 2)
    assert str(found) == "There are no points."
    network = qc.Network({"m": qc.cavity(np.zeros(shape), decay=1.0)})
    assert qc.audit(qc.gaussian(network)).verdict.shape == shape
    parts = {k: qc.squeezed_mode(np.zeros(shape), decay=1.0) for k in ("up", "down")}
    network = qc.Network(parts, [("up.out", "down.in")])
    assert qc.audit(qc.gaussian(network)).verdict.shape == shape


def test_an_asymmetric_point_is_seen_beside_a_large_one():
    D = np.stack([1e12 * np.eye(2), [[0.5, 0.1], [0.0, 0.5]]])
    with pytest.raises(qc.ArgumentError, match=r"symmetric.*D\[0,1\] = 0.1.*at point \(1,\)"):
        qc.GaussianModel(("m",), -0.5 * np.eye(2), D)


def test_modes_without_damping_or_noise_have_no_quanta_to_tell():
    turning = np.array([[0, 1.0], [-1.0, 0]])
    assert np.isnan(qc.audit(qc.GaussianModel(("m",), turning, np.zeros((2, 2)))).quanta[0])
    heated = qc.audit(qc.GaussianModel(("m",), turning, np.eye(2)))
    assert heated.quanta[0] == np.inf
    assert heated.verdict == "physical"


def test_only_models_are_audited():
    with pytest.raises(qc.ArgumentError, match="`model` must be a GaussianModel"):
        qc.audit("model")
