"""The one set of conventions, and named converters from the others.

ħ = 1; x = (a + a†)/√2, p = (a − a†)/(i√2); order (x₁, p₁, x₂, p₂, …);
covariance V = ½⟨{δR, δRᵀ}⟩, so the vacuum has V = ½·1. Decay rates κ are energy decay
rates: L = √κ a, ȧ = −κ/2 a. Frequencies are angular. Entanglement is in nats.

Papers use others. They enter and leave through the functions below, by name, so that a
factor of two is always visible where it happens.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from .checks import count, fail, numbers
from .checks import rate as decay_rate
from .keywords import spoken

__all__ = [
    "VACUUM",
    "from_amplitude_decay",
    "from_vacuum_one",
    "from_xxpp",
    "nats_to_bits",
    "symplectic_form",
    "to_vacuum_one",
    "to_xxpp",
]


def __dir__() -> list[str]:
    return __all__


VACUUM = 0.5
"""Variance of each quadrature in the vacuum."""

LOST = 5e-5
"""Relative error of symplectic eigenvalues above which a float64 covariance does not hold them."""


@lru_cache(maxsize=64)
def _form(modes: int) -> np.ndarray:
    form = np.kron(np.eye(modes), np.array([[0.0, 1.0], [-1.0, 0.0]]))
    form.flags.writeable = False
    return form


@spoken
def symplectic_form(modes: int) -> np.ndarray:
    """Ω = ⊕ [[0, 1], [−1, 0]], from [R_j, R_k] = iΩ_jk in the order (x₁, p₁, x₂, p₂, …).

    Args:
        modes: number of bosonic modes N.

    Returns:
        Array of shape (2N, 2N), read-only.

    >>> symplectic_form(1)
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    return _form(count("modes", modes))


@spoken
def from_vacuum_one(covariance: Any) -> Any:
    """Covariance in our convention (vacuum = ½) from one where the vacuum is 1.

    Args:
        covariance: covariance with V = ⟨{δR, δRᵀ}⟩, any shape.

    >>> from_vacuum_one(1.0)
    0.5
    """
    return numbers("covariance", covariance) / 2


@spoken
def to_vacuum_one(covariance: Any) -> Any:
    """Covariance where the vacuum is 1, as ħ = 2 libraries and many papers use it.

    Args:
        covariance: covariance with vacuum ½, any shape.

    >>> to_vacuum_one(0.5)
    1.0
    """
    return numbers("covariance", covariance) * 2


@spoken
def from_xxpp(matrix: Any) -> Any:
    """Reorder (x₁, x₂, …, p₁, p₂, …) to our (x₁, p₁, x₂, p₂, …), on the last two axes.

    Args:
        matrix: array (…, 2N, 2N).

    >>> import numpy as np
    >>> np.diag(from_xxpp(np.diag([1, 2, 3, 4])))
    array([1, 3, 2, 4])
    """
    matrix, modes = _of_modes(matrix)
    order = np.arange(2 * modes).reshape(2, modes).T.ravel()
    return matrix[..., order[:, None], order]


@spoken
def to_xxpp(matrix: Any) -> Any:
    """Reorder our (x₁, p₁, x₂, p₂, …) to (x₁, x₂, …, p₁, p₂, …), on the last two axes.

    Args:
        matrix: array (…, 2N, 2N).

    >>> import numpy as np
    >>> np.diag(to_xxpp(np.diag([1, 3, 2, 4])))
    array([1, 2, 3, 4])
    """
    matrix, modes = _of_modes(matrix)
    order = np.arange(2 * modes).reshape(modes, 2).T.ravel()
    return matrix[..., order[:, None], order]


def _of_modes(matrix: Any) -> tuple[Any, int]:
    """The matrix as an array (…, 2N, 2N), and N."""
    must = "square matrices of numbers, two rows per mode"
    matrix = numbers("matrix", matrix, must, "iufc")
    size = np.shape(matrix)[-1] if np.ndim(matrix) > 1 else 0
    if not size or size % 2 or matrix.shape[-2] != size:
        raise fail("matrix", f"be {must}", f"shape {np.shape(matrix)}")
    return matrix, size // 2


@spoken
def from_amplitude_decay(rate: Any) -> Any:
    """Energy decay rate κ (ȧ = −κ/2 a) from an amplitude decay rate (ȧ = −rate·a).

    Args:
        rate: amplitude decay rate, in any unit.

    >>> float(from_amplitude_decay(1.5))
    3.0
    """
    return 2 * decay_rate("rate", rate)


@spoken
def nats_to_bits(value: Any) -> Any:
    """Logarithmic negativity or entropy in bits (log₂) from nats (ln).

    Args:
        value: number or array in nats.

    >>> round(nats_to_bits(0.6931471805599453), 12)
    1.0
    """
    return numbers("value", value) / math.log(2)
