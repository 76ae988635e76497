"""Which modes a measure is told: groups that share none, or one."""

from collections.abc import Iterable, Mapping, Sequence

from ..base.checks import fail, listed
from ..base.names import resolve

Names = str | Iterable[str]
"""A group: modes or parts, by name."""


def disjoint(modes: Sequence[str], named: Mapping[str, Names]) -> list[list[int]]:
    """Positions of the modes of several groups, which must not overlap.

    Args:
        modes: names of all modes.
        named: what each argument names.
    """
    groups: dict[str, list[int]] = {}
    for argument, names in named.items():
        groups[argument] = resolve(modes, names, argument)
        for earlier in list(groups)[:-1]:
            shared = [modes[k] for k in groups[argument] if k in groups[earlier]]
            if shared:
                must, both = f"share no mode with `{earlier}`", f"in both: {listed(shared)}"
                raise fail(argument, must, names, both)
    return list(groups.values())


def one_mode(modes: Sequence[str], argument: str, name: str) -> int:
    """Position of the one mode that `name` names.

    Args:
        modes: names of all modes.
        argument: name of the argument, for the error.
        name: mode or part name.
    """
    indices = resolve(modes, name, argument)
    if len(indices) > 1:
        named = listed(modes[k] for k in indices)
        raise fail(argument, "name one mode", name, f"it names {named}")
    return indices[0]
