"""The real roots of polynomials, many at a time."""

from typing import Any

import numpy as np

from ..base.checks import fail, is_traced, numbers
from ..base.keywords import spoken

LARGEST = 1e150
"""Of coefficients whose squares are numbers."""


@spoken
def real_roots(coefficients: Any) -> Any:
    """The real roots of Σ_k c_k x^{d−k}, ascending, filled up with NaN.

    Eigenvalues of companion matrices (R. A. Horn & C. R. Johnson, Matrix Analysis, 3.3.P11), then
    Newton's method; a double root is one twice, to the root of rounding.

    Args:
        coefficients: c, (…, d + 1), highest power first, which must be there.

    Returns:
        Array (…, d): nothing but NaN where coefficients are none, or have outgrown numbers.

    Raises:
        ArgumentError: for what is no array of real numbers, has no powers of x, or 0 as the first.

    >>> real_roots([1.0, -1.0, 1.0, -1.0]).round(12)       # (x − 1)(x² + 1)
    array([ 1., nan, nan])
    """
    if is_traced(coefficients):
        raise fail("coefficients", "have values: this does not work inside jit and grad", "traced")
    c = np.asarray(numbers("coefficients", coefficients), float)
    if c.ndim == 0 or c.shape[-1] < 2:
        raise fail("coefficients", "have shape (…, d + 1), highest power first", c.shape)
    if np.any(c[..., 0] == 0):
        raise fail("coefficients", "begin with the highest power, not zero", coefficients)
    with np.errstate(over="ignore", invalid="ignore"):
        c = c / c[..., :1]
        known = np.abs(c).max(-1, keepdims=True) < LARGEST
    return np.where(known, _polished(np.where(known, c, 0.0)), np.nan)


def _polished(c: Any) -> Any:
    """Roots of monic polynomials."""
    degree = c.shape[-1] - 1
    companion = np.broadcast_to(np.eye(degree, k=-1), (*c.shape[:-1], degree, degree)).copy()
    companion[..., 0, :] = -c[..., 1:]
    z = np.linalg.eigvals(companion)
    # Rounding splits a double root by √ε of its size, and no more.
    size = 1 + np.abs(z).max(-1, keepdims=True)
    x = np.sort(np.where(np.abs(z.imag) < 1e-7 * size, z.real, np.nan), axis=-1)
    for _ in range(2):
        value = slope = np.zeros_like(x)
        for k in range(degree + 1):
            value, slope = value * x + c[..., k, None], slope * x + value
        step = value / np.where(slope == 0, np.inf, slope)
        x = x - np.where(np.abs(step) < 1e-6 * size, step, 0.0)  # none out of a double root
    return x
