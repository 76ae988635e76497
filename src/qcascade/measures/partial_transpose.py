"""The partial transpose of a block-diagonal density matrix, itself in blocks.

⟨i j|ρ^{T_b}|k l⟩ = ⟨i l|ρ|k j⟩. Where ρ conserves the charge q_a + q_b, its partial transpose
conserves q_a − q_b: the blocks are the sectors of the charge with that of group b reversed.
"""

from itertools import pairwise

import numpy as np

from ..base.checks import fail
from ..hilbert.space import Space
from ..hilbert.states import DensityState, PureState

_WIDEST = 4096  # rows of the largest block


def transposed(state: DensityState | PureState, a: list[str], b: list[str]) -> list[np.ndarray]:
    """ρ^{T_b}, block by block; other modes than those of the two groups are traced out.

    Args:
        state: a DensityState or PureState.
        a: names of the modes of one group.
        b: those of the group that is transposed.

    Raises:
        ArgumentError: for groups that split a pair described in a squeezed basis, or blocks too
            large.
    """
    for pair in state.space.squeezed:
        if len(set(pair) & set(a)) == 1 and set(pair) <= {*a, *b}:
            raise fail("b", f"hold both or none of the squeezed pair {pair}", b)
    reduced = state.reduce(*a, *b)
    space, ours, theirs = reduced.space, reduced.space.subspace(a), reduced.space.subspace(b)
    goal = _turned(ours, theirs)
    if max(goal.sizes) > _WIDEST:
        raise fail("state", f"give blocks of at most {_WIDEST} states", int(max(goal.sizes)))
    place = _product_positions(goal, ours, theirs)
    i = ours.positions(space.quanta[:, : len(a)])
    j = theirs.positions(space.quanta[:, len(a) :])
    starts = np.append(0, np.cumsum(goal.sizes**2))
    flat = np.zeros(starts[-1], np.result_type(*reduced.blocks))
    for (low, high), block in zip(pairwise(space.offsets), reduced.blocks, strict=True):
        states = slice(low, high)
        rows, columns = place[i[states][:, None], j[states]], place[i[states], j[states][:, None]]
        sector = np.searchsorted(goal.offsets, rows, side="right") - 1
        corner, size = goal.offsets[sector], goal.sizes[sector]
        flat[starts[sector] + (rows - corner) * size + columns - corner] = block
    return [x.reshape(d, d) for x, d in zip(np.split(flat, starts[1:-1]), goal.sizes, strict=True)]


def _turned(ours: Space, theirs: Space) -> Space:
    """The product of two spaces, with no cutoff in common, and the second's charges reversed."""
    charges = zip(ours.charges, theirs.charges, strict=True)
    return Space(
        ours.modes + theirs.modes,
        ours.tops + theirs.tops,
        ours.qubits + theirs.qubits,
        ours.limits + theirs.limits,
        charges=tuple((*x, *(-q for q in y)) for x, y in charges),
    )


def _product_positions(goal: Space, ours: Space, theirs: Space) -> np.ndarray:
    """Position in `goal` of every pair of basis states, shape (D_a, D_b)."""
    left = np.repeat(ours.quanta, theirs.dimension, axis=0)
    right = np.tile(theirs.quanta, (ours.dimension, 1))
    return goal.positions(np.hstack([left, right])).reshape(ours.dimension, theirs.dimension)
