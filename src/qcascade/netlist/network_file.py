"""A network file as read: its parameters, axes and measures, and models for any values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, complex_number, fail, listed, mapping, one_of
from ..base.given_units import Axis, in_si, unit_given
from ..base.units import check_kind, has_dimension, known, of_any_kind
from ..classical.linearise import linearise
from ..hilbert.states import DensityState, PureState
from ..linear.langevin import gaussian
from ..linear.model import GaussianModel
from ..linear.quantum_noise import judge
from ..linear.state import GaussianState
from ..master_equation.from_network import lindblad
from ..master_equation.model import LindbladModel
from ..outputs import steady_of
from ..parts.pulses import Pulse
from ..slh.component import Component
from ..slh.network import Network
from .expression import TIME
from .in_time import Time
from .kinds import BARE, DURATION, NUMBER, RATE, ROOT_RATE, Term, kind_of, with_kind
from .matrices import Matrices
from .parts import as_list, as_table, couplings_of, group, occupation_of, parts_of, value_of
from .pulses import pulses_of
from .wish import Wish
from .working_point import Fields, WorkingPoint

_LOOKED_AT = 300  # points of an axis that an audit looks at

_TO = "names of the file's parameters to numbers"

State = GaussianState | DensityState | PureState


class Dynamics(NamedTuple):
    """What a file is about at some values of its parameters.

    Args:
        model: linear, or a master equation.
        net: the network that the model is of, seen from its working point; None for matrices.
        branches: how many working points there are, where they were counted.
    """

    model: GaussianModel | LindbladModel
    net: Network | Component | None = None
    branches: Any = None


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
        frequency: the axis of spectra, when the file has one.
        linearise: from which working point its networks are seen, when the file says it.
        time: over which times its network is computed, when it changes in time.
        design: what is to be large over which parameters, when the file says it.
        units: in which unit a parameter was given, where it has one.
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
    frequency: Axis | None = None
    linearise: WorkingPoint | None = None
    time: Time | None = None
    design: Wish | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def steady_state(self, values: Mapping[str, Any] | None = None) -> State:
        """The steady state: Gaussian, or of the master equation for qubits and given cutoffs."""
        return steady(self.dynamics(values).model)

    def dynamics(self, values: Mapping[str, Any] | None = None) -> Dynamics:
        """The model, of whichever kind the file is about, and the network that it is of."""
        if self.matrices is not None:
            return Dynamics(self.matrices.model(self.with_units(values)))
        net = self.network(values)
        if self.is_quantum(net):
            table = as_table("squeezed", self.tables.get("squeezed", {}))
            given = self.with_units(values)
            basis = {group(p): value_of(f"squeezed.{p}", s, given) for p, s in table.items()}
            return Dynamics(lindblad(net, self.cutoffs, squeezed=basis), net)
        seen, branches = self._linear(net, values)
        return Dynamics(_gaussian(seen), seen, branches)

    def is_quantum(self, net: Network) -> bool:
        """Whether the file is about a master equation: qubits, or cutoffs for oscillators.

        Raises:
            ArgumentError: when such a file asks to be linearised.
        """
        about = net.component.qubits or [str(name) for name in self.cutoffs]
        if about and self.linearise is not None:
            must = "stand in a file of oscillators without cutoffs, which have classical fields"
            raise fail("linearise", must, f"beside {listed(about)}")
        return bool(about)

    def given(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The parameters, some of them replaced: by text, quantities, or numbers in SI units."""
        parameters = dict(self.parameters)
        for name, value in ({} if values is None else mapping("parameters", values, _TO)).items():
            if self.time is None or name != TIME:
                one_of("parameters", name, self.parameters, "among the file's parameters")
            where = f"parameters.{name}"
            if has_dimension(value):
                check_kind(where, value, self.units.get(name))
                value = of_any_kind(where, value)
            complex_number(where, value)
            parameters[name] = known(value, parameters.get(name, value))
        return parameters

    def in_units(self, values: Mapping[str, Any]) -> "Netlist":
        """The same file, with the units of values that replace parameters which have none."""
        given = {name: unit_given(name, x) for name, x in values.items() if name not in self.units}
        more = {name: unit for name, unit in given.items() if unit is not None}
        return replace(self, units={**self.units, **more}) if more else self

    def with_units(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The same for arithmetic: what has a unit is a pint quantity, and keeps its kind."""
        parameters = self.given(values)  # which refuses what is no mapping
        units = self.in_units({} if values is None else values).units
        kinds = {name: kind_of(unit) for name, unit in units.items()}
        if self.time is not None and {RATE, DURATION} & {*kinds.values()}:
            kinds[TIME] = DURATION
        return {name: with_kind(Term(x, kinds.get(name, BARE))) for name, x in parameters.items()}

    def model(self, values: Mapping[str, Any] | None = None) -> GaussianModel:
        """The linear model: of the matrices, or else of the network, linearised if it says so."""
        if self.matrices is not None:
            return self.matrices.model(self.with_units(values))
        net = self.network(values)
        self.is_quantum(net)
        return _gaussian(self._linear(net, values)[0])

    def fields(self, values: Mapping[str, Any] | None = None) -> Fields:
        """The mean fields of the working point that the file asks for.

        Raises:
            ArgumentError: when it asks for none, or for a branch that is not there.
        """
        if self.linearise is None:
            raise ArgumentError("Argument `linearise` must be a section of the file.")
        follow = self.linearise.follow
        axis = None if follow is None else self._on_axis(follow, self.axes[follow][0])
        if self.linearise.guess is not None:
            return self.linearise.fields(self.network, self.with_units(values), None)
        return self.linearise.fields(self.network, self.given(values), axis)

    def _linear(self, net: Network, values: Any) -> tuple[Network | Component, Any]:
        """The network, seen from its working point if the file says it, and how many there are."""
        if self.linearise is None:
            return net, None
        alpha, branches = self.fields(values)
        return linearise(net, alpha), branches

    def _on_axis(self, name: str, values: Any) -> Any:
        """Values on an axis as its parameter takes them."""
        return in_si(values, self.scales[name]) if name in self.scales else values

    def swept(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Values of axes, in the axes' units, as the parameters take them."""
        return {name: self._on_axis(name, x) for name, x in columns.items()}

    def grid(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The axes that `values` leave open, to be broadcast; some hundred points of each."""
        axes = {name: x for name, (x, _) in self.axes.items() if name not in values}
        chosen = [x[:: -(-len(x) // _LOOKED_AT)] for x in axes.values()]
        together = np.meshgrid(*chosen, indexing="ij", sparse=True)
        return self.swept(dict(zip(axes, together, strict=True)))

    def physical(self, values: Mapping[str, Any] | None = None) -> Any:
        """Whether some quantum noise produces the matrices, momentum damping completed."""
        model = self.model(values)
        A, D = np.broadcast_arrays(model.A, model.D)
        return judge(A, D, errors=self.errors(values)).complete

    def errors(self, values: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
        """How far the entries of typed matrices may be off by their digits."""
        errors = None if self.matrices is None else self.matrices.errors(self.with_units(values))
        return errors or (0.0, 0.0)

    def pulses(self, values: Mapping[str, Any] | None = None) -> dict[str, Pulse]:
        """The file's pulses by name."""
        timeless = {name: x for name, x in self.with_units(values).items() if name != TIME}
        return pulses_of(self.tables.get("pulses", {}), timeless)

    def network(self, values: Mapping[str, Any] | None = None) -> Network:
        """The network at the default parameters, or with some of them replaced."""
        if not self.tables.get("parts"):
            raise ArgumentError("Argument `file` must hold `parts`, but it holds `matrices`.")
        given = self.with_units(values)
        if self.time is not None and TIME not in given:
            must = "be left out for this: its network changes in time, and has no steady state"
            raise fail("time", must, self.tables["time"], "`qcascade run` computes it over time")
        pulses = self.pulses(values)
        for name, p in pulses.items():
            kind = ROOT_RATE if has_dimension(p.width) else NUMBER
            given[name] = with_kind(Term(p.amplitude(given[TIME]), kind))
        return Network(
            parts_of("parts", self.tables.get("parts", {}), given, pulses),
            [tuple(w) if isinstance(w, list) else w for w in as_list("wires", self.tables)],
            couplings_of(self.tables.get("couplings", {}), given),
            {
                port: occupation_of(f"occupations.{port}", n, given)
                for port, n in as_table("occupations", self.tables.get("occupations", {})).items()
            },
        )


def steady(model: GaussianModel | LindbladModel) -> State:
    """The steady state of either kind of model; nobody watches a file's points one by one."""
    return steady_of(model, progress=False)


def _gaussian(net: Network | Component) -> GaussianModel:
    """The linear model, or the refusal with what a file can do about it."""
    try:
        return gaussian(net)
    except ArgumentError as error:
        if not isinstance(net, Network) or net.component.H.degree <= 2:
            raise
        more = 'In a file, a section [linearise] with branch = 0, or follow = "axis", does that.'
        raise ArgumentError(f"{error} {more}") from None
