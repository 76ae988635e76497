"""The section `linearise` of a network file: from which working point its networks are seen.

[linearise]
branch = 0                 # in order of excitation, from the weakest

[linearise]
follow = "power"           # an axis: the branch that a slow sweep along it stays on
falling = true             # from the last value of the axis to its first; false by default
start = 0                  # which stable branch the sweep starts on

[linearise]
guess = { "m.a" = "2e4 - 1e4j", "m.b" = 30 }    # the steady fields next to these

Where a point of a sweep has no such branch, everything there is NaN with `stable` false.

In a file with a section [time] fields move: with a period through the orbit that returns with the
drive, and else as the classical equations say. `branch = 0` begins on the steady branch of least
excitation (of the averaged equations, for an orbit), and `guess` is where they are at first.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import UnstableError, count, fail, flag, listed, one_of
from ..base.chunks import points_together
from ..base.units import known
from ..classical.branches import WorkingPoints, hysteresis, working_points
from ..classical.differentiable_fields import steady_fields
from ..classical.fields_in_time import mean_field
from ..classical.orbits import orbit
from ..slh.component import Component
from ..slh.network import Network
from ..slh.wiring import without_delays
from .parts import as_table, value_of

KEYS = ("branch", "follow", "guess", "falling", "start")

Build = Callable[[Mapping[str, Any]], Network]
"""The network for values of the parameters."""


class Fields(NamedTuple):
    """Mean fields α by mode, and how many working points there are where that was counted."""

    alpha: Mapping[str, Any]
    branches: Any = None


@dataclass(frozen=True)
class WorkingPoint:
    """The section as read: one of three ways to choose a working point.

    Args:
        branch: its number in order of excitation.
        follow: the axis along which a branch is followed.
        falling: whether it is followed from the last value of the axis to the first.
        start: which stable branch it begins on.
        guess: fields by mode next to it, as the file spells them.
    """

    branch: int | None = None
    follow: str | None = None
    falling: bool = False
    start: int = 0
    guess: Mapping[str, Any] | None = None

    def fields(self, build: Build, given: Mapping[str, Any], axis: Any) -> Fields:
        """The mean fields for some values of the parameters.

        Args:
            build: the network for values of the parameters.
            given: numbers or arrays by parameter.
            axis: the values of the axis to follow, as `given` has them.

        Raises:
            ArgumentError: when a single point has no such branch; it lists those there are.
            UnstableError: when a single point does not come to rest.
        """
        if self.guess is not None:
            guess = {m: value_of(f"linearise.guess.{m}", x, given) for m, x in self.guess.items()}
            return Fields(steady_fields(_instantaneous(build(given)), guess))
        if self.follow is not None:
            return _followed(self, self.follow, build, given, axis)
        points = working_points(_instantaneous(build(given)), progress=False)
        if np.ndim(points.count) == 0 and not 0 <= (self.branch or 0) < points.count:
            must, told = "be a branch of the network", f"branches: {_listed(points)}"
            raise fail("linearise.branch", must, self.branch, told)
        return Fields(points.branch(self.branch or 0), points.count)

    def moving(
        self, at: Callable[[Any], Network], given: Mapping[str, Any], when: "When"
    ) -> Callable[[Any], Any]:
        """The fields as a function of time.

        Args:
            at: the network at an array of times.
            given: numbers by parameter.
            when: over which times, or with which period.

        Raises:
            ConvergenceError: where there is no such orbit, or the motion outgrows numbers.
        """
        start = None
        if self.guess is not None:
            start = {m: value_of(f"linearise.guess.{m}", x, given) for m, x in self.guess.items()}
        if when.period is not None:
            return orbit(at, when.period, start=start)
        return mean_field(at, start, when.times, breaks=when.breaks)


class When(NamedTuple):
    """Times of a run, or a period."""

    period: Any
    times: Any
    breaks: Any


def check_moves(chosen: WorkingPoint) -> None:
    """Refuse what says nothing of fields that move.

    Args:
        chosen: the section of a file with a section [time].
    """
    if chosen.follow is not None:
        must = "be left out in a file with a section [time], whose fields follow its drives"
        raise fail("linearise.follow", must, chosen.follow)
    if chosen.branch:
        must = "be 0 in a file with a section [time]; `guess` says where other fields begin"
        raise fail("linearise.branch", must, chosen.branch)


def working_point_of(table: Any, axes: Collection[str]) -> WorkingPoint:
    """The section `linearise`.

    Args:
        table: as read.
        axes: names of the file's axes.
    """
    table = as_table("linearise", table)
    for key in table:
        one_of("linearise", key, KEYS, "a table of")
    ways = [key for key in KEYS[:3] if key in table]
    if len(ways) != 1:
        raise fail("linearise", "give one of `branch`, `follow` and `guess`", table)
    for key in KEYS[3:]:
        if key in table and ways != ["follow"]:
            raise fail(f"linearise.{key}", "stand beside `follow`", table[key])
    if "branch" in table:
        return WorkingPoint(branch=count("linearise.branch", table["branch"], low=0))
    if "guess" in table:
        return WorkingPoint(guess=as_table("linearise.guess", table["guess"]))
    return WorkingPoint(
        follow=one_of("linearise.follow", table["follow"], axes, "an axis of the file"),
        falling=flag("linearise.falling", table.get("falling", False)),
        start=count("linearise.start", table.get("start", 0), low=0),
    )


def _instantaneous(net: Network) -> Component:
    """The network whose wires take no time: steady fields do not know of delays."""
    return without_delays(net.component)


def _listed(points: WorkingPoints) -> str:
    """What is known of the branches of a single point."""
    return listed(
        f"{k} ({np.sum(np.abs(points.fields[k]) ** 2):.3g} quanta, "
        f"{'stable' if points.stable[k] else 'unstable'})"
        for k in range(int(points.count))
    )


def _followed(
    chosen: WorkingPoint, follow: str, build: Build, given: Mapping[str, Any], axis: Any
) -> Fields:
    """The fields that a slow sweep along the whole axis arrives at, at every given point.

    What a point is does not depend on the others that were asked for: each stands on the line of
    the file's own axis, up to itself where it lies between two values of that.
    """
    swept = {name: x for name, x in given.items() if np.ndim(x)}
    shape = np.broadcast_shapes(np.shape(given[follow]), *map(np.shape, swept.values()))
    flat = {x: np.broadcast_to(given[x], shape, subok=True).reshape(-1) for x in {follow, *swept}}
    points, others = np.asarray(flat.pop(follow)), flat
    rows, line_of = _lines(others, points.size)
    numbers = np.zeros(points.size, int)
    fields: dict[str, Any] = {}
    for values, wanted in _stations(points, axis, chosen.falling):
        lines, row = np.unique(line_of[wanted], return_inverse=True)
        along = {name: x[rows[lines], None] for name, x in others.items()}
        alpha, branches = _line(chosen, follow, build, {**given, **along}, values)
        at = row, np.searchsorted(values, points[wanted])
        for mode, x in alpha.items():
            field = np.broadcast_to(x, (len(lines), len(values)))
            fields.setdefault(mode, np.full(points.size, np.nan + 0j))[wanted] = field[at]
        numbers[wanted] = np.broadcast_to(branches, (len(lines), len(values)))[at]
    if not shape and any(np.isnan(x).any() for x in fields.values()):
        raise UnstableError(
            f"The network does not come to rest at {follow} = {points[0]:.6g}, followed from the "
            f"{'end' if chosen.falling else 'beginning'} of the axis."
        )
    return Fields({m: x.reshape(shape)[()] for m, x in fields.items()}, numbers.reshape(shape)[()])


def _lines(others: Mapping[str, Any], points: int) -> tuple[Any, Any]:
    """The first point of every set of values beside the followed one, and the set of each point."""
    if not others:
        return np.zeros(1, int), np.zeros(points, int)
    together = np.stack([np.asarray(x) for x in others.values()], axis=-1)
    _, first, line = np.unique(together, axis=0, return_index=True, return_inverse=True)
    return first, line.reshape(-1)


def _stations(points: Any, axis: Any, falling: bool) -> list[tuple[Any, Any]]:
    """Rising values to walk along, and the points (a mask) whose answer lies on them."""
    rising = np.sort(np.asarray(axis))
    on = np.isin(points, rising)
    stations = [(rising, on)] if on.any() else []
    for x in np.unique(points[~on]):
        before = rising[rising > x] if falling else rising[rising < x]
        stations.append((np.sort(np.append(before, x)), points == x))
    return stations


def _line(
    chosen: WorkingPoint, follow: str, build: Build, given: Mapping[str, Any], values: Any
) -> tuple[Mapping[str, Any], Any]:
    """Fields and numbers of branches along rising values, on the lines of `given` (lines, 1)."""
    walked = known(values, given[follow])  # in SI units where the parameter is
    net = build({**given, follow: walked})
    if net.component.delays:
        must = "be left out where wires take time, which decides on stability: give a `branch`"
        raise fail("linearise.follow", must, follow)
    points = working_points(net, progress=False)
    if points.fields.ndim < 3 or points.fields.shape[-3] != len(values):
        raise fail("linearise.follow", "be an axis on which the working point depends", follow)
    with points_together(None):  # the axis is the file's own, and whole
        alpha = hysteresis(points, falling=chosen.falling, start=chosen.start)
    return alpha, points.count
