"""Tables that `block_kernels` reads: matrices cut into sectors, and lists of tasks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail
from ..hilbert.rounding import ROUNDING
from .block_kernels import ADD, ROW, SOURCE, SYMMETRIC, TARGET, TILE, WITH_DIAGONAL, WITH_K, Tables

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .layout import Layout

_SCRATCH = 1 << 21  # numbers that may always be used as scratch
_ALONE = 1e6  # multiplications that are not worth a second thread
_CHUNK = 4e5  # multiplications that are worth asking for


class Schedule(NamedTuple):
    """A list of tasks, and where it may be shared among threads."""

    tables: Tables
    phases: list[np.ndarray]  # edges of chunks; a phase begins when the one before is finished
    scratch: int  # numbers of scratch
    panel: int  # numbers of a thread's own memory
    alone: bool  # whether one thread does it all


def tables(layout: "Layout", K: "csr_array", jumps: Sequence["csr_array"]) -> Tables:
    """All matrices, sector by sector, without tasks.

    Args:
        layout: which sectors are stored, and how.
        K: no-jump generator (D, D), `checked`.
        jumps: jump operators (D, D), `checked`.

    Raises:
        ArgumentError: as `blocks.Generator`.
    """
    pool = _Pool()
    for j, J in enumerate(jumps):
        _check_targets(f"jumps[{j}]", J, layout)
    if np.any(layout.owner[K.tocoo().row] != layout.owner[K.tocoo().col]):
        raise ArgumentError("Argument `K` must act within sectors, but connects two of them.")
    offsets = layout.space.offsets
    flat = [J for J in jumps if _is_diagonal(J)]
    others = [J for J in jumps if not _is_diagonal(J)]
    sector, term, diagonal = [], [], []
    for k, q in enumerate(layout.stored):
        states = slice(offsets[q], offsets[q + 1])
        d = int(layout.space.sizes[q])
        numbers = [J.diagonal()[states].real for J in flat]
        place = sum(map(len, diagonal))
        used = [n for n in numbers if np.any(n)]
        diagonal += [np.pad(n, (0, -d % ROW)) for n in used]
        sector.append((layout.starts[k], d, pool.put(K[states, states]), len(used), place))
        for J in others:
            for p, piece, conjugate in _pieces(J, int(q), layout):
                term.append((k, p, pool.put(piece), conjugate, 0))
    return Tables(
        np.zeros((0, 7), np.int64),
        np.array(sector, np.int64).reshape(-1, 5),
        np.array(term, np.int64).reshape(-1, 5),
        *pool.arrays(),
        np.concatenate([np.zeros(0), *diagonal]),
    )


class _Pool:
    """Rows of many sparse matrices, one after another, real and imaginary elements apart."""

    def __init__(self) -> None:
        self.starts: tuple[list[Any], list[Any]] = ([], [])
        self.columns: list[Any] = [np.zeros(0, np.int32)]
        self.values: list[Any] = [np.zeros(0)]
        self.rows = self.entries = 0

    def put(self, matrix: Any) -> int:
        """Take in a sparse matrix; the number of its first row."""
        coo = matrix.tocsr().tocoo()  # sorted by rows
        for starts, values in zip(self.starts, (coo.data.real, coo.data.imag), strict=True):
            nonzero = np.flatnonzero(values)
            counts = np.bincount(coo.row[nonzero], minlength=matrix.shape[0])
            starts.append(self.entries + np.append(0, np.cumsum(counts)))
            self.columns.append(coo.col[nonzero].astype(np.int32))
            self.values.append(values[nonzero].astype(np.float64))
            self.entries += len(nonzero)
        first = self.rows
        self.rows += matrix.shape[0] + 1
        return first

    def arrays(self) -> tuple[Any, Any, Any, Any]:
        """Starts of the real and of the imaginary rows, columns, values."""
        real, imag = (np.concatenate(starts).astype(np.int64) for starts in self.starts)
        return real, imag, np.concatenate(self.columns), np.concatenate(self.values)


def checked(name: str, matrix: Any, layout: "Layout") -> "csr_array":
    """A matrix that fits the space and the numbers of the layout.

    Args:
        name: argument to name in an error.
        matrix: sparse matrix (D, D).
        layout: which sectors are stored, and how.

    Raises:
        ArgumentError: for another shape, or numbers that are not finite or not real where the
            layout is.
    """
    from scipy.sparse import csr_array

    D = layout.space.dimension
    if np.shape(matrix) != (D, D):
        raise fail(name, f"have shape ({D}, {D})", np.shape(matrix))
    sparse = csr_array(matrix, copy=True)
    sparse.sum_duplicates()
    if not np.all(np.isfinite(sparse.data)):
        raise fail(name, "be finite everywhere", sparse.data)
    if layout.real and np.any(np.abs(np.imag(sparse.data)) > ROUNDING * np.abs(sparse.data)):
        raise ArgumentError(f"Argument `{name}` must be real, in a real layout, but is not.")
    sparse = sparse.real.tocsr() if layout.real else sparse
    sparse.eliminate_zeros()
    return sparse


def _check_targets(name: str, J: "csr_array", layout: "Layout") -> None:
    """That every sector is taken to at most one sector."""
    coo = J.tocoo()
    pairs = np.unique(np.stack([layout.owner[coo.col], layout.owner[coo.row]]), axis=1)
    sources, times = np.unique(pairs[0], return_counts=True)
    if np.any(times > 1):
        split = layout.space.sectors[sources[times > 1][0]].tolist()
        raise ArgumentError(
            f"Argument `{name}` must take each sector to one sector, but takes that of charge "
            f"{split} to several."
        )


def _is_diagonal(J: "csr_array") -> bool:
    coo: Any = J.tocoo()
    return bool(np.all(coo.row == coo.col) and not np.any(np.imag(coo.data)))


def _pieces(J: "csr_array", q: int, layout: "Layout") -> Iterator[tuple[int, Any, bool]]:
    """Stored source sectors, J from there to sector q, and whether they stand for conjugates.

    A source that is not stored is ρ = P ρ' Pᵀ with the stored ρ', or its conjugate: J P is what
    acts on ρ'.
    """
    offsets, mirror = layout.space.offsets, layout.mirror
    place = {int(s): k for k, s in enumerate(layout.stored)}
    rows = J[offsets[q] : offsets[q + 1]]
    for p in np.unique(layout.owner[rows.indices]).tolist():
        piece = rows[:, offsets[p] : offsets[p + 1]]
        if p in place:
            yield place[p], piece, False
        elif mirror is not None:
            s = int(layout.partner[p])
            # Column i of J P is column image(i) of J.
            columns = mirror.image[offsets[s] : offsets[s + 1]] - offsets[p]
            yield place[s], piece[:, columns], mirror.conjugate


def schedule(tables: Tables, parts: int, jumps: bool) -> Schedule:
    """The tasks of one application, in an order that bounds the scratch.

    Args:
        tables: the matrices.
        parts: 1 for real numbers, 2 for complex ones.
        jumps: whether to include Σ JρJ† beside Kρ + ρK†.
    """
    width = ROW // parts
    flags = WITH_K + WITH_DIAGONAL * jumps
    sector, term = tables.sector, tables.term.copy()
    panels = -(-sector[:, 1] // width)
    need = panels[term[:, 0]] * sector[term[:, 1], 1] * ROW
    budget = max(_SCRATCH, 2 * int(need.max(initial=0)))
    tasks: list[list[tuple[int, ...]]] = []
    largest = 0
    for batch in _batches(term if jumps else term[:0], need, sector, budget):
        # All S of a batch are written before any is read: two phases, with a wait for all threads
        # between.
        place, sources, targets = 0, [], []
        for k, first, last, more in batch:
            for m in range(first, last):
                term[m, 4], place = place, place + int(need[m])
                d = int(sector[term[m, 1], 1])
                sources += [(SOURCE, m, *cut, 0, 0, 0) for cut in _cuts(d, width)]
            cuts = _cuts(int(sector[k, 1]), width)
            targets += [(TARGET, k, *cut, first, last, ADD if more else flags) for cut in cuts]
        tasks += [sources, targets]
        largest = max(largest, place)
    tasks.append(
        [
            (SYMMETRIC, k, *cut, 0, 0, 0)
            for k in np.argsort(-sector[:, 1]).tolist()
            for cut in _cuts(int(sector[k, 1]), TILE)
        ]
    )
    tasks = [phase for phase in tasks if phase]
    table = np.array([task for phase in tasks for task in phase], np.int64).reshape(-1, 7)
    full = tables._replace(task=table, term=term)
    cost = _costs(full)
    ends = np.cumsum([0, *map(len, tasks)])
    phases = [a + _edges(cost[a:b]) for a, b in pairwise(ends)]
    panel = (int(sector[:, 1].max(initial=0)) + 8) * ROW
    return Schedule(full, phases, largest, panel, float(cost.sum()) < _ALONE)


def _cuts(d: int, width: int) -> list[tuple[int, int]]:
    return [(a, min(a + width, d)) for a in range(0, d, width)]


def _batches(
    term: np.ndarray, need: np.ndarray, sector: np.ndarray, budget: int
) -> Iterator[list[tuple[int, int, int, bool]]]:
    """Groups of (sector, first term, last term, whether it was begun before), within the budget.

    Large sectors come first, and small ones go together.
    """
    # A target needs all its S at once, unless that exceeds the budget: then it is begun with the
    # terms that fit, and the next batch adds the others to it.
    batch, used = [], 0
    for k in np.argsort(-sector[:, 1], kind="stable").tolist():
        first, end = np.searchsorted(term[:, 0], [k, k + 1]).tolist()
        begun = False
        while True:
            last = first
            while last < end and used + need[last] <= budget:
                used += int(need[last])
                last += 1
            if last > first or first == end:
                batch.append((k, first, last, begun))
                first, begun = last, True
            if first == end:
                break
            yield batch
            batch, used = [], 0
    if batch:
        yield batch


def _costs(t: Tables) -> np.ndarray:
    """Multiplications in every task, roughly."""
    lengths = np.append(np.diff(t.real_start) + np.diff(t.imag_start), 0)
    filled = np.append(0, np.cumsum(np.maximum(lengths, 0)))
    d = t.sector[:, 1]
    of_K = filled[t.sector[:, 2] + d] - filled[t.sector[:, 2]] + t.sector[:, 3] * d / 2
    rows = d[t.term[:, 0]]
    of_J = filled[t.term[:, 2] + rows] - filled[t.term[:, 2]]
    before = np.append(0, np.cumsum(of_J))
    cost = np.zeros(len(t.task))
    for n, (kind, k, a, b, first, last, flags) in enumerate(t.task.tolist()):
        if kind == SOURCE:
            cost[n] = ROW * (of_J[k] + 4 * rows[k] + 2 * d[t.term[k, 1]])
        elif kind == TARGET:
            share = 1 - a / d[k]
            cost[n] = ROW * (before[last] - before[first]) * share + 8 * ROW * d[k]
            cost[n] += ROW * of_K[k] if flags & WITH_K else 0.0
        else:
            cost[n] = 8 * (b - a) * b
    return cost


def _edges(cost: np.ndarray) -> np.ndarray:
    """Cut a list of tasks into chunks of about equal cost, each worth a call."""
    total = np.cumsum(cost)
    chunks = int(np.clip(total[-1] / _CHUNK, 1, len(cost)))
    inner = np.searchsorted(total, total[-1] * np.arange(1, chunks) / chunks)
    return np.unique(np.concatenate([[0], inner, [len(cost)]]))
