"""agusti2023: multiqubit entanglement from one source of squeezed light, along two waveguides."""

from collections.abc import Mapping

from .. import Plate
from ..statements import Claim, judge
from .claims import SIGNS, STATES
from .engine_claims import TIMES
from .engine_figures import ENGINE_FIGURES
from .figures import FIGURES as CLOSED_FORM
from .imperfections import IMPERFECTIONS
from .model import PARAMETERS, network, point, steady_state
from .system import SYSTEM

READING = "consistent reading"

FIGURES: Mapping[str, Plate] = {**CLOSED_FORM, **ENGINE_FIGURES, **IMPERFECTIONS}
"""Figures by name: 2b to 4d of the paper; the others are ours."""


STATEMENTS = (*STATES, *TIMES)
"""What the paper states: of its states first, then of times and bandwidth."""


def claims() -> list[Claim]:
    """What the paper says beside what comes out."""
    return [judge(statement, tuple(SIGNS)) for statement in STATEMENTS]


__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "STATEMENTS",
    "SYSTEM",
    "claims",
    "network",
    "point",
    "steady_state",
]
