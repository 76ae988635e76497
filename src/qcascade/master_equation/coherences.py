"""Operators between charge sectors, and how a master equation moves them.

A field operator b takes a state's block-diagonal ρ to bρ, whose blocks lie between sectors that
differ by the charge of b. The same equation moves it,

    dX/dt = KX + XK† + Σ_J JXJ†,    X_qq' with charges q − q' = d,

and d is conserved: there is one generator L_d for each d (quantum regression: M. Lax, Phys. Rev.
129, 2342 (1963)). X is no state; it need not be Hermitian, and a trace it has only for d = 0. In
the frame that turns with the charges X turns with the frequency x·d, which is put back by hand, so
that large frequencies stay out of the numbers in which decays stand.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError
from ..hilbert import charges as symmetries
from ..hilbert.cutoffs import check_memory
from ..hilbert.rounding import without_cancelled
from ..linear.resolvent import shifted_solutions
from ..numerics import exponential
from ..numerics.two_floats import Pair
from . import chebyshev, chebyshev_interval

if TYPE_CHECKING:
    from .model import LindbladModel

SMALL = 100
"""Elements of X up to which exponentials of the whole generator are made."""

WHOLE = 1200
"""Elements of X up to which one Schur form serves all frequencies."""

KRYLOV = 900  # vectors of a Krylov space at most
_RESIDUAL = 1e-10  # of a resolvent, relative to what it acts on
_ERROR = 1e-12  # of e^{Lt}X, relative to X


@dataclass(frozen=True, eq=False)
class Turning:
    """A master equation in the frame that turns with its charges.

    Args:
        model: the master equation.
    """

    model: "LindbladModel"

    @cached_property
    def no_jump(self) -> Any:
        """K = −iH − ½ΣJ†J with H less Σ x_c Q_c, sparse (D, D), the same in all sectors."""
        space, jumps = self.model.space, self.model.jump_matrices
        K = -1j * space.represented_matrix(self._slow)
        for J in jumps:
            K = K - 0.5 * (J.conj().T @ J)
        return without_cancelled(K.tocsr(), jumps)

    @cached_property
    def _slow(self) -> Any:
        model = self.model
        H = model.space.represented(model.H)
        return symmetries.rotating(model.modes, H, model.space.charges)

    @cached_property
    def frequencies(self) -> Any:
        """x_c of H = H' + Σ x_c Q_c, one for each charge."""
        model = self.model
        energies, slow = symmetries.collected(model.space.represented(model.H)), self._slow.terms
        words = [((mode, True), (mode, False)) for mode in model.modes]
        turned = np.array([complex(energies.get(w, 0) - slow.get(w, 0)).real for w in words])
        charges = np.array(model.space.charges, float).reshape(-1, len(words))
        return np.linalg.lstsq(charges.T, turned, rcond=None)[0] if len(charges) else np.zeros(0)


class Coherences:
    """All X whose rows have d more of each charge than their columns, as flat vectors.

    Args:
        turning: the master equation.
        difference: d, integers, one for each charge.

    Raises:
        ArgumentError: when the generator needs more memory than is free.
    """

    def __init__(self, turning: Turning, difference: tuple[int, ...]) -> None:
        self.turning, self.difference = turning, difference
        space = turning.model.space
        known = {tuple(values): q for q, values in enumerate(space.sectors.tolist())}
        wanted = (space.sectors - np.array(difference, np.int64).reshape(1, -1)).tolist()
        # The sector of the columns that goes with each sector of rows; −1 where there is none.
        self.partner = np.array([known.get(tuple(values), -1) for values in wanted])
        sizes = space.sizes.astype(np.int64)
        columns = np.where(self.partner >= 0, sizes[self.partner], 0)
        self.columns, self.starts = columns, np.append(0, np.cumsum(sizes * columns))
        self.size = int(self.starts[-1])
        filled = sum(J.nnz for J in turning.model.jump_matrices) / space.dimension
        filled = 2 * turning.no_jump.nnz / space.dimension + filled**2
        check_memory(int(60 * filled * self.size), f"{self.size:,} elements between sectors")

    @property
    def frequency(self) -> float:
        """x·d: X turns as e^{−i x·d t} besides what `matrix` does."""
        return float(np.dot(self.turning.frequencies, self.difference))

    def pack(self, X: Any) -> np.ndarray:
        """The elements of a sparse matrix (D, D) that belong here, as a vector."""
        space, coo = self.turning.model.space, X.tocoo()
        row, column = coo.coords
        q, p = (np.searchsorted(space.offsets, at, side="right") - 1 for at in (row, column))
        paired = (self.partner[q] == p) & (coo.data != 0)
        i, j, q, p = row[paired] - space.offsets[q[paired]], column[paired], q[paired], p[paired]
        at = self.starts[q] + i * self.columns[q] + j - space.offsets[p]
        x = np.zeros(self.size, complex)
        np.add.at(x, at, coo.data[paired])
        return x

    @cached_property
    def matrix(self) -> Any:
        """L_d = K ⊗ 1 + 1 ⊗ K* + Σ J ⊗ J*, sparse (n, n), pair of sectors by pair of sectors."""
        from scipy.sparse import coo_array, csr_array, eye_array, kron

        K = self.turning.no_jump
        entries: list[Any] = []

        def put(target: int, source: int, block: Any) -> None:
            coo = block.tocoo()
            rows, columns = coo.coords
            entries.append((rows + self.starts[target], columns + self.starts[source], coo.data))

        pairs = [(q, p) for q, p in enumerate(self.partner.tolist()) if p >= 0]
        jumps = [_by_source(J, self.turning.model.space) for J in self.turning.model.jump_matrices]
        inside = _by_source(K, self.turning.model.space)
        sizes = self.turning.model.space.sizes
        for q, p in pairs:
            for side, other in ((inside.get(q), None), (None, inside.get(p))):
                if side is not None:
                    put(q, q, kron(side[1], eye_array(sizes[p])))
                if other is not None:
                    put(q, q, kron(eye_array(sizes[q]), other[1].conj()))
            for jump in jumps:
                if q in jump and p in jump:
                    (t, left), (_, right) = jump[q], jump[p]
                    put(t, q, kron(left, right.conj()))
        if not entries:
            return csr_array((self.size, self.size), dtype=complex)
        rows, columns, data = (np.concatenate(x) for x in zip(*entries, strict=True))
        return coo_array((data, (rows, columns)), (self.size, self.size)).tocsr()

    def evolved(self, x: np.ndarray, functional: np.ndarray, times: np.ndarray) -> np.ndarray:
        """f·e^{L_d t}x at some times.

        Args:
            x: a vector (n,) that decays.
            functional: f, a vector (n,).
            times: zero or above, (T,), in any order.
        """
        ahead, back = np.unique(times, return_inverse=True)
        if not np.any(x) or not np.any(functional) or not len(ahead):
            return np.zeros(len(times), complex)
        way = self._by_powers if self.size <= SMALL else self._by_polynomials
        values = way(x, functional, ahead) if ahead[-1] > 0 else np.array([functional @ x])
        return values[back] * np.exp(-1j * self.frequency * times)

    def _by_powers(self, x: np.ndarray, functional: np.ndarray, times: np.ndarray) -> np.ndarray:
        dense: Any = self.matrix.toarray()
        # Real and imaginary parts beside each other: the doublings are those of real matrices.
        real = np.real(np.kron([[1.0, 1j], [-1j, 1.0]], dense))
        powers = exponential.Powers(real, float(times[-1]), _ERROR)
        both, n = np.concatenate([np.real(x), np.imag(x)]), self.size
        moved = np.array([powers.at(both, Pair(float(t), 0.0)) for t in times])
        return (moved[:, :n] + 1j * moved[:, n:]) @ functional

    def _by_polynomials(
        self, x: np.ndarray, functional: np.ndarray, times: np.ndarray
    ) -> np.ndarray:
        L, norm = self.matrix, float(np.linalg.norm(x))

        def apply(y: np.ndarray, out: np.ndarray) -> np.ndarray:
            out[:] = L @ y
            return out

        draw = np.random.default_rng(0).standard_normal
        noise = draw(2 * self.size).view(complex)
        duration, tolerance = float(times[-1]), _ERROR * norm
        bounds = chebyshev_interval.survey(apply, noise, duration, tolerance)
        longest, values, t = bounds.longest, [], 0.0
        while len(values) < len(times):
            if np.linalg.norm(x) <= tolerance:  # all of it has decayed
                values += [0j] * (len(times) - len(values))
                break
            # Several times of one recurrence, as many as a step reaches.
            ahead = times[len(values) : len(values) + 16] - t
            within = ahead[ahead <= longest]
            ends = within if len(within) else np.array([longest / 2, longest])
            share = tolerance * max(float(ends[-1]), 1e-3 * duration) / duration
            taken = chebyshev.step(apply, x, bounds.width, ends, share)
            reached = len(taken.times)
            if len(within):
                values += [functional @ state for state in taken.states]
            if reached < len(ends):
                longest = chebyshev.shortened(float(ends[-1]), duration)
            if reached:
                x, t = taken.states[-1].copy(), t + float(taken.times[-1])
        return np.array(values)

    def resolved(self, x: np.ndarray, functional: np.ndarray, omega: np.ndarray) -> np.ndarray:
        """f·(−iω − L_d)⁻¹x = ∫₀^∞ e^{iωt} f·e^{L_d t}x dt at some frequencies.

        Args:
            x: a vector (n,) that decays: for d = 0, without a trace.
            functional: f, a vector (n,).
            omega: ω, (W,).

        Raises:
            ConvergenceError: when lines are too narrow for as many frequencies as X has.
        """
        if not np.any(x) or not np.any(functional):
            return np.zeros(len(omega), complex)
        shifted = omega - self.frequency
        if self.size > WHOLE:
            return self._by_krylov(x, functional, shifted)
        dense = self.matrix.toarray()
        if not any(self.difference):
            # The steady state is taken from 0 to −‖L‖: nothing changes where there is no trace.
            trace = self.pack(_identity(self.turning.model.space.dimension))
            mixed = trace / trace.sum()
            dense = dense - np.abs(dense).sum(1).max() * np.outer(mixed, trace)
        return shifted_solutions(dense, x[:, None], shifted)[..., 0] @ functional

    def _by_krylov(self, x: np.ndarray, functional: np.ndarray, omega: np.ndarray) -> np.ndarray:
        """Arnoldi's space of L and x serves all frequencies: (−iω − L) shares it."""
        most = min(KRYLOV, self.size)
        check_memory(16 * most * self.size, f"{most} vectors of {self.size:,} elements")
        L, norm = self.matrix, float(np.linalg.norm(x))
        V, H = np.empty((most + 1, self.size), complex), np.zeros((most + 1, most), complex)
        V[0], worst, look = x / norm, np.inf, 20
        for k in range(most):
            w = L @ V[k]
            for _ in range(2):  # twice is enough
                part = (V[: k + 1] @ w.conj()).conj()
                H[: k + 1, k] += part
                w -= part @ V[: k + 1]
            H[k + 1, k] = np.linalg.norm(w)
            closed = abs(H[k + 1, k]) <= 1e-14 * np.abs(H[: k + 1, k]).max()
            if closed or k + 1 >= min(look, most):
                # Looking costs as much as many vectors: seldom, and the more seldom the later.
                m, look = k + 1, int(1.3 * look)
                first = np.zeros((m, 1), complex)
                first[0] = norm
                y = shifted_solutions(H[:m, :m], first, omega)[..., 0]
                worst = 0.0 if closed else float(np.abs(H[m, k] * y[:, -1]).max(initial=0)) / norm
                if worst <= _RESIDUAL:
                    return y @ (V[:m] @ functional)
            V[k + 1] = w / H[k + 1, k]
        raise ConvergenceError(
            f"The spectrum is not certain: after {most} steps a residual of {worst:.2g} is left "
            f"({self.size:,} elements between sectors, lines that are narrow beside the fastest "
            "rate); lower `cutoffs`, or take the Fourier transform of g1."
        )


def _by_source(J: Any, space: Any) -> dict[int, tuple[int, Any]]:
    """The sector that each sector is taken to, and the block that takes it there."""
    coo = J.tocoo()
    row, column = coo.coords
    t, s = (np.searchsorted(space.offsets, at, side="right") - 1 for at in (row, column))
    csr, blocks = J.tocsr(), {}
    for source, target in dict(zip(s.tolist(), t.tolist(), strict=True)).items():
        (a, b), (c, d) = space.offsets[target : target + 2], space.offsets[source : source + 2]
        blocks[source] = target, csr[a:b, c:d]
    return blocks


def _identity(dimension: int) -> Any:
    from scipy.sparse import eye_array

    return eye_array(dimension, format="csr")
