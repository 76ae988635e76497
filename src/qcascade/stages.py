"""Stages of a computation in time, and the file that keeps them.

A stage holds all that the next one depends on, so that a stage read back from a file goes on in
the same way to the last bit. The file says what it belongs to by hashes of the generator, the
initial state, the times; a file of another computation is refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import ArgumentError, fail
from .density import DensityState

if TYPE_CHECKING:
    from .blocks import Generator

EVERY = 30.0
"""Seconds between checkpoints."""

Observer = Callable[[DensityState], Any]


@dataclass(frozen=True)
class Task:
    """What was asked for: the same from the first stage to the last."""

    generator: "Generator"
    times: np.ndarray
    marks: np.ndarray  # times, and those at which only `until` is looked at
    observe: Mapping[str, Observer]
    until: Observer | None
    tolerance: float


@dataclass(frozen=True)
class Stage:
    """Where a computation stands, between two steps."""

    time: float
    x: np.ndarray
    rows: tuple[Mapping[str, np.ndarray], ...]
    below: bool  # whether `until` has been negative
    width: float
    longest: float
    steps: int
    applications: int
    error: float
    stopped: float | None = None


@contextmanager
def kept(
    task: Task, start: np.ndarray, path: str | Path | None
) -> Iterator[tuple[Stage | None, Callable[[Stage], None]]]:
    """What a checkpoint holds, and how to keep a stage: now and then, and the last in any case."""
    if path is None:
        yield None, lambda stage: None
        return
    from .files import as_path, check_writable

    path = as_path("checkpoint", path)
    check_writable(path.parent)
    marks = _fingerprint(task, start)
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


def _fingerprint(task: Task, start: np.ndarray) -> dict[str, str]:
    """By what was asked for: a hash of it."""

    def digest(*arrays: Any) -> str:
        whole = hashlib.sha256()
        for array in arrays:
            whole.update(f"{np.shape(array)}".encode() + np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()

    parts = []
    for matrix in (task.generator.K, *task.generator.jumps):
        ordered = matrix.tocsr().sorted_indices()
        parts += [ordered.indptr, ordered.indices, ordered.data]
    return {
        "generator": digest(*(np.asarray(a, complex) for a in parts)),
        "initial state": digest(start),
        "times": digest(task.times),
        "tolerance": repr(task.tolerance),
        "observe": ", ".join(task.observe),
        "until": "given" if task.until else "not given",
    }


_NUMBERS = ("time", "below", "width", "longest", "steps", "applications", "error")


def _write(path: str | Path, marks: Mapping[str, str], stage: Stage) -> None:
    from .files import written_aside

    head = {name: getattr(stage, name) for name in _NUMBERS}
    head = {name: value.item() if hasattr(value, "item") else value for name, value in head.items()}
    columns: dict[str, Any] = {
        f"observed:{name}": np.array([row[name] for row in stage.rows])
        for name in (stage.rows[0] if stage.rows else ())
    }
    text = json.dumps({"marks": marks, "stage": head, "rows": len(stage.rows)})
    with written_aside(path) as aside, aside.open("wb") as file:
        np.savez(file, text=np.array(text), x=stage.x, **columns)


def _read(path: Path, marks: Mapping[str, str]) -> Stage | None:
    if not path.exists():
        return None
    try:
        with np.load(path) as file:
            text = json.loads(str(file["text"]))
            x, head, kept = file["x"], text["stage"], text["marks"]
            columns = {n.removeprefix("observed:"): file[n] for n in file if n not in ("text", "x")}
    except (OSError, ValueError, KeyError, EOFError, TypeError) as error:
        raise fail("checkpoint", "be a file that `relax` wrote", str(path)) from error
    other = [name for name, mark in marks.items() if kept.get(name) != mark]
    if other:
        raise ArgumentError(
            f"Argument `checkpoint` must hold this very computation, but {str(path)!r} holds one "
            f"with another {' and '.join(other)}; remove it or name another file."
        )
    rows = tuple({n: a[k] for n, a in columns.items()} for k in range(text["rows"]))
    return Stage(x=x, rows=rows, **head)
