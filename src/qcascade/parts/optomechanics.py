"""Light and motion: parts with radiation pressure.

Parameters are SI numbers (angular frequencies in rad/s), text with a unit, "88.54 MHz", or pint
quantities; `qc.physics` has the formulas that many of them come from.
"""

from typing import Any

import numpy as np

from ..base.checks import check_broadcast, fail, flag, is_traced
from ..base.units import angular
from ..slh.component import Component
from ..slh.ladder import Ladder, lower
from ..slh.registry import part
from .ports import bath, decay_rate, decays, root, through

HOTTEST = 1e9
"""Occupation up to which the jump of a motion damped in momentum tells γ to six digits."""


@part("frequency", "decay")
def mechanical_mode(
    frequency: Any, decay: Any, *, occupation: Any = 0.0, momentum_damped: bool = False
) -> Component:
    """A mechanical oscillator "b" in a thermal bath.

    H = ω_m b†b, L = √γ b with occupation n (`qc.physics.bose_einstein`): both quadratures are
    damped at γ/2. With `momentum_damped` friction acts on the momentum alone, as in Brownian
    motion (Giovannetti & Vitali, PRA 63, 023812 (2001)), with the least position noise that makes
    this a quantum channel:

    H = ω_m b†b + (γ/4)(qp + pq), L = √(γ(2n+1)) [q + i p/(2(2n+1))] in vacuum,
    q̇ = ω_m p, ṗ = −ω_m q − γ p, D = diag(γ/(4(2n+1)), γ(2n+1)).

    Args:
        frequency: ω_m, rad/s or text with a unit.
        decay: γ, energy decay rate, rad/s or text with a unit.
        occupation: thermal occupation n of the bath; at most 1e9 with `momentum_damped`, whose
            input `in_motion` is vacuum: the heat is in L.
        momentum_damped: whether the momentum alone is damped.

    Raises:
        ArgumentError: for a negative decay rate or occupation, or one too hot for the digits of L.

    >>> mechanical_mode("10 MHz", "100 Hz", occupation=3.0).modes
    ('b',)
    >>> from qcascade import gaussian
    >>> gaussian(mechanical_mode(1.0, 0.25, momentum_damped=True)).A
    array([[ 0.  ,  1.  ],
           [-1.  , -0.25]])
    """
    return _motion(frequency, decay, occupation, momentum_damped, name="decay")


def _motion(
    frequency: Any,
    decay: Any,
    occupation: Any,
    momentum_damped: bool,
    name: str = "mechanical_decay",
) -> Component:
    """The oscillator "b" and its bath; an error calls the decay rate by its `name`."""
    b = lower("b")
    gamma = decay_rate(name, decay)
    H = angular("frequency", frequency) * b.dag * b
    n = bath("occupation", occupation)
    if not flag("momentum_damped", momentum_damped):
        return through([("_motion", root(gamma) * b)], H, ["b"], {"in_motion": n})
    L, shear = _momentum_damping(name, gamma, 0.0 if n is None else n)
    # The bath's heat is in L: an occupation of this input would be a second one.
    return through([("_motion", L)], H + shear, ["b"], {"in_motion": 0.0})


def _momentum_damping(name: str, gamma: Any, n: Any) -> tuple[Ladder, Ladder]:
    """L = √(γ(2n+1)) [q + i p/(2(2n+1))] and (γ/4)(qp + pq), in words of b and b†.

    L = u b + v b† damps at u² − v² = γ, a small difference at high n: rounding changes it by a
    part ε(2n+1) of itself.
    """
    if not is_traced(n) and np.any(np.asarray(n) > HOTTEST):
        must = f"be {HOTTEST:.0e} or below with momentum_damped"
        raise fail("occupation", must, n, "beyond, rounding of L hides the damping")
    check_broadcast({name: np.shape(gamma), "occupation": np.shape(n)})
    b, twice = lower("b"), 2 * n + 1
    size, share = root(gamma * twice / 2), 0.5 / twice
    u, v = size * (1 + share), size * (1 - share)
    half = (0.25j * gamma) * b.dag * b.dag
    return u * b + v * b.dag, half + half.dag


@part("detuning", "decay", "coupling", "frequency", "mechanical_decay")
def optomechanical_cavity(
    detuning: Any,
    decay: Any = (),
    *,
    coupling: Any,
    frequency: Any,
    mechanical_decay: Any,
    occupation: Any = 0.0,
    momentum_damped: bool = False,
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
        momentum_damped: whether the motion is damped in momentum alone, as `mechanical_mode` says;
            its working point is then β = g₀|α|²/ω_m.

    Raises:
        ArgumentError: for a negative rate or occupation, or one too hot for `momentum_damped`.

    >>> motion = {"coupling": 0.01, "frequency": 1.0, "mechanical_decay": 1e-4}
    >>> optomechanical_cavity(1.0, decay=0.5, **motion).inputs
    ('in', 'in_motion')
    """
    a, motion = lower("a"), _motion(frequency, mechanical_decay, occupation, momentum_damped)
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
    momentum_damped: bool = False,
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
        momentum_damped: whether the motion is damped in momentum alone, as `mechanical_mode` says.

    Raises:
        ArgumentError: for a negative rate or occupation, or one too hot for `momentum_damped`.

    >>> motion = {"coupling": 0.01, "frequency": 1.0, "mechanical_decay": 1e-4}
    >>> spinning_resonator(1.0, decay=0.5, shift=0.2, **motion).inputs
    ('in', 'in_back', 'in_motion')
    """
    a, c, b = lower("a"), lower("c"), lower("b")
    motion = _motion(frequency, mechanical_decay, occupation, momentum_damped)
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


@part(
    "detuning",
    "decay",
    "coupling",
    "microwave_detuning",
    "microwave_decay",
    "microwave_coupling",
    "frequency",
    "mechanical_decay",
)
def microwave_converter(
    detuning: Any,
    decay: Any = (),
    *,
    coupling: Any,
    microwave_detuning: Any,
    microwave_decay: Any = (),
    microwave_coupling: Any,
    frequency: Any,
    mechanical_decay: Any,
    occupation: Any = 0.0,
    momentum_damped: bool = False,
) -> Component:
    """A converter of microwaves "c" to light "a" and back, by a motion "b" that both push.

    H = Δ a†a + Δ_c c†c + ω_m b†b − (g₀ a†a + g_c c†c)(b + b†), L = √κ a and √κ_c c at their ports,
    √γ b into the motion's bath (Barzanjeh, Abdi, Milburn, Tombesi & Vitali, PRL 109, 130503
    (2012)). Not Gaussian: `linearise` it first. Driven on both red sidebands, with
    cooperativities C = 4g²|α|²/κγ, it carries the share 4CC_c/(1 + C + C_c)².

    Args:
        detuning: Δ of the light from its laser, rad/s or text with a unit.
        decay: κ, energy decay rates and ports of the light, as for `cavity`.
        coupling: g₀ of the light, rad/s or text with a unit.
        microwave_detuning: Δ_c of the microwave from its drive, rad/s or text with a unit.
        microwave_decay: κ_c, energy decay rates; its ports have "microwave" in their names
            (`in_microwave`, `in_microwave1`, `in_microwave_line`).
        microwave_coupling: g_c, rad/s or text with a unit.
        frequency: ω_m, mechanical frequency, rad/s or text with a unit.
        mechanical_decay: γ, energy decay rate of the motion, rad/s or text with a unit.
        occupation: thermal occupation of the motion's bath; that of microwaves belongs to their
            ports, as `occupations` of a network.
        momentum_damped: whether the motion is damped in momentum alone, as `mechanical_mode` says.

    Raises:
        ArgumentError: for a negative rate or occupation, or one too hot for `momentum_damped`.

    >>> motion = {"frequency": 1.0, "mechanical_decay": 1e-4}
    >>> microwaves = {"microwave_detuning": 1.0, "microwave_decay": 0.1, "microwave_coupling": 1e-3}
    >>> microwave_converter(1.0, [0.1, 0.2], coupling=1e-3, **microwaves, **motion).inputs
    ('in1', 'in2', 'in_microwave', 'in_motion')
    """
    a, c, b = lower("a"), lower("c"), lower("b")
    motion = _motion(frequency, mechanical_decay, occupation, momentum_damped)
    H = angular("detuning", detuning) * a.dag * a + motion.H
    H = H + angular("microwave_detuning", microwave_detuning) * c.dag * c
    H = H - angular("coupling", coupling) * a.dag * a * (b + b.dag)
    H = H - angular("microwave_coupling", microwave_coupling) * c.dag * c * (b + b.dag)
    light = [(suffix, root(k) * a) for suffix, k in decays(decay)]
    microwaves = [
        ("_microwave" + suffix, root(k) * c)
        for suffix, k in decays(microwave_decay, "microwave_decay")
    ]
    ports = [*light, *microwaves, ("_motion", motion.L[0])]
    return through(ports, H, ["a", "c", "b"], motion.occupations)
