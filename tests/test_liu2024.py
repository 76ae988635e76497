"""Two cavities, fibres both ways: what `independent.liu2024` finds, in the three readings."""

from importlib import import_module

import independent.liu2024 as typed
import numpy as np
import pytest
from told import claims_of

import qcascade as qc
from qcascade.papers import liu2024, steady_or_nan
from qcascade.papers.liu2024.model import (
    DAMPING,
    KAPPA,
    LENGTHS,
    LIGHT,
    READINGS,
    coupling,
    model,
    network,
    point,
    with_travelling_noise,
    working_network,
)

MOTION = 2 * np.pi * 88.54e6
SIDES = ("left", "right")


def optics(here):
    """Drift and diffusion of light alone, in κ."""
    left, right = (2 * here.modes.index(f"{name}.a") for name in SIDES)
    rows = np.ix_(*[[left, left + 1, right, right + 1]] * 2)
    return here.A[rows] / KAPPA, here.D[rows] / KAPPA


def turned(z):
    return np.array([[z.real, -z.imag], [z.imag, z.real]])


# ---- against the equations typed once more ----


def test_coupling_and_occupation_are_those_of_the_paper():
    assert coupling(0.1, MOTION) / (2 * np.pi) == pytest.approx(0.374, abs=5e-4)
    for length in ("0.1", "1e-4"):
        expected = float(typed.coupling(length))
        assert coupling(float(length), MOTION) == pytest.approx(expected, rel=1e-13)
    quanta = float(typed.occupation(typed.MOTION, "0.1"))
    assert quanta == pytest.approx(23.04, abs=5e-3)
    assert qc.physics.bose_einstein("88.54 MHz", "100 mK") == pytest.approx(quanta, rel=1e-13)


def test_printed_equations_grow():
    here = point(1.4, 0.2, reading="printed")
    assert here["growth"] > 0.26
    assert not here["stable"]
    assert not here["physical"]
    assert np.isnan(here["E_N"])
    assert np.isnan(here["margin"])
    assert np.isfinite([here["photons_1"], here["photons_2"]]).all()


@pytest.mark.parametrize(("reading", "detuning", "phase", "length"), typed.POINTS)
def test_points_agree_with_the_independent_implementation(reading, detuning, phase, length):
    here = point(float(detuning), float(phase), length=float(length), reading=reading)
    there = typed.point(reading, detuning, phase, length)
    assert here["growth"] == pytest.approx(there["growth"], rel=1e-8)
    assert here["stable"] == (reading != "printed")
    assert here["physical"] == (reading == "consistent")
    margin = np.nan if there["margin"] is None else float(there["margin"])
    np.testing.assert_allclose(here["margin"], margin, rtol=1e-9)
    np.testing.assert_allclose(here["E_N"], np.maximum(0, margin), rtol=1e-9)


def test_one_way_state_is_no_quantum_state_and_travelling_noise_disentangles_it():
    here, _ = model(1.175, 0.25, reading="one-way", length=25e-6)
    pair = steady_or_nan(here).reduce("left.b", "right.b")
    form = np.kron(np.eye(2), [[0, 1], [-1, 0]])
    lowest = np.linalg.eigvalsh(pair.cov + 0.5j * form)[0]
    at = ("one-way", "1.175", "0.25", "25e-6")
    assert lowest == pytest.approx(typed.point(*at)["lowest"], rel=1e-9)
    assert lowest < -0.1
    right = with_travelling_noise(here)
    assert qc.audit(right).completely_positive
    expected = float(typed.point(*at, travelling=True)["margin"])
    assert expected < -0.17
    margin = qc.measures.margin(steady_or_nan(right), "left.b", "right.b")
    assert margin == pytest.approx(expected, rel=1e-9)


# ---- stability of the light ----


@pytest.mark.parametrize(("phi", "eta"), [(0.8, 1), (0.8, 0.3), (0.4, 1), (0.3, 0.5), (0.5, 1)])
def test_printed_light_is_stable_only_for_a_weak_link(phi, eta):
    here, _ = model(power=0.0, propagation_phase=phi, transmission=eta, reading="printed")
    growth = qc.growth(optics(here)[0])
    assert growth == pytest.approx(2 * np.sqrt(eta) * abs(np.cos(np.pi * phi)) - 1, abs=1e-12)
    assert (growth < 0) == point(
        power=0.0, propagation_phase=phi, transmission=eta, reading="printed"
    )["stable"]


def test_printed_light_grows_at_the_golden_ratio():
    """2|cos 0.8π| − 1 = (√5 − 1)/2."""
    growth = qc.growth(optics(model(reading="printed")[0])[0])
    assert growth == pytest.approx((np.sqrt(5) - 1) / 2, rel=1e-12)


def test_no_detuning_and_no_phase_makes_the_printed_equations_stable():
    detuning, phase = np.meshgrid(np.linspace(-4, 6, 21), np.linspace(-1, 1, 21))
    here = point(detuning.ravel(), phase.ravel(), reading="printed")
    assert not here["stable"].any()
    assert np.isfinite(here["growth"]).all()


def test_passive_light_never_grows():
    for phi in (0.1, 0.5, 0.8, 0.99):
        light, _ = optics(model(power=0.0, propagation_phase=phi)[0])
        assert qc.growth(light) == pytest.approx(abs(np.cos(np.pi * phi)) - 1, abs=1e-12)


# ---- the noise ----


def test_printed_noise_misses_complete_positivity_by_the_link():
    here, _ = model(reading="printed")
    report = qc.audit(here)
    J = 2 * KAPPA * abs(np.cos(0.8 * np.pi))
    assert not report.completely_positive
    assert report.noise_eigenvalue == pytest.approx(-J, rel=1e-9)
    assert report.noise_eigenvalue / MOTION == pytest.approx(-0.82, abs=5e-3)


def test_no_passive_noise_repairs_the_printed_links():
    assert not qc.audit(with_travelling_noise(model(reading="printed")[0])).completely_positive


def test_consistent_noise_is_quantum_noise():
    report = qc.audit(model(1.1, 0.25, length=10e-6)[0])
    assert report.completely_positive
    assert report.physical_state


# ---- the consistent model against one typed by hand ----


@pytest.mark.parametrize("eta", [1.0, 0.6])
def test_parts_and_wires_give_the_drift_and_noise_typed_by_hand(eta):
    delta, theta, phi, length = 1.1 * MOTION, 0.3, 0.7, 10e-6
    here, fields = model(1.1, theta, phi, length=length, transmission=eta)
    g = coupling(length, MOTION)
    J = KAPPA * np.sqrt(eta) * np.exp(1j * np.pi * phi)  # 2κ_A√η e^{iφ} with κ_A = κ/2
    pump = np.sqrt(KAPPA) * qc.physics.drive_amplitude(0.015, LIGHT)  # √(κP/ħω)
    drive = pump * np.array([np.exp(-1j * np.pi * theta), 1.0])
    drive = drive + np.sqrt(eta) * np.exp(1j * np.pi * phi) * drive[::-1]
    alpha = np.linalg.solve([[1j * delta + KAPPA, J], [J, 1j * delta + KAPPA]], drive)
    np.testing.assert_allclose([fields["left.a"], fields["right.a"]], alpha, rtol=1e-11)

    A, D = np.zeros((2, 8, 8))  # (a₁, b₁, a₂, b₂)
    heat = DAMPING * (2 * qc.physics.bose_einstein(MOTION, 0.1) + 1)
    for k, a in enumerate(alpha):
        o, m = slice(4 * k, 4 * k + 2), slice(4 * k + 2, 4 * k + 4)
        A[o, o] = turned(-1j * delta - KAPPA)
        A[m, m] = turned(-1j * MOTION - DAMPING)
        A[o, m] = 2 * g * np.array([[-a.imag, 0], [a.real, 0]])
        A[m, o] = 2 * g * np.array([[0, 0], [a.real, a.imag]])
        D[o, o], D[m, m] = KAPPA * np.eye(2), heat * np.eye(2)
    A[0:2, 4:6] = A[4:6, 0:2] = -turned(J)
    D[0:2, 4:6] = D[4:6, 0:2] = turned(J + np.conj(J)) / 2
    np.testing.assert_allclose(here.A, A, atol=1e-9 * MOTION)
    np.testing.assert_allclose(here.D, D, atol=1e-9 * MOTION)
    with_noise = with_travelling_noise(qc.GaussianModel(here.modes, A, np.diag(D.diagonal())))
    np.testing.assert_allclose(with_noise.D, D, atol=1e-9 * MOTION)


@pytest.mark.parametrize("split", [0.5, 0.2])
def test_each_direction_is_carried_by_its_own_port(split):
    """1 → 2 through port A carries 2κ_A√η e^{iφ}, 2 → 1 through port B 2κ_B√η e^{iφ}."""
    still = {"left": 0.0, "right": 0.0}
    net = network(still, 0.0, MOTION, still, 0.8, transmission=0.7, split=split)
    light, _ = optics(qc.gaussian(net))
    link = 2 * np.sqrt(0.7) * np.exp(0.8j * np.pi)
    np.testing.assert_allclose(light[2:, :2], -turned(split * link), atol=1e-12)
    np.testing.assert_allclose(light[:2, 2:], -turned((1 - split) * link), atol=1e-12)


def test_the_working_network_is_built_from_parts_and_wires_only():
    net, _ = working_network(1.4 * MOTION, 2300.0, MOTION, {"left": 0.25, "right": 0.0})
    assert not net.couplings
    assert len(net.wires) == 6
    assert {part.recipe.part for part in net.parts.values()} == {
        "optomechanical_cavity",
        "coherent_drive",
        "fibre",
    }


def test_the_one_way_link_runs_from_the_second_cavity_to_the_first():
    light, _ = optics(model(reading="one-way")[0])
    np.testing.assert_array_equal(light[2:, :2], 0)
    np.testing.assert_allclose(light[:2, 2:], -turned(2 * np.exp(0.8j * np.pi)), rtol=1e-14)


# ---- symmetries ----


@pytest.mark.parametrize("reading", READINGS)
def test_only_the_difference_of_the_pump_phases_matters(reading):
    here, there = (
        model(1.175, 0.25, length=25e-6, reading=reading, common_phase=common)[0]
        for common in (0.0, 0.37)
    )
    rate = qc.growth(here.A)
    assert qc.growth(there.A) == pytest.approx(rate, rel=1e-9)
    if rate < 0:
        one, two = (
            qc.measures.margin(steady_or_nan(x), "left.b", "right.b") for x in (here, there)
        )
        assert two == pytest.approx(one, abs=1e-10)


@pytest.mark.parametrize("phase", [0.18, 0.25, 0.6])
def test_the_sign_of_the_phase_difference_swaps_the_cavities(phase):
    plus, minus = (point(1.1, x, length=10e-6) for x in (phase, -phase))
    assert plus["margin"] == pytest.approx(minus["margin"], abs=1e-11)
    assert plus["photons_1"] == pytest.approx(minus["photons_2"], rel=1e-11)
    grows = [point(1.4, x, reading="printed")["growth"] for x in (phase, -phase)]
    assert grows[0] == pytest.approx(grows[1], rel=1e-10)


def test_the_one_way_link_breaks_that_symmetry():
    one, two = (point(1.175, x, length=25e-6, reading="one-way")["E_N"] for x in (0.25, -0.25))
    assert one > 0.04
    assert two == 0


# ---- point ----


@pytest.mark.parametrize("reading", READINGS)
def test_a_batch_equals_a_loop(reading):
    detuning, phase = np.array([1.1, -1.0, 1.4]), np.array([0.25, 0.18, 0.3])
    where = {"length": LENGTHS[reading], "reading": reading}
    batch = point(detuning, phase, **where)
    for k in range(3):
        single = point(detuning[k], phase[k], **where)
        for name, values in batch.items():
            np.testing.assert_allclose(values[k], single[name], rtol=1e-9, atol=1e-12)


def test_every_parameter_broadcasts():
    names = [name for name in liu2024.PARAMETERS if name != "reading"]
    for name in names:
        value = liu2024.PARAMETERS[name] * np.array([[0.9], [1.0]])
        here = point(**{name: value, "length": value if name == "length" else 1e-4})
        assert {np.shape(x) for x in here.values()} == {(2, 1)}


def test_unstable_points_have_growth_and_photons_but_no_entanglement():
    here = point(np.array([-1.0, 1.1]), length=10e-6)
    assert here["stable"].tolist() == [False, True]
    assert here["growth"][0] > 0
    assert np.isnan([here["E_N"][0], here["margin"][0]]).all()
    assert np.isfinite(here["photons_1"]).all()


def test_pumps_that_cancel_in_a_cavity_are_no_error():
    """At φ = 0.8π both pumps cancel at the second cavity for Δθ = −0.2π, to rounding."""
    swapped = point(1.4, 0.2, length=1e-4)
    for phase in (-0.2, 1.8):
        here = point(1.4, phase, length=1e-4)
        assert here["margin"] == pytest.approx(swapped["margin"], abs=1e-9)


def test_defaults_are_the_papers():
    at_defaults, bare = point(**liu2024.PARAMETERS), point()
    for name, value in bare.items():
        np.testing.assert_array_equal(value, at_defaults[name])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"reading": "one way"}, "`reading` must be one of: printed.*did you mean 'one-way'"),
        ({"power": -1.0}, "`power` must be a number zero or above"),
        ({"length": 0.0}, "`length` must be a number above zero"),
        ({"mechanical_frequency": 0.0}, "`mechanical_frequency` must be a number above zero"),
        ({"temperature": -0.1}, "`temperature` must be a number zero or above"),
        ({"transmission": 1.5}, "`transmission` must be a number between 0 and 1"),
        ({"detuning": np.nan}, "`detuning` must be a real number, finite"),
        ({"phase_difference": "much"}, "`phase_difference` must be a real number"),
    ],
)
def test_bad_parameters_are_refused(arguments, sentence):
    for reading in READINGS:
        with pytest.raises(qc.ArgumentError, match=sentence):
            point(**{"reading": reading, **arguments})


def test_light_that_neither_decays_nor_turns_has_no_working_point():
    with pytest.raises(qc.ArgumentError, match=r"`detuning` must not be 0 where `propagation_"):
        point(0.0, propagation_phase=0.0)


# ---- figures and claims ----


@pytest.mark.parametrize("name", liu2024.FIGURES)
def test_every_figure_is_drawn_from_its_data(name, tmp_path):
    plate = liu2024.FIGURES[name]
    data = plate.data(7)
    assert data.sizes["reading"] == 3
    for values in data.variables.values():
        assert {"long_name", "units"} <= set(values.attrs)
    with_nothing = data.E_N.sel(reading="printed")
    assert np.isnan(with_nothing).all()
    assert not data.stable.sel(reading="printed").any()
    assert (np.isnan(data.E_N) == ~data.stable).all()
    drawing = plate.draw(data)
    drawing.savefig(tmp_path / "figure.png", dpi=30)
    assert all(axes.get_xlabel() for axes in drawing.axes[:3])
    assert [axes.get_title("left")[4:].split(",")[0] for axes in drawing.axes[:3]] == list(READINGS)


def test_figure_2b_hatches_where_only_some_points_are_steady():
    data = liu2024.FIGURES["2b"].data(7)
    data["stable"] = data.stable.copy(data=np.random.default_rng(0).random(data.stable.shape) > 0.3)
    for name in ("E_N", "margin"):
        data[name] = data[name].where(data.stable)
    data["stable_inset"] = data.stable_inset & (data.phase_difference_inset < 1)
    data["E_N_inset"] = data.E_N_inset.where(data.stable_inset)
    hatched = [
        any("////" in (getattr(mark, "hatches", None) or [mark.get_hatch()]) for mark in marks)
        for marks in ([*x.collections, *x.patches] for x in liu2024.FIGURES["2b"].draw(data).axes)
    ]
    assert hatched[:3] == [True] * 3  # E_N of the three readings
    assert sum(hatched) == 9  # margins and insets too; the rest are colour bars


def test_insets_have_axes_of_their_own():
    data = liu2024.FIGURES["4"].data(5)
    assert data.E_N.dims == ("reading", "temperature", "phase_difference")
    assert data.E_N_inset.dims == ("reading", "temperature", "detuning_inset")


VERDICTS = [
    ("abstract, Fig. 2", "in part", "no", "unphysical"),
    ("Fig. 2(a)", "in part", "no", "unphysical"),
    ("Eqs. (11)–(13)", "in part", "no", "unphysical"),
    ("Fig. 2(a)", "in part", "no", "unphysical"),
    ("Fig. 2(b)", "in part", "no", "unphysical"),
    ("below Fig. 2", "no", "no", "not reproducible"),
    ("Fig. 3(a)", "no", "no", "not reproducible"),
    ("Fig. 3(c), (f)", "in part", "no", "unphysical"),
    ("Fig. 3(d)–(f)", "in part", "no", "unphysical"),
    ("Fig. 4", "in part", "no", "unphysical"),
    ("Eqs. (4), (8)", "no", "no", "unphysical"),
    ("Eq. (7)", "no", "not concerned", "printing slip"),
    ("Eqs. (26)–(28)", "yes", "no", "unphysical"),
]


def test_claims_have_numbers_and_the_verdicts_that_follow():
    rows = claims_of("liu2024")
    assert [(row.source, *row[4:7]) for row in rows] == VERDICTS
    assert all(any(ch.isdigit() for ch in row.printed) and row.consistent for row in rows)
    assert all(row.physical != "yes" for row in rows)  # nothing survives in the consistent reading
    said = " ".join(f"{row.printed} {row.consistent} {row.why}" for row in rows)
    for number in ("ratio 3.42", "-0.107", "-0.1719", "+0.6180κ", "-0.8224", "0.0285", "0.0505"):
        assert number in said, number


def test_beam_splitters_entangle_nothing_from_quantum_noise():
    """What Eq. (13) keeps commutes with the symplectic form; only the noise of Eq. (27) cheats."""
    claims = import_module("qcascade.papers.liu2024.claims")
    for temperature in (0.0, 0.1):
        here, _ = model(1.0, length=1e-4, temperature=temperature)
        J = np.kron(np.eye(4), [[0.0, 1.0], [-1.0, 0.0]])
        kept = qc.GaussianModel(here.modes, (here.A - J @ here.A @ J) / 2, here.D)
        assert qc.measures.margin(steady_or_nan(kept), "left.b", "right.b") < 1e-9
    found = {reading: claims._beam_splitters(reading)["kept"] for reading in READINGS}
    assert np.isnan(found["printed"])
    assert found["one-way"] > 0.2 > 0 > found["consistent"]


def test_eq_8_is_physical_at_a_quarter_turn_and_entangles_nothing():
    detuning, phase = np.meshgrid(np.linspace(0.05, 6, 21), np.linspace(-1, 1, 20, endpoint=False))
    here = point(detuning.ravel(), phase.ravel(), propagation_phase=0.5, reading="printed")
    assert 200 < here["stable"].sum() < 400
    assert here["physical"][here["stable"]].all()
    assert np.nanmax(here["margin"]) < -0.43
    report = qc.audit(model(propagation_phase=0.5, reading="printed")[0])
    assert report.completely_positive
