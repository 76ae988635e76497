"""The no-jump equation K X + X K† = Y, solved exactly in every charge sector.

K = −iH − ½ΣJ†J generates the evolution between two quantum jumps. In a cascade excitations never
hop upstream: −½(c_u†c_v + c_v†c_u) + ½(c_u†c_v − c_v†c_u) = −c_v†c_u for u upstream of v, so
that K is block-triangular once basis states are ordered along the flow. The diagonal blocks are
the strongly connected components of K's graph, a few states each. A Schur rotation of each makes
K = Q T Q† with T triangular and still sparse, and X follows by substitution at a cost of
d·nnz(T) instead of d³. Without such structure T is the dense Schur form of a whole sector (R. H.
Bartels & G. W. Stewart, Commun. ACM 15, 820 (1972)), solved in halves so that the work is in
matrix products (I. Jonsson & B. Kågström, ACM TOMS 28, 392 (2002)). Eigenvectors are never used:
a cascade of identical parts is an exceptional point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.threads import spread
from ..hilbert.rounding import ROUNDING, elements
from ..numerics.graphs import part_of_rows, strong_parts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .layout import Layout

DARK = 1e-12
"""A rate below this, relative to the largest element of K, is no decay."""

FLOOR = 1e-2
"""Rate, relative to the largest element of K, that stands in for one that is no decay."""

_SMALL = 8  # components up to this many states are always worth the sparse route
_LEAF = 64  # rows below which LAPACK's unblocked substitution is as fast as products


@dataclass(frozen=True, eq=False)
class NoJump:
    """The map X → K X + X K† + Σ_J J X J† over diagonal jumps J, and its inverse.

    Args:
        layout: which sectors are stored, and how.
        K: no-jump generator (D, D), sector by sector, without elements that ought to be zero.
        jumps: jumps that are diagonal matrices and constant on every component of K
            (`absorbable` finds them); dephasing of qubits, as a rule.

    >>> from scipy.sparse import csr_array
    >>> from qcascade.master_equation.layout import Layout
    >>> from qcascade.hilbert.space import Space
    >>> layout = Layout(Space(("q",), (1,), ("q",), charges=((1,),)), real=True)
    >>> NoJump(layout, csr_array(np.diag([-1.0, -0.5]))).solve(np.array([-2.0, -1.0]))
    array([1., 1.])
    """

    layout: "Layout"
    K: "csr_array"
    jumps: Sequence["csr_array"] = ()

    def solve(self, y: Any, sectors: Sequence[int] | None = None, out: Any = None) -> Any:
        """X from Y, both packed and Hermitian.

        Elements that do not decay (products of dark states of K) are taken to decay at the rate
        `FLOOR`; `exact` says in which sectors there are none.

        Args:
            y: right-hand side, packed (`layout.size`,).
            sectors: numbers into `layout.stored`; all when omitted.
            out: where to write X; other sectors of it are left alone. May be `y`.
        """
        x = np.zeros_like(y) if out is None else out
        chosen = range(len(self.solvers)) if sectors is None else sectors

        def one(k: int) -> None:
            self.solvers[k].solve(self.layout.block(y, k), self.layout.block(x, k))

        sizes = self.layout.space.sizes[self.layout.stored]
        order = sorted(chosen, key=lambda k: -sizes[k])
        spread(one, [k for k in order if isinstance(self.solvers[k], _Sparse)])
        for k in order:
            if isinstance(self.solvers[k], _Dense):  # matrix products have threads of their own
                one(k)
        return x

    def apply(self, k: int, block: Any) -> Any:
        """K X + X K† + Σ_J J X J† for the k-th stored sector, X Hermitian."""
        q = self.layout.stored[k]
        states = slice(self.layout.space.offsets[q], self.layout.space.offsets[q + 1])
        half = _typed(self.K, self.layout.dtype)[states, states] @ block
        for jump in self.jumps:
            number = _typed(jump, self.layout.dtype).diagonal()[states]
            half += 0.5 * number[:, None] * block * number.conj()
        return half + half.conj().T

    @cached_property
    def exact(self) -> np.ndarray:
        """Whether every element decays, by stored sector (booleans)."""
        return np.array([not solver.dark for solver in self.solvers], bool)

    @cached_property
    def solvers(self) -> list[Any]:
        """The solver of every stored sector."""
        K = _typed(self.K, self.layout.dtype)
        numbers = [_typed(jump, self.layout.dtype).diagonal() for jump in self.jumps]
        table = np.stack(numbers, axis=1) if numbers else np.zeros((K.shape[0], 0), K.dtype)
        component = components(K)
        offsets, scale, solvers = self.layout.space.offsets, _largest(K), []
        cache: dict[bytes, Any] = {}
        for q in self.layout.stored:
            states = slice(offsets[q], offsets[q + 1])
            block = K[states, states].tocsr()
            sparse = _triangular(block, component[states], table[states], scale, cache)
            solvers.append(sparse if sparse is not None else _dense(block.toarray(), scale))
        return solvers


def _largest(K: Any) -> float:
    return float(np.abs(K.data).max(initial=0.0))


def _typed(K: Any, dtype: Any) -> Any:
    """The matrix in the numbers of the layout: a real layout is for real matrices."""
    return (K.real if np.dtype(dtype).kind == "f" else K).astype(dtype)


def components(K: "csr_array") -> np.ndarray:
    """Strongly connected component of every state (D,), numbered against the flow.

    K_ij ≠ 0 between components only where that of i has the smaller number.

    Args:
        K: sparse matrix (D, D), without elements that ought to be zero.
    """
    return part_of_rows(*strong_parts(abs(K).T))


def absorbable(K: "csr_array", jumps: Sequence["csr_array"]) -> list[bool]:
    """Which jumps `NoJump` can take in: diagonal, and constant on every component of K.

    Args:
        K: no-jump generator (D, D).
        jumps: jump operators (D, D).
    """
    component = components(K)
    if np.bincount(component).max() > _SMALL:  # some sector may take the dense route
        return [False] * len(jumps)
    fit = []
    for jump in jumps:
        coo, diagonal = jump.tocoo(), jump.diagonal()
        first = np.zeros(component.max() + 1, diagonal.dtype)
        first[component] = diagonal
        even = np.allclose(first[component], diagonal, rtol=0, atol=1e-14 * _largest(jump))
        fit.append(even and not np.any(coo.data[coo.row != coo.col]))
    return fit


class _Sparse(NamedTuple):
    """One sector by sparse substitution."""

    triangle: Any
    dark: bool

    def solve(self, y: Any, out: Any) -> None:
        from . import nojump_kernels

        nojump_kernels.solve(self.triangle, y, out)


def _triangular(
    K: Any, component: Any, numbers: Any, scale: float, cache: dict[bytes, Any]
) -> _Sparse | None:
    """The sparse route for one sector, or nothing where the dense one is faster."""
    from scipy.sparse import csr_array

    from . import nojump_kernels

    d = K.shape[0]
    order = np.argsort(component, kind="stable")
    sizes = np.unique(component, return_counts=True)[1]
    # Large components have dense Schur forms anyway; matrix products are the faster way to use
    # them.
    if sizes.max() > max(_SMALL, d // 8):
        return None
    K = K[order][:, order]
    starts = np.append(0, np.cumsum(sizes))
    Q, block = _rotation(K, starts, scale, cache)
    # K is block upper triangular in this order, and Q block-diagonal with the same blocks: T keeps
    # the zeros.
    T = Q.conj().T @ K @ Q
    if sizes.max() > 1:
        T = _without_rounding(T, abs(Q).T @ abs(K) @ abs(Q))
    T = T.tocoo()
    of = np.repeat(np.arange(len(block) - 1), np.diff(block))
    row, column, value = T.row, T.col, T.data
    outside = (of[row] < of[column]) & (value != 0)
    above, below = np.zeros(d, K.dtype), np.zeros(d, K.dtype)
    pair, diagonal = block[:-1][np.diff(block) == 2], T.diagonal()
    # Real arithmetic leaves a pair of complex rates as a 2×2 block ((a, b), (c, a)), bc < 0.
    above[pair], below[pair] = T.diagonal(1)[pair], T.diagonal(-1)[pair]
    T = csr_array((value[outside], (row[outside], column[outside])), (d, d))
    if sizes.max() > _SMALL and T.nnz > d * d / 4:
        return None
    # Columns of Q, with rows in the order of the sector: a state k of the sorted basis is order[k].
    columns = csr_array(Q.T)
    triangle = nojump_kernels.Triangle(
        block.astype(np.int64),
        diagonal,
        above,
        below,
        T.indptr.astype(np.int64),
        T.indices.astype(np.int64),
        T.data,
        columns.indptr.astype(np.int64),
        order[columns.indices],
        columns.data,
        np.ascontiguousarray(numbers[order]),
        DARK * scale,
        FLOOR * scale,
    )
    return _Sparse(triangle, bool(nojump_kernels.has_dark(triangle)))


def _without_rounding(T: Any, size: Any) -> Any:
    """T without elements that are zero up to the rounding of what they were summed from."""
    T, size = T.tocsr(), size.tocsr()
    T.sum_duplicates()
    T.data = np.where(np.abs(T.data) > ROUNDING * elements(size, T), T.data, 0.0)
    return T


def _rotation(K: Any, starts: Any, scale: float, cache: dict[bytes, Any]) -> tuple[Any, Any]:
    """Block-diagonal unitary Q of Schur vectors, and where the diagonal blocks of Q†KQ begin.

    Blocks that differ by a multiple of 1 (an amplifier beside other qubits) get one and the same
    rotation, so that what commutes with them stays as sparse as it is.
    """
    from scipy.linalg import schur
    from scipy.sparse import block_diag, csc_array

    parts, firsts = [], [np.array([K.shape[0]])]
    for a, b in pairwise(starts):
        block = K[a:b, a:b].toarray()
        shifted = block - block[0, 0] * np.eye(b - a)
        # Equal up to rounding is equal: keys are in units of what rounding leaves.
        key = np.round(shifted / (ROUNDING * scale or 1.0)).tobytes()
        if key not in cache:
            form: Any = schur(shifted, output="complex" if np.iscomplexobj(block) else "real")
            T, Q = form
            cache[key] = Q, np.append(0, 1 + np.flatnonzero(np.diag(T, -1) == 0))
        Q, first = cache[key]
        parts.append(Q)
        firsts.append(a + first)
    return csc_array(block_diag([csc_array(part) for part in parts], format="csc")), np.sort(
        np.concatenate(firsts)
    )


class _Dense(NamedTuple):
    """One sector by its dense Schur form."""

    T: Any
    Q: Any
    dark: bool

    def solve(self, y: Any, out: Any) -> None:
        dagger = self.Q.conj().T
        out[:] = self.Q @ _lyapunov(self.T, dagger @ y @ self.Q) @ dagger
        out += out.conj().T.copy()
        out *= 0.5


def _dense(K: Any, scale: float) -> _Dense:
    """The dense route for one sector."""
    from scipy.linalg import eigvals, schur

    form: Any = schur(K, output="complex" if np.iscomplexobj(K) else "real")
    T, Q = form
    rates: Any = np.diag(T) if np.iscomplexobj(K) else eigvals(T)
    dark = bool(np.min(np.abs(rates[:, None] + rates.conj())) < DARK * scale)
    # In a sector with a dark state everything decays a little faster: X is no solution there, but
    # finite, which is all that a preconditioner asks.
    return _Dense(T - dark * FLOOR * scale * np.eye(len(T)), Q, dark)


def _lyapunov(T: Any, Y: Any) -> Any:
    """X with T X + X T† = Y = Y†, for upper (quasi-)triangular T, by halves."""
    d = len(T)
    if d <= _LEAF:
        return _sylvester(T, T, Y)
    m = _half(T)
    X = np.empty_like(Y)
    # T is upper triangular: the last rows and columns hear of nobody and come first; X_12 then
    # hears of X_22, and X_11 of X_12.
    X[m:, m:] = _lyapunov(T[m:, m:], Y[m:, m:])
    X[:m, m:] = _sylvester(T[:m, :m], T[m:, m:], Y[:m, m:] - T[:m, m:] @ X[m:, m:])
    X[m:, :m] = X[:m, m:].conj().T
    product = X[:m, m:] @ T[:m, m:].conj().T
    X[:m, :m] = _lyapunov(T[:m, :m], Y[:m, :m] - product - product.conj().T)
    return X


def _sylvester(A: Any, B: Any, Y: Any) -> Any:
    """X with A X + X B† = Y, for upper (quasi-)triangular A and B, by halves."""
    from scipy.linalg import get_lapack_funcs

    if max(Y.shape) <= _LEAF:
        trsyl: Any = get_lapack_funcs("trsyl", (A, B, Y))
        X, scale, _ = trsyl(A, B, Y, tranb="C" if np.iscomplexobj(Y) else "T")
        return X if scale == 1.0 else X / scale
    X = np.empty_like(Y)
    if Y.shape[0] >= Y.shape[1]:
        m = _half(A)
        X[m:] = _sylvester(A[m:, m:], B, Y[m:])
        X[:m] = _sylvester(A[:m, :m], B, Y[:m] - A[:m, m:] @ X[m:])
    else:
        m = _half(B)
        X[:, m:] = _sylvester(A, B[m:, m:], Y[:, m:])
        X[:, :m] = _sylvester(A, B[:m, :m], Y[:, :m] - X[:, m:] @ B[:m, m:].conj().T)
    return X


def _half(T: Any) -> int:
    """A row near the middle where no 2×2 diagonal block is cut."""
    m = len(T) // 2
    return m + 1 if T[m, m - 1] else m
