"""The steady state of a linear network: A V + V Aᵀ + D = 0 and A⟨R⟩ + f = 0."""

from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, UnstableError, is_traced, namespace
from ..lyapunov.rates import near_threshold
from ..lyapunov.solve import solve
from .delayed_steady import steady_with_delays
from .model import GaussianModel
from .state import GaussianState, computed_state

_UNDECIDED = 1e-14  # a rate relative to those beside it that cannot be told from zero


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
        raise _no_steady_state(np.asarray(model.A))
    xp = namespace(cov, model.drive)
    if xp is np and cov.ndim == 2 and model.drive.ndim == 1 and not model.drive.any():
        return computed_state(model.modes, np.zeros(len(cov)), cov, np.asarray(stable))
    mean = _steady_mean(model, stable, xp)
    if xp is np and mean.shape == cov.shape[:-1] and np.isfinite(mean[stable]).all():
        return computed_state(model.modes, mean, cov, np.asarray(stable))
    return GaussianState(model.modes, mean, cov, stable)


def _no_steady_state(A: Any) -> ArithmeticError:
    if not np.all(np.isfinite(A)):
        return UnstableError("The model has no steady state: its drift is not finite.")
    rate, relative = near_threshold(A)
    if relative < -_UNDECIDED:
        return ConvergenceError(
            "The steady state cannot be told from rounding: the model is stable (its slowest rate "
            f"is {rate:.3g}, {-relative:.2g} of those beside it), but its covariance spans more "
            "orders of magnitude than double precision holds."
        )
    rounding = " up to rounding" if abs(relative) < _UNDECIDED else ""
    return UnstableError(
        f"The model has no steady state: an eigenvalue of its drift has real part "
        f"{0.0 if rounding else rate:.6g}{rounding} (it must be negative)."
    )


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
