"""Wires that take time: table values, a second route, limits, proofs, cells, what is refused."""

import numpy as np
import pytest
from independent import delays as independent
from numpy.testing import assert_allclose
from optional import jax
from scipy.linalg import expm
from scipy.special import lambertw

import qcascade as qc
from qcascade.linear.delay_integral import covariance as by_integral
from qcascade.linear.delay_offsets import offsets
from qcascade.linear.delay_proof import bounded, rightmost_root, unstable_roots
from qcascade.linear.delayed import lines_of
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist
from qcascade.outputs import quadrature_spectrum, scattering, sidebands, transfer

TABLE = {  # Δ, κ₁, κ₂, κ_l, τ, φ, η, r: V_xx, V_xp, V_pp
    (0.0, 0.5, 0.5, 0.0, 0.0, 0.3, 0.9, 0.1): (0.453539704, 0.007633646, 0.557351693),
    (0.0, 0.5, 0.5, 0.0, 1.0, 0.3, 0.9, 0.1): (0.433793389, 0.002212438, 0.584970539),
    (0.2, 0.6, 0.3, 0.1, 4.0, 1.0, 0.8, 0.15): (0.422504344, 0.028275018, 0.715975983),
}
BACK = [("o.out1", "f.in"), ("f.out", "o.in2")]


def oscillator(detuning, k1, k2, loss, delay, phase, transmission, r, **link):
    """A parametric oscillator whose first output comes back to its second input."""
    parts = {
        "o": qc.squeezed_mode(-r, detuning, [k1, k2, loss]),
        "f": qc.fibre(transmission, phase, delay=delay, **link),
    }
    return qc.Network(parts, BACK)


def covariance(net):
    return qc.steady_state(qc.gaussian(net)).cov


def random_delayed(seed, unit=1.0, quiet=False, occupation=None):
    """Two oscillators, two lines: a loop, a longer one, or a loop of lines alone beside them."""
    rng = np.random.default_rng(seed)
    drive = 0.0 if quiet else 0.3 * rng.uniform() * np.exp(6.28j * rng.uniform())
    lines = {
        name: qc.fibre(rng.uniform(0.3, 0.95), 6.28 * rng.uniform(), delay=10**x / unit)
        for name, x in zip("fg", rng.uniform(-1.5, 0.6, 2), strict=True)
    }
    parts = {
        "a": qc.squeezed_mode(
            unit * drive, unit * rng.normal(), list(unit * rng.uniform(0.3, 1, 3))
        ),
        "b": qc.cavity(unit * rng.normal(), list(unit * rng.uniform(0.3, 1, 2))),
        "s": qc.beam_splitter(rng.uniform(0.2, 0.8)),
        **lines,
    }
    wires = (
        [("a.out1", "f.in"), ("f.out", "a.in2"), ("a.out3", "g.in"), ("g.out", "b.in1")],
        [("a.out1", "f.in"), ("f.out", "b.in1"), ("b.out2", "g.in"), ("g.out", "a.in2")],
        [
            *(("a.out1", "s.in1"), ("s.out1", "f.in"), ("f.out", "s.in2")),
            *(("s.out2", "g.in"), ("g.out", "b.in2"), ("b.out1", "a.in3")),
        ],
    )[seed % 3]
    warm = {}
    if occupation is not None:
        warm = dict.fromkeys(qc.slh.open_ports(qc.Network(parts, wires))[0], occupation)
    return qc.Network(parts, wires, occupations=warm)


def single_lines(net):
    """Open lines of one point, τ > 0 everywhere."""
    return lines_of(qc.gaussian(net).delays)


# Values


@pytest.mark.parametrize(("point", "values"), TABLE.items())
def test_a_mode_in_its_own_delayed_field(point, values):
    V = covariance(oscillator(*point))
    assert_allclose([V[0, 0], V[0, 1], V[1, 1]], values, atol=1.01e-9)


def test_the_integral_in_amplitudes_says_the_same():
    rng = np.random.default_rng(3)
    # Light that comes back holds what alone would grow.
    held = (0.0, 0.5, 0.5, 0.0, 1.5, 0.0, 0.9, 0.75)
    assert qc.growth(qc.gaussian(qc.squeezed_mode(0.75, decay=[0.5, 0.5])).A) > 0.2
    assert_allclose(covariance(oscillator(*held)), independent.covariance(*held), atol=2e-7)
    for _ in range(4):
        k1, k2, loss = rng.uniform(0.2, 0.8, 3)
        tau, phase, eta = rng.uniform(0.2, 3), 6.28 * rng.uniform(), rng.uniform(0.3, 1)
        point = (rng.normal(), k1, k2, loss, tau, phase, eta, 0.1)
        state = qc.steady_state(qc.gaussian(oscillator(*point)))
        assert_allclose(state.cov, independent.covariance(*point), atol=2e-8)
        assert 0 < state.info["estimated_error"] < 1e-10


@pytest.mark.parametrize("delay", [1e-6, 0.3, 4.0, 50.0])
def test_the_vacuum_stays_the_vacuum_whatever_the_delay(delay):
    V = covariance(oscillator(0.2, 0.6, 0.3, 0.1, delay, 1.0, 0.8, 0.0))
    assert_allclose(V, np.eye(2) / 2, atol=1e-11)


def test_no_delay_is_the_fibre_without_to_the_last_digit():
    point = next(iter(TABLE))
    assert "f.delay" not in qc.slh.open_ports(oscillator(*point))[1]
    without = qc.Network({"o": oscillator(*point).parts["o"], "f": qc.fibre(0.9, 0.3)}, BACK)
    assert np.array_equal(covariance(oscillator(*point)), covariance(without))
    assert np.array_equal(qc.fibre(0.9, 0.3, delay=0.0).S, qc.fibre(0.9, 0.3).S)


def test_a_batch_of_delays_is_a_loop_and_begins_at_none():
    delays = np.array([0.0, 1.0, 3.0])
    many = qc.steady_state(qc.gaussian(oscillator(0, 0.5, 0.5, 0, delays, 0.3, 0.9, 0.1)))
    for tau, V in zip(delays, many.cov, strict=True):
        assert np.array_equal(V, covariance(oscillator(0, 0.5, 0.5, 0, tau, 0.3, 0.9, 0.1)))
    near = covariance(oscillator(0, 0.5, 0.5, 0, 1e-5, 0.3, 0.9, 0.1))
    assert_allclose(near, many.cov[0], atol=2e-6)
    assert np.abs(near - many.cov[0]).max() > 1e-8


# Properties of random networks


@pytest.mark.parametrize("seed", range(6))
def test_equal_heat_at_every_input_is_the_heat_of_every_mode(seed):
    V = covariance(random_delayed(seed, quiet=True, occupation=1.3))
    assert_allclose(V, 1.8 * np.eye(4), atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_states_are_physical_and_the_unit_of_frequency_changes_nothing(seed):
    state = qc.steady_state(qc.gaussian(random_delayed(seed)))
    assert state.is_physical()
    other = qc.steady_state(qc.gaussian(random_delayed(seed, unit=3e7)))
    assert_allclose(other.cov, state.cov, atol=1e-9)


@pytest.mark.parametrize("seed", range(9))
def test_transfer_keeps_commutators_at_every_frequency(seed):
    omega = np.array([-3.0, -0.2, 0.0, 0.7, 20.0])
    T = transfer(qc.gaussian(random_delayed(seed)), omega)
    form = np.kron(np.eye(T.shape[-1] // 2), [[0, 1], [-1, 0]])
    assert_allclose(
        T @ form @ T.conj().swapaxes(-1, -2), np.broadcast_to(form, T.shape), atol=1e-11
    )


@pytest.mark.needs("jax")
@pytest.mark.slow
def test_spectra_with_delays_have_derivatives_by_the_delay():
    def spectrum(delay):
        net = oscillator(0.2, 0.6, 0.3, 0.1, delay, 1.0, 0.8, 0.15)
        return quadrature_spectrum(qc.gaussian(net), "o.out2", 0.3)

    value, slope = jax.jit(jax.value_and_grad(spectrum))(1.0)
    assert_allclose(value, spectrum(1.0), rtol=1e-12)
    assert_allclose(slope, (spectrum(1.0 + 1e-5) - spectrum(1.0 - 1e-5)) / 2e-5, rtol=1e-7)


def test_photon_statistics_with_delays_say_what_there_is_instead():
    model = qc.gaussian(oscillator(0.0, 0.5, 0.5, 0.0, 1.0, 0.3, 0.9, 0.1))
    with pytest.raises(qc.ArgumentError, match="delay takes some: `emission_spectrum`"):
        qc.flux(model, "o.out2")


@pytest.mark.parametrize("seed", range(6))
def test_short_delays_are_none(seed):
    net = random_delayed(seed, unit=1.0)
    short = {
        n: qc.fibre(**{**p.recipe.arguments, "delay": 1e-7}) if n in "fg" else p
        for n, p in net.parts.items()
    }
    none = {
        n: qc.fibre(**{**p.recipe.arguments, "delay": 0.0}) if n in "fg" else p
        for n, p in net.parts.items()
    }
    V, V0 = (covariance(qc.Network(parts, net.wires)) for parts in (short, none))
    assert_allclose(V, V0, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_many_cells_come_to_the_same_state(seed):
    """A second route without any integral: chains of cavities, whose error falls fourfold."""
    net = random_delayed(seed)
    found = []
    for cells in (24, 48):
        more = {"cells": cells}
        parts = {
            n: qc.fibre(**{**p.recipe.arguments, **more}) if n in "fg" else p
            for n, p in net.parts.items()
        }
        state = qc.steady_state(qc.gaussian(qc.Network(parts, net.wires)))
        found.append(state.reduce("a", "b").cov)
    exact = covariance(net)
    assert_allclose((4 * found[1] - found[0]) / 3, exact, atol=2e-6)
    assert np.abs(exact - np.eye(4) / 2).max() > 1e-3


# One way


def row(delay, **more):
    parts = {
        "a": qc.squeezed_mode(0.2, 0.3, [1.0]),
        "f": qc.fibre(0.8, 0.4, delay=delay),
        "c": qc.cavity(-0.2, [0.7, 0.5]),
        **more,
    }
    return qc.Network(parts, [("a.out1", "f.in"), ("f.out", "c.in1")])


def test_a_delay_downstream_leaves_what_is_upstream_to_the_last_digits():
    alone = covariance(qc.squeezed_mode(0.2, 0.3, [1.0]))
    for tau in (0.5, 7.0):
        assert_allclose(covariance(row(tau))[:2, :2], alone, rtol=0, atol=1e-15)


def test_parts_before_and_after_a_delay_are_those_of_different_times():
    """V_ac is ⟨a(t) c′(t − τ)⟩ with c′ of the network without delay: e^{Aτ}V, by regression."""
    model = qc.gaussian(row(0.0))
    V = qc.steady_state(model).cov
    for tau in (0.5, 7.0):
        delayed = covariance(row(tau))
        later = expm(model.A * tau) @ V  # ⟨R(t + τ) R(t)ᵀ⟩
        assert_allclose(delayed[:2, :2], V[:2, :2], atol=1e-13)
        assert_allclose(delayed[2:, 2:], V[2:, 2:], atol=1e-10)
        assert_allclose(delayed[:2, 2:], later[:2, 2:], atol=1e-10)
        assert np.abs(later[:2, 2:] - V[:2, 2:]).max() > 1e-3


def test_what_leaves_late_turns_with_positive_frequency():
    late, now = (
        scattering(
            qc.gaussian(
                qc.Network(
                    {"c": qc.cavity(0.3, 1.0), "f": qc.fibre(delay=tau)}, [("c.out", "f.in")]
                )
            ),
            [-0.8, 0.5],
        ).direct.sel(output="f.out", input="c.in")
        for tau in (2.0, 0.0)
    )
    assert_allclose(late / now, np.exp(2j * np.array([-0.8, 0.5])), atol=1e-13)


def test_no_way_leads_upstream_through_a_line():
    parts = {
        "a": qc.cavity(0.1, [1.0, 1.0]),
        "f": qc.fibre(delay=1.5),
        "c": qc.cavity(0.0, [1.0, 1.0]),
    }
    net = qc.Network(parts, [("a.out1", "f.in"), ("f.out", "c.in1")])
    passed = scattering(qc.gaussian(net), [0.2, 1.0]).direct
    assert not passed.sel(output="a.out2", input="c.in2").any()
    assert passed.sel(output="c.out2", input="a.in2").all()


def test_a_delayed_output_is_as_entangled_and_as_squeezed():
    def source(tau):
        parts = {"s": qc.pair_source(0.2), "f": qc.fibre(0.9, 0.3, delay=tau)}
        return qc.gaussian(qc.Network(parts, [("s.out_a", "f.in")]))

    now, late = (sidebands(source(tau), 0.3) for tau in (0.0, 5.0))
    pair = ("f.out+", "s.out_b-")
    assert_allclose(qc.log_negativity(late, *pair), qc.log_negativity(now, *pair), atol=1e-12)
    assert_allclose(
        quadrature_spectrum(source(5.0), "f.out", 0.4),
        quadrature_spectrum(source(0.0), "f.out", 0.4),
    )


def test_mean_fields_do_not_know_of_delays():
    parts = {"laser": qc.coherent_drive(0.4), "o": qc.squeezed_mode(0.1, 0.2, [0.5, 0.5, 0.3])}
    wires = [*BACK, ("laser.out", "o.in3")]
    late, now = (
        qc.steady_state(qc.gaussian(qc.Network({**parts, "f": qc.fibre(0.9, 0.3, delay=t)}, wires)))
        for t in (2.0, 0.0)
    )
    assert_allclose(late.mean, now.mean, atol=1e-14)
    assert np.abs(now.mean).max() > 0.1


# Stability


@pytest.mark.parametrize("seed", range(40))
def test_roots_counted_are_roots_found(seed):
    """The argument principle against the spectrum of the discretised lines."""
    rng = np.random.default_rng(seed)
    point = (
        *(rng.normal(), *rng.uniform(0.1, 0.6, 3), 10 ** rng.uniform(-2, 1)),
        *(6.28 * rng.uniform(), rng.uniform(0.3, 1), rng.uniform(0, 1.2)),
    )
    net = oscillator(*point) if seed % 2 else random_delayed(seed)
    lines = single_lines(net)
    root = rightmost_root(lines)
    assert (unstable_roots(bounded(lines)) > 0) == (root.real > 0)


def test_both_ends_of_stability_are_met():
    """Δ = 0, real: s + κ/2 − r + k e^{−sτ} = 0, whose roots are Lambert's W."""
    tau, loop = 1.5, np.sqrt(0.5 * 0.5 * 0.9)
    for r, grows in ((0.3, False), (0.75, False), (1.0, True), (1.2, True)):
        # The quadrature p feels −κ/2 + r, and light that comes back holds it: also at r = 0.75.
        lines = single_lines(oscillator(0.0, 0.5, 0.5, 0.0, tau, 0.0, 0.9, r))
        half = 0.5 - r
        root = max(
            (lambertw(-loop * tau * np.exp(half * tau), k) / tau - half for k in range(-3, 3)),
            key=lambda s: s.real,
        )
        assert_allclose(rightmost_root(lines).real, root.real, atol=1e-12)
        assert (unstable_roots(bounded(lines)) > 0) == (root.real > 0) == grows, (r, root)


def test_close_to_threshold_the_rightmost_root_is_not_missed():
    """Newton's steps end at the rounding of the rates, never at that of a root near zero."""
    threshold = 0.5 + 0.5 * np.sqrt(0.9)
    for below in np.r_[10 ** np.linspace(-9, -1.5, 30), -(10 ** np.linspace(-9, -1.5, 10))]:
        lines = single_lines(oscillator(0.0, 0.5, 0.5, 0.0, 1.0, 0.0, 0.9, threshold - below))
        rate = below - threshold + 0.5
        root = lambertw(-0.5 * np.sqrt(0.9) * np.exp(rate)).real - rate
        # s ≈ −below/(1 − ½√0.9), and rounding of 1 in the sum
        assert_allclose(rightmost_root(lines).real, root, rtol=0, atol=1e-14)


def test_unstable_models_say_how_fast_they_grow_and_are_nan_in_a_batch():
    drives = np.array([0.01, 0.9])
    net = oscillator(0, 0.5, 0.5, 0, 1.0, np.pi, 0.9, drives)
    state = qc.steady_state(qc.gaussian(net))
    assert state.stable.tolist() == [True, False]
    assert np.isnan(state.cov[1]).all()
    assert np.isnan(state.info["estimated_error"][1])
    assert state.info["estimated_error"][0] < 1e-10
    T = transfer(qc.gaussian(net), 0.3)
    assert np.isnan(T[1]).all()
    assert np.isfinite(T[0]).all()
    single = qc.gaussian(oscillator(0, 0.5, 0.5, 0, 1.0, np.pi, 0.9, 0.9))
    rate = rightmost_root(lines_of(single.delays)).real
    with pytest.raises(qc.UnstableError, match=f"grows at the rate {rate:.6g}"):
        qc.steady_state(single)
    with pytest.raises(qc.UnstableError, match="with its delays"):
        transfer(single, 0.3)


def test_a_loop_of_fibres_that_loses_nothing_has_no_proof():
    parts = {
        "c": qc.cavity(0.0, 1.0),
        "f": qc.fibre(delay=1.0),
        "s": qc.beam_splitter(0.5),
    }
    wires = [("c.out", "s.in1"), ("s.out1", "f.in"), ("f.out", "s.in2")]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, wires)))
    assert_allclose(state.cov, np.eye(2) / 2, atol=1e-12)  # a splitter lets light out of its ring
    assert_allclose(state.info["growth"], np.log(np.sqrt(0.5)), rtol=1e-9)
    closed = {"c": qc.cavity(0.0, 1.0), "f": qc.fibre(phase=0.7, delay=1.0)}
    with pytest.raises(qc.ConvergenceError, match="lose nothing"):
        covariance(qc.Network(closed, [("f.out", "f.in")]))


# Cells in place of a delay


def test_cells_turn_light_as_a_delay_does_ever_better():
    def passed(**link):
        parts = {"c": qc.cavity(0.3, [1.0, 0.0]), "f": qc.fibre(0.9, 0.4, delay=2.0, **link)}
        model = qc.gaussian(qc.Network(parts, [("c.out1", "f.in")]))
        return scattering(model, 1.0).direct.sel(output="f.out", input="c.in1").item()

    exact = passed()
    errors = [abs(passed(cells=n) - exact) for n in (4, 8, 16)]
    assert_allclose(errors, [2.0**3 / 12 / n**2 * abs(exact) for n in (4, 8, 16)], rtol=0.1)


def test_cells_come_to_the_covariance_of_a_delay():
    point, values = list(TABLE.items())[1]
    errors = []
    for cells in (4, 8, 16, 32):
        state = qc.steady_state(qc.gaussian(oscillator(*point, cells=cells)))
        assert state.modes[-1] == f"f.cell{cells}.a"
        V = state.reduce("o").cov
        errors.append(np.abs(np.array([V[0, 0], V[0, 1], V[1, 1]]) - values).max())
    ratios = np.array(errors[:-1]) / errors[1:]
    assert errors[-1] < 1e-5
    assert (ratios > 3).all()


def mirror(part, cells, **link):
    fibre = qc.fibre(1.0, np.pi, delay=1.0, cells=cells)
    return qc.Network({"q": part, "f": fibre}, [("q.out1", "f.in"), ("f.out", "q.in2")])


def left_inside(cells, times):
    """|⟨a⟩|² of a cavity that starts in a coherent state: one excitation of a qubit's equation."""
    model = qc.gaussian(mirror(qc.cavity(0.0, [0.5, 0.5]), cells))
    start = qc.coherent(model.modes, np.eye(len(model.modes))[0])
    mean = qc.evolve(model, start, times).mean[:, :2]
    return (mean**2).sum(axis=1) / 2


def test_an_excited_emitter_before_a_mirror_keeps_its_bound_state():
    times = [1.5, 10.0]
    exact = np.array([independent.excited(t) for t in times])
    assert_allclose(exact, [0.444978047, 0.444444444], atol=1e-9)
    errors = np.array([np.abs(left_inside(n, times) - exact) for n in (8, 16, 32, 64)])
    assert errors[-1].max() < 2e-3
    assert errors[-1, 1] < 1e-9  # the bound state lets ω = 0 in, where cells are exact
    assert errors[0, 0] / errors[-1, 0] > 8


def test_cells_work_in_a_master_equation():
    net = mirror(qc.qubit(decay=[0.5, 0.5]), 3)
    model = qc.lindblad(net, dict.fromkeys(net.modes[1:], 1))
    start = qc.ket(net.modes, np.eye(16)[8])
    observe = {"P": lambda state: qc.measures.occupation(state, "q.q")}
    found = qc.evolve(model, start, [1.5], observe, progress=False)
    assert_allclose(found.observed["P"], left_inside(3, [1.5]), atol=1e-8)


# Networks of networks, files, units


POINT = next(x for x in TABLE if x[4] == 4.0)


def test_delays_survive_nesting_new_names_and_couplings():
    whole = oscillator(*POINT)
    inner = qc.slh.as_component(whole, {"in": "o.in1", "out": "o.out2"})
    net = qc.Network(
        {"n": inner, "c": qc.cavity(0.0, 1.0), "d": qc.cavity()},
        [("n.out", "c.in")],
        [qc.hopping("c.a", "d.a", 0.3)],
    )
    assert net.component.delays.keys() == {"n.f.delay"}
    V = qc.steady_state(qc.gaussian(net)).reduce("n.o.a").cov
    assert_allclose(V, covariance(whole), atol=1e-10)


def test_heat_enters_behind_a_delay_too():
    warm = qc.Network(oscillator(*POINT).parts, BACK, occupations={"o.in1": 0.7})
    flat = qc.Network(warm.parts, BACK, occupations={"o.in1": 0.7, "o.in3": 0.7, "f.in_loss": 0.7})
    factor = covariance(flat) / covariance(oscillator(*POINT))
    assert_allclose(factor, np.full((2, 2), 1.4 / 1 + 1), atol=1e-8)  # (0.7 + ½)/½
    assert covariance(warm)[0, 0] < covariance(flat)[0, 0]


def test_files_keep_delays():
    net = oscillator(*POINT)
    again = qc.from_toml(qc.to_toml(net))
    assert again.parts["f"].recipe.arguments["delay"] == 4.0
    assert np.array_equal(covariance(again), covariance(net))
    nested = qc.Network({"n": qc.slh.as_component(net)})
    read = qc.from_toml(qc.to_toml(nested))
    assert_allclose(covariance(read), covariance(net), atol=1e-12)


def test_files_sweep_delays():
    text = qc.to_toml(oscillator(*POINT)).replace("delay = 4.0", 'delay = "tau"')
    more = """
    [parameters]
    tau = 1.0
    [axes.tau]
    from = 0.0
    to = 4.0
    points = 2
    [measures.n]
    measure = "occupation"
    mode = "o.a"
    """
    data = sweep_netlist(load(text + more))
    V = covariance(oscillator(*POINT))
    assert_allclose(data.n.values[1], (V[0, 0] + V[1, 1] - 1) / 2, atol=1e-9)


def test_delays_have_the_unit_that_rates_have():
    def ring(decay, drive, **link):
        parts = {"o": qc.squeezed_mode(drive, decay=[decay, decay]), "f": qc.fibre(0.9, **link)}
        return qc.Network(parts, BACK)

    rate = 2 * np.pi * 1e6
    plain = covariance(ring(1.0, 0.1, delay=5e-7 * rate))
    text = ring("1 MHz", "0.1 MHz", delay="500 ns")
    assert_allclose(covariance(text), plain, atol=1e-10)
    written = qc.from_toml(qc.to_toml(text))
    assert_allclose(covariance(written), covariance(text), atol=1e-12)
    metres = 5e-7 * 299792458.0 / 1.468
    long = ring("1 MHz", "0.1 MHz", length=f"{metres} m", group_index=1.468)
    assert_allclose(covariance(long), plain, atol=1e-10)
    with pytest.raises(qc.ArgumentError, match="delay` must have a unit"):
        ring("1 MHz", "0.1 MHz", delay=0.5)
    with pytest.raises(qc.ArgumentError, match=r"drive. must have a unit.*500 ns"):
        ring(1.0, 0.1, delay="500 ns")


def test_a_working_point_keeps_its_delay():
    parts = {
        "laser": qc.coherent_drive(1.0),
        "k": qc.kerr_cavity(0.05, 0.3, [1.0, 0.6]),
        "f": qc.fibre(0.5, 0.7, delay=1.3),
    }
    wires = [("laser.out", "k.in1"), ("k.out1", "f.in"), ("f.out", "k.in2")]
    net = qc.Network(parts, wires)
    with pytest.raises(qc.ArgumentError, match=r"unlike f\.delay"):
        qc.working_points(net)
    still = qc.Network({**parts, "f": qc.fibre(0.5, 0.7)}, wires)
    points = qc.working_points(still)
    fields = points.branch(0)
    model = qc.gaussian(qc.linearise(net, fields))
    assert model.delays is not None
    assert_allclose(model.delays.closed.A, qc.gaussian(qc.linearise(still, fields)).A, atol=1e-12)
    assert qc.steady_state(model).is_physical()


# What is refused


def test_what_needs_a_drift_says_that_a_fibre_takes_time():
    model = qc.gaussian(oscillator(*POINT))
    assert "delays: f.delay" in repr(model)
    for use in (
        lambda: qc.growth(model.A),
        lambda: qc.audit(model),
        lambda: qc.evolve(model, None, [1.0], measure={"o.out2": qc.homodyne(0.0)}),
        lambda: model.input_matrix,
        lambda: qc.interop.to_qutip(model, {"o.a": 3}),
    ):
        with pytest.raises(qc.ArgumentError, match=r"f\.delay takes some.*cells"):
            use()
    with pytest.raises(qc.ArgumentError, match=r"unlike f\.delay.*cells"):
        qc.lindblad(oscillator(*POINT), {"o.a": 3})


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"delay": -1.0}, "`delay` must be a number zero or above"),
        ({"delay": "5 MHz"}, "`delay` must be"),
        ({"length": "3 m"}, "`group_index` must be given"),
        ({"group_index": 1.5}, "`group_index` must go with"),
        ({"length": "3 m", "group_index": 1.5, "delay": 1.0}, "`delay` must be left out"),
        ({"length": "3 s", "group_index": 1.5}, "`length` must be"),
        ({"cells": 3}, "`delay` must be above zero"),
        ({"delay": [0.0, 1.0], "cells": 3}, "`delay` must be above zero"),
        ({"delay": 1.0, "cells": 0}, "`cells` must be a whole number"),
    ],
)
def test_bad_delays_are_named(link, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.fibre(**link)


def test_the_ends_of_a_line_are_no_ports():
    parts = {"c": qc.cavity(decay=[1.0, 1.0]), "f": qc.fibre(delay=1.0)}
    for wire in (("f.delay", "c.in1"), ("c.out1", "f.delay")):
        with pytest.raises(qc.ArgumentError, match="f"):
            qc.Network(parts, [wire])
    net = qc.Network(parts, [("c.out1", "f.in")])
    inputs, outputs = qc.slh.open_ports(net)
    assert "f.delay" not in {*inputs, *outputs}
    assert "f.delay" not in {*qc.gaussian(net).inputs, *qc.gaussian(net).outputs}
    with pytest.raises(qc.ArgumentError, match=r"`ports\[x\]`"):
        qc.slh.as_component(net, {"x": "f.delay"})
    with pytest.raises(qc.ArgumentError, match="occupations"):
        qc.Network(parts, [("c.out1", "f.in")], occupations={"f.delay": 1.0})
    with pytest.raises(qc.ArgumentError, match="delay line"):
        qc.slh.eliminate(qc.slh.concatenate(parts), [("c.out1", "f.delay")])


def test_parts_made_by_hand_may_have_lines():
    S = [[0.0, 1.0], [1.0, 0.0]]
    nothing = qc.slh.Ladder({})
    line = qc.Component(
        S, (nothing, nothing), nothing, (), ("in", "d"), ("out", "d"), delays={"d": 4.0}
    )
    link = qc.Network({"x": line, "f": qc.fibre(0.8, 1.0)}, [("x.out", "f.in")])
    hand = qc.slh.as_component(link, {"in": "x.in", "out": "f.out"})
    net = qc.Network({"o": oscillator(*POINT).parts["o"], "f": hand}, BACK)
    assert_allclose(covariance(net), covariance(oscillator(*POINT)), atol=1e-11)
    with pytest.raises(qc.ArgumentError, match="delays"):
        qc.Component(
            S, (nothing, nothing), nothing, (), ("in", "d"), ("out", "d"), delays={"in": 4.0}
        )


def test_what_is_hot_keeps_its_small_variances():
    """Thermal light goes on after a delay, beside a mode that knows of nothing but the vacuum."""

    def state(delay, quanta):
        parts = {
            "hot": qc.cavity(0.3, decay=[1.0, 0.2], occupation=[0.0, quanta]),
            "f": qc.fibre(0.8, 0.3, delay=delay),
            "late": qc.cavity(1.0, decay=0.7),
            "cold": qc.cavity(0.5, decay=1.0),
        }
        wires = [("hot.out1", "f.in"), ("f.out", "late.in")]
        return qc.steady_state(qc.gaussian(qc.Network(parts, wires)))

    for quanta in (1e2, 1e5):
        late, prompt = state(2.0, quanta), state(0.0, quanta)
        for mode in ("hot.a", "late.a", "cold.a"):
            assert_allclose(late.reduce(mode).cov, prompt.reduce(mode).cov, rtol=1e-8, atol=1e-8)


# One way: every part in a time of its own


def one_way(rng, loud=()):
    """Squeezed light, a beam splitter, and lines of all lengths to modes that never meet again."""
    parts = {
        "s": qc.pair_source(0.1, decay=(1.0, 0.7), detuning=(0.3, -0.2), occupation=0.1),
        "split": qc.beam_splitter(0.3),
        "a": qc.squeezed_mode(0.2j, 0.4, [0.6, 0.4]),
        "b": qc.squeezed_mode(0.1, 0.2, [0.5, 0.6]),
        "c": qc.cavity(0.3, [0.8, 0.2]),
    }
    parts |= {f"f{k}": qc.fibre(0.9, rng.uniform(), delay=rng.uniform(0.2, 3)) for k in range(3)}
    wires = [("s.out_a", "split.in1"), ("split.out1", "f0.in"), ("f0.out", "a.in1")]
    wires += [("split.out2", "f1.in"), ("f1.out", "b.in1")]
    wires += [("s.out_b", "f2.in"), ("f2.out", "c.in1")]
    last = "a.out1"
    for k, below in enumerate(loud):
        gain = np.hypot(0.5, 0.3) * (1 - below) * np.exp(2j * k)
        parts[f"z{k}"] = qc.squeezed_mode(gain, 0.3, decay=1.0)
        parts[f"g{k}"] = qc.fibre(0.8, delay=rng.uniform(0.2, 1))
        wires += [(last, f"g{k}.in"), (f"g{k}.out", f"z{k}.in")]
        last = f"z{k}.out"
    return qc.gaussian(qc.Network(parts, wires))


@pytest.mark.parametrize("seed", range(3))
def test_one_way_networks_are_those_without_delays_in_times_of_their_own(seed):
    """The integral over all frequencies knows nothing of that."""
    model = one_way(np.random.default_rng(seed))
    lines, noise = lines_of(model.delays), model.delays.closed.input_noise
    assert offsets(lines, noise) is not None
    expected, error = by_integral(bounded(lines), noise)
    assert error < 1e-8
    assert_allclose(qc.steady_state(model).cov, expected, atol=1e-8)


def test_loud_parts_behind_lines_change_nothing_upstream_and_are_no_burden():
    alone, longer = (one_way(np.random.default_rng(5), z) for z in ((), (1e-3, 1e-6, 1e-5)))
    V = qc.steady_state(alone).cov
    assert_allclose(qc.steady_state(longer).reduce("s", "a", "b", "c").cov, V, atol=1e-13)
    spectra = [qc.outputs.quadrature_spectrum(m, "b.out1", 0.3) for m in (alone, longer)]
    assert_allclose(*spectra, rtol=1e-12)


def test_two_ways_of_different_length_have_no_times_of_their_own():
    parts = {
        "one": qc.beam_splitter(),
        "two": qc.beam_splitter(),
        "f": qc.fibre(0.9, delay=1.0),
        "m": qc.squeezed_mode(0.2, decay=1.0),
        "n": qc.cavity(decay=1.0),
    }
    wires = [("m.out", "one.in1"), ("one.out1", "f.in"), ("f.out", "two.in1")]
    wires += [("one.out2", "two.in2"), ("two.out1", "n.in")]
    model = qc.gaussian(qc.Network(parts, wires))
    assert offsets(lines_of(model.delays), model.delays.closed.input_noise) is None
    comes_back = qc.gaussian(oscillator(0.2, 0.6, 0.3, 0.1, 1.0, 1.0, 0.8, 0.15)).delays
    assert offsets(lines_of(comes_back), comes_back.closed.input_noise) is None


def test_a_loud_mode_that_a_ring_of_fibre_holds_is_known_to_the_told_error():
    def held(unit):
        drive = 0.7359999 * np.exp(1j * 1.2)  # alone it would be 1e-7 below its threshold
        parts = {
            "opo": qc.squeezed_mode(drive * unit, decay=[2 * 0.736 * unit]),
            "line": qc.fibre(0.8, 0.9, delay=0.33 / unit),
        }
        wires = [("opo.out1", "line.in"), ("line.out", "opo.in1")]
        return qc.steady_state(qc.gaussian(qc.Network(parts, wires)))

    state = held(1.0)
    assert state.info["estimated_error"] < 1e-9
    for unit in (1 + 1e-15, 3.0, 7.3e5):
        np.testing.assert_allclose(held(unit).cov, state.cov, atol=1e-12)
