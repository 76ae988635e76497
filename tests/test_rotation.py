"""Decays that are small beside a rotation only are known exactly, and fifty digits agree."""

import numpy as np
import pytest
from independent.gaussian import mp
from numpy.testing import assert_allclose
from optional import jnp

import qcascade as qc
from qcascade.lyapunov.rates import near_threshold
from qcascade.lyapunov.rotation import damped
from qcascade.lyapunov.solve import growth, solve

TOP = 16  # decades of rotation over decay


def exact(A, D):
    """V at fifty digits, from n² linear equations."""
    n, one = len(A), np.eye(len(A))
    sylvester = mp.matrix((np.kron(A, one) + np.kron(one, A)).tolist())
    # An entry of the sum may round; (i, i) with (j, j) is where two numbers meet.
    for i in range(n):
        for j in range(n):
            sylvester[i * n + j, i * n + j] = mp.mpf(A[i, i]) + mp.mpf(A[j, j])
    V = mp.lu_solve(sylvester, mp.matrix((-D).ravel().tolist()))
    return np.array([float(x) for x in V]).reshape(n, n)


def off(V, expected):
    width = np.sqrt(expected.diagonal())
    return np.abs((V - expected) / np.outer(width, width)).max()


def rotating(seed):
    """Two modes, independent, coupled by hopping, or in a row; and whether an answer is owed."""
    rng = np.random.default_rng(seed)
    top = 10 ** rng.uniform(0, TOP)
    detuning = top * rng.choice([0.0, 1.0, rng.uniform()], 2)
    decay, heat = 10 ** rng.uniform(-2, 2, 2), 10 ** rng.uniform(-2, 2, 2)
    kind = seed % 4
    size = 0.4 * decay[0] * np.exp(2j * np.pi * rng.uniform()) if kind == 3 else 0.0
    parts = {
        "a": qc.squeezed_mode(size, detuning[0], decay=decay[0], occupation=heat[0]),
        "b": qc.cavity(detuning[1], decay=decay[1], occupation=heat[1]),
    }
    rate = 10 ** rng.uniform(-1, TOP * rng.uniform()) * np.exp(2j * np.pi * rng.integers(0, 8) / 8)
    couplings = [qc.hopping("a.a", "b.a", rate)] if kind in (1, 3) else []
    wires = []
    if kind == 2:
        parts = {"a": qc.cavity(detuning[0], decay[0]), "b": qc.cavity(detuning[1], decay[1])}
        wires = [("a.out", "b.in")]
    return qc.gaussian(qc.Network(parts, wires, couplings)), kind != 3


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_rotation_hides_no_decay_that_is_given(first):
    for seed in range(first, first + 50):
        model, owed = rotating(seed)
        V, stable = solve(model.A, model.D, model.acts)
        assert stable or not owed, seed
        if stable:
            assert off(V, exact(model.A, model.D)) < 1e-9, seed


@pytest.mark.needs("jax")
def test_jax_gives_no_other_number():
    """It refuses where exchange is 10¹⁵ times faster than decay."""
    models = [rotating(seed)[0] for seed in range(1, 161, 4)]
    A, D = (np.array([getattr(model, name) for model in models]) for name in "AD")
    V, stable = map(np.asarray, solve(jnp.asarray(A), jnp.asarray(D)))
    assert stable.sum() > 30
    for point in np.flatnonzero(stable):
        assert off(V[point], exact(A[point], D[point])) < 1e-9, point


@pytest.mark.parametrize("detuning", [1e16, 1e18, 1e20])
def test_light_at_its_own_frequency_has_its_vacuum(detuning):
    net = qc.Network({"c": qc.cavity(detuning, decay=10)})
    model = qc.gaussian(net)
    assert_allclose(qc.steady_state(model).cov, np.eye(2) / 2, rtol=1e-12, atol=1e-12)
    rate, relative = near_threshold(model.A)
    assert_allclose([rate, growth(model.A)], -5.0, rtol=1e-12)
    assert relative < -0.1
    assert qc.lindblad(net, {"c": 5}).space.tops == (5,)


def test_what_rotation_does_not_excuse():
    """Hopping beside a common bath, and two rates that were equal, are rounded as they are."""
    part = np.zeros(2, int)
    assert damped(np.array([[-1.0, 1e16], [-1e16, -1.0]]), part)
    assert not damped(np.array([[-1.0, 1e16], [2 - 1e16, -1.0]]), part)  # Im ξ is lost
    assert not damped(np.diag([-(2.0**-50), -2.0]), np.arange(2))  # ξ − κ/2 beside −ξ − κ/2
