"""The reproduction report: every figure and every claim of the papers, as files and as one page."""

import inspect
import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.checks import fail, one_of
from ..base.files import check_writable, written_aside
from ..base.plain import plain
from ..base.version import __version__
from ..interop.tables import write_csv, write_table
from ..papers import PAPERS, SOURCES, Plate, paper
from ..papers.statements import Claim
from ..plots.plot import IMAGES
from .drawn import drawn
from .leaving import leaving_plate
from .record import tally

if TYPE_CHECKING:
    import xarray as xr


class Grids(NamedTuple):
    """How fine the figures are: in words, and as settings of a figure's data."""

    says: str
    settings: Callable[[Plate], Mapping[str, Any]]


def _coarse(plate: Plate) -> Mapping[str, Any]:
    return plate.fast


def _usual(plate: Plate) -> Mapping[str, Any]:
    return {}


def _whole(plate: Plate) -> Mapping[str, Any]:
    return plate.full


COARSE = Grids("coarse grids, fewer pairs and photons", _coarse)
USUAL = Grids("the usual grids", _usual)
WHOLE = Grids("as published, with what takes minutes", _whole)


def report(
    out: str | Path = "report",
    papers: Sequence[str] = tuple(PAPERS),
    grids: Grids = USUAL,
    executor: Executor | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Reproduce papers into a folder: one page, and beside it all figures, data and claims.

    A figure or a table of claims that fails is reported in its place; the others are made.

    Args:
        out: the folder; made if need be.
        papers: keys of `papers.PAPERS`.
        grids: `COARSE`, `USUAL` or `WHOLE`.
        executor: from `concurrent.futures`, for many figures at a time; one by one when None.
        tell: called with a line of text after every figure and table.

    Returns:
        What `report.json` holds: {"made": {…}, "papers": {key: {…, "figures": […],
        "claims": […]}}} with the names of files relative to the folder, and "error" in
        whatever failed.

    Raises:
        ArgumentError: for an unknown paper, or a folder that cannot be written.
    """
    keys = _known(papers)
    check_writable(out)
    folder, begun = Path(out), time.perf_counter()
    work = {
        (key, name): task
        for key in keys
        for name, task in (
            (CLAIMS, partial(_claims, key, folder)),
            *((x, partial(_figure, key, x, grids, folder)) for x in plates(key)),
        )
    }
    results = _done(work, executor, tell)
    chapters = {key: _chapter(key, results) for key in keys}
    record = {"made": _made(grids, time.perf_counter() - begun), "papers": chapters}
    _write(record, folder)
    return record


CLAIMS = "claims"
Work = Mapping[tuple[str, str], Callable[[], dict[str, Any]]]


def _done(work: Work, executor: Executor | None, tell: Callable[[str], None]) -> dict[Any, Any]:
    """Every task's part of the record; what an executor could not finish says so."""
    if executor is None:
        results = ((at, task()) for at, task in work.items())
    else:
        results = _elsewhere(work, executor)
    parts = {}
    with closing(results):
        for number, (at, part) in enumerate(results, 1):
            parts[at] = part
            tell(f"{number:>{len(str(len(work)))}}/{len(work)}  {' '.join(at)}: {_outcome(part)}")
    return parts


def _elsewhere(work: Work, executor: Executor) -> Generator[tuple[Any, dict[str, Any]], None, None]:
    pending = {executor.submit(task): at for at, task in work.items()}
    try:
        for future in as_completed(pending):
            try:
                yield pending[future], future.result()
            except Exception as error:  # the worker itself is gone
                key, name = pending[future]
                lost = _empty(name, plates(key)[name], {}) if name != CLAIMS else _NONE
                yield (key, name), lost | {"error": _words(error)}
    finally:
        for future in pending:
            future.cancel()


def _outcome(part: Mapping[str, Any]) -> str:
    if part["error"]:
        return part["error"]
    if "claims" in part:
        return tally(part["claims"])
    return f"{part['caption']}, {part['seconds']:.1f} s"


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _known(papers: Sequence[str]) -> list[str]:
    if isinstance(papers, str) or not papers:
        raise fail("papers", "be a list of papers", papers, f"papers: {', '.join(PAPERS)}")
    return list(dict.fromkeys(one_of("paper", key, PAPERS, "a paper") for key in papers))


def _chapter(key: str, results: Mapping[Any, Any]) -> dict[str, Any]:
    """A paper's part of the record."""
    module, source = paper(key), SOURCES[key]
    return {
        "title": source.title,
        "citation": f"{source.authors}, {source.journal}",
        "doi": source.doi,
        "reading": module.READING,
        "parameters": plain(module.PARAMETERS),
        "figures": [results[key, name] for name in plates(key)],
        **results[key, CLAIMS],
    }


# ---- figures ----


def plates(key: str) -> dict[str, Plate]:
    """The figures of a paper, and what leaves its network where that has open outputs.

    Args:
        key: of the paper.
    """
    leaving = _leaving(key)
    return {**paper(key).FIGURES, **({} if leaving is None else {"leaving": leaving})}


@lru_cache
def _leaving(key: str) -> Plate | None:
    return leaving_plate(paper(key).SYSTEM)


def _figure(key: str, name: str, grids: Grids, folder: Path) -> dict[str, Any]:
    """One figure's part of the record; its files are written, or "error" says why not."""
    begun = time.perf_counter()
    plate = plates(key)[name]
    settings = grids.settings(plate)
    made = _empty(name, plate, settings)
    try:
        made |= _files(plate, plate.data(**settings), folder, f"{key}/fig_{name}")
    except Exception as error:  # one bad figure must not cost the others
        made["error"] = _words(error)
    return made | {"seconds": round(time.perf_counter() - begun, 2)}


def _empty(name: str, plate: Plate, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A figure's part of the record before there are files."""
    usual = _settings(plate.data, {})
    return {
        "name": name,
        "caption": plate.caption,
        "readings": plate.readings,
        "settings": _settings(plate.data, settings),
        "differs": sorted(k for k, v in plain(settings).items() if v != usual.get(k)),
        **dict.fromkeys((*IMAGES, "netcdf", "csv")),
        "csv_more": [],
        "grid": {},
        "seconds": 0.0,
        "error": None,
    }


def _files(plate: Plate, data: "xr.Dataset", folder: Path, stem: str) -> dict[str, Any]:
    from ..sweeps.run import save

    save(data, folder / f"{stem}.nc")
    sheets = write_csv(data, folder / f"{stem}.csv")
    drawn(plate.draw, data, folder / stem)
    names = [path.relative_to(folder).as_posix() for path in sheets]
    return {
        **{ending: f"{stem}.{ending}" for ending in IMAGES},
        "netcdf": f"{stem}.nc",
        "csv": names[0],
        "csv_more": names[1:],
        "grid": {str(dim): size for dim, size in data.sizes.items()},
    }


def _settings(data: Callable[..., Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """All keyword settings of a data function, defaults included."""
    known = inspect.signature(data).parameters.values()
    defaults = {p.name: p.default for p in known if p.default is not p.empty}
    return plain({**defaults, **changed})


# ---- claims ----


_NONE: dict[str, Any] = {"claims": [], "claims_seconds": None, "error": None}


def _claims(key: str, folder: Path) -> dict[str, Any]:
    """The claims' part of a paper's record; their files are written."""
    import pandas as pd

    begun = time.perf_counter()
    try:
        rows = [row._asdict() for row in paper(key).claims()]
        write_json(rows, folder / key / "claims.json")
        write_table(pd.DataFrame(rows, columns=list(Claim._fields)), folder / key / "claims.csv")
    except Exception as error:
        return _NONE | {"error": _words(error)}
    return _NONE | {"claims": rows, "claims_seconds": round(time.perf_counter() - begun, 2)}


def _made(grids: Grids, seconds: float) -> dict[str, Any]:
    """Where the numbers come from: versions, date, machine, time."""
    import platform

    from ..base.threads import cores
    from ..sweeps.fingerprint import versions

    return {
        "version": __version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {cores()} cores",
        "python": platform.python_version(),
        "packages": dict(versions()),
        "grids": grids.says,
        "seconds": round(seconds, 1),
    }


def write_json(value: Any, path: Path) -> None:
    """Write JSON for people and programs: UTF-8, indented.

    Args:
        value: what to write.
        path: the file.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    with written_aside(path) as aside:
        text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
        aside.write_text(text + "\n", encoding="utf-8")


def _write(record: dict[str, Any], folder: Path) -> None:
    from .page import page

    write_json(record, folder / "report.json")
    with written_aside(folder / "index.html") as aside:
        aside.write_text(page(record, folder), encoding="utf-8")
