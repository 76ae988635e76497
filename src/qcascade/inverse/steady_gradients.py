"""The gradient of a measure of a steady state of a master equation, from one adjoint solution.

    ∂f/∂x = −Σ_m Tr[λ L_m ρ] ∂f_m/∂x,    L = Σ_m f_m L_m,    L†λ = ∂f/∂ρ − Tr(ρ ∂f/∂ρ) 1:

`adjoint.py` has λ. What depends on parameters are the coefficients f_m, cheap numbers, and what
depends on ρ is a measure of a few modes: both are differentiated by differences of fourth order in
one batch. What is not differentiable shows there: steps disagree, or one side is not the other.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, fail
from ..base.keywords import spoken
from ..base.names import resolve
from ..dynamics import steady_state
from ..hilbert.states import DensityState, split
from ..master_equation.adjoint import coefficient_slopes
from ..master_equation.model import LindbladModel
from ..sweeps.points import name_of
from .elasticities import Sensitivity, sorted_slopes
from .points import numbers_at
from .slopes import CENTRAL, STEPS
from .stretches import AGREE, Stretch, around, model_at

CERTAIN = 1e-6
"""Estimated error of a steady state above which its gradient is refused."""

MOST = 400
"""Real numbers of a reduced state by which a measure is differentiated."""


@spoken
def steady_gradient(
    point: Callable[..., Any],
    at: Mapping[str, Any],
    measure: Callable[[DensityState], Any],
    modes: str | Iterable[str],
) -> Sensitivity:
    """How a measure of a master equation's steady state changes with every parameter.

    df/dx = −Tr[λ (∂L/∂x) ρ] with L ρ = 0 and L†λ = ∂f/∂ρ − Tr(ρ ∂f/∂ρ) 1: one more equation of the
    size of the steady state's, whatever the number of parameters.

    Args:
        point: a function from parameters, numbers and arrays by name, to `lindblad(net)`.
        at: a number, or text with a unit, for every parameter to look at; others keep their
            defaults. At the end of its range a parameter's slope is the one-sided one.
        measure: a real function of the state of `modes`, for batches too, as all measures are.
        modes: mode or part names that the measure looks at, with up to 400 numbers in their state.

    Returns:
        A `Sensitivity`, by "adjoint".

    Raises:
        ArgumentError: for parameters that the function does not have, too many modes, or where
            the measure or the model is not differentiable.
        DegenerateError: when there is more than one steady state.
        ConvergenceError: when the state or its adjoint is not certain.

    >>> import qcascade as qc
    >>> def model(decay, occupation):
    ...     return qc.lindblad(qc.qubit(decay=decay, occupation=occupation))
    >>> def excited(state):
    ...     return state.expect(qc.lower("q").dag * qc.lower("q")).real
    >>> found = steady_gradient(model, {"decay": 2.0, "occupation": 1.0}, excited, ["q"])
    >>> round(found.value, 10), {name: round(x, 8) + 0.0 for name, x in found.slopes.items()}
    (0.3333333333, {'occupation': 0.11111111, 'decay': 0.0})
    """
    numbers, row = numbers_at(point, at, "look at")
    if not callable(measure):
        raise fail("measure", "be a function of a state", measure)
    alone = {name: x[0] for name, x in numbers.columns(row[None]).items()}
    names = _names(model_at(numbers, alone, ()), modes)
    _, stretches, batch = around(numbers, row)
    state = certain_state(batch)
    value, G = measured(state, measure, names)
    slopes = slopes_by_parameter(at, stretches, batch, state, G)
    called = getattr(measure, "__name__", "f")
    of = called if called.isidentifier() else "f"
    return sorted_slopes(of, value, numbers, row, slopes, "adjoint")


def certain_state(batch: LindbladModel) -> DensityState:
    """The steady state of the first of the models, known well enough for its gradient.

    Args:
        batch: from `around`.

    Raises:
        ConvergenceError: when the state is not certain.
    """
    state = steady_state(batch[0], progress=False)
    error = state.info.get("estimated_error", 0.0)
    if not error <= CERTAIN:
        raise ConvergenceError(
            f"The gradient is not certain: the estimated error of the state is {error:.2g}; "
            "something decays slowly."
        )
    return state


def slopes_by_parameter(
    at: Mapping[str, Any],
    stretches: Mapping[str, Stretch],
    batch: LindbladModel,
    state: DensityState,
    G: Any,
) -> dict[str, float]:
    """−Tr[λ (∂L/∂x) ρ] for every parameter, from one adjoint solution.

    Args:
        at: values of the parameters.
        stretches: from `around`.
        batch: the models there.
        state: the steady state of the first of them.
        G: ∂f/∂ρ, one matrix per sector.

    Raises:
        ArgumentError: where the model is not differentiable.
    """
    features = list(batch.terms.values)
    by_coefficient = coefficient_slopes(batch[0], state, G, features, batch.real)
    table, by_parameter = batch.terms.table(features), {}
    for name, stretch in stretches.items():
        moved = stretch.slopes(table[stretch.rows], table[0])
        if moved is None:
            raise fail(f"at[{name}]", "be where the model is differentiable", at[name])
        by_parameter[name] = float(moved @ by_coefficient)
    return by_parameter


def _names(model: LindbladModel, modes: Any) -> tuple[str, ...]:
    """The modes that are named, of which the state has few enough numbers."""
    names = tuple(model.modes[k] for k in resolve(model.modes, modes, "modes"))
    elements = model.space.subspace(names).elements
    if elements > MOST:
        must = f"be few enough for a state of at most {MOST} numbers"
        raise fail("modes", must, list(names), f"{elements} numbers")
    return names


def measured(
    state: DensityState, measure: Callable[[DensityState], Any], names: tuple[str, ...]
) -> tuple[float, list[np.ndarray]]:
    """The measure, and its derivative by ρ: Hermitian, one matrix per sector of the whole state.

    Args:
        state: one state.
        measure: of the state of some modes, for batches too.
        names: of these modes.

    Raises:
        ArgumentError: where the measure is not differentiable.
    """
    small = state.reduce(*names)
    places = CENTRAL[0]
    steps = STEPS[:, None, None, None, None] * places[:, None, None, None]
    moves = _moves(small)
    # Slopes in every direction may exist where f is not linear: √(p q) at p = q = 0.
    mixed = np.random.default_rng(4).normal(size=(2, len(moves[0])))
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    moves = [np.concatenate([x, np.tensordot(mixed, x, 1)]) for x in moves]
    around = [
        (x + steps * change).reshape(-1, *x.shape)
        for x, change in zip(small.blocks, moves, strict=True)
    ]
    blocks = [np.concatenate([x[None], y]) for x, y in zip(small.blocks, around, strict=True)]
    with np.errstate(all="ignore"):  # some are no states
        values = _valued(measure, DensityState(small.space, tuple(blocks)))
    if values.shape != blocks[0].shape[:1] or values.dtype.kind not in "fiu":
        must = "return one real number for every state of a batch"
        raise fail("measure", must, f"{values.dtype} of shape {values.shape}")
    value = float(values[0])
    table = values[1:].astype(float).reshape(len(STEPS), len(places), -1)
    slopes = Stretch(None, CENTRAL, 1.0).slopes(table, np.full(table.shape[-1], value))
    if slopes is not None:
        slopes, across = slopes[:-2], slopes[-2:]
        largest = max(np.abs(slopes).max(), 1e-3 * abs(value))
        if np.abs(across - mixed @ slopes).max() > 10 * AGREE * largest:
            slopes = None
    if slopes is None or not np.isfinite(value):
        more = "a kink, as where a state is pure or where entanglement vanishes"
        raise fail("measure", "be differentiable at the steady state", value, more)
    return value, _lifted(state, names, _gradient(small, slopes))


def _valued(measure: Callable[[DensityState], Any], states: DensityState) -> np.ndarray:
    try:
        return np.asarray(measure(states))
    except TypeError as error:
        raise fail("measure", "take a state", name_of(measure), str(error)) from error


def _moves(state: DensityState) -> list[np.ndarray]:
    """Changes (M, d, d) of every block in M directions of the whole state, of trace zero.

    Populations towards |i⟩⟨i| − ρ; then |i⟩⟨j| + |j⟩⟨i| and i|i⟩⟨j| − i|j⟩⟨i| for i < j.
    """
    sizes = [int(d) for d in state.space.sizes]
    count, at, moves = sum(d * d for d in sizes), 0, []
    for d, block in zip(sizes, state.blocks, strict=True):
        change = np.zeros((count, d, d), complex)
        change[_populations(sizes)] -= block
        i, j = np.triu_indices(d, 1)
        change[at + np.arange(d), np.arange(d), np.arange(d)] += 1.0
        for first, z in ((at + d, 1.0), (at + d + len(i), 1j)):
            change[first + np.arange(len(i)), i, j] = z
            change[first + np.arange(len(i)), j, i] = np.conj(z)
        moves.append(change)
        at += d * d
    return moves


def _populations(sizes: list[int]) -> np.ndarray:
    """Which directions are those of populations."""
    return np.concatenate([np.arange(d * d) < d for d in sizes])


def _gradient(state: DensityState, slopes: np.ndarray) -> list[np.ndarray]:
    """G less Tr Gρ, from its overlaps with the directions of `_moves`."""
    G, at = [], 0
    for d in map(int, state.space.sizes):
        i, j = np.triu_indices(d, 1)
        re, im = slopes[at + d : at + d * d].reshape(2, -1)
        upper = np.zeros((d, d), complex)
        upper[i, j] = (re + 1j * im) / 2
        G.append(upper + upper.conj().T + np.diag(slopes[at : at + d]))
        at += d * d
    return G


def _lifted(state: DensityState, names: tuple[str, ...], G: list[np.ndarray]) -> list[np.ndarray]:
    """G ⊗ 1 on the sectors of the whole state: Tr (G ⊗ 1) ρ = Tr G Tr_rest ρ."""
    small, rest, place = split(state.space, names)
    owner = np.searchsorted(small.offsets, place, side="right") - 1
    lifted = []
    for a, b in pairwise(state.space.offsets):
        block = np.zeros((b - a, b - a), complex)
        for number in np.unique(rest[a:b]):
            rows = np.flatnonzero(rest[a:b] == number)
            q = owner[a + rows[0]]
            inside = place[a:b][rows] - small.offsets[q]
            block[rows[:, None], rows] = G[q][inside[:, None], inside]
        lifted.append(block)
    return lifted
