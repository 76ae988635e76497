"""Mean and covariance in time: flows of ⟨R⟩ and V, exact by matrix exponentials."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.checks import check_broadcast, fail
from ..numerics.exponential import flows
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
    for Phi, Q in flows(drift, noise, times):
        inner = Phi[..., :size, :size]
        mean = np.einsum("...jk,...k->...j", Phi, mean)
        cov = inner @ cov @ np.swapaxes(inner, -1, -2) + Q[..., :size, :size]
        yield mean[..., :size], cov


def evolved_exactly(model: GaussianModel, initial: GaussianState, times: Any) -> GaussianState:
    """The states at all times, their first axis, of a model that does not change.

    Args:
        model: with leading axes or without.
        initial: the state at time 0.
        times: increasing times (T,).

    Raises:
        ArgumentError: for a state that outgrows floating-point numbers.
    """
    check_broadcast({"model": batch_of(model), "initial": initial.cov.shape[:-2]})
    with np.errstate(over="ignore", invalid="ignore"):  # told below, with the time
        means, covs = zip(*moments(model, initial, times), strict=True)
    if not np.all(np.isfinite(covs)):
        raise fail("times", "end before the state outgrows floating-point numbers", times[-1])
    stable = np.ones(np.shape(covs)[:-2], bool)
    return GaussianState(model.modes, np.stack(means), np.stack(covs), stable)


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
