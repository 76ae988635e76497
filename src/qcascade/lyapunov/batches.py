"""Many points of A V + V Aᵀ + D = 0 to the kernel, point by point what it cannot decide.

Large systems go to large.py, one by one: running sums take a cascade of M modes through in O(M²)
operations.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, fail
from ..base.threads import cores, spread
from .plans import plans

WIDEST = 128  # rows beyond which a system is solved by itself, with large.py
NARROW = 16  # rows below which one point may as well be eight
TASK = 3e7  # operations that are worth a thread: some milliseconds


def solve_points(A: Any, D: Any, scalar: bool = False) -> tuple[Any, Any]:
    """`solve` for arrays of shape (points, n, n).

    Args:
        A: drifts.
        D: diffusions.
        scalar: whether what is wrong with the only point is an error.
    """
    if A.shape[-1] > WIDEST:
        return _solve_each(A, D, scalar)
    from . import sign

    structures = list(plans(A))
    if len(structures) == 1:  # all points alike
        V, status = _solve_alike(A, D, structures[0][1])
    else:
        V, status = np.empty(A.shape), np.zeros(len(A), np.int64)
        for points, parts in structures:
            V[points], status[points] = _solve_alike(A[points], D[points], parts)
    stable = status == sign.STABLE
    if not stable.all():
        if np.any(status == sign.SKEW):
            raise skewed(D[status == sign.SKEW])
        if scalar and status[0] == sign.UNDEFINED:
            raise not_finite(A[0], D[0])
    return V, stable


def _solve_each(A: Any, D: Any, scalar: bool) -> tuple[Any, Any]:
    """`solve` for large systems, one by one."""
    from .large import solve_large

    V = np.full(A.shape, np.nan)
    for point, (drift, noise) in enumerate(zip(A, D, strict=True)):
        if np.isfinite(drift).all() and np.isfinite(noise).all():
            if not np.array_equal(noise, noise.T):
                if np.abs(noise - noise.T).max() > 1e-9 * np.abs(noise).max():
                    raise skewed(noise)
                noise = (noise + noise.T) / 2
            try:
                V[point] = solve_large(drift, noise)
            except ConvergenceError:
                if scalar:
                    raise
        elif scalar:
            raise not_finite(drift, noise)
    return V, ~np.isnan(V[:, 0, 0])


def rough_points(A: Any, R: Any) -> Any:
    """X of A X + X Aᵀ + R = 0 for any symmetric R, not judged; NaN where A does not decay.

    Args:
        A: drifts, (points, n, n).
        R: right-hand sides, (points, n, n).
    """
    X = np.empty(A.shape)
    for at, parts in plans(A):
        X[at] = _run(A[at], R[at], parts)[0]
    return X


def _solve_alike(A: Any, D: Any, parts: Any) -> tuple[Any, Any]:
    """V and what became of every point, for points of one structure."""
    from . import sign

    V, status = _run(A, D, parts)
    undecided = status == sign.UNDECIDED
    if undecided.any():
        doubtful = np.flatnonzero(undecided)
        from .careful import solve_carefully
        from .refined import refined

        def rough(A: Any, D: Any) -> Any:
            return _run(A, D, parts)[0]

        V[doubtful] = refined(
            rough, A[doubtful], D[doubtful], V[doubtful], parts.order, parts.start
        )
        for point in doubtful[np.isnan(V[doubtful, 0, 0])]:
            covariance = solve_carefully(A[point], D[point], parts.order, parts.start)
            V[point] = np.nan if covariance is None else covariance
        status[doubtful] = np.where(np.isnan(V[doubtful, 0, 0]), sign.UNSTABLE, sign.STABLE)
    return V, status


def _run(A: Any, D: Any, parts: Any) -> tuple[Any, Any]:
    """What the kernel says."""
    from . import sign

    points, n = A.shape[:2]
    V, status = np.empty(A.shape), np.zeros(points, np.int64)
    # A single small point fills all lanes too, rather than have a second kernel compiled.
    lanes = sign.WIDE if points > 1 or n <= NARROW else 1
    at = _workspace(tuple(parts.start.tolist()))
    flat_a, flat_d = (X[0].copy().ravel() if X.strides[0] == 0 else X.ravel() for X in (A, D))

    def task(first: int, last: int) -> None:
        work = aligned(at.end * lanes)
        sign.solve_points((0.0,) * lanes, flat_a, flat_d, V, status, first, last, parts, at, work)

    share_points(task, points, lanes, points * 600.0 * n**2)
    return V, status


def share_points(task: Callable[[int, int], None], points: int, lanes: int, work: float) -> None:
    """Points shared among threads, in whole groups; little work is not worth a thread.

    Args:
        task: called with the first point and the one after the last.
        points: how many there are.
        lanes: points that a kernel takes at once.
        work: operations on all of them.
    """
    groups, tasks = -(-points // lanes), int(work / TASK)
    threads = min(cores(), groups, tasks) if tasks > 1 else 1
    if threads == 1:
        task(0, points)
    else:
        edges = np.minimum(np.linspace(0, groups, 4 * threads + 1).astype(int) * lanes, points)
        spread(lambda pair: task(*pair), pairwise(edges))


@lru_cache(maxsize=64)
def _workspace(start: tuple[int, ...]) -> Any:
    """Where the kernel keeps its numbers, for blocks that begin at these rows."""
    from .sign_parts import workspace

    return workspace(np.array(start))


def aligned(size: int) -> Any:
    """Uninitialised numbers that begin at a cache line, as vector moves like it."""
    memory = np.empty(size + 8)
    address, _ = memory.__array_interface__["data"]
    skip = -(address // 8) % 8
    return memory[skip : skip + size]


def skewed(D: Any) -> ArgumentError:
    """The error of a D that is not symmetric.

    Args:
        D: diffusion.
    """
    error = np.nanmax(np.abs(D - np.swapaxes(D, -1, -2)))
    return fail("D", "be symmetric", f"off by {error:.3g}")


def not_finite(A: Any, D: Any) -> ArgumentError:
    """The error of a system that is not finite.

    Args:
        A: drift.
        D: diffusion.
    """
    name, value = ("D", D) if np.all(np.isfinite(A)) else ("A", A)
    return fail(name, "be finite everywhere", value)
