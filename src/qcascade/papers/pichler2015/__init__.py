"""pichler2015: pure entangled steady states of driven chiral chains, with stannigel2012."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import READINGS, STATEMENTS
from .figures import FIGURES as FIGURES
from .model import SYSTEM as SYSTEM
from .model import TABLE as TABLE
from .model import point as point

READING = "from parts and wires"
PARAMETERS = defaults(TABLE)
claims = partial(judged, STATEMENTS, READINGS)
