"""A density matrix carried through time by a master equation whose parameters change.

Steps are those of `numerics/time_steps.py`, two exponentials of constant generators each. A segment
is halved until that no longer moves its end by more than its share of the tolerance (Frobenius
norm).
"""

from copy import copy
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail
from ..base.progress import progress_bar
from ..numerics.time_steps import (
    DEEPEST,
    EARLY,
    LATE,
    NODES,
    ROUNDING,
    called,
    check_first_axis,
)
from ..slh.network import Network
from .carrying import carry
from .model import LindbladModel
from .superoperator import Superoperator
from .terms import Terms, terms_of

LARGEST = 4096
"""Times at which a model is made at once."""

KEPT = 4
"""Tables of coefficients that the points of a batch share."""

LEAP = 16
"""Times as many steps at once, at most, where an error tells how many it takes."""

MARGIN = 1.05
"""More steps than an error of fourth order asks for, so that they are surely enough."""

DIGITS = 1e-5
"""Part of the tolerance at which the Taylor sum of a step ends."""


def model_at(at: Any, times: np.ndarray) -> LindbladModel:
    """The model at many times, its first axis.

    Args:
        at: function of an array of times.
        times: (K,).

    Raises:
        ArgumentError: for a function that takes no arrays, or returns no model of all the times.
    """
    model: LindbladModel = called(at, times, "at", LindbladModel)
    check_first_axis("at", model.shape, times)
    return model


class NewWords(Exception):
    """A function of time has words at some times that it had nowhere before."""

    def __init__(self, times: np.ndarray) -> None:
        super().__init__()
        self.times = times


class Driven:
    """A master equation in time: its space and words, and its coefficients at any times.

    A batch has `points`, axes behind that of the times; one of them is `at_point`. Tables are made
    for all points and kept for a while: points that take the same steps share them.

    Args:
        at: function of an array of times that returns a model.
        looked: times from which charges, mirror and reality are read; all of them together.
    """

    def __init__(self, at: Any, looked: np.ndarray) -> None:
        self.at, self.model = at, model_at(at, looked)
        self.points = self.model.shape[1:]
        self.terms = self._terms(self.model)
        self.features = tuple(self.terms.values)
        self._point: tuple[int, ...] | None = None
        self._kept: dict[bytes, np.ndarray] = {}

    def at_point(self, index: tuple[int, ...]) -> "Driven":
        """The same, whose coefficients are those of one point.

        Args:
            index: position on the axes behind the times.
        """
        twin = copy(self)
        twin._point = index
        return twin

    def coefficients(self, times: np.ndarray) -> np.ndarray:
        """Coefficients of one point at every time, (K, F).

        Args:
            times: (K,).

        Raises:
            NewWords: for words that were nowhere before.
        """
        table = self._table(times)
        return table if self._point is None else table[(slice(None), *self._point)]

    def _table(self, times: np.ndarray) -> np.ndarray:
        """Coefficients of all points at every time, (K, …, F)."""
        key = times.tobytes()
        if key in self._kept:
            return self._kept[key]
        tables = [self._some(times[k : k + LARGEST]) for k in range(0, len(times), LARGEST)]
        table = np.concatenate([np.zeros((0, *self.points, len(self.features))), *tables])
        if self.points:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = table
        return table

    def _some(self, times: np.ndarray) -> np.ndarray:
        terms = self._terms(model_at(self.at, times))
        if terms.values.keys() - set(self.features):
            raise NewWords(times)
        shape = (len(times), *self.points, len(self.features))
        return np.broadcast_to(terms.table(self.features), shape)

    def _terms(self, model: LindbladModel) -> Terms:
        """Coefficients by operator, in the frame of the network."""
        space = self.model.space
        H, *jumps = map(space.represented, (model.H, *model.jumps))
        return terms_of(space, H, jumps, model.shape)

    def numbers(self, times: np.ndarray) -> np.ndarray:
        """Coefficients of all points as rows, (K, P, F), in which switches are looked for.

        Args:
            times: (K,).
        """
        return self._table(times).reshape(len(times), -1, len(self.features))

    def exponents(self, start: np.ndarray, end: np.ndarray, steps: np.ndarray) -> list[Any]:
        """Coefficients of all exponentials of some segments, with durations: (2 · steps, F) each.

        Args:
            start: of the segments.
            end: of the segments.
            steps: in each.
        """
        h = np.repeat((end - start) / steps, steps)
        inside = np.concatenate([np.arange(n) for n in steps])
        starts = np.repeat(start, steps) + h * inside
        f = self.coefficients((starts[:, None] + h[:, None] * NODES).reshape(-1))
        f = f.reshape(len(h), 2, -1) * h[:, None, None]
        # The first exponential weighs the earlier node more, the second the later.
        f = np.einsum("ab,sbf->saf", [[EARLY, LATE], [LATE, EARLY]], f)
        ends = np.cumsum(steps)[:-1]
        return [np.ascontiguousarray(x.reshape(-1, f.shape[-1])) for x in np.split(f, ends)]


def structure(model: LindbladModel) -> tuple[Any, ...]:
    """What a model has to have at all times.

    Args:
        model: at some of them.
    """
    space, net = model.space, model.network
    part = net.component if isinstance(net, Network) else net
    ports = () if part is None else (part.inputs, part.outputs)
    squeezed = tuple(sorted(space.squeezed.items()))
    points = model.shape[1:]
    return space.modes, space.tops, space.qubits, space.limits, squeezed, points, *ports


class Carried(NamedTuple):
    """The state at every edge, and how it was found."""

    edges: np.ndarray
    states: np.ndarray  # coordinates (E, n)
    steps: np.ndarray  # in each segment
    exponents: list[np.ndarray]  # of each segment
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
        ConvergenceError: where halving does not converge; it says when.
    """
    width = np.diff(edges)
    count = len(width)
    half = np.ones(count, int) if steps is None else np.maximum(steps // 2, 1)
    allowed = tolerance / 2 * np.maximum(width / width.sum(), 1 / count)
    least = max(DIGITS * tolerance, 2.0**-53)
    states = np.empty((count + 1, len(y)))
    states[0] = y
    coarse, fine = [np.zeros((0, 0))] * count, [np.zeros((0, 0))] * count
    error, before = np.full(count, np.inf), np.full(count, np.inf)
    watched, applications, rough = np.empty(count), 0, np.arange(count)
    norm = np.sqrt(L.weights)
    with progress_bar("time", progress) as tell:
        while len(rough):
            twice, finer = np.tile(rough, 2), np.append(half[rough], 2 * half[rough])
            exponents = driven.exponents(edges[twice], edges[twice + 1], finer)
            for k, first, second in zip(rough, exponents, exponents[len(rough) :], strict=False):
                coarse[k], fine[k] = first, second
            doubtful = set(rough.tolist())
            for k in range(rough[0], count):
                states[k + 1] = states[k]
                watched[k], used = carry(L.pattern, fine[k], states[k + 1], least, functional)
                applications += used
                if k in doubtful:
                    other = states[k].copy()
                    applications += carry(L.pattern, coarse[k], other, least, functional)[1]
                    # Halving takes 15/16 of a fourth-order error away.
                    error[k] = np.linalg.norm(norm * (other - states[k + 1])) / 15
                    tell(k + 1, count)
            if not np.all(np.isfinite(error)):
                must = "end before the rates outgrow floating-point numbers"
                raise fail("times", must, edges[-1])
            rounding = (error > before / 4) & (error < ROUNDING)
            rough = np.flatnonzero((error > allowed) & ~rounding)
            _check_halvings(edges, half, error, rough, tolerance)
            before[rough] = error[rough]
            more = (error[rough] / allowed[rough]) ** 0.25 * MARGIN
            half[rough] = np.ceil(half[rough] * np.clip(more, 1.1, LEAP)).astype(int)
    return Carried(edges, states, 2 * half, fine, float(error.sum()), watched, applications)


def _check_halvings(
    edges: np.ndarray, half: np.ndarray, error: np.ndarray, rough: np.ndarray, tolerance: float
) -> None:
    """Refuse to halve for ever."""
    deep = rough[half[rough] >= 2**DEEPEST]
    if len(deep):
        k = deep[np.argmax(error[deep])]
        raise ConvergenceError(
            f"The evolution does not converge between t = {edges[k]:.6g} and {edges[k + 1]:.6g}: "
            f"{2 * half[k]} steps leave {error[k]:.2g} of ρ (tolerance {tolerance:.2g}); "
            "where a parameter is switched, name the time in `breaks`."
        )
