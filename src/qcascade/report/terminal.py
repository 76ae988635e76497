"""A paper's figures and claims at a terminal."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from ..base.files import check_writable
from ..papers import PAPERS, Paper
from ..plots.plot import save_images
from ..plots.style import styled
from ..sweeps.run import save
from .record import counts, tally
from .rows import stacked


def figures(module: Paper, names: Sequence[str], folder: Path) -> Iterator[tuple[str, Path]]:
    """Compute and draw figures one by one: the name and the picture of each that is written.

    Args:
        module: the paper.
        names: of its figures.
        folder: where pictures (PNG, SVG, PDF) and data (netCDF) go.
    """
    check_writable(folder)
    console = Console(stderr=True)
    computed: dict[Any, Any] = {}  # figures 3a and 3b share their data
    for name in names:
        plate = module.FIGURES[name]
        with console.status(f"figure {name}: {plate.caption}"):
            if plate.data not in computed:
                computed[plate.data] = plate.data(**plate.full)
            data = computed[plate.data]
            save(data, folder / f"fig_{name}.nc")
            path = save_images(styled(plate.draw, data), folder / f"fig_{name}")
        yield name, path


def print_claims(key: str, module: Paper, folder: Path, begun: float) -> None:
    """The claims of a paper, and what a newcomer wants to see at the end.

    Args:
        key: of the paper.
        module: the paper.
        folder: where its figures are.
        begun: when the work began, by `time.perf_counter`.
    """
    console = Console(highlight=False, soft_wrap=True, markup=False)
    wide = min(console.width, 100) if sys.stdout.isatty() else 80
    claims = module.claims()
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
    for name, text in end.items():
        print(f"{name:<11}{text}")


def tell(line: str) -> None:
    """A line of progress, beside what the command prints; failures are red.

    Args:
        line: the line.
    """
    style = "red" if "Error: " in line else None
    Console(stderr=True, highlight=False).print(escape(line), style=style, soft_wrap=True)
