"""Is a linear model physical? In sentences and in data."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..base.checks import count, fail, is_traced, number
from ..base.conventions import symplectic_form
from ..base.keywords import spoken
from ..linear.model import GaussianModel, with_diffusion
from ..linear.printed import MOST, rounding_of
from ..linear.quantum_noise import (
    MOMENTUM_DAMPED,
    PHYSICAL,
    UNPHYSICAL,
    Judgement,
    breaking,
    dampings_as_one,
    implied_quanta,
    judge,
    one_sided,
)
from ..linear.state import computed_state
from ..lyapunov.solve import growth, solve
from .effects import Difference, Effect, differences, effect, in_order
from .printed_convention import OURS, Reading, other_order, other_vacuum, read
from .sentences import sentences_of


@dataclass(frozen=True, eq=False)
class Audit:
    """What `audit` found; arrays carry the model's leading axes.

    Args:
        verdict: "physical"; "momentum-damped", which is physical once position noise is added;
            or "not physical". An array of them for a batch.
        completely_positive: whether some quantum noise produces this D with this A, to the digits
            that they have.
        noise_eigenvalue: smallest eigenvalue of M = D + (i/2)(AΩ + ΩAᵀ), in the rates' unit; zero
            where rounding can account for it.
        relative_eigenvalue: the same of M_jk/√(κ_j κ_k), where the damping of every mode counts
            as 1: the same number in every unit.
        quanta: implied quanta of every mode's own bath, n = tr D_k/2|κ_k| − ½, shape (…, N); NaN
            where a mode has neither damping nor noise.
        breaks: the modes of every smallest block of M that no noise produces, at the worst point,
            after completion.
        added: position noise κ²/4D_pp that completes momentum damping, shape (…, N); zero where
            nothing is missing.
        completed: the model with this noise, None where nothing is missing.
        completion: what the completion changes in E_N.
        digits: digits the numbers were taken to have; 16 when they count as exact.
        enough_digits: where not physical, the most digits with which rounding would explain it; 0
            where no three digits do.
        one_sided: pairs of modes that A couples as no Hamiltonian does, without noise between
            them in D, and which are not among `breaks`.
        fits: the convention that fits better than vacuum ½ and x₁p₁x₂p₂…, in words, and the
            verdict in it; empty when none does.
        stable: whether there is a steady state.
        growth: largest real part of the drift's eigenvalues.
        physical_state: whether the steady state obeys the uncertainty relation (false where
            there is none).
        state_eigenvalue: smallest eigenvalue of V + iΩ/2 (NaN where there is no steady state).
        worst: the point of a batch that is furthest from physical; empty for a single model.
        differences: the entries in which blocks of A and D differ most from the wired model's;
            None without one.
        wiring: what the wired model changes in E_N.
        sentences: the same in words.
    """

    verdict: Any
    completely_positive: Any
    noise_eigenvalue: Any
    relative_eigenvalue: Any
    quanta: Any
    breaks: tuple[tuple[str, ...], ...]
    added: Any
    completed: GaussianModel | None
    completion: Effect | None
    digits: int
    enough_digits: int
    one_sided: tuple[tuple[str, ...], ...]
    fits: tuple[str, ...]
    stable: Any
    growth: Any
    physical_state: Any
    state_eigenvalue: Any
    worst: tuple[int, ...]
    differences: tuple[Difference, ...] | None = None
    wiring: Effect | None = None
    sentences: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.sentences)

    __repr__ = __str__


@spoken
def audit(
    model: GaussianModel,
    wired: GaussianModel | None = None,
    *,
    digits: int | None = None,
    errors: tuple[Any, Any] | None = None,
) -> Audit:
    """Whether a model is a quantum channel, stable, and has a physical steady state.

    Completely positive: M = D + (i/2)(AΩ + ΩAᵀ) ≥ 0. Physical state: V + iΩ/2 ≥ 0
    (Koga & Yamamoto, PRA 85, 022103 (2012); Simon, Mukunda & Dutta, PRA 49, 1567 (1994)). The
    verdict is one of three: physical; momentum-damped, which is physical once the position noise
    κ²/4D_pp is added that Brownian damping leaves out; not physical. Numbers that were rounded
    cannot be held to more than half a last digit in every entry.

    Args:
        model: a `GaussianModel`, from a network or from matrices typed by hand.
        wired: the same modes from parts and wires, when there is such a model: where its A and D
            differ is told block by block.
        digits: significant digits, or decimal places, of the numbers in A and D; when omitted,
            they are read off the numbers as Python prints them, if there are three or more.
        errors: how far the entries of A and of D may be off instead, two arrays or numbers.

    Returns:
        An `Audit`; printing it prints the sentences.

    Raises:
        ArgumentError: when `wired` has other modes, or `digits` and `errors` are no such numbers.

    >>> print(audit(GaussianModel(("m",), [[-0.5, 1], [-1, -0.5]], [[0.5, 0], [0, 0.5]])))
    Completely positive: yes (smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2 is 0, in units of the \
modes' damping).
    Stable: yes (largest real part of the drift's eigenvalues -0.5).
    Steady state physical: yes (smallest eigenvalue of V + iΩ/2 is 0).
    Convention: vacuum ½, order x₁p₁x₂p₂…; the baths then hold 0 (m) quanta.
    Verdict: physical.
    """
    if not isinstance(model, GaussianModel):
        raise fail("model", "be a GaussianModel", model)
    if is_traced(model.A) or is_traced(model.D):
        raise fail("model", "have values: `audit` does not work inside jit and grad", "traced")
    if wired is not None:
        if not isinstance(wired, GaussianModel) or {*wired.modes} != {*model.modes}:
            raise fail("wired", f"be a GaussianModel of the modes {model.modes}", wired)
        wired = in_order(wired, model.modes)
    A, D = np.broadcast_arrays(np.asarray(model.A), np.asarray(model.D))
    errors = _errors(A, D, digits, errors)
    judged = judge(A, D, digits, errors)
    typed = model.coupling is None
    relative = _lowest(dampings_as_one(A, judged.M), judged)
    verdict = np.where(
        judged.positive, PHYSICAL, np.where(judged.complete, MOMENTUM_DAMPED, UNPHYSICAL)
    )
    # The furthest from physical: by verdict, and then by eigenvalue.
    rank = 2.0 * ~judged.complete + ~judged.positive
    worst = _worst(rank, relative)
    has_points = judged.complete.size and not judged.complete[worst]
    modes = partial(_named, model.modes)
    M = judged.M + (judged.completion.D - D)
    breaks = breaking(M[worst], judged.e[worst]) if has_points else ()
    aside = one_sided(judged.M[worst], judged.e[worst]) if typed and rank.size else ()
    repaired = (
        with_diffusion(model, judged.completion.D) if np.any(judged.completion.added) else None
    )
    off = errors or rounding_of(A, D, digits)[:2]
    findings: dict[str, Any] = {
        "verdict": verdict if verdict.ndim else verdict.item(),
        "completely_positive": judged.positive[()],
        "noise_eigenvalue": _lowest(judged.M, judged),
        "relative_eigenvalue": relative,
        "quanta": implied_quanta(A, D),
        "breaks": modes(breaks),
        "added": judged.completion.added,
        "completed": repaired,
        "completion": effect(model, repaired) if repaired is not None else None,
        "digits": judged.digits,
        "enough_digits": _enough(A[worst], D[worst], judged) if typed and has_points else 0,
        "one_sided": modes(x for x in aside if x not in breaks),
        "fits": _fits(A[worst], D[worst], digits, judged) if typed and rank.size else (),
        "worst": worst,
        **_steady(model, judged),
    }
    if wired is not None:
        findings["differences"] = differences(model, wired, *off)
        findings["wiring"] = effect(model, wired)
    return Audit(**findings, sentences=sentences_of(model.modes, findings))


def _errors(A: Any, D: Any, digits: Any, errors: Any) -> tuple[Any, Any] | None:
    if digits is not None and count("digits", digits) > MOST:
        raise fail("digits", f"be {MOST} or fewer", digits)
    if errors is None:
        return None
    if digits is not None:
        raise fail("errors", "not be given together with `digits`", errors)
    if not isinstance(errors, tuple | list) or len(errors) != 2:
        raise fail("errors", "be two arrays, how far A and D may be off", errors)
    off_A, off_D = (number("errors", x) for x in errors)
    for error in (off_A, off_D):
        if np.any(error < 0) or not _fits_into(error, A):
            raise fail("errors", f"be zero or above and broadcast to {A.shape}", error)
    return np.broadcast_to(off_A, A.shape), np.broadcast_to(off_D, D.shape)


def _fits_into(error: Any, matrix: Any) -> bool:
    try:
        return np.broadcast_shapes(error.shape, matrix.shape) == matrix.shape
    except ValueError:
        return False


def _named(modes: tuple[str, ...], groups: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(modes[k] for k in group) for group in groups)


def _lowest(M: Any, judged: Judgement) -> Any:
    """The lowest eigenvalue; not below zero where rounding can account for that."""
    levels, noise = _level(M, 1e-12)
    small = judged.positive & (levels <= noise) & ((levels >= -noise) | (not judged.rounded))
    return np.where(small, 0.0, levels)[()]


def _level(M: Any, accuracy: float) -> tuple[Any, Any]:
    """The lowest eigenvalue, and what cannot be told from zero there.

    That is a part of what the eigenvector sees of M: a hot mode does not hide what is missing in
    a cold one, but for the rounding of the eigenvalues themselves.
    """
    if not M.size:
        return np.zeros(M.shape[:-2]), np.zeros(M.shape[:-2])
    levels, vectors = np.linalg.eigh(M)
    size = np.abs(np.diagonal(M, axis1=-2, axis2=-1))
    seen = (np.abs(vectors[..., 0]) ** 2 * size).sum(axis=-1)
    return levels[..., 0], accuracy * seen + 4 * np.finfo(float).eps * size.max(axis=-1)


def _worst(rank: Any, relative: Any) -> tuple[int, ...]:
    """Where in a batch the model is furthest from physical."""
    if not np.ndim(rank) or not np.size(rank):
        return ()
    order = np.lexsort((np.ravel(relative), -np.ravel(rank)))
    return tuple(int(k) for k in np.unravel_index(order[0], rank.shape))


def _enough(A: Any, D: Any, judged: Judgement) -> int:
    """The most digits with which rounding would explain what is missing; 0 when none does."""
    few = range(min(judged.digits - 1, MOST - 1), 2, -1)
    return next((n for n in few if judge(A, D, n).complete), 0)


def _fits(A: Any, D: Any, digits: Any, judged: Judgement) -> tuple[str, ...]:
    """The convention that fits better than ours, and the verdict in it."""

    def physical(A: Any, D: Any) -> bool:
        return bool(judge(A, D, digits).complete)

    order = other_order(A, D, physical)
    accuracy = 5 * 10.0**-judged.digits if judged.digits <= MOST else 0.0
    vacuum = other_vacuum(*read(A, D, order), physical, accuracy)
    reading = Reading(vacuum, order.reordered)
    if reading == OURS:
        return ()
    judgement = judge(*read(A, D, reading), digits)
    return str(reading), _word(judgement.positive, judgement.complete)


def _word(positive: Any, complete: Any) -> str:
    return PHYSICAL if positive else MOMENTUM_DAMPED if complete else UNPHYSICAL


def _steady(model: GaussianModel, judged: Judgement) -> dict[str, Any]:
    """Whether there is a steady state, and whether it is physical."""
    V, stable = solve(np.asarray(model.A), np.asarray(model.D))
    stable = np.asarray(stable)
    state = computed_state(model.modes, np.zeros(V.shape[:-1]), V, stable)
    sound = np.where(stable[..., None, None], V, 0.5 * np.eye(V.shape[-1]))
    M = sound + 0.5j * symplectic_form(len(model.modes))
    levels, noise = _level(M, 1e-10)
    physical = np.asarray(state.is_physical()) if V.size else stable
    # A completely positive model has a physical state, to the accuracy of its numbers.
    physical = physical | (stable & judged.positive & judged.rounded)
    levels = np.where(physical & (np.abs(levels) <= noise), 0.0, levels)
    return {
        "stable": stable[()],
        "growth": np.broadcast_to(growth(np.asarray(model.A)), stable.shape)[()],
        "physical_state": physical[()],
        "state_eigenvalue": np.where(stable, levels, np.nan)[()],
    }
