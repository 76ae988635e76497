"""Residuals in twice the working precision, from matrix products that are exact.

A number of β bits times another, summed n times, fits into 53 bits while 2β + log₂n ≤ 53. So
matrices are cut into slices of β bits, the products of slices are exact whatever order a library
sums them in, and only their sum needs care (K. Ozaki, T. Ogita, S. Oishi, S. M. Rump, Numer.
Algorithms 59, 95 (2012); the sum by T. J. Dekker, Numer. Math. 18, 224 (1971)). NumPy and JAX
alike.
"""

import math
from typing import Any

import numpy as np

from .checks import namespace

SLICES = 5  # of about 23 bits: more than twice 53


def residual(A: Any, V: Any, low: Any, D: Any) -> Any:
    """A X + X Aᵀ + D of X = V + `low`, with an error of about 2⁻¹⁰⁰ of its terms, rounded once.

    Args:
        A: drift, (…, n, n), rows of similar size.
        V: covariance, (…, n, n), symmetric, elements of similar size.
        low: what rounding X to V has left, (…, n, n).
        D: diffusion, (…, n, n).

    >>> third = np.array([[1 / 3]])
    >>> float(residual(third, np.array([[3.0]]), 0 * third, np.array([[-2.0]]))[0, 0])
    -1.1102230246251565e-16
    """
    bits = (53 - math.ceil(math.log2(A.shape[-1] + 1))) // 2
    left, right = _slices(A, -1, bits, 0 * A), _slices(V, -2, bits, low)
    first, second = np.nonzero(np.tri(SLICES)[::-1])  # the others are smaller than the error
    xp = namespace(A, V)
    half, rest = _sum(0 * A, xp.stack(left)[first] @ xp.stack(right)[second])
    total, error = _sum(D, xp.stack([half, half.mT]))
    return total + (error + (rest + rest.mT))


def added(V: Any, small: Any) -> tuple[Any, Any]:
    """V + small as its nearest number and what that leaves, for |small| ≤ |V|.

    >>> added(1.0, 1e-17)
    (1.0, 1e-17)
    """
    new = V + small
    return new, small - (new - V)


def _slices(X: Any, axis: int, bits: int, low: Any) -> list[Any]:
    """Slices of so many bits that sum up to X + low; the unit is that of a whole row or column."""
    xp = namespace(X)
    largest = xp.abs(X).max(axis=axis, keepdims=True)
    unit = 2.0 ** xp.ceil(xp.log2(xp.where(largest > 0, largest, 1.0)))
    found = []
    for k in range(SLICES):
        unit = unit * 2.0**-bits
        part = xp.round(X / unit) * unit
        X = X - part
        if k == 1:  # what is left of X is by now as small as `low`
            X = X + low
        found.append(part)
    return found


def _sum(D: Any, terms: Any) -> tuple[Any, Any]:
    """D + Σ terms along the first axis as a number and what rounding has left of it."""

    def add(k: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        total, error = state
        term = terms[k]
        new = total + term
        share = new - total
        return new, error + ((total - (new - share)) + (term - share))

    state = (D, 0 * terms[0])
    if namespace(terms) is np:
        for k in range(len(terms)):
            state = add(k, state)
    else:
        from jax.lax import fori_loop

        state = fori_loop(0, len(terms), add, state)
    return state
