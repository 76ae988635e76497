"""States that the run of a network file begins with."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import count, fail, number
from ..base.names import resolve
from ..hilbert.states import PureState
from ..linear.model import GaussianModel
from ..linear.state import GaussianState, thermal
from ..master_equation.model import LindbladModel
from .parts import value_of


def start(
    model: GaussianModel | LindbladModel,
    quanta: Mapping[str, Any],
    occupations: Mapping[str, Any],
    given: Mapping[str, Any],
) -> GaussianState | PureState | None:
    """The state at the first time; None for the vacuum, or the ground state.

    Args:
        model: at that time.
        quanta: of a number state, by mode or part; others are empty.
        occupations: of a thermal state, by mode or part, as the file spells them.
        given: numbers by parameter.

    Raises:
        ArgumentError: for quanta of a Gaussian model, occupations of a master equation, names
            that are none, or quanta beyond the cutoffs.
    """
    if isinstance(model, LindbladModel):
        if occupations:
            must = "be left out for a master equation, which begins with whole numbers of `quanta`"
            raise fail("time.thermal", must, occupations)
        return _number_state(model, quanta) if quanta else None
    if quanta:
        must = "be left out for Gaussian states: qubits or [cutoffs] make a master equation"
        raise fail("time.quanta", must, quanta, "a thermal state is `thermal`")
    return _thermal(model, occupations, given) if occupations else None


def _number_state(model: LindbladModel, quanta: Mapping[str, Any]) -> PureState:
    space = model.space
    if space.squeezed:
        raise fail("time.quanta", "be left out in a squeezed basis", quanta)
    wanted = np.zeros(len(space.modes), int)
    for name, n in quanta.items():
        wanted[_mode(space.modes, "time.quanta", name)] = count(f"time.quanta.{name}", n, 0)
    amplitudes = np.all(space.quanta == wanted, axis=1).astype(complex)
    if not amplitudes.any():
        must = "fit into the cutoffs, or one into a qubit"
        raise fail("time.quanta", must, quanta, f"at most {space.quanta.max(axis=0)}")
    return PureState(space, amplitudes)


def _thermal(
    model: GaussianModel, occupations: Mapping[str, Any], given: Mapping[str, Any]
) -> GaussianState:
    quanta = np.zeros(len(model.modes))
    for name, text in occupations.items():
        where = f"time.thermal.{name}"
        n = number(where, value_of(where, text, given))
        if np.ndim(n) or n < 0:
            raise fail(where, "be a number zero or above", text)
        quanta[_mode(model.modes, "time.thermal", name)] = n
    return thermal(model.modes, quanta)


def _mode(modes: tuple[str, ...], where: str, name: str) -> int:
    """The one mode of that name, or of the part of that name."""
    hits = resolve(modes, name, where)
    if len(hits) > 1:
        raise fail(where, f"name one mode: {', '.join(modes[k] for k in hits)}", name)
    return hits[0]
