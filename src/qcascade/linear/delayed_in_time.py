"""Evolution of networks in which wires take time, point by point."""

from typing import Any

import numpy as np

from ..base.checks import ArgumentError, check_broadcast, fail
from ..base.conventions import symplectic_form
from .delay_steps import Sources, in_steps
from .delayed import Lines, lines_of
from .delayed_steady import batch_with_delays, points
from .flows import moments
from .model import Delays, GaussianModel
from .state import GaussianState

_SAME = 1e-9  # of two drives
_ROUNDING = 2 * np.finfo(float).eps


def evolved_with_delays(model: GaussianModel, initial: GaussianState, times: Any) -> GaussianState:
    """Mean and covariance by the method of steps; lines hold the vacuum at time 0.

    `info` has the method and the absolute error of V at the worst time: how far commutators that
    are computed with V are off, and rounding of every step, which commutators do not see of what
    grows. Where no line takes time the states are those of
    the undelayed network, to the last digit.

    Args:
        model: with `delays`.
        initial: state at time 0.
        times: increasing, from zero on, (T,).

    Raises:
        ArgumentError: for too many steps, lasers whose light in the lines is not known, or a state
            that outgrows floating-point numbers.
    """
    own, delays = batch_with_delays(model), model.delays
    assert delays is not None
    check_broadcast({"model": own, "initial": initial.cov.shape[:-2]})
    batch, n = np.broadcast_shapes(own, initial.cov.shape[:-2]), 2 * len(model.modes)
    closed = delays.closed
    matrices = (closed.A, closed.D, initial.cov, closed.input_noise)
    A, D, cov, noise = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in matrices)
    drive, mean = (np.broadcast_to(x, (*batch, n)) for x in (closed.drive, initial.mean))
    means, covs = np.empty((len(times), *batch, n)), np.empty((len(times), *batch, n, n))
    errors = np.empty(batch)
    with np.errstate(over="ignore", invalid="ignore"):  # told below, with the time
        for at, lines in points(_with_light(delays), batch):
            every = (slice(None), *at)
            if lines.times.size:
                evolved = _by_steps(lines, noise[at], mean[at], cov[at], times)
            else:
                undelayed = GaussianModel(model.modes, A[at], D[at], drive[at])
                start = GaussianState(model.modes, mean[at], cov[at])
                evolved = _at_once(undelayed, start, times)
            means[every], covs[every], errors[at] = evolved
    if not np.all(np.isfinite(covs)):
        raise fail("times", "end before the state outgrows floating-point numbers", times[-1])
    info = {"method": "steps", "estimated_error": errors[()]}
    return GaussianState(model.modes, means, covs, np.ones(covs.shape[:-2], bool), info)


def _at_once(model: GaussianModel, initial: GaussianState, times: Any) -> tuple[Any, Any, float]:
    """A point of a batch at which no line takes time."""
    means, covs = zip(*moments(model, initial, times), strict=True)
    return np.stack(means), np.stack(covs), float(_ROUNDING * np.abs(covs).max())


def _by_steps(lines: Lines, noise: Any, mean: Any, cov: Any, times: Any) -> tuple[Any, Any, float]:
    """Means, covariances and their error; the last column of inputs is the lasers'."""
    if not all(np.isfinite(x).all() for x in lines):
        return np.nan, np.nan, np.nan
    f, light = lines.B[:, -1], lines.F_le[:, -1]
    quantum = lines._replace(B=lines.B[:, :-1], F_le=lines.F_le[:, :-1], F=lines.F[:, :-1])
    X, driven, entered, steps = in_steps(quantum, Sources(noise, f, light), times)
    form = 0.5j * symplectic_form(len(mean) // 2)
    total = X @ (cov + form) @ X.swapaxes(-1, -2) + entered
    covs = (total.real + total.real.swapaxes(-1, -2)) / 2
    louder = max(1.0, 2 * np.abs(noise).max(), 2 * np.abs(cov).max())  # than the vacuum
    error = (
        2 * louder * np.abs(total.imag - form.imag).max() + _ROUNDING * steps * np.abs(covs).max()
    )
    return X @ mean + driven, covs, float(error)


def _with_light(delays: Delays) -> Lines:
    """Open lines with one more input, 1: what lasers do to modes, and what they send into lines."""
    lines, opened = lines_of(delays), delays.open
    light = _light(delays, lines)
    sent, none = light[..., None], np.zeros((lines.F.shape[-2], 1))
    return lines._replace(
        B=_beside(lines.B, np.asarray(opened.drive)[..., None]),
        F_le=_beside(lines.F_le, sent),
        F=_beside(lines.F, none),
    )


def _beside(X: Any, column: Any) -> Any:
    batch = np.broadcast_shapes(X.shape[:-2], column.shape[:-2])
    return np.concatenate([np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (X, column)], -1)


def _light(delays: Delays, lines: Lines) -> Any:
    """λ (…, 2d): the quadratures that lasers send into lines without touching a mode.

    At late times they must drive the modes as they do without delays. Deviations from steady
    fields, of a network that was linearised, have no such light.

    Raises:
        ArgumentError: where it is not known.
    """
    through = np.asarray(delays.closed.drive - delays.open.drive)
    scale = np.abs(delays.closed.drive).max() + np.abs(delays.open.drive).max()
    sent = delays.open.displacement
    if sent is not None:
        rows = [delays.open.outputs.index(name) for name in delays.names]
        at: Any = np.asarray(sent)[..., rows]
        light = np.sqrt(2) * np.stack([at.real, at.imag], -1).reshape(*at.shape[:-1], -1)
        felt = lines.B_l @ np.linalg.solve(np.eye(light.shape[-1]) - lines.F_ll, light[..., None])
        if np.all(np.abs(felt[..., 0] - through) <= _SAME * scale):
            return light
    if np.all(np.abs(through) <= _SAME * scale):
        return np.zeros(len(delays.names) * 2)
    raise ArgumentError(
        "Argument `model` must say what its lasers send into fibres to evolve in time, but parts "
        "were linearised one by one: linearise the network as a whole."
    )
