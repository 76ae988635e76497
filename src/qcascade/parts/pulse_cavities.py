"""Cavities that let a pulse of any quantum state out, and that take one in, as parts of networks.

What is in the cavity leaves in the mode u(t), whatever its state, when L = g(t) a with
g = u/√(1 − ∫^t|u|²); and whatever the field holds in the mode v(t) is in the cavity afterwards
when g = −v/√(∫^t|v|²) (A. H. Kiilerich and K. Mølmer, Phys. Rev. Lett. 123, 123604 (2019); Phys.
Rev. A 102, 023717 (2020)).
"""

from typing import Any

from ..slh.component import Component
from ..slh.ladder import as_ladder, lower
from ..slh.registry import part
from .ports import through
from .pulses import Pulse, checked_pulse


@part()
def pulse_source(pulse: Pulse, t: Any) -> Component:
    """A cavity "a" whose light leaves in the mode u(t) of a pulse, in whatever state it is.

    L = g(t) a with g = u/√(∫_t^∞|u|²), so that b_out(t) = u(t) a(−∞) + …; H = 0.

    Args:
        pulse: u, from `qc.pulse`.
        t: time, an array (K,) in a function for `evolve`; it is what changes the coupling.

    Raises:
        ArgumentError: for what is no pulse, or a time that is not finite.

    >>> from qcascade.parts import pulse
    >>> pulse_source(pulse("exponential", width=0.25), 3.0).L[0].terms[(("a", False),)].real
    2.0
    """
    coupling = checked_pulse("pulse", pulse).release(t)
    return through([("", coupling * lower("a"))], as_ladder(0.0), ["a"])


@part()
def pulse_catcher(pulse: Pulse, t: Any) -> Component:
    """A cavity "a" that takes in what the field at its input holds in the mode v(t) of a pulse.

    L = g(t) a with g = −v/√(∫_{−∞}^t|v|²), so that a(∞) = ∫v* b_in dt; H = 0. What comes in other
    modes passes to its output.

    Args:
        pulse: v, from `qc.pulse`.
        t: time, an array (K,) in a function for `evolve`; it is what changes the coupling.

    Raises:
        ArgumentError: for what is no pulse, or a time that is not finite.

    >>> from qcascade.parts import pulse
    >>> pulse_catcher(pulse("rising", width=0.25), -3.0).L[0].terms[(("a", False),)].real
    -2.0
    """
    coupling = checked_pulse("pulse", pulse).capture(t)
    return through([("", coupling * lower("a"))], as_ladder(0.0), ["a"])
