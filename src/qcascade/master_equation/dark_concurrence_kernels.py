"""Compiled sums of `dark_concurrences.py`: one dark state after the other, with its slopes.

ψ has an amplitude for every (b, a) with as many excitations on B as on A; its slopes stand
beside it, (E, N), so that all of them pass an exchange together.
"""

from typing import Any

import numpy as np

from ..base.compiling import kernel


@kernel
def fill(known: Any, start: Any, detunings: Any, orders: Any, C: Any, dC: Any) -> None:
    """Concurrences and slopes of one dark state after the other."""
    pairs, slopes = detunings.shape[1], dC.shape[3]
    psi = np.empty(len(start), np.complex128)
    dpsi = np.empty((len(start), slopes), np.complex128)
    label = np.empty(pairs, np.int64)
    for item in range(len(detunings)):
        psi[:] = start
        dpsi[:] = 0
        for k in range(pairs):
            label[k] = k
        for place in range(pairs):
            i = place
            while label[i] != orders[item, place]:
                i += 1
            while i > place:  # the pair wanted here steps up, from neighbour to neighbour
                i -= 1
                u, v = label[i], label[i + 1]
                _exchange(known, i, u, v, detunings[item, v] - detunings[item, u], psi, dpsi)
                label[i], label[i + 1] = v, u
        for i in range(pairs):
            for j in range(pairs):
                _concurrence(known, i, j, psi, dpsi, C[item], dC[item])


@kernel
def _exchange(known: Any, i: int, u: int, v: int, delta: float, psi: Any, dpsi: Any) -> None:
    """Δ = δ_B,i − δ_B,i+1 = δ_A,v − δ_A,u, whose slopes are 1 for pair v and −1 for pair u."""
    w = -1j * delta / (1 - 1j * delta)
    slope = -1j / (1 - 1j * delta) ** 2
    for m in range(known.first.shape[1]):
        e, f = known.first[i, m], known.second[i, m]
        odd = psi[e] - psi[f]
        for k in range(dpsi.shape[1]):
            turned = w * (dpsi[e, k] - dpsi[f, k])
            if k == v:
                turned += slope * odd
            elif k == u:
                turned -= slope * odd
            dpsi[e, k] -= turned
            dpsi[f, k] += turned
        psi[e] -= w * odd
        psi[f] += w * odd


@kernel
def _concurrence(known: Any, i: int, j: int, psi: Any, dpsi: Any, C: Any, dC: Any) -> None:
    """C_ij and its slopes; where ρ_00,11 is zero, |ρ_00,11| counts as flat."""
    low, high, mixed = known.low[i, j], known.high[i, j], known.mixed[i, j]
    coherence, lost = 0j, 0.0
    for m in range(len(low)):
        coherence += psi[low[m]] * np.conj(psi[high[m]])
    for e in mixed:
        lost += psi[e].real ** 2 + psi[e].imag ** 2
    size = np.abs(coherence)
    C[i, j] = 2 * (size - lost)
    phase = np.conj(coherence) / size if size > 0 else 0j
    slope = dC[i, j]
    slope[:] = 0
    for m in range(len(low)):
        e, f = low[m], high[m]
        up, down = 2 * phase * np.conj(psi[f]), 2 * phase * psi[e]
        for k in range(dpsi.shape[1]):
            slope[k] += up.real * dpsi[e, k].real - up.imag * dpsi[e, k].imag
            slope[k] += down.real * dpsi[f, k].real + down.imag * dpsi[f, k].imag
    for e in mixed:
        for k in range(dpsi.shape[1]):
            slope[k] -= 4 * (psi[e].real * dpsi[e, k].real + psi[e].imag * dpsi[e, k].imag)
