"""Phases of modes are free: which phases of a graph matter, and the rest set to zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..linear.state import GaussianState
from .couplings import KINDS, Edge
from .targets import Target

INDEPENDENT = 1e-9
ROUNDING = 1e-12
"""Of the larger part of a number, and the larger amplitude of a jump."""


def free_turns(target: Target, names: Sequence[str]) -> np.ndarray:
    """Turns φ of the modes, a → e^{iφ}a, that leave the target as it is: columns span them all.

    Args:
        target: what is wanted; powers and E_N do not see phases, a state does.
        names: the modes of the search.
    """
    N = len(names)
    if not isinstance(target, GaussianState):
        return np.eye(N)
    places = [names.index(x) for x in target.modes]
    changes = []
    for k in range(len(places)):
        J = np.zeros_like(target.cov)
        J[2 * k, 2 * k + 1], J[2 * k + 1, 2 * k] = 1.0, -1.0
        changes.append((J @ target.cov - target.cov @ J).ravel())
    _, sizes, rows = np.linalg.svd(np.array(changes).T)
    sizes = np.append(sizes, np.zeros(len(places) - len(sizes)))
    correlated = rows[sizes < INDEPENDENT * np.abs(target.cov).max()]
    others = [k for k in range(N) if k not in places]
    turns = np.zeros((N, len(others) + len(correlated)))
    turns[others, range(len(others))] = 1.0
    turns[places, len(others) :] = correlated.T
    return turns


def charges(edge: Edge, modes: int) -> np.ndarray:
    """How the phase of a coupling's complex number turns with those of all modes."""
    q = np.zeros(modes)
    for mode, charge in zip(edge.modes, KINDS[edge.kind].charges, strict=False):
        q[mode] += charge
    return q


def readable(
    edges: Sequence[Edge], values: Sequence[Sequence[Any]], turns: np.ndarray
) -> tuple[list[list[Any]], list[bool]]:
    """Values with as many phases at zero as turns of the modes allow.

    Edges are taken in their order: the phase of one whose charges are independent of those before
    it is turned away (the tree), that of any other closes a loop, and stays.

    Args:
        edges: couplings of one graph.
        values: what each is made of.
        turns: from `free_turns`.

    Returns:
        New values, and for each edge whether its phase matters.
    """
    rows: list[np.ndarray] = []
    wanted: list[float] = []
    loops = []
    for edge, value in zip(edges, values, strict=True):
        row = charges(edge, len(turns)) @ turns
        number = _number(edge, value)
        angle = 0.0 if number is None else float(np.angle(number))
        fixed = number is None or number == 0
        grown = np.array([*rows, row])
        new = not fixed and np.linalg.matrix_rank(grown, INDEPENDENT) > len(rows)
        if new:
            rows.append(row)
            wanted.append(-angle)
        loops.append(not fixed and not new)
    turn = np.zeros(turns.shape[1])
    if rows:
        turn = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    turned = [
        _turned(edge, value, float(charges(edge, len(turns)) @ turns @ turn))
        for edge, value in zip(edges, values, strict=True)
    ]
    return turned, loops


def _number(edge: Edge, value: Sequence[Any]) -> Any:
    """The complex number whose phase turns: of a jump, relative to its first amplitude."""
    if "c" not in KINDS[edge.kind].parts:
        return None
    return value[-1] * np.sign(value[0]) if len(value) > 1 else value[0]


def _turned(edge: Edge, value: Sequence[Any], angle: float) -> list[Any]:
    number = _number(edge, value)
    if number is None:
        return [float(x) for x in value]
    number = complex(number * np.exp(1j * angle))
    sizes = [abs(number), *(abs(float(x)) for x in value[:-1])]
    # What rounding leaves of a phase that was turned away, or of an amplitude, is nothing.
    small = ROUNDING * max(sizes)
    number = complex(
        0.0 if abs(number.real) < small else number.real,
        0.0 if abs(number.imag) < small else number.imag,
    )
    return [0.0 if x < small else x for x in sizes[1:]] + [number]
