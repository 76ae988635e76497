"""The steady states of a small master equation, from its matrix.

(L + c Tr) ρ = c is solved with the inverse of the matrix and residuals in 32 digits; where rates
are too far apart for that, by elimination in 32 digits. How far the numbers of the model decide
its steady state is found out by changing their last digits: what that changes in ρ is its error,
and where it changes how slowly the slowest deviation decays, rounding is all that makes the state
unique.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError
from ..numerics import double_double
from .liouvillian import Liouvillian, last_digit

if TYPE_CHECKING:
    from ..hilbert.states import DensityState
    from .generator import Generator

SURE = 1e10
"""‖(L + c Tr)⁻¹‖ up to which there is surely one steady state: L has rows of size 1."""

NULL = 1e-13
"""Singular values below this, relative to the largest, are zero where there are several."""

EXACT = 1200
"""Elements of ρ up to which an elimination in 32 digits takes some seconds."""

EPSILON = float(np.finfo(float).eps)


class NullSpace(NamedTuple):
    """Where L ρ = 0."""

    dimension: int  # how many independent steady states
    state: "DensityState"  # the one of trace 1; of several the one that mixed states end in
    error: float  # estimated error of the state (Frobenius norm)


def null_space(generator: "Generator") -> NullSpace:
    """The steady states of a small master equation.

    Args:
        generator: the master equation; its mirror is not used.
    """
    equation = _Equation(Liouvillian(generator))
    with suppress(np.linalg.LinAlgError, _Singular):
        x, y = equation.solved()
        changed = _Equation(Liouvillian(generator, last_digit))
        x2, y2 = changed.solved()
        if equation.surely or np.linalg.norm(y2 - y) < 0.01 * np.linalg.norm(y):
            state, other = equation.L.state(x), changed.L.state(x2)
            off = zip(state.blocks, other.blocks, strict=True)
            error = float(np.sqrt(sum(np.linalg.norm(a - b) ** 2 for a, b in off)))
            return NullSpace(1, state, 2 * error + EPSILON)
    return equation.several()


class _Singular(ArithmeticError):
    """There is no inverse."""


class _Equation:
    """(L + c Tr) ρ = c, each row divided by its largest element (by a power of two)."""

    def __init__(self, L: Liouvillian) -> None:
        self.L, self.one = L, L.one
        largest = np.abs(L.hi).max(axis=1)
        self.rows = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))
        self.hi, self.lo = L.hi / self.rows[:, None], L.lo / self.rows[:, None]
        self.c = self.one / np.sqrt(np.sum(self.one))
        at = np.add.outer(np.flatnonzero(self.one) * L.size, np.flatnonzero(self.one)).ravel()
        number = np.full(at.size, self.c.max())
        flat = self.hi.reshape(-1), self.lo.reshape(-1)
        double_double.add_products(*flat, at, number, np.ones(at.size))

    @property
    def surely(self) -> bool:
        """Whether nothing but one steady state is possible."""
        return self.gain < SURE

    def solved(self) -> tuple[Any, Any]:
        """ρ, and the answer to a random right-hand side, in which the slowest part stands out."""
        inverse = np.linalg.inv(self.hi)
        self.gain = float(np.linalg.norm(inverse))
        noise = np.random.default_rng(1).standard_normal(self.L.size)
        sides = (self.c,) if self.surely else (self.c, noise)
        x, *y = (self._solve(inverse, side) for side in sides)
        return x / (self.one @ x), y[0] if y else x

    def _solve(self, inverse: Any, side: Any) -> Any:
        """One right-hand side: refinement while it converges, else elimination."""
        x = inverse @ side
        size = before = float(np.linalg.norm(x))
        while np.isfinite(before):
            step = inverse @ double_double.residual(self.hi, self.lo, x, side)
            x, after = x + step, float(np.linalg.norm(step))
            if after <= 4 * EPSILON * size:
                return x
            if not after < 0.3 * before:
                break
            before = after
        if self.L.size > EXACT:
            raise ConvergenceError("The equations are too many for 32 digits.")
        x, pivot = double_double.solve(self.hi.copy(), self.lo.copy(), side)
        if not (pivot > 1e-26 and np.all(np.isfinite(x))):
            raise _Singular
        return x

    def several(self) -> NullSpace:
        """Steady states by their singular values, and where the mixed state ends."""
        hi = self.hi - np.outer(self.c, self.one)
        left, singular, right = np.linalg.svd(hi)
        count = max(int(np.sum(singular <= NULL * singular[0])), 2)
        # Conserved quantities ℓ L = 0 keep their value.
        conserved, states = left[:, -count:].T / self.rows, right[-count:].T
        x = states @ np.linalg.lstsq(conserved @ states, conserved @ self.one, rcond=None)[0]
        return NullSpace(count, self.L.state(x / (self.one @ x)), np.inf)
