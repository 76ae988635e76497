"""Forward substitution of the sign kernel: V, block by block, through the steps of the diagonal."""

from ..base.compiling import inner
from ..simd.matrices import product, update
from ..simd.vectors import fma, load, splat, store
from .sign_parts import gather


@inner
def _carry(w, at, r, n, inverse_i, m, inverse_j, k, steps):
    """R ← ½(c R + A_I⁻¹ R A_J⁻ᵀ/c) for the m×k block R at r, through all steps."""
    for step in range(steps):
        keep, gain = load(w, at.scale + 2 * step), load(w, at.scale + 2 * step + 1)
        x, y = inverse_i + step * at.stride, inverse_j + step * at.stride
        # U = A_J⁻¹Rᵀ, so that A_I⁻¹ R A_J⁻ᵀ = A_I⁻¹Uᵀ: both are products of rows with rows.
        product(w, at.u, m, y, k, r, n, k, m, k)
        update(w, r, n, keep, gain, x, m, at.u, m, m, k, m, inverse_i == inverse_j)


@inner
def _carry_small(w, at, r, n, inverse_i, inverse_j, steps):
    """The same for a 2×2 block, which stays in registers; [[e, f], [g, h]] is A_I⁻¹ R."""
    # Most parts are one mode, 2×2: four numbers and no loop, which saves the memory between steps.
    a, b = load(w, r), load(w, r + 1)
    c, d = load(w, r + n), load(w, r + n + 1)
    for step in range(steps):
        keep, gain = load(w, at.scale + 2 * step), load(w, at.scale + 2 * step + 1)
        x, y = inverse_i + step * at.stride, inverse_j + step * at.stride
        p, q = load(w, x), load(w, x + 1)
        s, t = load(w, x + 2), load(w, x + 3)
        e, f, g, h = fma(p, a, q * c), fma(p, b, q * d), fma(s, a, t * c), fma(s, b, t * d)
        p, q = load(w, y), load(w, y + 1)
        s, t = load(w, y + 2), load(w, y + 3)
        a, b = fma(keep, a, gain * fma(e, p, f * q)), fma(keep, b, gain * fma(e, s, f * t))
        c, d = fma(keep, c, gain * fma(g, p, h * q)), fma(keep, d, gain * fma(g, s, h * t))
    store(w, r, a)
    store(w, r + 1, b)
    store(w, r + n, c)
    store(w, r + n + 1, d)


@inner
def substitute(w, parts, at, v, steps):
    """Replace the right-hand side at v by the solution, block by block.

    Blocks go from upstream to downstream, and within a row of blocks from left to right. So when
    R_IJ = D_IJ + Σ_{K<I} A_IK V_KJ + Σ_{K<J} V_IK A_JKᵀ is gathered, every V in it is final:
    V_KJ stands in a row above, and V_IK to the left. The second sum takes the upper half of V as
    known, which is why each block is written to its mirror image at once.
    """
    n, half = parts.start[-1], splat(w, 0.5)
    inverse_i = at.inverse
    for block_i in range(len(parts.start) - 1):
        i, m = parts.start[block_i], parts.start[block_i + 1] - parts.start[block_i]
        inverse_j = at.inverse
        for block_j in range(block_i + 1):
            j, k = parts.start[block_j], parts.start[block_j + 1] - parts.start[block_j]
            r = v + i * n + j
            # Rounding enters with these sums, relative to their largest term; `residual` looks at
            # it, and solving for what is left takes it off again (sign.py).
            gather(w, parts, at, block_i, r, at.a, i, v, j, m, k, False)
            gather(w, parts, at, block_j, r, v, i, at.a, j, m, k, False)
            if m == 2 and k == 2:
                _carry_small(w, at, r, n, inverse_i, inverse_j, steps)
            else:
                _carry(w, at, r, n, inverse_i, m, inverse_j, k, steps)
            for p in range(m):
                for q in range(p + 1 if block_i == block_j else k):
                    x = half * load(w, r + p * n + q)
                    store(w, r + p * n + q, x)
                    store(w, v + (j + q) * n + i + p, x)
            inverse_j += k * k
        inverse_i += m * m
