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

from .. import steady_or_nan
from ..records import Choice, Parameter, Quantity, explored
from ..taken import defaults, takes

WAVELENGTH, INDEX, RADIUS, MASS = "780 nm", 1.48, "36 um", "15 ng"
INTRINSIC, COUPLED = "15 MHz", {"left": "27 MHz", "right": "30 MHz"}
DAMPING, POWER = "2.2 kHz", "20 mW"
LIGHT = qc.physics.optical_frequency(WAVELENGTH)
MOTION = 2 * np.pi * 88.54e6  # ω_m of the left oscillator, the unit of Δ
SIDES = ("left", "right")

TABLE = (
    Parameter("detuning", "Δ/ω_m", "effective detuning at rest", "1", 0.4, 1.5, 1, word="detuning"),
    Parameter("spin_left", "Ω_l", "angular velocity, left", "Mrad/s", -1, 1, 0, 1e6, word="spin"),
    Parameter("spin_right", "Ω_r", "angular velocity, right", "Mrad/s", -1, 1, 0, 1e6, word="spin"),
    Choice("side", "where the light comes from", SIDES, "left"),
    Parameter(
        *("frequency_ratio", "χ", "mechanical frequencies, right over left", "1", 0.95, 1.05, 1),
        word="frequency ratio",
    ),
    Parameter("transmission", "η", "power transmission of the fibre", "1", 0, 1, 1),
    Parameter("phase", "φ", "phase of the fibre", "π", 0, 2, 0, np.pi),
    Parameter("temperature", "T", "temperature of the mechanical baths", "mK", 1, 500, 100, 1e-3),
    Choice("noise", "noise between the resonators", ("consistent", "printed"), "consistent"),
)
USUAL = defaults(TABLE)


def network(
    detuning: Mapping[str, Any],
    frequency: Mapping[str, Any],
    side: str = "left",
    transmission: Any = USUAL["transmission"],
    phase: Any = USUAL["phase"],
    temperature: Any = USUAL["temperature"],
) -> qc.Network:
    """The cascade as parts and wires: laser → first resonator → fibre → second.

    Args:
        detuning: ω_c − ω_d by resonator ("left", "right"), rad/s.
        frequency: mechanical frequency by resonator, rad/s.
        side: where the light comes from, "left" or "right".
        transmission: η of the fibre.
        phase: φ of the fibre, radians.
        temperature: of the mechanical baths, kelvin.

    >>> same = {"left": 1e8, "right": 1e8}
    >>> network(same, same).modes
    ('left.a', 'left.b', 'right.a', 'right.b')
    """
    first, second = _path(side)
    resonators = {
        name: qc.optomechanical_cavity(
            detuning[name],
            coupling=coupling(frequency[name]),
            frequency=frequency[name],
            mechanical_decay=DAMPING,
            decay={"fibre": COUPLED[name], "lost": INTRINSIC},
            occupation=qc.physics.bose_einstein(frequency[name], temperature),
        )
        for name in SIDES
    }
    laser = qc.coherent_drive(qc.physics.drive_amplitude(POWER, LIGHT))
    return qc.Network(
        {**resonators, "laser": laser, "fibre": qc.fibre(transmission, phase)},
        wires=[
            ("laser.out", f"{first}.in_fibre"),
            (f"{first}.out_fibre", "fibre.in"),
            ("fibre.out", f"{second}.in_fibre"),
        ],
    )


def _path(side: str) -> tuple[str, ...]:
    """Both resonators as the light meets them."""
    return SIDES if side == "left" else SIDES[::-1]


@takes(TABLE)
def resting(at: Any) -> qc.Network:
    """The network of a point (its record) without spin, and without the shift of the motion."""
    detuning: dict[str, Any] = dict.fromkeys(SIDES, MOTION * at.detuning)
    return network(detuning, _frequencies(at), at.side, at.transmission, at.phase, at.temperature)


def _frequencies(at: Any) -> dict[str, Any]:
    return {"left": MOTION, "right": MOTION * at.frequency_ratio}


@takes(TABLE)
def model(at: Any) -> tuple[qc.GaussianModel, dict[str, Any]]:
    """The linearised model and the mean fields α, β by mode.

    The effective detuning is given, so light alone has its field in closed form; motion
    follows, β = ig₀|α|²/(iω_m + γ/2), and with it the bare detuning Δ + 2g₀ Re β of the network
    whose working point this is.

    >>> round(float(abs(model()[1]["left.a"]) ** 2 / 1e6), 4)
    40.7553
    """
    frequency, spin = _frequencies(at), {"left": at.spin_left, "right": at.spin_right}
    sense = 1.0 if at.side == "left" else -1.0
    shift = {x: qc.physics.sagnac_shift(spin[x], RADIUS, INDEX, LIGHT) for x in SIDES}
    effective = {name: MOTION * at.detuning + sense * shift[name] for name in SIDES}
    fields, bare = _light(effective, at), {}
    for name in SIDES:
        g0, photons = coupling(frequency[name]), abs(fields[f"{name}.a"]) ** 2
        beta = qc.physics.mechanical_displacement(photons, g0, frequency[name], DAMPING)
        fields[f"{name}.b"] = beta
        bare[name] = effective[name] + 2 * g0 * beta.real
    net = network(bare, frequency, at.side, at.transmission, at.phase, at.temperature)
    wired = qc.gaussian(qc.linearise(net, fields))
    if at.noise == "consistent":
        return wired, fields
    own = np.kron(np.eye(len(wired.modes)), np.ones((2, 2)))  # nothing shared between modes
    return qc.GaussianModel(wired.modes, wired.A, wired.D * own, wired.drive), fields


def coupling(frequency: Any) -> Any:
    """g₀ = (ω_c/R)√(ħ/mω_m) as printed, √2 above the physical value, of ω_m in rad/s.

    >>> round(float(coupling(MOTION)), 2)
    7541.13
    """
    return np.sqrt(2) * qc.physics.zero_point_coupling(LIGHT, RADIUS, MASS, frequency)


def _light(detuning: Mapping[str, Any], at: Any) -> dict[str, Any]:
    """α of both resonators with the motion held still, Eq. (10), along the path of the light.

    α = −√κ_ex b_in/(iΔ + Γ/2), b_out = b_in + √κ_ex α; a working point or not, `linearise`
    compares it with the network.
    """
    passes = qc.fibre(at.transmission, at.phase).S[..., 0, 0]
    field, fields = qc.physics.drive_amplitude(POWER, LIGHT), {}
    for name in _path(at.side):
        out, lost = qc.si(COUPLED[name], "rad/s"), qc.si(INTRINSIC, "rad/s")
        alpha = -np.sqrt(out) * field / (1j * detuning[name] + (out + lost) / 2)
        fields[f"{name}.a"] = alpha
        field = passes * (field + np.sqrt(out) * alpha)
    return fields


def state(*arguments: Any, **named: Any) -> tuple[qc.GaussianState, dict[str, Any]]:
    """Steady state and mean fields of `model`; a single unstable point is NaN, as in a sweep."""
    linear, fields = model(*arguments, **named)
    return steady_or_nan(linear), fields


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Entanglement between the two oscillators, and between each and its own light.

    Returns:
        stable; E_N between the oscillators (nats), margin = −ln 2ν₋, and nu_minus = ν₋, their
        smallest partially transposed symplectic eigenvalue; physical, whether the steady state
        obeys the uncertainty relation; photons_left, photons_right; E_N_local_left,
        E_N_local_right between light and motion of one resonator. NaN where unstable.

    >>> round(float(point(noise="printed")["E_N"]), 9)
    0.083793158
    """
    steady, fields = state(*at)
    margin = qc.measures.margin(steady, "left.b", "right.b")
    return {
        "stable": steady.stable,
        "E_N": qc.log_negativity(steady, "left.b", "right.b"),
        "margin": margin,
        "nu_minus": 0.5 * np.exp(-margin),
        "physical": steady.is_physical(),
        "photons_left": abs(fields["left.a"]) ** 2,
        "photons_right": abs(fields["right.a"]) ** 2,
        "E_N_local_left": qc.log_negativity(steady, "left.a", "left.b"),
        "E_N_local_right": qc.log_negativity(steady, "right.a", "right.b"),
    }


_LOCAL = "entanglement of light and motion of the {} resonator"

SYSTEM = explored(
    TABLE,
    point,
    (
        Quantity("E_N", "E_N", "entanglement of the two oscillators", "nat"),
        Quantity("margin", "−ln 2ν₋", "margin: entangled above zero", "nat"),
        Quantity("nu_minus", "ν₋", "entangled below ½: transposed symplectic eigenvalue"),
        Quantity("photons_left", "|α_l|²", "photons in the left resonator", "quanta"),
        Quantity("photons_right", "|α_r|²", "photons, right resonator", "quanta"),
        Quantity("E_N_local_left", "E_N,l", _LOCAL.format("left"), "nat"),
        Quantity("E_N_local_right", "E_N,r", _LOCAL.format("right"), "nat"),
    ),
    resting,
    lambda **arguments: model(**arguments)[0],
    note="Light meets the two resonators one after the other. The printed diffusion forgets the "
    "vacuum noise that travels with the signal; the consistent one has it.",
)
