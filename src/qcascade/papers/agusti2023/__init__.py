"""agusti2023: multiqubit entanglement from one source of squeezed light, along two waveguides."""

from collections.abc import Mapping

from .. import Claim, Plate
from .claims import claims as _claims
from .engine_claims import engine_claims
from .engine_figures import ENGINE_FIGURES
from .figures import FIGURES as CLOSED_FORM
from .imperfections import IMPERFECTIONS
from .model import PARAMETERS, network, point, steady_state

READING = "consistent reading"

FIGURES: Mapping[str, Plate] = {**CLOSED_FORM, **ENGINE_FIGURES, **IMPERFECTIONS}
"""Figures by name: 2b to 4d of the paper; the others are ours."""


def claims() -> list[Claim]:
    """What the paper says beside what comes out: states first, then times and bandwidth."""
    return [*_claims(), *engine_claims()]


__all__ = [
    "FIGURES",
    "PARAMETERS",
    "READING",
    "claims",
    "network",
    "point",
    "steady_state",
]
