"""Steady states: solve A V + V Aᵀ + D = 0 for many points at once, and judge stability.

The algorithm is Newton's iteration for the matrix sign function (J. D. Roberts, Int. J.
Control 32, 677 (1980); N. J. Higham, Functions of Matrices, ch. 5; C. Kenney and A. J. Laub,
SIAM J. Matrix Anal. Appl. 13, 688 (1992), for the scaling). It needs no eigenvectors, which
do not exist for a cascade of identical cavities; and stability follows block by block, from
the strongly connected parts of the network, because rounding moves the eigenvalues of a long
cascade as a whole by amounts of order one.
"""

import math
from typing import Any

import numpy as np

from ..base.checks import fail, is_traced, namespace
from ..base.keywords import spoken
from .batches import not_finite, skewed, solve_points
from .rates import growth_rates
from .watched import other_solver, see


def solve(A: Any, D: Any, acts: Any = None) -> tuple[Any, Any]:
    """Covariance V of the steady state, from A V + V Aᵀ + D = 0, and whether there is one.

    Every row is judged on its own scale: |(A V + V Aᵀ + D)_ij| ≤ 1e-12 (g_i w_j + w_i g_j) with
    w_i = √V_ii and g_i = (Σ_j A_ij² V_jj)^½, so that a loud mode excuses no error of a quiet one.
    An estimate of the error relative to the smallest directions of V, rounding × the amplification
    of the blocks × what cancels among the rows, stays below 1e-8; where it would not, the point is
    refined in extended precision (careful.py), and is NaN where rounding decides. Results do not
    depend on the other points of a batch, to the last bit, nor on what is downstream: blocks that
    multiply rounding have their residual computed exactly, and V is known to the last digits of
    √(V_ii V_jj) whatever stands beside.

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
        ConvergenceError: a single long amplifier whose covariance no floating-point number can
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
    V, stable = solve_points(_points(A, shape), _points(D, shape), scalar=len(shape) == 2)
    return V.reshape(shape), stable.reshape(shape[:-2])[()]


@spoken
def growth(A: Any) -> Any:
    """Growth rate of the fastest mode, max Re λ(A), from the eigenvalues of diagonal blocks.

    The blocks are the strongly connected parts of the network (R. Tarjan, SIAM J. Comput. 1,
    146 (1972)): within a part everything acts on everything, between parts only one way.

    Args:
        A: drift, real, shape (…, n, n), in any unit of frequency. JAX arrays are taken too, and
            traced ones; derivatives are those of a simple eigenvalue, ℓ dA r with ℓ r = 1 and its
            change, and NaN at an exceptional point.

    Returns:
        Rates of shape (…), in the unit of A; negative where the system is stable, NaN where
        A is not finite.

    >>> float(growth([[-1.0, 0.0], [5.0, -2.0]]))
    -1.0
    """
    if is_traced(A):
        from .solve_host import growth as traced

        return traced(_square("A", A, namespace(A)))
    A = _square("A", np.asarray(A) if namespace(A) is not np else A, np)
    return growth_rates(A.reshape(-1, *A.shape[-2:])).reshape(A.shape[:-2])[()]


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


def _check_values(A: Any, D: Any) -> None:
    """The checks of values, for JAX arrays that have them."""
    if not is_traced(D):
        d = np.asarray(D)
        size = np.abs(d).max((-1, -2), initial=0)
        with np.errstate(invalid="ignore"):  # of ∞ − ∞, at points that will be NaN
            skew = np.abs(d - np.swapaxes(d, -1, -2)).max((-1, -2), initial=0)
        if np.any(skew > 1e-9 * size):
            raise skewed(d)
    for X in (A, D):
        if X.ndim == 2 and A.ndim == D.ndim and not is_traced(X) and not np.isfinite(X).all():
            raise not_finite(np.asarray(A), np.asarray(D))
