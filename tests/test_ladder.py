import numpy as np
import pytest

from qcascade import ArgumentError
from qcascade.slh.ladder import as_ladder, lower, scatter, total

a, b = lower("a"), lower("b")


def test_words_are_never_reordered_or_simplified():
    product = (a * a.dag - a.dag * a) * b
    assert product.terms == {
        (("a", False), ("a", True), ("b", False)): 1.0,
        (("a", True), ("a", False), ("b", False)): -1.0,
    }


def test_dag_reverses_words_and_conjugates_coefficients():
    assert ((2 + 1j) * a.dag * b).dag.terms == {(("b", True), ("a", False)): 2 - 1j}


def test_numbers_mix_with_polynomials_from_both_sides():
    assert (1 - a).terms == {(): 1, (("a", False),): -1.0}
    assert (a + 1).terms[()] == (1 + a).terms[()] == 1
    assert (np.float64(2) * a).terms == (a * 2).terms


def test_arrays_are_coefficients_not_loops():
    product = np.array([1.0, 2.0]) * a
    assert product.terms[("a", False),].tolist() == [1.0, 2.0]


def test_degree_modes_and_text():
    H = 3.0 * a.dag * a * b + 1
    assert H.degree == 3
    assert H.modes == ("a", "b")
    assert str(H) == "(3.0) a† a b + (1)"
    assert as_ladder(2).degree == 0


def test_what_is_no_operator_is_refused():
    for wrong in ("x", [1.0, 2.0], None):
        with pytest.raises(ArgumentError, match="`other` must be a Ladder"):
            _ = wrong * a
    for name in (1, "a b", "a†", ""):
        with pytest.raises(ArgumentError, match="`mode` must be a name"):
            lower(name)


def test_total_adds_equal_words():
    assert total([a, a, b]).terms == {(("a", False),): 2.0, (("b", False),): 1.0}
    assert total([]).terms == {}


def test_polynomials_agree_with_matrices_in_fock_space():
    """An independent reader: words as products of truncated matrices."""
    rng = np.random.default_rng(1)
    size = 6
    lowering = np.diag(np.sqrt(np.arange(1, size)), 1)
    matrices = {"a": np.kron(lowering, np.eye(size)), "b": np.kron(np.eye(size), lowering)}

    def read(ladder):
        result = np.zeros((size**2, size**2), complex)
        for word, c in ladder.terms.items():
            product = np.eye(size**2)
            for mode, dagger in word:
                product = product @ (matrices[mode].T if dagger else matrices[mode])
            result += c * product
        return result

    x = complex(*rng.normal(size=2)) * a + complex(*rng.normal(size=2)) * b.dag * a + 1
    y = complex(*rng.normal(size=2)) * b - 0.5 * a.dag
    np.testing.assert_allclose(read(x * y), read(x) @ read(y), atol=1e-12)
    np.testing.assert_allclose(read(x - y), read(x) - read(y), atol=1e-12)
    np.testing.assert_allclose(read((x * y).dag), read(x * y).conj().T, atol=1e-12)


@pytest.mark.parametrize("batched", [False, True])
def test_scatter_places_fixed_and_varying_entries(batched):
    value = np.array([1.0, 2.0]) if batched else 1.0
    matrix = scatter({(0, 1): value, (1, 0): 5.0}, (2, 2), float)
    assert matrix.shape == ((2, 2, 2) if batched else (2, 2))
    np.testing.assert_array_equal(matrix[..., 0, 1], value)
    np.testing.assert_array_equal(matrix[..., 1, 0], 5.0)
    np.testing.assert_array_equal(matrix[..., 0, 0], 0.0)
