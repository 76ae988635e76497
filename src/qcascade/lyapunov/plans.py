"""Points of a batch with the same pattern of zeros, and its strongly connected parts."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from ..numerics.graphs import alike, partners, strong_parts


def plans(A: Any) -> Iterator[tuple[Any, Any]]:
    """Points with the same pattern of zeros, and its block triangular structure.

    Args:
        A: drifts, (points, n, n).
    """
    for points, pattern in alike(A):
        yield points, _structure(pattern.tobytes(), A.shape[-1])


@lru_cache(maxsize=64)
def _structure(pattern: bytes, n: int) -> Any:
    """Strongly connected parts of a pattern of nonzero A_ij, upstream parts first."""
    from .sign_parts import Parts

    acts = np.frombuffer(pattern, bool).reshape(n, n)  # acts[i, j]: j acts on i
    order, start = strong_parts(acts)
    runs = [_runs(acts[order[a:b]][:, order[:a]]) for a, b in pairwise(start)]
    run = np.concatenate([[0], np.cumsum([len(r) for r in runs])])
    low, high = np.array([r for rs in runs for r in rs], np.int64).reshape(-1, 2).T.copy()
    return Parts(order, start, run, low, high, partners(order))


def _runs(rows: Any) -> list[tuple[int, int]]:
    """Ranges of columns that are not zero in all rows."""
    edges = np.flatnonzero(np.diff(np.any(rows, axis=0), prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
