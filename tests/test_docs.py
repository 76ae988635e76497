"""What the documentation promises before it is built: `make docs` executes every cell of it."""

import importlib.util
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

import qcascade as qc

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [p for p in sorted(DOCS.rglob("*.md")) if not {"_generated", "_build"} & set(p.parts)]


def module(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_every_public_name_has_a_page():
    pages = module("generate")
    found = pages.grouped(pages.public())
    listed = [name for names in found.values() for name in names]
    rooms = [name for name in qc.__all__ if inspect.ismodule(getattr(qc, name))]
    public = {*qc.__all__} - {*rooms}
    for room in {*rooms} - {"conventions"}:
        public |= {f"{room}.{name}" for name in getattr(qc, room).__all__}
    assert sorted(listed) == sorted(public)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda p: p.stem)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target and "_generated" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_python_is_executed(page):
    """Python stands in cells, which the build executes; one block needs a Slurm cluster."""
    text = page.read_text(encoding="utf-8")
    assert ("{code-cell}" in text) == text.startswith("---\nfile_format: mystnb")
    still = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
    assert len(still) == (page.name == "sweeps.md")


def test_the_figure_shows_a_one_way_link():
    point = module("one_way").point
    way = point(np.array([0.5]), np.array([1.2]))
    assert way["E_N_a"][0] > 0.2
    assert way["E_N_b"][0] < 1e-12
    back = point(np.array([1.5]), np.array([1.2]))
    assert back["E_N_b"][0] == pytest.approx(way["E_N_a"][0])
    assert back["E_N_a"][0] < 1e-12


def test_pages_of_papers_show_the_report(tmp_path):
    files = {kind: f"x/fig_1.{kind}" for kind in ("png", "svg", "pdf", "csv")}
    figure = {"name": "1", "caption": "E_N | over *c*", "error": None, "netcdf": "x/fig_1.nc"}
    lost = {"name": "2", "caption": "gone", "error": "ValueError: no"}
    claim = dict.fromkeys(("source", "printed", "consistent", "why"), "a|b")
    verdicts = {"reproduced": "yes", "physical": "no", "kind": "unphysical"}
    paper = {
        "title": "T",
        "citation": "A. Author, PRL 1, 2",
        "doi": "10/x",
        "reading": "other",
        "error": None,
        "figures": [figure | files, lost],
        "claims": [claim | verdicts | {"claim": "E_N is *large*"}],
    }
    made = {"date": "d", "machine": "m", "version": "0", "grids": "g", "seconds": 1.0}
    record = {"made": made | {"packages": {"numpy": "2"}}, "papers": {"x": paper}}
    report, out = tmp_path / "report", tmp_path / "out"
    (report / "x").mkdir(parents=True)
    out.mkdir()
    for name in (*files.values(), "x/fig_1.nc"):
        (report / name).touch()
    (report / "report.json").write_text(json.dumps(record), encoding="utf-8")
    module("generate").write_papers(report, out)
    page = (out / "x.md").read_text(encoding="utf-8")
    row = "| E\\_N is \\*large\\* | a\\|b | a\\|b | a\\|b | **yes** | **no** | unphysical | a\\|b |"
    assert row in page
    assert "1 claim: reproduced 1, in part 0, not 0; physical 0, not 1; 1 unphysical." in page
    assert "ValueError: no" in page
    assert sorted(p.name for p in (out / "x").iterdir()) == [
        "fig_1.csv",
        "fig_1.nc",
        "fig_1.pdf",
        "fig_1.png",
        "fig_1.svg",
    ]
    assert "| [T](x.md) | 1 | 0 | 0 | 0 | 1 |" in (out / "index.md").read_text(encoding="utf-8")


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", text, re.M)[1] == qc.__version__
