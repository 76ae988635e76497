"""Records that cross the borders of JAX's transformations: arrays inside, names outside."""

import sys
from functools import cache
from typing import Any

from .arrays import check_held_in_double, set_jax_to_double


def known_to_jax(record: type, *arrays: str) -> None:
    """Let a record go into and out of `jit`, `vmap` and `grad` (as a pytree) once JAX is there.

    Called wherever a record is made, since JAX may be imported after this package; until it is,
    and from the second call on, this does nothing.

    Args:
        record: a dataclass.
        arrays: its fields that hold numbers, which JAX may replace; the others belong to the
            structure: they must be hashable, and records that differ in them are compiled apart.
            What `info` tells of how a record was made stays behind.

    >>> from qcascade import vacuum
    >>> import jax
    >>> jax.jit(lambda state: state.reduce("b"))(vacuum(["a", "b"])).modes
    ('b',)
    """
    if "jax" in sys.modules:
        _register(record, arrays)


@cache
def _register(record: type, arrays: tuple[str, ...]) -> None:
    from jax.tree_util import GetAttrKey, register_pytree_with_keys

    names = tuple(f for f in record.__dataclass_fields__ if f not in arrays and f != "info")
    keys = tuple(map(GetAttrKey, arrays))

    def take_apart(instance: Any) -> tuple[Any, Any]:
        set_jax_to_double()  # before JAX rounds what it takes
        return tuple(getattr(instance, f) for f in arrays), tuple(
            getattr(instance, f) for f in names
        )

    def with_keys(instance: Any) -> tuple[Any, Any]:
        leaves, structure = take_apart(instance)
        return tuple(zip(keys, leaves, strict=True)), structure

    def put_together(structure: Any, leaves: Any) -> Any:
        # Nothing else is checked: JAX puts placeholders of its own into the leaves.
        for name, leaf in zip(arrays, leaves, strict=True):
            check_held_in_double(name, leaf)
        instance = object.__new__(record)
        if "info" in record.__dataclass_fields__:
            instance.__dict__["info"] = {}
        instance.__dict__.update(zip(names, structure, strict=True))
        instance.__dict__.update(zip(arrays, leaves, strict=True))
        return instance

    register_pytree_with_keys(record, with_keys, put_together, take_apart)
