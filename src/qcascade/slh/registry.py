"""The parts by name, and how a part remembers the call that made it."""

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import numpy as np

from ..base.checks import (
    ArgumentError,
    check_broadcast,
    fail,
    listed,
    nearest,
)
from .component import Component, Recipe, relabelled
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
            return relabelled(component, recipe=Recipe(make.__name__, bound), rates=spelled)

        defaults = {name: p.default for name, p in _signature(make).parameters.items()}
        CATALOGUE[make.__name__], RATES[make.__name__] = made, rates
        return made

    return entered


@lru_cache(maxsize=256)
def _signature(make: Callable[..., Component]) -> inspect.Signature:
    return inspect.signature(make)


def _bound(make: Callable[..., Component], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, known to be this part's and to fit each other."""
    takes = _signature(make)
    for name in kwargs:
        if name not in takes.parameters:
            must = f"be called with: {listed(takes.parameters)}"
            raise fail(make.__name__, must, name, _meant(name, takes).lstrip("; "))
    try:
        bound = _by_name(make, args, kwargs)
    except TypeError as error:
        raise ArgumentError(f"Part `{make.__name__}`: {error}.") from None
    arrays = {name: x for name, x in bound.items() if hasattr(x, "__array_namespace__")}
    if arrays:
        check_broadcast({name: np.shape(x) for name, x in arrays.items()})
    return bound


def _by_name(make: Callable[..., Component], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, in the order of the parameters; TypeError where they do not fit."""
    names, positional, required = _layout(make)
    given = dict(zip(names, args, strict=False)) | kwargs
    fits = len(args) <= positional and len(given) == len(args) + len(kwargs)
    if not fits or not required <= given.keys():
        return _signature(make).bind(*args, **kwargs).arguments  # its sentence says what is wrong
    return {name: given[name] for name in names if name in given}


@lru_cache(maxsize=256)
def _layout(make: Callable[..., Component]) -> tuple[tuple[str, ...], int, frozenset[str]]:
    """Names of parameters, how many may come without theirs, and which must be given."""
    takes = _signature(make)
    every = takes.parameters.values()
    positional = sum(p.kind is not p.KEYWORD_ONLY for p in every)
    required = frozenset(p.name for p in every if p.default is p.empty)
    return tuple(takes.parameters), positional, required


_OTHERS = {
    "transmission": ("loss", "losses", "eta", "attenuation", "efficiency", "reflectivity"),
    "decay": ("kappa", "gamma", "rate", "linewidth", "damping", "decay_rate", "loss"),
    "detuning": ("delta", "frequency", "omega"),
    "occupation": ("temperature", "T", "n", "nbar", "n_th", "thermal"),
    "squeezing": ("r", "xi", "g", "gain", "pump"),
    "coupling": ("g", "g0", "G"),
    "damping": ("gamma", "decay", "linewidth"),
    "rate": ("J", "g", "coupling", "strength"),
    "phase": ("phi", "theta"),
    "kerr": ("K", "U", "chi", "nonlinearity"),
    "dephasing": ("gamma_phi", "pure_dephasing"),
    "amplitude": ("power", "beta", "drive"),
}
"""What others call an argument."""
_HOW = {
    "loss": '; a loss of x is transmission = 1 − x, or "3 dB"',
    "temperature": "; occupation = qc.physics.bose_einstein(frequency, temperature)",
    "power": "; amplitude = qc.physics.drive_amplitude(power, frequency)",
}


def _meant(name: str, takes: inspect.Signature) -> str:
    """The argument that another name may stand for."""
    for own, others in _OTHERS.items():
        if own in takes.parameters and name in others:
            how = _HOW.get(name) if name != "loss" or own == "transmission" else None
            return how or f"; did you mean '{own}'?"
    return nearest(name, takes.parameters)
