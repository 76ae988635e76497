"""Functions of time whose models have one structure at all times."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.checks import fail


def of_one_structure(
    at: Any,
    ends: np.ndarray,
    name: str,
    model: Any,
    made: Callable[[Any, np.ndarray, str], Any],
    structure: Callable[[Any], tuple[Any, ...]],
) -> Callable[[np.ndarray], Any]:
    """The function, whose models are looked at whenever it is called.

    It is called at either end alone, with another number of times: one that decides by `t[0]`, or
    takes times for ports, would not show it where all times are a single batch.

    Args:
        at: function of an array of times that returns a model.
        ends: the first of the times and the last.
        name: argument to name in an error.
        model: its models at the first end, twice.
        made: the model at many times, by function, times and name, or an error.
        structure: what has to be the same at all times.

    Raises:
        ArgumentError: where it is not; it says what it is at either time.
    """
    first = structure(model)

    def checked(times: np.ndarray) -> Any:
        model = made(at, times, name)
        other = structure(model)
        if other != first:
            one, two = next((a, b) for a, b in zip(first, other, strict=True) if a != b)
            must = "return models of one structure at all times"
            raise fail(name, must, f"{_told(one)} beside {_told(two)}")
        return model

    checked(np.full(3, ends[-1]))
    return checked


def _told(names: Any) -> str:
    return f"({', '.join(map(str, names))})" if isinstance(names, tuple) else str(names)
