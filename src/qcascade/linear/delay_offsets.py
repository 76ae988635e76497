"""Networks with delays in which every part has a time of its own: those without delays, shifted.

Where light never comes by two ways of different length, nor back, every mode and every noise has
an offset t with t_to − t_from = τ along every line. In times s = t_lab − t_mode the network is that
without delays, of covariance V; and at one time of the laboratory

    ⟨R_i R_j⟩ = [e^{AΔ} V]_ij,      Δ = t_j − t_i > 0,

since in its own time i is ahead of j by Δ, and the noise that has come since knows nothing of j.
"""

from typing import Any

import numpy as np

from ..numerics.exponential import EPSILON, LONG, doublings, norm
from ..numerics.graphs import reachable
from ..numerics.two_floats import Pair
from .delayed import Lines

CLOSE = 64 * EPSILON  # relative to the sum of all delays: two ways of one length


def offsets(lines: Lines, noise: Any) -> Any:
    """t of every quadrature, (2N,), the least of all zero; None where there are none.

    Args:
        lines: of one point.
        noise: N (2p, 2p), which may connect inputs.
    """
    n, d, p = len(lines.A), len(lines.times), len(noise)
    time = np.concatenate([np.zeros(n), lines.times, np.zeros(p)])  # of what passes a node
    leads = np.zeros((n + d + p, n + d + p), bool)
    own, line, entering = (slice(a, b) for a, b in ((0, n), (n, n + d), (n + d, n + d + p)))
    for rows, columns, value in (
        (own, own, lines.A),
        (own, line, lines.B_l),
        (own, entering, lines.B),
        (line, own, lines.C_l),
        (line, line, lines.F_ll),
        (line, entering, lines.F_le),
        (entering, entering, noise),
    ):
        leads[rows, columns] = value != 0
    at = np.full(len(time), np.nan)
    for first in range(len(time)):
        if np.isnan(at[first]):
            _spread(leads, time, at, first)
    later = np.abs(at[:, None] - at - time)[leads]
    if later.max(initial=0.0) > CLOSE * lines.times.sum():
        return None
    return at[own]


def _spread(leads: Any, time: Any, at: Any, first: int) -> None:
    """Offsets of all that hangs together with a node, from its own on, the least of them zero."""
    at[first], waiting, met = 0.0, [first], [first]
    while waiting:
        k = waiting.pop()
        for linked, shift in ((leads[:, k], time[k]), (leads[k], -time)):
            new = np.flatnonzero(linked & np.isnan(at))
            at[new] = at[k] + (shift if np.ndim(shift) == 0 else shift[new])
            waiting += new.tolist()
            met += new.tolist()
    at[met] -= at[met].min()


def at_one_time(A: Any, V: Any, at: Any) -> Any:
    """The covariance at one time of the laboratory.

    Args:
        A: drift without delays, (2N, 2N).
        V: its covariance.
        at: offsets, (2N,).

    >>> at_one_time(-np.eye(2), np.ones((2, 2)), np.array([0.0, 1.0])).round(6)
    array([[1.      , 0.367879],
           [0.367879, 1.      ]])
    """
    shifted, ways = V.copy(), reachable(A != 0)
    for rows, later, lag in _lags(at):
        upstream = np.flatnonzero(ways[rows].any(0))  # what is downstream costs them no digit
        drift = A[np.ix_(upstream, upstream)]
        *_, (flow, _) = doublings(drift, None, Pair(lag, 0.0), norm(drift) * lag > LONG)
        within = np.searchsorted(upstream, rows)
        block = flow.high[within] @ V[np.ix_(upstream, later)]
        shifted[np.ix_(rows, later)], shifted[np.ix_(later, rows)] = block, block.T
    return shifted


def _lags(at: Any) -> Any:
    """Rows with one offset, rows with another one that is later, and by how much."""
    times = np.unique(at)
    for k, first in enumerate(times):
        for second in times[k + 1 :]:
            yield np.flatnonzero(at == first), np.flatnonzero(at == second), second - first
