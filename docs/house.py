"""The plan of the package, read from its own imports, and the way of one number through it.

The order of the rooms is the contract that the linter holds (`pyproject.toml`).
"""

import ast
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

import qcascade as qc

ROOT = Path(__file__).parent.parent
PACKAGE = Path(qc.__file__).parent
INK, ARROW = "#222222", "#7f8c9a"


class Room(NamedTuple):
    """One package, or one file in the root."""

    name: str
    says: str
    files: int
    uses: frozenset[str]


@cache
def order() -> tuple[str, ...]:
    """The rooms from the ground up: each may import from those before it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(reversed(project["tool"]["importlinter"]["contracts"][0]["layers"]))


@cache
def rooms() -> dict[str, Room]:
    """Every room with its one sentence and the rooms that its files import from."""
    found = {}
    for name in order():
        folder, file = PACKAGE / name, PACKAGE / f"{name}.py"
        head = folder / "__init__.py" if folder.is_dir() else file
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [file]
        says = (ast.get_docstring(ast.parse(head.read_text(encoding="utf-8"))) or "").split("\n\n")[
            0
        ]
        uses = frozenset().union(*map(_imports, files)) - {name}
        found[name] = Room(name, " ".join(says.split()), len(files), uses)
    return found


def _imports(file: Path) -> set[str]:
    """Rooms that a file imports from, wherever in the file it does."""
    inside = file.relative_to(PACKAGE).parts[:-1]
    used = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            path = inside[: len(inside) - node.level + 1] + tuple((node.module or "").split("."))
            names = [path[0]] if path and path[0] else [alias.name for alias in node.names]
            used |= {name for name in names if name in order()}
    return used


@cache
def floors() -> dict[str, int]:
    """How many rooms stand below each, one upon the other."""
    height: dict[str, int] = {}
    for name in order():
        height[name] = max((height[used] + 1 for used in rooms()[name].uses), default=0)
    return height


def _direct(name: str) -> set[str]:
    """Rooms used that no other used room leads to: what the picture needs arrows for."""
    uses = rooms()[name].uses
    further = set().union(*(_all_below(used) for used in uses))
    return set(uses) - further


@cache
def _all_below(name: str) -> frozenset[str]:
    uses = rooms()[name].uses
    return uses.union(*map(_all_below, uses))


def draw():
    """The rooms on their floors; an arrow leads to what a room imports from."""
    from qcascade.plots.plot import blank

    floor_of = floors()
    levels = max(floor_of.values()) + 1
    drawing = blank(9.0, 0.7 * levels)
    axes = drawing.add_subplot()
    axes.set_axis_off()
    place = {}
    for level in range(levels):
        names = [name for name in order() if floor_of[name] == level]
        shift = 0.05 * (-1) ** level  # so that no arrow passes behind a room
        for k, name in enumerate(names):
            place[name] = ((k + 1) / (len(names) + 1) + shift, float(level))
    for name in order():
        for used in sorted(_direct(name)):
            (x, y), (x0, y0) = place[used], place[name]
            style = {"arrowstyle": "-|>", "color": ARROW, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", xy=(x, y + 0.25), xytext=(x0, y0 - 0.25), arrowprops=style)
    for name, (x, y) in place.items():
        box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": INK}
        axes.text(x, y, name, ha="center", va="center", color=INK, bbox=box)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.5, levels - 0.5)
    return drawing


def table() -> str:
    """One line a room, from the top of the house down, as Markdown."""
    rows = [
        f"| `{room.name}` | {room.says} | {room.files} | {', '.join(sorted(room.uses)) or '–'} |"
        for room in map(rooms().get, reversed(order()))
    ]
    return "\n".join(["| room | what | files | imports from |", "|---|---|---|---|", *rows])


RATE = 0.31415  # a number that nothing else in the walk has


def network(rate: float) -> qc.Network:
    """Two cavities with a coherent exchange, the first of them pumped."""
    parts = {"left": qc.squeezed_mode(0.2, decay=1.0), "right": qc.cavity(decay=1.0)}
    return qc.Network(parts, couplings=[qc.hopping("left.a", "right.a", rate)])


def walk() -> list[str]:
    """Every function that is handed the hopping rate, in the order in which it is first called."""
    met: dict[str, None] = {}

    def look(frame, event, _) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(str(PACKAGE)):
            return
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        # A compiled function shows none of its arguments; it is on the way of all numbers.
        compiled = bool(arguments) and not frame.f_locals
        given = compiled or any(_holds(frame.f_locals[x]) for x in arguments)
        if given and not code.co_name.startswith("<"):
            file = Path(code.co_filename).relative_to(PACKAGE).with_suffix("")
            met.setdefault(f"{'.'.join(file.parts)}.{code.co_qualname}")

    def journey() -> None:
        model = qc.gaussian(network(RATE))
        qc.measures.log_negativity(qc.steady_state(model), "left", "right")

    journey()  # what is compiled or cached by a first call is no part of the way
    sys.setprofile(look)
    try:
        journey()
    finally:
        sys.setprofile(None)
    return list(met)


def _holds(value: object, depth: int = 6) -> bool:
    """Whether a number, an array or a record holds ± the rate."""
    if isinstance(value, bool | str | bytes) or value is None or depth == 0:
        return False
    if isinstance(value, int | float | complex | np.generic | np.ndarray):
        numbers = np.asarray(value)
        return numbers.dtype.kind in "fc" and bool(np.any(abs(abs(numbers) - RATE) < 1e-12))
    if isinstance(value, dict):
        return any(_holds(x, depth - 1) for x in value.values())
    if isinstance(value, list | tuple):
        return any(_holds(x, depth - 1) for x in value)
    if type(value).__module__.startswith("qcascade"):
        return any(_holds(x, depth - 1) for x in getattr(value, "__dict__", {}).values())
    return False


def stations() -> str:
    """The walk file by file, as Markdown; a file's private helpers are left out."""
    lines: dict[str, list[str]] = {}
    for name in walk():
        parts = name.replace(".<locals>", "").split(".")
        split = next(k for k in range(len(parts), 0, -1) if _is_file(parts[:k]))
        functions = lines.setdefault(".".join(parts[:split]), [])
        if not any(part.startswith("_") for part in parts[split:]):
            functions.append(".".join(parts[split:]))
    return "\n".join(
        f"{k}. `{file}`" + (": " if functions else "") + ", ".join(f"`{f}`" for f in functions)
        for k, (file, functions) in enumerate(lines.items(), 1)
    )


def _is_file(parts: list[str]) -> bool:
    return PACKAGE.joinpath(*parts).with_suffix(".py").is_file()
