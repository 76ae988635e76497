"""Why a single linear model has no steady state."""

from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, UnstableError
from ..lyapunov.rates import near_threshold

_UNDECIDED = 1e-14  # a rate relative to those beside it that cannot be told from zero


def no_steady_state(A: Any) -> ArithmeticError:
    """What to say of a drift without a steady state, or with one that rounding hides.

    Args:
        A: drift, (2N, 2N).
    """
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
