"""Terms of Chebyshev's expansion of e^{Lt}: their coefficients, and the recurrence in one pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import compiling as numba
from ..base.threads import cores, spread

Apply = Callable[..., np.ndarray]
"""L: `apply(x, out=array)` writes Lx into `out` and returns it."""

EPSILON = float(np.finfo(float).eps)
TRUNCATION, ROUNDING = 0.05, 0.5  # parts of the tolerance; digits are cheaper than long steps
SAFETY = 8.0  # rounding errors of one step, over those of its largest single term
PIECE = 2048  # numbers at a time: a few arrays of them stay in the fastest cache
THREADED = 1 << 18  # numbers that are worth a second thread


def coefficients(z: np.ndarray) -> np.ndarray:
    """c_k(z) of e^{−z(1 − y)} = Σ_k c_k T_k(y), down to where they vanish: shape (m, K).

    Args:
        z: half of width times time, shape (m,).
    """
    from scipy.special import ive

    # c_k falls like e^{−k²/2z}, which is e^{−95} at k = √(190z); for small z, like (z/2)ᵏ/k!.
    last = int(np.ceil(np.sqrt(190 * np.max(z, initial=0.0)))) + 40
    table = 2 * ive(np.arange(last), np.asarray(z, float)[:, None])
    table[:, 0] /= 2
    return table


def advance(
    apply: Apply,
    buffers: list[np.ndarray],
    width: float,
    scale: float,
    states: np.ndarray | None = None,
    which: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> float:
    """One term of the recurrence, scale·A T_k − T_{k−1}, added to the chosen states; its norm.

    `buffers` hold T_k, T_{k−1} and room for L T_k; the new term takes the place of T_{k−1} and
    becomes the first.
    """
    current, previous, image = buffers
    apply(current, out=image)
    # Complex numbers count as pairs of real ones: A and the weights are real.
    flat = [a.view(np.float64) for a in (image, current, previous)]
    if states is None or which is None or weights is None:
        rows, which, weights = np.empty((0, 0)), np.empty(0, np.int64), np.empty(0)
    else:
        rows = states.view(np.float64)
    a, size = 2 * scale / width, len(flat[0])
    # Memory is what a pass waits for: a few threads use all that it can bring. Each has its own sum
    # of squares, added in the order of the pieces.
    threads = min(cores(), 4) if size >= THREADED else 1
    cuts = [size * j // threads for j in range(threads + 1)]
    jobs = [(*flat, a, scale, rows, which, weights, *cuts[j : j + 2]) for j in range(threads)]
    squares = spread(lambda job: _fused(*job), jobs)
    buffers[:2] = previous, current
    return float(np.sqrt(sum(squares)))


@numba.njit(nogil=True, error_model="numpy", fastmath={"contract", "reassoc"}, cache=True)
def _fused(
    image: Any,
    current: Any,
    previous: Any,
    a: Any,
    b: Any,
    rows: Any,
    which: Any,
    weights: Any,
    start: Any,
    stop: Any,
) -> Any:
    """previous ← a·image + b·current − previous and rows += weights·previous, in one pass.

    Piece by piece, so that what was just computed is still in the cache when it is added.
    """
    square = 0.0
    for low in range(start, stop, PIECE):
        high = min(low + PIECE, stop)
        for i in range(low, high):
            value = a * image[i] + b * current[i] - previous[i]
            previous[i] = value
            square += value * value
        for j in range(len(which)):
            row, weight = rows[which[j]], weights[j]
            for i in range(low, high):
                row[i] += weight * previous[i]
    return square
