"""A dual rail of qubits behind squeezed light, Eqs. (1)–(11) of Agustí et al. (2023), γ = 1.

Master equations as Liouvillians made of Kronecker products, ρ row by row, kept where they act:
between states of one charge q = n_A − n_B (photons of the amplifier counted), which the
Hamiltonian keeps and every jump shifts for both sides alike. Factors A1 … AN, B1 … BN, each
(|0⟩, |1⟩), after those of the amplifier.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.sparse.linalg import expm_multiply, splu

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])
THRESHOLD = 0.001  # of [1 − μ]/N

CROSSED = (0.0, 0.5, 1.0, 2.0, 5.0)
# N, Δ
TIMES = [(1, 0.0), (1, 5.0), (2, 0.0), (2, 0.2), (2, 1.0), (2, 5.0)]
LONG_TIMES = [(4, 0.0), (4, 0.2), (4, 1.0), (4, 5.0)]
# β = κ/γ, γ_φ, δ_A,1 of a single pair
PAIRS = [(10.0, 0.0, 0.0), (100.0, 0.0, 0.0), (10.0, 0.01, 0.0), (5.0, 0.0, 5.0)]


# Operators


def at(k: int, matrix: Any, sites: int) -> Any:
    """One qubit's matrix among all of them."""
    left, right = (sparse.identity(2**n, format="csr") for n in (k, sites - k - 1))
    return sparse.kron(sparse.kron(left, sparse.csr_array(matrix)), right, format="csr")


def rails(pairs: int) -> tuple[list[Any], list[Any]]:
    """σ⁻ of every qubit, by rail."""
    lowers = [at(k, LOWER, 2 * pairs) for k in range(2 * pairs)]
    return lowers[:pairs], lowers[pairs:]


def charges(pairs: int) -> np.ndarray:
    """q = n_A − n_B of every state of the qubits."""
    bits = np.arange(4**pairs)[:, None] >> np.arange(2 * pairs)[::-1] & 1
    return bits[:, :pairs].sum(1) - bits[:, pairs:].sum(1)


def energies(upper: Sequence[float], lower: Sequence[float], sites: list[Any]) -> Any:
    """Σ δσᶻ/2, σᶻ = 2σ⁺σ⁻ − 1."""
    one = sparse.identity(sites[0].shape[0], format="csr")
    every = zip([*upper, *lower], sites, strict=True)
    return sum(d / 2 * (2 * s.T @ s - one) for d, s in every)


def broadband(r: float, upper: Sequence[float], lower: Sequence[float]) -> tuple[Any, list[Any]]:
    """H_casc and the jumps J_A, J_B of Eqs. (1)–(4)."""
    A, B = rails(len(upper))
    H = energies(upper, lower, A + B).astype(complex)
    for rail in (A, B):
        for j in range(len(rail)):
            for i in range(j):
                H = H + 0.5j * (rail[i].T @ rail[j] - rail[j].T @ rail[i])
    c, s = np.cosh(r), np.sinh(r)
    return H, [c * sum(A) - s * sum(B).T, c * sum(B) - s * sum(A).T]


# Dark states


def dark_state(r: float, upper: Sequence[float], order: Sequence[int]) -> np.ndarray:
    """The pure steady state for δ_B,i = −δ_A,order(i), as a ket.

    Pairs as in Eq. (5), then one exchange e^{iθS²} of neighbours on rail B for every
    transposition, S = s_i + s_{i+1}, tan θ = −(δ_B,i − δ_B,i+1) with the pattern before it: the
    opposite sign to the letter. `darkness` tells whether it is right.
    """
    pairs = len(upper)
    pair = np.diag([np.cosh(r), np.sinh(r)]) / np.sqrt(np.cosh(2 * r))
    ket = np.ones(())
    for _ in range(pairs):
        ket = np.multiply.outer(ket, pair)
    ket = ket.transpose([*range(0, 2 * pairs, 2), *range(1, 2 * pairs, 2)]).astype(complex)
    x, y, z = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]) / 2
    total = [np.kron(s, np.eye(2)) + np.kron(np.eye(2), s) for s in (x, y, z)]
    square = sum(s @ s for s in total)
    now = list(range(pairs))
    for place in range(pairs):
        for i in range(now.index(order[place]), place, -1):  # carried to its place step by step
            delta = upper[now[i]] - upper[now[i - 1]]  # δ_B,i−1 − δ_B,i before the exchange
            gate = expm(-1j * np.arctan(delta) * square).reshape(2, 2, 2, 2)
            sites = (pairs + i - 1, pairs + i)
            ket = np.moveaxis(np.tensordot(gate, ket, ((2, 3), sites)), (0, 1), sites)
            now[i - 1], now[i] = now[i], now[i - 1]
    return ket.ravel()


def darkness(r: float, upper: Sequence[float], order: Sequence[int]) -> float:
    """The largest of |Hψ|, |J_Aψ|, |J_Bψ|; zero for a dark state."""
    ket = dark_state(r, upper, order)
    H, jumps = broadband(r, upper, [-upper[k] for k in order])
    return max(float(np.linalg.norm(operator @ ket)) for operator in (H, *jumps))


def reduced(ket: np.ndarray, sites: Sequence[int]) -> np.ndarray:
    """ρ of some qubits of a ket."""
    count = ket.size.bit_length() - 1
    others = [k for k in range(count) if k not in sites]
    matrix = ket.reshape((2,) * count).transpose([*sites, *others]).reshape(2 ** len(sites), -1)
    return matrix @ matrix.conj().T


def entropies(pairs: int, detuning: float, r: float = 1.0) -> list[float]:
    """S_n of the first n pairs, n = 1 … N − 1, reversed order, δ_A,i = (i − 1)Δ."""
    upper = [k * detuning for k in range(pairs)]
    ket = dark_state(r, upper, range(pairs)[::-1]).reshape((2,) * (2 * pairs))
    found = []
    for n in range(1, pairs):
        inside = [*range(n), *range(pairs, pairs + n)]
        outside = [k for k in range(2 * pairs) if k not in inside]
        matrix = ket.transpose(inside + outside).reshape(4**n, -1)
        weights = np.linalg.svd(matrix, compute_uv=False) ** 2
        weights = weights[weights > 1e-30]
        found.append(float(-(weights * np.log(weights)).sum()))
    return found


def pair_entropy(r: float) -> float:
    """h of one qubit of a pair, x = cosh²r/cosh 2r."""
    x = np.cosh(r) ** 2 / np.cosh(2 * r)
    return float(-x * np.log(x) - (1 - x) * np.log(1 - x))


def concurrence(rho: np.ndarray) -> float:
    """Wootters: λ₁ − λ₂ − λ₃ − λ₄, the singular values of √ρᵀ (σʸ ⊗ σʸ) √ρ."""
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    values, vectors = np.linalg.eigh(rho)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    l = np.linalg.svd(root.T @ flip @ root)[1]
    return float(max(0.0, 2 * l[0] - l.sum()))


def crossed(detuning: float, r: float = 1.0) -> tuple[float, float]:
    """C_11 and C_12 of two pairs in reversed order, from the null vector of the Liouvillian."""
    H, jumps = broadband(r, (0.0, detuning), (-detuning, 0.0))
    rho = Liouvillian(H, jumps, charges(2)).steady()
    rho = rho.reshape((2,) * 8)
    straight = np.einsum("aibjcidj->abcd", rho).reshape(4, 4)
    diagonal = np.einsum("aijbcijd->abcd", rho).reshape(4, 4)
    return concurrence(straight), concurrence(diagonal)


# Master equations


class Liouvillian:
    """−i[H, ρ] + Σ 𝒟[J]ρ + Σ 𝒯[O₁, O₂]ρ on the elements between states of one charge.

    𝒯[O₁, O₂]ρ = [O₁ρ, O₂†] + [O₂, ρO₁†] drives O₂ with the output of O₁.
    """

    def __init__(
        self, H: Any, jumps: list[Any], charge: np.ndarray, driven: Sequence[Any] = ()
    ) -> None:
        self.dimension = len(charge)
        one = sparse.identity(self.dimension, format="csr")

        def both(left: Any, right: Any) -> Any:  # ρ → left ρ right
            product = sparse.kron(left, right.T, format="csr")
            return product[self.kept][:, self.kept]

        self.kept = np.flatnonzero((charge[:, None] == charge[None, :]).ravel())
        L = -1j * (both(H, one) - both(one, H))
        for J in jumps:
            square = J.conj().T @ J
            L = L + both(J, J.conj().T) - (both(square, one) + both(one, square)) / 2
        for first, second in driven:
            to, back = second.conj().T, first.conj().T
            L = L + both(first, to) - both(to @ first, one)
            L = L + both(second, back) - both(one, back @ second)
        self.matrix = sparse.csc_array(L)

    def whole(self, elements: np.ndarray) -> np.ndarray:
        rho = np.zeros(self.dimension**2, complex)
        rho[self.kept] = elements
        return rho.reshape(self.dimension, self.dimension)

    def steady(self) -> np.ndarray:
        """The ρ that does not change; its first equation makes way for the trace."""
        trace = sparse.csc_array((self.kept % (self.dimension + 1) == 0).astype(float)[None])
        system = sparse.vstack([trace, self.matrix[1:]], format="csc")
        right = np.zeros(len(self.kept), complex)
        right[0] = 1
        solve = splu(system).solve
        found = solve(right)
        return self.whole(found + solve(right - system @ found))


def preparation_time(pairs: int, detuning: float, r: float = 1.0) -> float:
    """The last time at which 1 − Tr ρ² = 0.001 N, from all qubits in |0⟩, reversed order.

    The order matters to no one: exchanges are unitary, so they leave the purity as it is.
    """
    upper = [k * detuning for k in range(pairs)]
    H, jumps = broadband(r, upper, [-d for d in upper[::-1]])
    L = Liouvillian(H, jumps, charges(pairs))
    start = (L.kept == 0).astype(complex)

    def excess(elements: np.ndarray) -> float:
        return 1 - float(np.vdot(elements, elements).real) - THRESHOLD * pairs

    steps = expm_multiply(L.matrix, start, 0, 100, 101, traceA=L.matrix.trace())
    last = max(k for k, elements in enumerate(steps) if excess(elements) > 0)

    def later(t: float) -> float:
        return excess(expm_multiply(L.matrix * t, steps[last]) if t else steps[last])

    return last + brentq(later, 0, 1, xtol=1e-11, rtol=1e-13)


def amplified(
    pairs: int,
    bandwidth: float,
    dephasing: float = 0.0,
    upper: Sequence[float] | None = None,
    photons: int = 10,
    r: float = 1.0,
) -> np.ndarray:
    """ρ of the qubits at rest behind an amplifier of finite bandwidth, Eq. (11), parallel order.

    The amplifier's modes are a_A = cosh s b_A + sinh s b_B†, s = r/4, with at most `photons` quanta
    of b in all: much fewer than photons of a. The printed × before Eq. (11)'s sum is a +.
    """
    upper = [0.0] * pairs if upper is None else list(upper)
    states = [(n, m) for n in range(photons + 1) for m in range(photons + 1 - n)]
    place = {state: k for k, state in enumerate(states)}
    b_A, b_B = np.zeros((2, len(states), len(states)))
    for (n, m), k in place.items():
        if n:
            b_A[place[n - 1, m], k] = np.sqrt(n)
        if m:
            b_B[place[n, m - 1], k] = np.sqrt(m)
    c, s = np.cosh(r / 4), np.sinh(r / 4)
    qubit_one, light_one = sparse.identity(4**pairs), sparse.identity(len(states))
    a = [
        sparse.kron(sparse.csr_array(x), qubit_one, format="csr")
        for x in (c * b_A + s * b_B.T, c * b_B + s * b_A.T)
    ]
    sites = [[sparse.kron(light_one, x, format="csr") for x in rail] for rail in rails(pairs)]
    g = bandwidth / 2 * np.tanh(r / 2)
    # Inside a truncated space products of a would miss what passes beyond it; of b they do not.
    pump = c**2 * b_A.T @ b_B.T + s**2 * b_A @ b_B
    pump = pump + c * s * (b_A.T @ b_A + b_B @ b_B.T)
    H_light = 1j * g * (pump - pump.T)
    H = sparse.kron(sparse.csr_array(H_light), qubit_one, format="csr")
    H = H + energies(upper, [-d for d in upper], sites[0] + sites[1])
    jumps = [np.sqrt(bandwidth) * x for x in a]
    driven = []
    for light, rail in zip(a, sites, strict=True):
        jumps += rail
        one = sparse.identity(rail[0].shape[0], format="csr")
        jumps += [np.sqrt(dephasing / 2) * (2 * x.T @ x - one) for x in rail if dephasing]
        driven += [(np.sqrt(bandwidth) * light, x) for x in rail]
        driven += [(rail[i], rail[j]) for j in range(pairs) for i in range(j)]
    charge = np.add.outer([n - m for n, m in states], charges(pairs)).ravel()
    rho = Liouvillian(H, jumps, charge, driven).steady()
    both = rho.reshape(len(states), 4**pairs, len(states), 4**pairs)
    return np.einsum("kikj->ij", both)


def first_concurrence(bandwidth: float, dephasing: float, delta: float, photons: int = 10) -> float:
    """C_11, which later pairs cannot change."""
    return concurrence(amplified(1, bandwidth, dephasing, [delta], photons))


def main() -> None:
    print("h(1)", pair_entropy(1.0))
    for detuning in CROSSED:
        print("crossed", detuning, *crossed(detuning), darkness(1.0, (0.0, detuning), (1, 0)))
    for detuning in (0.2, 2.0):
        print("entropies", detuning, *np.round(entropies(8, detuning)[:4], 9))
    for setting in PAIRS:
        print("C_11", *setting, first_concurrence(*setting))
    for pairs, detuning in TIMES + (LONG_TIMES if "--long" in sys.argv else []):  # a minute each
        print("preparation", pairs, detuning, preparation_time(pairs, detuning))


if __name__ == "__main__":
    main()
