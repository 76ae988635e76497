"""First derivatives of one output: in reverse mode where JAX can trace a point, or differences.

A derivative that JAX finds costs two linear systems, whatever the number of parameters; it counts
only where the value that comes with it is that of the plain route. Differences are of fourth
order, with several steps tried at once: of neighbouring steps the two that agree best are taken.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.checks import ArgumentError
from ..base.optional import jax_in_double_precision
from ..sweeps.points import ILL_POSED
from .points import Numbers

STEPS = 10.0 ** -np.arange(2.0, 6.5, 0.5)
"""Steps of differences, relative to the parameter, or to 1 where it is zero."""

AGREE = 1e-6
"""What the value on the way of JAX may be off, relative to the larger of it and 1."""

ROUNDING = 16 * np.finfo(float).eps
"""Change of an output, relative to the larger of it and 1, that is none."""

KINK = 1e-3
"""By how much slopes on either side of zero differ at a kink, relative to the larger."""

CENTRAL = (np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / 12)
ONE_SIDED = (np.arange(5), np.array([-25, 48, -36, 16, -3]) / 12)
"""Places in units of the step, and weights, of differences of fourth order."""


def gradient(numbers: Numbers, row: Any, of: str, value: float) -> tuple[Any, str]:
    """∂(output)/∂x by parameter, and how it was found: "reverse mode" or "differences".

    Args:
        numbers: the point function.
        row: values of the parameters.
        of: the output.
        value: the output there.
    """
    traced = _reverse(numbers, row, of)
    if traced is not None:
        same = abs(traced[0] - value) <= AGREE * max(1.0, abs(value))
        if same and np.isfinite(traced[1]).all():
            return _with_kinks(numbers, row, of, value, traced[1]), "reverse mode"
    return differences(numbers, row, of, value)


def differences(numbers: Numbers, row: Any, of: str, value: float) -> tuple[Any, str]:
    """∂(output)/∂x by parameter from differences, as `gradient` has it.

    Args:
        numbers: the point function.
        row: values of the parameters.
        of: the output.
        value: the output there.
    """
    slopes = [_difference(numbers, row, k, of, value) for k in range(len(row))]
    return _with_kinks(numbers, row, of, value, np.array(slopes)), "differences"


def _with_kinks(numbers: Numbers, row: Any, of: str, value: float, slopes: Any) -> Any:
    """Slopes with those towards x > 0 where x = 0 and the output has a kink there.

    A margin grows as |g| from a coupling g = 0: by symmetry its two-sided slope is 0, which would
    say that the coupling does not matter.
    """
    slopes = slopes.copy()
    for k in np.flatnonzero(row == 0).tolist():
        try:
            sides = [
                _steadiest(_by_step(numbers, row, k, of, value, sign * places, sign * weights))
                for sign, (places, weights) in ((1, ONE_SIDED), (-1, ONE_SIDED))
            ]
        except ArgumentError:  # one side only is allowed, and was looked at
            continue
        (up, up_spread), (down, down_spread) = sides
        certain = KINK * max(abs(up), abs(down), 1e-3 * max(1.0, abs(value)))
        if abs(up - down) > certain > 10 * max(up_spread, down_spread):
            slopes[k] = up
    return slopes


def _steadiest(slopes: Any) -> tuple[float, float]:
    """Of slopes by step the one that agrees best with that before, and by how much they differ."""
    apart = np.abs(np.diff(slopes))
    if not np.isfinite(apart).any():
        return np.nan, np.inf
    closest = int(np.nanargmin(apart))
    return float(slopes[closest + 1]), float(apart[closest])


def _reverse(numbers: Numbers, row: Any, of: str) -> tuple[float, Any] | None:
    """Value and gradient by JAX; None without JAX, or where it cannot trace the point."""
    try:
        jax = jax_in_double_precision()
    except ImportError:
        return None

    def output(row: Any) -> Any:
        return jax.numpy.sum(numbers.traced(row)[of])

    # Machine code that takes less time to make: it runs once.
    quick = {"xla_backend_optimization_level": 0}
    try:
        program = jax.jit(jax.value_and_grad(output), compiler_options=quick)
        value, slopes = program(jax.numpy.asarray(row))
    except (ArgumentError, TypeError, AttributeError, *ILL_POSED):
        # What JAX says when a tracer meets NumPy or an `if`, and what parts say of it.
        return None
    return float(value), np.array(slopes)


def _difference(numbers: Numbers, row: Any, k: int, of: str, value: float) -> float:
    """∂(output)/∂x_k by differences; one-sided where the parameter is at an end of its range."""
    refused: ArgumentError | None = None
    best, spread = np.nan, np.inf
    for places, weights in stencils():
        try:
            slopes = _by_step(numbers, row, k, of, value, places, weights)
        except ArgumentError as error:  # beyond the range of a part
            refused = error
            continue
        slope, apart = _steadiest(slopes)
        if np.isfinite(apart):
            if apart < spread:
                best, spread = slope, apart
            if places is CENTRAL[0]:
                break
    if np.isnan(best) and refused is not None:
        raise refused
    return float(best)


def stencils() -> Iterator[tuple[Any, Any]]:
    """Places and weights to try in turn: on both sides, above only, below only."""
    yield CENTRAL
    yield ONE_SIDED
    yield -ONE_SIDED[0], -ONE_SIDED[1]


def _by_step(
    numbers: Numbers, row: Any, k: int, of: str, value: float, places: Any, weights: Any
) -> Any:
    """The slope for every step; what never changes by more than rounding has none."""
    steps = STEPS * (abs(row[k]) or 1.0)
    rows = np.tile(row, (len(steps) * len(places), 1))
    rows[:, k] += (steps[:, None] * places).ravel()
    values = numbers.outputs(rows)[of].reshape(len(steps), len(places))
    moved = values - value
    if np.all(np.abs(moved) <= ROUNDING * max(1.0, abs(value))):
        return np.zeros(len(steps))
    return moved @ weights / steps
