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

from .problem import Problem
from .quadratic import best_step_of_goals

SMALL, ROUGH, LOG = 3e-4, 1e-4, 0.02  # steps of differences: of places, for ∂q/∂u, of logarithms
FINEST, CHANGE = 1e-8, 0.02  # the least step, and √2 × the root of what it should change
ACROSS = 3  # directions across a ridge, at most
NEAR = 300.0  # a part that decays so many times faster than it must is near to its threshold
MET = 0.02  # slack of a limit that is met
INSIDE = 1e-6  # what is kept from every limit, so that rounding breaks none
EXACT = 1e-11  # what is left of a coordinate, after which the chord method ends
SETTLED = 1e-8  # gain of a step that is not worth another one
LENGTHS = np.array([4.0, 1.5, 0.6, 0.2, 0.05, 0.01, 1e-3])
CHORDS, SOME, FEW = 9, 3, 2  # steps of the chord method


class Chart(NamedTuple):
    """Coordinates around a place.

    Args:
        place: u₀.
        q: what is given at u₀, (k,): logarithms of distances, then slacks.
        parts: which parts of the model are coordinates.
        met: which limits are.
        normal: N, (parameters, k).
        tangent: T, (parameters, t).
        widths: steps of differences along T, (t,).
        inward: directions into the cube from the ends a place is at, (parameters, b).
    """

    place: Any
    q: Any
    parts: Any
    met: Any
    normal: Any
    tangent: Any
    widths: Any
    inward: Any

    def turned(self, curve: Any) -> "Chart":
        """The same with tangents along the axes of a curvature, given in them, and steps to fit."""
        sizes, frame = np.linalg.eigh(curve)
        widths = CHANGE / np.sqrt(np.maximum(np.abs(sizes), (CHANGE / SMALL) ** 2))
        return self._replace(tangent=self.tangent @ frame, widths=np.maximum(widths, FINEST))


def climbed(
    problem: Problem, place: Any, steps: int, tell: Callable[[float], None]
) -> tuple[Any, float]:
    """The highest place that can be reached, all limits kept, and its smallest goal.

    Args:
        problem: what is designed.
        place: where to start, feasible.
        steps: at most.
        tell: called with the smallest goal after every step.
    """
    place, reach, settled = np.asarray(place, float), 0.1, 0
    height = _height(problem, place[None])[0]
    weights = np.full(len(problem.goals), 1 / len(problem.goals))
    metric = np.zeros((len(place), len(place)))
    for _ in range(steps):
        place, chart = _chart(problem, place)
        chart = chart.turned(chart.tangent.T @ metric @ chart.tangent)
        step = _stepped(problem, chart, reach, weights)
        if step is None:
            break
        better, gain, used, weights, metric = step
        gain -= height
        if gain > 0:
            place, height = better, height + gain
        tell(float(height))
        reach = min(0.3, used) if gain > 0 else reach / 30
        settled = settled + 1 if gain < SETTLED else 0
        if reach < 1e-6 or settled > 1:
            break
    return place, float(height)


def _height(problem: Problem, places: Any) -> Any:
    """The smallest goal at every place, −∞ outside of the limits."""
    values = problem(places)
    return np.where(values.feasible, np.min(values.goals, -1), -np.inf)


def _constraints(values: Any, parts: Any, met: Any) -> Any:
    """What may be a coordinate, as it enters the chord method: distances and slacks, (N, k)."""
    return np.concatenate([values.distance[:, parts], values.slack[:, met]], -1)


def _chart(problem: Problem, place: Any) -> tuple[Any, Chart]:
    """Coordinates around a place; it is moved to ends of the cube that it almost touches."""
    turning = problem.turning
    snapped = np.where(~turning & (place < 2 * SMALL), 0.0, place)
    snapped = np.where(~turning & (place > 1 - 2 * SMALL), 1.0, snapped)
    if not np.array_equal(place, snapped):
        moved, stayed = _height(problem, np.array([snapped, place]))
        place = snapped if moved >= stayed - 1e-12 else place
    at_end = ~turning & ((place < 2 * SMALL) | (place > 1 - 2 * SMALL))
    free = np.flatnonzero(~at_end)
    size = len(place)
    sides = np.where(place < 0.5, 1.0, -1.0)
    shifts = np.eye(size) * ROUGH
    low = np.where(at_end & (sides > 0), 0.0, 1.0)[:, None]
    high = np.where(at_end & (sides < 0), 0.0, 1.0)[:, None]
    values = problem(np.concatenate([[place], place + high * shifts, place - low * shifts]))
    parts = np.flatnonzero(values.distance[0] < NEAR)
    met = np.flatnonzero(values.slack[0] < MET)
    q = _constraints(values, parts, met)
    J = ((q[1 : size + 1] - q[size + 1 :]) / ((high + low) * ROUGH)).T
    chosen = _independent(J[:, free])
    J, q0 = J[chosen], q[0][chosen]
    chosen_rows = np.concatenate([parts, met])[chosen]
    is_part = chosen < len(parts)
    parts, met = chosen_rows[is_part], chosen_rows[~is_part]
    normal, tangent = np.zeros((size, len(chosen))), np.eye(size)[:, free]
    if len(chosen):
        normal[free] = np.linalg.pinv(J[:, free])
        _, _, frame = np.linalg.svd(J[:, free])
        tangent = np.zeros((size, len(free) - len(chosen)))
        tangent[free] = frame[len(chosen) :].T
    ends = np.flatnonzero(at_end)
    inward = np.zeros((size, len(ends)))
    inward[ends, np.arange(len(ends))] = sides[ends]
    inward -= normal @ (J @ inward)
    s = np.concatenate([np.log(np.maximum(q0[: len(parts)], 1.0)), q0[len(parts) :]])
    widths = np.full(tangent.shape[1], SMALL)
    return place, Chart(place, s, parts, met, normal, tangent, widths, inward)


def _independent(J: Any) -> Any:
    """Rows that are no combinations of those before; never so many that no tangent is left."""
    basis: list[Any] = []
    chosen = []
    for k, row in enumerate(J):
        size = np.linalg.norm(row)
        new_direction = row - sum((b @ row * b for b in basis), np.zeros_like(row))
        if size > 0 and np.linalg.norm(new_direction) > 1e-6 * size and len(chosen) < len(row):
            basis.append(new_direction / np.linalg.norm(new_direction))
            chosen.append(k)
    return np.array(chosen, int)


def _placed(problem: Problem, chart: Chart, y: Any, chords: int) -> tuple[Any, Any]:
    """Places with coordinates y = (t, q, b), (N, …), inside of the cube, and their values."""
    t, k = chart.tangent.shape[1], len(chart.q)
    target = chart.q + y[:, t : t + k]
    given = np.concatenate(
        [np.exp(target[:, : len(chart.parts)]), target[:, len(chart.parts) :]], -1
    )
    places = chart.place + y[:, :t] @ chart.tangent.T + y[:, t + k :] @ chart.inward.T
    first = np.concatenate([np.exp(chart.q[: len(chart.parts)]), chart.q[len(chart.parts) :]])
    places = _inside(problem, places + (given - first) @ chart.normal.T)
    values = problem(places)
    for _ in range(chords if k else 0):
        q = _constraints(values, chart.parts, chart.met)
        left = np.nan_to_num(given - q)
        if np.abs(left / np.maximum(given, 1.0)).max() < EXACT:
            break
        places = _inside(problem, places + left @ chart.normal.T)
        values = problem(places)
    return places, values


def _inside(problem: Problem, places: Any) -> Any:
    return np.where(problem.turning, places, np.clip(places, 0.0, 1.0))


def _stepped(problem: Problem, chart: Chart, reach: float, weights: Any) -> Any:
    """The best of steps of many lengths: its place, height and length, the goals' weights, and the
    curvature in the cube."""
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
    steps, sizes, weights = _steps(problem, chart, model, reach, weights)
    if not sizes:
        return None
    y = np.concatenate([steps, _on_ridge(problem, chart, steps, ridge, weights, 2)])
    places, values = _placed(problem, chart, y, CHORDS)
    height = np.where(values.feasible, np.min(values.goals, -1), -np.inf)
    best = int(np.argmax(height))
    sized, frame = np.linalg.eigh(curve)
    metric = chart.tangent @ (frame * np.abs(sized)) @ frame.T @ chart.tangent.T
    return places[best], height[best], sizes[best % len(sizes)], weights, metric


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
        _, values = _placed(problem, chart, around, SOME if steps > 1 else 1)
        f = (values.goals @ weights).reshape(len(y), -1)
        slopes = (f[:, :count] - f[:, count:]) / (2 * chart.widths[across])
        y[:, across] -= np.nan_to_num(slopes) @ ridge.inverse
    return y


def _steps(problem: Problem, chart: Chart, model: Model, reach: float, weights: Any) -> Any:
    """The best steps of many lengths by the model, these lengths, and the weights of the goals."""
    t, size = chart.tangent.shape[1], len(model.slopes)
    moves = np.column_stack([chart.tangent, chart.normal * _rates_of(chart), chart.inward])
    rows, least = _limits(problem, chart, moves, model.slack, model.slack_slopes)
    free = np.ones(size - t - len(chart.parts))
    box = np.concatenate([chart.widths / SMALL, np.full(len(chart.parts), 20.0), free])
    around = np.vstack([rows, np.eye(size), -np.eye(size)])
    steps, sizes = [], []
    for length in reach * LENGTHS:
        limits = np.concatenate([least, -length * box, -length * box])
        step = best_step_of_goals(model.goals, model.slopes, model.hessian, around, limits)
        if step is not None:
            steps.append(step[0])
            sizes.append(length)
            weights = step[1] if length == reach else weights
    return np.array(steps), sizes, weights


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
    _, values = _placed(problem, chart, y, FEW)
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
