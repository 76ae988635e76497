"""Network files that ask for travelling modes, detectors and photons: the same as in Python."""

import numpy as np
import pytest

import qcascade as qc
from qcascade.netlist.load import load
from qcascade.netlist.measures import measured
from qcascade.netlist.run import sweep_netlist

MOTION = """
[parameters]
omega = 1.0
w = 0.3
coupling = 0.15

[parts.c]
part = "cavity"
detuning = 0.5
decay = 1.0

[parts.m]
part = "mechanical_mode"
frequency = "omega"
decay = 0.01
occupation = 0.5

[couplings]
hop = { part = "hopping", first = "c.a", second = "m.b", rate = "coupling" }
pairs = { part = "two_mode_squeezing", first = "c.a", second = "m.b", rate = "coupling" }
"""
AXIS = "[axes.w]\nvalues = [0.1, 0.3, 1.0]\n"
FILTERED = """
[measures.red]
measure = "log_negativity"
state = "output_state"
travelling.red = { port = "c.out", frequency = "-omega", width = "w" }
a = "m.b"
b = "red"

[measures.pulse]
measure = "log_negativity"
state = "output_state"
travelling.pulse.port = "c.out"
travelling.pulse.frequency = -1
travelling.pulse.shape = "t * exp(-w*t)"
travelling.pulse.span = [0, "80*omega"]
a = "m.b"
b = "pulse"

[measures.sides]
measure = "log_negativity"
state = "output_state"
orthonormal = true
travelling.red = { port = "c.out", frequency = "-omega", width = 0.2 }
travelling.blue = { port = "c.out", frequency = "omega", width = 0.2 }
a = "red"
b = "blue"

[measures.inside]
measure = "log_negativity"
a = "m"
b = "c"
"""
SWAPPING = """
[parameters]
angle = "90 deg"
efficiency = 1.0
gain = 0.1

[parts]
left = { part = "cavity", decay = 1.0 }
right = { part = "cavity", decay = 1.0 }
left_motion = { part = "mechanical_mode", frequency = 0.0, decay = 0.1 }
right_motion = { part = "mechanical_mode", frequency = 0.0, decay = 0.1 }
half = { part = "beam_splitter", transmission = 0.5 }

[couplings]
one = { part = "two_mode_squeezing", first = "left.a", second = "left_motion.b", rate = "gain" }
two = { part = "two_mode_squeezing", first = "right.a", second = "right_motion.b", rate = "gain" }

[measures.E_N]
measure = "log_negativity"
state = "conditional_state"
detectors."half.out1" = { detector = "homodyne", angle = "angle", efficiency = "efficiency" }
detectors."half.out2" = { detector = "homodyne" }
a = "left_motion"
b = "right_motion"
"""
SWAPPING = 'wires = [["left.out", "half.in1"], ["right.out", "half.in2"]]\n' + SWAPPING


def motion():
    parts = {"c": qc.cavity(0.5, decay=1.0), "m": qc.mechanical_mode(1.0, 0.01, occupation=0.5)}
    links = [qc.hopping("c.a", "m.b", 0.15), qc.two_mode_squeezing("c.a", "m.b", 0.15)]
    return qc.Network(parts, couplings=links)


def test_travelling_modes_of_a_file_are_those_of_python():
    data = sweep_netlist(load(MOTION + AXIS + FILTERED))
    for k, w in enumerate((0.1, 0.3, 1.0)):
        pulse = qc.output_mode("c.out", -1.0, shape=lambda t, w=w: t * np.exp(-w * t), span=(0, 80))
        modes = {"f": qc.output_mode("c.out", -1.0, w), "pulse": pulse}
        for name, mode in (("red", modes["f"]), ("pulse", modes["pulse"])):
            state = qc.output_state(motion(), {"f": mode})
            assert data[name][k] == pytest.approx(qc.log_negativity(state, "m.b", "f"), rel=1e-9)
    assert data.red[1] == pytest.approx(0.4310160926, abs=1e-9)  # as independent code has it
    both = {x: qc.output_mode("c.out", s, 0.2) for x, s in (("red", -1.0), ("blue", 1.0))}
    state = qc.output_state(motion(), both, orthonormal=True)
    assert float(data.sides[0]) == pytest.approx(qc.log_negativity(state, "red", "blue"), rel=1e-9)
    assert data.inside[0] == pytest.approx(0.0503383359, abs=1e-9)
    assert data.red.attrs["units"] == "nat"


def test_travelling_modes_of_a_linearised_file_are_of_its_working_point():
    text = """
wires = [["laser.out", "c.in"]]
[parameters]
power = 3.0
[parts]
laser = { part = "coherent_drive", amplitude = "power" }
[parts.c]
part = "optomechanical_cavity"
detuning = 1.0
decay = 1.0
coupling = 0.05
frequency = 1.0
mechanical_decay = 0.01
[linearise]
branch = 0
[measures.red]
measure = "log_negativity"
state = "output_state"
travelling.red = { port = "c.out", frequency = -1.0, width = 0.3 }
a = "c.b"
b = "red"
"""
    file = load(text)
    found = measured(file, file.measures)["red"]
    net = file.network()
    points = qc.classical.working_points(net, progress=False)
    seen = qc.linearise(net, points.branch(0))
    state = qc.output_state(seen, {"red": qc.output_mode("c.out", -1.0, 0.3)})
    assert found == qc.log_negativity(state, "c.b", "red") > 0.01


def test_detectors_of_a_file_swap_entanglement():
    file = load(SWAPPING)
    assert measured(file, file.measures)["E_N"] == pytest.approx(0.3227247758, abs=1e-9)
    both = {"angle": np.array([0.0, np.pi / 2, np.pi / 2]), "efficiency": np.array([1, 1, 0.9])}
    found = measured(file, file.measures, both)["E_N"]
    assert found[0] == 0
    assert found[1] == pytest.approx(0.3227247758, abs=1e-9)
    assert 0 < found[2] < found[1]


def test_a_file_has_measured_states_where_there_is_no_steady_one():
    """Above threshold: diag(5/24, 1.2) given p, which is pure."""
    text = '[parameters]\nxi = -0.7\n[parts.o]\npart = "squeezed_mode"\ndrive = "xi"\ndecay = 1.0\n'
    seen = '[measures.pure]\nmeasure = "purity"\nstate = "conditional_state"\n'
    seen += 'detectors."o.out" = { detector = "homodyne", angle = "90 deg" }\n'
    file = load(text + seen)
    found = measured(file, file.measures)
    assert found["stable"]
    assert found["pure"] == pytest.approx(1, abs=1e-9)
    swept = text + seen + "[axes.xi]\nvalues = [-0.7, -0.2]\n"
    data = sweep_netlist(load(swept))
    np.testing.assert_allclose(data.pure, 1, atol=1e-9)
    assert data.stable.all()
    data = sweep_netlist(load(swept + '[measures.n]\nmeasure = "occupation"\nmode = "o"\n'))
    assert list(data.stable.values) == [False, True]  # as somebody asks for the steady state
    assert np.isnan(data.n[0])
    np.testing.assert_allclose(data.pure, 1, atol=1e-9)
    unseen = load((text + seen).replace("90 deg", "0 deg"))
    with pytest.raises(qc.UnstableError, match="not seen by its detectors"):
        measured(unseen, unseen.measures)


PHOTONS = """
[measures.light]
measure = "flux"
port = "m.out"
[measures.noise]
measure = "incoherent_flux"
port = "m.out"
[measures.first]
measure = "g1"
port = "m.out"
delays = "tau"
[measures.second]
measure = "g2"
port = "m.out"
delays = "tau"
[axes.tau]
values = [0.0, 0.5, 2.0]
"""


@pytest.mark.parametrize("kind", ["gaussian", "lindblad"])
def test_photons_of_a_file_are_those_of_python(kind):
    text = 'wires = [["laser.out", "m.in"]]\n[parameters]\nbeta = 0.3\ntau = 0.0\n'
    text += '[parts.laser]\npart = "coherent_drive"\namplitude = "beta"\n'
    part = "squeezed_mode" if kind == "gaussian" else "qubit"
    text += f'[parts.m]\npart = "{part}"\ndecay = 1.0\n'
    text += "drive = 0.1\n" if kind == "gaussian" else ""
    data = sweep_netlist(load(text + PHOTONS))
    net = load(text).network()
    model = qc.gaussian(net) if kind == "gaussian" else qc.lindblad(net)
    delays = np.array([0.0, 0.5, 2.0])
    out = qc.outputs.flux(model, "m.out")
    np.testing.assert_allclose(data.light, out.flux, rtol=1e-9)
    np.testing.assert_allclose(data.noise, out.incoherent, rtol=1e-7)
    np.testing.assert_allclose(data.first, abs(qc.outputs.g1(model, "m.out", delays)), rtol=1e-8)
    np.testing.assert_allclose(data.second, qc.outputs.g2(model, "m.out", delays), rtol=1e-8)
    assert data.light.attrs["units"] == "photons per time"
    assert np.ptp(data.second.values) > 0.1


QUBIT = """
wires = [["laser.out", "q.in1"]]
[parameters]
rabi = 3.0
[parts]
laser = { part = "coherent_drive", amplitude = "rabi/(2*sqrt(0.001))" }
q = { part = "qubit", decay = [0.001, 0.999] }
[axes.frequency]
values = [-3.0, 0.0, 1.0, 3.0]
unit = "γ"
[measures.S]
measure = "emission_spectrum"
port = "q.out2"
[measures.C]
measure = "purity"
"""


def test_an_atom_s_spectrum_over_parameters_and_frequencies():
    """Alone, and beside a parameter: as the verb has it, with the frequencies last."""
    alone = sweep_netlist(load(QUBIT))
    data = sweep_netlist(load(QUBIT + "[axes.rabi]\nvalues = [0.5, 3.0]\n"))
    assert alone.S.dims == ("frequency",)
    assert data.S.dims == ("rabi", "frequency")
    assert data.C.dims == data.stable.dims == ("rabi",)
    assert data.frequency.attrs["units"] == "γ"
    for k, rabi in enumerate((0.5, 3.0)):
        model = qc.lindblad(load(QUBIT).network({"rabi": rabi}))
        expected = qc.outputs.emission_spectrum(model, "q.out2", np.array([-3.0, 0.0, 1.0, 3.0]))
        np.testing.assert_allclose(data.S[k], expected, rtol=1e-9)
    np.testing.assert_allclose(alone.S, data.S[1], rtol=1e-9)


def test_wires_of_a_file_take_time():
    text = 'wires = [["opo.out1", "line.in"], ["line.out", "opo.in2"]]\n[parameters]\ntau = 1.0\n'
    text += '[parts.opo]\npart = "squeezed_mode"\ndrive = -0.1\ndecay = [0.5, 0.5]\n[parts.line]\n'
    text += 'part = "fibre"\ntransmission = 0.9\nphase = 0.3\ndelay = "tau"\n'
    text += "[axes.tau]\nvalues = [0.0, 1.0]\n"
    text += '[measures.n]\nmeasure = "occupation"\nmode = "opo"\n'
    text += '[measures.S]\nmeasure = "quadrature_spectrum"\nport = "opo.out2"\nfrequency = 0.4\n'
    data = sweep_netlist(load(text))
    published = [(0.453539704 + 0.557351693 - 1) / 2, (0.433793389 + 0.584970539 - 1) / 2]
    np.testing.assert_allclose(data.n, published, atol=1e-9)
    for k, tau in enumerate((0.0, 1.0)):
        model = qc.gaussian(load(text).network({"tau": tau}))
        seen = qc.quadrature_spectrum(model, "opo.out2", 0.4)
        assert float(data.S[k]) == pytest.approx(float(seen), rel=1e-9)
    filtered = '[measures.f]\nmeasure = "purity"\nstate = "output_state"\n'
    filtered += 'travelling.f = { port = "opo.out2", width = 0.2 }\n'
    with pytest.raises(qc.ArgumentError, match=r"In measures.f: .*a filter is a cavity"):
        sweep_netlist(load(text + filtered))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'travelling.red = { port = "c.out", frequency = "-omega", width = "w" }\n',
            "",
            "`measures.red` must give `travelling` of output_state",
        ),
        (
            '{ port = "c.out", frequency = "-omega", width = "w" }',
            "3",
            "`measures.red.travelling.red` must be a table",
        ),
        ('port = "c.out", frequency = "-omega", ', "", "red` must give `port` of a travelling"),
        ('port = "c.out"', 'port = "c.outt"', "red.port` must be an open output: c.out, "),
        (
            'width = "w"',
            'width = "w", wide = 1',
            "`measures.red.travelling.red` must be a tab",
        ),
        (', width = "w"', "", "red` must give either `width` or `shape`"),
        ('width = "w"', 'shape = "t"', "red` must give `shape` and `span` together"),
        ('width = "w"', 'width = "-w"', r"In measures.red.travelling.red: .*`width` must be a"),
        ('width = "w"', 'width = "v"', "`measures.red.travelling.red.width` must be arithmetic"),
        ('"t * exp(-w*t)"', '"t * exp(s)"', "travelling.pulse.shape` must be arithmetic with"),
        ('"t * exp(-w*t)"', "1", "travelling.pulse.shape` must be text"),
        ('span = [0, "80*omega"]', "span = [3, 2]", "`span` must be increasing times"),
        ("omega = 1.0", "omega = 1.0\nt = 1.0", "in t, which no parameter is called"),
        ('b = "red"', 'b = "rde"', "In measures.red: Argument `b` must name modes"),
        ("orthonormal = true", "orthonormal = 1", "In measures.sides: .*`orthonormal` must be Tr"),
        (
            'orthonormal = true\ntravelling.red = { port = "c.out", frequency = "-omega"',
            'travelling.red = { port = "c.out", frequency = "0.9*omega"',
            "In measures.sides: .*overlap",
        ),
        ('state = "output_state"', 'state = "outputs"', "`measures.red.state` must be a state: s"),
    ],
)
def test_what_is_wrong_with_a_travelling_mode_is_a_sentence(old, new, sentence):
    text = MOTION + "[axes.coupling]\nvalues = [0.1]\n" + FILTERED
    assert old in text
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(text.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"half.out1" = {',
            '"half.out3" = {',
            r"`measures.E_N.detectors` must be an open out",
        ),
        ('"half.out1" = {', '"left.out" = {', "the wire left.out → half.in1 uses it"),
        (
            '{ detector = "homodyne" }',
            '{ detector = "homodyn" }',
            r"`measures.E_N.detectors.half.out2.detector` must be .*did you mean 'homodyne'",
        ),
        (
            '{ detector = "homodyne" }',
            "{ angle = 1 }",
            "out2.detector` must be one of: homodyne, heterodyne",
        ),
        (
            '{ detector = "homodyne" }',
            '{ detector = "heterodyne", angle = 1 }',
            "half.out2` must be an argument of heterodyne: detector, efficiency, but is 'angle'",
        ),
        ("efficiency = 1.0", "efficiency = 1.5", "In measures.E_N.detectors.half.out1: .*`effic"),
    ],
)
def test_what_is_wrong_with_a_detector_is_a_sentence(old, new, sentence):
    text = SWAPPING + "[axes.gain]\nvalues = [0.1]\n"
    assert old in text
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(text.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('port = "m.out"\ndelays', 'port = "out"\ndelays', "`measures.first.port` must be an open"),
        ('delays = "tau"\n', "", "`measures.first` must give `delays` of g1"),
        ("0.0, 0.5", "-1.0, 0.5", "In measures.first: .*`delays` must be zero or above"),
        ("beta = 0.3", "beta = 0.0", "In measures.first: .*light"),
    ],
)
def test_what_is_wrong_with_photons_is_a_sentence(old, new, sentence):
    text = 'wires = [["laser.out", "m.in"]]\n[parameters]\nbeta = 0.3\ntau = 0.0\n'
    text += '[parts.laser]\npart = "coherent_drive"\namplitude = "beta"\n'
    text += '[parts.m]\npart = "qubit"\ndecay = 1.0\n' + PHOTONS
    assert old in text
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(text.replace(old, new, 1)))


def test_states_of_what_leaves_need_a_linear_network():
    asked = '[measures.p]\nmeasure = "purity"\nstate = "output_state"\n'
    asked += 'travelling.f = { port = "q.out", width = 0.2 }\n'
    swept = "[parameters]\nx = 1.0\n[axes.x]\nvalues = [1.0, 2.0]\n"
    qubit = swept + '[parts.q]\npart = "qubit"\ndecay = "x"\n' + asked
    typed = swept + '[matrices]\nA = [["-x", 0], [0, "-x"]]\nD = [[1, 0], [0, 1]]\n' + asked
    for text in (qubit, typed):
        with pytest.raises(qc.ArgumentError, match=r"`measures\.p\.state` must be left out"):
            sweep_netlist(load(text))
