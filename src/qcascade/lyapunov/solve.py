"""Steady states: solve A V + V Aᵀ + D = 0 for many points at once, and judge stability.

The algorithm is Newton's iteration for the matrix sign function (J. D. Roberts, Int. J.
Control 32, 677 (1980); N. J. Higham, Functions of Matrices, ch. 5; C. Kenney and A. J. Laub,
SIAM J. Matrix Anal. Appl. 13, 688 (1992), for the scaling). It needs no eigenvectors, which
do not exist for a cascade of identical cavities; and stability follows block by block, from
the strongly connected parts of the network, because rounding moves the eigenvalues of a long
cascade as a whole by amounts of order one. Large systems go to large.py, one by one: running
sums take a cascade of M modes through in O(M²) operations.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, is_traced, namespace
from ..base.threads import cores, spread
from ..numerics.graphs import acts, alike, block_sizes, part_of_rows, partners, strong_parts
from .rotation import MARGINAL, without_rotation
from .watched import other_solver, see

WIDEST = 128  # rows beyond which a system is solved by itself, with large.py
NARROW = 16  # rows below which one point may as well be eight
TASK = 3e7  # operations that are worth a thread: some milliseconds


def solve(A: Any, D: Any, acts: Any = None) -> tuple[Any, Any]:
    """Covariance V of the steady state, from A V + V Aᵀ + D = 0, and whether there is one.

    Every row is judged on its own scale: |(A V + V Aᵀ + D)_ij| ≤ 1e-12 (g_i w_j + w_i g_j) with
    w_i = √V_ii and g_i = (Σ_j A_ij² V_jj)^½, so that a loud mode excuses no error of a quiet one.
    An estimate of the error relative to the smallest directions of V, rounding × the amplification
    of the blocks × what cancels among the rows, stays below 1e-8; where it would not, the point is
    refined in extended precision (careful.py), and is NaN where rounding decides. Results do not
    depend on the other points of a batch, to the last bit, nor on what is downstream.

    Args:
        A: drift, real, shape (…, n, n), in any unit of frequency.
        D: diffusion, symmetric, shape (…, n, n), in the same unit; leading axes broadcast.
        acts: booleans (n/2, n/2), which mode acts on which, for an A whose zeros a JAX
            transformation hides (`GaussianModel.acts`).

    Returns:
        V, of shape (…, n, n) and symmetric, NaN at unstable points; and `stable`, of shape
        (…). A batch point that is not finite counts as unstable. JAX arrays give JAX arrays,
        differentiable in A and D; derivatives of unstable points are zero, so that a sum over
        the stable ones keeps its own.

    Raises:
        ArgumentError: shapes that do not fit, a D that is not symmetric (to 1e-9 of its
            largest element), or a single system that is not finite.
        OverflowError: a single long amplifier whose covariance no floating-point number can
            hold; in a batch, such a point counts as unstable.

    >>> V, stable = solve([[-0.5, 1.0], [-1.0, -0.5]], [[0.5, 0.0], [0.0, 0.5]])
    >>> V.round(12), bool(stable)
    (array([[0.5, 0. ],
           [0. , 0.5]]), True)
    """
    xp = namespace(A, D)
    A, D = _square("A", A, xp), _square("D", D, xp)
    shape = _common_shape(A, D)
    if xp is not np:
        from .solve_jax import solve as solve_jax

        _check_values(A, D)
        rows = None if acts is None else np.kron(np.array(acts), np.ones((2, 2))) > 0
        return solve_jax(A, D, rows)
    see(A)
    solver = other_solver()
    if solver is not None:
        return solver(np.broadcast_to(A, shape), np.broadcast_to(D, shape))
    V, stable = _solve_points(_points(A, shape), _points(D, shape), scalar=len(shape) == 2)
    return V.reshape(shape), stable.reshape(shape[:-2])[()]


def growth(A: Any) -> Any:
    """Growth rate of the fastest mode, max Re λ(A), from the eigenvalues of diagonal blocks.

    The blocks are the strongly connected parts of the network (R. Tarjan, SIAM J. Comput. 1,
    146 (1972)): within a part everything acts on everything, between parts only one way.

    Args:
        A: drift, real, shape (…, n, n), in any unit of frequency. JAX arrays are taken too,
            tracers are not.

    Returns:
        Rates of shape (…), in the unit of A; negative where the system is stable, NaN where
        A is not finite.

    >>> float(growth([[-1.0, 0.0], [5.0, -2.0]]))
    -1.0
    """
    if is_traced(A):
        raise fail("A", "have values, outside of jit and grad", A)
    A = _square("A", np.asarray(A) if namespace(A) is not np else A, np)
    A = np.where(acts(A), A, 0.0)
    return _growth(A.reshape(-1, *A.shape[-2:])).reshape(A.shape[:-2])[()]


def _square(name: str, value: Any, xp: Any) -> Any:
    """A float64 array of square matrices; its elements may be anything, NaN included."""
    try:
        array = value if is_traced(value) else xp.asarray(value)
    except (TypeError, ValueError):
        raise fail(name, "be real square matrices, shape (…, n, n)", value) from None
    if array.dtype.kind not in "iuf":
        raise fail(name, "be a real matrix, or an array of them", value)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
        raise fail(name, "be square, of shape (…, n, n)", array.shape)
    return array.astype(xp.float64, copy=False)


def _common_shape(A: Any, D: Any) -> tuple[int, ...]:
    if A.shape == D.shape:
        return A.shape
    must = f"broadcast with A of shape {A.shape}"
    if A.shape[-1] != D.shape[-1]:
        raise fail("D", must, D.shape)
    try:
        return np.broadcast_shapes(A.shape, D.shape)
    except ValueError:
        raise fail("D", must, D.shape) from None


def _points(X: Any, shape: tuple[int, ...]) -> Any:
    """X broadcast to `shape`, one leading axis, in the one memory layout the kernel is for."""
    if len(shape) == 2:
        return X[None]
    if X.ndim == 2:  # one for all points, which the kernel reads again and again
        return np.broadcast_to(X, (math.prod(shape[:-2]), *X.shape))
    full = X if X.shape == shape else np.broadcast_to(X, shape)
    return np.require(full.reshape(-1, *shape[-2:]), requirements=["C", "W"])


def _skewed(D: Any) -> ArgumentError:
    error = np.nanmax(np.abs(D - np.swapaxes(D, -1, -2)))
    return fail("D", "be symmetric", f"off by {error:.3g}")


def _not_finite(A: Any, D: Any) -> ArgumentError:
    name, value = ("D", D) if np.all(np.isfinite(A)) else ("A", A)
    return fail(name, "be finite everywhere", value)


def _check_values(A: Any, D: Any) -> None:
    """The checks of values, for JAX arrays that have them."""
    if not is_traced(D):
        d = np.asarray(D)
        size = np.abs(d).max((-1, -2), initial=0)
        with np.errstate(invalid="ignore"):  # of ∞ − ∞, at points that will be NaN
            skew = np.abs(d - np.swapaxes(d, -1, -2)).max((-1, -2), initial=0)
        if np.any(skew > 1e-9 * size):
            raise _skewed(d)
    for X in (A, D):
        if X.ndim == 2 and A.ndim == D.ndim and not is_traced(X) and not np.isfinite(X).all():
            raise _not_finite(np.asarray(A), np.asarray(D))


def _solve_points(A: Any, D: Any, scalar: bool) -> tuple[Any, Any]:
    """`solve` for arrays of shape (points, n, n)."""
    if A.shape[-1] > WIDEST:
        return _solve_each(A, D, scalar)
    from . import sign

    plans = list(_plans(A))
    if len(plans) == 1:  # all points alike
        V, status = _solve_alike(A, D, plans[0][1])
    else:
        V, status = np.empty(A.shape), np.zeros(len(A), np.int64)
        for points, parts in plans:
            V[points], status[points] = _solve_alike(A[points], D[points], parts)
    stable = status == sign.STABLE
    if not stable.all():
        if np.any(status == sign.SKEW):
            raise _skewed(D[status == sign.SKEW])
        if scalar and status[0] == sign.UNDEFINED:
            raise _not_finite(A[0], D[0])
    return V, stable


def _solve_each(A: Any, D: Any, scalar: bool) -> tuple[Any, Any]:
    """`solve` for large systems, one by one."""
    from .large import solve_large

    V = np.full(A.shape, np.nan)
    for point, (drift, noise) in enumerate(zip(A, D, strict=True)):
        if np.isfinite(drift).all() and np.isfinite(noise).all():
            if not np.array_equal(noise, noise.T):
                if np.abs(noise - noise.T).max() > 1e-9 * np.abs(noise).max():
                    raise _skewed(noise)
                noise = (noise + noise.T) / 2
            try:
                V[point] = solve_large(drift, noise)
            except OverflowError:
                if scalar:
                    raise
        elif scalar:
            raise _not_finite(drift, noise)
    return V, ~np.isnan(V[:, 0, 0])


def _solve_alike(A: Any, D: Any, parts: Any) -> tuple[Any, Any]:
    """V and what became of every point, for points of one structure."""
    from . import sign

    V, status = np.empty(A.shape), np.zeros(len(A), np.int64)
    _run(A, D, V, status, parts)
    undecided = status == sign.UNDECIDED
    for point in np.flatnonzero(undecided) if undecided.any() else ():
        from .careful import solve_carefully

        covariance = solve_carefully(A[point], D[point], parts.order, parts.start)
        V[point] = np.nan if covariance is None else covariance
        status[point] = sign.UNSTABLE if covariance is None else sign.STABLE
    return V, status


def _run(A: Any, D: Any, V: Any, status: Any, parts: Any) -> None:
    """Share the points among threads, in whole groups; little work is not worth a thread."""
    from . import sign

    points, n = A.shape[:2]
    # A single small point fills all lanes too, rather than have a second kernel compiled.
    lanes = sign.WIDE if points > 1 or n <= NARROW else 1
    at = _workspace(tuple(parts.start.tolist()))
    flat_a, flat_d = (X[0].copy().ravel() if X.strides[0] == 0 else X.ravel() for X in (A, D))

    def task(first: int, last: int) -> None:
        work = aligned(at.end * lanes)
        sign.solve_points((0.0,) * lanes, flat_a, flat_d, V, status, first, last, parts, at, work)

    groups, tasks = -(-points // lanes), int(points * 600.0 * n**2 / TASK)
    threads = min(cores(), groups, tasks) if tasks > 1 else 1
    if threads == 1:
        return task(0, points)
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


def _rate(A: Any) -> Any:
    """max Re λ of matrices that are one strongly connected part."""
    eigenvalues: Any = np.linalg.eigvals(A)
    rate = eigenvalues.real.max(-1)
    hidden = np.abs(rate) < MARGINAL * np.linalg.norm(A, axis=(-2, -1))
    if np.any(hidden):  # beside a fast rotation, which leaves it below that of (A + Aᵀ)/2
        rate = np.where(hidden, np.minimum(rate, np.linalg.eigvalsh((A + A.mT) / 2)[..., -1]), rate)
    return rate


def near_threshold(A: Any) -> tuple[float, float]:
    """The growth rate of the part nearest to its threshold, and relative to the part's own rates.

    Args:
        A: drift of one system, (n, n), finite.

    >>> near_threshold(np.diag([-1e9, -1e9, -1e-3, -1.0]))
    (-0.001, -0.001)
    """
    order, start = strong_parts(A != 0)
    parts = np.split(order, start[1:-1])
    sizes = block_sizes(A[np.ix_(order, order)], order, start)
    rates = np.array([_rate(A[np.ix_(part, part)]) for part in parts])
    S, unrotated = without_rotation(A, part_of_rows(order, start))
    for k, part in enumerate(parts):
        size = unrotated[part].max()
        if np.linalg.eigvalsh(S[np.ix_(part, part)])[-1] < -MARGINAL * size:
            sizes[k] = size
    relative = rates / np.where(sizes > 0, sizes, 1.0)
    nearest = int(np.argmax(relative))
    return float(rates[nearest]), float(relative[nearest])


def _growth(A: Any) -> Any:
    """`growth` for an array of shape (points, n, n)."""
    finite = np.isfinite(A).all((1, 2))
    A = np.where(finite[:, None, None], A, 0.0)
    if A.shape[-1] > WIDEST:
        return np.where(finite, _growth_each(A), np.nan)
    rates = np.full(len(A), -np.inf)
    for points, parts in _plans(A):
        for rows in _blocks(parts):
            block = A[points][:, rows[:, None], rows]
            rates[points] = np.maximum(rates[points], _rate(block))
    return np.where(finite, rates, np.nan)


def _growth_each(A: Any) -> Any:
    from .large import growth_of_parts

    return np.array([growth_of_parts(drift, *strong_parts(drift != 0)) for drift in A])


def _blocks(parts: Any) -> list[Any]:
    """Indices of every diagonal block."""
    return np.split(parts.order, parts.start[1:-1])


def _plans(A: Any) -> Iterator[tuple[Any, Any]]:
    """Points with the same pattern of zeros, and its block triangular structure."""
    for points, pattern in alike(A):
        yield points, _structure(pattern.tobytes(), A.shape[-1])


@lru_cache(maxsize=64)
def _structure(pattern: bytes, n: int) -> Any:
    """Strongly connected parts of a pattern of nonzero A_ij, upstream parts first."""
    from .sign_parts import Parts

    acts = np.frombuffer(pattern, bool).reshape(n, n)  # acts[i, j]: j acts on i
    order, start = strong_parts(acts)
    runs = [_runs(acts[order[a:b]][:, order[:a]]) for a, b in pairwise(start)]
    run = np.concatenate([[0], np.cumsum([len(r) for r in runs])])
    low, high = np.array([r for rs in runs for r in rs], np.int64).reshape(-1, 2).T.copy()
    return Parts(order, start, run, low, high, partners(order))


def _runs(rows: Any) -> list[tuple[int, int]]:
    """Ranges of columns that are not zero in all rows."""
    edges = np.flatnonzero(np.diff(np.any(rows, axis=0), prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
