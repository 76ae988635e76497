"""Steady states that are solved for on the way through a function: seen, or solved another way.

A point function hands out numbers only. Whoever searches over it has to know how far from its
threshold a model was, and whether another solver finds the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..base.checks import fail

Solver = Callable[[Any, Any], tuple[Any, Any]]

_drifts: ContextVar[list[Any] | None] = ContextVar("drifts seen", default=None)
_solver: ContextVar[Solver | None] = ContextVar("solver to use", default=None)


@contextmanager
def drifts_seen() -> Iterator[list[Any]]:
    """The drift of every A V + V Aᵀ + D = 0 that is solved inside, in a list that fills."""
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


def see_unknown(what: str) -> None:
    """Refuse what has a steady state, but no drift that tells how far from threshold it is.

    Args:
        what: it is, in words.

    Raises:
        ArgumentError: where drifts are looked at.
    """
    if _drifts.get() is not None:
        raise fail("point", "be of models whose distance from threshold is known", what)


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
