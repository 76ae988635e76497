"""The command line: one function a command. Heavy imports wait for their command."""

import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from .base.version import __version__
from .report.stopping import Stopped, print_made, stopping

if TYPE_CHECKING:
    from .netlist.network_file import Netlist

DEBUG = "--debug"
"""Shows tracebacks, wherever it stands in the line."""

STOPPED = 130
"""How shells report what Ctrl-C has ended."""

app = typer.Typer(
    name="qcascade",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Entanglement in cascaded and nonreciprocal quantum networks.",
    epilog="Example: qcascade point pelka2026 hopping=0.5 squeezing=0.3",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"qcascade {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where an error comes from; anywhere in the line.")
    ] = False,
) -> None:
    """Entanglement in cascaded and nonreciprocal quantum networks."""


Key = Annotated[str, typer.Argument(help="The paper's key, as `qcascade list` shows it.")]
Source = Annotated[str, typer.Argument(metavar="FILE.toml | KEY", help="A file, or a paper's key.")]
File = Annotated[Path, typer.Argument(metavar="FILE.toml", help="A network file.")]
Settings = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Parameters to change.")
]
Measure = Annotated[
    str | None, typer.Option(help="The measure; that of [design], margin or E_N by default.")
]
Out = Annotated[Path, typer.Option(help="Folder for netCDF and figures.")]


def main() -> None:
    """Run the command line; whatever goes wrong is one sentence and exit code 2."""
    words = [word for word in sys.argv[1:] if word != DEBUG]
    # What NumPy says of single operations is told by the numbers, and other warnings in one line.
    warnings.filterwarnings("ignore", ".* encountered in ", RuntimeWarning)
    warnings.showwarning = lambda message, *place: _tell(str(message))
    try:
        app(words)
    except SystemExit as end:
        if end.code == STOPPED:
            _tell("stopped; nothing was written.")
        raise
    except Exception as error:
        if DEBUG in sys.argv[1:]:
            raise
        _tell(_sentence(error))
        sys.exit(STOPPED if isinstance(error, Stopped) else 2)


def _tell(sentence: str) -> None:
    print(f"qcascade: {sentence}", file=sys.stderr)


def _sentence(error: Exception) -> str:
    """What is foreseen explains itself; of anything else, what it is and how to learn where."""
    told = (ArgumentError, UnstableError, DegenerateError, ConvergenceError, Stopped, ImportError)
    if isinstance(error, told):
        return str(error)
    if isinstance(error, MemoryError):
        return f"there is not enough memory for this; fewer points or parts need less. {error}"
    words = " ".join(str(error).split())[:300]
    kind = type(error).__name__
    return f"{kind}{': ' * bool(words)}{words} (not foreseen; {DEBUG} shows where it comes from)"


@app.command("list", short_help="The papers and their figures, or a paper's parameters.")
def list_papers(
    key: Annotated[str | None, typer.Argument(help="One paper, with its parameters.")] = None,
) -> None:
    """Show the papers and their figures; of one paper also the parameters of its points.

    Example: qcascade list pelka2026
    """
    from .papers.listing import listing

    print(*listing(key), sep="\n")


@app.command("paper", short_help="A paper's figures and claims, reproduced.")
def draw_paper(
    key: Key,
    figure: Annotated[str | None, typer.Argument(help="One figure; all when omitted.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for figures and netCDF [figures/KEY].")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="As published, with what takes minutes.")
    ] = False,
) -> None:
    """Reproduce a paper's figures (PNG, SVG, PDF, data as netCDF) and print its claims.

    All is computed anew; a figure whose data come out as they did is not drawn again.

    Example: qcascade paper pelka2026 3a --out figures/pelka2026
    """
    import time

    from .base.checks import one_of
    from .papers import paper
    from .report.make import USUAL, WHOLE
    from .report.processes import processes
    from .report.terminal import CLAIMS, made, print_claims

    begun = time.perf_counter()
    module = paper(key)
    names = [one_of("figure", figure, module.FIGURES)] if figure else list(module.FIGURES)
    folder = out or Path("figures") / key
    drawn: list[str] = []

    def left() -> str:
        undrawn = [name for name in names if name not in drawn]
        kept = f"figures {', '.join(drawn)} are in {folder}" if drawn else "nothing was kept"
        more = [f"`qcascade paper {key} {undrawn[0]}` makes the next"] if undrawn else []
        return "; ".join([kept, *more]) + "."

    with stopping(left), processes() as pool:
        wanted, elsewhere = (names, None) if figure else ([*names, CLAIMS], pool)
        claims = []
        for name, result in made(key, wanted, folder, WHOLE if full else USUAL, elsewhere):
            if name == CLAIMS:
                claims = result
            else:
                drawn.append(name)
                print(f"figure {name:<15} {result}", flush=True)
    if claims:
        print_claims(key, claims, folder, begun)


@app.command("report", short_help="All papers, reproduced into one page.")
def make_report(
    paper: Annotated[
        list[str] | None, typer.Option(help="A paper's key; may be repeated; all when omitted.")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Coarse grids, within minutes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="As published; within an hour.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the page and its files.")] = Path("report"),
) -> None:
    """Reproduce the papers into one page, with all figures, data and claims beside it.

    The exit code is 1 when a figure or a table of claims could not be made; the page says why.

    Example: qcascade report --fast --paper pelka2026 --out report
    """
    from .base.checks import fail
    from .papers import PAPERS
    from .report.make import COARSE, USUAL, WHOLE, report
    from .report.processes import processes
    from .report.record import failures
    from .report.terminal import tell

    if fast and full:
        raise fail("full", "not be given together with `fast`", full)
    grids = COARSE if fast else WHOLE if full else USUAL

    def left() -> str:
        return (
            f"the figures told above are in {out}, without a page; the same command makes all "
            "anew, and with --paper KEY those of one paper."
        )

    with stopping(left), processes() as pool:
        record = report(out, paper or tuple(PAPERS), grids, pool, tell)
    print(f"report {out / 'index.html'}")
    if failures(record):
        raise typer.Exit(1)


@app.command("point", short_help="One point of a paper or a file, as JSON.")
def compute_point(source: Source, settings: Settings = None) -> None:
    """Compute one point of a paper's system, or of a network file, and print one JSON object.

    `qcascade list KEY` shows a paper's parameters, with defaults and units. Plain numbers are in
    the units of the defaults; other units of the list can be given with the number, power=15mW.
    Of a file all measures are computed at its parameters, those of its axes too.

    Example: qcascade point pelka2026 hopping=0.5 squeezing=0.3

    Example: qcascade point examples/cascade.toml loss=0.5
    """
    import json

    from .report.points import file_point, is_file, paper_point

    if is_file(source):
        results = file_point(*_read(Path(source), settings), _tell)
    else:
        results = paper_point(source, settings or [])
    print(json.dumps(results))


@app.command("run", short_help="A file swept over its axes: data and figures.")
def run_file(
    file: File,
    settings: Settings = None,
    out: Out = Path("figures"),
    store: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps what is finished; the same command goes on from it."),
    ] = None,
) -> None:
    """Sweep a network of your own over one or two axes: netCDF and a figure per measure.

    Example: qcascade run examples/cascade.toml occupation=0 --out figures
    """
    from .report.networks import swept

    netlist, values = _read(file, settings)
    print_made(swept(netlist, values, file, out, store, _tell), out, store, "FOLDER")


@app.command("design", short_help="The best parameters, as a file's [design] asks.")
def design_file(
    file: File,
    settings: Settings = None,
    out: Out = Path("figures"),
    store: Annotated[
        Path | None,
        typer.Option(help="File that keeps finished runs; the same command goes on from it."),
    ] = None,
) -> None:
    """Find the parameters that make a measure largest, as a file's section [design] asks.

    Example: qcascade design examples/design.toml --out figures
    """
    from .report.networks import designed

    netlist, values = _read(file, settings)
    print_made(designed(netlist, values, file, out, store, print), out, store, "FILE")


@app.command("sensitivity", short_help="Which parameters of a file count most.")
def tell_sensitivity(file: File, settings: Settings = None, of: Measure = None) -> None:
    """Say how much a measure changes with every parameter of a network file, the largest first.

    Example: qcascade sensitivity examples/design.toml --of margin
    """
    from .netlist.designed import sensitivity_netlist

    print(sensitivity_netlist(*_read(file, settings), of))


@app.command("tolerance", short_help="How far off the parameters of a file may be.")
def tell_tolerance(
    file: File,
    settings: Settings = None,
    of: Measure = None,
    small: Annotated[
        bool, typer.Option("--small", help="It shall be small; what [design] minimises is.")
    ] = False,
    spread: Annotated[float, typer.Option(help="Relative spread of all parameters.")] = 0.05,
    keep: Annotated[float, typer.Option(help="Share of the measure that must be left.")] = 0.5,
    samples: Annotated[int, typer.Option(help="How many networks are drawn.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
) -> None:
    """Say how often a network file still works with all parameters off, and what costs most.

    Example: qcascade tolerance examples/design.toml gain=0.4MHz decay=3.5MHz --spread 0.1
    """
    from .netlist.designed import tolerance_netlist

    options = {"spread": spread, "keep": keep, "samples": samples, "seed": seed}
    print(tolerance_netlist(*_read(file, settings), of, small=small, **options))


@app.command("audit", short_help="Is it physical? Exit code 1 if not.")
def audit_file(file: File, settings: Settings = None) -> None:
    """Say whether a network or a pair of printed matrices is physical; exit code 1 if not.

    Matrices are audited at every point of the file's axes, and compared with the parts and wires
    that stand beside them.

    Example: qcascade audit examples/printed_matrices.toml
    """
    import numpy as np

    from .linear.quantum_noise import UNPHYSICAL
    from .netlist.audited import audited

    audit_of, lines = audited(*_read(file, settings))
    print(*lines, sep="\n")
    if np.any(audit_of.verdict == UNPHYSICAL):
        raise typer.Exit(1)


@app.command("explore", short_help="Sliders and maps, in the browser.")
def explore(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE.toml | KEY", help="A network file or a paper.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Where to serve; a free port by default.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Explore a paper's system, or a network of your own, in a page on this machine.

    Example: qcascade explore examples/cascade.toml
    """
    from .explore.server import serve

    with suppress(KeyboardInterrupt):  # which is how to stop it
        serve(source, port, browser)


def _read(file: Path, settings: list[str] | None) -> "tuple[Netlist, dict[str, Any]]":
    """A network file, and the parameters that a command changes in it."""
    from .base.files import text_of
    from .base.settings import settings as read
    from .netlist.load import load

    netlist = load(text_of("file", file))
    values = read(settings or [], netlist.parameters, kinds=netlist.units)
    typed = {name: text for name, _, text in (x.partition("=") for x in settings or [])}
    return netlist.in_units(typed), values
