"""What the record of a report holds: verdicts, and what went wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

IMAGES = ("png", "svg", "pdf")
VERDICTS = ("holds", "holds in part", "fails")


def failures(record: Mapping[str, Any]) -> list[str]:
    """What could not be made: "paper figure: why" for each.

    Args:
        record: from `report`.

    >>> failures({"papers": {"x": {"figures": [{"name": "1", "error": "no"}], "error": None}}})
    ['x 1: no']
    """
    found = []
    for key, chapter in record["papers"].items():
        found += [f"{key} {x['name']}: {x['error']}" for x in chapter["figures"] if x["error"]]
        found += [f"{key} claims: {chapter['error']}"] if chapter["error"] else []
    return found


def counts(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many claims hold, hold in part, and fail.

    Args:
        claims: of the record.

    >>> counts([{"verdict": "fails"}, {"verdict": "holds"}, {"verdict": "fails"}])
    {'holds': 1, 'holds in part': 0, 'fails': 2}
    """
    found = [claim["verdict"] for claim in claims]
    return {verdict: found.count(verdict) for verdict in VERDICTS}


# ---- the whole ----
