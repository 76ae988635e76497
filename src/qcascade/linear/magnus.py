"""Flows of ⟨R⟩ and V through steps of time, by Magnus' series to eighth order.

With the moments b_k = h ∫ uᵏ 𝓛(t) du, u = −½ … ½ from the beginning of a step to its end, of the
generator 𝓛: V ↦ AV + VAᵀ + D, taken at four Gauss nodes, the flow is e^Ω with

    Ω  = b₀ + q₁ + q₂ + q₃ + q₄ + q₅ + [b₃, 20/7 (q₃ + q₄) + 820/189 q₅]
            − 1/42 [b₀, [b₀, q₃ − q₄/3 + q₅]],
    q₁ = [−38/5 b₀ + 24 b₂, b₃],               q₂ = [63/5 b₀ − 84 b₂, b₃ − 5/28 b₁],
    q₃ = [19/28 b₀ − 15/7 b₂, [b₀, b₂ + 61/588 q₁ − q₂/12]],
    q₄ = [b₃, 20/7 q₁ + 10 q₂],                q₅ = [−6025/4116 b₀ + 2875/343 b₂, [b₂, q₁]]

(S. Blanes, F. Casas, J. Ros, BIT 40, 434 (2000)), exact where nothing changes. Eight orders out
of four nodes: what costs time is mostly the model at the nodes.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..base.threads import cores, spread
from ..numerics.exponential import flow_of
from ..numerics.two_floats import Pair
from .flows import batch_of, with_unit
from .model import GaussianModel
from .nodes import NODES, WEIGHTS, WIDE, TimeNodes

WIDEST = 40
"""Matrices up to this size go into the kernel; a library multiplies larger ones faster."""

Two = tuple[np.ndarray, np.ndarray]
_Element = tuple[np.ndarray, np.ndarray]


class Flow(NamedTuple):
    """Φ and Q of (R, 1) for some segments, (segments, …, n, n), and where the series converges."""

    Phi: np.ndarray
    Q: np.ndarray
    resolved: np.ndarray  # where it is false, Φ and Q mean nothing


def unmoved(segments: int, batch: tuple[int, ...], n: int) -> Flow:
    """The flow through no time.

    Args:
        segments: how many.
        batch: leading axes of the model behind the times.
        n: 2N + 1.
    """
    Phi = np.broadcast_to(np.eye(n), (segments, *batch, n, n)).copy()
    return Flow(Phi, np.zeros_like(Phi), np.ones(segments, bool))


def advanced(flow: Flow, model: GaussianModel, h: np.ndarray, steps: int) -> Flow:
    """The flow of each segment, and some more steps after it.

    Args:
        flow: of the segments until now; it may be written over.
        model: at the nodes: its first axis runs over segments, then steps, then nodes.
        h: length of a step of each segment, (segments,).
        steps: of each segment.
    """
    n = flow.Phi.shape[-1]
    if n > WIDEST:
        return _advanced_by_library(flow, model, h, steps)
    segments, points = len(h), flow.Phi[0].size // n**2
    nodes = _nodes(model, points)
    if points < WIDE and steps > 1:
        # Lanes are better filled with steps, each a segment of its own.
        single = _by_kernel(nodes, np.repeat(h, steps), 1, unmoved(segments * steps, (points,), n))
        Phi, Q = joined(*(x.reshape(segments, steps, points, n, n) for x in single[:2]))
        resolved = np.logical_and.reduce(single.resolved.reshape(segments, steps), axis=1)
        return _after(flow, Flow(Phi, Q, resolved))
    return _by_kernel(nodes, h, steps, flow)


def _by_kernel(nodes: TimeNodes, h: np.ndarray, steps: int, flow: Flow) -> Flow:
    from .flow_kernels import flow_points, work_size  # Numba takes long to import

    shape, n = flow.Phi.shape, flow.Phi.shape[-1]
    # Where nothing drives, the row and the column of what stays 1 need no work.
    driven = np.any(nodes.drive) or np.any(flow.Phi[..., : n - 1, n - 1])
    m = n if driven else n - 1
    Phi, Q = (np.ascontiguousarray(x[..., :m, :m]).reshape(-1, m, m) for x in flow[:2])
    resolved = flow.resolved.copy()

    def task(part: tuple[int, int]) -> None:
        work = np.empty(work_size(m))
        lane = (0.0,) * WIDE
        flow_points(lane, nodes, n - 1, WEIGHTS, h, steps, Phi, Q, resolved, *part, work)

    # Parts are whole groups of lanes.
    groups = -(-len(Phi) // WIDE)
    cuts = WIDE * np.linspace(0, groups, min(groups, 4 * cores()) + 1).astype(int)
    cuts[-1] = len(Phi)
    spread(task, pairwise(cuts.tolist()))
    if driven:
        return Flow(Phi.reshape(shape), Q.reshape(shape), resolved)
    for flows, part in ((flow.Phi, Phi), (flow.Q, Q)):
        flows[..., :m, :m] = part.reshape(*shape[:-2], m, m)
    return Flow(flow.Phi, flow.Q, resolved)


def _nodes(model: GaussianModel, points: int) -> TimeNodes:
    """The model's numbers as the kernel reads them: nothing that does not vary is repeated."""
    batch = batch_of(model)

    def written(values: np.ndarray, inner: int) -> tuple[np.ndarray, int, np.ndarray]:
        """Its numbers, how far on the next time stands, and where each point does."""
        values = np.asarray(values, float)
        axes = values.shape[: values.ndim - inner]
        in_time = len(axes) == len(batch) > 0
        over_points = axes[1:] if in_time else axes
        count = int(np.prod(over_points))
        index = np.broadcast_to(np.arange(count).reshape(over_points), batch[1:])
        where = np.resize(index.reshape(-1), points).astype(np.int64)
        return np.ascontiguousarray(values).reshape(-1), count * (in_time and axes[0] > 1), where

    (A, a, at_A), (D, d, at_D) = written(model.A, 2), written(model.D, 2)
    drive, f, at_drive = written(model.drive, 1)
    return TimeNodes(A, D, drive, (int(a), int(d), int(f)), at_A, at_D, at_drive)


def _advanced_by_library(flow: Flow, model: GaussianModel, h: np.ndarray, steps: int) -> Flow:
    """The same with NumPy's products, one step of all segments after the other."""
    drift, noise = with_unit(model)
    n = drift.shape[-1]
    shape = (len(h), steps, NODES, *flow.Phi.shape[1:-2])
    drift, noise = (
        np.broadcast_to(x, (len(h) * steps * NODES, *flow.Phi.shape[1:-2], n, n)).reshape(
            *shape, n, n
        )
        for x in (drift, noise)
    )
    width = h.reshape(-1, *(1,) * (flow.Phi.ndim - 1))
    for step in range(steps):
        A, D = (width * np.einsum("kj,sj...->ks...", WEIGHTS, x[:, step]) for x in (drift, noise))
        commuted, Omega = exponent(list(zip(A, D, strict=True)))
        reach, more = (np.abs(x).sum(axis=-1).max(axis=-1) for x in (A[0], commuted))
        converges = more <= np.maximum(0.5, 0.5 * reach)
        resolved = converges.reshape(len(h), -1).all(axis=1)
        A, D = (np.where(converges[..., None, None], x, 0.0) for x in Omega)
        Phi, Q = flow_of(A, D, Pair(1.0, 0.0), False)
        flow = _after(flow, Flow(Phi, Q, resolved))
    return flow


def exponent(b: list[_Element]) -> tuple[np.ndarray, _Element]:
    """Ω out of the moments b₀ … b₃, pairs (A, D); and A of all its commutators together.

    Args:
        b: four pairs of matrices (…, n, n).
    """
    b0, b1, b2, b3 = b
    q1 = _bracket(_mix((-38 / 5, b0), (24, b2)), b3)
    q2 = _bracket(_mix((63 / 5, b0), (-84, b2)), _mix((1, b3), (-5 / 28, b1)))
    inner = _bracket(b0, _mix((1, b2), (61 / 588, q1), (-1 / 12, q2)))
    q3 = _bracket(_mix((19 / 28, b0), (-15 / 7, b2)), inner)
    q4 = _bracket(b3, _mix((20 / 7, q1), (10, q2)))
    q5 = _bracket(_mix((-6025 / 4116, b0), (2875 / 343, b2)), _bracket(b2, q1))
    q6 = _bracket(b3, _mix((20 / 7, q3), (20 / 7, q4), (820 / 189, q5)))
    q7 = _bracket(b0, _bracket(b0, _mix((1, q3), (-1 / 3, q4), (1, q5))))
    more = _mix((1, q1), (1, q2), (1, q3), (1, q4), (1, q5), (1, q6), (-1 / 42, q7))
    return more[0], _mix((1, b0), (1, more))


def _mix(*terms: tuple[float, _Element]) -> _Element:
    A, D = (sum(c * element[k] for c, element in terms) for k in (0, 1))
    return np.asarray(A), np.asarray(D)


def _bracket(x: _Element, y: _Element) -> _Element:
    """The commutator of V ↦ AV + VAᵀ + D for two pairs (A, D)."""
    half = x[0] @ y[1] - y[0] @ x[1]
    return x[0] @ y[0] - y[0] @ x[0], half + np.swapaxes(half, -1, -2)


def _after(first: Flow, second: Flow) -> Flow:
    shape = first.Phi.shape
    Phi, Q = second.Phi.reshape(shape), second.Q.reshape(shape)
    entered = Phi @ first.Q @ np.swapaxes(Phi, -1, -2) + Q
    return Flow(Phi @ first.Phi, entered, first.resolved & second.resolved)


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
