"""A network under observation in time: the record, and what it tells at every time.

Given the record up to a time, R is Gaussian, with a covariance V that does not depend on what was
recorded, and a mean m that does (R. E. Kalman and R. S. Bucy, J. Basic Eng. 83, 95 (1961)):

    dm = (A m + f) dt + K dI,    dI = dY − C m dt of variance EEᵀ dt,    K = (VCᵀ + BEᵀ)(EEᵀ)⁻¹.

From a time to the next nothing is approximated. The covariance P of (R, Y) over a step follows from
the linear system without any measurement, V from the flow of its Riccati equation; and since m is
the mean of R given the record, Cov(m) = P_RR − V and Cov(m, Y) = P_RY: m and Y are drawn from that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import check_broadcast, count, fail
from ..lyapunov.riccati import Observed
from ..lyapunov.riccati_flow import rate, riccati_flow
from ..numerics.exponential import EPSILON, flows
from .detectors import Detector
from .measured import observed
from .model import GaussianModel
from .state import GaussianState

LOST = 1e-8  # phase that rounding may turn the covariance by, at the end
_NOTHING = 1e-13  # of a variance, what rounding leaves of it


@dataclass(frozen=True, eq=False, repr=False)
class Monitored:
    """What detectors recorded, and the state of a network given that, at every time.

    Made by `evolve(…, measure=…)`.

    Args:
        times: (T,).
        state: the conditional state, whose first axis is time; a second one counts seeds when
            several were given, then those of the model.
        record: ∫y dt from each time to the next (from 0 to the first) by port, (T, …, k): one
            number for a homodyne detector, two (x, p) for a heterodyne detector.
        seed: of the random numbers, one or a row.

    >>> from qcascade import evolve, gaussian, homodyne, squeezed_mode
    >>> model = gaussian(squeezed_mode(-0.2, decay=1.0))
    >>> evolve(model, None, [0.0, 10.0], measure={"out": homodyne()}, seed=[1, 2, 3])
    Monitored(2 times, 3 seeds; out)
    """

    times: np.ndarray
    state: GaussianState
    record: Mapping[str, np.ndarray]
    seed: int | tuple[int, ...]

    def __repr__(self) -> str:
        runs = f"seed {self.seed}" if isinstance(self.seed, int) else f"{len(self.seed)} seeds"
        return f"Monitored({len(self.times)} times, {runs}; {', '.join(self.record)})"


def monitored(
    model: GaussianModel,
    initial: GaussianState,
    times: Any,
    measure: Mapping[str, Detector],
    seed: Any,
) -> Monitored:
    """Records of detectors and the conditional states they leave; see `evolve`.

    Args:
        model: a `GaussianModel` of a network.
        initial: the state at time 0, of the same modes.
        times: increasing, zero or above, (T,).
        measure: detectors by open output.
        seed: a whole number, or a row of them.

    Raises:
        ArgumentError: as `conditional_state`; for seeds that are not whole numbers, or times so
            long that rounding decides about the phase.
    """
    seeds = _checked_seeds(seed)
    system = _broadcast(observed(model, measure), model, initial)
    longest = LOST / EPSILON / max(rate(system), 1e-300)
    if times[-1] > longest:
        raise fail("times", f"end before {longest:.3g}, where rounding decides", times[-1])
    each = seeds if isinstance(seeds, tuple) else (seeds,)
    steps = _steps(model, system, initial, times, [np.random.default_rng(x) for x in each])
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            mean, cov, record = map(np.stack, zip(*steps, strict=True))
    except np.linalg.LinAlgError:  # of what is not finite
        mean = cov = record = np.array(np.nan)
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        raise fail("times", "end before the state outgrows floating-point numbers", times[-1])
    if isinstance(seeds, int):
        mean, record = mean[:, 0], record[:, 0]
    else:
        cov = np.broadcast_to(cov[:, None], (len(times), len(seeds), *cov.shape[1:]))
    state = GaussianState(model.modes, mean, cov, np.ones(mean.shape[:-1], bool))
    numbers = [detector.noise.shape[-1] for detector in measure.values()]
    by_port = np.split(record, np.cumsum(numbers)[:-1], axis=-1)
    return Monitored(times, state, dict(zip(measure, by_port, strict=True)), seeds)


def _broadcast(system: Observed, model: GaussianModel, initial: GaussianState) -> Observed:
    """The system with the leading axes that model, detectors and initial state have together."""
    own = np.broadcast_shapes(*(X.shape[:-2] for X in system), np.shape(model.drive)[:-1])
    given = np.broadcast_shapes(initial.cov.shape[:-2], initial.mean.shape[:-1])
    check_broadcast({"model": own, "initial": given})
    batch = np.broadcast_shapes(own, given)
    return Observed(*(np.broadcast_to(X, (*batch, *X.shape[-2:])) for X in system))


def _checked_seeds(seed: Any) -> int | tuple[int, ...]:
    if isinstance(seed, list | tuple | range) or (isinstance(seed, np.ndarray) and seed.ndim == 1):
        if not len(seed):
            raise fail("seed", "be a whole number, or a row of them", seed)
        return tuple(count("seed", one, 0) for one in seed)
    return count("seed", seed, 0)


def _steps(
    model: GaussianModel,
    system: Observed,
    initial: GaussianState,
    times: Any,
    generators: list[Any],
) -> Iterator[tuple[Any, Any, Any]]:
    """Mean (seeds, …, 2N), covariance (…, 2N, 2N) and record (seeds, …, k), time after time."""
    n, k = system.C.shape[-1], system.C.shape[-2]
    drift, noise = _with_record(model, system)
    batch = system.A.shape[:-2]
    V = np.broadcast_to(initial.cov, (*batch, n, n))
    m = np.broadcast_to(initial.mean, (len(generators), *batch, n))
    flow, over, fastest = None, np.nan, rate(system)
    for (Phi, Q), dt in zip(flows(drift, noise, times), np.diff(times, prepend=0.0), strict=True):
        if dt == 0:
            yield m, V, np.zeros((*m.shape[:-1], k))
            continue
        if flow is None or abs(dt - over) * fastest > _NOTHING:  # even times are rounded
            flow, over = riccati_flow(system, float(dt)), dt
        following = flow(V)
        P = Phi[..., :n] @ V @ Phi[..., :n].mT + Q
        expected = np.einsum("...jk,s...k->s...j", Phi[..., :n], m) + Phi[..., n]
        normal = np.stack([one.standard_normal((*batch, n + k)) for one in generators])
        m, record = _drawn(expected, P, following, n, normal)
        V = following
        yield m, V, record


def _with_record(model: GaussianModel, system: Observed) -> tuple[Any, Any]:
    """Drift and diffusion of (R, 1, Y): the drive is one more column, the record's rows follow."""
    A, B, C, E = system
    n, k = A.shape[-1], C.shape[-2]
    drift, noise = np.zeros((2, *A.shape[:-2], n + 1 + k, n + 1 + k))
    drift[..., :n, :n], drift[..., :n, n], drift[..., n + 1 :, :n] = A, model.drive, C
    both = np.concatenate([B, np.zeros((*B.shape[:-2], 1, B.shape[-1])), E], axis=-2)
    return drift, noise + both @ both.mT


def _drawn(expected: Any, P: Any, V: Any, n: int, normal: Any) -> tuple[Any, Any]:
    """The mean and the record after a step: Y of covariance P_YY, and m given Y."""
    factor = np.linalg.cholesky(P[..., n + 1 :, n + 1 :])
    by_record = np.linalg.solve(factor, P[..., n + 1 :, :n]).mT  # P_RY of records of unit variance
    # What is left of m when Y is known: that Y alone does not tell when in the step it came.
    untold_cov = P[..., :n, :n] - V - by_record @ by_record.mT
    width = np.sqrt(np.diagonal(P, axis1=-2, axis2=-1)[..., :n])
    values, vectors = np.linalg.eigh(untold_cov / (width[..., :, None] * width[..., None, :]))
    root = np.sqrt(np.where(values > _NOTHING, values, 0.0))
    spread = width[..., :, None] * vectors * root[..., None, :]
    told, untold = normal[..., n:], normal[..., :n]
    record = expected[..., n + 1 :] + np.einsum("...jk,s...k->s...j", factor, told)
    m = expected[..., :n] + np.einsum("...jk,s...k->s...j", by_record, told)
    return m + np.einsum("...jk,s...k->s...j", spread, untold), record
