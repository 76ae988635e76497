"""jiao2020: nonreciprocal optomechanical entanglement against backscattering losses."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import READINGS, STATEMENTS
from .figures import FIGURES as FIGURES
from .model import SYSTEM as SYSTEM
from .model import TABLE as TABLE
from .model import point as point

READING = "from parts (Lindblad damping)"
PARAMETERS = defaults(TABLE)
claims = partial(judged, STATEMENTS, READINGS)
