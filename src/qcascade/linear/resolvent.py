"""(−iω − A)⁻¹B for many frequencies at once."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import namespace
from ..numerics.complex_form import complex_form
from ..numerics.graphs import strong_parts

LARGE = 48  # rows from which one Schur form serves all frequencies better than LU for each
MANY = 8  # frequencies, likewise
CHUNK = 2**15  # complex numbers at a time, which stay in the cache while rows are taken one by one


def resolvent(A: Any, B: Any, frequency: Any) -> Any:
    """(−iω − A)⁻¹B.

    Small systems and batches are solved by LU, one by one. A single large system is solved part
    by part, upstream parts first, so that a resonance of one part costs those before it no digit; a
    network that nowhere mixes a with a† is half as large in amplitudes, α = x + ip.

    Args:
        A: drift, real, (…, n, n).
        B: real, (…, n, m).
        frequency: ω, broadcasts with the leading axes.

    >>> resolvent(np.array([[-0.5]]), np.array([[1.0]]), np.array([0.0, 0.5]))[:, 0, 0]
    array([2.+0.j, 1.+1.j])
    """
    xp = namespace(A, B, frequency)
    omega = xp.asarray(frequency)
    if xp is np and A.ndim == 2 and B.ndim == 2 and len(A) >= LARGE and omega.size >= MANY:
        a, b, flat = complex_form(A), complex_form(B), omega.ravel()
        mixed = a is None or b is None
        solved = _by_parts(A, B, flat) if mixed else _halved(a, b, flat)
        return solved.reshape(*omega.shape, *B.shape)
    shifted = -1j * omega[..., None, None] * xp.eye(A.shape[-1]) - A
    return xp.linalg.solve(shifted, xp.broadcast_to(B, (*shifted.shape[:-2], *B.shape[-2:])) + 0j)


def _halved(A: Any, B: Any, omega: Any) -> Any:
    """The resolvent in quadratures from that of amplitudes, which at −ω are those of α*."""
    both = _by_parts(A, B, np.concatenate([omega, -omega]))
    plus, minus = both[: len(omega)], both[len(omega) :].conj()
    X = np.empty((len(omega), 2 * B.shape[0], 2 * B.shape[1]), complex)
    X[:, 0::2, 0::2] = X[:, 1::2, 1::2] = (plus + minus) / 2
    X[:, 1::2, 0::2] = (plus - minus) / 2j
    X[:, 0::2, 1::2] = -X[:, 1::2, 0::2]
    return X


def _by_parts(A: Any, B: Any, omega: Any) -> Any:
    """(−iω − A)⁻¹B, (W, n, m), of strongly connected parts with what those upstream send them."""
    order, start = strong_parts(A != 0)
    if len(start) == 2:
        return shifted_solutions(A, B, omega)
    drift, entering = A[np.ix_(order, order)], B[order]
    X = np.empty((len(B), len(omega), B.shape[1]), complex)
    for a, b in pairwise(start):
        right = _applied(drift[a:b, :a], X[:a]) + entering[a:b, None]
        X[a:b] = _of_one_part(drift[a:b, a:b], right, omega)
    return X[np.argsort(order)].swapaxes(0, 1)


def _of_one_part(A: Any, right: Any, omega: Any) -> Any:
    """(−iω − A)⁻¹ of right sides (n, W, m)."""
    if len(A) == 1:
        return right / (-1j * omega - A[0, 0])[:, None]
    if len(A) >= LARGE:
        return _by_schur(A, right, omega)
    shifted = -1j * omega[:, None, None] * np.eye(len(A)) - A
    return np.linalg.solve(shifted, right.swapaxes(0, 1)).swapaxes(0, 1)


def shifted_solutions(A: Any, B: Any, omega: Any) -> Any:
    """(−iω − A)⁻¹B for one A and a row of frequencies, refined once.

    Args:
        A: matrix (n, n).
        B: matrix (n, m).
        omega: ω, (W,).

    >>> shifted_solutions(np.array([[-0.5]]), np.array([[1.0]]), np.array([0.0, 0.5]))[:, 0, 0]
    array([2.+0.j, 1.+1.j])
    """
    right = np.broadcast_to(B[:, None], (len(B), len(omega), B.shape[1]))
    return _by_schur(A, right, omega).swapaxes(0, 1)


def _by_schur(A: Any, right: Any, omega: Any) -> Any:
    """(−iω − A)⁻¹ of right sides (n, W, m), from one triangular form A = QTQ†.

    Back substitution runs row by row with all frequencies side by side. The residual is solved for
    once more, since a Schur form is as exact as the largest rate of the whole, and a slow mode may
    stand beside a fast one.
    """
    from scipy.linalg import schur

    form: Any = schur(A, output="complex")
    T, Q = form
    X = np.empty(right.shape, complex)
    step = max(1, CHUNK // (right.shape[0] * right.shape[2]))
    for first in range(0, len(omega), step):
        part, sent = omega[first : first + step], right[:, first : first + step]
        x = _substituted(T, Q, sent, part)
        residual = sent + 1j * part[:, None] * x + _applied(A, x)
        X[:, first : first + step] = x + _substituted(T, Q, residual, part)
    return X


def _substituted(T: Any, Q: Any, right: Any, omega: Any) -> Any:
    """Q(−iω − T)⁻¹Q†·right, last row first: x_i = (y_i + Σ_{j>i} T_ij x_j)/(−iω − T_ii)."""
    y = _applied(Q.conj().T, right)
    x = np.empty_like(y)
    flat = x.reshape(len(T), -1)
    for i in range(len(T) - 1, -1, -1):
        known = T[i, i + 1 :] @ flat[i + 1 :]
        x[i] = (y[i] + known.reshape(y.shape[1:])) / (-1j * omega - T[i, i])[:, None]
    return _applied(Q, x)


def _applied(M: Any, x: Any) -> Any:
    """M x for x of shape (n, frequencies, columns)."""
    return (M @ x.reshape(len(x), x.shape[1] * x.shape[2])).reshape(len(M), *x.shape[1:])
