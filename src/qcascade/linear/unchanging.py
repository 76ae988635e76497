"""Evolution of a Gaussian model that does not change: exactly, with delays, or with detectors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import fail, is_traced, number
from .delayed_in_time import evolved_with_delays
from .detectors import Detector
from .flows import evolved_exactly
from .model import GaussianModel
from .monitored import Monitored, monitored
from .runs import Run, remembered
from .state import GaussianState, vacuum

_EXACT = 1e-9  # what is computed from an exact run later is allowed to be off by


def evolved_unchanging(
    model: GaussianModel,
    initial: Any,
    times: Any,
    measure: Mapping[str, Detector] | None,
    seed: Any,
) -> GaussianState | Monitored:
    """Mean and covariance at all times; see `evolve`.

    Args:
        model: with leading axes or without.
        initial: the state at time 0, of the same modes; None is the vacuum.
        times: times that do not fall, zero or above, (T,), or one.
        measure: detectors by open output, or None.
        seed: of what they record.

    Raises:
        ArgumentError: for values that are traced, times that fall, or a state of other modes; and
            as `evolved_exactly`, `evolved_with_delays` and `monitored`.
    """
    initial = vacuum(model.modes) if initial is None else initial
    if not isinstance(initial, GaussianState):
        raise fail("initial", "be a GaussianState, or None for the vacuum", initial)
    late = model.delays is not None and measure is None
    values = () if late else (model.A, model.D, model.drive)
    if any(map(is_traced, (*values, initial.cov, times))):
        raise fail("model", "have values: `evolve` does not work inside jit and grad", "traced")
    times = np.atleast_1d(number("times", times))
    if times.ndim != 1 or not times.size or np.any(np.diff(times, prepend=0.0) < 0):
        raise fail("times", "be increasing numbers, zero or above", times)
    if initial.modes != model.modes:
        raise fail("initial", f"have the model's modes {model.modes}", initial.modes)
    if measure is not None:
        return monitored(model, initial, times, measure, seed)
    evolved = evolved_with_delays if late else evolved_exactly
    return remembered(evolved(model, initial, times), Run(model, initial, times, (), _EXACT))
