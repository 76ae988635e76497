"""Decay beside rotation that is 10¹⁵ times faster: light at its own frequency, strong exchange.

Rounding of an eigenvalue −κ/2 ± iω is relative to ω, and hides a κ that was given exactly. But
what rotates does not decay: with A = S + K, S = (A + Aᵀ)/2 and K antisymmetric,

    Re λ(A) ≤ λ_max(S)

(x†Ax = λ for a unit eigenvector, and x†Kx is imaginary). Detunings and hoppings stand in A as
pairs A_ij = −A_ji, whose last digits are in K alone. So a part whose S is negative beyond the
rounding of its other elements decays, however fast it rotates.

Its covariance comes from the sign iteration of sign.py in two floats a number. What the residual
R = A V + V Aᵀ + D leaves open, δV = ∫ e^{As} R e^{Aᵀs} ds, obeys −e V ≤ δV ≤ e V with
e = ‖D^{−½} R D^{−½}‖; where D is singular (a cascade in vacuum), δV is solved for.
"""

from typing import Any

import numpy as np

from ..base.conventions import LOST
from ..numerics.graphs import partners
from ..numerics.two_floats import Pair, inverse, plus, product, residual, transposed
from .directions import ROUNDING, holds, positive, rounding_of, small_directions

MOST = 128  # rows; beyond, products of two floats a number take minutes
MARGINAL = 1e-14
"""A rate Re λ ≥ −MARGINAL·‖A_II‖ cannot be told from one that does not decay: eigenvalues of a
block are those of some A_II + δA, ‖δA‖ ≈ n ε ‖A_II‖."""
PROVEN = 1e-10  # e, or ‖δV‖ relative to the smallest directions of V, of a V that is accepted
PASSES = 3  # of the iteration, for what its rounding has left of D
LIMIT = 150  # steps; each takes two digits at least off the ratio of fastest to slowest
SETTLED = 1e-13  # relative change of A after which the next step would change 1e-26 of it


def damped(A: Any, part: Any) -> bool:
    """Whether all parts decay whatever rotates in them, beyond rounding of what does not.

    Args:
        A: drift, (n, n); pairs (x, p) when n is even.
        part: to which strongly connected part each row belongs, integers (n,).

    >>> damped(np.array([[-1.0, 1e20], [-1e20, -1.0]]), np.zeros(2, int))
    True
    """
    S, size = without_rotation(A, part)
    return positive(-S - np.diag(MARGINAL * size))


def without_rotation(A: Any, part: Any) -> tuple[Any, Any]:
    """S = (A + Aᵀ)/2 within the parts, and ‖A_II‖ without pairs A_ij = −A_ji, for every row.

    Args:
        A: drift, (n, n); pairs (x, p) when n is even.
        part: to which strongly connected part each row belongs, integers (n,).
    """
    together = part[:, None] == part
    inside = np.where(together, A, 0.0)
    rounded = np.where(inside == -inside.T, 0.0, inside)
    size = np.sqrt(together @ (rounded**2).sum(1))
    # A quadrature may be a part by itself: ξ − κ/2, whose terms its partner −ξ − κ/2 shows.
    own = np.abs(A.diagonal())
    own = np.maximum(own, own[partners(np.arange(len(A)))])
    return (inside + inside.T) / 2, np.maximum(size, own)


def solve_rotating(A: Any, D: Any, coupling: Any = 0.0) -> Any:
    """V of A V + V Aᵀ + D = 0, (n, n), or None where rounding decides what it is.

    Args:
        A: drift that is `damped`, (n, n).
        D: diffusion, symmetric, (n, n).
        coupling: the part of A whose rounding may hide a decay, `between(A, partner)`.

    >>> solve_rotating(np.array([[-1.0, 1e20], [-1e20, -1.0]]), np.eye(2)).round(12) + 0.0
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    rate, noise = -A.diagonal(), D.diagonal()
    heated = (rate > 0) & (noise > 0)
    # A hot mode must not outshout the others: the largest element of a row limits its digits.
    unit = 2.0 ** np.round(np.log2(np.where(heated, noise, 1.0) / np.where(heated, rate, 1.0)) / 2)
    A, D = A * unit / unit[:, None], D / unit / unit[:, None]
    coupling = coupling * unit / unit[:, None]
    V, R = Pair(np.zeros(A.shape), np.zeros(A.shape)), D
    for _ in range(PASSES):
        X = _sign_iteration(A, R)
        if X is None:
            return None
        X = _symmetric(X)
        V = plus(V, X)
        R = residual(A, V, D)
        corrected, cancelled = small_directions(V.high, X.high)
        if small_directions(D, R)[0] < PROVEN or corrected < PROVEN:
            if not ROUNDING * cancelled < LOST:
                return None
            change = _sign_iteration(A, rounding_of(coupling, V.high))
            if change is None or not holds(V.high, change.high):
                return None
            return V.high * unit * unit[:, None]
    return None


def _sign_iteration(A: Any, R: Any) -> Pair | None:
    """X of A X + X Aᵀ + R = 0 in two floats a number; None where A does not go to −1.

    A ← ½(cA + A⁻¹/c), R ← ½(cR + A⁻¹RA⁻ᵀ/c), X = R/2 at A = −1 (Higham, Functions of Matrices,
    ch. 5), with powers of two for c, which cost no digit.
    """
    # Not the iteration of large.py with other numbers: here c must be a power of two, a stable A is
    # known beforehand, and every product counts, so that Pairs do not serve there.
    A, R, one = Pair(A, 0.0 * A), Pair(R, 0.0 * R), np.eye(len(A))
    for _ in range(LIMIT):
        try:
            B = inverse(A)
        except np.linalg.LinAlgError:
            return None
        size = _norm(A.high), _norm(B.high)
        if not all(0 < x < np.inf for x in size):
            return None
        c = 2.0 ** np.round(np.log2(size[1] / size[0]) / 2)
        R = _mean(R, product(product(B, R), transposed(B)), c)
        before, A = A, _mean(A, B, c)
        if not np.isfinite(_norm(A.high)):
            return None
        if _norm(A.high - before.high) <= SETTLED * _norm(A.high):
            return _times(R, 0.5) if _norm(A.high + one) < 0.5 else None
    return None


def _mean(X: Pair, Y: Pair, c: float) -> Pair:
    """½(cX + Y/c)."""
    return plus(_times(X, c / 2), _times(Y, 0.5 / c))


def _times(X: Pair, power: float) -> Pair:
    """X times a power of two."""
    return Pair(X.high * power, X.low * power)


def _symmetric(X: Pair) -> Pair:
    return _times(plus(X, transposed(X)), 0.5)


def _norm(X: Any) -> float:
    """The norm, of numbers too whose squares are none."""
    largest = np.abs(X).max()
    return float(largest * np.linalg.norm(X / largest)) if 0 < largest < np.inf else float(largest)
