"""A network: parts, wires between their ports, couplings between their modes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail, is_quantity, listed, mapping, nearest, plain_name
from .component import Component, assembled, outside, relabelled
from .rates import joined
from .registry import CATALOGUE
from .triple import bath_occupations
from .wiring import Wire, side_by_side, wired


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
        settle(self, "parts", _named_parts("parts", self.parts))
        settle(self, "couplings", _named_parts("couplings", _with_names(self.couplings)))
        both = set(self.parts) & set(self.couplings)
        if both:
            raise fail("couplings", "have other names than the parts", min(both))
        unwired = side_by_side({**self.parts, **self.couplings})
        if isinstance(self.wires, str | Mapping) or not isinstance(self.wires, Iterable):
            raise fail("wires", "be a list of pairs (output, input)", self.wires)
        mapping("occupations", self.occupations, "inputs to numbers")
        settle(self, "wires", _checked_wires(self.wires, unwired, self.parts))
        _check_modes(unwired, self.parts)
        rates = joined(_rates("parts", self.parts) + _rates("couplings", self.couplings))
        settle(self, "occupations", dict(self.occupations))
        _check_occupations(self.occupations, self.wires, unwired)
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
                *_section("parts", [(n, _describe(p)) for n, p in self.parts.items()]),
                *_section("couplings", [(n, _describe(p)) for n, p in self.couplings.items()]),
                *_section("wires", [(f"{source} → {target}",) for source, target in self.wires]),
                *_section("open inputs", [(n, _noise(self, n, x)) for n, x in open_inputs.items()]),
                *_section("open outputs", [(n,) for n in open_outputs]),
            ]
        )


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


def _named_parts(argument: str, parts: Any) -> dict[str, Component]:
    for name, part in mapping(argument, parts, "names to parts").items():
        if not isinstance(name, str) or len(name.split()) != 1 or set(name) & set("†."):
            raise fail(argument, "have names (text without spaces, dots or †) for keys", name)
        if not isinstance(part, Component):
            raise fail(f"{argument}[{name}]", "be a Component (or as_component of a network)", part)
    return dict(parts)


def _with_names(couplings: Any) -> Any:
    """Couplings given as a list are named by their kind and position: hopping1, hopping2, …"""
    if isinstance(couplings, Component):
        raise fail("couplings", "be a list, even of one: couplings=[hopping(…)]", couplings)
    if isinstance(couplings, str | bytes) or not isinstance(couplings, Sequence):
        return couplings
    seen: dict[str, int] = {}
    named = {}
    for k, coupling in enumerate(couplings):
        if not isinstance(coupling, Component):
            raise fail(f"couplings[{k}]", "be a Component", coupling)
        kind = coupling.recipe.part if coupling.recipe else "coupling"
        seen[kind] = seen.get(kind, 0) + 1
        named[f"{kind}{seen[kind]}"] = coupling
    return named


def _checked_wires(
    wires: Any, component: Component, parts: Mapping[str, Component]
) -> tuple[Wire, ...]:
    used: set[tuple[str, str]] = set()
    inputs, outputs = outside(component)
    known = {*outputs, *inputs}
    squeezed = {port for pair in component.squeezings for port in pair}
    checked = []
    for k, wire in enumerate(wires):
        is_pair = type(wire) is tuple or (isinstance(wire, Sequence) and not isinstance(wire, str))
        if not is_pair or len(wire) != 2:
            raise fail(f"wires[{k}]", "be a pair (output, input)", wire)
        for port, kind, names in (
            (wire[0], "output", outputs),
            (wire[1], "input", inputs),
        ):
            if not isinstance(port, str) or port not in known or port not in names:
                _check_port(f"wires[{k}]", port, kind, names, parts)
            if (kind, port) in used:
                raise fail(f"wires[{k}]", f"use an {kind} port that is still free", port)
            used.add((kind, port))
        if wire[1] in component.occupations:
            raise fail(f"wires[{k}]", "not end at an input that is a thermal bath", wire[1])
        if wire[1] in squeezed:
            raise fail(f"wires[{k}]", "not end at an input of squeezed light", wire[1])
        checked.append((wire[0], wire[1]))
    return tuple(checked)


def _check_port(
    argument: str, port: Any, kind: str, names: Sequence[str], parts: Mapping[str, Component]
) -> None:
    if not isinstance(port, str):
        raise fail(argument, f"name an {kind} port", port)
    if port in names:
        return
    # Names may hold dots ("part.inner.out"), so the part is what stands before the first one.
    part = str(port).split(".", 1)[0]
    own = [name.split(".", 1)[1] for name in names if name.split(".", 1)[0] == part]
    if own:
        known = f"{kind}s of {part}: {listed(own)}{nearest(str(port), names).rstrip('?')}"
    elif part in parts:
        known = f"{part} has no {kind} port{_portless(parts[part])}"
    else:
        known = f"{kind} ports: {listed(names)}{nearest(str(port), names).rstrip('?')}"
    raise fail(argument, f"name an {kind} port", port, known)


def _portless(part: Component) -> str:
    """What gives ports to a part that could have some."""
    takes = part.recipe and "decay" in signature(CATALOGUE[part.recipe.part]).parameters
    return ": give it a `decay`" if takes else ""


def _check_modes(component: Component, parts: Mapping[str, Component]) -> None:
    for mode in component.interior.modes:
        if mode not in component.modes:
            raise fail(
                "couplings", "act on modes of the parts", mode, _modes(component, parts, mode)
            )


def _modes(component: Component, parts: Mapping[str, Component], mode: str) -> str:
    """The modes there are, of the part that was named if one was."""
    if mode in parts:
        own = [f"{mode}.{x}" for x in parts[mode].modes]
        return f"that is a part, whose modes are: {listed(own)}"
    return f"modes: {listed(component.modes)}{nearest(mode, component.modes).rstrip('?')}"


def _check_occupations(occupations: Any, wires: Sequence[Wire], component: Component) -> None:
    if not occupations:
        return
    wired = {target for _, target in wires}
    free = [name for name in outside(component)[0] if name not in wired]
    for port in occupations:
        if port not in free:
            raise fail("occupations", "name open inputs", port, f"open inputs: {listed(free)}")
        if port in component.occupations:
            raise ArgumentError(
                f"Argument `occupations` must not repeat the occupation of {port}, "
                f"which its part already gives as {component.occupations[port]}."
            )


def _section(title: str, rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    width = max(len(row[0]) for row in rows)
    return [title, *(f"  {row[0]:<{width}}  {'  '.join(row[1:])}".rstrip() for row in rows)]


def _describe(part: Component) -> str:
    if part.recipe is None:
        return f"Component({len(part.modes)} modes, {len(part.inputs)} ports)"
    arguments = ", ".join(f"{name}={_brief(x)}" for name, x in part.recipe.arguments.items())
    return f"{part.recipe.part}({arguments})"


def _brief(value: Any) -> str:
    value = _spelled(value)
    if not isinstance(value, list | tuple) and np.ndim(value):
        return f"<array {np.shape(value)}>"
    return f"{value.item()!r}" if isinstance(value, np.generic | np.ndarray) else f"{value!r}"


def _spelled(value: Any) -> Any:
    """The value with text in place of quantities."""
    if is_quantity(value):
        return value.magnitude if np.ndim(value.magnitude) else f"{value:~P}"
    if isinstance(value, list | tuple):
        return type(value)(map(_spelled, value))
    if isinstance(value, Mapping):
        return {name: _spelled(x) for name, x in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _noise(net: Network, port: str, occupation: Any) -> str:
    known = not np.ndim(occupation)
    kind = "vacuum" if known and occupation == 0 else "thermal, occupation "
    noise = (
        kind if kind == "vacuum" else kind + (f"{occupation:g}" if known else _brief(occupation))
    )
    for pair, xi in net.component.squeezings.items():
        if port in pair:
            partner = pair[1 - pair.index(port)]
            other = "" if partner == port else f" with {partner}"
            noise += f", squeezed{other} (ξ = {_brief(xi)})"
    return noise
