"""Nonreciprocal enhancement of remote entanglement between nonidentical mechanical oscillators.

Jiao, Li, Liu, Yang, Kuang & Jing (2022). Two spinning optomechanical resonators in a one-way
cascade: the laser drives the first, its output travels through a fibre to the second. Light
from the left meets the left resonator first, light from the right the right one; the Sagnac
shifts change sign with the side.

Read as the figures need it: energy decay Γ = κ_0 + κ_ex; Δ is the effective detuning (with the
radiation-pressure shift inside), so the light's mean field follows from Eq. (10) alone;
g₀ = (ω_c/R)√(ħ/mω_m) as printed, √2 above the physical value.

Two noises: `consistent` is what the wire between the resonators brings; `printed` is the
paper's diagonal D, which keeps the coherent field that travels from one resonator to the next
but replaces the vacuum noise travelling with it by another, independent one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

import qcascade as qc

from ...base.checks import fraction, namespace, number, one_of
from ...base.units import angle, angular_frequency, power_share
from ...linear.model import with_diffusion
from .. import steady_or_nan

WAVELENGTH, INDEX, RADIUS, MASS = "780 nm", 1.48, "36 um", "15 ng"
INTRINSIC, COUPLED = "15 MHz", {"left": "27 MHz", "right": "30 MHz"}
DAMPING, POWER = "2.2 kHz", "20 mW"
LIGHT = qc.physics.optical_frequency(WAVELENGTH)
MOTION = 2 * np.pi * 88.54e6  # ω_m of the left oscillator, the unit of Δ
SIDES = ("left", "right")

PARAMETERS: dict[str, Any] = {
    "detuning": 1.0,
    "spin_left": 0.0,
    "spin_right": 0.0,
    "side": "left",
    "frequency_ratio": 1.0,
    "transmission": 1.0,
    "phase": 0.0,
    "temperature": 0.1,
    "noise": "consistent",
}
"""Defaults of `point`: the paper's, static resonators, and the noise that physics demands."""


def network(
    detuning: Mapping[str, Any],
    frequency: Mapping[str, Any],
    coupling: Mapping[str, Any],
    side: str = "left",
    transmission: Any = 1.0,
    phase: Any = 0.0,
    temperature: Any = 0.1,
) -> qc.Network:
    """The cascade as parts and wires: laser → first resonator → fibre → second.

    Args:
        detuning: ω_c − ω_d by resonator ("left", "right"), rad/s.
        frequency: mechanical frequency by resonator, rad/s.
        coupling: g₀ by resonator, rad/s.
        side: where the light comes from, "left" or "right".
        transmission: η of the fibre.
        phase: φ of the fibre, radians.
        temperature: of the mechanical baths, kelvin.

    >>> same = {"left": 1e8, "right": 1e8}
    >>> network(same, same, same).modes
    ('left.a', 'left.b', 'right.a', 'right.b')
    """
    resonators = {
        name: qc.optomechanical_cavity(
            detuning[name],
            coupling=coupling[name],
            frequency=frequency[name],
            mechanical_decay=DAMPING,
            decay=_decay(name),
            occupation=qc.physics.bose_einstein(frequency[name], temperature),
        )
        for name in SIDES
    }
    return _wired(resonators, side, transmission, phase)


def _decay(name: str) -> dict[str, str]:
    return {"fibre": COUPLED[name], "lost": INTRINSIC}


def _wired(
    resonators: Mapping[str, qc.Component], side: str, transmission: Any, phase: Any
) -> qc.Network:
    """Laser → first resonator → fibre → second, whatever the resonators hold."""
    first, second = SIDES if one_of("side", side, SIDES) == "left" else SIDES[::-1]
    laser = qc.coherent_drive(qc.physics.drive_amplitude(POWER, LIGHT))
    return qc.Network(
        {**resonators, "laser": laser, "fibre": qc.fibre(transmission, phase)},
        wires=[
            ("laser.out", f"{first}.in_fibre"),
            (f"{first}.out_fibre", "fibre.in"),
            ("fibre.out", f"{second}.in_fibre"),
        ],
    )


def model(
    detuning: Any = 1.0,
    spin_left: Any = 0.0,
    spin_right: Any = 0.0,
    side: str = "left",
    frequency_ratio: Any = 1.0,
    transmission: Any = 1.0,
    phase: Any = 0.0,
    temperature: Any = 0.1,
    noise: str = "consistent",
) -> tuple[qc.GaussianModel, dict[str, Any]]:
    """The linearised model and the mean fields α, β by mode.

    The effective detuning is given, so light alone has its field in closed form; motion
    follows, β = ig₀|α|²/(iω_m + γ/2), and with it the bare detuning Δ + 2g₀ Re β of the network
    whose working point this is.

    Args:
        detuning: effective Δ/ω_m of both resonators at rest.
        spin_left: Ω_l, rad/s.
        spin_right: Ω_r, rad/s.
        side: where the light comes from.
        frequency_ratio: χ = ω_m,r/ω_m,l.
        transmission: η of the fibre.
        phase: φ of the fibre, radians.
        temperature: kelvin.
        noise: "consistent" or "printed".

    >>> round(float(abs(model()[1]["left.a"]) ** 2 / 1e6), 4)
    40.7553
    """
    one_of("noise", noise, ("consistent", "printed"))
    frequency = {"left": MOTION, "right": MOTION * number("frequency_ratio", frequency_ratio)}
    spin = {"left": spin_left, "right": spin_right}
    sense = 1.0 if one_of("side", side, SIDES) == "left" else -1.0
    effective = {
        name: MOTION * number("detuning", detuning)
        + sense * qc.physics.sagnac_shift(spin[name], RADIUS, INDEX, LIGHT)
        for name in SIDES
    }
    g0 = {name: coupling(frequency[name]) for name in SIDES}
    fields = _light(effective, side, transmission, phase)
    bare = {}
    for name in SIDES:
        photons = abs(fields[f"{name}.a"]) ** 2
        beta = qc.physics.mechanical_displacement(photons, g0[name], frequency[name], DAMPING)
        fields[f"{name}.b"] = beta
        bare[name] = effective[name] + 2 * g0[name] * beta.real
    net = network(bare, frequency, g0, side, transmission, phase, temperature)
    here = qc.gaussian(qc.linearise(net, fields))
    return (without_travelling_noise(here) if noise == "printed" else here), fields


def coupling(frequency: Any) -> Any:
    """g₀ = (ω_c/R)√(ħ/mω_m) as printed, √2 above the physical value.

    Args:
        frequency: ω_m, rad/s.

    >>> round(float(coupling(MOTION)), 2)
    7541.13
    """
    return np.sqrt(2) * qc.physics.zero_point_coupling(LIGHT, RADIUS, MASS, frequency)


def _light(detuning: Mapping[str, Any], side: str, transmission: Any, phase: Any) -> dict[str, Any]:
    """α of both resonators with the motion held still, Eq. (10), along the path of the light.

    α = −√κ_ex b_in/(iΔ + Γ/2), b_out = b_in + √κ_ex α; a working point or not, `linearise`
    compares it with the network.
    """
    root = namespace(transmission).sqrt
    phase = angle("phase", phase)
    turn = namespace(phase).exp(1j * phase)
    passes = root(fraction("transmission", power_share("transmission", transmission))) * turn
    field, fields = qc.physics.drive_amplitude(POWER, LIGHT), {}
    for name in SIDES if side == "left" else SIDES[::-1]:
        rates = {port: angular_frequency("decay", x) for port, x in _decay(name).items()}
        pull = np.sqrt(rates["fibre"])
        alpha = -pull * field / (1j * detuning[name] + sum(rates.values()) / 2)
        fields[f"{name}.a"] = alpha
        field = passes * (field + pull * alpha)
    return fields


def without_travelling_noise(here: qc.GaussianModel) -> qc.GaussianModel:
    """The same drift with the printed D: every mode its own noise, nothing shared.

    Args:
        here: the consistent model.
    """
    own = np.kron(np.eye(len(here.modes)), np.ones((2, 2)))
    return with_diffusion(here, here.D * own)


def state(*arguments: Any, **named: Any) -> tuple[qc.GaussianState, dict[str, Any]]:
    """Steady state and mean fields; a single unstable point is NaN, as in a sweep.

    Args:
        *arguments: as for `model`.
        **named: as for `model`.
    """
    here, fields = model(*arguments, **named)
    return steady_or_nan(here), fields


def point(
    detuning: Any = 1.0,
    spin_left: Any = 0.0,
    spin_right: Any = 0.0,
    side: str = "left",
    frequency_ratio: Any = 1.0,
    transmission: Any = 1.0,
    phase: Any = 0.0,
    temperature: Any = 0.1,
    noise: str = "consistent",
) -> dict[str, Any]:
    """Entanglement between the two oscillators, and between each and its own light.

    Args:
        detuning: effective Δ/ω_m of both resonators at rest.
        spin_left: Ω_l, rad/s.
        spin_right: Ω_r, rad/s.
        side: where the light comes from, "left" or "right".
        frequency_ratio: χ = ω_m,r/ω_m,l.
        transmission: η of the fibre.
        phase: φ of the fibre, radians.
        temperature: kelvin.
        noise: "consistent" or "printed".

    Returns:
        stable; E_N between the oscillators (nats) and nu_minus, their smallest partially
        transposed symplectic eigenvalue; physical, whether the steady state obeys the
        uncertainty relation; photons_left, photons_right, mean photon numbers; E_N_local_left,
        E_N_local_right between light and motion of one resonator. NaN where unstable.

    >>> round(float(point(noise="printed")["E_N"]), 9)
    0.083793158
    """
    steady, fields = state(
        detuning,
        spin_left,
        spin_right,
        side,
        frequency_ratio,
        transmission,
        phase,
        temperature,
        noise,
    )
    return {
        "stable": steady.stable,
        "E_N": qc.log_negativity(steady, "left.b", "right.b"),
        "nu_minus": 0.5 * np.exp(-qc.measures.margin(steady, "left.b", "right.b")),
        "physical": steady.is_physical(),
        "photons_left": abs(fields["left.a"]) ** 2,
        "photons_right": abs(fields["right.a"]) ** 2,
        "E_N_local_left": qc.log_negativity(steady, "left.a", "left.b"),
        "E_N_local_right": qc.log_negativity(steady, "right.a", "right.b"),
    }
