"""Measured states: what is left to know of a network whose light is detected.

Detectors at open outputs see y = seen·r_out + √noise·v. With r_out = C R + F r_in, and inputs of
noise N, that is a linear system and its record (`lyapunov/riccati.py`): the covariance V of R given
the record up to now obeys

    0 = AV + VAᵀ + D − (VCᵀ + Γ)R⁻¹(VCᵀ + Γ)ᵀ,    Γ = B N Fᵀ,    R = F N Fᵀ + noise,

with C and F seen by the detectors (H. M. Wiseman and A. C. Doherty, Phys. Rev. Lett. 94, 070405
(2005); M. G. Genoni, L. Lami, A. Serafini, Contemp. Phys. 57, 331 (2016)).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import (
    ConvergenceError,
    UnstableError,
    check_broadcast,
    fail,
    is_traced,
    listed,
    namespace,
)
from ..base.conventions import LOST
from ..base.keywords import spoken
from ..lyapunov.riccati import Observed, solve_riccati
from ..lyapunov.solve import growth
from ..numerics.graphs import strong_parts
from .detectors import Detector, checked_detectors
from .model import GaussianModel
from .ports import check_ports, output_row
from .state import GaussianState, computed_state, finite_cov, quadratures
from .uncertainty import is_physical, resolution

_UNSEEN = 1e-8  # of [A − λ; C] beside A, below which nothing of an eigenvector is seen


@spoken
def conditional_state(model: GaussianModel, measure: Mapping[str, Detector]) -> GaussianState:
    """The state of a network whose outputs are measured all the time, once that has settled.

    0 = AV + VAᵀ + D − (VCᵀ + Γ)R⁻¹(VCᵀ + Γ)ᵀ; see the top of this module. There may be one where
    no steady state is, if the detectors see what grows. V does not depend on what was measured;
    the mean does, and wanders (`evolve(…, measure=…)` follows it): here it is zero.

    Args:
        model: a `GaussianModel` of a network, or a batch of them on leading axes.
        measure: detectors by open output, {"o.out": qc.homodyne("90 deg", 0.9)}; their angles and
            efficiencies broadcast with the batch.

    Returns:
        A `GaussianState` of mean zero; pure where all that leaves is measured at η = 1 and all that
        enters is pure. In a batch, points without one hold NaN and `stable=False`.

    Raises:
        ArgumentError: for an unknown port, one that a wire uses, what is no detector.
        UnstableError: for a single model, when something grows that no detector sees.
        ConvergenceError: for a single model, when rounding decides.

    >>> from qcascade import gaussian, homodyne, squeezed_mode
    >>> below = gaussian(squeezed_mode(-0.2, decay=1.0))
    >>> conditional_state(below, {"out": homodyne()}).cov.diagonal().round(6)
    array([0.3     , 0.833333])
    >>> above = gaussian(squeezed_mode(-0.7, decay=1.0))
    >>> conditional_state(above, {"out": homodyne("90 deg")}).cov.diagonal().round(6)
    array([0.208333, 1.2     ])
    """
    system = observed(model, measure)
    V, known = solve_riccati(system)
    if not is_traced(known) and np.ndim(known) == 0 and not known:
        raise _not_settled(Observed(*map(np.asarray, system)))
    mean = namespace(V).where(known[..., None], 0.0, V[..., 0])
    return computed_state(model.modes, mean, V, known)


@spoken
def measured(state: GaussianState, measure: Mapping[str, Detector]) -> GaussianState:
    """The state of the other modes, once some modes of a Gaussian state have been measured.

    V → V_rr − V_rm Mᵀ(M V_mm Mᵀ + noise)⁻¹M V_mr with the quadratures M of the detectors (J.
    Eisert, S. Scheel and M. B. Plenio, Phys. Rev. Lett. 89, 137903 (2002)). V does not depend on
    what was measured; the mean is that of the result which is expected, and so stays as it was.

    Args:
        state: a `GaussianState`, or a batch.
        measure: detectors by mode, {"left.b": qc.heterodyne()}; they broadcast with the batch.

    Returns:
        A `GaussianState` of the modes that were not measured. In a batch, points without a state
        and points where rounding decides hold NaN and `stable=False`.

    Raises:
        ArgumentError: for an unknown mode, what is no detector, or when no mode is left.
        ConvergenceError: for a single state, so squeezed that rounding decides.

    >>> from qcascade import heterodyne, two_mode_squeezed
    >>> measured(two_mode_squeezed(["a", "b"], 1.0), {"b": heterodyne()}).cov.round(12)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    if not isinstance(state, GaussianState):
        raise fail("state", "be a GaussianState", state)
    detectors = checked_detectors("measure", measure, "modes")
    for mode in detectors:
        if mode not in state.modes:
            raise fail("measure", f"name modes of the state: {listed(state.modes)}", mode)
    unmeasured = [k for k, mode in enumerate(state.modes) if mode not in detectors]
    if not unmeasured:
        raise fail("measure", "leave a mode that is not measured", list(detectors))
    cov = finite_cov(state)
    _check_batches("state", cov.shape[:-2], detectors)
    seen, noise = _stacked(detectors, [2 * state.modes.index(m) for m in detectors], cov.shape[-1])
    rows = quadratures(unmeasured)
    V, error = _given_record(cov, rows, seen, noise)
    xp = namespace(V)
    stable = xp.broadcast_to(state.stable, error.shape)
    known = stable & (error <= LOST)
    if not is_traced(known) and known.ndim == 0 and stable and not known:
        raise ConvergenceError(
            "The measured state cannot be told from rounding: the state is squeezed so far that "
            f"16 digits tell what is left of it to {error:.1g} of itself."
        )
    V = xp.where(known[..., None, None], V, np.nan)
    # Rounding may have left less noise than there can be, by no more than the error.
    physical = xp.asarray(is_physical(V))
    V = xp.where(physical[..., None, None], V, V * (1 + error[..., None, None]))
    mean = xp.where(known[..., None], xp.asarray(state.mean)[..., rows], np.nan)
    return GaussianState(tuple(state.modes[k] for k in unmeasured), mean, V, known)


def _given_record(cov: Any, rows: Any, seen: Any, noise: Any) -> tuple[Any, Any]:
    """V of some rows given seen·R + √noise v, and the relative error that rounding leaves in it.

    V = J_rr − J_ry J_yy⁻¹ J_yr of the joint covariance J of rows and record; what cancels in it is
    what J has of small directions (`resolution`).
    """
    n, k, xp = len(rows), noise.shape[-1], namespace(cov, seen)
    odd = (n + k) % 2  # covariances have an even number of rows
    pick, nothing = np.eye(cov.shape[-1])[rows], np.zeros((odd, cov.shape[-1]))
    part = _one_below_the_other([pick, seen, nothing], xp)
    own = [np.zeros(n), noise, np.ones(odd)]
    own = xp.concatenate([xp.broadcast_to(x, (*noise.shape[:-1], x.shape[-1])) for x in own], -1)
    joint = part @ cov @ part.mT + own[..., None] * np.eye(n + k + odd)
    of_rows, of_record = joint[..., :n, :n], joint[..., n : n + k, n : n + k]
    known = joint[..., n : n + k, :n]
    V = of_rows - known.mT @ xp.linalg.solve(of_record, known)
    return (V + V.mT) / 2, xp.asarray(resolution(joint))


def observed(model: GaussianModel, measure: Mapping[str, Detector]) -> Observed:
    """The model and its record as one linear system, driven by white noise of unit strength.

    Args:
        model: a `GaussianModel` of a network, or a batch.
        measure: detectors by open output.

    Raises:
        ArgumentError: as `conditional_state`.
    """
    check_ports(model)
    detectors = checked_detectors("measure", measure, "open outputs")
    rows = [output_row(model, "measure", port) for port in detectors]
    A, n, squeezing = model.A, model.occupation, model.input_squeezing
    B, C, F = model.input_matrix, model.output_matrix, model.feedthrough
    shapes = [X.shape[:-2] for X in (A, B, C, F, squeezing)] + [np.shape(n)[:-1]]
    _check_batches("model", np.broadcast_shapes(*shapes), detectors)
    seen, noise = _stacked(detectors, rows, F.shape[-1])
    # Inputs and detectors bring noise of their own, one column for each source.
    xp = namespace(A, B, C, F, n, squeezing, seen, noise)
    entering = squeezing * xp.sqrt(xp.repeat(xp.asarray(n), 2, axis=-1) + 0.5)[..., None, :]
    own = xp.sqrt(noise)[..., None] * np.eye(noise.shape[-1])
    B, E = (
        _columns(B @ entering, xp.zeros_like(own[..., :1, :]), xp),
        _columns(seen @ (F @ entering), own, xp),
    )
    return Observed(A, B, seen @ C, E)


def _stacked(detectors: Mapping[str, Detector], rows: list[int], size: int) -> tuple[Any, Any]:
    """What all detectors see of `size` quadratures, (…, k, size), and the noise they add, (…, k).

    Args:
        detectors: by name; their leading axes broadcast.
        rows: where the quadratures (x, p) begin that each of them sees.
        size: how many quadratures there are.
    """
    xp = namespace(*(x for d in detectors.values() for x in (d.seen, d.noise)))
    seen = []
    for detector, row in zip(detectors.values(), rows, strict=True):
        beside = (np.zeros((*detector.noise.shape, m)) for m in (row, size - row - 2))
        seen.append(xp.concatenate([next(beside), detector.seen, next(beside)], -1))
    batch = np.broadcast_shapes(*(d.noise.shape[:-1] for d in detectors.values()))
    noise = [xp.broadcast_to(d.noise, (*batch, d.noise.shape[-1])) for d in detectors.values()]
    return _one_below_the_other(seen, xp), xp.concatenate(noise, -1)


def _check_batches(name: str, batch: tuple[int, ...], detectors: Mapping[str, Detector]) -> None:
    """Refuse detectors whose leading axes do not fit those of a model or a state."""
    shapes = {f"measure[{key}]": d.noise.shape[:-1] for key, d in detectors.items()}
    check_broadcast({name: batch, **shapes})


def _columns(left: Any, right: Any, xp: Any) -> Any:
    """Two matrices side by side, with rows and leading axes that broadcast."""
    batch = np.broadcast_shapes(left.shape[:-1], right.shape[:-1])
    return xp.concatenate([xp.broadcast_to(X, (*batch, X.shape[-1])) for X in (left, right)], -1)


def _one_below_the_other(matrices: list[Any], xp: Any) -> Any:
    """Matrices with leading axes that broadcast."""
    batch = np.broadcast_shapes(*(X.shape[:-2] for X in matrices))
    return xp.concatenate([xp.broadcast_to(X, (*batch, *X.shape[-2:])) for X in matrices], -2)


def _not_settled(system: Observed) -> ArithmeticError:
    """Why a single system has no stabilising V: what grows and is not seen, or rounding."""
    rate = float(growth(system.A))
    unseen = [
        value.real
        for value in _eigenvalues(system.A)
        if value.real > -1e-14 * np.abs(system.A).max() and not _is_seen(value, system)
    ]
    if rate >= 0 and (unseen or rate == 0):
        grows = f"{max(unseen, default=0.0):.3g}"
        return UnstableError(
            f"The measurement leaves no steady state: what grows at the rate {grows} in the model "
            "is not seen by its detectors."
        )
    return ConvergenceError(
        "The measured state cannot be told from rounding: no solution of the Riccati equation is "
        f"stable beyond doubt (without detectors the model grows at the rate {rate:.3g})."
    )


def _eigenvalues(A: Any) -> Any:
    """Eigenvalues part by part: those of a whole cascade of equal parts would be all rounding."""
    order, start = strong_parts(A != 0)
    parts = np.split(order, start[1:-1])
    return np.concatenate([np.linalg.eigvals(A[np.ix_(part, part)]) for part in parts])


def _is_seen(value: Any, system: Observed) -> bool:
    """Whether every eigenvector of A at this eigenvalue reaches the record (Hautus' test)."""
    A, C = system.A, system.C
    C = C * np.abs(A).max() / max(np.abs(C).max(), 1e-300)
    both = np.concatenate([A - value * np.eye(len(A)), C])
    return bool(np.linalg.svd(both, compute_uv=False)[-1] > _UNSEEN * np.abs(A).max())
