"""A published system with what leaves it: spectra and sidebands beside the paper's own numbers."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..base.checks import ArgumentError, ConvergenceError, UnstableError
from ..base.units import Axis
from ..linear.model import GaussianModel
from ..netlist.axes import FREQUENCY
from ..papers.records import Parameter, Quantity, Setting, System
from . import spectra
from .spectra import INSIDE, Tables

BARE = 1e3
"""Rates above it are in rad/s; those of a paper that counts in a frequency of its own are not."""


def extended(system: System) -> tuple[System, Tables]:
    """The system with the views of what leaves it, where one of its readings has open outputs.

    Args:
        system: of a paper.

    Returns:
        The system, and what its views measure by the name of the quantity.

    >>> from qcascade.papers import paper
    >>> [choice.name for choice in extended(paper("liu2024").SYSTEM)[0].choices]
    ['reading', 'view']
    >>> extended(paper("agusti2023").SYSTEM)[1]
    {}
    """
    if system.model is None:
        return system, {}
    first = {choice.name: choice.default for choice in system.choices}
    readings = {tuple(setting.items()): _model(system, setting) for setting in _settings(system)}
    open_ = {key: x for key, x in readings.items() if x is not None and x.outputs}
    if not open_:
        return system, {}
    leading = open_.get(tuple(first.items())) or next(iter(open_.values()))
    every = [spectra.tables(model.outputs) for model in open_.values()]
    measures = {k: x for views in every for table, _ in views.values() for k, x in table.items()}
    axis = spectra.reach(leading, _unit(system, leading, first))
    if axis is None:
        return system, {}
    return (
        system._replace(
            choices=(*system.choices, spectra.VIEW),
            parameters=partial(_parameters, system, axis),
            quantities=partial(_quantities, system, leading.outputs),
            fixed=partial(_fixed, system),
            network=partial(_without, system.network),
            model=partial(_without, system.model),
        ),
        measures,
    )


def _settings(system: System) -> Iterator[dict[str, Any]]:
    """The first setting, and every option once."""
    first = {choice.name: choice.default for choice in system.choices}
    yield first
    for choice in system.choices:
        for option in choice.options:
            yield {**first, choice.name: option}


def _model(system: System, setting: Setting) -> GaussianModel | None:
    """The model where the sliders start; None where there is none."""
    known = system.parameters(setting)
    given = {p.name: float(p.default) * p.scale for p in known}
    try:
        return system.model(**system.fixed(setting), **given) if system.model else None
    except (ArgumentError, UnstableError, ConvergenceError):
        return None


def _unit(system: System, model: GaussianModel, setting: Setting) -> str | None:
    """The unit of the rates: that of the paper's first parameter, or None for rad/s."""
    fast = float(abs(model.A).max()) > BARE
    return None if fast else system.parameters(setting)[0].unit


def _parameters(system: System, axis: Axis, setting: Setting) -> tuple[Parameter, ...]:
    """The paper's own, after the frequency where what leaves is looked at."""
    view, own = spectra.view_of(setting), system.parameters(_own(setting))
    return own if view == INSIDE else (spectra.parameter(axis, view), *own)


def _quantities(
    system: System, outputs: tuple[str, ...], setting: Setting
) -> Mapping[str, Quantity]:
    """The paper's own, or those of the outputs that are open in this reading."""
    view, own = spectra.view_of(setting), _own(setting)
    if view == INSIDE:
        return system.quantities(own)
    model = _model(system, own)
    return spectra.tables(model.outputs if model and model.outputs else outputs)[view][1]


def _own(setting: Setting) -> dict[str, Any]:
    return {name: x for name, x in setting.items() if name != spectra.VIEW.name}


def _fixed(system: System, setting: Setting) -> dict[str, Any]:
    return system.fixed(_own(setting))


def _without(function: Callable[..., Any], **values: Any) -> Any:
    """A function of the paper's own parameters, which knows no frequency."""
    return function(**{name: x for name, x in values.items() if name != FREQUENCY})


def point(
    model: Callable[..., GaussianModel], tables: Mapping[str, Mapping[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """What tables ask of a model's outputs, as a point function.

    Args:
        model: of the arguments of a paper's `point`.
        tables: by name.
    """
    return partial(_seen, model, tables)


def _seen(
    model: Callable[..., GaussianModel], tables: Mapping[str, Mapping[str, Any]], **values: Any
) -> dict[str, Any]:
    return spectra.leaving(model(**values), tables, values[FREQUENCY])
