"""Averages over quantum trajectories, their standard errors, and nonlinear functions of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.checks import count, fail, listed, mapping, numbers, one_of, single, text
from ...base.keywords import spoken_record
from ...base.version import __version__
from ...hilbert.states import DensityState
from ..evolution import checked_times, over_times

if TYPE_CHECKING:
    import xarray as xr


@spoken_record("runs")
@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Averages over quantum trajectories, with their statistical errors.

    Args:
        times: times, (T,).
        mean: by name, an array (T, …), or a tuple of T states, each a `DensityState`.
        error: standard error of the mean by name: arrays (T, …); for a state, the root of the
            summed squared errors of all elements of ρ, (T,). NaN for a single trajectory. For
            complex values, the errors of real and imaginary part added in quadrature.
        number: number n of trajectories.
        seed: of the random numbers.
        jumps: mean number of jumps per trajectory.
        samples: by name, what every trajectory gave: (n, T, …); for a state the elements of its
            blocks one after another.
        info: how it was computed: matrix `products`, `sectors` visited, `tolerance`, `seconds`;
            `warnings`, of jumps so rare that `error` knows little of them, and of cutoffs; with
            oscillators `edge_population`, the most there was where the cutoffs cut something
            off, and `edge_least`, what it is at least; names of what is `conditional` on single
            kets.

    Raises:
        ArgumentError: when these do not fit each other.

    >>> from qcascade import lindblad, qubit, trajectories
    >>> atom = lindblad(qubit(decay=1.0, occupation=0.5))
    >>> look = {"q": lambda psi: psi.reduce("q")}
    >>> trajectories(atom, [2.0], look, number=3, seed=1, progress=False)
    Ensemble(3 trajectories, 1 times, 1.33 jumps each; q)
    """

    times: np.ndarray
    mean: Mapping[str, Any]
    error: Mapping[str, np.ndarray]
    number: int
    seed: int
    jumps: float
    samples: Mapping[str, np.ndarray]
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        times = checked_times(self.times)
        n = count("number", self.number)
        count("seed", self.seed, 0)
        single("jumps", self.jumps, 0.0, np.inf, "a number zero or above")
        names = {}
        for name in ("mean", "error", "samples"):
            told = mapping(name, getattr(self, name), "names to arrays")
            names[name] = [text(name, key) for key in told]
        for name in ("error", "samples"):
            if set(names[name]) != set(names["mean"]):
                raise fail(name, f"have the names of `mean`: {listed(names['mean'])}", names[name])
        for name, mean in self.mean.items():
            if not (isinstance(mean, tuple) and all(isinstance(x, DensityState) for x in mean)):
                over_times(f"mean[{name}]", mean, len(times))
            elif len(mean) != len(times):
                raise fail(f"mean[{name}]", f"hold {len(times)} states, one per time", len(mean))
            over_times(f"error[{name}]", self.error[name], len(times))
            samples = over_times(f"samples[{name}]", self.samples[name], len(times), 1)
            if len(samples) != n:
                raise fail(f"samples[{name}]", f"hold {n} trajectories", len(samples))
        mapping("info", self.info, "names to values")
        object.__setattr__(self, "times", times)

    def __repr__(self) -> str:
        told = "".join(f"; warning: {text}" for text in self.info.get("warnings", ()))
        return (
            f"Ensemble({self.number} trajectories, {len(self.times)} times, "
            f"{self.jumps:.3g} jumps each; {listed(self.mean)}{told})"
        )

    def estimate(
        self, name: str, function: Callable[[Any], Any], groups: int = 20
    ) -> tuple[np.ndarray, np.ndarray]:
        """A nonlinear function of a mean, such as the concurrence of a mean state, and its error.

        The jackknife: with f₋g the function of the mean without group g of G, the error is
        √((G−1)/G Σ_g (f₋g − f̄)²) (B. Efron, SIAM (1982)). The value is f(mean), whose own bias
        falls as 1/n; concurrence near zero is biased upwards.

        Args:
            name: of what was observed.
            function: of a `DensityState`, or of what was observed at one time.
            groups: number of groups G the trajectories are divided into, in their order.

        Returns:
            Values and errors, (T, …).

        Raises:
            ArgumentError: for an unknown name, or fewer than two trajectories.

        >>> from qcascade import PureState, lower
        >>> from qcascade.hilbert.space import Space
        >>> from qcascade.master_equation.trajectories.unravel import unravel
        >>> q, space = lower("q"), Space(("q",), (1,), ("q",), charges=((1,),))
        >>> up = PureState(space, [0, 1])
        >>> runs = unravel(space, 0 * q, (q,), up, [1.0], {"q": lambda psi: psi.reduce("q")}, 50)
        >>> value, error = runs.estimate("q", lambda rho: rho.blocks[1][0, 0].real)
        >>> bool(abs(value[0] - np.exp(-1)) < 4 * error[0])
        True
        """
        one_of("name", name, self.samples, "one that was observed")
        if not callable(function):
            raise fail("function", "be a function of what was observed", function)
        groups = min(count("groups", groups, 2), self.number)
        if groups < 2:
            raise fail("number", "have been 2 trajectories or more for an error", self.number)
        samples, shape = self.samples[name], self.mean[name][0]
        parts = np.array_split(np.arange(self.number), groups)
        total = samples.sum(axis=0)
        without = [(total - samples[g].sum(axis=0)) / (self.number - len(g)) for g in parts]

        def values(mean: np.ndarray) -> np.ndarray:
            rows = [function(_shaped(row, shape)) for row in mean]
            return np.asarray(numbers("function", rows, "a function that gives numbers", "biufc"))

        left = np.array([values(mean) for mean in without])
        spread = np.sum(np.abs(left - left.mean(axis=0)) ** 2, axis=0)
        return values(total / self.number), np.sqrt(spread * (groups - 1) / groups)

    def to_dataset(self) -> "xr.Dataset":
        """Means and errors (`name_error`) over a time axis; states as matrices."""
        import xarray as xr

        variables = {}
        for name, mean in self.mean.items():
            states = isinstance(mean[0], DensityState)
            values = np.array([state.matrix() for state in mean]) if states else mean
            for key, x in ((name, values), (f"{name}_error", self.error[name])):
                variables[key] = (("time", *(f"{name}_dim{k}" for k in range(x.ndim - 1))), x)
        info = {k: "; ".join(x) if isinstance(x, tuple) else x for k, x in self.info.items()}
        attrs = {"number": self.number, "seed": self.seed, "jumps": self.jumps, **info}
        return xr.Dataset(
            variables, {"time": self.times}, {**attrs, "qcascade_version": __version__}
        )


def collected(argument: str, rows: list[list[Any]]) -> tuple[np.ndarray, Any]:
    """Values of all trajectories as one array (n, T, …), and one value to show their shape.

    Args:
        argument: that the observer came in, for an error.
        rows: one list of T values per trajectory.

    Raises:
        ArgumentError: for values that are no numbers, or of varying shape.
    """
    example = rows[0][0]
    if isinstance(example, DensityState):
        rows = [[_flat(argument, value, example) for value in row] for row in rows]
    try:
        samples = np.array(rows)
    except ValueError:
        samples = np.array(None)
    if samples.dtype.kind not in "biufc":
        must = "return numbers, arrays of one shape, or states of the same modes"
        raise fail(argument, must, type(example).__name__)
    return samples, example


def _flat(argument: str, state: Any, like: DensityState) -> np.ndarray:
    """Elements of all blocks, one after another."""
    alike = isinstance(state, DensityState) and state.modes == like.modes
    if not alike or not np.array_equal(state.space.sizes, like.space.sizes):
        raise fail(argument, f"return states of {listed(like.modes)}", state)
    return np.concatenate([block.ravel() for block in state.blocks])


def _shaped(row: np.ndarray, like: Any) -> Any:
    """One mean value; a state when `like` is one."""
    if not isinstance(like, DensityState):
        return row
    sizes = like.space.sizes.tolist()
    pieces = np.split(row, np.cumsum([d * d for d in sizes])[:-1])
    blocks = [piece.reshape(d, d) for piece, d in zip(pieces, sizes, strict=True)]
    return DensityState(like.space, tuple(blocks))


def averaged(samples: np.ndarray, example: Any) -> tuple[Any, np.ndarray]:
    """Mean over trajectories, and its standard error.

    Args:
        samples: array (n, T, …).
        example: one value; the mean becomes a state when it is one.
    """
    mean, n = samples.mean(axis=0), len(samples)
    if n == 1:
        error = np.full(mean.shape, np.nan)
    else:
        error = np.sqrt(np.sum(np.abs(samples - mean) ** 2, axis=0) / (n * (n - 1)))
    if isinstance(example, DensityState):
        states = tuple(_shaped(row, example) for row in mean)
        return states, np.sqrt(np.sum(error**2, axis=1))
    return mean, error
