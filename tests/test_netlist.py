from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_networks import random_network

import qcascade as qc
from qcascade.base import conventions
from qcascade.base.settings import settings
from qcascade.netlist.expression import evaluate
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist

FILE = """
title = "two cavities and a link"
wires = [["left.out", "link.in"], ["link.out", "right.in"]]

[parameters]
loss = 0.1
kappa = 2.0

[parts.left]
part = "squeezed_mode"
drive = "kappa/10 + 0.1j"
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
decay = "kappa*(1 - loss)"

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
    net = qc.Network({"hand": kerr, "box": qc.slh.as_component(inner)}, [])
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
        ('"1 - loss"', '"1 - lose"', r"there is no `lose`; did you mean 'loss'\?"),
        ('"1 - loss"', '"1 + loss"', "In parts.link: Argument `transmission` must be a number"),
        ('"1 - loss"', "true", "In parts.link: Argument `transmission` must be a number"),
        ("loss = 0.1", 'loss = "0.1"', "`parameters.loss` must be a number or text with a unit"),
        ("loss = 0.1", "loss = nan", "`parameters.loss` must be a real number, finite"),
        ("loss = 0.1", "loss = [1, 2]", "`parameters.loss` must be one number"),
        ("[parameters]", "[parameters]\npi = 3", "`parameters` must have plain names"),
        ("[axes.loss]", "[axes.gain]", "`axes` must be among the file's parameters"),
        ("points = 3", "", "`axes.loss` must have `values`, or"),
        ("points = 3", "points = 2.5", "`axes.loss.points` must be a whole number"),
        ("points = 3", "num = 3", "`axes.loss` must be a table of.*mean 'points'"),
        ("from =", "start =", "`axes.loss` must be a table of.*mean 'from'"),
        ("wires =", "connections =", "known sections only.*did you mean 'wires'"),
        ('part = "fibre"', 'type = "fibre"', "but is missing: `type` is called `part` "),
        ("points = 3", "pints = 3", "`axes.loss` must be a table of.*mean 'points'"),
        ('"log_negativity"', '"log_negativty"', "`measures.E_N.measure` must be a measure.*mean"),
        ('b = "right"', "", "`measures.E_N` must give `b` of log_negativity"),
        ('"link.in"]', '"link.inn"]', r"`wires\[0\]` must name an input port"),
        ('wires = [["left', 'wires = ["x", ["left', r"`wires\[0\]` must be a pair"),
        ('decay = "kappa*(1 - loss)"', "", r"`couplings\[0\]` must give `decay` of common_bath"),
    ],
)
def test_bad_files_are_refused_with_the_place(old, new, sentence):
    assert old in FILE
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(FILE.replace(old, new, 1)).network()


WIRES = 'wires = [["left.out", "link.in"], ["link.out", "right.in"]]'
GRID = "from = 0.0\nto = 0.5\npoints = 3"
CUTOFFS = '[cutoffs]\n"left.a right.a" = 8\n'


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        # every section of another type
        ('title = "two cavities and a link"', "title = 3", "`title` must be text"),
        (WIRES, "wires = { a = 1 }", "`wires` must be a list"),
        (WIRES, "axes = 3\n" + WIRES, "not valid TOML"),
        ("[[couplings]]", "[couplings]", "`couplings.part` must be a table"),
        ("[measures.E_N]", "[cutoffs]\nx = []\n[measures.E_N]", "`cutoffs.x` must be a whole"),
        # parameters and arithmetic
        ("kappa = 2.0", "kappa = true", "`parameters.kappa` must be a real number"),
        ("kappa = 2.0", "kappa = 1979-05-27", "`parameters.kappa` must be a real number"),
        ('"kappa/10 + 0.1j"', '"kappa/0"', r"`parts.left.drive` must be a number \(float div"),
        ('"kappa/10 + 0.1j"', '"kappa/"', "`parts.left.drive` must be arithmetic with"),
        ('"kappa/10 + 0.1j"', "1979-05-27", "In parts.left: Argument `drive` must be"),
        ('"kappa/10 + 0.1j"', "{ batch = [[1], [1, 2]] }", "`parts.left.drive.batch` must be"),
        ('"kappa/10 + 0.1j"', '{ batch = ["x"] }', r"drive.batch\[0\]` must be arithmetic"),
        # units
        (
            'decay = "kappa"',
            'decay = "3 kg"',
            "In parts.left: Argument `decay` must be a number or",
        ),
        (
            'decay = "kappa"',
            'decay = "3 Hzz"',
            "In parts.left: Argument `decay` must be a number or",
        ),
        (
            'decay = "kappa"',
            'decay = { "a b" = 1 }',
            "In parts.left: Argument `decay` must be a name",
        ),
        # parts and couplings
        ('part = "fibre"', "part = 3", "`parts.link.part` must be a part: .*beam_splitter"),
        ('"right.a" = "1j" }', '"nowhere.a" = 1 }', "`couplings` must act on modes of the parts"),
        (
            '"right.a" = "1j" }',
            '"right.a" = "x" }',
            r"`couplings\[0\].weights.right.a` must be arith",
        ),
        # wires: twice the same, to itself, no name
        (WIRES, WIRES[:-1] + ', ["left.out", "right.in"]]', r"`wires\[2\]` must use an output"),
        (WIRES, 'wires = [["right.out", "right.in"]]', "`wires` must not close a loop"),
        (WIRES, 'wires = [["left.out", ["link.in"]]]', r"`wires\[0\]` must name an input port"),
        # occupations
        ('"left.in" = 0.2', '"left.inn" = 0.2', "`occupations` must name open inputs"),
        ('"left.in" = 0.2', '"left.in" = [0.2]', "`occupations.left.in` must be one number"),
        ('"left.in" = 0.2', '"left.in" = -1', r"`occupations\[left.in\]` must be a number zero"),
        # axes
        ("points = 3", "points = 100000000000", "`axes.loss.points` must be 10,000,000 or fewer"),
        ("from = 0.0", "from = nan", "`axes.loss.from` must be a number, finite"),
        ("from = 0.0", "from = [0, 1]", "`axes.loss.from` must be a number"),
        ("to = 0.5", "to = 0.0", "`axes.loss.to` must differ from `from`"),
        ('unit = "1"', "unit = 3", "`axes.loss.unit` must be text"),
        (GRID, "values = 3", "`axes.loss.values` must be a list of numbers"),
        (GRID, "values = [[0.1]]", "`axes.loss.values` must be a list of numbers"),
        (GRID, "values = []", "`axes.loss.values` must be a list of numbers"),
        (GRID, "values = [0.1]\nfrom = 0.0", "`axes.loss` must have `values` alone"),
        # measures
        ('"log_negativity"', "3", "`measures.E_N.measure` must be a measure"),
        ('b = "right"', 'b = "right"\ngain = 2', "`measures.E_N` must be an argument of log_neg"),
        # master equations
        (
            "[measures.E_N]",
            '[squeezed]\n"left.a right.a" = 1\n[measures.E_N]',
            "`squeezed` must stand",
        ),
        ("[measures.E_N]", '[cutoffs]\n"left.a" = 0\n[measures.E_N]', "`cutoffs.left.a` must be"),
    ],
)
def test_whatever_is_wrong_in_a_file_is_told_by_its_section_and_key(old, new, sentence):
    assert old in FILE
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(FILE.replace(old, new, 1)).network()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"log_negativity"',
            '"concurrence"',
            "`measures.E_N.measure` must be a measure of Gaussian",
        ),
        ('a = "left"', 'a = "nowhere"', "In measures.E_N: Argument `a` must name modes"),
        (
            'b = "right"',
            'b = "right"\nmodes = 3',
            "In measures.E_N: Argument `modes` must hold names",
        ),
        ('b = "right"', 'b = "right"\nmodes = ["left"]', "In measures.E_N: Argument `b` must name"),
        (
            '"log_negativity"',
            '"epr_variance"\ngain = -1',
            "In measures.E_N: Argument `gain` must be",
        ),
        (GRID, "values = [0.1, 0.1]", r"`axes\[loss\]` must go one way"),
        ("to = 0.5", "to = 1.5", "In parts.link: Argument `transmission` must be a number between"),
        (
            '[measures.E_N]\nmeasure = "log_negativity"',
            CUTOFFS + '[measures.E_N]\nmeasure = "margin"',
            "`measures.E_N.measure` must be a measure of density matrices: log_negativity",
        ),
        (
            "[measures.E_N]",
            CUTOFFS + '[squeezed]\n"left.a" = 1\n[measures.E_N]',
            "`squeezed` must have pairs of different oscillators",
        ),
        (
            "[measures.E_N]",
            '[cutoffs]\n"x.a" = 3\n[measures.E_N]',
            "`cutoffs` must be an oscillator",
        ),
    ],
)
def test_what_is_wrong_only_in_a_sweep_is_told_by_its_place_too(old, new, sentence):
    assert old in FILE
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(FILE.replace(old, new, 1)))


BY_HAND = """
[parts.m]
part = "custom"
modes = ["a"]
inputs = ["in"]
outputs = ["out"]
S = [[1]]
L = [{ a = 1.0 }]
H = { "a† a" = 1.0 }
"""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('modes = ["a"]', "modes = 3", "In parts.m: Argument `modes` must be a list"),
        ("S = [[1]]", "S = [[1], [1, 2]]", "In parts.m: Argument `S` must be"),
        ("S = [[1]]", "S = [[0.5]]", "In parts.m: Argument `S` must be unitary"),
        ("L = [{ a = 1.0 }]", "L = [3]", r"In parts.m: Argument `L\[0\]` must be a table"),
        (
            "L = [{ a = 1.0 }]",
            'L = [{ a = "x" }]',
            r"In parts.m: Argument `L\[0\].a` must be arith",
        ),
        ('{ "a† a" = 1.0 }', '{ "a† a" = true }', r"In parts.m: Argument `H\[a† a\]` must be"),
        ('{ "a† a" = 1.0 }', '{ "a† a" = "1j" }', "In parts.m: Argument `H` must be Hermitian"),
        ("S = [[1]]", "S = [[1]]\nx = 3", "`parts.m` must be an argument of a custom part"),
        ("S = [[1]]", "", "`parts.m` must give `S` of a custom part"),
        ("S = [[1]]", 'S = [[1]]\nqubits = ["x"]', "In parts.m: Argument `qubits` must be a mode"),
    ],
)
def test_a_part_by_hand_is_checked_entry_by_entry(old, new, sentence):
    assert load(BY_HAND).network().modes == ("m.a",)
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(BY_HAND.replace(old, new, 1)).network()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('A = [[-1, 0], [0, -1]]\nD = "x"', "`matrices.D` must be a square matrix of numbers"),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0]]", "`matrices.D` must be a square matrix"),
        (
            f"A = [[-1, 0], [0, -1]]\nD = {np.eye(4).tolist()}",
            "`matrices.D` must have as many rows",
        ),
        ('A = [["x", 0], [0, -1]]\nD = [[1, 0], [0, 1]]', r"`matrices.A\[0\]\[0\]` must be arithm"),
        (
            'A = [["1j", 0], [0, -1]]\nD = [[1, 0], [0, 1]]',
            r"`matrices.A\[0\]\[0\]` must be a real",
        ),
        (
            'A = [["-1 MHz", 0], [0, -1]]\nD = [[1, 0], [0, 1]]',
            "`matrices.unit` must name the unit of plain numbers",
        ),
        (
            'A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\nmodes = ["a", "b"]',
            "In matrices: .*`modes` must name 1 mode",
        ),
        ('A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\norder = "x"', "`matrices.order` must"),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\nvacuum = 0", "`matrices.vacuum` must"),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\ndigits = 99", "`matrices.digits` must"),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0.5], [0, 1]]", "In matrices: .*`D` must be symmetric"),
        (
            "A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\n[cutoffs]\nmode1 = 3",
            "`cutoffs` must stand in a file with parts",
        ),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\ndrive = 3", "In matrices: .*`drive` must"),
        (
            "A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\nmodes = [1]",
            "In matrices: .*`modes` must",
        ),
        ("A = []\nD = []", "`matrices.A` must be a square matrix"),
        ("A = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\nB = 3", "`matrices` must be a table of"),
    ],
)
def test_printed_matrices_are_checked(text, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        load("[matrices]\n" + text)


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


PRINTED = """
[parameters]
kappa = 0.583
s = 0.05

[matrices]
modes = ["up.a", "down.a"]
A = [
  ["s - kappa / 2", 0, 0, 0],
  [0, "-s - kappa / 2", 0, 0],
  ["-kappa", 0, "-kappa / 2", 0],
  [0, "-kappa", 0, "-kappa / 2"],
]
D = [
  ["kappa / 2", 0, "kappa / 2", 0],
  [0, "kappa / 2", 0, "kappa / 2"],
  ["kappa / 2", 0, "kappa / 2", 0],
  [0, "kappa / 2", 0, "kappa / 2"],
]
drive = ["s", 0, 0, "2 * s"]

[axes.s]
from = 0
to = 0.4
points = 5

[measures.E_N]
measure = "log_negativity"
a = "up"
b = "down"
"""


def wired(kappa, s):
    parts = {"up": qc.squeezed_mode(s, decay=kappa), "down": qc.cavity(decay=kappa)}
    return qc.gaussian(qc.Network(parts, [("up.out", "down.in")]))


def test_matrices_take_parameters_axes_and_measures():
    file = load(PRINTED)
    for kappa, s in ((0.583, 0.05), (1.2, 0.1)):
        model, same = file.model({"kappa": kappa, "s": s}), wired(kappa, s)
        # The angle of the squeezing is the part's own; what it does is the same.
        np.testing.assert_allclose(np.linalg.eigvalsh(model.D), np.linalg.eigvalsh(same.D))
        np.testing.assert_allclose(model.drive, [s, 0, 0, 2 * s])
        here, there = (qc.log_negativity(qc.steady_state(m), "up", "down") for m in (model, same))
        assert here == pytest.approx(float(there), rel=1e-12)
    data = sweep_netlist(file)
    assert data.stable.values.tolist() == [True, True, True, False, False]
    assert data.physical.all()
    expected = [float(file.steady_state({"s": s}).mean[0]) for s in (0.0, 0.1, 0.2)]
    np.testing.assert_allclose(expected, [s / (0.583 / 2 - s) for s in (0.0, 0.1, 0.2)])
    np.testing.assert_allclose(
        data.E_N.values[:3],
        [qc.log_negativity(qc.steady_state(wired(0.583, s)), "up", "down") for s in (0, 0.1, 0.2)],
        atol=1e-12,
    )


@pytest.mark.parametrize(("vacuum", "order"), [(1, "xpxp"), (0.25, "xpxp"), (1, "xxpp")])
def test_matrices_say_in_which_convention_they_are(vacuum, order):
    """What is printed with another vacuum and order is the same model."""
    ours = load(PRINTED).model()
    scale, turn = vacuum / 0.5, conventions.to_xxpp if order == "xxpp" else lambda M: M
    A, D = turn(ours.A), scale * turn(ours.D)
    drive = np.sqrt(scale) * (ours.drive[[0, 2, 1, 3]] if order == "xxpp" else ours.drive)
    text = f"A = {A.tolist()}\nD = {D.tolist()}\ndrive = {drive.tolist()}\n"
    model = load(f'[matrices]\n{text}vacuum = {vacuum}\norder = "{order}"').model()
    for name in ("A", "D", "drive"):
        np.testing.assert_allclose(getattr(model, name), getattr(ours, name), rtol=1e-14)


def test_matrices_in_a_unit_and_entries_with_their_own():
    plain = load('[matrices]\nunit = "MHz"\nA = [[-0.5, 0], [0, -0.5]]\nD = [[0.5, 0], [0, 0.5]]')
    np.testing.assert_allclose(plain.model().A, -np.pi * 1e6 * np.eye(2))
    mixed = '[matrices]\nunit = "MHz"\nA = [["-500 kHz", 0], [0, -0.5]]\nD = [[0.5, 0], [0, 0.5]]'
    np.testing.assert_allclose(load(mixed).model().A, plain.model().A)
    named = load('[matrices]\nunit = "κ"\nA = [[-0.5, 0], [0, -0.5]]\nD = [[0.5, 0], [0, 0.5]]')
    with pytest.raises(qc.ArgumentError, match=r"matrices\.unit.*did you mean 'MHz'"):
        load('[matrices]\nunit = "MHZ"\nA = [[-0.5, 0], [0, -0.5]]\nD = [[0.5, 0], [0, 0.5]]')
    np.testing.assert_allclose(named.model().A, -0.5 * np.eye(2))


def test_digits_are_those_of_the_printed_numbers_in_any_unit_and_convention():
    """½·1.17 has more digits than what was printed; half a last digit is half of 0.005 then."""
    rows = "A = [[-0.585, 0], [0, -0.585]]\nD = [[1.17, 0], [0, 1.17]]\nvacuum = 1\ndigits = 3"
    for unit, scale in (("1", 1.0), ("MHz", 2e6 * np.pi)):
        error_A, error_D = load(f'[matrices]\n{rows}\nunit = "{unit}"').errors()
        assert error_A[0, 0] >= 0.0005 * scale
        assert 0.0025 * scale <= error_D[0, 0] <= 0.005 * scale
        assert error_A[0, 1] == error_D[0, 1] == 0


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
    mechanical_decay = "2.2 kHz"
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


CUSTOM = """
[parts.a]
part = "cavity"
decay = 1.0

[parts.b]
part = "custom"
modes = ["m"]
inputs = ["in"]
outputs = ["out"]
S = [[1]]
L = [{ m = 1.0 }]
H = { "m† m" = 0.1 }

[matrices]
modes = ["x"]
A = [[-1, 0], [0, -1]]
D = [[1, 0], [0, 1]]
"""
BIG = "1" + "0" * 4000


@pytest.mark.parametrize(
    ("changed", "by", "sentence"),
    [
        ("[-1, 0]", "[[], 0]", r"`matrices.A\[0\]\[0\]` must be one number, but is \[\]"),
        ("[-1, 0]", "[[[]], 0]", r"`matrices.A\[0\]\[0\]` must be one number"),
        ("{ m = 1.0 }", "{ batch = [1.0, 2.0] }", r"`L\[0\]` must be a table"),
        ("[parts.a]", 'wires = [["a.out", 1]]\n[parts.a]', r"must name an input port, but is 1"),
        ("[parts.a]", f'wires = [["a.out", {BIG}]]\n[parts.a]', "must name an input port"),
        ('"cavity"', BIG, "`parts.a.part` must be a part: "),
    ],
)
def test_what_is_no_number_and_no_name_is_a_sentence(changed, by, sentence):
    def read():
        net = load(CUSTOM.replace(changed, by, 1))
        return net.network(), net.model()

    with pytest.raises(qc.ArgumentError, match=sentence):
        read()


def test_arrays_of_a_part_that_do_not_go_together_are_named():
    with pytest.raises(qc.ArgumentError, match="`phase` must broadcast with `transmission`"):
        qc.fibre(transmission=np.full(3, 0.5), phase=np.full(2, 0.5))


def test_the_smallest_numbers_are_judged():
    model = load(CUSTOM.replace("D = [[1, 0], [0, 1]]", "D = [[1, 0], [0, 1e-320]]")).model()
    assert not qc.audit(model).completely_positive


@pytest.mark.parametrize(
    ("part", "old", "new", "others"),
    [
        ("squeezed_mode", "squeezing", "drive", {"decay": 1.0}),
        ("pair_source", "squeezing", "gain", {}),
        ("squeezed_light", "squeezing", "r", {}),
        ("mechanical_mode", "damping", "decay", {"frequency": 1.0}),
        ("optomechanical_cavity", "damping", "mechanical_decay", {"coupling": 0.1}),
        ("spinning_resonator", "damping", "mechanical_decay", {"coupling": 0.1}),
        ("local_bath", "rate", "decay", {"mode": "m.a"}),
        ("common_bath", "rate", "decay", {"weights": {"m.a": 1.0}}),
    ],
)
def test_words_of_the_first_version_are_refused_with_the_new_one(part, old, new, others):
    import tomli_w

    sentence = f"`{old}` of part {part} is now `{new}`"
    for section in ("parts", "couplings"):
        tables = {"parts": {"m": {"part": "cavity"}}}
        tables.setdefault(section, {})["x"] = {"part": part, old: 0.1, **others}
        with pytest.raises(qc.ArgumentError, match=rf"`{section}.x` must be .*{sentence}"):
            qc.from_toml(tomli_w.dumps(tables))
    with pytest.raises(qc.ArgumentError, match=rf"`{part}` must be called with.*{sentence}"):
        getattr(qc, part)(**{old: 0.1, **others})


def test_a_parameter_with_a_unit_takes_only_units_of_its_kind():
    text = (
        '[parameters]\ndrive = "1 MHz"\n[parts.m]\npart = "squeezed_mode"\ndrive = "drive"\n'
        'decay = "10 MHz"\n'
    )
    netlist = load(text)
    assert netlist.given({"drive": "2e6 Hz"})["drive"] == netlist.given({"drive": "2 MHz"})["drive"]
    assert settings(["drive=2MHz"], netlist.parameters, kinds=netlist.units)
    for wrong in ("4 mW", "3 mK"):
        with pytest.raises(qc.ArgumentError, match="drive"):
            netlist.given({"drive": wrong})
        with pytest.raises(qc.ArgumentError, match="drive"):
            settings([f"drive={wrong}"], netlist.parameters, kinds=netlist.units)
        with pytest.raises(qc.ArgumentError, match=r"axes\.drive"):
            load(text + f'[axes.drive]\nvalues = ["{wrong}"]\n')


def test_plain_numbers_of_an_axis_are_in_its_unit_where_the_parameter_has_one():
    text = '[parameters]\ndelta = "1 MHz"\n[parts.m]\npart = "cavity"\ndetuning = "delta"\n'
    text += 'decay = "1 MHz"\n[axes.delta]\n'
    plain = load(text + 'from = 0\nto = 2\npoints = 3\nunit = "MHz"')
    written = load(text + 'from = "0 MHz"\nto = "2 MHz"\npoints = 3')
    assert plain.axes["delta"][1] == written.axes["delta"][1] == "MHz"
    assert plain.scales == written.scales == {"delta": 2e6 * np.pi}
    for wrong in ("from = 0\nto = 2\npoints = 3", 'values = [0, 1]\nunit = "MHZ"'):
        with pytest.raises(qc.ArgumentError, match=r"axes\.delta"):
            load(text + wrong)
