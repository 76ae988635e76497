"""The explorer plays a file with a section `time`: the library's run, at the file's own times."""

from pathlib import Path

import numpy as np
import pytest

import qcascade as qc
from qcascade.explore import answers, export, films, goals, page, point, sliding, systems
from qcascade.netlist.at_time import measured_at
from qcascade.netlist.load import load

EXAMPLES = Path(__file__).parents[1] / "examples"

SWITCHED = """
[parameters]
n = 3.0
kappa = 1.0
[parts.m]
part = "squeezed_mode"
drive = "0.2*step(t - 1)"
decay = "kappa"
[time]
from = 0
to = 2
points = 5
breaks = [1.0]
thermal = { "m" = "n" }
[measures.quanta]
measure = "occupation"
mode = "m"
"""

CYCLE = """
[parameters]
g = 0.1
[parts.m]
part = "squeezed_mode"
drive = "g*(1 + cos(t))"
decay = 1.0
[time]
period = "2*pi"
points = 8
[measures.mu]
measure = "purity"
"""

MASTER = """
[parameters]
decay = "1 kHz"
[parts.q]
part = "qubit"
decay = "decay"
[time]
from = "0 ms"
to = "0.2 ms"
points = 5
quanta = { q = 1 }
[measures.excited]
measure = "occupation"
mode = "q"
"""


def opened(text):
    chosen = systems.study_of(text)
    setting = systems.options(chosen)
    return chosen, setting, systems.defaults(chosen, setting)


def first(chosen, setting, values):
    return answers.computed(chosen, setting, values, *page.first_view(chosen, setting))


def test_a_run_is_seen_over_its_own_times():
    chosen, setting, values = opened(SWITCHED)
    found = first(chosen, setting, values)
    assert found.sentence == ""
    assert np.array_equal(found.data.t, [0, 0.5, 1, 1.5, 2])
    early = found.data.quanta.values[:3]  # before the drive is switched on
    np.testing.assert_allclose(early, 3 * np.exp(-found.data.t.values[:3]), rtol=1e-7)
    late = point.look(chosen, setting, {**values, "t": 2.0})
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
    start = qc.GaussianState(("a",), cov=(3 * np.exp(-1) + 0.5) * np.eye(2))
    exact = qc.evolve(model, start, [0.0, 1.0])
    np.testing.assert_allclose(late.state.cov, exact.cov[-1], rtol=1e-7)
    assert late.numbers["quanta"] == pytest.approx(found.data.quanta.values[-1])
    assert late.stable.good is None
    assert late.physical.good
    hot = point.look(chosen, setting, {**values, "n": 5.0, "t": 1.0})
    assert hot.numbers["quanta"] == pytest.approx(5 * np.exp(-1))


def test_a_cycle_is_seen_over_its_phases():
    chosen, setting, values = opened(CYCLE)
    found = first(chosen, setting, values)
    assert found.data.t.attrs["units"] == "T"
    assert np.allclose(found.data.t, np.arange(8) / 8)
    state = qc.periodic_state(
        lambda t: qc.gaussian(qc.squeezed_mode(0.1 * (1 + np.cos(t)), decay=1.0)),
        2 * np.pi,
        points=8,
    )
    np.testing.assert_allclose(found.data.mu, qc.measures.purity(state), rtol=1e-9)
    here = point.look(chosen, setting, {**values, "t": 0.25})
    np.testing.assert_allclose(here.state.cov, state.cov[2], rtol=1e-9)
    assert here.stable == (True, "periodic", here.stable.sentence)
    wild = point.look(chosen, setting, {**values, "g": 0.6})
    assert wild.stable.good is False
    assert np.isnan(wild.numbers["mu"])
    assert films.film(chosen, setting, {**values, "g": 0.6}, "mu") is None
    assert "no steady state" in first(chosen, setting, {**values, "g": 0.6}).sentence


@pytest.mark.needs("plotly")
def test_a_film_has_a_dot_on_the_curve_and_the_covariance_of_that_time():
    chosen, setting, values = opened(CYCLE)
    film = films.film(chosen, setting, values, "mu")
    data = first(chosen, setting, values).data
    assert len(film.frames) == len(film.layout.sliders[0].steps) == 8
    for k, frame in enumerate(film.frames):
        dot, squares = frame.data
        assert dot.x[0] == pytest.approx(data.t.values[k])
        assert dot.y[0] == pytest.approx(data.mu.values[k])
        state = point.look(chosen, setting, {**values, "t": float(data.t[k])}).state
        assert np.allclose(np.reshape(squares.marker.color, (2, 2)), state.cov, atol=1e-6)
    assert film.layout.sliders[0].steps[2].label == "0.25 T"
    assert film.layout.xaxis.title.text == "t [T]"
    assert films.film(*opened((EXAMPLES / "cascade.toml").read_text()), "E_N") is None


@pytest.mark.needs("plotly")
def test_a_master_equation_is_seen_by_its_measures():
    chosen, setting, values = opened(MASTER)
    data = first(chosen, setting, values).data
    assert data.t.attrs["units"] == "ms"
    np.testing.assert_allclose(data.excited, np.exp(-2 * np.pi * data.t), rtol=1e-7)
    here = point.look(chosen, setting, {**values, "t": 0.1})
    assert here.numbers["excited"] == pytest.approx(np.exp(-0.2 * np.pi), rel=1e-7)
    assert here.state is None
    assert systems.modes_of(chosen, setting) == ()
    film = films.film(chosen, setting, values, "excited")
    assert len(film.data) == 2
    assert len(film.frames[1].data) == 1


@pytest.mark.needs("marimo")
def test_the_time_is_a_slider_with_the_file_s_stops_and_moves_in_no_search():
    import marimo as mo

    chosen, setting, _ = opened(SWITCHED)
    made = sliding.sliders(mo, chosen, setting, {})
    assert made["t"].steps == [0, 0.5, 1, 1.5, 2]
    assert "data-debounce='true'" in made["n"].text
    assert "data-debounce='false'" in made["t"].text
    assert list(goals.movable(chosen, setting)) == ["n", "kappa"]
    over, _ = page.first_view(chosen, setting)
    assert page.range_controls(mo, chosen, setting, over) == {}


def test_the_script_of_a_run_computes_what_is_shown(tmp_path, monkeypatch):
    chosen, setting, values = opened(SWITCHED)
    found = first(chosen, setting, values)
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "script"}
    exec(compile(export.script(found.view), "script", "exec"), space)
    np.testing.assert_array_equal(space["data"].quanta, found.data.quanta)
    np.testing.assert_array_equal(space["data"].t, found.data.t)


def test_between_the_times_of_a_file_there_are_no_numbers():
    with pytest.raises(qc.ArgumentError, match="`t` must be one of the file's times"):
        measured_at(load(SWITCHED), {}, {"t": 0.7})
    with pytest.raises(qc.ArgumentError, match="`time` must be a section of the file"):
        measured_at(load('[parts.m]\npart = "cavity"\ndecay = 1.0'), {}, {"t": 0.0})
