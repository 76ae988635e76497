"""Large networks with little noise beyond the vacuum's: V = v₀·1 + ΔV, ΔV of low rank.

Passive modes in vacuum have V = ½·1, however they are coupled. What squeezed or heated modes
add obeys the same equation with a source that only they feel,

    A ΔV + ΔV Aᵀ + Q = 0,      Q = D + v₀(A + Aᵀ),

and where losses end the influence of a mode after some distance, ΔV = Z Y Zᵀ with few columns.
They come from the alternating-direction iteration for Q = W T Wᵀ with shifts p, Re p < 0,

    X = (A + p)⁻¹W,    W ← W − 2 Re(p) …,    Z ← (Z, X),

in which W T Wᵀ stays the residual (P. Benner, P. Kürschner, J. Saak, Numer. Algorithms 62, 225
(2013), for complex shifts in real arithmetic; Electron. Trans. Numer. Anal. 43, 142 (2014), for
shifts from the iteration itself; N. Lang, H. Mena, J. Saak, Linear Algebra Appl. 480, 44 (2015),
for indefinite T).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

SMALLEST = 400  # rows from which the iteration pays
SPARSE = 0.02  # share of nonzero elements of A, at most
SOURCES = 32  # largest rank of Q
SHARE = 3  # columns of Z, at most: this share of n
HOPELESS = 1e12  # residual, relative to Q, of an iteration that an unstable A drives apart
SMALL = 1e-15  # residual, relative to D, at which the iteration ends


def solve_low_rank(A: Any, D: Any) -> Any:
    """V of a large sparse system near vacuum; None where that does not pay or is not certain.

    A stable A is proven by Lyapunov's theorem: V > 0 and A V + V Aᵀ = R − D < 0.

    Args:
        A: drift, (n, n).
        D: diffusion, symmetric, (n, n).

    >>> solve_low_rank(-np.eye(2), np.eye(2))
    """
    from scipy.sparse import csc_array

    if len(A) < SMALLEST or np.count_nonzero(A) > SPARSE * A.size:
        return None
    level, small, drift = _level(A, D), SMALL * float(np.linalg.norm(D)), csc_array(A)
    source = _source(D + level * (A + A.T), small)
    if source is None:
        return None
    W, T = source
    columns = _columns(drift, W, T, small)
    if columns is None:
        return None
    Z, weight = columns
    V = level * np.eye(len(A)) + Z @ (weight @ Z.T)
    V = (V + V.T) / 2
    return V if _proves_stability(drift, V, D) else None


def _level(A: Any, D: Any) -> float:
    """v₀, the variance that most modes have when left alone."""
    rate = -2 * np.diag(A)
    damped = rate > 0
    return float(np.median(np.diag(D)[damped] / rate[damped])) if damped.any() else 0.5


def _source(Q: Any, small: float) -> Any:
    """W with orthonormal columns and T of Q = W T Wᵀ; None when there are too many.

    What random vectors leave of Q has its range (N. Halko, P.-G. Martinsson, J. A. Tropp, SIAM
    Rev. 53, 217 (2011)).
    """
    probes = np.random.default_rng(0).standard_normal((len(Q), SOURCES + 8))
    basis = np.linalg.qr(Q @ probes)[0]
    T = basis.T @ Q @ basis
    strength, turn = np.linalg.eigh((T + T.T) / 2)
    significant = np.abs(strength) > small / 4
    if significant.sum() > SOURCES or np.linalg.norm(Q - basis @ T @ basis.T) > 4 * small:
        return None
    return basis @ turn[:, significant], np.diag(strength[significant])


def _columns(A: Any, W: Any, T: Any, small: float) -> Any:
    """Z and Y of ΔV = Z Y Zᵀ; None when they become too many."""
    from scipy.linalg import block_diag
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import splu

    if not T.size:
        return np.zeros((A.shape[0], 0)), T
    one = eye_array(A.shape[0], format="csc")
    Z, Y, recent = [], [], W
    while sum(z.shape[1] for z in Z) * SHARE < A.shape[0]:
        for p in _shifts(A, recent):
            if p.imag == 0:
                X = splu((A + p.real * one).tocsc()).solve(W)
                W = W - 2 * p.real * X
                Z.append(X)
                Y.append(-2 * p.real * T)
            else:
                X = splu((A + p * one).tocsc()).solve(W.astype(complex))
                ratio = p.real / p.imag
                near, far = X.real + ratio * X.imag, np.sqrt(ratio**2 + 1) * X.imag
                W = W - 4 * p.real * near
                Z += [near, far]
                Y += [-4 * p.real * T] * 2
            if not np.abs(W).max() < HOPELESS:
                return None
            if np.linalg.norm((W.T @ W) @ T) <= small:
                return np.hstack(Z), block_diag(*Y)
        recent = np.hstack(Z[-6:])
    return None


def _shifts(A: Any, recent: Any) -> Iterator[complex]:
    """Eigenvalues of A as the latest columns see it, one of each pair; stable ones, slow last."""
    basis = np.linalg.qr(recent)[0]
    ritz = np.linalg.eigvals(basis.T @ (A @ basis))
    ritz = np.where(ritz.real < 0, ritz, -ritz.conj())
    ritz = ritz[(ritz.imag >= 0) & (np.abs(ritz.real) > 1e-12 * np.abs(ritz))]
    yield from (complex(p) for p in ritz[np.argsort(ritz.real)])


def _proves_stability(A: Any, V: Any, D: Any) -> bool:
    R = A @ V
    R = R + R.T + D
    margin = 2 * float(np.linalg.norm(R)) + 1e-14 * float(np.linalg.norm(D))
    try:
        np.linalg.cholesky(V)
        np.linalg.cholesky(D - margin * np.eye(len(D)))
    except np.linalg.LinAlgError:
        return False
    return True
