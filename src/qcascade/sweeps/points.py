"""Point functions: what a sweep calls, on one box of its grid at a time.

What comes back for a point must not depend on who is beside it in the box. So a box that holds an
ill-posed point is cut until that is alone, and a single number for many points is refused: it may
be their maximum.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import partial, update_wrapper
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import (
    ArgumentError,
    ConvergenceError,
    DegenerateError,
    UnstableError,
    fail,
    listed,
)
from ..base.chunks import points_together
from ..base.keywords import spoken
from ..base.progress import parts_of_a_step
from ..base.units import Si, SiArray
from .grid import columns

Point = Callable[..., Mapping[str, Any]]

ILL_POSED = (UnstableError, DegenerateError, ConvergenceError)
"""What is raised where there is no answer: NaN at that point, with `stable=False`."""

PLAIN = (
    *("truth value", "only 0-dimensional", "only length-1", "only integer scalar"),
    *("plain number", "shape ({size},)"),
)
"""What Python, NumPy and `lindblad` say when something for plain numbers meets an array."""


class Variable(NamedTuple):
    """One named result in one box."""

    dims: tuple[str, ...]  # of the trailing axes
    data: np.ndarray  # (points, …)
    attrs: Mapping[str, Any]


@spoken
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
    size = len(next(iter(columns.values()), ()))
    with parts_of_a_step() as tell:
        for values in zip(*columns.values(), strict=True):
            rows.append(
                _row(point, {name: kinds[name](x) for name, x in zip(columns, values, strict=True)})
            )
            tell(len(rows), size)
    known = next((row for row in rows if row is not None), {})
    result = {name: np.stack([_or_nan(row, name, known) for row in rows]) for name in known}
    if any(row is None for row in rows) or any(row and "stable" in row for row in rows):
        result["stable"] = np.array([row is not None and row.get("stable", True) for row in rows])
    return result


def _row(point: Point, numbers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a function of plain numbers returns at one point; None where that has no answer."""
    try:
        with points_together(None):
            row = point(**numbers)
        if not isinstance(row, Mapping):
            raise fail("point", "return a mapping from names to numbers", type(row).__name__)
        return row
    except ILL_POSED:
        return None
    except ArgumentError as error:
        raise ArgumentError(f"At {_where(numbers)}: {error}") from error
    except Exception as error:
        error.add_note(f"This was at {_where(numbers)}.")
        raise


def _where(numbers: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {x}" for name, x in numbers.items())


def _or_nan(row: Mapping[str, Any] | None, name: str, known: Mapping[str, Any]) -> Any:
    shape = np.shape(known[name])
    if row is None:
        return np.full(shape, np.nan)
    ours, theirs = (set(x) - {"stable"} for x in (known, row))
    if ours != theirs:
        _check_names(ours, theirs)
    if name not in row:
        return True  # stable, which may go without saying
    if np.shape(row[name]) != shape:
        raise fail(f"point()[{name}]", f"have the shape it has elsewhere, {shape}", row[name])
    return np.asarray(row[name])


def _check_names(known: set[str], new: set[str]) -> None:
    were = f"elsewhere on the grid: {listed(sorted(known))}"
    raise fail("point()", "return the same names everywhere", sorted(new), were)


def check_name(name: Any, what: str = "point()") -> None:
    """Refuse a name that no file could hold: found out before the work, not when it is saved.

    Args:
        name: of a variable, an axis, or a dimension.
        what: the argument to name in the error.
    """
    odd = not isinstance(name, str) or name in ("", ".", "..") or set(name) & set("/\\\0")
    if odd:
        raise fail(what, "have names that can name a folder: text without slashes", name)


def evaluate(point: Point, edges: Mapping[str, np.ndarray]) -> dict[str, Variable]:
    """The results of a point function in a box.

    Args:
        point: the function.
        edges: the piece of each axis that the box covers.

    Raises:
        ArgumentError: when it returns anything but arrays by name, one row per point.
    """
    return evaluate_points(point, columns(edges))


def evaluate_points(point: Point, columns_of_box: Mapping[str, np.ndarray]) -> dict[str, Variable]:
    """The results of a point function at points given one by one.

    Args:
        point: the function.
        columns_of_box: a flat array for every parameter, all of one length.

    Raises:
        ArgumentError: as `evaluate`.
    """
    size = len(next(iter(columns_of_box.values())))
    try:
        with points_together(size):
            values = point(**columns_of_box)
    except ILL_POSED:
        if size == 1:
            return {"stable": Variable((), np.array([False]), {})}
        middle = size // 2
        halves = [slice(middle), slice(middle, None)]
        cut = [{name: x[half] for name, x in columns_of_box.items()} for half in halves]
        return _joined([evaluate_points(point, piece) for piece in cut])
    except (TypeError, ValueError) as error:
        if any(words.format(size=size) in str(error) for words in PLAIN):
            must = "take arrays (wrap a function for plain numbers in `each`)"
            raise fail("point", must, name_of(point), str(error)) from error
        raise
    if not isinstance(values, Mapping):
        raise fail("point", "return a mapping from names to arrays", type(values).__name__)
    for name in values:
        check_name(name)
        if name in columns_of_box:
            raise fail("point()", "return names that are not axes", name)
    return {name: _variable(name, value, size) for name, value in values.items()}


def _joined(pieces: list[dict[str, Variable]]) -> dict[str, Variable]:
    """Two halves of a box as one; what is missing where no point is stable is NaN."""
    first, second = ({*piece} - {"stable"} for piece in pieces)
    if first and second and first != second:
        _check_names(first, second)
    known = {name: variable for piece in pieces for name, variable in piece.items()}
    return {
        name: x._replace(data=np.concatenate([data_of(p, name, x.data.shape[1:]) for p in pieces]))
        for name, x in known.items()
    }


def data_of(box: Mapping[str, Variable], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A variable in a box, or what goes without saying where no point of it is stable.

    Args:
        box: variables by name.
        name: of the variable.
        shape: what it has elsewhere at a point.
    """
    if name in box:
        return box[name].data
    rows = len(next(iter(box.values())).data)
    return np.ones((rows, *shape), bool) if name == "stable" else np.full((rows, *shape), np.nan)


def _variable(name: str, value: Any, size: int) -> Variable:
    dims, data, attrs = None, value, {}
    if isinstance(value, tuple):
        dims, data, *optional = value
        dims = (dims,) if isinstance(dims, str) else tuple(dims)
        attrs = dict(optional[0]) if optional else {}
    data = np.asarray(data)
    if name == "stable" and data.ndim == 0:  # the same everywhere
        data = np.broadcast_to(data, (size,))
    if not data.ndim:
        must = f"have {size} rows, one per grid point of the chunk"
        same = "a single number; np.full_like(an axis, number) if it is the same at all points"
        raise fail(f"point()[{name}]", must, data, same)
    if data.shape[0] != size:
        raise fail(
            f"point()[{name}]",
            f"have {size} rows, one per grid point of the chunk (or wrap the function in `each`)",
            data.shape,
        )
    if dims is None:
        dims = tuple(f"{name}_dim{k}" for k in range(data.ndim - 1))
    for dim in dims:
        check_name(dim, f"point()[{name}]")
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
