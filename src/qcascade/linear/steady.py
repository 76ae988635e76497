"""The steady state of a linear network: A V + V Aᵀ + D = 0 and A⟨R⟩ + f = 0."""

from typing import Any

import numpy as np

from ..base.checks import is_traced, namespace
from ..lyapunov.solve import solve
from .delayed_steady import steady_with_delays
from .model import GaussianModel
from .refused import no_steady_state
from .state import GaussianState, computed_state


def steady(model: GaussianModel) -> GaussianState:
    """The steady state of a Gaussian model; `qc.steady_state` says the rest.

    Args:
        model: with leading axes or without, delays too.

    Raises:
        UnstableError: when a single model is unstable; it says how fast it grows.
        ConvergenceError: when rounding decides about the state.
    """
    if model.delays is not None:
        return steady_with_delays(model)
    cov, stable = solve(model.A, model.D, model.acts)
    # Inside jit and grad there is nobody to raise to: the point is NaN.
    single = model.A.ndim == 2 and not (is_traced(stable) or is_traced(model.A))
    if single and stable.ndim == 0 and not stable:
        raise no_steady_state(np.asarray(model.A))
    xp = namespace(cov, model.drive)
    if xp is np and cov.ndim == 2 and model.drive.ndim == 1 and not model.drive.any():
        return computed_state(model.modes, np.zeros(len(cov)), cov, np.asarray(stable))
    mean = _steady_mean(model, stable, xp)
    if xp is np and mean.shape == cov.shape[:-1] and np.isfinite(mean[stable]).all():
        return computed_state(model.modes, mean, cov, np.asarray(stable))
    return GaussianState(model.modes, mean, cov, stable)


def _steady_mean(model: GaussianModel, stable: Any, xp: Any) -> Any:
    if xp is np and not np.any(model.drive):
        means = np.where(stable, 0.0, np.nan)[..., None]
        shape = np.broadcast_shapes(means.shape, model.drive.shape)
        return np.broadcast_to(means, shape)
    size = model.A.shape[-1]
    # Unstable drifts may be singular; their mean is NaN, so any regular matrix may stand in.
    A = xp.where(stable[..., None, None], model.A, -np.eye(size))
    mean = xp.linalg.solve(A, -xp.broadcast_to(model.drive, A.shape[:-1])[..., None])[..., 0]
    return xp.where(stable[..., None], mean, np.nan)
