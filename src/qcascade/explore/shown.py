"""What is shown: one quantity over one or two parameters, as a dataset."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, between, count, fail, one_of
from ..papers.records import Parameter, Quantity
from ..plots.plot import describe
from ..sweeps.points import each
from ..sweeps.run import sweep
from .systems import Study, arguments, point_of

if TYPE_CHECKING:
    import xarray as xr

CURVE, MAP = 100, 60
"""Points on a curve and on either side of a map."""


class Swept(NamedTuple):
    """A parameter to sweep, in its own unit."""

    name: str
    low: float
    high: float
    points: int


@dataclass(frozen=True)
class View:
    """Everything that decides what is shown.

    Args:
        study: what is explored.
        setting: options chosen, by choice.
        values: sliders, by parameter, in the parameters' units.
        axes: one or two.
        quantity: the name of what is shown.

    Raises:
        ArgumentError: for a parameter or quantity that the study has not, a range that is none.
    """

    study: Study
    setting: Mapping[str, Any]
    values: Mapping[str, float]
    axes: tuple[Swept, ...]
    quantity: str

    def __post_init__(self) -> None:
        one_of("quantity", self.quantity, self.study.system.quantities(self.setting))
        known = {p.name: p for p in self.study.system.parameters(self.setting)}
        if not 1 <= len(self.axes) <= 2 or len({a.name for a in self.axes}) < len(self.axes):
            raise fail("axes", "be one or two different parameters", [a.name for a in self.axes])
        for axis in self.axes:
            one_of("axes", axis.name, known, "a parameter")
            count(f"axes[{axis.name}].points", axis.points, 2)
            floor = np.finfo(float).tiny if known[axis.name].logarithmic else -np.inf
            between(f"axes[{axis.name}].low", axis.low, floor, np.inf, "a number to start from")
            if not axis.low < axis.high:
                raise fail(f"axes[{axis.name}].high", f"be above {axis.low:g}", axis.high)


def quantity_of(view: View) -> Quantity:
    """The record of what is shown.

    Args:
        view: what is shown.
    """
    return view.study.system.quantities(view.setting)[view.quantity]


def parameter_of(view: View, name: str) -> Parameter:
    """The record of a parameter.

    Args:
        view: what is shown.
        name: the parameter.
    """
    return {p.name: p for p in view.study.system.parameters(view.setting)}[name]


def grid(parameter: Parameter, axis: Swept) -> np.ndarray:
    """The values of an axis, evenly spread, or evenly over decades.

    Args:
        parameter: what is swept.
        axis: from where to where.

    >>> grid(Parameter("l", "l", "", "µm", 1, 100, 1, logarithmic=True), Swept("l", 1, 100, 3))
    array([  1.,  10., 100.])
    """
    spread = np.geomspace if parameter.logarithmic else np.linspace
    return spread(float(axis.low), float(axis.high), axis.points)


def function(view: View) -> Callable[..., Mapping[str, Any]]:
    """The point function behind a view: the axes by name, in their own units.

    Args:
        view: what is shown.
    """
    wanted, point = quantity_of(view), point_of(view.study, view.quantity)
    fixed = arguments(view.study, view.setting, view.values)
    scales = {axis.name: parameter_of(view, axis.name).scale for axis in view.axes}

    def shown(**swept: Any) -> dict[str, Any]:
        results = point(**{**fixed, **{name: x * scales[name] for name, x in swept.items()}})
        value = np.asarray(results[wanted.source])[(..., *wanted.entry)]
        return {view.quantity: value, "stable": results.get("stable", True)}

    return shown if view.study.system.broadcasts else each(shown)


def compute(view: View) -> "xr.Dataset":
    """The dataset of a view, with names, units, and what was held fixed.

    Args:
        view: what is shown.

    Returns:
        Dataset with the quantity and `stable` over the axes.

    Raises:
        ArgumentError: where a value on an axis is not one the system takes, or no point has a
            steady state.

    >>> from qcascade.explore.systems import defaults, options, study
    >>> paper = study("jiao2022")
    >>> values = defaults(paper, options(paper))
    >>> view = View(paper, {**options(paper), "noise": "printed"}, values,
    ...             (Swept("detuning", 0.9, 1.1, 3),), "E_N")
    >>> round(float(compute(view)["E_N"][1]), 9)
    0.083793158
    """
    labelled: dict[str, Any] = {}
    for axis in view.axes:
        parameter = parameter_of(view, axis.name)
        labelled[axis.name] = (grid(parameter, axis), parameter.unit)
    data = sweep(function(view), progress=False, **labelled)
    if view.quantity not in data:
        raise ArgumentError("There is no steady state at any point of the axes.")
    data = describe(data, labels(view))
    data.attrs["system"] = view.study.title
    data.attrs["fixed"] = json.dumps(fixed_values(view), ensure_ascii=False)
    return data


def labels(view: View) -> dict[str, tuple[str, str]]:
    """(long name, unit) of the quantity and the axes.

    Args:
        view: what is shown.
    """
    wanted = quantity_of(view)
    named = {view.quantity: (wanted.symbol, wanted.unit)}
    for axis in view.axes:
        parameter = parameter_of(view, axis.name)
        words = f"{parameter.meaning} {parameter.symbol}" if parameter.meaning else axis.name
        named[axis.name] = (words, parameter.unit)
    return named


def fixed_values(view: View) -> dict[str, Any]:
    """Options and values that are not swept, with their units.

    Args:
        view: what is shown.
    """
    swept = {axis.name for axis in view.axes}
    held = {
        f"{p.name} [{p.unit}]" if p.unit != "1" else p.name: view.values[p.name]
        for p in view.study.system.parameters(view.setting)
        if p.name not in swept
    }
    return {**view.setting, **held}


def affordable(view: View, wanted: Swept) -> int:
    """How many points an axis may have: as many as wanted, or as few as the system is heavy.

    Args:
        view: what is shown.
        wanted: one of its axes.
    """
    points = view.study.system.points
    if points is None or parameter_of(view, wanted.name).stops:
        return wanted.points
    given = arguments(view.study, view.setting, view.values)
    for axis in view.axes:  # the heavier end counts
        given[axis.name] = axis.high * parameter_of(view, axis.name).scale
    return min(wanted.points, points(**given)[len(view.axes) - 1])
