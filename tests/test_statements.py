"""Verdicts on what papers say follow from numbers, and never from their absence."""

from importlib import import_module

import numpy as np
import pytest
from told import claims_of

import qcascade as qc
from qcascade.papers import PAPERS, jiao2020, jiao2022, liu2024, paper, pelka2026
from qcascade.papers.agusti2023.claims import STATES
from qcascade.papers.statements import (
    KINDS,
    PHYSICAL,
    REPRODUCED,
    Statement,
    falling,
    judge,
    largest,
    peak,
    rising,
    root,
    spoken,
)

# What agusti2023 says of times takes a minute, and is made of the same pieces.
QUICK = [(key, row) for key in PAPERS if key != "agusti2023" for row in paper(key).STATEMENTS]
QUICK += [("agusti2023", row) for row in STATES]


def positive(values, **more):
    """A statement that numbers are above zero; of each reading its own."""
    return Statement(
        "x > 0", "", lambda reading: {"x": values[reading]}, lambda n: n["x"] > 0, "{x}", "", **more
    )


@pytest.mark.parametrize(
    ("printed", "near", "right", "more", "verdicts"),
    [
        (1.0, 0.0, 1.0, {}, ("yes", "yes", "agrees")),
        (1.0, 0.0, -1.0, {}, ("yes", "no", "unphysical")),
        (-1.0, 0.0, 1.0, {}, ("no", "yes", "printing slip")),
        (-1.0, 0.0, -1.0, {}, ("no", "no", "not reproducible")),
        (-1.0, 0.0, -1.0, {"otherwise": "different range"}, ("no", "no", "different range")),
        (-1.0, 1.0, -1.0, {}, ("in part", "no", "unphysical")),
        (-1.0, 1.0, 1.0, {}, ("in part", "yes", "printing slip")),
        (1.0, 0.0, -1.0, {"quantum": False}, ("yes", "not concerned", "agrees")),
        (-1.0, 0.0, 1.0, {"quantum": False}, ("no", "not concerned", "printing slip")),
        (-1.0, 0.0, -2.0, {"partly": lambda n: n["x"] > -1.5}, ("in part", "no", "unphysical")),
        (np.nan, np.nan, np.nan, {}, ("no", "no", "not reproducible")),
    ],
)
def test_two_verdicts_and_a_kind(printed, near, right, more, verdicts):
    row = positive({"printed": printed, "near": near, "right": right}, **more)
    found = judge(row, ("printed", "near", "right"))
    assert (found.reproduced, found.physical, found.kind) == verdicts
    assert found.printed == f"{spoken('{x}', x=printed)}; near: {spoken('{x}', x=near)}"


def test_no_numbers_never_pass_whatever_the_condition():
    """A negation is true of NaN, too; a statement measured as nothing is not borne out."""
    row = Statement(
        "x is not above 1",
        "",
        lambda reading: {"x": np.full(3, np.nan)},
        lambda n: ~(n["x"] > 1),
        "{x}",
        "",
    )
    found = judge(row, ("printed", "consistent"))
    assert (found.reproduced, found.physical) == ("no", "no")


@pytest.mark.parametrize(("key", "row"), QUICK, ids=lambda x: getattr(x, "claim", x)[:40])
def test_a_claim_of_a_paper_never_passes_on_nan(key, row):
    """Everything real that was measured gone, what was counted and asked for still there."""
    _, readings = import_module(f"qcascade.papers.{key}").claims.args
    readings = tuple(readings)
    measured = row.measure(readings[-1])
    gone = {
        name: np.asarray(x) * np.nan if np.asarray(x).dtype.kind == "f" else x
        for name, x in measured.items()
    }
    missing = judge(row._replace(measure=lambda _: gone), readings)
    assert missing.reproduced == "no"
    assert missing.physical in ("no", "not concerned")


@pytest.mark.parametrize(
    ("values", "rises"),
    [
        ([1.0, 2.0, 3.0], True),
        ([1.0, 2.0, np.nan], True),
        ([1.0, 3.0, 2.0], False),
        ([1.0, 1.0], False),
        ([1.0, np.nan, 2.0], False),  # stable again: not "until"
        ([np.nan, 1.0, 2.0], False),
        ([0.034, np.nan, np.nan, np.nan], False),  # one number neither rises nor falls
        ([np.nan, np.nan], False),
        ([], False),
    ],
)
def test_values_rise_only_where_there_are_two_of_them(values, rises):
    assert rising(values) is rises
    assert falling([-x for x in values]) is rises


def test_the_largest_of_nothing_is_nothing():
    assert np.isnan(largest([np.nan, np.nan]))
    assert largest([[1.0, np.nan], [3.0, 2.0]]) == 3.0


def test_what_is_everywhere_alike_has_no_peak_and_no_root():
    assert peak([0.0, np.nan, 0.0], [1.0, 2.0, 3.0])[0] == 0.0
    assert np.isnan(peak([0.0, np.nan, 0.0], [1.0, 2.0, 3.0])[1])
    assert np.isnan(peak([np.nan, np.nan], [1.0, 2.0])).all()
    assert peak([np.nan, 2.0], [1.0, 3.0]) == (2.0, 3.0)
    for function in (lambda x: 1.0, lambda x: np.nan, lambda x: np.nan if x == 2 else -1.0):
        assert np.isnan(root(function, 0.0, 2.0, 1e-9))


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{x:.3f}", {"x": -1e-9}, "0.000"),
        ("{x:.1e}", {"x": -1e-9}, "-1.0e-09"),
        ("{x:.2f}", {"x": np.array([1.0, np.nan])}, "1.00, none"),
        ("{x:.2f}", {"x": np.array([np.nan, np.nan])}, "none"),
        ("{a[x][1]:.0%}", {"a": {"x": [0.1, 0.25]}}, "25%"),
        ("{x:+.2f}", {"x": np.float64(-0.001)}, "0.00"),
    ],
)
def test_numbers_in_words(template, values, text):
    assert spoken(template, **values) == text


# ---- one sign turned in each paper, and the verdicts follow ----


def verdicts(rows, readings):
    return {row.claim: judge(row, readings)[4:7] for row in rows}


def named(rows, *starts):
    found = [row for row in rows if row.claim.startswith(starts)]
    assert len(found) == len(starts)
    return found


def test_pelka2026_with_hopping_the_other_way(monkeypatch):
    """iJ → −iJ turns the chain around: what was zero is not, and what was not is."""
    model = import_module("qcascade.papers.pelka2026.model")
    rows = named(pelka2026.STATEMENTS, "Backward, E_N(0,9)", "Forward, nonzero")
    readings = ("printed", "one-way")
    before = verdicts(rows, readings)
    assert list(before.values()) == [("no", "yes", "printing slip"), ("yes", "yes", "agrees")]
    right = model._chain

    def turned(at, frequency):
        nodes, couplings = right(at, frequency)
        for l in range(1, at.length):
            couplings[f"hop{l}"] = qc.hopping(f"{l}.a", f"{l + 1}.a", -0.5j * at.gamma)
        return nodes, couplings

    monkeypatch.setattr(model, "_chain", turned)
    after = verdicts(rows, readings)
    assert list(after.values()) == [
        ("no", "no", "not reproducible"),
        ("yes", "no", "unphysical"),  # as printed a quarter of γ still goes that way
    ]


def test_jiao2020_with_the_sagnac_shift_of_the_other_side(monkeypatch):
    model = import_module("qcascade.papers.jiao2020.model")
    rows = named(jiao2020.STATEMENTS, "Spinning shifts the peak", "At rest, backscattering")
    readings = ("printed", "lindblad")
    assert list(verdicts(rows, readings).values()) == [("yes", "yes", "agrees")] * 2
    right = model.sagnac
    monkeypatch.setattr(model, "sagnac", lambda spin: -right(spin))
    assert list(verdicts(rows, readings).values()) == [
        ("no", "no", "not reproducible"),
        ("yes", "yes", "agrees"),  # nothing spins there
    ]


def test_liu2024_with_the_pumps_exchanged(monkeypatch):
    """The one-way link breaks the symmetry Δθ → −Δθ, so that nothing is borne out in part."""
    claims = import_module("qcascade.papers.liu2024.claims")
    rows = named(liu2024.STATEMENTS, "From Δθ", "The noises of all")
    readings = ("printed", "one-way", "consistent")
    before = list(verdicts(rows, readings).values())
    assert before == [("in part", "no", "unphysical"), ("yes", "no", "unphysical")]
    right = claims.point

    def exchanged(**named):
        return right(**{**named, "phase_difference": -named.get("phase_difference", 0.25)})

    monkeypatch.setattr(claims, "point", exchanged)
    after = list(verdicts(rows, readings).values())
    assert after == [("no", "no", "not reproducible"), before[1]]


def test_jiao2022_with_the_sagnac_shift_of_the_other_side(monkeypatch):
    rows = named(jiao2022.STATEMENTS, "Spinning the left one entangles", "E_N is greatest for χ")
    readings = ("printed", "consistent")
    before = list(verdicts(rows, readings).values())
    assert before == [("yes", "no", "unphysical")] * 2
    right = qc.physics.sagnac_shift
    monkeypatch.setattr(qc.physics, "sagnac_shift", lambda *at: -right(*at))
    after = list(verdicts(rows, readings).values())
    assert after == [("no", "no", "not reproducible"), before[1]]


def test_agusti2023_with_the_other_sign_of_the_angle(monkeypatch):
    claims = import_module("qcascade.papers.agusti2023.claims")
    rows = named(STATES, "U with tan θ", "Volume law")
    readings = ("printed", "consistent")
    before = list(verdicts(rows, readings).values())
    assert before == [("no", "yes", "printing slip"), ("yes", "yes", "agrees")]
    monkeypatch.setattr(claims, "SIGNS", {"printed": -1.0, "consistent": 1.0})
    after = list(verdicts(rows, readings).values())
    assert after == [("yes", "no", "unphysical"), before[1]]


def test_every_row_has_words_of_the_three_columns():
    for key in ("pelka2026", "liu2024", "jiao2022"):
        for row in claims_of(key):
            assert row.reproduced in REPRODUCED
            assert row.physical in PHYSICAL
            assert row.kind in KINDS
            assert "{" not in row.why.replace("{R, R}", "")
            assert row.why


def test_the_right_driven_resonator_goes_to_a_limit_cycle():
    """Eqs. (3) of jiao2020 without noise, integrated here by themselves."""
    mean = import_module("qcascade.papers.jiao2020.model").photons_on_the_cycle(0.27, 8e3, 400.0)
    assert mean == pytest.approx(classical_mean(400.0), rel=0.02)


def classical_mean(time):
    from scipy.integrate import solve_ivp

    from qcascade.papers.jiao2020.model import (
        COUPLING,
        DAMPING,
        DECAY,
        LIGHT,
        MOTION,
        sagnac,
        working_point,
    )

    start = working_point(0.27, 8e3, "right")
    epsilon = np.sqrt(2 * DECAY) * qc.physics.drive_amplitude(20e-3, LIGHT) / MOTION
    push, k, loss = (COUPLING / MOTION * epsilon) ** 2, DECAY / MOTION, DAMPING / MOTION
    u = 0.27 - float(sagnac(8e3)) / MOTION

    def rates(_, y):
        re, im, s, p = y
        photons = re * re + im * im
        return 1 - k * re + (u - s) * im, -k * im - (u - s) * re, p, push * photons - s - loss * p

    field = start.driven / epsilon
    first = [field.real, field.imag, COUPLING / MOTION * start.position * 1.001, 0.0]
    times = np.linspace(time / 2, time, int(20 * time))
    y = solve_ivp(rates, (0, time), first, "DOP853", times, rtol=1e-7, atol=1e-9).y
    return float(np.mean(y[0] ** 2 + y[1] ** 2) * epsilon**2)
