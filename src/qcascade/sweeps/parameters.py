"""Which parameters a point function takes, before it is called."""

import inspect
from collections.abc import Iterable, Mapping

from ..base.checks import ArgumentError, fail, listed, nearest
from .points import Point, name_of


def parameters_of(point: Point) -> Mapping[str, inspect.Parameter]:
    """The parameters of a point function by name.

    Args:
        point: the function.

    Raises:
        ArgumentError: for what is no function, or does not take its parameters by name.

    >>> list(parameters_of(lambda gain, loss=0.1: {}))
    ['gain', 'loss']
    """
    if not callable(point):
        raise fail("point", "be a function", point)
    try:
        takes = inspect.signature(point).parameters
    except (TypeError, ValueError):  # as for some functions written in C
        raise fail("point", "be a function that tells its parameters", point) from None
    for name, p in takes.items():
        if p.kind is p.POSITIONAL_ONLY:
            raise fail("point", "take its parameters by name", f"{name_of(point)}({name}, /)")
    return takes


def check_takes(
    point: Point, names: Iterable[str], argument: str, verb: str, options: Iterable[str] = ()
) -> None:
    """Refuse names that a point function does not take, and what it takes and has no value.

    Args:
        point: the function.
        names: of the parameters that get a value.
        argument: that has the names.
        verb: what is to be done with them.
        options: of the verb, which another name may stand for.

    Raises:
        ArgumentError: for an unknown name, a missing one, or no name at all.
    """
    takes, names = parameters_of(point), list(names)
    if not names:
        raise ArgumentError(f"Argument `{argument}` must name at least one parameter to {verb}.")
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in takes.values()):
        return
    for name in names:
        if name not in takes:
            known = f"parameters: {listed(takes)}{nearest(name, [*takes, *options])}"
            raise fail(argument, f"name parameters of {name_of(point)}", name, known)
    for name, p in takes.items():
        if p.default is p.empty and name not in names:
            must = f"give every parameter of {name_of(point)} without a default"
            raise fail(argument, must, name)
