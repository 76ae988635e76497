"""What a paper says as data: a measure, what must hold, and two verdicts that follow from numbers.

A statement is measured once in every reading of the paper. *Reproduced* asks whether it comes out
of the equations in the text at hand, *physical* whether it survives where the model obeys quantum
mechanics; the kind says in one word what a difference is due to.
"""

import functools
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

YES, IN_PART, NO, NOT_CONCERNED = "yes", "in part", "no", "not concerned"
AGREES, SLIP, LOST = "agrees", "printing slip", "not reproducible"
UNPHYSICAL, RANGE = "unphysical", "different range"

REPRODUCED = (YES, IN_PART, NO)
PHYSICAL = (YES, NO, NOT_CONCERNED)
KINDS: Mapping[str, str] = {
    AGREES: "comes out as stated",
    RANGE: "comes out within other limits than those stated",
    SLIP: "a sign, factor or symbol in the text at hand differs from what the paper itself uses",
    LOST: "does not come out of the equations in the text at hand, nor of those nearest to them",
    UNPHYSICAL: "rests on noise, or a rate, that no quantum system has",
}
"""Every kind, and what it means."""

Numbers = Mapping[str, Any]


class Claim(NamedTuple):
    """A statement of a paper beside what comes out.

    `printed` and `consistent` are what the equations in the text at hand give, and what the
    reading gives that obeys quantum mechanics. `reproduced` is "yes", "in part" or "no",
    `physical` "yes", "no" or "not concerned", `kind` one of `KINDS`.
    """

    claim: str
    source: str
    printed: str
    consistent: str
    reproduced: str
    physical: str
    kind: str
    why: str


class Statement(NamedTuple):
    """A statement of a paper that numbers decide.

    Args:
        claim: in words.
        source: where the paper makes it.
        measure: numbers by name, of one reading.
        holds: what must hold of these numbers.
        says: the numbers in words; "{name:.3f}" is replaced.
        why: the reason; "{reading[name]:.3f}" is replaced, whatever the reading.
        partly: what must hold of them at least, for "in part".
        quantum: whether it is about quantum noise, so that physics may forbid it; a statement
            about a formula or classical light is not.
        otherwise: the kind where it is not reproduced; None where that is a printing slip if
            the physical reading bears it out, and not reproducible if it does not.
        alike: whether all readings share the numbers, so that they are measured once.
    """

    claim: str
    source: str
    measure: Callable[[str], Numbers]
    holds: Callable[[Numbers], Any]
    says: str
    why: str
    partly: Callable[[Numbers], Any] | None = None
    quantum: bool = True
    otherwise: str | None = None
    alike: bool = False


def judge(statement: Statement, readings: Sequence[str]) -> Claim:
    """The claim with its verdicts.

    Args:
        statement: what is claimed.
        readings: the equations in the text at hand first; readings near to them, which make a
            claim hold in part; last the one that obeys quantum mechanics.

    >>> root = Statement("√x grows", "here", lambda reading: {"x": np.sqrt([1.0, 4.0])},
    ...     lambda n: rising(n["x"]), "{x:.1f}", "as {printed[x]:.0f} do")
    >>> judge(root, ("printed", "consistent"))[2:]
    ('1.0, 2.0', '1.0, 2.0', 'yes', 'yes', 'agrees', 'as 1, 2 do')
    """
    if statement.alike:
        numbers = dict.fromkeys(readings, statement.measure(readings[-1]))
    else:
        numbers = {reading: statement.measure(reading) for reading in readings}
    first, *near, last = (numbers[reading] for reading in readings)
    partly = statement.partly or statement.holds
    if _true(statement.holds, first):
        reproduced = YES
    else:
        reproduced = IN_PART if any(_true(partly, x) for x in (first, *near)) else NO
    # What comes out in part survives where the same part does.
    survives = YES if _true(partly if reproduced == IN_PART else statement.holds, last) else NO
    physical = survives if statement.quantum else NOT_CONCERNED
    told = [spoken(statement.says, **numbers[reading]) for reading in readings]
    nearby = [f"; {x}: {text}" for x, text in zip(readings[1:-1], told[1:-1], strict=True)]
    return Claim(
        statement.claim,
        statement.source,
        "".join([told[0], *nearby]),
        told[-1],
        reproduced,
        physical,
        _kind(reproduced, physical, survives, statement.otherwise),
        spoken(statement.why, **numbers),
    )


def judged(statements: Sequence[Statement], readings: Sequence[str]) -> list[Claim]:
    """All claims of a paper with their verdicts.

    Args:
        statements: what is claimed.
        readings: as for `judge`.
    """
    return [judge(statement, readings) for statement in statements]


def _true(condition: Callable[[Numbers], Any], numbers: Numbers) -> bool:
    """Whether a condition holds of numbers; never where there are none."""
    return not _nothing(numbers) and bool(np.all(condition(numbers)))


def _nothing(numbers: Numbers) -> bool:
    """Whether every measured number is NaN."""
    real = [np.asarray(x, float) for x in numbers.values() if _is_real(x)]
    return bool(real) and all(np.isnan(x).all() for x in real)


def _is_real(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "f"


def _kind(reproduced: str, physical: str, survives: str, otherwise: str | None) -> str:
    if physical == NO and reproduced != NO:
        return UNPHYSICAL
    if reproduced == YES:
        return AGREES
    return otherwise or (SLIP if survives == YES else LOST)


# ---- what numbers say ----


def rising(values: Any) -> bool:
    """Whether values rise while there are any: two at least, and none after the first gap.

    Args:
        values: shape (n,), NaN where there is no steady state.

    >>> rising([1.0, 2.0, np.nan]), rising([0.034, np.nan, np.nan]), rising([np.nan, np.nan])
    (True, False, False)
    """
    values = np.asarray(values, float)
    known = values[~np.isnan(values)]
    ends = bool(np.all(np.isnan(values[len(known) :])))
    return len(known) > 1 and ends and bool(np.all(np.diff(known) > 0))


def falling(values: Any) -> bool:
    """Whether values fall while there are any, as `rising`.

    Args:
        values: shape (n,).

    >>> falling([2.0, 1.0]), falling([np.nan, 1.0])
    (True, False)
    """
    return rising(-np.asarray(values, float))


def largest(values: Any) -> float:
    """The largest number there is, NaN where there is none.

    Args:
        values: any shape.

    >>> largest([1.0, np.nan]), largest([np.nan])
    (1.0, nan)
    """
    known = np.asarray(values, float)[~np.isnan(values)]
    return float(known.max()) if known.size else np.nan


def peak(values: Any, *places: Any) -> tuple[float, ...]:
    """The largest of values along an axis, and where it is: NaN where there is none.

    Values that are all the same have no peak, and no place of one.

    Args:
        values: shape (n,), NaN where there is no steady state.
        *places: shape (n,) each: coordinates, or other numbers to be told there.

    >>> peak([1.0, np.nan, 3.0], [0.1, 0.2, 0.3])
    (3.0, 0.3)
    >>> peak([0.0, 0.0], [0.1, 0.2])
    (0.0, nan)
    """
    values = np.asarray(values, float)
    known = values[~np.isnan(values)]
    if known.size == 0 or (known.size > 1 and np.all(known == known[0])):
        return (largest(values), *(np.nan for _ in places))
    best = int(np.argmax(np.nan_to_num(values, nan=-np.inf)))
    return tuple(float(np.asarray(x)[best]) for x in (values, *places))


def root(function: Callable[[float], Any], low: float, high: float, within: float) -> float:
    """Where a function of one number is zero between two of which it changes sign (Brent).

    NaN where it changes none, or has no value at one of them.

    Args:
        function: of a number.
        low: where it has one sign.
        high: where it has the other.
        within: how near to look.

    >>> round(root(lambda x: x**2 - 2, 0.0, 2.0, 1e-12), 9)
    1.414213562
    >>> root(lambda x: x**2 + 2, 0.0, 2.0, 1e-12)
    nan
    """
    from scipy.optimize import brentq

    value = functools.cache(lambda x: float(function(x)))
    if not value(low) * value(high) <= 0:
        return np.nan
    found: Any = brentq(value, low, high, xtol=within)
    return float(found)


# ---- numbers in words ----


class _Words(string.Formatter):
    """Formats arrays number by number, NaN as "none", and zero without a sign."""

    def format_field(self, value: Any, format_spec: str) -> str:
        value = value.item() if np.ndim(value) == 0 and hasattr(value, "item") else value
        if isinstance(value, np.ndarray | list | tuple):
            if len(value) > 0 and all(isinstance(x, float) and np.isnan(x) for x in value):
                return "none"
            return ", ".join(self.format_field(x, format_spec) for x in value)
        if isinstance(value, float) and np.isnan(value):
            return "none"
        text = super().format_field(value, format_spec)
        bare = text.lstrip("-+")
        return bare if isinstance(value, float) and not bare.strip("0.e+-%") else text


def spoken(template: str, **values: Any) -> str:
    """A template with numbers filled in, as `str.format` does it.

    Arrays are listed number by number, NaN (or an array of them) is "none", and nothing is
    "-0.000".

    Args:
        template: the sentence.
        **values: numbers by name.

    >>> spoken("{x:.3f} at {at[y]:g}", x=np.array([-1e-9, 0.5, np.nan]), at={"y": 2.0})
    '0.000, 0.500, none at 2'
    """
    return _Words().vformat(template, (), values)
