"""The open outputs of a linear model, by name."""

from typing import Any

from ..base.checks import ArgumentError, fail, listed, nearest
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


def output_row(model: GaussianModel, name: str, port: Any) -> int:
    """Where the quadratures of an open output begin in r_out.

    Args:
        model: which has ports.
        name: of the argument.
        port: name of the output.

    Raises:
        ArgumentError: for any other port; of one that is wired, it says where the wire leads.
    """
    if isinstance(port, str) and port in model.outputs:
        return 2 * model.outputs.index(port)
    must = f"be an open output: {listed(model.outputs)}"
    for source, target in model.wires:
        if port == source:
            raise fail(name, must, port, f"a wire leads from it to {target}")
    raise fail(name, must, port, nearest(port, model.outputs).lstrip("; "))
