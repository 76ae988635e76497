"""Chains of modes fed one way, at fifty digits: two motions through a link, and nodes in a row.

Complex amplitudes: dα/dt = Wα + Zα* + noise. Light that has passed a cavity drives the next:
da_2/dt = −(κ_2/2)a_2 − √(ηκ_1κ_2)a_1 − √κ_2 √η b_in − …, so one vacuum drives both.
"""

from typing import Any

from independent.gaussian import covariance, log_negativity, margin, mp, symplectic


def quadratures(W: Any, Z: Any, paths: list[Any], heat: list[tuple[int, Any]]) -> tuple[Any, Any]:
    """A and D on (x₁, p₁, …); `paths` are columns of vacuum inputs, `heat` adds to single modes."""
    n = W.rows
    A, D = mp.zeros(2 * n), mp.zeros(2 * n)
    for i in range(n):
        for k in range(n):
            w, z = mp.mpc(W[i, k]), mp.mpc(Z[i, k])
            A[2 * i, 2 * k], A[2 * i, 2 * k + 1] = w.real + z.real, z.imag - w.imag
            A[2 * i + 1, 2 * k], A[2 * i + 1, 2 * k + 1] = w.imag + z.imag, w.real - z.real
            seen = mp.fsum(mp.mpc(path[i]) * mp.conj(path[k]) for path in paths) / 2
            D[2 * i, 2 * k] = D[2 * i + 1, 2 * k + 1] = mp.re(seen)
            D[2 * i, 2 * k + 1], D[2 * i + 1, 2 * k] = -mp.im(seen), mp.im(seen)
    for mode, rate in heat:
        D[2 * mode, 2 * mode] += rate
        D[2 * mode + 1, 2 * mode + 1] += rate
    return A, D


def link(
    blue: Any, red: Any, thermal: Any = 0, loss: Any = 0, damping: Any = "1e-4", coupled: Any = 1
) -> Any:
    """V of (motion, light) upstream and (light, motion) downstream; κ = 1 for both lights.

    H = g₁(a†b† + ab) upstream, g₂(a†b + b†a) downstream; of each light's decay the share
    `coupled` belongs to the link.
    """
    g1, g2, N, y, out = map(mp.mpf, (blue, red, thermal, damping, coupled))
    passes, lost = mp.sqrt(1 - mp.mpf(loss)), mp.sqrt(mp.mpf(loss))
    i, half, pull = mp.mpc(0, 1), mp.mpf("0.5"), mp.sqrt(out)
    W, Z = mp.zeros(4), mp.zeros(4)
    W[0, 0] = W[3, 3] = -y / 2
    W[1, 1] = W[2, 2] = -half
    W[2, 1] = -out * passes
    Z[0, 1] = Z[1, 0] = -i * g1
    W[2, 3] = W[3, 2] = -i * g2
    rest = mp.sqrt(1 - out)
    paths = [
        [0, pull, passes * pull, 0],  # the vacuum that meets one light and then the other
        [0, 0, lost * pull, 0],
        [0, rest, 0, 0],
        [0, 0, rest, 0],
    ]
    heat = [(k, y * (N + half)) for k in (0, 3)]
    return covariance(*quadratures(W, Z, paths, heat))


def entanglement(*at: Any, **more: Any) -> Any:
    """E_N of the two motions, nats."""
    return log_negativity(link(*at, **more), 0, 3)


def row(nodes: list[tuple[Any, Any]], decay: Any = 1) -> Any:
    """V of squeezed modes (ξ, Δ) in a row, H = Δa†a + (i/2)(ξa†² − h.c.), each fed by the last."""
    n, k = len(nodes), mp.mpf(decay)
    W, Z = mp.zeros(n), mp.zeros(n)
    for j, (xi, delta) in enumerate(nodes):
        W[j, j] = mp.mpc(-k / 2, -mp.mpf(delta))
        Z[j, j] = mp.mpc(xi)
        for before in range(j):
            W[j, before] = -k
    return covariance(*quadratures(W, Z, [[mp.sqrt(k)] * n], []))


def main() -> None:
    for at in (("0.0049209", "0.0079370"), ("0.0049209", "0.0128018", 1)):
        print("E_N", *at, mp.nstr(entanglement(*at), 12))
    for below in ("1e-6", "1e-9"):
        blue = mp.mpf("0.005") * (1 - mp.mpf(below))
        V = link(blue, "0.0080064072801787", loss="0.2", coupled="0.99")
        print("margin near threshold", below, mp.nstr(margin(V, 0, 3), 12))
    print("vacuum stays a state:", mp.nstr(symplectic(link(0, 0), 1, 2), 12))


if __name__ == "__main__":
    main()
