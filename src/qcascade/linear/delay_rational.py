"""Light that comes back through lines: a rational reference, and what is left beyond it.

A loop K_T e^{−sT} is replaced by K_T R(sT), the Padé approximant [m − 1/m] of e^{−sT}. A line of
fields u(z, t) = Σ c_k(t) P_k(2z − 1), k < m, that obey ∂u/∂t = −∂u/∂z/T in the mean with every P_k,
has that response (discontinuous Galerkin, upwind; P. Lesaint & P.-A. Raviart (1974)),

    T ċ_k = −(2k + 1)(Σ_{j>k} c_j + Σ_{j≤k} (−1)^{j+k} c_j − (−1)^k u_in),    u_out = Σ c_j,

so that the reference is a network without delays, solved as exactly as any: whatever is loud,
before the loop, in it or behind it. For |ω|T below a cutoff that grows with m, R is e^{iωT} to the
last digit, and so is everything else. With Y = M⁻¹B(ω), δ = M⁻¹(K − K_R)Y_R, what is left,

    V − V_R = (1/π) ∫_cutoff^∞ Re(Y_R N δ† + δ N Y_R† + δ N δ†) dω,

has no resonance in it and falls like ω⁻³: noise comes out of lines at its right time in both.
"""

from itertools import pairwise
from math import lgamma
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError
from ..numerics.graphs import reachable, strong_parts
from .delay_copies import Ways, covariance_of_copies, ways_of, without_delays
from .delay_integral import WORST, batches, integral, unknown
from .delay_proof import WAVES, Bounded

LEAST, LARGEST = 10, 40  # m
EXACT = 1e-15  # |R − e^{−sT}| that is none
WIDTH = 0.3  # of a panel, relative to its frequency
TURNS = 60.0  # radians of the shortest delay, where first the integral may end
PIECES = 8  # integrals for parts of a network, beyond which one serves all
MOST = 20_000  # panels between two doublings of the frequency


class Loop(NamedTuple):
    """What a part feels of itself after a time."""

    time: float
    drift: Any  # K_T within the part
    order: int  # m
    rate: float  # how fast the part may move


class Rational(NamedTuple):
    """A network whose loops are rational, and the way back to the exact one."""

    ways: Ways  # with rows of the lines behind those of the modes
    exact: Ways
    loops: list[Loop]

    @property
    def cutoff(self) -> float:
        """ω below which nothing is left."""
        return min((_cutoff(loop.order) / loop.time for loop in self.loops), default=np.inf)


def covariance_by_reference(bounds: Bounded, noise: Any) -> tuple[Any, float] | None:
    """V and its error, an absolute one, of a network that was proven stable; None where light goes
    round through lines alone, or for too many copies of loops.

    Args:
        bounds: from `bounded`.
        noise: N (2p, 2p).

    Raises:
        ConvergenceError: where the error stays too large for the smallest variance.
    """
    ways, n = ways_of(bounds.lines), len(bounds.lines.A)
    copies = None if ways is None else without_delays(rational(ways).ways)
    if ways is None or copies is None:
        return None
    V, rounding = covariance_of_copies(copies, noise, n)
    smallest = float(np.linalg.eigvalsh(V)[0])
    more, error = np.zeros_like(V), 0.0
    for rows, columns, upstream in _pieces(ways):
        left, off = _left(rational(_within(ways, upstream)), noise, WORST / 100 * smallest)
        inside = np.searchsorted(upstream, rows), np.searchsorted(upstream, columns)
        block = left[np.ix_(*inside)]
        more[np.ix_(rows, columns)], more[np.ix_(columns, rows)] = block, block.T
        error = max(error, off)
    if not error <= WORST * smallest:
        raise unknown(error, smallest)
    return V + more, error + rounding


def _pieces(ways: Ways) -> list[tuple[Any, Any, Any]]:
    """Rows and columns of V, and the rows upstream of them, which alone they are found from.

    What stands behind loops is found with what leads to it, so that nothing downstream counts.
    """
    acts = _acts(ways)
    parts, late = _parts(acts), np.zeros(len(acts), bool)
    feels = np.kron(reachable(_pairs(acts)), np.ones((2, 2))) > 0
    for loop in rational(ways).loops:
        late |= feels[:, loop.drift.any(1)].any(1)
    behind = [part for part in parts if late[part[0]]]
    upstream = [np.flatnonzero(feels[part[0]]) for part in behind]
    pieces = []
    for k, (part, above) in enumerate(zip(behind, upstream, strict=True)):
        pieces.append((part, above, above))
        for j in range(k):
            if not np.isin(behind[j], above).any():
                pieces.append((part, behind[j], np.union1d(above, upstream[j])))
    every = np.arange(len(acts))
    return pieces if len(pieces) <= PIECES else [(every, every, every)]


def _within(ways: Ways, rows: Any) -> Ways:
    drift = {T: K[np.ix_(rows, rows)] for T, K in ways.drift.items()}
    return Ways(drift, {T: beta[rows] for T, beta in ways.noise.items()}, ways.same)


def _left(reference: Rational, noise: Any, wanted: float) -> tuple[Any, float]:
    """The integral at the top of this module, and its error."""
    n = len(reference.exact.drift[0.0])
    fastest = max(loop.rate for loop in reference.loops)
    turning = TURNS / min(loop.time for loop in reference.loops)

    def integrand(omega: Any) -> Any:
        return _beyond(reference, noise, omega)

    def cut(first: float, last: float) -> list[Any]:
        return batches(_panels(reference, first, last), max(n, len(noise)))

    ends = (reference.cutoff, max(2 * reference.cutoff, 2 * fastest, turning))
    left, error = integral(integrand, cut, ends, wanted)
    return _symmetric(left), error


def rational(ways: Ways) -> Rational:
    """Loops become lines of finitely many numbers; ways that never lead back stay as they are.

    Args:
        ways: with loops.
    """
    loops = _loops(ways)
    blocks, size = [_line(loop) for loop in loops], len(ways.drift[0.0])
    total = size + sum(len(own) for own, _, _ in blocks)
    drift, first = np.zeros((total, total)), size
    drift[:size, :size] = ways.drift[0.0]
    for own, fed, out in blocks:
        at = slice(first, first + len(own))
        drift[at, at], drift[at, :size], drift[:size, at] = own, fed, out
        first += len(own)
    after = {T: K for T, K in ways.drift.items() if T > 0}
    for loop in loops:
        after[loop.time] = after[loop.time] - loop.drift
    more = (0, total - size)
    kept = {0.0: drift} | {T: np.pad(K, (more, more)) for T, K in after.items() if K.any()}
    entering = {T: np.pad(beta, (more, (0, 0))) for T, beta in ways.noise.items()}
    return Rational(Ways(kept, entering, ways.same), ways, loops)


def _loops(ways: Ways) -> list[Loop]:
    loops = []
    for part in _parts(_acts(ways)):
        inside = np.ix_(part, part)
        rate = float(sum(np.linalg.norm(K[inside], 2) for K in ways.drift.values()))
        for T, K in ways.drift.items():
            if T > 0 and K[inside].any():
                own = np.zeros_like(K)
                own[inside] = K[inside]
                loops.append(Loop(T, own, _order(T * rate), rate))
    return loops


def _acts(ways: Ways) -> Any:
    return sum(abs(K) for K in ways.drift.values()) != 0


def _pairs(acts: Any) -> Any:
    """Which modes act on which."""
    return acts.reshape(len(acts) // 2, 2, len(acts) // 2, 2).any((1, 3))


def _parts(acts: Any) -> list[Any]:
    """Modes that act on each other, at once or later: rows of every such part, upstream first."""
    order, start = strong_parts(_pairs(acts))
    pairs = (np.sort(order[a:b]) for a, b in pairwise(start))
    return [(2 * pair[:, None] + np.arange(2)).ravel() for pair in pairs]


def _panels(reference: Rational, first: float, last: float) -> Any:
    """Panels no wider than a few turns of the longest delay, nor than their distance from zero.

    Raises:
        ConvergenceError: for too many.
    """
    longest = max(*reference.exact.drift, *reference.exact.noise)
    wide = WAVES / longest
    near = np.geomspace(first, last, 2 + int(np.log(last / first) / WIDTH))
    pieces = np.ceil(np.diff(near) / (2 * wide)).astype(int)
    if pieces.sum() > MOST:
        raise ConvergenceError(
            f"The covariance with delays was given up: at the rate {last:.3g} of what comes back "
            f"through fibres, a delay of {longest:.3g} has too many turns to follow."
        )
    edges = np.concatenate(
        [np.linspace(a, b, k + 1)[:-1] for (a, b), k in zip(pairwise(near), pieces, strict=True)]
    )
    return np.stack([edges, np.append(edges[1:], last)], axis=-1)


def _beyond(reference: Rational, noise: Any, omega: Any) -> Any:
    """The integrand of what is left, at a row of ω."""
    turns = 1j * omega[:, None, None]
    exact = reference.exact
    B = sum(np.exp(turns * T) * beta for T, beta in exact.noise.items())
    M = -turns * np.eye(len(exact.drift[0.0]))
    M = M - sum(np.exp(turns * T) * K for T, K in exact.drift.items())
    off: Any = 0.0
    for T, K, m, _ in reference.loops:
        off = off + (np.exp(turns * T) - approximant(m, -turns * T)) * K
    known = np.linalg.solve(M + off, B)
    more = np.linalg.solve(M, off @ known)
    return 2 * _symmetric(((known + more / 2) @ noise @ more.conj().swapaxes(-1, -2)).real)


def _symmetric(X: Any) -> Any:
    return (X + X.swapaxes(-1, -2)) / 2


def _order(turns: float) -> int:
    """The least m that is exact well beyond all rates of a loop."""
    wanted = 0.6 * turns + 1.0
    return next((m for m in range(LEAST, LARGEST) if _cutoff(m) > wanted), LARGEST)


def _cutoff(m: int) -> float:
    """y below which |R(iy) − e^{−iy}| ≤ m!(m − 1)!/((2m)!(2m − 1)!) y^{2m} is none."""
    log = lgamma(m + 1) + lgamma(m) - lgamma(2 * m + 1) - lgamma(2 * m)
    return float(np.exp((np.log(EXACT) - log) / (2 * m)))


def _line(loop: Loop) -> tuple[Any, Any, Any]:
    """Of K_T R(sT): the drift of its numbers, what modes send into them, and what comes out."""
    T, K, m, _ = loop
    columns, rows = np.flatnonzero(K.any(0)), np.flatnonzero(K.any(1))
    k = np.arange(m)
    sign = (-1.0) ** k
    own = -(2 * k + 1)[:, None] * np.where(k > k[:, None], 1.0, sign * sign[:, None]) / T
    entering = ((2 * k + 1) * sign / T)[:, None]
    if len(columns) <= len(rows):
        into, out = np.eye(len(K))[columns], K[:, columns]
    else:
        into, out = K[rows], np.eye(len(K))[:, rows]
    one = np.eye(len(into))
    return np.kron(one, own), np.kron(into, entering), np.kron(out, np.ones(m))


def approximant(m: int, z: Any) -> Any:
    """R(z) ≈ e^{−z}, [m − 1/m], by its continued fraction 1/(1 + z/(1 − z/(2 + z/(3 − z/(2 + …)))).

    >>> bool(abs(approximant(12, 2j) - np.exp(-2j)) < 1e-14)
    True
    """
    b = [1, *(2 if k % 2 == 0 else k for k in range(1, 2 * m))]
    value = b[-1] + 0 * z
    for k in range(2 * m - 1, 0, -1):
        value = b[k - 1] - (-1) ** k * z / value
    return 1 / value
