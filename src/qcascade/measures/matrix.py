"""Entanglement of all pairs of modes as one labelled matrix."""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..base.checks import fail
from ..base.keywords import spoken
from ..hilbert.states import DensityState, PureState
from .gaussian import AnyState, log_negativity
from .told import gaussian_state

if TYPE_CHECKING:
    import xarray as xr


@spoken
def entanglement_matrix(state: AnyState) -> "xr.Dataset":
    """E_N of every pair of modes, as a matrix with the names of the modes; `figure` draws it.

    E_N[j, k] = `log_negativity` of modes j and k, whatever the others do; NaN on the diagonal.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.

    Returns:
        A Dataset with the variable `log_negativity`, nats, over `mode` and `partner`, after the
        leading axes of a batch, `axis_0`, `axis_1`, …

    Raises:
        ArgumentError: for a state of fewer than two modes.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> data = entanglement_matrix(two_mode_squeezed(["l.b", "r.b"], 0.5))
    >>> data.log_negativity.sel(mode="l.b", partner="r.b").round(12).item()
    1.0
    """
    import xarray as xr

    if not isinstance(state, DensityState | PureState):
        gaussian_state("state", state, "a GaussianState, DensityState or PureState")
    modes = list(state.modes)
    if len(modes) < 2:
        raise fail("state", "have two modes or more", modes)
    positions = combinations(range(len(modes)), 2)
    pairs = {(j, k): log_negativity(state, modes[j], modes[k]) for j, k in positions}
    batch = np.broadcast_shapes(*map(np.shape, pairs.values()))
    values = np.full((*batch, len(modes), len(modes)), np.nan)
    for (j, k), E_N in pairs.items():
        values[..., j, k] = values[..., k, j] = np.asarray(E_N)
    dims = [*(f"axis_{k}" for k in range(len(batch))), "mode", "partner"]
    described = {"long_name": "E_N", "units": "nat"}
    names = {"mode": modes, "partner": modes}
    return xr.Dataset({"log_negativity": (dims, values, described)}, coords=names)
