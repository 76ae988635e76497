"""Network files that ask for a design: the numbers of `qc.design`, units, limits, and refusals."""

import json

import numpy as np
import pytest
import scipy.stats
import xarray as xr
from numpy.testing import assert_allclose
from typer.testing import CliRunner

import qcascade as qc
from qcascade.base.checks import ArgumentError
from qcascade.cli import app
from qcascade.netlist.designed import design_netlist, sensitivity_netlist, tolerance_netlist
from qcascade.netlist.load import load

SOURCE = """
[parameters]
gain = "0.1 kHz"
decay = "1 kHz"
[parts.s]
part = "pair_source"
gain = "gain"
decay = ["decay", "decay"]
[measures.margin]
measure = "margin"
a = "s.a"
b = "s.b"
[measures.quanta]
measure = "occupation"
mode = "s.a"
"""
GAIN = '[design]\nruns = 1\nover.gain = ["0.01 kHz", "2 kHz"]\n'


def best(text):
    return design_netlist(load(text), progress=False)


def test_a_source_is_designed_up_to_the_growth_rate_that_was_allowed():
    """Of the source alone the margin is ln(1 + 2g/κ), and Re λ = g − κ/2."""
    found = best(SOURCE + GAIN + 'where.growth = ["<=", "-0.1 kHz"]')
    rate = 2 * np.pi * 1e3
    assert_allclose(found.at["gain"], 0.4 * rate, rtol=1e-6)
    assert_allclose(found.value, np.log(1.8), rtol=1e-6)
    assert_allclose(found.growth, -0.1 * rate, rtol=1e-6)
    assert found.active == ("distance from threshold",)


def test_a_limit_on_a_measure_is_kept():
    """The source holds n = 2g²/(κ² − 4g²) quanta in each mode."""
    found = best(SOURCE + GAIN + 'where.quanta = ["<=", 0.1]')
    assert_allclose(found.at["gain"] / (2e3 * np.pi), np.sqrt(0.1 / 2.4), rtol=1e-5)
    assert found.active == ("quanta ≤ 0.1",)


def test_of_several_measures_the_smallest_is_made_large():
    """Both rise with g/κ, which a decay of κ/2 − g ≥ 0.1 holds to 0.7/1.5."""
    text = SOURCE.replace('"0.1 kHz"', "0.1").replace('"1 kHz"', "1.0")
    text += '[design]\nmaximise = ["margin", "quanta"]\nruns = 1\nwhere.growth = ["<=", -0.1]\n'
    found = best(text + 'over.gain = [1e-3, 2.0, "log"]\nover.decay = [1.0, 3.0]\n')
    assert_allclose([found.at["gain"], found.at["decay"]], [1.4, 3.0], rtol=1e-6)
    expected = {"margin": np.log(1 + 2.8 / 3), "quanta": 2 * 1.4**2 / (9 - 4 * 1.4**2)}
    assert found.values == pytest.approx(expected, rel=1e-6)
    assert found.value == found.values["margin"]


def test_of_several_measures_to_be_small_the_largest_is_made_small():
    """What leaves a squeezer has S = ½((1 − x)/(1 + x))² at its centre, for x = 2g/κ."""
    text = """
[parameters]
drive = "0.01 kHz"
[parts.m]
part = "squeezed_mode"
drive = "drive"
decay = "1 kHz"
[measures.noise]
measure = "quadrature_spectrum"
port = "m.out"
angle = "90 deg"
frequency = "0 Hz"
[measures.quanta]
measure = "occupation"
mode = "m"
[design]
runs = 1
over.drive = ["1 Hz", "450 Hz"]
"""
    found = best(text + 'minimise = "noise"')
    assert found.small
    assert_allclose(found.value, 0.5 * (0.1 / 1.9) ** 2, rtol=1e-9)
    assert found.active == ("drive = 450 Hz",)
    both = best(text + 'minimise = ["noise", "quanta"]')
    x = both.at["drive"] / (500 * 2 * np.pi)
    expected = {"noise": ((1 - x) / (1 + x)) ** 2 / 2, "quanta": x**2 / (1 - x**2) / 2}
    assert both.values == pytest.approx(expected, rel=1e-6)
    assert both.values["noise"] == pytest.approx(both.values["quanta"], rel=1e-5)
    assert both.value == max(both.values.values())


def test_ends_of_ranges_and_tied_parameters_are_told_in_the_units_of_the_file():
    text = SOURCE.replace('["decay", "decay"]', '["decay", "second"]')
    text = text.replace("[parts.s]", 'second = "3 kHz"\n[parts.s]')
    text += '[design]\nruns = 1\nover.gain = ["10 Hz", "0.2 kHz"]\n'
    file = load(text + 'over.decay = ["1 kHz", "2 kHz"]\ntie.second = "decay"\n')
    found = design_netlist(file, progress=False)
    assert found.at["second"] == found.at["decay"] == pytest.approx(2e3 * np.pi)
    assert found.active == ("gain = 200 Hz", "decay = 1 kHz")
    rows = str(found).splitlines()
    assert rows[1:4] == ["  gain    200 Hz", "  decay   1 kHz", "  second  1 kHz"]
    assert rows[4] == "  held back by: gain = 200 Hz; decay = 1 kHz"


def test_a_phase_is_found_all_around_the_circle():
    """Two squeezers, one behind the other, help each other best at one phase of the link."""
    text = """
wires = [["a.out", "link.in"], ["link.out", "b.in"]]
[parameters]
phase = 0.0
[parts.a]
part = "squeezed_mode"
drive = 0.2
decay = 1.0
[parts.link]
part = "fibre"
phase = "phase"
[parts.b]
part = "squeezed_mode"
drive = 0.2
decay = 1.0
[measures.quanta]
measure = "occupation"
mode = "b"
"""
    found = best(text + '[design]\nmaximise = "quanta"\nruns = 1\nover.phase = "turn"')
    phases = np.linspace(-np.pi, np.pi, 721)
    file = load(text)
    state = file.steady_state({"phase": phases})
    quanta = qc.occupation(state, "b")
    assert quanta.max() > quanta.min() + 0.05
    assert quanta.max() <= found.value + 1e-9
    assert_allclose(found.value, quanta.max(), atol=1e-4)
    assert found.active == ()


def test_what_no_quantum_noise_produces_is_no_design():
    """V = D of a mode that decays at 1/2 in each quadrature is physical from 1/2 on."""
    text = """
[parameters]
d = 1.0
[matrices]
modes = ["m"]
A = [[-0.5, 0], [0, -0.5]]
D = [["d", 0], [0, "d"]]
[measures.purity]
measure = "purity"
mode = "m"
"""
    found = best(
        text.replace('mode = "m"\n', "") + "[design]\nmaximise = 'purity'\nruns = 1\n"
        "over.d = [0.1, 2.0]"
    )
    assert_allclose(found.value, 1, atol=1e-6)


def test_a_store_goes_on_with_more_runs_and_refuses_another_network(tmp_path):
    store = tmp_path / "runs.json"
    text = SOURCE + GAIN + 'where.growth = ["<=", "-0.1 kHz"]\n'
    first = design_netlist(load(text), store=store, progress=False)
    kept = store.read_bytes()
    again = design_netlist(load(text + "# the same\n"), store=store, progress=False)
    assert (again.at, again.runs) == (first.at, first.runs)
    assert store.read_bytes() == kept
    more = design_netlist(load(text.replace("runs = 1", "runs = 2")), store=store, progress=False)
    assert len(more.runs) == 2
    assert json.loads(store.read_text())["runs"][0] == json.loads(kept)["runs"][0]
    with pytest.raises(ArgumentError, match="`store` must be of the same design"):
        design_netlist(load(text), {"decay": "2 kHz"}, store, progress=False)


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("runs = 1", "`design.over` must give a range to one parameter or more"),
        ("overr.gain = [0, 1]", "`design` must be a table of: maximise, minimise, over"),
        (
            "over.gain = [0, 1]\nmaximise = 'margin'\nminimise = 'quanta'",
            "`design.minimise` must not be given together with `maximise`, but is 'quanta'",
        ),
        ("over.gain = [0, 1]\nminimise = 'quants'", "`design.minimise` must be among"),
        ("over.gian = [0, 1]", "`design.over` must be among the file's parameters: gain, decay"),
        ("over.gain = [0, 1]\nmaximise = 'margim'", "did you mean 'margin'?"),
        ("over.gain = [0, 1]\nmaximise = []", "`design.maximise` must name a measure"),
        ("over.gain = ['2 kHz', '1 kHz']", "In design.over.gain: Argument `high` must be above"),
        ("over.gain = [0, 1, 'log']", "In design.over.gain: Argument `low` must be above zero"),
        ("over.gain = [0, 1, 'lin']", "In design.over.gain: Argument `scale` must be one of"),
        ("over.gain = [1]", 'must be [low, high], [low, high, "log"] or "turn", but is [1]'),
        ("over.gain = [0, '1 kHz']", "In design.over.gain: Argument `high` must have a unit"),
        ("over.gain = ['1 kHz', '2 kg']", "design.over.gain"),
        ("over.gain = [0, 1]\nwhere.quant = ['<=', 1]", "must be among the file's measures"),
        ("over.gain = [0, 1]\nwhere.growth = ['<', 1]", "In design: Argument `where[growth]`"),
        ("over.gain = [0, 1]\ntie.decay = 'gian'", "`design.tie.decay` must be a parameter in"),
        ("over.gain = [0, 1]\ntie.gain = 'gain'", "`design.tie` must name parameters that are not"),
        ("over.gain = [0, 1]\nruns = 0", "`design.runs` must be a whole number"),
        ("over.gain = [0, 1]\nseed = -1", "`design.seed` must be a whole number"),
        ("over.gain = [0, 1]\ntolerance = -1", "In design: Argument `tolerance` must"),
        ("over.gain = [0, 1]\nstart = 3", "`start` must be a list"),
        ("over = 3", "`design.over` must be a table"),
    ],
)
def test_a_wrong_section_is_one_sentence_with_its_place(section, sentence):
    with pytest.raises(ArgumentError) as refusal:
        load(f"{SOURCE}[design]\n{section}\n")
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_spectra_are_no_goals():
    text = SOURCE + '[axes.frequency]\nfrom = "0 Hz"\nto = "1 kHz"\npoints = 3\n'
    text += '[measures.noise]\nmeasure = "decibel"\nport = "s.out_a"\n'
    with pytest.raises(ArgumentError, match="must name measures that are one number"):
        load(text + "[design]\nmaximise = 'noise'\nover.gain = [0, 1]")


def test_a_file_without_the_section_and_parameters_that_vary_are_refused():
    with pytest.raises(ArgumentError, match="`design` must be a section of the file"):
        best(SOURCE)
    with pytest.raises(ArgumentError, match="`gain` must be left to the file, which varies it"):
        design_netlist(load(SOURCE + GAIN), {"gain": 1.0}, progress=False)


@pytest.mark.slow
def test_sensitivities_of_a_file_are_those_of_the_closed_form():
    """d ln(1 + 2g/κ)/d ln g = 2g/(κ + 2g), and the opposite for κ: only their ratio matters."""
    found = sensitivity_netlist(load(SOURCE))
    assert (found.of, round(found.value, 9)) == ("margin", round(np.log(1.2), 9))
    assert_allclose(found.elasticities["gain"], 0.2 / 1.2, rtol=1e-6)
    assert_allclose(found.elasticities["decay"], -0.2 / 1.2, rtol=1e-6)


def test_a_sensitivity_of_what_a_file_does_not_have_is_refused():
    with pytest.raises(ArgumentError, match="`of` must be a measure of the file: margin, quanta"):
        sensitivity_netlist(load(SOURCE), of="quants")
    without = SOURCE[: SOURCE.index("[measures")]
    with pytest.raises(ArgumentError, match="`measures` must hold one that is a single number"):
        sensitivity_netlist(load(without))


def test_the_command_tells_the_record_and_writes_it_with_its_history(tmp_path):
    file = tmp_path / "source.toml"
    file.write_text(SOURCE + '[design]\nruns = 1\nover.gain = ["10 Hz", "0.2 kHz"]')
    words = ["design", str(file), "decay=2kHz", "--out", str(tmp_path / "new")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "held back by: gain = 200 Hz" in done.output
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {f"source-design.{x}" for x in ("json", "nc", "pdf", "png", "svg")}
    record = json.loads((tmp_path / "new/source-design.json").read_text(encoding="utf-8"))
    assert record["at"]["gain"] == pytest.approx(200)
    assert record["units"] == {"gain": "Hz"}
    assert record["value"] == pytest.approx(np.log(1.2), rel=1e-6)
    assert record["probability"] is None
    with xr.open_dataset(tmp_path / "new/source-design.nc", engine="h5netcdf") as data:
        assert data.best.dims == ("run", "step")
        assert float(data.best.max()) == pytest.approx(record["value"])
        assert json.loads(data.attrs["record"]) == record


def test_the_command_tells_which_parameter_limits(tmp_path):
    """n = 2g²/(κ² − 4g²), so dn/d ln g = 2n/(1 − 4g²/κ²) = −dn/d ln κ."""
    file = tmp_path / "source.toml"
    # Roots of parameters are not traced by JAX: differences take less time for one number.
    text = SOURCE.replace('"1 kHz"', '"2 kHz"').replace('"gain"', '"sqrt(gain * gain)"')
    file.write_text(text)
    words = ["sensitivity", str(file), "gain=0.4 kHz", "--of", "quanta"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    rows = done.output.splitlines()
    assert rows[0].startswith("Sensitivity of quanta = 0.095238095")
    assert {" ".join(row.split()[2:]) for row in rows[1:]} == {"0.4 kHz", "2 kHz"}
    found = {row.split()[0]: float(row.split()[1]) for row in rows[1:]}
    expected = 2 * 0.0952381 / 0.84
    assert found == pytest.approx({"gain": expected, "decay": -expected}, rel=1e-5)


def test_the_command_tells_how_far_parameters_may_be_off(tmp_path):
    """The source is stable below g = κ/2: ln(2g/κ) is normal, and its margin keeps half by far."""
    file = tmp_path / "source.toml"
    file.write_text(SOURCE)
    words = ["tolerance", str(file), "gain=0.47 kHz", "--samples", "2000", "--of", "margin"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    head, verdict, _, *rows = done.output.splitlines()
    assert head == f"Tolerance of margin = {np.log(1.94):.8g} in 2,000 samples, seed 0"
    stable = scipy.stats.norm.cdf(-np.log(0.94) / (0.05 * np.sqrt(2)))
    assert float(verdict.rpartition(" ")[2]) == pytest.approx(stable, abs=0.03)
    assert {row.split()[0]: row.split("%")[1].strip() for row in rows} == {
        "gain": "0.47 kHz (rate)",
        "decay": "1 kHz (rate)",
    }
    wider = CliRunner().invoke(app, [*words, "--spread", "2"])
    assert wider.exit_code != 0
    assert "`spread` must be a number between 0 and 1" in str(wider.exception)


def test_what_a_file_minimises_shall_be_small():
    """n = 2g²/(κ² − 4g²) is far from twice itself at weak gain: only ln g² counts."""
    text = SOURCE.replace('"0.1 kHz"', '"0.01 kHz"')
    made = load(text + '[design]\nminimise = "quanta"\nover.gain = ["1 Hz", "0.2 kHz"]\n')
    found = tolerance_netlist(made, spread=0.2, samples=4000)
    assert (found.of, found.small) == ("quanta", True)
    # ln(g/κ)² has the deviation 2·√2·0.2, and may be ln 2 above.
    expected = scipy.stats.norm.cdf(np.log(2) / (0.4 * np.sqrt(2)))
    assert found.probability == pytest.approx(expected, abs=0.015)
    large = tolerance_netlist(made, of="margin", samples=10)
    assert not large.small
    by_flag = tolerance_netlist(load(text), of="quanta", small=True, spread=0.2, samples=4000)
    assert by_flag.probability == found.probability
