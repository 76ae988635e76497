"""One reader of numbers with a dimension, for Python, network files, the command line, papers."""

import itertools
import pickle
import re

import matplotlib.pyplot as plt
import numpy as np
import pint
import pytest
from optional import jax

import qcascade as qc
from qcascade.base import given_units, units
from qcascade.base.settings import in_unit
from qcascade.explore import systems
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist
from qcascade.papers import paper
from qcascade.papers.parameters import own_units
from qcascade.plots.plot import save_figure
from qcascade.slh.registry import CATALOGUE, RATES

TURN = 2 * np.pi
OURS, THEIRS = pint.UnitRegistry(), pint.UnitRegistry()
THEIRS.define("linewidth = 3 * megahertz")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 MHz", TURN * 1e7),
        (" 10 MHz ", TURN * 1e7),
        ("10MHz", TURN * 1e7),
        ("1e1 MHz", TURN * 1e7),
        ("1_000 Hz", TURN * 1e3),
        ("−5 kHz", -TURN * 5e3),
        ("10\u00a0kHz", TURN * 1e4),
        ("3 µHz", TURN * 3e-6),
        ("3 μHz", TURN * 3e-6),
        ("3 uHz", TURN * 3e-6),
        ("2 rad/us", 2e6),
        ("8 krad/s", 8e3),
        ("8 rad s^-1", 8.0),
        ("8 rad·s⁻¹", 8.0),
        ("60 rpm", TURN),
        ("1 turn/s", TURN),
        ("180 deg/s", np.pi),
    ],
)
def test_a_rate_is_one_number_and_one_unit(text, value):
    assert units.angular_frequency("f", text) == pytest.approx(value, rel=1e-14)


def test_a_number_of_a_kind_is_read_from_text_pairs_and_quantities():
    for value in ("20 mW", (20, "mW"), OURS.Quantity(20, "mW"), THEIRS.Quantity(0.02, "W"), 0.02):
        assert qc.si(value, "watt") == qc.si(value, "W") == 0.02
        assert isinstance(qc.si(value, "watt"), float)
    assert qc.si(([1.0, 2.0], "kHz"), "rad/s").tolist() == [TURN * 1e3, TURN * 2e3]


@pytest.mark.parametrize(
    ("value", "unit", "sentence"),
    [
        ("20 mK", "watt", '`value` must be a number or text with a unit, like "1 watt"'),
        ("20", "watt", "the unit is missing"),
        ((20, "mK"), "watt", 'like "1 watt"'),
        ("5 1/s", "rad/s", "`value` must say Hz .* or rad/s"),
        (5.0, "mW", "`unit` must be the SI unit"),
        (5.0, "degC", "`unit` must be the SI unit"),
        (5.0, "nonsense", "`unit` must name a unit"),
    ],
)
def test_a_number_of_another_kind_is_refused(value, unit, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.si(value, unit)


UNCLEAR = {
    "10,5 MHz": "a comma could be either",
    "1,000 MHz": "a comma could be either",
    "2*pi*10 MHz": "without arithmetic",
    "2π × 10 MHz": "without arithmetic",
    "2π·10 MHz": "without arithmetic",
    "10 MHz * 2": "without arithmetic",
    "6.28 rad*MHz": "Hz is multiplied by 2π already",
    "5 rad MHz": "Hz is multiplied by 2π already",
    "2 pi rad/s": "say Hz .* or rad/s",
    "1 000 Hz": "spaces between digits",
    "1e6": "the unit is missing",
    "MHz": "one number and one unit",
    "∞ Hz": "must be finite",
    "nan Hz": "must be finite",
    "1e999 Hz": "be finite",
    "1 MHZ": "did you mean 'MHz'",
    "10 mhz": "'MHz'",
    "10 KHz": "did you mean 'kHz'",
    "1 Mherz": "did you mean 'MHz'",
    "5 bananas": "'bananas' is no unit",
    "1/ms": "say Hz .* or rad/s",
    "5 1/s": "say Hz .* or rad/s",
    "1 Bq": "say Hz .* or rad/s",
    "5 MW": 'like "1 MHz"',
    "1 eV": 'like "1 MHz"',
    "": "one number and one unit",
    "1.5.2 MHz": "one number and one unit",
    "1__0 MHz": "one number and one unit",
    "1_ MHz": "one number and one unit",
    "٣ Hz": "one number and one unit",
}
FILE = '[parts.m]\npart = "cavity"\ndetuning = "{}"\ndecay = "1 MHz"'


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_is_refused_in_python_and_in_files(text):
    with pytest.raises(qc.ArgumentError, match=f"`detuning` must.*{UNCLEAR[text]}"):
        qc.cavity(detuning=text, decay="1 MHz")
    with pytest.raises(qc.ArgumentError, match=r"detuning` must"):
        load(FILE.format(text) if text != "1e6" else FILE.format("1e0")).network()


def test_a_comma_is_never_dropped():
    for call in (
        lambda: qc.physics.bose_einstein("1 MHz", "0,3 K"),
        lambda: qc.physics.drive_amplitude("1,5 mW", "200 THz"),
        lambda: qc.fibre("0,5 dB"),
        lambda: qc.phase_shifter("1,5 rad"),
        lambda: qc.physics.optical_frequency("1,064 um"),
    ):
        with pytest.raises(qc.ArgumentError, match="a comma could be either"):
            call()


def quantities(text):
    """A text as pint quantities: scalar, another registry's, array, list."""
    size, unit = text.split(" ", 1)
    for registry in (OURS, THEIRS):
        yield registry.Quantity(float(size), unit)
        yield registry.Quantity(np.array([float(size)]), unit)
        yield [registry.Quantity(float(size), unit)]
    yield [text]
    yield np.array([text])


READERS = [
    (lambda x: qc.si(x, "rad/s"), ("3 MHz", "3 rad/s", "60 rpm")),
    (lambda x: qc.si(x, "watt"), ("5 mW", "3 dBm")),
    (lambda x: qc.si(x, "kelvin"), ("130 mK", "20 degC")),
    (lambda x: qc.si(x, "hertz"), ("3 kHz", "3 rad/s")),
    (lambda x: qc.physics.bose_einstein("1 GHz", x), ("130 mK",)),
    (lambda x: qc.physics.bose_einstein(x, "1 K"), ("1 GHz",)),
    (lambda x: qc.physics.drive_amplitude(x, "200 THz"), ("5 mW",)),
    (qc.physics.optical_frequency, ("780 nm",)),
    (lambda x: qc.physics.zero_point_coupling("1 THz", x, "1 ng", "1 MHz"), ("1 mm",)),
    (lambda x: qc.physics.zero_point_coupling("1 THz", "1 mm", x, "1 MHz"), ("1 ng",)),
    (lambda x: qc.physics.sagnac_shift(x, "1 mm", 1.4, "1 THz"), ("8 krad/s",)),
    (lambda x: qc.physics.fibre_phase(x, 1.5, "1 um"), ("3 mm",)),
    (lambda x: units.angle("x", x), ("90 deg", "0.3 turn")),
    (lambda x: units.power_share("x", x), ("3 dB", "20 percent")),
    (lambda x: units.squeezing_parameter("x", x), ("10 dB",)),
    (lambda x: units.root_rate("x", x), ("3 s**-0.5",)),
]


@pytest.mark.parametrize(("reader", "text"), [(f, text) for f, texts in READERS for text in texts])
def test_quantities_of_any_registry_are_read_exactly_as_text(reader, text):
    wanted = reader(text)
    for value in quantities(text):
        assert np.ravel(reader(value)).item() == wanted


def parts_by_rate():
    """Every rate of every part of the catalogue, with all its rates as numbers in rad/s."""
    base = {
        "cavity": {"detuning": 1e6, "decay": 2e6},
        "squeezed_mode": {"drive": 1e5, "detuning": 1e6, "decay": 2e6},
        "pair_source": {"gain": 1e5, "detuning": (1e6, 3e6), "decay": (1e6, 2e6)},
        "hopping": {"first": "a.a", "second": "b.a", "rate": 1e6},
        "two_mode_squeezing": {"first": "a.a", "second": "b.a", "rate": 1e6},
        "local_bath": {"mode": "a.a", "decay": 1e6},
        "common_bath": {"weights": {"a.a": 1.0, "b.a": 2.0}, "decay": 1e6},
        "coherent_drive": {"amplitude": 1e6},
        "qubit": {"detuning": 1e6, "decay": 2e6, "dephasing": 1e5, "loss": 2e5},
        "kerr_cavity": {"kerr": 1e5, "detuning": 1e6, "decay": 2e6},
        "mechanical_mode": {"frequency": 1e6, "decay": 1e3},
        "optomechanical_cavity": {
            "detuning": 1e6, "decay": 2e6, "coupling": 1e3, "frequency": 1e6,
            "mechanical_decay": 1e3,
        },
        "spinning_resonator": {
            "detuning": 1e6, "decay": 2e6, "shift": 1e5, "coupling": 1e3, "frequency": 1e6,
            "mechanical_decay": 1e3, "backscattering": 1e4,
        },
        "gain_bath": {"weights": {"a.a": 1.0, "b.a": 2.0}, "rate": 1e6},
        "one_way": {"first": "a.a", "second": "b.a", "rate": 1e6},
        "magnon_mode": {"detuning": 1e6, "decay": 2e6, "kerr": 1e3},
        "atomic_ensemble": {
            "detuning": 1e6, "decay": 2e6, "coupling": 1e3, "atoms": 1e4, "atomic_detuning": 2e6,
            "atomic_decay": 3e6,
        },
        "microwave_converter": {
            "detuning": 1e6, "decay": 2e6, "coupling": 1e3, "microwave_detuning": 3e6,
            "microwave_decay": 1e6, "microwave_coupling": 2e3, "frequency": 1e6,
            "mechanical_decay": 1e3,
        },
    }  # fmt: skip
    # A fibre's delay and length are no rates, but go with them: test_delays.py.
    assert {*base, "fibre"} == {name for name, rates in RATES.items() if rates}
    for name, arguments in base.items():
        # Tones are several rates by frequency: test_orbits.py.
        yield from ((name, arguments, rate) for rate in RATES[name] if rate != "tones")


def coefficients(part):
    return [c for x in (part.H, *part.L) for c in x.terms.values()]


@pytest.mark.parametrize(("name", "arguments", "rate"), list(parts_by_rate()))
def test_every_rate_of_every_part_takes_text_and_quantities(name, arguments, rate):
    make = CATALOGUE[name]
    unit = "s**-0.5" if rate == "amplitude" else "rad/s"
    wanted = coefficients(make(**arguments))

    def spelled(how):
        value = arguments[rate]
        return tuple(map(how, value)) if isinstance(value, tuple) else how(value)

    for how in (lambda x: f"{x!r} {unit}", lambda x: OURS.Quantity(x, unit)):
        found = make(**{**arguments, rate: spelled(how)})
        assert coefficients(found) == wanted
        assert found.rates.measured is not None
    if rate != "amplitude":
        found = make(**{**arguments, rate: spelled(lambda x: OURS.Quantity(x / TURN, "Hz"))})
        np.testing.assert_allclose(coefficients(found), wanted, rtol=1e-15)
    with pytest.raises(qc.ArgumentError, match=rate):
        make(**{**arguments, rate: spelled(lambda x: f"{x!r} kg")})


def test_complex_rates_and_lists_of_texts():
    xi = qc.squeezed_mode("0.3j MHz", decay="1 MHz").H.terms
    assert xi == qc.squeezed_mode(0.3j * TURN * 1e6, decay=TURN * 1e6).H.terms
    many = qc.cavity(detuning=["1 MHz", "2 MHz"], decay=OURS.Quantity([1.0, 2.0], "MHz"))
    np.testing.assert_allclose(coefficients(many)[0], TURN * np.array([1e6, 2e6]))


def test_angles_losses_and_squeezing():
    assert pytest.approx(1j) == qc.phase_shifter("90 deg").S
    assert pytest.approx(1j) == qc.phase_shifter("0.5 π").S
    assert qc.fibre("3 dB").S[0, 0] ** 2 == pytest.approx(10**-0.3, rel=1e-15)
    assert qc.fibre("-3 dB", "180 deg").S[0, 0] == pytest.approx(-(10**-0.15), rel=1e-15)
    assert qc.beam_splitter("50 %").S[0, 0] == pytest.approx(0.5**0.5, rel=1e-15)
    light = qc.squeezed_light("10 dB").squeezings[("in_a", "in_b")]
    assert np.exp(-2 * light) == pytest.approx(0.1, rel=1e-15)
    for bad in ("3 dBm", "90 deg", "1 MHz", "150 %"):
        with pytest.raises(qc.ArgumentError, match="`transmission` must"):
            qc.fibre(bad)


def test_no_number_loses_its_unit_where_none_belongs():
    one = OURS.Quantity(1.0, "MHz")
    for call in (
        lambda: qc.cavity(occupation=one),
        lambda: qc.thermal(["m"], one),
        lambda: qc.coherent("m", one),
        lambda: qc.GaussianModel(("m",), -one * np.eye(2), np.eye(2)),
        lambda: qc.thermal(["m"], [one]),
        lambda: qc.physics.fibre_phase(1.0, OURS.Quantity(90, "deg"), 1.0),
    ):
        with pytest.raises(qc.ArgumentError, match="without a unit"):
            call()
    assert qc.thermal(["m"], one / OURS.Quantity(500, "kHz")).cov[0, 0] == 2.5
    assert qc.cavity(OURS.Quantity(2.0, "MHz") / one, decay=1.0).H.terms.popitem()[1] == 2.0


def test_quantities_of_other_libraries_are_refused():
    class Foreign(np.ndarray):
        unit = "MHz"

    with pytest.raises(qc.ArgumentError, match="pint quantities"):
        qc.cavity(decay=np.ones(2).view(Foreign))


# Rates with a unit beside bare ones.


def net(decay, other, rate=0.0, **couplings):
    parts = {"a": qc.cavity(decay=decay), "b": qc.cavity(decay=other)}
    return qc.Network(parts, couplings=[qc.hopping("a.a", "b.a", rate)])


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: qc.squeezed_mode(0.2, decay="1 MHz"), "`drive` .* `decay`, '1 MHz'"),
        (lambda: qc.squeezed_mode("0.2 MHz", decay=1.0), r"`decay` .* `drive`, '0.2 MHz'"),
        (lambda: qc.squeezed_mode(0.2j, decay=OURS.Quantity(1, "MHz")), "`drive`"),
        (lambda: qc.squeezed_mode(np.linspace(0, 0.4, 5), decay="1 MHz"), "`drive`"),
        (lambda: qc.cavity(decay=["1 MHz", 0.5]), r"`decay\[1\]` .* `decay\[0\]`"),
        (lambda: qc.cavity(decay={"x": "1 MHz", "y": 0.5}), r"`decay\[y\]`"),
        (lambda: qc.pair_source("0.1 MHz"), r"`decay\[0\]`"),
        (lambda: qc.qubit(decay="1 MHz", dephasing=0.1), "`dephasing`"),
        (lambda: qc.kerr_cavity(-0.1, decay="1 MHz"), "`kerr`"),
        (
            lambda: qc.optomechanical_cavity(
                "1 MHz", coupling=0.01, frequency="1 MHz", mechanical_decay="1 Hz"
            ),
            "`coupling`",
        ),
        (lambda: qc.mechanical_mode("1 MHz", 1e-4), "`decay`"),
        (lambda: net("1 MHz", 1.0), r"`parts\[b\].decay` .* `parts\[a\].decay`, '1 MHz'"),
        (lambda: net("1 MHz", "2 MHz", 0.3), r"`couplings\[hopping1\].rate`"),
        (
            lambda: qc.Network(
                {"n": qc.slh.as_component(net("1 MHz", "1 MHz")), "c": qc.cavity(0.3)}
            ),
            r"`parts\[c\].detuning` .* `parts\[n\]",
        ),
        (
            lambda: qc.Network({"l": qc.coherent_drive(2.0), "m": qc.cavity(decay="1 MHz")}),
            r"`parts\[l\].amplitude`",
        ),
        (lambda: load(FILE.replace('"{}"', "0.5")).network(), "`detuning`"),
    ],
)  # fmt: skip
def test_a_bare_ratio_beside_rates_with_a_unit_is_refused(make, named):
    with pytest.raises(qc.ArgumentError, match=f"{named}.*has one"):
        make()


def test_zero_is_zero_and_numbers_in_rad_per_second_are_what_they_are():
    qc.cavity(0.0, decay="1 MHz")
    qc.cavity(np.linspace(-1e7, 1e7, 101), decay="1 MHz")
    qc.cavity("0 MHz", decay=1.0)
    qc.cavity(TURN * 3e5, decay=["1 MHz", 0.0])
    net("1 MHz", TURN * 1e6)
    qc.pair_source("0.1 MHz", decay=("1 MHz", "1 MHz"))
    small = qc.physics.zero_point_coupling("200 THz", "1 m", "5 ug", "1 MHz")
    assert 0 < small < 1
    assert (
        qc.optomechanical_cavity(
            "1 MHz", coupling=small, frequency="1 MHz", mechanical_decay="1 Hz", decay="1 MHz"
        ).rates.bare
        is None
    )
    assert pickle.loads(pickle.dumps(small)) == small
    assert type(2 * small) is np.float64


@pytest.mark.needs("jax")
def test_numbers_that_came_from_units_are_plain_numbers_to_jax():
    rate = qc.si("1 MHz", "rad/s")
    assert float(jax.jit(lambda x: 2 * x)(rate)) == 2 * rate


# Files, the command line, the papers, the explorer.

SWEPT = """
[parameters]
kappa = "1 MHz"
x = 0.3
[parts.m]
part = "squeezed_mode"
drive = "x * kappa"
decay = "kappa"
detuning = "200 kHz"
[axes.kappa]
from = "1 MHz"
to = "3 MHz"
points = 3
[measures.n]
measure = "occupation"
mode = "m"
"""


def quanta(kappa):
    """⟨a†a⟩ of a detuned parametric oscillator, 2ξ²/(κ² + 4Δ² − 4ξ²)."""
    xi, delta = 0.3 * kappa, 0.2
    return 2 * xi**2 / (kappa**2 + 4 * delta**2 - 4 * xi**2)


def test_files_have_parameters_and_axes_with_units():
    data = sweep_netlist(load(SWEPT))
    assert data.kappa.attrs["units"] == "MHz"
    np.testing.assert_allclose(data.kappa, [1, 2, 3])
    np.testing.assert_allclose(data.n, quanta(data.kappa.values), rtol=1e-12)
    in_kilohertz = sweep_netlist(load(SWEPT.replace("points = 3", 'points = 3\nunit = "kHz"')))
    np.testing.assert_allclose(in_kilohertz.kappa, [1e3, 2e3, 3e3])
    np.testing.assert_allclose(in_kilohertz.n, data.n, rtol=1e-14)
    listed = SWEPT.replace(
        'from = "1 MHz"\nto = "3 MHz"\npoints = 3', 'values = ["1 MHz", "3 MHz"]'
    )
    np.testing.assert_allclose(sweep_netlist(load(listed)).n, data.n[::2], rtol=1e-14)
    for value in ("2 MHz", OURS.Quantity(2.0, "MHz"), TURN * 2e6):
        state = load(SWEPT).steady_state({"kappa": value})
        assert qc.measures.occupation(state, "m") == pytest.approx(quanta(2.0), rel=1e-12)


def test_a_ratio_of_parameters_with_units_is_a_plain_number():
    text = '[parameters]\na = "1 MHz"\nb = "4 MHz"\n[parts.m]\npart = "cavity"\n'
    text += 'detuning = "a / b"\ndecay = 1.0'
    assert load(text).network().component.H.terms.popitem()[1] == 0.25
    with pytest.raises(qc.ArgumentError, match="`decay` must have a unit"):
        load(text.replace("a / b", "a + b")).network()


def test_the_explorer_has_axes_in_their_own_unit():
    study = systems.study_of(SWEPT)
    (first, *_) = study.system.parameters({})
    assert (first.unit, first.low, first.high) == ("MHz", 1.0, 3.0)
    assert first.default == pytest.approx(1.0)
    values = systems.arguments(study, {}, {**systems.defaults(study, {}), "kappa": 2.0})
    assert study.system.point(**values)["n"] == pytest.approx(quanta(2.0), rel=1e-12)


@pytest.mark.parametrize(
    ("key", "name", "text", "value"),
    [
        ("liu2024", "power", "15 mW", 0.015),
        ("liu2024", "power", "0.015 W", 0.015),
        ("liu2024", "mechanical_frequency", "88 MHz", 88e6),
        ("liu2024", "mechanical_frequency", "0.088 GHz", 88e6),
        ("liu2024", "length", "0.1 mm", 1e-4),
        ("liu2024", "length", "10um", 1e-5),
        ("liu2024", "phase_difference", "90 deg", 0.5),
        ("liu2024", "transmission", "3 dB", 10**-0.3),
        ("jiao2022", "phase", "90 deg", np.pi / 2),
        ("jiao2022", "phase", "0.5π", np.pi / 2),
        ("jiao2022", "spin_left", "8 krad/s", 8e3),
        ("jiao2022", "temperature", "0.1 K", 0.1),
        ("pelka2026", "hopping", "0.5ω", 0.5),
    ],
)
def test_settings_of_papers_take_any_unit_of_their_kind(key, name, text, value):
    assert in_unit(name, text, *own_units(key)[name]) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("key", "name", "text"),
    [
        ("liu2024", "power", "15 kg"),
        ("liu2024", "power", "1,5 mW"),
        ("liu2024", "temperature", "100 mk"),
        ("pelka2026", "hopping", "1 MHz"),
    ],
)
def test_settings_of_papers_refuse_other_units(key, name, text):
    with pytest.raises(qc.ArgumentError, match=f"`{name}` must"):
        in_unit(name, text, *own_units(key)[name])


@pytest.mark.parametrize(
    ("key", "given", "same"),
    [
        (
            "liu2024",
            {"power": "12 mW", "mechanical_frequency": "0.09 GHz", "length": "0.09 m"},
            {"power": 0.012, "mechanical_frequency": 9e7, "length": 0.09},
        ),
        (
            "liu2024",
            {"phase_difference": "90 deg", "temperature": OURS.Quantity(50, "mK")},
            {"phase_difference": 0.5, "temperature": 0.05},
        ),
        (
            "jiao2022",
            {"spin_left": "8 krad/s", "phase": "90 deg", "transmission": "1 dB"},
            {"spin_left": 8e3, "phase": np.pi / 2, "transmission": 10**-0.1},
        ),
        ("jiao2020", {"power": OURS.Quantity(9, "mW"), "spin": "2 kHz"},
         {"power": 9e-3, "spin": TURN * 2e3}),
    ],
)  # fmt: skip
def test_points_of_papers_take_text_and_quantities(key, given, same):
    found, wanted = paper(key).point(**given), paper(key).point(**same)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-12)


# Sweeps.


def point(decay):
    net = qc.Network({"m": qc.squeezed_mode("30 Hz", "20 Hz", decay=decay)})
    return {"n": qc.measures.occupation(qc.steady_state(qc.gaussian(net)), "m"), "rad": decay}


@pytest.mark.parametrize("how", [lambda f: f, qc.each])
@pytest.mark.parametrize(
    "values",
    [
        OURS.Quantity([0.1, 0.2], "kHz"),
        [OURS.Quantity(100, "Hz"), "0.2 kHz"],
        ["100 Hz", "200 Hz"],
        ("100 Hz", "200 Hz"),
        (["0.1 kHz", "0.2 kHz"], "Hz"),
        [f"{TURN * 100!r} rad/s", f"{TURN * 200!r} rad/s"],
    ],
)
def test_axes_with_units_keep_them_and_points_get_si_numbers(values, how, tmp_path):
    data = qc.sweep(how(point), decay=values, store=tmp_path / "kept.zarr", progress=False)
    assert data.decay.attrs["units"] in ("Hz", "kHz", "rad/s")
    np.testing.assert_allclose(data.rad, TURN * np.array([100, 200]), rtol=1e-14)
    xi, delta, kappa = 30.0, 20.0, np.array([100.0, 200.0])
    wanted = 2 * xi**2 / (kappa**2 + 4 * delta**2 - 4 * xi**2)
    np.testing.assert_allclose(data.n, wanted, rtol=1e-12)


def test_bare_axes_beside_rates_with_units_are_refused():
    with pytest.raises(qc.ArgumentError, match="`decay` must have a unit"):
        qc.sweep(point, decay=([100.0, 200.0], "Hz"), progress=False)
    with pytest.raises(qc.ArgumentError, match="a unit in every entry"):
        qc.sweep(point, decay=["100 Hz", 200.0], progress=False)


def test_percent_and_plain_numbers_are_both_ratios():
    found = given_units.axis("loss", ["10 %", 1, 0.5])
    assert (found.unit, found.scale) == ("%", 0.01)
    np.testing.assert_allclose(found.values, [10.0, 100.0, 50.0], rtol=1e-15)
    for others in (["10 deg", 1], ["3 dB", 1]):
        with pytest.raises(qc.ArgumentError):
            given_units.axis("loss", others)
    with pytest.raises(qc.ArgumentError, match="a unit in every entry"):  # 1 or 1 %?
        given_units.axis("loss", ["10 %", 1], "%")


def test_efficiencies_are_spelled_as_transmissions_are():
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
    for spelled, share in (("80 %", 0.8), ("1 dB", 10**-0.1), ("-1 dB", 10**-0.1)):
        noise = qc.quadrature_spectrum(model, "out", 0.3, angle="90 deg", efficiency=spelled)
        bare = qc.quadrature_spectrum(model, "out", 0.3, angle="90 deg")
        assert noise == pytest.approx(share * bare + (1 - share) / 2)
        for detector in (qc.homodyne, qc.heterodyne):
            seen = detector(efficiency=spelled).seen
            np.testing.assert_allclose(seen, detector(efficiency=share).seen, rtol=1e-14)
    pair = qc.two_mode_squeezed(["a", "b"], 1.0)
    assert qc.key_rate(pair, "a", "b", reconciliation="95 %") == pytest.approx(
        qc.key_rate(pair, "a", "b", reconciliation=0.95)
    )
    for wrong in ("110 %", "1 MHz", 80):
        with pytest.raises(qc.ArgumentError, match="`efficiency` must be"):
            qc.homodyne(efficiency=wrong)


# Times.


def test_times_with_a_unit_beside_slow_rates_that_have_one():
    left = np.exp(-TURN * 100 * 1e-3)
    net = qc.Network({"m": qc.cavity(decay="100 Hz")})
    start = qc.coherent("m.a", 1.0)
    for model in (qc.gaussian(net), lambda t: qc.gaussian(qc.Network({"m": slow(t)}))):
        run = qc.evolve(model, start, ["0 s", "1 ms"])
        assert qc.occupation(run, "m")[-1] == pytest.approx(left)
    atom = qc.lindblad(qc.qubit(decay="100 Hz"))
    run = qc.evolve(atom, qc.ket("q", [0, 1]), ["1 ms"], progress=False)
    assert qc.occupation(run.final, "q") == pytest.approx(left)
    p = qc.pulse("gaussian", width="10 ms")
    assert p.amplitude("5 ms") == pytest.approx(p.amplitude(5e-3))
    for bare in (qc.gaussian(qc.cavity(decay=100.0)), qc.lindblad(qc.qubit(decay=100.0))):
        with pytest.raises(qc.ArgumentError, match="inverse unit of the rates, which have none"):
            qc.evolve(bare, None, ["1 ms"])


def slow(t):
    return qc.cavity(np.zeros_like(t), decay="100 Hz")


def test_a_power_in_place_of_an_amplitude_is_told_how_to_become_one():
    with pytest.raises(
        qc.ArgumentError, match=r"but is '1 mW' \(of a power, `qc.physics.drive_ampl"
    ):
        qc.coherent_drive("1 mW")


def test_times_with_a_unit():
    parts = {"l": qc.coherent_drive("1e3 s^-0.5"), "m": qc.cavity(decay="1 MHz")}
    net = qc.Network(parts, [("l.out", "m.in")])
    for time in ("10 us", OURS.Quantity(10, "us"), 1e-5):
        end = qc.classical.limit_cycle(net, {}, time)
        assert end.numbers["m.a"] == pytest.approx(4e6 / (TURN * 1e6), rel=1e-6)
    model = qc.gaussian(net)
    for times in (["1 us", "2 us"], OURS.Quantity([1.0, 2.0], "us")):
        found = qc.evolve(model, None, times)
        np.testing.assert_allclose(found.mean, qc.evolve(model, None, [1e-6, 2e-6]).mean)
    bare = qc.Network({"m": qc.cavity(decay=1.0)})
    for call in (
        lambda: qc.classical.limit_cycle(bare, {}, "1 us"),
        lambda: qc.evolve(qc.gaussian(bare), None, ["1 us"]),
        lambda: qc.evolve(qc.lindblad(qc.qubit(decay=1.0)), None, ["1 us"]),
    ):
        with pytest.raises(qc.ArgumentError, match="in the inverse unit of the rates"):
            call()


# Formulas.


def test_a_cold_fast_mode_is_empty_and_stays_so():
    hot = 6.62607015e-34 * 2e14 / 1.380649e-23
    for frequency, temperature in [("200 THz", "4 K"), (1e300, 1.0), ("1 GHz", 1e-300)]:
        assert qc.physics.bose_einstein(frequency, temperature) == 0
    for T in (hot, hot / 30, 1e3 * hot, 1e300):  # 1/(eˣ − 1)
        n = 1 / np.expm1(hot / T)
        assert qc.physics.bose_einstein("200 THz", T) == pytest.approx(n, rel=1e-13)


@pytest.mark.needs("jax")
def test_the_slope_of_a_thermal_occupation_is_right_from_nothing_to_everything():
    hot = 6.62607015e-34 * 2e14 / 1.380649e-23
    for T in (4.0, 1e-300, 0.0, hot / 999, hot / 1001, hot / 700):
        slope = jax.jit(jax.grad(lambda t: qc.physics.bose_einstein("200 THz", t)))(T)
        x = hot / T if hot / 600 < T else np.inf
        assert float(slope) == pytest.approx(x * np.exp(-x) / T if x < np.inf else 0.0, abs=1e-290)
    for T in (hot, hot / 30, 1e3 * hot):  # n(n + 1)x/T
        n = 1 / np.expm1(hot / T)
        slope = jax.grad(lambda t: qc.physics.bose_einstein("200 THz", t))(T)
        assert float(slope) == pytest.approx(n * (n + 1) * hot / T**2, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "first", "second"),
    [
        (qc.physics.drive_amplitude, "power", "frequency"),
        (qc.physics.bose_einstein, "frequency", "temperature"),
        (lambda a, b: qc.physics.zero_point_coupling(a, 1.0, b, 1.0), "optical_frequency", "mass"),
        (lambda a, b: qc.physics.sagnac_shift(1.0, a, b, 1.0), "radius", "index"),
        (lambda a, b: qc.physics.fibre_phase(a, 1.5, b), "length", "wavelength"),
        (lambda a, b: qc.physics.mechanical_displacement(a, b, 1.0, 1.0), "photons", "coupling"),
    ],
)
def test_arrays_of_different_lengths_are_refused_by_name(call, first, second):
    with pytest.raises(qc.ArgumentError, match=f"`{second}` must broadcast with `{first}`"):
        call(np.ones(2), np.ones(3))


def test_the_occupation_of_a_qubit_belongs_to_its_decay():
    """Bloch equations: ⟨σᶻ⟩ = −(γ/Γ₁)/(1 + s), s = Ω²/(Γ₁Γ₂), where Γ₁ = γ(2n + 1) and
    Γ₂ = Γ₁/2 + γ_φ; |⟨σ⁻⟩| = Ω|⟨σᶻ⟩|/2Γ₂ (Carmichael, Statistical Methods 1, ch. 2)."""
    gamma, dephasing, n, beta, weak = 1.0, 0.7, 0.8, 0.6, 0.2
    decay = {"line": weak, "rest": gamma - weak}
    atom = qc.qubit(decay=decay, dephasing=dephasing, occupation={"in_rest": n})
    assert "in_dephasing" not in atom.occupations
    net = qc.Network({"l": qc.coherent_drive(beta), "q": atom}, [("l.out", "q.in_line")])
    rho = qc.interop.to_qutip(qc.steady_state(qc.lindblad(net), progress=False)).full()
    first = gamma - weak
    fast = weak + first * (2 * n + 1)
    second, drive = fast / 2 + dephasing, 2 * beta * weak**0.5
    z = -(gamma / fast) / (1 + drive**2 / (fast * second))
    assert abs(rho[0, 1]) == pytest.approx(drive * abs(z) / (2 * second), rel=1e-8)


@pytest.mark.parametrize(("n", "dephasing"), [*itertools.product((0.0, 0.5, 2.0), (0.1, 1.0))])
def test_one_occupation_for_all_ports_leaves_pure_dephasing_alone(n, dephasing):
    """Free decay of the coherence: e^{−Γ₂t}, Γ₂ = (2n + 1)γ/2 + γ_φ."""
    atom = qc.qubit(decay=1.0, loss=0.5, dephasing=dephasing, occupation=n)
    assert set(atom.occupations) == {"in", "in_loss"}
    model = qc.lindblad(atom, sectors=False)
    start = qc.ket(["q"], np.array([1.0, 1.0]) / np.sqrt(2))
    rho = qc.interop.to_qutip(qc.evolve(model, start, [0.3], progress=False).final).full()
    assert abs(rho[0, 1]) == pytest.approx(
        0.5 * np.exp(-0.3 * (1.5 * (2 * n + 1) / 2 + dephasing)), rel=1e-7
    )


# Sentences.


def wired(part, output="a.out"):
    return qc.Network({"a": part, "b": qc.cavity(decay=1.0)}, [(output, "b.in")])


SENTENCES = [
    (lambda: wired(qc.cavity()), r"a has no output port: give it a `decay`"),
    (lambda: wired(qc.qubit()), r"a has no output port: give it a `decay`"),
    (lambda: wired(qc.hopping("x", "y", 1.0)), "a has no output port"),
    (lambda: wired(qc.cavity(decay=1.0), "a.otu"), r"outputs of a: out; did you mean 'a.out'"),
    (
        lambda: qc.Network(
            {x: qc.cavity(decay=1.0) for x in "ab"}, couplings=[qc.hopping("a", "b", 1.0)]
        ),
        r"'a' \(that is a part, whose modes are: a.a\)",
    ),
    (
        lambda: qc.Network({"a": qc.cavity()}, couplings=qc.hopping("a.a", "b.a", 1.0)),
        r"`couplings` must be a list, even of one: couplings=\[hopping",
    ),
    (lambda: qc.fibre(loss=0.1), r"a loss of x is transmission = 1 − x"),
    (lambda: qc.beam_splitter(loss=0.1), r"transmission = 1 − x"),
    (lambda: qc.cavity(kappa=1.0), "did you mean 'decay'"),
    (
        lambda: qc.cavity(temperature=1.0),
        r"= qc.physics.bose_einstein\(frequency, temperature",
    ),
    (
        lambda: qc.coherent_drive(power="1 mW"),
        r"= qc.physics.drive_amplitude\(power, frequency",
    ),
    (lambda: qc.coherent_drive(lambda t: t), r"`amplitude` must be .* no function is taken"),
    (lambda: qc.cavity(decay=lambda t: t), r"`decay` must be .* no function is taken"),
    (lambda: qc.circulator(10**6), "`ports` must be 1,000 or fewer"),
    (lambda: qc.from_toml("network.toml"), "not the path of a file"),
    (lambda: qc.from_toml("/tmp/some/network.toml"), "not the path of a file"),
]


@pytest.mark.parametrize(("call", "sentence"), SENTENCES)
def test_a_slip_is_told_with_its_way_out(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


def test_a_mode_without_decay_rests_at_zero_and_not_at_minus_zero():
    with pytest.raises(qc.UnstableError) as refused:
        qc.steady_state(qc.gaussian(qc.Network({"a": qc.cavity()})))
    assert "real part 0 " in str(refused.value)


LIST = '[parts.m]\npart = "squeezed_mode"\ndrive = {}\ndecay = 1.0'


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("[]", r"`parts.m.drive` must be a number"),
        ("{ batch = [] }", r"`parts.m.drive.batch` must be a list of one number or more"),
        ("{ batch = 3 }", r"`parts.m.drive.batch` must be a list"),
        ("9" * 5000, "holds a number that is none"),
        ("1" + "0" * 400, "`drive` must be a complex number"),
        ('"1" + "2"', "not valid TOML"),
        ('"10 ** 400"', "`parts.m.drive` must be"),
    ],
)
def test_values_in_files_that_are_none_are_refused(value, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(LIST.format(value)).network()


def test_files_take_powers_whole_numbers_and_byte_order_marks():
    for value in ('"10**20"', "1" + "0" * 20, "1e20"):
        net = load("\ufeff" + LIST.format(value)).network()
        assert set(map(abs, net.component.H.terms.values())) >= {0.5e20}


def test_quantities_survive_the_way_through_a_file():
    net = qc.Network(
        {
            "a": qc.cavity(OURS.Quantity(1.0, "MHz"), ["1 kHz", OURS.Quantity(2.0, "rad/s")]),
            "b": qc.mechanical_mode(OURS.Quantity([1.0, 2.0], "MHz"), "1 Hz"),
            "c": qc.cavity(qc.physics.sagnac_shift("8 rad/s", "1 mm", 1.4, "1 THz"), "1 MHz"),
            "d": qc.coherent_drive(qc.physics.drive_amplitude("1 aW", "200 THz")),
            "e": qc.fibre("3 dB", OURS.Quantity(90, "deg")),
        }
    )
    again = qc.from_toml(qc.to_toml(net))
    for ours, theirs in zip(
        coefficients(net.component), coefficients(again.component), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-15)
    np.testing.assert_allclose(net.component.S, again.component.S, rtol=1e-15)
    assert "decay='1 MHz'" in str(net)
    assert "detuning='1.0 MHz'" in str(net)


# Names in figures.


@pytest.mark.parametrize("name", ["$\\nosuch{$", "a$_$", "$$", "\\$x$", "100 $"])
def test_names_and_units_are_text_and_no_mathematics(name, tmp_path):
    data = qc.sweep(lambda x: {"y": x}, x=([1.0, 2.0], name), progress=False)
    drawing = qc.figure(data, "y")
    save_figure(drawing, tmp_path / "curve.png")
    axis = drawing.axes[0].xaxis.label
    assert axis._preprocess_math(axis.get_text()) == (f"x [{name}]", False)
    part = re.sub(r"\s", "", name)
    save_figure(qc.diagram(qc.Network({part: qc.cavity(decay=1.0)})), tmp_path / "net.png")
    plt.close("all")


@pytest.mark.parametrize("squeezing", [400.0, -1e9j, [0.5, 800.0], "1e5 dB"])
def test_squeezing_beyond_floating_point_is_refused_in_a_sentence(squeezing):
    with pytest.raises(qc.ArgumentError, match="`r` must be 150 or less in size"):
        qc.squeezed_light(squeezing)


def test_plain_numbers_in_an_array_of_objects_have_no_unit():
    decay = np.array([1.0, 2.0])
    objects, numbers = (
        qc.gaussian(qc.squeezed_mode(0.1, decay=x)).A for x in (decay.astype(object), decay)
    )
    np.testing.assert_array_equal(objects, numbers)
