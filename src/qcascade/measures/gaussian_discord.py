"""Gaussian discord of two modes: correlations that measuring one of them does not show."""

from typing import Any

import numpy as np

from ..base.checks import namespace
from ..base.conventions import LOST
from ..base.keywords import spoken
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution
from .groups import disjoint, one_mode
from .summands import ENTROPY, entropy_noise
from .symplectic import EPS, cholesky, root, solve_lower, spectrum_of_factor
from .told import gaussian_state, told


@spoken
def discord(state: GaussianState, a: str, b: str) -> Any:
    """Gaussian quantum discord: what Gaussian measurements of b leave unknown of I(a:b).

    D = S(b) − S(ab) + min S(a|b), the least over Gaussian measurements of b: with V_a = L_a L_aᵀ,
    V_b = L_b L_bᵀ, k₁ ≥ k₂ the singular values of L_a⁻¹ C L_b⁻ᵀ, B = 2√det V_b and a detector
    squeezed by λ, det V_{a|b} = det V_a (1 − k₁²B/(B+λ))(1 − k₂²Bλ/(Bλ+1)), least at the λ ≥ 0
    where its slope is zero (Giorda & Paris, PRL 105, 020503; Adesso & Datta, PRL 105, 030501).
    Discord of the state itself where the best measurement is Gaussian.

    Args:
        state: a GaussianState, or a batch of them.
        a: name of the mode that is left.
        b: name of the mode that is measured.

    Returns:
        Nats, shape (…), zero or above: zero for product states only; NaN where unstable, where V
        violates the uncertainty principle, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for a name that is not one mode, or the same mode twice.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> round(float(discord(two_mode_squeezed(["l", "r"], 0.5), "l", "r")), 6)   # = S(l)
    0.659453
    """
    xp = namespace(gaussian_state("state", state).cov)
    disjoint(state.modes, {"a": a, "b": b})
    pair = [one_mode(state.modes, "a", a), one_mode(state.modes, "b", b)]
    cov = finite_cov(state, pair)
    factor, factor_b = cholesky(cov, xp), cholesky(cov[..., 2:, 2:], xp)
    both, error = spectrum_of_factor(cov, factor, np.ones(2), xp)
    alone, own = spectrum_of_factor(cov[..., 2:, 2:], factor_b, np.ones(1), xp)
    level_a = factor[..., 0, 0] * factor[..., 1, 1]
    left = level_a * root(_known(cov, factor, factor_b, 2 * alone[..., 0], xp), 0.0, xp)
    terms = [(1, alone, own), (-1, both, error), (1, left[..., None], error)]
    values = [xp.sum(ENTROPY.value(nu, e, xp), axis=-1) for _, nu, e in terms]
    value = sum(sign * S for (sign, _, _), S in zip(terms, values, strict=True))
    noise = 8 * EPS * sum(values)
    for _, nu, e in terms:
        noise = noise + xp.sum(entropy_noise(nu, e, xp), axis=-1)
    value = xp.where(value > noise, value, xp.where(xp.isnan(value), np.nan, 0.0))
    good = state.stable & is_physical(cov) & (resolution(cov) <= LOST)
    return told("discord", state, (pair,), xp.where(good, value, np.nan))


def _known(cov: Any, factor: Any, factor_b: Any, B: Any, xp: Any) -> Any:
    """det V_{a|b} / det V_a for the measurement of b that tells most of a."""
    C = xp.swapaxes(cov[..., :2, 2:], -1, -2)
    half = solve_lower(factor_b, C, xp)  # L_b⁻¹Cᵀ
    K = solve_lower(factor[..., :2, :2], xp.swapaxes(half, -1, -2), xp)
    plus = (K[..., 0, 0] + K[..., 1, 1]) ** 2 + (K[..., 0, 1] - K[..., 1, 0]) ** 2
    minus = (K[..., 0, 0] - K[..., 1, 1]) ** 2 + (K[..., 0, 1] + K[..., 1, 0]) ** 2
    u, w = root(plus, 0.0, xp), root(minus, 0.0, xp)
    k1, k2 = (u + w) ** 2 / 4, (u - w) ** 2 / 4
    # The slope in λ is that of λ²·high + 2λB(k₁ − k₂) − low: below zero at λ = 0 where low > 0.
    low = B**2 * k2 * (1 - k1) - k1
    high = B**2 * k1 * (1 - k2) - k2
    split = B * (k1 - k2)
    inside = low > 0
    safe = xp.where(inside, low, 1.0)
    fold = xp.where(inside, split + root(split**2 + high * safe, 0.0, xp), 1.0)
    lam = xp.where(inside, safe / fold, 0.0)  # 0: b's quadrature that knows most is measured
    return (1 - k1 * B / (B + lam)) * (1 - k2 * B * lam / (B * lam + 1))
