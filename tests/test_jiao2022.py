"""What `independent.jiao2022` finds from the printed equations, and what physics makes of them."""

from importlib import import_module

import independent.jiao2022 as typed
import numpy as np
import pytest
from told import claims_of

import qcascade as qc
from qcascade.papers.jiao2022.figures import FIGURES, oscillators
from qcascade.papers.jiao2022.model import (
    INDEX,
    LIGHT,
    MOTION,
    RADIUS,
    SIDES,
    coupling,
    model,
    point,
    state,
)
from qcascade.papers.statements import judge

DETUNINGS = np.linspace(0.4, 1.5, 22001)


def test_constants_of_the_paper():
    assert coupling(MOTION) == pytest.approx(7541.13, abs=5e-3)
    for spin, shift in ((0.6e6, 0.25157), (0.8e6, 0.33542)):
        assert qc.physics.sagnac_shift(spin, RADIUS, INDEX, LIGHT) / MOTION == pytest.approx(
            shift, abs=5e-6
        )


def arguments_of(spin_left, spin_right, ratio):
    """A setting of the typed equations, Ω in MHz, as arguments of `point`."""
    spins = {"spin_left": float(spin_left) * 1e6, "spin_right": float(spin_right) * 1e6}
    return {**spins, "frequency_ratio": float(ratio)}


@pytest.mark.parametrize(("setting", "left", "right"), typed.MAXIMA)
def test_printed_maxima_are_those_of_the_independent_implementation(setting, left, right):
    for side, near in zip(SIDES, (left, right), strict=True):
        E_N = point(DETUNINGS, side=side, noise="printed", **arguments_of(*setting))["E_N"]
        if near is None:
            assert np.nanmax(E_N) == 0
            assert typed.entanglement("0.7", *setting, side=side) == 0
            continue
        height, place = typed.peak(setting, side, near)
        assert np.nanmax(E_N) == pytest.approx(height, abs=1e-7)
        assert DETUNINGS[np.nanargmax(E_N)] == pytest.approx(place, abs=1e-4)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("at", typed.POINTS)
def test_points_agree_with_the_independent_implementation(at, side):
    here = point(float(at[0]), side=side, noise="printed", **arguments_of(*at[1:]))
    there = float(typed.entanglement(*at, side=side))
    assert here["E_N"] == pytest.approx(there, rel=1e-9, abs=1e-12)
    own = point(float(at[0]), side=side, **arguments_of(*at[1:]))["nu_minus"]
    V = typed.state(*at, side=side, travelling=True)
    assert own == pytest.approx(float(typed.mp.exp(-typed.margin(V, 1, 3)) / 2), rel=1e-10)


def test_printed_covariance_of_figure_4():
    V = oscillators("left", "printed").cov
    expected = np.array(typed.oscillators(typed.figure4()).tolist(), float)
    np.testing.assert_allclose(V, expected, rtol=1e-9)
    lowest = np.linalg.eigvalsh(V[np.ix_([0, 3], [0, 3])])[0]
    assert lowest == pytest.approx(0.433, abs=6e-4)


def test_the_printed_noise_is_no_quantum_noise():
    """Minimum eigenvalue −½√(η κ_l κ_r)."""
    kappa = 2 * np.pi * np.array([27e6, 30e6])
    for eta in (1.0, 0.6):
        printed = qc.audit(model(transmission=eta, noise="printed")[0])
        assert printed.noise_eigenvalue == pytest.approx(-0.5 * np.sqrt(eta * kappa.prod()))
        assert not printed.completely_positive
        assert "left.a" in printed.sentences[0]
        assert qc.audit(model(transmission=eta)[0]).completely_positive
    assert -0.5 * np.sqrt(kappa.prod()) / MOTION == pytest.approx(-0.1607, abs=5e-5)


def test_the_printed_state_of_the_oscillators_violates_the_uncertainty_relation():
    reduced = state(noise="printed")[0].reduce("left.b", "right.b")
    expected = float(typed.symplectic(typed.state("1.0"), 1, 3))
    assert expected < 0.37
    assert qc.measures.symplectic_eigenvalues(reduced)[0] == pytest.approx(expected, rel=1e-9)
    assert not point(noise="printed")["physical"]
    assert point()["physical"]


def test_the_wire_brings_the_cross_noise_of_its_phase():
    """D_down,up = ½√(ηκ_lκ_r) R(φ)."""
    phase, eta = 0.7, 0.8
    here, _ = model(phase=phase, transmission=eta)
    size = 0.5 * np.sqrt(eta * np.prod(2 * np.pi * np.array([27e6, 30e6])))
    c, s = np.cos(phase), np.sin(phase)
    at = {mode: 2 * k for k, mode in enumerate(here.modes)}
    down, up = at["right.a"], at["left.a"]
    block = here.D[down : down + 2, up : up + 2]
    np.testing.assert_allclose(block, size * np.array([[c, -s], [s, c]]), rtol=1e-9)


def test_with_the_right_noise_the_entanglement_is_gone():
    rng = np.random.default_rng(1)
    n = 4000
    for side in SIDES:
        found = point(
            rng.uniform(-2, 3, n),
            rng.uniform(-1e6, 1e6, n),
            rng.uniform(-1e6, 1e6, n),
            side,
            rng.uniform(0.8, 1.2, n),
            rng.uniform(0, 1, n),
            temperature=rng.choice([0.0, 0.1], n),
        )
        assert found["stable"].sum() > 500
        assert np.nanmax(found["E_N"]) == 0
        assert found["physical"][found["stable"]].all()


def test_light_and_motion_of_one_resonator_stay_entangled():
    right, printed = point(), point(noise="printed")
    V = typed.state("1.0", travelling=True)
    for name, row in (("left", 0), ("right", 2)):
        expected = float(typed.log_negativity(V, row, row + 1))
        assert expected > 0.04
        assert right[f"E_N_local_{name}"] == pytest.approx(expected, rel=1e-9)
    # the first resonator never feels the second, so no noise of the wire can change it
    assert printed["E_N_local_left"] == pytest.approx(float(right["E_N_local_left"]), rel=1e-9)
    assert printed["E_N_local_right"] == 0


def test_the_drift_is_the_printed_one():
    """Eq. (14) with a → −a, the phase convention of our inputs."""
    phase, eta = 0.4, 0.9
    here, fields = model(0.9, 0.3e6, 0.1e6, phase=phase, transmission=eta)
    twopi = 2 * np.pi
    gamma, ex = twopi * 2.2e3, twopi * np.array([27e6, 30e6])
    width = ex + twopi * 15e6
    delta = 0.9 * MOTION + np.array(
        [float(qc.physics.sagnac_shift(s, RADIUS, INDEX, LIGHT)) for s in (0.3e6, 0.1e6)]
    )
    A = np.zeros((8, 8))  # order a_l, b_l, a_r, b_r
    for k, side in enumerate(SIDES):
        a, b, alpha = 4 * k, 4 * k + 2, fields[f"{side}.a"]
        push = 2 * coupling(MOTION) * alpha
        A[a : a + 2, a : a + 2] = [[-width[k] / 2, delta[k]], [-delta[k], -width[k] / 2]]
        A[b : b + 2, b : b + 2] = [[-gamma / 2, MOTION], [-MOTION, -gamma / 2]]
        A[a : a + 2, b] = [-push.imag, push.real]
        A[b + 1, a : a + 2] = [push.real, push.imag]
    J = np.sqrt(eta * ex.prod())
    c, s = J * np.cos(phase), J * np.sin(phase)
    A[4:6, 0:2] = [[-c, s], [-s, -c]]
    np.testing.assert_allclose(here.A, A, atol=1e-6 * MOTION * 1e-3)


def test_from_the_right_everything_is_mirrored():
    """Equal couplings to the fibre: swapping sides and spins swaps the resonators."""
    right = point(0.9, 0.3e6, 0.1e6, "right")
    fields = model(0.9, 0.3e6, 0.1e6, "right")[1]
    epsilon = qc.physics.drive_amplitude("20 mW", LIGHT)
    kappa = 2 * np.pi * 30e6
    delta = 0.9 * MOTION - qc.physics.sagnac_shift(0.1e6, RADIUS, INDEX, LIGHT)
    alpha = np.sqrt(kappa) * epsilon / (1j * delta + np.pi * 45e6)
    assert right["photons_right"] == pytest.approx(abs(alpha) ** 2, rel=1e-10)
    delta_l = 0.9 * MOTION - qc.physics.sagnac_shift(0.3e6, RADIUS, INDEX, LIGHT)
    passed = epsilon - np.sqrt(kappa) * alpha
    alpha_l = np.sqrt(2 * np.pi * 27e6) * passed / (1j * delta_l + np.pi * 42e6)
    assert abs(fields["left.a"]) == pytest.approx(abs(alpha_l), rel=1e-10)


def test_a_batch_equals_a_loop():
    detunings, spins = np.array([0.7, 1.0, 1.3]), np.array([0.0, 0.5e6, -0.2e6])
    for noise in ("printed", "consistent"):
        batch = point(detunings, spins, noise=noise)
        for k in range(3):
            single = point(detunings[k], spins[k], noise=noise)
            for name in batch:
                np.testing.assert_allclose(batch[name][k], single[name], rtol=1e-9, atol=1e-12)


def test_blue_detuning_is_unstable_and_has_no_numbers():
    found = point(-1.0)
    assert not found["stable"]
    assert np.isnan(found["E_N"])
    assert found["photons_left"] > 0


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_from_its_data(name):
    plate = FIGURES[name]
    panels = plate.draw(plate.data(9)).axes
    assert all(axes.lines or axes.collections or axes.images for axes in panels[:2])
    if name != "4c":  # panels side by side share what stands at the left
        assert panels[0].get_ylabel()
        assert all(axes.get_xlabel() for axes in panels[:2])


VERDICTS = [
    ("Eq. (18)", "yes", "no", "unphysical"),
    ("Fig. 2", "yes", "no", "unphysical"),
    ("Fig. 2(a)", "in part", "no", "unphysical"),
    ("Fig. 2(b)", "yes", "no", "unphysical"),
    ("Fig. 2(c)", "yes", "no", "unphysical"),
    ("below Fig. 2", "no", "no", "not reproducible"),
    ("Fig. 3(a)", "yes", "no", "unphysical"),
    ("Fig. 3(c), (d)", "yes", "no", "unphysical"),
    ("Fig. 3(c), (d)", "yes", "no", "unphysical"),
    ("Fig. 3(e), (f)", "yes", "no", "unphysical"),
    ("Fig. 4(a)", "yes", "no", "unphysical"),
    ("Fig. 4(b)", "yes", "yes", "agrees"),
    ("Fig. 4(c)", "in part", "no", "unphysical"),
    ("below Eq. (10)", "yes", "yes", "agrees"),
    ("Sec. III", "in part", "not concerned", "different range"),
]


def test_every_claim_has_numbers_and_a_verdict():
    rows = claims_of("jiao2022")
    assert [(row.source, *row[4:7]) for row in rows] == VERDICTS
    assert all(any(ch.isdigit() for ch in row.printed + row.consistent) for row in rows)


def test_verdicts_follow_the_numbers(monkeypatch):
    """With the printed noise on both sides, what comes out would be physical, too."""
    claims = import_module("qcascade.papers.jiao2022.claims")
    told = {row.claim: row.physical for row in claims_of("jiao2022")}
    assert told["The two oscillators are entangled"] == "no"
    assert told["The length of the fibre does not matter"] == "yes"
    right = claims.point

    def printed(*arguments, **named):
        return right(*arguments, **{**named, "noise": "printed"})

    monkeypatch.setattr(claims, "point", printed)
    for start in ("The two oscillators", "Spinning enhances", "Spinning the left", "The revival"):
        rows = [row for row in claims.STATEMENTS if row.claim.startswith(start)]
        assert rows
        assert all(judge(row, claims.READINGS).kind == "agrees" for row in rows)


def test_opposite_spins_and_the_other_missing_claims():
    rows = {row.claim: row for row in claims_of("jiao2022")}
    opposite = rows["Spinning oppositely is reversible"]
    assert "0.0275 from the left, 0.0203 from the right" in opposite.printed
    blocks = next(row for name, row in rows.items() if name.startswith("V₁₃"))
    assert "-0.1459, -0.1431, -0.2538, 0.2411 from the left; -0.0235, 0.0059" in blocks.printed
    right = next(row for name, row in rows.items() if name.startswith("From the right no"))
    assert "0.534" in right.printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"side": "top"}, "`side` must be one of: left, right"),
        ({"noise": "print"}, "`noise` must be one of: consistent, printed.*did you mean"),
        ({"temperature": -1}, "`temperature` must be a number zero or above"),
        ({"transmission": 1.2}, "`transmission` must be a number between 0 and 1"),
        ({"detuning": np.nan}, "`detuning` must be a real number, finite"),
    ],
)
def test_bad_parameters_are_refused(arguments, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        point(**arguments)
