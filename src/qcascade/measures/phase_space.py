"""Gaussian states in phase space: Wigner functions over a plane of two quadratures."""

from typing import Any

import numpy as np

from ..base.checks import fail, namespace, number, one_of
from ..base.keywords import spoken
from ..linear.state import GaussianState
from .symplectic import root


@spoken
def wigner(state: GaussianState, first: str, second: str, x: Any, y: Any) -> Any:
    """Wigner function over the plane of two quadratures, the others integrated out.

    W(z) = exp(−½ δᵀC⁻¹δ)/(2π√det C), δ = z − ⟨z⟩, with C the covariance of the two (Weedbrook
    et al., RMP 84, 621); its integral is 1. For x and p of one mode it is that mode's Wigner
    function; quadratures of different modes show their correlation.

    Args:
        state: a state or a batch of them.
        first: a quadrature, mode name and x or p: "left.b.x".
        second: another quadrature: "left.b.p", "right.b.x".
        x: values of the first, shape (X,).
        y: values of the second, shape (Y,).

    Returns:
        Shape (…, X, Y); NaN where unstable.

    Raises:
        ArgumentError: for unknown quadratures, the same twice, or axes that are no lists.

    >>> from qcascade.linear.state import vacuum
    >>> wigner(vacuum("m"), "m.x", "m.p", [0.0], [0.0, 1.0]).round(6)
    array([[0.31831, 0.1171 ]])
    """
    if not isinstance(state, GaussianState):
        raise fail("state", "be a GaussianState", state)
    names = [f"{mode}.{letter}" for mode in state.modes for letter in "xp"]
    j = names.index(one_of("first", first, names, "a quadrature"))
    k = names.index(one_of("second", second, names, "a quadrature"))
    if j == k:
        raise fail("second", "differ from `first`", second)
    u, v = _axis("x", x)[:, None], _axis("y", y)
    xp = namespace(state.cov, u, v)
    cov, mean = state.cov[..., None, None], state.mean[..., None, None]
    u, v = u - mean[..., j, :, :], v - mean[..., k, :, :]
    # det C = Var(u)·Var(v|u), with the variance of v, and its mean, once u is known.
    shared, spread = cov[..., j, k, :, :], root(cov[..., j, j, :, :], np.nan, xp)
    slope = shared / spread**2
    spread_given = root(cov[..., k, k, :, :] - slope * shared, np.nan, xp)
    exponent = (u / spread) ** 2 + ((v - slope * u) / spread_given) ** 2
    return xp.exp(-exponent / 2) / (2 * np.pi * spread * spread_given)


def _axis(name: str, value: Any) -> Any:
    array = number(name, value)
    if array.ndim != 1:
        raise fail(name, "be a list of numbers, shape (n,)", value)
    return array
