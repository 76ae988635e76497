"""The covariance of a network with delays, by its frequencies, with an error.

    V = ∫ dω/2π Y N Y†,    Y(ω) = M(ω)⁻¹ B(ω),

N the noise of the inputs. As it stands the integrand falls like ω⁻², which is what commutators of
white noise are; normally ordered moments would fall faster only for vacuum. So a network that is
known is taken off: Y₀ = (−iω − A₀)⁻¹B(ω) with lines into the modes, but no way back into lines.
Its covariance is a sum of Lyapunov equations, since lines that only lead on shift noise in time,

    V₀ = Σ_Δ e^{A₀Δ} X_Δ + h.c. (Δ > 0),    A₀X_Δ + X_ΔA₀ᵀ + Σ_T β_T N β_{T+Δ}ᵀ = 0,

with B(ω) = Σ_T β_T e^{iωT}. What is left, with δ = Y − Y₀ = M⁻¹(A(ω) − A₀)Y₀,

    V − V₀ = (1/π) ∫₀^∞ Re(Y₀Nδ† + δNY₀† + δNδ†) dω,

falls like e^{iωT}ω⁻³ and ω⁻⁴, and is zero to the last bit where no line leads.
"""

from typing import Any

import numpy as np

from ..base.checks import ConvergenceError
from ..lyapunov.solve import growth, solve
from ..lyapunov.watched import unseen
from ..numerics.graphs import reachable
from .delay_proof import Bounded, panels
from .delayed import Lines, line_response

GOAL = 1e-10  # error wanted, at most, relative to the largest variances
WORST = 1e-8  # error accepted, relative to the smallest eigenvalue of V
DOUBLINGS = 40  # of the frequency at which the integral ends
TERMS = 3000  # delays after which noise comes again
FAINTEST = 1e-15  # share of a field that is still followed through lines
HALVINGS = 8  # of a panel
SLOW = 0.02  # rate of decay, relative, that is hardly one
BATCH = 2**20  # complex numbers of a matrix at all frequencies at once

# Nodes above 0 and weights of Gauss and Kronrod's rules with 7 and 15 points on [−1, 1]
# (R. Piessens et al., QUADPACK, Springer 1983).
_NODES = (
    *(0.991455371120812639206854697526329, 0.949107912342758524526189684047851),
    *(0.864864423359769072789712788640926, 0.741531185599394439863864773280788),
    *(0.586087235467691130294144691693013, 0.405845151377397166906606412076961),
    0.207784955007898467600689403773245,
)
_KRONROD = (
    *(0.022935322010529224963732008058970, 0.063092092629978553290700663189204),
    *(0.104790010322250183839876322541518, 0.140653259715525918745189590510238),
    *(0.169004726639267902826583426598550, 0.190350578064785409913256402421014),
    *(0.204432940075298892414161999234649, 0.209482141084727828012999174891714),
)
_GAUSS = (
    *(0.0, 0.129484966168869693270611432679082, 0.0, 0.279705391489276667901467771423780),
    *(0.0, 0.381830050505118944950369775488975, 0.0, 0.417959183673469387755102040816327),
)
NODES = np.array([*(-x for x in _NODES), 0.0, *_NODES[::-1]])
KRONROD = np.array([*_KRONROD, *_KRONROD[-2::-1]])
GAUSS = np.array([*_GAUSS, *_GAUSS[-2::-1]])


def covariance(bounds: Bounded, noise: Any) -> tuple[Any, float]:
    """V and its error, an absolute one, of a network that was proven stable.

    The integral ends at a frequency Ω that is doubled, with a smooth edge between Ω/2 and Ω; the
    rest falls like Ω⁻³, and extrapolation takes it along. The error is what the last doubling
    changed, the differences of Gauss's and Kronrod's rules, and rounding.

    Args:
        bounds: from `bounded`.
        noise: N (2p, 2p).

    Raises:
        ConvergenceError: where the error stays too large for the smallest variance.
    """
    lines = bounds.lines
    drift = reference_drift(lines)
    with unseen():
        start = reference_covariance(lines, drift, noise)
    scale = np.abs(start).max()
    rounding = 50 * np.finfo(float).eps * scale
    # What is hot has modes beside it that are not, and their variances count as well.
    goal = min(GOAL * scale, WORST / 10 * max(float(np.linalg.eigvalsh(start)[0]), 0.0))
    wanted = max(goal, rounding)

    def integrand(omega: Any) -> Any:
        return _integrand(lines, drift, noise, omega)

    def cut(first: float, last: float) -> list[Any]:
        return batches(panels(bounds, first, last, drift), max(lines.B.shape))

    more, error = integral(integrand, cut, (0.0, 2.0 * bounds.furthest), wanted)
    best = start + more
    V, error = (best + best.T) / 2, float(error + rounding)
    smallest = np.linalg.eigvalsh(V)[0]
    if not error <= WORST * smallest:
        raise unknown(error, smallest)
    return V, error


def unknown(error: float, smallest: float) -> ConvergenceError:
    """What to say of a covariance whose error is too large.

    Args:
        error: absolute.
        smallest: the smallest variance.
    """
    return ConvergenceError(
        f"The covariance with delays is known to {error:.2g} only, beside a smallest "
        f"variance of {smallest:.3g}."
    )


def integral(
    integrand: Any, cut: Any, first: tuple[float, float], wanted: float
) -> tuple[Any, float]:
    """(1/π)∫ of a function that falls like ω⁻³ with the phases of delays and ω⁻⁴, and its error.

    Args:
        integrand: function of a row of ω, (W,), giving (W, n, n).
        cut: function of two ends that gives the panels between, (panels, 2).
        first: where the integral begins, and where first it might end.
        wanted: error, absolute.
    """
    begin, edge = first
    total, _, rules = _block(integrand, cut, (begin, edge), 1e-3 * wanted)
    best, error, previous, before = total, np.inf, None, np.inf
    for _ in range(DOUBLINGS):
        block, damped, rule = _block(integrand, cut, (edge, 2 * edge), 1e-3 * wanted)
        ended = total + damped
        if previous is not None:
            extrapolated = ended + (ended - previous) / 7
            change = np.abs(extrapolated - before).max()
            before = extrapolated
            if change + rules + rule < error:
                best, error = extrapolated, change + rules + rule
            if error <= wanted:
                break
        total, previous, rules, edge = total + block, ended, rules + rule, 2 * edge
    return best, float(error)


def _block(
    integrand: Any, cut: Any, ends: tuple[float, float], wanted: float
) -> tuple[Any, Any, float]:
    """(1/π)∫ from first to last; the same times an edge that falls from 1 to 0; and an error.

    Panels whose error is more than `wanted` are halved, a few times at most.
    """
    (first, last), total, damped, error = ends, 0.0, 0.0, 0.0
    waiting = [(x, 0) for x in cut(first, last)]
    while waiting:
        edges, halvings = waiting.pop()
        middle, half = edges.mean(axis=1), np.diff(edges)[:, 0] / 2
        omega = middle[:, None] + half[:, None] * NODES
        f = integrand(omega.ravel())
        f = f.reshape(*omega.shape, *f.shape[1:])
        kronrod, gauss, size = (
            np.einsum("p,k,pkij->pij", half / np.pi, weights, values)
            for weights, values in ((KRONROD, f), (GAUSS, f), (KRONROD, np.abs(f)))
        )
        # QUADPACK's estimate: Kronrod's rule is better than its difference from Gauss's.
        gap = np.divide(np.abs(kronrod - gauss), size, out=np.zeros_like(size), where=size > 0)
        off = (size * np.minimum(1.0, (200 * gap) ** 1.5)).max(axis=(-2, -1))
        good = (off <= wanted) | (halvings == HALVINGS)
        fall = _edge((omega - first) / (last - first))
        total += kronrod[good].sum(axis=0)
        damped += np.einsum("p,k,pk,pkij->ij", half[good] / np.pi, KRONROD, fall[good], f[good])
        error += float(off[good].sum())
        if not good.all():
            left, mid = edges[~good], middle[~good]
            halves = np.stack([left[:, 0], mid, mid, left[:, 1]], -1).reshape(-1, 2)
            pieces = np.array_split(halves, -(-len(halves) // len(edges)))
            waiting += [(x, halvings + 1) for x in pieces]
    return total, damped, error


def batches(edges: Any, rows: int) -> list[Any]:
    """Panels, so many at a time that a matrix of all their frequencies fits into memory.

    Args:
        edges: (panels, 2).
        rows: of the matrix.
    """
    return np.array_split(edges, len(edges) * len(NODES) * rows**2 // BATCH + 1)


def _edge(t: Any) -> Any:
    """From 1 at t = 0 to 0 at t = 1, with three derivatives that vanish at the ends."""
    return 1 - t**4 * (35 - 84 * t + 70 * t**2 - 20 * t**3)


def _integrand(lines: Lines, drift: Any, noise: Any, omega: Any) -> Any:
    out = lines.B_l @ line_response(lines, -1j * omega)
    back = out @ lines.C_l + (lines.A - drift)
    shift = -1j * omega[:, None, None] * np.eye(len(drift)) - drift
    reference = np.linalg.solve(shift, lines.B + out @ lines.F_le)
    more = np.linalg.solve(shift - back, back @ reference)
    cross = reference @ noise @ _adjoint(more)
    return (cross + _adjoint(cross) + more @ noise @ _adjoint(more)).real


def _adjoint(X: Any) -> Any:
    return X.conj().swapaxes(-1, -2)


def reference_drift(lines: Lines) -> Any:
    """A₀: A, with more decay of modes between lines where these alone would hardly decay.

    What is loud there would be taken off again by an integral as large, rounded as it is.

    Args:
        lines: of one point.
    """
    acts = reachable(lines.A != 0)
    led = acts @ (lines.B_l != 0).any(axis=1) & (acts.T @ (lines.C_l != 0).any(axis=0))
    if not led.any():
        return lines.A
    own = lines.A[np.ix_(led, led)]
    rate, size = growth(own), np.linalg.norm(own, 2)
    if rate < -SLOW * size:
        return lines.A
    return lines.A - np.diag((rate + size / 4) * led)


def reference_covariance(lines: Lines, drift: Any, noise: Any) -> Any:
    """V₀ of the equations at the top of this module.

    Args:
        lines: of one point.
        drift: A₀.
        noise: N.

    Raises:
        ConvergenceError: where noise comes again after too many different delays.
    """
    from scipy.linalg import expm, solve_continuous_lyapunov

    terms = _echoes(lines)
    T = np.array(sorted(terms))
    beta = np.stack([terms[t] for t in T])
    lags, which = np.unique(_rounded(np.maximum(T - T[:, None], 0.0), lines), return_inverse=True)
    together, which = np.zeros((len(lags), *lines.A.shape)), which.reshape(len(T), len(T))
    for k, first in enumerate(beta):
        np.add.at(together, which[k, k:], first @ noise @ beta[k:].swapaxes(-1, -2))
    size = np.abs(together).max(axis=(-2, -1))
    loud = np.flatnonzero(size[1:] > FAINTEST / 10 * size[0]) + 1
    if len(loud) > TERMS:
        raise _too_many()
    V, _ = solve(drift, (together[0] + together[0].T) / 2)
    for k in loud:
        X = expm(drift * lags[k]) @ solve_continuous_lyapunov(drift, -together[k])
        V = V + X + X.T
    return V


def _echoes(lines: Lines) -> dict[float, Any]:
    """β_T by T of B(ω) = Σ_T β_T e^{iωT}: noise enters at once, and out of lines again."""
    echoes = {0.0: lines.B}
    sent = {0.0: lines.F_le}
    while sent:
        T = min(sent)
        entering = sent.pop(T)
        if not np.abs(entering).max(initial=0.0) > FAINTEST:
            continue
        for tau in np.unique(lines.times):
            out = np.where((lines.times == tau)[:, None], entering, 0.0)
            later = float(_rounded(T + tau, lines))
            echoes[later] = echoes.get(later, 0.0) + lines.B_l @ out
            sent[later] = sent.get(later, 0.0) + lines.F_ll @ out
            if len(echoes) > TERMS // 3:
                raise _too_many()
    return echoes


def _too_many() -> ConvergenceError:
    return ConvergenceError(
        "The covariance with delays was given up: light goes round through fibres alone for so "
        "long that its noise enters the modes after thousands of different delays."
    )


def _rounded(T: Any, lines: Lines) -> Any:
    """Times, so that sums of the same delays are one number."""
    unit = float(lines.times.max(initial=0.0)) / 2**40
    return np.round(T / unit) * unit
