"""A slow ramp through the parameters: which stable branch the network follows, and where it falls.

The arrays of this file run in the order of the ramp: (lines, points, …).
"""

from typing import Any

import numpy as np

from .motion import motion, settled
from .polynomials import PolynomialSystem, dimensionless, jacobian, nearest_root, root_near

MATCH = 1e-6  # relative distance within which Newton's method has found a known branch
SHORTEST = 1e-6  # step between two points below which a branch has ended there


def ramped(
    exponents: Any, coefficients: Any, fields: Any, growth: Any, stable: Any, start: int
) -> Any:
    """Fields along slow ramps, (lines, points, N); NaN where the network is not at rest.

    Args:
        exponents: of the classical equations in (α, ᾱ), (M, 2N).
        coefficients: of the classical equations, (lines, points, 2N, M).
        fields: branches, (lines, points, B, N).
        growth: of the branches, (lines, points, B).
        stable: which branches are stable, (lines, points, B).
        start: which stable branch to start on.
    """
    lines, points, _, N = fields.shape
    next_branch = _continued(exponents, coefficients, fields, stable)
    followed = np.full((lines, points, N), np.nan + 0j)
    for line in range(lines):
        at = (exponents, coefficients[line], fields[line], growth[line], stable[line])
        begin = np.flatnonzero(stable[line].any(axis=-1))
        if begin.size:
            followed[line] = _walk(*at, next_branch[line], int(begin[0]), start)
    return followed


def _walk(
    exponents: Any,
    coefficients: Any,
    fields: Any,
    growth: Any,
    stable: Any,
    next_branch: Any,
    begin: int,
    start: int,
) -> Any:
    """One line: from point to point on the branch, and by the classical motion where it ends."""
    followed = np.full((len(fields), fields.shape[-1]), np.nan + 0j)
    rank = np.cumsum(stable[begin]) - 1
    branch: int | None = int(np.argmin(np.abs(rank - start) + 1e9 * ~stable[begin]))
    alpha = followed[begin] = fields[begin, branch]
    for p in range(begin + 1, len(fields)):
        if branch is not None:
            after = int(next_branch[p - 1, branch])
            if after < 0:
                end = _carried(exponents, coefficients[p - 1], coefficients[p], alpha)
                after = -1 if end is None else _matching(end, fields[p], stable[p])
            branch = after if after >= 0 else None
        if branch is None:
            flow = motion(exponents, coefficients[p])
            branch, alpha = settled(flow, alpha, fields[p], growth[p], stable[p])
        if branch is not None:
            alpha = followed[p] = fields[p, branch]
    return followed


def _continued(exponents: Any, coefficients: Any, fields: Any, stable: Any) -> Any:
    """The stable branch that continues each one at the next point, (lines, points − 1, B), or −1.

    That is the one next to it by Newton's method at the next point's parameters.
    """
    lines, points, B, N = fields.shape
    if points < 2 or not lines:
        return np.full((lines, max(points - 1, 0), B), -1)
    c = coefficients[:, 1:].reshape(-1, *coefficients.shape[2:])
    system = PolynomialSystem(exponents, np.moveaxis(c, 0, -1))
    before = fields[:, :-1].reshape(-1, B, N)
    after, attracts = fields[:, 1:].reshape(-1, B, N), stable[:, 1:].reshape(-1, B)
    result = np.full((len(c), B), -1)
    for k in range(B):
        alpha = before[:, k].T
        end = root_near(system, np.concatenate([alpha, alpha.conj()]))[:N].T
        result[:, k] = _matching(end, after, attracts)
    return result.reshape(lines, points - 1, B)


def _matching(alpha: Any, branches: Any, stable: Any) -> Any:
    """Which stable branch (…, B, N) the fields (…, N) are, −1 for none."""
    gap = np.abs(branches - alpha[..., None, :])
    size = np.abs(branches).max(axis=-1, keepdims=True)
    gap = (gap / np.maximum(size, np.finfo(float).tiny)).max(axis=-1)
    gap = np.where(np.isnan(gap), np.inf, gap)
    best = np.argmin(gap, axis=-1)[..., None]
    matches = np.take_along_axis(gap, best, -1) <= MATCH
    matches &= np.take_along_axis(stable, best, -1)
    return np.where(matches, best, -1)[..., 0]


def _carried(exponents: Any, begin: Any, end: Any, alpha: Any) -> Any:
    """The stable branch through α at `begin` followed to `end`; None where it stops being one.

    Coefficients go from one point to the next along a straight line, in steps as short as
    Newton's method needs to stay next to the branch.
    """
    N = len(alpha)
    z = np.concatenate([alpha, alpha.conj()])[:, None]
    at, step = 0.0, 0.5
    while at < 1:
        step = min(step, 1 - at)
        c = (begin + (at + step) * (end - begin))[..., None]
        system, units = dimensionless(PolynomialSystem(exponents, c))
        root, near = nearest_root(*system, z / units.unknowns)
        if not near[0]:
            step /= 2
            if step < SHORTEST:
                return None
            continue
        J = jacobian(*system, root)[..., 0] / (units.equations * units.unknowns)
        if np.linalg.eigvals(J).real.max() >= 0:
            return None
        z, at, step = root * units.unknowns, at + step, 2 * step
    return z[:N, 0]
