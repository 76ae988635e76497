"""Phase-controlled robust quantum entanglement of remote mechanical oscillators.

Liu, Yang, Lu, Jiao & Jing, PRA 109, 023519 (2024). Two optomechanical cavities, a fibre in
either direction between them, a pump into each; the pumps differ in phase by Δθ = θ₁ − θ₂.

κ and γ_m are amplitude decay rates; Δ is the effective detuning (with the radiation-pressure
shift inside), so light's mean field follows from linear equations; g₀ = (ω_c/l)√(ħ/mω_m) as
printed, √2 above the physical value; ω_d ≈ ω_c in the strength of the drive.

The printed equations do not give the printed figures. Three readings:

* `printed`: Eqs. (8), (16) and (27) as they stand, link J = 2κ√η e^{iφ} both ways, numbers in
  SI units (the drive's √(2ηκ) ε has the dimension of ε times the root of a rate).
* `one-way`: Eq. (8) with the link from the second to the first cavity only, the fields of
  Eq. (16) with √η ε in the link, the noise of Eq. (27); nearest to the figures at l = 25 µm.
* `consistent`: parts and wires. A cavity of decay κ has one port for each fibre, κ_A + κ_B = κ,
  so the links are 2κ_A√η e^{iφ} and 2κ_B√η e^{iφ}, and noise travels along them.
"""

from typing import Any

import numpy as np

import qcascade as qc

from .. import steady_or_nan
from ..records import Choice, Parameter, Quantity, explored
from ..taken import defaults, fraction, in_pi, si, takes

WAVELENGTH, MASS = "780 nm", "20 ng"
LIGHT = qc.physics.optical_frequency(WAVELENGTH)
KAPPA, DAMPING = 2 * np.pi * 45e6, 2 * np.pi * 2.2e3  # κ and γ_m of amplitudes, rad/s
SIDES = ("left", "right")
READINGS = ("printed", "one-way", "consistent")

LENGTHS = {"printed": 0.1, "one-way": 25e-6, "consistent": 100e-6}
"""Cavity lengths of the figures, metre. At the paper's 100 mm, g₀ is 0.37 Hz and light hardly
moves anything; the other readings have the length at which they come nearest to the figures."""

TABLE = (
    Parameter("detuning", "Δ/ω_m", "effective detuning", "1", 0.5, 2, 1.4, word="detuning"),
    Parameter(
        *("phase_difference", "Δθ", "phase between the pumps", "π", -1, 1, 0.25),
        word="phase difference",
    ),
    Parameter("propagation_phase", "φ", "phase of either fibre", "π", 0, 2, 0.8),
    Parameter(
        *("power", "P", "power of either laser", "mW", 0.5, 30, 15, 1e-3),
        word="power",
        check=si("watt"),
    ),
    Parameter(
        *("mechanical_frequency", "ω_m/2π", "mechanical frequency", "MHz", 80, 110, 88.54, 1e6),
        word="mechanical frequency",
        check=si("hertz", positive=True),
    ),
    Parameter(
        *("temperature", "T", "of the mechanical baths", "mK", 1, 300, 100, 1e-3),
        word="temperature",
        check=si("kelvin"),
    ),
    Parameter(
        *("length", "l", "length of the cavities", "µm", 10, 1e5, LENGTHS["printed"] * 1e6, 1e-6),
        logarithmic=True,
        check=si("metre"),
    ),
    Parameter("transmission", "η", "power transmission of the fibres", "1", 0, 1, 1),
    Choice("reading", "reading of the equations", READINGS, "consistent"),
)
USUAL = defaults(TABLE)


def network(
    detuning: dict[str, Any],
    coupling: Any,
    frequency: Any,
    phases: dict[str, Any],
    propagation_phase: Any = USUAL["propagation_phase"],
    power: Any = USUAL["power"],
    temperature: Any = USUAL["temperature"],
    transmission: Any = USUAL["transmission"],
    split: Any = 0.5,
) -> qc.Network:
    """Both cavities, both fibres, both lasers: port A carries left → right, port B right → left.

    Args:
        detuning: ω_c − ω_d by cavity ("left", "right"), rad/s.
        coupling: g₀, rad/s.
        frequency: mechanical frequency, rad/s.
        phases: θ by cavity, units of π.
        propagation_phase: φ of either fibre, units of π.
        power: of either laser, watt.
        temperature: of the mechanical baths, kelvin.
        transmission: η of either fibre.
        split: κ_A/κ; the paper's symmetry demands one half.

    >>> both = {"left": 0.0, "right": 0.0}
    >>> network(both, 0.0, 1e9, both).modes
    ('left.a', 'left.b', 'right.a', 'right.b')
    """
    share = fraction("split", split)
    decay = {
        port: qc.conventions.from_amplitude_decay(KAPPA * x)
        for port, x in (("A", share), ("B", 1 - share))
    }
    motion = {
        "coupling": coupling,
        "frequency": frequency,
        "mechanical_decay": qc.conventions.from_amplitude_decay(DAMPING),
        "occupation": qc.physics.bose_einstein(frequency, temperature),
    }
    cavities = {x: qc.optomechanical_cavity(detuning[x], decay=decay, **motion) for x in SIDES}
    # −: the field enters as −√2κ b, the paper's ε with a plus
    pump = -qc.physics.drive_amplitude(power, LIGHT)
    turned = {name: np.exp(-1j * np.pi * phases[name]) for name in SIDES}
    lasers = {f"laser_{name}": qc.coherent_drive(pump * x) for name, x in turned.items()}
    turn = np.pi * in_pi("propagation_phase", propagation_phase)
    fibres = {name: qc.fibre(transmission, turn) for name in ("rightward", "leftward")}
    return qc.Network(
        {**cavities, **lasers, **fibres},
        wires=[
            ("laser_left.out", "left.in_A"),
            ("left.out_A", "rightward.in"),
            ("rightward.out", "right.in_A"),
            ("laser_right.out", "right.in_B"),
            ("right.out_B", "leftward.in"),
            ("leftward.out", "left.in_B"),
        ],
    )


def coupling(length: Any, frequency: Any) -> Any:
    """g₀ = (ω_c/l)√(ħ/mω_m) as printed, rad/s, of l in metre: √2 above the physical value.

    >>> round(float(coupling(0.1, 2 * np.pi * 88.54e6)) / (2 * np.pi), 3)
    0.374
    """
    return np.sqrt(2) * qc.physics.zero_point_coupling(LIGHT, length, MASS, frequency)


@takes(TABLE, also={"common_phase": 0.0})
def model(at: Any) -> tuple[qc.GaussianModel, dict[str, Any]]:
    """The linearised model, rad/s, and the mean fields α by mode.

    Args:
        common_phase: θ₂, units of π; nothing depends on it.

    Raises:
        ArgumentError: for an unknown reading, or a parameter out of its range.

    >>> here, fields = model(reading="printed", phase_difference=0.2)
    >>> round(float(qc.growth(here.A)) / (2 * np.pi * 88.54e6), 6)
    0.267649
    """
    at = at._replace(**dict(zip(at._fields[:-2], np.broadcast_arrays(*at[:-2]), strict=True)))
    motion = 2 * np.pi * at.mechanical_frequency
    phases = {"left": at.common_phase + at.phase_difference, "right": at.common_phase}
    fibre = (at.propagation_phase, at.power, at.temperature, at.transmission)
    place = (at.detuning * motion, coupling(at.length, motion), motion, phases, *fibre)
    if at.reading == "consistent":
        net, fields = working_network(*place)
        return qc.gaussian(qc.linearise(net, fields)), fields
    return _typed(at.reading, *place)


def working_network(
    delta: Any, g: Any, motion: Any, *place: Any
) -> tuple[qc.Network, dict[str, Any]]:
    """The network whose working point has a given effective detuning, and its fields.

    Light alone is a linear network and has its field in closed form; motion follows,
    β = ig₀|α|²/(iω_m + γ_m), and with it the bare detuning Δ + 2g₀ Re β.

    Args:
        delta: effective detuning of both cavities, rad/s; g: g₀; motion: ω_m.
        *place: the other arguments of `network`, from `phases` on.

    Raises:
        ArgumentError: where a mode of the light neither decays nor turns, so has no field.

    >>> net, fields = working_network(1e9, 0.0, 1e9, {"left": 0.25, "right": 0.0})
    >>> sorted(fields) == sorted(net.modes)
    True
    """
    still = qc.gaussian(network(dict.fromkeys(SIDES, delta), 0.0, motion, *place))
    try:
        mean = np.linalg.solve(still.A, -still.drive[..., None])[..., 0] / np.sqrt(2)
    except np.linalg.LinAlgError:
        raise qc.ArgumentError(
            "Argument `detuning` must not be 0 where `propagation_phase` is a whole number and "
            "`transmission` is 1: one mode of the light then neither decays nor turns."
        ) from None
    fields, bare = {}, {}
    for name in SIDES:
        at = 2 * still.modes.index(f"{name}.a")
        fields[f"{name}.a"] = mean[..., at] + 1j * mean[..., at + 1]
        pushed = g * np.abs(fields[f"{name}.a"]) ** 2
        fields[f"{name}.b"] = 1j * pushed / (1j * motion + DAMPING)
        bare[name] = delta + 2 * g * fields[f"{name}.b"].real
    return network(bare, g, motion, *place), fields


def _typed(
    reading: str, delta: Any, g: Any, motion: Any, phases: dict[str, Any], *fibre: Any
) -> tuple[qc.GaussianModel, dict[str, Any]]:
    """The paper's matrices: u = (X_a1, Y_a1, X_a2, Y_a2, X_b1, Y_b1, X_b2, Y_b2)."""
    phi, power, temperature, eta = fibre
    turn = np.exp(1j * np.pi * phi)
    J = 2 * KAPPA * np.sqrt(eta) * turn
    pump = np.sqrt(2 * KAPPA) * qc.physics.drive_amplitude(power, LIGHT)
    first, second = (pump * np.exp(-1j * np.pi * phases[name]) for name in SIDES)
    # Eq. (7) as printed, or with the root of a rate left out, as the dimension demands
    through = turn * np.sqrt(2 * KAPPA * eta if reading == "printed" else eta)
    fields = _fields(1j * delta + KAPPA, J, first + through * second, second + through * first)
    (re1, im1), (re2, im2) = (
        (2 * g * fields[f"{name}.a"].real, 2 * g * fields[f"{name}.a"].imag) for name in SIDES
    )
    c, s = J.real, J.imag
    c21, s21 = (c, s) if reading == "printed" else (0.0, 0.0)
    k, y, w, d, o = KAPPA, DAMPING, motion, delta, 0.0
    drift = _matrix(
        [
            [-k, d, -c, s, -im1, o, o, o],
            [-d, -k, -s, -c, re1, o, o, o],
            [-c21, s21, -k, d, o, o, -im2, o],
            [-s21, -c21, -d, -k, o, o, re2, o],
            [o, o, o, o, -y, w, o, o],
            [re1, im1, o, o, -w, -y, o, o],
            [o, o, o, o, o, o, -y, w],
            [o, o, re2, im2, o, o, -w, -y],
        ]
    )
    heat = DAMPING * (2 * qc.physics.bose_einstein(motion, temperature) + 1)
    rates = np.stack(np.broadcast_arrays(*[k] * 4, *[heat] * 4), axis=-1)
    modes = tuple(f"{name}.{mode}" for mode in "ab" for name in SIDES)
    return qc.GaussianModel(modes, drift, rates[..., None] * np.eye(8)), fields


def _fields(decay: Any, J: Any, first: Any, second: Any) -> dict[str, Any]:
    """Eq. (16): (iΔ + κ)α₁ = d₁ − Jα₂, (iΔ + κ)α₂ = d₂ − Jα₁."""
    across = decay**2 - J**2
    return {
        "left.a": (decay * first - J * second) / across,
        "right.a": (decay * second - J * first) / across,
    }


def _matrix(rows: list[list[Any]]) -> Any:
    spread = np.broadcast_arrays(*[x for row in rows for x in row])
    return np.stack(spread, axis=-1).reshape(*spread[0].shape, len(rows), len(rows))


def with_travelling_noise(here: qc.GaussianModel) -> qc.GaussianModel:
    """The same drift with the noise that links bring: light's D₁₂ = −½(A₁₂ + A₂₁ᵀ).

    With A₁₂ = −R(J₁₂) this is ½R(J₁₂ + J₂₁*), the correlation of b_in with what has passed the
    other cavity; enough for complete positivity when |J₁₂ + J₂₁*| ≤ 2κ.

    >>> bare, _ = model(reading="one-way", length=25e-6)
    >>> bool(qc.audit(with_travelling_noise(bare)).completely_positive)
    True
    """
    left, right = (2 * here.modes.index(f"{name}.a") for name in SIDES)
    one, two = slice(left, left + 2), slice(right, right + 2)
    shared = -(here.A[..., one, two] + np.swapaxes(here.A[..., two, one], -1, -2)) / 2
    noise = np.broadcast_to(here.D, here.A.shape).copy()
    noise[..., one, two] = shared
    noise[..., two, one] = np.swapaxes(shared, -1, -2)
    return qc.GaussianModel(here.modes, here.A, noise, here.drive)


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Entanglement between the two oscillators; all parameters broadcast.

    Returns:
        stable; growth = max Re λ/ω_m; E_N (nats) and margin = −ln 2ν₋, negative where
        separable, both NaN where unstable; physical, whether the steady state obeys the
        uncertainty relation; photons_1, photons_2 = |α|².

    Raises:
        ArgumentError: for an unknown reading, or a parameter out of its range.

    >>> round(float(point(1.175, reading="one-way", length=25e-6)["E_N"]), 7)
    0.0423743
    """
    linear, fields = model(*at)
    state = steady_or_nan(linear)
    return {
        "stable": state.stable,
        "growth": qc.growth(linear.A) / (2 * np.pi * at.mechanical_frequency),
        "E_N": qc.log_negativity(state, "left.b", "right.b"),
        "margin": qc.measures.margin(state, "left.b", "right.b"),
        "physical": state.is_physical(),
        "photons_1": np.abs(fields["left.a"]) ** 2,
        "photons_2": np.abs(fields["right.a"]) ** 2,
    }


@takes(TABLE)
def resting(at: Any) -> qc.Network:
    """Parts and wires of the consistent reading, light's detuning without the motion's shift."""
    motion = 2 * np.pi * at.mechanical_frequency
    return network(
        dict.fromkeys(SIDES, motion * at.detuning),
        coupling(at.length, motion),
        motion,
        {"left": at.phase_difference, "right": 0.0},
        *(at.propagation_phase, at.power, at.temperature, at.transmission),
    )


SYSTEM = explored(
    TABLE,
    point,
    (
        Quantity("E_N", "E_N", "entanglement of the two oscillators", "nat"),
        Quantity("margin", "−ln 2ν₋", "margin: entangled above zero", "nat"),
        Quantity("growth", "max Re λ", "growth rate: unstable above zero", "ω_m"),
        Quantity("photons_1", "|α₁|²", "photons in the left cavity", "quanta"),
        Quantity("photons_2", "|α₂|²", "photons in the right cavity", "quanta"),
    ),
    resting,
    lambda **arguments: model(**arguments)[0],
    note="Two optomechanical cavities, a fibre in either direction, a laser into each. The three "
    "readings of the equations start at the length where each comes nearest to the figures.",
    start=lambda setting: {"length": LENGTHS[setting["reading"]] * 1e6},
)
