"""A point function at rows of plain numbers: what comes out, and which output is meant."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import UnstableError, fail, listed, mapping, nearest
from ..base.given_units import Unit, in_si, unit_of
from ..base.units import Si, of_any_kind
from ..sweeps.parameters import check_takes
from ..sweeps.points import Point, evaluate_points, name_of

VERDICTS = ("stable", "growth")
"""Outputs that tell whether there is a steady state, and are no goal by themselves."""

USUAL = ("margin", "E_N")
"""Outputs that are meant where none is named and a point has several."""


class Numbers(NamedTuple):
    """A point function of plain numbers, in SI units where its parameters were given with one.

    Args:
        point: the function.
        names: of the parameters.
        units: by parameter, the unit it was given in and what that is in SI units.
    """

    point: Point
    names: tuple[str, ...]
    units: Mapping[str, Unit]

    def columns(self, rows: Any) -> dict[str, Any]:
        """Arguments of the point function, arrays (N,), with units where they have one.

        Args:
            rows: values of the parameters, (N, parameters).
        """
        columns = dict(zip(self.names, np.asarray(rows, float).T, strict=True))
        return columns | {name: in_si(columns[name], 1.0) for name in self.units}

    def outputs(self, rows: Any) -> dict[str, Any]:
        """Named outputs, each of shape (N,), NaN where there is no steady state.

        Args:
            rows: values of the parameters, (N, parameters).
        """
        outputs = evaluate_points(self.point, self.columns(rows))
        stable = outputs["stable"].data if "stable" in outputs else np.True_
        return {
            name: np.where(stable, x.data, np.nan) if name not in VERDICTS else x.data
            for name, x in outputs.items()
            if x.data.ndim == 1 and x.data.dtype.kind in "fiub"
        }

    def labelled(self, row: Any) -> dict[str, float]:
        """A row as a mapping by name, of numbers in SI units that are known to be.

        Args:
            row: values of the parameters, (parameters,).
        """
        named = zip(self.names, np.asarray(row, float).tolist(), strict=True)
        return {name: Si(x) if name in self.units else x for name, x in named}

    def traced(self, row: Any) -> Mapping[str, Any]:
        """The outputs at one point, for a row that JAX traces: arrays of one number.

        Args:
            row: values of the parameters, (parameters,).
        """
        outputs = self.point(**{name: row[k : k + 1] for k, name in enumerate(self.names)})
        return {name: x[1] if isinstance(x, tuple) else x for name, x in outputs.items()}

    def bounded(self, outputs: Callable[[Any], Any], rows: Any, largest: int = 8192) -> Any:
        """A function of many rows, called with no more than the cache holds.

        Args:
            outputs: of rows (N, parameters), giving a mapping to arrays (N,).
            rows: values of the parameters, (N, parameters).
            largest: rows at a time.
        """
        pieces = [outputs(rows[k : k + largest]) for k in range(0, len(rows), largest)]
        names = {name: None for piece in pieces for name in piece}
        return {
            name: np.concatenate(
                [p.get(name, np.full(len(next(iter(p.values()))), np.nan)) for p in pieces]
            )
            for name in names
        }


def numbers_at(point: Point, at: Any, verb: str) -> tuple[Numbers, Any]:
    """A point function of the parameters in `at`, and their values as a row.

    Args:
        point: as for `sweep`.
        at: a number, or text with a unit, by parameter.
        verb: what is to be done, for errors.

    Raises:
        ArgumentError: for names that `point` does not take, or what is not one number.
    """
    at = mapping("at", at, "parameters to numbers")
    check_takes(point, at, "at", verb)
    values = {name: one_number(f"at[{name}]", x) for name, x in at.items()}
    units = {name: unit for name, x in at.items() if (unit := unit_of(f"at[{name}]", x))}
    return Numbers(point, tuple(values), units), np.array(list(values.values()))


def in_unit(value: float, unit: Unit | None, digits: str) -> str:
    """A number in SI units as text, in a unit of one's own.

    Args:
        value: the number.
        unit: a unit, and what it is in SI units; None for a plain number.
        digits: how it is written.
    """
    name, scale = unit or ("", 1.0)
    return f"{value / scale:{digits}} {name}".rstrip()


def one_number(name: str, value: Any) -> float:
    """One real number, from text with a unit too, in SI units.

    Args:
        name: what to call it in an error.
        value: what was given.
    """
    must = "be one real number, or text with a unit"
    if isinstance(value, list | tuple):
        raise fail(name, must, value)
    read: Any = of_any_kind(name, value)
    if np.ndim(read) or np.iscomplexobj(read):
        raise fail(name, must, value)
    return float(read)


def one_each(name: str, value: Any, points: int) -> Any:
    """One real number a point, (points,), from what a function returns.

    Args:
        name: what to call the function in an error.
        value: what it returned: a number, or an array (points,).
        points: how many there are.
    """
    column = np.asarray(value)
    fits = column.dtype.kind in "fiu" and column.shape in ((), (1,), (points,))
    if not fits or not np.isfinite(column).all():
        must = "return one real, finite number, or one for each of the points it is called with"
        raise fail(name, must, value, f"points: {points}")
    return np.broadcast_to(column.astype(float), (points,))


def chosen(outputs: Mapping[str, Any], name: str | None, point: Point, argument: str = "of") -> str:
    """The output that is meant: the one named, "margin", "E_N", or the first there is.

    Args:
        outputs: what the point function returns.
        name: of the output, if given.
        point: the function.
        argument: that names it.

    Raises:
        ArgumentError: for an output that there is not.
    """
    known = [x for x in outputs if x != "stable"]
    goals = [x for x in known if x not in VERDICTS]
    if not goals:
        must = "return a number by name for every point"
        raise fail("point", must, name_of(point), f"outputs: {listed(outputs)}")
    if name is not None:
        check_output(name, known, point, argument)
        return name
    return next((x for x in USUAL if x in goals), goals[0])


def check_output(name: Any, known: Iterable[str], point: Point, argument: str) -> None:
    """Refuse the name of an output that there is not.

    Args:
        name: what was asked for.
        known: names of the outputs.
        point: the function that returns them.
        argument: that names it.
    """
    known = list(known)
    if not isinstance(name, str) or name not in known:
        more = f"outputs: {listed(known)}{nearest(name, known)}"
        raise fail(argument, f"name outputs of {name_of(point)}", name, more)


def nominal(
    outputs: Mapping[str, Any], of: str | None, numbers: Numbers, row: Any
) -> tuple[str, float]:
    """The output that is meant, and what it is at one point.

    Args:
        outputs: of the point function at this point alone.
        of: name of the output, if given.
        numbers: the function.
        row: values of its parameters, (parameters,).

    Raises:
        UnstableError: where there is no steady state, and so no value.
    """
    told = ", ".join(
        f"{name} = {in_unit(x, numbers.units.get(name), '.6g')}"
        for name, x in zip(numbers.names, row, strict=True)
    )
    if not np.all(outputs.get("stable", True)):
        raise UnstableError(f"There is no steady state at {told}.")
    output = chosen(outputs, of, numbers.point)
    value = float(outputs[output][0])
    if not np.isfinite(value):
        raise UnstableError(f"Output `{output}` has no value at {told}.")
    return output, value
