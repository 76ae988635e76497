"""Numba kernel of `qcascade.symplectic`: the symplectic spectrum of many pairs of modes.

One pass over the covariances instead of fifty over arrays of their elements. The formulas are
those of `symplectic.cholesky` and `symplectic.spectrum_of_factor`, operation by operation and in
their order, so that both give the same bits and a map does not depend on how it is cut into chunks.
"""

from typing import Any

import numpy as np
from numba.core import types

from ..base import compiling as numba

# One compiled version for every memory layout, and for arrays that must not be written to.
_COVARIANCES = types.Array(types.float64, 3, "A", readonly=True)
_SIGNATURE = types.void(_COVARIANCES, types.intp, types.intp, types.float64, types.float64[:, ::1])
_EPS = float(np.finfo(float).eps)
_jit: Any = numba.njit


@_jit(error_model="numpy", inline="always")
def _root(square, otherwise):
    return otherwise if square <= 0 else np.sqrt(square)


@_jit(_SIGNATURE, error_model="numpy", nogil=True, cache=True)
def levels_of_pairs(cov, a, b, sign, levels):
    """ν₋, ν₊ and ε Tr C⁻¹ of the modes whose x are rows a and b, with Ω = Ω_a ⊕ sign Ω_b.

    cov: (points, 2N, 2N), of which the lower triangle of the two modes is read; levels:
    (points, 3). NaN where V is not positive definite.
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
        k12 = first + sign * (l20 * l31 - l30 * l21)
        k13, k23 = sign * (l20 * l32 - l30 * l22), sign * (l21 * l32 - l31 * l22)
        k14, k24, k34 = sign * l20 * l33, sign * l21 * l33, sign * l22 * l33
        x, y, z = k12 + k34, k13 - k24, k14 + k23
        u = _root(x * x + y * y + z * z, 0.0) / 2
        x, y, z = k12 - k34, k13 + k24, k14 - k23
        w = _root(x * x + y * y + z * z, 0.0) / 2
        levels[p, 0] = first * l22 * l33 / (u + w)
        levels[p, 1] = u + w
        m00, m11, m22, m33 = 1 / l00, 1 / l11, 1 / l22, 1 / l33
        m10, m21, m32 = -(l10 * m00) * m11, -(l21 * m11) * m22, -(l32 * m22) * m33
        m20 = -(l20 * m00 + l21 * m10) * m22
        m31 = -(l31 * m11 + l32 * m21) * m33
        m30 = -(l30 * m00 + l31 * m10 + l32 * m20) * m33
        x = V[a, a] * (m00 * m00 + m10 * m10 + m20 * m20 + m30 * m30)
        y = V[a + 1, a + 1] * (m11 * m11 + m21 * m21 + m31 * m31)
        z = V[b, b] * (m22 * m22 + m32 * m32)
        levels[p, 2] = _EPS * (x + y + z + V[b + 1, b + 1] * (m33 * m33))


@_jit(
    types.void(
        types.Array(types.float64, 3, "C", readonly=True),
        types.Array(types.float64, 1, "C", readonly=True),
        types.Array(types.float64, 3, "C", readonly=True),
        types.float64[:, :, :, ::1],
    ),
    error_model="numpy",
    nogil=True,
    cache=True,
)
def slopes_of_levels(X, signs, weights, slopes):
    """Sums Σ_k w_k ∂ν_k/∂V, several with weights of their own, from V = X Xᵀ, XᵀΩX = ⊕ ν_k J.

    X⁻¹ = (⊕ ν_k J)⁻¹ XᵀΩ, and a change of V changes ν_k by half the trace of its block in
    ν_k X⁻¹ dV X⁻ᵀ, that is by Σ_c y_c dV y_c/2ν_k over the two columns y of ΩᵀX.

    X: (points, 2N, 2N); signs: (N) of Ω; weights: w_k/2ν_k, (points, sums, N), 0 where X is NaN;
    slopes: (points, sums, 2N, 2N).
    """
    n = X.shape[1]
    Y = np.empty((n, n))
    for p in range(len(X)):
        for k in range(n // 2):
            for c in range(n):
                Y[2 * k, c] = -signs[k] * X[p, 2 * k + 1, c]
                Y[2 * k + 1, c] = signs[k] * X[p, 2 * k, c]
        for m in range(weights.shape[1]):
            slopes[p, m] = 0.0
            for k in range(n // 2):
                w = weights[p, m, k]
                if w == 0.0:
                    continue
                for i in range(n):
                    a, b = w * Y[i, 2 * k], w * Y[i, 2 * k + 1]
                    for j in range(n):
                        slopes[p, m, i, j] += a * Y[j, 2 * k] + b * Y[j, 2 * k + 1]
