"""Whose numbers come in: Python's, NumPy's or JAX's, and that they have 64 bits."""

import cmath
import sys
from functools import cache
from typing import Any

import numpy as np

from .errors import ArgumentError

_PLAIN = frozenset({float, np.float64, complex, np.complex128})


def is_plain(value: Any) -> bool:
    """Whether a value is one finite number, real or complex, of 64-bit parts: most are."""
    return type(value) in _PLAIN and cmath.isfinite(value)


def namespace(*values: Any, name: str = "") -> Any:
    """`jax.numpy` when any of the values is a JAX array, or a list that holds one; or `numpy`.

    Args:
        *values: of any kind.
        name: argument to name in an error.

    Raises:
        ArgumentError: as `check_double_precision`.
    """
    xp = np
    for value in values:
        if type(value) is np.ndarray or type(value) in _PLAIN:  # as most are
            continue
        if isinstance(value, list | tuple):
            inside = namespace(*value, name=name)
            xp = xp if inside is np else inside
        elif hasattr(value, "__array_namespace__") and not isinstance(
            value, np.ndarray | np.generic
        ):
            check_double_precision(name, value)
            xp = value.__array_namespace__()
    return xp


def check_double_precision(name: str, value: Any) -> None:
    """Refuse what JAX has rounded, or would, unasked; JAX is set to double.

    Before it is set, numbers that become arrays lose half their digits, whether one wants it or
    not. Afterwards arrays of 32 bits are what they were made, and come in as NumPy's do.

    Args:
        name: of the argument; empty where it is not known.
        value: of any kind.

    Raises:
        ArgumentError: for a JAX array or tracer of 32 bits where JAX was not yet set, and for any
            where it was set back.
    """
    jax = sys.modules.get("jax")
    if jax is None or not isinstance(value, jax.Array):
        return
    chosen = jax.config.jax_enable_x64
    set_jax_to_double()
    if not jax.config.jax_enable_x64 or (_is_single(value) and not chosen):
        raise _rounded(name, value)


def check_held_in_double(name: str, value: Any) -> None:
    """Refuse what JAX holds in single precision inside a record, where nothing converts it.

    Args:
        name: of the field.
        value: of any kind.

    Raises:
        ArgumentError: for a JAX array or tracer of 32 bits or fewer.
    """
    check_double_precision(name, value)
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.Array) and _is_single(value):
        raise _rounded(name, value)


def _is_single(value: Any) -> bool:
    return value.dtype.kind in "fc" and np.finfo(value.dtype).precision < 15


def _rounded(name: str, value: Any) -> ArgumentError:
    what = f"Argument `{name}`" if name else "A JAX array"
    precision = f"is {value.dtype}" if _is_single(value) else "JAX is set to 32 bits"
    return ArgumentError(f"{what} must have 64-bit precision, but {precision}. {_DOUBLE}")


_DOUBLE = "Say jax.config.update('jax_enable_x64', True) before, and make or trace it again."


@cache
def set_jax_to_double() -> None:
    """Set JAX, which is imported, to 64 bits; once.

    Whoever sets it back to single precision later is told so, and not overruled.

    Raises:
        ArgumentError: where JAX is in the middle of tracing a function in single precision.
    """
    jax = sys.modules["jax"]
    if not jax.config.jax_enable_x64:
        half_traced = is_traced(jax.numpy.zeros(()))
        jax.config.update("jax_enable_x64", True)
        if half_traced:
            must = "A function must be traced in 64-bit precision, but JAX was set to 32 bits."
            raise ArgumentError(f"{must} {_DOUBLE}")


def is_traced(value: Any) -> bool:
    """Whether the value is a JAX tracer, which carries a shape but no numbers."""
    if type(value) is np.ndarray or type(value) in _PLAIN:
        return False
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.core.Tracer)
