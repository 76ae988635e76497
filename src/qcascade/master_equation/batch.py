"""Steady states of a batch of master equations with the same words.

(L + c Tr) ρ = c is solved for all points at once, by the inverse of dense matrices and one step of
refinement. Where that does not surely leave an error below `CLEAR` (rates far apart, a second
steady state), and where ρ is large, each point is solved for itself.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, DegenerateError, UnstableError
from ..hilbert.cutoffs import overflowing
from ..hilbert.states import DensityState
from .layout import Layout
from .stationary import FEW
from .superoperator import Superoperator

if TYPE_CHECKING:
    from .model import LindbladModel

CLEAR = 1e-11
"""Estimated error (Frobenius norm) up to which dense matrices in double precision do."""

AT_ONCE = 2**22
"""Numbers of all matrices that are inverted together."""

EPSILON = float(np.finfo(float).eps)


def steady_batch(
    model: "LindbladModel", solve: Callable[["LindbladModel"], DensityState]
) -> DensityState:
    """The steady state at every point; NaN, and not `stable`, where there is none to be told.

    Args:
        model: a batch.
        solve: the steady state of one point.
    """
    space, count = model.space, int(np.prod(model.shape))
    # Neither mirror nor reality: what they hide might be a second steady state.
    layout = Layout(space, None, False)
    cut = overflowing(space, model.H, model.jumps, model.shape).ravel()
    x = np.full((count, layout.size), np.nan, complex)
    numbers = {
        name: np.full(count, np.nan)
        for name in ("residual", "relative_residual", "estimated_error")
    }
    solved = np.zeros(count, bool)
    if space.elements <= FEW:
        L = Superoperator(layout, tuple(model.terms.values))
        f = model.terms.table(L.features).reshape(count, len(L.features))
        scale = model.terms.largest.reshape(count)
        many = max(1, AT_ONCE // L.coordinates.size**2)
        for k in range(0, count, many):
            some = np.flatnonzero(~cut[k : k + many]) + k
            if len(some):
                _direct(L, f[some], scale[some], some, x, numbers, solved)
    iterations, told = np.zeros(count, int), dict[str, None]()
    for k in np.flatnonzero(~solved & ~cut):
        try:
            state = solve(model[np.unravel_index(k, model.shape)])
        except (ConvergenceError, DegenerateError, UnstableError):
            continue
        told |= dict.fromkeys(state.info.get("warnings", ()))
        x[k] = layout.packed(state.blocks)
        for name, values in numbers.items():
            values[k] = state.info.get(name, np.nan)
        iterations[k], solved[k] = state.info["iterations"], True
    info: dict[str, Any] = {name: v.reshape(model.shape) for name, v in numbers.items()}
    info |= {"iterations": iterations.reshape(model.shape), "warnings": tuple(told)}
    info |= {"stable": solved.reshape(model.shape)}
    return DensityState(space, layout.blocks(x.reshape(*model.shape, layout.size)), info)


def _direct(
    L: Superoperator,
    f: np.ndarray,
    scale: np.ndarray,
    some: np.ndarray,
    x: np.ndarray,
    numbers: dict[str, np.ndarray],
    solved: np.ndarray,
) -> None:
    """Solve some points at once, and keep those whose error is surely small."""
    matrix, one = L.dense(f), L.trace
    largest = np.abs(matrix).max(axis=-1, keepdims=True)
    # Rows divided by a power of two: a slow mode's equation counts as much as a fast one's.
    rows = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))
    c = one / np.sqrt(one.sum())
    equation = matrix / rows + np.outer(c, one)
    try:
        inverse = np.linalg.inv(equation)
    except np.linalg.LinAlgError:  # one of them is singular
        for half in np.array_split(np.arange(len(some)), 2) if len(some) > 1 else ():
            _direct(L, f[half], scale[half], some[half], x, numbers, solved)
        return
    y = inverse @ c
    y = y + np.einsum("pij,pj->pi", inverse, c - np.einsum("pij,pj->pi", equation, y))
    with np.errstate(all="ignore"):
        y /= (y @ one)[:, None]
        gain = np.linalg.norm(inverse, axis=(-2, -1))
        weights = np.sqrt(L.weights)
        size = np.linalg.norm(weights * y, axis=-1)
        error = 2 * EPSILON * np.sqrt(len(one)) * gain * size
        moved = np.linalg.norm(weights * np.einsum("pij,pj->pi", matrix, y), axis=-1)
    clear = error < CLEAR
    chosen = some[clear]
    x[chosen] = L.coordinates.states(y[clear])
    residual = (moved / size)[clear]
    numbers["residual"][chosen] = residual
    numbers["relative_residual"][chosen] = residual / scale[clear]
    numbers["estimated_error"][chosen] = error[clear]
    solved[chosen] = True
