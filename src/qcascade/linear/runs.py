"""What an evolution in time was asked for, which its result keeps."""

from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class Run(NamedTuple):
    """What `evolve` was called with.

    Args:
        model: a model, or a function of an array of times that returns one.
        initial: state at the first of the times (of a model that does not change at time 0).
        times: increasing, without units where the model does not change.
        breaks: when something is switched.
        tolerance: error allowed.
        inputs: pulses by open input, or None.
        light: what is still to come of them at the end, for a run that goes on.
    """

    model: Any
    initial: Any
    times: Any
    breaks: Any
    tolerance: float
    inputs: Any = None
    light: Any = None


def remembered(result: Result, run: Run) -> Result:
    """The result, which knows from then on what was asked for.

    Args:
        result: of `evolve`.
        run: what it was called with.
    """
    object.__setattr__(result, "asked", run)
    return result
