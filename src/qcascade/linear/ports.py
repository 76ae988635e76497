"""The open ports of a linear model, by name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..base.checks import ArgumentError, fail, listed, nearest
from ..slh.wiring import Wire
from .model import GaussianModel

Names = str | Iterable[str]
"""A port, or several."""


def check_ports(model: Any) -> None:
    """Refuse what is no linear model of a network.

    Args:
        model: anything.

    Raises:
        ArgumentError: for anything but a `GaussianModel` that has ports.
    """
    if not isinstance(model, GaussianModel):
        raise fail("model", "be a GaussianModel (from `gaussian(net)`)", model)
    if not model.outputs:
        raise ArgumentError("Argument `model` must come from a network to have ports.")


def output_row(model: Any, name: str, port: Any) -> int:
    """Where the quadratures of an open output begin in r_out.

    Args:
        model: which has ports.
        name: of the argument.
        port: name of the output.

    Raises:
        ArgumentError: for any other port; of one that is wired, it says where the wire leads.
    """
    return 2 * open_output(name, port, model.outputs, model.wires)


def open_output(name: str, port: Any, outputs: Sequence[str], wires: Sequence[Wire]) -> int:
    """Position of a port among the open outputs.

    Args:
        name: of the argument.
        port: name of the output.
        outputs: names of all open ones.
        wires: pairs (output, input).

    Raises:
        ArgumentError: for any other port; of one that is wired, it says where the wire leads.
    """
    return _position(name, port, outputs, "output", dict(wires))


def chosen_outputs(model: GaussianModel, outputs: Names | None) -> list[int]:
    """Positions of the outputs named, of all when None.

    Args:
        model: which has ports.
        outputs: names.

    Raises:
        ArgumentError: for any other port, the same one twice, or none.
    """
    return _chosen("outputs", outputs, model.outputs, dict(model.wires))


def chosen_inputs(model: GaussianModel, inputs: Names | None) -> list[int]:
    """Positions of the inputs named, of all when None.

    Args:
        model: which has ports.
        inputs: names.

    Raises:
        ArgumentError: for any other port, the same one twice, or none.
    """
    sources = {target: source for source, target in model.wires}
    return _chosen("inputs", inputs, model.inputs, sources)


def _chosen(name: str, given: Any, ports: Sequence[str], wired: Mapping[str, str]) -> list[int]:
    if given is None:
        return list(range(len(ports)))
    names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    positions = [_position(name, port, ports, name[:-1], wired) for port in names]
    if not positions or len(set(positions)) < len(positions):
        raise fail(name, "name one open port or more, each once", given)
    return positions


def _position(
    name: str, port: Any, ports: Sequence[str], kind: str, wired: Mapping[str, str]
) -> int:
    """Position of an open port; `wired` has the other ends of the wires of those that are not."""
    if isinstance(port, str) and port in ports:
        return ports.index(port)
    must = f"be an open {kind}: {listed(ports)}"
    if isinstance(port, str) and port in wired:
        leads = "from it to" if kind == "output" else "to it from"
        raise fail(name, must, port, f"a wire leads {leads} {wired[port]}")
    raise fail(name, must, port, nearest(port, ports).lstrip("; "))
