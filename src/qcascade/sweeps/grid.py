"""The grid of a sweep, cut into boxes that are one stretch of it in row-major order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np


@dataclass(frozen=True)
class Grid:
    """An outer product of axes, and the shape of the boxes it is cut into.

    A box has whole trailing axes, a piece of one axis, and single values of the leading ones.
    It is therefore a rectangle of the grid (a chunk of an array on disk) and at the same time
    one stretch of the flattened grid.

    Args:
        axes: values by name, in the order of the dimensions.
        box: points along each axis in a box; the last box along an axis may have fewer.
    """

    axes: Mapping[str, np.ndarray]
    box: tuple[int, ...]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(x) for x in self.axes.values())

    @cached_property
    def boxes(self) -> tuple[int, ...]:
        """Boxes along each axis."""
        return tuple(-(-n // k) for n, k in zip(self.shape, self.box, strict=True))

    @property
    def count(self) -> int:
        """How many boxes there are."""
        return prod(self.boxes)

    def place(self, index: int) -> tuple[int, ...]:
        """Where a box is among the boxes."""
        return tuple(int(i) for i in np.unravel_index(index, self.boxes))

    def points(self, index: int) -> tuple[int, ...]:
        """How many points a box has along each axis."""
        return tuple(len(x) for x in self.edges(index).values())

    def edges(self, index: int) -> dict[str, np.ndarray]:
        """The piece of each axis that a box covers."""
        corner = zip(self.place(index), self.box, self.axes.items(), strict=True)
        return {name: x[i * k : (i + 1) * k] for i, k, (name, x) in corner}


def cut(axes: Mapping[str, np.ndarray], most: int) -> Grid:
    """Cut a grid into even boxes of at most `most` points.

    Args:
        axes: values by name.
        most: the largest box, in points.

    >>> cut({"x": np.arange(3), "y": np.arange(1000)}, 600).box
    (1, 500)
    >>> cut({"x": np.arange(30), "y": np.arange(10)}, 100).box
    (10, 10)
    """
    box: list[int] = []
    for values in reversed([*axes.values()]):
        pieces = -(-len(values) // max(most, 1))
        box.append(-(-len(values) // pieces))  # even pieces rather than a small rest
        most = most // box[-1] if pieces == 1 else 1
    return Grid(dict(axes), tuple(reversed(box)))


def columns(edges: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One flat array per axis that together run through all points of a box.

    Args:
        edges: the piece of each axis.

    >>> columns({"x": np.array([0, 1]), "y": np.array([5, 6])})["x"]
    array([0, 0, 1, 1])
    """
    flat = np.meshgrid(*edges.values(), indexing="ij")
    return {name: x.ravel() for name, x in zip(edges, flat, strict=True)}
