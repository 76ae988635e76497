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
from ..lyapunov.directions import pairs_told, told
from ..lyapunov.solve import solve
from ..lyapunov.watched import unseen
from ..numerics.exponential import EPSILON, LONG, doublings, norm
from ..numerics.graphs import reachable, strong_parts
from ..numerics.two_floats import Pair
from .delay_offsets import CLOSE
from .delayed import Lines

MOST = 400  # quadratures of all copies
PROBE = 2.0**-36  # by which exponentials are moved to see what their rounding does
FLOW_ROUNDING = 32 * EPSILON  # of exponentials and of the equation


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


def without_delays(lines: Lines) -> Copies | None:
    """The copies of a network; None where light comes back through a line, or for too many.

    Args:
        lines: of one point.
    """
    if not _one_way(lines):
        return None
    ways = _ways(lines)
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
    recombine: so they are moved a little, and V shows what that does.

    Args:
        copies: from `without_delays`.
        noise: N (2p, 2p).
        modes: how many quadratures the network has.

    Raises:
        ConvergenceError: where rounding decides.
    """
    now = np.flatnonzero(copies.lags == 0)
    now = now[np.argsort(copies.rows[now])]
    assert len(now) == modes
    instant, late = _entering(copies, noise)
    shaken = late * (1 + PROBE * np.random.default_rng(0).choice([-1.0, 1.0], late.shape))
    with unseen():  # the caller has told of its own drift
        (V, known), (moved, also) = (
            solve(copies.drift, instant + (X + X.T)) for X in (late, shaken)
        )
    V, moved = V[np.ix_(now, now)], moved[np.ix_(now, now)]
    change = (moved - V) * (FLOW_ROUNDING / PROBE)
    if not (known and also and (told(V, change) or pairs_told(V, change))):
        raise ConvergenceError(
            "The covariance with delays cannot be told from rounding: light that comes by several "
            "ways cancels, or a variance is too small beside the largest "
            f"({np.abs(V).max():.2g})."
        )
    return V, float(np.abs(change).max() + EPSILON * np.abs(V).max())


def _one_way(lines: Lines) -> bool:
    """Whether nothing that enters a line comes back into it."""
    acts = np.block([[lines.A, lines.B_l], [lines.C_l, lines.F_ll]]) != 0
    again = acts @ reachable(acts) > 0
    return not again.diagonal()[len(lines.A) :].any()


def _ways(lines: Lines) -> Ways:
    """What enters lines, and what comes out of them, from line to line until nothing is left."""
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
