"""Functions of symplectic eigenvalues that measures add up, with the derivatives of each.

They take a level ν, the part of it that rounding may have changed, and NumPy or jax.numpy. Levels
within `CUT` such errors of the edge, ν = ½, count as on the edge.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.conventions import LOST, VACUUM

CUT = 16
"""Times what rounding of V leaves: anything smaller is what rounding left of zero."""

_Function = Callable[[Any, Any, Any], Any]


class Summand(NamedTuple):
    """f of Σ_k f(ν_k), NaN where rounding decides; and f', f'', which are zero there.

    Args:
        value: f(ν, error, xp).
        slope: f'.
        curvature: f''.
    """

    value: _Function
    slope: _Function
    curvature: _Function


def _below(levels: Any, error: Any) -> Any:
    """Whether ν < ½ for sure."""
    return 2 * levels < 1 - CUT * error


def _negativity(levels: Any, error: Any, xp: Any) -> Any:
    """max(0, −ln 2ν); NaN where rounding decides between a number and another."""
    twice = 2 * levels
    terms = xp.where(twice >= 1 - CUT * error, 0.0, -xp.log(twice))  # NaN stays NaN
    lost = error > LOST
    if xp is np and not lost.any():
        return terms
    return xp.where(lost & (twice * (1 - xp.minimum(error, 1.0)) < 1), np.nan, terms)


NEGATIVITY = Summand(
    _negativity,
    lambda levels, error, xp: xp.where(_below(levels, error), -1 / levels, 0.0),
    lambda levels, error, xp: xp.where(_below(levels, error), 1 / levels**2, 0.0),
)
"""max(0, −ln 2ν)."""


def _quanta(levels: Any, error: Any, xp: Any) -> tuple[Any, Any]:
    """n = ν − ½, or 1 where it is below rounding; and where it is not."""
    mixed = levels - VACUUM > CUT * error * levels
    return xp.where(mixed, levels - VACUUM, 1.0), mixed


def _entropy(levels: Any, error: Any, xp: Any) -> Any:
    """(n+1) ln(n+1) − n ln n = ln(1+n) + n ln(1+1/n), which cancels nothing at either end."""
    n, mixed = _quanta(levels, error, xp)
    terms = xp.where(mixed, xp.log1p(n) + n * xp.log1p(1 / n), 0.0)
    return xp.where((error > LOST) | xp.isnan(levels), np.nan, terms)


def _entropy_slope(levels: Any, error: Any, xp: Any) -> Any:
    n, mixed = _quanta(levels, error, xp)
    return xp.where(mixed, xp.log1p(1 / n), 0.0)


def _entropy_curvature(levels: Any, error: Any, xp: Any) -> Any:
    n, mixed = _quanta(levels, error, xp)
    return xp.where(mixed, -1 / (n * (1 + n)), 0.0)


ENTROPY = Summand(_entropy, _entropy_slope, _entropy_curvature)
"""(ν+½) ln(ν+½) − (ν−½) ln(ν−½)."""


def entropy_noise(levels: Any, error: Any, xp: Any) -> Any:
    """What rounding of V may have changed in the entropy of each level, zero or above.

    A level that counts as pure may hide as many quanta as rounding leaves.

    Args:
        levels: ν.
        error: the part of them that rounding may have changed.
        xp: NumPy or jax.numpy.
    """
    n, mixed = _quanta(levels, error, xp)
    unsure = CUT * error * xp.where(xp.isnan(levels), VACUUM, levels)
    hidden = xp.log1p(unsure) + unsure * xp.log1p(1 / unsure)
    return xp.where(mixed, xp.log1p(1 / n) * unsure, hidden)


def _root(levels: Any, error: Any, xp: Any) -> tuple[Any, Any]:
    """√(w² − 1) of w = 2ν, or 1 where it is below rounding; and where it is not."""
    n, mixed = _quanta(levels, error, xp)
    return xp.where(mixed, 2 * xp.sqrt(n) * xp.sqrt(n + 1), 1.0), mixed


def _overlap(levels: Any, error: Any, xp: Any) -> Any:
    """ln(w + √(w² − 1))."""
    square_root, mixed = _root(levels, error, xp)
    value = xp.where(mixed, xp.log(2 * xp.where(mixed, levels, 1.0) + square_root), 0.0)
    return xp.where((error > LOST) | xp.isnan(levels), np.nan, value)


def _overlap_slope(levels: Any, error: Any, xp: Any) -> Any:
    square_root, mixed = _root(levels, error, xp)
    return xp.where(mixed, 2 / square_root, 0.0)


def _overlap_curvature(levels: Any, error: Any, xp: Any) -> Any:
    square_root, mixed = _root(levels, error, xp)
    return xp.where(mixed, -8 * levels / square_root**3, 0.0)


OVERLAP = Summand(_overlap, _overlap_slope, _overlap_curvature)
"""ln(w + √(w² − 1)), w = 2ν."""
