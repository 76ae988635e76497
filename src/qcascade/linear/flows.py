"""Mean and covariance in time: flows of ⟨R⟩ and V, exact by matrix exponentials."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..numerics.exponential import EPSILON, LONG, doublings, norm
from ..numerics.two_floats import Pair, exact_sum
from .model import GaussianModel
from .state import GaussianState


def moments(model: GaussianModel, initial: GaussianState, times: Any) -> Iterator[Any]:
    """Mean and covariance at one time after the other.

    Args:
        model: A, D and drive, with leading axes or without.
        initial: the state at time 0.
        times: increasing times (T,).
    """
    drift, noise = with_unit(model)
    batch = np.broadcast_shapes(batch_of(model), initial.cov.shape[:-2])
    size = model.A.shape[-1]
    mean = np.broadcast_to(
        np.append(initial.mean, np.ones((*initial.mean.shape[:-1], 1)), -1), (*batch, size + 1)
    )
    cov = np.broadcast_to(initial.cov, (*batch, size, size))
    for Phi, Q in _flows(drift, noise, times):
        inner = Phi[..., :size, :size]
        mean = np.einsum("...jk,...k->...j", Phi, mean)
        cov = inner @ cov @ np.swapaxes(inner, -1, -2) + Q[..., :size, :size]
        yield mean[..., :size], cov


def batch_of(model: GaussianModel) -> tuple[int, ...]:
    """Leading axes of a model."""
    shapes = (model.A.shape[:-2], model.D.shape[:-2], model.drive.shape[:-1])
    return np.broadcast_shapes(*map(tuple, shapes))


def with_unit(model: GaussianModel) -> tuple[Any, Any]:
    """Drift and diffusion of (R, 1), in which the drive is one more column of the drift."""
    A, D, f = (np.asarray(x) for x in (model.A, model.D, model.drive))
    size = A.shape[-1]
    batch = np.broadcast_shapes(A.shape[:-2], D.shape[:-2], f.shape[:-1])
    drift, noise = np.zeros((2, *batch, size + 1, size + 1))
    drift[..., :size, :size], drift[..., :size, size], noise[..., :size, :size] = A, f, D
    return drift, noise


def _flows(drift: Any, noise: Any, times: Any) -> Iterator[tuple[Any, Any]]:
    """Φ = e^{A dt} and Q = ∫₀^dt e^{As} D e^{Aᵀs} ds from each time to the next.

    Even times are not quite even once they are rounded: one flow serves them all, and a very short
    one makes up for the difference, whose phase counts after many periods.
    """
    rate = norm(drift)
    precise = rate * float(times[-1]) > LONG
    step, flow = Pair(np.nan, 0.0), (drift, noise)
    for t, before in zip(times, np.append(0.0, times), strict=False):
        dt = exact_sum(float(t), -float(before))
        rest = (dt.high - step.high) + (dt.low - step.low)
        if not abs(rest) <= 1e-9 * dt.high:
            step, rest = dt, 0.0
            flow = flow_of(drift, noise, dt, precise)
        Phi, Q = flow
        if abs(rest) * rate > EPSILON:
            more, left = flow_of(drift, noise, Pair(rest, 0.0), False)
            Phi, Q = more @ Phi, more @ Q @ np.swapaxes(more, -1, -2) + left
        yield Phi, Q


def flow_of(drift: Any, noise: Any, dt: Pair, precise: bool) -> tuple[Any, Any]:
    """Φ = e^{A dt} and Q = ∫₀^dt e^{As} D e^{Aᵀs} ds."""
    Phi, Q = deque(doublings(drift, noise, dt, precise), maxlen=1).pop()
    assert Q is not None
    return Phi.high, Q.high
