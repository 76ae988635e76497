"""The reproduction report: the page, the files beside it, and what goes wrong on the way."""

import inspect
import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from told import claims_of
from typer.testing import CliRunner

import qcascade as qc
from qcascade import cli
from qcascade.interop.tables import tables, write_csv
from qcascade.papers import PAPERS, SOURCES, Plate, jiao2020, jiao2022, liu2024, pelka2026
from qcascade.papers.agusti2023.claims import PRINTED, RIGHT, _with_sign
from qcascade.papers.agusti2023.shown import multipartite
from qcascade.papers.statements import KINDS, REPRODUCED
from qcascade.report import drawn, terminal
from qcascade.report import make as reports
from qcascade.report.record import COLUMNS, counts, failures, tally

ALL = [(key, name) for key in PAPERS for name in reports.plates(key)]
SOME = ("2a", "3f", "4c")  # of jiao2022: curves, maps, matrices
TINY = reports.Grids("a few points", lambda plate: {"points": 7} if plate.fast else {})


def broken(points=3):
    raise ValueError(f"no <data> at {points} points")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A report of one paper with three of its figures and one that cannot be made."""
    figures = {name: jiao2022.FIGURES[name] for name in SOME}
    figures["5"] = Plate("what cannot be", broken, lambda data: None, "none")
    out = tmp_path_factory.mktemp("report") / "new"
    said, claims = [], claims_of("jiao2022")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(jiao2022, "FIGURES", figures)
        patch.setattr(jiao2022, "claims", lambda: list(claims))
        record = reports.report(out, ["jiao2022"], TINY, pool, said.append)
    text = (out / "index.html").read_text(encoding="utf-8")
    return SimpleNamespace(out=out, record=record, said=said, text=text, page=parsed(text))


class Page(HTMLParser):
    """Every tag with its attributes, and the rows of the tables as text."""

    def __init__(self):
        super().__init__()
        self.tags, self.rows, self.text, self.inside = [], [], "", False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside &= tag != "td"

    def handle_data(self, data):
        self.text += data
        if self.inside:
            self.rows[-1][-1] += data


def parsed(text):
    page = Page()
    page.feed(text)
    return page


# ---- the page ----


def test_the_page_needs_nothing_from_elsewhere(made):
    for tag, attrs in made.page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base"), tag
        assert not [name for name in attrs if name.startswith("on")]
        if tag == "img":
            assert attrs["src"].startswith("data:image/png;base64,")
            assert attrs["alt"]
        elif "src" in attrs:
            raise AssertionError(attrs)
        if "://" in attrs.get("href", ""):
            assert attrs["href"].startswith("https://doi.org/10.")
    style = made.text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert sum(tag == "img" for tag, _ in made.page.tags) == len(SOME) + 1  # and what leaves


def test_links_lead_somewhere(made):
    ids = [attrs["id"] for _, attrs in made.page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in made.page.tags if tag == "a"]
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        elif "://" not in link:
            assert (made.out / unquote(link)).is_file(), link
    assert f"https://doi.org/{SOURCES['jiao2022'].doi}" in links
    assert {f"#jiao2022-{name}" for name in SOME} <= set(links)


def test_the_claims_in_the_page_are_those_of_the_paper(made):
    rows = [row for row in made.page.rows if len(row) > 4 and row[-4] in REPRODUCED]
    claims = claims_of("jiao2022")
    assert len(rows) == len(claims)
    for row, claim in zip(rows, claims, strict=True):
        assert row[0] == claim.claim + claim.source
        assert row[-4:] == [*claim[4:7], claim.why]
        if claim.printed == claim.consistent:
            assert row[1] == f"either reading: {claim.printed}"
        else:
            assert row[1:3] == [claim.printed, claim.consistent]
    told = [x._asdict() for x in claims]
    assert tally(told) in made.page.text
    assert {row[-2] for row in rows} <= set(KINDS)
    for column, words in COLUMNS.items():
        assert sum(counts(told, column).values()) == len(claims)
        assert list(counts(told, column)) == list(words)


def test_the_page_says_how_it_was_made(made):
    text = made.page.text
    for name, version in made.record["made"]["packages"].items():
        assert name == "python" or version in text
    assert "a few points" in text
    assert "Grid: 2 noise × 2 side × 1 case × 7 detuning" in text
    assert "Changed: points = 7." in text


# ---- the files beside it ----


def test_the_record_is_what_the_file_holds(made):
    def strict(word):
        raise AssertionError(f"{word} is not JSON")

    text = (made.out / "report.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=strict) == made.record
    assert set(made.record) == {"made", "papers"}
    chapter = made.record["papers"]["jiao2022"]
    assert {"title", "citation", "doi", "reading", "figures", "claims"} <= set(chapter)
    assert chapter["claims"] == [claim._asdict() for claim in claims_of("jiao2022")]
    for figure in chapter["figures"]:
        assert {"name", "caption", "seconds", "settings"} <= set(figure)
        for kind in ("png", "svg", "pdf", "netcdf", "csv"):
            assert (figure[kind] is None) == (figure["name"] == "5")
            assert figure[kind] is None or (made.out / figure[kind]).stat().st_size > 500


def test_figures_are_what_their_names_say(made):
    for name in SOME:
        stem = made.out / "jiao2022" / f"fig_{name}"
        assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        assert stem.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        assert "<svg" in stem.with_suffix(".svg").read_text(encoding="utf-8")
        with xr.open_dataset(stem.with_suffix(".nc"), engine="h5netcdf") as data:
            xr.testing.assert_equal(data, jiao2022.FIGURES[name].data(7))


def test_claims_are_there_as_csv_and_json(made):
    claims = [claim._asdict() for claim in claims_of("jiao2022")]
    folder = made.out / "jiao2022"
    assert json.loads((folder / "claims.json").read_text(encoding="utf-8")) == claims
    assert pd.read_csv(folder / "claims.csv").to_dict("records") == claims
    assert not [x for x in folder.iterdir() if x.name.startswith(".")]  # nothing half-written


def again(files, data):
    """The variables that the CSV files describe, each from the file that has it."""
    found = {}
    for file in files:
        table = pd.read_csv(file)
        table.columns = [name.split(" [")[0] for name in table.columns]
        dims = [dim for dim in data.dims if dim in table.columns]
        grid = table.set_index(dims).to_xarray()
        found |= {name: grid[name] for name in data.data_vars if name in grid}
    return found


@pytest.mark.parametrize(
    ("draw", "files"),
    [
        (lambda: liu2024.FIGURES["3a"].data(5), 1),
        (lambda: liu2024.FIGURES["4"].data(4), 2),
        (lambda: pelka2026.FIGURES["3a"].data(4), 2),
        (lambda: jiao2022.FIGURES["4a"].data(4), 2),
        (lambda: pelka2026.FIGURES["time"].data(5), 1),
    ],
)
def test_csv_holds_the_dataset(draw, files, tmp_path):
    data = draw()
    written = write_csv(data, tmp_path / "a.csv")
    assert len(written) == files
    found = again(written, data)
    for name, values in data.data_vars.items():
        wanted = values.transpose(*(dim for dim in found[name].dims if dim in values.dims))
        rest = [dim for dim in found[name].dims if dim not in values.dims]
        one = found[name].isel(dict.fromkeys(rest, 0)).reindex_like(wanted)
        np.testing.assert_array_equal(one.values, wanted.values)


def test_csv_names_units_and_repeats_what_has_fewer_axes():
    data = xr.Dataset(
        {"E_N": (("r", "k"), [[0.0, 1.0], [2.0, 3.0]], {"units": "nat"}), "top": ("r", [5.0, 6.0])},
        {"r": ("r", [0.1, 0.2], {"units": "ω"})},
    )
    (table,) = tables(data)
    assert list(table.columns) == ["r [ω]", "k", "E_N [nat]", "top"]
    assert table.to_numpy().tolist() == [
        [0.1, 0, 0.0, 5.0],
        [0.1, 1, 1.0, 5.0],
        [0.2, 0, 2.0, 6.0],
        [0.2, 1, 3.0, 6.0],
    ]


# ---- what goes wrong ----


def test_a_figure_that_fails_is_told_and_the_rest_is_made(made):
    assert failures(made.record) == [
        "jiao2022 5: ValueError: no <data> at 3 points",
    ]
    assert "no &lt;data&gt; at 3 points" in made.text
    assert "Could not be made" in made.page.text
    assert len(made.said) == len(SOME) + 3  # with the broken one, what leaves, and the claims
    assert [line for line in made.said if "ValueError" in line] == [
        line for line in made.said if "jiao2022 5:" in line
    ]


def test_claims_that_fail_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(jiao2022, "FIGURES", {})
    monkeypatch.setattr(jiao2022, "claims", broken)
    record = reports.report(tmp_path, ["jiao2022"])
    assert failures(record) == ["jiao2022 claims: ValueError: no <data> at 3 points"]
    assert "no &lt;data&gt;" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_worker_that_dies_is_told(tmp_path, monkeypatch):
    class Gone(ThreadPoolExecutor):
        def submit(self, task, /, *_, **__):
            lost = Future()
            lost.set_exception(RuntimeError("the process is gone"))
            return lost

    monkeypatch.setattr(jiao2022, "FIGURES", {"2a": jiao2022.FIGURES["2a"]})
    record = reports.report(tmp_path, ["jiao2022"], TINY, Gone(1))
    gone = "RuntimeError: the process is gone"
    names = ("2a", "leaving", "claims")
    assert failures(record) == [f"jiao2022 {name}: {gone}" for name in names]
    assert (tmp_path / "index.html").exists()


def test_the_exit_code_is_1_when_something_failed(monkeypatch, tmp_path):
    def failing(*_):
        return {"papers": {"x": {"figures": [], "error": "no"}}}

    monkeypatch.setattr(reports, "report", failing)
    done = CliRunner().invoke(cli.app, ["report", "--out", str(tmp_path / "new")])
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--paper", "jiao2023"], "`paper` must be a paper: pelka2026"),
        (["--fast", "--full"], "`full` must not be given together with `fast`"),
        (["--out", "file/report"], "`out` must be a place that can be written"),
    ],
)
def test_bad_input_is_one_sentence_before_any_work(words, sentence, tmp_path):
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "-c", "from qcascade.cli import main; main()", "report", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [x.name for x in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("wrong", [[], "jiao2022"])
def test_papers_are_a_list(wrong, tmp_path):
    with pytest.raises(qc.ArgumentError, match="`papers` must be a list of papers"):
        reports.report(tmp_path / "new", wrong)
    assert not list(tmp_path.iterdir())


# ---- every figure of every paper ----

AS_USUAL = {("agusti2023", "2e"), ("jiao2022", "4c")}  # quick as they are


@pytest.mark.parametrize(("key", "name"), ALL)
def test_every_figure_knows_its_readings_and_its_coarse_settings(key, name):
    plate = reports.plates(key)[name]
    assert plate.readings
    usual = {x: p.default for x, p in inspect.signature(plate.data).parameters.items()}
    for settings in (plate.fast, plate.full):
        assert set(settings) <= set(usual)
        assert all(usual[x] != value for x, value in settings.items())
    assert bool(plate.fast) != ((key, name) in AS_USUAL)
    for x, value in plate.fast.items():
        small, big = (np.size(v) if isinstance(v, tuple) else v for v in (value, usual[x]))
        assert small < big
    for x, value in plate.full.items():
        small, big = (np.size(v) if isinstance(v, tuple) else v for v in (usual[x], value))
        assert small < big


def test_one_reading_is_drawn_only_where_both_agree():
    data = jiao2020.FIGURES["3d"].data(31)
    printed, lindblad = (data.sel(noise=noise) for noise in ("printed", "lindblad"))
    for name in ("coupling", "photons_driven", "photons_other"):
        np.testing.assert_allclose(printed[name], lindblad[name], rtol=1e-7)
    np.testing.assert_array_equal(printed.stable, lindblad.stable)
    for step in (0.3, 2.0):
        one, other = (_with_sign(sign, 3, step, "reversed") for sign in (PRINTED, RIGHT))
        np.testing.assert_allclose(one.amplitudes.conj(), other.amplitudes, atol=1e-12)


def test_where_they_differ_both_are_there():
    backward = pelka2026.FIGURES["2"].data(12).backward.max(("hopping", "squeezing"))
    assert float(backward.sel(reading="printed")) > 0.01
    assert float(backward.sel(reading="one-way")) < 1e-12
    curves = jiao2020.FIGURES["2a"].data(41).E_N
    assert 1e-4 < float(abs(curves.diff("noise")).max()) < 3e-3
    end = multipartite(2, 5).isel(time=-1)
    assert float(end.fidelity) > 0.99
    assert float(end.fidelity_printed) < 0.95


@pytest.mark.slow
def test_the_coarse_report_of_everything(tmp_path):
    command = [sys.executable, "-c", "from qcascade.cli import main; main()"]
    words = ["report", "--fast", "--out", str(tmp_path / "all")]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "all" / "report.json").read_text(encoding="utf-8"))
    assert list(record["papers"]) == list(PAPERS)
    assert [(k, x["name"]) for k, c in record["papers"].items() for x in c["figures"]] == ALL
    assert all(chapter["claims"] for chapter in record["papers"].values())
    page = parsed((tmp_path / "all" / "index.html").read_text(encoding="utf-8"))
    assert sum(tag == "img" for tag, _ in page.tags) == len(ALL)


def test_what_leaves_is_that_of_the_papers_own_network_in_its_direction():
    """The chain of pelka2026 is squeezed at its first node: less leaves from each one after it."""
    data = reports.plates("pelka2026")["leaving"].data(points=52)
    model = qc.gaussian(pelka2026.network())
    for port in data.port.values:
        photons = qc.emission_spectrum(model, port, data.frequency.values)
        np.testing.assert_allclose(data.photons.sel(port=port), photons, rtol=1e-12)
    assert np.all(np.diff(data.photons.mean("frequency")) < 0)
    state = qc.sidebands(model, data.sideband.values)
    E_N = qc.log_negativity(state, "bath0.out+", "bath1.out-")
    np.testing.assert_allclose(data.E_N.sel(pair="bath0.out+, bath1.out-"), E_N, rtol=1e-9)
    assert float(E_N.max()) > 1e-4


@pytest.mark.parametrize(("grids", "points"), [(reports.USUAL, 5), (reports.WHOLE, 7)])
def test_figures_that_share_their_data_compute_it_once_as_usual_or_in_full(
    grids, points, tmp_path, monkeypatch
):
    asked, shown = [], []

    def data(points=5):
        asked.append(points)
        return xr.Dataset({"y": ("x", np.zeros(points))})

    plate = Plate("", data, lambda drawn: shown.append(drawn.sizes["x"]), full={"points": 7})
    figures = {"one": plate, "two": plate, "other": plate._replace(data=lambda: data(2), full={})}
    monkeypatch.setattr(jiao2022, "FIGURES", figures)
    monkeypatch.setattr(terminal, "drawn", lambda draw, data, stem: draw(data) or stem)
    found = dict(terminal.made("jiao2022", ["one", "other", "two"], tmp_path, grids))
    assert found == {name: tmp_path / f"fig_{name}" for name in figures}
    assert asked == [points, 2]
    assert shown == [points, points, 2]


def test_a_figure_is_drawn_again_only_where_something_of_it_has_changed(tmp_path, monkeypatch):
    asked, stem = [], tmp_path / "fig_1"

    def draw(data):
        asked.append(data)
        return Figure((0.3, 0.3))

    def draws(data, to=stem):
        before = len(asked)
        assert drawn.drawn(draw, data, to) == to.with_suffix(".png")
        assert all(to.with_suffix(f".{kind}").stat().st_size for kind in ("png", "svg", "pdf"))
        return len(asked) - before

    data = xr.Dataset({"y": ("x", [1.0, 2.0], {"units": "1"})}, attrs={"created": "now"})
    assert [draws(data), draws(data), draws(data.assign_attrs(created="later"))] == [1, 0, 0]
    assert draws(data * 2) == 1
    assert draws(data) == 1
    assert draws(data, tmp_path / "fig_2") == 1
    assert draws(data.assign_attrs(network="another")) == 1
    later = stem.with_suffix(".png").stat().st_mtime + 1
    os.utime(stem.with_suffix(".pdf"), (later, later))  # a later drawing, stopped before its PNG
    assert draws(data.assign_attrs(network="another")) == 1
    stem.with_suffix(".svg").unlink()
    assert draws(data.assign_attrs(network="another")) == 1
    stem.with_suffix(".png").write_bytes(stem.with_suffix(".png").read_bytes()[:60])
    assert draws(data.assign_attrs(network="another")) == 1
    monkeypatch.setattr(drawn, "_package", lambda: "a newer one")
    assert draws(data.assign_attrs(network="another")) == 1
