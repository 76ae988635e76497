"""Numba's `njit`, which does without its cache where no file can be written.

Modules of kernels import this in place of Numba. On a read-only disk, without a home that can be
written (containers, nodes of a cluster), kernels are compiled anew in every process; and where the
cache is of another version, whose records had other names, they are compiled once more.
"""

from collections.abc import Callable
from typing import Any

import numba

_njit: Any = numba.njit


def njit(*words: Any, **options: Any) -> Any:
    """As `numba.njit`; `cache=True` is no more than a wish.

    Args:
        *words: a signature, or the function itself.
        **options: as Numba takes them.

    >>> njit(lambda x: 2 * x)(3)
    6
    """
    if not options.get("cache"):
        return _njit(*words, **options)

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return _forgiving(_njit(*words, **options)(function))
        except RuntimeError as error:
            if "cannot cache function" not in str(error):
                raise
            return _njit(*words, **{**options, "cache": False})(function)

    return decorate


def _forgiving(dispatcher: Any) -> Any:
    """With a cache that counts as empty where its index cannot be read.

    Numba reads the types of all signatures before it looks whether the index is out of date: a
    record that was moved or renamed since would be an error, for ever.
    """
    cache_file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    load = getattr(cache_file, "_load_index", None)
    if cache_file is not None and load is not None:

        def load_index() -> Any:
            try:
                return load()
            except (AttributeError, ImportError):
                return {}

        cache_file._load_index = load_index
    return dispatcher


kernel: Any = njit(error_model="numpy", nogil=True, cache=True)
"""For kernels that Python calls: kept on the disk, and run beside other threads."""

inner: Any = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For those that only kernels call: without the wrappers that Python would need."""
