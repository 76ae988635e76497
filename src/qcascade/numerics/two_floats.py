"""Numbers that are sums of two floats, and matrix products of them without loops.

A number of β bits times another, summed n times, fits into 53 bits while 2β + log₂n ≤ 53. So
matrices are cut into slices of β bits, whose products come out of a library without any rounding,
in whatever order it sums them, and only their sum needs care (K. Ozaki, T. Ogita, S. Oishi,
S. M. Rump, Numer. Algorithms 59, 95 (2012)). NumPy and JAX alike.
"""

import math
from typing import Any, NamedTuple

from ..base.checks import namespace

LEAST = 1e-250  # of the largest number of a row, to be cut into slices


class Pair(NamedTuple):
    """Numbers that are sums of two floats, the second below the rounding of the first."""

    high: Any
    low: Any


def exact_sum(a: Any, b: Any) -> Pair:
    """a + b without rounding (D. E. Knuth, The Art of Computer Programming 2, 4.2.2).

    >>> exact_sum(1.0, 2.0**-60) == (1.0, 2.0**-60)
    True
    """
    total = a + b
    carried = total - a
    return Pair(total, (a - (total - carried)) + (b - carried))


def exact_product(a: Any, b: Any) -> Pair:
    """ab without rounding (T. J. Dekker, Numer. Math. 18, 224 (1971)), for |a|, |b| < 10²⁹⁰."""
    total = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return Pair(total, ((a1 * b1 - total) + a1 * b2 + a2 * b1) + a2 * b2)


def _halves(a: Any) -> tuple[Any, Any]:
    shifted = a * 134217729.0  # 2²⁷ + 1
    high = shifted - (shifted - a)
    return high, a - high


def plus(a: Pair, b: Pair) -> Pair:
    """a + b, rounded to two floats."""
    total = exact_sum(a.high, b.high)
    return exact_sum(total.high, total.low + (a.low + b.low))


def transposed(a: Pair) -> Pair:
    """Matrices (…, m, n) as (…, n, m)."""
    return Pair(a.high.mT, a.low.mT)


def product(a: Pair, b: Pair, precise: bool = True) -> Pair:
    """The matrix product AB, in two floats per number or in one.

    The error is about 2⁻⁹⁵ of the largest numbers of a row of A and a column of B.

    Args:
        a: matrices (…, m, n).
        b: matrices (…, n, k).
        precise: whether the second floats are worth the work.

    >>> import numpy as np
    >>> x = Pair(np.array([[1.0 + 2.0**-40]]), np.zeros((1, 1)))
    >>> [part.item() for part in product(x, x)] == [1.0 + 2.0**-39, 2.0**-80]
    True
    """
    if not precise:
        high = a.high @ b.high
        return Pair(high, namespace(high).zeros_like(high))
    bits = (53 - math.ceil(math.log2(a.high.shape[-1] + 1))) // 2
    (a1, a2, a3), (b1, b2, b3) = _slices(a, -1, bits), _slices(b, -2, bits)
    high, low = a1 @ b1, a1 @ b3 + a3 @ b1 + (a2 @ b3 + a3 @ b2)
    for term in (a1 @ b2, a2 @ b1, a2 @ b2):  # exact, like the first
        high, error = exact_sum(high, term)
        low = low + error
    return exact_sum(high, low)


def _slices(a: Pair, axis: int, bits: int) -> tuple[Any, Any, Any]:
    """Three parts, the first two of few bits relative to the largest number along the axis."""
    xp = namespace(a.high)
    largest = xp.abs(a.high).max(axis=axis, keepdims=True, initial=0.0)
    # Next to nothing is left whole to the last slice, for units must be numbers too.
    unit = 2.0 ** (xp.ceil(xp.log2(xp.where(largest > LEAST, largest, 1.0))) - bits)
    first = xp.round(a.high / unit) * unit
    remainder, unit = a.high - first, unit * 2.0**-bits
    second = xp.round(remainder / unit) * unit
    return first, second, (remainder - second) + a.low


def inverse(a: Pair) -> Pair:
    """A⁻¹ by Newton's iteration X ← X(2 − AX) from the inverse in single floats.

    Each step doubles the digits that are right (G. Schulz, Z. Angew. Math. Mech. 13, 57 (1933)).

    Args:
        a: matrices (…, n, n).

    >>> import numpy as np
    >>> third = inverse(Pair(np.array([[3.0]]), np.zeros((1, 1))))
    >>> float(third.high[0, 0]) == 1 / 3, abs(float(third.low[0, 0]) - 2.0**-54 / 3) < 1e-27
    (True, True)
    """
    xp = namespace(a.high)
    start = xp.linalg.inv(a.high)
    x, two = Pair(start, 0.0 * start), 2.0 * xp.eye(start.shape[-1])
    for _ in range(2):
        ax = product(a, x)
        x = product(x, plus(Pair(two, 0.0 * two), Pair(-ax.high, -ax.low)))
    return x


def residual(A: Any, V: Pair, D: Any) -> Any:
    """A V + V Aᵀ + D with an error of about 2⁻⁹⁵ of its terms, rounded once.

    Args:
        A: drift, (…, n, n), rows of similar size.
        V: covariance, (…, n, n), symmetric, elements of similar size.
        D: diffusion, (…, n, n).

    >>> import numpy as np
    >>> third = np.array([[1 / 3]])
    >>> V = Pair(np.array([[3.0]]), np.zeros((1, 1)))
    >>> float(residual(third, V, np.array([[-2.0]]))[0, 0])
    -1.1102230246251565e-16
    """
    half = product(Pair(A, 0.0 * A), V)
    first = exact_sum(D, half.high)
    total = exact_sum(first.high, half.high.mT)
    return total.high + (first.low + total.low + (half.low + half.low.mT))
