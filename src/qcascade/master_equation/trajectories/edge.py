"""The population from which a word leads beyond the cutoffs, watched in every trajectory.

A state at a cutoff does no harm where nothing raises it further: of quanta that only decay, or of
a number that is conserved, the space holds all that the dynamics needs. What does harm is a word
w of K or of a jump with w|i⟩ outside of the space; there the truncated evolution is another one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...base.checks import fail
from ...hilbert.cutoffs import EDGE, REFUSED

SLICES = 64  # of the whole time: in each, the population is averaged over trajectories


class EdgeWatch:
    """Most population at the edge in every slice of time, of one trajectory.

    Args:
        end: the last time.
    """

    def __init__(self, end: float) -> None:
        self.end = end
        self.most = np.zeros(SLICES)

    def see(self, times: np.ndarray, kets: np.ndarray, at_edge: np.ndarray) -> None:
        """One step between jumps, in its Krylov basis.

        Args:
            times: increasing, from the beginning of the step to its end (n,).
            kets: ψ at these times in the basis, of any norm (n, m).
            at_edge: the basis vectors' amplitudes at the edge (m, E).
        """
        m, edge = at_edge.shape
        if edge > m:  # B = LQ: the norm of cB is that of cL
            at_edge = np.transpose(np.linalg.qr(at_edge.T, mode="r"))
        population = _squares(kets @ at_edge) / _squares(kets)
        slot = np.clip(times / self.end * SLICES, 0, SLICES - 1).astype(int)
        np.maximum.at(self.most, slot, population)
        # A slice without a time of its own has what the one before it left.
        between = np.arange(slot[0], slot[-1] + 1)
        before = np.maximum(np.searchsorted(times, between * self.end / SLICES, "right") - 1, 0)
        self.most[between] = np.maximum(self.most[between], population[before])


def _squares(rows: np.ndarray) -> np.ndarray:
    """Σ|x|² of every row."""
    parts = np.ascontiguousarray(rows).view(np.float64)
    return np.einsum("tj,tj->t", parts, parts)


def told(most: np.ndarray) -> dict[str, Any]:
    """What all trajectories say about their cutoffs.

    Args:
        most: population by trajectory and slice of time (n, SLICES).

    Returns:
        `edge_population`, the largest average in a slice; `edge_least`, the largest that is left
        of one less three standard errors (0 for a single trajectory); and `warnings`.
    """
    mean, n = most.mean(axis=0), len(most)
    error = most.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.inf
    population, least = float(mean.max()), float(np.max(mean - 3 * error, initial=0.0))
    text = f"population {population:.2g} at the cutoff on the way: raise `cutoffs` and compare"
    return {
        "edge_population": population,
        "edge_least": least,
        "warnings": (text,) if population > EDGE else (),
    }


def check_edge(info: Mapping[str, Any]) -> None:
    """Refuse trajectories that the cutoffs have changed for sure.

    Args:
        info: of the ensemble.

    Raises:
        ArgumentError: when more than a thousandth was at the cutoffs on the way.
    """
    if info.get("edge_least", 0.0) > REFUSED:
        raise fail(
            "cutoffs",
            f"leave room for all quanta (a population of at most {REFUSED:g} at the cutoffs)",
            float(f"{info['edge_population']:.3g}"),
            "on the way; raise them",
        )
