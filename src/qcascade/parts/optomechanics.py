"""Light and motion: parts with radiation pressure.

Parameters are SI numbers (angular frequencies in rad/s), text with a unit, "88.54 MHz", or pint
quantities; `qc.physics` has the formulas that many of them come from.
"""

from typing import Any

from ..base.units import angular
from ..slh.component import Component
from ..slh.ladder import lower
from ..slh.registry import part
from .ports import bath, decay_rate, decays, root, through


@part("frequency", "decay")
def mechanical_mode(frequency: Any, decay: Any, *, occupation: Any = 0.0) -> Component:
    """A mechanical oscillator "b" in a thermal bath.

    H = ω_m b†b, L = √γ b with occupation n (`qc.physics.bose_einstein`): both quadratures are
    damped at γ/2, as a quantum channel demands.

    Args:
        frequency: ω_m, rad/s or text with a unit.
        decay: γ, energy decay rate, rad/s or text with a unit.
        occupation: thermal occupation of the bath.

    Raises:
        ArgumentError: for a negative decay rate or occupation.

    >>> mechanical_mode("10 MHz", "100 Hz", occupation=3.0).modes
    ('b',)
    """
    return _motion(frequency, decay, occupation, name="decay")


def _motion(
    frequency: Any, decay: Any, occupation: Any, name: str = "mechanical_decay"
) -> Component:
    """The oscillator "b" and its bath; an error calls the decay rate by its `name`."""
    b = lower("b")
    gamma = decay_rate(name, decay)
    H = angular("frequency", frequency) * b.dag * b
    n = bath("occupation", occupation)
    return through([("_motion", root(gamma) * b)], H, ["b"], {"in_motion": n})


@part("detuning", "decay", "coupling", "frequency", "mechanical_decay")
def optomechanical_cavity(
    detuning: Any,
    decay: Any = (),
    *,
    coupling: Any,
    frequency: Any,
    mechanical_decay: Any,
    occupation: Any = 0.0,
) -> Component:
    """A cavity "a" whose light pushes a mechanical oscillator "b".

    H = Δ a†a + ω_m b†b − g₀ a†a (b + b†), L = √κ a at every port, √γ b into the motion's bath
    (Law, PRA 51, 2537 (1995)). Not Gaussian: `linearise` it around a working point first.

    Args:
        detuning: Δ = ω_c − ω_laser, rad/s or text with a unit.
        decay: κ, energy decay rates and ports of the light, as for `cavity`.
        coupling: g₀, single-photon coupling, rad/s or text with a unit.
        frequency: ω_m, mechanical frequency, rad/s or text with a unit.
        mechanical_decay: γ, energy decay rate of the motion, rad/s or text with a unit.
        occupation: thermal occupation of the motion's bath.

    Raises:
        ArgumentError: for a negative rate or occupation.

    >>> motion = {"coupling": 0.01, "frequency": 1.0, "mechanical_decay": 1e-4}
    >>> optomechanical_cavity(1.0, decay=0.5, **motion).inputs
    ('in', 'in_motion')
    """
    a, motion = lower("a"), _motion(frequency, mechanical_decay, occupation)
    b = lower("b")
    H = angular("detuning", detuning) * a.dag * a + motion.H
    H = H - angular("coupling", coupling) * a.dag * a * (b + b.dag)
    light = [(suffix, root(kappa) * a) for suffix, kappa in decays(decay)]
    bath = [("_motion", motion.L[0])]
    return through([*light, *bath], H, ["a", "b"], motion.occupations)


@part("detuning", "decay", "shift", "coupling", "frequency", "mechanical_decay", "backscattering")
def spinning_resonator(
    detuning: Any,
    decay: Any = (),
    *,
    shift: Any,
    coupling: Any,
    frequency: Any,
    mechanical_decay: Any,
    backscattering: Any = 0.0,
    occupation: Any = 0.0,
) -> Component:
    """A spinning whispering-gallery resonator: two circling modes and one breathing motion.

    H = (Δ + Δ_F) a†a + (Δ − Δ_F) c†c + J(a†c + c†a) + ω_m b†b − g₀(a†a + c†c)(b + b†): "a"
    circles against the spin, "c" with it (`qc.physics.sagnac_shift`); both leak into the same
    places, each into its own direction (Jiao et al., PRL 125, 143605 (2020)).

    Args:
        detuning: Δ of the resonator at rest, rad/s or text with a unit.
        decay: κ, energy decay rates and ports, as for `cavity`; the ports of the second mode
            have "back" in their names (`in`, `in_back`; `in_fibre`, `in_back_fibre`).
        shift: Δ_F, rad/s or text with a unit.
        coupling: g₀, rad/s or text with a unit.
        frequency: ω_m, rad/s or text with a unit.
        mechanical_decay: γ, energy decay rate of the motion, rad/s or text with a unit.
        backscattering: J, rad/s or text with a unit.
        occupation: thermal occupation of the motion's bath.

    Raises:
        ArgumentError: for a negative rate or occupation.

    >>> motion = {"coupling": 0.01, "frequency": 1.0, "mechanical_decay": 1e-4}
    >>> spinning_resonator(1.0, decay=0.5, shift=0.2, **motion).inputs
    ('in', 'in_back', 'in_motion')
    """
    a, c, b = lower("a"), lower("c"), lower("b")
    motion = _motion(frequency, mechanical_decay, occupation)
    delta, split = angular("detuning", detuning), angular("shift", shift)
    J = angular("backscattering", backscattering)
    light = a.dag * a + c.dag * c
    H = (delta + split) * a.dag * a + (delta - split) * c.dag * c + motion.H
    H = H + J * (a.dag * c + c.dag * a)
    H = H - angular("coupling", coupling) * light * (b + b.dag)
    ports = [(suffix, root(kappa)) for suffix, kappa in decays(decay)]
    forth = [(suffix, k * a) for suffix, k in ports]
    back = [("_back" + suffix, k * c) for suffix, k in ports]
    bath = [("_motion", motion.L[0])]
    return through([*forth, *back, *bath], H, ["a", "c", "b"], motion.occupations)
