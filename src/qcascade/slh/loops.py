"""All round trips of fields through wires, summed: loop = (1 − S[o,i])⁻¹."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, is_traced, namespace
from ..numerics.graphs import alike, reachable, strong_parts
from .entries import Entries, entries, summed, times
from .interior import present

MANY = 12
"""Wires of which JAX would compile every one for itself as fast as it then adds them up."""


def round_trips(S_oi: Any, wires: Sequence[tuple[str, str]], acts: Any = None) -> Any:
    """loop = (1 − S[o,i])⁻¹ = 1 + S[o,i] + S[o,i]² + …, wire by wire, upstream first.

    A batch's points with a loop that never settles are NaN; alone, such a loop is an error that
    names its wires.

    Args:
        S_oi: from wire to wire, array (…, w, w).
        wires: their names.
        acts: which of these are there at all, booleans (w, w), where S_oi has no values.
    """
    if acts is not None or S_oi.ndim == 2 or namespace(S_oi) is not np:
        return _summed(S_oi, present(S_oi) if acts is None else acts, wires)
    points = S_oi.reshape(-1, *S_oi.shape[-2:])
    loop, refused = np.full_like(points, np.nan), None
    for some, pattern in alike(points):
        try:
            loop[some] = _summed(points[some], pattern, wires)
        except ArgumentError as error:  # these points alone: NaN beside others
            refused = error
    if refused is not None and np.isnan(loop).any(axis=(-2, -1)).all():
        raise refused
    return loop.reshape(S_oi.shape)


def round_trips_by_entry(S: Entries, wires: Sequence[tuple[str, str]]) -> tuple[Entries, Any]:
    """`round_trips` where numbers vary, and NaN at points without; of wires in a loop, as a matrix.

    Args:
        S: from wire to wire, (w, w).
        wires: their names.
    """
    acts = S.present
    order, start = _parts(acts.tobytes(), len(wires))
    if acts.diagonal().any() or len(start) <= len(wires):
        hidden = any(map(is_traced, S.values.values()))
        loop = round_trips(S.array(), wires, acts if hidden else None)
        lost = 0.0 if hidden else np.where(np.isnan(loop).any(axis=(-2, -1)), np.nan, 0.0)
        return entries(loop, reachable(acts)), lost
    rows: dict[int, dict[int, Any]] = {}
    for w in order.tolist():
        upstream = [
            ((0, k), times(x, y))
            for (at, v), x in S.values.items()
            if at == w
            for k, y in rows[v].items()
        ]
        rows[w] = {w: 1.0} | {k: x for (_, k), x in summed(upstream).items()}
    return Entries(S.shape, {(w, k): x for w, row in rows.items() for k, x in row.items()}), 0.0


@lru_cache(maxsize=64)
def _parts(pattern: bytes, wires: int) -> Any:
    """Wires that feed each other, upstream first; a sweep asks for the same again and again."""
    return strong_parts(np.frombuffer(pattern, bool).reshape(wires, wires))


def _summed(S: Any, acts: Any, wires: Sequence[tuple[str, str]]) -> Any:
    """Row by row: loop_w = 1_w + Σ_v S_wv loop_v over the wires v upstream of w."""
    xp, one = namespace(S), np.eye(len(wires), dtype=complex)
    order, start = _parts(acts.tobytes(), len(wires))
    if xp is not np and MANY < len(wires) < len(start) and not acts.diagonal().any():
        return _substituted(S, order)
    rows: dict[Any, Any] = {}
    for w in np.split(order, start[1:-1]):
        upstream = [v for v in np.flatnonzero(acts[w].any(axis=0)) if v not in w]
        row = one[w]
        for v in upstream:
            row = row + S[..., w, :][..., [v]] * rows[v]
        if acts[w, w].any() or len(w) > 1:
            row = _settled(S[..., w, :][..., w], [wires[k] for k in w]) @ row
        rows |= {v: row[..., [k], :] for k, v in enumerate(w)}
    shape = (*S.shape[:-2], 1, len(wires))
    return xp.concatenate([xp.broadcast_to(rows[v], shape) for v in range(len(wires))], axis=-2)


def _substituted(S: Any, order: Any) -> Any:
    """The same without a loop, by forward substitution, upstream first: what is zero stays so, and
    JAX has one operation to compile in place of some for every wire."""
    from jax.lax.linalg import triangular_solve

    one, back = np.eye(len(order), dtype=complex), np.argsort(order)
    matrix = one - S[..., order, :][..., order]
    right = namespace(S).broadcast_to(one, matrix.shape)
    loop = triangular_solve(matrix, right, left_side=True, lower=True, unit_diagonal=True)
    return loop[..., back, :][..., back]


def _settled(S: Any, wires: Sequence[tuple[str, str]]) -> Any:
    """(1 − S)⁻¹ of wires that feed each other."""
    matrix = np.eye(len(wires)) - S
    if not is_traced(matrix):
        # The weakest singular direction lives on the wires of the ill-posed loop.
        _, singular, v = np.linalg.svd(np.asarray(matrix).reshape(-1, len(wires), len(wires)))
        endless = (singular[:, -1] < 1e-12).reshape(matrix.shape[:-2])
        if endless.all():
            loop = [
                f"{s} → {t}" for (s, t), x in zip(wires, np.abs(v[0, -1]), strict=True) if x > 1e-6
            ]
            raise ArgumentError(
                "Argument `wires` must not close a loop that reproduces its own field exactly, "
                f"but these do: {', '.join(loop)} (put a loss or a phase into the loop)."
            )
        if endless.any():
            matrix = np.where(endless[..., None, None], np.nan, matrix)
    return namespace(matrix).linalg.inv(matrix)
