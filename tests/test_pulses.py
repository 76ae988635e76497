"""Pulses, and cavities that let them out and take them in."""

import numpy as np
import pytest
from scipy.integrate import quad

import qcascade as qc
from qcascade.parts.pulses import begins

WIDTH = 1 / 1.46
NAMES = ["gaussian", "sech", "square", "exponential", "rising"]
STANDARD = {"gaussian": 1.0, "sech": np.pi / 12**0.5, "square": 12**-0.5, "exponential": 1.0}


def normal(**more):
    return qc.pulse("gaussian", width=WIDTH, **more)


@pytest.mark.parametrize("name", NAMES)
def test_a_pulse_is_normalised_and_as_long_as_its_width_says(name):
    p = qc.pulse(name, width=0.7, centre=-0.3)
    first, last = p.span

    def weighed(power):
        def density(t):
            return (t + 0.3) ** power * abs(p.amplitude(t)) ** 2

        return quad(density, first, last, points=[-0.3, 0.05], limit=200, epsabs=1e-12)[0]

    variance = weighed(2) - weighed(1) ** 2
    assert weighed(0) == pytest.approx(1, abs=1e-9)
    assert np.sqrt(variance) / 0.7 == pytest.approx(STANDARD.get(name, 1.0), rel=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_before_and_what_is_after_are_one_and_couplings_are_their_hazard_rates(name):
    p = qc.pulse(name, width=0.7, centre=0.2, detuning=1.3, chirp=0.4, phase=0.1)
    t = np.array([-0.1, 0.19, 0.21, 0.5])
    before, after, u = p.before(t), p.after(t), p.amplitude(t)
    np.testing.assert_allclose(before + after, 1, rtol=1e-14)
    on = abs(u) > 0
    np.testing.assert_allclose(p.release(t)[on], u[on] / np.sqrt(after[on]), rtol=1e-7)
    np.testing.assert_allclose(p.capture(t)[on], -u[on] / np.sqrt(before[on]), rtol=1e-7)
    assert not np.any([p.release(t)[~on], p.capture(t)[~on]])
    found = quad(lambda x: abs(p.amplitude(x)) ** 2, p.span[0], 0.5, points=[-0.15, 0.2])[0]
    assert before[-1] == pytest.approx(found, abs=1e-8)


def test_hazard_rates_of_the_closed_forms_hold_in_both_tails():
    """Gaussian √(2/π)/erfcx(x/√2)/σ → x/σ, sech Γ/2 (1 ± tanh Γt/2), rising 1/expm1(−t)."""
    gaussian, sech = normal(), qc.pulse("sech", width=2.0)
    x = 30.0
    series = x / (1 - x**-2 + 3 * x**-4 - 15 * x**-6)  # of the hazard rate of a normal
    rates = abs(gaussian.release(x * WIDTH)) ** 2, abs(gaussian.capture(-x * WIDTH)) ** 2
    np.testing.assert_allclose(np.array(rates) * WIDTH, series, rtol=1e-8)
    assert max(abs(gaussian.release(-60.0)), abs(gaussian.capture(60.0))) < 1e-100
    t = np.array([-300.0, -1.0, 2.0, 300.0])
    np.testing.assert_allclose(abs(sech.release(t)) ** 2, (1 + np.tanh(t / 2)) / 2, atol=1e-15)
    np.testing.assert_allclose(abs(sech.capture(t)) ** 2, (1 - np.tanh(t / 2)) / 2, atol=1e-15)
    rising = qc.pulse("rising", width=1.0)
    assert abs(rising.release(-0.3)) ** 2 == pytest.approx(1 / np.expm1(0.3), rel=1e-9)
    assert abs(rising.release([-800.0, 1.0])).tolist() == [0, 0]


def test_light_of_a_chirped_pulse_turns_as_its_frequency_says():
    p = normal(detuning=0.4, chirp=0.6, centre=1.0)
    t = np.array([0.0, 1.0, 2.5]) - 1.0
    plain = normal().amplitude(t)
    np.testing.assert_allclose(p.amplitude(t + 1.0), plain * np.exp(-1j * (0.4 * t + 0.3 * t**2)))


def test_functions_and_samples_are_pulses_with_both_tails():
    t = np.array([-5.0, -4.0, 0.1, 3.0, 5.0])
    known = normal()
    phase = np.exp(-0.7j * t)

    def shape(x):
        return 3 * np.exp(-((x / 2 / WIDTH) ** 2) - 0.7j * x)

    by_function = qc.pulse(shape, times=(-8.0, 8.0))
    x = np.linspace(-8, 8, 801)
    by_samples = qc.pulse(shape(x), times=x)
    for p, close in ((by_function, 1e-7), (by_samples, 3e-4)):
        np.testing.assert_allclose(p.before(t), known.before(t), rtol=close)
        np.testing.assert_allclose(p.after(t), known.after(t), rtol=close)
        np.testing.assert_allclose(p.amplitude(t), known.amplitude(t) * phase, rtol=close)
    even = qc.pulse(shape(x), width=16.0, centre=2.0)
    np.testing.assert_allclose(even.amplitude(t + 2), by_samples.amplitude(t), rtol=1e-9)
    assert abs(by_function.amplitude(9.0)) == by_function.after(9.0) == 0
    jumps = qc.pulse(lambda x: np.where(x < 1, 1.0, 2.0), times=(0, 1, 2))
    assert jumps.before(1.5) == pytest.approx(0.6)


def test_pulses_have_units():
    p, plain = qc.pulse("sech", width="2 us", centre="1 us"), qc.pulse("sech", width=2e-6)
    assert p.amplitude("1.5 us") == pytest.approx(plain.amplitude(0.5e-6), rel=1e-14)
    turned = qc.pulse("sech", width="2 us", detuning="1 MHz")
    np.testing.assert_allclose(np.angle(turned.amplitude("0.25 us")), -np.pi / 2)


def on_a_cavity(p, sent, detuning=0.0, loss=0.0):
    """A pulse on an empty cavity, caught in the mode in which it came."""

    def at(t):
        parts = {"u": sent(t), "c": qc.cavity(detuning, {"x": 1.0, "loss": loss})}
        parts |= {"v": qc.pulse_catcher(p, t)}
        return qc.gaussian(qc.Network(parts, [("u.out", "c.in_x"), ("c.out_x", "v.in")]))

    return at


def amplitude_of(state, mode):
    k = 2 * state.modes.index(mode)
    return complex(*state.mean[-1, k : k + 2]) / np.sqrt(2)


@pytest.mark.parametrize(
    ("detuning", "loss", "known"),
    [(0.0, 0.0, -0.0710147345), (0.7, 0.3, 0.2424930626 + 0.4207486098j)],
)
def test_a_pulse_leaves_an_empty_cavity_in_another_mode_as_known(detuning, loss, known):
    """⟨u|v⟩, by a coherent pulse: from a cavity that lets it out, and as the light of a laser."""
    p = normal()
    start = qc.coherent(["u.a", "c.a", "v.a"], [2.0, 0, 0])
    at = on_a_cavity(p, lambda t: qc.pulse_source(p, t), detuning, loss)
    run = qc.evolve(at, start, [-6.5, 25.0])
    assert amplitude_of(run, "v.a") / 2 == pytest.approx(known, abs=2e-9)
    at = on_a_cavity(p, lambda t: qc.coherent_drive(2 * p.amplitude(t)), detuning, loss)
    laser = qc.evolve(at, None, [-6.5, 25.0])
    assert amplitude_of(laser, "v.a") / 2 == pytest.approx(known, abs=2e-9)


def test_what_a_chirped_pulse_holds_is_caught_in_the_same_mode_and_in_no_other():
    p, back = normal(detuning=0.4, chirp=0.6), normal(detuning=-0.4, chirp=-0.6)

    def at(t, caught):
        parts = {"u": qc.pulse_source(p, t), "v": qc.pulse_catcher(caught, t)}
        return qc.gaussian(qc.Network(parts, [("u.out", "v.in")]))

    start = qc.coherent(["u.a", "v.a"], [1.0, 0.0])
    same = qc.evolve(lambda t: at(t, p), start, [-6.5, 6.5])
    assert amplitude_of(same, "v.a") == pytest.approx(1, abs=2e-9)
    other = qc.evolve(lambda t: at(t, back), start, [-6.5, 6.5])
    # ∫ v*u of phases that turn the opposite way: a Gaussian integral
    s, half = WIDTH**2, 0.8**2 / 2
    overlap = np.exp(-half / (1 / s + 1.2j)) / np.sqrt(1 + 1.2j * s)
    assert amplitude_of(other, "v.a") == pytest.approx(overlap, abs=2e-9)


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_is_let_out_and_caught_whole(name):
    p = qc.pulse(name, width=0.7)

    def at(t):
        parts = {"u": qc.pulse_source(p, t), "v": qc.pulse_catcher(p, t)}
        return qc.gaussian(qc.Network(parts, [("u.out", "v.in")]))

    first, last = {"exponential": (-0.1, 18.0), "rising": (-18.0, 0.1)}.get(name, (-9.0, 9.0))
    start = qc.coherent(["u.a", "v.a"], [1.0, 0.0])
    run = qc.evolve(at, start, [first, 0.1, last])  # no `breaks` are named
    assert amplitude_of(run, "v.a") == pytest.approx(1, abs=2e-8)
    assert run.mean[1, 2] / np.sqrt(2) == pytest.approx(np.sqrt(p.before(0.1)), abs=2e-8)


def test_what_cancels_between_complex_couplings_is_no_switch():
    """Samples whose phase turns, let out and caught from their first to their last time."""
    times = np.linspace(-4.0, 4.0, 33)
    p = qc.pulse(np.exp(-(times**2) / 4 + 0.3j * times**2), times=times)

    def at(t):
        parts = {"u": qc.pulse_source(p, t), "v": qc.pulse_catcher(p, t)}
        return qc.gaussian(qc.Network(parts, [("u.out", "v.in")]))

    run = qc.evolve(at, qc.coherent(["u.a", "v.a"], [1.0, 0.0]), [-4.0, 0.0])
    assert amplitude_of(run, "v.a") == pytest.approx(np.sqrt(0.5), abs=2e-9)


@pytest.mark.parametrize(("transmission", "known"), [(1.0, 1.999960745), (0.8, 1.468459145)])
def test_released_entanglement_is_caught_as_known(transmission, known):
    p = qc.pulse("sech", width=2.0)

    def at(t):
        parts = {"idler": qc.cavity(), "sender": qc.pulse_source(p, t)}
        parts |= {"link": qc.fibre(transmission), "receiver": qc.pulse_catcher(p, t)}
        wires = [("sender.out", "link.in"), ("link.out", "receiver.in")]
        return qc.gaussian(qc.Network(parts, wires))

    cov = np.eye(6) / 2
    cov[:4, :4] = qc.two_mode_squeezed(["a", "b"], 1.0).cov
    state = qc.GaussianState(("idler.a", "sender.a", "receiver.a"), cov=cov)
    run = qc.evolve(at, state, [-12.0, 12.0])
    assert qc.log_negativity(run, "idler", "receiver")[-1] == pytest.approx(known, abs=2e-8)


def test_a_pulse_of_pairs_is_caught_as_entangled_as_known():
    p = qc.pulse("gaussian", width=2.0, centre=2.0)

    def at(t):
        parts = {"s": qc.pair_source(0.3 * np.exp(-(t**2) / 8), decay=(1.0, 1.0))}
        parts |= {name: qc.pulse_catcher(p, t) for name in "AB"}
        wires = [("s.out_a", "A.in"), ("s.out_b", "B.in")]
        return qc.gaussian(qc.Network(parts, wires))

    run = qc.evolve(at, None, [-20.0, 22.0])
    assert qc.log_negativity(run, "A", "B")[-1] == pytest.approx(1.304866469, abs=2e-8)


def test_a_catcher_changes_nothing_upstream():
    p = normal()

    def at(t, caught):
        parts = {"laser": qc.coherent_drive(p.amplitude(t)), "c": qc.squeezed_mode(0.1, decay=1.0)}
        wires = [("laser.out", "c.in")]
        if caught:
            parts["v"] = qc.pulse_catcher(p, t)
            wires.append(("c.out", "v.in"))
        return qc.gaussian(qc.Network(parts, wires))

    times = [-6.5, 0.0, 1.0]
    alone = qc.evolve(lambda t: at(t, False), None, times)
    caught = qc.evolve(lambda t: at(t, True), None, times)
    np.testing.assert_allclose(caught.cov[:, :2, :2], alone.cov, atol=2e-9)
    np.testing.assert_allclose(caught.mean[:, :2], alone.mean, atol=2e-9)


def test_a_network_with_a_pulse_is_written_by_its_numbers():
    net = qc.Network({"u": qc.pulse_source(normal(), np.array([0.0, 1.0]))})
    again = qc.from_toml(qc.to_toml(net))
    np.testing.assert_allclose(qc.gaussian(again).A, qc.gaussian(net).A)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: qc.pulse("gauss", width=1.0), "`shape` must be .*did you mean 'gaussian'"),
        (lambda: qc.pulse("gaussian"), "`width` must be a number above zero"),
        (lambda: qc.pulse("square", width=[1.0, 0.0]), "`width` must be a number above zero"),
        (lambda: qc.pulse(np.cos), "`times` must be increasing times"),
        (lambda: qc.pulse(np.cos, width=1.0), "`width` must be left out"),
        (lambda: qc.pulse([1, 2, 3], times=[0, 1]), "`times` must be 3 times, one for each"),
        (lambda: qc.pulse(lambda t: np.where(t < 1, 1, 2), times=(0, 3)), "name those where it"),
        (lambda: qc.pulse(lambda t: 1 if t > 0 else 0, times=(0, 3)), "function of an array"),
        (lambda: qc.pulse_source("gaussian", 0.0), "`pulse` must be a pulse from `qc.pulse`"),
    ],
)
def test_what_is_no_pulse_is_told(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


def sent(kind):
    """A pulse that is let out to a cavity (or a qubit) and caught behind it."""
    p = normal()

    def at(t):
        parts = {"u": qc.pulse_source(p, t), "v": qc.pulse_catcher(p, t)}
        make = qc.gaussian
        if kind == "qubit":
            parts["c"] = qc.qubit(decay=1.0)
            make = lambda net: qc.lindblad(net, {"u": 1, "v": 1})  # noqa: E731
        else:
            parts["c"] = qc.cavity(decay=1.0)
        return make(qc.Network(parts, [("u.out", "c.in"), ("c.out", "v.in")]))

    return at


def full(kind):
    if kind == "qubit":
        return qc.ket(["u.a", "v.a", "c.q"], (np.arange(8) == 4).astype(float))
    return qc.coherent(["u.a", "v.a", "c.a"], [1.0, 0.0, 0.0])


@pytest.mark.parametrize("kind", ["qubit", "cavity"])
def test_a_window_that_cuts_the_pulse_is_refused_or_told_with_how_much(kind):
    with pytest.raises(qc.ArgumentError, match=r"must begin before .*3\.2e-05 of the pulse has"):
        qc.evolve(sent(kind), full(kind), [-4 * WIDTH, 5.0], progress=False)
    cut = ["9.9e-10 of the pulse of u.a", "9.9e-10 of the pulse of v.a"]
    for first, told in ((-6, cut), (-8, [])):
        run = qc.evolve(sent(kind), full(kind), [first * WIDTH, 5.0], progress=False)
        warnings = [x for x in run.info.get("warnings", ()) if "pulse" in x]
        assert [x.partition(" has")[0] for x in warnings] == told


@pytest.mark.parametrize(
    ("make", "behind", "start"),
    [
        (qc.gaussian, qc.cavity, qc.coherent(["u.a", "c.a"], [1.0, 0.0])),
        (
            lambda net: qc.lindblad(net, {"u": 1}, sectors=False),
            qc.qubit,
            qc.ket(["u.a", "c.q"], [0, 0, 1, 0]),
        ),
    ],
)
def test_a_source_that_is_full_when_its_pulse_is_over_is_refused(make, behind, start):
    """Its rate is zero for ever; of one that a run has emptied next to nothing is left."""
    p = qc.pulse("rising", width=0.5)

    def at(t):
        parts = {"u": qc.pulse_source(p, t), "c": behind(decay=1.0)}
        return make(qc.Network(parts, [("u.out", "c.in")]))

    with pytest.raises(qc.ArgumentError, match=r"must begin before .* \(1 of the pulse has passed"):
        qc.evolve(at, start, [0.1, 1.0], progress=False)
    run = qc.evolve(at, start, [-15.0, 0.1], progress=False)
    if isinstance(run, qc.GaussianState):
        end = qc.GaussianState(run.modes, run.mean[-1], run.cov[-1])
        assert qc.evolve(at, end, [0.1, 1.0]).stable.all()
    else:
        assert qc.evolve(at, run.final, [0.1, 1.0], progress=False).final.trace == pytest.approx(1)


@pytest.mark.parametrize("kind", ["qubit", "cavity"])
def test_pieces_of_a_run_within_a_pulse_are_the_whole(kind):
    whole = qc.evolve(sent(kind), full(kind), [-5.0, 0.3, 8.0], progress=False)
    half = qc.evolve(sent(kind), full(kind), [-5.0, 0.3], progress=False)
    if kind == "qubit":
        rest = qc.evolve(sent(kind), half.final, [0.3, 8.0], progress=False)
        np.testing.assert_allclose(rest.final.matrix(), whole.final.matrix(), atol=3e-9)
    else:
        middle = qc.GaussianState(half.modes, half.mean[-1], half.cov[-1])
        rest = qc.evolve(sent(kind), middle, [0.3, 8.0])
        np.testing.assert_allclose(rest.mean[-1], whole.mean[-1], atol=3e-9)


def test_a_catcher_before_the_pulse_is_refused():
    def at(t):
        parts = {"u": qc.pulse_source(normal(centre=10.0), t), "v": qc.pulse_catcher(normal(), t)}
        return qc.gaussian(qc.Network(parts, [("u.out", "v.in")]))

    with pytest.raises(qc.ArgumentError, match=r"of v\.a is over .*u\.a sends its own later"):
        qc.evolve(at, qc.coherent(["u.a", "v.a"], [1.0, 0.0]), [-6.0, 20.0])


def test_a_time_with_a_unit_is_refused_by_a_pulse_in_plain_numbers():
    plain, measured = qc.pulse("sech", width=0.5), qc.pulse("sech", width="0.5 us")
    for question in (plain.amplitude, plain.before, plain.after):
        with pytest.raises(qc.ArgumentError, match="`t` must be a number in the inverse unit"):
            question("1 us")
    assert measured.amplitude("1 us") == measured.amplitude(1e-6)
    assert measured.before("1 us") == pytest.approx(float(plain.before(1.0)), rel=1e-12)


@pytest.mark.parametrize("shape", ["gaussian", "sech", "exponential"])
def test_the_time_at_which_a_pulse_begins_is_the_last_before_its_share_has_come(shape):
    p = qc.pulse(shape, width=np.array([0.5, 2.0]), centre=0.3)
    t = begins(p, 1e-7)
    span = p.span[1] - p.span[0]
    assert p.before(t).max() <= 1e-7 < p.before(t + 1e-9 * span).max()
