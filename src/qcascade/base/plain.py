"""Values as JSON has them."""

import math
from collections.abc import Callable, Mapping
from typing import Any


def plain(value: Any, odd: Callable[[float], Any] = str) -> Any:
    """A value in mappings, lists, numbers and text alone; anything else becomes text.

    Args:
        value: any; arrays become lists.
        odd: what to make of the numbers that JSON does not have, NaN and infinities.

    >>> import numpy as np
    >>> plain({"rates": np.array([1.0, np.inf]), 2: (np.int64(3), None)})
    {'rates': [1.0, 'inf'], '2': [3, None]}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(x, odd) for name, x in value.items()}
    if isinstance(value, list | tuple):
        return [plain(x, odd) for x in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist(), odd)
    if isinstance(value, float) and not math.isfinite(value):
        return odd(value)
    return value if isinstance(value, str | bool | int | float | None) else str(value)


def existing(value: Any) -> Any:
    """The same without lists that hold nothing: None for one whose entries are all None.

    Args:
        value: from `plain`.

    >>> existing({"E_N": [None, None], "rates": [[None], [1.0]]})
    {'E_N': None, 'rates': [None, [1.0]]}
    """
    if isinstance(value, dict):
        return {name: existing(x) for name, x in value.items()}
    if isinstance(value, list):
        entries = [existing(x) for x in value]
        return entries if any(x is not None for x in entries) else None
    return value
