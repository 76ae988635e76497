"""The local stage: Newton's method along the threshold, in coordinates that bend with it.

Designs gain as they come near to the threshold, so the best lies where a part of the model decays
as slowly as it may: in a layer that is 1e-5 of the cube thin and curved. Straight steps leave it.
So how fast such a part decays, by its logarithm, is a coordinate itself, and so is the slack of a
limit that is met. The others are tangents t; a place is where

    u = u₀ + T t + N(q(u) − q₀),    q(u) = given,    N = (∂q/∂u)⁺,    (∂q/∂u) T = 0,

found by the chord method with N as it is at u₀. In these coordinates the goals are smooth. Their
slopes and curvatures come from differences in one batch, the step from a quadratic program
(sequential quadratic programming: J. Nocedal and S. J. Wright, Numerical Optimization, ch. 18),
and steps of many lengths are tried in one batch, all of them inside the limits.

Two narrow resonances that must meet make ridges 1e-4 of the cube wide, which bend as well. So
differences are taken along the axes of the curvature, with steps that fit each, and a long step is
put back onto the ridge by Newton's method in the directions across it; SLSQP ends on them.

Differences, and not the derivatives that JAX has of points that it can trace: for two motions at
the ends of a fibre and eleven parameters, a program for gradients takes 4 s to compile, as long as
the climbs of six runs, and then 3 ms in place of 7 ms for slopes and curvatures. Slopes are right
to 1e-5 of the largest, and the last step gains less than 1e-8 either way.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .charts import CHANGE, SMALL, Chart, chart_at, heights, placed
from .problem import Problem
from .quadratic import best_step_of_goals

LOG = 0.02  # step of differences of logarithms
ACROSS = 3  # directions across a ridge, at most
INSIDE = 1e-6  # what is kept from every limit, so that rounding breaks none
SETTLED = 1e-8  # gain of a step that is not worth another one
LENGTHS = np.array([4.0, 1.5, 0.6, 0.2, 0.05, 0.01, 1e-3])
CHORDS, SOME, FEW = 9, 3, 2  # steps of the chord method
USUAL, PROMISED = 0.1, 1e-5  # the first reach; gain that slopes may promise at an optimum

OPTIMUM = "where slopes and curvatures promise no more"
PROMISE = "where slopes promise more than steps gain: a kink, or noise"
NO_STEP = "where no step could be made: differences have no value, or no curvature"
OUT_OF_STEPS = "when its steps ran out, still gaining"


class Ascent(NamedTuple):
    """Where a climb ended: the place, its smallest goal, and why it went no further."""

    place: Any
    height: float
    ended: str


def climbed(problem: Problem, place: Any, steps: int, tell: Callable[[float], None]) -> Ascent:
    """The highest place that can be reached, all limits kept.

    Args:
        problem: what is designed.
        place: where to start, feasible.
        steps: at most.
        tell: called with the smallest goal after every step.
    """
    place, reach, settled, ended = np.asarray(place, float), USUAL, 0, OUT_OF_STEPS
    height = heights(problem, place[None])[0]
    weights = np.full(len(problem.goals), 1 / len(problem.goals))
    metric = np.zeros((len(place), len(place)))
    for _ in range(steps):
        place, chart = chart_at(problem, place)
        chart = chart.turned(chart.tangent.T @ metric @ chart.tangent)
        step = _stepped(problem, chart, reach, weights)
        if step is None:
            ended = NO_STEP
            break
        weights, metric, gain = step.weights, step.metric, float(step.height) - height
        if gain > 0:
            place, height = step.place, height + gain
        tell(float(height))
        reach = min(0.3, step.length) if gain > 0 else reach / 30
        settled = settled + 1 if gain < SETTLED else 0
        if reach < 1e-6 or settled > 1:
            promise = _promise(problem, step.chart, step.model)
            ended = OPTIMUM if promise < PROMISED else PROMISE
            break
    return Ascent(place, float(height), ended)


class Step(NamedTuple):
    """The best of steps of many lengths: its place, height and length, the goals' weights, the
    curvature in the cube; where it was made, and by which model."""

    place: Any
    height: Any
    length: float
    weights: Any
    metric: Any
    chart: Chart
    model: "Model"


def _stepped(problem: Problem, chart: Chart, reach: float, weights: Any) -> Step | None:
    t, b = chart.tangent.shape[1], chart.inward.shape[1]
    none = Ridge(np.zeros(0, int), np.zeros((0, 0)))
    for _ in range(3):
        scale = np.concatenate([chart.widths, _steps_of(chart), np.full(b, SMALL)])
        model = _quadratic(problem, chart, scale, weights, none)
        if model is None:
            chart = chart._replace(widths=chart.widths / 10)
            continue
        curve = model.hessian[:t, :t]
        if (np.abs(np.diagonal(curve)) * chart.widths**2).max(initial=0.0) < 25 * CHANGE**2:
            break
        chart = chart.turned(curve)
    else:
        return None
    ridge = _ridge(chart, curve)
    if len(ridge.across):
        wide = np.where(
            np.isin(np.arange(len(scale)), ridge.across), scale, np.maximum(scale, SMALL)
        )
        model = _quadratic(problem, chart, wide, weights, ridge) or model
    tried = _steps(problem, chart, model, reach * LENGTHS)
    if not tried:
        return None
    steps = np.array([step for step, _, _ in tried])
    y = np.concatenate([steps, _on_ridge(problem, chart, steps, ridge, weights, 2)])
    places, values = placed(problem, chart, y, CHORDS)
    height = np.where(values.feasible, np.min(values.goals, -1), -np.inf)
    best = int(np.argmax(height))
    _, weights, length = tried[best % len(tried)]
    sized, frame = np.linalg.eigh(curve)
    metric = chart.tangent @ (frame * np.abs(sized)) @ frame.T @ chart.tangent.T
    return Step(places[best], height[best], length, weights, metric, chart, model)


class Ridge(NamedTuple):
    """The few directions across which goals fall most steeply, and −(their curvature)⁻¹."""

    across: Any
    inverse: Any


class Model(NamedTuple):
    """Goals and slacks at a place, their slopes, and the curvature of the weighted goals."""

    goals: Any
    slopes: Any
    hessian: Any
    slack: Any
    slack_slopes: Any


def _ridge(chart: Chart, curve: Any) -> Ridge:
    across = np.argsort(chart.widths)[:ACROSS]
    across = across[chart.widths[across] < SMALL / 3]
    sizes, frame = np.linalg.eigh(curve[np.ix_(across, across)])
    return Ridge(across, -(frame / np.maximum(np.abs(sizes), 1.0)) @ frame.T)


def _on_ridge(
    problem: Problem, chart: Chart, y: Any, ridge: Ridge, weights: Any, steps: int
) -> Any:
    """Coordinates after some steps of Newton's method across the ridge."""
    y, across = y.copy(), ridge.across
    count = len(across)
    shifts = np.zeros((2 * count, y.shape[1]))
    shifts[np.arange(count), across] = chart.widths[across]
    shifts[count:] = -shifts[:count]
    for _ in range(steps if count else 0):
        around = (y[:, None] + shifts).reshape(-1, y.shape[1])
        _, values = placed(problem, chart, around, SOME if steps > 1 else 1)
        f = (values.goals @ weights).reshape(len(y), -1)
        slopes = (f[:, :count] - f[:, count:]) / (2 * chart.widths[across])
        y[:, across] -= np.nan_to_num(slopes) @ ridge.inverse
    return y


def _steps(problem: Problem, chart: Chart, model: Model, lengths: Any) -> Any:
    """The best steps of some lengths by the model, with the weights of the goals, and the lengths;
    those that no limit forbids."""
    t, size = chart.tangent.shape[1], len(model.slopes)
    moves = np.column_stack([chart.tangent, chart.normal * _rates_of(chart), chart.inward])
    rows, least = _limits(problem, chart, moves, model.slack, model.slack_slopes)
    free = np.ones(size - t - len(chart.parts))
    box = np.concatenate([chart.widths / SMALL, np.full(len(chart.parts), 20.0), free])
    around = np.vstack([rows, np.eye(size), -np.eye(size)])
    steps = []
    for length in lengths:
        limits = np.concatenate([least, -length * box, -length * box])
        step = best_step_of_goals(model.goals, model.slopes, model.hessian, around, limits)
        if step is not None:
            steps.append((*step, length))
    return steps


def _promise(problem: Problem, chart: Chart, model: Model) -> float:
    """What a step of usual length would gain by slopes and curvatures."""
    gains = [0.0]
    for p, _, _ in _steps(problem, chart, model, [USUAL]):
        goals = model.goals + p @ model.slopes
        gains.append(goals.min() + p @ model.hessian @ p / 2 - model.goals.min())
    return max(gains)


def _steps_of(chart: Chart) -> Any:
    parts = len(chart.parts)
    return np.concatenate([np.full(parts, LOG), np.full(len(chart.q) - parts, SMALL)])


def _rates_of(chart: Chart) -> Any:
    """dq/ds: distances are given by their logarithms."""
    parts = len(chart.parts)
    return np.concatenate([np.exp(chart.q[:parts]), np.ones(len(chart.q) - parts)])


def _quadratic(
    problem: Problem, chart: Chart, scale: Any, weights: Any, ridge: Ridge
) -> Model | None:
    """The model at a place, on the ridge if there is one; None where differences have no value.

    f_ij from f(+i+j) + f(−i−j) − f(+i) − f(−i) − f(+j) − f(−j) + 2f. At an end of the cube there
    is one side only, and a curvature is not looked for. On a ridge the differences are between
    places on it, where what is across has no slope: only its curvature is kept.
    """
    size, ends = len(scale), chart.inward.shape[1]
    along = np.setdiff1d(np.arange(size), ridge.across)
    both = along[: len(along) - ends]
    unit, b = np.diag(scale), len(both)
    i, j = np.tril_indices(b, -1)
    mixed = unit[both[i]] + unit[both[j]]
    y = np.concatenate([np.zeros((1, size)), unit[along], -unit[both], mixed, -mixed])
    y = _on_ridge(problem, chart, y, ridge, weights, 1)
    _, values = placed(problem, chart, y, FEW)
    if not np.isfinite(values.goals).all():
        return None
    at, up, down, plus, minus = np.split(values.goals, np.cumsum([1, len(along), b, len(i)]))
    slopes, hessian = np.zeros((size, len(weights))), np.zeros((size, size))
    slopes[along] = (up - at) / scale[along, None]
    slopes[both] = (up[:b] - down) / (2 * scale[both, None])
    f, u, d, p, m = (x @ weights for x in (at, up, down, plus, minus))
    hessian[both, both] = (u[:b] + d - 2 * f) / scale[both] ** 2
    across = (p + m - u[i] - d[i] - u[j] - d[j] + 2 * f) / (2 * scale[both[i]] * scale[both[j]])
    hessian[both[i], both[j]] = hessian[both[j], both[i]] = across
    typical = np.abs(np.diagonal(hessian)).max(initial=1e-3)
    curved = np.concatenate([along[b:], ridge.across])
    hessian[curved, curved] = -typical
    slack_slopes = np.zeros((size, values.slack.shape[1]))
    slack_slopes[along] = (values.slack[1 : len(along) + 1] - values.slack[0]) / scale[along, None]
    return Model(at[0], slopes, hessian, values.slack[0], slack_slopes)


def _limits(problem: Problem, chart: Chart, moves: Any, slack: Any, slack_slopes: Any) -> Any:
    """Rows and least values of all linear limits: the cube, the coordinates, other slacks."""
    size, t = moves.shape[1], chart.tangent.shape[1]
    bounded = ~problem.turning
    rows = [moves[bounded], -moves[bounded]]
    least = [-chart.place[bounded], chart.place[bounded] - 1]
    own = np.zeros((len(chart.q), size))
    own[np.arange(len(chart.q)), t + np.arange(len(chart.q))] = 1.0
    rows.append(own)
    least.append(INSIDE - chart.q)
    others = [k for k in range(len(slack)) if k not in chart.met]
    rows.append(slack_slopes[:, others].T)
    least.append(INSIDE - slack[others])
    return np.vstack(rows), np.concatenate(least)
