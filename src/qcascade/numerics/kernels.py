"""Eigenvectors of a Hermitian kernel g(t, t′) that is smooth but for a kink at t = t′.

Panels by panels the kernel is known at Gauss–Legendre nodes. Between two panels that is all there
is to know; on a panel g₊, the kernel for t ≤ t′, is known on the whole square, and the matrix of

    ∫∫ ℓ_l(t) g(t, t′) ℓ_m(t′) dt dt′ = A_lm + A_ml*,   A = ∫dt′ ∫_{t<t′} dt ℓ_l(t) g₊ ℓ_m(t′),

follows from integrals of four of the nodes' polynomials ℓ over a triangle. A quadrature over the
kink would converge with the second power of the panels' length only.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre

from .collocation import NODES, TO_LEGENDRE, WEIGHTS, K


class Modes(NamedTuple):
    """Eigenvalues, descending, and orthonormal eigenvectors as functions of time."""

    values: np.ndarray  # (M,)
    shapes: np.ndarray  # at the nodes, (M, Q)


class Kernel(NamedTuple):
    """A Hermitian kernel on the nodes of panels.

    Args:
        times: of the nodes, (Q,).
        weights: of an integral over them, (Q,).
        diagonal: g(t, t), (Q,).
        matrix: of the kernel between orthonormal polynomials of the panels, (Q, Q).
    """

    times: np.ndarray
    weights: np.ndarray
    diagonal: np.ndarray
    matrix: np.ndarray

    @property
    def total(self) -> float:
        """∫g(t, t) dt, the sum of all eigenvalues."""
        return float(self.weights @ self.diagonal)

    @property
    def beyond(self) -> np.ndarray:
        """What of that no polynomial of a panel holds, by panel: eigenvalues of the kink's tail."""
        held = np.real(np.diagonal(self.matrix))
        return (self.weights * self.diagonal - held).reshape(-1, K).sum(axis=1)

    def modes(self) -> Modes:
        """v_k and n_k of g(t, t′) = Σ n_k v_k*(t) v_k(t′)."""
        values, vectors = np.linalg.eigh(self.matrix.T)
        shapes = vectors.T[::-1] / np.sqrt(self.weights)
        return Modes(values[::-1], shapes)


class Panels:
    """A kernel that is made panel by panel."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.lengths: list[float] = []
        self.before: list[np.ndarray] = []
        self.own: list[np.ndarray] = []

    def add(self, start: float, length: float, before: np.ndarray, own: np.ndarray) -> None:
        """One more panel, behind all others.

        Args:
            start: where it begins.
            length: of it.
            before: g between earlier nodes and its own, (Q, K).
            own: g₊ between its own, (K, K), earlier times first.
        """
        self.starts.append(float(start))
        self.lengths.append(float(length))
        self.before.append(before)
        self.own.append(own)

    def kernel(self) -> Kernel:
        """The kernel on all panels."""
        h = np.array(self.lengths)
        times = (np.array(self.starts)[:, None] + h[:, None] * NODES).ravel()
        weights = np.outer(h, WEIGHTS).ravel()
        matrix = np.zeros((len(times),) * 2, complex)
        root = np.sqrt(weights)
        for p, (before, own) in enumerate(zip(self.before, self.own, strict=True)):
            panel = slice(p * K, (p + 1) * K)
            matrix[: p * K, panel] = root[: p * K, None] * before * root[panel]
            matrix[panel, : p * K] = matrix[: p * K, panel].conj().T
            A = h[p] * np.einsum("lqmr,qr->lm", _triangle(), own)
            matrix[panel, panel] = A + A.conj().T
        diagonal = np.real(np.concatenate([np.diagonal(own) for own in self.own]))
        return Kernel(times, weights, diagonal, matrix)


@lru_cache(maxsize=1)
def _triangle() -> np.ndarray:
    """∫₀¹dt′ ∫₀^{t′}dt ℓ_l(t)ℓ_q(t)ℓ_m(t′)ℓ_r(t′)/√(w_l w_m), indexed (l, q, m, r)."""
    x, w = legendre.leggauss(2 * K)
    t, w = (x + 1) / 2, w / 2

    def at(times: np.ndarray) -> np.ndarray:
        return legendre.legvander(2 * times - 1, K - 1) @ TO_LEGENDRE

    outer = at(t)
    inner = at(t[:, None] * t)  # (t′, t, K): from 0 to t′
    pairs = np.einsum("st,stl,stq->slq", t[:, None] * w, inner, inner)
    both = np.einsum("s,slq,sm,sr->lqmr", w, pairs, outer, outer, optimize=True)
    root = np.sqrt(WEIGHTS)
    return both / root[:, None, None, None] / root[:, None]
