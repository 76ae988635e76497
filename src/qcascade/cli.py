"""The command line: one function a command. Heavy imports wait for their command."""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from .base.version import __version__

if TYPE_CHECKING:
    import xarray as xr

    from .netlist.network_file import Netlist
    from .papers import Paper

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
File = Annotated[Path, typer.Argument(metavar="FILE.toml", help="A network file.")]
Settings = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Parameters to change.")
]


class Stopped(Exception):
    """Ctrl-C; the message says what was kept, and how to go on."""


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


@contextmanager
def _stopping(left: Callable[[], str]) -> Iterator[None]:
    """Ctrl-C ends a command with a word on what it leaves and how to go on.

    Args:
        left: that word, asked for when it comes; a store's own note is more exact.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        notes = getattr(stop, "__notes__", None) or [left()]
        raise Stopped(f"stopped; {' '.join(notes)}") from stop


@app.command("list")
def list_papers(
    key: Annotated[str | None, typer.Argument(help="One paper, with its parameters.")] = None,
) -> None:
    """Show the papers and their figures; of one paper also the parameters of its points.

    Example: qcascade list pelka2026
    """
    from .papers import PAPERS, paper
    from .papers.parameters import described

    modules = {name: paper(name) for name in (PAPERS if key is None else [key])}
    for name, module in modules.items():
        print(f"{name}  {PAPERS[name]}")
        for figure, plate in module.FIGURES.items():
            print(f"    {figure:<16}{plate.caption}")
    if key is not None:
        print(f"parameters, for qcascade point {key} NAME=VALUE ...")
        for name, default, words in described(key):
            print(f"    {name + '=' + default:<31} {words}".rstrip())


@app.command("paper")
def draw_paper(
    key: Key,
    figure: Annotated[str | None, typer.Argument(help="One figure; all when omitted.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for figures and netCDF [figures/KEY].")
    ] = None,
) -> None:
    """Reproduce a paper's figures (PNG, SVG, PDF, data as netCDF) and print its claims.

    Example: qcascade paper pelka2026 3a --out figures/pelka2026
    """
    import time

    from .base.checks import one_of
    from .papers import paper

    begun = time.perf_counter()
    module = paper(key)
    names = [one_of("figure", figure, module.FIGURES)] if figure else list(module.FIGURES)
    folder = out or Path("figures") / key
    drawn: list[str] = []

    def left() -> str:
        rest = [name for name in names if name not in drawn]
        kept = f"figures {', '.join(drawn)} are in {folder}" if drawn else "nothing was kept"
        return f"{kept}; `qcascade paper {key} {rest[0]}` makes the next." if rest else f"{kept}."

    with _stopping(left):
        _draw(module, names, folder, drawn)
        if not figure:
            _print_claims(key, module, folder, begun)


def _draw(module: "Paper", names: list[str], folder: Path, drawn: list[str]) -> None:
    from rich.console import Console

    from .base.files import check_writable
    from .plots.plot import save_images
    from .plots.style import styled
    from .sweeps.run import save

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
        drawn.append(name)
        print(f"figure {name:<15} {path}", flush=True)


def _print_claims(key: str, module: "Paper", folder: Path, begun: float) -> None:
    """The claims, and what a newcomer wants to see at the end."""
    import time

    from rich.console import Console

    from .papers import PAPERS
    from .report.record import counts, tally
    from .report.rows import stacked

    console = Console(highlight=False, soft_wrap=True, markup=False)
    wide = min(console.width, 100) if sys.stdout.isatty() else 80
    claims = module.claims()
    print()
    for style, line in stacked(claims, module.READING, wide):
        console.print(line, style=style or None)
    rows = [claim._asdict() for claim in claims]
    kinds = ", ".join(f"{n} {x}" for x, n in counts(rows, "kind").items() if n)
    end = {
        key: PAPERS[key],
        "claims": tally(rows).partition(": ")[2].partition(f"; {kinds}")[0],
        "kinds": kinds,
        "figures": f"{len(module.FIGURES)} in {folder}, as PNG, SVG and PDF, data as netCDF",
        "took": f"{time.perf_counter() - begun:.0f} s; to play with it, qcascade explore {key}",
    }
    for name, text in end.items():
        print(f"{name:<11}{text}")


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


@app.command("report")
def make_report(
    paper: Annotated[
        list[str] | None, typer.Option(help="A paper's key; may be repeated; all when omitted.")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Coarse grids, within minutes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="As published; takes hours.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the page and its files.")] = Path("report"),
) -> None:
    """Reproduce the papers into one page, with all figures, data and claims beside it.

    The exit code is 1 when a figure or a table of claims could not be made; the page says why.

    Example: qcascade report --fast --paper pelka2026 --out report
    """
    import threading
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    from rich.console import Console

    from .base.checks import fail
    from .base.threads import cores
    from .papers import PAPERS
    from .report.make import COARSE, USUAL, WHOLE, report
    from .report.record import failures
    from .sweeps.executors import leave_to_parent

    if fast and full:
        raise fail("full", "not be given together with `fast`", full)
    grids = COARSE if fast else WHOLE if full else USUAL
    console = Console(stderr=True, highlight=False)

    def tell(line: str) -> None:
        console.print(_escape(line), style="red" if "Error: " in line else None, soft_wrap=True)

    # Fresh processes, since JAX does not survive a fork; four fit into most memories.
    workers = min(cores(), 4)
    context = get_context("spawn")

    def left() -> str:
        return (
            f"the figures told above are in {out}, without a page; the same command makes all "
            "anew, and with --paper KEY those of one paper."
        )

    with (
        _stopping(left),
        ProcessPoolExecutor(workers, context, initializer=leave_to_parent) as pool,
    ):
        try:
            record = report(out, paper or tuple(PAPERS), grids, pool, tell)
        except KeyboardInterrupt:
            threading.excepthook = lambda lost: None  # the pool's thread, on its lost workers
            for worker in active_children():  # or else what they compute would be waited for
                worker.terminate()
            raise
    print(f"report {out / 'index.html'}")
    if failures(record):
        raise typer.Exit(1)


@app.command("point")
def compute_point(key: Key, settings: Settings = None) -> None:
    """Compute one point of a paper's system and print one JSON object.

    `qcascade list KEY` shows the parameters, with defaults and units. Plain numbers are in the
    units of the defaults; other units of the list can be given with the number, power=15mW.

    Example: qcascade point pelka2026 hopping=0.5 squeezing=0.3 direction=backward
    """
    import json

    from .papers import paper
    from .papers.parameters import records

    module = paper(key)
    values = _settings(settings, module.PARAMETERS, records(key))
    print(json.dumps({name: _plain(x) for name, x in module.point(**values).items()}))


def _plain(value: Any) -> Any:
    """Numbers and lists for JSON; what does not exist (NaN, or a list of them) is null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        plain = [_plain(x) for x in value]
        return plain if any(x is not None for x in plain) else None
    return None if isinstance(value, float) and value != value else value


def _settings(
    settings: list[str] | None, known: Any, units: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Values by name from "name=value" words, of the type of the known default."""
    from .base.checks import fail, one_of

    values: dict[str, Any] = {}
    for word in settings or []:
        name, found, text = word.partition("=")
        one_of(name or word, name, known, "a parameter")
        if not found:
            raise fail(name, "be given as NAME=VALUE", word)
        if name in values:
            raise fail(name, "be set once", word)
        values[name] = _typed(name, text, known[name], (units or {}).get(name))
    return values


def _typed(name: str, text: str, default: Any, record: Any = None) -> Any:
    from .base.checks import fail
    from .base.units import Si, has_unit, of_any_kind

    if isinstance(default, str):
        return text
    if "," in text and getattr(record, "several", False):
        return [_typed(name, one, default) for one in text.split(",")]
    if record is not None and not isinstance(default, int):
        from .papers.parameters import in_unit

        value = in_unit(record, text)
        if value is not None:
            return value
    if isinstance(default, Si) or (
        record is None and isinstance(default, float) and has_unit(text)
    ):
        return of_any_kind(name, text)  # a parameter of a file
    kind, words = (int, "a whole number") if isinstance(default, int) else (float, "a number")
    try:
        return kind(text)
    except ValueError:
        unit = getattr(record, "unit", "1")
        more = f"units: {unit}" if unit != "1" else ""
        raise fail(name, f"be {words}", text, more) from None


@app.command("run")
def run_file(
    file: File,
    settings: Settings = None,
    out: Annotated[Path, typer.Option(help="Folder for netCDF and figures.")] = Path("figures"),
    store: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps what is finished; the same command goes on from it."),
    ] = None,
) -> None:
    """Sweep a network of your own over one or two axes: netCDF and a figure per measure.

    Example: qcascade run examples/cascade.toml occupation=0 --out figures
    """
    from .base.files import check_writable
    from .netlist.run import check_sweepable, sweep_netlist
    from .plots.plot import figure, save_images
    from .sweeps.run import save

    netlist = _read(file)
    values = _settings(settings, netlist.parameters)
    check_sweepable(netlist, values)
    # A wrong file is told before a folder is made.
    netlist.network(values) if netlist.matrices is None else netlist.model(values)
    check_writable(out)
    made: list[str] = []

    def left() -> str:
        if store is not None:
            return f"what is finished is in {store}; the same command goes on from there."
        kept = f"{', '.join(made)} in {out}" if made else "nothing"
        return f"{kept} was kept; with --store FOLDER the same command goes on where it was."

    with _stopping(left):
        data = sweep_netlist(netlist, values, store)
        print(f"data   {save(data, out / f'{file.stem}.nc')}", flush=True)
        made.append(f"{file.stem}.nc")
        _remark(data, file)
        for name in netlist.measures:
            path = save_images(figure(data, name), out / f"{file.stem}-{name}")
            print(f"figure {path}", flush=True)
            made.append(path.name)


def _remark(data: "xr.Dataset", file: Path) -> None:
    """What a reader of the numbers should know."""
    from .hilbert.cutoffs import EDGE

    edge = float(data.edge_population.max()) if "edge_population" in data else 0.0
    if edge > EDGE:
        told = f"up to {edge:.2g} of the population sits at the cutoffs; raise them and compare"
        _tell(told)
    if "physical" in data and not data.physical.all():
        points = f"{int((~data.physical).sum())} of {data.physical.size} points"
        told = f"the matrices are not physical at {points}; `qcascade audit {file}` says why"
        _tell(told)


@app.command("audit")
def audit_file(file: File, settings: Settings = None) -> None:
    """Say whether a network or a pair of printed matrices is physical; exit code 1 if not.

    Matrices are audited at every point of the file's axes, and compared with the parts and wires
    that stand beside them.

    Example: qcascade audit examples/printed_matrices.toml
    """
    import numpy as np

    from .audits.audit import audit
    from .audits.printed_convention import OURS
    from .linear.model import gaussian
    from .linear.quantum_noise import UNPHYSICAL

    netlist = _read(file)
    values = _settings(settings, netlist.parameters)
    if netlist.matrices is None:
        found = audit(netlist.model(values))
    else:
        reading = netlist.matrices.reading
        if reading != OURS:
            print(f"The file is read as {reading}, and converted.")
        values = {**netlist.grid(values), **values}
        wired = gaussian(netlist.network(values)) if netlist.tables.get("parts") else None
        found = audit(netlist.model(values), wired, errors=netlist.errors(values))
    print(found)
    if found.worst:
        swept = zip(values.items(), found.worst, strict=False)  # what is swept comes first
        at = [f"{name} = {np.ravel(x)[k]:.6g}" for (name, x), k in swept]
        print(f"The worst point has {', '.join(at)}.")
    if np.any(found.verdict == UNPHYSICAL):
        raise typer.Exit(1)


@app.command("explore")
def explore(
    source: Annotated[
        str | None, typer.Argument(metavar="[FILE.toml | KEY]", help="A network file or a paper.")
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


def _read(file: Path) -> "Netlist":
    from .base.checks import fail
    from .netlist.load import load

    try:
        return load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise fail("file", "be a file that can be read", str(file), str(error.strerror)) from None
    except UnicodeDecodeError:
        raise fail("file", "be a text file (UTF-8)", str(file)) from None
