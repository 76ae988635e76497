"""Measured states: closed forms, SciPy, purity, and when there is one at all."""

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from optional import jax, jnp
from random_networks import random_gaussian_network
from scipy.integrate import solve_ivp
from scipy.linalg import solve_continuous_are

import qcascade as qc
from qcascade.linear.measured import observed

P = np.pi / 2  # the angle of the quadrature p


def networks(count, **options):
    seed = 0
    while count:
        net = random_gaussian_network(seed, **options)
        seed += 1
        if net is not None:
            count -= 1
            yield seed - 1, qc.gaussian(net)


def oscillator(drive, decay=1.0):
    """Squeezed in x for drive < 0."""
    return qc.gaussian(qc.squeezed_mode(drive, decay=decay))


def everything(model, seed):
    """A homodyne or a heterodyne detector at every open output."""
    rng = np.random.default_rng(seed)
    kinds = [lambda: qc.homodyne(rng.uniform(0, 6)), qc.heterodyne]
    return {port: kinds[rng.integers(2)]() for port in model.outputs}


def swapping(gain=0.1, damping=0.1, occupation=0.0):
    """Two sources of light and motion, whose light meets at a beam splitter."""
    parts = {"half": qc.beam_splitter(0.5)}
    for k in ("one", "two"):
        parts[k] = qc.cavity(decay=1.0)
        parts[f"{k}_motion"] = qc.mechanical_mode(0.0, damping, occupation=occupation)
    links = [qc.two_mode_squeezing(f"{k}.a", f"{k}_motion.b", gain) for k in ("one", "two")]
    net = qc.Network(parts, [("one.out", "half.in1"), ("two.out", "half.in2")], links)
    return qc.gaussian(net)


def pushed(detuning):
    """Light that pushes a motion."""
    parts = {
        "c": qc.cavity(detuning, decay=1.0),
        "m": qc.mechanical_mode(1.0, 0.01, occupation=0.5),
    }
    links = [f("c.a", "m.b", 0.2) for f in (qc.hopping, qc.two_mode_squeezing)]
    return qc.gaussian(qc.Network(parts, couplings=links))


def of_motions(state):
    return qc.log_negativity(state, "one_motion", "two_motion")


# Closed forms


@pytest.mark.parametrize(
    ("drive", "decay", "port", "angle", "efficiency", "expected"),
    [
        (-0.2, 1.0, "out", 0.0, 1.0, (0.3, 0.8333333333)),
        (-0.2, [0.8, 0.2], "out1", 0.0, 0.9, (0.3260028480, 0.8333333333)),
        (-0.7, 1.0, "out", "90 deg", 1.0, (0.2083333333, 1.2)),
        (-0.5, 1.0, "out", P, 1.0, (0.25, 1.0)),  # at the threshold
    ],
)
def test_a_measured_oscillator_is_its_closed_form(drive, decay, port, angle, efficiency, expected):
    detector = qc.homodyne(angle, efficiency)
    state = qc.conditional_state(oscillator(drive, decay), {port: detector})
    assert_allclose(state.cov, np.diag(expected), atol=1e-10)
    assert not state.mean.any()


def test_heterodyne_detection_of_an_oscillator_is_its_closed_form():
    """0 = 2aV + ½ − (V − ½)²η/2/(½): both quadratures, each with half of the light."""
    eta, drive = 0.7, -0.2
    state = qc.conditional_state(oscillator(drive), {"out": qc.heterodyne(eta)})
    for k, a in enumerate((-0.5 + drive, -0.5 - drive)):
        roots = np.roots([-eta, 2 * a + eta, 0.5 - eta / 4])
        assert_allclose(state.cov[k, k], roots[roots > 0], rtol=1e-12)


def test_light_that_is_measured_swaps_entanglement_to_motions_that_never_met():
    model = swapping()
    x, p = qc.homodyne(), qc.homodyne("90 deg")
    measured = qc.conditional_state(model, {"half.out1": p, "half.out2": x})
    assert_allclose(of_motions(measured), 0.3227247758, atol=1e-10)
    assert of_motions(qc.steady_state(model)) == 0
    assert of_motions(qc.conditional_state(model, {"half.out1": x, "half.out2": x})) == 0


# A second route, and properties


@pytest.mark.parametrize("far", [False, True])
def test_measured_states_of_random_networks_are_those_of_scipy(far):
    compared = 0
    for seed, model in networks(60, far=far):
        detectors = everything(model, seed)
        detectors |= {port: qc.homodyne(0.3, 0.6) for port in list(detectors)[1::2]}
        state, system = qc.conditional_state(model, detectors), observed(model, detectors)
        assert state.is_physical(), seed
        A, B, C, E = system
        try:
            V = solve_continuous_are(A.T, C.T, B @ B.T, E @ E.T, s=B @ E.T)
        except np.linalg.LinAlgError:
            continue
        compared += 1
        width = np.sqrt(np.diag(state.cov))
        error = np.abs(V - state.cov) / np.outer(width, width)
        assert error.max() < (1e-4 if far else 1e-10), seed
    assert compared > 40


def test_who_measures_all_that_leaves_knows_a_pure_state():
    pure = unstable = 0
    for seed, model in networks(150):
        if not np.any(model.occupation):
            state = qc.conditional_state(model, everything(model, seed))
            assert_allclose(qc.purity(state), 1.0, rtol=1e-9, err_msg=f"{seed}")
            pure += 1
            unstable += qc.growth(model.A) >= 0
    assert pure > 20
    assert unstable > 0


def test_the_record_never_costs_knowledge():
    """V without the record minus V with it is positive, and a better detector knows more."""
    for seed, model in networks(60):
        if qc.growth(model.A) < 0:
            covariances = [qc.steady_state(model).cov]
            for efficiency in (0.3, 1.0):
                detectors = {port: qc.homodyne(seed, efficiency) for port in model.outputs}
                covariances.append(qc.conditional_state(model, detectors).cov)
            for known, more in pairwise(covariances):
                width = np.sqrt(np.diag(known))
                gained = np.linalg.eigvalsh((known - more) / np.outer(width, width))
                assert gained.min() > -1e-10, seed


def test_an_efficiency_of_zero_measures_nothing():
    for seed, model in networks(40):
        if qc.growth(model.A) < 0:
            blind = {port: qc.homodyne(0.3, 0.0) for port in model.outputs}
            expected = qc.steady_state(model).cov
            width = np.sqrt(np.diag(expected))
            error = (qc.conditional_state(model, blind).cov - expected) / np.outer(width, width)
            assert np.abs(error).max() < 1e-9, seed


def test_a_port_that_nothing_reaches_tells_nothing():
    parts = {"a": qc.squeezed_mode(-0.2, decay=1.0), "b": qc.beam_splitter(0.3)}
    model = qc.gaussian(qc.Network(parts))
    state = qc.conditional_state(model, {"b.out1": qc.homodyne(), "b.out2": qc.homodyne(P)})
    assert_allclose(state.cov, qc.steady_state(model).cov, rtol=1e-12, atol=1e-15)


def test_light_that_enters_correlated_tells_of_the_mode_it_drives():
    """One beam of squeezed light drives a cavity; the other, measured, says how."""
    r = 0.6
    parts = {"light": qc.squeezed_light(r), "m": qc.cavity(decay=[1.0, 1.0])}
    model = qc.gaussian(qc.Network(parts, [("light.out_a", "m.in1")]))
    state = qc.conditional_state(model, {"light.out_b": qc.homodyne()})
    # Given the partner's x, the x that enters has the variance 1/(2 cosh 2r).
    entering = (1 / np.cosh(2 * r) + 1) / 4
    assert_allclose(state.cov.diagonal(), [entering, (np.cosh(2 * r) + 1) / 4], rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-9, 3.7e8])
def test_the_unit_of_frequency_changes_nothing(unit):
    for seed in range(30):
        nets = [random_gaussian_network(seed, unit=u) for u in (1.0, unit)]
        if nets[0] is not None:
            models = list(map(qc.gaussian, nets))
            one, other = (qc.conditional_state(m, everything(m, seed)).cov for m in models)
            width = np.sqrt(np.diag(one))
            assert np.abs((other - one) / np.outer(width, width)).max() < 1e-9, seed


def with_loud_parts_downstream(nodes):
    """A quiet pair of which a detector sees one mode, without and with loud nodes behind it.

    They are squeezed near threshold at all angles, detuned, and of rates up to 10³ times as fast.
    """
    rng = np.random.default_rng(nodes)
    parts = {"a": qc.squeezed_mode(0.2j, 0.1, [1.0, 0.3]), "b": qc.squeezed_mode(0.1, 0.3, 0.5)}
    wires = [("a.out1", "b.in")]
    alone, last = qc.Network(parts, wires), "b.out"
    for k in range(nodes):
        decay, detuning = 10 ** rng.uniform(-1, 3), 10 ** rng.uniform(-2, 2)
        gain = np.hypot(decay / 2, detuning) * (1 - 10 ** rng.uniform(-8, -2))
        parts[f"z{k}"] = qc.squeezed_mode(gain * np.exp(6j * rng.uniform()), detuning, decay)
        wires.append((last, f"z{k}.in"))
        last = f"z{k}.out"
    return alone, qc.Network(parts, wires)


@pytest.mark.parametrize("nodes", [1, 5, 12])
def test_what_is_downstream_and_not_measured_changes_nothing_upstream(nodes):
    alone, longer = map(qc.gaussian, with_loud_parts_downstream(nodes))
    detectors = {"a.out2": qc.homodyne(0.3, 0.7)}
    V = qc.conditional_state(longer, detectors).reduce("a", "b").cov
    assert_allclose(V, qc.conditional_state(alone, detectors).cov, rtol=1e-12)
    runs = [qc.evolve(m, None, [0.3, 20.0], measure=detectors).state for m in (longer, alone)]
    assert_allclose(runs[0].reduce("a", "b").cov, runs[1].cov, atol=1e-10)


def test_what_is_downstream_and_not_measured_is_told_of_by_the_record():
    """Light and detector of one port: what is behind the other mode, by SciPy's Riccati solver."""
    parts = {"a": qc.squeezed_mode(0.2j, 0.1, [1.0, 0.3]), "b": qc.squeezed_mode(0.1, 0.3, 0.5)}
    model = qc.gaussian(qc.Network(parts, [("a.out1", "b.in")]))
    V = qc.conditional_state(model, {"a.out2": qc.homodyne(0.3, 0.7)}).cov
    A, B, C, E = observed(model, {"a.out2": qc.homodyne(0.3, 0.7)})
    expected = solve_continuous_are(A.T, C.T, B @ B.T, E @ E.T, s=B @ E.T)
    assert_allclose(V, expected, atol=1e-12)
    settled = qc.evolve(model, None, [200.0], measure={"a.out2": qc.homodyne(0.3, 0.7)})
    assert_allclose(settled.state.cov[0], expected, atol=1e-11)


# When there is none


def test_what_grows_unseen_has_no_measured_state():
    for detector in (qc.homodyne(), qc.homodyne(P, 0.0), qc.heterodyne(0.0)):
        with pytest.raises(qc.UnstableError, match=r"grows at the rate 0\.2 .* not seen"):
            qc.conditional_state(oscillator(-0.7), {"out": detector})
    turned = {"out": qc.homodyne(0.3)}  # with the axes, which couples x to p
    with pytest.raises(qc.UnstableError, match=r"grows at the rate 0\.2 .* not seen"):
        qc.conditional_state(oscillator(-0.7 * np.exp(0.6j)), turned)


def test_a_stable_network_is_never_said_to_grow():
    """Eigenvalues of twenty equal nodes, an exceptional point, are all rounding as a whole."""
    parts = {f"m{k}": qc.squeezed_mode(0.49j, 0.2, [0.9, 0.1]) for k in range(20)}
    wires = [(f"m{k}.out1", f"m{k + 1}.in1") for k in range(19)]
    model = qc.gaussian(qc.Network(parts, wires))
    for port in ("m0.out2", "m19.out2"):
        with suppress(qc.ConvergenceError):
            assert qc.conditional_state(model, {port: qc.homodyne()}).stable


def test_a_batch_is_a_loop_and_points_without_a_measured_state_are_nan():
    drives, angles = np.array([-0.2, -0.7, -0.7, 0.1]), np.array([0.0, 0.0, P, 1.0])
    state = qc.conditional_state(oscillator(drives), {"out": qc.homodyne(angles)})
    assert state.stable.tolist() == [True, False, True, True]
    assert np.isnan(state.cov[1]).all()
    for k in (0, 2, 3):
        alone = qc.conditional_state(oscillator(drives[k]), {"out": qc.homodyne(angles[k])})
        assert np.array_equal(state.cov[k], alone.cov)


def test_detectors_broadcast_against_models():
    state = qc.conditional_state(
        oscillator([[-0.2], [-0.1]]), {"out": qc.homodyne(efficiency=[0.0, 0.5, 1.0])}
    )
    assert state.cov.shape == (2, 3, 2, 2)
    assert (np.diff(state.cov[..., 0, 0], axis=1) < 0).all()


def test_where_rounding_decides_there_is_no_number():
    """A detector that is off by 10⁻⁶ sees what grows; one that is off by 10⁻⁷ cannot be told."""
    seen = qc.conditional_state(oscillator(-0.7), {"out": qc.homodyne(1e-6)})
    assert_allclose(qc.purity(seen), 1.0, rtol=1e-9)
    with pytest.raises(qc.ConvergenceError, match="cannot be told from rounding"):
        qc.conditional_state(oscillator(-0.7), {"out": qc.homodyne(1e-7)})


@pytest.mark.needs("jax")
@pytest.mark.slow
def test_jax_agrees_with_numpy_about_measured_states_and_has_derivatives():
    """First and second ones, by what is measured and by what the light meets."""

    def entanglement(x):
        seen = {"c.out": qc.homodyne(0.4 * x, 0.9)}
        return qc.log_negativity(qc.conditional_state(pushed(x), seen), "c.a", "m.b")

    def differences(x, h=1e-3):
        below, at, above = (entanglement(x + k * h) for k in (-1, 0, 1))
        return (above - below) / (2 * h), (above - 2 * at + below) / h**2

    slope, bend = differences(1.0)
    value, gradient = jax.jit(jax.value_and_grad(entanglement))(1.0)
    assert_allclose(value, entanglement(1.0), rtol=1e-11)
    assert_allclose(gradient, slope, rtol=1e-5)
    assert_allclose(jax.jit(jax.grad(jax.grad(entanglement)))(1.0), bend, rtol=1e-5)


@pytest.mark.needs("jax")
@pytest.mark.slow
def test_above_threshold_angles_that_see_nothing_are_nan_inside_of_jit():
    def width(angle):
        return qc.conditional_state(oscillator(-0.7), {"out": qc.homodyne(angle)}).cov[0, 0]

    found = jax.jit(jax.vmap(width))(jnp.array([1.2, 0.0]))
    assert_allclose(found[0], width(1.2), rtol=1e-11)
    assert np.isnan(found[1])


@pytest.mark.needs("jax")
def test_a_single_measurement_has_derivatives():
    state = qc.two_mode_squeezed(["a", "b"], 0.7)

    def width(angle):
        return qc.measured(state, {"b": qc.homodyne(angle, 0.8)}).cov[0, 0]

    value, slope = jax.jit(jax.value_and_grad(width))(0.3)
    assert_allclose(value, width(0.3), rtol=1e-13)
    assert_allclose(slope, (width(0.3 + 1e-5) - width(0.3 - 1e-5)) / 2e-5, rtol=1e-8)


def test_measured_states_are_swept():
    def point(drive, efficiency):
        state = qc.conditional_state(oscillator(drive), {"out": qc.homodyne(0.0, efficiency)})
        return {"purity": qc.purity(state)}

    data = qc.sweep(point, drive=[-0.1, -0.2], efficiency=[0.5, 1.0], progress=False)
    assert_allclose(data.purity.sel(efficiency=1.0), 1.0, rtol=1e-12)
    assert (data.purity.sel(efficiency=0.5) < 0.999).all()


# Single measurements


def test_measuring_half_of_a_squeezed_pair_prepares_the_other():
    """Homodyne squeezes it, heterodyne leaves a coherent state, and loss is in closed form."""
    r = np.array([0.3, 1.0])
    pair, c, s = qc.two_mode_squeezed(["a", "b"], r), np.cosh(2 * r) / 2, np.sinh(2 * r) / 2
    at_x = qc.measured(pair, {"b": qc.homodyne()})
    assert at_x.modes == ("a",)
    assert_allclose(at_x.cov[:, 0, 0], 1 / (4 * c), rtol=1e-12)
    assert_allclose(at_x.cov[:, 1, 1], c, rtol=1e-12)
    for eta in (0.0, 0.6, 1.0):
        lossy = qc.measured(pair, {"b": qc.homodyne(P, eta)})
        assert_allclose(lossy.cov[:, 1, 1], c - eta * s**2 / (eta * c + (1 - eta) / 2), rtol=1e-12)
        both = qc.measured(pair, {"b": qc.heterodyne(eta)})
        expected = c - eta / 2 * s**2 / (eta / 2 * c + (1 - eta / 2) / 2)
        assert_allclose(both.cov, expected[:, None, None] * np.eye(2), rtol=1e-12, atol=1e-15)


def test_a_homodyne_detector_is_the_limit_of_squeezed_projections():
    """V_rr − V_rm(V_mm + σ)⁻¹V_mr with the covariance σ of an ever more squeezed vacuum."""
    for seed, model in networks(40):
        if qc.growth(model.A) < 0 and len(model.modes) > 1:
            state, theta = qc.steady_state(model), 0.3 * seed
            u, v = (
                np.array([np.cos(theta), np.sin(theta)]),
                np.array([-np.sin(theta), np.cos(theta)]),
            )
            sigma = 1e-9 * np.outer(u, u) + 1e9 * np.outer(v, v)
            V, rest = state.cov, slice(2, None)
            known = V[rest, :2] @ np.linalg.solve(V[:2, :2] + sigma, V[:2, rest])
            seen = qc.measured(state, {model.modes[0]: qc.homodyne(theta)})
            assert_allclose(seen.cov, V[rest, rest] - known, atol=1e-6 * np.abs(V).max())
            assert seen.is_physical()


def test_measuring_modes_together_or_one_after_the_other_is_the_same():
    state = qc.steady_state(swapping())
    detectors = {"one.a": qc.homodyne(0.4), "two.a": qc.heterodyne(0.8)}
    together, after = qc.measured(state, detectors), state
    for mode in ("two.a", "one.a"):
        after = qc.measured(after, {mode: detectors[mode]})
    assert_allclose(together.cov, after.cov, rtol=1e-12, atol=1e-14)


def test_a_batch_of_states_keeps_its_unstable_points():
    state = qc.steady_state(qc.gaussian(qc.pair_source(np.array([0.2, 0.9]), decay=(1.0, 1.0))))
    rest = qc.measured(state, {state.modes[1]: qc.homodyne([[0.0], [P]])})
    assert rest.cov.shape == (2, 2, 2, 2)
    assert rest.stable.tolist() == [[True, False], [True, False]]
    assert np.isnan(rest.cov[:, 1]).all()


def test_where_a_state_is_squeezed_beyond_its_digits_nothing_is_prepared():
    r = np.array([3.0, 5.0, 10.0])
    pair = qc.two_mode_squeezed(["a", "b"], r)
    state = qc.measured(pair, {"b": qc.homodyne()})
    assert state.stable.tolist() == [True, True, False]
    assert np.isnan(state.cov[2]).all()
    assert state.is_physical().tolist() == [True, True, False]
    assert_allclose(qc.measures.purity(state)[:2], 1.0, atol=1e-6)
    coherent = qc.measured(pair, {"b": qc.heterodyne()}).cov  # ½ beside e²ʳ/4 is told for long
    assert_allclose(coherent, np.broadcast_to(np.eye(2) / 2, (3, 2, 2)), atol=1e-6)
    with pytest.raises(qc.ConvergenceError, match="squeezed so far"):
        qc.measured(qc.two_mode_squeezed(["a", "b"], 10.0), {"b": qc.homodyne()})
    squeezed = qc.GaussianState(
        ("a", "b"), cov=np.diag([5e-7, 5e5, 0.5, 0.5])
    )  # no digits are lost
    assert_allclose(qc.measured(squeezed, {"a": qc.homodyne()}).cov, np.eye(2) / 2)


@pytest.mark.parametrize("r", [3.0, 7.0, 12.0])
def test_strongly_squeezed_light_is_told_or_refused(r):
    """One beam drives a cavity, the other is measured, in closed form; never a wrong number."""
    parts = {"light": qc.squeezed_light(r), "m": qc.cavity(decay=[1.0, 1.0])}
    model = qc.gaussian(qc.Network(parts, [("light.out_a", "m.in1")]))
    state = qc.conditional_state(model, {"light.out_b": qc.homodyne()})
    assert_allclose(state.cov[0, 0], (1 / np.cosh(2 * r) + 1) / 4, rtol=1e-12)
    both = {"light.out_b": qc.homodyne(), "m.out1": qc.homodyne()}
    if r > 5:
        with pytest.raises(qc.ConvergenceError):
            qc.conditional_state(model, both)
    else:
        assert qc.conditional_state(model, both).is_physical()


# Bad input


def chain():
    parts = {"a": qc.squeezed_mode(0.1, decay=1.0), "b": qc.cavity(decay=1.0)}
    return qc.gaussian(qc.Network(parts, [("a.out", "b.in")]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: qc.conditional_state(chain(), {"a.out": qc.homodyne()}),
            "a wire leads from it to b.in",
        ),
        (lambda: qc.conditional_state(chain(), {"b.uot": qc.homodyne()}), "did you mean 'b.out'"),
        (
            lambda: qc.conditional_state(chain(), {"b.out": 0.5}),
            r"`measure\[b.out\]` must be a detector",
        ),
        (lambda: qc.conditional_state(chain(), {}), "one at least"),
        (lambda: qc.homodyne(0.0, 1.1), "`efficiency` must be a number between 0 and 1"),
        (lambda: qc.heterodyne(-0.1), "`efficiency` must be a number between 0 and 1"),
        (lambda: qc.homodyne(np.nan), "`angle` must be"),
        (lambda: qc.homodyne([0.0, 1.0], [0.1, 0.2, 0.3]), "`angle` must broadcast"),
        (lambda: qc.quadrature_spectrum(chain(), "a.out", 0.0), "a wire leads from it to b.in"),
        (
            lambda: qc.measured(qc.vacuum(["a", "b"]), {"c": qc.homodyne()}),
            "modes of the state: a, b",
        ),
        (lambda: qc.measured(qc.vacuum("a"), {"a": qc.homodyne()}), "leave a mode"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(qc.ArgumentError, match=words):
        call()


def test_batches_that_do_not_fit_are_told():
    with pytest.raises(qc.ArgumentError, match=r"measure\[out\]` must broadcast with `model`"):
        qc.conditional_state(oscillator([-0.1, -0.2]), {"out": qc.homodyne([0.0, 1.0, 2.0])})


# Records


def warm_oscillator(**changed):
    """Detuned, warm through a second port that nobody sees; its light is measured at an angle."""
    given = {"decay": [0.8, 0.2], "occupation": [0.0, 0.5], **changed}
    return qc.gaussian(qc.squeezed_mode(-0.2, 0.3, **given)), {"out1": qc.homodyne(0.4, 0.9)}


def rate_of_change(V, system):
    """AV + VAᵀ + BBᵀ − KEEᵀKᵀ, and K."""
    A, B, C, E = system
    K = np.linalg.solve(E @ E.T, C @ V + E @ B.T).T
    return A @ V + V @ A.T + B @ B.T - K @ E @ E.T @ K.T, K


def test_the_covariance_on_the_way_obeys_its_riccati_equation():
    for seed, model in networks(12):
        detectors, start = everything(model, seed), qc.thermal(model.modes, 0.7)
        system, size = observed(model, detectors), 2 * len(model.modes)

        def slope(_, flat, system=system, size=size):
            return rate_of_change(flat.reshape(size, size), system)[0].ravel()

        times = [0.0, 0.3, 1.7]
        found = qc.evolve(model, start, times, measure=detectors, seed=seed).state.cov
        exact = solve_ivp(
            slope,
            (0, 1.7),
            start.cov.ravel(),
            t_eval=times,
            rtol=1e-10,
            atol=1e-12,
            method="DOP853",
        )
        expected = exact.y.T.reshape(-1, size, size)
        assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max(), err_msg=f"{seed}")


def test_the_covariance_settles_at_the_measured_state_also_where_nothing_else_does():
    unstable = 0
    for seed, model in networks(30):
        detectors = everything(model, seed)
        settled = qc.conditional_state(model, detectors).cov
        if qc.growth(model.A) < 0:
            run = qc.evolve(model, None, [1e4], measure=detectors)
            width = np.sqrt(np.diag(settled))
            error = (run.state.cov[-1] - settled) / np.outer(width, width)
            assert np.abs(error).max() < 1e-9, seed
        else:
            unstable += 1
    assert unstable > 0
    above = oscillator(-0.7)
    run = qc.evolve(above, None, [30.0], measure={"out": qc.homodyne(P)})
    assert_allclose(run.state.cov[-1].diagonal(), [0.2083333333, 1.2], rtol=1e-8)


def test_the_average_over_records_is_the_state_without_any():
    """Cov(m) + V is V without a record, ⟨m⟩ its mean: within six standard errors of 20,000 runs."""
    model, detectors = warm_oscillator()
    times, runs = [0.5, 1.0, 4.0], 20_000
    start = qc.coherent("a", 0.7 + 0.2j)
    seen = qc.evolve(model, start, times, measure=detectors, seed=range(runs)).state
    free = qc.evolve(model, start, times)
    for k in range(len(times)):
        spread = np.cov(seen.mean[k].T)
        variances = np.diag(spread)
        error = np.sqrt((spread**2 + np.outer(variances, variances)) / runs)
        assert np.all(np.abs(spread + seen.cov[k, 0] - free.cov[k]) < 6 * error)
        assert np.all(np.abs(seen.mean[k].mean(0) - free.mean[k]) < 6 * np.sqrt(variances / runs))
    assert np.diag(spread).min() > 0.003  # the record says something


def test_the_record_has_the_variance_and_the_correlations_of_the_light():
    """⟨YY'⟩ of ∫y dt in two steps, in the steady state, is an integral of the spectrum."""
    model, detectors = warm_oscillator()
    steady, runs, step = qc.steady_state(model), 20_000, 0.5
    run = qc.evolve(model, steady, [step, 2 * step], measure=detectors, seed=range(runs))
    Y = run.record["out1"][..., 0]
    omega = np.tan((np.arange(20_000) + 0.5) * np.pi / 20_000 - P)
    weights = (1 + omega**2) / 40_000
    S = qc.quadrature_spectrum(model, "out1", omega, angle=0.4, efficiency=0.9)
    window = (np.sin(omega * step / 2) / (omega / 2)) ** 2
    variance = weights @ ((S - 0.5) * window) + step / 2
    covariance = weights @ ((S - 0.5) * window * np.cos(omega * step))
    found = np.cov(Y)
    assert_allclose(np.diag(found), variance, rtol=6 * np.sqrt(2 / runs))
    assert abs(found[0, 1] - covariance) < 6 * variance / np.sqrt(runs)
    assert abs(covariance) > 6 * variance / np.sqrt(runs)


def test_the_mean_is_what_a_filter_makes_of_the_record():
    """Kalman and Bucy's filter in small steps, fed with the record, follows the mean."""
    model, detectors = warm_oscillator()
    system = observed(model, detectors)
    errors = []
    for steps in (250, 1000):
        times = np.arange(1, steps + 1) * (5.0 / steps)
        run = qc.evolve(model, None, times, measure=detectors, seed=3)
        V, m, dt = np.eye(2) / 2, np.zeros(2), 5.0 / steps
        worst = 0.0
        for Y, told in zip(run.record["out1"], run.state.mean, strict=True):
            slope, K = rate_of_change(V, system)
            m = m + system.A @ m * dt + K @ (Y - system.C @ m * dt)
            V, worst = V + slope * dt, max(worst, np.abs(m - told).max())
        errors.append(worst)
    assert np.abs(run.state.mean).max() > 0.2
    assert errors[1] < 0.01
    assert errors[1] < errors[0] / 2


def test_a_drive_moves_the_mean_as_it_does_without_detectors():
    laser = {"laser": qc.coherent_drive(0.7), "m": qc.cavity(0.2, decay=[1.0, 0.5])}
    model = qc.gaussian(qc.Network(laser, [("laser.out", "m.in1")]))
    times = [0.5, 3.0]
    run = qc.evolve(model, None, times, measure={"m.out2": qc.heterodyne()}, seed=1)
    assert_allclose(
        run.state.mean, qc.evolve(model, None, times).mean, atol=1e-12
    )  # it is coherent
    assert run.record["m.out2"].shape == (2, 2)
    assert_allclose(run.state.cov, np.broadcast_to(np.eye(2) / 2, (2, 2, 2)), atol=1e-12)


def test_steps_in_between_change_no_statistics():
    """Cov(m(t)) is V without record − V with it, whatever times lie before."""
    model, detectors = warm_oscillator()
    spreads = [
        np.cov(qc.evolve(model, None, t, measure=detectors, seed=range(20_000)).state.mean[-1].T)
        for t in ([2.0], np.linspace(0, 2, 9))
    ]
    assert_allclose(spreads[0], spreads[1], atol=6 * np.sqrt(2 / 20_000) * spreads[0].max())


def test_seeds_are_runs_of_their_own_and_points_have_records_of_their_own():
    model, detectors = warm_oscillator()
    many = qc.evolve(model, None, [0.0, 1.0], measure=detectors, seed=[5, 7])
    alone = qc.evolve(model, None, [0.0, 1.0], measure=detectors, seed=7)
    assert many.state.mean.shape == (2, 2, 2)
    assert np.array_equal(many.state.mean[:, 1], alone.state.mean)
    assert np.array_equal(many.record["out1"][:, 1], alone.record["out1"])
    assert not alone.record["out1"][0].any()  # no time, no record
    assert not np.array_equal(many.state.mean[:, 0], alone.state.mean)
    batch = qc.gaussian(qc.squeezed_mode([-0.2, -0.2, 0.1], decay=1.0))
    run = qc.evolve(batch, None, [1.0], measure={"out": qc.homodyne()}, seed=[5, 7])
    assert run.state.cov.shape == (1, 2, 3, 2, 2)
    assert len(np.unique(run.record["out"])) == 6
    one = qc.evolve(oscillator(0.1), None, [1.0], measure={"out": qc.homodyne()}).state.cov
    assert_allclose(run.state.cov[:, 0, 2], one, rtol=1e-13)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"measure": {"a.out": qc.homodyne()}}, "a wire leads from it to b.in"),
        ({"seed": 3}, "`seed` must be left out without detectors"),
        ({"measure": {"b.out": qc.homodyne()}, "seed": -1}, "`seed` must be a whole number"),
        ({"measure": {"b.out": qc.homodyne()}, "seed": []}, "or a row of them"),
        ({"measure": {"b.out": qc.homodyne()}, "times": [1e12]}, "where rounding decides"),
    ],
)
def test_bad_records_are_told(options, words):
    given = {"times": [0.0, 1.0], **options}
    with pytest.raises(qc.ArgumentError, match=words):
        qc.evolve(chain(), None, **given)


def test_what_grows_unseen_outgrows_numbers_and_is_told():
    with pytest.raises(qc.ArgumentError, match="outgrows floating-point numbers"):
        qc.evolve(oscillator(-0.7), None, [1e4], measure={"out": qc.homodyne()})


def test_wires_that_take_time_are_refused_by_detectors():
    parts = {"a": qc.cavity(decay=1.0), "f": qc.fibre(0.9, delay=1.0), "b": qc.cavity(decay=1.0)}
    model = qc.gaussian(qc.Network(parts, [("a.out", "f.in"), ("f.out", "b.in")]))
    for call in (qc.conditional_state, lambda m, d: qc.evolve(m, None, [1.0], measure=d)):
        with pytest.raises(qc.ArgumentError, match=r"f\.delay takes some"):
            call(model, {"b.out": qc.homodyne()})
