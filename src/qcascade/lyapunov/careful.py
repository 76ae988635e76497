"""A V + V Aᵀ + D = 0 near a threshold, where rounding in V hides its small directions.

Blocks of V that are large, just below threshold or after a long amplifier, leave rounding in all
others if a residual is computed in the arithmetic V is stored in. So V is refined (J. H. Wilkinson,
Rounding Errors in Algebraic Processes (1963), ch. 3): residuals in twice the precision
(extended.py), corrections by forward substitution, until they change nothing on the scale
√(V_ii V_jj) of the rows they belong to. What the last of them does to the smallest directions of V,

    e = ‖L⁻¹ δV L⁻ᵀ‖,      V = LLᵀ,

bounds the relative error of every symplectic eigenvalue, so of E_N and its margin. Where double
precision cannot hold these directions of V as a whole, those of pairs of modes decide: what is
loud downstream takes nothing from a pair upstream.
"""

from typing import Any

import numpy as np

from ..base.conventions import LOST
from ..numerics.graphs import block_sizes
from ..numerics.two_floats import Pair, exact_sum, residual

STEPS = 12
SETTLED = 1e-17  # change of V_ij/√(V_ii V_jj) that is not worth another step
AT_REST = 1e-12  # the same, at most, once corrections no longer shrink
ACCURATE = 1e-6  # relative change, at most, for an answer
MARGINAL = 1e-14
"""An eigenvalue with Re λ ≥ −MARGINAL·‖A_II‖ cannot be told from one that does not decay: the
eigenvalues of a block are those of some A_II + δA, ‖δA‖ ≈ n ε ‖A_II‖."""
TYPED = 2.0**-50
"""The same for the numbers themselves: ξ − κ/2 may be what rounding left of two that were equal."""


def solve_carefully(A: Any, D: Any, order: Any, start: Any) -> Any:
    """V of one system, or None where there is no steady state or rounding decides what it is.

    That A is stable is proven by Lyapunov's theorem, D > 0 and V > 0; or, where D has no
    such bound, by eigenvalues of diagonal blocks that decay beyond rounding.

    Args:
        A: drift, (n, n), finite.
        D: diffusion, (n, n), finite.
        order: rows of A, upstream parts first.
        start: where each strongly connected part begins in them, and n.

    >>> two = np.array([[-1.0, 0.0], [2.0, -1.0]])
    >>> solve_carefully(two, np.eye(2), np.arange(2), np.arange(3))
    array([[0.5, 0.5],
           [0.5, 1.5]])
    """
    from .cascade import LARGEST

    inside = np.ix_(order, order)
    A, D = A[inside], (D[inside] + D[inside].T) / 2
    with np.errstate(all="ignore"):  # of numbers that are looked at below
        solver = _solver(A, start)
        size = block_sizes(A, order, start)
        V = None if solver is None or np.any(solver[1] > -TYPED * size) else solver[0](D)
        if V is None or not np.abs(V).max() < LARGEST:
            return None
        # In units of the widths √V_ii every element of V counts as much as any other.
        unit = 2.0 ** np.round(np.log2(_width(V)))
        A, D = A * unit / unit[:, None], D / unit / unit[:, None]
        solver = _solver(A, start)
        V = None if solver is None else _refined(A, D, MARGINAL * size, *solver)
    if V is None:
        return None
    back = np.argsort(order)
    return (V * unit * unit[:, None])[np.ix_(back, back)]


def _solver(A: Any, start: Any) -> Any:
    """Forward substitution through the blocks, and how fast each decays."""
    from .cascade import substitution  # kernels: what is heavy waits until it is needed
    from .fields import fields

    found = fields(A, start)
    return None if found is None else substitution(A, start, found)


def _refined(A: Any, D: Any, rounding: Any, solution: Any, rates: Any) -> Any:
    """V of a stable system, as exact as double precision holds it; None otherwise."""
    V, size = Pair(solution(D), np.zeros(A.shape)), np.inf
    correction = np.full(A.shape, np.inf)
    for _ in range(STEPS):
        correction = solution(residual(A, V, D))
        V = exact_sum(V.high, V.low + correction)
        before, size = size, _size(V.high, correction)
        if size < SETTLED or before / 2 < size < AT_REST:
            break
    if not size < AT_REST:
        return None
    V = V.high
    error, rounding_of_V = _errors(V[None], correction[None])
    proven = np.isfinite(rounding_of_V[0]) and _is_noise(D)
    if not (proven or np.all(rates < -rounding)):
        return None
    certain = rounding_of_V[0] < LOST and error[0] < max(ACCURATE, rounding_of_V[0])
    return V if certain or not _is_noise(D) or _pairs_told(V, correction) else None


def _pairs_told(V: Any, change: Any) -> bool:
    """Whether rounding leaves the state of some pair of modes be told, and right where it does."""
    modes = np.arange(len(V)).reshape(-1, 2 if len(V) % 2 == 0 else 1)
    first, second = np.triu_indices(len(modes), 1)
    rows = np.concatenate([modes[first], modes[second]], axis=1)
    pairs = rows[:, :, None], rows[:, None]
    error, rounding = _errors(V[pairs], change[pairs])
    told = rounding < LOST
    return bool(np.any(told) and np.all(error[told] < np.maximum(ACCURATE, rounding[told])))


def _errors(V: Any, change: Any) -> tuple[Any, Any]:
    """‖L⁻¹ δV L⁻ᵀ‖ with V = LLᵀ, and what rounding of V does to it; infinite unless V > 0.

    That is ε Σ_i V_ii (V⁻¹)_ii, as in `uncertainty.resolution`: a variance shrinks by each of these
    once the others are known.
    """
    levels, vectors = np.linalg.eigh(_scaled(V, V))
    positive = levels[..., 0] > 0
    half = vectors / np.sqrt(np.where(positive[..., None], levels, 1.0))[..., None, :]
    error = np.linalg.norm(half.mT @ _scaled(change, V) @ half, axis=(-2, -1))
    rounding = np.finfo(float).eps * (half**2).sum(axis=(-2, -1))
    return np.where(positive, error, np.inf), np.where(positive, rounding, np.inf)


def _size(V: Any, change: Any) -> float:
    """Largest |δV_ij|/√(V_ii V_jj)."""
    return float(np.abs(_scaled(change, V)).max())


def _scaled(X: Any, V: Any) -> Any:
    """X_ij/√(V_ii V_jj), for matrices (…, n, n)."""
    width = _width(V)
    return X / width[..., None, :] / width[..., :, None]


def _width(V: Any) -> Any:
    """√V_ii, 1 where there is nothing."""
    width = np.sqrt(np.abs(np.diagonal(V, axis1=-2, axis2=-1)))
    return np.where(width > 0, width, 1.0)


def _is_noise(D: Any) -> bool:
    """Whether 0 ≠ D ≥ 0, up to rounding of every row."""
    return bool(np.any(D)) and float(np.linalg.eigvalsh(_scaled(D, D))[0]) > -1e-12
