"""What is designed: goals, limits, the distance from threshold, as functions of places in a cube.

A model grows at the rate max Re λ of the fastest of its strongly connected parts. Where one part
overtakes another, that has a kink; the rates of single parts have none, so each part is a limit of
its own. They are read off the drifts of all models that the point function solves on its way; of
a periodic state, and of fields that come back after a delay, there is one rate each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail, listed, mapping, nearest
from ..base.given_units import Unit
from ..lyapunov.rates import slowest_decay
from ..lyapunov.watched import Rates, drifts_seen
from ..numerics.graphs import acts, strong_parts
from ..sweeps.parameters import check_takes, parameters_of
from ..sweeps.points import Point, name_of
from .points import Numbers, check_output, one_each, one_number
from .ranges import Range

FLOOR = 1e-4
"""Distance from threshold that every design keeps, relative to the slowest decay of a mode."""

USUAL = 1e6
"""Goals that are apart by a number between this and its inverse are left as they are."""

ROUGHLY = 1e-3
"""Goals that are apart by less, relative to the largest, count as so far apart."""

SIGNS = {"<=": 1.0, ">=": -1.0}

Tie = str | Callable[..., Any]


class Limit(NamedTuple):
    """An output that must stay on one side of a number."""

    name: str
    sign: float  # +1 below, −1 above
    bound: float

    def __str__(self) -> str:
        return f"{self.name} {'≤' if self.sign > 0 else '≥'} {self.bound:.6g}"

    def slack(self, values: Any) -> Any:
        """How far inside, relative to the bound (to 1 where that is 0)."""
        return self.sign * (self.bound - values) / (abs(self.bound) or 1.0)


class Values(NamedTuple):
    """What a design is judged by, at N places.

    Args:
        goals: what is made large, (N, goals); NaN where there is no steady state.
        slack: how far inside of every limit, (N, limits).
        distance: how fast every part of the model decays, relative to the least it must, (N,
            parts): below 1 too near to its threshold, below 0 unstable.
    """

    goals: Any
    slack: Any
    distance: Any

    def at(self, some: Any) -> "Values":
        """The same at some of the places."""
        return Values(*(x[some] for x in self))

    @property
    def feasible(self) -> Any:
        """Whether every limit is kept and there is a value, (N,)."""
        inside = (self.slack >= 0).all(-1) & (self.distance >= 1).all(-1)
        return inside & np.isfinite(self.goals).all(-1)

    @property
    def height(self) -> Any:
        """The smallest goal, (N,); where a limit is broken, the lower the further it is, below all
        goals: a slope back to where there is a steady state."""
        with np.errstate(invalid="ignore"):
            broken = np.sum(np.log1p(np.maximum(1 - self.distance, 0)), -1)
            broken = broken + np.sum(np.log1p(np.maximum(-self.slack, 0)), -1)
            goal = self.goals.min(-1)
        broken = np.where(np.isnan(broken), 1e3, broken)
        return np.where(self.feasible, np.arctan(goal), -np.pi / 2 - broken)


@dataclass
class Problem:
    """A point function over a cube of places.

    Args:
        numbers: the point function of free and tied parameters.
        ranges: of the free parameters.
        ties: other parameters, that follow them.
        goals: names of the outputs that are wanted.
        limits: of other outputs.
        growth: the largest growth rate wanted, if one is.
        scale: what outputs are divided by, to be made large: their typical size, negative where
            they are to be small.
        parts: rows of every strongly connected part, for every model that is solved on the way.
        evaluated: points so far.
        through: who evaluates places in its stead, with those of others.
    """

    numbers: Numbers
    ranges: Mapping[str, Range]
    ties: Mapping[str, Tie]
    goals: tuple[str, ...]
    limits: tuple[Limit, ...]
    growth: float | None = None
    scale: float = 1.0
    parts: list[list[Any]] | None = None
    evaluated: int = 0
    through: "Callable[[Any], Values] | None" = None

    @property
    def wish(self) -> str:
        """The argument that names the outputs."""
        return "maximise" if self.scale > 0 else "minimise"

    @property
    def turning(self) -> Any:
        """Which places lie on a circle, (parameters,)."""
        return np.array([x.scale == "turn" for x in self.ranges.values()])

    def rows(self, unit: Any) -> Any:
        """Values of all parameters of the point function, tied ones too, (N, …)."""
        columns = {n: x.values(u) for (n, x), u in zip(self.ranges.items(), unit.T, strict=True)}
        for name, tie in self.ties.items():
            if isinstance(tie, str):
                columns[name] = columns[tie]
            else:
                value = tie(**{key: columns[key] for key in parameters_of(tie)})
                columns[name] = one_each(f"tie[{name}]", value, len(unit))
        return np.column_stack([columns[name] for name in self.numbers.names])

    def outputs(self, rows: Any) -> tuple[Mapping[str, Any], list[Any]]:
        """Outputs of the point function, and drifts or rates of the models that it solved.

        Args:
            rows: values of all parameters, (N, …).
        """
        self.evaluated += len(rows)
        with drifts_seen() as drifts:
            outputs = self.numbers.outputs(rows)
        return outputs, _by_model(drifts, len(rows))

    def heights(self, unit: Any, above: Any = -np.inf) -> Any:
        """Heights of places (N, parameters), whatever they must be above."""
        return self(unit).height

    def __call__(self, unit: Any) -> Values:
        """Goals and limits at places (N, parameters)."""
        return self.at_rows(self.rows(unit)) if self.through is None else self.through(unit)

    def at_rows(self, rows: Any) -> Values:
        """Goals and limits at values of all parameters, tied ones too, (N, …)."""
        outputs, drifts = self.outputs(rows)
        none = np.full(len(rows), np.nan)
        columns = [outputs.get(name, none) for name in self.goals]
        stable = np.asarray(outputs.get("stable", True), bool)
        goals = np.where(stable[..., None], np.column_stack(columns) / self.scale, np.nan)
        slack = [x.slack(outputs.get(x.name, none)) for x in self.limits]
        slack = np.column_stack(slack) if slack else np.zeros((len(rows), 0))
        return Values(
            goals, np.where(np.isnan(slack), -1.0, slack), self._distances(drifts, len(rows))
        )

    def _distances(self, drifts: list[Any], points: int) -> Any:
        if self.parts is None or len(self.parts) != len(drifts):
            self.parts = [_parts(A) for A in drifts]
        distances = [np.zeros((points, 0))]
        for A, parts in zip(drifts, self.parts, strict=True):
            least = self.least(A)
            with np.errstate(over="ignore"):  # where nothing decays by itself, +∞ is meant
                distances += [(-growth_of(A, rows) / least).min(-1)[:, None] for rows in parts]
        return np.concatenate(distances, -1)

    def least(self, A: Any) -> Any:
        """How fast every part of a model must decay: the floor, or what was wanted; (N, models)."""
        floor = FLOOR * (A.own if isinstance(A, Rates) else slowest_decay(A))
        return floor if self.growth is None else np.maximum(floor, -self.growth)


def growth_of(A: Any, rows: Any = None) -> Any:
    """Growth rate of one part or of all, (N, models); +∞ where A is not finite."""
    if isinstance(A, Rates):
        return np.where(np.isfinite(A.growth), A.growth, np.inf)
    rows = np.arange(A.shape[-1]) if rows is None else rows
    block = A[..., rows[:, None], rows]
    finite = np.isfinite(block).all((-1, -2))
    eigenvalues: Any = np.linalg.eigvals(np.where(finite[..., None, None], block, 0.0))
    return np.where(finite, eigenvalues.real.max(-1), np.inf)


def _by_model(drifts: list[Any], points: int) -> list[Any]:
    """Drifts (N, models, n, n) or rates (N, models), by model that a point function solves."""
    rates = [A for A in drifts if isinstance(A, Rates)]
    both = [_stacked([getattr(A, x) for A in rates], points, 0) for x in Rates._fields]
    matrices = [A for A in drifts if not isinstance(A, Rates)]
    return _stacked(matrices, points, 2) + [Rates(*pair) for pair in zip(*both, strict=True)]


def _stacked(seen: list[Any], points: int, axes: int) -> list[Any]:
    """What was seen by model, (N, models, …): of all points together, or point by point."""
    seen = [np.asarray(x) for x in seen]
    if len(seen) > 1 and len(seen) % points == 0 and all(x.ndim == axes for x in seen):
        each = len(seen) // points  # point by point
        if all(x.shape == seen[k % each].shape for k, x in enumerate(seen)):
            return [np.stack(seen[k::each])[:, None] for k in range(each)]
    stacks = []
    for x in seen:
        if x.ndim == axes:
            x = np.broadcast_to(x, (points, *x.shape))
        if len(x) == points:
            stacks.append(x.reshape(points, -1, *x.shape[x.ndim - axes :]))
    return stacks


def _parts(A: Any) -> list[Any]:
    """Rows of the strongly connected parts, of all points and models together."""
    if isinstance(A, Rates):
        return [None]
    acting = acts(np.where(np.isfinite(A), A, 0.0)).any((0, 1))
    order, start = strong_parts(acting | np.eye(len(acting), dtype=bool))
    parts = np.split(order, start[1:-1])
    return [np.sort(rows) for rows in parts]


def read_limits(where: Any) -> tuple[Limit, ...]:
    """Limits from a mapping of outputs to ("<=" or ">=", bound).

    Args:
        where: what was given.

    Raises:
        ArgumentError: for what is no such pair.
    """
    limits = []
    for name, given in mapping("where", where, "outputs to limits").items():
        must = 'be a pair ("<=", bound) or (">=", bound)'
        pair = isinstance(given, tuple | list) and len(given) == 2
        if not pair or not isinstance(given[0], str) or given[0] not in SIGNS:
            raise fail(f"where[{name}]", must, given)
        limits.append(Limit(name, SIGNS[given[0]], one_number(f"where[{name}]", given[1])))
    return tuple(limits)


def read_ties(tie: Any, ranges: Mapping[str, Range]) -> dict[str, Tie]:
    """Parameters that follow others: the name of one, or a function of some.

    Args:
        tie: what was given.
        ranges: of the free parameters.

    Raises:
        ArgumentError: for names that are not free parameters.
    """
    ties: dict[str, Tie] = dict(mapping("tie", tie, "parameters to the ones they follow"))
    for name, follows in ties.items():
        if name in ranges:
            raise fail("tie", "name parameters that are not in `over`", name)
        if not isinstance(follows, str) and not callable(follows):
            raise fail(f"tie[{name}]", "name a parameter, or be a function of some", follows)
        for other in [follows] if isinstance(follows, str) else parameters_of(follows):
            if other not in ranges:
                known = f"free parameters: {listed(ranges)}{nearest(other, ranges)}"
                raise fail(f"tie[{name}]", "follow parameters in `over`", other, known)
    return ties


def problem_of(
    point: Point,
    goals: tuple[str, ...],
    ranges: Mapping[str, Range],
    limits: tuple[Limit, ...],
    ties: Mapping[str, Tie],
    unit: Any,
    small: bool = False,
) -> tuple[Problem, Values]:
    """The problem, and its values at a first batch of places, which tell what there is to see.

    A limit on an output that is the model's growth rate at every place becomes one on each part.
    Outputs in watts or in quanta a second are counted in what they typically are.

    Args:
        point: the point function.
        goals: outputs that are wanted.
        ranges: of the free parameters.
        limits: of other outputs.
        ties: parameters that follow.
        unit: places, (N, parameters).
        small: whether the goals are to be small.

    Raises:
        ArgumentError: for parameters or outputs that there are not.
    """
    names = (*ranges, *ties)
    check_takes(point, names, "over", "vary")
    units = {name: own for name, x in ranges.items() if (own := x.unit)}
    units |= {name: own for name, tie in ties.items() if (own := _unit_of(tie, units))}
    problem = Problem(Numbers(point, names, units), ranges, ties, goals, limits)
    problem.scale = -1.0 if small else 1.0
    rows = problem.rows(unit)
    try:
        outputs, drifts = problem.outputs(rows)
    except ArgumentError as error:
        must = f"Argument `over` must hold values that {name_of(point)} takes: {error}"
        raise ArgumentError(must) from error
    known = [name for name in outputs if name != "stable"]
    stable = np.asarray(outputs.get("stable", True), bool)
    if np.any(stable):
        for name in goals:
            check_output(name, known, point, problem.wish)
        for limit in limits:
            check_output(limit.name, known, point, "where")
    growths = [growth_of(A).max(-1) for A in drifts]
    for limit in limits:
        rate, same = outputs.get(limit.name), False
        if rate is not None and growths and limit.sign > 0:
            same = np.allclose(rate, np.max(growths, axis=0), rtol=1e-6, atol=1e-9, equal_nan=True)
        if same and limit.bound <= 0:
            problem.growth = limit.bound
            problem.limits = tuple(x for x in limits if x is not limit)
    values = problem(unit)
    size = _typical(values)
    problem.scale *= size
    return problem, values._replace(goals=values.goals / size)


def _typical(values: Values) -> float:
    """How much goals are apart, as a power of two; 1 where that is no extreme number."""
    goals = values.goals[values.feasible].min(-1)
    if not len(goals):
        return 1.0
    apart = max(goals.max() - np.median(goals), ROUGHLY * np.abs(goals).max())
    usual = not np.isfinite(apart) or not apart or 1 / USUAL < apart < USUAL
    return 1.0 if usual else float(2.0 ** np.round(np.log2(apart)))


def _unit_of(tie: Tie, units: Mapping[str, Unit]) -> Unit | None:
    """The unit of what follows: that of the other, or none in particular of a function."""
    if isinstance(tie, str):
        return units.get(tie)
    return ("SI", 1.0) if any(x in units for x in parameters_of(tie)) else None
