"""Numba kernels of `qcascade.uncertainty`: one pass over many covariances.

Each works on C_jk = V_jk/√(V_jj V_kk), in which a hot mode has the scale of a cold one. They read
the lower triangle of V only, and judge every point by itself.
"""

from typing import Any

import numba
import numpy as np
from numba.core import types

# One compiled version for every memory layout, and for arrays that must not be written to.
_COVARIANCES = types.Array(types.float64, 3, "A", readonly=True)
_jit: Any = numba.njit


@_jit(
    types.void(_COVARIANCES, types.float64, types.boolean[::1]),
    error_model="numpy",
    nogil=True,
    cache=True,
)
def physical_points(cov, slack, physical):
    """Whether C + iΩ̂/2 + slack·1 has a Cholesky factor, for every point, into `physical`."""
    n = cov.shape[1]
    factor = np.empty((n, n), np.complex128)
    scale = np.empty(n)
    for p in range(len(cov)):
        V = cov[p]
        for j in range(n):
            scale[j] = 1 / np.sqrt(V[j, j])  # NaN or infinite where there is no variance
        physical[p] = True
        for j in range(n):
            # Row by row: what is left of the diagonal shows a negative eigenvalue first.
            for k in range(j):
                rest = V[j, k] * scale[j] * scale[k] + 0j
                if j - k == 1 and k % 2 == 0:  # Ω_pq = −1 below the diagonal of a mode
                    rest -= 0.5j * scale[j] * scale[k]
                for i in range(k):
                    rest -= factor[j, i] * factor[k, i].conjugate()
                factor[j, k] = rest / factor[k, k]
            pivot = V[j, j] * scale[j] * scale[j] + slack
            for i in range(j):
                pivot -= factor[j, i].real ** 2 + factor[j, i].imag ** 2
            if not (pivot > 0 and pivot < np.inf):
                physical[p] = False
                break
            factor[j, j] = np.sqrt(pivot)


@_jit(types.void(_COVARIANCES, types.float64[::1]), error_model="numpy", nogil=True, cache=True)
def resolution_points(cov, traces):
    """Tr C⁻¹ = Σ (L⁻¹)_jk² with C = L Lᵀ, for every point, into `traces`; infinite without one."""
    n = cov.shape[1]
    factor = np.empty((n, n))
    inverse = np.empty((n, n))
    scale = np.empty(n)
    for p in range(len(cov)):
        V = cov[p]
        for j in range(n):
            scale[j] = 1 / np.sqrt(V[j, j])
        trace = 0.0
        for j in range(n):
            for k in range(j):
                rest = V[j, k] * scale[j] * scale[k]
                for i in range(k):
                    rest -= factor[j, i] * factor[k, i]
                factor[j, k] = rest / factor[k, k]
            pivot = V[j, j] * scale[j] * scale[j]
            for i in range(j):
                pivot -= factor[j, i] ** 2
            if not (pivot > 0 and pivot < np.inf):
                trace = np.inf
                break
            factor[j, j] = np.sqrt(pivot)
            inverse[j, j] = 1 / factor[j, j]
            trace += inverse[j, j] ** 2
            for k in range(j):
                total = 0.0
                for i in range(k, j):
                    total -= factor[j, i] * inverse[i, k]
                inverse[j, k] = total / factor[j, j]
                trace += inverse[j, k] ** 2
        traces[p] = trace
