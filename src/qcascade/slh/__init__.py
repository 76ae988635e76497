"""Ladder operators, components, wires, networks: the algebra of (S, L, H)."""

from .concatenation import concatenate
from .ladder import Ladder
from .network import as_component, open_ports, wiring_table
from .wiring import eliminate

__all__ = [
    "Ladder",
    "as_component",
    "concatenate",
    "eliminate",
    "open_ports",
    "wiring_table",
]


def __dir__() -> list[str]:
    return __all__
