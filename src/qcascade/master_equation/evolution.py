"""What an evolution in time gives: observed values, the final state, and how it was computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import fail, mapping, number, numbers, single, text
from ..base.keywords import spoken_record
from ..base.version import __version__
from ..hilbert.states import DensityState
from ..linear.runs import Run

if TYPE_CHECKING:
    import xarray as xr


def checked_times(times: Any) -> np.ndarray:
    """Times as an array (T,)."""
    times = number("times", times, "a list of numbers")
    if np.ndim(times) != 1:
        raise fail("times", "be a list of numbers", times)
    return times


def over_times(name: str, values: Any, times: int, axis: int = 0) -> np.ndarray:
    """An array of numbers, NaN and all, with the times along one of its axes."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "b":  # yes and no average, as 1 and 0
        values = np.asarray(values, float)
    array = numbers(name, values, "an array of numbers", "iufc")
    if np.ndim(array) <= axis or np.shape(array)[axis] != times:
        raise fail(name, f"have {times} times along axis {axis}", np.shape(array))
    return array


@spoken_record("run")
@dataclass(frozen=True, eq=False, repr=False)
class Evolution:
    """What became of a state.

    Args:
        times: times reached, (T,); the last is `stopped` when the evolution was stopped (of a
            batch: the times asked for).
        observed: arrays (T, …) by name of the observer.
        final: the state at the last time.
        stopped: the time at which `until` rose to zero; None when it did not. Of a batch an array,
            NaN where it did not.
        info: how it was computed: `applications` of the generator, `steps`, `tolerance`,
            `estimated_error` of the state (Frobenius norm), `width` of the spectrum,
            `trace_error`, `hermiticity_error`, `method`, and where oscillators are cut off the
            largest `edge_population` on the way, and `warnings` when that is much.

    Raises:
        ArgumentError: when these do not fit each other.

    >>> from qcascade import evolve, lindblad, lower, qubit
    >>> n = lower("q").dag * lower("q")
    >>> atom = lindblad(qubit(decay=1.0, occupation=0.5))
    >>> evolve(atom, None, [0.0, 1.0], {"n": lambda state: state.expect(n).real}, progress=False)
    Evolution(2 times; not stopped)
    """

    times: np.ndarray
    observed: Mapping[str, np.ndarray]
    final: DensityState
    stopped: Any  # float | None, or an array of a batch
    info: Mapping[str, Any] = field(default_factory=dict)
    asked: Run | None = field(default=None, init=False)  # of `evolve`, where it comes from there

    def __post_init__(self) -> None:
        times = checked_times(self.times)
        observed = {}
        for name, values in mapping("observed", self.observed, "names to arrays").items():
            observed[text("observed", name)] = over_times(f"observed[{name}]", values, len(times))
        if not isinstance(self.final, DensityState):
            raise fail("final", "be a DensityState", self.final)
        if self.stopped is not None and self.final.shape:
            stopped = numbers("stopped", self.stopped, "times or NaN", "f")
            if np.shape(stopped) != self.final.shape:
                raise fail("stopped", f"have the shape {self.final.shape}", np.shape(stopped))
        elif self.stopped is not None:
            single("stopped", self.stopped, -np.inf, np.inf, "a time or None")
        mapping("info", self.info, "names to values")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "observed", observed)

    def __repr__(self) -> str:
        if isinstance(self.stopped, np.ndarray):
            end = f"{np.isfinite(self.stopped).sum()} of {self.stopped.size} points stopped"
        else:
            end = "not stopped" if self.stopped is None else f"stopped at {self.stopped:.10g}"
        told = "".join(f"; warning: {text}" for text in self.info.get("warnings", ()))
        return f"Evolution({len(self.times)} times; {end}{told})"

    def to_dataset(self) -> "xr.Dataset":
        """The observed values over a time axis; attributes say how they were computed."""
        import xarray as xr

        variables = {
            name: (("time", *(f"{name}_dim{k}" for k in range(values.ndim - 1))), values)
            for name, values in self.observed.items()
        }
        stopped = "never" if self.stopped is None else self.stopped
        if isinstance(stopped, np.ndarray):
            stopped = stopped.tolist()
        warnings = "; ".join(self.info.get("warnings", ()))
        attrs = {**self.info, "stopped": stopped, "qcascade_version": __version__}
        attrs |= {"warnings": warnings} if "warnings" in attrs else {}
        return xr.Dataset(variables, {"time": self.times}, attrs)


def at_all(times: Any, run_over: Callable[[Any], Evolution]) -> Evolution:
    """An evolution at times some of which are the same: run once, told as often as asked.

    Args:
        times: that do not fall; others are for the run to refuse.
        run_over: the evolution over increasing times.
    """
    given = number("times", times)
    steps = np.diff(given) if np.ndim(given) == 1 else np.ones(1)
    if np.all(steps > 0) or np.any(steps < 0):
        return run_over(times)
    distinct, rows = np.unique(given, return_inverse=True)
    run = run_over(distinct)
    if run.stopped is not None and not np.ndim(run.stopped):
        rows = np.append(rows[given < run.stopped], len(run.times) - 1)
    observed = {name: values[rows] for name, values in run.observed.items()}
    return replace(run, times=run.times[rows], observed=observed)
