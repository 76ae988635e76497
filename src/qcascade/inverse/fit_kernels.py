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

from typing import NamedTuple

import numpy as np

from ..base.compiling import inner, kernel
from .scattering_kernels import invert, scattered, scattered_slopes
from .state_kernels import (
    adjoint,
    adjoint_slopes,
    factored,
    margin,
    polynomial,
    stationary,
    stationary_slopes,
    steady,
)
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
START, NEWTON = 5.0, 1e-2
"""Five times λ of the first step, and λ below which a step is as long as it can be."""
SHRINKS = 8
"""Times that amplifying parameters of a start are halved until there is a steady state."""


class Problem(NamedTuple):
    """What one row after another is about.

    Args:
        terms, factors: A, rows (p, q, i, j) and c.
        noise, strengths: D, likewise.
        partner: the other part of a complex parameter, −1 for a real one.
        amplifying: whether a parameter can make the network unstable.
        largest: (P,), of every coupling's size.
        weights: W_k of a covariance, (K, n, n); L and L⁻¹ of a whole state.
        wanted: t_k of a covariance, powers of scattering, or the E_N.
        at: pairs of ports of scattering; or quadratures of the two modes.
        roots: √κ of the modes' own ports.
    """

    terms: np.ndarray
    factors: np.ndarray
    noise: np.ndarray
    strengths: np.ndarray
    partner: np.ndarray
    amplifying: np.ndarray
    largest: np.ndarray
    weights: np.ndarray
    wanted: np.ndarray
    at: np.ndarray
    roots: np.ndarray


class Work(NamedTuple):
    """Room for one row: made once, since rows take microseconds."""

    A: np.ndarray
    D: np.ndarray
    V: np.ndarray
    square: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    lu: np.ndarray
    pivots: np.ndarray
    x: np.ndarray
    M: np.ndarray
    R: np.ndarray
    J: np.ndarray
    normal: np.ndarray
    u: np.ndarray


@inner
def _residuals(kind, problem, frequency, theta, w, r):
    """r(θ), and False where there is no steady state; what slopes need is left in `w`."""
    polynomial(problem.terms, problem.factors, theta, w.A)
    n = len(w.A)
    if kind == SCATTERING:
        for i in range(n):
            for j in range(n):
                w.M[i, j] = -w.A[i, j]
            w.M[i, i] -= 1j * frequency
        if not invert(w.M, w.R):
            return False
        scattered(w.R, problem.roots, problem.at, problem.wanted, r)
        return True
    polynomial(problem.noise, problem.strengths, theta, w.D)
    if kind == STATIONARY:
        stationary(w.A, w.D, problem.weights, w.square, r)
        return True
    if not steady(w.A, w.D, w.V, w.lu, w.pivots, w.x, w.square):
        return False
    if kind == ENTANGLEMENT:
        value = margin(w.V, problem.at[:, 0], w.weight)
        r[0] = max(problem.wanted[0] - value, 0.0)
        return value > -np.inf
    for k in range(len(r)):
        r[k] = -problem.wanted[k]
        for i in range(n):
            for j in range(n):
                r[k] += problem.weights[k, i, j] * w.V[i, j]
    return True


@inner
def _slopes(kind, problem, theta, w):
    """dr/dθ in `w.J`, at the point whose residuals were the last."""
    p = problem
    if kind == SCATTERING:
        scattered_slopes(w.R, p.roots, p.at, p.wanted, p.terms, p.factors, theta, w.J)
    elif kind == STATIONARY:
        table = (p.terms, p.factors, p.noise, p.strengths)
        stationary_slopes(p.weights, *table, theta, w.J)
    else:
        w.J[:, :] = 0.0
        for k in range(len(w.J)):
            if kind == COVARIANCE:
                w.weight[:, :] = p.weights[k]
            else:
                w.weight[:, :] *= -1.0  # what is asked for less the margin
            adjoint(w.weight, w.V, w.lu, w.pivots, w.x, w.y, w.square)
            table = (p.terms, p.factors, p.noise, p.strengths)
            adjoint_slopes(k, w.square, w.y, *table, theta, w.J)


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
            normal[i, j] = total
    if not factored(normal, normal):
        return False
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


@inner
def _promised(J, r, delta):
    """What a step promises to take from the sum of squares, −rᵀJδ."""
    total = 0.0
    for k in range(len(r)):
        for p in range(len(delta)):
            total -= r[k] * J[k, p] * delta[p]
    return total


@inner
def _sizes(r):
    """Sum of squares, and the largest |r_k|."""
    total, largest = 0.0, 0.0
    for k in range(len(r)):
        total += r[k] * r[k]
        largest = max(largest, abs(r[k]))
    return total, largest


@inner
def _descend(kind, problem, frequency, goal, theta, free, w, r, new, delta, trial):
    """θ taken to a minimum of Σ r²; the largest |r_k| there, infinite without a steady state."""
    # Residuals and slopes have one call each, which halves what there is to compile.
    P = len(delta)
    total, largest, before, damping, stale, shrinks = np.inf, np.inf, np.inf, START, 0, 0
    trial[:] = theta
    for _ in range(STEPS):
        alive = _residuals(kind, problem, frequency, trial, w, new)
        value, worst = _sizes(new)
        if alive and value < total:
            theta[:] = trial
            r[:] = new
            total, largest = value, worst
            if largest <= goal:
                break
            stale += 1
            if stale == PATIENCE:
                if total > WEAK * before:
                    break
                before, stale = total, 0
            damping = max(damping * 0.2, 1e-14)
            _slopes(kind, problem, theta, w)
        elif total == np.inf:
            # No steady state at the start: half the gain.
            shrinks += 1
            if shrinks > SHRINKS:
                break
            for p in range(P):
                if problem.amplifying[p]:
                    trial[p] *= 0.5
            continue
        else:
            damping *= 4.0
            # What an answer has left is rounding.
            if damping > 1e10 or largest <= ROUNDING:
                break
        if not _step(w.J, r, free, damping, w.normal, w.u, delta):
            break
        if damping <= NEWTON and _promised(w.J, r, delta) < FLAT * total:
            break
        for p in range(P):
            trial[p] = theta[p] + delta[p]
        trial[P] = 1.0
        _bounded(trial, problem.partner, problem.largest)
    return largest


@kernel
def optimise(thetas, free, problem, kind, frequency, goal, costs, first, stop):
    """Rows first … stop of a batch: θ where each ended, and the largest |r_k| there.

    Args:
        thetas: starts (B, P + 1) with a 1 at the end; overwritten by the ends.
        free: (B, P), which parameters a graph has; the others are 0.
        problem: what is wanted of what couplings.
        kind: COVARIANCE, ENTANGLEMENT, SCATTERING or STATIONARY.
        frequency: ω of scattering.
        goal: |r_k| at which an optimisation is over.
        costs: (B,), largest |r_k|; infinite where there is no steady state.
        first, stop: rows.
    """
    P, n = thetas.shape[1] - 1, 2 * len(problem.roots)
    m = n * (n + 1) // 2
    K = len(problem.wanted)
    if kind == SCATTERING:
        K *= 4
    elif kind == STATIONARY:
        K = m
    square = np.zeros((5, n, n))
    complex_square = np.zeros((2, n, n), np.complex128)
    w = Work(
        square[0],
        square[1],
        square[2],
        square[3],
        square[4],
        np.zeros((n, n)),
        np.empty((m, m)),
        np.empty(m, np.int64),
        np.empty(m),
        complex_square[0],
        complex_square[1],
        np.zeros((K, P)),
        np.empty((K, K)),
        np.empty(K),
    )
    r, new, delta, trial = np.empty(K), np.empty(K), np.empty(P), np.empty(P + 1)
    for b in range(first, stop):
        costs[b] = _descend(
            kind, problem, frequency, goal, thetas[b], free[b], w, r, new, delta, trial
        )
