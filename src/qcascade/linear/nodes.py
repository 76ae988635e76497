"""Gauss nodes of a step in time, and the numbers of a model at them."""

from typing import NamedTuple

import numpy as np

WIDE = 8
"""Lanes of the kernel: one AVX-512 register."""
NODES = 4
"""Of a step."""
PLACES, _SHARES = np.polynomial.legendre.leggauss(NODES)
PLACES = PLACES / 2
"""Nodes of a step, from −½ to ½."""
WEIGHTS = _SHARES / 2 * PLACES ** np.arange(NODES)[:, None]
"""Moment k of what is known at the nodes."""


class TimeNodes(NamedTuple):
    """Numbers of a model at the nodes of steps, flat, each written as often as it differs.

    Matrix (time t, point p) begins at element (t·stride + point[p])·size of its array; what does
    not change in time has stride 0.
    """

    A: np.ndarray
    D: np.ndarray
    drive: np.ndarray
    strides: tuple[int, int, int]
    point_A: np.ndarray
    point_D: np.ndarray
    point_drive: np.ndarray
