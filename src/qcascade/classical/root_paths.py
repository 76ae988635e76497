"""Roots followed along paths of coefficients: a predictor of fifth order and Newton's method.

One lane of the arrays below is one path: one root on its way to one parameter point. Paths stand
last in every array, so that a step of all of them is one product; the unknowns are few.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .polynomials import monomials, newton, solve

CHUNK = 2_000_000  # coefficients of all paths followed together, to bound the memory
LONGEST = 1000  # steps of a path, which takes about 50; the first time, since some have no end
CLOSE, CLOSER = 1e-3, 1e-6  # how far a prediction may be off, relative to the root


Tell = Callable[[int, int], None]  # paths done, paths in all


def with_most_roots(exponents: Any, start: Any, ends: Any, z: Any, tell: Tell) -> tuple[Any, Any]:
    """Of systems (n, M, members) with equally many roots, the one at which most paths arrive."""
    total = ends.shape[-1] * z.shape[1]
    roots, arrived = z[:, None], np.ones((1, z.shape[1]), bool)
    for tolerance in (CLOSE, CLOSER):
        roots, s = _follow(exponents, start, ends, z, tolerance, lambda done: tell(done, total))
        repeated = _repeated(roots, s)
        arrived = (s == 0) & ~repeated
        # Paths to infinity are given up close to the end. One that stopped far from it, one that
        # came to another one's root, or members that disagree tell that steps were too long.
        if len(set(arrived.sum(-1))) == 1 and not np.any(repeated | (s > 1e-2)):
            break
    best = int(np.argmax(arrived.sum(-1)))
    return ends[..., best], roots[:, best, arrived[best]]


def follow_safely(
    exponents: Any, start: Any, end: Any, z: Any, tell: Tell, longest: int
) -> tuple[Any, Any]:
    """Ends of the paths in chunks, and which points are complete.

    Where two paths met (one may have jumped) or one stuck, all are followed again, more closely.
    """
    Q, K = end.shape[-1], z.shape[1]
    ends, complete = np.empty((len(z), Q, K), complex), np.ones(Q, bool)

    def follow(some: Any, tolerance: float, passed: Callable[[int], None] | None = None) -> None:
        ends[:, some], s = _follow(exponents, start, end[..., some], z, tolerance, passed, longest)
        complete[some] = np.all((s == 0) & ~_repeated(ends[:, some], s), axis=-1)

    for chunk in np.array_split(np.arange(Q), 1 + Q * K * start.size // CHUNK):
        before = int(chunk[0]) * K
        follow(chunk, CLOSE, lambda done, before=before: tell(before + done, Q * K))
        again = chunk[~complete[chunk]]
        if again.size:
            follow(again, CLOSER)
    return ends, complete


def _repeated(ends: Any, s: Any) -> Any:
    """Paths (Q, K) that arrived at a root after another one did, seen in one projection."""
    # Equal vectors have equal projections, and different ones do not, with probability one; sorted
    # by it, equal roots are neighbours, which saves comparing all pairs.
    shadow = np.einsum("n,nqk->qk", np.exp(1j * np.arange(len(ends))), ends)
    shadow = np.where(s == 0, shadow, np.nan)
    order = np.argsort(shadow, axis=-1)
    ranked = np.take_along_axis(shadow, order, axis=-1)
    close = np.zeros(shadow.shape, bool)
    close[:, 1:] = np.abs(np.diff(ranked, axis=-1)) < 1e-7 * np.abs(ranked[:, 1:])
    repeated = np.zeros_like(close)
    np.put_along_axis(repeated, order, close, axis=-1)
    return repeated


def _follow(
    exponents: Any,
    start: Any,
    end: Any,
    z: Any,
    tolerance: float,
    passed: Callable[[int], None] | None = None,
    longest: int = LONGEST,
) -> tuple[Any, Any]:
    """Follows roots z (n, K) from coefficients start (n, M) to end (n, M, Q), K paths for each.

    c(s) = c_end + s (c_start − c_end), s from 1 to 0: Runge–Kutta along the tangent, Newton
    back onto the path, steps halved until Newton moves the prediction by less than `tolerance`.
    Where the last coefficients span many decades, so do s and the roots on the way to them.

    Returns:
        Where the paths got, (n, Q, K), and s there, (Q, K): 0 for those that arrived; the others
        run to infinity or into a multiple root.
    """
    # A path is one root on its way to one parameter point. All K·Q of them stand side by side in
    # the last axis and take a step together, each of its own length. Those that have arrived or
    # are given up leave the arrays, so that steps cost less and less.
    (n, K), Q = z.shape, end.shape[-1]
    point = np.repeat(np.arange(Q), K)
    smallest = _smallest(end)[point]
    # The last stretch of a path begins where s·c_start falls below the smallest coefficient at the
    # end: steps must be allowed to become that short, and roots that large.
    give_up, far = 1e-12 * smallest, np.minimum(1e6 / smallest, 1e60)
    z, s, h = np.tile(z, Q), np.ones(Q * K), np.full(Q * K, 0.05)
    live = np.arange(Q * K)
    for _ in range(longest):
        last = end[..., point[live]]
        turn = start[..., None] - last
        at, roots = s[live], z[:, live]
        # The last step ends at s = 0 itself, where c is c_end to the last bit.
        step = np.minimum(h[live], at)
        # f(c(s), z(s)) = 0 along the path, so dz/ds = −J⁻¹ f(dc/ds, z). Four slopes of it predict z
        # to fifth order in the step, and two corrections by Newton bring it back onto the path.
        k1 = _tangent(exponents, last + at * turn, turn, roots)
        middle = last + (at - step / 2) * turn
        k2 = _tangent(exponents, middle, turn, roots - step / 2 * k1)
        k3 = _tangent(exponents, middle, turn, roots - step / 2 * k2)
        goal = last + (at - step) * turn
        k4 = _tangent(exponents, goal, turn, roots - step * k3)
        moved = roots - step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        first = newton(exponents, goal, moved)
        moved = moved - first
        second = newton(exponents, goal, moved)
        moved = moved - second
        # The first correction measures the prediction, and the second must have next to nothing
        # left to do: otherwise another root is within reach, and paths jump.
        size = np.abs(moved).max(axis=0) + 1e-8 * smallest[live]
        error = np.abs(first).max(axis=0) / size
        good = (error < tolerance) & (np.abs(second).max(axis=0) < 1e-3 * tolerance * size)
        z[:, live] = np.where(good, moved, roots)
        s[live] = np.where(good, at - step, at)
        # The error of a step grows as its fifth power: 40 times below the tolerance, twice the step
        # fits.
        h[live] = step * np.where(good, np.where(error < tolerance / 40, 2.0, 1.0), 0.5)
        near = np.abs(z[:, live]).max(axis=0) < far[live]
        live = live[(s[live] > 0) & (h[live] > give_up[live]) & near]
        if passed:
            passed(Q * K - live.size)
        if not live.size:
            break
    return z.reshape(n, Q, K), s.reshape(Q, K)


def _smallest(coefficients: Any) -> Any:
    """Smallest coefficient of each point relative to the largest of its equation, (points,)."""
    size = np.abs(coefficients)
    ratio = size / np.maximum(size.max(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.where(ratio > 0, ratio, 1.0).min(axis=(0, 1), initial=1.0)


def _tangent(exponents: Any, c: Any, turn: Any, z: Any) -> Any:
    """dz/ds along the path on which the coefficients change as dc/ds = `turn`."""
    value, slopes = monomials(exponents, z)
    return -solve(np.einsum("kmp,mvp->kvp", c, slopes), np.einsum("kmp,mp->kp", turn, value))
