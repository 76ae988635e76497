"""A paper's figures and claims at a terminal."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from ..base.files import check_writable
from ..papers import PAPERS, Plate, paper
from ..papers.statements import Claim
from ..sweeps.executors import finished
from ..sweeps.run import save
from .drawn import drawn
from .make import USUAL, Grids
from .record import counts, tally
from .rows import stacked

if TYPE_CHECKING:
    import xarray as xr


CLAIMS = "claims"


def made(
    key: str,
    names: Sequence[str],
    folder: Path,
    grids: Grids = USUAL,
    executor: Executor | None = None,
) -> Iterator[tuple[str, Any]]:
    """Compute and draw figures, and judge claims: each by name, as it is ready.

    Args:
        key: of the paper.
        names: of its figures, and `CLAIMS`.
        folder: where pictures (PNG, SVG, PDF) and data (netCDF) go.
        grids: `USUAL`, or another one of `make`.
        executor: processes for several at a time; one by one in this process when None.

    Returns:
        Pairs (name, picture), and (`CLAIMS`, list of claims).
    """
    check_writable(folder)
    groups: dict[Any, list[str]] = {}  # figures that share their data are one work
    for name in names:
        groups.setdefault(name if name == CLAIMS else paper(key).FIGURES[name].data, []).append(
            name
        )
    work = dict(enumerate(groups.values()))
    with (
        Console(stderr=True).status("") as status,
        closing(
            finished(partial(_made, key, folder, grids), list(work.items()), executor)
        ) as results,
    ):
        status.update(_under_way(work))
        for index, result in results:
            yield from zip(work.pop(index), result, strict=True)
            status.update(_under_way(work))


def _under_way(work: Mapping[int, Sequence[str]]) -> str:
    return ", ".join(
        name if name == CLAIMS else f"figure {name}" for x in work.values() for name in x
    )


def _made(key: str, folder: Path, grids: Grids, names: Sequence[str]) -> list[Any]:
    """Figures that share their data, or claims, in one process."""
    module = paper(key)
    if names[0] == CLAIMS:
        return [module.claims()]
    plates = {name: module.FIGURES[name] for name in names}
    first = plates[names[0]]
    data = first.data(**grids.settings(first))
    return [_saved(plate, data, folder / f"fig_{name}") for name, plate in plates.items()]


def _saved(plate: Plate, data: "xr.Dataset", stem: Path) -> Path:
    save(data, f"{stem}.nc")
    return drawn(plate.draw, data, stem)


def print_claims(key: str, claims: Sequence[Claim], folder: Path, begun: float) -> None:
    """The claims of a paper, and what a newcomer wants to see at the end.

    Args:
        key: of the paper.
        claims: all of them.
        folder: where its figures are.
        begun: when the work began, by `time.perf_counter`.
    """
    console = Console(highlight=False, soft_wrap=True, markup=False)
    wide = min(console.width, 100) if sys.stdout.isatty() else 80
    module = paper(key)
    print()
    for style, line in stacked(claims, module.READING, wide):
        console.print(line, style=style or None)
    rows = [claim._asdict() for claim in claims]
    kinds = ", ".join(f"{n} {x}" for x, n in counts(rows, "kind").items() if n)
    end = {
        key: PAPERS[key].partition(" (")[0],
        "claims": tally(rows).partition(": ")[2].partition(f"; {kinds}")[0],
        "kinds": kinds,
        "figures": f"{len(module.FIGURES)} in {folder}, as PNG, SVG and PDF, data as netCDF",
        "took": f"{time.perf_counter() - begun:.0f} s; to play with it, qcascade explore {key}",
    }
    width = max(map(len, end)) + 2
    for name, text in end.items():
        print(f"{name:<{width}}{text}")


def tell(line: str) -> None:
    """A line of progress, beside what the command prints; failures are red.

    Args:
        line: the line.
    """
    style = "red" if "Error: " in line else None
    Console(stderr=True, highlight=False).print(escape(line), style=style, soft_wrap=True)
