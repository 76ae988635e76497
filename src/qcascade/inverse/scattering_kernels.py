"""Numba kernels of `qcascade.inverse`: residuals of scattering, and their slopes."""

import numpy as np

from ..base.compiling import inner


@inner
def invert(M, R):
    """R = M⁻¹ for a small complex matrix, by Gauss and Jordan; False where a pivot vanishes."""
    n = len(M)
    R[:, :] = 0.0
    for i in range(n):
        R[i, i] = 1.0
    for k in range(n):
        at = k
        for i in range(k + 1, n):
            if abs(M[i, k]) > abs(M[at, k]):
                at = i
        if not abs(M[at, k]) > 0.0:
            return False
        if at != k:
            for j in range(n):
                M[k, j], M[at, j] = M[at, j], M[k, j]
                R[k, j], R[at, j] = R[at, j], R[k, j]
        inverse = 1.0 / M[k, k]
        for j in range(n):
            M[k, j] *= inverse
            R[k, j] *= inverse
        for i in range(n):
            factor = M[i, k]
            if i != k and factor != 0.0:
                for j in range(n):
                    M[i, j] -= factor * M[k, j]
                    R[i, j] -= factor * R[k, j]
    return True


@inner
def _amplitudes(xx, xp, px, pp):
    """b_out = direct·b_in + conjugate·b_in† from the quadratures' 2 × 2 block."""
    return 0.5 * (xx + pp + 1j * (px - xp)), 0.5 * (xx - pp + 1j * (px + xp))


@inner
def _entry(R, roots, out, into):
    """The two amplitudes of one pair of ports, from R."""
    o, i = 2 * out, 2 * into
    scale = -roots[out] * roots[into]
    same = 1.0 if out == into else 0.0
    return _amplitudes(
        same + scale * R[o, i],
        scale * R[o, i + 1],
        scale * R[o + 1, i],
        same + scale * R[o + 1, i + 1],
    )


@inner
def scattered(R, roots, ports, powers, r):
    """Four residuals a pair of ports: direct (|S|² − T or both parts of S), then conjugate."""
    for k in range(len(powers)):
        direct, conjugate = _entry(R, roots, ports[k, 0], ports[k, 1])
        if powers[k] > 0.0:
            # |S|² is smooth everywhere; near the target this is |S| − √T.
            r[4 * k] = 0.5 * (abs(direct) ** 2 - powers[k]) / np.sqrt(powers[k])
            r[4 * k + 1] = 0.0
        else:
            # |S|² would be flat at its zero, and steps would only halve what is left.
            r[4 * k], r[4 * k + 1] = direct.real, direct.imag
        r[4 * k + 2], r[4 * k + 3] = conjugate.real, conjugate.imag


@inner
def scattered_slopes(R, roots, ports, powers, terms, factors, theta, J):
    """dr/dθ of `scattered`: dT_ab = −√κ_a R_ai c R_jb √κ_b for every term of A."""
    J[:, :] = 0.0
    last = len(theta) - 1
    for k in range(len(powers)):
        out, into = ports[k, 0], ports[k, 1]
        direct, _ = _entry(R, roots, out, into)
        o, l = 2 * out, 2 * into
        scale = -roots[out] * roots[into]
        for t in range(len(factors)):
            p, q, i, j = terms[t, 0], terms[t, 1], terms[t, 2], terms[t, 3]
            if p == last and q == last:
                continue
            x, y, u, v = R[o, i], R[o + 1, i], R[j, l], R[j, l + 1]
            c = scale * factors[t]
            a, b = _amplitudes(c * x * u, c * x * v, c * y * u, c * y * v)
            if powers[k] > 0.0:
                size = (direct.conjugate() * a).real / np.sqrt(powers[k])
                parts = (size, 0.0, b.real, b.imag)
            else:
                parts = (a.real, a.imag, b.real, b.imag)
            for e in range(4):
                if p != last:
                    J[4 * k + e, p] += parts[e] * theta[q]
                if q != last:
                    J[4 * k + e, q] += parts[e] * theta[p]
