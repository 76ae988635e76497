"""Networks to and from TOML. A file is data: nothing in it is ever executed.

wires = [["left.out", "link.in"], ["link.out", "right.in"]]

[parameters]
loss = 0.1                     # or with a unit, "1 MHz"; it is then an SI number in arithmetic

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
from = 0.0                     # or with a unit, from = "1 MHz", which is then the axis's
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

A drift and a diffusion as a paper prints them stand in `matrices` instead of parts and wires, see
`matrix_file`.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np

from ..base.checks import (
    ArgumentError,
    complex_number,
    count,
    fail,
    listed,
    mapping,
    nearest,
    number,
    one_of,
    single,
)
from ..base.names import resolve
from ..base.units import Axis, Si, axis, has_dimension, in_si, known, of_any_kind
from ..dynamics import steady_state
from ..hilbert.states import DensityState, PureState
from ..linear.model import GaussianModel, gaussian
from ..linear.quantum_noise import judge
from ..linear.state import GaussianState
from ..master_equation.model import lindblad
from ..measures import communication, gaussian_discord, tripartite
from ..measures import density as density_measures
from ..measures import gaussian as measures
from ..slh.network import Network
from .expression import RESERVED
from .matrices import Matrices, matrices_of
from .parts import (
    as_list,
    as_table,
    as_text,
    couplings_of,
    group,
    occupation_of,
    parts_of,
    value_of,
)
from .reader import read_tables

NETWORK = ("parts", "wires", "couplings", "occupations", "parameters")
SECTIONS = ("title", *NETWORK, "axes", "measures", "matrices", "cutoffs", "squeezed")
MOST = 10_000_000
"""Points along an axis; more are a slip of the pen."""

_LOOKED_AT = 300  # points of an axis that an audit looks at

_TO = "names of the file's parameters to numbers"

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
        tripartite.residual_contangle,
        gaussian_discord.discord,
        communication.key_rate,
        communication.key_rate_heterodyne,
        communication.reverse_coherent_information,
        communication.teleportation_fidelity,
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
        matrices: the section `matrices`, when the file holds one.
        cutoffs: most quanta by oscillator or group of them, for a master equation.
        scales: what the unit of a swept parameter is in SI units, where its axis has one.
    """

    text: str
    parameters: Mapping[str, float]
    axes: Mapping[str, tuple[Any, str]]
    measures: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Any] = field(repr=False)
    title: str = ""
    matrices: Matrices | None = None
    cutoffs: Mapping[Any, int] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)

    def steady_state(self, values: Mapping[str, Any] | None = None) -> State:
        """The steady state: Gaussian, or of the master equation for qubits and given cutoffs."""
        if self.matrices is not None:
            return steady_state(self.model(values))
        net = self.network(values)
        if not self.is_quantum(net):
            return steady_state(gaussian(net))
        given = self.given(values)
        table = as_table("squeezed", self.tables.get("squeezed", {}))
        basis = {group(p): value_of(f"squeezed.{p}", s, given) for p, s in table.items()}
        return steady_state(lindblad(net, self.cutoffs, squeezed=basis), progress=False)

    def is_quantum(self, net: Network) -> bool:
        """Whether the file is about a master equation: qubits, or cutoffs for oscillators."""
        return bool(net.component.qubits or self.cutoffs)

    def given(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The parameters, some of them replaced: by text, quantities, or numbers in SI units."""
        found = dict(self.parameters)
        for name, value in ({} if values is None else mapping("parameters", values, _TO)).items():
            one_of("parameters", name, self.parameters, "among the file's parameters")
            where = f"parameters.{name}"
            value = of_any_kind(where, value) if has_dimension(value) else value
            complex_number(where, value)
            found[name] = known(value, found[name])
        return found

    def model(self, values: Mapping[str, Any] | None = None) -> GaussianModel:
        """The linear model: of the matrices, or else of the network."""
        if self.matrices is not None:
            return self.matrices.model(self.given(values))
        return gaussian(self.network(values))

    def grid(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The axes that `values` leave open, to be broadcast; some hundred points of each."""
        axes = {name: x for name, (x, _) in self.axes.items() if name not in values}
        chosen = [x[:: -(-len(x) // _LOOKED_AT)] for x in axes.values()]
        together = np.meshgrid(*chosen, indexing="ij", sparse=True)
        return {
            name: in_si(x, self.scales[name]) if name in self.scales else x
            for name, x in zip(axes, together, strict=True)
        }

    def physical(self, values: Mapping[str, Any] | None = None) -> Any:
        """Whether some quantum noise produces the matrices, momentum damping completed."""
        model = self.model(values)
        A, D = np.broadcast_arrays(model.A, model.D)
        return judge(A, D, errors=self.errors(values)).complete

    def errors(self, values: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
        """How far the entries of typed matrices may be off by their digits."""
        found = None if self.matrices is None else self.matrices.errors(self.given(values))
        return found or (0.0, 0.0)

    def network(self, values: Mapping[str, Any] | None = None) -> Network:
        """The network at the default parameters, or with some of them replaced."""
        if not self.tables.get("parts"):
            raise ArgumentError("Argument `file` must hold `parts`, but it holds `matrices`.")
        given = self.given(values)
        return Network(
            parts_of("parts", self.tables.get("parts", {}), given),
            [tuple(w) if isinstance(w, list) else w for w in as_list("wires", self.tables)],
            couplings_of(self.tables.get("couplings", {}), given),
            {
                port: occupation_of(f"occupations.{port}", n, given)
                for port, n in as_table("occupations", self.tables.get("occupations", {})).items()
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
    if isinstance(text, Path) or (isinstance(text, str) and _is_path(text)):
        must = "be TOML text, not the path of a file: Path(…).read_text() is what is in it"
        raise fail("text", must, str(text))
    if not isinstance(text, str):
        raise fail("text", "be TOML text", text)
    tables = read_tables(text)
    for name in tables:
        if name not in SECTIONS:
            known = f"sections: {listed(SECTIONS)}{nearest(name, SECTIONS)}"
            raise fail("file", "have known sections only", name, known)
    title = as_text("title", tables.get("title", ""))
    matrices = matrices_of(tables["matrices"]) if "matrices" in tables else None
    if matrices is None and not tables.get("parts"):
        raise ArgumentError(
            f"Argument `parts` must be a section of the file, but is missing "
            f"(sections found: {listed(tables)})."
        )
    parameters = {
        name: _parameter(name, value)
        for name, value in as_table("parameters", tables.get("parameters", {})).items()
    }
    swept = {
        name: _axis(name, axis, parameters)
        for name, axis in as_table("axes", tables.get("axes", {})).items()
    }
    axes = {name: (x.values, x.unit) for name, x in swept.items()}
    scales = {name: x.scale for name, x in swept.items() if x.scale != 1.0}
    wanted = {
        name: _measure(f"measures.{_free(name, axes)}", table)
        for name, table in as_table("measures", tables.get("measures", {})).items()
    }
    cutoffs = {
        group(names): count(f"cutoffs.{names}", most)
        for names, most in as_table("cutoffs", tables.get("cutoffs", {})).items()
    }
    if tables.get("squeezed") and not cutoffs:
        raise fail("squeezed", "stand beside `cutoffs`, for a master equation", tables["squeezed"])
    if matrices is not None:
        if cutoffs:
            must = "stand in a file with parts: the states of matrices are Gaussian"
            raise fail("cutoffs", must, tables["cutoffs"])
        matrices.model(parameters)  # what is wrong is told at once
    return Netlist(text, parameters, axes, wanted, tables, title, matrices, cutoffs, scales)


def _is_path(text: str) -> bool:
    return "\n" not in text and "=" not in text and text.strip().lower().endswith(".toml")


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
    part = state.reduce(*(state.modes[k] for k in resolve(state.modes, modes, "modes")))
    return MEASURES[table["measure"]](part, **arguments)


def check_measures(netlist: Netlist, quantum: bool) -> None:
    """Refuse measures of another kind of state than the file's.

    Args:
        netlist: the file.
        quantum: whether it is about a master equation.

    Raises:
        ArgumentError: naming the section, and the measures that would do.
    """
    kind = DensityState if quantum else GaussianState
    fitting = [name for name, f in MEASURES.items() if kind in _states_of(f)]
    words = "density matrices" if quantum else "Gaussian states"
    for name, table in netlist.measures.items():
        one_of(f"measures.{name}.measure", table["measure"], fitting, f"a measure of {words}")


def _states_of(function: Callable[..., Any]) -> tuple[type, ...]:
    """The kinds of states that a measure takes, as it says itself."""
    found = inspect.signature(function).parameters["state"].annotation
    return get_args(found) or (found,)


def _free(name: str, axes: Mapping[str, Any]) -> str:
    """A result's name: fit for a file, and no other's."""
    if not name.isidentifier() or name == "stable" or name in axes:
        must = "have plain names (letters, digits, _), not `stable` and not an axis"
        raise fail("measures", must, name)
    return name


def _measure(where: str, table: Any) -> dict[str, Any]:
    table = as_table(where, table)
    kind = one_of(f"{where}.measure", table.get("measure", "missing"), MEASURES, "a measure")
    takes = inspect.signature(MEASURES[kind]).parameters
    for key in table:
        one_of(where, key, ("measure", "modes", *list(takes)[1:]), f"an argument of {kind}")
    for key in ("a", "b", "c", *(["mode"] if kind == "occupation" else [])):
        if key in takes and key not in table:
            raise fail(where, f"give `{key}` of {kind}", table)
    return table


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


def _parameter(name: str, value: Any) -> float:
    if not name.isidentifier() or name in RESERVED:
        raise fail("parameters", "have plain names (letters, digits, _)", name)
    where = f"parameters.{name}"
    value = of_any_kind(where, value) if isinstance(value, str) else number(where, value)
    if np.ndim(value):
        raise fail(where, "be one number", value)
    return value if isinstance(value, Si) else float(value)


def _axis(name: str, table: Any, parameters: Mapping[str, float]) -> Axis:
    where = f"axes.{name}"
    one_of("axes", name, parameters, "among the file's parameters")
    table = as_table(where, table)
    for key in table:
        one_of(where, key, ("values", "from", "to", "points", "unit"), "a table of")
    unit = as_text(f"{where}.unit", table.get("unit", "1"))
    if "values" in table:
        if len(table) > 1 + ("unit" in table):
            raise fail(where, "have `values` alone, or `from`, `to` and `points`", table)
        return _listed(f"{where}.values", table["values"], unit, table)
    for key in ("from", "to", "points"):
        if key not in table:
            raise fail(where, "have `values`, or `from`, `to` and `points`", table)
    points = count(f"{where}.points", table["points"])
    if points > MOST:
        raise fail(f"{where}.points", f"be {MOST:,} or fewer", points)
    ends = _ends(where, table, unit)
    begin, end = map(float, ends.values)
    if points > 1 and begin == end:
        raise fail(f"{where}.to", "differ from `from`", end)
    return ends._replace(values=np.linspace(begin, end, points))


def _ends(where: str, table: Mapping[str, Any], unit: str) -> Axis:
    """The first and the last value of an axis."""
    if any(isinstance(table[key], str) for key in ("from", "to")):
        return _listed(where, [table["from"], table["to"]], unit, table)
    low, high = -np.inf, np.inf
    ends = [single(f"{where}.{key}", table[key], low, high, "a number") for key in ("from", "to")]
    return Axis(np.array(ends), unit, 1.0)


def _listed(where: str, values: Any, unit: str, table: Mapping[str, Any]) -> Axis:
    """Values of an axis; text carries its own unit, and numbers are what the parameter takes."""
    read = axis(where, values, unit if "unit" in table else None)
    array = number(where, values if read is None else read.values, "a list of numbers")
    if np.ndim(array) != 1 or not len(array):
        raise fail(where, "be a list of numbers", values)
    return Axis(array, unit, 1.0) if read is None else read._replace(values=array)
