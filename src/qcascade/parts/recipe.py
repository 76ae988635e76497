"""What the catalogue's parts are made with: recipes, ports, square roots of rates."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import numpy as np

from ..base.checks import (
    ArgumentError,
    check_broadcast,
    fail,
    listed,
    namespace,
    nearest,
    one_of,
    plain_name,
)
from ..base.checks import rate as nonnegative
from ..base.units import angular
from ..slh.component import Component, Recipe, relabelled
from ..slh.ladder import Ladder
from ..slh.rates import joined, rates_of

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
        bound = takes.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise ArgumentError(f"Part `{make.__name__}`: {error}.") from None
    check_broadcast(
        {name: np.shape(x) for name, x in bound.items() if hasattr(x, "__array_namespace__")}
    )
    return bound


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
    "temperature": "; occupation = bose_einstein(frequency, temperature)",
    "power": "; amplitude = drive_amplitude(power, frequency)",
}


def _meant(name: str, takes: inspect.Signature) -> str:
    """The argument that another name may stand for."""
    for own, others in _OTHERS.items():
        if own in takes.parameters and name in others:
            how = _HOW.get(name) if name != "loss" or own == "transmission" else None
            return how or f"; did you mean '{own}'?"
    return nearest(name, takes.parameters)


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
    return nonnegative(name, angular(name, value))


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
