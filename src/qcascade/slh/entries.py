"""Matrices of few elements, each a number or an array of its own.

Where rates vary over a batch, or JAX traces them, most of a network stays zero, and the rest are
products of two or three numbers. Element by element these are a few passes over the batch, which a
compiler joins; as small matrix products they would be many, most of them with zeros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import is_plain
from .ladder import scatter

At = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Entries:
    """A matrix by its elements; those that are not there are zero.

    Args:
        shape: rows and columns.
        values: numbers, or arrays (…), by (row, column).

    >>> X = Entries((1, 2), {(0, 1): 2.0})
    >>> (X @ Entries((2, 1), {(1, 0): np.array([1.0, 3.0])})).values
    {(0, 0): array([2., 6.])}
    """

    shape: tuple[int, int]
    values: Mapping[At, Any]

    # NumPy must leave `array @ entries` to us.
    __array_ufunc__ = None

    def __add__(self, other: "Entries") -> "Entries":
        return Entries(self.shape, summed([*self.values.items(), *other.values.items()]))

    def __matmul__(self, other: "Entries") -> "Entries":
        rows: dict[int, list[tuple[int, Any]]] = {}
        for (k, j), y in other.values.items():
            rows.setdefault(k, []).append((j, y))
        terms = [
            ((i, j), times(x, y)) for (i, k), x in self.values.items() for j, y in rows.get(k, ())
        ]
        return Entries((self.shape[0], other.shape[1]), summed(terms))

    def taken(self, rows: Sequence[int], columns: Sequence[int]) -> "Entries":
        """The elements in some rows and columns.

        Args:
            rows: which, in their new order.
            columns: likewise.
        """
        row, column = ({old: new for new, old in enumerate(x)} for x in (rows, columns))
        values = {
            (row[i], column[j]): x for (i, j), x in self.values.items() if i in row and j in column
        }
        return Entries((len(rows), len(columns)), values)

    @property
    def adjoint(self) -> "Entries":
        """The conjugate transpose."""
        turned = {(j, i): x.conjugate() for (i, j), x in self.values.items()}
        return Entries((self.shape[1], self.shape[0]), turned)

    @property
    def present(self) -> Any:
        """Which elements are there, booleans."""
        mask = np.zeros(self.shape, bool)
        for at in self.values:
            mask[at] = True
        return mask

    def array(self, dtype: type = np.complex128) -> Any:
        """The matrix (…, rows, columns)."""
        return scatter(self.values, self.shape, dtype)


def entries(matrix: Any, present: Any) -> Entries:
    """The elements of a matrix (…, p, q) that are there.

    Args:
        matrix: the numbers.
        present: booleans (p, q).
    """
    plain = type(matrix) is np.ndarray and matrix.ndim == 2
    values = {}
    for i, j in np.argwhere(present).tolist():
        x = matrix[..., i, j]
        values[i, j] = x.item() if plain else x
    return Entries((matrix.shape[-2], matrix.shape[-1]), values)


def full(matrix: Any) -> Any:
    """The matrix as an array (…, p, q).

    Args:
        matrix: an array, or `Entries`.
    """
    return matrix.array() if isinstance(matrix, Entries) else matrix


def times(x: Any, y: Any) -> Any:
    """x y; where one is the number 1, as most paths are, nothing is multiplied."""
    if is_plain(x) and x == 1:
        return y
    return x if is_plain(y) and y == 1 else x * y


def summed(terms: Sequence[tuple[At, Any]]) -> dict[At, Any]:
    """Sums of the terms of every element.

    Args:
        terms: elements, some of them several times, and a number or array for each.
    """
    total: dict[At, Any] = {}
    for at, x in terms:
        total[at] = total[at] + x if at in total else x
    return total


def side_by_side(blocks: Sequence[Entries]) -> Entries:
    """The block-diagonal matrix.

    Args:
        blocks: along its diagonal.
    """
    values, row, column = {}, 0, 0
    for block in blocks:
        values |= {(row + i, column + j): x for (i, j), x in block.values.items()}
        row, column = row + block.shape[0], column + block.shape[1]
    return Entries((row, column), values)
