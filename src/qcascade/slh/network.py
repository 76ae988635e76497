"""A network: parts, wires between their ports, couplings between their modes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.checks import fail, listed, mapping, plain_name
from ..base.keywords import spoken, spoken_record
from .component import Component, assembled, outside, relabelled
from .concatenation import side_by_side
from .network_checks import check_modes, check_occupations, checked_wires, named_parts, with_names
from .network_text import described, noise_at, section
from .rates import joined
from .triple import bath_occupations
from .wiring import Wire, wired


@spoken_record("net")
@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Parts with named ports, joined by wires and couplings.

    Ports and modes are named "part.port" and "part.mode". A wire carries a field one way, from
    an output to an input; only a `fibre` with a delay takes time. Open inputs are vacuum unless
    an occupation is given.

    Args:
        parts: parts by name.
        wires: pairs (output, input).
        couplings: parts without modes of their own that act on modes of the others: hopping,
            common baths, … A sequence (named by kind and position) or a mapping by name.
        occupations: thermal occupation by open input.

    Raises:
        ArgumentError: for unknown names, a port used twice, an ill-posed loop of wires.

    >>> from qcascade import Network, cavity, fibre
    >>> net = Network(
    ...     {"left": cavity(decay=1.0), "link": fibre(0.9), "right": cavity(decay=1.0)},
    ...     wires=[("left.out", "link.in"), ("link.out", "right.in")],
    ... )
    >>> print(net)
    parts
      left   cavity(decay=1.0)
      link   fibre(transmission=0.9)
      right  cavity(decay=1.0)
    wires
      left.out → link.in
      link.out → right.in
    open inputs
      left.in       vacuum
      link.in_loss  vacuum
    open outputs
      link.out_loss
      right.out
    """

    parts: Mapping[str, Component]
    wires: Sequence[Wire] = ()
    couplings: Any = ()
    occupations: Mapping[str, Any] = field(default_factory=dict)
    component: Component = field(init=False, repr=False)

    def __post_init__(self) -> None:
        settle = object.__setattr__
        settle(self, "parts", named_parts("parts", self.parts))
        settle(self, "couplings", named_parts("couplings", with_names(self.couplings)))
        both = set(self.parts) & set(self.couplings)
        if both:
            raise fail("couplings", "have other names than the parts", min(both))
        unwired = side_by_side({**self.parts, **self.couplings})
        if isinstance(self.wires, str | Mapping) or not isinstance(self.wires, Iterable):
            raise fail("wires", "be a list of pairs (output, input)", self.wires)
        mapping("occupations", self.occupations, "inputs to numbers")
        settle(self, "wires", checked_wires(self.wires, unwired, self.parts))
        check_modes(unwired, self.parts)
        rates = joined(_rates("parts", self.parts) + _rates("couplings", self.couplings))
        settle(self, "occupations", dict(self.occupations))
        check_occupations(self.occupations, self.wires, unwired)
        component = wired(unwired, self.wires)
        if self.occupations:
            given = {**unwired.occupations, **self.occupations}
            given = bath_occupations(given, component.inputs)
            component = relabelled(component, occupations=given)
        settle(component, "rates", rates)
        settle(self, "component", component)

    @property
    def modes(self) -> tuple[str, ...]:
        """Names of all modes, in the order of the parts."""
        return self.component.modes

    def __call__(self, t: Any) -> "Network":
        """The network at some time, or at an array of times: tones of its drives become numbers.

        A network without tones is the same at all times.

        Args:
            t: times, of any shape.

        >>> from qcascade import cavity, coherent_drive
        >>> laser = coherent_drive(1.0, tones={2.0: 0.5})            # 1 + ½e^{−2it}
        >>> net = Network({"laser": laser, "c": cavity(decay=1.0)}, [("laser.out", "c.in")])
        >>> complex(net(np.pi / 2).parts["laser"].L[0].terms[()]).real
        0.5
        """
        if not self.component.tones:
            return self
        moved = object.__new__(Network)
        both = {
            name: {k: part(t) for k, part in getattr(self, name).items()}
            for name in ("parts", "couplings")
        }
        moved.__dict__.update(self.__dict__, **both, component=self.component(t))
        return moved

    def __repr__(self) -> str:
        return f"Network({listed(self.parts)}; {len(self.wires)} wires)"

    def __str__(self) -> str:
        open_inputs, open_outputs = open_ports(self)
        return "\n".join(
            [
                *section("parts", [(n, described(p)) for n, p in self.parts.items()]),
                *section("couplings", [(n, described(p)) for n, p in self.couplings.items()]),
                *section("wires", [(f"{source} → {target}",) for source, target in self.wires]),
                *section(
                    "open inputs",
                    [(n, noise_at(self.component, n, x)) for n, x in open_inputs.items()],
                ),
                *section("open outputs", [(n,) for n in open_outputs]),
            ]
        )


@spoken
def open_ports(net: Network) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The inputs and outputs that no wire reaches.

    Args:
        net: the network.

    Returns:
        Occupations by open input (0 is vacuum), and the names of the open outputs.

    >>> from qcascade import Network, cavity
    >>> open_ports(Network({"a": cavity(decay=1.0)}, occupations={"a.in": 2.0}))
    ({'a.in': 2.0}, ('a.out',))
    """
    component = _checked(net).component
    inputs, outputs = outside(component)
    given = {name: component.occupations.get(name, 0.0) for name in inputs}
    # Plain numbers are shown as such; arrays (and what JAX traces) stay what they are.
    plain = {name: n.item() if isinstance(n, np.generic) else n for name, n in given.items()}
    return plain, outputs


@spoken
def wiring_table(net: Network) -> list[tuple[str, str]]:
    """Every output with the input it feeds, and every input with what feeds it.

    Args:
        net: the network.

    Returns:
        Pairs (output, input); "open" stands where an output leaves, "vacuum", "thermal" or
        "squeezed" where noise enters.

    >>> from qcascade import Network, cavity
    >>> wiring_table(Network({"a": cavity(decay=1.0)}))
    [('a.out', 'open'), ('vacuum', 'a.in')]
    """
    inputs, outputs = open_ports(net)
    squeezed = {port for pair in net.component.squeezings for port in pair}
    noise = [
        ("squeezed" if x in squeezed else "thermal" if np.any(np.asarray(n) != 0) else "vacuum", x)
        for x, n in inputs.items()
    ]
    return [*net.wires, *((name, "open") for name in outputs), *noise]


@spoken
def as_component(net: Network, ports: Mapping[str, str] | None = None) -> Component:
    """A network as a part of a larger one.

    Args:
        net: the network.
        ports: new names for open ports, {new: old}; the others keep "part.port".

    Returns:
        A `Component` with the network's open ports and modes.

    Raises:
        ArgumentError: for an unknown port.

    >>> from qcascade import Network, cavity
    >>> inner = Network({"x": cavity(decay=1.0)})
    >>> as_component(inner, {"in": "x.in", "out": "x.out"}).inputs
    ('in',)
    """
    component = _checked(net).component
    ports = {} if ports is None else mapping("ports", ports, "new names to open ports")
    inputs, outputs = outside(component)
    known = {*inputs, *outputs}
    for new, old in ports.items():
        plain_name("ports", new)
        if not isinstance(old, str) or old not in known:
            raise fail(f"ports[{new}]", "name an open port", old, f"open: {listed(sorted(known))}")
    if len(set(ports.values())) < len(ports):
        raise fail("ports", "give every port one new name", dict(ports))
    for names in (component.inputs, component.outputs):
        unchanged = {name for name in names if name not in ports.values()}
        for new, old in ports.items():
            if old in names and new in unchanged:
                raise fail("ports", "give names that are still free", new)
    new_name = {old: new for new, old in ports.items()}

    def name(port: str) -> str:
        return new_name.get(port, port)

    renamed = assembled(
        component.interior,
        modes=component.modes,
        qubits=component.qubits,
        inputs=tuple(map(name, component.inputs)),
        outputs=tuple(map(name, component.outputs)),
        occupations={name(port): n for port, n in component.occupations.items()},
        squeezings={(name(a), name(b)): xi for (a, b), xi in component.squeezings.items()},
        delays=component.delays,
    )
    return relabelled(
        renamed, rates=component.rates, carriers=component.carriers, tones=component.tones
    )


def _rates(argument: str, parts: Mapping[str, Component]) -> list[tuple[str, Any]]:
    return [(f"{argument}[{name}].", part.rates) for name, part in parts.items()]


def _checked(net: Any) -> Network:
    if not isinstance(net, Network):
        raise fail("net", "be a Network", net)
    return net
