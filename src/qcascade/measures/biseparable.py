"""How far a covariance is from mixtures of states that are separable across some cut.

With all cuts S|S̄ of the modes and all pure product covariances σ_S ⊕ σ_S̄ of each,

    g = max { min_S [str Z_S + str Z_S̄] : Z ≥ 0, Tr ZV = 1 } = min over mixtures σ of λ_max(V⁻¹σ)

by convex duality: V/s lies above such a mixture for no s > 1/g (P. Hyllus and J. Eisert, New J.
Phys. 8, 51 (2006)). Any Z is a proof, so that a search that ends early gives a smaller g only.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from .symplectic import spectrum, williamson

_FLOOR = 1e-9
"""Part of V⁻¹ that Z keeps, so that each of its blocks has a Williamson form."""


class Cut(NamedTuple):
    """Modes on both sides."""

    part: list[int]
    rest: list[int]


def cuts(modes: int) -> list[Cut]:
    """All ways to cut the modes in two, each once: the first mode is in the first part.

    Args:
        modes: how many there are.

    >>> len(cuts(4))
    7
    """
    others = range(1, modes)
    every = []
    for many in range(modes - 1):
        for chosen in combinations(others, many):
            every.append(Cut([0, *chosen], [k for k in others if k not in chosen]))
    return every


def bound(Z: Any) -> Any:
    """min_S [str Z_S + str Z_S̄]: the least Tr Zσ of what is separable across some cut.

    Args:
        Z: symmetric, positive definite, shape (…, 2N, 2N).
    """
    return np.min(_least_by_cut(Z, cuts(Z.shape[-1] // 2)), axis=0)


def _least_by_cut(Z: Any, every: Sequence[Cut]) -> Any:
    """The least Tr Zσ over product states of each cut: sums of symplectic eigenvalues of Z."""
    return np.array(
        [sum(spectrum(Z, m, np.ones(len(m))).levels.sum(axis=-1) for m in cut) for cut in every]
    )


def best_witness(cov: Any) -> Any:
    """The Z, Tr ZV = 1, at which the search ends; V⁻¹ where it gets no further.

    Z = M⁻ᵀWM⁻¹/Tr W, W = YYᵀ + floor, with V = MMᵀ and a triangular Y: the largest t that no cut's
    bound is below (D. Kraft's sequential quadratic programming).

    Args:
        cov: V of one state, (2N, 2N), positive definite.
    """
    from scipy.optimize import minimize

    search = _Search(np.linalg.inv(np.linalg.cholesky(cov)), cuts(len(cov) // 2))
    start = np.append(np.eye(len(cov))[np.tril_indices(len(cov))], 0.0)
    start[-1] = search.spare(start).min()
    ahead = np.append(np.zeros(len(start) - 1), -1.0)
    optimum = minimize(
        lambda x: -x[-1],
        start,
        jac=lambda _: ahead,
        method="SLSQP",
        constraints=[{"type": "ineq", "fun": search.spare, "jac": search.slopes}],
        options={"maxiter": 500, "ftol": 1e-12},
    )
    ends = [search.witness(x) for x in (start, optimum.x) if np.isfinite(x).all()]
    return max(ends, key=lambda Z: float(np.nan_to_num(bound(Z), nan=-np.inf)))


class _Search(NamedTuple):
    """What the search looks at: x holds the triangle of Y, and t.

    Args:
        inverse: M⁻¹ of V = MMᵀ.
        every: the cuts.
    """

    inverse: Any
    every: list[Cut]

    def factor(self, x: Any) -> tuple[Any, Any]:
        """Y, and W = YYᵀ + floor."""
        size = len(self.inverse)
        Y = np.zeros((size, size))
        Y[np.tril_indices(size)] = x[:-1]
        return Y, Y @ Y.T + _FLOOR * np.eye(size)

    def witness(self, x: Any) -> Any:
        """Z."""
        _, W = self.factor(x)
        return self.inverse.T @ (W / np.trace(W)) @ self.inverse

    def spare(self, x: Any) -> Any:
        """By how much the bound of each cut is above t."""
        return _least_by_cut(self.witness(x), self.every) - x[-1]

    def slopes(self, x: Any) -> Any:
        """Their slopes: that of a bound in Z is the state σ that reaches it, Tr Zσ."""
        Y, W = self.factor(x)
        Z, trace, at = self.witness(x), np.trace(W), np.tril_indices(len(Y))
        rows = []
        for cut in self.every:
            sigma = _reached(Z, cut)
            slope = self.inverse @ sigma @ self.inverse.T - np.sum(Z * sigma) * np.eye(len(Y))
            rows.append(np.append((2 / trace * slope @ Y)[at], -1.0))
        return np.array(rows)


def _reached(Z: Any, cut: Cut) -> Any:
    """σ = ½T⁻ᵀT⁻¹ of both sides, Z_S = T diag(w) Tᵀ: the product state with the least Tr Zσ."""
    sigma = np.zeros(Z.shape)
    for modes in cut:
        at = np.array([[2 * k, 2 * k + 1] for k in modes]).ravel()
        levels, X = williamson(Z[np.ix_(at, at)])
        T = np.linalg.inv(X / np.sqrt(np.repeat(levels, 2)))
        sigma[np.ix_(at, at)] = T.T @ T / 2
    return sigma
