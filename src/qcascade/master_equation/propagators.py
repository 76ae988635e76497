"""Two ways to carry a density matrix through time: polynomials of the generator, or its powers.

`ByPolynomials` needs the generator only as a function, and serves states of any size. `ByPowers`
squares the exponential of a short step again and again: any time is as near as the next, so that
rates many orders of magnitude apart and very long times cost next to nothing. For a few elements
this is also the faster way.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..numerics import exponential
from ..numerics.two_floats import exact_sum
from . import chebyshev, chebyshev_interval

if TYPE_CHECKING:
    from .generator import Generator
    from .layout import Layout

FEW, SOME = 64, 512
"""Real numbers in ρ up to which its exponential is always made, or when polynomials take longer."""

MANY = 1024
"""Real numbers in ρ up to which its exponential is made once polynomials have taken as long."""

PATIENCE = 1.5e-4
"""Applications of the generator, over the cube of these numbers, that take as long as that."""

LOOKS = 2048  # of `ByPowers` at the cutoffs, in the time of the whole evolution


class Taken(NamedTuple):
    """States after some time.

    Args:
        states: at the times that were reached: all, some, or none of those asked for.
        applications: of the generator.
        error: estimated error of the last state, in the 2-norm.
        edge: the largest population at the cutoffs on the way.
    """

    states: Any
    applications: int
    error: float
    edge: float


@dataclass(frozen=True)
class EdgePopulation:
    """The population of some basis states, as a function of packed vectors.

    Args:
        places: of their diagonal elements in the vector.
        weights: how often each counts.
    """

    places: np.ndarray
    weights: np.ndarray

    def __call__(self, x: np.ndarray) -> float:
        return float(np.real(x[self.places]) @ self.weights)


def edge_of(layout: "Layout", full: np.ndarray) -> EdgePopulation | None:
    """The population of chosen basis states; None when there are none.

    Args:
        layout: of the packed vectors.
        full: whether a basis state is meant, booleans (D,).
    """
    places, weights = [np.zeros(0, np.int64)], [np.zeros(0)]
    for k, q in enumerate(layout.stored):
        a, b = layout.space.offsets[q : q + 2]
        inside = np.flatnonzero(full[a:b])
        places.append(layout.starts[k] + inside * (b - a + 1))
        weights.append(np.full(len(inside), layout.weights[k]))
    diagonal = np.concatenate(places)
    return EdgePopulation(diagonal, np.concatenate(weights)) if len(diagonal) else None


class ByPolynomials:
    """e^{Lt}x by Chebyshev polynomials of the generator.

    Args:
        generator: L.
        duration: of the whole evolution.
        tolerance: error allowed in its end.
        edge: the population at the cutoffs.
        known: width of the spectrum and longest step, when they were found out before.
    """

    def __init__(
        self,
        generator: "Generator",
        duration: float,
        tolerance: float,
        edge: EdgePopulation | None,
        known: tuple[float, float] | None,
    ) -> None:
        self.generator, self.edge, self.duration, self.applications = generator, edge, duration, 0
        if known is None:
            noise = _noise(generator.layout)
            interval = chebyshev_interval.survey(generator.apply, noise, duration, tolerance)
            known, self.applications = (interval.width, interval.longest), interval.applications
        self.width, self.longest = known

    def step(self, x: np.ndarray, start: float, ends: Any, tolerance: float) -> Taken:
        """States at several times, from that at the start; fewer when rounding spoils the later.

        Args:
            x: packed state.
            start: its time.
            ends: increasing times.
            tolerance: error allowed.
        """
        apply, times = self.generator.apply, np.asarray(ends) - start
        taken = chebyshev.step(apply, x, self.width, times, tolerance, self.edge)
        return Taken(taken.states, taken.applications, taken.error, taken.largest)

    def reach(
        self, x: np.ndarray, start: float, end: float, tolerance: float
    ) -> tuple[np.ndarray, int]:
        """The state at one time from that at another before it, and the applications it took."""
        return chebyshev.propagate(
            self.generator.apply, x, end - start, tolerance, self.width, self.longest
        )

    def shortened(self, length: float) -> float:
        """The longest step after one that did not reach its end."""
        return chebyshev.shortened(length, self.duration)

    def told(self, steps: int) -> str:
        """The method in words."""
        return f"Chebyshev polynomials on [-{self.width:.4g}, 0], {steps} steps"


class ByPowers:
    """e^{Lt}x by powers of one short exponential.

    Args:
        generator: L.
        duration: of the whole evolution.
        tolerance: error allowed in its end.
        edge: the population at the cutoffs.
    """

    def __init__(
        self, generator: "Generator", duration: float, tolerance: float, edge: EdgePopulation | None
    ) -> None:
        self.edge, self.duration = edge, duration
        self.coordinates = Coordinates(generator.layout)
        matrix = self.coordinates.matrix(generator)
        self.applications = self.coordinates.size
        self.powers = exponential.Powers(matrix, duration, tolerance)
        self.width, self.longest = exponential.norm(matrix), duration

    def step(self, x: np.ndarray, start: float, ends: Any, tolerance: float) -> Taken:
        """States at several times, from that at the start.

        Args:
            x: packed state.
            start: its time.
            ends: increasing times.
            tolerance: not needed: the error is that of rounding.
        """
        y, states, edge = self.coordinates.of(x), [], 0.0
        for t in ends:
            span = exact_sum(float(t), -float(start))
            edge = max(edge, self._largest(y, span.high))
            y, start = self.powers.at(y, span), t
            states.append(self.coordinates.state(y))
        error = len(states) * len(self.powers.levels) * exponential.EPSILON
        return Taken(states, 0, error, edge)

    def _largest(self, y: np.ndarray, span: float) -> float:
        """The largest population at the cutoffs, at many times in between, early ones above all."""
        if self.edge is None:
            return 0.0
        largest, levels = self.edge(self.coordinates.state(y)), self.powers.levels
        inside = [
            k for k in range(len(levels)) if self.duration * 2.0 ** (k + 1 - len(levels)) <= span
        ]
        for k in inside:
            largest = max(largest, self.edge(self.coordinates.state(levels[k] @ y)))
        looks = int(np.clip(LOOKS * span / self.duration, 1, LOOKS))
        stride = max(inside[-1] - int(np.log2(looks)), 0) if inside else 0
        for _ in range(looks if inside else 0):
            y = levels[stride] @ y
            largest = max(largest, self.edge(self.coordinates.state(y)))
        return largest

    def reach(
        self, x: np.ndarray, start: float, end: float, tolerance: float
    ) -> tuple[np.ndarray, int]:
        """The state at one time from that at another before it."""
        span = exact_sum(float(end), -float(start))
        return self.coordinates.state(self.powers.at(self.coordinates.of(x), span)), 0

    def shortened(self, length: float) -> float:
        """Never asked for: every step reaches its end."""
        return length

    def told(self, steps: int) -> str:
        """The method in words."""
        return f"matrix exponential of {self.coordinates.size} rows, {steps} steps"


Propagator = ByPolynomials | ByPowers


def propagator(
    generator: "Generator",
    duration: float,
    tolerance: float,
    edge: EdgePopulation | None = None,
    known: tuple[float, float] | None = None,
) -> Propagator:
    """The faster way for a generator and a time.

    Args:
        generator: L.
        duration: of the whole evolution.
        tolerance: error allowed in its end.
        edge: the population at the cutoffs.
        known: width of the spectrum and longest step, when they were found out before.
    """
    size = Coordinates(generator.layout).size
    # Polynomials take about as many terms as the fastest rate has periods, unless the state comes
    # to rest; a few dozen products of matrices are worth that.
    if size <= FEW or (size <= SOME and _terms(generator, duration) > 0.1 * size**3):
        return ByPowers(generator, duration, tolerance, edge)
    return ByPolynomials(generator, duration, tolerance, edge, known)


def turned_to_powers(way: Propagator, applications: int, tolerance: float) -> Propagator:
    """Powers, where the state has not come to rest in the time that they take altogether.

    Which way is the faster shows only when the state rests or does not; this one takes twice the
    time of the better at most. It depends on nothing but the work so far, so that a run that is
    read back turns where it would have turned.

    Args:
        way: that was gone so far.
        applications: of the generator, so far.
        tolerance: error allowed at the end.
    """
    if isinstance(way, ByPowers):
        return way
    size = Coordinates(way.generator.layout).size
    enough = PATIENCE * size**3
    if size > MANY or applications <= enough or _terms(way.generator, way.duration) <= enough:
        return way
    return ByPowers(way.generator, way.duration, tolerance, way.edge)


def _terms(generator: "Generator", duration: float) -> float:
    """How many terms polynomials take, about, while the state does not rest."""
    return float(2 * np.abs(generator.K.data).max(initial=0.0) * duration)


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Packed Hermitian blocks as independent real numbers: upper triangles, real and imaginary.

    Args:
        layout: of the packed vectors.
    """

    layout: "Layout"

    @property
    def size(self) -> int:
        """How many there are: d(d + 1)/2 of a real block, d² of a complex one."""
        d = self.layout.space.sizes[self.layout.stored].astype(int)
        return int(np.sum(d * (d + 1) // 2 if self.layout.real else d**2))

    @cached_property
    def tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where each coordinate stands, which one each number of a vector is, and its sign."""
        layout, parts = self.layout, 1 if self.layout.real else 2
        pick, first = [], 0
        which = np.zeros(parts * layout.size, np.int64)
        sign = np.zeros(parts * layout.size)  # zero on the diagonal's imaginary parts
        for k, d in enumerate(layout.space.sizes[layout.stored].tolist()):
            for part in range(parts):
                i, j = np.triu_indices(d, part)
                upper = parts * (layout.starts[k] + i * d + j) + part
                lower = parts * (layout.starts[k] + j * d + i) + part
                pick.append(upper)
                which[lower] = which[upper] = first + np.arange(len(i))
                sign[lower] = -1.0 if part else 1.0
                sign[upper] = 1.0
                first += len(i)
        return np.concatenate(pick), which, sign

    def of(self, x: np.ndarray) -> np.ndarray:
        """The coordinates (n,) of a packed vector."""
        return x.view(np.float64)[self.tables[0]]

    def state(self, y: np.ndarray) -> np.ndarray:
        """The packed vector of coordinates (n,)."""
        _, which, sign = self.tables
        return (y[which] * sign).view(self.layout.dtype)

    def states(self, y: np.ndarray) -> np.ndarray:
        """Packed vectors (P, size) of many points.

        Args:
            y: coordinates (P, n).
        """
        _, which, sign = self.tables
        return np.ascontiguousarray(y[:, which] * sign).view(self.layout.dtype)

    def matrix(self, generator: "Generator") -> np.ndarray:
        """L as a real matrix (n, n)."""
        L = np.empty((self.size, self.size))
        for k in range(self.size):
            one = np.zeros(self.size)
            one[k] = 1.0
            L[:, k] = self.of(generator.apply(self.state(one)))
        return L


def _noise(layout: Any) -> np.ndarray:
    """Random Hermitian blocks, always the same: what rounding errors look like."""
    draw = np.random.default_rng(0).standard_normal
    blocks = []
    for d in layout.space.sizes[list(layout.stored)]:
        block = draw((d, d)) if layout.dtype == np.float64 else draw((d, 2 * d)).view(complex)
        blocks.append((block + block.conj().T).ravel())
    return np.concatenate(blocks)
