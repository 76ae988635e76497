"""Products and inverses of small matrices, on many points at once, for `sign.py`.

Matrices live in one flat work array w, row after row, from an element called x, y, a, …; an
element is several numbers, one for each point (see vectors.py). Products are of rows with
rows, X Yᵀ, so that the innermost loop walks through memory.
"""

from ..base.compiling import inner
from .vectors import anywhere, fma, larger, load, magnitude, splat, store, where

LOSS = 1e2  # of precision, by pivots too small; beyond this, rows are exchanged


@inner
def _rows(w, x, dx, y, dy, depth):
    """Scalar products of rows x, x + dx with rows y, y + dy."""
    a = b = c = d = splat(w, 0.0)
    for k in range(depth):
        x0 = load(w, x + k)
        x1 = load(w, x + dx + k)
        y0 = load(w, y + k)
        y1 = load(w, y + dy + k)
        a = fma(x0, y0, a)
        b = fma(x0, y1, b)
        c = fma(x1, y0, c)
        d = fma(x1, y1, d)
    return a, b, c, d


# Products run over 2×2 tiles: two elements of each pair of rows serve four sums, so that every load
# is used twice, and four independent sums hide the time an `fma` takes. No sum runs in another
# order because of it: over k alone, first to last, for one point and for eight. Where the number
# of rows is odd, the last tile takes its row twice and writes the same value twice.


@inner
def product(w, out, wide, x, dx, y, dy, m, n, depth):
    """out ← X Yᵀ."""
    for i in range(0, m, 2):
        i1 = min(i + 1, m - 1)
        for j in range(0, n, 2):
            j1 = min(j + 1, n - 1)
            a, b, c, d = _rows(w, x + i * dx, (i1 - i) * dx, y + j * dy, (j1 - j) * dy, depth)
            store(w, out + i * wide + j, a)
            store(w, out + i * wide + j1, b)
            store(w, out + i1 * wide + j, c)
            store(w, out + i1 * wide + j1, d)


@inner
def update(w, out, wide, keep, gain, x, dx, y, dy, m, n, depth, symmetric):
    """out ← keep·out + gain·X Yᵀ; of a symmetric result, the upper half is copied."""
    for i in range(0, m, 2):
        i1 = min(i + 1, m - 1)
        for j in range(0, i + 1 if symmetric else n, 2):
            j1 = min(j + 1, n - 1)
            a, b, c, d = _rows(w, x + i * dx, (i1 - i) * dx, y + j * dy, (j1 - j) * dy, depth)
            a = fma(keep, load(w, out + i * wide + j), gain * a)
            b = fma(keep, load(w, out + i * wide + j1), gain * b)
            c = fma(keep, load(w, out + i1 * wide + j), gain * c)
            d = fma(keep, load(w, out + i1 * wide + j1), gain * d)
            store(w, out + i * wide + j, a)
            store(w, out + i * wide + j1, b)
            store(w, out + i1 * wide + j, c)
            store(w, out + i1 * wide + j1, d)
            if symmetric and j < i:
                store(w, out + j * wide + i, a)
                store(w, out + j1 * wide + i, b)
                store(w, out + j * wide + i1, c)
                store(w, out + j1 * wide + i1, d)


@inner
def _swap(w, p, q, step, n, pivots, index):
    """Exchange vectors p and q in the lanes whose pivot came from row `index`."""
    # Lanes with another row in mind get both vectors back as they were.
    exchanged = pivots == splat(w, float(index))
    for j in range(n):
        x = load(w, p + j * step)
        y = load(w, q + j * step)
        store(w, p + j * step, where(exchanged, y, x))
        store(w, q + j * step, where(exchanged, x, y))


@inner
def _pivot(w, a, n, k, pivots):
    """Bring a large enough pivot to row k where the diagonal has less than 0.1 of the best."""
    best = diagonal = magnitude(load(w, a + k * n + k))
    for i in range(k + 1, n):
        best = larger(best, magnitude(load(w, a + i * n + k)))
    # All lanes share the loop, but each may want another row. A diagonal within a tenth of the best
    # costs at most a digit and keeps rows in place, which in most points is all that happens.
    small = diagonal < splat(w, 0.1) * best
    if not anywhere(small):
        store(w, pivots + k, splat(w, float(k)))
        return False
    row = splat(w, float(k))
    for i in range(n - 1, k, -1):
        # Upwards, so that of rows that are equally good the topmost is taken. Equality is exact:
        # `best` is one of these very numbers.
        is_best = magnitude(load(w, a + i * n + k)) == best
        row = where(is_best, splat(w, float(i)), row)
    row = where(small, row, splat(w, float(k)))
    store(w, pivots + k, row)
    for i in range(k + 1, n):
        if anywhere(row == splat(w, float(i))):
            _swap(w, a + k * n, a + i * n, 1, n, row, i)
    return True


@inner
def _eliminate(w, a, n, pivots):
    """Replace the n×n matrix at a by its inverse: Gauss-Jordan, rows exchanged where needed."""
    zero, one = splat(w, 0.0), splat(w, 1.0)
    swapped = False
    for k in range(n):
        swapped |= _pivot(w, a, n, k, pivots)
        row = a + k * n
        # In place: column k of the inverse grows where column k of A has done its duty, so 1 stands
        # for the pivot before its row is divided, and 0 for what is above and below before rows are
        # reduced.
        pivot = one / load(w, row + k)
        store(w, row + k, one)
        for j in range(n):
            store(w, row + j, pivot * load(w, row + j))
        for i in range(n):
            if i != k:
                factor = zero - load(w, a + i * n + k)
                store(w, a + i * n + k, zero)
                for j in range(n):
                    x = load(w, a + i * n + j)
                    store(w, a + i * n + j, fma(factor, load(w, row + j), x))
    if swapped:
        # Inverted was PA, and A⁻¹ = (PA)⁻¹P: columns are exchanged, the last exchange first.
        for k in range(n - 1, -1, -1):
            row = load(w, pivots + k)
            for i in range(k + 1, n):
                if anywhere(row == splat(w, float(i))):
                    _swap(w, a + k, a + i, n, n, row, i)


@inner
def _eliminate_pairs(w, a, n):
    """The same with 2×2 pivots, x and p of a mode, in their order; and the loss of precision.

    Half the memory traffic, and an oscillator's pivot [[0, ω], [−ω, −γ]] is as good as any.
    """
    zero, one, loss = splat(w, 0.0), splat(w, 1.0), splat(w, 0.0)
    for k in range(0, n, 2):
        r0, r1 = a + k * n, a + (k + 1) * n
        p, q = load(w, r0 + k), load(w, r0 + k + 1)
        r, s = load(w, r1 + k), load(w, r1 + k + 1)
        det = one / (p * s - q * r)
        # Digits are lost in two places: ps − qr cancels, and a small pivot makes large multiples of
        # its rows be taken from all rows below. The sum over all pivots is what `invert` looks at.
        loss = fma(magnitude(p * s) + magnitude(q * r), magnitude(det), loss)
        p, q, r, s = s * det, zero - q * det, zero - r * det, p * det
        below = splat(w, 0.0)
        for i in range(a + (k + 2) * n + k, a + n * n, n):
            below = below + magnitude(load(w, i)) + magnitude(load(w, i + 1))
        loss = fma(below, magnitude(p) + magnitude(q) + magnitude(r) + magnitude(s), loss)
        store(w, r0 + k, one)
        store(w, r0 + k + 1, zero)
        store(w, r1 + k, zero)
        store(w, r1 + k + 1, one)
        for j in range(n):
            u, v = load(w, r0 + j), load(w, r1 + j)
            store(w, r0 + j, fma(p, u, q * v))
            store(w, r1 + j, fma(r, u, s * v))
        for i in range(0, n, 2):
            if i != k:
                _reduce(w, a + i * n, a + (i + 1) * n, r0, r1, k, n)
    return loss


@inner
def _reduce(w, i0, i1, r0, r1, k, n):
    """Subtract from rows i0, i1 what they have of the pivot rows r0, r1."""
    zero = splat(w, 0.0)
    f00, f01 = zero - load(w, i0 + k), zero - load(w, i0 + k + 1)
    f10, f11 = zero - load(w, i1 + k), zero - load(w, i1 + k + 1)
    store(w, i0 + k, zero)
    store(w, i0 + k + 1, zero)
    store(w, i1 + k, zero)
    store(w, i1 + k + 1, zero)
    for j in range(n):
        # Both pivot rows at once: each element of rows i0, i1 is loaded and stored once for two
        # steps.
        u, v = load(w, r0 + j), load(w, r1 + j)
        x = fma(f01, v, fma(f00, u, load(w, i0 + j)))
        y = fma(f11, v, fma(f10, u, load(w, i1 + j)))
        store(w, i0 + j, x)
        store(w, i1 + j, y)


@inner
def invert(w, x, y, n, spare, pivots):
    """Inverse of the n×n matrix at x into y; needs n² spare elements, and n for pivots' rows."""
    for i in range(n * n):
        store(w, y + i, load(w, x + i))
    if n % 2:
        _eliminate(w, y, n, pivots)
        return
    zero, one = splat(w, 0.0), splat(w, 1.0)
    # Every lane gets both inverses where one lane needs the second, and keeps its own: a point that
    # was good has the same bits beside a neighbour that was not. (NaN counts as poor.)
    poor = where(_eliminate_pairs(w, y, n) < splat(w, LOSS), zero, one)
    if anywhere(zero < poor):
        for i in range(n * n):
            store(w, spare + i, load(w, x + i))
        _eliminate(w, spare, n, pivots)
        for i in range(n * n):
            better = where(zero < poor, load(w, spare + i), load(w, y + i))
            store(w, y + i, better)


@inner
def square(w, x, n):
    """Sum of squares of n elements."""
    # Even and odd elements apart: two sums wait half as long for their `fma`.
    s = t = splat(w, 0.0)
    for i in range(0, n - 1, 2):
        u, v = load(w, x + i), load(w, x + i + 1)
        s, t = fma(u, u, s), fma(v, v, t)
    if n % 2:
        u = load(w, x + n - 1)
        s = fma(u, u, s)
    return s + t


@inner
def trace(w, x, n):
    """Trace of the n×n matrix at x."""
    total = splat(w, 0.0)
    for i in range(0, n * n, n + 1):
        total = total + load(w, x + i)
    return total
