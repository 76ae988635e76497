"""pelka2026: routing entanglement through quantum networks."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import READINGS, STATEMENTS
from .figures import FIGURES as FIGURES
from .model import SYSTEM as SYSTEM
from .model import TABLE as TABLE
from .model import point as point

READING = "one-way reading"
PARAMETERS = defaults(TABLE)
claims = partial(judged, STATEMENTS, READINGS)
