"""Products of the matrices of large networks, in which every field meets few modes."""

from typing import Any

import numpy as np

from ..base.checks import namespace

LARGE = 256  # rows and columns from which a look at the zeros pays
FEW = 0.02  # share of elements that are not zero, at most


def adjoint_product(X: Any, Y: Any) -> Any:
    """X†Y; of two large NumPy matrices with few nonzero elements, from those alone.

    Args:
        X: array (…, k, m).
        Y: array (…, k, n).

    >>> adjoint_product(np.array([[1j]]), np.array([[2.0]]))
    array([[0.-2.j]])
    """
    x, y = _sparse(X), _sparse(Y)
    if x is None or y is None:
        return _dagger(X) @ Y
    return (x.conj().T @ y).toarray()


def product(X: Any, Y: Any) -> Any:
    """XY; large NumPy matrices with few nonzero elements count by those alone.

    Args:
        X: array (…, k, m).
        Y: array (…, m, n).

    >>> product(np.array([[2.0]]), np.array([[3.0]]))
    array([[6.]])
    """
    x, y = _sparse(X), _sparse(Y)
    if x is None and y is None:
        return X @ Y
    if y is None:
        return x @ Y
    return (y.T @ X.T).T if x is None else (x @ y).toarray()


def weighted_gram(X: Any, weight: Any) -> Any:
    """X†wX with a weight for every row, as `adjoint_product`.

    Args:
        X: array (…, k, n).
        weight: w, array (…, k).

    >>> weighted_gram(np.array([[1.0, 1.0]]), np.array([2.0]))
    array([[2., 2.],
           [2., 2.]])
    """
    x = _sparse(X) if np.ndim(weight) == 1 and namespace(weight) is np else None
    if x is None:
        return _dagger(X) @ (weight[..., :, None] * X)
    weighted = x.copy()
    weighted.data *= np.repeat(weight, np.diff(x.indptr))
    return (x.conj().T @ weighted).toarray()


def _sparse(X: Any) -> Any:
    """The matrix in compressed rows where that pays, else None."""
    if type(X) is not np.ndarray or X.ndim != 2 or len(X) < LARGE or X.shape[1] < LARGE:
        return None
    nonzero = X != 0
    if np.count_nonzero(nonzero) > FEW * X.size:
        return None
    from scipy.sparse import csr_array

    rows, columns = np.divmod(np.flatnonzero(nonzero), X.shape[1])
    begin = np.searchsorted(rows, np.arange(len(X) + 1))
    return csr_array((X[rows, columns], columns, begin), shape=X.shape)


def _dagger(M: Any) -> Any:
    return M.mT.conj()
