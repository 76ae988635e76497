"""Measures of one density matrix, at every point of a batch of them."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from ..hilbert.states import DensityState

NOWHERE = object()
"""In place of a state that a point does not have."""

Measure = TypeVar("Measure", bound=Callable[..., Any])


def each_point(measure: Measure) -> Measure:
    """The measure of every point where a state is a batch; NaN at points that have none.

    Args:
        measure: function of one state or several.
    """

    @wraps(measure)
    def measured(*args: Any, **options: Any) -> Any:
        batch = _shape([*args, *options.values()])
        if not batch:
            return measure(*args, **options)
        taken = [_by_point(x, batch) for x in args]
        named = {name: _by_point(x, batch) for name, x in options.items()}
        values: list[Any] = []
        for k in range(int(np.prod(batch))):
            own, chosen = [x(k) for x in taken], {name: x(k) for name, x in named.items()}
            known = not any(x is NOWHERE for x in (*own, *chosen.values()))
            values.append(np.asarray(measure(*own, **chosen)) if known else None)
        example = next((x for x in values if x is not None), np.array(0.0))
        dtype = np.result_type(example.dtype, float)
        result = np.full((len(values), *example.shape), np.nan, dtype)
        for k, value in enumerate(values):
            if value is not None:
                result[k] = value
        return result.reshape(*batch, *example.shape)

    return cast(Measure, measured)


def _shape(values: Iterable[Any]) -> tuple[int, ...]:
    shapes = [x.shape for x in values if isinstance(x, DensityState)]
    return np.broadcast_shapes(*shapes) if shapes else ()


def _by_point(value: Any, batch: tuple[int, ...]) -> Callable[[int], Any]:
    """An argument by the number of a point; `NOWHERE` for a state that does not exist there."""
    if not isinstance(value, DensityState) or not value.shape:
        return lambda k: value
    places = np.arange(np.prod(value.shape)).reshape(value.shape)
    places, known = np.broadcast_to(places, batch).ravel(), np.ravel(np.isfinite(value.trace))

    def point(k: int) -> Any:
        place = places[k]
        return value[np.unravel_index(place, value.shape)] if known[place] else NOWHERE

    return point
