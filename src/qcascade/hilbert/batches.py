"""Batches of models and of states, where one of them is wanted."""

from typing import Any

from ..base.checks import fail


def check_single(name: str, thing: Any, kind: str) -> None:
    """Refuse a batch.

    Args:
        name: argument to name in the error.
        thing: what has a `shape`, that of its batch.
        kind: "model" or "state".

    Raises:
        ArgumentError: for a batch.
    """
    if thing.shape:
        shape, hint = f"shape {thing.shape}", f"`{name}[k]` is one point of it"
        raise fail(name, f"be one {kind}, not a batch", shape, hint)
