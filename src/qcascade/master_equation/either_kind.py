"""Models of either kind: which one a function of time returns, and times beside their rates."""

from typing import Any

import numpy as np

from ..base.checks import fail, number
from ..base.units import has_dimension
from ..linear.model import GaussianModel
from ..numerics.structure import OneStructure
from ..numerics.time_steps import called, check_first_axis
from ..slh.network import Network
from ..slh.rates import fastest_rate, seconds
from .model import LindbladModel


def looked_at(at: Any, times: Any, name: str) -> tuple[type, Any]:
    """Which kind of model a function of time returns, and the function, looked at when called.

    Args:
        at: function of an array of times.
        times: of the run; those with a unit are not known yet.
        name: of the function, in an error.

    Raises:
        ArgumentError: for a network, and what else returns no models of one structure.
    """
    if isinstance(at, Network):
        must = "a function of time that returns a model, like `lambda t: gaussian(net(t))`"
        still = "a model, `gaussian(net)` or `lindblad(net)`, or " if name == "model" else ""
        raise fail(name, f"be {still}{must}", at)
    ends = np.zeros(2)
    if not has_dimension(times):
        given = number("times", times).reshape(-1)
        ends = given[[0, -1]] if given.size else ends
    first = np.full(2, ends[0])
    model: Any = called(at, first, name, GaussianModel, LindbladModel)
    kind: Any
    if isinstance(model, LindbladModel):
        from . import driven as kind
    else:
        from ..linear import in_time as kind
    batch = kind.batch_of(model)
    check_first_axis(name, batch, first)
    known = kind.model_at, kind.structure, kind.numbers_of, batch[1:]
    function = OneStructure(at, ends, name, model, *known)
    return type(model), function


def beside_rates(model: Any, name: str, times: Any) -> Any:
    """Times with a unit as numbers, beside a model whose rates are not ratios.

    Args:
        model: of either kind.
        name: of the times, in an error.
        times: with a unit.
    """
    if isinstance(model, LindbladModel):
        return seconds(name, times, fastest_rate(model.H, model.jumps), model.measured)
    if isinstance(model, GaussianModel):
        return seconds(name, times, _drift(model), model.measured)
    return seconds(name, times, 0.0)


def _drift(model: GaussianModel) -> Any:
    return model.A if model.delays is None else model.delays.open.A
