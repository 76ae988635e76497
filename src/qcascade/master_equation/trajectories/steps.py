"""|ψ(t)⟩ = e^{Kt}|ψ⟩ between jumps, from Krylov bases with dense output.

m steps of Arnoldi give orthonormal V and K V = V H + h v_{m+1} e_m†. Then, with c(s) = e^{sH}e_1,

    e^{sK}ψ = ‖ψ‖ V c(s) + h ‖ψ‖ ∫_0^s e^{(s−s')K} v_{m+1} [c(s')]_m ds'

(Y. Saad, SIAM J. Numer. Anal. 29, 209 (1992), th. 5.1). K + K† = −Σ J†J ≤ 0, so e^{sK} never
lengthens a vector and the last term is at most h ‖ψ‖ ∫|c_m|: a bound on the error, not an
estimate, however far from normal K is. As long as it is small, the norm ‖c(s)‖² that decides when
the next jump comes, and kets at any time, cost next to nothing.
"""

from dataclasses import dataclass

import numpy as np

from ...base.checks import ArgumentError
from . import kernels
from .kernels import CHUNK, Rows
from .sectors import Share

SIZES = (4, 7, 11, 16, 22, 30, 40)  # of the bases that are tried, one after the other
POINTS = 1024  # most points of a step at which the error is bounded
TERMS = 20  # of the Taylor series between points, with ‖H‖·(time) ≤ 1
LOST = 0.05  # of a vector left by orthogonalisation, below which it is done again
CLOSED = 2.0**-50  # of ‖H‖: a basis left by less than this is invariant, but for rounding


@dataclass(frozen=True, eq=False)
class Stretch:
    """The small problem of one step: where a ket goes until a jump, the horizon, or the error.

    Args:
        H: K in the Krylov basis (m, m).
        points: c at times 0, d, 2d, … (n, m).
        spacing: d.
        duration: how far the step goes.
        jumped: whether it ends with a jump.
        complete: whether it ends with a jump or at the horizon.
    """

    H: np.ndarray
    points: np.ndarray
    spacing: float
    duration: float
    jumped: bool
    complete: bool

    @property
    def followed(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (n,) from the beginning of this step to its end, at most d apart, and c there."""
        times = self.spacing * np.arange(len(self.points))
        inside = times < self.duration
        return (
            np.append(times[inside], self.duration),
            np.vstack([self.points[inside], self.at(self.duration)]),
        )

    def at(self, time: float) -> np.ndarray:
        """c at a time of this step."""
        k = min(int(time / self.spacing), len(self.points) - 1)
        return _taylor(self.H, self.points[k], time - k * self.spacing).sum(axis=0)


def advance(
    K: Rows,
    psi: np.ndarray,
    horizon: float,
    threshold: float,
    tolerance: float,
    memory: np.ndarray,
    share: Share,
) -> tuple[Stretch, np.ndarray]:
    """One step from a normalised ket, and the basis (m, n) it was found in, at a product each.

    Args:
        K: no-jump generator of the sector.
        psi: ket (n,), of norm 1.
        horizon: longest time of interest.
        threshold: squared norm at which a jump comes.
        tolerance: error allowed per unit of time, relative to the norm.
        memory: numbers for the basis, ((max(SIZES) + 1) · n,) at least.
        share: how rows are shared among threads.
    """
    n = len(psi)
    most = min(SIZES[-1], n)
    basis = memory[: (SIZES[-1] + 1) * n].reshape(-1, n)
    basis[0] = psi
    H = np.zeros((most + 1, most), basis.dtype)
    m, closed = 0, False
    stretch = None
    for size in sorted({min(size, most) for size in SIZES}):
        while m < size and not closed:
            m += 1
            H[: m + 1, m - 1] = _arnoldi(K, basis, m, share)
            closed = m == n or abs(H[m, m - 1]) <= CLOSED * np.linalg.norm(H[:m, :m])
        spill = 0.0 if closed else abs(H[m, m - 1])
        stretch = _stretch(H[:m, :m], spill, horizon, threshold, tolerance)
        if stretch.complete or closed:
            break
    if stretch is None or stretch.duration <= 0:
        raise ArgumentError("Argument `tolerance` must be larger: no step is as exact as that.")
    return stretch, basis[:m]


def ket(stretch: Stretch, basis: np.ndarray, time: float, share: Share) -> np.ndarray:
    """The ket (n,) at a time of a step.

    Args:
        stretch: the step.
        basis: that it was found in (m, n).
        time: from the beginning of the step.
        share: how rows are shared among threads.
    """
    y = np.empty_like(basis[0])
    share(kernels.combine, len(y), basis, stretch.at(time), y)
    return y


def _arnoldi(K: Rows, basis: np.ndarray, m: int, share: Share) -> np.ndarray:
    """Column m of H, (m + 1,), and the next basis vector."""
    n, y = basis.shape[1], basis[m]
    partial = np.empty((-(-n // CHUNK), m + 1), basis.dtype)
    share(kernels.apply_project, n, K, basis, m, y, partial)
    sums = partial.sum(axis=0)
    h, before = sums[:m].copy(), float(sums[m].real)
    share(kernels.subtract, n, basis, h, y, partial)
    after = float(partial[:, 0].sum().real)
    if after < LOST**2 * before:
        share(kernels.project, n, basis, m, y, partial)
        again = partial.sum(axis=0)[:m].copy()
        share(kernels.subtract, n, basis, again, y, partial)
        h, left = h + again, float(partial[:, 0].sum().real)
        # What falls twice is rounding, without a direction of its own.
        after = left if left >= LOST**2 * after else 0.0
    length = np.sqrt(after)
    share(kernels.scale, n, y, 1 / length if length else 0.0)
    return np.append(h, length)


def _taylor(H: np.ndarray, c: np.ndarray, time: float) -> np.ndarray:
    """Terms (tH)^k c / k! of e^{tH}c, shape (TERMS, m)."""
    terms = np.empty((TERMS, len(c)), H.dtype)
    terms[0] = c
    for k in range(1, TERMS):
        terms[k] = (H @ terms[k - 1]) * (time / k)
    return terms


def _stretch(
    H: np.ndarray, spill: float, horizon: float, threshold: float, tolerance: float
) -> Stretch:
    """Follow c(s) until the bound on the error is reached, the norm falls below, or the end."""
    m = len(H)
    size = float(np.abs(H).sum(axis=0).max())
    spacing = horizon if size * horizon <= 1 else 1 / size
    step = _exponential(H, spacing)
    points = np.zeros((1, m), H.dtype)
    points[0, 0] = 1
    while True:
        points, step = np.vstack([points, points @ step.T]), step @ step
        squares = np.sum(np.abs(points) ** 2, axis=1)
        times = spacing * np.arange(len(points))
        error = spill * spacing * (np.cumsum(np.abs(points[:, -1])) - abs(points[0, -1]))
        good = error <= tolerance * times * np.sqrt(squares)
        last = len(good) - 1 if good.all() else int(np.argmin(good)) - 1
        below = np.flatnonzero(squares[: last + 1] < threshold)
        over = times[last] >= horizon * (1 - 1e-14)
        if len(below) or over or last < len(good) - 1 or len(points) >= POINTS:
            break
    end, jumped = min(float(times[last]), horizon), False
    if len(below):
        k = int(below[0]) - 1
        moment = k * spacing + _crossing(H, points[k], spacing, threshold)
        jumped = moment <= horizon
        end = min(moment, horizon)
    return Stretch(H, points, spacing, end, jumped, jumped or bool(len(below)) or bool(over))


def _exponential(H: np.ndarray, time: float) -> np.ndarray:
    """e^{tH} for t‖H‖ ≤ 1."""
    total = term = np.eye(len(H), dtype=H.dtype)
    for k in range(1, TERMS):
        term = (H @ term) * (time / k)
        total = total + term
    return total


def _crossing(H: np.ndarray, c: np.ndarray, spacing: float, threshold: float) -> float:
    """When ‖e^{sH}c‖² = threshold, for 0 < s ≤ spacing."""
    terms = _taylor(H, c, spacing)
    gram = np.real(terms.conj() @ terms.T)
    # ‖Σ x^k term_k‖² as a polynomial in x: sums of the Gram matrix along its antidiagonals.
    degree = np.add.outer(np.arange(TERMS), np.arange(TERMS))
    polynomial = np.bincount(degree.ravel(), gram.ravel())

    def excess(x: float) -> float:
        return float(np.polynomial.polynomial.polyval(x, polynomial)) - threshold

    low, high = 0.0, 1.0
    x, f = 0.0, excess(0.0)
    slope = polynomial[1:] * np.arange(1, len(polynomial))
    for _ in range(100):
        if abs(f) <= 1e-15 or high - low <= 1e-15:
            break
        low, high = (x, high) if f > 0 else (low, x)
        rate = float(np.polynomial.polynomial.polyval(x, slope))
        newton = x - f / rate if rate < 0 else high
        x = newton if low < newton < high else (low + high) / 2
        f = excess(x)
    return x * spacing
