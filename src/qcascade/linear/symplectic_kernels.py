"""Numba kernels of `qcascade.uncertainty` and `symplectic`: one pass over many covariances.

The first two work on C_jk = V_jk/√(V_jj V_kk), in which a hot mode has the scale of a cold one. All
read the lower triangle of V only, and judge every point by itself.
"""

from typing import Any

import numpy as np
from numba.core import types

from ..base import compiling as numba

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
                remainder = V[j, k] * scale[j] * scale[k] + 0j
                if j - k == 1 and k % 2 == 0:  # Ω_pq = −1 below the diagonal of a mode
                    remainder -= 0.5j * scale[j] * scale[k]
                for i in range(k):
                    remainder -= factor[j, i] * factor[k, i].conjugate()
                factor[j, k] = remainder / factor[k, k]
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
                remainder = V[j, k] * scale[j] * scale[k]
                for i in range(k):
                    remainder -= factor[j, i] * factor[k, i]
                factor[j, k] = remainder / factor[k, k]
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


@_jit(error_model="numpy", inline="always")
def _turn(k01, k02, k03, k12, k13, k23):
    """Unit quaternions a, b whose rotation x → a x b̄ makes an antisymmetric 4×4 matrix two blocks.

    An antisymmetric 4×4 matrix is x → −(u x + x w), with imaginary quaternions u and w. The
    rotation turns u and w to ±i, each by less than a right angle, so that the larger block stays in
    its place. Returned are a₀, a₂, a₃, b₀, b₂, b₃; a₁ = b₁ = 0.
    """
    u1, u2, u3 = k01 + k23, k02 - k13, k03 + k12
    w1, w2, w3 = k01 - k23, k02 + k13, k03 - k12
    a0 = np.sqrt(u1 * u1 + u2 * u2 + u3 * u3) + abs(u1)
    b0 = np.sqrt(w1 * w1 + w2 * w2 + w3 * w3) + abs(w1)
    a2, a3 = (-u3, u2) if u1 >= 0 else (u3, -u2)
    b2, b3 = (-w3, w2) if w1 >= 0 else (w3, -w2)
    a, b = np.sqrt(a0 * a0 + a2 * a2 + a3 * a3), np.sqrt(b0 * b0 + b2 * b2 + b3 * b3)
    if a > 0:
        a0, a2, a3 = a0 / a, a2 / a, a3 / a
    else:
        a0 = 1.0
    if b > 0:
        b0, b2, b3 = b0 / b, b2 / b, b3 / b
    else:
        b0 = 1.0
    return a0, a2, a3, b0, b2, b3


@_jit(error_model="numpy")
def _rotate_pair(X, signs, p, q):
    """One step of Jacobi's method on rows of X, which are columns of L: no block (p, q) is left.

    Returned is the block that LᵀΩL had there, relative to both levels.
    """
    n = X.shape[0]
    c0, c1, c2, c3 = X[2 * p], X[2 * p + 1], X[2 * q], X[2 * q + 1]
    k01 = k02 = k03 = k12 = k13 = k23 = 0.0
    for m in range(n // 2):
        s, x, y = signs[m], 2 * m, 2 * m + 1
        k01 += s * (c0[x] * c1[y] - c0[y] * c1[x])
        k02 += s * (c0[x] * c2[y] - c0[y] * c2[x])
        k03 += s * (c0[x] * c3[y] - c0[y] * c3[x])
        k12 += s * (c1[x] * c2[y] - c1[y] * c2[x])
        k13 += s * (c1[x] * c3[y] - c1[y] * c3[x])
        k23 += s * (c2[x] * c3[y] - c2[y] * c3[x])
    between = max(abs(k02), abs(k03), abs(k12), abs(k13))
    if not between > 0:
        return 0.0
    a0, a2, a3, b0, b2, b3 = _turn(k01, k02, k03, k12, k13, k23)
    # The columns of the matrix of x → a x b̄.
    q00, q11 = a0 * b0 + (a2 * b2 + a3 * b3), a0 * b0 - (a2 * b2 + a3 * b3)
    q22, q33 = a0 * b0 + (a2 * b2 - a3 * b3), a0 * b0 - (a2 * b2 - a3 * b3)
    within, across = a3 * b2 - a2 * b3, a3 * b2 + a2 * b3
    q02, q03, q12, q13 = a0 * b2 - a2 * b0, a0 * b3 - a3 * b0, -a0 * b3 - a3 * b0, a0 * b2 + a2 * b0
    for m in range(n):
        x0, x1, x2, x3 = c0[m], c1[m], c2[m], c3[m]
        c0[m] = q00 * x0 + within * x1 - q02 * x2 - q03 * x3
        c1[m] = within * x0 + q11 * x1 - q12 * x2 - q13 * x3
        c2[m] = q02 * x0 + q12 * x1 + q22 * x2 + across * x3
        c3[m] = q03 * x0 + q13 * x1 + across * x2 + q33 * x3
    both = np.sqrt(abs(k01 * k23 - k02 * k13 + k03 * k12))  # their product does not change
    return between / both if both > 0 else 1.0


@_jit(error_model="numpy")
def _ordered_factor(V, rows, order, squeeze, X):
    """Cholesky factor of V with loud modes first, x and p of each alike; transposed, into X."""
    n = len(rows)
    for k in range(n // 2):
        x, p = V[rows[2 * k], rows[2 * k]], V[rows[2 * k + 1], rows[2 * k + 1]]
        order[k] = k
        squeeze[k] = np.sqrt(np.sqrt(p / x))
        # Insertion: the product of both variances is what no local unit changes.
        j = k
        while j > 0:
            before = order[j - 1]
            var_x = V[rows[2 * before], rows[2 * before]]
            if not var_x * V[rows[2 * before + 1], rows[2 * before + 1]] < x * p:
                break
            order[j] = before
            j -= 1
        order[j] = k
    for j in range(n):
        a = order[j // 2]
        row, unit = rows[2 * a + j % 2], squeeze[a] if j % 2 == 0 else 1 / squeeze[a]
        for k in range(j + 1):
            b = order[k // 2]
            column, other = rows[2 * b + k % 2], squeeze[b] if k % 2 == 0 else 1 / squeeze[b]
            low, high = (row, column) if row >= column else (column, row)
            remainder = V[low, high] * unit * other
            for i in range(k):
                remainder -= X[i, j] * X[i, k]
            if k < j:
                X[k, j] = remainder / X[k, k]
                X[j, k] = 0.0
            elif remainder > 0:
                X[j, j] = np.sqrt(remainder)
            else:
                return False
    return True


SWEEPS = 40  # of Jacobi's method, which takes six or seven


@_jit(
    types.void(
        _COVARIANCES,
        types.intp[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.float64[:, :, ::1],
    ),
    error_model="numpy",
    nogil=True,
    cache=True,
)
def williamson_points(cov, rows, signs, levels, weights, modes):
    """Williamson's form of many covariances: V = X Xᵀ with XᵀΩX = ⊕ ν_k [[0, 1], [−1, 0]].

    Jacobi's method for antisymmetric matrices (M. H. C. Paardekooper, Numer. Math. 17, 189 (1971)),
    from one side: rotations of columns of the Cholesky factor. The products LᵀΩL are taken anew for
    every rotation, so quiet modes keep their digits beside loud ones.

    cov: (points, 2M, 2M), of which `rows` (2N) are read; signs: (N) of Ω; levels: ν_k, ascending,
    (points, N); weights: their shares of Tr C⁻¹, (points, N); modes: X, (points, 2N, 2N). NaN where
    V is not positive definite.
    """
    n = len(rows)
    N = n // 2
    X, order, squeeze = np.empty((n, n)), np.empty(N, np.intp), np.empty(N)
    turned, nu, share = np.empty(N), np.empty(N), np.empty(N)
    for point in range(len(cov)):
        V = cov[point]
        if not _ordered_factor(V, rows, order, squeeze, X):
            levels[point] = np.nan
            weights[point] = np.nan
            modes[point] = np.nan
            continue
        for k in range(N):
            turned[k] = signs[order[k]]
        before = np.inf
        for _ in range(SWEEPS):
            largest = 0.0
            for p in range(N - 1):
                for q in range(p + 1, N):
                    largest = max(largest, _rotate_pair(X, turned, p, q))
            # Convergence is quadratic; where squeezing has used up digits, it ends above them.
            if largest < 1e-8 or (largest < 1e-4 and largest > before / 4):
                break
            before = largest
        for k in range(N):
            level, noise = 0.0, 0.0
            for m in range(N):
                a, x, y = order[m], 2 * m, 2 * m + 1
                xx, xp, yx, yp = X[2 * k, x], X[2 * k, y], X[2 * k + 1, x], X[2 * k + 1, y]
                level += turned[m] * (xx * yp - xp * yx)
                var_x = V[rows[2 * a], rows[2 * a]] * squeeze[a] ** 2
                var_p = V[rows[2 * a + 1], rows[2 * a + 1]] / squeeze[a] ** 2
                noise += var_x * (xp * xp + yp * yp) + var_p * (xx * xx + yx * yx)
            nu[k] = abs(level)
            if level < 0:  # p the other way around
                for m in range(n):
                    X[2 * k + 1, m] = -X[2 * k + 1, m]
            share[k] = noise / level**2
        rank = np.argsort(nu)
        for k in range(N):
            j = rank[k]
            levels[point, k], weights[point, k] = nu[j], share[j]
            for m in range(N):
                a = order[m]
                for c in range(2):
                    modes[point, 2 * a, 2 * k + c] = X[2 * j + c, 2 * m] / squeeze[a]
                    modes[point, 2 * a + 1, 2 * k + c] = X[2 * j + c, 2 * m + 1] * squeeze[a]
