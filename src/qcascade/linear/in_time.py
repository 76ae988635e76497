"""Linear models whose parameters change in time: the flow of ⟨R⟩ and V between given times.

A function `at` of an array of times returns one model with the times on its first axis, so that
all nodes of all steps are one batch. Steps are of eighth order (magnus.py), exact where nothing
changes. Every segment is halved until its own flow no longer changes what it makes of the state,
each quadrature on the scale of √V_ii.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail, is_traced
from ..base.progress import progress_bar
from ..numerics.time_steps import DEEPEST, ROUNDING, called, check_first_axis
from .flows import batch_of
from .magnus import Flow, advanced, unmoved
from .model import GaussianModel
from .nodes import NODES, PLACES

GAIN = 63
"""Halving takes 255/256 of an eighth-order error away; less is counted on."""
LARGEST = 2**22
"""Numbers of one batch of matrices."""

At = Callable[[np.ndarray], GaussianModel]
Two = tuple[np.ndarray, np.ndarray]


class Flows(NamedTuple):
    """From edge to edge: flows in 2ᵏ⁻¹ and in 2ᵏ steps, k of each segment, and their error."""

    edges: np.ndarray
    coarse: Flow
    fine: Flow
    halvings: np.ndarray
    error: float


def model_at(at: At, times: np.ndarray, name: str = "at") -> GaussianModel:
    """The model at many times, its first axis.

    Args:
        at: function of an array of times.
        times: (K,).
        name: argument to name in an error.

    Raises:
        ArgumentError: for a function that takes no arrays, or returns no model of all the times.
    """
    model: GaussianModel = called(at, times, name, GaussianModel)
    if is_traced(model.A):
        raise fail(name, "return values: this does not work inside jit and grad", "traced")
    check_first_axis(name, batch_of(model), times)
    return model


def structure(model: GaussianModel) -> tuple[Any, ...]:
    """What a model has to have at all times.

    Args:
        model: at some of them.
    """
    return model.modes, model.inputs, model.outputs


def numbers_of(model: GaussianModel, place: int) -> dict[str, Any]:
    """A, D and drive at one time.

    Args:
        model: at some times.
        place: which of them.
    """
    matrices = {"A": (model.A, 2), "D": (model.D, 2), "drive": (model.drive, 1)}
    points = len(batch_of(model))
    return {
        name: x[place] if points and x.ndim - inner == points and len(x) > 1 else x
        for name, (x, inner) in matrices.items()
    }


def flows(
    at: At,
    edges: np.ndarray,
    mean: np.ndarray,
    cov: np.ndarray,
    tolerance: float,
    *,
    begun: Flows | None = None,
    progress: bool = False,
) -> Flows:
    """Flows from edge to edge, whose errors add up to less than the tolerance.

    Args:
        at: function of an array of times.
        edges: increasing times; nothing jumps between two of them.
        mean: ⟨R⟩ at the first, (…, 2N); with `cov`, what errors are measured on.
        cov: V at the first, (…, 2N, 2N).
        tolerance: error allowed, in units of √V_ii (of ⟨R⟩ and V/√V_jj).
        begun: flows between the same edges, to go on from.
        progress: show a bar, on a terminal.

    Raises:
        ConvergenceError: where halving does not converge.
    """
    width = np.diff(edges)
    allowed = tolerance / 2 * np.maximum(width / width.sum(), 1 / len(width))
    if begun is None:
        level, every = np.ones(len(width), int), np.arange(len(width))
        coarse, fine = (_composed(at, edges, every, count) for count in (0, 1))
    else:
        coarse, fine, level = (_copied(x) for x in (begun.coarse, begun.fine, begun.halvings))
    before = np.full(len(width), np.inf)
    with progress_bar("time", progress) as tell:
        while True:
            error = _errors(coarse, fine, mean, cov)
            if np.any(np.isnan(error)):
                raise fail(
                    "times", "end before the state outgrows floating-point numbers", edges[-1]
                )
            rounding = (error > before / 4) & (error < ROUNDING)
            rough = np.flatnonzero((error > allowed) & ~rounding)
            before[rough] = error[rough]
            tell(len(width) - len(rough), len(width))
            if not len(rough):
                return Flows(edges, coarse, fine, level, float(error.sum()))
            if level[rough].max() >= DEEPEST:
                k = rough[np.argmax(level[rough])]
                raise ConvergenceError(
                    f"The evolution does not converge between t = {edges[k]:.6g} and "
                    f"{edges[k + 1]:.6g}: halving {DEEPEST} times leaves {error[k]:.2g} of the "
                    f"state's own widths (tolerance {tolerance:.2g}); where a parameter is "
                    "switched, name the time in `breaks`."
                )
            for old, new in zip(coarse, fine, strict=True):
                old[rough] = new[rough]
            level[rough] += 1
            for count in np.unique(level[rough]):
                some = rough[level[rough] == count]
                for all_of, new in zip(fine, _composed(at, edges, some, int(count)), strict=True):
                    all_of[some] = new


def _copied(x: Any) -> Any:
    return Flow(*(part.copy() for part in x)) if isinstance(x, Flow) else x.copy()


def _errors(coarse: Flow, fine: Flow, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Of each segment; infinite where Magnus' series is not known to converge yet."""
    unresolved = ~(coarse.resolved & fine.resolved)
    if unresolved.any():  # the others are judged when the state is known at all edges
        return np.where(unresolved, np.inf, 0.0)
    return _difference(coarse, fine, mean, cov) / GAIN


def _composed(at: At, edges: np.ndarray, some: np.ndarray, level: int) -> Flow:
    """Flows through some segments in 2^level steps each, by parts that fit into memory."""
    model = model_at(at, edges[some[[0, 0]]])
    steps, batch, n = 2**level, batch_of(model)[1:], 2 * len(model.modes) + 1
    size = NODES * n**2 * int(np.prod(batch))
    parts = []
    at_once = max(1, LARGEST // size)
    for part in (some[k : k + at_once] for k in range(0, len(some), at_once)):
        flow, h = unmoved(len(part), batch, n), (edges[part + 1] - edges[part]) / steps
        many = max(1, LARGEST // (size * len(part)))
        for first in range(0, steps, many):
            middles = np.arange(first, min(first + many, steps)) + 0.5
            ahead = middles[:, None] + PLACES
            times = edges[part, None, None] + h[:, None, None] * ahead
            flow = advanced(flow, model_at(at, times.reshape(-1)), h, len(middles))
        parts.append(flow)
    return Flow(*map(np.concatenate, zip(*parts, strict=True)))


def along(Phi: np.ndarray, Q: np.ndarray, mean: Any, cov: Any) -> Two:
    """⟨R⟩ and V at every edge, the first included.

    Args:
        Phi: flows of (R, 1) from edge to edge.
        Q: what noise adds.
        mean: ⟨R⟩ at the first edge.
        cov: V there.
    """
    size = Phi.shape[-1] - 1
    batch = np.broadcast_shapes(Phi.shape[1:-2], np.shape(cov)[:-2], np.shape(mean)[:-1])
    means = np.empty((len(Phi) + 1, *batch, size))
    covs = np.empty((len(Phi) + 1, *batch, size, size))
    means[0], covs[0] = mean, cov
    with np.errstate(over="ignore", invalid="ignore"):  # told by who asks, with the time
        for k, (flow, noise) in enumerate(zip(Phi, Q, strict=True)):
            means[k + 1], covs[k + 1] = _moved(flow, noise, means[k], covs[k])
    return means, covs


def _moved(flow: np.ndarray, noise: np.ndarray, mean: Any, cov: Any) -> Two:
    """⟨R⟩ and V after one segment."""
    size = flow.shape[-1] - 1
    inner = flow[..., :size, :size]
    mean = np.einsum("...jk,...k->...j", inner, mean) + flow[..., :size, size]
    V = inner @ cov @ np.swapaxes(inner, -1, -2) + noise[..., :size, :size]
    return mean, (V + np.swapaxes(V, -1, -2)) / 2


def _difference(coarse: Flow, fine: Flow, mean: Any, cov: Any) -> np.ndarray:
    """By how much two flows of a segment differ in what they make of the state, (segments,)."""
    largest = np.empty(len(fine.Phi))
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(len(largest)):
            other = _moved(coarse.Phi[k], coarse.Q[k], mean, cov)
            mean, cov = _moved(fine.Phi[k], fine.Q[k], mean, cov)
            width = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
            drawn = np.abs(other[1] - cov) / (width[..., :, None] * width[..., None, :])
            moved = np.abs(other[0] - mean) / (width + np.abs(mean))
            largest[k] = max(drawn.max(), moved.max())
    return largest
