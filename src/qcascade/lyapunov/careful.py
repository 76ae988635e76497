"""A V + V Aᵀ + D = 0 near a threshold, where rounding in V hides its small directions.

Blocks of V that are large, just below threshold or after a long amplifier, leave rounding in all
others if a residual is computed in the arithmetic V is stored in. So V is refined (J. H. Wilkinson,
Rounding Errors in Algebraic Processes (1963), ch. 3): residuals in twice the precision
(two_floats.py), corrections by forward substitution, until they change nothing on the scale
√(V_ii V_jj) of the rows they belong to. What the last of them does to the smallest directions of V
(directions.py) bounds the relative error of every symplectic eigenvalue, so of E_N and its margin.
Where double precision cannot hold these directions of V as a whole, those of pairs of modes
decide: what is loud downstream takes nothing from a pair upstream. Where it is only rotation that
a decay is small beside, rotation.py solves. However exact a solution is, the numbers of A are
rounded: a superposition of modes that is dark to 10⁻¹⁰ of their rates has lost its own.
"""

from typing import Any

import numpy as np

from ..numerics.graphs import block_sizes, part_of_rows, partners
from ..numerics.two_floats import Pair, exact_sum, residual
from .directions import (
    between,
    holds,
    largest,
    pairs_told,
    rounding_of,
    scaled,
    small_directions,
    told,
    width,
)
from .rotation import MARGINAL, MOST, damped, solve_rotating

STEPS = 12
SETTLED = 1e-17  # change of V_ij/√(V_ii V_jj) that is not worth another step
AT_REST = 1e-12  # the same, at most, once corrections no longer shrink
TYPED = 2.0**-50
"""Relative to a block, of the numbers typed: ξ − κ/2 may be what rounding left of equal ones."""


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
    inside = np.ix_(order, order)
    with np.errstate(all="ignore"):  # of numbers that are looked at below
        firm = len(A) <= MOST and damped(A, part_of_rows(order, start))
        A, D = A[inside], (D[inside] + D[inside].T) / 2
        coupling = between(A, partners(order), np.repeat(np.arange(len(start) - 1), np.diff(start)))
        V = _by_refinement(A, D, order, start, coupling)
        if V is None and firm:
            V = solve_rotating(A, D, coupling)
    if V is None:
        return None
    back = np.argsort(order)
    return V[np.ix_(back, back)]


def _by_refinement(A: Any, D: Any, order: Any, start: Any, coupling: Any) -> Any:
    """V from Schur forms of the blocks, refined; None where their rounding may hide a decay."""
    from .cascade import LARGEST

    solver = _solver(A, start)
    size = block_sizes(A, order, start)
    V = None if solver is None or np.any(solver[1] > -TYPED * size) else solver[0](D)
    if V is None or not np.abs(V).max() < LARGEST:
        return None
    # In units of the widths √V_ii every element of V counts as much as any other.
    unit = 2.0 ** np.round(np.log2(width(V)))
    A, coupling, D = (
        A * unit / unit[:, None],
        coupling * unit / unit[:, None],
        D / unit / unit[:, None],
    )
    solver = _solver(A, start)
    V = None if solver is None else _refined(A, D, MARGINAL * size, *solver)
    if V is None or solver is None or not holds(V, solver[0](rounding_of(coupling, V))):
        return None
    return V * unit * unit[:, None]


def _solver(A: Any, start: Any) -> Any:
    """Forward substitution through the blocks, and how fast each decays."""
    from .cascade import substitution  # kernels: what is heavy waits until it is needed
    from .fields import fields

    carried = fields(A, start)
    try:
        return None if carried is None else substitution(A, start, carried)
    except np.linalg.LinAlgError:  # of numbers whose squares are none: LAPACK finds no eigenvalues
        return None


def _refined(A: Any, D: Any, rounding: Any, solution: Any, rates: Any) -> Any:
    """V of a stable system, as exact as double precision holds it; None otherwise."""
    V, size = Pair(solution(D), np.zeros(A.shape)), np.inf
    correction = np.full(A.shape, np.inf)
    for _ in range(STEPS):
        correction = solution(residual(A, V, D))
        V = exact_sum(V.high, V.low + correction)
        before, size = size, float(largest(V.high, correction))
        if size < SETTLED or before / 2 < size < AT_REST:
            break
    if not size < AT_REST:
        return None
    V = V.high
    noise = _is_noise(D)
    proven = np.isfinite(small_directions(V, correction)[1]) and noise
    if not (proven or np.all(rates < -rounding)):
        return None
    return V if told(V, correction) or not noise or pairs_told(V, correction) else None


def _is_noise(D: Any) -> bool:
    """Whether 0 ≠ D ≥ 0, up to rounding of every row."""
    return bool(np.any(D)) and float(np.linalg.eigvalsh(scaled(D, D))[0]) > -1e-12
