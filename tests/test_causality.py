"""Who acts on whom comes from the wiring, and the unit of frequency is nobody's business."""

import itertools

import mpmath
import numpy as np
import pytest
from independent import remote_motion
from numpy.testing import assert_allclose
from optional import arrays, jax, jnp, routes
from random_networks import random_gaussian_network, random_mode

import qcascade as qc
from qcascade.base.conventions import LOST, symplectic_form
from qcascade.linear.uncertainty import resolution
from qcascade.lyapunov.solve import solve

MANY = 1000  # random networks of a property


def chain(nodes, fraction, decay=1.0, detuning=0.0):
    """Equal squeezed modes in a row, at a fraction of their threshold."""
    rate, off = 0.5 * decay * fraction, detuning * decay
    parts = {f"m{k}": qc.squeezed_mode(rate, off, decay=decay) for k in range(nodes)}
    return qc.Network(parts, [(f"m{k}.out", f"m{k + 1}.in") for k in range(nodes - 1)])


def entanglement(net, first="m0", second="m1"):
    return float(qc.log_negativity(qc.steady_state(qc.gaussian(net)), first, second))


def steady(net):
    """The steady state, or None where the model says that there is none to be told."""
    try:
        return qc.steady_state(qc.gaussian(net))
    except (qc.UnstableError, qc.ConvergenceError):
        return None


def networks(count, **options):
    """So many random networks with their seeds."""
    seed = 0
    while count:
        net = random_gaussian_network(seed, **options)
        if net is not None:
            count -= 1
            yield seed, net
        seed += 1


def off(V, W):
    """Largest difference of two covariances on the scale √(V_ii V_jj) of their rows."""
    width = np.sqrt(np.diagonal(W, axis1=-2, axis2=-1))
    return float(np.abs((V - W) / width[..., None] / width[..., None, :]).max(initial=0.0))


def exact_covariance(A, D):
    """V of AV + VAᵀ + D = 0 from one linear system in 40 digits."""
    n = len(A)
    with mpmath.workdps(40):
        equation, noise = mpmath.matrix(n * n, n * n), mpmath.matrix(n * n, 1)
        for i, j in np.ndindex(n, n):
            noise[i * n + j] = -mpmath.mpf(D[i, j])
            for k in range(n):
                equation[i * n + j, k * n + j] += mpmath.mpf(A[i, k])
                equation[i * n + j, i * n + k] += mpmath.mpf(A[j, k])
        return np.array(mpmath.lu_solve(equation, noise).tolist(), float).reshape(n, n)


@pytest.mark.parametrize(
    "seed", [2011585, 2009331, 2004495, pytest.param(2014867, marks=pytest.mark.slow)]
)
def test_a_slow_mode_beside_a_fast_one_in_a_loop_is_judged_on_its_own_scale(seed):
    """It decays 10¹¹ times slower than it turns, which the noise of the other one must not hide."""
    net = random_gaussian_network(seed, far=True)
    model = qc.gaussian(net)
    expected = exact_covariance(model.A, model.D)
    assert off(qc.steady_state(model).cov, expected) < 1e-8
    downstream = qc.Network(
        {"net": qc.as_component(net), "loud": qc.squeezed_mode(0.5 - 1e-9, decay=1.0)},
        [(f"net.{qc.open_ports(net)[1][0]}", "loud.in")],
    )
    state = qc.steady_state(qc.gaussian(downstream)).reduce(*(f"net.{m}" for m in model.modes))
    assert off(state.cov, expected) < 1e-8


def test_a_slow_mode_is_judged_on_its_own_scale_in_large_systems():
    model = qc.gaussian(random_gaussian_network(2011585, far=True))
    copies = np.eye(40)
    V, stable = solve(np.kron(copies, model.A), np.kron(copies, model.D))
    assert stable
    assert off(V, np.kron(copies, exact_covariance(model.A, model.D))) < 1e-8


@pytest.mark.needs("jax")
@pytest.mark.parametrize("seed", [2011585, 2014867, 2009331, 2004495])
def test_a_slow_mode_is_judged_on_its_own_scale_in_jax(seed):
    model = qc.gaussian(random_gaussian_network(seed, far=True))
    V, stable = jax.jit(solve)(jnp.asarray(model.A), jnp.asarray(model.D))
    assert stable
    assert off(np.asarray(V), exact_covariance(model.A, model.D)) < 1e-8


# The unit of frequency


@pytest.mark.parametrize("decay", [1.0, 0.3, 1e-9, 7.7e8])
@pytest.mark.parametrize(
    ("nodes", "fraction"), [(8, 0.99), (16, 0.9), (16, 0.8), (32, 0.5), (70, 0.7)]
)
def test_a_chain_is_its_first_two_nodes_in_every_unit(nodes, fraction, decay):
    expected = entanglement(chain(2, fraction))
    assert_allclose(entanglement(chain(nodes, fraction, decay)), expected, rtol=0, atol=1e-12)


def test_the_unit_of_frequency_changes_nothing():
    stable = 0
    for seed, net in networks(MANY):
        state = steady(net)
        unit = 10 ** np.random.default_rng(seed).uniform(-9, 9)
        other = steady(random_gaussian_network(seed, unit=unit))
        assert (state is None) == (other is None), seed
        if state is not None:
            stable += 1
            assert off(other.cov, state.cov) < 1e-12, seed
    assert stable > 0.8 * MANY


@pytest.mark.parametrize("seed", [4031626, 4033416])
def test_near_threshold_a_unit_changes_what_rounding_the_rates_changes_and_no_more(seed):
    """Rates in another unit are rounded anew; forty digits say what that makes of V."""
    unit = 10 ** np.random.default_rng(seed).uniform(-9, 9)
    models = [qc.gaussian(random_gaussian_network(seed, unit=u)) for u in (1.0, unit)]
    ours = [qc.steady_state(model).cov for model in models]
    exact = [exact_covariance(model.A, model.D) for model in models]
    assert max(map(off, ours, exact)) < 1e-14
    assert off(*ours) < off(*exact) + 1e-14


def test_the_order_of_parts_wires_and_couplings_changes_nothing():
    for seed, net in networks(200):
        rng, state = np.random.default_rng(seed), steady(net)
        parts, couplings = (
            {name: items[name] for name in rng.permutation(list(items))}
            for items in (net.parts, net.couplings)
        )
        wires = [net.wires[k] for k in rng.permutation(len(net.wires))]
        other = steady(qc.Network(parts, wires, couplings, net.occupations))
        assert (state is None) == (other is None), seed
        if state is not None:
            assert off(other.reduce(*state.modes).cov, state.cov) < 1e-12, seed


# What is downstream


@pytest.mark.parametrize("below", [1e-2, 1e-4, 1e-5, 1e-6, 1e-8])
def test_loud_nodes_downstream_take_nothing_from_a_quiet_pair(below):
    rate = 0.5 * (1 - below)
    parts = {
        "a": qc.squeezed_mode(0.3j, 0.1, decay=1),
        "b": qc.squeezed_mode(0.2 * np.exp(0.5j), 0.3, decay=1),
        "c": qc.squeezed_mode(rate * np.exp(0.3j), decay=1),
        "d": qc.squeezed_mode(rate * 1j, decay=1),
    }
    wires = [("a.out", "b.in"), ("b.out", "c.in"), ("c.out", "d.in")]
    alone = {name: parts[name] for name in "ab"}
    expected = entanglement(qc.Network(alone, wires[:1]), "a", "b")
    assert_allclose(entanglement(qc.Network(parts, wires), "a", "b"), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("fraction", "nodes"), [(0.8, 14), (0.8, 20), (0.8, 32), (0.5, 32)])
def test_detuned_chains_are_their_first_two_nodes(fraction, nodes):
    expected = entanglement(chain(2, fraction, detuning=0.1))
    found = entanglement(chain(nodes, fraction, detuning=0.1))
    assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("far", [False, True])
def test_parts_downstream_change_nothing_upstream(far):
    """Loud ones: just below threshold, far detuned, slow, squeezed at any angle; both sides."""
    compared = 0
    for seed, net in networks(MANY // 2, far=far):
        rng = np.random.default_rng(seed)
        state = steady(net)
        _, outputs = qc.slh.open_ports(net)
        outputs = [x for x in outputs if x.split(".")[0] in net.parts]
        if state is None or not outputs:
            continue
        added = {f"far{k}": random_mode(rng, far=True) for k in range(int(rng.integers(1, 4)))}
        wires, source = list(net.wires), str(rng.choice(outputs))
        for name, part in added.items():
            wires.append((source, f"{name}.{part.inputs[0]}"))
            source = f"{name}.{part.outputs[-1]}"
        longer = qc.Network({**net.parts, **added}, wires, net.couplings)
        model, rows = qc.gaussian(longer), 2 * len(net.modes)
        assert not np.any(model.A[:rows, rows:]), seed
        whole = steady(longer)
        if whole is not None:
            compared += 1
            assert off(whole.cov[:rows, :rows], state.cov) < 1e-12, seed
    assert compared > 0.3 * MANY


def test_powers_of_four_are_units_that_change_no_digit():
    """√κ is exact in them, so that slow, hot and nearly unstable networks are the same numbers."""
    compared = 0
    for seed, net in networks(100, far=True):
        state, unit = steady(net), 4.0 ** np.random.default_rng(seed).integers(-15, 16)
        other = steady(random_gaussian_network(seed, far=True, unit=unit))
        assert (state is None) == (other is None), seed
        if state is not None:
            compared += 1
            assert off(other.cov, state.cov) < 1e-15, seed
    assert compared > 60


@pytest.mark.needs("jax")
@pytest.mark.parametrize("transformed", [False, True])
def test_zeros_of_a_cascade_are_exact_with_jax_too(transformed):
    def model(fraction):
        made = qc.gaussian(chain(4, fraction, 0.3, 0.7))
        return made.A, made.D

    A, D = (jax.jit(model) if transformed else model)(jnp.asarray(0.6))
    blocks = np.abs(np.asarray(A)).reshape(4, 2, 4, 2).max(axis=(1, 3))
    assert np.array_equal(blocks > 0, np.tri(4) > 0)
    assert np.linalg.eigvalsh(np.asarray(D))[0] > -1e-15


def test_baths_without_a_common_field_share_no_noise():
    """A lossy link feeds only what is downstream; the source's own loss is its own."""
    parts = {
        "a": qc.squeezed_mode(0.1, 0.3, [0.7, 0.3]),
        "link": qc.fibre(0.3, 0.4),
        "b": qc.cavity(0.2, [0.7, 0.3]),
    }
    net = qc.Network(parts, [("a.out1", "link.in"), ("link.out", "b.in1")])
    sees = net.component.interior.paths.F.conj().T
    loss = net.component.inputs.index("link.in_loss")
    assert sees[loss, 0] == sees[loss, 1] == 0.0


# Near a threshold


@pytest.mark.parametrize("below", [1e-6, 1e-9])
def test_near_threshold_the_margin_is_what_many_digits_give(below):
    """0.815475 with fifty digits; the source's own covariance is of order 1/below."""

    def margin(blue):
        state = qc.steady_state(qc.gaussian(far_motions(blue)))
        return qc.measures.margin(state, "up_motion", "down_motion")

    blue = 0.005 * (1 - below)
    V = remote_motion.link(blue, 0.0080064072801787, loss="0.2", coupled="0.99")
    exact = float(remote_motion.margin(V, 0, 3))
    for route in routes(margin):
        assert_allclose(route(blue), exact, rtol=0, atol=1e-6)


def test_at_threshold_rounding_is_not_asked():
    with pytest.raises((qc.UnstableError, qc.ConvergenceError)):
        qc.steady_state(qc.gaussian(far_motions(0.004999999999990776)))


def far_motions(blue):
    parts = {
        "up": qc.cavity(decay=[0.99, 0.01]),
        "up_motion": qc.cavity(decay=1e-4),
        "link": qc.fibre(0.8),
        "down": qc.cavity(decay=[0.99, 0.01]),
        "down_motion": qc.cavity(decay=1e-4),
    }
    couplings = [
        qc.two_mode_squeezing("up.a", "up_motion.a", blue),
        qc.hopping("down.a", "down_motion.a", 0.0080064072801787),
    ]
    return qc.Network(parts, [("up.out1", "link.in"), ("link.out", "down.in1")], couplings)


def test_the_loudest_of_four_nodes_is_what_many_digits_give():
    """7.4e12, in NumPy and in JAX, with and without its values to look at."""
    exact = float(max(remote_motion.row([(0.5 * 0.98, 0)] * 4)))

    def loudest(fraction):
        state = qc.steady_state(qc.gaussian(chain(4, fraction)))
        return state.cov.max(), state.stable

    for route, x in itertools.product(routes(loudest), arrays(np.float64(0.98))):
        value, stable = route(x)
        assert stable
        assert_allclose(value, exact, rtol=1e-12)


def test_a_quarter_turn_apart_near_threshold_is_refused():
    """The variances span 1e-6 … 1e18: no double precision number holds what the pair is."""
    rate = 0.5 * (1 - 1e-6)
    parts = {"a": qc.squeezed_mode(rate, decay=1), "b": qc.squeezed_mode(1j * rate, decay=1)}
    net = qc.Network(parts, [("a.out", "b.in")])
    state = steady(net)
    if state is not None:  # then it must be right: the purity of two lossless nodes in a row is 1
        assert_allclose(qc.measures.purity(state), 1.0, atol=1e-3)


def test_rates_far_apart_stand_beside_each_other():
    parts = {"light": qc.cavity(1e14, decay=10.0), "slow": qc.cavity(5.0, decay=1.0)}
    state = qc.steady_state(qc.gaussian(qc.Network(parts)))
    assert_allclose(state.cov, np.eye(4) / 2, atol=1e-14)


@pytest.mark.parametrize("quality", [1e9, 1e12])
def test_hardly_damped_modes_have_their_temperature(quality):
    def variance(damping):
        part = qc.cavity(1.0, decay=damping, occupation=2.0)
        return qc.steady_state(qc.gaussian(part)).cov[0, 0]

    for route in routes(variance):
        assert_allclose(route(1 / quality), 2.5, rtol=1e-12)


def test_an_ill_posed_point_of_a_batch_is_nan_alone():
    """A loop of wires without loss has no field at φ = 0, and one at every other phase."""
    parts = {"turn": qc.phase_shifter(np.array([0.0, 1.0])), "m": qc.cavity(decay=1.0)}
    net = qc.Network(parts, [("turn.out", "turn.in")])
    state = qc.steady_state(qc.gaussian(net))
    assert list(np.isnan(state.cov[:, 0, 0])) in ([True, False], [False, False])
    with pytest.raises(qc.ArgumentError, match=r"turn.out → turn.in"):
        qc.Network({**parts, "turn": qc.phase_shifter(0.0)}, [("turn.out", "turn.in")])


# What is stable


def test_stable_states_are_physical_and_all_measures_have_a_value():
    stable, pairs, lost = 0, 0, 0
    for seed, net in networks(MANY, far=True):
        state = steady(net)
        if state is None:
            continue
        stable += 1
        V = state.cov
        assert np.all(V.diagonal() > 0), seed
        width = np.sqrt(V.diagonal())
        principle = (V + 0.5j * symplectic_form(len(V) // 2)) / np.outer(width, width)
        assert np.linalg.eigvalsh(principle)[0] > -1e-13, seed
        for k, b in enumerate(state.modes[1:]):
            pair = state.reduce(state.modes[k], b)
            pairs += 1
            if resolution(pair.cov) > LOST:  # one loud mode of several; told by a warning
                lost += 1
                continue
            assert qc.log_negativity(pair, *pair.modes) >= 0.0, seed
            assert qc.measures.mutual_information(pair, *pair.modes) >= 0.0, seed
            assert qc.measures.steering(pair, *pair.modes) >= 0.0, seed
            assert 0.0 < qc.measures.purity(pair) <= 1.0, seed
            assert np.isfinite(qc.measures.margin(pair, *pair.modes)), seed
    assert stable > 0.6 * MANY
    assert lost < 0.02 * pairs


@pytest.mark.needs("jax")
def test_jax_and_numpy_agree_on_random_networks():
    A, D, known = [], [], []
    for _, net in networks(150, far=True, most=2):
        if len(net.modes) == 2:
            model = qc.gaussian(net)
            A.append(model.A)
            D.append(model.D)
            state = steady(net)
            known.append(np.full((4, 4), np.nan) if state is None else state.cov)
    V, stable = jax.jit(solve)(jnp.asarray(np.array(A)), jnp.asarray(np.array(D)))
    expected = np.array(known)
    assert np.array_equal(np.asarray(stable), ~np.isnan(expected[:, 0, 0]))
    good = np.asarray(stable)
    assert good.sum() > 20
    assert off(np.asarray(V)[good], expected[good]) < 1e-12


def test_chains_near_threshold_keep_their_quiet_pairs():
    """Two neighbours near threshold somewhere in a row of four to eight, at any angle."""
    rng, compared = np.random.default_rng(7), 0
    for _ in range(200):
        nodes, loud = int(rng.integers(4, 9)), int(rng.integers(2, 4))
        below = 10 ** rng.uniform(-7, -2)
        turn = np.exp(2j * np.pi * rng.uniform(size=nodes))
        size = rng.uniform(0.05, 0.35, nodes)
        size[loud : loud + 2] = 0.5 * (1 - below)
        detuning = rng.normal(size=nodes) * 0.3
        detuning[loud : loud + 2] = 0.0
        parts = {
            f"m{k}": qc.squeezed_mode(size[k] * turn[k], detuning[k], decay=1.0)
            for k in range(nodes)
        }
        wires = [(f"m{k}.out", f"m{k + 1}.in") for k in range(nodes - 1)]
        quiet = qc.Network({f"m{k}": parts[f"m{k}"] for k in range(loud)}, wires[: loud - 1])
        state = steady(qc.Network(parts, wires))
        if state is not None:
            compared += 1
            assert off(state.cov[: 2 * loud, : 2 * loud], steady(quiet).cov) < 1e-12
    assert compared > 150


@pytest.mark.parametrize("weight", [1.0, 0.7, -0.3])
def test_a_dark_superposition_has_its_own_temperature_or_is_refused(weight):
    """Two modes on one bath: what it does not see decays at `slow`, and is as warm as that."""

    def error(slow):
        parts = {name: qc.cavity(0.37, decay=slow, occupation=1.0) for name in "ab"}
        bath = qc.common_bath({"a.a": 1.0, "b.a": weight}, 1.0)
        state = qc.steady_state(qc.gaussian(qc.Network(parts, couplings=[bath])))
        dark = np.array([weight, 0.0, -1.0, 0.0]) / np.hypot(1.0, weight)
        return abs(dark @ state.cov @ dark / 1.5 - 1)

    for slow in (1e-3, 1e-6, 1e-9):
        assert error(slow) < 1e-15 / slow
    for slow in (1e-12, 1e-13, 1e-15):  # below the rounding of what the bath does to each mode
        with pytest.raises((qc.ConvergenceError, qc.UnstableError)):
            error(slow)


@pytest.mark.slow
@pytest.mark.needs("jax")
def test_a_dark_superposition_is_refused_where_no_kernel_of_the_processor_is_asked(monkeypatch):
    monkeypatch.setattr("qcascade.lyapunov.solve_host.is_used", lambda n: False)
    fields = np.array([1.0, 0.7])
    bath = -np.outer(fields, fields) / 2  # what both modes do to each other through one bath
    turning = 0.37 * np.eye(2)

    def steady(slow):
        decay = bath - slow / 2 * np.eye(2)
        A = np.block([[decay, turning], [-turning, decay]])[np.ix_([0, 2, 1, 3], [0, 2, 1, 3])]
        D = np.kron(fields[:, None] * fields, np.eye(2)) / 2 + 1.5 * slow * np.eye(4)
        return solve(jnp.asarray(A), jnp.asarray(D))

    V, stable = steady(1e-6)
    dark = np.array([0.7, 0.0, -1.0, 0.0]) / np.hypot(1.0, 0.7)
    assert stable
    assert_allclose(dark @ np.asarray(V) @ dark, 1.5, rtol=1e-9)
    for slow in (1e-12, 1e-15):
        assert not steady(slow)[1]
