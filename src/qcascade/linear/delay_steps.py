"""The method of steps: a network with delays in time, exact, with an error that physics shows.

R(t) = X(t)R(0) + ∫ P(t − s) r(s) ds + ∫ P_l(t − s) v(s) ds + s(t), where r are the open inputs, v
is the light that is in the lines at time 0, and the columns X, P, P_l and s (of drives) all obey

    Ṙ = AR + f + B_l r_l,    r_l,j(t) = u_j(t − τ_j),    u = C_l R + λ + F_ll r_l

from their own start. With delays τ_j = m_j h, a column is a power series on every panel of
[kh, (k+1)h], whose coefficients follow from those of u on the same panel of interval k − m_j. A
column that starts as a pulse, δ(t), jumps again whenever the pulse comes out of a line. Then

    V(t) + iΩ/2 = X(V(0) + iΩ/2)Xᵀ + ∫₀ᵗ P(N + iΩ/2)Pᵀ ds + Σ_j ∫_{t−τ_j}^t P_j(1 + iΩ)P_jᵀ/2 ds:

the imaginary part has to stay, whatever the network, and how far it does not is an error.
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError
from ..base.conventions import symplectic_form
from .delayed import Lines

ORDER = 20  # of the series: ½²⁰/20! is nothing
WIDTH = 0.5  # of a panel, in units of the fastest rate
LARGEST = 1000  # denominator of the ratio of two delays
MOST = 200_000  # panels

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2  # on [0, 1]
_POWERS = _NODES[:, None] ** np.arange(ORDER)


class Moments(NamedTuple):
    """Of every time."""

    flow: Any  # X, (T, 2N, 2N)
    driven: Any  # s, (T, 2N)
    noise: Any  # what has come in: V + iΩ/2 without the first term, (T, 2N, 2N)
    steps: int  # after which the last time was reached


class Sources(NamedTuple):
    """What moves the modes and enters the lines besides them."""

    noise: Any  # N, (2p, 2p)
    drive: Any  # f, (2N,)
    light: Any  # λ, (2d,)


def in_steps(lines: Lines, sources: Sources, times: Any) -> Moments:
    """The moments of a single network at the times.

    Args:
        lines: of one point; times above zero.
        sources: see `Sources`.
        times: increasing, from zero on, (T,).

    Raises:
        ArgumentError: for delays without a common divisor, or too many steps.
    """
    step, counts = _common(lines.times)
    last = float(times[-1])
    rate = _norm(lines.A) + _norm(lines.B_l) * _norm(lines.C_l)
    panels = max(1, int(np.ceil(rate * step / WIDTH)))
    if not (last / step + 1) * panels <= MOST:
        raise ArgumentError(
            f"Argument `times` must end before {MOST:,} steps of the delays are done (the last is "
            f"{last:.6g}, the common divisor of the delays {step:.6g}, the fastest rate "
            f"{rate:.3g}); give the fibre `cells=n` instead."
        )
    where = np.floor(times / step * (1 + 1e-14) + 1e-12).astype(int)
    offsets = np.clip(times - where * step, 0.0, step)
    wanted = _wanted(where, counts[::2])
    n, ends = len(lines.A), _columns(lines)
    flow, driven = np.zeros((len(times), n, n)), np.zeros((len(times), n))
    noise = np.zeros((len(times), n, n), complex)
    for k, series in _intervals(lines, sources, counts, step, panels, int(where[-1])):
        for i, line in wanted[k]:
            columns, partial = series(offsets[i])
            if line is None:
                flow[i], driven[i] = columns[:, ends["start"]], columns[:, -1]
                noise[i] += sum(partial)
            else:
                noise[i] -= partial[1 + line]
    return Moments(flow, driven, noise, (int(where[-1]) + 1) * panels)


def _wanted(where: Any, counts: Any) -> dict[int, list[tuple[int, int | None]]]:
    """By interval: times in it, and times that are later by the delay of a line, with that line."""
    wanted = defaultdict(list)
    for i, k in enumerate(where):
        wanted[int(k)].append((i, None))
        for line, count in enumerate(counts):
            if k >= count:
                wanted[int(k - count)].append((i, line))
    return wanted


def _columns(lines: Lines) -> dict[str, slice]:
    """Of R(0), of the open inputs, of the lines; s is the last column."""
    n, inputs, d = len(lines.A), lines.B.shape[1], len(lines.times)
    return {
        "start": slice(0, n),
        "inputs": slice(n, n + inputs),
        "lines": slice(n + inputs, n + inputs + d),
    }


def _kernels(lines: Lines, noise: Any) -> list[tuple[slice, Any]]:
    """Columns of white noise with its ⟨r rᵀ⟩: the inputs together, then every line, a vacuum."""
    ends = _columns(lines)
    first, ports = ends["lines"].start, lines.B.shape[1] // 2
    vacuum = (np.eye(2) + 1j * symplectic_form(1)) / 2
    own = [(slice(first + j, first + j + 2), vacuum) for j in range(0, len(lines.times), 2)]
    return [(ends["inputs"], noise + 0.5j * symplectic_form(ports)), *own]


def _intervals(
    lines: Lines, sources: Sources, counts: Any, step: float, panels: int, last: int
) -> Iterator[tuple[int, Any]]:
    """Every interval k with a function of θ: the columns at kh + θ, and ∫ P⟨r rᵀ⟩Pᵀ up to there."""
    n, d, ends = len(lines.A), len(lines.times), _columns(lines)
    kernels, width = _kernels(lines, sources.noise), step / panels
    size = n + lines.B.shape[1] + d + 1
    start, pulses = np.zeros((n, size)), [np.zeros((d, size))]
    start[:, ends["start"]], start[:, ends["inputs"]] = np.eye(n), lines.B
    pulses[0][:, ends["lines"]] = np.eye(d)
    entered: list[Any] = []  # u of the intervals before, (panels, ORDER, 2d, columns)
    pulsed: list[Any] = []  # strength of the pulses that enter the lines when an interval begins
    sums = [np.zeros((n, n), complex) for _ in kernels]
    longest = int(counts.max(initial=0))
    for k in range(last + 1):
        late = _late(pulsed, counts, (d, size)) if k else pulses[0]
        start = start + lines.B_l @ late
        pulsed.append(lines.F_ll @ late)
        if k == 0:
            pulsed[0][:, ends["inputs"]] += lines.F_le
        back = _late(entered, counts, (panels, ORDER, d, size), axis=2)
        inside, u, before = np.zeros((panels, ORDER, n, size)), np.empty_like(back), []
        for panel in range(panels):
            inside[panel] = _series(lines, sources.drive, start, back[panel], width)
            u[panel] = lines.C_l @ inside[panel] + lines.F_ll @ back[panel]
            u[panel, 0, :, -1] += sources.light
            before.append(sums)
            more = _integrals(inside[panel], kernels, 1.0, width)
            sums = [a + b for a, b in zip(sums, more, strict=True)]
            start = inside[panel].sum(axis=0)
        entered.append(u)
        if k >= longest:  # no line is as long
            entered[k - longest] = None

        def at(theta: float, inside: Any = inside, before: Any = before) -> tuple[Any, Any]:
            panel = min(int(theta / width), panels - 1)
            x = theta / width - panel
            columns = np.tensordot(x ** np.arange(ORDER), inside[panel], 1)
            more = _integrals(inside[panel], kernels, x, width)
            return columns, [a + b for a, b in zip(before[panel], more, strict=True)]

        yield k, at


def _late(history: list[Any], counts: Any, shape: Any, axis: int = 0) -> Any:
    """What comes out of the lines now, of what entered them before; nothing at first."""
    out, k = np.zeros(shape), len(history)
    for row, count in enumerate(counts):
        if k >= count:
            at = (slice(None),) * axis + (row,)
            out[at] = history[k - count][at]
    return out


def _series(lines: Lines, drive: Any, start: Any, back: Any, width: float) -> Any:
    """R = Σ cᵢ xⁱ on a panel, x from 0 to 1: (i + 1)cᵢ₊₁ = w(A cᵢ + B_l bᵢ + f δᵢ₀)."""
    c = np.empty((ORDER, *start.shape))
    fed = lines.B_l @ back
    fed[0, :, -1] += drive
    c[0] = start
    for i in range(ORDER - 1):
        c[i + 1] = width / (i + 1) * (lines.A @ c[i] + fed[i])
    return c


def _integrals(series: Any, kernels: Any, x: float, width: float) -> list[Any]:
    """∫ P⟨r rᵀ⟩Pᵀ from the beginning of a panel to x of it, by Gauss's rule: a polynomial."""
    values = np.tensordot(_POWERS * x ** np.arange(ORDER), series, 1)
    weighed = (_WEIGHTS * x * width)[:, None, None] * values
    return [
        np.tensordot(weighed[..., at] @ noise, values[..., at], ((0, 2), (0, 2)))
        for at, noise in kernels
    ]


def _common(times: Any) -> tuple[float, Any]:
    """h and m_j with τ_j = m_j h, for both rows of every line.

    Raises:
        ArgumentError: where delays have no common divisor that is not far smaller.
    """
    shortest = float(times.min())
    ratios = [Fraction(float(t) / shortest).limit_denominator(LARGEST) for t in times]
    off = max(abs(float(r) * shortest / t - 1) for r, t in zip(ratios, times, strict=True))
    whole = lcm(*(r.denominator for r in ratios))
    if off > 1e-12 or whole > LARGEST:
        told = ", ".join(f"{t:.6g}" for t in times[::2])
        raise ArgumentError(
            f"Argument `model` must have delays with a common divisor to evolve in time, but has "
            f"{told}: change them a little, or give the fibres `cells=n`."
        )
    return shortest / whole, np.array([int(r * whole) for r in ratios])


def _norm(X: Any) -> float:
    return float(np.linalg.norm(X, 2)) if X.size else 0.0
