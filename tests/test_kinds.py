"""Parameters of a file keep their kind of unit through arithmetic, up to whoever reads them."""

import numpy as np
import pytest
from typer.testing import CliRunner

import qcascade as qc
from qcascade.cli import app
from qcascade.netlist.expression import evaluate
from qcascade.netlist.kinds import ANGLE, NUMBER, RATE, kind_of, unit_of_kind
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist

UNITS = """[parameters]
delta = "1 m"
mu = "2 m"
T = "4 K"
P = "3 W"
w = "1 MHz"
g = "2 kHz"
tau = "1 us"
phi = "90 deg"
x = 0.5
big = 4e6
[parts.m]
"""


def part(arguments, unit=UNITS):
    return load(f"{unit}{arguments}\n").network()


def refused(arguments, *words):
    with pytest.raises(qc.ArgumentError) as error:
        part(arguments)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("value", ["delta", "2*delta", "-T", "P", "tau", "phi", "w**2", "delta*w"])
def test_what_is_no_rate_is_refused_as_one(value):
    for argument in (
        f'detuning = "{value}"\ndecay = "1 MHz"',
        f'decay = "{value}"',
        f'decay = ["w", "{value}"]',
        f'decay = {{ batch = ["w", "{value}"] }}',
    ):
        refused(f'part = "cavity"\n{argument}', "In parts.m: Argument `d")
    refused(f'part = "squeezed_mode"\ndrive = "1j*{value}"\ndecay = "w"', "`drive`")


def test_the_sentence_names_argument_parameter_and_unit():
    refused('part = "cavity"\ndetuning = "2*delta"', "`detuning`", "2.0 m", "`delta` is in m")


def test_kelvin_metres_and_rates_are_no_occupations_losses_angles_or_lengths():
    for value in ("T", "w", "delta", "phi"):
        refused(f'part = "cavity"\ndecay = "w"\noccupation = "{value}"', "occupation")
    for value in ("T", "w", "delta", "phi"):
        refused(f'part = "beam_splitter"\ntransmission = "{value}"', "transmission")
    for value in ("T", "w", "delta"):
        refused(f'part = "phase_shifter"\nphase = "{value}"', "phase")
    refused('part = "coherent_drive"\namplitude = "w"', "amplitude")
    refused('part = "fibre"\nlength = "P"\ngroup_index = 1.5', "length")
    refused('part = "cavity"\ndecay = "w"\n[occupations]\n"m.in" = "T"', "occupation")
    refused('part = "cavity"\ndecay = "w"\noccupation = "bose_einstein(T, w)"', "`frequency`", "K")


@pytest.mark.parametrize("text", ["delta + T", "w - x", "w + 1", "w + phi", "w*(1 + g)", "tau - w"])
def test_sums_of_different_kinds_are_refused(text):
    refused(f'part = "cavity"\ndecay = "w"\ndetuning = "{text}"', "add quantities of one kind")


@pytest.mark.parametrize("text", ["exp(w)", "cos(delta)", "2**tau", "tanh(T)"])
def test_functions_take_numbers_and_angles(text):
    refused(f'part = "cavity"\ndecay = "w"\ndetuning = "w*{text}"', "parts.m.detuning")


def test_what_cancels_is_as_it_must_be():
    W, G = 2e6 * np.pi, 4e3 * np.pi
    rates = {
        "w*delta/mu": W / 2,
        "sqrt(w*g)": np.sqrt(W * G),
        "g**2/w": G**2 / W,
        "1/tau": 1e6,
        "w*cos(phi/2)": W / np.sqrt(2),
        "w + big": W + 4e6,  # numbers that are no ratios are in SI units
        "w - 0": W,
        "w*exp(-w*tau)": W * np.exp(-W * 1e-6),
        "x*w*step(w - g)": W / 2,
        "g*big/w": G * 4e6 / W,  # of which nothing is known
        "sagnac_shift(w, delta, 1.44, w)": None,
    }
    for text, value in rates.items():
        net = part(f'part = "cavity"\ndecay = "w"\ndetuning = "{text}"')
        (found,) = net.component.H.terms.values()
        if value is not None:
            assert found == pytest.approx(value, rel=1e-12)
    net = part('part = "beam_splitter"\ntransmission = "g/w"')
    assert net.component.S[0, 0] == pytest.approx(np.sqrt(2e-3))
    net = part('part = "phase_shifter"\nphase = "phi + pi/2 + w*tau"')
    assert net.component.S[0, 0] == pytest.approx(np.exp(1j * (np.pi + W * 1e-6)))
    part('part = "coherent_drive"\namplitude = "drive_amplitude(P, w)"')
    part('part = "coherent_drive"\namplitude = "sqrt(w)*exp(1j*phi)"')


def test_a_rate_by_arithmetic_stands_beside_no_bare_ratio():
    for text in ("w", "2*w", "sqrt(w*g)", "1j*w"):
        with pytest.raises(qc.ArgumentError, match="must have a unit"):
            part(f'part = "squeezed_mode"\ndrive = "{text}"\ndecay = 0.5')


def test_kinds_of_random_units_multiply_as_pint_has_it():
    rng = np.random.default_rng(3)
    import pint

    units = pint.UnitRegistry()
    names = ["m", "K", "W", "kg", "s"]
    for _ in range(30):
        chosen, powers = rng.choice(names, 3), rng.integers(-2, 3, 3)
        text = "*".join(f"{n}**({p})" for n, p in zip("abc", powers, strict=True))
        given = {n: units.Quantity(1.0, u) for n, u in zip("abc", chosen, strict=True)}
        found = evaluate(text, given)
        expected = units.Quantity(1.0, "")
        for n, p in zip("abc", powers, strict=True):
            expected = expected * given[n] ** int(p)
        if expected.dimensionless:
            assert found == 1.0
        elif kind_of(f"{expected.units}") == RATE:
            assert str(found.units) == "radian / second"
        else:
            assert units.Unit(str(found.units)).dimensionality == expected.dimensionality
    assert unit_of_kind(ANGLE) == "rad"
    assert kind_of("percent") == NUMBER


def test_arrays_text_and_quantities_that_replace_a_parameter_keep_its_kind():
    netlist = load(f'{UNITS}part = "cavity"\ndecay = "w"\ndetuning = "x*g"\n')
    assert netlist.network({"g": np.array([1e7, 2e7])}).component.H.terms
    with pytest.raises(qc.ArgumentError, match="detuning"):
        netlist.network({"x": "1 m"})  # which had no unit
    netlist.network({"x": "50 %"})
    with pytest.raises(qc.ArgumentError, match=r"parameters\.g"):
        netlist.network({"g": "1 m"})


def test_matrices_pulses_guesses_times_and_measures_ask_for_their_kinds():
    head = '[parameters]\nw = "1 MHz"\nL = "1 m"\n'
    rows = 'A = [["-{0}", 0], [0, "-{0}"]]\nD = [["{0}", 0], [0, "{0}"]]\n'
    load(f"{head}[matrices]\n{rows.format('w')}")
    with pytest.raises(qc.ArgumentError, match=r"matrices\.A"):
        load(f"{head}[matrices]\n{rows.format('L')}")
    cavity = '[parts.m]\npart = "cavity"\ndecay = "w"\n'
    with pytest.raises(qc.ArgumentError, match="guess"):
        load(f'{head}{cavity}[linearise]\nguess = {{ m = "L" }}\n').fields()
    spectrum = '[measures.S]\nmeasure = "quadrature_spectrum"\nport = "m.out"\nfrequency = "{}"\n'
    from qcascade.netlist.measures import measured

    for text, good in (("w", True), ("L", False)):
        netlist = load(head + cavity + spectrum.format(text))
        if good:
            assert measured(netlist, netlist.measures)["S"] == pytest.approx(0.5)
        else:
            with pytest.raises(qc.ArgumentError, match="frequency"):
                measured(netlist, netlist.measures)
    time = load(f'{head}{cavity}[time]\nperiod = "2*pi/L"\n')
    with pytest.raises(qc.ArgumentError, match=r"time\.period"):
        time.time.period_of(time.with_units())


def test_a_custom_part_takes_rates_and_their_roots():
    text = 'part = "custom"\nmodes = ["a"]\ninputs = ["in"]\noutputs = ["out"]\nS = [[1]]\n'
    text += 'L = [{{ a = "{1}" }}]\nH = {{ "a† a" = "{0}" }}\n'
    net = part(text.format("w", "sqrt(w)"))
    assert qc.gaussian(net).A[0, 0] == pytest.approx(-np.pi * 1e6)
    for rates in (("delta", "sqrt(w)"), ("w", "w"), ("w", "sqrt(delta)")):
        with pytest.raises(qc.ArgumentError, match=r"[HL].*"):
            part(text.format(*rates))


def test_numbers_of_an_axis_are_in_its_unit_also_where_the_parameter_has_none():
    text = '[parameters]\nT = 0.1\n[parts.m]\npart = "cavity"\ndecay = "1 MHz"\n'
    text += 'occupation = "bose_einstein(1e9, T)"\n[measures.n]\nmeasure = "occupation"\n'
    text += 'mode = "m"\n[axes.T]\n'
    plain = sweep_netlist(load(text + 'values = [100, 200]\nunit = "mK"'))
    written = sweep_netlist(load(text + 'values = ["100 mK", "200 mK"]'))
    np.testing.assert_array_equal(plain.n, written.n)
    assert plain.n[0] == pytest.approx(qc.physics.bose_einstein(1e9, 0.1))
    for wrong in ('unit = "MHz"', 'unit = "MK"\nfoo = 1', 'unit = "mk"'):
        with pytest.raises(qc.ArgumentError):
            sweep_netlist(load(f"{text}values = [100, 200]\n{wrong}"))


def test_numbers_of_times_and_frequencies_are_in_their_unit():
    cavity = '[parts.m]\npart = "cavity"\ndecay = "1 MHz"\n'
    times = load(f'{cavity}[time]\nfrom = 0\nto = 2\npoints = 3\nunit = "us"').time
    np.testing.assert_allclose(times.times(), [0, 1e-6, 2e-6])
    with pytest.raises(qc.ArgumentError, match="time"):
        load(f'{cavity}[time]\nfrom = 0\nto = 2\npoints = 3\nunit = "m"')
    spectrum = '[measures.S]\nmeasure = "quadrature_spectrum"\nport = "m.out"\n[axes.frequency]\n'
    axis = load(f'{cavity}{spectrum}from = 0\nto = 2\npoints = 3\nunit = "MHz"').frequency
    assert axis.scale == pytest.approx(2e6 * np.pi)
    with pytest.raises(qc.ArgumentError, match=r"axes\.frequency"):
        load(f'{cavity}{spectrum}from = 0\nto = 2\npoints = 3\nunit = "K"')


@pytest.mark.parametrize("unit", ["K", "furlong", "m", "deg", "percent", "s", "mW", "1/s", "GHZ"])
def test_matrices_are_in_a_unit_of_frequency(unit):
    rows = "A = [[-0.5, 0], [0, -0.5]]\nD = [[0.5, 0], [0, 0.5]]\n"
    with pytest.raises(qc.ArgumentError, match=r"matrices\.unit"):
        load(f'[matrices]\nunit = "{unit}"\n{rows}')
    for own in ("κ", "γ", "g", "J", "ω_m"):
        load(f'[matrices]\nunit = "{own}"\n{rows}')


DESIGNED = """[parameters]
w = "1 MHz"
phi = "90 deg"
x = 0.5
[parts.m]
part = "squeezed_mode"
drive = "0.1*x*w"
decay = "w"
[measures.E]
measure = "purity"
[design]
maximise = "E"
"""


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ("over.w = [1, 10]", "design.over.w"),
        ('over.w = ["1 K", "2 K"]', "design.over.w"),
        ('over.w = "turn"', "design.over.w"),
        ('over.w = ["1 MHz", "2 MHz"]\nstart = [{ w = 1 }]', "design.start[0].w"),
        ('over.w = ["1 MHz", "2 MHz"]\nstart = [{ w = "1 m" }]', "design.start[0].w"),
        ('over.w = ["1 MHz", "2 MHz"]\ntie.phi = "w"', "design.tie.phi"),
        ('over.x = [0.1, 0.2]\ntie.w = "x"', "design.tie.w"),
        ('over.x = [0.1, 0.2]\nwhere.growth = ["<=", -1e-3]', "design.where.growth"),
        ('over.x = [0.1, 0.2]\nwhere.growth = ["<=", "1 m"]', "design.where.growth"),
        ('over.x = [0.1, 0.2]\nwhere.E = ["<=", "1 MHz"]', "design.where.E"),
    ],
)
def test_ranges_starts_ties_and_limits_have_the_units_of_their_parameters(section, place):
    with pytest.raises(qc.ArgumentError) as error:
        load(f"{DESIGNED}{section}\n")
    assert f"`{place}`" in str(error.value)


def test_ranges_and_starts_of_a_design_in_python_are_of_one_kind():
    def point(g):
        return {"x": g}

    with pytest.raises(qc.ArgumentError, match=r"over\[g\]\[1\]"):
        qc.design(point, maximise="x", over={"g": ("1 K", "2 MHz")})
    with pytest.raises(qc.ArgumentError, match=r"start\[0\]\[g\]"):
        qc.design(point, maximise="x", over={"g": ("1 kHz", "2 MHz")}, start=[{"g": "1 m"}])


def test_a_range_with_a_unit_gives_its_kind_to_a_parameter_without():
    text = DESIGNED.replace('"0.1*x*w"', '"x"').replace('"w"', '"1 MHz"')
    load(f'{text}over.x = ["1 kHz", "2 kHz"]\n').network()
    with pytest.raises(qc.ArgumentError, match="drive"):
        load(f'{text}over.x = ["1 m", "2 m"]\n').network()


def test_what_is_typed_for_a_parameter_keeps_its_kind(tmp_path):
    file = tmp_path / "net.toml"
    text = '[parameters]\nx = 1.0\nw = "1 MHz"\n[parts.m]\npart = "cavity"\ndecay = "x*w"\n'
    file.write_text(text)
    runner = CliRunner()
    for word in ("x=2 m", "w=3", "w=3 K", "x=2 MHz", "w=3 1/s", "w=3 dB"):
        found = runner.invoke(app, ["audit", str(file), word])
        assert isinstance(found.exception, qc.ArgumentError), word
    assert runner.invoke(app, ["audit", str(file), "x=50 %", "w=300 kHz"]).exit_code == 0


@pytest.mark.parametrize("text", ["3 dB/km", "3 dB/m", "1 degC/s", "2 dBm/Hz", "1 dB*m", "1 Np/s"])
def test_decibels_and_degrees_per_something_are_a_sentence_wherever_they_stand(text):
    for take in (
        lambda: qc.beam_splitter(text),
        lambda: qc.cavity(decay=text),
        lambda: qc.phase_shifter(text),
        lambda: qc.coherent_drive(text),
        lambda: qc.squeezed_light(text),
        lambda: qc.physics.bose_einstein("1 GHz", text),
        lambda: qc.physics.drive_amplitude(text, "1 THz"),
    ):
        with pytest.raises(qc.ArgumentError, match=r"Argument `\w+` must"):
            take()
    try:  # what keeps its kind is refused as a rate
        netlist = load(f'[parameters]\nx = "{text}"\n[parts.m]\npart = "cavity"\ndecay = "x"\n')
    except qc.ArgumentError:
        return
    with pytest.raises(qc.ArgumentError, match="decay"):
        netlist.network()


def test_percent_is_a_number_and_no_rate_beside_rates():
    head = '[parameters]\nx = "50 %"\n[parts.m]\npart = "cavity"\n'
    with pytest.raises(qc.ArgumentError, match="`detuning` must have a unit"):
        load(f'{head}decay = "1 MHz"\ndetuning = "x"\n').network()
    assert load(f'{head}decay = "x"\n').network().component.L[0].terms


SWEPT = """[parameters]
k = 3.0
w = "1 MHz"
[parts.m]
part = "cavity"
decay = "{}"
occupation = 1.0
[measures.n]
measure = "occupation"
mode = "m"
[axes.k]
from = 0
to = 10
points = 11
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [("w/(k - 1)**2", "k = 1"), ("w/k", "k = 0"), ("w*sqrt(k - 2)", "k = 0"), ("w/(k-3)", "k = 3")],
)
def test_a_point_where_an_expression_is_no_number_is_named(text, place):
    with pytest.raises(qc.ArgumentError, match=r"parts\.m\.decay.*divide|invalid") as error:
        sweep_netlist(load(SWEPT.format(text)))
    assert f"at {place}" in str(error.value)
    with pytest.raises(qc.ArgumentError, match=r"at k = 0, w = 6283185.30\d* rad/s\)"):
        evaluate("1/k + w/w", {"k": np.array([1.0, 0.0]), "w": load(UNITS_ONLY).with_units()["w"]})


UNITS_ONLY = '[parameters]\nw = "1 MHz"\n[parts.m]\npart = "cavity"\ndecay = "w"\n'


def test_the_first_value_that_is_none_is_told_of_long_arrays():
    with pytest.raises(qc.ArgumentError, match=r"zero or above, but is -4\.0 \(4 of 11.*at \[0\]"):
        qc.cavity(decay=np.arange(11.0) - 4.0)


@pytest.mark.parametrize("wrong", [3, "hop", {3}, None])
def test_couplings_are_a_list_and_the_sentence_says_so(wrong):
    with pytest.raises(qc.ArgumentError, match="`couplings` must be a list of couplings"):
        qc.Network({"m": qc.cavity(decay=1.0)}, couplings=wrong)
