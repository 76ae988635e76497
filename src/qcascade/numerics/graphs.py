"""Who acts on whom: strongly connected parts of a pattern, upstream parts first."""

import math
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Any

import numpy as np


def strong_parts(acts: Any) -> tuple[Any, Any]:
    """Strongly connected parts, upstream ones first (R. Tarjan, SIAM J. Comput. 1, 146 (1972)).

    Args:
        acts: matrix (n, n), dense or sparse; acts[i, j] ≠ 0 when j acts on i.

    Returns:
        The order of rows that puts parts together, and where each part begins, and n.

    >>> strong_parts(np.array([[True, True], [False, True]]))
    (array([1, 0]), array([0, 1, 2]))
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    graph = csr_array(acts)
    count, part = connected_components(graph, connection="strong")
    downstream = np.repeat(part, np.diff(graph.indptr))
    upstream = part[graph.indices]
    across = downstream != upstream
    links = np.unique(downstream[across] * np.int64(count) + upstream[across])
    sources: dict[int, list[int]] = {p: [] for p in range(count)}
    for p, q in zip((links // count).tolist(), (links % count).tolist(), strict=True):
        sources[p].append(q)
    parts = list(TopologicalSorter(sources).static_order())
    order = np.argsort(np.argsort(parts)[part], kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=count)[parts])])
    return order, start


def part_of_rows(order: Any, start: Any) -> Any:
    """To which part every row belongs, integers (n,); see `strong_parts`.

    >>> part_of_rows(np.array([2, 0, 1]), np.array([0, 1, 3]))
    array([1, 1, 0])
    """
    part = np.empty(len(order), int)
    part[order] = np.repeat(np.arange(len(start) - 1), np.diff(start))
    return part


def reachable(acts: Any) -> Any:
    """Who acts on whom along any path, and everybody on itself: the transitive closure.

    Args:
        acts: booleans (n, n); acts[i, j] when j acts on i.

    >>> reachable(np.eye(3, k=-1) > 0).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    paths = np.eye(len(acts)) + acts
    for _ in range(max(1, math.ceil(math.log2(max(2, len(acts)))))):
        paths = np.minimum(paths @ paths, 1.0)
    return paths > 0


def alike(X: Any) -> Iterator[tuple[Any, Any]]:
    """Points of a batch (points, n, m) that share a pattern of zeros, and an example of them.

    Mostly all points are alike; but where a coupling is zero at the edge of a map, or flows
    another way in part of it, a point must not inherit its neighbours' structure.

    >>> [points for points, _ in alike(np.array([[[1.0]], [[0.0]], [[2.0]]]))]
    [array([1]), array([0, 2])]
    """
    if not len(X):
        return
    if len(X) == 1:
        yield slice(None), X[0] != 0
        return
    patterns = np.packbits((X != 0).reshape(len(X), -1), axis=1)
    if (patterns == patterns[:1]).all():
        yield slice(None), X[0] != 0
        return
    _, first, kind = np.unique(patterns, axis=0, return_index=True, return_inverse=True)
    for k, example in enumerate(first):
        yield np.flatnonzero(kind.ravel() == k), X[example] != 0


def block_sizes(A: Any, order: Any, start: Any) -> Any:
    """What rounding of every block is relative to: ‖A_II‖, and the rates of its modes.

    A quadrature may be a block by itself, and its rate a difference of those of its mode.
    """
    own = np.abs(A.diagonal())
    own = np.maximum(own, own[partners(order)])
    blocks = pairwise(start)
    with np.errstate(over="ignore"):  # to a size beyond which nothing decays
        return np.array([max(np.linalg.norm(A[a:b, a:b]), own[a:b].max()) for a, b in blocks])


def partners(order: Any) -> Any:
    """Where the other quadrature of the same mode is, in rows of this order."""
    return np.argsort(order)[order ^ 1] if len(order) % 2 == 0 else np.arange(len(order))


def acts(A: Any) -> Any:
    """Which elements of a typed A are more than what rounding left of couplings that cancelled.

    A field that drives a mode and the Hamiltonian that goes with it cancel one way. What is
    left of their difference is compared with the strongest other couplings of both modes, so
    that a slow mode is measured by its own rates; rotations of a mode do not count.

    Args:
        A: drift, (…, n, n); pairs (x, p) when n is even.

    >>> acts(np.array([[-1.0, 1e-16], [1.0, -1.0]])[np.ix_([0, 0, 1, 1], [0, 0, 1, 1])])[0]
    array([ True,  True, False, False])
    """
    n = A.shape[-1]
    pair = 1 + (n % 2 == 0)
    size = np.abs(A).reshape(*A.shape[:-2], n // pair, pair, n // pair, pair)
    modes = size.max(axis=(-3, -1))
    within = np.arange(n // pair)
    own = np.diagonal(np.abs(A), axis1=-2, axis2=-1)
    modes[..., within, within] = own.reshape(*A.shape[:-2], n // pair, pair).max(axis=-1)
    scale = np.sqrt(np.maximum(modes.max(axis=-1), modes.max(axis=-2)))
    rounding = np.finfo(float).eps * (8 + np.sqrt(n))  # of a sum over many fields
    least = rounding * scale[..., :, None] * scale[..., None, :]
    least[..., within, within] = -1.0
    return ~(size <= least[..., :, None, :, None]).reshape(A.shape)  # what is not finite stays
