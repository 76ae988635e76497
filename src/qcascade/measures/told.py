"""What measures of Gaussian states are handed, and how they say that digits are missing."""

import warnings
from typing import Any

import numpy as np

from ..base.checks import fail, namespace
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution


def gaussian_state(argument: str, state: Any, kind: str = "a GaussianState") -> GaussianState:
    """The argument, known to be a Gaussian state."""
    if not isinstance(state, GaussianState):
        raise fail(argument, f"be {kind}", state)
    return state


def told(name: str, state: GaussianState, parts: Any, value: Any) -> Any:
    """The value; where it is NaN for want of digits, and for one state, a warning says so.

    Args:
        name: of the measure.
        state: the state.
        parts: groups of positions of its modes that were looked at.
        value: what came out.
    """
    if namespace(state.cov) is not np:
        return value
    value = np.asarray(value)[()]
    if state.stable.ndim == 0 and np.isnan(value).any() and state.stable:
        cov = finite_cov(state, [k for part in parts for k in part])
        if is_physical(cov):
            warnings.warn(
                f"`{name}` is NaN: the state is squeezed so far that its covariance, rounded to 16 "
                f"digits, tells its symplectic eigenvalues to {resolution(cov):.1g} of themselves.",
                RuntimeWarning,
                stacklevel=3,
            )
    return value
