"""Links between parts: loss, phase, and the time that light takes."""

from typing import Any

import numpy as np

from ..base.checks import ArgumentError, check_broadcast, count, fail, namespace
from ..base.checks import rate as nonnegative
from ..base.units import angle, duration, known, power_share, quantity
from ..physics import LIGHT
from ..slh.component import Component, relabelled
from ..slh.network import Network, as_component
from ..slh.registry import part
from .optics import cavity
from .ports import matrix, passive, root

LINE = "delay"
"""What both ends of a fibre's delay line are called."""

MOST = 1000
"""Cells of a fibre; more are a slip of the pen."""


@part("delay", "length")
def fibre(
    transmission: Any = 1.0,
    phase: Any = 0.0,
    *,
    occupation: Any = None,
    delay: Any = 0.0,
    length: Any = None,
    group_index: Any = None,
    cells: int | None = None,
) -> Component:
    """A one-way link with loss, phase and delay. The loss is a port of its own.

    out(t) = √η e^{iφ} in(t − τ) − √(1−η) in_loss(t − τ), out_loss = √(1−η) e^{iφ} in + √η in_loss.
    The field factor of a delay is e^{iωτ}, ω from the carrier, whose own phase ω₀τ belongs into φ.

    Args:
        transmission: η, power transmission between 0 and 1; or a loss as text, "3 dB".
        phase: φ, radians or text with a unit, "90 deg".
        occupation: thermal occupation of the loss bath.
        delay: τ, in the inverse unit of the rates, or a time with a unit, "5 ns", where they have
            one. 0 is the fibre that takes no time.
        length: instead of τ: the length in metres, "20 m"; τ = n_g·length/c.
        group_index: n_g, which goes with a length: 1.468 in silica at 1550 nm.
        cells: None for the delay itself, with which `gaussian` is exact; n for a chain of n
            cavities "cell1.a" … that light passes one by one, κ = 4n/τ each, in its place: the
            phase 2n·arctan(ωτ/2n) is ωτ − (ωτ)³/12n² + …. They work wherever modes do, as in
            `lindblad`; double n to see the error.

    Raises:
        ArgumentError: for a transmission outside [0, 1], a negative occupation or delay, a length
            without a group index, a delay given twice.

    >>> fibre(transmission=0.5).inputs
    ('in', 'in_loss')
    >>> fibre(delay=2.0).delays["delay"].item()
    2.0
    """
    power = power_share("transmission", transmission)
    phi = angle("phase", phase)
    tau = _time(delay, length, group_index)
    shapes = {"transmission": np.shape(power), "phase": np.shape(phi), "delay": np.shape(tau)}
    check_broadcast(shapes)
    turn = namespace(phi).exp(1j * phi)
    if cells is not None:
        return _chain(power, turn, tau, count("cells", cells, high=MOST), occupation)
    if np.ndim(tau) == 0 and namespace(tau) is np and tau == 0:
        return _link(power, turn, occupation)
    return _delayed(power, turn, tau, occupation)


def _time(delay: Any, length: Any, group_index: Any) -> Any:
    """τ, given as such or by a length."""
    if length is None:
        if group_index is not None:
            raise fail("group_index", "go with a `length`", group_index)
        return nonnegative("delay", known(duration("delay", delay), delay))
    if group_index is None:
        raise fail("group_index", "be given with a length: 1 in vacuum, 1.468 in silica", None)
    if not (isinstance(delay, int | float) and delay == 0):
        raise fail("delay", "be left out where a `length` is given", delay)
    metric, index = nonnegative("length", quantity("length", length, "metre")), group_index
    return metric * nonnegative("group_index", index) / LIGHT


def _link(power: Any, turn: Any, occupation: Any) -> Component:
    t, r = root(power), root(1 - power)
    S = matrix([[t * turn, -r], [r * turn, t]])
    return passive(S, ["in", "in_loss"], ["out", "out_loss"], {"in_loss": occupation})


def _delayed(power: Any, turn: Any, tau: Any, occupation: Any) -> Component:
    """What the link sends on goes into a line, and what comes out of the line leaves."""
    t, r = root(power), root(1 - power)
    S = matrix([[0.0, 0.0, 1.0], [r * turn, t, 0.0], [t * turn, -r, 0.0]])
    inputs, outputs = ["in", "in_loss", LINE], ["out", "out_loss", LINE]
    passed = passive(S, inputs, outputs, {"in_loss": occupation})
    return relabelled(passed, delays={LINE: tau})


def _chain(power: Any, turn: Any, tau: Any, cells: int, occupation: Any) -> Component:
    """The link, then cavities that reflect all light: each delays by τ/n and turns by π."""
    if namespace(tau) is np and np.any(np.asarray(tau) == 0):
        raise ArgumentError("Argument `delay` must be above zero where `cells` stand for it.")
    names = [f"cell{k}" for k in range(1, cells + 1)]
    decay = 4 * cells / tau
    parts = {"link": _link(power, turn * (-1) ** cells, occupation)}
    parts |= {name: cavity(decay=decay) for name in names}
    row = ["link", *names]
    wires = [(f"{a}.out", f"{b}.in") for a, b in zip(row, names, strict=False)]
    ends = {"in": "link.in", "in_loss": "link.in_loss"}
    ends |= {"out": f"{names[-1]}.out", "out_loss": "link.out_loss"}
    return as_component(Network(parts, wires), ends)
