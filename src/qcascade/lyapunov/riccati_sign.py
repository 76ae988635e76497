"""Numba kernel of riccati.py: the matrix sign of Hamiltonian matrices, many points at once.

The stable invariant subspace [1; V] of M is what 1 + sign(M) takes to zero (J. D. Roberts, Int. J.
Control 32, 677 (1980); N. J. Higham, Functions of Matrices, ch. 5). Newton's iteration

    M ← ½(c M + M⁻¹/c),    c = (‖M⁻¹‖/‖M‖)^½,

is that of sign.py, and so are the products and inverses, of several points side by side.
"""

import hashlib
from pathlib import Path
from typing import Any

from ..base import compiling as numba
from ..base.compiling import inner
from ..simd import matrices as lane_algebra
from ..simd import vectors as lanes
from ..simd.matrices import invert, square
from ..simd.vectors import anywhere, fma, get, load, memory, put, splat, sqrt, store, where

LIMIT = 60  # steps: enough for an eigenvalue 1e-12 away from the imaginary axis
WIDE = 8  # lanes: one AVX-512 register


def room(n: int) -> int:
    """Elements of work memory for covariances n×n: four matrices 2n×2n, and pivot rows."""
    return 18 * n * n + 2 * n


@inner
def _step(w, x, y, m, running):
    """One step at x, with the inverse at y; lanes that rest keep every bit. How far they went."""
    invert(w, x, y, m, y + m * m, y + 2 * m * m)
    c = sqrt(sqrt(square(w, y, m * m) / square(w, x, m * m)))
    keep, gain = splat(w, 0.5) * c, splat(w, 0.5) / c
    change = size = splat(w, 0.0)
    for i in range(m * m):
        old = load(w, x + i)
        new = where(running, fma(keep, old, gain * load(w, y + i)), old)
        store(w, x + i, new)
        change = fma(new - old, new - old, change)
        size = fma(new, new, size)
    return change, size


@inner
def _sign(w, x, y, m):
    """Replace M at x by its sign."""
    # A lane is a point. Those that have settled take every further step with the others and keep
    # their bits by `where`: M is not −1 at the end, as A is in sign.py, so nothing can stand in.
    one = splat(w, 1.0)
    running = splat(w, 0.0) < one
    for _ in range(LIMIT):
        change, size = _step(w, x, y, m, running)
        # The next step would change the square of that. NaN rests, too: it is not above anything.
        left = where(splat(w, 1e-16) * size < change, one, splat(w, 0.0))
        running = splat(w, 0.0) < left
        if not anywhere(running):
            break


@inner
def _covariance(w, x, y, n):
    """V at y from [S₁₂; S₂₂ + 1] V = −[S₁₁ + 1; S₂₁], in the sense of least squares.

    Either half may be singular, S₂₂ + 1 where no noise is left, S₁₂ where nothing is seen; the
    columns of both together never are.
    """
    m, one, zero = 2 * n, splat(w, 1.0), splat(w, 0.0)
    for i in range(0, 2 * n * n, m + 1):
        store(w, x + i, load(w, x + i) + one)
    for i in range(n * m + n, m * m, m + 1):
        store(w, x + i, load(w, x + i) + one)
    # Normal equations square the condition, and V has half its digits where that is bad: it is a
    # start only, whose digits Kleinman's steps bring back (riccati.py).
    normal, right, inverse = y, y + n * n, y + 2 * n * n
    for i in range(n):
        for j in range(n):
            own = known = zero
            for k in range(0, m * m, m):
                # k walks down the rows of M: columns of both halves are summed in one go.
                column = load(w, x + k + n + i)
                own = fma(column, load(w, x + k + n + j), own)
                known = fma(column, load(w, x + k + j), known)
            store(w, normal + i * n + j, own)
            store(w, right + i * n + j, zero - known)
    invert(w, normal, inverse, n, y + 3 * n * n, y + 4 * n * n)
    for i in range(n):
        for j in range(n):
            total = zero
            for k in range(n):
                total = fma(load(w, inverse + i * n + k), load(w, right + k * n + j), total)
            store(w, normal + i * n + j, total)


def _entry(sources: str) -> Any:
    """The only kernel that Python calls, compiled anew when any of its sources has changed.

    Numba looks for changes in this file only, but hashes what a function encloses.
    """

    @numba.njit(nogil=True, error_model="numpy", cache=True)
    def stable_subspaces(lane, M, V, first, last, work):
        """V of points first…last with [1; V] the stable subspace of M, `len(lane)` at a time.

        M: flat array of (points, 2n, 2n); V: (points, n, n); work: room(n)·len(lane) numbers.
        """
        if not sources:
            return
        width, w, n = len(lane), memory(work, lane), V.shape[-1]
        m = 2 * n
        for begin in range(first, last, width):
            for l in range(width):
                point = min(begin + l, last - 1)  # lanes left over repeat the last point
                for i in range(m * m):
                    put(w, i, l, M[point * m * m + i])
            _sign(w, 0, m * m, m)
            _covariance(w, 0, m * m, n)
            for l in range(min(width, last - begin)):
                for i in range(n):
                    for j in range(n):
                        upper = get(w, m * m + i * n + j, l)
                        lower = get(w, m * m + j * n + i, l)
                        V[begin + l, i, j] = (upper + lower) / 2

    return stable_subspaces


_FILES = (__file__, *(str(module.__file__) for module in (lanes, lane_algebra)))
stable_subspaces = _entry(
    hashlib.sha256(b"".join(Path(file).read_bytes() for file in _FILES)).hexdigest()
)
