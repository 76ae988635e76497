"""The JAX route of `qcascade.lyapunov`: batched, traceable, differentiable.

On a processor the kernels of NumPy's route are called (solve_host.py). On other devices the
equation is solved as in sign.py and careful.py: a sign iteration of the diagonal blocks, as one
`while_loop` over the whole batch, whose inverses are kept; and forward substitution, upstream parts
first. A tracer has no zeros to look at, so who acts on whom is told by whoever knows the wiring.
Blocks are filled up to one size with modes that nothing acts on, and the substitution is a sweep,

    V ← solution of the diagonal blocks for D + B V + V Bᵀ,      A = blocks + B,

after 2M − 1 of which all M² blocks of V are final. Where rounding could matter, V is refined with
residuals in twice the precision.

Derivatives do not go through any of it. V is declared the solution of a linear system, so JAX
differentiates the equation and solves A dV + dV Aᵀ + (dA V + V dAᵀ + dD) = 0 or, backwards,
Aᵀ W + W A + G = 0, by the same sweeps; these right-hand sides need not be symmetric. No
eigenvectors appear, so derivatives are as good at exceptional points as elsewhere.

An unstable point has the value NaN and the derivative zero, in a batch and alone: where values
of other points are summed (`nansum`, or `where` on `stable`), their derivative is not lost. So
whoever follows a gradient looks at the value, or at `stable`, first.
"""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..base.checks import is_traced
from ..numerics.graphs import partners, strong_parts
from ..numerics.two_floats import Pair, exact_sum, residual
from . import solve_host
from .amplification import slowest
from .careful import AT_REST, SETTLED
from .directions import (
    ROUNDING,
    between,
    holds,
    pairs_told,
    rounding_of,
    small_directions,
    told,
)
from .directions import largest as largest_change
from .directions import width as widths
from .sign_error import AMPLIFIED, FINE, GOOD, POOR

LIMIT = 64  # steps; an eigenvalue 1e-12 away from the imaginary axis takes about 45
REFINED = 12  # steps of refinement, at most


class Blocks(NamedTuple):
    """Strongly connected parts, upstream first, all filled up to the size of the largest."""

    number: int
    size: int
    rows: tuple[int, ...]  # of A, block after block; n where there is none
    back: tuple[int, ...]  # where the rows of A are


def solve(A: Any, D: Any, acts: Any = None) -> tuple[Any, Any]:
    """V and `stable` of `qcascade.lyapunov.solve`, for JAX arrays of float64.

    Args:
        A: drift, shape (…, n, n).
        D: diffusion, symmetric, shape (…, n, n); leading axes broadcast.
        acts: which row acts on which, booleans (n, n); found from A when it has values.
    """
    pattern = _pattern(A, acts)
    A, D = jnp.broadcast_arrays(A, D)
    finite = jnp.isfinite(A + D).all((-1, -2), keepdims=True)
    unit = jnp.eye(A.shape[-1])
    # Points that cannot be solved get numbers, so that no NaN of theirs enters a gradient.
    A, D = jnp.where(finite, A, -unit), jnp.where(finite, (D + D.mT) / 2, unit)
    if solve_host.is_used(A.shape[-1]):
        blocks, A = None, jnp.where(pattern, A, 0.0)
    else:
        blocks = _blocks(pattern.tobytes(), A.shape[-1])
    V, stable = _steady_state(blocks, A, D)
    stable &= finite
    return jnp.where(stable, (V + V.mT) / 2, jnp.nan), stable[..., 0, 0]


def _pattern(A: Any, acts: Any) -> Any:
    if not is_traced(A):
        return np.any(np.asarray(A) != 0, axis=tuple(range(A.ndim - 2))) | np.eye(
            len(A.T), dtype=bool
        )
    return np.ones(A.shape[-2:], bool) if acts is None else np.asarray(acts, bool)


@lru_cache(maxsize=64)
def _blocks(pattern: bytes, n: int) -> Blocks:
    order, start = strong_parts(np.frombuffer(pattern, bool).reshape(n, n))
    sizes = np.diff(start)
    rows = np.full((len(sizes), sizes.max()), n)
    for block, (first, size) in enumerate(zip(start[:-1], sizes, strict=True)):
        rows[block, :size] = order[first : first + size]
    flat = rows.ravel()
    back = np.argsort(np.where(flat < n, flat, n + 1), kind="stable")[:n]
    return Blocks(len(sizes), int(sizes.max()), tuple(flat.tolist()), tuple(back.tolist()))


def _turned(blocks: Blocks) -> Blocks:
    """The blocks of Aᵀ, in which everything flows the other way."""
    rows = np.reshape(blocks.rows, (blocks.number, blocks.size))[::-1].ravel()
    n = len(blocks.back)
    back = np.argsort(np.where(rows < n, rows, n + 1), kind="stable")[:n]
    return blocks._replace(rows=tuple(rows.tolist()), back=tuple(back.tolist()))


def _modes(blocks: Blocks) -> tuple[Any, Any]:
    """The other quadrature of the mode of each row, and the block it belongs to."""
    back = np.array(blocks.back)
    return partners(np.arange(len(back))), back // blocks.size


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _steady_state(blocks: Blocks | None, A: Any, D: Any) -> tuple[Any, Any]:
    """V, finite everywhere, and whether it is a steady state, shape (…, 1, 1).

    Without blocks, the processor's kernels solve.
    """
    if blocks is None:
        return solve_host.covariances(A, D)
    V, decays, solution = _solved(blocks, A, D)
    V = (V + V.mT) / 2
    excess, worse, gain, uncertain = _judged(blocks, A, V, D)
    doubtful = decays & ((excess > 0) | (gain > AMPLIFIED) | (uncertain > FINE))

    def refined(V: Any) -> tuple[Any, Any]:
        better, certain = _refined(solution, A, D, V, doubtful)
        return better, jnp.where(doubtful, certain, worse <= 0)

    V, certain = jax.lax.cond(jnp.any(doubtful), refined, lambda V: (V, worse <= 0), V)
    if blocks.size > 2:  # a superposition of modes may be dark, which no mode by itself shows
        rounded = solution(rounding_of(between(A, *_modes(blocks)), V))
        certain &= holds(V, rounded)[..., None, None]
    stable = decays & certain & jnp.isfinite(V).all((-1, -2), keepdims=True)
    return jnp.where(stable, V, 0.0), stable


@_steady_state.defjvp
def _steady_state_jvp(blocks: Blocks | None, values: Any, tangents: Any) -> tuple[Any, Any]:
    (A, D), (dA, dD) = values, tangents
    V, stable = _steady_state(blocks, A, D)
    driven = dA @ V
    source = jnp.where(stable, driven + driven.mT + dD, 0.0)
    A = jnp.where(stable, A, -jnp.eye(A.shape[-1]))
    dV = jax.lax.custom_linear_solve(
        lambda X: -(A @ X + X @ A.mT),
        source,
        lambda _, R: _solve_again(blocks, A, R),
        lambda _, R: _solve_again(blocks and _turned(blocks), A.mT, R),
    )
    return (V, stable), (dV, np.zeros(stable.shape, jax.dtypes.float0))


def _solve_again(blocks: Blocks | None, A: Any, R: Any) -> Any:
    return solve_host.solution(A, R) if blocks is None else _solve_twice(blocks, A, R)


@partial(jax.jit, static_argnums=0)
def _solve_twice(blocks: Blocks, A: Any, R: Any) -> Any:
    """X of A X + X Aᵀ + R = 0, and what the first solution has left of R solved for once more."""
    X, decays, solution = _solved(blocks, A, R)
    X = X + solution(R + A @ X + X @ A.mT)
    return jnp.where(decays, X, 0.0)


def _solved(blocks: Blocks, A: Any, R: Any) -> tuple[Any, Any, Any]:
    """X of A X + X Aᵀ + R = 0; whether A decays, shape (…, 1, 1); and X as a function of R."""
    if blocks.number == 1:  # nothing to be kept for other blocks: R goes along with A
        _, R, decays = _sign_iteration(A[..., None, :, :], R[..., None, :, :])

        def again(R: Any) -> Any:
            return _sign_iteration(A[..., None, :, :], R[..., None, :, :])[1][..., 0, :, :]

        return R[..., 0, :, :], decays.all(-3), again
    solution, decays = _solver(blocks, A)
    return solution(R), decays, solution


def _solver(blocks: Blocks, A: Any) -> tuple[Any, Any]:
    """X of A X + X Aᵀ + R = 0 as a function of R; and whether A decays, shape (…, 1, 1)."""
    count, size = blocks.number, blocks.size
    rows, back, n = np.array(blocks.rows), np.array(blocks.back), A.shape[-1]
    inside = np.arange(count)

    def padded(X: Any) -> Any:
        X = jnp.pad(X, [(0, 0)] * (X.ndim - 2) + [(0, 1), (0, 1)])
        return X[..., rows[:, None], rows[None, :]]

    def by_blocks(X: Any) -> Any:
        shape = (*X.shape[:-2], count, size, count, size)
        return jnp.swapaxes(X.reshape(shape), -3, -2)

    def together(X: Any) -> Any:
        return jnp.swapaxes(X, -3, -2).reshape(*X.shape[:-4], count * size, count * size)

    scale = _norm(A) / n + 1e-300
    drift = padded(A) - scale * np.diag((rows == n).astype(float))
    diagonal_blocks = by_blocks(drift)[..., inside, inside, :, :]
    across = np.kron(np.tri(count, k=-1), np.ones((size, size))) > 0
    B = jnp.where(across, drift, 0.0)
    (steps, inverses, scales), _, decays = _sign_iteration(diagonal_blocks)

    def diagonal(R: Any) -> Any:
        def advance(step: Any, R: Any) -> Any:
            c, inverse = scales[step][..., None], inverses[step]
            left, right = inverse[..., :, None, :, :], inverse[..., None, :, :, :]
            return (c * R + left @ R @ right.mT / c) / 2

        return jax.lax.fori_loop(0, steps, advance, R) / 2

    def solution(R: Any) -> Any:
        R = padded(R)

        def sweep(_: Any, V: Any) -> Any:
            return together(diagonal(by_blocks(R + B @ V + V @ B.mT)))

        V = jax.lax.fori_loop(0, 2 * count - 1, sweep, jnp.zeros_like(R))
        return V[..., back[:, None], back[None, :]]

    return solution, decays.all(-3)


def _sign_iteration(A: Any, R: Any = None) -> tuple[Any, Any, Any]:
    """A ← ½(cA + A⁻¹/c) for all blocks (…, M, m, m): what the steps did, X, and whether A → −1.

    With an R of the same shape, R ← ½(cR + A⁻¹RA⁻ᵀ/c) goes along and X = R/2; without one, the
    number of steps, A⁻¹ and c of each are kept. c is the same for all blocks of a point. A point
    that has converged is replaced by −1, for which all further steps are the identity.
    """
    unit = -jnp.eye(A.shape[-1])
    point = (*A.shape[:-3], 1, 1, 1)
    recorded = 0 if R is not None else LIMIT

    def norm(X: Any) -> Any:
        return jnp.sqrt(jnp.sum(X * X, axis=(-1, -2, -3), keepdims=True))

    def running(state: Any) -> Any:
        return (state[0] < LIMIT) & ~jnp.all(state[-2])

    def advance(state: Any) -> Any:
        step, A, R, inverses, scales, done, decays = state
        inverse = jnp.linalg.inv(A)
        c = jnp.where(done, 1.0, jnp.sqrt(norm(inverse) / norm(A)))
        new = (c * A + inverse / c) / 2
        # A trace above zero is a sum of eigenvalues' real parts, whose signs never change.
        unstable = (jnp.trace(new, axis1=-2, axis2=-1)[..., None, None] >= 0).any(-3, keepdims=True)
        settled = norm(new - A) <= 1e-8 * norm(new)
        ended = settled | unstable | ~jnp.isfinite(norm(new))
        good = settled & ~unstable & (norm(new - unit) < 1e-6)
        if recorded:
            inverses = inverses.at[step].set(jnp.where(done, unit, inverse))
            scales = scales.at[step].set(c)
        else:
            R = jnp.where(done, R, (c * R + inverse @ R @ inverse.mT / c) / 2)
        decays = jnp.where(done, decays, good)
        return step + 1, jnp.where(done, unit, new), R, inverses, scales, done | ended, decays

    no = jnp.zeros(point, bool)
    R = jnp.zeros(()) if R is None else R
    memory = jnp.zeros((recorded, *A.shape)), jnp.ones((recorded, *point))
    state = jax.lax.while_loop(running, advance, (0, A, R, *memory, no, no))
    steps, _, R, inverses, scales, _, decays = state
    return (steps, inverses, scales), jnp.where(decays, R, 0.0) / 2, decays


def _judged(blocks: Blocks, A: Any, V: Any, D: Any) -> tuple[Any, Any, Any, Any]:
    """By how much the residual exceeds GOOD and POOR on the scale of its rows, what rounding is
    multiplied by, and the error of V relative to its smallest directions, as sign.py estimates it;
    shapes (…, 1, 1)."""
    width = widths(V)[..., None]
    rate = jnp.sqrt(jnp.sum((A * width.mT) ** 2, axis=-1, keepdims=True))
    size = rate * width.mT + width * rate.mT
    R = jnp.abs(A @ V + V @ A.mT + D)
    excess, worse = ((R - x * size).max((-1, -2), keepdims=True) for x in (GOOD, POOR))
    cancelled = small_directions(V, jnp.zeros_like(V))[1][..., None, None]
    gain = jnp.maximum(_amplification(blocks, A, V), slowest(A, V, D))
    return excess, worse, gain, ROUNDING * gain * cancelled


def _amplification(blocks: Blocks, A: Any, V: Any) -> Any:
    """Largest ‖A_II‖‖V_II‖/‖A_II V_II + V_II A_IIᵀ‖ of the blocks, shape (…, 1, 1)."""
    n = A.shape[-1]
    rows = np.reshape(blocks.rows, (blocks.number, blocks.size))
    exists = jnp.asarray((rows < n)[:, :, None] & (rows < n)[:, None])
    rows = np.minimum(rows, n - 1)
    a, v = (jnp.where(exists, X[..., rows[:, :, None], rows[:, None]], 0.0) for X in (A, V))
    rate = jnp.abs(jnp.diagonal(A, axis1=-2, axis2=-1))
    if n % 2 == 0:
        rate = jnp.maximum(rate, rate[..., np.arange(n) ^ 1])
    rate = jnp.where(rows < n, rate[..., rows], 0.0).max(-1)[..., None, None]
    v = v / (jnp.abs(v).max((-1, -2), keepdims=True) + 1e-300)
    driven = a @ v
    gain = jnp.maximum(_norm(a), rate) * _norm(v) / (_norm(driven + driven.mT) + 1e-300)
    return gain.max(-3)


def _refined(solution: Any, A: Any, D: Any, V: Any, doubtful: Any) -> tuple[Any, Any]:
    """V in twice the precision where it is doubtful, and where that settles it (careful.py)."""
    first, unit = V, 2.0 ** jnp.round(jnp.log2(widths(V)))[..., None]
    scaled, noise = A * unit.mT / unit, D / (unit * unit.mT)

    def running(state: Any) -> Any:
        step, _, _, _, _, done = state
        return (step < REFINED) & ~jnp.all(done)

    def advance(state: Any) -> Any:
        step, V, low, last, before, done = state
        area = unit * unit.mT
        R = area * residual(scaled, Pair(V / area, low / area), noise)
        change = solution(R)
        change = (change + change.mT) / 2  # the residual takes A V and its transpose
        new, left = exact_sum(V, low + change)
        size = largest_change(first, change)[..., None, None]
        V, low = jnp.where(done, V, new), jnp.where(done, low, left)
        last, size = jnp.where(done, last, change), jnp.where(done, before, size)
        stalls = size > before / 2
        ended = (size < SETTLED) | (stalls & (size < AT_REST)) | ~jnp.isfinite(size)
        return step + 1, V, low, last, size, done | ended

    far = jnp.full(doubtful.shape, jnp.inf)
    state = (0, V, jnp.zeros_like(V), jnp.zeros_like(V), far, ~doubtful)
    _, V, _, last, size, _ = jax.lax.while_loop(running, advance, state)
    certain = told(V, last) | pairs_told(V, last)
    return V, (size < AT_REST) & certain[..., None, None]


def _norm(X: Any) -> Any:
    """Frobenius norm, on the last two axes, kept."""
    return jnp.sqrt(jnp.sum(X * X, axis=(-1, -2), keepdims=True))
