"""Compiled ẏ = L(t) y for sparse L of one pattern, by Taylor series in time.

Over a step L = Σ_m f_m(τ) L_m with polynomials hf_m = Σ_j c_mj τʲ, and y = Σ_k y_k τᵏ has

    (k + 1) y_{k+1} = Σ_m L_m Σ_j c_mj y_{k−j},

which is exact: no commutators are left out. Only the end of the series is an error, and what the
f_m are besides polynomials. Both are defects, r = ẏ − L(t)y of the state that is found, and since
trace-preserving flows contract, the state is off by ∫‖r‖dτ at most.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base import compiling as numba

MOST = 44
"""Terms of a series."""

AIM = 32
"""Terms that a piece of a step should take: longer pieces take fewer per unit of time."""

REACH = 6.0
"""‖L‖ times the length of the first piece."""

GROWTH = 30.0
"""Largest term beside the state that is allowed however small errors must be: it costs digits."""

BLOCK = 256
"""Numbers of the state that are worked on together, so that they stay in the nearest cache."""


class Sparsity(NamedTuple):
    """Σ_m L_m w_m as one sparse matrix on the w_m, one below the other."""

    start: Any  # where each row's summands begin, (n + 1,)
    place: Any  # m·n + column of each summand
    number: Any  # m
    column: Any
    factor: Any  # and what it is multiplied with
    norm: Any  # square roots of the weights of ‖ρ‖_F² = Σ w y², (n,)


@numba.njit(nogil=True, inline="always")
def _multiply(p: Sparsity, w: Any, scale: float, out: Any) -> float:
    """out = scale · Σ_m L_m w_m, and its largest element."""
    most = 0.0
    for i in range(len(p.start) - 1):
        total = 0.0
        for e in range(p.start[i], p.start[i + 1]):
            total += p.factor[e] * w[p.place[e]]
        total *= scale
        out[i] = total
        most = max(most, abs(total)) if abs(total) < np.inf else np.inf
    return most


@numba.njit(nogil=True)
def _bound(p: Sparsity, weight: Any, x: Any, n: int, out: Any) -> float:
    """out = Σ_m |L_m| weight_m |x|, and its largest element."""
    most = 0.0
    for i in range(n):
        total = 0.0
        for e in range(p.start[i], p.start[i + 1]):
            total += abs(p.factor[e]) * weight[p.number[e]] * abs(x[p.column[e]])
        out[i] = total
        most = max(most, total) if total < np.inf else np.inf
    return most


@numba.njit(nogil=True)
def _length(p: Sparsity, x: Any) -> float:
    """‖x‖_F."""
    total = 0.0
    for i in range(len(x)):
        total += (p.norm[i] * x[i]) ** 2
    return np.sqrt(total)


@numba.njit(nogil=True)
def _shifted(powers: Any, begin: float, length: float, c: Any, degree: Any) -> int:
    """Powers of σ in τ = begin + length · σ, times the length, and the highest of them."""
    highest, count = 0, len(powers)
    for m in range(powers.shape[1]):
        last = 0
        for j in range(count):
            c[j, m] = powers[j, m]
            if powers[j, m] != 0.0:
                last = j
        for k in range(last):  # Horner's scheme, again and again
            for j in range(last - 1, k - 1, -1):
                c[j, m] += begin * c[j + 1, m]
        scale = length
        for j in range(last + 1):
            c[j, m] *= scale
            scale *= length
        degree[m] = last
        highest = max(highest, last)
    return highest


@numba.njit(nogil=True)
def _combined(c: Any, degree: Any, Y: Any, k: int, w: Any) -> None:
    """w_m = Σ_j c_mj y_{k−j}."""
    n = Y.shape[1]
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        for m in range(c.shape[1]):
            out, x, term = w[m * n + first : m * n + last], c[0, m], Y[k, first:last]
            for i in range(len(out)):
                out[i] = x * term[i]
            most = min(k, degree[m])
            for j in range(1, most + 1, 2):
                # Two at a time: half as many numbers are read and written.
                x, z = c[j, m], c[j + 1, m] if j < most else 0.0
                term, other = Y[k - j, first:last], Y[max(k - j - 1, 0), first:last]
                for i in range(len(out)):
                    out[i] += x * term[i] + z * other[i]


@numba.njit(nogil=True)
def _series(
    p: Sparsity, c: Any, degree: Any, highest: int, Y: Any, w: Any, size: Any, least: float
) -> int:
    """The terms y_k until those that follow are too small to count, and how many there are."""
    small = 0
    for k in range(MOST):
        _combined(c, degree, Y, k, w)
        size[k + 1] = _multiply(p, w, 1.0 / (k + 1), Y[k + 1])
        small = small + 1 if size[k + 1] <= least * size[0] else 0
        # A term follows from as many before it as the polynomials have powers.
        if small > highest:
            return k + 1
    return MOST


@numba.njit(nogil=True)
def _share(size: Any, count: int, highest: int, small: bool, least: float) -> float:
    """How much of a piece its terms serve: beyond, they do not end, or lose digits."""
    share, allowed = 1.0, max(GROWTH, least * 2.0**53)
    for k in range(1, count + 1):
        if size[k] > allowed * size[0]:
            share = min(share, (allowed * size[0] / size[k]) ** (1.0 / k))
    if not small:
        for k in range(count - highest, count + 1):
            if size[k] > least * size[0]:
                share = min(share, 0.95 * (least * size[0] / size[k]) ** (1.0 / k))
    return share


@numba.njit(nogil=True)
def _summed(Y: Any, count: int, share: float, y: Any, slope: Any) -> None:
    """y = Σ y_k σᵏ and its derivative at one place."""
    n = Y.shape[1]
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        state, rate = y[first:last], slope[first:last]
        for i in range(len(state)):
            state[i], rate[i] = Y[0, first + i], 0.0
        power = 1.0
        for k in range(1, count + 1):
            x, term = k * power, Y[k, first:last]
            power *= share
            for i in range(len(state)):
                state[i] += power * term[i]
                rate[i] += x * term[i]


@numba.njit(nogil=True)
def _defect(
    p: Sparsity, c: Any, highest: int, share: float, y: Any, slope: Any, w: Any, flow: Any
) -> float:
    """‖ẏ − Ly‖_F at the end of a piece, where its series is worst; w and flow are overwritten."""
    n = len(y)
    for m in range(c.shape[1]):
        x = 0.0
        for j in range(highest, -1, -1):
            x = x * share + c[j, m]
        for i in range(n):
            w[m * n + i] = x * y[i]
    _multiply(p, w, 1.0, flow)
    for i in range(n):
        slope[i] -= flow[i]
    return _length(p, slope)


@numba.njit(nogil=True)
def _watched(Y: Any, count: int, share: float, edge: Any) -> float:
    """The largest value of a functional on the way."""
    largest, values = -np.inf, np.empty(count + 1)
    for k in range(count + 1):
        values[k] = 0.0
        for i in range(len(edge)):
            values[k] += edge[i] * Y[k, i]
    for look in range(1, 5):
        total, at = 0.0, share * look / 4
        for k in range(count, -1, -1):
            total = total * at + values[k]
        largest = max(largest, total)
    return largest


@numba.njit(cache=True, nogil=True)
def carry(
    p: Sparsity, powers: Any, off: Any, y: Any, least: float, edge: Any, reach: float
) -> tuple[float, int, float, float]:
    """Carry a vector through one step after the other, in place.

    Args:
        p: pattern of L.
        powers: coefficients h c_mj of the steps, (S, powers, F).
        off: by how much the numbers may be off their polynomials, times h, (S, F).
        y: vector (n,), changed in place.
        least: size of a term, relative to the vector, below which a series ends.
        edge: a functional (n,) to watch, or of no length.
        reach: ‖L‖ times the length of a first piece.

    Returns:
        The largest value of the functional on the way, the number of applications of L, the
        integral of the defect (Frobenius norm), and ‖L‖ times the length of the next piece.
    """
    n, count = len(y), powers.shape[2]
    Y, w, size = np.empty((MOST + 1, n)), np.empty(n * count), np.zeros(MOST + 1)
    slope, c, bound, one = np.empty(n), np.zeros(powers.shape[1:]), np.empty(count), np.ones(n)
    degree = np.zeros(count, np.int64)
    largest, used, error = -np.inf, 0, 0.0
    for s in range(len(powers)):
        for m in range(count):
            bound[m] = np.abs(powers[s, :, m]).sum()
        norm = _bound(p, bound, one, n, slope)
        if not (norm < np.inf and np.isfinite(off[s]).all()):
            y[:] = np.nan
            return largest, used, np.inf, reach
        begin = 0.0
        _bound(p, off[s], y, n, slope)
        missed = _length(p, slope)
        while begin < 1.0:
            length = min(1.0 - begin, reach / norm) if norm > 0.0 else 1.0
            # No crumb is left for a last piece.
            pieces = np.ceil((1.0 - begin) / length - 1e-9)
            length = (1.0 - begin) / pieces
            highest = _shifted(powers[s], begin, length, c, degree)
            size[0] = 0.0
            for i in range(n):
                Y[0, i] = y[i]
                size[0] = max(size[0], abs(y[i]))
            terms = _series(p, c, degree, highest, Y, w, size, least)
            small = terms < MOST
            share = _share(size, terms, highest, small, least)
            _summed(Y, terms, share, y, slope)
            if len(edge):
                largest = max(largest, _watched(Y, terms, share, edge))
            error += share * _defect(p, c, highest, share, y, slope, w, Y[0])
            used += terms + 1
            if not share > 1e-9:
                y[:] = np.nan
                return largest, used, np.inf, reach
            begin = 1.0 if pieces == 1 and share == 1.0 else begin + share * length
            longer = norm * length * share * min(max(AIM / terms, 0.7), 1.5)
            # A piece that a step's end has cut short tells nothing of longer ones.
            if longer > reach or norm * length >= 0.99 * reach or share < 1.0:
                reach = longer if longer > 0.0 else reach
        _bound(p, off[s], y, n, slope)
        error += max(missed, _length(p, slope))
    return largest, used, error, reach
