"""Gaussian states: modes, mean, covariance, and the check that they exist in nature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import ArgumentError, fail, listed, nearest, namespace
from .conventions import symplectic_form


@dataclass(frozen=True, eq=False)
class GaussianState:
    """A Gaussian state, or a batch of them on leading axes.

    V = ½⟨{δR, δRᵀ}⟩ with R = (x₁, p₁, x₂, p₂, …); the vacuum has V = ½·1.
    """

    modes: tuple[str, ...]
    mean: Any
    cov: Any
    stable: Any
