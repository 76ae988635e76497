"""What a network must be: names that exist, ports used once, baths where light enters."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

from ..base.checks import ArgumentError, fail, listed, mapping, nearest
from .component import Component, outside
from .registry import CATALOGUE
from .wiring import Wire


def named_parts(argument: str, parts: Any) -> dict[str, Component]:
    """Parts or couplings by name, in a dictionary of its own."""
    for name, part in mapping(argument, parts, "names to parts").items():
        if not isinstance(name, str) or len(name.split()) != 1 or set(name) & set("†."):
            raise fail(argument, "have names (text without spaces, dots or †) for keys", name)
        if not isinstance(part, Component):
            raise fail(f"{argument}[{name}]", "be a Component (or as_component of a network)", part)
    return dict(parts)


def with_names(couplings: Any) -> Any:
    """Couplings given as a list are named by their kind and position: hopping1, hopping2, …"""
    if isinstance(couplings, Component):
        raise fail("couplings", "be a list, even of one: couplings=[hopping(…)]", couplings)
    if isinstance(couplings, Mapping):
        return couplings
    if isinstance(couplings, str | bytes) or not isinstance(couplings, Sequence):
        must = "be a list of couplings, or a mapping from names to them"
        raise fail("couplings", must, couplings)
    seen: dict[str, int] = {}
    named = {}
    for k, coupling in enumerate(couplings):
        if not isinstance(coupling, Component):
            raise fail(f"couplings[{k}]", "be a Component", coupling)
        kind = coupling.recipe.part if coupling.recipe else "coupling"
        seen[kind] = seen.get(kind, 0) + 1
        named[f"{kind}{seen[kind]}"] = coupling
    return named


def checked_wires(
    wires: Any, component: Component, parts: Mapping[str, Component]
) -> tuple[Wire, ...]:
    """Wires from outputs to inputs that are there and free, as pairs."""
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


def check_modes(component: Component, parts: Mapping[str, Component]) -> None:
    """Couplings act on modes that parts have."""
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


def check_occupations(occupations: Any, wires: Sequence[Wire], component: Component) -> None:
    """Occupations are of open inputs, whose parts give none themselves."""
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
