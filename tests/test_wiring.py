import numpy as np
import pytest
from fock import join, operators, read
from hypothesis import given
from hypothesis import strategies as st
from optional import jax
from random_networks import random_network

import qcascade as qc
from qcascade.numerics.graphs import reachable
from qcascade.slh.concatenation import concatenate
from qcascade.slh.loops import round_trips
from qcascade.slh.wiring import eliminate


def matrices(part, modes, cutoff=3):
    lowering = operators(modes, cutoff)
    return part.S, [read(x, lowering) for x in part.L], read(part.H, lowering)


def assert_same(first, second):
    np.testing.assert_allclose(first[0], second[0], atol=1e-12)
    for x, y in zip([*first[1], first[2]], [*second[1], second[2]], strict=True):
        np.testing.assert_allclose(x.full(), y.full(), atol=1e-12)


@given(st.integers(0, 10**6))
def test_scattering_stays_unitary_whatever_is_wired(seed):
    S = random_network(seed).component.S
    np.testing.assert_allclose(S.conj().T @ S, np.eye(len(S)), atol=1e-9)


@given(st.integers(0, 10**6))
def test_wire_by_wire_equals_all_at_once(seed):
    net = random_network(seed)
    whole = concatenate({**net.parts, **net.couplings})
    step = whole
    try:
        for wire in net.wires:
            step = eliminate(step, [wire])
    except qc.ArgumentError:
        return  # ill-posed on the way, though not in the end
    together = eliminate(whole, net.wires)
    assert step.inputs == together.inputs
    assert step.outputs == together.outputs
    assert_same(matrices(step, net.modes), matrices(together, net.modes))


@pytest.mark.parametrize("seed", range(5))
def test_elimination_agrees_with_the_textbook_rule_on_matrices(seed):
    net = random_network(seed)
    whole = concatenate({**net.parts, **net.couplings})
    S, L, H = matrices(whole, net.modes)
    inputs, outputs = list(whole.inputs), list(whole.outputs)
    for source, target in net.wires:
        y, x = outputs.index(source), inputs.index(target)
        S, L, H = join(S, L, H, y, x)
        outputs.pop(y), inputs.pop(x)
    assert_same((S, L, H), matrices(eliminate(whole, net.wires), net.modes))


def test_series_product_of_two_cavities_in_closed_form():
    """L = √κ₂ b + √κ₁ a, H = (√κ₁κ₂/2i)(b†a − a†b), signal from a to b."""
    net = qc.Network(
        {"a": qc.cavity(decay=0.5), "b": qc.cavity(decay=2.0)}, wires=[("a.out", "b.in")]
    )
    part = net.component
    a, b = (("a.a", False),), (("b.a", False),)
    assert part.L[0].terms[a] == pytest.approx(np.sqrt(0.5))
    assert part.L[0].terms[b] == pytest.approx(np.sqrt(2.0))
    assert part.H.terms[("b.a", True), ("a.a", False)] == pytest.approx(-0.5j)
    assert part.H.terms[("a.a", True), ("b.a", False)] == pytest.approx(0.5j)


@pytest.mark.needs("jax")
def test_many_wires_without_a_loop_are_summed_by_jax_as_one_by_one():
    """Zeros are exact: nothing acts upstream. Slopes are those of dX⁻¹ = −X⁻¹dX X⁻¹."""
    wires, rng = 20, np.random.default_rng(1)
    order = rng.permutation(wires)
    S = np.zeros((2, wires, wires), complex)
    below = np.tril(rng.random((wires, wires)) < 0.2, -1)
    S[:, order[:, None], order] = below * np.exp(1j * rng.normal(size=(2, wires, wires)))
    acts = (S != 0).any(0)
    names = [(f"o{k}", f"i{k}") for k in range(wires)]
    expected = round_trips(S, names)
    loop, slope = jax.jvp(lambda x: round_trips(x, names, acts), (S,), (S,))
    np.testing.assert_allclose(loop, expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(loop != 0, np.broadcast_to(reachable(acts), loop.shape))
    np.testing.assert_allclose(slope, expected @ S @ expected, rtol=1e-11, atol=1e-12)


def test_round_trips_are_summed():
    """A beam splitter looped onto itself: S = −1/(1 … ) in closed form, |S| = 1."""
    net = qc.Network(
        {"bs": qc.beam_splitter(0.36), "turn": qc.phase_shifter(0.7)},
        wires=[("bs.out2", "turn.in"), ("turn.out", "bs.in2")],
    )
    t, r, phase = 0.6, 0.8, np.exp(0.7j)
    expected = t - r * phase * r / (1 - t * phase)
    np.testing.assert_allclose(net.component.S, [[expected]], atol=1e-14)
    assert abs(expected) == pytest.approx(1)


def test_an_ill_posed_loop_is_refused_and_its_wires_named():
    parts = {"bs": qc.beam_splitter(1.0), "far": qc.cavity(decay=1.0), "x": qc.phase_shifter(0.1)}
    with pytest.raises(qc.ArgumentError, match=r"`wires` must not close a loop.*bs.out2 → bs.in2"):
        qc.Network(parts, wires=[("far.out", "bs.in1"), ("bs.out2", "bs.in2")])


def test_batched_scattering_eliminates_point_by_point():
    phases = np.array([0.1, 0.9, 2.0])

    def net(phase):
        return qc.Network(
            {"bs": qc.beam_splitter(0.36), "turn": qc.phase_shifter(phase)},
            wires=[("bs.out2", "turn.in"), ("turn.out", "bs.in2")],
        )

    batch = net(phases).component.S
    for S, phase in zip(batch, phases, strict=True):
        np.testing.assert_allclose(S, net(phase).component.S, atol=1e-14)


def test_a_point_whose_light_goes_round_for_ever_is_nan_beside_others():
    parts = {"a": qc.cavity(decay=1.0), "s": qc.beam_splitter(np.array([0.3, 1.0]))}
    wires = [("s.out1", "s.in1"), ("a.out", "s.in2")]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, wires)))
    assert np.abs(state.cov[0] - np.eye(2) / 2).max() < 1e-15
    assert np.isnan(state.cov[1]).all()
    parts["s"] = qc.beam_splitter(np.array([1.0, 1.0]))
    with pytest.raises(qc.ArgumentError):
        qc.Network(parts, wires)


# Numbers that vary over a batch


def active(gain, decay):
    """A mode that a port damps and drives: a coupling with a and with a†."""
    a = qc.lower("a")
    L = decay**0.5 * a + (0.5j * gain) * a.dag
    return qc.Component([[1]], [L], 0.3 * gain * a.dag * a, ("a",), ("in",), ("out",))


def forward(r, eta, phase, rate, quanta, drive):
    parts = {
        "light": qc.squeezed_light(r, occupation=quanta),
        "laser": qc.coherent_drive(drive),
        "split": qc.beam_splitter(eta),
        "m": active(0.2 * rate, 1.0 + rate),
        "turn": qc.phase_shifter(phase),
        "s": qc.squeezed_mode(0.1j * rate, decay={"in": rate, "lost": 1.0}),
    }
    wires = [("light.out_a", "split.in1"), ("laser.out", "split.in2"), ("split.out1", "m.in")]
    wires += [("m.out", "turn.in"), ("turn.out", "s.in_in")]
    return qc.Network(parts, wires, [qc.hopping("m.a", "s.a", 0.3 * rate)])


def around(r, eta, phase, rate, quanta, drive):
    parts = {
        "m": active(0.2 * rate, 1.0 + r),
        "link": qc.fibre(eta, phase, occupation=quanta),
        "s": qc.squeezed_mode(0.1 * drive, decay=[rate, 1.0]),
        "back": qc.fibre(eta / 2),
    }
    wires = [("m.out", "link.in"), ("link.out", "s.in1"), ("s.out1", "back.in")]
    return qc.Network(parts, [*wires, ("back.out", "m.in")])


MATRICES = ("A", "D", "drive", "scattering", "coupling", "displacement", "occupation", "squeezing")


@pytest.mark.parametrize("net", [forward, around])
def test_numbers_that_vary_give_the_model_of_every_point(net):
    rows = np.random.default_rng(3).uniform(0.2, 0.9, (6, 4))
    rows[1, 0] = 0.0  # a point at which the loop of `around` is open
    batch = qc.gaussian(net(*rows))
    assert np.array_equal(batch.D, batch.D.mT)
    for k, row in enumerate(rows.T):
        single = qc.gaussian(net(*row))
        for name in MATRICES:
            expected = getattr(single, name)
            found = np.broadcast_to(getattr(batch, name), (4, *np.shape(expected)))[k]
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14, err_msg=name)
        assert np.array_equal(batch.A[k] != 0, single.A != 0)


def row(eta, nodes):
    """Lossy nodes one after the other, of three ports each; the loss may vary over a batch."""
    parts, wires = {}, []
    for k in nodes:
        parts[f"m{k}"] = qc.squeezed_mode(0.1 + 0.01 * k, 0.2, decay=[0.5 + 0.1 * k])
        parts[f"s{k}"] = qc.beam_splitter(eta)
        wires.append((f"m{k}.out1", f"s{k}.in1"))
    return parts, wires + [(f"s{k}.out1", f"m{k + 1}.in1") for k in nodes[:-1]]


@pytest.mark.parametrize("nodes", [5, 10])  # with 15 and 30 ports: by entries, and by matrices
@pytest.mark.parametrize("eta", [0.7, np.array([0.3, 0.9])])
def test_networks_of_networks_are_the_network_of_all_parts(nodes, eta):
    half = nodes // 2
    flat = qc.gaussian(qc.Network(*row(eta, range(nodes))))
    halves = {"a": row(eta, range(half)), "b": row(eta, range(half, nodes))}
    inner = {name: qc.as_component(qc.Network(*net)) for name, net in halves.items()}
    nested = qc.gaussian(qc.Network(inner, [(f"a.s{half - 1}.out1", f"b.m{half}.in1")]))
    np.testing.assert_allclose(nested.A, flat.A, rtol=1e-13)
    np.testing.assert_allclose(nested.D, flat.D, rtol=1e-13)
    assert np.array_equal(nested.A != 0, flat.A != 0)


def test_light_that_cancels_is_dark_to_the_last_bit():
    amplitude = 1.7 * np.exp(0.3j)
    for phase, share, dark in ((0.0, 0.3, "s.out1"), (np.pi, 0.7, "s.out2")):
        parts = {
            "one": qc.coherent_drive(share**0.5 * amplitude),
            "two": qc.coherent_drive((1 - share) ** 0.5 * np.exp(1j * phase) * amplitude),
            "s": qc.beam_splitter(0.7),
            "m": qc.cavity(decay=1.0),
        }
        model = qc.gaussian(qc.Network(parts, [("one.out", "s.in1"), ("two.out", "s.in2")]))
        power = dict(zip(model.outputs, np.abs(model.displacement) ** 2, strict=True))
        assert power[dark] == 0
        assert sum(power.values()) == pytest.approx(1.7**2)


@pytest.mark.needs("jax")
def test_traced_numbers_give_the_model_of_every_point():
    rows = np.random.default_rng(4).uniform(0.2, 0.9, (6, 3))
    quick = {"xla_backend_optimization_level": 0}
    model = jax.jit(lambda rows: qc.gaussian(forward(*rows)), compiler_options=quick)(rows)
    batch = qc.gaussian(forward(*rows))
    for name in MATRICES:
        np.testing.assert_allclose(
            getattr(model, name), getattr(batch, name), rtol=1e-13, atol=1e-14, err_msg=name
        )
    assert np.array_equal(np.asarray(model.D), np.asarray(model.D.mT))


def test_a_loop_without_a_field_stays_unknown_beside_many_parts():
    parts = {"turn": qc.phase_shifter(np.array([0.0, 1.0])), "m": qc.cavity(decay=1.0)}
    loop = qc.slh.as_component(qc.Network(parts, [("turn.out", "turn.in")]))
    others = {f"c{k}": qc.cavity(decay=1.0) for k in range(30)}
    for beside in ({}, others):
        S = concatenate({"loop": loop, **beside}).S
        assert np.isnan(S).any((-1, -2)).tolist() == [True, False]


def test_light_of_parts_keeps_its_place_beside_others():
    steady = qc.linearise(qc.Network({"m": qc.cavity(decay=[1.0, 4.0])}), {})
    laser = qc.coherent_drive(1.0, tones={0.5: 0.3})
    assert dict(concatenate({"m": steady, "laser": laser}).tones) == {2: {0.5: 0.3}}
    passive = qc.linearise(qc.Network({"s": qc.beam_splitter(0.5)}), {})
    assert concatenate({"m": steady, "s": passive}).carriers == (0j,) * 4
    assert concatenate({"m": steady, "other": steady}).carriers is None  # it would drive the other
