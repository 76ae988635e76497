"""What another noise, or another drift, changes: entry by entry, and in the entanglement."""

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from ..linear.model import GaussianModel
from ..linear.state import GaussianState, computed_state, quadratures
from ..lyapunov.solve import solve
from ..measures.gaussian import log_negativity

NOTHING, NUMBER, CONCLUSION = "changes nothing", "changes the number", "changes the conclusion"

_VISIBLE = 1e-4  # of E_N: less is not seen in any figure or table
_ENTANGLED = 1e-6  # nats
_CROSSED = 0.01  # of a pair's largest E_N: at the edge of a region less is no other conclusion
_PAIRS = 200  # beyond which pairs are not compared
_SAME = 1e-9  # of the rates of both modes


class Effect(NamedTuple):
    """What becomes of E_N.

    Args:
        change: "changes nothing", "changes the number" or "changes the conclusion".
        pair: the two modes whose E_N changes most; empty where no pair is entangled.
        before: their E_N.
        after: what it becomes.
        point: where in a batch.
        lost: points at which only one of the two models has a steady state.
    """

    change: str
    pair: tuple[str, ...]
    before: float
    after: float
    point: tuple[int, ...]
    lost: int = 0


class Difference(NamedTuple):
    """The entry in which a block of two models differs most.

    Args:
        matrix: "A" or "D".
        row: mode and quadrature of the row, ("up.a", "x").
        column: the same of the column.
        printed: the entry of the model.
        wired: the entry that the wiring implies.
        point: where in a batch.
    """

    matrix: str
    row: tuple[str, str]
    column: tuple[str, str]
    printed: float
    wired: float
    point: tuple[int, ...]


def in_order(model: GaussianModel, modes: tuple[str, ...]) -> GaussianModel:
    """The same model with its modes in another order, without its ports.

    Args:
        model: the model.
        modes: its modes, as they shall stand.
    """
    if model.modes == modes:
        return model
    rows = quadratures([model.modes.index(mode) for mode in modes])
    A, D = (np.asarray(X)[..., rows[:, None], rows] for X in (model.A, model.D))
    return GaussianModel(modes, A, D, np.asarray(model.drive)[..., rows])


def effect(before: GaussianModel, after: GaussianModel) -> Effect | None:
    """What another model of the same modes changes in E_N of every pair of modes.

    The conclusion changes where one of the two says "entangled" and the other does not, or where
    only one of them has a steady state.

    Args:
        before: the model.
        after: the other one.

    Returns:
        The largest change; None where neither has a steady state, or there are too many pairs.
    """
    pairs = list(combinations(before.modes, 2))
    states = [_steady(model) for model in (before, after)]
    stable = np.logical_and(*(state.stable for state in states))
    lost = int(np.sum(np.logical_xor(*(state.stable for state in states))))
    if len(pairs) > _PAIRS or not (stable.any() or lost):
        return None
    worst, gap = Effect(NOTHING, (), 0.0, 0.0, ()), -1.0
    changes = {CONCLUSION} if lost else {NOTHING}
    for pair in pairs:
        old, new = (np.broadcast_to(log_negativity(s, *pair), stable.shape) for s in states)
        change, largest = _change(old, new, stable & np.isfinite(old) & np.isfinite(new), pair)
        changes.add(change)
        if largest.pair and abs(largest.after - largest.before) > gap:
            worst, gap = largest, abs(largest.after - largest.before)
    strongest = next(c for c in (CONCLUSION, NUMBER, NOTHING) if c in changes)
    return worst._replace(change=strongest, lost=lost)


def _change(old: Any, new: Any, known: Any, pair: tuple[str, str]) -> tuple[str, Effect]:
    """How E_N of one pair changes, and where most; no pair where it is never entangled."""
    top = max(float(np.max(x, where=known, initial=0.0)) for x in (old, new))
    if top <= _ENTANGLED:
        return NOTHING, Effect(NOTHING, (), 0.0, 0.0, ())
    gap = np.where(known, np.abs(new - old), 0.0)
    at = tuple(int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
    crossed = known & ((old > _ENTANGLED) != (new > _ENTANGLED)) & (gap > _CROSSED * top)
    change = CONCLUSION if crossed.any() else NUMBER if gap[at] > _VISIBLE * top else NOTHING
    return change, Effect(change, pair, float(old[at]), float(new[at]), at)


def _steady(model: GaussianModel) -> GaussianState:
    """The steady state, NaN where there is none, for single models too."""
    V, stable = solve(np.asarray(model.A), np.asarray(model.D))
    stable = np.asarray(stable)
    mean = np.where(stable[..., None], 0.0, np.nan) * np.ones(V.shape[-1])
    return computed_state(model.modes, mean, V, stable)


def differences(
    model: GaussianModel, wired: GaussianModel, error_A: Any = 0.0, error_D: Any = 0.0
) -> tuple[Difference, ...]:
    """Where A and D of two models differ, block by block, with the entry that differs most.

    An entry differs when it is off by more than its last digit allows, and 1e-9 of √(r_i r_j),
    with the largest rate r of its row and its column.

    Args:
        model: the model.
        wired: what its wiring implies, of the same modes.
        error_A: how far the entries of A may be off.
        error_D: the same for D.
    """
    A, D, other_A, other_D = np.broadcast_arrays(
        *(np.asarray(x) for m in (model, wired) for x in (m.A, m.D))
    )
    rates = [np.abs(x).max(axis=-1) for x in (A, D, other_A, other_D)]
    rate = np.maximum.reduce(rates)
    scale = np.sqrt(rate[..., :, None] * rate[..., None, :])
    blocks = []
    for name, given, implied, error in (("A", A, other_A, error_A), ("D", D, other_D, error_D)):
        gap = np.abs(implied - given)
        gap = np.where(gap > _SAME * scale + error, gap, 0.0)
        for j, k in np.ndindex(len(model.modes), len(model.modes)):
            if name == "D" and k > j:  # symmetric
                continue
            block = gap[..., 2 * j : 2 * j + 2, 2 * k : 2 * k + 2]
            if block.size and block.max() > 0:
                *point, r, c = (int(i) for i in np.unravel_index(block.argmax(), block.shape))
                at = (*point, 2 * j + r, 2 * k + c)
                row, column = (model.modes[j], "xp"[r]), (model.modes[k], "xp"[c])
                values = float(given[at]), float(implied[at])
                blocks.append(Difference(name, row, column, *values, tuple(point)))
    return tuple(blocks)
