"""Stability with delays, by a proof: zeros of det M(s) in Re s ≥ 0 are counted, none is looked for.

    M(s) = s − A − K(s),    K(s) = B_l G(s) C_l,    G(s) = (e^{sτ} − F_ll)⁻¹

has infinitely many roots. Where light loses something on every round through lines alone, G is
bounded in Re s ≥ 0, so that roots there have |s| < ‖A‖ + sup‖K‖; and the argument principle
counts them from the turns of det M along s = −iω (H. Nyquist; R. Bellman & K. L. Cooke,
Differential-Difference Equations, ch. 13). The steps are no guess: with G(ω) − G(ω₀) =
−G(ω₀)(E(ω)⁻¹ − E(ω₀)⁻¹)G(ω), a panel of middle ω₀ and half-width h is taken only where

    ‖M₀⁻¹(M(ω) − M₀)‖ ≤ h(‖M₀⁻¹‖ + ‖M₀⁻¹B_l G₀‖ τ ‖G₀C_l‖/(1 − hτ‖G₀‖)) ≤ ¼,

so that M has no root on it, and the turn of det M is the imaginary part of a principal logarithm.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError
from ..numerics.graphs import strong_parts
from .delayed import Lines, line_response

CLOSE = 0.25  # how far M may move on a panel, relative to itself
WAVES = 3.0  # radians by which a delay's phase may turn on half a panel
NARROWEST = (
    1e-13  # half-width of a panel relative to the largest rate, below which rounding decides
)
MOST = 2_000_000  # panels
STEPS = 40  # of Newton's method
SETTLED = 1e-7  # of a root and of the rates; where roots meet, rounding leaves 1e-8


class Bounded(NamedTuple):
    """A single network, and the |s| below which its roots in Re s ≥ 0 are."""

    lines: Lines
    furthest: float


def bounded(lines: Lines) -> Bounded | None:
    """The network with a bound of its roots; None where lines alone may keep light for ever.

    Every strongly connected part of the lines loses something: σ = ‖F_ll‖ < 1 there, as it is or
    with lines measured in other units (D⁻¹ F D). Parts feed each other one way, so that
    ‖G‖ ≤ ‖(1 − Σ)⁻¹‖ with Σ the norms from part to part.

    Args:
        lines: of one point.
    """
    F = lines.F_ll[0::2, 0::2] + 1j * lines.F_ll[1::2, 0::2]
    order, start = strong_parts(F != 0)
    parts = [order[a:b] for a, b in pairwise(start)]
    scale = np.ones(len(F))
    for part in parts:
        scale[part] = _units(np.abs(F[np.ix_(part, part)]))
    scaled = F * scale / scale[:, None]
    norms = np.array([[np.linalg.norm(scaled[np.ix_(p, q)], 2) for q in parts] for p in parts])
    if len(parts) and not norms.diagonal().max() < 1.0 - 1e-12:
        return None
    spread = float(scale.max(initial=1.0) / scale.min(initial=1.0))
    response = spread * float(np.linalg.norm(np.linalg.inv(np.eye(len(parts)) - norms), 2))
    loop = np.linalg.norm(lines.B_l, 2) * response * np.linalg.norm(lines.C_l, 2)
    return Bounded(lines, float(np.linalg.norm(lines.A, 2) + loop))


def _units(F: Any) -> Any:
    """Units D in which the norm of D⁻¹FD is small: Perron's, where they are of use."""
    if len(F) < 2 or np.linalg.norm(F, 2) < 1.0 - 1e-6:
        return np.ones(len(F))
    values, right = np.linalg.eig(F)
    left_values, left = np.linalg.eig(F.T)
    x = np.abs(right[:, np.argmax(np.abs(values))])
    y = np.abs(left[:, np.argmax(np.abs(left_values))])
    return np.sqrt(np.maximum(x, 1e-12) / np.maximum(y, 1e-12))


def panels(bounds: Bounded, first: float, last: float, reference: Any = None) -> Any:
    """Edges [ω₁, ω₂] of panels from `first` to `last`, shape (panels, 2), each as proven above.

    Args:
        bounds: from `bounded`.
        first: 0 or above.
        last: above `first`.
        reference: a second drift, for which the same holds, where it is given; panels are then
            also so narrow that the phases of delays can be followed.

    Raises:
        ConvergenceError: where a root is so close to the axis that rounding decides.
    """
    accepted, waiting = [], np.array([[first, last]])
    while len(waiting):
        middle, half = waiting.mean(axis=1), np.diff(waiting)[:, 0] / 2
        good = _moved(bounds.lines, middle, half) <= CLOSE
        if reference is not None:
            good &= _followed(bounds.lines, reference, middle, half)
        accepted.append(waiting[good])
        rejected = waiting[~good]
        count = sum(map(len, accepted)) + 2 * len(rejected)
        if len(rejected) and (half[~good].min() < NARROWEST * bounds.furthest or count > MOST):
            raise ConvergenceError(
                "Whether the model has a steady state cannot be told from rounding: with its "
                f"delays something hardly decays near ω = {middle[~good][0]:.6g}."
            )
        between = rejected.mean(axis=1)
        waiting = np.stack([rejected[:, 0], between, between, rejected[:, 1]], -1).reshape(-1, 2)
    edges = np.concatenate(accepted)
    return edges[np.argsort(edges[:, 0])]


def _matrix(lines: Lines, omega: Any) -> tuple[Any, Any]:
    """M and G at s = −iω, for a row of ω."""
    s = -1j * np.asarray(omega)
    G = line_response(lines, s)
    return s[:, None, None] * np.eye(len(lines.A)) - lines.A - lines.B_l @ G @ lines.C_l, G


def _moved(lines: Lines, middle: Any, half: Any) -> Any:
    """How far M moves on panels, relative to itself: the bound at the top of this module."""
    M, G = _matrix(lines, middle)
    inverse, longest = np.linalg.inv(M), lines.times.max(initial=0.0)
    turned = half * longest * _norm(G) if lines.F_ll.any() else np.zeros_like(half)
    through = _norm(inverse @ lines.B_l @ G) * longest * _norm(G @ lines.C_l)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = half * (_norm(inverse) + through / (1 - turned))
    return np.where(turned <= 0.5, moved, np.inf)


def _followed(lines: Lines, reference: Any, middle: Any, half: Any) -> Any:
    """Whether a polynomial can follow the reference, and the phases of the delays."""
    waves = half * lines.times.max(initial=0.0) * (_norm(line_response(lines, -1j * middle)))
    alone = np.linalg.inv(-1j * middle[:, None, None] * np.eye(len(reference)) - reference)
    return (waves <= WAVES * np.sqrt(len(lines.times))) & (half * _norm(alone) <= CLOSE)


def _norm(M: Any) -> Any:
    """Frobenius norms, which are no less than spectral ones."""
    return np.linalg.norm(M, axis=(-2, -1))


def unstable_roots(bounds: Bounded) -> int:
    """How many roots of det M have Re s ≥ 0, with multiplicity.

    2π times their number are the turns of det M once around the right half of |s| ≤ R. On the
    arc det M = sⁿ det(1 − (A + K)/s), whose logarithm is a series; the half-axes are mirror images.

    Args:
        bounds: from `bounded`.

    Raises:
        ConvergenceError: as `panels`; or where the turns are no whole number.
    """
    lines, R = bounds.lines, 2.0 * bounds.furthest
    if R == 0.0:  # nothing moves
        return len(lines.A)
    edges = panels(bounds, 0.0, R)
    inverse = np.linalg.inv(_matrix(lines, edges.mean(axis=1))[0])
    right, left = (_turn(inverse @ _matrix(lines, edges[:, k])[0]) for k in (1, 0))
    arc = _turn(_matrix(lines, np.array([R]))[0] / (-1j * R))[0]
    turns = (len(lines.A) * np.pi + 2 * (right - left).sum() - 2 * arc) / (2 * np.pi)
    if not abs(turns - round(turns)) < 1e-3:
        raise ConvergenceError(f"The roots that grow were counted as {turns:.6g}, no whole number.")
    return round(float(turns))


def _turn(X: Any) -> Any:
    """Im tr log X for X near 1, eigenvalue by eigenvalue."""
    return np.angle(np.linalg.eigvals(X)).sum(axis=-1)


def rightmost_root(lines: Lines) -> complex:
    """The root of det M(s) with the largest real part: looked for, not proven.

    Lines are fields u(z, t) that travel from z = 0 to 1, ∂u/∂t = −∂u/∂z/τ, at Chebyshev's nodes
    (D. Breda, S. Maset & R. Vermiglio, SIAM J. Sci. Comput. 27, 482 (2005)); Newton's method on
    log det M refines what the eigenvalues of that matrix say.

    Args:
        lines: of one point, none of its delays zero.
    """
    rates = max(np.linalg.norm(lines.A, 2), np.linalg.norm(lines.B_l @ lines.C_l, 2))
    nodes = int(np.clip(16 + 2 * rates * lines.times.max(initial=0.0), 16, 64))
    values = np.linalg.eigvals(_travelling(lines, nodes))
    best = values[np.argsort(-values.real)][:8]
    roots = _refined(lines, best, max(rates, 1 / lines.times.min(initial=np.inf)))
    return complex(max(roots, key=lambda s: s.real, default=best[0]))


def _travelling(lines: Lines, nodes: int) -> Any:
    """The generator of modes and lines together, lines at z_1 … z_m = 1."""
    z = (1 - np.cos(np.pi * np.arange(nodes + 1) / nodes)) / 2
    weights = np.r_[2.0, np.ones(nodes - 1), 2.0] * (-1.0) ** np.arange(nodes + 1)
    gaps = z[:, None] - z + np.eye(nodes + 1)
    D = np.outer(weights, 1 / weights) / gaps
    D -= np.diag(D.sum(axis=1))
    n, d = lines.B_l.shape
    size = n + d * nodes
    generator = np.zeros((size, size))
    last = slice(size - d, size)
    generator[:n, :n], generator[:n, last] = lines.A, lines.B_l
    rate = np.repeat(-1 / lines.times[None], nodes, axis=0).reshape(-1, 1)
    generator[n:, n:] = rate * np.kron(D[1:, 1:], np.eye(d))
    generator[n:, :n] += rate * np.kron(D[1:, :1], lines.C_l)
    generator[n:, last] += rate * np.kron(D[1:, :1], lines.F_ll)
    return generator


def _steps(lines: Lines, s: Any) -> Any:
    """Newton's steps 1/tr(M⁻¹M′) at s, (N,), with M′ = dM/ds; of light that goes round alone with
    G⁻¹ in place of M. 0 where M has no inverse: a root to the last digit."""
    phases, one = np.exp(s[:, None] * lines.times)[:, None], np.eye(len(lines.A))
    if len(one):
        G = line_response(lines, s)
        M = s[:, None, None] * one - lines.A - lines.B_l @ G @ lines.C_l
        slope = one + lines.B_l @ (G * (phases * lines.times)) @ G @ lines.C_l
    else:
        one = np.eye(len(lines.times))
        M, slope = phases * one - lines.F_ll, phases * lines.times * one
    singular = np.linalg.slogdet(M)[0] == 0
    M = np.where(singular[:, None, None], one, M)
    steps = 1 / np.trace(np.linalg.solve(M, slope), axis1=-2, axis2=-1)
    return np.where(singular, 0.0, steps)


def _refined(lines: Lines, s: Any, rates: float) -> Any:
    """Newton's s → s − 1/tr(M⁻¹M′) from several s at once; those that do not settle are left out.

    A step cannot be less than what rounding makes of M, which knows its largest rate: next to it
    a root near zero, as at a threshold, is never exact to its own last digits.
    """
    least, roots = np.full(len(s), np.inf), s
    for _ in range(STEPS):
        with np.errstate(all="ignore"):
            steps = np.nan_to_num(_steps(lines, s), nan=np.inf)
        better = np.abs(steps) < least
        s = np.where(np.isfinite(steps), s - steps, s)
        roots, least = np.where(better, s, roots), np.where(better, np.abs(steps), least)
        settled = least <= SETTLED * np.maximum(np.abs(roots), rates)
        if (settled & (~better | (least <= 1e-13 * np.abs(roots)))).all():
            break
    return roots[least <= SETTLED * np.maximum(np.abs(roots), rates)]
