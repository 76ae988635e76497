"""How fast the strongly connected parts of a drift grow, and what that changes with.

Where the fastest eigenvalue λ of a part is simple,

    dλ = ℓ dA r,      A r = λ r,   ℓ A = λ ℓ,   ℓ r = 1.
"""

from typing import Any

import numpy as np

from ..numerics.graphs import acts, block_sizes, part_of_rows, strong_parts
from .plans import plans
from .rotation import MARGINAL, without_rotation

WIDEST = 128  # rows beyond which a system is looked at by itself, with large.py
SINGULAR = 1e-12  # of eigenvectors, relative: there a rate has no derivative


def near_threshold(A: Any) -> tuple[float, float]:
    """The growth rate of the part nearest to its threshold, and relative to the part's own rates.

    Args:
        A: drift of one system, (n, n), finite.

    >>> near_threshold(np.diag([-1e9, -1e9, -1e-3, -1.0]))
    (-0.001, -0.001)
    """
    order, start = strong_parts(A != 0)
    parts = np.split(order, start[1:-1])
    sizes = block_sizes(A[np.ix_(order, order)], order, start)
    rates = np.array([_rate(A[np.ix_(part, part)]) for part in parts])
    S, unrotated = without_rotation(A, part_of_rows(order, start))
    for k, part in enumerate(parts):
        size = unrotated[part].max()
        if np.linalg.eigvalsh(S[np.ix_(part, part)])[-1] < -MARGINAL * size:
            sizes[k] = size
    relative = rates / np.where(sizes > 0, sizes, 1.0)
    nearest = int(np.argmax(relative))
    return float(rates[nearest]), float(relative[nearest])


def growth_rates(A: Any) -> Any:
    """max Re λ of the fastest part, (points,), NaN where A is not finite.

    Args:
        A: drifts, (points, n, n).
    """
    finite = np.isfinite(A).all((1, 2))
    A = np.where(finite[:, None, None] & acts(A), A, 0.0)
    if A.shape[-1] > WIDEST:
        return np.where(finite, _growth_each(A), np.nan)
    rates = np.full(len(A), -np.inf)
    for points, parts in plans(A):
        for rows in _blocks(parts):
            block = A[points][:, rows[:, None], rows]
            rates[points] = np.maximum(rates[points], _rate(block))
    return np.where(finite, rates, np.nan)


def growth_slopes(A: Any) -> Any:
    """∂(max Re λ)/∂A_ij of `growth`, (points, n, n); 0 where A is not finite.

    Args:
        A: drifts, (points, n, n).
    """
    finite = np.isfinite(A).all((1, 2), keepdims=True)
    A, slopes = np.where(finite & acts(A), A, 0.0), np.zeros(A.shape)
    rates = np.full(len(A), -np.inf)
    for points, parts in plans(A):
        for rows in _blocks(parts):
            rate, slope = _slope(A[points][:, rows[:, None], rows])
            faster = rate > rates[points]
            rates[points] = np.where(faster, rate, rates[points])
            inside = np.zeros((len(rate), *A.shape[1:]))
            inside[:, rows[:, None], rows] = slope
            slopes[points] = np.where(faster[:, None, None], inside, slopes[points])
    return np.where(finite, slopes, 0.0)


def growth_modes(A: Any) -> tuple[Any, Any, Any]:
    """Left and right vectors of the modes of the fastest part, the fastest first, and 1/(λ − λ_k).

    Args:
        A: drifts, (points, n, n).

    Returns:
        ℓ_k as rows and r_k as columns, (points, n, n), zero beyond the part's own; and the weights
        (points, n), 0 for the fastest itself.
    """
    finite = np.isfinite(A).all((1, 2), keepdims=True)
    A = np.where(finite & acts(A), A, 0.0)
    left, right = np.zeros((2, *A.shape), complex)
    weights, rates = np.zeros(A.shape[:2], complex), np.full(len(A), -np.inf)
    for points, parts in plans(A):
        for rows in _blocks(parts):
            eigenvalues, lefts, rights, regular = _modes(A[points][:, rows[:, None], rows])
            order, size = np.argsort(-eigenvalues.real, axis=-1, kind="stable"), len(rows)
            eigenvalues: Any = np.take_along_axis(eigenvalues, order, -1)
            faster = eigenvalues[:, 0].real > rates[points]
            lefts = np.take_along_axis(lefts, order[:, :, None], 1)[faster]
            rights = np.take_along_axis(rights, order[:, None, :], 2)[faster]
            some = np.arange(len(A))[points][faster]
            rates[some] = eigenvalues[faster, 0].real
            left[some], right[some], weights[some] = 0.0, 0.0, 0.0
            with np.errstate(divide="ignore", invalid="ignore"):  # of modes that are not simple
                weights[some, 1:size] = 1 / (eigenvalues[faster, :1] - eigenvalues[faster, 1:])
            weights[some[~regular[faster]]] = np.nan
            left[some[:, None], :size, rows] = np.moveaxis(lefts, -1, 1)
            right[some[:, None], rows, :size] = rights
    return left, right, weights


def _slope(block: Any) -> tuple[Any, Any]:
    """max Re λ of matrices (N, m, m) and ℓ_i r_j of its vectors; NaN at an exceptional point."""
    eigenvalues, left, right, regular = _modes(block)
    fastest = np.argmax(eigenvalues.real, axis=-1)[:, None, None]
    slope: Any = np.take_along_axis(left, fastest, 1).mT * np.take_along_axis(right, fastest, 2).mT
    return eigenvalues.real.max(-1), np.where(regular[:, None, None], slope.real, np.nan)


def _modes(block: Any) -> tuple[Any, Any, Any, Any]:
    """λ_k, ℓ_k as rows and r_k as columns of matrices (N, m, m); whether these are a basis."""
    pairs: Any = np.linalg.eig(block)
    eigenvalues, right = pairs
    sizes = np.linalg.svd(right, compute_uv=False)
    regular = sizes[:, -1] > SINGULAR * sizes[:, 0]
    left = np.linalg.inv(np.where(regular[:, None, None], right, np.eye(block.shape[-1])))
    return eigenvalues, left, right, regular


def _rate(A: Any) -> Any:
    """max Re λ of matrices that are one strongly connected part."""
    eigenvalues: Any = np.linalg.eigvals(A)
    rate = eigenvalues.real.max(-1)
    hidden = np.abs(rate) < MARGINAL * np.linalg.norm(A, axis=(-2, -1))
    if np.any(hidden):  # beside a fast rotation, which leaves it below that of (A + Aᵀ)/2
        rate = np.where(hidden, np.minimum(rate, np.linalg.eigvalsh((A + A.mT) / 2)[..., -1]), rate)
    return rate


def _growth_each(A: Any) -> Any:
    from .large import growth_of_parts

    return np.array([growth_of_parts(drift, *strong_parts(drift != 0)) for drift in A])


def _blocks(parts: Any) -> list[Any]:
    """Indices of every diagonal block."""
    return np.split(parts.order, parts.start[1:-1])


def slowest_decay(A: Any) -> Any:
    """The smallest rate at which the amplitude of a mode decays by itself, (…).

    Args:
        A: drifts (…, 2N, 2N), the two quadratures of a mode behind each other.

    >>> float(slowest_decay(np.diag([-0.5, -0.5, -0.1, -0.3])))
    0.2
    """
    diagonal = -np.diagonal(A, axis1=-2, axis2=-1)
    own = (diagonal[..., ::2] + diagonal[..., 1::2]) / 2
    slowest = np.where(own > 0, own, np.inf).min(-1)
    return np.where(np.isfinite(slowest), slowest, 0.0) + np.finfo(float).tiny
