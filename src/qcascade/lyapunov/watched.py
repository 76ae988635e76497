"""Steady states that are solved for on the way through a function: seen, or solved another way.

A point function hands out numbers only. Whoever searches over it has to know how far from its
threshold a model was, and whether another solver finds the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from .rates import slowest_decay

Solver = Callable[[Any, Any], tuple[Any, Any]]


class Rates(NamedTuple):
    """What has a steady or a periodic state, but no drift: how fast it grows, and its own rates.

    Args:
        growth: rate of the slowest deviation, (…), negative where it decays.
        own: the smallest rate at which the amplitude of a mode decays by itself, (…).
    """

    growth: Any
    own: Any


_drifts: ContextVar[list[Any] | None] = ContextVar("drifts seen", default=None)
_solver: ContextVar[Solver | None] = ContextVar("solver to use", default=None)


@contextmanager
def drifts_seen() -> Iterator[list[Any]]:
    """The drift of every A V + V Aᵀ + D = 0 that is solved inside, in a list that fills; `Rates`
    of what has none."""
    drifts: list[Any] = []
    token = _drifts.set(drifts)
    try:
        yield drifts
    finally:
        _drifts.reset(token)


@contextmanager
def solved_by(solver: Solver) -> Iterator[None]:
    """Have every A V + V Aᵀ + D = 0 inside solved by another function of A and D.

    Args:
        solver: of arrays (…, n, n), giving V and whether it is a steady state, (…).
    """
    token = _solver.set(solver)
    try:
        yield
    finally:
        _solver.reset(token)


def see(A: Any) -> None:
    """Tell of a drift whose steady state is solved for.

    Args:
        A: (…, n, n).
    """
    drifts = _drifts.get()
    if drifts is not None:
        drifts.append(A)


def see_rates(growth: Callable[[], Any], drift: Callable[[], Any]) -> None:
    """Tell of what has a state that lasts, but no drift; nothing is computed where nobody looks.

    Args:
        growth: gives the rate of the slowest deviation, (…).
        drift: gives a drift, or one on average, (…, n, n), whose diagonal has the modes' own rates.
    """
    drifts = _drifts.get()
    if drifts is not None:
        drifts.append(Rates(growth(), slowest_decay(drift())))


@contextmanager
def unseen() -> Iterator[None]:
    """Solve for what is no model of the point function, but helps to find its state."""
    token = _drifts.set(None)
    try:
        yield
    finally:
        _drifts.reset(token)


def other_solver() -> Solver | None:
    """The function that is to be used, if there is one."""
    return _solver.get()
