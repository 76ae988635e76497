"""The page of the reproduction report: one HTML file that needs nothing beside it."""

import base64
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..papers.statements import KINDS, REPRODUCED
from ..plots.plot import DPI, IMAGES
from .record import counts, failures, tally

_CLASS = {"yes": "holds", "in part": "part", "no": "fails", "not concerned": "aside"}
_LEGEND = {
    "reproduced": "whether the statement comes out of the equations in the text at hand",
    "physical": "whether it survives where the model obeys quantum mechanics",
    **KINDS,
}
SCREEN = 96 / DPI
"""Pixels of a page for one of a figure."""
WIDE = 600
"""Figures wider than this on the page take the whole width."""


def page(record: Mapping[str, Any], folder: Path) -> str:
    """The report as one HTML page, images inside.

    Args:
        record: from `report.report`.
        folder: where its figures are.
    """
    papers = record["papers"]
    style = files("qcascade.report").joinpath("report.css").read_text(encoding="utf-8")
    chapters = "\n".join(_chapter(key, chapter, folder) for key, chapter in papers.items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>qcascade: reproduction report</title>
<style>
{style}</style>
</head>
<body>
{_contents(papers)}
<main>
{_head(record)}
{_summary(papers)}
{chapters}
{_how(record["made"])}
</main>
</body>
</html>
"""


# ---- around the papers ----


def _contents(papers: Mapping[str, Any]) -> str:
    entries = []
    for key, chapter in papers.items():
        names = " ".join(
            f'<a href="#{key}-{_anchor(x["name"])}">{escape(x["name"])}</a>'
            for x in chapter["figures"]
        )
        entries.append(
            f'<li><a href="#{key}">{key}</a> {_bar(chapter)}'
            f'<a class="sub" href="#{key}-claims">claims</a>'
            f'<span class="figs">{names}</span></li>'
        )
    return (
        '<nav aria-label="contents"><p class="brand"><a href="#top">qcascade</a></p><ul>'
        + "".join(entries)
        + '<li><a href="#how">How it was made</a></li></ul></nav>'
    )


def _head(record: Mapping[str, Any]) -> str:
    made, papers = record["made"], record["papers"]
    figures = [x for chapter in papers.values() for x in chapter["figures"]]
    claims = [x for chapter in papers.values() for x in chapter["claims"]]
    date = made["date"].replace("T", " ").replace("+00:00", " UTC")
    return f"""<header id="top">
<h1>Reproduction report</h1>
<p class="lead">{len(papers)} {_plural("paper", papers)}, {len(figures)} figures,
{len(claims)} claims. Every figure and every number below was computed in one run of
qcascade {escape(made["version"])} on {escape(date)}: {escape(made["grids"])}.</p>
{_broken(papers)}
</header>"""


def _plural(word: str, things: Any) -> str:
    return word if len(things) == 1 else word + "s"


def _broken(papers: Mapping[str, Any]) -> str:
    messages = failures({"papers": papers})
    if not messages:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in messages)
    return f'<div class="error"><p>Could not be made:</p><ul>{items}</ul></div>'


def _summary(papers: Mapping[str, Any]) -> str:
    rows = []
    for key, chapter in papers.items():
        reproduced = counts(chapter["claims"])
        numbers = "".join(f'<td class="n {_CLASS[x]}">{reproduced[x]}</td>' for x in REPRODUCED)
        allowed = counts(chapter["claims"], "physical")
        numbers += "".join(f'<td class="n {_CLASS[x]}">{allowed[x]}</td>' for x in ("yes", "no"))
        rows.append(
            f'<tr><td><a href="#{key}">{escape(chapter["title"])}</a>'
            f'<span class="cite">{escape(chapter["citation"])}</span></td>'
            f'<td class="n">{len(chapter["figures"])}</td>'
            f'<td class="n">{len(chapter["claims"])}</td>{numbers}<td>{_bar(chapter)}</td></tr>'
        )
    legend = " ".join(f"<dt>{escape(x)}</dt><dd>{text}</dd>" for x, text in _LEGEND.items())
    every = [claim for chapter in papers.values() for claim in chapter["claims"]]
    return f"""<section id="summary">
<h2>Summary</h2>
<div class="scroll"><table class="summary">
<thead><tr><th>paper</th><th class="n">figures</th><th class="n">claims</th>
<th class="n">reproduced</th><th class="n">in part</th><th class="n">not</th>
<th class="n">physical</th><th class="n">not</th><th></th></tr></thead>
<tbody>{"".join(rows)}</tbody></table></div>
<p>{escape(tally(every))}.</p>
<dl class="legend">{legend}</dl>
</section>"""


def _bar(chapter: Mapping[str, Any]) -> str:
    """Verdicts as widths, and as numbers for those who see no colours."""
    verdicts = counts(chapter["claims"])
    text = "reproduced: " + ", ".join(f"{n} {x}" for x, n in verdicts.items())
    parts = "".join(
        f'<i class="{_CLASS[x]}" style="flex:{n}"></i>' for x, n in verdicts.items() if n
    )
    return f'<span class="bar" role="img" aria-label="{text}" title="{text}">{parts}</span>'


def _how(made: Mapping[str, Any]) -> str:
    packages = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>"
        for name, text in made["packages"].items()
        if name not in ("python", "qcascade")
    )
    facts = {
        "qcascade": made["version"],
        "date": made["date"],
        "machine": made["machine"],
        "Python": made["python"],
        "figures": made["grids"],
        "time": f"{made['seconds']:.0f} s",
    }
    rows = "".join(f"<tr><td>{k}</td><td>{escape(str(v))}</td></tr>" for k, v in facts.items())
    return f"""<section id="how">
<h2>How it was made</h2>
<p>The claims do not depend on the grids of the figures: every number in the tables was computed
in this run, always with the same settings. Times are wall-clock, with figures made beside each
other. Numbers, names of files, settings and times are in
<a href="report.json">report.json</a>.</p>
<div class="pair"><table class="facts"><tbody>{rows}</tbody></table>
<table class="facts"><tbody>{packages}</tbody></table></div>
</section>"""


# ---- one paper ----


def _chapter(key: str, chapter: Mapping[str, Any], folder: Path) -> str:
    figures = "\n".join(_figure(key, x, folder) for x in chapter["figures"])
    doi = f"https://doi.org/{quote(chapter['doi'])}"
    parameters = ", ".join(f"{k} = {v}" for k, v in chapter["parameters"].items())
    return f"""<section class="paper" id="{key}">
<h2>{escape(chapter["title"])}</h2>
<p class="cite">{escape(chapter["citation"])}.
<a href="{doi}">doi:{escape(chapter["doi"])}</a></p>
{_claims(key, chapter)}
<h3>Figures</h3>
<p class="note">Parameters where nothing else is said: <code>{escape(parameters)}</code>.</p>
<div class="figures">
{figures}
</div>
</section>"""


def _claims(key: str, chapter: Mapping[str, Any]) -> str:
    if chapter["error"]:
        return f'<h3 id="{key}-claims">Claims</h3><p class="error">{escape(chapter["error"])}</p>'
    rows = "".join(_row(claim) for claim in chapter["claims"])
    return f"""<h3 id="{key}-claims">Claims</h3>
<div class="scroll"><table class="claims">
<thead><tr><th>claim</th><th>as printed</th><th>{escape(chapter["reading"])}</th>
<th>reproduced</th><th>physical</th><th>kind</th><th>why</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<p>{escape(tally(chapter["claims"]))}.</p>
<p class="note">{chapter["claims_seconds"]:.1f} s.
{_links({"CSV": f"{key}/claims.csv", "JSON": f"{key}/claims.json"})}</p>"""


def _row(claim: Mapping[str, Any]) -> str:
    same = claim["printed"] == claim["consistent"]
    printed, consistent = escape(claim["printed"]), escape(claim["consistent"])
    measured = (
        f'<td colspan="2"><span class="cite">either reading:</span> {printed}</td>'
        if same
        else f"<td>{printed}</td><td>{consistent}</td>"
    )
    return (
        f'<tr><td>{escape(claim["claim"])}<span class="cite">{escape(claim["source"])}</span></td>'
        f"{measured}<td>{_pill(claim['reproduced'])}</td><td>{_pill(claim['physical'])}</td>"
        f"<td>{escape(claim['kind'])}</td><td>{escape(claim['why'])}</td></tr>\n"
    )


def _pill(verdict: str) -> str:
    return f'<span class="pill {_CLASS[verdict]}">{verdict}</span>'


def _figure(key: str, made: Mapping[str, Any], folder: Path) -> str:
    anchor = f"{key}-{_anchor(made['name'])}"
    title = f"Fig. {made['name']}" if made["name"][0].isdigit() else made["name"].capitalize()
    head = f"<b>{escape(title)}</b> {escape(made['caption'])}"
    if made["error"]:
        return (
            f'<figure id="{anchor}" class="wide"><p class="error">{escape(made["error"])}</p>'
            f"<figcaption>{head}</figcaption></figure>"
        )
    image = (folder / made["png"]).read_bytes()
    width, height = (round(SCREEN * x) for x in _size(image))
    inside = base64.b64encode(image).decode("ascii")
    alt = escape(f"{title}: {made['caption']}", quote=True)
    return f"""<figure id="{anchor}"{' class="wide"' if width > WIDE else ""}>
<img alt="{alt}" width="{width}" height="{height}" src="data:image/png;base64,{inside}">
<figcaption>{head}<span class="readings">{escape(made["readings"])}</span>
{_details(made)}</figcaption></figure>"""


def _details(made: Mapping[str, Any]) -> str:
    grid = " × ".join(f"{size} {name}" for name, size in made["grid"].items())
    coarse = f" Changed: {_settings(made, made['differs'])}." if made["differs"] else ""
    tables = [made["csv"], *made["csv_more"]]
    names = {ending.upper(): made[ending] for ending in IMAGES} | {"netCDF": made["netcdf"]}
    names |= {f"CSV {k}" if k > 1 else "CSV": name for k, name in enumerate(tables, 1)}
    return (
        f'<span class="note">Grid: {escape(grid)}; {made["seconds"]:.1f} s.'
        f"{escape(coarse)} {_links(names)}</span>"
    )


def _settings(made: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name} = {made['settings'][name]}" for name in names)


def _links(names: Mapping[str, str]) -> str:
    return " · ".join(f'<a href="{quote(path)}">{text}</a>' for text, path in names.items())


def _anchor(name: str) -> str:
    return quote(name, safe="")


def _size(png: bytes) -> tuple[int, int]:
    """Pixels across and down, from the header that opens every PNG."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
