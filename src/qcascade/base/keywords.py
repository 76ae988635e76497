"""Arguments and attributes that are not there, or not given, and what to write instead.

Nothing is looked at before a call fails: a call that fits costs what it costs without this.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from inspect import Parameter, getdoc, signature
from typing import Any, ParamSpec, TypeVar

from .checks import CallError, listed, shown
from .synonyms import attribute, nearest_argument

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which answers a call that does not fit with what it takes.

    A wrong name of an argument is answered with the one it may stand for, a missing argument with
    what the docstring says of it.

    Args:
        function: with a docstring that documents its arguments.

    >>> @spoken
    ... def fit(width):
    ...     \"\"\"Fit.
    ...
    ...     Args:
    ...         width: standard deviation, positive.
    ...     \"\"\"
    >>> fit(sigma=1.0)
    Traceback (most recent call last):
    qcascade.base.errors.CallError: Argument `fit` must be called with: width, but is 'sigma' ...
    >>> fit()
    Traceback (most recent call last):
    qcascade.base.errors.CallError: Argument `width` of `fit` must be given: standard deviation, ...
    """

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            unfit = misfit(function, args, kwargs)
            if unfit is None or isinstance(error, CallError):  # raised further inside
                raise
            raise unfit from None

    return called


def spoken_record(called: str) -> Callable[[type[T]], type[T]]:
    """The same for a class: for calls of it, and for attributes that its instances do not have.

    Args:
        called: what users call an instance, "state".
    """

    def heard(kind: type[T]) -> type[T]:
        make = kind.__init__

        @wraps(make)
        def made(self: T, *args: Any, **kwargs: Any) -> None:
            try:
                make(self, *args, **kwargs)
            except TypeError as error:
                unfit = misfit(kind, args, kwargs)
                if unfit is None or isinstance(error, CallError):
                    raise
                raise unfit from None

        def missing(self: T, name: str) -> Any:
            raise no_attribute(self, name, called)

        kind.__init__ = made
        if "__getattr__" not in vars(kind):
            kind.__getattr__ = missing  # type: ignore[attr-defined]
        return kind

    return heard


def no_attribute(record: Any, name: str, called: str) -> AttributeError:
    """The error for an attribute that a record does not have.

    Args:
        record: of a public class.
        name: of the attribute.
        called: what users call such a record, "state".
    """
    kind = type(record).__name__
    if name.startswith("_"):  # asked for by Python and by libraries, without a reader
        return AttributeError(f"{kind!r} object has no attribute {name!r}")
    own = [x for x in dir(type(record)) if not x.startswith("_")]
    fields = [x for x in vars(record) if not x.startswith("_")]
    verbs = [x for x in own if callable(getattr(type(record), x))]
    told = attribute(kind, called, name, dict.fromkeys([*own, *fields]), verbs)
    return AttributeError(f"A {kind} has no `{name}`{told}")


def misfit(
    function: Callable[..., Any], args: Iterable[Any], kwargs: Iterable[str], hint: str = ""
) -> CallError | None:
    """The error for arguments that a function or class cannot be called with; None where it can.

    Args:
        function: to be called.
        args: those given without a name.
        kwargs: names of the others.
        hint: what an unknown name stands for, where that is known; else looked up.
    """
    takes = signature(function).parameters
    name = function.__name__
    kinds = {p.kind for p in takes.values()}
    for other in kwargs:
        if other not in takes and Parameter.VAR_KEYWORD not in kinds:
            return unknown_keyword(name, other, takes, hint)
    placed = [x for x, p in takes.items() if p.kind in _PLACED]
    number = len([*args])
    if number > len(placed) and Parameter.VAR_POSITIONAL not in kinds:
        named = [x for x, p in takes.items() if p.kind is Parameter.KEYWORD_ONLY]
        more = f" (by name: {listed(named)})" if named else ""
        told = f"{listed(placed)}{more}"
        return CallError(f"`{name}` takes {told}, but {number} arguments are given without names.")
    twice = [x for x in placed[:number] if x in kwargs]
    if twice:
        return CallError(f"Argument `{twice[0]}` of `{name}` must be given once.")
    missing = [
        x
        for x, p in takes.items()
        if p.default is p.empty
        and p.kind in (*_PLACED, Parameter.KEYWORD_ONLY)
        and x not in placed[:number]
        and x not in kwargs
    ]
    return _missing(function, missing) if missing else None


_PLACED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def _missing(function: Callable[..., Any], names: list[str]) -> CallError:
    """The sentence that says what the first of the missing arguments must be."""
    told = _documented(getdoc(function) or "", names[0])
    others = ", ".join(f"`{x}`" for x in names[1:])
    more = f" Missing too: {others}." if others else ""
    which = f"Argument `{names[0]}` of `{function.__name__}`"
    return CallError(f"{which} must be given{told}.{more}")


def _documented(text: str, name: str) -> str:
    """What a docstring says of an argument, up to the first stop."""
    entry = re.search(rf"^( *)\**{re.escape(name)}: (.*(?:\n\1 +\S.*)*)", text, re.MULTILINE)
    if entry is None:  # as under `python -OO`
        return ""
    sentence = re.split(r"\. |\.$", " ".join(entry[2].split()), maxsplit=1)[0]
    return f": {sentence if len(sentence) <= _LONG else sentence.partition('; ')[0]}"


_LONG = 160
"""Characters of a sentence that is told whole."""


def unknown_keyword(function: str, name: str, takes: Iterable[str], hint: str = "") -> CallError:
    """The error for an argument that a function does not take.

    Args:
        function: its name.
        name: of the argument.
        takes: names of those it takes.
        hint: what is meant, where that is known; else looked up.
    """
    takes = list(takes)
    more = hint or nearest_argument(function, name, takes)
    tail = f" ({more})" if more else ""
    must = f"be called with: {listed(takes)}" if takes else "be called without arguments"
    return CallError(f"Argument `{function}` must {must}, but is {shown(name)}{tail}.")
