"""One point of a paper's system, or of a network file, as JSON has it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.checks import UnstableError, fail, listed, nearest
from ..base.plain import existing, plain
from ..base.settings import settings as read
from ..netlist.network_file import Netlist
from ..netlist.one_point import point_netlist, units_of
from ..papers import PAPERS, paper
from ..papers.parameters import own_units, several


def is_file(named: str) -> bool:
    """Whether a network file is named, rather than a paper.

    Args:
        named: a paper's key, or the name of a TOML file.

    Raises:
        ArgumentError: for what is neither.

    >>> is_file("liu2024"), is_file("mine.toml")
    (False, True)
    """
    if named in PAPERS:
        return False
    path = Path(named)
    if path.suffix != ".toml" and not path.is_file():
        known = f"papers: {listed(PAPERS)}{nearest(named, PAPERS)}"
        raise fail("source", "be a paper's key or a TOML file", named, known)
    return True


def paper_point(key: str, settings: Sequence[str]) -> dict[str, Any]:
    """One point of a paper's system.

    Args:
        key: of the paper.
        settings: its parameters as typed, NAME=VALUE.

    >>> paper_point("pelka2026", ["hopping=0.1", "squeezing=0.1"])["reach"]
    4
    """
    module = paper(key)
    return _as_json(module.point(**read(settings, module.PARAMETERS, own_units(key), several(key))))


def file_point(
    netlist: Netlist, values: Mapping[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """One point of a network file, with its units; its measures are None without a steady state.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.
        tell: gets the reason why there is no steady state.

    Raises:
        ArgumentError: as `point_netlist`.
    """
    try:
        results = _as_json(point_netlist(netlist, values))
    except UnstableError as error:
        tell(str(error))
        results = {"stable": False, **dict.fromkeys(netlist.measures)}
    return {"units": units_of(netlist), **results}  # a measure may be called "units"


def _as_json(results: Mapping[str, Any]) -> dict[str, Any]:
    return existing(plain(results, lambda x: None if x != x else str(x)))
