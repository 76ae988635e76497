"""Classical motion of networks whose parameters change in time, from a start to an end."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, fail, number
from ..base.keywords import spoken
from ..base.units import has_dimension
from ..numerics import time_steps
from ..slh.rates import seconds
from .branches import stable_fields
from .in_time import MUST, At, Equations, check_alone, equations_at, rates_and_slopes
from .motion import start_fields
from .moving import MovingFields
from .orbits import natural_sizes
from .polynomials import PolynomialSystem

DEGREE = 16  # of the polynomial through the coefficients of a segment
NEGLIGIBLE = 1e-12  # of the largest: the last terms of that polynomial
SHARPEST = 1e-12  # relative error of a step
DEEPEST = 16  # halvings of a segment


@dataclass(frozen=True, eq=False)
class MeanField:
    """Classical fields along a change of parameters; a function of time.

    Called with a time or an array of times between the first and the last it gives the fields
    then, with their rates of change, as `linearise` takes them.

    Args:
        modes: names of the N modes.
        times: as they were given, (T,).
        samples: α at the times, (T, N).
        between: α and α̇ at any of the times, (K,) to two arrays (N, K).
    """

    modes: tuple[str, ...]
    times: Any
    samples: Any = field(repr=False)
    between: Callable[[Any], tuple[Any, Any]] = field(repr=False)

    @property
    def fields(self) -> dict[str, Any]:
        """α at the times, by mode."""
        return {mode: self.samples[:, k] for k, mode in enumerate(self.modes)}

    def __call__(self, t: Any) -> MovingFields:
        """The fields at a time, or at an array of times, and their rates of change.

        Args:
            t: times from the first to the last, of any shape.
        """
        times = number("t", t)
        first, last = self.times[0], self.times[-1]
        slack = 1e-9 * (last - first)
        if np.any((times < first - slack) | (times > last + slack)):
            raise fail("t", f"be within the times, {first:.6g} to {last:.6g}", t)
        fields_and_rates = self.between(np.clip(np.reshape(times, -1), first, last))
        fields, rates = (x.reshape(len(self.modes), *np.shape(times)) for x in fields_and_rates)
        return MovingFields(*({m: x[j] for j, m in enumerate(self.modes)} for x in (fields, rates)))


@spoken
def mean_field(
    at: At, start: Mapping[str, Any] | None, times: Any, *, breaks: Any = ()
) -> MeanField:
    """The classical motion of a network while its parameters change: a laser that is swept.

    α̇ as in `linearise`, from fields at the first of the times on, by SciPy's DOP853 with
    coefficients that are polynomials between breaks. No working point is needed: with
    `evolve(lambda t: gaussian(linearise(net(t), path(t))), state, times)` the covariance goes
    along, through a bistability and past the end of a branch, for as long as fluctuations stay
    small beside the fields.

    Args:
        at: function of an array of times (K,) that returns a `Network` whose parameters have
            shape (K,), or a `Network`.
        start: α by mode at the first time; modes left out start at zero. None is the stable
            branch of least excitation there.
        times: increasing times, (T,), in the inverse unit of the rates, or with a unit.
        breaks: when something is switched.

    Returns:
        A `MeanField`: fields at the times, and at any time between.

    Raises:
        ArgumentError: for a function that takes no arrays, an unknown mode, or a switch that is
            not among `breaks`.
        ConvergenceError: where the motion outgrows numbers, or None finds no stable branch.

    >>> from qcascade import Network, cavity, coherent_drive
    >>> def net(t):
    ...     parts = {"laser": coherent_drive(0.1 * t), "m": cavity(decay=4.0)}
    ...     return Network(parts, [("laser.out", "m.in")])
    >>> mean_field(net, {}, [0.0, 10.0, 20.0]).fields["m.a"].real.round(4) + 0.0
    array([ 0.  , -0.95, -1.95])
    """
    if not callable(at):
        raise fail("at", MUST, at)
    if has_dimension(times) or has_dimension(breaks):
        now = equations_at(at, np.zeros(2))
        beside = now.rates, now.measured
        times, breaks = seconds("times", times, *beside), seconds("breaks", breaks, *beside)
    times = number("times", times)
    if times.ndim != 1 or times.size < 2 or np.any(np.diff(times) <= 0):
        raise fail("times", "be two increasing numbers or more", times)
    equations = equations_at(at, times[[0, 0]])
    check_alone(at, times[0], times[-1], equations)
    switched = time_steps.checked_breaks(breaks, times)
    coefficients = _Coefficients(at, times, switched, equations)
    sizes = natural_sizes(coefficients.seen)
    if start is None:
        now = equations_at(at, times[:1], equations).system
        alpha = stable_fields(now)
        if alpha is None:
            raise ConvergenceError(
                "At the first of the times the network has no stable steady fields: give `start`, "
                "fields by mode."
            )
    else:
        alpha = start_fields(equations.modes, start)
    pieces = np.unique(np.concatenate([times[[0, -1]], switched]))
    path = _integrated(coefficients, pieces, alpha, sizes[: len(alpha)])

    def between(t: Any) -> tuple[Any, Any]:
        k = np.clip(np.searchsorted(pieces, t, side="right") - 1, 0, len(path) - 1)
        fields = np.empty((len(alpha), len(t)), complex)
        for piece in np.unique(k):
            fields[:, k == piece] = path[piece](t[k == piece])
        return fields, coefficients.rates(t, fields)

    return MeanField(equations.modes, times, between(times)[0].T, between)


class _Coefficients:
    """Coefficients of the equations between two times, by polynomials of segments."""

    def __init__(self, at: At, times: Any, breaks: Any, like: Equations) -> None:
        def numbers(t: np.ndarray) -> np.ndarray:
            c = np.moveaxis(equations_at(at, t, like).system.coefficients, -1, 0)
            return np.concatenate([c.real, c.imag], axis=-1)

        ends = times[[0, -1]]
        self.edges = time_steps.segments(numbers, ends, breaks, least=8, varies=1.0)
        self.exponents = like.system.exponents
        x = np.cos(np.pi * (np.arange(DEGREE) + 0.5) / DEGREE)
        to_terms = np.linalg.inv(np.polynomial.chebyshev.chebvander(x, DEGREE - 1))
        for _ in range(DEEPEST):
            left, width = self.edges[:-1, None], np.diff(self.edges)[:, None]
            nodes = left + width * (x + 1) / 2
            self.seen = equations_at(at, nodes.reshape(-1), like)
            c = self.seen.system.coefficients
            self.terms = np.einsum("dx,kmsx->sdkm", to_terms, c.reshape(*c.shape[:2], *nodes.shape))
            rough = np.abs(self.terms[:, -3:]).max(axis=1) > NEGLIGIBLE * self.seen.rates
            rough = rough.any(axis=(1, 2))
            if not rough.any():
                return
            middles = (self.edges[:-1] + self.edges[1:])[rough] / 2
            self.edges = np.sort(np.append(self.edges, middles))
        raise ConvergenceError(
            "The parameters change too sharply to be followed: where one is switched, name the "
            "time in `breaks`."
        )

    def at(self, t: Any) -> Any:
        """Coefficients at many times, (2N, M, T)."""
        k = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.terms) - 1)
        left, right = self.edges[k], self.edges[k + 1]
        x = np.clip((2 * t - left - right) / (right - left), -1.0, 1.0)
        waves = np.cos(np.arange(DEGREE)[:, None] * np.arccos(x))
        c = np.empty((*self.terms.shape[2:], len(t)), complex)
        for segment in np.unique(k):
            some = k == segment
            c[..., some] = np.tensordot(self.terms[segment], waves[:, some], (0, 0))
        return c

    def rates(self, t: Any, fields: Any) -> Any:
        """α̇ at many times, (N, T)."""
        z = np.concatenate([fields, fields.conj()])
        return rates_and_slopes(PolynomialSystem(self.exponents, self.at(t)), z)[0][: len(fields)]

    def rates_at_once(self, sizes: Any) -> Callable[[float, Any], Any]:
        """α̇ at one time in units of the fields, as fast as Python has it: solvers ask often."""
        N, degrees = len(sizes), np.arange(DEGREE)
        factors = [[v for v, e in enumerate(m) for _ in range(e)] for m in self.exponents.tolist()]
        units = np.concatenate([sizes, sizes])
        powers = np.array([np.prod(units[at]) for at in factors])
        terms = self.terms[:, :, :N] * (powers / sizes[:, None])
        terms = np.ascontiguousarray(terms.reshape(*terms.shape[:2], -1))
        edges = self.edges.tolist()

        def rates(t: float, y: Any) -> Any:
            k = min(max(bisect_right(edges, t) - 1, 0), len(terms) - 1)
            x = (2 * t - edges[k] - edges[k + 1]) / (edges[k + 1] - edges[k])
            waves = np.cos(degrees * math.acos(min(max(x, -1.0), 1.0)))
            z = y.tolist()
            z += [a.conjugate() for a in z]
            values = [math.prod([z[v] for v in at], start=1 + 0j) for at in factors]
            return (waves @ terms[k]).reshape(N, -1) @ values

        return rates


def _integrated(coefficients: _Coefficients, pieces: Any, alpha: Any, sizes: Any) -> list[Any]:
    """Functions of time, (T,) → (N, T), one between any two breaks."""
    from scipy.integrate import solve_ivp

    rates = coefficients.rates_at_once(sizes)
    path, y = [], alpha / sizes
    for begin, end in pairwise(pieces):
        with np.errstate(over="ignore", invalid="ignore"):
            options = {"rtol": SHARPEST, "atol": SHARPEST, "dense_output": True}
            run = solve_ivp(rates, (begin, end), y, "DOP853", **options)
        if not run.success or not np.all(np.isfinite(run.y)):
            raise ConvergenceError(
                f"The classical motion outgrows numbers after t = {run.t[-1]:.6g}."
            )
        y = run.y[:, -1]
        path.append(lambda t, sol=run.sol: sizes[:, None] * sol(t))
    return path
