"""A density matrix carried through time with a checkpoint: group by group of segments.

The file holds the state at every edge so far and the steps that led there, so that a run read back
goes on as it would have, to the last bit, and observers may be others.
"""

from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from .checkpoints import EVERY, Marks, digest, read_marked, space_marks, write_marked
from .driven import Driven
from .steps import Carried, carried
from .superoperator import Superoperator

INSIDE = (5**0.5 - 1) / 2
"""Where within a segment a model is looked at for what it is, beside its edges."""

GROUP = 16
"""Segments that are refined together."""


def carried_on(
    driven: Driven,
    L: Superoperator,
    edges: np.ndarray,
    y: np.ndarray,
    tolerance: float,
    functional: np.ndarray,
    checkpoint: str | Path,
    *,
    progress: bool = False,
) -> Carried:
    """The state from edge to edge, as `carried` has it, from where a file says it stands.

    Args:
        driven: the master equation.
        L: its generator.
        edges: increasing times; nothing jumps between two of them.
        y: coordinates of the state at the first.
        tolerance: error allowed at the end (Frobenius norm).
        functional: to be watched on the way, (n,).
        checkpoint: the file, written every 30 s, at the end, and when the run is interrupted.
        progress: show a bar, on a terminal.

    Raises:
        ArgumentError: for a file of another computation.
        ConvergenceError: where halving does not converge; it says when.
    """
    from ..base.files import as_path, check_writable

    path = as_path("checkpoint", checkpoint)
    check_writable(path.parent)
    between = edges[:-1] + INSIDE * np.diff(edges)  # what is the same at all edges may differ here
    numbers = driven.coefficients(edges), driven.coefficients(between)
    marks = {
        **space_marks(driven.model.space),
        "operators": sha256(repr(driven.features).encode()).hexdigest(),
        "model": digest(*numbers),
        "initial state": digest(y),
        "times": digest(edges),
        "tolerance": repr(tolerance),
    }
    span = edges[-1] - edges[0]
    run = read_marked(path, marks, _made) or _nothing(edges, y)
    reached, written = len(run.steps), monotonic()
    cuts = [*range(0, len(edges) - 1, GROUP), len(edges) - 1]
    try:
        for a, b in pairwise(cuts):
            if b <= reached:
                continue
            share = tolerance * float(edges[b] - edges[a]) / span
            part = edges[a : b + 1]
            more = carried(driven, L, part, run.states[-1], share, functional, progress=progress)
            run, reached = _joined(run, more), b
            if monotonic() - written > EVERY:
                _write(path, marks, run)
                written = monotonic()
    finally:  # after an interruption, too
        _write(path, marks, run)
    return run


def _nothing(edges: np.ndarray, y: np.ndarray) -> Carried:
    return Carried(edges[:1], y[None], np.zeros(0, int), [], 0.0, np.zeros(0), 0)


def _joined(run: Carried, more: Carried) -> Carried:
    return Carried(
        np.append(run.edges, more.edges[1:]),
        np.concatenate([run.states, more.states[1:]]),
        np.append(run.steps, more.steps),
        [],
        run.error + more.error,
        np.append(run.watched, more.watched),
        run.applications + more.applications,
    )


def _write(path: Path, marks: Marks, run: Carried) -> None:
    told = {"error": run.error, "applications": int(run.applications)}
    names = ("edges", "states", "steps", "watched")
    write_marked(path, marks, told, {name: getattr(run, name) for name in names})


def _made(told: Any, arrays: Any) -> Carried:
    return Carried(polynomials=[], error=told["error"], applications=told["applications"], **arrays)
