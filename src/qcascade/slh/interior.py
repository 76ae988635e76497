"""What happens between a component's ports: couplings, and the fields that reach them.

A network of wired parts is a component again. Its triple (S, L, H) no longer says who acts on
whom: in A = Ω(G + Im J†J) the field that drives a mode upstream and the Hamiltonian that goes
with it cancel, and rounding leaves something of both. So the way of the fields is kept. With the
couplings L of all parts inside,

    f     = X L + F b_in        the field that meets each coupling,
    b_out = S b_in + W L        what leaves,

X_jk ≠ 0 only where wires lead from coupling k to coupling j, and then to the last bit. The triple
follows: L_ext = W L, H_ext = H + L†ΘL with Θ = (X − X†)/2i (Gough & James, Commun. Math. Phys.
287, 1109 (2009)).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import is_traced, namespace
from .entries import Entries, full
from .ladder import Ladder, total

CANCELLED = 1e-14
"""Part of the fields that are added up, below which what is left of them is rounding."""

SMALL = 24
"""Ports up to which paths are remembered by their numbers, some of which every point shares."""


class Paths(NamedTuple):
    """Which fields get where: S (p, p), X (q, q), F (q, p), W (p, q).

    Arrays, booleans, or `Entries` where the numbers of a small network vary.
    """

    S: Any
    X: Any
    F: Any
    W: Any


class Interior(NamedTuple):
    """The couplings and Hamiltonians of all parts, and the paths of the fields between them.

    `known` says which paths there are at all, as booleans, for numbers that a JAX transformation
    hides; None where they can be looked at. `points` has the leading axes of all paths that went
    into `Entries`: 0, or NaN where a loop of wires has no field.
    """

    L: tuple[Ladder, ...]
    H: Ladder
    paths: Paths
    known: Paths | None = None
    points: Any = 0.0

    @property
    def modes(self) -> tuple[str, ...]:
        """Names of the modes that the operators act on, in order of appearance."""
        words = [word for ladder in (self.H, *self.L) for word in ladder.terms]
        return tuple(dict.fromkeys([mode for word in words for mode, _ in word]))

    @property
    def S(self) -> Any:
        """Scattering numbers, array (…, p, p)."""
        S = self.paths.S
        return S.array() + np.asarray(self.points)[..., None, None] if type(S) is Entries else S

    @property
    def open(self) -> Paths:
        """Which paths there are at all, as booleans."""
        return self.known or Paths(*map(present, self.paths))


def simple(S: Any, L: tuple[Ladder, ...], H: Ladder) -> Interior:
    """The interior of a part without wires: every coupling sits right behind its own row of S."""
    straight = passing(len(L))
    return Interior(L, H, straight if S is straight.S else straight._replace(S=S, F=S))


@lru_cache(maxsize=64)
def passing(ports: int) -> Paths:
    """S = F = 1, X = 0, W = 1 of parts whose fields pass them unscattered: one record for all.

    Args:
        ports: how many there are.
    """
    S = np.eye(ports, dtype=complex)
    paths = Paths(S, np.zeros((ports, ports)), S, np.eye(ports))
    for matrix in paths:
        matrix.flags.writeable = False
    return paths


def couplings(W: Any, L: Sequence[Ladder]) -> tuple[Ladder, ...]:
    """W L, zero where fields cancel up to rounding: a dark mode does not leak through it.

    Entries that vanish everywhere (most of them: wires are few) give no words.
    """
    open_paths, W = present(W), full(W)
    rows, columns = W.shape[-2:]
    return tuple(
        _added([W[..., j, k] * L[k] for k in range(columns) if open_paths[j, k] and L[k].terms])
        for j in range(rows)
    )


def _added(fields: Sequence[Ladder]) -> Ladder:
    """The sum of fields; a word that comes in several of them may cancel."""
    words = [word for field in fields for word in field.terms]
    if len(set(words)) == len(words):
        return total(fields)
    sizes = total(Ladder({word: abs(c) for word, c in field.terms.items()}) for field in fields)
    sums = total(fields).terms.items()
    return Ladder({word: unless_cancelled(c, sizes.terms[word]) for word, c in sums})


def unless_cancelled(x: Any, size: Any) -> Any:
    """x, and zero where it is but rounding of what it was added up from.

    Args:
        x: sums.
        size: the sums of magnitudes.

    >>> unless_cancelled(1 + np.exp(1j * np.pi), 2.0)
    np.complex128(0j)
    """
    xp = namespace(x, size)
    return xp.where(xp.abs(x) > CANCELLED * size, x, x * 0)[()]  # NaN stays NaN


def constants(W: Any, values: Any) -> Any:
    """W λ of the constants λ of the couplings, zero where fields cancel up to rounding.

    Args:
        W: the paths to what leaves, (…, p, q).
        values: λ, (…, q).
    """
    W = full(W)
    xp = namespace(W, values)
    sums = xp.einsum("...pq,...q->...p", W, values)
    return unless_cancelled(sums, xp.einsum("...pq,...q->...p", xp.abs(W), xp.abs(values)))


def interaction(X: Any) -> Any:
    """Θ = (X − X†)/2i, the Hermitian numbers of the field-mediated Hamiltonian L†ΘL."""
    X = full(X)
    xp = namespace(X)
    return (X - xp.conj(xp.swapaxes(X, -1, -2))) / 2j


def mediated(X: Any, L: Sequence[Ladder]) -> Ladder:
    """L†ΘL, from its upper half and the conjugate of that: Hermitian to the last bit."""
    theta = interaction(X)
    exchanging = present(theta)
    half = total(
        L[j].dag * ((theta[..., j, k] if j < k else theta[..., j, k].real / 2) * L[k])
        for j in range(len(L))
        for k in range(j, len(L))
        if exchanging[j, k] and L[j].terms and L[k].terms
    )
    return half + half.dag


def present(matrix: Any) -> Any:
    """Which entries of a matrix (…, p, q) are not zero everywhere; all that cannot be seen."""
    if isinstance(matrix, Entries):
        return matrix.present
    if is_traced(matrix):
        return np.ones(matrix.shape[-2:], bool)
    return np.any(np.asarray(matrix) != 0, axis=tuple(range(matrix.ndim - 2)))


def is_small(paths: Paths) -> bool:
    """Whether paths are remembered by their numbers: plain ones of few ports.

    Args:
        paths: of a part.
    """
    return all(type(x) is np.ndarray and x.ndim == 2 and len(x) <= SMALL for x in paths)


def contents(*every: Paths) -> tuple[Any, ...]:
    """Shapes and numbers of matrices, as what is remembered is found by.

    Args:
        *every: plain paths.
    """
    return tuple((x.shape, x.dtype.char, x.tobytes()) for paths in every for x in paths)


def matrices(contents: Sequence[Any]) -> list[Paths]:
    """The paths of what `contents` has made.

    Args:
        contents: of some paths.
    """
    every = [np.frombuffer(data, kind).reshape(shape) for shape, kind, data in contents]
    return [Paths(*every[k : k + 4]) for k in range(0, len(every), 4)]


def unwritable(paths: Paths) -> Paths:
    """The paths, which many share from now on.

    Args:
        paths: new ones.
    """
    for matrix in paths:
        matrix.flags.writeable = False
    return paths
