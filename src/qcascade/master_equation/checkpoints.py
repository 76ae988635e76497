"""Stages of a computation in time, and the file that keeps them.

A stage holds all that the next one depends on, so that a stage read back from a file goes on in
the same way to the last bit. The file says what it belongs to by hashes of the generator, the
initial state, the times, and by what the functions depend on; a file of another computation is
refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..base.checks import ArgumentError
from ..base.plain import plain
from ..hilbert.space import Space
from ..hilbert.states import DensityState
from ..sweeps.fingerprint import differences, fingerprint
from .crossing import Sample

if TYPE_CHECKING:
    from .generator import Generator

EVERY = 30.0
"""Seconds between checkpoints."""

Observer = Callable[[DensityState], Any]


@dataclass(frozen=True)
class Task:
    """What was asked for: the same from the first stage to the last."""

    generator: "Generator"
    times: np.ndarray
    observe: Mapping[str, Observer]
    until: Observer | None
    tolerance: float
    edge: np.ndarray | None = None  # basis states beyond which the cutoffs cut something off


@dataclass(frozen=True)
class Stage:
    """Where a computation stands, between two steps."""

    time: float
    x: np.ndarray
    rows: tuple[Mapping[str, np.ndarray], ...]
    width: float
    longest: float
    steps: int = 0
    applications: int = 0
    error: float = 0.0
    edge: tuple[float, float] = (0.0, 0.0)  # largest population at the cutoffs, and when
    below: bool = False  # whether `until` has been negative
    fine: bool = True  # whether `until` is to be looked at closely
    samples: tuple[Sample, ...] = ()  # of `until` in the last step
    scale: float = 0.0  # the largest of all samples
    stopped: float | None = None


@contextmanager
def kept(
    task: Task, start: np.ndarray, path: str | Path | None
) -> Iterator[tuple[Stage | None, Callable[[Stage], None]]]:
    """What a checkpoint holds, and how to keep a stage: now and then, and the last in any case."""
    if path is None:
        yield None, lambda stage: None
        return
    from ..base.files import as_path, check_writable

    path = as_path("checkpoint", path)
    check_writable(path.parent)
    marks = _marks(task, start)
    latest: list[Stage] = []
    written = monotonic()

    def keep(stage: Stage) -> None:
        nonlocal written
        latest[:] = [stage]
        if monotonic() - written > EVERY:
            _write(path, marks, stage)
            written = monotonic()

    try:
        yield _read(path, marks), keep
    finally:  # after an interruption, too
        if latest:
            _write(path, marks, latest[0])


Marks = Mapping[str, str | Mapping[str, str]]
"""What a file belongs to, by name: a hash, or what a function depends on."""

Kept = TypeVar("Kept")


def digest(*arrays: Any) -> str:
    """A hash of numbers and shapes.

    Args:
        arrays: any.
    """
    sha256 = hashlib.sha256()
    for array in arrays:
        sha256.update(f"{np.shape(array)}".encode() + np.ascontiguousarray(array).tobytes())
    return sha256.hexdigest()


def space_marks(space: Space) -> Marks:
    """What the basis states stand for: matrices may agree where modes have changed places.

    Args:
        space: of the computation.
    """
    squeezed = sorted(space.squeezed.items())
    cut = (space.tops, space.qubits, space.limits, squeezed, space.charges)
    return {"modes": ", ".join(space.modes), "space": repr(cut)}


def _marks(task: Task, start: np.ndarray) -> Marks:
    """By what was asked for: a hash of it, or what a function depends on."""

    parts = []
    for matrix in (task.generator.K, *task.generator.jumps):
        ordered = matrix.tocsr().sorted_indices()
        parts += [ordered.indptr, ordered.indices, ordered.data]
    return {
        **space_marks(task.generator.layout.space),
        "generator": digest(*(np.asarray(a, complex) for a in parts)),
        "initial state": digest(start),
        "times": digest(task.times),
        "tolerance": repr(task.tolerance),
        "names in `observe`": ", ".join(sorted(task.observe)),
        "cutoffs": "none" if task.edge is None else digest(task.edge),
        "until": fingerprint(task.until) if task.until else "not given",
        **{f"observe[{name}]": fingerprint(function) for name, function in task.observe.items()},
    }


def _differences(before: Marks, now: Marks) -> str:
    """What is asked for otherwise than before, for a sentence."""
    other = []
    for name, mark in now.items():
        then = before.get(name)
        if isinstance(then, Mapping) and isinstance(mark, Mapping):
            what = differences(then, mark)  # none where only names or lines have changed
            other += [f"{name} ({what})"] * bool(what)
        elif then != mark:
            other.append(name)
    return " and ".join(other)


_NUMBERS = tuple(f.name for f in fields(Stage) if f.name not in ("x", "rows", "stopped"))


def _write(path: str | Path, marks: Marks, stage: Stage) -> None:
    head = {name: getattr(stage, name) for name in _NUMBERS}
    columns: dict[str, Any] = {
        f"observed:{name}": np.array([row[name] for row in stage.rows])
        for name in (stage.rows[0] if stage.rows else ())
    }
    told = {"stage": plain(head, float), "rows": len(stage.rows)}
    write_marked(path, marks, told, {"x": stage.x, **columns})


def _read(path: Path, marks: Marks) -> Stage | None:
    def made(told: Mapping[str, Any], arrays: Mapping[str, Any]) -> Stage:
        head = dict(told["stage"])
        columns = {n.removeprefix("observed:"): a for n, a in arrays.items() if n != "x"}
        rows = tuple({n: a[k] for n, a in columns.items()} for k in range(told["rows"]))
        head["samples"] = tuple((t, f) for t, f in head["samples"])
        return Stage(x=arrays["x"], rows=rows, **{**head, "edge": tuple(head["edge"])})

    return read_marked(path, marks, made)


def write_marked(
    path: str | Path, marks: Marks, told: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """A file of a computation and of how far it is.

    Args:
        path: of the file.
        marks: what it belongs to.
        told: what JSON can say.
        arrays: by name.
    """
    from ..base.files import written_aside

    text = json.dumps({"marks": marks, **told})
    with written_aside(path) as aside, aside.open("wb") as file:
        np.savez(file, text=np.array(text), **arrays)


def read_marked(
    path: Path, marks: Marks, made: Callable[[Mapping[str, Any], Mapping[str, Any]], Kept]
) -> Kept | None:
    """What is made of such a file, None where there is none.

    Args:
        path: of the file.
        marks: what it must belong to.
        made: of what JSON says and the arrays by name.

    Raises:
        ArgumentError: for a damaged file, or one of another computation.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            told = json.loads(str(file["text"]))
            written, record = told["marks"], made(told, {n: file[n] for n in file if n != "text"})
    except Exception as error:  # whatever NumPy, zipfile or JSON make of a damaged file
        raise ArgumentError(
            f"Argument `checkpoint` must be a whole file that `evolve` wrote, but {str(path)!r} is "
            "cut short, damaged or something else; remove it or name another file."
        ) from error
    if other := _differences(written, marks):
        raise ArgumentError(
            f"Argument `checkpoint` must hold this very computation, but {str(path)!r} holds one "
            f"with another {other}; remove it or name another file."
        )
    return record
