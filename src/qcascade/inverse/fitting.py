"""Whether a graph of couplings reaches a target: many starts of many graphs at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from ..base.threads import cores, spread
from ..linear.state import GaussianState
from .couplings import KINDS, Edge, Nodes, Polynomials, polynomials
from .targets import STATIONARY, Residuals, Target, is_pure, residuals_of

GOAL = 1e-9
"""|r_k| at which an optimisation is over."""
MARGINAL, DARK = 1e-6, 1e-9
"""Distance from threshold that a steady state must have, −max Re λ(A) in units of the fastest own
decay; and where the whole state is known. There nothing grows, A is similar to a matrix with a
negative Hermitian part, and what decays slowly is told from what does not (1e-14)."""
FEW = 4
"""Starts of a graph whose residuals are linear."""
CHOICE = 32
"""Answers of one graph that the best is chosen from."""
ROWS = 64
_ARRAYS = ("weights", "wanted", "at")
"""Optimisations that a thread takes at once."""


@dataclass
class Fits:
    """A problem for the kernels, and how many optimisations it has cost."""

    edges: tuple[Edge, ...]
    polynomials: Polynomials
    residuals: Residuals
    roots: np.ndarray
    bounds: np.ndarray
    starts: int
    rng: np.random.Generator
    done: int = field(default=0)
    seconds: float = field(default=0.0)

    @property
    def is_exact(self) -> bool:
        """Whether residuals are linear, so that one that stays proves that a graph cannot work."""
        table, P = self.polynomials, self.size
        both = np.concatenate([table.terms[:, :2], table.noise[:, :2]])
        return self.residuals.kind == STATIONARY and not np.any(np.all(both < P, axis=1))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.bounds)

    def free(self, masks: np.ndarray) -> np.ndarray:
        """Parameters of graphs (B, E)."""
        return np.repeat(masks, np.diff(self.polynomials.first), axis=1)

    def verdicts(
        self, masks: np.ndarray, known: Sequence[np.ndarray | None]
    ) -> list[np.ndarray | None]:
        """Parameters with which each graph reaches the target, or None.

        Args:
            masks: graphs, booleans (B, E).
            known: parameters of a larger graph to start from, or None.
        """
        fitted: list[np.ndarray | None] = [None] * len(masks)
        # Most graphs that work do so from nearly any start; the others get all of them. Where all
        # is linear, starts differ only in the answer they lead to, and nearly all of those are
        # stable, or none.
        for tries in (2, (min(FEW, self.starts) if self.is_exact else self.starts) - 2):
            left = [k for k, theta in enumerate(fitted) if theta is None]
            if not left or tries <= 0:
                break
            rows = np.repeat(left, tries)
            thetas = self._random(len(rows))
            if tries == 2:
                for place, k in enumerate(left):
                    if (theta := known[k]) is not None:
                        thetas[2 * place] = theta
            ends, good = self._optimised(masks[rows], thetas)
            for row in np.flatnonzero(good)[::-1]:
                fitted[rows[row]] = ends[row]
        return fitted

    def _random(self, count: int) -> np.ndarray:
        """Starts; in all but the linear case many have only some of the couplings.

        A graph with many couplings contains all that fewer can do, but from where all are on, the
        way to it may lead through networks without a steady state.
        """
        thetas = np.minimum(self.bounds / 2, 1.0) * self.rng.normal(size=(count, self.size))
        if self.residuals.kind != STATIONARY:
            share = self.rng.random((count, 1)) + 1 / len(self.edges)
            thetas *= self.free(self.rng.random((count, len(self.edges))) < share)
        return thetas

    def best(self, theta: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Of some answers of one graph that which is furthest from threshold, to all digits.

        Args:
            theta: parameters of an answer.
            mask: its graph, booleans.
        """
        thetas = np.concatenate([theta[None], self._random(CHOICE)])
        ends, good = self._optimised(np.repeat(mask[None], len(thetas), axis=0), thetas, 1e-13)
        if not good.any():
            return theta
        ends = ends[good]
        return ends[np.argmin(self._growth(np.concatenate([ends, ends[:, :1] * 0 + 1], axis=1)))]

    def _optimised(
        self, masks: np.ndarray, thetas: np.ndarray, goal: float = GOAL
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ends of optimisations, and whether they are answers: reached, stable, in bounds."""
        from . import fit_kernels

        free = self.free(masks)
        ends = np.concatenate([thetas * free, np.ones((len(free), 1))], axis=1)
        costs = np.full(len(free), np.inf)
        table, wish = self.polynomials, self.residuals
        problem = fit_kernels.Problem(
            table.terms,
            table.factors,
            table.noise,
            table.strengths,
            table.partner,
            table.amplifying,
            self.bounds,
            wish.weights,
            wish.wanted,
            wish.at,
            self.roots,
        )

        def work(rows: slice) -> None:
            ask = (problem, wish.kind, wish.frequency, goal, costs)
            fit_kernels.optimise(ends, free, *ask, rows.start, rows.stop)

        began = perf_counter()
        size = max(1, min(ROWS, -(-len(free) // (2 * cores()))))
        spread(work, [slice(k, min(k + size, len(free))) for k in range(0, len(free), size)])
        self.done += len(free)
        good = costs <= GOAL
        self.seconds += perf_counter() - began
        if good.any():
            least = DARK if wish.kind == STATIONARY else MARGINAL
            good[good] = self._growth(ends[good]) < -least
            good &= self._is_within(ends[:, :-1])
        return ends[:, :-1], good

    def _is_within(self, thetas: np.ndarray) -> np.ndarray:
        """Whether all couplings are within their bounds; a start need not be."""
        partner = self.polynomials.partner
        other = np.where(partner < 0, 0.0, thetas[:, partner])
        return np.all(np.hypot(thetas, other) <= self.bounds * (1 + 1e-9), axis=1)

    def drift(self, thetas: np.ndarray) -> np.ndarray:
        """A for parameters (…, P + 1)."""
        table, n = self.polynomials, 2 * len(self.roots)
        A = np.zeros((*thetas.shape[:-1], n * n))
        places = table.terms[:, 2] * n + table.terms[:, 3]
        values = table.factors * thetas[..., table.terms[:, 0]] * thetas[..., table.terms[:, 1]]
        # Terms of one entry are added up by a matrix of zeros and ones.
        A = values @ (places[:, None] == np.arange(n * n))
        return A.reshape(*thetas.shape[:-1], n, n)

    def _growth(self, thetas: np.ndarray) -> np.ndarray:
        """Largest real part of an eigenvalue."""
        return np.linalg.eigvals(self.drift(thetas)).real.max(axis=-1)


def fits_of(
    target: Target,
    nodes: Nodes,
    edges: Sequence[Edge],
    largest: float,
    starts: int,
    seed: int,
) -> Fits:
    """The problem of a target, in units of the fastest own decay.

    Args:
        target: one that was checked.
        nodes: the modes.
        edges: couplings of the full graph.
        largest: bound of every coupling, a rate.
        starts: optimisations of one graph before it counts as one that does not work.
        seed: of the starts.
    """
    unit = nodes.unit
    table = polynomials(nodes.scaled(1 / unit), edges)
    wish = residuals_of(target, nodes.names, unit)
    covariance = _whole_state(target, nodes, edges)
    if covariance is not None:
        root = np.linalg.cholesky(covariance)
        weights = np.array([root, np.linalg.inv(root)])
        wish = Residuals(STATIONARY, weights, np.zeros(0), np.zeros((1, 1), np.int64), 0.0)
    # One kind of array for the kernel, so that it is compiled once.
    wish = replace(wish, **{x: np.ascontiguousarray(getattr(wish, x)) for x in _ARRAYS})
    bounds = np.concatenate([_bounds(edge, largest / unit) for edge in edges])
    rng = np.random.default_rng(seed)
    return Fits(
        tuple(edges), table, wish, np.sqrt(np.array(nodes.decays) / unit), bounds, starts, rng
    )


def _bounds(edge: Edge, largest: float) -> np.ndarray:
    """Bounds of parameters: amplitudes are square roots of rates."""
    rate = edge.kind in ("detuning", "hopping", "two_mode_squeezing", "drive")
    return np.full(edge.parameters, largest if rate else np.sqrt(largest))


def _whole_state(target: Target, nodes: Nodes, edges: Sequence[Edge]) -> np.ndarray | None:
    """The steady state of all modes where the target tells it, or None.

    What is pure is correlated with nothing, and quadratic couplings of zero mean leave the rest
    as it would be alone: in vacuum, where nothing of it is amplified or squeezed.
    """
    if not isinstance(target, GaussianState) or not is_pure(target):
        return None
    names = nodes.names
    places = [names.index(x) for x in target.modes]
    if any(nodes.occupations):
        return None
    for edge in edges:
        if KINDS[edge.kind].amplifies and not {*edge.modes} & {*places}:
            return None
        # One jump that squeezes the rest beside a target mode: L = u a + v b†.
        if edge.kind == "pair_bath" and not {*edge.modes} <= {*places}:
            return None
    V = 0.5 * np.eye(2 * len(names))
    at = np.concatenate([[2 * k, 2 * k + 1] for k in places])
    V[np.ix_(at, at)] = target.cov
    return V
