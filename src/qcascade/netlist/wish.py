"""The section `design` of a network file: what is to be large, over which parameters.

[design]
maximise = "margin"                    # a measure of the file, or several: the smallest of them;
                                       # or minimise = "S": a small one, of several the largest
over.gain = [1e-4, 1.0, "log"]         # both ends, and "log" to search by the logarithm
over.gamma = ["1 kHz", "10 kHz"]
over.phase = "turn"                    # all angles
where.growth = ["<=", -1e-3]           # of the model, a distance from threshold; or of a measure
tie.h2 = "h1"                          # follows a parameter in `over`
start = [{ gain = 0.1, gamma = "2 kHz", phase = 0 }]
runs = 8
seed = 0
tolerance = 0.05                       # spread of all parameters that is to be borne

All of it means what it does for `qc.design`; only `over` has no default.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.checks import count, fail, one_of
from ..inverse.problem import read_limits
from ..inverse.ranges import Range, between, turn
from ..inverse.robust import checked_spread
from .fields import placed
from .parts import as_list, as_table

GROWTH = "growth"
"""The growth rate of the model, which limits may be about beside the measures."""

TURN = "turn"
"""A range that goes once around the circle."""

_KEYS = ("maximise", "minimise", "over", "where", "tie", "start", "runs", "seed", "tolerance")


@dataclass(frozen=True)
class Wish:
    """The section as read.

    Args:
        goals: names of measures.
        small: whether they are to be small.
        over: range by free parameter.
        where: limits by measure, as `qc.design` takes them.
        tie: free parameter by the one that follows it.
        start: points to begin with.
        runs: how often the search is done.
        seed: of the random numbers.
        tolerance: the spread to be borne, if any.
    """

    goals: tuple[str, ...]
    small: bool
    over: Mapping[str, Range]
    where: Mapping[str, Any]
    tie: Mapping[str, str]
    start: tuple[Any, ...] = ()
    runs: int = 8
    seed: int = 0
    tolerance: float | None = None


def wish_of(table: Any, parameters: Collection[str], measures: Mapping[str, bool]) -> Wish:
    """The section `design`.

    Args:
        table: as read.
        parameters: names of the file's parameters.
        measures: whether it is one number, by name of the file's measures.

    Raises:
        ArgumentError: for a parameter or measure that the file does not have, a range that is
            none, and what else is no section as shown at the top of this module.
    """
    table = as_table("design", table)
    for key in table:
        one_of("design", key, _KEYS, "a table of")
    over = as_table("design.over", table.get("over", {}))
    if not over:
        raise fail("design.over", "give a range to one parameter or more", over)
    tie = as_table("design.tie", table.get("tie", {}))
    where = as_table("design.where", table.get("where", {}))
    if "maximise" in table and "minimise" in table:
        must = "not be given together with `maximise`"
        raise fail("design.minimise", must, table["minimise"])
    wanted = "minimise" if "minimise" in table else "maximise"
    goals = table.get(wanted, "margin")
    goals = tuple(goals) if isinstance(goals, list) else (goals,)
    for place, names in (("over", over), ("tie", tie)):
        for name in names:
            one_of(f"design.{place}", name, parameters, "among the file's parameters")
    if not goals or len({*map(str, goals)}) < len(goals):
        raise fail(f"design.{wanted}", "name a measure, or several different ones", list(goals))
    for goal in goals:
        _check_measure(f"design.{wanted}", goal, measures)
    for name in where:
        if name != GROWTH or GROWTH in measures:
            _check_measure("design.where", name, measures, (GROWTH,))
    ranges = {name: _range(f"design.over.{name}", x) for name, x in over.items()}
    for name, other in tie.items():
        if name in over:
            raise fail("design.tie", "name parameters that are not in `over`", name)
        one_of(f"design.tie.{name}", other, over, "a parameter in `over`")
    with placed("design"):
        read_limits(where)
        spread = checked_spread(table.get("tolerance"))
    return Wish(
        goals,
        wanted == "minimise",
        ranges,
        where,
        tie,
        tuple(as_list("start", table)),
        count("design.runs", table.get("runs", 8)),
        count("design.seed", table.get("seed", 0), low=0),
        spread,
    )


def _check_measure(
    where: str, name: Any, measures: Mapping[str, bool], more: tuple[str, ...] = ()
) -> None:
    """Refuse what is no measure of the file, or no single number."""
    if not isinstance(name, str) or name not in measures:
        one_of(where, str(name), (*measures, *more), "among the file's measures")
    if GROWTH in measures:
        raise fail("measures", "not be called as the growth rate of the model", GROWTH)
    if not measures[name]:
        must = "name measures that are one number, at a `frequency` of their own"
        raise fail(where, must, name)


def _range(where: str, given: Any) -> Range:
    """A range: two ends, two ends and how it is searched, or a turn."""
    if given == TURN:
        return turn()
    if not isinstance(given, list) or len(given) not in (2, 3):
        raise fail(where, 'be [low, high], [low, high, "log"] or "turn"', given)
    with placed(where):
        return between(*given)
