"""Point functions: what a sweep calls, on one box of its grid at a time."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial, update_wrapper
from typing import Any, NamedTuple

import numpy as np

from .checks import ConvergenceError, DegenerateError, UnstableError, fail
from .grid import columns
from .units import Si, SiArray

Point = Callable[..., Mapping[str, Any]]


class Variable(NamedTuple):
    """One named result in one box."""

    dims: tuple[str, ...]  # of the trailing axes
    data: np.ndarray  # (points, …)
    attrs: Mapping[str, Any]


def each(point: Point) -> Point:
    """A point function for arrays out of one for plain numbers, called point by point.

    A point without a steady state, with several, or where the solver does not get there, becomes
    NaN with `stable=False`.

    Args:
        point: function of numbers returning a mapping from names to numbers or arrays.

    >>> def slow(x):
    ...     return {"root": x**0.5 if x > 0 else 0.0}
    >>> each(slow)(x=np.array([4.0, -1.0]))["root"]
    array([2., 0.])
    """

    if not callable(point):
        raise fail("point", "be a function", point)

    # A partial travels to other processes, where a function made here would not.
    return update_wrapper(partial(_point_by_point, point), point)


def _point_by_point(point: Point, /, **columns: Any) -> dict[str, Any]:
    rows: list[Mapping[str, Any] | None] = []
    kinds = {name: Si if isinstance(x, SiArray) else float for name, x in columns.items()}
    for values in zip(*columns.values(), strict=True):
        try:
            rows.append(
                point(**{name: kinds[name](x) for name, x in zip(columns, values, strict=True)})
            )
        except (UnstableError, DegenerateError, ConvergenceError):
            rows.append(None)
    known = next((row for row in rows if row is not None), {})
    result = {name: np.stack([_or_nan(row, name, known) for row in rows]) for name in known}
    if any(row is None for row in rows):
        result["stable"] = np.array([row is not None and row.get("stable", True) for row in rows])
    return result


def _or_nan(row: Mapping[str, Any] | None, name: str, known: Mapping[str, Any]) -> Any:
    return np.full(np.shape(known[name]), np.nan) if row is None else np.asarray(row[name])


def evaluate(point: Point, edges: Mapping[str, np.ndarray]) -> dict[str, Variable]:
    """The results of a point function in a box.

    Args:
        point: the function.
        edges: the piece of each axis that the box covers.

    Raises:
        ArgumentError: when it returns anything but arrays by name, one row per point.
    """
    here = columns(edges)
    size = len(next(iter(here.values())))
    try:
        values = point(**here)
    except (TypeError, ValueError) as error:
        # What Python and NumPy say when a function for plain numbers meets an array.
        if "truth value" in str(error) or "only 0-dimensional" in str(error):
            must = "take arrays (wrap a function for plain numbers in `each`)"
            raise fail("point", must, name_of(point), str(error)) from error
        raise
    if not isinstance(values, Mapping):
        raise fail("point", "return a mapping from names to arrays", type(values).__name__)
    for name in values:
        if name in here:
            raise fail("point()", "return names that are not axes", name)
    return {name: _variable(name, value, size) for name, value in values.items()}


def _variable(name: str, value: Any, size: int) -> Variable:
    dims, data, attrs = None, value, {}
    if isinstance(value, tuple):
        dims, data, *rest = value
        dims = (dims,) if isinstance(dims, str) else tuple(dims)
        attrs = dict(rest[0]) if rest else {}
    data = np.asarray(data)
    if data.ndim == 0:  # the same everywhere
        data = np.broadcast_to(data, (size,))
    if data.shape[0] != size:
        raise fail(
            f"point()[{name}]",
            f"have {size} rows, one per grid point of the chunk (or wrap the function in `each`)",
            data.shape,
        )
    if dims is None:
        dims = tuple(f"{name}_dim{k}" for k in range(data.ndim - 1))
    if len(dims) != data.ndim - 1:
        raise fail(f"point()[{name}]", f"name {data.ndim - 1} trailing dimensions", dims)
    return Variable(dims, data, attrs)


def name_of(point: Point) -> str:
    """Where a function is from; a `functools.partial` is known by what it wraps.

    Args:
        point: the function.
    """
    inner = inspect.unwrap(point)
    inner = getattr(inner, "func", inner)
    return f"{inner.__module__}.{getattr(inner, '__qualname__', type(inner).__name__)}"
