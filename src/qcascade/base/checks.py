"""Argument checks and their sentences.

Every check takes the argument's name and its value, and returns the value as an array:
NumPy by default, JAX when JAX came in. Traced JAX values (inside `jit`, `grad`, `vmap`)
have no number to look at, so they pass; their type and shape are still checked.
"""

import math
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from .arrays import is_plain as is_plain
from .arrays import is_traced as is_traced
from .arrays import namespace as namespace
from .errors import ArgumentError as ArgumentError
from .errors import CallError as CallError
from .errors import ConvergenceError as ConvergenceError
from .errors import DegenerateError as DegenerateError
from .errors import UnstableError as UnstableError
from .synonyms import nearest as nearest


def shown(value: Any) -> str:
    """The value as an error message shows it: whole when short, summarised when long."""
    try:
        text = f"{value}" if isinstance(value, np.ndarray | np.generic) else f"{value!r}"
        if is_quantity(value):
            text = f"{value:~P}"
        if isinstance(value, FunctionType):  # not where it lies in memory
            text = f"function {value.__name__}"
    except ValueError:  # as Python refuses to write numbers of more than 4,300 digits
        text = f"{type(value).__name__} of thousands of digits"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def fail(name: str, must: str, value: Any, available: str = "") -> ArgumentError:
    """The error that says what argument `name` must be, what it is, and what there was."""
    tail = f" ({available})" if available else ""
    return ArgumentError(f"Argument `{name}` must {must}, but is {shown(value)}{tail}.")


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names joined by commas, cut after `most` of them."""
    names = list(names)
    more = f", … {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "none"


def one_of(name: str, value: str, names: Iterable[str], kind: str = "one of") -> str:
    """`value` if it is among `names`."""
    names = list(names)
    if not isinstance(value, str) or value not in names:
        raise fail(name, f"be {kind}: {listed(names)}", value, nearest(value, names).lstrip("; "))
    return value


def number(name: str, value: Any, kind: str = "a real number", dtype: type = np.float64) -> Any:
    """A finite real (or, with `dtype=complex`, complex) number or array of them."""
    if is_plain(value) and (dtype is complex or isinstance(value, float)):  # as most are
        return np.complex128(value) if dtype is complex else np.float64(value)
    value = _without_unit(name, value, kind)
    xp = namespace(value, name=name)
    array = value if is_traced(value) else _as_array(name, value, kind, xp)
    if array.dtype.kind == "c" and dtype is not complex:
        raise fail(name, f"be {kind}", value)
    if not is_traced(array) and not bool(xp.isfinite(array).all()):
        raise fail(name, f"be {kind}, finite everywhere", value)
    return array.astype(np.complex128 if dtype is complex else np.float64)[()]


def numbers(name: str, value: Any, kind: str = "real numbers", kinds: str = "iuf") -> Any:
    """A number or array as it is, NaN and all, as sweeps have them where nothing is stable."""
    if type(value) is float:
        return value
    value = _without_unit(name, value, kind)
    array = value if is_traced(value) else _as_array(name, value, kind, namespace(value, name=name))
    if array.dtype.kind not in kinds:
        raise fail(name, f"be {kind}", value)
    return array[()]


def is_quantity(value: Any) -> bool:
    """Whether a value is a pint quantity, of whatever registry."""
    return hasattr(value, "_REGISTRY") and hasattr(value, "magnitude")


def is_pure(value: Any) -> bool:
    """Whether a pint quantity is a ratio: no dimension, no angle, no decibel."""
    try:
        linear = value.dimensionless and value._is_multiplicative
    except AttributeError:  # as pint has it of decibels per length
        return False
    return bool(linear and value.to_root_units().unitless)


def _without_unit(name: str, value: Any, kind: str) -> Any:
    """The value itself; of a pint quantity its number, if it is a pure one.

    NumPy would take any quantity for a number and drop its unit.
    """
    if type(value) is np.ndarray:
        return value
    if isinstance(value, list | tuple):
        some = any(hasattr(x, "_REGISTRY") for x in value)
        return [_without_unit(name, x, kind) for x in value] if some else value
    if is_quantity(value):
        if not is_pure(value):
            raise fail(name, f"be {kind}, without a unit", value)
        return value.to_root_units().magnitude
    if isinstance(value, np.ndarray) and (hasattr(value, "unit") or hasattr(value, "units")):
        kinds = "numbers, text with a unit or pint quantities"
        raise fail(name, f"be {kinds}, not those of {type(value).__module__}", value)
    return value


def _as_array(name: str, value: Any, kind: str, xp: Any) -> Any:
    if np.ma.isMaskedArray(value):
        raise fail(name, f"be {kind}, without a mask", value)
    try:
        array = xp.asarray(value)
    except (TypeError, ValueError, OverflowError):
        raise fail(name, f"be {kind}", value) from None
    if array.dtype.kind == "O" and isinstance(value, int) and abs(value) < 2**1023:
        return xp.asarray(float(value))  # whole numbers that 64 bits do not hold
    if array.dtype.kind not in "iufc":  # no strings, no booleans, no objects
        more = "numbers do not change in time: no function is taken" if callable(value) else ""
        raise fail(name, f"be {kind}", value, more)
    return array


def complex_number(name: str, value: Any) -> Any:
    """A finite complex number or array."""
    return number(name, value, "a complex number", complex)


def rate(name: str, value: Any) -> Any:
    """A finite rate or occupation, zero or above."""
    return between(name, value, 0.0, np.inf, "a number zero or above")


HOTTEST = 1e100
"""Mean quanta of a bath, at most: the square of a covariance must fit double precision."""


def mean_quanta(name: str, value: Any) -> Any:
    """Mean quanta of a bath, zero or above; any that nature has."""
    if isinstance(value, str):
        more = "quanta have no unit; qc.physics.bose_einstein(frequency, temperature) gives them"
        raise fail(name, "be a number zero or above", value, more)
    return between(name, value, 0.0, HOTTEST, f"a number zero or above, {HOTTEST:g} at most")


def fraction(name: str, value: Any) -> Any:
    """A number between 0 and 1, ends included."""
    return between(name, value, 0.0, 1.0, "a number between 0 and 1")


def between(name: str, value: Any, low: float, high: float, kind: str) -> Any:
    """A finite real number or array with low ≤ value ≤ high."""
    array = number(name, value, kind)
    if type(array) is np.float64 and low <= array <= high:
        return array
    inside = (array >= low) & (array <= high)
    if not is_traced(array) and not bool(inside.all()):
        if np.size(array) > LONG:  # of which a sentence shows the ends only
            outside = np.asarray(~inside)
            first = ", ".join(str(axis[0]) for axis in np.nonzero(outside))
            told = f"{int(outside.sum())} of {np.size(array)} are not, the first at [{first}]"
            raise fail(name, f"be {kind}", np.asarray(array)[outside][0], told)
        raise fail(name, f"be {kind}", value)
    return array


LONG = 6
"""Numbers that are shown one by one, at most."""


def check_broadcast(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Leading axes, by what has them, that must fit each other."""
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        named = {name: shape for name, shape in shapes.items() if shape}
        first, *others = named
        for other in others:
            try:
                np.broadcast_shapes(named[first], named[other])
            except ValueError:
                raise ArgumentError(
                    f"Argument `{other}` must broadcast with `{first}`, but their shapes are "
                    f"{named[other]} and {named[first]}."
                ) from None
        raise ArgumentError(f"Arguments must broadcast, but their shapes are {named}.") from None


def single(name: str, value: Any, low: float, high: float, kind: str) -> float:
    """One real number with low ≤ value ≤ high, as Python has it."""
    if type(value) is float and low <= value <= high and math.isfinite(value):
        return value
    checked = between(name, value, low, high, kind)
    if np.ndim(checked):
        raise fail(name, f"be {kind}", value)
    return float(checked)


def tolerance(name: str, value: Any) -> float:
    """What a solver may be off by."""
    return single(name, value, 1e-13, 1e-2, "a number between 1e-13 and 0.01")


def count(name: str, value: Any, low: int = 1, high: int = 2**63 - 1) -> int:
    """A whole number, `low` or above, that 64 bits hold; or no more than `high`."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or not low <= value <= high:
        ends = f"{low} or above" if high >= 2**62 else f"{low} to {high:,}"
        raise fail(name, f"be a whole number, {ends}", value)
    return int(value)


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise fail(name, "be True or False", value)
    return bool(value)


def text(name: str, value: Any) -> str:
    """Text."""
    if not isinstance(value, str):
        raise fail(name, "be text", value)
    return value


def plain_name(name: str, value: Any) -> str:
    """The name of a mode, a port or a part: text without spaces or †."""
    if not isinstance(value, str) or len(value.split()) != 1 or "†" in value:
        raise fail(name, "be a name (text without spaces or †)", value)
    return value


def mapping(name: str, value: Any, words: str) -> Mapping[Any, Any]:
    """A mapping; `words` say from what to what."""
    if type(value) is not dict and not isinstance(value, Mapping):
        raise fail(name, f"be a mapping from {words}", value)
    return value
