"""What the result of a point function depends on, in words that can be compared.

Two runs may share their results only if nothing that goes into a point has changed: the code,
the values it closes over, the helpers and classes of one's own it uses, the packages it calls.
Comments, annotations, line numbers and the names of functions and variables are free.
"""

import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from ..base.checks import fail, listed
from .digests import short
from .objects import of_its_own
from .owners import PACKAGES, version_of
from .reach import Walk

WHOLE = "how its parts refer to each other"
"""The entry that decides whether two functions are the same, whatever their parts are called."""

KINDS = ("function ", "value ", "default ", "argument ", "package ")
"""How the names of the parts begin."""


@cache
def versions() -> Mapping[str, str]:
    """The versions of Python, qcascade, and what computes its numbers."""
    python = "{}.{}".format(*sys.version_info[:2])
    return {"python": python, **{name: version_of(name) for name in ("qcascade", *PACKAGES)}}


def fingerprint(point: Callable[..., Any]) -> dict[str, str]:
    """What a function depends on, by name.

    Looked at are its code and that of every function and class of one's own that it reaches (not
    of this or installed packages: their versions count), with defaults, closures, global values,
    attributes of modules, classes and objects, methods and properties, what decorators and
    partial functions hold. Not looked at: files it reads, state inside objects that do not tell
    it (locks, open files), functions it finds by name while running.

    Args:
        point: the function.

    Raises:
        ArgumentError: when values are nested too deeply to be looked at.

    >>> rate = 2.0
    >>> def double(x):
    ...     return rate * x
    >>> [name for name in fingerprint(double) if name != WHOLE]
    ['function double', 'value rate']
    """
    walk = Walk(_innermost(point))
    try:
        text = walk.look(point, "point")
    except RecursionError:
        must = "refer to values that are not nested hundreds of times"
        raise fail("point", must, short(repr(point))) from None
    if not walk.told:  # a function written in C
        walk.tell("function point", text)
    return {WHOLE: walk.whole, **walk.told}


def _innermost(point: Any) -> Any:
    """The function that is looked at wherever it is from."""
    while True:
        inner = point.func if isinstance(point, partial) else of_its_own(point, "__wrapped__")
        if not callable(inner):
            return point
        point = inner


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The entries in which two fingerprints differ, as the end of a sentence; empty if none.

    Other names for the same parts are no difference, as long as the parts are used in the same way.

    Args:
        before: a fingerprint.
        now: another.

    >>> differences({"value rate": "2.0"}, {"value rate": "3.0"})
    'value rate was 2.0 and is 3.0'
    """
    names = [*before, *(name for name in now if name not in before)]
    changed = [name for name in names if before.get(name) != now.get(name)]
    if WHOLE in now and before.get(WHOLE) == now[WHOLE]:
        changed = [name for name in changed if not name.startswith(KINDS)]
    if len(changed) > 1 and WHOLE in changed:
        changed.remove(WHOLE)
    # First what is still there under its name.
    changed.sort(key=lambda name: (name not in before) + (name not in now))
    texts = [
        f"{name} was {before.get(name, 'absent')} and is {now.get(name, 'absent')}"
        for name in changed
    ]
    return listed(texts, 4) if texts else ""
