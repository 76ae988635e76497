"""Fields that leave a network: closed forms, unitarity, causality, a second route."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax, jnp
from random_networks import random_gaussian_network

import qcascade as qc
from qcascade.outputs import (
    decibel,
    emission_spectrum,
    quadrature_spectrum,
    scattering,
    sidebands,
    transfer,
)

P = np.pi / 2  # the angle of the quadrature p
# ∫dω/2π with ω = tan θ, at the middles of equal steps of θ: what falls like 1/ω² is smooth there.
FREQUENCIES = np.tan((np.arange(2000) + 0.5) * np.pi / 2000 - P)
WEIGHTS = (1 + FREQUENCIES**2) / 4000


def networks(count, **options):
    seed = 0
    while count:
        net = random_gaussian_network(seed, **options)
        seed += 1
        if net is not None and qc.growth(qc.gaussian(net).A) < 0:
            count -= 1
            yield seed - 1, net


def chain(cavities):
    parts = {f"c{k}": qc.cavity(0.1 * np.sin(k), decay=1.0) for k in range(cavities)}
    return qc.Network(parts, [(f"c{k}.out", f"c{k + 1}.in") for k in range(cavities - 1)])


# The noise of the inputs


def test_diffusion_is_the_noise_of_the_inputs():
    for seed, net in networks(100):
        model = qc.gaussian(net)
        B = model.input_matrix
        width = np.sqrt(np.diag(model.D))
        error = (B @ model.input_noise @ B.T - model.D) / np.outer(width, width)
        assert np.abs(error).max() < 1e-11, seed


def test_noise_of_squeezed_light_is_physical_and_squeezed():
    model = qc.gaussian(
        qc.Network(
            {"light": qc.squeezed_light(0.5), "a": qc.cavity(decay=1.0), "b": qc.cavity(decay=1.0)},
            [("light.out_a", "a.in"), ("light.out_b", "b.in")],
        )
    )
    N = model.input_noise
    assert_allclose(np.linalg.eigvalsh(N)[:2], np.exp(-1.0) / 2)
    assert qc.GaussianState(("j", "k"), cov=N).is_physical()


# Transfer and scattering


@pytest.mark.parametrize("omega", [0.0, 0.3, -2.0])
def test_transfer_is_symplectic_and_keeps_commutators(omega):
    for seed, net in networks(50):
        T = transfer(qc.gaussian(net), omega)
        form = np.kron(np.eye(len(T) // 2), [[0, 1], [-1, 0]])
        assert np.abs(T @ form @ T.conj().T - form).max() < 1e-9 * np.abs(T).max() ** 2, seed


def test_integral_of_output_noise_is_what_the_covariance_says():
    """S_out − N has the covariance of C R: its integral is a second route to V, by frequency."""
    model = qc.gaussian(qc.squeezed_mode(0.2, 0.4, decay=1.0))
    V = qc.steady_state(model).cov
    C, T = model.output_matrix, transfer(model, FREQUENCIES)
    excess = (T @ model.input_noise @ T.conj().swapaxes(-1, -2)).real - np.eye(2) / 2
    integral = np.einsum("w,wij->ij", WEIGHTS, excess)
    assert_allclose(integral, C @ (V - np.eye(2) / 2) @ C.T, atol=1e-9)


def test_a_chain_of_cavities_is_the_product_of_its_cavities():
    omega, detuning = np.linspace(-2, 2, 41), 0.1 * np.sin(np.arange(200))[:, None]
    passed = scattering(qc.gaussian(chain(200)), omega)
    each = (1j * (detuning - omega) - 0.5) / (1j * (detuning - omega) + 0.5)
    assert_allclose(passed["direct"].values[:, 0, 0], np.prod(each, axis=0), atol=1e-11)
    assert not passed["conjugate"].values.any()


@pytest.mark.parametrize("squeezed", [False, True])
def test_large_networks_agree_with_a_solution_for_each_frequency(squeezed):
    rng = np.random.default_rng(7)
    parts = {
        f"c{k}": qc.squeezed_mode(0.05 * squeezed, rng.normal(), decay=[1.0, 1e-3 + rng.random()])
        for k in range(30)
    }
    links = [qc.hopping(f"c{k}.a", f"c{k + 1}.a", 0.5) for k in range(29)]
    model = qc.gaussian(qc.Network(parts, couplings=links))
    omega = np.linspace(-1, 1, 12)
    together = transfer(model, omega)
    assert_allclose(together, np.stack([transfer(model, w) for w in omega]), atol=1e-11)


def lossy(delay=0.0, squeezing=0.1):
    """Modes in a row that all lose light, with one exchange back."""
    rates = {"x": 1.0, "y": 0.4, "loss": 0.2}
    parts = {k: qc.squeezed_mode(squeezing, 0.3, decay=rates) for k in ("a", "b", "c")}
    parts["line"] = qc.fibre(0.8, 0.4, delay=delay)
    wires = [("a.out_x", "line.in"), ("line.out", "b.in_x"), ("b.out_y", "c.in_x")]
    return qc.gaussian(qc.Network(parts, wires, [qc.hopping("c.a", "a.a", 0.2j)]))


@pytest.mark.parametrize("model", [lossy(), lossy(delay=0.7), lossy(squeezing=[0.0, 0.1])])
def test_ports_that_are_named_are_those_of_the_whole(model):
    omega = np.array([[0.3], [-1.0]])
    whole = transfer(model, omega)
    outputs, inputs = ["c.out_y", "a.out_loss"], ["c.in_y", "line.in_loss", "a.in_x"]
    rows = np.concatenate([[2 * k, 2 * k + 1] for k in map(model.outputs.index, outputs)])
    columns = np.concatenate([[2 * k, 2 * k + 1] for k in map(model.inputs.index, inputs)])
    few = {"rtol": 1e-12, "atol": 1e-14}
    assert_allclose(transfer(model, omega, outputs=outputs), whole[..., rows, :], **few)
    assert_allclose(transfer(model, omega, inputs=inputs), whole[..., columns], **few)
    both = transfer(model, omega, outputs=outputs, inputs=inputs)
    assert_allclose(both, whole[..., rows[:, None], columns], **few)
    one = transfer(model, omega, outputs="c.out_y", inputs="a.in_x")
    assert_allclose(one, whole[..., rows[:2, None], columns[-2:]], **few)
    # What has no way is zero from either side, to the last bit.
    assert np.array_equal(both == 0, whole[..., rows[:, None], columns] == 0)


def test_a_port_of_many_lossy_cavities_is_solved_for_alone():
    rates = {f"c{k}": {"loss": 0.05} | ({"x": 1.0} if k in (0, 29) else {}) for k in range(30)}
    links = [qc.hopping(f"c{k}.a", f"c{k + 1}.a", 0.5) for k in range(29)]
    baths = {f"c{k}.in_loss": 0.1 * k for k in range(30)}
    parts = {name: qc.cavity(0.1, decay=decay) for name, decay in rates.items()}
    model = qc.gaussian(qc.Network(parts, couplings=links, occupations=baths))
    omega = np.linspace(-1, 1, 9)
    T = transfer(model, omega)
    row = 2 * model.outputs.index("c29.out_x")
    noise = np.einsum("wij,jk,wlk->wil", T, model.input_noise, T.conj()).real[:, row, row]
    assert_allclose(quadrature_spectrum(model, "c29.out_x", omega), noise, rtol=1e-11)
    photons = emission_spectrum(model, "c29.out_x", omega)
    assert_allclose((photons + photons[::-1]) / 2, noise - 0.5, rtol=1e-9)  # of ω and −ω
    passed = scattering(model, omega, outputs="c29.out_x", inputs=["c3.in_loss", "c0.in_x"])
    assert passed.input.values.tolist() == ["c3.in_loss", "c0.in_x"]
    column = 2 * model.inputs.index("c3.in_loss")
    ahead = T[:, row, column] + 1j * T[:, row + 1, column]
    assert_allclose(passed["direct"].sel(input="c3.in_loss").values[:, 0], ahead, atol=1e-12)


def test_resonances_downstream_cost_what_is_upstream_no_digit():
    """Thirty nodes 1e-6 below threshold behind a quiet pair, all frequencies at once."""
    parts = {"a": qc.squeezed_mode(0.3j, 0.1, [0.5, 0.5])}
    alone, wires, last = qc.gaussian(qc.Network(parts)), [], "a.out1"
    for k in range(30):
        gain = np.hypot(0.5, 0.3) * (1 - 1e-6) * np.exp(0.7j * k)
        parts[f"z{k}"] = qc.squeezed_mode(gain, 0.3, decay=1.0)
        wires, last = [*wires, (last, f"z{k}.in")], f"z{k}.out"
    model = qc.gaussian(qc.Network(parts, wires))
    omega = np.linspace(-3, 3, 21)
    T = qc.transfer(model, omega)
    row = 2 * model.outputs.index("a.out2")
    columns = [2 * model.inputs.index(f"a.in{k}") + j for k in (1, 2) for j in (0, 1)]
    expected = qc.transfer(alone, omega, outputs="a.out2")
    assert_allclose(T[:, row : row + 2, columns], expected, rtol=1e-12, atol=1e-14)


def test_downstream_inputs_never_reach_upstream_outputs():
    parts = {k: qc.squeezed_mode(0.1, decay=[1.0, 0.3]) for k in ("a", "b", "c")}
    net = qc.Network(parts, [("a.out1", "b.in1"), ("b.out1", "c.in1")])
    passed = scattering(qc.gaussian(net), [0.0, 0.7])
    back = passed.sel(output=["a.out2", "b.out2"], input="c.in2")
    assert not back["direct"].values.any()
    assert not back["conjugate"].values.any()
    ahead = passed.sel(output="c.out1", input="a.in2")
    assert np.abs(ahead["direct"].values).min() > 0.05


@pytest.mark.parametrize("transmission", [0.5, 0.75, 0.9])
def test_what_enters_behind_a_splitter_never_reaches_modes_before_it(transmission):
    # Its ways back cancel between two ports, with a phase to the last digit only.
    parts = {
        "c": qc.cavity(0.3, decay=1.0),
        "f": qc.fibre(phase=0.3),
        "s": qc.beam_splitter(transmission),
        "d": qc.squeezed_mode(0.1, decay=1.0),
    }
    wires = [("c.out", "s.in1"), ("s.out1", "f.in"), ("f.out", "d.in")]
    model = qc.gaussian(qc.Network(parts, wires))
    at = 2 * model.inputs.index("s.in2")
    assert not model.input_matrix[:2, at : at + 2].any()
    assert model.input_matrix[2:, at : at + 2].any()


def test_an_isolator_of_exchange_and_bath_passes_light_one_way():
    """A. Metelmann and A. A. Clerk, Phys. Rev. X 5, 021025 (2015)."""
    parts = {"one": qc.cavity(decay=1.0), "two": qc.cavity(decay=1.0)}
    links = {
        "hop": qc.hopping("one.a", "two.a", 0.5j),
        "bath": qc.common_bath({"one.a": 1, "two.a": 1}, 1.0),
    }
    passed = scattering(qc.gaussian(qc.Network(parts, couplings=links)), [0.0, 0.7])
    shares = {
        (o, i): abs(passed["direct"].sel(output=f"{o}.out", input=f"{i}.in").values) ** 2
        for o, i in (("one", "two"), ("two", "one"))
    }
    (open_way,) = [s for s in shares.values() if s.any()]
    assert_allclose(open_way, [1.0, 0.4504301608], atol=1e-10)
    assert sum(not s.any() for s in shares.values()) == 1  # the other way, to the last bit


@pytest.mark.needs("jax")
def test_jax_agrees_with_numpy_and_has_derivatives():
    def spectrum(rate):
        return quadrature_spectrum(qc.gaussian(qc.squeezed_mode(rate, decay=1.0)), "out", 0.3)

    assert_allclose(jax.jit(spectrum)(0.2), spectrum(0.2), rtol=1e-12)
    slope = (spectrum(0.2 + 1e-6) - spectrum(0.2 - 1e-6)) / 2e-6
    assert_allclose(jax.grad(spectrum)(jnp.asarray(0.2)), slope, rtol=1e-6)


# Spectra


@pytest.mark.parametrize(
    ("omega", "out", "efficiency"), [(0.0, 1.0, 1.0), (0.3, 1.0, 1.0), (0.3, 0.8, 0.9)]
)
def test_the_spectrum_of_an_oscillator_below_threshold_is_its_closed_form(omega, out, efficiency):
    xi, ports = 0.2, [out, 1 - out] if out < 1 else 1.0
    model = qc.gaussian(qc.squeezed_mode(xi, decay=ports))
    port = model.outputs[0]

    def closed(sign):
        share = 2 * efficiency * out * xi / ((0.5 + sign * xi) ** 2 + omega**2)
        return (1 - sign * share) / 2

    for angle, sign in ((0.0, -1), ("90 deg", 1)):
        S = quadrature_spectrum(model, port, omega, angle=angle, efficiency=efficiency)
        assert_allclose(S, closed(sign), rtol=1e-12)


def test_squeezing_of_an_oscillator_in_decibel():
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
    levels = decibel(quadrature_spectrum(model, "out", 0.0, angle=np.array([0.0, P])))
    assert_allclose(levels, [7.3595357059, -7.3595357059], atol=1e-10)


def test_emission_is_normally_ordered_noise_and_exact_where_it_is_faint():
    strong = qc.gaussian(qc.squeezed_mode(0.2, 0.3, decay=1.0, occupation=0.4))
    x, p = (quadrature_spectrum(strong, "out", w, angle=t) for w, t in ((0.5, 0.0), (0.5, P)))
    plus, minus = (emission_spectrum(strong, "out", w) for w in (0.5, -0.5))
    assert_allclose((plus + minus) / 2, (x + p) / 2 - 0.5, rtol=1e-12)
    faint = qc.gaussian(qc.squeezed_mode(1e-9, decay=1.0))
    assert_allclose(emission_spectrum(faint, "out", 0.0), (1e-9 / 0.25) ** 2, rtol=1e-6)


def test_emission_integrates_to_the_rate_at_which_quanta_leave():
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
    flux = WEIGHTS @ emission_spectrum(model, "out", FREQUENCIES)
    assert_allclose(flux, qc.occupation(qc.steady_state(model), "a"), rtol=1e-9)


def warm_and_detuned():
    """A cavity at 0.7 above the frame, warm through one port, seen through a cold one."""
    parts = {"m": qc.cavity(0.7, decay=[0.3, 0.5], occupation=[2.0, 0.0])}
    return qc.gaussian(qc.Network(parts))


def test_light_of_a_mode_above_the_frame_is_at_positive_frequencies():
    omega = np.array([0.7, -0.7, 0.2])
    line = 0.3 * 0.5 * 2.0 / (0.4**2 + (omega - 0.7) ** 2)
    assert_allclose(emission_spectrum(warm_and_detuned(), "m.out2", omega), line, rtol=1e-12)


def test_the_sideband_plus_is_the_one_at_positive_frequencies():
    state = sidebands(warm_and_detuned(), 0.7)
    for sign in (1, -1):
        photons = emission_spectrum(warm_and_detuned(), "m.out2", sign * 0.7)
        side = f"m.out2{'+' if sign > 0 else '-'}"
        assert_allclose(qc.occupation(state, side), photons, rtol=1e-12)


@pytest.mark.parametrize("phase", [0.0, 0.7, np.pi])
def test_squeezed_light_leaves_with_the_phase_it_has(phase):
    """⟨b_a b_b⟩ = e^{iφ} sinh r cosh r, in front of a beam splitter that makes one mode of both."""
    r, half = 0.4, qc.beam_splitter(0.5)
    light = qc.squeezed_light(r * np.exp(1j * phase))
    parts = {"light": light, "half": half, "far": qc.cavity(decay=1.0)}
    i1, i2 = half.inputs
    net = qc.Network(parts, [("light.out_a", f"half.{i1}"), ("light.out_b", f"half.{i2}")])
    model = qc.gaussian(net)
    expected = np.sort(np.exp([2 * r, -2 * r]) / 2)
    for port in half.outputs:
        S = [
            quadrature_spectrum(model, f"half.{port}", 0.3, angle=t)
            for t in np.linspace(0, np.pi, 721)
        ]
        assert_allclose([min(S), max(S)], expected, rtol=1e-4)
    # ½⟨{r, rᵀ}⟩ of the two inputs is what the density matrix of the same light says.
    N = model.input_noise
    a, b = (2 * model.inputs.index(f"light.{port}") for port in light.inputs)
    assert_allclose(N[a, b], np.sinh(2 * r) / 2 * np.cos(phase), atol=1e-14)
    assert_allclose(N[a, b + 1], np.sinh(2 * r) / 2 * np.sin(phase), atol=1e-14)
    assert_allclose(N[a + 1, b + 1], -np.sinh(2 * r) / 2 * np.cos(phase), atol=1e-14)


# Sidebands


@pytest.mark.parametrize("omega", [1e-3, 0.3, 5.0])
def test_sidebands_of_a_pair_source_are_entangled_as_in_closed_form(omega):
    g = 0.2
    state = sidebands(qc.gaussian(qc.pair_source(g, decay=(1.0, 1.0))), omega)
    expected = np.log(((0.5 + g) ** 2 + omega**2) / ((0.5 - g) ** 2 + omega**2))
    for first, second in (("out_a+", "out_b-"), ("out_a-", "out_b+")):
        assert_allclose(qc.log_negativity(state, first, second), expected, rtol=1e-11)
    for first, second in (("out_a+", "out_b+"), ("out_a+", "out_a-")):
        assert qc.log_negativity(state, first, second) == 0


def test_sidebands_are_physical_and_pure_where_inputs_are():
    for seed, net in networks(50):
        model = qc.gaussian(net)
        state = sidebands(model, 0.37)
        assert state.is_physical(), seed
        if not np.any(model.occupation):
            assert_allclose(qc.purity(state), 1.0, rtol=1e-8)


def test_sidebands_have_the_quadrature_spectrum_of_their_port():
    """(b₊ + b₋)/√2 is measured by the spectrum: the noise of x, on average of both sidebands."""
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
    V = sidebands(model, 0.3).cov
    both = np.array([1.0, 0.0, 1.0, 0.0]) / np.sqrt(2)
    assert_allclose(both @ V @ both, quadrature_spectrum(model, "out", 0.3), rtol=1e-12)


def pumped_pair(unit=1.0, order=1, downstream=False):
    """A squeezed mode that drives a cavity, with a leak each; something loud may follow."""
    parts = {
        "a": qc.squeezed_mode(0.2 * unit, 0.3 * unit, decay=[unit, 0.1 * unit]),
        "b": qc.cavity(-0.2 * unit, decay=[unit, 0.2 * unit]),
    }
    wires = [("a.out1", "b.in1")]
    if downstream:
        parts["loud"] = qc.squeezed_mode(0.4999 * unit, decay=unit)
        wires.append(("b.out2", "loud.in"))
    return qc.gaussian(qc.Network(dict(list(parts.items())[::order]), wires))


@pytest.mark.parametrize(
    "changed", [{"unit": 1e-9}, {"unit": 3.7e8}, {"order": -1}, {"downstream": True}], ids=str
)
def test_unit_order_and_what_is_downstream_change_nothing_in_what_leaves(changed):
    omega = 0.4 * changed.get("unit", 1.0)
    one, other = pumped_pair(), pumped_pair(**changed)
    for spectrum in (emission_spectrum, quadrature_spectrum):
        expected = spectrum(one, "b.out1", 0.4)
        assert_allclose(spectrum(other, "b.out1", omega), expected, rtol=1e-12)
    E_N = [
        qc.log_negativity(sidebands(model, w), "b.out1+", "b.out1-")
        for model, w in ((one, 0.4), (other, omega))
    ]
    assert E_N[0] > 0.3
    assert_allclose(E_N[1], E_N[0], rtol=1e-12)


# Batches and bad input


def test_a_batch_is_a_loop_and_unstable_points_are_nan():
    drives, omega = np.array([0.1, 0.6, 0.3]), np.array([0.0, 0.2, 0.4])
    model = qc.gaussian(qc.squeezed_mode(drives, decay=1.0))
    S = quadrature_spectrum(model, "out", omega)
    assert np.isnan(S).tolist() == [False, True, False]
    for k in (0, 2):
        one = qc.gaussian(qc.squeezed_mode(drives[k], decay=1.0))
        assert_allclose(S[k], quadrature_spectrum(one, "out", omega[k]), rtol=1e-13)
    assert sidebands(model, 0.2).stable.tolist() == [True, False, True]


def test_a_point_just_at_threshold_takes_no_other_with_it():
    """At g = κ/2 the drift is singular to the last bit, and a resonant spectrum has no value."""
    model = qc.gaussian(qc.squeezed_mode(np.array([0.2, 1.0]), decay=2.0))
    assert np.linalg.det(model.A)[1] == 0
    S = quadrature_spectrum(model, "out", 0.0)
    assert_allclose(S, [0.5 * (1.2 / 0.8) ** 2, np.nan], rtol=1e-12)


def test_spectra_are_swept():
    def point(drive, frequency):
        model = qc.gaussian(qc.squeezed_mode(drive, decay=1.0))
        return {"S": quadrature_spectrum(model, "out", frequency)}

    data = qc.sweep(point, drive=[0.1, 0.2], frequency=np.linspace(0, 1, 5), progress=False)
    assert_allclose(data.S.sel(drive=0.2, frequency=0.0), 2.7222222222, rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: quadrature_spectrum(m, "a.out", 0.0), "`port` must be an open output: out"),
        (lambda m: quadrature_spectrum(m, "out", 0.0, efficiency=1.1), "`efficiency` must be"),
        (lambda m: transfer(m, "3 kg"), "`frequency`"),
        (lambda m: sidebands(m, [0.0, 1.0]), "`frequency` must not be 0"),
        (lambda m: scattering(m, [[0.0]]), "`frequency` must be a number or a row"),
        (lambda m: transfer(qc.GaussianModel("m", -np.eye(2), np.eye(2)), 0.0), "have ports"),
        (lambda m: transfer(3, 0.0), "`model` must be a GaussianModel"),
        (lambda m: decibel("loud"), "`spectrum` must be"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(qc.ArgumentError, match=words):
        call(qc.gaussian(qc.squeezed_mode(0.2, decay=1.0)))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"outputs": "a.out_x"}, "an open output: .* leads from it to line.in"),
        ({"inputs": "b.in_x"}, "an open input: .* leads to it from line.out"),
        ({"inputs": ["c.in"]}, "`inputs` must be an open input"),
        ({"outputs": []}, "`outputs` must name one open port or more, each once"),
        ({"outputs": ["c.out_y", "c.out_y"]}, "each once"),
    ],
)
def test_ports_that_are_not_open_are_told(asked, words):
    with pytest.raises(qc.ArgumentError, match=words):
        scattering(lossy(), 0.0, **asked)


def test_shapes_that_do_not_fit_are_told():
    model = qc.gaussian(qc.squeezed_mode([0.1, 0.2], decay=1.0))
    with pytest.raises(qc.ArgumentError, match="`frequency` must broadcast with `model`"):
        transfer(model, [0.0, 0.1, 0.2])


def test_an_unstable_model_has_no_spectrum():
    with pytest.raises(qc.UnstableError, match="no spectrum"):
        transfer(qc.gaussian(qc.squeezed_mode(0.6, decay=1.0)), 0.0)


@pytest.mark.parametrize(
    ("decay", "frequency", "unit"),
    [
        (1.0, [0.0, 1.0], "1"),
        ("1 MHz", [0.0, 1e6], "rad/s"),
        ("100 Hz", [0.0, 1.0], "rad/s"),
        (1e6, [0.0, 1e6], "rad/s"),
    ],
)
def test_frequencies_of_scattering_have_a_unit_where_rates_have_one(decay, frequency, unit):
    passed = scattering(qc.gaussian(qc.cavity(decay=decay)), frequency)
    assert passed.frequency.attrs["units"] == unit
