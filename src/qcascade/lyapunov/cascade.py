"""Steady states of long cascades: A V + V Aᵀ + D = 0 for one large block triangular drift A.

Blocks are the strongly connected parts of a network, upstream ones first, so A_IJ = 0 for
J > I, and what part I receives comes through a few fields: A_IJ = C_I Φ_{I−1} … Φ_{J+1} B_J
(fields.py). In block (I, J) of the equation, the sums over everything upstream are then
running sums,

    A_II V_IJ + V_IJ A_JJᵀ + D_IJ + C_I S_J + T_I C_Jᵀ = 0,
    S_J ← Φ_I S_J + B_I V_IJ  (I = 1, 2, …),      T_I ← T_I Φ_Jᵀ + V_IJ B_Jᵀ  (J = 1, 2, …),

and forward substitution through M parts takes O(M²) operations. Schur forms A_II = Q T Qᴴ of
the diagonal blocks solve one such equation; where the parts of a network are few kinds of small
ones, a table holds its solutions for every pair of kinds. The solution of the same equation for
the residual makes up for their rounding. Nothing depends on how near the parts are to being
equal: a cascade of identical cavities is as good as any other.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.compiling import inner, kernel
from .fields import Downstream
from .schur_forms import schur_forms

LARGEST = 1e300  # elements of V that the residual may hold
NARROW = 4  # rows of a part up to which a table of inverses costs less than Schur forms


def solve_cascade(A: Any, D: Any, start: Any, fields: Downstream) -> tuple[Any, float]:
    """V by forward substitution, and the growth rate max Re λ(A) from the diagonal blocks.

    Args:
        A: block lower triangular drift, (n, n).
        D: symmetric diffusion, (n, n), in the same order.
        start: first row of every block, and n.
        fields: what parts send downstream, `fields(A, start)`.

    Returns:
        V, (n, n), which means nothing unless the rate is negative; and the rate. Elements are
        not finite where a long amplifier outgrows floating-point numbers.

    >>> from .fields import fields
    >>> A = np.array([[-1.0, 0.0], [2.0, -1.0]])
    >>> V, rate = solve_cascade(A, np.eye(2), np.arange(3), fields(A, np.arange(3)))
    >>> V, float(rate)
    (array([[0.5, 0.5],
           [0.5, 1.5]]), -1.0)
    """
    solution, rates = substitution(A, start, fields)
    rate = float(rates.max())
    A, D = (np.require(X, requirements=["C", "W"]) for X in (A, D))
    V = solution(D)
    if rate < 0 and np.abs(V).max() < LARGEST:
        # A Schur form knows a slow rate to ε‖A‖ only; the residual knows it as it is.
        R = np.empty(A.shape)
        _apply(A, fields, start, V, R)
        V += solution(R + R.T + D)
    return V, rate


def substitution(A: Any, start: Any, fields: Downstream) -> tuple[Callable[[Any], Any], Any]:
    """V of A V + V Aᵀ + R = 0 as a function of R, and max Re λ of every diagonal block.

    Args:
        A: block lower triangular drift, (n, n).
        start: first row of every block, and n.
        fields: what parts send downstream, `fields(A, start)`.
    """
    forms, rates = schur_forms(A, start)
    wide, kinds = int(np.diff(start).max()), len(forms.example)
    tabled = rates.max() < 0 and wide <= NARROW and kinds * wide**2 <= len(start)
    inverse = _inverses(forms, start, wide) if tabled else np.empty((0, 0, 0, 0))

    def solution(source: Any) -> Any:
        V = np.empty(A.shape)
        _substitute(forms, inverse, fields, start, np.require(source, requirements=["C", "W"]), V)
        return V

    return solution, rates


@kernel
def _inverses(forms, start, wide):
    """The solutions X of A_I X + X A_Jᵀ + R = 0 for all kinds I, J, and R one element at a time."""
    kinds, size = len(forms.example), wide * wide
    inverse = np.zeros((kinds, kinds, size, size))
    block, half = np.zeros((wide, wide)), np.zeros((wide, wide), np.complex128)
    Y = np.zeros_like(half)
    for p in range(kinds):
        for q in range(kinds):
            I, J = forms.example[p], forms.example[q]
            m, k = start[I + 1] - start[I], start[J + 1] - start[J]
            # Column e of the table is the solution for an R that is 1 in element e and 0 elsewhere.
            # Where all blocks are of few kinds, these solutions are computed once, and a product
            # replaces each solve.
            for e in range(m * k):
                for f in range(m * k):
                    block[f // k, f % k] = 1.0 if f == e else 0.0
                _solve_block(forms, p, q, m, block, 0, k, half, Y)
                for f in range(m * k):
                    inverse[p, q, f, e] = block[f // k, f % k]
    return inverse


@kernel
def _substitute(forms, inverse, fields, start, D, V):
    """Forward substitution, part by part; the equations stand at the top of this module.

    The outer loop goes downstream over the parts I, and the inner one downstream over J ≤ I: when
    V_IJ is solved for, all it hears of is final. `above` holds S for every column, which is what
    the fields at I carry of V from all parts before it; `left` holds T, the same sum along row I,
    and starts at zero in every row. That makes O(f) work of each of the M²/2 blocks, where the
    sums over everything upstream would make O(M).
    """
    n, f = fields.receive.shape
    above, passed = np.zeros((f, n)), np.zeros((f, n))  # S, for all columns of V at once
    wide = np.max(start[1:] - start[:-1])
    row = np.zeros((wide, n))  # V_IJ for all J ≤ I
    left, spare = np.zeros((wide, f)), np.zeros(f)  # T
    R, half = np.zeros(wide * wide), np.zeros((wide, wide), np.complex128)
    Y = np.zeros_like(half)
    modes = _runs_of_modes(start, len(inverse) > 0 and f == 2)
    before = 0
    for part in range(len(start) - 1):
        first, last = start[part], start[part + 1]
        m = last - first
        for a in range(m):
            for j in range(last):
                row[a, j] = D[first + a, j]
            for k in range(before):
                _add(row, a, fields.receive[first + a, k], above, k, first)
            for k in range(f):
                left[a, k] = 0.0
        # S has been added to the whole row above; T grows while the row moves past each J < I.
        other = 0
        while other < part:
            run = min(part, modes[other])
            if m == 2 and run > other:
                _past_modes(forms.kind, inverse, fields, start, part, other, run, row, left)
                other = run
            else:
                _hear(fields, start[other], start[other + 1], other, m, row, left)
                _solve(forms, inverse, start, part, other, row, R, half, Y)
                _pass(fields, start[other], start[other + 1], other, m, row, left, spare)
                other += 1
        # The diagonal block hears of both sums, C_I S_I and T_I C_Iᵀ, which are each other's
        # transpose: S_I is what T has become at the end of the row.
        for a in range(m):
            for b in range(m):
                value = row[a, first + b]
                for k in range(before):
                    value += fields.receive[first + a, k] * left[b, k]
                    value += left[a, k] * fields.receive[first + b, k]
                row[a, first + b] = value
            for k in range(before):
                above[k, first + a] = left[a, k]
        _solve(forms, inverse, start, part, part, row, R, half, Y)
        # S moves past part I, for all columns up to I; those downstream are zero so far.
        for k in range(fields.count[part]):
            _clear(passed, k, last)
            for l in range(before):
                _add(passed, k, fields.carry[part, k, l], above, l, last)
            for a in range(m):
                _add(passed, k, fields.send[first + a, k], row, a, last)
        above, passed = passed, above
        before = fields.count[part]
        for a in range(m):
            for j in range(last):
                V[first + a, j] = V[j, first + a] = row[a, j]


@kernel
def _apply(A, fields, start, V, out):
    """out ← A V, the fields being running sums for all columns of V at once."""
    n, f = fields.receive.shape
    state, spare = np.zeros((f, n)), np.zeros((f, n))
    before = 0
    # The sums over all that is upstream are carried along, as in `_substitute`: A V takes O(n²f),
    # and the zeros above the diagonal blocks are never touched.
    for part in range(len(start) - 1):
        first, last = start[part], start[part + 1]
        for i in range(first, last):
            _clear(out, i, n)
            for j in range(first, last):
                _add(out, i, A[i, j], V, j, n)
            for k in range(before):
                _add(out, i, fields.receive[i, k], state, k, n)
        for k in range(fields.count[part]):
            _clear(spare, k, n)
            for l in range(before):
                _add(spare, k, fields.carry[part, k, l], state, l, n)
            for j in range(first, last):
                _add(spare, k, fields.send[j, k], V, j, n)
        state, spare = spare, state
        before = fields.count[part]


@inner
def _clear(rows, i, width):
    for k in range(width):
        rows[i, k] = 0.0


@inner
def _add(rows, i, factor, others, j, width):
    if factor != 0:
        for k in range(width):
            rows[i, k] += factor * others[j, k]


@inner
def _solve(forms, inverse, start, part, other, row, R, half, Y):
    """X of A_I X + X A_Jᵀ + R = 0 in place of R, block J of the row."""
    p, q, low = forms.kind[part], forms.kind[other], start[other]
    m, k = start[part + 1] - start[part], start[other + 1] - low
    if len(inverse) == 0:
        _solve_block(forms, p, q, m, row, low, k, half, Y)
        return
    for a in range(m):
        for b in range(k):
            R[a * k + b] = row[a, low + b]
    for a in range(m):
        for b in range(k):
            value = 0.0
            for e in range(m * k):
                value += inverse[p, q, a * k + b, e] * R[e]
            row[a, low + b] = value


@inner
def _solve_block(forms, p, q, m, row, low, k, half, Y):
    """The same by Schur forms: T_I Y + Y T_Jᴴ + Q_Iᴴ R Q_J = 0, element by element.

    With A_I = Q_I T_I Q_Iᴴ and X = Q_I Y Q_Jᴴ. Both T are lower triangular, so

        (t_aa + t̄_bb) Y_ab = −(R̃_ab + Σ_{c<a} t_ac Y_cb + Σ_{c<b} Y_ac t̄_bc)

    needs only elements above and to the left, which are final (R. H. Bartels, G. W. Stewart,
    Commun. ACM 15, 820 (1972)). The divisor holds the sum of two decays,
    so is not zero where A is stable; what rounding takes of it, the residual makes up for.
    """
    at, to = forms.at[p], forms.at[q]
    for a in range(m):
        for b in range(k):
            value = 0.0j
            for c in range(m):
                value += forms.Q[at + c * m + a].conjugate() * row[c, low + b]
            half[a, b] = value
    for a in range(m):
        for b in range(k):
            value = 0.0j
            for c in range(k):
                value += half[a, c] * forms.Q[to + c * k + b]
            for c in range(a):
                value += forms.T[at + a * m + c] * Y[c, b]
            for c in range(b):
                value += Y[a, c] * forms.T[to + b * k + c].conjugate()
            rate = forms.T[at + a * m + a] + forms.T[to + b * k + b].conjugate()
            size = 1.0 / (rate.real * rate.real + rate.imag * rate.imag)
            Y[a, b] = -value * complex(rate.real * size, -rate.imag * size)
    for a in range(m):
        for b in range(k):
            value = 0.0j
            for c in range(k):
                value += Y[a, c] * forms.Q[to + b * k + c].conjugate()
            half[a, b] = value
    for a in range(m):
        for b in range(k):
            value = 0.0
            for c in range(m):
                x, y = forms.Q[at + a * m + c], half[c, b]
                value += x.real * y.real - x.imag * y.imag
            row[a, low + b] = value


@inner
def _hear(fields, low, high, part, m, row, left):
    """R_IJ ← R_IJ + T_I C_Jᵀ."""
    arriving = fields.count[part - 1] if part > 0 else 0
    for a in range(m):
        for b in range(low, high):
            value = row[a, b]
            for k in range(arriving):
                value += left[a, k] * fields.receive[b, k]
            row[a, b] = value


@inner
def _pass(fields, low, high, part, m, row, left, spare):
    """T_I ← T_I Φ_Jᵀ + V_IJ B_Jᵀ: the running sum of a row moves past a part."""
    before = fields.count[part - 1] if part > 0 else 0
    for a in range(m):
        for k in range(fields.count[part]):
            value = 0.0
            for l in range(before):
                value += left[a, l] * fields.carry[part, k, l]
            for b in range(low, high):
                value += row[a, b] * fields.send[b, k]
            spare[k] = value
        for k in range(fields.count[part]):
            left[a, k] = spare[k]


@inner
def _runs_of_modes(start, known):
    """For every part, where the run of single modes ends that begins there."""
    parts = len(start) - 1
    # From the last part to the first: a run that begins here ends where the one after it ends.
    end = np.arange(parts)
    for part in range(parts - 1, -1, -1):
        if known and start[part + 1] - start[part] == 2:
            end[part] = end[part + 1] if part + 1 < parts and end[part + 1] > part + 1 else part + 1
    return end


@inner
def _past_modes(kind, inverse, fields, start, part, other, run, row, left):
    """A row moves past a run of single modes, two fields at most: the same steps, in registers."""
    receive, send = fields.receive, fields.send
    # T (2×2), the block of the row (2×2) and K (4×4) are all there is: nothing is stored on the way
    # but the row. Brackets let the halves of a sum start together.
    t00, t01, t10, t11 = left[0, 0], left[0, 1], left[1, 0], left[1, 1]
    for J in range(other, run):
        j, K, f = start[J], inverse[kind[part], kind[J]], fields.carry[J]
        r0 = row[0, j] + (t00 * receive[j, 0] + t01 * receive[j, 1])
        r1 = row[0, j + 1] + (t00 * receive[j + 1, 0] + t01 * receive[j + 1, 1])
        r2 = row[1, j] + (t10 * receive[j, 0] + t11 * receive[j, 1])
        r3 = row[1, j + 1] + (t10 * receive[j + 1, 0] + t11 * receive[j + 1, 1])
        x0 = (K[0, 0] * r0 + K[0, 1] * r1) + (K[0, 2] * r2 + K[0, 3] * r3)
        x1 = (K[1, 0] * r0 + K[1, 1] * r1) + (K[1, 2] * r2 + K[1, 3] * r3)
        x2 = (K[2, 0] * r0 + K[2, 1] * r1) + (K[2, 2] * r2 + K[2, 3] * r3)
        x3 = (K[3, 0] * r0 + K[3, 1] * r1) + (K[3, 2] * r2 + K[3, 3] * r3)
        row[0, j], row[0, j + 1], row[1, j], row[1, j + 1] = x0, x1, x2, x3
        b00, b01, b10, b11 = send[j, 0], send[j, 1], send[j + 1, 0], send[j + 1, 1]
        t00, t01 = (
            (t00 * f[0, 0] + t01 * f[0, 1]) + (x0 * b00 + x1 * b10),
            (t00 * f[1, 0] + t01 * f[1, 1]) + (x0 * b01 + x1 * b11),
        )
        t10, t11 = (
            (t10 * f[0, 0] + t11 * f[0, 1]) + (x2 * b00 + x3 * b10),
            (t10 * f[1, 0] + t11 * f[1, 1]) + (x2 * b01 + x3 * b11),
        )
    left[0, 0], left[0, 1], left[1, 0], left[1, 1] = t00, t01, t10, t11
