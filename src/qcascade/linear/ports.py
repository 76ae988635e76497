"""The open outputs of a linear model, by name."""

from collections.abc import Sequence
from typing import Any

from ..base.checks import ArgumentError, fail, listed, nearest
from ..slh.wiring import Wire
from .model import GaussianModel


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
    if isinstance(port, str) and port in outputs:
        return outputs.index(port)
    must = f"be an open output: {listed(outputs)}"
    for source, target in wires:
        if isinstance(port, str) and port == source:
            raise fail(name, must, port, f"a wire leads from it to {target}")
    raise fail(name, must, port, nearest(port, outputs).lstrip("; "))
