"""A density matrix carried through time by a master equation whose parameters change.

Steps are those of `numerics/smooth_steps.py`, in which coefficients are polynomials, and the state
a Taylor series (`carrying.py`). A segment is cut into more of them until its defect ẏ − L(t)y adds
up to less than its share of the tolerance (Frobenius norm).
"""

from typing import NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail
from ..base.progress import progress_bar
from ..numerics.smooth_steps import COUNT, Steps
from ..numerics.time_steps import ROUNDING
from .carrying import REACH, carry
from .driven import Driven
from .superoperator import Superoperator

LEAP = 16
"""Times as many steps at once, at most, where an error tells how many it takes."""

MANY = 2**14
"""Steps of a segment, at most."""

SETTLED = 1024
"""Steps of a segment from which on, if the defect stays, what more of them move is the error."""

MARGIN = 1.1
"""More steps than the error asks for, so that they are surely enough."""

DIGITS = 1e-5
"""Part of the tolerance at which a Taylor series ends, and a polynomial."""


class Carried(NamedTuple):
    """The state at every edge, and how it was found."""

    edges: np.ndarray
    states: np.ndarray  # coordinates (E, n)
    steps: np.ndarray  # in each segment
    polynomials: list[Steps]  # of each segment
    error: float
    watched: np.ndarray  # largest value of the functional in each segment
    applications: int


def carried(
    driven: Driven,
    L: Superoperator,
    edges: np.ndarray,
    y: np.ndarray,
    tolerance: float,
    functional: np.ndarray,
    *,
    steps: np.ndarray | None = None,
    progress: bool = False,
) -> Carried:
    """The state from edge to edge, with errors that add up to less than the tolerance.

    Args:
        driven: the master equation.
        L: its generator.
        edges: increasing times; nothing jumps between two of them.
        y: coordinates of the state at the first.
        tolerance: error allowed at the end (Frobenius norm).
        functional: to be watched on the way, (n,).
        steps: in each segment, to begin with.
        progress: show a bar, on a terminal.

    Raises:
        ConvergenceError: where more steps do not help; it says when.
    """
    width = np.diff(edges)
    count = len(width)
    counts = np.ones(count, int) if steps is None else steps.copy()
    allowed = tolerance / 2 * np.maximum(width / width.sum(), 1 / count)
    least = max(DIGITS * tolerance, 2.0**-53)
    states = np.zeros((count + 1, len(y)))
    states[0] = y
    every: list[Steps] = [Steps(np.zeros((0, 0, 0)), np.zeros((0, 0)))] * count
    error, before = np.full(count, np.inf), np.full(count, np.inf)
    watched, applications, rough = np.empty(count), 0, np.arange(count)
    pattern, reach = driven.pattern(L), np.full(count + 1, REACH)
    watch = functional if functional.any() else np.zeros(0)
    with progress_bar("time", progress) as tell:
        while len(rough):
            some = driven.polynomials(edges[rough], edges[rough + 1], counts[rough], least)
            for k, polynomials in zip(rough, some, strict=True):
                every[k] = polynomials
            last = states.copy()
            for k in range(rough[0], count):
                states[k + 1] = states[k]
                watched[k], used, error[k], reach[k + 1] = carry(
                    pattern, *every[k], states[k + 1], least, watch, reach[k]
                )
                applications += used
                tell(k + 1, count)
            if not np.all(np.isfinite(states)):
                must = "end before the rates outgrow floating-point numbers"
                raise fail("times", must, edges[-1])
            # Stairs of rounding in a coefficient leave a defect in all steps, which adds up to
            # nothing: then it is the state that shows whether more of them help.
            moved = np.linalg.norm(np.sqrt(L.weights) * (states - last), axis=1)
            fine = rough[(counts[rough] >= SETTLED) & np.isfinite(before[rough])]
            error[fine] = np.minimum(error[fine], 2 * (moved[fine] + moved[fine + 1]))
            rounding = (error > before / 4) & (error < ROUNDING)
            rough = np.flatnonzero((error > allowed) & ~rounding)
            _check_counts(edges, counts, error, rough, tolerance)
            before[rough] = error[rough]
            more = (error[rough] / allowed[rough]) ** (1 / COUNT) * MARGIN
            counts[rough] = np.ceil(counts[rough] * np.clip(more, 1.5, LEAP)).astype(int)
    return Carried(edges, states, counts, every, float(error.sum()), watched, applications)


def _check_counts(
    edges: np.ndarray, counts: np.ndarray, error: np.ndarray, rough: np.ndarray, tolerance: float
) -> None:
    """Refuse to go on for ever."""
    deep = rough[counts[rough] >= MANY]
    if len(deep):
        k = deep[np.argmax(error[deep])]
        raise ConvergenceError(
            f"The evolution does not converge between t = {edges[k]:.6g} and {edges[k + 1]:.6g}: "
            f"{counts[k]} steps leave {error[k]:.2g} of ρ (tolerance {tolerance:.2g}); "
            "where a parameter is switched, name the time in `breaks`."
        )
