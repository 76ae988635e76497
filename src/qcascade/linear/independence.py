"""Travelling modes that share the field of a port: how far they are modes of their own."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, is_traced, listed, namespace
from .mode_functions import OutputMode

SEPARATE = 0.5
"""Overlap from which filters are nowhere taken for modes of their own."""

DISTINCT = 1e-6
"""Smallest eigenvalue of the overlaps that leaves digits to orthogonal combinations."""


NOTHING = 1e-9
"""Overlap that is not worth a word."""


def sharing(modes: Mapping[str, OutputMode]) -> list[tuple[int, int]]:
    """Positions of every two modes of one port."""
    pairs = combinations(enumerate(modes.values()), 2)
    return [(j, k) for (j, one), (k, other) in pairs if one.port == other.port]


def nearest_independent(M: Any) -> tuple[Any, Any]:
    """M^{−1/2}, which makes of modes with overlaps M the nearest ones that are independent.

    Args:
        M: [a_j, a_k†], Hermitian, (…, K, K).

    Returns:
        It, and where the smallest eigenvalue of M is no smaller than `DISTINCT`.

    >>> T, _ = nearest_independent(np.array([[1.0, 0.6], [0.6, 1.0]]))
    >>> (T @ [[1.0, 0.6], [0.6, 1.0]] @ T).round(12) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    xp = namespace(M)
    values, vectors = xp.linalg.eigh(M)
    apart = values[..., 0] >= DISTINCT
    roots = xp.where(apart[..., None], values, 1.0) ** -0.5
    return (vectors * roots[..., None, :]) @ xp.conj(vectors.swapaxes(-1, -2)), apart


def overlap_told(
    names: list[str], shared: list[tuple[int, int]], M: Any
) -> tuple[tuple[str, ...], Any]:
    """What to know of modes that share a field, and where all are apart by `SEPARATE` or more."""
    xp = namespace(M)
    overlaps = xp.stack([xp.abs(M[..., j, k]) for j, k in shared], -1)
    apart = (overlaps <= SEPARATE).all(-1)
    if is_traced(overlaps):
        pairs = [f"{names[j]} and {names[k]}" for j, k in shared]
    else:
        sizes = np.asarray(overlaps).reshape(-1, len(shared)).max(0, initial=0.0)
        pairs = [
            f"{names[j]} and {names[k]} by {size:.3g}"
            for (j, k), size in zip(shared, sizes, strict=True)
            if size > NOTHING
        ]
    said = f"modes of one port overlap ({listed(pairs)}) and are taken for independent; "
    return (said + "`orthonormal=True` makes such of them",) if pairs else (), apart


def not_apart(
    names: list[str], shared: list[tuple[int, int]], M: Any, orthonormal: bool
) -> ArgumentError:
    """The error where two modes of one port are nearly one."""
    j, k = max(shared, key=lambda pair: abs(M[pair]))
    limit = f"`orthonormal=True` makes independent modes of what overlaps by more than {SEPARATE}"
    if orthonormal:
        limit = f"some combination of the modes is nothing, to {DISTINCT:g}"
    return ArgumentError(
        f"Argument `modes` must hold modes apart, but {names[j]} and {names[k]} of one port "
        f"overlap by {abs(M[j, k]):.6g} ({limit})."
    )


def turned(z: Any) -> Any:
    """[[Re z, −Im z], [Im z, Re z]] in pairs (x, p), for complex matrices (…, j, k)."""
    xp = namespace(z)
    rows = xp.stack([xp.stack([z.real, -z.imag], -1), xp.stack([z.imag, z.real], -1)], -3)
    return rows.reshape(*z.shape[:-2], 2 * z.shape[-2], 2 * z.shape[-1])
