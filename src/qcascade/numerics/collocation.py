"""Linear equations ẋ = Σ_k c_k(t) G_k x with sparse G_k, to many digits and at any time.

On a panel of length h the slope ẋ is a polynomial through its values at Gauss–Legendre nodes,

    x(a + τh) = x(a) + h Σ_j ẋ_j ∫_0^τ ℓ_j,

and is found by Picard's iteration, which converges for whatever h‖G‖ is, though quickly for a few
units only (E. Hairer, S. P. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, ch.
II.7). At the end of a panel that is a method of order 2K. Panels are as long as the last Legendre
coefficients of the slope allow, and halved until halving changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre

from ..base.checks import ConvergenceError

K = 12
"""Nodes of a panel."""
SWEEPS = 45
"""Iterations of Picard, at most; more tell that the panel is too long."""
SHORTEST = 2.0**-40
"""Panel, of the whole time: where it is not short enough, something is switched."""
DEEPEST = 6
"""Halvings of all panels, at most."""

_NODES, _WEIGHTS = legendre.leggauss(K)
NODES = (_NODES + 1) / 2
WEIGHTS = _WEIGHTS / 2
TO_LEGENDRE = np.linalg.inv(legendre.legvander(_NODES, K - 1))
"""Legendre coefficients of a polynomial from its values at the nodes."""


def _integrated(tau: np.ndarray) -> np.ndarray:
    """∫_0^τ ℓ_j of the node's polynomials, (…, K), with τ from 0 to 1."""
    powers = np.stack([legendre.legint(np.eye(K)[k], lbnd=-1) for k in range(K)], axis=1)
    return legendre.legvander(2 * np.asarray(tau) - 1, K) @ powers @ TO_LEGENDRE / 2


INNER = _integrated(NODES)


class Moving(NamedTuple):
    """ẋ = Σ_k c_k(t) G_k x.

    Args:
        stacked: the G_k, one below the other, sparse (terms · n, n).
        weights: c_k at times (T,), array (terms, T).
    """

    stacked: Any
    weights: Callable[[np.ndarray], np.ndarray]

    def slope(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """ẋ of many x.

        Args:
            x: (n, C, T): columns at times.
            weights: c_k at the times, (terms, T).
        """
        n, columns, times = x.shape
        every = (self.stacked @ x.reshape(n, -1)).reshape(len(weights), n * columns, times)
        return np.einsum("krt,kt->rt", every, weights).reshape(x.shape)


@dataclass(frozen=True)
class Path:
    """What a linear equation makes of its start, between edges.

    Args:
        edges: of the panels, (P + 1,).
        states: x at the edges, (P + 1, n, C).
        slopes: ẋ at the nodes of the panels, (P, n, C, K).
        applications: of Σ c_k G_k to a vector.
    """

    edges: np.ndarray
    states: np.ndarray
    slopes: np.ndarray
    applications: int

    def at(self, times: Any) -> np.ndarray:
        """x at any times (T,) between the first edge and the last, (T, n, C).

        Args:
            times: (T,).
        """
        times = np.asarray(times, float)
        p = np.clip(np.searchsorted(self.edges, times, side="right") - 1, 0, len(self.slopes) - 1)
        h = np.diff(self.edges)[p]
        shares = h[:, None] * _integrated((times - self.edges[p]) / h)
        moved = np.einsum("tncj,tj->tnc", self.slopes[p], shares)
        exact = times == self.edges[-1]
        return np.where(exact[:, None, None], self.states[-1], self.states[p] + moved)

    @property
    def nodes(self) -> np.ndarray:
        """Times of all nodes, (P · K,)."""
        return (self.edges[:-1, None] + np.diff(self.edges)[:, None] * NODES).ravel()

    @property
    def weights(self) -> np.ndarray:
        """Weights of an integral over the nodes, (P · K,)."""
        return np.outer(np.diff(self.edges), WEIGHTS).ravel()


class _Panel(NamedTuple):
    slopes: np.ndarray
    end: np.ndarray
    sweeps: int
    tail: float


def panel(
    moving: Moving, weights: np.ndarray, h: float, x: np.ndarray, close: float
) -> _Panel | None:
    """One panel, or None where it is too long.

    Args:
        moving: the equation.
        weights: c_k at its nodes, (terms, K).
        h: how long it is.
        x: where it begins, (n, C).
        close: change of the state that is none.
    """
    # All K nodes at once, from the state at the start: each sweep (Picard) integrates the slopes of
    # the last one, and the error falls to 0.06 h‖L‖ of itself (K = 12): few sweeps are enough.
    states = np.repeat(x[..., None], K, axis=-1)
    before, size = np.inf, float(np.linalg.norm(x)) + close
    for sweep in range(1, SWEEPS + 1):
        slopes = moving.slope(states, weights)
        new = x[..., None] + h * (slopes @ INNER.T)
        change = float(np.linalg.norm(new - states)) / K**0.5
        states = new
        if not np.isfinite(change) or change > 1e6 * size:
            return None
        # It shrinks in the end; what does not any more is rounding.
        if change <= close or (change > before / 2 and change < 1e-13 * size):
            last = slopes @ TO_LEGENDRE[-2:].T
            tail = h * float(np.linalg.norm(last, axis=(0, 1)).max())
            return _Panel(slopes, x + h * (slopes @ WEIGHTS), sweep, tail)
        before = change
    return None


def adaptive(moving: Moving, x: np.ndarray, edges: np.ndarray, close: float, tail: float) -> Path:
    """A path whose panels are as long as they may be; no panel crosses an edge.

    Args:
        moving: the equation.
        x: at the first edge, (n, C).
        edges: increasing times, at which something may be switched.
        close: change of the state that is none.
        tail: what the last Legendre coefficients of the slope may add to the state on a panel.

    Raises:
        ConvergenceError: where panels would have to be all too short.
    """
    span = edges[-1] - edges[0]
    t, h = float(edges[0]), float(np.diff(edges).min())
    times, states, slopes, used = [t], [x], [], 0
    for end in edges[1:].tolist():
        while t < end:
            pieces = max(1, int(np.ceil((end - t) / h - 1e-9)))
            step = (end - t) / pieces
            passed = panel(moving, moving.weights(t + step * NODES), step, x, close)
            used += K * (passed.sweeps if passed else SWEEPS)
            if passed is None or passed.tail > tail:
                h = step / 2
                if h < SHORTEST * span:
                    raise ConvergenceError(
                        f"The evolution does not converge at t = {t:.6g}, however short the steps "
                        "are; where a parameter is switched, name the time in `breaks`."
                    )
                continue
            t = end if pieces == 1 else t + step
            x = passed.end
            times.append(t)
            states.append(x)
            slopes.append(passed.slopes)
            # Longer steps only with room to spare: a panel that is refused costs all its sweeps.
            roomy = passed.sweeps < 25 and passed.tail < 0.003 * tail
            h = step * (1.6 if roomy else 1.0) if pieces > 1 else max(h, step)
    return Path(np.array(times), np.array(states), np.array(slopes), used)


def halved(moving: Moving, path: Path, close: float) -> Path:
    """The same with two panels in place of each.

    Args:
        moving: the equation.
        path: what is halved.
        close: change of the state that is none.

    Raises:
        ConvergenceError: where a panel is too long, which it was not before.
    """
    middle = (path.edges[:-1] + path.edges[1:]) / 2
    edges = np.sort(np.append(path.edges, middle))
    x, states, slopes, used = path.states[0], [path.states[0]], [], path.applications
    h = np.diff(edges)
    every = moving.weights((edges[:-1, None] + h[:, None] * NODES).ravel()).reshape(-1, len(h), K)
    for k, step in enumerate(h.tolist()):
        passed = panel(moving, every[:, k], step, x, close)
        if passed is None:
            raise ConvergenceError(f"The evolution does not converge at t = {edges[k]:.6g}.")
        x = passed.end
        states.append(x)
        slopes.append(passed.slopes)
        used += K * passed.sweeps
    return Path(edges, np.array(states), np.array(slopes), used)


def solved(
    moving: Moving, x: np.ndarray, edges: np.ndarray, tolerance: float
) -> tuple[Path, float]:
    """The path that halving no longer changes by more than the tolerance, and by how much it does.

    Args:
        moving: the equation.
        x: at the first edge, (n, C).
        edges: increasing times, at which something may be switched.
        tolerance: error allowed, of x in the Euclidean norm.

    Raises:
        ConvergenceError: where halving does not converge.
    """
    close = max(1e-3 * tolerance, 1e-14)
    # Halves have a tail 2^−K as large, and are what is given.
    path, before, off = adaptive(moving, x, edges, close, 30 * tolerance), np.inf, np.inf
    for _ in range(DEEPEST):
        finer = halved(moving, path, close)
        off = float(np.linalg.norm(finer.states[::2] - path.states, axis=(1, 2)).max())
        if off <= tolerance:
            return finer, off
        if off > before / 2:
            break
        path, before = finer, off
    raise ConvergenceError(
        f"The evolution is known to {off:.2g} only, which halving its steps does not change: allow "
        f"a larger `tolerance` than {tolerance:.1g}."
    )
