"""Coordinates around a place that bend with the threshold; climb.py says why."""

from typing import Any, NamedTuple

import numpy as np

from .problem import Problem

SMALL, ROUGH = 3e-4, 1e-4  # steps of differences: of places, and for ∂q/∂u
FINEST, CHANGE = 1e-8, 0.02  # the least step, and √2 × the root of what it should change
NEAR = 300.0  # a part that decays so many times faster than it must is near to its threshold
MET = 0.02  # slack of a limit that is met
EXACT = 1e-11  # what is left of a coordinate, after which the chord method ends


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


def heights(problem: Problem, places: Any) -> Any:
    """The smallest goal at every place, −∞ outside of the limits.

    Args:
        problem: what is designed.
        places: (N, parameters).
    """
    values = problem(places)
    return np.where(values.feasible, np.min(values.goals, -1), -np.inf)


def chart_at(problem: Problem, place: Any) -> tuple[Any, Chart]:
    """Coordinates around a place; it is moved to ends of the cube that it almost touches.

    Args:
        problem: what is designed.
        place: (parameters,).
    """
    turning = problem.turning
    snapped = np.where(~turning & (place < 2 * SMALL), 0.0, place)
    snapped = np.where(~turning & (place > 1 - 2 * SMALL), 1.0, snapped)
    if not np.array_equal(place, snapped):
        moved, stayed = heights(problem, np.array([snapped, place]))
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


def _constraints(values: Any, parts: Any, met: Any) -> Any:
    """What may be a coordinate, as it enters the chord method: distances and slacks, (N, k)."""
    return np.concatenate([values.distance[:, parts], values.slack[:, met]], -1)


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


def placed(problem: Problem, chart: Chart, y: Any, chords: int) -> tuple[Any, Any]:
    """Places with coordinates y = (t, q, b), inside of the cube, and their values.

    Args:
        problem: what is designed.
        chart: the coordinates.
        y: (N, …).
        chords: steps of the chord method, at most.
    """
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
