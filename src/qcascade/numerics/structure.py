"""Functions of time whose models have one structure at all times."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..base.checks import fail

ALIKE, ROUNDING = 1e-7, 1e-12
"""Difference of two numbers that counts as none, relative to them and to the largest of them."""

ENOUGH = 2
"""Times with which a function was called before."""


class OneStructure:
    """A function of time whose models are looked at whenever it is called.

    It is called at either end alone, with another number of times: one that takes times for ports
    would not show it where all times are a single batch. One that decides by `t[0]`, `any(t > 0)`
    or whatever else of the others shows it in the first batch that holds both ends.

    Args:
        at: function of an array of times that returns a model.
        ends: the first of the times and the last.
        name: argument to name in an error.
        model: its models at the first end, twice.
        made: the model at many times, by function, times and name, or an error.
        structure: what has to be the same at all times.
        numbers: of the models at one of their times, by model and position: arrays by name.
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
        numbers: Callable[[Any, int], Mapping[Any, Any]],
        points: tuple[int, ...],
    ) -> None:
        self.at, self.name, self.made, self.structure = at, name, made, structure
        self.points, self.example = points, model
        self.first, self.numbers = structure(model), numbers
        self.alone: dict[float, Mapping[Any, Any]] = {}
        alone = self(np.full(3, ends[-1]))
        self.alone = {float(ends[-1]): numbers(alone, 0), float(ends[0]): numbers(model, 0)}

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
        self._check_company(times, model)
        return model

    def _check_company(self, times: np.ndarray, model: Any) -> None:
        """Refuse models that depend on which other times are asked for with theirs."""
        places = {t: np.flatnonzero(times == t) for t in self.alone}
        if len(times) <= ENOUGH or not all(map(len, places.values())):
            return
        for t, rows in places.items():
            among = self.numbers(model, int(rows[0]))
            check_alone(self.name, "model", t, self.alone[t], among)


def check_alone(
    name: str, what: str, t: float, alone: Mapping[Any, Any], among: Mapping[Any, Any]
) -> None:
    """Refuse a function of time whose answer depends on which other times are asked for.

    Args:
        name: of the function, in an error.
        what: it returns.
        t: a time.
        alone: numbers that it gives at this time alone, by name; those that are left out are zero.
        among: at this time among others.

    Raises:
        ArgumentError: where they differ by more than rounding.
    """
    if _differ(alone, among):
        must = f"return the same {what} at a time, whatever other times are asked for with it"
        hint = "decide by `np.where(t > 0, x, y)`, not by t[0], any or all of them"
        raise fail(name, must, f"t = {t:.6g} alone and among other times differ", hint)


def _differ(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether numbers differ by more than rounding."""
    for name in one.keys() | other.keys():
        x, y = np.asarray(one.get(name, 0.0)), np.asarray(other.get(name, 0.0))
        size = np.maximum(np.abs(x), np.abs(y))
        if np.any(np.abs(x - y) > ALIKE * size + ROUNDING * size.max(initial=0.0)):
            return True
    return False


def _told(names: Any) -> str:
    return f"({', '.join(map(str, names))})" if isinstance(names, tuple) else str(names)
