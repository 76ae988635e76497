"""Networks in which light comes by several ways, but never back through a line: without delays.

    Ṙ(t) = A R(t) + Σ_T K_T R(t − T) + Σ_T β_T ξ(t − T),

T the delays of all ways through lines alone. Where no way leads back, the modes at the earlier
times that are asked for, y = (R_i(t − T)), are finitely many: copies of parts, which obey a network
without delays, ẏ = 𝒜y + Σ_S β_S ξ(t − S). Noise that comes late has been felt by copies which it
reached before, ⟨ξ(t − S) y(t)ᵀ⟩ = N g_Sᵀ, so that the covariance of y is given by

    𝒜V + V𝒜ᵀ + Σ_S (β_S N β_Sᵀ + g_S N β_Sᵀ + β_S N g_Sᵀ) = 0,    g_S = Σ_{S′<S} e^{𝒜(S−S′)}β_{S′},

and that of the network is a block of it. It is one more Lyapunov equation, as exact close to
threshold as any, however long the delays and however far apart the rates.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError
from ..lyapunov.batches import rough_points
from ..lyapunov.directions import pairs_told, told
from ..lyapunov.solve import solve
from ..lyapunov.watched import unseen
from ..numerics.exponential import EPSILON, LONG, doublings, norm
from ..numerics.graphs import reachable, strong_parts
from ..numerics.two_floats import Pair
from .delay_offsets import CLOSE
from .delayed import Lines

MOST = 400  # quadratures of all copies
FLOW_ROUNDING = 32 * EPSILON  # of exponentials and of the equation
LINE_ROUNDING = 1 / 32  # of numbers that stand for lines, relative to that


class Ways(NamedTuple):
    """K_T and β_T by T, T = 0 (A and B) included."""

    drift: dict[float, Any]
    noise: dict[float, Any]
    same: float  # apart by less, two times are one


class Copies(NamedTuple):
    """Modes at earlier times, as a network without delays."""

    rows: Any  # which quadrature of the network every row is a copy of
    lags: Any  # and how much earlier
    drift: Any  # 𝒜
    noise: dict[float, Any]  # β_S by S


def without_delays(ways: Ways | None) -> Copies | None:
    """The copies of a network; None where light comes back through a line, or for too many.

    Args:
        ways: from `ways_of`.
    """
    if ways is None or comes_back(ways):
        return None
    order, start = strong_parts(sum(abs(K) for K in ways.drift.values()) != 0)
    parts = [np.sort(order[a:b]) for a, b in pairwise(start)]
    lags = _lags(ways, parts)
    if lags is None:
        return None
    copies = [(part, lag) for part, own in zip(parts, lags, strict=True) for lag in own]
    rows = np.concatenate([part for part, _ in copies])
    at = np.concatenate([np.full(len(part), lag) for part, lag in copies])
    return Copies(rows, at, _drift(ways, rows, at), _noise(ways, rows, at))


def covariance_of_copies(copies: Copies, noise: Any, modes: int) -> tuple[Any, float]:
    """V of the network at one time, and its error, an absolute one.

    Exponentials and 𝒟 are rounded, which may count for what is loud in them and cancels where ways
    recombine: what that does to V is the solution for a 𝒟 of such roundings.

    Args:
        copies: from `without_delays`.
        noise: N (2p, 2p).
        modes: how many quadratures the network has.

    Raises:
        ConvergenceError: where rounding decides.
    """
    now = np.flatnonzero((copies.lags == 0) & (copies.rows < modes))
    now = now[np.argsort(copies.rows[now])]
    instant, late = _entering(copies, noise)
    shaken = late * np.random.default_rng(0).choice([-1.0, 1.0], late.shape)
    with unseen():  # the caller has told of its own drift
        V, known = solve(copies.drift, instant + (late + late.T))
        shaken += LINE_ROUNDING * _shaken(copies, modes) @ V
        moved = rough_points(copies.drift[None], (shaken + shaken.T)[None])[0]
    V, change = V[np.ix_(now, now)], FLOW_ROUNDING * moved[np.ix_(now, now)]
    if not (known and (told(V, change) or pairs_told(V, change))):
        raise ConvergenceError(
            "The covariance with delays cannot be told from rounding: light that comes by several "
            "ways cancels, or a variance is too small beside the largest "
            f"({np.abs(V).max():.2g})."
        )
    return V, float(np.abs(change).max() + EPSILON * np.abs(V).max())


def _shaken(copies: Copies, modes: int) -> Any:
    """Elements of 𝒜 for lines, with random signs: they were rounded."""
    lines = copies.rows >= modes
    signs = np.random.default_rng(1).choice([-1.0, 1.0], copies.drift.shape)
    return np.where(lines | lines[:, None], copies.drift * signs, 0.0)


def comes_back(ways: Ways) -> bool:
    """Whether a part feels itself through a line.

    Args:
        ways: of a network.
    """
    acts: Any = sum(abs(K) for K in ways.drift.values()) != 0
    late: Any = sum(abs(K) for T, K in ways.drift.items() if T > 0) != 0
    return bool(np.any(late & reachable(acts).T))


def ways_of(lines: Lines) -> Ways | None:
    """What enters lines, and what comes out of them, from line to line until nothing is left.

    Args:
        lines: of one point.

    Returns:
        None where light goes round through lines alone.
    """
    if (reachable(lines.F_ll != 0).T & (lines.F_ll != 0)).any():
        return None
    same = CLOSE * float(lines.times.sum())
    drift, noise = {0.0: lines.A}, {0.0: lines.B}
    inside: dict[float, Any] = {0.0: np.concatenate([lines.C_l, lines.F_le], axis=1)}
    n = len(lines.A)
    while inside:
        sent_at = min(inside)
        sent = inside.pop(sent_at)
        for tau in np.unique(lines.times):
            out = np.where((lines.times == tau)[:, None], sent, 0.0)
            if out.any():
                felt, time = lines.B_l @ out, sent_at + float(tau)
                _add(drift, time, felt[:, :n], same)
                _add(noise, time, felt[:, n:], same)
                _add(inside, time, lines.F_ll @ out, same)
    return Ways(drift, noise, same)


def _add(terms: dict[float, Any], time: float, term: Any, same: float) -> None:
    if term.any():
        time = next((t for t in terms if abs(t - time) <= same), time)
        terms[time] = terms.get(time, 0.0) + term


def _lags(ways: Ways, parts: list[Any]) -> list[list[float]] | None:
    """Of every part the lags at which it is asked for: now, or by a part that it leads to."""
    lags: list[dict[float, None]] = [{0.0: None} for _ in parts]
    for k in range(len(parts) - 1, -1, -1):  # those downstream ask first
        for T, K in ways.drift.items():
            for j in range(k):
                if K[np.ix_(parts[k], parts[j])].any():
                    for lag in list(lags[k]):
                        known = any(abs(lag + T - t) <= ways.same for t in lags[j])
                        if not known:
                            lags[j][lag + T] = None
        if sum(len(p) * len(own) for p, own in zip(parts, lags, strict=True)) > MOST:
            return None
    return [sorted(own) for own in lags]


def _drift(ways: Ways, rows: Any, lags: Any) -> Any:
    """𝒜: a copy feels those that are earlier by T with K_T."""
    drift, earlier = np.zeros((len(rows), len(rows))), lags - lags[:, None]
    for T, K in ways.drift.items():
        drift += np.where(abs(earlier - T) <= ways.same, K[np.ix_(rows, rows)], 0.0)
    return drift


def _noise(ways: Ways, rows: Any, lags: Any) -> dict[float, Any]:
    """β_S: a copy at the lag T feels with β_{T′} the noise of T + T′."""
    noise: dict[float, Any] = {}
    for T, beta in ways.noise.items():
        for lag in np.unique(lags):
            felt = np.where((abs(lags - lag) <= ways.same)[:, None], beta[rows], 0.0)
            _add(noise, float(lag) + T, felt, ways.same)
    return dict(sorted(noise.items()))


def _entering(copies: Copies, noise: Any) -> tuple[Any, Any]:
    """Σ_S β_S N β_Sᵀ, and Σ_S g_S N β_Sᵀ, which is to be symmetrised."""
    A = copies.drift
    instant, late = np.zeros(A.shape), np.zeros(A.shape)
    felt, before = np.zeros_like(next(iter(copies.noise.values()))), None
    for S, beta in copies.noise.items():
        if before is not None:
            felt = _flowed(A, S - before, felt)
            late += felt @ noise @ beta.T
        instant += beta @ noise @ beta.T
        felt, before = felt + beta, S
    return (instant + instant.T) / 2, late


def _flowed(A: Any, time: float, felt: Any) -> Any:
    """e^{𝒜t} of columns, part by part: what is downstream costs those before it no digit."""
    order, start = strong_parts(A != 0)
    ways, flowed = reachable(A != 0), np.zeros_like(felt)
    for a, b in pairwise(start):
        part = order[a:b]
        upstream = np.flatnonzero(ways[part].any(0) & felt.any(1))
        within = np.flatnonzero(ways[part].any(0))
        if not len(upstream):
            continue
        drift = A[np.ix_(within, within)]
        *_, (flow, _) = doublings(drift, None, Pair(time, 0.0), norm(drift) * time > LONG)
        flowed[part] = flow.high[np.searchsorted(within, part)] @ felt[within]
    return flowed
