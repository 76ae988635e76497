import numpy as np
import pytest
import qutip
from fock import master_equation, moments
from optional import jax
from random_networks import random_network

import qcascade as qc


def test_a_damped_mode_relaxes_in_closed_form():
    """⟨a⟩ e^{−(iΔ + κ/2)t}, n(t) = N + (n₀ − N)e^{−κt}."""
    model = qc.gaussian(qc.Network({"m": qc.cavity(1.3, 0.4, occupation=2.0)}))
    times = np.array([0.0, 0.1, 1.0, 7.0, 50.0])
    start = qc.coherent(["m.a"], 1.5 - 0.5j)
    state = qc.evolve(model, start, times)
    alpha = (1.5 - 0.5j) * np.exp(-(1.3j + 0.2) * times)
    np.testing.assert_allclose(
        state.mean, np.sqrt(2) * np.stack([alpha.real, alpha.imag], -1), atol=1e-13
    )
    n = 2 * (1 - np.exp(-0.4 * times))
    np.testing.assert_allclose(state.cov[:, 0, 0], n + 0.5, atol=1e-13)


def test_an_unstable_model_grows_in_closed_form():
    """Undamped squeezing: x grows as e^{ξt}, p shrinks as e^{−ξt}."""
    model = qc.gaussian(qc.Network({"m": qc.squeezed_mode(0.7)}))
    with pytest.raises(qc.UnstableError):
        qc.steady_state(model)
    times = np.linspace(0, 5, 11)
    cov = qc.evolve(model, qc.vacuum(["m.a"]), times).cov
    np.testing.assert_allclose(cov[:, 0, 0], 0.5 * np.exp(1.4 * times), rtol=1e-11)
    np.testing.assert_allclose(cov[:, 1, 1], 0.5 * np.exp(-1.4 * times), rtol=1e-11)


def test_evolution_agrees_with_the_lindblad_one():
    net = random_network(4, modes=1, wires=3, weak=0.5)
    times = np.linspace(0, 3, 7)
    H, jumps, lowering = master_equation(net, 22)
    start = qutip.coherent(22, 0.5 - 0.3j)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
    states = qutip.mesolve(H, start, times, jumps, options=options).states
    evolved = qc.evolve(qc.gaussian(net), qc.coherent(net.modes, 0.5 - 0.3j), times)
    for k, rho in enumerate(states):
        mean, cov = moments(rho, lowering)
        np.testing.assert_allclose(evolved.mean[k], mean, atol=1e-7)
        np.testing.assert_allclose(evolved.cov[k], cov, atol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_evolution_ends_in_the_steady_state_and_stays_there(seed):
    model = qc.gaussian(random_network(seed))
    steady = qc.steady_state(model)
    rate = -qc.growth(model.A)
    late = qc.evolve(model, qc.thermal(model.modes, 3.0), [40 / rate])
    np.testing.assert_allclose(late.cov[0], steady.cov, atol=1e-10)
    still = qc.evolve(model, steady, [0.3, 5.0])
    np.testing.assert_allclose(still.cov, [steady.cov] * 2, atol=1e-10)


def test_two_steps_equal_one():
    model = qc.gaussian(random_network(2))
    start = qc.vacuum(model.modes)
    stepped = qc.evolve(model, start, [0.2, 0.7, 3.0])
    direct = qc.evolve(model, start, [3.0])
    np.testing.assert_allclose(stepped.cov[-1], direct.cov[0], atol=1e-12)


def test_a_batch_of_models_evolves_as_a_loop():
    detunings = np.array([0.0, 0.5, 2.0])

    def model(delta):
        return qc.gaussian(
            qc.Network(
                {"laser": qc.coherent_drive(0.4), "m": qc.squeezed_mode(0.1, delta, 1.0)},
                [("laser.out", "m.in")],
            )
        )

    batch = qc.evolve(model(detunings), qc.vacuum(["m.a"]), [0.5, 2.0])
    assert batch.cov.shape == (2, 3, 2, 2)
    for k, delta in enumerate(detunings):
        single = qc.evolve(model(delta), qc.vacuum(["m.a"]), [0.5, 2.0])
        np.testing.assert_allclose(batch.cov[:, k], single.cov, atol=1e-13)
        np.testing.assert_allclose(batch.mean[:, k], single.mean, atol=1e-13)


def test_a_steady_state_that_does_not_exist_is_an_error_with_the_eigenvalue():
    model = qc.gaussian(qc.Network({"m": qc.squeezed_mode(0.7, decay=1.0)}))
    with pytest.raises(qc.UnstableError, match=r"real part 0\.2 \(it must be negative\)"):
        qc.steady_state(model)


@pytest.mark.parametrize("decay", [0.1, 0.3, 0.4, 0.6, 0.7, 1.1, 3.0, [0.1, 0.2, 0.7]])
def test_exactly_at_threshold_there_is_no_steady_state_whatever_rounding_leaves(decay):
    """ξ = κ/2: the drift of one quadrature is a difference of equal numbers."""
    net = qc.Network({"m": qc.squeezed_mode(np.sum(decay) / 2, decay=decay)})
    with pytest.raises(qc.UnstableError, match=r"real part .* must be negative"):
        qc.steady_state(qc.gaussian(net))
    batch = qc.squeezed_mode(np.sum(decay) / 2 * np.array([1.0, 0.5]), decay=decay)
    assert qc.steady_state(qc.gaussian(qc.Network({"m": batch}))).stable.tolist() == [False, True]


def test_an_undamped_mode_has_no_steady_state():
    with pytest.raises(qc.UnstableError):
        qc.steady_state(qc.gaussian(qc.Network({"m": qc.cavity(1.0)})))


def test_the_mean_of_unstable_batch_points_is_nan():
    net = qc.Network(
        {"laser": qc.coherent_drive(0.4), "m": qc.squeezed_mode(np.array([0.1, 0.7]), 0.0, 1.0)},
        [("laser.out", "m.in")],
    )
    state = qc.steady_state(qc.gaussian(net))
    assert state.stable.tolist() == [True, False]
    # p is squeezed: ⟨x⟩ = −√2 √κ β/(κ/2 − ξ)
    assert state.mean[0, 0] == pytest.approx(-np.sqrt(2) * 0.4 / 0.4)
    assert np.isnan(state.mean[1]).all()
    assert np.isnan(state.cov[1]).all()


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([1.0, 0.5], "`times` must be increasing numbers"),
        ([-1.0], "`times` must be increasing numbers"),
        (-1.0, "`times` must be increasing numbers"),
        ([np.nan], "`times` must be a real number, finite"),
        ([], "`times` must be increasing numbers"),
    ],
)
def test_bad_times_are_refused(times, sentence):
    model = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.evolve(model, qc.vacuum(["m.a"]), times)


def test_a_network_in_place_of_its_model_is_told_what_to_say():
    net = qc.Network({"m": qc.cavity(decay=1.0)})
    with pytest.raises(qc.ArgumentError, match=r"`model` must be a model, `gaussian\(net\)`"):
        qc.evolve(net, qc.vacuum(["m.a"]), [0.0, 1.0])
    with pytest.raises(
        qc.ArgumentError, match=r"like `lambda t: gaussian\(net\(t\)\)`, but is Net"
    ):
        qc.periodic_state(net, 1.0)


@pytest.mark.needs("jax")
def test_inside_grad_an_unstable_point_is_nan_and_raises_nothing():
    def purity(x):
        net = qc.Network({"m": qc.squeezed_mode(x, decay=1.0)})
        return qc.measures.purity(qc.steady_state(qc.gaussian(net)))

    assert np.isnan(jax.value_and_grad(purity)(0.7)[0])
    assert jax.grad(purity)(0.2) < 0
    with pytest.raises(qc.ArgumentError, match="`evolve` does not work inside jit"):
        jax.jit(
            lambda x: qc.evolve(
                qc.gaussian(qc.Network({"m": qc.squeezed_mode(x)})), qc.vacuum(["m.a"]), [1.0]
            )
        )(0.1)


def test_states_of_other_modes_and_things_that_are_no_model_are_refused():
    model = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    with pytest.raises(qc.ArgumentError, match="`initial` must have the model's modes"):
        qc.evolve(model, qc.vacuum(["n.a"]), [1.0])
    with pytest.raises(qc.ArgumentError, match="`model` must be a GaussianModel"):
        qc.steady_state(np.eye(2))
    with pytest.raises(qc.ArgumentError, match="`initial` must be a GaussianState"):
        qc.evolve(model, np.eye(2), [1.0])
    growing = qc.gaussian(qc.Network({"m": qc.squeezed_mode(1.0)}))
    with pytest.raises(qc.ArgumentError, match="`times` must end before the state outgrows"):
        qc.evolve(growing, qc.vacuum(["m.a"]), [1000.0])


def test_evolution_starts_from_the_vacuum_when_nothing_is_said():
    model = qc.gaussian(qc.Network({"m": qc.squeezed_mode(0.1, decay=1.0, occupation=0.3)}))
    found, expected = (qc.evolve(model, x, [0.5, 2.0]).cov for x in (None, qc.vacuum("m.a")))
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("quality", [1e3, 1e6, 1e9, 1e12, 1e15])
def test_a_mode_of_any_quality_is_exact_at_any_time(quality):
    """α(t) = α e^{−iωt − κt/2} and n(t) = n̄(1 − e^{−κt}), in many digits (mpmath)."""
    import mpmath

    κ = 1.0 / quality
    model = qc.gaussian(qc.Network({"m": qc.cavity(1.0, decay=κ, occupation=2.0)}))
    times = quality * np.array([1e-3, 0.7, 3.1, 1e3])
    state = qc.evolve(model, qc.coherent(["m.a"], 1.0), times)
    for k, t in enumerate(times):
        with mpmath.workdps(60):
            rate, turn = mpmath.mpf(-κ / 2), mpmath.mpf(1)
            alpha = mpmath.exp(rate * t) * mpmath.exp(-1j * turn * mpmath.mpf(t))
            mean = [float(x * mpmath.sqrt(2)) for x in (alpha.real, alpha.imag)]
            noise = mpmath.mpf(2.5)
            gone = mpmath.exp(2 * rate * t)
            variance = float(noise * (1 - gone) + gone / 2)
        np.testing.assert_allclose(state.mean[k], mean, atol=1e-9)
        np.testing.assert_allclose(state.cov[k], variance * np.eye(2), rtol=1e-9, atol=1e-12)


def test_even_times_are_as_exact_as_single_ones():
    """10¹² radians in a thousand steps, whose ends are rounded."""
    model = qc.gaussian(qc.Network({"m": qc.cavity(1.0, decay=1e-12)}))
    start, times = qc.coherent(["m.a"], 1.0), np.linspace(0.0, 1e12, 1001)
    many = qc.evolve(model, start, times)
    for k in (1, 500, 1000):
        one = qc.evolve(model, start, [times[k]])
        np.testing.assert_allclose(many.mean[k], one.mean[0], atol=1e-11)


def test_a_batch_over_many_decades_of_quality_is_a_loop():
    decay = np.array([1e-9, 1e-3, 1.0])
    model = qc.gaussian(qc.Network({"m": qc.cavity(1.0, decay=decay, occupation=1.0)}))
    batch = qc.evolve(model, None, [1e9]).cov[0]
    np.testing.assert_allclose(batch[:, 0, 0], 0.5 + 1 - np.exp(-decay * 1e9), rtol=1e-12)


def test_what_is_of_no_use_for_a_gaussian_model_is_refused():
    model = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    with pytest.raises(qc.ArgumentError, match="`tolerance` must be left out for a GaussianModel"):
        qc.steady_state(model, tolerance=0.5, unique=False)
    with pytest.raises(qc.ArgumentError, match="`unique` must be left out for a GaussianModel"):
        qc.steady_state(model, unique=False)
    with pytest.raises(qc.ArgumentError, match="`tolerance` must be left out for a GaussianModel"):
        qc.evolve(model, None, [1.0], tolerance=1e-3)
    with pytest.raises(qc.ArgumentError, match="`until` must be left out for a GaussianModel"):
        qc.evolve(model, None, [1.0], until=lambda state: 1.0)
    assert qc.steady_state(model, progress=False).stable
