"""Functions of NumPy arrays inside programs that JAX has traced: one call for a whole batch."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import numpy as np

try:
    from jax.experimental.buffer_callback import buffer_callback
except ImportError:  # before JAX 0.6
    buffer_callback = None


def shares_memory() -> bool:
    """Whether Python and the device share their memory.

    `pure_callback` copies arrays by the threads of XLA, which it keeps waiting: where there is one
    thread, for ever. Buffers need no copy.
    """
    return buffer_callback is not None and jax.default_backend() == "cpu"


def called(function: Callable[..., Any], like: tuple[Any, ...], *arrays: Any) -> tuple[Any, ...]:
    """What a function of NumPy arrays returns, inside a traced program.

    Args:
        function: of the arrays, with one array for each of `like`; it is called with the axes that
            `vmap` maps over in front.
        like: shapes and types of what it returns.
        arrays: traced.
    """
    if buffer_callback is not None and shares_memory():
        filled = buffer_callback(_filling(function), like, vmap_method="broadcast_all")
        return tuple(filled(*arrays))
    return tuple(jax.pure_callback(function, like, *arrays, vmap_method="broadcast_all"))


@lru_cache
def _filling(function: Callable[..., Any]) -> Callable[..., None]:
    def fill(_: Any, places: Any, *arrays: Any) -> None:
        for place, values in zip(places, function(*map(np.asarray, arrays)), strict=True):
            np.asarray(place)[...] = values

    return fill
