"""What parts are made with: ports, baths, square roots of rates."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..base.checks import fail, mean_quanta, namespace, one_of, plain_name
from ..base.checks import rate as nonnegative
from ..base.units import angular
from ..slh.component import Component, unscattered
from ..slh.ladder import Ladder


def through(
    couplings: Sequence[tuple[str, Ladder]],
    H: Ladder,
    modes: Sequence[str],
    occupation: Any = None,
) -> Component:
    """A part whose fields pass it unscattered (S = 1): one port "in<suffix>" per coupling."""
    inputs = tuple(["in" + suffix for suffix, _ in couplings])
    return unscattered(
        L=tuple([L for _, L in couplings]),
        H=H,
        modes=tuple(modes),
        inputs=inputs,
        outputs=tuple(["out" + suffix for suffix, _ in couplings]),
        occupations={} if occupation is None else _per_port(occupation, inputs),
    )


def _per_port(occupation: Any, inputs: tuple[str, ...]) -> Mapping[str, Any]:
    """Occupations by input: given by name, as a list in the ports' order, or one for all."""
    if isinstance(occupation, Mapping):
        for name in occupation:
            one_of("occupation", name, inputs, "an input port")
        baths = {name: bath(f"occupation[{name}]", n) for name, n in occupation.items()}
    elif isinstance(occupation, list | tuple):
        if len(occupation) != len(inputs):
            raise fail("occupation", f"hold {len(inputs)} numbers, one per port", occupation)
        each = [bath(f"occupation[{k}]", n) for k, n in enumerate(occupation)]
        baths = dict(zip(inputs, each, strict=True))
    else:
        baths = dict.fromkeys(inputs, bath("occupation", occupation))
    return {port: n for port, n in baths.items() if n is not None}


def bath(name: str, occupation: Any) -> Any:
    """The occupation of a bath, or None where an input is left open."""
    return None if occupation is None else mean_quanta(name, occupation)


def decays(decay: Any, name: str = "decay") -> list[tuple[str, Any]]:
    """Port suffixes and rates: one port "in", or "in1, in2, …", or "in_left, …" by name."""
    if type(decay) is float:
        return [("", decay_rate(name, decay))]
    if isinstance(decay, Mapping):
        ports = {plain_name(name, port): k for port, k in decay.items()}
        return [(f"_{port}", decay_rate(f"{name}[{port}]", k)) for port, k in ports.items()]
    if isinstance(decay, list | tuple):
        return [(f"{j}", decay_rate(f"{name}[{j - 1}]", k)) for j, k in enumerate(decay, 1)]
    return [("", decay_rate(name, decay))]


def decay_rate(name: str, value: Any) -> Any:
    """A rate, zero or above: a number, or text with a unit."""
    return nonnegative(name, angular(name, value))


NOTHING = 1e-24
"""What a traced rate of zero is, for the slope of its root."""


def root(value: Any) -> Any:
    """√x. Where JAX has x = 0, the root of 1e-24: √x has no slope there, but x = (√x)² has."""
    return np.sqrt(value) if namespace(value) is np else _root_with_slope()(value)


@cache
def _root_with_slope() -> Any:
    """√x with the slope 1/2√x by name: XLA would take 1e-24 and what it is added to together."""
    import jax

    @jax.custom_jvp
    def root(x: Any) -> Any:
        return jax.numpy.sqrt(jax.numpy.where(x == 0, NOTHING, x))

    @root.defjvp
    def _(values: Any, tangents: Any) -> Any:
        y = root(*values)
        return y, tangents[0] / (2 * y)

    return root


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
