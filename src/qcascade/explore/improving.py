"""A search from where the sliders stand, within their ranges: what is wanted, made larger."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from ..base.progress import heard_by
from ..inverse.designs import design
from ..inverse.optimum import Design
from ..inverse.problem import FLOOR
from ..inverse.ranges import Range, between
from ..lyapunov.rates import slowest_decay
from ..lyapunov.solve import growth
from ..papers.records import Parameter, Quantity, Setting
from .goals import GOAL, goals, movable, over_sliders
from .page import in_unit
from .systems import Study, arguments
from .visits import Left

GENERATIONS = 10
"""Of the search: enough to leave a flat place, few enough to wait for."""

POINTS = 4000
"""Points that a search takes, about."""

PATIENCE = 120.0
"""Seconds that nobody would wait for a search."""

DIGITS = 6
"""Digits with which sliders are set."""


class Improvement(NamedTuple):
    """What a search found.

    Args:
        values: where the sliders shall stand; None where they shall stay.
        told: lines of text.
    """

    values: Mapping[str, float] | None
    told: tuple[str, ...]


def improve(
    chosen: Study,
    setting: Setting,
    values: Mapping[str, float],
    name: str,
    moving: Sequence[str],
    tell: Callable[[str], None],
    small: bool = False,
) -> Improvement:
    """Make a goal larger from where the sliders stand, or smaller, and say what holds it back then.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        name: of the goal.
        moving: sliders that may move.
        tell: called with a line on how far the search is.
        small: whether the goal shall be small.

    >>> from qcascade.explore.systems import defaults, options, study
    >>> paper = study("jiao2020")
    >>> setting, values = options(paper), defaults(paper, options(paper))
    >>> improve(paper, setting, values, "E_N", [], print).told
    ('No slider may move: choose some.',)
    """
    known = movable(chosen, setting)
    if not moving:
        return Improvement(None, ("No slider may move: choose some.",))
    start_at = {x: float(value) for x, value in values.items() if x in known}
    clock = {x: float(value) for x, value in values.items() if x not in known}
    goal, point = goals(chosen, setting)[name], over_sliders(chosen, setting, name, clock)
    still = {x: value for x, value in start_at.items() if x not in moving}
    lines, evaluated = [""], [0]

    def counted(**free: Any) -> Mapping[str, Any]:
        size = len(next(iter(free.values())))
        evaluated[0] += size
        best = lines[0].partition("best ")[2]
        tell(f"{evaluated[0]:,} points{f', best {best}' if best else ''}")
        return point(**free, **{x: np.full(size, value) for x, value in still.items()})

    def hear(line: str) -> None:  # from the thread of a search, which cannot write to the page
        lines[0] = line

    begun = perf_counter()
    try:
        before = _value(point, start_at)
        if (needs := POINTS * (perf_counter() - begun)) > PATIENCE and not _quick(chosen):
            return Improvement(None, (_TOO_LONG.format(POINTS, needs / 60),))
        over = {x: _range(known[x], start_at[x]) for x in moving}
        start = [{x: start_at[x] for x in moving}]
        with heard_by(hear):
            best = design(
                counted,
                maximise=None if small else GOAL,
                minimise=GOAL if small else None,
                over=over,
                start=start,
                runs=1,
                generations=GENERATIONS,
            )
    except (ArgumentError, UnstableError, DegenerateError, ConvergenceError) as error:
        return Improvement(None, (str(error),))
    except Left:
        return Improvement(None, ("The page was left, and the search stopped.",))
    better = -1 if small else 1
    moved, after = _rounded(point, start_at, best, moving, better)
    if not better * (after - before) > 0 and np.isfinite(before):
        words = "smaller" if small else "larger"
        return Improvement(None, (f"Nothing {words} than {_number(before, goal)} was found.",))
    for x in moving:  # what does not matter stays where it was
        trial = {**moved, x: start_at[x]}
        value = _value(point, trial)
        if better * (value - after) >= -1e-9 * max(1.0, abs(after)):
            share = _share(chosen, setting, trial)
            if share is None or share >= FLOOR:
                moved, after = trial, value
    lines_of_result = (
        f"{goal.symbol}: {_number(before, goal)} → {_number(after, goal)}",
        _held(best, known),
        *_threshold(chosen, setting, moved),
        f"{best.evaluated:,} points, seed {best.seed}",
    )
    return Improvement(moved, lines_of_result)


_TOO_LONG = (
    "A search takes some {:,} states or runs one by one, about {:.0f} min here: "
    "`qcascade design` does it for a file with a steady state."
)


def _quick(chosen: Study) -> bool:
    """Whether points go in batches, of which one by itself tells nothing."""
    return chosen.system.broadcasts


def _value(point: Callable[..., Mapping[str, Any]], at: Mapping[str, float]) -> float:
    """The goal at one place; NaN where there is no steady state."""
    try:
        results = point(**{name: np.array([x]) for name, x in at.items()})
    except (UnstableError, DegenerateError, ConvergenceError):
        return float("nan")
    if GOAL not in results or not np.all(results.get("stable", True)):
        return float("nan")
    return float(np.ravel(results[GOAL])[0])


def _rounded(
    point: Callable[..., Mapping[str, Any]],
    start_at: Mapping[str, float],
    best: Design,
    moving: Sequence[str],
    better: int,
) -> tuple[Mapping[str, float], float]:
    """The best place and its value: of few digits, unless an edge is too near for that."""
    exact = {**start_at, **{x: best.at[x] for x in moving}}  # the time of a run stands still
    rounded = exact | {x: float(f"{exact[x]:.{DIGITS}g}") for x in moving}
    value = _value(point, rounded)
    if better * (value - best.value) >= -1e-4 * max(1.0, abs(best.value)):
        return rounded, value
    return exact, best.value


def _range(p: Parameter, value: float) -> Range:
    """The slider's range, and where it stands."""
    low, high = min(p.low, value), max(p.high, value)
    return between(float(low), float(high), "log" if p.logarithmic else "linear")


def _number(value: float, goal: Quantity) -> str:
    return "no steady state" if np.isnan(value) else f"{value:.6g}{in_unit(goal.unit)}"


def _held(best: Design, known: Mapping[str, Parameter]) -> str:
    """What holds the design back, in symbols and units of the sliders."""
    words = []
    for text in best.active:
        name, _, end = text.partition(" = ")
        p = known.get(name)
        words.append(text if p is None else f"{p.symbol} = {end}{in_unit(p.unit)}")
    return f"Held back by: {'; '.join(words) or 'nothing'}. The search ended {best.ended}."


def _threshold(chosen: Study, setting: Setting, values: Mapping[str, float]) -> list[str]:
    """How far from its threshold the linear model is, in words."""
    share = _share(chosen, setting, values)
    if share is None:
        return []
    return [
        f"Distance from threshold: the slowest motion decays at {share:.3g} of the slowest mode's "
        f"own rate (at least {FLOOR:g} is kept)."
    ]


def _share(chosen: Study, setting: Setting, values: Mapping[str, float]) -> float | None:
    """How fast the slowest motion decays, for the slowest decay of a mode by itself.

    None for a master equation, and for lines with delays, which have no single drift.
    """
    if chosen.system.model is None:
        return None
    model = chosen.system.model(**arguments(chosen, setting, values))
    if model.delays is not None:
        return None
    A = np.asarray(model.A, float)[None, None]
    return float(-growth(A).max() / slowest_decay(A)[0, 0])


def told(improvement: Improvement) -> str:
    """What a search found, as HTML.

    Args:
        improvement: from `improve`.
    """
    kind, better = ("qc-note", "yes") if improvement.values is not None else ("qc-refusal", "no")
    first, *more = (escape(line) for line in improvement.told)
    paragraphs = "".join(f"<br>{line}" for line in more)
    return f'<div class="{kind}" data-improved="{better}">{first}{paragraphs}</div>'
