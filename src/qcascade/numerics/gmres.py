"""GMRES for 1 + N, one cycle (Saad & Schultz, SIAM J. Sci. Stat. Comput. 7, 856 (1986))."""

from collections.abc import Callable
from typing import Any

import numpy as np


def smallest(H: Any, basis: Any) -> tuple[float, Any]:
    """min ‖v + N v‖ over unit vectors v of the Krylov space, and that vector.

    Args:
        H: projection (k + 1, k) of 1 + N on the basis.
        basis: orthonormal rows (k, n) or more.
    """
    _, singular, rows = np.linalg.svd(H)
    return float(singular[-1]), rows[-1] @ basis[: H.shape[1]]


def gmres(
    more: Callable[[Any], Any],
    r: Any,
    most: int,
    target: float,
    progress: Callable[[int, float], None],
    look: Callable[[Any, Any, float], bool] | None = None,
) -> tuple[Any, int]:
    """v that makes ‖r − v − N v‖ small, by one cycle of GMRES, and the steps taken.

    Args:
        more: v ↦ N v, linear, of real vectors.
        r: right-hand side (n,).
        most: most steps.
        target: norm to stop at.
        progress: called with the step and the norm.
        look: called with the projection of 1 + N, the basis and the norm; True ends the cycle.
    """
    basis, length = np.empty((most + 1, r.size)), float(np.linalg.norm(r))
    H, turns, g = np.zeros((most + 1, most)), np.zeros((most, 2)), np.zeros(most + 1)
    projection = np.zeros_like(H) if look else H
    basis[0], g[0], steps = r / length, length, 0
    for k in range(most):
        # One application of N makes one column of H: that is what costs here.
        # N and 1 + N span the same Krylov space; 1 is added to the projection only.
        w, h = _orthogonal(more(basis[k]), basis[: k + 1])
        H[: k + 1, k], H[k + 1, k], steps = h, np.linalg.norm(w), k + 1
        basis[k + 1] = w / (H[k + 1, k] or 1.0)
        broken = H[k + 1, k] < 1e-14 * np.linalg.norm(h)
        H[k, k] += 1
        projection[: k + 2, k] = H[: k + 2, k]
        _turn(H[:, k], turns, g, k)
        progress(steps, abs(g[k + 1]))
        if abs(g[k + 1]) <= target or broken:
            break
        if look and look(projection[: k + 2, : k + 1], basis, abs(g[k + 1])):
            break
    y = np.linalg.solve(H[:steps, :steps], g[:steps])
    return y @ basis[:steps], steps


def _orthogonal(w: Any, basis: Any) -> tuple[Any, Any]:
    """w without its components along the basis, and these; twice where much of w is lost."""
    # One pass leaves ε‖w‖ along the basis, which is much beside a w that is nearly in it: then a
    # second one takes that off, and two are always enough (Kahan and Parlett).
    before, h = np.linalg.norm(w), basis @ w
    w = w - h @ basis
    if np.linalg.norm(w) < 0.5 * before:
        again = basis @ w
        w, h = w - again @ basis, h + again
    return w, h


def _turn(column: Any, turns: Any, g: Any, k: int) -> None:
    """Keep the projection triangular by Givens rotations, and its right-hand side with it."""
    # Earlier turns first, in their order: they made the columns before this one triangular. |g_k+1|
    # is then the norm of the residual, without the residual.
    for i in range(k):
        c, s = turns[i]
        column[i], column[i + 1] = (
            c * column[i] + s * column[i + 1],
            c * column[i + 1] - s * column[i],
        )
    size = np.hypot(column[k], column[k + 1]) or 1.0
    c, s = column[k] / size, column[k + 1] / size
    turns[k], column[k], column[k + 1] = (c, s), size, 0.0
    g[k], g[k + 1] = c * g[k], -s * g[k]
