"""One good call of everything about networks, models and states, and what its arguments take."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
from odd_values import (
    ANGLE,
    COMPLEX,
    DAMPING,
    FLAG,
    FREQUENCY,
    FROM_ZERO,
    MAYBE,
    NEW,
    ONLY,
    RATE,
    REAL,
    SHARE,
)
from public_parts import Entry

import qcascade as qc
from qcascade.netlist import load as netlist

TEXT = '[parameters]\nk = 1.0\n[parts.m]\npart = "cavity"\ndecay = "k"'


@lru_cache(maxsize=1)
def things() -> SimpleNamespace:
    """Small systems that the calls are about."""
    import xarray as xr

    a = qc.lower("a")
    chain = {"left": qc.squeezed_mode(0.1, decay=1.0), "right": qc.cavity(decay=1.0)}
    net = qc.Network(chain, [("left.out", "right.in")])
    lasers = {"laser": qc.coherent_drive([0.5, 1.0]), "m": qc.kerr_cavity(0.1, 1.0, 1.0)}
    driven = qc.Network(lasers, [("laser.out", "m.in")])
    warm = {name: qc.qubit(0.3, decay=1.0, occupation=0.5) for name in "AB"}
    pair = qc.Network(warm, couplings=[qc.hopping("A.q", "B.q", 0.2)])
    model, master = qc.gaussian(net), qc.lindblad(pair)
    warm_line = {name: qc.qubit(0.3, decay=1.0) for name in "AB"}
    n = qc.lower("A.q").dag * qc.lower("A.q")
    return SimpleNamespace(
        a=a,
        part=qc.cavity(decay=1.0),
        net=net,
        driven=driven,
        kerr=qc.Network({"m": qc.kerr_cavity(0.1, 1.0, 1.0)}),
        pair=pair,
        model=model,
        state=qc.steady_state(model),
        single=qc.vacuum("m"),
        master=master,
        rho=qc.density(["A.q", "B.q"], [0.6, 0, 0, 0.8]),
        psi=qc.ket(["A.q", "B.q"], [0.6, 0, 0, 0.8]),
        lit=qc.lindblad(qc.Network({"m": qc.qubit(0.3, [1.0, 0.5], occupation=[0.5, 0.0])})),
        line=qc.lindblad(qc.Network(warm_line, [("A.out", "B.in")])),
        mixed=qc.density(["A.q", "B.q"], np.eye(4) / 4),
        down=qc.ket(["A.q", "B.q"], [1, 0, 0, 0]),
        n=n,
        points=qc.classical.working_points(driven),
        data=xr.Dataset({"y": ("x", [1.0, 2.0])}, {"x": [0.0, 1.0]}),
    )


def networks() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    t = things()
    a, part, net = t.a, t.part, t.net
    wire, net_only = ("left.out", "right.in"), ONLY.bad(part)
    none, whole = ONLY.also("empty list"), qc.slh.as_component(qc.Network(net.parts))
    parts = ONLY.or_blame("wires").bad(
        {"left": net, "right": part}, {"left": part, "a b": part}, {3: part}
    )
    wires = none.also("empty array").bad(
        [wire, wire], [("left.out",)], [("left.out", "nowhere.in")], [None]
    )
    wires = wires.bad([("left.nowhere", "right.in")], [(3, 4)], [wire[::-1]], [([], {})])
    couplings = none.also("empty mapping").good(()).bad([part, None], {"left": part})
    couplings = couplings.bad([qc.hopping("left.a", "nowhere.a", 1.0)])
    baths = ONLY.also("empty mapping").bad({"left.in": -1.0}, {"left.in": None}, {"right.in": 1.0})
    ports = MAYBE.also("empty mapping").bad({"a": "left.in", "b": "left.in"}, {"a b": "left.in"})
    ports = ports.bad({3: "left.in"}, {"x": ["left.in"]})
    names = {"modes": ("a",), "inputs": ("in",), "outputs": ("out",)}
    named = ONLY.bad(("a", "a"), ("a", None), ("a b",), ("a†",), ("",), ([],))
    component = {
        "S": ([[1j]], ONLY.bad([[0.5]], [1.0], np.eye(2), [["1"]])),
        "L": (
            (0.5 * a,),
            ONLY.or_blame("S", "inputs").bad((a, a), (None,), ({},), (np.nan * a,), a),
        ),
        "H": (a.dag * a, REAL.bad(1j * a.dag * a, np.nan * a.dag * a, a, "a", 1j)),
        **{name: (value, named) for name, value in names.items()},
        "modes": (("a",), named.also("texts", "empty list")),
        "occupations": ({"in": 1.0}, ONLY.also("empty mapping").bad({"in": -1}, {"in": None})),
        "qubits": ((), none.bad(("nowhere",), ("a", "a"), (None,))),
        "squeezings": (
            {},
            ONLY.also("empty mapping").good({("in", "in"): 1j}).bad({("in", "x"): 1}),
        ),
        "delays": ({}, ONLY.also("empty mapping").bad({"in": 1.0}, {"nowhere": 1.0})),
    }
    texts = ONLY.or_blame("file", "parts", "axes", "parameters")
    texts = texts.bad("[parts]", "[nonsense]", "x = ")
    unknown = TEXT.replace("k = 1.0", "q = 1.0")
    values = MAYBE.also("empty mapping").or_blame("decay").good({"k": 2.0})
    values = values.bad({"k": None}, {"k": "x"}, {"k": -1.0}, {"k": np.nan}, {3: 1.0})
    words = ONLY.also("empty mapping").good({(): 1.0}).bad({(("a",),): 1.0}, {"a": 1.0})
    words = words.bad({(("a", True),): None}, {(("a", 3),): 1.0}, {((3, True),): 1.0})
    change = {"name": (lambda mode: mode + "x", ONLY)}
    loose = COMPLEX.but("empty list").also("NaN", "infinite", "NaN inside")
    factor = {"other": (2.0, loose)}  # what is not finite is refused where parts are made of it
    return {
        "Network": (
            qc.Network,
            {
                "parts": ({"left": part, "right": part}, parts),
                "wires": ([wire], wires),
                "couplings": ([qc.hopping("left.a", "right.a", 0.1)], couplings),
                "occupations": ({"left.in": 1.0}, baths),
            },
        ),
        "Component": (qc.Component, component),
        "open_ports": (qc.slh.open_ports, {"net": (net, net_only)}),
        "wiring_table": (qc.slh.wiring_table, {"net": (net, net_only)}),
        "as_component": (qc.slh.as_component, {"net": (net, net_only), "ports": (None, ports)}),
        "concatenate": (
            qc.slh.concatenate,
            {"parts": ({"left": part}, ONLY.also("empty mapping").bad({"m": net}, {"a b": part}))},
        ),
        "eliminate": (
            qc.slh.eliminate,
            {
                "component": (whole, ONLY.bad(net)),
                "wires": ([wire], none.bad([("left.out", "left.in")], [None], [wire, wire])),
            },
        ),
        "to_toml": (qc.to_toml, {"net": (net, net_only)}),
        "from_toml": (
            qc.from_toml,
            {"text": (TEXT, texts.bad(unknown)), "parameters": ({"k": 2.0}, values)},
        ),
        "netlist.load": (
            netlist.load,
            {"text": (TEXT, texts.good(unknown).bad(TEXT + "\n[axes.q]"))},
        ),
        "lower": (qc.lower, {"mode": ("a", NEW)}),
        "Ladder": (qc.slh.Ladder, {"terms": ({(("a", True),): 1.0}, words)}),
        "Ladder.rename": (a.rename, change),
        "Ladder.__add__": (a.__add__, factor),
        "Ladder.__sub__": (a.__sub__, factor),
        "Ladder.__mul__": (a.__mul__, factor),
        "Ladder.__rmul__": (a.__rmul__, factor),
        "Ladder.__rsub__": (a.__rsub__, factor),
    }


def _travelling(t: SimpleNamespace) -> dict[str, Entry]:
    """The same for travelling modes."""
    mode, wired = qc.output_mode("right.out", 0.1, 0.3), qc.output_mode("left.out", 0.1, 0.3)
    named = ONLY.bad({"f": None}, {"f": "right.out"}, {"a b": mode}, {3: mode}, [mode])
    inside = named.bad({"left.a": mode}, {"f": wired}, {"f": mode, "g": mode})
    width = DAMPING.but("zero").bad("0 MHz")
    field = {"port": ("right.out", NEW), "frequency": (0.1, FREQUENCY)}
    no_shape = {"shape": (None, MAYBE.or_blame("width")), "span": (None, MAYBE)}
    times = ONLY.good([0, 1], (0.0, 0.5, 1.0), ("0 us", "1 us"), np.array([0.0, 1.0]))
    times = times.bad((1.0, 0.0), (-1.0, 1.0), (0.0,), (0.0, np.inf), [[0.0, 1.0]], (0.0, None))
    ones = ONLY.good(np.cos, lambda t: 1j * t, lambda t: 2.0).bad(np.zeros_like, np.log, len)
    shaped = {"width": (None, MAYBE), "shape": (np.ones_like, ones), "span": ((0.0, 1.0), times)}
    return {
        "output_mode": (qc.output_mode, {**field, "width": (0.3, width), **no_shape}),
        "output_mode/shape": (qc.output_mode, {**field, **shaped}),
        "mode_overlap": (qc.mode_overlap, {"modes": ({"f": mode}, named)}),
        "output_modes": (
            qc.output_modes,
            {
                "run": (
                    qc.evolve(t.model, None, [1.0]),
                    ONLY.bad(t.model, t.state, t.net).or_blame("port"),
                ),
                "port": ("right.out", ONLY.bad("left.out", "right.in", ["right.out"])),
                "least": (1e-9, ONLY.also("zero").good(1.0).bad(1.5)),
            },
        ),
        "output_state": (
            qc.output_state,
            {
                "net": (t.net, ONLY.bad(t.model, t.state, t.master)),
                "modes": ({"f": mode}, inside),
                "orthonormal": (False, FLAG),
            },
        ),
    }


def models() -> dict[str, Entry]:
    """The same for models and what is found of them before their states."""
    t = things()
    net, master, eye = t.net, t.master, np.eye(2)
    oscillators = ONLY.bad(t.pair)
    fields = ONLY.also("empty mapping").bad({"left.a": None}, {"left.a": "x"}, {"left.a": np.nan})
    fields = fields.bad({"left.a": 5.0}, {"nowhere": 0.0}, {"left.a": True})
    guess = ONLY.also("empty mapping").good({"m.a": np.nan + 0j * eye[0]})
    guess = guess.bad({"m.a": None}, {"m.a": "x"}, {"nowhere": 0.0})
    start = ONLY.also("empty mapping").bad({"m.a": None}, {"m.a": np.ones(3)}, {"nowhere": 0.0})
    time = ONLY.also("fraction").bad([5.0], -1.0, 0.0)

    def lit(time):
        parts = {"laser": qc.coherent_drive(1.0 + 0.1 * np.cos(time)), "m": t.part}
        return qc.Network(parts, [("laser.out", "m.in")])

    matrix = ONLY.bad(np.eye(3), [[1.0, "x"], [0.0, 1.0]], np.full((2, 2), np.nan))
    given = {
        "modes": (
            ("a",),
            ONLY.or_blame("A").also("text", "mapping").bad(("a", "b"), ("a", "a"), (None,), ()),
        )
    }
    given |= {"A": (-eye, matrix), "D": (eye, matrix.bad([[1.0, 1.0], [0.0, 1.0]]))}
    given |= {"drive": ([0.0, 0.0], MAYBE.bad([1.0], [[0.0], [1.0]], [0.0, np.inf]))}
    given |= {
        "inputs": (("in",), ONLY.or_blame("outputs").bad(("in", "in"), (None,))),
        "outputs": (("out",), ONLY.bad(("out", "out"), (None,))),
        "scattering": ([[1.0]], ONLY.bad(eye, [[0.5]])),
        "coupling": ([[1.0, 1j]], ONLY.bad(eye, [[1.0]])),
    }
    alike = MAYBE.bad(qc.gaussian(qc.Network({"m": t.part})), t.state)
    cuts = {"cutoffs": ({"m.a": 4}, ONLY.bad({"m.a": 0}, {"m.a": 2.5}, {"n": 3}, {"m.a": True}))}
    pairs = MAYBE.also("empty mapping").bad({("m.a", "m.a"): 1.0}, {("m.a", "x"): 1.0}, {"m.a": 1})
    whole = {"modes": (t.master.modes, ONLY.bad(("A.q",), ("A.q", "A.q")))}
    whole |= {"H": (master.H, ONLY.bad(qc.lower("x"), 1j * t.n))}
    whole |= {"jumps": (master.jumps, ONLY.also("empty list").bad((None,), (qc.lower("x"),)))}
    whole |= {"space": (master.space, ONLY)}
    flags = {"mirrored": (True, FLAG), "real": (True, FLAG)}
    spectral = ONLY.bad(t.net, t.state, t.master)
    port = ONLY.bad("left.out", "right.in", ["right.out"])
    row = FREQUENCY.but("array")
    ends = {
        "outputs": ("right.out", ONLY.also("None").bad("left.out", "right.in", ["left.out"])),
        "inputs": ("left.in", ONLY.also("None").bad("right.in", "left.out", ["right.in"])),
    }
    field = {"model": (t.model, spectral), "port": ("right.out", port)}
    # Other models have other ports.
    either = {"model": (t.model, ONLY.or_blame("port").bad(t.net, t.state, t.master))}
    either |= {"port": ("right.out", port)}
    atoms = {"model": (t.lit, ONLY.or_blame("port").bad(t.net, t.state, t.model))}
    atoms |= {"port": ("m.out2", port)}
    delays = RATE.bad("1 us", "1 kg", [0.1, -0.1])
    seen = {"angle": (0.0, ANGLE), "efficiency": (1.0, SHARE)}
    return {
        "transfer": (
            qc.transfer,
            {"model": (t.model, spectral), "frequency": (0.1, FREQUENCY), **ends},
        ),
        "scattering": (
            qc.scattering,
            {"model": (t.model, spectral), "frequency": (0.1, row), **ends},
        ),
        "quadrature_spectrum": (
            qc.quadrature_spectrum,
            {**field, "frequency": (0.1, FREQUENCY), **seen},
        ),
        "decibel": (qc.decibel, {"spectrum": (0.5, RATE.also("NaN", "NaN inside"))}),
        "emission_spectrum": (
            qc.emission_spectrum,
            {**either, "frequency": (0.1, FREQUENCY)},
        ),
        "emission_spectrum/qubits": (
            qc.emission_spectrum,
            {**atoms, "frequency": (0.1, FREQUENCY)},
        ),
        "flux": (qc.flux, either),
        "flux/qubits": (qc.flux, atoms),
        "g1": (qc.g1, {**either, "delays": (0.1, delays)}),
        "g1/qubits": (qc.g1, {**atoms, "delays": (0.1, delays)}),
        "g2": (qc.g2, {**either, "delays": (0.1, delays)}),
        "g2/qubits": (qc.g2, {**atoms, "delays": (0.1, delays)}),
        "sidebands": (
            qc.sidebands,
            {
                "model": (t.model, spectral),
                "frequency": (0.1, FREQUENCY.but("zero").bad([0.1, 0.0])),
            },
        ),
        **detection(),
        **_travelling(t),
        "gaussian": (qc.gaussian, {"net": (net, oscillators)}),
        "GaussianModel": (qc.GaussianModel, given),
        "audit": (
            qc.audit,
            {
                "model": (t.model, ONLY.bad(net, master)),
                "wired": (None, alike),
                "digits": (None, MAYBE.good(3, 15).bad(0, 16, "3", 2.5, True)),
                "errors": (None, MAYBE.good((0.0, 0.0)).bad((0.0,), (-1.0, 0.0), 0.1, "ab")),
            },
        ),
        "growth": (
            qc.growth,
            {"A": (-eye, ONLY.bad(np.eye(2)[:1], [[1j]]).good(np.full((2, 2), np.nan), [[1]]))},
        ),
        "linearise": (qc.linearise, {"net": (net, oscillators), "fields": ({}, fields)}),
        "steady_fields": (
            qc.classical.steady_fields,
            {"net": (t.kerr, oscillators), "guess": ({"m.a": 0.1}, guess)},
        ),
        "real_roots": (
            qc.classical.real_roots,
            {"coefficients": ([1.0, 0.0, -1.0], ONLY.also("array", "NaN inside").bad([0.0, 1.0]))},
        ),
        "working_points": (
            qc.classical.working_points,
            {
                "net": (t.driven, oscillators),
                "seed": (1, FROM_ZERO),
                "most_paths": (5000, ONLY.good(np.int64(5000)).bad(1, "5000", 1.0)),
                "progress": (True, FLAG),
            },
        ),
        "WorkingPoints.branch": (t.points.branch, {"k": (0, ONLY.also("zero").good(99).bad("0"))}),
        "hysteresis": (
            qc.classical.hysteresis,
            {
                "points": (t.points, ONLY.bad(qc.classical.working_points(t.kerr))),
                "falling": (False, FLAG),
                "start": (0, FROM_ZERO),
            },
        ),
        "orbit": (
            qc.orbit,
            {
                "at": (lit, ONLY.bad(len, lambda _: t.model, lambda _: t.driven)),
                "period": (2 * np.pi, ONLY.good(4 * np.pi).bad(None, "1 us", 3.0, 1e300)),
                "start": (
                    None,
                    MAYBE.also("empty mapping")
                    .good({"m.a": 0.5})
                    .bad({"x": 0.5}, {"m.a": None}, t.rho),
                ),
            },
        ),
        "mean_field": (
            qc.mean_field,
            {
                "at": (lit, ONLY.bad(len, lambda _: t.model, lambda _: t.driven)),
                "start": ({"m.a": 0.5}, start.also("None").bad(t.rho)),
                "times": ([-1.0, 2.0], ONLY.bad([1.0, 0.5], [[1.0]], [0.0, np.nan], [0.0])),
                "breaks": ((), ONLY.also("empty list", "empty array").good([0.5]).bad("x")),
            },
        ),
        "limit_cycle": (
            qc.classical.limit_cycle,
            {
                "net": (t.kerr, oscillators.bad(t.driven)),
                "start": ({"m.a": 0.5}, start),
                "time": (5.0, time),
                "transient": (1.0, time.also("None").bad(5.0, 6.0)),
            },
        ),
        "lindblad": (
            qc.lindblad,
            {"net": (t.kerr, ONLY.good(t.driven)), **cuts, "squeezed": ({}, pairs)}
            | {"sectors": (True, FLAG)},
        ),
        "LindbladModel": (qc.LindbladModel, whole),
        "LindbladModel.generator": (master.generator, flags),
        "LindbladModel.check_blocks": (master.check_blocks, flags),
        "LindbladModel.upstream": (t.line.upstream, {"names": ("A.q", ONLY)}),
        "ground": (qc.ground, {"model": (master, ONLY.bad(t.model))}),
    }


def detection() -> dict[str, Entry]:
    """The same for detectors, and the states they leave."""
    t, seen, full = things(), qc.homodyne("90 deg", 0.9), {"right.out": qc.homodyne()}
    ports = ONLY.good({"right.out": qc.heterodyne(0.0)}, {"right.out": qc.homodyne([0.0, 1.0])})
    ports = ports.bad({"left.out": seen}, {"right.in": seen}, {"right.out": 0.5}, {3: seen})
    modes = ONLY.good({"left.a": qc.homodyne([0.0, 1.0])}).bad({"left": seen}, {"left.a": None})
    modes = modes.bad({"left.a": seen, "right.a": seen})
    return {
        "homodyne": (qc.homodyne, {"angle": (0.5, ANGLE), "efficiency": (1.0, SHARE)}),
        "heterodyne": (qc.heterodyne, {"efficiency": (1.0, SHARE)}),
        "conditional_state": (
            qc.conditional_state,
            {"model": (t.model, ONLY.bad(t.net, t.state, t.master)), "measure": (full, ports)},
        ),
        "measured": (
            qc.measured,
            {
                "state": (t.state, ONLY.bad(t.model, t.rho)),
                "measure": ({"left.a": seen}, modes),
            },
        ),
    }
