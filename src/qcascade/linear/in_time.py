"""Linear models whose parameters change in time: the flow of ⟨R⟩ and V between given times.

A function `at` of an array of times returns one model with the times on its first axis, so that
all nodes of all steps are one batch. A step is two exponentials of constant models
(numerics/time_steps.py), exact where nothing changes. Every segment is halved until its own flow no
longer changes what it makes of the state, each quadrature on the scale of √V_ii.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail, is_traced, shown
from ..base.progress import progress_bar
from ..numerics.exponential import flow_of
from ..numerics.time_steps import (
    DEEPEST,
    EARLY,
    LATE,
    NODES,
    ROUNDING,
    called,
    check_first_axis,
)
from ..numerics.two_floats import Pair
from .flows import batch_of, with_unit
from .model import GaussianModel

LOOKED_AT = 16
"""Points of a batch in which switches are looked for."""
LARGEST = 2**22
"""Numbers of one batch of matrices."""

At = Callable[[np.ndarray], GaussianModel]
Two = tuple[np.ndarray, np.ndarray]


class Flows(NamedTuple):
    """From edge to edge: Φ and Q of (R, 1), and how often each segment was halved."""

    edges: np.ndarray
    Phi: np.ndarray
    Q: np.ndarray
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
    model = called(at, times, name, GaussianModel)
    if not isinstance(model, GaussianModel):
        must = "be a function of an array of times that returns a GaussianModel"
        raise fail(name, must, at, f"it returns {shown(model)}")
    if is_traced(model.A):
        raise fail(name, "return values: this does not work inside jit and grad", "traced")
    check_first_axis(name, batch_of(model), times)
    return model


def generators(at: At, times: np.ndarray) -> Two:
    """Drift and diffusion of (R, 1), each (K, …, 2N + 1, 2N + 1).

    Args:
        at: function of an array of times.
        times: (K,).
    """
    drift, noise = with_unit(model_at(at, times))
    if drift.ndim == 2:  # constant
        drift, noise = (np.broadcast_to(x, (len(times), *x.shape)) for x in (drift, noise))
    return drift, noise


def flows(
    at: At,
    edges: np.ndarray,
    mean: np.ndarray,
    cov: np.ndarray,
    tolerance: float,
    *,
    halvings: np.ndarray | None = None,
    progress: bool = False,
) -> Flows:
    """Flows from edge to edge, whose errors add up to less than the tolerance.

    Args:
        at: function of an array of times.
        edges: increasing times; nothing jumps between two of them.
        mean: ⟨R⟩ at the first, (…, 2N); with `cov`, what errors are measured on.
        cov: V at the first, (…, 2N, 2N).
        tolerance: error allowed, in units of √V_ii (of ⟨R⟩ and V/√V_jj).
        halvings: of each segment, to begin with.
        progress: show a bar, on a terminal.

    Raises:
        ConvergenceError: where halving does not converge.
    """
    width = np.diff(edges)
    level = np.zeros(len(width), int) if halvings is None else np.maximum(halvings - 1, 0)
    allowed = tolerance / 2 * np.maximum(width / width.sum(), 1 / len(width))
    coarse, level = _composed_all(at, edges, level), level + 1
    fine = _composed_all(at, edges, level)
    before = np.full(len(width), np.inf)
    with progress_bar("time", progress) as tell:
        while True:
            # Halving takes 15/16 of a fourth-order error away.
            error = _difference(coarse, fine, mean, cov) / 15
            if not np.all(np.isfinite(error)):
                raise fail(
                    "times", "end before the state outgrows floating-point numbers", edges[-1]
                )
            rounding = (error > before / 4) & (error < ROUNDING)
            rough = np.flatnonzero((error > allowed) & ~rounding)
            before[rough] = error[rough]
            tell(len(width) - len(rough), len(width))
            if not len(rough):
                return Flows(edges, *fine, level, float(error.sum()))
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


def _composed_all(at: At, edges: np.ndarray, level: np.ndarray) -> Two:
    groups = [np.flatnonzero(level == count) for count in np.unique(level)]
    flows = [_composed(at, edges, some, int(level[some[0]])) for some in groups]
    Phi, Q = (np.empty((len(level), *x.shape[1:])) for x in flows[0])
    for some, (flow, noise) in zip(groups, flows, strict=True):
        Phi[some], Q[some] = flow, noise
    return Phi, Q


def _composed(at: At, edges: np.ndarray, segments: np.ndarray, level: int) -> Two:
    """Flows through some segments in 2^level steps each, by parts that fit into memory."""
    steps = 2**level
    one = _steps(at, edges, segments[:1], steps)
    many = max(1, LARGEST // (4 * steps * one[0].size))
    rest = [_steps(at, edges, some, steps) for some in _chunks(segments[1:], many)]
    Phi, Q = zip(one, *rest, strict=True)
    return np.concatenate(Phi), np.concatenate(Q)


def _chunks(items: np.ndarray, size: int) -> list[np.ndarray]:
    return [items[k : k + size] for k in range(0, len(items), size)]


def _steps(at: At, edges: np.ndarray, segments: np.ndarray, steps: int) -> Two:
    h = (edges[segments + 1] - edges[segments]) / steps
    starts = edges[segments, None] + h[:, None] * np.arange(steps)
    times = (starts[..., None] + h[:, None, None] * NODES).reshape(-1)
    drift, noise = (x.reshape(len(h), steps, 2, *x.shape[1:]) for x in generators(at, times))
    # Two exponentials a step: the first weighs the earlier node more, the second the later.
    weights = np.array([[EARLY, LATE], [LATE, EARLY]])
    scale = h.reshape(-1, *(1,) * (drift.ndim - 1))
    A, D = (np.einsum("ab,sib...->sia...", weights, x) * scale for x in (drift, noise))
    Phi, Q = flow_of(A, D, Pair(1.0, 0.0), False)
    return joined(*(x.reshape(len(h), 2 * steps, *x.shape[3:]) for x in (Phi, Q)))


def joined(Phi: np.ndarray, Q: np.ndarray) -> Two:
    """One flow after the other along the second axis, in pairs: Φ = Φ₂Φ₁, Q = Φ₂Q₁Φ₂ᵀ + Q₂.

    Args:
        Phi: (segments, flows, …, n, n), earlier ones first.
        Q: likewise.
    """
    while Phi.shape[1] > 1:
        left = Phi.shape[1] % 2  # the last, when there is no other for it
        late, tail = Phi[:, 1::2], (Phi[:, -left:], Q[:, -left:])
        early = Phi[:, : 2 * late.shape[1] : 2], Q[:, : 2 * late.shape[1] : 2]
        Q = late @ early[1] @ np.swapaxes(late, -1, -2) + Q[:, 1::2]
        Phi = late @ early[0]
        if left:
            Phi, Q = np.concatenate([Phi, tail[0]], 1), np.concatenate([Q, tail[1]], 1)
    return Phi[:, 0], Q[:, 0]


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
            inner = flow[..., :size, :size]
            means[k + 1] = np.einsum("...jk,...k->...j", inner, means[k]) + flow[..., :size, size]
            V = inner @ covs[k] @ np.swapaxes(inner, -1, -2) + noise[..., :size, :size]
            covs[k + 1] = (V + np.swapaxes(V, -1, -2)) / 2
    return means, covs


def _difference(coarse: Two, fine: Two, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """By how much two flows of a segment differ in what they make of the state, (segments,)."""
    means, covs = along(fine[0], fine[1], mean, cov)
    size = means.shape[-1]
    mean, V = means[:-1], covs[:-1]
    with np.errstate(over="ignore", invalid="ignore"):
        width = np.sqrt(np.diagonal(covs[1:], axis1=-2, axis2=-1))
        (first, fed), (second, entered) = (
            (Phi[..., :size, :size], Q[..., :size, :size]) for Phi, Q in (coarse, fine)
        )
        moved = np.einsum("...jk,...k->...j", first - second, mean)
        moved += (coarse[0] - fine[0])[..., :size, size]
        drawn = first @ V @ np.swapaxes(first, -1, -2) - second @ V @ np.swapaxes(second, -1, -2)
        drawn = np.abs(drawn + fed - entered) / (width[..., :, None] * width[..., None, :])
        moved = np.abs(moved) / (width + np.abs(means[1:]))
    axes = tuple(range(1, drawn.ndim))
    return np.maximum(drawn.max(axes), moved.max(axes[:-1]))


def numbers_at(at: At, times: np.ndarray) -> np.ndarray:
    """All rows of drift and diffusion at every time, (K, rows, 2N + 1); of a large batch, of some
    points."""
    drift = generators(at, times[:1])[0]
    many = max(1, LARGEST // (2 * drift.size))
    points = drift[0].size // drift.shape[-1] ** 2
    some = np.unique(np.linspace(0, points - 1, min(points, LOOKED_AT)).astype(int))
    rows = []
    for part in _chunks(times, many):
        flat = (x.reshape(len(part), points, -1)[:, some] for x in generators(at, part))
        rows.append(np.concatenate(list(flat), axis=-1).reshape(len(part), -1, drift.shape[-1]))
    return np.concatenate(rows)
