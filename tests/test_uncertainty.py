"""The uncertainty principle on each mode's own scale, against mpmath."""

import mpmath
import numpy as np
import pytest
from optional import arrays
from scipy.linalg import block_diag, expm

from qcascade.base.conventions import LOST, symplectic_form
from qcascade.linear.state import GaussianState, thermal, two_mode_squeezed
from qcascade.linear.uncertainty import is_physical, resolution


def random_symplectic(rng, modes, strength=0.5):
    G = rng.normal(size=(2 * modes, 2 * modes)) * strength
    return expm(symplectic_form(modes) @ (G + G.T) / 2)


def random_covariance(rng, modes, levels):
    S = random_symplectic(rng, modes)
    V = S @ np.diag(np.repeat(levels, 2)) @ S.T
    return (V + V.T) / 2


def exact_levels(cov, digits=60):
    """Symplectic eigenvalues, ascending: the eigenvalues ±ν of the Hermitian i LᵀΩL, V = L Lᵀ."""
    with mpmath.workdps(digits):
        L = mpmath.cholesky(mpmath.matrix(np.asarray(cov).tolist()))
        form = mpmath.matrix(symplectic_form(len(cov) // 2).tolist())
        levels = mpmath.eighe(mpmath.mpc(0, 1) * (L.T * form * L), eigvals_only=True)
        return np.array([float(x) for x in levels])[len(cov) // 2 :]


def lowest_eigenvalue(cov):
    """Of V + iΩ/2 with every quadrature measured in √V_jj, by LAPACK."""
    scale = 1 / np.sqrt(np.diagonal(cov))
    form = symplectic_form(len(cov) // 2)
    return np.linalg.eigvalsh((np.asarray(cov) + 0.5j * form) * scale[:, None] * scale)[0]


@pytest.mark.parametrize("n", [6e8, 1e12, 1e30])
@pytest.mark.parametrize("cold", [0.05, 0.4, 0.499999])
def test_a_hot_mode_excuses_no_violation_beside_it(n, cold):
    V = np.diag([n, n, cold, cold])
    for array in arrays(V):
        assert not is_physical(array)
        assert not GaussianState(("a", "b"), cov=array).is_physical()
    assert lowest_eigenvalue(V) == pytest.approx(1 - 0.5 / cold, rel=1e-9)
    assert is_physical(np.diag([n, n, 0.5, 0.5]))


def test_local_units_change_no_verdict():
    """Squeezing a mode by itself, as quadratures in other units do, is a symplectic map."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        V = random_covariance(rng, 3, rng.choice([0.45, 0.5, 0.7, 1e6], 3))
        f = 10 ** rng.uniform(-8, 8, 3)
        units = np.diag(np.stack([f, 1 / f], axis=-1).ravel())
        assert is_physical(units @ V @ units) == is_physical(V)
        assert lowest_eigenvalue(units @ V @ units) == pytest.approx(lowest_eigenvalue(V), abs=1e-8)
        assert resolution(units @ V @ units) == pytest.approx(resolution(V), rel=1e-6)


@pytest.mark.parametrize("modes", [1, 2, 3, 5])
def test_the_verdict_is_that_of_the_symplectic_eigenvalues(modes):
    rng = np.random.default_rng(modes)
    verdicts = set()
    for _ in range(25):
        V = random_covariance(rng, modes, 0.5 * 10 ** rng.uniform(-0.4, 6, modes))
        expected = bool(exact_levels(V)[0] > 0.5)
        verdicts.add(expected)
        for array in arrays(V):
            assert is_physical(array, 1e-13) == expected
        assert (lowest_eigenvalue(V) > -1e-13) == expected
    assert verdicts == {True, False}


def test_many_points_large_points_and_no_points_are_judged_alike():
    rng = np.random.default_rng(2)
    V = np.stack([random_covariance(rng, 2, rng.uniform(0.3, 1, 2)) for _ in range(40)])
    alone = [is_physical(x) for x in V]
    assert 0 < sum(alone) < 40
    assert all(is_physical(array).tolist() == alone for array in arrays(V))
    assert is_physical(np.zeros((3, 0, 4, 4))).shape == resolution(np.zeros((3, 0, 4, 4))).shape
    wide = np.kron(np.eye(20), V[:, None])  # 80 rows: by LAPACK
    assert is_physical(wide)[:, 0].tolist() == alone
    assert resolution(wide)[:, 0] == pytest.approx(20 * resolution(V), rel=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0, 0.0])
def test_what_is_no_covariance_is_not_physical(bad):
    V = np.diag([1.0, 1.0, bad, 1.0])
    for array in (*arrays(V), block_diag(*[V] * 20)):
        assert not is_physical(array)
        assert resolution(array) == np.inf


@pytest.mark.parametrize("r", [0.0, 1.0, 3.0, 5.0, 6.0])
def test_squeezing_uses_up_digits(r):
    """Tr C⁻¹ of two modes with correlation ±tanh 2r is 4/(1 − tanh² 2r) = 4 cosh² 2r."""
    V = two_mode_squeezed(["a", "b"], r).cov
    expected = np.finfo(float).eps * 4 * np.cosh(2 * r) ** 2
    assert resolution(V) == pytest.approx(expected, rel=1e-4)
    assert resolution(V) < LOST
    assert is_physical(V, 1e-14)


def test_heat_alone_uses_up_none():
    assert resolution(thermal(["a", "b", "c"], [1e9, 0.0, 3.0]).cov) < 1e-14
    assert resolution(two_mode_squeezed(["a", "b"], 7.0).cov) > LOST


@pytest.mark.parametrize("seed", range(10))
def test_rounding_moves_symplectic_eigenvalues_no_more_than_told(seed):
    rng = np.random.default_rng(seed)
    V = random_covariance(rng, 3, 0.5 * 10 ** rng.uniform(0, 9, 3))
    scale = np.sqrt(np.diag(V))
    change = rng.uniform(-1, 1, V.shape) * np.outer(scale, scale) * 1e-12
    moved = exact_levels(V + (change + change.T) / 2) / exact_levels(V) - 1
    assert np.abs(moved).max() < 1e-12 * resolution(V) / np.finfo(float).eps
