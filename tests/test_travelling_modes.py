"""Filtered fields as modes of a state: values, second routes, direction, physicality, bad input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax
from random_networks import random_gaussian_network

import qcascade as qc
from qcascade.outputs import (
    emission_spectrum,
    mode_overlap,
    output_mode,
    output_state,
    quadrature_spectrum,
    sidebands,
    transfer,
)

# ∫dω/2π with ω = tan θ, at the middles of equal steps of θ.
FREQUENCIES = np.tan((np.arange(40000) + 0.5) * np.pi / 40000 - np.pi / 2)
WEIGHTS = (1 + FREQUENCIES**2) / 80000


def light_and_motion(detuning=0.5, G=0.15, unit=1.0):
    parts = {
        "c": qc.cavity(unit * detuning, decay=unit),
        "m": qc.mechanical_mode(unit, 0.01 * unit, occupation=0.5),
    }
    links = [
        qc.hopping("c.a", "m.b", unit * G),
        qc.two_mode_squeezing("c.a", "m.b", unit * G),
    ]
    return qc.Network(parts, couplings=links)


def both_sidebands(width=0.2):
    return {
        "stokes": output_mode("c.out", -1.0, width),
        "anti": output_mode("c.out", 1.0, width),
    }


def decaying(width):
    return {"shape": lambda t: np.exp(-width * t / 2), "span": (0.0, 70 / width)}


def step(t):
    return np.ones_like(t)


def networks(count):
    seed = 0
    while count:
        net = random_gaussian_network(seed)
        seed += 1
        if net is None or not qc.slh.open_ports(net)[1]:
            continue
        if qc.growth(qc.gaussian(net).A) < -1e-3:
            count -= 1
            yield seed - 1, net


def filters_of(net, seed):
    """Two filters and a step, spread over the open ports of a network."""
    rng, ports = np.random.default_rng(seed), qc.slh.open_ports(net)[1]
    first, second, third = (str(x) for x in rng.choice(ports, 3))
    return {
        "f": output_mode(first, rng.normal(), rng.uniform(0.1, 2)),
        "g": output_mode(second, rng.normal(), rng.uniform(0.1, 2)),
        "step": output_mode(third, rng.normal(), shape=step, span=(0.3, 2.0)),
    }


# Values


def test_a_filtered_sideband_is_entangled_with_the_motion_and_the_light():
    state = output_state(light_and_motion(), {"f": output_mode("c.out", -1.0, 0.3)})
    assert state.modes == ("c.a", "m.b", "f")
    for pair, value in (
        (("c.a", "m.b"), 0.0503383359),
        (("m.b", "f"), 0.4310160926),
        (("c.a", "f"), 0.0409371416),
    ):
        assert_allclose(qc.log_negativity(state, *pair), value, atol=2e-10)
    assert_allclose(qc.occupation(state, "f"), 0.1387210120, atol=2e-10)


def test_two_filters_of_one_port_as_they_are_and_as_independent_modes():
    """As they are, E_N of the two takes them for independent; 13 % of it is their overlap."""
    as_they_are = output_state(light_and_motion(0.0), both_sidebands())
    for pair, value in (
        (("m.b", "stokes"), 0.6868954683),
        (("stokes", "anti"), 0.0377856800),
        (("m.b", "anti"), 0.0),
    ):
        assert_allclose(qc.log_negativity(as_they_are, *pair), value, atol=2e-10)
    independent = output_state(light_and_motion(0.0), both_sidebands(), orthonormal=True)
    assert_allclose(qc.log_negativity(independent, "stokes", "anti"), 0.0328105146, atol=2e-10)
    assert_allclose(qc.log_negativity(independent, "m.b", "stokes"), 0.6869731403, atol=2e-10)
    assert independent.is_physical()
    assert not as_they_are.is_physical()


def test_overlap_of_filters_is_told_where_they_are_left_as_they_are():
    (told,) = output_state(light_and_motion(0.0), both_sidebands()).info["warnings"]
    assert "overlap (stokes and anti by 0.0995)" in told
    assert "orthonormal=True" in told
    independent = output_state(light_and_motion(0.0), both_sidebands(), orthonormal=True)
    alone = output_state(light_and_motion(), {"f": output_mode("c.out", 1.0, 0.3)})
    assert independent.info == alone.info == {}
    state = output_state(light_and_motion(0.0), both_sidebands())
    assert state.reduce("stokes", "anti").info["warnings"] == (told,)
    assert told in repr(state)


def test_each_of_several_filters_is_what_it_is_alone():
    both = output_state(light_and_motion(0.0), both_sidebands())
    for name, mode in both_sidebands().items():
        alone = output_state(light_and_motion(0.0), {name: mode})
        assert_allclose(both.reduce("c", "m", name).cov, alone.cov, rtol=0, atol=1e-14)


# Second routes


def filter_response(mode):
    """∫ Φ(τ) e^{iωτ} dτ in quadratures, with f(ω) = √w/(w/2 − i(ω − Ω))."""

    def f(omega):
        return np.sqrt(mode.width) / (mode.width / 2 - 1j * (omega - mode.frequency))

    above, below = f(FREQUENCIES), np.conj(f(-FREQUENCIES))
    real, imag = (above + below) / 2, (above - below) / 2j
    return np.stack([np.stack([real, -imag], -1), np.stack([imag, real], -1)], -2)


@pytest.mark.parametrize(
    "net",
    [
        light_and_motion(),
        light_and_motion(0.0),
        qc.Network(
            {
                "light": qc.squeezed_light(0.6j, occupation=0.2),
                "c": qc.cavity(0.3, decay=[1.0, 0.4]),
            },
            [("light.out_a", "c.in1")],
        ),
    ],
)
def test_filters_agree_with_the_integral_over_frequencies(net):
    model = qc.gaussian(net)
    modes = {
        "f": output_mode("c.out" if "c.out" in model.outputs else "c.out1", -1.0, 0.3),
        "g": output_mode("c.out" if "c.out" in model.outputs else "c.out1", 0.7, 0.5),
    }
    state = output_state(net, modes)
    inside = np.linalg.solve(
        -1j * FREQUENCIES[:, None, None] * np.eye(len(model.A)) - model.A,
        model.input_matrix + 0j,
    )
    T = transfer(model, FREQUENCIES)
    row = 2 * model.outputs.index(modes["f"].port)
    fields = [inside, *(filter_response(m) @ T[:, row : row + 2] for m in modes.values())]
    whole = np.concatenate(fields, -2)
    V = np.einsum("w,wij,wlj->il", WEIGHTS, whole @ model.input_noise, whole.conj(), optimize=True)
    assert_allclose(state.cov, V.real, atol=1e-10)


def test_a_filter_is_a_cavity_behind_the_output_up_to_its_sign():
    for seed, net in networks(40):
        (port, *_), width, omega = qc.slh.open_ports(net)[1], 0.7, -0.4
        if port.split(".")[0] not in net.parts:
            continue
        state = output_state(net, {"f": output_mode(port, omega, width)})
        behind = qc.Network(
            {**net.parts, "f": qc.cavity(omega, decay=width)},
            [*net.wires, (port, "f.in")],
            net.couplings,
        )
        wired = qc.steady_state(qc.gaussian(behind))
        order = [*state.modes[:-1], "f.a"]
        sign = np.repeat([1.0] * (len(order) - 1) + [-1.0], 2)
        cavity = wired.reduce(*order).cov * np.outer(sign, sign)
        width_of = np.sqrt(np.diag(cavity))
        error = (state.cov - cavity) / np.outer(width_of, width_of)
        assert np.abs(error).max() < 1e-9, seed


def test_a_shape_that_decays_is_the_filter():
    """Alone, beside the filter of another port, and beside one of its own port."""
    for seed, net in networks(8):
        port, other = (qc.slh.open_ports(net)[1] * 2)[:2]
        filtered = {"f": output_mode(port, -0.6, 0.8), "g": output_mode(other, 0.9, 1.5)}
        shaped = {"f": output_mode(port, -0.6, **decaying(0.8)), "g": filtered["g"]}
        exact, found = output_state(net, filtered), output_state(net, shaped)
        spread = np.sqrt(np.diag(exact.cov))
        error = (found.cov - exact.cov) / np.outer(spread, spread)
        assert np.abs(error).max() < 1e-9, seed
    state = light_and_motion()
    exact = output_state(state, {"f": output_mode("c.out", -1.0, 0.3)})
    found = output_state(state, {"f": output_mode("c.out", -1.0, **decaying(0.3))})
    assert_allclose(found.cov, exact.cov, atol=1e-12)


def test_a_step_agrees_with_a_sum_over_short_times():
    """The middle of each of many short times stands for it; its square in the step is the error."""
    model, n, tau = qc.gaussian(light_and_motion()), 2000, 5.0
    state = output_state(
        light_and_motion(), {"f": output_mode("c.out", -1.0, shape=step, span=(0, tau))}
    )
    h, N = tau / n, model.input_noise
    C, F = model.output_matrix[:2], model.feedthrough[:2]
    values, vectors = np.linalg.eig(model.A)
    G = qc.steady_state(model).cov @ C.T + model.input_matrix @ N @ F.T
    t = (np.arange(n) + 0.5) * h
    f = np.exp(1j * t) / np.sqrt(tau)
    Phi = np.stack([np.stack([f.real, -f.imag], -1), np.stack([f.imag, f.real], -1)], -2)

    def flow(times):  # e^{At}G
        moved = vectors * np.exp(values * times[:, None])[:, None, :]
        return (moved @ np.linalg.solve(vectors, G + 0j)).real

    cross = h * np.einsum("tab,tcb->ac", flow(t), Phi)
    assert_allclose(state.cov[:4, 4:], cross, atol=1e-6)
    seen = C @ flow(np.arange(n) * h)
    seen[0] /= 2
    H = sum(h * h * np.einsum("tab,bc,tdc->ad", Phi[: n - k], seen[k], Phi[k:]) for k in range(n))
    white = h * np.einsum("tab,bc,tdc->ad", Phi, F @ N @ F.T, Phi)
    assert_allclose(state.cov[4:, 4:], H + H.T + white, atol=1e-5)


def test_a_narrow_filter_sees_the_spectrum_of_its_port():
    net = qc.Network({"o": qc.squeezed_mode(0.2, decay=1.0)})
    state = output_state(net, {"f": output_mode("o.out", 0.0, 1e-7)})
    x, p = (
        quadrature_spectrum(qc.gaussian(net), "o.out", 0.0, angle=angle)
        for angle in (0.0, "90 deg")
    )
    assert_allclose(state.cov[2:, 2:], np.diag([x, p]), atol=1e-5)
    assert_allclose([x, p], [2.7222222222, 0.0918367347], rtol=1e-9)


def test_narrow_filters_at_both_sidebands_are_the_sidebands():
    net = light_and_motion()
    modes = {k: output_mode("c.out", s * 0.8, 1e-6) for k, s in (("+", 1), ("-", -1))}
    state = output_state(net, modes, orthonormal=True)
    exact = sidebands(qc.gaussian(net), 0.8)
    E_N = qc.log_negativity(exact, "c.out+", "c.out-")
    assert E_N > 0.1
    assert_allclose(qc.log_negativity(state, "+", "-"), E_N, rtol=1e-5)


# Direction and signs


def test_a_filter_above_the_frame_holds_what_is_at_positive_frequencies():
    net = qc.Network({"m": qc.cavity(0.7, decay=[0.3, 0.5], occupation=[2.0, 0.0])})
    modes = {k: output_mode("m.out2", s * 0.7, 1e-6) for k, s in (("above", 1), ("below", -1))}
    state = output_state(net, modes, orthonormal=True)
    for name, omega in (("above", 0.7), ("below", -0.7)):
        photons = emission_spectrum(qc.gaussian(net), "m.out2", omega)
        assert_allclose(qc.occupation(state, name), photons, rtol=1e-5)


def test_the_past_is_at_positive_times_of_a_shape():
    """Light of a cavity that was left alone: what left long ago knows nothing of it any more."""
    net = qc.Network({"c": qc.cavity(decay=[1.0, 1.0], occupation=[0.0, 3.0])})
    spans = {"just": (0.0, 1.0), "long ago": (8.0, 9.0)}
    just, ago = (
        output_state(net, {"f": output_mode("c.out1", shape=step, span=span)}).cov[0, 2]
        for span in spans.values()
    )
    assert_allclose(ago / just, np.exp(-8.0), rtol=1e-9)
    # ½⟨{x, x_out(t − τ)}⟩ = e^{−τ} √κ (n_a) with n_a = 3/2 and both decays 1.
    assert_allclose(just, 1.5 * (1 - np.exp(-1.0)), rtol=1e-12)


def test_what_is_downstream_changes_nothing_in_what_was_filtered_upstream():
    parts = {"a": qc.squeezed_mode(0.2, 0.3, decay=[1.0, 0.1]), "b": qc.cavity(decay=[1.0, 0.2])}
    wires = [("a.out1", "b.in1")]
    loud = {**parts, "loud": qc.squeezed_mode(0.4999, decay=1.0)}
    modes = {
        "f": output_mode("a.out2", 0.2, 0.5),
        "step": output_mode("a.out2", 0.0, shape=step, span=(0.0, 2.0)),
    }
    short = output_state(qc.Network({"a": parts["a"]}), modes, orthonormal=True)
    for net in (qc.Network(parts, wires), qc.Network(loud, [*wires, ("b.out2", "loud.in")])):
        state = output_state(net, modes, orthonormal=True)
        assert_allclose(state.reduce("a", "f", "step").cov, short.cov, rtol=1e-13, atol=1e-15)
    # Light goes on to b, and what was filtered in front of it is correlated with b.
    assert (
        np.abs(output_state(qc.Network(parts, wires), modes, orthonormal=True).cov[2:4, 4:]).max()
        > 1e-3
    )


@pytest.mark.parametrize("unit", [1e-9, 3.7e8])
def test_the_unit_of_frequency_changes_nothing(unit):
    def state(unit):
        modes = {
            "f": output_mode("c.out", -unit, 0.3 * unit),
            "step": output_mode("c.out", unit, shape=step, span=(0.0, 3.0 / unit)),
        }
        return output_state(light_and_motion(unit=unit), modes, orthonormal=True)

    assert_allclose(state(unit).cov, state(1.0).cov, rtol=1e-10, atol=1e-13)


def test_order_of_parts_and_of_modes_changes_nothing():
    net, modes = light_and_motion(0.0), both_sidebands()
    modes["step"] = output_mode("c.out", 6.0, shape=step, span=(0.0, 3.0))
    turned = qc.Network(dict(reversed(net.parts.items())), couplings=net.couplings)
    for orthonormal in (False, True):
        one = output_state(net, modes, orthonormal=orthonormal)
        other = output_state(turned, dict(reversed(modes.items())), orthonormal=orthonormal)
        assert other.modes == ("m.b", "c.a", "step", "anti", "stokes")
        assert_allclose(other.reduce(*one.modes).cov, one.cov, atol=1e-13)


# Physics


def test_independent_travelling_modes_are_physical_with_what_stays_inside():
    for seed, net in networks(60):
        assert output_state(net, filters_of(net, seed), orthonormal=True).is_physical(), seed


def test_vacuum_that_passes_a_passive_network_is_vacuum_in_every_mode():
    parts = {
        "a": qc.cavity(0.3, decay=[1.0, 0.5]),
        "half": qc.beam_splitter(0.3),
        "b": qc.cavity(-0.7, decay=[2.0, 0.1]),
    }
    wires = [("a.out1", "half.in1"), ("half.out2", "b.in1")]
    for occupation in (0.0, 1.7):
        free = qc.slh.open_ports(qc.Network(parts, wires))[0]
        net = qc.Network(parts, wires, occupations=dict.fromkeys(free, occupation))
        modes = {
            "f": output_mode("b.out1", 0.4, 0.3),
            "g": output_mode("b.out1", 0.5, 2.0),
            "h": output_mode("half.out1", 0.5, 0.3),
            "step": output_mode("b.out1", shape=step, span=(0.0, 1.0)),
        }
        state = output_state(net, modes, orthonormal=True)
        assert_allclose(state.cov, (occupation + 0.5) * np.eye(12), atol=1e-11)


def test_overlaps_are_commutators_whatever_the_shape():
    def modes(**rest):
        return {"f": output_mode("c.out", -1.0, 0.2), **rest}

    exact = mode_overlap(modes(g=output_mode("c.out", 1.0, 0.5)))
    assert_allclose(exact[0, 1], np.sqrt(0.1) / (0.35 - 2j), rtol=1e-14)
    assert_allclose(exact, exact.conj().T)
    shaped = mode_overlap(modes(g=output_mode("c.out", 1.0, **decaying(0.5))))
    assert_allclose(shaped, exact, atol=1e-11)
    apart = modes(g=output_mode("d.out", -1.0, 0.2))
    assert_allclose(mode_overlap(apart), np.eye(2))
    steps = {k: output_mode("c.out", shape=step, span=(k, k + 2.0)) for k in range(4)}
    overlaps = mode_overlap({str(k): mode for k, mode in steps.items()})
    assert_allclose(overlaps, np.eye(4) + 0.5 * (np.eye(4, k=1) + np.eye(4, k=-1)), atol=1e-12)


def test_a_shape_is_normalised_and_may_jump_where_its_span_has_a_time():
    jump = {"shape": lambda t: np.where(t < 1.3, 7.0, 2j), "span": (0.0, 1.3, 2.0)}
    scaled = {"shape": lambda t: np.where(t < 1.3, 0.7, 0.2j), "span": (0.0, 1.3, 2.0)}
    one, other = (
        output_state(light_and_motion(), {"f": output_mode("c.out", -1.0, **x)})
        for x in (jump, scaled)
    )
    assert_allclose(one.cov, other.cov, rtol=1e-12, atol=1e-14)
    assert one.is_physical()


def test_a_shape_need_not_be_a_number_outside_of_its_span():
    ends = output_mode("c.out", -1.0, shape=lambda t: np.log(3 - t), span=(0.0, 2.0))
    goes_on = {"f": ends, "g": output_mode("c.out", 9.0, shape=step, span=(0.0, 7.0))}
    state, alone = (output_state(light_and_motion(), x) for x in ({"f": ends}, goes_on))
    assert_allclose(alone.reduce("c", "m", "f").cov, state.cov, atol=1e-11)


def test_a_shape_that_turns_fast_is_resolved():
    """As a phase of its own, or as the frequency: what it sees far off resonance is vacuum."""
    turning, tuned = (
        output_state(light_and_motion(), {"f": mode})
        for mode in (
            output_mode("c.out", shape=lambda t: np.exp(-400j * t), span=(0.0, 6.0)),
            output_mode("c.out", 400.0, shape=step, span=(0.0, 6.0)),
        )
    )
    assert_allclose(turning.cov, tuned.cov, atol=1e-11)
    assert_allclose(turning.cov[4:, 4:], np.eye(2) / 2, atol=1e-3)


def test_rates_with_units_are_those_without():
    MHz = 2e6 * np.pi
    parts = {
        "c": qc.cavity("0.5 MHz", decay="1 MHz"),
        "m": qc.mechanical_mode("1 MHz", "10 kHz", occupation=0.5),
    }
    G = "150 kHz"
    links = [qc.hopping("c.a", "m.b", G), qc.two_mode_squeezing("c.a", "m.b", G)]
    modes = {
        "f": output_mode("c.out", "-1 MHz", "300 kHz"),
        "g": output_mode("c.out", "9 MHz", shape=step, span=("0 us", "1 us")),
    }
    state = output_state(qc.Network(parts, couplings=links), modes)
    plain = {
        "f": output_mode("c.out", -1.0, 0.3),
        "g": output_mode("c.out", 9.0, shape=step, span=(0.0, 1e-6 * MHz)),
    }
    assert_allclose(state.cov, output_state(light_and_motion(), plain).cov, atol=1e-11)


def test_a_linearised_network_has_travelling_modes():
    """Radiation pressure around a working point, −g₀α(a + a†)(b + b†)."""
    motion = {"coupling": 1e-3, "frequency": 1.0, "mechanical_decay": 0.01, "occupation": 0.5}
    parts = {
        "laser": qc.coherent_drive(120.0),
        "om": qc.optomechanical_cavity(0.5, decay=1.0, **motion),
    }
    net = qc.Network(parts, [("laser.out", "om.in")])
    fields = qc.classical.working_points(net, progress=False).branch(0)
    state = output_state(qc.linearise(net, fields), {"f": output_mode("om.out", -1.0, 0.3)})
    alpha, beta = (complex(np.asarray(fields[f"om.{mode}"])) for mode in "ab")
    G, shifted = -1e-3 * abs(alpha), 0.5 - 2e-3 * beta.real
    same = output_state(light_and_motion(shifted, G), {"f": output_mode("c.out", -1.0, 0.3)})
    assert abs(G) > 0.05
    for pair, like in ((("om.b", "f"), ("m.b", "f")), (("om.a", "f"), ("c.a", "f"))):
        E_N = qc.log_negativity(same, *like)
        assert_allclose(qc.log_negativity(state, *pair), E_N, rtol=1e-9)


def test_a_laser_that_passes_the_port_is_in_the_mean():
    """On resonance a one-port cavity sends β → −β, and a filter holds √w ⟨b_out⟩/(w/2 + iΩ)."""
    net = qc.Network({"l": qc.coherent_drive(2.0), "c": qc.cavity(decay=1.0)}, [("l.out", "c.in")])
    modes = {
        "f": output_mode("c.out", 0.0, 0.1),
        "g": output_mode("c.out", 0.3, 0.2),
        "step": output_mode("c.out", shape=step, span=(0.0, 0.5)),
    }
    state = output_state(net, modes)
    amplitudes = (state.mean[2::2] + 1j * state.mean[3::2]) / np.sqrt(2)
    expected = -2.0 * np.array([np.sqrt(0.1) / 0.05, np.sqrt(0.2) / (0.1 + 0.3j), np.sqrt(0.5)])
    assert_allclose(amplitudes, expected, rtol=1e-12)
    omega = np.array([[0.0, 0.1], [0.2, 0.3]])
    several = output_state(net, {"f": output_mode("c.out", omega, shape=step, span=(0.0, 0.5))})
    for at in np.ndindex(2, 2):
        mode = output_mode("c.out", omega[at], shape=step, span=(0.0, 0.5))
        assert_allclose(several.mean[at], output_state(net, {"f": mode}).mean, rtol=1e-12)


def test_the_field_of_a_working_point_is_in_the_mean():
    """A filter behind the output, as one more cavity of the classical equations, holds as much."""
    motion = {"coupling": 1e-3, "frequency": 1.0, "mechanical_decay": 0.01}
    parts = {
        "laser": qc.coherent_drive(np.array([60.0, 120.0])),
        "om": qc.optomechanical_cavity(0.5, decay=1.0, **motion),
    }
    wires = [("laser.out", "om.in")]
    net = qc.Network(parts, wires)
    fields = qc.classical.working_points(net, progress=False).branch(0)
    modes = {
        "f": output_mode("om.out", -0.2, 0.3),
        "step": output_mode("om.out", shape=step, span=(0.0, 0.5)),
    }
    state = output_state(qc.linearise(net, fields), modes)
    filtered = qc.Network({**parts, "f": qc.cavity(-0.2, decay=0.3)}, [*wires, ("om.out", "f.in")])
    held = qc.classical.working_points(filtered, progress=False).branch(0)["f.a"]
    amplitudes = (state.mean[:, 4::2] + 1j * state.mean[:, 5::2]) / np.sqrt(2)
    assert np.abs(held).min() > 10
    assert_allclose(amplitudes[:, 0], -held, rtol=1e-9)  # a cavity holds −∫ f b_out
    leaving = parts["laser"].L[0].terms[()] + fields["om.a"]
    assert_allclose(amplitudes[:, 1], leaving * np.sqrt(0.5), rtol=1e-9)
    assert_allclose(state.mean[:, :4], 0, atol=1e-9)
    assert "linearised" not in str(state.info)
    alone = qc.linearise(net.component, {m: x[1] for m, x in fields.items()})
    behind = qc.Network({"n": alone, "c": qc.cavity(decay=1.0)}, [("n.om.out", "c.in")])
    told = output_state(behind, {"f": output_mode("c.out", 0.0, 0.3)})
    assert "linearised one by one" in told.info["warnings"][0]


# Batches, sweeps, derivatives


@pytest.mark.parametrize("orthonormal", [False, True])
def test_a_batch_is_a_loop_and_unstable_points_are_nan(orthonormal):
    G, omega, width = (
        np.array([0.1, 0.6, 0.2]),
        np.array([-1.0, -0.9, -1.1]),
        np.array([[0.2], [0.4]]),
    )

    def modes(omega, width):
        return {
            "f": output_mode("c.out", omega, width),
            "step": output_mode("c.out", omega + 7, shape=step, span=(0.0, 3.0)),
            "g": output_mode("c.out", 1.5, 0.3),
        }

    state = output_state(light_and_motion(G=G), modes(omega, width), orthonormal=orthonormal)
    assert state.stable.tolist() == [[True, False, True]] * 2
    for i in range(2):
        for k in (0, 2):
            net = light_and_motion(G=G[k])
            one = output_state(net, modes(omega[k], width[i, 0]), orthonormal=orthonormal)
            assert_allclose(state.cov[i, k], one.cov, atol=1e-11)
            assert_allclose(state.mean[i, k], one.mean, atol=1e-14)


@pytest.mark.parametrize("orthonormal", [False, True])
def test_a_batch_of_no_points_has_no_states(orthonormal):
    none, one = np.zeros(0), qc.output_mode("a.out", 3.0, 0.5)
    net, empty = (qc.Network({"a": qc.squeezed_mode(d, decay=1.0)}) for d in (0.1, none))
    for system, mode in [
        (net, qc.output_mode("a.out", none, 0.5)),
        (net, qc.output_mode("a.out", 0.1, none)),
        (net, qc.output_mode("a.out", none, shape=np.ones_like, span=(0.0, 1.0))),
        (empty, qc.output_mode("a.out", 0.1, 0.5)),
    ]:
        state = qc.output_state(system, {"f": mode, "g": one}, orthonormal=orthonormal)
        assert state.cov.shape == (0, 6, 6)


def test_filters_that_nearly_coincide_are_nan_in_a_batch():
    omega = np.array([-1.0, -0.9999, -0.5, 2.0])
    modes = {"f": output_mode("c.out", -1.0, 0.2), "g": output_mode("c.out", omega, 0.2)}
    net = light_and_motion()
    assert output_state(net, modes).stable.tolist() == [False, False, True, True]
    stable = output_state(net, modes, orthonormal=True).stable
    assert stable.tolist() == [False, False, True, True]


def test_travelling_modes_are_swept():
    def point(frequency, width):
        modes = {"f": output_mode("c.out", frequency, width)}
        return {"E_N": qc.log_negativity(output_state(light_and_motion(), modes), "m.b", "f")}

    data = qc.sweep(point, frequency=[-1.0, 0.0, 1.0], width=[0.3, 1.0], progress=False)
    assert_allclose(data.E_N.sel(frequency=-1.0, width=0.3), 0.4310160926, atol=2e-10)
    assert not data.E_N.sel(frequency=1.0).values.any()


@pytest.mark.needs("jax")
def test_jax_agrees_with_numpy_and_has_derivatives():
    def photons(width, G):
        modes = {"f": output_mode("c.out", -1.0, width), "g": output_mode("c.out", 1.0, 0.1)}
        return qc.occupation(output_state(light_and_motion(0.0, G), modes), "f")

    value, slopes = jax.jit(jax.value_and_grad(photons, (0, 1)))(0.2, 0.15)
    assert_allclose(value, photons(0.2, 0.15), rtol=1e-10)
    for found, (dw, dG) in zip(slopes, ((1e-6, 0.0), (0.0, 1e-6)), strict=True):
        slope = (photons(0.2 + dw, 0.15 + dG) - photons(0.2 - dw, 0.15 - dG)) / 2e-6
        assert_allclose(found, slope, rtol=1e-6)


# Bad input


def test_narrow_filters_keep_their_digits_until_rounding_decides():
    holds = [
        qc.occupation(output_state(light_and_motion(), {"f": output_mode("c.out", -1.0, w)}), "f")
        for w in (1e-8, 1e-11)
    ]
    photons = emission_spectrum(qc.gaussian(light_and_motion()), "c.out", -1.0)
    assert_allclose(holds, photons, rtol=1e-5)
    with pytest.raises(qc.ConvergenceError, match="cannot be told from rounding"):
        output_state(light_and_motion(), {"f": output_mode("c.out", -1.0, 1e-30)})


def f(*arguments, **options):
    return {"f": output_mode(*arguments, **options)}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n: output_state(n, f("c.aut", 0, 1)), r"`modes\[f\]` must be of an open output"),
        (lambda n: output_state(n, f("c.out", 0, 1e7)), r"below 1e\+06 times the fastest rate"),
        (lambda n: output_state(n, {}), "`modes` must hold one mode or more"),
        (lambda n: output_state(n, {"f": "c.out"}), r"`modes\[f\]` must be a mode from"),
        (lambda n: output_state(n, {"m.b": output_mode("c.out", 0, 1)}), "that no mode inside has"),
        (lambda n: output_state(n, {"a b": output_mode("c.out", 0, 1)}), "`modes` must be a name"),
        (lambda n: output_state(qc.gaussian(n), f("c.out", 0, 1)), "`net` must be a Network"),
        (lambda n: output_state(n, f("c.out", 0, "1 MHz")), "must have a unit"),
        (lambda n: output_state(n, f("c.out", 0, 1) | {"g": output_mode("c.out", 0, 1)}), "by 1 "),
        (
            lambda n: output_state(
                n, f("c.out", 0, 1) | {"g": output_mode("c.out", 0, 1)}, orthonormal=True
            ),
            "f and g of one port overlap by 1",
        ),
        (lambda n: output_state(n, f("c.out", 0, 1), orthonormal=1), "`orthonormal` must be True"),
        (
            lambda n: output_state(n, f("c.out", shape=step, span=("0 us", "1 us"))),
            r"`modes\[f\].span` must be a number in the inverse unit",
        ),
        (lambda n: output_mode("c.out"), "`width` must be a number above zero"),
        (lambda n: output_mode("c.out", 0, 0.0), "`width` must be a number above zero"),
        (lambda n: output_mode("c.out", 0, [0.1, -0.1]), "`width` must be a number above zero"),
        (lambda n: output_mode("c.out", [0, 1], [1, 2, 3]), "`width` must broadcast"),
        (lambda n: output_mode("c.out", 0, 1, span=(0, 1)), "`span` must be left out"),
        (lambda n: output_mode("c.out", 0, 1, shape=step, span=(0, 1)), "`width` must be left out"),
        (lambda n: output_mode("c.out", shape=step), "`span` must be increasing times"),
        (lambda n: output_mode("c.out", shape=step, span=(-1, 1)), "`span` must be increasing"),
        (lambda n: output_mode("c.out", shape=step, span=(1, 1)), "`span` must be increasing"),
        (lambda n: output_mode("c.out", shape=1.0, span=(0, 1)), "`shape` must be a function"),
        (lambda n: output_mode("c.out", shape=lambda t: t[1:], span=(0, 1)), "one number for"),
        (lambda n: output_mode("c.out", shape=lambda t: 0 * t, span=(0, 1)), "not be zero"),
        (lambda n: output_mode("c.out", shape=lambda t: 1 / t, span=(0, 1)), "must be smooth"),
        (lambda n: output_mode("c.out", shape=lambda t: t > 0.3, span=(0, 1)), "must be smooth"),
        (lambda n: mode_overlap({"f": 1}), r"`modes\[f\]` must be a mode"),
    ],
)  # fmt: skip
def test_bad_input_is_told(call, words):
    with pytest.raises(qc.ArgumentError, match=words):
        call(light_and_motion())


def test_a_port_that_a_wire_uses_is_told_with_the_wire():
    parts = {"a": qc.cavity(decay=1.0), "b": qc.cavity(decay=1.0)}
    net = qc.Network(parts, [("a.out", "b.in")])
    with pytest.raises(qc.ArgumentError, match=r"the wire a\.out → b\.in takes its field"):
        output_state(net, f("a.out", 0, 1))


def test_a_wire_that_takes_time_is_refused_with_the_way_round():
    parts = {"a": qc.squeezed_mode(0.1, decay=[0.5, 0.5]), "l": qc.fibre(0.9, delay=1.0)}
    net = qc.Network(parts, [("a.out1", "l.in"), ("l.out", "a.in2")])
    with pytest.raises(qc.ArgumentError, match="a filter is a cavity of its width"):
        output_state(net, f("a.out2", 0.0, 0.3))


def test_an_unstable_model_has_no_travelling_modes():
    with pytest.raises(qc.UnstableError, match="nothing steady leaves it"):
        output_state(light_and_motion(G=0.6), f("c.out", 0, 1))


def test_a_span_too_long_is_refused():
    with pytest.raises(qc.ConvergenceError, match="too long beside the fastest rate"):
        output_state(light_and_motion(), f("c.out", shape=step, span=(0.0, 1e7)))
    batch = f("c.out", [0.0, 1.0], shape=step, span=(0.0, 1e7))
    assert not output_state(light_and_motion(), batch).stable.any()
