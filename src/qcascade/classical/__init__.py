"""Mean fields: working points, branches, linearisation, motion."""

from .branches import WorkingPoints, hysteresis, working_points
from .cycles import LimitCycle, limit_cycle
from .differentiable_fields import steady_fields

__all__ = [
    "LimitCycle",
    "WorkingPoints",
    "hysteresis",
    "limit_cycle",
    "steady_fields",
    "working_points",
]


def __dir__() -> list[str]:
    return __all__
