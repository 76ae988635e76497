"""Names of the modes that a search is about."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..base.checks import fail, plain_name

RELAYS = 100
"""Nodes of one kind, at most."""


def node_names(name: str, value: Any) -> tuple[str, ...]:
    """Different names of parts, from a name or several.

    Args:
        name: of the argument.
        value: what was given for it.
    """
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Iterable) or isinstance(value, Mapping | set):
        raise fail(name, "be a name or a list of names", value)
    names = tuple(plain_name(name, x) for x in value)
    if any("." in x for x in names):
        raise fail(name, "be names of parts, without dots", value)
    if not 0 < len(names) <= RELAYS or len({*names}) < len(names):
        raise fail(name, f"be different names, {RELAYS} at most", value)
    return names
