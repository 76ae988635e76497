"""Numba kernel of `qcascade.measures`: the partially transposed spectrum of many pairs of modes.

One pass over the covariances instead of fifty over arrays of their elements. The formulas are
those of `states.cholesky` and `states.spectrum`, operation by operation and in their order, so
that both give the same bits and a map does not depend on how it is cut into chunks.
"""

from typing import Any

import numpy as np
from numba.core import types

from . import compiling as numba

# One compiled version for every memory layout, and for arrays that must not be written to.
_COVARIANCES = types.Array(types.float64, 3, "A", readonly=True)
_SIGNATURE = types.void(_COVARIANCES, types.intp, types.intp, types.float64[:, ::1])
_jit: Any = numba.njit


@_jit(error_model="numpy", inline="always")
def _root(square, otherwise):
    return otherwise if square <= 0 else np.sqrt(square)


@_jit(_SIGNATURE, error_model="numpy", nogil=True, cache=True)
def transposed_pairs(cov, a, b, levels):
    """ν̃₋ and ν̃₊ of the modes whose x are rows a and b, second mode transposed, into `levels`.

    cov: (points, 2N, 2N), of which the lower triangle of the two modes is read; levels:
    (points, 2). NaN where V is not positive definite.
    """
    for p in range(len(cov)):
        V = cov[p]
        l00 = _root(V[a, a], np.nan)
        l10 = V[a + 1, a] / l00
        l11 = _root(V[a + 1, a + 1] - l10 * l10, np.nan)
        l20 = V[b, a] / l00
        l21 = (V[b, a + 1] - l20 * l10) / l11
        l22 = _root(V[b, b] - l20 * l20 - l21 * l21, np.nan)
        l30 = V[b + 1, a] / l00
        l31 = (V[b + 1, a + 1] - l30 * l10) / l11
        l32 = (V[b + 1, b] - l30 * l20 - l31 * l21) / l22
        l33 = _root(V[b + 1, b + 1] - l30 * l30 - l31 * l31 - l32 * l32, np.nan)
        first = l00 * l11
        k12 = first - (l20 * l31 - l30 * l21)
        k13, k23 = -(l20 * l32 - l30 * l22), -(l21 * l32 - l31 * l22)
        k14, k24, k34 = -l20 * l33, -l21 * l33, -l22 * l33
        x, y, z = k12 + k34, k13 - k24, k14 + k23
        u = _root(x * x + y * y + z * z, 0.0) / 2
        x, y, z = k12 - k34, k13 + k24, k14 - k23
        w = _root(x * x + y * y + z * z, 0.0) / 2
        levels[p, 0] = first * l22 * l33 / (u + w)
        levels[p, 1] = u + w
