"""The parts users reach for. Every function returns a `Component`.

Parameters may be numbers or arrays; arrays of the same leading shape describe many networks
at once. Rates, angles and losses may be text with a unit, "1 MHz", "90 deg", "3 dB", or pint
quantities; rates then all have a unit. A decay rate κ is the energy decay rate, L = √κ a. An
`occupation` turns an input into a thermal bath; without one the input is open: vacuum, or
whatever is wired to it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from ..base.checks import (
    check_broadcast,
    count,
    fail,
    is_traced,
    mapping,
    namespace,
    plain_name,
)
from ..base.units import angle, angular, complex_rate, power_share, root_rate
from ..slh.component import Component, relabelled
from ..slh.ladder import Ladder, as_ladder, lower
from ..slh.registry import part
from .ports import decay_rate, decays, matrix, passive, root, through

MOST = 1000
"""Terminals of a circulator; more are a slip of the pen."""


@part("detuning", "decay")
def cavity(detuning: Any = 0.0, decay: Any = (), *, occupation: Any = None) -> Component:
    """A bosonic mode "a" (cavity, resonator, node) with any number of ports.

    H = Δ a†a, L_j = √κ_j a, so ȧ = −(iΔ + Σκ_j/2) a − Σ√κ_j b_in,j
    (Gardiner & Collett, PRA 31, 3761 (1985)).

    Args:
        detuning: Δ, angular frequency.
        decay: energy decay rate κ of the only port (`in`, `out`); or a sequence of rates
            (`in1`, `out1`, …); or rates by port name (`in_left`, `out_left`, …).
        occupation: thermal occupation of the baths at all ports, or by input name.

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> cavity(detuning=1.0, decay={"left": 0.1, "right": 0.2}).inputs
    ('in_left', 'in_right')
    """
    a = lower("a")
    ports = [(suffix, root(k) * a) for suffix, k in decays(decay)]
    return through(ports, angular("detuning", detuning) * a.dag * a, ["a"], occupation)


@part("drive", "detuning", "decay")
def squeezed_mode(
    drive: Any, detuning: Any = 0.0, decay: Any = (), *, occupation: Any = None
) -> Component:
    """A degenerate parametric oscillator: a mode "a" under a two-photon drive.

    H = Δ a†a + (i/2)(ξ a†² − ξ* a²), so ȧ = −iΔ a + ξ a† − …; for real ξ > 0 the quadrature p
    is squeezed, for ξ < 0 the quadrature x (Collett & Gardiner, PRA 30, 1386 (1984)).

    Args:
        drive: ξ, complex rate of the two-photon drive.
        detuning: Δ, angular frequency.
        decay: energy decay rates and ports, as for `cavity`.
        occupation: thermal occupation of the baths at all ports, or by input name.

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> from qcascade import Network, gaussian, steady_state
    >>> state = steady_state(gaussian(Network({"opo": squeezed_mode(0.1, decay=1.0)})))
    >>> state.cov.diagonal().round(4)        # ½/(1 ∓ 2ξ/κ)
    array([0.625 , 0.4167])
    """
    a, xi = lower("a"), complex_rate("drive", drive)
    two_photon = (0.5j * xi) * a.dag * a.dag
    H = angular("detuning", detuning) * a.dag * a + two_photon + two_photon.dag
    ports = [(suffix, root(k) * a) for suffix, k in decays(decay)]
    return through(ports, H, ["a"], occupation)


@part("gain", "detuning", "decay")
def pair_source(
    gain: Any, *, detuning: Any = (0.0, 0.0), decay: Any = (1.0, 1.0), occupation: Any = None
) -> Component:
    """A non-degenerate parametric amplifier: modes "a" and "b" emitting photon pairs.

    H = Δ_a a†a + Δ_b b†b + i(g a†b† − g* ab), L_a = √κ_a a, L_b = √κ_b b; its two outputs are
    two-mode squeezed (Ou, Pereira, Kimble, Appl. Phys. B 55, 265 (1992)).

    Args:
        gain: g, complex rate; below threshold |g| < √(κ_a κ_b)/2.
        detuning: (Δ_a, Δ_b), angular frequencies.
        decay: energy decay rates (κ_a, κ_b) into the ports `in_a`/`out_a`, `in_b`/`out_b`.
        occupation: thermal occupation of the baths at both inputs, or by input name.

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> pair_source(0.2).outputs
    ('out_a', 'out_b')
    """
    a, b = lower("a"), lower("b")
    (kappa_a, kappa_b), (delta_a, delta_b) = _pair("decay", decay), _pair("detuning", detuning)
    pairs = (1j * complex_rate("gain", gain)) * a.dag * b.dag
    H = pairs + pairs.dag
    H += angular("detuning", delta_a) * a.dag * a
    H += angular("detuning", delta_b) * b.dag * b
    L_a, L_b = root(decay_rate("decay", kappa_a)) * a, root(decay_rate("decay", kappa_b)) * b
    return through([("_a", L_a), ("_b", L_b)], H, ["a", "b"], occupation)


def _pair(name: str, values: Any) -> tuple[Any, Any]:
    if not isinstance(values, list | tuple) or len(values) != 2:
        raise fail(name, "be a pair of numbers, one per mode (a, b)", values)
    return values[0], values[1]


def _between_modes(first: Any, second: Any, word: Callable[[Ladder, Ladder], Ladder]) -> Component:
    """A coupling without ports: H = word(a, b) + h.c."""
    if plain_name("first", first) == plain_name("second", second):
        raise fail("second", "name another mode than `first`", second)
    term = word(lower(first), lower(second))
    return through([], term + term.dag, [])


@part("rate")
def hopping(first: str, second: str, rate: Any) -> Component:
    """Coherent exchange between two modes of the network (beam-splitter coupling).

    H = J a†b + J* b†a, so ȧ = −iJ b and ḃ = −iJ* a.

    Args:
        first: mode a, named "part.mode".
        second: mode b.
        rate: J, complex rate.

    Raises:
        ArgumentError: for a rate that is not finite, or twice the same mode.

    >>> hopping("left.a", "right.a", 0.5j).H.degree
    2
    """
    J = complex_rate("rate", rate)
    return _between_modes(first, second, lambda a, b: J * a.dag * b)


@part("rate")
def two_mode_squeezing(first: str, second: str, rate: Any) -> Component:
    """Parametric coupling between two modes of the network: pairs made and destroyed.

    H = g a†b† + g* ab, so ȧ = −ig b† and ḃ = −ig a†.

    Args:
        first: mode a, named "part.mode".
        second: mode b.
        rate: g, complex rate.

    Raises:
        ArgumentError: for a rate that is not finite, or twice the same mode.

    >>> two_mode_squeezing("left.a", "right.a", 0.1).H.modes
    ('left.a', 'right.a')
    """
    g = complex_rate("rate", rate)
    return _between_modes(first, second, lambda a, b: g * a.dag * b.dag)


@part()
def beam_splitter(transmission: Any = 0.5) -> Component:
    """A beam splitter with power transmission T.

    out1 = √T in1 − √(1−T) in2, out2 = √(1−T) in1 + √T in2.

    Args:
        transmission: T, between 0 and 1; or a loss as text, "3 dB".

    Raises:
        ArgumentError: for a transmission outside [0, 1].

    >>> beam_splitter(0.36).S.real.round(3)
    array([[ 0.6, -0.8],
           [ 0.8,  0.6]])
    """
    power = power_share("transmission", transmission)
    t, r = root(power), root(1 - power)
    return passive(matrix([[t, -r], [r, t]]), ["in1", "in2"], ["out1", "out2"], {})


@part()
def phase_shifter(phase: Any) -> Component:
    """A phase: out = e^{iφ} in.

    Args:
        phase: φ, radians or text with a unit, "90 deg".

    Raises:
        ArgumentError: for a phase that is not a finite real number.

    >>> phase_shifter(np.pi).S.real
    array([[-1.]])
    """
    phi = angle("phase", phase)
    return passive(matrix([[namespace(phi).exp(1j * phi)]]), ["in"], ["out"], {})


@part()
def circulator(ports: int = 3) -> Component:
    """A circulator: what enters terminal k leaves at terminal k + 1, the last at the first.

    S = cyclic shift, S[k+1, k] = 1.

    Args:
        ports: number of terminals, 2 or more.

    Raises:
        ArgumentError: for fewer than two ports, or more than a thousand.

    >>> circulator(3).S.real.argmax(axis=0)      # 1 → 2, 2 → 3, 3 → 1
    array([1, 2, 0])
    """
    if count("ports", ports, low=2) > MOST:
        raise fail("ports", f"be {MOST:,} or fewer", ports)
    terminals = range(1, ports + 1)
    S = np.roll(np.eye(ports), 1, axis=0)
    return passive(S, [f"in{k}" for k in terminals], [f"out{k}" for k in terminals], {})


@part()
def isolator(*, occupation: Any = None) -> Component:
    """An isolator: 1 → 2 passes, 2 → 1 is dumped; the dump's own noise leaves at 1.

    out2 = in1, out_dump = in2, out1 = in_dump: a circulator whose third terminal is a bath.

    Args:
        occupation: thermal occupation of the dump.

    Raises:
        ArgumentError: for a negative occupation.

    >>> isolator().outputs
    ('out1', 'out2', 'out_dump')
    """
    S = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    ends = ("1", "2", "_dump")
    return passive(S, [f"in{x}" for x in ends], [f"out{x}" for x in ends], {"in_dump": occupation})


@part("amplitude", "tones")
def coherent_drive(
    amplitude: Any, *, occupation: Any = None, tones: Mapping[Any, Any] | None = None
) -> Component:
    """A laser: adds a coherent amplitude to the field that passes.

    S = 1, L = β + Σ_W E_W e^{−iWt}, H = 0: out = in + L, |L|² photons per unit time. With tones
    the part, and the network that it drives, is a function of time: `net(t)`.

    Args:
        amplitude: β, complex, in rate^½; from a power by `qc.physics.drive_amplitude`.
        occupation: thermal occupation of the laser's noise.
        tones: amplitudes E_W by frequency W above the frame of the laser, as numbers or text with
            a unit; `tones={W: E, -W: E}` adds 2E cos Wt.

    Raises:
        ArgumentError: for an amplitude that is not finite, or a negative occupation.

    >>> coherent_drive(2.0).L[0].degree
    0
    >>> complex(coherent_drive(2.0, tones={1.0: 0.5, -1.0: 0.5})(np.pi).L[0].terms[()]).real
    1.0
    """
    beta = as_ladder(root_rate("amplitude", amplitude))
    laser = through([("", beta)], as_ladder(0.0), [], occupation)
    heard = _tones(tones)
    return relabelled(laser, tones={0: heard}) if heard else laser


def _tones(tones: Any) -> dict[float, Any]:
    """Amplitudes by frequency, a number."""
    heard: dict[float, Any] = {}
    given = {} if tones is None else mapping("tones", tones, "frequencies to amplitudes")
    for frequency, amplitude in given.items():
        name = f"tones[{frequency}]"
        value = frequency
        if isinstance(frequency, str):  # files have text for keys, also where it is a number
            with suppress(ValueError):
                value = float(frequency)
        W = angular(name, value)
        if np.ndim(W) or is_traced(W):
            raise fail("tones", "have numbers for frequencies", frequency)
        if float(W) in heard:
            raise fail("tones", "name each frequency once", frequency)
        heard[float(W)] = root_rate(name, amplitude)
    check_broadcast({f"tones[{W:g}]": np.shape(E) for W, E in heard.items()})
    return heard
