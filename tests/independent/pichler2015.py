"""Driven chiral chains typed as superoperators: Stannigel et al. (2012), Pichler et al. (2015).

Four qubits, basis |g⟩ = (1, 0), |e⟩ = (0, 1), first qubit first; rates in units of γ_R. Hopping and
jumps of both ways, a laser that comes from the left, decay elsewhere and dephasing ½γ_φ 𝒟[σᶻ]:

    dρ/dt = −i[H, ρ] + Σ_J (JρJ† − ½{J†J, ρ}),   ρ → ρ row by row.

The steady state is the null vector of the generator, by a singular value decomposition.
"""

from typing import Any

import numpy as np

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])
POINTS = [
    # (δ_1 … δ_4), Ω, γ_L, γ′, γ_φ, φ
    ((0.3, -0.3, 0.7, -0.7), 0.5, 0.3, 0.0, 0.0, 0.0),
    ((0.3, 0.7, -0.7, -0.3), 0.5, 0.3, 0.0, 0.0, 0.0),
    ((0.3, 0.7, -0.3, -0.7), 0.8, 0.0, 0.0, 0.0, 1.1),
    ((0.3, -0.3, 0.7, -0.4), 0.5, 0.6, 0.1, 0.05, 0.7),
]


def qubits() -> list[np.ndarray]:
    """σ_1 … σ_4."""
    one = np.eye(2)
    found = []
    for j in range(4):
        matrix = np.ones((1, 1))
        for k in range(4):
            matrix = np.kron(matrix, LOWER if j == k else one)
        found.append(matrix)
    return found


def equation(
    deltas: Any, drive: float, left: float, loss: float, dephasing: float, phase: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """H and the jumps."""
    s = qubits()
    H = np.zeros((16, 16), complex)
    for j, (delta, x) in enumerate(zip(deltas, s, strict=True)):
        push = drive * np.exp(1j * j * phase) * x.T
        H += -delta * x.T @ x + push + push.conj().T
    for j in range(4):
        for l in range(4):
            rate = 1.0 if j > l else left if j < l else 0.0
            hop = -0.5j * rate * np.exp(1j * abs(j - l) * phase) * s[j].T @ s[l]
            H += hop + hop.conj().T
    jumps = [sum(np.exp(-1j * j * phase) * x for j, x in enumerate(s))]
    jumps.append(np.sqrt(left) * sum(np.exp(1j * j * phase) * x for j, x in enumerate(s)))
    jumps += [np.sqrt(loss) * x for x in s]
    jumps += [np.sqrt(dephasing / 2) * (2 * x.T @ x - np.eye(16)) for x in s]
    return H, jumps


def steady(*point: Any) -> np.ndarray:
    """ρ, (16, 16)."""
    H, jumps = equation(*point)
    one = np.eye(16)
    K = -1j * H - sum(J.conj().T @ J for J in jumps) / 2
    L = np.kron(K, one) + np.kron(one, K.conj()) + sum(np.kron(J, J.conj()) for J in jumps)
    rho = np.linalg.svd(L)[2][-1].conj().reshape(16, 16)
    return rho / np.trace(rho)


def pair(rho: np.ndarray, i: int, j: int) -> np.ndarray:
    """ρ of qubits i < j, counted from 1."""
    others = [k for k in range(4) if k + 1 not in (i, j)]
    order = [i - 1, j - 1, *others]
    whole = rho.reshape((2,) * 8).transpose(order + [4 + k for k in order]).reshape(4, 4, 4, 4)
    return np.einsum("abcb->ac", whole)


def concurrence(rho: np.ndarray) -> float:
    """Of two qubits (Wootters)."""
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    levels = np.sort(np.sqrt(np.abs(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip))))
    return max(0.0, float(levels[3] - levels[:3].sum()))


def main() -> None:
    """Concurrences and purity at all points."""
    print("δ, Ω, γ_L, γ′, γ_φ, φ: C_12 C_13 C_14 C_23 C_24 C_34, purity")
    for point in POINTS:
        rho = steady(*point)
        pairs = [(i, j) for i in range(1, 5) for j in range(i + 1, 5)]
        C = " ".join(f"{concurrence(pair(rho, *x)):.8f}" for x in pairs)
        print(*point, ":", C, f"{np.trace(rho @ rho).real:.10f}")


if __name__ == "__main__":
    main()
