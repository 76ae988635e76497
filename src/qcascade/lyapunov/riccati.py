"""What an observer still does not know: stationary Riccati equations of many points at once.

A linear system and the record that is made of it,

    dR = A R dt + B dW,    dY = C R dt + E dW,    ⟨dW dWᵀ⟩ = 1 dt,

with V the covariance of R once Y is known up to now (R. E. Kalman and R. S. Bucy, J. Basic Eng. 83,
95 (1961)), obey, with the gain K = (VCᵀ + BEᵀ)(EEᵀ)⁻¹,

    0 = AV + VAᵀ + BBᵀ − K EEᵀ Kᵀ = (A − KC)V + V(A − KC)ᵀ + (B − KE)(B − KE)ᵀ.

The stabilising V, the only one with A − KC stable, is read from the matrix sign of a Hamiltonian
matrix (riccati_sign.py), and then solved for once more in the second form, with K from the first:
D. L. Kleinman's step (IEEE Trans. Autom. Control 13, 114 (1968)). It is exact to the second order
in the error of K, and a Lyapunov equation whose solver proves that A − KC is stable.

What never reaches the record tells it nothing: with s the rows that do, and r the rest,

    0 = A_rr V_rs + A_rs V_ss + V_rs(A − KC)_ssᵀ + B_r(B − KE)_sᵀ

has no K_r, so that V_rs is that of the gain (K_s, 0): two steps from there are exact, and however
loud it is downstream of the detectors, the Riccati equation is that of s alone.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base.checks import namespace
from ..numerics.graphs import alike, reachable
from .batches import NARROW, aligned, share_points
from .solve import solve

CLOSE = 1e-6  # of V, in units of its own widths, by what a step may change it; its square is left
STEPS = 60  # from no gain at all every step halves what is too much, before it squares it
SINGULAR = 1e12  # condition of the noise EEᵀ of a record beyond which rounding decides


class Observed(NamedTuple):
    """dR = A R dt + B dW, dY = C R dt + E dW, with n rows R, k records Y, and q sources W."""

    A: Any
    B: Any
    C: Any
    E: Any


def solve_riccati(system: Observed) -> tuple[Any, Any]:
    """The stabilising V of 0 = AV + VAᵀ + BBᵀ − (VCᵀ + BEᵀ)(EEᵀ)⁻¹(VCᵀ + BEᵀ)ᵀ.

    In every direction of V its error is below 1e-12 of V by what Newton's last step did, and below
    1e-8 by rounding, as `solve` has it; where it is not, a point is NaN.

    Args:
        system: A, B, C, E with leading axes that broadcast; finite.

    Returns:
        V (…, n, n), NaN where there is no such V or rounding decides; and whether it is there (…).
        JAX arrays give JAX arrays, differentiable in all four.

    >>> one = np.eye(1)
    >>> V, known = solve_riccati(Observed(0.2 * one, 0 * one, one, np.sqrt(0.5) * one))
    >>> V.round(12), bool(known)  # 0.4 V = 2 V²
    (array([[0.2]]), True)
    """
    if namespace(*system) is not np:
        from .riccati_jax import solve_riccati as solve_riccati_jax

        return solve_riccati_jax(*system, lambda *values: solve_riccati(Observed(*values)))
    batch = np.broadcast_shapes(*(np.shape(X)[:-2] for X in system))
    flat = Observed(*(_points(X, batch) for X in system))
    n = flat.A.shape[-1]
    V = np.full((len(flat.A), n, n), np.nan)
    regular = np.linalg.cond(flat.E @ flat.E.mT) < SINGULAR
    points = np.flatnonzero(regular)
    both = np.concatenate([flat.A, flat.C], axis=1)[points]
    for group, pattern in alike(both):
        V[points[group]] = _of_points(chosen(flat, points[group]), reaching(pattern))
    known = ~np.isnan(V[:, 0, 0])
    return V.reshape(*batch, n, n), known.reshape(batch)[()]


def reaching(acts: Any) -> Any:
    """Which rows act upon the record, along any way; booleans (n,).

    Args:
        acts: booleans (n + k, n), who acts upon the n rows, and below them upon the k records.
    """
    n = acts.shape[1]
    return (acts[n:].any(0)[:, None] & reachable(acts[:n])).any(0)


def _of_points(system: Observed, reach: Any) -> Any:
    """V of points (points, n, n) with a regular record, NaN where it is not to be had."""
    if reach.all():
        return _of_seen(system)
    seen = np.flatnonzero(reach)
    A, B, C, E = system
    V = step = np.full(A.shape, np.nan)
    own = Observed(A[:, seen[:, None], seen], B[:, seen], C[:, :, seen], E)
    V_seen = _of_seen(own)
    points = np.flatnonzero(~np.isnan(V_seen).any((1, 2)))
    K = np.zeros((len(points), B.shape[1], C.shape[1]))
    K[:, seen] = gain(V_seen[points], chosen(own, points))
    for _ in range(2):
        part = chosen(system, points)
        left = part.B - K @ part.E
        step, stable = solve(part.A - K @ part.C, left @ left.mT)
        points, step = points[stable], step[stable]
        K = gain(step, chosen(system, points))
    V[points] = step
    return V


def _of_seen(system: Observed) -> Any:
    """The same where every row acts upon the record."""
    if not system.A.shape[-1]:
        return system.A
    V = _settled(system, _start(system))
    # A stable system needs no gain to begin with: from none, the steps descend to V by themselves.
    lost = np.flatnonzero(np.isnan(V[:, 0, 0]))
    if len(lost):
        V[lost] = _settled(chosen(system, lost), None)
    return V


def chosen(system: Observed, points: Any) -> Observed:
    """Some points of a batch (points, …), by their numbers."""
    every = len(points) == len(system.A)  # as nearly always, and then nothing is copied
    return system if every else Observed(*(X[points] for X in system))


def gain(V: Any, system: Observed) -> Any:
    """K = (VCᵀ + BEᵀ)(EEᵀ)⁻¹, shape (…, n, k)."""
    _, B, C, E = system
    return np.linalg.solve(E @ E.mT, C @ V + E @ B.mT).mT


def decoupled(system: Observed) -> tuple[Any, Any, Any]:
    """Ã, D̃, Q of the same equation without correlations, 0 = ÃV + VÃᵀ + D̃ − VQV.

    Ã = A − BEᵀ(EEᵀ)⁻¹C, D̃ = BΠBᵀ with Π = 1 − Eᵀ(EEᵀ)⁻¹E, Q = Cᵀ(EEᵀ)⁻¹C.
    """
    A, B, C, E = system
    common = B @ E.mT
    right = np.concatenate([C, common.mT], axis=-1)
    seen = np.linalg.solve(E @ E.mT, right)
    by_record, by_noise = seen[..., : C.shape[-1]], seen[..., C.shape[-1] :]
    uncorrelated = B - by_noise.mT @ E  # BΠ, and Π is a projector: D̃ ≥ 0 to the last bit
    return A - common @ by_record, uncorrelated @ uncorrelated.mT, C.mT @ by_record


def _points(X: Any, batch: tuple[int, ...]) -> Any:
    X = np.asarray(X, float)
    spread = np.broadcast_to(X, (*batch, *X.shape[-2:]))
    return np.ascontiguousarray(spread.reshape(-1, *X.shape[-2:]))


def hamiltonian(system: Observed, unit: Any) -> Any:
    """M = [[Ãᵀ, −Q], [−D̃, −Ã]] in units of the quadratures: d[X; VX]/dt = −M [X; VX].

    Args:
        system: A, B, C, E.
        unit: (…, n), of every quadrature.
    """
    row, column = unit[..., :, None], unit[..., None, :]
    own = Observed(system.A * column / row, system.B / row, system.C * column, system.E)
    A, D, Q = decoupled(own)
    return np.concatenate([np.concatenate([A.mT, -Q], -1), np.concatenate([-D, -A], -1)], -2)


def _start(system: Observed) -> Any:
    """V from the sign of M, where M [1; V] = [1; V](Ã − VQ)ᵀ."""
    unit = widths(system)
    units = unit[..., :, None] * unit[..., None, :]
    return _stable_subspaces(hamiltonian(system, unit)) * units


def widths(system: Observed) -> Any:
    """Powers of two near the widths of the quadratures without any record, (…, n).

    In these units V is near one, and so the blocks of M are of one size. D_ii/|2A_ii| is the
    variance of a mode by itself; what is not damped by itself counts by its row.
    """
    noise = np.sum(system.B**2, axis=-1)
    own = 2 * np.abs(np.diagonal(system.A, axis1=-2, axis2=-1))
    rate = np.where(own > 0, own, np.abs(system.A).max(axis=-1))
    known = (noise > 0) & (rate > 0)
    variance = np.where(known, noise, 1.0) / np.where(known, rate, 1.0)
    return 2.0 ** np.round(np.log2(variance) / 2)


def _stable_subspaces(M: Any) -> Any:
    """V of stable subspaces [1; V] of Hamiltonian matrices (points, 2n, 2n), shared by threads."""
    from . import riccati_sign as kernel

    points, n = len(M), M.shape[-1] // 2
    lanes = kernel.WIDE if points > 1 or n <= NARROW else 1
    V, flat = np.empty((points, n, n)), M.ravel()

    def task(first: int, last: int) -> None:
        work = aligned(kernel.room(n) * lanes)
        kernel.stable_subspaces((0.0,) * lanes, flat, V, first, last, work)

    share_points(task, points, lanes, points * 600.0 * n**3)
    return V


def _settled(system: Observed, V: Any) -> Any:
    """Kleinman's steps from V, or from no gain at all, until they change nothing; NaN elsewhere.

    With V₀ → V₁ and e = ‖V₁^(−½)(V₀ − V₁)V₁^(−½)‖, what V₁ leaves of the equation is
    (V₀ − V₁)Q(V₀ − V₁) ≤ e²·V₁QV₁, and the noise of V₁ is D̃ + V₀QV₀: e² bounds its error.
    """
    A, _, C, _ = system
    settled = np.full(A.shape, np.nan)
    points = np.arange(len(A))
    if V is not None:
        points = np.flatnonzero(np.isfinite(V).all((-1, -2)))
        V = V[points]
    for _ in range(STEPS):
        if not len(points):
            break
        part = chosen(system, points)
        K = np.zeros((*part.B.shape[:-1], C.shape[-2])) if V is None else gain(V, part)
        left = part.B - K @ part.E
        following, stable = solve(part.A - K @ part.C, left @ left.mT)
        points, following = points[stable], following[stable]
        if V is not None:
            converged = _change(V[stable], following) < CLOSE
            settled[points[converged]] = following[converged]
            points, following = points[~converged], following[~converged]
        V = following
    return settled


def _change(before: Any, V: Any) -> Any:
    """‖V^(−½)(V₀ − V)V^(−½)‖ of every point; infinite where V is not positive."""
    variance = np.diagonal(V, axis1=-2, axis2=-1)
    positive = np.all(variance > 0, axis=-1)
    width = np.sqrt(np.where(positive[:, None], variance, 1.0))
    units = width[:, :, None] * width[:, None, :]
    values, vectors = np.linalg.eigh(V / units)
    positive = positive & (values[:, 0] > 0)
    inward = vectors / np.sqrt(np.where(positive[:, None], values, 1.0))[:, None, :]
    change = np.linalg.norm(inward.mT @ ((before - V) / units) @ inward, axis=(-2, -1))
    return np.where(positive, change, np.inf)
