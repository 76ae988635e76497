"""States of periodically driven master equations that return after every period.

With Φ the flow of one period, ρ = Φρ; all other multipliers (eigenvalues of Φ) must be smaller than
1 in modulus for it to be reached from everywhere. Φ is a matrix where ρ is small; else (1 − Φ)ρ = 0
is solved by GMRES, and once more with a random right-hand side, which tells how much (1 − Φ)⁻¹
enlarges an error, and whether there is one at all.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, DegenerateError, UnstableError, count, single
from ..hilbert.cutoffs import cut_off
from ..hilbert.states import DensityState
from ..numerics.gmres import gmres
from ..numerics.time_steps import check_period, checked_breaks, segments
from .carrying import REACH, Sparsity, carry
from .changing import check_edge, edge_told, in_seconds, population, structured
from .driven import Driven
from .layout import Layout
from .points_in_time import every_point, together, warnings_of
from .steps import DIGITS, Carried, carried
from .superoperator import Superoperator

FEW = 100
"""Real numbers in ρ up to which the flow of a period is made as a matrix."""

MOST = 400
"""Periods of the largest Krylov space."""

SURE = 1e-12
"""A multiplier no farther from modulus 1 than this cannot be told from it."""

GOAL, LOOSE = 1e-13, 1e-6
"""Residual of the state, and of the answer to a random right-hand side, relative to it."""

Flow = Callable[[np.ndarray], np.ndarray]

EPSILON = float(np.finfo(float).eps)


class AskedPeriod(NamedTuple):
    """What a periodic state was asked for."""

    phases: np.ndarray  # the end of the period included
    breaks: np.ndarray
    tolerance: float
    progress: bool


class Fixed(NamedTuple):
    """What one period leaves as it is."""

    y: np.ndarray  # coordinates, trace 1
    multipliers: np.ndarray  # largest first, 1 among them
    gain: float  # ‖(1 − Φ)⁻¹‖ on what has no trace


def repeated(
    at: Any,
    begin: Callable[[Any], DensityState],
    period: Any,
    points: int,
    breaks: Any,
    tolerance: float,
    progress: bool,
) -> DensityState:
    """The periodic state of a master equation; `qc.periodic_state` says the rest.

    Args:
        at: function of an array of times that returns a model.
        begin: a state of a model to begin with.
        period: after which the model is the same.
        points: phases.
        breaks: when something is switched, from 0 to the period.
        tolerance: error allowed (Frobenius norm).
        progress: show a bar.
    """
    period, breaks = in_seconds(at, period, breaks, "period")
    period = single("period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
    phases = period * np.arange(count("points", points) + 1) / points
    asked = AskedPeriod(phases, checked_breaks(breaks, phases), tolerance, progress)
    when = (phases, asked.breaks)
    return structured(at, "at", *when, lambda driven: _repeated(driven, begin, asked))


class PreparedPeriod(NamedTuple):
    """What all points of a master equation in time have in common."""

    layout: Layout
    L: Superoperator
    y: np.ndarray  # coordinates of a state to begin with
    edge: Mapping[str, np.ndarray]  # basis states by cutoff
    functional: np.ndarray  # their population
    edges: np.ndarray  # of the segments


Told = tuple[np.ndarray, dict[str, Any]]
"""ρ at the phases, elements of blocks (P, n), and what is told of it."""


def _repeated(
    driven: Driven, begin: Callable[[Any], DensityState], asked: AskedPeriod
) -> DensityState:
    model, phases, period = driven.model, asked.phases, float(asked.phases[-1])
    check_period(driven.numbers, period)
    model.check_blocks()
    # Neither mirror nor reality: what they hide might be a second such state.
    layout = Layout(model.space, None, False)
    L = Superoperator(layout, driven.features)
    y = L.coordinates.of(np.ascontiguousarray(layout.pack(begin(model)), layout.dtype))
    edge = cut_off(model.space, model.H, model.jumps)
    edges = segments(driven.numbers, phases, asked.breaks)
    ready = PreparedPeriod(layout, L, y, edge, population(L, edge), edges)
    same = {"phases": phases[:-1], "period": period}
    if not driven.points:
        (x, info), _ = _point(driven, ready, asked, None)
        return DensityState(model.space, layout.blocks(x), same | info)
    alone = asked._replace(progress=False)

    def point(index: tuple[int, ...], steps: np.ndarray | None) -> tuple[Told, np.ndarray]:
        return _point(driven.at_point(index), ready, alone, steps)

    every = every_point(driven.points, point, asked.progress)
    known = [each[1] for each in every if each is not None]
    x = together([None if each is None else each[0] for each in every], driven.points, 1)
    told: dict[str, Any] = {
        name: together([None if each is None else each[1][name] for each in every], driven.points)
        for name in known[0]
        if name != "warnings"
    }
    stable = np.array([each is not None for each in every]).reshape(driven.points)
    told["stable"] = np.broadcast_to(stable, x.shape[:-1])
    told["warnings"] = warnings_of(known)
    return DensityState(model.space, layout.blocks(x), same | told)


def _point(
    driven: Driven, ready: PreparedPeriod, asked: AskedPeriod, steps: np.ndarray | None
) -> tuple[Told, np.ndarray]:
    """The periodic state of one point, and its steps in each segment."""
    _, L, y, edge, functional, edges = ready
    phases, period = asked.phases, float(asked.phases[-1])
    first = carried(driven, L, edges, y, asked.tolerance, functional, steps=steps)
    fix = _by_matrix if len(y) <= FEW else _by_krylov
    fixed = fix(L, _flow_of(driven.pattern(L), first, asked.tolerance), period)
    # An error of one period adds to those of all before it.
    share = max(asked.tolerance / max(fixed.gain, 1.0), 1e-13)
    last = carried(
        driven,
        L,
        edges,
        fixed.y,
        share,
        functional,
        steps=first.steps,
        progress=asked.progress,
    )
    if np.any(last.steps > first.steps):
        fixed = fix(L, _flow_of(driven.pattern(L), last, share), period)
    run = carried(driven, L, edges, fixed.y, share, functional, steps=last.steps)
    check_edge(L, run, edge)
    norm = np.sqrt(L.weights)
    # What a period does not bring back, and what its steps and rounding leave.
    missed = float(np.linalg.norm(norm * (run.states[-1] - fixed.y)))
    error = fixed.gain * (run.error + missed + EPSILON)
    if not error <= asked.tolerance:
        raise ConvergenceError(
            f"The periodic state is known to {error:.1g} only (tolerance {asked.tolerance:.1g}): "
            "it is reached so slowly that the rounding of many periods adds up. Allow a larger "
            "`tolerance`."
        )
    rows = np.searchsorted(run.edges, phases[:-1])
    x = L.coordinates.states(run.states[rows])
    others = np.abs(fixed.multipliers[1:])
    info = {
        "multipliers": fixed.multipliers,
        "growth": float(np.log(max(others.max(initial=0.0), 1e-300)) / period),
        "estimated_error": error,
        **edge_told(L, run, edge),
    }
    return (x, info), run.steps


def _flow_of(pattern: Sparsity, run: Carried, tolerance: float) -> Flow:
    """Φ: what the period of a run makes of any vector."""
    powers, off = (np.concatenate(x) for x in zip(*run.polynomials, strict=True))
    least, nothing = max(DIGITS * tolerance, 2.0**-53), np.zeros(0)

    def flow(y: np.ndarray) -> np.ndarray:
        y = y.copy()
        carry(pattern, powers, off, y, least, nothing, REACH)
        return y

    return flow


def _check_multipliers(others: np.ndarray, period: float) -> None:
    """Refuse a period that leaves more than one state as it is, or something for ever.

    Raises:
        DegenerateError: when there are several periodic states.
        UnstableError: when it is not reached from everywhere.
    """
    alike = others[np.abs(others - 1) < SURE]
    if len(alike):
        raise DegenerateError(
            f"The model has more than one periodic state ({1 + len(alike)} multipliers of a period "
            "are 1); which one is reached depends on the start. Look for parts that nothing damps "
            "or that are not connected."
        )
    largest = np.abs(others).max(initial=0.0)
    if largest > 1 - SURE:
        raise UnstableError(
            "The model has no periodic state that is reached: a deviation shrinks by a factor "
            f"{largest:.6g} in a period, at a rate {-np.log(largest) / period:.3g}, which is "
            "rounding."
        )


def _by_matrix(L: Superoperator, flow: Flow, period: float) -> Fixed:
    size, trace = len(L.trace), L.trace
    Phi = np.stack([flow(column) for column in np.eye(size)], axis=1)
    multipliers = np.linalg.eigvals(Phi)
    multipliers = multipliers[np.argsort(np.abs(multipliers - 1))]
    others = multipliers[1:][np.argsort(-np.abs(multipliers[1:]), kind="stable")]
    _check_multipliers(others, period)
    mixed = trace / np.sum(trace)  # in every basis state alike
    inverse = np.linalg.inv(np.eye(size) - Phi + np.outer(mixed, trace))
    y = inverse @ mixed
    norm = np.sqrt(L.weights)
    without = inverse - np.outer(y, trace)
    gain = float(np.linalg.norm(norm[:, None] * without / norm, 2))
    return Fixed(y / (trace @ y), np.append(1.0, others), max(gain, 1.0))


def _by_krylov(L: Superoperator, flow: Flow, period: float) -> Fixed:
    trace, norm = L.trace, np.sqrt(L.weights)
    mixed = trace / np.sum(trace)

    def more(v: np.ndarray) -> np.ndarray:
        """N v of 1 + N = 1 − Φ + c Tr, on coordinates of the Frobenius norm."""
        y = v / norm
        return norm * (mixed * (trace @ y) - flow(y))

    noise = np.random.default_rng(8128).standard_normal(len(trace))
    noise -= mixed * (trace @ noise)
    slowest = _slowest(more, norm * noise)
    _check_multipliers(np.array([slowest]), period)
    y = _solved(more, norm * mixed, GOAL) / norm
    size = float(np.linalg.norm(norm * noise))
    gain = float(np.linalg.norm(_solved(more, norm * noise, LOOSE * size))) / size
    return Fixed(y / (trace @ y), np.append(1.0, slowest), max(gain, 1.0))


def _solved(more: Flow, side: np.ndarray, target: float) -> np.ndarray:
    """(1 + N) v = side, by cycles of GMRES.

    Raises:
        ConvergenceError: when the residual does not fall.
    """
    v, left, before = np.zeros_like(side), side, np.inf
    while np.linalg.norm(left) > target:
        if not np.linalg.norm(left) < 0.5 * before:
            raise ConvergenceError(
                f"The periodic state was not reached: in {MOST} periods the residual falls to "
                f"{np.linalg.norm(left):.2g} only, not {target:.2g}; there may be several."
            )
        before = float(np.linalg.norm(left))
        step, _ = gmres(more, left, MOST, 0.5 * target, lambda k, residual: None)
        v = v + step
        left = left - step - more(step)
    return v


def _slowest(more: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> complex:
    """The largest multiplier but the one that is 1, in which N = c Tr − Φ has 0."""
    from scipy.sparse import linalg

    arpack: Any = linalg
    operator = arpack.LinearOperator((len(start),) * 2, matvec=more, dtype=float)
    try:
        values = arpack.eigs(operator, 2, v0=start, tol=1e-6, return_eigenvectors=False)
    except arpack.ArpackNoConvergence as error:
        raise ConvergenceError(
            "The periodic state is not certain: how fast it is reached could not be told."
        ) from error
    return complex(-values[np.argmax(np.abs(values))])
