"""Second moments of modes with a shape in time, by quadrature over the past of a linear model.

Quadratures R of a stable model, r_j = C_j R + F_j r_in of ports, and modes ∫ Φ_j(τ) r_j(t − τ) dτ
with Φ = [[Re f, −Im f], [Im f, Re f]]. In the steady state, for τ > 0,

    ½⟨{R(t), r_k(t − τ)ᵀ}⟩ = e^{Aτ} G_k,    G_k = V C_kᵀ + B N F_kᵀ

(noise that entered at t − τ counts whole, as it has passed by), so that everything follows from
Y_k(τ) = ∫_τ^∞ e^{A(s − τ)} G_k Φ_k(s)ᵀ ds:

    ½⟨{R, r_kᵀ}⟩ = Y_k(0),
    ½⟨{r_j, r_kᵀ}⟩ = H_jk + H_kjᵀ,   H_jk = ∫ Φ_j (C_j Y_k + ½ F_j N F_kᵀ Φ_kᵀ) dτ.

Time is cut into equal panels, from the last to the first, with Gauss's rule in each. Inside of a
panel Y_k is not interpolated but integrated again, from each node τ_m to the end of the panel.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .mode_functions import MOST, OutputMode, amplitude, panels

ERROR = 1e-11
"""Error of a moment relative to the spreads of its two quadratures, as two grids tell it."""

_X, _W = np.polynomial.legendre.leggauss(8)
_NODES, _WEIGHTS = (_X + 1) / 2, _W / 2  # between 0 and 1
_TERMS = 38  # of e^{At}: 4³⁸/38! is below 10⁻²¹
_STEP = 4.0  # ‖A‖ times the length of a panel, at most


class Seen(NamedTuple):
    """What a mode sees of a model: C and G of its port, and F N Fᵀ with every other mode."""

    modes: Sequence[OutputMode]
    C: Any  # (…, K, 2, n)
    G: Any  # (…, K, n, 2)
    N: Any  # (…, K, K, 2, 2)


def moments(A: Any, cov: Any, seen: Seen) -> tuple[Any, Any, Any]:
    """½⟨{R, rᵀ}⟩ (…, n, 2K) and ½⟨{r, rᵀ}⟩ (…, 2K, 2K) of modes r with a shape, and their error.

    Grids are made twice as fine until two agree to `ERROR`, or there are too many panels.

    Args:
        A: drift, stable, (…, n, n).
        cov: V, (…, n, n), which errors of correlations with R are relative to.
        seen: the modes.

    Returns:
        Both, and the error (…) relative to the spreads.
    """
    rate = np.abs(A).sum(-1).max(initial=0.0) + max(
        np.max(np.abs(mode.frequency), initial=0.0) for mode in seen.modes
    )
    times = sorted({0.0, *(t for mode in seen.modes for t in mode.span)})
    pieces = [max(1, int(np.ceil((b - a) * rate / _STEP))) for a, b in pairwise(times)]
    batch = np.broadcast_shapes(A.shape[:-2], *(mode.batch for mode in seen.modes))
    error = np.full(batch, np.inf)
    if sum(pieces) > MOST:
        n, m = A.shape[-1], 2 * len(seen.modes)
        return np.zeros((*batch, n, m)), np.zeros((*batch, m, m)), error
    cross, own = _on_grid(A, seen, times, pieces)
    while sum(pieces) <= MOST and not np.all(error <= ERROR):
        pieces = [2 * n for n in pieces]
        before, (cross, own) = (cross, own), _on_grid(A, seen, times, pieces)
        with np.errstate(invalid="ignore", divide="ignore"):  # of a grid far too coarse
            spread = [np.sqrt(np.diagonal(V, 0, -2, -1)) for V in (cov, own)]
            changes = [
                (np.abs(new - old) / (s[..., :, None] * spread[1][..., None, :])).max((-1, -2))
                for new, old, s in zip((cross, own), before, spread, strict=True)
            ]
        error = np.maximum(np.maximum(*changes), _unresolved(seen, times, pieces))
    return cross, own, error


def _unresolved(seen: Seen, times: Sequence[float], pieces: Sequence[int]) -> float:
    """How far ∫|f|² of some mode is from 1 on a grid, which a shape may be too fine for."""
    t, weights = panels(times, pieces, _X, _W)
    norms = [(np.abs(amplitude(mode, t)) ** 2 * weights).sum(-1) for mode in seen.modes]
    return max(float(np.max(np.abs(norm - 1), initial=0.0)) for norm in norms)


def _on_grid(A: Any, seen: Seen, times: Sequence[float], pieces: Sequence[int]) -> tuple[Any, Any]:
    """Both moments on a grid of so many panels between the times."""
    K, n = len(seen.modes), A.shape[-1]
    batch = np.broadcast_shapes(A.shape[:-2], *(mode.batch for mode in seen.modes))
    Y, H = np.zeros((*batch, K, n, 2)), np.zeros((*batch, K, K, 2, 2))
    for (a, b), count in reversed(list(zip(pairwise(times), pieces, strict=True))):
        step = _Panel(A, seen, (b - a) / count)
        for start in a + (b - a) / count * np.arange(count)[::-1]:
            Y, inside = step.back(Y, start)
            H = H + inside
    H = H + H.swapaxes(-4, -3).swapaxes(-2, -1)
    cross = np.moveaxis(Y, -3, -2).reshape(*batch, n, 2 * K)
    return cross, H.swapaxes(-3, -2).reshape(*batch, 2 * K, 2 * K)


class _Panel:
    """One step of Y over a panel of length h; all that does not depend on where the panel is."""

    def __init__(self, A: Any, seen: Seen, h: float) -> None:
        self.seen, self.h = seen, h
        one = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
        # Taylor terms (Ah)ᵏ/k! on what is needed: e^{Ahx} is then a polynomial in x ≤ 1.
        powers = [one]
        for k in range(1, _TERMS):
            powers.append(powers[-1] @ A * (h / k))
        terms = np.stack(powers, -3)  # (…, k, n, n)
        C, G = seen.C[..., :, None, :, :], seen.G[..., :, None, :, :]
        to_G, to_C = terms[..., None, :, :, :] @ G, C @ terms[..., None, :, :, :]
        exponents = np.arange(_TERMS)
        weights, after = h * _WEIGHTS, 1 - _NODES
        self.whole = terms.sum(-3)[..., None, :, :]  # e^{Ah}
        at_nodes = _NODES[:, None] ** exponents * weights[:, None]
        self.driven = np.einsum("mk,...jkab->...jmab", at_nodes, to_G)
        left = after[:, None] ** exponents * weights[:, None]
        self.read = np.einsum("mk,...jkab->...jmab", left, to_C)
        # From τ_m to the end of the panel: nodes at h(1 − x_m)x_n, weights h(1 − x_m)w_n.
        lags = after[:, None] * _NODES
        inner = (
            lags[..., None] ** exponents * (weights[:, None] * after[:, None] * weights)[..., None]
        )
        pair = C[..., :, None, :, :, :] @ to_G[..., None, :, :, :, :]  # (…, j, i, k, 2, 2)
        self.within = np.einsum("mnk,...jikab->...jimnab", inner, pair)
        self.white = weights[:, None, None] / 2 * seen.N[..., None, :, :]
        self.lags = h * lags

    def back(self, Y: Any, start: float) -> tuple[Any, Any]:
        """Y at the start of the panel from Y at its end, and what the panel adds to H."""
        nodes = start + self.h * _NODES
        Phi = self._turned(nodes)
        later = self._turned((nodes[:, None] + self.lags).ravel())
        later = later.reshape(*later.shape[:-3], *self.lags.shape, 2, 2)
        field = self.read[..., :, None, :, :, :] @ Y[..., None, :, None, :, :]
        field = field + (self.within @ _T(later)[..., None, :, :, :, :, :]).sum(-3)
        field = field + self.white @ _T(Phi)[..., None, :, :, :, :]
        H = (Phi[..., :, None, :, :, :] @ field).sum(-3)
        return self.whole @ Y + (self.driven @ _T(Phi)).sum(-3), H

    def _turned(self, times: Any) -> Any:
        """Φ of every mode at times, shape (…, K, T, 2, 2)."""
        f: Any = np.stack(np.broadcast_arrays(*self._amplitudes(times)), -2)
        return np.stack([np.stack([f.real, -f.imag], -1), np.stack([f.imag, f.real], -1)], -2)

    def _amplitudes(self, times: Any) -> Iterator[Any]:
        return (amplitude(mode, times) for mode in self.seen.modes)


def _T(X: Any) -> Any:
    return X.swapaxes(-1, -2)
