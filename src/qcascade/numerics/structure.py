"""Functions of time whose models have one structure at all times."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.checks import fail


class OneStructure:
    """A function of time whose models are looked at whenever it is called.

    It is called at either end alone, with another number of times: one that decides by `t[0]`, or
    takes times for ports, would not show it where all times are a single batch.

    Args:
        at: function of an array of times that returns a model.
        ends: the first of the times and the last.
        name: argument to name in an error.
        model: its models at the first end, twice.
        made: the model at many times, by function, times and name, or an error.
        structure: what has to be the same at all times.
        points: axes of a batch behind that of the times.

    Raises:
        ArgumentError: where it is not; it says what it is at either time.
    """

    def __init__(
        self,
        at: Any,
        ends: np.ndarray,
        name: str,
        model: Any,
        made: Callable[[Any, np.ndarray, str], Any],
        structure: Callable[[Any], tuple[Any, ...]],
        points: tuple[int, ...],
    ) -> None:
        self.at, self.name, self.made, self.structure = at, name, made, structure
        self.points, self.example = points, model
        self.first = structure(model)
        self(np.full(3, ends[-1]))

    def __call__(self, times: np.ndarray) -> Any:
        """The model at many times.

        Args:
            times: (K,).
        """
        model = self.made(self.at, times, self.name)
        other = self.structure(model)
        if other != self.first:
            one, two = next((a, b) for a, b in zip(self.first, other, strict=True) if a != b)
            must = "return models of one structure at all times"
            raise fail(self.name, must, f"{_told(one)} beside {_told(two)}")
        return model


def _told(names: Any) -> str:
    return f"({', '.join(map(str, names))})" if isinstance(names, tuple) else str(names)
