"""The best parameters of a point function: a global stage, a local one, and a second opinion."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, count, fail, flag, listed, mapping, nearest
from ..base.files import as_path
from ..base.keywords import spoken
from ..base.progress import status_line
from ..lyapunov.schur import solve_by_schur
from ..lyapunov.watched import solved_by
from ..sweeps.points import Point
from .optimum import Design
from .points import in_unit, one_number
from .problem import FLOOR, Problem, growth_of, problem_of, read_limits, read_ties
from .ranges import Range, check_like, places, read_ranges
from .robust import checked_spread, tolerant
from .runs import Run, keep_runs, kept_runs
from .tolerances import check_share
from .waves import wave

if TYPE_CHECKING:
    import xarray as xr

FIRST = 512  # random places that tell what there is to see
AGREE = 1e-6  # what another solver may differ by
WAVE = 8  # runs that go together
BEARS = "where the spread is borne, by differential evolution"
LATE = 0.75  # share of the runs after which they begin around the best so far


@spoken
def design(
    point: Point,
    *,
    maximise: str | Sequence[str] | None = None,
    minimise: str | Sequence[str] | None = None,
    over: Mapping[str, Any],
    where: Mapping[str, Any] | None = None,
    tie: Mapping[str, Any] | None = None,
    start: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    runs: int = 8,
    generations: int = 100,
    store: str | Path | None = None,
    tolerance: float | None = None,
    progress: bool = True,
) -> Design:
    """The parameters at which an output of a point function is largest, or smallest.

    Every run searches by differential evolution, all points in one batch, and then climbs along
    the threshold by sequential quadratic programming. An optimiser left alone goes to where
    rounding looks like entanglement: here every strongly connected part of every model that the
    point function solves decays at 10⁻⁴ of its slowest mode's own rate at least, and the value must
    come out of another solver (Bartels and Stewart's method, in extended precision) wherever a
    covariance is on the way to it. What spectra are taken of keeps the same distance; so do
    periodic states, by their multipliers, and fields that come back after a delay, by the root of
    their characteristic equation that is furthest to the right.

    Args:
        point: as for `sweep`: arrays by name, returning a mapping from names to arrays. One for
            plain numbers goes into `each`.
        maximise: the output to make large; of several, the smallest of them. "margin" when neither
            this nor `minimise` is given.
        minimise: in its place the output to make small; of several, the largest of them.
        over: a range by parameter: a pair (low, high), also with units, `between`, or `turn`.
            Parameters that are named nowhere keep their defaults.
        where: limits on other outputs, ("<=", bound) or (">=", bound). One on the growth rate of
            the model is a distance from threshold.
        tie: parameters that follow: the name of a free one, or a function of some.
        start: points to begin with, as `over` without ranges; from problems nearby they help.
        seed: of the random numbers: the same seed gives the same bits.
        runs: how often the search is done.
        generations: of differential evolution in every run, before it climbs; with none a run
            climbs from the best of `start` and of some random places.
        store: a file that keeps finished runs; the same call goes on from there.
        tolerance: spread of all parameters (see `tolerance`) with which at least half of the value
            must be left in 99 % of the cases; of what is to be small and above zero, it may be
            twice the value at most.
        progress: show the best value so far on a terminal.

    Returns:
        A `Design`.

    Raises:
        ArgumentError: for parameters or outputs that the function does not have, ends the wrong
            way round, or where no point has a steady state and keeps the limits; with `tolerance`,
            where what is to be large is not above zero at the best.
        ConvergenceError: where no design comes out of another solver as well.

    >>> import qcascade as qc
    >>> def point(gain, decay):
    ...     parts = {"s": qc.pair_source(gain), "m": qc.cavity(decay=decay)}
    ...     net = qc.Network(parts, [("s.out_a", "m.in")])
    ...     return {"margin": qc.margin(qc.steady_state(qc.gaussian(net)), "s.b", "m.a")}
    >>> over = {"gain": (0.01, 0.4), "decay": qc.between(0.1, 10, "log")}
    >>> best = design(point, over=over, runs=1)
    >>> round(best.value, 4), round(best.at["gain"], 4), round(best.at["decay"], 2), best.active
    (0.3511, 0.4, 3.38, ('gain = 0.4',))
    """
    ranges = read_ranges(over)
    ties = read_ties(tie if tie is not None else {}, ranges)
    limits = read_limits(where if where is not None else {})
    goals, small = _goals(maximise, minimise)
    seed, runs = count("seed", seed, 0), count("runs", runs)
    generations = count("generations", generations, 0)
    spread = checked_spread(tolerance)
    progress = flag("progress", progress)
    begin = _starts(start, ranges)
    first = np.concatenate([begin, np.random.default_rng(seed).random((FIRST, len(ranges)))])
    problem, _ = problem_of(point, goals, ranges, limits, ties, first, small)
    path = None if store is None else as_path("store", store)
    finished = _searched(problem, begin, seed, runs, generations, path, progress)
    if spread is None:
        run, difference = _agreed(problem, finished)
        place, value, probability = np.array(run.place), run.value, np.nan
    else:
        # The best without a spread may be too near to its threshold for another solver to agree.
        run = max(finished, key=lambda run: run.value)
        check_share(problem.wish, goals, run.value * problem.scale, small)
        with status_line("design that bears a spread", progress) as show:
            tell, begin = _teller(problem, show), _places(finished)
            place, value, probability = tolerant(problem, begin, spread, seed, tell)
        difference = _difference(problem, place)
        if difference > AGREE:
            raise _disagreement(difference)
    ended = run.ended if np.array_equal(place, run.place) else BEARS
    return _record(problem, place, value, ended, finished, difference, seed, probability)


def _goals(maximise: Any, minimise: Any) -> tuple[tuple[str, ...], bool]:
    """Names of outputs, and whether they are to be small."""
    small = minimise is not None
    if small and maximise is not None:
        raise fail("minimise", "not be given together with `maximise`", minimise)
    given = minimise if small else "margin" if maximise is None else maximise
    goals = (given,) if isinstance(given, str) else given
    texts = isinstance(goals, tuple | list) and all(isinstance(x, str) for x in goals)
    if not texts or not goals or len(set(goals)) < len(goals):
        name = "minimise" if small else "maximise"
        raise fail(name, "be the name of an output, or several different ones", given)
    return tuple(goals), small


def _teller(problem: Problem, show: Any) -> Callable[[float], None]:
    """What shows the best value so far, if anything does."""
    if show is None:
        return lambda _: None
    return lambda value: show(f"{value * problem.scale:.6g}")


def _starts(start: Any, ranges: Mapping[str, Range]) -> Any:
    if not isinstance(start, list | tuple):
        raise fail("start", "be a list of points, each a mapping from parameters to numbers", start)
    rows = []
    for k, at in enumerate(start):
        at = mapping(f"start[{k}]", at, "parameters to numbers")
        for name in at:
            if name not in ranges:
                known = f"parameters: {listed(ranges)}{nearest(name, ranges)}"
                raise fail(f"start[{k}]", "name parameters in `over`", name, known)
        for name in ranges:
            if name not in at:
                raise fail(f"start[{k}]", "give every parameter in `over`", at, f"not {name}")
        for name, x in at.items():
            check_like(f"start[{k}][{name}]", x, ranges[name].unit)
        rows.append(places(ranges, {n: one_number(f"start[{k}][{n}]", x) for n, x in at.items()}))
    return np.array(rows).reshape(-1, len(ranges))


def _searched(
    problem: Problem,
    begin: Any,
    seed: int,
    runs: int,
    generations: int,
    path: Path | None,
    progress: bool,
) -> list[Run]:
    """All runs, those that a store has kept among them."""
    finished = kept_runs(path, problem, begin, seed, generations)[:runs]
    with status_line("design", progress) as show:
        for first, last in _waves(runs):
            if last <= len(finished):
                continue
            before, late = finished[:first], first >= LATE * runs > 0 and first > 0
            now = range(first, last)
            finished = before + wave(problem, begin, before, now, late, seed, generations, show)
            if path is not None:
                keep_runs(path, problem, begin, seed, generations, finished)
    if not any(np.isfinite(run.value) for run in finished):
        within = f" that keeps the limits ({'; '.join(map(str, problem.limits))})"
        raise fail(
            "over",
            f"hold a point with a steady state{within if problem.limits else ''}",
            {name: (x.low, x.high) for name, x in problem.ranges.items()},
            f"none among {problem.evaluated:,} points decays at {_floor(problem)}",
        )
    return finished


def _waves(runs: int) -> list[tuple[int, int]]:
    """Runs that go together: the first, up to `WAVE` at a time, and then those that begin late."""
    late = int(np.ceil(LATE * runs))
    edges = [*range(0, late, WAVE), late, *range(late + WAVE, runs, WAVE), runs]
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _agreed(problem: Problem, finished: list[Run]) -> tuple[Run, float]:
    """The best run whose value comes out of another solver too, and by how much that differs."""
    worst = np.inf
    for run in sorted(finished, key=lambda run: -run.value):
        if np.isfinite(run.value):
            difference = _difference(problem, np.array(run.place))
            if not difference > AGREE:
                return run, difference
            worst = min(worst, difference)
    raise _disagreement(worst)


def _places(finished: list[Run]) -> Any:
    """Where runs ended that found something, the best first."""
    best_first = sorted(finished, key=lambda run: -run.value)
    return np.array([run.place for run in best_first if np.isfinite(run.value)])


def _disagreement(difference: float) -> ConvergenceError:
    return ConvergenceError(
        f"No design comes out of another solver to {AGREE:g} as well: at the best they differ by "
        f"{difference:.2g}. Keep more of a distance from threshold: where={{'growth': ('<=', …)}}."
    )


def _difference(problem: Problem, place: Any) -> float:
    """By how much goals differ that another solver finds, with every limit kept.

    Where a limit is met, the other solver stands on either side of it by rounding. NaN where there
    is no covariance on the way to a goal, and so none to find another way.
    """
    asked: list[int] = []

    def another(A: Any, D: Any) -> tuple[Any, Any]:
        asked.append(A.shape[-1])
        return solve_by_schur(A, D)

    at_place = problem(place[None])
    with solved_by(another):
        with_slack = problem(place[None])
    with_slack = with_slack._replace(slack=with_slack.slack + AGREE)
    if not (at_place.feasible[0] and with_slack.feasible[0]):
        return np.inf
    return float(np.abs(at_place.goals - with_slack.goals).max()) if asked else np.nan


def _floor(problem: Problem) -> str:
    least = "" if problem.growth is None else f"{-problem.growth:g}, and "
    return f"{least}{FLOOR:g} of the slowest mode's own rate, or faster"


def _record(
    problem: Problem,
    place: Any,
    value: float,
    ended: str,
    finished: list[Run],
    difference: float,
    seed: int,
    probability: float,
) -> Design:
    values = problem(place[None])
    outputs, drifts = problem.outputs(problem.rows(place[None]))
    rates = [growth_of(A).max() for A in drifts]
    return Design(
        at=problem.numbers.labelled(problem.rows(place[None])[0]),
        units=problem.numbers.units,
        value=value * problem.scale,
        small=problem.scale < 0,
        values={name: float(outputs[name][0]) for name in problem.goals},
        active=_active(problem, place, values),
        ended=ended,
        floor=f"every part decays at {_floor(problem)}" if rates else "no model was solved",
        growth=float(max(rates, default=np.nan)),
        runs=tuple(
            problem.scale * x for x in sorted((run.value for run in finished), reverse=True)
        ),
        history=_history(finished, problem.scale),
        difference=difference * abs(problem.scale),
        evaluated=problem.evaluated,
        seed=seed,
        probability=probability,
    )


def _active(problem: Problem, place: Any, values: Any) -> tuple[str, ...]:
    told = []
    for (name, x), u in zip(problem.ranges.items(), place, strict=True):
        if x.scale != "turn" and min(u, 1 - u) < 1e-6:
            told.append(f"{name} = {in_unit(x.high if u > 0.5 else x.low, x.unit, 'g')}")
    told += [
        str(x) for x, slack in zip(problem.limits, values.slack[0], strict=True) if slack < 1e-4
    ]
    if (values.distance < 1.001).any():
        told.append("distance from threshold")
    return tuple(told)


def _history(finished: list[Run], scale: float) -> "xr.Dataset":
    import xarray as xr

    steps = max(len(run.history) for run in finished)
    best = np.full((len(finished), steps), np.nan)
    for row, run in zip(best, finished, strict=True):
        row[: len(run.history)] = np.maximum.accumulate(run.history)
    best[best < -1e300] = np.nan
    axes = {"run": np.arange(len(finished)), "step": np.arange(steps)}
    return xr.Dataset({"best": (("run", "step"), scale * best)}, axes)
