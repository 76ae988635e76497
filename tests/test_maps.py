"""A map is the same however it is cut, and whichever route computes its pieces."""

import numpy as np
import pytest

import qcascade as qc
from qcascade.base.units import angular_frequency
from qcascade.linear.model import with_diffusion
from qcascade.linear.state import quadratures
from qcascade.lyapunov.solve import solve
from qcascade.measures import symplectic
from qcascade.papers.jiao2022.model import COUPLED, INTRINSIC, LIGHT, POWER, SIDES, model, point
from qcascade.slh.ladder import scatter

POINTS = 500
RNG = np.random.default_rng(5)
EVERYTHING = {
    "detuning": RNG.uniform(-2, 3, POINTS),
    "spin_left": RNG.uniform(-1e6, 1e6, POINTS),
    "spin_right": RNG.uniform(-1e6, 1e6, POINTS),
    "frequency_ratio": RNG.uniform(0.8, 1.2, POINTS),
    "transmission": RNG.uniform(0, 1, POINTS),
    "phase": RNG.uniform(0, 6, POINTS),
    "temperature": RNG.uniform(0, 0.2, POINTS),
}
SPINS = {name: EVERYTHING[name] for name in ("spin_left", "spin_right")}


@pytest.mark.parametrize("noise", ["printed", "consistent"])
@pytest.mark.parametrize("axes", [EVERYTHING, SPINS], ids=["everything", "spins"])
def test_a_map_is_the_same_to_the_last_bit_in_pieces_of_any_size(axes, noise):
    whole = point(noise=noise, **axes)
    assert 50 < whole["stable"].sum() <= POINTS
    for size in (7, 64, 333):
        starts = range(0, POINTS, size)
        cuts = [{name: x[k : k + size] for name, x in axes.items()} for k in starts]
        pieces = [point(noise=noise, **cut) for cut in cuts]
        for name, values in whole.items():
            joined = np.concatenate([np.atleast_1d(piece[name]) for piece in pieces])
            np.testing.assert_array_equal(joined, np.broadcast_to(values, joined.shape), name)


@pytest.mark.parametrize("side", SIDES)
def test_the_closed_form_of_the_light_is_the_field_of_a_network_of_plain_cavities(side):
    _, fields = model(0.8, 0.3e6, -0.2e6, side, 0.97, 0.7, 0.4)
    shift = [float(qc.physics.sagnac_shift(spin, "36 um", 1.48, LIGHT)) for spin in (0.3e6, -0.2e6)]
    sense = 1 if side == "left" else -1
    rest = 0.8 * angular_frequency("frequency", "88.54 MHz")
    parts = {
        name: qc.cavity(rest + sense * x, {"fibre": COUPLED[name], "lost": INTRINSIC})
        for name, x in zip(SIDES, shift, strict=True)
    }
    parts["laser"] = qc.coherent_drive(qc.physics.drive_amplitude(POWER, LIGHT))
    parts["fibre"] = qc.fibre(0.7, 0.4)
    first, second = SIDES if side == "left" else SIDES[::-1]
    wires = [("laser.out", f"{first}.in_fibre"), (f"{first}.out_fibre", "fibre.in")]
    light = qc.gaussian(qc.Network(parts, [*wires, ("fibre.out", f"{second}.in_fibre")]))
    mean = np.linalg.solve(light.A, -light.drive) / np.sqrt(2)
    for k, mode in enumerate(light.modes):
        assert fields[mode] == pytest.approx(complex(mean[2 * k], mean[2 * k + 1]), rel=1e-12)


def covariances(points, modes, seed=0):
    """Random covariances; not all are those of quantum states, and some points have none."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((points, 2 * modes, 2 * modes))
    V = B @ B.swapaxes(1, 2) / 4
    return qc.GaussianState(tuple("abcdef"[:modes]), None, V, rng.random(points) > 0.1)


@pytest.mark.parametrize("pair", [("a", "b"), ("d", "a"), ("b", "c")])
def test_the_kernel_for_pairs_has_the_bits_of_the_formulas_element_by_element(pair):
    state = covariances(1000, 4)
    modes, signs = state.indices(*pair), np.array([1.0, -1.0])
    rows = quadratures(modes)
    block = state.cov[..., rows[:, None], rows]
    factor = symplectic.cholesky(block, np)
    by_kernel = symplectic.spectrum(state.cov, modes, signs)
    by_element = symplectic.spectrum_of_factor(block, factor, signs, np)
    for x, y in zip(by_kernel, by_element, strict=True):
        np.testing.assert_array_equal(x, y)
    margins = qc.measures.margin(state, *pair)
    assert np.array_equal(np.isnan(margins), ~state.stable)
    one = qc.GaussianState(state.modes, None, state.cov[3])
    assert qc.measures.margin(one, *pair) == margins[3]


def test_many_pairs_keep_the_shape_of_the_batch_and_mark_what_is_not_positive():
    V = covariances(200, 2, seed=1).cov
    V = np.where(np.isnan(V), 0.5 * np.eye(4), V).reshape(2, 100, 4, 4)
    V[1, 7] = np.diag([0.5, 0.5, -0.5, 0.5])
    found = qc.log_negativity(qc.GaussianState(("a", "b"), None, V), "a", "b")
    assert found.shape == (2, 100)
    assert np.argwhere(np.isnan(found)).tolist() == [[1, 7]]


def test_one_diffusion_for_all_points_is_the_same_as_one_for_each():
    rng = np.random.default_rng(2)
    A = rng.standard_normal((37, 6, 6)) - 4 * np.eye(6)
    A[::3, :2, 2:] = 0  # other structures in between
    A[5] *= -1
    B = rng.standard_normal((6, 6))
    shared, stable = solve(A, B @ B.T)
    each, same = solve(A, np.tile(B @ B.T, (37, 1, 1)))
    np.testing.assert_array_equal(shared, each)
    np.testing.assert_array_equal(stable, same)
    assert not stable[5]
    assert stable.sum() > 30
    drifts, _ = solve(A[1], np.tile(B @ B.T, (4, 1, 1)))
    np.testing.assert_array_equal(drifts, np.broadcast_to(shared[1], drifts.shape))


def test_one_diffusion_that_is_not_symmetric_is_refused():
    D = np.eye(4)
    D[0, 1] = 0.5
    with pytest.raises(qc.ArgumentError, match="`D` must be symmetric"):
        solve(np.tile(-np.eye(4), (20, 1, 1)), D)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
@pytest.mark.parametrize("onto", [(), (3,), (2, 1)])
def test_entries_are_added_to_what_is_there(batch, onto):
    rng = np.random.default_rng(4)
    base, value = rng.standard_normal((*onto, 4, 4)), rng.standard_normal(batch)
    found = scatter({(0, 1): value, (2, 2): 5.0}, (4, 4), float, base)
    expected = base + np.zeros((*np.broadcast_shapes(batch, onto), 4, 4))
    expected[..., 0, 1] += value
    expected[..., 2, 2] += 5.0
    np.testing.assert_array_equal(found, expected)


def test_another_noise_leaves_the_drift_and_takes_the_ports():
    here = qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    other = with_diffusion(here, 3 * here.D)
    assert other.A is here.A
    assert other.inputs == ()
    with pytest.raises(qc.ArgumentError, match="`D` must be symmetric"):
        with_diffusion(here, [[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(qc.ArgumentError, match="`D` must have shape"):
        with_diffusion(here, np.eye(4))
