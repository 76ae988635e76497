"""What the record of a report holds: verdicts counted, and what went wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..papers.statements import KINDS, PHYSICAL, REPRODUCED


def failures(record: Mapping[str, Any]) -> list[str]:
    """What could not be made: "paper figure: why" for each.

    Args:
        record: from `report`.

    >>> failures({"papers": {"x": {"figures": [{"name": "1", "error": "no"}], "error": None}}})
    ['x 1: no']
    """
    messages = []
    for key, chapter in record["papers"].items():
        messages += [f"{key} {x['name']}: {x['error']}" for x in chapter["figures"] if x["error"]]
        messages += [f"{key} claims: {chapter['error']}"] if chapter["error"] else []
    return messages


COLUMNS = {"reproduced": REPRODUCED, "physical": PHYSICAL, "kind": tuple(KINDS)}
"""The words of every column of verdicts."""


def counts(claims: Iterable[Mapping[str, Any]], column: str = "reproduced") -> dict[str, int]:
    """How many claims have each word of a column.

    Args:
        claims: of the record.
        column: "reproduced", "physical" or "kind".

    >>> counts([{"reproduced": "no"}, {"reproduced": "yes"}, {"reproduced": "no"}])
    {'yes': 1, 'in part': 0, 'no': 2}
    """
    verdicts = [claim[column] for claim in claims]
    return {word: verdicts.count(word) for word in COLUMNS[column]}


def tally(claims: Iterable[Mapping[str, Any]]) -> str:
    """The count in one line, for the end of a table.

    Args:
        claims: of the record.

    >>> one = {"reproduced": "yes", "physical": "no", "kind": "unphysical"}
    >>> tally([one, {**one, "reproduced": "in part"}])
    '2 claims: reproduced 1, in part 1, not 0; physical 0, not 2; 2 unphysical'
    """
    claims = list(claims)
    comes, allowed, kinds = (counts(claims, column) for column in COLUMNS)
    told = ", ".join(f"{n} {kind}" for kind, n in kinds.items() if n)
    return (
        f"{len(claims)} claim{'s' * (len(claims) != 1)}: reproduced {comes['yes']}, in part "
        f"{comes['in part']}, not {comes['no']}; physical {allowed['yes']}, not {allowed['no']}"
        f"{'; ' * bool(told)}{told}"
    )
