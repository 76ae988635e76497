"""Numbers as they are printed: how many digits they have, and what rounding may have taken away."""

from decimal import Decimal, DecimalTuple
from typing import Any, NamedTuple

import numpy as np

MOST = 15
"""Digits beyond which a number was computed and not printed: float64 has no more for sure."""

FEWEST = 3
"""Digits below which numbers are taken as they are: 0.5 means one half."""

SPARE = 3
"""Last digits of the fifteen that are zero by chance in one of a thousand computed numbers."""

_TYPED = 10_000  # different numbers; nobody types more


class Digits(NamedTuple):
    """How numbers were rounded.

    Args:
        significant: the most significant digits that any has.
        decimals: the most decimal places; negative for whole tens.
    """

    significant: int
    decimals: int


EXACT = Digits(MOST + 1, MOST + 1)


def digits_of(values: Any) -> Digits:
    """The digits of the shortest decimal numbers that give `values`, as Python prints them.

    A printed number times a power of ten is one up to rounding:
    0.0079 · 10⁶ = 7900.000000000001.

    Args:
        values: array of any shape; zeros have no digits.

    >>> digits_of([0.583, -12.0, 0.0]), digits_of(0.0079 * 1e6)
    (Digits(significant=3, decimals=3), Digits(significant=2, decimals=-2))
    """
    numbers = np.unique(np.abs(np.asarray(values, float)))
    numbers = numbers[numbers > 0]
    if len(numbers) > _TYPED:
        return EXACT
    significant, decimals = 0, -400
    for number in numbers.tolist():
        shortest = _shortest(number)
        significant = max(significant, len(shortest.digits))
        decimals = max(decimals, -int(shortest.exponent))
        if significant > MOST:
            return EXACT
    return Digits(significant, decimals)


def _shortest(number: float) -> DecimalTuple:
    """The decimal number that was printed, perhaps before it was multiplied in floats."""
    shortest = Decimal(repr(number)).normalize().as_tuple()
    if len(shortest.digits) <= MOST:
        return shortest
    rounded = Decimal(f"{number:.{MOST}g}").normalize()
    few = len(rounded.as_tuple().digits) <= MOST - SPARE
    near = abs(float(rounded) - number) <= 2 * np.spacing(number)
    return rounded.as_tuple() if few and near else shortest


def rounding_of(A: Any, D: Any, digits: int | None = None) -> tuple[Any, Any, int]:
    """`rounding` of A and D as they are, or of what they are 2π times: frequencies are printed.

    >>> rounding_of(*(2 * np.pi * 1e6 * np.array([[x, 0], [0, x]]) for x in (-0.291, 0.291)))[2]
    3
    """
    found = rounding(A, D, digits)
    if digits is None and found[2] > MOST:
        turn = 2 * np.pi
        of_A, of_D, significant = rounding(A / turn, D / turn)
        if significant <= MOST:
            return turn * of_A, turn * of_D, significant
    return found


def rounding(A: Any, D: Any, digits: int | None = None) -> tuple[Any, Any, int]:
    """Half a last digit of every entry of A and D, and the digits; 16 and zeros when exact.

    Significant digits, of which n leave a relative error of 5·10⁻ⁿ at most, or decimal places,
    where all numbers have few: whichever is more. D is read as vacuum ½ and as vacuum 1 have it,
    and the rounder of the two counts. A zero may stand for less than half a last decimal between
    two modes; within a mode it is meant.

    Args:
        A: drift, (…, 2N, 2N).
        D: diffusion, (…, 2N, 2N).
        digits: significant digits or decimal places of the numbers; read off them when omitted,
            where there are three or more.

    >>> rounding(np.array([[-0.291, 0], [0, -0.291]]), np.array([[0.291, 0], [0, 0.291]]))[2]
    3
    """
    read_A = digits_of(A)
    read_D, doubled = digits_of(D), digits_of(2 * np.asarray(D))
    halved = doubled != read_D and all(x <= y for x, y in zip(doubled, read_D, strict=True))
    read_D = doubled if halved else read_D
    typed = [read.significant for read in (read_A, read_D) if read.significant <= MOST]
    if digits is None:
        significant = max(typed, default=EXACT.significant)
        if not FEWEST <= significant <= MOST:
            return np.zeros_like(A), np.zeros_like(D), EXACT.significant
    else:
        significant = digits
    places = [read.decimals for read in (read_A, read_D) if read.significant <= MOST]
    common = max(places, default=EXACT.decimals)
    errors = []
    for matrix, read, scale in ((A, read_A, 1.0), (D, read_D, 2.0 if halved else 1.0)):
        known = digits if digits is not None else significant if read.significant <= MOST else None
        last = common if digits is None else digits if common <= digits else None
        errors.append(_half_last_digit(scale * matrix, known, last) / scale)
    return errors[0], errors[1], significant


def _half_last_digit(matrix: Any, significant: int | None, decimals: int | None) -> Any:
    """What rounding to significant digits, or to decimal places, may have taken from entries."""
    if significant is None:
        return np.zeros_like(matrix)
    error = 5 * 10.0**-significant * np.abs(matrix)
    if decimals is None:
        return error
    n = matrix.shape[-1]
    within = np.kron(np.eye(n // 2, dtype=bool), np.ones((2, 2), dtype=bool))
    meant = within & (matrix == 0)
    return np.where(meant, 0.0, np.maximum(error, 0.5 * 10.0**-decimals))
