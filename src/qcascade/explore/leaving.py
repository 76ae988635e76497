"""A published system with what leaves it: spectra and sidebands beside the paper's own numbers."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..base.given_units import Axis
from ..linear.model import GaussianModel
from ..netlist.axes import FREQUENCY
from ..papers import spectra
from ..papers.records import Parameter, Quantity, Setting, System
from ..papers.spectra import INSIDE, Tables, model_of


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
    readings = spectra.open_readings(system)
    if system.model is None or not readings:
        return system, {}
    first, leading = readings[0]
    every = [spectra.tables(model.outputs) for _, model in readings]
    measures = {k: x for views in every for table, _ in views.values() for k, x in table.items()}
    axis = spectra.reach(leading, spectra.unit_of(system, leading, first))
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
    model = model_of(system, own)
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
