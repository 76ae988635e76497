"""Evolution of master equations, constant or changing in time, with photons in pulses too."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..linear.runs import Run, remembered
from .evolution import at_all
from .solve import relaxed, relaxed_in_time

if TYPE_CHECKING:
    from .evolution import Evolution


def evolved(
    at: Any,
    initial: Any,
    times: Any,
    observe: Any,
    until: Any,
    breaks: Any,
    tolerance: float,
    progress: bool,
    checkpoint: str | Path | None,
    inputs: Mapping[str, Any] | None,
) -> "Evolution":
    """Evolution of a master equation, which a later run can go on from; `qc.evolve` says the rest.

    Args:
        at: the master equation, or a function of an array of times that returns it.
        initial: state at the first of the times, or a run that ended then.
        times: any number of them, in any shape.
        observe: functions of the state by name.
        until: function of the state at whose first zero a run stops.
        breaks: when something is switched.
        tolerance: error allowed in ρ.
        progress: show a bar.
        checkpoint: a file to resume from.
        inputs: pulses of light by open input.
    """
    changing = callable(at)
    if changing:
        from .changing import in_seconds  # compiled

        times, breaks = in_seconds(at, times, breaks)
    if inputs is not None:
        from .pulsed_points import with_photons

        asked = (initial, observe, until, tolerance, checkpoint, inputs, breaks, progress)
        return with_photons(at, times, *asked)

    def run_over(distinct: Any) -> "Evolution":
        asked = (at, initial, distinct, observe, until)
        if changing:
            return relaxed_in_time(*asked, breaks, tolerance, progress, checkpoint)
        return relaxed(*asked, tolerance, progress, checkpoint)

    run = at_all(times, run_over)
    return remembered(run, Run(at, initial, times, breaks if changing else (), tolerance))
