"""The classical motion of a network at one point, integrated in its own units until it rests."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, complex_number, fail, listed, mapping
from .polynomials import PolynomialSystem, dimensionless

PATIENCE = 2e4  # longest time that is waited for rest, in units of the fastest rate
WINDOW = 2.0  # decay times of the slowest branch between two looks at the motion
RETURN = 0.1  # of the extent: how close motion that goes on comes to where it has been


class Motion(NamedTuple):
    """The classical equations in units of the fastest rate and of each mode's natural field.

    Args:
        rates: dα/dt for fields α (N,), both in those units; called as SciPy does, (t, α).
        fastest: the largest sum of rates of any mode: the unit of rates.
        fields: the unit of every field, (N,).
    """

    rates: Callable[[float, Any], Any]
    fastest: float
    fields: Any


def motion(exponents: Any, coefficients: Any) -> Motion:
    """The motion at one point.

    Args:
        exponents: of the classical equations in (α, ᾱ), (M, 2N).
        coefficients: of the classical equations, (2N, M).
    """
    system, units = dimensionless(PolynomialSystem(exponents, coefficients[..., None]))
    N = len(coefficients) // 2
    rows = (system.coefficients / (units.equations * units.unknowns)[:, None])[:N, :, 0]
    fastest = float(np.abs(rows).sum(1).max(initial=0.0)) or 1.0
    # Term by term: there are few, so arrays would only cost time.
    factors = [[v for v, e in enumerate(m) for _ in range(e)] for m in exponents.tolist()]
    terms = [
        [(complex(c), at) for c, at in zip(row, factors, strict=True) if c]
        for row in rows / fastest
    ]

    def rates(_: float, alpha: Any) -> Any:
        z = alpha.tolist()
        z += [x.conjugate() for x in z]
        result = []
        for poly in terms:
            rate = 0j
            for c, at in poly:
                for v in at:
                    c *= z[v]
                rate += c
            result.append(rate)
        return np.array(result)

    return Motion(rates, fastest, units.unknowns[:N, 0])


def start_fields(modes: Sequence[str], start: Mapping[str, Any]) -> Any:
    """α to begin with, in the order of the modes; those left out are zero.

    Args:
        modes: names.
        start: α by mode.
    """
    for mode, alpha in mapping("start", start, "modes to numbers").items():
        if mode not in modes:
            raise fail("start", "name modes", mode, f"modes: {listed(modes)}")
        if np.ndim(complex_number(f"start[{mode}]", alpha)):
            raise fail(f"start[{mode}]", "be one number", alpha)
    return np.array([complex(start.get(m, 0.0)) for m in modes])


def integrated(
    rates: Callable[[float, Any], Any],
    y: Any,
    time: float,
    events: Any = None,
    dense: bool = False,
) -> Any:
    """SciPy's result for dy/dt = rates from y over a time, in units where both are near one."""
    from scipy.integrate import solve_ivp

    result = solve_ivp(
        rates,
        (0.0, time),
        y,
        "DOP853",
        first_step=min(time, 1e-2),
        rtol=1e-9,
        atol=1e-9,
        events=events,
        dense_output=dense,
    )
    if not result.success or not np.all(np.isfinite(result.y[:, -1])):
        raise ArgumentError(f"Argument `net` cannot be integrated: {result.message}")
    return result


def settled(
    flow: Motion, alpha: Any, branches: Any, growth: Any, stable: Any
) -> tuple[int | None, Any]:
    """The stable branch on which the motion from α comes to rest, and the last field.

    Args:
        flow: the motion.
        alpha: where it starts, (N,).
        branches: all branches, (B, N), NaN where there are fewer.
        growth: of the branches, (B,).
        stable: which of them are stable, (B,).

    Returns:
        The number of the branch, None where the motion goes on, or longer than can be waited
        for; and α at the end.
    """
    branches, y = branches / flow.fields, np.asarray(alpha) / flow.fields
    if not stable.any():
        return None, integrated(flow.rates, y, WINDOW / SLOW).y[:, -1] * flow.fields
    slowest = np.abs(growth[stable]).min() / flow.fastest
    window = min(WINDOW / slowest, PATIENCE / 10)
    room = _room(branches)
    before, distance, looks = None, np.inf, []
    for look in range(int(PATIENCE / min(window, PATIENCE / 60))):
        orbit = integrated(flow.rates, y, window).y
        y = orbit[:, -1]
        gaps = np.where(stable, np.abs(branches - y).max(axis=1), np.inf)
        nearest = int(np.argmin(gaps))
        if gaps[nearest] < 1e-2 * room[nearest]:
            if gaps[nearest] < 1e-6 * room[nearest]:
                return nearest, y * flow.fields
            if nearest == before and gaps[nearest] < distance / 2:
                return nearest, y * flow.fields
            before, distance = nearest, gaps[nearest]
        looks.append((look * window * slowest, *_extent(orbit)))
        if _goes_on(looks):
            break
    return None, y * flow.fields


SLOW = 0.05  # of the fastest rate: the decay that is assumed where no branch is stable


def _room(branches: Any) -> Any:
    """Distance from each branch to the next one, or its size where it is alone."""
    gaps = np.abs(branches[:, None] - branches).max(axis=-1)
    np.fill_diagonal(gaps, np.nan)
    size = np.maximum(np.abs(branches).max(axis=1), 1.0)
    return np.fmin(np.nan_to_num(gaps, nan=np.inf).min(axis=1), size)


def _extent(orbit: Any) -> tuple[float, bool]:
    """How far the motion goes from where it ends, and whether it had been there before."""
    distance = np.abs(orbit - orbit[:, -1:]).max(axis=0)
    extent = float(distance.max())
    left = np.flatnonzero(distance > extent / 2)
    returned = left.size and distance[: left[-1]].min(initial=np.inf) < RETURN * extent
    return extent, bool(returned)


def _goes_on(looks: list[tuple[float, float, bool]]) -> bool:
    """Whether the motion keeps its extent while the slowest branch would have decayed.

    A motion past the end of a branch may creep for long before it leaves; it does not return.
    """
    now, extent, returned = looks[-1]
    earlier = [e for t, e, back in looks if back and t <= now - 1.5 * WINDOW]
    return returned and len(earlier) > 1 and extent > 0.6 * earlier[-1]
