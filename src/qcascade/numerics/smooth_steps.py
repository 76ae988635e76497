"""Numbers that change in time as polynomials over short steps, and how far they are from them.

Over a step of length h a number is f(t₀ + τh) = Σ_j c_j τʲ, through its values at Gauss–Legendre
nodes; what is left between the nodes is looked at in other places.
"""

from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre, polynomial

COUNT = 8
"""Nodes of a step: polynomials of seventh order."""

_NODES = legendre.leggauss(COUNT)[0]
NODES = (_NODES + 1) / 2
CHECKS = np.array([1e-6, 0.37, 0.72, 1 - 1e-6])
"""Between the nodes, where the polynomial that vanishes at all of them is large, and at both ends.

A kink between the last node and an end leaves most behind at that end; an end itself may be when
something is switched."""
PLACES = np.concatenate([NODES, CHECKS])
TO_LEGENDRE = np.linalg.inv(legendre.legvander(_NODES, COUNT - 1))
AT_CHECKS = legendre.legvander(2 * CHECKS - 1, COUNT - 1)
SURE = 3.0
"""How much more a number may be off somewhere than where it is looked at, even at a kink."""
CUT = 4 * 2.0**-52
"""Legendre coefficients beside the largest value that are rounding at most."""


def _powers() -> np.ndarray:
    """Powers of τ from Legendre polynomials of 2τ − 1, (COUNT, COUNT)."""
    table = np.zeros((COUNT, COUNT))
    for k in range(COUNT):
        powers, x = legendre.leg2poly(np.eye(COUNT)[k]), np.array([-1.0, 2.0])
        total = np.zeros(1)
        for c in powers[::-1]:
            total = polynomial.polyadd(polynomial.polymul(total, x), [c])
        table[: k + 1, k] = total[: k + 1]
    return table


TO_POWERS = _powers()


class Steps(NamedTuple):
    """Polynomials of some steps, one after the other."""

    powers: np.ndarray  # h c_j, (S, COUNT, G)
    off: np.ndarray  # h |f − Σ_j c_j τʲ| at most, (S, G)


def places(start: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Times at which the numbers of some steps are wanted, (S · (nodes and checks),).

    Args:
        start: of the steps, (S,).
        h: their lengths, (S,).
    """
    return (start[:, None] + h[:, None] * PLACES).reshape(-1)


def fitted(values: np.ndarray, h: np.ndarray, cut: float) -> Steps:
    """The polynomials through values at `places`.

    Args:
        values: of G numbers, (S · (nodes and checks), G).
        h: lengths of the steps, (S,).
        cut: share of the largest value that the last coefficients may have and be left out.
    """
    f = values.reshape(len(h), len(PLACES), -1) * h[:, None, None]
    at_nodes, between = f[:, :COUNT], f[:, COUNT:]
    c = TO_LEGENDRE @ at_nodes
    least = max(cut, CUT) * np.abs(at_nodes).max(axis=1, keepdims=True)
    # Whatever follows the last coefficient that counts is left out; Legendre polynomials reach 1.
    counts = np.flip(np.logical_or.accumulate(np.flip(np.abs(c) > least, 1), axis=1), 1)
    c = np.where(counts, c, 0.0)
    off = SURE * np.abs(between - AT_CHECKS @ c).max(axis=1)
    return Steps(np.ascontiguousarray(TO_POWERS @ c), off)


def split(steps: Steps, counts: np.ndarray) -> list[Steps]:
    """The steps of every segment.

    Args:
        steps: of all segments, one after the other.
        counts: how many each has.
    """
    ends = np.cumsum(counts)[:-1]
    return [Steps(*pair) for pair in zip(*(np.split(x, ends) for x in steps), strict=True)]
