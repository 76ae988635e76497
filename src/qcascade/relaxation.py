"""Evolution in time of block-diagonal density matrices.

The master equation dρ/dt = Kρ + ρK† + Σ_J JρJ† is carried through its steps by `chebyshev`. Each
step serves all the times that lie in it. A computation is a chain of stages; a stage holds all
that the next one depends on, so that a stage read back from a file goes on in the same way to the
last bit.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import fail, number
from .checks import tolerance as checked_tolerance
from .density import DensityState
from .stages import Observer, Stage, Task, kept

if TYPE_CHECKING:
    import xarray as xr

    from .blocks import Generator

CHECKS = 64
"""`until` is looked at this many times, evenly spaced, besides the times asked for."""

MEMORY = 2**28  # bytes for the states of one step
MOST = 16  # states of one step: more cost more than they save


@dataclass(frozen=True, eq=False, repr=False)
class Evolution:
    """What became of a state.

    Args:
        times: times reached, (T,); the last is `stopped` when the evolution was stopped.
        observed: arrays (T, …) by name of the observer.
        final: the state at the last time.
        stopped: the time at which `until` rose to zero; None when it did not.
        info: how it was computed: `applications` of the generator, `steps`, `tolerance`,
            `estimated_error` of the state (Frobenius norm), `width` of the spectrum,
            `trace_error`, `hermiticity_error`, `method`.
    """

    times: np.ndarray
    observed: Mapping[str, np.ndarray]
    final: DensityState
    stopped: float | None
    info: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        end = f"stopped at {self.stopped:.10g}" if self.stopped is not None else "not stopped"
        return f"Evolution({len(self.times)} times; {end})"

    def to_dataset(self) -> "xr.Dataset":
        """The observed values over a time axis; attributes say how they were computed."""
        import xarray as xr

        from . import __version__

        variables = {
            name: (("time", *(f"{name}_dim{k}" for k in range(values.ndim - 1))), values)
            for name, values in self.observed.items()
        }
        stopped = "never" if self.stopped is None else self.stopped
        attrs = {**self.info, "stopped": stopped, "qcascade_version": __version__}
        return xr.Dataset(variables, {"time": self.times}, attrs)


def relax(
    generator: "Generator",
    initial: DensityState,
    times: Any,
    observe: Mapping[str, Observer] | None = None,
    until: Observer | None = None,
    tolerance: float = 1e-9,
    progress: bool = True,
    checkpoint: str | Path | None = None,
) -> Evolution:
    """Evolve a state in time, observe it, and stop when something has come about.

    ρ(t) = e^{Lt}ρ(0) of dρ/dt = Lρ = Kρ + ρK† + Σ_J JρJ†, K = −iH − ½Σ_J J†J (G. Lindblad, Commun.
    Math. Phys. 48, 119 (1976)), by Chebyshev polynomials of L.

    The evolution stops when `until` rises through zero: at the first time at which it is zero or
    above after having been negative. A state that starts at or above zero must fall below first:
    the purity of a pure state that thermalises and is purified again is at first 1, too. `until` is
    looked at in all `times` and 64 times between 0 and the last one, evenly spaced; a rise is not
    missed when `until` stays negative before it, and zero or above after it, for a 64th of the
    last time, or over one of `times`. The time of the crossing is then found by Brent's method,
    with states that are evolved to that very time.

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
            of the same generator, initial state, times, tolerance, and names in `observe`;
            functions cannot be compared.

    Returns:
        An `Evolution`.

    Raises:
        ArgumentError: for a state that does not fit, times that do not increase, functions that do
            not return numbers, or a checkpoint of another computation.
        ArithmeticError: when the generator gives numbers that are not finite.

    >>> import qcascade as qc
    >>> from qcascade.blocks import Generator, Layout
    >>> from qcascade.space import Space
    >>> space = Space(("q",), (1,), ("q",), charges=((1,),))
    >>> J = space.matrix(qc.lower("q"))
    >>> generator = Generator(Layout(space), -0.5 * J.conj().T @ J, (J,))
    >>> excited = qc.DensityState(space, (np.zeros((1, 1)), np.ones((1, 1))))
    >>> left = {"excited": lambda state: state.blocks[1][0, 0].real}
    >>> relax(generator, excited, [0.0, np.log(2)], left).observed["excited"].round(9)
    array([1. , 0.5])
    """
    task = _task(generator, initial, times, observe, until, tolerance)
    start = np.ascontiguousarray(generator.layout.pack(initial), generator.layout.dtype)
    with kept(task, start, checkpoint) as (found, keep), _shown(task, progress) as show:
        stage = found or _begin(task, start)
        while stage.time < task.times[-1] and stage.stopped is None:
            keep(stage)
            stage = _onward(task, stage)
            show(stage.time)
        # A stopped evolution is kept as it was before its last step, which is soon repeated.
        if stage.stopped is None:
            keep(stage)
    return _evolution(task, stage, start)


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
    observe = {} if observe is None else observe
    if not isinstance(observe, Mapping) or not all(
        isinstance(name, str) and callable(function) for name, function in observe.items()
    ):
        raise fail("observe", "be functions by name, {'name': function}", observe)
    if "time" in observe:
        raise fail("observe", "not use the name of the time axis", "time")
    if until is not None and not callable(until):
        raise fail("until", "be a function of a DensityState", until)
    looks = times[-1] * np.arange(CHECKS + 1) / CHECKS if until else []
    marks = np.union1d(times, looks)
    return Task(generator, times, marks, dict(observe), until, tolerance)


def _begin(task: Task, x: np.ndarray) -> Stage:
    """Time zero: what there is to see, and what steps the generator allows."""
    from . import chebyshev

    state = task.generator.layout.unpack(x)
    rows = (_look(task, state),) if task.times[0] == 0 else ()
    below = task.until is not None and _measured(task.until, state) < 0
    if task.times[-1] == 0:
        return Stage(0.0, x, rows, below, 0.0, 0.0, 0, 0, 0.0)
    noise = _noise(task.generator.layout)
    found = chebyshev.survey(task.generator.apply, noise, float(task.times[-1]), task.tolerance)
    return Stage(0.0, x, rows, below, found.width, found.longest, 0, found.applications, 0.0)


def _noise(layout: Any) -> np.ndarray:
    """Random Hermitian blocks, always the same: what rounding errors look like."""
    draw = np.random.default_rng(0).standard_normal
    blocks = []
    for d in layout.space.sizes[list(layout.stored)]:
        block = draw((d, d)) if layout.dtype == np.float64 else draw((d, 2 * d)).view(complex)
        blocks.append((block + block.conj().T).ravel())
    return np.concatenate(blocks)


def _onward(task: Task, stage: Stage) -> Stage:
    """The stage after one step, or where `until` stops the evolution within it."""
    from . import chebyshev

    ends = _plan(task, stage)
    share = float(task.tolerance * (ends[-1] - stage.time) / task.times[-1])
    taken = chebyshev.step(task.generator.apply, stage.x, stage.width, ends - stage.time, share)
    longest = stage.longest
    if len(taken.times) < len(ends):
        longest = chebyshev.shortened(ends[-1] - stage.time, task.times[-1])
    after = replace(stage, applications=stage.applications + taken.applications, longest=longest)
    value = np.nan
    for at, x in zip(ends.tolist(), taken.states, strict=False):
        state = task.generator.layout.unpack(x) if task.until or at in task.times else None
        if task.until and state:
            value, last = _measured(task.until, state), value
            if after.below and value >= 0:
                # Before the first state of the step, `until` was looked at in the step before.
                return _stopped(task, task.until, after, share, (at, value, last))
            after = replace(after, below=after.below or value < 0)
        if state and at in task.times:
            after = replace(after, rows=(*after.rows, _look(task, state, after.rows)))
        after = replace(after, time=at, x=x)
    if not len(taken.times):
        return after
    steps, error = after.steps + 1, after.error + taken.error
    # The last state alone is kept, not the array of all of them.
    return replace(after, x=after.x.copy(), steps=steps, error=error)


def _plan(task: Task, stage: Stage) -> np.ndarray:
    """Where the next step has its states: the marks it passes, its end, or at least two."""
    left = task.times[-1] - stage.time
    steps = np.ceil(left / stage.longest - 1e-9)
    end = task.times[-1] if steps <= 1 else stage.time + left / steps
    room = int(np.clip(MEMORY // stage.x.nbytes, 2, MOST))
    ahead = task.marks[(task.marks > stage.time) & (task.marks <= end)]
    if len(ahead) > room:
        return ahead[:room]
    ends = np.union1d(ahead, [end])
    # When the end cannot be reached, an earlier state saves the work.
    return ends if len(ends) > 1 else np.array([(stage.time + end) / 2, end])


def _stopped(
    task: Task, until: Observer, stage: Stage, share: float, after: tuple[float, float, float]
) -> Stage:
    """The stage at the very time at which `until` rises through zero, from the state before it."""
    from scipy.optimize import brentq

    from . import chebyshev

    generator = task.generator
    end, high, low = after
    if np.isnan(low):
        low = _measured(until, generator.layout.unpack(stage.x))
    known, used = {stage.time: low, end: high}, [stage.applications]

    def evolved(t: float) -> np.ndarray:
        x, applications = chebyshev.propagate(
            generator.apply, stage.x, t - stage.time, share, stage.width, stage.longest
        )
        used[0] += applications
        return x

    def value(t: float) -> float:
        if t not in known:
            known[t] = _measured(until, generator.layout.unpack(evolved(t)))
        return known[t]

    found: Any = brentq(value, stage.time, end, xtol=1e-12 * end)
    t = float(found)
    x = evolved(t)
    rows = (*stage.rows, _look(task, generator.layout.unpack(x), stage.rows))
    error, steps = stage.error + share, stage.steps + 1
    return replace(
        stage, time=t, x=x, rows=rows, stopped=t, applications=used[0], error=error, steps=steps
    )


def _look(task: Task, state: DensityState, rows: tuple = ()) -> Mapping[str, np.ndarray]:
    """What the observers see; every one must return numbers of one shape."""
    row = {name: np.asarray(observer(state)) for name, observer in task.observe.items()}
    for name, value in row.items():
        if value.dtype.kind not in "biufc":
            raise fail(f"observe[{name}]", "return a number or an array of numbers", value)
        if rows and value.shape != rows[0][name].shape:
            raise fail(f"observe[{name}]", f"return shape {rows[0][name].shape} again", value.shape)
    return row


def _measured(until: Observer, state: DensityState) -> float:
    value = np.asarray(until(state))
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise fail("until", "return a real number", value)
    return float(value.reshape(()))


def _evolution(task: Task, stage: Stage, start: np.ndarray) -> Evolution:
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
        "method": f"Chebyshev polynomials on [-{stage.width:.4g}, 0], {stage.steps} steps",
    }
    return Evolution(times, observed, final, stage.stopped, info)


@contextmanager
def _shown(task: Task, progress: bool) -> Iterator[Callable[[float], None]]:
    """A progress bar over the evolved time, on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("evolve", BarColumn(), TextColumn("t = {task.completed:.4g} of {task.total:.4g}"))
    hidden = not (progress and console.is_terminal)
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden)
    with bar:
        line = bar.add_task("evolve", total=float(task.times[-1]))
        yield lambda time: bar.update(line, completed=float(time))
