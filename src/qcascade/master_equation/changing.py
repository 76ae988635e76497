"""Evolution of master equations whose parameters change in time."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, fail, number
from ..hilbert.cutoffs import EDGE, REFUSED, cut_off
from ..hilbert.states import DensityState
from ..numerics import smooth_steps
from ..numerics.time_steps import between, checked_breaks, level_segments, places, segments
from ..parts.windows import breaks_of_pulses, pulse_cavities
from ..slh import rates
from .carrying_on import carried_on
from .driven import Driven, NewWords, model_at
from .evolution import Evolution
from .layout import Layout
from .points_in_time import every_point, stacked
from .propagators import edge_of
from .steps import Carried, carried
from .stopping import Stops
from .superoperator import Superoperator, superoperator

Observe = Mapping[str, Callable[[Any], Any]]

Result = TypeVar("Result")

UNION = 8
"""Times in which new words may turn up before a model counts as one without a structure."""


class Asked(NamedTuple):
    """What an evolution in time was asked for."""

    times: np.ndarray
    breaks: np.ndarray
    observe: Mapping[str, Callable[[Any], Any]]
    tolerance: float
    progress: bool
    until: Callable[[Any], Any] | None = None
    checkpoint: str | Path | None = None


def changed(at: Any, fit: Callable[[Any], DensityState], asked: Asked) -> Evolution:
    """The evolution of a master equation that changes in time; `qc.evolve` says the rest.

    Args:
        at: function of an array of times that returns a model, with an `example`.
        fit: the initial state in the space of a model.
        asked: times and what else was asked for.
    """
    known = breaks_of_pulses(pulse_cavities(at.example.network), asked.times)
    asked = asked._replace(breaks=np.union1d(asked.breaks, known))
    when = (asked.times, asked.breaks)
    return structured(at, "model", *when, lambda driven: _changed(driven, fit, asked))


def structured(
    at: Any, name: str, times: np.ndarray, breaks: np.ndarray, use: Callable[[Driven], Result]
) -> Result:
    """What is made of a master equation in time, once its structure holds at all times.

    Args:
        at: function of an array of times that returns a model, with its `points`.
        name: of that argument, in an error.
        times: of the run.
        breaks: when something is switched.
        use: what to make of it; begun anew where it meets words that were nowhere before.
    """
    known = looked(times, breaks)
    if not at.points:
        known = np.union1d(known, first_nodes(times, breaks))
    for _ in range(UNION):
        try:
            return use(Driven(at, known))
        except NewWords as new:
            known = np.union1d(known, new.times)
    raise fail(name, "have the same words at all times, some of them zero", at)


def looked(times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Where the structure is read from: between all breaks, and at all edges.

    Args:
        times: of the run, increasing.
        breaks: when something is switched.
    """
    edges = np.unique(np.concatenate([times[[0, -1]], breaks]))
    return np.unique(np.concatenate([times, *(places(a, b) for a, b in pairwise(edges))]))


def first_nodes(times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Where else numbers are wanted if nothing is steep or switched: asked for with the others.

    Args:
        times: of the run, increasing.
        breaks: when something is switched.
    """
    if not times[-1] > times[0]:
        return times
    edges = np.unique(np.concatenate([times[[0, -1]], breaks]))
    steps = level_segments(times, breaks)
    nodes = smooth_steps.places(steps[:-1], np.diff(steps))
    return np.concatenate([nodes, *(between(places(a, b)) for a, b in pairwise(edges))])


class Prepared(NamedTuple):
    """What all points of a master equation in time have in common."""

    start: DensityState
    layout: Layout
    L: Superoperator
    y: np.ndarray  # coordinates of the start
    edge: Mapping[str, np.ndarray]  # basis states by cutoff
    functional: np.ndarray  # their population
    edges: np.ndarray  # of the segments


def _changed(driven: Driven, fit: Callable[[Any], DensityState], asked: Asked) -> Evolution:
    model, times = driven.model, asked.times
    model.check_blocks()
    start = fit(model)
    layout = layout_for(driven, start)
    L = superoperator(layout, driven.features)
    y = L.coordinates.of(np.ascontiguousarray(layout.pack(start), layout.dtype))
    edge = cut_off(model.space, model.H, model.jumps)
    edges = times[:1]
    if times[-1] > times[0]:
        edges = segments(driven.numbers, times, asked.breaks)
    ready = Prepared(start, layout, L, y, edge, population(L, edge), edges)
    if not driven.points:
        return _evolved(driven, ready, asked, None)[0]
    if asked.checkpoint is not None:
        must = "be left out for a batch: run one evolution for each point"
        raise fail("checkpoint", must, asked.checkpoint)
    alone = asked._replace(progress=False)

    def point(index: tuple[int, ...], steps: np.ndarray | None) -> tuple[Evolution, np.ndarray]:
        return _evolved(driven.at_point(index), ready, alone, steps)

    runs = every_point(driven.points, point, asked.progress)
    return stacked(runs, driven.points, times, asked.until is not None)


def _evolved(
    driven: Driven, ready: Prepared, asked: Asked, steps: np.ndarray | None
) -> tuple[Evolution, np.ndarray]:
    """The evolution of one point, and its steps in each segment, which may begin with others."""
    start, layout, L, y, edge, functional, edges = ready
    times = asked.times
    if len(edges) > 1:
        how, progress = (driven, L, edges, y, asked.tolerance, functional), asked.progress
        if asked.checkpoint is None:
            run = carried(*how, steps=steps, progress=progress)
        else:
            run = carried_on(*how, asked.checkpoint, progress=progress)
    else:
        nothing = np.zeros(0, int)
        run = Carried(times[:1], y[None], nothing, [], 0.0, np.zeros(0), 0)
    check_edge(L, run, edge)
    vectors, stopped = run.states[np.searchsorted(run.edges, times)], None
    stop = Stops(driven, L, run, asked.until, asked.tolerance).first() if asked.until else None
    if stop is not None:
        stopped, last = stop
        passed = times < stopped
        times = np.append(times[passed], stopped)
        vectors = np.concatenate([vectors[passed], last[None]])
    states = [layout.unpack(L.coordinates.state(row)) for row in vectors]
    _check_physical(states, start, asked.tolerance)
    observed = _observed(states, asked.observe)
    info = _told(run, states, start, asked.tolerance, L, edge)
    told_last = {name: info[name] for name in ("edge_population", "warnings") if name in info}
    final = DensityState(driven.model.space, states[-1].blocks, told_last)
    return Evolution(times, observed, final, stopped, info), run.steps


def layout_for(driven: Driven, start: DensityState) -> Layout:
    """The blocks that are needed for a start: those of all symmetries that it has too.

    Args:
        driven: the master equation.
        start: a state in its space.
    """
    model = driven.model
    real = driven.terms.real and not any(np.any(np.imag(block)) for block in start.blocks)
    if model.mirror is not None:
        layout = Layout(model.space, model.mirror, real)
        try:
            layout.pack(start)
        except ArgumentError:  # the state is not its own mirror image
            return Layout(model.space, None, real)
        return layout
    return Layout(model.space, None, real)


def population(L: Superoperator, edge: Mapping[str, np.ndarray]) -> np.ndarray:
    """The population of the basis states at the cutoffs, as a functional of coordinates.

    Args:
        L: the generator, with its coordinates.
        edge: basis states by cutoff.
    """
    functional = np.zeros(L.coordinates.size)
    full = np.any(list(edge.values()), axis=0) if edge else np.zeros(0, bool)
    edge_places = edge_of(L.layout, full) if edge else None
    if edge_places is not None:
        places = edge_places.places * (1 if L.layout.real else 2)
        np.add.at(functional, L.coordinates.tables[1][places], edge_places.weights)
    return functional


def check_edge(L: Superoperator, run: Carried, edge: Mapping[str, np.ndarray]) -> None:
    """Refuse a run in which too much was at a cutoff.

    Args:
        L: the generator.
        run: the states.
        edge: basis states by cutoff.

    Raises:
        ConvergenceError: it says when, and which cutoff to raise.
    """
    if not edge or not len(run.watched) or not run.watched.max() > REFUSED:
        return
    k = int(np.argmax(run.watched > REFUSED))
    largest = {name: population(L, {name: full}) @ run.states[k + 1] for name, full in edge.items()}
    name = max(largest, key=lambda name: largest[name])
    raise ConvergenceError(
        f"The evolution is not certain: by t = {run.edges[k + 1]:.4g} a population of "
        f"{run.watched[k]:.2g} has been at the cutoff of {name}, from where the model leads beyond "
        f"it (at most {REFUSED:g} may be); raise `cutoffs[{name}]`."
    )


def _check_physical(states: list[DensityState], start: DensityState, tolerance: float) -> None:
    """Refuse states that rounding or steps have taken beyond the tolerance."""
    off = max(abs(state.trace - start.trace) for state in states)
    if not off <= 10 * tolerance:
        raise ConvergenceError(
            f"The evolution is not certain: the trace changed by {off:.2g}, more than the "
            f"tolerance {tolerance:.2g} allows."
        )
    rows = zip(*(state.blocks for state in states), strict=True)
    lowest = min(float(np.linalg.eigvalsh(np.stack(row))[:, 0].min()) for row in rows)
    if lowest < -max(1e-12, 10 * tolerance):
        raise ConvergenceError(
            f"The evolution leaves the physical states (a probability of {lowest:.2g}) by more "
            "than its tolerance: make it smaller."
        )


def _observed(states: list[DensityState], observe: Observe) -> dict[str, np.ndarray]:
    from .relaxation import looked_at

    rows: list[Mapping[str, np.ndarray]] = []
    for state in states:
        rows.append(looked_at(observe, state, rows))
    return {name: np.array([row[name] for row in rows]) for name in observe}


def _told(
    run: Carried,
    states: list[DensityState],
    start: DensityState,
    tolerance: float,
    L: Superoperator,
    edge: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    steps = int(run.steps.sum())
    info: dict[str, Any] = {
        "applications": run.applications,
        "steps": steps,
        "tolerance": tolerance,
        "estimated_error": run.error,
        "trace_error": abs(states[-1].trace - start.trace),
        "hermiticity_error": 0.0,
        "method": f"Taylor series in time of {L.coordinates.size} rows, {steps} steps",
    }
    return info | edge_told(L, run, edge)


def edge_told(L: Superoperator, run: Carried, edge: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The largest population at the cutoffs, with a warning when that is much.

    Args:
        L: the generator.
        run: the states.
        edge: basis states by cutoff.
    """
    if not edge:
        return {}
    watched = np.append(run.watched, population(L, edge) @ run.states[0])
    k = int(np.argmax(watched))
    time = np.append(run.edges[1:], run.edges[0])[k]
    told = (
        f"population {watched[k]:.2g} at the cutoff before t = {time:.4g}: raise `cutoffs` and "
        "compare"
    )
    warnings = (told,) if watched[k] > EDGE else ()
    return {"edge_population": float(watched[k]), "warnings": warnings}


def in_seconds(at: Any, times: Any, breaks: Any, name: str = "times") -> tuple[Any, Any]:
    """Times and breaks with units as numbers, beside the rates of a master equation at t = 0."""

    def fastest() -> tuple[float, bool]:
        model = model_at(at, np.zeros(2))
        return rates.fastest_rate(model.H, model.jumps), model.measured

    return rates.in_seconds(times, breaks, fastest, name)


def asked_for(
    at: Any,
    times: Any,
    observe: Any,
    until: Any,
    breaks: Any,
    tolerance: float,
    progress: bool,
) -> Asked:
    """What an evolution in time is asked for, checked.

    Args:
        at: function of an array of times that returns a model.
        times: increasing, (T,).
        observe: functions of the state by name.
        until: function of the state at whose first rise to zero to stop.
        breaks: when something is switched.
        tolerance: error allowed (Frobenius norm).
        progress: show a bar.
    """
    from .relaxation import checked_observers

    if until is not None and not callable(until):
        raise fail("until", "be a function of a DensityState", until)

    times, breaks = in_seconds(at, times, breaks)
    times = np.atleast_1d(number("times", times))
    if times.ndim != 1 or not times.size or np.any(np.diff(times) <= 0):
        raise fail("times", "be increasing numbers", times)
    switched = checked_breaks(breaks, times)
    return Asked(times, switched, checked_observers(observe), tolerance, progress, until)
