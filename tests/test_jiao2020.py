"""What `independent.jiao2020` finds from the printed equations, and the paper's claims."""

from importlib import import_module

import independent.jiao2020 as typed
import numpy as np
import pytest

import qcascade as qc
from qcascade.papers import Plate, jiao2020
from qcascade.papers.jiao2020.model import (
    COUPLING,
    DAMPING,
    DECAY,
    MOTION,
    SIDES,
    model,
    modes,
    network,
    peak,
    point,
    polynomial,
    sagnac,
    working_point,
)
from qcascade.papers.statements import judge
from qcascade.physics import HBAR


@pytest.mark.parametrize("at", typed.POINTS)
def test_points_agree_with_the_independent_implementation(at):
    here, there = point(float(at[0]), *at[1:]), typed.point(*at)
    assert here["stable"] == (there["growth"] < 0)
    E_N = np.nan if there["E_N"] is None else float(there["E_N"])
    np.testing.assert_allclose(here["E_N"], E_N, rtol=1e-9)
    assert here["photons_driven"] == pytest.approx(float(there["driven"]), rel=1e-11)
    assert here["photons_other"] == pytest.approx(float(there["other"]), rel=1e-11)
    assert here["branches"] == there["branches"]


def test_constants():
    np.testing.assert_allclose([COUPLING, DECAY / MOTION], [452.006, 0.602807], rtol=1e-6)
    assert qc.physics.bose_einstein(MOTION, 0.13) == pytest.approx(269.65, abs=5e-3)
    assert sagnac(8e3) / MOTION == pytest.approx(0.455430, abs=5e-7)
    assert sagnac("23 krad/s") / MOTION == pytest.approx(1.309361, abs=5e-7)


@pytest.mark.parametrize(
    ("spin", "side", "near"), [(0, "left", 0.75), (8e3, "left", 0.3), (8e3, "right", 1.2)]
)
def test_the_best_detuning(spin, side, near):
    found = peak(spin, side, points=20001)
    height, place = typed.peak(spin, side, near)
    assert found[0] == pytest.approx(height, abs=1e-8)
    assert found[1] == pytest.approx(place, abs=1e-4)


def test_both_sides_hold_as_many_photons_at_one_detuning():
    left, right = (point([0.269325, 0.269335], 8e3, s)["photons_driven"] for s in SIDES)
    assert left[0] > right[0]
    assert left[1] < right[1]


def test_the_right_leaves_its_fixed_point():
    A = model(0.27, 8e3, "right")[0].A
    expected = typed.point("0.27", 8000, "right", 0)["growth"]
    assert expected == pytest.approx(0.0875, abs=5e-5)
    assert qc.growth(A) / MOTION == pytest.approx(expected, rel=1e-10)


def test_left_ends_before_right_begins():
    left = point([1.0034, 1.0036], 8e3)["E_N"]
    right = point([1.0218, 1.0220], 8e3, "right")["E_N"]
    assert left[0] > 0 == left[1]
    assert right[1] > 0 == right[0]


@pytest.mark.parametrize(
    ("side", "J", "gain", "chi"),
    [
        ("left", 2.01, 2.5, 0.72),
        ("right", 1.74, 2.5, 0.80),
        ("left", 0.24, 1.05, 0.991),
        ("right", 0.31, 1.08, 0.991),
    ],
)
def test_no_backscattering_gives_both_numbers(side, J, gain, chi):
    spun = peak(23e3, side, J)[0]
    assert spun / peak(backscattering=J)[0] == pytest.approx(gain, abs=0.005)
    assert spun / peak()[0] == pytest.approx(chi, abs=0.005 if chi < 0.9 else 0.0005)


def test_backscattering_helps_when_warm():
    warm = {"temperature": 0.5, "window": (-0.5, 3.5)}
    still = peak(backscattering=np.array([0, 1.0, 1.45, 1.5, 1.75]), **warm)[0]
    np.testing.assert_allclose(still[:2], [0.0141, 0.0602], atol=1e-4)
    assert still[2] > still[0] > still[3] > still[4] == 0
    assert (peak([23e3, -23e3], backscattering=1.75, **warm)[0] > 0).all()


def written_out(detuning, spin, side, J, power=20e-3):
    """A of Eq. (6) in rad/s, from fields found by iterating Eq. (7)."""
    shift = spin * 1.48 * 1.1e-3 / 299792458.0 * (1 - 1 / 1.48**2)
    light = 2 * np.pi * 299792458.0 / 1.55e-6
    shift *= light * (1 if side == "left" else -1)
    kappa, w, g = light / 3.2e7, 6.3e7, 5.2e3
    G0 = light / 1.1e-3 * np.sqrt(HBAR / (10e-12 * w))
    eps = np.sqrt(2 * kappa * power / (HBAR * light))
    J, q = J * kappa, 0.0
    for _ in range(2000):
        d1, d2 = detuning * w + shift - G0 * q, detuning * w - shift - G0 * q
        a1 = (1j * d2 + kappa) * eps / ((1j * d2 + kappa) * (1j * d1 + kappa) + J**2)
        a2 = -1j * J / (1j * d2 + kappa) * a1
        q += 0.3 * (G0 / w * (abs(a1) ** 2 + abs(a2) ** 2) - q)
    G1, G2 = np.sqrt(2) * G0 * a1, np.sqrt(2) * G0 * a2
    return np.array(
        [
            [-kappa, d1, 0, J, -G1.imag, 0],
            [-d1, -kappa, -J, 0, G1.real, 0],
            [0, J, -kappa, d2, -G2.imag, 0],
            [-J, 0, -d2, -kappa, G2.real, 0],
            [0, 0, 0, 0, 0, w],
            [G1.real, G1.imag, G2.real, G2.imag, -w, -g],
        ]
    )


@pytest.mark.parametrize(
    "at", [(0.9, 8e3, "left", 0.7), (-0.4, 23e3, "left", 1.0), (1.4, 8e3, "right", 0.5)]
)
def test_the_drift_is_the_printed_one(at):
    A = written_out(*at)
    here = model(*at)[0]
    np.testing.assert_allclose(here.A, A, rtol=1e-9, atol=1e-9 * MOTION)
    D = [DECAY] * 4 + [0, DAMPING * (2 * 269.6533894 + 1)]
    np.testing.assert_allclose(here.D, np.diag(D), rtol=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_the_parts_give_the_printed_drift_but_for_the_damping_of_the_motion(side):
    at = ([0.2, 1.3], 8e3, side, 0.7)
    parts, printed = model(*at, noise="lindblad")[0], model(*at)[0]
    order = [2 * parts.modes.index(m) + k for m in modes(side) for k in (0, 1)]
    A = parts.A[..., order, :][..., order]
    D = parts.D[..., order, :][..., order]
    expected_A, expected_D = printed.A.copy(), printed.D.copy()
    expected_A[..., [4, 5], [4, 5]] = -DAMPING / 2
    expected_D[..., 4, 4] = expected_D[..., 5, 5] = expected_D[..., 5, 5] / 2
    # damping q too makes the spring stiffer by (γ/2ω)² = 2e-9
    np.testing.assert_allclose(A, expected_A, rtol=1e-8, atol=1e-8 * MOTION)
    np.testing.assert_allclose(D, expected_D, rtol=1e-12, atol=1e-9)


def test_damping_that_is_a_quantum_channel_changes_little():
    x = np.linspace(0.4, 2, 321)
    for at in ((x,), (x + 0.6, 0, "left", 1), (x - sagnac(23e3) / MOTION, 23e3, "left", 1)):
        printed, lindblad = (point(*at, noise=n) for n in ("printed", "lindblad"))
        assert np.nanmax(np.abs(printed["E_N"] - lindblad["E_N"])) < 2.2e-3
        assert (printed["stable"] == lindblad["stable"]).all()


def test_only_the_printed_noise_breaks_complete_positivity():
    printed, lindblad = (qc.audit(model(noise=n)[0]) for n in ("printed", "lindblad"))
    assert not printed.completely_positive
    assert printed.noise_eigenvalue / MOTION == pytest.approx(-3.8e-8, abs=5e-10)
    assert lindblad.completely_positive
    assert printed.physical_state


@pytest.mark.parametrize(("side", "port"), [("left", "in"), ("right", "in_back")])
def test_the_laser_comes_in_from_its_side(side, port):
    net = network(0.9, 8e3, side, 0.7)
    assert net.wires == (("laser.out", f"resonator.{port}"),)
    assert net.modes == ("resonator.a", "resonator.c", "resonator.b")


def test_the_side_is_the_sign_of_the_spin():
    left, right = point([0.4, 1.2], -8e3, "left", 0.6), point([0.4, 1.2], 8e3, "right", 0.6)
    for name in left:
        np.testing.assert_allclose(left[name], right[name], rtol=1e-12)


def test_roots_agree_with_numpy():
    rng = np.random.default_rng(1)
    u, v, J, c = rng.uniform(-4, 4, 300), rng.uniform(-4, 4, 300), rng.uniform(0, 2, 300), 3.0
    coefficients = polynomial(u, v, J, rng.uniform(0, c, 300))
    found = qc.classical.real_roots(coefficients)
    counts = set()
    for row, roots in zip(coefficients, found, strict=True):
        z = np.roots(row)
        real = np.sort(z[np.abs(z.imag) < 1e-9].real)
        counts.add(len(real))
        np.testing.assert_allclose(roots[: len(real)], real, rtol=1e-9)
        assert np.isnan(roots[len(real) :]).all()
    assert counts >= {1, 3}


def test_roots_of_folds_and_of_no_light():
    np.testing.assert_allclose(
        qc.classical.real_roots([1.0, -4.0, 5.0, -2.0]), [1, 1, 2], atol=1e-7
    )
    assert qc.classical.real_roots(polynomial(1.0, 1.0, 0.5, 0.0))[0] == 0
    assert point(power=0.0)["photons_driven"] == 0
    assert point(power=0.0)["E_N"] == 0


def test_a_working_point_solves_equation_7():
    x = np.linspace(-1, 2, 40)
    here = working_point(x, 8e3, "right", 0.8, 60e-3)
    n = np.abs(here.driven) ** 2 + np.abs(here.other) ** 2
    np.testing.assert_allclose(here.position, COUPLING / MOTION * n, rtol=1e-11)


def test_bistable_above_44_milliwatt():
    x = np.linspace(0.9, 1.6, 4001)
    assert (point(x, power=43.8e-3)["branches"] == 1).all()
    assert (point(x, power=44.5e-3)["branches"] == 3).any()


def test_the_stable_branch_with_the_fewest_photons_is_taken():
    here = point(2.6, power=0.2)
    assert here["branches"] == 3
    assert here["stable"]
    s = COUPLING * working_point(2.6, power=0.2).position / MOTION
    u = 2.6
    c = 0.2 / 20e-3 * s_scale()
    roots = np.roots([1, -2 * u, u**2 + (DECAY / MOTION) ** 2, -c])
    assert s == pytest.approx(roots.real.min(), rel=1e-9)


def s_scale():
    """c = (G₀ε/ω_m²)² at 20 mW."""
    here = working_point()
    s = COUPLING * here.position / MOTION
    return s * ((DECAY / MOTION) ** 2 + (0.75 - s) ** 2)


@pytest.mark.parametrize(
    ("detuning", "J", "power"),
    [pytest.param(2.6, 0.8, 0.3, marks=pytest.mark.slow), (0.9, 1.0, 20e-3)],
)
def test_the_homotopy_finds_the_same_branches(detuning, J, power):
    """On the parts, whose spring is stiffer by 2e-9."""
    from qcascade.classical.branches import working_points

    found = working_points(network(detuning, 1e3, "left", J, power))
    here = working_point(detuning, 1e3, "left", J, power)
    assert found.count == here.branches
    lowest = np.flatnonzero(found.stable)[0]
    driven = found.fields[lowest, found.modes.index("resonator.a")]
    assert driven == pytest.approx(here.driven, rel=1e-7)


def test_a_batch_equals_a_loop():
    x, J, T = np.array([0.3, 0.75, 1.0, 1.1]), np.array([0.0, 0.0, 0.5, 1.0]), [0.1, 0.2, 0.3, 0.0]
    for noise in ("printed", "lindblad"):
        batch = point(x, 8e3, "right", J, 20e-3, T, noise)
        for k in range(4):
            single = point(x[k], 8e3, "right", J[k], 20e-3, T[k], noise)
            for name in batch:
                np.testing.assert_allclose(batch[name][k], single[name], rtol=1e-12)


def test_arrays_broadcast():
    here = point(np.linspace(0.7, 0.8, 3)[:, None], temperature=[0.1, 0.13])
    assert all(values.shape == (3, 2) for values in here.values())
    assert point(0.75, temperature=[0.1, 0.13])["branches"].shape == (2,)
    assert here["E_N"][1, 1] == pytest.approx(point(0.75)["E_N"], rel=1e-11)


def test_text_with_units_is_taken():
    same = point(0.27, "8 krad/s", power="20 mW", temperature="130 mK")
    assert same["E_N"] == point(0.27, 8e3)["E_N"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"side": "lft"}, r"`side` must be one of: left, right.*did you mean 'left'"),
        ({"noise": "brownian"}, "`noise` must be one of: printed, lindblad"),
        ({"power": -1}, "`power` must be a number zero or above"),
        ({"temperature": -1}, "`temperature` must be a number zero or above"),
        ({"detuning": np.nan}, "`detuning` must be a real number, finite"),
        ({"spin": "8 kHzz"}, "`spin` must be"),
        ({"backscattering": "much"}, "`backscattering` must be a real number"),
    ],
)
def test_bad_parameters_are_refused(arguments, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        point(**arguments)


def test_unstable_points_have_no_entanglement_but_photons():
    here = point(0.27, 8e3, "right")
    assert not here["stable"]
    assert np.isnan(here["E_N"])
    assert here["photons_driven"] > 0 == here["photons_other"]


def test_no_steady_state_for_any_detuning_has_no_peak():
    top, where = peak(spin=[0.0, 8e3], window=(-2.0, -1.0), points=5)
    assert np.isnan([top, where]).all()


VERDICTS = [
    ("Fig. 2(a), (b)", "in part", "yes", "different range"),
    ("Fig. 2(b), (c)", "no", "no", "not reproducible"),
    ("Fig. 2(b), (c)", "in part", "yes", "different range"),
    ("Fig. 2(a)", "yes", "yes", "agrees"),
    ("Fig. 2, caption", "no", "no", "not reproducible"),
    ("before Fig. 2", "in part", "yes", "different range"),
    ("Fig. 3(a)", "yes", "yes", "agrees"),
    ("Fig. 3(b)", "in part", "yes", "different range"),
    ("Fig. 3(f)", "in part", "yes", "different range"),
    ("Fig. 3(f)", "in part", "yes", "different range"),
    ("Eq. (4)", "yes", "yes", "agrees"),
    ("below Eq. (14)", "in part", "yes", "different range"),
    ("title; Fig. 3", "in part", "yes", "different range"),
]


@pytest.mark.slow  # the report makes them as well
def test_every_claim_has_numbers_and_a_verdict():
    rows = jiao2020.claims()
    assert [(row.source, *row[4:7]) for row in rows] == VERDICTS
    assert all(any(ch.isdigit() for ch in row.printed + row.consistent) for row in rows)
    found = " ".join(f"{row.printed} {row.why}" for row in rows)
    for number in ("0.26933", "0.0875 ω_m", "1.0035", "1.0219", "-3.8e-08", "0.0602", "0.502"):
        assert number in found, number


def test_claims_follow_the_numbers(monkeypatch):
    """Were the right-driven fixed point stable and separable, the claim would hold."""
    claims = import_module("qcascade.papers.jiao2020.claims")
    right = claims.point
    row = next(x for x in claims.STATEMENTS if x.claim.startswith("Near Δ_c/ω_m = 0.27"))
    assert judge(row, claims.READINGS).reproduced == "no"

    def stable(detuning, spin, side, **more):
        found = right(detuning, spin, side, **more)
        return {**found, "stable": True, "E_N": 0.0} if side == "right" else found

    monkeypatch.setattr(claims, "point", stable)
    assert judge(row, claims.READINGS).reproduced == "yes"


def test_the_redshift_moves_the_peak_towards_the_resonance():
    """Fig. 2's caption has the sign the other way: without the shift the peak is at 0.50."""
    at = peak(points=20001)[1]
    shift = COUPLING * working_point(at).position / MOTION
    assert at == pytest.approx(0.7520, abs=1e-4)
    assert shift > 0
    assert at - shift == pytest.approx(0.502, abs=1e-3)


@pytest.mark.parametrize("name", jiao2020.FIGURES)
def test_every_figure_is_drawn_from_its_data(name):
    plate = jiao2020.FIGURES[name]
    assert isinstance(plate, Plate)
    data = plate.data(11)
    drawing = plate.draw(data)
    drawing.canvas.draw()
    assert all(axes.get_xlabel() for axes in drawing.axes[:1])
    for variable in (*data.data_vars, *(c for c in data.coords if c != "case")):
        if variable not in ("stable", "branches"):
            assert {"long_name", "units"} <= set(data[variable].attrs), variable


def test_unstable_stretches_are_hatched_not_zero():
    data = jiao2020.FIGURES["2a"].data(26)
    np.testing.assert_array_equal(np.isnan(data.E_N.values), ~data.stable.values)
    assert 0 < (~data.stable.values).sum() < data.stable.size
    fast = jiao2020.FIGURES["3e"].data(11)
    np.testing.assert_array_equal(np.isnan(fast.coupling.values), ~fast.stable.values)


def test_the_revival_map():
    data = jiao2020.FIGURES["3f"].data(5, 200).sel(noise="printed")
    assert data.revival.sel(backscattering=0).values == pytest.approx(1, abs=1e-3)
    # both directions, and at rest; the best detuning lies inside of what is searched
    assert data.revival.sel(backscattering=1, spin=0) == pytest.approx(0.5567, abs=2e-3)
    own = data.best_detuning + sagnac(1e3 * data.spin.values) / MOTION
    assert float(own.min()) > -0.25
    assert float(own.max()) < 2.25
