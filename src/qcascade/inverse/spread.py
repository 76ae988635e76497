"""How parameters vary: rates by a factor, shares between 0 and 1, phases by an angle."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed, nearest, single
from .points import Numbers

KINDS = ("rate", "share", "phase", "fixed")

WIDEST = 1.0
"""The largest spread: a factor e either way."""

SAME = 1e-9
"""What outputs may differ by, relative, when 2π are added to a phase."""


def spreads(spread: Any, names: tuple[str, ...], row: Any) -> Any:
    """The spread of every parameter, (parameters,); 0 where it stays as it is.

    Args:
        spread: a number for all, or a mapping by parameter.
        names: of the parameters.
        row: their values; what is 0 has a spread only if it is named.

    Raises:
        ArgumentError: for a name that is none of the parameters, or a spread out of range.
    """
    kind = f"a number between 0 and {WIDEST:g}"
    if not isinstance(spread, Mapping):
        return np.where(row == 0, 0.0, single("spread", spread, 0.0, WIDEST, kind))
    for name in spread:
        if name not in names:
            known = f"parameters: {listed(names)}{nearest(name, names)}"
            raise fail("spread", "name parameters in `at`", name, known)
    given = {
        name: single(f"spread[{name}]", x, 0.0, WIDEST if row[names.index(name)] else np.inf, kind)
        for name, x in spread.items()
    }
    return np.array([given.get(name, 0.0) for name in names])


def kinds_of(numbers: Numbers, row: Any, widths: Any) -> tuple[str, ...]:
    """How every parameter varies, as the point function itself tells: one of `KINDS`.

    A share is what it refuses above 1; a phase what changes nothing when 2π are added.

    Args:
        numbers: the point function.
        row: values of the parameters.
        widths: spread of each.
    """
    outputs = numbers.outputs(row[None])
    return tuple(
        "fixed" if widths[k] == 0 else _kind(numbers, row, k, outputs) for k in range(len(row))
    )


def _kind(numbers: Numbers, row: Any, k: int, outputs: Mapping[str, Any]) -> str:
    turned, above = np.tile(row, (2, 1))
    turned[k] += 2 * np.pi
    above[k] = 1.5
    if 0 <= row[k] <= 1 and _refused(numbers, above):
        return "fixed" if row[k] in (0.0, 1.0) else "share"
    if not _refused(numbers, turned):
        outputs_turned = numbers.outputs(turned[None])
        values = [(x, outputs_turned.get(name, np.array(np.nan))) for name, x in outputs.items()]
        if all(np.allclose(x, y, rtol=SAME, atol=SAME, equal_nan=True) for x, y in values):
            return "phase" if _matters(numbers, row, k, outputs) else "rate"
    return "rate"


def _refused(numbers: Numbers, row: Any) -> bool:
    try:
        numbers.outputs(row[None])
    except ArgumentError:
        return True
    return False


def _matters(numbers: Numbers, row: Any, k: int, outputs: Mapping[str, Any]) -> bool:
    """Whether an output changes with the parameter at all; what changes none is no phase."""
    shifted = row.copy()
    shifted[k] += 1.0
    outputs_shifted = numbers.outputs(shifted[None])
    pairs = [(x, outputs_shifted.get(name, np.array(np.nan))) for name, x in outputs.items()]
    return not all(np.allclose(x, y, rtol=SAME, atol=SAME, equal_nan=True) for x, y in pairs)


def drawn(row: Any, widths: Any, kinds: tuple[str, ...], normal: Any) -> Any:
    """Samples of the parameters, (N, parameters).

    Args:
        row: values as designed.
        widths: spread of each.
        kinds: how each varies.
        normal: standard normal numbers, (N, parameters).

    >>> ξ = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    >>> drawn(np.array([2.0, 0.9, 0.5]), np.full(3, 0.1), ("rate", "share", "phase"), ξ).round(3)
    array([[2.  , 0.9 , 0.5 ],
           [2.21, 0.91, 0.6 ]])
    """
    rows = np.tile(row, (len(normal), 1))
    for k, kind in enumerate(kinds):
        x, step = row[k], widths[k] * normal[:, k]
        if kind == "phase" or (kind == "rate" and x == 0):
            rows[:, k] = x + step
        elif kind == "rate":
            rows[:, k] = x * np.exp(step)
        elif kind == "share":
            odds = x / (1 - x) * np.exp(step / max(x, 1 - x))
            rows[:, k] = odds / (1 + odds)
    return rows
