"""A squeezed node and a chain with common baths, typed in quadratures (Pelka et al., 2026).

dα_0/dt = −(iω + γ_o/2)α_0 − ijα_e − rα_0*, and on every edge, H = iJ a_l†a_{l+1} + h.c. with the
jump √γ w(a_l + a_{l+1}): dα_l = (J − w²γ/2)α_{l+1}, dα_{l+1} = −(J + w²γ/2)α_l.
J = γ/2; w = 1 is one-way, w = 1/√2 the letter.
"""

from typing import Any

from independent.gaussian import covariance, growth, log_negativity, mp

NODES = 10  # of the chain; mode 0 is the squeezed node
GAMMA, GAMMA_OUT = mp.mpf("0.8"), mp.mpf("0.002")
POINTS = [("0.1", "0.1"), ("0.5", "0.3"), ("0.8", "0.1"), ("1.0", "0.3"), ("1.0", "0.02")]
UNSTABLE = [("0.8", "0.6"), ("1.0", "0.4"), ("0.1", "1.0")]


def matrices(
    j: str, r: str, end: int = 1, weight_squared: Any = 1, common: Any = 0, local: Any = 0
) -> tuple[Any, Any]:
    """A and D at ω = 1; `common` and `local` are thermal occupations of the baths."""
    j, r, w2 = mp.mpf(j), mp.mpf(r), mp.mpf(weight_squared)
    modes = NODES + 1
    A, D = mp.zeros(2 * modes), mp.zeros(2 * modes)

    def both(M: Any, row: int, column: int, value: Any) -> None:
        M[2 * row, 2 * column] += value
        M[2 * row + 1, 2 * column + 1] += value

    for k in range(modes):
        both(A, k, k, -GAMMA_OUT / 2)
        both(D, k, k, GAMMA_OUT * (2 * mp.mpf(local) + 1) / 2)
        A[2 * k, 2 * k + 1] += 1
        A[2 * k + 1, 2 * k] -= 1
    A[0, 0] -= r
    A[1, 1] += r
    for here, there in ((0, end), (end, 0)):
        A[2 * here, 2 * there + 1] += j
        A[2 * here + 1, 2 * there] -= j
    heat = w2 * GAMMA * (2 * mp.mpf(common) + 1) / 2
    for l in range(1, NODES):
        both(A, l, l + 1, GAMMA / 2 - w2 * GAMMA / 2)
        both(A, l + 1, l, -GAMMA / 2 - w2 * GAMMA / 2)
        both(A, l, l, -w2 * GAMMA / 2)
        both(A, l + 1, l + 1, -w2 * GAMMA / 2)
        for row in (l, l + 1):
            for column in (l, l + 1):
                both(D, row, column, heat)
    return A, D


def point(j: str, r: str, **more: Any) -> dict[str, Any]:
    """E_N of the squeezed node with every node of the chain, M_max, and n_0; None if it grows."""
    V = covariance(*matrices(j, r, **more))
    if V is None:
        return {"E_N": None, "reach": None, "occupation": None}
    E_N = [log_negativity(V, 0, k) for k in range(1, NODES + 1)]
    reach = max((k + 1 for k, value in enumerate(E_N) if value > mp.mpf(10) ** -25), default=0)
    return {"E_N": E_N, "reach": reach, "occupation": (V[0, 0] + V[1, 1] - 1) / 2}


def threshold(j: str) -> Any:
    """The r at which node 0 and node 1, which feel nothing downstream, begin to grow.

    Eliminating α_1 at rest leaves (iω + γ_o/2 + j²/(iω + (γ + γ_o)/2))α_0 = −rα_0*.
    """
    through = mp.mpc(0, 1) + (GAMMA + GAMMA_OUT) / 2
    return abs(mp.mpc(0, 1) + GAMMA_OUT / 2 + mp.mpf(j) ** 2 / through)


def main() -> None:
    for at in POINTS:
        here = point(*at)
        E_N, n = here["E_N"], here["occupation"]
        print(*at, *(mp.nstr(x, 12) for x in (E_N[0], E_N[1])), here["reach"], mp.nstr(n, 12))
    print("last node at (1.0, 0.02):", mp.nstr(point("1.0", "0.02")["E_N"][-1], 12))
    printed = point("0.5", "0.3", end=NODES, weight_squared="0.5")
    print("backward as printed, E_N(0,9):", mp.nstr(printed["E_N"][8], 12))
    for at in UNSTABLE:
        print(*at, "grows at", growth(matrices(*at)[0]))
    for j in ("0.2", "0.4", "0.6", "0.8", "1.0"):
        print("threshold", j, mp.nstr(threshold(j), 12))


if __name__ == "__main__":
    main()
