"""TOML text → tables, within limits: a file of others must not take all time and memory."""

import re
import tomllib
from typing import Any

from ..base.checks import ArgumentError, fail

LONGEST = 16_000_000
"""Characters of a file; one of numbers measured elsewhere has some millions."""

DEEPEST = 16
"""Names in a dotted key, and tables and lists within each other; networks need four or five."""

_NAME = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
# Where a key begins. The reader's time and memory go with the square of how many names it has.
_LONG_KEY = re.compile(
    rf"(?:^|[\[{{,])[ \t]*{_NAME}(?:[ \t]*\.[ \t]*{_NAME}){{{DEEPEST}}}", re.MULTILINE
)


def read_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Args:
        text: TOML; a byte-order mark at its beginning, as some editors write it, is left out.

    Raises:
        ArgumentError: for what is not TOML, is longer or nested deeper than any network is, or
            holds a number that Python does not.

    >>> read_tables("[parts.a]\\ndecay = 1.0")
    {'parts': {'a': {'decay': 1.0}}}
    """
    if len(text) > LONGEST:
        raise fail("file", f"have {LONGEST:,} characters or fewer", len(text))
    text = text.removeprefix("\ufeff")
    long = _LONG_KEY.search(text)
    if long:
        must = f"have keys of {DEEPEST} names or fewer, joined by dots"
        raise fail("file", must, long.group().strip("[{, \t"))
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ArgumentError(f"Argument `file` is not valid TOML: {error}.") from None
    except ValueError as error:  # as for whole numbers of thousands of digits
        why = str(error).split(";")[0]
        raise ArgumentError(f"Argument `file` holds a number that is none: {why}.") from None
    except RecursionError:
        raise _too_deep() from None
    if _deeper(tables, DEEPEST):
        raise _too_deep()
    return tables


def _deeper(value: Any, most: int) -> bool:
    """Whether tables and lists are nested more than so many times."""
    if not isinstance(value, dict | list):
        return False
    within = value.values() if isinstance(value, dict) else value
    return most == 0 or any(_deeper(x, most - 1) for x in within)


def _too_deep() -> ArgumentError:
    return ArgumentError(
        f"Argument `file` must not be nested that deeply ({DEEPEST} tables and lists in each "
        "other, at most)."
    )
