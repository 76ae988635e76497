"""Modes that nothing connects with the others: each group on its own scale, ρ as their product.

Light of 282 THz beside a mechanical mode of 100 Hz is two small problems, not one in which the
slow rates are lost in the rounding of the fast ones.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, DegenerateError, listed
from ..hilbert.space import Space
from ..hilbert.states import DensityState
from .evolution import Evolution

if TYPE_CHECKING:
    from .model import LindbladModel

_SAME = 1e-13  # distance of a state from the product of its parts, relative to its norm


def steady_product(
    model: "LindbladModel", solve: Callable[["LindbladModel"], DensityState]
) -> DensityState:
    """The product of the steady states of all groups, and what is known about it.

    The product is the only steady state when each factor is: what is unique in continuous time
    is also reached, so that no two parts can turn together for ever (M. M. Wolf, Quantum Channels
    & Operations (2012), ch. 6 and 7).

    Args:
        model: the master equation.
        solve: the steady state of the model of one group.

    Raises:
        DegenerateError: when one of them has several; it names the modes.
        ConvergenceError: when one of them is not found; it names the modes.
    """
    states = []
    for names in model.groups:
        try:
            states.append(solve(model.upstream(*names)))
        except (DegenerateError, ConvergenceError) as error:
            raise type(error)(f"{error} (This is about {listed(names)}.)") from None
    known = [state.info for state in states]
    info = _joined(known, ("residual", "iterations", "estimated_error"), ("relative_residual",))
    info["warnings"] = tuple(told for told in info["warnings"] if "cutoff" not in told)
    return DensityState(model.space, product(states, model.space), info)


def evolved_product(
    model: "LindbladModel",
    start: DensityState,
    observe: Mapping[str, Callable[[Any], Any]],
    evolve: Callable[["LindbladModel", DensityState, Mapping[str, Any]], Evolution],
) -> Evolution | None:
    """The evolution of all groups side by side, where the state is a product of theirs.

    Args:
        model: the master equation.
        start: state at time 0, on the space of the model.
        observe: functions of the state by name.
        evolve: evolution of the model of one group, from its state and with observers.

    Returns:
        An `Evolution`, or None when the state is no product.
    """

    parts = [start.reduce(*names) for names in model.groups]
    off = zip(product(parts, model.space), start.blocks, strict=True)
    distance = np.sqrt(sum(np.linalg.norm(x - y) ** 2 for x, y in off))
    if not distance <= _SAME * np.sqrt(sum(np.linalg.norm(y) ** 2 for y in start.blocks)):
        return None
    runs, seen = [], []
    for names, part in zip(model.groups, parts, strict=True):
        states: list[DensityState] = []

        def keep(state: DensityState, states: list[DensityState] = states) -> int:
            states.append(state)
            return len(states) - 1

        run = evolve(model.upstream(*names), part, {"state": keep})
        # What is observed again on the way, or once for all times at rest, is known by its number.
        seen.append([states[int(k)] for k in run.observed["state"]])
        runs.append(run)
    products = [
        DensityState(model.space, product(states, model.space))
        for states in zip(*seen, strict=True)
    ]
    observed = {
        name: np.array([np.asarray(function(state)) for state in products])
        for name, function in observe.items()
    }
    summed = ("applications", "steps", "estimated_error", "trace_error", "edge_population")
    info = _joined([run.info for run in runs], summed, ("width", "hermiticity_error"))
    final = DensityState(model.space, products[-1].blocks, _edge_of(info))
    return Evolution(runs[0].times, observed, final, None, info)


def _edge_of(info: Mapping[str, Any]) -> dict[str, Any]:
    return {name: info[name] for name in ("edge_population", "warnings") if name in info}


def _joined(
    known: Sequence[Mapping[str, Any]], summed: Sequence[str], largest: Sequence[str]
) -> dict[str, Any]:
    """What is known about parts, put together for the whole."""
    info = dict(known[0])
    for names, joined in ((summed, sum), (largest, max)):
        for name in names:
            numbers = [part[name] for part in known if name in part]
            if numbers:
                info[name] = joined(numbers)
    info["warnings"] = tuple(text for part in known for text in part.get("warnings", ()))
    return info


def product(states: Sequence[DensityState], space: Space) -> tuple[np.ndarray, ...]:
    """ρ₁ ⊗ ρ₂ ⊗ … in the sectors of a space, whatever the sectors of each factor are.

    Elements between sectors of a factor are zero; those between sectors of the whole are left out.

    Args:
        states: states of different modes.
        space: the space of all of them.
    """
    dtype = np.result_type(*(block for state in states for block in state.blocks))
    blocks = [np.ones((d, d), dtype) for d in space.sizes]
    for state in states:
        columns = [space.modes.index(mode) for mode in state.modes]
        place = state.space.positions(space.quanta[:, columns])
        owner = np.searchsorted(state.space.offsets, place, side="right") - 1
        inside = place - state.space.offsets[owner]
        for (a, b), block in zip(pairwise(space.offsets), blocks, strict=True):
            factor = np.zeros_like(block)
            for q in np.unique(owner[a:b]):
                rows = np.flatnonzero(owner[a:b] == q)
                own = inside[a:b][rows]
                factor[rows[:, None], rows] = state.blocks[q][own[:, None], own]
            block *= factor
    return tuple(blocks)
