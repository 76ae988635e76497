"""One good call of everything about states, measures, sweeps and figures; see the others."""

from pathlib import Path

import numpy as np
from odd_values import (
    ABOVE_ZERO,
    COUNT,
    FLAG,
    FROM_ZERO,
    FUNCTION,
    MAYBE,
    NAME,
    NAMES,
    NEW_LIST,
    ONLY,
    RATE,
    REAL,
    SHARE,
    TOLERANCE,
)
from public_parts import Entry
from public_verbs import things

import qcascade as qc
from qcascade import papers
from qcascade.plots import plot

QUBIT = ONLY.bad("A.x", ["A", "B"], "m")
QUBITS = ONLY.bad(["A.q", "nowhere"], [None])


def states() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    t = things()
    eye, half = np.eye(2) / 2, np.eye(4) / 4
    one = {"modes": ("m", NEW_LIST)}
    two = {"modes": (["a", "b"], ONLY.also("texts").bad(["a", "a"], ["a"], "a", ["a", None]))}
    mean = MAYBE.bad([0.0], [0.0, np.nan], [0.0, "x"])
    cov = ONLY.bad(np.eye(4), [[0.5, 0.1], [0.0, 0.5]], [[0.5, 0.0], [0.0, np.nan]]).good(-eye)
    cov = cov.bad([[0.5, "x"], [0.0, 0.5]], np.zeros((0, 0)))
    stable = ONLY.also("true", "booleans").good(False, np.bool_(True)).bad([1, 0], "yes")
    matrix = ONLY.bad(np.eye(4), eye * 3, [[1.5, 0.0], [0.0, -0.5]], [[0.5, 1.0], [0.0, 0.5]])
    amplitudes = ONLY.bad([1.0, 1.0], [1.0], [np.nan, 0.0], [["x"]], [1.0, 0.0, 0.0])
    space = qc.hilbert.Space(("m",), (1,), ("m",))
    info = ONLY.also("empty mapping", "mapping", "odd mapping")
    named = {"names": ("A.q", ONLY)}
    seen = {"operator": (t.n, ONLY.bad(qc.lower("nowhere"), qc.lower("m")))}
    # The last axis of arrays is that of the modes.
    per_mode = ONLY.also("zero", "fraction").good(np.ones((3, 1))).bad([1.0, 2.0], "1.0", [None])
    close = {"tolerance": (1e-9, RATE.but("empty list", "array", "empty array"))}
    phases = per_mode.also("negative", "complex").good([1j])
    return {
        "vacuum": (qc.vacuum, one),
        "thermal": (qc.thermal, {**one, "occupation": (1.0, per_mode)}),
        "coherent": (
            qc.coherent,
            {**one, "amplitude": (1j, phases)},
        ),
        "two_mode_squeezed": (qc.two_mode_squeezed, {**two, "r": (0.5, REAL)}),
        "GaussianState": (
            qc.GaussianState,
            {
                "modes": ("m", NEW_LIST.but("texts").or_blame("mean", "cov")),
                "mean": ([0.0, 0.0], mean),
                "cov": (eye, cov),
                "stable": (True, stable),
                "info": ({}, info),
            },
        ),
        "GaussianState.indices": (t.state.indices, {"names": ("left", ONLY)}),
        "GaussianState.reduce": (t.state.reduce, {"names": ("left", ONLY)}),
        "GaussianState.is_physical": (t.state.is_physical, close),
        "density": (
            qc.density,
            {"modes": ("m", NEW_LIST.but("texts").or_blame("matrix")), "matrix": (eye, matrix)},
        ),
        "ket": (
            qc.ket,
            {
                "modes": ("m", NEW_LIST.but("texts").or_blame("amplitudes")),
                "amplitudes": ([1.0, 0.0], amplitudes),
            },
        ),
        **spaces(),
        "DensityState": (
            qc.DensityState,
            {
                "space": (space, ONLY),
                "blocks": ((eye,), ONLY.bad((half,), (None,), (eye * np.nan,), ([["x"] * 2] * 2,))),
                "info": ({}, info),
            },
        ),
        "DensityState.reduce": (t.rho.reduce, named),
        "DensityState.expect": (t.rho.expect, seen),
        "DensityState.is_physical": (t.rho.is_physical, close),
        "PureState": (
            qc.PureState,
            {
                "space": (space, ONLY),
                "amplitudes": ([0.6, 0.8], ONLY.bad([1.0], [np.nan, 0.0], [["x"]])),
                "info": ({}, info),
            },
        ),
        "PureState.reduce": (t.psi.reduce, named),
        "PureState.expect": (t.psi.expect, seen),
    }


def spaces() -> dict[str, Entry]:
    """The same for Hilbert spaces."""
    space = qc.hilbert.Space(("a", "b", "q"), (2, 1, 1), ("q",))
    n = qc.lower("a").dag * qc.lower("a")
    ladder = {"ladder": (n, ONLY.bad(qc.lower("nowhere")))}
    modes = NEW_LIST.but("text", "texts", "mapping").bad(("a", "b")).or_blame("tops")
    few = ONLY.also("empty list")
    groups = few.bad([("a",)], [(("a",), -1)], [(("nowhere",), 1)], [(("a", "a"), 1)])
    pairs = ONLY.also("empty mapping").bad({("a", "a"): 1.0}, {("a", "q"): 1.0}, {("a", "b"): "x"})
    return {
        "Space": (
            qc.hilbert.Space,
            {
                "modes": (("a", "b", "q"), modes),
                "tops": ((2, 1, 1), ONLY.good([2, 1, 1]).bad((2, 1), (2, 1, -1), (2, 1, 2))),
                "qubits": (("q",), few.bad(("nowhere",), ("q", "q"), ("a",)).or_blame("tops")),
                "limits": (((("a", "b"), 2),), groups),
                "squeezed": ({("a", "b"): 0.3}, pairs),
                "charges": (((1, -1, 0),), few.bad([(1, 1)], [(0.5, 0, 0)], [None])),
            },
        ),
        "Space.positions": (
            space.positions,
            {
                "quanta": (
                    [[0, 0, 0]],
                    ONLY.good([[9, 0, 0]]).bad([[0, 0]], [0, 0, 0], [[0.5, 0, 0]]),
                )
            },
        ),
        "Space.represented": (space.represented, ladder),
        "Space.elements_of": (
            space.elements_of,
            {**ladder, "states": (None, MAYBE.good([0, 3]).bad([12], [-1], [0.5], 3))},
        ),
        "Space.matrix": (space.matrix, ladder),
        "Space.represented_matrix": (space.represented_matrix, ladder),
        "Space.matrix_by_sector": (space.matrix_by_sector, ladder),
        "Space.subspace": (space.subspace, {"names": ("a", ONLY)}),
    }


def measures() -> dict[str, Entry]:
    """The same for measures of Gaussian states and of density matrices and kets."""
    t = things()
    any_state = ONLY.bad(t.model, t.net, t.master)
    no_gauss, only_gauss = any_state.bad(t.state), any_state.bad(t.rho, t.psi)
    light = {"state": (t.state, any_state)}
    gauss = {"state": (t.state, only_gauss)}
    pair = {"a": ("left", NAMES.bad("right")), "b": ("right.a", NAMES.bad("left.a"))}
    modes = {"a": ("left", NAME.bad("right")), "b": ("right", NAME.bad("left"))}
    qubits = {"a": ("A", QUBIT.bad("B")), "b": ("B", QUBIT.bad("A"))}
    groups = {"a": ("A", QUBITS.bad("B")), "b": ("B", QUBITS.bad("A"))}
    rho, psi = {"state": (t.rho, no_gauss)}, {"state": (t.psi, no_gauss)}
    either = {"state": (t.rho, any_state)}
    axis = ONLY.also("empty list", "empty array").bad(["x"], [None], [np.nan], [[0.0]], [1j])
    quadrature = ONLY.bad("left.a", "left.a.q", "nowhere.x")
    plane = {"first": ("left.a.x", quadrature.bad("left.a.p"))}
    plane |= {"second": ("left.a.p", quadrature.bad("left.a.x")), "x": ([0.0], axis)}
    ghz = qc.ket(["C.q", "D.q"], [0.6, 0, 0, 0.8])
    other = qc.vacuum(["left.a", "nowhere.a"])
    return {
        "log_negativity": (qc.log_negativity, {**light, **pair}),
        "log_negativity/qubits": (qc.log_negativity, {**either, **groups}),
        "margin": (qc.measures.margin, {**gauss, **pair}),
        "steering": (qc.measures.steering, {**gauss, **pair}),
        "mutual_information": (qc.measures.mutual_information, {**light, **pair}),
        "mutual_information/qubits": (qc.measures.mutual_information, {**either, **groups}),
        "symplectic_eigenvalues": (qc.measures.symplectic_eigenvalues, gauss),
        "purity": (qc.measures.purity, light),
        "purity/qubits": (qc.measures.purity, {"state": (t.psi, any_state)}),
        "occupation": (
            qc.measures.occupation,
            {**light, "mode": ("left.a", NAME.also("None").good(["left.a"]))},
        ),
        "occupation/qubits": (
            qc.measures.occupation,
            {**either, "mode": ("A", QUBIT.also("None"))},
        ),
        "von_neumann_entropy": (
            qc.measures.von_neumann_entropy,
            {**light, "modes": ("left", NAMES.also("None"))},
        ),
        "von_neumann_entropy/qubits": (
            qc.measures.von_neumann_entropy,
            {**either, "modes": ("A", QUBITS.also("None"))},
        ),
        "epr_variance": (qc.measures.epr_variance, {**gauss, **modes, "gain": (1.0, ABOVE_ZERO)}),
        "wigner": (qc.measures.wigner, {**gauss, **plane, "y": ([0.0], axis)}),
        "fidelity": (
            qc.measures.fidelity,
            {
                "first": (t.state, any_state.or_blame("second").bad(t.rho, other)),
                "second": (t.state, any_state),
            },
        ),
        "fidelity/qubits": (
            qc.measures.fidelity,
            {
                "first": (t.rho, any_state.or_blame("second").bad(t.state)),
                "second": (t.psi, any_state.bad(t.state, ghz)),
            },
        ),
        "concurrence": (qc.measures.concurrence, {**rho, **qubits}),
        "entanglement_of_formation": (qc.measures.entanglement_of_formation, {**psi, **qubits}),
        "negativity": (qc.measures.negativity, {**rho, **groups}),
        "genuine_witness": (
            qc.measures.genuine_witness,
            {
                "state": (t.rho, any_state.bad(t.rho.reduce("A"), t.state).or_blame("target")),
                "target": (t.psi, MAYBE.bad(ghz, t.rho, t.state)),
            },
        ),
        "genuine_witness/Gaussian": (
            qc.measures.genuine_witness,
            {
                "state": (t.state, any_state.bad(t.state.reduce("left.a"))),
                "target": (t.state, MAYBE.bad(other, t.psi)),
            },
        ),
        **correlations(light, gauss, pair, modes),
    }


def correlations(light: dict, gauss: dict, pair: dict, modes: dict) -> dict[str, Entry]:
    """The same for measures of correlations, and for decompositions."""
    three = ("a", "left.a"), ("b", "middle"), ("c", "right")
    trio = {"state": (qc.vacuum(["left.a", "middle.a", "right.a"]), gauss["state"][1])}
    trio |= {x: (name, NAMES.bad(*(n for y, n in three if y != x))) for x, name in three}
    two = {**gauss, **modes}
    keyed = {**two, "reconciliation": (0.9, SHARE)}
    square = ONLY.bad(np.eye(3), np.diag([2.0, 2.0]), [[1.0, 0.0]], [[1, "x"], [0, 1]])
    return {
        "residual_contangle": (qc.measures.residual_contangle, trio),
        "discord": (qc.measures.discord, two),
        "teleportation_fidelity": (qc.measures.teleportation_fidelity, two),
        "key_rate": (qc.measures.key_rate, keyed),
        "key_rate_heterodyne": (qc.measures.key_rate_heterodyne, keyed),
        "reverse_coherent_information": (
            qc.measures.reverse_coherent_information,
            {**light, **pair},
        ),
        "entanglement_matrix": (qc.measures.entanglement_matrix, light),
        "williamson": (qc.measures.williamson, gauss),
        "bloch_messiah": (qc.measures.bloch_messiah, {"S": (np.eye(4), square)}),
    }


def verbs(folder: Path) -> dict[str, Entry]:
    """The same for steady states and evolution in time."""
    t = things()
    model, master, state = t.model, t.master, t.state
    unstable = qc.gaussian(qc.Network({"m": qc.squeezed_mode(1.0, decay=1.0)}))
    free = {"tolerance": (1e-9, TOLERANCE), "progress": (False, FLAG)}
    residual = ONLY.good(np.float64(1e-9)).bad([1e-9], 2.0)
    residuals = {"tolerance": (1e-9, residual), "unique": (True, FLAG), "progress": (False, FLAG)}
    direct = {
        "tolerance": (1e-11, ONLY.bad(1e-9)),
        "unique": (True, ONLY.also("true").bad(False, 1, "yes")),
    }
    times = ONLY.bad([1.0, 0.5], [-1.0], [[1.0]], [0.0, np.nan], [0.0, "x"])
    # A single time is a list of one, for master equations.
    single = times.also("zero", "fraction")
    any_time = ONLY.also("zero", "fraction", "negative")
    bad_functions = ({"n": None}, {"n": 3.0}, {"n": lambda _: "x"}, {3: len})
    look = {"n": lambda seen: seen.expect(t.n).real}
    observe = ONLY.bad(*bad_functions)
    until = MAYBE.good(lambda _: -1.0).bad(lambda _: "x", lambda _: np.nan, lambda _: [1.0, 2.0])
    other = qc.vacuum(["left.a", "nowhere.a"])

    def driven(time):
        return qc.gaussian(qc.squeezed_mode(0.2 * np.cos(2 * time), 0.3, decay=1.0))

    no_breaks = ONLY.also("empty list", "empty array").bad([0.5])
    breaks = ONLY.also("empty list", "empty array").bad([[0.5]], [np.nan]).good([0.5], (0.25,))
    detectors = {"right.out": qc.homodyne()}
    seeds = ONLY.also("zero").good(np.int64(3), [1, 2], range(3), np.array([3]))
    seeds = seeds.bad([-1], [1.0], [[1]], "3")
    nothing = {
        "observe": (None, MAYBE),
        "breaks": ((), no_breaks),
        "until": (None, MAYBE),
        "tolerance": (1e-9, TOLERANCE.bad(1e-8)),
        "progress": (True, FLAG),
        "checkpoint": (None, MAYBE),
        "measure": (None, MAYBE.good(detectors).bad({"left.out": 1})),
        "seed": (0, ONLY.also("zero").bad(1, [0], "0")),
        "inputs": (None, MAYBE),
    }
    light = qc.fock_pulse(1, qc.pulse("gaussian", width=1.0, centre=8.0))
    late, noisy = {"m.in": qc.fock_pulse(2, qc.pulse("sech", width=1.0))}, {"A.in": light}
    lit = qc.lindblad(qc.Network({"m": qc.qubit(decay=1.0)}))
    return {
        "steady_state": (
            qc.steady_state,
            {
                "model": (model, ONLY.bad(t.net, state, unstable)),
                **direct,
                "progress": (False, FLAG),
            },
        ),
        "steady_state/qubits": (qc.steady_state, {"model": (master, ONLY.bad(t.rho)), **residuals}),
        "evolve": (
            qc.evolve,
            {
                "model": (model, ONLY.bad(t.net, state)),
                "initial": (state, MAYBE.bad(other, t.rho, t.single)),
                "times": ([0.0, 1.0], single),
                **nothing,
            },
        ),
        "evolve/in time": (
            qc.evolve,
            {
                "model": (
                    driven,
                    ONLY.bad(len, lambda _: t.net, lambda time: model if time > 0 else 0),
                ),
                "initial": (None, MAYBE.good(qc.thermal("a", 0.1)).bad(other, t.rho, state)),
                "times": (
                    [-1.0, 1.0],
                    any_time.bad([1.0, 0.5], [[1.0]], [0.0, np.nan], [0.0, "x"]),
                ),
                **nothing,
                "breaks": ((), breaks),
                "tolerance": (1e-9, TOLERANCE),
                "measure": (None, MAYBE.bad(detectors)),
            },
        ),
        "periodic_state": (
            qc.periodic_state,
            {
                "at": (driven, ONLY.bad(len, model, lambda _: t.net)),
                "period": (np.pi, ONLY.good(2 * np.pi).bad("1 us", 3.0, 1e300)),
                "points": (2, COUNT),
                "breaks": ((), breaks),
                "tolerance": (1e-9, TOLERANCE),
                "progress": (False, FLAG),
            },
        ),
        "evolve/measured": (
            qc.evolve,
            {
                "model": (model, ONLY.or_blame("measure").bad(t.net, state, master)),
                "initial": (state, MAYBE.bad(other, t.rho, t.single)),
                "times": ([0.0, 1.0], single),
                **nothing,
                "measure": (detectors, ONLY.or_blame("seed").bad({"left.out": qc.homodyne()})),
                "seed": (1, seeds),
            },
        ),
        "evolve/qubits": (
            qc.evolve,
            {
                "model": (master, ONLY.bad(t.pair, t.rho)),
                "initial": (
                    None,
                    MAYBE.good(t.mixed, t.down).bad(t.rho, t.psi, state, t.rho.reduce("A")),
                ),
                "times": ([0.0, 1.0], single),
                "observe": (look, observe.also("None", "empty mapping").bad({"time": len})),
                "breaks": ((), no_breaks),
                "until": (None, until),
                **free,
                "checkpoint": (None, MAYBE.also("text").bad(folder)),
                "measure": (None, MAYBE.bad(detectors)),
                "seed": (0, ONLY.also("zero").bad(1)),
                "inputs": (None, MAYBE.also("empty mapping").bad(noisy, {"A.out": light})),
            },
        ),
        "evolve/photons": (
            qc.evolve,
            {
                "model": (lit, ONLY.bad(t.pair, t.rho).or_blame("inputs")),
                "initial": (None, MAYBE.bad(t.rho, state)),
                "times": ([0.0, 9.0], ONLY.bad([1.0, 0.5], [0.0], [[1.0]], [5.0, 6.0], [0, "x"])),
                "observe": (None, observe.also("None", "empty mapping")),
                "breaks": ((), no_breaks),
                "until": (None, until),
                **free,
                "checkpoint": (None, MAYBE),
                "measure": (None, MAYBE.bad(detectors)),
                "seed": (0, ONLY.also("zero").bad(1)),
                "inputs": (
                    {"m.in": light},
                    MAYBE.also("empty mapping").or_blame("times").bad(noisy, late, {"m.in": 1.0}),
                ),
            },
        ),
        "trajectories": (
            qc.trajectories,
            {
                "model": (master, ONLY.bad(model)),
                "times": ([0.5], single),
                "observe": (look, observe),
                "initial": (None, MAYBE.good(t.down).bad(state, t.rho, t.psi)),
                "number": (2, COUNT),
                "seed": (1, FROM_ZERO),
                "tolerance": (1e-8, TOLERANCE),
                "progress": (False, FLAG),
                "conditional": (None, observe.also("None", "empty mapping")),
                "measure": (None, MAYBE.bad({"A.out": 1.0}, {"B.nowhere": qc.homodyne()})),
            },
        ),
        "trajectories/measured": (
            qc.trajectories,
            {
                "model": (t.line, ONLY.bad(model, t.mixed)),
                "times": ([0.5], single),
                "observe": (look, observe.also("empty mapping")),
                "initial": (None, MAYBE.good(t.down, t.psi).bad(state, t.rho)),
                "number": (2, COUNT),
                "seed": (1, FROM_ZERO),
                "tolerance": (1e-8, ONLY.bad(1e-7)),
                "progress": (False, FLAG),
                "conditional": (None, observe.also("None", "empty mapping")),
                "measure": (
                    {"B.out": qc.homodyne()},
                    MAYBE.or_blame("observe").bad({"A.out": qc.homodyne()}, {"B.out": 1.0}),
                ),
            },
        ),
    }


def results() -> dict[str, Entry]:
    """The same for what evolution and trajectories give."""
    rho, two, flat = things().rho, [0.0, 1.0], np.zeros((3, 2))
    info = ONLY.also("empty mapping", "mapping", "odd mapping")
    times = ONLY.or_blame("observed", "mean", "error", "samples").bad([0.0], [[0.0, 1.0]], 3.0)
    arrays = ONLY.bad({"n": [1.0]}, {"n": None}, {"n": ["x", "y"]}, {3: two})
    named = arrays.or_blame("error", "samples").bad({"m": two})
    runs = qc.Ensemble(two, {"n": np.zeros(2)}, {"n": two}, 3, 1, 0.5, {"n": flat})
    look = ONLY.good(np.sqrt).bad(lambda _: "x")
    return {
        "Evolution": (
            qc.Evolution,
            {
                "times": (two, times),
                "observed": ({"n": two}, arrays.also("empty mapping")),
                "final": (rho, ONLY.bad(things().psi)),
                "stopped": (None, MAYBE.also("negative", "zero", "fraction")),
                "info": ({}, info),
            },
        ),
        "Ensemble": (
            qc.Ensemble,
            {
                "times": (two, times),
                "mean": ({"n": two}, named.good({"n": (rho, rho)}).bad({"n": (rho,)})),
                "error": ({"n": two}, named),
                "number": (3, COUNT.bad(2).or_blame("samples")),
                "seed": (1, FROM_ZERO),
                "jumps": (0.5, ONLY.also("zero", "fraction")),
                "samples": ({"n": flat}, named.bad({"n": two}, {"n": np.zeros((2, 2))})),
                "info": ({}, info),
            },
        ),
        "Ensemble.estimate": (
            runs.estimate,
            {
                "name": ("n", ONLY),
                "function": (abs, look),
                "groups": (2, COUNT.bad(1)),
            },
        ),
    }


def double(x):
    """A point function."""
    return {"y": 2 * x}


def sweeps(folder: Path) -> dict[str, Entry]:
    """The same for sweeps, files and figures. (Workers and folders have tests of their own.)"""
    t = things()
    values = ONLY.also("empty list").but("empty list")
    values = values.good(([1.0, 2.0], "κ"), [2.0, 1.0], t.data.x)
    values = values.bad([1.0, 1.0], [1.0, 3.0, 2.0], [[1.0]], ["x"], (1.0, 2.0, "κ", 3))
    point = ONLY.or_blame("axes").bad(
        lambda z: {"y": z}, lambda x, z: {}, lambda x: {"x": x}, lambda x: 3
    )
    point = point.bad(lambda x: {"y": [1.0, 2.0, 3.0, 4.0, 5.0]}, abs)
    variable = MAYBE.bad("x", "z")
    path = ONLY.also("text").bad(folder)
    return {
        "each": (qc.each, {"point": (double, FUNCTION)}),
        "compiled": (qc.compiled, {"point": (double, FUNCTION)}),
        "device_chunk": (
            qc.device_chunk,
            {"modes": (2, COUNT), "bytes_free": (1e9, MAYBE.also("fraction").bad([1e9]))},
        ),
        "sweep": (
            qc.sweep,
            {
                "point": (double, point),
                "chunk": (10, COUNT),
                "progress": (False, FLAG),
                "network": (None, MAYBE.also("text", "empty text").good(t.net)),
                "store": (None, MAYBE.also("text")),
                "executor": (None, MAYBE),
                "axes": ([0.0, 1.0], values),
            },
        ),
        "save": (qc.save, {"data": (t.data, ONLY), "path": (folder / "a.nc", path)}),
        "figure": (
            qc.figure,
            {
                "data": (t.data, ONLY),
                "name": ("y", variable),
                "ax": (None, MAYBE.good(plot.blank().add_subplot())),
                "hue": (None, MAYBE.bad("nowhere")),
            },
        ),
        "plot.save_figure": (
            plot.save_figure,
            {"drawing": (plot.blank(), ONLY), "path": (folder / "a.png", path)},
        ),
        "papers.paper": (papers.paper, {"key": ("pelka2026", ONLY.bad("pelka2027"))}),
    }
