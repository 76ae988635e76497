"""A paper's figures and claims at a terminal."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..base.files import check_writable
from ..papers import Paper
from ..plots.plot import save_figure
from ..sweeps.run import save

_COLOURS = {"holds": "green", "holds in part": "yellow", "fails": "red"}


def figures(module: Paper, names: Sequence[str], folder: Path) -> Iterator[tuple[str, Path]]:
    """Compute and draw figures one by one: the name and the picture of each that is written.

    Args:
        module: the paper.
        names: of its figures.
        folder: where pictures (PNG) and data (netCDF) go.
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
            path = save_figure(plate.draw(data), folder / f"fig_{name}.png")
        yield name, path


def print_claims(module: Paper) -> None:
    """The claims of a paper as a table.

    Args:
        module: the paper.
    """
    table = Table(title="claims of the paper", show_lines=True)
    for title in ("claim", "source", "as printed", module.READING, "verdict", "why"):
        table.add_column(title, overflow="fold")
    for row in module.claims():
        verdict = f"[{_COLOURS[row.verdict]}]{row.verdict}[/]"
        table.add_row(*(escape(x) for x in row[:4]), verdict, escape(row.why))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def tell(line: str) -> None:
    """A line of progress, beside what the command prints; failures are red.

    Args:
        line: the line.
    """
    style = "red" if "Error: " in line else None
    Console(stderr=True, highlight=False).print(escape(line), style=style, soft_wrap=True)
