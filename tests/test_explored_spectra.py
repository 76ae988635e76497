"""The explorer's views of what leaves a linear network from a file: the library's numbers."""

import numpy as np
import pytest

import qcascade as qc
from qcascade.explore import export, page, point, shown, systems
from qcascade.papers import spectra

FILE = """
[parameters]
xi = 0.2
[parts.o]
part = "pair_source"
gain = "xi"
decay = [1.0, 1.0]
"""


def view(study, setting, quantity, axis, low, high, points=12, **values):
    given = {**systems.defaults(study, setting), **values}
    return shown.View(study, setting, given, (shown.Swept(axis, low, high, points),), quantity)


def of(name):
    study = systems.study_of(FILE)
    return study, {**systems.options(study), "view": name}


def test_a_file_is_first_seen_from_inside_as_ever():
    study = systems.study_of(FILE)
    setting = systems.options(study)
    assert setting == {"view": "inside"}
    assert [p.name for p in study.system.parameters(setting)] == ["xi"]
    assert set(study.system.quantities(setting)) == {
        "E_N_o_a_o_b",
        "n_o_a",
        "n_o_b",
        "purity_of_all",
    }
    found = study.system.point(**systems.arguments(study, setting, {"xi": 0.2}))
    assert set(found) == {"stable", *study.system.quantities(setting)}


def test_sidebands_of_a_pair_source_are_the_closed_form():
    """E_N(ω) = ln[((κ/2 + g)² + ω²)/((κ/2 − g)² + ω²)] between its outputs."""
    study, setting = of("sidebands")
    names = list(study.system.quantities(setting))
    assert names == ["E_N_o_out_a_o_out_a", "E_N_o_out_a_o_out_b", "E_N_o_out_b_o_out_b"]
    first = study.system.parameters(setting)[0]
    assert first.name == "frequency"
    assert 0 < first.low < first.default < first.high
    data = shown.compute(view(study, setting, names[1], "frequency", 0.1, 2.0))
    omega = data.frequency.values
    exact = np.log((0.7**2 + omega**2) / (0.3**2 + omega**2))
    np.testing.assert_allclose(data[names[1]], exact, rtol=1e-9)
    swept = shown.compute(view(study, setting, names[1], "xi", 0.05, 0.45, frequency=0.3))
    exact = np.log(((0.5 + swept.xi) ** 2 + 0.09) / ((0.5 - swept.xi) ** 2 + 0.09))
    np.testing.assert_allclose(swept[names[1]], exact, rtol=1e-9)


def test_spectra_are_those_of_the_library_and_of_the_exported_script(tmp_path, monkeypatch):
    study, setting = of("spectrum")
    model = qc.gaussian(qc.from_toml(FILE))
    monkeypatch.chdir(tmp_path)
    for name, verb in (
        ("noise_p_o_out_a", lambda x: qc.decibel(qc.quadrature_spectrum(model, "o.out_a", x))),
        ("photons_o_out_b", lambda x: qc.emission_spectrum(model, "o.out_b", x)),
    ):
        chosen = view(study, setting, name, "frequency", -2.0, 2.0)
        data = shown.compute(chosen)
        np.testing.assert_allclose(data[name], verb(data.frequency.values), rtol=1e-9)
        space = {"__name__": "script"}
        exec(compile(export.script(chosen), "script", "exec"), space)
        np.testing.assert_array_equal(space["data"][name], data[name])
    here = point.look(study, setting, systems.defaults(study, setting))
    assert set(here.numbers) == set(study.system.quantities(setting))
    assert here.stable.good


def test_a_script_of_what_is_inside_knows_no_frequency():
    study = systems.study_of(FILE)
    setting = systems.options(study)
    chosen = view(study, setting, "n_o_a", "xi", 0.1, 0.4)
    space = {"__name__": "script"}
    exec(compile(export.script(chosen), "script", "exec"), space)
    np.testing.assert_array_equal(space["data"].n_o_a, shown.compute(chosen).n_o_a)


def test_where_nothing_is_steady_the_views_hold_nan():
    study, setting = of("spectrum")
    here = point.look(study, setting, {**systems.defaults(study, setting), "xi": 0.7})
    assert not here.stable.good
    assert all(np.isnan(x) for x in here.numbers.values())


def test_frequencies_reach_what_happens_in_the_unit_of_the_rates():
    bare = spectra.frequencies(systems.study_of(FILE).netlist)
    assert bare.unit == "1"
    assert bare.values[-1] > 0.5
    fast = '[parts.c]\npart = "cavity"\ndetuning = "7 MHz"\ndecay = "1 MHz"\n'
    study = systems.study_of(fast)
    setting = {"view": "spectrum"}
    axis = study.system.parameters(setting)[0]
    assert axis.unit == "MHz"
    assert axis.low < -7 < 7 < axis.high < 20
    over, ends = page.first_view(study, setting)
    assert over["x"] == "frequency"
    assert (ends["x_from"], ends["x_to"]) == (axis.low, axis.high)
    warm = systems.study_of(fast + "occupation = 1.0\n")
    data = shown.compute(view(warm, setting, "noise_x_c_out", "frequency", -8.0, 8.0, 3))
    assert np.allclose(data.noise_x_c_out, 10 * np.log10(3))  # all that comes out was in it


@pytest.mark.parametrize(
    "text",
    [
        '[parts.q]\npart = "qubit"\ndecay = 1.0\n',
        "[matrices]\nA = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\n",
        '[parameters]\nfrequency = 1.0\n[parts.c]\npart = "cavity"\ndecay = "frequency"\n',
    ],
)
def test_what_has_no_linear_outputs_has_no_such_views(text):
    assert systems.options(systems.study_of(text)) == {}


def of_paper(key, name, **more):
    study = systems.study(key)
    setting = {**systems.options(study), "view": name, **more}
    over, _ = page.first_view(study, setting)
    axis = study.system.parameters(setting)[0]
    return study, setting, view(study, setting, over["quantity"], over["x"], axis.low, axis.high, 5)


def test_sidebands_of_a_paper_are_those_of_its_model(tmp_path, monkeypatch):
    from qcascade.papers import jiao2022

    _, setting, shows = of_paper("jiao2022", "sidebands")
    assert shows.quantity == "E_N_left_out_lost_left_out_lost"
    data = shown.compute(shows)
    assert data.frequency.attrs["units"] == "MHz"
    omega = 2 * np.pi * 1e6 * data.frequency.values
    sides = qc.sidebands(jiao2022.SYSTEM.model(), omega)
    exact = qc.log_negativity(sides, "left.out_lost+", "left.out_lost-")
    np.testing.assert_allclose(data[shows.quantity], exact, rtol=1e-9)
    assert data[shows.quantity].max() > 0.01
    assert "view" not in shows.study.system.fixed(setting)
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "script"}
    exec(compile(export.script(shows), "script", "exec"), space)
    np.testing.assert_array_equal(space["data"][shows.quantity], data[shows.quantity])


def test_the_read_out_of_jiao2020_is_the_light_that_leaves():
    """Of the reading that has ports; the printed noise is a matrix, and a sentence says so."""
    from qcascade.explore import answers, lamps
    from qcascade.papers import jiao2020

    study, setting, shows = of_paper("jiao2020", "spectrum", noise="lindblad")
    data = shown.compute(shows)
    model = study.system.model(noise="lindblad")
    omega = 2 * np.pi * 1e6 * data.frequency.values
    spectrum = qc.decibel(qc.quadrature_spectrum(model, "resonator.out", omega))
    np.testing.assert_allclose(data.noise_x_resonator_out, spectrum, rtol=1e-9)
    printed = {**setting, "noise": "printed"}
    here = systems.defaults(study, printed)
    found = answers.computed(study, printed, here, *page.first_view(study, printed))
    assert "knows of no ports" in found.sentence
    assert lamps.looked(study, printed, here)[0] is None
    assert jiao2020.point()["E_N"] > 0


def test_a_paper_in_units_of_a_frequency_has_its_spectra_in_them():
    _, setting, shows = of_paper("pelka2026", "spectrum", length=2)
    data = shown.compute(shows)
    assert data.frequency.attrs["units"] == "ω"
    swept = shows.study.system.parameters(setting)
    assert [p.name for p in swept][:2] == ["frequency", "hopping"]
    beyond = shown.compute(
        view(shows.study, setting, shows.quantity, "squeezing", 0.1, 0.9, 5, frequency=0.3)
    )
    assert beyond.stable.values[0]
    assert not beyond.stable.values[-1]
    assert np.isnan(beyond[shows.quantity].values[-1])


def test_master_equations_have_no_such_views():
    assert "view" not in systems.options(systems.study("agusti2023"))
