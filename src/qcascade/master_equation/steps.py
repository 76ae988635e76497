"""A density matrix carried through time by a master equation whose parameters change.

Steps are those of `numerics/smooth_steps.py`, in which coefficients are polynomials, and the state
a Taylor series (`carrying.py`). A segment is cut into more of them until its defect ẏ − L(t)y adds
up to less than its share of the tolerance (Frobenius norm).
"""

from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail
from ..base.progress import progress_bar
from ..numerics.smooth_steps import COUNT, Steps, fitted, places, split
from ..numerics.time_steps import ROUNDING, called, check_first_axis
from ..slh.network import Network
from .carrying import REACH, Sparsity, carry
from .model import LindbladModel
from .superoperator import Superoperator
from .terms import Terms, terms_of

LARGEST = 4096
"""Times at which a model is made at once."""

KEPT = 4
"""Tables of coefficients that the points of a batch share."""

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

ALIKE = 2e-14
"""Difference from a multiple of another coefficient, relative to the largest, that is rounding."""


def model_at(at: Any, times: np.ndarray, name: str = "at") -> LindbladModel:
    """The model at many times, its first axis.

    Args:
        at: function of an array of times.
        times: (K,).
        name: argument to name in an error.

    Raises:
        ArgumentError: for a function that takes no arrays, or returns no model of all the times.
    """
    model: LindbladModel = called(at, times, name, LindbladModel)
    check_first_axis(name, batch_of(model), times)
    return model


def batch_of(model: LindbladModel) -> tuple[int, ...]:
    """Leading axes of a model.

    Args:
        model: at some times.
    """
    return model.shape


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
        self.at, self.looked, self.model = at, looked, model_at(at, looked)
        self.points = self.model.shape[1:]
        # Where nothing turns, the model has looked at them in the same frame.
        turning = self.model.rotating is not self.model.space.represented(self.model.H)
        self.terms = self._terms(self.model) if turning else self.model.terms
        self.features = tuple(self.terms.values)
        self._point: tuple[int, ...] | None = None
        self._kept: dict[bytes, np.ndarray] = {}
        self._alike: Alike | None = None
        self._pattern: Sparsity | None = None

    def at_point(self, index: tuple[int, ...]) -> "Driven":
        """The same, whose coefficients are those of one point.

        Args:
            index: position on the axes behind the times.
        """
        twin = copy(self)
        twin._point, twin._alike, twin._pattern = index, None, None
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
        rows = np.minimum(np.searchsorted(self.looked, times), len(self.looked) - 1)
        if self.terms.shape and np.array_equal(self.looked[rows], times):
            return self._looked_table[rows]
        tables = [self._some(times[k : k + LARGEST]) for k in range(0, len(times), LARGEST)]
        table = np.concatenate([np.zeros((0, *self.points, len(self.features))), *tables])
        if self.points:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = table
        return table

    @cached_property
    def _looked_table(self) -> np.ndarray:
        """Coefficients at the times that were looked at."""
        return self.terms.table(self.features)

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

    @property
    def alike(self) -> "Alike":
        """Which coefficients are multiples of which."""
        if self._alike is None:
            shape = self.terms.shape
            point = () if self._point is None else (slice(None), *self._point)
            every = (np.broadcast_to(x, shape)[point] for x in self.terms.values.values())
            values = [np.reshape(x, -1) for x in every]
            self._alike = alike(np.stack(values, axis=-1) if values else np.zeros((1, 0)))
        return self._alike

    def pattern(self, L: Superoperator) -> Sparsity:
        """The generator as compiled series read it.

        Args:
            L: with the features of this master equation, always the same.
        """
        if self._pattern is None:
            self._pattern = L.pattern(self.alike.number, self.alike.ratio)
        return self._pattern

    def polynomials(
        self, start: np.ndarray, end: np.ndarray, counts: np.ndarray, cut: float
    ) -> list[Steps]:
        """Coefficients as polynomials over the steps of some segments.

        Args:
            start: of the segments.
            end: of the segments.
            counts: steps in each.
            cut: share of a coefficient that does not count.

        Raises:
            NewWords: for words that were nowhere before, or coefficients that are alike no more.
        """
        h = np.repeat((end - start) / counts, counts)
        inside = np.concatenate([np.arange(n) for n in counts])
        times = places(np.repeat(start, counts) + h * inside, h)
        f, same = self.coefficients(times), self.alike
        chosen = f[:, same.leaders]
        off = np.abs(f - chosen[:, same.number] * same.ratio) if f.shape[1] else f
        if np.any(apart := np.any(off > ALIKE * same.scale, axis=1)):
            raise NewWords(times[apart])
        return split(fitted(chosen, h, cut), counts)


class Alike(NamedTuple):
    """Coefficients that are multiples of others at all times."""

    leaders: np.ndarray  # those that the others are multiples of, (G,)
    number: np.ndarray  # which of them each one follows, (F,)
    ratio: np.ndarray  # the multiple, (F,)
    scale: np.ndarray  # the largest value, (F,)


def alike(values: np.ndarray) -> Alike:
    """Which coefficients are multiples of which: their sums are made once for all of them.

    Args:
        values: at many times, (K, F).
    """
    features = values.shape[1]
    scale = np.abs(values).max(axis=0, initial=0.0)
    largest = np.abs(values).argmax(axis=0) if features else np.zeros(0, int)
    top = values[largest, np.arange(features)]
    shapes = values / np.where(top == 0, 1.0, top)
    number, ratio = np.full(features, -1), np.ones(features)
    leaders: list[int] = []
    for f in range(features):
        if number[f] >= 0:
            continue
        same = (number < 0) & (np.abs(shapes - shapes[:, f : f + 1]).max(axis=0) <= ALIKE / 2)
        number[same], ratio[same] = len(leaders), top[same] / (top[f] or 1.0)
        leaders.append(f)
    return Alike(np.array(leaders, int), number, ratio, scale)


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


def numbers_of(model: LindbladModel, place: int) -> dict[Any, Any]:
    """Coefficients of H and Σ|c|² of all jumps at one time, by word.

    Args:
        model: at some times.
        place: which of them.
    """
    numbers: dict[Any, Any] = {("H", word): c for word, c in model.H.terms.items()}
    for jump in model.jumps:
        for word, c in jump.terms.items():
            numbers[word] = numbers.get(word, 0.0) + np.abs(c) ** 2
    axes = len(model.shape)
    return {
        word: c[place] if axes and np.ndim(c) == axes and len(c) > 1 else c
        for word, c in numbers.items()
    }


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
