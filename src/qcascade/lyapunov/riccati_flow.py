"""The covariance that a record leaves, as time goes on: the flow of a Riccati equation, exactly.

dV/dt = ÃV + VÃᵀ + D̃ − VQV is linear in pairs, V = YX⁻¹ with d[X; Y]/dt = −M[X; Y] (riccati.py). So
the way from V(0) to V(t) has three matrices,

    V(t) = H + ΦV(0)(1 + GV(0))⁻¹Φᵀ,

H what comes of V(0) = 0, G what the record tells of the start, Φ the propagator where no V is. They
are read from e^{−Mh} of a short step, and doubled, G and H added up without any subtraction (the
doubling of B. D. O. Anderson, Int. J. Control 28, 295 (1978)): nothing is lost to e^{+λt}.

G has rows s that act upon the record only, and Φ no way against the wires but that of the gain, by
which s acts upon all. What is zero stays so to the last bit, and what is solved for are the rows s:
however loud it gets downstream of the detectors, nothing of that reaches what is upstream.
"""

from typing import Any, NamedTuple

import numpy as np

from ..numerics.exponential import doublings, norm
from ..numerics.graphs import reachable
from ..numerics.two_floats import Pair
from .riccati import Observed, hamiltonian, widths


class RiccatiFlow(NamedTuple):
    """V → H + ΦV(1 + GV)⁻¹Φᵀ, each of shape (…, n, n), over some time."""

    Phi: Any
    G: Any
    H: Any

    def __call__(self, V: Any) -> Any:
        """The covariance after this time."""
        left, seen, G = V.copy(), *_seen(self.G)  # to be V(1 + GV)⁻¹
        own, beside = V[..., seen, :], V[..., seen[:, None], seen]
        by_seen = np.linalg.solve((np.eye(len(seen)) + G @ beside).mT, own).mT
        left -= by_seen @ G @ own
        left[..., seen] = by_seen
        V = self.H + self.Phi @ left @ self.Phi.mT
        return (V + V.mT) / 2


def rate(system: Observed) -> float:
    """The largest rate of V in units of its widths, of all points: what time is measured in."""
    return norm(hamiltonian(system, widths(system)))


def riccati_flow(system: Observed, time: float) -> RiccatiFlow:
    """The flow of V over a time.

    Args:
        system: A, B, C, E, of one shape of leading axes.
        time: t, zero or above.

    >>> one = np.eye(1)
    >>> start = Observed(-0.5 * one, 0 * one, 0 * one, one)
    >>> riccati_flow(start, 2 * np.log(2))(4 * one).round(12)
    array([[1.]])
    """
    unit = widths(system)
    units = unit[..., :, None] * unit[..., None, :]
    M = hamiltonian(system, unit)
    steps = max(0, int(np.ceil(np.log2(max(norm(M) * time, 1e-300)))) + 2)
    step = next(doublings(-M, None, Pair(time / 2.0**steps, 0.0), False))[0].high
    n = M.shape[-1] // 2
    inverse = np.where(_felt(M).T, np.linalg.inv(step[..., :n, :n]), 0.0)
    flow = RiccatiFlow(inverse.mT, inverse @ step[..., :n, n:], step[..., n:, :n] @ inverse)
    for _ in range(steps):
        flow = _twice(flow)
    return RiccatiFlow(
        flow.Phi * unit[..., :, None] / unit[..., None, :], flow.G / units, flow.H * units
    )


def _twice(flow: RiccatiFlow) -> RiccatiFlow:
    """The flow over twice the time."""
    Phi, G, H = flow
    rows, own = _seen(G)
    through = np.concatenate([Phi, H], axis=-1)  # to be (1 + HG)⁻¹(Φ, H)
    beside = np.eye(len(rows)) + H[..., rows[:, None], rows] @ own
    by_rows = np.linalg.solve(beside, through[..., rows, :])
    through -= H[..., rows] @ own @ by_rows
    through[..., rows, :] = by_rows
    passed, noise = through[..., : H.shape[-1]], through[..., H.shape[-1] :]
    seen = G + Phi.mT @ G @ passed
    entered = H + Phi @ noise @ Phi.mT
    return RiccatiFlow(Phi @ passed, (seen + seen.mT) / 2, (entered + entered.mT) / 2)


def _felt(M: Any) -> Any:
    """Which elements of Φ there are: whoever acts upon the record acts, by the gain, upon all."""
    n = M.shape[-1] // 2
    acts = (M[..., n:, n:] != 0).reshape(-1, n, n).any(0)
    told = (M[..., :n, n:] != 0).reshape(-1, n).any(0)
    ways = reachable(acts)
    return ways | (told[:, None] & ways).any(0)


def _seen(G: Any) -> tuple[Any, Any]:
    """The rows that act upon the record, and G of these."""
    n = G.shape[-1]
    rows = np.flatnonzero((G != 0).reshape(-1, n).any(0))
    return rows, G[..., rows[:, None], rows]
