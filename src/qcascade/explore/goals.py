"""What a reader may want large, as a function of the sliders."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..papers.records import Quantity, Setting
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
    kinds = {name: table["measure"] for name, table in chosen.measures.items()}
    found = {name: x for name, x in known.items() if kinds.get(name, name) == "margin"}
    more = [f"{MARGIN}{name}" for name in known]
    found |= {name: chosen.margins[name] for name in more if name in chosen.margins}
    return found | {name: x for name, x in known.items() if name not in COUNTS}


def over_sliders(chosen: Study, setting: Setting, name: str) -> Point:
    """The goal as a function of the sliders, in their units, for `sensitivity` and `design`.

    Args:
        chosen: what is explored.
        setting: options chosen.
        name: of the goal.
    """
    wanted = goals(chosen, setting)[name]
    point, fixed = point_of(chosen, name), chosen.system.fixed(setting)
    scales = {p.name: p.scale for p in chosen.system.parameters(setting)}

    def at_sliders(**values: Any) -> Mapping[str, Any]:
        found = point(**fixed, **{x: value * scales[x] for x, value in values.items()})
        value = np.asarray(found[wanted.source])[(..., *wanted.entry)]
        return {GOAL: value, "stable": found.get("stable", True)}

    return at_sliders if chosen.system.broadcasts else each(at_sliders)
