"""Runs of a search, and the file that keeps them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail
from ..base.files import written_aside
from ..sweeps.fingerprint import differences, fingerprint, versions
from .problem import Problem


class Run(NamedTuple):
    """One search: the place it ended at, its value (−∞ without one), the best value by step, and
    why its climb went no further."""

    place: tuple[float, ...]
    value: float
    history: tuple[float, ...]
    ended: str


def kept_runs(
    path: Path | None, problem: Problem, begin: Any, seed: int, generations: int
) -> list[Run]:
    """Finished runs of the same design.

    Args:
        path: the file, which there may not be yet.
        problem: what is designed.
        begin: places to begin with.
        seed: of the random numbers.
        generations: of every population.

    Raises:
        ArgumentError: for a file of another design, or of something else.
    """
    if path is None or not path.exists():
        return []
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        before, runs = record["design"], record["runs"]
        finished = [
            Run(tuple(r["place"]), float(r["value"]), tuple(r["history"]), str(r["ended"]))
            for r in runs
        ]
    except (OSError, ValueError, KeyError, TypeError):
        raise fail(
            "store", "be a file that `design` has written, or a new one", str(path)
        ) from None
    changed = differences(before, _depends_on(problem, begin, seed, generations))
    if changed:
        raise fail("store", "be of the same design", str(path), changed)
    return finished


def keep_runs(
    path: Path, problem: Problem, begin: Any, seed: int, generations: int, finished: list[Run]
) -> None:
    """Write the runs so far, whole or not at all.

    Args:
        path: the file.
        problem: what is designed.
        begin: places to begin with.
        seed: of the random numbers.
        generations: of every population.
        finished: the runs.
    """
    design = _depends_on(problem, begin, seed, generations)
    record = {"design": design, "runs": [run._asdict() for run in finished]}
    with written_aside(path) as aside:
        Path(aside).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def _depends_on(problem: Problem, begin: Any, seed: int, generations: int) -> dict[str, str]:
    entries = {
        f"range of {name}": str((*x[:3], x.unit is not None)) for name, x in problem.ranges.items()
    }
    entries |= {f"tie of {n}": x for n, x in problem.ties.items() if isinstance(x, str)}
    entries |= {f"limit {x.name}": str(x) for x in problem.limits}
    entries |= {"growth": str(problem.growth), problem.wish: ", ".join(problem.goals)}
    entries |= {"start": str(np.asarray(begin).tolist()), "seed": str(seed)}
    entries |= {"generations": str(generations)}
    entries |= {f"version of {name}": text for name, text in versions().items()}
    for name, tie in problem.ties.items():
        if not isinstance(tie, str):
            entries |= {f"tie of {name}: {key}": text for key, text in fingerprint(tie).items()}
    return {**entries, **fingerprint(problem.numbers.point)}
