"""liu2024: phase-controlled entanglement of remote mechanical oscillators."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import STATEMENTS
from .figures import FIGURES as FIGURES
from .model import READINGS
from .model import SYSTEM as SYSTEM
from .model import TABLE as TABLE
from .model import point as point

READING = "consistent reading"
PARAMETERS = defaults(TABLE)
claims = partial(judged, STATEMENTS, READINGS)
