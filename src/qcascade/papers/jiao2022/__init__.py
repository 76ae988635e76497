"""jiao2022: nonreciprocal remote entanglement of two mechanical oscillators."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import READINGS, STATEMENTS
from .figures import FIGURES as FIGURES
from .model import SYSTEM as SYSTEM
from .model import TABLE as TABLE
from .model import point as point

READING = "with the noise that travels"
PARAMETERS = defaults(TABLE)
claims = partial(judged, STATEMENTS, READINGS)
