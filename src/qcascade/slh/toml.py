"""Networks as TOML that `netlist.from_toml` reads back to the same numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import fail, is_quantity
from ..base.keywords import spoken
from ..base.units import Si, SiArray
from .component import Component
from .ladder import Ladder
from .network import Network
from .registry import RATES

CUSTOM = "custom"
"""What a file calls a part that is given by S, L and H."""


_UNITS = {"amplitude": "s^-0.5", "delay": "s", "length": "m"}
"""Units of what is no rate but goes with rates."""


@spoken
def to_toml(net: Network) -> str:
    """A network as TOML that `from_toml` reads back to the same numbers.

    Parts from the catalogue are written by name and arguments; others by S, L and H.

    Args:
        net: the network.

    >>> from qcascade import Network, cavity
    >>> print(to_toml(Network({"m": cavity(decay=1.0)})))
    [parts.m]
    part = "cavity"
    decay = 1.0
    """
    import tomli_w

    if not isinstance(net, Network):
        raise fail("net", "be a Network", net)
    tables: dict[str, Any] = {}
    if net.wires:
        tables["wires"] = [list(wire) for wire in net.wires]
    for section, parts in (("parts", net.parts), ("couplings", net.couplings)):
        if parts:
            tables[section] = {name: _written(part) for name, part in parts.items()}
    if net.occupations:
        tables["occupations"] = {port: _plain(n) for port, n in net.occupations.items()}
    return tomli_w.dumps(tables)


def _written(part: Component) -> dict[str, Any]:
    if part.recipe is None or not all(map(_has_words, part.recipe.arguments.values())):
        return _written_custom(part)
    kind, given = part.recipe.part, part.recipe.arguments
    units = {name: _UNITS.get(name, "rad/s") for name in RATES[kind]}
    arguments = {name: _plain(x, units.get(name, "")) for name, x in given.items() if x is not None}
    return {"part": kind, **arguments}


def _has_words(value: Any) -> bool:
    """Whether TOML has words for an argument: records such as pulses have none."""
    plain = isinstance(value, str | bool | int | float | complex | Mapping | list | tuple)
    return value is None or plain or hasattr(value, "dtype") or is_quantity(value)


def _plain(value: Any, unit: str = "") -> Any:
    """Numbers and arrays as TOML has them; complex numbers and quantities as text.

    Args:
        value: a number, array, or text, or a collection of some.
        unit: of rates; written after those that are no bare numbers.
    """
    if isinstance(value, Mapping):
        return {str(key): _plain(x, unit) for key, x in value.items() if x is not None}
    if is_quantity(value):
        unit = f"{value.units:~}"
        if unit.startswith("1"):  # "1 / s", which would be two numbers behind a number
            unit = " * ".join(f"{name}^{power:g}" for name, power in value.unit_items())
        return _with_unit(value.magnitude, unit)
    if unit and isinstance(value, Si | SiArray):
        return _with_unit(value, unit)
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(x, unit) for x in value]
    if np.ndim(value):
        return {"batch": _plain(np.asarray(value).tolist())}
    if isinstance(value, np.integer):
        return int(value)
    number = complex(value)
    return number.real if number.imag == 0 else str(number).strip("()")


def _with_unit(magnitude: Any, unit: str) -> Any:
    if np.ndim(magnitude):
        return {"batch": [_with_unit(x, unit) for x in np.asarray(magnitude).tolist()]}
    plain = magnitude.item() if isinstance(magnitude, np.generic) else magnitude
    return f"{plain!r} {unit}".strip()


def _written_custom(part: Component) -> dict[str, Any]:
    return {
        "part": CUSTOM,
        "modes": list(part.modes),
        "inputs": list(part.inputs),
        "outputs": list(part.outputs),
        "S": _plain(part.S),
        "L": [_words(x) for x in part.L],
        "H": _words(part.H),
        "occupations": _plain(part.occupations),
        "qubits": list(part.qubits),
        "squeezings": {f"{a} {b}": _plain(xi) for (a, b), xi in part.squeezings.items()},
        **({"delays": _plain(part.delays)} if part.delays else {}),
    }


def _words(ladder: Ladder) -> dict[str, Any]:
    """Coefficients by word, spelled "a† a"; the empty word is "1"."""
    return {
        " ".join(mode + "†" * dagger for mode, dagger in word) or "1": _plain(c)
        for word, c in ladder.terms.items()
    }
