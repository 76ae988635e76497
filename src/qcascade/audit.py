"""Is a linear model physical? In sentences and in data."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import fail, is_traced
from .conventions import symplectic_form
from .gaussian import GaussianModel
from .lyapunov import growth, solve

TOLERANCE = 1e-10
"""Negative eigenvalues smaller than this fraction of the matrix are rounding."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What `audit` found; arrays carry the model's leading axes.

    Args:
        completely_positive: whether some quantum noise produces this D with this A.
        noise_eigenvalue: smallest eigenvalue of D + (i/2)(AΩ + ΩAᵀ), in the rates' unit.
        stable: whether there is a steady state.
        growth: largest real part of the drift's eigenvalues.
        physical_state: whether the steady state obeys the uncertainty relation (false where
            there is none).
        state_eigenvalue: smallest eigenvalue of V + iΩ/2 (NaN where there is no steady state).
        sentences: the same in words.
    """

    completely_positive: Any
    noise_eigenvalue: Any
    stable: Any
    growth: Any
    physical_state: Any
    state_eigenvalue: Any
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def audit(model: GaussianModel, wired: GaussianModel | None = None) -> Audit:
    """Whether a model is a quantum channel, stable, and has a physical steady state.

    Completely positive: D + (i/2)(AΩ + ΩAᵀ) ≥ 0. Physical state: V + iΩ/2 ≥ 0
    (Koga & Yamamoto, PRA 85, 022103 (2012); Simon, Mukunda & Dutta, PRA 49, 1567 (1994)).

    Args:
        model: a `GaussianModel`, from a network or from matrices typed by hand.
        wired: the same drift from parts and wires, when there is one: what its noise has that
            the model's has not is told block by block.

    Returns:
        An `Audit`; printing it prints the sentences.

    Raises:
        ArgumentError: when `wired` has other modes or another drift.

    >>> print(audit(GaussianModel(("m",), [[-0.5, 1], [-1, -0.5]], [[0.5, 0], [0, 0.5]])))
    Completely positive: yes (smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2 is 0).
    Stable: yes (largest real part of the drift's eigenvalues -0.5).
    Steady state physical: yes (smallest eigenvalue of V + iΩ/2 is 0).
    """
    if not isinstance(model, GaussianModel):
        raise fail("model", "be a GaussianModel", model)
    if is_traced(model.A) or is_traced(model.D):
        raise fail("model", "have values: `audit` does not work inside jit and grad", "traced")
    A, D = np.broadcast_arrays(np.asarray(model.A), np.asarray(model.D))
    omega = symplectic_form(len(model.modes))
    turned = A @ omega
    noise, vector = np.linalg.eigh(D + 0.5j * (turned - np.swapaxes(turned, -1, -2)))
    scale = np.abs(A).max(axis=(-2, -1)) + np.abs(D).max(axis=(-2, -1))
    positive = noise[..., 0] >= -TOLERANCE * scale
    V, stable = solve(A, D)
    state = np.linalg.eigvalsh(
        np.where(np.asarray(stable)[..., None, None], V, 0.5 * np.eye(len(omega))) + 0.5j * omega
    )
    size = np.where(stable, np.abs(V).max(axis=(-2, -1)), 1.0)
    physical = np.asarray(stable) & (state[..., 0] >= -TOLERANCE * size)
    found = (
        positive,
        _clean(noise[..., 0], TOLERANCE * scale),
        stable,
        growth(A),
        physical,
        np.where(stable, _clean(state[..., 0], TOLERANCE * size), np.nan),
    )
    sentences = _sentences(model.modes, vector[..., 0], *map(np.asarray, found))
    if wired is not None:
        sentences += _implied(model, wired)
    return Audit(*found, sentences)


def _implied(model: GaussianModel, wired: GaussianModel) -> tuple[str, ...]:
    """Blocks of D in which the wiring's noise differs, with their largest entries."""
    if not isinstance(wired, GaussianModel) or wired.modes != model.modes:
        raise fail("wired", f"be a GaussianModel of the modes {model.modes}", wired)
    if not np.allclose(wired.A, model.A, rtol=1e-6, atol=1e-9 * np.abs(model.A).max()):
        raise fail("wired", "have the model's drift", "another one")
    shape = np.broadcast_shapes(model.D.shape, wired.D.shape)
    ours, theirs = (
        np.abs(np.broadcast_to(D, shape)).reshape(-1, *shape[-2:]).max(axis=0)
        for D in (model.D, wired.D)
    )
    missing = np.abs(np.broadcast_to(wired.D - model.D, shape)).reshape(-1, *shape[-2:]).max(axis=0)
    told = []
    for j, k in zip(*np.tril_indices(len(model.modes)), strict=True):
        block = np.s_[2 * j : 2 * j + 2, 2 * k : 2 * k + 2]
        if missing[block].max() > 1e-9 * theirs.max():
            told.append(
                f"The wiring implies noise between {model.modes[j]} and {model.modes[k]} of up to "
                f"{theirs[block].max():.6g}, where D has {ours[block].max():.6g}."
            )
    return tuple(told) or ("D is what the wiring implies.",)


def _clean(values: Any, noise: Any) -> Any:
    return np.where(np.abs(values) <= noise, 0.0, values)


def _sentences(modes: tuple[str, ...], vector: Any, *found: Any) -> tuple[str, ...]:
    positive, noise, stable, rate, physical, lowest = (x.ravel() for x in found)
    bad = int(noise.argmin())
    blame = ""
    if not positive.all():
        weight = np.abs(vector.reshape(-1, len(modes), 2)[bad]) ** 2
        share = weight.sum(axis=-1)
        named = [modes[k] for k in np.argsort(-share, kind="stable") if share[k] > 0.05]
        blame = f", carried by {', '.join(named)}: no quantum noise produces this D with this A"
    return (
        f"Completely positive: {_verdict(positive)} (smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2 "
        f"is {noise[bad]:.6g}{blame}).",
        f"Stable: {_verdict(stable)} "
        f"(largest real part of the drift's eigenvalues {rate.max():.6g}).",
        "Steady state physical: "
        + (
            f"{_verdict(physical[stable])} (smallest eigenvalue of V + iΩ/2 is "
            f"{lowest[stable].min():.6g})."
            if stable.any()
            else "there is none."
        ),
    )


def _verdict(flags: Any) -> str:
    if flags.size == 1 or flags.all() or not flags.any():
        return "yes" if flags.all() else "no"
    return f"at {int(flags.sum())} of {flags.size} points"
