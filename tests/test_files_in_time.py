"""Network files with a section [time]: closed forms, and the same numbers as in Python."""

import numpy as np
import pytest

import qcascade as qc
from qcascade.netlist.audited import audited
from qcascade.netlist.load import load
from qcascade.netlist.measures import measured
from qcascade.netlist.run import sweep_netlist
from qcascade.plots.plot import figure

WARM = """
[parameters]
n = 0.7
[parts.m]
part = "cavity"
decay = "1 + cos(t)"
occupation = "n"
[time]
from = 1.0
to = 3.0
points = 5
[measures.n_m]
measure = "occupation"
mode = "m"
"""
ATOM = WARM.replace("cavity", "qubit")
CYCLE = """
[parameters]
omega = 1.0
[parts.m]
part = "squeezed_mode"
drive = "-0.6*cos(2*omega*t)"
detuning = 0.3
decay = 1.0
[time]
period = "pi/omega"
points = 2
[measures.n_m]
measure = "occupation"
mode = "m"
"""
LASER = """
wires = [["laser.out", "v.in"]]
[parameters]
alpha = 2.0
w = 1.0
[pulses.p]
shape = "gaussian"
width = "w/2"
centre = 1.0
[parts.laser]
part = "coherent_drive"
amplitude = "alpha*p"
[parts.v]
part = "pulse_catcher"
pulse = "p"
[time]
from = -6.0
to = 7.0
points = 14
[measures.n]
measure = "occupation"
mode = "v"
"""
AXIS = "\n[axes.n]\nfrom = 0.0\nto = 1.0\npoints = 3\n"


def passed(t, begin=1.0):
    """∫(1 + cos t) dt from the begin on."""
    return t - begin + np.sin(t) - np.sin(begin)


def test_a_file_begins_in_the_vacuum_at_its_first_time_and_warms_up_as_its_closed_form():
    data = sweep_netlist(load(WARM))
    t = data.t.values
    assert np.array_equal(t, np.linspace(1, 3, 5))
    np.testing.assert_allclose(data.n_m, 0.7 * (1 - np.exp(-passed(t))), rtol=1e-9, atol=1e-12)
    assert data.n_m.dims == ("t",)
    assert data.attrs["network"] == WARM


def test_a_qubit_of_a_file_is_a_master_equation_in_time():
    data = sweep_netlist(load(ATOM))
    expected = 0.7 / 2.4 * (1 - np.exp(-2.4 * passed(data.t.values)))
    np.testing.assert_allclose(data.n_m, expected, atol=1e-8)


def test_cutoffs_make_a_master_equation_of_an_oscillator_in_time():
    text = WARM.replace("n = 0.7", "n = 0.01") + '[cutoffs]\n"m.a" = 6\n'
    data = sweep_netlist(load(text))
    expected = 0.01 * (1 - np.exp(-passed(data.t.values)))
    np.testing.assert_allclose(data.n_m, expected, atol=1e-8)
    assert 0 <= float(data.edge_population) < 1e-9


@pytest.mark.parametrize("text", [WARM, ATOM])
def test_a_parameter_of_the_command_replaces_the_file_s(text):
    cold = sweep_netlist(load(text), {"n": 0.0})
    np.testing.assert_allclose(cold.n_m, 0.0, atol=1e-12)


@pytest.mark.parametrize("text", [WARM, ATOM])
def test_an_axis_beside_the_times_is_one_run_for_each_of_its_values(text):
    data = sweep_netlist(load(text + AXIS))
    assert data.n_m.dims == ("n", "t")
    for n in (0.0, 0.5, 1.0):
        alone = sweep_netlist(load(text), {"n": n}).n_m
        np.testing.assert_allclose(data.n_m.sel(n=n), alone, rtol=1e-12)


def test_a_switch_is_at_its_break_and_one_that_is_not_named_is_refused():
    text = WARM.replace("1 + cos(t)", "1 + 2*step(t - 1.7)")
    data = sweep_netlist(load(text.replace("points", "breaks = [1.7]\npoints")))
    late = np.maximum(data.t.values - 1.7, 0.0)
    expected = 0.7 * (1 - np.exp(-(data.t.values - 1) - 2 * late))
    np.testing.assert_allclose(data.n_m, expected, rtol=1e-9, atol=1e-12)
    with pytest.raises(qc.ArgumentError, match=r"In time: .*breaks"):
        sweep_netlist(load(text))


def test_breaks_are_arithmetic_in_the_parameters_and_follow_an_axis():
    text = WARM.replace("1 + cos(t)", "1 + 2*step(t - 1 - n)")
    text = text.replace("points", 'breaks = ["1 + n"]\npoints')
    data = sweep_netlist(load(text + AXIS))
    late = np.maximum(data.t - 1 - data.n, 0.0)
    expected = data.n * (1 - np.exp(-(data.t - 1) - 2 * late))
    np.testing.assert_allclose(data.n_m, expected.transpose("n", "t"), rtol=1e-9, atol=1e-12)


def test_times_with_a_unit_stand_beside_rates_with_a_unit():
    """A modulated rate is one in SI units; so is the one beside it."""
    text = """
[parameters]
kappa = "1 kHz"
[parts.m]
part = "cavity"
decay = "kappa*(1 + cos(kappa*t))"
detuning = "3 kHz"
occupation = 0.7
[time]
from = "100 us"
to = "300 us"
points = 5
[measures.n_m]
measure = "occupation"
mode = "m"
"""
    data = sweep_netlist(load(text))
    assert np.array_equal(data.t, [100, 150, 200, 250, 300])
    assert data.t.attrs["units"] == "µs"
    kappa = 2 * np.pi * 1e3
    expected = 0.7 * (1 - np.exp(-passed(kappa * data.t.values * 1e-6, kappa * 1e-4)))
    np.testing.assert_allclose(data.n_m, expected, rtol=1e-9, atol=1e-12)
    axes = figure(data, "n_m").axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time [µs]", "$n_{m}$ [quanta]")


def test_a_period_gives_the_state_that_returns():
    data = sweep_netlist(load(CYCLE))
    np.testing.assert_allclose(data.n_m[0], (0.408081 + 0.707882 - 1) / 2, atol=1e-6)
    state = qc.periodic_state(
        lambda t: qc.gaussian(qc.squeezed_mode(-0.6 * np.cos(2 * t), 0.3, decay=1.0)),
        np.pi,
        points=2,
    )
    np.testing.assert_allclose(data.n_m, qc.measures.occupation(state, "a"))
    assert np.array_equal(data.t, [0.0, 0.5])
    assert figure(data, "n_m").axes[0].get_xlabel() == "time [T]"
    faster = sweep_netlist(load(CYCLE + "[axes.omega]\nvalues = [1.0, 2.0]\n"))
    np.testing.assert_allclose(faster.n_m[0], data.n_m, rtol=1e-12)
    assert not np.allclose(faster.n_m[1], data.n_m, rtol=1e-3)


def test_without_a_periodic_state_one_point_is_refused_and_an_axis_has_nan_there():
    text = CYCLE.replace("-0.6*", "-0.6*omega*").replace("detuning = 0.3\n", "")
    text = text.replace("cos(2*omega*t)", "(1 + 0*t)").replace('"pi/omega"', "1.0")
    with pytest.raises(qc.UnstableError):
        sweep_netlist(load(text), {"omega": 2.0})
    data = sweep_netlist(load(text + "[axes.omega]\nvalues = [0.5, 2.0]\n"))
    assert list(data.stable.values) == [True, False]
    assert np.isnan(data.n_m.values[1]).all()
    np.testing.assert_allclose(data.n_m[0], 0.3**2 / 2 / (0.25 - 0.3**2), rtol=1e-9)


def test_a_periodic_master_equation_is_that_of_python():
    text = """
wires = [["laser.out", "a.in"], ["a.out", "b.in"]]
[parts.laser]
part = "coherent_drive"
amplitude = 0.5
[parts.a]
part = "qubit"
detuning = "2*cos(3*t)"
decay = 1.0
[parts.b]
part = "qubit"
detuning = "-2*cos(3*t)"
decay = 1.0
[time]
period = "2*pi/3"
points = 4
[measures.C]
measure = "concurrence"
a = "a"
b = "b"
"""
    parts = {"laser": qc.coherent_drive(0.5)}
    wires = [("laser.out", "a.in"), ("a.out", "b.in")]

    def at(t):
        swing = 2 * np.cos(3 * t)
        atoms = {"a": qc.qubit(swing, decay=1.0), "b": qc.qubit(-swing, decay=1.0)}
        return qc.lindblad(qc.Network({**parts, **atoms}, wires))

    state = qc.periodic_state(at, 2 * np.pi / 3, points=4, progress=False)
    expected = qc.measures.concurrence(state, "a", "b")
    data = sweep_netlist(load(text))
    np.testing.assert_allclose(data.C, expected, rtol=1e-10)
    assert np.min(expected) > 0.01


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "points = 5",
            "point = 5",
            "`time` must be a table of: period, from, to, points, unit, breaks, thermal",
        ),
        ("from = 1.0\n", "", "`time` must have `from` and `to`, or a `period`"),
        ("to = 3.0", "to = 0.5", "`time.to` must be later than `from`, but is 0.5"),
        ("to = 3.0", "to = 1.0", "`time.to` must differ from `from`"),
        (
            "from = 1.0",
            "from = -inf",
            "`time.from` must be a number, finite everywhere",
        ),
        ("points = 5", "points = 1", "`time.points` must be 2 or more"),
        ("points = 5", "points = 0", "`time.points` must be a whole number"),
        ("from = 1.0", "period = 1.0", "`time.to` must be left out beside `period`"),
        ("from = 1.0", 'from = "1 MHz"', "`time.from` must be|`time` must have a unit in every"),
        ("points = 5", "breaks = 2.0", "`time.breaks` must be a list"),
        ("n = 0.7", "n = 0.7\nt = 1.0", "`parameters` must not be called t in a file with"),
        ("[time]", "[linearise]\nbranch = 1\n[time]", "`linearise.branch` must be 0 in a file"),
        (
            "[time]",
            '[axes.n]\nfrom = 0\nto = 1\npoints = 2\n[linearise]\nfollow = "n"\n[time]',
            "`linearise.follow` must be left out in a file with a section",
        ),
        ("[measures.n_m]", "[measures.t]", "`measures` must have other names than"),
        (
            'measure = "occupation"\nmode = "m"',
            'measure = "flux"\nport = "m.out"',
            "`measures.n_m` must be a measure of the state at each time",
        ),
    ],
)
def test_what_is_wrong_with_a_section_of_time_is_one_sentence(old, new, sentence):
    assert WARM.count(old) == 1
    with pytest.raises(qc.ArgumentError, match=sentence.replace("(", r"\(")):
        load(WARM.replace(old, new))


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ("2.0", "In time: Argument `period` must be a time after which the model is the same"),
        ("-1.0", "`time.period` must be a number above zero"),
        ('"0*omega"', "`time.period` must be a number above zero"),
        ('"T"', "`time.period` must be arithmetic"),
        ('"2 us"', "must be a number in the inverse unit of the rates"),
    ],
)
def test_a_period_that_is_none_is_one_sentence(period, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(CYCLE.replace('"pi/omega"', period)))


@pytest.mark.parametrize(
    ("shape", "more", "tolerance"),
    [
        ("gaussian", "", 1e-9),
        ("sech", "", 1e-6),
        ("square", "", 1e-6),
        ("gaussian", "chirp = 2.0", 1e-9),
    ],
)
def test_a_catcher_holds_what_has_come_of_a_coherent_pulse(shape, more, tolerance):
    """|α|² ∫^t|u|², with the breaks of the pulse found by themselves."""
    text = LASER.replace("gaussian", shape).replace("centre = 1.0", f"centre = 1.0\n{more}")
    text = text.replace("from = -6.0", "from = -19.0").replace("points = 14", "points = 27")
    data = sweep_netlist(load(text))
    p = qc.pulse(shape, width=0.5, centre=1.0)
    np.testing.assert_allclose(data.n, 4 * p.before(data.t.values), atol=tolerance)


PHOTONS = """
wires = [["u.out", "atom.in"]]
[pulses.p]
shape = "gaussian"
width = "1/1.46"
[parts.u]
part = "pulse_source"
pulse = "p"
[parts.atom]
part = "qubit"
decay = 1.0
[cutoffs]
"u.a" = 2
[time]
from = -8.0
to = 4.0
points = 13
quanta = { u = 2 }
[measures.excited]
measure = "occupation"
mode = "atom"
"""


@pytest.mark.parametrize("photons", [1, 2])
def test_photons_of_a_source_excite_a_qubit_as_the_fock_hierarchy_says(photons):
    data = sweep_netlist(load(PHOTONS.replace("u = 2 }", f"u = {photons} }}")))
    p = qc.pulse("gaussian", width=1 / 1.46)
    n = qc.lower("atom.q").dag * qc.lower("atom.q")
    run = qc.evolve(
        qc.lindblad(qc.Network({"atom": qc.qubit(decay=1.0)})),
        None,
        data.t.values,
        {"n": lambda state: state.expect(n).real},
        inputs={"atom.in": qc.fock_pulse(photons, p)},
    )
    np.testing.assert_allclose(data.excited, run.observed["n"], atol=1e-6)
    assert float(data.excited.max()) > 0.6


def test_a_qubit_of_a_file_may_begin_excited():
    data = sweep_netlist(load(ATOM.replace("points", "quanta = { m = 1 }\npoints")), {"n": 0.0})
    np.testing.assert_allclose(data.n_m, np.exp(-passed(data.t.values)), atol=1e-8)


def test_a_gaussian_run_may_begin_in_a_thermal_state():
    data = sweep_netlist(load(WARM.replace("points", 'thermal = { m = "10*n" }\npoints')))
    expected = 0.7 + 6.3 * np.exp(-passed(data.t.values))
    np.testing.assert_allclose(data.n_m, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        (WARM, "quanta = { m = 1 }", "`time.quanta` must be left out for Gaussian states"),
        (WARM, "thermal = { x = 1 }", "`time.thermal` must name modes"),
        (WARM, "thermal = { m = -1 }", "`time.thermal.m` must be a number zero or above"),
        (WARM, 'thermal = { m = "x" }', "`time.thermal.m` must be arithmetic"),
        (ATOM, "thermal = { m = 1 }", "`time.thermal` must be left out for a master equation"),
        (ATOM, "quanta = { m = 2 }", "`time.quanta` must fit into the cutoffs"),
        (ATOM, "quanta = { m = 0.5 }", "`time.quanta.m` must be a whole number"),
        (ATOM, "quanta = 1", "`time.quanta` must be a table"),
    ],
)
def test_a_beginning_that_is_none_is_one_sentence(text, more, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(text.replace("points", f"{more}\npoints")))


def test_a_detuned_laser_is_not_caught():
    text = LASER.replace("alpha*p", "alpha*p*exp(-2j*t)")
    caught = float(sweep_netlist(load(text)).n[-1])
    assert caught == pytest.approx(4 * np.exp(-((2 * 0.5) ** 2)), rel=1e-6)


def test_pulses_follow_parameters_and_axes():
    wider = sweep_netlist(load(LASER + "[axes.w]\nvalues = [1.0, 1.5]\n"))
    for w in (1.0, 1.5):
        p = qc.pulse("gaussian", width=w / 2, centre=1.0)
        np.testing.assert_allclose(wider.n.sel(w=w), 4 * p.before(wider.t.values), atol=1e-9)


def test_pulses_have_units_where_times_have():
    text = LASER.replace("w/2", "0.5 us").replace("centre = 1.0", 'centre = "1 us"')
    text = text.replace("from = -6.0", 'from = "-6 us"').replace("to = 7.0", 'to = "7 us"')
    data = sweep_netlist(load(text))
    p = qc.pulse("gaussian", width=0.5, centre=1.0)
    np.testing.assert_allclose(data.n, 4 * p.before(data.t.values), atol=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('pulse = "p"', 'pulse = "q"', r"`parts.v.pulse` must be among the sections \[pulses.NAME"),
        ('pulse = "p"', 'puls = "p"', "did you mean 'pulse'"),
        ('pulse = "p"\n', "", "`parts.v` must give `pulse` of pulse_catcher"),
        ("width", "widht", "`pulses.p` must be a table of: shape, width, centre"),
        ('shape = "gaussian"\n', "", "`pulses.p` must give `shape` of a pulse"),
        ('"gaussian"', '"gausian"', "In pulses.p: Argument `shape` must be a function"),
        ('"w/2"', "-1.0", "In pulses.p: Argument `width` must be a number above zero"),
        ('"w/2"', '"t/2"', "t is the time, in parts and couplings"),
        ("[pulses.p]", "[pulses.w]", "`pulses` must have plain names"),
        ("[pulses.p]", "[pulses.step]", "`pulses` must have plain names"),
        ("from = -6.0", "from = 1.0", "pulse"),
        ("[time]", "[times]", "must have known sections only"),
        ("[time]\nfrom = -6.0\nto = 7.0\npoints = 14\n", "", "`pulses` must stand in a file with"),
    ],
)
def test_what_is_wrong_with_a_pulse_is_one_sentence(old, new, sentence):
    assert LASER.count(old) == 1
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(LASER.replace(old, new)))


def test_t_is_the_time_only_beside_a_section_of_time():
    timeless = WARM.split("[time]")[0]
    with pytest.raises(qc.ArgumentError, match=r"t is the time, in parts and couplings of files"):
        load(timeless).network()
    named = timeless.replace("n = 0.7", "n = 0.7\nt = 0.0")
    assert qc.gaussian(load(named).network()).A[0, 0] == -1.0  # a parameter like others


@pytest.mark.parametrize(
    "look", [lambda x: load(x).network(), lambda x: audited(load(x), {}), qc.from_toml]
)
def test_who_wants_a_steady_state_of_a_network_in_time_is_told_what_to_do(look):
    with pytest.raises(qc.ArgumentError, match="`qcascade run` computes it over time"):
        look(WARM)


def test_a_network_at_given_times_is_that_of_python():
    t = np.array([0.0, 1.0])
    A = qc.gaussian(qc.from_toml(WARM, {"t": t})).A
    np.testing.assert_allclose(A[:, 0, 0], -(1 + np.cos(t)) / 2)
    found = measured(load(WARM), {"n": {"measure": "occupation", "mode": "m"}}, {"t": t})["n"]
    np.testing.assert_allclose(found, 0.7)


def test_nothing_that_holds_t_is_executed():
    for text in (
        "t.__class__",
        "(lambda: t)()",
        "[t for t in t]",
        "t if t > 0 else 1",
        "step(1j*t)",
    ):
        with pytest.raises(qc.ArgumentError, match=r"`decay` must be|must be arithmetic"):
            sweep_netlist(load(WARM.replace("1 + cos(t)", text)))


MODULATED = """
wires = [["laser.out", "c.in"]]
[parameters]
mean = 500.0
swing = 100.0
kappa = 0.4
[parts.laser]
part = "coherent_drive"
amplitude = "(mean + 2*swing*cos(2*t))/sqrt(kappa)"
[parts.c]
part = "optomechanical_cavity"
detuning = 1.0
decay = "kappa"
coupling = 4e-4
frequency = 1.0
mechanical_decay = 0.02
[linearise]
branch = 0
[time]
period = "pi"
points = 4
[measures.E_N]
measure = "log_negativity"
a = "c.a"
b = "c.b"
"""


def test_a_modulated_laser_entangles_light_and_motion_in_a_file_as_known():
    """A. Mari and J. Eisert, Phys. Rev. Lett. 103, 213603 (2009)."""
    known = [0.156786661, 0.193029909, 0.246406192, 0.212217412]
    np.testing.assert_allclose(sweep_netlist(load(MODULATED)).E_N, known, atol=2e-9)
    guess = MODULATED.replace("branch = 0", 'guess = { "c.a" = "-90 + 480j", "c.b" = 100 }')
    np.testing.assert_allclose(sweep_netlist(load(guess)).E_N, known, atol=2e-9)
    axis = "[axes.swing]\nfrom = 0\nto = 100\npoints = 2\n[linearise]"
    swept = sweep_netlist(load(MODULATED.replace("[linearise]", axis)))
    np.testing.assert_allclose(swept.E_N[1], known, atol=2e-9)
    assert np.ptp(swept.E_N[0].values) < 1e-9  # nothing moves without modulation
    qubit = MODULATED.replace("[linearise]", '[parts.q]\npart = "qubit"\n[linearise]')
    with pytest.raises(qc.ArgumentError, match="`linearise` must stand in a file of oscillators"):
        sweep_netlist(load(qubit))


def test_a_laser_swept_across_a_bistability_in_a_file_is_that_of_python():
    text = """
wires = [["laser.out", "m.in"]]
[parts.laser]
part = "coherent_drive"
amplitude = "0.5 + 0.1*t"
[parts.m]
part = "kerr_cavity"
kerr = 0.5
detuning = -3.0
decay = 1.0
[linearise]
branch = 0
[time]
from = 0
to = 32
points = 5
[measures.n]
measure = "occupation"
mode = "m"
"""

    def net(t):
        parts = {"laser": qc.coherent_drive(0.5 + 0.1 * t)}
        parts["m"] = qc.parts.kerr_cavity(0.5, -3.0, 1.0)
        return qc.Network(parts, [("laser.out", "m.in")])

    times = np.linspace(0, 32, 5)
    path = qc.mean_field(net, None, times)
    run = qc.evolve(lambda t: qc.gaussian(qc.linearise(net(t), path(t))), None, times)
    expected = qc.measures.occupation(run, "m")
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(sweep_netlist(load(text)).n, expected, rtol=1e-8)
    begun = text.replace("branch = 0", "guess = { m.a = 0 }").replace("m.a", '"m.a"')
    later = qc.mean_field(net, {"m.a": 0.0}, times)
    run = qc.evolve(lambda t: qc.gaussian(qc.linearise(net(t), later(t))), None, times)
    np.testing.assert_allclose(
        sweep_netlist(load(begun)).n, qc.measures.occupation(run, "m"), rtol=1e-8
    )
