"""The JAX route of `qcascade.lyapunov`: dense, batched, traceable, differentiable.

The iteration is that of sign.py, as one `while_loop` over the whole batch. Derivatives do not
go through it. V is declared the solution of a linear system, so JAX differentiates the
equation and solves A dV + dV Aᵀ + (dA V + V dAᵀ + dD) = 0 or, backwards, Aᵀ W + W A + G = 0, by
the same iteration; these right-hand sides need not be symmetric. No eigenvectors appear, so
derivatives are as good at exceptional points as elsewhere.

An unstable point has the value NaN and the derivative zero, in a batch and alone: where values
of other points are summed (`nansum`, or `where` on `stable`), their derivative is not lost. So
whoever follows a gradient looks at the value, or at `stable`, first.

A tracer has no values, so nothing can fall back to eigenvalues here: a point closer to
threshold than about 1e-12 ‖A‖ counts as unstable. And the pattern of zeros is not looked at:
for one-way chains of more than a few dozen modes, use NumPy arrays.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

LIMIT = 60  # steps; an eigenvalue 1e-12 away from the imaginary axis takes about 45
NEAR = 1e12  # ‖A‖‖V‖/‖D‖ of a system too close to threshold to be called stable
GOOD, POOR = 1e-14, 1e-12  # relative residuals: not worth refining, not to be accepted


def solve(A: Any, D: Any) -> tuple[Any, Any]:
    """V and `stable` of `qcascade.lyapunov.solve`, for JAX arrays of float64.

    Args:
        A: drift, shape (…, n, n).
        D: diffusion, symmetric, shape (…, n, n); leading axes broadcast.
    """
    A, D = jnp.broadcast_arrays(A, D)
    finite = jnp.isfinite(A + D).all((-1, -2), keepdims=True)
    unit = jnp.eye(A.shape[-1])
    # Points that cannot be solved get numbers, so that no NaN of theirs enters a gradient.
    A, D = jnp.where(finite, A, -unit), jnp.where(finite, (D + D.mT) / 2, unit)
    V, stable = _steady_state(A, D)
    stable &= finite
    return jnp.where(stable, (V + V.mT) / 2, jnp.nan), stable[..., 0, 0]


@jax.custom_jvp
def _steady_state(A: Any, D: Any) -> tuple[Any, Any]:
    """V, finite everywhere, and whether it is a steady state, shape (…, 1, 1)."""
    V, decays = _solve_general(A, D)
    near = _norm(A) * _norm(V) > NEAR * _norm(D)
    return V, decays & ~near & (_ratio(A, V, D) < POOR)


@_steady_state.defjvp
def _steady_state_jvp(values: Any, tangents: Any) -> tuple[Any, Any]:
    (A, D), (dA, dD) = values, tangents
    V, stable = _steady_state(A, D)
    source = jnp.where(stable, dA @ V + V @ dA.mT + dD, 0.0)
    dV = jax.lax.custom_linear_solve(
        lambda X: -(A @ X + X @ A.mT),
        source,
        lambda _, R: _solve_general(A, R)[0],
        lambda _, R: _solve_general(A.mT, R)[0],
    )
    return (V, stable), (dV, np.zeros(stable.shape, jax.dtypes.float0))


@jax.jit
def _solve_general(A: Any, R: Any) -> tuple[Any, Any]:
    """X of A X + X Aᵀ + R = 0, zero where A is not stable; and where it is."""

    def poor(state: Any) -> Any:
        attempt, X, decays = state
        return (attempt == 0) | (attempt < 3) & jnp.any(decays & (_ratio(A, X, R) > GOOD))

    def refine(state: Any) -> Any:
        attempt, X, _ = state
        correction, decays = _sign_iteration(A, _residual(A, X, R))
        # A point is refined for its own sake only: the others of its batch leave no trace in it.
        wanted = (attempt == 0) | (_ratio(A, X, R) > GOOD)
        return attempt + 1, jnp.where(wanted, X + correction, X), decays

    nowhere = jnp.zeros((*A.shape[:-2], 1, 1), bool)
    return jax.lax.while_loop(poor, refine, (0, jnp.zeros_like(R), nowhere))[1:]


def _sign_iteration(A: Any, R: Any) -> tuple[Any, Any]:
    """A ← ½(cA + A⁻¹/c), R ← ½(cR + A⁻¹RA⁻ᵀ/c) until A is sign(A); R/2, and if A is −1."""

    def running(state: Any) -> Any:
        step, _, _, done = state
        return (step < LIMIT) & ~jnp.all(done)

    def advance(state: Any) -> Any:
        step, A, R, done = state
        inverse = jnp.linalg.inv(A)
        c = jnp.sqrt(_norm(inverse) / _norm(A))
        new = (c * A + inverse / c) / 2
        R = jnp.where(done, R, (c * R + inverse @ R @ inverse.mT / c) / 2)
        # A trace above zero is a sum of eigenvalues' real parts, whose signs never change.
        unstable = jnp.trace(new, axis1=-2, axis2=-1)[..., None, None] >= 0
        now = (_norm(new - A) <= 1e-8 * _norm(new)) | unstable | ~jnp.isfinite(_norm(new))
        return step + 1, jnp.where(done, A, new), R, done | now

    done = jnp.zeros((*A.shape[:-2], 1, 1), bool)
    _, limit, R, _ = jax.lax.while_loop(running, advance, (0, A, R, done))
    decays = _norm(limit + jnp.eye(A.shape[-1])) < 1e-6
    return jnp.where(decays, R / 2, 0.0), decays


def _residual(A: Any, X: Any, R: Any) -> Any:
    return A @ X + X @ A.mT + R


def _ratio(A: Any, X: Any, R: Any) -> Any:
    """Residual relative to the size of its terms; zero for the equation 0 = 0."""
    size = 2 * _norm(A) * _norm(X) + _norm(R)
    return _norm(_residual(A, X, R)) / jnp.where(size > 0, size, 1.0)


def _norm(X: Any) -> Any:
    """Frobenius norm, on the last two axes, kept."""
    return jnp.sqrt(jnp.sum(X * X, axis=(-1, -2), keepdims=True))
