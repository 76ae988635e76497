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
from ..base.units import check_kind, has_dimension
from ..inverse.problem import read_limits
from ..inverse.ranges import Range, between, turn
from ..inverse.robust import checked_spread
from ..slh.rates import like_a_ratio
from .fields import placed
from .kinds import RATE, kind_of
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


def wish_of(
    table: Any,
    parameters: Collection[str],
    measures: Mapping[str, str | None],
    units: Mapping[str, str],
) -> Wish:
    """The section `design`.

    Args:
        table: as read.
        parameters: names of the file's parameters.
        measures: unit by name of the file's measures; None for those that are no single number.
        units: in which those of the parameters with a unit were given.

    Raises:
        ArgumentError: for a parameter or measure that the file does not have, a range that is
            none or of another kind than its parameter, and what else is no section as shown at
            the top of this module.
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
    wish = Wish(
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
    _check_kinds(wish, over, measures, units)
    return wish


def _check_kinds(
    wish: Wish,
    over: Mapping[str, Any],
    measures: Mapping[str, str | None],
    units: Mapping[str, str],
) -> None:
    """Whatever stands for a parameter or a measure is of its kind, and has a unit as it has."""
    for name, given in over.items():
        for end in ["1 turn"] if given == TURN else given[:2]:
            _check_kind(f"design.over.{name}", end, units.get(name))
    for name, other in wish.tie.items():
        if (unit := wish.over[other].unit) is not None:
            check_kind(f"design.tie.{name}", f"1 {unit[0]}", units.get(name))
        elif name in units:
            must = f"name a parameter with a unit, as this one has ({units[name]})"
            raise fail(f"design.tie.{name}", must, other)
    for k, at in enumerate(wish.start):
        for name, x in at.items() if isinstance(at, dict) else ():
            _check_kind(f"design.start[{k}].{name}", x, units.get(name))
    for name, (_, bound) in wish.where.items():
        rate = name == GROWTH or "per time" in str(measures[name])
        _check_bound(f"design.where.{name}", bound, rate, units)


def _check_measure(
    where: str, name: Any, measures: Mapping[str, str | None], more: tuple[str, ...] = ()
) -> None:
    """Refuse what is no measure of the file, or no single number."""
    if not isinstance(name, str) or name not in measures:
        one_of(where, str(name), (*measures, *more), "among the file's measures")
    if GROWTH in measures:
        raise fail("measures", "not be called as the growth rate of the model", GROWTH)
    if measures[name] is None:
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


def _check_kind(where: str, value: Any, unit: str | None) -> None:
    """A value of a parameter with a unit has one of its kind."""
    if unit is not None and not has_dimension(value):
        raise fail(where, f'have a unit, as the parameter has, like "1 {unit}"', value)
    check_kind(where, value, unit)


def _check_bound(where: str, bound: Any, rate: bool, units: Mapping[str, str]) -> None:
    """A limit of a rate is one, and has a unit where rates of the file have; others are numbers."""
    check_kind(where, bound, "rad/s" if rate else "percent")
    measured = RATE in map(kind_of, units.values())
    if rate and measured and not has_dimension(bound) and like_a_ratio(bound):
        raise fail(where, 'have a unit, like "1 kHz", since rates of the file have one', bound)
