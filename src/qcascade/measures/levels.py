"""Symplectic eigenvalues of some modes of a state, with NumPy or JAX, and sums over them."""

from typing import Any

import numpy as np

from ..base.checks import namespace
from ..linear.state import GaussianState, finite_cov
from .summands import ENTROPY, Summand, entropy_noise
from .symplectic import EPS, spectrum


def transposed(parts: list[list[int]]) -> tuple[list[int], Any]:
    """Modes and signs of Ω after transposing the second group, which turns its p around."""
    first, second = parts
    return first + second, np.array([1.0] * len(first) + [-1.0] * len(second))


def spectrum_of(state: GaussianState, modes: list[int], signs: Any) -> Any:
    """Symplectic eigenvalues and their errors; NaN at unstable points."""
    if namespace(state.cov) is np:
        return spectrum(state.cov, modes, signs)
    from . import symplectic_host

    levels, error = symplectic_host.spectrum(finite_cov(state), modes, signs)
    return namespace(levels).where(state.stable[..., None], levels, np.nan), error


def total(summand: Summand, state: GaussianState, modes: list[int], signs: Any) -> Any:
    """Σ_k f(ν_k) over the symplectic eigenvalues of some modes; NaN at unstable points."""
    xp = namespace(state.cov)
    if xp is np:
        return summed(summand, state.cov, modes, signs, np)
    value = summed(summand, finite_cov(state), modes, signs, xp)
    return xp.where(state.stable, value, np.nan)


def summed(
    summand: Summand, cov: Any, modes: list[int], signs: Any, xp: Any, error: Any = None
) -> Any:
    """Σ_k f(ν_k); `error` is what is known less well than V itself, relative, shape (…)."""
    if xp is np:
        levels, own = spectrum(cov, modes, signs)
        own = own if error is None else own + np.asarray(error)[..., None]
        return summand.value(levels, own, np).sum(axis=-1)
    from . import symplectic_host

    return symplectic_host.total(summand, cov, modes, signs, 0.0 if error is None else error)


def held(value: Any, xp: Any) -> Any:
    """The value, as a constant for derivatives."""
    if xp is np:
        return value
    from jax.lax import stop_gradient

    return stop_gradient(value)


def entropy_of(state: GaussianState, modes: list[int]) -> tuple[Any, Any]:
    """Entropy of a block of modes, and what rounding of V and of the sum may have changed in it."""
    signs, xp = np.ones(len(modes)), namespace(state.cov)
    value = total(ENTROPY, state, modes, signs)
    levels, error = spectrum_of(state, modes, signs)
    noise = xp.sum(entropy_noise(levels, error, xp), axis=-1) + 8 * EPS * abs(value)
    return value, held(noise, xp)
