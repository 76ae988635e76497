"""Names of arguments that a function does not take, and what they may stand for."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from .checks import ArgumentError, fail, listed, nearest

P = ParamSpec("P")
R = TypeVar("R")


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which answers a wrong name of an argument with the one it may stand for.

    Args:
        function: with arguments that others call otherwise.

    >>> @spoken
    ... def fit(width):
    ...     return width
    >>> fit(sigma=1.0)
    Traceback (most recent call last):
    qcascade.base.errors.ArgumentError: Argument `fit` must be called with: width, but is ...
    """
    takes = dict.fromkeys(signature(function).parameters)

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in takes:
                raise unknown_keyword(function.__name__, name, takes)
        return function(*args, **kwargs)

    return called


def unknown_keyword(
    function: str, name: str, takes: Iterable[str], hint: str = ""
) -> ArgumentError:
    """The error for an argument that a function does not take.

    Args:
        function: its name.
        name: of the argument.
        takes: names of those it takes.
        hint: what is meant, where that is known; else looked up.
    """
    takes = list(takes)
    more = hint or nearest(name, takes).lstrip("; ")
    return fail(function, f"be called with: {listed(takes)}", name, more)
