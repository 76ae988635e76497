"""Libraries that one may do without, and JAX in double precision."""

import importlib
from typing import Any

from .arrays import set_jax_to_double
from .checks import fail

_EXTRAS = {
    "jax": "jax",
    **dict.fromkeys(("marimo", "plotly", "uvicorn"), "explore"),
    "distributed": "cluster",
}
"""Extras of this package by the library that they bring."""


def library(name: str) -> Any:
    """An optional library, or one sentence on how to get it.

    Args:
        name: what to import: a library, or a module of one.

    Raises:
        ImportError: when it is not installed; the sentence says what to install.

    >>> library("cmath").sqrt(-1)
    1j
    """
    top = name.partition(".")[0]
    try:
        importlib.import_module(top)
    except ModuleNotFoundError as error:
        if error.name != top:
            raise
        source = f'"qcascade[{_EXTRAS[top]}]"' if top in _EXTRAS else top
        raise ImportError(
            f"The library `{top}` is needed for this, but is not installed: pip install {source}",
            name=top,
        ) from None
    return importlib.import_module(name)


def jax_in_double_precision() -> Any:
    """JAX, set to 64 bits when it is first needed here.

    Raises:
        ArgumentError: when it was set back to 32 bits since.
        ImportError: when JAX is not installed.
    """
    jax = library("jax")
    set_jax_to_double()
    if not jax.config.jax_enable_x64:
        raise fail("jax_enable_x64", "be True: jax.config.update('jax_enable_x64', True)", False)
    return jax
