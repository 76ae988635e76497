"""Network files that are linearised, and that ask for spectra: the same numbers as in Python."""

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import solve_continuous_lyapunov

import qcascade as qc
from qcascade.explore import systems
from qcascade.netlist.load import load
from qcascade.netlist.measures import measured
from qcascade.netlist.run import sweep_netlist

PARTS = """
wires = [["laser.out", "cavity.in"]]

[parameters]
power = "50 mW"
laser = "810 nm"
omega = "10 MHz"
detuning = "25 MHz"
temperature = "0.4 K"
angle = 0.3

[parts.laser]
part = "coherent_drive"
amplitude = "drive_amplitude(power, optical_frequency(laser))"

[parts.cavity]
part = "optomechanical_cavity"
detuning = "detuning"
decay = "14 MHz"
coupling = "zero_point_coupling(optical_frequency(laser), 1e-3, 5e-12, omega)"
frequency = "omega"
mechanical_decay = "100 Hz"
occupation = "bose_einstein(omega, temperature)"
"""
SWEPT = """
[axes.detuning]
from = "15 MHz"
to = "35 MHz"
points = 9
"""
E_N = """
[measures.E_N]
measure = "log_negativity"
a = "cavity.a"
b = "cavity.b"
"""
FIRST = "[linearise]\nbranch = 0\n"
FREQUENCIES = '[axes.frequency]\nfrom = "1 MHz"\nto = "20 MHz"\npoints = 7\n'
TURN = 2 * np.pi


def network(detuning="25 MHz", power="50 mW"):
    laser = qc.physics.optical_frequency("810 nm")
    parts = {
        "laser": qc.coherent_drive(qc.physics.drive_amplitude(power, laser)),
        "cavity": qc.optomechanical_cavity(
            detuning=detuning,
            decay="14 MHz",
            coupling=qc.physics.zero_point_coupling(laser, "1 mm", "5 ng", "10 MHz"),
            frequency="10 MHz",
            mechanical_decay="100 Hz",
            occupation=qc.physics.bose_einstein("10 MHz", "0.4 K"),
        ),
    }
    return qc.Network(parts, [("laser.out", "cavity.in")])


def kerr(beta):
    parts = {"laser": qc.coherent_drive(beta), "m": qc.kerr_cavity(1.0, -3.0, decay=1.0)}
    return qc.Network(parts, [("laser.out", "m.in")])


KERR = """
wires = [["laser.out", "m.in"]]
[parameters]
beta = 1.0
occupation = 0.0
[parts.laser]
part = "coherent_drive"
amplitude = "beta"
[parts.m]
part = "kerr_cavity"
kerr = 1.0
detuning = -3.0
decay = 1.0
[linearise]
follow = "beta"
[occupations]
"laser.in" = "occupation"
[axes.beta]
from = 0.5
to = 2.5
points = 41
[measures.n]
measure = "occupation"
mode = "m"
"""


@pytest.mark.parametrize("branch", [0, 1, 2])
def test_a_linearised_file_is_python_s_way_to_the_last_digit(branch):
    data = sweep_netlist(load(PARTS + SWEPT + E_N + FIRST.replace("0", str(branch))))
    net = network(TURN * 1e6 * np.linspace(15, 35, 9))
    points = qc.classical.working_points(net, progress=False)
    state = qc.steady_state(qc.gaussian(qc.linearise(net, points.branch(branch))))
    assert np.array_equal(data.branches, points.count)
    assert set(points.count) == {1, 3}
    assert np.array_equal(data.stable, state.stable)
    expected = qc.log_negativity(state, "cavity.a", "cavity.b")
    assert np.array_equal(data.E_N, expected, equal_nan=True)
    assert bool(data.stable.any()) == (branch == 0)  # here: the others are on the blue side
    assert np.isnan(data.E_N.values[~data.stable]).all()
    assert data.E_N.attrs["units"] == "nat"


def test_a_linearised_file_is_that_of_equations_typed_by_hand():
    """Vitali et al., PRL 98, 030405 (2007), but with the motion damped in x and p alike."""
    file = load(PARTS + E_N + FIRST)
    alpha, beta = (file.fields().alpha[f"cavity.{m}"] for m in "ab")
    kappa, gamma, omega = TURN * 14e6, TURN * 100.0, TURN * 10e6
    light = qc.physics.optical_frequency("810 nm")
    assert light == pytest.approx(TURN * 299792458.0 / 810e-9, rel=1e-12)
    g0 = qc.physics.zero_point_coupling(light, 1e-3, 5e-12, omega)
    seen = TURN * 25e6 - 2 * g0 * beta.real
    amplitude = np.sqrt(0.05 / (1.054571817e-34 * light))
    assert alpha == pytest.approx(-np.sqrt(kappa) * amplitude / (kappa / 2 + 1j * seen), rel=1e-8)
    G = 2 * g0 * alpha
    A = np.array(
        [
            [-gamma / 2, omega, 0, 0],
            [-omega, -gamma / 2, G.real, G.imag],
            [-G.imag, 0, -kappa / 2, seen],
            [G.real, 0, -seen, -kappa / 2],
        ]
    )
    n = 1 / np.expm1(1.054571817e-34 * omega / (1.380649e-23 * 0.4))
    D = np.diag([gamma * (n + 0.5)] * 2 + [kappa / 2] * 2)
    V = solve_continuous_lyapunov(A / omega, -D / omega)
    a, b, c = V[:2, :2], V[2:, 2:], V[:2, 2:]
    sigma = np.linalg.det(a) + np.linalg.det(b) - 2 * np.linalg.det(c)
    nu = np.sqrt((sigma - np.sqrt(sigma**2 - 4 * np.linalg.det(V))) / 2)
    found = measured(file, file.measures)
    assert found["E_N"] == pytest.approx(-np.log(2 * nu), rel=1e-7)
    assert found["E_N"] > 0.1
    assert found["branches"] == 3


def test_results_do_not_depend_on_how_a_sweep_is_cut(monkeypatch):
    text = PARTS + SWEPT + FIRST + E_N + FREQUENCIES + '[measures.S]\nmeasure = "decibel"\n'
    text += 'port = "cavity.out"\nangle = "angle"\n'
    whole = sweep_netlist(load(text))
    assert whole.S.dims == ("detuning", "frequency")
    monkeypatch.setattr("qcascade.netlist.run.CHUNK", 14)
    pieces = sweep_netlist(load(text))
    assert np.array_equal(whole.branches, pieces.branches)
    assert np.array_equal(whole.stable, pieces.stable)
    np.testing.assert_allclose(whole.E_N, pieces.E_N, rtol=1e-10)
    np.testing.assert_allclose(whole.S, pieces.S, rtol=1e-9, atol=1e-9)


def test_units_and_plain_numbers_agree():
    plain = PARTS.replace('"50 mW"', "0.05").replace('"810 nm"', "8.1e-7").replace('"0.4 K"', "0.4")
    swept = SWEPT.replace('"15 MHz"', '"15000 kHz"').replace("points", 'unit = "MHz"\npoints')
    data = sweep_netlist(load(PARTS + SWEPT + FIRST + E_N))
    other = sweep_netlist(load(plain + swept + FIRST + E_N))
    assert data.detuning.attrs["units"] == other.detuning.attrs["units"] == "MHz"
    np.testing.assert_allclose(data.E_N, other.E_N, rtol=1e-12)


@pytest.mark.parametrize("falling", [False, True])
def test_a_followed_branch_is_that_of_hysteresis_however_the_sweep_is_cut(monkeypatch, falling):
    text = KERR.replace('"beta"\n[occ', f'"beta"\nfalling = {str(falling).lower()}\n[occ')
    net = kerr(np.linspace(0.5, 2.5, 41))
    points = qc.classical.working_points(net, progress=False)
    fields = qc.classical.hysteresis(points, falling=falling)
    state = qc.steady_state(qc.gaussian(qc.linearise(net, fields)))
    data = sweep_netlist(load(text))
    assert np.array_equal(data.n, qc.measures.occupation(state, "m.a"), equal_nan=True)
    assert np.array_equal(data.branches, points.count)
    other = qc.classical.hysteresis(points, falling=not falling)
    assert np.abs(fields["m.a"] - other["m.a"]).max() > 0.5  # it matters which way one goes
    monkeypatch.setattr("qcascade.netlist.run.CHUNK", 10)
    again = sweep_netlist(load(text))
    assert np.array_equal(data.n, again.n, equal_nan=True)


def test_a_branch_is_followed_on_every_line_of_a_map():
    second = "[axes.occupation]\nvalues = [0.0, 0.5]\n"
    for first, order in ((True, ("occupation", "beta")), (False, ("beta", "occupation"))):
        text = KERR.replace("[axes.beta]", second + "[axes.beta]") if first else KERR + second
        data = sweep_netlist(load(text))
        assert data.n.dims == order
        alone = sweep_netlist(load(KERR))
        np.testing.assert_allclose(data.n.sel(occupation=0.0), alone.n, rtol=1e-12)
        assert (data.n.sel(occupation=0.5) > alone.n + 0.4).all()


def test_a_point_between_two_of_a_followed_axis_is_where_the_sweep_would_be_there():
    """Whoever asks for it alone, among others, or sweeps finely, gets the same branch."""
    rising, falling = load(KERR), load(KERR.replace('"beta"\n[occ', '"beta"\nfalling = true\n[occ'))
    net = kerr(np.linspace(0.5, 2.5, 1001))
    points = qc.classical.working_points(net, progress=False)
    for file, down in ((rising, False), (falling, True)):
        fine = np.abs(qc.classical.hysteresis(points, falling=down)["m.a"])
        batch = file.fields({"beta": np.array([1.234, 0.55, 1.25, 2.4])}).alpha["m.a"]
        for k, x in enumerate([1.234, 0.55, 1.25, 2.4]):
            alone = file.fields({"beta": x}).alpha["m.a"]
            assert alone == batch[k]
            near = fine[np.argmin(np.abs(np.linspace(0.5, 2.5, 1001) - x))]
            assert np.abs(alone) == pytest.approx(near, rel=2e-2)
    assert rising.fields({"beta": 1.25}).branches == 3
    assert abs(rising.fields({"beta": 1.25}).alpha["m.a"]) < 1.2
    assert abs(falling.fields({"beta": 1.25}).alpha["m.a"]) > 1.5


def test_fields_next_to_a_guess_are_found():
    points = qc.classical.working_points(kerr(1.0), progress=False)
    for k in range(3):
        near = points.fields[k, 0] * 1.01
        section = f'[linearise]\nguess = {{ "m.a" = "{near.real:.6f} + {near.imag:.6f}*1j" }}'
        file = load(KERR.replace('[linearise]\nfollow = "beta"', section))
        assert file.fields().alpha["m.a"] == pytest.approx(points.fields[k, 0], rel=1e-12)
        assert file.fields().branches is None


def test_round_trip_through_toml_keeps_what_is_linearised():
    file = load(PARTS + E_N + FIRST)
    written = qc.to_toml(file.network())
    again = load(written + E_N + FIRST)
    assert "linearise" not in written
    assert measured(again, again.measures)["E_N"] == measured(file, file.measures)["E_N"]


def test_a_file_s_network_is_not_linearised_but_its_model_is():
    text = PARTS + E_N + FIRST
    assert qc.from_toml(text).component.H.degree == 3
    assert qc.audit(load(text).model()).completely_positive


BRANCH = FIRST.strip()


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        (
            "branch = 3",
            r"`linearise.branch` must be a branch of the network, but is 3 \(branches: ",
        ),
        ("branch = 3", r"0 \(\S+ quanta, stable\), 1 \(\S+ quanta, unstable\), 2 "),
        ("branch = -1", "`linearise.branch` must be a whole number, 0 or above"),
        ("branch = 1.0", "`linearise.branch` must be a whole number"),
        ("branch = true", "`linearise.branch` must be a whole number"),
        (
            'follow = "power"',
            "`linearise.follow` must be an axis of the file: detuning, but is 'po",
        ),
        ('follow = "detunin"', "did you mean 'detuning'"),
        ('follow = "detuning"\nbranch = 0', "`linearise` must give one of `branch`, `follow`"),
        ("", "`linearise` must give one of `branch`, `follow` and `guess`"),
        ("branch = 0\nfalling = true", "`linearise.falling` must stand beside `follow`"),
        ('follow = "detuning"\nfalling = 1', "`linearise.falling` must be True or False"),
        ('follow = "detuning"\nstart = -1', "`linearise.start` must be a whole number"),
        ("branches = 0", "`linearise` must be a table of: branch, follow, guess"),
        ('guess = { "cavity.c" = 1 }', "`guess` must name modes, but is 'cavity.c'"),
        ('guess = { "cavity.a" = "x" }', "`linearise.guess.cavity.a` must be arithmetic"),
        ("guess = 3", "`linearise.guess` must be a table"),
    ],
)
def test_what_is_wrong_in_linearise_is_a_sentence(section, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(PARTS + SWEPT + E_N + f"[linearise]\n{section}\n").model()


def test_a_file_that_is_not_linearised_is_told_how():
    for act in (lambda f: f.model(), lambda f: f.steady_state(), sweep_netlist):
        with pytest.raises(qc.ArgumentError, match=r"degree 3.*section \[linearise\] with branch"):
            act(load(PARTS + SWEPT + E_N))


def test_an_axis_that_moves_no_field_is_not_followed():
    text = KERR.replace('follow = "beta"', 'follow = "occupation"')
    text += "[axes.occupation]\nvalues = [0.0, 0.5]\n"
    with pytest.raises(qc.ArgumentError, match="an axis on which the working point depends"):
        load(text).model()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[parts.q]\npart = "qubit"\ndecay = 1.0\n', "without cutoffs.*beside q.q"),
        (
            '[parts.q]\npart = "cavity"\ndecay = 1.0\n[cutoffs]\n"q.a" = 3\n',
            "without cutoffs.*beside q.a",
        ),
        ("[matrices]\nA = [[-1, 0], [0, -1]]\nD = [[1, 0], [0, 1]]\n", "matrices are linear"),
    ],
)
def test_what_has_no_classical_fields_is_not_linearised(text, sentence):
    for act in (lambda f: f.model(), lambda f: f.steady_state()):
        with pytest.raises(
            qc.ArgumentError, match=f"`linearise` must stand in a file .*{sentence}"
        ):
            act(load(text + FIRST))


SPECTRA = """
[measures.S]
measure = "quadrature_spectrum"
port = "cavity.out"
angle = "30 deg"
efficiency = 0.8

[measures.dB]
measure = "decibel"
port = "cavity.out"
frequency = "omega"
angle = "angle"

[measures.photons]
measure = "emission_spectrum"
port = "cavity.out_motion"

[measures.passed]
measure = "scattering"
output = "cavity.out"
input = "cavity.in_motion"

[measures.side]
measure = "log_negativity"
state = "sidebands"
a = "cavity.out+"
b = "cavity.out-"

[measures.quiet]
measure = "purity"
state = "sidebands"
modes = ["cavity.out+", "cavity.out-"]
frequency = "5 MHz"
"""


def expected(model, omega):
    """The same, by the verbs of Python."""
    side = qc.sidebands(model, omega)
    one = qc.sidebands(model, "5 MHz")
    level = qc.quadrature_spectrum(model, "cavity.out", "10 MHz", angle=0.3)
    direct = qc.scattering(model, omega).direct.sel(output="cavity.out", input="cavity.in_motion")
    return {
        "S": qc.quadrature_spectrum(model, "cavity.out", omega, angle="30 deg", efficiency=0.8),
        "dB": qc.decibel(level),
        "photons": qc.emission_spectrum(model, "cavity.out_motion", omega),
        "passed": np.abs(direct.values) ** 2,
        "side": qc.log_negativity(side, "cavity.out+", "cavity.out-"),
        "quiet": qc.measures.purity(one.reduce("cavity.out+", "cavity.out-")),
    }


def test_spectra_over_parameters_and_frequencies_are_those_of_python():
    text = PARTS + SWEPT + FIRST + FREQUENCIES + E_N + SPECTRA
    data = sweep_netlist(load(text))
    assert data.frequency.attrs["units"] == "MHz"
    np.testing.assert_allclose(data.frequency, np.linspace(1, 20, 7))
    for name in ("S", "photons", "passed", "side"):
        assert data[name].dims == ("detuning", "frequency")
    for name in ("E_N", "dB", "quiet", "stable", "branches"):
        assert data[name].dims == ("detuning",)
    omega = TURN * 1e6 * np.linspace(1, 20, 7)
    assert data.stable.any()
    for k in np.flatnonzero(data.stable):
        model = load(text).model({"detuning": f"{float(data.detuning[k])} MHz"})
        for name, values in expected(model, omega).items():
            np.testing.assert_allclose(data[name][k], values, rtol=1e-9, atol=1e-15)
    assert (data.side.values[data.stable] > 0.1).any()
    assert not data.stable.all()
    for name in (*expected(model, omega), "E_N"):
        assert np.isnan(data[name].values[~data.stable]).all()
    assert [data[x].attrs["units"] for x in ("S", "dB", "side")] == ["1", "dB", "nat"]


def test_spectra_over_frequencies_alone():
    text = PARTS + FIRST + FREQUENCIES + E_N + SPECTRA
    data = sweep_netlist(load(text))
    omega = TURN * 1e6 * np.linspace(1, 20, 7)
    for name, values in expected(load(text).model(), omega).items():
        assert data[name].dims == ("frequency",)
        np.testing.assert_allclose(data[name], np.broadcast_to(values, 7), rtol=1e-12)
    unstable = text.replace('detuning = "25 MHz"', 'detuning = "15 MHz"')
    with pytest.raises(qc.ArgumentError, match="no steady state at any point of the axes"):
        sweep_netlist(load(unstable))


def test_a_squeezer_s_spectrum_from_a_file_is_its_closed_form():
    """S = ½[1 ∓ 2ηκξ/((κ/2 ± ξ)² + ω²)], ports 0.8 and 0.2, η = 0.9, ξ = 0.2: 0.2517241379."""
    text = '[parameters]\nxi = 0.2\n[parts.o]\npart = "squeezed_mode"\ndrive = "xi"\n'
    text += 'decay = [0.8, 0.2]\n[axes.frequency]\nvalues = [0.0, 0.3]\nunit = "κ"\n'
    text += '[measures.p]\nmeasure = "quadrature_spectrum"\nport = "o.out1"\nangle = "90 deg"\n'
    text += 'efficiency = 0.9\n[measures.x]\nmeasure = "quadrature_spectrum"\nport = "o.out1"\n'
    data = sweep_netlist(load(text + "efficiency = 0.9\n"))
    np.testing.assert_allclose(data.p[1], 0.2517241379, rtol=1e-9)
    np.testing.assert_allclose(data.x[1], 1.3, rtol=1e-9)
    assert data.frequency.attrs["units"] == "κ"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (FREQUENCIES, "", "`measures.S` must give `frequency` of quadrature_spectrum, or stand"),
        ('port = "cavity.out"', 'port = "out"', "`measures.S.port` must be an open output: "),
        ('port = "cavity.out"', 'port = "laser.out"', "the wire laser.out → cavity.in uses it"),
        ('port = "cavity.out"\n', "", "`measures.S` must give `port` of quadrature_spectrum"),
        ('port = "cavity.out"', "port = 3", "`measures.S.port` must be an open output"),
        ('input = "cavity.in_motion"', 'input = "cavity.in"', "laser.out → cavity.in uses it"),
        ('input = "cavity.in_motion"\n', "", "`measures.passed` must give `input` of scattering"),
        (
            "efficiency = 0.8",
            "efficiency = 1.8",
            "In measures.S: Argument `efficiency` must be a nu",
        ),
        (
            "efficiency = 0.8",
            "eta = 0.8",
            "`measures.S` must be an argument of quadrature_spectrum",
        ),
        ('angle = "30 deg"', 'angle = "3 kg"', "In measures.S: Argument `angle` must be a number"),
        ('"omega"\nangle', '"omeg"\nangle', "In measures.dB: .*`measures.dB.frequency` must be ar"),
        (
            'state = "sidebands"',
            'state = "squeezed"',
            "`measures.side.state` must be a state: side",
        ),
        ('b = "cavity.out-"', 'b = "cavity.x-"', "In measures.side: Argument `b` must name modes"),
        ('from = "1 MHz"', 'from = "0 MHz"', "In measures.side: .*`frequency` must not be 0"),
        ("[measures.quiet]", "[measures.branches]", "`measures` must have plain names"),
        ("[measures.quiet]", "[measures.frequency]", "`measures` must have plain names"),
    ],
)
def test_what_is_wrong_with_a_spectrum_is_a_sentence(old, new, sentence):
    text = PARTS + FIRST + SWEPT + FREQUENCIES + SPECTRA
    assert old in text
    with pytest.raises(qc.ArgumentError, match=sentence):
        sweep_netlist(load(text.replace(old, new, 1)))


def test_spectra_need_ports_of_a_linear_network():
    S = '[measures.S]\nmeasure = "quadrature_spectrum"\nport = "q.out"\nfrequency = 0.5\n'
    swept = "[parameters]\nx = 1.0\n[axes.x]\nvalues = [1.0, 2.0]\n"
    qubit = swept + '[parts.q]\npart = "qubit"\ndecay = "x"\n' + S
    with pytest.raises(qc.ArgumentError, match=r"`measures.S.measure` must be a measure of dens"):
        sweep_netlist(load(qubit))
    typed = swept + '[matrices]\nA = [["-x", 0], [0, "-x"]]\nD = [[1, 0], [0, 1]]\n' + S
    with pytest.raises(qc.ArgumentError, match=r"`measures.S.measure` must be a measure of Gauss"):
        sweep_netlist(load(typed))


def test_frequencies_that_nothing_asks_for_are_told():
    with pytest.raises(qc.ArgumentError, match="`axes` must be among the file's parameters, or"):
        load(PARTS + FREQUENCIES + E_N)
    more = '[axes.power]\nvalues = ["1 mW", "2 mW"]\n'
    with pytest.raises(qc.ArgumentError, match="`axes` must be one or two sections"):
        sweep_netlist(load(PARTS + FIRST + SWEPT + FREQUENCIES + more + SPECTRA))


def test_a_parameter_called_frequency_is_swept_as_any_other():
    text = KERR.replace("beta = 1.0", "beta = 1.0\nfrequency = 0.5")
    text += '[measures.S]\nmeasure = "emission_spectrum"\nport = "m.out"\nfrequency = "frequency"\n'
    text += "[axes.frequency]\nvalues = [0.25, 0.5]\n"
    data = sweep_netlist(load(text))
    assert data.S.dims == ("beta", "frequency")
    model = load(text).model({"beta": 0.5})
    assert float(data.S[0, 1]) == pytest.approx(qc.emission_spectrum(model, "m.out", 0.5), rel=1e-9)


def test_formulas_of_physics_stand_in_a_file_and_refuse_what_they_refuse_in_python():
    assert load(PARTS).network().component.H.degree == 3
    with pytest.raises(qc.ArgumentError, match=r"In parts.cavity.occupation: .*`temperature` must"):
        load(PARTS).network({"temperature": -1.0})
    missing = r"In parts.cavity.occupation: .*`temperature` of `bose_einstein` must be given"
    with pytest.raises(qc.ArgumentError, match=missing):
        load(PARTS.replace("bose_einstein(omega, temperature)", "bose_einstein(omega)")).network()
    with pytest.raises(qc.ArgumentError, match="`parameters` must have plain names"):
        load(PARTS.replace("temperature =", "bose_einstein ="))


def test_a_store_goes_on_with_spectra_and_followed_branches(tmp_path):
    text = KERR + '[measures.S]\nmeasure = "emission_spectrum"\nport = "m.out"\n'
    text += '[axes.frequency]\nfrom = -2\nto = 2\npoints = 5\nunit = "κ"\n'
    first = sweep_netlist(load(text), store=tmp_path / "kept").load()
    again = sweep_netlist(load(text), store=tmp_path / "kept").load()
    xr.testing.assert_identical(first, again)
    xr.testing.assert_equal(first, sweep_netlist(load(text)))
    assert first.S.dims == ("beta", "frequency")


def test_the_explorer_shows_spectra_branches_and_the_same_numbers():
    text = PARTS + FIRST + SWEPT + FREQUENCIES + E_N + SPECTRA
    study = systems.study_of(text)
    known = {p.name: p for p in study.system.parameters({})}
    assert list(known)[:2] == ["detuning", "frequency"]
    assert (known["frequency"].unit, known["frequency"].low, known["frequency"].high) == (
        "MHz",
        1.0,
        20.0,
    )
    units = {name: q.unit for name, q in study.system.quantities({}).items()}
    assert (units["S"], units["dB"], units["E_N"], units["branches"]) == ("1", "dB", "nat", "1")
    values = systems.arguments(study, {}, systems.defaults(study, {}))
    omega = values["frequency"]
    assert omega == pytest.approx(TURN * 10.5e6)
    found = study.system.point(**values)
    for name, value in expected(load(text).model(), np.array([omega])).items():
        assert found[name] == pytest.approx(float(np.ravel(value)[0]), rel=1e-9)
    assert found["branches"] == 3
    followed = systems.study_of(KERR)
    assert followed.system.points() == (30, 5)
    assert followed.system.point(beta=1.25, occupation=0.0)["branches"] == 3


DELAYED = """
wires = [["laser.out", "m.in1"], ["m.out2", "line.in"], ["line.out", "m.in2"]]
[parameters]
length = "2 m"
[parts.laser]
part = "coherent_drive"
amplitude = "1e7 s^-0.5"
[parts.line]
part = "fibre"
transmission = "50 %"
phase = "40 deg"
length = "length"
group_index = 1.468
[parts.m]
part = "optomechanical_cavity"
detuning = "10 MHz"
decay = ["2 MHz", "1 MHz"]
coupling = "100 Hz"
frequency = "10 MHz"
mechanical_decay = "1 kHz"
[linearise]
HOW
[axes.length]
from = "1 m"
to = "3 m"
points = 2
[measures.n]
measure = "occupation"
mode = "m.b"
"""


def test_a_file_whose_wires_take_time_is_seen_from_the_fields_it_has_without_the_delay():
    def net(**delay):
        rates = {"coupling": "100 Hz", "frequency": "10 MHz", "mechanical_decay": "1 kHz"}
        m = qc.optomechanical_cavity("10 MHz", ["2 MHz", "1 MHz"], **rates)
        line = qc.fibre("50 %", "40 deg", **delay)
        parts = {"laser": qc.coherent_drive("1e7 s^-0.5"), "line": line, "m": m}
        wires = [("laser.out", "m.in1"), ("m.out2", "line.in"), ("line.out", "m.in2")]
        return qc.Network(parts, wires)

    fields = qc.working_points(net()).branch(0)
    delays = qc.gaussian(qc.linearise(net(length="2 m", group_index=1.468), fields)).delays
    guess = f"{fields['m.a']:.6g}".strip("()")
    for how in ("branch = 0", f'guess = {{ "m.a" = "{guess}" }}'):
        found = load(DELAYED.replace("HOW", how)).dynamics().model.delays
        assert found.times == pytest.approx(delays.times)
        np.testing.assert_allclose(found.open.A, delays.open.A, rtol=1e-9, atol=1e-3)
    with pytest.raises(qc.ArgumentError, match=r"`linearise\.follow` must be left out where wires"):
        sweep_netlist(load(DELAYED.replace("HOW", 'follow = "length"')))
    with pytest.raises(qc.ArgumentError, match=r"`working_points` finds the branches"):
        qc.working_points(net(length="2 m", group_index=1.468))
