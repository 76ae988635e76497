"""The steady state by Bartels and Stewart's method: another route to the same V."""

from typing import Any

import numpy as np

STEPS = 3  # of refinement


def solve_by_schur(A: Any, D: Any) -> tuple[Any, Any]:
    """V of A V + V Aᵀ + D = 0 from the Schur form of A, refined, and whether A decays.

    R. H. Bartels and G. W. Stewart, Commun. ACM 15, 820 (1972). Residuals are computed in extended
    precision where the machine has it.

    Args:
        A: drift, (…, n, n).
        D: diffusion, (…, n, n).

    >>> V, stable = solve_by_schur(np.array([[-0.5]]), np.array([[0.5]]))
    >>> V.item(), bool(stable)
    (0.5, True)
    """
    from scipy.linalg import solve_continuous_lyapunov

    V, stable = np.full(A.shape, np.nan), np.zeros(A.shape[:-2], bool)
    for k in np.ndindex(A.shape[:-2]):
        if not (np.isfinite(A[k]).all() and np.isfinite(D[k]).all()):
            continue
        eigenvalues: Any = np.linalg.eigvals(A[k])
        if eigenvalues.real.max() >= 0:
            continue
        drift, noise = A[k].astype(np.longdouble), D[k].astype(np.longdouble)
        X = solve_continuous_lyapunov(A[k], -D[k]).astype(np.longdouble)
        for _ in range(STEPS):
            left = drift @ X
            X = X + solve_continuous_lyapunov(A[k], -np.asarray(left + left.T + noise, float))
        V[k], stable[k] = np.asarray((X + X.T) / 2, float), True
    return V, stable[()]
