"""The explorer's slopes and its search: the library's numbers, in the units of the sliders."""

from pathlib import Path

import numpy as np
import pytest

import qcascade as qc
from qcascade.explore import goals, improving, limits, sliding, systems
from qcascade.inverse.sensitivities import sensitivity_by
from qcascade.inverse.slopes import differences

EXAMPLES = Path(__file__).parents[1] / "examples"

PAIRS = """
[parameters]
gain = 0.1
decay = 1.0
idle = 0.3
[parts.s]
part = "pair_source"
gain = "gain"
[parts.m]
part = "cavity"
decay = "decay"
[parts.far]
part = "cavity"
detuning = "idle"
decay = 1.0
"""
WIRED = 'wires = [["s.out_a", "m.in"]]\n' + PAIRS


def opened(text):
    chosen = systems.study_of(text)
    setting = systems.options(chosen)
    return chosen, setting, systems.defaults(chosen, setting)


def test_margins_come_first_where_e_n_is_asked_for():
    chosen, setting, _ = opened(WIRED)
    names = list(goals.goals(chosen, setting))
    assert names[0] == "margin_of_E_N_s_a_s_b"
    assert "purity_of_all" in names
    chosen, setting, _ = opened(EXAMPLES.joinpath("design.toml").read_text())
    assert next(iter(goals.goals(chosen, setting))) == "margin"  # its own


def test_slopes_are_those_of_sensitivity():
    chosen, setting, values = opened(WIRED)
    name = "margin_of_E_N_s_b_m"
    found = limits.limiting(chosen, setting, values, name).slopes

    def point(gain, decay):
        parts = {"s": qc.pair_source(gain), "m": qc.cavity(decay=decay)}
        state = qc.steady_state(qc.gaussian(qc.Network(parts, [("s.out_a", "m.in")])))
        return {"margin": qc.margin(state, "s.b", "m.a")}

    exact = sensitivity_by(differences, point, {"gain": 0.1, "decay": 1.0})
    assert exact.by == found.by == "differences"
    for key in ("gain", "decay"):
        assert found.elasticities[key] == pytest.approx(exact.elasticities[key], rel=1e-7)
    assert found.elasticities["idle"] == pytest.approx(0, abs=1e-9)
    assert found.elasticities["gain"] > 0


def test_slopes_are_in_the_units_of_the_sliders():
    """A slider in mK has the slope per mK, and the elasticity has no unit."""
    chosen = systems.study("jiao2022")
    setting = {**systems.options(chosen), "noise": "printed"}
    values = systems.defaults(chosen, setting)
    found = limits.limiting(chosen, setting, values, "margin").slopes
    from qcascade.papers import jiao2022

    kelvin = np.array([0.0999, 0.1001])
    up = np.diff(jiao2022.point(temperature=kelvin, noise="printed")["margin"])[0] / 0.2
    assert found.slopes["temperature"] == pytest.approx(up, rel=1e-3)  # per mK
    assert found.elasticities["temperature"] == pytest.approx(100 * up, rel=1e-3)
    assert "spin_left" in found.absolute


def test_where_nothing_changes_or_nothing_is_steady_a_sentence_says_so():
    chosen, setting, values = opened(WIRED)
    low = limits.limiting(chosen, setting, values, "E_N_s_a_far")
    assert low.sentence.endswith("here and around: it does not change with any slider.")
    none = limits.limiting(chosen, setting, {**values, "gain": 3.0}, "E_N_s_a_s_b")
    assert none.slopes is None
    assert "no slopes where there is no steady state" in none.sentence
    assert limits.bars(none) is None
    assert limits.style(none, {}) == ""
    assert limits.limiting(None, {}, {}, None) == limits.NOTHING


def test_a_slow_master_equation_says_how_long_it_would_take(monkeypatch):
    chosen, setting, values = opened(
        '[parameters]\ng = 0.2\n[parts.q]\npart = "qubit"\ndecay = "g"\n'
        '[measures.mu]\nmeasure = "purity"\n'
    )
    monkeypatch.setattr(limits, "PATIENCE", np.inf)  # however busy the machine is
    assert limits.limiting(chosen, setting, values, "mu").slopes is not None
    monkeypatch.setattr(limits, "PATIENCE", 0.0)
    monkeypatch.setattr(improving, "PATIENCE", 0.0)
    told = limits.limiting(chosen, setting, values, "mu").sentence
    assert told.startswith("Slopes by every slider take 36 states or runs one by one")
    found = improving.improve(chosen, setting, values, "mu", ["g"], lambda line: None)
    assert found.values is None
    assert "`qcascade design`" in found.told[0]


@pytest.mark.needs("plotly")
def test_bars_have_the_largest_on_top_and_red_where_the_goal_rises():
    chosen, setting, values = opened(WIRED)
    found = limits.limiting(chosen, setting, values, "margin_of_E_N_s_b_m")
    figure = limits.bars(found)
    bar, layout = figure.data[0], figure.layout
    assert layout.yaxis.ticktext[0] == "gain"
    assert layout.yaxis.autorange == "reversed"
    assert bar.x[0] == pytest.approx(found.slopes.elasticities["gain"])
    assert bar.marker.color[0] == limits.colour(1.0)
    assert layout.xaxis.title.text == "d margin / d ln x [nat]"


def test_the_diagram_is_coloured_where_a_parameter_enters():
    chosen, setting, values = opened(WIRED)
    parts = limits.entered(chosen, setting)
    assert parts == {"gain": {"qc-part-0"}, "decay": {"qc-part-1"}, "idle": {"qc-part-2"}}
    found = limits.limiting(chosen, setting, values, "margin_of_E_N_s_b_m")
    css = limits.style(found, parts)
    assert f'[id="qc-part-0"] use {{ fill: {limits.colour(1.0)} !important; }}' in css
    assert "qc-part-2" not in css  # which decides nothing
    from qcascade.explore import diagrams

    drawn = diagrams.diagram_html(diagrams.planned(chosen, setting, values), "")
    assert drawn.count('id="qc-part-') == 3
    paper = systems.study("pelka2026")
    entered = limits.entered(paper, systems.options(paper))
    assert any(key.startswith("qc-link") for key in entered["gamma"])
    assert "qc-part-0" in entered["squeezing"]


def test_improving_ends_where_design_does_and_leaves_what_does_not_matter():
    chosen, setting, values = opened(WIRED)
    name, lines = "margin_of_E_N_s_b_m", []
    moving = ["gain", "decay", "idle"]
    found = improving.improve(chosen, setting, values, name, moving, lines.append)
    assert found.values["gain"] == 0.2  # the end of its slider
    assert found.values["idle"] == 0.3

    def value(gain, decay):
        parts = {"s": qc.pair_source(gain), "m": qc.cavity(decay=decay)}
        state = qc.steady_state(qc.gaussian(qc.Network(parts, [("s.out_a", "m.in")])))
        return qc.margin(state, "s.b", "m.a")

    decays = np.linspace(0.01, 1.0, 400)  # the slider's
    best = float(np.max(value(np.full(400, 0.2), decays)))
    reached = float(value(0.2, found.values["decay"]))
    assert best - 1e-6 <= reached <= best + 1e-4
    before = float(value(0.1, 1.0))
    assert found.told[0].endswith(f"{before:.6g} nat → {reached:.6g} nat")
    assert found.told[1].startswith("Held back by: gain = 0.2")
    assert "Distance from threshold: the slowest motion decays at" in found.told[2]
    assert any("best" in line for line in lines)
    still = improving.improve(chosen, setting, values, name, ["idle"], lines.append)
    assert still.values is None
    assert still.told[0].startswith("Nothing larger than")


def test_improving_to_smaller_values_cools():
    """The pair source holds n = 2g²/(1 − 4g²) quanta: none without a gain."""
    text = WIRED + '[measures.n]\nmeasure = "occupation"\nmode = "s.b"\n'
    chosen, setting, values = opened(text)
    found = improving.improve(chosen, setting, values, "n", ["gain"], lambda line: None, True)
    assert found.values == {**values, "gain": 0.0}
    assert found.told[0].endswith(f"{0.02 / 0.96:.6g} quanta → 0 quanta")
    there = {**values, **found.values}
    again = improving.improve(chosen, setting, there, "n", ["gain"], lambda line: None, True)
    assert again.told[0].startswith("Nothing smaller than")


@pytest.mark.needs("marimo")
def test_a_slider_can_stand_between_its_stops():
    import marimo as mo

    chosen, setting, _ = opened(WIRED)
    moved = {(chosen.key, "gain"): 0.123456}
    made = sliding.sliders(mo, chosen, setting, moved)
    assert made["gain"].value == 0.123456
    assert made["decay"].step == 0.005  # as ever
    assert sliding.fresh(mo, [made["gain"]], 1)[0].text.startswith("<section>")
