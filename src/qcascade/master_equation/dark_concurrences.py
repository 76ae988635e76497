"""Concurrences of many dark states of the dual rail at once, with their derivatives.

Rail B is turned by U, a product of one exchange a crossing (`dark_states.py`), so that the ket is

    ψ(a, b) = m(a) U(b, a),   m(a) = cosh^{N−|a|} r sinh^{|a|} r / cosh^{N/2} 2r,

and U leaves the number |b| of excitations as it is: of 4^N amplitudes C(2N, N) are not zero. Up to
a phase of the whole, an exchange of neighbours whose detunings on rail B differ by Δ leaves even
combinations of |01⟩ and |10⟩ alone and turns odd ones by (1 + iΔ)/(1 − iΔ):

    x → x − w (x − y),  y → y + w (x − y),  w = −iΔ/(1 − iΔ).

The state of A_i and B_j is an X state, ρ_01,10 = 0, and U keeps one qubit of rail B as mixed as it
was, ρ_01 = ρ_10. Its concurrence is max(0, C_ij) (T. Yu and J. H. Eberly, Quantum Inf. Comput. 7,
459 (2007)) with

    C_ij = 2(|ρ_00,11| − √(ρ_01 ρ_10)) = 2|Σ ψ(0…, 0…) ψ*(1…, 1…)| − 2 Σ |ψ(0…, 1…)|²,

the sums over all other qubits. Below zero it says how far the pair is from being entangled, which
a search can follow.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.threads import cores, spread


class AmplitudeTables(NamedTuple):
    """Which amplitudes meet, for N pairs: E = C(2N, N) of them, numbered."""

    excitations: Any  # |a| of every amplitude (E,)
    equal: Any  # 1 where a = b, else 0 (E,)
    first: Any  # amplitudes with b = …01… at i, i + 1 (N − 1, M)
    second: Any  # the same with b = …10…
    low: Any  # amplitudes with a_i = b_j = 0 (N, N, M)
    high: Any  # the same with a_i = b_j = 1
    mixed: Any  # amplitudes with a_i = 0, b_j = 1 (N, N, K)


@lru_cache(maxsize=8)
def tables(pairs: int) -> AmplitudeTables:
    """The amplitudes that exchanges and reduced states of N pairs connect.

    Args:
        pairs: N.

    >>> tables(2).first.shape, tables(2).mixed.shape
    ((1, 2), (2, 2, 1))
    """
    states = np.arange(2**pairs)
    bits = (states[:, None] >> np.arange(pairs)) & 1
    number = bits.sum(axis=1)
    b, a = np.nonzero(number[:, None] == number)
    place = np.zeros((2**pairs, 2**pairs), np.int64)
    place[b, a] = np.arange(len(a))
    flip, every = 1 << np.arange(pairs), range(pairs)

    def where(*conditions: Any) -> Any:
        return np.flatnonzero(np.logical_and.reduce(conditions))

    first = [where(bits[b, i] == 0, bits[b, i + 1] == 1) for i in range(pairs - 1)]
    second = [place[b[e] ^ flip[i] ^ flip[i + 1], a[e]] for i, e in enumerate(first)]
    low = [[where(bits[a, i] == 0, bits[b, j] == 0) for j in every] for i in every]
    high = [[place[b[low[i][j]] ^ flip[j], a[low[i][j]] ^ flip[i]] for j in every] for i in every]
    mixed = [[where(bits[a, i] == 0, bits[b, j] == 1) for j in every] for i in every]
    shape = (pairs - 1, -1) if pairs > 1 else (0, 0)
    crossed = [np.reshape(np.array(x, np.int64), shape) for x in (first, second)]
    return AmplitudeTables(number[a], 1.0 * (a == b), *crossed, *map(np.array, (low, high, mixed)))


def dark_concurrences(
    squeezing: float, detunings: Any, orders: Any, slopes: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """C_ij between A_i and B_j in the dark states for δ_B,i = −δ_A,P(i), below zero included.

    Args:
        squeezing: r.
        detunings: δ_A in units of γ, (B, N).
        orders: P, permutations of 0 … N − 1, (B, N).
        slopes: whether derivatives are wanted.

    Returns:
        C (B, N, N), and ∂C_ij/∂δ_A,k as (B, N, N, N), or (B, N, N, 0).

    >>> C, _ = dark_concurrences(1.0, [[0.0, 1.0]], [[1, 0]])
    >>> C.round(6).tolist()
    [[[0.266413, 0.266413], [0.266413, 0.266413]]]
    """
    from .dark_concurrence_kernels import fill

    detunings = np.ascontiguousarray(detunings, float)
    orders = np.ascontiguousarray(orders, np.int64)
    batch, pairs = detunings.shape
    C = np.empty((batch, pairs, pairs))
    dC = np.empty((batch, pairs, pairs, pairs if slopes else 0))
    known = tables(pairs)
    tangent = np.tanh(squeezing)  # m(a) without large numbers
    start = known.equal * tangent**known.excitations / (1 + tangent**2) ** (pairs / 2)

    def work(rows: slice) -> None:
        fill(known, start, detunings[rows], orders[rows], C[rows], dC[rows])

    edges = np.linspace(0, batch, min(batch, 4 * cores()) + 1).astype(int)
    spread(work, [slice(i, j) for i, j in pairwise(edges)])
    return C, dC
