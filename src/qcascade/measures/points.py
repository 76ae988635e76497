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
        values, known = [], []
        for index in np.ndindex(*batch):
            taken = [_point(x, batch, index) for x in args]
            named = {name: _point(x, batch, index) for name, x in options.items()}
            known.append(not any(x is NOWHERE for x in (*taken, *named.values())))
            values.append(np.asarray(measure(*taken, **named)) if known[-1] else None)
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


def _point(value: Any, batch: tuple[int, ...], index: tuple[int, ...]) -> Any:
    """An argument at one point; `NOWHERE` for a state that does not exist there."""
    if not isinstance(value, DensityState) or not value.shape:
        return value
    place = np.broadcast_to(np.arange(np.prod(value.shape)).reshape(value.shape), batch)[index]
    at = np.unravel_index(int(place), value.shape)
    # Of this point alone: `value.trace` goes through all of them.
    if not np.isfinite(sum(np.trace(block[at]).real for block in value.blocks)):
        return NOWHERE
    return value[at]
