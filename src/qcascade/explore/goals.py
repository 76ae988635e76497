"""What a reader may want large, as a function of the sliders."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from ..papers.records import Parameter, Quantity, Setting
from ..sweeps.points import Point, each
from .systems import MARGIN, Study, point_of

GOAL = "the goal"
"""Its name among what comes out, where no parameter of a file is called so."""

COUNTS = ("branches",)
"""Numbers that are counted, and have no slope."""


def goals(chosen: Study, setting: Setting) -> dict[str, Quantity]:
    """Quantities that may be the goal, margins first: they have a slope where E_N is zero.

    Args:
        chosen: what is explored.
        setting: options chosen.

    >>> from qcascade.explore.systems import options, study
    >>> paper = study("liu2024")
    >>> list(goals(paper, options(paper)))
    ['margin', 'E_N', 'growth', 'photons_1', 'photons_2']
    """
    known = chosen.system.quantities(setting)
    kinds = {name: str(table["measure"]) for name, table in chosen.measures.items()}
    margins = {name: x for name, x in known.items() if kinds.get(name, name) == "margin"}
    more = [f"{MARGIN}{name}" for name in known]
    margins |= {name: chosen.margins[name] for name in more if name in chosen.margins}
    return margins | {name: x for name, x in known.items() if name not in COUNTS}


def movable(chosen: Study, setting: Setting) -> dict[str, Parameter]:
    """Sliders that can stand anywhere: not the time of a run, which has its stops.

    Args:
        chosen: what is explored.
        setting: options chosen.
    """
    return {p.name: p for p in chosen.system.parameters(setting) if not p.stops}


def over_sliders(
    chosen: Study, setting: Setting, name: str, values: Mapping[str, float] = MappingProxyType({})
) -> Point:
    """The goal as a function of the sliders, in their units, for `sensitivity` and `design`.

    Args:
        chosen: what is explored.
        setting: options chosen.
        name: of the goal.
        values: of the sliders that stand still.
    """
    wanted = goals(chosen, setting)[name]
    point, fixed = point_of(chosen, name), chosen.system.fixed(setting)
    scales = {p.name: p.scale for p in chosen.system.parameters(setting)}

    still = {x: value * scales[x] for x, value in values.items()}

    def at_sliders(**moving: Any) -> Mapping[str, Any]:
        given = {x: value * scales[x] for x, value in moving.items()}
        results = point(**fixed, **still, **given)
        value = np.asarray(results[wanted.source])[(..., *wanted.entry)]
        return {GOAL: value, "stable": results.get("stable", True)}

    return at_sliders if chosen.system.broadcasts else each(at_sliders)
