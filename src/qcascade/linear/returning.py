"""What a mode loses whose own light comes back to it through the wires.

In Im C†(1 + 2X)C the light that leaves such a mode and the light that returns are added up, and
may cancel: a resonator whose wires all lead back to it loses nothing, and rounding would leave it
10⁻¹⁶ of its couplings. What it loses is also what its open inputs see, J = F†C, without a
difference: the antisymmetric part of Im C†(1 + 2X)C is Im J†J.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.checks import namespace
from ..slh.interior import Interior, present, unless_cancelled


def returning(inside: Interior, modes: Sequence[str]) -> list[int]:
    """Positions of the modes that have a way of light from themselves to themselves.

    Args:
        inside: couplings and open paths.
        modes: names of the modes.

    >>> from qcascade import Network, cavity
    >>> ring = Network({"ring": cavity(decay=[1.0, 1.0])}, [("ring.out1", "ring.in2")])
    >>> returning(ring.component.interior, ring.modes)
    [0]
    """
    meets: dict[str, list[int]] = {}
    for row, ladder in enumerate(inside.L):
        for mode in ladder.modes:
            meets.setdefault(mode, []).append(row)
    X = inside.paths.X
    alone = isinstance(X, np.ndarray) and max(map(len, meets.values()), default=0) < 2
    if alone and not X.diagonal(0, -2, -1).any():  # as in most cascades
        return []
    open_X = inside.known.X if inside.known else present(X)
    return [
        k for k, mode in enumerate(modes) if open_X[np.ix_(at := meets.get(mode, []), at)].any()
    ]


def without_rounding(J: Any, F: Any, C: Any, some: Sequence[int]) -> Any:
    """J = F†C, zero where all that inputs see of these modes cancels up to rounding.

    Args:
        J: what each input sees, (…, p, 2N).
        F: the paths from inputs to couplings, (…, q, p).
        C: the couplings, (…, q, 2N).
        some: positions of modes.
    """
    xp = namespace(J, F, C)
    columns = [2 * k + i for k in some for i in (0, 1)]
    part = J[..., columns]
    added = xp.swapaxes(xp.abs(F), -1, -2) @ xp.abs(C[..., columns])
    values = unless_cancelled(part, added)
    if xp is np:
        J = np.array(J)
        J[..., columns] = values
        return J
    return J.at[..., np.array(columns)].set(values)


def losing(A: Any, J: Any, some: Sequence[int]) -> Any:
    """A where what these modes lose, −(A_xx + A_pp)/2, is Im (J†J)_xp.

    Args:
        A: drift, (…, 2N, 2N).
        J: what each input sees, (…, p, 2N).
        some: positions of modes.
    """
    xp = namespace(A, J)
    A = xp.array(xp.broadcast_to(A, np.broadcast_shapes(A.shape[:-2], J.shape[:-2]) + A.shape[-2:]))
    for x, p in ((2 * k, 2 * k + 1) for k in some):
        loss = xp.sum(xp.conj(J[..., x]) * J[..., p], axis=-1).imag
        squeezing = (A[..., x, x] - A[..., p, p]) / 2
        for at, value in ((x, squeezing - loss), (p, -squeezing - loss)):
            if xp is np:
                A[..., at, at] = value
            else:
                A = A.at[..., at, at].set(value)
    return A
