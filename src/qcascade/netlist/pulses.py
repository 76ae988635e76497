"""The section `pulses` of a network file: modes of travelling fields, by name.

[pulses.p]
shape = "gaussian"             # or a list of samples, as `qc.pulse` has them
width = 0.7                    # numbers, with a unit or not, or arithmetic in the parameters
centre = 2.0                   # and detuning, chirp, phase

[parts.v]
part = "pulse_catcher"         # or pulse_source; its time is the file's
pulse = "p"

In expressions p is the pulse's amplitude u(t): a laser of `amplitude = "alpha*p"` sends a coherent
pulse of |alpha|² photons.
"""

import inspect
from collections.abc import Collection, Mapping
from typing import Any

from ..base.checks import fail, one_of
from ..parts.pulses import Pulse, pulse
from .expression import RESERVED, TIME
from .fields import placed
from .parts import as_table, value_of


def check_pulses(tables: Any, parameters: Collection[str]) -> None:
    """Refuse names and keys that are none, before there are any numbers.

    Args:
        tables: the section as read.
        parameters: names of the file's parameters.
    """
    keys = inspect.signature(pulse).parameters
    for name, table in as_table("pulses", tables).items():
        if not name.isidentifier() or name in (TIME, *RESERVED, *parameters):
            must = "have plain names (letters, digits, _) that mean nothing else"
            raise fail("pulses", must, name)
        where = f"pulses.{name}"
        for key in as_table(where, table):
            one_of(where, key, keys, "a table of")
        if "shape" not in table:
            raise fail(where, "give `shape` of a pulse", table)


def pulses_of(tables: Any, given: Mapping[str, Any]) -> dict[str, Pulse]:
    """The pulses by name, for some values of the parameters.

    Args:
        tables: the section as read.
        given: numbers by parameter; the time is none of them.
    """
    return {name: _pulse(f"pulses.{name}", table, given) for name, table in tables.items()}


def _pulse(where: str, table: Mapping[str, Any], given: Mapping[str, Any]) -> Pulse:
    read = {
        key: x if key == "shape" and isinstance(x, str) else value_of(f"{where}.{key}", x, given)
        for key, x in table.items()
    }
    with placed(where):
        return pulse(read.pop("shape"), **read)
