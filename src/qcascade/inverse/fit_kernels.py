"""Numba kernels of `qcascade.inverse`: Levenberg–Marquardt for one graph after another.

One row of a batch is one optimisation: a graph (which parameters are free) and a start. Drift and
diffusion are polynomials of second degree in the real parameters θ,

    A = Σ_t c_t θ_p θ_q E_ij,        D likewise,        θ_P = 1,

so that derivatives are one product a term. What is wanted are residuals r(θ) = 0:

* of a steady state: A V + V Aᵀ + D = 0 is solved for the ½n(n+1) entries of V by one LU
  factorisation, and r_k = ⟨W_k, V⟩ − t_k. With the adjoint Lᵀ y_k = w_k of the same equation
  L v = −d, dr_k = −y_kᵀ(dL v + dd) for every parameter at once: one more substitution a residual,
  however many couplings there are;
* of a steady state that is known as a whole: A V + V Aᵀ + D = 0 itself, weighted to L⁻¹(…)L⁻ᵀ with
  V = L Lᵀ. Where all couplings are Hamiltonians it is linear, and one step finds the answer or
  proves that there is none;
* of scattering: T(ω) = 1 − √κ R √κ with R = (−iω − A)⁻¹, and dT = −√κ R dA R √κ.

A step solves (J Jᵀ + λ) u = −r, δ = Jᵀu: in the space of residuals, of which there are few. It is
the shortest step, so directions that change nothing (phases of modes) are left alone.
"""

import numpy as np

from ..base.compiling import inner, kernel
from .targets import COVARIANCE, ENTANGLEMENT, SCATTERING, STATIONARY

STEPS = 80
"""Steps of one optimisation, at most."""
WEAK = 0.98
"""The sum of squares must fall below this share of itself in `PATIENCE` steps, or it is over."""
PATIENCE = 10
ROUNDING = 1e-10
"""Largest |r_k| below which a step that does not help is the last."""
FLAT = 1e-4
"""A step that promises less than this share of the sum of squares is the end of an optimisation."""
SHRINKS = 8
"""Times that amplifying parameters of a start are halved until there is a steady state."""


@inner
def _polynomial(terms, factors, theta, matrix):
    """Σ_t c_t θ_p θ_q E_ij, for a matrix that is square."""
    matrix[:, :] = 0.0
    for t in range(len(factors)):
        matrix[terms[t, 2], terms[t, 3]] += factors[t] * theta[terms[t, 0]] * theta[terms[t, 1]]


@inner
def _factorise(matrix, pivots):
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
def _solve(lu, pivots, x):
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
def _solve_transposed(lu, pivots, x):
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
def _row(i, j, n):
    """Where entry (i, j) of a symmetric matrix stands among those with i ≤ j."""
    if i > j:
        i, j = j, i
    return i * n - i * (i - 1) // 2 + j - i


@inner
def _is_positive(V, work):
    """Whether V is positive definite, by Cholesky: with D ≥ 0, whether A is stable."""
    n = len(V)
    for i in range(n):
        for j in range(i + 1):
            total = V[i, j]
            for k in range(j):
                total -= work[i, k] * work[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                work[i, i] = np.sqrt(total)
            else:
                work[i, j] = total / work[j, j]
    return True


@inner
def _steady(A, D, V, lu, pivots, x, work):
    """V of A V + V Aᵀ + D = 0 with its factors in `lu`; False where there is no steady state."""
    n = len(A)
    lu[:, :] = 0.0
    for i in range(n):
        for j in range(i, n):
            row = _row(i, j, n)
            x[row] = -D[i, j]
            for k in range(n):
                lu[row, _row(k, j, n)] += A[i, k]
                lu[row, _row(k, i, n)] += A[j, k]
    if not _factorise(lu, pivots):
        return False
    _solve(lu, pivots, x)
    for i in range(n):
        for j in range(i, n):
            V[i, j] = x[_row(i, j, n)]
            V[j, i] = V[i, j]
    return _is_positive(V, work)


@inner
def _adjoint(weight, V, lu, pivots, x, y, work):
    """Ỹ V and y with Lᵀ y = w: dr = −Σ c (Ỹ V)_ij over dA = c E_ij, −Σ c y_ij over dD."""
    n = len(V)
    for i in range(n):
        for j in range(i, n):
            x[_row(i, j, n)] = weight[i, j] if i == j else weight[i, j] + weight[j, i]
    _solve_transposed(lu, pivots, x)
    for i in range(n):
        for j in range(n):
            y[i, j] = x[_row(i, j, n)]
    # Row (i, i) of L holds A_ik V_ki twice, all others each product once.
    for i in range(n):
        for j in range(n):
            total = y[i, i] * V[i, j]
            for k in range(n):
                total += y[i, k] * V[k, j]
            work[i, j] = total


@inner
def _margin(V, at, weight):
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
    _factorise(pair, pivots)
    for i in range(4):
        det *= pair[i, i] if pivots[i] == i else -pair[i, i]
        inverse[i, i] = 1.0
        _solve(pair, pivots, inverse[i])
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
def _invert(M, R):
    """R = M⁻¹ for a small complex matrix, by Gauss and Jordan; False where a pivot vanishes."""
    n = len(M)
    R[:, :] = 0.0
    for i in range(n):
        R[i, i] = 1.0
    for k in range(n):
        at = k
        for i in range(k + 1, n):
            if abs(M[i, k]) > abs(M[at, k]):
                at = i
        if not abs(M[at, k]) > 0.0:
            return False
        if at != k:
            for j in range(n):
                M[k, j], M[at, j] = M[at, j], M[k, j]
                R[k, j], R[at, j] = R[at, j], R[k, j]
        inverse = 1.0 / M[k, k]
        for j in range(n):
            M[k, j] *= inverse
            R[k, j] *= inverse
        for i in range(n):
            factor = M[i, k]
            if i != k and factor != 0.0:
                for j in range(n):
                    M[i, j] -= factor * M[k, j]
                    R[i, j] -= factor * R[k, j]
    return True


@inner
def _amplitudes(xx, xp, px, pp):
    """b_out = direct·b_in + conjugate·b_in† from the quadratures' 2 × 2 block."""
    return 0.5 * (xx + pp + 1j * (px - xp)), 0.5 * (xx - pp + 1j * (px + xp))


@inner
def _entry(R, roots, out, into):
    """The two amplitudes of one pair of ports, from R."""
    o, i = 2 * out, 2 * into
    scale = -roots[out] * roots[into]
    same = 1.0 if out == into else 0.0
    return _amplitudes(
        same + scale * R[o, i],
        scale * R[o, i + 1],
        scale * R[o + 1, i],
        same + scale * R[o + 1, i + 1],
    )


@inner
def _scattered(R, roots, ports, powers, r):
    """Four residuals a pair of ports: direct (|S|² − T or both parts of S), then conjugate."""
    for k in range(len(powers)):
        direct, conjugate = _entry(R, roots, ports[k, 0], ports[k, 1])
        if powers[k] > 0.0:
            # |S|² is smooth everywhere; near the target this is |S| − √T.
            r[4 * k] = 0.5 * (abs(direct) ** 2 - powers[k]) / np.sqrt(powers[k])
            r[4 * k + 1] = 0.0
        else:
            # |S|² would be flat at its zero, and steps would only halve what is left.
            r[4 * k], r[4 * k + 1] = direct.real, direct.imag
        r[4 * k + 2], r[4 * k + 3] = conjugate.real, conjugate.imag


@inner
def _scattered_slopes(R, roots, ports, powers, terms, factors, theta, J):
    """dr/dθ of `_scattered`: dT_ab = −√κ_a R_ai c R_jb √κ_b for every term of A."""
    J[:, :] = 0.0
    last = len(theta) - 1
    for k in range(len(powers)):
        out, into = ports[k, 0], ports[k, 1]
        direct, _ = _entry(R, roots, out, into)
        o, l = 2 * out, 2 * into
        scale = -roots[out] * roots[into]
        for t in range(len(factors)):
            p, q, i, j = terms[t, 0], terms[t, 1], terms[t, 2], terms[t, 3]
            if p == last and q == last:
                continue
            x, y, u, v = R[o, i], R[o + 1, i], R[j, l], R[j, l + 1]
            c = scale * factors[t]
            a, b = _amplitudes(c * x * u, c * x * v, c * y * u, c * y * v)
            if powers[k] > 0.0:
                size = (direct.conjugate() * a).real / np.sqrt(powers[k])
                parts = (size, 0.0, b.real, b.imag)
            else:
                parts = (a.real, a.imag, b.real, b.imag)
            for e in range(4):
                if p != last:
                    J[4 * k + e, p] += parts[e] * theta[q]
                if q != last:
                    J[4 * k + e, q] += parts[e] * theta[p]


@inner
def _state_slopes(k, yv, y, terms, factors, noise, strengths, theta, J):
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


@inner
def _stationary(A, D, L, work, r):
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
            r[_row(i, j, n)] = work[i, j] + work[j, i]


@inner
def _stationary_slopes(L, terms, factors, noise, strengths, theta, J):
    """dr/dθ of `_stationary`: c E_ab becomes c (L⁻¹)_ia L_bj, and the same turned over."""
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
                        row = _row(i, j, n)
                        if p != last:
                            J[row, p] += numbers[t] * slope * theta[q]
                        if q != last:
                            J[row, q] += numbers[t] * slope * theta[p]


@inner
def _bounded(theta, partner, largest):
    """Couplings no larger than `largest`, with the phase they have."""
    for p in range(len(partner)):
        q = partner[p]
        size = abs(theta[p]) if q < 0 else np.hypot(theta[p], theta[q])
        if size > largest[p] and (q < 0 or q > p):
            theta[p] *= largest[p] / size
            if q >= 0:
                theta[q] *= largest[p] / size


@inner
def _step(J, r, free, damping, normal, x, delta):
    """δ = Jᵀ u with (J Jᵀ + λ) u = −r, by Cholesky; only free parameters move."""
    K, P = J.shape
    for i in range(K):
        for j in range(i + 1):
            total = damping if i == j else 0.0
            for p in range(P):
                if free[p]:
                    total += J[i, p] * J[j, p]
            for k in range(j):
                total -= normal[i, k] * normal[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                normal[i, i] = np.sqrt(total)
            else:
                normal[i, j] = total / normal[j, j]
    for i in range(K):
        total = -r[i]
        for k in range(i):
            total -= normal[i, k] * x[k]
        x[i] = total / normal[i, i]
    for i in range(K - 1, -1, -1):
        total = x[i]
        for k in range(i + 1, K):
            total -= normal[k, i] * x[k]
        x[i] = total / normal[i, i]
    for p in range(P):
        total = 0.0
        if free[p]:
            for k in range(K):
                total += J[k, p] * x[k]
        delta[p] = total
    return True


@kernel
def optimise(
    thetas,
    free,
    terms,
    factors,
    noise,
    strengths,
    partner,
    amplifying,
    largest,
    kind,
    weights,
    wanted,
    at,
    roots,
    frequency,
    goal,
    costs,
    first,
    stop,
):
    """Rows first … stop of a batch: θ where each ended, and the largest |r_k| there.

    Args:
        thetas: starts (B, P + 1) with a 1 at the end; overwritten by the ends.
        free: (B, P), which parameters a graph has; the others are 0.
        terms, factors: A, rows (p, q, i, j) and c.
        noise, strengths: D, likewise.
        partner: the other part of a complex parameter, −1 for a real one.
        amplifying: whether a parameter can make the network unstable.
        largest: (P,), of every coupling's size.
        kind: COVARIANCE, ENTANGLEMENT, SCATTERING or STATIONARY.
        weights: W_k of a covariance, (K, n, n); L and L⁻¹ of a whole state.
        wanted: t_k of a covariance, powers of scattering, or the E_N.
        at: pairs of ports of scattering; or quadratures of the two modes.
        roots: √κ of the modes' own ports.
        frequency: ω of scattering.
        goal: |r_k| at which an optimisation is over.
        costs: (B,), largest |r_k|; infinite where there is no steady state.
        first, stop: rows.
    """
    P, n = thetas.shape[1] - 1, 2 * len(roots)
    m = n * (n + 1) // 2
    K = 4 * len(wanted) if kind == SCATTERING else m if kind == STATIONARY else len(wanted)
    A, D, V = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    work, y, yv = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    lu, pivots, x = np.empty((m, m)), np.empty(m, np.int64), np.empty(m)
    M, R = np.empty((n, n), np.complex128), np.empty((n, n), np.complex128)
    J, r, trial_r = np.zeros((K, P)), np.empty(K), np.empty(K)
    normal, u, delta, trial = np.empty((K, K)), np.empty(K), np.empty(P), np.empty(P + 1)
    weight = np.zeros((n, n))
    for b in range(first, stop):
        theta = thetas[b]
        damping, tries, stale = 1.0, 0, 0
        total, before = np.inf, np.inf
        trial[:] = theta
        step = 0
        while step < STEPS:
            # Residuals at the trial point.
            _polynomial(terms, factors, trial, A)
            alive = False
            if kind == SCATTERING:
                for i in range(n):
                    for j in range(n):
                        M[i, j] = -A[i, j]
                    M[i, i] -= 1j * frequency
                alive = _invert(M, R)
                if alive:
                    _scattered(R, roots, at, wanted, trial_r)
            else:
                _polynomial(noise, strengths, trial, D)
                if kind == STATIONARY:
                    alive = True
                    _stationary(A, D, weights, work, trial_r)
                else:
                    alive = _steady(A, D, V, lu, pivots, x, work)
                if alive and kind == ENTANGLEMENT:
                    margin = _margin(V, at[:, 0], weight)
                    alive = margin > -np.inf
                    trial_r[0] = max(wanted[0] - margin, 0.0)
                elif alive and kind == COVARIANCE:
                    for k in range(K):
                        value = -wanted[k]
                        for i in range(n):
                            for j in range(n):
                                value += weights[k, i, j] * V[i, j]
                        trial_r[k] = value
            value = np.inf
            if alive:
                value = 0.0
                for k in range(K):
                    value += trial_r[k] * trial_r[k]
            if not value < np.inf and total == np.inf:
                # No steady state at the start: half the gain.
                tries += 1
                if tries > SHRINKS:
                    break
                for p in range(P):
                    if amplifying[p]:
                        trial[p] *= 0.5
                continue
            step += 1
            if value < total:
                theta[:] = trial
                r[:] = trial_r
                total = value
                largest_r = 0.0
                for k in range(K):
                    largest_r = max(largest_r, abs(r[k]))
                costs[b] = largest_r
                if largest_r <= goal:
                    break
                stale += 1
                if stale == PATIENCE:
                    if total > WEAK * before:
                        break
                    before, stale = total, 0
                damping = max(damping * 0.2, 1e-14)
                # Slopes there, with the factors that the residuals left behind.
                if kind == SCATTERING:
                    _scattered_slopes(R, roots, at, wanted, terms, factors, theta, J)
                elif kind == STATIONARY:
                    _stationary_slopes(weights, terms, factors, noise, strengths, theta, J)
                else:
                    J[:, :] = 0.0
                    for k in range(K):
                        if kind == ENTANGLEMENT:
                            for i in range(n):
                                for j in range(n):
                                    weight[i, j] = -weight[i, j]
                            _adjoint(weight, V, lu, pivots, x, y, yv)
                        else:
                            _adjoint(weights[k], V, lu, pivots, x, y, yv)
                        _state_slopes(k, yv, y, terms, factors, noise, strengths, theta, J)
            else:
                damping *= 4.0
                # What an answer has left is rounding.
                if damping > 1e10 or costs[b] <= ROUNDING:
                    break
            if not _step(J, r, free[b], damping, normal, u, delta):
                break
            # What a step promises, −rᵀJδ: next to nothing at the bottom of a valley.
            promised = 0.0
            for k in range(K):
                for p in range(P):
                    promised -= r[k] * J[k, p] * delta[p]
            if promised < FLAT * total and damping <= 1e-2:
                break
            for p in range(P):
                trial[p] = theta[p] + delta[p]
            trial[P] = 1.0
            _bounded(trial, partner, largest)
