"""The uncertainty principle V + iΩ/2 ≥ 0, judged on each quadrature's own scale.

With s_j = √V_jj the correlations are C_jk = V_jk/(s_j s_k), and V + iΩ/2 ≥ 0 is the same as
C + iΩ̂/2 ≥ 0 with Ω̂_jk = Ω_jk/(s_j s_k). Everything in it is of order one, so that a hot mode lends
no tolerance to a cold one: a lowest eigenvalue −t says that V differs from a physical covariance
by t of each mode's own variances.
"""

from typing import Any

import numpy as np

from ..base.checks import namespace
from ..base.conventions import symplectic_form

TOLERANCE = 1e-9
"""Part of its own variances by which a covariance may miss the uncertainty principle."""

_EPS = float(np.finfo(float).eps)
_WIDEST = 64  # rows beyond which LAPACK is faster than one loop over all points


def is_physical(cov: Any, tolerance: float = TOLERANCE) -> Any:
    """Whether V + iΩ/2 ≥ 0, to `tolerance` of each quadrature's own variance.

    True where C + iΩ̂/2 + tolerance·1 has a Cholesky factor (see the top of this module; Simon,
    Mukunda, Dutta, PRA 49, 1567 (1994)), which no eigenvalue is needed for.

    Args:
        cov: covariances, symmetric, shape (…, 2N, 2N); only the lower triangle counts.
        tolerance: what rounding may have changed, relative to variances; what this test itself
            rounds, 2N·4·ε, is added.

    Returns:
        Booleans of shape (…); False where V holds NaN or a variance that is not above zero.

    >>> is_physical(np.diag([6e8, 6e8, 0.05, 0.05])), is_physical(np.diag([6e8, 6e8, 0.5, 0.5]))
    (False, True)
    """
    xp, size = namespace(cov), cov.shape[-1]
    slack = tolerance + 4 * size * _EPS
    if xp is np and size <= _WIDEST:
        from .symplectic_kernels import physical_points

        points, shape = np.asarray(cov, float).reshape(-1, size, size), cov.shape[:-2]
        physical = np.empty(len(points), bool)
        physical_points(points, slack, physical)
        return physical.reshape(shape)[()] if shape else bool(physical[0])
    scaled, known = _scaled(cov, xp)
    scaled = scaled + slack * np.eye(size)
    if xp is np:
        return known & _each(_has_factor, scaled, bool)
    last = xp.linalg.cholesky(scaled)[..., -1, -1]  # NaN reaches the last pivot
    return known & xp.isfinite(last.real)


def resolution(cov: Any) -> Any:
    """Relative error that rounding of V leaves in its symplectic eigenvalues, ε·Tr C⁻¹.

    V is known to ε s_j s_k at best, which moves ν_k by no more than ν_k·ε/λ_min(C): squeezing, and
    a loud mode that is seen in a quiet one, use up digits that no later step gives back. Two modes
    squeezed by r have Tr C⁻¹ ≈ e^(4r). Above `LOST` nothing should be concluded from them.

    Args:
        cov: covariances, symmetric, shape (…, 2N, 2N).

    Returns:
        Shape (…); infinite where V is not positive definite, NaN included.

    >>> bool(resolution(np.diag([6e8, 6e8, 0.5, 0.5])) < 1e-15)
    True
    """
    xp, size = namespace(cov), cov.shape[-1]
    if xp is np and size <= _WIDEST:
        from .symplectic_kernels import resolution_points

        points = np.asarray(cov, float).reshape(-1, size, size)
        traces = np.empty(len(points))
        resolution_points(points, traces)
        return _EPS * traces.reshape(cov.shape[:-2])[()]
    scaled, known = _scaled(cov, xp)
    if xp is np:
        return _EPS * np.where(known, _each(_trace_of_inverse, scaled.real, float), np.inf)[()]
    factor = xp.linalg.cholesky(scaled.real)
    trace = xp.sum(xp.linalg.inv(factor) ** 2, axis=(-1, -2))
    return _EPS * xp.where(known & xp.isfinite(trace), trace, np.inf)


def _scaled(cov: Any, xp: Any) -> tuple[Any, Any]:
    """C + iΩ̂/2, the unit matrix where V holds NaN or a variance not above zero, and where not."""
    variances = xp.diagonal(cov, axis1=-2, axis2=-1)
    known = (variances > 0).all(-1) & xp.isfinite(cov).all((-1, -2))
    inside, size = known[..., None], cov.shape[-1]
    scale = 1 / xp.sqrt(xp.where(inside, variances, 1.0))
    V = xp.where(inside[..., None], cov, np.eye(size))
    form = xp.where(inside[..., None], symplectic_form(size // 2), 0.0)
    return (V + 0.5j * form) * scale[..., :, None] * scale[..., None, :], known


def _each(function: Any, matrices: Any, dtype: type) -> Any:
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    return np.array([function(matrix) for matrix in flat], dtype).reshape(matrices.shape[:-2])[()]


def _has_factor(matrix: Any) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _trace_of_inverse(matrix: Any) -> float:
    from scipy.linalg import solve_triangular

    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return np.inf
    inverse = solve_triangular(factor, np.eye(len(factor)), lower=True)
    return float(np.sum(inverse**2))
