"""Light that comes back after a time: an oscillator in its own delayed field, a qubit by a mirror.

The doubled picture of amplitudes, and the method of steps; owes nothing to the package. With
H = Δa†a + i(r/2)(a² − a†²), ports κ₁, κ₂, κ_l, and what leaves port 1 entering port 2 after τ,

    b₂(t) = √η e^{iφ} (b₁(t − τ) + √κ₁ a(t − τ)) − √(1−η) v(t − τ),
    d(ω) a(ω) + r a†(ω) = ξ(ω),    d = −iω + iΔ + κ/2 + √(κ₁κ₂η) e^{i(φ+ωτ)},

and ⟨ξ(ω)ξ†(ω′)⟩ = 2πδ(ω − ω′) g, g = |√κ₁ + √(κ₂η) e^{i(φ+ωτ)}|² + κ₂(1−η) + κ_l.

Where light comes by several ways but never back, a response is a sum of exponentials that begins
when light has come by a way, so that V is a double sum of closed integrals: `by_poles`.
"""

import mpmath
import numpy as np
from scipy.special import factorial

POINTS = {  # Δ, κ₁, κ₂, κ_l, τ, φ, η, r
    "no delay": (0.0, 0.5, 0.5, 0.0, 0.0, 0.3, 0.9, 0.1),
    "a round trip in a lifetime": (0.0, 0.5, 0.5, 0.0, 1.0, 0.3, 0.9, 0.1),
    "a long line, loss": (0.2, 0.6, 0.3, 0.1, 4.0, 1.0, 0.8, 0.15),
}


def covariance(detuning, k1, k2, loss, delay, phase, transmission, r, last=2000.0, panels=40_000):
    """V of (x, p), vacuum ½: ⟨a†a⟩ and ⟨aa⟩ from −last to last, by Gauss's rule on even panels."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.linspace(-last, last, panels + 1)
    half = (edges[1] - edges[0]) / 2
    omega = (edges[:-1, None] + half * (1 + nodes)).ravel()
    weight = np.tile(weights, panels) * half / (2 * np.pi)

    def at(w):
        round_trip = np.sqrt(transmission) * np.exp(1j * (phase + w * delay))
        d = -1j * w + 1j * detuning + (k1 + k2 + loss) / 2 + np.sqrt(k1 * k2) * round_trip
        g = abs(np.sqrt(k1) + np.sqrt(k2) * round_trip) ** 2 + k2 * (1 - transmission) + loss
        return d, g

    (d, g), (below, noise_below) = at(omega), at(-omega)
    both = d * below.conj() - r**2
    quanta = (weight * r**2 * noise_below / abs(both) ** 2).sum()
    mirrored = below * d.conj() - r**2  # the determinant at −ω
    pairs = (weight * g * (below.conj() / both) * (-r / mirrored)).sum()
    return np.array(
        [[0.5 + quanta + pairs.real, pairs.imag], [pairs.imag, 0.5 + quanta - pairs.real]]
    )


def excited(time, decay=1.0, delay=1.0, phase=np.pi):
    """P(t) of a qubit, excited at 0, before a mirror: ċ = −(γ/2)c − (γ/2)e^{iφ}c(t − τ).

    Step by step (U. Dorner & P. Zoller, Phys. Rev. A 66, 023816 (2002)):
    c = Σ_n (−γ e^{iφ}/2)ⁿ (t − nτ)ⁿ/n! e^{−γ(t−nτ)/2}.
    """
    c = 0.0
    for n in range(int(time / delay) + 1):
        late = time - n * delay
        echo = (-decay / 2 * np.exp(1j * phase)) ** n / factorial(n)
        c += echo * late**n * np.exp(-decay * late / 2)
    return abs(c) ** 2


def by_poles(lines, noise, digits=40):
    """V of Ṙ = A R + B r + B_l r_l, r_l(t) = u(t − τ), u = C_l R + F_le r, ⟨r rᵀ⟩ = N, no way back
    and no line into a line."""
    assert not lines.F_ll.any()
    with mpmath.workdps(digits):
        A, N = (mpmath.matrix(np.asarray(x).tolist()) for x in (lines.A, noise))
        n, one = A.rows, mpmath.eye(A.rows)
        through, entering = {}, {mpmath.mpf(0): mpmath.matrix(lines.B.tolist())}
        for tau in np.unique(lines.times):
            out = lines.B_l[:, lines.times == tau]
            for terms, sent in ((through, lines.C_l), (entering, lines.F_le)):
                felt = out @ sent[lines.times == tau]
                terms[mpmath.mpf(tau)] = mpmath.matrix(felt.tolist())
        residues, step = {}, mpmath.mpf(10) ** -(digits // 2)
        poles = []
        for pole in mpmath.eig(A, left=False, right=False):
            if all(abs(pole - other) > 10 * step for other in poles):
                poles.append(pole)
        for j, pole in enumerate(poles):
            for k in range(4):  # the mean on a small circle is a residue
                z = step * mpmath.expjpi(mpmath.mpf(k) / 2)
                inverse = ((pole + z) * one - A) ** -1
                arriving = {T: inverse * beta for T, beta in entering.items()}
                while arriving:
                    later = {}
                    for T, x in arriving.items():
                        residues[T, j] = residues.get((T, j), 0 * x) + x * z / 4
                        for tau, K in through.items():
                            if mpmath.norm(K * x) > 0:
                                y = inverse * (K * x)
                                later[T + tau] = later.get(T + tau, 0 * y) + y
                    arriving = later
        V = mpmath.zeros(n)
        for (T, j), x in residues.items():
            for (S, k), y in residues.items():
                both = mpmath.exp(poles[j] * (max(T, S) - T) + poles[k] * (max(T, S) - S))
                V -= x * N * y.T * (both / (poles[j] + poles[k]))
        return np.array([[float(V[i, k].real) for k in range(n)] for i in range(n)])


def main():
    for name, point in POINTS.items():
        V = covariance(*point)
        print(f"{name:<30}{V[0, 0]:.9f} {V[0, 1]:.9f} {V[1, 1]:.9f}")
    for time in (1.5, 10.0):
        print(f"excited at {time:<19}{excited(time):.9f}")


if __name__ == "__main__":
    main()
