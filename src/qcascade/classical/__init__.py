"""Mean fields: working points, branches, orbits, linearisation, motion."""

from .branches import WorkingPoints, hysteresis, working_points
from .cycles import LimitCycle, limit_cycle
from .differentiable_fields import steady_fields
from .fields_in_time import MeanField, mean_field
from .moving import MovingFields
from .orbits import Orbit, orbit
from .polynomial_roots import real_roots

__all__ = [
    "LimitCycle",
    "MeanField",
    "MovingFields",
    "Orbit",
    "WorkingPoints",
    "hysteresis",
    "limit_cycle",
    "mean_field",
    "orbit",
    "real_roots",
    "steady_fields",
    "working_points",
]


def __dir__() -> list[str]:
    return __all__
