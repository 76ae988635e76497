"""Pages that are written and not typed: the public names by role, and the papers of a report.

python docs/generate.py [folder of the report] writes them without building the documentation.
"""

import inspect
import json
import os
import shutil
import sys
from pathlib import Path

import qcascade
from qcascade.papers.statements import Claim
from qcascade.report.record import tally

ROOT = Path(__file__).parent.parent
REPORT = Path(os.environ.get("QCASCADE_REPORT", ROOT / "build" / "report"))

COUPLINGS = ("hopping", "two_mode_squeezing", "local_bath", "common_bath", "gain_bath", "one_way")
GROUPS = {
    "networks": ("Networks", "slh netlist"),
    "parts": ("Parts", "parts"),
    "couplings": ("Couplings and baths", ""),
    "optomechanics": ("Light and motion", "parts.optomechanics physics base.units"),
    "working-points": ("Working points", "classical"),
    "gaussian": ("Gaussian models and states", "linear lyapunov audits"),
    "lindblad": ("Master equations and their states", "master_equation hilbert"),
    "outputs": ("What leaves a network", "outputs linear.outputs linear.statistics"),
    "solve": ("Steady states and evolution", "dynamics"),
    "measures": ("Measures", "measures"),
    "sweeps": ("Sweeps and figures", "sweeps plots"),
    "design": ("Inverse design", "inverse"),
    "neighbours": ("Other libraries", "interop"),
    "errors": ("Errors", "base.errors base.checks"),
}
"""Title of each page of names, and the rooms, or modules of rooms, that they come from."""


def pages(out: Path) -> None:
    """Write all generated pages into a folder of their own.

    Args:
        out: the folder; what was in it is gone.
    """
    import gallery  # it lies beside this file, as `conf.py` has it

    shutil.rmtree(out, ignore_errors=True)
    (out / "api").mkdir(parents=True)
    (out / "papers").mkdir()
    for name, text in api_pages().items():
        (out / "api" / f"{name}.rst").write_text(text, encoding="utf-8")
    write_papers(REPORT, out / "papers")
    (out / "gallery.md").write_text(gallery.page(out), encoding="utf-8")


def public() -> dict[str, object]:
    """Every public function and class, those of namespaces as "physics.bose_einstein"."""
    top = {name: getattr(qcascade, name) for name in qcascade.__all__}
    found = {name: x for name, x in top.items() if not inspect.ismodule(x)}
    for where, room in top.items():
        if inspect.ismodule(room) and where != "conventions":  # these have a page of their own
            found |= {f"{where}.{name}": getattr(room, name) for name in room.__all__}
    return found


def grouped(names: dict[str, object]) -> dict[str, list[str]]:
    """Public names by page.

    Args:
        names: of `public`.

    Raises:
        SystemExit: for a name of a room that no page lists.
    """
    home = {module: key for key, (_, modules) in GROUPS.items() for module in modules.split()}
    found: dict[str, list[str]] = {key: [] for key in GROUPS}
    for name, thing in names.items():
        module = thing.__module__.removeprefix("qcascade.")
        room = next((m for m in (module, module.split(".")[0]) if m in home), None)
        if room is None:
            sys.exit(f"docs/generate.py: list the room of {module} (of {name}) in GROUPS")
        found["couplings" if name in COUPLINGS else home[room]].append(name)
    return {key: names for key, names in found.items() if names}


def api_pages() -> dict[str, str]:
    """A page of names per role, the conventions, and the index of these pages."""
    found = grouped(public())
    texts = {}
    for key, names in found.items():
        title = GROUPS[key][0]
        texts[key] = "\n".join([title, "=" * len(title), "", *map(_entry, names)])
    texts["conventions"] = _conventions()
    contents = "\n".join(f"   {name}" for name in texts)
    about = [f"   * - :doc:`{GROUPS[k][0]} <{k}>`\n     - {_links(n)}" for k, n in found.items()]
    about.append("   * - :doc:`Conventions <conventions>`\n     - named converters")
    table = "\n".join([".. list-table::", "   :widths: 25 75", "", *about])
    texts["index"] = (
        "Names\n=====\n\nEvery public name, by role. Examples run as tests of the package.\n\n"
        f"{table}\n\n.. toctree::\n   :hidden:\n\n{contents}\n"
    )
    return texts


def _links(names: list[str]) -> str:
    things = public()
    role = {name: "class" if inspect.isclass(things[name]) else "func" for name in names}
    return ", ".join(f":py:{role[name]}:`~qcascade.{name}`" for name in names)


def _entry(name: str) -> str:
    thing = public()[name]
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return f".. autoexception:: qcascade.{name}\n"
    if inspect.isclass(thing):
        return f".. autoclass:: qcascade.{name}\n   :members: {_members(thing)}\n"
    return f".. autofunction:: qcascade.{name}\n"


def _members(record: type) -> str:
    """Methods and properties written for users; fields are told under Args."""
    own = [
        name
        for name, value in vars(record).items()
        if not name.startswith("_") and (callable(value) or hasattr(value, "__doc__"))
        if getattr(inspect.getattr_static(record, name), "__doc__", None)
        and (inspect.isfunction(value) or isinstance(value, property) or _cached(value))
    ]
    return ", ".join(own)


def _cached(value: object) -> bool:
    return type(value).__name__ == "cached_property"


def _conventions() -> str:
    from qcascade.base import conventions

    own = [
        name
        for name, value in vars(conventions).items()
        if inspect.isfunction(value)
        and value.__module__ == conventions.__name__
        and not name.startswith("_")
    ]
    entries = "\n".join(f".. autofunction:: qcascade.base.conventions.{name}\n" for name in own)
    intro = "Other conventions enter and leave through functions with a name.\n"
    data = ".. autodata:: qcascade.base.conventions.VACUUM\n"
    return f"Conventions\n===========\n\n{intro}\n{data}\n{entries}"


# Papers


def write_papers(report: Path, out: Path) -> None:
    """One page per paper of a report, with its figures beside it.

    Args:
        report: folder with report.json.
        out: folder for the pages.
    """
    told = report / "report.json"
    if not told.exists():
        text = "# Papers\n\nThis build has no report: `make docs` makes one first.\n"
        (out / "index.md").write_text(text, encoding="utf-8")
        return
    content = json.loads(told.read_text(encoding="utf-8"))
    for key, paper in content["papers"].items():
        (out / f"{key}.md").write_text(_paper(key, paper, report, out / key), encoding="utf-8")
    (out / "index.md").write_text(_index(content), encoding="utf-8")


def _index(content: dict) -> str:
    rows = [
        f"| [{paper['title']}]({key}.md) | {_count(paper, 'reproduced', 'yes')} | "
        f"{_count(paper, 'reproduced', 'in part')} | {_count(paper, 'reproduced', 'no')} | "
        f"{_count(paper, 'physical', 'yes')} | {_count(paper, 'physical', 'no')} |"
        for key, paper in content["papers"].items()
    ]
    made = content["made"]
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    listed = "\n".join(content["papers"])
    return (
        "# Papers\n\n"
        "Published systems, computed anew from their equations: once as printed, and once in the "
        "reading that obeys quantum mechanics. *Reproduced* says whether a statement comes out of "
        "the equations in the text at hand, *physical* whether it survives in that reading. "
        f"Grids: {made['grids']}; `qcascade report --full` draws the fine ones.\n\n"
        "| paper | reproduced | in part | not | physical | not |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\nComputed on {made['date']} in {made['seconds']:.0f} s with qcascade "
        f"{made['version']} on {_cell(made['machine'])}; {_cell(packages)}.\n"
        f"\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def _count(paper: dict, column: str, verdict: str) -> int:
    return sum(claim[column] == verdict for claim in paper["claims"])


def _paper(key: str, paper: dict, report: Path, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    figures = "\n".join(_figure(key, figure, report, folder) for figure in paper["figures"])
    return (
        f"# {_cell(paper['title'])}\n\n{_cell(paper['citation'].rstrip('.'))}, "
        f"[doi:{paper['doi']}](https://doi.org/{paper['doi']}).\n\n"
        f"The second reading is *{_cell(paper['reading'])}*. "
        f"On the command line: `qcascade paper {key}`.\n\n"
        f"## Claims\n\n{_claims(paper)}\n\n## Figures\n\n{figures}\n"
    )


def _claims(paper: dict) -> str:
    if paper["error"]:
        return f"```{{error}}\n{_cell(paper['error'])}\n```"
    reading = _cell(paper["reading"])
    head = f"| claim | where | as printed | {reading} | reproduced | physical | kind | why |"
    rows = [head, f"|{'---|' * 8}", *map(_claim, paper["claims"])]
    return "\n".join(rows) + f"\n\n{_cell(tally(paper['claims']))}."


def _claim(claim: dict) -> str:
    words = [_cell(claim[name]) for name in Claim._fields]
    words[4:6] = (f"**{word}**" for word in words[4:6])
    return f"| {' | '.join(words)} |"


def _cell(value: object) -> str:
    """Plain text as it is: what Markdown would read as markup is physics."""
    text = " ".join(str(value).split())
    for sign in "\\|*_$<[]`~":
        text = text.replace(sign, "\\" + sign)
    return text


def _figure(key: str, figure: dict, report: Path, folder: Path) -> str:
    title, caption = f"### Figure {_cell(figure['name'])}\n\n", _cell(figure["caption"])
    if figure["error"]:
        return f"{title}{caption}.\n\n```{{error}}\n{_cell(figure['error'])}\n```\n"
    links = " · ".join(
        f"{{download}}`{word} <{_copied(figure[kind], report, key, folder)}>`"
        for kind, word in (("svg", "SVG"), ("pdf", "PDF"), ("netcdf", "netCDF"), ("csv", "CSV"))
    )
    image = _copied(figure["png"], report, key, folder)
    shown = f"```{{image}} {image}\n:alt: {' '.join(figure['caption'].split())}\n```"
    return f"{title}{shown}\n\n{caption}. {links}\n"


def _copied(name: str, report: Path, key: str, folder: Path) -> str:
    shutil.copy(report / name, folder)
    return f"{key}/{Path(name).name}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        REPORT = Path(sys.argv[1])
    pages(Path(__file__).parent / "_generated")
