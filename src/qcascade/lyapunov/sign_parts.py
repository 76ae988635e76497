"""Block triangular structure of a drift for the kernel of sign.py, and where its numbers lie."""

from typing import Any, NamedTuple

import numpy as np

from ..base import compiling as numba
from ..simd.matrices import update
from ..simd.vectors import splat

LIMIT = 50  # steps: enough for an eigenvalue 1e-12 away from the imaginary axis
SKIP = 7  # elements between arrays; a multiple of 4096 bytes apart, they hinder each other


class Parts(NamedTuple):
    """Strongly connected parts of A, upstream first: its block triangles, shared by all points.

    Block I holds rows start[I]…start[I+1] of A[order][:, order]. To the left of its diagonal
    block, its row is nonzero in columns low[r]…high[r] for r in run[I]…run[I+1].
    """

    order: Any
    start: Any
    run: Any
    low: Any
    high: Any
    partner: Any  # the row of the other quadrature of a mode


class Workspace(NamedTuple):
    """Where things begin in the work array, counted in elements (of one number per lane)."""

    a: int  # drift, n×n
    d: int  # diffusion, n×n
    v: int  # covariance, n×n
    r: int  # residual and its correction, n×n
    x: int  # iterated diagonal blocks, one after the other
    u: int  # one block
    pivots: int  # which row each pivot came from
    scale: int  # c/2 and 1/2c of every step
    report: int  # numbers to be looked at lane by lane
    width: int  # √V_ii, the scale of row i
    rate: int  # (Σ_j A_ij² V_jj)^½, how fast row i moves by its own width
    inverse: int  # inverted diagonal blocks of every step
    size: int  # elements of all diagonal blocks
    stride: int  # from one step's inverses to the next
    end: int


def workspace(start: Any) -> Workspace:
    """The work array for blocks that begin at rows `start`."""
    n, blocks = int(start[-1]), np.diff(start)
    size, widest = int(np.sum(blocks**2)), int(blocks.max())
    stride = size + SKIP
    small = [size, widest**2, widest, 2 * LIMIT, 6, n, n, LIMIT * stride]
    sizes = np.array([n * n] * 4 + small) + SKIP
    begin = np.cumsum([0, *sizes[:-1]]).tolist()
    return Workspace._make([*begin, size, stride, int(sizes.sum())])


# Inlined, since a call would copy the whole parts, for a handful of products.
@numba.njit(error_model="numpy", inline="always")
def gather(w, parts, at, block, out, p, i, q, j, m, k, diagonal):
    """out ← out + Σ_K P_iK Q_jKᵀ over the nonzero A_iK of block row i; see `substitute`."""
    one, n = splat(w, 1.0), parts.start[-1]
    for r in range(parts.run[block], parts.run[block + 1]):
        low, depth = parts.low[r], parts.high[r] - parts.low[r]
        x, y = p + i * n + low, q + j * n + low
        update(w, out, n, one, one, x, n, y, n, m, k, depth, False)
    if diagonal:
        low = parts.start[block]
        x, y = p + i * n + low, q + j * n + low
        update(w, out, n, one, one, x, n, y, n, m, k, parts.start[block + 1] - low, False)
