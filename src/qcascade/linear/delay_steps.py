"""The method of steps: a network with delays in time, exact, with an error that physics shows.

R(t) = X(t)R(0) + ∫ P(t − s) r(s) ds + ∫ P_l(t − s) v(s) ds + s(t), where r are the open inputs, v
is the light that is in the lines at time 0, and the columns X, P, P_l and s (of drives) all obey

    Ṙ = AR + f + B_l r_l,    r_l,j(t) = u_j(t − τ_j),    u = C_l R + λ + F_ll r_l

from their own start. What is new at time 0 comes out of line j after τ_j, and after τ_k more out of
every line k that is behind it: between these sums of the delays along ways through the network a
column is analytic, a power series on every panel, whose coefficients follow from those of u on
panels that are earlier by τ_j, shifted to where they are asked for. A column that starts as a
pulse, δ(t), jumps at these times, when the pulse comes out of a line. Then

    V(t) + iΩ/2 = X(V(0) + iΩ/2)Xᵀ + ∫₀ᵗ P(N + iΩ/2)Pᵀ ds + Σ_j ∫_{t−τ_j}^t P_j(1 + iΩ)P_jᵀ/2 ds:

the imaginary part has to stay, whatever the network, and how far it does not is an error.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import comb
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError
from ..base.conventions import symplectic_form
from .delayed import Lines

ORDER = 20  # of the series: ½²⁰/20! is nothing
WIDTH = 0.5  # of a panel, in units of the fastest rate
MOST = 200_000  # panels
SAME = 1e-12  # of the last time, by which two sums of delays are one

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2  # on [0, 1]
_POWERS = _NODES[:, None] ** np.arange(ORDER)
_ENDS = np.array([1e-9, 1 - 1e-9])  # not beyond them by rounding

# A polynomial from its values at the nodes, exactly by Gauss's rule; powers at once would lose
# half of the digits, and these integers do not.
_DEGREES = np.arange(len(_NODES))
_TO_LEGENDRE = (2 * _DEGREES[:, None] + 1) * (
    _WEIGHTS * np.polynomial.legendre.legvander(2 * _NODES - 1, len(_NODES) - 1).T
)
_FROM_LEGENDRE = np.array(
    [[(-1.0) ** (n + m) * comb(n, m) * comb(n + m, m) for n in _DEGREES] for m in _DEGREES]
)
_BINOMIAL = np.array([[float(comb(i, m)) for i in range(ORDER)] for m in range(ORDER)])


class DelayedMoments(NamedTuple):
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


def in_steps(lines: Lines, sources: Sources, times: Any) -> DelayedMoments:
    """The moments of a single network at the times.

    Args:
        lines: of one point; times above zero.
        sources: see `Sources`.
        times: increasing, from zero on, (T,).

    Raises:
        ArgumentError: for too many steps.
    """
    last, rate = float(times[-1]), _norm(lines.A) + _norm(lines.B_l) * _norm(lines.C_l)
    grid = _grid(lines.times[::2], _behind(lines), last, rate)
    if grid is None:
        told = ", ".join(f"{t:.6g}" for t in lines.times[::2])
        raise ArgumentError(
            f"Argument `times` must end before {MOST:,} steps between sums of the delays are done "
            f"(the last is {last:.6g}, the delays {told}, the fastest rate {rate:.3g}); give the "
            "fibre `cells=n` instead."
        )
    wanted = _wanted(grid, times, lines.times[::2])
    n, ends = len(lines.A), _columns(lines)
    flow, driven = np.zeros((len(times), n, n)), np.zeros((len(times), n))
    noise = np.zeros((len(times), n, n), complex)
    for k, series in _intervals(lines, sources, grid):
        for i, line, offset in wanted[k]:
            columns, partial = series(offset)
            if line is None:
                flow[i], driven[i] = columns[:, ends["start"]], columns[:, -1]
                noise[i] += sum(partial)
            else:
                noise[i] -= partial[1 + line]
    return DelayedMoments(flow, driven, noise, int(grid.panels.sum()))


class _Grid(NamedTuple):
    """Intervals between sums of delays, cut into panels of even width."""

    edges: Any  # where intervals begin, and the end of the last
    panels: Any  # of every interval
    same: float  # apart by less, two times are one

    def width(self, k: int) -> float:
        return float(self.edges[k + 1] - self.edges[k]) / int(self.panels[k])

    def interval(self, time: Any) -> Any:
        """In which interval a time is, the later one at an edge."""
        panel = np.searchsorted(self.edges, np.asarray(time) + self.same, "right") - 1
        return np.minimum(panel, len(self.panels) - 1)

    def edge(self, time: float) -> int | None:
        """The interval that begins at a time, if one does."""
        k = int(self.interval(time))
        return k if abs(float(self.edges[k]) - time) <= self.same else None


def _behind(lines: Lines) -> Any:
    """Whether line k is behind line j, [k, j]: whether what leaves j ever enters k."""
    within = lines.A != 0
    for _ in range(len(within).bit_length()):  # every time ways of twice the length
        within = within | (within @ within)
    ahead = (lines.C_l != 0) @ (within | np.eye(len(within), dtype=bool)) @ (lines.B_l != 0)
    d = len(lines.times) // 2
    return (ahead | (lines.F_ll != 0)).reshape(d, 2, d, 2).any(axis=(1, 3))


def _grid(delays: Any, behind: Any, last: float, rate: float) -> _Grid | None:
    """Every time up to the last at which something new leaves a line; None for too many."""
    same = SAME * max(last, float(delays.max(initial=0.0)))
    beyond = min(1 / max(rate, 1e-300), float(delays.min()))
    # What comes out of a line on a panel has entered it before.
    often = max(rate / WIDTH, (1 - SAME) / float(delays.min()))
    if not last * often <= MOST:
        return None
    every, new = [np.zeros(0) for _ in delays], [np.array([delay]) for delay in delays]  # by line
    while any(map(len, new)):
        every = [np.insert(x, np.searchsorted(x, y), y) for x, y in zip(every, new, strict=True)]
        if max(map(len, every)) > MOST:
            return None
        for_each = [[x for x, on in zip(new, row, strict=True) if on] for row in behind]
        later = [
            _apart(np.concatenate([*times, []]) + delay, same)
            for times, delay in zip(for_each, delays, strict=True)
        ]
        new = [
            x[_far(x, known, same) & (x <= last + beyond)]
            for x, known in zip(later, every, strict=True)
        ]
    times = _apart(np.concatenate([[0.0], *every]), same)
    edges, after = times[times <= last + same], times[times > last + same]
    end = max(last, min([float(edges[-1]) + beyond, *after[:1]]))
    edges = np.append(edges, end)
    panels = np.maximum(1, np.ceil(np.diff(edges) * often))
    return _Grid(edges, panels.astype(int), same) if panels.sum() <= MOST else None


def _apart(times: Any, same: float) -> Any:
    """Sorted, without repetitions."""
    times = np.sort(times)
    return times[np.diff(times, prepend=-np.inf) > same]


def _far(times: Any, known: Any, same: float) -> Any:
    """Which times are none of the known ones, sorted."""
    first = np.searchsorted(known, times - same)
    return (first == len(known)) | (known[np.minimum(first, len(known) - 1)] > times + same)


def _wanted(grid: _Grid, times: Any, delays: Any) -> dict[int, list[tuple[int, int | None, float]]]:
    """By interval: times in it, and times that are later by the delay of a line, with that line."""
    wanted = defaultdict(list)
    for line, delay in enumerate((0.0, *delays)):
        for i, time in enumerate(times - delay):
            if time >= -grid.same:
                k = int(grid.interval(time))
                offset = max(float(time - grid.edges[k]), 0.0)
                wanted[k].append((i, line - 1 if line else None, offset))
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


def _intervals(lines: Lines, sources: Sources, grid: _Grid) -> Iterator[tuple[int, Any]]:
    """Every interval with a function of θ: the columns θ after it begins, and ∫ P⟨r rᵀ⟩Pᵀ."""
    n, d, ends = len(lines.A), len(lines.times), _columns(lines)
    kernels = _kernels(lines, sources.noise)
    size = n + lines.B.shape[1] + d + 1
    start, first = np.zeros((n, size)), np.zeros((d, size))
    start[:, ends["start"]], start[:, ends["inputs"]] = np.eye(n), lines.B
    first[:, ends["lines"]] = np.eye(d)
    entered: list[Any] = []  # u of the intervals before, (panels, ORDER, 2d, columns)
    pulsed: list[Any] = []  # strength of the pulses that enter the lines when an interval begins
    sums, forgotten = [np.zeros((n, n), complex) for _ in kernels], 0
    for k, panels in enumerate(grid.panels):
        begin, width = float(grid.edges[k]), grid.width(k)
        late = _pulses(pulsed, grid, begin - lines.times, (d, size)) if k else first
        start = start + lines.B_l @ late
        pulsed.append(lines.F_ll @ late)
        if k == 0:
            pulsed[0][:, ends["inputs"]] += lines.F_le
        inside, before = np.zeros((panels, ORDER, n, size)), []
        entered.append(np.zeros((panels, ORDER, d, size)))
        for panel in range(panels):
            from_there = begin + panel * width - lines.times
            back = _late(entered, grid, from_there, width, (ORDER, d, size))
            inside[panel] = _series(lines, sources.drive, start, back, width)
            entered[k][panel] = lines.C_l @ inside[panel] + lines.F_ll @ back
            entered[k][panel, 0, :, -1] += sources.light
            before.append(sums)
            more = _integrals(inside[panel], kernels, 1.0, width)
            sums = [a + b for a, b in zip(sums, more, strict=True)]
            start = inside[panel].sum(axis=0)
        while grid.edges[forgotten + 1] < grid.edges[k + 1] - lines.times.max() - grid.same:
            entered[forgotten], forgotten = None, forgotten + 1  # no line is as long

        def at(
            theta: float, inside: Any = inside, before: Any = before, width: float = width
        ) -> Any:
            panel = min(int(theta / width), len(inside) - 1)
            x = theta / width - panel
            columns = np.tensordot(x ** np.arange(ORDER), inside[panel], 1)
            more = _integrals(inside[panel], kernels, x, width)
            return columns, [a + b for a, b in zip(before[panel], more, strict=True)]

        yield k, at


def _pulses(pulsed: list[Any], grid: _Grid, times: Any, shape: Any) -> Any:
    """What comes out of the lines now, of pulses that entered them at times, by line."""
    out = np.zeros(shape)
    for row, time in enumerate(times):
        k = grid.edge(time) if time > -grid.same else None
        if k is not None:
            out[row] = pulsed[k][row]
    return out


def _late(entered: list[Any], grid: _Grid, times: Any, width: float, shape: Any) -> Any:
    """What comes out of the lines on a panel, as a series, of what entered them from times on.

    There what entered this line is analytic, whatever happened to others. Within one panel its
    series is shifted; across several it is the polynomial through their values, since beyond its
    own panel a series has the rounding of its high powers.
    """
    out = np.zeros(shape)
    for line, time in enumerate(times[::2]):
        if time + width / 2 <= 0:
            continue
        rows = slice(2 * line, 2 * line + 2)
        k, panel, _ = _places(grid, time + width * _ENDS)
        of = grid.width(k[0])
        if (k[0], panel[0]) == (k[1], panel[1]):
            shifted = _shifted((time - grid.edges[k[0]]) / of - panel[0], width / of)
            out[:, rows] = _times(shifted, entered[k[0]][panel[0], :, rows])
            continue
        k, panel, x = _places(grid, time + width * _NODES)
        values = np.empty((len(_NODES), 2, shape[-1]))
        change = np.flatnonzero((k[1:] != k[:-1]) | (panel[1:] != panel[:-1])) + 1
        for i, j in pairwise([0, *change, len(_NODES)]):
            powers = x[i:j, None] ** np.arange(ORDER)
            values[i:j] = _times(powers, entered[k[i]][panel[i], :, rows])
        out[: len(_NODES), rows] = _times(_FROM_LEGENDRE, _times(_TO_LEGENDRE, values))
    return out


def _times(matrix: Any, series: Any) -> Any:
    """A matrix times the coefficients or values on the first axis."""
    return (matrix @ series.reshape(len(series), -1)).reshape(len(matrix), *series.shape[1:])


def _places(grid: _Grid, times: Any) -> tuple[Any, Any, Any]:
    """The intervals and the panels of them in which times are, and where there, from 0 to 1."""
    k = grid.interval(times)
    x = (times - grid.edges[k]) / (grid.edges[k + 1] - grid.edges[k]) * grid.panels[k]
    panel = np.clip(x.astype(int), 0, grid.panels[k] - 1)
    return k, panel, x - panel


def _shifted(shift: float, stretch: float) -> Any:
    """c′ = M c with Σ c_i (shift + stretch·x)ⁱ = Σ c′_m x^m."""
    order = np.arange(ORDER)
    powers = shift ** np.maximum(order - order[:, None], 0)
    return _BINOMIAL * powers * stretch ** order[:, None]


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


def _norm(X: Any) -> float:
    return float(np.linalg.norm(X, 2)) if X.size else 0.0
