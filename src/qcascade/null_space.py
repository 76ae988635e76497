"""The null space of a small master equation, written out as a matrix on vectors of all blocks.

vec(AXB) = (A ⊗ Bᵀ) vec X for rows one after another, so that

    L = K ⊗ 1 + 1 ⊗ K* + Σ_J J ⊗ J*.

The rows of L are equations, and a slow one counts as much as a fast one: each is divided by its
own largest element before the singular values decide how many steady states there are.
"""

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .density import DensityState
from .rounding import ROUNDING

if TYPE_CHECKING:
    from .blocks import Generator

_NULL = 64 * float(np.finfo(float).eps)
"""Singular values below this, relative to the largest, are zero."""

_SURE = 1e12
"""‖L⁻¹‖ up to which there is surely no second steady state: L has rows of size 1."""


class NullSpace(NamedTuple):
    """Where L ρ = 0."""

    dimension: int  # how many independent steady states
    vector: Any  # the one of trace 1; of several the one that mixed states end in
    error: float  # estimated error of the vector, from the rounding of L (Frobenius norm)
    slowest: float  # ‖L z‖/‖z‖ of the next singular vector


def null_space(generator: "Generator") -> NullSpace:
    """The steady states of a small master equation.

    Args:
        generator: the master equation; its mirror is not used.
    """
    L, size = liouvillian(generator)
    rows = np.abs(L).max(axis=1)
    rows[rows == 0] = 1.0
    L, size, one = L / rows[:, None], size / rows[:, None], _one(generator)
    with suppress(np.linalg.LinAlgError):
        # (L + c Tr) ρ = c; the trace alone is no equation of its own, because Tr L = 0.
        c = one / np.linalg.norm(one)
        inverse = np.linalg.inv(L + np.outer(c, one))
        if np.linalg.norm(inverse) < _SURE:
            return _only(L, size, one, inverse @ c, inverse, rows)
    return _from_singular_values(L, size, one, rows)


def _only(L: Any, size: Any, one: Any, x: Any, inverse: Any, rows: Any) -> NullSpace:
    """The one steady state after one step of refinement, and its error."""
    x = x / (one @ x)
    step = inverse @ (L @ x)
    x = x - step + (one @ step) * x
    # Independent errors of a few ε in every element of L, and in every product with it.
    rounding = 4 * np.finfo(float).eps * (size @ np.abs(x))
    error = float(np.sqrt(np.sum((np.abs(inverse) ** 2) @ rounding**2)))
    slow = inverse[:, np.argmax(np.linalg.norm(inverse, axis=0))]
    slow = slow - (one @ slow) * x
    slowest = float(np.linalg.norm(rows * (L @ slow)) / (np.linalg.norm(slow) or 1.0))
    return NullSpace(1, x / (one @ x), error, slowest)


def _from_singular_values(L: Any, size: Any, one: Any, rows: Any) -> NullSpace:
    """The steady states where there are several, or nearly so."""
    left, singular, right = np.linalg.svd(L)
    count = max(int(np.sum(singular <= _NULL * (singular[0] or 1.0))), 1)
    if count == 1:
        inverse = (right[:-1].conj().T / singular[:-1]) @ left[:, :-1].conj().T
        return _only(L, size, one, right[-1].conj(), inverse, rows)
    # Conserved quantities ℓ L = 0 say where the mixed state ends.
    conserved, states = left[:, -count:].conj().T, right[-count:].conj().T
    x = states @ np.linalg.solve((conserved / rows) @ states, (conserved / rows) @ one)
    return NullSpace(count, x / (one @ x), 0.0, 0.0)


def as_state(generator: "Generator", x: Any) -> DensityState:
    """A vector of all blocks as a state, Hermitian to the last bit.

    Args:
        generator: the master equation.
        x: vector (n,) of blocks, row by row.
    """
    space = generator.layout.space
    blocks = [
        x[a:b].reshape(d, d) for (a, b), d in zip(pairwise(_ends(space)), space.sizes, strict=True)
    ]
    return DensityState(space, tuple((block + block.conj().T) / 2 for block in blocks))


def liouvillian(generator: "Generator") -> tuple[Any, Any]:
    """L as a dense matrix (n, n), without what cancels, and the sizes its elements are summed from.

    Args:
        generator: the master equation.
    """
    from scipy.sparse import eye_array

    space, real = generator.layout.space, generator.layout.real
    ends, parts = _ends(space), [slice(a, b) for a, b in pairwise(space.offsets)]
    K, jumps = generator.K.tocsr(), [jump.tocsr() for jump in generator.jumps]
    L = np.zeros((ends[-1], ends[-1]), float if real else complex)
    sizes = np.zeros((ends[-1], ends[-1]))
    for s, source in enumerate(parts):
        one, k = eye_array(space.sizes[s]), K[source][:, source]
        for t, target in enumerate(parts):
            pairs = [(k, one), (one, k.conj())] if s == t else []
            blocks = [jump[target][:, source] for jump in jumps]
            pairs += [(block, block.conj()) for block in blocks if block.nnz]
            if pairs:
                at = np.s_[ends[t] : ends[t + 1], ends[s] : ends[s + 1]]
                whole, sizes[at] = _summed(pairs)
                L[at] = whole.real if real else whole
    return L, sizes


def _summed(pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Σ A ⊗ B, dense, with parts that cancel made zero, and the sizes of the terms."""
    from scipy.sparse import kron

    def total(terms: list[Any]) -> Any:
        return sum(terms[1:], terms[0]).toarray()

    whole = total([kron(A, B) for A, B in pairs])
    re = total([kron(abs(A.real), abs(B.real)) for A, B in pairs])
    im = np.zeros_like(re)
    turned = [(A, B) for A, B in pairs if np.any(A.imag.data) or np.any(B.imag.data)]
    if turned:
        re = re + total([kron(abs(A.imag), abs(B.imag)) for A, B in turned])
        mixed = [(A.real, B.imag) for A, B in turned] + [(A.imag, B.real) for A, B in turned]
        im = total([kron(abs(A), abs(B)) for A, B in mixed])
    kept_re = np.where(np.abs(whole.real) > ROUNDING * re, whole.real, 0.0)
    kept_im = np.where(np.abs(whole.imag) > ROUNDING * im, whole.imag, 0.0)
    return kept_re + 1j * kept_im, np.hypot(re, im)


def _ends(space: Any) -> Any:
    """Where every block begins in a vector of all blocks, and the end."""
    return np.cumsum([0, *(space.sizes.astype(np.int64) ** 2)])


def _one(generator: "Generator") -> Any:
    """The identity as a vector of all blocks: Tr ρ is its product with ρ."""
    return np.concatenate([np.eye(d).ravel() for d in generator.layout.space.sizes])
