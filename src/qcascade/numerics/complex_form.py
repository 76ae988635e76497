"""Real matrices of pairs (x, p) that are complex numbers in disguise."""

from typing import Any

import numpy as np


def complex_form(X: Any) -> Any:
    """The complex matrix that does to α = x + ip what X does to pairs (x, p); None if none does.

    A matrix that never mixes α with α* has blocks [[a, −b], [b, a]], that is a + ib, on a quarter
    of the numbers. Its eigenvalues are those of X, or their conjugates.

    Args:
        X: real, shape (2m, n), rows in pairs.

    >>> complex_form(np.array([[0.0, -2.0], [2.0, 0.0]]))
    array([[0.+2.j]])
    >>> complex_form(np.diag([1.0, 2.0])) is None
    True
    """
    if X.shape[0] % 2 or X.shape[1] % 2:
        return None
    xx, xp, px, pp = X[0::2, 0::2], X[0::2, 1::2], X[1::2, 0::2], X[1::2, 1::2]
    return xx + 1j * px if np.array_equal(xx, pp) and np.array_equal(px, -xp) else None
