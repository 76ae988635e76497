"""`until` of a master equation that changes in time: where it first rises through zero.

A segment is looked at in steps so short that the derivatives of the state let nothing hide between
two of them (`watch.py` has the rule), all of them steps of the evolution itself.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .carrying import REACH, carry
from .crossing import Sample, first_rise
from .driven import Driven
from .steps import Carried
from .superoperator import Superoperator
from .watch import looks, measured

LEAST = 2.0**-53


class Stops:
    """A run, watched from edge to edge.

    Args:
        driven: the master equation.
        L: its generator.
        run: states at the edges.
        until: function of a state.
        tolerance: values may be off by, relative to the largest so far.
    """

    def __init__(
        self, driven: Driven, L: Superoperator, run: Carried, until: Any, tolerance: float
    ) -> None:
        self.driven, self.L, self.run, self.until = driven, L, run, until
        self.tolerance, self.layout = tolerance, L.layout

    def first(self) -> tuple[float, np.ndarray] | None:
        """When `until` first rises to zero after it was negative, and the coordinates then."""
        value = self._value(self.run.states[0])
        known: list[Sample] = [(float(self.run.edges[0]), value)]
        below, scale = value < 0, abs(value)
        for k in range(len(self.run.edges) - 1):
            times, states, values = self._looked(k, value)
            samples = [*known[-2:], *zip(times[1:], values[1:], strict=True)]
            start = len(known[-2:]) - 1
            scale = max(scale, *map(abs, values))

            def between(t: float, times: Any = times, states: Any = states) -> float:
                return self._value(self._state(t, times, states))

            below, bracket = first_rise(samples, start, below, self.tolerance * scale, between)
            if bracket:
                stopped = _zero(bracket, between)
                return stopped, self._state(stopped, times, states)
            known, value = samples, values[-1]
        return None

    def _looked(self, k: int, value: float) -> tuple[list[float], list[np.ndarray], list[float]]:
        """Times, states and values in a segment, its beginning included; close where it is near."""
        y = self.run.states[k]
        a, b = self.run.edges[k : k + 2]
        L = self.L.matrix(self.driven.coefficients(np.array([(a + b) / 2]))[0])
        width = float(np.abs(L).sum(axis=1).max())
        least = 4 * LEAST * float(np.abs(self.run.edges).max())
        far, near = looks(lambda x: L @ x, y, L @ y, width, least)

        def seen(spacing: float) -> tuple[list[float], list[np.ndarray], list[float]]:
            steps = max(int(self.run.steps[k]), int(np.ceil((b - a) / spacing)))
            times, states = self._stepped(y, float(a), float(b), steps)
            return times, states, [value, *map(self._value, states[1:])]

        looked = seen(far)
        values = looked[2]
        close = min(map(abs, values)) <= max(values) - min(values)
        return seen(near) if close else looked

    def _stepped(
        self, y: np.ndarray, a: float, b: float, steps: int
    ) -> tuple[list[float], list[np.ndarray]]:
        """The states after every step of a segment."""
        ends, pattern = (np.array([a]), np.array([b])), self.driven.pattern(self.L)
        (every,) = self.driven.polynomials(*ends, np.array([steps]), LEAST)
        states, reach = [y], REACH
        for powers, off in zip(*every, strict=True):
            y = y.copy()
            reach = carry(pattern, powers[None], off[None], y, LEAST, np.zeros(0), reach)[-1]
            states.append(y)
        return np.linspace(a, b, steps + 1).tolist(), states

    def _state(self, t: float, times: list[float], states: list[np.ndarray]) -> np.ndarray:
        """The state at any time in a segment, by one step from that before it."""
        k = min(int(np.searchsorted(times, t, side="right")) - 1, len(times) - 1)
        return states[k] if t == times[k] else self._stepped(states[k], times[k], t, 1)[1][-1]

    def _value(self, y: np.ndarray) -> float:
        return measured(self.until, self.layout.unpack(self.L.coordinates.state(y)))


def _zero(bracket: tuple[Sample, Sample], value: Callable[[float], float]) -> float:
    """The time between two samples at which a function is zero."""
    from scipy.optimize import brentq

    before, after = bracket
    if after[1] < 0:  # it comes near zero, and no nearer
        return after[0]
    known = dict(bracket)
    width = after[0] - before[0]
    time: Any = brentq(
        lambda t: known.get(t) if t in known else value(t), before[0], after[0], xtol=1e-12 * width
    )
    return float(time)
