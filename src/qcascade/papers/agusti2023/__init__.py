"""agusti2023: multiqubit entanglement from one source of squeezed light, along two waveguides."""

from functools import partial

from ..statements import judged
from ..taken import defaults
from .claims import SIGNS, STATES
from .figures import FIGURES as FIGURES
from .model import TABLE as TABLE
from .model import network as network
from .model import point as point
from .model import steady_state as steady_state
from .system import SYSTEM as SYSTEM
from .times import TIMES

READING = "consistent reading"
PARAMETERS = defaults(TABLE)
STATEMENTS = (*STATES, *TIMES)
claims = partial(judged, STATEMENTS, tuple(SIGNS))
