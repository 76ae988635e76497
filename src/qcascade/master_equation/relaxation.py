"""Evolution in time of block-diagonal density matrices.

The master equation dρ/dt = Kρ + ρK† + Σ_J JρJ† is carried through its steps by `propagators`. Each
step serves all the times that lie in it. A computation is a chain of stages; a stage holds all
that the next one depends on, so that a stage read back from a file goes on in the same way to the
last bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, fail, number
from ..base.checks import tolerance as checked_tolerance
from ..base.progress import progress_bar
from ..hilbert.cutoffs import EDGE, REFUSED
from ..hilbert.states import DensityState
from .checkpoints import Observer, Stage, Task, kept
from .evolution import Evolution
from .propagators import Propagator, Taken, edge_of, propagator, turned_to_powers
from .watch import Watch, measured, spacings

if TYPE_CHECKING:
    from .generator import Generator

MEMORY = 2**28  # bytes for the states of one step
MOST = 16  # states of one step: more cost more than they save
REST = 0.4  # of the tolerance: a state that moves less in all the time that is left is at rest

HALVES = 16  # of a step, in which the cutoff to blame is looked for


def relax(
    generator: "Generator",
    initial: DensityState,
    times: Any,
    observe: Mapping[str, Observer] | None = None,
    until: Observer | None = None,
    tolerance: float = 1e-9,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    edge: Mapping[str, np.ndarray] | None = None,
) -> Evolution:
    """Evolve a state in time, observe it, and stop when something has come about.

    ρ(t) = e^{Lt}ρ(0) of dρ/dt = Lρ = Kρ + ρK† + Σ_J JρJ†, K = −iH − ½Σ_J J†J (G. Lindblad, Commun.
    Math. Phys. 48, 119 (1976)), by Chebyshev polynomials of L.

    The evolution stops when `until` rises through zero: at the first time at which it is zero or
    above after having been negative. A state that starts at or above zero must fall below first:
    the purity of a pure state that thermalises and is purified again is at first 1, too. `until` is
    looked at wherever the state has moved a little: the derivatives Lρ … L⁴ρ tell how close the
    times must lie to miss no oscillation, whatever the last time is. Where it comes near zero one
    looks closer, and a maximum that misses zero by less than the tolerance (relative to the largest
    value so far) counts as a rise. The time of the crossing is found by Brent's method, with
    states that are evolved to that very time. A jump of `until` that comes and goes while the state
    hardly moves may still be missed.

    Args:
        generator: the generator L, with its layout, `K` and `jumps`.
        initial: state at time 0, on the space of the generator.
        times: increasing times (T,), zero or above, in the inverse unit of the rates.
        observe: functions of a `DensityState` by name, evaluated at every one of `times` (and where
            the evolution stops); each returns a number or an array, always of one shape.
        until: function of a `DensityState` that returns a real number.
        tolerance: error allowed in the final state (Frobenius norm), 1e-13 to 0.01. The time of a
            crossing is uncertain by this over the slope of `until`.
        progress: show a progress bar on a terminal.
        checkpoint: file that keeps the computation, written every 30 s and at the end, and read
            when it exists: an interrupted computation goes on, with the same results. It must be
            of the same generator, initial state, times, tolerance, `observe` and `until`, with all
            that these functions depend on.
        edge: basis states from which a cutoff cuts something off, booleans (D,) by the cutoff's
            name. Their population is watched all the way, and told when it is not negligible.

    Returns:
        An `Evolution`.

    Raises:
        ArgumentError: for a state that does not fit, times that do not increase, functions that do
            not return numbers, or a checkpoint of another computation.
        ArithmeticError: when the generator gives numbers that are not finite.
        ConvergenceError: when more than a thousandth was at the cutoffs on the way.

    >>> import qcascade as qc
    >>> from qcascade.master_equation.generator import Generator
    >>> from qcascade.master_equation.layout import Layout
    >>> from qcascade.hilbert.space import Space
    >>> space = Space(("q",), (1,), ("q",), charges=((1,),))
    >>> J = space.matrix(qc.lower("q"))
    >>> generator = Generator(Layout(space), -0.5 * J.conj().T @ J, (J,))
    >>> excited = qc.DensityState(space, (np.zeros((1, 1)), np.ones((1, 1))))
    >>> left = {"excited": lambda state: state.blocks[1][0, 0].real}
    >>> relax(generator, excited, [0.0, np.log(2)], left).observed["excited"].round(9)
    array([1. , 0.5])
    """
    task = _task(generator, initial, times, observe, until, tolerance)
    if edge:
        task = replace(task, edge=np.any(list(edge.values()), axis=0))
    start = np.ascontiguousarray(generator.layout.pack(initial), generator.layout.dtype)
    amount = "t = {task.completed:.4g} of {task.total:.4g}"
    with (
        kept(task, start, checkpoint) as (resumed, keep),
        progress_bar("evolve", progress, amount) as tell,
    ):
        way, stage = _begin(task, start, resumed)
        while stage.time < task.times[-1] and stage.stopped is None:
            keep(stage)
            further = turned_to_powers(way, stage.applications, task.tolerance)
            if further is not way:
                way, stage = further, replace(stage, width=further.width, longest=further.longest)
            before, stage = stage, _onward(task, way, stage)
            if edge and stage.edge[0] > REFUSED:
                raise _cut_short(task, way, edge, before, stage)
            tell(float(stage.time), float(task.times[-1]))
        # A stopped evolution is kept as it was before its last step, which is soon repeated.
        if stage.stopped is None:
            keep(stage)
    return _evolution(task, way, stage, start)


def _task(
    generator: Any, initial: Any, times: Any, observe: Any, until: Any, tolerance: Any
) -> Task:
    if not isinstance(initial, DensityState):
        raise fail("initial", "be a DensityState", initial)
    if initial.modes != generator.layout.space.modes:
        raise fail("initial", f"have the modes {generator.layout.space.modes}", initial.modes)
    if not np.array_equal(initial.space.quanta, generator.layout.space.quanta):
        must = f"live on the space of the generator, {generator.layout.space!r}"
        raise fail("initial", must, initial.space)
    times = np.atleast_1d(number("times", times))
    if times.ndim != 1 or not times.size or times[0] < 0 or np.any(np.diff(times) <= 0):
        raise fail("times", "be increasing numbers, zero or above", times)
    tolerance = checked_tolerance("tolerance", tolerance)
    observe = checked_observers(observe)
    if until is not None and not callable(until):
        raise fail("until", "be a function of a DensityState", until)
    return Task(generator, times, observe, until, tolerance)


def checked_observers(observe: Any) -> dict[str, Observer]:
    """Functions of a state by name.

    Args:
        observe: a mapping of them; None is none.

    Raises:
        ArgumentError: for anything else.
    """
    observe = {} if observe is None else observe
    if not isinstance(observe, Mapping) or not all(
        isinstance(name, str) and callable(function) for name, function in observe.items()
    ):
        raise fail("observe", "be functions by name, {'name': function}", observe)
    if "time" in observe:
        raise fail("observe", "not use the name of the time axis", "time")
    return dict(observe)


def _begin(task: Task, x: np.ndarray, resumed: Stage | None) -> tuple[Propagator, Stage]:
    """What carries the state through time, and the stage at time zero or the one that was kept."""
    generator, end = task.generator, float(task.times[-1])
    edge = None if task.edge is None else edge_of(generator.layout, task.edge)
    known = None if resumed is None else (resumed.width, resumed.longest)
    way = propagator(generator, end, task.tolerance, edge, known)
    if resumed:
        return way, resumed
    state = generator.layout.unpack(x)
    rows = (_look(task, state),) if task.times[0] == 0 else ()
    samples = ((0.0, measured(task.until, state)),) if task.until else ()
    stage = Stage(
        0.0, x, rows, way.width, way.longest, applications=way.applications, samples=samples
    )
    return way, replace(stage, edge=(edge(x) if edge else 0.0, 0.0))


def _onward(task: Task, way: Propagator, stage: Stage) -> Stage:
    """The stage after one step, or where `until` stops the evolution within it."""
    moves, far, near = _outlook(task, stage)
    stage = replace(stage, applications=stage.applications + (4 if task.until else 1))
    if moves <= REST * task.tolerance:
        return _rested(task, stage, moves)
    ends = _plan(task, stage, near if stage.fine else far)
    share = float(task.tolerance * (ends[-1] - stage.time) / task.times[-1])
    taken = way.step(stage.x, stage.time, ends, share)
    stage = replace(stage, applications=stage.applications + taken.applications)
    if len(taken.states) < len(ends):
        stage = replace(stage, longest=way.shortened(ends[-1] - stage.time))
    ends = ends[: len(taken.states)].tolist()
    if not ends:
        return stage
    if not task.until:
        return _after(task, stage, ends, taken)
    watch = Watch(task, way, stage, ends, taken.states, share)
    if watch.too_far_apart(near):
        return replace(stage, fine=True)  # and the step is taken again
    stage, stopped = watch.seen()
    if stopped is not None:
        last = way.step(stage.x, stage.time, [stopped], share)
        ends = [t for t in ends if t < stopped] + [stopped]
        taken = last._replace(states=[*taken.states[: len(ends) - 1], *last.states])
    return _after(task, replace(stage, stopped=stopped), ends, taken)


def _outlook(task: Task, stage: Stage) -> tuple[float, float, float]:
    """How far the state may move in all that is left, and how far apart to look at `until`."""
    moved = task.generator.apply(stage.x)
    moves = float(np.linalg.norm(moved) * (task.times[-1] - stage.time))
    return moves, *(spacings(task, stage, moved) if task.until else (np.inf, np.inf))


def _after(task: Task, stage: Stage, ends: list[float], taken: Taken) -> Stage:
    """The stage at the end of a step, with what there was to see on the way."""
    rows = stage.rows
    for t, x in zip(ends, taken.states, strict=True):
        if t in task.times or t == stage.stopped:
            rows = (*rows, _look(task, task.generator.layout.unpack(x), rows))
    # The last state alone is kept, not the array of all of them.
    x, steps, error = taken.states[-1].copy(), stage.steps + 1, stage.error + taken.error
    edge = max(stage.edge, (taken.edge, ends[-1]))
    return replace(stage, time=ends[-1], x=x, rows=rows, steps=steps, error=error, edge=edge)


def _cut_short(
    task: Task, way: Propagator, edge: Mapping[str, np.ndarray], before: Stage, stage: Stage
) -> ConvergenceError:
    """What to say when too much was at the cutoffs: when, and at which above all."""
    # The last step may begin and end with empty edges; halves of halves find where it passed.
    span, states = stage.time - before.time, [before.x]
    for k in range(HALVES if span else 0):
        end = before.time + span * 2.0**-k
        states.append(way.reach(before.x, before.time, end, task.tolerance)[0])
    largest = {}
    for name, beyond in edge.items():
        population = edge_of(task.generator.layout, beyond)
        largest[name] = max(map(population, states)) if population else 0.0
    cutoff, (at_cutoffs, time) = max(largest, key=lambda name: largest[name]), stage.edge
    return ConvergenceError(
        f"The evolution is not certain: by t = {time:.4g} a population of {at_cutoffs:.2g} has "
        f"been at the cutoff of {cutoff}, from where the model leads beyond it (at most "
        f"{REFUSED:g} may be); raise `cutoffs[{cutoff}]`."
    )


def _rested(task: Task, stage: Stage, error: float) -> Stage:
    """The last stage, when the state will not move any more."""
    rows, missing = stage.rows, len(task.times) - len(stage.rows)
    if missing:
        rows = (*rows, *[_look(task, task.generator.layout.unpack(stage.x), rows)] * missing)
    error = stage.error + error
    return replace(stage, time=float(task.times[-1]), rows=rows, error=error)


def _plan(task: Task, stage: Stage, spacing: float) -> np.ndarray:
    """Where the next step has its states: the times it passes, and those to look at `until`."""
    left = task.times[-1] - stage.time
    steps = np.ceil(left / stage.longest - 1e-9)
    end = task.times[-1] if steps <= 1 else stage.time + left / steps
    room = int(np.clip(MEMORY // stage.x.nbytes, 2, MOST))
    if end - stage.time > room * spacing:
        end = stage.time + room * spacing
    # When the end cannot be reached, an earlier state saves the work.
    looks = max(2, int(np.ceil((end - stage.time) / spacing - 1e-9)))
    ahead = np.union1d(task.times[(task.times > stage.time) & (task.times <= end)], [end])
    if len(ahead) < 2 or spacing < np.inf:
        ahead = np.union1d(ahead, np.linspace(stage.time, end, looks + 1)[1:])
    return ahead[:room]


def _look(task: Task, state: DensityState, rows: tuple = ()) -> Mapping[str, np.ndarray]:
    return looked_at(task.observe, state, rows)


def looked_at(
    observe: Mapping[str, Observer], state: DensityState, rows: Sequence[Mapping[str, np.ndarray]]
) -> Mapping[str, np.ndarray]:
    """What the observers see; every one must return numbers of one shape.

    Args:
        observe: functions of a state by name.
        state: what they look at.
        rows: what they have seen before.
    """
    row = {name: np.asarray(observer(state)) for name, observer in observe.items()}
    for name, value in row.items():
        if value.dtype.kind not in "biufc":
            raise fail(f"observe[{name}]", "return a number or an array of numbers", value)
        if rows and value.shape != rows[0][name].shape:
            raise fail(f"observe[{name}]", f"return shape {rows[0][name].shape} again", value.shape)
    return row


def _evolution(task: Task, way: Propagator, stage: Stage, start: np.ndarray) -> Evolution:
    layout = task.generator.layout
    final = layout.unpack(stage.x)
    skew = max(float(np.abs(block - block.conj().T).max(initial=0)) for block in final.blocks)
    times = task.times[: len(stage.rows)]
    if stage.stopped is not None:
        times = np.append(task.times[: len(stage.rows) - 1], stage.stopped)
    observed = {name: np.array([row[name] for row in stage.rows]) for name in task.observe}
    info = {
        "applications": stage.applications,
        "steps": stage.steps,
        "tolerance": task.tolerance,
        "estimated_error": stage.error,
        "width": stage.width,
        "trace_error": abs(float(layout.trace(stage.x)) - float(layout.trace(start))),
        "hermiticity_error": skew,
        "method": way.told(stage.steps),
    }
    if task.edge is not None:
        population, time = stage.edge
        told = (
            f"population {population:.2g} at the cutoff before t = {time:.4g}: raise `cutoffs` and "
            "compare"
        )
        info |= {"edge_population": population, "warnings": (told,) if population > EDGE else ()}
    return Evolution(times, observed, final, stage.stopped, info)
