"""States of linear networks whose parameters change in time."""

from typing import Any, NamedTuple

import numpy as np

from ..base.checks import (
    ConvergenceError,
    UnstableError,
    check_broadcast,
    count,
    fail,
    number,
    single,
)
from ..lyapunov.periodic import Repeated, solve_periodic
from ..lyapunov.watched import see_rates
from ..numerics.exponential import EPSILON
from ..numerics.structure import OneStructure
from ..numerics.time_steps import check_period, checked_breaks
from ..parts.windows import breaks_of_pulses, check_windows
from ..slh import rates
from .first_segments import numbers_at, probes, segments
from .flows import batch_of
from .in_time import At, Flows, along, flows, model_at
from .magnus import joined
from .model import GaussianModel
from .state import GaussianState, computed_state, vacuum

FREE = 1e-9
"""Multipliers as near to 1 as that cannot be told from it."""

OWN = 32
"""Phases over which the modes' own rates are averaged."""


def evolved(
    at: OneStructure,
    initial: GaussianState | None,
    times: Any,
    breaks: Any,
    tolerance: float,
    progress: bool,
) -> GaussianState:
    """The state at given times, the first axis; at the first of them it is the initial one.

    Args:
        at: function of an array of times that returns a model.
        initial: state at the first of the times; None for the vacuum.
        times: increasing, (T,).
        breaks: when something is switched.
        tolerance: error allowed, in units of √V_ii.
        progress: show a bar.

    Raises:
        ArgumentError: for a function of no arrays, an unannounced switch, times that fall.
        ConvergenceError: where halving the steps does not converge.
    """
    modes = at.example.modes
    times, breaks = in_seconds(at, times, breaks)
    times = np.atleast_1d(number("times", times))
    if times.ndim != 1 or not times.size or np.any(np.diff(times) < 0):
        raise fail("times", "be increasing numbers", times)
    initial = vacuum(modes) if initial is None else initial
    if not isinstance(initial, GaussianState):
        raise fail("initial", "be a GaussianState, or None for the vacuum", initial)
    if initial.modes != modes:
        raise fail("initial", f"have the model's modes {modes}", initial.modes)
    batch = _points(at, times)
    check_broadcast({"model": batch, "initial": initial.cov.shape[:-2]})
    if times[-1] == times[0]:
        shape = (len(times), *np.broadcast_shapes(batch, initial.cov.shape[:-2]))
        mean, cov = (np.asarray(x) for x in (initial.mean, initial.cov))
        mean = np.broadcast_to(mean, (*shape, mean.shape[-1]))
        return GaussianState(modes, mean, np.broadcast_to(cov, (*shape, *cov.shape[-2:])))
    known = breaks_of_pulses(at.example.pulses, times)
    edges = segments(at, times, np.union1d(checked_breaks(breaks, times), known))
    told = _check_pulses(model_at(at, edges), initial, float(times[0]))
    mean, cov = np.asarray(initial.mean), np.asarray(initial.cov)
    run = flows(at, edges, mean, cov, tolerance, progress=progress)
    if run.error > tolerance:
        raise ConvergenceError(
            f"The evolution is known to {run.error:.1g} of its own widths only, since rounding "
            f"adds up: allow a larger `tolerance` than {tolerance:.1g}."
        )
    means, covs = along(run.fine.Phi, run.fine.Q, mean, cov)
    rows = np.searchsorted(run.edges, times)
    info = {"warnings": told} if told else {}
    state = GaussianState(modes, means[rows], covs[rows], info=info)
    if not np.all(state.is_physical(max(1e-9, 10 * tolerance))):
        raise ConvergenceError(
            "The evolution leaves the physical states by more than its tolerance: make it smaller."
        )
    return state


def _check_pulses(model: GaussianModel, initial: GaussianState, first: float) -> tuple[str, ...]:
    """Refuse a run that begins when much of a pulse has passed; sentences where it is little."""
    if not model.pulses:
        return ()
    mean, cov = np.asarray(initial.mean), np.asarray(initial.cov)
    size = 2 * len(model.modes)
    A = np.abs(np.asarray(model.A)).reshape(-1, size, size).max(axis=0)

    def rows(mode: str) -> slice:
        k = model.modes.index(mode)
        return slice(2 * k, 2 * k + 2)

    def quanta(mode: str) -> float:
        own = rows(mode)
        return float(
            np.max(np.abs(cov[..., own, own] - np.eye(2) / 2)) + np.max(mean[..., own] ** 2)
        )

    def fed(mode: str) -> list[str]:
        own = rows(mode)
        return [x for x in model.modes if x != mode and np.any(A[rows(x), own])]

    return check_windows(model.pulses, first, quanta, fed)


def _points(at: At, times: np.ndarray) -> tuple[int, ...]:
    """Axes of the model behind the times."""
    return batch_of(model_at(at, times[[0, -1]]))[1:]


def in_seconds(at: At, times: Any, breaks: Any, name: str = "times") -> tuple[Any, Any]:
    """Times and breaks with units as numbers, beside the rates of a Gaussian model at t = 0."""

    def fastest() -> tuple[Any, bool]:
        model = model_at(at, np.zeros(2))
        return model.A, model.measured

    return rates.in_seconds(times, breaks, fastest, name)


def repeating(
    at: OneStructure, period: Any, points: int, breaks: Any, tolerance: float, progress: bool
) -> GaussianState:
    """The state that returns after every period, at evenly spaced phases on its first axis.

    Args:
        at: function of an array of times that returns a model.
        period: after which it is the same.
        points: phases.
        breaks: when something is switched, from 0 to the period.
        tolerance: error allowed, in units of √V_ii.
        progress: show a bar.

    Raises:
        ArgumentError: for what is no period, a function of no arrays, an unannounced switch.
        UnstableError: for a single point without such a state; a batch has NaN there.
        ConvergenceError: where halving the steps does not converge, or rounding decides.
    """
    modes = at.example.modes
    period, breaks = in_seconds(at, period, breaks, "period")
    period = single("period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
    points = count("points", points)
    phases = period * np.arange(points + 1) / points
    check_period(lambda t: numbers_at(at, t), period, probes(at, phases) // 32)
    edges = segments(at, phases, checked_breaks(breaks, phases))
    size = 2 * len(modes)
    mean, cov = np.zeros(size), 0.5 * np.eye(size)
    first = _one_period(at, edges, (mean, cov), tolerance)
    largest = np.abs(first.repeated.multipliers).max(axis=-1)
    see_rates(
        lambda: np.log(largest) / period,
        lambda: model_at(at, period * np.arange(OWN) / OWN).A.mean(axis=0),
    )
    if largest.ndim == 0 and abs(largest - 1) < FREE:
        raise UnstableError(
            "The model has no periodic state: a multiplier is 1, as along a self-oscillation, "
            "whose phase nothing holds and noise moves ever further. `evolve` tells how fast."
        )
    # What an error of one period becomes is known once V is: all periods before add to it.
    mean, cov = first.mean, first.cov
    scale = float(first.amplification.max())
    last = _one_period(at, edges, (mean, cov), tolerance / scale, first.run, progress)
    run, repeated, mean, cov = last.run, last.repeated, last.mean, last.cov
    if repeated.stable.ndim == 0 and not repeated.stable:
        raise _no_periodic_state(repeated.multipliers, period)
    error = (run.error + EPSILON) * last.amplification
    told = repeated.stable & (error <= tolerance)
    if told.ndim == 0 and not told:
        raise ConvergenceError(
            f"The periodic state is known to {error:.1g} of its own widths only (tolerance "
            f"{tolerance:.1g}): it is reached so slowly that the rounding of many periods adds up. "
            "Allow a larger `tolerance`."
        )
    means, covs = along(run.fine.Phi, run.fine.Q, mean, cov)
    rows = np.searchsorted(run.edges, phases[:-1])
    means, covs = (
        np.where(told.reshape(told.shape + (1,) * n), x[rows], np.nan)
        for n, x in ((1, means), (2, covs))
    )
    stable = np.broadcast_to(told, covs.shape[:-2])
    info = {
        "phases": phases[:-1],
        "period": period,
        "multipliers": repeated.multipliers,
        "growth": np.log(np.abs(repeated.multipliers).max(axis=-1)) / period,
        "estimated_error": error,
    }
    return computed_state(modes, means, covs, stable, info)


class _Period(NamedTuple):
    """One period's flow, what it leaves unchanged, and by how much errors add up."""

    run: Flows
    repeated: Repeated
    mean: np.ndarray
    cov: np.ndarray
    amplification: np.ndarray


def _one_period(
    at: At,
    edges: np.ndarray,
    scale: tuple[np.ndarray, np.ndarray],
    tolerance: float,
    begun: Flows | None = None,
    progress: bool = False,
) -> _Period:
    """The flow of a period, with errors measured on a state at its beginning."""
    run = flows(at, edges, *scale, tolerance, begun=begun, progress=progress)
    Phi, Q = (x[0] for x in joined(run.fine.Phi[None], run.fine.Q[None]))
    size = Phi.shape[-1] - 1
    inner = Phi[..., :size, :size]
    repeated = solve_periodic(inner, Q[..., :size, :size])
    mean, cov = _start(Phi, repeated, size)
    return _Period(run, repeated, mean, cov, _amplification(inner, cov))


def _start(Phi: np.ndarray, repeated: Repeated, size: int) -> tuple[np.ndarray, np.ndarray]:
    """⟨R⟩ = Φ⟨R⟩ + f and V at the beginning of a period; the vacuum where there is none."""
    stable = repeated.stable[..., None, None]
    one_minus_flow = np.where(stable, np.eye(size) - Phi[..., :size, :size], np.eye(size))
    mean = np.linalg.solve(one_minus_flow, np.where(stable, Phi[..., :size, size:], 0.0))[..., 0]
    return mean, np.where(stable, repeated.cov, 0.5 * np.eye(size))


def _amplification(Phi: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """By how much V grows when a share of V itself enters in every period: Σ Φᵏ V Φᵏᵀ over V.

    At points that have no periodic state it is 1.
    """
    added = solve_periodic(Phi, cov)
    variance, grown = (np.diagonal(x, axis1=-2, axis2=-1) for x in (cov, added.cov))
    return np.where(added.stable, np.nan_to_num(grown / variance).max(axis=-1), 1.0)


def _no_periodic_state(multipliers: np.ndarray, period: float) -> UnstableError:
    largest = np.abs(multipliers).max()
    return UnstableError(
        f"The model has no periodic state: it grows by a factor {largest:.6g} in a period, at a "
        f"rate {np.log(largest) / period:.6g} (it must shrink)."
    )
