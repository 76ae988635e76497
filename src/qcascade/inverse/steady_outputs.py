"""Gradients of what a point function makes of a master equation's steady state: one adjoint more.

The point function is called three times over. Stopped where it asks for a steady state, it hands
out the models around a point. Given a state in answer, it shows which modes its outputs look at,
and what outputs make of other states of these: f depends on ρ by way of some reduced states ρ_s,
∂f/∂ρ = Σ_s (∂f/∂ρ_s) ⊗ 1. What parameters change besides comes from differences at the same state.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..base.checks import ArgumentError
from ..hilbert.states import DensityState, split
from ..master_equation.model import LindbladModel
from ..master_equation.watched import solved_by
from .points import Numbers, nominal
from .steady_gradients import MOST, certain_state, measured, slopes_by_parameter
from .stretches import Stretch, around

Modes = tuple[str, ...]

SMALL, FEW = 1024, 64
"""Real numbers of a state whose equation is solved as fast as a measure of it is computed; and of a
reduced state by which that measure is differentiated all the same."""

NEARBY = 1e-4
"""Share of another state that shows whether an output looks at a state."""


def adjoint_gradient(
    numbers: Numbers, row: Any, of: str | None
) -> tuple[str, float, dict[str, float]] | None:
    """An output, its value and its slopes by parameter, from a steady state and its adjoint.

    Args:
        numbers: the point function.
        row: values of the parameters.
        of: name of the output, if given.

    Returns:
        None for a point function that does not look at the steady state of one master equation,
        or where it has no such gradient.

    Raises:
        ArgumentError: for an output that the function does not have.
    """
    if _model_asked_for(numbers.point, numbers.columns(row[None])) is None:
        return None
    models = numbers._replace(point=lambda **values: _model_asked_for(numbers.point, values))
    try:
        rows, stretches, batch = around(models, row)
        state = certain_state(batch)
    except (ArgumentError, ArithmeticError):  # other routes have the words for it
        return None
    looks: dict[Modes, None] = {}
    seen = _Seen.of(state, 1, {}, looks)
    outputs, calls = _outputs(numbers, row[None], seen)
    if calls != 1:
        return None
    at = dict(zip(numbers.names, row.tolist(), strict=True))
    output, value = nominal(outputs, of, numbers, row)

    def values(rows: Any, given: Mapping[Modes, DensityState]) -> Any:
        return _outputs(numbers, rows, _Seen.of(state, len(rows), given, looks))[0][output]

    try:
        G = _slopes_by_state(values, state, row, list(looks))
        if G is None:
            return None
        slopes = slopes_by_parameter(at, stretches, batch, state, G)
        direct = _direct(values(rows, {}), stretches)
    except (ArgumentError, ArithmeticError):
        return None
    if direct is None:
        return None
    return output, value, {name: x + direct[name] for name, x in slopes.items()}


def _slopes_by_state(
    values: Callable[..., Any], state: DensityState, row: Any, looks: list[Modes]
) -> list[np.ndarray] | None:
    """∂f/∂ρ, one matrix per sector; None where more is looked at than can be differentiated by."""
    total = [np.zeros(block.shape, complex) for block in state.blocks]
    before = values(row[None], {})[0]
    for modes in looks:
        if values(row[None], {modes: _other(state.reduce(*modes))})[0] == before:
            continue  # other outputs look at these
        most = FEW if state.space.elements <= SMALL else MOST
        if state.space.subspace(modes).elements > most:
            return None

        def measure(states: DensityState, modes: Modes = modes) -> Any:
            return values(np.tile(row, (states.shape[0], 1)), {modes: states})

        _, G = measured(state, measure, modes)
        total = [x + y for x, y in zip(total, G, strict=True)]
    return total


def _other(state: DensityState) -> DensityState:
    """A batch of one other state nearby, which changes whatever looks at it."""
    rng = np.random.default_rng(3)
    roots = [rng.normal(size=(2, *x.shape)) for x in state.blocks]
    mixed = [(re + 1j * im) @ (re + 1j * im).conj().T for re, im in roots]
    trace = sum(np.trace(x).real for x in mixed)
    pairs = zip(state.blocks, mixed, strict=True)
    blocks = [(1 - NEARBY) * x + NEARBY * y / trace for x, y in pairs]
    return DensityState(state.space, tuple(x[None] for x in blocks))


def _direct(values: Any, stretches: Mapping[str, Stretch]) -> dict[str, float] | None:
    """What parameters change in an output at the same state; None where that has no slope."""
    direct = {}
    for name, stretch in stretches.items():
        around = values[stretch.rows]
        if np.all(around == values[0]):
            direct[name] = 0.0
            continue
        slope = stretch.slopes(around[..., None], values[:1])
        if slope is None:
            return None
        direct[name] = float(slope[0])
    return direct


class _AskedFor(Exception):
    def __init__(self, model: LindbladModel) -> None:
        self.model = model


def _model_asked_for(point: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """The first master equation whose steady state a function asks for, or None."""

    def stop(model: LindbladModel) -> DensityState:
        raise _AskedFor(model)

    with solved_by(stop):
        try:
            point(**values)
        except _AskedFor as asked:
            return asked.model
    return None


def _outputs(numbers: Numbers, rows: Any, state: DensityState) -> tuple[dict[str, Any], int]:
    """The outputs at some rows, were `state` the steady state; how often it was asked for."""
    asked: list[LindbladModel] = []

    def answer(model: LindbladModel) -> DensityState:
        asked.append(model)
        return state

    with solved_by(answer):
        return numbers.outputs(rows), len(asked)


class _Seen(DensityState):
    """A batch of one state, with other reduced states in it where they are given."""

    own: DensityState
    given: Mapping[Modes, DensityState]
    looks: dict[Modes, None]

    @staticmethod
    def of(
        state: DensityState, points: int, given: Mapping[Modes, DensityState], looks: Any
    ) -> "_Seen":
        """The state at a number of points.

        Args:
            state: one state.
            points: how many.
            given: reduced states, a batch of as many, by the modes in them.
            looks: fills with the modes that are looked at.
        """
        blocks = tuple(np.broadcast_to(x, (points, *x.shape)) for x in state.blocks)
        info = {**state.info, "stable": np.ones(points, bool)}
        return _Seen._made(DensityState(state.space, blocks, info), given, looks)

    @staticmethod
    def _made(own: DensityState, given: Any, looks: Any) -> "_Seen":
        seen = object.__new__(_Seen)
        seen.__dict__.update(space=own.space, info=own.info, own=own, given=given, looks=looks)
        return seen

    def _looked_at(self, modes: Modes) -> DensityState:
        self.looks[modes] = None
        if modes in self.given:
            return self.given[modes]
        points = self.own.shape
        if not points:
            return self.own.reduce(*modes)
        # All points of a batch have the same state.
        reduced = self.own[(0,) * len(points)].reduce(*modes)
        blocks = tuple(np.broadcast_to(x, (*points, *x.shape)) for x in reduced.blocks)
        return DensityState(reduced.space, blocks)

    def __getattr__(self, name: str) -> Any:
        """The blocks themselves are those of all modes."""
        if name != "blocks":
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        return self._looked_at(self.space.modes).blocks

    def __getitem__(self, index: Any) -> DensityState:
        given = {modes: states[index] for modes, states in self.given.items()}
        return _Seen._made(self.own[index], given, self.looks)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.own.shape

    @property
    def trace(self) -> Any:
        return self.own.trace

    def reduce(self, *names: str) -> DensityState:
        return self._looked_at(split(self.space, names)[0].modes)

    def expect(self, operator: Any) -> Any:
        try:
            part = self.reduce(*operator.modes)
        except ArgumentError:  # one mode of a squeezed pair, or what is wrong anyway
            return super().expect(operator)
        return part.expect(operator)
