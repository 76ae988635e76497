"""The pure steady states of the dual rail in closed form: Eqs. (5)–(9) of the letter.

Two rails of qubits in broadband two-mode squeezed light (J. Agustí et al., Phys. Rev. Lett. 131,
250801 (2023)). With δ_B = −δ_A the pairs decouple from the light one after another,

    |Φ_∥⟩ = ⊗_i (cosh r |0_A,i 0_B,i⟩ + sinh r |1_A,i 1_B,i⟩)/√cosh 2r,

and every exchange of neighbouring detunings in rail B is a unitary on those two qubits,

    U_{i,i+1} = exp[iθ(s_i + s_{i+1})²] = e^{iθ}(cos θ + i sin θ SWAP),
    tan θ = −(δ_{B,i} − δ_{B,i+1})/γ,

with δ_B as it is before the exchange. Why this sign: on |10⟩, |01⟩ of the two qubits H is
d σᶻ − (γ/2) σʸ with d = (δ_{B,i} − δ_{B,i+1})/2 and SWAP = σˣ, so that U H U† is

    [d cos 2θ + (γ/2) sin 2θ] σᶻ + [d sin 2θ − (γ/2) cos 2θ] σʸ,

which is −d σᶻ − (γ/2) σʸ, the exchanged pattern, when tan θ = −2d/γ. The printed tan θ lacks the
minus. Rates in units of γ.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ..hilbert.space import Space
from ..hilbert.states import PureState
from ..slh.ladder import Ladder


def dual_rail(pairs: int) -> Space:
    """The Hilbert space of N pairs, sorted by q = n_A − n_B.

    Args:
        pairs: N.

    >>> dual_rail(2)
    Space(A1.q, A2.q, B1.q, B2.q; 16 states in 5 blocks)
    """
    modes = tuple(f"{rail}{i}.q" for rail in "AB" for i in range(1, pairs + 1))
    return Space(modes, (1,) * len(modes), modes, charges=((1,) * pairs + (-1,) * pairs,))


def exchanges(order: Sequence[int]) -> list[int]:
    """Neighbours i, i + 1 to exchange, one after the other, to get from 0, 1, 2, … to `order`.

    Args:
        order: a permutation of 0 … N − 1.

    >>> exchanges([2, 0, 1])
    [1, 0]
    """
    now, steps = list(range(len(order))), []
    for place, wanted in enumerate(order):
        for i in range(now.index(wanted) - 1, place - 1, -1):
            now[i], now[i + 1] = now[i + 1], now[i]
            steps.append(i)
    return steps


def dark_state(
    squeezing: float, detunings: Sequence[float], order: Sequence[int], sign: float = -1.0
) -> PureState:
    """The pure steady state for δ_B,i = −δ_A,P(i), Eq. (9) with the angle above.

    Args:
        squeezing: r.
        detunings: δ_A in units of γ, N of them.
        order: P, a permutation of 0 … N − 1.
        sign: sign of tan θ; +1 is the printed one, whose state is not dark.

    Returns:
        A `PureState` of the modes A1.q … AN.q, B1.q … BN.q.

    >>> pair = dark_state(1.0, [0.0], [0])
    >>> pair.amplitudes[pair.space.positions([[1, 1]])].real.round(6)
    array([0.605887])
    """
    pairs = len(detunings)
    ket, now = _parallel(squeezing, pairs), -np.asarray(detunings, float)
    for i in exchanges(order):
        theta = np.arctan(sign * (now[i] - now[i + 1]))
        swapped = np.swapaxes(ket, pairs + i, pairs + i + 1)
        ket = np.exp(1j * theta) * (np.cos(theta) * ket + 1j * np.sin(theta) * swapped)
        now[[i, i + 1]] = now[[i + 1, i]]
    space = dual_rail(pairs)
    return PureState(space, ket.ravel()[_lexicographic(space)])


def _parallel(squeezing: float, pairs: int) -> np.ndarray:
    """Φ_∥ as an array (2,)*2N with the axes A1 … AN, B1 … BN."""
    pair = np.diag([np.cosh(squeezing), np.sinh(squeezing)]) / np.sqrt(np.cosh(2 * squeezing))
    matrix = np.ones((1, 1))
    for _ in range(pairs):
        matrix = np.kron(matrix, pair)  # rows: rail A, columns: rail B
    return matrix.astype(complex).reshape((2,) * (2 * pairs))


def _lexicographic(space: Space) -> np.ndarray:
    """Place of every basis state of the space in an array (2,)*2N."""
    return space.quanta @ (1 << np.arange(len(space.modes))[::-1])


def as_array(state: PureState) -> np.ndarray:
    """The amplitudes of a ket of M qubits as an array (2,)*M, one axis per mode.

    Args:
        state: the ket.
    """
    ket = np.zeros(len(state.amplitudes), complex)
    ket[_lexicographic(state.space)] = state.amplitudes
    return ket.reshape((2,) * len(state.modes))


def darkness(state: PureState, operators: Iterable[Ladder]) -> float:
    """The largest ‖Oψ‖ over the operators: zero for H and all jumps means a dark state.

    Args:
        state: the ket.
        operators: H and the jumps.

    >>> from qcascade import lower
    >>> round(darkness(dark_state(1.0, [0.0], [0]), [lower("A1.q")]), 6)
    0.605887
    """
    return max(float(np.linalg.norm(_applied(operator, state))) for operator in operators)


def _applied(operator: Ladder, state: PureState) -> np.ndarray:
    """Oψ, word by word: a word maps each basis state to one other at most."""
    result = np.zeros(len(state.amplitudes), complex)
    present = np.flatnonzero(state.amplitudes)
    for word, c in operator.terms.items():
        rows, columns, values = state.space.elements_of(Ladder({word: c}), present)
        result[rows] += values * state.amplitudes[columns]
    return result
