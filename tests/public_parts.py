"""One good call of every part, every formula and every converter, and what its arguments take."""

from typing import Any

import numpy as np
from odd_values import (
    ABOVE_ZERO,
    AMPLITUDE,
    ANGLE,
    BATH,
    COMPLEX_RATE,
    COUNT,
    DAMPING,
    DECAY,
    FLAG,
    FREQUENCY,
    LENGTH,
    MAYBE,
    NEW,
    ODD,
    ONE_BATH,
    ONLY,
    ORDINARY,
    PASSED,
    RATE,
    REAL,
    SQUEEZING,
    Takes,
)

import qcascade as qc
from qcascade.base import conventions

Entry = tuple[Any, dict[str, tuple[Any, Takes]]]
BEYOND = ODD["beyond floats"]


def parts() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    several = {"occupation": (0.1, BATH.also("ragged").good([0.1, 0.2]))}
    # Rates are beyond what ratios are, so that any one of them may have a unit.
    rest, bath = {"occupation": (0.1, BATH)}, {"occupation": (0.1, ONE_BATH)}
    detuning = {"detuning": (1e3, FREQUENCY)}
    mode = {**detuning, "decay": (5e3, DECAY), **rest}
    two = (
        ONLY.also("ragged")
        .good([1.0, 2.0], ["1 kHz", "1 Hz"])
        .bad((1.0,), (1.0, 2.0, 3.0), (1.0, "x"), (1.0, None), (1.0, "1 Hz"))
    )
    both = {"decay": ((1e4, 2e4), two.bad((1.0, -1.0))), "detuning": ((1e3, -1e3), two)}
    first, second = ("left.a", NEW.bad("right.a")), ("right.a", NEW.bad("left.a"))
    link = {"first": first, "second": second, "rate": (0.5j, COMPLEX_RATE)}
    motion = {"frequency": (1e6, FREQUENCY), "momentum_damped": (True, FLAG), **bath}
    light = {**detuning, "decay": (5e3, DECAY), "mechanical_decay": (1e3, DAMPING)}
    om = {**light, "coupling": (1e3, FREQUENCY), **motion}
    microwaves = {"microwave_detuning": (1e3, FREQUENCY), "microwave_decay": (5e3, DECAY)}
    converter = {**om, **microwaves, "microwave_coupling": (1e3, FREQUENCY)}
    atoms = {**detuning, "decay": (5e3, DECAY), "coupling": (1e3, FREQUENCY), **bath}
    atoms |= {"atomic_detuning": (1e3, FREQUENCY), "atomic_decay": (1e3, DAMPING)}
    atoms |= {"atoms": (1e3, ABOVE_ZERO)}
    weights = ONLY.also("mapping").good({"left.a": 1j}).bad({"left.a": None}, {"": 1.0})
    shared = {"weights": ({"left.a": 1.0}, weights)}
    either = weights.also("text").good("left.a").bad("", "a b")
    raising = ({"right.a": 1.0}, weights.also("None").good({"right.a": 1j}))
    common = {**shared, "decay": (0.1, DAMPING), "raising": raising, **rest}
    extra = {name: (1e3, DAMPING.also("None")) for name in ("dephasing", "loss")}
    tones = MAYBE.also("empty mapping").good({-2.0: 1j, "3": [0.5, 0.1]})
    tones = tones.bad({2.0: None}, {"x": 1.0}, {None: 1.0}, {"2": 1.0, 2.0: 1.0})
    shares = {"transmission": (0.5, PASSED)}
    link_of = {**shares, "phase": (1.0, ANGLE), "cells": (None, COUNT.also("None")), **bath}
    late, metres = RATE.good("1 us").bad("1 MHz", "-1 us"), RATE.good("1 km").bad("1 Hz", "-1 m")
    none = {name: (None, MAYBE.or_blame("group_index")) for name in ("length", "group_index")}
    long = {"length": (2e4, metres.or_blame("group_index")), "group_index": (1.5, RATE)}
    when, one = REAL.good("1 us").bad("1 MHz"), qc.pulse("gaussian", width=1.0)
    shaped = {"detuning": (1e3, FREQUENCY), "chirp": (1.0, REAL), "phase": (0.5, ANGLE)}
    shapes = ONLY.or_blame("width", "times").bad("gauss", "Gaussian")
    named = {"shape": ("gaussian", shapes.good("sech", "square", "exponential", "rising"))}
    named |= {"width": (1e-3, ABOVE_ZERO.good("1 us").bad("1 MHz", "0 us")), "centre": (0.1, when)}
    samples = {"shape": ([0.0, 1.0, 1j, 0.0], shapes.good(np.cos).bad(np.zeros(4), np.ones(3)))}
    samples |= {"centre": (0.0, ONLY.also("zero", "empty list", "empty array"))}
    grid = ONLY.or_blame("width").good(["0 us", "1 us", "2 us", "3 us"]).bad([0.0, 1.0, 1.0, 2.0])
    held = {"pulse": (one, ONLY.bad("gaussian")), "t": (0.3, REAL.bad("1 MHz", "1 us"))}
    short = {**held, "pulse": (qc.pulse("gaussian", width="1 us"), ONLY.bad("gaussian"))}
    short |= {"t": ("0.3 us", when)}
    states = ONLY.also("zero").good(np.int64(3), [0.6, 0.8j], np.eye(2) / 2)
    states = states.bad(
        [1.0, 1.0], np.eye(2), [[0.5, 1.0], [1.0, 0.5]], [[0.5, 1j], [1j, 0.5]], 201
    )
    alone = ONLY.bad("gaussian", qc.pulse("gaussian", width=[1.0, 2.0]))
    size = ONLY.also("negative", "zero", "fraction", "complex").good("3 dB").bad("1 MHz", "90 deg")
    some = ONLY.good(1e-3, 0.1).bad(0.9, 1e-20)
    spin = {"shift": (1e3, FREQUENCY), "backscattering": (1e3, FREQUENCY)}
    return {
        "cavity": (qc.cavity, mode),
        "squeezed_mode": (qc.squeezed_mode, {"drive": (1e3j, COMPLEX_RATE), **mode}),
        "pair_source": (qc.pair_source, {"gain": (1e3j, COMPLEX_RATE), **both, **several}),
        "hopping": (qc.hopping, link),
        "two_mode_squeezing": (qc.two_mode_squeezing, link),
        "local_bath": (qc.local_bath, {"mode": ("left.a", NEW), "decay": (0.1, DAMPING), **rest}),
        "common_bath": (qc.common_bath, common),
        "gain_bath": (
            qc.parts.gain_bath,
            {"weights": ("left.a", either), "rate": (0.1, DAMPING), **rest},
        ),
        "one_way": (qc.parts.one_way, {**link, **rest}),
        "beam_splitter": (qc.beam_splitter, shares),
        "phase_shifter": (qc.phase_shifter, {"phase": (0.5, ANGLE)}),
        "fibre": (qc.fibre, {**link_of, "delay": (2e4, late), **none}),
        "fibre/length": (qc.fibre, {**link_of, "delay": (0.0, ONLY.also("zero")), **long}),
        "circulator": (qc.circulator, {"ports": (3, COUNT.bad(1))}),
        "isolator": (qc.isolator, bath),
        "coherent_drive": (
            qc.coherent_drive,
            {"amplitude": (1j, AMPLITUDE), **rest, "tones": (None, tones)},
        ),
        "qubit": (qc.qubit, {**mode, **extra}),
        "kerr_cavity": (qc.kerr_cavity, {"kerr": (1e3, FREQUENCY), **mode}),
        "squeezed_light": (qc.squeezed_light, {"r": (0.1j, SQUEEZING), **several}),
        "squeezed_beam": (qc.parts.squeezed_beam, {"r": (0.1j, SQUEEZING), **rest}),
        "magnon_mode": (qc.parts.magnon_mode, {**mode, "kerr": (1e3, FREQUENCY)}),
        "atomic_ensemble": (qc.parts.atomic_ensemble, atoms),
        "microwave_converter": (qc.parts.microwave_converter, converter),
        "mechanical_mode": (qc.mechanical_mode, {**motion, "decay": (1e3, DAMPING)}),
        "optomechanical_cavity": (qc.optomechanical_cavity, om),
        "pulse": (qc.pulse, {**named, **shaped, "times": (None, MAYBE)}),
        "pulse/samples": (
            qc.pulse,
            {**samples, **shaped, "width": (None, MAYBE), "times": ([0, 1, 2, 3], grid)},
        ),
        "fock_pulse": (qc.fock_pulse, {"photons": (1, states), "pulse": (one, alone)}),
        "squeezed_pulse": (
            qc.squeezed_pulse,
            {"r": (0.3j, size), "pulse": (one, alone), "missing": (1e-3, some)},
        ),
        "pulse_source": (qc.pulse_source, held),
        "pulse_source/in microseconds": (qc.pulse_source, short),
        "pulse_catcher": (qc.pulse_catcher, held),
        "pulse_catcher/in microseconds": (qc.pulse_catcher, short),
        "spinning_resonator": (qc.spinning_resonator, {**om, **spin}),
    }


def physics() -> dict[str, Entry]:
    """The same for physical numbers and their units."""
    kelvin, watt = RATE.good("1 mK").bad("1 Hz", "-1 K"), RATE.good("1 mW").bad("1 Hz", "-1 W")
    kilogram = ABOVE_ZERO.good("1 ng").bad("1 m", "-1 ng")
    light, mechanical, radius = (1e15, ORDINARY), (1e7, ORDINARY), (1e-3, LENGTH)
    signed, index, wave = (1.0, FREQUENCY), (1.5, ABOVE_ZERO), (1e-6, LENGTH)
    value = REAL.good("1 mW", (1.0, "mW"), ([1.0, 2.0], "mW"), ["1 mW", "1 dBm"])
    value = value.bad("1 kg", "1", "inf W", "1e999 W", (1.0, "kg"), ("x", "mW"), (1.0, "mw"))
    zero_point = {"optical_frequency": light, "length": radius, "mass": (1e-12, kilogram)}
    sagnac = {"spin": signed, "radius": radius, "index": index, "optical_frequency": light}
    pushed = {"photons": (10.0, RATE), "coupling": (1e3, FREQUENCY), "frequency": mechanical}
    along = {"length": (1.0, RATE.good("1 km").bad("1 Hz", "-1 m")), "index": index}
    return {
        "bose_einstein": (
            qc.physics.bose_einstein,
            {"frequency": mechanical, "temperature": (0.1, kelvin)},
        ),
        "drive_amplitude": (
            qc.physics.drive_amplitude,
            {"power": (1e-3, watt), "frequency": light},
        ),
        "optical_frequency": (qc.physics.optical_frequency, {"wavelength": wave}),
        "magnon_frequency": (
            qc.physics.magnon_frequency,
            {"field": (0.1, RATE.good("1 mT").bad("1 Hz", "-1 T"))},
        ),
        "zero_point_coupling": (
            qc.physics.zero_point_coupling,
            {**zero_point, "mechanical_frequency": mechanical},
        ),
        "sagnac_shift": (qc.physics.sagnac_shift, {**sagnac, "dispersion": (0.01, REAL)}),
        "mechanical_displacement": (
            qc.physics.mechanical_displacement,
            {**pushed, "decay": (1e3, DAMPING)},
        ),
        "fibre_phase": (qc.physics.fibre_phase, {**along, "wavelength": wave}),
        "si": (
            qc.si,
            {
                "value": (1.0, value),
                "unit": ("watt", ONLY.or_blame("value").good("W").bad("no_such_unit", "mW", "dB")),
            },
        ),
        "si/frequencies": (
            qc.si,
            {"value": (1.0, FREQUENCY.good((1.0, "MHz"))), "unit": ("rad/s", ONLY)},
        ),
    }


def converters() -> dict[str, Entry]:
    """The same for `qcascade.conventions`. Results of sweeps hold NaN, and pass."""
    found = REAL.also("NaN", "NaN inside", "infinite")
    matrix = ONLY.good(np.ones((3, 2, 2)), [[1, 2], [3, 4]], np.full((2, 2), np.nan))
    matrix = matrix.bad(np.eye(3), np.ones((2, 4)), [[1.0, 2.0]], np.ones(4))
    return {
        "conventions.symplectic_form": (conventions.symplectic_form, {"modes": (2, COUNT)}),
        "conventions.from_vacuum_one": (conventions.from_vacuum_one, {"covariance": (0.5, found)}),
        "conventions.to_vacuum_one": (conventions.to_vacuum_one, {"covariance": (0.5, found)}),
        "conventions.from_xxpp": (conventions.from_xxpp, {"matrix": (np.eye(4), matrix)}),
        "conventions.to_xxpp": (conventions.to_xxpp, {"matrix": (np.eye(4), matrix)}),
        "conventions.from_amplitude_decay": (
            conventions.from_amplitude_decay,
            {"rate": (1.0, RATE)},
        ),
        "conventions.nats_to_bits": (conventions.nats_to_bits, {"value": (1.0, found)}),
    }
