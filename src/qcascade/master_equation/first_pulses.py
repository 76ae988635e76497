"""Whether an evolution of a master equation begins before its pulses do."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..hilbert.charges import influence
from ..hilbert.states import DensityState
from ..parts.windows import check_windows, pulse_cavities

if TYPE_CHECKING:
    from .evolution import Evolution
    from .model import LindbladModel


def with_warnings(run: "Evolution", told: tuple[str, ...]) -> "Evolution":
    """A run that says more.

    Args:
        run: of a master equation.
        told: sentences.
    """
    if not told:
        return run
    return replace(run, info={**run.info, "warnings": (*run.info.get("warnings", ()), *told)})


def check_pulses(model: "LindbladModel", start: DensityState, first: float) -> tuple[str, ...]:
    """Refuse a run that begins when much of its pulses has passed; a sentence where it is little.

    Args:
        model: the master equation, at many times.
        start: state at the first.
        first: that time.
    """
    cavities = pulse_cavities(model.network)
    if not cavities:
        return ()
    feels = influence(model.modes, model.H, model.jumps)

    def quanta(mode: str) -> float:
        levels = np.concatenate([np.real(np.diagonal(block)) for block in start.blocks])
        excited = start.space.quanta[:, start.modes.index(mode)] != 0
        return float(np.sum(levels[excited]))

    def fed(mode: str) -> list[str]:
        k = model.modes.index(mode)
        return [x for j, x in enumerate(model.modes) if j != k and feels[j, k]]

    return check_windows(cavities, first, quanta, fed)
