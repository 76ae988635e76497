"""Gaussian states: modes, mean, covariance, and their symplectic spectrum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from ..base.checks import (
    complex_number,
    fail,
    is_traced,
    listed,
    mapping,
    mean_quanta,
    namespace,
    number,
    shown,
    single,
)
from ..base.conventions import VACUUM
from ..base.keywords import spoken, spoken_record
from ..base.names import mode_names, resolve
from ..base.pytrees import known_to_jax
from .runs import Run
from .uncertainty import is_physical

_ARRAYS = ("mean", "cov", "stable")
_ASYMMETRY = 1e-9  # relative; solvers leave about 1e-13, a typing mistake leaves more


@spoken_record("state")
@dataclass(frozen=True, eq=False, repr=False)
class GaussianState:
    """A Gaussian state, or a batch of them on leading axes.

    V = ½⟨{δR, δRᵀ}⟩ with R = (x₁, p₁, x₂, p₂, …); the vacuum has V = ½·1. Mean, covariance
    and stability broadcast against each other. Points with `stable` false hold NaN.

    Args:
        modes: N different names, "part.mode" by custom.
        mean: ⟨R⟩, shape (…, 2N); zeros when omitted.
        cov: V, symmetric, shape (…, 2N, 2N).
        stable: whether each point has a state, booleans of shape (…); True when omitted.
        info: how the state was made; "warnings" are sentences on what could not be given, such as
            filters that overlap.

    Raises:
        ArgumentError: names that repeat, shapes that do not fit, a covariance that is not
            symmetric, or NaN where `stable` is true.

    >>> GaussianState(("left.b", "right.b"), cov=np.diag([0.5, 0.5, 2.0, 2.0]))
    GaussianState(left.b, right.b; stable)
    """

    modes: tuple[str, ...]
    mean: Any = None
    cov: Any = None
    stable: Any = True
    info: Mapping[str, Any] = field(default_factory=dict)
    asked: Run | None = field(default=None, init=False)  # of `evolve`, where it comes from there

    def __post_init__(self) -> None:
        known_to_jax(GaussianState, *_ARRAYS)
        modes = mode_names(self.modes)
        size = 2 * len(modes)
        spaces = [namespace(getattr(self, name), name=name) for name in _ARRAYS]
        xp = next((x for x in spaces if x is not np), np)
        stable = _booleans("stable", self.stable, xp)
        mean = _array("mean", np.zeros(size) if self.mean is None else self.mean, (size,), xp)
        cov = _array("cov", self.cov, (size, size), xp)
        batch = _common_batch(mean, cov, stable)
        stable = xp.broadcast_to(stable, batch)
        mean = number("mean", _where(stable, mean, np.zeros(size), xp), _FINITE)
        cov = number("cov", _where(stable, cov, VACUUM * np.eye(size), xp), _FINITE)
        _check_symmetric(cov)
        cov = (cov + xp.swapaxes(cov, -1, -2)) / 2
        mapping("info", self.info, "names to values")
        object.__setattr__(self, "modes", modes)
        object.__setattr__(self, "mean", _where(stable, mean, np.full(size, np.nan), xp))
        object.__setattr__(self, "cov", _where(stable, cov, np.full((size, size), np.nan), xp))
        object.__setattr__(self, "stable", stable)

    def __repr__(self) -> str:
        batch = tuple(self.stable.shape)
        if is_traced(self.stable):
            stability = "traced"
        else:
            many, stable = self.stable.size, int(np.sum(self.stable))
            stability = f"{stable} of {many} stable" if batch else "un" * (not stable) + "stable"
            # E_N has a number for them all the same: that of the formula.
            wrong = 0 if is_traced(self.cov) else stable - int(np.sum(self.is_physical()))
            stability += (f", {wrong} not physical" if batch else ", not physical") * bool(wrong)
        shape = f"batch {batch}, " if batch else ""
        told = "".join(f"; warning: {text}" for text in self.info.get("warnings", ()))
        return f"GaussianState({listed(self.modes)}; {shape}{stability}{told})"

    def indices(self, *names: str) -> list[int]:
        """Positions in `modes` of mode names, or of all modes of a part.

        Args:
            names: mode names ("left.b"), or part names ("left": every "left.…").

        Raises:
            ArgumentError: a name that is no mode and no part, or no name at all.

        >>> vacuum(["left.a", "left.b", "right.b"]).indices("right.b", "left")
        [2, 0, 1]
        """
        return resolve(self.modes, names)

    def reduce(self, *names: str) -> "GaussianState":
        """The state of some of the modes, in the order named; the others are traced out.

        Args:
            names: mode names ("left.b"), or part names ("left": every "left.…").

        Raises:
            ArgumentError: a name that is no mode and no part, or no name at all.

        >>> vacuum(["left.a", "left.b", "right.b"]).reduce("left").modes
        ('left.a', 'left.b')
        """
        chosen = self.indices(*names)
        rows = quadratures(chosen)
        return GaussianState(
            tuple(self.modes[k] for k in chosen),
            self.mean[..., rows],
            self.cov[..., rows[:, None], rows],
            self.stable,
            self.info,
        )

    def is_physical(self, tolerance: float = 1e-9) -> Any:
        """Whether the uncertainty principle V + iΩ/2 ≥ 0 holds, up to rounding.

        V + iΩ/2 with every quadrature measured in √V_jj must have no eigenvalue below −tolerance
        (Simon, Mukunda, Dutta, PRA 49, 1567): V is within that part of each mode's own variances
        of a physical one. False at unstable points. Booleans of shape (…).

        Args:
            tolerance: rounding allowed for, relative to the variances of each mode.

        >>> bool(thermal("m", 0.1).is_physical())
        True
        >>> bool(GaussianState(("a", "b"), cov=np.diag([1e9, 1e9, 0.4, 0.4])).is_physical())
        False
        """
        tolerance = single("tolerance", tolerance, 0.0, np.inf, "a number zero or above")
        return self.stable & is_physical(finite_cov(self), tolerance)


def computed_state(
    modes: tuple[str, ...],
    mean: Any,
    cov: Any,
    stable: Any,
    info: Mapping[str, Any] = MappingProxyType({}),
) -> GaussianState:
    """A state as a solver returns it, symmetric and NaN where unstable: nothing to check.

    Args:
        modes: names of the modes.
        mean: ⟨R⟩, shape (…, 2N).
        cov: V, shape (…, 2N, 2N).
        stable: shape (…).
        info: how the state was made.
    """
    known_to_jax(GaussianState, *_ARRAYS)
    state = object.__new__(GaussianState)
    state.__dict__.update(modes=modes, mean=mean, cov=cov, stable=stable, info=info)
    return state


_FINITE = "an array of real numbers (with `stable` false at points that have no state)"


def _array(name: str, value: Any, shape: tuple[int, ...], xp: Any) -> Any:
    """`value` as an array whose trailing axes are `shape`; its numbers are checked later."""
    if np.ma.isMaskedArray(value):
        raise fail(name, f"be {_FINITE}, not masked", value)
    try:
        array = xp.asarray(value)
    except (TypeError, ValueError):
        raise fail(name, f"be {_FINITE}", value) from None
    if array.dtype.kind not in "iuf":
        raise fail(name, f"be {_FINITE}", value)
    if tuple(array.shape[-len(shape) :]) != shape:
        trailing = ", ".join(str(n) for n in shape)
        raise fail(name, f"have shape (…, {trailing}), two for each mode", tuple(array.shape))
    return array


def _booleans(name: str, value: Any, xp: Any) -> Any:
    try:
        array = xp.asarray(value)
    except (TypeError, ValueError):
        raise fail(name, "be a boolean or an array of them", value) from None
    if array.dtype.kind != "b":
        raise fail(name, "be a boolean or an array of them", value)
    return array


def _common_batch(mean: Any, cov: Any, stable: Any) -> tuple[int, ...]:
    batches = tuple(mean.shape[:-1]), tuple(cov.shape[:-2]), tuple(stable.shape)
    try:
        return np.broadcast_shapes(*batches)
    except ValueError:
        sizes = f"mean {batches[0]}, cov {batches[1]}, stable {batches[2]}"
        raise fail("cov", "broadcast with mean and stable", batches[1], sizes) from None


def _where(stable: Any, array: Any, otherwise: np.ndarray, xp: Any) -> Any:
    """`array` at stable points and `otherwise` at the others, over the whole batch."""
    if xp is np and stable.all():
        return np.broadcast_to(array, stable.shape + otherwise.shape)
    stable = stable.reshape(stable.shape + (1,) * otherwise.ndim)
    return xp.where(stable, array, otherwise.astype(array.dtype))  # no silent promotion


def _check_symmetric(cov: Any) -> None:
    if is_traced(cov):
        return
    values = np.asarray(cov)
    wrong = asymmetric(values)
    if wrong.any():
        where = tuple(int(k) for k in np.argwhere(wrong)[0][:-2])
        skew = np.abs(values[where] - values[where].T).max()
        gap = f"largest |V − Vᵀ| = {skew:.3g}" + (f", at point {where}" * bool(where))
        raise fail("cov", "be symmetric", values[where], gap)


def asymmetric(matrices: np.ndarray) -> np.ndarray:
    """Which elements differ from their mirror images by more than rounding.

    Each by the size of its own two rows, so that neither a loud point of a batch nor a loud mode
    excuses a typing mistake in a quiet one.

    Args:
        matrices: shape (…, n, n).

    >>> asymmetric(np.array([[1e12, 0.0, 0.0], [0.0, 1.0, 0.1], [0.0, 0.0, 1.0]])).any(axis=0)
    array([False,  True,  True])
    """
    mirrored = np.swapaxes(matrices, -1, -2)
    if np.array_equal(matrices, mirrored):
        return np.zeros(matrices.shape, bool)
    size = np.abs(matrices).max(axis=-1, initial=0.0)
    own = _ASYMMETRY * np.sqrt(size)[..., :, None] * np.sqrt(size)[..., None, :]
    of_the_loudest = 1e-15 * size.max(axis=-1, initial=0.0)
    return np.abs(matrices - mirrored) > own + of_the_loudest[..., None, None]


def finite_cov(state: GaussianState, indices: Sequence[int] | None = None) -> Any:
    """The covariance of some modes, with the vacuum at unstable points: no NaN for LAPACK."""
    cov = state.cov
    if indices is not None and list(indices) != list(range(len(state.modes))):
        rows = quadratures(indices)
        cov = cov[..., rows[:, None], rows]
    return _where(state.stable, cov, VACUUM * np.eye(cov.shape[-1]), namespace(cov))


def quadratures(indices: Sequence[int]) -> np.ndarray:
    """Rows of x and p of the given modes in a covariance."""
    return (2 * np.asarray(indices)[:, None] + np.arange(2)).ravel()


@spoken
def vacuum(modes: str | Iterable[str]) -> GaussianState:
    """The vacuum, V = ½·1.

    Args:
        modes: names of the modes.

    >>> vacuum(["left.b", "right.b"]).cov.diagonal()
    array([0.5, 0.5, 0.5, 0.5])
    """
    return thermal(modes, 0.0)


@spoken
def thermal(modes: str | Iterable[str], occupation: Any) -> GaussianState:
    """Independent thermal modes, V = ⊕ (n + ½)·1.

    Args:
        modes: names of the N modes.
        occupation: mean number of quanta n ≥ 0: one number for all modes, or shape (…, N).

    >>> thermal("m", 2.0).cov
    array([[2.5, 0. ],
           [0. , 2.5]])
    """
    names = mode_names(modes)
    quanta = _per_mode("occupation", mean_quanta("occupation", occupation), len(names))
    xp = namespace(quanta)
    variances = xp.repeat(quanta + VACUUM, 2, axis=-1)
    return GaussianState(names, cov=variances[..., None] * np.eye(2 * len(names)))


@spoken
def coherent(modes: str | Iterable[str], amplitude: Any) -> GaussianState:
    """Coherent states, ⟨x⟩ = √2 Re α, ⟨p⟩ = √2 Im α, with vacuum noise.

    Args:
        modes: names of the N modes.
        amplitude: complex α: one number for all modes, or shape (…, N).

    >>> coherent("m", 1 + 2j).mean.round(3)
    array([1.414, 2.828])
    """
    names = mode_names(modes)
    alpha = _per_mode("amplitude", complex_number("amplitude", amplitude), len(names))
    xp = namespace(alpha)
    mean = np.sqrt(2) * xp.stack([alpha.real, alpha.imag], axis=-1)
    mean = mean.reshape(*alpha.shape[:-1], 2 * len(names))
    return GaussianState(names, mean, VACUUM * np.eye(2 * len(names)))


@spoken
def two_mode_squeezed(modes: Iterable[str], r: Any) -> GaussianState:
    """The two-mode squeezed vacuum, with E_N = 2|r| (Braunstein, van Loock, RMP 77, 513).

    V = ½[[cosh 2r·1, sinh 2r·Z], [sinh 2r·Z, cosh 2r·1]], Z = diag(1, −1): for r > 0 the
    combinations x₁ − x₂ and p₁ + p₂ have the variance e^(−2r).

    Args:
        modes: names of the two modes.
        r: squeezing parameter, shape (…).

    >>> state = two_mode_squeezed(["left.b", "right.b"], 1.0)
    >>> round(float(state.cov[0, 0] + state.cov[2, 2] - 2 * state.cov[0, 2]), 6)
    0.135335
    """
    names = mode_names(modes)
    if len(names) != 2:
        raise fail("modes", "hold two names", names)
    r = number("r", r)[..., None, None]
    xp = namespace(r)
    swapped = np.kron([[0, 1], [1, 0]], np.diag([1.0, -1.0]))
    return GaussianState(names, cov=(xp.cosh(2 * r) * np.eye(4) + xp.sinh(2 * r) * swapped) / 2)


def _per_mode(name: str, value: Any, modes: int) -> Any:
    """One number for each mode on the last axis, from a number or an array (…, modes)."""
    if value.ndim and value.shape[-1] not in (1, modes):
        shape = tuple(value.shape)
        raise fail(name, f"be one number, or have shape (…, {modes})", shown(shape))
    return namespace(value).broadcast_to(value, (*value.shape[:-1], modes))
