"""The one criterion for a drift A and a diffusion D: whether some quantum noise makes both.

Of a network K = J†(n+1)J + JᵀnJ* is positive, and with it

    M = D + (i/2)(AΩ + ΩAᵀ) = Ω K* Ωᵀ ≥ 0

(Koga & Yamamoto, PRA 85, 022103 (2012)). Numbers are known to some digits only, so the question
is whether any M + E with |E_ij| ≤ e_ij is positive. Two things must hold if one is:

    |M_ij| − e_ij ≤ w_i w_j,    w_i² = M_ii + e_ii                         (every 2×2 minor),
    M_ij/(w_i w_j) + δ_ij Σ_{k≠i} e_ik/(w_i w_k) ≥ 0                       (all of M),

the second since 2|E_ij y_i y_j| ≤ e_ij (t y_i² + y_j²/t) for any t, here 1 unless that would make
a quadrature with hardly any noise blur one with much. Each quadrature is measured by its own noise
w, so a hot mode does not blur a cold one, and one without any noise cannot hide what it is missing.
"""

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from ..base.conventions import symplectic_form
from .printed import MOST, rounding_of

PHYSICAL, MOMENTUM_DAMPED, UNPHYSICAL = "physical", "momentum-damped", "not physical"
"""The three verdicts."""

ROUNDING = 64 * np.finfo(float).eps
"""What arithmetic leaves of zero in an entry of M, relative to what it was summed from."""

_UNEVEN = 10  # times the noise of another quadrature, beyond which
_BLUR = 0.05  # of a quadrature's own noise is the most that an error shared with the other may add
_UNDAMPED = 1e-6  # of a mode's damping: a quadrature damped by less is not damped at all


def noise_matrix(A: Any, D: Any) -> Any:
    """M = D + (i/2)(AΩ + ΩAᵀ), Hermitian, shape (…, 2N, 2N).

    Args:
        A: drift, shape (…, 2N, 2N).
        D: diffusion, the same shape.

    >>> noise_matrix(-0.5 * np.eye(2), 0.5 * np.eye(2))
    array([[0.5+0.j , 0. -0.5j],
           [0. +0.5j, 0.5+0.j ]])
    """
    turned = A @ symplectic_form(A.shape[-1] // 2)
    return D + 0.5j * (turned - np.swapaxes(turned, -1, -2))


def allowance(A: Any, D: Any, error_A: Any = 0.0, error_D: Any = 0.0) -> Any:
    """e: how far every entry of M may be off, shape (…, 2N, 2N).

    Args:
        A: drift.
        D: diffusion.
        error_A: how far the entries of A may be off, beside rounding.
        error_D: the same for D.
    """
    own = np.sqrt(np.abs(np.diagonal(D, axis1=-2, axis2=-1)))
    off_A = error_A + ROUNDING * np.abs(A)
    off_D = error_D + ROUNDING * (np.abs(D) + own[..., :, None] * own[..., None, :])
    partner = np.arange(A.shape[-1]) ^ 1  # (AΩ)_ij = ±A_i,partner(j)
    turned = np.broadcast_to(off_A, A.shape)[..., partner]
    both = (turned + np.swapaxes(turned, -1, -2)) / 2
    # AΩ + ΩAᵀ is antisymmetric: nothing on its diagonal can be off.
    return off_D + np.where(np.eye(A.shape[-1], dtype=bool), 0.0, both)


def is_positive(M: Any, e: Any) -> Any:
    """Whether a positive matrix lies within |E_ij| ≤ e_ij of M; booleans of shape (…).

    Args:
        M: Hermitian, shape (…, n, n).
        e: not negative, the same shape.

    >>> M, exact = noise_matrix(-0.5 * np.eye(2), np.diag([0.0, 1e9])), np.zeros((2, 2))
    >>> bool(is_positive(M, exact)), bool(is_positive(M + np.diag([0.25e-9, 0]), exact))
    (False, True)
    """
    n = M.shape[-1]
    square = np.diagonal(M.real, axis1=-2, axis2=-1) + np.diagonal(e, axis1=-2, axis2=-1)
    w = np.sqrt(np.maximum(square, 0.0))
    largest = w[..., :, None] * w[..., None, :]
    minors = np.abs(M) - e <= largest * (1 + ROUNDING)
    minors |= np.eye(n, dtype=bool)
    possible = np.all(square >= 0, axis=-1) & np.all(minors, axis=(-2, -1))
    on = np.arange(n)
    # Quotients of the smallest numbers may overflow; too large a minor has been told above.
    with np.errstate(over="ignore", invalid="ignore"):
        unit = np.divide(M, largest, out=np.zeros_like(M), where=largest > 0)
        unit[..., on, on] = 1 + _slack(e, w, largest)
    unit = np.nan_to_num(unit, posinf=1e30, neginf=-1e30)
    lowest = np.linalg.eigvalsh(unit)[..., 0] if unit.size else np.zeros(M.shape[:-2])
    return possible & (lowest >= -ROUNDING * n)


def _slack(e: Any, w: Any, largest: Any) -> Any:
    """What the errors may add to the diagonal where every w counts as 1, shape (…, n)."""
    pair = np.divide(e, largest, out=np.zeros_like(e), where=largest > 0)
    pair = np.where(np.eye(e.shape[-1], dtype=bool), 0.0, pair)
    uneven = np.maximum(1.0, pair / _BLUR)
    quieter = _UNEVEN * w[..., :, None] < w[..., None, :]
    louder = np.swapaxes(quieter, -1, -2)
    return (pair * np.where(quieter, uneven, np.where(louder, 1 / uneven, 1.0))).sum(axis=-1)


def _by_mode(rows: Any) -> Any:
    """Two numbers for every mode, (…, N, 2)."""
    return rows.reshape(*rows.shape[:-1], rows.shape[-1] // 2, 2)


def damping(A: Any) -> Any:
    """κ of every mode: minus the trace of its block of A, shape (…, N)."""
    return -_by_mode(np.diagonal(A, axis1=-2, axis2=-1)).sum(axis=-1)


def implied_quanta(A: Any, D: Any) -> Any:
    """n of every mode's own bath, from ½ tr D = |κ|(n + ½); shape (…, N).

    NaN where a mode has neither damping nor noise, infinite where it has noise alone.

    >>> implied_quanta(-0.5 * np.eye(2), 0.75 * np.eye(2))
    array([0.25])
    """
    noise = _by_mode(np.diagonal(D, axis1=-2, axis2=-1)).sum(axis=-1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return noise / np.abs(damping(A)) - 0.5


class Completion(NamedTuple):
    """What completes momentum damping.

    Args:
        D: the diffusion with it, shape (…, 2N, 2N).
        added: the position noise added to every mode, shape (…, N); zero where none is missing.
    """

    D: Any
    added: Any


@np.errstate(over="ignore", invalid="ignore")  # of the smallest numbers; infinite is too large
def completed(A: Any, D: Any, e: Any) -> Completion:
    """Momentum damping, made quantum noise by position noise κ²/4D_pp.

    Damping and noise on the momentum alone (Brownian motion at high temperature, Giovannetti &
    Vitali, PRA 63, 023812 (2001)) are no quantum noise: det D ≥ κ²/4 must hold for every mode.
    The least that D_xx can be is κ²/4D_pp (Diósi, EPL 22, 1 (1993)), and D_xp²/D_pp more where x
    and p are correlated. A mode is taken for one that is damped like this when its position, or
    whichever quadrature it is, has no damping of its own.

    Args:
        A: drift.
        D: diffusion.
        e: how far M may be off, from `allowance`.
    """
    modes = A.shape[-1] // 2
    M, D, added = noise_matrix(A, D), D.copy(), np.zeros((*A.shape[:-2], modes))
    kappa = damping(A)
    for k in range(modes):
        block = np.s_[..., 2 * k : 2 * k + 2, 2 * k : 2 * k + 2]
        wanting = ~is_positive(M[block], e[block])
        if not wanting.any():
            continue
        for quiet, other in ((2 * k, 2 * k + 1), (2 * k + 1, 2 * k)):
            own, noise = D[..., quiet, quiet], D[..., other, other]
            undamped = np.abs(A[..., quiet, quiet]) <= _UNDAMPED * kappa[..., k]
            warm = noise + e[..., other, other] >= kappa[..., k] * (1 - ROUNDING)  # n ≥ 0
            brownian = wanting & undamped & warm & (own >= -e[..., quiet, quiet])
            needed = kappa[..., k] ** 2 / 4 + D[..., quiet, other] ** 2
            needed = np.divide(needed, noise, out=np.zeros_like(needed), where=noise > 0)
            missing = np.where(brownian, np.maximum(needed - own, 0.0), 0.0)
            added[..., k] += missing
            D[..., quiet, quiet] += missing
    return Completion(D, added)


def breaking(M: Any, e: Any) -> tuple[tuple[int, ...], ...]:
    """The smallest groups of modes whose block of M is not positive: single modes, pairs, or more.

    Args:
        M: one Hermitian matrix, (2N, 2N).
        e: how far its entries may be off.
    """
    modes = range(len(M) // 2)
    single = _broken(M, e, [(k,) for k in modes])
    sound = [k for k in modes if (k,) not in single]
    pairs = _broken(M, e, list(combinations(sound, 2)))
    if single or pairs:
        return (*single, *pairs)
    group = list(modes)
    for k in modes:  # what can be left out without healing the rest is not needed
        fewer = [j for j in group if j != k]
        if fewer and _broken(M, e, [tuple(fewer)]):
            group = fewer
    return (tuple(group),) if _broken(M, e, [tuple(group)]) else ()


def _broken(M: Any, e: Any, groups: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Those of the groups, all of one size, whose block of M is not positive."""
    if not groups:
        return []
    rows = (2 * np.array(groups)[..., None] + np.arange(2)).reshape(len(groups), -1)
    at = rows[:, :, None], rows[:, None, :]
    good = is_positive(M[at], e[at])
    return [group for group, fine in zip(groups, good, strict=True) if not fine]


class Judgement(NamedTuple):
    """A pair of matrices before the criterion.

    Args:
        M: D + (i/2)(AΩ + ΩAᵀ), (…, 2N, 2N).
        e: how far its entries may be off.
        positive: whether it is positive to that accuracy, (…).
        completion: what completes momentum damping, where it is not.
        complete: whether it is positive then, (…).
        digits: the digits of the numbers; 16 when exact, or known by their errors.
        rounded: whether any number may be off by more than arithmetic is.
    """

    M: Any
    e: Any
    positive: Any
    completion: Completion
    complete: Any
    digits: int
    rounded: bool


def judge(A: Any, D: Any, digits: int | None = None, errors: Any = None) -> Judgement:
    """The criterion, for whoever asks whether A and D are physical.

    Args:
        A: drift, (…, 2N, 2N).
        D: diffusion, the same shape.
        digits: digits of the numbers, read off them when omitted.
        errors: how far A and D may be off instead, two arrays.

    >>> judged = judge(np.array([[0.0, 1.0], [-1.0, -0.1]]), np.diag([0.0, 0.1]))
    >>> bool(judged.positive), bool(judged.complete), judged.completion.added
    (False, True, array([0.025]))
    """
    error_A, error_D, known = rounding_of(A, D, digits) if errors is None else (*errors, MOST + 1)
    M, e = noise_matrix(A, D), allowance(A, D, error_A, error_D)
    positive = np.asarray(is_positive(M, e))
    completion, complete = Completion(D, np.zeros((*A.shape[:-2], A.shape[-1] // 2))), positive
    if not positive.all():
        completion = completed(A, D, e)
        complete = np.asarray(is_positive(M + (completion.D - D), e))
    rounded = bool(np.any(error_A) or np.any(error_D))
    return Judgement(M, e, positive, completion, complete, known, rounded)


def dampings_as_one(A: Any, M: Any) -> Any:
    """M_jk/√(κ_j κ_k): the damping of every mode counts as 1; (…, 2N, 2N).

    A mode without damping counts by its noise, and one without noise by its largest rate.

    Args:
        A: drift.
        M: of `noise_matrix`.
    """
    rates = _by_mode(np.abs(A).max(axis=-1)).max(axis=-1)
    noise = _by_mode(np.diagonal(M.real, axis1=-2, axis2=-1)).sum(axis=-1) / 2
    scale = np.abs(damping(A))
    scale = np.where(scale > 1e-12 * rates, scale, np.maximum(noise, 0.0))
    scale = np.where(scale > 0, scale, rates)
    root = np.sqrt(np.repeat(np.where(scale > 0, scale, 1.0), 2, axis=-1))
    return M / (root[..., :, None] * root[..., None, :])


def one_sided(M: Any, e: Any) -> tuple[tuple[int, int], ...]:
    """Pairs of modes that A couples as no Hamiltonian does, while D has no noise between them.

    Im M_jk = ½(AΩ + ΩAᵀ)_jk is zero for a Hamiltonian. What it holds is damping in common, which
    comes with noise in common unless loss and gain happen to cancel in it.

    Args:
        M: one Hermitian matrix, (2N, 2N).
        e: how far its entries may be off.
    """
    n = len(M) // 2
    own = np.sqrt(np.abs(M.diagonal()))
    tiny = np.maximum(e, 1e-9 * own[:, None] * own)
    damped, noisy = (
        (np.abs(x) > tiny).reshape(n, 2, n, 2).any(axis=(1, 3)) for x in (M.imag, M.real)
    )
    return tuple((int(j), int(k)) for j, k in np.argwhere(np.triu(damped & ~noisy, 1)))
