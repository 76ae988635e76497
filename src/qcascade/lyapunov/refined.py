"""V of many systems near their thresholds: rough solutions, refined side by side.

Residuals in twice the precision, corrections by the kernel that found V (sign.py), until they
change nothing on the scale √(V_ii V_jj), as in careful.py; what that shows of each system is judged
as strictly as there. What is not settled here is left to careful.py, one by one.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..numerics.graphs import part_of_rows, partners
from ..numerics.two_floats import Pair, exact_sum, residual
from .careful import AT_REST, SETTLED, STEPS
from .directions import between, holds, largest, rounding_of, scaled, small_directions, told, width
from .rotation import MARGINAL

TOGETHER = 1 << 18
"""Numbers of one matrix of all systems that are refined at once."""


def refined(
    rough: Callable[[Any, Any], Any], A: Any, D: Any, V: Any, order: Any, start: Any
) -> Any:
    """V of systems whose first solution leaves doubts; NaN where refining does not settle them.

    Args:
        rough: V of A V + V Aᵀ + D = 0 for drifts and any symmetric D, (N, n, n), NaN where A does
            not decay.
        A: drifts, (N, n, n).
        D: diffusions, (N, n, n).
        V: first solutions, (N, n, n).
        order: rows of A, upstream parts first.
        start: where each strongly connected part begins in them, and n.
    """
    covariances = np.full(V.shape, np.nan)
    decaying = np.flatnonzero(np.isfinite(V).all((-1, -2)) & _decays(A, order, start))
    step = max(1, TOGETHER // A.shape[-1] ** 2)
    for first in range(0, len(decaying), step):
        rows = decaying[first : first + step]
        with np.errstate(all="ignore"):  # of numbers that are looked at
            V_rows = _settled(rough, A[rows], D[rows], V[rows])
            held = _held(rough, A[rows], V_rows, part_of_rows(order, start))
            covariances[rows] = np.where(held[:, None, None], V_rows, np.nan)
    return covariances


def _held(rough: Callable[[Any, Any], Any], A: Any, V: Any, part: Any) -> Any:
    """Whether rounding of A leaves V be, as `holds` of directions.py says of each system."""
    V = np.nan_to_num(V)
    X = rounding_of(between(A, partners(np.arange(len(part))), part), V)
    return holds(V, rough(A, X))


def _settled(rough: Callable[[Any, Any], Any], A: Any, D: Any, V: Any) -> Any:
    # In units of the widths √V_ii every element of V counts as much as any other.
    unit = 2.0 ** np.round(np.log2(width(V)))[..., None]
    A, D = A * unit.mT / unit, (D + D.mT) / 2 / (unit * unit.mT)
    V, low = rough(A, D), np.zeros(A.shape)
    error, size = np.full(A.shape, np.inf), np.full(len(A), np.inf)
    going = np.flatnonzero(np.isfinite(V).all((-1, -2)))
    for _ in range(STEPS):
        if not len(going):
            break
        R = residual(A[going], Pair(V[going], low[going]), D[going])
        correction = rough(A[going], (R + R.mT) / 2)
        V[going], low[going] = exact_sum(V[going], low[going] + correction)
        before, now = size[going], largest(V[going], correction)
        error[going], size[going] = correction, now
        ended = (now < SETTLED) | (before / 2 < now) | ~np.isfinite(now)
        going = going[~ended]
    noise = np.linalg.eigvalsh(np.nan_to_num(scaled(D, D)))[..., 0] > -1e-12
    proven = np.isfinite(small_directions(V, error)[1]) & noise & D.any((-1, -2))
    good = (size < AT_REST) & proven & told(V, error)
    return np.where(good[:, None, None], V * unit * unit.mT, np.nan)


def _decays(A: Any, order: Any, start: Any) -> Any:
    """Whether every part decays beyond what rounding of its block, or of its modes, may hide."""
    inside = A[:, order[:, None], order]
    own = np.abs(np.diagonal(inside, axis1=-2, axis2=-1))
    own = np.maximum(own, own[:, partners(order)])
    decays = np.ones(len(A), bool)
    for a, b in pairwise(start):
        block = inside[:, a:b, a:b]
        with np.errstate(over="ignore"):  # to a size beyond which nothing decays
            size = np.maximum(np.linalg.norm(block, axis=(-2, -1)), own[:, a:b].max(-1))
        eigenvalues: Any = np.linalg.eigvals(block)
        decays &= eigenvalues.real.max(-1) < -MARGINAL * size
    return decays
