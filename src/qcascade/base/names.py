"""Names of modes: how they are given, and which modes a name stands for."""

from collections.abc import Iterable, Sequence
from typing import Any

from .checks import fail, listed, nearest
from .synonyms import elsewhere


def mode_names(modes: str | Iterable[str]) -> tuple[str, ...]:
    """The names as a tuple of different, non-empty strings; one string is one name."""
    names = _name_list("modes", modes)
    if not names or not all(names):
        raise fail("modes", "hold one non-empty name or more", modes)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise fail("modes", "hold different names", modes, f"repeated: {listed(repeated)}")
    return names


def _name_list(argument: str, names: Any) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)
    for name in names:
        if not isinstance(name, str):
            raise fail(argument, "hold names of modes, which are strings", name)
    return names


def resolve(modes: Sequence[str], names: str | Iterable[str], argument: str = "names") -> list[int]:
    """Positions in `modes` of mode or part names, each once, in the order named."""
    indices: list[int] = []
    for name in _name_list(argument, names):
        hits = [k for k, mode in enumerate(modes) if mode == name or mode.startswith(f"{name}.")]
        if not hits:
            parts = sorted({mode.rsplit(".", 1)[0] for mode in modes})
            available = f"modes: {listed(modes)}{nearest(name, [*modes, *parts])}"
            raise fail(argument, "name modes of the state, or a part", name, available)
        indices += [k for k in hits if k not in indices]
    if not indices:
        raise fail(argument, "name at least one mode", names, f"modes: {listed(modes)}")
    return indices


RENAMED = {"quantity": "si", "angular_frequency": "si"}
"""Public functions of 0.1 that have another name."""


def renamed(package: str, name: str, names: Iterable[str] = ()) -> str:
    """Why a package has no such name: what it is called now, or may be called here.

    Args:
        package: what users call it.
        name: that it has not.
        names: those it has.

    >>> renamed("qc", "angular_frequency")
    '`qc.angular_frequency` is now `qc.si`.'
    """
    if name in RENAMED:
        return f"`{package}.{name}` is now `{package}.{RENAMED[name]}`."
    return f"There is no `{package}.{name}`{elsewhere(name, names)}"
