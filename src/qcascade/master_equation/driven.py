"""A master equation whose parameters change: its space and words, its coefficients at any times."""

from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..numerics.smooth_steps import Steps, fitted, places, split
from ..numerics.time_steps import called, check_first_axis
from ..slh.network import Network
from .carrying import Sparsity
from .model import LindbladModel
from .superoperator import Superoperator
from .terms import Terms, terms_of

LARGEST = 4096
"""Times at which a model is made at once."""

KEPT = 4
"""Tables of coefficients that the points of a batch share."""

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
