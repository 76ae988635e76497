from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_networks import random_network

import qcascade as qc
from qcascade.expression import evaluate
from qcascade.netlist import load

FILE = """
title = "two cavities and a link"
wires = [["left.out", "link.in"], ["link.out", "right.in"]]

[parameters]
loss = 0.1
kappa = 2.0

[parts.left]
part = "squeezed_mode"
squeezing = "kappa/10 + 0.1j"
decay = "kappa"

[parts.link]
part = "fibre"
transmission = "1 - loss"

[parts.right]
part = "cavity"
decay = "kappa"

[[couplings]]
part = "common_bath"
weights = { "left.a" = 1.0, "right.a" = "1j" }
rate = "kappa*(1 - loss)"

[occupations]
"left.in" = 0.2

[axes.loss]
from = 0.0
to = 0.5
points = 3
unit = "1"

[measures.E_N]
measure = "log_negativity"
a = "left"
b = "right"
"""


def same(first, second):
    one, other = first.component, second.component
    np.testing.assert_allclose(one.S, other.S, atol=1e-15)
    assert (one.modes, one.inputs, one.outputs) == (other.modes, other.inputs, other.outputs)
    for x, y in zip([*one.L, one.H], [*other.L, other.H], strict=True):
        assert x.terms.keys() == y.terms.keys()
        for word in x.terms:
            np.testing.assert_allclose(x.terms[word], y.terms[word], atol=1e-15)
    for name in {*one.occupations, *other.occupations}:
        np.testing.assert_allclose(one.occupations[name], other.occupations[name])


@given(st.integers(0, 10**6))
def test_networks_survive_the_round_trip_through_toml(seed):
    net = random_network(seed)
    same(qc.from_toml(qc.to_toml(net)), net)


def test_parts_made_by_hand_and_nested_networks_survive_the_round_trip():
    a = qc.lower("a")
    kerr = qc.Component([[1j]], [0.3j * a], 0.1 * a.dag * a.dag * a * a, ("a",), ("i",), ("o",))
    inner = qc.Network({"x": qc.cavity(decay=1.0, occupation=0.5)}, couplings=[])
    net = qc.Network({"hand": kerr, "box": qc.as_component(inner)}, [])
    same(qc.from_toml(qc.to_toml(net)), net)


def test_arrays_survive_the_round_trip():
    net = qc.Network({"x": qc.squeezed_mode(np.array([0.1, 0.2j]), np.array([0.0, 1.0]), 1.0)})
    same(qc.from_toml(qc.to_toml(net)), net)


def test_a_file_gives_the_network_its_axes_and_measures():
    netlist = load(FILE)
    assert netlist.title == "two cavities and a link"
    assert netlist.parameters == {"loss": 0.1, "kappa": 2.0}
    values, unit = netlist.axes["loss"]
    assert (values.tolist(), unit) == ([0.0, 0.25, 0.5], "1")
    by_hand = qc.Network(
        {
            "left": qc.squeezed_mode(0.2 + 0.1j, decay=2.0),
            "link": qc.fibre(0.9),
            "right": qc.cavity(decay=2.0),
        },
        [("left.out", "link.in"), ("link.out", "right.in")],
        [qc.common_bath({"left.a": 1.0, "right.a": 1j}, 1.8)],
        {"left.in": 0.2},
    )
    same(netlist.network(), by_hand)


def test_parameters_may_be_replaced_by_arrays():
    net = load(FILE).network({"loss": np.array([0.1, 0.4])})
    assert qc.gaussian(net).A.shape == (2, 4, 4)
    same(load(FILE).network({"loss": 0.1}), load(FILE).network())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2*gamma - 1", -0.5),
        ("-(1 + 2)/4", -0.75),
        ("sqrt(gamma)*1j", 0.5j),
        ("exp(1j*pi)", -1.0),
        (" 1e-3 ", 1e-3),
    ],
)
def test_arithmetic_means_what_it_says(text, value):
    assert evaluate(text, {"gamma": 0.25}) == pytest.approx(value)


HOSTILE = [
    "__import__('os').system('true')",
    "open('x','w')",
    "(1).__class__",
    "[x for x in (1,)]",
    "gamma.real",
    "lambda: 1",
    "9**9**9",
    "sqrt(sqrt)",
    "sqrt(1, 2)",
    "sqrt(x=1)",
    "'a'*10",
    "1 if 1 else 2",
    "gamma := 3",
    "f'{1}'",
    "True",
    "1 < 2",
    "(" * 150,
    "+" * 199 + "1" * 2,
    "1;2",
    "",
    "delta",
    "1/0",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_but_arithmetic_is_understood(text):
    with pytest.raises(qc.ArgumentError):
        evaluate(text, {"gamma": 0.25})


def test_a_hostile_file_gets_an_error_and_runs_nothing(tmp_path):
    mark = tmp_path / "mark"
    text = f'[parts.x]\npart = "cavity"\ndecay = "open({str(mark)!r}, chr(119))"\n'
    with pytest.raises(qc.ArgumentError, match=r"`parts.x.decay` must be arithmetic with"):
        qc.from_toml(text)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[parts.left]", "[parts.left", "not valid TOML"),
        ("[measures.E_N]", "[measure.E_N]", "known sections only.*did you mean 'measures'"),
        ('part = "fibre"', 'part = "fiber"', r"`parts.link.part` must be a part.*mean 'fibre'"),
        ('part = "fibre"', "", r"`parts.link.part` must name a part: squeezed_mode|name a part"),
        ("transmission =", "transmision =", r"`parts.link` must be an argument of fibre.*mean"),
        ('"1 - loss"', '"1 - lose"', r"`parts.link.transmission` must be arithmetic with"),
        ('"1 - loss"', '"1 + loss"', "In parts.link: Argument `transmission` must be a number"),
        ('"1 - loss"', "true", "In parts.link: Argument `transmission` must be a number"),
        ("loss = 0.1", 'loss = "0.1"', "`parameters.loss` must be a real number"),
        ("loss = 0.1", "loss = nan", "`parameters.loss` must be a real number, finite"),
        ("loss = 0.1", "loss = [1, 2]", "`parameters.loss` must be one number"),
        ("[parameters]", "[parameters]\npi = 3", "`parameters` must have plain names"),
        ("[axes.loss]", "[axes.gain]", "`axes` must be among the file's parameters"),
        ("points = 3", "", "`axes.loss` must have `values`, or"),
        ("points = 3", "points = 2.5", "`axes.loss.points` must be a whole number"),
        ("points = 3", "pints = 3", "`axes.loss` must be a table of.*mean 'points'"),
        ('"log_negativity"', '"log_negativty"', "`measures.E_N.measure` must be a measure.*mean"),
        ('b = "right"', "", "`measures.E_N` must give `b` of log_negativity"),
        ('"link.in"]', '"link.inn"]', r"`wires\[0\]` must name an input port"),
        ('wires = [["left', 'wires = ["x", ["left', r"`wires\[0\]` must be a pair"),
        ('rate = "kappa*(1 - loss)"', "", r"`couplings\[0\]` must give `rate` of common_bath"),
    ],
)
def test_bad_files_are_refused_with_the_place(old, new, sentence):
    assert old in FILE
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(FILE.replace(old, new, 1)).network()


def test_a_file_without_parts_is_refused():
    with pytest.raises(qc.ArgumentError, match=r"`parts` must be a section.*found: parameters"):
        load("[parameters]\nx = 1.0")
    with pytest.raises(qc.ArgumentError, match="`parts` must be a table"):
        load("parts = 3").network()


def test_matrices_may_stand_instead_of_parts():
    model = load('[matrices]\nA = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\nmodes = ["m"]').matrices
    assert model is not None
    assert model.modes == ("m",)
    with pytest.raises(qc.ArgumentError, match="`matrices` must give `D`"):
        load("[matrices]\nA = [[-1.0, 0.0], [0.0, -1.0]]")


def test_a_batched_decay_stays_a_batch_and_a_list_stays_ports():
    many = qc.Network({"m": qc.cavity(decay=np.array([0.1, 0.2, 0.3]))})
    same(qc.from_toml(qc.to_toml(many)), many)
    ports = qc.Network({"m": qc.cavity(decay=[0.1, 0.2, 0.3])})
    same(qc.from_toml(qc.to_toml(ports)), ports)


def test_a_changed_part_is_written_as_it_is():
    part = replace(qc.cavity(decay=1.0), occupations={"in": 2.0})
    net = qc.Network({"m": part, "c": qc.circulator(np.int64(4))})
    same(qc.from_toml(qc.to_toml(net)), net)


@pytest.mark.parametrize("name", ["stable", "loss", "E/N"])
def test_a_measure_takes_no_name_that_means_something_else(name):
    with pytest.raises(qc.ArgumentError, match="`measures` must have plain names"):
        load(FILE.replace("[measures.E_N]", f'[measures."{name}"]'))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("wires = 3\n[parts.m]\npart = 'cavity'", "`wires` must be a list, but is 3"),
        ("[matrices]\nA = [[-1.0]]\nD = [[1.0]]\nmodes = 3", "`modes` must be a list"),
        ("[matrices]\nA = 3\nD = [[1.0]]", "`matrices.A` must be a square matrix"),
        (None, "`text` must be TOML text"),
    ],
)
def test_wrong_types_are_told(text, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(text).network()


def test_numbers_keep_their_units_in_a_file():
    text = """
    [parts.om]
    part = "optomechanical_cavity"
    detuning = "88.54 MHz"
    coupling = 0.0
    frequency = "88.54 MHz"
    damping = "2.2 kHz"
    decay = ["27 MHz", "15 MHz"]
    """
    A = qc.gaussian(qc.from_toml(text)).A
    assert A[0, 1] == pytest.approx(2 * np.pi * 88.54e6)
    assert A[0, 0] == pytest.approx(-np.pi * 42e6)
    same(qc.from_toml(qc.to_toml(qc.from_toml(text))), qc.from_toml(text))
    with pytest.raises(qc.ArgumentError, match=r"In parts.om: .*`detuning` must be a number or"):
        qc.from_toml(text.replace('detuning = "88.54 MHz"', 'detuning = "88.54 MW"'))


def test_unknown_parameters_are_refused():
    with pytest.raises(qc.ArgumentError, match="`parameters` must be among the file's parameters"):
        load(FILE).network({"los": 1.0})
