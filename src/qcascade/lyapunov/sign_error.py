"""What is wrong with a V that the kernel of sign.py has found, on the scale of each of its rows."""

import numpy as np

from ..base.compiling import inner
from ..simd.matrices import square, update
from ..simd.vectors import fma, get, larger, load, magnitude, splat, sqrt, store, where
from .directions import ROUNDING
from .sign_parts import gather

EXCESS, WORSE, GAIN, CANCELLED = range(4)  # in the report on V
GOOD, POOR = 1e-14, 1e-12  # relative residuals: not worth refining, not to be accepted
FINE = 1e-8  # error of V relative to its smallest directions, at most, for V to be taken as it is
AMPLIFIED = 2e3  # times rounding, by which V may be off where its residual is not computed exactly
SPREAD = 50.0  # the same where rates are decades apart, and many steps add their rounding
HALVES = 2.0**27 + 1


@inner
def _scales(w, parts, at):
    """√|V_ii| and (Σ_j A_ij² |V_jj|)^½ of every row: a row is judged by its own width."""
    n = parts.start[-1]
    for i in range(n):
        store(w, at.width + i, sqrt(magnitude(load(w, at.v + i * n + i))))
    for block in range(len(parts.start) - 1):
        for i in range(parts.start[block], parts.start[block + 1]):
            total = splat(w, 0.0)
            for j in range(parts.start[block + 1]):  # nothing downstream acts on a row
                x = load(w, at.a + i * n + j) * load(w, at.width + j)
                total = fma(x, x, total)
            store(w, at.rate + i, sqrt(total))


@inner
def residual(w, parts, at):
    """R = AV + VAᵀ + D on and below the block diagonal, and what it says about V.

    In the report: by how much R exceeds GOOD times its terms anywhere; and how much rounding is
    multiplied, the largest ‖A_II‖‖V_II‖/‖R_II‖ over blocks, R_II what drives a block from upstream
    and outside, or the same of a single mode, which a louder one in its block may hide.
    """
    blocks, n = len(parts.start) - 1, parts.start[-1]
    gain, one = splat(w, 0.0), splat(w, 1.0)
    for block_i in range(blocks):
        i, m = parts.start[block_i], parts.start[block_i + 1] - parts.start[block_i]
        for block_j in range(block_i + 1):
            j, k = parts.start[block_j], parts.start[block_j + 1] - parts.start[block_j]
            r = at.r + i * n + j
            for p in range(m):
                for q in range(k):
                    store(w, r + p * n + q, load(w, at.d + (i + p) * n + j + q))
            diagonal = block_i == block_j  # added last, since what is there before drives the block
            gather(w, parts, at, block_i, r, at.a, i, at.v, j, m, k, not diagonal)
            gather(w, parts, at, block_j, r, at.v, i, at.a, j, m, k, not diagonal)
            if diagonal:
                gain = larger(gain, _amplification(w, parts, at, i, m, n))
                x, y = at.a + i * n + i, at.v + i * n + i
                update(w, r, n, one, one, x, n, y, n, m, m, m, False)
                update(w, r, n, one, one, y, n, x, n, m, m, m, False)
    _scales(w, parts, at)
    store(w, at.report + GAIN, larger(gain, _slowest(w, parts, at)))
    store(w, at.report + EXCESS, excess(w, parts, at, GOOD))


@inner
def rounding(w, parts, at):
    """X = diag(g_i w_i) in place of the residual, whose rounding is about ε times that."""
    n, zero = parts.start[-1], splat(w, 0.0)
    for i in range(n):
        for j in range(n):
            store(w, at.r + i * n + j, zero)
        store(w, at.r + i * n + i, load(w, at.rate + i) * load(w, at.width + i))


@inner
def amplification(w, parts, at):
    """Largest V_X,ii/V_ii, squared, where the solution V_X for X = diag(g_i w_i) stands at r.

    The solution of the equation is positive for a positive right-hand side, so that −cX ≤ δR ≤ cX
    leads to −cV_X ≤ δV ≤ cV_X. It sees what blocks and modes by themselves do not: a superposition
    of modes that is dark, and hardly decays beside what each of them does.
    """
    n, most = parts.start[-1], splat(w, 0.0)
    for i in range(0, n * n, n + 1):
        share = magnitude(load(w, at.r + i)) / magnitude(load(w, at.v + i))
        most = larger(most, share)
    return most * most


@inner
def exact_residual(w, parts, at):
    """R = AV + VAᵀ + D on and below the block diagonal, summed without rounding.

    Where the blocks multiply rounding, R as `residual` computes it is little more than its own
    rounding, and V is wrong by ε times the amplification, differently for every neighbour that is
    added. What R is to twice the digits takes V to the last one.
    """
    for block_i in range(len(parts.start) - 1):
        i, last = parts.start[block_i], parts.start[block_i + 1]
        for block_j in range(block_i + 1):
            j, end = parts.start[block_j], parts.start[block_j + 1]
            for p in range(i, last):
                for q in range(j, end):
                    _exact_element(w, parts, at, block_i, block_j, p, q)


@inner
def _exact_element(w, parts, at, block_i, block_j, p, q):
    """R_pq = D_pq + Σ A_pk V_kq + Σ V_pk A_qk over the nonzero elements of rows p and q of A."""
    n = parts.start[-1]
    row, column = at.a + p * n, at.a + q * n
    high, low = load(w, at.d + p * n + q), splat(w, 0.0)
    for r in range(parts.run[block_i], parts.run[block_i + 1]):
        high, low = _sum(w, row, at.v + q * n, parts.low[r], parts.high[r], high, low)
    first, last = parts.start[block_i], parts.start[block_i + 1]
    high, low = _sum(w, row, at.v + q * n, first, last, high, low)
    for r in range(parts.run[block_j], parts.run[block_j + 1]):
        high, low = _sum(w, column, at.v + p * n, parts.low[r], parts.high[r], high, low)
    first, last = parts.start[block_j], parts.start[block_j + 1]
    high, low = _sum(w, column, at.v + p * n, first, last, high, low)
    store(w, at.r + p * n + q, high + low)


@inner
def _sum(w, x, y, first, last, high, low):
    """high + low + Σ x_k y_k, k = first…last, where `low` collects what `high` rounds away.

    Sums and products without rounding are those of two_floats.py (T. Ogita, S. M. Rump, S. Oishi,
    SIAM J. Sci. Comput. 26, 1955 (2005)).
    """
    # Every addition waits for the last one, which eight points at once hide; and only groups with
    # an amplified lane come here.
    for k in range(first, last):
        a, b = load(w, x + k), load(w, y + k)
        a1, a2 = _halves(w, a)
        b1, b2 = _halves(w, b)
        term = a * b
        product_error = ((a1 * b1 - term) + a1 * b2 + a2 * b1) + a2 * b2
        total = high + term
        part = total - high
        low = low + (((high - (total - part)) + (term - part)) + product_error)
        high = total
    return high, low


@inner
def _halves(w, a):
    """a as the sum of two numbers of 26 bits."""
    # Without fast-math the compiler leaves the order as it is; reordered, this would be a and 0.
    shifted = splat(w, HALVES) * a
    high = shifted - (shifted - a)
    return high, a - high


@inner
def excess(w, parts, at, tolerance):
    """Largest |R_ij| − tolerance·(g_i w_j + w_i g_j), w_i = √V_ii, g_i = (Σ_j A_ij² V_jj)^½."""
    n, most, part = parts.start[-1], splat(w, 0.0), splat(w, -tolerance)
    for block in range(len(parts.start) - 1):
        for i in range(parts.start[block], parts.start[block + 1]):
            width, rate = part * load(w, at.width + i), part * load(w, at.rate + i)
            for j in range(i + 1):  # of a block on the diagonal, half is enough
                x = magnitude(load(w, at.r + i * n + j))
                x = fma(rate, load(w, at.width + j), x)
                most = larger(most, fma(width, load(w, at.rate + j), x))
    return most


@inner
def _amplification(w, parts, at, i, m, n):
    """‖A_II‖‖V_II‖/‖R_II‖ of the block of m rows from row i on, squared.

    A quadrature may be a block by itself, and its rate the difference of two of its mode's, which
    its partner's shows.
    """
    a, v, r, own = splat(w, 0.0), splat(w, 0.0), splat(w, 1e-300), splat(w, 0.0)
    for p in range(m):
        row = (i + p) * n + i
        a = a + square(w, at.a + row, m)
        v = v + square(w, at.v + row, m)
        r = r + square(w, at.r + row, m)
        x = load(w, at.a + parts.partner[i + p] * (n + 1))
        own = larger(own, x * x)
    return where(v < splat(w, np.inf), larger(a, own) * v / r, splat(w, np.inf))


@inner
def _slowest(w, parts, at):
    """Largest Σ g_i w_i/(Σ D_ii + 2|A_ij V_ji|) of a mode's quadratures i, squared.

    A change of D by −cD ≤ δD ≤ cD changes V by no more than cV: rounding, ε g_i w_i, is measured
    by the noise of its own mode, and by what other modes j send it. A mode without any noise of
    its own is left to its block.
    """
    n, most = parts.start[-1], splat(w, 0.0)
    for i in range(n):
        mate = parts.partner[i]
        noise, sent, terms = splat(w, 0.0), splat(w, 1e-300), splat(w, 0.0)
        for row in (i, mate):
            noise = noise + magnitude(load(w, at.d + row * (n + 1)))
            terms = fma(load(w, at.rate + row), load(w, at.width + row), terms)
            for j in range(n):
                if j != i and j != mate:
                    x = load(w, at.a + row * n + j) * load(w, at.v + j * n + row)
                    sent = sent + magnitude(x)
        share = terms / (noise + sent + sent)
        most = larger(most, where(splat(w, 0.0) < noise, share, splat(w, 0.0)))
    return most * most


@inner
def cancelled(w, parts, at):
    """Largest V_ii over what is left of it once the rows before i are known (V = LDLᵀ).

    A rounding error that is small beside V_ii is that much larger beside the small directions of
    V. Infinite where V is not positive; the memory of the residual is used.
    """
    n, worst, zero = parts.start[-1], splat(w, 1.0), splat(w, 0.0)
    # Row by row, so that the pivot of row i is final before any later row divides by it.
    for i in range(n):  # D_j L_ij goes below the diagonal, L_ij above it, 1/D_j aside
        for j in range(i + 1):
            known, row, column = zero, at.r + i * n, at.r + j
            for k in range(j):
                known = fma(load(w, row + k), load(w, column + k * n), known)
            remainder = load(w, at.v + i * n + j) - known
            store(w, row + j, remainder)
            if j < i:
                store(w, column + (i - j) + j * n, remainder * load(w, at.rate + j))
        inverse = splat(w, 1.0) / load(w, at.r + i * n + i)
        store(w, at.rate + i, inverse)
        share = load(w, at.v + i * n + i) * inverse
        worst = larger(worst, where(zero < inverse, share, splat(w, np.inf)))
    store(w, at.report + CANCELLED, worst)


@inner
def certain(w, report, l):
    """Whether the error of V is small beside the smallest directions of V.

    It is about rounding × the amplification of the blocks × what cancels among the rows.
    """
    gain, cancelled = np.sqrt(get(w, report + GAIN, l)), get(w, report + CANCELLED, l)
    return get(w, report + WORSE, l) <= 0 and ROUNDING * gain * cancelled < FINE
