"""Photon statistics of what leaves: closed forms, two engines, a dense code, QuTiP, phases."""

import dense
import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax
from random_networks import random_gaussian_network

import qcascade as qc
from qcascade.master_equation import coherences
from qcascade.outputs import emission_spectrum, flux, g1, g2, sidebands

TIMES = np.array([0.0, 0.3, 1.0, 4.0])
OMEGA = np.array([0.0, 0.4, -1.0])


def driven(part, beta, wires=("laser.out", "m.in")):
    return qc.Network({"laser": qc.coherent_drive(beta), "m": part}, [wires])


def both(net, cutoffs, **options):
    return qc.gaussian(net), qc.lindblad(net, cutoffs, **options)


def agree(net, cutoffs, port, rtol, **options):
    """All statistics of a linear network, by both engines."""
    linear, master = both(net, cutoffs, **options)
    one, other = flux(linear, port), flux(master, port)
    assert_allclose(other.flux, one.flux, rtol=rtol)
    assert_allclose(other.incoherent, one.incoherent, rtol=rtol, atol=rtol * one.flux)
    assert_allclose(other.amplitude, one.amplitude, atol=rtol * np.sqrt(one.flux))
    for verb, what in ((g1, TIMES), (g2, TIMES), (emission_spectrum, OMEGA)):
        expected = verb(linear, port, what)
        assert_allclose(
            verb(master, port, what), expected, rtol=rtol, atol=rtol * np.abs(expected).max()
        )
    return one


# Lasers


@pytest.mark.parametrize("engine", ["linear", "master"])
def test_a_resonant_cavity_of_one_port_sends_back_what_comes_with_the_other_sign(engine):
    net = driven(qc.cavity(decay=1.0), 0.5 * np.exp(0.3j))
    model = dict(zip(("linear", "master"), both(net, {"m": 14}), strict=True))[engine]
    out = flux(model, "m.out")
    assert_allclose(out.amplitude, -0.5 * np.exp(0.3j), rtol=1e-6)
    assert_allclose(out.flux, 0.25, rtol=1e-6)
    assert abs(out.incoherent) < 1e-7
    n = qc.occupation(qc.steady_state(model), "m.a")
    assert_allclose(n, 4 * out.flux, rtol=1e-5)  # κ⟨a†a⟩ is another number


def test_light_that_two_equal_ports_pass_leaves_through_the_far_one():
    net = driven(qc.cavity(decay=[1.0, 1.0]), 0.5, ("laser.out", "m.in1"))
    model = qc.gaussian(net)
    assert flux(model, "m.out1") == (0.0, 0.0, 0.0)  # what cancels is nothing
    assert_allclose(flux(model, "m.out2").flux, 0.25, rtol=1e-13)
    with pytest.raises(qc.ArgumentError, match=r"`port` must be an output that light leaves"):
        g2(model, "m.out1", 0.0)


def test_the_phase_of_a_detuned_cavity():
    """α = −√κβ/(κ/2 + iΔ), and out = β + √κα."""
    model = qc.gaussian(driven(qc.cavity(0.7, decay=1.0), 1.0))
    assert_allclose(flux(model, "m.out").amplitude, 1 - 1 / (0.5 + 0.7j), rtol=1e-13)


def test_light_of_a_laser_is_coherent_at_all_delays():
    for model in both(driven(qc.cavity(0.3, decay=1.0), 0.4), {"m": 12}):
        assert_allclose(g1(model, "m.out", TIMES), 1.0, atol=1e-6)
        assert_allclose(g2(model, "m.out", TIMES), 1.0, atol=1e-6)


# Closed forms


def test_thermal_light_of_a_detuned_mode():
    """F = κ₁κ₂n/κ, g1 = e^{−iΔτ − κτ/2}, g2 = 1 + e^{−κτ}: a line at +Δ turns as e^{−iΔτ}."""
    net = qc.Network({"m": qc.cavity(0.7, decay=[0.3, 0.5], occupation=[0.2, 0.0])})
    for model, rtol in zip(both(net, {"m": 17}), (1e-13, 1e-9), strict=True):
        assert_allclose(flux(model, "m.out2").flux, 0.3 * 0.5 * 0.2 / 0.8, rtol=rtol)
        expected = np.exp((-0.7j - 0.4) * TIMES)
        assert_allclose(g1(model, "m.out2", TIMES), expected, rtol=rtol)
        assert_allclose(g2(model, "m.out2", TIMES), 1 + np.exp(-0.8 * TIMES), rtol=rtol)


@pytest.mark.parametrize("xi", [0.2, 1e-4, 1e-6])
def test_squeezed_vacuum_is_bunched_as_in_closed_form(xi):
    """n(τ), m(τ) = ξκ/4 (e^{−(κ/2−ξ)τ}/(κ/2−ξ) ∓ e^{−(κ/2+ξ)τ}/(κ/2+ξ)); Collett & Gardiner."""
    model = qc.gaussian(qc.squeezed_mode(xi, decay=1.0))
    slow, fast = (np.exp(-k * TIMES) / k for k in (0.5 - xi, 0.5 + xi))
    # The difference of nearly equal numbers, by what their logarithms differ.
    apart = np.log((0.5 + xi) / (0.5 - xi)) + 2 * xi * TIMES
    n, m = xi / 4 * fast * np.expm1(apart), xi / 4 * (slow + fast)
    assert_allclose(flux(model, "out").flux, n[0], rtol=1e-9)
    assert_allclose(g1(model, "out", TIMES), n / n[0], rtol=1e-8)
    assert_allclose(g2(model, "out", TIMES), 1 + (n**2 + m**2) / n[0] ** 2, rtol=1e-8)
    assert_allclose(g2(model, "out", 0.0), 2 + 1 / (4 * xi**2), rtol=1e-8)


def fluorescence(omega, detuning=0.0, dephasing=0.0):
    """A qubit of decay 1 that a laser drives through a thousandth of it, seen from the other."""
    weak = 1e-3
    part = qc.qubit(detuning, [weak, 1 - weak], dephasing=dephasing)
    net = driven(part, omega / (2 * np.sqrt(weak)), ("laser.out", "m.in1"))
    return qc.lindblad(net), 1 - weak


@pytest.mark.parametrize("omega", [0.05, 3.0])
def test_resonance_fluorescence_is_its_closed_form(omega):
    """H. J. Carmichael and D. F. Walls, J. Phys. B 9, 1199 (1976); Ω the Rabi frequency, γ = 1."""
    model, seen = fluorescence(omega)
    out, Y2 = flux(model, "m.out2"), 2 * omega**2
    assert_allclose(out.flux, seen * 0.5 * Y2 / (1 + Y2), rtol=1e-9)
    assert_allclose(abs(out.amplitude) ** 2, seen * 0.5 * Y2 / (1 + Y2) ** 2, rtol=1e-9)
    assert_allclose(out.incoherent, out.flux - abs(out.amplitude) ** 2, rtol=1e-6)
    delta = np.sqrt(complex(1 / 16 - omega**2))
    t = np.linspace(0, 6, 31)
    growth = np.cosh(delta * t) + 0.75 / delta * np.sinh(delta * t)
    assert_allclose(g2(model, "m.out2", t), (1 - np.exp(-0.75 * t) * growth).real, atol=1e-9)
    assert g2(model, "m.out2", 0.0) == 0


def test_the_mollow_triplet_is_its_closed_form():
    """B. R. Mollow, Phys. Rev. 188, 1969 (1969): three lines, from the poles of its g1."""
    omega = 3.0
    model, seen = fluorescence(omega)
    Y2, delta = 2 * omega**2, np.sqrt(complex(1 / 16 - omega**2))
    P = 0.5 * Y2 / (1 + Y2)
    sides = [
        (0.75 - sign * delta, (Y2 - 1 - sign * (1 - 5 * Y2) / (4 * delta)) / (4 * (1 + Y2)))
        for sign in (1, -1)
    ]
    weights = [(0.5, 0.5), *sides]
    t = np.linspace(0, 5, 21)
    incoherent = sum(w * np.exp(-k * t) for k, w in weights)
    expected = (1 / (1 + Y2) + incoherent).real
    assert_allclose(g1(model, "m.out2", t), expected, atol=1e-9)
    w = np.linspace(-5, 5, 41)
    lines = sum(x / (k - 1j * w) + np.conj(x) / (np.conj(k) + 1j * w) for k, x in weights)
    # The poles come in pairs of complex conjugates, so that the spectrum is real.
    assert_allclose(lines.imag, 0.0, atol=1e-14)
    assert_allclose(emission_spectrum(model, "m.out2", w), seen * P * lines.real, atol=1e-9)


def test_incoherent_light_is_the_integral_of_its_spectrum():
    model, _ = fluorescence(1.3, 0.4, 0.1)
    steps = (np.arange(4000) + 0.5) * np.pi / 4000 - np.pi / 2
    spectrum = emission_spectrum(model, "m.out2", np.tan(steps)) / np.cos(steps) ** 2
    assert_allclose(spectrum.mean() / 2, flux(model, "m.out2").incoherent, rtol=1e-6)


def test_light_of_an_atom_above_the_frame_is_at_positive_frequencies():
    net = qc.Network({"m": qc.qubit(0.7, [0.3, 0.5], occupation=[0.4, 0.0])})
    model = qc.lindblad(net)
    assert_allclose(np.angle(g1(model, "m.out2", 1.0)), -0.7, rtol=1e-9)
    assert np.argmax(emission_spectrum(model, "m.out2", np.array([-0.7, 0.0, 0.7]))) == 2


# Two engines


@pytest.mark.slow
def test_a_squeezed_source_that_drives_a_cavity_agrees_between_the_engines():
    parts = {
        "laser": qc.coherent_drive(0.1 * np.exp(0.4j)),
        "m": qc.squeezed_mode(0.05 * np.exp(0.8j), 0.3, decay=[1.0, 0.2]),
        "b": qc.cavity(-0.2, decay=[0.7, 0.3]),
    }
    net = qc.Network(parts, [("laser.out", "m.in1"), ("m.out1", "b.in1")])
    for port in ("b.out1", "b.out2", "m.out2"):
        out = agree(net, {"m": 6, "b": 5}, port, 2e-4)
        assert 0.01 < out.incoherent / out.flux < 0.99
        assert abs(out.amplitude.imag) > 1e-3


def warm_pair(*more):
    """Two warm cavities, or a warm cavity and a laser, on a beam splitter."""
    split = qc.beam_splitter(0.3)
    warm = {"in2": 0.1}
    parts = {"a": qc.cavity(0.5, decay=[0.6, 0.2], occupation=warm), "s": split}
    parts |= {"b": more[0] if more else qc.cavity(-0.3, decay=[0.7, 0.3], occupation=warm)}
    last = "b.out" if more else "b.out1"
    wires = [("a.out1", f"s.{split.inputs[0]}"), (last, f"s.{split.inputs[1]}")]
    return qc.Network(parts, wires), [f"s.{port}" for port in split.outputs]


def test_sources_of_different_charge_meet_on_a_beam_splitter():
    net, ports = warm_pair()
    assert len(qc.lindblad(net, {"a": 6, "b": 6}).space.charges) == 2
    for port in ports:
        agree(net, {"a": 6, "b": 6}, port, 2e-6)


def test_a_laser_that_only_the_detector_sees_beats_with_what_it_meets():
    net, ports = warm_pair(qc.coherent_drive(0.2j))
    assert len(qc.lindblad(net, {"a": 8}).space.charges) == 1
    for port in ports:
        assert abs(agree(net, {"a": 8}, port, 1e-8).amplitude) > 0.05


@pytest.mark.slow
def test_statistics_agree_between_the_engines_in_random_networks():
    tried = 0
    for seed in range(200):
        net = random_gaussian_network(seed, most=2)
        if net is None or tried >= 6:
            continue
        model = qc.gaussian(net)
        if not qc.growth(model.A) < 0 or len(model.modes) > 1:
            continue
        n = qc.occupation(qc.steady_state(model), model.modes[0])
        if not n < 0.1:
            continue
        for port in model.outputs:
            try:
                total = flux(model, port).flux
            except qc.ArgumentError:  # white noise passes
                continue
            if total > 1e-3:
                agree(net, {model.modes[0]: 20}, port, 1e-5)
                tried += 1
    assert tried >= 6


def test_white_noise_that_passes_beats_with_what_it_drives():
    """Spectra of outputs whose flux is infinite, by both engines: warm inputs, squeezed light."""
    warm = qc.Network({"m": qc.cavity(0.7, decay=[0.3, 0.5], occupation=[0.2, 0.0])})
    light = qc.squeezed_light(0.3 * np.exp(0.9j), occupation=0.05)
    parts = {
        "light": light,
        "a": qc.squeezed_mode(0.05j, 0.3, [1.0, 0.2]),
        "b": qc.cavity(-0.1, [0.7, 0.3]),
    }
    squeezed = qc.Network(parts, [("light.out_a", "a.in1"), ("light.out_b", "b.in1")])
    cases = ((warm, {"m": 16}, "m.out1"), (squeezed, {"a": 7, "b": 6}, "a.out1"))
    for net, cutoffs, port in (*cases, (squeezed, {"a": 7, "b": 6}, "b.out1")):
        linear, master = both(net, cutoffs)
        expected = emission_spectrum(linear, port, OMEGA)
        assert_allclose(emission_spectrum(master, port, OMEGA), expected, rtol=3e-4)
        assert np.ptp(expected) > 0.02
        for model in (linear, master):
            with pytest.raises(qc.ArgumentError, match="passes straight to"):
                flux(model, port)


def test_gain_gives_light_of_its_own():
    """A port with L = √g a†: F = g(n + 1), by both engines."""
    a = qc.lower("a")
    L = (np.sqrt(0.2) * a.dag, 1.0 * a)
    part = qc.Component(np.eye(2), L, 0.3 * a.dag * a, ("a",), ("up", "in"), ("gain", "out"))
    n = 0.2 / 0.8
    for model, rtol in zip(both(part, {"a": 25}), (1e-12, 1e-8), strict=True):
        assert_allclose(flux(model, "gain").flux, 0.2 * (n + 1), rtol=rtol)
        assert_allclose(flux(model, "out").flux, n, rtol=rtol)
        assert_allclose(g2(model, "gain", 0.0), 2.0, rtol=rtol)
        assert np.angle(g1(model, "gain", 1.0)) > 0 > np.angle(g1(model, "out", 1.0))


# Other codes


def blockaded(model, port, times):
    """G1 and G2 of an output by a dense Liouvillian, b_out = L of the network's triple."""
    from scipy.linalg import expm

    net, _ = model
    master = qc.lindblad(net, {"m": 5})
    Lv = dense.liouvillian(master)
    _, rho = dense.steady_states(master)
    b = dense.matrix(net.component.L[net.component.outputs.index(port)], master)
    F = np.trace(b @ rho @ b.conj().T).real

    def later(X, t):
        return (expm(Lv * t) @ X.ravel()).reshape(X.shape)

    one = [np.trace(b @ later(rho @ b.conj().T, t)) / F for t in times]
    two = [np.trace(b.conj().T @ b @ later(b @ rho @ b.conj().T, t)).real / F**2 for t in times]
    return F, one, two


@pytest.mark.parametrize("port", ["m.out1", "m.out2"])
def test_blockade_in_a_kerr_cavity_agrees_with_a_dense_liouvillian(port):
    net = driven(qc.kerr_cavity(3.0, 0.1, [0.4, 0.6]), 0.3j, ("laser.out", "m.in1"))
    F, one, two = blockaded((net, None), port, TIMES)
    master = qc.lindblad(net, {"m": 5})
    assert_allclose(flux(master, port).flux, F, rtol=1e-10)
    assert_allclose(g1(master, port, TIMES), one, atol=1e-9)
    assert_allclose(g2(master, port, TIMES), two, atol=1e-9)
    if port == "m.out2":
        assert two[0] < 0.15  # the blockade


def test_correlations_and_spectra_agree_with_qutip():
    qutip = pytest.importorskip("qutip")
    net = driven(qc.kerr_cavity(0.2, 1.0, [0.4, 0.6]), 0.4, ("laser.out", "m.in1"))
    master = qc.lindblad(net, {"m": 7})
    H, jumps = qc.to_qutip(master)
    a = np.sqrt(0.6) * qutip.destroy(8)
    rho = qutip.steadystate(H, jumps)
    F = qutip.expect(a.dag() * a, rho)
    options = {"atol": 1e-11, "rtol": 1e-10}
    one = qutip.correlation_2op_1t(H, rho, TIMES, jumps, a.dag(), a, reverse=True, options=options)
    two = qutip.correlation_3op_1t(H, rho, TIMES, jumps, a.dag(), a.dag() * a, a, options=options)
    # `reverse` gives ⟨a†(0)a(τ)⟩ as ⟨A(t)B(t + τ)⟩ does not: the other is its conjugate.
    found = g1(master, "m.out2", TIMES) * F
    assert min(np.abs(found - one).max(), np.abs(found.conj() - one).max()) < 1e-7
    assert_allclose(g2(master, "m.out2", TIMES) * F**2, two, atol=1e-7)


# What must not matter


def squeezed_and_driven(unit=1.0, order=1, downstream=False):
    parts = {
        "laser": qc.coherent_drive(0.3 * np.sqrt(unit) * np.exp(0.2j)),
        "a": qc.squeezed_mode(0.2 * unit, 0.3 * unit, decay=[unit, 0.1 * unit]),
        "b": qc.cavity(-0.2 * unit, decay=[unit, 0.2 * unit]),
    }
    wires = [("laser.out", "a.in1"), ("a.out1", "b.in1")]
    if downstream:
        parts["loud"] = qc.squeezed_mode(0.4999 * unit, decay=unit)
        wires.append(("b.out2", "loud.in"))
    return qc.gaussian(qc.Network(dict(list(parts.items())[::order]), wires))


@pytest.mark.parametrize(
    "changed", [{"unit": 1e-9}, {"unit": 3.7e8}, {"order": -1}, {"downstream": True}], ids=str
)
def test_unit_order_and_what_is_downstream_change_nothing(changed):
    unit = changed.get("unit", 1.0)
    one, other = squeezed_and_driven(), squeezed_and_driven(**changed)
    assert_allclose(flux(other, "b.out1").flux / unit, flux(one, "b.out1").flux, rtol=1e-11)
    for verb in (g1, g2):
        expected = verb(one, "b.out1", TIMES)
        assert_allclose(verb(other, "b.out1", TIMES / unit), expected, rtol=1e-10)


@pytest.mark.parametrize("unit", [1e-9, 3.7e8])
def test_the_unit_changes_nothing_in_a_master_equation(unit):
    def model(u):
        part = qc.qubit(0.4 * u, [0.4 * u, 0.6 * u], dephasing=0.1 * u)
        return qc.lindblad(driven(part, 0.8 * np.sqrt(u), ("laser.out", "m.in1")))

    one, other = model(1.0), model(unit)
    for verb, what, by in ((g1, TIMES, 1 / unit), (g2, TIMES, 1 / unit)):
        assert_allclose(verb(other, "m.out1", what * by), verb(one, "m.out1", what), atol=1e-9)
    spectrum = emission_spectrum(other, "m.out1", OMEGA * unit)
    assert_allclose(spectrum, emission_spectrum(one, "m.out1", OMEGA), rtol=1e-8)


def test_optical_frequencies_hide_no_rate():
    """g1 turns with 1e12 of the linewidths, and is as long as it was."""
    fast, slow = (
        qc.lindblad(qc.Network({"m": qc.qubit(f, [0.3, 0.5], occupation=[0.4, 0.0])}))
        for f in (1e12, 0.0)
    )
    expected = g1(slow, "m.out2", TIMES)
    assert_allclose(np.abs(g1(fast, "m.out2", TIMES)), np.abs(expected), rtol=1e-9)
    assert_allclose(
        emission_spectrum(fast, "m.out2", 1e12 + OMEGA),
        emission_spectrum(slow, "m.out2", OMEGA),
        rtol=1e-3,
    )


def test_sectors_change_nothing():
    part = qc.qubit(0.4, [0.3, 0.5], occupation=[0.4, 0.0])
    other = qc.kerr_cavity(-0.2, 0.5, [0.5, 0.5])
    net = qc.Network({"m": part, "k": other}, [("m.out2", "k.in1")])
    one, whole = (qc.lindblad(net, {"k": 4}, sectors=s) for s in (True, False))
    assert len(one.space.sizes) > 1
    for port in ("k.out1", "k.out2"):
        assert_allclose(flux(one, port).flux, flux(whole, port).flux, rtol=1e-9)
        for verb, what in ((g1, TIMES), (g2, TIMES), (emission_spectrum, OMEGA)):
            assert_allclose(verb(one, port, what), verb(whole, port, what), rtol=1e-8, atol=1e-10)


def test_both_ways_through_time_and_frequency_agree(monkeypatch):
    net = driven(qc.kerr_cavity(0.2, 1.0, [0.4, 0.6]), 0.4, ("laser.out", "m.in1"))
    model = qc.lindblad(net, {"m": 8})
    verbs = ((g1, TIMES), (g2, TIMES), (emission_spectrum, OMEGA))
    first = [verb(model, "m.out1", what) for verb, what in verbs]
    monkeypatch.setattr(coherences, "SMALL", 0)
    monkeypatch.setattr(coherences, "WHOLE", 0)
    for (verb, what), expected in zip(verbs, first, strict=True):
        assert_allclose(verb(model, "m.out1", what), expected, atol=2e-9)


def test_a_spectrum_whose_lines_are_too_narrow_is_refused(monkeypatch):
    net = driven(qc.kerr_cavity(0.2, 1.0, [0.4, 0.6]), 0.4, ("laser.out", "m.in1"))
    model = qc.lindblad(net, {"m": 8})
    monkeypatch.setattr(coherences, "WHOLE", 0)
    monkeypatch.setattr(coherences, "KRYLOV", 10)
    with pytest.raises(qc.ConvergenceError, match="residual"):
        emission_spectrum(model, "m.out1", OMEGA)


# Working points


def test_light_of_a_linearised_network_leaves_as_it_did():
    net = driven(qc.kerr_cavity(-0.05, 0.4, [1.0, 0.2]), 1.0, ("laser.out", "m.in1"))
    fields = qc.classical.steady_fields(net, {"m.a": 0.5})
    alpha, linear = complex(fields["m.a"]), qc.linearise(net, fields)
    for model in both(linear, {"m.a": 8}):
        assert_allclose(flux(model, "m.out1").amplitude, 1 + alpha, rtol=1e-12)
        assert_allclose(flux(model, "m.out2").amplitude, np.sqrt(0.2) * alpha, rtol=1e-12)
    assert_allclose(*(g2(model, "m.out2", TIMES) for model in both(linear, {"m.a": 8})), rtol=1e-6)
    behind = qc.Network({"x": linear, "f": qc.fibre(0.25)}, [("x.m.out1", "f.in")])
    assert_allclose(flux(qc.gaussian(behind), "f.out").amplitude, (1 + alpha) / 2, rtol=1e-12)
    behind = qc.Network({"x": linear, "f": qc.cavity(decay=1.0)}, [("x.m.out1", "f.in")])
    with pytest.raises(qc.ArgumentError, match="linearised as a whole"):
        flux(qc.gaussian(behind), "f.out")


# Batches and bad input


def test_a_batch_is_a_loop_and_points_without_a_number_are_nan():
    drives = np.array([0.1, 0.6, 0.3])
    net = driven(qc.squeezed_mode(drives, 0.1, decay=1.0), np.array([0.2, 0.1, 0.0]))
    model = qc.gaussian(net)
    total = flux(model, "m.out")
    assert np.isnan(total.flux).tolist() == [False, True, False]
    times = np.array([0.5, 1.0, 2.0])
    many = g2(model, "m.out", times[:, None] + 0 * drives)
    for k in (0, 2):
        one = qc.gaussian(driven(qc.squeezed_mode(drives[k], 0.1, decay=1.0), [0.2, 0.1, 0.0][k]))
        assert_allclose(total.flux[k], flux(one, "m.out").flux, rtol=1e-12)
        for verb in (g1, g2):
            assert_allclose(verb(model, "m.out", 0.5)[k], verb(one, "m.out", 0.5), rtol=1e-11)
        assert_allclose(many[:, k], g2(one, "m.out", times), rtol=1e-11)
    assert np.isnan(many[:, 1]).all()


def test_a_batch_holds_nan_where_the_flux_is_infinite():
    model = qc.gaussian(qc.cavity(decay=[1.0, 1.0], occupation=[np.array([0.0, 1.0]), 0.5]))
    found = flux(model, "out1").flux
    assert_allclose(found, [0.25, np.nan])
    assert_allclose(g2(model, "out1", 0.0), [2.0, np.nan])


def test_statistics_are_swept():
    def point(drive, delay):
        model = qc.gaussian(qc.squeezed_mode(drive, decay=1.0))
        return {"g2": g2(model, "out", delay), "flux": flux(model, "out").flux}

    data = qc.sweep(point, drive=[0.1, 0.2], delay=np.linspace(0, 1, 5), progress=False)
    assert_allclose(data.g2.sel(drive=0.2, delay=0.0), 8.25, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_the_flux_has_derivatives():
    def photons(rate):
        return flux(qc.gaussian(qc.squeezed_mode(rate, decay=1.0)), "out").flux

    slope = (photons(0.2 + 1e-6) - photons(0.2 - 1e-6)) / 2e-6
    assert_allclose(jax.grad(photons)(0.2), slope, rtol=1e-6)


def test_delays_may_have_units():
    model = qc.gaussian(qc.squeezed_mode("0.2 MHz", decay="1 MHz"))
    in_seconds = g2(model, "out", 1e-6)
    assert_allclose(g2(model, "out", ["1 us"]), [in_seconds], rtol=1e-14)


def test_light_at_the_cutoff_is_refused():
    """A cutoff of 1 would make any light antibunched."""
    model = qc.lindblad(driven(qc.cavity(decay=1.0), 0.01), {"m": 1})
    with pytest.raises(qc.ConvergenceError, match=r"raise `cutoffs\[m.a\]`"):
        g2(model, "m.out", 0.0)


def test_light_that_is_fainter_than_the_error_of_its_state_is_refused():
    """n = 4e-9, of which the pairs are 1e-17: known in 32 digits, but not by iteration."""
    net = driven(qc.cavity(0.3, decay=[0.4, 0.6]), 1e-4, ("laser.out", "m.in1"))
    assert_allclose(g2(qc.lindblad(net, {"m": 6}), "m.out2", TIMES), 1.0, atol=1e-9)
    with pytest.raises(qc.ConvergenceError, match="are not certain: the state has an error of"):
        g2(qc.lindblad(net, {"m": 30}), "m.out2", 0.0)


@pytest.mark.parametrize("engine", [qc.gaussian, lambda net: qc.lindblad(net, {"a": 3, "b": 3})])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: flux(m, "a.out"), "`port` must be an open output.*a wire leads from it to b.in"),
        (lambda m: flux(m, "b.ou"), "`port` must be an open output: b.out"),
        (lambda m: g2(m, "b.out", -1.0), "`delays` must be zero or above"),
        (lambda m: g1(m, "b.out", "soon"), "`delays`"),
        (lambda m: g1(m, "b.out", 0.0), "`port` must be an output that light leaves"),
        (lambda m: emission_spectrum(m, "a.out", 0.0), "a wire leads from it to b.in"),
        (lambda m: flux(m.A if hasattr(m, "A") else m.H, "b.out"), "`model` must be a Gaussian"),
    ],
)
def test_bad_input_is_told(engine, call, words):
    parts = {"a": qc.cavity(decay=1.0), "b": qc.cavity(decay=1.0)}
    with pytest.raises(qc.ArgumentError, match=words):
        call(engine(qc.Network(parts, [("a.out", "b.in")])))


def test_models_typed_by_hand_and_unstable_ones_are_told():
    typed = qc.GaussianModel("m", -np.eye(2), np.eye(2))
    with pytest.raises(qc.ArgumentError, match="have ports"):
        flux(typed, "out")
    master = qc.lindblad(qc.qubit(decay=1.0))
    by_hand = qc.LindbladModel(master.modes, master.H, master.jumps, master.space)
    with pytest.raises(qc.ArgumentError, match="have ports"):
        flux(by_hand, "out")
    for verb in (flux, lambda m, port: g2(m, port, 0.0)):
        with pytest.raises(qc.UnstableError, match="no steady state"):
            verb(qc.gaussian(qc.squeezed_mode(0.6, decay=1.0)), "out")


def test_sidebands_hold_the_photons_of_the_spectrum():
    model = squeezed_and_driven()
    state = sidebands(model, 0.4)
    photons = emission_spectrum(model, "b.out1", 0.4)
    assert_allclose(qc.occupation(state, "b.out1+"), photons, rtol=1e-10)
