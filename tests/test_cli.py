"""The command line as a user meets it: real files, and processes where these are the subject."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from unittest import mock

import pytest
import xarray as xr

import qcascade
from qcascade import cli
from qcascade.base.settings import settings
from qcascade.papers import PAPERS, paper
from qcascade.papers.parameters import described

EXAMPLES = Path(__file__).parent.parent / "examples"


def process(*words, cwd=None):
    """A command in a process of its own, as from a shell."""
    command = [sys.executable, "-c", "from qcascade.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def run(*words, cwd="."):
    """The same command here, which saves the imports: what it tells, and its exit code."""
    out, err, code = io.StringIO(), io.StringIO(), None
    line = mock.patch.object(sys, "argv", ["qcascade", *map(str, words)])
    with line, chdir(cwd), redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
        warnings.resetwarnings()  # as a new process has them: shown, and no errors
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    assert code is not None, "the command returned instead of ending"
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def test_a_process_tells_what_the_same_command_tells_here():
    for words in (["--version"], ["point", "pelka2026", "hoping=1"], ["point", "pelka2026"]):
        there, here = process(*words), run(*words)
        assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
        assert there.stderr == here.stderr


def test_list_shows_papers_and_figures():
    shown = run("list").stdout
    assert "pelka2026" in shown
    assert "3a" in shown


def test_list_of_one_paper_shows_what_a_point_takes():
    shown = run("list", "liu2024").stdout
    assert "pelka2026" not in shown
    lines = shown[shown.index("parameters") :].splitlines()[1:]
    assert [line.split("=")[0].strip() for line in lines] == list(paper("liu2024").PARAMETERS)
    (power,) = [line for line in lines if line.strip().startswith("power=")]
    assert power.split()[0] == "power=0.015"
    assert "0.0005 to 0.03, that is 0.5mW to 30mW" in power
    (reading,) = [line for line in lines if line.strip().startswith("reading=")]
    assert "printed, one-way, consistent" in reading


@pytest.mark.parametrize("key", PAPERS)
def test_every_parameter_is_shown_as_point_takes_it(key):
    module = paper(key)
    shown = {name: text for name, text, _ in described(key)}
    values = settings([f"{name}={text}" for name, text in shown.items()], module.PARAMETERS)
    assert values == dict(module.PARAMETERS)


def test_help_has_examples_and_imports_nothing_heavy():
    for command in (
        "",
        "list",
        "paper",
        "report",
        "point",
        "run",
        "design",
        "sensitivity",
        "tolerance",
        "audit",
    ):
        shown = run(*command.split(), "--help")
        assert shown.returncode == 0
        assert "Example: qcascade" in shown.stdout
    heavy = ("jax", "numba", "xarray", "matplotlib", "scipy")
    probe = f"import sys, qcascade.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_point_prints_one_json_object():
    answer = json.loads(run("point", "pelka2026", "hopping=0.1", "squeezing=0.1").stdout)
    assert list(answer) == ["stable", "E_N", "reach", "occupation"]
    assert answer["stable"] is True
    assert answer["reach"] == 4
    assert answer["E_N"][0] == pytest.approx(0.004763766601, rel=1e-9)
    assert (len(answer["E_N"]), len(answer["occupation"])) == (10, 11)


def test_point_takes_every_parameter():
    words = ["hopping=0.5", "squeezing=0.3", "direction=backward", "length=4", "gamma=0.5"]
    words += ["gamma_out=0.01", "occupation=0.001", "reading=printed"]
    answer = json.loads(run("point", "pelka2026", *words).stdout)
    assert len(answer["E_N"]) == 4


def test_an_unstable_point_is_null():
    answer = json.loads(run("point", "pelka2026", "hopping=1", "squeezing=0.4").stdout)
    assert answer == {"stable": False, "E_N": None, "reach": None, "occupation": None}


def test_point_computes_all_measures_of_a_file_where_its_parameters_stand():
    answer = json.loads(run("point", EXAMPLES / "cascade.toml", "loss=0.1", "occupation=0").stdout)
    parts = {
        "source": qcascade.squeezed_mode(0.2, decay=1.0),
        "link": qcascade.fibre(0.9),
        "receiver": qcascade.cavity(decay=1.0),
    }
    wires = [("source.out", "link.in"), ("link.out", "receiver.in")]
    state = qcascade.steady_state(qcascade.gaussian(qcascade.Network(parts, wires)))
    assert list(answer) == ["units", "stable", "E_N", "steering"]
    assert answer["stable"] is True
    assert answer["units"]["E_N"] == "nat"
    assert answer["E_N"] == pytest.approx(qcascade.log_negativity(state, "source", "receiver"))


def test_point_of_a_file_without_a_steady_state_is_null_and_says_why():
    done = run("point", EXAMPLES / "cascade.toml", "squeezing=0.6")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["stable"], found["E_N"], found["steering"]) == (False, None, None)
    assert "The model has no steady state" in done.stderr


def test_point_of_a_file_has_its_frequencies_and_its_times_beside_what_is_over_them():
    spectra = json.loads(run("point", EXAMPLES / "optomechanics.toml", "power=20 mW").stdout)
    assert spectra["units"]["frequency"] == "MHz"
    assert (spectra["frequency"][0], spectra["frequency"][-1]) == (0.25, 25.0)
    assert len(spectra["noise"]) == len(spectra["frequency"]) == 100
    assert spectra["E_N"] > 0
    run_in_time = json.loads(run("point", EXAMPLES / "pulsed_pairs.toml").stdout)
    measure = next(name for name in run_in_time if name not in ("units", "t", "stable"))
    assert len(run_in_time[measure]) == len(run_in_time["t"])


def test_paper_writes_png_and_netcdf(tmp_path):
    done = run("paper", "pelka2026", "time", "--out", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    names = sorted(p.name for p in (tmp_path / "new").iterdir())
    assert names == ["fig_time.nc", "fig_time.pdf", "fig_time.png", "fig_time.svg"]
    with xr.open_dataset(tmp_path / "new" / "fig_time.nc", engine="h5netcdf") as data:
        assert data.time.attrs["units"] == "1/ω"


def test_run_writes_data_and_a_figure_per_measure(tmp_path):
    done = run("run", EXAMPLES / "cascade.toml", "occupation=0", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    names = sorted(p.name for p in tmp_path.iterdir())
    images = [f"cascade-{x}.{e}" for x in ("E_N", "steering") for e in ("pdf", "png", "svg")]
    assert names == [*images, "cascade.nc"]
    with xr.open_dataset(tmp_path / "cascade.nc", engine="h5netcdf") as data:
        assert data.E_N.dims == ("loss", "squeezing")
        assert data.E_N.attrs["units"] == "nat"
        assert float(data.E_N[0, 19]) > 0.1
        assert not bool(data.stable[0, -1])
        assert 'part = "squeezed_mode"' in data.attrs["network"]
        assert json.loads(data.attrs["fixed"]) == {"occupation": 0.0}


def test_run_with_a_store_goes_on_where_it_was(tmp_path):
    words = ["run", EXAMPLES / "cascade.toml", "--store", tmp_path / "kept", "--out", tmp_path]
    first = run(*words)
    assert first.returncode == 0, first.stderr
    with xr.open_dataset(tmp_path / "cascade.nc", engine="h5netcdf") as data:
        before = data.load()
    (tmp_path / "cascade.nc").unlink()
    kept = [path for path in (tmp_path / "kept" / "E_N").rglob("*") if path.is_file()]
    boxes = {path: path.stat().st_mtime_ns for path in kept}
    assert len(boxes) > 1
    again = run(*words)
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in boxes} == boxes
    with xr.open_dataset(tmp_path / "cascade.nc", engine="h5netcdf") as data:
        xr.testing.assert_identical(data.E_N, before.E_N)
    other = run(*words, "occupation=0.5")
    assert other.returncode == 2
    assert "`store` must" in other.stderr


def test_a_measure_of_another_kind_of_state_is_told_by_its_section(tmp_path):
    text = (EXAMPLES / "cascade.toml").read_text() + "\n[measures.C]\nmeasure = "
    (tmp_path / "gaussian.toml").write_text(text + '"concurrence"\na = "source"\nb = "receiver"\n')
    done = run("run", "gaussian.toml", "--store", "kept", cwd=tmp_path)
    assert done.returncode == 2
    assert "`measures.C.measure` must be a measure of Gaussian states: log_neg" in done.stderr
    (tmp_path / "unknown.toml").write_text(text + '"margin"\na = "source"\nb = "nowhere"\n')
    done = run("run", "unknown.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "In measures.C: Argument `b` must name modes of the state" in done.stderr
    assert not (tmp_path / "kept").exists()


def test_light_and_motion_run_from_a_file(tmp_path):
    file = EXAMPLES / "optomechanics.toml"
    done = run("run", file, "temperature=10 mK", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    names = ["E_N", "noise", "sidebands"]
    figures = {f"optomechanics-{name}.{x}" for name in names for x in ("pdf", "png", "svg")}
    assert {p.name for p in tmp_path.iterdir()} == {"optomechanics.nc", *figures}
    with xr.open_dataset(tmp_path / "optomechanics.nc", engine="h5netcdf") as data:
        assert data.noise.dims == ("detuning", "frequency")
        assert data.frequency.attrs["units"] == "MHz"
        assert data.noise.attrs["units"] == "dB"
        assert json.loads(data.attrs["fixed"])["temperature"] == 0.01
        assert float(data.E_N.max()) > 0.3118  # more than at 0.4 K
    audited = run("audit", file)
    assert audited.returncode == 0
    assert "Verdict: physical." in audited.stdout
    (tmp_path / "third.toml").write_text(file.read_text().replace("branch = 0", "branch = 2"))
    refused = run("audit", "third.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert "`linearise.branch` must be a branch of the network, but is 2" in refused.stderr


def test_audit_tells_physical_from_printed():
    good = run("audit", EXAMPLES / "cascade.toml")
    assert good.returncode == 0
    assert "Completely positive: yes" in good.stdout
    bad = run("audit", EXAMPLES / "printed_matrices.toml")
    assert bad.returncode == 1
    assert "Completely positive: no" in bad.stdout
    assert "Verdict: not physical." in bad.stdout


PRINTED = """
[parameters]
kappa = 0.583
eta = 0.5

[matrices]
modes = ["up.a", "down.a"]
vacuum = 1
order = "xxpp"
A = [
  ["0.1 - kappa / 2", 0, 0, 0],
  ["-kappa * sqrt(eta)", "-kappa / 2", 0, 0],
  [0, 0, "-0.1 - kappa / 2", 0],
  [0, 0, "-kappa * sqrt(eta)", "-kappa / 2"],
]
D = [["kappa", 0, 0, 0], [0, "kappa", 0, 0], [0, 0, "kappa", 0], [0, 0, 0, "kappa"]]

[axes.eta]
from = 0
to = 1
points = 11

[measures.E_N]
measure = "log_negativity"
a = "up"
b = "down"
"""

BROWNIAN = """
[matrices]
modes = ["mirror", "light"]
A = [[0, 1, 0, 0], [-1, -1e-5, 0.8, 0], [0, 0, -0.9, 1], [0.8, 0, -1, -0.9]]
D = [[0, 0, 0, 0], [0, 0.0167, 0, 0], [0, 0, 0.9, 0], [0, 0, 0, 0.9]]
"""


def test_printed_matrices_are_swept_and_audited_over_their_axes(tmp_path):
    (tmp_path / "printed.toml").write_text(PRINTED)
    audited = run("audit", "printed.toml", cwd=tmp_path)
    assert audited.returncode == 1
    assert audited.stdout.startswith("The file is read as vacuum 1, order x₁x₂…p₁p₂…")
    assert "Verdict: not physical at 10 of 11 points; physical at 1 of 11" in audited.stdout
    assert "The worst point has eta = 1." in audited.stdout
    assert run("audit", "printed.toml", "eta=0", cwd=tmp_path).returncode == 0
    done = run("run", "printed.toml", "--out", "figures", cwd=tmp_path)
    assert done.returncode == 0
    assert "not physical at 10 of 11 points" in done.stderr
    with xr.open_dataset(tmp_path / "figures" / "printed.nc") as data:
        assert data.physical.values.tolist() == [True] + [False] * 10
        assert data.stable.all()
        assert (tmp_path / "figures" / "printed-E_N.png").exists()
        assert data.E_N.values[0] == 0
        assert (data.E_N.values[1:] > 0.04).all()


def test_momentum_damping_is_no_failure_of_the_audit(tmp_path):
    (tmp_path / "brownian.toml").write_text(BROWNIAN)
    done = run("audit", "brownian.toml", cwd=tmp_path)
    assert done.returncode == 0
    assert "physical once momentum damping is completed, which changes nothing" in done.stdout


def test_matrices_are_compared_with_the_parts_beside_them(tmp_path):
    wires = 'wires = [["up.out", "down.in"]]\n'
    parts = '[parts.up]\npart = "cavity"\ndecay = 1\n[parts.down]\npart = "cavity"\ndecay = 1\n'
    text = (EXAMPLES / "printed_matrices.toml").read_text()
    text = text.replace('"upstream", "downstream"', '"up.a", "down.a"').replace(
        "[matrices]", wires + "[matrices]"
    )
    (tmp_path / "both.toml").write_text(text + parts)
    done = run("audit", "both.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "D differs between down.a and up.a" in done.stdout
    assert "the wiring implies 0.5" in done.stdout
    assert "What the wiring implies changes the conclusion: E_N(up.a, down.a)" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["point", "pelka2027"],
            "`source` must be a paper's key or a TOML file, but is",
        ),
        (["point", "pelka2027"], "did you mean 'pelka2026'?"),
        (["point", "nowhere.toml"], "`file` must be a file that can be read"),
        (["point", str(EXAMPLES / "cascade.toml"), "los=1"], "did you mean 'loss'?"),
        (["point", str(EXAMPLES / "printed_matrices.toml")], "`measures` must be a section"),
        (["list", "pelka2027"], "Argument `key` must be a paper: pelka2026"),
        (["point", "pelka2026", "hoping=1"], "`hoping` must be a parameter: hopping,"),
        (["point", "pelka2026", "hoping=1"], "did you mean 'hopping'?"),
        (["point", "pelka2026", "hopping"], "`hopping` must be given as NAME=VALUE"),
        (["point", "pelka2026", "=1"], "`=1` must be a parameter: hopping"),
        (["point", "pelka2026", "hopping=fast"], "`hopping` must be a number, but is 'fast'"),
        (
            ["point", "pelka2026", "hopping=nan"],
            "`hopping` must be a complex number, finite everywhere",
        ),
        (["point", "pelka2026", "gamma=-1"], "`gamma` must be a number zero or above"),
        (["point", "pelka2026", "length=2.5"], "`length` must be a whole number"),
        (["point", "pelka2026", "hopping=1", "hopping=2"], "`hopping` must be set once"),
        (["point", "pelka2026", "direction=up"], "`direction` must be one of: forward, backward"),
        (["paper", "pelka2026", "9"], "`figure` must be one of: 2, 3a, 3b"),
        (["run", "nowhere.toml"], "`file` must be a file that can be read"),
        (["run", str(EXAMPLES / "printed_matrices.toml")], "`axes` must be one or two sections"),
        (
            ["run", str(EXAMPLES / "cascade.toml"), "loss=1"],
            "`loss` must be left to the file, which sweeps it",
        ),
        (
            ["audit", str(EXAMPLES / "printed_matrices.toml"), "x=3"],
            "`x` must be a parameter: none",
        ),
        (["point", "pelka2026", "occupation=-1"], "`occupation` must be a number zero or above"),
        (["audit", str(EXAMPLES / "cascade.toml"), "los=1"], "did you mean 'loss'?"),
    ],
)
def test_bad_input_ends_with_one_sentence_and_code_2(words, sentence, tmp_path):
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run("paper", "pelka2026", "--out", tmp_path / "file" / "figures")
    assert done.returncode == 2
    assert "`out` must be a place that can be written" in done.stderr


def test_point_takes_numbers_with_the_unit_that_list_shows():
    plain, with_unit = (run("point", "liu2024", f"power={x}").stdout for x in ("0.012", "12 mW"))
    assert plain == with_unit != run("point", "liu2024").stdout
    assert "0.5mW to 30mW" in run("list", "liu2024").stdout
    assert run("point", "liu2024", "power=12000 uW").stdout == plain
    refused = run("point", "liu2024", "power=12kg")
    assert refused.returncode == 2
    assert "`power` must be a number" in refused.stderr
    assert "mW" in refused.stderr


ABOVE = (
    (EXAMPLES / "dual_rail.toml").read_text().replace("from = 1.0", "from = 2").replace("25", "3")
)


def test_no_steady_state_anywhere_is_a_sentence(tmp_path):
    """Above threshold no cutoff is enough, at any bandwidth."""
    (tmp_path / "above.toml").write_text(ABOVE)
    for more in ([], ["--store", "kept"]):
        done = run("run", "above.toml", "t=1.5", *more, cwd=tmp_path)
        assert done.returncode == 2
        assert "There is no steady state at any point of the axes. At kappa = 2:" in done.stderr
        assert "source.a, source.b have no steady state (above threshold)" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "figures").iterdir())


def test_one_steady_state_among_others_is_kept(tmp_path):
    text = ABOVE.replace('"kappa * t / 2"', '"t / 2"').replace("to = 50.0", "to = 0.4")
    (tmp_path / "some.toml").write_text(text)  # the threshold is at kappa = t
    done = run("run", "some.toml", "t=0.5", "--out", tmp_path, cwd=tmp_path)
    assert done.returncode == 0
    with xr.open_dataset(tmp_path / "some.nc") as data:
        assert data.stable.values.tolist() == [True, True, False]
        assert data.purity.notnull().values.tolist() == [True, True, False]


def broken(*words, error):
    """The command line with a fault that nobody foresaw."""

    def point(**given):
        raise error

    with mock.patch.object(paper("pelka2026"), "point", point):
        return run("point", "pelka2026", *words)


def test_what_is_unforeseen_is_a_sentence_and_debug_shows_the_rest():
    lost = KeyError("nowhere")
    done = broken(error=lost)
    assert done.returncode == 2
    assert done.stderr == (
        "qcascade: KeyError: 'nowhere' (not foreseen; --debug shows where it comes from)\n"
    )
    for words in (["--debug"], ["hopping=0.1", "--debug"]):
        with pytest.raises(KeyError, match="nowhere"):  # a process ends with its traceback
            broken(*words, error=lost)
    assert "not enough memory" in broken(error=MemoryError("1 TiB")).stderr
    many = broken(error=ValueError("word " * 1000)).stderr
    assert len(many.splitlines()) == 1
    assert len(many) < 500


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX systems")
@pytest.mark.parametrize(
    "kilobytes", [40, *(pytest.param(size, marks=pytest.mark.slow) for size in (1, 110))]
)
@pytest.mark.parametrize(
    "words",
    [
        ["run", str(EXAMPLES / "cascade.toml"), "--out", "figures"],
        ["paper", "pelka2026", "time", "--out", "figures"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.filterwarnings("ignore:os.fork")  # limits are set in the child, which only starts us
def test_a_full_disk_is_a_sentence(words, kilobytes, tmp_path):
    """HDF5 ends the whole process by a segmentation fault when it is told too late."""
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * kilobytes,) * 2)

    code = "from qcascade.cli import main; main()"
    command = [sys.executable, "-B", "-c", code, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, preexec_fn=limit, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "`out` must be a place that can be written" in done.stderr
    assert "File too large" in done.stderr
    assert not list((tmp_path / "figures").iterdir())


def stopped(*words, cwd, when):
    """A command that gets Ctrl-C as soon as `when` says so: its exit code, stdout and stderr."""
    code = "from qcascade.cli import main; main()"
    command = [sys.executable, "-u", "-c", code, *map(str, words)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 60
        while not when() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        out, told = process.communicate(timeout=30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out, told


LONG = (EXAMPLES / "dual_rail.toml").read_text().replace("points = 25", "points = 20000")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
class TestCtrlC:
    def test_without_a_store_nothing_is_kept_and_the_way_is_told(self, tmp_path):
        (tmp_path / "long.toml").write_text(LONG)
        found = stopped("run", "long.toml", cwd=tmp_path, when=(tmp_path / "figures").exists)
        assert found[0] == 130
        assert found[2].splitlines()[-1] == (
            "qcascade: stopped; nothing was kept; with --store FOLDER the same command goes on "
            "where it was."
        )
        assert "Traceback" not in found[2]

    def test_with_a_store_the_same_command_goes_on(self, tmp_path):
        (tmp_path / "long.toml").write_text(LONG)
        words = ["run", "long.toml", "--store", "kept"]

        def chunks():
            return len(list(tmp_path.glob("kept/purity/c.*")))

        code, _, told = stopped(*words, cwd=tmp_path, when=lambda: chunks() > 3)
        assert code == 130
        said = re.search(r"kept keeps (\d+) of 20000 chunks; the same call", told)
        assert said
        code, _, told = stopped(*words, cwd=tmp_path, when=lambda: chunks() > 9)
        again = re.search(r"kept keeps (\d+) of 20000 chunks", told)
        assert again
        assert int(again[1]) > int(said[1]) > 2

    def test_figures_that_are_there_are_named(self, tmp_path):
        def begun():  # two at a time, so that the first are whole by then
            return len(list(tmp_path.glob("figures/jiao2022/fig_*.nc"))) > 4

        code, out, told = stopped("paper", "jiao2022", cwd=tmp_path, when=begun)
        assert code == 130
        drawn = re.findall(r"^figure (\S+)", out, re.M)
        assert drawn
        assert f"stopped; figures {', '.join(drawn)} are in figures/jiao2022" in told
        assert "`qcascade paper jiao2022 " in told
        for name in drawn:
            assert (tmp_path / f"figures/jiao2022/fig_{name}.png").stat().st_size > 1000

    def test_a_report_ends_at_once_with_its_workers(self, tmp_path):
        words = ["report", "--fast", "--out", "page"]
        words += ["--paper", "jiao2022", "--paper", "agusti2023"]

        def some():
            return bool(list(tmp_path.glob("page/jiao2022/*.png")))

        begun = time.monotonic()
        code, _, told = stopped(*words, cwd=tmp_path, when=some)
        assert code == 130
        assert "stopped; the figures told above are in page, without a page" in told
        assert "Traceback" not in told
        assert time.monotonic() - begun < 80

    def test_what_writes_nothing_says_so(self, tmp_path):
        code, _, told = stopped(
            *("point", "pelka2026", "length=4000"),
            cwd=tmp_path,
            when=lambda: time.sleep(4) or True,
        )
        assert code == 130
        assert told.splitlines()[-1] == "qcascade: stopped; nothing was written."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["jiao2022", "temperature=1e300"], "zero or above, 1e+100 at most, but is 2.35"),
        (["liu2024", "temperature=1e300"], "zero or above, 1e+100 at most, but is"),
        (["pelka2026", "occupation=1e160"], "zero or above, 1e+100 at most, but is 1e+160"),
        (["pelka2026", "length=1000000"], "`length` must be a whole number, 1 to 5,000"),
    ],
)
def test_what_double_precision_does_not_hold_is_refused(words, sentence):
    done = run("point", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_hot_baths_have_numbers():
    for key, name in (("jiao2022", "temperature"), ("liu2024", "temperature")):
        answer = json.loads(run("point", key, f"{name}=1e60").stdout)
        assert answer["stable"] is True
        assert answer["E_N"] == 0.0


def test_version_is_told():
    assert run("--version").stdout == f"qcascade {qcascade.__version__}\n"
