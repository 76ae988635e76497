"""Physical numbers that parts are made of: occupations, amplitudes, shifts, phases.

Arguments are SI numbers (angular frequencies in rad/s), text with a unit, "88.54 MHz", or pint
quantities.
"""

from typing import Any

import numpy as np

from .base.checks import between, check_broadcast, fail, is_traced, namespace, number, rate
from .base.keywords import spoken
from .base.units import angular, known, quantity
from .slh.rates import joined, rates_of

__all__ = [
    "bose_einstein",
    "drive_amplitude",
    "fibre_phase",
    "magnon_frequency",
    "mechanical_displacement",
    "optical_frequency",
    "sagnac_shift",
    "zero_point_coupling",
]

HBAR = 6.62607015e-34 / (2 * np.pi)  # J s, exact
BOLTZMANN = 1.380649e-23  # J/K, exact
LIGHT = 299792458.0  # m/s, exact
GYROMAGNETIC = 2.00231930436092 * 9.2740100657e-24 / HBAR  # rad/(s T), g_e μ_B/ħ of CODATA 2022
COLD = 1000.0  # ħω/k_B T at which e^{−ħω/k_B T} is zero in floats
HOT = 1e-307  # ħω/k_B T below which the number of quanta leaves the range of floats


def __dir__() -> list[str]:
    return __all__


@spoken
def bose_einstein(frequency: Any, temperature: Any) -> Any:
    """Thermal occupation of a mode: n = 1/(exp(ħω/k_B T) − 1), zero at T = 0.

    Args:
        frequency: ω, rad/s or text with a unit; above zero.
        temperature: T, kelvin or text with a unit; zero or above.

    Raises:
        ArgumentError: for a temperature below zero, a frequency not above it, or more quanta than
            floats can count.

    >>> round(float(bose_einstein("10 MHz", "100 mK")), 2)
    207.87
    """
    omega = _positive("frequency", angular("frequency", frequency))
    T = rate("temperature", quantity("temperature", temperature, "kelvin"))
    _check_shapes(frequency=omega, temperature=T)
    xp = namespace(omega, T)
    scale = HBAR * omega / BOLTZMANN  # the temperature of one quantum
    # Below a thousandth of it n is zero in floats. No power of e may overflow there: its slope
    # would be ∞/∞.
    warm = scale / COLD < T
    if not (is_traced(omega) or is_traced(T)) and np.any(warm & (scale < HOT * np.maximum(T, 1))):
        raise fail("temperature", "leave fewer than 1e307 quanta at this frequency", temperature)
    x = xp.maximum(scale / xp.where(warm, T, 1.0), HOT)
    return xp.where(warm, xp.exp(-x) / -xp.expm1(-x), 0.0)[()]


@spoken
def drive_amplitude(power: Any, frequency: Any) -> Any:
    """Amplitude of a laser for `coherent_drive`: β = √(P/ħω), in photons^½ per second^½.

    Args:
        power: P, watt or text with a unit.
        frequency: ω of the laser, rad/s or text with a unit.

    Raises:
        ArgumentError: for a negative power or a frequency not above zero.

    >>> f"{drive_amplitude('1 mW', '300 THz'):.3e}"
    '7.093e+07'
    """
    P = rate("power", quantity("power", power, "watt"))
    omega = _positive("frequency", angular("frequency", frequency))
    _check_shapes(power=P, frequency=omega)
    return known(_root(P / (HBAR * omega)), power, frequency)


@spoken
def magnon_frequency(field: Any) -> Any:
    """Frequency at which a magnet precesses as a whole, ω = g_e μ_B B/ħ: 28.02 GHz per tesla.

    Of a sphere, whose shape does not enter (Kittel, Phys. Rev. 73, 155 (1948)), with the g-factor
    of the free electron, which that of yttrium iron garnet is near.

    Args:
        field: B, tesla or text with a unit; zero or above.

    Raises:
        ArgumentError: for a field below zero.

    >>> f"{magnon_frequency('100 mT') / (2 * np.pi):.4e}"
    '2.8025e+09'
    """
    B = rate("field", quantity("field", field, "tesla"))
    return known(GYROMAGNETIC * B, field)


@spoken
def optical_frequency(wavelength: Any) -> Any:
    """Angular frequency of light, ω = 2πc/λ.

    Args:
        wavelength: λ in vacuum, metre or text with a unit.

    Raises:
        ArgumentError: for a wavelength not above zero.

    >>> f"{optical_frequency('780 nm'):.4e}"
    '2.4149e+15'
    """
    lam = _positive("wavelength", quantity("wavelength", wavelength, "metre"))
    return known(2 * np.pi * LIGHT / lam, wavelength)


@spoken
def zero_point_coupling(
    optical_frequency: Any, length: Any, mass: Any, mechanical_frequency: Any
) -> Any:
    """Single-photon coupling g₀ = (ω_c/L)√(ħ/2mω_m) of H = −g₀ a†a (b + b†).

    The frequency shift per length ω_c/L times the zero-point motion (Aspelmeyer, Kippenberg &
    Marquardt, RMP 86, 1391 (2014), Eq. (21)).

    Args:
        optical_frequency: ω_c, rad/s or text with a unit.
        length: L, cavity length or resonator radius, metre or text with a unit.
        mass: effective mass m, kilogram or text with a unit.
        mechanical_frequency: ω_m, rad/s or text with a unit.

    Raises:
        ArgumentError: for anything not above zero.

    >>> round(float(zero_point_coupling("384 THz", "36 um", "15 ng", "88.54 MHz")), 1)
    5327.5
    """
    omega = _positive("optical_frequency", angular("optical_frequency", optical_frequency))
    L = _positive("length", quantity("length", length, "metre"))
    m = _positive("mass", quantity("mass", mass, "kilogram"))
    mechanical = angular("mechanical_frequency", mechanical_frequency)
    mechanical = _positive("mechanical_frequency", mechanical)
    _check_shapes(optical_frequency=omega, length=L, mass=m, mechanical_frequency=mechanical)
    coupling = omega / L * _root(HBAR / (2 * m * mechanical))
    return known(coupling, optical_frequency, length, mass, mechanical_frequency)


@spoken
def sagnac_shift(
    spin: Any, radius: Any, index: Any, optical_frequency: Any, *, dispersion: Any = 0.0
) -> Any:
    """Sagnac–Fizeau shift of a spinning resonator, for light that circles against the spin.

    Δ_F = Ω (nRω_c/c)(1 − 1/n² − D), D = (λ/n) dn/dλ; light circling with the spin has −Δ_F
    (Malykin, Phys. Usp. 43, 1229 (2000); Maayani et al., Nature 558, 569 (2018)).

    Args:
        spin: Ω, rad/s or text with a unit; its sign is the sense of rotation.
        radius: R, metre or text with a unit.
        index: refractive index n.
        optical_frequency: ω_c, rad/s or text with a unit.
        dispersion: D = (λ/n) dn/dλ, about −0.01 in glass; 0 neglects it.

    Raises:
        ArgumentError: for a radius or index not above zero.

    >>> round(float(sagnac_shift("8 krad/s", "1.1 mm", 1.44, "193.5 THz")) / 1e6, 1)
    26.6
    """
    Omega = angular("spin", spin)
    R = _positive("radius", quantity("radius", radius, "metre"))
    n = _positive("index", number("index", index))
    omega = _positive("optical_frequency", angular("optical_frequency", optical_frequency))
    D = number("dispersion", dispersion)
    _check_shapes(spin=Omega, radius=R, index=n, optical_frequency=omega, dispersion=D)
    shift = Omega * n * R * omega / LIGHT * (1 - 1 / n**2 - D)
    return known(shift, spin, radius, optical_frequency)


@spoken
def mechanical_displacement(photons: Any, coupling: Any, frequency: Any, decay: Any) -> Any:
    """Where steady light pushes the motion: β = i g₀|α|²/(iω_m + γ/2).

    With it an effective detuning becomes the bare one of `optomechanical_cavity`,
    Δ = Δ_eff + 2g₀ Re β, and {a: α, b: β} is its working point, where α is the field of a plain
    `cavity` at Δ_eff (Aspelmeyer, Kippenberg & Marquardt, RMP 86, 1391 (2014), sec. V).

    Args:
        photons: |α|², mean photon number.
        coupling: g₀, rad/s or text with a unit.
        frequency: ω_m, rad/s or text with a unit.
        decay: γ, energy decay rate of the motion, rad/s or text with a unit; 0 where the motion is
            `momentum_damped`, whose β = g₀|α|²/ω_m does not depend on it.

    Raises:
        ArgumentError: for a negative photon number or decay rate, or a frequency not above zero.

    >>> complex(mechanical_displacement(100.0, 0.01, 1.0, 0.0))
    (1+0j)
    """
    g, n = angular("coupling", coupling), rate("photons", photons)
    omega = _positive("frequency", angular("frequency", frequency))
    gamma = rate("decay", angular("decay", decay))
    _check_shapes(photons=n, coupling=g, frequency=omega, decay=gamma)
    joined([("", rates_of({"coupling": coupling, "frequency": frequency, "decay": decay}))])
    pushed = g * n
    return 1j * pushed / (1j * omega + gamma / 2)


@spoken
def fibre_phase(length: Any, index: Any, wavelength: Any) -> Any:
    """Phase along a fibre, φ = 2πnL/λ, for `fibre(phase=…)`.

    Args:
        length: L, metre or text with a unit.
        index: refractive index n.
        wavelength: λ in vacuum, metre or text with a unit.

    >>> round(float(fibre_phase("1 um", 1.5, "1 um") / np.pi), 12)
    3.0
    """
    L = rate("length", quantity("length", length, "metre"))
    lam = _positive("wavelength", quantity("wavelength", wavelength, "metre"))
    n = _positive("index", number("index", index))
    _check_shapes(length=L, index=n, wavelength=lam)
    return 2 * np.pi * n * L / lam


def _check_shapes(**values: Any) -> None:
    """Arrays of the same formula are for the same points."""
    check_broadcast({name: np.shape(x) for name, x in values.items()})


def _positive(name: str, value: Any) -> Any:
    return between(name, value, np.finfo(float).tiny, np.inf, "a number above zero")


def _root(value: Any) -> Any:
    return namespace(value).sqrt(value)
