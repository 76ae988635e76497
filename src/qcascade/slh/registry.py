"""The parts by name, and how a part remembers the call that made it."""

import inspect
from collections.abc import Callable, Collection
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from ..base.checks import check_broadcast, fail, listed
from ..base.keywords import misfit
from ..base.synonyms import meant, nearest_argument
from .component import Component, Recipe
from .rates import joined, rates_of

CATALOGUE: dict[str, Callable[..., Component]] = {}
"""Every part by name: what a network file may ask for, and nothing else."""

RATES: dict[str, tuple[str, ...]] = {}
"""Which of a part's parameters are rates, by part."""

P = ParamSpec("P")


def part(
    *rates: str,
) -> Callable[[Callable[P, Component]], Callable[P, Component]]:
    """Enter a function into the catalogue and let its parts remember how they were made.

    Args:
        *rates: those of its parameters that are rates, which must not mix numbers and units.
    """

    def entered(make: Callable[P, Component]) -> Callable[P, Component]:
        @wraps(make)
        def made(*args: P.args, **kwargs: P.kwargs) -> Component:
            bound = _bound(make, args, kwargs)
            component = make(*args, **kwargs)
            given = {name: bound.get(name, defaults[name]) for name in rates}
            spelled = rates_of(given)
            if spelled.measured:
                joined([("", spelled)])
            object.__setattr__(component, "recipe", Recipe(make.__name__, bound))
            object.__setattr__(component, "rates", spelled)
            return component

        defaults = {name: p.default for name, p in _signature(make).parameters.items()}
        CATALOGUE[make.__name__], RATES[make.__name__] = made, rates
        return made

    return entered


@lru_cache(maxsize=256)
def _signature(make: Callable[..., Component]) -> inspect.Signature:
    return inspect.signature(make)


def _bound(make: Callable[..., Component], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, known to be this part's and to fit each other."""
    names, positional, required = _layout(make)
    given = dict(zip(names, args, strict=False)) | kwargs
    fits = len(args) <= positional and len(given) == len(args) + len(kwargs)
    if fits and required <= given.keys() <= names.keys():
        bound = {name: given[name] for name in names if name in given}
    else:
        bound = _bound_by_python(make, args, kwargs)
    shapes = {name: x.shape for name, x in bound.items() if hasattr(x, "__array_namespace__")}
    if shapes:
        check_broadcast(shapes)
    return bound


def _bound_by_python(make: Callable[..., Component], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, or a sentence on which of them do not fit."""
    takes = _signature(make)
    unknown = next((name for name in kwargs if name not in takes.parameters), "")
    hint = _meant(make.__name__, unknown, takes.parameters) if unknown else ""
    unfit = misfit(make, args, kwargs, hint)
    if unfit is not None:
        raise unfit
    return takes.bind(*args, **kwargs).arguments


@lru_cache(maxsize=256)
def _layout(make: Callable[..., Component]) -> tuple[dict[str, None], int, frozenset[str]]:
    """Names of parameters, how many may come without theirs, and which must be given."""
    takes = _signature(make)
    every = takes.parameters.values()
    positional = sum(p.kind is not p.KEYWORD_ONLY for p in every)
    required = frozenset(p.name for p in every if p.default is p.empty)
    return dict.fromkeys(takes.parameters), positional, required


def check_argument(where: str, part: str, name: str) -> None:
    """Refuse what is no argument of a part, with the one it may stand for.

    Args:
        where: what to call the part in the error.
        part: its name in the catalogue.
        name: of the argument.

    Raises:
        ArgumentError: when the part has no such argument.
    """
    takes = _signature(CATALOGUE[part]).parameters
    if name not in takes:
        must = f"be an argument of {part}: {listed(takes)}"
        raise fail(where, must, name, _meant(part, name, takes))


_BEFORE = {
    "squeezing": ("squeezed_mode", "pair_source", "squeezed_light"),
    "rate": ("local_bath", "common_bath"),
    "damping": ("mechanical_mode", "optomechanical_cavity", "spinning_resonator"),
}
"""Parts that had an argument of this name in 0.1."""


def _meant(part: str, name: str, takes: Collection[str]) -> str:
    """The argument that another name may stand for."""
    own = meant(name, takes)
    if own is not None and part in _BEFORE.get(name, ()):
        return f"`{name}` of part {part} is now `{own}`"
    return nearest_argument(part, name, takes)
