"""Numba kernels of `qcascade.inverse`: residuals of steady states, and their slopes.

A V + V Aᵀ + D = 0 is solved as L v = −d for the ½n(n+1) entries of V: for up to six modes that is a
few thousand to a hundred thousand operations, less than any iteration, and its factors serve every
adjoint equation Lᵀ y = w as well.
"""

import numpy as np

from ..base.compiling import inner


@inner
def polynomial(terms, factors, theta, matrix):
    """Σ_t c_t θ_p θ_q E_ij, for a matrix that is square."""
    matrix[:, :] = 0.0
    for t in range(len(factors)):
        matrix[terms[t, 2], terms[t, 3]] += factors[t] * theta[terms[t, 0]] * theta[terms[t, 1]]


@inner
def factorise(matrix, pivots):
    """LU with partial pivoting, in place; False where a pivot vanishes."""
    m = len(matrix)
    for k in range(m):
        best, at = abs(matrix[k, k]), k
        for i in range(k + 1, m):
            if abs(matrix[i, k]) > best:
                best, at = abs(matrix[i, k]), i
        pivots[k] = at
        if not best > 0.0:
            return False
        if at != k:
            for j in range(m):
                matrix[k, j], matrix[at, j] = matrix[at, j], matrix[k, j]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, m):
            factor = matrix[i, k] * inverse
            matrix[i, k] = factor
            # Most rows of a sum of two small matrices have nothing in this column.
            if factor != 0.0:
                for j in range(k + 1, m):
                    matrix[i, j] -= factor * matrix[k, j]
    return True


@inner
def solve(lu, pivots, x):
    """L v = x in place, L = P⁻¹ lu."""
    m = len(lu)
    for k in range(m):
        at = pivots[k]
        x[k], x[at] = x[at], x[k]
    for i in range(m):
        total = x[i]
        for j in range(i):
            total -= lu[i, j] * x[j]
        x[i] = total
    for i in range(m - 1, -1, -1):
        total = x[i]
        for j in range(i + 1, m):
            total -= lu[i, j] * x[j]
        x[i] = total / lu[i, i]


@inner
def solve_transposed(lu, pivots, x):
    """Lᵀ y = x in place: the same factors, run through from the other side."""
    m = len(lu)
    for i in range(m):
        x[i] /= lu[i, i]
        for j in range(i + 1, m):
            x[j] -= lu[i, j] * x[i]
    for i in range(m - 1, -1, -1):
        for j in range(i):
            x[j] -= lu[i, j] * x[i]
    for k in range(m - 1, -1, -1):
        at = pivots[k]
        x[k], x[at] = x[at], x[k]


@inner
def row_of(i, j, n):
    """Where entry (i, j) of a symmetric matrix stands among those with i ≤ j."""
    if i > j:
        i, j = j, i
    return i * n - i * (i - 1) // 2 + j - i


@inner
def factored(V, L):
    """Cholesky's factor, V = L Lᵀ, in the lower half of L, which may be V; or False.

    False tells that V is not positive definite: of a steady state with D ≥ 0, that A is unstable.
    """
    n = len(V)
    for i in range(n):
        for j in range(i + 1):
            total = V[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                L[i, i] = np.sqrt(total)
            else:
                L[i, j] = total / L[j, j]
    return True


@inner
def steady(A, D, V, lu, pivots, x, work):
    """V of A V + V Aᵀ + D = 0 with its factors in `lu`; False where there is no steady state."""
    n = len(A)
    lu[:, :] = 0.0
    for i in range(n):
        for j in range(i, n):
            row = row_of(i, j, n)
            x[row] = -D[i, j]
            for k in range(n):
                lu[row, row_of(k, j, n)] += A[i, k]
                lu[row, row_of(k, i, n)] += A[j, k]
    if not factorise(lu, pivots):
        return False
    solve(lu, pivots, x)
    for i in range(n):
        for j in range(i, n):
            V[i, j] = x[row_of(i, j, n)]
            V[j, i] = V[i, j]
    return factored(V, work)


@inner
def adjoint(weight, V, lu, pivots, x, y, work):
    """Ỹ V and y with Lᵀ y = w: dr = −Σ c (Ỹ V)_ij over dA = c E_ij, −Σ c y_ij over dD."""
    n = len(V)
    for i in range(n):
        for j in range(i, n):
            x[row_of(i, j, n)] = weight[i, j] if i == j else weight[i, j] + weight[j, i]
    solve_transposed(lu, pivots, x)
    for i in range(n):
        for j in range(n):
            y[i, j] = x[row_of(i, j, n)]
    # Row (i, i) of L holds A_ik V_ki twice, all others each product once.
    for i in range(n):
        for j in range(n):
            total = y[i, i] * V[i, j]
            for k in range(n):
                total += y[i, k] * V[k, j]
            work[i, j] = total


@inner
def margin(V, at, weight):
    """−ln 2ν of two modes with quadratures `at`, and its derivative after V in `weight`.

    ν² = (Δ − s)/2 with s² = Δ² − 4 det V and Δ = det α + det β − 2 det γ (Vidal & Werner, PRA 65,
    032314 (2002)); written as 2 det V/(Δ + s).
    """
    pair, other = np.empty((4, 4)), np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            pair[i, j] = V[at[i], at[j]]
    Delta = 0.0
    for first, second, sign in ((0, 0, 1.0), (2, 2, 1.0), (0, 2, -2.0)):
        a, b = pair[first, second], pair[first, second + 1]
        c, d = pair[first + 1, second], pair[first + 1, second + 1]
        Delta += sign * (a * d - b * c)
        other[first, second] += sign * d
        other[first, second + 1] -= sign * c
        other[first + 1, second] -= sign * b
        other[first + 1, second + 1] += sign * a
    inverse, pivots, det = np.zeros((4, 4)), np.empty(4, np.int64), 1.0
    factorise(pair, pivots)
    for i in range(4):
        det *= pair[i, i] if pivots[i] == i else -pair[i, i]
        inverse[i, i] = 1.0
        solve(pair, pivots, inverse[i])
    # Where det V is that of rounding, or both ν are one, the slope is not told: no step is taken.
    s = np.sqrt(max(Delta * Delta - 4.0 * det, 0.0))
    if not det > 0.0 or not s > 1e-12 * Delta:
        return -np.inf
    nu = 2.0 * det / (Delta + s)
    weight[:, :] = 0.0
    for i in range(4):
        for j in range(4):
            slope = 0.5 * ((1.0 - Delta / s) * other[i, j] + 2.0 * det * inverse[j, i] / s)
            weight[at[i], at[j]] = -0.5 * slope / nu
    return -0.5 * np.log(4.0 * nu)


@inner
def stationary(A, D, L, work, r):
    """Residuals L⁻¹(A V + V Aᵀ + D)L⁻ᵀ = B + Bᵀ + L⁻¹D L⁻ᵀ with B = L⁻¹A L, for i ≤ j.

    `L` holds L and, behind it, L⁻¹.
    """
    n = len(A)
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                drift = 0.0
                for l in range(n):
                    drift += A[k, l] * L[0, l, j]
                noise = 0.0
                for l in range(j + 1):
                    noise += D[k, l] * L[1, j, l]
                total += L[1, i, k] * (drift + 0.5 * noise)
            work[i, j] = total
    for i in range(n):
        for j in range(i, n):
            r[row_of(i, j, n)] = work[i, j] + work[j, i]


@inner
def stationary_slopes(L, terms, factors, noise, strengths, theta, J):
    """dr/dθ of `stationary`: c E_ab becomes c (L⁻¹)_ia L_bj, and the same turned over."""
    J[:, :] = 0.0
    last, n = len(theta) - 1, L.shape[1]
    for part in range(2):
        table, numbers = (terms, factors) if part == 0 else (noise, strengths)
        for t in range(len(numbers)):
            p, q, a, b = table[t, 0], table[t, 1], table[t, 2], table[t, 3]
            if p == last and q == last:
                continue
            for i in range(n):
                for j in range(i, n):
                    if part == 0:
                        slope = L[1, i, a] * L[0, b, j] + L[1, j, a] * L[0, b, i]
                    else:
                        slope = 0.5 * (L[1, i, a] * L[1, j, b] + L[1, j, a] * L[1, i, b])
                    if slope != 0.0:
                        row = row_of(i, j, n)
                        if p != last:
                            J[row, p] += numbers[t] * slope * theta[q]
                        if q != last:
                            J[row, q] += numbers[t] * slope * theta[p]


@inner
def adjoint_slopes(k, yv, y, terms, factors, noise, strengths, theta, J):
    """Row k of dr/dθ from the adjoint."""
    last = len(theta) - 1
    for t in range(len(factors)):
        p, q = terms[t, 0], terms[t, 1]
        slope = -factors[t] * yv[terms[t, 2], terms[t, 3]]
        if p != last:
            J[k, p] += slope * theta[q]
        if q != last:
            J[k, q] += slope * theta[p]
    for t in range(len(strengths)):
        p, q, i, j = noise[t, 0], noise[t, 1], noise[t, 2], noise[t, 3]
        if i > j:
            continue
        slope = -strengths[t] * y[i, j]
        if p != last:
            J[k, p] += slope * theta[q]
        if q != last:
            J[k, q] += slope * theta[p]
