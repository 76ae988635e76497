"""`until`, watched while a state evolves: how often to look, and where it first rises through zero.

The derivatives of a state that moves by dρ/dt = Lρ never grow (in the trace norm, as e^{Lt} only
contracts): what L, L², … make of it now bounds how it will bend. A polynomial through samples h
apart misses at most about hᵏ‖Lᵏρ‖/Cₖ of it, so that no oscillation of the state can hide between
them, whatever its frequency.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..base.checks import fail
from ..hilbert.states import DensityState
from .checkpoints import Observer, Stage, Task
from .crossing import Sample, first_rise
from .propagators import Propagator

COARSE, FINE = 3e-3, 1e-6
"""Parts of a state that the samples may miss: far from zero, and near it."""

EPSILON = float(np.finfo(float).eps)
_BENDS = np.array([8.0, 15.6, 42.7])
"""Cₖ of linear, quadratic and cubic interpolation between even samples."""


def spacings(task: Task, stage: Stage, moved: np.ndarray) -> tuple[float, float]:
    """How far apart `until` may be looked at where it is far from zero, and where it is near.

    Args:
        task: what was asked for.
        stage: where the computation stands.
        moved: Lρ.
    """
    least = 4 * EPSILON * task.times[-1]
    return looks(task.generator.apply, stage.x, moved, stage.width, least)


def looks(
    apply: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    moved: np.ndarray,
    width: float,
    least: float,
) -> tuple[float, float]:
    """How far apart a function of a state may be looked at, far from zero and near it.

    Args:
        apply: L.
        x: the state.
        moved: Lx.
        width: of the spectrum of L.
        least: distance of two times that rounding tells apart.
    """
    size = float(np.linalg.norm(x))
    noise, rates = 0.0, []
    for k in range(1, 5):
        moved = apply(moved) if k > 1 else moved
        length = float(np.linalg.norm(moved))
        noise = width * noise + EPSILON * width * (rates[-1] ** (k - 1) if rates else 1)
        # What rounding leaves of a slow motion says nothing of its bends: they go on as before.
        seen = length > 8 * noise * size or not rates
        rates.append((length / size) ** (1 / k) if seen else rates[-1])
    powers = np.arange(2, 5)
    with np.errstate(divide="ignore"):
        far, near = (
            np.max((part * _BENDS) ** (1 / powers) / np.array(rates[1:])) for part in (COARSE, FINE)
        )
    return max(float(far), least), max(float(near), least)


class Watch:
    """One step's states, and `until` on them and between them.

    Args:
        task: what was asked for.
        way: what carries the state.
        stage: the stage before the step.
        ends: times of the step's states.
        states: packed.
        tolerance: error allowed in states between them.
    """

    def __init__(
        self,
        task: Task,
        way: Propagator,
        stage: Stage,
        ends: Sequence[float],
        states: Any,
        tolerance: float,
    ) -> None:
        self.task, self.way, self.stage, self.tolerance = task, way, stage, tolerance
        self.times, self.states = [stage.time, *ends], [stage.x, *states]
        self.applications, self.start = 0, len(stage.samples[-2:]) - 1
        self.samples = self._samples()

    def too_far_apart(self, close: float) -> bool:
        """Whether `until` is near zero, and the samples are those of a look from afar.

        Args:
            close: how far apart samples near zero may be.
        """
        values = [f for _, f in self.samples[self.start :]]
        near = min(map(abs, values)) <= max(values) - min(values)
        return near and not self.stage.fine and bool(max(np.diff(self.times)) > 1.001 * close)

    def seen(self) -> tuple[Stage, float | None]:
        """The stage before the step with what is known of `until` after it, and where it rises."""
        stage, known = self.stage, tuple(self.samples[self.start :])
        values = [f for _, f in known]
        scale = max(stage.scale, *map(abs, values))
        fine = min(map(abs, values)) <= max(values) - min(values)
        below, bracket = first_rise(
            self.samples, self.start, stage.below, self.task.tolerance * scale, self._value
        )
        stopped = self._rise(*bracket) if bracket else None
        used = stage.applications + self.applications
        stage = replace(stage, below=below, fine=fine, samples=known, scale=scale)
        return replace(stage, applications=used), stopped

    def _samples(self) -> list[Sample]:
        """Times and values, those of the last step's end included, up to the first sure rise."""
        samples = list(self.stage.samples[-2:])
        least = 0.1 * (self.times[-1] - self.times[0]) / len(self.times)
        below = self.stage.below or samples[-1][1] < 0
        for t, x in zip(self.times[1:], self.states[1:], strict=True):
            if t - samples[-1][0] < least and t < self.times[-1]:
                continue
            value = self._measured(x)
            samples.append((t, value))
            if below and value >= 0:
                break
            below = below or value < 0
        return samples

    def _measured(self, x: np.ndarray) -> float:
        until: Any = self.task.until
        return measured(until, self.task.generator.layout.unpack(x))

    def _value(self, t: float) -> float:
        return self._measured(self._state(t))

    def _state(self, t: float) -> np.ndarray:
        """The state at any time within the step, from the last one known before it."""
        k = int(np.searchsorted(self.times, t, side="right")) - 1
        x, used = self.way.reach(self.states[k], self.times[k], t, self.tolerance)
        self.applications += used
        return x

    def _rise(self, before: Sample, after: Sample) -> float:
        """The time between two samples at which `until` is zero."""
        from scipy.optimize import brentq

        if after[1] < 0:  # it comes near zero, and no nearer
            return after[0]
        known = dict((before, after))
        k = int(np.searchsorted(self.times, before[0], side="right"))
        del self.times[k:], self.states[k:]

        def value(t: float) -> float:
            if t not in known:
                x = self._state(t)
                known[t] = self._measured(x)
                if known[t] < 0 and t > self.times[-1]:  # the way from here is shorter
                    self.times[k:], self.states[k:] = [t], [x]
            return known[t]

        time: Any = brentq(value, before[0], after[0], xtol=1e-12 * after[0])
        return float(time)


def measured(until: Observer, state: DensityState) -> float:
    """The value of `until`, one real number."""
    value = np.asarray(until(state))
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise fail("until", "return a real number", value)
    return float(value.reshape(()))
