"""Steady states of networks in which wires take time, point by point."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, UnstableError, fail, is_traced
from ..lyapunov.solve import growth, solve
from ..lyapunov.watched import see, see_rates, unseen
from ..numerics.graphs import reachable, strong_parts
from .delay_copies import covariance_of_copies, without_delays
from .delay_integral import covariance
from .delay_offsets import at_one_time, offsets
from .delay_proof import bounded, rightmost_root, unstable_roots
from .delayed import Lines, lines_of
from .model import Delays, GaussianModel
from .refused import no_steady_state
from .state import GaussianState, computed_state


def steady_with_delays(model: GaussianModel) -> GaussianState:
    """The steady state of a model with delays; `info` has the absolute error of V, and how fast the
    slowest deviation grows.

    The mean does not know of delays. Where every part has a time of its own (delay_offsets.py), V
    is that of the undelayed network, shifted; where light comes by several ways but never back,
    that of copies of its parts (delay_copies.py); elsewhere the integral of delay_integral.py,
    after the stability was proven.

    Args:
        model: with `delays`.

    Raises:
        UnstableError: for a single model without a steady state; it says how fast it grows.
        ConvergenceError: for a single model of which rounding decides.
    """
    delays = _values(model)
    closed, size = delays.closed, 2 * len(model.modes)
    batch = batch_with_delays(model)
    covs = np.full((*batch, size, size), np.nan)
    errors, stable = np.full(batch, np.nan), np.zeros(batch, bool)
    rates = _growths(model)
    noise = np.broadcast_to(closed.input_noise, (*batch, *closed.input_noise.shape[-2:]))
    A, D = (np.broadcast_to(x, (*batch, size, size)) for x in (closed.A, closed.D))
    for at, lines in points(lines_of(delays), batch):
        try:
            shifts = offsets(lines, noise[at])
            copies = without_delays(lines) if shifts is None else None
            if copies is not None:
                if not rates[at] < 0:
                    raise no_steady_state(lines.A)
                covs[at], errors[at] = covariance_of_copies(copies, noise[at], size)
            elif shifts is None:
                covs[at], errors[at] = covariance(_proven(lines), noise[at])
            else:
                with unseen():  # it was told with all points
                    V, known = solve(A[at], D[at], closed.acts)
                if not known:
                    raise no_steady_state(A[at])
                covs[at] = at_one_time(A[at], V, shifts)
                errors[at] = np.finfo(float).eps * np.abs(V).max()
            stable[at] = True
        except (UnstableError, ConvergenceError):
            if not batch:
                raise
    mean = np.full((*batch, size), np.nan)
    drive = np.broadcast_to(closed.drive, (*batch, size))
    if stable.any():
        mean[stable] = np.linalg.solve(A[stable], -drive[stable][..., None])[..., 0] + 0.0
    info = {"estimated_error": errors[()], "growth": rates[()]}
    return computed_state(model.modes, mean, covs, stable, info)


def stable_with_delays(model: GaussianModel) -> Any:
    """Where there is a steady state, booleans (…); a single model without one is an error.

    Args:
        model: with `delays`.

    Raises:
        UnstableError: for a single model; it says how fast it grows.
        ConvergenceError: for a single model of which rounding decides.
    """
    batch = batch_with_delays(model)
    stable, rates = np.zeros(batch, bool), _growths(model)
    for at, lines in points(lines_of(_values(model)), batch):
        try:
            stable[at] = bool(_proven(lines)) if lines.times.size else rates[at] < 0
        except (UnstableError, ConvergenceError):
            if not batch:
                raise
    return stable[()]


def growth_with_delays(model: GaussianModel) -> Any:
    """How fast the slowest deviation of a model grows, (…).

    Args:
        model: with `delays`.
    """
    with unseen():
        return _growths(model)[()]


def _growths(model: GaussianModel) -> Any:
    """The same as an array, and whoever looks is told."""
    batch, delays = batch_with_delays(model), _values(model)
    every = [lines for _, lines in points(lines_of(delays), batch)]
    rates = np.array([_growth(lines) for lines in every]).reshape(batch)
    drifts = np.array([lines.A for lines in every]).reshape(*batch, *delays.closed.A.shape[-2:])
    if any(map(_come_back, every)):
        see_rates(lambda: rates, lambda: drifts)
    else:
        see(drifts)
    return rates


def _values(model: GaussianModel) -> Delays:
    delays = model.delays
    if delays is None:
        raise fail("model", "have delays", model)
    if any(map(is_traced, (*lines_of(delays), delays.closed.drive, delays.closed.occupation))):
        raise fail("model", "have values: delays do not work inside jit and grad", "traced")
    return delays


def batch_with_delays(model: GaussianModel) -> tuple[int, ...]:
    """Leading axes of a model.

    Args:
        model: with `delays`.

    Raises:
        ArgumentError: inside jit and grad.
    """
    delays = _values(model)
    lines, closed = lines_of(delays), delays.closed
    shapes = [np.shape(x)[:-2] for x in (*lines[:-1], closed.A, closed.D)]
    return np.broadcast_shapes(*shapes, lines.times.shape[:-1], closed.drive.shape[:-1])


def points(lines: Lines, batch: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Lines]]:
    """Every point of a batch by its position, lines of no time closed.

    Args:
        lines: of all points.
        batch: their leading axes.
    """
    spread = [np.broadcast_to(np.asarray(x), (*batch, *x.shape[-2:])) for x in lines[:-1]]
    times = np.broadcast_to(lines.times, (*batch, lines.times.shape[-1]))
    for at in np.ndindex(*batch):
        yield at, _without_instant(Lines(*(x[at] for x in spread), times=times[at]))


def _without_instant(lines: Lines) -> Lines:
    """Lines that take no time are wires: r_z = (1 − F_zz)⁻¹(C_z R + F_ze r_in + F_zl r_l)."""
    z, k = lines.times == 0, lines.times > 0
    if not z.any():
        return lines
    F_kz, G = lines.F_ll[k][:, z], np.linalg.inv(np.eye(z.sum()) - lines.F_ll[z][:, z])
    to_modes, out, on = lines.B_l[:, z] @ G, lines.F_el[:, z] @ G, F_kz @ G
    C_z, F_ze, F_zk = lines.C_l[z], lines.F_le[z], lines.F_ll[z][:, k]
    return Lines(
        A=lines.A + to_modes @ C_z,
        B=lines.B + to_modes @ F_ze,
        B_l=lines.B_l[:, k] + to_modes @ F_zk,
        C=lines.C + out @ C_z,
        C_l=lines.C_l[k] + on @ C_z,
        F=lines.F + out @ F_ze,
        F_el=lines.F_el[:, k] + out @ F_zk,
        F_le=lines.F_le[k] + on @ F_ze,
        F_ll=lines.F_ll[k][:, k] + on @ F_zk,
        times=lines.times[k],
    )


def _proven(lines: Lines) -> Any:
    """The network with its bound, known to be stable.

    Raises:
        UnstableError: when it is not.
        ConvergenceError: when it cannot be told.
    """
    if not all(np.isfinite(x).all() for x in lines):
        raise UnstableError("The model has no steady state: its drift is not finite.")
    for part in _strong(lines):
        bounds = bounded(part)
        if bounds is None:
            raise ConvergenceError(
                "Whether the model has a steady state cannot be proven: light may go round through "
                "fibres alone and lose nothing (give one of them a loss)."
            )
        if not part.times.size:
            if not growth(part.A) < 0:
                raise no_steady_state(lines.A)
        elif unstable_roots(bounds):
            s = rightmost_root(part)
            raise UnstableError(
                f"The model has no steady state: with its delays it grows at the rate {s.real:.6g}"
                + (f", turning at {abs(s.imag):.6g}." if abs(s.imag) > 1e-9 * abs(s) else ".")
            )
    return bounded(lines)


def _strong(lines: Lines) -> Iterator[Lines]:
    """Modes and lines that all act on each other: what is elsewhere has no say in their roots."""
    n, acts = len(lines.A), _acts(lines)
    both = acts.reshape(len(acts) // 2, 2, len(acts) // 2, 2).any((1, 3))
    order, start = strong_parts(both)
    for pairs in np.split(order, start[1:-1]):
        nodes = (2 * pairs[:, None] + np.arange(2)).ravel()
        m, k = nodes[nodes < n], nodes[nodes >= n] - n
        none = np.zeros(0, int)
        yield Lines(
            A=lines.A[np.ix_(m, m)],
            B=lines.B[np.ix_(m, none)],
            B_l=lines.B_l[np.ix_(m, k)],
            C=lines.C[np.ix_(none, m)],
            C_l=lines.C_l[np.ix_(k, m)],
            F=lines.F[np.ix_(none, none)],
            F_el=lines.F_el[np.ix_(none, k)],
            F_le=lines.F_le[np.ix_(k, none)],
            F_ll=lines.F_ll[np.ix_(k, k)],
            times=lines.times[k],
        )


def _acts(lines: Lines) -> Any:
    """Which mode or line acts on which, booleans (2N + 2d, 2N + 2d)."""
    return np.block([[lines.A, lines.B_l], [lines.C_l, lines.F_ll]]) != 0


def _growth(lines: Lines) -> float:
    """The real part of the rightmost root; +∞ where none is known."""
    if not all(np.isfinite(x).all() for x in lines):
        return np.inf
    if not _come_back(lines):
        return float(growth(lines.A))
    return max(_rightmost(part) for part in _strong(lines))


def _rightmost(part: Lines) -> float:
    """The real part of the rightmost root of a part whose modes and lines all act on each other."""
    if not _come_back(part):
        return float(growth(part.A)) if part.A.size else -np.inf
    return rightmost_root(part).real if bounded(part) else np.inf


def _come_back(lines: Lines) -> bool:
    """Whether what enters a line comes out of it into the same line, through others or modes."""
    acts = _acts(lines)
    reached = reachable(acts)
    n = len(lines.A)
    return bool(np.any((acts & reached.T)[n:]))
