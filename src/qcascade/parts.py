"""What the catalogue's parts are made with: recipes, ports, square roots of rates."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import numpy as np

from .checks import ArgumentError, check_broadcast, fail, namespace, one_of, plain_name
from .checks import rate as nonnegative
from .component import Component, Recipe, relabelled
from .ladder import Ladder
from .units import angular_frequency

CATALOGUE: dict[str, Callable[..., Component]] = {}
"""Every part by name: what a network file may ask for, and nothing else."""

P = ParamSpec("P")


def part(make: Callable[P, Component]) -> Callable[P, Component]:
    """Enter a function into the catalogue and let its parts remember how they were made."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Component:
        bound = _bound(make, args, kwargs)
        return relabelled(make(*args, **kwargs), recipe=Recipe(make.__name__, bound))

    CATALOGUE[make.__name__] = made
    return made


@lru_cache(maxsize=256)
def _signature(make: Callable[..., Component]) -> inspect.Signature:
    return inspect.signature(make)


def _bound(make: Callable[..., Component], args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, known to be this part's and to fit each other."""
    takes = _signature(make)
    for name in kwargs:
        one_of(f"{make.__name__}", name, takes.parameters, "called with")
    try:
        bound = takes.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise ArgumentError(f"Part `{make.__name__}`: {error}.") from None
    check_broadcast(
        {name: np.shape(x) for name, x in bound.items() if hasattr(x, "__array_namespace__")}
    )
    return bound


def through(
    couplings: Sequence[tuple[str, Ladder]],
    H: Ladder,
    modes: Sequence[str],
    occupation: Any = None,
) -> Component:
    """A part whose fields pass it unscattered (S = 1): one port "in<suffix>" per coupling."""
    inputs = tuple("in" + suffix for suffix, _ in couplings)
    occupations = _per_port(occupation, inputs)
    return Component(
        S=np.eye(len(couplings)),
        L=tuple(L for _, L in couplings),
        H=H,
        modes=tuple(modes),
        inputs=inputs,
        outputs=tuple("out" + suffix for suffix, _ in couplings),
        occupations={port: n for port, n in occupations.items() if n is not None},
    )


def _per_port(occupation: Any, inputs: tuple[str, ...]) -> Mapping[str, Any]:
    """Occupations by input: given by name, as a list in the ports' order, or one for all."""
    if isinstance(occupation, Mapping):
        for name in occupation:
            one_of("occupation", name, inputs, "an input port")
        return {name: bath(f"occupation[{name}]", n) for name, n in occupation.items()}
    if isinstance(occupation, list | tuple):
        if len(occupation) != len(inputs):
            raise fail("occupation", f"hold {len(inputs)} numbers, one per port", occupation)
        each = enumerate(occupation)
        return dict(zip(inputs, (bath(f"occupation[{k}]", n) for k, n in each), strict=True))
    return dict.fromkeys(inputs, bath("occupation", occupation))


def bath(name: str, occupation: Any) -> Any:
    """The occupation of a bath, or None where an input is left open."""
    return None if occupation is None else nonnegative(name, occupation)


def decays(decay: Any, name: str = "decay") -> list[tuple[str, Any]]:
    """Port suffixes and rates: one port "in", or "in1, in2, …", or "in_left, …" by name."""
    if isinstance(decay, Mapping):
        ports = {plain_name(name, port): k for port, k in decay.items()}
        return [(f"_{port}", decay_rate(f"{name}[{port}]", k)) for port, k in ports.items()]
    if isinstance(decay, list | tuple):
        return [(f"{j}", decay_rate(f"{name}[{j - 1}]", k)) for j, k in enumerate(decay, 1)]
    return [("", decay_rate(name, decay))]


def decay_rate(name: str, value: Any) -> Any:
    """A rate, zero or above: a number, or text with a unit."""
    return nonnegative(name, angular_frequency(name, value))


def root(value: Any) -> Any:
    return namespace(value).sqrt(value)


def passive(
    S: Any, inputs: Sequence[str], outputs: Sequence[str], occupations: Mapping[str, Any]
) -> Component:
    """A part without modes: only scattering."""
    given = {port: bath("occupation", n) for port, n in occupations.items() if n is not None}
    nothing = Ladder({})
    return Component(S, (nothing,) * len(inputs), nothing, (), tuple(inputs), tuple(outputs), given)


def matrix(rows: Sequence[Sequence[Any]]) -> Any:
    """A matrix (…, p, p) from entries that may be arrays."""
    entries = [x for row in rows for x in row]
    xp = namespace(*entries)
    spread = xp.broadcast_arrays(*[xp.asarray(x) for x in entries])
    flat = xp.stack(spread, axis=-1)
    return flat.reshape(*flat.shape[:-1], len(rows), len(rows))
