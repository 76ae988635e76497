"""Networks to and from TOML. A file is data: nothing in it is ever executed.

wires = [["left.out", "link.in"], ["link.out", "right.in"]]

[parameters]
loss = 0.1

[parts.left]
part = "cavity"                # a name of the catalogue
decay = 1.0

[parts.link]
part = "fibre"
transmission = "1 - loss"      # arithmetic in the parameters

[couplings.edge]
part = "hopping"
first = "left.a"
second = "right.a"
rate = "0.5j"                  # complex numbers are written as text

[occupations]
"left.in" = 0.2

[axes.loss]                    # for `qcascade run`: one or two of them
from = 0.0
to = 0.9
points = 91

[measures.E_N]                 # for `qcascade run`
measure = "log_negativity"
a = "left"
b = "right"

Networks with qubits, or oscillators with cutoffs, are solved as master equations:

[cutoffs]
"source.a source.b" = 8        # most quanta together; or by oscillator, "source.a" = 8

[squeezed]
"source.a source.b" = "r / 4"  # the basis used for a squeezed pair, see `lindblad`
"""

import inspect
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import density_measures, measures
from .checks import ArgumentError, count, fail, listed, nearest, number, one_of
from .component import Component
from .density import DensityState, PureState
from .dynamics import steady_state
from .expression import RESERVED, evaluate
from .gaussian import GaussianModel, gaussian
from .ladder import Ladder, Word
from .lindblad import lindblad
from .network import Network
from .parts import CATALOGUE
from .states import GaussianState
from .toml_writer import CUSTOM

NETWORK = ("parts", "wires", "couplings", "occupations", "parameters")
SECTIONS = ("title", *NETWORK, "axes", "measures", "matrices", "cutoffs", "squeezed")
# A number, a space, and a unit, "88.54 MHz": left to the part, which knows what it must be.
_WITH_UNIT = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)? +[a-zA-Zµ][a-zA-Zµ/^0-9]*", re.IGNORECASE)

State = GaussianState | DensityState | PureState

MEASURES: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        measures.log_negativity,
        measures.margin,
        measures.steering,
        measures.mutual_information,
        measures.epr_variance,
        measures.occupation,
        measures.purity,
        measures.von_neumann_entropy,
        density_measures.concurrence,
        density_measures.entanglement_of_formation,
        density_measures.negativity,
    )
}
"""What a file may measure: one number per steady state."""


@dataclass(frozen=True)
class Netlist:
    """A network file: its parameters, axes and measures, and the network for any values.

    Args:
        text: the file as read.
        parameters: default value by parameter.
        axes: (values, unit) by swept parameter.
        measures: measure name and arguments by result name.
        tables: the sections `parts`, `couplings`, `wires`, `occupations`.
        title: what the file calls itself.
        matrices: the model of the section `matrices`, when the file holds one.
        cutoffs: most quanta by oscillator or group of them, for a master equation.
    """

    text: str
    parameters: Mapping[str, float]
    axes: Mapping[str, tuple[Any, str]]
    measures: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Any] = field(repr=False)
    title: str = ""
    matrices: GaussianModel | None = None
    cutoffs: Mapping[Any, int] = field(default_factory=dict)

    def steady_state(self, values: Mapping[str, Any] | None = None) -> State:
        """The steady state: Gaussian, or of the master equation for qubits and given cutoffs."""
        net = self.network(values)
        if not self.is_quantum(net):
            return steady_state(gaussian(net))
        given = {**self.parameters, **(values or {})}
        table = _table("squeezed", self.tables.get("squeezed", {}))
        basis = {_group(p): _value(f"squeezed.{p}", s, given) for p, s in table.items()}
        return steady_state(lindblad(net, self.cutoffs, basis), progress=False)

    def is_quantum(self, net: Network) -> bool:
        """Whether the file is about a master equation: qubits, or cutoffs for oscillators."""
        return bool(net.component.qubits or self.cutoffs)

    def network(self, values: Mapping[str, Any] | None = None) -> Network:
        """The network at the default parameters, or with some of them replaced."""
        if self.matrices is not None:
            raise ArgumentError("Argument `file` must hold `parts`, but it holds `matrices`.")
        given = dict(self.parameters)
        for name, value in (values or {}).items():
            one_of("parameters", name, given, "among the file's parameters")
            given[name] = value
        return Network(
            _parts("parts", self.tables.get("parts", {}), given),
            [tuple(w) if isinstance(w, list) else w for w in _list("wires", self.tables)],
            _couplings(self.tables.get("couplings", {}), given),
            {
                port: _value(f"occupations.{port}", n, given)
                for port, n in _table("occupations", self.tables.get("occupations", {})).items()
            },
        )


def load(text: str) -> Netlist:
    """Read a network file.

    Args:
        text: TOML as shown at the top of this module.

    Raises:
        ArgumentError: for anything that is not TOML, a missing or unknown section, a wrong
            type; the sentence names the place.

    >>> load('[parts.m]\\npart = "cavity"\\ndecay = 1.0').network().modes
    ('m.a',)
    """
    if not isinstance(text, str):
        raise fail("text", "be TOML text", text)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ArgumentError(f"The network file is not valid TOML: {error}.") from None
    except RecursionError:
        raise ArgumentError("The network file is nested too deeply.") from None
    for name in tables:
        if name not in SECTIONS:
            known = f"sections: {listed(SECTIONS)}{nearest(name, SECTIONS)}"
            raise fail("file", "have known sections only", name, known)
    if "matrices" in tables:
        return Netlist(text, {}, {}, {}, {}, str(tables.get("title", "")), _matrices(tables))
    if not tables.get("parts"):
        raise ArgumentError(
            f"Argument `parts` must be a section of the file, but is missing "
            f"(sections found: {listed(tables)})."
        )
    parameters = {
        name: _parameter(name, value)
        for name, value in _table("parameters", tables.get("parameters", {})).items()
    }
    axes = {
        name: _axis(name, axis, parameters)
        for name, axis in _table("axes", tables.get("axes", {})).items()
    }
    wanted = {
        name: _measure(f"measures.{_free(name, axes)}", table)
        for name, table in _table("measures", tables.get("measures", {})).items()
    }
    cutoffs = {
        _group(names): count(f"cutoffs.{names}", most)
        for names, most in _table("cutoffs", tables.get("cutoffs", {})).items()
    }
    title = str(tables.get("title", ""))
    return Netlist(text, parameters, axes, wanted, tables, title, None, cutoffs)


def _group(names: str) -> Any:
    """One name, or several with spaces between, as `lindblad` takes them."""
    words = tuple(names.split())
    return words if len(words) > 1 else names


def measure(state: State, table: Mapping[str, Any]) -> Any:
    """The number that a file's table under `measures` asks for.

    Args:
        state: the steady state.
        table: `measure`, its arguments, and `modes` to look at a part of the state only.

    >>> from qcascade import two_mode_squeezed
    >>> state = two_mode_squeezed(["a", "b"], 0.5)
    >>> measure(state, {"measure": "log_negativity", "a": "a", "b": "b"}).round(12)
    np.float64(1.0)
    """
    arguments = {key: x for key, x in table.items() if key not in ("measure", "modes")}
    modes = table.get("modes", state.modes)
    part = state.reduce(*([modes] if isinstance(modes, str) else modes))
    return MEASURES[table["measure"]](part, **arguments)


def _free(name: str, axes: Mapping[str, Any]) -> str:
    """A result's name: fit for a file, and no other's."""
    if not name.isidentifier() or name == "stable" or name in axes:
        must = "have plain names (letters, digits, _), not `stable` and not an axis"
        raise fail("measures", must, name)
    return name


def _measure(where: str, table: Any) -> dict[str, Any]:
    table = _table(where, table)
    kind = one_of(f"{where}.measure", table.get("measure", "missing"), MEASURES, "a measure")
    takes = inspect.signature(MEASURES[kind]).parameters
    for key in table:
        one_of(where, key, ("measure", "modes", *list(takes)[1:]), f"an argument of {kind}")
    for key in ("a", "b", *(["mode"] if kind == "occupation" else [])):
        if key in takes and key not in table:
            raise fail(where, f"give `{key}` of {kind}", table)
    return table


def _matrices(tables: Mapping[str, Any]) -> GaussianModel:
    table = _table("matrices", tables["matrices"])
    for key in table:
        one_of("matrices", key, ("modes", "A", "D", "drive"), "a table of")
    for key in ("A", "D"):
        if key not in table:
            raise fail("matrices", f"give `{key}`", listed(table))
    A = number("matrices.A", table["A"], "a square matrix of numbers")
    if A.ndim != 2:
        raise fail("matrices.A", "be a square matrix of numbers", table["A"])
    names = _list("modes", table) or [f"mode{k}" for k in range(1, len(A) // 2 + 1)]
    return GaussianModel(tuple(names), A, table["D"], table.get("drive"))


def from_toml(text: str, parameters: Mapping[str, Any] | None = None) -> Network:
    """The network that a TOML text describes.

    Args:
        text: TOML as shown at the top of this module.
        parameters: values that replace the file's own.

    Returns:
        The `Network`.

    Raises:
        ArgumentError: as `load`, or for whatever is wrong with the network.

    >>> from_toml('[parts.m]\\npart = "cavity"\\ndecay = 1.0').modes
    ('m.a',)
    """
    return load(text).network(parameters)


def _list(name: str, table: Mapping[str, Any]) -> list[Any]:
    value = table.get(name, [])
    if not isinstance(value, list):
        raise fail(name, "be a list", value)
    return value


def _table(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise fail(where, "be a table", value)
    return value


def _parameter(name: str, value: Any) -> float:
    if not name.isidentifier() or name in RESERVED:
        raise fail("parameters", "have plain names (letters, digits, _)", name)
    value = number(f"parameters.{name}", value)
    if value.ndim:
        raise fail(f"parameters.{name}", "be one number", value)
    return float(value)


def _axis(name: str, axis: Any, parameters: Mapping[str, float]) -> tuple[Any, str]:
    where = f"axes.{name}"
    one_of("axes", name, parameters, "among the file's parameters")
    axis = _table(where, axis)
    for key in axis:
        one_of(where, key, ("values", "from", "to", "points", "unit"), "a table of")
    unit = str(axis.get("unit", "1"))
    if "values" in axis:
        return number(f"{where}.values", axis["values"], "a list of numbers"), unit
    for key in ("from", "to", "points"):
        if key not in axis:
            raise fail(where, "have `values`, or `from`, `to` and `points`", axis)
    begin, end = (number(f"{where}.{key}", axis[key]) for key in ("from", "to"))
    return np.linspace(begin, end, count(f"{where}.points", axis["points"])), unit


def _couplings(couplings: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(couplings, list):
        return [_part(f"couplings[{k}]", table, given) for k, table in enumerate(couplings)]
    return _parts("couplings", couplings, given)


def _parts(section: str, parts: Any, given: Mapping[str, Any]) -> dict[str, Component]:
    return {
        name: _part(f"{section}.{name}", table, given)
        for name, table in _table(section, parts).items()
    }


def _part(where: str, table: Any, given: Mapping[str, Any]) -> Component:
    table = dict(_table(where, table))
    if "part" not in table:
        raise fail(f"{where}.part", f"name a part: {listed(CATALOGUE)}", "missing")
    kind = one_of(f"{where}.part", table.pop("part"), (*CATALOGUE, CUSTOM), "a part")
    if kind == CUSTOM:
        return _read_custom(where, table, given)
    signature = inspect.signature(CATALOGUE[kind]).parameters
    arguments = {}
    for name, value in table.items():
        one_of(where, name, signature, f"an argument of {kind}")
        named = signature[name].annotation is str  # a mode's name, not a number
        arguments[name] = value if named else _value(f"{where}.{name}", value, given)
    missing = [n for n, p in signature.items() if p.default is p.empty and n not in arguments]
    if missing:
        raise fail(where, f"give `{missing[0]}` of {kind}", table)
    try:
        return CATALOGUE[kind](**arguments)
    except ArgumentError as error:
        raise ArgumentError(f"In {where}: {error}") from None


def _value(where: str, value: Any, given: Mapping[str, Any]) -> Any:
    """Numbers as they are, text as arithmetic, lists and tables entry by entry.

    A list is one number per port or mode; `{ batch = […] }` is many networks at once.
    """
    if isinstance(value, str):
        return value if _WITH_UNIT.fullmatch(value.strip()) else evaluate(value, given, where)
    if isinstance(value, list):
        return [_value(f"{where}[{k}]", x, given) for k, x in enumerate(value)]
    if isinstance(value, dict) and list(value) == ["batch"]:
        return np.asarray(_value(f"{where}.batch", value["batch"], given))
    if isinstance(value, dict):
        return {key: _value(f"{where}.{key}", x, given) for key, x in value.items()}
    return value


def _read_custom(where: str, table: dict[str, Any], given: Mapping[str, Any]) -> Component:
    def read(words: Any) -> Ladder:
        values = _value(where, _table(where, words), given)
        return Ladder({_spelled(text): np.asarray(c)[()] for text, c in values.items()})

    for name in ("modes", "inputs", "outputs", "S", "L", "H"):
        if name not in table:
            raise fail(where, f"give `{name}` of a custom part", table)
    try:
        return Component(
            _value(f"{where}.S", table["S"], given),
            tuple(read(words) for words in _list("L", table)),
            read(table["H"]),
            tuple(_list("modes", table)),
            tuple(_list("inputs", table)),
            tuple(_list("outputs", table)),
            _value(f"{where}.occupations", table.get("occupations", {}), given),
            tuple(_list("qubits", table)),
            {
                _group(pair): _value(f"{where}.squeezings", xi, given)
                for pair, xi in _table(where, table.get("squeezings", {})).items()
            },
        )
    except ArgumentError as error:
        raise ArgumentError(f"In {where}: {error}") from None


def _spelled(text: str) -> Word:
    if text == "1":
        return ()
    return tuple((token.removesuffix("†"), token.endswith("†")) for token in text.split())
